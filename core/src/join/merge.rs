//! Puts the rows of runs back into the order of a join: by the number of the left row, then by that of the
//! right row. Each run is in that order already. Holds a page of each run.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, UInt64Array};
use arrow::compute::interleave;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::{RecordBatch, RecordBatchOptions};

use super::JoinError;
use super::meeting::Meeting;
use super::spill::Kept;

/// Stands for no row; such rows come last.
pub(super) const NOBODY: u64 = u64::MAX;
/// Rows of a batch that comes out.
const ROWS: usize = if cfg!(test) { 3 } else { 8_192 };

/// The columns of a run: those of the result and two numbers.
pub(super) fn schema(meeting: &Meeting) -> SchemaRef {
    let numbers = ["_left", "_right"].map(|name| Arc::new(Field::new(name, DataType::UInt64, false)));
    Arc::new(Schema::new(meeting.schema.fields().iter().cloned().chain(numbers).collect::<Vec<_>>()))
}

/// Rows of the result with their numbers.
pub(super) fn tagged(
    meeting: &Meeting,
    batch: &RecordBatch,
    left: Vec<u64>,
    right: Vec<u64>,
) -> Result<RecordBatch, ArrowError> {
    let mut columns = batch.columns().to_vec();
    columns.push(Arc::new(UInt64Array::from(left)));
    columns.push(Arc::new(UInt64Array::from(right)));
    RecordBatch::try_new(schema(meeting), columns)
}

struct Run<I> {
    pages: I,
    columns: Vec<ArrayRef>,
    left: UInt64Array,
    right: UInt64Array,
    row: usize,
    /// Its page among those that rows were taken of.
    place: Option<usize>,
}

impl<I: Iterator<Item = Result<RecordBatch, JoinError>>> Run<I> {
    fn begin(pages: I) -> Result<Option<Self>, JoinError> {
        let none = || UInt64Array::from(Vec::<u64>::new());
        let mut run = Self { pages, columns: Vec::new(), left: none(), right: none(), row: 0, place: None };
        Ok(run.turn()?.then_some(run))
    }

    /// Goes to the next page.
    fn turn(&mut self) -> Result<bool, JoinError> {
        for page in self.pages.by_ref() {
            let page = page?;
            if page.num_rows() == 0 {
                continue;
            }
            let width = page.num_columns() - 2;
            let number = |at: usize| page.column(at).as_any().downcast_ref::<UInt64Array>().cloned();
            let (Some(left), Some(right)) = (number(width), number(width + 1)) else {
                return Err(ArrowError::SchemaError("a run has no numbers".into()).into());
            };
            self.columns = page.columns()[..width].to_vec();
            (self.left, self.right, self.row, self.place) = (left, right, 0, None);
            return Ok(true);
        }
        Ok(false)
    }

    fn at(&self) -> (u64, u64) {
        (self.left.value(self.row), self.right.value(self.row))
    }
}

/// Gives all rows in order.
pub(super) fn merge(
    runs: Vec<Kept>,
    meeting: &Meeting,
    each: &mut dyn FnMut(RecordBatch) -> Result<(), JoinError>,
) -> Result<(), JoinError> {
    let mut open = Vec::new();
    for kept in &runs {
        open.extend(Run::begin(kept.read()?)?);
    }
    let mut heap: BinaryHeap<Reverse<((u64, u64), usize)>> =
        open.iter().enumerate().map(|(number, run)| Reverse((run.at(), number))).collect();
    let mut pages: Vec<Vec<ArrayRef>> = Vec::new();
    let mut rows: Vec<(usize, usize)> = Vec::with_capacity(ROWS);
    while let Some(Reverse((_, number))) = heap.pop() {
        let run = &mut open[number];
        let place = *run.place.get_or_insert_with(|| {
            pages.push(run.columns.clone());
            pages.len() - 1
        });
        rows.push((place, run.row));
        run.row += 1;
        if run.row < run.left.len() || run.turn()? {
            heap.push(Reverse((run.at(), number)));
        }
        if rows.len() == ROWS {
            each(together(meeting, &pages, &rows)?)?;
            rows.clear();
            pages.clear();
            for run in &mut open {
                run.place = None;
            }
        }
    }
    if rows.is_empty() { Ok(()) } else { each(together(meeting, &pages, &rows)?) }
}

fn together(meeting: &Meeting, pages: &[Vec<ArrayRef>], rows: &[(usize, usize)]) -> Result<RecordBatch, ArrowError> {
    let column = |at: usize| {
        let of_pages: Vec<&dyn Array> = pages.iter().map(|page| page[at].as_ref()).collect();
        interleave(&of_pages, rows)
    };
    let columns = (0..meeting.schema.fields().len()).map(column).collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(meeting.schema.clone(), columns, &options)
}
