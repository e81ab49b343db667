//! House rules, one file per family. Each finding has a place and the rule it breaks.
//!
//! Owns the list of files and how findings are shown; never changes a file.

mod arrows;
mod crates;
mod documents;
mod sources;

use std::fmt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Path below the workspace root.
    file: String,
    /// Line, from 1.
    line: usize,
    /// Name of the rule.
    rule: &'static str,
    /// What is wrong and how to mend it.
    message: String,
}

impl Finding {
    fn new(file: &str, line: usize, rule: &'static str, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, rule, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.file, self.line, self.rule, self.message)
    }
}

/// A text file of the workspace.
#[derive(Clone, Debug)]
struct Source {
    /// Path below the workspace root, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// What stands after the last dot of its name.
    fn extension(&self) -> &str {
        extension(&self.path)
    }
}

/// What stands after the last dot of a path.
fn extension(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// Checks everything and fails if there is a finding.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool for developers")]
pub(crate) fn command(root: &Path) -> Result<()> {
    let files = files(root)?;
    let mut findings = arrows::check(&files);
    findings.extend(crates::check(root)?);
    findings.extend(sources::check(&files));
    findings.extend(documents::check(root, &files));
    findings.extend(
        crate::codegen::stale(root)?.into_iter().map(|file| {
            Finding::new(&file, 1, "generated", "differs from the tables in Rust; run `cargo xtask codegen`")
        }),
    );
    findings.sort_by(|a, b| (&a.file, a.line, &a.message).cmp(&(&b.file, b.line, &b.message)));
    findings.dedup();
    for finding in &findings {
        eprintln!("{finding}");
    }
    if !findings.is_empty() {
        bail!("{} of the house rules broken; they stand in ARCHITECTURE.md", findings.len());
    }
    println!("tidy: {} files follow the house rules", files.len());
    Ok(())
}

/// Text files that belong to the repository: tracked ones, and new ones that are not ignored.
fn files(root: &Path) -> Result<Vec<Source>> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root)
        .output()
        .context("git is needed to list the files of the repository")?;
    let mut paths: Vec<String> = if listed.status.success() {
        String::from_utf8_lossy(&listed.stdout).split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect()
    } else {
        // An unpacked archive has no repository.
        walk(root, "")?
    };
    paths.sort();
    paths.dedup();
    let mut files = Vec::new();
    for path in paths {
        let known = ["rs", "md", "ts", "svelte", "toml", "mjs"].contains(&extension(&path));
        // A file may be listed and deleted in the work tree.
        if known && root.join(&path).is_file() {
            let text = std::fs::read_to_string(root.join(&path)).with_context(|| format!("{path} cannot be read"))?;
            files.push(Source { path, text });
        }
    }
    Ok(files)
}

fn walk(root: &Path, below: &str) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(root.join(below))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        if entry.file_type()?.is_dir() {
            if !["target", "node_modules", "dist", "demo", ".git", "out", "coverage"].contains(&name.as_str()) {
                paths.extend(walk(root, &path)?);
            }
        } else {
            paths.push(path);
        }
    }
    Ok(paths)
}
