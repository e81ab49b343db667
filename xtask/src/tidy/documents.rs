//! Documents are checked like code: a path they name exists.

use std::path::Path;

use super::{Finding, Source};

/// Documents whose paths are checked.
const DOCUMENTS: [&str; 3] = ["ARCHITECTURE.md", "README.md", "bench/README.md"];
/// Folders of the repository; what starts with another name is no path of it.
const FOLDERS: [&str; 12] =
    ["core", "tui", "desktop", "ui", "configs", "tests", "xtask", "bench", "docs", "scripts", ".github", ".ci"];
/// Folders that exist only after a build.
const MADE: [&str; 3] = ["ui/dist", "ui/node_modules", "bench/out"];

/// Checks every backticked path.
pub(super) fn check(root: &Path, files: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in DOCUMENTS {
        match files.iter().find(|file| file.path == name) {
            None => findings.push(Finding::new(name, 1, "paths", "the document is missing")),
            Some(file) => {
                for (line, path) in paths(&file.text) {
                    if !root.join(&path).exists() {
                        findings.push(Finding::new(name, line, "paths", format!("`{path}` does not exist")));
                    }
                }
            }
        }
    }
    findings
}

fn paths(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for token in line.split('`').skip(1).step_by(2) {
            if is_path(token) {
                found.push((index + 1, token.trim_end_matches('/').to_owned()));
            }
        }
    }
    found
}

fn is_path(token: &str) -> bool {
    let plain = token.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    let first = token.split('/').next().unwrap_or_default();
    let known = token.contains('/') && FOLDERS.contains(&first);
    let file = !token.contains('/')
        && token.rsplit_once('.').is_some_and(|(name, ext)| !name.is_empty() && ["md", "toml", "lock"].contains(&ext));
    plain && (known || file) && !MADE.iter().any(|made| token.starts_with(made))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_repository_are_told_from_others() {
        let text = "See `core/src/api/` and `deny.toml`, not `and/or`, `run.schema`, `ui/dist/x` or `a b`.\n```\n`core/none.rs`\n```\n";
        assert_eq!(paths(text), [(1, "core/src/api".to_owned()), (1, "deny.toml".to_owned())]);
    }

    #[test]
    fn a_stale_path_is_found() {
        let files = DOCUMENTS.map(|path| Source { path: path.into(), text: "\n`core/src/gone.rs`\n".into() });
        let found = check(Path::new("/nonexistent"), &files);
        assert_eq!(found.len(), DOCUMENTS.len());
        assert_eq!(found[0].to_string(), "ARCHITECTURE.md:2: paths: `core/src/gone.rs` does not exist");
    }
}
