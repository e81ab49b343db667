//! Text to settings: reads YAML with spans, finds every problem at once, resolves what is valid.
//!
//! Other modules see [`settings`] only. Files come in as text; nothing here touches the network,
//! the clock or the process environment.

pub(crate) mod assist;
#[cfg(test)]
mod bad_input_tests;
mod check;
#[cfg(test)]
mod code_tests;
mod dialect;
pub(crate) mod edit;
pub(crate) mod files;
mod findings;
#[cfg(test)]
pub(crate) mod fixture;
pub(crate) mod form;
mod forms;
mod ignore;
pub(crate) mod interpolate;
pub(crate) mod layers;
mod load;
mod names;
pub(crate) mod once;
mod options;
pub(crate) mod path;
#[cfg(test)]
mod predecessor_tests;
mod resolve;
pub(crate) mod save;
pub(crate) mod schema;
pub(crate) mod secrets;
pub(crate) mod settings;
mod survey;
mod syntax;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;

pub(crate) use dialect::migrate::Migrated;
pub(crate) use layers::origin::{Origin, effective};
pub(crate) use load::{load, load_text, read_text};
pub(crate) use survey::{ClearSecret, Survey, VariableUse, survey, variable, without_secrets};

/// A config file or a whole workspace, read.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The folder given, or the folder of the file given; absolute.
    pub(crate) root: PathBuf,
    /// In the order of their names.
    pub(crate) files: Vec<LoadedFile>,
}

/// One config file, as far as it could be understood.
#[derive(Debug, Default)]
pub(crate) struct LoadedFile {
    /// Absolute.
    pub(crate) path: PathBuf,
    /// As the user would name it: relative to the engine's root where it lies below it.
    pub(crate) display: String,
    /// The whole text; empty if it could not be read.
    pub(crate) text: String,
    /// The other files that count for it: those it extends, and the overlay of the environment.
    pub(crate) layers: Vec<PathBuf>,
    /// Everything found: in this file in the order of the text, then in the other files that it is made
    /// of. A finding names the file it is in.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The settings, with those datasets that are valid; `None` if the file could not be understood.
    pub(crate) pipeline: Option<settings::Pipeline>,
}

/// The text of the file `file` (relative to `root`) in the canonical form.
///
/// # Errors
///
/// What is in the way, with places in `text`.
pub(crate) fn migrate(root: &Path, file: &str, text: &str) -> Result<Migrated, Vec<Diagnostic>> {
    let path = files::normalise(&root.join(file));
    dialect::migrate::migrate(text, layers::is_overlay(&path) || files::is_part(&path))
}

/// Names of the environments there are for the file `file` (relative to `root`), sorted.
pub(crate) fn environments(root: &Path, file: &str) -> Vec<String> {
    let path = files::normalise(&root.join(file));
    let folder = path.parent().unwrap_or(&path);
    let around = layers::Around { path: &path, folder, workspace: folder, root, overlay: None };
    layers::environments(around).into_iter().map(|(name, _)| name).collect()
}

/// Names of the environments there are for any of `files`, which were loaded from `workspace`, sorted.
pub(crate) fn environments_of(root: &Path, workspace: &Path, files: &[LoadedFile]) -> Vec<String> {
    let folders: BTreeSet<&Path> = files.iter().filter_map(|file| file.path.parent()).collect();
    let of = |folder| layers::Around { path: folder, folder, workspace, root, overlay: None };
    let names: BTreeSet<String> =
        folders.into_iter().flat_map(|folder| layers::environments(of(folder))).map(|(name, _)| name).collect();
    names.into_iter().collect()
}
