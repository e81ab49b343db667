//! Rows on their way into a row group, and how much they hold.
//!
//! The size of rows depends on the rows alone, never on the batches they came in or on the time, so
//! that the same rows are cut at the same places.

use arrow::array::{Array, AsArray};
use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;

/// Rows in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    /// None of them empty.
    pub(super) batches: Vec<RecordBatch>,
    /// Rows of all batches.
    pub(super) count: u64,
    /// What their cells hold, in bytes.
    pub(super) bytes: u64,
}

impl Rows {
    /// Adds rows behind the others.
    pub(super) fn push(&mut self, batch: RecordBatch) {
        if batch.num_rows() > 0 {
            self.count += batch.num_rows() as u64;
            self.bytes += content(&batch);
            self.batches.push(batch);
        }
    }

    /// The first `at` rows, and the others.
    pub(super) fn split(self, at: u64) -> (Self, Self) {
        let (mut first, mut second) = (Self::default(), Self::default());
        for batch in self.batches {
            let room = usize::try_from(at - first.count).unwrap_or(usize::MAX).min(batch.num_rows());
            first.push(batch.slice(0, room));
            second.push(batch.slice(room, batch.num_rows() - room));
        }
        (first, second)
    }
}

/// How many of the first `most` rows hold at most `bytes`.
pub(super) fn fitting(batch: &RecordBatch, most: usize, bytes: u64) -> usize {
    let most = most.min(batch.num_rows());
    if content(&batch.slice(0, most)) <= bytes {
        return most;
    }
    let (mut fits, mut too_many) = (0, most);
    while too_many - fits > 1 {
        let middle = usize::midpoint(fits, too_many);
        if content(&batch.slice(0, middle)) <= bytes {
            fits = middle;
        } else {
            too_many = middle;
        }
    }
    fits
}

/// What the cells of a batch hold, in bytes.
fn content(batch: &RecordBatch) -> u64 {
    batch.columns().iter().map(|array| cells(array.as_ref()) as u64).sum()
}

fn cells(array: &dyn Array) -> usize {
    let rows = array.len();
    let offsets = |first: Option<usize>, last: Option<usize>| last.unwrap_or(0) - first.unwrap_or(0);
    let short = |first: &i32| usize::try_from(*first).unwrap_or(0);
    let long = |first: &i64| usize::try_from(*first).unwrap_or(0);
    match array.data_type() {
        DataType::Null => 0,
        DataType::Boolean => rows,
        DataType::Utf8 => {
            let ends = array.as_string::<i32>().value_offsets();
            rows * 4 + offsets(ends.first().map(short), ends.last().map(short))
        }
        DataType::Binary => {
            let ends = array.as_binary::<i32>().value_offsets();
            rows * 4 + offsets(ends.first().map(short), ends.last().map(short))
        }
        DataType::LargeUtf8 => {
            let ends = array.as_string::<i64>().value_offsets();
            rows * 8 + offsets(ends.first().map(long), ends.last().map(long))
        }
        DataType::LargeBinary => {
            let ends = array.as_binary::<i64>().value_offsets();
            rows * 8 + offsets(ends.first().map(long), ends.last().map(long))
        }
        DataType::Utf8View => rows * 4 + array.as_string_view().iter().flatten().map(str::len).sum::<usize>(),
        DataType::BinaryView => rows * 4 + array.as_binary_view().iter().flatten().map(<[u8]>::len).sum::<usize>(),
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            let (first, last) = (list.value_offsets().first().map(short), list.value_offsets().last().map(short));
            rows * 4 + cells(&list.values().slice(first.unwrap_or(0), offsets(first, last)))
        }
        DataType::LargeList(_) => {
            let list = array.as_list::<i64>();
            let (first, last) = (list.value_offsets().first().map(long), list.value_offsets().last().map(long));
            rows * 8 + cells(&list.values().slice(first.unwrap_or(0), offsets(first, last)))
        }
        DataType::Map(_, _) => {
            let map = array.as_map();
            let (first, last) = (map.value_offsets().first().map(short), map.value_offsets().last().map(short));
            rows * 4 + cells(&map.entries().slice(first.unwrap_or(0), offsets(first, last)))
        }
        DataType::Struct(_) => array.as_struct().columns().iter().map(|column| cells(column.as_ref())).sum(),
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            let values = dictionary.values();
            // On average; what one row holds is hidden behind its key.
            rows * (cells(values.as_ref()) / values.len().max(1)).max(1)
        }
        other => rows * other.primitive_width().unwrap_or(fixed_width(other)),
    }
}

fn fixed_width(data_type: &DataType) -> usize {
    match data_type {
        DataType::FixedSizeBinary(width) => usize::try_from(*width).unwrap_or(0),
        DataType::FixedSizeList(item, count) => {
            usize::try_from(*count).unwrap_or(0) * item.data_type().primitive_width().unwrap_or(16)
        }
        _ => 16,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, ListArray, StringArray};
    use arrow::datatypes::Int64Type;

    use super::*;

    fn batch(from: i64, rows: i64) -> RecordBatch {
        let numbers: Int64Array = (from..from + rows).collect();
        let texts: StringArray =
            (from..from + rows).map(|row| (row % 3 > 0).then(|| "x".repeat(usize::try_from(row).unwrap()))).collect();
        let lists = ListArray::from_iter_primitive::<Int64Type, _, _>(
            (from..from + rows).map(|row| (row % 4 > 0).then(|| (0..row).map(Some))),
        );
        let columns: [(&str, ArrayRef); 3] = [("n", Arc::new(numbers)), ("t", Arc::new(texts)), ("l", Arc::new(lists))];
        RecordBatch::try_from_iter(columns).unwrap()
    }

    #[test]
    fn what_rows_hold_adds_up_however_they_come() {
        let whole = batch(0, 50);
        for at in 0..=50 {
            let (first, second) = (whole.slice(0, at), whole.slice(at, 50 - at));
            assert_eq!(content(&first) + content(&second), content(&whole), "{at}");
        }
        // Numbers, ends of texts and lists, letters, items.
        let letters: u64 = (0..50).filter(|row| row % 3 > 0).sum();
        let items: u64 = (0..50).filter(|row| row % 4 > 0).sum();
        assert_eq!(content(&whole), 50 * (8 + 4 + 4) + letters + items * 8);
    }

    #[test]
    fn as_many_rows_fit_as_hold_what_is_allowed() {
        let whole = batch(0, 50);
        for most in [1, 7, 50, 99] {
            for bytes in [0, 15, 16, 17, 400, 10_000, 100_000] {
                let fits = fitting(&whole, most, bytes);
                assert!(fits <= most.min(50));
                assert!(fits == 0 || content(&whole.slice(0, fits)) <= bytes);
                assert!(fits == most.min(50) || content(&whole.slice(0, fits + 1)) > bytes, "{most} {bytes} {fits}");
            }
        }
    }

    #[test]
    fn rows_are_split_without_loss() {
        for at in 0..=30 {
            let mut rows = Rows::default();
            for from in [0, 10, 20] {
                rows.push(batch(from, 10));
            }
            let bytes = rows.bytes;
            let (first, second) = rows.split(at);
            assert_eq!((first.count, second.count, first.bytes + second.bytes), (at, 30 - at, bytes));
            let numbers: Vec<i64> = first
                .batches
                .iter()
                .chain(&second.batches)
                .flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().values().to_vec())
                .collect();
            assert_eq!(numbers, (0..30).collect::<Vec<_>>());
        }
    }
}
