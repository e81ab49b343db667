//! `medallion --list-backends`: the kinds of storage there are.

use medallion_core::api::wire::Nothing;

use super::Context;
use super::output::{Failure, Ink, paint};

/// Prints each kind with what a config has to say for it.
pub(crate) fn answer(context: &Context) -> Result<u8, Failure> {
    let output = &context.output;
    let kinds = context.engine.backends(Nothing {})?;
    if output.json {
        output.reply(&kinds)?;
        return Ok(0);
    }
    let mut text = String::new();
    for kind in &kinds {
        let key = if kind.added { "storage_scheme" } else { "storage_backend" };
        text +=
            &format!("{}: {}\n", paint(output.colour, Ink::Strong, &format!("{key}: {}", kind.name)), kind.description);
        for need in &kind.needs {
            text += &format!("    {need}\n");
        }
    }
    output.data(&text)?;
    Ok(0)
}
