//! Completion and hover at marked cursors. `‸` marks the cursor.

use std::path::Path;

use super::{Around, Column, Proposal, Proposals, Subject, complete, hover};
use crate::config::interpolate::Variables;
use crate::config::text::Source;
use crate::config::{layers, syntax};
use crate::diagnostic::code;
use crate::world::FixedEnvironment;

const CURSOR: &str = "‸";

fn environment() -> FixedEnvironment {
    let pair = |name: &str| (name.to_owned(), "never shown".to_owned());
    FixedEnvironment([pair("API_TOKEN"), pair("DATA_DIR"), pair("HOST")].into_iter().collect())
}

fn columns(_: &Subject) -> Vec<Column> {
    ["id", "name", "2013", "a: b"].map(|name| Column { name: name.into(), detail: "text".into() }).into()
}

fn with<T>(folder: &Path, call: impl FnOnce(&Around<'_>) -> T) -> T {
    let environment = environment();
    let variables = Variables::new(&environment, &[folder]);
    let path = folder.join("config.yaml");
    let site = layers::Around { path: &path, folder, workspace: folder, root: folder, overlay: None };
    call(&Around { site, variables: &variables, columns: &columns })
}

fn split(marked: &str) -> (String, usize) {
    let offset = marked.find(CURSOR).expect("a cursor");
    (marked.replace(CURSOR, ""), offset)
}

fn proposals_in(folder: &Path, marked: &str) -> (String, Proposals) {
    let (text, offset) = split(marked);
    let found = with(folder, |around| complete(&text, offset, around));
    (text, found)
}

fn proposals(marked: &str) -> (String, Proposals) {
    proposals_in(Path::new("/nowhere"), marked)
}

fn labels(marked: &str) -> Vec<String> {
    proposals(marked).1.items.into_iter().map(|item| item.label).collect()
}

/// The text after a proposal is accepted, with the cursor marked.
fn accept(text: &str, found: &Proposals, item: &Proposal) -> String {
    let span = found.span.unwrap();
    let (before, cursor) = item.insert.split_at(item.cursor);
    format!("{}{before}{CURSOR}{cursor}{}", &text[..span.start as usize], &text[span.end as usize..])
}

#[track_caller]
fn accepted(marked: &str, label: &str) -> String {
    let (text, found) = proposals(marked);
    let item = found.items.iter().find(|item| item.label == label);
    let item = item.unwrap_or_else(|| panic!("`{label}` is not among {:?}", labels(marked)));
    accept(&text, &found, item)
}

/// Whether the first proposals are these.
#[track_caller]
fn first(marked: &str, expected: &[&str]) {
    let found = labels(marked);
    assert!(found.len() >= expected.len() && found.iter().zip(expected).all(|(a, b)| a == b), "{marked}\n{found:?}");
}

#[track_caller]
fn exactly(marked: &str, expected: &[&str]) {
    assert_eq!(labels(marked), expected, "{marked}");
}

#[test]
fn keys_required_ones_first_without_those_that_are_there() {
    first("‸", &["config_version", "platform", "sources"]);
    exactly("config_version: 1\npl‸", &["platform"]);
    assert!(!labels("config_version: 1\n‸").contains(&"config_version".to_owned()));
    first("sources:\n  - source:\n      ‸", &["type", "system", "table"]);
    first("sources:\n  - source:\n      type: file\n      ‸\n      table: t\n", &["system", "file"]);
    let keys = labels("sources:\n  - source:\n      type: file\n      ‸");
    assert!(!keys.iter().any(|key| key == "api" || key == "db" || key == "custom"), "{keys:?}");
    // An unknown discriminator excludes nothing.
    let keys = labels("sources:\n  - source:\n      type: ${KIND}\n      ‸");
    assert!(keys.contains(&"api".to_owned()) && keys.contains(&"db".to_owned()), "{keys:?}");
    // Deprecated keys are never proposed.
    exactly("platform:\n  bronze:\n    local_p‸", &[]);
}

#[test]
fn keys_in_every_shape_of_text() {
    for (marked, expected) in [
        ("platform:\r\n  bronze:\r\n    out‸\r\n", &["output_dir", "output_defaults"][..]),
        ("{platform: {bronze: {out‸}}}", &["output_dir", "output_defaults"]),
        ("platform: {bronze: {prefix: x, out‸", &["output_dir", "output_defaults"]),
        ("platform:\n  bronze: {\n    prefix: x,\n    out‸\n  }\n", &["output_dir", "output_defaults"]),
        ("platform:\n  bronze:\n    bucket: 'open\n    out‸\n", &["output_dir", "output_defaults"]),
        ("platform:\n  bronze:\n    bucket: [open\n    out‸\n", &["output_dir", "output_defaults"]),
        ("platform:\n  bronze:\n    out‸: ./x\n", &["output_dir", "output_defaults"]),
        ("platform:\n  bronze:\n    \"out‸\": ./x\n", &[]),
        ("x-all: &all\n  out‸\nplatform:\n  bronze: *all\n", &["output_dir", "output_defaults"]),
        (
            "x-all: &all\n  out‸\nplatform:\n  bronze:\n    <<: *all\n    prefix: x\n",
            &["output_dir", "output_defaults"],
        ),
        ("sources:\n- source:\n    type: db\n    d‸\n", &["db"]),
        ("sources:\n- source: {type: db, d‸}\n", &["db"]),
        ("%YAML 1.2\n---\nplat‸", &["platform"]),
        ("\u{feff}plat‸", &["platform"]),
        ("platform:\n\tbronze:\n\t\tout‸\n", &["output_dir", "output_defaults"]),
    ] {
        exactly(marked, expected);
    }
}

#[test]
fn nothing_where_nothing_can_stand() {
    for marked in [
        "# plat‸",
        "platform: # br‸",
        "sources:\n  - source:\n      type: db\n      db:\n        query: |\n          sel‸\n",
        "sources:\n  - source:\n      db:\n        query: >-\n          select\n\n          ‸\n",
        "platform:\n   ‸\n  bronze:\n    prefix: x\n",
        "platform:\n‸  bronze:\n    prefix: x\n",
        "platform: {bronze: {prefix: x} ‸}",
        "x-own:\n  ‸\n",
        "name: \"two\n  li‸nes\"\n",
        "platform:\n\t‸",
        "platform:\n  environment: dev ‸",
    ] {
        exactly(marked, &[]);
    }
}

#[test]
fn values_of_a_key() {
    first("sources:\n  - source:\n      type: ‸", &["api", "db", "file", "custom"]);
    first("sources:\n  - source:\n      type:‸", &["api", "db", "file", "custom"]);
    exactly("sources:\n  - source:\n      type: f‸i\n", &["file"]);
    exactly("sources:\n  - source: {type: f‸}\n", &["file"]);
    exactly("sources:\n  - source: {type: 'f‸'}\n", &["file"]);
    exactly("sources:\n  - source:\n      type:\n        f‸\n", &["file"]);
    exactly("sources:\n  - source:\n      run:\n        write_csv: t‸", &["true"]);
    assert_eq!(labels("sources:\n  - source:\n      run:\n        timezone: Berl‸"), ["Europe/Berlin"]);
    let (_, found) = proposals("sources:\n  - source:\n      run:\n        load_pattern: cd‸");
    assert_eq!(found.items[0].documentation, "Each partition is a list of changes.");
}

#[test]
fn columns_of_a_list_however_it_is_written() {
    let columns = ["id", "name", "2013", "a: b"];
    for marked in [
        "sources:\n  - silver:\n      primary_keys: [‸]",
        "sources:\n  - silver:\n      primary_keys:\n        - ‸",
        "sources:\n  - silver:\n      primary_keys:\n      - ‸\n",
        "sources:\n  - source:\n      file:\n        columns:\n          - ‸\n",
    ] {
        first(marked, &columns);
    }
    exactly("sources:\n  - silver:\n      primary_keys:\n        - id\n        - ‸\n", &["name", "2013", "a: b"]);
    exactly("sources:\n  - silver:\n      primary_keys:\n        - na‸\n", &["name"]);
    assert_eq!(
        accepted("sources:\n  - silver:\n      primary_keys:\n        - ‸", "2013"),
        "sources:\n  - silver:\n      primary_keys:\n        - \"2013\"‸"
    );
}

#[test]
fn the_key_that_is_being_written_does_not_hide_columns() {
    let asked = |marked: &str| {
        let (text, offset) = split(marked);
        let seen = std::cell::RefCell::new(Vec::new());
        let remember = |subject: &Subject| {
            seen.borrow_mut().push(subject.excerpt.clone());
            columns(subject)
        };
        let found = with(Path::new("/nowhere"), |around| {
            complete(&text, offset, &Around { columns: &remember, site: layers::Around { ..around.site }, ..*around })
        });
        assert!(found.items.iter().any(|item| item.label == "name"), "{marked}: {found:?}");
        seen.into_inner().remove(0)
    };
    let head = "config_version: 1\nsources:\n  - source:\n      type: file\n      file:\n        path: a.csv\n";
    assert_eq!(
        asked(
            "sources:\n  - source:\n      type: file\n      file:\n        path: a.csv\n        columns:\n          - id\n          - ‸\n"
        ),
        format!("{head}        \n")
    );
    assert_eq!(
        asked(
            "sources:\n  - source:\n      type: file\n      file:\n        path: a.csv\n        columns: [id, ‸]\n        format: csv\n"
        ),
        format!("{head}        \n        format: csv\n")
    );
    assert_eq!(
        asked(
            "sources:\n  - source:\n      type: file\n      file:\n        path: a.csv\n    silver:\n      primary_keys: [‸\n"
        ),
        head
    );
}

#[test]
fn the_first_letters_of_the_first_key_are_ours() {
    for (text, ours) in [
        ("", true),
        ("# about\n", true),
        ("so", true),
        ("# about\nso\n", true),
        ("sources:", true),
        ("soruces: []\n", true),
        ("two words\n", false),
        ("version: 3\nservices: {}\n", false),
    ] {
        assert_eq!(super::is_ours(text), ours, "{text:?}");
    }
}

#[test]
fn a_key_with_few_values_says_which() {
    let (_, found) = proposals("sources:\n  - source:\n      type: file\n      run:\n        load_p‸");
    assert_eq!(found.items[0].detail, "full | cdc | current_history");
    let (_, found) = proposals("sources:\n  - source:\n      ‸");
    assert_eq!(found.items[0].detail, "required, api | db | file | custom");
}

#[test]
fn what_is_inserted_fits_its_place() {
    for (marked, label, expected) in [
        ("pl‸", "platform", "platform:\n  ‸"),
        ("‸", "config_version", "config_version: ‸"),
        ("sou‸", "sources", "sources:\n  - source:\n      type: ‸\n      system: \n      table: "),
        ("platform:‸", "bronze", "platform:\n  bronze:\n    ‸"),
        ("platform: {‸}", "bronze", "platform: {bronze: {‸}}"),
        (
            "platform:\n    ‸\n    silver:\n        prefix: x\n",
            "bronze",
            "platform:\n    bronze:\n        ‸\n    silver:\n        prefix: x\n",
        ),
        (
            "sources:\r\n  - ‸\r\n",
            "source",
            "sources:\r\n  - source:\r\n      type: ‸\r\n      system: \r\n      table: \r\n",
        ),
        ("sources:\n  - source:\n      ty‸: db\n", "type", "sources:\n  - source:\n      type‸: db\n"),
        ("sources:\n  - source:\n      type:‸", "db", "sources:\n  - source:\n      type: db‸"),
        ("sources:\n  - source:\n      type: \"‸", "db", "sources:\n  - source:\n      type: \"db\"‸"),
        (
            "sources:\n  - source: {type: file}\n    sil‸\n",
            "silver: scd_type_1",
            "sources:\n  - source: {type: file}\n    silver:\n      model: scd_type_1\n      primary_keys: [‸]\n",
        ),
        (
            "sources:\n‸",
            "new source: db",
            "sources:\n- name: ‸\n  source:\n    type: db\n    system: \n    table: \n    db:\n      driver: \n      host_env_var: \n      database: \n      query: ",
        ),
        (
            "sources:\n  - name: a\n  ‸\n",
            "new source: file",
            "sources:\n  - name: a\n  - name: ‸\n    source:\n      type: file\n      system: \n      table: \n      file:\n        path: \n",
        ),
    ] {
        assert_eq!(accepted(marked, label), expected, "{marked}");
    }
}

#[test]
fn variables_by_name_only() {
    let at = |value: &str| format!("platform:\n  bronze:\n    output_dir: {value}\n");
    exactly(&at("${‸"), &["API_TOKEN", "DATA_DIR", "HOST"]);
    exactly(&at("./x/${DA‸/y"), &["DATA_DIR"]);
    exactly(&at("${HOST:de‸"), &[]);
    exactly(&at("$${‸"), &[]);
    assert_eq!(accepted(&at("./x/${DA‸/y"), "DATA_DIR"), at("./x/${DATA_DIR}‸/y"));
    assert_eq!(accepted(&at("${DA‸TA}/y"), "DATA_DIR"), at("${DATA_DIR‸}/y"));
    assert_eq!(accepted(&at("\"${DA‸"), "DATA_DIR"), at("\"${DATA_DIR}‸\""));
    assert_eq!(
        accepted("platform: {bronze: {output_dir: ${DA‸}}}\n", "DATA_DIR"),
        "platform: {bronze: {output_dir: \"${DATA_DIR‸}\"}}\n"
    );
    let (_, found) = proposals(&at("${‸"));
    assert!(found.items.iter().all(|item| !format!("{item:?}").contains("never shown")));
}

#[test]
fn files_and_folders_one_level_deep() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "data/in/x.csv",
        "data/o_2025-01-01.csv",
        "data/o_2025-01-02.csv",
        "data/a #1.csv",
        "base.yaml",
        "config.yaml",
        ".secret",
    ] {
        std::fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
        std::fs::write(folder.path().join(name), "").unwrap();
    }
    let at = |path: &str| format!("sources:\n  - source:\n      file:\n        path: {path}\n");
    let labels = |marked: &str| -> Vec<String> {
        proposals_in(folder.path(), marked).1.items.into_iter().map(|item| item.label).collect()
    };
    assert_eq!(labels(&at("‸")), ["data/"]);
    assert_eq!(
        labels(&at("./data/‸")),
        ["o_{run_date}.csv", "a #1.csv", "o_2025-01-01.csv", "o_2025-01-02.csv", "in/"]
    );
    assert_eq!(labels(&at("data/in/‸")), ["x.csv"]);
    assert_eq!(labels(&at("${DATA_DIR}/‸")), [""; 0]);
    assert_eq!(labels("extends: ‸"), ["base.yaml", "data/"]);
    assert_eq!(labels("platform:\n  bronze:\n    output_dir: ‸"), ["data/", "./output"]);
    let (text, found) = proposals_in(folder.path(), &at("./data/a‸"));
    assert_eq!(accept(&text, &found, &found.items[0]), at("\"./data/a #1.csv\"‸"));
    let (text, found) = proposals_in(folder.path(), &at("'./da‸ta/x'"));
    assert_eq!(accept(&text, &found, &found.items[0]), at("'./data/‸'"));
}

#[test]
fn environments_by_overlay_and_by_custom() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("environments")).unwrap();
    std::fs::write(folder.path().join("environments/prod.yaml"), "").unwrap();
    let (_, found) = proposals_in(folder.path(), "platform:\n  environment: ‸");
    let labels: Vec<&str> = found.items.iter().map(|item| item.label.as_str()).collect();
    assert_eq!(labels, ["prod", "dev", "test"]);
}

#[test]
fn hovers() {
    let hovered = |marked: &str| {
        let (text, offset) = split(marked);
        let page = with(Path::new("/nowhere"), |around| hover(&text, offset, around));
        let shown = page.span.map(|span| text[span.start as usize..span.end as usize].to_owned());
        (shown.unwrap_or_default(), page.text)
    };
    let (span, text) = hovered("sources:\n  - source:\n      ty‸pe: file\n");
    assert_eq!(span, "type");
    assert!(text.starts_with("**type**: one of a few, required\n\nKind of source"), "{text}");
    assert!(text.contains("* `db`: A database, described by `db`."), "{text}");
    let (span, text) = hovered("sources:\n  - source:\n      type: f‸ile\n");
    assert_eq!((span.as_str(), text.as_str()), ("file", "**file**\n\nA file, described by `file`."));
    let (_, text) = hovered("platform:\n  bronze:\n    local‸_path: x\n");
    assert!(text.contains("Deprecated: use `output_dir`."), "{text}");
    let path = "sources:\n  - source:\n      file:\n        path: \"./x/${";
    let (span, text) = hovered(&format!("{path}DA‸TA_DIR:d}}/y\"\n"));
    assert_eq!((span.as_str(), text.as_str()), ("${DATA_DIR:d}", "Variable **DATA_DIR**: set in the environment."));
    assert!(hovered(&format!("{path}NO‸NE}}\"\n")).1.contains("not set"), "a variable nobody set");
    let (span, text) = hovered("# medallion: ignore CFG0‸13\nfoo: 1\n");
    assert_eq!(span, "CFG013");
    assert!(text.starts_with("**CFG013**: "), "{text}");
    for nothing in ["# a comm‸ent\n", "‸", "x-own: va‸lue\n", "unkn‸own: 1\n", "platform:  ‸\n"] {
        assert_eq!(hovered(nothing), (String::new(), String::new()), "{nothing}");
    }
}

/// Whether the syntax is broken, and whether a key that starts inside of `inserted` is not known.
fn judged(text: &str, inserted: std::ops::Range<usize>) -> (bool, bool) {
    let (root, problems) = syntax::parse(&Source::new(text));
    let broken = (root.is_none() && !text.trim().is_empty()) || !problems.is_empty();
    let environment = environment();
    let loaded = crate::config::load_text(Path::new("/nowhere"), "config.yaml", text, None, &environment);
    let mut unknown = loaded.diagnostics.iter().filter(|finding| finding.code == code::CFG013);
    (broken, unknown.any(|finding| finding.span.is_some_and(|span| inserted.contains(&(span.start as usize)))))
}

/// At every place of `text`, every proposal keeps a document a document, and its keys are known there.
fn every_proposal_fits(text: &str, step: usize) {
    assert_eq!(judged(text, 0..text.len()), (false, false), "the example is fine");
    let mut tried = 0;
    for offset in (0..=text.len()).step_by(step).filter(|offset| text.is_char_boundary(*offset)) {
        let found = with(Path::new("/nowhere"), |around| complete(text, offset, around));
        for item in found.items.iter().take(60) {
            let after = accept(text, &found, item).replace(CURSOR, "");
            let start = found.span.unwrap().start as usize;
            let (broken, unknown) = judged(&after, start..start + item.insert.len());
            let marked = format!("{}{CURSOR}{}", &text[..offset], &text[offset..]);
            assert!(!broken, "`{}` at {offset} breaks\n{marked}\n==>\n{after}", item.label);
            assert!(!unknown, "`{}` at {offset} is not known\n{marked}\n==>\n{after}", item.label);
            tried += 1;
        }
    }
    assert!(tried > 50, "only {tried} proposals");
}

const SHAPES: &str = "config_version: 1 # note
platform: &p
  bronze: {storage_backend: local, prefix: 'a b', output_defaults: {}}

  silver:
      prefix: x

      output_dir: \"./y\"
sources:
- name: one

  source:
    type: file
    system: s

    table: t
    file: {path: ./a.csv, columns: [id, name]}
    run:

      load_pattern: cdc
      null_values: [\"\", NA]
      schema: {id: integer}
  silver:
    primary_keys:
      - id

      - name
    order_column: id

- source:
    type: db
    system: s
    table: u
    db:
      query: |
        select 1

      database: x

";

#[test]
fn every_proposal_fits_in_every_shape() {
    every_proposal_fits(SHAPES, 1);
    every_proposal_fits(&SHAPES.replace('\n', "\r\n"), 3);
}

#[test]
fn every_proposal_fits_in_the_examples() {
    let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../configs");
    let mut seen = 0;
    for entry in std::fs::read_dir(configs).unwrap().flatten() {
        if entry.path().extension().is_some_and(|suffix| suffix == "yaml") {
            every_proposal_fits(&std::fs::read_to_string(entry.path()).unwrap(), 11);
            seen += 1;
        }
    }
    assert!(seen > 0);
}

#[test]
fn broken_text_never_panics() {
    let mut text = SHAPES.to_owned();
    let mut seed = 7_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below.max(1)
    };
    let pieces = [
        "{", "}", "[", "]", "\"", "'", ":", "- ", "\n", "\t", "|", ">", "&a ", "*a", "#", "${", "ü", ",", "\r\n", "  ",
        "---\n", "? ",
    ];
    for _ in 0..1_500 {
        let at = random(text.len() + 1);
        if !text.is_char_boundary(at) {
            continue;
        }
        if random(3) == 0 && at + 3 < text.len() && text.is_char_boundary(at + 3) {
            text.replace_range(at..at + 3, "");
        } else {
            text.insert_str(at, pieces[random(pieces.len())]);
        }
        let cursor = random(text.len() + 1);
        with(Path::new("/nowhere"), |around| {
            complete(&text, cursor, around);
            hover(&text, cursor, around);
        });
        if text.len() > 4_000 {
            text = SHAPES.to_owned();
        }
    }
    assert!(proposals("[[[[[[[[[[[[[[[[[[[[{{{{{{{{{{‸").1.items.is_empty());
    let deep = format!("{}‸", "[".repeat(100_000));
    assert!(proposals(&deep).1.items.is_empty());
    assert!(proposals(&format!("{}x‸", "- ".repeat(50_000))).1.items.is_empty());
}
