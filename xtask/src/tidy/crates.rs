//! Crates that must never reach the engine.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use super::Finding;

/// Screens, command lines, windows and servers belong to front ends.
const BANNED: [&str; 5] = ["ratatui", "crossterm", "clap", "tauri", "axum"];

/// Looks for them in everything the engine is linked with.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let tree = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["tree", "--offline", "--package", "medallion-core", "--edges", "normal", "--prefix", "none"])
        .current_dir(root)
        .output()?;
    if !tree.status.success() {
        bail!("cargo tree failed: {}", String::from_utf8_lossy(&tree.stderr).trim());
    }
    Ok(banned(&String::from_utf8_lossy(&tree.stdout)))
}

fn banned(tree: &str) -> Vec<Finding> {
    let mut found: Vec<&str> =
        tree.lines().filter_map(|line| line.split(' ').next()).filter(|name| BANNED.contains(name)).collect();
    found.sort_unstable();
    found.dedup();
    let finding =
        |name: &str| Finding::new("core/Cargo.toml", 1, "crates", format!("the engine must not depend on `{name}`"));
    found.into_iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_in_the_engine_is_found() {
        let found =
            banned("medallion-core v0.1.0 (/w/core)\narrow v59.3.0\nclap v4.5.0\nclap v4.5.0 (*)\nclap_lex v0.7.0\n");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].to_string(), "core/Cargo.toml:1: crates: the engine must not depend on `clap`");
    }
}
