//! `preview`: the first records of a source.

use super::Engine;
use super::wire::{ErrorBody, PreviewInfo, PreviewRequest, Table};

impl Engine {
    /// See the command table.
    pub fn preview(&self, request: PreviewRequest) -> Result<Table<PreviewInfo>, ErrorBody> {
        let _ = request;
        todo!()
    }
}
