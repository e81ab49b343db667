//! For tests: YAML in which every finding stands as a comment under the line it is about.
//!
//! ```text
//! formt: csv
//! #^^^^ error CFG013 sources[0].source.file.formt: unknown key `formt` -> format
//! ```
//!
//! The carets mark the span (a `#` directly before them is the first of them), then come severity,
//! code, path, message, and after `->` what the fix would write. Findings without a place stand at
//! the top. With `UPDATE_EXPECT` set the annotations of files are written instead of compared.

use std::fs;
use std::path::{Path, PathBuf};

use super::LoadedFile;
use crate::diagnostic::{Diagnostic, Severity};
use crate::world::FixedEnvironment;

/// Loads the text without its annotations and compares what was found with them.
#[track_caller]
pub(crate) fn check(annotated: &str) -> LoadedFile {
    let annotated = annotated.strip_prefix('\n').unwrap_or(annotated);
    let (file, found) = findings_of(annotated, &[]);
    compare(annotated, &found);
    file
}

/// [`check`] for a file.
#[track_caller]
pub(crate) fn check_file(path: &Path, variables: &[(&str, &str)]) -> LoadedFile {
    let annotated = fs::read_to_string(path).unwrap();
    let (file, found) = findings_of(&annotated, variables);
    settle(path, &annotated, &found);
    file
}

/// [`check_file`] for what `find` says about the text.
#[track_caller]
pub(crate) fn check_answer(path: &Path, find: impl FnOnce(&str) -> Vec<Diagnostic>) {
    let annotated = fs::read_to_string(path).unwrap();
    let clean = without_annotations(&annotated);
    settle(path, &annotated, &annotate(&clean, &find(&clean)));
}

/// [`check_file`] for the file `config.yaml` of a folder and all YAML files beside and below it. The first
/// line of `config.yaml` may be `# load with: --env NAME`.
#[track_caller]
pub(crate) fn check_folder(path: &Path) -> LoadedFile {
    let place = tempfile::tempdir().unwrap();
    let mut texts: Vec<(PathBuf, String)> = Vec::new();
    for name in names_below(path) {
        let copy = place.path().join(&name);
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        match fs::read_to_string(path.join(&name)) {
            Ok(annotated) => {
                fs::write(copy, without_annotations(&annotated)).unwrap();
                texts.push((name, annotated));
            }
            Err(_) => drop(fs::copy(path.join(&name), copy).unwrap()),
        }
    }
    let (_, main) = texts.iter().find(|(name, _)| name == Path::new("config.yaml")).unwrap();
    let first = main.lines().find(|line| !is_annotation(line));
    let overlay = first.and_then(|line| line.strip_prefix("# load with: --env "));
    let mut loaded = super::load(place.path(), "config.yaml", overlay, &FixedEnvironment::default());
    assert_eq!(loaded.files.len(), 1);
    let file = loaded.files.remove(0);
    for finding in &file.diagnostics {
        assert!(texts.iter().any(|(name, _)| *name == Path::new(&finding.file)), "no file has {finding:?}");
    }
    for (name, annotated) in texts {
        let here: Vec<Diagnostic> =
            file.diagnostics.iter().filter(|finding| name == Path::new(&finding.file)).cloned().collect();
        settle(&path.join(&name), &annotated, &annotate(&without_annotations(&annotated), &here));
    }
    file
}

fn names_below(folder: &Path) -> Vec<PathBuf> {
    let mut names = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(below) = open.pop() {
        for entry in fs::read_dir(folder.join(&below)).unwrap().flatten() {
            let name = below.join(entry.file_name());
            if entry.path().is_dir() {
                open.push(name);
            } else {
                names.push(name);
            }
        }
    }
    names.sort();
    names
}

#[track_caller]
fn settle(path: &Path, annotated: &str, found: &str) {
    #[expect(clippy::disallowed_methods, reason = "how a developer asks for the expectations to be written")]
    if std::env::var("UPDATE_EXPECT").is_ok() {
        fs::write(path, found).unwrap();
    } else {
        compare(annotated, found);
    }
}

fn without_annotations(annotated: &str) -> String {
    annotated.split_inclusive('\n').filter(|line| !is_annotation(line)).collect()
}

fn findings_of(annotated: &str, variables: &[(&str, &str)]) -> (LoadedFile, String) {
    let clean = without_annotations(annotated);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config.yaml"), &clean).unwrap();
    let file = load_one(folder.path(), "config.yaml", variables);
    let found = annotate(&clean, &file.diagnostics);
    (file, found)
}

#[track_caller]
fn compare(annotated: &str, found: &str) {
    if found != annotated {
        let only_in = |text: &str, other: &str, sign: &str| {
            let lines: Vec<String> = text
                .lines()
                .filter(|line| !other.lines().any(|o| o == *line))
                .map(|line| format!("{sign} {line}"))
                .collect();
            lines.join("\n")
        };
        let missing = only_in(annotated, found, "-");
        let surplus = only_in(found, annotated, "+");
        panic!(
            "the findings are not those expected (-), but these (+):\n{missing}\n{surplus}\nThe whole text as found:\n{found}"
        );
    }
}

/// Loads one file of a folder.
#[track_caller]
pub(crate) fn load_one(folder: &Path, name: &str, variables: &[(&str, &str)]) -> LoadedFile {
    let environment =
        FixedEnvironment(variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect());
    let mut loaded = super::load(folder, name, None, &environment);
    assert_eq!(loaded.files.len(), 1);
    loaded.files.remove(0)
}

fn is_annotation(line: &str) -> bool {
    let Some(comment) = line.trim_start().strip_prefix('#') else { return false };
    let rest = comment.trim_start_matches([' ', '^']);
    ["error ", "warning ", "info "].iter().any(|word| rest.starts_with(word))
}

fn annotate(text: &str, findings: &[Diagnostic]) -> String {
    let mut result = String::new();
    for finding in findings.iter().filter(|finding| finding.span.is_none()) {
        result += &format!("# {}\n", describe(finding));
    }
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    if text.is_empty() {
        lines.push("");
    }
    for (index, line) in lines.iter().enumerate() {
        result += line;
        let here = |finding: &&Diagnostic| {
            finding.span.is_some_and(|span| {
                span.line as usize == index + 1 || (span.line as usize > lines.len() && index + 1 == lines.len())
            })
        };
        for finding in findings.iter().filter(here) {
            let span = finding.span.unwrap();
            let width = if span.end_line == span.line {
                span.end_column.saturating_sub(span.column).max(1) as usize
            } else {
                3
            };
            let mark = match span.column as usize {
                column @ 3.. => format!("{}# {}", " ".repeat(column - 3), "^".repeat(width)),
                column => format!("{}#{}", " ".repeat(column - 1), "^".repeat(width - 1)),
            };
            if !result.ends_with('\n') && !result.is_empty() {
                result.push('\n');
            }
            result += &format!("{mark} {}\n", describe(finding));
        }
    }
    result
}

fn describe(finding: &Diagnostic) -> String {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    let path = if finding.path.is_empty() { String::new() } else { format!(" {}", finding.path) };
    let fix = finding
        .fix
        .as_ref()
        .map(|fix| {
            let texts: Vec<String> = fix.edits.iter().map(|edit| edit.text.escape_debug().to_string()).collect();
            format!(" -> {}", texts.join(" + "))
        })
        .unwrap_or_default();
    let related: Vec<String> =
        finding.related.iter().map(|related| format!(" ({}: line {})", related.message, related.span.line)).collect();
    let related = related.concat();
    format!("{severity} {}{path}: {}{related}{fix}", finding.code, finding.message)
}
