//! What a condition gives for rows, with the three truths of SQL, and for which row groups of a
//! Parquet part it cannot give anything.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Scalar, StringArray, UInt64Array};
use arrow::compute::kernels::cmp;
use arrow::compute::{and_kleene, cast, ilike, is_null, like, not, or_kleene};
use arrow::datatypes::{DataType, Float64Type};
use arrow::error::ArrowError;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;

use super::as_text;
use super::condition::{Comparison, Condition, Test};
use super::table::RowTable;

/// The columns of some rows by their place in the table.
type Columns<'a> = dyn Fn(usize) -> Option<&'a ArrayRef> + 'a;

/// What the condition gives for each of `rows` rows: true, false, or NULL, which is not chosen.
pub(super) fn evaluate(condition: &Condition, columns: &Columns<'_>, rows: usize) -> Result<BooleanArray, ArrowError> {
    let missing = || ArrowError::ComputeError("a column of the condition was not read".into());
    let column = |at: usize| columns(at).ok_or_else(missing);
    match condition {
        Condition::And(left, right) => and_kleene(&evaluate(left, columns, rows)?, &evaluate(right, columns, rows)?),
        Condition::Or(left, right) => or_kleene(&evaluate(left, columns, rows)?, &evaluate(right, columns, rows)?),
        Condition::Not(inner) => not(&evaluate(inner, columns, rows)?),
        Condition::True(at) => Ok(cast(column(*at)?, &DataType::Boolean)?.as_boolean().clone()),
        Condition::Null(at) => is_null(column(*at)?),
        Condition::Compare(at, test) => compare(column(*at)?, test),
        Condition::Columns(left, comparison, right) => {
            let (left, right) = (column(*left)?, column(*right)?);
            if left.data_type().is_floating() {
                let [left, right] = [cast(left, &DataType::Float64)?, cast(right, &DataType::Float64)?];
                let pairs = left.as_primitive::<Float64Type>().iter().zip(right.as_primitive::<Float64Type>());
                return Ok(pairs.map(|(left, right)| Some(holds(*comparison, left?, right?))).collect());
            }
            kernel(*comparison)(left, right)
        }
        Condition::In(at, tests) => {
            let array = column(*at)?;
            let mut found = BooleanArray::from(vec![false; rows]);
            for test in tests {
                found = or_kleene(&found, &compare(array, test)?)?;
            }
            Ok(found)
        }
        Condition::Like { column: at, pattern, any_case } => {
            let array = column(*at)?;
            let text = match array.data_type() {
                DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => array.clone(),
                _ => as_text(array),
            };
            let pattern = cast(&StringArray::from(vec![pattern.as_str()]), text.data_type())?;
            let pattern = Scalar::new(pattern);
            if *any_case { ilike(&text, &pattern) } else { like(&text, &pattern) }
        }
    }
}

type Kernel = fn(&dyn arrow::array::Datum, &dyn arrow::array::Datum) -> Result<BooleanArray, ArrowError>;

fn kernel(comparison: Comparison) -> Kernel {
    match comparison {
        Comparison::Equal => cmp::eq,
        Comparison::Unequal => cmp::neq,
        Comparison::Less => cmp::lt,
        Comparison::AtMost => cmp::lt_eq,
        Comparison::Greater => cmp::gt,
        Comparison::AtLeast => cmp::gt_eq,
    }
}

#[expect(clippy::float_cmp, reason = "a person asked whether two floats are equal")]
fn holds(comparison: Comparison, left: f64, right: f64) -> bool {
    match comparison {
        Comparison::Equal => left == right,
        Comparison::Unequal => left != right,
        Comparison::Less => left < right,
        Comparison::AtMost => left <= right,
        Comparison::Greater => left > right,
        Comparison::AtLeast => left >= right,
    }
}

fn compare(array: &ArrayRef, test: &Test) -> Result<BooleanArray, ArrowError> {
    match test {
        Test::Never | Test::Always => {
            let truth = matches!(test, Test::Always);
            Ok((0..array.len()).map(|row| array.is_valid(row).then_some(truth)).collect())
        }
        Test::Float(comparison, value) => {
            let array = cast(array, &DataType::Float64)?;
            Ok(BooleanArray::from_unary(array.as_primitive::<Float64Type>(), |float| holds(*comparison, float, *value)))
        }
        Test::Value { comparison, as_type, value } => {
            let array = if array.data_type() == as_type { array.clone() } else { cast(array, as_type)? };
            kernel(*comparison)(&array, &Scalar::new(value.clone()))
        }
    }
}

/// For each row group, whether it may have a row that is chosen.
pub(super) fn worth_reading(condition: &Condition, table: &RowTable, metadata: &ArrowReaderMetadata) -> Vec<bool> {
    let groups = metadata.metadata().num_row_groups();
    let bounds = |column: usize| Bounds::of(table, column, metadata);
    let may = may_hold(condition, &bounds, groups);
    (0..groups).map(|at| may.as_ref().is_none_or(|may| may.is_null(at) || may.value(at))).collect()
}

/// What a file tells of a column's values in its row groups.
struct Bounds {
    least: ArrayRef,
    greatest: ArrayRef,
    nulls: UInt64Array,
}

impl Bounds {
    fn of(table: &RowTable, column: usize, metadata: &ArrowReaderMetadata) -> Option<Self> {
        let of = &table.columns[column];
        let (schema, parquet) = (metadata.schema(), metadata.parquet_schema());
        // Only where the file has what the table says.
        if schema.field_with_name(&of.name).ok()?.data_type() != &of.arrow {
            return None;
        }
        let converter = StatisticsConverter::try_new(&of.name, schema, parquet).ok()?;
        let leaf = converter.parquet_column_index()?;
        let groups = metadata.metadata().row_groups();
        // Bounds of old writers compare texts as signed bytes.
        let old = |group: &parquet::file::metadata::RowGroupMetaData| {
            group.column(leaf).statistics().is_some_and(parquet::file::statistics::Statistics::is_min_max_deprecated)
        };
        if groups.iter().any(old) {
            return None;
        }
        Some(Self {
            least: converter.row_group_mins(groups).ok()?,
            greatest: converter.row_group_maxes(groups).ok()?,
            nulls: converter.row_group_null_counts(groups).ok()?,
        })
    }
}

/// `None`: nothing is known. NULL of a group: nothing is known of it.
fn may_hold(condition: &Condition, bounds: &dyn Fn(usize) -> Option<Bounds>, groups: usize) -> Option<BooleanArray> {
    match condition {
        Condition::And(left, right) => match (may_hold(left, bounds, groups), may_hold(right, bounds, groups)) {
            (Some(left), Some(right)) => and_kleene(&left, &right).ok(),
            (one, other) => one.or(other),
        },
        Condition::Or(left, right) => {
            or_kleene(&may_hold(left, bounds, groups)?, &may_hold(right, bounds, groups)?).ok()
        }
        Condition::Null(column) => {
            let nulls = bounds(*column)?.nulls;
            Some(BooleanArray::from_unary(&nulls, |nulls| nulls > 0))
        }
        Condition::Compare(column, test) => within(bounds(*column).as_ref(), test, groups),
        Condition::In(column, tests) => {
            let bounds = bounds(*column);
            let mut may = BooleanArray::from(vec![false; groups]);
            for test in tests {
                may = or_kleene(&may, &within(bounds.as_ref(), test, groups)?).ok()?;
            }
            Some(may)
        }
        Condition::Not(_) | Condition::True(_) | Condition::Columns(..) | Condition::Like { .. } => None,
    }
}

fn within(bounds: Option<&Bounds>, test: &Test, groups: usize) -> Option<BooleanArray> {
    let Test::Value { comparison, as_type, value } = test else {
        return matches!(test, Test::Never).then(|| BooleanArray::from(vec![false; groups]));
    };
    let Bounds { least, greatest, .. } = bounds?;
    let read = |array: &ArrayRef| cast(array, as_type).ok().filter(|read| read.null_count() == array.null_count());
    let (least, greatest) = (read(least)?, read(greatest)?);
    let value = Scalar::new(Arc::clone(value));
    match comparison {
        Comparison::Equal => and_kleene(&cmp::lt_eq(&least, &value).ok()?, &cmp::gt_eq(&greatest, &value).ok()?).ok(),
        Comparison::Less => cmp::lt(&least, &value).ok(),
        Comparison::AtMost => cmp::lt_eq(&least, &value).ok(),
        Comparison::Greater => cmp::gt(&greatest, &value).ok(),
        Comparison::AtLeast => cmp::gt_eq(&greatest, &value).ok(),
        Comparison::Unequal => None,
    }
}
