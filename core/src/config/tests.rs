//! Loading as a whole: the shipped examples, the reference document's example, bad input.

use std::path::{Path, PathBuf};

use super::fixture::check;
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
