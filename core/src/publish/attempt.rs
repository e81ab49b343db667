//! One attempt to make a new version: writes parts under its own id, then commits or vanishes.

use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::commit::{Commit, CommittedTable, Part, content_digest, hex};
use super::{COMMITS, Partition, PublishError};
use crate::storage::{Hold, Key, StorageError, Upload};

/// A new version in the making. Dropped without a commit, it removes what it wrote.
#[derive(Debug)]
pub(crate) struct Attempt {
    partition: Partition,
    id: String,
    /// What stood when it began; `None` also if its commit could not be understood.
    standing: Option<Commit>,
    /// The newest version that could be understood: what stood, or one before a damaged one.
    last_known: Option<Commit>,
    /// The version this one becomes: one more than the newest, damaged or not.
    version: u64,
    written: Vec<Key>,
    committed: bool,
    alive: Option<Box<dyn Hold>>,
}

/// What an attempt wants to commit.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    /// See [`Commit::run_id`].
    pub(crate) run_id: String,
    /// See [`Commit::committed_at`].
    pub(crate) committed_at: String,
    /// See [`Commit::tables`].
    pub(crate) tables: Vec<CommittedTable>,
    /// See [`Commit::errors`].
    pub(crate) errors: Option<CommittedTable>,
    /// See [`Commit::metadata`].
    pub(crate) metadata: serde_json::Value,
    /// What the layer adds to the content's digest.
    pub(crate) meaning: String,
    /// Commit new metadata although the content is what stands.
    pub(crate) record_unchanged: bool,
}

/// How an attempt ended.
#[derive(Clone, Debug)]
pub(crate) enum Published {
    /// A new version stands.
    Written(Commit),
    /// The content is what stood already; only its metadata may be new.
    Unchanged(Commit),
}

impl Published {
    /// The version that stands now.
    pub(crate) fn commit(&self) -> &Commit {
        match self {
            Self::Written(commit) | Self::Unchanged(commit) => commit,
        }
    }
}

impl Partition {
    /// Begins an attempt: shows a sign of life, clears what crashes left, and notes what stands.
    pub(crate) fn begin(&self, id: &str) -> Result<Attempt, PublishError> {
        let alive = self.store.hold(&self.life(id))?;
        let mut attempt = Attempt {
            partition: self.clone(),
            id: id.to_owned(),
            standing: None,
            last_known: None,
            version: 1,
            written: Vec::new(),
            committed: false,
            alive: Some(alive),
        };
        self.sweep()?;
        attempt.version = self.versions()?.last().map_or(1, |newest| newest + 1);
        for commit in self.history()? {
            match commit {
                Ok(commit) => {
                    attempt.last_known = Some(commit);
                    break;
                }
                // A new version is the cure, so it must not keep one from being made.
                Err(PublishError::Damaged { .. }) => {}
                Err(other) => return Err(other),
            }
        }
        attempt.standing = attempt.last_known.clone().filter(|commit| commit.version + 1 == attempt.version);
        Ok(attempt)
    }
}

impl Attempt {
    /// The newest version that could be understood when it began.
    pub(crate) fn last_known(&self) -> Option<&Commit> {
        self.last_known.as_ref()
    }

    /// Starts a file. `stem` is its path below the partition's base without the attempt's id:
    /// `part-0001` becomes `part-0001-<attempt>.<format>`.
    pub(crate) fn create(&mut self, stem: &str, format: &str) -> Result<PartWriter, StorageError> {
        let path = format!("{stem}-{}.{format}", self.id);
        let key = self.partition.key(&path);
        let upload = self.partition.store.create(&key)?;
        self.written.push(key);
        Ok(PartWriter { path, format: format.to_owned(), upload, hasher: Sha256::new(), bytes: 0 })
    }

    /// Makes the draft the standing version, or finds that it stands already.
    ///
    /// # Errors
    ///
    /// [`PublishError::Conflict`] if another attempt committed other content since this one began.
    pub(crate) fn commit(mut self, draft: Draft) -> Result<Published, PublishError> {
        let content = content_digest(&draft.tables, draft.errors.as_ref(), &draft.meaning);
        let mut commit = Commit {
            format: 1,
            version: self.version,
            attempt: self.id.clone(),
            run_id: draft.run_id,
            committed_at: draft.committed_at,
            content,
            tables: draft.tables,
            errors: draft.errors,
            metadata: draft.metadata,
        };
        let mut unchanged = self.standing.as_ref().is_some_and(|standing| standing.content == commit.content);
        // What stands but has lost files is written anew, whatever its content was.
        let whole = self.standing.clone().filter(|standing| self.partition.is_whole(standing).unwrap_or(false));
        unchanged &= whole.is_some();
        if let Some(standing) = whole {
            self.reuse(&standing, &mut commit)?;
            unchanged &= self.written.is_empty();
            if unchanged && !draft.record_unchanged {
                self.committed = true;
                self.partition.copy_for_others(&standing, &self.id)?;
                return Ok(Published::Unchanged(standing));
            }
        }
        self.partition.store.settle(&self.folders())?;
        // Whatever took our files away, a commit must not name what is not there.
        if !self.partition.is_whole(&commit)? {
            return Err(PublishError::Vanished { path: self.partition.place() });
        }
        let committed = self.put(commit)?;
        let Some(commit) = committed else { return self.already_there() };
        self.partition.copy_for_others(&commit, &self.id)?;
        self.partition.sweep()?;
        Ok(if unchanged { Published::Unchanged(commit) } else { Published::Written(commit) })
    }

    /// Takes the tables that stand already with equal content, and drops our copies of them.
    fn reuse(&mut self, standing: &Commit, commit: &mut Commit) -> Result<(), StorageError> {
        for table in commit.tables.iter_mut().chain(&mut commit.errors) {
            let same = |other: &&CommittedTable| {
                content_digest(std::slice::from_ref(*other), None, "")
                    == content_digest(std::slice::from_ref(table), None, "")
            };
            let Some(other) = standing.tables.iter().chain(&standing.errors).find(same) else { continue };
            // A damaged copy that stands is replaced by ours, not kept.
            if !self.partition.is_intact(other)? {
                continue;
            }
            let ours: Vec<Key> = table.parts.iter().map(|part| self.partition.key(&part.path)).collect();
            *table = other.clone();
            for key in &ours {
                self.partition.store.remove(key)?;
            }
            self.written.retain(|key| !ours.contains(key));
        }
        Ok(())
    }

    /// Removes what was written so far, to write it again. The sign of life stays, so that no sweep
    /// can take the second writing for the first.
    pub(crate) fn restart(&mut self) -> Result<(), StorageError> {
        self.discard()
    }

    /// Puts the commit file; `None` if another attempt put the same content there first. Once the
    /// file may be there our parts are never removed: the next sweep knows better than we do.
    fn put(&mut self, commit: Commit) -> Result<Option<Commit>, PublishError> {
        self.committed = true;
        let partition = &self.partition;
        let key = partition.control.join(COMMITS).join(&format!("{}.json", commit.version));
        let bytes = serde_json::to_vec_pretty(&commit)
            .map_err(|source| PublishError::Damaged { path: partition.store.place(&key), source })?;
        let Err(error) = partition.store.put_new(&key, &bytes, &self.id) else { return Ok(Some(commit)) };
        // The answer may be lost though the file is there: only its content tells whose it is.
        let there = match partition.read_version(commit.version) {
            Ok(there) => there,
            Err(PublishError::Storage(StorageError::Missing { .. })) => {
                self.committed = false;
                return Err(error.into());
            }
            Err(other) => return Err(other),
        };
        if there.attempt == self.id {
            // It is there, but is it durable? Only then may the old version go.
            partition.store.settle(&[partition.control.join(COMMITS)])?;
            return Ok(Some(commit));
        }
        self.committed = false;
        if there.content == commit.content {
            return Ok(None);
        }
        Err(PublishError::Conflict { path: partition.place(), version: commit.version })
    }

    fn already_there(mut self) -> Result<Published, PublishError> {
        self.discard()?;
        self.committed = true;
        let partition = self.partition.clone();
        match partition.latest()? {
            Some(commit) => Ok(Published::Unchanged(commit)),
            None => Err(StorageError::Missing { path: partition.place() }.into()),
        }
    }

    fn folders(&self) -> Vec<Key> {
        let mut folders: Vec<Key> = self.written.iter().filter_map(Key::parent).collect();
        folders.sort();
        folders.dedup();
        folders
    }

    /// Removes what this attempt wrote, and folders that became empty by it.
    fn discard(&mut self) -> Result<(), StorageError> {
        let folders = self.folders();
        for key in std::mem::take(&mut self.written) {
            self.partition.store.remove(&key)?;
        }
        self.partition.prune(folders)
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next sweep.
        if !self.committed {
            drop(self.discard());
        }
        self.alive = None;
        if !self.committed {
            drop(self.partition.prune(vec![self.partition.control.join(COMMITS), self.partition.control.clone()]));
        }
    }
}

/// Writes one part, hashing on the way.
pub(crate) struct PartWriter {
    path: String,
    format: String,
    upload: Box<dyn Upload>,
    hasher: Sha256,
    bytes: u64,
}

impl PartWriter {
    /// Bytes so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
    /// Makes the content durable.
    pub(crate) fn finish(self, rows: u64) -> Result<Part, StorageError> {
        self.upload.finish()?;
        let sha256 = hex(&self.hasher.finalize());
        Ok(Part { path: self.path, format: self.format, rows, bytes: self.bytes, sha256 })
    }
}

impl Write for PartWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.upload.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.upload.flush()
    }
}
