//! `silver.expect`: what the rows must meet before they become visible.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::options::{Columns, ScalarText};

/// One expectation.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpectOptions {
    /// What is looked at.
    #[schemars(required)]
    pub(crate) check: Option<CheckOption>,
    /// Name in reports. Default: the check and its columns.
    #[schemars(extend("x-form" = "title", "x-advanced" = true, "examples" = ["orders have customers"]))]
    pub(crate) name: Option<String>,
    /// What happens if it is not met. Default: `fail`.
    #[schemars(extend("default" = "fail"))]
    pub(crate) on_fail: Option<OnFailOption>,
    /// Column or columns it is about. Names after renaming. `unique` takes several as one key. Example: `[id]`.
    #[schemars(extend("x-column" = "silver", "x-when" = { "key": "check", "in": ["not_null", "unique", "in_set", "range", "regex", "freshness", "reference"] }, "examples" = [["id"]]))]
    pub(crate) columns: Option<Columns>,
    /// `in_set`: the values allowed. Example: `[open, closed]`.
    #[schemars(length(min = 1), extend("x-when" = { "key": "check", "in": ["in_set"] }, "examples" = [["open", "closed"]]))]
    pub(crate) values: Option<Vec<ScalarText>>,
    /// `range` and `row_count`: the least value allowed. Example: `0`.
    #[schemars(extend("x-when" = { "key": "check", "in": ["range", "row_count"] }, "examples" = [0]))]
    pub(crate) min: Option<f64>,
    /// `range` and `row_count`: the greatest value allowed. Example: `100`.
    #[schemars(extend("x-when" = { "key": "check", "in": ["range", "row_count"] }, "examples" = [100]))]
    pub(crate) max: Option<f64>,
    /// `regex`: the pattern that a whole text must fit. Example: `[A-Z]{2}[0-9]+`.
    #[schemars(length(min = 1), extend("x-when" = { "key": "check", "in": ["regex"] }, "examples" = ["[A-Z]{2}[0-9]+"]))]
    pub(crate) pattern: Option<String>,
    /// `freshness`: hours that the newest value may be older than the end of the load's date. Example: `24`.
    #[schemars(extend("exclusiveMinimum" = 0, "x-when" = { "key": "check", "in": ["freshness"] }, "examples" = [24]))]
    pub(crate) max_age_hours: Option<f64>,
    /// `row_count`: change against the load before, in percent, at most. Example: `20`.
    #[schemars(range(min = 0.0), extend("x-when" = { "key": "check", "in": ["row_count"] }, "examples" = [20]))]
    pub(crate) max_change_percent: Option<f64>,
    /// `reference`: name of the dataset in which each value must be found. Example: `customers`.
    #[schemars(length(min = 1), extend("x-when" = { "key": "check", "in": ["reference"] }, "examples" = ["customers"]))]
    pub(crate) dataset: Option<String>,
    /// `reference`: its columns, in the order of `columns`. Default: of the same names.
    #[schemars(extend("x-when" = { "key": "check", "in": ["reference"] }, "examples" = [["customer_id"]]))]
    pub(crate) dataset_columns: Option<Columns>,
}

/// What an expectation looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum CheckOption {
    /// No value is null.
    NotNull,
    /// No value, or combination of values, stands twice.
    Unique,
    /// Every value is one of `values`.
    InSet,
    /// Every value is between `min` and `max`.
    Range,
    /// Every text fits `pattern`.
    Regex,
    /// The newest value is not older than `max_age_hours`.
    Freshness,
    /// The number of rows, or its change, is within bounds.
    RowCount,
    /// Every value is found in another Silver dataset.
    Reference,
}

impl CheckOption {
    /// As written.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::NotNull => "not_null",
            Self::Unique => "unique",
            Self::InSet => "in_set",
            Self::Range => "range",
            Self::Regex => "regex",
            Self::Freshness => "freshness",
            Self::RowCount => "row_count",
            Self::Reference => "reference",
        }
    }
}

/// What happens if an expectation is not met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum OnFailOption {
    /// It is said; the load goes on.
    Warn,
    /// The load fails, and Silver stays as it was.
    Fail,
    /// The rows at fault are set aside; the load goes on.
    Quarantine,
}
