//! What the predecessor said to each of its own configurations, and what is said here.
//!
//! `predecessor_matrix.txt` has the configurations, `predecessor_table.txt` a line for each: what the
//! predecessor said, what is found here (errors and warnings beside the deprecated spellings), and why
//! that is the same or better. With `UPDATE_EXPECT` the third column is written anew.

use std::collections::BTreeMap;
use std::path::Path;

use super::fixture::load_one;
use crate::diagnostic::Severity;

/// Codes of spellings that are read and could be written better; every old file has some.
const SPELLINGS: [&str; 4] = ["CFG001", "CFG004", "CFG070", "CFG071"];

#[test]
fn every_configuration_of_the_predecessor_gets_the_finding_it_got_or_a_better_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/predecessor_table.txt");
    let table = std::fs::read_to_string(&path).unwrap();
    let rows: BTreeMap<&str, Vec<&str>> = table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split(" | ").collect::<Vec<_>>())
        .map(|columns| (columns[0].trim(), columns))
        .collect();
    let mut found = table.lines().take_while(|line| line.starts_with('#')).collect::<Vec<_>>().join("\n") + "\n";
    let mut count = 0;
    for case in include_str!("predecessor_matrix.txt").split("=== ").skip(1) {
        let (name, text) = case.split_once('\n').unwrap();
        let row = rows.get(name).unwrap_or_else(|| panic!("{name} is not in the table"));
        let (ours, failed) = findings(text);
        found += &format!("{name} | {} | {ours} | {}\n", row[1], row[3]);
        // What it refused is refused, unless the table says why not.
        let refused_before = row[1] != "ok";
        assert!(!row[3].is_empty(), "{name}: why?");
        assert!(failed || !refused_before || row[3].starts_with("right here:"), "{name} was refused: {}", row[1]);
        assert!(!failed || refused_before || row[3].starts_with("wrong here:"), "{name} was fine: {ours}");
        count += 1;
    }
    assert_eq!(count, rows.len());
    #[expect(clippy::disallowed_methods, reason = "how a developer asks for the expectations to be written")]
    if std::env::var("UPDATE_EXPECT").is_ok() {
        std::fs::write(&path, &found).unwrap();
    } else {
        for (line, expected) in found.lines().zip(table.lines()) {
            assert_eq!(line, expected);
        }
    }
}

/// What is found beside deprecated spellings, and whether it keeps the dataset from running.
fn findings(text: &str) -> (String, bool) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("c.yaml"), text).unwrap();
    let file = load_one(folder.path(), "c.yaml", &[]);
    let said: Vec<String> = file
        .diagnostics
        .iter()
        .filter(|finding| finding.severity != Severity::Info && !SPELLINGS.contains(&finding.code.as_str()))
        .map(|finding| format!("{} {}", finding.code, finding.message.replace(" | ", " ")))
        .collect();
    let failed = file.pipeline.is_none_or(|pipeline| pipeline.datasets.is_empty());
    (if said.is_empty() { "nothing".into() } else { said.join("; ") }, failed)
}
