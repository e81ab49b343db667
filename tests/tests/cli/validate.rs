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
       = help: did you mean `csv`? It can be `csv`, `tsv`, `fixed_width`, `json`,
               `jsonl`, `excel`, `parquet`
    --- stderr
    1 file checked: 2 errors, 0 warnings
    ");
    assert_snapshot!(project.medallion(&["validate", "--format", "plain", "--quiet"]), @"
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

const WITH_WARNING: &str = "\
platform:
  bronze:
    local_path: ./lake
sources:
  - source: {type: file, system: s, table: t, file: {path: a.csv}}
";

#[test]
fn other_programs_get_their_format() {
    let project = Project::empty().with("a.yaml", WITH_WARNING);
    assert_snapshot!(project.medallion(&["validate", "--format", "github", "-q"]), @"
    exit: 0
    --- stdout
    ::warning file=a.yaml,line=1,col=1,endLine=1,endColumn=1,title=CFG004::`config_version` is missing%0Aadd `config_version: 1` as the first line
    ::warning file=a.yaml,line=3,col=5,endLine=3,endColumn=15,title=CFG001::`local_path` is deprecated%0Arename it to `output_dir`; deprecated since 0.1, read until 2.0
    --- stderr
    ");
    let log = project.medallion(&["validate", "--format", "sarif"]).ended(0).json();
    assert_eq!(log["version"], "2.1.0");
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    assert_eq!(results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "a.yaml");
    let long = project.medallion(&["validate", "--format", "json"]).ended(0).json();
    assert_eq!(long, project.medallion(&["validate", "--json"]).ended(0).json());
}

#[test]
fn places_start_where_the_user_stands() {
    let project = Project::empty().with("configs/a.yaml", WITH_WARNING).with("work/here/x.txt", "");
    let mut command = project.command(&["validate", "--format", "plain", "-q", "../../configs/a.yaml"]);
    let output = command.current_dir(project.path("work/here")).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("../../configs/a.yaml:1:1: warning[CFG004]"), "{text}");
}

#[test]
fn comments_hide_warnings_and_not_errors() {
    let text = format!("# medallion: ignore CFG004\n{WITH_WARNING}")
        .replace("lake\n", "lake # medallion: ignore CFG001 moved in May\n");
    let project = Project::empty().with("a.yaml", text.clone());
    let run = project.medallion(&["validate"]).ended(0);
    assert!(run.stdout.starts_with("a.yaml: ok") && run.stderr.contains("0 errors, 0 warnings"), "{run}");
    let project = Project::empty().with("a.yaml", text.replace("CFG001", "CFG0011"));
    assert_snapshot!(project.medallion(&["validate"]), @"
    exit: 0
    --- stdout
    warning[CFG001]: `local_path` is deprecated
     --> a.yaml:4:5
      |
    4 |     local_path: ./lake # medallion: ignore CFG0011 moved in May
      |     ^^^^^^^^^^
      |
      = help: rename it to `output_dir`; deprecated since 0.1, read until 2.0

    warning[CFG073]: there is no code `CFG0011`
     --> a.yaml:4:44
      |
    4 |     local_path: ./lake # medallion: ignore CFG0011 moved in May
      |                                            ^^^^^^^
      |
      = help: did you mean `CFG001`? `medallion explain CFG001` says what it means
    --- stderr
    1 file checked: 0 errors, 2 warnings; `--fix` mends 1 of them
    ");
}

#[test]
fn safe_fixes_are_shown_then_written_and_guesses_are_left() {
    let text = WITH_WARNING.replace("a.csv}", "a.csv, format: cvs}");
    let project = Project::empty().with("a.yaml", &text);
    let run = project.medallion(&["validate", "--diff"]).ended(1);
    assert!(run.stdout.starts_with("--- a.yaml\n+++ a.yaml\n@@ -1,5 +1,6 @@\n+config_version: 1\n"), "{run}");
    assert!(run.stdout.contains("-    local_path: ./lake\n+    output_dir: ./lake\n"), "{run}");
    assert_eq!(std::fs::read_to_string(project.path("a.yaml")).unwrap(), text, "nothing is written");
    let run = project.medallion(&["validate", "--fix"]).ended(1);
    assert!(
        run.stderr.contains("+    output_dir: ./lake") && run.stderr.contains("a.yaml: mended 2 findings"),
        "{run}"
    );
    assert!(run.stdout.contains("error[CFG016]") && !run.stdout.contains("CFG001"), "{run}");
    let expected = format!("config_version: 1\n{}", text.replace("local_path", "output_dir"));
    assert_eq!(std::fs::read_to_string(project.path("a.yaml")).unwrap(), expected);
    let run = project.medallion(&["validate", "--diff"]).ended(0);
    assert!(run.stdout.is_empty() && run.stderr.contains("nothing to mend"), "{run}");
}

#[cfg(unix)]
#[test]
fn a_watch_tells_what_changes_until_it_is_interrupted() {
    use std::io::{BufRead as _, BufReader};
    let project = Project::empty().with("a.yaml", WITH_WARNING);
    for (broken, exit) in [(true, 1), (false, 0)] {
        project.write("a.yaml", WITH_WARNING);
        let mut command = project.command(&["validate", "--watch", "--format", "plain"]);
        let mut child =
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
        let mut talk = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        assert_eq!(talk.next().unwrap(), "watching 1 file: 0 errors, 2 warnings; Ctrl-C ends");
        let text = if broken {
            WITH_WARNING.replace("{path:", "{paht:")
        } else {
            format!("config_version: 1\n{WITH_WARNING}")
        };
        // As editors save: nobody sees half of it.
        project.write("a.new", text);
        std::fs::rename(project.path("a.new"), project.path("a.yaml")).unwrap();
        let status = talk.next().unwrap();
        assert!(
            status.starts_with(if broken {
                "watching 1 file: 1 error"
            } else {
                "watching 1 file: 0 errors, 1 warning;"
            }),
            "{status}"
        );
        let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(exit));
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.starts_with("a.yaml:1:1: warning[CFG004]") && text.contains("CFG013") == broken, "{text}");
    }
}
