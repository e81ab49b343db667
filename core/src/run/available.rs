//! What this version cannot act on yet. The one place that knows: a run refuses such a dataset
//! before anything runs, a plan and the doctor say it.
//!
//! Nothing here is wrong with a config; what is wrong is found by `config::check`.

use crate::config::settings::{
    Dataset, LoadPattern, PartitionStrategy, SchemaMode, SilverModel, SilverSettings, Source, StorageSettings,
};
use crate::diagnostic::code::{self, Code};
use crate::error::{Coded, Stage};
use crate::event::Layer;

/// Why a layer of a dataset cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{dataset}` needs {}, which this version does not have", missing.join(" and "))]
pub(crate) struct Unavailable {
    /// Name of the dataset.
    pub(crate) dataset: String,
    /// What it needs.
    pub(crate) missing: Vec<String>,
    /// What there is instead, one sentence each.
    pub(crate) instead: Vec<&'static str>,
}

impl Coded for Unavailable {
    fn code(&self) -> Code {
        code::CFG018
    }
    fn stage(&self) -> Stage {
        Stage::Configuration
    }
    fn hint(&self) -> Option<String> {
        Some(format!("this version {}", self.instead.join("; it ")))
    }
}

/// What is missing, and what there is instead.
#[derive(Default)]
struct Missing(Vec<(String, &'static str)>);

impl Missing {
    fn add(&mut self, what: impl Into<String>, instead: &'static str) {
        self.0.push((what.into(), instead));
    }
}

/// Whether `layer` of the dataset can be run.
///
/// # Errors
///
/// [`Unavailable`], with everything that is missing.
pub(crate) fn check(dataset: &Dataset, layer: Layer) -> Result<(), Unavailable> {
    let mut missing = Missing::default();
    bronze(dataset, &mut missing);
    match (layer, &dataset.silver) {
        (Layer::Bronze, _) => source(&dataset.source, &mut missing),
        (Layer::Silver, Some(settings)) => silver(dataset, settings, &mut missing),
        (Layer::Silver, None) => {}
    }
    if missing.0.is_empty() {
        return Ok(());
    }
    let mut instead: Vec<&'static str> = Vec::new();
    for (_, there) in &missing.0 {
        if !instead.contains(there) {
            instead.push(there);
        }
    }
    let missing = missing.0.into_iter().map(|(what, _)| what).collect();
    Err(Unavailable { dataset: dataset.name.clone(), missing, instead })
}

fn source(source: &Source, missing: &mut Missing) {
    const INSTEAD: &str = "reads files of this machine (`type: file`)";
    match source {
        Source::File(file) => {
            if let Some(scheme) = &file.remote {
                missing.add(format!("a source at `{scheme}://`"), INSTEAD);
            }
        }
        other => missing.add(format!("sources of `type: {}`", other.kind()), INSTEAD),
    }
}

fn storage(storage: &StorageSettings, layer: &str, missing: &mut Missing) {
    if storage.local_root().is_none() {
        missing.add(format!("{layer} on `{}`", storage.backend()), "stores on this machine (`storage_backend: local`)");
    }
}

/// What both layers need: where Bronze is.
fn bronze(dataset: &Dataset, missing: &mut Missing) {
    let bronze = &dataset.bronze;
    storage(&bronze.storage, "Bronze", missing);
    if bronze.partition_strategy != PartitionStrategy::Date && bronze.use_dt_partition {
        let what = format!("`partition_strategy: {}`", bronze.partition_strategy.as_str());
        missing.add(what, "makes one partition a day (`partition_strategy: date`)");
    }
    if bronze.pattern_folder.is_some() {
        missing.add("`pattern_folder`", "names the pattern folder by the load pattern");
    }
}

fn silver(dataset: &Dataset, settings: &SilverSettings, missing: &mut Missing) {
    const MODELS: &str =
        "makes `scd_type_1` (the last state of each key) and `periodic_snapshot` (the partition as it is)";
    storage(&settings.storage, "Silver", missing);
    match settings.model {
        SilverModel::ScdType1 if dataset.bronze.load_pattern == LoadPattern::CurrentHistory => {
            missing.add("`scd_type_1` of a source that brings its own history", MODELS);
        }
        SilverModel::ScdType1 | SilverModel::PeriodicSnapshot => {}
        SilverModel::Event | SilverModel::DerivedEvent => {
            missing.add(format!("`entity_kind: {}`", settings.model.as_str()), MODELS);
        }
        other => missing.add(format!("the model `{}`", other.as_str()), MODELS),
    }
    if settings.delete_mode.is_some() {
        missing.add("`delete_mode`", "lets deleted keys go");
    }
    if settings.schema_mode == SchemaMode::Strict {
        missing.add("`schema_mode: strict`", "takes all columns along (`schema_mode: allow_new_columns`)");
    }
    if !settings.expect.is_empty() {
        missing.add("`expect`", "judges rows by `error_handling`");
    }
    if settings.delta {
        missing.add("`table_format: delta`", "writes files in folders (`table_format: none`)");
    }
}

/// What is set and does no harm, but has no effect on `layer` yet: keys of the config.
pub(crate) fn idle(dataset: &Dataset, layer: Layer) -> Vec<&'static str> {
    let mut keys = Vec::new();
    let mut add = |set: bool, key: &'static str| {
        if set {
            keys.push(key);
        }
    };
    match layer {
        Layer::Bronze => {
            add(dataset.conduct.deadline_seconds.is_some(), "source.run.deadline_seconds");
            add(!dataset.conduct.cleanup_on_failure, "source.run.cleanup_on_failure");
            add(dataset.bronze.reference.is_some(), "source.run.reference_mode");
            add(dataset.bronze.retention_days.is_some(), "platform.bronze.retention");
        }
        Layer::Silver => {
            let retention = dataset.silver.as_ref().is_some_and(|silver| silver.retention_loads.is_some());
            add(retention, "silver.retention");
        }
    }
    keys
}
