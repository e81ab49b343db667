//! Wire types of joins: what is joined, what that means, what came of it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Count, LayerState, Note, Outcome, Phase, Target};

/// Which join, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JoinRequest {
    /// The config whose `silver_join` is meant, or a folder that has one such config.
    #[serde(default)]
    pub target: Target,
    /// Two folders, in the place of a config.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub folders: Option<JoinFolders>,
    /// Of both sides the newest load on or before this date, if they do not say otherwise.
    #[serde(default)]
    #[ts(type = "string | null", optional)]
    pub as_of: Option<NaiveDate>,
    /// Folder of the result. `None`: as the config says, otherwise beside the left side.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub output: Option<String>,
    /// Make it although what stands is what it would be.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub rebuild: bool,
    /// Bytes of the right side in memory, about; the rest goes to disk. `None`: 1 GiB.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub memory: Option<Count>,
    /// Rows of a preview, at most 1,000.
    #[serde(default)]
    #[ts(as = "Option<u32>", optional)]
    pub limit: u32,
    /// A name for the job, chosen by the caller, with which `cancel` finds it.
    #[serde(default)]
    #[ts(as = "Option<String>", optional)]
    pub job: String,
}

/// Two folders that are joined without a config.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JoinFolders {
    /// Left side: `…/v1`, a table of it, or one load of that.
    pub left: String,
    /// Right side.
    pub right: String,
    /// Table of the left side. `None`: the only one, otherwise `current`.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub left_table: Option<String>,
    /// Table of the right side.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub right_table: Option<String>,
    /// Pairs of columns; none: the keys that both sides declare.
    #[serde(default)]
    pub keys: Vec<JoinKey>,
    /// Which rows without a partner are kept.
    pub strategy: JoinStrategy,
}

/// A column of each side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JoinKey {
    /// Of the left side.
    pub left: String,
    /// Of the right side.
    pub right: String,
}

/// Which rows without a partner are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum JoinStrategy {
    /// None.
    #[default]
    Inner,
    /// Those of the left side.
    Left,
    /// Those of the right side.
    Right,
    /// Those of both sides.
    Full,
    /// Rows of the left side that have a partner, once each.
    Semi,
    /// Rows of the left side that have none.
    Anti,
}

/// A side as it would be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JoinSide {
    /// Its name.
    pub name: String,
    /// Its folder, as the user would name it.
    pub path: String,
    /// The load: `load_date=2025-01-01`.
    pub load: String,
    /// The table of it.
    pub table: String,
    /// Version of the load.
    pub version: Count,
    /// Rows.
    pub rows: Count,
}

/// A column of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JoinColumn {
    /// Its name.
    pub name: String,
    /// Its type, as a person would write it.
    pub data_type: String,
    /// `left`, `right`, or `both` for a key that has the value of whichever side has a row.
    pub side: String,
    /// Its name there.
    pub original: String,
}

/// What a join would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JoinPlan {
    /// Both names.
    pub name: String,
    /// Its config file, as the user would name it; empty for folders.
    pub file: String,
    /// Which rows without a partner are kept.
    pub strategy: JoinStrategy,
    /// Left side.
    pub left: JoinSide,
    /// Right side.
    pub right: JoinSide,
    /// How they are matched.
    pub keys: Vec<JoinKey>,
    /// Columns of the result.
    pub columns: Vec<JoinColumn>,
    /// Folder of the result, as the user would name it.
    pub output: String,
    /// Nobody named that folder.
    pub output_is_default: bool,
    /// Date of the result.
    #[ts(type = "string")]
    pub load_date: NaiveDate,
    /// The result stands already, so nothing would be written.
    pub up_to_date: bool,
}

/// What was found of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct JoinFigures {
    /// Rows of the left side.
    pub left_rows: Count,
    /// Of these, with a partner.
    pub left_matched: Count,
    /// Of these, without a key: a null in it, or a value that the other side's type does not have.
    pub left_without_key: Count,
    /// Rows of the right side.
    pub right_rows: Count,
    /// Of these, with a partner.
    pub right_matched: Count,
    /// Of these, without a key.
    pub right_without_key: Count,
    /// Pairs of rows with one key.
    pub pairs: Count,
    /// Partners of the left row that has most: its fan-out.
    pub most_partners: Count,
    /// Share of left rows with a partner, from 0 to 1.
    pub match_ratio: f64,
    /// Rows of the result.
    pub rows: Count,
    /// Parts that went to disk on the way; 0 if all fitted into memory.
    pub buckets: Count,
}

/// What came of a guard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JoinGuard {
    /// What it asks for.
    pub guard: String,
    /// What was found.
    pub found: String,
    /// Whether it holds.
    pub holds: bool,
}

/// What comes with the first rows of a join.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct JoinPreview {
    /// What a run would do.
    pub plan: JoinPlan,
    /// Of all rows, not of the first ones.
    pub figures: JoinFigures,
    /// Of all rows.
    pub guards: Vec<JoinGuard>,
}

/// What a join says while it works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum JoinEvent {
    /// How far it is. Sent at most ten times a second.
    Progress {
        /// What it is doing.
        phase: Phase,
        /// Rows of the result so far.
        rows: Count,
    },
    /// It is done.
    Finished {
        /// The numbers.
        report: Box<JoinReport>,
    },
}

/// What came of a join.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct JoinReport {
    /// What was done.
    pub plan: JoinPlan,
    /// Whether anything was written.
    pub outcome: Outcome,
    /// Version that stands.
    pub version: Count,
    /// Rows that stand.
    pub rows: Count,
    /// Files that stand.
    pub parts: Count,
    /// Their bytes.
    pub bytes: Count,
    /// What was found; `None` if nothing had to be read.
    pub figures: Option<JoinFigures>,
    /// What came of the guards.
    pub guards: Vec<JoinGuard>,
    /// How long it took.
    pub seconds: f64,
}

/// A join that a config describes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JoinSummary {
    /// Both names.
    pub name: String,
    /// Its config file, as the user would name it.
    pub file: String,
    /// Which rows without a partner are kept.
    pub strategy: JoinStrategy,
    /// Left side: a dataset, or a folder.
    pub left: String,
    /// Right side.
    pub right: String,
    /// Folder of the result, as the user would name it; empty if it cannot be told.
    pub output: String,
    /// What stands; stale if a side or the config is not what it was made of.
    pub state: Option<LayerState>,
    /// What a person should know.
    pub attention: Vec<Note>,
}
