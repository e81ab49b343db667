//! Text to settings: reads YAML with spans, finds every problem at once, resolves what is valid.
//!
//! Other modules see [`settings`] only. Files come in as text; nothing here touches the network,
//! the clock or the process environment.

#[cfg(test)]
mod bad_input_tests;
mod check;
pub(crate) mod edit;
pub(crate) mod files;
mod findings;
#[cfg(test)]
mod fixture;
mod forms;
mod interpolate;
mod load;
mod options;
mod path;
mod resolve;
pub(crate) mod schema;
pub(crate) mod settings;
mod syntax;
#[cfg(test)]
mod tests;
mod text;

use std::path::PathBuf;

use crate::diagnostic::Diagnostic;

pub(crate) use load::load;

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
