//! `silver`: how a dataset is promoted.

mod expect;
mod kind;
mod model;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Columns, CompressionOption, DeleteGuard};

pub(crate) use expect::{CheckOption, ExpectOptions, OnFailOption};
pub(crate) use kind::{DeleteModeOption, EntityKindOption, HistoryModeOption, InputModeOption, SchemaModeOption};
pub(crate) use model::{ModelOption, ProfileOption};

/// How a dataset is promoted to Silver.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SilverOptions {
    /// Whether the dataset is promoted; `false` is as if there were no `silver` at all. Default: `true`.
    #[schemars(extend("default" = true, "x-advanced" = true))]
    pub(crate) enabled: Option<bool>,
    /// Domain: `domain=<d>` in Silver paths. Default: the source's `system`. Example: `sales`.
    #[schemars(extend("x-form" = "name", "examples" = ["sales"]))]
    pub(crate) domain: Option<String>,
    /// Entity: `entity=<e>` in Silver paths. Default: the source's `table`. Example: `orders`.
    #[schemars(extend("x-form" = "name", "examples" = ["orders"]))]
    pub(crate) entity: Option<String>,
    /// Version of the dataset's shape: `v<N>` in Silver paths. Raise it when columns go or change their
    /// meaning. Default: 1.
    #[schemars(range(min = 1), extend("default" = 1))]
    pub(crate) version: Option<u32>,
    /// What is made of the input. Default by load pattern: `full` → `periodic_snapshot`, `cdc` →
    /// `incremental_merge`, `current_history` → `scd_type_2`.
    pub(crate) model: Option<ModelOption>,
    /// The model by its purpose, instead of `model`.
    pub(crate) model_profile: Option<ProfileOption>,
    /// What kind of thing the dataset is about, instead of `model`: it decides the model together with
    /// `history_mode` or `input_mode`.
    #[schemars(extend("x-advanced" = true))]
    pub(crate) entity_kind: Option<EntityKindOption>,
    /// `state` and `derived_state`: how much of the past is kept. Default: `scd2`.
    #[schemars(extend("default" = "scd2", "x-when" = { "key": "entity_kind", "in": ["state", "derived_state"] }, "x-advanced" = true))]
    pub(crate) history_mode: Option<HistoryModeOption>,
    /// `event` and `derived_event`: what one partition means. Default: `append_log`.
    #[schemars(extend("default" = "append_log", "x-when" = { "key": "entity_kind", "in": ["event", "derived_event"] }, "x-advanced" = true))]
    pub(crate) input_mode: Option<InputModeOption>,
    /// What a deleted key leaves in Silver. Default: it is gone from the current rows, and its history ends.
    #[schemars(extend("x-advanced" = true))]
    pub(crate) delete_mode: Option<DeleteModeOption>,
    /// What happens to columns that `attributes` does not name. Default: `strict` with `attributes`, else
    /// `allow_new_columns`.
    #[schemars(extend("x-advanced" = true))]
    pub(crate) schema_mode: Option<SchemaModeOption>,
    /// Columns that name a row. Names after renaming. Example: `[order_id]`.
    #[schemars(extend("x-column" = "silver", "examples" = [["order_id"]]))]
    pub(crate) primary_keys: Option<Columns>,
    /// The same as `primary_keys`, under the name that goes with `entity_kind`.
    #[schemars(extend("x-column" = "silver", "x-advanced" = true, "examples" = [["order_id"]]))]
    pub(crate) natural_keys: Option<Columns>,
    /// Column or columns that order the rows of a key. Names after renaming. Default: `change_ts_column`
    /// or `event_ts_column`, else order of arrival. Example: `updated_at`.
    #[schemars(extend("x-column" = "silver", "examples" = ["updated_at"]))]
    pub(crate) order_column: Option<Columns>,
    /// `event` and `derived_event`: column with the time of the event. Name after renaming.
    #[schemars(length(min = 1), extend("x-column" = "silver", "x-when" = { "key": "entity_kind", "in": ["event", "derived_event"] }, "x-advanced" = true, "examples" = ["occurred_at"]))]
    pub(crate) event_ts_column: Option<String>,
    /// `state` and `derived_state`: column with the time of the change. Name after renaming.
    #[schemars(length(min = 1), extend("x-column" = "silver", "x-when" = { "key": "entity_kind", "in": ["state", "derived_state"] }, "x-advanced" = true, "examples" = ["updated_at"]))]
    pub(crate) change_ts_column: Option<String>,
    /// The columns that matter besides keys and times. Names after renaming. Default: all of the source.
    #[schemars(extend("x-column" = "silver", "x-advanced" = true, "examples" = [["status", "amount"]]))]
    pub(crate) attributes: Option<Columns>,
    /// How rows of a `cdc` source say what they do.
    pub(crate) cdc: Option<CdcOptions>,
    /// Names of the columns with which a `current_history` source bounds its versions.
    #[schemars(extend("x-advanced" = true))]
    pub(crate) validity: Option<ValidityOptions>,
    /// Column that marks deleted rows by a true value; `0`, `false`, `N` and empty texts are not. Name
    /// after renaming. Example: `is_deleted`.
    #[schemars(length(min = 1), extend("x-column" = "silver", "x-advanced" = true, "examples" = ["is_deleted"]))]
    pub(crate) soft_delete_column: Option<String>,
    /// Columns whose change alone opens no new version. Names after renaming. Example: `[last_seen]`.
    #[schemars(extend("x-column" = "silver", "x-advanced" = true, "examples" = [["last_seen"]]))]
    pub(crate) ignore_changes: Option<Columns>,
    /// Largest share of the known keys, in percent, that one full load may delete (from 20 keys on);
    /// `off` allows all. Default: 50.
    #[schemars(extend("default" = 50, "x-advanced" = true, "examples" = [20, "off"]))]
    pub(crate) delete_guard_percent: Option<DeleteGuard>,
    /// Decisions about single partitions that break a limit, by their date. Example: `{2025-01-02: accept}`.
    #[schemars(extend("x-key-form" = "date", "x-advanced" = true, "examples" = [{ "2025-01-02": "accept" }]))]
    pub(crate) rulings: Option<IndexMap<String, RulingOption>>,
    /// Expectations that the rows must meet before they become visible. Example:
    /// `[{check: not_null, columns: [id]}]`.
    #[schemars(extend("examples" = [[{ "check": "not_null", "columns": ["id"] }]]))]
    pub(crate) expect: Option<Vec<ExpectOptions>>,
    /// How many loads are kept. Default: 7 of models that hold the whole state, else all. Example: `{loads: 7}`.
    #[schemars(extend("x-advanced" = true, "examples" = [{ "loads": 7 }]))]
    pub(crate) retention: Option<SilverRetention>,
    /// Table format beside the files. Default: `none`.
    #[schemars(extend("default" = "none", "x-advanced" = true))]
    pub(crate) table_format: Option<TableFormat>,
    /// Whether Parquet is written. Default: `true`.
    #[schemars(extend("default" = true))]
    pub(crate) write_parquet: Option<bool>,
    /// Whether CSV is written. Default: `false`.
    #[schemars(extend("default" = false))]
    pub(crate) write_csv: Option<bool>,
    /// Parquet codec. Default: `platform.silver.output_defaults.parquet_compression`, else `snappy`.
    #[schemars(extend("x-advanced" = true))]
    pub(crate) parquet_compression: Option<CompressionOption>,
    /// Level of the codec: 0–9 for gzip, 0–11 for brotli, 1–22 for zstd; higher is smaller and slower.
    /// Default: that of `platform.silver.output_defaults` if the codec
    /// is the same, else the codec's own. Example: `9`.
    #[schemars(range(max = 22), extend("x-advanced" = true, "examples" = [9]))]
    pub(crate) parquet_compression_level: Option<u32>,
    /// Folder for the Silver of this dataset, in the place of `platform.silver.output_dir`.
    #[schemars(extend("x-form" = "folder", "x-advanced" = true, "examples" = ["./silver_output"]))]
    pub(crate) output_dir: Option<String>,
    /// Name of the load partition. Default: `load_date`.
    #[schemars(extend("x-form" = "own_name", "default" = "load_date", "x-advanced" = true))]
    pub(crate) load_partition_name: Option<String>,
    /// Whether paths have `pattern=<load pattern>`. Default: `false`.
    #[schemars(extend("default" = false, "x-advanced" = true))]
    pub(crate) include_pattern_folder: Option<bool>,
    /// Folders below the load partition.
    pub(crate) partitioning: Option<SilverPartitioning>,
    /// The same as `partitioning.columns`, under the name that goes with `entity_kind`.
    #[schemars(extend("x-column" = "silver", "x-advanced" = true, "examples" = [["region"]]))]
    pub(crate) partition_by: Option<Columns>,
    /// Name of the dataset of `periodic_snapshot` and `full_merge_dedupe`. Default: `full_snapshot`.
    #[schemars(extend("x-form" = "own_name", "default" = "full_snapshot", "x-advanced" = true))]
    pub(crate) full_output_name: Option<String>,
    /// Name of the dataset of `incremental_merge`. Default: `cdc_changes`.
    #[schemars(extend("x-form" = "own_name", "default" = "cdc_changes", "x-advanced" = true))]
    pub(crate) cdc_output_name: Option<String>,
    /// Name of the current rows of the `scd` models. Default: `current`.
    #[schemars(extend("x-form" = "own_name", "default" = "current", "x-advanced" = true))]
    pub(crate) current_output_name: Option<String>,
    /// Name of the history of `scd_type_2`. Default: `history`.
    #[schemars(extend("x-form" = "own_name", "default" = "history", "x-advanced" = true))]
    pub(crate) history_output_name: Option<String>,
    /// Name of the dataset of `event` and `derived_event`. Default: `events`, `derived_events`.
    #[schemars(extend("x-form" = "own_name", "x-when" = { "key": "entity_kind", "in": ["event", "derived_event"] }, "x-advanced" = true, "examples" = ["events"]))]
    pub(crate) events_output_name: Option<String>,
    /// Names and order of columns.
    pub(crate) schema: Option<SilverSchema>,
    /// What is done to texts.
    pub(crate) normalization: Option<Normalization>,
    /// What happens to rows that cannot be used.
    pub(crate) error_handling: Option<ErrorHandlingOptions>,
    /// Whether every Bronze part is hashed and compared before it is read. Default: `false`.
    #[schemars(extend("default" = false, "x-advanced" = true))]
    pub(crate) require_checksum: Option<bool>,
    /// Team that answers for the meaning of the dataset. It stands in the metadata of Silver. Example: `sales-data`.
    #[schemars(length(min = 1), extend("x-advanced" = true, "examples" = ["sales-data"]))]
    pub(crate) semantic_owner: Option<String>,
    /// Whom to ask about the meaning of the dataset. It stands in the metadata of Silver. Example: `sales@example.com`.
    #[schemars(length(min = 1), extend("x-advanced" = true, "examples" = ["sales@example.com"]))]
    pub(crate) semantic_contact: Option<String>,
}

/// How change rows say what they do. Codes are compared without regard to case.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CdcOptions {
    /// Column with the operation code. Name after renaming. Example: `op`.
    #[schemars(required, length(min = 1), extend("x-column" = "silver", "examples" = ["op"]))]
    pub(crate) operation_column: Option<String>,
    /// Codes of an insert. Default: `[i, c, r, insert]`.
    #[schemars(extend("default" = ["i", "c", "r", "insert"]))]
    pub(crate) insert_codes: Option<Columns>,
    /// Codes of an update. Default: `[u, update]`.
    #[schemars(extend("default" = ["u", "update"]))]
    pub(crate) update_codes: Option<Columns>,
    /// Codes of a delete. Default: `[d, delete]`.
    #[schemars(extend("default" = ["d", "delete"]))]
    pub(crate) delete_codes: Option<Columns>,
}

/// Columns with which a source bounds its versions.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the fields are keys of the language")]
pub(crate) struct ValidityOptions {
    /// Column with the start of a version. Name after renaming. Default: `effective_from`.
    #[schemars(length(min = 1), extend("x-column" = "silver", "default" = "effective_from"))]
    pub(crate) from_column: Option<String>,
    /// Column with its end; null is open. Name after renaming. Default: `effective_to`.
    #[schemars(length(min = 1), extend("x-column" = "silver", "default" = "effective_to"))]
    pub(crate) to_column: Option<String>,
    /// Column that says whether a version is the current one. Name after renaming. Default: `is_current`.
    #[schemars(length(min = 1), extend("x-column" = "silver", "default" = "is_current"))]
    pub(crate) current_column: Option<String>,
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
    /// Number of load dates, the greatest ones. Example: `7`.
    #[schemars(required, range(min = 1), extend("examples" = [7]))]
    pub(crate) loads: Option<u32>,
}

/// Table formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
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
    /// Columns whose values make folders. Names after renaming. Example: `[status, region]`.
    #[schemars(extend("x-column" = "silver", "examples" = [["status", "region"]]))]
    pub(crate) columns: Option<Columns>,
}

/// Names and order of columns.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SilverSchema {
    /// New names of columns. Everything else in `silver` uses the new names. Example: `{cust_no: customer_id}`.
    #[schemars(with = "Option<IndexMap<String, ColumnText>>", extend("x-key-column" = "source", "examples" = [{ "cust_no": "customer_id" }]))]
    pub(crate) rename_map: Option<IndexMap<String, String>>,
    /// These columns first, the others after them. Names after renaming. Example: `[id, name]`.
    #[schemars(extend("x-column" = "silver", "examples" = [["id", "name"]]))]
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
    #[schemars(extend("default" = false))]
    pub(crate) trim_strings: Option<bool>,
    /// Make empty texts null, after trimming. Default: `false`.
    #[schemars(extend("default" = false))]
    pub(crate) empty_strings_as_null: Option<bool>,
}

/// What happens to rows that cannot be used.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ErrorHandlingOptions {
    /// Whether bad rows are set aside in `_errors` instead of failing the load. Default: `false`.
    #[schemars(extend("default" = false))]
    pub(crate) enabled: Option<bool>,
    /// A partition with more bad rows fails the load. Default: no limit. Example: `50`.
    #[schemars(extend("examples" = [50]))]
    pub(crate) max_bad_records: Option<u64>,
    /// A partition with a larger share of bad rows, in percent, fails the load. Default: no limit. Example: `1.0`.
    #[schemars(range(min = 0.0, max = 100.0), extend("examples" = [1.0]))]
    pub(crate) max_bad_percent: Option<f64>,
}
