//! Reads the rows of a load in order of arrival, with key and order value, bucket by bucket of keys:
//! what every model that knows keys begins with. Decides nothing about a row but whether it can be
//! used and to which bucket it belongs.

use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use arrow::array::ArrayRef;
use arrow::error::ArrowError;
use arrow::row::{RowConverter, Rows, SortField};

use super::SilverError;
use super::events::EventCounts;
use super::fold::{FullCount, Operation};
use super::keys::{self, Draw, Key};
use super::order::{OrderEncoding, OrderValue, canonical, order_arrays};
use super::prepare::{Place, Prepared, Shape};
use super::quality::Survey;
use super::reading::Reading;
use crate::bronze::Landed;
use crate::cancel::CancelToken;

/// What a reading of the partitions found beside the rows.
#[derive(Clone, Debug)]
pub(crate) struct Findings {
    /// How often arrival decided between equal order values of one partition.
    pub(crate) order_ties: u64,
    /// For each partition, what it did to the keys.
    pub(crate) counts: Vec<FullCount>,
    /// Of a load of events, rows that became none.
    pub(crate) events: Option<EventCounts>,
    /// For each partition, what was found in it.
    pub(crate) surveys: Vec<Survey>,
}

impl Findings {
    /// Nothing read yet.
    pub(crate) fn new(partitions: &[Landed]) -> Self {
        Self {
            order_ties: 0,
            counts: vec![FullCount::default(); partitions.len()],
            events: None,
            surveys: partitions.iter().map(Survey::new).collect(),
        }
    }

    /// Adds what a bucket of keys says of a partition.
    pub(crate) fn count(&mut self, partition: usize, count: FullCount) {
        let sum = &mut self.counts[partition];
        sum.live_before += count.live_before;
        sum.kept += count.kept;
        sum.live_after += count.live_after;
    }
}

/// The keys of one reading.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    number: usize,
    of: usize,
    /// About how many rows they have.
    pub(crate) rows: u64,
}

impl Bucket {
    /// As many as it takes to hold the rows of `partitions` in `memory` bytes, if each takes `row` bytes.
    /// The input is read once for each.
    pub(crate) fn all(partitions: &[Landed], memory: u64, row: usize) -> impl Iterator<Item = Self> + use<> {
        let total: u64 = partitions.iter().map(|landed| landed.commit.rows()).sum();
        let fit = (memory / row.max(1) as u64).max(LEAST_ROWS);
        let of = usize::try_from(total.div_ceil(fit)).unwrap_or(usize::MAX).max(1);
        let rows = total / of as u64;
        (0..of).map(move |number| Self { number, of, rows })
    }

    fn has(self, key: Key<'_>) -> bool {
        self.of == 1 || key.lot(Draw::Bucket, self.of) == self.number
    }
}

/// A row that can be used.
pub(crate) struct Row<'k, O> {
    /// Its key.
    pub(crate) key: Key<'k>,
    /// Its order value; `None` is null.
    pub(crate) order: Option<O>,
    /// What it does to its key.
    pub(crate) operation: Operation,
    /// Its number in the partition.
    pub(crate) number: u64,
}

/// Makes of the further columns of a batch what is kept of each row. Runs beside the taking.
pub(crate) trait Reader<V>: Sync {
    /// One for each row.
    fn read(&self, columns: &[ArrayRef], rows: usize) -> Result<Vec<V>, ArrowError>;
}

/// Where key and order value say all.
pub(crate) struct NothingFurther;

impl Reader<()> for NothingFurther {
    fn read(&self, _columns: &[ArrayRef], rows: usize) -> Result<Vec<()>, ArrowError> {
        Ok(vec![(); rows])
    }
}

/// Rows of a bucket at least: with less memory than they take, reading again and again would take for ever.
const LEAST_ROWS: u64 = 1_000;
/// Batches that wait for a taker.
const WAITING: usize = 2;

/// Takes the rows of some keys, all rows of each, in order of arrival.
pub(crate) trait Taker<O, V> {
    /// The next partition begins. `instant` is 00:00 of its date as an order value.
    fn begin(&mut self, partition: u32, landed: &Landed, instant: Option<O>);
    /// A row of it, with what the reader made of it.
    fn row(&mut self, row: Row<'_, O>, value: V);
    /// The partition ends. What it did to the keys, if that is known by now.
    fn end(&mut self) -> FullCount;
}

/// One reading of the partitions of a load.
pub(crate) struct Scan<'a> {
    /// The columns.
    pub(crate) shape: &'a Shape<'a>,
    /// The input.
    pub(crate) partitions: &'a [Landed],
    /// Its keys.
    pub(crate) bucket: Bucket,
    /// How order values are read.
    pub(crate) order: &'a OrderEncoding,
    /// Columns wanted beside the deciding ones.
    pub(crate) further: &'a [usize],
    /// Whether deletes are left out of account.
    pub(crate) ignores_deletes: bool,
    /// Threads that read.
    pub(crate) threads: NonZeroUsize,
    /// Looked at between batches.
    pub(crate) cancel: &'a CancelToken,
}

/// A batch, ready to be taken.
struct Ready<O, V> {
    prepared: Prepared,
    keys: Rows,
    hashes: Vec<u64>,
    orders: Vec<Option<O>>,
    values: Vec<V>,
}

impl Scan<'_> {
    /// Gives every row of the bucket to one of `takers`, by its key, with what `reader` makes of the columns
    /// of `further`. Each taker has a thread of its own if there are several.
    pub(crate) fn run<O: OrderValue, V: Clone + Send + Sync, T: Taker<O, V> + Send>(
        &self,
        reader: &impl Reader<V>,
        takers: &mut [T],
        findings: &mut Findings,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), SilverError> {
        let mut columns = self.shape.deciding();
        let further: Vec<usize> = self
            .further
            .iter()
            .map(|position| {
                columns.iter().position(|known| known == position).unwrap_or_else(|| {
                    columns.push(*position);
                    columns.len() - 1
                })
            })
            .collect();
        let schema = self.shape.schema(&columns);
        let keys: Vec<SortField> =
            (0..self.shape.keys.len()).map(|index| SortField::new(schema.field(index).data_type().clone())).collect();
        let converter =
            RowConverter::new(keys).map_err(|source| SilverError::Compute { partition: String::new(), source })?;
        let reading = Reading { shape: self.shape, columns: &columns, threads: self.threads, cancel: self.cancel };
        let ready = |number: usize, _: Place<'_>, prepared: Prepared| {
            self.ready(&converter, &further, reader, prepared)
                .map_err(|source| SilverError::Compute { partition: self.partitions[number].id.clone(), source })
        };
        // Every reading sees every row; one of them counts the bad ones.
        let counts_bad = self.bucket.number == 0;
        let surveys = &mut findings.surveys;
        let mut seen = |number: usize, place: Place<'_>, ready: &Ready<O, V>| {
            if counts_bad {
                surveys[number].add(&ready.prepared);
            }
            progress(place.row + ready.prepared.rows as u64);
        };
        let of = takers.len();
        let mut feeds = takers.iter_mut().enumerate().map(|(lot, taker)| Feed::new(self, taker, lot, of));
        let counts: Vec<Vec<FullCount>> = if of == 1 {
            let Some(mut feed) = feeds.next() else { return Ok(()) };
            reading.run(self.partitions, &ready, &mut |number, place, ready| {
                seen(number, place, &ready);
                feed.batch(number, place.row, &ready);
                Ok(())
            })?;
            vec![feed.finish()]
        } else {
            std::thread::scope(|scope| {
                let (mut sends, mut threads) = (Vec::with_capacity(of), Vec::with_capacity(of));
                for mut feed in feeds {
                    let (send, receive) = sync_channel::<(usize, u64, Arc<Ready<O, V>>)>(WAITING);
                    sends.push(send);
                    threads.push(scope.spawn(move || {
                        for (number, first, ready) in receive {
                            feed.batch(number, first, &ready);
                        }
                        feed.finish()
                    }));
                }
                let read = reading.run(self.partitions, &ready, &mut |number, place, ready| {
                    seen(number, place, &ready);
                    let ready = Arc::new(ready);
                    // One that is gone has panicked, which is told below.
                    for send in &sends {
                        let _gone = send.send((number, place.row, ready.clone()));
                    }
                    Ok(())
                });
                drop(sends);
                let counts = threads.into_iter().map(|thread| match thread.join() {
                    Ok(counts) => counts,
                    Err(panic) => std::panic::resume_unwind(panic),
                });
                let counts = counts.collect();
                read.map(|()| counts)
            })?
        };
        for counts in counts {
            for (number, count) in counts.into_iter().enumerate() {
                findings.count(number, count);
            }
        }
        Ok(())
    }

    fn ready<O: OrderValue, V>(
        &self,
        converter: &RowConverter,
        further: &[usize],
        reader: &impl Reader<V>,
        mut prepared: Prepared,
    ) -> Result<Ready<O, V>, ArrowError> {
        let (key_count, order_count) = (self.shape.keys.len(), self.shape.orders.len());
        let keys: Vec<ArrayRef> = prepared.columns[..key_count].iter().map(canonical).collect();
        let keys = converter.convert_columns(&keys)?;
        let hashes = keys.iter().map(|key| keys::hash(key.as_ref())).collect();
        let orders = O::read(self.order, &order_arrays(&prepared, key_count, order_count))?;
        let further: Vec<ArrayRef> = further.iter().map(|index| prepared.columns[*index].clone()).collect();
        let values = reader.read(&further, prepared.rows)?;
        prepared.columns.clear();
        Ok(Ready { prepared, keys, hashes, orders, values })
    }
}

/// What one taker is given.
struct Feed<'a, 's, O, V, T> {
    scan: &'a Scan<'s>,
    taker: &'a mut T,
    /// Which lot of the keys it takes.
    lot: usize,
    of: usize,
    /// Partitions that have begun.
    begun: usize,
    /// For each partition that ended, what the taker said.
    counts: Vec<FullCount>,
    takes: PhantomData<fn(O, V)>,
}

impl<'a, 's, O: OrderValue, V: Clone, T: Taker<O, V>> Feed<'a, 's, O, V, T> {
    fn new(scan: &'a Scan<'s>, taker: &'a mut T, lot: usize, of: usize) -> Self {
        Self { scan, taker, lot, of, begun: 0, counts: Vec::new(), takes: PhantomData }
    }

    /// A batch of partition `number`, whose first row has the number `first`.
    fn batch(&mut self, number: usize, first: u64, ready: &Ready<O, V>) {
        self.advance(number + 1);
        let Ready { prepared, keys, hashes, orders, values } = ready;
        for (in_batch, hash) in hashes.iter().enumerate() {
            let key = Key::hashed(keys.row(in_batch).data(), *hash);
            if key.lot(Draw::Thread, self.of) != self.lot
                || !self.scan.bucket.has(key)
                || prepared.bad.contains_key(&in_batch)
            {
                continue;
            }
            let operation = prepared.operations.as_ref().map_or(Operation::Upsert, |operations| operations[in_batch]);
            if operation == Operation::Delete && self.scan.ignores_deletes {
                continue;
            }
            let order = orders[in_batch].clone();
            self.taker.row(Row { key, order, operation, number: first + in_batch as u64 }, values[in_batch].clone());
        }
    }

    /// Lets so many partitions begin, those without rows, too.
    fn advance(&mut self, to: usize) {
        while self.begun < to {
            self.end();
            let landed = &self.scan.partitions[self.begun];
            let number = u32::try_from(self.begun).unwrap_or(u32::MAX);
            self.taker.begin(number, landed, O::instant(self.scan.order, landed.date));
            self.begun += 1;
        }
    }

    fn end(&mut self) {
        if self.begun > 0 {
            self.counts.push(self.taker.end());
        }
    }

    fn finish(mut self) -> Vec<FullCount> {
        self.advance(self.scan.partitions.len());
        self.end();
        self.counts
    }
}
