//! Sources: whether a file is there, can be read as its format, and has the columns that the config
//! names. A path with `{run_date}` is asked for today; if that file is not there yet, for the newest.

use std::path::PathBuf;

use chrono::NaiveDate;

use super::{About, Patient, Probe, Verdict};
use crate::api::wire::CheckGroup;
use crate::bronze;
use crate::cancel::CancelToken;
use crate::config::settings::{Dataset, FileSource, Source};
use crate::diagnostic::code;
use crate::error::Stage;
use crate::extract::{self, ExtractError, ExtractRequest};
use crate::nearest::nearest;

pub(super) fn probes(patient: &Patient) -> Vec<Box<dyn Probe>> {
    let mut probes: Vec<Box<dyn Probe>> = Vec::new();
    for (file, dataset) in patient.datasets() {
        // What this version cannot read is told by `available`.
        let Source::File(source) = &dataset.source else { continue };
        if source.remote.is_some() {
            continue;
        }
        let about = About {
            group: CheckGroup::Source,
            title: format!("read {}", source.path_as_written),
            datasets: vec![dataset.name.clone()],
            file: file.display.clone(),
            span: None,
        };
        let (dataset, today) = (dataset.clone(), patient.today(dataset));
        probes.push(Box::new(ReadFile { about, source: source.clone(), dataset, today }));
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
            Err(error @ ExtractError::NotFound { .. }) if self.source.is_dated() => error,
            Err(error @ ExtractError::NotFound { .. }) => return self.not_there(&error),
            Err(error) => return Verdict::error(&error),
        };
        let delivered = match extract::delivered(&self.source) {
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

    /// Reads as much as decides on columns and types, and the first batch.
    fn read(&self, date: NaiveDate, cancel: &CancelToken) -> Result<Verdict, ExtractError> {
        let request = ExtractRequest::of(&self.dataset, date, Some(1), cancel);
        let mut extraction = bronze::extractor(&self.dataset.source).open(&request)?;
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
        if let Some(absent) = self.absent(&names, sure) {
            return Ok(absent);
        }
        let columns = if names.len() == 1 { "1 column".to_owned() } else { format!("{} columns", names.len()) };
        Ok(Verdict::passed(format!("{}, {columns}, {} bytes", summary.format, summary.bytes)))
    }

    /// Columns that Silver needs and the source does not have.
    fn absent(&self, names: &[&str], sure: bool) -> Option<Verdict> {
        let silver = self.dataset.silver.as_ref()?;
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
}

/// The first few names.
fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > SHOWN { format!(" and {} more", names.len() - SHOWN) } else { String::new() };
    shown.join(", ") + &more
}
