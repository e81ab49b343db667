//! Completion and hover.

use super::Engine;
use super::wire::{Completions, CursorRequest, ErrorBody, Hover};

impl Engine {
    /// See the command table.
    pub fn complete(&self, request: CursorRequest) -> Result<Completions, ErrorBody> {
        drop(request);
        Err(ErrorBody::unexpected("not built yet"))
    }

    /// See the command table.
    pub fn hover(&self, request: CursorRequest) -> Result<Hover, ErrorBody> {
        drop(request);
        Err(ErrorBody::unexpected("not built yet"))
    }
}
