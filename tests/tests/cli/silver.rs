//! `medallion silver`

use insta::assert_snapshot;
use medallion_tests::Project;

#[test]
fn silver_is_made_from_bronze() {
    let project = Project::people();
    let _bronze = project.medallion(&["bronze", "--date", "2025-01-01"]).ended(0);
    assert_snapshot!(project.medallion(&["silver", "--date", "2025-01-01"]), @"");
}

#[test]
fn without_bronze_there_is_nothing_to_promote() {
    let project = Project::people();
    assert_snapshot!(project.medallion(&["silver", "--date", "2025-01-01"]), @"");
    assert_snapshot!(project.medallion(&["silver", "--date", "2025-01-01", "--allow-missing"]), @"");
    assert!(project.files("lake/silver").iter().all(|file| !file.ends_with(".parquet")));
}

#[test]
fn bad_rows_are_refused_and_readable() {
    let project = Project::people().with("people.csv", "id,name,note\n1,Ana,x\n,Bo,y\n");
    let run = project.medallion(&["run", "--date", "2025-01-01"]).ended(4);
    assert!(run.stderr.contains("error[VAL010]"), "{run}");
}
