//! Programs as sources: whatever writes a JSON object a line, Singer taps, Python classes.
//!
//! Owns how a program is started and what its messages mean. It sees the variables that the config names
//! and no others; what it writes is a record, a message, or set aside.

mod error;
mod program;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value as Json;

use super::records::objects::{Feed, Item, Objects};
use super::records::{self, About, Records, TextSource};
use super::scratch::{self, Scratch};
use super::{ExtractError, ExtractRequest, Extraction, Extractor, SourceSummary};
use crate::batch::Cursor;
use crate::batch::cells::Reading;
use crate::batch::cursor::STATE;
use crate::batch::scan::{RECORD_LIMIT, too_long};
use crate::cancel::CancelToken;
use crate::config::settings::{CustomSource, Program, Protocol};
use crate::event::{Note, NoteLevel};
use crate::figures::counted;
use program::{Launch, Running};

pub(crate) use error::CustomError;

/// What runs Python classes; it is ours.
const SHIM: &str = include_str!("shim.py");
/// Variables of this process that every program sees.
const INHERITED: [&str; 13] = [
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SYSTEMROOT",
    "USERPROFILE",
    "APPDATA",
    "PATHEXT",
];
/// Of an unreadable line, for people.
const RAW: usize = 64 << 10;

/// Runs a program, once, however often it is read.
pub(super) struct CustomExtractor {
    source: CustomSource,
    running: Mutex<Option<Arc<Running>>>,
}

impl CustomExtractor {
    pub(super) fn new(source: CustomSource) -> Self {
        Self { source, running: Mutex::new(None) }
    }

    fn running(&self, request: &ExtractRequest) -> Result<Arc<Running>, ExtractError> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = running.as_ref() {
            return Ok(Arc::clone(running));
        }
        let world = &request.world;
        let keep = |source| CustomError::Scratch { source };
        let folder = scratch::folder(world.env.as_ref());
        let file = Scratch::new(&folder, world.entropy.as_ref()).map_err(keep)?;
        let started = Arc::new(Running::start(self.launch(request, &folder)?, file)?);
        *running = Some(Arc::clone(&started));
        Ok(started)
    }

    fn launch(&self, request: &ExtractRequest, folder: &Path) -> Result<Launch, ExtractError> {
        let (source, world) = (&self.source, &request.world);
        let day = request.run_date.to_string();
        let config = source.config.reveal();
        let state = request.since.as_ref().filter(|since| since.type_name == STATE).map(|since| since.value.clone());
        let mut files = Vec::new();
        let (program, mut command) = match &source.program {
            Program::Command(words) => {
                let mut file = |name: &str, text: &str| -> Result<String, ExtractError> {
                    let path = folder.join(format!("{}.{name}.json", world.entropy.id()));
                    write_private(&path, text).map_err(|source| CustomError::Scratch { source })?;
                    files.push(path.clone());
                    Ok(path.to_string_lossy().into_owned())
                };
                let mut filled = Vec::with_capacity(words.len());
                for word in words {
                    let mut word = word.replace("{run_date}", &day);
                    if word.contains("{config_file}") {
                        word = word.replace("{config_file}", &file("config", config)?);
                    }
                    if word.contains("{state_file}") {
                        word = word.replace("{state_file}", &file("state", state.as_deref().unwrap_or("{}"))?);
                    }
                    filled.push(word);
                }
                let program = filled.first().cloned().unwrap_or_default();
                let mut command = Command::new(program::resolve(&program, &source.working_dir));
                command.args(filled.iter().skip(1));
                (program, command)
            }
            Program::Python { module, class_name } => {
                let python = if cfg!(windows) { "python" } else { "python3" };
                let mut command = Command::new(python);
                command.args(["-c", SHIM, module, class_name, &source.stream, &day]);
                (format!("{module}.{class_name}"), command)
            }
        };
        command.current_dir(&source.working_dir).env_clear();
        for name in INHERITED {
            if let Some(value) = world.env.var(name) {
                command.env(name, value);
            }
        }
        let mut secrets = Vec::new();
        for (theirs, ours) in &source.env_vars {
            let value = ours.value(world.env.as_ref());
            let value = value.ok_or_else(|| CustomError::Variable { name: ours.name().to_owned() })?;
            command.env(theirs, &value);
            secrets.push(value);
        }
        secrets.extend(texts(&serde_json::from_str(config).unwrap_or_default()));
        secrets.retain(|secret| secret.chars().count() > 2);
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        command.env("PYTHONIOENCODING", "utf-8").env("PYTHONUNBUFFERED", "1");
        command.env("MEDALLION_RUN_DATE", &day).env("MEDALLION_CONFIG", config);
        command.env("MEDALLION_STATE", state.unwrap_or_default());
        let conduct = &request.conduct;
        Ok(Launch {
            command,
            program,
            secrets,
            patience: conduct.timeout_seconds,
            deadline: conduct.deadline_seconds,
            files,
        })
    }
}

/// Every text in a document: what the config tells an extractor may be secret.
fn texts(value: &Json) -> Vec<String> {
    match value {
        Json::String(text) => vec![text.clone()],
        Json::Array(items) => items.iter().flat_map(texts).collect(),
        Json::Object(fields) => fields.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

fn write_private(path: &PathBuf, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    std::io::Write::write_all(&mut options.open(path)?, text.as_bytes())
}

impl Extractor for CustomExtractor {
    fn open(&self, request: &ExtractRequest) -> Result<Box<dyn Extraction>, ExtractError> {
        if request.cancel.is_cancelled() {
            return Err(ExtractError::Cancelled);
        }
        let output = Output {
            running: self.running(request)?,
            source: self.source.clone(),
            reading: Reading::typed(request.timezone),
            name: PathBuf::from(location(&self.source)),
            cancel: request.cancel.clone(),
        };
        records::open(output, request)
    }
}

fn location(source: &CustomSource) -> String {
    match &source.program {
        Program::Command(words) => words.first().cloned().unwrap_or_default(),
        Program::Python { module, class_name } => format!("{module}.{class_name}"),
    }
}

/// What a program writes, readable from its start.
struct Output {
    running: Arc<Running>,
    source: CustomSource,
    reading: Reading,
    name: PathBuf,
    cancel: CancelToken,
}

impl TextSource for Output {
    fn about(&self) -> About<'_> {
        let format = match self.source.messages() {
            Protocol::Jsonl => "jsonl",
            Protocol::Singer => "singer",
        };
        let summary = SourceSummary { kind: "custom", location: location(&self.source), format, bytes: 0 };
        About { name: &self.name, columns: None, limit: None, summary }
    }
    fn reading(&self) -> &Reading {
        &self.reading
    }
    fn start(&self, known: &[String]) -> Result<Box<dyn Records>, ExtractError> {
        let feed = Lines {
            running: Arc::clone(&self.running),
            singer: (self.source.messages() == Protocol::Singer).then(|| self.source.stream.clone()),
            stateful: self.source.incremental.is_some(),
            cancel: self.cancel.clone(),
            buffer: Vec::new(),
            start: 0,
            at: 0,
            line: 0,
            record: Vec::new(),
            seen: false,
            others: Vec::new(),
            left_out: 0,
            state: None,
            ended: false,
        };
        Ok(Box::new(Objects::new(feed, known)))
    }
    fn grows(&self) -> bool {
        true
    }
}

/// The lines of a program.
struct Lines {
    running: Arc<Running>,
    /// Of Singer messages, the stream to land.
    singer: Option<String>,
    stateful: bool,
    cancel: CancelToken,
    buffer: Vec<u8>,
    /// Where the buffer begins in what was written.
    start: u64,
    at: usize,
    line: u64,
    record: Vec<u8>,
    /// Whether the stream was met.
    seen: bool,
    others: Vec<String>,
    left_out: u64,
    state: Option<String>,
    ended: bool,
}

/// What a line is.
enum Message {
    Record(Json),
    Nothing,
    Bad(String),
}

impl Lines {
    /// The next line that is not blank: where it is in the buffer, and whether it is too long.
    fn next_line(&mut self) -> Result<Option<(std::ops::Range<usize>, bool)>, ExtractError> {
        let mut searched = self.at;
        loop {
            if let Some(length) = memchr::memchr(b'\n', &self.buffer[searched..]) {
                let range = self.at..searched + length;
                self.at = range.end + 1;
                self.line += 1;
                if !self.buffer[range.clone()].trim_ascii().is_empty() {
                    let long = range.len() > RECORD_LIMIT;
                    return Ok(Some((range, long)));
                }
                searched = self.at;
                continue;
            }
            self.start += self.at as u64;
            self.buffer.drain(..self.at);
            self.at = 0;
            searched = self.buffer.len();
            if searched > RECORD_LIMIT {
                return self.skip_long().map(Some);
            }
            let end = self.start + searched as u64;
            if !self.running.read(end, &mut self.buffer, &self.cancel)? {
                self.ended = true;
                let range = 0..self.buffer.len();
                self.at = range.end;
                self.line += 1;
                return Ok((!self.buffer.trim_ascii().is_empty()).then_some((range, false)));
            }
        }
    }

    /// Goes behind a line that is longer than a record may be; its beginning stays.
    fn skip_long(&mut self) -> Result<(std::ops::Range<usize>, bool), ExtractError> {
        let shown = 2 * RAW;
        let mut position = self.start + self.buffer.len() as u64;
        loop {
            self.buffer.truncate(shown);
            let more = self.running.read(position, &mut self.buffer, &self.cancel)?;
            let end = memchr::memchr(b'\n', &self.buffer[shown..]).map(|end| shown + end + 1);
            if let Some(end) = end.or((!more).then_some(self.buffer.len())) {
                self.ended = !more;
                // The buffer stands for what ends where its last byte ends.
                self.start = position + (self.buffer.len() - shown) as u64 - self.buffer.len() as u64;
                self.at = end;
                self.line += 1;
                return Ok((0..shown, true));
            }
            position += (self.buffer.len() - shown) as u64;
        }
    }

    /// All has been read; whether it was what was asked for.
    fn end(&self) -> Result<Item<'_>, ExtractError> {
        match &self.singer {
            Some(stream) if !self.seen && !self.others.is_empty() => {
                let found = self.others.iter().map(|other| format!("`{other}`")).collect();
                Err(CustomError::NoStream { stream: stream.clone(), found }.into())
            }
            _ => Ok(Item::End),
        }
    }

    fn message(&mut self, stream: &str, bytes: &[u8]) -> Message {
        let mut message: Json = match serde_json::from_slice(bytes) {
            Ok(message) => message,
            Err(error) => return Message::Bad(format!("not a Singer message: {error}")),
        };
        let kind = message.get("type").and_then(Json::as_str).unwrap_or_default().to_owned();
        let of = message.get("stream").and_then(Json::as_str).unwrap_or_default().to_owned();
        match kind.as_str() {
            "RECORD" | "SCHEMA" if of != stream => {
                self.left_out += u64::from(kind == "RECORD");
                if !self.others.contains(&of) {
                    self.others.push(of);
                }
                Message::Nothing
            }
            "RECORD" => {
                self.seen = true;
                match message.get_mut("record").map(Json::take) {
                    Some(record @ Json::Object(_)) => Message::Record(record),
                    _ => Message::Bad("a RECORD without a record".to_owned()),
                }
            }
            "SCHEMA" => {
                self.seen = true;
                Message::Nothing
            }
            "STATE" => {
                self.state = message.get("value").map(ToString::to_string);
                Message::Nothing
            }
            // Other messages carry no records, and new ones may come.
            "" => Message::Bad("not a Singer message: it has no `type`".to_owned()),
            _ => Message::Nothing,
        }
    }
}

impl Feed for Lines {
    fn next(&mut self) -> Result<Item<'_>, ExtractError> {
        loop {
            if self.ended && self.at >= self.buffer.len() {
                return self.end();
            }
            let Some((range, long)) = self.next_line()? else { return self.end() };
            let line = self.line;
            if long {
                return Ok(Item::Bad { line, reason: too_long(), bytes: &self.buffer[range] });
            }
            let Some(stream) = self.singer.clone() else {
                return Ok(Item::Record { line, bytes: self.buffer[range].trim_ascii() });
            };
            let bytes = self.buffer[range].trim_ascii().to_vec();
            match self.message(&stream, &bytes) {
                Message::Record(record) => {
                    self.record = record.to_string().into_bytes();
                    return Ok(Item::Record { line, bytes: &self.record });
                }
                Message::Bad(reason) => {
                    self.record = bytes;
                    return Ok(Item::Bad { line, reason, bytes: &self.record });
                }
                Message::Nothing => {}
            }
        }
    }
    fn ended(&self) -> bool {
        self.running.ends_at(self.start + self.at as u64)
            && (self.singer.is_none() || self.seen || self.others.is_empty())
    }
    fn bytes(&self) -> u64 {
        self.start + self.at as u64
    }
    fn total_bytes(&self) -> Option<u64> {
        self.running.total()
    }
    fn raw_text(&self, bytes: &[u8]) -> String {
        String::from_utf8_lossy(&bytes[..bytes.len().min(RAW)]).into_owned()
    }
    fn hopeless(&self, line: u64, reason: String) -> ExtractError {
        CustomError::NoRecords { line, reason }.into()
    }
    fn cursor(&self) -> Option<Cursor> {
        let value = self.state.clone().filter(|_| self.stateful)?;
        Some(Cursor { field: STATE.to_owned(), value, type_name: STATE.to_owned(), boundary: Vec::new() })
    }
    fn take_notes(&mut self) -> Vec<Note> {
        if !self.ended || self.left_out == 0 {
            return Vec::new();
        }
        let left_out = counted(std::mem::take(&mut self.left_out), "record");
        let message = format!("{left_out} of other streams left out: {}", self.others.join(", "));
        vec![Note { level: NoteLevel::Info, code: None, message }]
    }
}
