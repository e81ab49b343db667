//! `medallion quarantine`

use medallion_tests::Project;

const CONFIG: &str = "\
config_version: 1
platform:
  bronze: {storage_backend: local, output_dir: ./bronze}
  silver: {storage_backend: local, output_dir: ./silver}
sources:
  - name: t
    source: {type: file, system: s, table: t, file: {path: ./t.csv}}
    silver: {model: scd_type_1, primary_keys: [k], error_handling: {enabled: true}}
";

/// On the first day a record that is broken and a row without key, on the second two such rows.
fn two_days() -> Project {
    let project = Project::empty().with("t.yaml", CONFIG).with("t.csv", "k,v\nbroken\n,9\na,1\n");
    let _first = project.medallion(&["run", "--date", "2025-01-01"]).ended(0);
    let project = project.with("t.csv", "k,v\na,2\n,7\n,8\n");
    let _second = project.medallion(&["run", "--date", "2025-01-02"]).ended(0);
    project
}

#[test]
fn groups_tell_reason_column_file_days_and_samples() {
    let project = two_days();
    let report = project.medallion(&["quarantine", "ls", "--json"]).ended(0).json();
    assert_eq!((&report["rows"], &report["refused"], &report["ungrouped"]), (&"4".into(), &"0".into(), &"0".into()));
    let groups = report["groups"].as_array().expect("groups");
    assert_eq!(groups.len(), 2, "{report:#}");
    assert_eq!((&groups[0]["layer"], &groups[0]["rows"]), (&"bronze".into(), &"1".into()));
    assert_eq!(groups[0]["samples"], serde_json::json!(["broken"]));
    let silver = &groups[1];
    assert_eq!((&silver["reason"], &silver["column"]), (&"null_key".into(), &"k".into()));
    assert_eq!((&silver["rows"], &silver["samples"]), (&"3".into(), &serde_json::json!([null])));
    let days: Vec<_> =
        silver["days"].as_array().expect("days").iter().map(|day| (&day["date"], &day["rows"])).collect();
    assert_eq!(days, [(&"2025-01-01".into(), &"1".into()), (&"2025-01-02".into(), &"2".into())]);
    let table = project.medallion(&["quarantine", "ls"]).ended(0);
    assert!(table.stdout.contains("null_key") && table.stderr.contains("4 rows in 2 groups"), "{table}");
}

#[test]
fn rows_tell_where_they_came_from_and_come_page_by_page() {
    let project = two_days();
    let silver = ["quarantine", "show", "--layer", "silver", "--reason", "null_key", "--json"];
    let shown = project.medallion(&silver).ended(0).json();
    let rows = shown["rows"].as_array().expect("rows");
    let places: Vec<_> = rows.iter().map(|row| (&row["date"], &row["number"], &row["bronze_partition"])).collect();
    let (first, second) = ("pattern=full/dt=2025-01-01".into(), "pattern=full/dt=2025-01-02".into());
    assert_eq!(
        places,
        [
            (&"2025-01-01".into(), &"1".into(), &first),
            (&"2025-01-02".into(), &"2".into(), &second),
            (&"2025-01-02".into(), &"3".into(), &second)
        ]
    );
    assert_eq!(rows[2]["record"], r#"{"k":null,"v":"8"}"#);
    let page = project.medallion(&[&silver[..], &["--offset", "1", "-n", "1"]].concat()).ended(0).json();
    assert_eq!((&page["total"], &page["rows"]), (&"3".into(), &serde_json::json!([rows[1]])));
    let day = project.medallion(&["quarantine", "show", "--from", "2025-01-02"]).ended(0);
    assert!(day.stderr.contains("2 rows"), "{day}");
}

#[test]
fn what_a_refused_load_left_is_told_apart() {
    let limit = CONFIG.replace("{enabled: true}", "{enabled: true, max_bad_records: 0}");
    let project = Project::empty().with("t.yaml", limit).with("t.csv", "k,v\n,9\na,1\n");
    let _refused = project.medallion(&["run", "--date", "2025-01-01"]).ended(4);
    let report = project.medallion(&["quarantine", "ls", "--json"]).ended(0).json();
    assert_eq!((&report["rows"], &report["refused"]), (&"0".into(), &"1".into()), "{report:#}");
    assert_eq!(report["groups"][0]["refused"], true);
}

#[test]
fn an_empty_quarantine_says_so() {
    let project = Project::people();
    let before = project.medallion(&["quarantine", "ls"]).ended(0);
    assert!(before.stdout.is_empty() && before.stderr.contains("nothing is in quarantine"), "{before}");
    let _run = project.medallion(&["run", "--date", "2025-01-01"]).ended(0);
    let after = project.medallion(&["quarantine", "show"]).ended(0);
    assert!(after.stdout.is_empty() && after.stderr.contains("nothing is in quarantine"), "{after}");
}
