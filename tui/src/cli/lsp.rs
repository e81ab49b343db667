//! `medallion lsp`: help for editors, on standard input and output.

use std::io;

use super::{Context, Failure};
use crate::lsp;

/// Serves one editor; standard output has the protocol and nothing else.
pub(super) fn answer(context: &Context) -> Result<u8, Failure> {
    Ok(lsp::serve(io::stdin(), io::stdout(), context.root.clone(), context.world.clone()))
}
