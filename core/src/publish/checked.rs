//! Parts opened for their rows: no byte is handed out that was not held against its sum first.
//!
//! Reads in whole blocks. On a store where every request takes time it reads ahead and keeps what was
//! read last, because decoders ask for a page at a time.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::sums::{Summing, Sums};
use super::{Part, Partition};
use crate::figures::hex;
use crate::storage::failure::{Cause, Failure};
use crate::storage::{Blob, Opened, StorageError};

/// Bytes kept of a far file that is read piece by piece; many of them may be open.
const SOME: usize = 256 << 10;
/// Bytes kept of a far file that is read through: its columns take turns.
const MANY: usize = 16 << 20;
/// What is asked for of the end of a far file, where Parquet says what is in it.
const TAIL: u64 = 64 << 10;

/// How a part will be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// From the first row to the last.
    Through,
    /// A few rows here and there.
    Pieces,
}

impl Partition {
    /// Opens a part for its rows. What it gives is what was committed, or an error.
    ///
    /// # Errors
    ///
    /// As the store says; STG061 if the part has another size, and also while reading STG062 if it has
    /// other bytes. A part whose commit has no sums, as older programs wrote them, is read whole once.
    pub(crate) fn open(&self, part: &Part) -> Result<CheckedPart, StorageError> {
        let key = self.key(&part.path);
        let file = self.store.open(&key)?;
        let refused = |source: io::Error| StorageError::Read { place: self.store.place(&key), source };
        let size = file.0.len();
        if size != part.bytes {
            return Err(refused(Failure::new(Cause::OtherSize { there: size, committed: part.bytes }).into_io()));
        }
        let sums = match &part.blocks {
            Some(sums) if sums.fit(size) => sums.clone(),
            _ => {
                let (sha256, sums) = summed(&file).map_err(refused)?;
                if sha256 != part.sha256 {
                    return Err(refused(Failure::new(Cause::Altered).into_io()));
                }
                sums
            }
        };
        Ok(CheckedPart { file, sums: Arc::new(sums) })
    }
}

/// A part that was opened. Its bytes are those of that moment, also when its name is removed.
#[derive(Clone, Debug)]
pub(crate) struct CheckedPart {
    file: Opened,
    sums: Arc<Sums>,
}

impl CheckedPart {
    /// Its bytes, to be read this way.
    pub(crate) fn reading(&self, reading: Reading) -> Opened {
        Opened(Arc::new(Checked::new(self.file.clone(), self.sums.clone(), reading)))
    }
}

/// The SHA-256 of a file as it is now and the sums of its blocks, in one pass.
pub(crate) fn summed(file: &Opened) -> io::Result<(String, Sums)> {
    let (mut hasher, mut summing) = (Sha256::new(), Summing::new());
    let mut reader = file.0.reader(0)?;
    let mut buffer = vec![0; 1 << 18];
    loop {
        let read = match reader.read(&mut buffer) {
            Ok(0) => return Ok((hex(&hasher.finalize()), summing.finish())),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&buffer[..read]);
        summing.add(&buffer[..read]);
    }
}

/// A part whose bytes are checked as they are read.
#[derive(Clone, Debug)]
struct Checked(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    file: Opened,
    size: u64,
    sums: Arc<Sums>,
    /// Bytes to ask for at least.
    ahead: u64,
    room: usize,
    /// Checked pieces by where they begin, the newest last.
    kept: Mutex<VecDeque<(u64, Bytes)>>,
    altered: Mutex<bool>,
}

impl Checked {
    fn new(file: Opened, sums: Arc<Sums>, reading: Reading) -> Self {
        let (size, step) = (file.0.len(), file.0.step());
        let (ahead, room) = match reading {
            // What is near is as quickly read again.
            _ if step == 0 => (0, 0),
            Reading::Pieces => (0, SOME),
            Reading::Through => (step, MANY),
        };
        Self(Arc::new(Inner { file, size, sums, ahead, room, kept: Mutex::default(), altered: Mutex::new(false) }))
    }
}

impl Inner {
    fn check(&self, start: u64, bytes: &[u8]) -> io::Result<()> {
        if self.sums.hold(start, bytes) {
            return Ok(());
        }
        *self.altered.lock().unwrap_or_else(PoisonError::into_inner) = true;
        Err(Failure::new(Cause::Altered).into_io())
    }

    /// A kept piece that has this range.
    fn kept(&self, range: &Range<u64>) -> Option<Bytes> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().rev().find_map(|(start, bytes)| {
            let from = usize::try_from(range.start.checked_sub(*start)?).ok()?;
            let to = usize::try_from(range.end.checked_sub(*start)?).ok()?;
            (to <= bytes.len()).then(|| bytes.slice(from..to))
        })
    }

    fn keep(&self, start: u64, bytes: &Bytes) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back((start, bytes.clone()));
        let mut size: usize = kept.iter().map(|(_, bytes)| bytes.len()).sum();
        while size > self.room {
            let Some((_, oldest)) = kept.pop_front() else { break };
            size -= oldest.len();
        }
    }
}

impl Blob for Checked {
    fn len(&self) -> u64 {
        self.0.size
    }

    fn modified(&self) -> Option<SystemTime> {
        self.0.file.0.modified()
    }

    fn bytes(&self, range: Range<u64>) -> io::Result<Bytes> {
        let inner = &self.0;
        if range.start >= range.end {
            return Ok(Bytes::new());
        }
        if range.end > inner.size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if inner.room > 0
            && let Some(kept) = inner.kept(&range)
        {
            return Ok(kept);
        }
        let mut wanted = range.start..range.end.max(range.start.saturating_add(inner.ahead).min(inner.size));
        if inner.room > 0 && wanted.end == inner.size {
            wanted.start = wanted.start.min(inner.size.saturating_sub(TAIL));
        }
        let wanted = inner.sums.around(&wanted, inner.size);
        let bytes = inner.file.0.bytes(wanted.clone())?;
        inner.check(wanted.start, &bytes)?;
        if inner.room > 0 {
            inner.keep(wanted.start, &bytes);
        }
        let place = |at: u64| usize::try_from(at - wanted.start).map_err(io::Error::other);
        Ok(bytes.slice(place(range.start)?..place(range.end)?))
    }

    fn reader(&self, start: u64) -> io::Result<Box<dyn Read + Send>> {
        let block = self.0.sums.block();
        let start = start.min(self.0.size);
        let from = start / block * block;
        let mut onward =
            Onward { reader: self.0.file.0.reader(from)?, of: self.clone(), at: from, block: Vec::new(), used: 0 };
        if start > from {
            onward.next_block()?;
            onward.used = usize::try_from(start - from).map_err(io::Error::other)?;
        }
        Ok(Box::new(onward))
    }

    fn trouble(&self) -> Option<io::Error> {
        if *self.0.altered.lock().unwrap_or_else(PoisonError::into_inner) {
            return Some(Failure::new(Cause::Altered).into_io());
        }
        self.0.file.0.trouble()
    }

    fn step(&self) -> u64 {
        self.0.file.0.step()
    }
}

/// Reads on block by block.
struct Onward {
    of: Checked,
    reader: Box<dyn Read + Send>,
    /// Where the block after this one begins.
    at: u64,
    block: Vec<u8>,
    used: usize,
}

impl Onward {
    fn next_block(&mut self) -> io::Result<()> {
        let inner = &self.of.0;
        let length = inner.sums.block().min(inner.size - self.at);
        self.block.resize(usize::try_from(length).map_err(io::Error::other)?, 0);
        self.used = self.block.len();
        self.reader.read_exact(&mut self.block)?;
        inner.check(self.at, &self.block)?;
        self.at += length;
        self.used = 0;
        Ok(())
    }
}

impl Read for Onward {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.used == self.block.len() {
            if self.at >= self.of.0.size {
                return Ok(0);
            }
            self.next_block()?;
        }
        let read = buffer.len().min(self.block.len() - self.used);
        buffer[..read].copy_from_slice(&self.block[self.used..self.used + read]);
        self.used += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(at: u64) -> usize {
        usize::try_from(at).unwrap()
    }

    /// A far file in memory that counts what is asked of it.
    #[derive(Debug)]
    struct Far(Vec<u8>, Mutex<Vec<Range<u64>>>);

    impl Blob for Far {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }
        fn modified(&self) -> Option<SystemTime> {
            None
        }
        fn bytes(&self, range: Range<u64>) -> io::Result<Bytes> {
            self.1.lock().unwrap().push(range.clone());
            Ok(Bytes::copy_from_slice(&self.0[place(range.start)..place(range.end)]))
        }
        fn reader(&self, start: u64) -> io::Result<Box<dyn Read + Send>> {
            Ok(Box::new(io::Cursor::new(self.0[place(start)..].to_vec())))
        }
        fn step(&self) -> u64 {
            1 << 20
        }
    }

    fn opened(bytes: &[u8], flipped: Option<usize>, reading: Reading) -> (Arc<Far>, Checked) {
        let mut summing = Summing::new();
        summing.add(bytes);
        let mut there = bytes.to_vec();
        if let Some(at) = flipped {
            there[at] ^= 4;
        }
        let far = Arc::new(Far(there, Mutex::default()));
        let checked = Checked::new(Opened(far.clone()), Arc::new(summing.finish()), reading);
        (far, checked)
    }

    #[test]
    fn pieces_are_exact_and_few_are_asked_for() {
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|at| (at / 3).to_le_bytes()[0]).collect();
        let (far, checked) = opened(&bytes, None, Reading::Through);
        for start in (0..bytes.len() - 5_000).step_by(4_999) {
            let piece = checked.bytes(start as u64..start as u64 + 5_000).unwrap();
            assert_eq!(piece, bytes[start..start + 5_000]);
        }
        let asked = far.1.lock().unwrap().len();
        assert!(asked <= 4, "{asked} requests for 3 MB read in 600 pieces");
        assert_eq!(checked.bytes(7..7).unwrap().len(), 0);
        assert_eq!(checked.bytes(0..3_000_001).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        // The end, where Parquet says what is in a file, is asked for once.
        let (far, checked) = opened(&bytes, None, Reading::Pieces);
        for start in [2_999_992, 2_999_000, 2_936_000] {
            assert_eq!(checked.bytes(start..3_000_000).unwrap(), bytes[place(start)..]);
        }
        assert_eq!(far.1.lock().unwrap().len(), 1);
        for start in [0, 1, 65_535, 65_536, 2_999_999, 3_000_000, 4_000_000] {
            let mut rest = Vec::new();
            checked.reader(start).unwrap().read_to_end(&mut rest).unwrap();
            assert!(rest == bytes[(place(start)).min(bytes.len())..], "{start}");
        }
    }

    #[test]
    fn nothing_of_a_block_with_a_flipped_bit_is_handed_out() {
        let bytes: Vec<u8> = (0..200_000_u32).map(|at| (at * 7 / 5).to_le_bytes()[0]).collect();
        let (_, checked) = opened(&bytes, Some(70_000), Reading::Pieces);
        assert_eq!(checked.bytes(10..60_000).unwrap(), bytes[10..60_000]);
        assert!(checked.trouble().is_none());
        let error = checked.bytes(131_000..131_072).unwrap_err();
        assert_eq!(Failure::of(&error).map(|failure| failure.cause.clone()), Some(Cause::Altered));
        assert!(checked.trouble().is_some());
        let mut read = Vec::new();
        let error = checked.reader(5).unwrap().read_to_end(&mut read).unwrap_err();
        assert!(Failure::of(&error).is_some() && read == bytes[5..65_536], "{}", read.len());
        assert!(checked.reader(70_000).is_err());
        let mut rest = Vec::new();
        checked.reader(131_072).unwrap().read_to_end(&mut rest).unwrap();
        assert_eq!(rest, bytes[131_072..]);
    }
}
