//! `rows`: a window of the rows of a partition.

use super::Engine;
use super::wire::{ErrorBody, RowsInfo, RowsRequest, Table};

impl Engine {
    /// See the command table.
    pub fn rows(&self, request: RowsRequest) -> Result<Table<RowsInfo>, ErrorBody> {
        let _ = request;
        todo!()
    }
}
