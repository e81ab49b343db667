//! Where records come from: one trait, one folder per kind of source.
//!
//! An extractor turns a source into batches of records; it never knows where they land.

#[cfg(test)]
mod contract;
mod file;
mod sample;

pub(crate) use file::newest_date;

use std::path::PathBuf;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use indexmap::IndexSet;
use serde::Serialize;

use crate::cancel::CancelToken;
use crate::config::settings::{Dataset, DeclaredType, FileSource};
use crate::diagnostic::code::{self, Code};
use crate::error::{Coded, Stage};
use chrono::NaiveDate;
use chrono_tz::Tz;
use indexmap::IndexMap;

pub(crate) use sample::{Sample, sample};

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
}

impl ExtractRequest {
    /// How `dataset` is read for `run_date`.
    pub(crate) fn of(dataset: &Dataset, run_date: NaiveDate, limit: Option<u64>, cancel: &CancelToken) -> Self {
        Self {
            run_date,
            declared: dataset.bronze.schema.clone(),
            null_values: dataset.bronze.null_values.clone(),
            as_text: IndexSet::new(),
            limit,
            timezone: dataset.bronze.timezone,
            cancel: cancel.clone(),
        }
    }
}

/// A source that can be read from its start, any number of times.
pub(crate) trait Extractor: Send + Sync {
    /// Opens the source and decides its columns and types (from the first 1,000 records where
    /// they are not declared).
    fn open(&self, request: &ExtractRequest) -> Result<Box<dyn Extraction>, ExtractError>;
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
    /// `file`.
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    /// As written in the config, with the date filled in.
    pub(crate) location: String,
    /// csv, tsv, json, jsonl or parquet.
    pub(crate) format: &'static str,
    /// Size in bytes.
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
    /// Somebody cancelled.
    #[error("cancelled")]
    Cancelled,
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
            Self::Empty { .. } => code::EXT012,
            Self::DuplicateColumn { .. } => code::EXT013,
            Self::UnknownFormat { .. } => code::EXT014,
            Self::Encoding { .. } => code::EXT015,
            Self::NoColumn { .. } => code::EXT017,
            Self::Malformed { .. } => code::EXT018,
            Self::Io { .. } => code::EXT019,
            Self::Misfit { .. } => code::EXT020,
            Self::Unavailable { .. } => code::CFG018,
            Self::Cancelled => code::RUN011,
        }
    }
    fn stage(&self) -> Stage {
        match self {
            Self::Cancelled => Stage::Cancelled,
            Self::Unavailable { .. } => Stage::Configuration,
            _ => Stage::Extraction,
        }
    }
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoColumn { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
            _ => None,
        }
    }
}

/// The dates for which there is a file, ascending; none if the path has no `{run_date}`.
///
/// # Errors
///
/// When the folder cannot be listed.
pub(crate) fn delivered(source: &FileSource) -> Result<Vec<NaiveDate>, ExtractError> {
    file::delivered(source)
}

/// The extractor of a file source. Opens nothing yet.
pub(crate) fn file(source: &FileSource) -> Box<dyn Extractor> {
    Box::new(file::FileExtractor::new(source.clone()))
}

/// The extractor of a source of a kind that this version cannot read: it opens nothing and says so.
pub(crate) fn unavailable(kind: &'static str) -> Box<dyn Extractor> {
    Box::new(UnavailableExtractor { kind })
}

struct UnavailableExtractor {
    kind: &'static str,
}

impl Extractor for UnavailableExtractor {
    fn open(&self, _: &ExtractRequest) -> Result<Box<dyn Extraction>, ExtractError> {
        Err(ExtractError::Unavailable { kind: self.kind })
    }
}
