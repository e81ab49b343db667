//! The Silver models, by name and by purpose.

use schemars::JsonSchema;
use serde::Deserialize;

/// Silver models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) enum ModelOption {
    /// The last state of each key.
    #[serde(rename = "scd_type_1")]
    ScdType1,
    /// The last state and the history of each key.
    #[serde(rename = "scd_type_2")]
    ScdType2,
    /// The changes, one row each.
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
