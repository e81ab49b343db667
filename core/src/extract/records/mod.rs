//! Records of text to batches: decides columns and types, then reads to the end.
//!
//! Knows records and cells, not how a format writes them nor where they come from. One misfit ends the
//! reading: the rest of the source is then only looked at, so that the caller learns all misfits at once.

mod flat;
pub(super) mod json;
pub(super) mod objects;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, RecordBatchOptions};
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;

use crate::batch::Cursor;
use crate::batch::cells::{Block, Cell, Reading};
use crate::batch::column::{Slice, Typed, arrow_type};
use crate::batch::infer::{Guess, SAMPLE};
use crate::batch::parse::Grammar;
use crate::batch::{NULLS_ONLY, type_name};
use crate::cancel::CancelToken;
use crate::event::Note;
use crate::extract::{ExtractError, ExtractRequest, Extraction, Misfit, Position, SourceSummary, Unreadable};
use crate::nearest::nearest;

/// What a source is, whatever its format.
pub(super) struct About<'a> {
    /// What messages call it.
    pub(super) name: &'a Path,
    /// Only these columns, in this order. `None`: all.
    pub(super) columns: Option<&'a [String]>,
    /// Readable records at most.
    pub(super) limit: Option<u64>,
    /// For metadata; its bytes are those of the records.
    pub(super) summary: SourceSummary,
}

/// A source of text, readable from its start any number of times.
pub(super) trait TextSource {
    fn about(&self) -> About<'_>;
    fn reading(&self) -> &Reading;
    /// Begins to read. `known` are the names that a growing source shall number first.
    fn start(&self, known: &[String]) -> Result<Box<dyn Records>, ExtractError>;
    /// Whether columns may appear later than the first record.
    fn grows(&self) -> bool;
}

/// Records being read, block by block.
pub(super) trait Records: Send {
    /// The columns known so far; `None` for one without a name.
    fn names(&self) -> Vec<Option<&str>>;
    /// Makes a column known that has not been met; only for sources that grow.
    fn register(&mut self, name: &str);
    /// Reads the next block; `false` if nothing was left. A block may have no rows.
    fn load(&mut self) -> Result<bool, ExtractError>;
    /// Whether nothing is left after the block.
    fn ended(&self) -> bool;
    /// The block.
    fn block(&self) -> &Block;
    /// What could not be read since the last call.
    fn take_unreadable(&mut self) -> Vec<Unreadable>;
    /// Bytes of the source so far.
    fn bytes(&self) -> u64;
    /// Bytes in all, if that is known before the end.
    fn total_bytes(&self) -> Option<u64>;
    /// How far an incremental extract has come with the blocks so far.
    fn cursor(&self) -> Option<Cursor> {
        None
    }
    /// What is worth saying, since the last call.
    fn take_notes(&mut self) -> Vec<Note> {
        Vec::new()
    }
}

/// A column of the result.
struct Chosen {
    name: String,
    /// Its number in the source.
    index: usize,
    typed: Typed,
    nulls_only: bool,
}

struct TextExtraction {
    records: Box<dyn Records>,
    reading: Reading,
    columns: Vec<Chosen>,
    /// Columns of a growing source with this number or more were not there when it was opened;
    /// `None` if they do not matter.
    late_from: Option<usize>,
    schema: SchemaRef,
    /// The block in memory has not been handed out yet.
    pending: bool,
    rows: u64,
    limit: u64,
    cancel: CancelToken,
    summary: SourceSummary,
    parsing: Duration,
}

/// Decides columns and types and goes back to the first record.
pub(super) fn open(file: impl TextSource, request: &ExtractRequest) -> Result<Box<dyn Extraction>, ExtractError> {
    let about = file.about();
    let reading = file.reading();
    let mut records = file.start(&[])?;
    let sample = about.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(SAMPLE).min(SAMPLE);
    let (mut guesses, mut seen, mut loads) = (Vec::<Guess>::new(), 0, 0);
    while seen < sample && !(loads > 0 && records.ended()) {
        if request.cancel.is_cancelled() {
            return Err(ExtractError::Cancelled);
        }
        loads += 1;
        if !records.load()? {
            break;
        }
        let block = records.block();
        guesses.resize(guesses.len().max(block.width), Guess::new(reading));
        let rows = block.rows().min(sample - seen);
        for row in 0..rows {
            for (column, guess) in guesses.iter_mut().enumerate().take(block.width) {
                guess.observe(block.cell(row, column), &block.text, reading);
            }
        }
        seen += rows;
    }
    let missing = |records: &dyn Records| {
        let names = records.names();
        about.columns.into_iter().flatten().any(|wanted| !names.contains(&Some(wanted.as_str())))
    };
    // A key that was asked for may first appear further on.
    while file.grows() && missing(records.as_ref()) {
        if request.cancel.is_cancelled() {
            return Err(ExtractError::Cancelled);
        }
        loads += 1;
        if !records.load()? {
            break;
        }
    }
    let columns = choose(&file, request, records.as_mut(), &guesses, seen == 0)?;
    let names: Vec<Option<String>> = records.names().into_iter().map(|name| name.map(str::to_owned)).collect();
    if loads > 1 {
        let known: Vec<String> = names.iter().flatten().cloned().collect();
        records = file.start(&known)?;
    }
    let fields = columns.iter().map(|column| {
        let field = Field::new(&column.name, arrow_type(&column.typed.target), true);
        if column.nulls_only { field.with_metadata([(NULLS_ONLY.to_owned(), "true".to_owned())].into()) } else { field }
    });
    Ok(Box::new(TextExtraction {
        schema: Arc::new(Schema::new(fields.collect::<Vec<_>>())),
        summary: about.summary,
        records,
        reading: reading.clone(),
        late_from: (file.grows() && about.columns.is_none()).then_some(names.len()),
        columns,
        pending: loads == 1,
        rows: 0,
        limit: about.limit.unwrap_or(u64::MAX).min(request.limit.unwrap_or(u64::MAX)),
        cancel: request.cancel.clone(),
        parsing: Duration::ZERO,
    }))
}

/// Which columns, of which types.
fn choose(
    file: &impl TextSource,
    request: &ExtractRequest,
    records: &mut dyn Records,
    guesses: &[Guess],
    no_records: bool,
) -> Result<Vec<Chosen>, ExtractError> {
    let about = file.about();
    let known: Vec<String> = records.names().into_iter().flatten().map(str::to_owned).collect();
    let chosen = about.columns;
    let is_known = |name: &str| known.iter().any(|known| known == name);
    let absent = |name: &str| ExtractError::NoColumn {
        path: about.name.to_path_buf(),
        column: name.to_owned(),
        nearest: nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
    };
    // In a file that grows, absence is null: a declared type is enough to know the column.
    let may_be_absent = |name: &str| {
        file.grows() && (no_records || request.declared.contains_key(name) || request.as_text.contains(name))
    };
    let wanted = chosen.into_iter().flatten().chain(request.declared.keys());
    for name in wanted.clone() {
        if !is_known(name) && !may_be_absent(name) {
            return Err(absent(name));
        }
    }
    if file.grows() {
        for name in wanted.chain(request.as_text.iter()) {
            if !records.names().contains(&Some(name.as_str())) {
                records.register(name);
            }
        }
    }
    let names: Vec<Option<&str>> = records.names();
    let select = |name: &str, index: usize| {
        let inferred = guesses.get(index).copied().unwrap_or(Guess::new(file.reading())).finish();
        let (typed, nulls_only) = if request.as_text.contains(name) {
            (Typed::TEXT, false)
        } else if let Some(target) = request.declared.get(name) {
            (Typed { target: *target, grammar: Grammar::Declared }, false)
        } else {
            (inferred.typed, inferred.nulls_only)
        };
        Chosen { name: name.to_owned(), index, typed, nulls_only }
    };
    Ok(match chosen {
        Some(chosen) => chosen
            .iter()
            .filter_map(|wanted| {
                names.iter().position(|name| *name == Some(wanted.as_str())).map(|index| select(wanted, index))
            })
            .collect(),
        None => names.iter().enumerate().filter_map(|(index, name)| name.map(|name| select(name, index))).collect(),
    })
}

impl TextExtraction {
    fn cancelled(&self) -> Result<(), ExtractError> {
        if self.cancel.is_cancelled() { Err(ExtractError::Cancelled) } else { Ok(()) }
    }

    /// How many rows of the block are wanted.
    fn wanted(&self) -> usize {
        let left = usize::try_from(self.limit - self.rows).unwrap_or(usize::MAX);
        self.records.block().rows().min(left)
    }

    /// The wanted rows as a batch; `None` if some value does not fit, or has no column.
    fn batch(&self, rows: usize) -> Option<RecordBatch> {
        let block = self.records.block();
        if self.late_from.is_some_and(|from| block.width > from && self.late(rows, &mut Vec::new())) {
            return None;
        }
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let slice = Slice { block, column: column.index, rows: 0..rows, reading: &self.reading };
            arrays.push(slice.array(column.typed).ok()?);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options).ok()
    }

    /// Notes the columns that were not there when the source was opened.
    fn late(&self, rows: usize, found: &mut Vec<Misfit>) -> bool {
        let Some(from) = self.late_from else { return false };
        let block = self.records.block();
        let names = self.records.names();
        for index in from..block.width {
            let Some(name) = names.get(index).copied().flatten() else { continue };
            if found.iter().any(|misfit| misfit.column == name) {
                continue;
            }
            let first = (0..rows).find(|row| {
                let cell = block.cell(*row, index);
                !self.reading.is_null(cell, cell.bytes(&block.text))
            });
            if let Some(row) = first {
                found.push(misfit(block, row, index, name, "no column of the first records".to_owned()));
            }
        }
        !found.is_empty()
    }

    /// Looks at the rest of the source and names every column that does not fit.
    fn misfits(&mut self) -> ExtractError {
        let mut found: Vec<Misfit> = Vec::new();
        loop {
            let rows = self.wanted();
            let block = self.records.block();
            for column in &self.columns {
                if found.iter().any(|misfit| misfit.column == column.name) {
                    continue;
                }
                let slice = Slice { block, column: column.index, rows: 0..rows, reading: &self.reading };
                if let Some(row) = slice.first_unfit(column.typed) {
                    let expected = type_name(&arrow_type(&column.typed.target));
                    found.push(misfit(block, row, column.index, &column.name, expected));
                }
            }
            self.late(rows, &mut found);
            self.rows += rows as u64;
            // What cannot be read was or will be reported by the reading that succeeds.
            drop(self.records.take_unreadable());
            if self.rows >= self.limit {
                break;
            }
            if let Err(error) = self.cancelled() {
                return error;
            }
            match self.records.load() {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return error,
            }
        }
        ExtractError::Misfit { columns: found }
    }
}

/// At most this many characters of a value are shown.
const VALUE_LIMIT: usize = 100;

fn misfit(block: &Block, row: usize, column: usize, name: &str, data_type: String) -> Misfit {
    let cell: Cell = block.cell(row, column);
    let value = String::from_utf8_lossy(&cell.value(&block.text)).chars().take(VALUE_LIMIT).collect();
    Misfit { column: name.to_owned(), value, line: block.lines.get(row).copied().unwrap_or(0), data_type }
}

impl Extraction for TextExtraction {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// A batch may be without rows where many records in a row cannot be read, so that those can
    /// be taken before they fill the memory.
    fn next(&mut self) -> Result<Option<RecordBatch>, ExtractError> {
        self.cancelled()?;
        if self.rows >= self.limit || (!std::mem::take(&mut self.pending) && !self.records.load()?) {
            return Ok(None);
        }
        let rows = self.wanted();
        if rows == 0 && self.records.ended() {
            return Ok(None);
        }
        let began = Instant::now();
        let batch = self.batch(rows);
        self.parsing += began.elapsed();
        match batch {
            Some(batch) => {
                self.rows += rows as u64;
                Ok(Some(batch))
            }
            None => Err(self.misfits()),
        }
    }

    fn take_unreadable(&mut self) -> Vec<Unreadable> {
        self.records.take_unreadable()
    }

    fn progress(&self) -> Position {
        Position { rows: self.rows, bytes: self.records.bytes(), total_bytes: self.records.total_bytes() }
    }

    fn summary(&self) -> SourceSummary {
        let bytes = self.records.total_bytes().unwrap_or_else(|| self.records.bytes());
        SourceSummary { bytes, ..self.summary.clone() }
    }

    fn cursor(&self) -> Option<Cursor> {
        self.records.cursor()
    }

    fn take_notes(&mut self) -> Vec<Note> {
        self.records.take_notes()
    }

    fn parsing(&self) -> Duration {
        self.parsing
    }
}
