//! The rows that are here: pages of rows, and of wide tables only the columns that are looked at.

use std::collections::BTreeMap;
use std::ops::Range;

use arrow::record_batch::RecordBatch;
use medallion_core::api::wire::{ColumnInfo, OpenedRows, RowsInfo, SortKey};

use crate::theme::Theme;
use crate::widgets::cells::{self, Cell};
use crate::widgets::grid::Rows;

/// Rows of a page.
pub(super) const PAGE: u64 = 500;
/// Columns of a page; of a table with few more, all of them.
const COLUMNS: usize = 32;
const FEW: usize = 48;
/// Pages that are kept; those farthest from the cursor go first.
pub(super) const KEPT: usize = 24;
/// Bytes of a value that are fetched to be shown; the whole of it is one key away.
pub(super) const CUT: u32 = 1_024;

/// The rows that are here.
#[derive(Debug, Default)]
pub(super) struct Pages {
    pub(super) opened: Option<OpenedRows>,
    /// Columns in the order they are shown: keys first.
    columns: Vec<ColumnInfo>,
    numbers: Vec<bool>,
    marks: Vec<String>,
    /// By page and stretch of columns.
    pub(super) fetched: BTreeMap<(u64, usize), Vec<RecordBatch>>,
}

impl Pages {
    /// Rows that were just opened; nothing of them is here yet.
    pub(super) fn of(opened: OpenedRows, sort: &[SortKey], theme: Theme) -> Self {
        let is_key = |column: &&ColumnInfo| opened.keys.contains(&column.name);
        let keys = opened.keys.iter().filter_map(|key| opened.columns.iter().find(|column| column.name == *key));
        let others = opened.columns.iter().filter(|column| !is_key(column));
        let columns: Vec<ColumnInfo> = keys.chain(others).cloned().collect();
        let mark = |column: &ColumnInfo| {
            let Some(at) = sort.iter().position(|key| key.column == column.name) else { return String::new() };
            let sign = if sort[at].descending { theme.pick("▼", "v") } else { theme.pick("▲", "^") };
            if sort.len() > 1 { format!("{sign}{}", at + 1) } else { sign.to_owned() }
        };
        let marks = columns.iter().map(mark).collect();
        let numbers = vec![false; columns.len()];
        Self { marks, numbers, columns, opened: Some(opened), fetched: BTreeMap::new() }
    }

    pub(super) fn name(&self, column: usize) -> Option<&str> {
        self.columns.get(column).map(|column| column.name.as_str())
    }

    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Columns of one stretch.
    fn stretch(&self) -> usize {
        if self.columns.len() <= FEW { self.columns.len().max(1) } else { COLUMNS }
    }

    /// The stretches that these columns are in.
    pub(super) fn stretches(&self, columns: &[Range<usize>]) -> Vec<usize> {
        let wide = self.stretch();
        let mut stretches = Vec::new();
        for range in columns {
            for at in range.start / wide..range.end.min(self.columns.len()).div_ceil(wide) {
                if !stretches.contains(&at) {
                    stretches.push(at);
                }
            }
        }
        if stretches.is_empty() {
            stretches.push(0);
        }
        stretches
    }

    /// Names of the columns of a stretch; empty for all.
    pub(super) fn names(&self, stretch: usize) -> Vec<String> {
        let wide = self.stretch();
        let range = stretch * wide..((stretch + 1) * wide).min(self.columns.len());
        self.columns.get(range).unwrap_or_default().iter().map(|column| column.name.clone()).collect()
    }

    /// Takes a page in; what is farthest from `here` goes.
    pub(super) fn take(&mut self, page: u64, stretch: usize, batches: Vec<RecordBatch>, here: u64) {
        let first = stretch * self.stretch();
        if let Some(batch) = batches.first() {
            for (at, field) in batch.schema().fields().iter().enumerate() {
                if let Some(number) = self.numbers.get_mut(first + at) {
                    *number = cells::is_number(field.data_type());
                }
            }
        }
        self.fetched.insert((page, stretch), batches);
        while self.fetched.len() > KEPT {
            let farthest = self.fetched.keys().copied().max_by_key(|(page, _)| page.abs_diff(here));
            let Some(farthest) = farthest else { break };
            self.fetched.remove(&farthest);
        }
    }

    /// Whether rows of this snapshot are other ones.
    pub(super) fn is_other(&self, info: &RowsInfo) -> bool {
        self.opened.as_ref().is_some_and(|opened| opened.snapshot != info.snapshot)
    }
}

impl Rows for Pages {
    fn total(&self) -> u64 {
        self.opened.as_ref().map_or(0, |opened| opened.total.0)
    }
    fn columns(&self) -> usize {
        self.columns.len()
    }
    fn column(&self, column: usize) -> Option<(&str, &str)> {
        self.columns.get(column).map(|column| (column.name.as_str(), column.data_type.as_str()))
    }
    fn is_number(&self, column: usize) -> bool {
        self.numbers.get(column).copied().unwrap_or_default()
    }
    fn mark(&self, column: usize) -> &str {
        self.marks.get(column).map_or("", String::as_str)
    }
    fn cell(&self, row: u64, column: usize) -> Option<Cell<'_>> {
        let wide = self.stretch();
        let batches = self.fetched.get(&(row / PAGE, column / wide))?;
        cells::cell_of(batches, usize::try_from(row % PAGE).ok()?, column % wide)
    }
}
