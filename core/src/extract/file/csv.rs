//! Tables as text: CSV, TSV and lines of fixed width as records.
//!
//! Owns the header and what makes a record unreadable: not RFC 4180, not as many fields as the
//! header, longer than its fields, not text. Types are none of its business.

use super::header;
use super::input::Input;
use super::{Located, format_name};
use crate::batch::cells::{Block, Cell, Form, Reading};
use crate::batch::ruler::Ruler;
use crate::batch::scan::{Fault, Scanner, Step, read_ahead};
use crate::config::settings::FileFormat;
use crate::extract::records::{About, Records, TextSource};
use crate::extract::{ExtractError, ExtractRequest, Unreadable};

/// Records to a block.
const BLOCK_ROWS: usize = 8_192;
/// A block ends with the record that takes it beyond this many bytes.
const BLOCK_BYTES: usize = 16 << 20;

/// A CSV file that can be read from its start.
pub(super) struct CsvFile {
    located: Located,
    reading: Reading,
    /// Names for a file without a header: `run.schema`'s.
    declared: Vec<String>,
}

impl CsvFile {
    pub(super) fn new(located: Located, request: &ExtractRequest) -> Self {
        let reading = Reading::text(&request.null_values, request.timezone);
        Self { located, reading, declared: request.declared.keys().cloned().collect() }
    }
}

impl TextSource for CsvFile {
    fn about(&self) -> About<'_> {
        self.located.about()
    }
    fn reading(&self) -> &Reading {
        &self.reading
    }
    fn start(&self, _known: &[String]) -> Result<Box<dyn Records>, ExtractError> {
        let mut records = CsvRecords::open(&self.located)?;
        records.name_columns(&self.located, &self.declared)?;
        Ok(Box::new(records))
    }
    fn grows(&self) -> bool {
        false
    }
}

/// How a line becomes fields.
enum Cutter {
    Delimited(u8),
    /// Widths in characters.
    Fixed(Vec<usize>),
}

impl Cutter {
    fn over<'a>(&'a self, text: &'a [u8], at: usize, line: u64, whole: bool) -> Walk<'a> {
        match self {
            Self::Delimited(delimiter) => Walk::Delimited(Scanner::new(text, *delimiter, at, line, whole)),
            Self::Fixed(widths) => Walk::Fixed(Ruler::new(text, widths, at, line, whole)),
        }
    }
}

/// A walk over the records of a text.
enum Walk<'a> {
    Delimited(Scanner<'a>),
    Fixed(Ruler<'a>),
}

impl Walk<'_> {
    const fn at(&self) -> usize {
        match self {
            Self::Delimited(scanner) => scanner.at(),
            Self::Fixed(ruler) => ruler.at(),
        }
    }
    const fn line(&self) -> u64 {
        match self {
            Self::Delimited(scanner) => scanner.line(),
            Self::Fixed(ruler) => ruler.line(),
        }
    }
    #[inline]
    fn step(&mut self, cells: &mut Vec<Cell>) -> Step {
        match self {
            Self::Delimited(scanner) => scanner.step(cells),
            Self::Fixed(ruler) => ruler.step(cells),
        }
    }
}

/// A row of the block: where it is in the text and in the source.
#[derive(Clone, Copy)]
struct Extent {
    record: u64,
    start: usize,
    end: usize,
}

struct CsvRecords {
    input: Input,
    cutter: Cutter,
    names: Vec<Option<String>>,
    block: Block,
    extents: Vec<Extent>,
    /// Bytes of the block's text that are done with.
    consumed: usize,
    /// The line at `consumed`.
    line: u64,
    /// Records so far.
    record: u64,
    /// The rest of an overlong line is being thrown away.
    skipping: bool,
    unreadable: Vec<Unreadable>,
}

impl CsvRecords {
    fn open(located: &Located) -> Result<Self, ExtractError> {
        let delimiter = |usual: u8| Cutter::Delimited(located.source.delimiter.unwrap_or(usual));
        let cutter = match located.format {
            FileFormat::FixedWidth => Cutter::Fixed(located.source.widths.clone().unwrap_or_default()),
            FileFormat::Tsv => delimiter(b'\t'),
            _ => delimiter(b','),
        };
        Ok(Self {
            input: Input::open(located)?,
            cutter,
            names: Vec::new(),
            block: Block::default(),
            extents: Vec::new(),
            consumed: 0,
            line: 1,
            record: 0,
            skipping: false,
            unreadable: Vec::new(),
        })
    }

    /// Reads the header, or makes the names up.
    fn name_columns(&mut self, located: &Located, declared: &[String]) -> Result<(), ExtractError> {
        let malformed = |line: u64, reason: String| ExtractError::Malformed {
            path: located.path.clone(),
            format: format_name(located.format),
            line: Some(line),
            reason,
        };
        let not_text = |reason: &str| ExtractError::Encoding {
            path: located.path.clone(),
            encoding: located.source.encoding.clone(),
            reason: reason.to_owned(),
        };
        let (mut cells, mut at, mut line) = (Vec::new(), 0, 1);
        let (fields, start_line) = loop {
            let whole = self.input.ended();
            let mut scanner = self.cutter.over(&self.block.text, at, line, whole);
            let step = scanner.step(&mut cells);
            let start_line = line;
            match step {
                Step::Record { fields } => {
                    (at, line) = (scanner.at(), scanner.line());
                    break (fields, start_line);
                }
                Step::Blank => (at, line) = (scanner.at(), scanner.line()),
                // Without a header this is a record like others, set aside later.
                Step::Broken(_) if !located.source.has_header => break (0, start_line),
                Step::Broken(fault) => return Err(malformed(start_line, format!("header: {}", fault.reason()))),
                Step::Incomplete => {
                    let want = read_ahead(self.block.text.len() - at);
                    self.input.fill(&mut self.block.text, want)?;
                }
                Step::End => break (0, start_line),
            }
        };
        if !located.source.has_header {
            self.names = header::given(located, declared, fields);
            return header::check(located, &self.names, 1);
        }
        if fields == 0 {
            return Err(ExtractError::Empty { path: located.path.clone() });
        }
        for (index, cell) in cells.iter().enumerate() {
            let value = cell.value(&self.block.text);
            let name = std::str::from_utf8(&value)
                .map_err(|_| not_text(&format!("field {} of the header holds other bytes", index + 1)))?;
            if name.contains('\0') {
                return Err(not_text("the header holds zero bytes, as UTF-16 text would"));
            }
            self.names.push((!name.is_empty()).then(|| name.to_owned()));
        }
        (self.consumed, self.line) = (at, line);
        header::check(located, &self.names, start_line)
    }

    /// Scans what is in memory. `false`: more has to be read first.
    fn scan(&mut self, from: usize) -> bool {
        let width = self.names.len();
        let Block { text, cells, lines, .. } = &mut self.block;
        let mut scanner = self.cutter.over(text, self.consumed, self.line, self.input.ended());
        let mut set_aside = 0;
        loop {
            let (start, line) = (scanner.at(), scanner.line());
            let step = scanner.step(cells);
            let reason = match step {
                Step::Record { fields } => {
                    self.record += 1;
                    if fields == width {
                        lines.push(line);
                        self.extents.push(Extent { record: self.record, start, end: scanner.at() });
                        None
                    } else {
                        cells.truncate(cells.len() - fields);
                        Some(format!("{fields} {}, {width} expected", if fields == 1 { "field" } else { "fields" }))
                    }
                }
                Step::Broken(fault) => {
                    self.record += 1;
                    self.skipping = fault == Fault::TooLong;
                    Some(fault.reason())
                }
                // Where records have one field, a line without text is a record whose field is empty.
                Step::Blank if width == 1 => {
                    self.record += 1;
                    cells.push(Cell::new(start, start, Form::Plain));
                    lines.push(line);
                    self.extents.push(Extent { record: self.record, start, end: scanner.at() });
                    None
                }
                Step::Blank => None,
                Step::Incomplete | Step::End => {
                    (self.consumed, self.line) = (scanner.at(), scanner.line());
                    return step == Step::End;
                }
            };
            if let Some(reason) = reason {
                let raw = self.input.raw_text(&text[start..scanner.at()]);
                set_aside += raw.len();
                self.unreadable.push(Unreadable { record: self.record, line, reason, raw });
            }
            let enough = lines.len() >= BLOCK_ROWS
                || scanner.at() - from >= BLOCK_BYTES
                || set_aside >= BLOCK_BYTES
                || self.unreadable.len() >= BLOCK_ROWS;
            if enough || self.skipping {
                (self.consumed, self.line) = (scanner.at(), scanner.line());
                return true;
            }
        }
    }

    /// Throws the rest of an overlong line away.
    fn skip(&mut self) -> Result<(), ExtractError> {
        while self.skipping {
            self.block.text.clear();
            self.input.fill(&mut self.block.text, 0)?;
            let end = memchr::memchr(b'\n', &self.block.text).map(|end| end + 1);
            self.skipping = end.is_none() && !self.input.ended();
            self.consumed = end.unwrap_or(self.block.text.len());
            self.line += u64::from(!self.skipping);
        }
        Ok(())
    }

    /// Sets rows aside that are not text.
    fn check_text(&mut self) {
        let whole = self.extents.first().zip(self.extents.last()).map(|(first, last)| first.start..last.end);
        let Some(whole) = whole else { return };
        if std::str::from_utf8(&self.block.text[whole]).is_ok() {
            return;
        }
        let width = self.block.width;
        let mut kept = 0;
        for row in 0..self.extents.len() {
            let extent = self.extents[row];
            let raw = &self.block.text[extent.start..extent.end];
            if std::str::from_utf8(raw).is_ok() {
                self.block.cells.copy_within(row * width..(row + 1) * width, kept * width);
                self.block.lines[kept] = self.block.lines[row];
                self.extents[kept] = extent;
                kept += 1;
                continue;
            }
            let field = (0..width)
                .find(|field| std::str::from_utf8(self.block.cell(row, *field).bytes(&self.block.text)).is_err());
            let encoding = self.input.encoding();
            self.unreadable.push(Unreadable {
                record: extent.record,
                line: self.block.lines[row],
                reason: format!("field {} is not {encoding} text", field.map_or(1, |field| field + 1)),
                raw: self.input.raw_text(raw),
            });
        }
        self.block.cells.truncate(kept * width);
        self.block.lines.truncate(kept);
        self.extents.truncate(kept);
        self.unreadable.sort_by_key(|unreadable| unreadable.record);
    }
}

impl Records for CsvRecords {
    fn names(&self) -> Vec<Option<&str>> {
        self.names.iter().map(Option::as_deref).collect()
    }

    /// A header names all columns.
    fn register(&mut self, _name: &str) {}

    fn load(&mut self) -> Result<bool, ExtractError> {
        let before = self.record;
        self.block.cells.clear();
        self.block.lines.clear();
        self.extents.clear();
        self.block.width = self.names.len();
        self.skip()?;
        if self.consumed > 0 {
            self.block.text.drain(..self.consumed);
            self.consumed = 0;
        }
        while !self.scan(0) {
            let pending = self.block.text.len() - self.consumed;
            self.input.fill(&mut self.block.text, read_ahead(pending))?;
        }
        self.check_text();
        Ok(self.record > before || !self.ended())
    }

    fn ended(&self) -> bool {
        self.input.ended() && self.consumed == self.block.text.len()
    }
    fn block(&self) -> &Block {
        &self.block
    }
    fn take_unreadable(&mut self) -> Vec<Unreadable> {
        std::mem::take(&mut self.unreadable)
    }
    fn bytes(&self) -> u64 {
        self.input.used(self.block.text.len() - self.consumed)
    }
    fn total_bytes(&self) -> Option<u64> {
        Some(self.input.size())
    }
}
