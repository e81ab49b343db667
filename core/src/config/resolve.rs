//! Options to settings: defaults filled in, paths absolute, names decided.
//!
//! Owns every default of the language. Finds nothing wrong; what is wrong was found by
//! [`super::check`], and only datasets without errors come here.

use std::path::{Path, PathBuf};

use super::files::normalise;
use super::forms;
use super::options::{
    BronzeOptions, Columns, DeleteGuard, FileOptions, ModelOption, OutputDefaults, PlatformOptions, ProfileOption,
    RulingOption, RunOptions, SilverOptions, SourceEntry,
};
use super::settings::{
    BronzeSettings, CdcSettings, Compression, Dataset, ErrorHandling, FileSource, Formats, LoadPattern, Ruling,
    SilverModel, SilverSettings, Source,
};

/// Share of the known keys, in percent, that a full load may delete unless told otherwise.
const DELETE_GUARD_PERCENT: f64 = 50.0;
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
}

impl Around<'_> {
    fn path(&self, text: &str) -> PathBuf {
        match (text.strip_prefix("~/"), self.home) {
            (Some(rest), Some(home)) => normalise(&home.join(rest)),
            _ => normalise(&self.folder.join(text)),
        }
    }
}

/// The settings of one dataset; `None` if a value is missing that the check should have asked for.
pub(crate) fn dataset(entry: &SourceEntry, path_as_written: &str, around: Around<'_>) -> Option<Dataset> {
    let source = entry.source.as_ref()?;
    let system = source.system.clone()?;
    let table = source.table.clone()?;
    let none = RunOptions::default();
    let run = source.run.as_ref().unwrap_or(&none);
    let load_pattern = load_pattern(run);
    let silver = match &entry.silver {
        Some(options) => Some(silver(options, load_pattern, &system, &table, around)?),
        None => None,
    };
    Some(Dataset {
        name: name(entry)?,
        source: Source::File(file(source.file.as_ref()?, run, path_as_written, around)?),
        bronze: bronze(run, around)?,
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

/// The model that is asked for, by name, by purpose or by load pattern.
pub(crate) fn model(silver: &SilverOptions, load_pattern: LoadPattern) -> ModelOption {
    silver.model.or_else(|| silver.model_profile.map(ProfileOption::model)).unwrap_or(match load_pattern {
        LoadPattern::Full => ModelOption::PeriodicSnapshot,
        LoadPattern::Cdc => ModelOption::IncrementalMerge,
        LoadPattern::CurrentHistory => ModelOption::ScdType2,
    })
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

fn file(options: &FileOptions, run: &RunOptions, path_as_written: &str, around: Around<'_>) -> Option<FileSource> {
    let has_header = options.has_header.unwrap_or(true);
    // Without a header the declared columns name the fields, if nothing else does.
    let declared =
        || run.schema.as_ref().filter(|schema| !schema.is_empty()).map(|schema| schema.keys().cloned().collect());
    Some(FileSource {
        path: around.path(options.path.as_ref()?),
        path_as_written: path_as_written.to_owned(),
        format: options.format.map(Into::into),
        delimiter: match &options.delimiter {
            Some(text) => Some(forms::delimiter(text).ok()?),
            None => None,
        },
        encoding: options.encoding.clone().unwrap_or_else(|| "utf-8".into()),
        has_header,
        fieldnames: if has_header { None } else { options.fieldnames.clone().or_else(declared) },
        json_path: options.json_path.clone(),
        columns: options.columns.clone(),
        limit_rows: options.limit_rows,
    })
}

fn bronze(run: &RunOptions, around: Around<'_>) -> Option<BronzeSettings> {
    let none = BronzeOptions::default();
    let platform = around.platform.bronze.as_ref().unwrap_or(&none);
    let defaults = platform.output_defaults.as_ref();
    let partitioning = platform.partitioning.as_ref();
    let mut schema = indexmap::IndexMap::new();
    for (column, text) in run.schema.iter().flatten() {
        schema.insert(column.clone(), forms::declared_type(text).ok()?);
    }
    Some(BronzeSettings {
        root: bronze_root(around),
        prefix: bronze_prefix(around)?,
        load_pattern: load_pattern(run),
        use_pattern_folder: partitioning.and_then(|options| options.use_pattern_folder).unwrap_or(true),
        use_dt_partition: partitioning.and_then(|options| options.use_dt_partition).unwrap_or(true),
        formats: formats(run.write_parquet, run.write_csv, defaults),
        compression: run
            .parquet_compression
            .or_else(|| defaults.and_then(|defaults| defaults.parquet_compression))
            .map_or(Compression::Snappy, Compression::from),
        max_rows_per_file: run.max_rows_per_file.unwrap_or(MAX_ROWS_PER_FILE),
        max_file_size_bytes: run
            .max_file_size_mb
            .or_else(|| defaults.and_then(|defaults| defaults.max_file_size_mb))
            .map(mebibytes),
        schema,
        null_values: run.null_values.clone().unwrap_or_else(|| vec![String::new()]),
        timezone: forms::timezone(run.timezone.as_deref().unwrap_or("UTC")).ok()?,
    })
}

/// The folder of Bronze.
pub(crate) fn bronze_root(around: Around<'_>) -> PathBuf {
    around.path(around.platform.bronze.as_ref().and_then(|bronze| bronze.output_dir.as_deref()).unwrap_or("./output"))
}

/// The folder of Silver.
pub(crate) fn silver_root(around: Around<'_>) -> PathBuf {
    around.path(
        around.platform.silver.as_ref().and_then(|silver| silver.output_dir.as_deref()).unwrap_or("./silver_output"),
    )
}

fn bronze_prefix(around: Around<'_>) -> Option<String> {
    forms::prefix(around.platform.bronze.as_ref().and_then(|bronze| bronze.prefix.as_deref()).unwrap_or_default()).ok()
}

fn silver_prefix(around: Around<'_>) -> Option<String> {
    forms::prefix(around.platform.silver.as_ref().and_then(|silver| silver.prefix.as_deref()).unwrap_or_default()).ok()
}

fn silver(
    options: &SilverOptions,
    load_pattern: LoadPattern,
    system: &str,
    table: &str,
    around: Around<'_>,
) -> Option<SilverSettings> {
    let defaults = around.platform.silver.as_ref().and_then(|platform| platform.output_defaults.as_ref());
    let model = match model(options, load_pattern) {
        ModelOption::PeriodicSnapshot => SilverModel::PeriodicSnapshot,
        ModelOption::ScdType1 => SilverModel::ScdType1,
        _ => return None,
    };
    let named = |name: &Option<String>, default: &str| name.clone().unwrap_or_else(|| default.to_owned());
    let columns = |columns: Option<&Columns>| columns.map(|columns| columns.0.clone()).unwrap_or_default();
    let schema = options.schema.as_ref();
    let normalization = options.normalization.as_ref();
    let error_handling = options.error_handling.as_ref();
    let mut rulings = indexmap::IndexMap::new();
    for (date, ruling) in options.rulings.iter().flatten() {
        let ruling = match ruling {
            RulingOption::Accept => Ruling::Accept,
            RulingOption::Skip => Ruling::Skip,
        };
        rulings.insert(forms::date(date).ok()?, ruling);
    }
    Some(SilverSettings {
        root: silver_root(around),
        prefix: silver_prefix(around)?,
        domain: named(&options.domain, system),
        entity: named(&options.entity, table),
        version: options.version.unwrap_or(1),
        model,
        load_partition_name: named(&options.load_partition_name, "load_date"),
        include_pattern_folder: options.include_pattern_folder.unwrap_or(false),
        full_output_name: named(&options.full_output_name, "full_snapshot"),
        current_output_name: named(&options.current_output_name, "current"),
        formats: formats(options.write_parquet, options.write_csv, defaults),
        compression: options
            .parquet_compression
            .or_else(|| defaults.and_then(|defaults| defaults.parquet_compression))
            .map_or(Compression::Snappy, Compression::from),
        partition_columns: columns(
            options.partitioning.as_ref().and_then(|partitioning| partitioning.columns.as_ref()),
        ),
        primary_keys: columns(options.primary_keys.as_ref()),
        order_columns: columns(options.order_column.as_ref()),
        rename_map: schema.and_then(|schema| schema.rename_map.clone()).unwrap_or_default(),
        column_order: columns(schema.and_then(|schema| schema.column_order.as_ref())),
        trim_strings: normalization.and_then(|options| options.trim_strings).unwrap_or(false),
        empty_strings_as_null: normalization.and_then(|options| options.empty_strings_as_null).unwrap_or(false),
        error_handling: ErrorHandling {
            enabled: error_handling.and_then(|options| options.enabled).unwrap_or(false),
            max_bad_records: error_handling.and_then(|options| options.max_bad_records),
            max_bad_percent: error_handling.and_then(|options| options.max_bad_percent),
        },
        cdc: match &options.cdc {
            Some(cdc) => {
                let codes = |codes: &Option<Columns>, default: &[&str]| match codes {
                    Some(codes) => codes.0.iter().map(|code| code.to_lowercase()).collect(),
                    None => default.iter().map(|code| (*code).to_owned()).collect(),
                };
                Some(CdcSettings {
                    operation_column: cdc.operation_column.clone()?,
                    insert_codes: codes(&cdc.insert_codes, &["i", "c", "r", "insert"]),
                    update_codes: codes(&cdc.update_codes, &["u", "update"]),
                    delete_codes: codes(&cdc.delete_codes, &["d", "delete"]),
                })
            }
            None => None,
        },
        soft_delete_column: options.soft_delete_column.clone(),
        delete_guard_percent: match options.delete_guard_percent {
            None => Some(DELETE_GUARD_PERCENT),
            Some(DeleteGuard::Percent(percent)) => Some(percent),
            Some(DeleteGuard::Off) => None,
        },
        rulings,
        require_checksum: options.require_checksum.unwrap_or(false),
    })
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
