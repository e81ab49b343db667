//! Sources: whether a file is there or a database answers, can be read, and has the columns that the
//! config names. A path with `{run_date}` is asked for today; if that file is not there yet, for the newest.

use std::path::PathBuf;

use chrono::NaiveDate;

use super::{About, Patient, Probe, Verdict};
use crate::api::wire::CheckGroup;
use crate::cancel::CancelToken;
use crate::config::settings::{Dataset, FileSource, Source};
use crate::diagnostic::code;
use crate::error::Stage;
use crate::event::Layer;
use crate::extract::{self, ExtractError, ExtractRequest};
use crate::nearest::nearest;
use crate::run::available;
use crate::world::World;

pub(super) fn probes(patient: &Patient) -> Vec<Box<dyn Probe>> {
    let mut probes: Vec<Box<dyn Probe>> = Vec::new();
    for (file, dataset) in patient.datasets() {
        // What this version cannot read is told by `available`.
        if available::check(dataset, Layer::Bronze).is_err() {
            continue;
        }
        let title = match &dataset.source {
            Source::File(source) => format!("read {}", source.path_as_written),
            Source::Db(_) => format!("prepare the query of {}", dataset.name),
            Source::Api(_) | Source::Custom(_) => continue,
        };
        let about = About {
            group: CheckGroup::Source,
            title,
            datasets: vec![dataset.name.clone()],
            file: file.display.clone(),
            span: None,
        };
        let (dataset, today, world) = (dataset.clone(), patient.today(dataset), patient.world.clone());
        match dataset.source.clone() {
            Source::File(source) => probes.push(Box::new(ReadFile { about, source, dataset, today, world })),
            _ => probes.push(Box::new(AskDatabase { about, dataset, today, world })),
        }
    }
    probes
}

/// Reads the first records of a file.
#[derive(Debug)]
struct ReadFile {
    about: About,
    source: FileSource,
    dataset: Dataset,
    today: NaiveDate,
    world: World,
}

impl Probe for ReadFile {
    fn about(&self) -> About {
        self.about.clone()
    }

    fn lane(&self) -> Option<PathBuf> {
        self.source.path.parent().map(PathBuf::from)
    }

    fn examine(&self, cancel: &CancelToken) -> Verdict {
        let absent = match self.read(self.today, cancel) {
            Ok(verdict) => return verdict,
            Err(error @ ExtractError::NotFound { .. }) if self.source.is_web() && self.source.is_dated() => {
                return Verdict::warned(code::DOC004, format!("{error}: none for today, {}", self.today))
                    .hint("wait for the delivery, or check the address: servers of the web do not list other dates");
            }
            Err(error @ ExtractError::NotFound { .. }) if self.source.is_dated() => error,
            Err(error @ ExtractError::NotFound { .. }) => return self.not_there(&error),
            Err(error) => return Verdict::error(&error),
        };
        let delivered = match extract::delivered(&self.source, &self.world) {
            Ok(delivered) => delivered,
            Err(error) => return Verdict::error(&error),
        };
        let Some(newest) = delivered.last() else {
            return Verdict::warned(code::DOC004, format!("{absent}, nor one of any other date"))
                .hint("check the path: so far no file fits it");
        };
        let missing = format!("no file for today, {}; the newest of {} is of {newest}", self.today, delivered.len());
        match self.read(*newest, cancel) {
            Ok(verdict) if verdict.code.is_none() => Verdict::warned(code::DOC004, missing)
                .hint(format!("wait for the delivery, or run an earlier date: `--date {newest}`")),
            Ok(verdict) => Verdict { detail: format!("{missing}; {}", verdict.detail), ..verdict },
            Err(error) => {
                let verdict = Verdict::error(&error);
                Verdict { detail: format!("{missing}; {}", verdict.detail), ..verdict }
            }
        }
    }
}

impl ReadFile {
    /// What may have been meant by a path that leads nowhere.
    fn not_there(&self, error: &ExtractError) -> Verdict {
        let verdict = Verdict::error(error);
        if self.source.is_web() {
            return verdict.hint("open the address in a browser: the server answers that nothing is there");
        }
        if self.source.elsewhere.is_some() {
            return verdict
                .hint("check the bucket and the key, letter by letter: stores tell capitals from small letters");
        }
        let (Some(folder), Some(name)) = (self.source.path.parent(), self.source.path.file_name()) else {
            return verdict;
        };
        if !folder.is_dir() {
            return verdict.hint("the folder is not there either; relative paths start at the folder of the config");
        }
        let siblings: Vec<String> = std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        match nearest(&name.to_string_lossy(), siblings.iter().map(String::as_str)) {
            Some(nearest) => verdict.hint(format!("did you mean `{nearest}`?")),
            None => verdict.hint("the folder is there, but no file of this name is in it"),
        }
    }

    fn read(&self, date: NaiveDate, cancel: &CancelToken) -> Result<Verdict, ExtractError> {
        read(&self.dataset, date, &self.world, cancel)
    }
}

/// Connects, lets the database describe the query, and reads its first row.
#[derive(Debug)]
struct AskDatabase {
    about: About,
    dataset: Dataset,
    today: NaiveDate,
    world: World,
}

impl Probe for AskDatabase {
    fn about(&self) -> About {
        self.about.clone()
    }

    fn examine(&self, cancel: &CancelToken) -> Verdict {
        match read(&self.dataset, self.today, &self.world, cancel) {
            Ok(verdict) => verdict,
            Err(error) => Verdict::error(&error),
        }
    }
}

/// Reads as much as decides on columns and types, and the first batch.
fn read(dataset: &Dataset, date: NaiveDate, world: &World, cancel: &CancelToken) -> Result<Verdict, ExtractError> {
    let request = ExtractRequest::of(dataset, date, Some(1), world, cancel);
    let mut extraction = extract::extractor(&dataset.source).open(&request)?;
    match extraction.next() {
        // A run keeps such columns as text and says so.
        Ok(_) | Err(ExtractError::Misfit { .. }) => {}
        Err(error) => return Err(error),
    }
    let schema = extraction.schema();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let summary = extraction.summary();
    // In JSON a key may appear later than in the first records.
    let sure = !matches!(summary.format, "json" | "jsonl");
    if let Some(absent) = absent(dataset, &names, sure) {
        return Ok(absent);
    }
    let columns = if names.len() == 1 { "1 column".to_owned() } else { format!("{} columns", names.len()) };
    let size = if summary.kind == "db" { String::new() } else { format!(", {} bytes", summary.bytes) };
    Ok(Verdict::passed(format!("{}, {columns}{size}", summary.format)))
}

/// Columns that Silver needs and the source does not have.
fn absent(dataset: &Dataset, names: &[&str], sure: bool) -> Option<Verdict> {
    let silver = dataset.silver.as_ref()?;
    let operation = silver.cdc.as_ref().map(|cdc| cdc.operation_column.clone());
    let needed = silver
        .primary_keys
        .iter()
        .map(|column| ("primary_keys", column))
        .chain(silver.order_columns.iter().map(|column| ("order_column", column)))
        .chain(operation.iter().map(|column| ("cdc.operation_column", column)))
        .chain(silver.soft_delete_column.iter().map(|column| ("soft_delete_column", column)));
    for (setting, column) in needed {
        let bronze = silver.rename_map.iter().find(|(_, to)| *to == column).map_or(column, |(from, _)| from);
        if names.contains(&bronze.as_str()) {
            continue;
        }
        let detail = format!("it has no column `{bronze}`, which `silver.{setting}` names");
        let verdict = if sure {
            Verdict::failed(code::VAL012, Stage::Validation, detail)
        } else {
            Verdict::warned(code::VAL012, format!("{detail}, in its first records"))
        };
        return Some(match nearest(bronze, names.iter().copied()) {
            Some(nearest) => verdict.hint(format!("did you mean `{nearest}`?")),
            None => verdict.hint(format!("it has {}", listed(names))),
        });
    }
    None
}

/// The first few names.
fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > SHOWN { format!(" and {} more", names.len() - SHOWN) } else { String::new() };
    shown.join(", ") + &more
}
