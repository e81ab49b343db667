//! The command line, one file per verb: exit code, standard output and standard error as a
//! scheduler or a person meets them. Edge cases are tested where they are decided.

mod adopt;
mod app;
mod bronze;
mod config;
mod database;
mod discover;
mod doctor;
mod explain;
mod export;
mod gc;
mod join;
mod ls;
mod lsp;
mod migrate;
mod new;
mod plan;
mod preview;
mod profile;
mod quarantine;
mod retention;
mod rows;
mod run;
mod show;
mod silver;
mod usage;
mod validate;
mod verify;
mod web;

use medallion_tests::Project;

/// Every verb that `--help` lists has a file here, and every file here is a module.
#[test]
fn no_verb_is_forgotten() {
    let help = Project::empty().medallion(&["--help"]).ended(0).stdout;
    let listed =
        help.split("Commands:").nth(1).expect("help lists the verbs").split("Options:").next().unwrap_or_default();
    // Continuation lines of a description are indented further.
    let verbs: Vec<&str> = listed
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|verb| *verb != "help")
        .collect();
    assert!(verbs.len() >= 12, "{help}");
    let folder = medallion_tests::repository().join("tests/tests/cli");
    for verb in &verbs {
        assert!(folder.join(format!("{verb}.rs")).is_file(), "tests/tests/cli/{verb}.rs is missing");
    }
    let main = include_str!("main.rs");
    for entry in std::fs::read_dir(&folder).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        // Other programs leave files here too: editors, and snapshots that wait for review.
        let Some(name) = name.strip_suffix(".rs").filter(|name| !name.starts_with('.')) else { continue };
        assert!(name == "main" || main.contains(&format!("mod {name};")), "{name}.rs is no module of main.rs");
    }
}
