//! Sheets of Excel and OpenDocument files as records.
//!
//! A sheet says of each cell what it is, so a number that was written as text stays text. Formulas count
//! with the values they had when the file was saved. The whole sheet is held in memory.

use std::io::{Read, Seek};
use std::sync::Arc;

use calamine::{CellErrorType, Data, ExcelDateTime, Ods, Range, Reader, SheetType, Xls, Xlsb, Xlsx};

use super::home::ReadSeek;
use super::place::seekable;
use super::{Located, format_name, header, not_opened};
use crate::batch::cells::{Block, Cell, Form, Reading};
use crate::extract::records::{self, About, Records, TextSource};
use crate::extract::{ExtractError, ExtractRequest, Extraction, Unreadable};

/// Records to a block.
const BLOCK_ROWS: usize = 8_192;
/// What old Excel files begin with (OLE).
const OLE: &[u8] = b"\xd0\xcf\x11\xe0";

/// Reads the sheet, and decides columns and types.
pub(super) fn open(located: Located, request: &ExtractRequest) -> Result<Box<dyn Extraction>, ExtractError> {
    let (content, _scratch) = seekable(&located, request)?;
    let (size, _) = content.stamp().map_err(|error| not_opened(&located.path, error))?;
    let again = content.again().map_err(|error| not_opened(&located.path, error))?;
    let range = range(&located, content.reader()).map_err(|reason| again.blame(malformed(&located, None, reason)))?;
    let sheet = Arc::new(Sheet::new(range, size));
    let declared = request.declared.keys().cloned().collect();
    let reading = Reading::typed(request.timezone);
    records::open(ExcelFile { located, reading, declared, sheet }, request)
}

fn malformed(located: &Located, line: Option<u64>, reason: String) -> ExtractError {
    ExtractError::Malformed { path: located.path.clone(), format: format_name(located.format), line, reason }
}

/// The cells of the sheet of the source.
fn range(located: &Located, mut file: Box<dyn ReadSeek>) -> Result<Range<Data>, String> {
    let mut head = Vec::new();
    (&mut file).take(4).read_to_end(&mut head).map_err(|error| error.to_string())?;
    file.rewind().map_err(|error| error.to_string())?;
    let name = located.label.to_ascii_lowercase();
    let is = |suffix: &str| name.split('.').any(|part| part == suffix);
    if head == OLE {
        return cells::<Xls<_>, _>(located, file);
    }
    match () {
        () if is("ods") => cells::<Ods<_>, _>(located, file),
        () if is("xlsb") => cells::<Xlsb<_>, _>(located, file),
        () => cells::<Xlsx<_>, _>(located, file),
    }
}

fn cells<B: Reader<R>, R: Read + Seek>(located: &Located, file: R) -> Result<Range<Data>, String>
where
    B::Error: std::fmt::Display,
{
    let mut book = B::new(file).map_err(|error| error.to_string())?;
    let sheets: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    let name = match &located.source.sheet {
        Some(name) if !sheets.contains(name) => {
            let there: Vec<String> = sheets.iter().map(|name| format!("`{name}`")).collect();
            return Err(format!("it has no sheet `{name}`; it has {}", there.join(", ")));
        }
        Some(name) => name,
        None => sheets.first().ok_or("it has no sheet")?,
    };
    book.worksheet_range(name).map_err(|error| error.to_string())
}

/// The cells of a sheet.
struct Sheet {
    range: Range<Data>,
    /// The number of its first row that has cells, from 1.
    first: u64,
    /// Of each column: whether it has times of day beside dates.
    has_times: Vec<bool>,
    /// Bytes of the file.
    size: u64,
}

impl Sheet {
    fn new(range: Range<Data>, size: u64) -> Self {
        let mut has_times = vec![false; range.width()];
        for row in range.rows() {
            for (cell, has) in row.iter().zip(&mut has_times) {
                *has |= matches!(cell, Data::DateTime(time) if time.is_datetime() && time.as_f64().fract() != 0.0);
            }
        }
        let first = range.start().map_or(1, |(row, _)| u64::from(row) + 1);
        Self { range, first, has_times, size }
    }

    fn rows(&self) -> usize {
        self.range.height()
    }

    fn row(&self, row: usize) -> impl Iterator<Item = &Data> {
        (0..self.range.width()).map(move |column| self.range.get((row, column)).unwrap_or(&Data::Empty))
    }

    fn is_blank(&self, row: usize) -> bool {
        self.row(row).all(|cell| *cell == Data::Empty)
    }

    /// As in the corner of the program: `C5`.
    fn place(&self, row: usize, column: usize) -> String {
        let mut number = column + self.range.start().map_or(0, |(_, column)| column as usize) + 1;
        let mut letters = Vec::new();
        while number > 0 {
            letters.push(b'A' + u8::try_from((number - 1) % 26).unwrap_or(0));
            number = (number - 1) / 26;
        }
        letters.reverse();
        format!("{}{}", String::from_utf8_lossy(&letters), self.first + row as u64)
    }

    /// The text of a cell, and whether it is text by itself; `None`: it is empty.
    ///
    /// # Errors
    ///
    /// When it holds an error instead of a value. `#N/A` says that there is no value, which is no error.
    fn text(&self, cell: &Data, column: usize) -> Result<Option<(String, Form)>, CellErrorType> {
        let plain = |text: String| Ok(Some((text, Form::Plain)));
        match cell {
            Data::Empty | Data::Error(CellErrorType::NA) => Ok(None),
            Data::Error(error) => Err(error.clone()),
            Data::Int(number) => plain(number.to_string()),
            Data::Float(number) => plain(number_text(*number)),
            Data::Bool(value) => plain(value.to_string()),
            Data::String(text) => Ok(Some((text.clone(), Form::Quoted))),
            Data::DateTime(time) => plain(time_text(time, self.has_times.get(column).copied().unwrap_or(true))),
            Data::DateTimeIso(text) | Data::DurationIso(text) => plain(text.clone()),
        }
    }
}

/// Sheets have one kind of number; whole ones are written as such.
fn number_text(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 {
        format!("{number:.0}")
    } else {
        format!("{number}")
    }
}

fn time_text(time: &ExcelDateTime, with_time: bool) -> String {
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let fraction = if milli == 0 { String::new() } else { format!(".{milli:03}") };
    if time.is_duration() {
        let milliseconds = (time.as_f64() * 86_400_000.0).round();
        let hours = (milliseconds / 3_600_000.0).floor();
        return format!("{hours:02.0}:{minute:02}:{second:02}{fraction}");
    }
    if (0.0..1.0).contains(&time.as_f64()) {
        // A time without a day.
        return format!("{hour:02}:{minute:02}:{second:02}{fraction}");
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if with_time { format!("{date}T{hour:02}:{minute:02}:{second:02}{fraction}") } else { date }
}

struct ExcelFile {
    located: Located,
    reading: Reading,
    /// Names for a sheet without a header: `run.schema`'s.
    declared: Vec<String>,
    sheet: Arc<Sheet>,
}

impl TextSource for ExcelFile {
    fn about(&self) -> About<'_> {
        self.located.about()
    }
    fn reading(&self) -> &Reading {
        &self.reading
    }
    fn start(&self, _known: &[String]) -> Result<Box<dyn Records>, ExtractError> {
        let (located, sheet) = (&self.located, &self.sheet);
        let width = sheet.range.width();
        if !located.source.has_header {
            let names = header::given(located, &self.declared, width);
            header::check(located, &names, sheet.first)?;
            if names.len() < width {
                let reason = format!("it has {width} columns, and {} are named", names.len());
                return Err(malformed(located, None, reason));
            }
            return Ok(Box::new(ExcelRecords::new(sheet.clone(), names, 0)));
        }
        if sheet.rows() == 0 {
            return Err(ExtractError::Empty { path: located.path.clone() });
        }
        let name = |(column, cell): (usize, &Data)| {
            let text = sheet.text(cell, column).ok().flatten().map(|(text, _)| text);
            text.filter(|text| !text.is_empty())
        };
        let names: Vec<Option<String>> = sheet.row(0).enumerate().map(name).collect();
        header::check(located, &names, sheet.first)?;
        Ok(Box::new(ExcelRecords::new(sheet.clone(), names, 1)))
    }
    fn grows(&self) -> bool {
        false
    }
}

struct ExcelRecords {
    sheet: Arc<Sheet>,
    names: Vec<Option<String>>,
    /// The next row.
    at: usize,
    block: Block,
    /// Records so far.
    record: u64,
    unreadable: Vec<Unreadable>,
}

impl ExcelRecords {
    fn new(sheet: Arc<Sheet>, names: Vec<Option<String>>, at: usize) -> Self {
        Self { sheet, names, at, block: Block::default(), record: 0, unreadable: Vec::new() }
    }

    /// Adds a row to the block, or sets it aside.
    fn add(&mut self, row: usize) {
        self.record += 1;
        let line = self.sheet.first + row as u64;
        let (text, cells) = (self.block.text.len(), self.block.cells.len());
        for column in 0..self.names.len() {
            let cell = self.sheet.range.get((row, column)).unwrap_or(&Data::Empty);
            match self.sheet.text(cell, column) {
                Ok(None) => self.block.cells.push(Cell::NULL),
                Ok(Some((value, form))) => {
                    let start = self.block.text.len();
                    self.block.text.extend_from_slice(value.as_bytes());
                    self.block.cells.push(Cell::new(start, self.block.text.len(), form));
                }
                Err(error) => {
                    self.block.text.truncate(text);
                    self.block.cells.truncate(cells);
                    let shown: Vec<String> = self.sheet.row(row).map(ToString::to_string).collect();
                    let reason = format!("{} is {error}", self.sheet.place(row, column));
                    self.unreadable.push(Unreadable { record: self.record, line, reason, raw: shown.join("\t") });
                    return;
                }
            }
        }
        self.block.lines.push(line);
    }
}

impl Records for ExcelRecords {
    fn names(&self) -> Vec<Option<&str>> {
        self.names.iter().map(Option::as_deref).collect()
    }

    /// A header names all columns.
    fn register(&mut self, _name: &str) {}

    fn load(&mut self) -> Result<bool, ExtractError> {
        self.block.text.clear();
        self.block.cells.clear();
        self.block.lines.clear();
        self.block.width = self.names.len();
        let before = self.record;
        while self.at < self.sheet.rows() && self.record - before < BLOCK_ROWS as u64 {
            let row = self.at;
            self.at += 1;
            if !self.sheet.is_blank(row) {
                self.add(row);
            }
        }
        Ok(self.record > before)
    }

    fn ended(&self) -> bool {
        self.at >= self.sheet.rows()
    }
    fn block(&self) -> &Block {
        &self.block
    }
    fn take_unreadable(&mut self) -> Vec<Unreadable> {
        std::mem::take(&mut self.unreadable)
    }

    /// In proportion to rows: the file is not read from front to back.
    fn bytes(&self) -> u64 {
        let share = u128::from(self.sheet.size) * self.at as u128 / self.sheet.rows().max(1) as u128;
        u64::try_from(share).unwrap_or(self.sheet.size)
    }
    fn total_bytes(&self) -> Option<u64> {
        Some(self.sheet.size)
    }
}
