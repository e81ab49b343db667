//! A private file for what has to be kept for a while: what cannot be read in pieces, what cannot be
//! asked for twice.
//!
//! Nobody else can read it, and it is gone with its owner; on Unix it has no name from the start, so
//! that it is gone also when the process is killed.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::world::{Entropy, Environment};

/// The folder for what is on its way from sources.
pub(crate) fn folder(environment: &dyn Environment) -> PathBuf {
    base(environment).join("extract")
}

/// The folder for all that is kept for a while.
pub(crate) fn base(environment: &dyn Environment) -> PathBuf {
    let set = |name: &str| environment.var(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("MEDALLION_SCRATCH_DIR")
        .or_else(|| set("XDG_CACHE_HOME").map(|cache| cache.join("medallion")))
        .or_else(|| set("LOCALAPPDATA").map(|local| local.join("medallion").join("cache")))
        .or_else(|| set("HOME").map(|home| home.join(".cache").join("medallion")))
        .or_else(|| set("TMPDIR").map(|folder| folder.join("medallion")))
        .unwrap_or_else(|| PathBuf::from("/tmp/medallion"))
}

/// Makes the folder, for nobody else to look into.
pub(crate) fn prepare(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// An empty file.
#[derive(Debug)]
pub(crate) struct Scratch {
    /// Open for reading and writing.
    pub(crate) file: File,
    path: PathBuf,
}

impl Scratch {
    /// A new one in `folder`.
    pub(crate) fn new(folder: &Path, entropy: &dyn Entropy) -> io::Result<Self> {
        prepare(folder)?;
        let path = folder.join(format!("{}.scratch", entropy.id()));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        #[cfg(unix)]
        std::fs::remove_file(&path)?;
        Ok(Self { file, path })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !cfg!(unix) {
            let _gone = std::fs::remove_file(&self.path);
        }
    }
}
