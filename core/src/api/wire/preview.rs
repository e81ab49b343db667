//! Wire types of previews: what was asked, what came, what a person should know of it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ColumnInfo, Count, DatasetRef, ErrorBody, NoteLevel, UnreadableRecord};

/// Asks for the first records of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PreviewRequest {
    /// Which dataset.
    pub of: DatasetRef,
    /// For `{run_date}`. `None`: today.
    #[serde(default)]
    #[ts(type = "string | null", optional)]
    pub date: Option<NaiveDate>,
    /// At most this many records; at most 1,000.
    pub limit: u32,
    /// At most this many pages of an API, from 1. `None`: 10.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub pages: Option<u32>,
    /// At most this many seconds, from 1 to 600. `None`: 30.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub seconds: Option<u32>,
    /// No more requests after this many bytes. `None`: 32 MiB.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub bytes: Option<Count>,
    /// Starts where a run would start, not at the beginning. Means something where there is a cursor.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub resume: bool,
    /// The text of the config file as it stands in an editor. `None`: as it is saved.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub text: Option<String>,
    /// A name for the job, chosen by the caller, with which `cancel` finds it.
    #[serde(default)]
    #[ts(as = "Option<String>", optional)]
    pub job: String,
}

/// What comes with a preview's rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PreviewInfo {
    /// Dataset name.
    pub dataset: String,
    /// Its config file, as the user would name it.
    pub file: String,
    /// Of what the config says of the dataset: another one means that it says something else now.
    pub fingerprint: String,
    /// The source, as the user wrote it, with the date filled in.
    pub source: String,
    /// Columns with the types that Bronze would use.
    pub columns: Vec<ColumnInfo>,
    /// What came beside what the config declares, column by column.
    pub schema: Vec<ColumnDelta>,
    /// Whether the source has more records than were sent.
    pub more: bool,
    /// Which limit ended it before the source did, in a few words.
    pub stopped: Option<String>,
    /// Records among the first ones that could not be read.
    pub unreadable: Vec<UnreadableRecord>,
    /// What a person should know before a run, warnings first.
    pub findings: Vec<Finding>,
    /// Requests and queries in the order of their answers, without secrets; none for files.
    pub exchanges: Vec<Exchange>,
    /// Where an incremental extract starts and gets to; `None`: the source is read whole.
    pub state: Option<PreviewState>,
    /// What happened, in order.
    pub log: Vec<LogLine>,
    /// Why the source could not be read on. What came before is here all the same.
    pub error: Option<ErrorBody>,
}

/// A column as it came and as the config declares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ColumnDelta {
    /// Its name.
    pub name: String,
    /// The type that its values would get without a declaration. `None`: the source does not have it, or
    /// it has no value.
    pub found: Option<String>,
    /// The type that the config declares.
    pub declared: Option<String>,
    /// What to make of it.
    pub verdict: ColumnVerdict,
    /// What to declare so that it stays as it is, as written in `run.schema`; `None`: nothing has a name
    /// for it.
    pub accept: Option<String>,
}

/// What to make of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ColumnVerdict {
    /// Declared, and the values fit.
    Fits,
    /// Declared as another type than would be inferred, and the values fit.
    Narrowed,
    /// Declared, and some values do not fit, so that it is text.
    Misfit,
    /// Declared, but the source does not have it.
    Missing,
    /// Not declared.
    Inferred,
    /// Not declared, and without a value so far.
    Unknown,
}

/// Something that a person should know before a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Finding {
    /// How much it matters.
    pub level: NoteLevel,
    /// Its code, if it has a page.
    pub code: Option<String>,
    /// One sentence, no full stop.
    pub message: String,
    /// The column that it is about.
    pub column: Option<String>,
    /// Where in the config it is decided.
    pub place: Option<FindingPlace>,
}

/// A place in a config.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FindingPlace {
    /// The file.
    pub file: String,
    /// The key, from the dataset on: `silver.primary_keys`.
    pub path: String,
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
}

/// A request and its answer, or a query. No secret is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Exchange {
    /// Its page, from 1; 0: it asked for a token; of a query, its part.
    pub page: Count,
    /// Which try, from 1.
    pub attempt: u32,
    /// `GET`; of a query, `SQL`.
    pub method: String,
    /// The address, or the query.
    pub target: String,
    /// Of the request.
    pub request_headers: Vec<Header>,
    /// Its beginning, at most 64 KiB.
    pub request_body: Option<String>,
    /// `None`: no answer came, or it was a query.
    pub status: Option<u16>,
    /// Of the answer.
    pub headers: Vec<Header>,
    /// Its beginning, at most 64 KiB.
    pub body: Option<String>,
    /// Bytes of the answer in all.
    pub bytes: Count,
    /// Milliseconds until the last byte.
    pub millis: u32,
    /// Records in it.
    pub records: Count,
    /// What went wrong.
    pub error: Option<String>,
    /// The request as a command line of curl, secrets as `***`; `None`: it is none.
    pub curl: Option<String>,
}

/// A header of a request or of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value; `***` for a secret.
    pub value: String,
}

/// Where an incremental extract starts and gets to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PreviewState {
    /// The column or field of the cursor.
    pub field: String,
    /// Where a run for this date would start; `None`: at the beginning.
    pub run_from: Option<CursorState>,
    /// The committed day after which this one is closed, so that a run would take nothing.
    #[ts(type = "string | null")]
    pub closed_by: Option<NaiveDate>,
    /// Where this preview started; `None`: at the beginning.
    pub from: Option<CursorState>,
    /// How far these records come; `None`: none of them is further than the start.
    pub to: Option<CursorState>,
    /// Why it is not known where a run would start.
    pub problem: Option<ErrorBody>,
}

/// How far an extract has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CursorState {
    /// The value, as the source writes it.
    pub value: String,
    /// By which values are compared: `timestamptz`, `integer`.
    pub data_type: String,
}

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogLine {
    /// Milliseconds since the beginning.
    pub millis: u32,
    /// How much it matters.
    pub level: NoteLevel,
    /// One sentence, no full stop.
    pub message: String,
}
