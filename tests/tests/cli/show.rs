//! `medallion show`

use insta::assert_snapshot;
use medallion_tests::Project;

#[test]
fn all_about_a_partition() {
    let project = Project::people();
    let _run = project.medallion(&["run", "--date", "2025-01-01"]).ended(0);
    assert_snapshot!(project.medallion(&["show", "--layer", "bronze"]), @"");
    assert_snapshot!(project.medallion(&["show", "--date", "2025-01-01"]), @"");
}

#[test]
fn a_damaged_partition_is_told() {
    let project = Project::people();
    let _run = project.medallion(&["bronze", "--date", "2025-01-01"]).ended(0);
    let part = project.files("lake/bronze").into_iter().find(|file| file.ends_with(".parquet")).unwrap();
    std::fs::remove_file(project.path(&part)).unwrap();
    let detail = project.medallion(&["show", "--json"]).ended(0).json();
    assert_eq!(detail["problems"].as_array().map(Vec::len), Some(1), "{detail}");
    let run = project.medallion(&["show"]).ended(0);
    assert!(run.stderr.contains("warning") && run.stderr.contains("part-0001"), "{run}");
}

#[test]
fn a_date_without_a_partition() {
    let project = Project::people();
    let _run = project.medallion(&["run", "--date", "2025-01-01"]).ended(0);
    assert_snapshot!(project.medallion(&["show", "--date", "2025-01-02"]), @"");
    let empty = Project::people().medallion(&["show"]);
    assert!(empty.exit != Some(0) && empty.stderr.contains("error[RUN012]"), "{empty}");
}
