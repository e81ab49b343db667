//! Wire types of upkeep: verifying, clearing, retention and adopting.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Code, Count, ErrorBody, Layer, Note, Severity, Target};

/// What to verify.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VerifyRequest {
    /// A config file, a workspace folder, or a folder of this machine with Bronze or Silver below it.
    #[serde(default)]
    pub target: Target,
    /// Names of datasets; empty means all. Without a config there are none.
    #[serde(default)]
    pub sources: Vec<String>,
    /// One layer only.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub layer: Option<Layer>,
    /// The partition with this id only; empty means all.
    #[serde(default)]
    pub partition: String,
    /// Sizes and footers only: no file is read whole.
    #[serde(default)]
    pub quick: bool,
    /// A name for the job, chosen by the caller, with which `cancel` finds it.
    #[serde(default)]
    pub job: String,
}

/// What verifying says while it works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum VerifyEvent {
    /// These will be looked at.
    Started {
        /// Partitions and loads.
        partitions: Count,
    },
    /// How far it is. Sent at most ten times a second.
    Progress {
        /// Partitions done.
        partitions: Count,
        /// Files looked at.
        files: Count,
        /// Bytes read.
        bytes: Count,
    },
    /// A partition was looked at. They come in the order in which they are done.
    Verified {
        /// What was found.
        partition: Box<VerifiedPartition>,
    },
    /// All were looked at.
    Finished {
        /// The numbers.
        report: VerifyReport,
    },
}

/// What was found in one partition or load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct VerifiedPartition {
    /// Name of the dataset; empty without a config.
    pub dataset: String,
    /// Which layer.
    pub layer: Layer,
    /// Its path below the layer's root.
    pub id: String,
    /// Its folder, as the user would name it.
    pub path: String,
    /// Version that stands; 0 if none does.
    pub version: Count,
    /// It was written by the predecessor and has no commits.
    pub predecessor: bool,
    /// Files that were looked at.
    pub files: Count,
    /// Their bytes.
    pub bytes: Count,
    /// What does not hold, worst first; empty when all is well.
    pub findings: Vec<FileFinding>,
}

/// Something that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FileFinding {
    /// An error: rows may be wrong or missing for somebody. A warning: space is wasted, or history lost.
    pub severity: Severity,
    /// Its code.
    pub code: Code,
    /// The file, as the user would name it.
    pub file: String,
    /// What is wrong with it.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// The numbers of a verification.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct VerifyReport {
    /// Partitions and loads that were looked at.
    pub partitions: Count,
    /// Those with an error.
    pub damaged: Count,
    /// Errors.
    pub errors: Count,
    /// Warnings.
    pub warnings: Count,
    /// Files that were looked at.
    pub files: Count,
    /// Their bytes.
    pub bytes: Count,
    /// Only sizes and footers were looked at.
    pub quick: bool,
    /// Wall-clock time.
    pub seconds: f64,
    /// Exit code of DESIGN §4: 4 if anything is damaged.
    pub exit: u8,
}

/// What to clear.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GcRequest {
    /// A config file or a workspace folder.
    #[serde(default)]
    pub target: Target,
    /// Names of datasets; empty means all.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Remove nothing, only list.
    #[serde(default)]
    pub dry_run: bool,
    /// A name for the job, chosen by the caller, with which `cancel` finds it.
    #[serde(default)]
    pub job: String,
}

/// What clearing says while it works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum GcEvent {
    /// A file that nobody needs; it was removed, unless nothing is to be removed.
    Cleared {
        /// Which.
        file: Box<ClearedFile>,
    },
    /// Files that nobody names and that stay.
    Kept {
        /// Whose.
        files: Box<KeptFiles>,
    },
    /// All was looked at.
    Finished {
        /// The numbers.
        report: GcReport,
    },
}

/// A file that nobody needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ClearedFile {
    /// Name of the dataset.
    pub dataset: String,
    /// Which layer.
    pub layer: Layer,
    /// As the user would name it.
    pub file: String,
    /// Its bytes.
    pub bytes: Count,
    /// Why nobody needs it, in a few words.
    pub reason: String,
}

/// Files that nobody names and that stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KeptFiles {
    /// Name of the dataset.
    pub dataset: String,
    /// Which layer.
    pub layer: Layer,
    /// The folder, as the user would name it.
    pub path: String,
    /// How many.
    pub files: Count,
    /// Why they stay, in a few words.
    pub reason: String,
}

/// The numbers of a clearing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct GcReport {
    /// Partitions and loads that were looked at.
    pub partitions: Count,
    /// Files that were removed, or would be.
    pub files: Count,
    /// Their bytes.
    pub bytes: Count,
    /// Numbers of versions that were used up, so that silent attempts cannot commit them.
    pub fenced: Count,
    /// Nothing was removed.
    pub dry_run: bool,
    /// What could not be cleared.
    pub errors: Vec<ErrorBody>,
    /// Wall-clock time.
    pub seconds: f64,
    /// Exit code of DESIGN §4.
    pub exit: u8,
}

/// Which old Bronze partitions to look for, and whether to remove them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RetentionRequest {
    /// A config file or a workspace folder.
    #[serde(default)]
    pub target: Target,
    /// Names of datasets; empty means all.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Remove what may go. Otherwise it is listed only.
    #[serde(default)]
    pub apply: bool,
    /// Also what Silver needs to be built again.
    #[serde(default)]
    pub force: bool,
    /// A name for the job, chosen by the caller, with which `cancel` finds it.
    #[serde(default)]
    pub job: String,
}

/// Old Bronze partitions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct RetentionReport {
    /// Every partition that is older than it is kept, by dataset, oldest first.
    pub partitions: Vec<OldPartition>,
    /// Partitions that were removed, or would be.
    pub removable: Count,
    /// Bytes of their files.
    pub bytes: Count,
    /// Partitions that stay although they are old.
    pub needed: Count,
    /// Whether anything was removed.
    pub applied: bool,
    /// What could not be looked at.
    pub errors: Vec<ErrorBody>,
    /// Exit code of DESIGN §4.
    pub exit: u8,
}

/// A Bronze partition that is older than it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct OldPartition {
    /// Name of the dataset.
    pub dataset: String,
    /// Its path below the dataset's folder.
    pub id: String,
    /// Its folder, as the user would name it.
    pub path: String,
    /// Its date.
    #[ts(type = "string")]
    pub date: NaiveDate,
    /// Days that have gone by since.
    pub age_days: u32,
    /// Rows.
    pub rows: Count,
    /// Files.
    pub files: Count,
    /// Their bytes.
    pub bytes: Count,
    /// What is or was done with it.
    pub verdict: RetentionVerdict,
    /// Why it stays; empty if it goes.
    pub reason: String,
}

/// What is done with an old partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RetentionVerdict {
    /// It may go.
    Removable,
    /// It is gone.
    Removed,
    /// It stays: something needs it.
    Needed,
    /// It could not be removed.
    Failed,
}

/// Asks for rules with which an object store removes old Bronze by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LifecycleRequest {
    /// A config file or a workspace folder.
    #[serde(default)]
    pub target: Target,
    /// Names of datasets; empty means all.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Whose form the rules have.
    pub provider: LifecycleProvider,
    /// Also for datasets of which Silver needs the old partitions.
    #[serde(default)]
    pub force: bool,
}

/// Whose form rules have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LifecycleProvider {
    /// Amazon S3, and services like it.
    S3,
    /// Azure Storage.
    Azure,
}

/// Rules for an object store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Lifecycle {
    /// Pretty-printed JSON, as the service takes it.
    pub rules: String,
    /// What has to be known of them: datasets that were left out, and why.
    pub notes: Vec<Note>,
}

/// Which folders of the predecessor to adopt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AdoptRequest {
    /// A folder of this machine with Bronze of the predecessor in it or below it; or a configuration,
    /// for the Bronze of its datasets, wherever that is stored.
    pub path: String,
    /// Write the commits. Otherwise it is only said what would be adopted.
    #[serde(default)]
    pub write: bool,
    /// A name for the job, chosen by the caller, with which `cancel` finds it.
    #[serde(default)]
    pub job: String,
}

/// What was adopted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AdoptReport {
    /// Every folder with files of the predecessor, sorted.
    pub folders: Vec<AdoptedFolder>,
    /// Folders that were adopted, or would be.
    pub adopted: Count,
    /// Folders that cannot be.
    pub refused: Count,
    /// Whether commits were written.
    pub written: bool,
    /// Exit code of DESIGN §4.
    pub exit: u8,
}

/// One folder of the predecessor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AdoptedFolder {
    /// As the user would name it.
    pub path: String,
    /// The date it stands for.
    #[ts(type = "string | null")]
    pub date: Option<NaiveDate>,
    /// `full`, `cdc` or `current_history`; empty if that is not known.
    pub load_pattern: String,
    /// Rows.
    pub rows: Count,
    /// Files.
    pub files: Count,
    /// Their bytes.
    pub bytes: Count,
    /// Why it cannot be adopted; empty if it can.
    pub findings: Vec<FileFinding>,
}
