//! Why a service that holds data refused, was not reached, or was not understood.
//!
//! Owns the causes that a person can act on. Travels inside of [`std::io::Error`], so that code which
//! knows files only passes it on. Never has an address with a query, a key or a signature in it.

use std::error::Error;
use std::fmt;
use std::io;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::diagnostic::code::{self, Code};
use crate::error::Stage;

/// What a person can act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// There is no such bucket or container.
    NoBucket,
    /// The service does not know who asks.
    WrongKey,
    /// The service knows who asks, and refuses.
    Refused,
    /// The clocks are too far apart for signed requests.
    ClockSkew,
    /// The bucket is in another region, if the service said which.
    OtherRegion(Option<String>),
    /// Nothing answers at the address.
    Unreachable,
    /// The certificate of the service is not trusted.
    Certificate,
    /// The service asks for fewer requests, or for patience.
    Throttled,
    /// The service failed, or its answer made no sense.
    Broken,
    /// It failed so often that nobody asks before this time.
    CircuitOpen(DateTime<Utc>),
    /// A create-only put may have landed or not.
    Unsure,
    /// The file was replaced or removed while it was read.
    Changed,
    /// The bytes are not those that were committed.
    Altered,
    /// There are more or fewer bytes than were committed.
    OtherSize {
        /// Bytes that are there.
        there: u64,
        /// Bytes that were committed.
        committed: u64,
    },
    /// Nothing has this name.
    Missing,
    /// Something has this name.
    Exists,
    /// Something else stands in the way: a folder that is not empty.
    Conflict,
    /// What is needed to ask is not there.
    Setup(String),
    /// The sign of life could not be renewed in time.
    Lapsed,
    /// A name that was taken was given again.
    NotExclusive,
    /// A name that the service cannot have.
    BadName,
}

/// A refusal of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Why.
    pub(crate) cause: Cause,
    /// Host and port that were asked, if it matters.
    pub(crate) host: String,
    /// What the service or the network said, in a few words that hold no secret.
    pub(crate) said: String,
    /// How often it was tried.
    pub(crate) tries: u32,
}

impl Failure {
    /// Of this cause.
    pub(crate) fn new(cause: Cause) -> Self {
        Self { cause, host: String::new(), said: String::new(), tries: 1 }
    }
    /// With what was said.
    #[must_use]
    pub(crate) fn said(mut self, said: impl Into<String>) -> Self {
        self.said = said.into();
        self
    }
    /// With who was asked.
    #[must_use]
    pub(crate) fn host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }
    /// The failure inside of an error of input and output.
    pub(crate) fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
    /// The failure among the causes of an error, also inside of errors of input and output.
    pub(crate) fn within<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e Self> {
        let mut current = Some(error);
        while let Some(error) = current {
            if let Some(failure) = error.downcast_ref::<Self>() {
                return Some(failure);
            }
            let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            current = match inside {
                Some(inside) => Some(inside),
                None => error.source(),
            };
        }
        None
    }
    /// Whether it is about what is in a file, and not about getting it.
    pub(crate) const fn is_of_content(&self) -> bool {
        matches!(self.cause, Cause::Altered | Cause::OtherSize { .. })
    }
    /// Its code.
    pub(crate) const fn code(&self) -> Code {
        match self.cause {
            Cause::NoBucket => code::STG020,
            Cause::WrongKey => code::STG021,
            Cause::Refused => code::STG022,
            Cause::ClockSkew => code::STG023,
            Cause::Unreachable => code::STG024,
            Cause::Certificate => code::STG025,
            Cause::Throttled => code::STG026,
            Cause::CircuitOpen(_) => code::STG027,
            Cause::Unsure => code::STG028,
            Cause::NotExclusive => code::STG029,
            Cause::Lapsed => code::STG030,
            Cause::Setup(_) => code::STG031,
            Cause::Changed => code::STG032,
            Cause::OtherSize { .. } => code::STG061,
            Cause::Altered => code::STG062,
            Cause::Broken | Cause::Conflict => code::STG033,
            Cause::OtherRegion(_) => code::STG034,
            Cause::Missing => code::STG013,
            Cause::Exists => code::STG012,
            Cause::BadName => code::STG010,
        }
    }
    /// Which part of a run fails.
    pub(crate) const fn stage(&self) -> Stage {
        match self.cause {
            Cause::Setup(_) => Stage::Configuration,
            _ => Stage::Storage,
        }
    }
    /// What to do, where the page of the code cannot know.
    pub(crate) fn hint(&self) -> Option<String> {
        match &self.cause {
            Cause::OtherRegion(Some(region)) => Some(format!("set `region: {region}`")),
            Cause::CircuitOpen(until) => {
                Some(format!("wait until {}, then run it again", until.to_rfc3339_opts(SecondsFormat::Secs, true)))
            }
            _ => None,
        }
    }
    /// Whether the same call may go well later.
    pub(crate) const fn is_transient(&self) -> bool {
        matches!(
            self.cause,
            Cause::Unreachable
                | Cause::Throttled
                | Cause::Broken
                | Cause::CircuitOpen(_)
                | Cause::Unsure
                | Cause::Lapsed
        )
    }
    /// As an error of input and output.
    pub(crate) fn into_io(self) -> io::Error {
        let kind = match self.cause {
            Cause::Missing => io::ErrorKind::NotFound,
            Cause::WrongKey | Cause::Refused => io::ErrorKind::PermissionDenied,
            Cause::Exists => io::ErrorKind::AlreadyExists,
            Cause::BadName => io::ErrorKind::InvalidFilename,
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, self)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = if self.host.is_empty() { "the service" } else { &self.host };
        match &self.cause {
            Cause::NoBucket => write!(f, "{host} has no such bucket or container")?,
            Cause::WrongKey => write!(f, "{host} does not accept the credentials")?,
            Cause::Refused => write!(f, "{host} refuses permission")?,
            Cause::ClockSkew => write!(f, "{host} finds the clock of this machine too far off")?,
            Cause::OtherRegion(Some(region)) => write!(f, "the bucket is in the region {region}")?,
            Cause::OtherRegion(None) => write!(f, "the bucket is in another region")?,
            Cause::Unreachable => write!(f, "{host} cannot be reached")?,
            Cause::Certificate => write!(f, "the certificate of {host} is not trusted")?,
            Cause::Throttled => write!(f, "{host} asks for fewer requests")?,
            Cause::Broken => write!(f, "{host} failed")?,
            Cause::CircuitOpen(until) => write!(
                f,
                "{host} failed so often that it is not asked before {}",
                until.to_rfc3339_opts(SecondsFormat::Secs, true)
            )?,
            Cause::Unsure => write!(f, "{host} did not say whether the file was put")?,
            Cause::Changed => write!(f, "the file was replaced or removed while it was read")?,
            Cause::Altered => write!(f, "its bytes are not those that were committed")?,
            Cause::OtherSize { there, committed } => {
                write!(f, "it has {there} bytes, not the {committed} that were committed")?;
            }
            Cause::Missing => write!(f, "{host} has nothing of this name")?,
            Cause::Exists => write!(f, "{host} has something of this name")?,
            Cause::Conflict => write!(f, "{host} reports a conflict")?,
            Cause::Setup(what) => f.write_str(what)?,
            Cause::Lapsed => write!(f, "the sign of life of this run could not be renewed in time")?,
            Cause::NotExclusive => write!(f, "{host} put a file although its name was taken")?,
            Cause::BadName => write!(f, "{host} cannot have files of this name")?,
        }
        match (self.said.is_empty(), self.tries) {
            (true, 0 | 1) => Ok(()),
            (true, tries) => write!(f, " ({tries} tries)"),
            (false, 0 | 1) => write!(f, " ({})", self.said),
            (false, tries) => write!(f, " ({}; {tries} tries)", self.said),
        }
    }
}

impl Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_survives_in_an_error_of_input_and_output() {
        let failure = Failure::new(Cause::WrongKey).host("s3.example.com").said("403 InvalidAccessKeyId");
        let error = failure.clone().into_io();
        assert_eq!(Failure::of(&error), Some(&failure));
        assert_eq!(error.to_string(), "s3.example.com does not accept the credentials (403 InvalidAccessKeyId)");
        assert_eq!(failure.code(), code::STG021);
        assert!(Failure::of(&io::Error::other("x")).is_none());
        let deep = io::Error::other(parquet::errors::ParquetError::External(Box::new(error)));
        assert_eq!(Failure::within(&deep), Some(&failure));
    }
}
