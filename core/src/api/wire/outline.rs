//! Wire types for editors: outline of a draft, comments that hide findings.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Draft, Span};

/// The parts of a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Outline {
    /// Whether it looks like a configuration of this program; other YAML is nobody's business.
    pub ours: bool,
    /// Sections of the first level, in the order of the text.
    pub parts: Vec<Part>,
}

/// A dataset or section of a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// A few words more; may be empty.
    pub detail: String,
    /// Whether it is a dataset.
    pub dataset: bool,
    /// All of it.
    pub span: Span,
    /// Its key, or the first line of a dataset.
    pub key: Span,
    /// What is in it, in the order of the text.
    #[ts(type = "Array<Part>")]
    pub parts: Vec<Self>,
}

/// Asks for a comment that hides a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IgnoreRequest {
    /// The draft.
    pub draft: Draft,
    /// The code of the finding.
    pub code: String,
    /// Where the finding starts, in bytes.
    pub offset: u32,
}
