//! `medallion validate`

use insta::assert_snapshot;
use medallion_tests::Project;

#[test]
fn the_example_is_valid() {
    assert_snapshot!(Project::flights().medallion(&["validate"]), @"
    exit: 0
    --- stdout
    nycflights13.yaml: ok, 4 datasets (flights, airlines, airports, planes)
    --- stderr
    1 file checked: 0 errors, 0 warnings
    ");
}

#[test]
fn every_problem_is_shown_with_its_place() {
    let broken = "\
config_version: 1
platform:
  bronze:
    storage_backend: local
    output_dri: ./lake/bronze
sources:
  - name: people
    source:
      type: file
      system: crm
      table: people
      file:
        path: ./people.csv
        format: cvs
";
    let project = Project::empty().with("people.yaml", broken);
    assert_snapshot!(project.medallion(&["validate", "people.yaml"]), @"
    exit: 1
    --- stdout
    error[CFG013]: unknown key `output_dri`
     --> people.yaml:5:5
      |
    5 |     output_dri: ./lake/bronze
      |     ^^^^^^^^^^
      |
      = help: did you mean `output_dir`?

    error[CFG016]: `format` cannot be `cvs`
      --> people.yaml:14:17
       |
    14 |         format: cvs
       |                 ^^^
       |
       = help: did you mean `csv`? It can be `csv`, `tsv`, `json`, `jsonl`,
               `parquet`
    --- stderr
    1 file checked: 2 errors, 0 warnings
    ");
    assert_snapshot!(project.medallion(&["validate", "--lines", "--quiet"]), @"
    exit: 1
    --- stdout
    people.yaml:5:5: error[CFG013]: unknown key `output_dri`
    people.yaml:14:17: error[CFG016]: `format` cannot be `cvs`
    --- stderr
    ");
}

#[test]
fn json_has_the_findings() {
    let project = Project::empty().with("a.yaml", "sources: [\n");
    let reply = project.medallion(&["validate", "--json"]).ended(1).json();
    assert_eq!(reply["errors"], 1);
    assert_eq!(reply["files"][0]["file"], "a.yaml");
    assert_eq!(reply["files"][0]["diagnostics"][0]["severity"], "error");
    assert!(reply["files"][0]["diagnostics"][0]["span"]["line"].is_number(), "{reply}");
}

#[test]
fn bad_files_end_with_a_code() {
    for (name, content) in [
        ("list", "- a\n- b\n".as_bytes()),
        ("scalar", b"just text\n"),
        ("tabs", b"sources:\n\t- name: a\n"),
        ("duplicate", b"config_version: 1\nconfig_version: 1\nsources: []\n"),
        ("not_text", b"\xff\xfe\x00\x80sources"),
        ("empty", b""),
    ] {
        let project = Project::empty().with("a.yaml", content);
        let run = project.medallion(&["validate", "a.yaml"]).ended(1);
        assert!(run.stdout.contains("error[CFG") && run.stdout.contains("a.yaml"), "{name}: {run}");
        assert!(!run.stderr.contains("panicked"), "{name}: {run}");
    }
    let run = Project::empty().medallion(&["validate", "missing.yaml"]).ended(1);
    assert!(run.stdout.contains("error[CFG019]") && run.stdout.contains("missing.yaml"), "{run}");
}
