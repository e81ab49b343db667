//! The doctor: checks of a configuration and of the world it needs.

use std::time::Duration;

use super::Engine;
use super::run::Job;
use super::wire::{DoctorEvent, DoctorRequest, ErrorBody};
use crate::doctor::{self, Limits, Patient};

/// The text of a config as it may be quoted in logs and on screens: secrets in clear are asterisks, one
/// for each byte, so that every place stays where it is.
pub fn without_secrets(text: &str) -> String {
    crate::config::without_secrets(text)
}

impl Engine {
    /// See the command table. Blocks until the last check has ended or was given up; events come on
    /// this thread, the last one with the report.
    ///
    /// # Errors
    ///
    /// None: what is wrong with the configuration is in the report too.
    pub fn doctor(&self, request: DoctorRequest, emit: &mut dyn FnMut(DoctorEvent)) -> Result<(), ErrorBody> {
        let job = Job::begin(self, &request.job);
        let targets = std::iter::once(&request.target).chain(&request.also);
        let patient = Patient::new(targets.map(|target| self.load_config(target)).collect(), &self.world, &self.root);
        let mut limits = Limits::default();
        if let Some(seconds) = request.timeout_seconds {
            limits.timeout = Duration::from_secs(u64::from(seconds.max(1)));
        }
        doctor::examine(patient.probes(request.offline), limits, &job.token, emit);
        Ok(())
    }
}
