//! `source.run`: how an extract behaves and lands.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::CompressionOption;
use crate::config::settings;

/// How an extract behaves and lands in Bronze.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunOptions {
    /// What one partition means. Default: `full`.
    #[schemars(extend("default" = "full"))]
    pub(crate) load_pattern: Option<LoadPatternOption>,
    /// Rows to a part file. Default: 100000.
    #[schemars(range(min = 1), extend("default" = 100_000))]
    pub(crate) max_rows_per_file: Option<u64>,
    /// Upper bound of one part file in MiB. Default: `platform.bronze.output_defaults.max_file_size_mb`.
    /// Example: `256`.
    #[schemars(extend("exclusiveMinimum" = 0, "x-advanced" = true, "examples" = [256]))]
    pub(crate) max_file_size_mb: Option<f64>,
    /// Seconds to wait for one answer of an API, database or program; a request that takes longer is
    /// tried again. For the whole extract there is `deadline_seconds`. Default: 30.
    #[schemars(extend("exclusiveMinimum" = 0, "default" = 30))]
    pub(crate) timeout_seconds: Option<f64>,
    /// Seconds after which the whole extract is given up, and nothing of it lands. Default: none.
    /// Example: `3600`.
    #[schemars(range(min = 1), extend("x-advanced" = true, "examples" = [3600]))]
    pub(crate) deadline_seconds: Option<u64>,
    /// Whether Parquet is written. Default: `true`.
    #[schemars(extend("default" = true))]
    pub(crate) write_parquet: Option<bool>,
    /// Whether CSV is written. With both formats there is still one dataset, of which Parquet is read.
    /// Default: `false`.
    #[schemars(extend("default" = false))]
    pub(crate) write_csv: Option<bool>,
    /// Parquet codec. Default: `platform.bronze.output_defaults.parquet_compression`, else `snappy`.
    #[schemars(extend("x-advanced" = true))]
    pub(crate) parquet_compression: Option<CompressionOption>,
    /// Level of the codec: 0–9 for gzip, 0–11 for brotli, 1–22 for zstd; higher is smaller and slower.
    /// Default: that of `platform.bronze.output_defaults` if the codec
    /// is the same, else the codec's own. Example: `9`.
    #[schemars(range(max = 22), extend("x-advanced" = true, "examples" = [9]))]
    pub(crate) parquet_compression_level: Option<u32>,
    /// Requests to an API, or queries of a database, per second at most. Default: no limit. Example: `10`.
    #[schemars(extend("exclusiveMinimum" = 0, "examples" = [10, 0.5]))]
    pub(crate) rate_limit_hz: Option<f64>,
    /// Requests that may go out at once before `rate_limit_hz` holds them back. Default: 1.
    #[schemars(range(min = 1), extend("default" = 1, "x-advanced" = true))]
    pub(crate) rate_limit_burst: Option<u32>,
    /// Whether pages of an API are asked for ahead of need. The order of the rows stays that of the
    /// pages. Default: `false`.
    #[schemars(extend("default" = false))]
    pub(crate) use_async: Option<bool>,
    /// With `use_async`: pages that may be on their way at once. Default: 2.
    #[schemars(extend("default" = 2))]
    pub(crate) prefetch_pages: Option<u32>,
    /// What is done about requests that fail.
    #[schemars(extend("x-advanced" = true))]
    pub(crate) retry: Option<RetryOptions>,
    /// Types of columns: `text`, `integer`, `float`, `decimal(p,s)`, `boolean`, `date`, `timestamp`,
    /// `timestamptz`. Default: inferred from the first 1,000 records. Example:
    /// `{id: integer, price: "decimal(18,2)"}`.
    #[schemars(with = "Option<IndexMap<String, TypeText>>", extend("x-key-column" = "source", "examples" = [{ "id": "integer", "price": "decimal(18,2)" }]))]
    pub(crate) schema: Option<IndexMap<String, String>>,
    /// Unquoted texts that stand for null in CSV and TSV. The list replaces the default, so name `""`
    /// too if it still is one. Default: `[""]`. Example: `["", NA]`.
    #[schemars(extend("default" = [""], "examples" = [["", "NA"]]))]
    pub(crate) null_values: Option<Vec<String>>,
    /// Time zone of the run date and of times without a zone. Default: `UTC`. Example: `Europe/Berlin`.
    #[schemars(extend("x-form" = "timezone", "default" = "UTC", "examples" = ["Europe/Berlin"]))]
    pub(crate) timezone: Option<String>,
    /// Name of this extract among several of a day, for `partition_strategy: batch_id`. Default: made from
    /// the time. Example: `morning`.
    #[schemars(extend("x-form" = "name", "x-advanced" = true, "examples" = ["morning", "${BATCH_ID}"]))]
    pub(crate) batch_id: Option<String>,
    /// Text in the `pattern=` folder of Bronze paths, in the place of the load pattern. Default: the load pattern.
    #[schemars(extend("x-form" = "name", "x-advanced" = true, "examples" = ["full_2024"]))]
    pub(crate) pattern_folder: Option<String>,
    /// Folder for the Bronze of this dataset, in the place of `platform.bronze.output_dir`.
    #[schemars(extend("x-form" = "folder", "x-advanced" = true, "examples" = ["./output"]))]
    pub(crate) output_dir: Option<String>,
    /// Parts that are written at once. The result is the same for any number. Default: one per processor.
    #[schemars(range(min = 1, max = 256), extend("x-advanced" = true, "examples" = [4]))]
    pub(crate) parallel_workers: Option<u32>,
    /// Whether files of an extract that failed are removed. They are never visible as data; `false`
    /// keeps them for a look. Default: `true`.
    #[schemars(extend("default" = true, "x-advanced" = true))]
    pub(crate) cleanup_on_failure: Option<bool>,
    /// How this dataset takes part in a pair of a reference (all of it, now and then) and its deltas.
    #[schemars(extend("x-advanced" = true))]
    pub(crate) reference_mode: Option<ReferenceOptions>,
}

/// Stands for a type in the schema; it is read as text.
#[derive(JsonSchema)]
#[schemars(inline, transparent, extend("x-form" = "declared_type"))]
#[expect(dead_code, reason = "only its schema is used")]
struct TypeText(String);

/// How a source changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum LoadPatternOption {
    /// Each partition is the whole state.
    Full,
    /// Each partition is a list of changes.
    Cdc,
    /// Each partition is the whole history, with bounds of its own.
    CurrentHistory,
}

impl From<LoadPatternOption> for settings::LoadPattern {
    fn from(option: LoadPatternOption) -> Self {
        match option {
            LoadPatternOption::Full => Self::Full,
            LoadPatternOption::Cdc => Self::Cdc,
            LoadPatternOption::CurrentHistory => Self::CurrentHistory,
        }
    }
}

/// What is done about requests that fail: time-outs, broken connections, 408, 429 and 5xx answers.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetryOptions {
    /// Tries in all; 1 means none is repeated. Default: 5.
    #[schemars(range(min = 1, max = 100), extend("default" = 5))]
    pub(crate) max_attempts: Option<u32>,
    /// Seconds before the second try; doubled for each further one, give or take a fifth. A server that
    /// says how long to wait is believed. Default: 0.5.
    #[schemars(extend("exclusiveMinimum" = 0, "default" = 0.5))]
    pub(crate) base_seconds: Option<f64>,
    /// Seconds between two tries at most. Default: 8.
    #[schemars(extend("exclusiveMinimum" = 0, "default" = 8))]
    pub(crate) max_seconds: Option<f64>,
    /// Requests that fail one after the other, all tries included, until the server is left alone.
    /// Default: 5.
    #[schemars(range(min = 1), extend("default" = 5))]
    pub(crate) breaker_failures: Option<u32>,
    /// Seconds for which the server is left alone. Default: 30.
    #[schemars(extend("exclusiveMinimum" = 0, "default" = 30))]
    pub(crate) breaker_seconds: Option<f64>,
}

/// How a dataset takes part in a pair of reference and deltas.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReferenceOptions {
    /// Whether it is in force. Default: `true`.
    #[schemars(extend("default" = true))]
    pub(crate) enabled: Option<bool>,
    /// What this dataset is in the pair. Default: `reference`.
    #[schemars(extend("default" = "reference"))]
    pub(crate) role: Option<ReferenceRoleOption>,
    /// Days from one reference to the next. Default: not said. Example: `7`.
    #[schemars(range(min = 1), extend("examples" = [7]))]
    pub(crate) cadence_days: Option<u32>,
    /// Names of the patterns of the deltas that build on the reference, for metadata. Default: all.
    /// Example: `[cdc]`.
    #[schemars(extend("examples" = [["cdc"]]))]
    pub(crate) delta_patterns: Option<Vec<String>>,
}

/// What a dataset is in a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum ReferenceRoleOption {
    /// All of it.
    Reference,
    /// What changed since.
    Delta,
    /// A reference on the days of the cadence, a delta on the others.
    Auto,
}
