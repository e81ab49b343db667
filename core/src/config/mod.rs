//! Text to settings: reads YAML with spans, finds every problem at once, resolves what is valid.
//!
//! Other modules see [`settings`] only. Files come in as text; nothing here touches the network,
//! the clock or the process environment.

pub(crate) mod settings;

use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;
use crate::world::Environment;

/// A config file or a whole workspace, read.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The folder given, or the folder of the file given; absolute.
    pub(crate) root: PathBuf,
    /// In the order of their names.
    pub(crate) files: Vec<LoadedFile>,
}

/// One config file, as far as it could be understood.
#[derive(Debug)]
pub(crate) struct LoadedFile {
    /// Absolute.
    pub(crate) path: PathBuf,
    /// As the user would name it: relative to the engine's root where it lies below it.
    pub(crate) display: String,
    /// The whole text; empty if it could not be read.
    pub(crate) text: String,
    /// Everything found, in the order of the text.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The settings, with those datasets that are valid; `None` if the file could not be understood.
    pub(crate) pipeline: Option<settings::Pipeline>,
}

/// Reads the config file or workspace folder `target` (relative to `root`; empty: `root` itself).
/// Never fails: a target that cannot be read is a file with a diagnostic.
pub(crate) fn load(root: &Path, target: &str, environment: &dyn Environment) -> Loaded {
    let _ = (root, target, environment);
    todo!()
}
