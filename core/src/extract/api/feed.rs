//! Pages as records: from the file that keeps them, and from the network where it has none yet.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;
use tokio::sync::mpsc::Receiver;

use super::error::ApiError;
use super::sieve::LeftOut;
use super::spool::{Frame, Role, Spool};
use crate::batch::Cursor;
use crate::cancel::CancelToken;
use crate::diagnostic::code::{self, Code};
use crate::error::Coded;
use crate::event::{Note, NoteLevel};
use crate::extract::ExtractError;
use crate::extract::records::objects::{Feed, Item};
use crate::extract::threads::Threads;
use crate::figures::counted;

/// Of a record that cannot be read.
const RAW: usize = 64 << 10;

/// What has come of a source, and what is on its way. Shared by all who read it.
pub(super) struct Gathered {
    /// Gone when nothing comes any more.
    pub(super) coming: Option<Coming>,
    pub(super) spool: Spool,
    pub(super) cancel: CancelToken,
    pub(super) bell: Arc<Notify>,
    /// Whether it ended with an error, which was told.
    pub(super) failed: bool,
}

/// Pages on their way, and the threads that bring them.
pub(super) struct Coming {
    pub(super) threads: Threads,
    pub(super) pages: Receiver<Result<Frame, ApiError>>,
}

impl Gathered {
    /// The frame with this number; `None` behind the last one.
    fn frame(&mut self, number: usize) -> Result<Option<Frame>, ApiError> {
        if self.cancel.is_cancelled() {
            return Err(ApiError::Cancelled);
        }
        if number < self.spool.len() {
            return self.spool.read(number);
        }
        let Some(coming) = &mut self.coming else { return Ok(None) };
        let (bell, pages) = (self.bell.clone(), &mut coming.pages);
        let next = coming.threads.wait(async move {
            tokio::select! {
                next = pages.recv() => next,
                () = bell.notified() => Some(Err(ApiError::Cancelled)),
            }
        });
        match next.map_err(|source| ApiError::Threads { source })? {
            Some(Ok(frame)) => {
                self.spool.append(&frame)?;
                Ok(Some(frame))
            }
            Some(Err(error)) => {
                self.coming = None;
                self.failed = true;
                // The next extract goes on only from where this one might have.
                let going_on = error.is_transient() || matches!(error, ApiError::Cancelled | ApiError::Deadline { .. });
                self.spool.keep &= going_on;
                Err(error)
            }
            None => {
                self.coming = None;
                Ok(None)
            }
        }
    }
}

/// Records of what was gathered, from the first.
pub(super) struct ApiFeed {
    gathered: Arc<Mutex<Gathered>>,
    /// For messages.
    location: String,
    since: Option<Cursor>,
    /// `cursor_param`, for messages.
    param: String,
    next: usize,
    page: String,
    at: usize,
    /// The page that was read is at its end, and the next one was not asked for.
    paused: bool,
    ended: bool,
    number: u64,
    bytes: u64,
    cursor: Option<Cursor>,
    left_out: LeftOut,
    notes: Vec<Note>,
}

impl ApiFeed {
    pub(super) fn new(gathered: Arc<Mutex<Gathered>>, location: String, since: Option<Cursor>, param: String) -> Self {
        Self {
            gathered,
            location,
            since,
            param,
            next: 0,
            page: String::new(),
            at: 0,
            paused: true,
            ended: false,
            number: 0,
            bytes: 0,
            cursor: None,
            left_out: LeftOut::default(),
            notes: Vec::new(),
        }
    }

    /// Goes to the next page; `false` at the end.
    fn turn(&mut self) -> Result<bool, ExtractError> {
        let frame = self.gathered.lock().unwrap_or_else(PoisonError::into_inner).frame(self.next);
        let Some(frame) = frame? else {
            self.ended = true;
            self.sum_up();
            return Ok(false);
        };
        self.next += 1;
        let head = frame.head;
        self.bytes += head.bytes;
        self.notes.extend(head.notes);
        self.page.clear();
        self.at = 0;
        if head.role == Role::Records {
            self.page = frame.records;
            self.left_out.add(head.left_out);
            self.cursor = Cursor::furthest(self.cursor.take(), head.cursor);
            self.paused = false;
        }
        Ok(true)
    }

    /// What was left out, in words.
    fn sum_up(&mut self) {
        let LeftOut { before, after, known: _, without } = self.left_out;
        let mut say = |count: u64, level: NoteLevel, code: Code, why: &str| {
            if count > 0 {
                let verb = if count == 1 { "was" } else { "were" };
                let message = format!("{} {verb} left out: {why}", counted(count, "record"));
                self.notes.push(Note { level, code: Some(code.to_string()), message });
            }
        };
        let asked = if self.param.is_empty() {
            "they are from before the cursor".to_owned()
        } else {
            format!("they are from before the cursor, which `{}` asks for", self.param)
        };
        say(before, NoteLevel::Warning, code::STATE004, &asked);
        say(after, NoteLevel::Info, code::STATE004, "they are from the end of the stretch or later");
        say(without, NoteLevel::Warning, code::STATE002, "they have no cursor");
    }
}

impl Feed for ApiFeed {
    fn next(&mut self) -> Result<Item<'_>, ExtractError> {
        while self.at >= self.page.len() {
            if !std::mem::replace(&mut self.paused, true) {
                return Ok(Item::Pause);
            }
            if !self.turn()? {
                return Ok(Item::End);
            }
        }
        let rest = &self.page.as_bytes()[self.at..];
        let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = &rest[..length];
        self.at += length + 1;
        self.number += 1;
        let number = self.number;
        if let Some((reason, bytes)) = line.strip_prefix(b"!").and_then(|marked| {
            let tab = memchr::memchr(b'\t', marked)?;
            Some((serde_json::from_slice(&marked[..tab]).unwrap_or_default(), &marked[tab + 1..]))
        }) {
            return Ok(Item::Bad { line: number, reason, bytes });
        }
        Ok(Item::Record { line: number, bytes: line })
    }
    fn ended(&self) -> bool {
        self.ended
    }
    fn bytes(&self) -> u64 {
        self.bytes
    }
    fn total_bytes(&self) -> Option<u64> {
        None
    }
    fn raw_text(&self, bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes.get(..RAW).unwrap_or(bytes)).into_owned()
    }
    fn hopeless(&self, _: u64, reason: String) -> ExtractError {
        ApiError::Hopeless { target: self.location.clone(), reason }.into()
    }
    fn cursor(&self) -> Option<Cursor> {
        let cursor = self.cursor.clone()?;
        Cursor::furthest(self.since.clone(), Some(cursor))
    }
    fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }
}
