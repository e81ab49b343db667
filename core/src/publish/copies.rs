//! The copies for other tools, `_metadata.json` and `_checksums.json`: kept equal to what the newest
//! commit says. Derived, so they decide nothing, and the next run repairs them.

use super::commit::{Commit, Damage};
use super::{Partition, PublishError};
use crate::storage::{Key, StorageError};

/// Each copy with the field of the commit's metadata that it repeats.
const COPIES: [(&str, &str); 2] = [("_metadata.json", "metadata"), ("_checksums.json", "checksums")];

/// How a copy differs from its commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CopyProblem {
    /// It is not there.
    Missing,
    /// It says something else.
    Differs,
}

impl Partition {
    /// Writes the copies where they are not what the commit says.
    pub(super) fn copy_for_others(&self, commit: &Commit, attempt: &str) -> Result<(), PublishError> {
        for (name, field) in COPIES {
            let (key, bytes) = self.copy(commit, name, field)?;
            if !self.store.read(&key).is_ok_and(|there| says_the_same(commit, &there, &bytes)) {
                self.store.replace(&key, &bytes, attempt)?;
            }
        }
        Ok(())
    }

    /// The copies that are not what the commit says.
    pub(crate) fn wrong_copies(&self, commit: &Commit) -> Result<Vec<(Key, CopyProblem)>, PublishError> {
        let mut wrong = Vec::new();
        for (name, field) in COPIES {
            let (key, bytes) = self.copy(commit, name, field)?;
            match self.store.read(&key) {
                Ok(there) if says_the_same(commit, &there, &bytes) => {}
                Ok(_) => wrong.push((key, CopyProblem::Differs)),
                Err(StorageError::Missing { .. }) => wrong.push((key, CopyProblem::Missing)),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(wrong)
    }

    /// Where the copies are.
    pub(super) fn copies(&self) -> impl Iterator<Item = Key> + '_ {
        COPIES.iter().map(|(name, _)| self.control.join(name))
    }

    fn copy(&self, commit: &Commit, name: &str, field: &str) -> Result<(Key, Vec<u8>), PublishError> {
        let key = self.control.join(name);
        let content = commit.metadata.get(field).cloned().unwrap_or_default();
        let bytes = serde_json::to_vec_pretty(&content)
            .map_err(|source| PublishError::Damaged { place: self.store.place(&key), source: Damage::Parse(source) })?;
        Ok((key, bytes))
    }
}

/// Whether a copy is as it would be written. Files that were adopted were laid out by another program
/// and stay as they are while they say the same.
fn says_the_same(commit: &Commit, there: &[u8], bytes: &[u8]) -> bool {
    let value = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).ok();
    there == bytes || (commit.is_adopted() && value(there).is_some_and(|there| Some(there) == value(bytes)))
}
