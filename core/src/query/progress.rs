//! How far long reading is, told at most ten times a second, and whether to stop.

use std::time::{Duration, Instant};

use super::QueryError;
use crate::api::wire::{Count, ReadProgress};
use crate::cancel::CancelToken;

const PAUSE: Duration = Duration::from_millis(100);

/// Goes along with long reading.
pub(crate) struct Progress<'a> {
    token: &'a CancelToken,
    tell: &'a mut dyn FnMut(ReadProgress),
    told: Instant,
    doing: &'static str,
    rows: u64,
    total: u64,
}

impl<'a> Progress<'a> {
    /// Nothing told yet.
    pub(crate) fn new(token: &'a CancelToken, tell: &'a mut dyn FnMut(ReadProgress)) -> Self {
        Self { token, tell, told: Instant::now(), doing: "", rows: 0, total: 0 }
    }

    /// Something new begins, of so many rows.
    pub(crate) fn begin(&mut self, doing: &'static str, total: u64) {
        (self.doing, self.rows, self.total) = (doing, 0, total);
    }

    /// So many rows more are done.
    ///
    /// # Errors
    ///
    /// [`QueryError::Cancelled`].
    pub(crate) fn step(&mut self, rows: u64) -> Result<(), QueryError> {
        self.rows += rows;
        if self.token.is_cancelled() {
            return Err(QueryError::Cancelled);
        }
        if self.told.elapsed() >= PAUSE {
            self.told = Instant::now();
            let (rows, total) = (Count(self.rows), Count(self.total));
            (self.tell)(ReadProgress { doing: self.doing.to_owned(), rows, total });
        }
        Ok(())
    }
}
