//! `medallion preview`

use insta::assert_snapshot;
use medallion_tests::Project;

#[test]
fn records_are_shown_as_bronze_would_type_them() {
    let project = Project::people();
    assert_snapshot!(project.medallion(&["preview", "--date", "2025-01-01", "--verbose"]), @"");
    assert!(project.files("lake").is_empty());
}

#[test]
fn a_limit_is_said_aloud() {
    let run = Project::flights().medallion(&[
        "preview",
        "--source",
        "flights",
        "--date",
        "2013-01-01",
        "-n",
        "1",
        "--format",
        "csv",
    ]);
    assert_snapshot!(run, @"");
}

#[test]
fn which_dataset_must_be_clear() {
    assert_snapshot!(Project::flights().medallion(&["preview"]), @"");
    let run = Project::flights().medallion(&["preview", "--source", "flihgts"]).ended(1);
    assert!(run.stderr.contains("flihgts") && run.stderr.contains("flights"), "{run}");
}

#[test]
fn json_has_info_and_rows() {
    let reply = Project::people().medallion(&["preview", "--json", "--date", "2025-01-01"]).ended(0).json();
    assert_eq!(reply["info"]["dataset"], "people");
    assert_eq!(reply["rows"][0]["id"], "1", "64-bit integers are text");
    assert_eq!(reply["rows"].as_array().map(Vec::len), Some(3));
}
