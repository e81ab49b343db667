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
    pub(crate) load_pattern: Option<LoadPatternOption>,
    /// Rows to a part file. Default: 100000.
    #[schemars(range(min = 1))]
    pub(crate) max_rows_per_file: Option<u64>,
    /// Upper bound of one part file in MiB. Default: `platform.bronze.output_defaults.max_file_size_mb`.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub(crate) max_file_size_mb: Option<f64>,
    /// Seconds to wait for one answer of an API or database. Default: 30.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub(crate) timeout_seconds: Option<f64>,
    /// Whether Parquet is written. Default: `true`.
    pub(crate) write_parquet: Option<bool>,
    /// Whether CSV is written. Default: `false`.
    pub(crate) write_csv: Option<bool>,
    /// Parquet codec. Default: `platform.bronze.output_defaults.parquet_compression`.
    pub(crate) parquet_compression: Option<CompressionOption>,
    /// Requests to an API per second, at most. Default: no limit.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub(crate) rate_limit_hz: Option<f64>,
    /// Whether pages of an API are asked for ahead of need. Default: `false`.
    pub(crate) use_async: Option<bool>,
    /// Pages asked for ahead of need. Default: 2.
    pub(crate) prefetch_pages: Option<u32>,
    /// Types of columns, for example `{id: integer, price: "decimal(18,2)"}`. Types: `text`, `integer`,
    /// `float`, `decimal(p,s)`, `boolean`, `date`, `timestamp`, `timestamptz`. Default: inferred from the
    /// first 1,000 records.
    #[schemars(with = "Option<IndexMap<String, TypeText>>")]
    pub(crate) schema: Option<IndexMap<String, String>>,
    /// Unquoted texts that stand for null in CSV and TSV. The list replaces the default, so name `""`
    /// too if it still is one. Default: `[""]`.
    pub(crate) null_values: Option<Vec<String>>,
    /// Time zone of the run date and of times without a zone, for example `Europe/Berlin`. Default: `UTC`.
    #[schemars(extend("x-form" = "timezone"))]
    pub(crate) timezone: Option<String>,
    /// Seconds after which the whole extract is given up. Default: none.
    #[schemars(range(min = 1), extend("x-unavailable" = "warning"))]
    pub(crate) deadline_seconds: Option<u64>,
    /// Folder `batch_id=<id>` below the date, for several extracts a day.
    #[schemars(extend("x-form" = "name", "x-unavailable" = "error"))]
    pub(crate) batch_id: Option<String>,
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
