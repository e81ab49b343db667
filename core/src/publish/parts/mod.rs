//! Writes a table as parts: cuts it by rows and bytes, in one or both formats, under an attempt.
//!
//! Rows are gathered into row groups, encoded by several threads, and put into files in order. What
//! is cut where depends on the rows and the options alone, never on which thread was first: what was
//! measured of a row group is used only once it was put into its file, and that happens at the same
//! row however many threads there are.

mod dictionary;
mod encode;
mod pool;
mod rows;
mod size;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::io::Write;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arrow::datatypes::{Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedFileWriter;

use super::commit::{Column, CommittedTable, Part};
use super::{Attempt, PartWriter};
use crate::batch;
use crate::config::settings::{Compression, Formats};
use crate::diagnostic::code::{self, Code};
use crate::error::{Coded, Stage};
use crate::storage::StorageError;
use crate::storage::failure::Failure;
use encode::{Encoded, Encoder, Encoding};
use pool::{Pending, Pool};
use rows::Rows;
use size::{Bounds, Experience, Sizes};

/// Bytes of cells in a row group at most, more only for a single row.
const GROUP_BYTES: u64 = 32 << 20;
/// Bytes of cells in row groups that are being encoded, about, beside the first of them.
const ENCODING_BYTES: u64 = 48 << 20;
/// Row groups that are being encoded, at most.
const ENCODING_GROUPS: usize = 4;
/// Parts that are made durable while further ones are written, at most.
const FINISHING: usize = 2;
/// Bytes of cells in the first row group where sizes count and nothing is known yet, at most.
const FIRST_BYTES: u64 = 1 << 20;

/// How a table is cut and encoded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PartOptions {
    /// What is written.
    pub(crate) formats: Formats,
    /// Parquet codec.
    pub(crate) compression: Compression,
    /// Its level, in its range; `None`: the codec's own choice.
    pub(crate) level: Option<u32>,
    /// Rows of a part at most; at least 1.
    pub(crate) max_rows: u64,
    /// Bytes of a part at most, of the file really written: more only for a single row, and at most
    /// a tenth less for all but the last.
    pub(crate) max_bytes: Option<u64>,
}

/// Why a part could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PartError {
    /// The store refused.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The bytes could not be written or encoded.
    #[error("a part of {place} cannot be written")]
    Encode {
        /// The folder.
        place: String,
        /// The cause.
        #[source]
        source: ParquetError,
    },
}

impl Coded for PartError {
    fn code(&self) -> Code {
        match self {
            Self::Storage(error) => error.code(),
            Self::Encode { source, .. } => Failure::within(source).map_or(code::STG010, Failure::code),
        }
    }
    fn stage(&self) -> Stage {
        Stage::Storage
    }
    fn hint(&self) -> Option<String> {
        match self {
            Self::Storage(error) => error.hint(),
            Self::Encode { .. } => None,
        }
    }
}

/// Threads for one or more tables that are written at the same time by one thread.
#[derive(Debug)]
pub(crate) struct Workers {
    encode: Pool,
    /// Waits for the disk, so that no encoder does.
    finish: Pool,
    times: Mutex<Times>,
}

/// What took how long, added up over threads.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Times {
    /// Rows to bytes, with compression.
    pub(crate) encode: Duration,
    /// Checksums.
    pub(crate) hash: Duration,
    /// Bytes to the store, which may still have to make them durable.
    pub(crate) write: Duration,
    /// Making them durable.
    pub(crate) finish: Duration,
}

impl Workers {
    /// As many threads encode as are said, the writing one included.
    pub(crate) fn new(count: NonZeroUsize) -> Arc<Self> {
        let finish = if count.get() > 1 { Pool::new(NonZeroUsize::MIN.saturating_add(1)) } else { Pool::inline() };
        Arc::new(Self { encode: Pool::new(count), finish, times: Mutex::default() })
    }
    /// What took how long so far.
    pub(crate) fn times(&self) -> Times {
        *self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn add(&self, add: impl FnOnce(&mut Times)) {
        add(&mut self.times.lock().unwrap_or_else(PoisonError::into_inner));
    }
    /// No threads: for small tables.
    pub(crate) fn none() -> Arc<Self> {
        Self::new(NonZeroUsize::MIN)
    }
}

/// Writes the rows of one table, in order, into `<stem>-0001`, `<stem>-0002`, …
pub(crate) struct TableWriter {
    stem: String,
    schema: SchemaRef,
    options: PartOptions,
    workers: Arc<Workers>,
    /// Made for the first row.
    encoder: Option<Arc<Encoder>>,
    /// Rows of the next row group.
    waiting: Rows,
    /// How many it shall have.
    aim: Aim,
    /// Row groups on their way into files, in order.
    encoding: VecDeque<(Rows, Encoding)>,
    experience: Experience,
    open: Option<OpenPart>,
    finishing: VecDeque<Pending<Finished>>,
    parts: Vec<Part>,
    rows: u64,
    count: u32,
}

/// The parts of a file that was ended, and how long that took.
type Finished = (Result<Vec<Part>, PartError>, Duration);

/// The size of a row group.
#[derive(Clone, Copy, Debug, Default)]
struct Aim {
    rows: u64,
    bytes: u64,
}

struct OpenPart {
    parquet: Option<SerializedFileWriter<PartWriter>>,
    csv: Option<PartWriter>,
    rows: u64,
    sizes: Sizes,
}

impl TableWriter {
    /// Nothing is created before the first row.
    pub(crate) fn new(stem: impl Into<String>, schema: &Schema, options: PartOptions, workers: &Arc<Workers>) -> Self {
        // Notes in field metadata are for us, not for the files.
        let fields: Vec<_> =
            schema.fields().iter().map(|field| field.as_ref().clone().with_metadata(HashMap::new())).collect();
        Self {
            stem: stem.into(),
            schema: Arc::new(Schema::new(fields)),
            options,
            workers: workers.clone(),
            encoder: None,
            waiting: Rows::default(),
            aim: Aim::default(),
            encoding: VecDeque::new(),
            experience: Experience::default(),
            open: None,
            finishing: VecDeque::new(),
            parts: Vec::new(),
            rows: 0,
            count: 0,
        }
    }

    /// Its first part has the number after `count`: there are parts that it adds to.
    #[must_use]
    pub(crate) fn after(mut self, count: u32) -> Self {
        self.count = count;
        self
    }

    /// Rows so far.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Whether it holds rows, or a part that further ones go to.
    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some() || self.held() > 0
    }

    /// Bytes of cells in memory.
    pub(crate) fn held(&self) -> u64 {
        self.waiting.bytes + self.encoding.iter().map(|(rows, _)| rows.bytes).sum::<u64>()
    }

    /// Adds rows.
    pub(crate) fn write(&mut self, attempt: &mut Attempt, batch: &RecordBatch) -> Result<(), PartError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let mut rest = RecordBatch::try_new(self.schema.clone(), batch.columns().to_vec())
            .map_err(|error| self.failed(error.into()))?;
        self.rows += rest.num_rows() as u64;
        while rest.num_rows() > 0 {
            if self.waiting.count == 0 {
                self.aim = self.aim(attempt)?;
            }
            let most = usize::try_from(self.aim.rows - self.waiting.count).unwrap_or(usize::MAX);
            let fitting = rows::fitting(&rest, most, self.aim.bytes.saturating_sub(self.waiting.bytes));
            // A row that is too large for any group is a group of its own.
            let taken = fitting.max(usize::from(self.waiting.count == 0));
            self.waiting.push(rest.slice(0, taken));
            rest = rest.slice(taken, rest.num_rows() - taken);
            if rest.num_rows() > 0 || self.waiting.count >= self.aim.rows || self.waiting.bytes >= self.aim.bytes {
                self.seal(attempt)?;
            }
        }
        Ok(())
    }

    /// Puts all rows so far into files, in a row group that ends here. The part stays open.
    pub(crate) fn flush(&mut self, attempt: &mut Attempt) -> Result<(), PartError> {
        if self.waiting.count > 0 {
            self.seal(attempt)?;
        }
        while self.settle_first(attempt)? {}
        Ok(())
    }

    /// Ends the open part, if there is one; further rows begin the next.
    pub(crate) fn close(&mut self, attempt: &mut Attempt) -> Result<(), PartError> {
        self.flush(attempt)?;
        self.end_part()
    }

    /// Ends the last part; says what was written.
    pub(crate) fn finish(
        mut self,
        attempt: &mut Attempt,
        name: &str,
        columns: Vec<Column>,
    ) -> Result<CommittedTable, PartError> {
        self.close(attempt)?;
        self.await_finished(0)?;
        let parts = std::mem::take(&mut self.parts);
        Ok(CommittedTable { name: name.to_owned(), rows: self.rows, columns, parts })
    }

    const fn bounds(&self) -> Bounds {
        Bounds { rows: self.options.max_rows, bytes: self.options.max_bytes }
    }

    /// What the next row group shall be, given what is known and what is on its way.
    fn aim(&mut self, attempt: &mut Attempt) -> Result<Aim, PartError> {
        let encoder = self.encoder()?;
        loop {
            let coming: u64 = self.encoding.iter().map(|(rows, _)| rows.count).sum();
            let open = self.open.as_ref().map_or(0, |open| open.rows);
            let rows = self.options.max_rows - (open + coming) % self.options.max_rows;
            let Some(target) = self.bounds().target() else { return Ok(Aim { rows, bytes: GROUP_BYTES }) };
            let cells: u64 = self.encoding.iter().map(|(rows, _)| rows.bytes).sum();
            let bytes = if self.experience.is_new() {
                (target / 10).min(FIRST_BYTES)
            } else {
                self.experience.cells_to(self.filled(&encoder).and(self.experience.expect(cells)), target)
            };
            // Near the end of a part, estimates do not do.
            if self.encoding.is_empty() || bytes > 2 * GROUP_BYTES {
                return Ok(Aim { rows, bytes: bytes.clamp(1, GROUP_BYTES) });
            }
            while self.settle_first(attempt)? {}
        }
    }

    /// The row group is complete: has it encoded, and puts earlier ones into files.
    fn seal(&mut self, attempt: &mut Attempt) -> Result<(), PartError> {
        let rows = std::mem::take(&mut self.waiting);
        let encoding = self.encoder()?.start(&rows, &self.workers.encode).map_err(|error| self.failed(error))?;
        self.encoding.push_back((rows, encoding));
        loop {
            let behind_first: u64 = self.encoding.iter().skip(1).map(|(rows, _)| rows.bytes).sum();
            if self.encoding.len() < ENCODING_GROUPS && behind_first < ENCODING_BYTES {
                return Ok(());
            }
            self.settle_first(attempt)?;
        }
    }

    /// Puts the first row group that is being encoded into a file; `false` if there is none.
    fn settle_first(&mut self, attempt: &mut Attempt) -> Result<bool, PartError> {
        let Some((rows, encoding)) = self.encoding.pop_front() else { return Ok(false) };
        let encoded = self.encoded(&rows, encoding)?;
        // What is left to do, the next at the end.
        let mut left = vec![(rows, Some(encoded))];
        while let Some((rows, encoded)) = left.pop() {
            let rest = self.settle(attempt, rows, encoded)?;
            left.extend(rest.into_iter().rev());
        }
        Ok(true)
    }

    /// Puts rows into the open part as far as they fit; what is left over comes back, in order.
    fn settle(
        &mut self,
        attempt: &mut Attempt,
        rows: Rows,
        encoded: Option<Encoded>,
    ) -> Result<Vec<(Rows, Option<Encoded>)>, PartError> {
        let (encoder, bounds) = (self.encoder()?, self.bounds());
        let (filled, standing) = (self.filled(&encoder), self.open.as_ref().map_or(0, |open| open.rows));
        let target = bounds.target().unwrap_or(u64::MAX);
        // How many of the rows fit, by what is known of them or of others before them.
        let by_bytes = match &encoded {
            Some(encoded) => size::share(rows.count, encoded.sizes, filled, target),
            None => size::share(rows.count, self.experience.expect(rows.bytes), filled, target),
        };
        let fit = by_bytes.min(bounds.rows - standing);
        if let Some(encoded) = encoded {
            if bounds.allows(standing + rows.count, filled.and(encoded.sizes)) {
                self.append(attempt, &rows, encoded)?;
                return Ok(Vec::new());
            }
            if standing > 0 && (fit == 0 || bounds.is_full(standing, filled)) {
                self.end_part()?;
                return Ok(vec![(rows, Some(encoded))]);
            }
            if rows.count == 1 {
                self.append(attempt, &rows, encoded)?;
                self.end_part()?;
                return Ok(Vec::new());
            }
            let at = fit.clamp(1, rows.count - 1);
            let (first, second) = rows.split(at);
            return Ok(vec![(first, None), (second, None)]);
        }
        if standing > 0 && fit == 0 {
            self.end_part()?;
            return Ok(vec![(rows, None)]);
        }
        let (first, second) = rows.split(fit.max(1));
        let encoding = encoder.start(&first, &self.workers.encode).map_err(|error| self.failed(error))?;
        let encoded = self.encoded(&first, encoding)?;
        let second = (second.count > 0).then_some((second, None));
        Ok([(first, Some(encoded))].into_iter().chain(second).collect())
    }

    fn encoded(&mut self, rows: &Rows, encoding: Encoding) -> Result<Encoded, PartError> {
        let encoded = self.encoder()?.wait(encoding, &self.workers.encode).map_err(|error| self.failed(error))?;
        self.experience.learn(rows.bytes, encoded.sizes);
        self.workers.add(|times| times.encode += encoded.time);
        Ok(encoded)
    }

    /// The size of the open part, or of a new one.
    fn filled(&self, encoder: &Encoder) -> Sizes {
        self.open.as_ref().map_or(encoder.empty(), |open| open.sizes)
    }

    fn append(&mut self, attempt: &mut Attempt, rows: &Rows, encoded: Encoded) -> Result<(), PartError> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.begin_part(attempt)?,
        };
        let failed = |source| PartError::Encode { place: self.stem.clone(), source };
        let (began, hashed) = (Instant::now(), open.hashing());
        open.rows += rows.count;
        open.sizes = open.sizes.and(encoded.sizes);
        if let Some(file) = &mut open.parquet {
            let mut group = file.next_row_group().map_err(failed)?;
            for chunk in encoded.chunks {
                chunk.append_to_row_group(&mut group).map_err(failed)?;
            }
            group.close().map_err(failed)?;
        }
        if let Some(file) = &mut open.csv {
            for text in encoded.texts {
                file.write_all(&text).map_err(|error| failed(error.into()))?;
            }
        }
        let hash = open.hashing().saturating_sub(hashed);
        self.workers.add(|times| {
            times.hash += hash;
            times.write += began.elapsed().saturating_sub(hash);
        });
        let full = self.bounds().is_full(open.rows, open.sizes);
        self.open = Some(open);
        if full { self.end_part() } else { Ok(()) }
    }

    fn begin_part(&mut self, attempt: &mut Attempt) -> Result<OpenPart, PartError> {
        let encoder = self.encoder()?;
        self.count += 1;
        let stem = format!("{}-{:04}", self.stem, self.count);
        let parquet = if self.options.formats.parquet {
            Some(encoder.file(attempt.create(&stem, "parquet")?).map_err(|error| self.failed(error))?)
        } else {
            None
        };
        let mut csv = self.options.formats.csv.then(|| attempt.create(&stem, "csv")).transpose()?;
        if let Some(file) = &mut csv {
            file.write_all(&encoder.header()).map_err(|error| self.failed(error.into()))?;
        }
        Ok(OpenPart { parquet, csv, rows: 0, sizes: encoder.empty() })
    }

    /// Makes the open part durable while the next one is written.
    fn end_part(&mut self) -> Result<(), PartError> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let place = self.stem.clone();
        let finish = move || {
            let began = Instant::now();
            (open.finish(place), began.elapsed())
        };
        self.finishing.push_back(self.workers.finish.submit(finish));
        self.await_finished(if self.workers.finish.has_threads() { FINISHING } else { 0 })
    }

    /// Waits until at most `left` parts are not durable.
    fn await_finished(&mut self, left: usize) -> Result<(), PartError> {
        while self.finishing.len() > left {
            let Some(first) = self.finishing.pop_front() else { break };
            let (parts, took) = self.workers.finish.wait(first);
            self.workers.add(|times| times.finish += took);
            self.parts.extend(parts?);
        }
        Ok(())
    }

    fn encoder(&mut self) -> Result<Arc<Encoder>, PartError> {
        if let Some(encoder) = &self.encoder {
            return Ok(encoder.clone());
        }
        let PartOptions { formats, compression, level, .. } = self.options;
        let encoder = Encoder::new(&self.schema, formats, compression, level).map_err(|error| self.failed(error))?;
        Ok(self.encoder.insert(Arc::new(encoder)).clone())
    }

    fn failed(&self, source: ParquetError) -> PartError {
        PartError::Encode { place: self.stem.clone(), source }
    }
}

impl Drop for TableWriter {
    /// What is being made durable is let end first: whoever removes files must find them all.
    fn drop(&mut self) {
        for part in std::mem::take(&mut self.finishing) {
            drop(self.workers.finish.wait(part));
        }
    }
}

impl OpenPart {
    fn hashing(&self) -> Duration {
        let parquet = self.parquet.as_ref().map(|file| file.inner().hashing());
        parquet.unwrap_or_default() + self.csv.as_ref().map(PartWriter::hashing).unwrap_or_default()
    }

    fn finish(self, place: String) -> Result<Vec<Part>, PartError> {
        let mut parts = Vec::new();
        if let Some(writer) = self.parquet {
            let file = writer.into_inner().map_err(|source| PartError::Encode { place, source })?;
            parts.push(file.finish(self.rows)?);
        }
        if let Some(file) = self.csv {
            parts.push(file.finish(self.rows)?);
        }
        Ok(parts)
    }
}

/// The columns of a schema as a commit records them. `declared` are the names with a declared type.
pub(crate) fn columns(schema: &Schema, declared: impl Fn(&str) -> bool) -> Vec<Column> {
    let column = |field: &arrow::datatypes::FieldRef| Column {
        name: field.name().clone(),
        type_name: batch::type_name(field.data_type()),
        arrow: field.data_type().clone(),
        declared: declared(field.name()),
        nulls_only: batch::is_nulls_only(field),
    };
    schema.fields().iter().map(column).collect()
}
