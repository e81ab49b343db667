//! `medallion show`

use insta::assert_snapshot;
use medallion_tests::Project;

#[test]
fn all_about_a_partition() {
    let project = Project::people();
    let _run = project.medallion(&["run", "--date", "2025-01-01"]).ended(0);
    assert_snapshot!(project.medallion(&["show", "--layer", "bronze"]), @"
    exit: 0
    --- stdout
    bronze people pattern=full/dt=2025-01-01
      version 1, committed [INSTANT]
      3 rows, 1 part, [SIZE], 0 unreadable
      lake/bronze/system=crm/table=people/pattern=full/dt=2025-01-01

    data: 3 rows, 3 columns
      column  type
      id      integer
      name    text
      note    text

    files
      rows  bytes  sha256        path
         3  [SIZE]  [SHA256…]     part-0001-[ID]            .parquet

    history
      version  committed                    rows  unreadable  run
            1  [INSTANT]                       3           0  [ID]
    --- stderr
    ");
    assert_snapshot!(project.medallion(&["show", "--date", "2025-01-01"]), @"
    exit: 0
    --- stdout
    silver people load_date=2025-01-01
      version 1, committed [INSTANT]
      3 rows, 1 part, [SIZE], 0 quarantined
      lake/silver/domain=sales/entity=people/v1/current/load_date=2025-01-01

    current: 3 rows, 3 columns
      column  type
      id      integer
      name    text
      note    text

    files
      rows  bytes  sha256        path
         3  [SIZE]  [SHA256…]     current/load_date=2025-01-01/part-0001-[ID]            .parquet

    history
      version  committed                    rows  quarantined  run
            1  [INSTANT]                       3            0  [ID]
    --- stderr
    ");
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
    assert_snapshot!(project.medallion(&["show", "--date", "2025-01-02"]), @"
    exit: 1
    --- stdout
    --- stderr
    error[RUN012]: silver of `people` has no partition of 2025-01-02
      help: `medallion ls --source people` lists those there are
    ");
    let empty = Project::people().medallion(&["show"]);
    assert!(empty.exit != Some(0) && empty.stderr.contains("error[RUN012]"), "{empty}");
}
