//! Rows of the right side in memory, found by their keys. The table itself is narrow: a hash and the first
//! row of each key, from which the others follow in their order. Wide columns are gathered late.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU32, Ordering};

use arrow::array::{ArrayRef, UInt64Array};
use arrow::compute::concat;
use hashbrown::HashTable;

use super::JoinError;
use super::encode::{Encoded, Encoder};
use super::hits::Hits;
use super::meeting::Meeting;

/// No row.
pub(super) const NONE: u32 = u32::MAX;

/// What was read of a right side, or of a piece of it.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// Of each batch, the columns that are needed.
    pub(super) batches: Vec<Vec<ArrayRef>>,
    /// Of each batch, the rows' numbers in the side; empty where the batches are the whole side.
    pub(super) numbers: Vec<UInt64Array>,
    /// Rows in all.
    pub(super) rows: usize,
    /// Bytes in all.
    pub(super) bytes: u64,
}

impl Gathered {
    pub(super) fn push(&mut self, columns: Vec<ArrayRef>, numbers: Option<UInt64Array>) {
        self.rows += columns.first().map_or(0, |column| column.len());
        self.bytes += size(&columns);
        self.batches.push(columns);
        self.numbers.extend(numbers);
    }
}

/// Bytes of cells, and of what finding them by key takes.
pub(super) fn size(columns: &[ArrayRef]) -> u64 {
    let rows = columns.first().map_or(0, |column| column.len());
    let cells: usize = columns
        .iter()
        .map(|column| column.to_data().get_slice_memory_size().unwrap_or(column.get_array_memory_size()))
        .sum();
    // A hash and two row numbers, at the load that a hash table has.
    (cells + rows * 32) as u64
}

/// The table.
#[derive(Debug)]
pub(super) struct Table {
    /// Columns that are needed, in one piece.
    pub(super) columns: Vec<ArrayRef>,
    /// The rows' numbers in the side, if they are a piece of it.
    pub(super) numbers: Option<UInt64Array>,
    /// Rows.
    pub(super) rows: usize,
    keys: Encoded,
    exact: bool,
    shards: Vec<HashTable<(u64, u32)>>,
    /// For each row, the next one of its key.
    next: Vec<AtomicU32>,
    /// First rows of keys that had a partner.
    hits: Hits,
}

impl Table {
    pub(super) fn build(
        gathered: Gathered,
        meeting: &Meeting,
        encoder: &Encoder,
        threads: NonZeroUsize,
    ) -> Result<Self, JoinError> {
        let Gathered { mut batches, numbers, rows, .. } = gathered;
        let width = meeting.right_columns().len();
        let mut columns = Vec::with_capacity(width);
        // Column by column from the last, so that little is there twice.
        for column in meeting.right_columns().iter().rev() {
            let pieces: Vec<ArrayRef> = batches.iter_mut().filter_map(Vec::pop).collect();
            columns.push(match pieces.as_slice() {
                [] => arrow::array::new_empty_array(&column.arrow),
                [one] => one.clone(),
                several => concat(&several.iter().map(AsRef::as_ref).collect::<Vec<_>>())?,
            });
        }
        columns.reverse();
        let numbers = match numbers.as_slice() {
            [] => None,
            several => {
                let all: Vec<u64> = several.iter().flat_map(|numbers| numbers.values().iter().copied()).collect();
                Some(UInt64Array::from(all))
            }
        };
        let keys = encoder.encode(&meeting.right_keys(&columns))?;
        let next: Vec<AtomicU32> = (0..rows).map(|_| AtomicU32::new(NONE)).collect();
        let exact = keys.hash_is_key();
        let hashes: Vec<u64> = (0..rows).map(|row| keys.hash(row)).collect();
        let shards = threads.get().next_power_of_two().min(16);
        let fill = |shard: usize| {
            let mut table: HashTable<(u64, u32)> = HashTable::with_capacity(rows / shards);
            // From the last row, so that the rows of a key follow each other ascending.
            for row in (0..rows).rev() {
                let hash = hashes[row];
                if shard_of(hash, shards) != shard || !keys.is_usable(row) {
                    continue;
                }
                let number = u32::try_from(row).unwrap_or(NONE);
                let same =
                    |(other, head): &(u64, u32)| *other == hash && (exact || keys.equal(*head as usize, &keys, row));
                match table.find_mut(hash, same) {
                    Some((_, head)) => {
                        next[row].store(*head, Ordering::Relaxed);
                        *head = number;
                    }
                    None => {
                        table.insert_unique(hash, (hash, number), |(hash, _)| *hash);
                    }
                }
            }
            table
        };
        let shards: Vec<HashTable<(u64, u32)>> = if shards == 1 || rows < 1 << 14 {
            (0..shards).map(fill).collect()
        } else {
            std::thread::scope(|scope| {
                let fill = &fill;
                let running: Vec<_> = (0..shards).map(|shard| scope.spawn(move || fill(shard))).collect();
                running
                    .into_iter()
                    .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                    .collect()
            })
        };
        let hits = Hits::new(rows);
        Ok(Self { columns, numbers, rows, keys, exact, shards, next, hits })
    }

    /// The first row with the key of a left row, or [`NONE`]. Notes that it was found.
    pub(super) fn first(&self, left: &Encoded, row: usize) -> u32 {
        if !left.is_usable(row) {
            return NONE;
        }
        let hash = left.hash(row);
        let same =
            |(other, head): &(u64, u32)| *other == hash && (self.exact || self.keys.equal(*head as usize, left, row));
        let Some((_, head)) = self.shards[shard_of(hash, self.shards.len())].find(hash, same) else { return NONE };
        self.hits.set(*head);
        *head
    }

    /// The next row of the same key, or [`NONE`].
    pub(super) fn next(&self, row: u32) -> u32 {
        self.next[row as usize].load(Ordering::Relaxed)
    }

    /// For each row, whether it had a partner.
    pub(super) fn matched(&self) -> Vec<bool> {
        let mut matched = vec![false; self.rows];
        for (_, head) in self.shards.iter().flatten() {
            let mut row = if self.hits.has(*head) { *head } else { NONE };
            while row != NONE {
                matched[row as usize] = true;
                row = self.next(row);
            }
        }
        matched
    }

    /// Rows that cannot have a partner.
    pub(super) fn without_key(&self) -> u64 {
        (0..self.rows).filter(|row| !self.keys.is_usable(*row)).count() as u64
    }
}

fn shard_of(hash: u64, shards: usize) -> usize {
    (hash >> 40) as usize & (shards - 1)
}
