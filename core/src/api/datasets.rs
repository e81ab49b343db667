//! `list_datasets`: every dataset with its newest state.

use super::Engine;
use super::wire::{DatasetList, ErrorBody, Target};

impl Engine {
    /// See the command table.
    pub fn list_datasets(&self, target: Target) -> Result<DatasetList, ErrorBody> {
        let _ = target;
        todo!()
    }
}
