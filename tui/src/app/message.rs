//! What flows through the app: messages in, effects out. Plain data.

use crossterm::event::KeyEvent;
use medallion_core::api::wire::{
    BrowsePage, BrowseRequest, CancelRequest, CellRequest, CellValue, ColumnProfile, CompareRequest, Completions,
    ConfigText, ConfigTextRequest, CursorRequest, DatasetList, DiscoverRequest, DoctorEvent, DoctorRequest, Draft,
    DraftCheck, EditRequest, Edited, ExplainRequest, Explanation, ExportRequest, FileRequest, FileView, FindRequest,
    Form, FormRequest, Glance, GlanceRequest, Hover, NewConfig, NewRequest, OpenRowsRequest, OpenedRows,
    PartitionDetail, PartitionPage, PartitionRef, PartitionsRequest, PreviewInfo, PreviewRequest, ProfileRequest,
    ReadProgress, RowDetail, RowRequest, RowsInfo, RowsRequest, RunEvent, RunReport, RunRequest, SaveRequest, Saved,
    Table, Target, Template, TextDiff, ThreeWay, Validation, VerifyEvent, VerifyReport, VerifyRequest, WatchEvent,
    WatchRequest,
};

use super::door::Answered;

/// Something that happened.
#[derive(Debug)]
pub(crate) enum Message {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has another size.
    Resize,
    /// Time passed while something is going on.
    Tick,
    /// The engine answered the request with this generation.
    Answer { generation: u64, answer: Answer },
    /// The process came back from being stopped.
    Resumed,
    /// Somebody outside asked the process to stop for a while.
    Suspend,
    /// Somebody outside asked the process to end.
    Signal(i32),
    /// There is no input any more.
    InputLost(String),
}

/// What is asked of the engine.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Request {
    Datasets(Target),
    Validate(Target),
    Text(ConfigTextRequest),
    Explain(ExplainRequest),
    Preview(PreviewRequest),
    Partitions(PartitionsRequest),
    Detail(PartitionRef),
    Rows(RowsRequest),
    OpenRows(OpenRowsRequest),
    Row(RowRequest),
    Cell(CellRequest),
    FindRow(FindRequest),
    Profile(ProfileRequest),
    Export(ExportRequest),
    Browse(BrowseRequest),
    Glance(GlanceRequest),
    File(FileRequest),
    Run(RunRequest),
    Cancel(CancelRequest),
    Check(Draft),
    Complete(CursorRequest),
    Hover(CursorRequest),
    Form(FormRequest),
    Edit(EditRequest),
    Fix(Draft),
    Migrate(Draft),
    Diff(Draft),
    Compare(CompareRequest),
    Save(SaveRequest),
    Templates,
    New(NewRequest),
    Discover(DiscoverRequest),
    Doctor(DoctorRequest),
    Watch(WatchRequest),
    Verify(VerifyRequest),
}

/// What the engine answers.
#[derive(Debug)]
pub(crate) enum Answer {
    Datasets(Answered<DatasetList>),
    Validate(Answered<Validation>),
    Text(Answered<ConfigText>),
    Explain(Answered<Vec<Explanation>>),
    Preview(Box<Answered<Table<PreviewInfo>>>),
    Partitions(Answered<PartitionPage>),
    Detail(Answered<Box<PartitionDetail>>),
    Rows(Answered<Table<RowsInfo>>),
    /// How far opening, finding, profiling or exporting is.
    ReadProgress(ReadProgress),
    Opened(Answered<Box<OpenedRows>>),
    Row(Answered<Box<RowDetail>>),
    Cell(Answered<CellValue>),
    /// Row and column; `None`: there is none.
    Found(Answered<Option<(u64, String)>>),
    Profiled(Answered<Box<ColumnProfile>>),
    /// Path, rows, bytes.
    Exported(Answered<(String, u64, u64)>),
    Browsed(Answered<BrowsePage>),
    Glanced(Answered<Vec<Glance>>),
    File(Answered<Box<FileView>>),
    /// One event of a run; more follow.
    RunEvent(Box<RunEvent>),
    /// The end of a run.
    RunEnded(Answered<RunReport>),
    /// Whether the run was there to be cancelled.
    Cancelled(Answered<bool>),
    Check(Answered<DraftCheck>),
    Complete(Answered<Completions>),
    Hover(Answered<Hover>),
    Form(Answered<Form>),
    /// Of an edit, of all safe fixes, and of a migration.
    Edited(Answered<Edited>),
    Diff(Answered<TextDiff>),
    Compare(Answered<ThreeWay>),
    Save(Answered<Saved>),
    Templates(Answered<Vec<Template>>),
    /// From a template, or discovered.
    NewConfig(Answered<NewConfig>),
    /// One event of the doctor; more follow.
    DoctorEvent(Box<DoctorEvent>),
    /// The doctor has ended.
    DoctorEnded(Answered<()>),
    /// Something changed; more follow.
    WatchEvent(Box<WatchEvent>),
    /// One event of a verification; more follow.
    VerifyEvent(Box<VerifyEvent>),
    /// The end of a verification.
    VerifyEnded(Answered<VerifyReport>),
    /// Watching has ended.
    WatchEnded(Answered<()>),
}

/// What the loop must do after an update.
#[derive(Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly all are the large one")]
pub(crate) enum Effect {
    /// Ask the engine; the answer carries the generation.
    Ask { generation: u64, request: Request },
    /// Put a text on the clipboard.
    Copy(String),
    /// Give the terminal back to the shell until the process is continued.
    Suspend,
    /// Draw every cell anew.
    Redraw,
    /// Leave the loop.
    Leave(Exit),
}

/// Why the app ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// A person wanted it.
    Wanted,
    /// A signal.
    Signal(i32),
    /// The terminal is gone.
    InputLost,
}
