//! Reads a side in the order of its rows, with several threads: parts are decoded and worked on beside each
//! other, and what was made of them comes back in order. Holds a few batches of each thread, never a part.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};

use arrow::record_batch::RecordBatch;

use super::{JoinError, Side};
use crate::cancel::CancelToken;
use crate::publish::{Column, Part};
use crate::query;

/// What waits to be taken of a part.
const AHEAD: usize = 4;

/// How a side is read.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    /// Which.
    pub(super) side: &'a Side,
    /// Which of its columns, in this order.
    pub(super) columns: &'a [Column],
    /// Threads that decode; with one, it is the calling thread.
    pub(super) threads: NonZeroUsize,
    /// Looked at between batches.
    pub(super) cancel: &'a CancelToken,
}

/// Takes one thing that was made of a batch; an error ends the reading.
pub(super) type Emit<'e, T> = dyn FnMut(T) -> Result<(), JoinError> + 'e;
/// Makes things of a batch, of which the number of the first row is given. Runs on any thread.
pub(super) type Make<'m, T> = dyn Fn(u64, RecordBatch, &mut Emit<'_, T>) -> Result<(), JoinError> + Sync + 'm;

impl Reading<'_> {
    /// Reads all rows.
    ///
    /// # Errors
    ///
    /// The first in the order of the rows, whichever thread met it.
    pub(super) fn run<T: Send>(&self, make: &Make<'_, T>, take: &mut Emit<'_, T>) -> Result<(), JoinError> {
        let mut start = 0;
        let jobs: Vec<(u64, &Part)> = self
            .side
            .table
            .readable()
            .map(|part| {
                let first = start;
                start += part.rows;
                (first, part)
            })
            .collect();
        if self.threads.get() == 1 || jobs.is_empty() {
            return jobs.iter().try_for_each(|(first, part)| self.part(*first, part, make, take));
        }
        let next = AtomicUsize::new(0);
        let (senders, receivers): (Vec<_>, Vec<_>) = jobs
            .iter()
            .map(|_| sync_channel::<Result<T, JoinError>>(AHEAD))
            .map(|(send, receive)| (Mutex::new(Some(send)), receive))
            .unzip();
        let work = || {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some((first, part)) = jobs.get(at) else { return };
                let Some(send) = senders[at].lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
                // Whoever takes is gone after an error only.
                let mut emit = |made| send.send(Ok(made)).map_err(|_| JoinError::Cancelled);
                if let Err(error) = self.part(*first, part, make, &mut emit) {
                    let _gone = send.send(Err(error));
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.threads.get().min(jobs.len()) {
                scope.spawn(work);
            }
            // Parts are begun in order, so the one that is waited for is always among those being read.
            for made in receivers {
                for made in made {
                    take(made?)?;
                }
            }
            Ok(())
        })
    }

    fn part<T>(&self, first: u64, part: &Part, make: &Make<'_, T>, emit: &mut Emit<'_, T>) -> Result<(), JoinError> {
        let mut row = first;
        for batch in query::part(&self.side.partition, part, self.columns)? {
            if self.cancel.is_cancelled() {
                return Err(JoinError::Cancelled);
            }
            let batch = batch?;
            let rows = batch.num_rows() as u64;
            make(row, batch, emit)?;
            row += rows;
        }
        Ok(())
    }
}
