//! `medallion new`

use medallion_tests::Project;

#[test]
fn templates_are_listed() {
    let run = Project::empty().medallion(&["new", "--list"]).ended(0);
    for name in ["file-full", "file-cdc", "file-current-history", "api-full", "api-cdc", "db-full", "custom-full"] {
        assert!(run.stdout.lines().any(|line| line.starts_with(name)), "{name}: {run}");
    }
    let run = Project::empty().medallion(&["new", "--list", "--verbose"]).ended(0);
    assert!(
        run.stdout.contains("  --set format=csv\n      Which format does the file have? One of csv, tsv,"),
        "{run}"
    );
    let list = Project::empty().medallion(&["new", "--list", "--json"]).ended(0).json();
    assert_eq!(list[0]["name"], "file-full");
}

#[test]
fn every_template_is_valid_with_its_defaults() {
    let project = Project::empty();
    let list = project.medallion(&["new", "--list", "--json"]).ended(0).json();
    for template in list.as_array().expect("a list") {
        let name = template["name"].as_str().expect("a name");
        let file = format!("{name}.yaml");
        let run = project.medallion(&["new", "--template", name, "--output", &file]).ended(0);
        assert!(run.stdout.is_empty() && run.stderr.contains(&format!("wrote {file}")), "{run}");
        let reply = project.medallion(&["validate", "--json", &file]).ended(0).json();
        assert_eq!((&reply["errors"], &reply["warnings"]), (&0.into(), &0.into()), "{name}: {reply}");
    }
}

#[test]
fn a_template_with_answers_runs() {
    let project = Project::empty().with("people.csv", "nr,name\n1,Ana\n2,Bo\n");
    let run = project
        .medallion(&[
            "new",
            "-t",
            "file-full",
            "--set",
            "path=./people.csv",
            "--set",
            "keys=nr",
            "--set",
            "table=people",
            "-o",
            "p.yaml",
        ])
        .ended(0);
    assert!(run.stderr.contains("wrote p.yaml; next: medallion doctor p.yaml"), "{run}");
    let _run = project.medallion(&["run", "p.yaml", "--date", "2025-01-01"]).ended(0);
    let rows = project.medallion(&["rows", "p.yaml", "--format", "csv"]).ended(0).stdout;
    assert_eq!(rows, "nr,name\n1,Ana\n2,Bo\n");
}

#[test]
fn a_file_that_is_there_is_kept() {
    let project = Project::empty().with("a.yaml", "mine");
    let run = project.medallion(&["new", "-t", "file-full", "-o", "a.yaml"]).ended(1);
    assert!(run.stderr.contains("error[CFG069]: there is a file `a.yaml` already"), "{run}");
    assert_eq!(std::fs::read_to_string(project.path("a.yaml")).unwrap(), "mine");
    let _run = project.medallion(&["new", "-t", "file-full", "-o", "a.yaml", "--force"]).ended(0);
    assert!(std::fs::read_to_string(project.path("a.yaml")).unwrap().starts_with("# yaml-language-server"));
}

#[test]
fn what_is_wrong_with_the_request_is_said() {
    let project = Project::empty();
    for (arguments, words) in [
        (vec!["new"], "error[CFG026]: no template is named"),
        (vec!["new", "-t", "file-ful"], "did you mean `file-full`?"),
        (
            vec!["new", "-t", "file-full", "--set", "pth=x"],
            "error[CFG065]: the template `file-full` has no question `pth`",
        ),
        (vec!["new", "-t", "file-full", "--set", "format=xml"], "error[CFG066]: the answer to `format` is none of csv"),
        (vec!["new", "-t", "file-full", "--set", "x"], "answers are written question=answer"),
    ] {
        let run = project.medallion(&arguments).ended(1);
        assert!(run.stderr.contains(words), "{run}");
    }
    assert!(project.files(".").is_empty());
}

#[test]
fn the_schema_that_a_new_config_names_is_written_beside_it_once() {
    let project = Project::empty();
    let made = project.medallion(&["new", "--template", "file-full", "--output", "configs/a.yaml"]).ended(0);
    assert!(made.stderr.contains("saving it writes `medallion.schema.json` beside it too"), "{made}");
    let schema = std::fs::read_to_string(project.path("configs/medallion.schema.json")).unwrap_or_default();
    assert!(schema.contains("\"config_version\""), "{}", schema.len());
    std::fs::write(project.path("configs/medallion.schema.json"), "{}").unwrap();
    let again = project.medallion(&["new", "--template", "file-full", "--output", "configs/b.yaml"]).ended(0);
    assert!(!again.stderr.contains("saving it writes"), "{again}");
    assert_eq!(std::fs::read_to_string(project.path("configs/medallion.schema.json")).unwrap_or_default(), "{}");
}
