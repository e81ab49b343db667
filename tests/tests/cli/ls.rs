//! `medallion ls`

use insta::assert_snapshot;
use medallion_tests::Project;

#[test]
fn datasets_with_their_state() {
    let project = Project::flights();
    assert_snapshot!(project.medallion(&["ls"]), @"");
    let _run = project.medallion(&["run", "--date", "2013-01-01"]).ended(0);
    assert_snapshot!(project.medallion(&["ls", "nycflights13.yaml"]), @"");
}

#[test]
fn partitions_newest_first() {
    let project = Project::people();
    assert_snapshot!(project.medallion(&["ls", "--source", "people"]), @"");
    let _run = project.medallion(&["run", "--date", "2025-01-01..2025-01-02"]).ended(0);
    assert_snapshot!(project.medallion(&["ls", "--source", "people"]), @"");
}

#[test]
fn silver_is_stale_when_its_input_changed() {
    let project = Project::people();
    let _run = project.medallion(&["run", "--date", "2025-01-01"]).ended(0);
    project.write("people.csv", "id,name,note\n1,Ana,x\n");
    let _bronze = project.medallion(&["bronze", "--date", "2025-01-01"]).ended(0);
    let list = project.medallion(&["ls", "--json"]).ended(0).json();
    assert_eq!(list["datasets"][0]["silver"]["stale"], true, "{list}");
    let page = project.medallion(&["ls", "--source", "people", "--layer", "silver", "--json"]).ended(0).json();
    assert_eq!((&page["total"], &page["partitions"][0]["stale"]), (&"1".into(), &true.into()), "{page}");
}
