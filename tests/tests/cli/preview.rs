//! `medallion preview`

use insta::assert_snapshot;
use medallion_tests::Project;

#[test]
fn records_are_shown_as_bronze_would_type_them() {
    let project = Project::people();
    assert_snapshot!(project.medallion(&["preview", "--date", "2025-01-01", "--verbose"]), @r#"
    exit: 0
    --- stdout
    id  name    note
     1  Ana     NULL
     2  Bo      ""
     3  "NULL"  x
    --- stderr
    note: key id: unique and never null in these records
      id    integer
      name  text
      note  text
    all 3 records of ./people.csv
    "#);
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
    assert_snapshot!(run, @"
    exit: 0
    --- stdout
    year,month,day,dep_time,sched_dep_time,dep_delay,arr_time,sched_arr_time,arr_delay,carrier,flight,tailnum,origin,dest,air_time,distance,hour,minute,time_hour
    2013,1,1,517,515,2,830,819,11,UA,1545,N14228,EWR,IAH,227,1400,5,15,[INSTANT]
    --- stderr
    first 1 record of ./data/nycflights13/flights_2013-01-01.csv
    ");
}

#[test]
fn which_dataset_must_be_clear() {
    assert_snapshot!(Project::flights().medallion(&["preview"]), @"
    exit: 1
    --- stdout
    --- stderr
    error[CFG026]: there are 4 datasets, and none is named
      help: name one with --source: airlines, airports, flights, planes
    ");
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
