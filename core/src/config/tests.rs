//! Loading as a whole: the shipped examples, the reference document's example, bad input.

use std::path::{Path, PathBuf};

use super::fixture::{check, check_file, load_one};
use super::settings::{Compression, FileFormat, Formats, LoadPattern, SilverModel, Source};
use super::{Loaded, load};
use crate::world::FixedEnvironment;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn load_plain(root: &Path, target: &str) -> Loaded {
    load(root, target, &FixedEnvironment::default())
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
    assert_eq!(pipeline.environment.as_deref(), Some("dev"));
    let names: Vec<&str> = pipeline.datasets.iter().map(|dataset| dataset.name.as_str()).collect();
    assert_eq!(names, ["flights", "airlines", "airports", "planes"]);
    let flights = &pipeline.datasets[0];
    let Source::File(source) = &flights.source;
    assert_eq!(source.path, root.join("configs/data/nycflights13/flights_{run_date}.csv"));
    assert_eq!(source.path_as_written, "./data/nycflights13/flights_{run_date}.csv");
    assert_eq!((source.format, source.delimiter, source.has_header), (Some(FileFormat::Csv), None, true));
    assert_eq!(source.encoding, "utf-8");
    assert_eq!(flights.bronze.root, root.join("configs/lake/bronze"));
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
];

#[test]
fn every_fixture_has_the_findings_written_in_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/fixtures");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        eprintln!("{}", path.display());
        let file = check_file(&path, VARIABLES);
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
        assert!(codes.iter().all(|code| ["CFG018", "CFG022", "CFG023"].contains(code)), "{:#?}", file.diagnostics);
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
