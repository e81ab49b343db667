//! Options to settings: defaults filled in, paths absolute, names decided.
//!
//! Owns every default of the language. Finds nothing wrong; what is wrong was found by
//! [`super::check`], and only datasets without errors come here.

mod api;
mod db;
mod join;
mod silver;
mod source;
mod storage;

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::files::normalise;
use super::forms;
use super::interpolate::Variables;
use super::options::{
    BronzeOptions, CompressionOption, JoinOptions, OutputDefaults, PartitionStrategyOption, PlatformOptions,
    ReferenceOptions, ReferenceRoleOption, RunOptions, SourceEntry, SourceOptions, WebhookOptions, WebhookWhen,
};
use super::settings::{
    BronzeSettings, Compression, Conduct, Dataset, EnvVar, Formats, LoadPattern, Named, Owner, PartitionStrategy,
    Pipeline, Reference, ReferenceRole, Retry, Secret, Webhook,
};

pub(crate) use silver::model;
pub(crate) use storage::{bronze_storage, silver_storage};

/// Rows to a part of Bronze unless told otherwise.
const MAX_ROWS_PER_FILE: u64 = 100_000;

/// What a dataset is resolved against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around<'a> {
    /// The config file's folder, absolute.
    pub(crate) folder: &'a Path,
    /// The user's home, for `~/`.
    pub(crate) home: Option<&'a Path>,
    /// `platform`.
    pub(crate) platform: &'a PlatformOptions,
    /// Where values of variables come from.
    pub(crate) variables: &'a Variables<'a>,
}

impl Around<'_> {
    /// The variable `name`, which a `.env` may set.
    fn variable(&self, name: &str) -> EnvVar {
        EnvVar::new(name).kept(self.variables.in_files(name))
    }
    fn path(&self, text: &str) -> PathBuf {
        match (text.strip_prefix("~/"), self.home) {
            (Some(rest), Some(home)) => normalise(&home.join(rest)),
            _ => normalise(&self.folder.join(text)),
        }
    }
    fn optional_path(&self, text: Option<&String>) -> Option<PathBuf> {
        text.map(|text| self.path(text))
    }
}

/// What concerns the file as a whole, still without datasets.
pub(crate) fn pipeline(document: &Json, around: Around<'_>) -> Pipeline {
    let join: Option<JoinOptions> =
        document.get("silver_join").and_then(|value| serde_json::from_value(value.clone()).ok());
    Pipeline {
        datasets: Vec::new(),
        environment: around.platform.environment.clone(),
        webhooks: around.platform.webhooks.iter().flatten().filter_map(webhook).collect(),
        join: join.and_then(|options| join::join(&options, around)),
    }
}

/// The settings of one dataset; `None` if a value is missing that the check should have asked for.
pub(crate) fn dataset(entry: &SourceEntry, path_as_written: &str, around: Around<'_>) -> Option<Dataset> {
    let options = entry.source.as_ref()?;
    let system = options.system.clone()?;
    let table = options.table.clone()?;
    let none = RunOptions::default();
    let run = options.run.as_ref().unwrap_or(&none);
    let silver = match entry.silver.as_ref().filter(|silver| silver.enabled != Some(false)) {
        Some(options) => Some(silver::silver(options, load_pattern(run), &system, &table, around)?),
        None => None,
    };
    Some(Dataset {
        name: name(entry)?,
        source: source::source(options, entry.silver.as_ref(), path_as_written, around)?,
        conduct: conduct(run),
        bronze: bronze(options, run, around)?,
        silver,
        system,
        table,
    })
}

/// The name of a dataset.
pub(crate) fn name(entry: &SourceEntry) -> Option<String> {
    let source = entry.source.as_ref();
    entry.name.clone().or_else(|| Some(format!("{}.{}", source?.system.as_ref()?, source?.table.as_ref()?)))
}

/// The load pattern, by default `full`.
pub(crate) fn load_pattern(run: &RunOptions) -> LoadPattern {
    run.load_pattern.map_or(LoadPattern::Full, LoadPattern::from)
}

/// What a layer writes: what the dataset wants and the platform allows.
pub(crate) fn formats(
    write_parquet: Option<bool>,
    write_csv: Option<bool>,
    defaults: Option<&OutputDefaults>,
) -> Formats {
    let allow = |of: fn(&OutputDefaults) -> Option<bool>| defaults.and_then(of).unwrap_or(true);
    Formats {
        parquet: write_parquet.unwrap_or(true) && allow(|defaults| defaults.allow_parquet),
        csv: write_csv.unwrap_or(false) && allow(|defaults| defaults.allow_csv),
    }
}

/// Codec and level of a layer. A level belongs to a codec: that of the platform counts for no other one.
pub(crate) fn compression(
    codec: Option<CompressionOption>,
    level: Option<u32>,
    defaults: Option<&OutputDefaults>,
) -> (Compression, Option<u32>) {
    let usual = defaults.and_then(|defaults| defaults.parquet_compression);
    let chosen = codec.or(usual);
    let level = level.or_else(|| defaults.filter(|_| chosen == usual)?.parquet_compression_level);
    let chosen = chosen.map_or(Compression::Snappy, Compression::from);
    (chosen, level.filter(|_| chosen.levels().is_some()))
}

fn bronze(source: &SourceOptions, run: &RunOptions, around: Around<'_>) -> Option<BronzeSettings> {
    let none = BronzeOptions::default();
    let platform = around.platform.bronze.as_ref().unwrap_or(&none);
    let defaults = platform.output_defaults.as_ref();
    let partitioning = platform.partitioning.as_ref();
    let mut schema = indexmap::IndexMap::new();
    for (column, text) in run.schema.iter().flatten() {
        schema.insert(column.clone(), forms::declared_type(text).ok()?);
    }
    let (compression, compression_level) =
        compression(run.parquet_compression, run.parquet_compression_level, defaults);
    Some(BronzeSettings {
        storage: bronze_storage(Some(run), around)?,
        prefix: forms::prefix(platform.prefix.as_deref().unwrap_or_default()).ok()?,
        load_pattern: load_pattern(run),
        use_pattern_folder: partitioning.and_then(|options| options.use_pattern_folder).unwrap_or(true),
        pattern_folder: run.pattern_folder.clone(),
        use_dt_partition: partitioning.and_then(|options| options.use_dt_partition).unwrap_or(true),
        partition_strategy: partition_strategy(around),
        batch_id: run.batch_id.clone(),
        formats: formats(run.write_parquet, run.write_csv, defaults),
        compression,
        compression_level,
        max_rows_per_file: run.max_rows_per_file.unwrap_or(MAX_ROWS_PER_FILE),
        max_file_size_bytes: run
            .max_file_size_mb
            .or_else(|| defaults.and_then(|defaults| defaults.max_file_size_mb))
            .map(mebibytes),
        schema,
        null_values: run.null_values.clone().unwrap_or_else(|| vec![String::new()]),
        timezone: forms::timezone(run.timezone.as_deref().unwrap_or("UTC")).ok()?,
        reference: run.reference_mode.as_ref().and_then(reference),
        retention_days: platform.retention.as_ref().and_then(|retention| retention.days),
        owner: Owner { team: source.owner_team.clone(), contact: source.owner_contact.clone() },
    })
}

/// What makes a Bronze partition, by default the day.
pub(crate) fn partition_strategy(around: Around<'_>) -> PartitionStrategy {
    let option = around.platform.bronze.as_ref().and_then(|bronze| bronze.partitioning.as_ref()?.partition_strategy);
    match option {
        None | Some(PartitionStrategyOption::Date) => PartitionStrategy::Date,
        Some(PartitionStrategyOption::Hourly) => PartitionStrategy::Hourly,
        Some(PartitionStrategyOption::Timestamp) => PartitionStrategy::Timestamp,
        Some(PartitionStrategyOption::BatchId) => PartitionStrategy::BatchId,
    }
}

fn reference(options: &ReferenceOptions) -> Option<Reference> {
    (options.enabled != Some(false)).then(|| Reference {
        role: match options.role {
            None | Some(ReferenceRoleOption::Reference) => ReferenceRole::Reference,
            Some(ReferenceRoleOption::Delta) => ReferenceRole::Delta,
            Some(ReferenceRoleOption::Auto) => ReferenceRole::Auto,
        },
        cadence_days: options.cadence_days,
        delta_patterns: options.delta_patterns.clone().unwrap_or_default(),
    })
}

fn conduct(run: &RunOptions) -> Conduct {
    let retry = run.retry.as_ref();
    Conduct {
        timeout_seconds: run.timeout_seconds.unwrap_or(30.0),
        deadline_seconds: run.deadline_seconds,
        rate_limit_hz: run.rate_limit_hz,
        rate_limit_burst: run.rate_limit_burst.unwrap_or(1),
        pages_in_flight: if run.use_async == Some(true) { run.prefetch_pages.unwrap_or(2).max(1) } else { 1 },
        retry: Retry {
            max_attempts: retry.and_then(|retry| retry.max_attempts).unwrap_or(5),
            base_seconds: retry.and_then(|retry| retry.base_seconds).unwrap_or(0.5),
            max_seconds: retry.and_then(|retry| retry.max_seconds).unwrap_or(8.0),
            breaker_failures: retry.and_then(|retry| retry.breaker_failures).unwrap_or(5),
            breaker_seconds: retry.and_then(|retry| retry.breaker_seconds).unwrap_or(30.0),
        },
        parallel_workers: run.parallel_workers,
        cleanup_on_failure: run.cleanup_on_failure.unwrap_or(true),
    }
}

fn webhook(options: &WebhookOptions) -> Option<Webhook> {
    let when = options.when.unwrap_or(WebhookWhen::Always);
    let url = match (&options.url, &options.url_env_var) {
        (Some(url), _) => Named::Given(Secret::new(url)),
        (None, Some(name)) => Named::Variable(EnvVar::new(name)),
        (None, None) => return None,
    };
    Some(Webhook {
        url,
        on_success: when != WebhookWhen::Failure,
        on_failure: when != WebhookWhen::Success,
        headers: env_vars(options.header_env_vars.as_ref()),
        timeout_seconds: options.timeout_seconds.unwrap_or(5.0),
    })
}

fn env_vars(map: Option<&indexmap::IndexMap<String, String>>) -> indexmap::IndexMap<String, EnvVar> {
    map.into_iter().flatten().map(|(key, name)| (key.clone(), EnvVar::new(name))).collect()
}

fn env_var(name: Option<&String>) -> Option<EnvVar> {
    name.map(EnvVar::new)
}

/// Bytes of so many MiB, at least one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positive by the schema, and the cast saturates"
)]
fn mebibytes(megabytes: f64) -> u64 {
    ((megabytes * 1024.0 * 1024.0) as u64).max(1)
}
