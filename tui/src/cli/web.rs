//! `medallion web`: serves the workbench to a browser on this machine.

use std::io;

use super::Context;
use super::args::WebArgs;
use super::output::Failure;
use crate::web::{self, WebOptions};

/// Serves until interrupted.
pub(crate) fn answer(context: &Context, args: &WebArgs) -> Result<u8, Failure> {
    let options = WebOptions { target: args.target.target(), port: args.port };
    web::serve(context.engine.clone(), options).map_err(io::Error::other)?;
    Ok(0)
}
