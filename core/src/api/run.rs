//! `run` and `cancel`.

use std::sync::PoisonError;

use super::Engine;
use super::wire::{CancelReply, CancelRequest, ErrorBody, RunEvent, RunReport, RunRequest};
use crate::cancel::CancelToken;
use crate::run;

impl Engine {
    /// See the command table. Blocks until the run is over; events come on this thread, in order.
    /// The report says how each step ended; an error means that nothing was tried.
    ///
    /// # Errors
    ///
    /// CFG codes when the configuration or the request cannot be used.
    pub fn run(&self, request: RunRequest, emit: &mut dyn FnMut(RunEvent)) -> Result<RunReport, ErrorBody> {
        let job = Job::begin(self, &request.job);
        let site = self.site();
        let loaded = site.load(&request.target);
        let selection = run::select(&loaded, &request.sources)?;
        let report = run::execute(&site, &selection, &request, &job.token, emit);
        self.readings.forget_tables();
        Ok(report?)
    }

    /// See the command table.
    ///
    /// # Errors
    ///
    /// None.
    pub fn cancel(&self, request: CancelRequest) -> Result<CancelReply, ErrorBody> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let token = jobs.get(&request.job);
        if let Some(token) = token {
            token.cancel();
        }
        Ok(CancelReply { found: token.is_some() })
    }
}

/// A job that `cancel` can find for as long as it runs.
pub(super) struct Job<'a> {
    engine: &'a Engine,
    name: &'a str,
    /// Set by `cancel`.
    pub(super) token: CancelToken,
}

impl<'a> Job<'a> {
    /// Makes it known; an empty name is nobody's.
    pub(super) fn begin(engine: &'a Engine, name: &'a str) -> Self {
        let token = CancelToken::new();
        if !name.is_empty() {
            engine.jobs.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), token.clone());
        }
        Self { engine, name, token }
    }
}

impl Drop for Job<'_> {
    fn drop(&mut self) {
        let mut jobs = self.engine.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        // Another job may have taken the name meanwhile.
        if jobs.get(self.name).is_some_and(|token| token.is(&self.token)) {
            jobs.remove(self.name);
        }
    }
}
