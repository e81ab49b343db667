//! Rows of a view as a file: CSV, JSON lines or Parquet, whole or not at all, never over another file
//! unless that is wanted.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{
    DataType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Schema, UInt8Type, UInt16Type, UInt32Type,
};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::readings::Readings;
use super::table::RowTable;
use super::view::View;
use super::window::window;
use super::{Progress, QueryError};
use crate::api::wire::ExportFormat;
use crate::batch::render;
use crate::storage::{Disk, DiskFile};

/// Rows that a sorted view gives at once.
const STEP: usize = 8_192;
/// Bytes of a Parquet row group in memory.
const GROUP_BYTES: usize = 64 << 20;

/// Where an export goes.
pub(crate) struct Goal<'a> {
    /// The file, absolute.
    pub(crate) path: &'a Path,
    /// As the user named it.
    pub(crate) name: &'a str,
    pub(crate) format: ExportFormat,
    /// Whether another file of that name may go.
    pub(crate) replace: bool,
    /// What makes the name of the file unique while it is written.
    pub(crate) attempt: &'a str,
    pub(crate) disk: &'a dyn Disk,
}

/// Writes the rows of a view with these columns. Tells rows and bytes.
pub(crate) fn export(
    readings: &Readings,
    table: &RowTable,
    view: &View,
    columns: &[usize],
    goal: &Goal<'_>,
    progress: &mut Progress<'_>,
) -> Result<(u64, u64), QueryError> {
    let refused = |source| QueryError::Write { path: goal.name.to_owned(), source };
    if goal.path.exists() && !goal.replace {
        return Err(QueryError::Exists { path: goal.name.to_owned() });
    }
    let file_name = goal.path.file_name().map(|name| name.to_string_lossy().into_owned());
    let file_name = file_name.ok_or_else(|| refused(std::io::ErrorKind::InvalidFilename.into()))?;
    let staged = goal.path.with_file_name(format!(".{file_name}-{}.tmp", goal.attempt));
    let written = goal
        .disk
        .create(&staged)
        .map_err(refused)
        .and_then(|file| rows_into(readings, table, view, columns, (file, goal), progress));
    let named = written.and_then(|(rows, bytes)| {
        let done = if goal.replace {
            goal.disk.rename(&staged, goal.path)
        } else {
            goal.disk.link(&staged, goal.path).and_then(|()| goal.disk.remove(&staged))
        };
        match done {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(QueryError::Exists { path: goal.name.to_owned() })
            }
            done => done.map(|()| (rows, bytes)).map_err(refused),
        }
    });
    if named.is_err() {
        // Only our own name; what happened is told already.
        drop(goal.disk.remove(&staged));
    } else if let Some(folder) = goal.path.parent() {
        goal.disk.sync_folder(folder).map_err(refused)?;
    }
    named
}

fn rows_into(
    readings: &Readings,
    table: &RowTable,
    view: &View,
    columns: &[usize],
    (file, goal): (Box<dyn DiskFile>, &Goal<'_>),
    progress: &mut Progress<'_>,
) -> Result<(u64, u64), QueryError> {
    let refused = |source| QueryError::Write { path: goal.name.to_owned(), source };
    let fields: Vec<_> = columns.iter().map(|column| table.schema.field(*column).clone()).collect();
    let mut sink = Sink::begin(file, &Arc::new(Schema::new(fields)), goal.format).map_err(refused)?;
    progress.begin("export", view.total());
    let mut rows = 0;
    if let View::Sorted(_) = view {
        while rows < view.total() {
            let batch = window(readings, table, view, columns, (rows, STEP), None)?.batch;
            sink.write(&batch).map_err(refused)?;
            rows += batch.num_rows() as u64;
            progress.step(batch.num_rows() as u64)?;
        }
    } else {
        let wanted: Vec<_> = columns.iter().map(|column| table.columns[*column].clone()).collect();
        for (at, piece) in table.pieces.iter().enumerate() {
            for batch in readings.part(table, at)?.stream(piece, &wanted, None)? {
                let (start, batch) = batch?;
                let batch = match view.mask(piece.start + start, batch.num_rows()) {
                    None => batch,
                    Some(mask) => {
                        filter_record_batch(&batch, &mask).map_err(|source| QueryError::Compute { source })?
                    }
                };
                sink.write(&batch).map_err(refused)?;
                rows += batch.num_rows() as u64;
                progress.step(batch.num_rows() as u64)?;
            }
        }
    }
    let bytes = sink.end().map_err(refused)?;
    Ok((rows, bytes))
}

/// Counts what is written.
struct Counted {
    file: BufWriter<Box<dyn DiskFile>>,
    bytes: u64,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

enum Sink {
    Csv(Counted),
    Json(Counted),
    Parquet(Box<ArrowWriter<Counted>>),
}

impl Sink {
    fn begin(file: Box<dyn DiskFile>, schema: &Arc<Schema>, format: ExportFormat) -> std::io::Result<Self> {
        let mut file = Counted { file: BufWriter::with_capacity(1 << 18, file), bytes: 0 };
        Ok(match format {
            ExportFormat::Csv => {
                let mut header = Vec::new();
                render::csv_header(schema, &mut header);
                file.write_all(&header)?;
                Self::Csv(file)
            }
            ExportFormat::Jsonl => Self::Json(file),
            ExportFormat::Parquet => {
                let properties = WriterProperties::builder()
                    .set_compression(Compression::SNAPPY)
                    .set_created_by("medallion".into())
                    .build();
                let writer =
                    ArrowWriter::try_new(file, schema.clone(), Some(properties)).map_err(std::io::Error::other)?;
                Self::Parquet(Box::new(writer))
            }
        })
    }

    fn write(&mut self, batch: &RecordBatch) -> std::io::Result<()> {
        let mut text = Vec::new();
        match self {
            Self::Csv(file) => {
                render::csv_rows(batch, &mut text);
                file.write_all(&text)
            }
            Self::Json(file) => {
                json_rows(batch, &mut text);
                file.write_all(&text)
            }
            Self::Parquet(writer) => {
                writer.write(batch).map_err(std::io::Error::other)?;
                if writer.in_progress_size() >= GROUP_BYTES {
                    writer.flush().map_err(std::io::Error::other)?;
                }
                Ok(())
            }
        }
    }

    fn end(self) -> std::io::Result<u64> {
        let mut file = match self {
            Self::Csv(file) | Self::Json(file) => file,
            Self::Parquet(writer) => writer.into_inner().map_err(std::io::Error::other)?,
        };
        file.flush()?;
        let Counted { file, bytes } = file;
        file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync()?;
        Ok(bytes)
    }
}

/// Appends rows as one JSON object a line. 64-bit integers and decimals are text, as everywhere.
fn json_rows(batch: &RecordBatch, out: &mut Vec<u8>) {
    let schema = batch.schema();
    let quoted = |text: &str| serde_json::to_string(text).unwrap_or_default();
    let names: Vec<String> = schema.fields().iter().map(|field| quoted(field.name())).collect();
    for row in 0..batch.num_rows() {
        out.push(b'{');
        for (at, (name, array)) in names.iter().zip(batch.columns()).enumerate() {
            if at > 0 {
                out.push(b',');
            }
            out.extend_from_slice(name.as_bytes());
            out.push(b':');
            json_value(array.as_ref(), row, out);
        }
        out.extend_from_slice(b"}\n");
    }
}

fn json_value(array: &dyn Array, row: usize, out: &mut Vec<u8>) {
    let float = match array.data_type() {
        DataType::Float32 => Some(f64::from(array.as_primitive::<Float32Type>().value(row))),
        DataType::Float64 => Some(array.as_primitive::<Float64Type>().value(row)),
        _ => None,
    };
    let small: Option<i64> = match array.data_type() {
        DataType::Int8 => Some(array.as_primitive::<Int8Type>().value(row).into()),
        DataType::Int16 => Some(array.as_primitive::<Int16Type>().value(row).into()),
        DataType::Int32 => Some(array.as_primitive::<Int32Type>().value(row).into()),
        DataType::UInt8 => Some(array.as_primitive::<UInt8Type>().value(row).into()),
        DataType::UInt16 => Some(array.as_primitive::<UInt16Type>().value(row).into()),
        DataType::UInt32 => Some(array.as_primitive::<UInt32Type>().value(row).into()),
        _ => None,
    };
    let Some(text) = render::cell_text(array, row) else { return out.extend_from_slice(b"null") };
    if let Some(number) = small {
        out.extend_from_slice(number.to_string().as_bytes());
    } else if float.is_some_and(f64::is_finite)
        || array.data_type().is_nested()
        || *array.data_type() == DataType::Boolean
    {
        out.extend_from_slice(text.as_bytes());
    } else {
        out.extend_from_slice(serde_json::to_string(&text).unwrap_or_default().as_bytes());
    }
}
