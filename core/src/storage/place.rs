//! Where something is, as messages and readers outside name it.

use std::fmt;
use std::path::{Path, PathBuf};

/// A folder or file of a store, absolute.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// On this machine.
    Local(PathBuf),
    /// Elsewhere, with its scheme: `s3://bucket/folder/file`. Never with credentials.
    Remote(String),
}

impl Place {
    /// The path, if it is on this machine.
    pub fn local(&self) -> Option<&Path> {
        match self {
            Self::Local(path) => Some(path),
            Self::Remote(_) => None,
        }
    }
}

impl From<PathBuf> for Place {
    fn from(path: PathBuf) -> Self {
        Self::Local(path)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(path) => path.display().fmt(f),
            Self::Remote(address) => f.write_str(address),
        }
    }
}
