//! New configurations: from templates, and from what is found in files.
//!
//! Owns the texts that a person starts from. Writes no file, and is sure of nothing: what it could
//! not decide stands in the text as a comment or is said as a note.

mod discover;
mod head;
mod scalar;
mod template;

use std::path::{Path, PathBuf};

use crate::diagnostic::code::{self, Code};
use crate::error::{Coded, Stage};
use crate::extract::ExtractError;

pub(crate) use discover::{Search, discover};
pub(crate) use head::{SCHEMA_FILE, SCHEMA_LINE};
pub(crate) use template::{fill, templates};

/// Why there is no new configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScaffoldError {
    /// No template has this name.
    #[error("there is no template `{name}`")]
    NoTemplate {
        /// The name.
        name: String,
        /// The nearest one there is.
        nearest: Option<String>,
        /// All of them.
        known: Vec<String>,
    },
    /// The template asks no such question.
    #[error("the template `{template}` has no question `{name}`")]
    NoQuestion {
        /// The template.
        template: String,
        /// The question.
        name: String,
        /// The nearest one there is.
        nearest: Option<String>,
        /// All of them.
        known: Vec<String>,
    },
    /// An answer is missing or not one of those there are.
    #[error("the answer to `{name}` {problem}")]
    BadAnswer {
        /// The question.
        name: String,
        /// "is missing", "is none of csv, tsv".
        problem: String,
        /// What is asked.
        question: String,
    },
    /// A kind of source that cannot be looked into.
    #[error("{what} cannot be discovered by this version")]
    NotYet {
        /// "a database", "an API".
        what: &'static str,
        /// A template to start from instead.
        template: &'static str,
    },
    /// A secret would be written down.
    #[error("the address has {what}")]
    SecretInAddress {
        /// "a user or password".
        what: String,
    },
    /// An API that was asked without a token, and wants one.
    #[error("{0}")]
    NeedsToken(ExtractError),
    /// Nothing is at the place.
    #[error("there is no file or folder {}", path.display())]
    Missing {
        /// The absolute path.
        path: PathBuf,
        /// The nearest name beside it.
        nearest: Option<String>,
    },
    /// The folder cannot be listed.
    #[error("{} cannot be read", path.display())]
    Unlisted {
        /// The absolute path.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// There is no data file.
    #[error("there is no data to describe in {}{}", path.display(), if why.is_empty() { String::new() } else { format!(": {why}") })]
    Nothing {
        /// The absolute path.
        path: PathBuf,
        /// What is there instead.
        why: String,
    },
    /// The one file that was named cannot be read.
    #[error(transparent)]
    Source(#[from] ExtractError),
    /// Somebody cancelled.
    #[error("cancelled")]
    Cancelled,
}

impl Coded for ScaffoldError {
    fn code(&self) -> Code {
        match self {
            Self::NoTemplate { .. } | Self::NoQuestion { .. } => code::CFG065,
            Self::BadAnswer { .. } => code::CFG066,
            Self::NotYet { .. } => code::CFG067,
            Self::SecretInAddress { .. } => code::DOC002,
            Self::Missing { .. } => code::EXT010,
            Self::Unlisted { .. } => code::EXT019,
            Self::Nothing { .. } => code::CFG068,
            Self::Source(error) | Self::NeedsToken(error) => error.code(),
            Self::Cancelled => code::RUN011,
        }
    }
    fn stage(&self) -> Stage {
        match self {
            Self::Source(error) => error.stage(),
            Self::Missing { .. } | Self::Unlisted { .. } => Stage::Extraction,
            Self::Cancelled => Stage::Cancelled,
            _ => Stage::Configuration,
        }
    }
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoTemplate { nearest: Some(nearest), .. } | Self::NoQuestion { nearest: Some(nearest), .. } => {
                Some(format!("did you mean `{nearest}`?"))
            }
            Self::NoTemplate { known, .. } => Some(format!("there are {}", known.join(", "))),
            Self::NoQuestion { known, .. } => Some(format!("it asks for {}", known.join(", "))),
            Self::BadAnswer { name, question, .. } => Some(format!("{question} Answer with `--set {name}=…`")),
            Self::NotYet { template, .. } => Some(format!(
                "files and folders of files can; or start from a template: `medallion new --template {template}`"
            )),
            Self::NeedsToken(_) => Some(
                "put a token into a variable and name that: --auth-env-var NAME; for other kinds of proof start from \
                 `medallion new --template api-full`"
                    .to_owned(),
            ),
            Self::SecretInAddress { .. } => {
                Some("put it into a variable and name that: --auth-env-var NAME sends it as a bearer token".to_owned())
            }
            Self::Missing { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
            Self::Missing { .. } => Some("relative paths start at the working folder".to_owned()),
            Self::Source(error) => error.hint(),
            _ => None,
        }
    }
}

/// A config file that does not exist yet, below `root`.
fn free_name(root: &Path, stem: &str) -> String {
    let names = std::iter::once(format!("{stem}.yaml")).chain((2..).map(|number| format!("{stem}-{number}.yaml")));
    let mut free = names.filter(|name| !root.join(name).exists());
    free.next().unwrap_or_default()
}

/// A text as a name for a table: lower case, `_` between words.
fn identifier(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() {
            name.extend(c.to_lowercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    let name = name.trim_end_matches('_');
    let short: String = name.chars().take(60).collect();
    if short.is_empty() { "data".to_owned() } else { short }
}
