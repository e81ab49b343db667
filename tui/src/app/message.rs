//! What flows through the app: messages in, effects out. Plain data.

use crossterm::event::KeyEvent;
use medallion_core::api::wire::{
    CancelRequest, CompareRequest, Completions, ConfigText, ConfigTextRequest, CursorRequest, DatasetList,
    DiscoverRequest, DoctorEvent, DoctorRequest, Draft, DraftCheck, EditRequest, Edited, ExplainRequest, Explanation,
    Form, FormRequest, Hover, NewConfig, NewRequest, PartitionDetail, PartitionPage, PartitionRef, PartitionsRequest,
    PreviewInfo, PreviewRequest, RowsInfo, RowsRequest, RunEvent, RunReport, RunRequest, SaveRequest, Saved, Table,
    Target, Template, TextDiff, ThreeWay, Validation, WatchEvent, WatchRequest,
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
}

/// What the engine answers.
#[derive(Debug)]
pub(crate) enum Answer {
    Datasets(Answered<DatasetList>),
    Validate(Answered<Validation>),
    Text(Answered<ConfigText>),
    Explain(Answered<Vec<Explanation>>),
    Preview(Answered<Table<PreviewInfo>>),
    Partitions(Answered<PartitionPage>),
    Detail(Answered<Box<PartitionDetail>>),
    Rows(Answered<Table<RowsInfo>>),
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
    /// Watching has ended.
    WatchEnded(Answered<()>),
}

/// What the loop must do after an update.
#[derive(Debug, PartialEq)]
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
