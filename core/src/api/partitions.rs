//! `list_partitions` and `partition_detail`.

use super::Engine;
use super::wire::{ErrorBody, PartitionDetail, PartitionPage, PartitionRef, PartitionsRequest};

impl Engine {
    /// See the command table.
    pub fn list_partitions(&self, request: PartitionsRequest) -> Result<PartitionPage, ErrorBody> {
        let _ = request;
        todo!()
    }
    /// See the command table.
    pub fn partition_detail(&self, request: PartitionRef) -> Result<PartitionDetail, ErrorBody> {
        let _ = request;
        todo!()
    }
}
