//! Clearing: removes what nobody needs, withdraws what holds no more, and uses up the numbers of
//! attempts that fell silent. What may go is found by [`super::leftovers`].

use std::io::Read;

use sha2::{Digest, Sha256};

use super::commit::{Commit, CommittedTable, Part, Void};
use super::{COMMITS, Mark, Partition, PublishError};
use crate::figures::hex;
use crate::storage::{Key, StorageError};

impl Partition {
    /// Removes what crashes and replaced versions left.
    pub(crate) fn sweep(&self) -> Result<(), PublishError> {
        let found = self.leftovers()?;
        let mut folders = Vec::new();
        for leftover in found.files {
            self.store.remove(&leftover.key)?;
            folders.extend(leftover.key.parent());
        }
        folders.dedup();
        self.prune(folders)?;
        Ok(())
    }

    /// Removes folders that are empty, upwards to the root.
    pub(super) fn prune(&self, folders: Vec<Key>) -> Result<(), StorageError> {
        for folder in folders {
            let mut current = Some(folder);
            while let Some(key) = current.filter(|key| *key != Key::root()) {
                if !self.store.list(&key)?.is_empty() {
                    break;
                }
                self.store.remove_if_empty(&key)?;
                current = key.parent();
            }
        }
        Ok(())
    }

    /// Whether the version stands whole; if so, what crashes left beside it is cleared and the
    /// copies for other tools are put right.
    pub(crate) fn confirm(&self, commit: &Commit, attempt: &str) -> Result<bool, PublishError> {
        let whole = self.is_whole(commit)?;
        if whole {
            self.sweep()?;
            self.copy_for_others(commit, attempt)?;
        }
        Ok(whole)
    }

    /// Commits that nothing stands, then removes what stood. Gives whether anything did.
    ///
    /// # Errors
    ///
    /// [`PublishError::Conflict`] if a run committed meanwhile; then its version stands.
    pub(crate) fn withdraw(&self, void: Void, mark: &Mark) -> Result<bool, PublishError> {
        match self.newest() {
            Ok(None) => return Ok(false),
            // What a crash after the commit left is removed all the same.
            Ok(Some(commit)) if commit.void.is_some() => {
                self.sweep()?;
                return Ok(false);
            }
            // What cannot be read holds no more either.
            Ok(Some(_)) | Err(PublishError::Damaged { .. }) => {}
            Err(other) => return Err(other),
        }
        self.begin(&mark.attempt)?.void(void, mark)?;
        Ok(true)
    }

    /// Uses up the number that a silent attempt may still commit: what stands is committed once more,
    /// or that nothing stands. Gives the version, if one was needed.
    pub(crate) fn fence(&self, mark: &Mark) -> Result<Option<u64>, PublishError> {
        if self.leftovers()?.to_fence().next().is_none() {
            return Ok(None);
        }
        match self.begin(&mark.attempt)?.restate(mark) {
            Ok(commit) => Ok(Some(commit.version)),
            // Somebody else used it up.
            Err(PublishError::Conflict { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// Whether every file of the version is there with its size.
    pub(super) fn is_whole(&self, commit: &Commit) -> Result<bool, StorageError> {
        for part in commit.files() {
            match self.size(part) {
                Ok(size) if size == part.bytes => {}
                Ok(_) | Err(StorageError::Missing { .. }) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Whether every part of the table has the content that was committed.
    pub(super) fn is_intact(&self, table: &CommittedTable) -> Result<bool, StorageError> {
        for part in &table.parts {
            if self.hash(part)? != part.sha256 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The SHA-256 of a part as it is now, lower-case hexadecimal.
    pub(crate) fn hash(&self, part: &Part) -> Result<String, StorageError> {
        Ok(self.hash_watched(&self.key(&part.path), &mut |_| true)?.unwrap_or_default())
    }

    /// The SHA-256 of a file as it is now. `watch` is told of bytes as they are read; when it answers
    /// `false`, reading ends with `None`.
    pub(crate) fn hash_watched(
        &self,
        key: &Key,
        watch: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Option<String>, StorageError> {
        let unread = |source| StorageError::Read { place: self.store.place(key), source };
        let mut file = self.store.open(key)?.0.reader(0).map_err(unread)?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 1 << 18];
        loop {
            let read = file.read(&mut buffer).map_err(unread)?;
            if read == 0 {
                return Ok(Some(hex(&hasher.finalize())));
            }
            hasher.update(&buffer[..read]);
            if !watch(read as u64) {
                return Ok(None);
            }
        }
    }

    /// The size in bytes of a part as it is now.
    pub(crate) fn size(&self, part: &Part) -> Result<u64, StorageError> {
        Ok(self.store.open(&self.key(&part.path))?.0.len())
    }

    /// The file of a version.
    pub(crate) fn commit_key(&self, version: u64) -> Key {
        self.control.join(COMMITS).join(&format!("{version}.json"))
    }
}
