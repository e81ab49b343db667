//! What workspace tests share: a workspace in a temporary folder, the built programs, and output
//! without what changes from run to run.
//!
//! Tests here see `core::api` and the binaries, nothing else.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "support of tests: what is not as expected fails the test that asked"
)]

pub mod api;
pub mod lake;
pub mod proxy;

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use regex::Regex;
use tempfile::TempDir;

/// The root of the repository.
pub fn repository() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}

/// A program that cargo has built beside the tests: `medallion`, `medallion-desktop`.
///
/// # Panics
///
/// When it is not there. `cargo nextest run --workspace` builds `medallion`, because that package
/// has a test which starts it.
pub fn program(name: &str) -> PathBuf {
    let mut folder = std::env::current_exe().expect("a test has a path");
    folder.pop();
    if folder.ends_with("deps") {
        folder.pop();
    }
    let program = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(program.is_file(), "{} is missing: run `cargo build --package {name}`", program.display());
    program
}

/// What a program that is started without the variables of this process needs nonetheless, so that its
/// coverage is counted, and not written beside its data.
pub fn coverage() -> Option<(&'static str, std::ffi::OsString)> {
    const NAME: &str = "LLVM_PROFILE_FILE";
    Some((NAME, std::env::var_os(NAME)?))
}

/// A workspace in a temporary folder. Programs run in it, with an environment that is the same everywhere.
#[derive(Debug)]
pub struct Project {
    folder: TempDir,
}

impl Project {
    /// Without any file.
    pub fn empty() -> Self {
        Self { folder: tempfile::Builder::new().prefix("medallion-").tempdir().expect("a temporary folder") }
    }

    /// With the example of flights: its config and all of its data.
    pub fn flights() -> Self {
        let project = Self::empty();
        let configs = repository().join("configs");
        copy(&configs.join("data"), &project.path("data"));
        std::fs::copy(configs.join("nycflights13.yaml"), project.path("nycflights13.yaml"))
            .expect("the example is there");
        project
    }

    /// With one small dataset, `people`, on 2025-01-01: three records, Bronze and `scd_type_1`.
    pub fn people() -> Self {
        Self::empty().with("people.yaml", PEOPLE).with("people.csv", "id,name,note\n1,Ana,\n2,Bo,\"\"\n3,NULL,x\n")
    }

    /// And this file.
    #[must_use]
    pub fn with(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.write(path, content);
        self
    }

    /// Writes a file, with the folders it needs.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let file = self.path(path);
        std::fs::create_dir_all(file.parent().expect("a file has a folder")).expect("a folder can be made");
        std::fs::write(file, content).expect("a file can be written");
    }

    /// A path in it.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Every file below a folder of it, sorted, with `/`; attempt ids are as they are.
    pub fn files(&self, below: &str) -> Vec<String> {
        fn walk(folder: &Path, root: &Path, found: &mut Vec<String>) {
            let Ok(entries) = std::fs::read_dir(folder) else { return };
            for entry in entries.flatten() {
                let path = entry.path();
                if path.is_dir() {
                    walk(&path, root, found);
                } else {
                    let below = path.strip_prefix(root).unwrap_or(&path);
                    found.push(below.to_string_lossy().replace('\\', "/"));
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.path(below), self.folder.path(), &mut found);
        found.sort();
        found
    }

    /// `medallion` in this folder, ready to start.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("medallion"));
        command.args(arguments).current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        // Windows programs do not start without it.
        if let Some(root) = std::env::var_os("SystemRoot") {
            command.env("SystemRoot", root);
        }
        command.env("HOME", self.folder.path());
        command.envs(coverage());
        command
    }

    /// Runs `medallion` to its end.
    pub fn medallion(&self, arguments: &[&str]) -> Run {
        let output = self.command(arguments).output().expect("medallion starts");
        Run {
            exit: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("output is UTF-8"),
            folder: self.folder.path().to_string_lossy().into_owned(),
        }
    }
}

const PEOPLE: &str = "\
config_version: 1
platform:
  bronze:
    storage_backend: local
    output_dir: ./lake/bronze
  silver:
    storage_backend: local
    output_dir: ./lake/silver
sources:
  - name: people
    source:
      type: file
      system: crm
      table: people
      file:
        path: ./people.csv
        format: csv
      run:
        load_pattern: full
    silver:
      domain: sales
      entity: people
      model: scd_type_1
      primary_keys: [id]
";

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder can be made");
    for entry in std::fs::read_dir(from).expect("the example data is there").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}

/// What a program did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its exit code; `None` if a signal ended it.
    pub exit: Option<i32>,
    /// Data.
    pub stdout: String,
    /// Talk.
    pub stderr: String,
    folder: String,
}

impl Run {
    /// The run itself, if it ended with this code.
    ///
    /// # Panics
    ///
    /// When it ended otherwise; with all it wrote.
    #[track_caller]
    #[must_use]
    pub fn ended(self, exit: i32) -> Self {
        assert_eq!(self.exit, Some(exit), "\n{self}");
        self
    }

    /// The one JSON document on standard output.
    ///
    /// # Panics
    ///
    /// When it is none.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in\n{self}"))
    }

    /// JSON documents on standard output, one a line.
    ///
    /// # Panics
    ///
    /// When a line is none.
    #[track_caller]
    pub fn lines(&self) -> Vec<serde_json::Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in\n{self}"));
        self.stdout.lines().map(parse).collect()
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exit = self.exit.map_or_else(|| "signal".to_owned(), |code| code.to_string());
        write!(
            f,
            "exit: {exit}\n--- stdout\n{}--- stderr\n{}",
            steady(&self.stdout, &self.folder),
            steady(&self.stderr, &self.folder)
        )
    }
}

/// Text without what changes from run to run: folder, instants, durations, identifiers, hashes.
/// What stands in columns keeps its width, so that tables line up.
pub fn steady(text: &str, folder: &str) -> String {
    let mut text = text.replace(folder, "[FOLDER]");
    for (pattern, name) in [
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "[INSTANT]"),
        (r"\b[0-9a-f]{64}\b", "[SHA256]"),
        (r"\b[0-9a-f]{16}\b", "[ID]"),
        (r"\b[0-9a-f]{12}\b", "[SHA256…]"),
    ] {
        let pattern = Regex::new(pattern).expect("the pattern is valid");
        let padded = |found: &regex::Captures<'_>| format!("{name:<width$}", width = found[0].len());
        text = pattern.replace_all(&text, padded).into_owned();
    }
    // Encoders get better from version to version.
    let size = Regex::new(r"\b\d+(\.\d)? (B|KiB|MiB)\b").expect("the pattern is valid");
    text = size
        .replace_all(&text, |found: &regex::Captures<'_>| format!("{:>width$}", "[SIZE]", width = found[0].len()))
        .into_owned();
    for (pattern, replacement) in [
        (r"\b\d+\.\d\d s\b", "[TIME] s"),
        // The column of seconds in the table of a run: the last number, or the one before the place.
        (r"(?m) \d+\.\d\d(  \S*/\S*)?$", " 0.00$1"),
        // Padding at the end of a line cannot be seen.
        (r"(?m) +$", ""),
    ] {
        let pattern = Regex::new(pattern).expect("the pattern is valid");
        text = pattern.replace_all(&text, replacement).into_owned();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_is_replaced() {
        let text = "/tmp/x/lake 2025-01-01T10:00:00.123Z 1.24 s 0123456789abcdef.\nflights  842  0.04\nflights  842  0.04  lake/silver\n";
        let steady = steady(text, "/tmp/x");
        assert_eq!(
            steady,
            "[FOLDER]/lake [INSTANT]                [TIME] s [ID]            .\nflights  842  0.00\nflights  842  0.00  lake/silver\n"
        );
    }
}
