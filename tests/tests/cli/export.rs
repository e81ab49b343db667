//! `medallion export`

use medallion_tests::Project;

#[test]
fn rows_become_a_file_that_replaces_none() {
    let project = Project::people();
    let _run = project.medallion(&["run", "--date", "2025-01-01"]).ended(0);
    let export = ["export", "--to", "some.csv", "--where", "id > 1", "--columns", "id"];
    let _exported = project.medallion(&export).ended(0);
    let text = std::fs::read_to_string(project.path("some.csv")).unwrap();
    assert_eq!(text.replace("\r\n", "\n"), "id\n2\n3\n");
    let refused = project.medallion(&export).ended(1);
    assert!(refused.stderr.contains("QRY004"), "{refused}");
    let replace: Vec<&str> = export.iter().copied().chain(["--replace"]).collect();
    let _replaced = project.medallion(&replace).ended(0);
}
