//! Wire types of quarantine: rows that were set aside, in groups and one by one.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Count, ErrorBody, Layer, Target};

/// Which rows that were set aside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QuarantineRequest {
    /// A config file or a workspace folder.
    #[serde(default)]
    pub target: Target,
    /// Names of datasets; empty means all.
    #[serde(default)]
    pub sources: Vec<String>,
    /// One layer only.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub layer: Option<Layer>,
    /// Of this date and later ones.
    #[serde(default)]
    #[ts(type = "string | null", optional)]
    pub from: Option<NaiveDate>,
    /// Of this date and earlier ones.
    #[serde(default)]
    #[ts(type = "string | null", optional)]
    pub to: Option<NaiveDate>,
    /// With this reason only.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub reason: Option<String>,
    /// With this column at fault only.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub column: Option<String>,
    /// A name for the job, chosen by the caller, with which `cancel` finds it.
    #[serde(default)]
    pub job: String,
}

/// What was set aside, grouped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct QuarantineReport {
    /// The groups, by dataset and layer, those with the most rows first.
    pub groups: Vec<QuarantineGroup>,
    /// Rows in quarantine of what stands.
    pub rows: Count,
    /// Rows that loads left that were refused; not among `rows`.
    pub refused: Count,
    /// Rows for which there were too many groups of one dataset and layer; among `rows` or `refused`.
    pub ungrouped: Count,
    /// What could not be read.
    pub errors: Vec<ErrorBody>,
    /// Exit code of DESIGN §4.
    pub exit: u8,
}

/// Rows with one reason, of one column and one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QuarantineGroup {
    /// Name of the dataset.
    pub dataset: String,
    /// The config file that describes it, as the user would name it.
    pub config: String,
    /// Where they were set aside.
    pub layer: Layer,
    /// Whether a load left them that was refused.
    pub refused: bool,
    /// Reason code; of Bronze, why the record could not be read.
    pub reason: String,
    /// Silver's name of the column at fault; empty of Bronze.
    pub column: String,
    /// The Bronze file they stand in, below its partition; empty of Bronze.
    pub file: String,
    /// How many.
    pub rows: Count,
    /// The same by partition, oldest first; never empty.
    pub days: Vec<QuarantineDay>,
    /// The first different values, each cut to 120 characters; null is NULL.
    pub samples: Vec<Option<String>>,
}

/// Rows of one partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QuarantineDay {
    /// Date of the partition.
    #[ts(type = "string")]
    pub date: NaiveDate,
    /// The partition, as `list_partitions` has it.
    pub id: String,
    /// How many.
    pub rows: Count,
}

/// A window of the rows that were set aside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QuarantineRowsRequest {
    /// Which rows.
    pub of: QuarantineRequest,
    /// Rows before the first.
    pub offset: Count,
    /// Rows at most; the engine caps it at 1,000.
    pub limit: u32,
}

/// Rows that were set aside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct QuarantineRows {
    /// By dataset and layer, oldest partition first, then as they were written.
    pub rows: Vec<QuarantineRow>,
    /// Rows in all.
    pub total: Count,
    /// What could not be read.
    pub errors: Vec<ErrorBody>,
    /// Exit code of DESIGN §4.
    pub exit: u8,
}

/// A row that was set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QuarantineRow {
    /// Name of the dataset.
    pub dataset: String,
    /// Where it was set aside.
    pub layer: Layer,
    /// Whether a load left it that was refused.
    pub refused: bool,
    /// Date of the partition that lists it.
    #[ts(type = "string")]
    pub date: NaiveDate,
    /// Reason code; of Bronze, why the record could not be read.
    pub reason: String,
    /// Silver's name of the column at fault; empty of Bronze.
    pub column: String,
    /// The raw value; of Bronze the raw record. `None` is NULL.
    pub value: Option<String>,
    /// The whole record as JSON, its values as text; `None` of Bronze.
    pub record: Option<String>,
    /// Its Bronze partition, below the dataset's folder.
    pub bronze_partition: String,
    /// Its Bronze file, below the partition; empty where the record never came into one.
    pub bronze_file: String,
    /// Its number, from 1: in the Bronze file, or in the source where there is no such file.
    pub number: Count,
    /// Content digest of the Bronze commit; empty of Bronze.
    pub bronze_commit: String,
}
