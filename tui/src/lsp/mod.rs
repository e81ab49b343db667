//! `medallion lsp`: a language server for configurations on standard input and output.
//!
//! A front end like the others: it turns messages of the protocol into calls of the engine and answers
//! back, and knows nothing of YAML or of the language. Requests are answered one after the other on one
//! thread, which never waits for anything but the next message; checks run beside it.

mod actions;
mod answers;
mod documents;
mod findings;
mod place;
mod server;
mod transport;

use std::io::{Read, Write};
use std::path::PathBuf;

use medallion_core::world::World;

/// Serves until the client says goodbye; tells the exit code that the protocol wants: 0 after an orderly
/// shutdown, 1 otherwise. Folders are relative to `root` until the client names a workspace.
pub(crate) fn serve(
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
    root: PathBuf,
    world: World,
) -> u8 {
    let (inbox, outbox) = transport::connect(input, output);
    server::Server::new(outbox, inbox.sender(), root, world).run(&inbox)
}
