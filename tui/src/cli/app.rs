//! `medallion app`: opens the terminal app.

use medallion_core::api::wire::Target;

use super::output::Failure;
use super::{Context, USAGE};
use crate::app::{self, AppError};

/// Runs the app until the person leaves it.
pub(crate) fn open(context: &Context, target: Target) -> Result<u8, Failure> {
    match app::run(context.engine.clone(), target, context.look) {
        Ok(()) => Ok(0),
        Err(AppError::Signalled { signal }) => Ok(u8::try_from(128 + signal).unwrap_or(u8::MAX)),
        Err(AppError::Terminal(error)) => Err(error.into()),
        Err(error @ (AppError::NoTerminal | AppError::Dumb)) => {
            context
                .output
                .alarm(&format!("error: {error}"), "every verb works without a screen; `medallion --help` lists them");
            Ok(USAGE)
        }
    }
}
