//! Reads partitions in order, on several threads: parts are decoded and prepared beside each other, and
//! what was made of their batches comes back in the order in which the rows arrived. Holds a few batches
//! of each thread, never a part. Decides nothing about rows.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};

use super::SilverError;
use super::prepare::{Place, Prepared, Shape};
use crate::bronze::Landed;
use crate::cancel::CancelToken;
use crate::publish::{CommittedTable, Part};

/// Batches of a part that wait to be taken.
const AHEAD: usize = 2;

/// How partitions are read.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    /// In which shape.
    pub(crate) shape: &'a Shape<'a>,
    /// Which of its columns.
    pub(crate) columns: &'a [usize],
    /// Threads that decode; with one, it is the calling thread.
    pub(crate) threads: NonZeroUsize,
    /// Looked at between batches.
    pub(crate) cancel: &'a CancelToken,
}

/// A part of a partition.
struct Job<'p> {
    partition: usize,
    landed: &'p Landed,
    table: &'p CommittedTable,
    part: &'p Part,
    /// Number of its first row in the partition.
    start: u64,
}

impl Job<'_> {
    fn place(&self, row_in_part: u64) -> Place<'_> {
        Place { row: self.start + row_in_part, part: self.part, row_in_part }
    }
}

/// Makes something of a batch: number of its partition, its place, its rows. Runs on any thread.
pub(crate) type Make<'m, T> = dyn Fn(usize, Place<'_>, Prepared) -> Result<T, SilverError> + Sync + 'm;
/// Takes what was made, in order.
pub(crate) type Take<'t, T> = dyn FnMut(usize, Place<'_>, T) -> Result<(), SilverError> + 't;

impl Reading<'_> {
    /// Reads all rows of `partitions`.
    ///
    /// # Errors
    ///
    /// The first in the order of the rows, whichever thread met it.
    pub(crate) fn run<T: Send>(
        &self,
        partitions: &[Landed],
        make: &Make<'_, T>,
        take: &mut Take<'_, T>,
    ) -> Result<(), SilverError> {
        let jobs = jobs(partitions);
        if self.threads.get() == 1 {
            return jobs.iter().try_for_each(|job| {
                self.part(job, &mut |row, prepared| {
                    let made = make(job.partition, job.place(row), prepared)?;
                    take(job.partition, job.place(row), made)
                })
            });
        }
        let next = AtomicUsize::new(0);
        let (senders, receivers): (Vec<_>, Vec<_>) = jobs
            .iter()
            .map(|_| sync_channel::<Result<(u64, T), SilverError>>(AHEAD))
            .map(|(send, receive)| (Mutex::new(Some(send)), receive))
            .unzip();
        let work = || {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = jobs.get(at) else { return };
                let Some(send) = senders[at].lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
                let read = self.part(job, &mut |row, prepared| {
                    let made = make(job.partition, job.place(row), prepared)?;
                    // Whoever takes is gone after an error only.
                    send.send(Ok((row, made))).map_err(|_| SilverError::Cancelled)
                });
                if let Err(error) = read {
                    let _gone = send.send(Err(error));
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.threads.get().min(jobs.len()) {
                scope.spawn(work);
            }
            // Parts are begun in order, so the one that is waited for is always among those being read.
            for (job, made) in jobs.iter().zip(receivers) {
                for made in made {
                    let (row, made) = made?;
                    take(job.partition, job.place(row), made)?;
                }
            }
            Ok(())
        })
    }

    fn part(
        &self,
        job: &Job<'_>,
        each: &mut dyn FnMut(u64, Prepared) -> Result<(), SilverError>,
    ) -> Result<(), SilverError> {
        let mut row = 0;
        self.shape.part(job.landed, job.table, job.part, self.columns, &mut |prepared| {
            if self.cancel.is_cancelled() {
                return Err(SilverError::Cancelled);
            }
            let rows = prepared.rows as u64;
            each(row, prepared)?;
            row += rows;
            Ok(())
        })
    }
}

/// All parts, in the order of their rows.
fn jobs(partitions: &[Landed]) -> Vec<Job<'_>> {
    let mut jobs = Vec::new();
    for (partition, landed) in partitions.iter().enumerate() {
        let mut start = 0;
        for table in &landed.commit.tables {
            for part in table.readable() {
                jobs.push(Job { partition, landed, table, part, start });
                start += part.rows;
            }
        }
    }
    jobs
}
