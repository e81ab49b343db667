//! The types that cross the door: plain data, safe to send as JSON.
//!
//! 64-bit integers travel as text ([`Count`]); cells travel as Arrow, never as JSON.

mod data;
mod doctor;
mod document;
mod effective;
mod join;
mod outline;
mod preview;
mod quarantine;
mod scaffold;
mod upkeep;
mod watch;

use arrow::record_batch::RecordBatch;
use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ts_rs::TS;

pub use crate::diagnostic::code;
pub use crate::diagnostic::{Code, Deprecation, Diagnostic, Dialect, Fix, Related, Severity, Span, TextEdit};
use crate::error::Coded;
pub use data::{
    BrowseEntry, BrowsePage, BrowseRequest, BrowseRoot, Bucket, CellRequest, CellValue, ColumnProfile, ControlFile,
    ExportEvent, ExportFormat, ExportRequest, FileRequest, FileView, FindEvent, FindRequest, FolderRef, Glance,
    GlanceRequest, KeyValue, LengthProfile, NumberProfile, OpenRowsEvent, OpenRowsRequest, OpenedRows, ParquetChunk,
    ParquetColumn, ParquetGroup, ParquetView, ProfileEvent, ProfileRequest, Quantile, ReadProgress, RowDetail,
    RowRequest, RowsInfo, RowsOf, RowsRequest, SortKey, TextPiece, ValueCount,
};
pub use doctor::{Check, CheckGroup, CheckOutcome, DoctorEvent, DoctorReport, DoctorRequest};
pub use document::{
    Choice, CompareRequest, Completion, CompletionKind, Completions, CursorRequest, DiffKind, DiffLine, Draft,
    DraftCheck, Edit, EditRequest, EditValue, Edited, Field, FieldKind, Form, FormRequest, Hover, Hunk, Origin,
    SaveRequest, Saved, TextDiff, ThreeWay,
};
pub use effective::{EffectiveConfig, EffectiveValue};
pub use join::{
    JoinColumn, JoinEvent, JoinFigures, JoinFolders, JoinGuard, JoinKey, JoinPlan, JoinPreview, JoinReport,
    JoinRequest, JoinSide, JoinStrategy, JoinSummary,
};
pub use outline::{IgnoreRequest, Outline, Part};
pub use preview::{
    ColumnDelta, ColumnVerdict, CursorState, Exchange, Finding, FindingPlace, Header, LogLine, PreviewInfo,
    PreviewRequest, PreviewState,
};
pub use quarantine::{
    QuarantineDay, QuarantineGroup, QuarantineReport, QuarantineRequest, QuarantineRow, QuarantineRows,
    QuarantineRowsRequest,
};
pub use scaffold::{Answer, DiscoverRequest, NewConfig, NewRequest, Question, Template};
pub use upkeep::{
    AdoptReport, AdoptRequest, AdoptedFolder, ClearedFile, FileFinding, GcEvent, GcReport, GcRequest, KeptFiles,
    Lifecycle, LifecycleProvider, LifecycleRequest, OldPartition, RetentionReport, RetentionRequest, RetentionVerdict,
    VerifiedPartition, VerifyEvent, VerifyReport, VerifyRequest,
};
pub use watch::{WatchEvent, WatchRequest, WatchedFile};

pub use crate::event::{Layer, Note, NoteLevel, Outcome, Phase, RunEvent, Step};

/// A count of rows, files or bytes. Sent as text, because JavaScript's numbers end at 2^53.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, TS)]
#[ts(type = "string")]
pub struct Count(pub u64);

impl Serialize for Count {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(u64),
            Text(String),
        }
        match Form::deserialize(deserializer)? {
            Form::Number(number) => Ok(Self(number)),
            Form::Text(text) => {
                text.parse().map(Self).map_err(|_| serde::de::Error::custom("a count is written in decimal digits"))
            }
        }
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl From<u64> for Count {
    fn from(value: u64) -> Self {
        Self(value)
    }
}

impl From<usize> for Count {
    fn from(value: usize) -> Self {
        Self(value as u64)
    }
}

/// A kind of storage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BackendInfo {
    /// `storage_backend`, or `storage_scheme` of one that was added.
    pub name: String,
    /// What it is.
    pub description: String,
    /// What a config has to say for it.
    pub needs: Vec<String>,
    /// Whether this program added it to the engine.
    pub added: bool,
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ErrorBody {
    /// Code; `explain` has its page.
    pub code: Code,
    /// What happened, with its place, without advice.
    pub message: String,
    /// The causes below it, outermost first.
    pub causes: Vec<String>,
    /// What to do.
    pub hint: Option<String>,
    /// Findings, when the configuration is at fault.
    pub diagnostics: Vec<Diagnostic>,
    /// The exit code of DESIGN §4 this leads to.
    pub exit: u8,
    /// Whether the same call may succeed later.
    pub transient: bool,
}

impl ErrorBody {
    /// What an error of any module says of itself.
    pub(crate) fn of(error: &dyn Coded) -> Self {
        let mut causes = Vec::new();
        let mut cause = error.source();
        while let Some(error) = cause {
            causes.push(error.to_string());
            cause = error.source();
        }
        Self {
            code: error.code(),
            message: error.to_string(),
            causes,
            // Who knows nothing in particular says what the page of the code says.
            hint: error.hint().or_else(|| Some(error.code().entry()?.cure().to_owned())),
            diagnostics: Vec::new(),
            exit: error.stage().exit(),
            transient: error.is_transient(),
        }
    }

    /// A failure that no code foresees (RUN013), such as a panic that a front end caught.
    pub fn unexpected(message: impl Into<String>) -> Self {
        Self {
            code: code::RUN013,
            message: message.into(),
            causes: Vec::new(),
            hint: None,
            diagnostics: Vec::new(),
            exit: 1,
            transient: false,
        }
    }
}

/// A config file or a workspace folder, as the user named it. Relative paths start at the root the
/// front end opened the engine with; empty means that root.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct Target {
    /// The path.
    #[serde(default)]
    pub path: String,
    /// Overlay `environments/<name>.yaml` that is laid over each file.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub environment: Option<String>,
}

impl Target {
    /// The file or folder at `path`, without an overlay.
    pub fn at(path: impl Into<String>) -> Self {
        Self { path: path.into(), environment: None }
    }
}

/// A command without arguments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Nothing {}

/// What `validate` found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Validation {
    /// The files that were read, as the user would name them, in the order of their names.
    pub files: Vec<FileValidation>,
    /// Number of errors over all files.
    pub errors: u32,
    /// Number of warnings over all files.
    pub warnings: u32,
}

/// What was found in one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FileValidation {
    /// As the user would name it.
    pub file: String,
    /// Names of the datasets that could be understood.
    pub datasets: Vec<String>,
    /// Everything found, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// Files it is made of whose errors keep it from running, and are listed under their own name because
    /// several files share them.
    pub held_back_by: Vec<String>,
}

/// Asks for the text of one config file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConfigTextRequest {
    /// The file, as `validate` or `list_datasets` named it.
    pub file: String,
}

/// A config file with what was found in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConfigText {
    /// As the user would name it.
    pub file: String,
    /// The whole text.
    pub text: String,
    /// Names of the datasets that could be understood.
    pub datasets: Vec<String>,
    /// Everything found, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// Identifies this text: the base for `save_text`.
    pub revision: String,
    /// Whether `save_text` would refuse to write it, because file or folder may only be read.
    pub read_only: bool,
}

/// Asks for the page of a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExplainRequest {
    /// The code in any case; empty asks for all of them.
    pub code: String,
}

/// The page of a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Explanation {
    /// The code.
    pub code: Code,
    /// What it says in a few words.
    pub title: String,
    /// What it means and how to mend it, Markdown.
    pub explanation: String,
    /// What leads to it, and the same mended.
    pub example: Option<Example>,
    /// What a code of this text meant in the predecessor, Markdown; empty if it had none.
    pub predecessor: String,
    /// Codes of ours that took the place of that.
    pub successors: Vec<Code>,
}

/// An example of a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Example {
    /// What leads to it.
    pub before: String,
    /// The same, mended.
    pub after: String,
    /// Whether both are YAML.
    pub yaml: bool,
}

/// Which layers a run does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Layers {
    /// Bronze, then Silver.
    #[default]
    Both,
    /// Bronze only.
    Bronze,
    /// Silver only.
    Silver,
}

/// What to run, or to plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunRequest {
    /// A config file or a workspace folder.
    #[serde(default)]
    pub target: Target,
    /// Names of datasets; empty means all.
    #[serde(default)]
    pub sources: Vec<String>,
    /// First date. `None`: today in each dataset's `run.timezone`.
    #[serde(default)]
    #[ts(type = "string | null", optional)]
    pub date: Option<NaiveDate>,
    /// Last date, inclusive. `None`: the first.
    #[serde(default)]
    #[ts(type = "string | null", optional)]
    pub until: Option<NaiveDate>,
    /// Which layers.
    #[serde(default)]
    pub layers: Layers,
    /// A Silver date without Bronze is no failure.
    #[serde(default)]
    pub allow_missing: bool,
    /// Build a Silver load although Bronze that the standing one was made of is gone.
    #[serde(default)]
    pub accept_lost_history: bool,
    /// Build Silver loads anew although they are up to date, as after their files were damaged.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub rebuild: bool,
    /// Fetch days of sources with a cursor once more, also those that are closed.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub refetch: bool,
    /// Bytes that Silver may hold of the keys of a dataset at a time; what it reads and writes with takes
    /// some 150 MB more. `None`: a quarter of the machine's memory.
    #[serde(default)]
    #[ts(optional)]
    pub memory_limit: Option<Count>,
    /// Of a plan: servers and databases are asked for their columns, too. Without it no network is used.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub ask_sources: bool,
    /// Run also more than 10,000 steps.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub accept_many_steps: bool,
    /// A name for the job, chosen by the caller, with which `cancel` finds it.
    #[serde(default)]
    pub job: String,
}

/// What a run would do. Nothing was written to find out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Plan {
    /// In the order of the run.
    pub steps: Vec<PlannedStep>,
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlannedStep {
    /// Which.
    pub step: Step,
    /// Config file, as the user would name it.
    pub file: String,
    /// Where it reads: the source file, or the Bronze partitions.
    pub reads: Vec<String>,
    /// The folder it writes to.
    pub writes: String,
    /// Version that stands there now; `None` if none does.
    pub standing: Option<Count>,
    /// Rows of that version.
    #[serde(default)]
    pub standing_rows: Option<Count>,
    /// Parts of that version.
    #[serde(default)]
    pub standing_parts: Option<Count>,
    /// What will happen, in a few words: "write a first version", "compare with version 3".
    pub action: String,
    /// Load pattern of the source.
    pub load_pattern: String,
    /// Silver model, for Silver steps.
    pub model: Option<String>,
    /// Where an incremental extract starts; `None`: the source is read whole.
    #[serde(default)]
    pub cursor: Option<PlannedCursor>,
    /// Columns that would differ from those that stand, as far as the source was looked at.
    #[serde(default)]
    pub schema: Vec<PlannedColumn>,
    /// How much it may be; `None`: nothing is known of that.
    #[serde(default)]
    pub estimate: Option<PlannedSize>,
    /// What keeps it from running.
    pub problems: Vec<ErrorBody>,
}

/// From where to where an incremental extract would go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlannedCursor {
    /// The column or field of the cursor.
    pub field: String,
    /// Where the extracts have come to; `None`: there was none yet.
    pub from: Option<CursorState>,
    /// Where the first one starts, as the config says; `None`: at the beginning, or there was one.
    pub initial: Option<String>,
    /// Where it ends, as the config says; `None`: with the newest record.
    pub until: Option<String>,
}

/// A column that would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlannedColumn {
    /// Its name.
    pub name: String,
    /// The type that stands; `None`: the column is new.
    pub standing: Option<String>,
    /// The type that comes; `None`: the column is gone.
    pub coming: Option<String>,
}

/// How much a step may write, judged by the newest partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlannedSize {
    /// Rows.
    pub rows: Count,
    /// Files.
    pub parts: Count,
    /// The partition that this was taken from.
    pub like: String,
}

/// The result of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct RunReport {
    /// Identifies the run in metadata.
    pub run_id: String,
    /// In the order of the run.
    pub steps: Vec<StepReport>,
    /// Exit code of DESIGN §4: that of the earliest stage that failed.
    pub exit: u8,
    /// Wall-clock time.
    pub seconds: f64,
}

/// The result of one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct StepReport {
    /// Which.
    pub step: Step,
    /// How it ended.
    pub outcome: Outcome,
    /// Rows of the standing version.
    pub rows: Count,
    /// Parts of the standing version.
    pub parts: Count,
    /// Bytes of its parts.
    pub bytes: Count,
    /// Bronze: records in `_errors`. Silver: rows in quarantine.
    pub rejected: Count,
    /// Where the standing version is, as the user would name it.
    pub path: String,
    /// Wall-clock time.
    pub seconds: f64,
    /// What it said besides.
    pub notes: Vec<Note>,
    /// Why it failed.
    pub error: Option<ErrorBody>,
}

/// Asks to stop a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CancelRequest {
    /// The name given in [`RunRequest::job`].
    pub job: String,
}

/// Whether a job was there to be stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CancelReply {
    /// False when no job of that name is running.
    pub found: bool,
}

/// Which dataset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct DatasetRef {
    /// A config file or a workspace folder.
    pub target: Target,
    /// Name of the dataset.
    pub dataset: String,
}

/// A column with its type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ColumnInfo {
    /// Its name.
    pub name: String,
    /// Its type as a person would write it: `integer`, `decimal(18,2)`, `timestamptz`.
    pub data_type: String,
    /// Whether the type was declared, not inferred.
    pub declared: bool,
}

/// A record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UnreadableRecord {
    /// Line of the source where it starts, from 1.
    pub line: Count,
    /// Why.
    pub reason: String,
    /// The text as found, bytes that are not text escaped.
    pub raw: String,
}

/// One line of the home screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DatasetSummary {
    /// Dataset name.
    pub dataset: String,
    /// Config file, as the user would name it.
    pub file: String,
    /// `file`.
    pub source_type: String,
    /// `full`, `cdc` or `current_history`.
    pub load_pattern: String,
    /// Silver model; `None`: Bronze only.
    pub model: Option<String>,
    /// Errors in its config file.
    pub errors: u32,
    /// Warnings in its config file.
    pub warnings: u32,
    /// The newest Bronze partition.
    pub bronze: Option<LayerState>,
    /// The newest Silver load.
    pub silver: Option<LayerState>,
    /// What needs a person, worst first; empty when all is well.
    pub attention: Vec<Note>,
    /// Of what the config says of the dataset: another one means that it says something else now.
    #[serde(default)]
    pub fingerprint: String,
}

/// The newest state of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LayerState {
    /// Its date. `None` where partitions have no date.
    #[ts(type = "string | null")]
    pub date: Option<NaiveDate>,
    /// Rows.
    pub rows: Count,
    /// Bytes.
    pub bytes: Count,
    /// Unreadable records or quarantined rows.
    pub rejected: Count,
    /// When it was committed, RFC 3339, UTC.
    pub committed_at: String,
    /// Number of committed partitions or loads.
    pub partitions: Count,
    /// Silver: its input has changed since it was built. Bronze: false.
    pub stale: bool,
}

/// All datasets of a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DatasetList {
    /// The folder or file, absolute.
    pub root: String,
    /// What needs a person first, then by name.
    pub datasets: Vec<DatasetSummary>,
    /// Joins of two of them, by file.
    pub joins: Vec<JoinSummary>,
    /// Files in which no dataset could be understood.
    pub unreadable: Vec<FileValidation>,
    /// Names of the environments that can be laid over these files ([`Target::environment`]), sorted.
    pub environments: Vec<String>,
}

/// Asks for partitions, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PartitionsRequest {
    /// Which dataset.
    pub of: DatasetRef,
    /// Which layer.
    pub layer: Layer,
    /// How many to skip.
    #[serde(default)]
    pub offset: u32,
    /// How many to send, at most 1,000.
    pub limit: u32,
}

/// A page of partitions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PartitionPage {
    /// The folder below which they are, as the user would name it.
    pub root: String,
    /// How many there are in all.
    pub total: Count,
    /// Newest first.
    pub partitions: Vec<PartitionSummary>,
}

/// One committed partition (Bronze) or load (Silver).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PartitionSummary {
    /// Its path below the layer's root; pass it back to ask for more.
    pub id: String,
    /// Its date, if it has one.
    #[ts(type = "string | null")]
    pub date: Option<NaiveDate>,
    /// Version that stands, from 1.
    pub version: Count,
    /// Rows of all its datasets.
    pub rows: Count,
    /// Parts.
    pub parts: Count,
    /// Bytes.
    pub bytes: Count,
    /// Unreadable records or quarantined rows.
    pub rejected: Count,
    /// When it was committed, RFC 3339, UTC.
    pub committed_at: String,
    /// Silver: its input has changed since.
    pub stale: bool,
    /// Why its newest commit cannot be read; then all counts are 0.
    pub unreadable: Option<String>,
}

/// Which partition.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct PartitionRef {
    /// Of which dataset.
    pub of: DatasetRef,
    /// In which layer.
    pub layer: Layer,
    /// [`PartitionSummary::id`]; empty means the newest.
    #[serde(default)]
    pub id: String,
    /// Instead of dataset and id: a folder with commits that `browse` named, whether a config names it
    /// or not.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub folder: Option<FolderRef>,
}

impl PartitionRef {
    /// The partition `id` of a dataset; empty: the newest.
    pub fn new(of: DatasetRef, layer: Layer, id: impl Into<String>) -> Self {
        Self { of, layer, id: id.into(), folder: None }
    }
}

/// All about one partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PartitionDetail {
    /// The line of the list.
    pub summary: PartitionSummary,
    /// Its folder, as the user would name it.
    pub path: String,
    /// What can be opened with `rows`: parts' datasets, and `_errors` where there are bad rows.
    pub tables: Vec<TableInfo>,
    /// Files of the standing version.
    pub files: Vec<FileInfo>,
    /// Its versions, newest first.
    pub history: Vec<VersionInfo>,
    /// The commit's metadata, as pretty-printed JSON.
    pub metadata: String,
    /// What does not hold: missing files, wrong sizes.
    pub problems: Vec<Note>,
    /// Commits and copies for other tools that are there.
    pub control: Vec<ControlFile>,
}

/// Something with rows inside a partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TableInfo {
    /// Name to pass to `rows`: `data` for Bronze, the dataset's name for Silver, `_errors`.
    pub name: String,
    /// Rows.
    pub rows: Count,
    /// Columns with their types.
    pub columns: Vec<ColumnInfo>,
}

/// One file of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FileInfo {
    /// Path below the partition's base.
    pub path: String,
    /// Rows.
    pub rows: Count,
    /// Bytes.
    pub bytes: Count,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
}

/// One version in a partition's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VersionInfo {
    /// From 1.
    pub version: Count,
    /// RFC 3339, UTC.
    pub committed_at: String,
    /// The run that made it.
    pub run_id: String,
    /// Rows.
    pub rows: Count,
    /// Unreadable records or quarantined rows.
    pub rejected: Count,
    /// Parts.
    pub parts: Count,
    /// Bytes.
    pub bytes: Count,
    /// What is other than in the version before, a short sentence each; empty for the first one, and
    /// where nothing a reader sees has changed.
    pub changes: Vec<String>,
}

/// Rows with what must be known of them. On the wire: one Arrow IPC stream, whose schema metadata
/// has `info` as JSON under the key `medallion.info`.
#[derive(Clone, Debug)]
pub struct Table<I> {
    /// What must be known of the rows.
    pub info: I,
    /// The rows; all batches have one schema. At least one batch, perhaps empty.
    pub batches: Vec<RecordBatch>,
}
