//! A draft as fields.

use super::Engine;
use super::wire::{ErrorBody, Form, FormRequest};

impl Engine {
    /// See the command table.
    pub fn form(&self, request: FormRequest) -> Result<Form, ErrorBody> {
        drop(request);
        Err(ErrorBody::unexpected("not built yet"))
    }
}
