//! The jobs that this host started, so that they end with the client or the server.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use medallion_core::api::Engine;
use medallion_core::api::wire::CancelRequest;

/// Names of the jobs that run.
#[derive(Debug, Default)]
pub(super) struct Jobs(Mutex<BTreeSet<String>>);

impl Jobs {
    pub(super) fn add(&self, job: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(job.to_owned());
    }

    pub(super) fn remove(&self, job: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(job);
    }

    /// Whether none runs.
    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Asks all of them to stop.
    pub(super) fn cancel_all(&self, engine: &Engine) {
        let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for job in jobs {
            cancel(engine, &job);
        }
    }
}

/// Asks one job to stop. That it has ended by itself meanwhile is fine.
pub(super) fn cancel(engine: &Engine, job: &str) {
    drop(engine.cancel(CancelRequest { job: job.to_owned() }));
}
