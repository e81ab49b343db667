//! `silver`: how a dataset is promoted.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use super::{Columns, CompressionOption};

/// How a dataset is promoted to Silver.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SilverOptions {
    /// Domain: `domain=<d>` in Silver paths. Default: the source's `system`.
    #[schemars(extend("x-form" = "name"))]
    pub(crate) domain: Option<String>,
    /// Entity: `entity=<e>` in Silver paths. Default: the source's `table`.
    #[schemars(extend("x-form" = "name"))]
    pub(crate) entity: Option<String>,
    /// Version of the dataset's shape: `v<N>` in Silver paths. Default: 1.
    #[schemars(range(min = 1))]
    pub(crate) version: Option<u32>,
    /// What is made of the input. Default by load pattern: `full` → `periodic_snapshot`, `cdc` →
    /// `incremental_merge`, `current_history` → `scd_type_2`.
    pub(crate) model: Option<ModelOption>,
    /// The model by its purpose, instead of `model`.
    pub(crate) model_profile: Option<ProfileOption>,
    /// Columns that name a row, for example `[order_id]`. Names after renaming.
    pub(crate) primary_keys: Option<Columns>,
    /// Column or columns that order the rows of a key, for example `updated_at`. Names after
    /// renaming. Default: order of arrival.
    pub(crate) order_column: Option<Columns>,
    /// How rows of a `cdc` source say what they do.
    pub(crate) cdc: Option<CdcOptions>,
    /// Column that marks deleted rows by a true value. Name after renaming.
    #[schemars(length(min = 1))]
    pub(crate) soft_delete_column: Option<String>,
    /// Columns whose change alone opens no new version. Names after renaming.
    pub(crate) ignore_changes: Option<Columns>,
    /// Largest share of the known keys, in percent, that one full load may delete (from 20 keys on);
    /// `off` allows all. Default: 50.
    pub(crate) delete_guard_percent: Option<DeleteGuard>,
    /// Decisions about single partitions that break a limit, for example `{2025-01-02: accept}`.
    #[schemars(extend("x-key-form" = "date"))]
    pub(crate) rulings: Option<IndexMap<String, RulingOption>>,
    /// Expectations that rows must meet.
    #[schemars(extend("x-unavailable" = "error"))]
    pub(crate) expect: Option<Json>,
    /// How many loads are kept, `{loads: 7}`. Default: all.
    #[schemars(extend("x-unavailable" = "warning"))]
    pub(crate) retention: Option<SilverRetention>,
    /// Table format beside the files. Default: `none`.
    pub(crate) table_format: Option<TableFormat>,
    /// Whether Parquet is written. Default: `true`.
    pub(crate) write_parquet: Option<bool>,
    /// Whether CSV is written. Default: `false`.
    pub(crate) write_csv: Option<bool>,
    /// Parquet codec. Default: `platform.silver.output_defaults.parquet_compression`, else `snappy`.
    pub(crate) parquet_compression: Option<CompressionOption>,
    /// Name of the load partition. Default: `load_date`.
    #[schemars(extend("x-form" = "own_name"))]
    pub(crate) load_partition_name: Option<String>,
    /// Whether paths have `pattern=<load pattern>`. Default: `false`.
    pub(crate) include_pattern_folder: Option<bool>,
    /// Folders below the load partition.
    pub(crate) partitioning: Option<SilverPartitioning>,
    /// Name of the dataset of `periodic_snapshot` and `full_merge_dedupe`. Default: `full_snapshot`.
    #[schemars(extend("x-form" = "own_name"))]
    pub(crate) full_output_name: Option<String>,
    /// Name of the dataset of `incremental_merge`. Default: `cdc_changes`.
    #[schemars(extend("x-form" = "own_name"))]
    pub(crate) cdc_output_name: Option<String>,
    /// Name of the current rows of the `scd` models. Default: `current`.
    #[schemars(extend("x-form" = "own_name"))]
    pub(crate) current_output_name: Option<String>,
    /// Name of the history of `scd_type_2`. Default: `history`.
    #[schemars(extend("x-form" = "own_name"))]
    pub(crate) history_output_name: Option<String>,
    /// Names and order of columns.
    pub(crate) schema: Option<SilverSchema>,
    /// What is done to texts.
    pub(crate) normalization: Option<Normalization>,
    /// What happens to rows that cannot be used.
    pub(crate) error_handling: Option<ErrorHandlingOptions>,
    /// Whether every Bronze part is hashed and compared before it is read. Default: `false`.
    pub(crate) require_checksum: Option<bool>,
}

/// Silver models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline, extend("x-unavailable" = ["scd_type_2", "incremental_merge", "full_merge_dedupe"]))]
pub(crate) enum ModelOption {
    /// The last state of each key.
    #[serde(rename = "scd_type_1")]
    ScdType1,
    /// The last state and the history of each key.
    #[serde(rename = "scd_type_2")]
    ScdType2,
    /// The changes.
    #[serde(rename = "incremental_merge")]
    IncrementalMerge,
    /// The partition, one row per key.
    #[serde(rename = "full_merge_dedupe")]
    FullMergeDedupe,
    /// The partition as it is.
    #[serde(rename = "periodic_snapshot")]
    PeriodicSnapshot,
}

impl ModelOption {
    /// As written.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::ScdType1 => "scd_type_1",
            Self::ScdType2 => "scd_type_2",
            Self::IncrementalMerge => "incremental_merge",
            Self::FullMergeDedupe => "full_merge_dedupe",
            Self::PeriodicSnapshot => "periodic_snapshot",
        }
    }
}

/// Silver models by purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum ProfileOption {
    /// `scd_type_2`.
    Analytics,
    /// `scd_type_1`.
    Operational,
    /// `full_merge_dedupe`.
    MergeReady,
    /// `incremental_merge`.
    CdcDelta,
    /// `periodic_snapshot`.
    Snapshot,
}

impl ProfileOption {
    /// The model it stands for.
    pub(crate) const fn model(self) -> ModelOption {
        match self {
            Self::Analytics => ModelOption::ScdType2,
            Self::Operational => ModelOption::ScdType1,
            Self::MergeReady => ModelOption::FullMergeDedupe,
            Self::CdcDelta => ModelOption::IncrementalMerge,
            Self::Snapshot => ModelOption::PeriodicSnapshot,
        }
    }
}

/// How change rows say what they do. Codes are compared without regard to case.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CdcOptions {
    /// Column with the operation code. Name after renaming.
    #[schemars(required, length(min = 1))]
    pub(crate) operation_column: Option<String>,
    /// Codes of an insert. Default: `[i, c, r, insert]`.
    pub(crate) insert_codes: Option<Columns>,
    /// Codes of an update. Default: `[u, update]`.
    pub(crate) update_codes: Option<Columns>,
    /// Codes of a delete. Default: `[d, delete]`.
    pub(crate) delete_codes: Option<Columns>,
}

/// A percentage, or `off`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum DeleteGuard {
    /// At most this many percent.
    Percent(f64),
    /// No limit.
    Off,
}

impl<'de> Deserialize<'de> for DeleteGuard {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Json::deserialize(deserializer)?;
        match value.as_f64() {
            Some(percent) => Ok(Self::Percent(percent)),
            None if value.as_str() == Some("off") => Ok(Self::Off),
            None => Err(serde::de::Error::custom("a percentage or `off`")),
        }
    }
}

impl JsonSchema for DeleteGuard {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "DeleteGuard".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [{ "type": "number", "minimum": 0, "maximum": 100 }, { "type": "string", "enum": ["off"] }]
        })
    }
}

/// What a person decided about a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum RulingOption {
    /// It counts, whatever its verdict.
    Accept,
    /// It is left out of every load.
    Skip,
}

/// How many loads are kept.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SilverRetention {
    /// Number of load dates, the greatest ones.
    #[schemars(range(min = 1))]
    pub(crate) loads: Option<u32>,
}

/// Table formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline, extend("x-unavailable" = ["delta"]))]
pub(crate) enum TableFormat {
    /// Files in folders.
    None,
    /// Delta Lake.
    Delta,
}

/// Folders below the load partition.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SilverPartitioning {
    /// Columns whose values make folders, for example `[status, region]`. Names after renaming.
    pub(crate) columns: Option<Columns>,
}

/// Names and order of columns.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SilverSchema {
    /// New names, `{old: new}`.
    #[schemars(with = "Option<IndexMap<String, ColumnText>>")]
    pub(crate) rename_map: Option<IndexMap<String, String>>,
    /// These columns first, the others after them. Names after renaming.
    pub(crate) column_order: Option<Columns>,
}

/// Stands for a column name in the schema; it is read as text.
#[derive(JsonSchema)]
#[schemars(inline, transparent)]
#[expect(dead_code, reason = "only its schema is used")]
struct ColumnText(#[schemars(length(min = 1))] String);

/// What is done to texts.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Normalization {
    /// Cut white space at both ends. Default: `false`.
    pub(crate) trim_strings: Option<bool>,
    /// Make empty texts null, after trimming. Default: `false`.
    pub(crate) empty_strings_as_null: Option<bool>,
}

/// What happens to rows that cannot be used.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ErrorHandlingOptions {
    /// Whether bad rows are set aside in `_errors` instead of failing the load. Default: `false`.
    pub(crate) enabled: Option<bool>,
    /// A partition with more bad rows fails the load. Default: no limit.
    pub(crate) max_bad_records: Option<u64>,
    /// A partition with a larger share of bad rows, in percent, fails the load. Default: no limit.
    #[schemars(range(min = 0.0, max = 100.0))]
    pub(crate) max_bad_percent: Option<f64>,
}
