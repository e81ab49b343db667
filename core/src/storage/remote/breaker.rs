//! A circuit breaker for each service: after several requests in a row that failed after all their
//! tries, nobody asks for a while, and then one asks for all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::super::Patience;

/// The breakers of a process, by host and port.
#[derive(Debug, Default)]
pub(super) struct Breakers(Mutex<HashMap<String, Arc<Breaker>>>);

impl Breakers {
    /// That of a service.
    pub(super) fn of(&self, host: &str) -> Arc<Breaker> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(host.to_owned()).or_default().clone()
    }
}

/// Whether a service is asked.
#[derive(Debug, Default)]
pub(crate) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Failures in a row.
    failures: u32,
    /// Since when nobody asks.
    open: Option<Instant>,
    /// Since when one asks for all.
    trying: Option<Instant>,
}

impl Breaker {
    /// Whether a request may be sent now; if not, for how long not.
    pub(crate) fn admit(&self, now: Instant, patience: &Patience) -> Result<(), Duration> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = state.open else { return Ok(()) };
        let left = |since: Instant| patience.breaker_pause.checked_sub(now.saturating_duration_since(since));
        if let Some(left) = left(open).filter(|left| !left.is_zero()) {
            return Err(left);
        }
        // One that was given up without an answer does not keep others from trying for ever.
        if let Some(left) = state.trying.and_then(left).filter(|left| !left.is_zero()) {
            return Err(left);
        }
        state.trying = Some(now);
        Ok(())
    }

    /// The service answered, whatever it said.
    pub(crate) fn answered(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }

    /// The service failed after all tries of a request.
    pub(crate) fn failed(&self, now: Instant, patience: &Patience) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.failures = state.failures.saturating_add(1);
        if state.failures >= patience.breaker_failures || state.trying.is_some() {
            state.open = Some(now);
            state.trying = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_lets_one_try_and_closes() {
        let patience = Patience { breaker_failures: 2, breaker_pause: Duration::from_secs(30), ..Patience::default() };
        let breaker = Breaker::default();
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        breaker.failed(at(0), &patience);
        breaker.answered();
        breaker.failed(at(1), &patience);
        assert_eq!(breaker.admit(at(1), &patience), Ok(()), "an answer in between counts anew");
        breaker.failed(at(2), &patience);
        assert_eq!(breaker.admit(at(12), &patience), Err(Duration::from_secs(20)));
        assert_eq!(breaker.admit(at(32), &patience), Ok(()), "one tries");
        assert_eq!(breaker.admit(at(33), &patience), Err(Duration::from_secs(29)), "the others wait for it");
        breaker.failed(at(34), &patience);
        assert_eq!(breaker.admit(at(35), &patience), Err(Duration::from_secs(29)));
        assert_eq!(breaker.admit(at(64), &patience), Ok(()));
        breaker.answered();
        assert_eq!(breaker.admit(at(64), &patience), Ok(()));
        assert_eq!(breaker.admit(at(64), &patience), Ok(()));
    }
}
