//! Writes a table as parts: cuts by rows and bytes, in one or both formats, under an attempt.

use std::collections::HashMap;
use std::io::Write;

use arrow::datatypes::{Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{BrotliLevel, Compression as Codec, GzipLevel, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::commit::{Column, CommittedTable, Part};
use super::{Attempt, PartWriter};
use crate::batch;
use crate::config::settings::{Compression, Formats};
use crate::storage::StorageError;

/// Rows between two looks at the size of an open part, at most.
const STEP: usize = 8192;
/// Bytes in memory between two looks.
const STEP_BYTES: usize = 4 << 20;
/// Bytes that one row group gathers in memory before it goes to the file.
const ROW_GROUP_BYTES: usize = 64 << 20;

/// How a table is cut and encoded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PartOptions {
    /// What is written.
    pub(crate) formats: Formats,
    /// Parquet codec.
    pub(crate) compression: Compression,
    /// Rows of a part at most; at least 1.
    pub(crate) max_rows: u64,
    /// Bytes of a part, of the file really written; a part ends at the first step that reaches it.
    pub(crate) max_bytes: Option<u64>,
}

/// Why a part could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PartError {
    /// The store refused.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The bytes could not be written or encoded.
    #[error("a part of {place} cannot be written")]
    Encode {
        /// The folder.
        place: String,
        /// The cause.
        #[source]
        source: ParquetError,
    },
}

/// Writes the rows of one table, in order, into `<stem>-0001`, `<stem>-0002`, …
pub(crate) struct TableWriter {
    stem: String,
    schema: SchemaRef,
    options: PartOptions,
    open: Option<OpenPart>,
    parts: Vec<Part>,
    rows: u64,
    count: u32,
}

struct OpenPart {
    parquet: Option<ArrowWriter<PartWriter>>,
    csv: Option<PartWriter>,
    rows: u64,
}

impl TableWriter {
    /// Nothing is created before the first row.
    pub(crate) fn new(stem: impl Into<String>, schema: &Schema, options: PartOptions) -> Self {
        // Notes in field metadata are for us, not for the files.
        let fields: Vec<_> =
            schema.fields().iter().map(|field| field.as_ref().clone().with_metadata(HashMap::new())).collect();
        let schema = std::sync::Arc::new(Schema::new(fields));
        Self { stem: stem.into(), schema, options, open: None, parts: Vec::new(), rows: 0, count: 0 }
    }

    /// Rows so far.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Adds rows.
    pub(crate) fn write(&mut self, attempt: &mut Attempt, batch: &RecordBatch) -> Result<(), PartError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let batch = RecordBatch::try_new(self.schema.clone(), batch.columns().to_vec())
            .map_err(|error| self.encode(error.into()))?;
        let width = (batch.get_array_memory_size() / batch.num_rows()).max(1);
        let step = (STEP_BYTES / width).clamp(1, STEP);
        let mut start = 0;
        while start < batch.num_rows() {
            if self.open.is_none() {
                self.open = Some(self.start(attempt)?);
            }
            let Some(open) = self.open.as_mut() else { break };
            let room = usize::try_from(self.options.max_rows - open.rows).unwrap_or(usize::MAX);
            let take = room.min(step).min(batch.num_rows() - start);
            let slice = batch.slice(start, take);
            let stem = &self.stem;
            open.write(&slice).map_err(|source| PartError::Encode { place: stem.clone(), source })?;
            open.rows += take as u64;
            start += take;
            let full =
                open.rows >= self.options.max_rows || self.options.max_bytes.is_some_and(|limit| open.bytes() >= limit);
            self.rows += take as u64;
            if full {
                self.close()?;
            }
        }
        Ok(())
    }

    fn start(&mut self, attempt: &mut Attempt) -> Result<OpenPart, PartError> {
        self.count += 1;
        let stem = format!("{}-{:04}", self.stem, self.count);
        let parquet = if self.options.formats.parquet {
            let file = attempt.create(&stem, "parquet")?;
            let properties = WriterProperties::builder()
                .set_compression(codec(self.options.compression))
                .set_created_by("medallion".into())
                .build();
            Some(
                ArrowWriter::try_new(file, self.schema.clone(), Some(properties))
                    .map_err(|error| self.encode(error))?,
            )
        } else {
            None
        };
        let mut csv = self.options.formats.csv.then(|| attempt.create(&stem, "csv")).transpose()?;
        if let Some(file) = &mut csv {
            let mut header = Vec::new();
            batch::render::csv_header(&self.schema, &mut header);
            file.write_all(&header).map_err(|error| self.encode(error.into()))?;
        }
        Ok(OpenPart { parquet, csv, rows: 0 })
    }

    /// Whether a part is open, with a file and buffers of its own.
    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Ends the open part, if there is one; further rows begin the next.
    pub(crate) fn close(&mut self) -> Result<(), PartError> {
        let Some(open) = self.open.take() else { return Ok(()) };
        if let Some(writer) = open.parquet {
            let file = writer.into_inner().map_err(|error| self.encode(error))?;
            self.parts.push(file.finish(open.rows)?);
        }
        if let Some(file) = open.csv {
            self.parts.push(file.finish(open.rows)?);
        }
        Ok(())
    }

    /// Ends the last part; says what was written.
    pub(crate) fn finish(mut self, name: &str, columns: Vec<Column>) -> Result<CommittedTable, PartError> {
        self.close()?;
        Ok(CommittedTable { name: name.to_owned(), rows: self.rows, columns, parts: self.parts })
    }

    fn encode(&self, source: ParquetError) -> PartError {
        PartError::Encode { place: self.stem.clone(), source }
    }
}

impl OpenPart {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        if let Some(writer) = &mut self.parquet {
            writer.write(batch)?;
            if writer.in_progress_size() >= ROW_GROUP_BYTES {
                writer.flush()?;
            }
        }
        if let Some(file) = &mut self.csv {
            let mut text = Vec::new();
            batch::render::csv_rows(batch, &mut text);
            file.write_all(&text)?;
        }
        Ok(())
    }
    fn bytes(&self) -> u64 {
        let parquet =
            self.parquet.as_ref().map_or(0, |writer| (writer.bytes_written() + writer.in_progress_size()) as u64);
        parquet.max(self.csv.as_ref().map_or(0, PartWriter::bytes))
    }
}

fn codec(compression: Compression) -> Codec {
    match compression {
        Compression::None => Codec::UNCOMPRESSED,
        Compression::Snappy => Codec::SNAPPY,
        Compression::Gzip => Codec::GZIP(GzipLevel::default()),
        Compression::Brotli => Codec::BROTLI(BrotliLevel::default()),
        Compression::Lz4 => Codec::LZ4_RAW,
        Compression::Zstd => Codec::ZSTD(ZstdLevel::try_new(3).unwrap_or_default()),
    }
}

/// The columns of a schema as a commit records them. `declared` are the names with a declared type.
pub(crate) fn columns(schema: &Schema, declared: impl Fn(&str) -> bool) -> Vec<Column> {
    let column = |field: &arrow::datatypes::FieldRef| Column {
        name: field.name().clone(),
        type_name: batch::type_name(field.data_type()),
        arrow: field.data_type().clone(),
        declared: declared(field.name()),
        nulls_only: batch::is_nulls_only(field),
    };
    schema.fields().iter().map(column).collect()
}
