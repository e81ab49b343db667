//! Forms of configurations in all states.

use super::*;
use crate::config::read_text;
use crate::world::FixedEnvironment;

fn form(text: &str) -> Result<Vec<Field>, String> {
    let folder = tempfile::tempdir().unwrap();
    form_in(folder.path(), text, None)
}

fn form_in(root: &std::path::Path, text: &str, overlay: Option<&str>) -> Result<Vec<Field>, String> {
    fields(&read(root, text, overlay), "").map(|form| form.fields)
}

fn read(root: &std::path::Path, text: &str, overlay: Option<&str>) -> Reading {
    read_text(root, "a.yaml", text, overlay, &FixedEnvironment::default())
}

fn find<'f>(fields: &'f [Field], path: &str) -> Option<&'f Field> {
    fields.iter().find_map(|field| if field.path == path { Some(field) } else { find(&field.children, path) })
}

#[track_caller]
fn at<'f>(fields: &'f [Field], path: &str) -> &'f Field {
    find(fields, path).unwrap_or_else(|| panic!("no field {path}"))
}

const FILE: &str = "config_version: 1
sources:
  - name: orders
    source:
      type: file
      system: crm
      table: \"007\"
      api: {base_url: x}
      file:
        path: ${DATA:in}/a.csv
        fromat: csv
      run:
        max_rows_per_file: many
        schema: {id: integer, \"odd key\": text}
  - source: {system: s, table: t}
x-own: [1, 2]
";

#[test]
fn fields_follow_the_schema_and_the_text() {
    let form = form(FILE).unwrap();
    let names: Vec<&str> = form.iter().map(|field| field.label.as_str()).collect();
    assert_eq!(names[..3], ["config_version", "platform", "sources"]);
    assert_eq!(names.last(), Some(&"x-own"));
    let labels: Vec<&str> = at(&form, "sources").children.iter().map(|field| field.label.as_str()).collect();
    assert_eq!(labels, ["orders", "s.t"]);
    let table = at(&form, "sources[0].source.table");
    assert_eq!((table.written.as_deref(), table.effective.as_deref()), (Some("007"), Some("007")));
    assert_eq!((&table.origin, table.required), (&Origin::Here, true));
    assert_eq!(FILE.get(table.span.unwrap().start as usize..table.span.unwrap().end as usize), Some("\"007\""));
    let path = at(&form, "sources[0].source.file.path");
    assert_eq!((path.written.as_deref(), path.effective.as_deref()), (Some("${DATA:in}/a.csv"), None));
    let own = at(&form, "x-own");
    assert_eq!((&own.kind, own.written.as_deref()), (&Kind::Raw, Some("[1, 2]")));
    let odd = at(&form, "sources[0].source.run.schema[\"odd key\"]");
    assert_eq!((odd.label.as_str(), odd.written.as_deref()), ("odd key", Some("text")));
    assert_eq!(at(&form, "sources[0].source.run.schema").kind, Kind::Map);
}

#[test]
fn only_the_chosen_section_is_there_and_what_is_written() {
    let form = form(FILE).unwrap();
    assert!(find(&form, "sources[0].source.db").is_none());
    let file = at(&form, "sources[0].source.file");
    assert_eq!((&file.kind, file.required), (&Kind::Section, true));
    let api = at(&form, "sources[0].source.api");
    assert!(!api.required && !api.problems.is_empty(), "it is written and has no effect");
    assert_eq!(at(&form, "sources[0].source.api.base_url").written.as_deref(), Some("x"));
    assert!(["api", "db", "file"].iter().all(|section| find(&form, &format!("sources[1].source.{section}")).is_none()));
    let Kind::Choice(values) = &at(&form, "sources[1].source.type").kind else { panic!() };
    assert!(values.iter().any(|(value, help)| *value == "file" && !help.is_empty()));
    assert_eq!(at(&form, "sources[1].source.type").origin, Origin::Nowhere);
}

#[test]
fn problems_stand_at_their_fields() {
    let folder = tempfile::tempdir().unwrap();
    let found = read(folder.path(), FILE, None).file.diagnostics;
    let form = form_in(folder.path(), FILE, None).unwrap();
    let codes = |path: &str| -> Vec<&str> {
        at(&form, path).problems.iter().map(|index| found[*index as usize].code.as_str()).collect()
    };
    assert_eq!(codes("sources[0].source.file.fromat"), ["CFG013"]);
    assert_eq!(codes("sources[0].source.run.max_rows_per_file"), ["CFG015"]);
    assert_eq!(codes("sources[1].source.type"), ["CFG014"], "what is missing has its field");
    assert_eq!(at(&form, "sources[0].source.run.max_rows_per_file").kind, Kind::Integer);
    assert_eq!(at(&form, "sources[0].source.file.fromat").kind, Kind::Raw);
}

#[test]
fn a_value_of_the_wrong_form_is_shown_as_it_is() {
    let form = form("sources: 5\nplatform: [a, b]\nconfig_version: {x: 1}\n").unwrap();
    for (path, written) in [("sources", "5"), ("platform", "[a, b]"), ("config_version", "{x: 1}")] {
        let field = at(&form, path);
        assert_eq!((&field.kind, field.written.as_deref()), (&Kind::Raw, Some(written)), "{path}");
        assert!(!field.problems.is_empty(), "{path}");
    }
}

#[test]
fn a_text_that_cannot_be_read_says_why() {
    assert_eq!(
        form("a: [1\nb: 2\n").unwrap_err(),
        "line 2: something in brackets that is followed neither by `,` nor by the closing bracket"
    );
    assert_eq!(form("- 1\n").unwrap_err(), "the file is a list, not a mapping of keys to values");
    assert_eq!(form("text").unwrap_err(), "the file is a text, not a mapping of keys to values");
    for empty in ["", "# only a comment\n", "---\n"] {
        let form = form(empty).unwrap();
        assert!(form.len() > 3 && form.iter().all(|field| field.written.is_none()), "{empty:?}");
        assert!(find(&form, "platform.bronze").is_some(), "sections that are not written can be filled in");
    }
}

#[test]
fn every_value_says_who_gave_it() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::create_dir(root.join("environments")).unwrap();
    std::fs::write(root.join("_base.yaml"), "platform:\n  bronze: {output_dir: base}\n").unwrap();
    std::fs::write(root.join("environments/prod.yaml"), "platform:\n  silver: {output_dir: prod}\n").unwrap();
    let text = "config_version: 1\nextends: _base.yaml\nplatform:\n  silver: {output_dir: here}\nsources: []\n";
    let form = form_in(root, text, Some("prod")).unwrap();
    let bronze = at(&form, "platform.bronze.output_dir");
    assert_eq!((bronze.written.as_deref(), bronze.effective.as_deref()), (None, Some("base")));
    assert_eq!(bronze.origin, Origin::Parent { file: "_base.yaml".into() });
    let silver = at(&form, "platform.silver.output_dir");
    assert_eq!((silver.written.as_deref(), silver.effective.as_deref()), (Some("here"), Some("prod")));
    assert_eq!(silver.origin, Origin::Environment { file: "environments/prod.yaml".into() });
    assert_eq!(at(&form, "config_version").origin, Origin::Here);
}

#[test]
fn of_many_datasets_only_the_one_asked_for_is_listed_in_full() {
    let entry = "  - source: {type: file, system: s, table: t, file: {path: a.csv}}\n";
    let text = format!("sources:\n{}", entry.repeat(MANY + 1));
    let reading = read(std::path::Path::new("/"), &text, None);
    let form = |path: &str| {
        let form = fields(&reading, path).unwrap();
        assert!(form.in_part);
        form.fields
    };
    let none = form("");
    assert!(find(&none, "sources[3].source.table").is_some() && find(&none, "sources[3].source.run").is_none());
    assert!(find(&none, "platform.bronze").is_some(), "what is there once is listed");
    let one = form("sources[3].source.file");
    assert!(find(&one, "sources[3].source.run").is_some() && find(&one, "sources[3].silver").is_some());
    assert!(find(&one, "sources[2].source.run").is_none() && find(&one, "sources[20].silver").is_none());
}
