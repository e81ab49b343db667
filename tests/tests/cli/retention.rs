//! `medallion retention`

use medallion_tests::Project;

const CONFIG: &str = "\
config_version: 1
platform:
  bronze: {storage_backend: local, output_dir: ./bronze, retention: {days: 30}}
sources:
  - {name: a, source: {type: file, system: s, table: a, file: {path: ./a.csv}}}
";

#[test]
fn old_partitions_are_shown_and_removed_when_asked_to() {
    let project = Project::empty().with("t.yaml", CONFIG).with("a.csv", "k\n1\n");
    for date in ["2024-01-01", "2024-01-02"] {
        let _run = project.medallion(&["bronze", "--date", date]).ended(0);
    }
    let shown = project.medallion(&["retention"]).ended(0);
    assert!(shown.stdout.contains("can go") && shown.stdout.contains("it is the newest"), "{shown}");
    assert!(shown.stderr.contains("`--yes` removes them"), "{shown}");
    let parts = |date: &str| {
        let files = project.files(&format!("bronze/system=s/table=a/pattern=full/dt={date}"));
        files.into_iter().filter(|file| file.contains("/part-")).count()
    };
    assert_eq!((parts("2024-01-01"), parts("2024-01-02")), (1, 1), "it is only shown");
    let removed = project.medallion(&["retention", "--yes"]).ended(0);
    assert!(removed.stdout.contains("removed"), "{removed}");
    assert_eq!((parts("2024-01-01"), parts("2024-01-02")), (0, 1));
    let rules = project.medallion(&["retention", "--print-lifecycle", "s3"]).ended(0).json();
    assert_eq!(rules["Rules"][0]["Expiration"]["Days"], 30);
    let _usage = project.medallion(&["retention", "--yes", "--print-lifecycle", "s3"]).ended(1);
    let unset = Project::people().medallion(&["retention"]).ended(1);
    assert!(unset.stderr.contains("error[STG073]"), "{unset}");
}
