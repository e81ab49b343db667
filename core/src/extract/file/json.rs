//! JSON and JSON-lines files as objects, one after the other.
//!
//! What objects become as records is decided in [`objects`](crate::extract::records::objects).

use super::document::{Document, Trouble};
use super::input::Input;
use super::{Located, format_name};
use crate::batch::cells::Reading;
use crate::batch::scan::{RECORD_LIMIT, read_ahead, too_long};
use crate::config::settings::FileFormat;
use crate::extract::records::objects::{Feed, Item, Objects};
use crate::extract::records::{About, Records, TextSource};
use crate::extract::{ExtractError, ExtractRequest};

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

impl TextSource for JsonFile {
    fn about(&self) -> About<'_> {
        self.located.about()
    }
    fn reading(&self) -> &Reading {
        &self.reading
    }
    fn start(&self, known: &[String]) -> Result<Box<dyn Records>, ExtractError> {
        let input = Input::open(&self.located)?;
        let total = input.size();
        let place = if self.located.format == FileFormat::Jsonl {
            Place::Lines(Lines { input, buffer: Vec::new(), at: 0, line: 1 })
        } else {
            let path = self.located.source.json_path.as_deref().unwrap_or_default();
            let path = path.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect();
            Place::Document(Document::new(input, path))
        };
        let feed = JsonFeed { located: self.located.clone(), place, total };
        Ok(Box::new(Objects::new(feed, known)))
    }
    fn grows(&self) -> bool {
        true
    }
}

/// A file being read.
struct JsonFeed {
    located: Located,
    place: Place,
    total: u64,
}

enum Place {
    Document(Document),
    Lines(Lines),
}

impl JsonFeed {
    fn malformed(located: &Located, line: u64, reason: String) -> ExtractError {
        ExtractError::Malformed {
            path: located.path.clone(),
            format: format_name(located.format),
            line: Some(line),
            reason,
        }
    }
}

impl Feed for JsonFeed {
    fn next(&mut self) -> Result<Item<'_>, ExtractError> {
        match &mut self.place {
            Place::Document(document) => match document.next_record() {
                Ok(None) => Ok(Item::End),
                Ok(Some((line, bytes))) => Ok(Item::Record { line, bytes }),
                Err(Trouble::File(error)) => Err(error),
                Err(Trouble::Structure { line, reason }) => Err(Self::malformed(&self.located, line, reason)),
            },
            Place::Lines(lines) => Ok(match lines.next()? {
                Line::End => Item::End,
                Line::TooLong(line, bytes) => Item::Bad { line, reason: too_long(), bytes },
                Line::Record(line, bytes) => Item::Record { line, bytes },
            }),
        }
    }
    fn ended(&self) -> bool {
        match &self.place {
            Place::Document(document) => document.ended(),
            Place::Lines(lines) => lines.input.ended() && lines.at == lines.buffer.len(),
        }
    }
    fn bytes(&self) -> u64 {
        match &self.place {
            Place::Document(document) => document.bytes(),
            Place::Lines(lines) => lines.input.used(lines.buffer.len() - lines.at),
        }
    }
    fn total_bytes(&self) -> Option<u64> {
        Some(self.total)
    }
    fn raw_text(&self, bytes: &[u8]) -> String {
        match &self.place {
            Place::Document(document) => document.input().raw_text(bytes),
            Place::Lines(lines) => lines.input.raw_text(bytes),
        }
    }
    fn hopeless(&self, line: u64, reason: String) -> ExtractError {
        Self::malformed(&self.located, line, reason)
    }
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
