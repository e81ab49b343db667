//! Reads files: CSV, TSV, fixed width, Excel, JSON, JSON lines and Parquet; packed or not, one or many.
//!
//! Owns where files are ([`home`], [`place`], [`pattern`]), how they are packed ([`unpack`]), what format they
//! have, and what is wrong with them as files. Text formats become records in [`csv`] and [`json`], and
//! batches in [`records`]; [`many`] makes one source of several files.

mod csv;
#[cfg(test)]
mod csv_tests;
mod dated;
mod document;
mod excel;
#[cfg(test)]
mod excel_tests;
#[cfg(test)]
mod fuzz_tests;
mod header;
mod home;
mod input;
mod json;
#[cfg(test)]
mod json_tests;
mod many;
#[cfg(test)]
mod many_tests;
mod parquet;
#[cfg(test)]
mod parquet_tests;
mod pattern;
mod place;
mod unpack;
#[cfg(test)]
mod web_tests;

use std::path::{Path, PathBuf};

pub(super) use dated::delivered;

use super::records::{self, About};
use super::{ExtractError, ExtractRequest, Extraction, Extractor, SourceSummary};
use crate::config::settings::{FileFormat, FileSource};
use home::Home;
use unpack::Packing;

/// The extractor of files.
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
    home: Home,
    /// What is opened there.
    place: PathBuf,
    packing: Packing,
    /// What messages call it: the same, or as written where a variable stands in it, whose value
    /// may be secret; of a member of an archive, with its name behind.
    path: PathBuf,
    /// As written in the config, with the date filled in.
    location: String,
    /// Its name among the files of the source.
    label: String,
    format: FileFormat,
}

impl Located {
    fn about(&self) -> About<'_> {
        About {
            name: &self.path,
            columns: self.source.columns.as_deref(),
            limit: self.source.limit_rows,
            summary: SourceSummary {
                kind: "file",
                location: self.location.clone(),
                format: format_name(self.format),
                bytes: 0,
            },
        }
    }
}

impl Extractor for FileExtractor {
    fn open(&self, request: &ExtractRequest) -> Result<Box<dyn Extraction>, ExtractError> {
        let mut located = self.locate(request)?;
        if request.cancel.is_cancelled() {
            return Err(ExtractError::Cancelled);
        }
        match located.pop() {
            Some(one) if located.is_empty() && self.source.file_name_column.is_none() => open_one(one, request),
            Some(last) => {
                located.push(last);
                many::open(located, request)
            }
            None => Err(ExtractError::NoMatch { path: self.source.path_as_written.clone().into() }),
        }
    }
}

/// Opens one file.
fn open_one(located: Located, request: &ExtractRequest) -> Result<Box<dyn Extraction>, ExtractError> {
    match located.format {
        FileFormat::Csv | FileFormat::Tsv | FileFormat::FixedWidth => {
            records::open(csv::CsvFile::new(located, request), request)
        }
        FileFormat::Json | FileFormat::Jsonl => records::open(json::JsonFile::new(located, request), request),
        FileFormat::Excel => excel::open(located, request),
        FileFormat::Parquet => parquet::open(located, request),
    }
}

impl FileExtractor {
    fn locate(&self, request: &ExtractRequest) -> Result<Vec<Located>, ExtractError> {
        let day = request.run_date.format("%Y-%m-%d").to_string();
        let location = self.source.path_as_written.replace("{run_date}", &day);
        let home = Home::of(&self.source, &request.world, &request.cancel);
        let mut located = Vec::new();
        for found in place::find(&self.source, &home, &day, &location)? {
            if request.cancel.is_cancelled() {
                return Err(ExtractError::Cancelled);
            }
            located.extend(place::locate(&self.source, &home, found, &location)?);
        }
        Ok(located)
    }
}

/// The format that a file's suffix stands for, in any case.
fn format_of(path: &Path) -> Option<FileFormat> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" => Some(FileFormat::Csv),
        "tsv" => Some(FileFormat::Tsv),
        "json" => Some(FileFormat::Json),
        "jsonl" | "ndjson" => Some(FileFormat::Jsonl),
        "xlsx" | "xlsm" | "xlsb" | "xls" | "ods" => Some(FileFormat::Excel),
        "parquet" => Some(FileFormat::Parquet),
        _ => None,
    }
}

/// As written in configs and messages.
const fn format_name(format: FileFormat) -> &'static str {
    match format {
        FileFormat::Csv => "csv",
        FileFormat::Tsv => "tsv",
        FileFormat::FixedWidth => "fixed_width",
        FileFormat::Json => "json",
        FileFormat::Jsonl => "jsonl",
        FileFormat::Excel => "excel",
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
