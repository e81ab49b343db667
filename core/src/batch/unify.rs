//! One schema for partitions whose schemas differ.
//!
//! A common type holds every value of each of them, or it is text. Which differences are harmful
//! (in key and order columns) is for the caller to say.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatchOptions, new_null_array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use chrono_tz::Tz;
use indexmap::IndexMap;

use super::cast::cast;
use super::{NULLS_ONLY, is_nulls_only};
use crate::config::settings::DeclaredType;

/// What several schemas have in common.
#[derive(Clone, Debug)]
pub(crate) struct Unified {
    /// All columns, in the order in which they first appear.
    pub(crate) schema: SchemaRef,
    /// Columns that have several types, columns without values apart: name, and the types in the
    /// order in which they first appear.
    pub(crate) differing: Vec<(String, Vec<DataType>)>,
}

/// The common schema. `whole_numbers_fit_float` says of a schema (by its number) and an integer
/// column whether all its values lie within ±2^53; without knowing, the answer is `false`.
pub(crate) fn unify(schemas: &[SchemaRef], whole_numbers_fit_float: &dyn Fn(usize, &str) -> bool) -> Unified {
    let mut columns: IndexMap<&str, Column> = IndexMap::new();
    for (number, schema) in schemas.iter().enumerate() {
        for field in schema.fields() {
            let column = columns.entry(field.name()).or_default();
            if is_nulls_only(field) {
                continue;
            }
            let kind = field.data_type();
            if !column.types.contains(kind) {
                column.types.push(kind.clone());
            }
            column.exact_in_float &= !kind.is_integer() || whole_numbers_fit_float(number, field.name());
        }
    }
    let mut differing = Vec::new();
    let mut fields = Vec::with_capacity(columns.len());
    for (name, column) in columns {
        let common = column.types.iter().cloned().reduce(|left, right| common(left, right, column.exact_in_float));
        fields.push(match common {
            Some(common) => Field::new(name, common, true),
            None => Field::new(name, DataType::Utf8, true)
                .with_metadata([(NULLS_ONLY.to_owned(), "true".to_owned())].into()),
        });
        if column.types.len() > 1 {
            differing.push((name.to_owned(), column.types));
        }
    }
    Unified { schema: Arc::new(Schema::new(fields)), differing }
}

struct Column {
    types: Vec<DataType>,
    exact_in_float: bool,
}

impl Default for Column {
    fn default() -> Self {
        Self { types: Vec::new(), exact_in_float: true }
    }
}

/// The type that holds every value of both.
fn common(left: DataType, right: DataType, exact_in_float: bool) -> DataType {
    use DataType::{Date32, Decimal128, Float32, Float64, Int64, Timestamp};
    if left == right {
        return left;
    }
    match (&left, &right) {
        (Float64, Float32) | (Float32, Float64) => Float64,
        (integer, Float64) | (Float64, integer) if integer.is_integer() && exact_in_float => Float64,
        (one, other) if fits_int64(one) && fits_int64(other) => Int64,
        (Date32, Timestamp(TimeUnit::Microsecond, None)) | (Timestamp(TimeUnit::Microsecond, None), Date32) => {
            Timestamp(TimeUnit::Microsecond, None)
        }
        (Decimal128(_, left_scale), Decimal128(_, right_scale)) => {
            let scale = *left_scale.max(right_scale);
            let whole = |kind: &DataType| match kind {
                Decimal128(precision, scale) => i16::from(*precision) - i16::from(*scale),
                _ => 0,
            };
            match u8::try_from(whole(&left).max(whole(&right)) + i16::from(scale)) {
                Ok(precision) if precision <= 38 => Decimal128(precision, scale),
                _ => DataType::Utf8,
            }
        }
        _ => DataType::Utf8,
    }
}

fn fits_int64(kind: &DataType) -> bool {
    kind.is_integer() && *kind != DataType::UInt64
}

/// The batch with the columns and types of a schema that [`unify`] made: missing columns are null.
///
/// # Errors
///
/// If the schema is not one that the batch's was unified into.
pub(crate) fn conform(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let wanted = field.data_type();
        let Some(array) = batch.column_by_name(field.name()) else {
            arrays.push(new_null_array(wanted, batch.num_rows()));
            continue;
        };
        if array.data_type() == wanted {
            arrays.push(Arc::clone(array));
            continue;
        }
        let target = declared(wanted)
            .ok_or_else(|| ArrowError::CastError(format!("{} from {} to {wanted}", field.name(), array.data_type())))?;
        // Types without a zone only: those with one unify with nothing else but text.
        let (array, failed) = cast(array, &target, Tz::UTC);
        if failed.count_set_bits() > 0 {
            return Err(ArrowError::CastError(format!("{}: a value is no {wanted}", field.name())));
        }
        arrays.push(array);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &options)
}

/// The declared type with this Arrow type, if there is one.
pub(crate) fn declared(data_type: &DataType) -> Option<DeclaredType> {
    Some(match data_type {
        DataType::Utf8 => DeclaredType::Text,
        DataType::Int64 => DeclaredType::Integer,
        DataType::Float64 => DeclaredType::Float,
        DataType::Decimal128(precision, scale) => DeclaredType::Decimal { precision: *precision, scale: *scale },
        DataType::Boolean => DeclaredType::Boolean,
        DataType::Date32 => DeclaredType::Date,
        DataType::Timestamp(TimeUnit::Microsecond, None) => DeclaredType::Timestamp,
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if zone.as_ref() == super::column::UTC => {
            DeclaredType::Timestamptz
        }
        _ => return None,
    })
}
