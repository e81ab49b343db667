//! `medallion profile`

use medallion_tests::Project;

#[test]
fn a_column_is_told() {
    let project = Project::people();
    let _run = project.medallion(&["run", "--date", "2025-01-01"]).ended(0);
    let profile = project.medallion(&["profile", "--column", "id"]).ended(0);
    assert!(profile.stdout.contains("type       integer"), "{profile}");
    let json = project.medallion(&["profile", "--column", "id", "--json"]).ended(0);
    let told: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&told["rows"], &told["nulls"], &told["distinct"]), (&"3".into(), &"0".into(), &"3".into()), "{told}");
}

#[test]
fn a_column_that_is_not_there() {
    let project = Project::people();
    let _run = project.medallion(&["run", "--date", "2025-01-01"]).ended(0);
    let refused = project.medallion(&["profile", "--column", "nmae"]).ended(1);
    assert!(refused.stderr.contains("QRY002") && refused.stderr.contains("did you mean `name`?"), "{refused}");
}
