//! JSON objects as records: one object each, its keys the columns.
//!
//! Strings are text and stay text. Numbers keep the spelling of the source until a type is known;
//! nested lists and objects are kept as their own JSON, without the white space. A missing key is
//! null. A key that first appears after the records that decided the columns ends the reading as
//! a misfit, and is a text column the next time.

use indexmap::IndexSet;

use super::Records;
use super::flat::{self, Pair};
use super::json::{self, Fields};
use crate::batch::Cursor;
use crate::batch::cells::{Block, Cell, Form};
use crate::event::Note;
use crate::extract::{ExtractError, Unreadable};

/// Records to a block.
const BLOCK_ROWS: usize = 8_192;
/// A block ends with the record that takes it beyond this many bytes.
const BLOCK_BYTES: usize = 16 << 20;
/// And with the one that takes it beyond this many cells.
const BLOCK_CELLS: usize = 4 << 20;

/// What comes next.
pub(in crate::extract) enum Item<'a> {
    /// An object, or what should be one.
    Record {
        /// Where it begins, from 1.
        line: u64,
        /// As the source has it.
        bytes: &'a [u8],
    },
    /// It is known already that it is none.
    Bad {
        /// Where it begins, from 1.
        line: u64,
        /// Why.
        reason: String,
        /// As the source has it; its beginning if it is long.
        bytes: &'a [u8],
    },
    /// Those so far shall not wait for the next ones.
    Pause,
    /// There are no more.
    End,
}

/// Gives objects one after the other.
pub(in crate::extract) trait Feed: Send {
    /// The next one.
    fn next(&mut self) -> Result<Item<'_>, ExtractError>;
    /// Whether it is known that there are no more.
    fn ended(&self) -> bool;
    /// Bytes of the source so far.
    fn bytes(&self) -> u64;
    /// Bytes of the source in all, if known.
    fn total_bytes(&self) -> Option<u64>;
    /// Bytes as text for people.
    fn raw_text(&self, bytes: &[u8]) -> String;
    /// That there was not one readable record.
    fn hopeless(&self, line: u64, reason: String) -> ExtractError;
    /// See [`Records::cursor`].
    fn cursor(&self) -> Option<Cursor> {
        None
    }
    /// See [`Records::take_notes`].
    fn take_notes(&mut self) -> Vec<Note> {
        Vec::new()
    }
}

/// Objects of a feed, block by block.
pub(in crate::extract) struct Objects<F> {
    feed: F,
    keys: IndexSet<String>,
    /// The record in which each key was last seen.
    last_seen: Vec<u64>,
    block: Block,
    /// Row, column and cell of every key of the block.
    sparse: Vec<(usize, usize, Cell)>,
    /// Of the record being read.
    pairs: Vec<Pair>,
    record: u64,
    /// Whether any record could be read.
    readable: bool,
    ended: bool,
    unreadable: Vec<Unreadable>,
}

/// What a step came upon.
#[derive(PartialEq, Eq)]
enum Step {
    Record,
    Pause,
    End,
}

impl<F: Feed> Objects<F> {
    /// Of a feed at its start. `known` keys are numbered first.
    pub(in crate::extract) fn new(feed: F, known: &[String]) -> Self {
        let keys: IndexSet<String> = known.iter().cloned().collect();
        Self {
            feed,
            last_seen: vec![0; keys.len()],
            keys,
            block: Block::default(),
            sparse: Vec::new(),
            pairs: Vec::new(),
            record: 0,
            readable: false,
            ended: false,
            unreadable: Vec::new(),
        }
    }

    /// Reads one record into the block.
    fn step(&mut self) -> Result<Step, ExtractError> {
        let mut into = Row {
            keys: &mut self.keys,
            last_seen: &mut self.last_seen,
            text: &mut self.block.text,
            sparse: &mut self.sparse,
            pairs: &mut self.pairs,
            number: self.block.lines.len(),
            record: self.record + 1,
        };
        let (line, bad) = match self.feed.next()? {
            Item::End => return Ok(Step::End),
            Item::Pause => return Ok(Step::Pause),
            Item::Record { line, bytes } => (line, into.read(bytes).err().map(|reason| (reason, bytes.to_vec()))),
            Item::Bad { line, reason, bytes } => (line, Some((reason, bytes.to_vec()))),
        };
        self.record += 1;
        match bad {
            None => {
                self.readable = true;
                self.block.lines.push(line);
            }
            Some((reason, bytes)) => {
                let raw = self.feed.raw_text(&bytes);
                self.unreadable.push(Unreadable { record: self.record, line, reason, raw });
            }
        }
        Ok(Step::Record)
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

impl<F: Feed> Records for Objects<F> {
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
            match self.step()? {
                Step::Record => {}
                // A block without a record would look like the end.
                Step::Pause if self.record > before => break,
                Step::Pause => continue,
                Step::End => {
                    self.ended = true;
                    break;
                }
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
            // Not one record: then this is hardly such a source.
            return Err(self.feed.hopeless(first.line, first.reason.clone()));
        }
        self.densify();
        Ok(self.record > before || !self.ended)
    }

    fn ended(&self) -> bool {
        self.ended || self.feed.ended()
    }
    fn block(&self) -> &Block {
        &self.block
    }
    fn take_unreadable(&mut self) -> Vec<Unreadable> {
        std::mem::take(&mut self.unreadable)
    }
    fn bytes(&self) -> u64 {
        self.feed.bytes()
    }
    fn total_bytes(&self) -> Option<u64> {
        self.feed.total_bytes()
    }
    fn cursor(&self) -> Option<Cursor> {
        self.feed.cursor()
    }
    fn take_notes(&mut self) -> Vec<Note> {
        self.feed.take_notes()
    }
}

/// Where a record's cells go.
struct Row<'a> {
    keys: &'a mut IndexSet<String>,
    last_seen: &'a mut Vec<u64>,
    text: &'a mut Vec<u8>,
    sparse: &'a mut Vec<(usize, usize, Cell)>,
    pairs: &'a mut Vec<Pair>,
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
        if flat::split(bytes, self.pairs) {
            return self.put_pairs(text);
        }
        json::check(text)?;
        if bytes.first() != Some(&b'{') {
            return Err("not an object".to_owned());
        }
        Fields::of(bytes).try_for_each(|(key, value)| self.put(&key?, value))
    }

    /// Takes the pairs of a flat record in: its text as it is, with cells that point into it.
    fn put_pairs(&mut self, text: &str) -> Result<(), String> {
        let start = self.text.len();
        self.text.extend_from_slice(text.as_bytes());
        let mut expected = 0;
        for at in 0..self.pairs.len() {
            let Pair { key, value, quoted } = self.pairs[at].clone();
            let column = self.column(&text[key], expected)?;
            expected = column + 1;
            if let Some(value) = value {
                let form = if quoted { Form::Quoted } else { Form::Plain };
                self.sparse.push((self.number, column, Cell::new(start + value.start, start + value.end, form)));
            }
        }
        Ok(())
    }

    /// The number of the column of a key, which most likely is `expected`: records hold their keys in
    /// the same order.
    fn column(&mut self, key: &str, expected: usize) -> Result<usize, String> {
        let column = if self.keys.get_index(expected).is_some_and(|known| known == key) {
            expected
        } else {
            self.keys.get_index_of(key).unwrap_or_else(|| {
                self.last_seen.push(0);
                self.keys.insert_full(key.to_owned()).0
            })
        };
        if std::mem::replace(&mut self.last_seen[column], self.record) == self.record {
            return Err(format!("the key `{key}` stands twice"));
        }
        Ok(column)
    }

    fn put(&mut self, key: &str, value: &[u8]) -> Result<(), String> {
        let column = self.column(key, usize::MAX)?;
        let start = self.text.len();
        let form = match value.first() {
            Some(b'n') | None => return Ok(()),
            Some(b'"') => {
                self.text.extend_from_slice(json::string(value)?.as_bytes());
                Form::Quoted
            }
            Some(b'{' | b'[') => {
                json::compact(value, self.text);
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
