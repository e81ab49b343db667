//! `plan`: what a run would do.

use super::Engine;
use super::wire::{ErrorBody, Plan, RunRequest};

impl Engine {
    /// See the command table.
    pub fn plan(&self, request: RunRequest) -> Result<Plan, ErrorBody> {
        let _ = request;
        todo!()
    }
}
