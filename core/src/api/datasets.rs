//! `list_datasets`: every dataset with its newest state.

use super::Engine;
use super::wire::{
    Count, DatasetList, DatasetSummary, ErrorBody, FileValidation, Layer, LayerState, Note, NoteLevel, Severity, Target,
};
use crate::bronze::{BronzeTable, Landed};
use crate::config::settings::Dataset;
use crate::config::{Loaded, LoadedFile};
use crate::error::Coded;
use crate::event::counted;
use crate::publish::{Inventory, Unreadable};
use crate::run::{Site, available};
use crate::silver::{self, SilverEntity};

impl Engine {
    /// See the command table.
    ///
    /// # Errors
    ///
    /// None: what cannot be read is said of the dataset concerned.
    pub fn list_datasets(&self, target: Target) -> Result<DatasetList, ErrorBody> {
        let site = self.site();
        let Loaded { root, files } = site.load(&target);
        let mut datasets = Vec::new();
        let mut unreadable = Vec::new();
        for file in &files {
            let described = file.pipeline.as_ref().map_or(&[][..], |pipeline| &pipeline.datasets);
            if described.is_empty() {
                unreadable.push(FileValidation {
                    file: file.display.clone(),
                    datasets: Vec::new(),
                    diagnostics: file.diagnostics.clone(),
                });
            }
            datasets.extend(described.iter().map(|dataset| summary(&site, file, dataset)));
        }
        let urgency = |summary: &DatasetSummary| summary.attention.iter().map(|note| note.level).max();
        datasets.sort_by(|a, b| urgency(b).cmp(&urgency(a)).then_with(|| a.dataset.cmp(&b.dataset)));
        Ok(DatasetList { root: root.display().to_string(), datasets, unreadable })
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
        warn(format!("its config file has {errors} errors"), None);
    }
    let layers = [Some(Layer::Bronze), dataset.silver.as_ref().map(|_| Layer::Silver)];
    for error in layers.into_iter().flatten().filter_map(|layer| available::check(dataset, layer).err()) {
        warn(format!("it cannot run: {error}"), Some(error.code().to_string()));
    }
    if dataset.bronze.storage.local_root().is_none() {
        return unreachable(file, dataset, errors, warnings, attention);
    }
    let landed = BronzeTable::of(dataset, site.world.disk.clone()).landed().unwrap_or_else(|error| {
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
    }
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
    let settings = dataset.silver.as_ref().filter(|settings| settings.storage.local_root().is_some())?;
    let entity = SilverEntity::of(dataset, settings, site.world.disk.clone());
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
