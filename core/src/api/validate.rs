//! `validate` and `config_text`: what is wrong with the configuration.

use super::Engine;
use super::wire::{ConfigText, ConfigTextRequest, ErrorBody, Target, Validation};

impl Engine {
    /// See the command table.
    pub fn validate(&self, target: Target) -> Result<Validation, ErrorBody> {
        let _ = target;
        todo!()
    }
    /// See the command table.
    pub fn config_text(&self, request: ConfigTextRequest) -> Result<ConfigText, ErrorBody> {
        let _ = request;
        todo!()
    }
}
