//! Places where data lands: named files below a root, with the guarantees that commits need.
//!
//! Owns how bytes become durable and visible; knows nothing of partitions or tables.

mod blob;
mod disk;
mod factory;
pub(crate) mod failure;
pub(crate) mod hive;
pub mod lease;
mod local;
mod patience;
mod place;
mod refusing;
mod remote;
pub(crate) mod together;
pub(crate) mod trial;

use std::fmt;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::sync::Arc;

use crate::config::settings::StorageSettings;
use crate::diagnostic::code::{self, Code};
use crate::error::{Coded, Stage};
use crate::world::World;

pub use blob::{Blob, Opened};
pub use disk::{Disk, DiskFile, RealDisk};
pub(crate) use factory::{Kind, kinds};
pub use factory::{Opening, StorageFactory};
use failure::Failure;
pub(crate) use local::LocalStore;
pub use patience::Patience;
pub use place::Place;
pub(crate) use remote::{Breaker, Connections, Web, proxies, shown};

/// A path below a store's root: segments joined by `/`. Names come from the program, escaped where
/// a user chose them, so no segment is empty, `.` or `..`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(String);

impl Key {
    /// The root itself.
    pub fn root() -> Self {
        Self::default()
    }
    /// One or more segments further down. `name` comes from the program, not from a user.
    #[must_use]
    pub fn join(&self, name: &str) -> Self {
        match (self.0.is_empty(), name.is_empty()) {
            (_, true) => self.clone(),
            (true, false) => Self(name.to_owned()),
            (false, false) => Self(format!("{}/{name}", self.0)),
        }
    }
    /// The folder it is in; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        if self.0.is_empty() {
            return None;
        }
        Some(Self(self.0.rsplit_once('/').map_or_else(String::new, |(folder, _)| folder.to_owned())))
    }
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// The part below `folder`, if it is there.
    pub fn below(&self, folder: &Self) -> Option<&str> {
        if folder.0.is_empty() {
            return Some(&self.0);
        }
        self.0.strip_prefix(&folder.0)?.strip_prefix('/')
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Something in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name, without the folder.
    pub name: String,
    /// Whether it is a folder itself.
    pub folder: bool,
}

impl Entry {
    /// Where it stands among the entries of a page: stores sort a folder as if its name ended in `/`.
    pub fn cursor(&self) -> String {
        if self.folder { format!("{}/", self.name) } else { self.name.clone() }
    }
}

/// A file being written. Invisible to nobody, so its name must be new: parts carry the attempt's id.
pub trait Upload: Write + Send {
    /// Makes the content durable; the name becomes durable with [`Store::settle`].
    fn finish(self: Box<Self>) -> Result<(), StorageError>;
}

/// Proof that a process is alive: as long as it exists, [`Store::life`] says so of its key.
pub trait Hold: Send + fmt::Debug {
    /// Whether others still see it. An attempt asks before it commits, to spare itself a conflict.
    ///
    /// # Errors
    ///
    /// Why it could not be renewed, so that others may take the holder for silent.
    fn check(&self) -> Result<(), StorageError> {
        Ok(())
    }
    /// Lets it fall silent instead of ending it: the holder does not know whether its commit will
    /// still appear. Where nothing appears late, that is the same as its end.
    fn fall_silent(self: Box<Self>) {}
}

/// What a sign of life says of the process that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It is at work.
    Alive,
    /// It has said nothing for longer than it promised, but a paused one may wake up: what it was
    /// making may be taken away only once that can no longer be committed.
    Silent {
        /// The version it wanted to commit, as given to [`Store::hold`].
        plan: u64,
    },
    /// It has ended, and can do nothing any more.
    Gone,
}

/// A page of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// In the order of the store: by name, a folder as if its name ended in `/`.
    pub entries: Vec<Entry>,
    /// Whether there are entries behind these.
    pub more: bool,
}

impl Page {
    /// A page of a folder that was listed whole.
    pub fn of(mut entries: Vec<Entry>, after: Option<&str>, limit: usize) -> Self {
        entries.sort_by_cached_key(Entry::cursor);
        if let Some(after) = after {
            entries.retain(|entry| entry.name != after.trim_end_matches('/') && entry.cursor().as_str() > after);
        }
        let more = entries.len() > limit;
        entries.truncate(limit);
        Self { entries, more }
    }
    /// Behind which entry the next page begins, if there is one.
    pub fn next(&self) -> Option<String> {
        self.entries.last().filter(|_| self.more).map(Entry::cursor)
    }
}

/// Named files with the guarantees that commits need.
pub trait Store: Send + Sync + fmt::Debug {
    /// Starts a new file. Missing folders are made. The key must not exist.
    fn create(&self, key: &Key) -> Result<Box<dyn Upload>, StorageError>;
    /// Makes the names of everything in these folders durable.
    fn settle(&self, folders: &[Key]) -> Result<(), StorageError>;
    /// Puts a small file whole, durably, if nothing has the name; readers never see half of it.
    ///
    /// # Errors
    ///
    /// [`StorageError::Exists`] if the name is taken. After any other error the file may be there.
    fn put_new(&self, key: &Key, bytes: &[u8], attempt: &str) -> Result<(), StorageError>;
    /// Puts a small file whole, durably, in the place of what was there.
    fn replace(&self, key: &Key, bytes: &[u8], attempt: &str) -> Result<(), StorageError>;
    /// A small file whole.
    fn read(&self, key: &Key) -> Result<Vec<u8>, StorageError>;
    /// A file to read pieces of. Valid as long as it is open, even if the name is removed.
    fn open(&self, key: &Key) -> Result<Opened, StorageError>;
    /// What is in a folder, sorted by name; empty if there is no such folder.
    fn list(&self, folder: &Key) -> Result<Vec<Entry>, StorageError>;
    /// Removes a file; one that is not there is fine.
    fn remove(&self, key: &Key) -> Result<(), StorageError>;
    /// Removes a folder if it is empty; otherwise does nothing.
    fn remove_if_empty(&self, folder: &Key) -> Result<(), StorageError>;
    /// At most `limit` entries of a folder, behind `after`: what [`Page::next`] of the page before gave,
    /// or a name.
    fn page(&self, folder: &Key, after: Option<&str>, limit: usize) -> Result<Page, StorageError> {
        Ok(Page::of(self.list(folder)?, after, limit))
    }
    /// Takes `key` as a sign of life of somebody who wants to commit version `plan`. It ends with the
    /// process, however that ends.
    fn hold(&self, key: &Key, plan: u64) -> Result<Box<dyn Hold>, StorageError>;
    /// Whether a file may still appear after the request to put it was answered with an error, because
    /// it is under way elsewhere.
    fn may_act_late(&self) -> bool {
        false
    }
    /// What the sign of life `key` says.
    fn life(&self, key: &Key) -> Result<Life, StorageError>;
    /// The absolute place, for messages and for readers outside.
    fn place(&self, key: &Key) -> Place;
}

/// Opens the storage of a layer. Nothing is made or checked yet. One that cannot be asked, because a
/// credential is missing, gives a store that refuses every call.
pub(crate) fn open(settings: &StorageSettings, world: &World) -> Arc<dyn Store> {
    match settings {
        StorageSettings::Local { root } => local(root, world.disk.clone()),
        StorageSettings::Custom { .. } => factory::open(settings, world),
        _ => world.connections.open(settings, world),
    }
}

/// Opens the local folder `root` as a store. Nothing is made or checked yet.
pub(crate) fn local(root: &Path, disk: Arc<dyn Disk>) -> Arc<dyn Store> {
    Arc::new(LocalStore::new(root.to_path_buf(), disk))
}

/// Why a store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Nothing has this name.
    #[error("{place} does not exist")]
    Missing {
        /// Where.
        place: Place,
    },
    /// The name is taken.
    #[error("{place} exists already")]
    Exists {
        /// Where.
        place: Place,
    },
    /// A folder is needed where a file stands.
    #[error("{place} is a file where a folder is needed")]
    IsFile {
        /// Where.
        place: Place,
    },
    /// The system refused to write.
    #[error("{place} cannot be written")]
    Write {
        /// Where.
        place: Place,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The system refused to read.
    #[error("{place} cannot be read")]
    Read {
        /// Where.
        place: Place,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
}

impl StorageError {
    /// The refusal of a service behind it.
    pub(crate) fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Write { source, .. } | Self::Read { source, .. } => Failure::of(source),
            _ => None,
        }
    }
}

impl Coded for StorageError {
    fn code(&self) -> Code {
        if let Some(failure) = self.failure() {
            return failure.code();
        }
        match self {
            Self::Missing { .. } | Self::Read { .. } => code::STG013,
            Self::Exists { .. } => code::STG012,
            Self::IsFile { .. } => code::STG011,
            Self::Write { .. } => code::STG010,
        }
    }
    fn stage(&self) -> Stage {
        self.failure().map_or(Stage::Storage, Failure::stage)
    }
    fn is_transient(&self) -> bool {
        self.failure().is_some_and(Failure::is_transient)
    }
    fn hint(&self) -> Option<String> {
        if let Some(failure) = self.failure() {
            return failure.hint();
        }
        let text = match self {
            Self::Write { source, .. } => match source.kind() {
                ErrorKind::PermissionDenied => {
                    "give the user who runs this the right to write there, or change `output_dir`"
                }
                ErrorKind::ReadOnlyFilesystem => {
                    "it is mounted read-only: mount it for writing, or change `output_dir`"
                }
                ErrorKind::StorageFull => "the disk is full: make room on it, or change `output_dir`",
                ErrorKind::QuotaExceeded => {
                    "the user who runs this has used up the quota: make room, or change `output_dir`"
                }
                ErrorKind::FileTooLarge => {
                    "the file system takes no file of this size: lower `max_file_size_mb`, or change `output_dir`"
                }
                ErrorKind::InvalidFilename => {
                    "the file system takes no name of this length or form: shorten the names the path is made of"
                }
                _ => return None,
            },
            Self::Read { source, .. } if source.kind() == ErrorKind::PermissionDenied => {
                "give the user who runs this the right to read it"
            }
            Self::IsFile { .. } => "move the file away, or change `output_dir`",
            _ => return None,
        };
        Some(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_which_it_is() {
        let refused = |kind: ErrorKind| {
            let error = StorageError::Write { place: Place::Local("/lake/x".into()), source: kind.into() };
            error.hint().unwrap_or_default()
        };
        assert!(refused(ErrorKind::PermissionDenied).contains("right to write"));
        assert!(refused(ErrorKind::StorageFull).contains("disk is full"));
        assert!(refused(ErrorKind::ReadOnlyFilesystem).contains("read-only"));
        assert_eq!(refused(ErrorKind::Other), "", "the page of the code knows more than a guess");
    }

    #[test]
    fn keys_know_their_folders() {
        let key = Key::root().join("a").join("").join("b/c");
        assert_eq!(key.as_str(), "a/b/c");
        assert_eq!(key.parent().map(|folder| folder.to_string()), Some("a/b".into()));
        assert_eq!(Key::root().parent(), None);
        assert_eq!(key.below(&Key::root().join("a")), Some("b/c"));
        assert_eq!(key.below(&Key::root().join("x")), None);
    }
}
