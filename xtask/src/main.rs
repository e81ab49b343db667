//! `cargo xtask <codegen>`: the workspace's own chores.

mod codegen;

use std::path::Path;

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    match std::env::args().nth(1).as_deref() {
        Some("codegen") => Ok(std::fs::write(root.join(codegen::TYPESCRIPT), codegen::typescript())?),
        _ => anyhow::bail!("usage: cargo xtask codegen"),
    }
}
