//! Telling of changes to configs and outputs.

use super::Engine;
use super::wire::{ErrorBody, WatchEvent, WatchRequest};

impl Engine {
    /// See the command table.
    pub fn watch(&self, request: WatchRequest, emit: &mut dyn FnMut(WatchEvent)) -> Result<(), ErrorBody> {
        let _ = emit;
        drop(request);
        Err(ErrorBody::unexpected("not built yet"))
    }
}
