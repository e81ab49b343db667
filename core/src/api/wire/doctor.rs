//! Wire types of the doctor: checks of a configuration and of the world it needs.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Code, Diagnostic, Span, Target};

/// What to check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DoctorRequest {
    /// A config file or a workspace folder.
    #[serde(default)]
    pub target: Target,
    /// More of them, checked in the same go.
    #[serde(default)]
    #[ts(as = "Option<Vec<Target>>", optional)]
    pub also: Vec<Target>,
    /// Only what needs neither network nor storage.
    #[serde(default)]
    pub offline: bool,
    /// Seconds that one check may take. `None`: 10.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub timeout_seconds: Option<u32>,
    /// A name for the job, chosen by the caller, with which `cancel` finds it.
    #[serde(default)]
    pub job: String,
}

/// What the doctor says while it works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum DoctorEvent {
    /// These checks will be made.
    Started {
        /// How many.
        checks: u32,
    },
    /// One was made.
    Checked {
        /// Its result.
        check: Box<Check>,
    },
    /// All were made.
    Finished {
        /// All results, grouped and ordered.
        report: DoctorReport,
    },
}

/// All results.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct DoctorReport {
    /// In the order in which they should be mended.
    pub checks: Vec<Check>,
    /// How many failed.
    pub failed: u32,
    /// How many deserve a look.
    pub warned: u32,
    /// How many could not be made, because something they need failed or was not asked for.
    pub skipped: u32,
    /// Wall-clock time.
    pub seconds: f64,
    /// Exit code of DESIGN §4.
    pub exit: u8,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Check {
    /// What it belongs to: "configuration", "environment", "source", "storage", "machine".
    pub group: CheckGroup,
    /// What was checked: "read ./data/orders.csv".
    pub title: String,
    /// How it ended.
    pub outcome: CheckOutcome,
    /// What was seen: the reason of a failure, or a number that reassures.
    pub detail: String,
    /// What to do; only for what failed or warned.
    pub hint: Option<String>,
    /// Its code, if something is wrong.
    pub code: Option<Code>,
    /// Names of the datasets that need it.
    pub datasets: Vec<String>,
    /// Config file, as the user would name it; empty if none is concerned.
    pub file: String,
    /// Where in the file.
    pub span: Option<Span>,
    /// The finding behind it, with its fix.
    pub finding: Option<Diagnostic>,
    /// Wall-clock time.
    pub seconds: f64,
}

/// What a check belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CheckGroup {
    /// The text of the config files.
    Configuration,
    /// Variables and secrets.
    Environment,
    /// Where records come from.
    Source,
    /// Where they go.
    Storage,
    /// This machine: clock, disk.
    Machine,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// Something keeps the datasets from running.
    Failed,
    /// It runs, but deserves a look.
    Warned,
    /// Fine.
    Passed,
    /// Not made.
    Skipped,
}
