//! Versions: staged files become the content of a partition, atomically and idempotently.
//!
//! A version exists when `_commits/<n>.json` has been put create-only; it names every file, and
//! readers follow the highest n. Parts carry the id of the attempt that wrote them, so a new
//! version stands beside the old one until it is committed. This is the only module that deletes
//! data: what the newest commit does not name and no living attempt is writing.
//!
//! # Why nothing that is named is ever removed
//!
//! An attempt may commit one number only, its plan: one more than the newest version. It tells the
//! plan with its sign of life, before it writes its first part. A name in version n + 1 was either
//! named in version n or written by the attempt that planned n + 1, and numbers are never used
//! twice, because whatever ends a partition's content is a version too ([`Void`]), and commit files
//! are never removed. So a file that
//! the newest version does not name can only be named later by the attempt that wrote it, and it is
//! safe to remove once that attempt can commit no more: it is gone, or its plan is used up. That
//! is asked first, and what the newest version names is read after it, because an attempt commits
//! before it drops its sign of life.
//!
//! An attempt that is silent but may wake up keeps its files until its plan is used up. Clearing
//! (`gc`) does not wait for the next run: it uses the number up itself, by committing what stands
//! once more, or that nothing stands ([`Partition::fence`]). A holder that wakes up finds its number
//! taken, removes what it wrote, and fails cleanly. Who is right is decided by the create-only put
//! alone; signs of life only spare work.

mod attempt;
mod checked;
mod commit;
mod copies;
#[cfg(test)]
mod fault_tests;
mod leftovers;
#[cfg(test)]
mod model;
pub(crate) mod parts;
mod sums;
mod sweep;

use std::sync::Arc;

use chrono::NaiveDate;

use crate::diagnostic::code::{self, Code};
use crate::error::{Coded, Stage};
use crate::storage::together::together;
use crate::storage::{Key, Place, StorageError, Store};

pub(crate) use attempt::{Attempt, Draft, Mark, PartWriter, Published};
pub(crate) use checked::{CheckedPart, Reading, summed};
pub(crate) use commit::{Column, Commit, CommittedTable, Damage, Part, Void, timestamp};
pub(crate) use copies::CopyProblem;
#[cfg(test)]
pub(crate) use fault_tests::Stopping;
pub(crate) use leftovers::{Kept, Leftover, Leftovers, Why, attempt_of};
pub(crate) use sums::Sums;

/// Folder of commits.
pub(crate) const COMMITS: &str = "_commits";

/// A place with versions: a Bronze partition, or a Silver load.
#[derive(Clone, Debug)]
pub(crate) struct Partition {
    store: Arc<dyn Store>,
    /// Paths in commits start here.
    base: Key,
    /// Has `_commits` and the copies for other tools.
    control: Key,
    /// Folders that hold nothing but files of this partition, at any depth.
    owned: Vec<Key>,
}

impl Partition {
    /// A partition whose commits are in `control` and whose files are in the `owned` folders, all
    /// of them below `base`.
    pub(crate) fn new(store: Arc<dyn Store>, base: Key, control: Key, owned: Vec<Key>) -> Self {
        Self { store, base, control, owned }
    }

    /// Where paths in commits start.
    pub(crate) fn base(&self) -> &Key {
        &self.base
    }

    /// The store it is in.
    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Has its commits and the copies for other tools.
    pub(crate) fn control(&self) -> &Key {
        &self.control
    }

    /// Version numbers that are committed, ascending; none where that cannot be found out.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        self.versions().unwrap_or_default()
    }

    /// Its folder, absolute.
    pub(crate) fn place(&self) -> Place {
        self.store.place(&self.control)
    }

    /// The key of a file that a commit names.
    pub(crate) fn key(&self, path: &str) -> Key {
        self.base.join(path)
    }

    /// The sign of life of an attempt.
    fn life(&self, attempt: &str) -> Key {
        self.control.join(COMMITS).join(&format!(".alive-{attempt}.lock"))
    }

    /// Version numbers that are committed, ascending.
    fn versions(&self) -> Result<Vec<u64>, StorageError> {
        let entries = self.store.list(&self.control.join(COMMITS))?;
        let mut versions: Vec<u64> = entries
            .iter()
            .filter(|entry| !entry.folder)
            .filter_map(|entry| entry.name.strip_suffix(".json")?.parse().ok())
            .collect();
        versions.sort_unstable();
        Ok(versions)
    }

    fn read_version(&self, version: u64) -> Result<Commit, PublishError> {
        let key = self.control.join(COMMITS).join(&format!("{version}.json"));
        let bytes = self.store.read(&key)?;
        Commit::from_text(&bytes, version)
            .map_err(|source| PublishError::Damaged { place: self.store.place(&key), source })
    }

    /// The newest version, also one that says that nothing stands.
    pub(crate) fn newest(&self) -> Result<Option<Commit>, PublishError> {
        self.versions()?.last().map(|version| self.read_version(*version)).transpose()
    }

    /// The version that stands, if any.
    pub(crate) fn latest(&self) -> Result<Option<Commit>, PublishError> {
        Ok(self.newest()?.filter(|commit| commit.void.is_none()))
    }

    /// All versions by number, newest first, each as far as its commit can be understood.
    pub(crate) fn history_of_commits(&self) -> Result<Vec<Numbered>, StorageError> {
        let mut versions = self.versions()?;
        versions.reverse();
        let commits = together(&versions, |version| self.read_version(*version));
        Ok(versions.into_iter().zip(commits).collect())
    }

    /// All versions in which something stood, newest first, each as far as its commit can be understood.
    pub(crate) fn history(&self) -> Result<Vec<Result<Commit, PublishError>>, StorageError> {
        let all = self.history_of_commits()?.into_iter().map(|(_, commit)| commit);
        Ok(all.filter(|commit| commit.as_ref().map_or(true, |commit| commit.void.is_none())).collect())
    }
}

/// A version by number, as far as its commit can be understood.
pub(crate) type Numbered = (u64, Result<Commit, PublishError>);

/// What was found where partitions are: those that can be read, and those that cannot. One of the
/// latter hides none of the former.
#[derive(Clone, Debug)]
pub(crate) struct Inventory<T> {
    /// Partitions with the version that stands.
    pub(crate) readable: Vec<T>,
    /// Partitions whose newest commit cannot be read.
    pub(crate) unreadable: Vec<Unreadable>,
}

/// A partition whose newest commit cannot be read.
#[derive(Clone, Debug)]
pub(crate) struct Unreadable {
    /// As the readable ones are called.
    pub(crate) id: String,
    /// Its date, if its path has one.
    pub(crate) date: Option<NaiveDate>,
    /// Where it is.
    pub(crate) partition: Partition,
    /// Why.
    pub(crate) error: Arc<PublishError>,
}

/// Why a version could not be made or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PublishError {
    /// The store refused.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Another attempt committed this version with other content. Nothing of ours is left.
    #[error("another run committed version {version} of {place} first")]
    Conflict {
        /// The partition.
        place: Place,
        /// The version both wanted.
        version: u64,
    },
    /// Files of this attempt are gone before it could commit. What stood before still stands.
    #[error("files that were just written to {place} are gone")]
    Vanished {
        /// The partition.
        place: Place,
    },
    /// A commit file cannot be understood.
    #[error("the commit {place} cannot be understood")]
    Damaged {
        /// The commit file.
        place: Place,
        /// The cause.
        #[source]
        source: Damage,
    },
    /// Rows cannot be added to what stands: they have other columns.
    #[error("the rows to add to {place} have other columns than those that stand there")]
    OtherColumns {
        /// The partition.
        place: Place,
    },
    /// Rows cannot be added to what stands: some of it is gone.
    #[error("files that the new version of {place} would name again are gone")]
    Incomplete {
        /// The partition.
        place: Place,
    },
    /// What cannot be known is not repeated.
    #[error("the newest version of {place} cannot be read, so it cannot be committed again")]
    Unknown {
        /// The partition.
        place: Place,
    },
}

impl Coded for PublishError {
    fn code(&self) -> Code {
        match self {
            Self::Storage(error) => error.code(),
            Self::Conflict { .. } | Self::Vanished { .. } => code::STG012,
            Self::Damaged { .. } | Self::Unknown { .. } | Self::Incomplete { .. } => code::STG014,
            Self::OtherColumns { .. } => code::STG071,
        }
    }
    fn hint(&self) -> Option<String> {
        match self {
            Self::Storage(error) => error.hint(),
            Self::Damaged { .. } | Self::Unknown { .. } => {
                Some("run the layer again for that date: it commits a new version".into())
            }
            _ => None,
        }
    }
    fn stage(&self) -> Stage {
        match self {
            Self::Storage(error) => error.stage(),
            _ => Stage::Storage,
        }
    }
    fn is_transient(&self) -> bool {
        match self {
            Self::Storage(error) => error.is_transient(),
            _ => matches!(self, Self::Conflict { .. } | Self::Vanished { .. }),
        }
    }
}
