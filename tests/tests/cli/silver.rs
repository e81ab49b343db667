//! `medallion silver`

use insta::assert_snapshot;
use medallion_tests::Project;

#[test]
fn silver_is_made_from_bronze() {
    let project = Project::people();
    let _bronze = project.medallion(&["bronze", "--date", "2025-01-01"]).ended(0);
    assert_snapshot!(project.medallion(&["silver", "--date", "2025-01-01"]), @"
    exit: 0
    --- stdout
    dataset  date        result   Bronze rows  parts  bytes  Silver rows  quarantined  seconds  where
    people   2025-01-01  written            -      -      -            3            0     0.00  lake/silver/domain=sales/entity=people/v1
    --- stderr
    [1/1] silver people 2025-01-01: written
    1 step in [TIME] s: 1 written
    ");
}

#[test]
fn without_bronze_there_is_nothing_to_promote() {
    let project = Project::people();
    assert_snapshot!(project.medallion(&["silver", "--date", "2025-01-01"]), @"
    exit: 4
    --- stdout
    dataset  date        result  Bronze rows  parts  bytes  Silver rows  quarantined  seconds  where
    people   2025-01-01  failed            -      -      -            -            -     0.00  lake/silver/domain=sales/entity=people/v1
    --- stderr
    [1/1] silver people 2025-01-01: failed
    error[RUN010]: no Bronze partition is committed for 2025-01-01
      help: Run Bronze first, or use `--allow-missing`.
    1 step in [TIME] s: 1 failed; nothing was written
    ");
    assert_snapshot!(project.medallion(&["silver", "--date", "2025-01-01", "--allow-missing"]), @"
    exit: 0
    --- stdout
    dataset  date        result   Bronze rows  parts  bytes  Silver rows  quarantined  seconds  where
    people   2025-01-01  skipped            -      -      -            -            -     0.00
    --- stderr
    note[RUN010]: silver people 2025-01-01: no Bronze partition is committed for 2025-01-01
    [1/1] silver people 2025-01-01: skipped
    1 step in [TIME] s: 1 skipped; nothing was written
    ");
    assert!(project.files("lake/silver").iter().all(|file| !file.ends_with(".parquet")));
}

#[test]
fn bad_rows_are_refused_and_readable() {
    let project = Project::people().with("people.csv", "id,name,note\n1,Ana,x\n,Bo,y\n");
    let run = project.medallion(&["run", "--date", "2025-01-01"]).ended(4);
    assert!(run.stderr.contains("error[VAL010]"), "{run}");
}
