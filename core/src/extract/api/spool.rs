//! Keeps pages in a file, so that nothing is asked for twice: not by who reads them again, and not by
//! the extract that follows one that was killed.
//!
//! Knows frames, not what they mean. One extract at a time has a file; a half-written frame at its end
//! is cut off.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::error::ApiError;
use super::page::{Ask, Facts, digest};
use super::sieve::LeftOut;
use crate::batch::Cursor;
use crate::event::Note;
use crate::extract::scratch;
use crate::world::Entropy;

/// An older file is of no use: its pages are of another day.
const OLDEST: TimeDelta = TimeDelta::hours(24);
/// Lengths of head and records, and a digest of both.
const PREFIX: usize = 24;
/// What files of this kind are called.
const SUFFIX: &str = "pages";

/// Whose page it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    /// Of the records themselves.
    Records,
    /// Of parents; nothing lands of it.
    Parents,
}

/// What is known of a page besides its records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) role: Role,
    pub(super) ask: Ask,
    pub(super) facts: Facts,
    /// When the extract began.
    pub(super) began: DateTime<Utc>,
    /// How far its records come.
    pub(super) cursor: Option<Cursor>,
    pub(super) left_out: LeftOut,
    pub(super) notes: Vec<Note>,
    /// Of the answer.
    pub(super) bytes: u64,
    /// Records that are kept.
    pub(super) kept: u64,
    /// Digests of records that the next page may repeat.
    pub(super) tail: Vec<u64>,
}

/// A page.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) head: Head,
    /// One JSON value to a line; a line that begins with `!` is one that does not fit: why, as JSON, a
    /// tab, and the record.
    pub(super) records: String,
}

/// A file of pages.
#[derive(Debug)]
pub(super) struct Spool {
    file: File,
    path: PathBuf,
    /// Where each frame begins, and how long its head and its records are.
    frames: Vec<(u64, usize, usize)>,
    end: u64,
    /// Whether it stays for the next extract when this one ends.
    pub(super) keep: bool,
}

impl Spool {
    /// Opens the file of `key` in `folder`, with the frames of an extract that did not come to its end;
    /// or a new one that nobody finds again, if there is no key or somebody else has it.
    pub(super) fn open(
        folder: &Path,
        key: Option<&str>,
        now: DateTime<Utc>,
        entropy: &dyn Entropy,
    ) -> Result<Self, ApiError> {
        let failed = |source| ApiError::Spool { path: folder.to_path_buf(), source };
        scratch::prepare(folder).map_err(failed)?;
        sweep(folder, now);
        if let Some(key) = key {
            let path = folder.join(format!("{key}.{SUFFIX}"));
            let file = private(&path).map_err(failed)?;
            if file.try_lock().is_ok() {
                let mut spool = Self { file, path, frames: Vec::new(), end: 0, keep: true };
                spool.scan(now).map_err(failed)?;
                return Ok(spool);
            }
        }
        let path = folder.join(format!("{}.{SUFFIX}", entropy.id()));
        let file = private(&path).map_err(failed)?;
        file.try_lock().map_err(|error| failed(error.into()))?;
        Ok(Self { file, path, frames: Vec::new(), end: 0, keep: false })
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Number of frames.
    pub(super) const fn len(&self) -> usize {
        self.frames.len()
    }

    /// Adds a frame.
    pub(super) fn append(&mut self, frame: &Frame) -> Result<(), ApiError> {
        let head = serde_json::to_vec(&frame.head).map_err(|error| self.failed(error.into()))?;
        let mut bytes = Vec::with_capacity(PREFIX + head.len() + frame.records.len());
        bytes.extend((head.len() as u64).to_le_bytes());
        bytes.extend((frame.records.len() as u64).to_le_bytes());
        bytes.extend([0; 8]);
        bytes.extend_from_slice(&head);
        bytes.extend_from_slice(frame.records.as_bytes());
        let sum = digest(&bytes[PREFIX..]).to_le_bytes();
        bytes[PREFIX - 8..PREFIX].copy_from_slice(&sum);
        let write = |file: &mut File| {
            file.seek(SeekFrom::Start(self.end))?;
            file.write_all(&bytes)
        };
        write(&mut self.file).map_err(|error| self.failed(error))?;
        self.frames.push((self.end, head.len(), frame.records.len()));
        self.end += bytes.len() as u64;
        Ok(())
    }

    /// A frame, by its number.
    pub(super) fn read(&mut self, number: usize) -> Result<Option<Frame>, ApiError> {
        let Some((start, head, records)) = self.frames.get(number).copied() else { return Ok(None) };
        let mut bytes = vec![0; PREFIX + head + records];
        let mut read = || {
            self.file.seek(SeekFrom::Start(start))?;
            self.file.read_exact(&mut bytes)
        };
        read().map_err(|error| self.failed(error))?;
        decode(&bytes, head)
            .map(Some)
            .ok_or_else(|| self.failed(std::io::Error::new(std::io::ErrorKind::InvalidData, "a page is damaged")))
    }

    /// Finds the frames that are whole, and cuts off the rest.
    fn scan(&mut self, now: DateTime<Utc>) -> std::io::Result<()> {
        let found = self.file.metadata()?;
        let size = found.len();
        let old = found.modified().is_ok_and(|modified| now - DateTime::<Utc>::from(modified) > OLDEST);
        while !old && self.end + PREFIX as u64 <= size {
            let mut prefix = [0; PREFIX];
            self.file.seek(SeekFrom::Start(self.end))?;
            self.file.read_exact(&mut prefix)?;
            let length = |at: usize| {
                let bytes = prefix[at..at + 8].try_into().unwrap_or_default();
                usize::try_from(u64::from_le_bytes(bytes)).unwrap_or(usize::MAX)
            };
            let (head, records) = (length(0), length(8));
            let Some(whole) = PREFIX.checked_add(head).and_then(|sum| sum.checked_add(records)) else { break };
            if self.end.saturating_add(whole as u64) > size {
                break;
            }
            let mut bytes = vec![0; whole];
            self.file.seek(SeekFrom::Start(self.end))?;
            self.file.read_exact(&mut bytes)?;
            if decode(&bytes, head).is_none() {
                break;
            }
            self.frames.push((self.end, head, records));
            self.end += whole as u64;
        }
        self.file.set_len(self.end)
    }

    fn failed(&self, source: std::io::Error) -> ApiError {
        ApiError::Spool { path: self.path.clone(), source }
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if !self.keep || self.frames.is_empty() {
            // What cannot be removed is removed by a later extract, when it is old.
            let _old = std::fs::remove_file(&self.path);
        }
    }
}

fn decode(bytes: &[u8], head: usize) -> Option<Frame> {
    let sum = u64::from_le_bytes(bytes.get(PREFIX - 8..PREFIX)?.try_into().ok()?);
    let content = bytes.get(PREFIX..)?;
    if digest(content) != sum {
        return None;
    }
    let (head, records) = content.split_at_checked(head)?;
    Some(Frame { head: serde_json::from_slice(head).ok()?, records: std::str::from_utf8(records).ok()?.to_owned() })
}

/// A file that nobody else may read.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Removes what killed extracts left that nobody followed.
fn sweep(folder: &Path, now: DateTime<Utc>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let old = entry
            .metadata()
            .and_then(|found| found.modified())
            .is_ok_and(|modified| now - DateTime::<Utc>::from(modified) > OLDEST);
        let ours = path.extension().is_some_and(|suffix| suffix == SUFFIX);
        if old && ours && File::open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
            let _gone = std::fs::remove_file(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::World;

    fn frame(number: u64) -> Frame {
        Frame {
            head: Head {
                role: Role::Records,
                ask: Ask::Number(number),
                facts: Facts { records: number, ..Facts::default() },
                began: DateTime::UNIX_EPOCH,
                cursor: None,
                left_out: LeftOut::default(),
                notes: Vec::new(),
                bytes: 7,
                kept: number,
                tail: Vec::new(),
            },
            records: "{\"a\":\"é\"}\n".repeat(usize::try_from(number).unwrap()),
        }
    }

    #[test]
    fn whole_frames_outlive_the_process_whatever_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let world = World::real();
        let now = world.clock.now();
        let open = |key| Spool::open(folder.path(), key, now, world.entropy.as_ref()).unwrap();
        let mut spool = open(Some("k"));
        (1..=3).for_each(|number| spool.append(&frame(number)).unwrap());
        let ends: Vec<u64> = spool.frames.iter().map(|(start, ..)| *start).chain([spool.end]).collect();
        // Somebody else at the same time gets a file of its own.
        let other = open(Some("k"));
        assert!(other.len() == 0 && !other.keep);
        drop(other);
        let path = spool.path.clone();
        drop(spool);
        let whole = std::fs::read(&path).unwrap();
        for length in 0..=whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let mut spool = open(Some("k"));
            let expected = ends.iter().filter(|end| **end > 0 && **end <= length as u64).count();
            assert_eq!(spool.len(), expected, "{length} bytes");
            for number in 0..spool.len() {
                assert_eq!(spool.read(number).unwrap(), Some(frame(number as u64 + 1)));
            }
        }
        let mut flipped = whole.clone();
        let at = usize::try_from(ends[1]).unwrap() + PREFIX + 3;
        flipped[at] ^= 1;
        std::fs::write(&path, flipped).unwrap();
        let mut spool = open(Some("k"));
        assert_eq!(spool.len(), 1, "what is damaged counts for nothing");
        spool.append(&frame(9)).unwrap();
        assert_eq!(spool.read(1).unwrap(), Some(frame(9)));
        spool.keep = false;
        drop(spool);
        assert!(!path.exists(), "what was landed is gone");
    }

    #[test]
    fn what_is_old_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let world = World::real();
        let now = world.clock.now();
        let mut spool = Spool::open(folder.path(), Some("k"), now, world.entropy.as_ref()).unwrap();
        spool.append(&frame(1)).unwrap();
        drop(spool);
        let tomorrow = now + OLDEST + TimeDelta::minutes(1);
        let spool = Spool::open(folder.path(), Some("k"), tomorrow, world.entropy.as_ref()).unwrap();
        assert_eq!(spool.len(), 0);
    }
}
