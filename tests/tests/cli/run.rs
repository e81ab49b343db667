//! `medallion run`

use insta::assert_snapshot;
use medallion_tests::Project;
use serde_json::Value;

#[test]
fn from_yaml_to_silver() {
    let project = Project::flights();
    assert_snapshot!(project.medallion(&["run", "--date", "2013-01-01..2013-01-03"]), @"");
    assert_snapshot!(project.medallion(&["run", "--date", "2013-01-01..2013-01-03"]), @"");
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
