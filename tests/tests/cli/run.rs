//! `medallion run`

use insta::assert_snapshot;
use medallion_tests::Project;
use serde_json::Value;

#[test]
fn from_yaml_to_silver() {
    let project = Project::flights();
    assert_snapshot!(project.medallion(&["run", "--date", "2013-01-01..2013-01-03"]), @"
    exit: 0
    --- stdout
    dataset   date        result   Bronze rows  parts     bytes  Silver rows  quarantined  seconds  where
    airlines  2013-01-01  written           16      1    [SIZE]           16            0     0.00  lake/silver/domain=aviation/entity=airlines/v1
    airlines  2013-01-02  written           16      1    [SIZE]           16            0     0.00  lake/silver/domain=aviation/entity=airlines/v1
    airlines  2013-01-03  written           16      1    [SIZE]           16            0     0.00  lake/silver/domain=aviation/entity=airlines/v1
    airports  2013-01-01  written        1,458      1    [SIZE]        1,458            0     0.00  lake/silver/domain=aviation/entity=airports/v1
    airports  2013-01-02  written        1,458      1    [SIZE]        1,458            0     0.00  lake/silver/domain=aviation/entity=airports/v1
    airports  2013-01-03  written        1,458      1    [SIZE]        1,458            0     0.00  lake/silver/domain=aviation/entity=airports/v1
    flights   2013-01-01  written          842      1    [SIZE]          842            0     0.00  lake/silver/domain=aviation/entity=flights/v1
    flights   2013-01-02  written          943      1    [SIZE]          943            0     0.00  lake/silver/domain=aviation/entity=flights/v1
    flights   2013-01-03  written          914      1    [SIZE]          914            0     0.00  lake/silver/domain=aviation/entity=flights/v1
    planes    2013-01-01  written        3,322      1    [SIZE]        3,322            0     0.00  lake/silver/domain=aviation/entity=planes/v1
    planes    2013-01-02  written        3,322      1    [SIZE]        3,322            0     0.00  lake/silver/domain=aviation/entity=planes/v1
    planes    2013-01-03  written        3,322      1    [SIZE]        3,322            0     0.00  lake/silver/domain=aviation/entity=planes/v1
    --- stderr
    [1/24] bronze flights 2013-01-01: written
    [2/24] silver flights 2013-01-01: written
    [3/24] bronze flights 2013-01-02: written
    [4/24] silver flights 2013-01-02: written
    [5/24] bronze flights 2013-01-03: written
    [6/24] silver flights 2013-01-03: written
    [7/24] bronze airlines 2013-01-01: written
    [8/24] silver airlines 2013-01-01: written
    [9/24] bronze airlines 2013-01-02: written
    [10/24] silver airlines 2013-01-02: written
    [11/24] bronze airlines 2013-01-03: written
    [12/24] silver airlines 2013-01-03: written
    [13/24] bronze airports 2013-01-01: written
    [14/24] silver airports 2013-01-01: written
    [15/24] bronze airports 2013-01-02: written
    [16/24] silver airports 2013-01-02: written
    [17/24] bronze airports 2013-01-03: written
    [18/24] silver airports 2013-01-03: written
    [19/24] bronze planes 2013-01-01: written
    [20/24] silver planes 2013-01-01: written
    [21/24] bronze planes 2013-01-02: written
    [22/24] silver planes 2013-01-02: written
    [23/24] bronze planes 2013-01-03: written
    [24/24] silver planes 2013-01-03: written
    24 steps in [TIME] s: 24 written
    ");
    assert_snapshot!(project.medallion(&["run", "--date", "2013-01-01..2013-01-03"]), @"
    exit: 0
    --- stdout
    dataset   date        result     Bronze rows  parts     bytes  Silver rows  quarantined  seconds  where
    airlines  2013-01-01  unchanged           16      1    [SIZE]           16            0     0.00  lake/silver/domain=aviation/entity=airlines/v1
    airlines  2013-01-02  unchanged           16      1    [SIZE]           16            0     0.00  lake/silver/domain=aviation/entity=airlines/v1
    airlines  2013-01-03  unchanged           16      1    [SIZE]           16            0     0.00  lake/silver/domain=aviation/entity=airlines/v1
    airports  2013-01-01  unchanged        1,458      1    [SIZE]        1,458            0     0.00  lake/silver/domain=aviation/entity=airports/v1
    airports  2013-01-02  unchanged        1,458      1    [SIZE]        1,458            0     0.00  lake/silver/domain=aviation/entity=airports/v1
    airports  2013-01-03  unchanged        1,458      1    [SIZE]        1,458            0     0.00  lake/silver/domain=aviation/entity=airports/v1
    flights   2013-01-01  unchanged          842      1    [SIZE]          842            0     0.00  lake/silver/domain=aviation/entity=flights/v1
    flights   2013-01-02  unchanged          943      1    [SIZE]          943            0     0.00  lake/silver/domain=aviation/entity=flights/v1
    flights   2013-01-03  unchanged          914      1    [SIZE]          914            0     0.00  lake/silver/domain=aviation/entity=flights/v1
    planes    2013-01-01  unchanged        3,322      1    [SIZE]        3,322            0     0.00  lake/silver/domain=aviation/entity=planes/v1
    planes    2013-01-02  unchanged        3,322      1    [SIZE]        3,322            0     0.00  lake/silver/domain=aviation/entity=planes/v1
    planes    2013-01-03  unchanged        3,322      1    [SIZE]        3,322            0     0.00  lake/silver/domain=aviation/entity=planes/v1
    --- stderr
    [1/24] bronze flights 2013-01-01: unchanged
    [2/24] silver flights 2013-01-01: unchanged
    [3/24] bronze flights 2013-01-02: unchanged
    [4/24] silver flights 2013-01-02: unchanged
    [5/24] bronze flights 2013-01-03: unchanged
    [6/24] silver flights 2013-01-03: unchanged
    [7/24] bronze airlines 2013-01-01: unchanged
    [8/24] silver airlines 2013-01-01: unchanged
    [9/24] bronze airlines 2013-01-02: unchanged
    [10/24] silver airlines 2013-01-02: unchanged
    [11/24] bronze airlines 2013-01-03: unchanged
    [12/24] silver airlines 2013-01-03: unchanged
    [13/24] bronze airports 2013-01-01: unchanged
    [14/24] silver airports 2013-01-01: unchanged
    [15/24] bronze airports 2013-01-02: unchanged
    [16/24] silver airports 2013-01-02: unchanged
    [17/24] bronze airports 2013-01-03: unchanged
    [18/24] silver airports 2013-01-03: unchanged
    [19/24] bronze planes 2013-01-01: unchanged
    [20/24] silver planes 2013-01-01: unchanged
    [21/24] bronze planes 2013-01-02: unchanged
    [22/24] silver planes 2013-01-02: unchanged
    [23/24] bronze planes 2013-01-03: unchanged
    [24/24] silver planes 2013-01-03: unchanged
    24 steps in [TIME] s: everything was up to date, nothing was written
    ");
}

#[test]
fn a_second_run_leaves_every_file_as_it_was() {
    let project = Project::people();
    let _first = project.medallion(&["run", "--date", "2025-01-01"]).ended(0);
    let state = || {
        let files = project.files("lake");
        files
            .iter()
            .map(|file| (file.clone(), std::fs::metadata(project.path(file)).unwrap().modified().unwrap()))
            .collect::<Vec<_>>()
    };
    let before = state();
    let run = project.medallion(&["run", "--date", "2025-01-01"]).ended(0);
    assert!(run.stderr.contains("nothing was written"), "{run}");
    assert_eq!(state(), before);
}

#[test]
fn events_come_as_json_lines_and_end_with_the_report() {
    let run = Project::people().medallion(&["run", "--date", "2025-01-01", "--json"]).ended(0);
    let events = run.lines();
    let kinds: Vec<&str> =
        events.iter().filter_map(|event| event["kind"].as_str()).filter(|kind| *kind != "progress").collect();
    assert_eq!(kinds, ["started", "step_started", "step_finished", "step_started", "step_finished", "finished"]);
    let report = &events.last().unwrap()["report"];
    let outcomes: Vec<&Value> = report["steps"].as_array().unwrap().iter().map(|step| &step["outcome"]).collect();
    assert_eq!(outcomes, ["written", "written"]);
    assert_eq!((&report["steps"][1]["rows"], &report["exit"]), (&"3".into(), &0.into()));
    assert!(run.stderr.is_empty(), "{run}");
}

#[test]
fn only_the_named_sources() {
    let run = Project::flights()
        .medallion(&["run", "--date", "2013-01-01", "--source", "airlines,planes", "--quiet"])
        .ended(0);
    assert!(
        run.stdout.contains("airlines") && run.stdout.contains("planes") && !run.stdout.contains("flights "),
        "{run}"
    );
    let run = Project::flights().medallion(&["run", "--date", "2013-01-01", "--source", "nobody"]).ended(1);
    assert!(run.stderr.contains("nobody"), "{run}");
}

#[test]
fn one_bad_config_writes_nothing() {
    let project = Project::people().with("people.yaml", "config_version: 1\nsources: 3\n");
    let run = project.medallion(&["run", "--date", "2025-01-01"]).ended(1);
    assert!(run.stderr.contains("error[CFG") && run.stderr.contains("people.yaml"), "{run}");
    assert!(project.files("lake").is_empty());
}

#[test]
fn a_failed_date_does_not_hide_the_others() {
    let project = Project::flights();
    std::fs::remove_file(project.path("data/nycflights13/flights_2013-01-02.csv")).unwrap();
    let run = project.medallion(&["run", "--date", "2013-01-01..2013-01-03", "--source", "flights"]).ended(2);
    assert!(run.stderr.contains("error[EXT010]") && run.stderr.contains("flights_2013-01-02.csv"), "{run}");
    let line = |date: &str| run.stdout.lines().find(|line| line.contains(date)).unwrap_or_default().to_owned();
    assert!(line("2013-01-01").contains("written") && line("2013-01-02").contains("failed"), "{run}");
}

/// A source that is still being delivered: whoever reads it waits, so the run can be cancelled.
#[cfg(unix)]
#[test]
fn an_interrupt_cancels_with_130() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    let mut rows = String::from("id,name,note\n");
    for id in 0..2_000_000 {
        rows += &format!("{id},somebody,and a note of some length\n");
    }
    let project = Project::people().with("people.csv", rows);
    let mut child = project
        .command(&["run", "--date", "2025-01-01", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // The interrupt comes while records are read.
    let _progress = lines.by_ref().find(|line| line.as_ref().is_ok_and(|line| line.contains("\"progress\"")));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let last = lines.map_while(Result::ok).last().unwrap_or_default();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{last}");
    let event: Value = serde_json::from_str(&last).unwrap();
    assert_eq!(event["report"]["steps"][0]["outcome"], "cancelled", "{last}");
    let ls = project.medallion(&["ls", "--source", "people"]).ended(0);
    assert!(ls.stdout.is_empty(), "nothing is committed: {ls}");
}
