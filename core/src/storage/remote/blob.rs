//! A file of an object store to read pieces of. Every piece is asked for with the mark (`ETag`) that
//! the file had when it was opened, so that two contents are never mixed.

use std::fmt;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use bytes::{Buf, Bytes};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectMeta, ObjectStore};

use super::{RemoteStore, failure, lost};
use crate::storage::Blob;
use crate::storage::failure::{Cause, Failure};

/// Bytes asked for at a time by who reads on and on.
const PIECE: u64 = 4 << 20;
/// Bytes that take about as long to come as the answer that brings them.
const STEP: u64 = 1 << 20;
/// The end of a file, where Parquet says what is in it, is asked for once.
const TAIL: u64 = 64 << 10;

/// A piece of a file, or why it does not come.
pub(super) type Piece = io::Result<Bytes>;
/// Starts to ask for a piece.
pub(super) type Ask = Box<dyn Fn(Range<u64>) -> Receiver<Piece> + Send + Sync>;

#[derive(Clone)]
pub(super) struct RemoteBlob(Arc<Inner>);

struct Inner {
    /// For people.
    name: String,
    /// In bytes.
    size: u64,
    modified: Option<SystemTime>,
    ask: Ask,
    tail: OnceLock<Bytes>,
    /// Of several that want the end one asks.
    asking: Mutex<()>,
    /// Of the last piece that did not come.
    trouble: Mutex<Option<Failure>>,
}

impl fmt::Debug for RemoteBlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RemoteBlob").field(&self.0.name).finish()
    }
}

impl RemoteBlob {
    /// A file of `size` bytes whose pieces `ask` gets, all of the same content.
    pub(super) fn new(name: String, size: u64, modified: Option<SystemTime>, ask: Ask) -> Self {
        let (tail, asking, trouble) = (OnceLock::new(), Mutex::default(), Mutex::default());
        Self(Arc::new(Inner { name, size, modified, ask, tail, asking, trouble }))
    }

    /// That of an object store.
    pub(super) fn object(store: RemoteStore, path: Path, about: ObjectMeta) -> Self {
        let (name, size, modified) = (path.to_string(), about.size, Some(about.last_modified.into()));
        let ask = move |range| {
            let (objects, path, mark) = (store.objects(), path.clone(), about.e_tag.clone());
            store.start(async move { piece(objects.as_ref(), &path, mark, range).await })
        };
        Self::new(name, size, modified, Box::new(ask))
    }

    fn size(&self) -> u64 {
        self.0.size
    }

    /// Waits for a piece.
    fn hear(&self, coming: &Receiver<Piece>) -> Piece {
        let piece = coming.recv().map_err(|_| lost())?;
        if let Some(failure) = piece.as_ref().err().and_then(Failure::of) {
            *self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure.clone());
        }
        piece
    }

    fn get(&self, range: Range<u64>) -> Piece {
        self.hear(&(self.0.ask)(range))
    }

    fn tail(&self) -> io::Result<&Bytes> {
        if let Some(tail) = self.0.tail.get() {
            return Ok(tail);
        }
        let _asking = self.0.asking.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tail) = self.0.tail.get() {
            return Ok(tail);
        }
        let tail = self.get(self.size().saturating_sub(TAIL)..self.size())?;
        Ok(self.0.tail.get_or_init(|| tail))
    }
}

async fn piece(objects: &dyn ObjectStore, path: &Path, mark: Option<String>, range: Range<u64>) -> Piece {
    let length = range.end - range.start;
    let options = GetOptions { range: Some(GetRange::Bounded(range)), if_match: mark, ..GetOptions::default() };
    let changed = |failure: Failure| match failure.cause {
        Cause::Changed | Cause::Missing => Failure { cause: Cause::Changed, ..failure },
        _ => failure,
    };
    let result = async { objects.get_opts(path, options).await?.bytes().await }.await;
    let bytes = result.map_err(|error| changed(failure(&error)).into_io())?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

impl Blob for RemoteBlob {
    fn len(&self) -> u64 {
        self.size()
    }

    fn modified(&self) -> Option<SystemTime> {
        self.0.modified
    }

    fn bytes(&self, range: Range<u64>) -> io::Result<Bytes> {
        if range.start >= range.end {
            return Ok(Bytes::new());
        }
        if range.end > self.size() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let from = self.size().saturating_sub(TAIL);
        if range.start < from {
            return self.get(range);
        }
        let place = |at: u64| usize::try_from(at - from).map_err(io::Error::other);
        Ok(self.tail()?.slice(place(range.start)?..place(range.end)?))
    }

    fn trouble(&self) -> Option<io::Error> {
        self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone().map(Failure::into_io)
    }

    fn step(&self) -> u64 {
        STEP
    }

    fn reader(&self, start: u64) -> io::Result<Box<dyn Read + Send>> {
        let mut reader = Onward { blob: self.clone(), at: start.min(self.size()), piece: Bytes::new(), next: None };
        reader.ask();
        Ok(Box::new(reader))
    }
}

/// Reads on; the next piece is on its way while one is read.
struct Onward {
    blob: RemoteBlob,
    /// Where the piece after `next` begins.
    at: u64,
    piece: Bytes,
    next: Option<Receiver<Piece>>,
}

impl Onward {
    fn ask(&mut self) {
        let end = self.at.saturating_add(PIECE).min(self.blob.size());
        self.next = (self.at < end).then(|| (self.blob.0.ask)(self.at..end));
        self.at = end;
    }
}

impl Read for Onward {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty() {
            let Some(next) = self.next.take() else { return Ok(0) };
            self.piece = self.blob.hear(&next)?;
            self.ask();
        }
        let read = buffer.len().min(self.piece.len());
        self.piece.copy_to_slice(&mut buffer[..read]);
        Ok(read)
    }
}
