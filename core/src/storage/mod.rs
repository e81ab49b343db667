//! Places where data lands: named files below a root, with the guarantees that commits need.
//!
//! Owns how bytes become durable and visible; knows nothing of partitions or tables.

mod disk;
pub(crate) mod hive;
mod local;
pub(crate) mod trial;
mod unavailable;

use std::fmt;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::settings::StorageSettings;
use crate::diagnostic::code::{self, Code};
use crate::error::{Coded, Stage};

pub use disk::{Disk, DiskFile, RealDisk};
pub(crate) use local::LocalStore;

/// A path below a store's root: segments joined by `/`. Names come from the program, escaped where
/// a user chose them, so no segment is empty, `.` or `..`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key(String);

impl Key {
    /// The root itself.
    pub(crate) fn root() -> Self {
        Self::default()
    }
    /// One or more segments further down. `name` comes from the program, not from a user.
    pub(crate) fn join(&self, name: &str) -> Self {
        match (self.0.is_empty(), name.is_empty()) {
            (_, true) => self.clone(),
            (true, false) => Self(name.to_owned()),
            (false, false) => Self(format!("{}/{name}", self.0)),
        }
    }
    /// The folder it is in; `None` for the root.
    pub(crate) fn parent(&self) -> Option<Self> {
        if self.0.is_empty() {
            return None;
        }
        Some(Self(self.0.rsplit_once('/').map_or_else(String::new, |(folder, _)| folder.to_owned())))
    }
    /// As text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
    /// The part below `folder`, if it is there.
    pub(crate) fn below(&self, folder: &Self) -> Option<&str> {
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
pub(crate) struct Entry {
    /// Its name, without the folder.
    pub(crate) name: String,
    /// Whether it is a folder itself.
    pub(crate) folder: bool,
}

/// A file being written. Invisible to nobody, so its name must be new: parts carry the attempt's id.
pub(crate) trait Upload: Write + Send {
    /// Makes the content durable; the name becomes durable with [`Store::settle`].
    fn finish(self: Box<Self>) -> Result<(), StorageError>;
}

/// Proof that a process is alive: as long as it exists, [`Store::is_held`] is true of its key.
pub(crate) trait Hold: Send + fmt::Debug {}

/// Named files with the guarantees that commits need.
pub(crate) trait Store: Send + Sync + fmt::Debug {
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
    fn open(&self, key: &Key) -> Result<std::fs::File, StorageError>;
    /// What is in a folder, sorted by name; empty if there is no such folder.
    fn list(&self, folder: &Key) -> Result<Vec<Entry>, StorageError>;
    /// Removes a file; one that is not there is fine.
    fn remove(&self, key: &Key) -> Result<(), StorageError>;
    /// Removes a folder if it is empty; otherwise does nothing.
    fn remove_if_empty(&self, folder: &Key) -> Result<(), StorageError>;
    /// Takes `key` as a sign of life. It ends with the process, however that ends.
    fn hold(&self, key: &Key) -> Result<Box<dyn Hold>, StorageError>;
    /// Whether somebody alive holds `key`.
    fn is_held(&self, key: &Key) -> Result<bool, StorageError>;
    /// The absolute place, for messages and for readers outside.
    fn place(&self, key: &Key) -> PathBuf;
}

/// Opens the storage of a layer. Nothing is made or checked yet. A kind that this version cannot reach
/// gives a store that refuses every call.
pub(crate) fn open(settings: &StorageSettings, disk: Arc<dyn Disk>) -> Arc<dyn Store> {
    match settings.local_root() {
        Some(root) => local(root, disk),
        None => Arc::new(unavailable::UnavailableStore { backend: settings.backend(), address: settings.address() }),
    }
}

/// Opens the local folder `root` as a store. Nothing is made or checked yet.
pub(crate) fn local(root: &Path, disk: Arc<dyn Disk>) -> Arc<dyn Store> {
    Arc::new(LocalStore::new(root.to_path_buf(), disk))
}

/// Why a store could not do it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StorageError {
    /// Nothing has this name.
    #[error("{} does not exist", path.display())]
    Missing {
        /// The absolute path.
        path: PathBuf,
    },
    /// The name is taken.
    #[error("{} exists already", path.display())]
    Exists {
        /// The absolute path.
        path: PathBuf,
    },
    /// A folder is needed where a file stands.
    #[error("{} is a file where a folder is needed", path.display())]
    IsFile {
        /// The absolute path.
        path: PathBuf,
    },
    /// The system refused to write.
    #[error("{} cannot be written", path.display())]
    Write {
        /// The absolute path.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The system refused to read.
    #[error("{} cannot be read", path.display())]
    Read {
        /// The absolute path.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// This version cannot reach storage of this kind.
    #[error("storage of the kind `{backend}` is not available in this version")]
    Unavailable {
        /// As written in configs.
        backend: &'static str,
    },
}

impl Coded for StorageError {
    fn code(&self) -> Code {
        match self {
            Self::Missing { .. } | Self::Read { .. } => code::STG013,
            Self::Exists { .. } => code::STG012,
            Self::IsFile { .. } => code::STG011,
            Self::Write { .. } => code::STG010,
            Self::Unavailable { .. } => code::CFG018,
        }
    }
    fn stage(&self) -> Stage {
        match self {
            Self::Unavailable { .. } => Stage::Configuration,
            _ => Stage::Storage,
        }
    }
    fn hint(&self) -> Option<String> {
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
            let error = StorageError::Write { path: "/lake/x".into(), source: kind.into() };
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
