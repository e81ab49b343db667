//! `medallion app`: here only what happens without a terminal; the app has tests of its own.

use medallion_tests::Project;

#[test]
fn without_a_terminal_it_says_so() {
    let run = Project::people().medallion(&["app"]);
    assert!(run.exit == Some(1) && run.stderr.contains("terminal") && run.stdout.is_empty(), "{run}");
}
