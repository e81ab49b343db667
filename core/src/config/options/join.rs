//! `silver_join`: two Silver datasets made into a third.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use super::{Columns, CompressionOption, ModelOption, ProfileOption};

/// A join of two Silver datasets.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JoinOptions {
    /// The left side; its names of columns win.
    #[schemars(required)]
    pub(crate) left: Option<JoinSideOptions>,
    /// The right side.
    #[schemars(required)]
    pub(crate) right: Option<JoinSideOptions>,
    /// How they are joined, and where the result goes.
    #[schemars(required)]
    pub(crate) output: Option<OutputOptions>,
}

/// One side of a join.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JoinSideOptions {
    /// Name of a dataset of this workspace. Example: `orders`.
    #[schemars(length(min = 1), extend("examples" = ["orders"]))]
    pub(crate) dataset: Option<String>,
    /// Folder of a Silver dataset, in the place of `dataset`; `…/v1` means its newest load. Relative paths
    /// start at the folder of this file.
    #[schemars(extend("x-form" = "folder", "examples" = ["./silver_output/domain=sales/entity=orders/v1"]))]
    pub(crate) path: Option<String>,
    /// Which of its tables, where the model makes several. Default: the only one, else `current`.
    #[schemars(length(min = 1), extend("x-advanced" = true, "examples" = ["history"]))]
    pub(crate) table: Option<String>,
    /// The newest load on or before this date is read. Default: the newest of all. Example: `2025-01-31`.
    #[schemars(extend("x-form" = "date", "x-advanced" = true, "examples" = ["2025-01-31"]))]
    pub(crate) as_of: Option<String>,
    /// Name of this side in metadata. Default: that of the dataset or folder.
    #[schemars(length(min = 1), extend("x-advanced" = true, "examples" = ["orders"]))]
    pub(crate) name: Option<String>,
}

/// The result of a join.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutputOptions {
    /// Folder of the result; relative paths start at the folder of this file. Default: beside the left side.
    #[schemars(extend("x-form" = "folder", "examples" = ["./silver_output/joined/orders_customers"]))]
    pub(crate) path: Option<String>,
    /// Which rows without a partner are kept. Default: `inner`.
    #[schemars(extend("default" = "inner"))]
    pub(crate) join_type: Option<JoinTypeOption>,
    /// Columns that both sides share under one name; `auto` takes the keys that both sides declare.
    /// Default: `auto`. Example: `[customer_id]`.
    #[schemars(extend("default" = "auto", "x-column" = "silver", "examples" = [["customer_id"], "auto"]))]
    pub(crate) join_keys: Option<KeysOption>,
    /// Columns of the left side, each with its partner on the right, in the place of `join_keys`.
    /// Example: `{customer_id: id}`.
    #[schemars(extend("examples" = [{ "customer_id": "id" }]))]
    pub(crate) join_key_pairs: Option<IndexMap<String, String>>,
    /// Whether null equals null in keys, which SQL denies. Default: `false`.
    #[schemars(extend("default" = false, "x-advanced" = true))]
    pub(crate) null_keys_match: Option<bool>,
    /// Columns of the result: a list, or new names of them; `left.` and `right.` choose a side. Default: all.
    #[schemars(extend("examples" = [["order_id", "right.name"], { "right.name": "customer_name" }]))]
    pub(crate) select_columns: Option<SelectOption>,
    /// Model by which the result is kept. Default: `periodic_snapshot`, the only one that this version makes.
    #[schemars(extend("default" = "periodic_snapshot", "x-advanced" = true))]
    pub(crate) model: Option<ModelOption>,
    /// The model by its purpose, instead of `model`.
    #[schemars(extend("x-advanced" = true))]
    pub(crate) model_profile: Option<ProfileOption>,
    /// Columns that name a row of the result. Default: those of the left side.
    #[schemars(extend("x-column" = "silver", "x-advanced" = true, "examples" = [["order_id"]]))]
    pub(crate) primary_keys: Option<Columns>,
    /// Column that orders the rows of a key. Default: that of the left side.
    #[schemars(length(min = 1), extend("x-column" = "silver", "x-advanced" = true, "examples" = ["updated_at"]))]
    pub(crate) order_column: Option<String>,
    /// Files that are written. Default: `[parquet]`.
    #[schemars(length(min = 1), extend("default" = ["parquet"], "uniqueItems" = true))]
    pub(crate) formats: Option<Vec<JoinFormat>>,
    /// Parquet codec. Default: `snappy`.
    #[schemars(extend("default" = "snappy", "x-advanced" = true))]
    pub(crate) parquet_compression: Option<CompressionOption>,
    /// Columns whose values make folders. Default: none.
    #[schemars(extend("x-column" = "silver", "x-advanced" = true, "examples" = [["region"]]))]
    pub(crate) partition_columns: Option<Columns>,
    /// What must hold of the result before it becomes visible.
    pub(crate) quality_guards: Option<GuardOptions>,
    /// Folder for what does not fit into memory. Default: that of the system.
    #[schemars(extend("x-form" = "folder", "x-advanced" = true, "examples" = ["/var/tmp"]))]
    pub(crate) spill_dir: Option<String>,
}

/// Which rows without a partner are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum JoinTypeOption {
    /// None.
    Inner,
    /// Those of the left side.
    Left,
    /// Those of the right side.
    Right,
    /// Those of both sides.
    Full,
    /// Those of both sides, another name for `full`.
    Outer,
    /// Rows of the left side that have a partner, once each.
    Semi,
    /// Rows of the left side that have none.
    Anti,
}

/// File formats of a join's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum JoinFormat {
    /// Apache Parquet.
    Parquet,
    /// RFC 4180 CSV.
    Csv,
}

/// Key columns, or `auto`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeysOption {
    /// The keys that both sides declare.
    Auto,
    /// These.
    Columns(Vec<String>),
}

impl<'de> Deserialize<'de> for KeysOption {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let columns = Columns::deserialize(deserializer)?.0;
        Ok(if columns == ["auto"] { Self::Auto } else { Self::Columns(columns) })
    }
}

impl JsonSchema for KeysOption {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "KeysOption".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Columns::json_schema(generator)
    }
}

/// Columns of a result: these, or these under new names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SelectOption {
    /// These.
    Columns(Vec<String>),
    /// These, with the name that each gets.
    Renamed(IndexMap<String, String>),
}

impl<'de> Deserialize<'de> for SelectOption {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Json::deserialize(deserializer)?;
        let read = if value.is_object() {
            serde_json::from_value(value).map(Self::Renamed)
        } else {
            serde_json::from_value(value).map(|columns: Columns| Self::Columns(columns.0))
        };
        read.map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for SelectOption {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SelectOption".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [
                { "type": "array", "items": { "type": "string", "minLength": 1 }, "minItems": 1 },
                { "type": "object", "additionalProperties": { "type": "string", "minLength": 1 } },
            ]
        })
    }
}

/// What must hold of a join's result.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GuardOptions {
    /// Bounds of the number of rows.
    pub(crate) row_count: Option<RowCountGuard>,
    /// Largest share of nulls by column. Default: any.
    pub(crate) null_ratio: Option<Vec<NullRatioGuard>>,
    /// Columns that together must be unique. Default: none.
    pub(crate) unique_keys: Option<Vec<UniqueGuard>>,
    /// Smallest share of the left rows that find a partner, from 0 to 1. Example: `0.95`.
    #[schemars(range(min = 0.0, max = 1.0), extend("examples" = [0.95]))]
    pub(crate) match_ratio: Option<f64>,
}

/// Bounds of the number of rows.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RowCountGuard {
    /// At least so many. Default: no bound. Example: `1`.
    #[schemars(extend("examples" = [1]))]
    pub(crate) min: Option<u64>,
    /// At most so many. Default: no bound. Example: `1000000`.
    #[schemars(extend("examples" = [1_000_000]))]
    pub(crate) max: Option<u64>,
}

/// Largest share of nulls of a column.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NullRatioGuard {
    /// The column.
    #[schemars(required, length(min = 1), extend("x-column" = "silver", "examples" = ["customer_name"]))]
    pub(crate) column: Option<String>,
    /// The share, from 0 to 1. Example: `0.05`.
    #[schemars(required, range(min = 0.0, max = 1.0), extend("examples" = [0.05]))]
    pub(crate) max_ratio: Option<f64>,
}

/// Columns that together must be unique.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UniqueGuard {
    /// The columns.
    #[schemars(required, extend("x-column" = "silver", "examples" = [["order_id"]]))]
    pub(crate) columns: Option<Columns>,
}
