//! Wire types of watching a workspace.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{FileValidation, Target};

/// Asks to be told of changes until the job is cancelled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WatchRequest {
    /// A config file or a workspace folder.
    #[serde(default)]
    pub target: Target,
    /// A name for the job, chosen by the caller, with which `cancel` ends it.
    #[serde(default)]
    pub job: String,
}

/// Something changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum WatchEvent {
    /// Watching has begun: the state at that moment.
    Started {
        /// All files.
        files: Vec<WatchedFile>,
    },
    /// Config files, or what they depend on (`.env`, parents, environments), changed; these are the
    /// files whose text or findings are different now.
    Changed {
        /// New or different ones.
        files: Vec<WatchedFile>,
        /// Those that are gone, as the user would name them.
        removed: Vec<String>,
    },
    /// Bronze or Silver of the workspace changed.
    Outputs {
        /// Names of the datasets, as far as they can be told; empty: any.
        datasets: Vec<String>,
    },
    /// Watching does not work here; the caller should ask now and then instead.
    Blind {
        /// Why.
        reason: String,
    },
}

/// A config file at the moment of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WatchedFile {
    /// What is found in it.
    pub validation: FileValidation,
    /// Identifies its text, as in [`super::ConfigText::revision`].
    pub revision: String,
}
