//! Reads files: CSV, TSV, JSON, JSON lines and Parquet.
//!
//! Owns where a file is, what format it has, and what is wrong with it as a file. Text formats
//! become records in [`csv`] and [`json`], and batches in [`text`].

mod csv;
#[cfg(test)]
mod csv_tests;
mod dated;
mod dates;
mod document;
#[cfg(test)]
mod fuzz_tests;
mod input;
mod json;
#[cfg(test)]
mod json_tests;
mod parquet;
#[cfg(test)]
mod parquet_tests;
mod text;

pub(crate) use dates::newest as newest_date;

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

pub(super) use dated::delivered;

use super::{ExtractError, ExtractRequest, Extraction, Extractor};
use crate::config::settings::{FileFormat, FileSource};

/// The extractor of one file.
pub(super) struct FileExtractor {
    source: FileSource,
}

impl FileExtractor {
    /// Opens nothing yet.
    pub(super) const fn new(source: FileSource) -> Self {
        Self { source }
    }
}

/// One file of one date, found and of a known format.
#[derive(Clone, Debug)]
struct Located {
    source: FileSource,
    /// What is opened.
    place: PathBuf,
    /// What messages call it: the same, or as written where a variable stands in it, whose value
    /// may be secret.
    path: PathBuf,
    /// As written in the config, with the date filled in.
    location: String,
    format: FileFormat,
}

impl Extractor for FileExtractor {
    fn open(&self, request: &ExtractRequest) -> Result<Box<dyn Extraction>, ExtractError> {
        let located = self.locate(request.run_date)?;
        if request.cancel.is_cancelled() {
            return Err(ExtractError::Cancelled);
        }
        match located.format {
            FileFormat::Csv | FileFormat::Tsv => text::open(csv::CsvFile::new(located, request), request),
            FileFormat::Json | FileFormat::Jsonl => text::open(json::JsonFile::new(located, request), request),
            FileFormat::Parquet => parquet::open(located, request),
        }
    }
}

impl FileExtractor {
    fn locate(&self, date: NaiveDate) -> Result<Located, ExtractError> {
        let day = date.format("%Y-%m-%d").to_string();
        let place = self.source.path.to_str().map_or_else(
            // A path that is not text has no place-holder in it.
            || self.source.path.clone(),
            |text| PathBuf::from(text.replace("{run_date}", &day)),
        );
        let location = self.source.path_as_written.replace("{run_date}", &day);
        let path = if location.contains("${") { PathBuf::from(&location) } else { place.clone() };
        let found = std::fs::metadata(&place).map_err(|error| not_opened(&path, error))?;
        if found.is_dir() {
            return Err(ExtractError::IsFolder { path });
        }
        if !found.is_file() {
            let reason = std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is a device, not a regular file");
            return Err(ExtractError::Io { path, source: reason });
        }
        let Some(format) = self.source.format.or_else(|| format_of(&place)) else {
            return Err(ExtractError::UnknownFormat { path });
        };
        Ok(Located { source: self.source.clone(), place, path, location, format })
    }
}

/// The format that a file's suffix stands for, in any case.
fn format_of(path: &Path) -> Option<FileFormat> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" => Some(FileFormat::Csv),
        "tsv" => Some(FileFormat::Tsv),
        "json" => Some(FileFormat::Json),
        "jsonl" | "ndjson" => Some(FileFormat::Jsonl),
        "parquet" => Some(FileFormat::Parquet),
        _ => None,
    }
}

/// As written in configs and messages.
const fn format_name(format: FileFormat) -> &'static str {
    match format {
        FileFormat::Csv => "csv",
        FileFormat::Tsv => "tsv",
        FileFormat::Json => "json",
        FileFormat::Jsonl => "jsonl",
        FileFormat::Parquet => "parquet",
    }
}

fn not_opened(path: &Path, source: std::io::Error) -> ExtractError {
    let path = path.to_path_buf();
    match source.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => ExtractError::NotFound { path },
        _ => ExtractError::Io { path, source },
    }
}
