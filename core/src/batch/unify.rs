//! One schema for partitions whose schemas differ.
//!
//! A common type holds every value of each of them, or it is text. Which differences are harmful
//! (in key and order columns) is for the caller to say.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use indexmap::IndexMap;

use super::{NULLS_ONLY, is_nulls_only};

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

#[cfg(test)]
mod tests {
    use super::*;

    const MICROS: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

    /// `?` is a column without values.
    fn of(types: &[Option<DataType>], fits: bool) -> (String, usize) {
        let schemas: Vec<SchemaRef> = types
            .iter()
            .map(|kind| {
                let field = Field::new("c", kind.clone().unwrap_or(DataType::Utf8), true);
                let notes = kind.is_none().then(|| (NULLS_ONLY.to_owned(), "true".to_owned()));
                Arc::new(Schema::new(vec![field.with_metadata(notes.into_iter().collect())]))
            })
            .collect();
        let unified = unify(&schemas, &|_, _| fits);
        let field = unified.schema.field(0);
        let mark = if is_nulls_only(field) { "?" } else { "" };
        let types = unified.differing.first().map_or(0, |(_, types)| types.len());
        (crate::batch::type_name(field.data_type()) + mark, types)
    }

    #[test]
    fn the_common_type_holds_every_value() {
        use DataType::{Boolean, Date32, Decimal128, Float64, Int32, Int64, UInt64, Utf8};
        let zoned = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let two = |left: &DataType, right: &DataType, fits: bool| {
            let forth = of(&[Some(left.clone()), Some(right.clone())], fits);
            assert_eq!(forth, of(&[Some(right.clone()), Some(left.clone())], fits), "in either order");
            assert_eq!(forth.1, 2, "the difference is told");
            forth.0
        };
        assert_eq!(of(&[Some(Int64), Some(Int64)], false), ("integer".into(), 0));
        assert_eq!(of(&[None, Some(Int64), None], false), ("integer".into(), 0));
        assert_eq!(of(&[None, None], false), ("text?".into(), 0));
        assert_eq!(two(&Int64, &Float64, true), "float");
        assert_eq!(two(&Int64, &Float64, false), "text");
        assert_eq!(two(&Int32, &Int64, false), "integer");
        assert_eq!(two(&UInt64, &Int64, false), "text");
        assert_eq!(two(&Date32, &MICROS, false), "timestamp");
        assert_eq!(two(&MICROS, &zoned, false), "text");
        assert_eq!(two(&Date32, &zoned, false), "text");
        assert_eq!(two(&Boolean, &Int64, true), "text");
        assert_eq!(two(&Utf8, &Int64, true), "text");
        assert_eq!(two(&Decimal128(10, 2), &Decimal128(8, 4), false), "decimal(12,4)");
        assert_eq!(two(&Decimal128(38, 2), &Decimal128(8, 4), false), "text");
    }

    #[test]
    fn columns_keep_the_order_of_their_first_appearance() {
        let schema = |names: &[&str]| -> SchemaRef {
            Arc::new(Schema::new(names.iter().map(|name| Field::new(*name, DataType::Int64, true)).collect::<Vec<_>>()))
        };
        let unified = unify(&[schema(&["b", "a"]), schema(&["c", "a"])], &|_, _| false);
        let names: Vec<&str> = unified.schema.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!((names, unified.differing.len()), (vec!["b", "a", "c"], 0));
    }
}
