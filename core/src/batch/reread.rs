//! CSV that this program wrote, back as the batches it was written from.
//!
//! The counterpart of [`super::render::csv_rows`]; the schema comes from whoever kept it. Foreign
//! CSV is an extractor's business.

use std::io::{self, Read};
use std::sync::Arc;

use arrow::array::RecordBatchOptions;
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::record_batch::RecordBatch;

use chrono_tz::Tz;

use super::cells::{Block, Cell, Reading};
use super::column::{Slice, Typed, declared_type};
use super::parse::Grammar;
use super::scan::{Scanner, Step};

const BATCH_ROWS: usize = 8_192;
/// Bytes of text of a batch, about: wide rows come in fewer.
const BATCH_BYTES: usize = 16 << 20;
const PIECE: u64 = 256 << 10;

/// A CSV file being read back.
pub(crate) struct Reread<R> {
    reader: R,
    /// The columns wanted.
    schema: SchemaRef,
    /// Where in the file they are; `None` before the header was read.
    places: Option<Vec<usize>>,
    reading: Reading,
    block: Block,
    consumed: usize,
    /// Bytes that are not in the block any more.
    passed: u64,
    line: u64,
    ended: bool,
}

impl<R: Read> Reread<R> {
    /// Reads nothing yet. `schema` names the columns wanted, all of which the file must have.
    pub(crate) fn new(reader: R, schema: SchemaRef) -> Self {
        let reading = Reading::text(&[String::new()], Tz::UTC);
        Self {
            reader,
            schema,
            places: None,
            reading,
            block: Block::default(),
            consumed: 0,
            passed: 0,
            line: 1,
            ended: false,
        }
    }

    /// Bytes of the file, header included, up to the end of the rows that were read so far.
    pub(crate) fn position(&self) -> u64 {
        self.passed + self.consumed as u64
    }

    /// The next rows; `None` at the end.
    ///
    /// # Errors
    ///
    /// The reader's, and `InvalidData` when the text is not what was written.
    pub(crate) fn next_batch(&mut self) -> io::Result<Option<RecordBatch>> {
        self.block.cells.clear();
        self.block.lines.clear();
        self.block.text.drain(..self.consumed);
        self.passed += self.consumed as u64;
        self.consumed = 0;
        while !self.scan()? {
            let want = PIECE.max(self.block.text.len() as u64);
            let got = (&mut self.reader).take(want).read_to_end(&mut self.block.text)?;
            self.ended = got == 0;
        }
        match &self.places {
            None => Err(invalid(1, "the header is missing")),
            Some(_) if self.block.rows() == 0 => Ok(None),
            Some(places) => self.batch(places).map(Some),
        }
    }

    /// `false` if more has to be read first.
    fn scan(&mut self) -> io::Result<bool> {
        let Block { text, cells, lines, width } = &mut self.block;
        let mut scanner = Scanner::new(text, b',', self.consumed, self.line, self.ended);
        let done = loop {
            if lines.len() >= BATCH_ROWS || (scanner.at() - self.consumed >= BATCH_BYTES && !lines.is_empty()) {
                break true;
            }
            let line = scanner.line();
            match (scanner.step(cells), &self.places) {
                (Step::Record { fields }, None) => {
                    *width = fields;
                    let place = |name: &str| cells.iter().position(|cell| *cell.value(text) == *name.as_bytes());
                    let places: Option<Vec<usize>> =
                        self.schema.fields().iter().map(|field| place(field.name())).collect();
                    self.places = Some(places.ok_or_else(|| invalid(line, "another header than was written"))?);
                    cells.clear();
                }
                (Step::Record { fields }, Some(_)) if fields == *width => lines.push(line),
                // NULL in a table of one column.
                (Step::Blank, Some(_)) if *width == 1 => {
                    cells.push(Cell::NULL);
                    lines.push(line);
                }
                (Step::Incomplete, _) => break false,
                (Step::End, _) => break true,
                (Step::Record { .. } | Step::Broken(_) | Step::Blank, _) => {
                    return Err(invalid(line, "not a record that was written"));
                }
            }
        };
        (self.consumed, self.line) = (scanner.at(), scanner.line());
        Ok(done)
    }

    fn batch(&self, places: &[usize]) -> io::Result<RecordBatch> {
        let rows = self.block.rows();
        let mut arrays = Vec::with_capacity(self.schema.fields().len());
        for (column, field) in places.iter().zip(self.schema.fields()) {
            let slice = Slice { block: &self.block, column: *column, rows: 0..rows, reading: &self.reading };
            let target = declared_type(field.data_type());
            let typed = target.map_or(Typed::TEXT, |target| Typed { target, grammar: Grammar::Declared });
            let array = slice.array(typed).map_err(|unfit| {
                let line = self.block.lines.get(unfit.row).copied().unwrap_or(0);
                invalid(line, &format!("{} is not {}", field.name(), field.data_type()))
            })?;
            arrays.push(if target.is_some() || *field.data_type() == DataType::Utf8 {
                array
            } else {
                let exactly = CastOptions { safe: false, ..CastOptions::default() };
                cast_with_options(&array, field.data_type(), &exactly).map_err(io::Error::other)?
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options).map_err(io::Error::other)
    }
}

fn invalid(line: u64, reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("line {line}: {reason}"))
}
