//! Findings of a workspace, each told once: what is wrong in a file that several others are made of is said
//! under the name of that file, and the others only name it.
//!
//! Sorts what was found; finds nothing itself.

use std::collections::{BTreeMap, BTreeSet};

use super::LoadedFile;
use crate::diagnostic::{Diagnostic, Severity};

/// What is told of one file.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// As the user would name it.
    pub(crate) file: String,
    /// Names of its datasets.
    pub(crate) datasets: Vec<String>,
    /// What is told here.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Files of this list that have errors because of which this one cannot run.
    pub(crate) held_back_by: Vec<String>,
}

/// What is told of each file, in the order of their names. A file that is only a part of others is in the
/// list if something is wrong in it that several of them would say.
pub(crate) fn told_once(files: &[LoadedFile]) -> Vec<Told> {
    let mut makers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (file, finding) in all(files).filter(|(file, finding)| finding.file != file.display) {
        makers.entry(&finding.file).or_default().insert(&file.display);
    }
    let listed = |name: &str| files.iter().any(|file| file.display == name);
    // What concerns one file only is best read with it.
    let shared = |name: &str| listed(name) || makers.get(name).is_some_and(|of| of.len() > 1);
    let mut told: BTreeMap<&str, Told> = files.iter().map(|file| (file.display.as_str(), of(file))).collect();
    let here = |file: &LoadedFile, finding: &Diagnostic| finding.file == file.display || !shared(&finding.file);
    for (file, finding) in all(files).filter(|(file, finding)| here(file, finding)) {
        if let Some(told) = told.get_mut(file.display.as_str()) {
            told.diagnostics.push(finding.clone());
        }
    }
    for (file, finding) in all(files).filter(|(file, finding)| !here(file, finding)) {
        let place = finding.file.as_str();
        let of = told.entry(place).or_insert_with(|| Told { file: place.to_owned(), ..Told::default() });
        // Seen from another file the same thing has another path, such as `sources[1]` for `sources[0]`.
        let same = |other: &Diagnostic| {
            (other.code, other.span, &other.message) == (finding.code, finding.span, &finding.message)
        };
        if !of.diagnostics.iter().any(same) {
            of.diagnostics.push(finding.clone());
        }
        if finding.severity == Severity::Error
            && let Some(child) = told.get_mut(file.display.as_str())
            && !child.held_back_by.contains(&finding.file)
        {
            child.held_back_by.push(finding.file.clone());
        }
    }
    told.into_values().collect()
}

fn all(files: &[LoadedFile]) -> impl Iterator<Item = (&LoadedFile, &Diagnostic)> {
    files.iter().flat_map(|file| file.diagnostics.iter().map(move |finding| (file, finding)))
}

fn of(file: &LoadedFile) -> Told {
    let datasets = file.pipeline.iter().flat_map(|pipeline| &pipeline.datasets);
    Told {
        file: file.display.clone(),
        datasets: datasets.map(|dataset| dataset.name.clone()).collect(),
        ..Told::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::FixedEnvironment;

    fn told(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let loaded = crate::config::load(folder.path(), "", None, &FixedEnvironment::default());
        told_once(&loaded.files)
            .into_iter()
            .map(|told| {
                let found = told.diagnostics.iter().map(|finding| format!("{}:{}", finding.file, finding.code));
                format!("{} {:?} {:?}", told.file, found.collect::<Vec<_>>(), told.held_back_by)
            })
            .collect()
    }

    fn child(table: &str) -> String {
        format!(
            "config_version: 1\nextends: _base.yaml\nsources:\n  - source: {{type: file, system: s, table: {table}, file: {{path: a.csv}}}}\n"
        )
    }

    #[test]
    fn what_is_wrong_in_a_shared_parent_is_told_at_the_parent() {
        let wrong = "platform:\n  bronze: {prefixx: p}\n";
        let (a, b) = (child("a"), child("b"));
        assert_eq!(
            told(&[("a.yaml", &a), ("b.yaml", &b), ("_base.yaml", wrong)]),
            [r#"_base.yaml ["_base.yaml:CFG013"] []"#, r#"a.yaml [] ["_base.yaml"]"#, r#"b.yaml [] ["_base.yaml"]"#]
        );
        // With one child there is nothing to repeat.
        assert_eq!(told(&[("a.yaml", &a), ("_base.yaml", wrong)]), [r#"a.yaml ["_base.yaml:CFG013"] []"#]);
    }

    #[test]
    fn a_parent_that_is_a_configuration_of_its_own_has_its_findings_once() {
        let base = "config_version: 1\nplatform:\n  bronze: {prefixx: p}\nsources:\n  - {name: x, source: {type: file, system: s, table: x, file: {path: a.csv}}}\n";
        let told = told(&[
            ("base.yaml", base),
            ("a.yaml", "extends: base.yaml\nsources:\n  - {name: x, silver: {domain: d}}\n"),
        ]);
        assert!(told[0].starts_with("a.yaml") && told[0].contains("\"base.yaml\"]"), "{told:?}");
        assert_eq!(told[1].matches("CFG013").count(), 1, "{told:?}");
    }

    #[test]
    fn a_warning_holds_nobody_back() {
        let old = "platform:\n  bronze: {local_path: p}\n";
        let told = told(&[("a.yaml", &child("a")), ("b.yaml", &child("b")), ("_base.yaml", old)]);
        assert_eq!(told, [r#"_base.yaml ["_base.yaml:CFG001"] []"#, "a.yaml [] []", "b.yaml [] []"]);
    }
}
