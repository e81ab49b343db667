//! A committed file to read pieces of, on any store, also as the Parquet reader wants it.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::{Buf, Bytes};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::reader::{ChunkReader, Length};

/// A file that does not change while it is open: its name may be removed, its bytes are those of the
/// moment it was opened, or reading fails.
pub trait Blob: Send + Sync + fmt::Debug {
    /// Its size in bytes.
    fn len(&self) -> u64;
    /// Whether it has no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// When the store took it, by the store's clock.
    fn modified(&self) -> Option<SystemTime>;
    /// Exactly the bytes of this range.
    ///
    /// # Errors
    ///
    /// What the store says; `UnexpectedEof` if it has fewer.
    fn bytes(&self, range: Range<u64>) -> io::Result<Bytes>;
    /// The bytes from `start` to the end, as a stream of bounded memory.
    fn reader(&self, start: u64) -> io::Result<Box<dyn Read + Send>>;
    /// Why the store did not give the last piece that was asked for, if it did not. Decoders turn errors
    /// of their sources into text, and then a store that was away would look like a damaged file.
    fn trouble(&self) -> Option<io::Error> {
        None
    }
    /// Bytes that are worth asking for at a time, because every request takes long; 0 where it does not.
    fn step(&self) -> u64 {
        0
    }
}

/// An open file, cheap to clone.
#[derive(Clone, Debug)]
pub struct Opened(pub Arc<dyn Blob>);

impl Length for Opened {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl ChunkReader for Opened {
    type T = Box<dyn Read + Send>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        Ok(Box::new(Steps { blob: self.0.clone(), at: start, piece: Bytes::new() }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let end = start.checked_add(length as u64).filter(|end| *end <= self.0.len());
        let end = end.ok_or_else(|| ParquetError::EOF(format!("{length} bytes at {start} are past the end")))?;
        Ok(self.0.bytes(start..end)?)
    }
}

/// Bytes that Parquet needs to see where a page begins, about: its header.
const HEADER: u64 = 8 << 10;

/// Reads on in small steps: Parquet asks anew for every page, and reads a header only.
struct Steps {
    blob: Arc<dyn Blob>,
    at: u64,
    piece: Bytes,
}

impl Read for Steps {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty() {
            let end = self.at.saturating_add(HEADER).min(self.blob.len());
            self.piece = self.blob.bytes(self.at.min(end)..end)?;
            self.at = end;
        }
        let read = buffer.len().min(self.piece.len());
        self.piece.copy_to_slice(&mut buffer[..read]);
        Ok(read)
    }
}

/// A file of this machine.
#[derive(Debug)]
pub(super) struct LocalBlob {
    file: File,
    size: u64,
    modified: Option<SystemTime>,
}

impl LocalBlob {
    pub(super) fn new(file: File) -> io::Result<Self> {
        let about = file.metadata()?;
        Ok(Self { file, size: about.len(), modified: about.modified().ok() })
    }
}

impl Blob for LocalBlob {
    fn len(&self) -> u64 {
        self.size
    }

    fn modified(&self) -> Option<SystemTime> {
        self.modified
    }

    fn bytes(&self, range: Range<u64>) -> io::Result<Bytes> {
        let length = usize::try_from(range.end.saturating_sub(range.start)).map_err(io::Error::other)?;
        let mut bytes = vec![0; length];
        read_exact_at(&self.file, &mut bytes, range.start)?;
        Ok(bytes.into())
    }

    fn reader(&self, start: u64) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(BufReader::with_capacity(1 << 16, Onward { file: self.file.try_clone()?, at: start })))
    }
}

/// Reads on from a place of its own: handles of one file share the system's.
struct Onward {
    file: File,
    at: u64,
}

impl Read for Onward {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = read_at(&self.file, buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

fn read_exact_at(file: &File, mut buffer: &mut [u8], mut at: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match read_at(file, buffer, at) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                buffer = &mut buffer[read..];
                at += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_exact() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, b"0123456789").unwrap();
        let blob = LocalBlob::new(File::open(&path).unwrap()).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(blob.len(), 10);
        assert_eq!(&blob.bytes(3..6).unwrap()[..], b"345");
        assert_eq!(blob.bytes(8..12).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let (mut first, mut second) = (blob.reader(7).unwrap(), blob.reader(0).unwrap());
        let mut text = String::new();
        second.read_to_string(&mut text).unwrap();
        assert_eq!(text, "0123456789");
        text.clear();
        first.read_to_string(&mut text).unwrap();
        assert_eq!(text, "789", "two readers of one file do not move each other");
        let opened = Opened(Arc::new(blob));
        assert!(opened.get_bytes(8, 3).is_err());
        assert_eq!(&opened.get_bytes(8, 2).unwrap()[..], b"89");
    }
}
