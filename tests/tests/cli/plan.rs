//! `medallion plan`

use insta::assert_snapshot;
use medallion_tests::Project;

#[test]
fn a_plan_says_what_a_run_would_do_and_writes_nothing() {
    let project = Project::people();
    let before = project.files(".");
    assert_snapshot!(project.medallion(&["plan", "--date", "2025-01-01"]), @"");
    assert_eq!(project.files("."), before);
}

#[test]
fn a_plan_names_what_stands() {
    let project = Project::people();
    let _run = project.medallion(&["run", "--date", "2025-01-01"]).ended(0);
    let plan = project.medallion(&["plan", "--date", "2025-01-01", "--json"]).ended(0).json();
    assert_eq!(plan["steps"].as_array().map(Vec::len), Some(2));
    assert_eq!(plan["steps"][0]["standing"], "1");
}

#[test]
fn a_missing_source_is_a_problem_of_its_step() {
    let project = Project::people();
    std::fs::remove_file(project.path("people.csv")).unwrap();
    assert_snapshot!(project.medallion(&["plan", "--date", "2025-01-01", "--layer", "bronze"]), @"");
}
