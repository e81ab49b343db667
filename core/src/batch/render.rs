//! Cells as text: for CSV files and for screens.
//!
//! The text of a cell is exact: read as the cell's type it gives an equal value. NULL has no text.
//! Floats are spelled as short as they can be, decimals with all digits of their scale, times as
//! ISO 8601 with `Z` where they are instants, bytes in hexadecimal, nested values as JSON.

use std::io::Write;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, Schema, TimeUnit, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::parse::{DAY, SECOND};

/// The text of one cell; `None` for NULL.
pub(crate) fn cell_text(array: &dyn Array, row: usize) -> Option<String> {
    if row >= array.len() || array.is_null(row) {
        return None;
    }
    let mut text = Vec::new();
    write_cell(array, row, &mut text);
    Some(String::from_utf8(text).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// Appends the text of a cell that is not null.
fn write_cell(array: &dyn Array, row: usize, out: &mut Vec<u8>) {
    match array.data_type() {
        DataType::Utf8 => out.extend_from_slice(array.as_string::<i32>().value(row).as_bytes()),
        DataType::LargeUtf8 => out.extend_from_slice(array.as_string::<i64>().value(row).as_bytes()),
        DataType::Utf8View => out.extend_from_slice(array.as_string_view().value(row).as_bytes()),
        DataType::Int64 => put(out, format_args!("{}", array.as_primitive::<Int64Type>().value(row))),
        DataType::Float64 => put(out, format_args!("{:?}", array.as_primitive::<Float64Type>().value(row))),
        DataType::Float32 => {
            put(out, format_args!("{:?}", array.as_primitive::<arrow::datatypes::Float32Type>().value(row)));
        }
        DataType::Boolean => out.extend_from_slice(if array.as_boolean().value(row) { b"true" } else { b"false" }),
        DataType::Decimal128(_, scale) => decimal(array.as_primitive::<Decimal128Type>().value(row), *scale, out),
        DataType::Date32 => {
            let day = i64::from(array.as_primitive::<Date32Type>().value(row));
            if !date(day, out) {
                other(array, row, out);
            }
        }
        DataType::Timestamp(unit, zone) => {
            let (value, unit) = match unit {
                TimeUnit::Second => (array.as_primitive::<TimestampSecondType>().value(row), 1),
                TimeUnit::Millisecond => (array.as_primitive::<TimestampMillisecondType>().value(row), 1_000),
                TimeUnit::Microsecond => (array.as_primitive::<TimestampMicrosecondType>().value(row), SECOND),
                TimeUnit::Nanosecond => (array.as_primitive::<TimestampNanosecondType>().value(row), 1_000 * SECOND),
            };
            if !timestamp(value, unit, zone.is_some(), out) {
                other(array, row, out);
            }
        }
        DataType::Struct(_)
        | DataType::Map(_, _)
        | DataType::List(_)
        | DataType::LargeList(_)
        | DataType::FixedSizeList(_, _) => json(array, row, out),
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            let key = dictionary.normalized_keys().get(row).copied().unwrap_or(0);
            if dictionary.values().is_valid(key) {
                write_cell(dictionary.values().as_ref(), key, out);
            }
        }
        _ => other(array, row, out),
    }
}

fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to memory cannot fail.
    out.write_fmt(text).unwrap_or_default();
}

/// The remaining types, as Arrow spells them.
fn other(array: &dyn Array, row: usize, out: &mut Vec<u8>) {
    let options = FormatOptions::default().with_display_error(true);
    if let Ok(formatter) = ArrayFormatter::try_new(array, &options) {
        put(out, format_args!("{}", formatter.value(row)));
    }
}

fn decimal(value: i128, scale: i8, out: &mut Vec<u8>) {
    let digits = value.unsigned_abs().to_string();
    if value < 0 {
        out.push(b'-');
    }
    match usize::try_from(scale) {
        Ok(0) => out.extend_from_slice(digits.as_bytes()),
        Ok(scale) => {
            let digits = format!("{digits:0>width$}", width = scale + 1);
            let (whole, fraction) = digits.split_at(digits.len() - scale);
            put(out, format_args!("{whole}.{fraction}"));
        }
        Err(_) => {
            out.extend_from_slice(digits.as_bytes());
            if value != 0 {
                out.extend(std::iter::repeat_n(b'0', usize::from(scale.unsigned_abs())));
            }
        }
    }
}

/// `YYYY-MM-DD`; `false` outside the years 1 to 9999.
fn date(days: i64, out: &mut Vec<u8>) -> bool {
    // Civil from days; the counterpart of the parser's.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    if !(1..=9_999).contains(&year) {
        return false;
    }
    put(out, format_args!("{year:04}-{month:02}-{day:02}"));
    true
}

/// ISO 8601, with six digits of a second where there are any, nine where six do not do.
fn timestamp(value: i64, unit: i64, instant: bool, out: &mut Vec<u8>) -> bool {
    let (seconds, fraction) = (value.div_euclid(unit), value.rem_euclid(unit));
    let day = DAY / SECOND;
    if !date(seconds.div_euclid(day), out) {
        return false;
    }
    let second = seconds.rem_euclid(day);
    put(out, format_args!("T{:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60));
    let nanos = fraction * (1_000 * SECOND / unit);
    if nanos % 1_000 != 0 {
        put(out, format_args!(".{nanos:09}"));
    } else if nanos != 0 {
        put(out, format_args!(".{:06}", nanos / 1_000));
    }
    if instant {
        out.push(b'Z');
    }
    true
}

/// A nested value as compact JSON.
fn json(array: &dyn Array, row: usize, out: &mut Vec<u8>) {
    if array.is_null(row) {
        out.extend_from_slice(b"null");
        return;
    }
    match array.data_type() {
        DataType::Struct(fields) => {
            out.push(b'{');
            for (index, (field, column)) in fields.iter().zip(array.as_struct().columns()).enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                json_string(field.name(), out);
                out.push(b':');
                json(column.as_ref(), row, out);
            }
            out.push(b'}');
        }
        DataType::List(_) => json_list(array.as_list::<i32>().value(row).as_ref(), out),
        DataType::LargeList(_) => json_list(array.as_list::<i64>().value(row).as_ref(), out),
        DataType::FixedSizeList(_, _) => json_list(array.as_fixed_size_list().value(row).as_ref(), out),
        DataType::Map(_, _) => {
            let entries = array.as_map().value(row);
            out.push(b'{');
            for entry in 0..entries.len() {
                if entry > 0 {
                    out.push(b',');
                }
                json_string(&cell_text(entries.column(0).as_ref(), entry).unwrap_or_default(), out);
                out.push(b':');
                json(entries.column(1).as_ref(), entry, out);
            }
            out.push(b'}');
        }
        DataType::Boolean
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64
        | DataType::Decimal128(_, _)
        | DataType::Decimal256(_, _) => write_cell(array, row, out),
        DataType::Float32 | DataType::Float64 => {
            let start = out.len();
            write_cell(array, row, out);
            // JSON has no NaN and no infinity.
            if !out[start..].iter().any(u8::is_ascii_digit) {
                let word = String::from_utf8_lossy(&out[start..]).into_owned();
                out.truncate(start);
                json_string(&word, out);
            }
        }
        _ => json_string(&cell_text(array, row).unwrap_or_default(), out),
    }
}

fn json_list(items: &dyn Array, out: &mut Vec<u8>) {
    out.push(b'[');
    for item in 0..items.len() {
        if item > 0 {
            out.push(b',');
        }
        json(items, item, out);
    }
    out.push(b']');
}

fn json_string(text: &str, out: &mut Vec<u8>) {
    // A text always has a JSON form.
    if let Ok(quoted) = serde_json::to_string(text) {
        out.extend_from_slice(quoted.as_bytes());
    }
}

/// Appends the header of a CSV file.
pub(crate) fn csv_header(schema: &Schema, out: &mut Vec<u8>) {
    for (index, field) in schema.fields().iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        let start = out.len();
        out.extend_from_slice(field.name().as_bytes());
        quote(out, start);
    }
    out.push(b'\n');
}

/// Appends rows as RFC 4180 with `\n` line ends: NULL is an empty field, the empty text is `""`.
pub(crate) fn csv_rows(batch: &RecordBatch, out: &mut Vec<u8>) {
    for row in 0..batch.num_rows() {
        for (index, column) in batch.columns().iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            if column.is_valid(row) {
                let start = out.len();
                write_cell(column.as_ref(), row, out);
                quote(out, start);
            }
        }
        out.push(b'\n');
    }
}

/// Puts quotes around what was appended from `start` on, if it needs them.
fn quote(out: &mut Vec<u8>, start: usize) {
    let field = &out[start..];
    if !field.is_empty() && !field.iter().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        return;
    }
    let field = out.split_off(start);
    out.push(b'"');
    for byte in field {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        ArrayRef, BinaryArray, DictionaryArray, Float64Array, Int64Array, ListArray, StringArray, StructArray,
        TimestampNanosecondArray,
    };
    use arrow::datatypes::{Field, Int32Type};

    use super::*;

    fn shown(array: &dyn Array) -> Vec<String> {
        (0..array.len()).map(|row| cell_text(array, row).unwrap_or_else(|| "∅".to_owned())).collect()
    }

    #[test]
    fn cells_have_one_exact_text() {
        assert_eq!(
            shown(&Float64Array::from(vec![0.1, 2.0, 1e300, -0.0, f64::NAN, f64::NEG_INFINITY])),
            ["0.1", "2.0", "1e300", "-0.0", "NaN", "-inf"]
        );
        let decimals = |scale| {
            shown(
                &arrow::array::Decimal128Array::from(vec![-5, 12_345, 0]).with_precision_and_scale(10, scale).unwrap(),
            )
        };
        assert_eq!(decimals(3), ["-0.005", "12.345", "0.000"]);
        assert_eq!(decimals(0), ["-5", "12345", "0"]);
        assert_eq!(decimals(-2), ["-500", "1234500", "0"]);
        let nanos = TimestampNanosecondArray::from(vec![Some(-1), None, Some(1_500_000_000)]);
        assert_eq!(shown(&nanos), ["1969-12-31T23:59:59.999999999", "∅", "1970-01-01T00:00:01.500000"]);
        assert_eq!(shown(&BinaryArray::from_vec(vec![b"\x00\xff"])), ["00ff"]);
        let dictionary: DictionaryArray<Int32Type> = [Some("a"), None].into_iter().collect();
        assert_eq!(shown(&dictionary), ["a", "∅"]);
    }

    #[test]
    fn nested_values_are_json() {
        let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None]), None]);
        let fields = StructArray::from(vec![
            (Arc::new(Field::new("n\"", list.data_type().clone(), true)), Arc::new(list) as ArrayRef),
            (
                Arc::new(Field::new("s", DataType::Utf8, true)),
                Arc::new(StringArray::from(vec!["x\ny", ""])) as ArrayRef,
            ),
            (
                Arc::new(Field::new("f", DataType::Float64, true)),
                Arc::new(Float64Array::from(vec![1.5, f64::NAN])) as ArrayRef,
            ),
        ]);
        assert_eq!(shown(&fields), [r#"{"n\"":[1,null],"s":"x\ny","f":1.5}"#, r#"{"n\"":null,"s":"","f":"NaN"}"#]);
    }

    #[test]
    fn csv_tells_null_from_the_empty_text() {
        let batch = RecordBatch::try_from_iter([
            ("id", Arc::new(Int64Array::from(vec![Some(1), None, Some(3)])) as ArrayRef),
            ("a,b", Arc::new(StringArray::from(vec![Some(""), None, Some("x \"y\",\nz")]))),
        ])
        .unwrap();
        let mut out = Vec::new();
        csv_header(&batch.schema(), &mut out);
        csv_rows(&batch, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "id,\"a,b\"\n1,\"\"\n,\n3,\"x \"\"y\"\",\nz\"\n");
    }
}
