//! `migrate_text`: a draft in the canonical form.

use super::Engine;
use super::wire::{Draft, Edited, ErrorBody};

impl Engine {
    /// See the command table.
    pub fn migrate_text(&self, request: Draft) -> Result<Edited, ErrorBody> {
        drop(request);
        Err(ErrorBody::unexpected("not built yet"))
    }
}
