//! Every code of the configuration is shown: by an annotated fixture, and by an example that says what
//! it says.

use std::collections::BTreeSet;
use std::path::Path;

use super::fixture::load_one;
use crate::diagnostic::Severity;
use crate::diagnostic::code::{Code, TABLE};
use crate::diagnostic::examples::{self, Part, Sample};

/// Codes that the text of one file cannot lead to, and the test file that shows them.
const ELSEWHERE: &[(&str, &str)] = &[
    ("CFG018", "core/src/run/available.rs"),
    ("CFG019", "core/src/config/bad_input_tests.rs"),
    ("CFG026", "core/src/api/validate.rs"),
    ("CFG027", "core/src/config/bad_input_tests.rs"),
    ("CFG042", "core/src/config/layers/tests.rs"),
    ("CFG047", "core/src/config/layers/tests.rs"),
    ("CFG049", "core/src/config/dialect/tests.rs"),
    ("CFG050", "core/src/config/edit/tests.rs"),
    ("CFG051", "core/src/config/edit/tests.rs"),
    ("CFG052", "core/src/config/edit/tests.rs"),
    ("CFG053", "core/src/config/edit/tests.rs"),
    ("CFG054", "core/src/config/edit/tests.rs"),
    ("CFG055", "core/src/config/edit/tests.rs"),
    ("CFG056", "core/src/api/document.rs"),
    ("CFG057", "core/src/config/save.rs"),
    ("CFG060", "core/src/api/outline.rs"),
    ("CFG061", "core/src/api/outline.rs"),
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
        // Codes of commands that make new files, not of a file that is there.
        if matches!(code.as_str(), "CFG065" | "CFG066" | "CFG067" | "CFG068" | "CFG069") {
            continue;
        }
        let elsewhere = ELSEWHERE.iter().find(|(name, _)| *name == code.as_str());
        if let Some((name, file)) = elsewhere {
            let text = std::fs::read_to_string(core().parent().unwrap().join(file)).unwrap();
            assert!(text.contains(name), "{name} is not in {file} any more; see ELSEWHERE");
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
    let indented = |by: usize| -> String { text.lines().map(|line| format!("{:by$}{line}\n", "")).collect() };
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
