//! What stands stands: layouts that change, partitions inside each other's folders, widening while
//! others sweep, damage that is mended.

#![expect(clippy::expect_used, clippy::panic, reason = "a failed expectation is what a test reports")]

use medallion_core::api::Engine;
use medallion_core::api::wire::{
    DatasetRef, Layer, Outcome, PartitionRef, PartitionsRequest, RowsOf, RowsRequest, RunRequest, Target,
};
use medallion_core::world::{FixedClock, World};
use medallion_tests::Project;
use medallion_tests::lake::{Lake, text};

const SNAPSHOT: &str = "model: periodic_snapshot";
const KEYED: &str = "model: scd_type_1\nprimary_keys: [k]";

fn parts(project: &Project) -> Vec<String> {
    project.files("bronze").into_iter().filter(|file| file.contains("/part-")).collect()
}

#[test]
fn a_partition_without_date_folder_leaves_dated_ones_alone() {
    let project = Project::empty();
    let config = |partitioning: &str| {
        format!(
            "config_version: 1
platform:
  bronze: {{storage_backend: local, output_dir: ./bronze, partitioning: {partitioning}}}
sources:
  - source: {{type: file, system: s, table: t, file: {{path: ./t.csv}}, run: {{load_pattern: full}}}}
"
        )
    };
    project.write("t.csv", "k\n1\n");
    project.write("t.yaml", config("{}"));
    for day in ["2025-01-01", "2025-01-02"] {
        drop(project.medallion(&["bronze", "t.yaml", "--date", day]).ended(0));
    }
    let dated = parts(&project);
    assert_eq!(dated.len(), 2);
    project.write("t.yaml", config("{use_dt_partition: false, use_pattern_folder: false}"));
    drop(project.medallion(&["bronze", "t.yaml", "--date", "2025-01-03"]).ended(0));
    let now = parts(&project);
    assert!(dated.iter().all(|part| now.contains(part)), "{now:#?}");
    assert_eq!(now.len(), 3);
}

#[test]
fn a_copied_partition_folder_counts_for_nothing() {
    let lake = Lake::new("", SNAPSHOT);
    lake.land("full", "2025-01-01", "k|1");
    let from = lake.project().path("bronze/system=s/table=t/pattern=full/dt=2025-01-01");
    let to = lake.project().path("bronze/system=s/table=t/pattern=full/dt=2025-01-01.bak");
    for folder in ["", "_commits"] {
        std::fs::create_dir_all(to.join(folder)).expect("a folder");
        for entry in
            std::fs::read_dir(from.join(folder)).expect("a partition").flatten().filter(|entry| entry.path().is_file())
        {
            std::fs::copy(entry.path(), to.join(folder).join(entry.file_name())).expect("a copy");
        }
    }
    lake.promote("full", "2025-01-01");
    assert_eq!(lake.silver("full", "2025-01-01"), "k=1");
}

#[test]
fn a_damaged_part_is_mended_by_landing_again() {
    let lake = Lake::new("", SNAPSHOT);
    lake.land("full", "2025-01-01", "k|1|2");
    let part = parts(lake.project()).remove(0);
    let path = lake.project().path(&part);
    let mut bytes = std::fs::read(&path).expect("a part");
    bytes[10] ^= 0xFF;
    std::fs::write(&path, bytes).expect("a part");
    lake.land("full", "2025-01-01", "k|1|2");
    assert_eq!(lake.bronze("full", "2025-01-01"), "k=1 | k=2");
    assert_eq!(parts(lake.project()).len(), 1);
}

/// Damages a commit file.
fn damage(project: &Project, path: &str) {
    project.write(path, "{\"format\": 1, \"vers");
}

#[test]
fn a_damaged_commit_hides_no_other_partition_and_a_run_mends_it() {
    let lake = Lake::new("", KEYED);
    for (day, csv) in [("2025-01-01", "k,v|1,a|2,b"), ("2025-01-02", "k,v|1,a|2,c"), ("2025-01-03", "k,v|1,d|2,c")] {
        lake.land("full", day, csv);
        lake.promote("full", day);
    }
    damage(lake.project(), "bronze/system=s/table=t/pattern=full/dt=2025-01-02/_commits/1.json");
    let target = Target::at("full.yaml");
    let listed = lake.engine().list_datasets(target.clone()).expect("a list");
    let dataset = &listed.datasets[0];
    assert_eq!(
        dataset.bronze.as_ref().and_then(|state| state.date).map(|date| date.to_string()),
        Some("2025-01-03".into())
    );
    assert!(dataset.attention.iter().any(|note| note.code.as_deref() == Some("STG014")), "{:?}", dataset.attention);
    let of = DatasetRef { target, dataset: "t".into() };
    let page = |layer| {
        let request = PartitionsRequest { of: of.clone(), layer, offset: 0, limit: 10 };
        let page = lake.engine().list_partitions(request).expect("a page");
        page.partitions.iter().map(|one| (one.rows.0, one.unreadable.is_some())).collect::<Vec<_>>()
    };
    assert_eq!(page(Layer::Bronze), [(2, false), (0, true), (2, false)]);
    assert_eq!(lake.bronze("full", "2025-01-02"), "STG014");
    // What came before it can be promoted; what would need it is refused, and Silver stays.
    assert_eq!(lake.promote("full", "2025-01-01").outcome, Outcome::Unchanged);
    let refused = lake.promote("full", "2025-01-03").error.expect("a refusal");
    assert_eq!(refused.code.as_str(), "STG014");
    assert!(refused.hint.is_some_and(|hint| hint.contains("2025-01-02")));
    assert_eq!(lake.silver("full", "2025-01-03"), "k=1 v=d | k=2 v=c");
    // The cure that the hint names.
    lake.land("full", "2025-01-02", "k,v|1,a|2,c");
    assert_eq!(page(Layer::Bronze), [(2, false), (2, false), (2, false)]);
    assert_eq!(lake.promote("full", "2025-01-03").outcome, Outcome::Unchanged, "the same content, the same load");
    assert_eq!(parts(lake.project()).len(), 3, "parts of the version nobody can read are cleared");

    damage(lake.project(), "silver/domain=d/entity=e/v1/_loads/load_date=2025-01-02/_commits/1.json");
    assert_eq!(page(Layer::Silver), [(2, false), (0, true), (2, false)]);
    assert_eq!(lake.promote("full", "2025-01-02").outcome, Outcome::Written);
    assert_eq!(lake.silver("full", "2025-01-02"), "k=1 v=a | k=2 v=c");
}

#[test]
fn widening_keeps_its_sign_of_life() {
    let lake = Lake::new("max_rows_per_file: 100", SNAPSHOT);
    let rows: String =
        (0..1500).map(|row| row.to_string()).chain(["x".to_owned()]).fold("k".into(), |csv, row| csv + "|" + &row);
    lake.land("full", "2025-01-01", &rows);
    assert_eq!(lake.bronze("full", "2025-01-01").matches("k=").count(), 1501);
    assert_eq!(parts(lake.project()).len(), 16);
}

#[test]
fn another_model_on_a_standing_path_is_refused() {
    let mut lake = Lake::new("", SNAPSHOT);
    lake.land("full", "2025-01-01", "k|1");
    lake.promote("full", "2025-01-01");
    lake.set_silver(KEYED);
    let step = lake.promote("full", "2025-01-01");
    assert_eq!(step.error.map(|error| error.code.to_string()).as_deref(), Some("STG015"));
    assert_eq!(step.outcome, Outcome::Failed);
}

#[test]
fn the_second_change_of_a_day_wins_with_several_order_columns_too() {
    let lake = Lake::new("", "model: scd_type_1\nprimary_keys: [k]\norder_column: [t, n]");
    lake.land("full", "2025-01-01", "k,t,n,v|a,2025-01-01,1,full");
    lake.land("cdc", "2025-01-01", "k,t,n,v|a,2025-01-01,2,change");
    lake.promote("cdc", "2025-01-01");
    assert_eq!(lake.silver("cdc", "2025-01-01"), "k=a t=2025-01-01 n=2 v=change");
}

#[test]
fn text_is_no_order_in_any_place_and_a_missing_operation_column_is_said() {
    let lake = Lake::new("", "model: scd_type_1\nprimary_keys: [k]\norder_column: [n, s]");
    lake.land("cdc", "2025-01-01", "k,n,s|a,1,x9|a,1,x10");
    let code = |lake: &Lake| lake.promote("cdc", "2025-01-01").error.map(|error| error.code.to_string());
    assert_eq!(code(&lake).as_deref(), Some("VAL013"));
    let lake = Lake::new("", "model: scd_type_1\nprimary_keys: [k]\ncdc: {operation_column: opp}");
    lake.land("cdc", "2025-01-01", "k,op|a,D");
    assert_eq!(code(&lake).as_deref(), Some("VAL012"));
}

#[test]
fn a_full_of_unusable_rows_deletes_nothing() {
    let lake = Lake::new("", &format!("{KEYED}\nerror_handling: {{enabled: true}}"));
    lake.land("full", "2025-01-01", "k,v|a,1|b,1");
    lake.land("full", "2025-01-02", "k,v|,1|,2");
    assert_eq!(lake.promote("full", "2025-01-02").error.map(|error| error.code.to_string()).as_deref(), Some("VAL011"));
}

/// A dataset whose Bronze has several partitions a day, with a clock that can be set.
struct Clocked {
    project: Project,
    partitioning: &'static str,
    run: &'static str,
    silver: &'static str,
}

impl Clocked {
    fn run(&self, at: &str, csv: &str) -> medallion_core::api::wire::RunReport {
        self.project.write("t.csv", format!("{}\n", csv.replace('|', "\n")));
        self.engine(at)
            .run(
                RunRequest {
                    target: self.target(),
                    date: Some("2025-03-01".parse().expect("a date")),
                    ..RunRequest::default()
                },
                &mut |_| {},
            )
            .unwrap_or_else(|error| panic!("{error:#?}"))
    }

    fn engine(&self, at: &str) -> Engine {
        let clock = FixedClock(at.parse().expect("an instant"));
        Engine::open(self.project.path(""), World::real().with_clock(clock))
    }

    fn target(&self) -> Target {
        let text = format!(
            "config_version: 1
platform:
  bronze: {{storage_backend: local, output_dir: ./bronze, partitioning: {{{}}}}}
  silver: {{storage_backend: local, output_dir: ./silver}}
sources:
  - name: t
    source:
      {{type: file, system: s, table: t, file: {{path: ./t.csv}}, run: {{timezone: Europe/Berlin, {}}}}}
    silver: {{domain: d, entity: e, {}}}
",
            self.partitioning, self.run, self.silver
        );
        self.project.write("t.yaml", text);
        Target::at("t.yaml")
    }

    fn ids(&self, layer: Layer) -> Vec<String> {
        let of = DatasetRef { target: self.target(), dataset: "t".into() };
        let request = PartitionsRequest { of, layer, offset: 0, limit: 100 };
        let page = self.engine("2025-03-02T00:00:00Z").list_partitions(request).expect("partitions");
        page.partitions.into_iter().map(|partition| partition.id).collect()
    }

    fn silver(&self) -> String {
        let of = DatasetRef { target: self.target(), dataset: "t".into() };
        let of = PartitionRef::new(of, Layer::Silver, "load_date=2025-03-01");
        let request = RowsRequest::window(RowsOf::table(of, ""), 0, 100);
        text(&self.engine("2025-03-02T00:00:00Z").rows(request).unwrap_or_else(|error| panic!("{error:#?}")))
    }
}

fn outcomes(report: &medallion_core::api::wire::RunReport) -> Vec<Outcome> {
    for step in &report.steps {
        assert!(step.error.is_none(), "{step:#?}");
    }
    report.steps.iter().map(|step| step.outcome).collect()
}

#[test]
fn hours_of_a_day_are_partitions_of_their_own_and_one_days_input() {
    let lake = Clocked {
        project: Project::empty(),
        partitioning: "partition_strategy: hourly",
        run: "load_pattern: cdc",
        silver: "model: scd_type_1, primary_keys: [k]",
    };
    assert_eq!(outcomes(&lake.run("2025-03-01T22:10:00Z", "k,v|1,a|2,a")), [Outcome::Written; 2]);
    assert_eq!(outcomes(&lake.run("2025-03-01T07:59:59Z", "k,v|1,b|3,b")), [Outcome::Written; 2]);
    // The same hour again: nothing new, then other rows in the place of the former.
    assert_eq!(outcomes(&lake.run("2025-03-01T07:00:00Z", "k,v|1,b|3,b")), [Outcome::Unchanged; 2]);
    assert_eq!(outcomes(&lake.run("2025-03-01T07:30:00Z", "k,v|1,c|3,c")), [Outcome::Written; 2]);
    // The hours are those of the dataset's zone; what arrived last in the day wins.
    let day = "pattern=cdc/dt=2025-03-01";
    assert_eq!(lake.ids(Layer::Bronze), [format!("{day}/hour=23"), format!("{day}/hour=08")]);
    assert_eq!(lake.silver(), "k=1 v=a | k=2 v=a | k=3 v=c");
}

#[test]
fn of_several_whole_extracts_of_a_day_the_last_stands_for_it() {
    for silver in ["model: periodic_snapshot", "model: scd_type_1, primary_keys: [k], delete_guard_percent: off"] {
        let lake = Clocked {
            project: Project::empty(),
            partitioning: "partition_strategy: timestamp",
            run: "load_pattern: full",
            silver,
        };
        drop(lake.run("2025-03-01T08:05:00Z", "k,v|1,a|2,a"));
        drop(lake.run("2025-03-01T08:06:00Z", "k,v|1,b"));
        let day = "pattern=full/dt=2025-03-01";
        assert_eq!(
            lake.ids(Layer::Bronze),
            [format!("{day}/batch=20250301_0906"), format!("{day}/batch=20250301_0905")]
        );
        assert_eq!(lake.silver(), "k=1 v=b", "{silver}");
    }
}

#[test]
fn extracts_have_names_and_pattern_folders_have_texts_of_their_own() {
    let lake = Clocked {
        project: Project::empty(),
        partitioning: "partition_strategy: batch_id",
        run: "load_pattern: cdc, pattern_folder: deltas 2025, batch_id: morning run",
        silver: "model: scd_type_1, primary_keys: [k]",
    };
    assert_eq!(outcomes(&lake.run("2025-03-01T08:05:00Z", "k,v|1,a|2,a")), [Outcome::Written; 2]);
    assert_eq!(outcomes(&lake.run("2025-03-01T09:05:00Z", "k,v|1,a|2,a")), [Outcome::Unchanged; 2]);
    let unnamed = Clocked { run: "load_pattern: cdc, pattern_folder: deltas 2025", ..lake };
    // Bytewise, digits come before letters, so what the named extract said still stands.
    let later = outcomes(&unnamed.run("2025-03-01T10:05:00Z", "k,v|1,b"));
    assert_eq!(later, [Outcome::Written, Outcome::Unchanged]);
    let ids = unnamed.ids(Layer::Bronze);
    assert_eq!(ids.len(), 2, "{ids:#?}");
    assert_eq!(ids[0], "pattern=deltas 2025/dt=2025-03-01/batch_id=morning run");
    assert!(ids[1].starts_with("pattern=deltas 2025/dt=2025-03-01/batch_id=20250301_110500_"), "{ids:#?}");
    assert_eq!(unnamed.silver(), "k=1 v=a | k=2 v=a");
    // A plan says where a run of now would land, without an id that nobody has made yet.
    let plan = unnamed.engine("2025-03-01T11:05:00Z").plan(RunRequest {
        target: unnamed.target(),
        date: Some("2025-03-01".parse().expect("a date")),
        ..RunRequest::default()
    });
    let writes = plan.expect("a plan").steps[0].writes.clone();
    assert!(writes.ends_with("batch_id=20250301_120500_…"), "{writes}");
}

#[test]
fn a_partition_without_date_folder_has_no_hours_either() {
    let lake = Clocked {
        project: Project::empty(),
        partitioning: "use_dt_partition: false, partition_strategy: hourly",
        run: "load_pattern: full",
        silver: "model: periodic_snapshot",
    };
    drop(lake.run("2025-03-01T08:05:00Z", "k|1"));
    drop(lake.run("2025-03-01T11:05:00Z", "k|2"));
    assert_eq!(lake.ids(Layer::Bronze), ["pattern=full"]);
    assert_eq!(lake.silver(), "k=2");
}

#[test]
fn the_number_of_workers_changes_no_byte() {
    let hashes = |workers: u32| {
        let project = Project::empty();
        let mut csv = String::from("id,name,price\n");
        for row in 0..3_000 {
            csv += &format!("{row},name {},{}.5\n", row % 7, row * 31 % 997);
        }
        project.write("t.csv", csv);
        project.write(
            "t.yaml",
            format!(
                "config_version: 1
platform:
  bronze: {{storage_backend: local, output_dir: ./bronze}}
sources:
  - source: {{type: file, system: s, table: t, file: {{path: ./t.csv}}, run: {{max_rows_per_file: 900, max_file_size_mb: 0.01, write_csv: true, parquet_compression: zstd, parquet_compression_level: 7, parallel_workers: {workers}}}}}
"
            ),
        );
        drop(project.medallion(&["bronze", "t.yaml", "--date", "2025-01-01"]).ended(0));
        let path = project.path("bronze/system=s/table=t/pattern=full/dt=2025-01-01/_checksums.json");
        let checksums: serde_json::Value =
            serde_json::from_slice(&std::fs::read(path).expect("checksums")).expect("JSON");
        let hash = |file: &serde_json::Value| format!("{} {}", file["size_bytes"], file["sha256"]);
        checksums["files"].as_array().expect("files").iter().map(hash).collect::<Vec<_>>()
    };
    let one = hashes(1);
    assert!(one.len() > 10, "{one:#?}");
    for workers in [2, 7] {
        assert_eq!(hashes(workers), one);
    }
}
