//! The way of the rows: the right side into memory, the left side along it, batch by batch and with all
//! threads. What does not fit goes the way of `spill`; the rows that come out are the same.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;

use arrow::array::{ArrayRef, UInt32Array};
use arrow::record_batch::RecordBatch;
use serde_json::{Value, json};

use super::JoinError;
use super::encode::{Encoded, Encoder};
use super::meeting::Meeting;
use super::reading::{Emit, Reading};
use super::spill;
use super::table::{Gathered, NONE, Table, size};
use crate::cancel::CancelToken;
use crate::config::settings::JoinType;
use crate::world::World;

/// Rows of a batch of the result at most, so that a key with many partners takes no more memory.
pub(super) const BATCH: usize = if cfg!(test) { 4 } else { 16_384 };

/// With what a join is made; changes no row.
#[derive(Clone, Debug)]
pub(crate) struct Means<'a> {
    /// The outside.
    pub(crate) world: &'a World,
    /// Bytes of the right side in memory at most, about.
    pub(crate) memory: u64,
    /// Folder for what does not fit.
    pub(crate) scratch: PathBuf,
    /// Threads.
    pub(crate) threads: NonZeroUsize,
    /// Looked at between batches.
    pub(crate) cancel: CancelToken,
}

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Rows of the left side.
    pub(crate) left_rows: u64,
    /// Of these, with a partner.
    pub(crate) left_matched: u64,
    /// Of these, with a null in the key, or a value that the other side's type does not have.
    pub(crate) left_without_key: u64,
    /// Rows of the right side.
    pub(crate) right_rows: u64,
    /// Of these, with a partner.
    pub(crate) right_matched: u64,
    /// Of these, without a key.
    pub(crate) right_without_key: u64,
    /// Pairs of rows that have one key.
    pub(crate) pairs: u64,
    /// Partners of the left row that has most.
    pub(crate) most_partners: u64,
    /// Rows of the result.
    pub(crate) rows: u64,
    /// Buckets on disk; 0 if all fitted into memory.
    pub(crate) buckets: u64,
}

impl Figures {
    /// The share of left rows with a partner, from 0 to 1; 1 if there are no left rows.
    pub(crate) fn match_ratio(&self) -> f64 {
        if self.left_rows == 0 { 1.0 } else { self.left_matched as f64 / self.left_rows as f64 }
    }

    /// As metadata has it.
    pub(crate) fn json(&self) -> Value {
        json!({
            "left_rows": self.left_rows,
            "left_matched": self.left_matched,
            "left_unmatched": self.left_rows - self.left_matched,
            "left_without_key": self.left_without_key,
            "right_rows": self.right_rows,
            "right_matched": self.right_matched,
            "right_unmatched": self.right_rows - self.right_matched,
            "right_without_key": self.right_without_key,
            "pairs": self.pairs,
            "most_partners": self.most_partners,
            "match_ratio": self.match_ratio(),
            "rows": self.rows,
        })
    }

    pub(super) fn add(&mut self, tally: Tally) {
        self.left_rows += tally.rows;
        self.left_matched += tally.matched;
        self.left_without_key += tally.without_key;
        self.pairs += tally.pairs;
        self.most_partners = self.most_partners.max(tally.most);
    }
}

/// What was found of some left rows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) rows: u64,
    pub(super) matched: u64,
    pub(super) without_key: u64,
    pub(super) pairs: u64,
    pub(super) most: u64,
}

/// Takes batches of the result, in order.
pub(super) type Sink<'s> = dyn FnMut(RecordBatch) -> Result<(), JoinError> + 's;

/// Joins all rows.
pub(super) fn run(
    meeting: &Meeting,
    means: &Means<'_>,
    sink: &mut Sink<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<Figures, JoinError> {
    let encoder = meeting.encoder()?;
    let mut figures = Figures::default();
    let mut sink = |batch: RecordBatch| {
        let rows = batch.num_rows() as u64;
        if rows > 0 {
            sink(batch)?;
        }
        Ok(rows)
    };
    let rows = match right_side(meeting, means)? {
        Held::Whole(gathered) => {
            figures.right_rows = gathered.rows as u64;
            let table = Table::build(gathered, meeting, &encoder, means.threads)?;
            along(meeting, means, &encoder, &table, &mut figures, &mut sink, progress)?
        }
        Held::Part { rows, bytes } => {
            let buckets = spill::buckets(meeting.right.table.rows, rows, bytes, means.memory);
            figures.buckets = u64::from(buckets);
            spill::run(meeting, means, &encoder, buckets, &mut figures, &mut sink, progress)?
        }
    };
    figures.rows = rows;
    Ok(figures)
}

/// As much of the right side as is held.
enum Held {
    Whole(Gathered),
    /// There is more than so many rows of so many bytes.
    Part {
        rows: usize,
        bytes: u64,
    },
}

fn right_side(meeting: &Meeting, means: &Means<'_>) -> Result<Held, JoinError> {
    /// Ends the reading when memory is full.
    struct Full;
    let columns = meeting.right_columns();
    let reading = Reading { side: &meeting.right, columns: &columns, threads: means.threads, cancel: &means.cancel };
    let mut gathered = Gathered::default();
    let mut full = None;
    let read = reading.run(&|_, batch, emit| emit(batch.columns().to_vec()), &mut |columns: Vec<ArrayRef>| {
        if gathered.bytes + size(&columns) > means.memory || gathered.rows > NONE as usize / 2 {
            full = Some(Full);
            return Err(JoinError::Cancelled);
        }
        gathered.push(columns, None);
        Ok(())
    });
    match (full, read) {
        (Some(Full), _) => Ok(Held::Part { rows: gathered.rows, bytes: gathered.bytes }),
        (None, Err(error)) => Err(error),
        (None, Ok(())) => Ok(Held::Whole(gathered)),
    }
}

/// The left side along a table that has all of the right side.
fn along(
    meeting: &Meeting,
    means: &Means<'_>,
    encoder: &Encoder,
    table: &Table,
    figures: &mut Figures,
    sink: &mut dyn FnMut(RecordBatch) -> Result<u64, JoinError>,
    progress: &mut dyn FnMut(u64),
) -> Result<u64, JoinError> {
    let columns = meeting.left_columns();
    let reading = Reading { side: &meeting.left, columns: &columns, threads: means.threads, cancel: &means.cancel };
    let tally = Mutex::new(Figures::default());
    let mut rows = 0;
    reading.run(
        &|_, batch, emit: &mut Emit<'_, RecordBatch>| {
            let left = batch.columns();
            let keys = encoder.encode(&meeting.left_keys(left))?;
            let mut tallied = Tally::default();
            probe(meeting, table, &keys, &mut tallied, &mut |found| emit(found.batch(meeting, left, table)?))?;
            tally.lock().unwrap_or_else(PoisonError::into_inner).add(tallied);
            Ok(())
        },
        &mut |batch| {
            rows += sink(batch)?;
            progress(rows);
            Ok(())
        },
    )?;
    let tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    *figures = Figures { right_rows: figures.right_rows, ..tally };
    figures.right_without_key = table.without_key();
    let matched = table.matched();
    figures.right_matched = matched.iter().filter(|matched| **matched).count() as u64;
    if meeting.keeps_right() {
        for numbers in unmatched(&matched).chunks(BATCH) {
            rows += sink(meeting.right_only(&table.columns, &UInt32Array::from(numbers.to_vec()))?)?;
            progress(rows);
        }
    }
    Ok(rows)
}

/// Rows without a partner, ascending.
pub(super) fn unmatched(matched: &[bool]) -> Vec<u32> {
    let rows = matched.iter().zip(0_u32..).filter(|(matched, _)| !**matched);
    rows.map(|(_, row)| row).collect()
}

/// Rows of a left batch with their partners.
pub(super) struct Found<'f> {
    /// Left rows, ascending.
    pub(super) left: &'f [u32],
    /// Right rows, or [`NONE`].
    pub(super) right: &'f [u32],
}

impl Found<'_> {
    /// As rows of the result.
    pub(super) fn batch(&self, meeting: &Meeting, left: &[ArrayRef], table: &Table) -> Result<RecordBatch, JoinError> {
        let all = left.first().map_or(0, |column| column.len());
        let as_it_is = self.left.len() == all && self.left.iter().zip(0_u32..).all(|(row, at)| *row == at);
        let rows = (!as_it_is).then(|| UInt32Array::from(self.left.to_vec()));
        let right: UInt32Array = if self.right.contains(&NONE) {
            self.right.iter().map(|row| (*row != NONE).then_some(*row)).collect()
        } else {
            UInt32Array::from(self.right.to_vec())
        };
        Ok(meeting.gather(left, rows.as_ref(), &table.columns, &right)?)
    }
}

/// Finds the partners of left rows, and gives them in pieces of [`BATCH`] rows at most.
pub(super) fn probe(
    meeting: &Meeting,
    table: &Table,
    keys: &Encoded,
    tally: &mut Tally,
    each: &mut dyn FnMut(Found<'_>) -> Result<(), JoinError>,
) -> Result<(), JoinError> {
    let (mut left, mut right) = (Vec::with_capacity(keys.len()), Vec::with_capacity(keys.len()));
    let (keeps_left, join_type, is_filter) = (meeting.keeps_left(), meeting.join_type, meeting.is_filter());
    for row in 0..keys.len() {
        let number = u32::try_from(row).unwrap_or(NONE);
        let first = table.first(keys, row);
        let mut partners = 0;
        let mut partner = first;
        while partner != NONE {
            partners += 1;
            if !is_filter {
                left.push(number);
                right.push(partner);
                if left.len() == BATCH {
                    each(Found { left: &left, right: &right })?;
                    left.clear();
                    right.clear();
                }
            }
            partner = table.next(partner);
        }
        let alone = match join_type {
            JoinType::Semi => partners > 0,
            JoinType::Anti => partners == 0,
            _ => keeps_left && partners == 0,
        };
        if alone {
            left.push(number);
            right.push(NONE);
        }
        tally.matched += u64::from(partners > 0);
        tally.pairs += partners;
        tally.most = tally.most.max(partners);
        tally.without_key += u64::from(!keys.is_usable(row));
        if left.len() >= BATCH {
            each(Found { left: &left, right: &right })?;
            left.clear();
            right.clear();
        }
    }
    tally.rows += keys.len() as u64;
    if left.is_empty() { Ok(()) } else { each(Found { left: &left, right: &right }) }
}
