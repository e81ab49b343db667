//! `medallion explain`

use insta::assert_snapshot;
use medallion_tests::Project;

#[test]
fn a_code_has_a_page() {
    assert_snapshot!(Project::empty().medallion(&["explain", "cfg013"]), @"
    exit: 0
    --- stdout
    CFG013: unknown key

    No setting has this name, so it would have no effect.

    Use the suggested name, or remove the key. `medallion explain` and the JSON Schema list the known ones.

    For example

        file:
          path: orders.csv
          delimeter: ;

    Mended

        file:
          path: orders.csv
          delimiter: ;
    --- stderr
    ");
}

#[test]
fn an_unknown_code_gets_the_nearest() {
    assert_snapshot!(Project::empty().medallion(&["explain", "CFG13"]), @"
    exit: 1
    --- stdout
    --- stderr
    error[CFG026]: there is no code `CFG13`
      help: did you mean CFG013? `medallion explain` without a code lists all
    ");
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

#[test]
fn deprecated_keys_are_listed() {
    let run = Project::empty().medallion(&["explain", "--deprecated"]).ended(0);
    assert!(run.stdout.contains("CFG002") && run.stdout.contains("source.api.base_url"), "{run}");
    let rows = Project::empty().medallion(&["explain", "--deprecated", "--json"]).ended(0).json();
    let rows = rows.as_array().unwrap();
    assert!(rows.len() > 20);
    for row in rows {
        for field in ["path", "code", "since", "removal", "replacement"] {
            assert!(row[field].as_str().is_some_and(|text| !text.is_empty()), "{row}");
        }
    }
}
