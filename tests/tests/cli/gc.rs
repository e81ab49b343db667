//! `medallion gc`

use medallion_tests::Project;

#[test]
fn what_a_crash_left_is_listed_then_removed() {
    let project = Project::people();
    let _run = project.medallion(&["run", "--date", "2025-01-01"]).ended(0);
    let clean = project.medallion(&["gc"]).ended(0);
    assert!(clean.stdout.is_empty() && clean.stderr.contains("nothing to remove"), "{clean}");
    let folder = "lake/bronze/system=crm/table=people/pattern=full/dt=2025-01-01";
    let left = format!("{folder}/part-0001-00112233445566ff.parquet");
    project.write(&left, vec![b'x'; 2048]);
    let listed = project.medallion(&["gc", "--dry-run"]).ended(0);
    assert!(listed.stdout.contains(&left) && listed.stdout.contains("no version names it"), "{listed}");
    assert!(listed.stderr.contains("would be removed") && project.path(&left).exists(), "{listed}");
    let lines = project.medallion(&["gc", "--json"]).ended(0).lines();
    assert_eq!((&lines[0]["event"], &lines[0]["file"]["bytes"]), (&"cleared".into(), &"2048".into()));
    assert!(!project.path(&left).exists());
}
