//! The keys of rows in a form that can be hashed and compared: one word where that does, otherwise bytes.
//! Knows whether a row can have a partner at all.

use std::hash::BuildHasher;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, Rows, SortField};
use rustc_hash::FxBuildHasher;

use super::pairs::{Class, Pair};

/// Encodes the keys of both sides of a join alike.
#[derive(Debug)]
pub(super) struct Encoder {
    classes: Vec<Class>,
    null_keys_match: bool,
    /// `None`: one word does.
    rows: Option<RowConverter>,
}

/// The keys of a batch.
#[derive(Debug)]
pub(super) struct Encoded {
    form: Form,
    /// Rows that have no key, or one whose value the other side cannot have; `None`: no row.
    unusable: Option<Vec<bool>>,
}

#[derive(Debug)]
enum Form {
    Words(Vec<u64>),
    Rows(Rows),
}

impl Encoder {
    pub(super) fn new(pairs: &[Pair], null_keys_match: bool) -> Result<Self, ArrowError> {
        let classes: Vec<Class> = pairs.iter().map(|pair| pair.class.clone()).collect();
        let is_word = matches!(classes.as_slice(), [Class::Whole | Class::Instant(_) | Class::Float]);
        let rows = if is_word && !null_keys_match {
            None
        } else {
            let field = |class: &Class| SortField::new(form(class));
            Some(RowConverter::new(classes.iter().map(field).collect())?)
        };
        Ok(Self { classes, null_keys_match, rows })
    }

    /// The keys of rows; `columns` are those of one side, in the order of the pairs.
    pub(super) fn encode(&self, columns: &[ArrayRef]) -> Result<Encoded, ArrowError> {
        let rows = columns.first().map_or(0, Array::len);
        let mut unusable = vec![false; rows];
        let mut any = false;
        let mut mark = |row: usize| {
            unusable[row] = true;
            any = true;
        };
        let mut exact = Vec::with_capacity(columns.len());
        for (column, class) in columns.iter().zip(&self.classes) {
            let (values, lost) = normalised(column, class)?;
            if !self.null_keys_match && column.logical_null_count() > 0 {
                let nulls = column.logical_nulls();
                (0..rows).filter(|row| nulls.as_ref().is_some_and(|nulls| nulls.is_null(*row))).for_each(&mut mark);
            }
            lost.into_iter().for_each(&mut mark);
            exact.push(values);
        }
        let form = match &self.rows {
            Some(converter) => Form::Rows(converter.convert_columns(&exact)?),
            None => Form::Words(words(&exact[0])),
        };
        Ok(Encoded { form, unusable: any.then_some(unusable) })
    }
}

impl Encoded {
    /// How many rows.
    pub(super) fn len(&self) -> usize {
        match &self.form {
            Form::Words(words) => words.len(),
            Form::Rows(rows) => rows.num_rows(),
        }
    }

    /// Whether the row may have a partner.
    pub(super) fn is_usable(&self, row: usize) -> bool {
        self.unusable.as_ref().is_none_or(|unusable| !unusable[row])
    }

    /// The hash of a row's key. Its upper bits choose a bucket or a shard.
    pub(super) fn hash(&self, row: usize) -> u64 {
        match &self.form {
            // A multiplication spreads to upper bits only; the table looks at the lower ones too.
            Form::Words(words) => mixed(words[row]),
            Form::Rows(rows) => mixed(FxBuildHasher.hash_one(rows.row(row).as_ref())),
        }
    }

    /// Whether rows with one hash have one key: no two words are mixed to the same.
    pub(super) fn hash_is_key(&self) -> bool {
        matches!(self.form, Form::Words(_))
    }

    /// The bytes of a row's key.
    pub(super) fn bytes_of(&self, row: usize) -> Vec<u8> {
        match &self.form {
            Form::Words(words) => words[row].to_le_bytes().to_vec(),
            Form::Rows(rows) => rows.row(row).as_ref().to_vec(),
        }
    }

    /// Whether two keys are equal. Both come from one [`Encoder`].
    pub(super) fn equal(&self, row: usize, other: &Self, other_row: usize) -> bool {
        match (&self.form, &other.form) {
            (Form::Words(own), Form::Words(words)) => own[row] == words[other_row],
            (Form::Rows(own), Form::Rows(rows)) => own.row(row).as_ref() == rows.row(other_row).as_ref(),
            _ => false,
        }
    }
}

/// One to one, so that different words have different hashes.
fn mixed(word: u64) -> u64 {
    let word = (word ^ (word >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (word ^ (word >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9).rotate_left(26)
}

/// The type in which values of a class are compared.
fn form(class: &Class) -> DataType {
    match class {
        Class::Whole | Class::Instant(_) => DataType::Int64,
        Class::Decimal(scale) => DataType::Decimal256(76, *scale),
        Class::Float => DataType::Float64,
        Class::Text => DataType::Utf8,
        Class::Binary => DataType::Binary,
        Class::Same(kind) => kind.clone(),
    }
}

/// The values of a column in that type, and rows with a value that the type does not have: the other side
/// cannot have it either.
fn normalised(column: &ArrayRef, class: &Class) -> Result<(ArrayRef, Vec<usize>), ArrowError> {
    let options = CastOptions { safe: true, ..CastOptions::default() };
    let cast = |to: &DataType| {
        if column.data_type() == to { Ok(column.clone()) } else { cast_with_options(column, to, &options) }
    };
    // No value was ever seen in it, so its type means nothing.
    if column.null_count() == column.len() {
        return Ok((arrow::array::new_null_array(&form(class), column.len()), Vec::new()));
    }
    let values = match class {
        Class::Float => return floats(column),
        Class::Instant(unit) => {
            let DataType::Timestamp(own, zone) = column.data_type() else {
                return Ok((cast(&form(class))?, Vec::new()));
            };
            let finer = if own == unit { column.clone() } else { cast(&DataType::Timestamp(*unit, zone.clone()))? };
            cast_with_options(&finer, &DataType::Int64, &options)?
        }
        _ => cast(&form(class))?,
    };
    let lost = if values.null_count() > column.null_count() {
        (0..column.len()).filter(|row| values.is_null(*row) && column.is_valid(*row)).collect()
    } else {
        Vec::new()
    };
    Ok((values, lost))
}

/// Floating-point numbers with one NaN and one zero; whole numbers where they are exact.
fn floats(column: &ArrayRef) -> Result<(ArrayRef, Vec<usize>), ArrowError> {
    let one = |value: f64| if value.is_nan() { f64::NAN } else { value + 0.0 };
    if column.data_type().is_floating() {
        let values = cast_with_options(column, &DataType::Float64, &CastOptions::default())?;
        let values: Float64Array = values.as_primitive::<Float64Type>().unary(one);
        return Ok((Arc::new(values), Vec::new()));
    }
    let wide = cast_with_options(column, &DataType::Decimal128(38, 0), &CastOptions::default())?;
    let wide = wide.as_primitive::<arrow::datatypes::Decimal128Type>();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a number beyond the bounds is cut to them, and then it differs"
    )]
    let exact = |value: i128| {
        let float = value as f64;
        (float as i128 == value).then_some(float)
    };
    let lost = (0..wide.len()).filter(|row| wide.is_valid(*row) && exact(wide.value(*row)).is_none()).collect();
    let values: Float64Array = wide.iter().map(|value| value.and_then(exact)).collect();
    Ok((Arc::new(values), lost))
}

/// The bits of numbers; rows without one have any.
fn words(column: &ArrayRef) -> Vec<u64> {
    match column.data_type() {
        DataType::Float64 => {
            column.as_primitive::<Float64Type>().values().iter().map(|value| value.to_bits()).collect()
        }
        _ => column.as_primitive::<Int64Type>().values().iter().map(|value| value.cast_unsigned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{
        Decimal128Array, Int16Array, Int64Array, StringArray, TimestampMicrosecondArray, TimestampNanosecondArray,
        UInt64Array,
    };

    use crate::join::pairs::of_types;

    /// For each row of `left`, the rows of `right` that have an equal key.
    fn partners(left: ArrayRef, right: ArrayRef, null_keys_match: bool) -> Vec<Vec<usize>> {
        let class = of_types(left.data_type(), right.data_type()).unwrap();
        let encoder = Encoder::new(&[Pair { left: 0, right: 0, class }], null_keys_match).unwrap();
        let (left, right) = (encoder.encode(&[left]).unwrap(), encoder.encode(&[right]).unwrap());
        let equal = |l: usize, r: usize| {
            let equal = left.is_usable(l) && right.is_usable(r) && left.equal(l, &right, r);
            assert!(!equal || left.hash(l) == right.hash(r));
            equal
        };
        (0..left.len()).map(|l| (0..right.len()).filter(|r| equal(l, *r)).collect()).collect()
    }

    #[test]
    fn keys_are_equal_by_value() {
        let none: Vec<usize> = vec![];
        let wide: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), Some(-7), None]));
        let narrow: ArrayRef = Arc::new(Int16Array::from(vec![Some(-7), None, Some(1)]));
        assert_eq!(partners(wide.clone(), narrow.clone(), false), [vec![2], vec![0], none.clone()]);
        assert_eq!(partners(wide, narrow, true), [vec![2], vec![0], vec![1]]);
        let large: ArrayRef = Arc::new(UInt64Array::from(vec![u64::MAX, 5]));
        let signed: ArrayRef = Arc::new(Int64Array::from(vec![-1, 5]));
        assert_eq!(partners(large, signed, false), [none.clone(), vec![1]]);
        let decimal = |values: Vec<i128>, scale| -> ArrayRef {
            Arc::new(Decimal128Array::from(values).with_precision_and_scale(20, scale).unwrap())
        };
        assert_eq!(partners(decimal(vec![150, 151], 2), decimal(vec![15, 1500], 1), false), [vec![0], none.clone()]);
        assert_eq!(partners(decimal(vec![500], 2), Arc::new(Int64Array::from(vec![5, 500])), false), [vec![0]]);
        let floats: ArrayRef = Arc::new(Float64Array::from(vec![-0.0, f64::NAN, 9_007_199_254_740_992.0]));
        let others: ArrayRef = Arc::new(Float64Array::from(vec![-f64::NAN, 0.0]));
        assert_eq!(partners(floats.clone(), others, false), [vec![1], vec![0], none.clone()]);
        // 2^53 + 1 is no floating-point number, so it equals none.
        let whole: ArrayRef = Arc::new(Int64Array::from(vec![9_007_199_254_740_993, 9_007_199_254_740_992, 0]));
        assert_eq!(partners(floats, whole, false), [vec![2], none.clone(), vec![1]]);
        let micro: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![1, i64::MAX]));
        let nano: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![1000, 1001]));
        assert_eq!(partners(micro, nano, false), [vec![0], none.clone()]);
        let text: ArrayRef = Arc::new(StringArray::from(vec![Some("é"), Some(""), None]));
        let other: ArrayRef = Arc::new(StringArray::from(vec![Some("e\u{301}"), Some("")]));
        assert_eq!(partners(text, other, false), [none.clone(), vec![1], none]);
    }

    #[test]
    fn hashes_spread_over_all_bits() {
        let encoder = Encoder::new(&[Pair { left: 0, right: 0, class: Class::Whole }], false).unwrap();
        let keys: ArrayRef = Arc::new(Int64Array::from_iter_values((0..4096).map(|key| key << 20)));
        let encoded = encoder.encode(&[keys]).unwrap();
        for shift in [0, 7, 20, 52, 58] {
            let mut counts = [0_u32; 64];
            (0..4096).for_each(|row| counts[usize::try_from(encoded.hash(row) >> shift & 63).unwrap()] += 1);
            assert!(counts.iter().all(|count| (20..=130).contains(count)), "{shift}: {counts:?}");
        }
    }
}
