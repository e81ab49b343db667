//! Rules about single source files: headers, sizes, names, exceptions, and what front ends may touch.

use super::{Finding, Source};

/// Lines of production code a file may have.
const LINES: usize = 800;
/// Lines a test file may have.
const TEST_LINES: usize = 1_500;
/// Words that say nothing about what a module is.
const EMPTY_NAMES: [&str; 8] = ["manager", "managers", "helper", "helpers", "util", "utils", "common", "misc"];
/// Files that are written by a program.
const GENERATED: [&str; 1] = ["ui/src/lib/api/generated.ts"];
/// What only the engine does.
const ENGINE_ONLY: [&str; 4] = ["std::fs", "File::open", "parquet::", "serde_yaml"];

/// What speaks to networks, and where it may stand: the rest of the engine is blocking code.
const NETWORK: [&str; 4] = ["tokio::", "object_store::", "reqwest::", "sqlx::"];
/// See above.
const NETWORK_PLACES: [&str; 4] =
    ["core/src/storage/remote/", "core/src/extract/api/", "core/src/extract/db/", "core/src/extract/threads.rs"];

/// Checks every source file.
pub(super) fn check(files: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        let source = ["rs", "ts", "svelte", "mjs"].contains(&file.extension());
        if !source || GENERATED.contains(&file.path.as_str()) {
            continue;
        }
        name(file, &mut findings);
        size(file, &mut findings);
        if file.extension() == "rs" {
            header(file, &mut findings);
            exceptions(file, &mut findings);
            front_end(file, &mut findings);
            network(file, &mut findings);
        }
    }
    findings
}

/// Lines before the inline tests, which stand last.
pub(super) fn production(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| line.trim_end() != "#[cfg(test)]")
        .map(|(index, line)| (index + 1, line))
}

/// Async code stays where it belongs.
fn network(file: &Source, findings: &mut Vec<Finding>) {
    if !file.path.starts_with("core/src/") || NETWORK_PLACES.iter().any(|place| file.path.starts_with(place)) {
        return;
    }
    for (line, text) in production(&file.text).filter(|(_, line)| !line.trim_start().starts_with("//")) {
        let word = NETWORK.iter().find(|word| {
            text.match_indices(*word)
                .any(|(at, _)| !text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_'))
        });
        if let Some(word) = word {
            let message = format!("`{}` stays below {}", word.trim_end_matches(':'), NETWORK_PLACES.join(" and "));
            findings.push(Finding::new(&file.path, line, "network", message));
        }
    }
}

fn is_test(path: &str) -> bool {
    path.starts_with("tests/")
        || path.contains("/tests/")
        || path.ends_with("/tests.rs")
        || path.ends_with("_tests.rs")
        || path.contains(".test.")
        || path.contains("/e2e/")
}

fn header(file: &Source, findings: &mut Vec<Finding>) {
    if !file.text.starts_with("//!") {
        findings.push(Finding::new(
            &file.path,
            1,
            "header",
            "a file opens with `//!`: what it owns, what it never does",
        ));
    }
}

fn size(file: &Source, findings: &mut Vec<Finding>) {
    let (lines, limit) = if is_test(&file.path) {
        (file.text.lines().count(), TEST_LINES)
    } else {
        (production(&file.text).count(), LINES)
    };
    if lines > limit {
        findings.push(Finding::new(
            &file.path,
            limit + 1,
            "size",
            format!("{lines} lines, the limit is {limit}; split it by topic"),
        ));
    }
    let all = file.text.lines().count();
    if !is_test(&file.path) && all > TEST_LINES {
        findings.push(Finding::new(
            &file.path,
            TEST_LINES + 1,
            "size",
            format!("{all} lines with tests, the limit is {TEST_LINES}"),
        ));
    }
}

fn name(file: &Source, findings: &mut Vec<Finding>) {
    let words = file.path.split(['/', '.', '_', '-']).map(str::to_ascii_lowercase);
    if let Some(word) = words.into_iter().find(|word| EMPTY_NAMES.contains(&word.as_str())) {
        findings.push(Finding::new(
            &file.path,
            1,
            "name",
            format!("`{word}` says nothing; name the thing it is about"),
        ));
    }
}

fn exceptions(file: &Source, findings: &mut Vec<Finding>) {
    // Written in two pieces, so that this file does not find itself.
    let forms = [concat!("#[", "allow("), concat!("#![", "allow(")];
    for (index, line) in file.text.lines().enumerate() {
        if forms.iter().any(|form| line.contains(form)) {
            findings.push(Finding::new(
                &file.path,
                index + 1,
                "allow",
                "use `#[expect(…, reason = \"…\")]`: it says why, and tells when it is no longer needed",
            ));
        }
    }
}

fn front_end(file: &Source, findings: &mut Vec<Finding>) {
    if is_test(&file.path) || !(file.path.starts_with("tui/src/") || file.path.starts_with("desktop/src/")) {
        return;
    }
    for (number, line) in production(&file.text) {
        if let Some(word) =
            ENGINE_ONLY.iter().find(|word| line.contains(**word) && !line.trim_start().starts_with("//"))
        {
            findings.push(Finding::new(
                &file.path,
                number,
                "front-end",
                format!("`{word}` is the engine's; ask `core::api`"),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        check(&[Source { path: path.into(), text: text.into() }]).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn async_code_stays_in_its_places() {
        let of = |path: &str, text: &str| {
            let mut findings = Vec::new();
            network(&Source { path: path.into(), text: text.into() }, &mut findings);
            findings.iter().map(|finding| finding.line).collect::<Vec<_>>()
        };
        let text = "//! x\nuse tokio::time;\n// reqwest::x\nlet a = my_tokio::x();\nobject_store::path::Path\n";
        assert_eq!(of("core/src/publish/x.rs", text), [2, 5]);
        assert!(of("core/src/storage/remote/x.rs", text).is_empty());
        assert!(of("tui/src/web/x.rs", text).is_empty());
    }

    #[test]
    fn each_rule_bites() {
        let allow = concat!("//! x\n#[", "allow(dead_code)]\n");
        let long = "//! x\n".repeat(801);
        for (path, text, place) in [
            ("core/src/a.rs", "use x;\n", "core/src/a.rs:1: header"),
            ("core/src/a.rs", allow, "core/src/a.rs:2: allow"),
            ("core/src/a.rs", &long, "core/src/a.rs:801: size"),
            ("ui/src/screen.svelte", &long, "ui/src/screen.svelte:801: size"),
            ("core/src/date_util.rs", "//! x\n", "core/src/date_util.rs:1: name"),
            ("ui/src/common/a.ts", "", "ui/src/common/a.ts:1: name"),
            ("tui/src/a.rs", "//! x\nuse std::fs;\n", "tui/src/a.rs:2: front-end"),
        ] {
            let found = found(path, text);
            assert_eq!(found.len(), 1, "{path}: {found:?}");
            assert!(found[0].starts_with(place), "{found:?} does not start with {place}");
        }
    }

    #[test]
    fn tests_may_be_longer_and_touch_files() {
        assert_eq!(found("tests/tests/a.rs", &"//! x\n".repeat(1_500)), Vec::<String>::new());
        assert_eq!(found("tui/src/a.rs", "//! x\n#[cfg(test)]\nmod tests { use std::fs; }\n"), Vec::<String>::new());
        assert_eq!(found("core/src/commons.rs", "//! x\n"), Vec::<String>::new(), "only whole words count");
    }
}
