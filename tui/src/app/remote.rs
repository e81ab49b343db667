//! Something the engine was asked for: not here yet, here, being fetched again, or failed.

use medallion_core::api::wire::ErrorBody;

use super::door::Answered;
use super::message::Request;
use super::shared::Shared;

/// The last good value stays while a newer one is on its way, and also when that one fails.
#[derive(Debug)]
pub(crate) struct Remote<T> {
    value: Option<T>,
    error: Option<ErrorBody>,
    waiting: Option<Waiting>,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    generation: u64,
    since: u64,
}

impl<T> Default for Remote<T> {
    fn default() -> Self {
        Self { value: None, error: None, waiting: None }
    }
}

impl<T> Remote<T> {
    /// Asks; an answer to an earlier request will be dropped.
    pub(crate) fn ask(&mut self, request: Request, shared: &mut Shared) {
        let generation = shared.ask(request);
        self.waiting = Some(Waiting { generation, since: shared.now });
    }

    /// Takes an answer. False when it is not the one that is waited for.
    pub(crate) fn accept(&mut self, generation: u64, answer: Answered<T>) -> bool {
        if !self.expects(generation) {
            return false;
        }
        self.waiting = None;
        match answer {
            Ok(value) => {
                self.value = Some(value);
                self.error = None;
            }
            Err(error) => self.error = Some(error),
        }
        true
    }

    /// Whether this is the answer that is waited for.
    pub(crate) fn expects(&self, generation: u64) -> bool {
        self.waiting.is_some_and(|waiting| waiting.generation == generation)
    }

    /// Forgets everything, also what is on its way.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The last good value.
    pub(crate) fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// Why the last request failed.
    pub(crate) fn error(&self) -> Option<&ErrorBody> {
        self.error.as_ref()
    }

    /// Since when an answer is waited for.
    pub(crate) fn waiting(&self) -> Option<u64> {
        self.waiting.map(|waiting| waiting.since)
    }

    /// Whether nothing was ever asked.
    pub(crate) fn untouched(&self) -> bool {
        self.value.is_none() && self.error.is_none() && self.waiting.is_none()
    }
}
