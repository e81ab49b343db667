//! Reads committed tables: part by part for Silver, window by window for screens.
//!
//! Follows commits only; what lists folders is `tree` alone. A reader sees one version: if a part it
//! needs was replaced meanwhile, the caller starts again from the newest commit. Never writes to a lake.

pub(crate) mod condition;
pub(crate) mod export;
pub(crate) mod file;
pub(crate) mod find;
mod matches;
mod parts;
mod profile;
mod progress;
pub(crate) mod quarantine;
pub(crate) mod readings;
pub(crate) mod table;
pub(crate) mod tree;
pub(crate) mod view;
mod window;

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringArray, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use indexmap::IndexMap;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;

use crate::batch::render;
use crate::batch::reread::Reread;
use crate::batch::size;
use crate::diagnostic::code::{self, Code};
use crate::error::{Coded, Stage};
use crate::publish::{CheckedPart, Column, Part, Partition, Reading};
use crate::storage::failure::Failure;
use crate::storage::{Opened, StorageError, hive};

pub(crate) use condition::ConditionError;
pub(crate) use profile::profile;
pub(crate) use progress::Progress;
pub(crate) use readings::Readings;
pub(crate) use table::{RowTable, Source};
pub(crate) use view::View;
pub(crate) use window::{cell, row, window};

/// Why committed rows could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QueryError {
    /// The store refused, or the part is gone.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The part has other bytes than were committed, or more, or fewer.
    #[error("{part} is not the file that was committed")]
    Altered {
        /// The part.
        part: String,
        /// What differs.
        #[source]
        source: Failure,
    },
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
    /// The filter cannot be understood.
    #[error("the condition cannot be understood: {0}")]
    Condition(#[source] ConditionError),
    /// No column has this name.
    #[error("there is no column `{name}`")]
    NoColumn {
        /// The name.
        name: String,
        /// The nearest there is, or which there are.
        known: Option<String>,
    },
    /// Values of this type have no order.
    #[error("column `{column}` is of the type {data_type}, which has no order")]
    Unsortable {
        /// The column.
        column: String,
        /// Its type.
        data_type: String,
    },
    /// More than is kept in memory for a sort.
    #[error("the sort needs more than {limit} for {rows} rows")]
    TooMuch {
        /// Rows to sort.
        rows: u64,
        /// The limit, with its unit.
        limit: &'static str,
    },
    /// There are fewer rows.
    #[error("there is no row {row}: there are {total}")]
    NoRow {
        /// From 1.
        row: u64,
        /// Rows in all.
        total: u64,
    },
    /// Rows could not be sorted or searched.
    #[error("the rows cannot be worked out")]
    Compute {
        /// The cause.
        #[source]
        source: ArrowError,
    },
    /// Somebody asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// The file for an export is there already.
    #[error("{path} exists already")]
    Exists {
        /// As it was given.
        path: String,
    },
    /// The file for an export cannot be written.
    #[error("{path} cannot be written")]
    Write {
        /// As it was given.
        path: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The partition has no such file.
    #[error("the partition has no file `{path}`")]
    NoFile {
        /// As it was asked for.
        path: String,
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
        // An object store may say of what was removed while it was read that it is not what it was.
        matches!(self, Self::Storage(StorageError::Missing { .. })) || self.code() == code::STG032
    }
}

impl Coded for QueryError {
    fn code(&self) -> Code {
        match self {
            Self::Storage(StorageError::Missing { .. }) | Self::Parquet { .. } | Self::Shape { .. } => code::STG014,
            Self::Altered { source, .. } => source.code(),
            Self::Csv { source, .. } => Failure::of(source).map_or(code::STG014, Failure::code),
            Self::Storage(error) => error.code(),
            Self::Condition(_) => code::QRY001,
            Self::NoColumn { .. } | Self::Unsortable { .. } => code::QRY002,
            Self::TooMuch { .. } => code::QRY003,
            Self::NoRow { .. } => code::RUN012,
            Self::Exists { .. } => code::QRY004,
            Self::Write { .. } => code::QRY005,
            Self::NoFile { .. } => code::QRY006,
            Self::Compute { .. } => code::RUN013,
            Self::Cancelled => code::RUN011,
        }
    }
    fn stage(&self) -> Stage {
        match self {
            Self::Storage(error) => error.stage(),
            Self::Condition(_)
            | Self::NoColumn { .. }
            | Self::Unsortable { .. }
            | Self::TooMuch { .. }
            | Self::NoRow { .. }
            | Self::Exists { .. }
            | Self::NoFile { .. } => Stage::Configuration,
            Self::Cancelled => Stage::Cancelled,
            _ => Stage::Storage,
        }
    }
    fn hint(&self) -> Option<String> {
        match self {
            Self::Storage(error) => error.hint(),
            Self::Csv { source, .. } => Failure::of(source)?.hint(),
            Self::Condition(error) => error.hint.clone(),
            Self::NoColumn { known, .. } => known.clone(),
            _ => None,
        }
    }
}

/// Batches of one part.
pub(crate) type Batches = Box<dyn Iterator<Item = Result<RecordBatch, QueryError>> + Send>;

/// The rows of one part with the columns named, in that order. Columns that are not in the part are
/// taken from its path (`column=value`), otherwise null.
pub(crate) fn part(partition: &Partition, part: &Part, columns: &[Column]) -> Result<Batches, QueryError> {
    let raw = if part.format == "csv" { csv(partition, part, columns)? } else { parquet(partition, part, columns)? };
    let shape = PartShape::new(&part.path, columns, IndexMap::new());
    Ok(Box::new(raw.map(move |batch| shape.apply(&batch?))))
}

fn parquet(partition: &Partition, part: &Part, columns: &[Column]) -> Result<Batches, QueryError> {
    let file = open(partition, part)?.reading(Reading::Through);
    let damaged = damaged(partition, part, &file);
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(&damaged)?;
    let wanted = roots(builder.schema(), columns);
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
    let most = size::parquet_rows(builder.metadata());
    let reader = builder.with_projection(mask).with_batch_size(most).build().map_err(&damaged)?;
    Ok(Box::new(reader.map(move |batch| batch.map_err(|error| damaged(error.into())))))
}

/// Opens a part for its rows.
fn open(partition: &Partition, part: &Part) -> Result<CheckedPart, QueryError> {
    partition.open(part).map_err(|error| refused(&part.path, error))
}

/// A refusal of the store to give a part, in the words of who reads rows.
fn refused(part: &str, error: StorageError) -> QueryError {
    match error.failure().filter(|failure| failure.is_of_content()) {
        Some(failure) => QueryError::Altered { part: part.to_owned(), source: failure.clone() },
        None => error.into(),
    }
}

/// Why a CSV part could not be read.
fn no_csv(part: &str, source: std::io::Error) -> QueryError {
    match Failure::of(&source).filter(|failure| failure.is_of_content()) {
        Some(failure) => QueryError::Altered { part: part.to_owned(), source: failure.clone() },
        None => QueryError::Csv { part: part.to_owned(), source },
    }
}

/// What an error of the Parquet reader means: the file is not what it should be, or the store did not
/// give it, which the reader tells as text.
fn damaged(
    partition: &Partition,
    part: &Part,
    file: &Opened,
) -> impl Fn(ParquetError) -> QueryError + Send + Clone + 'static {
    let (path, file) = (part.path.clone(), file.clone());
    let place = partition.store().place(&partition.key(&part.path));
    move |source| match file.0.trouble() {
        Some(source) => refused(&path, StorageError::Read { place: place.clone(), source }),
        None => QueryError::Parquet { part: path.clone(), source },
    }
}

/// Places of the columns of `schema` that are wanted.
fn roots(schema: &Schema, columns: &[Column]) -> Vec<usize> {
    let wanted = |field: &Arc<Field>| columns.iter().any(|column| column.name == *field.name());
    schema.fields().iter().enumerate().filter(|(_, field)| wanted(field)).map(|(index, _)| index).collect()
}

/// Reads a CSV part back with the committed types, exactly as it was written or not at all.
fn csv(partition: &Partition, part: &Part, columns: &[Column]) -> Result<Batches, QueryError> {
    let key = partition.key(&part.path);
    let unread = |source| StorageError::Read { place: partition.store().place(&key), source };
    let file = open(partition, part)?.reading(Reading::Through).0.reader(0).map_err(unread)?;
    let mut reread = Reread::new(file, csv_schema(part, columns, None));
    let path = part.path.clone();
    Ok(Box::new(std::iter::from_fn(move || {
        reread.next_batch().transpose().map(|batch| batch.map_err(|source| no_csv(&path, source)))
    })))
}

/// The columns that are in a CSV part itself; with `names`, only those that its header has.
fn csv_schema(part: &Part, columns: &[Column], names: Option<&[String]>) -> SchemaRef {
    let in_path = |column: &&Column| !hive_segments(&part.path).any(|(name, _)| name == column.name);
    let there = |column: &&Column| names.is_none_or(|names| names.contains(&column.name));
    let field = |column: &Column| Field::new(&column.name, column.arrow.clone(), true);
    Arc::new(Schema::new(columns.iter().filter(in_path).filter(there).map(field).collect::<Vec<_>>()))
}

/// Whether a column of a part stands in its path and not in the file.
pub(crate) fn stands_in_path(path: &str, column: &str) -> bool {
    hive_segments(path).any(|(name, _)| name == column)
}

/// `column=value` segments of a part's path.
fn hive_segments(path: &str) -> impl Iterator<Item = (String, Option<String>)> {
    path.split('/').filter_map(|segment| {
        let (name, value) = segment.split_once('=')?;
        Some((hive::unescape(name), (value != hive::NULL).then(|| hive::unescape(value))))
    })
}

/// The values as text with every digit.
fn as_text(array: &ArrayRef) -> ArrayRef {
    let texts: StringArray = (0..array.len()).map(|row| render::cell_text(array, row)).collect();
    Arc::new(texts)
}

/// Gives every batch of a part the committed columns.
struct PartShape {
    part: String,
    schema: SchemaRef,
    from_path: IndexMap<String, Option<String>>,
}

impl PartShape {
    /// `outside` are values that stand in the path of the partition.
    fn new(part: &str, columns: &[Column], outside: IndexMap<String, Option<String>>) -> Self {
        let fields: Vec<Field> =
            columns.iter().map(|column| Field::new(&column.name, column.arrow.clone(), true)).collect();
        let mut from_path = outside;
        from_path.extend(hive_segments(part));
        Self { part: part.to_owned(), schema: Arc::new(Schema::new(fields)), from_path }
    }

    fn apply(&self, batch: &RecordBatch) -> Result<RecordBatch, QueryError> {
        let shape = |source| QueryError::Shape { part: self.part.clone(), source };
        let column = |field: &Arc<Field>| -> Result<ArrayRef, ArrowError> {
            let rows = batch.num_rows();
            match (batch.column_by_name(field.name()), self.from_path.get(field.name())) {
                (Some(array), _) if array.data_type() == field.data_type() => Ok(array.clone()),
                // Text is what columns become whose type differs between partitions.
                (Some(array), _) if *field.data_type() == DataType::Utf8 => Ok(as_text(array)),
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
