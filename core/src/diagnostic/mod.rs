//! Findings about what a person wrote: code, severity, place, message, help and fix.
//!
//! Owns the data and its text renderers; never decides what is wrong (that is `config::check`).

pub mod code;
pub(crate) mod deprecation;
pub(crate) mod examples;
pub(crate) mod predecessor;
pub(crate) mod render;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use code::Code;
pub use deprecation::{Deprecation, Dialect};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing runs until it is mended.
    Error,
    /// It runs, but perhaps not as meant.
    Warning,
    /// Worth knowing.
    Info,
}

/// A stretch of a text file. Lines and columns count from 1; columns count characters;
/// `start` and `end` are byte offsets, `end` exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Line of the first byte, from 1.
    pub line: u32,
    /// Column of the first byte in characters, from 1.
    pub column: u32,
    /// Line of the end, from 1.
    pub end_line: u32,
    /// Column of the end in characters, from 1.
    pub end_column: u32,
}

/// A stretch of text replaced by another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TextEdit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// By what.
    pub text: String,
}

/// A change a machine can make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Fix {
    /// What the change does, as an order: "rename to `base_url`".
    pub title: String,
    /// What is replaced: in the order of the text, not overlapping, all offsets of the text as it is.
    pub edits: Vec<TextEdit>,
    /// Whether it keeps what the text means, or does what the text certainly means, so that `--fix` may
    /// apply it without asking about it in particular. A guess, such as the nearest name, is not safe.
    pub safe: bool,
}

impl Fix {
    /// A fix of one stretch.
    pub(crate) fn one(title: impl Into<String>, span: Span, text: impl Into<String>, safe: bool) -> Self {
        Self { title: title.into(), edits: vec![TextEdit { span, text: text.into() }], safe }
    }
}

/// Another place that helps to understand a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Related {
    /// What is there: "first defined here".
    pub message: String,
    /// Where.
    pub span: Span,
    /// The file as the user would name it; empty for the file of the finding.
    #[serde(default)]
    pub file: String,
}

impl Related {
    /// A place in the file of the finding.
    pub(crate) fn here(message: impl Into<String>, span: Span) -> Self {
        Self { message: message.into(), span, file: String::new() }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Diagnostic {
    /// What kind of finding; `explain` has its page.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// What is wrong here, without advice and without a full stop.
    pub message: String,
    /// The file as the user would name it; empty when it belongs to no file.
    pub file: String,
    /// Where in the document: `sources[0].source.file.path`; empty for the whole file.
    pub path: String,
    /// Where in the text, if the place exists in it.
    pub span: Option<Span>,
    /// What to do.
    pub help: Option<String>,
    /// A change that mends it.
    pub fix: Option<Fix>,
    /// Other places that matter.
    pub related: Vec<Related>,
}

impl Diagnostic {
    /// A finding without a place yet.
    pub(crate) fn new(code: Code, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            file: String::new(),
            path: String::new(),
            span: None,
            help: None,
            fix: None,
            related: Vec::new(),
        }
    }
    /// An error.
    pub(crate) fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }
    /// A warning.
    pub(crate) fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }
    /// Says where.
    pub(crate) fn at(mut self, path: impl Into<String>, span: Option<Span>) -> Self {
        self.path = path.into();
        self.span = span;
        self
    }
    /// Says what to do.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
