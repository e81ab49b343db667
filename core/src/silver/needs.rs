//! Which Bronze partitions a load needs to be built again: the tables of the rules, read backwards.

use crate::config::settings::{LoadPattern, SilverModel, SilverSettings};

/// What a load of a date is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// The partitions of its own date.
    Own,
    /// Those, and the partition before: the load is the difference.
    OwnAndPrevious,
    /// Every partition up to its date. Also those before the last full: their order values decide which
    /// of the rows behind it count.
    All,
}

impl Needs {
    /// What loads of a dataset with these settings need.
    pub(crate) fn of(settings: &SilverSettings, pattern: LoadPattern) -> Self {
        match (settings.model, pattern) {
            (SilverModel::PeriodicSnapshot, _)
            | (SilverModel::FullMergeDedupe, LoadPattern::Full | LoadPattern::CurrentHistory)
            | (SilverModel::ScdType1 | SilverModel::ScdType2, LoadPattern::CurrentHistory) => Self::Own,
            (SilverModel::IncrementalMerge, LoadPattern::Full) => Self::OwnAndPrevious,
            // The others fold all events of a key, or compare with all rows that came before.
            _ => Self::All,
        }
    }
}
