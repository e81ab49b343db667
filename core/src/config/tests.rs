//! Loading as a whole: the shipped examples, the reference document's example, bad input.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::fixture::{check, check_file, check_folder, load_one};
use super::settings::{Compression, FileFormat, Formats, LoadPattern, SilverModel, Source, StorageSettings};
use super::syntax::{Node, Value};
use super::{Loaded, load};
use crate::diagnostic::Severity;
use crate::world::FixedEnvironment;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn load_plain(root: &Path, target: &str) -> Loaded {
    load(root, target, None, &FixedEnvironment::default())
}

#[test]
fn every_shipped_configuration_is_without_findings() {
    let loaded = load_plain(&repository(), "configs");
    assert!(!loaded.files.is_empty());
    for file in &loaded.files {
        assert_eq!(file.diagnostics, [], "{}", file.display);
        assert!(file.pipeline.as_ref().is_some_and(|pipeline| !pipeline.datasets.is_empty()), "{}", file.display);
    }
}

#[test]
fn the_demo_configuration_becomes_settings() {
    let root = repository();
    let loaded = load_plain(&root, "configs/nycflights13.yaml");
    assert_eq!(loaded.root, root.join("configs"));
    let file = &loaded.files[0];
    assert_eq!(file.display, "configs/nycflights13.yaml");
    let pipeline = file.pipeline.as_ref().unwrap();
    let names: Vec<&str> = pipeline.datasets.iter().map(|dataset| dataset.name.as_str()).collect();
    assert_eq!(names, ["flights", "airlines", "airports", "planes"]);
    let flights = &pipeline.datasets[0];
    let Source::File(source) = &flights.source else { panic!("{:?}", flights.source) };
    assert_eq!(source.path, root.join("configs/data/nycflights13/flights_{run_date}.csv"));
    assert_eq!(source.path_as_written, "./data/nycflights13/flights_{run_date}.csv");
    assert_eq!((source.format, source.delimiter, source.has_header), (Some(FileFormat::Csv), None, true));
    assert_eq!(source.encoding, "utf-8");
    assert_eq!(flights.bronze.storage, StorageSettings::Local { root: root.join("configs/lake/bronze") });
    assert_eq!(flights.bronze.null_values, ["", "NA"]);
    assert_eq!(flights.bronze.load_pattern, LoadPattern::Full);
    assert_eq!(flights.bronze.formats, Formats { parquet: true, csv: false });
    assert_eq!(flights.bronze.compression, Compression::Snappy);
    assert_eq!((flights.bronze.max_rows_per_file, flights.bronze.max_file_size_bytes), (100_000, None));
    assert!(flights.bronze.use_dt_partition && flights.bronze.use_pattern_folder);
    assert_eq!(flights.bronze.timezone, chrono_tz::UTC);
    let silver = flights.silver.as_ref().unwrap();
    assert_eq!((silver.domain.as_str(), silver.entity.as_str(), silver.version), ("aviation", "flights", 1));
    assert_eq!((silver.model, silver.full_output_name.as_str()), (SilverModel::PeriodicSnapshot, "full_snapshot"));
    assert_eq!(silver.load_partition_name, "load_date");
    let airlines = pipeline.datasets[1].silver.as_ref().unwrap();
    assert_eq!(
        (airlines.model, airlines.primary_keys.as_slice()),
        (SilverModel::ScdType1, &["carrier".to_owned()][..])
    );
    assert_eq!(airlines.delete_guard_percent, Some(50.0));
}

#[test]
fn the_smallest_configuration() {
    let file = check(
        r"
config_version: 1
sources:
  - source: {type: file, system: s, table: t, file: {path: a.csv}}
",
    );
    assert_eq!(file.pipeline.unwrap().datasets[0].name, "s.t");
}

/// What variables mean in the fixtures; none of these values may be seen anywhere.
const VARIABLES: &[(&str, &str)] = &[
    ("DATA_DIR", "hunter2/data"),
    ("ROWS", "250"),
    ("WORD", "hunter2"),
    ("EMPTY", ""),
    ("YES", "true"),
    ("DAY", "2025-02-30-hunter2"),
    ("STORE_URL", "http://store.lan:9000"),
];

#[test]
fn every_fixture_has_the_findings_written_in_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/fixtures");
    let mut count = 0;
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let folders = std::fs::read_dir(folder.join("folders")).unwrap().map(|entry| entry.unwrap().path());
    let files = paths.into_iter().filter(|path| path.is_file());
    for path in files.chain(folders) {
        eprintln!("{}", path.display());
        let file = if path.is_dir() { check_folder(&path) } else { check_file(&path, VARIABLES) };
        for finding in &file.diagnostics {
            assert!(!format!("{finding:?}").contains("hunter2"), "{finding:?}");
            assert!(!finding.message.ends_with('.'), "{finding:?}");
            let said = finding.message.contains(" must be ") || finding.message.contains(" must not be ");
            assert!(said || finding.help.is_some(), "what to do: {finding:?}");
        }
        count += 1;
    }
    assert!(count >= 10, "{count}");
}

/// Its sections are known, also those that its `type` does not choose.
#[test]
fn every_section_of_the_canonical_example_is_known() {
    let text = include_str!("fixtures/canonical.yaml");
    for kind in ["db", "file"] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("c.yaml"), text.replace("type: api ", &format!("type: {kind} "))).unwrap();
        let file = load_one(folder.path(), "c.yaml", &[]);
        let codes: Vec<&str> = file.diagnostics.iter().map(|finding| finding.code.as_str()).collect();
        // Of the query, `?` is the cursor of an incremental extract that the example does not describe.
        let deserved: &[&str] =
            if kind == "db" { &["CFG022", "CFG023", "CFG024", "CFG034"] } else { &["CFG022", "CFG023", "CFG024"] };
        assert!(codes.iter().all(|code| deserved.contains(code)), "{:#?}", file.diagnostics);
    }
}

/// Files that use every key of the language, and resolve.
#[test]
fn complete_configurations_have_no_errors_and_resolve() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/fixtures/complete");
    let mut used = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("c.yaml"), &text).unwrap();
        let file = load_one(place.path(), "c.yaml", VARIABLES);
        let found: Vec<_> = file.diagnostics.iter().filter(|finding| finding.severity != Severity::Info).collect();
        assert!(found.is_empty(), "{}: {found:#?}", path.display());
        let pipeline = file.pipeline.unwrap();
        assert_eq!(pipeline.datasets.len(), text.matches("source:").count(), "{}", path.display());
        assert_eq!(pipeline.join.is_some(), text.contains("silver_join"), "{}", path.display());
        assert!(!format!("{pipeline:?}").contains("hunter2"), "{}", path.display());
        let (root, _) = super::syntax::parse(&super::text::Source::new(&text));
        collect_keys(&root.unwrap(), "", &mut used);
    }
    let mut unused = Vec::new();
    super::schema::keys(&mut |path, schema| {
        let known = ["datasets", "extends"].contains(&path) || schema.get("x-replaced-by").is_some();
        if !known && !used.contains(&plain(path)) {
            unused.push(plain(path));
        }
    });
    assert!(unused.is_empty(), "keys that no complete configuration uses: {unused:#?}");
}

/// The complete configuration of this name.
fn complete(name: &str) -> super::settings::Pipeline {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/fixtures/complete");
    load_one(&folder, name, VARIABLES).pipeline.unwrap()
}

fn source<'p>(pipeline: &'p super::settings::Pipeline, name: &str) -> &'p Source {
    &pipeline.datasets.iter().find(|dataset| dataset.name == name).unwrap().source
}

/// What each open meaning was settled to, one line each.
#[test]
fn sources_of_every_kind_become_settings() {
    let api = complete("api.yaml");
    let Source::Api(orders) = source(&api, "orders") else { panic!() };
    assert_eq!((orders.base_url.as_str(), &orders.endpoint[..4]), ("https://api.example.com", "/v1/"));
    assert_eq!(orders.headers["X-Trace"].reveal(), "hunter2", "the request gets it, nobody else");
    assert_eq!(orders.params["size"].reveal(), "5");
    let shown = |name: &str| match source(&api, name) {
        Source::Api(api) => serde_json::json!([api.auth, api.pagination.kind]).to_string(),
        other => panic!("{other:?}"),
    };
    insta::assert_snapshot!(
        ["orders", "by_key", "by_password", "by_password_in_one"].map(shown).join("\n"),
        @r##"
        [{"auth_type":"bearer","token":"SHOP_TOKEN","header":"X-Token","scheme":"Token"},{"type":"cursor","from":{"body":"meta.next"},"param":"after","limit_param":"per_page","page_size":50}]
        [{"auth_type":"api_key","key":"SHOP_KEY","place":{"query":{"param":"api_key"}}},{"type":"page","page_param":"p","limit_param":"page_size","page_size":100,"start_page":0}]
        [{"auth_type":"basic","credentials":{"apart":{"user":"SHOP_USER","password":"SHOP_PASSWORD"}}},{"type":"keyset","field":"id","param":"since_id","limit_param":null,"page_size":100}]
        [{"auth_type":"basic","credentials":{"joined":"SHOP_LOGIN"}},{"type":"one"}]
        "##
    );
    let conduct = &api.datasets[0].conduct;
    assert_eq!((conduct.timeout_seconds, conduct.deadline_seconds), (20.0, Some(3600)), "a request, and the whole");
    assert_eq!((conduct.pages_in_flight, conduct.rate_limit_burst), (5, 5));
    let db = complete("db.yaml");
    let address = |name: &str| match source(&db, name) {
        Source::Db(db) => format!("{:?} {:?}", db.driver, db.address),
        other => panic!("{other:?}"),
    };
    insta::assert_snapshot!(
        ["by_query", "by_table", "by_cursor", "by_connection_string"].map(address).join("\n"),
        @r##"
        Some(Postgres) Server { host: Variable(EnvVar("CRM_HOST")), port: Variable(EnvVar("CRM_PORT")), user: EnvVar("CRM_USER"), password: EnvVar("CRM_PASSWORD"), database: Some("crm") }
        Some(Mysql) Server { host: Given("localhost"), port: Given(3307), user: EnvVar("SHOP_USER"), password: EnvVar("SHOP_PASSWORD"), database: Some("shop") }
        Some(SqlServer) Server { host: Variable(EnvVar("CRM_SERVER")), port: Variable(EnvVar("CRM_PORT")), user: EnvVar("DB_USER"), password: EnvVar("DB_PASSWORD"), database: None }
        None Dsn(EnvVar("CRM_DSN"))
        "##
    );
    let boundary = |name: &str| match source(&db, name) {
        Source::Db(db) => db.incremental.as_ref().unwrap().boundary_keys.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(boundary("by_cursor"), ["id"], "the keys of Silver, as the source calls them");
    let Source::Custom(program) = source(&db, "by_program") else { panic!() };
    insta::assert_snapshot!(format!("{:?}", program.program), @r##"
        Command(["tap-github", "--config", "my tap.json"])
        "##);
}

#[test]
fn stores_of_every_kind_become_settings() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/fixtures/complete");
    let layers = |name: &str| {
        let pipeline = complete(name);
        let dataset = &pipeline.datasets[0];
        let both = [Some(&dataset.bronze.storage), dataset.silver.as_ref().map(|silver| &silver.storage)];
        let shown: Vec<String> = both.into_iter().flatten().map(|storage| format!("{storage:?}")).collect();
        shown.join("\n").replace(&folder.display().to_string(), "HERE")
    };
    let all = ["s3.yaml", "clouds.yaml", "azure.yaml", "azure_key.yaml", "gcs.yaml"].map(layers).join("\n");
    assert!(!all.contains("hunter2"));
    insta::assert_snapshot!(all, @r##"
        S3 { bucket: "raw", connection: S3Connection { endpoint: Some(Given("http://localhost:9000")), region: Some("eu-west-1"), access_key: EnvVar("MINIO_KEY"), secret_key: EnvVar("MINIO_SECRET"), session_token: Some(EnvVar("MINIO_TOKEN")), profile: None, anonymous: false, path_style: true, verify_tls: false, ca_file: Some("HERE/certs/ca.pem") }, scratch: "HERE/scratch" }
        S3 { bucket: "curated", connection: S3Connection { endpoint: Some(Variable(EnvVar("STORE_URL"))), region: Some("us-east-1"), access_key: EnvVar("AWS_ACCESS_KEY_ID"), secret_key: EnvVar("AWS_SECRET_ACCESS_KEY"), session_token: Some(EnvVar("AWS_SESSION_TOKEN")), profile: Some("analytics"), anonymous: false, path_style: true, verify_tls: true, ca_file: None }, scratch: "HERE/silver_output" }
        Azure { container: "raw", connection: AzureConnection { account: Some(Variable(EnvVar("LAKE_ACCOUNT"))), account_url: Some("http://127.0.0.1:10000/devstoreaccount1"), credential: ManagedIdentity { client_id: None }, hierarchical_namespace: Some(true) }, scratch: "HERE/output" }
        Gcs { bucket: "curated", connection: GcsConnection { credentials: Some(Given("HERE/key.json")), anonymous: false, endpoint: None }, scratch: "HERE/silver_output" }
        Azure { container: "raw", connection: AzureConnection { account: None, account_url: None, credential: ConnectionString(EnvVar("AZURE_STORAGE_CONNECTION_STRING")), hierarchical_namespace: None }, scratch: "HERE/output" }
        Azure { container: "curated", connection: AzureConnection { account: Some(Given("mylake")), account_url: None, credential: Sas(EnvVar("LAKE_SAS")), hierarchical_namespace: None }, scratch: "HERE/silver_output" }
        Azure { container: "raw", connection: AzureConnection { account: Some(Given("mylake")), account_url: None, credential: AccountKey(EnvVar("LAKE_KEY")), hierarchical_namespace: None }, scratch: "HERE/output" }
        Gcs { bucket: "raw", connection: GcsConnection { credentials: Some(Given("HERE/key.json")), anonymous: false, endpoint: None }, scratch: "HERE/output" }
        "##);
}

#[test]
fn entity_kinds_become_models() {
    let pipeline = complete("silver.yaml");
    let silver = |name: &str| {
        let silver = pipeline.datasets.iter().find(|dataset| dataset.name == name)?.silver.as_ref()?;
        Some((silver.model, silver.output_names().join(" "), silver.primary_keys.clone(), silver.order_columns.clone()))
    };
    let row = |model, outputs: &str, order: &str| {
        Some((model, outputs.to_owned(), vec!["id".to_owned()], vec![order.to_owned()]))
    };
    assert_eq!(silver("history"), row(SilverModel::ScdType2, "now past", "at"));
    assert_eq!(silver("events"), row(SilverModel::Event, "happenings", "occurred_at"));
    assert_eq!(silver("states"), row(SilverModel::ScdType1, "current", "changed_at"));
    assert_eq!(silver("not_promoted"), None);
}

/// Sections that stand in several places are the same in each.
fn plain(path: &str) -> String {
    let path = path.replace("[]", "").replace("api.parent.pagination", "api.pagination");
    ["s3", "azure", "gcs"].iter().fold(path, |path, kind| {
        let own = format!("{kind}_connection");
        match path.split_once(&own) {
            Some((before, after)) if before.len() > "platform.".len() && !after.is_empty() => {
                format!("platform.{own}{after}")
            }
            _ => path,
        }
    })
}

fn collect_keys(node: &Node, path: &str, used: &mut BTreeSet<String>) {
    match &node.value {
        Value::Mapping(entries) => {
            for entry in entries {
                let here = if path.is_empty() { entry.key.clone() } else { format!("{path}.{}", entry.key) };
                used.insert(plain(&here));
                collect_keys(&entry.node, &here, used);
            }
        }
        Value::Sequence(items) => items.iter().for_each(|item| collect_keys(item, path, used)),
        Value::Scalar(_) => {}
    }
}

#[test]
fn the_published_schema_is_fresh() {
    let path = repository().join("configs/schema/medallion.schema.json");
    #[expect(clippy::disallowed_methods, reason = "how a developer asks for the file to be written")]
    if std::env::var("UPDATE_EXPECT").is_ok() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, super::schema::text()).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == super::schema::text(),
        "run `cargo xtask codegen`, or this test with UPDATE_EXPECT=1, to write {}",
        path.display()
    );
}

fn write(root: &Path, name: &str, text: &str) {
    std::fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
    std::fs::write(root.join(name), text).unwrap();
}

/// `file: line:column code message` of all findings.
fn findings(loaded: &Loaded) -> Vec<String> {
    let each = |file: &super::LoadedFile| {
        let lines = file.diagnostics.iter().map(|finding| {
            let place = finding.span.map_or_else(String::new, |span| format!("{}:{} ", span.line, span.column));
            format!("{}: {place}{} {}", finding.file, finding.code, finding.message)
        });
        lines.collect::<Vec<_>>()
    };
    loaded.files.iter().flat_map(each).collect()
}

fn names(loaded: &Loaded) -> Vec<&str> {
    loaded
        .files
        .iter()
        .flat_map(|file| &file.pipeline)
        .flat_map(|pipeline| &pipeline.datasets)
        .map(|dataset| dataset.name.as_str())
        .collect()
}

#[test]
fn every_key_of_this_version_reaches_the_settings() {
    let file = check(
        r#"
config_version: 1
platform:
  bronze:
    storage_backend: local
    output_dir: ../lake/./bronze
    prefix: /raw/in/
    output_defaults: {allow_csv: true, max_file_size_mb: 2, parquet_compression: gzip}
    partitioning: {use_dt_partition: true, use_pattern_folder: false}
  silver: {output_dir: /abs/silver, prefix: curated, output_defaults: {parquet_compression: zstd}}
sources:
  - name: all
    source:
      type: file
      system: sys
      table: tab
      file:
        path: /in/{run_date}.txt
        format: CSV
        delimiter: "\t"
        encoding: Latin1
        has_header: false
        fieldnames: [a, b]
        columns: [b]
        limit_rows: 0x10
      run:
        load_pattern: cdc
        max_rows_per_file: 7
        max_file_size_mb: 0.5
        write_parquet: true
        write_csv: true
        parquet_compression: Brotli
        schema: {a: INT, b: "Decimal(10, 2)"}
        null_values: []
        timezone: Europe/Berlin
    silver:
      domain: d
      entity: e
      version: 3
      model: scd_type_1
      primary_keys: a
      order_column: [b, c]
      cdc: {operation_column: op, delete_codes: [X, Del]}
      soft_delete_column: gone
      delete_guard_percent: off
      rulings: {2025-01-02: accept, 2025-01-03: Skip}
      write_csv: true
      load_partition_name: day
      include_pattern_folder: true
      partitioning: {columns: region}
      current_output_name: now
      schema: {rename_map: {x: y}, column_order: [y, a]}
      normalization: {trim_strings: true, empty_strings_as_null: true}
      error_handling: {enabled: true, max_bad_records: 5, max_bad_percent: 1.5}
      require_checksum: true
"#,
    );
    let dataset = file.pipeline.unwrap().datasets.remove(0);
    let folder = file.path.parent().unwrap();
    let local = |root: PathBuf| StorageSettings::Local { root };
    assert_eq!(dataset.bronze.storage, local(folder.parent().unwrap().join("lake/bronze")));
    assert_eq!(dataset.silver.as_ref().unwrap().storage, local("/abs/silver".into()));
    let Source::File(source) = &dataset.source else { panic!("{:?}", dataset.source) };
    assert_eq!(source.path, Path::new("/in/{run_date}.txt"));
    let all = serde_json::json!({ "source": dataset.source, "bronze": dataset.bronze, "silver": dataset.silver });
    insta::assert_snapshot!(serde_json::to_string_pretty(&all).unwrap(), @r##"
        {
          "source": {
            "type": "file",
            "path_as_written": "/in/{run_date}.txt",
            "format": "csv",
            "delimiter": 9,
            "encoding": "Latin1",
            "has_header": false,
            "fieldnames": [
              "a",
              "b"
            ],
            "json_path": null,
            "columns": [
              "b"
            ],
            "limit_rows": 16
          },
          "bronze": {
            "prefix": "raw/in",
            "load_pattern": "cdc",
            "use_pattern_folder": false,
            "use_dt_partition": true,
            "partition_strategy": "date",
            "formats": {
              "parquet": true,
              "csv": true
            },
            "compression": "brotli",
            "max_rows_per_file": 7,
            "max_file_size_bytes": 524288,
            "schema": {
              "a": "integer",
              "b": {
                "decimal": {
                  "precision": 10,
                  "scale": 2
                }
              }
            },
            "null_values": [],
            "timezone": "Europe/Berlin"
          },
          "silver": {
            "prefix": "curated",
            "domain": "d",
            "entity": "e",
            "version": 3,
            "model": "scd_type_1",
            "entity_kind": null,
            "input_mode": "append_log",
            "delete_mode": null,
            "schema_mode": "allow_new_columns",
            "attributes": [],
            "event_ts_column": null,
            "change_ts_column": null,
            "validity": {
              "from": "effective_from",
              "to": "effective_to",
              "current": "is_current"
            },
            "load_partition_name": "day",
            "include_pattern_folder": true,
            "full_output_name": "full_snapshot",
            "cdc_output_name": "cdc_changes",
            "current_output_name": "now",
            "history_output_name": "history",
            "events_output_name": "events",
            "formats": {
              "parquet": true,
              "csv": true
            },
            "compression": "zstd",
            "partition_columns": [
              "region"
            ],
            "primary_keys": [
              "a"
            ],
            "order_columns": [
              "b",
              "c"
            ],
            "rename_map": {
              "x": "y"
            },
            "column_order": [
              "y",
              "a"
            ],
            "trim_strings": true,
            "empty_strings_as_null": true,
            "error_handling": {
              "enabled": true,
              "max_bad_records": 5,
              "max_bad_percent": 1.5
            },
            "cdc": {
              "operation_column": "op",
              "insert_codes": [
                "i",
                "c",
                "r",
                "insert"
              ],
              "update_codes": [
                "u",
                "update"
              ],
              "delete_codes": [
                "x",
                "del"
              ]
            },
            "soft_delete_column": "gone",
            "ignore_changes": [],
            "delete_guard_percent": null,
            "rulings": {
              "2025-01-02": "accept",
              "2025-01-03": "skip"
            },
            "require_checksum": true,
            "expect": []
          }
        }
        "##);
}

#[test]
fn only_datasets_with_errors_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = |name: &str, more: &str| {
        format!("  - name: {name}\n    source: {{type: file, system: s, table: {name}, file: {{path: a.csv}}}}\n{more}")
    };
    let head = "config_version: 1\nplatform: {silver: {storage_backend: s4}}\nsources:\n";
    let text = [
        head,
        &dataset("bronze_only", ""),
        &dataset("wrong", "    silver_: {}\n"),
        &dataset("with_silver", "    silver: {}\n"),
        &dataset("last", ""),
    ]
    .concat();
    write(folder.path(), "a.yaml", &text);
    assert_eq!(names(&load_plain(folder.path(), "a.yaml")), ["bronze_only", "last"]);
    write(folder.path(), "a.yaml", &text.replace("silver: {storage", "bronze: {storage"));
    assert!(names(&load_plain(folder.path(), "a.yaml")).is_empty());
    write(folder.path(), "a.yaml", &text.replace("config_version: 1", "verion: 1"));
    assert!(names(&load_plain(folder.path(), "a.yaml")).is_empty());
}

#[test]
fn a_workspace_is_all_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let one = |name: &str, table: &str| {
        format!(
            "config_version: 1\nsources:\n  - name: {name}\n    source: {{type: file, system: s, table: {table}, file: {{path: a.csv}}}}\n"
        )
    };
    write(root, "ws/b.yaml", &one("b", "t"));
    write(root, "ws/a.yml", &one("a", "t"));
    write(root, "ws/team/c.yaml", &one("c", "t"));
    write(root, "ws/broken.yaml", "a: [");
    write(root, "ws/templates/t.yaml", "not: loaded");
    let loaded = load_plain(root, "ws");
    assert_eq!(loaded.root, root.join("ws"));
    let files: Vec<&str> = loaded.files.iter().map(|file| file.display.as_str()).collect();
    assert_eq!(files, ["ws/a.yml", "ws/b.yaml", "ws/broken.yaml", "ws/team/c.yaml"]);
    // Two files of one folder share the default output; the one below has its own.
    assert_eq!(names(&loaded), ["a", "c"]);
    let found = findings(&loaded);
    assert_eq!(
        found[0],
        "ws/b.yaml: 4:44 CFG020 the Bronze of this dataset is at the same path as that of a dataset in `ws/a.yml`"
    );
    assert!(found[1].starts_with("ws/broken.yaml: ") && found.len() == 2, "{found:#?}");
    assert_eq!(names(&load_plain(root, "ws/b.yaml")), ["b"], "alone it has no rival");
    assert_eq!(load_plain(&root.join("ws"), "").files[0].display, "a.yml");
    assert_eq!(load_plain(root, root.join("ws/b.yaml").to_str().unwrap()).files[0].display, "ws/b.yaml");
    assert_eq!(load_plain(&root.join("ws/team"), "../b.yaml").files[0].path, root.join("ws/b.yaml"));
}

#[test]
fn variables_come_from_the_environment_then_from_env_files() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let text = "config_version: 1\nsources:\n  - source: {type: file, system: \"${A}-${B}-${C}\", table: t, file: {path: a.csv}}\n";
    write(root, "sub/a.yaml", text);
    write(root, "sub/.env", "A=file\nB=file\nwrong line with hunter2\n");
    write(root, ".env", "B=root\nC=root\n");
    let environment = FixedEnvironment([("A".into(), "process".into())].into());
    let loaded = load(root, "sub/a.yaml", None, &environment);
    let system = |loaded: &Loaded| loaded.files[0].pipeline.as_ref().unwrap().datasets[0].system.clone();
    assert_eq!(system(&loaded), "process-file-root");
    assert_eq!(names(&loaded), ["${A}-${B}-${C}.t"], "the name holds no value of a variable");
    assert_eq!(findings(&loaded), ["sub/.env: CFG019 `sub/.env` has a line 3 that is not `NAME=value`"]);
    std::fs::remove_file(root.join("sub/.env")).unwrap();
    let loaded = load(root, "sub/a.yaml", None, &environment);
    assert_eq!(system(&loaded), "process-root-root");
    std::fs::write(root.join(".env"), b"\xff").unwrap();
    assert_eq!(findings(&load(root, "sub/a.yaml", None, &environment)).len(), 3);
}
