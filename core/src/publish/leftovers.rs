//! What is in a partition's folders and nobody needs: found, not removed.

use std::collections::{BTreeMap, HashSet};

use super::commit::Commit;
use super::{COMMITS, Partition, PublishError};
use crate::storage::{Key, Life, StorageError, trial};

/// A file that may be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leftover {
    /// Which.
    pub(crate) key: Key,
    /// Why nobody needs it.
    pub(crate) why: Why,
}

/// Why nobody needs a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    /// The attempt that wrote it ended without committing it, or its version was replaced.
    Unnamed,
    /// An earlier version named it, the newest does not.
    Replaced,
    /// The newest version says that nothing stands.
    Withdrawn,
    /// Somebody tried the store out and was killed.
    Trial,
}

/// An attempt whose files stay although no commit names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Its id.
    pub(crate) attempt: String,
    /// Its files.
    pub(crate) files: Vec<Key>,
    /// Never [`Life::Gone`].
    pub(crate) life: Life,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Leftovers {
    /// Files that may go, in the order in which they may.
    pub(crate) files: Vec<Leftover>,
    /// Attempts whose files stay.
    pub(crate) kept: Vec<Kept>,
    /// The newest commit cannot be understood: nobody knows what it names, so nothing may go.
    pub(crate) unknown: bool,
    /// The newest version, 0 without any.
    pub(crate) version: u64,
}

impl Leftovers {
    /// Silent attempts that may still commit the next version.
    pub(crate) fn to_fence(&self) -> impl Iterator<Item = &Kept> {
        let next = Life::Silent { plan: self.version + 1 };
        self.kept.iter().filter(move |kept| !self.unknown && kept.life == next)
    }
}

/// Files in a partition's folders, by who made them.
#[derive(Default)]
struct Candidates {
    /// By attempt.
    attempts: BTreeMap<String, Vec<Key>>,
    /// Without an attempt in the name: adopted, or somebody else's.
    others: Vec<Key>,
}

impl Partition {
    /// What crashes, replaced versions and trials left. The order of the questions matters, see the
    /// module's page: who can commit no more is asked first, and what is named after that.
    pub(crate) fn leftovers(&self) -> Result<Leftovers, PublishError> {
        let mut found = Leftovers::default();
        for key in trial::leftovers(self.store.as_ref(), &self.top())? {
            found.files.push(Leftover { key, why: Why::Trial });
        }
        let mut candidates = Candidates::default();
        for folder in &self.owned {
            self.collect(folder, &mut candidates)?;
        }
        self.collect_hidden(&self.control.join(COMMITS), &mut candidates)?;
        self.collect_hidden(&self.control, &mut candidates)?;
        let mut unnamed = Vec::new();
        let mut silent = Vec::new();
        for (attempt, keys) in candidates.attempts {
            match self.store.life(&self.life(&attempt))? {
                Life::Gone => unnamed.extend(keys),
                Life::Silent { plan } => silent.push((plan, attempt, keys)),
                life @ Life::Alive => found.kept.push(Kept { attempt, files: keys, life }),
            }
        }
        let newest = match self.newest() {
            Err(PublishError::Damaged { .. }) => {
                found.unknown = true;
                return Ok(found);
            }
            newest => newest?,
        };
        found.version = newest.as_ref().map_or(0, |commit| commit.version);
        for (plan, attempt, keys) in silent {
            if plan <= found.version {
                unnamed.extend(keys);
            } else {
                found.kept.push(Kept { attempt, files: keys, life: Life::Silent { plan } });
            }
        }
        let named: HashSet<Key> = newest.iter().flat_map(Commit::files).map(|part| self.key(&part.path)).collect();
        unnamed.retain(|key| !named.contains(key));
        found.files.extend(unnamed.into_iter().map(|key| Leftover { key, why: Why::Unnamed }));
        let data = |key: &Key| [".parquet", ".csv"].iter().any(|suffix| key.as_str().ends_with(suffix));
        candidates.others.retain(|key| data(key) && !named.contains(key));
        if let Some(newest) = newest {
            self.replaced(&newest, candidates.others, &mut found)?;
        }
        Ok(found)
    }

    /// Files without an attempt in their name that an earlier version named; after a version that says
    /// that nothing stands, also the copies for other tools. Commits stay for ever: as long as a number
    /// is taken, nobody can give it a second meaning.
    fn replaced(&self, newest: &Commit, others: Vec<Key>, found: &mut Leftovers) -> Result<(), PublishError> {
        let why = if newest.void.is_some() { Why::Withdrawn } else { Why::Replaced };
        let mut leave = |key| found.files.push(Leftover { key, why });
        if !others.is_empty() {
            let mut named = HashSet::new();
            for version in self.versions()?.into_iter().filter(|version| *version < newest.version) {
                match self.read_version(version) {
                    Ok(commit) => named.extend(commit.files().map(|part| self.key(&part.path))),
                    // Nobody will ever know what it named.
                    Err(PublishError::Damaged { .. }) => {}
                    Err(other) => return Err(other),
                }
            }
            others.into_iter().filter(|key| named.contains(key)).for_each(&mut leave);
        }
        if newest.void.is_some() {
            let entries = self.store.list(&self.control)?;
            let there = |key: &Key| entries.iter().any(|entry| self.control.join(&entry.name) == *key);
            self.copies().filter(there).for_each(&mut leave);
        }
        Ok(())
    }

    /// The folder that the layer begins in, where stores are tried out: above the first `name=value`.
    fn top(&self) -> Key {
        let segments = self.control.as_str().split('/').take_while(|segment| !segment.contains('='));
        segments.fold(Key::root(), |key, segment| key.join(segment))
    }

    /// Files in `folder` and below.
    fn collect(&self, folder: &Key, found: &mut Candidates) -> Result<(), StorageError> {
        let entries = self.store.list(folder)?;
        // A folder with commits of its own is another partition, whoever is above it.
        if *folder != self.control && entries.iter().any(|entry| entry.folder && entry.name == COMMITS) {
            return Ok(());
        }
        for entry in entries {
            let key = folder.join(&entry.name);
            if !entry.folder {
                match attempt_of(&entry.name) {
                    Some(attempt) => found.attempts.entry(attempt.to_owned()).or_default().push(key),
                    None if entry.name.starts_with(['.', '_']) => {}
                    None => found.others.push(key),
                }
            } else if entry.name != COMMITS {
                self.collect(&key, found)?;
            }
        }
        Ok(())
    }

    /// Staged files and signs of life in one folder.
    fn collect_hidden(&self, folder: &Key, found: &mut Candidates) -> Result<(), StorageError> {
        for entry in self.store.list(folder)?.into_iter().filter(|entry| !entry.folder && entry.name.starts_with('.')) {
            if let Some(attempt) = attempt_of(&entry.name) {
                let keys = found.attempts.entry(attempt.to_owned()).or_default();
                let key = folder.join(&entry.name);
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        Ok(())
    }

    /// Every file in its folders that no version of this program could have put there, and that the
    /// commit does not name: readers that follow no commits would count it.
    pub(crate) fn strangers(&self, commit: Option<&Commit>) -> Result<Vec<Key>, StorageError> {
        let mut candidates = Candidates::default();
        for folder in &self.owned {
            self.collect(folder, &mut candidates)?;
        }
        let named: HashSet<Key> = commit.into_iter().flat_map(Commit::files).map(|part| self.key(&part.path)).collect();
        Ok(candidates.others.into_iter().filter(|key| !named.contains(key)).collect())
    }
}

/// The attempt in a file's name: `part-0001-<16 hex>.parquet`, `.1.json-<16 hex>.tmp`.
pub(crate) fn attempt_of(name: &str) -> Option<&str> {
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
        assert_eq!(attempt_of(".alive-00112233445566ff.lock"), Some("00112233445566ff"));
        assert_eq!(attempt_of("full-part-0001.parquet"), None);
        assert_eq!(attempt_of("_metadata.json"), None);
    }
}
