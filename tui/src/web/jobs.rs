//! The jobs that this host started, so that they end with the client or the server.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use medallion_core::api::Engine;
use medallion_core::api::wire::CancelRequest;

/// The jobs that run.
#[derive(Debug, Default)]
pub(super) struct Jobs(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    names: BTreeSet<String>,
    /// All were asked to stop, and so is any that the engine did not know yet at that moment.
    ending: bool,
}

impl Jobs {
    pub(super) fn add(&self, job: &str) {
        self.state().names.insert(job.to_owned());
    }

    pub(super) fn remove(&self, job: &str) {
        self.state().names.remove(job);
    }

    /// Whether none runs.
    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        self.state().names.is_empty()
    }

    /// Whether all were asked to stop.
    pub(super) fn is_ending(&self) -> bool {
        self.state().ending
    }

    /// Asks all of them to stop, for good.
    pub(super) fn cancel_all(&self, engine: &Engine) {
        let names = {
            let mut state = self.state();
            state.ending = true;
            state.names.clone()
        };
        for job in names {
            cancel(engine, &job);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks one job to stop. That it has ended by itself meanwhile is fine.
pub(super) fn cancel(engine: &Engine, job: &str) {
    drop(engine.cancel(CancelRequest { job: job.to_owned() }));
}
