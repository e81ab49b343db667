//! Rows as text: a table for people, CSV, JSON lines, or the Arrow stream as it came.
//!
//! NULL and the empty string look different in every form. Pure functions from batches to text.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, SchemaRef, UInt8Type, UInt16Type, UInt32Type,
};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::Value;

use super::output::Ink;
use super::table::{Align, Cell, Table};

const OPTIONS: FormatOptions<'static> = FormatOptions::new().with_display_error(true);

/// Rows as a table for people. Texts that could be taken for NULL or for nothing are quoted.
pub(crate) fn table(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<Table, ArrowError> {
    let columns = schema.fields().iter().map(|field| {
        let align = if field.data_type().is_numeric() { Align::Right } else { Align::Left };
        (field.name().clone(), align)
    });
    let mut table = Table::of(columns.collect());
    for batch in batches {
        let formatters = formatters(batch)?;
        for row in 0..batch.num_rows() {
            table.row(
                batch.columns().iter().zip(&formatters).map(|(array, formatter)| cell(array, formatter, row)).collect(),
            );
        }
    }
    Ok(table)
}

fn cell(array: &dyn Array, formatter: &ArrayFormatter<'_>, row: usize) -> Cell {
    if array.is_null(row) {
        return Cell::new("NULL", Ink::Faint);
    }
    let text = formatter.value(row).to_string();
    if is_text(array.data_type()) && (text.is_empty() || text == "NULL" || text.trim() != text) {
        return Cell::from(format!("\"{text}\""));
    }
    text.into()
}

/// The heading line of a CSV file.
pub(crate) fn csv_heading(schema: &SchemaRef) -> String {
    let mut text = String::new();
    for (index, field) in schema.fields().iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        push_csv(&mut text, field.name());
    }
    text.push('\n');
    text
}

/// Rows as CSV (RFC 4180 with line feeds): NULL is an empty field, the empty string is `""`.
pub(crate) fn csv(batch: &RecordBatch) -> Result<String, ArrowError> {
    let formatters = formatters(batch)?;
    let mut text = String::new();
    for row in 0..batch.num_rows() {
        for (index, (array, formatter)) in batch.columns().iter().zip(&formatters).enumerate() {
            if index > 0 {
                text.push(',');
            }
            if !array.is_null(row) {
                push_csv(&mut text, &formatter.value(row).to_string());
            }
        }
        text.push('\n');
    }
    Ok(text)
}

fn push_csv(text: &mut String, field: &str) {
    if field.is_empty() || field.contains(['"', ',', '\n', '\r']) {
        text.push('"');
        text.push_str(&field.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(field);
    }
}

/// Rows as JSON objects. 64-bit integers and decimals are text, so no reader rounds them.
pub(crate) fn objects(batch: &RecordBatch) -> Result<Vec<Value>, ArrowError> {
    let formatters = formatters(batch)?;
    let schema = batch.schema();
    let names: Vec<&String> = schema.fields().iter().map(|field| field.name()).collect();
    let object = |row| {
        let values = batch.columns().iter().zip(&formatters).map(|(array, formatter)| value(array, formatter, row));
        Value::Object(names.iter().map(|name| (*name).clone()).zip(values).collect())
    };
    Ok((0..batch.num_rows()).map(object).collect())
}

fn value(array: &dyn Array, formatter: &ArrayFormatter<'_>, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    let text = || Value::String(formatter.value(row).to_string());
    match array.data_type() {
        DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
        DataType::Int8 => array.as_primitive::<Int8Type>().value(row).into(),
        DataType::Int16 => array.as_primitive::<Int16Type>().value(row).into(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).into(),
        DataType::UInt8 => array.as_primitive::<UInt8Type>().value(row).into(),
        DataType::UInt16 => array.as_primitive::<UInt16Type>().value(row).into(),
        DataType::UInt32 => array.as_primitive::<UInt32Type>().value(row).into(),
        DataType::Float32 => {
            let number = f64::from(array.as_primitive::<Float32Type>().value(row));
            if number.is_finite() { number.into() } else { text() }
        }
        DataType::Float64 => {
            let number = array.as_primitive::<Float64Type>().value(row);
            if number.is_finite() { number.into() } else { text() }
        }
        _ => text(),
    }
}

fn formatters(batch: &RecordBatch) -> Result<Vec<ArrayFormatter<'_>>, ArrowError> {
    batch.columns().iter().map(|array| ArrayFormatter::try_new(array.as_ref(), &OPTIONS)).collect()
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Decimal128Array, Float64Array, Int64Array, StringArray};

    use super::*;

    fn batch() -> RecordBatch {
        let columns: [(&str, ArrayRef); 4] = [
            ("id", Arc::new(Int64Array::from(vec![Some(9_007_199_254_740_993), None, Some(1)]))),
            ("name", Arc::new(StringArray::from(vec![Some("a,\"b\""), Some(""), None]))),
            ("share", Arc::new(Float64Array::from(vec![Some(0.5), Some(f64::NAN), None]))),
            (
                "price",
                Arc::new(
                    Decimal128Array::from(vec![Some(150), None, Some(-1)]).with_precision_and_scale(18, 2).unwrap(),
                ),
            ),
        ];
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true))).unwrap()
    }

    #[test]
    fn a_table_tells_null_from_empty() {
        let batch = batch();
        let text = table(&batch.schema(), &[batch]).unwrap().render(false, None).text;
        insta::assert_snapshot!(text, @r#"
                      id  name   share  price
        9007199254740993  a,"b"    0.5   1.50
                    NULL  ""       NaN   NULL
                       1  NULL    NULL  -0.01
        "#);
    }

    #[test]
    fn csv_tells_null_from_empty() {
        let batch = batch();
        assert_eq!(csv_heading(&batch.schema()), "id,name,share,price\n");
        assert_eq!(csv(&batch).unwrap(), "9007199254740993,\"a,\"\"b\"\"\",0.5,1.50\n,\"\",NaN,\n1,,,-0.01\n");
    }

    #[test]
    fn json_keeps_every_digit() {
        let lines: Vec<String> = objects(&batch()).unwrap().iter().map(Value::to_string).collect();
        assert_eq!(
            lines,
            [
                r#"{"id":"9007199254740993","name":"a,\"b\"","share":0.5,"price":"1.50"}"#,
                r#"{"id":null,"name":"","share":"NaN","price":null}"#,
                r#"{"id":"1","name":null,"share":null,"price":"-0.01"}"#,
            ]
        );
    }
}
