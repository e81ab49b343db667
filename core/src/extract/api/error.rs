//! Why an API could not be read to its end. No secret is in any of it.

use std::path::PathBuf;
use std::time::Duration;

use crate::diagnostic::code::{self, Code};
use crate::error::{Coded, Stage};

/// See the module.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// Variables that hold secrets are not set.
    #[error("{} not set: {}", if variables.len() == 1 { "an environment variable is" } else { "environment variables are" }, variables.join(", "))]
    MissingSecret {
        /// Their names.
        variables: Vec<String>,
    },
    /// 401.
    #[error("{target} does not accept the credentials{}", said(said_by))]
    Unauthorized {
        /// The address.
        target: String,
        /// What the server said.
        said_by: String,
    },
    /// 403.
    #[error("{target} refuses permission{}", said(said_by))]
    Forbidden {
        /// The address.
        target: String,
        /// What the server said.
        said_by: String,
    },
    /// The server of tokens gave none.
    #[error("{target} gives no token: {reason}")]
    NoToken {
        /// Its address.
        target: String,
        /// Why.
        reason: String,
        /// Whether it may give one later.
        transient: bool,
    },
    /// Another host would get what is meant for this one.
    #[error("{from} leads to another host: {to}")]
    Elsewhere {
        /// The address that was asked.
        from: String,
        /// Scheme and host that it leads to.
        to: String,
    },
    /// No answer, or one that broke off.
    #[error("{target} cannot be reached: {reason} (tried {tries} times)")]
    Unreachable {
        /// The address.
        target: String,
        /// What happened the last time.
        reason: String,
        /// How often it was tried.
        tries: u32,
    },
    /// The certificate is not trusted.
    #[error("{target} shows a certificate that is not trusted: {reason}")]
    Certificate {
        /// The address.
        target: String,
        /// Why not.
        reason: String,
    },
    /// A status that says so.
    #[error("{target} answers {status}{}", said(said_by))]
    Status {
        /// The address.
        target: String,
        /// 100 to 999.
        status: u16,
        /// What the server said.
        said_by: String,
    },
    /// It limits requests.
    #[error("{target} asks for fewer requests{}", wish.map_or_else(String::new, |wish| format!(", and to be left alone for {} s", wish.as_secs())))]
    Throttled {
        /// The address.
        target: String,
        /// For how long it wants to be left alone.
        wish: Option<Duration>,
    },
    /// The extract has a time limit.
    #[error("the extract was not done within {seconds} s")]
    Deadline {
        /// `run.deadline_seconds`.
        seconds: u64,
    },
    /// Too many failures.
    #[error("{host} failed too often and is not asked for another {} s", left.as_secs().max(1))]
    Resting {
        /// Host and port.
        host: String,
        /// For how long.
        left: Duration,
    },
    /// Nothing could be sent.
    #[error("the request cannot be made: {reason}")]
    Request {
        /// Why.
        reason: String,
    },
    /// A file that is needed for the connection.
    #[error("{} cannot be used: {reason}", path.display())]
    Certificates {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The file of the schema.
    #[error("the response schema {} cannot be used: {reason}", path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The answer is no JSON.
    #[error("{target} answers with something that is not JSON: {reason}")]
    NotJson {
        /// The address.
        target: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The answer is JSON, but not what it should be.
    #[error("{target} reports an error: {said_by}")]
    ErrorInside {
        /// The address.
        target: String,
        /// What the server said.
        said_by: String,
    },
    /// No records there.
    #[error("`data_path: {path}`: {reason}")]
    DataPath {
        /// As written.
        path: String,
        /// Why not.
        reason: String,
    },
    /// Not one record could be read.
    #[error("not one record of {target} can be read, the first because: {reason}")]
    Hopeless {
        /// The address.
        target: String,
        /// Of the first.
        reason: String,
    },
    /// A field of a parent.
    #[error("a record of {target} has no `{field}`, which the address of its children needs")]
    NoParentField {
        /// The address of the parents.
        target: String,
        /// The field.
        field: String,
    },
    /// A page that was there before.
    #[error("page {page} is the same as an earlier one")]
    SamePage {
        /// From 1.
        page: u64,
    },
    /// A cursor that was there before.
    #[error("page {page} leads back to an earlier one: its cursor came before")]
    SameCursor {
        /// From 1.
        page: u64,
    },
    /// More than allowed.
    #[error("there are more than {limit} pages")]
    TooManyPages {
        /// `pagination.max_pages`.
        limit: u64,
    },
    /// Fewer records than the server said.
    #[error("{received} records came of {promised} that the API says there are")]
    Fewer {
        /// That came.
        received: u64,
        /// That there should be.
        promised: u64,
    },
    /// Nothing but empty pages.
    #[error("{pages} pages in a row had no records, and there should be more")]
    EmptyPages {
        /// How many.
        pages: u64,
    },
    /// The next page has no address.
    #[error("page {page} says that there is more, but {reason}")]
    NoNext {
        /// From 1.
        page: u64,
        /// What is missing.
        reason: String,
    },
    /// `null_cursor: fail`.
    #[error("a record has no `{field}`")]
    NullCursor {
        /// The cursor.
        field: String,
    },
    /// The cursor is not of its type.
    #[error("the cursor `{value}` is no {type_name}")]
    OddCursor {
        /// As the source writes it.
        value: String,
        /// As people write it.
        type_name: String,
    },
    /// The file that keeps pages.
    #[error("pages cannot be kept in {}", path.display())]
    Spool {
        /// The file, or its folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// No threads, or they are gone.
    #[error("the threads of the extraction are gone")]
    Threads {
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Somebody cancelled.
    #[error("cancelled")]
    Cancelled,
}

/// What a server said, if anything.
fn said(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {text}") }
}

impl Coded for ApiError {
    fn code(&self) -> Code {
        match self {
            Self::MissingSecret { .. } => code::AUTH010,
            Self::Unauthorized { .. } => code::AUTH011,
            Self::Forbidden { .. } => code::AUTH012,
            Self::NoToken { .. } => code::AUTH013,
            Self::Elsewhere { .. } => code::AUTH014,
            Self::Unreachable { .. } => code::EXT040,
            Self::Status { .. } => code::EXT041,
            Self::NotJson { .. } => code::EXT042,
            Self::ErrorInside { .. } => code::EXT043,
            Self::Throttled { .. } => code::EXT044,
            Self::Deadline { .. } => code::EXT045,
            Self::Resting { .. } => code::EXT046,
            Self::Request { .. } | Self::Certificates { .. } => code::EXT047,
            Self::Schema { .. } => code::EXT048,
            Self::DataPath { .. } | Self::Hopeless { .. } => code::EXT049,
            Self::Spool { .. } => code::EXT050,
            Self::NoParentField { .. } => code::EXT051,
            Self::Certificate { .. } => code::EXT052,
            Self::SamePage { .. } | Self::SameCursor { .. } => code::PAGE010,
            Self::TooManyPages { .. } => code::PAGE011,
            Self::Fewer { .. } => code::PAGE012,
            Self::EmptyPages { .. } => code::PAGE015,
            Self::NoNext { .. } => code::PAGE016,
            Self::NullCursor { .. } => code::STATE002,
            Self::OddCursor { .. } => code::STATE003,
            Self::Threads { .. } => code::RUN013,
            Self::Cancelled => code::RUN011,
        }
    }
    fn stage(&self) -> Stage {
        match self {
            Self::MissingSecret { .. } | Self::Request { .. } | Self::Certificates { .. } | Self::Schema { .. } => {
                Stage::Configuration
            }
            Self::Cancelled => Stage::Cancelled,
            _ => Stage::Extraction,
        }
    }
    fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Throttled { .. } | Self::Resting { .. } => true,
            Self::Status { status, .. } => *status >= 500,
            Self::NoToken { transient, .. } => *transient,
            _ => false,
        }
    }
}
