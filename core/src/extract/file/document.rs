//! A JSON document, walked without holding it: to the list of records, and from record to record.
//!
//! Finds where values begin and end; what is between is checked by whoever reads it.

use std::ops::Range;

use super::input::Input;
use crate::batch::scan::{RECORD_LIMIT, read_ahead, too_long};
use crate::extract::ExtractError;

/// Why a document cannot be walked.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The file.
    File(ExtractError),
    /// Its structure, at this line.
    Structure { line: u64, reason: String },
}

impl From<ExtractError> for Trouble {
    fn from(error: ExtractError) -> Self {
        Self::File(error)
    }
}

/// Where the walk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Before the records.
    Start,
    /// Behind the `[` of the list.
    FirstOfList,
    /// Behind a record of the list.
    InList,
    /// At the only record.
    Single,
    /// Behind the last record.
    Done,
}

/// A document being walked.
pub(super) struct Document {
    input: Input,
    buffer: Vec<u8>,
    at: usize,
    line: u64,
    path: Vec<String>,
    place: Place,
}

impl Document {
    /// `path` leads to the records, key by key.
    pub(super) fn new(input: Input, path: Vec<String>) -> Self {
        Self { input, buffer: Vec::new(), at: 0, line: 1, path, place: Place::Start }
    }
    pub(super) const fn input(&self) -> &Input {
        &self.input
    }
    /// Bytes of the file that have been walked over, nearly.
    pub(super) fn bytes(&self) -> u64 {
        self.input.used(self.buffer.len() - self.at)
    }
    /// Whether the last record has been read.
    pub(super) fn ended(&self) -> bool {
        self.place == Place::Done
    }

    /// The next record and the line it begins at; `None` behind the last one, when the whole
    /// document has been looked at.
    pub(super) fn next_record(&mut self) -> Result<Option<(u64, &[u8])>, Trouble> {
        loop {
            match self.place {
                Place::Start => self.enter()?,
                Place::FirstOfList | Place::InList => match (self.token()?, self.place) {
                    (Some(b']'), _) => {
                        self.at += 1;
                        return self.leave();
                    }
                    (Some(b','), Place::InList) => {
                        self.at += 1;
                        if matches!(self.token()?, Some(b']' | b',') | None) {
                            return Err(self.trouble("a value is missing behind a comma"));
                        }
                        break;
                    }
                    (Some(_), Place::FirstOfList) => break,
                    (Some(_), _) => return Err(self.trouble("a comma is missing between two values")),
                    (None, _) => return Err(self.trouble("the list has no end")),
                },
                Place::Single => break,
                Place::Done => return Ok(None),
            }
        }
        let single = self.place == Place::Single;
        let line = self.line;
        let value = self.skip_value(true)?;
        if single {
            // Nothing is thrown away on the way to the end of the document.
            let record = self.buffer.get(value).map(<[u8]>::to_vec).unwrap_or_default();
            self.leave()?;
            self.buffer = record;
            self.at = self.buffer.len();
            return Ok(Some((line, &self.buffer)));
        }
        self.place = Place::InList;
        Ok(Some((line, self.buffer.get(value).unwrap_or_default())))
    }

    /// Goes to the records.
    fn enter(&mut self) -> Result<(), Trouble> {
        for depth in 0..self.path.len() {
            let found = self.token()?;
            if found != Some(b'{') {
                let so_far = if depth == 0 { "the document".to_owned() } else { self.name(depth) };
                return Err(self.trouble(&format!("{so_far} is {}, not an object", kind(found))));
            }
            self.at += 1;
            self.enter_key(depth)?;
        }
        let found = self.token()?;
        self.place = match found {
            Some(b'[') => Place::FirstOfList,
            Some(b'{') => Place::Single,
            None if self.path.is_empty() => return Err(self.trouble("there is no value in it")),
            _ => {
                let what = if self.path.is_empty() { "the document".to_owned() } else { self.name(self.path.len()) };
                let reason = format!("{what} is {}, not a list of objects or an object", kind(found));
                return Err(self.trouble(&reason));
            }
        };
        self.at += usize::from(self.place == Place::FirstOfList);
        Ok(())
    }

    /// Goes behind the colon of the key at this depth of the path; the `{` has been passed.
    fn enter_key(&mut self, depth: usize) -> Result<(), Trouble> {
        loop {
            match self.token()? {
                Some(b'"') => {}
                Some(b'}') => {
                    let reason = format!("there is no {}", self.name(depth + 1));
                    return Err(self.trouble(&reason));
                }
                _ => return Err(self.trouble("a key in quotes is missing")),
            }
            let key = self.skip_value(true)?;
            let key: String = serde_json::from_slice(self.buffer.get(key).unwrap_or_default())
                .map_err(|_| self.trouble("a key is not a JSON string"))?;
            if self.token()? != Some(b':') {
                return Err(self.trouble("a colon is missing behind a key"));
            }
            self.at += 1;
            self.token()?;
            if key == self.path[depth] {
                return Ok(());
            }
            self.skip_value(false)?;
            match self.token()? {
                Some(b',') => self.at += 1,
                Some(b'}') => {}
                _ => return Err(self.trouble("a comma is missing between two values")),
            }
        }
    }

    /// Looks at the rest of the document.
    fn leave(&mut self) -> Result<Option<(u64, &[u8])>, Trouble> {
        for _ in 0..self.path.len() {
            loop {
                match self.token()? {
                    Some(b'}') => {
                        self.at += 1;
                        break;
                    }
                    Some(b',' | b':') => self.at += 1,
                    None => return Err(self.trouble("the document has no end")),
                    Some(_) => {
                        self.skip_value(false)?;
                    }
                }
            }
        }
        if self.token()?.is_some() {
            return Err(self.trouble(
                "more follows behind the end of the document; if each line is a record, the format is jsonl",
            ));
        }
        self.place = Place::Done;
        Ok(None)
    }

    fn name(&self, depth: usize) -> String {
        format!("`{}`", self.path[..depth].join("."))
    }

    fn trouble(&self, reason: &str) -> Trouble {
        Trouble::Structure { line: self.line, reason: reason.to_owned() }
    }

    /// Reads more; `false` at the end of the file.
    fn more(&mut self) -> Result<bool, ExtractError> {
        let before = self.buffer.len();
        while self.buffer.len() == before && !self.input.ended() {
            self.input.fill(&mut self.buffer, read_ahead(before))?;
        }
        Ok(self.buffer.len() > before)
    }

    /// The first byte that is not white space, not taken; `None` at the end of the file.
    fn token(&mut self) -> Result<Option<u8>, ExtractError> {
        loop {
            while let Some(byte) = self.buffer.get(self.at) {
                match byte {
                    b'\n' => self.line += 1,
                    b' ' | b'\t' | b'\r' => {}
                    other => return Ok(Some(*other)),
                }
                self.at += 1;
            }
            self.buffer.clear();
            self.at = 0;
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    /// Goes behind the value that begins here. If it is to be kept, it is there in the buffer.
    fn skip_value(&mut self, keep: bool) -> Result<Range<usize>, Trouble> {
        let mut start = self.at;
        let mut open: Vec<u8> = Vec::new();
        let (mut in_string, mut in_word) = (false, false);
        loop {
            let Some(byte) = self.buffer.get(self.at).copied() else {
                if keep && self.at - start >= RECORD_LIMIT {
                    return Err(self.trouble(&too_long()));
                }
                let done = if keep { start } else { self.at };
                self.buffer.drain(..done);
                self.at -= done;
                start = 0;
                if self.more()? {
                    continue;
                }
                if in_word && open.is_empty() {
                    return Ok(start..self.at);
                }
                return Err(self.trouble("the document ends within a value"));
            };
            if in_string {
                match memchr::memchr3(b'"', b'\\', b'\n', &self.buffer[self.at..]) {
                    None => self.at = self.buffer.len(),
                    Some(next) => {
                        self.at += next;
                        match self.buffer[self.at] {
                            b'"' => {
                                in_string = false;
                                self.at += 1;
                                if open.is_empty() {
                                    return Ok(start..self.at);
                                }
                            }
                            b'\\' => {
                                if self.at + 1 >= self.buffer.len() && !self.more()? {
                                    return Err(self.trouble("the document ends within a text"));
                                }
                                self.at += 2;
                            }
                            _ => {
                                self.line += 1;
                                self.at += 1;
                            }
                        }
                    }
                }
                continue;
            }
            match byte {
                b'"' if !in_word => in_string = true,
                b'{' | b'[' if !in_word => open.push(byte),
                b'}' | b']' => {
                    if in_word && open.is_empty() {
                        return Ok(start..self.at);
                    }
                    let matching = if byte == b'}' { b'{' } else { b'[' };
                    if open.pop() != Some(matching) {
                        return Err(self.trouble(&format!("`{}` closes nothing", char::from(byte))));
                    }
                    in_word = false;
                    if open.is_empty() {
                        self.at += 1;
                        return Ok(start..self.at);
                    }
                }
                b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' => {
                    if in_word && open.is_empty() {
                        return Ok(start..self.at);
                    }
                    in_word = false;
                    self.line += u64::from(byte == b'\n');
                    if open.is_empty() {
                        return Err(self.trouble("a value is missing"));
                    }
                }
                _ => in_word = true,
            }
            self.at += 1;
        }
    }
}

/// What a value is, by its first byte.
fn kind(first: Option<u8>) -> &'static str {
    match first {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "a text",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        Some(b'-' | b'0'..=b'9') => "a number",
        Some(_) => "not JSON",
        None => "missing",
    }
}
