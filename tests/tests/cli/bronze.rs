//! `medallion bronze`

use insta::assert_snapshot;
use medallion_tests::Project;

#[test]
fn bronze_alone() {
    let project = Project::people();
    assert_snapshot!(project.medallion(&["bronze", "--date", "2025-01-01"]), @"
    exit: 0
    --- stdout
    dataset  date        result   Bronze rows  parts  bytes  Silver rows  quarantined  seconds  where
    people   2025-01-01  written            3      1  [SIZE]            -            -     0.00  lake/bronze/system=crm/table=people/pattern=full/dt=2025-01-01
    --- stderr
    [1/1] bronze people 2025-01-01: written
    1 step in [TIME] s: 1 written
    ");
    assert!(project.files("lake/silver").is_empty());
    assert_snapshot!(project.medallion(&["bronze", "--date", "2025-01-01"]), @"
    exit: 0
    --- stdout
    dataset  date        result     Bronze rows  parts  bytes  Silver rows  quarantined  seconds  where
    people   2025-01-01  unchanged            3      1  [SIZE]            -            -     0.00  lake/bronze/system=crm/table=people/pattern=full/dt=2025-01-01
    --- stderr
    [1/1] bronze people 2025-01-01: unchanged
    1 step in [TIME] s: everything was up to date, nothing was written
    ");
}

#[test]
fn a_source_that_cannot_be_read_is_exit_2() {
    for (name, content, code) in [
        ("missing", None, "EXT010"),
        ("empty", Some("".as_bytes()), "EXT012"),
        ("duplicate", Some(b"id,id\n1,2\n".as_slice()), "EXT013"),
    ] {
        let project = Project::people();
        std::fs::remove_file(project.path("people.csv")).unwrap();
        if let Some(content) = content {
            project.write("people.csv", content);
        }
        let run = project.medallion(&["bronze", "--date", "2025-01-01"]).ended(2);
        assert!(run.stderr.contains(&format!("error[{code}]")) && run.stderr.contains("people.csv"), "{name}: {run}");
        assert!(project.files("lake").iter().all(|file| !file.ends_with(".parquet")), "{name}: nothing half-written");
    }
}

#[test]
fn a_folder_instead_of_a_file() {
    let project = Project::people();
    std::fs::remove_file(project.path("people.csv")).unwrap();
    std::fs::create_dir(project.path("people.csv")).unwrap();
    let run = project.medallion(&["bronze", "--date", "2025-01-01"]).ended(2);
    assert!(run.stderr.contains("error[EXT011]"), "{run}");
}

#[test]
fn a_target_that_is_a_file_is_exit_3() {
    let project = Project::people().with("lake", "a file");
    let run = project.medallion(&["bronze", "--date", "2025-01-01"]).ended(3);
    assert!(run.stderr.contains("error[STG011]") && run.stderr.contains("lake"), "{run}");
    assert_eq!(std::fs::read_to_string(project.path("lake")).unwrap(), "a file");
}

#[test]
fn broken_records_are_kept_and_counted() {
    let project = Project::people().with("people.csv", "id,name,note\n1,Ana,x\n2,Bo\n3,Cy,y\n");
    let run = project.medallion(&["bronze", "--date", "2025-01-01", "--json"]).ended(0);
    let events = run.lines();
    let report = &events.last().unwrap()["report"];
    assert_eq!((&report["steps"][0]["rows"], &report["steps"][0]["rejected"]), (&"2".into(), &"1".into()), "{run}");
    let errors = project.medallion(&["rows", "--table", "_errors", "--format", "csv"]).ended(0);
    assert!(errors.stdout.contains("2,Bo"), "{errors}");
}
