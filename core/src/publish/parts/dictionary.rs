//! Whether a dictionary is worth its work for a column of a row group.
//!
//! A dictionary of values that hardly repeat costs several times what plain values cost and makes
//! larger files, so some values are looked at first. The answer depends on the values alone.

use std::hash::Hasher;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::DataType;
use rustc_hash::{FxHashSet, FxHasher};

/// Values that are looked at, about.
const SAMPLE: usize = 1_024;
/// Bytes of a value that are looked at, at most.
const LOOKED_AT: usize = 256;

/// Whether at least a tenth of some values, taken at equal distances, were seen before. Always so of
/// types that are not looked into.
pub(super) fn pays(arrays: &[ArrayRef]) -> bool {
    let rows: usize = arrays.iter().map(Array::len).sum();
    let step = rows.div_ceil(SAMPLE).max(1);
    let (mut seen, mut looked_at) = (FxHashSet::default(), 0_usize);
    // Row of the next array that is looked at first.
    let mut from = 0;
    for array in arrays {
        let Some(value) = values(array) else { return true };
        for row in (from..array.len()).step_by(step).filter(|row| array.is_valid(*row)) {
            let mut hasher = FxHasher::default();
            value(row, &mut hasher);
            seen.insert(hasher.finish());
            looked_at += 1;
        }
        let taken = array.len().saturating_sub(from).div_ceil(step);
        from = from + taken * step - array.len();
    }
    seen.len() * 10 <= looked_at * 9
}

/// Hashes the value of a row.
type Look<'a> = Box<dyn Fn(usize, &mut FxHasher) + 'a>;

fn values(array: &ArrayRef) -> Option<Look<'_>> {
    let text = |bytes: &[u8], hasher: &mut FxHasher| {
        hasher.write(bytes.get(..LOOKED_AT).unwrap_or(bytes));
        hasher.write_usize(bytes.len());
    };
    Some(match array.data_type() {
        DataType::Utf8 => {
            let array = array.as_string::<i32>();
            Box::new(move |row, hasher| text(array.value(row).as_bytes(), hasher))
        }
        DataType::LargeUtf8 => {
            let array = array.as_string::<i64>();
            Box::new(move |row, hasher| text(array.value(row).as_bytes(), hasher))
        }
        DataType::Binary => {
            let array = array.as_binary::<i32>();
            Box::new(move |row, hasher| text(array.value(row), hasher))
        }
        DataType::LargeBinary => {
            let array = array.as_binary::<i64>();
            Box::new(move |row, hasher| text(array.value(row), hasher))
        }
        other => {
            let width = other.primitive_width()?;
            let data = array.to_data();
            let (offset, buffer) = (data.offset(), data.buffers().first()?.clone());
            Box::new(move |row, hasher| {
                let at = (offset + row) * width;
                hasher.write(buffer.as_slice().get(at..at + width).unwrap_or_default());
            })
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BooleanArray, Decimal128Array, Int64Array, StringArray};

    use super::*;

    #[test]
    fn repeated_values_get_a_dictionary_and_unique_ones_do_not() {
        let rows = 100_000_i64;
        let numbers = |of: i64| Arc::new((0..rows).map(|row| row.wrapping_mul(7_919) % of).collect::<Int64Array>());
        let texts =
            |of: i64| Arc::new((0..rows).map(|row| Some(format!("user{}", row * 7_919 % of))).collect::<StringArray>());
        let decimals = |of: i64| {
            Arc::new(
                (0..rows).map(|row| (row % 9 > 0).then_some(i128::from(row * 31 % of))).collect::<Decimal128Array>(),
            )
        };
        let cases: [(&str, ArrayRef, bool); 8] = [
            ("few numbers", numbers(600), true),
            ("all different", numbers(i64::MAX), false),
            ("few texts", texts(10), true),
            ("different texts", texts(1_000_003), false),
            ("few decimals", decimals(50), true),
            ("different decimals", decimals(i64::MAX), false),
            ("only nulls", Arc::new((0..rows).map(|_| None::<i64>).collect::<Int64Array>()), true),
            ("not looked into", Arc::new((0..rows).map(|row| Some(row % 2 == 0)).collect::<BooleanArray>()), true),
        ];
        for (name, array, expected) in cases {
            assert_eq!(pays(std::slice::from_ref(&array)), expected, "{name}");
            // However the rows are cut into batches.
            for cut in [1, 999, 8_192, 99_999] {
                let mut batches = Vec::new();
                let mut start = 0;
                while start < array.len() {
                    batches.push(array.slice(start, cut.max(500).min(array.len() - start)));
                    start += cut.max(500);
                }
                assert_eq!(pays(&batches), expected, "{name} in batches of {cut}");
            }
        }
        assert!(pays(&[]));
    }
}
