//! Rows to the bytes of a row group and of lines of CSV, column by column, on the threads of a pool.
//!
//! The bytes depend on the rows and the options alone. Knows no file: where a row group goes, and
//! whether it fits there, is decided when its size is known.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::ArrayRef;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::arrow::{ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata};
use parquet::basic::{BrotliLevel, Compression as Codec, GzipLevel, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, SchemaDescriptor};

use super::dictionary;
use super::pool::{Pending, Pool};
use super::rows::Rows;
use super::size::Sizes;
use crate::batch;
use crate::config::settings::{Compression, Formats};

/// How rows of one schema become bytes.
pub(super) struct Encoder {
    schema: SchemaRef,
    formats: Formats,
    parquet: SchemaDescriptor,
    /// Parquet columns to each column.
    leaves: Vec<usize>,
    compression: Codec,
    /// With the Arrow schema, for the end of each file.
    properties: Arc<WriterProperties>,
    /// Of files without a row.
    empty: Sizes,
}

/// Rows being encoded.
pub(super) struct Encoding {
    columns: Vec<PendingColumn>,
    texts: Vec<Pending<(Vec<u8>, Duration)>>,
}

type PendingColumn = Pending<(Result<Vec<ArrowColumnChunk>, ParquetError>, Duration)>;

/// Rows, encoded.
pub(super) struct Encoded {
    /// Column chunks of a row group; empty without Parquet.
    pub(super) chunks: Vec<ArrowColumnChunk>,
    /// Lines of CSV, one stretch after the other.
    pub(super) texts: Vec<Vec<u8>>,
    /// What they add to the files.
    pub(super) sizes: Sizes,
    /// How long it took, over all threads.
    pub(super) time: Duration,
}

impl Encoder {
    pub(super) fn new(
        schema: &SchemaRef,
        formats: Formats,
        compression: Compression,
        level: Option<u32>,
    ) -> Result<Self, ParquetError> {
        let parquet = ArrowSchemaConverter::new().convert(schema)?;
        let compression = codec(compression, level);
        let mut properties = common(compression).build();
        add_encoded_arrow_schema_to_metadata(schema, &mut properties);
        let mut leaves = vec![0; schema.fields().len()];
        for leaf in 0..parquet.num_columns() {
            leaves[parquet.get_column_root_idx(leaf)] += 1;
        }
        let mut encoder = Self {
            schema: schema.clone(),
            formats,
            parquet,
            leaves,
            compression,
            properties: Arc::new(properties),
            empty: Sizes::default(),
        };
        let mut nothing = Vec::new();
        if formats.parquet {
            encoder.file(&mut nothing)?.close()?;
            encoder.empty.parquet = nothing.len() as u64;
        }
        if formats.csv {
            encoder.empty.csv = encoder.header().len() as u64;
        }
        Ok(encoder)
    }

    /// The size of files without a row.
    pub(super) const fn empty(&self) -> Sizes {
        self.empty
    }

    /// Starts a Parquet file.
    pub(super) fn file<W: Write + Send>(&self, to: W) -> Result<SerializedFileWriter<W>, ParquetError> {
        SerializedFileWriter::new(to, self.parquet.root_schema_ptr(), self.properties.clone())
    }

    /// The first line of a CSV file.
    pub(super) fn header(&self) -> Vec<u8> {
        let mut header = Vec::new();
        batch::render::csv_header(&self.schema, &mut header);
        header
    }

    /// Hands the rows to the pool.
    pub(super) fn start(&self, rows: &Rows, pool: &Pool) -> Result<Encoding, ParquetError> {
        let columns = if self.formats.parquet { self.columns(&rows.batches, pool)? } else { Vec::new() };
        let text = |batch: &RecordBatch| {
            let batch = batch.clone();
            pool.submit(move || {
                let began = Instant::now();
                let mut text = Vec::with_capacity(batch.get_array_memory_size());
                batch::render::csv_rows(&batch, &mut text);
                (text, began.elapsed())
            })
        };
        let texts = if self.formats.csv { rows.batches.iter().map(text).collect() } else { Vec::new() };
        Ok(Encoding { columns, texts })
    }

    /// Waits for what [`Self::start`] began.
    pub(super) fn wait(&self, encoding: Encoding, pool: &Pool) -> Result<Encoded, ParquetError> {
        let mut chunks = Vec::with_capacity(self.parquet.num_columns());
        let mut time = Duration::ZERO;
        for column in encoding.columns {
            let (column, took) = pool.wait(column);
            chunks.extend(column?);
            time += took;
        }
        let mut texts = Vec::with_capacity(encoding.texts.len());
        for text in encoding.texts {
            let (text, took) = pool.wait(text);
            texts.push(text);
            time += took;
        }
        let sizes = Sizes {
            parquet: chunks.iter().map(|chunk| chunk.close().bytes_written + described(chunk)).sum(),
            csv: texts.iter().map(|text| text.len() as u64).sum(),
        };
        Ok(Encoded { chunks, texts, sizes, time })
    }

    fn columns(&self, batches: &[RecordBatch], pool: &Pool) -> Result<Vec<PendingColumn>, ParquetError> {
        let arrays = |column: usize| batches.iter().map(|batch| batch.column(column).clone()).collect::<Vec<_>>();
        let mut properties = common(self.compression);
        for (column, field) in self.schema.fields().iter().enumerate() {
            if !dictionary::pays(&arrays(column)) {
                let path = ColumnPath::new(vec![field.name().clone()]);
                properties = properties.set_column_dictionary_enabled(path, false);
            }
        }
        // Only a file writer makes column writers; where it writes to does not matter to them.
        let nowhere =
            SerializedFileWriter::new(std::io::sink(), self.parquet.root_schema_ptr(), Arc::new(properties.build()))?;
        let factory = ArrowRowGroupWriterFactory::new(&nowhere, self.schema.clone());
        let mut writers = factory.create_column_writers(0)?.into_iter();
        let mut pending = Vec::with_capacity(self.schema.fields().len());
        for (column, field) in self.schema.fields().iter().enumerate() {
            // A nested column has several leaves in a row.
            let own: Vec<ArrowColumnWriter> = writers.by_ref().take(self.leaves[column]).collect();
            let (arrays, field) = (arrays(column), field.clone());
            pending.push(pool.submit(move || {
                let began = Instant::now();
                let chunks = encode(&field, &arrays, own);
                (chunks, began.elapsed())
            }));
        }
        Ok(pending)
    }
}

fn encode(
    field: &arrow::datatypes::Field,
    arrays: &[ArrayRef],
    mut writers: Vec<ArrowColumnWriter>,
) -> Result<Vec<ArrowColumnChunk>, ParquetError> {
    for array in arrays {
        for (leaf, writer) in compute_leaves(field, array)?.iter().zip(&mut writers) {
            writer.write(leaf)?;
        }
    }
    writers.into_iter().map(ArrowColumnWriter::close).collect()
}

fn common(compression: Codec) -> parquet::file::properties::WriterPropertiesBuilder {
    WriterProperties::builder().set_compression(compression).set_created_by("medallion".into())
}

/// About how many bytes the end of a file takes to describe a column chunk.
fn described(chunk: &ArrowColumnChunk) -> u64 {
    let close = chunk.close();
    let bounds = close.metadata.statistics().map_or(0, |statistics| {
        statistics.min_bytes_opt().map_or(0, <[u8]>::len) + statistics.max_bytes_opt().map_or(0, <[u8]>::len)
    });
    let pages = close.offset_index.as_ref().map_or(0, |index| index.page_locations.len());
    let name = close.metadata.column_path().string().len();
    // Bounds of numbers stand there twice, once as older readers want them.
    (95 + name + 2 * bounds + pages * (16 + bounds.min(128))) as u64
}

/// The codec with its level; levels outside of its range do not get past the check of configs.
fn codec(compression: Compression, level: Option<u32>) -> Codec {
    let signed = level.and_then(|level| i32::try_from(level).ok());
    match compression {
        Compression::None => Codec::UNCOMPRESSED,
        Compression::Snappy => Codec::SNAPPY,
        Compression::Gzip => Codec::GZIP(level.and_then(|level| GzipLevel::try_new(level).ok()).unwrap_or_default()),
        Compression::Brotli => {
            Codec::BROTLI(level.and_then(|level| BrotliLevel::try_new(level).ok()).unwrap_or_default())
        }
        Compression::Lz4 => Codec::LZ4_RAW,
        Compression::Zstd => Codec::ZSTD(ZstdLevel::try_new(signed.unwrap_or(3)).unwrap_or_default()),
    }
}
