//! Where records come from: one trait, one folder per kind of source.
//!
//! An extractor turns a source into batches of records; it never knows where they land.

mod api;
#[cfg(test)]
mod contract;
mod custom;
mod db;
mod file;
mod observe;
mod records;
mod sample;
#[cfg(test)]
mod server;
mod threads;

pub(crate) use api::ApiError;
pub(crate) use custom::CustomError;
pub(crate) use db::{DbError, database_of};

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use indexmap::IndexSet;
use serde::Serialize;

use crate::batch::Cursor;
use crate::cancel::CancelToken;
use crate::config::settings::{Conduct, Dataset, DeclaredType, FileSource, Retry, Source};
use crate::diagnostic::code::{self, Code};
use crate::error::{Coded, Stage};
use crate::event::Note;
pub(crate) use crate::scratch;
use crate::storage::failure::Failure;
use crate::world::World;
use chrono::NaiveDate;
use chrono_tz::Tz;
use indexmap::IndexMap;

pub(crate) use observe::{Budget, Exchange, Observer, Seen, Unobserved, Waiting};
pub(crate) use sample::{Sample, sample, sample_as_far};

/// What an extraction needs to know besides its source.
#[derive(Clone, Debug)]
pub(crate) struct ExtractRequest {
    /// Replaces `{run_date}`.
    pub(crate) run_date: NaiveDate,
    /// `run.schema`.
    pub(crate) declared: IndexMap<String, DeclaredType>,
    /// `run.null_values`.
    pub(crate) null_values: Vec<String>,
    /// Columns that must come as the source's own text, because a value did not fit before.
    pub(crate) as_text: IndexSet<String>,
    /// Stop after this many readable records, on top of the source's own limit.
    pub(crate) limit: Option<u64>,
    /// Wall-clock times are read in it where an instant is declared, and the reverse.
    pub(crate) timezone: Tz,
    /// Looked at between batches.
    pub(crate) cancel: CancelToken,
    /// How requests and queries behave.
    pub(crate) conduct: Conduct,
    /// Where the extract before this one ended; `None`: there is none, or the source is read whole.
    pub(crate) since: Option<Cursor>,
    /// Ends a preview before the source ends.
    pub(crate) budget: Budget,
    /// Is told of every request and every wait.
    pub(crate) observer: Arc<dyn Observer>,
    /// Variables, time and identifiers.
    pub(crate) world: World,
}

impl ExtractRequest {
    /// How `dataset` is read for `run_date`, from the start.
    pub(crate) fn of(
        dataset: &Dataset,
        run_date: NaiveDate,
        limit: Option<u64>,
        world: &World,
        cancel: &CancelToken,
    ) -> Self {
        Self {
            run_date,
            declared: dataset.bronze.schema.clone(),
            null_values: dataset.bronze.null_values.clone(),
            as_text: IndexSet::new(),
            limit,
            timezone: dataset.bronze.timezone,
            cancel: cancel.clone(),
            conduct: dataset.conduct.clone(),
            since: None,
            budget: Budget::default(),
            observer: Arc::new(Unobserved),
            world: world.clone(),
        }
    }
}

impl ExtractRequest {
    /// For a look that no dataset asks for.
    pub(crate) fn alone(world: &World, cancel: &CancelToken) -> Self {
        Self {
            run_date: world.clock.now().date_naive(),
            declared: IndexMap::new(),
            null_values: Vec::new(),
            as_text: IndexSet::new(),
            limit: None,
            timezone: Tz::UTC,
            cancel: cancel.clone(),
            conduct: Conduct {
                timeout_seconds: 30.0,
                deadline_seconds: None,
                rate_limit_hz: None,
                rate_limit_burst: 1,
                pages_in_flight: 1,
                retry: Retry {
                    max_attempts: 1,
                    base_seconds: 1.0,
                    max_seconds: 1.0,
                    breaker_failures: 1,
                    breaker_seconds: 1.0,
                },
                parallel_workers: None,
                cleanup_on_failure: true,
            },
            since: None,
            budget: Budget::default(),
            observer: Arc::new(Unobserved),
            world: world.clone(),
        }
    }
}

/// A source that can be read from its start, any number of times.
pub(crate) trait Extractor: Send + Sync {
    /// Opens the source and decides its columns and types (from the first 1,000 records where
    /// they are not declared).
    fn open(&self, request: &ExtractRequest) -> Result<Box<dyn Extraction>, ExtractError>;
    /// What was read is committed: what was kept in case of a failure is not needed any more.
    fn landed(&self) {}
}

/// A source being read.
pub(crate) trait Extraction: Send {
    /// Columns and types of every batch. Field metadata `medallion.nulls_only = "true"` marks a
    /// column in which no value was seen among the first 1,000 records.
    fn schema(&self) -> SchemaRef;
    /// The next records, in the order of the source; `None` at its end.
    ///
    /// # Errors
    ///
    /// [`ExtractError::Misfit`] when values do not fit the types of the schema: the caller opens
    /// the source again with those columns in [`ExtractRequest::as_text`].
    fn next(&mut self) -> Result<Option<RecordBatch>, ExtractError>;
    /// Records that could not be read since the last call.
    fn take_unreadable(&mut self) -> Vec<Unreadable>;
    /// How far it is.
    fn progress(&self) -> Position;
    /// What the source was, for metadata: name, size, format. No secrets.
    fn summary(&self) -> SourceSummary;
    /// How far an incremental extract has come with the batches so far; `None` where the source is read
    /// whole, or where nothing came that is further than [`ExtractRequest::since`].
    fn cursor(&self) -> Option<Cursor> {
        None
    }
    /// What is worth saying of the source, since the last call; complete at its end.
    fn take_notes(&mut self) -> Vec<Note> {
        Vec::new()
    }
    /// The time that making values of what was read took so far; nothing where that is one.
    fn parsing(&self) -> Duration {
        Duration::ZERO
    }
}

/// A record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Unreadable {
    /// Record number in the source, from 1, header not counted.
    pub(crate) record: u64,
    /// Line where it starts, from 1.
    pub(crate) line: u64,
    /// Why, in a few words.
    pub(crate) reason: String,
    /// As found, at most 64 KiB; bytes that are not text are escaped as `\xNN`.
    pub(crate) raw: String,
}

/// How far an extraction is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Position {
    /// Readable records so far.
    pub(crate) rows: u64,
    /// Bytes of the source so far.
    pub(crate) bytes: u64,
    /// Bytes in all, if known.
    pub(crate) total_bytes: Option<u64>,
}

/// What the source was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct SourceSummary {
    /// `file`, `api`, `db` or `custom`.
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    /// As written in the config, with the date filled in.
    pub(crate) location: String,
    /// csv, tsv, json, jsonl or parquet; of a database, its kind.
    pub(crate) format: &'static str,
    /// Size in bytes; of what is not a file, what came of it.
    pub(crate) bytes: u64,
}

/// Why a source could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExtractError {
    /// Nothing is at the path.
    #[error("there is no file {}", path.display())]
    NotFound {
        /// The absolute path.
        path: PathBuf,
    },
    /// A folder is at the path.
    #[error("{} is a folder, not a file", path.display())]
    IsFolder {
        /// The absolute path.
        path: PathBuf,
    },
    /// No file fits the pattern, or is in the folder or archive.
    #[error("no file of the source is at {}", path.display())]
    NoMatch {
        /// The pattern, the folder or the archive.
        path: PathBuf,
    },
    /// A packed file cannot be unpacked.
    #[error("{} cannot be unpacked as {packing}: {reason}", path.display())]
    Damaged {
        /// The absolute path.
        path: PathBuf,
        /// How it is packed.
        packing: &'static str,
        /// What does not fit.
        reason: String,
    },
    /// The column for names of files is one of the files.
    #[error("{} has a column `{column}` of its own", path.display())]
    NameTaken {
        /// As written.
        path: PathBuf,
        /// The name.
        column: String,
    },
    /// The file has no bytes, so no header.
    #[error("{} is empty: it has no header", path.display())]
    Empty {
        /// The absolute path.
        path: PathBuf,
    },
    /// The header names a column twice.
    #[error("{}: the column `{column}` stands twice in the header (fields {first} and {second})", path.display())]
    DuplicateColumn {
        /// The absolute path.
        path: PathBuf,
        /// The name.
        column: String,
        /// Field number, from 1.
        first: usize,
        /// Field number, from 1.
        second: usize,
    },
    /// The format cannot be told from the suffix.
    #[error("the format of {} cannot be told from its name", path.display())]
    UnknownFormat {
        /// The absolute path.
        path: PathBuf,
    },
    /// The encoding is unknown, or the header is not in it.
    #[error("{} is not {encoding} text: {reason}", path.display())]
    Encoding {
        /// The absolute path.
        path: PathBuf,
        /// The declared encoding.
        encoding: String,
        /// What does not fit.
        reason: String,
    },
    /// A column was asked for that the source does not have.
    #[error("{} has no column `{column}`", path.display())]
    NoColumn {
        /// The absolute path.
        path: PathBuf,
        /// The name.
        column: String,
        /// The nearest name it has.
        nearest: Option<String>,
    },
    /// The bytes are not of the format.
    #[error("{} cannot be read as {format}{}: {reason}", path.display(), line.map_or_else(String::new, |line| format!(" at line {line}")))]
    Malformed {
        /// The absolute path.
        path: PathBuf,
        /// The format.
        format: &'static str,
        /// Where, if lines mean something.
        line: Option<u64>,
        /// What does not fit.
        reason: String,
    },
    /// The system refused.
    #[error("{} cannot be read", path.display())]
    Io {
        /// The absolute path.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// Values do not fit the types of the schema; the whole source has been looked at.
    #[error("{} columns have values that do not fit their type", columns.len())]
    Misfit {
        /// Column, with the first value that did not fit and its line.
        columns: Vec<Misfit>,
    },
    /// This version cannot read sources of this kind.
    #[error("sources of the kind `{kind}` are not available in this version")]
    Unavailable {
        /// As written in configs.
        kind: &'static str,
    },
    /// An API could not be read.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// A database could not be read.
    #[error(transparent)]
    Db(Box<DbError>),
    /// A program gave no records, or not all.
    #[error(transparent)]
    Custom(#[from] CustomError),
    /// Somebody cancelled.
    #[error("cancelled")]
    Cancelled,
}

impl From<DbError> for ExtractError {
    fn from(error: DbError) -> Self {
        Self::Db(Box::new(error))
    }
}

/// A column whose type does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// Its name.
    pub(crate) column: String,
    /// The first value that did not fit, at most 100 characters.
    pub(crate) value: String,
    /// Its line, from 1.
    pub(crate) line: u64,
    /// The type it did not fit, as a person would write it.
    pub(crate) data_type: String,
}

impl Coded for ExtractError {
    fn code(&self) -> Code {
        match self {
            Self::NotFound { .. } => code::EXT010,
            Self::IsFolder { .. } => code::EXT011,
            Self::NoMatch { .. } => code::EXT080,
            Self::Damaged { .. } => code::EXT081,
            Self::NameTaken { .. } => code::EXT082,
            Self::Empty { .. } => code::EXT012,
            Self::DuplicateColumn { .. } => code::EXT013,
            Self::UnknownFormat { .. } => code::EXT014,
            Self::Encoding { .. } => code::EXT015,
            Self::NoColumn { .. } => code::EXT017,
            Self::Malformed { .. } => code::EXT018,
            Self::Io { source, .. } => Failure::of(source).map_or(code::EXT019, Failure::code),
            Self::Misfit { .. } => code::EXT020,
            Self::Unavailable { .. } => code::CFG018,
            Self::Api(error) => error.code(),
            Self::Db(error) => error.code(),
            Self::Custom(error) => error.code(),
            Self::Cancelled => code::RUN011,
        }
    }
    fn stage(&self) -> Stage {
        match self {
            Self::Cancelled => Stage::Cancelled,
            Self::Unavailable { .. } => Stage::Configuration,
            Self::Api(error) => error.stage(),
            Self::Db(error) => error.stage(),
            Self::Custom(error) => error.stage(),
            Self::Io { source, .. } => Failure::of(source).map_or(Stage::Extraction, Failure::stage),
            _ => Stage::Extraction,
        }
    }
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoColumn { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
            Self::Db(error) => error.hint(),
            Self::Custom(error) => error.hint(),
            Self::Io { source, .. } => Failure::of(source)?.hint(),
            _ => None,
        }
    }
    fn is_transient(&self) -> bool {
        match self {
            Self::Api(error) => error.is_transient(),
            Self::Db(error) => error.is_transient(),
            Self::Custom(error) => error.is_transient(),
            Self::Io { source, .. } => Failure::of(source).is_some_and(Failure::is_transient),
            _ => false,
        }
    }
}

/// The dates for which there is a file, ascending; none if the path has no `{run_date}`.
///
/// # Errors
///
/// When the folder cannot be listed.
pub(crate) fn delivered(source: &FileSource, world: &World) -> Result<Vec<NaiveDate>, ExtractError> {
    file::delivered(source, world)
}

/// The extractor of a source. Opens nothing yet.
pub(crate) fn extractor(source: &Source) -> Box<dyn Extractor> {
    match source {
        Source::File(source) => file(source),
        Source::Api(source) => Box::new(api::ApiExtractor::new(source.as_ref().clone())),
        Source::Db(source) => Box::new(db::DbExtractor::new(source.as_ref().clone())),
        Source::Custom(source) => Box::new(custom::CustomExtractor::new(source.clone())),
    }
}

fn file(source: &FileSource) -> Box<dyn Extractor> {
    Box::new(file::FileExtractor::new(source.clone()))
}
