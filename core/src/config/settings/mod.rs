//! Resolved, valid configuration: the only form of it that other modules see.
//!
//! Every path is absolute, every default is filled in, every variable is replaced. Secrets are not in
//! it: settings carry the names of the environment variables that hold them ([`EnvVar`]), and values
//! that may have come from a variable are never shown ([`Secret`]). Building one of these is
//! `config::resolve`'s job; nothing here reads a file.
//!
//! What is serialised is what a config means, for digests; what only says how the work is done, or
//! where on this machine, is left out.

#![expect(dead_code, reason = "settings of what the engine cannot act on yet; a run refuses them")]

mod api;
mod db;
mod join;
mod silver;
mod source;
mod storage;
mod values;

use chrono_tz::Tz;
use indexmap::IndexMap;
use serde::Serialize;

pub(crate) use api::{
    ApiSource, Auth, BasicCredentials, BodyFormat, CursorFrom, Grant, HmacAlgorithm, HttpTls, KeyPlace, Method,
    OauthClient, PageKind, Pagination, ParamLocation, Parent, RequestBody, SignatureEncoding,
};
pub(crate) use db::{DbAddress, DbParams, DbRead, DbSource, DbTls, Driver, Isolation, ParallelReads, TlsMode};
pub(crate) use join::{JoinGuards, JoinKeys, JoinSettings, JoinSide, JoinType};
pub(crate) use silver::{
    CdcSettings, Check, DeleteMode, EntityKind, ErrorHandling, Expectation, InputMode, OnFail, Ruling, SchemaMode,
    SilverModel, SilverSettings, Validity,
};
pub(crate) use source::{
    CustomSource, Elsewhere, FileFormat, FileSource, Incremental, NullCursor, Program, Protocol, Source,
};
pub(crate) use storage::{AzureConnection, AzureCredential, GcsConnection, S3Connection, StorageSettings};
pub(crate) use values::{EnvVar, Named, Secret};

/// One configuration file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pipeline {
    /// In the order of the file.
    pub(crate) datasets: Vec<Dataset>,
    /// `platform.environment`, for metadata.
    pub(crate) environment: Option<String>,
    /// Who is told how a run ended.
    pub(crate) webhooks: Vec<Webhook>,
    /// `silver_join`.
    pub(crate) join: Option<JoinSettings>,
}

/// An address that is told how a run ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Webhook {
    /// The address, or the variable that holds it.
    pub(crate) url: Named<Secret>,
    /// Whether it is told of runs that went well.
    pub(crate) on_success: bool,
    /// Whether it is told of runs that failed.
    pub(crate) on_failure: bool,
    /// Header and the variable that holds its value.
    pub(crate) headers: IndexMap<String, EnvVar>,
    /// Seconds, more than 0.
    pub(crate) timeout_seconds: f64,
}

/// Who answers for a layer of a dataset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Owner {
    /// Team.
    pub(crate) team: Option<String>,
    /// Whom to ask.
    pub(crate) contact: Option<String>,
}

/// How the work of an extract is done; changes no row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Conduct {
    /// Seconds to wait for one answer, more than 0.
    pub(crate) timeout_seconds: f64,
    /// Seconds for the whole extract. `None`: no limit.
    pub(crate) deadline_seconds: Option<u64>,
    /// Requests per second, more than 0. `None`: no limit.
    pub(crate) rate_limit_hz: Option<f64>,
    /// Requests that may go out at once, at least 1.
    pub(crate) rate_limit_burst: u32,
    /// Pages that may be on their way at once, at least 1.
    pub(crate) pages_in_flight: u32,
    /// What is done about requests that fail.
    pub(crate) retry: Retry,
    /// Parts that are written at once. `None`: one per processor.
    pub(crate) parallel_workers: Option<u32>,
    /// Whether files of a failed extract are removed.
    pub(crate) cleanup_on_failure: bool,
}

/// What is done about requests that fail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Retry {
    /// Tries in all, at least 1.
    pub(crate) max_attempts: u32,
    /// Seconds before the second try, more than 0.
    pub(crate) base_seconds: f64,
    /// Seconds between two tries at most.
    pub(crate) max_seconds: f64,
    /// Failures until the server is left alone, at least 1.
    pub(crate) breaker_failures: u32,
    /// Seconds for which it is left alone.
    pub(crate) breaker_seconds: f64,
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
    /// How the work is done.
    pub(crate) conduct: Conduct,
    /// How they land.
    pub(crate) bronze: BronzeSettings,
    /// How they are promoted; `None` means Bronze only.
    pub(crate) silver: Option<SilverSettings>,
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
    /// Zstandard, level 3 where none is given.
    Zstd,
}

impl Compression {
    /// As written in configs.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Snappy => "snappy",
            Self::Gzip => "gzip",
            Self::Brotli => "brotli",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }
    /// The levels it has, least and greatest; `None` if it has only one.
    pub(crate) const fn levels(self) -> Option<(u32, u32)> {
        match self {
            Self::None | Self::Snappy | Self::Lz4 => None,
            Self::Gzip => Some((0, 9)),
            Self::Brotli => Some((0, 11)),
            Self::Zstd => Some((1, 22)),
        }
    }
}

/// `source.run` and `platform.bronze`, merged.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct BronzeSettings {
    /// Where it is stored.
    #[serde(skip)]
    pub(crate) storage: StorageSettings,
    /// Path prefix below the root, without slashes at its ends; may be empty.
    pub(crate) prefix: String,
    /// `source.run.load_pattern`.
    pub(crate) load_pattern: LoadPattern,
    /// Whether paths have `pattern=<p>`.
    pub(crate) use_pattern_folder: bool,
    /// Text in that folder. `None`: the load pattern.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pattern_folder: Option<String>,
    /// Whether paths have `dt=<date>`.
    pub(crate) use_dt_partition: bool,
    /// What makes a partition.
    pub(crate) partition_strategy: PartitionStrategy,
    /// Name of this extract among several of a day. `None`: made from the time.
    #[serde(skip)]
    pub(crate) batch_id: Option<String>,
    /// What is written.
    pub(crate) formats: Formats,
    /// Parquet codec.
    pub(crate) compression: Compression,
    /// Level of the codec, in its range. `None`: its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) compression_level: Option<u32>,
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
    /// How it takes part in a pair of reference and deltas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reference: Option<Reference>,
    /// Days that a partition is kept, at least 1. `None`: for ever.
    #[serde(skip)]
    pub(crate) retention_days: Option<u32>,
    /// Who answers for the source.
    #[serde(skip)]
    pub(crate) owner: Owner,
}

/// What makes a Bronze partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PartitionStrategy {
    /// The day.
    Date,
    /// The hour in which the run began.
    Hourly,
    /// The minute in which the run began.
    Timestamp,
    /// A name.
    BatchId,
}

impl PartitionStrategy {
    /// As written in configs.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Hourly => "hourly",
            Self::Timestamp => "timestamp",
            Self::BatchId => "batch_id",
        }
    }
}

/// How a dataset takes part in a pair of reference and deltas.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Reference {
    /// What it is.
    pub(crate) role: ReferenceRole,
    /// Days from one reference to the next, at least 1.
    pub(crate) cadence_days: Option<u32>,
    /// Names of the patterns of the deltas; empty: all.
    pub(crate) delta_patterns: Vec<String>,
}

/// What a dataset is in a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReferenceRole {
    /// All of it.
    Reference,
    /// What changed since.
    Delta,
    /// A reference on the days of the cadence, a delta on the others.
    Auto,
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
