//! What a run says while it works: a closed list of events, plain data, no I/O.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::api::wire::{Count, ErrorBody, RunReport};

/// One of the two layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Raw landing.
    Bronze,
    /// Curated.
    Silver,
}

impl Layer {
    /// As shown and written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bronze => "bronze",
            Self::Silver => "silver",
        }
    }
}

/// What a step is doing right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Bronze: reading the source and writing parts.
    Extract,
    /// Bronze: reading the source again, with columns widened to text.
    Reread,
    /// Silver: judging the partitions of the input.
    Judge,
    /// Silver: deciding which rows count.
    Fold,
    /// Silver: writing parts.
    Write,
    /// Making the result visible.
    Commit,
}

/// Which piece of work an event is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct Step {
    /// Dataset name.
    pub dataset: String,
    /// Run date.
    #[ts(type = "string")]
    pub date: NaiveDate,
    /// Which layer.
    pub layer: Layer,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A new version was committed.
    Written,
    /// The result equals what stands; nothing was written.
    Unchanged,
    /// It did not come to an end; nothing changed.
    Failed,
    /// Not tried, because an earlier step failed or there was nothing to do.
    Skipped,
    /// Stopped on request; nothing changed.
    Cancelled,
}

/// How much a note matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NoteLevel {
    /// Worth knowing.
    Info,
    /// Somebody should look at it.
    Warning,
}

/// Something a run wants to say besides its numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Note {
    /// How much it matters.
    pub level: NoteLevel,
    /// Its code, if it has a page.
    pub code: Option<String>,
    /// One sentence, no full stop.
    pub message: String,
}

/// What a run says. Events of one step come in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RunEvent {
    /// The first event.
    Started {
        /// Identifies the run in metadata.
        run_id: String,
        /// Steps that will be tried, in order.
        steps: Vec<Step>,
    },
    /// A step begins.
    StepStarted {
        /// Which.
        step: Step,
    },
    /// How far a step is. Sent at most ten times a second for each step.
    Progress {
        /// Which.
        step: Step,
        /// What it is doing.
        phase: Phase,
        /// Records so far in this phase.
        rows: Count,
        /// Bytes of the source so far, if known.
        bytes: Option<Count>,
        /// Bytes of the source in all, if known.
        total_bytes: Option<Count>,
    },
    /// Something worth saying.
    Noted {
        /// About which step.
        step: Step,
        /// What.
        note: Note,
    },
    /// A step ended.
    StepFinished {
        /// Which.
        step: Step,
        /// How.
        outcome: Outcome,
        /// Why, if it failed.
        error: Option<ErrorBody>,
    },
    /// The last event.
    Finished {
        /// The numbers.
        report: RunReport,
    },
}
