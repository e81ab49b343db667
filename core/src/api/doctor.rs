//! The doctor: checks of a configuration and of the world it needs.

use super::Engine;
use super::wire::{DoctorEvent, DoctorRequest, ErrorBody};

impl Engine {
    /// See the command table.
    pub fn doctor(&self, request: DoctorRequest, emit: &mut dyn FnMut(DoctorEvent)) -> Result<(), ErrorBody> {
        let _ = emit;
        drop(request);
        Err(ErrorBody::unexpected("not built yet"))
    }
}
