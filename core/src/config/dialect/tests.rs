//! Dialects: what old texts mean, what is said about them, and what migration makes of them.

use std::path::Path;

use super::migrate::migrate;
use crate::config::{LoadedFile, load_text};
use crate::diagnostic::Severity;
use crate::diagnostic::deprecation::DEPRECATIONS;
use crate::world::FixedEnvironment;

const FOREIGN: [&str; 6] = ["CFG001", "CFG002", "CFG044", "CFG046", "CFG070", "CFG071"];

fn read(text: &str) -> LoadedFile {
    load_text(Path::new("/w"), "c.yaml", text, None, &FixedEnvironment([("A".into(), "a".into())].into()))
}

/// What must be the same of a file and its migrated form: the settings, and what is wrong beside the form.
fn meaning(text: &str) -> (String, Vec<String>) {
    let file = read(text);
    let foreign = |code: &str| FOREIGN.contains(&code) || code == "CFG004";
    let found = file.diagnostics.iter().filter(|finding| !foreign(finding.code.as_str()));
    let mut found: Vec<String> = found.map(|finding| format!("{} {}", finding.code, finding.message)).collect();
    found.sort();
    // The intent form says once what becomes two keys.
    found.dedup();
    (format!("{:#?}", file.pipeline.map(|pipeline| pipeline.datasets)), found)
}

/// Migrates a text that can be, and holds the result to what it must be.
#[track_caller]
fn migrated(name: &str, text: &str) -> String {
    let done = migrate(text, false).unwrap_or_else(|why| panic!("{name}: {why:#?}"));
    let left: Vec<_> =
        read(&done.text).diagnostics.into_iter().filter(|finding| FOREIGN.contains(&finding.code.as_str())).collect();
    assert!(left.is_empty(), "{name}: {left:#?}\n{}", done.text);
    assert!(read(&done.text).diagnostics.iter().all(|finding| finding.code.as_str() != "CFG004"), "{name}");
    assert_eq!(meaning(&done.text), meaning(text), "{name}\n{}", done.text);
    let again = migrate(&done.text, false).unwrap();
    assert_eq!(again.text, done.text, "{name}: migrating twice changes something");
    assert!(again.changes.is_empty(), "{name}");
    // The changes lead to the text.
    let mut patched = text.to_owned();
    for edit in done.changes.iter().rev() {
        patched.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    assert_eq!(patched, done.text, "{name}");
    // No comment is lost.
    for comment in comments(text) {
        assert!(comments(&done.text).contains(&comment), "{name}: lost {comment:?} in\n{}", done.text);
    }
    done.text
}

/// The comments of a text that has no `#` elsewhere.
fn comments(text: &str) -> Vec<String> {
    text.lines().filter_map(|line| Some(line.split_once('#')?.1.trim().to_owned())).collect()
}

#[test]
fn every_predecessor_configuration_that_is_valid_yaml_migrates_to_equal_settings() {
    let mut done = 0;
    for case in include_str!("../predecessor_matrix.txt").split("=== ").skip(1) {
        let (name, text) = case.split_once('\n').unwrap();
        match migrate(text, false) {
            Ok(_) => {
                migrated(name, text);
                done += 1;
            }
            Err(why) => {
                let codes: Vec<&str> = why.iter().map(|finding| finding.code.as_str()).collect();
                let expected: &[&str] = match name {
                    "yaml_tab.yaml" => &["CFG010"],
                    "yaml_list.yaml" => &["CFG011"],
                    "yaml_dupkeys.yaml" => &["CFG012"],
                    "intent_datasets_missing_silver.yaml" | "intent_no_entity_kind.yaml" => &["CFG014"],
                    other => panic!("{other}: {why:#?}"),
                };
                assert_eq!(codes, expected, "{name}");
            }
        }
    }
    assert!(done > 55, "{done}");
}

#[test]
fn one_source_becomes_an_entry_and_comments_go_along() {
    let text = r"# Orders of the shop.
# Owner: team retail

config_version: 1
# storage
platform:
  bronze:
    storage_backend: s3   # the big one
    # a bucket
    s3_bucket: my-bucket  # keep
    s3_prefix: 'a/b'
    local_root: ./copies  # where copies went
    output_defaults: {allow_csv: true, default_parquet_compression: zstd}  # codec
    options:
      # a label
      pattern_folder: nightly
  s3_connection:
    access_key_env: KEY   # a name

# where it comes from
source:
  type: db
  system: shop
  table: orders
  # connection
  db:
    conn_str_env: SHOP_DSN
    base_query: |
      SELECT *
      FROM orders

      WHERE x > 1
    # reading
    statement_timeout_seconds: 60
    incremental_key: updated_at
  run:
    local_output_dir: ./out  # scratch
    # end of run

# how it is promoted
silver:
    domain: retail    # four spaces
    primary_keys:
    - id
    # trailing comment

# the end
";
    insta::assert_snapshot!(migrated("single", text), @r##"
    # Orders of the shop.
    # Owner: team retail

    config_version: 1
    # storage
    platform:
      bronze:
        storage_backend: s3   # the big one
        # a bucket
        bucket: my-bucket  # keep
        prefix: 'a/b'
        # where copies went
        output_defaults: {allow_csv: true, parquet_compression: zstd}  # codec
      s3_connection:
        access_key_env_var: KEY   # a name

    sources:
      # where it comes from
      - source:
          type: db
          system: shop
          table: orders
          # connection
          db:
            dsn_env_var: SHOP_DSN
            query: |
              SELECT *
              FROM orders

              WHERE x > 1
            incremental:
              cursor_column: updated_at
          run:
            output_dir: ./out  # scratch
            # reading
            timeout_seconds: 60
            # a label
            pattern_folder: nightly
            # end of run

        # how it is promoted
        silver:
            domain: retail    # four spaces
            primary_keys:
            - id
            # trailing comment

    # the end
    "##);
}

#[test]
fn an_intent_file_becomes_sources() {
    let text = r"environment: dev
domain: retail
datasets:
  # first
  - name: orders
    system: shop
    entity: orders
    bronze:
      source_type: db     # a database
      connection_name: DSN
      source_query: select 1
      owner_team: crm
      partition_column: day  # never had an effect
      options:
        load_pattern: cdc
        local_output_dir: ./out
        db: {base_query: select 2, fetch_batch_size: 5}
    silver:
      entity_kind: state
      natural_keys: [id]
      change_ts_column: ts
      write_csv: true   # both layers
  # second
  - system: shop
    entity: events
    environment: dev
    bronze:
      path_pattern: ./in/events.json
      options:
        file: {json_path: items}
    silver:
      entity_kind: event
      natural_keys:
        - id
      event_ts_column: ts
      domain: web
";
    insta::assert_snapshot!(migrated("intent", text), @r##"
    config_version: 1
    platform:
      environment: dev
    sources:
      # first
      - name: orders
        source:
          type: db     # a database
          system: shop
          table: orders
          db:
            fetch_batch_size: 5
            dsn_env_var: DSN
            query: select 1
          run:
            output_dir: ./out
            load_pattern: cdc
            write_csv: true
          owner_team: crm
          # never had an effect
        silver:
          entity_kind: state
          natural_keys: [id]
          change_ts_column: ts
          write_csv: true   # both layers
          domain: retail
      # second
      - source:
          type: file
          system: shop
          table: events
          file:
            json_path: items
            path: ./in/events.json
            format: csv
        silver:
          entity_kind: event
          natural_keys:
            - id
          event_ts_column: ts
          domain: web
    "##);
}

#[test]
fn other_texts_migrate_too() {
    for (name, text) in [
        (
            "crlf",
            "config_version: 1\r\n# c\r\nsource: # d\r\n  type: file\r\n  system: s\r\n  table: t\r\n  file:\r\n    path: a.csv # e\r\n  run: {local_output_dir: ./o}\r\n",
        ),
        ("no end of line", "source:\n  type: file\n  system: s\n  table: t\n  file: {path: a.csv}\n  run: {}"),
        ("byte order mark", "\u{feff}source:\n  type: file\n  system: s\n  table: t\n  file: {path: a.csv}\n"),
        (
            "all in one line",
            "{source: {type: file, system: s, table: t, file: {path: a.csv}, run: {local_output_dir: o}}}\n",
        ),
        (
            "quoted keys",
            "\"source\":\n  'type': file\n  \"system\": s\n  table: t\n  file: {\"path\": a.csv}\n  run:\n    'local_output_dir': o\n",
        ),
        (
            "schema line",
            "# yaml-language-server: $schema=x\nsource:\n  type: file\n  system: s\n  table: t\n  file: {path: a.csv}\n",
        ),
        (
            "document start",
            "%YAML 1.2\n---\n# c\nsource:\n  type: file\n  system: s\n  table: t\n  file: {path: a.csv}\n...\n",
        ),
        (
            "shared silver",
            "config_version: 1\nplatform: {}\nsilver:\n  domain: d  # all\n  version: 2\nsources:\n  - source: {type: file, system: s, table: t, file: {path: a.csv}}\n    silver: {version: 3}\n  - source:\n      type: file\n      system: s\n      table: u\n      file: {path: a.csv}\n",
        ),
        (
            "anchors",
            "x-file: &file\n  path: a.csv  # shared\nsource:\n  type: file\n  system: &s shop\n  table: *s\n  file:\n    <<: *file\n    format: csv\n  run:\n    local_output_dir: &o ./out\nsilver:\n  output_dir: *o\n",
        ),
        (
            "default kind",
            "source:\n  system: s\n  table: t\n  api:\n    url: https://x.example\n    endpoint: /y\n    auth_type: api_key\n    auth_key_env: KEY\n    auth_key_header: X-Key\n    async: true\n    max_concurrency: 3 # c\n    cursor_field: ts\n    rate_limit:\n      rps: 3  # d\n    pagination:\n      type: cursor\n      cursor_param: c\n      cursor_path: next\n      page_size_param: n\n      records_path: items\n  run: {}\n",
        ),
        (
            "custom",
            "source:\n  type: custom\n  system: s\n  table: t\n  custom_extractor:\n    module: m\n    class_name: C\n  run: {timeout_seconds: 3, rate_limit_rps: 2, storage_enabled: true}\n",
        ),
        (
            "join",
            "silver_join:\n  left: {path: l, platform: {}}\n  right:\n    path: r\n  output:\n    path: o\n    join_key_mapping:\n      # pairs\n      - {source: a, target: b}\n      - c\n    projection:\n      - {source: x, alias: y}\n    chunk_size: 3\n    quality_guards:\n      unique_keys:\n        - keys: [a]\n",
        ),
        (
            "comments between brackets",
            "source:\n  type: file\n  system: s\n  table: t\n  file: {path: a.csv}\n  run: {\n    # one\n    local_output_dir: o, # two\n    write_csv: true\n  } # three\n",
        ),
        (
            "a comment without a place",
            "source:\n  type: file\n  system: s\n  table: t\n  file: {path: a.csv}\n  run: {local_output_dir: o, s3_enabled: true, # gone\n    write_csv: true}\n",
        ),
        (
            "wide indentation",
            "source:\n      type: file\n      system: s\n      table: t\n      file:\n            path: a.csv\n      run:\n            local_output_dir: o\n            null_values:\n            - ''\n            - x\n",
        ),
        ("edition", "config_version: 2\nsource:\n  type: file\n  system: s\n  table: t\n  file: {path: a.csv}\n"),
        (
            "only a version is missing",
            "# c\nsources:\n  - source: {type: file, system: s, table: t, file: {path: a.csv}}\n",
        ),
        (
            "variables",
            "source:\n  type: file\n  system: ${A}\n  table: \"${A}t\"\n  file: {path: \"${A}.csv\"}\n  run:\n    local_output_dir: ${A:o}\n",
        ),
    ] {
        migrated(name, text);
    }
    let canonical =
        "config_version: 1 # c\nsources:\n  - source: {type: file, system: s, table: t, file: {path: a.csv}}\n";
    let done = migrate(canonical, false).unwrap();
    assert_eq!((done.text.as_str(), done.changes.len()), (canonical, 0));
    assert_eq!(
        migrate("platform: {bronze: {s3_bucket: b}}\n", true).unwrap().text,
        "platform: {bronze: {storage_backend: s3, bucket: b}}\n",
        "an overlay needs no version"
    );
}

#[test]
fn what_cannot_be_migrated_is_said_and_left_alone() {
    let found = |text: &str| -> Vec<String> {
        migrate(text, false)
            .unwrap_err()
            .iter()
            .map(|finding| format!("{} {}", finding.code, finding.message))
            .collect()
    };
    insta::assert_snapshot!(
        found("x-b: &b\n  s3_bucket: x\n  storage_backend: s3\nplatform:\n  bronze:\n    <<: *b\n    prefix: p\nsources: []\n").join("\n"),
        @"CFG049 the file cannot be migrated: `platform.bronze.s3_bucket` would stay in the old form, because an anchor shares it"
    );
    assert_eq!(found("source: {type: file}\nsources: []\n"), ["CFG024 `source` and `sources` stand beside each other"]);
    assert_eq!(found("a: [\n").len(), 1);
    assert_eq!(found("- a\n"), ["CFG011 the file is a list, not a mapping of keys to values"]);
    for harmless in ["", "# only a comment\n"] {
        assert!(migrate(harmless, true).is_ok(), "{harmless:?}");
    }
}

/// A fix of a single finding does what migration would do with it.
#[test]
fn fixes_of_foreign_keys_are_renames() {
    let text = "config_version: 1\nplatform:\n  bronze:\n    storage_backend: s3\n    s3_bucket: b\n    local_path: ./x\nsources:\n  - source:\n      type: db\n      system: s\n      table: t\n      db: {conn_str_env: X, base_query: q}\n";
    let file = read(text);
    let fixes: Vec<_> = file.diagnostics.iter().filter_map(|finding| finding.fix.as_ref()).collect();
    assert_eq!(fixes.len(), 4);
    let mut fixed = text.to_owned();
    for fix in fixes.iter().rev() {
        assert!(fix.safe);
        let edit = &fix.edits[0];
        fixed.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    assert_eq!(fixed, migrated("fixes", text));
    for finding in file.diagnostics.iter().filter(|finding| FOREIGN.contains(&finding.code.as_str())) {
        assert_eq!(finding.severity, Severity::Warning);
        let help = finding.help.as_deref().unwrap();
        assert!(help.contains("until 2.0"), "{help}");
    }
}

/// Every row that moves or renames a key is true: the key is read as the one it names.
#[test]
fn the_table_of_deprecations_says_where_keys_go() {
    let known = |path: &str| {
        let path = path.trim_start_matches("sources[].");
        let value = crate::config::schema::annotated();
        let mut forms = vec![value.clone()];
        let starts_in_entry = ["source", "silver"].contains(&path.split('.').next().unwrap_or_default());
        let whole = if starts_in_entry { format!("sources.{path}") } else { path.to_owned() };
        for key in whole.split('.') {
            forms = forms.iter().flat_map(|form| properties(value, form, key.trim_end_matches("[]"))).collect();
        }
        !forms.is_empty()
    };
    for row in DEPRECATIONS.iter().filter(|row| row.is_move()) {
        assert!(known(row.replacement), "{} → {}", row.path, row.replacement);
    }
}

fn properties(root: &serde_json::Value, form: &serde_json::Value, key: &str) -> Vec<serde_json::Value> {
    if let Some(reference) = form.get("$ref").and_then(|reference| reference.as_str()) {
        let target = root.pointer(reference.trim_start_matches('#'));
        return target.map(|target| properties(root, target, key)).unwrap_or_default();
    }
    let inner = form.get("anyOf").and_then(|forms| forms.as_array()).into_iter().flatten().chain(form.get("items"));
    let deeper = inner.flat_map(|form| properties(root, form, key));
    form.pointer(&format!("/properties/{key}")).cloned().into_iter().chain(deeper).collect()
}

/// The predecessor's 0 was one part of any length, in the single form and in the intent form alike.
#[test]
fn no_rows_to_a_part_meant_no_limit() {
    for (text, place) in [
        (
            "config_version: 1\nsource:\n  type: file\n  system: s\n  table: t\n  file: {path: a.csv}\n  run:\n    max_rows_per_file: 0 # one file\n",
            8,
        ),
        (
            "system: s\nentity: t\nbronze:\n  source_type: file\n  path_pattern: ./a.csv\n  options:\n    max_rows_per_file: 0 # one file\nsilver:\n  entity_kind: state\n  natural_keys: [id]\n  change_ts_column: changed_at\n",
            7,
        ),
    ] {
        let file = read(text);
        let found: Vec<_> =
            file.diagnostics.iter().filter(|finding| finding.message.contains("max_rows_per_file: 0")).collect();
        let [finding] = found[..] else { panic!("{:#?}", file.diagnostics) };
        assert_eq!((finding.code.as_str(), finding.severity), ("CFG070", Severity::Warning));
        assert_eq!(finding.span.map(|span| span.line), Some(place));
        assert!(finding.help.as_deref().is_some_and(|help| help.contains("until 2.0")), "{finding:?}");
        let dataset = &file.pipeline.unwrap().datasets[0];
        assert_eq!(dataset.bronze.max_rows_per_file, 1_000_000_000_000);
        let written = migrated("no limit", text);
        assert!(written.contains("max_rows_per_file: 1000000000000 # one file"), "{written}");
    }
    // The canonical form never had this meaning.
    let text = "config_version: 1\nsources:\n  - source: {type: file, system: s, table: t, file: {path: a.csv}, run: {max_rows_per_file: 0}}\n";
    assert!(read(text).diagnostics.iter().any(|finding| finding.code.as_str() == "CFG016"));
}
