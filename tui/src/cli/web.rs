//! `medallion web`: serves the workbench to a browser on this machine.

use super::Context;
use super::args::WebArgs;
use super::output::Failure;

/// Serves until interrupted.
pub(crate) fn answer(context: &Context, args: &WebArgs) -> Result<u8, Failure> {
    crate::web::serve(context.engine.clone(), args.target.target(), args.port)?;
    Ok(0)
}
