//! The texts that the client has open.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use lsp_types::{Position, TextDocumentContentChangeEvent, Uri};
use medallion_core::api::wire::Draft;

use super::place::{Encoding, Lines, path_of};

/// An open text.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// Its address, as the client wrote it.
    pub(super) uri: Uri,
    /// Its file as the engine names it.
    pub(super) file: String,
    /// The version of the client.
    pub(super) version: i32,
    /// All of it.
    pub(super) text: Arc<str>,
    /// Where its lines start.
    pub(super) lines: Lines,
    /// Whether it is a configuration, once somebody has asked; anew for every version.
    pub(super) ours: OnceCell<bool>,
    /// When it is to be checked.
    pub(super) due: Option<Instant>,
    /// Whether a check of it is under way.
    pub(super) checking: bool,
    /// Whether findings of it are shown.
    pub(super) shown: bool,
}

impl Document {
    /// A text that was opened; `root` is the folder from which files are named.
    pub(super) fn new(uri: Uri, version: i32, text: &str, root: &Path) -> Self {
        let path = path_of(&uri).unwrap_or_else(|| PathBuf::from("untitled.yaml"));
        let file = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        let (lines, text) = (Lines::of(text), Arc::from(text));
        let ours = OnceCell::new();
        Self { uri, file, version, text, lines, ours, due: None, checking: false, shown: false }
    }

    /// What the engine is asked about.
    pub(super) fn draft(&self, environment: Option<&str>) -> Draft {
        Draft { file: self.file.clone(), text: self.text.to_string(), environment: environment.map(str::to_owned) }
    }

    /// The byte of a position.
    pub(super) fn offset(&self, position: Position, encoding: Encoding) -> u32 {
        u32::try_from(self.lines.offset(&self.text, position, encoding)).unwrap_or(u32::MAX)
    }

    /// Applies changes, each to the text that the one before it left.
    pub(super) fn change(&mut self, version: i32, changes: Vec<TextDocumentContentChangeEvent>, encoding: Encoding) {
        let mut text = self.text.to_string();
        let mut lines = std::mem::take(&mut self.lines);
        for change in changes {
            match change.range {
                None => text = change.text,
                Some(range) => {
                    let start = lines.offset(&text, range.start, encoding);
                    let end = lines.offset(&text, range.end, encoding).max(start);
                    text.replace_range(start..end, &change.text);
                }
            }
            lines = Lines::of(&text);
        }
        self.version = version;
        self.text = Arc::from(text);
        self.lines = lines;
        self.ours = OnceCell::new();
    }
}
