//! `run` and `cancel`.

use super::Engine;
use super::wire::{CancelReply, CancelRequest, ErrorBody, RunEvent, RunReport, RunRequest};

impl Engine {
    /// See the command table. Blocks until the run is over; events come on this thread, in order.
    /// The report says how each step ended; an error means that nothing was tried.
    pub fn run(&self, request: RunRequest, emit: &mut dyn FnMut(RunEvent)) -> Result<RunReport, ErrorBody> {
        let _ = (request, emit);
        todo!()
    }
    /// See the command table.
    pub fn cancel(&self, request: CancelRequest) -> Result<CancelReply, ErrorBody> {
        let _ = request;
        todo!()
    }
}
