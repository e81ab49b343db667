//! Parquet files as batches.
//!
//! Types are those of the file, with these exceptions: dictionaries and other encodings of text
//! become plain text, every zone becomes UTC (the instant stays), and times of another unit become
//! microseconds, if all of them are whole microseconds; else the column stays as it is. To know
//! that, such columns are read once more when the file is opened. A type that the file does not
//! know (`null`) is text without values.
//!
//! A declared type is cast to, exactly or not at all.

use std::path::Path;
use std::sync::Arc;

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use ::parquet::errors::ParquetError;
use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray, RecordBatchOptions};
use arrow::buffer::BooleanBuffer;
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{
    DataType, Field, Schema, SchemaRef, TimeUnit, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use chrono_tz::Tz;
use indexmap::IndexSet;

use super::home::Content;
use super::place::seekable;
use super::{Located, format_name, not_opened};
use crate::batch::cast::cast;
use crate::batch::column::{UTC, arrow_type};
use crate::batch::render::cell_text;
use crate::batch::{NULLS_ONLY, size, type_name};
use crate::cancel::CancelToken;
use crate::config::settings::DeclaredType;
use crate::extract::scratch::Scratch;
use crate::extract::{ExtractError, ExtractRequest, Extraction, Misfit, Position, SourceSummary, Unreadable};
use crate::nearest::nearest;

/// A column of the result.
struct Chosen {
    name: String,
    /// Its number in the batches that are read.
    index: usize,
    change: Change,
}

/// What becomes of a column's values.
#[derive(Clone, Debug)]
enum Change {
    /// The same values as another Arrow type; cannot fail.
    Plain(DataType),
    /// A declared type; may not fit.
    Declared(DeclaredType),
}

impl Change {
    fn data_type(&self) -> DataType {
        match self {
            Self::Plain(data_type) => data_type.clone(),
            Self::Declared(declared) => arrow_type(declared),
        }
    }
}

struct ParquetExtraction {
    /// Stays until nothing is read of it any more.
    _scratch: Option<Scratch>,
    located: Located,
    reader: ParquetRecordBatchReader,
    columns: Vec<Chosen>,
    schema: SchemaRef,
    file: Content,
    size: u64,
    /// Records of the file.
    total: u64,
    rows: u64,
    limit: u64,
    timezone: Tz,
    cancel: CancelToken,
}

/// Decides columns and types.
pub(super) fn open(located: Located, request: &ExtractRequest) -> Result<Box<dyn Extraction>, ExtractError> {
    let (file, scratch) = seekable(&located, request)?;
    let again = file.again().map_err(|error| not_opened(&located.path, error))?;
    decide(located, request, file, scratch).map_err(|error| again.blame(error))
}

fn decide(
    located: Located,
    request: &ExtractRequest,
    file: Content,
    scratch: Option<Scratch>,
) -> Result<Box<dyn Extraction>, ExtractError> {
    let path = located.path.as_path();
    let (size, _) = file.stamp().map_err(|error| not_opened(path, error))?;
    let reopen = || file.again().map_err(|error| not_opened(path, error));
    let builder = ParquetRecordBatchReaderBuilder::try_new(reopen()?).map_err(|error| unreadable(path, error))?;
    let found = Arc::clone(builder.schema());
    let names: Vec<&str> = found.fields().iter().map(|field| field.name().as_str()).collect();
    let chosen = choose(&located, request, &names)?;

    let mut indices: Vec<usize> = chosen.clone();
    indices.sort_unstable();
    let mask = ProjectionMask::roots(builder.parquet_schema(), indices.iter().copied());
    let total = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
    let limit = located.source.limit_rows.unwrap_or(u64::MAX).min(request.limit.unwrap_or(u64::MAX));
    let batch_rows = size::parquet_rows(builder.metadata());
    let reader = builder
        .with_projection(mask)
        .with_batch_size(batch_rows)
        .with_limit(usize::try_from(limit).unwrap_or(usize::MAX))
        .build()
        .map_err(|error| unreadable(path, error))?;

    let undecided: Vec<usize> = chosen
        .iter()
        .copied()
        .filter(|index| {
            let field = found.field(*index);
            matches!(values(field.data_type()), DataType::Timestamp(unit, _) if *unit != TimeUnit::Microsecond)
                && !request.as_text.contains(field.name())
        })
        .collect();
    let exact = whole_microseconds(path, reopen()?, &undecided, &request.cancel)?;
    let columns: Vec<Chosen> = chosen
        .iter()
        .map(|index| {
            let field = found.field(*index);
            let position = indices.iter().position(|other| other == index).unwrap_or(0);
            let plain = plain(field.data_type(), exact.contains(index));
            let change = if request.as_text.contains(field.name()) {
                Change::Declared(DeclaredType::Text)
            } else {
                match request.declared.get(field.name()) {
                    Some(declared) => Change::Declared(*declared),
                    None => Change::Plain(plain),
                }
            };
            Chosen { name: field.name().clone(), index: position, change }
        })
        .collect();
    let fields = columns.iter().zip(&chosen).map(|(column, index)| {
        let field = Field::new(&column.name, column.change.data_type(), true);
        if *found.field(*index).data_type() == DataType::Null && matches!(column.change, Change::Plain(_)) {
            field.with_metadata([(NULLS_ONLY.to_owned(), "true".to_owned())].into())
        } else {
            field
        }
    });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    Ok(Box::new(ParquetExtraction {
        _scratch: scratch,
        located,
        reader,
        columns,
        schema,
        file,
        size,
        total,
        rows: 0,
        limit,
        timezone: request.timezone,
        cancel: request.cancel.clone(),
    }))
}

/// The numbers of the columns asked for, in that order.
fn choose(located: &Located, request: &ExtractRequest, names: &[&str]) -> Result<Vec<usize>, ExtractError> {
    let position = |wanted: &str| {
        let found = names.iter().position(|name| *name == wanted).ok_or_else(|| ExtractError::NoColumn {
            path: located.path.clone(),
            column: wanted.to_owned(),
            nearest: nearest(wanted, names.iter().copied()).map(str::to_owned),
        })?;
        match names[found + 1..].iter().position(|name| *name == wanted) {
            None => Ok(found),
            Some(second) => Err(ExtractError::DuplicateColumn {
                path: located.path.clone(),
                column: wanted.to_owned(),
                first: found + 1,
                second: found + second + 2,
            }),
        }
    };
    for declared in request.declared.keys() {
        position(declared)?;
    }
    match &located.source.columns {
        Some(columns) => columns.iter().map(|name| position(name)).collect(),
        None => names.iter().map(|name| position(name)).collect(),
    }
}

/// The type of the values, without dictionary.
fn values(data_type: &DataType) -> &DataType {
    match data_type {
        DataType::Dictionary(_, values) => values,
        other => other,
    }
}

/// The type a column has in the batches.
fn plain(data_type: &DataType, whole_microseconds: bool) -> DataType {
    match values(data_type) {
        DataType::Timestamp(unit, zone) => {
            let unit = if whole_microseconds { TimeUnit::Microsecond } else { *unit };
            DataType::Timestamp(unit, zone.as_ref().map(|_| UTC.into()))
        }
        DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => DataType::Utf8,
        DataType::LargeBinary | DataType::BinaryView => DataType::Binary,
        DataType::Decimal32(precision, scale) | DataType::Decimal64(precision, scale) => {
            DataType::Decimal128(*precision, *scale)
        }
        other => other.clone(),
    }
}

/// Those of the columns whose times are all whole microseconds.
fn whole_microseconds(
    path: &Path,
    file: Content,
    columns: &[usize],
    cancel: &CancelToken,
) -> Result<IndexSet<usize>, ExtractError> {
    let mut exact: IndexSet<usize> = columns.iter().copied().collect();
    if exact.is_empty() {
        return Ok(exact);
    }
    exact.sort_unstable();
    let mut open: Vec<usize> = exact.iter().copied().collect();
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| unreadable(path, error))?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), open.iter().copied());
    let batch_rows = size::parquet_rows(builder.metadata());
    let reader =
        builder.with_projection(mask).with_batch_size(batch_rows).build().map_err(|error| unreadable(path, error))?;
    for batch in reader {
        if cancel.is_cancelled() {
            return Err(ExtractError::Cancelled);
        }
        let batch = batch.map_err(|error| unreadable(path, error))?;
        for (column, index) in batch.columns().iter().zip(&mut open) {
            let values = cast_with_options(column, values(column.data_type()), &CastOptions::default())
                .map_err(|error| unreadable(path, error))?;
            if *index != usize::MAX && !is_whole(&values) {
                exact.shift_remove(index);
                *index = usize::MAX;
            }
        }
    }
    Ok(exact)
}

fn is_whole(array: &ArrayRef) -> bool {
    match array.data_type() {
        DataType::Timestamp(TimeUnit::Second, _) => {
            all(array.as_primitive::<TimestampSecondType>(), |value| value.checked_mul(1_000_000).is_some())
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            all(array.as_primitive::<TimestampMillisecondType>(), |value| value.checked_mul(1_000).is_some())
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            all(array.as_primitive::<TimestampNanosecondType>(), |value| value % 1_000 == 0)
        }
        _ => false,
    }
}

fn all<T: arrow::datatypes::ArrowPrimitiveType>(array: &PrimitiveArray<T>, fits: impl Fn(T::Native) -> bool) -> bool {
    array.iter().flatten().all(fits)
}

fn unreadable(path: &Path, error: impl Into<Failure>) -> ExtractError {
    let Failure(reason) = error.into();
    ExtractError::Malformed {
        path: path.to_path_buf(),
        format: format_name(crate::config::settings::FileFormat::Parquet),
        line: None,
        reason,
    }
}

/// What the libraries say, in one line.
struct Failure(String);

impl From<ParquetError> for Failure {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::General(text) | ParquetError::EOF(text) | ParquetError::NYI(text) => Self(text),
            other => Self(other.to_string()),
        }
    }
}

impl From<ArrowError> for Failure {
    fn from(error: ArrowError) -> Self {
        match error {
            ArrowError::ParquetError(text) | ArrowError::CastError(text) => Self(text),
            other => Self(other.to_string()),
        }
    }
}

impl ParquetExtraction {
    /// A column in its type, and which values do not fit it.
    fn convert(&self, batch: &RecordBatch, column: &Chosen) -> Result<(ArrayRef, BooleanBuffer), ExtractError> {
        let array = batch.column(column.index);
        let values = values(array.data_type());
        let exactly = CastOptions { safe: false, ..CastOptions::default() };
        let target = match &column.change {
            Change::Plain(target) => target,
            Change::Declared(_) => values,
        };
        let array = if array.data_type() == target {
            Arc::clone(array)
        } else {
            cast_with_options(array, target, &exactly).map_err(|error| unreadable(&self.located.path, error))?
        };
        Ok(match &column.change {
            Change::Plain(_) => {
                let fits = BooleanBuffer::new_unset(array.len());
                (array, fits)
            }
            Change::Declared(declared) => cast(&array, declared, self.timezone),
        })
    }

    fn read(&mut self) -> Result<Option<RecordBatch>, ExtractError> {
        if self.cancel.is_cancelled() {
            return Err(ExtractError::Cancelled);
        }
        let batch = self.reader.next().transpose();
        let batch = batch.map_err(|error| self.file.blame(unreadable(&self.located.path, error)))?;
        if batch.is_none() {
            let path = &self.located.path;
            let (now, _) = self.file.stamp().map_err(|error| not_opened(path, error))?;
            if now != self.size {
                let reason = format!("it changed while it was read: {} bytes at first, {now} now", self.size);
                return Err(ExtractError::Io { path: path.clone(), source: std::io::Error::other(reason) });
            }
        }
        Ok(batch)
    }

    /// Looks at the rest of the file and names every column that does not fit.
    fn misfits(&mut self, mut batch: RecordBatch) -> Result<Vec<Misfit>, ExtractError> {
        let mut found: Vec<Misfit> = Vec::new();
        loop {
            for column in &self.columns {
                if found.iter().any(|misfit| misfit.column == column.name) {
                    continue;
                }
                let (_, failed) = self.convert(&batch, column)?;
                if let Some(row) = failed.set_indices().next() {
                    let value = cell_text(batch.column(column.index).as_ref(), row).unwrap_or_default();
                    found.push(Misfit {
                        column: column.name.clone(),
                        value: value.chars().take(100).collect(),
                        line: self.rows + row as u64 + 1,
                        data_type: type_name(&column.change.data_type()),
                    });
                }
            }
            self.rows += batch.num_rows() as u64;
            match self.read()? {
                Some(next) => batch = next,
                None => return Ok(found),
            }
        }
    }
}

impl Extraction for ParquetExtraction {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn next(&mut self) -> Result<Option<RecordBatch>, ExtractError> {
        if self.rows >= self.limit && !self.cancel.is_cancelled() {
            return Ok(None);
        }
        let Some(batch) = self.read()? else { return Ok(None) };
        let mut arrays = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let (array, failed) = self.convert(&batch, column)?;
            if failed.count_set_bits() > 0 {
                return Err(ExtractError::Misfit { columns: self.misfits(batch)? });
            }
            arrays.push(array);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)
            .map_err(|error| unreadable(&self.located.path, error))?;
        self.rows += batch.num_rows() as u64;
        Ok(Some(batch))
    }

    /// Every record of a Parquet file can be read, or none.
    fn take_unreadable(&mut self) -> Vec<Unreadable> {
        Vec::new()
    }

    /// Bytes in proportion to records: the file is not read from front to back.
    fn progress(&self) -> Position {
        let share = u128::from(self.size) * u128::from(self.rows) / u128::from(self.total.max(1));
        Position {
            rows: self.rows,
            bytes: u64::try_from(share).unwrap_or(self.size).min(self.size),
            total_bytes: Some(self.size),
        }
    }

    fn summary(&self) -> SourceSummary {
        SourceSummary {
            kind: "file",
            location: self.located.location.clone(),
            format: format_name(self.located.format),
            bytes: self.size,
        }
    }
}
