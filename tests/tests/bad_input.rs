//! Bad input, through the door: each ends with a code, the right exit code and a place; nothing
//! panics, and nothing half-written is left.

#![expect(clippy::expect_used, reason = "a failed expectation is what a test reports")]

use medallion_core::api::Engine;
use medallion_core::api::wire::{
    DatasetRef, ErrorBody, Layer, NoteLevel, Outcome, PartitionRef, RowsOf, RowsRequest, RunReport, RunRequest, Target,
};
use medallion_core::world::World;
use medallion_tests::{Project, lake};

/// A dataset over `./source.csv`, with further keys of `file`.
fn config(file: &str) -> String {
    format!(
        "config_version: 1
platform:
  bronze: {{storage_backend: local, output_dir: ./lake/bronze}}
  silver: {{storage_backend: local, output_dir: ./lake/silver}}
sources:
  - name: t
    source:
      type: file
      system: s
      table: t
      file: {{path: ./source.csv{file}}}
      run: {{load_pattern: full}}
    silver: {{model: periodic_snapshot}}
"
    )
}

fn run(project: &Project) -> Result<RunReport, ErrorBody> {
    let target = Target::at("t.yaml");
    let request = RunRequest { target, date: "2025-01-01".parse().ok(), ..RunRequest::default() };
    Engine::open(project.path(""), World::real()).run(request, &mut |_| {})
}

fn bronze(project: &Project, table: &str) -> String {
    let of = PartitionRef::new(DatasetRef { target: Target::at("t.yaml"), dataset: "t".into() }, Layer::Bronze, "");
    let request = RowsRequest::window(RowsOf::table(of, table), 0, 100);
    Engine::open(project.path(""), World::real())
        .rows(request)
        .map_or_else(|error| error.code.to_string(), |table| lake::text(&table))
}

/// A source that cannot be used: which code, and that nothing is left.
#[track_caller]
fn refused(project: &Project, code: &str, exit: u8) -> ErrorBody {
    let report = run(project).expect("the config is right");
    assert_eq!(report.exit, exit, "{report:#?}");
    let error = report.steps[0].error.clone().expect("an error");
    assert_eq!(error.code.as_str(), code, "{error:#?}");
    assert!(!error.message.is_empty());
    assert_eq!(report.steps[1].outcome, Outcome::Skipped, "Silver is not tried");
    assert_eq!(project.files("lake"), Vec::<String>::new(), "nothing half-written");
    error
}

/// A source that is landed in spite of what is wrong with it: what was noted.
#[track_caller]
fn landed(project: &Project) -> Vec<String> {
    let report = run(project).expect("the config is right");
    assert_eq!(report.exit, 0, "{report:#?}");
    let notes = report.steps[0].notes.iter().filter(|note| note.level == NoteLevel::Warning);
    notes.map(|note| format!("{}: {}", note.code.clone().unwrap_or_default(), note.message)).collect()
}

fn source(content: impl AsRef<[u8]>) -> Project {
    Project::empty().with("t.yaml", config("")).with("source.csv", content)
}

#[test]
fn a_missing_file() {
    let error = refused(&Project::empty().with("t.yaml", config("")), "EXT010", 2);
    assert!(error.message.contains("source.csv"), "{error:?}");
}

#[test]
fn a_folder_instead_of_a_file() {
    refused(&Project::empty().with("t.yaml", config("")).with("source.csv/inside.txt", ""), "EXT011", 2);
}

#[test]
fn an_empty_file() {
    refused(&source(""), "EXT012", 2);
}

#[test]
fn a_header_only() {
    let project = source("a,b\n");
    assert_eq!(landed(&project), ["EXT021: the source has no records"]);
    assert_eq!(bronze(&project, "data"), "");
}

#[test]
fn ragged_rows() {
    let project = source("a,b\n1,2\n3\n4,5,6\n7,8\n");
    let notes = landed(&project);
    assert_eq!(notes.len(), 1);
    assert!(notes[0].starts_with("EXT016: 2 records could not be read, the first at line 3"), "{notes:?}");
    assert_eq!(bronze(&project, "data"), "a=1 b=2 | a=7 b=8");
    let errors = bronze(&project, "_errors");
    assert!(errors.contains("line=3") && errors.contains("raw=4,5,6"), "{errors}");
}

#[test]
fn duplicate_header_names() {
    let error = refused(&source("a,b,a\n1,2,3\n"), "EXT013", 2);
    assert!(error.message.contains("`a`") && error.message.contains("1 and 3"), "{error:?}");
}

#[test]
fn bytes_that_are_not_text() {
    let project = source(b"a,b\n1,x\n2,\xff\xfe\n3,y\n");
    let notes = landed(&project);
    assert!(notes[0].starts_with("EXT016: 1 record could not be read, the first at line 3"), "{notes:?}");
    assert_eq!(bronze(&project, "data"), "a=1 b=x | a=3 b=y");
    refused(&source(b"a,\xff\n1,x\n"), "EXT015", 2);
}

#[test]
fn a_byte_order_mark() {
    let project = source("\u{feff}a,b\n1,x\n");
    assert_eq!(landed(&project), Vec::<String>::new());
    assert_eq!(bronze(&project, "data"), "a=1 b=x");
}

#[test]
fn a_line_of_a_megabyte() {
    let long = "x".repeat(1 << 20);
    let project = source(format!("a,b\n1,{long}\n2,y\n"));
    assert_eq!(landed(&project), Vec::<String>::new());
    assert_eq!(bronze(&project, "data"), format!("a=1 b={long} | a=2 b=y"));
}

#[test]
fn a_target_that_is_a_file() {
    let project = source("a\n1\n").with("lake", "in the way");
    let report = run(&project).expect("the config is right");
    assert_eq!(
        (report.exit, report.steps[0].error.as_ref().map(|error| error.code.as_str())),
        (3, Some("STG011")),
        "{report:#?}"
    );
    assert_eq!(std::fs::read_to_string(project.path("lake")).expect("still there"), "in the way");
}

#[cfg(target_os = "linux")]
#[test]
fn a_target_that_cannot_be_written() {
    // Even root cannot make a folder there.
    let project = source("a\n1\n").with("t.yaml", config("").replace("./lake/bronze", "/proc/lake"));
    let report = run(&project).expect("the config is right");
    assert_eq!(
        (report.exit, report.steps[0].error.as_ref().map(|error| error.code.as_str())),
        (3, Some("STG010")),
        "{report:#?}"
    );
}

#[test]
fn yaml_that_cannot_be_used() {
    let deep = "[".repeat(5 << 20) + &"]".repeat(5 << 20);
    let bomb = {
        let mut text = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for level in 1..12 {
            let below = level - 1;
            text += &format!(
                "a{level}: &a{level} [*a{below},*a{below},*a{below},*a{below},*a{below},*a{below},*a{below},*a{below},*a{below},*a{below}]\n"
            );
        }
        text
    };
    let good = config("");
    for (text, code) in [
        ("- a list\n".to_owned(), "CFG011"),
        (String::new(), "CFG011"),
        ("platform:\n\tbronze: {}\n".to_owned(), "CFG010"),
        ("platform: [unclosed\n".to_owned(), "CFG010"),
        (format!("{good}config_version: 1\n"), "CFG012"),
        (deep, "CFG027"),
        (bomb, "CFG027"),
        (good.replace("table: t", "tabel: t"), "CFG013"),
        (good.replace("path: ./source.csv", "path: '${NOT_SET_ANYWHERE}'"), "CFG017"),
    ] {
        let project = Project::empty().with("t.yaml", &text).with("source.csv", "a\n1\n");
        let error = run(&project).expect_err("the config is wrong");
        assert_eq!(error.exit, 1);
        let found: Vec<&str> = error.diagnostics.iter().map(|diagnostic| diagnostic.code.as_str()).collect();
        assert!(found.contains(&code), "{code} is not among {found:?} for {}", &text[..text.len().min(200)]);
        assert_eq!(project.files("lake"), Vec::<String>::new());
    }
}

#[test]
fn anchors_and_merges_are_understood() {
    let text = config("")
        .replace("system: s\n", "system: &s s\n")
        .replace("table: t\n", "table: *s\n")
        .replace("run: {load_pattern: full}", "run: {<<: &defaults {load_pattern: full}, max_rows_per_file: 1}");
    let project = Project::empty().with("t.yaml", text).with("source.csv", "a\n1\n2\n");
    assert_eq!(landed(&project), Vec::<String>::new());
    assert_eq!(project.files("lake/bronze").iter().filter(|file| file.ends_with(".parquet")).count(), 2);
}

#[test]
fn the_value_of_a_variable_stays_out_of_errors() {
    use medallion_core::world::FixedEnvironment;
    let project = Project::empty().with("t.yaml", config("").replace("./source.csv", "'./${TOKEN}/x.csv'"));
    let world = World::real().with_environment(FixedEnvironment([("TOKEN".into(), "hunter2".into())].into()));
    let request = RunRequest { target: Target::at("t.yaml"), date: "2025-01-01".parse().ok(), ..RunRequest::default() };
    let report = Engine::open(project.path(""), world).run(request, &mut |_| {}).expect("the config is right");
    let error = report.steps[0].error.clone().expect("there is no such file");
    assert!(error.message.contains("${TOKEN}"), "{error:?}");
    assert!(!format!("{report:?}").contains("hunter2"), "{report:?}");
}
