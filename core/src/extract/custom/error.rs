//! What goes wrong with a program that gives records.

use std::io;

use crate::diagnostic::code::{self, Code};
use crate::error::{Coded, Stage};

/// Why a program gave no records, or not all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CustomError {
    /// It could not be started.
    #[error("`{program}` cannot be started")]
    NotStarted {
        /// Its first word.
        program: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A variable that it shall see is not set.
    #[error("the variable `{name}`, which the program shall see, is not set")]
    Variable {
        /// Ours.
        name: String,
    },
    /// It said by its status that it failed.
    #[error("`{program}` failed: {status}")]
    Failed {
        /// Its first word.
        program: String,
        /// `exit status 3`, or the signal.
        status: String,
        /// The end of what it wrote to standard error, without secrets.
        said: String,
    },
    /// It wrote nothing for too long.
    #[error("`{program}` wrote nothing for {seconds} seconds")]
    Silent {
        /// Its first word.
        program: String,
        /// The limit.
        seconds: f64,
        /// As above.
        said: String,
    },
    /// It was not done in time.
    #[error("`{program}` was not done within {seconds} seconds")]
    Deadline {
        /// Its first word.
        program: String,
        /// The limit.
        seconds: u64,
    },
    /// What it wrote has other streams only.
    #[error("the program wrote no stream `{stream}`, but {}", found.join(", "))]
    NoStream {
        /// The one to land.
        stream: String,
        /// Those there are.
        found: Vec<String>,
    },
    /// Nothing that it wrote is a record.
    #[error("the program wrote no readable record; line {line}: {reason}")]
    NoRecords {
        /// Of the first line that is none.
        line: u64,
        /// Why it is none.
        reason: String,
    },
    /// What it wrote cannot be kept.
    #[error("what the program writes cannot be kept")]
    Scratch {
        /// The cause.
        #[source]
        source: io::Error,
    },
}

impl Coded for CustomError {
    fn code(&self) -> Code {
        match self {
            Self::NotStarted { .. } => code::EXT083,
            Self::Variable { .. } => code::EXT084,
            Self::Failed { .. } => code::EXT085,
            Self::Silent { .. } | Self::Deadline { .. } => code::EXT086,
            Self::NoStream { .. } => code::EXT087,
            Self::NoRecords { .. } => code::EXT088,
            Self::Scratch { .. } => code::EXT089,
        }
    }
    fn stage(&self) -> Stage {
        match self {
            Self::Variable { .. } => Stage::Configuration,
            _ => Stage::Extraction,
        }
    }
    fn hint(&self) -> Option<String> {
        match self {
            Self::Failed { said, .. } | Self::Silent { said, .. } if !said.is_empty() => {
                Some(format!("it said: {said}"))
            }
            _ => None,
        }
    }
    fn is_transient(&self) -> bool {
        matches!(self, Self::Silent { .. } | Self::Deadline { .. })
    }
}
