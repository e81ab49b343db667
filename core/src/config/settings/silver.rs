//! How a dataset is promoted.

use chrono::NaiveDate;
use indexmap::IndexMap;
use serde::Serialize;

use super::{Compression, Formats, Owner, StorageSettings};

/// `silver`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SilverSettings {
    /// Where it is stored.
    #[serde(skip)]
    pub(crate) storage: StorageSettings,
    /// Path prefix below the root, without slashes at its ends; may be empty.
    pub(crate) prefix: String,
    /// By default the source's system.
    pub(crate) domain: String,
    /// By default the source's table.
    pub(crate) entity: String,
    /// At least 1.
    pub(crate) version: u32,
    /// What is made of the input.
    pub(crate) model: SilverModel,
    /// What the dataset is about, if the config says so.
    pub(crate) entity_kind: Option<EntityKind>,
    /// What one partition of events means.
    pub(crate) input_mode: InputMode,
    /// What a deleted key leaves. `None`: it goes from the current rows, and its history ends.
    pub(crate) delete_mode: Option<DeleteMode>,
    /// What happens to columns that nobody named.
    pub(crate) schema_mode: SchemaMode,
    /// The columns that matter besides keys and times; empty: all. Names after renaming.
    pub(crate) attributes: Vec<String>,
    /// Time of an event. Name after renaming.
    pub(crate) event_ts_column: Option<String>,
    /// Time of a change. Name after renaming.
    pub(crate) change_ts_column: Option<String>,
    /// With what a source bounds its versions.
    pub(crate) validity: Validity,
    /// Name of the load partition, `load_date` by default.
    pub(crate) load_partition_name: String,
    /// Whether paths have `pattern=<p>`.
    pub(crate) include_pattern_folder: bool,
    /// Name of the dataset of `periodic_snapshot` and `full_merge_dedupe`.
    pub(crate) full_output_name: String,
    /// Name of the dataset of `incremental_merge`.
    pub(crate) cdc_output_name: String,
    /// Name of the current rows of the SCD models.
    pub(crate) current_output_name: String,
    /// Name of the history of `scd_type_2`.
    pub(crate) history_output_name: String,
    /// Name of the dataset of events.
    pub(crate) events_output_name: String,
    /// What is written.
    pub(crate) formats: Formats,
    /// Parquet codec.
    pub(crate) compression: Compression,
    /// Level of the codec, in its range. `None`: its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) compression_level: Option<u32>,
    /// `partitioning.columns`, below the load partition. Names after renaming.
    pub(crate) partition_columns: Vec<String>,
    /// Names after renaming.
    pub(crate) primary_keys: Vec<String>,
    /// Names after renaming; empty: order of arrival.
    pub(crate) order_columns: Vec<String>,
    /// Bronze name → Silver name.
    pub(crate) rename_map: IndexMap<String, String>,
    /// These first, the others after them. Names after renaming.
    pub(crate) column_order: Vec<String>,
    /// Cut white space at both ends of text.
    pub(crate) trim_strings: bool,
    /// After trimming, "" becomes null.
    pub(crate) empty_strings_as_null: bool,
    /// Quarantine and its limits.
    pub(crate) error_handling: ErrorHandling,
    /// How `cdc` partitions say what a row does.
    pub(crate) cdc: Option<CdcSettings>,
    /// A flag column that marks deleted rows. Name after renaming.
    pub(crate) soft_delete_column: Option<String>,
    /// Columns whose change alone opens no new version. Names after renaming.
    pub(crate) ignore_changes: Vec<String>,
    /// Percent of known keys that one full may delete; `None` switches the guard off.
    pub(crate) delete_guard_percent: Option<f64>,
    /// Decisions about single partitions.
    pub(crate) rulings: IndexMap<NaiveDate, Ruling>,
    /// Hash every part of the input before it is read.
    pub(crate) require_checksum: bool,
    /// What the rows must meet.
    pub(crate) expect: Vec<Expectation>,
    /// Load dates that are kept, at least 1. `None`: the rule of the model.
    #[serde(skip)]
    pub(crate) retention_loads: Option<u32>,
    /// Whether Delta Lake tables are kept beside the files.
    #[serde(skip)]
    pub(crate) delta: bool,
    /// Who answers for the meaning.
    #[serde(skip)]
    pub(crate) owner: Owner,
}

impl SilverSettings {
    /// Names of the datasets that a load makes.
    pub(crate) fn output_names(&self) -> Vec<&str> {
        match self.model {
            SilverModel::PeriodicSnapshot | SilverModel::FullMergeDedupe => vec![&self.full_output_name],
            SilverModel::IncrementalMerge => vec![&self.cdc_output_name],
            SilverModel::ScdType1 => vec![&self.current_output_name],
            SilverModel::ScdType2 => vec![&self.current_output_name, &self.history_output_name],
            SilverModel::Event | SilverModel::DerivedEvent => vec![&self.events_output_name],
        }
    }
}

/// What is made of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SilverModel {
    /// The partition as it is.
    PeriodicSnapshot,
    /// The partition, one row per key.
    FullMergeDedupe,
    /// The changes.
    IncrementalMerge,
    /// The last state of each key.
    #[serde(rename = "scd_type_1")]
    ScdType1,
    /// The last state and the history of each key.
    #[serde(rename = "scd_type_2")]
    ScdType2,
    /// Things that happened.
    Event,
    /// What changed, found by comparing.
    DerivedEvent,
}

impl SilverModel {
    /// As written in configs and metadata.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::PeriodicSnapshot => "periodic_snapshot",
            Self::FullMergeDedupe => "full_merge_dedupe",
            Self::IncrementalMerge => "incremental_merge",
            Self::ScdType1 => "scd_type_1",
            Self::ScdType2 => "scd_type_2",
            Self::Event => "event",
            Self::DerivedEvent => "derived_event",
        }
    }
}

/// What a dataset is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EntityKind {
    /// Things that happened.
    Event,
    /// Things that are.
    State,
    /// How keys are, put together from events.
    DerivedState,
    /// What changed, found by comparing states.
    DerivedEvent,
}

/// What one partition of events means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InputMode {
    /// New events; each one stays.
    AppendLog,
    /// The day as it is known now.
    ReplaceDaily,
}

/// What a deleted key leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeleteMode {
    /// Deletes are left out of account.
    Ignore,
    /// A current row that says so.
    TombstoneState,
    /// An event of its own.
    TombstoneEvent,
}

/// What happens to columns that nobody named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SchemaMode {
    /// The load fails and names them.
    Strict,
    /// They are taken along.
    AllowNewColumns,
}

/// Columns with which a source bounds its versions. Names after renaming.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Validity {
    /// Start of a version.
    pub(crate) from: String,
    /// Its end.
    pub(crate) to: String,
    /// Whether it is the current one.
    pub(crate) current: String,
}

/// What the rows must meet.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Expectation {
    /// For reports.
    pub(crate) name: String,
    /// What is looked at.
    pub(crate) check: Check,
    /// What happens if it is not met.
    pub(crate) on_fail: OnFail,
}

/// What an expectation looks at. Columns have their names after renaming; there is at least one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "check", rename_all = "snake_case")]
pub(crate) enum Check {
    /// No value is null.
    NotNull {
        /// Each of them.
        columns: Vec<String>,
    },
    /// No combination of values stands twice.
    Unique {
        /// Together.
        columns: Vec<String>,
    },
    /// Every value is one of these.
    InSet {
        /// Each of them.
        columns: Vec<String>,
        /// As text.
        values: Vec<String>,
    },
    /// Every value is between these.
    Range {
        /// Each of them.
        columns: Vec<String>,
        /// Inclusive.
        min: Option<f64>,
        /// Inclusive.
        max: Option<f64>,
    },
    /// Every text fits the pattern as a whole.
    Regex {
        /// Each of them.
        columns: Vec<String>,
        /// The pattern.
        pattern: String,
    },
    /// The newest value is not too old.
    Freshness {
        /// Each of them.
        columns: Vec<String>,
        /// Before the end of the load's date.
        max_age_hours: f64,
    },
    /// The number of rows is within bounds.
    RowCount {
        /// Inclusive.
        min: Option<f64>,
        /// Inclusive.
        max: Option<f64>,
        /// Against the load before.
        max_change_percent: Option<f64>,
    },
    /// Every value is found in another dataset.
    Reference {
        /// Together.
        columns: Vec<String>,
        /// Its name.
        dataset: String,
        /// Its columns, as many.
        dataset_columns: Vec<String>,
    },
}

/// What happens if an expectation is not met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnFail {
    /// It is said.
    Warn,
    /// The load fails.
    Fail,
    /// The rows at fault are set aside.
    Quarantine,
}

/// `silver.error_handling`. Off means that no bad row is tolerated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct ErrorHandling {
    /// Whether bad rows may be set aside at all.
    pub(crate) enabled: bool,
    /// A partition with more is bad. `None`: no limit.
    pub(crate) max_bad_records: Option<u64>,
    /// A partition with a larger share is bad. `None`: no limit.
    pub(crate) max_bad_percent: Option<f64>,
}

/// `silver.cdc`. Codes are compared without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct CdcSettings {
    /// Name after renaming.
    pub(crate) operation_column: String,
    /// Lower case.
    pub(crate) insert_codes: Vec<String>,
    /// Lower case.
    pub(crate) update_codes: Vec<String>,
    /// Lower case.
    pub(crate) delete_codes: Vec<String>,
}

/// What a person decided about a partition that breaks a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Ruling {
    /// It counts, whatever its verdict.
    Accept,
    /// It is left out of every load.
    Skip,
}
