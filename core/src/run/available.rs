//! What this version cannot act on yet. The one place that knows: a run refuses such a dataset
//! before anything runs, a plan and the doctor say it.
//!
//! Nothing here is wrong with a config; what is wrong is found by `config::check`.

use crate::config::settings::{Check, Dataset, Driver, SchemaMode, SilverModel, SilverSettings, Source};
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
    match (layer, &dataset.silver) {
        (Layer::Bronze, _) => source(&dataset.source, &mut missing),
        (Layer::Silver, Some(settings)) => silver(settings, &mut missing),
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
    const DATABASES: &str = "reads PostgreSQL, MySQL, MariaDB and SQLite";
    match source {
        Source::File(_) | Source::Api(_) | Source::Custom(_) => {}
        Source::Db(db) => {
            if db.driver == Some(Driver::SqlServer) {
                missing.add("SQL Server", DATABASES);
            }
        }
    }
}

fn silver(settings: &SilverSettings, missing: &mut Missing) {
    const MODELS: &str = "makes every `model`, and `entity_kind: event`, `state` and `derived_state`";
    if settings.model == SilverModel::DerivedEvent {
        missing.add(format!("`entity_kind: {}`", settings.model.as_str()), MODELS);
    }
    if settings.schema_mode == SchemaMode::Strict {
        missing.add("`schema_mode: strict`", "takes all columns along (`schema_mode: allow_new_columns`)");
    }
    if settings.expect.iter().any(|expectation| matches!(expectation.check, Check::Reference { .. })) {
        missing.add("`check: reference`", "looks at the rows of one dataset (`in_set`, `regex`, `unique`, …)");
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
            let timed = matches!(dataset.source, Source::Api(_));
            add(!timed && dataset.conduct.deadline_seconds.is_some(), "source.run.deadline_seconds");
            add(dataset.bronze.reference.is_some(), "source.run.reference_mode");
        }
        Layer::Silver => {
            let retention = dataset.silver.as_ref().is_some_and(|silver| silver.retention_loads.is_some());
            add(retention, "silver.retention");
        }
    }
    keys
}
