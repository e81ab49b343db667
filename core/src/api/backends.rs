//! `backends`: the kinds of storage there are.

use super::Engine;
use super::wire::{BackendInfo, ErrorBody, Nothing};
use crate::storage;

impl Engine {
    /// See the command table.
    ///
    /// # Errors
    ///
    /// None.
    pub fn backends(&self, _: Nothing) -> Result<Vec<BackendInfo>, ErrorBody> {
        let info = |kind: storage::Kind| BackendInfo {
            name: kind.name,
            description: kind.description,
            needs: kind.needs,
            added: kind.added,
        };
        Ok(storage::kinds(&self.world).into_iter().map(info).collect())
    }
}
