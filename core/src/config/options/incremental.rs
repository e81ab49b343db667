//! `incremental`: extracting only what is new since the last commit.
//!
//! The two kinds of source share their words; where they differ is how a cursor is asked for.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Columns, ScalarText};

/// Asks an API only for what is new. The cursor is part of the commit of the data: a run that fails
/// moves nothing.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiIncremental {
    /// Whether it is in force. Default: `true`.
    #[schemars(extend("default" = true))]
    pub(crate) enabled: Option<bool>,
    /// Field of a record whose greatest value is the next cursor. Dotted paths reach into objects.
    /// Example: `updated_at`.
    #[schemars(required, length(min = 1), extend("x-column" = "source", "examples" = ["updated_at"]))]
    pub(crate) cursor_field: Option<String>,
    /// Parameter that carries the cursor in a request. Example: `updated_since`.
    #[schemars(length(min = 1), extend("examples" = ["updated_since"]))]
    pub(crate) cursor_param: Option<String>,
    /// Parameter that carries the upper bound in a request, the time at which the run began or
    /// `end_value`. Default: no upper bound is sent.
    #[schemars(length(min = 1), extend("x-advanced" = true, "examples" = ["updated_before"]))]
    pub(crate) end_param: Option<String>,
    /// Type by which cursors are compared, one of those of `run.schema`. Default: as inferred.
    /// Example: `timestamptz`.
    #[schemars(extend("x-form" = "declared_type", "examples" = ["timestamptz", "integer", "date"]))]
    pub(crate) cursor_type: Option<String>,
    /// Cursor of the first run. Default: none; everything is asked for. Example: `2024-01-01T00:00:00Z`.
    #[schemars(extend("examples" = ["2024-01-01T00:00:00Z"]))]
    pub(crate) initial_value: Option<ScalarText>,
    /// Nothing at or after this is asked for, for backfills. Default: no end.
    #[schemars(extend("x-advanced" = true, "examples" = ["2025-01-01T00:00:00Z"]))]
    pub(crate) end_value: Option<ScalarText>,
    /// How far before the cursor a run starts, for records that appear late: seconds for times, days for
    /// dates, units for numbers. Default: 0. Example: `3600`.
    #[schemars(range(min = 0.0), extend("default" = 0, "x-advanced" = true, "examples" = [3600]))]
    pub(crate) lag: Option<f64>,
    /// Whether the record at the cursor itself comes again. Default: `closed`.
    #[schemars(extend("default" = "closed", "x-advanced" = true))]
    pub(crate) bound: Option<BoundOption>,
    /// What is done with a record without a cursor value. Default: `include`.
    #[schemars(extend("default" = "include", "x-advanced" = true))]
    pub(crate) null_cursor: Option<NullCursorOption>,
    /// Columns that tell records at a closed bound apart, so that one that was landed before is not
    /// landed twice. Default: `silver.primary_keys`, else the whole record.
    #[schemars(extend("x-column" = "source", "x-advanced" = true, "examples" = [["id"]]))]
    pub(crate) boundary_keys: Option<Columns>,
}

/// Asks a database only for what is new. The query is wrapped and the cursor bound as a typed
/// parameter; the cursor is part of the commit of the data, so a run that fails moves nothing.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DbIncremental {
    /// Whether it is in force. Default: `true`.
    #[schemars(extend("default" = true))]
    pub(crate) enabled: Option<bool>,
    /// Column of the result whose greatest value is the next cursor. Example: `updated_at`.
    #[schemars(required, length(min = 1), extend("x-column" = "source", "examples" = ["updated_at", "id"]))]
    pub(crate) cursor_column: Option<String>,
    /// Type by which cursors are compared, one of those of `run.schema`. Default: that of the column.
    /// Example: `timestamptz`.
    #[schemars(extend("x-form" = "declared_type", "x-advanced" = true, "examples" = ["timestamptz", "integer", "date"]))]
    pub(crate) cursor_type: Option<String>,
    /// Cursor of the first run. Default: none; everything is asked for. A query with `?` needs it.
    /// Example: `2024-01-01`.
    #[schemars(extend("examples" = ["2024-01-01", 0]))]
    pub(crate) initial_value: Option<ScalarText>,
    /// Nothing at or after this is asked for, for backfills. Default: no end.
    #[schemars(extend("x-advanced" = true, "examples" = ["2025-01-01"]))]
    pub(crate) end_value: Option<ScalarText>,
    /// How far before the cursor a run starts, for rows that appear late: seconds for times, days for
    /// dates, units for numbers. Default: 0. Example: `3600`.
    #[schemars(range(min = 0.0), extend("default" = 0, "x-advanced" = true, "examples" = [3600]))]
    pub(crate) lag: Option<f64>,
    /// Whether the row at the cursor itself comes again. Default: `closed`.
    #[schemars(extend("default" = "closed", "x-advanced" = true))]
    pub(crate) bound: Option<BoundOption>,
    /// What is done with a row without a cursor value. Default: `include`.
    #[schemars(extend("default" = "include", "x-advanced" = true))]
    pub(crate) null_cursor: Option<NullCursorOption>,
    /// Columns that tell rows at a closed bound apart, so that one that was landed before is not landed
    /// twice. Default: `silver.primary_keys`, else the whole row.
    #[schemars(extend("x-column" = "source", "x-advanced" = true, "examples" = [["id"]]))]
    pub(crate) boundary_keys: Option<Columns>,
}

/// Whether what stands at the cursor comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum BoundOption {
    /// Yes: nothing is missed that shares the value of the cursor; what was landed before is left out.
    Closed,
    /// No: for cursors of which each value occurs once.
    Open,
}

/// What is done with a record without a cursor value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum NullCursorOption {
    /// It is landed.
    Include,
    /// It is left out, and counted.
    Exclude,
    /// The extract fails.
    Fail,
}
