//! Every code of the configuration is shown: by an annotated fixture, and by an example that says what
//! it says.

use std::collections::BTreeSet;
use std::path::Path;

use super::fixture::load_one;
use crate::diagnostic::Severity;
use crate::diagnostic::code::{Code, TABLE};
use crate::diagnostic::examples::{self, Part, Sample};

/// Codes that no text leads to, why, and the file whose tests show them.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("CFG018", "what a run of this build cannot do; to read it is fine", "core/src/run/available.rs"),
    ("CFG026", "an argument of a command", "core/src/api/validate.rs"),
    ("CFG056", "the place where a text would be saved", "core/src/api/document.rs"),
    ("CFG057", "the disk on which a text would be saved", "core/src/config/save.rs"),
    ("CFG065", "an argument of `new`", "tests/tests/cli/new.rs"),
    ("CFG066", "an answer to a question of `new`", "tests/tests/cli/new.rs"),
    ("CFG067", "an argument of `discover`", "tests/tests/cli/discover.rs"),
    ("CFG068", "what `discover` finds in a source", "tests/tests/cli/discover.rs"),
    ("CFG069", "the place of a new file", "tests/tests/cli/new.rs"),
];

fn core() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Codes in annotations of the fixtures and of inline fixtures in tests.
fn annotated() -> BTreeSet<String> {
    fn collect(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                collect(&path, found);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            for line in text.lines() {
                let Some((_, comment)) = line.split_once('#') else { continue };
                let words: Vec<&str> = comment.trim_start_matches([' ', '^']).split([' ', ':']).collect();
                if let ["error" | "warning" | "info", code, ..] = words.as_slice() {
                    found.insert((*code).to_owned());
                }
            }
        }
    }
    let mut found = BTreeSet::new();
    collect(&core().join("src/config"), &mut found);
    collect(&core().join("src/api/fixtures"), &mut found);
    found
}

fn codes() -> impl Iterator<Item = Code> {
    TABLE.iter().map(|entry| entry.code)
}

#[test]
fn every_code_of_the_configuration_has_a_fixture() {
    let annotated = annotated();
    let mut missing = Vec::new();
    for code in codes().filter(|code| code.as_str().starts_with("CFG")) {
        let elsewhere = ELSEWHERE.iter().find(|(name, ..)| *name == code.as_str());
        if let Some((name, _, file)) = elsewhere {
            let text = std::fs::read_to_string(core().parent().unwrap().join(file)).unwrap();
            assert!(text.contains(name), "{name} is not in {file} any more; see ELSEWHERE");
            assert!(!annotated.contains(*name), "{name} has a fixture, so it is not elsewhere");
        } else if !annotated.contains(code.as_str()) {
            missing.push(code);
        }
    }
    assert!(
        missing.is_empty(),
        "no annotated fixture has {missing:?}: add a file with the annotation `# ^ error CFG…: message` to \
         core/src/config/fixtures (UPDATE_EXPECT=1 writes the annotations), or name the test that shows the \
         code in ELSEWHERE"
    );
}

#[test]
fn every_code_has_an_example() {
    let missing: Vec<Code> = codes().filter(|code| examples::of(*code).is_none()).collect();
    assert!(missing.is_empty(), "no example of {missing:?}: add them to core/src/diagnostic/examples.rs");
    for sample in examples::SAMPLES {
        assert!(!sample.before.is_empty() && !sample.after.is_empty() && sample.before != sample.after, "{sample:?}");
    }
}

#[test]
fn examples_lead_to_their_code_and_mended_to_no_error() {
    let mut wrong = String::new();
    for sample in examples::SAMPLES.iter().filter(|sample| sample.part != Part::Other) {
        let before = found(sample, sample.before);
        if !before.iter().any(|(code, _)| *code == sample.code) {
            wrong += &format!("{} is not found, but {before:?} in\n{}\n", sample.code, whole(sample, sample.before));
        }
        let bad =
            |code: Code, severity| code == sample.code || (severity == Severity::Error && code.as_str() != "CFG018");
        let after: Vec<_> =
            found(sample, sample.after).into_iter().filter(|(code, severity)| bad(*code, *severity)).collect();
        if !after.is_empty() {
            wrong += &format!("{}: {after:?} in the mended\n{}\n", sample.code, whole(sample, sample.after));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn found(sample: &Sample, text: &str) -> Vec<(Code, Severity)> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("configs")).unwrap();
    std::fs::write(folder.path().join("base.yaml"), "config_version: 1\n").unwrap();
    std::fs::write(folder.path().join("configs/a.yaml"), whole(sample, text)).unwrap();
    let file = load_one(folder.path(), "configs/a.yaml", &[]);
    file.diagnostics.iter().map(|finding| (finding.code, finding.severity)).collect()
}

/// The part with what is needed around it.
fn whole(sample: &Sample, text: &str) -> String {
    let indented =
        |by: usize| -> String { text.lines().fold(String::new(), |all, line| all + &" ".repeat(by) + line + "\n") };
    let has = |key: &str| text.lines().any(|line| line.starts_with(key));
    const HEAD: &str = "config_version: 1\n";
    const SOURCE: &str = "sources:\n  - source: {type: file, system: shop, table: orders, file: {path: orders.csv}}\n";
    match sample.part {
        Part::Whole | Part::Other => format!("{text}\n"),
        Part::Top => format!("{HEAD}{text}\n{SOURCE}"),
        Part::Entries => format!("{HEAD}sources:\n{}", indented(2)),
        Part::Entry => format!("{HEAD}{SOURCE}{}", indented(4)),
        Part::Source => {
            let kind = if has("type:") { "" } else { "      type: file\n" };
            format!("{HEAD}sources:\n  - source:\n      system: shop\n      table: orders\n{kind}{}", indented(6))
        }
    }
}
