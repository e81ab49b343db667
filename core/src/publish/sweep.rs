//! Clearing: removes files that the newest commit does not name and no living attempt is writing.
//! Also keeps the copies for other tools (`_metadata.json`, `_checksums.json`) equal to the commit.

use std::collections::{BTreeMap, HashSet};
use std::io::Read;

use sha2::{Digest, Sha256};

use super::commit::{Commit, CommittedTable, Part, hex};
use super::{COMMITS, Partition, PublishError};
use crate::storage::{Key, StorageError, trial};

impl Partition {
    /// Removes what crashes and replaced versions left.
    ///
    /// The order matters: an attempt commits before it drops its sign of life. So who is dead is
    /// asked first, and what is committed after that; what a just-finished attempt wrote is then
    /// named by the commit we read.
    pub(super) fn sweep(&self) -> Result<(), PublishError> {
        trial::sweep(self.store.as_ref(), &self.top())?;
        let mut candidates: BTreeMap<String, Vec<Key>> = BTreeMap::new();
        for folder in &self.owned {
            self.collect(folder, &mut candidates)?;
        }
        self.collect_flat(&self.control.join(COMMITS), &mut candidates)?;
        self.collect_flat(&self.control, &mut candidates)?;
        let mut dead = Vec::new();
        for (attempt, keys) in candidates {
            if !self.store.is_held(&self.life(&attempt))? {
                dead.extend(keys);
            }
        }
        if dead.is_empty() {
            return Ok(());
        }
        let latest = match self.latest() {
            // Nobody knows what it names, so nothing goes until a new version stands.
            Err(PublishError::Damaged { .. }) => return Ok(()),
            latest => latest?,
        };
        let named: HashSet<Key> = latest.iter().flat_map(Commit::files).map(|part| self.key(&part.path)).collect();
        let mut folders = Vec::new();
        for key in dead.into_iter().filter(|key| !named.contains(key)) {
            self.store.remove(&key)?;
            folders.extend(key.parent());
        }
        self.prune(folders)?;
        Ok(())
    }

    /// The folder that the layer begins in, where stores are tried out: above the first `name=value`.
    fn top(&self) -> Key {
        let segments = self.control.as_str().split('/').take_while(|segment| !segment.contains('='));
        segments.fold(Key::root(), |key, segment| key.join(segment))
    }

    /// Files of attempts in `folder` and below, by attempt.
    fn collect(&self, folder: &Key, found: &mut BTreeMap<String, Vec<Key>>) -> Result<(), StorageError> {
        let entries = self.store.list(folder)?;
        // A folder with commits of its own is another partition, whoever is above it.
        if *folder != self.control && entries.iter().any(|entry| entry.folder && entry.name == COMMITS) {
            return Ok(());
        }
        for entry in entries {
            let key = folder.join(&entry.name);
            if !entry.folder {
                if let Some(attempt) = attempt_of(&entry.name) {
                    found.entry(attempt.to_owned()).or_default().push(key);
                }
            } else if entry.name != COMMITS {
                self.collect(&key, found)?;
            }
        }
        Ok(())
    }

    fn collect_flat(&self, folder: &Key, found: &mut BTreeMap<String, Vec<Key>>) -> Result<(), StorageError> {
        for entry in self.store.list(folder)?.into_iter().filter(|entry| !entry.folder && entry.name.starts_with('.')) {
            if let Some(attempt) = attempt_of(&entry.name) {
                let keys = found.entry(attempt.to_owned()).or_default();
                let key = folder.join(&entry.name);
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
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

    /// Removes the partition with all its versions. Only for what says nothing any more, such as the
    /// bad rows of a refused load once the load was made.
    pub(crate) fn withdraw(&self, attempt: &str) -> Result<(), PublishError> {
        if self.versions()?.is_empty() {
            return Ok(());
        }
        let alive = self.begin(attempt)?;
        let history: Vec<Commit> = self.history()?.into_iter().filter_map(Result::ok).collect();
        // Commits first, the standing one last: what nothing names any more is never half a version.
        for version in self.versions()? {
            self.store.remove(&self.control.join(COMMITS).join(&format!("{version}.json")))?;
        }
        for part in history.iter().rev().flat_map(Commit::files) {
            self.store.remove(&self.key(&part.path))?;
        }
        for name in ["_metadata.json", "_checksums.json"] {
            self.store.remove(&self.control.join(name))?;
        }
        drop(alive);
        self.prune(vec![self.control.join(COMMITS), self.control.clone()])?;
        Ok(())
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
        let key = self.key(&part.path);
        let mut file = self.store.open(&key)?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 1 << 18];
        loop {
            let read =
                file.read(&mut buffer).map_err(|source| StorageError::Read { path: self.store.place(&key), source })?;
            if read == 0 {
                return Ok(hex(&hasher.finalize()));
            }
            hasher.update(&buffer[..read]);
        }
    }

    /// The size in bytes of a part as it is now.
    pub(crate) fn size(&self, part: &Part) -> Result<u64, StorageError> {
        let key = self.key(&part.path);
        let file = self.store.open(&key)?;
        Ok(file.metadata().map_err(|source| StorageError::Read { path: self.store.place(&key), source })?.len())
    }

    /// Writes the copies for other tools where they are not what the commit says.
    pub(super) fn copy_for_others(&self, commit: &Commit, attempt: &str) -> Result<(), PublishError> {
        for (name, field) in [("_metadata.json", "metadata"), ("_checksums.json", "checksums")] {
            let key = self.control.join(name);
            let content = commit.metadata.get(field).cloned().unwrap_or_default();
            let bytes = serde_json::to_vec_pretty(&content)
                .map_err(|source| PublishError::Damaged { path: self.store.place(&key), source })?;
            if self.store.read(&key).ok().as_deref() != Some(bytes.as_slice()) {
                self.store.replace(&key, &bytes, attempt)?;
            }
        }
        Ok(())
    }
}

/// The attempt in a file's name: `part-0001-<16 hex>.parquet`, `.1.json-<16 hex>.tmp`.
fn attempt_of(name: &str) -> Option<&str> {
    let (_, tail) = name.rsplit_once('-')?;
    let (id, _) = tail.split_once('.')?;
    (id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::attempt_of;

    #[test]
    fn an_attempt_is_told_from_a_name() {
        assert_eq!(attempt_of("part-0001-00112233445566ff.parquet"), Some("00112233445566ff"));
        assert_eq!(attempt_of(".1.json-00112233445566ff.tmp"), Some("00112233445566ff"));
        assert_eq!(attempt_of("full-part-0001.parquet"), None);
        assert_eq!(attempt_of("_metadata.json"), None);
    }
}
