//! Cells of record batches as text. NULL and the empty string stay different.
//!
//! Formats only the cell it is asked for; never walks a batch.

use std::borrow::Cow;

use arrow::array::{Array, AsArray};
use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    /// No value.
    Null,
    /// A text, perhaps empty.
    Text(Cow<'a, str>),
    /// A value of another type, written out.
    Value(String),
}

/// The cell at `row` of `batch`, if there is one.
pub(crate) fn cell(batch: &RecordBatch, row: usize, column: usize) -> Option<Cell<'_>> {
    let array = batch.columns().get(column)?.as_ref();
    if row >= array.len() {
        return None;
    }
    if array.is_null(row) {
        return Some(Cell::Null);
    }
    Some(match array.data_type() {
        DataType::Null => Cell::Null,
        DataType::Utf8 => Cell::Text(Cow::Borrowed(array.as_string::<i32>().value(row))),
        DataType::LargeUtf8 => Cell::Text(Cow::Borrowed(array.as_string::<i64>().value(row))),
        DataType::Utf8View => Cell::Text(Cow::Borrowed(array.as_string_view().value(row))),
        _ => Cell::Value(written(array, row)),
    })
}

fn written(array: &dyn Array, row: usize) -> String {
    let options = FormatOptions::default().with_null("NULL");
    match ArrayFormatter::try_new(array, &options).and_then(|formatter| formatter.value(row).try_to_string()) {
        Ok(text) => text,
        Err(error) => format!("cannot be shown: {error}"),
    }
}

/// Whether a column reads better aligned at its right end.
pub(crate) fn is_number(data_type: &DataType) -> bool {
    data_type.is_numeric()
}

/// The cell at `row` of batches that follow each other.
pub(crate) fn cell_of(batches: &[RecordBatch], mut row: usize, column: usize) -> Option<Cell<'_>> {
    for batch in batches {
        if row < batch.num_rows() {
            return cell(batch, row, column);
        }
        row -= batch.num_rows();
    }
    None
}
