//! What kind of thing a dataset is about, and how its past, its deletes and its columns are treated.

use schemars::JsonSchema;
use serde::Deserialize;

/// Kinds of entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum EntityKindOption {
    /// Things that happened: one row per event.
    Event,
    /// Things that are: rows say how a key is.
    State,
    /// How keys are, put together from events.
    DerivedState,
    /// What changed, found by comparing states: one row per change.
    DerivedEvent,
}

impl EntityKindOption {
    /// As written.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::State => "state",
            Self::DerivedState => "derived_state",
            Self::DerivedEvent => "derived_event",
        }
    }
    /// Whether its rows are events.
    pub(crate) const fn is_event(self) -> bool {
        matches!(self, Self::Event | Self::DerivedEvent)
    }
}

/// How much of the past of a state is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum HistoryModeOption {
    /// All of it: `scd_type_2`.
    Scd2,
    /// The last state: `scd_type_1`.
    Scd1,
    /// The last state, another name for `scd1`.
    LatestOnly,
}

/// What one partition of events means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum InputModeOption {
    /// New events: of one key and time the last row stays, unless an earlier partition has brought the same.
    AppendLog,
    /// The day as it is known now: the last row per key and day (of `event_ts_column`, in `run.timezone`) stays.
    ReplaceDaily,
}

/// What a deleted key leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum DeleteModeOption {
    /// Deletes are left out of account: nothing is ever removed.
    Ignore,
    /// A current row with `_is_deleted`.
    TombstoneState,
    /// An event of its own, with `_is_deleted`.
    TombstoneEvent,
}

/// What happens to columns that nobody named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum SchemaModeOption {
    /// The load fails and names them.
    Strict,
    /// They are taken along.
    AllowNewColumns,
}
