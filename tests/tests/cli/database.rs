//! Databases: from a file of the examples to Silver, and what stands in the way.

use medallion_tests::{Project, repository};

fn shop() -> std::io::Result<Project> {
    let read = |path: &str| std::fs::read(repository().join(path));
    Ok(Project::empty()
        .with("shop.yaml", read("configs/shop_database.yaml")?)
        .with("data/shop.db", read("configs/data/shop.db")?))
}

#[test]
fn a_database_lands_and_is_promoted() {
    let project = shop().expect("the example is there");
    let _valid = project.medallion(&["validate", "shop.yaml"]).ended(0);
    let run = project.medallion(&["run", "shop.yaml", "--date", "2025-01-02", "--json"]).ended(0);
    let steps = run.stdout.clone() + &run.stderr;
    assert!(!steps.contains("EXT0"), "{run}");
    let rows = project
        .medallion(&[
            "rows",
            "shop.yaml",
            "--source",
            "orders",
            "--layer",
            "silver",
            "--date",
            "2025-01-02",
            "--format",
            "csv",
        ])
        .ended(0);
    assert_eq!(rows.stdout.lines().count(), 5, "a header and four orders, without the draft: {rows}");
    assert!(rows.stdout.contains("2025-01-01T18:30:00"), "declared a timestamp: {rows}");
    let customers = project
        .medallion(&[
            "rows",
            "shop.yaml",
            "--source",
            "customers",
            "--layer",
            "silver",
            "--date",
            "2025-01-02",
            "--format",
            "csv",
        ])
        .ended(0);
    assert!(customers.stdout.contains("Ana Díaz,ES,true"), "{customers}");
    // The same once more writes nothing.
    let before = project.files("lake");
    let _again = project.medallion(&["run", "shop.yaml", "--date", "2025-01-02"]).ended(0);
    assert_eq!(project.files("lake"), before);
}

#[test]
fn doctor_asks_the_database_and_discover_describes_it() {
    let project = shop().expect("the example is there");
    let doctor = project.medallion(&["doctor", "shop.yaml", "--json"]);
    assert!(doctor.stdout.contains("prepare the query of orders"), "{doctor}");
    assert!(doctor.stdout.contains("sqlite, 5 columns"), "{doctor}");

    let found = project.medallion(&["discover", "data/shop.db", "-o", "found.yaml"]).ended(0);
    assert!(found.stderr.contains("2 tables"), "{found}");
    let text = std::fs::read_to_string(project.path("found.yaml")).expect("it was written");
    assert!(text.contains("database: ./data/shop.db") && text.contains("primary_keys: [id]"), "{text}");
    assert!(text.contains("# incremental: {cursor_column: updated_at}"), "{text}");
    let _run = project.medallion(&["run", "found.yaml", "--date", "2025-01-02"]).ended(0);
}

#[test]
fn a_secret_that_is_missing_is_said_before_anything_is_tried() {
    let config = "config_version: 1\nplatform: {bronze: {storage_backend: local, output_dir: ./lake}}\nsources:\n  - source:\n      type: db\n      system: s\n      table: t\n      db: {dsn_env_var: NOBODY_SET_THIS, query: SELECT 1}\n";
    let project = Project::empty().with("a.yaml", config);
    let run = project.medallion(&["run", "a.yaml", "--date", "2025-01-01"]).ended(1);
    assert!(run.stderr.contains("EXT060") && run.stderr.contains("NOBODY_SET_THIS"), "{run}");
    let config = config.replace("{dsn_env_var: NOBODY_SET_THIS,", "{driver: sqlite, database: ./none.db,");
    project.write("b.yaml", config);
    let run = project.medallion(&["run", "b.yaml", "--date", "2025-01-01"]).ended(2);
    assert!(run.stderr.contains("EXT010"), "{run}");
}
