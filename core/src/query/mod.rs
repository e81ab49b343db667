//! Reads committed tables: part by part for Silver, window by window for screens.
//!
//! Follows commits only; never lists folders. A reader sees one version: if a part it needs was
//! replaced meanwhile, the caller starts again from the newest commit.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use indexmap::IndexMap;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;

use crate::batch::reread::Reread;
use crate::batch::size;
use crate::diagnostic::code::{self, Code};
use crate::error::{Coded, Stage};
use crate::publish::{Column, CommittedTable, Part, Partition};
use crate::storage::{StorageError, hive};

/// Why committed rows could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QueryError {
    /// The store refused, or the part is gone.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The part is not the Parquet file that was committed.
    #[error("{part} cannot be read as Parquet")]
    Parquet {
        /// The part.
        part: String,
        /// The cause.
        #[source]
        source: ParquetError,
    },
    /// The part is not the CSV file that was committed.
    #[error("{part} cannot be read as CSV")]
    Csv {
        /// The part.
        part: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// Values do not have the committed type.
    #[error("{part} does not have the committed columns")]
    Shape {
        /// The part.
        part: String,
        /// The cause.
        #[source]
        source: ArrowError,
    },
}

impl QueryError {
    /// Whether the file was not there: replaced by a newer version, or lost.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self, Self::Storage(StorageError::Missing { .. }))
    }
}

impl Coded for QueryError {
    fn code(&self) -> Code {
        match self {
            Self::Storage(StorageError::Missing { .. })
            | Self::Parquet { .. }
            | Self::Csv { .. }
            | Self::Shape { .. } => code::STG014,
            Self::Storage(error) => error.code(),
        }
    }
    fn stage(&self) -> Stage {
        Stage::Storage
    }
}

/// Batches of one part.
pub(crate) type Batches = Box<dyn Iterator<Item = Result<RecordBatch, QueryError>> + Send>;

/// The schema of a committed table, columns that stand only in paths included.
pub(crate) fn schema(table: &CommittedTable) -> SchemaRef {
    Arc::new(Schema::new(
        table.columns.iter().map(|column| Field::new(&column.name, column.arrow.clone(), true)).collect::<Vec<_>>(),
    ))
}

/// The rows of one part with the columns named, in that order. Columns that are not in the part are
/// taken from its path (`column=value`), otherwise null.
pub(crate) fn part(partition: &Partition, part: &Part, columns: &[Column]) -> Result<Batches, QueryError> {
    window_of_part(partition, part, columns, 0, None)
}

/// A window of a table's rows: at most `limit` rows from row `offset`, in the order of its parts.
/// At least one batch, perhaps empty.
pub(crate) fn window(
    partition: &Partition,
    table: &CommittedTable,
    offset: u64,
    limit: usize,
) -> Result<Vec<RecordBatch>, QueryError> {
    let mut skip = offset;
    let mut left = limit;
    let mut batches = Vec::new();
    for piece in table.readable() {
        if left == 0 {
            break;
        }
        if skip >= piece.rows {
            skip -= piece.rows;
            continue;
        }
        for batch in window_of_part(partition, piece, &table.columns, skip, Some(left))? {
            let batch = batch?;
            left -= batch.num_rows().min(left);
            batches.push(batch);
        }
        skip = 0;
    }
    if batches.is_empty() {
        batches.push(RecordBatch::new_empty(schema(table)));
    }
    Ok(batches)
}

fn window_of_part(
    partition: &Partition,
    part: &Part,
    columns: &[Column],
    offset: u64,
    limit: Option<usize>,
) -> Result<Batches, QueryError> {
    let raw = if part.format == "csv" {
        csv(partition, part, columns)?
    } else {
        parquet(partition, part, columns, offset, limit)?
    };
    let raw = if part.format == "csv" { slice(raw, offset, limit) } else { raw };
    let shape = Arc::new(PartShape::new(part, columns));
    Ok(Box::new(raw.map(move |batch| shape.apply(&batch?))))
}

fn parquet(
    partition: &Partition,
    part: &Part,
    columns: &[Column],
    offset: u64,
    limit: Option<usize>,
) -> Result<Batches, QueryError> {
    let damaged = {
        let path = part.path.clone();
        move |source| QueryError::Parquet { part: path.clone(), source }
    };
    let file = partition.store().open(&partition.key(&part.path))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(&damaged)?;
    let wanted: Vec<usize> = builder
        .schema()
        .fields()
        .iter()
        .enumerate()
        .filter(|(_, field)| columns.iter().any(|column| column.name == *field.name()))
        .map(|(index, _)| index)
        .collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
    let most = size::parquet_rows(builder.metadata());
    let mut builder = builder.with_projection(mask).with_batch_size(limit.map_or(most, |limit| limit.clamp(1, most)));
    if offset > 0 {
        builder = builder.with_offset(usize::try_from(offset).unwrap_or(usize::MAX));
    }
    if let Some(limit) = limit {
        builder = builder.with_limit(limit);
    }
    let reader = builder.build().map_err(&damaged)?;
    Ok(Box::new(reader.map(move |batch| batch.map_err(|error| damaged(error.into())))))
}

/// Reads a CSV part back with the committed types, exactly as it was written or not at all.
fn csv(partition: &Partition, part: &Part, columns: &[Column]) -> Result<Batches, QueryError> {
    let file = partition.store().open(&partition.key(&part.path))?;
    let in_path = |column: &&Column| !hive_segments(&part.path).any(|(name, _)| name == column.name);
    let fields: Vec<Field> =
        columns.iter().filter(in_path).map(|column| Field::new(&column.name, column.arrow.clone(), true)).collect();
    let mut reread = Reread::new(file, Arc::new(Schema::new(fields)));
    let path = part.path.clone();
    Ok(Box::new(std::iter::from_fn(move || {
        reread
            .next_batch()
            .transpose()
            .map(|batch| batch.map_err(|source| QueryError::Csv { part: path.clone(), source }))
    })))
}

fn slice(batches: Batches, offset: u64, limit: Option<usize>) -> Batches {
    let mut skip = usize::try_from(offset).unwrap_or(usize::MAX);
    let mut left = limit.unwrap_or(usize::MAX);
    let mut batches = batches;
    Box::new(std::iter::from_fn(move || {
        while left > 0 {
            let batch = match batches.next()? {
                Ok(batch) => batch,
                failed => return Some(failed),
            };
            if skip >= batch.num_rows() {
                skip -= batch.num_rows();
                continue;
            }
            let take = (batch.num_rows() - skip).min(left);
            let window = batch.slice(skip, take);
            skip = 0;
            left -= take;
            return Some(Ok(window));
        }
        None
    }))
}

/// `column=value` segments of a part's path.
fn hive_segments(path: &str) -> impl Iterator<Item = (String, Option<String>)> {
    path.split('/').filter_map(|segment| {
        let (name, value) = segment.split_once('=')?;
        Some((hive::unescape(name), (value != hive::NULL).then(|| hive::unescape(value))))
    })
}

/// Gives every batch of a part the committed columns.
struct PartShape {
    part: String,
    schema: SchemaRef,
    from_path: IndexMap<String, Option<String>>,
}

impl PartShape {
    fn new(part: &Part, columns: &[Column]) -> Self {
        let fields: Vec<Field> =
            columns.iter().map(|column| Field::new(&column.name, column.arrow.clone(), true)).collect();
        Self {
            part: part.path.clone(),
            schema: Arc::new(Schema::new(fields)),
            from_path: hive_segments(&part.path).collect(),
        }
    }

    fn apply(&self, batch: &RecordBatch) -> Result<RecordBatch, QueryError> {
        let shape = |source| QueryError::Shape { part: self.part.clone(), source };
        let column = |field: &Arc<Field>| -> Result<ArrayRef, ArrowError> {
            let rows = batch.num_rows();
            match (batch.column_by_name(field.name()), self.from_path.get(field.name())) {
                (Some(array), _) if array.data_type() == field.data_type() => Ok(array.clone()),
                (Some(array), _) => cast(array, field.data_type()),
                (None, Some(Some(value))) => {
                    cast(&(Arc::new(StringArray::from(vec![value.as_str(); rows])) as ArrayRef), field.data_type())
                }
                (None, _) => Ok(new_null_array(field.data_type(), rows)),
            }
        };
        let columns = self.schema.fields().iter().map(column).collect::<Result<Vec<_>, _>>().map_err(shape)?;
        let options = arrow::record_batch::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(self.schema.clone(), columns, &options).map_err(shape)
    }
}
