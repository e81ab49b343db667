//! A join of sides that do not fit into memory. Both sides go to disk in buckets of keys; each bucket is
//! joined by itself, its right side in pieces where one key alone is too much; what comes out is put back
//! into order by [`super::merge`]. Memory holds one piece of one bucket.

use std::io::{BufReader, BufWriter, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{ArrayRef, UInt32Array, UInt64Array};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use arrow::record_batch::RecordBatch;

use super::JoinError;
use super::encode::{Encoded, Encoder};
use super::flow::{BATCH, Figures, Found, Means, Tally, probe, unmatched};
use super::meeting::Meeting;
use super::merge::{self, NOBODY};
use super::reading::Reading;
use super::table::{Gathered, NONE, Table, size};
use crate::config::settings::JoinType;
use crate::publish::Column;
use crate::scratch::Scratch;

/// Buckets at most: each is an open file of each side.
const MOST: u64 = 64;
/// Rows that a bucket gathers before they are written.
const PAGE: usize = if cfg!(test) { 3 } else { 4_096 };
/// The column with the number of a row in its side.
const NUMBER: &str = "_row";

/// How many buckets make pieces that fit, given what some rows take of a side.
pub(super) fn buckets(all: u64, rows: usize, bytes: u64, memory: u64) -> u32 {
    let whole = (u128::from(bytes) * u128::from(all.max(1))).div_ceil(rows.max(1) as u128);
    let wanted = (whole * 2).div_ceil(u128::from(memory.max(1)));
    u32::try_from(wanted.clamp(2, u128::from(MOST))).unwrap_or(2)
}

/// Joins all rows; gives how many the result has.
pub(super) fn run(
    meeting: &Meeting,
    means: &Means<'_>,
    encoder: &Encoder,
    buckets: u32,
    figures: &mut Figures,
    sink: &mut dyn FnMut(RecordBatch) -> Result<u64, JoinError>,
    progress: &mut dyn FnMut(u64),
) -> Result<u64, JoinError> {
    let place = Folder { means, path: means.scratch.join("join") };
    let split = Split { meeting, means, encoder, place: &place, buckets };
    let rights = split.side(false)?;
    let lefts = split.side(true)?;
    let mut runs = Vec::new();
    for (left, right) in lefts.into_iter().zip(rights) {
        let bucket = Bucket { meeting, means, encoder, place: &place, left: &left };
        bucket.join(&right, figures, &mut runs)?;
    }
    let mut rows = 0;
    merge::merge(runs, meeting, &mut |batch| {
        if means.cancel.is_cancelled() {
            return Err(JoinError::Cancelled);
        }
        rows += sink(batch)?;
        progress(rows);
        Ok(())
    })?;
    Ok(rows)
}

/// Where files go that nobody else sees.
struct Folder<'a> {
    means: &'a Means<'a>,
    path: PathBuf,
}

impl Folder<'_> {
    fn failed(&self, source: std::io::Error) -> JoinError {
        JoinError::Scratch { folder: self.path.clone(), source }
    }

    fn broken(&self, error: ArrowError) -> JoinError {
        match error {
            ArrowError::IoError(_, source) => self.failed(source),
            other => other.into(),
        }
    }

    fn page_writer(&self, schema: &SchemaRef) -> Result<Pages, JoinError> {
        let scratch =
            Scratch::new(&self.path, self.means.world.entropy.as_ref()).map_err(|error| self.failed(error))?;
        let file = scratch.file.try_clone().map_err(|error| self.failed(error))?;
        let writer = StreamWriter::try_new(BufWriter::with_capacity(1 << 16, file), schema);
        let writer = writer.map_err(|error| self.broken(error))?;
        Ok(Pages { scratch, writer, schema: schema.clone(), waiting: Vec::new(), rows: 0 })
    }
}

/// Rows on their way to a file.
struct Pages {
    scratch: Scratch,
    writer: StreamWriter<BufWriter<std::fs::File>>,
    schema: SchemaRef,
    waiting: Vec<RecordBatch>,
    rows: usize,
}

/// Rows in a file that is gone with its owner.
pub(super) struct Kept {
    scratch: Scratch,
    folder: PathBuf,
}

impl Pages {
    fn push(&mut self, batch: RecordBatch, place: &Folder<'_>) -> Result<(), JoinError> {
        self.rows += batch.num_rows();
        self.waiting.push(batch);
        if self.rows >= PAGE { self.write(place) } else { Ok(()) }
    }

    fn write(&mut self, place: &Folder<'_>) -> Result<(), JoinError> {
        if self.rows > 0 {
            let all = concat_batches(&self.schema, &self.waiting)?;
            self.writer.write(&all).map_err(|error| place.broken(error))?;
        }
        self.waiting.clear();
        self.rows = 0;
        Ok(())
    }

    fn finish(mut self, place: &Folder<'_>) -> Result<Kept, JoinError> {
        self.write(place)?;
        self.writer.finish().map_err(|error| place.broken(error))?;
        self.writer
            .into_inner()
            .map_err(|error| place.broken(error))?
            .into_inner()
            .map_err(|error| place.failed(error.into_error()))?;
        Ok(Kept { scratch: self.scratch, folder: place.path.clone() })
    }
}

impl Kept {
    /// All rows, from the first.
    pub(super) fn read(&self) -> Result<impl Iterator<Item = Result<RecordBatch, JoinError>> + use<>, JoinError> {
        let failed = |source| JoinError::Scratch { folder: self.folder.clone(), source };
        let mut file = self.scratch.file.try_clone().map_err(failed)?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        let reader = StreamReader::try_new(BufReader::with_capacity(1 << 16, file), None)?;
        Ok(reader.map(|batch| batch.map_err(JoinError::from)))
    }
}

/// Splits sides into buckets.
struct Split<'a> {
    meeting: &'a Meeting,
    means: &'a Means<'a>,
    encoder: &'a Encoder,
    place: &'a Folder<'a>,
    buckets: u32,
}

impl Split<'_> {
    fn side(&self, is_left: bool) -> Result<Vec<Kept>, JoinError> {
        let (meeting, means) = (self.meeting, self.means);
        let (side, columns) =
            if is_left { (&meeting.left, meeting.left_columns()) } else { (&meeting.right, meeting.right_columns()) };
        let schema = numbered(&columns);
        let mut pages: Vec<Pages> =
            (0..self.buckets).map(|_| self.place.page_writer(&schema)).collect::<Result<_, _>>()?;
        Reading { side, columns: &columns, threads: means.threads, cancel: &means.cancel }.run(
            &|first, batch, emit| {
                let keys =
                    if is_left { meeting.left_keys(batch.columns()) } else { meeting.right_keys(batch.columns()) };
                let keys = self.encoder.encode(&keys)?;
                let mut rows: Vec<Vec<u32>> = vec![Vec::new(); self.buckets as usize];
                for row in 0..keys.len() {
                    rows[self.bucket(&keys, row)].push(u32::try_from(row).unwrap_or(NONE));
                }
                let mut columns = batch.columns().to_vec();
                columns.push(Arc::new(UInt64Array::from_iter_values((first..).take(batch.num_rows()))));
                let batch = RecordBatch::try_new(schema.clone(), columns)?;
                for (bucket, rows) in rows.into_iter().enumerate().filter(|(_, rows)| !rows.is_empty()) {
                    emit((bucket, take_record_batch(&batch, &UInt32Array::from(rows))?))?;
                }
                Ok(())
            },
            &mut |(bucket, batch): (usize, RecordBatch)| pages[bucket].push(batch, self.place),
        )?;
        pages.into_iter().map(|pages| pages.finish(self.place)).collect()
    }

    /// Rows without a key meet nobody, so they may be anywhere.
    fn bucket(&self, keys: &Encoded, row: usize) -> usize {
        let spread = if keys.is_usable(row) { keys.hash(row) >> 44 } else { row as u64 };
        usize::try_from(spread % u64::from(self.buckets)).unwrap_or(0)
    }
}

fn numbered(columns: &[Column]) -> SchemaRef {
    let fields = columns.iter().map(|column| Field::new(&column.name, column.arrow.clone(), true));
    let number = Field::new(NUMBER, DataType::UInt64, false);
    Arc::new(Schema::new(fields.chain([number]).collect::<Vec<_>>()))
}

/// The columns of a page, and the numbers of its rows.
fn apart(batch: &RecordBatch) -> (Vec<ArrayRef>, UInt64Array) {
    let mut columns = batch.columns().to_vec();
    let numbers = columns.pop().and_then(|numbers| numbers.as_any().downcast_ref::<UInt64Array>().cloned());
    (columns, numbers.unwrap_or_else(|| UInt64Array::from(Vec::<u64>::new())))
}

/// A bucket of both sides.
struct Bucket<'a> {
    meeting: &'a Meeting,
    means: &'a Means<'a>,
    encoder: &'a Encoder,
    place: &'a Folder<'a>,
    left: &'a Kept,
}

impl Bucket<'_> {
    fn join(&self, right: &Kept, figures: &mut Figures, runs: &mut Vec<Kept>) -> Result<(), JoinError> {
        let mut pages = right.read()?.peekable();
        // Partners of each left row so far, where the right side comes in pieces.
        let mut partners: Option<Vec<u64>> = None;
        let mut is_first = true;
        loop {
            let mut gathered = Gathered::default();
            while let Some(page) = pages.peek() {
                if let Ok(page) = page {
                    let too_much = gathered.bytes + size(page.columns()) > self.means.memory;
                    if gathered.rows > 0 && (too_much || gathered.rows > NONE as usize / 2) {
                        break;
                    }
                }
                let Some(page) = pages.next() else { break };
                let (columns, numbers) = apart(&page?);
                gathered.push(columns, Some(numbers));
            }
            let is_last = pages.peek().is_none();
            if !is_last && partners.is_none() {
                partners = Some(Vec::new());
            }
            figures.right_rows += gathered.rows as u64;
            let table = Table::build(gathered, self.meeting, self.encoder, self.means.threads)?;
            let mut run = self.place.page_writer(&merge::schema(self.meeting))?;
            self.along(&table, is_first, partners.as_mut(), figures, &mut run)?;
            figures.right_without_key += table.without_key();
            let matched = table.matched();
            figures.right_matched += matched.iter().filter(|matched| **matched).count() as u64;
            if self.meeting.keeps_right() {
                for rows in unmatched(&matched).chunks(BATCH) {
                    let rows = UInt32Array::from(rows.to_vec());
                    let batch = self.meeting.right_only(&table.columns, &rows)?;
                    let right = rows.values().iter().map(|row| number(table.numbers.as_ref(), *row)).collect();
                    run.push(merge::tagged(self.meeting, &batch, vec![NOBODY; rows.len()], right)?, self.place)?;
                }
            }
            runs.push(run.finish(self.place)?);
            is_first = false;
            if is_last {
                break;
            }
        }
        if let Some(partners) = partners {
            runs.push(self.settle(&partners, figures)?);
        }
        Ok(())
    }

    /// The left side of the bucket along a piece of the right side.
    fn along(
        &self,
        table: &Table,
        is_first: bool,
        mut partners: Option<&mut Vec<u64>>,
        figures: &mut Figures,
        run: &mut Pages,
    ) -> Result<(), JoinError> {
        let mut before = 0;
        for page in self.left.read()? {
            if self.means.cancel.is_cancelled() {
                return Err(JoinError::Cancelled);
            }
            let (columns, numbers) = apart(&page?);
            let keys = self.encoder.encode(&self.meeting.left_keys(&columns))?;
            let Some(partners) = partners.as_deref_mut() else {
                let mut tally = Tally::default();
                let each = &mut |found: Found<'_>| self.put(&found, &columns, &numbers, table, run);
                probe(self.meeting, table, &keys, &mut tally, each)?;
                figures.add(tally);
                continue;
            };
            if is_first {
                partners.resize(partners.len() + keys.len(), 0);
            }
            let counts = &mut partners[before..before + keys.len()];
            self.pairs(table, &keys, counts, &mut |found| self.put(&found, &columns, &numbers, table, run))?;
            before += keys.len();
        }
        Ok(())
    }

    /// Rows that have partners in a piece of the right side; those without any are known in the end.
    fn pairs(
        &self,
        table: &Table,
        keys: &Encoded,
        counts: &mut [u64],
        each: &mut dyn FnMut(Found<'_>) -> Result<(), JoinError>,
    ) -> Result<(), JoinError> {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for (row, count) in counts.iter_mut().enumerate() {
            let mut partner = table.first(keys, row);
            while partner != NONE {
                *count += 1;
                if !self.meeting.is_filter() {
                    left.push(u32::try_from(row).unwrap_or(NONE));
                    right.push(partner);
                }
                if left.len() == BATCH {
                    each(Found { left: &left, right: &right })?;
                    left.clear();
                    right.clear();
                }
                partner = table.next(partner);
            }
        }
        if left.is_empty() { Ok(()) } else { each(Found { left: &left, right: &right }) }
    }

    /// What depends on all pieces: left rows without a partner, or those that have one.
    fn settle(&self, partners: &[u64], figures: &mut Figures) -> Result<Kept, JoinError> {
        let empty = Table::build(Gathered::default(), self.meeting, self.encoder, std::num::NonZeroUsize::MIN)?;
        let mut run = self.place.page_writer(&merge::schema(self.meeting))?;
        let mut before = 0;
        for page in self.left.read()? {
            let (columns, numbers) = apart(&page?);
            let keys = self.encoder.encode(&self.meeting.left_keys(&columns))?;
            let counts = &partners[before..before + keys.len()];
            before += keys.len();
            let wanted = |count: u64| match self.meeting.join_type {
                JoinType::Semi => count > 0,
                JoinType::Anti => count == 0,
                _ => self.meeting.keeps_left() && count == 0,
            };
            let rows = counts.iter().zip(0_u32..).filter(|(count, _)| wanted(**count));
            let left: Vec<u32> = rows.map(|(_, row)| row).collect();
            if !left.is_empty() {
                let right = vec![NONE; left.len()];
                self.put(&Found { left: &left, right: &right }, &columns, &numbers, &empty, &mut run)?;
            }
            figures.add(Tally {
                rows: counts.len() as u64,
                matched: counts.iter().filter(|count| **count > 0).count() as u64,
                without_key: (0..keys.len()).filter(|row| !keys.is_usable(*row)).count() as u64,
                pairs: counts.iter().sum(),
                most: counts.iter().copied().max().unwrap_or(0),
            });
        }
        run.finish(self.place)
    }

    fn put(
        &self,
        found: &Found<'_>,
        columns: &[ArrayRef],
        numbers: &UInt64Array,
        table: &Table,
        run: &mut Pages,
    ) -> Result<(), JoinError> {
        let batch = found.batch(self.meeting, columns, table)?;
        let left = found.left.iter().map(|row| numbers.value(*row as usize)).collect();
        let of_right = |row: &u32| if *row == NONE { NOBODY } else { number(table.numbers.as_ref(), *row) };
        let right = found.right.iter().map(of_right).collect();
        run.push(merge::tagged(self.meeting, &batch, left, right)?, self.place)
    }
}

fn number(numbers: Option<&UInt64Array>, row: u32) -> u64 {
    numbers.map_or_else(|| u64::from(row), |numbers| numbers.value(row as usize))
}
