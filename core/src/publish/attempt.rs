//! One attempt to make a new version: writes parts under its own id, then commits or vanishes.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::commit::{Commit, CommittedTable, FORMAT, Part, Void, content_digest};
use super::sums::Summing;
use super::{COMMITS, Partition, PublishError};
use crate::batch::Cursor;
use crate::figures::hex;
use crate::storage::{Hold, Key, StorageError, Upload};

/// How often an attempt plans anew because others committed while it showed its sign of life.
const PLANS: usize = 100;
/// How often a commit is put again whose answer was lost, on a store where it may still appear.
const PUTS: usize = 3;

/// A new version in the making. Dropped without a commit, it removes what it wrote.
#[derive(Debug)]
pub(crate) struct Attempt {
    partition: Partition,
    id: String,
    /// What stood when it began; `None` also if its commit could not be understood.
    standing: Option<Commit>,
    /// The newest version that could be understood: what stood, or one before a damaged one.
    last_known: Option<Commit>,
    /// Something stood, but its commit could not be understood.
    unknown: bool,
    /// The version this one becomes: one more than the newest, damaged or not.
    version: u64,
    written: Vec<Key>,
    /// There is nothing of ours to remove: it is committed, or it may be.
    committed: bool,
    /// What was written stays when the attempt fails.
    keeps: bool,
    alive: Option<Box<dyn Hold>>,
}

/// Who commits without a draft, and when.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    /// New, for this commit only.
    pub(crate) attempt: String,
    /// See [`Commit::run_id`].
    pub(crate) run_id: String,
    /// See [`Commit::committed_at`].
    pub(crate) time: String,
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
    /// How far an incremental extract has come with it.
    pub(crate) cursor: Option<Cursor>,
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
    /// Begins an attempt: shows a sign of life that tells the version it plans, clears what crashes
    /// left, and notes what stands.
    pub(crate) fn begin(&self, id: &str) -> Result<Attempt, PublishError> {
        let (alive, version) = self.plan(id)?;
        let mut attempt = Attempt {
            partition: self.clone(),
            id: id.to_owned(),
            standing: None,
            last_known: None,
            unknown: false,
            version,
            written: Vec::new(),
            committed: false,
            keeps: false,
            alive: Some(alive),
        };
        self.sweep()?;
        for number in self.versions()?.into_iter().rev().filter(|number| *number < version) {
            match self.read_version(number) {
                // Before it stands nothing that would count.
                Ok(commit) if commit.void.is_some() => break,
                Ok(commit) => {
                    attempt.last_known = Some(commit);
                    break;
                }
                // A new version is the cure, so it must not keep one from being made.
                Err(PublishError::Damaged { .. }) => attempt.unknown = true,
                Err(other) => return Err(other),
            }
        }
        attempt.standing = attempt.last_known.clone().filter(|commit| commit.version + 1 == version);
        Ok(attempt)
    }

    /// Shows a sign of life for the number after the newest. What was newest is asked before and after,
    /// so that nobody begins with a number that is used up already.
    fn plan(&self, id: &str) -> Result<(Box<dyn Hold>, u64), PublishError> {
        let newest = || Ok::<_, StorageError>(self.versions()?.last().copied().unwrap_or(0));
        let mut version = newest()? + 1;
        for _ in 0..PLANS {
            let alive = self.store.hold(&self.life(id), version)?;
            let next = newest()? + 1;
            if next == version {
                return Ok((alive, version));
            }
            drop(alive);
            version = next;
        }
        Err(PublishError::Conflict { place: self.place(), version })
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
        Ok(PartWriter {
            path,
            format: format.to_owned(),
            upload,
            hasher: Sha256::new(),
            summing: Summing::new(),
            hashing: Duration::ZERO,
            bytes: 0,
        })
    }

    /// What stood when it began; `None` also if its commit could not be understood. Parts that are
    /// added go on from its count.
    pub(crate) fn standing(&self) -> Option<&Commit> {
        self.standing.as_ref()
    }

    /// The version this one becomes.
    pub(crate) const fn version(&self) -> u64 {
        self.version
    }

    /// Lets what was written stay for a look when the attempt fails. No reader sees it, and the next
    /// attempt clears it.
    pub(crate) fn keep_on_failure(&mut self) {
        self.keeps = true;
    }

    /// Makes the draft the standing version, or finds that it stands already.
    ///
    /// # Errors
    ///
    /// [`PublishError::Conflict`] if another attempt committed other content since this one began.
    pub(crate) fn commit(mut self, draft: Draft) -> Result<Published, PublishError> {
        let record_unchanged = draft.record_unchanged;
        let mut commit = self.version_of(draft);
        let mut unchanged = self.standing.as_ref().is_some_and(|standing| standing.content == commit.content);
        // What stands but has lost files is written anew, whatever its content was.
        let whole = self.standing.clone().filter(|standing| self.partition.is_whole(standing).unwrap_or(false));
        unchanged &= whole.is_some();
        // A cursor that moved is worth a version, though no row changed.
        unchanged &= self.standing.as_ref().is_none_or(|standing| standing.cursor == commit.cursor);
        if let Some(standing) = whole {
            self.reuse(&standing, &mut commit)?;
            unchanged &= self.written.is_empty();
            if unchanged && !record_unchanged {
                return self.leave(standing);
            }
        }
        self.make(commit, unchanged)
    }

    /// Adds the draft's parts to those that stand, under one new version that names both; nothing new,
    /// nothing written. The draft's metadata describes the whole.
    ///
    /// # Errors
    ///
    /// [`PublishError::OtherColumns`] where the rows would not make one table with those that stand,
    /// [`PublishError::Incomplete`] where those are damaged.
    pub(crate) fn append(mut self, draft: Draft) -> Result<Published, PublishError> {
        if self.unknown {
            return Err(PublishError::Unknown { place: self.partition.place() });
        }
        let meaning = draft.meaning.clone();
        let mut commit = self.version_of(draft);
        let Some(standing) = self.standing.clone() else { return self.make(commit, false) };
        let nothing = commit.rows() == 0 && commit.rejected() == 0;
        if nothing && (commit.cursor.is_none() || commit.cursor == standing.cursor) {
            self.discard()?;
            return self.leave(standing);
        }
        if !self.partition.is_whole(&standing)? {
            // A version that took its place took its files away.
            if self.partition.versions()?.last().is_some_and(|newest| *newest >= self.version) {
                return Err(PublishError::Conflict { place: self.partition.place(), version: self.version });
            }
            return Err(PublishError::Incomplete { place: self.partition.place() });
        }
        let added = std::mem::replace(&mut commit.tables, standing.tables);
        for table in added {
            match commit.tables.iter_mut().find(|there| there.name == table.name) {
                Some(there) => {
                    if !there.take(table) {
                        return Err(PublishError::OtherColumns { place: self.partition.place() });
                    }
                }
                None => commit.tables.push(table),
            }
        }
        commit.errors = match (standing.errors, commit.errors.take()) {
            (Some(mut there), Some(table)) => {
                if !there.take(table) {
                    return Err(PublishError::OtherColumns { place: self.partition.place() });
                }
                Some(there)
            }
            (there, table) => there.or(table),
        };
        commit.cursor = commit.cursor.or(standing.cursor);
        commit.content = content_digest(&commit.tables, commit.errors.as_ref(), &meaning);
        self.make(commit, nothing)
    }

    /// Commits that nothing stands, and clears what stood.
    pub(super) fn void(self, void: Void, mark: &Mark) -> Result<Commit, PublishError> {
        // What the layer knew of it stays known, but for what it says of rows and files.
        let known = self.last_known.as_ref().map(|commit| commit.metadata.clone());
        let mut metadata = known.unwrap_or_else(|| serde_json::json!({}));
        if let Some(fields) = metadata.as_object_mut() {
            fields.retain(|name, _| {
                ["layer", "dataset", "run_date", "load_date", "load_pattern"].contains(&name.as_str())
            });
        }
        let commit = Commit {
            format: FORMAT,
            version: self.version,
            attempt: self.id.clone(),
            run_id: mark.run_id.clone(),
            committed_at: mark.time.clone(),
            content: content_digest(&[], None, "void"),
            void: Some(void),
            cursor: None,
            tables: Vec::new(),
            errors: None,
            metadata,
        };
        Ok(self.make(commit, false)?.commit().clone())
    }

    /// Commits what stands once more, or that nothing stands.
    pub(super) fn restate(self, mark: &Mark) -> Result<Commit, PublishError> {
        if self.unknown {
            return Err(PublishError::Unknown { place: self.partition.place() });
        }
        let Some(standing) = self.standing.clone() else { return self.void(Void::Fence, mark) };
        let commit = Commit {
            format: FORMAT,
            version: self.version,
            attempt: self.id.clone(),
            run_id: mark.run_id.clone(),
            committed_at: mark.time.clone(),
            ..standing
        };
        // Files that are missing are missing in the version before as well; it is no worse.
        Ok(self.stand(commit, true)?.commit().clone())
    }

    /// The commit of a draft as it is.
    fn version_of(&self, draft: Draft) -> Commit {
        Commit {
            format: FORMAT,
            version: self.version,
            attempt: self.id.clone(),
            run_id: draft.run_id,
            committed_at: draft.committed_at,
            content: content_digest(&draft.tables, draft.errors.as_ref(), &draft.meaning),
            void: None,
            cursor: draft.cursor,
            tables: draft.tables,
            errors: draft.errors,
            metadata: draft.metadata,
        }
    }

    /// Ends without a new version: what stands is what was wanted.
    fn leave(mut self, standing: Commit) -> Result<Published, PublishError> {
        self.committed = true;
        self.partition.copy_for_others(&standing, &self.id)?;
        Ok(Published::Unchanged(standing))
    }

    /// Commits, if every file that is named is there.
    fn make(self, commit: Commit, unchanged: bool) -> Result<Published, PublishError> {
        self.partition.store.settle(&self.folders())?;
        // Whatever took our files away, a commit must not name what is not there.
        if !self.partition.is_whole(&commit)? {
            return Err(PublishError::Vanished { place: self.partition.place() });
        }
        self.stand(commit, unchanged)
    }

    /// Puts the commit; once it stands, writes the copies and removes what it replaced.
    fn stand(mut self, commit: Commit, unchanged: bool) -> Result<Published, PublishError> {
        if let Some(alive) = &self.alive {
            alive.check()?;
        }
        let Some(commit) = self.put(commit)? else { return self.already_there() };
        if commit.void.is_none() {
            self.partition.copy_for_others(&commit, &self.id)?;
        }
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
        let partition = self.partition.clone();
        let key = partition.commit_key(commit.version);
        let bytes =
            commit.to_text().map_err(|source| PublishError::Damaged { place: partition.store.place(&key), source })?;
        let mut puts = 0;
        let there = loop {
            let Err(error) = partition.store.put_new(&key, &bytes, &self.id) else { return Ok(Some(commit)) };
            puts += 1;
            // The answer may be lost though the file is there: only its content tells whose it is.
            match partition.read_version(commit.version) {
                Ok(there) => break there,
                Err(PublishError::Storage(StorageError::Missing { .. })) if !partition.store.may_act_late() => {
                    self.committed = false;
                    return Err(error.into());
                }
                Err(PublishError::Storage(StorageError::Missing { .. })) if puts < PUTS => {}
                Err(other) => {
                    // It may still appear, so our parts have to stay until the number is used up.
                    if let Some(alive) = self.alive.take() {
                        alive.fall_silent();
                    }
                    return Err(match other {
                        PublishError::Storage(StorageError::Missing { .. }) => error.into(),
                        other => other,
                    });
                }
            }
        };
        if there.attempt == self.id {
            // It is there, but is it durable? Only then may the old version go.
            partition.store.settle(&[partition.control.join(COMMITS)])?;
            return Ok(Some(commit));
        }
        self.committed = false;
        if there.content == commit.content && there.void == commit.void {
            return Ok(None);
        }
        Err(PublishError::Conflict { place: partition.place(), version: commit.version })
    }

    /// Another attempt committed what this one wanted to.
    fn already_there(mut self) -> Result<Published, PublishError> {
        self.discard()?;
        self.committed = true;
        match self.partition.newest()? {
            Some(commit) => Ok(Published::Unchanged(commit)),
            None => Err(StorageError::Missing { place: self.partition.place() }.into()),
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
        if !self.committed && !self.keeps {
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
    summing: Summing,
    hashing: Duration,
    bytes: u64,
}

impl PartWriter {
    /// The time that hashing took so far.
    pub(crate) const fn hashing(&self) -> Duration {
        self.hashing
    }
    /// Makes the content durable.
    pub(crate) fn finish(self, rows: u64) -> Result<Part, StorageError> {
        self.upload.finish()?;
        let sha256 = hex(&self.hasher.finalize());
        let blocks = Some(self.summing.finish());
        Ok(Part { path: self.path, format: self.format, rows, bytes: self.bytes, sha256, blocks })
    }
}

impl Write for PartWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.upload.write(bytes)?;
        let began = Instant::now();
        self.hasher.update(&bytes[..written]);
        self.summing.add(&bytes[..written]);
        self.hashing += began.elapsed();
        self.bytes += written as u64;
        Ok(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.upload.flush()
    }
}
