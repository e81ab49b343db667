//! `medallion migrate`

use medallion_tests::Project;

const OLD: &str = "config_version: 1
platform:
  bronze:
    # Where it lands.
    local_path: ./lake # for now
source:
  type: file
  system: crm
  table: people
  file: {path: ./people.csv}
";

#[test]
fn an_old_form_is_shown_then_written_then_left_alone() {
    let project = Project::empty().with("people.csv", "id\n1\n").with("old.yaml", OLD);
    let shown = project.medallion(&["migrate", "old.yaml"]).ended(0);
    assert!(shown.stdout.contains("-    local_path: ./lake # for now"), "{shown}");
    assert!(shown.stdout.contains("+    output_dir: ./lake # for now"), "{shown}");
    assert_eq!(
        std::fs::read_to_string(project.path("old.yaml")).unwrap_or_default(),
        OLD,
        "nothing is written unasked"
    );
    drop(project.medallion(&["migrate", "old.yaml", "--write"]).ended(0));
    let new = std::fs::read_to_string(project.path("old.yaml")).unwrap_or_default();
    assert!(new.contains("# Where it lands.") && new.contains("sources:") && !new.contains("\nsource:"), "{new}");
    let valid = project.medallion(&["validate", "old.yaml"]).ended(0);
    assert!(!valid.stdout.contains("deprecated"), "{valid}");
    let again = project.medallion(&["migrate", "old.yaml", "--write"]).ended(0);
    assert_eq!(std::fs::read_to_string(project.path("old.yaml")).unwrap_or_default(), new, "{again}");
}

#[test]
fn what_is_no_yaml_is_not_touched() {
    let project = Project::empty().with("broken.yaml", "a: [1,\n");
    let run = project.medallion(&["migrate", "broken.yaml", "--write"]).ended(1);
    assert!(run.stderr.contains("CFG"), "{run}");
    assert_eq!(std::fs::read_to_string(project.path("broken.yaml")).unwrap_or_default(), "a: [1,\n");
}

#[test]
fn what_is_not_there_or_no_configuration_is_an_error() {
    let project = Project::empty().with("list.yaml", "- a\n").with("empty/notes.txt", "");
    for (target, code, says) in [
        ("nope.yaml", "CFG019", "there is no file or folder"),
        ("list.yaml", "CFG011", "the file is a list"),
        ("empty", "CFG025", "the folder has no configuration"),
    ] {
        let run = project.medallion(&["migrate", target]).ended(1);
        assert!(run.stderr.contains(&format!("error[{code}]")) && run.stderr.contains(says), "{run}");
        assert!(!run.stderr.contains("already in the canonical form"), "{run}");
    }
}
