//! `medallion app`: opens the terminal app.

use medallion_core::api::wire::Target;

use super::Context;
use super::output::Failure;

/// Runs the app until the person leaves it.
pub(crate) fn open(context: &Context, target: Target) -> Result<u8, Failure> {
    crate::app::run(context.engine.clone(), target)?;
    Ok(0)
}
