//! `medallion lsp`: help for editors, on standard input and output.

use std::io;

use super::Context;
use crate::lsp;

/// Serves one editor; standard output has the protocol and nothing else.
pub(super) fn answer(context: &Context) -> u8 {
    lsp::serve(io::stdin(), io::stdout(), context.root.clone(), context.world.clone())
}
