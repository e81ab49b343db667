//! `medallion ls`

use insta::assert_snapshot;
use medallion_tests::Project;

#[test]
fn datasets_with_their_state() {
    let project = Project::flights();
    assert_snapshot!(project.medallion(&["ls"]), @"
    exit: 0
    --- stdout
    dataset   pattern  model              Bronze  rows  bytes  Silver  rows  quarantined  state
    airlines  full     scd_type_1         -          -      -  -          -            -  new
    airports  full     scd_type_1         -          -      -  -          -            -  new
    flights   full     periodic_snapshot  -          -      -  -          -            -  new
    planes    full     scd_type_1         -          -      -  -          -            -  new
    --- stderr
    note: airlines: nothing has landed yet
    note: airports: nothing has landed yet
    note: flights: nothing has landed yet
    note: planes: nothing has landed yet
    4 datasets in [FOLDER]
    ");
    let _run = project.medallion(&["run", "--date", "2013-01-01"]).ended(0);
    assert_snapshot!(project.medallion(&["ls", "nycflights13.yaml"]), @"
    exit: 0
    --- stdout
    dataset   pattern  model              Bronze       rows     bytes  Silver       rows  quarantined  state
    airlines  full     scd_type_1         2013-01-01     16    [SIZE]  2013-01-01     16            0  ok
    airports  full     scd_type_1         2013-01-01  1,458    [SIZE]  2013-01-01  1,458            0  ok
    flights   full     periodic_snapshot  2013-01-01    842    [SIZE]  2013-01-01    842            0  ok
    planes    full     scd_type_1         2013-01-01  3,322    [SIZE]  2013-01-01  3,322            0  ok
    --- stderr
    4 datasets in [FOLDER]
    ");
}

#[test]
fn partitions_newest_first() {
    let project = Project::people();
    assert_snapshot!(project.medallion(&["ls", "--source", "people"]), @"
    exit: 0
    --- stdout
    --- stderr
    bronze: nothing committed yet
    silver: nothing committed yet
    ");
    let _run = project.medallion(&["run", "--date", "2025-01-01..2025-01-02"]).ended(0);
    assert_snapshot!(project.medallion(&["ls", "--source", "people"]), @"
    exit: 0
    --- stdout
    bronze      version  rows  parts  bytes  unreadable  committed                    state
    2025-01-02        1     3      1  [SIZE]           0  [INSTANT]                    ok
    2025-01-01        1     3      1  [SIZE]           0  [INSTANT]                    ok
    silver      version  rows  parts  bytes  quarantined  committed                    state
    2025-01-02        1     3      1  [SIZE]            0  [INSTANT]                    ok
    2025-01-01        1     3      1  [SIZE]            0  [INSTANT]                    ok
    --- stderr
    2 in lake/bronze/system=crm/table=people
    2 in lake/silver/domain=sales/entity=people/v1
    ");
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

#[test]
fn an_empty_folder_is_a_place_to_begin() {
    let project = Project::empty();
    assert_snapshot!(project.medallion(&["ls"]), @"
    exit: 0
    --- stdout
    --- stderr
    0 datasets in [FOLDER]; `medallion new` or `medallion discover` makes a config
    ");
    assert_snapshot!(project.medallion(&["run"]), @"
    exit: 1
    --- stdout
    --- stderr
    error[CFG025]: the folder has no configuration
    --> .
     = help: a configuration is a file whose name ends in `.yaml` or `.yml`, here
             or in a folder below; `medallion new` or `medallion discover` makes
             one

    error[CFG025]: the configuration has 1 error
    ");
}
