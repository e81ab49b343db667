//! Which rows were found, told by several threads at once. Never forgets one.

use std::sync::atomic::{AtomicU64, Ordering};

/// A bit for each row.
#[derive(Debug)]
pub(super) struct Hits(Vec<AtomicU64>);

impl Hits {
    pub(super) fn new(rows: usize) -> Self {
        Self((0..rows.div_ceil(64)).map(|_| AtomicU64::new(0)).collect())
    }

    pub(super) fn set(&self, row: u32) {
        let (word, bit) = (&self.0[row as usize / 64], 1 << (row % 64));
        // Most rows are found more than once, and reading does not take the line from other processors.
        if word.load(Ordering::Relaxed) & bit == 0 {
            word.fetch_or(bit, Ordering::Relaxed);
        }
    }

    pub(super) fn has(&self, row: u32) -> bool {
        self.0[row as usize / 64].load(Ordering::Relaxed) >> (row % 64) & 1 == 1
    }
}
