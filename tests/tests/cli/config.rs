//! `medallion config`

use medallion_tests::Project;

#[test]
fn every_value_says_who_said_it() {
    let project = Project::empty()
        .with("base.yaml", "platform:\n  bronze: {output_dir: ./lake}\n")
        .with("environments/prod.yaml", "platform:\n  bronze: {prefix: prod/}\n")
        .with(
            "a.yaml",
            "config_version: 1\nextends: base.yaml\nsources:\n  - name: people\n    source:\n      type: file\n      system: crm\n      table: people\n      file: {path: '${FOLDER}/people.csv'}\n",
        );
    let run = project.medallion(&["config", "a.yaml", "--env", "prod"]);
    for (value, origin) in [("./lake", "base.yaml"), ("prod/", "environments/prod.yaml"), ("${FOLDER}", "a.yaml")] {
        let line = run.stdout.lines().find(|line| line.contains(value)).unwrap_or_default();
        assert!(line.contains(origin), "{value}: {run}");
    }
    let wrong = project.medallion(&["config", "a.yaml", "--env", "prd"]).ended(1);
    assert!(wrong.to_string().contains("prod"), "the nearest one is named: {wrong}");
}
