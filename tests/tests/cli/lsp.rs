//! `medallion lsp`: how the program starts and ends; the protocol is tested in `tests/tests/lsp.rs`.

use medallion_tests::Project;

#[test]
fn an_editor_that_goes_away_ends_the_server() {
    let run = Project::empty().medallion(&["lsp"]);
    assert!(run.stdout.is_empty(), "nothing but the protocol goes to standard output: {run}");
}
