//! Why a database could not be read. What a server says is kept, without the secrets that were sent.

use crate::diagnostic::code::{self, Code};
use crate::error::{Coded, Stage};

/// Why a database could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DbError {
    /// A variable that holds a part of the address is not set; nothing was tried.
    #[error("the variable `{variable}` with {what} of the database is not set")]
    NoVariable {
        /// Its name.
        variable: String,
        /// "the password".
        what: &'static str,
    },
    /// What stands in the variable is no address.
    #[error("the connection string in `{variable}` {reason}")]
    BadAddress {
        /// Its name.
        variable: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody answers there.
    #[error("{place} cannot be reached: {reason}")]
    Unreachable {
        /// The server, as far as it may be shown.
        place: String,
        /// What the system says.
        reason: String,
    },
    /// The server lets nobody in with these words.
    #[error("{place} refuses the login: {reason}")]
    Login {
        /// The server.
        place: String,
        /// What it says.
        reason: String,
    },
    /// The encryption asked for did not come about.
    #[error("the connection to {place} cannot be encrypted as asked: {reason}")]
    Tls {
        /// The server.
        place: String,
        /// What does not fit.
        reason: String,
    },
    /// The database does not run the query.
    #[error("the database refuses the query: {reason}{}", state.as_ref().map_or_else(String::new, |state| format!(" ({state})")))]
    Refused {
        /// What it says.
        reason: String,
        /// Its own code.
        state: Option<String>,
    },
    /// A column that the config names is not in the result.
    #[error("the result has no column `{column}`")]
    NoColumn {
        /// The name.
        column: String,
        /// The nearest name it has.
        nearest: Option<String>,
    },
    /// Two columns of the result share a name.
    #[error("the result has two columns `{column}`")]
    Twice {
        /// The name.
        column: String,
    },
    /// No answer came in time.
    #[error("the database did not answer within {seconds} s")]
    Slow {
        /// The limit.
        seconds: f64,
    },
    /// The whole extract took too long.
    #[error("the extract did not end within {seconds} s")]
    Deadline {
        /// The limit.
        seconds: u64,
    },
    /// The connection broke while rows came.
    #[error("the connection to the database was lost: {reason}")]
    Lost {
        /// What is known of it.
        reason: String,
    },
    /// A parameter of the query has no value.
    #[error("the parameter `{name}` of the query has no value")]
    NoValue {
        /// `:name`, or `?` with its number.
        name: String,
    },
    /// A cursor that cannot be compared with the column.
    #[error("the cursor `{value}` is no {type_name}, as the column `{column}` has them")]
    Cursor {
        /// The column.
        column: String,
        /// The value.
        value: String,
        /// Its type, as a person would write it.
        type_name: String,
    },
    /// A row has no cursor, and `null_cursor: fail` is set.
    #[error("row {row} has no value in the cursor column `{column}`")]
    NullCursor {
        /// The column.
        column: String,
        /// Its number, from 1.
        row: u64,
    },
    /// The text is not one query.
    #[error("the query {reason}")]
    NotAQuery {
        /// What it is instead.
        reason: String,
    },
    /// A column that rows cannot be divided by.
    #[error("rows cannot be divided by the column `{column}`: {reason}")]
    Indivisible {
        /// The column.
        column: String,
        /// Why not.
        reason: String,
    },
    /// The system gave no threads.
    #[error("no threads for the connection: {0}")]
    Threads(#[from] std::io::Error),
    /// The reading thread ended without a word.
    #[error("reading the database ended unexpectedly")]
    Gone,
}

impl Coded for DbError {
    fn code(&self) -> Code {
        match self {
            Self::NoVariable { .. } => code::EXT060,
            Self::BadAddress { .. } => code::EXT061,
            Self::Unreachable { .. } => code::EXT062,
            Self::Login { .. } => code::EXT063,
            Self::Tls { .. } => code::EXT064,
            Self::Refused { .. } => code::EXT065,
            Self::NoColumn { .. } => code::EXT066,
            Self::Twice { .. } => code::EXT067,
            Self::Slow { .. } | Self::Deadline { .. } => code::EXT068,
            Self::Lost { .. } => code::EXT069,
            Self::NoValue { .. } => code::EXT070,
            Self::Cursor { .. } => code::EXT071,
            Self::NullCursor { .. } => code::EXT072,
            Self::NotAQuery { .. } => code::EXT073,
            Self::Indivisible { .. } => code::EXT074,
            Self::Threads(_) | Self::Gone => code::EXT001,
        }
    }
    fn stage(&self) -> Stage {
        match self {
            Self::NoVariable { .. }
            | Self::BadAddress { .. }
            | Self::NoValue { .. }
            | Self::Cursor { .. }
            | Self::NotAQuery { .. } => Stage::Configuration,
            _ => Stage::Extraction,
        }
    }
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoVariable { variable, .. } => Some(format!("set `{variable}` in the environment or in `.env`")),
            Self::NoColumn { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
            Self::Twice { column } => Some(format!("give one of them another name: `… AS {column}_2`")),
            Self::Slow { .. } => Some("give it more time with `run.timeout_seconds`".to_owned()),
            Self::Deadline { .. } => Some("give it more time with `run.deadline_seconds`".to_owned()),
            Self::NullCursor { .. } => {
                Some("`null_cursor: include` lands such rows, `exclude` leaves them out".to_owned())
            }
            _ => None,
        }
    }
    fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Slow { .. } | Self::Lost { .. })
    }
}

/// Texts that must not be seen: what was sent in secret and what a server may repeat.
#[derive(Clone, Default)]
pub(super) struct Hidden(Vec<String>);

impl Hidden {
    /// Hides one more. Single letters are left, since a text without them says nothing.
    pub(super) fn hide(&mut self, secret: &str) {
        if secret.chars().count() > 2 && !self.0.iter().any(|known| known == secret) {
            self.0.push(secret.to_owned());
            // The longest first, so that no part of it is left behind.
            self.0.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        }
    }
    /// The text with `***` in their place.
    pub(super) fn redact(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_repeats_is_hidden() {
        let mut hidden = Hidden::default();
        for secret in ["pass", "password1", "x", ""] {
            hidden.hide(secret);
        }
        assert_eq!(hidden.redact("no entry with password1 or pass for x"), "no entry with *** or *** for x");
        assert_eq!(format!("{hidden:?}"), "***");
    }
}
