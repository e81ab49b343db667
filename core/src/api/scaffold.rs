//! New configurations: templates and discovery.

use super::Engine;
use super::wire::{DiscoverRequest, ErrorBody, NewConfig, NewRequest, Nothing, Template};

impl Engine {
    /// See the command table.
    pub fn templates(&self, request: Nothing) -> Result<Vec<Template>, ErrorBody> {
        let Nothing {} = request;
        Err(ErrorBody::unexpected("not built yet"))
    }

    /// See the command table.
    pub fn new_config(&self, request: NewRequest) -> Result<NewConfig, ErrorBody> {
        drop(request);
        Err(ErrorBody::unexpected("not built yet"))
    }

    /// See the command table.
    pub fn discover(&self, request: DiscoverRequest) -> Result<NewConfig, ErrorBody> {
        drop(request);
        Err(ErrorBody::unexpected("not built yet"))
    }
}
