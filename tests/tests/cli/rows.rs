//! `medallion rows`

use arrow::array::RecordBatch;
use arrow::ipc::reader::StreamReader;
use insta::assert_snapshot;
use medallion_tests::Project;

fn promoted() -> Project {
    let project = Project::people();
    let _run = project.medallion(&["run", "--date", "2025-01-01"]).ended(0);
    project
}

#[test]
fn null_is_not_empty_in_any_form() {
    let project = promoted();
    assert_snapshot!(project.medallion(&["rows", "--layer", "bronze"]), @r#"
    exit: 0
    --- stdout
    id  name    note
     1  Ana     NULL
     2  Bo      ""
     3  "NULL"  x
    --- stderr
    3 rows: data of pattern=full/dt=2025-01-01 (version 1)
    "#);
    assert_snapshot!(project.medallion(&["rows", "--layer", "bronze", "--format", "csv", "--quiet"]), @r#"
    exit: 0
    --- stdout
    id,name,note
    1,Ana,
    2,Bo,""
    3,NULL,x
    --- stderr
    "#);
    assert_snapshot!(project.medallion(&["rows", "--layer", "bronze", "--format", "jsonl", "--quiet"]), @r#"
    exit: 0
    --- stdout
    {"id":"1","name":"Ana","note":null}
    {"id":"2","name":"Bo","note":""}
    {"id":"3","name":"NULL","note":"x"}
    --- stderr
    "#);
}

#[test]
fn windows_are_told() {
    let project = promoted();
    assert_snapshot!(project.medallion(&["rows", "--offset", "1", "-n", "1"]), @r#"
    exit: 0
    --- stdout
    id  name  note
     2  Bo    ""
    --- stderr
    1 row of 3, from row 1: current of load_date=2025-01-01 (version 1)
    "#);
    assert_snapshot!(project.medallion(&["rows", "--offset", "10"]), @"
    exit: 0
    --- stdout
    id  name  note
    --- stderr
    0 rows of 3, from row 10: current of load_date=2025-01-01 (version 1)
    ");
}

#[test]
fn all_rows_come_once_and_in_order() {
    let mut csv = String::from("id,name,note\n");
    for id in 0..5_003 {
        csv += &format!("{id},n{id},x\n");
    }
    let project = Project::people().with("people.csv", &csv);
    let _run = project.medallion(&["bronze", "--date", "2025-01-01"]).ended(0);
    let run = project.medallion(&["rows", "--all", "--format", "csv", "--quiet"]).ended(0);
    assert_eq!(run.stdout, csv);
}

#[test]
fn arrow_is_the_stream_of_the_wire() {
    let project = promoted();
    let output = project.command(&["rows", "--format", "arrow"]).output().unwrap();
    let reader = StreamReader::try_new(output.stdout.as_slice(), None).unwrap();
    let info: serde_json::Value = serde_json::from_str(&reader.schema().metadata["medallion.info"]).unwrap();
    assert_eq!((&info["total"], &info["table"]), (&"3".into(), &"current".into()));
    assert_eq!(reader.map(|batch| batch.unwrap()).map(|batch: RecordBatch| batch.num_rows()).sum::<usize>(), 3);
}

#[test]
fn an_unknown_table_is_told() {
    let run = promoted().medallion(&["rows", "--table", "nothing"]);
    assert!(run.exit != Some(0) && run.stderr.contains("nothing"), "{run}");
}

#[test]
fn a_column_that_is_not_there_comes_with_those_that_are() {
    let project = Project::people();
    let _run = project.medallion(&["run", "--date", "2025-01-01"]).ended(0);
    assert_snapshot!(project.medallion(&["rows", "--sort", "zzz"]), @"
    exit: 1
    --- stdout
    --- stderr
    error[QRY002]: there is no column `zzz`
      help: there are `id`, `name`, `note`
    ");
    assert_snapshot!(project.medallion(&["rows", "--where", "zzz > 1"]), @"
    exit: 1
    --- stdout
    --- stderr
    error[QRY001]: the condition cannot be understood: there is no column `zzz` (at character 1)
      help: there are `id`, `name`, `note`
    ");
}
