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

#[derive(Clone)]
pub(super) struct RemoteBlob(Arc<Inner>);

struct Inner {
    store: RemoteStore,
    path: Path,
    about: ObjectMeta,
    tail: OnceLock<Bytes>,
    /// Of several that want the end one asks.
    asking: Mutex<()>,
    /// Of the last piece that did not come.
    trouble: Arc<Mutex<Option<Failure>>>,
}

impl fmt::Debug for RemoteBlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RemoteBlob").field(&self.0.path.as_ref()).finish()
    }
}

type Piece = io::Result<Bytes>;

impl RemoteBlob {
    pub(super) fn new(store: RemoteStore, path: Path, about: ObjectMeta) -> Self {
        let (tail, asking, trouble) = (OnceLock::new(), Mutex::default(), Arc::default());
        Self(Arc::new(Inner { store, path, about, tail, asking, trouble }))
    }

    fn size(&self) -> u64 {
        self.0.about.size
    }

    fn start(&self, range: Range<u64>) -> Receiver<Piece> {
        let (objects, path, mark) = (self.0.store.objects(), self.0.path.clone(), self.0.about.e_tag.clone());
        let trouble = self.0.trouble.clone();
        self.0.store.start(async move {
            let piece = piece(objects.as_ref(), &path, mark, range).await;
            if let Some(failure) = piece.as_ref().err().and_then(Failure::of) {
                *trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure.clone());
            }
            piece
        })
    }

    fn get(&self, range: Range<u64>) -> Piece {
        self.start(range).recv().map_err(|_| lost())?
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
        Some(self.0.about.last_modified.into())
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
        self.next = (self.at < end).then(|| self.blob.start(self.at..end));
        self.at = end;
    }
}

impl Read for Onward {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty() {
            let Some(next) = self.next.take() else { return Ok(0) };
            self.piece = next.recv().map_err(|_| lost())??;
            self.ask();
        }
        let read = buffer.len().min(self.piece.len());
        self.piece.copy_to_slice(&mut buffer[..read]);
        Ok(read)
    }
}
