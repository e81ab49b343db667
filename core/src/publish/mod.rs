//! Versions: staged files become the content of a partition, atomically and idempotently.
//!
//! A version exists when `_commits/<n>.json` has been put create-only; it names every file, and
//! readers follow the highest n. Parts carry the id of the attempt that wrote them, so a new
//! version stands beside the old one until it is committed. This is the only module that deletes
//! data: what the newest commit does not name and no living attempt is writing.

mod attempt;
mod commit;
pub(crate) mod parts;
mod sweep;

use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::diagnostic::code::{self, Code};
use crate::error::{Coded, Stage};
use crate::storage::{Key, StorageError, Store};

pub(crate) use attempt::{Attempt, Draft, PartWriter, Published};
pub(crate) use commit::{Column, Commit, CommittedTable, Part, hex, timestamp};

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

    /// Its folder, absolute.
    pub(crate) fn place(&self) -> PathBuf {
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
        serde_json::from_slice(&bytes).map_err(|source| PublishError::Damaged { path: self.store.place(&key), source })
    }

    /// The version that stands, if any.
    pub(crate) fn latest(&self) -> Result<Option<Commit>, PublishError> {
        self.versions()?.last().map(|version| self.read_version(*version)).transpose()
    }

    /// All versions, newest first, each as far as its commit can be understood.
    pub(crate) fn history(&self) -> Result<Vec<Result<Commit, PublishError>>, StorageError> {
        Ok(self.versions()?.iter().rev().map(|version| self.read_version(*version)).collect())
    }
}

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
    #[error("another run committed version {version} of {} first", path.display())]
    Conflict {
        /// The partition.
        path: PathBuf,
        /// The version both wanted.
        version: u64,
    },
    /// Files of this attempt are gone before it could commit. What stood before still stands.
    #[error("files that were just written to {} are gone", path.display())]
    Vanished {
        /// The partition.
        path: PathBuf,
    },
    /// A commit file cannot be understood.
    #[error("the commit {} cannot be understood", path.display())]
    Damaged {
        /// The commit file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: serde_json::Error,
    },
}

impl Coded for PublishError {
    fn code(&self) -> Code {
        match self {
            Self::Storage(error) => error.code(),
            Self::Conflict { .. } | Self::Vanished { .. } => code::STG012,
            Self::Damaged { .. } => code::STG014,
        }
    }
    fn hint(&self) -> Option<String> {
        match self {
            Self::Storage(error) => error.hint(),
            Self::Damaged { .. } => Some("run the layer again for that date: it commits a new version".into()),
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
        matches!(self, Self::Conflict { .. } | Self::Vanished { .. })
    }
}
