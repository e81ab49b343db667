//! `medallion explain`

use insta::assert_snapshot;
use medallion_tests::Project;

#[test]
fn a_code_has_a_page() {
    assert_snapshot!(Project::empty().medallion(&["explain", "cfg013"]), @"");
}

#[test]
fn an_unknown_code_gets_the_nearest() {
    assert_snapshot!(Project::empty().medallion(&["explain", "CFG13"]), @"");
}

#[test]
fn all_codes_are_listed() {
    let run = Project::empty().medallion(&["explain"]).ended(0);
    let pages = Project::empty().medallion(&["explain", "--json"]).ended(0).json();
    let pages = pages.as_array().unwrap();
    assert!(pages.len() > 40);
    for page in pages {
        assert!(run.stdout.contains(page["code"].as_str().unwrap()), "{run}");
    }
}
