//! What is seen of an extraction besides its records, for whoever looks on: a preview, a log.

use std::fmt;
use std::time::Duration;

/// Ends an extraction early. What came until then is whole records.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Budget {
    /// Pages, or results of queries.
    pub(crate) pages: Option<u64>,
    /// Bytes received.
    pub(crate) bytes: Option<u64>,
    /// From opening.
    pub(crate) time: Option<Duration>,
}

impl Budget {
    /// Whether it ends nothing.
    pub(crate) const fn is_none(&self) -> bool {
        self.pages.is_none() && self.bytes.is_none() && self.time.is_none()
    }
}

/// Looks on.
pub(crate) trait Observer: Send + Sync + fmt::Debug {
    /// Told at once, on whatever thread it happens; must not wait.
    fn saw(&self, seen: Seen);

    /// Bytes of bodies that are told.
    fn body_limit(&self) -> usize {
        64 << 10
    }
}

/// Nobody looks on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unobserved;

impl Observer for Unobserved {
    fn saw(&self, _: Seen) {}
}

/// What happened. No secret is in it: who tells it has replaced them by `***`.
#[derive(Clone, Debug)]
pub(crate) enum Seen {
    /// A request was answered, or was not.
    Exchange(Box<Exchange>),
    /// Nothing is asked for a while.
    Waiting(Waiting, Duration),
}

/// Why nothing is asked for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// The limit that the config sets.
    RateLimit,
    /// The server asked for it.
    Asked,
    /// Before a further try; its number, from 2.
    Retry(u32),
    /// The server failed too often.
    Breaker,
}

/// A request and its answer, or a query.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exchange {
    /// Its page, from 1; of a query, its part.
    pub(crate) page: u64,
    /// Which try, from 1.
    pub(crate) attempt: u32,
    /// `GET`; of a query, `SQL`.
    pub(crate) method: String,
    /// The address, or the query.
    pub(crate) target: String,
    /// Names and values.
    pub(crate) request_headers: Vec<(String, String)>,
    /// Its beginning, at most 64 KiB.
    pub(crate) request_body: Option<String>,
    /// `None`: no answer came.
    pub(crate) status: Option<u16>,
    /// Names and values.
    pub(crate) headers: Vec<(String, String)>,
    /// Its beginning, up to [`Observer::body_limit`].
    pub(crate) body: Option<String>,
    /// Bytes of the body in all.
    pub(crate) bytes: u64,
    /// Until the last byte.
    pub(crate) took: Duration,
    /// Records in it.
    pub(crate) records: u64,
    /// What went wrong.
    pub(crate) error: Option<String>,
}
