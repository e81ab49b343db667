//! JSON and JSON-lines files as records: one object each, its keys the columns.
//!
//! Strings are text and stay text. Numbers keep the spelling of the source until a type is known;
//! nested lists and objects are kept as their own JSON, without the white space. A missing key is
//! null. A key that first appears after the records that decided the columns ends the reading as
//! a misfit, and is a text column the next time.

use std::borrow::Cow;

use indexmap::IndexSet;
use serde::de::IgnoredAny;

use super::document::{Document, Trouble};
use super::input::Input;
use super::text::{Records, TextFile};
use super::{Located, format_name};
use crate::batch::cells::{Block, Cell, Form, Reading};
use crate::batch::scan::{RECORD_LIMIT, read_ahead, too_long};
use crate::config::settings::FileFormat;
use crate::extract::{ExtractError, ExtractRequest, Unreadable};

/// Records to a block.
const BLOCK_ROWS: usize = 8_192;
/// A block ends with the record that takes it beyond this many bytes.
const BLOCK_BYTES: usize = 16 << 20;
/// And with the one that takes it beyond this many cells.
const BLOCK_CELLS: usize = 4 << 20;

/// A JSON file that can be read from its start.
pub(super) struct JsonFile {
    located: Located,
    reading: Reading,
}

impl JsonFile {
    pub(super) const fn new(located: Located, request: &ExtractRequest) -> Self {
        Self { located, reading: Reading::typed(request.timezone) }
    }
}

impl TextFile for JsonFile {
    fn located(&self) -> &Located {
        &self.located
    }
    fn reading(&self) -> &Reading {
        &self.reading
    }
    fn start(&self, known: &[String]) -> Result<Box<dyn Records>, ExtractError> {
        let input = Input::open(&self.located)?;
        let total = input.size();
        let feed = if self.located.format == FileFormat::Jsonl {
            Feed::Lines(Lines { input, buffer: Vec::new(), at: 0, line: 1 })
        } else {
            let path = self.located.source.json_path.as_deref().unwrap_or_default();
            let path = path.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect();
            Feed::Document(Document::new(input, path))
        };
        let keys: IndexSet<String> = known.iter().cloned().collect();
        Ok(Box::new(JsonRecords {
            located: self.located.clone(),
            feed,
            total,
            last_seen: vec![0; keys.len()],
            keys,
            block: Block::default(),
            sparse: Vec::new(),
            record: 0,
            readable: false,
            ended: false,
            unreadable: Vec::new(),
        }))
    }
    fn grows(&self) -> bool {
        true
    }
}

enum Feed {
    Document(Document),
    Lines(Lines),
}

/// A file with a record on each line.
struct Lines {
    input: Input,
    buffer: Vec<u8>,
    at: usize,
    line: u64,
}

enum Line<'a> {
    Record(u64, &'a [u8]),
    /// Longer than a record may be; its beginning.
    TooLong(u64, &'a [u8]),
    End,
}

impl Lines {
    /// The next line that is not blank.
    fn next(&mut self) -> Result<Line<'_>, ExtractError> {
        let (start, end) = loop {
            match memchr::memchr(b'\n', &self.buffer[self.at..]) {
                Some(length) => {
                    let (start, end) = (self.at, self.at + length);
                    self.at = end + 1;
                    self.line += 1;
                    if !self.buffer[start..end].trim_ascii().is_empty() {
                        break (start, end);
                    }
                }
                None if self.input.ended() => {
                    let (start, end) = (self.at, self.buffer.len());
                    self.at = end;
                    if self.buffer[start..end].trim_ascii().is_empty() {
                        return Ok(Line::End);
                    }
                    self.line += 1;
                    break (start, end);
                }
                None => {
                    self.buffer.drain(..self.at);
                    self.at = 0;
                    if self.buffer.len() >= RECORD_LIMIT {
                        return self.skip_long();
                    }
                    let pending = self.buffer.len();
                    self.input.fill(&mut self.buffer, read_ahead(pending))?;
                }
            }
        };
        Ok(Line::Record(self.line - 1, self.buffer[start..end].trim_ascii()))
    }

    fn skip_long(&mut self) -> Result<Line<'_>, ExtractError> {
        // What will be shown of it is less than this.
        let shown = 128 << 10;
        self.buffer.truncate(shown);
        loop {
            self.buffer.truncate(shown);
            self.input.fill(&mut self.buffer, 0)?;
            let found = memchr::memchr(b'\n', &self.buffer[shown..]);
            if found.is_some() || self.input.ended() {
                self.at = found.map_or(self.buffer.len(), |end| shown + end + 1);
                self.line += 1;
                return Ok(Line::TooLong(self.line - 1, &self.buffer[..shown]));
            }
        }
    }
}

struct JsonRecords {
    located: Located,
    feed: Feed,
    total: u64,
    keys: IndexSet<String>,
    /// The record in which each key was last seen.
    last_seen: Vec<u64>,
    block: Block,
    /// Row, column and cell of every key of the block.
    sparse: Vec<(usize, usize, Cell)>,
    record: u64,
    /// Whether any record could be read.
    readable: bool,
    ended: bool,
    unreadable: Vec<Unreadable>,
}

impl JsonRecords {
    fn malformed(located: &Located, line: u64, reason: String) -> ExtractError {
        ExtractError::Malformed {
            path: located.path.clone(),
            format: format_name(located.format),
            line: Some(line),
            reason,
        }
    }

    /// Reads one record into the block. `false` at the end.
    fn step(&mut self) -> Result<bool, ExtractError> {
        let mut into = Row {
            keys: &mut self.keys,
            last_seen: &mut self.last_seen,
            text: &mut self.block.text,
            sparse: &mut self.sparse,
            number: self.block.lines.len(),
            record: self.record + 1,
        };
        let (line, reason, raw) = match &mut self.feed {
            Feed::Document(document) => match document.next_record() {
                Ok(None) => return Ok(false),
                Ok(Some((line, bytes))) => match into.read(bytes) {
                    Ok(()) => (line, None, String::new()),
                    Err(reason) => {
                        let bytes = bytes.to_vec();
                        (line, Some(reason), document.input().raw_text(&bytes))
                    }
                },
                Err(Trouble::File(error)) => return Err(error),
                Err(Trouble::Structure { line, reason }) => return Err(Self::malformed(&self.located, line, reason)),
            },
            Feed::Lines(lines) => match lines.next()? {
                Line::End => return Ok(false),
                Line::TooLong(line, bytes) => {
                    let bytes = bytes.to_vec();
                    (line, Some(too_long()), lines.input.raw_text(&bytes))
                }
                Line::Record(line, bytes) => match into.read(bytes) {
                    Ok(()) => (line, None, String::new()),
                    Err(reason) => {
                        let bytes = bytes.to_vec();
                        (line, Some(reason), lines.input.raw_text(&bytes))
                    }
                },
            },
        };
        self.record += 1;
        match reason {
            None => {
                self.readable = true;
                self.block.lines.push(line);
            }
            Some(reason) => self.unreadable.push(Unreadable { record: self.record, line, reason, raw }),
        }
        Ok(true)
    }

    /// The cells row by row.
    fn densify(&mut self) {
        let width = self.keys.len();
        self.block.width = width;
        self.block.cells.clear();
        self.block.cells.resize(self.block.lines.len() * width, Cell::NULL);
        for (row, column, cell) in self.sparse.drain(..) {
            if let Some(place) = self.block.cells.get_mut(row * width + column) {
                *place = cell;
            }
        }
    }
}

impl Records for JsonRecords {
    fn names(&self) -> Vec<Option<&str>> {
        self.keys.iter().map(|key| Some(key.as_str())).collect()
    }
    fn register(&mut self, name: &str) {
        if self.keys.insert(name.to_owned()) {
            self.last_seen.push(0);
        }
    }

    fn load(&mut self) -> Result<bool, ExtractError> {
        self.block.text.clear();
        self.block.lines.clear();
        self.sparse.clear();
        let (before, known_bad) = (self.record, self.unreadable.len());
        let mut set_aside = 0;
        loop {
            let bad = self.unreadable.len();
            if !self.step()? {
                self.ended = true;
                break;
            }
            if self.unreadable.len() > bad {
                set_aside += self.unreadable.last().map_or(0, |last| last.raw.len());
            }
            let rows = self.block.lines.len();
            if rows >= BLOCK_ROWS
                || self.block.text.len() >= BLOCK_BYTES
                || rows * self.keys.len() >= BLOCK_CELLS
                || set_aside >= BLOCK_BYTES
                || self.unreadable.len() - known_bad >= BLOCK_ROWS
            {
                break;
            }
        }
        if !self.readable
            && let Some(first) = self.unreadable.first()
        {
            // Not one record: then this is hardly such a file.
            return Err(Self::malformed(&self.located, first.line, first.reason.clone()));
        }
        self.densify();
        Ok(self.record > before || !self.ended)
    }

    fn ended(&self) -> bool {
        self.ended
            || match &self.feed {
                Feed::Document(document) => document.ended(),
                Feed::Lines(lines) => lines.input.ended() && lines.at == lines.buffer.len(),
            }
    }
    fn block(&self) -> &Block {
        &self.block
    }
    fn take_unreadable(&mut self) -> Vec<Unreadable> {
        std::mem::take(&mut self.unreadable)
    }
    fn bytes(&self) -> u64 {
        match &self.feed {
            Feed::Document(document) => document.bytes(),
            Feed::Lines(lines) => lines.input.read().saturating_sub((lines.buffer.len() - lines.at) as u64),
        }
    }
    fn total_bytes(&self) -> u64 {
        self.total
    }
}

/// Where a record's cells go.
struct Row<'a> {
    keys: &'a mut IndexSet<String>,
    last_seen: &'a mut Vec<u64>,
    text: &'a mut Vec<u8>,
    sparse: &'a mut Vec<(usize, usize, Cell)>,
    number: usize,
    record: u64,
}

impl Row<'_> {
    /// Takes a record in, or leaves everything as it was and says why not.
    fn read(&mut self, bytes: &[u8]) -> Result<(), String> {
        let (text, cells, keys) = (self.text.len(), self.sparse.len(), self.keys.len());
        let result = self.try_read(bytes);
        if result.is_err() {
            self.text.truncate(text);
            self.sparse.truncate(cells);
            self.keys.truncate(keys);
            self.last_seen.truncate(keys);
        }
        result
    }

    fn try_read(&mut self, bytes: &[u8]) -> Result<(), String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "bytes that are not text".to_owned())?;
        serde_json::from_str::<IgnoredAny>(text).map_err(|error| reason(&error, text))?;
        if bytes.first() != Some(&b'{') {
            return Err("not an object".to_owned());
        }
        // What follows relies on the text being JSON.
        let mut at = 1;
        while let Some(start) = next_token(bytes, at).filter(|at| bytes[*at] == b'"') {
            let key_end = value_end(bytes, start);
            let key = string(&bytes[start..key_end])?;
            let colon = next_token(bytes, key_end).unwrap_or(key_end);
            let value = next_token(bytes, colon + 1).unwrap_or(colon);
            let end = value_end(bytes, value);
            self.put(&key, &bytes[value..end])?;
            let comma = next_token(bytes, end).unwrap_or(end);
            at = comma + 1;
        }
        Ok(())
    }

    fn put(&mut self, key: &str, value: &[u8]) -> Result<(), String> {
        let column = self.keys.get_index_of(key).unwrap_or_else(|| {
            self.last_seen.push(0);
            self.keys.insert_full(key.to_owned()).0
        });
        if std::mem::replace(&mut self.last_seen[column], self.record) == self.record {
            return Err(format!("the key `{key}` stands twice"));
        }
        let start = self.text.len();
        let form = match value.first() {
            Some(b'n') | None => return Ok(()),
            Some(b'"') => {
                self.text.extend_from_slice(string(value)?.as_bytes());
                Form::Quoted
            }
            Some(b'{' | b'[') => {
                compact(value, self.text);
                Form::Plain
            }
            Some(_) => {
                self.text.extend_from_slice(value);
                Form::Plain
            }
        };
        self.sparse.push((self.number, column, Cell::new(start, self.text.len(), form)));
        Ok(())
    }
}

/// What is wrong, in our words, and where in the record.
fn reason(error: &serde_json::Error, record: &str) -> String {
    let text = error.to_string();
    let said = text.split(" at line ").next().unwrap_or_default();
    let words = WORDS.iter().find(|(theirs, _)| said == *theirs).map_or(said, |(_, ours)| ours);
    let line = record.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    // The parser counts bytes, people count characters.
    let bytes = error.column().saturating_sub(1).min(line.len());
    let column = 1 + line.char_indices().take_while(|(at, _)| *at < bytes).count();
    if error.line() > 1 {
        format!("{words} (line {} of the record, column {column})", error.line())
    } else {
        format!("{words} (column {column})")
    }
}

/// What the parser says, and what we say.
const WORDS: &[(&str, &str)] = &[
    ("EOF while parsing a list", "it ends within a list"),
    ("EOF while parsing an object", "it ends within an object"),
    ("EOF while parsing a string", "it ends within a text"),
    ("EOF while parsing a value", "it ends where a value is needed"),
    ("expected `:`", "a `:` is missing after a key"),
    ("expected `,` or `]`", "a `,` or `]` is missing after a value"),
    ("expected `,` or `}`", "a `,` or `}` is missing after a value"),
    ("expected ident", "a word that is none of `true`, `false` and `null`"),
    ("expected value", "something that is no value"),
    ("expected `\"`", "a `\"` is missing"),
    ("invalid escape", "an escape that JSON does not have"),
    ("invalid number", "a number in a form that JSON does not have"),
    ("number out of range", "a number that is too large"),
    ("invalid unicode code point", "an escape that is no character"),
    ("lone leading surrogate in hex escape", "an escape that is half a character"),
    ("unexpected end of hex escape", "an escape that is half a character"),
    ("control character (\\u0000-\\u001F) found while parsing a string", "a control character within a text"),
    ("key must be a string", "a key that is not in double quotes"),
    ("trailing comma", "a `,` before a closing bracket"),
    ("trailing characters", "something after the end of the record"),
    ("recursion limit exceeded", "more than 127 lists and objects within one another"),
];

fn next_token(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.iter().position(|byte| !byte.is_ascii_whitespace()).map(|offset| from + offset)
}

/// Where the value that begins at `start` ends, in valid JSON.
fn value_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    let mut depth = 0_usize;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string_end(bytes, at);
                if depth == 0 {
                    return at;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                if depth <= 1 {
                    // Of a number or a word: the end of what it stands in.
                    return at + depth;
                }
                depth -= 1;
            }
            b',' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// Where the string that begins at `start` ends.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(next) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += next;
        if bytes[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

/// The text of a JSON string with its quotes.
fn string(quoted: &[u8]) -> Result<Cow<'_, str>, String> {
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    if memchr::memchr(b'\\', inner).is_none() {
        return std::str::from_utf8(inner).map(Cow::Borrowed).map_err(|error| error.to_string());
    }
    serde_json::from_slice::<String>(quoted)
        .map(Cow::Owned)
        .map_err(|error| reason(&error, &String::from_utf8_lossy(quoted)))
}

/// Appends JSON without the white space between its tokens.
fn compact(bytes: &[u8], into: &mut Vec<u8>) {
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'"' {
            let end = string_end(bytes, at);
            into.extend_from_slice(&bytes[at..end]);
            at = end;
            continue;
        }
        if !byte.is_ascii_whitespace() {
            into.push(*byte);
        }
        at += 1;
    }
}
