//! Resolved, valid configuration: the only form of it that other modules see.
//!
//! Every path is absolute, every default is filled in, every variable is replaced. Building one of
//! these is `config::resolve`'s job; nothing here reads a file.

use std::path::PathBuf;

use chrono::NaiveDate;
use chrono_tz::Tz;
use indexmap::IndexMap;
use serde::Serialize;

/// One configuration file.
#[derive(Clone, Debug)]
pub(crate) struct Pipeline {
    /// In the order of the file.
    pub(crate) datasets: Vec<Dataset>,
}

/// One entry of `sources`.
#[derive(Clone, Debug)]
pub(crate) struct Dataset {
    /// `name`, unique in its file; by default `<system>.<table>`.
    pub(crate) name: String,
    /// `source.system`.
    pub(crate) system: String,
    /// `source.table`.
    pub(crate) table: String,
    /// Where records come from.
    pub(crate) source: Source,
    /// How they land.
    pub(crate) bronze: BronzeSettings,
    /// How they are promoted; `None` means Bronze only.
    pub(crate) silver: Option<SilverSettings>,
}

/// Where records come from.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Source {
    /// A file on this machine.
    File(FileSource),
}

/// `source.file`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FileSource {
    /// Absolute, with `{run_date}` still in it. Not part of what the config means: it moves with the folder.
    #[serde(skip)]
    pub(crate) path: PathBuf,
    /// As the user wrote it, for messages and metadata.
    pub(crate) path_as_written: String,
    /// `None`: from the file's suffix.
    pub(crate) format: Option<FileFormat>,
    /// CSV and TSV: one ASCII byte. `None`: `,`, or tab for TSV.
    pub(crate) delimiter: Option<u8>,
    /// A label of the WHATWG Encoding Standard; `utf-8` by default.
    pub(crate) encoding: String,
    /// CSV and TSV: whether the first record names the columns.
    pub(crate) has_header: bool,
    /// CSV and TSV without header: the column names.
    pub(crate) fieldnames: Option<Vec<String>>,
    /// JSON: dotted path to the list of records.
    pub(crate) json_path: Option<String>,
    /// Only these, in this order. `None`: all.
    pub(crate) columns: Option<Vec<String>>,
    /// Stop after this many readable records.
    pub(crate) limit_rows: Option<u64>,
}

impl FileSource {
    /// Whether there is another file for each date.
    pub(crate) fn is_dated(&self) -> bool {
        self.path_as_written.contains("{run_date}")
            || self.path.to_str().is_some_and(|path| path.contains("{run_date}"))
    }
    /// The path as the user wrote it, with the date filled in.
    pub(crate) fn location(&self, run_date: NaiveDate) -> String {
        self.path_as_written.replace("{run_date}", &run_date.to_string())
    }
}

/// Formats of a file source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FileFormat {
    /// Comma-separated (or another delimiter), RFC 4180.
    Csv,
    /// Tab-separated, otherwise as CSV.
    Tsv,
    /// One JSON document: a list of objects, or one object.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

/// How a source changes: decides what its partitions mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LoadPattern {
    /// Each partition is the whole state.
    Full,
    /// Each partition is a list of changes.
    Cdc,
    /// Each partition is the whole history, with bounds of its own.
    CurrentHistory,
}

impl LoadPattern {
    /// As written in configs, paths and metadata.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Cdc => "cdc",
            Self::CurrentHistory => "current_history",
        }
    }
    /// The pattern with this name.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Full, Self::Cdc, Self::CurrentHistory].into_iter().find(|pattern| pattern.as_str() == text)
    }
}

/// Which files are written. At least one is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Formats {
    /// Apache Parquet.
    pub(crate) parquet: bool,
    /// RFC 4180 CSV, NULL as an empty unquoted field and "" quoted.
    pub(crate) csv: bool,
}

/// Parquet codecs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Compression {
    /// No compression.
    None,
    /// Snappy, the default.
    Snappy,
    /// GZIP.
    Gzip,
    /// Brotli.
    Brotli,
    /// LZ4 (raw).
    Lz4,
    /// Zstandard, level 3.
    Zstd,
}

/// `source.run` and `platform.bronze`, merged.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct BronzeSettings {
    /// Absolute folder (`platform.bronze.output_dir`).
    #[serde(skip)]
    pub(crate) root: PathBuf,
    /// Path prefix below the root, without slashes at its ends; may be empty.
    pub(crate) prefix: String,
    /// `source.run.load_pattern`.
    pub(crate) load_pattern: LoadPattern,
    /// Whether paths have `pattern=<p>`.
    pub(crate) use_pattern_folder: bool,
    /// Whether paths have `dt=<date>`.
    pub(crate) use_dt_partition: bool,
    /// What is written.
    pub(crate) formats: Formats,
    /// Parquet codec.
    pub(crate) compression: Compression,
    /// At least 1.
    pub(crate) max_rows_per_file: u64,
    /// Upper bound of a part in bytes, of the file really written. `None`: no bound.
    pub(crate) max_file_size_bytes: Option<u64>,
    /// `source.run.schema`: declared types by column.
    pub(crate) schema: IndexMap<String, DeclaredType>,
    /// Unquoted texts that stand for null in text formats.
    pub(crate) null_values: Vec<String>,
    /// `source.run.timezone`: the run date's and naive timestamps' zone.
    #[serde(serialize_with = "tz_name")]
    pub(crate) timezone: Tz,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
fn tz_name<S: serde::Serializer>(tz: &Tz, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(tz.name())
}

/// A type that a config declares for a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DeclaredType {
    /// UTF-8 text: nothing is interpreted.
    Text,
    /// 64-bit signed integer.
    Integer,
    /// 64-bit IEEE 754.
    Float,
    /// Exact decimal, at most 38 digits.
    Decimal {
        /// Digits in all.
        precision: u8,
        /// Digits after the point.
        scale: i8,
    },
    /// true or false.
    Boolean,
    /// Calendar day.
    Date,
    /// Wall-clock time in microseconds, read in `run.timezone` where an instant is needed.
    Timestamp,
    /// Instant in microseconds, UTC.
    Timestamptz,
}

/// `silver`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SilverSettings {
    /// Absolute folder (`platform.silver.output_dir`).
    #[serde(skip)]
    pub(crate) root: PathBuf,
    /// Path prefix below the root, without slashes at its ends; may be empty.
    pub(crate) prefix: String,
    /// By default the source's system.
    pub(crate) domain: String,
    /// By default the source's table.
    pub(crate) entity: String,
    /// At least 1.
    pub(crate) version: u32,
    /// What is made of the input.
    pub(crate) model: SilverModel,
    /// Name of the load partition, `load_date` by default.
    pub(crate) load_partition_name: String,
    /// Whether paths have `pattern=<p>`.
    pub(crate) include_pattern_folder: bool,
    /// Name of the dataset of `periodic_snapshot`; `full_snapshot` by default.
    pub(crate) full_output_name: String,
    /// Name of the dataset of `scd_type_1`; `current` by default.
    pub(crate) current_output_name: String,
    /// What is written.
    pub(crate) formats: Formats,
    /// Parquet codec.
    pub(crate) compression: Compression,
    /// `partitioning.columns`, below the load partition. Names after renaming.
    pub(crate) partition_columns: Vec<String>,
    /// Names after renaming.
    pub(crate) primary_keys: Vec<String>,
    /// Names after renaming; empty: order of arrival.
    pub(crate) order_columns: Vec<String>,
    /// Bronze name → Silver name.
    pub(crate) rename_map: IndexMap<String, String>,
    /// These first, the others after them. Names after renaming.
    pub(crate) column_order: Vec<String>,
    /// Cut white space at both ends of text.
    pub(crate) trim_strings: bool,
    /// After trimming, "" becomes null.
    pub(crate) empty_strings_as_null: bool,
    /// Quarantine and its limits.
    pub(crate) error_handling: ErrorHandling,
    /// How `cdc` partitions say what a row does.
    pub(crate) cdc: Option<CdcSettings>,
    /// A flag column that marks deleted rows. Name after renaming.
    pub(crate) soft_delete_column: Option<String>,
    /// Percent of known keys that one full may delete; `None` switches the guard off.
    pub(crate) delete_guard_percent: Option<f64>,
    /// Decisions about single partitions.
    pub(crate) rulings: IndexMap<NaiveDate, Ruling>,
    /// Hash every part of the input before it is read.
    pub(crate) require_checksum: bool,
}

/// The models this version can build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SilverModel {
    /// The partition as it is.
    PeriodicSnapshot,
    /// The last state of each key.
    #[serde(rename = "scd_type_1")]
    ScdType1,
}

impl SilverModel {
    /// As written in configs and metadata.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::PeriodicSnapshot => "periodic_snapshot",
            Self::ScdType1 => "scd_type_1",
        }
    }
}

/// `silver.error_handling`. Off means that no bad row is tolerated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct ErrorHandling {
    /// Whether bad rows may be set aside at all.
    pub(crate) enabled: bool,
    /// A partition with more is bad. `None`: no limit.
    pub(crate) max_bad_records: Option<u64>,
    /// A partition with a larger share is bad. `None`: no limit.
    pub(crate) max_bad_percent: Option<f64>,
}

/// `silver.cdc`. Codes are compared without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct CdcSettings {
    /// Name after renaming.
    pub(crate) operation_column: String,
    /// Lower case.
    pub(crate) insert_codes: Vec<String>,
    /// Lower case.
    pub(crate) update_codes: Vec<String>,
    /// Lower case.
    pub(crate) delete_codes: Vec<String>,
}

/// What a person decided about a partition that breaks a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Ruling {
    /// It counts, whatever its verdict.
    Accept,
    /// It is left out of every load.
    Skip,
}
