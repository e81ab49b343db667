//! `medallion plan`

use insta::assert_snapshot;
use medallion_tests::Project;

#[test]
fn a_plan_says_what_a_run_would_do_and_writes_nothing() {
    let project = Project::people();
    let before = project.files(".");
    assert_snapshot!(project.medallion(&["plan", "--date", "2025-01-01"]), @"
    exit: 0
    --- stdout
    bronze people 2025-01-01 (full): land a first version
      reads   ./people.csv
      writes  lake/bronze/system=crm/table=people/pattern=full/dt=2025-01-01
    silver people 2025-01-01 (scd_type_1): build after Bronze has landed
      reads   Bronze of crm.people for scd_type_1
      writes  lake/silver/domain=sales/entity=people/v1
    --- stderr
    2 steps planned; nothing was written
    ");
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
    assert_snapshot!(project.medallion(&["plan", "--date", "2025-01-01", "--layer", "bronze"]), @"
    exit: 2
    --- stdout
    bronze people 2025-01-01 (full): land a first version
      reads   ./people.csv
      writes  lake/bronze/system=crm/table=people/pattern=full/dt=2025-01-01
      error[EXT010]: there is no file [FOLDER]/people.csv
        help: Check the path, and for a path with `{run_date}` the date of the run.
    --- stderr
    1 step planned, 1 of them cannot run; nothing was written
    ");
}
