//! `list_datasets`: every dataset with its newest state.

use std::sync::Arc;

use super::Engine;
use super::wire::{
    Count, DatasetList, DatasetSummary, ErrorBody, FileValidation, Layer, LayerState, Note, NoteLevel, Severity, Target,
};
use crate::bronze::{BronzeTable, Landed};
use crate::config::settings::Dataset;
use crate::config::{self, Loaded, LoadedFile};
use crate::diagnostic::code;
use crate::error::Coded;
use crate::figures::{counted, hex};
use crate::publish::{Inventory, Unreadable};
use crate::run::{Site, available};
use crate::silver::{self, SilverEntity};
use sha2::{Digest, Sha256};

impl Engine {
    /// See the command table.
    ///
    /// # Errors
    ///
    /// None: what cannot be read is said of the dataset concerned.
    pub fn list_datasets(&self, target: Target) -> Result<DatasetList, ErrorBody> {
        let site = self.site();
        let loaded = Arc::new(site.load(&target));
        let Loaded { root, files } = &*loaded;
        let mut datasets = Vec::new();
        let mut unreadable = Vec::new();
        // An empty folder is a place to begin, not a file with an error.
        let begins = |file: &LoadedFile| {
            file.path == *root && file.diagnostics.iter().all(|finding| finding.code == code::CFG025)
        };
        for file in files.iter().filter(|file| !begins(file)) {
            let described = file.pipeline.as_ref().map_or(&[][..], |pipeline| &pipeline.datasets);
            // A join alone is a configuration too.
            let joins = file.pipeline.as_ref().is_some_and(|pipeline| pipeline.join.is_some())
                && file.diagnostics.iter().all(|finding| finding.severity != Severity::Error);
            if described.is_empty() && !joins {
                unreadable.push(FileValidation {
                    file: file.display.clone(),
                    datasets: Vec::new(),
                    diagnostics: file.diagnostics.clone(),
                    held_back_by: Vec::new(),
                });
            }
            datasets.extend(described.iter().map(|dataset| summary(&site, file, dataset)));
        }
        let urgency = |summary: &DatasetSummary| summary.attention.iter().map(|note| note.level).max();
        datasets.sort_by(|a, b| urgency(b).cmp(&urgency(a)).then_with(|| a.dataset.cmp(&b.dataset)));
        let environments = config::environments_of(&self.root, root, files);
        let joins = self.joins_of(&target, &loaded);
        Ok(DatasetList { root: root.display().to_string(), datasets, joins, unreadable, environments })
    }
}

fn summary(site: &Site<'_>, file: &LoadedFile, dataset: &Dataset) -> DatasetSummary {
    let count = |severity| {
        u32::try_from(file.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count())
            .unwrap_or(u32::MAX)
    };
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let mut attention = Vec::new();
    let mut warn =
        |message: String, code: Option<String>| attention.push(Note { level: NoteLevel::Warning, code, message });
    if errors > 0 {
        warn(format!("its config file has {}", counted(errors.into(), "error")), None);
    }
    let layers = [Some(Layer::Bronze), dataset.silver.as_ref().map(|_| Layer::Silver)];
    for error in layers.into_iter().flatten().filter_map(|layer| available::check(dataset, layer).err()) {
        warn(format!("it cannot run: {error}"), Some(error.code().to_string()));
    }
    let landed = BronzeTable::of(dataset, site.world).landed().unwrap_or_else(|error| {
        warn(format!("Bronze cannot be read: {error}"), Some(error.code().to_string()));
        Inventory { readable: Vec::new(), unreadable: Vec::new() }
    });
    unreadable("Bronze", &landed.unreadable, &mut warn);
    let bronze = landed.readable.last().map(|newest| LayerState {
        date: Some(newest.date),
        rows: newest.commit.rows().into(),
        bytes: newest.commit.bytes().into(),
        rejected: newest.commit.rejected().into(),
        committed_at: newest.commit.committed_at.clone(),
        partitions: (landed.readable.len() + landed.unreadable.len()).into(),
        stale: false,
    });
    if let Some(state) = bronze.as_ref().filter(|state| state.rejected.0 > 0) {
        warn(
            format!("{} of the newest Bronze partition could not be read", counted(state.rejected.0, "record")),
            Some("EXT016".into()),
        );
    }
    let silver = silver(site, dataset, &landed, &mut warn);
    if bronze.is_none() && landed.unreadable.is_empty() && errors == 0 {
        attention.push(Note { level: NoteLevel::Info, code: None, message: "nothing has landed yet".into() });
    }
    DatasetSummary { bronze, silver, ..unreachable(file, dataset, errors, warnings, attention) }
}

/// A dataset of whose layers nothing can be said.
fn unreachable(
    file: &LoadedFile,
    dataset: &Dataset,
    errors: u32,
    warnings: u32,
    attention: Vec<Note>,
) -> DatasetSummary {
    DatasetSummary {
        dataset: dataset.name.clone(),
        file: file.display.clone(),
        source_type: dataset.source.kind().into(),
        load_pattern: dataset.bronze.load_pattern.as_str().into(),
        model: dataset.silver.as_ref().map(|silver| silver.model.as_str().into()),
        errors,
        warnings,
        bronze: None,
        silver: None,
        attention,
        fingerprint: fingerprint(dataset),
    }
}

/// Of what the config says of a dataset: the same for the same meaning.
pub(super) fn fingerprint(dataset: &Dataset) -> String {
    let meaning = serde_json::json!({
        "source": &dataset.source,
        "bronze": &dataset.bronze,
        "silver": &dataset.silver,
    });
    hex(&Sha256::digest(meaning.to_string().as_bytes())[..8])
}

fn unreadable(layer: &str, partitions: &[Unreadable], warn: &mut dyn FnMut(String, Option<String>)) {
    if let Some(first) = partitions.first() {
        let more = if partitions.len() > 1 { format!(" and {} more", partitions.len() - 1) } else { String::new() };
        warn(
            format!("{layer} {}{more} cannot be read: {}", first.id, first.error),
            Some(first.error.code().to_string()),
        );
    }
}

fn silver(
    site: &Site<'_>,
    dataset: &Dataset,
    landed: &Inventory<Landed>,
    warn: &mut dyn FnMut(String, Option<String>),
) -> Option<LayerState> {
    let settings = dataset.silver.as_ref()?;
    let entity = SilverEntity::of(dataset, settings, site.world);
    let loads = match entity.loads() {
        Ok(loads) => loads,
        Err(error) => {
            warn(format!("Silver cannot be read: {error}"), Some(error.code().to_string()));
            return None;
        }
    };
    unreadable("Silver", &loads.unreadable, warn);
    let newest_bronze = landed.readable.last().map(|landed| landed.date);
    if let Some(refused) = newest_bronze.and_then(|date| entity.refusal(date).latest().ok().flatten()) {
        let why = refused.text("refused").unwrap_or("too many bad rows").to_owned();
        warn(format!("the last Silver load was refused: {why}"), Some("VAL010".into()));
    }
    let lost: Vec<_> = loads
        .readable
        .iter()
        .map(|load| (load.date, silver::lost(&load.commit, landed)))
        .filter(|(_, lost)| !lost.is_empty())
        .collect();
    if let Some((date, partitions)) = lost.first() {
        let more = if lost.len() > 1 { format!(", and of {} more loads", lost.len() - 1) } else { String::new() };
        let message = format!("Bronze that Silver of {date} is made of is gone: {}{more}", partitions.join(", "));
        warn(message, Some("RUN014".into()));
    }
    let newest = loads.readable.first()?;
    let stale = !silver::is_fresh(dataset, settings, landed, newest.date, &newest.commit);
    if stale {
        warn(format!("Silver of {} is stale: its Bronze or its config changed since", newest.date), None);
    }
    if let Some(date) = newest_bronze.filter(|date| *date > newest.date) {
        warn(format!("Bronze of {date} is not promoted to Silver"), None);
    }
    let rejected = newest.commit.rejected();
    if rejected > 0 {
        let verb = if rejected == 1 { "is" } else { "are" };
        warn(format!("{} of the newest Silver load {verb} in quarantine", counted(rejected, "row")), None);
    }
    Some(LayerState {
        date: Some(newest.date),
        rows: newest.commit.rows().into(),
        bytes: newest.commit.bytes().into(),
        rejected: Count(rejected),
        committed_at: newest.commit.committed_at.clone(),
        partitions: (loads.readable.len() + loads.unreadable.len()).into(),
        stale,
    })
}
