//! Looking after what has landed: flipped bits are found and mended, files of crashes and of strangers
//! are told apart, retention removes what nothing needs, and the predecessor's Bronze becomes ours.

#![expect(clippy::expect_used, reason = "a failed expectation is what a test reports")]

use std::collections::BTreeMap;
use std::path::Path;

use medallion_core::api::Engine;
use medallion_core::api::wire::{
    AdoptRequest, CancelRequest, DatasetRef, GcEvent, GcReport, GcRequest, Layer, Layers, LifecycleProvider,
    LifecycleRequest, PartitionRef, RetentionRequest, RetentionVerdict, RowsOf, RowsRequest, RunEvent, RunReport,
    RunRequest, Severity, Target, VerifiedPartition, VerifyEvent, VerifyReport, VerifyRequest,
};
use medallion_core::world::{FixedClock, World};
use medallion_tests::{Project, lake};

const CONFIG: &str = "
config_version: 1
platform:
  bronze: {storage_backend: local, output_dir: ./bronze}
  silver: {storage_backend: local, output_dir: ./silver}
sources:
  - name: t
    source:
      type: file
      system: s
      table: t
      file: {path: ./t.csv, format: csv}
      run: {load_pattern: full, max_rows_per_file: 40, write_csv: true}
    silver:
      model: scd_type_1
      primary_keys: [k]
      error_handling: {enabled: true}
      require_checksum: true
";
const DATE: &str = "2025-01-01";

fn source() -> String {
    (0..100).fold("k,v\nbroken\n,9\n".to_owned(), |text, row| format!("{text}{row},value {row}\n"))
}

fn project() -> Project {
    Project::empty().with("t.yaml", CONFIG).with("t.csv", source())
}

fn engine(project: &Project) -> Engine {
    Engine::open(project.path(""), World::real())
}

fn run(project: &Project, date: &str, rebuild: bool) -> RunReport {
    let request = RunRequest { date: date.parse().ok(), rebuild, ..RunRequest::default() };
    engine(project).run(request, &mut |_| {}).expect("the config is right")
}

fn verify_as(project: &Project, request: VerifyRequest) -> (VerifyReport, Vec<VerifiedPartition>) {
    let mut partitions = Vec::new();
    let report = engine(project).verify(request, &mut |event| {
        if let VerifyEvent::Verified { partition } = event {
            partitions.push(*partition);
        }
    });
    let report = report.expect("there is something to verify");
    partitions.sort_by(|a, b| a.path.cmp(&b.path));
    (report, partitions)
}

fn verify(project: &Project) -> (VerifyReport, Vec<VerifiedPartition>) {
    verify_as(project, VerifyRequest::default())
}

/// `code file`, attempt ids left out, sorted.
fn findings(partitions: &[VerifiedPartition]) -> Vec<String> {
    let name = |file: &str| {
        let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
        match name.rsplit_once('-').filter(|(_, tail)| tail.len() > 16) {
            Some((stem, tail)) => format!("{stem}{}", &tail[16..]),
            None => name.to_owned(),
        }
    };
    let all = partitions.iter().flat_map(|partition| &partition.findings);
    let mut found: Vec<String> = all.map(|finding| format!("{} {}", finding.code, name(&finding.file))).collect();
    found.sort();
    found
}

fn rows(project: &Project, layer: Layer, table: &str) -> Result<String, String> {
    let of = PartitionRef::new(DatasetRef { target: Target::at("t.yaml"), dataset: "t".into() }, layer, String::new());
    match engine(project).rows(RowsRequest::window(RowsOf::table(of, table), 0, 2000)) {
        Ok(table) => Ok(lake::text(&table)),
        Err(error) => Err(error.code.to_string()),
    }
}

fn gc(project: &Project, dry_run: bool) -> (GcReport, Vec<String>) {
    let mut cleared = Vec::new();
    let report = engine(project).gc(GcRequest { dry_run, ..GcRequest::default() }, &mut |event| {
        if let GcEvent::Cleared { file } = event {
            cleared.push(file.file);
        }
    });
    (report.expect("the config is right"), cleared)
}

/// What a file is, for counting.
fn kind(file: &str) -> String {
    let layer = file.split('/').next().unwrap_or_default();
    let what = match file.rsplit('/').next().unwrap_or_default() {
        _ if file.contains("/_commits/") => "commit",
        name if name.starts_with("_metadata") => "_metadata.json",
        name if name.starts_with("_checksums") => "_checksums.json",
        _ if file.contains("/_errors/") => "_errors part",
        name if name.rsplit('.').next() == Some("csv") => "CSV part",
        _ => "Parquet part",
    };
    format!("{layer} {what}")
}

#[test]
fn every_flipped_bit_is_found_and_mended() {
    let lake = || {
        let project = project();
        assert_eq!(run(&project, DATE, false).exit, 0);
        let files: Vec<String> = ["bronze", "silver"].iter().flat_map(|layer| project.files(layer)).collect();
        (project, files)
    };
    let tables =
        [(Layer::Bronze, "data"), (Layer::Bronze, "_errors"), (Layer::Silver, "current"), (Layer::Silver, "_errors")];
    let (first, files) = lake();
    let (report, partitions) = verify(&first);
    assert_eq!((report.exit, report.errors.0, report.warnings.0, partitions.len()), (0, 0, 0, 2), "{partitions:#?}");
    let right: Vec<_> = tables.iter().map(|(layer, table)| rows(&first, *layer, table)).collect();
    assert!(right.iter().all(Result::is_ok), "{right:?}");

    let mut flipped: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for index in 0..files.len() {
        let (project, files) = lake();
        let file = &files[index];
        let bytes = std::fs::read(project.path(file)).expect("it is there");
        let places = 8.min(bytes.len());
        for place in 0..places {
            let at = place * bytes.len() / places + index % 7;
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (place % 8);
            project.write(file, &damaged);
            let (report, partitions) = verify(&project);
            let count = flipped.entry(kind(file)).or_default();
            count.0 += 1;
            let name = file.rsplit('/').next().unwrap_or_default();
            let told = partitions.iter().flat_map(|partition| &partition.findings);
            let named =
                told.filter(|finding| finding.severity == Severity::Error).any(|finding| finding.file.ends_with(name));
            assert!(report.exit == 4 && named, "{file}, byte {at}: {partitions:#?}");
            for ((layer, table), right) in tables.iter().zip(&right) {
                match rows(&project, *layer, table) {
                    Err(code) => {
                        assert!(code.starts_with("STG"), "{file}, byte {at}: {code}");
                        count.1 += 1;
                    }
                    Ok(rows) => assert_eq!(rows, *right.as_ref().expect("it could be read"), "{file}, byte {at}"),
                }
            }
        }
        // Mended by running again; Silver, which is not read while it is up to date, when told to.
        let report = run(&project, DATE, file.starts_with("silver"));
        assert_eq!(report.exit, 0, "{file}: {report:#?}");
        let (after, partitions) = verify(&project);
        // The history keeps the commit that nobody can read.
        let history = if file.contains("/_commits/") { vec!["STG067 1.json".to_owned()] } else { Vec::new() };
        assert_eq!((after.exit, findings(&partitions)), (0, history), "{file}: {partitions:#?}");
        for ((layer, table), right) in tables.iter().zip(&right) {
            let (now, right) = (rows(&project, *layer, table), right.clone());
            assert_eq!(now, right, "{file}");
        }
    }
    for (kind, (flips, errors)) in &flipped {
        println!("{kind}: {flips} bits flipped, all found; readers: {errors} coded errors, never other rows");
    }
    assert_eq!(flipped.len(), 11, "{flipped:#?}");
}

#[test]
fn a_flipped_bit_is_an_error_or_harmless_and_never_other_rows() {
    let formats = ["write_csv: false", "write_parquet: false, write_csv: true"];
    let lake = |format: &str| {
        let config =
            CONFIG.replace("write_csv: true", format).replace("require_checksum: true", "require_checksum: false");
        let project = Project::empty().with("t.yaml", config).with("t.csv", "k,v\nbroken\n,9\n1,a\n2,b\n3,\n");
        assert_eq!(run(&project, DATE, false).exit, 0);
        project
    };
    let jobs: Vec<(&str, usize)> = formats
        .iter()
        .flat_map(|format| {
            let project = lake(format);
            // Silver is the same with both.
            let layers: &[&str] = if *format == formats[0] { &["bronze", "silver"] } else { &["bronze"] };
            let files = layers.iter().map(|layer| project.files(layer).len()).sum();
            (0..files).map(move |index| (*format, index))
        })
        .collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = || {
        let mut counts: BTreeMap<String, [u32; 3]> = BTreeMap::new();
        while let Some((format, index)) = jobs.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
            let project = lake(format);
            let file = ["bronze", "silver"].iter().flat_map(|layer| project.files(layer)).nth(*index).expect("a file");
            let layer = if file.starts_with("silver") { Layer::Silver } else { Layer::Bronze };
            let data = if layer == Layer::Silver { "current" } else { "data" };
            let tables = match file.contains("/_errors/") {
                true => vec!["_errors"],
                false if file.contains("/part-") => vec![data],
                false => vec![data, "_errors"],
            };
            let right: Vec<_> = tables.iter().map(|table| rows(&project, layer, table).expect("it is whole")).collect();
            let bytes = std::fs::read(project.path(&file)).expect("it is there");
            let count = counts.entry(kind(&file)).or_default();
            // Commits are flipped bit by bit where they are sealed, and the copies are read by nobody.
            let step = if file.contains("/part-") { 1 } else { 11 };
            for at in (0..bytes.len()).step_by(step) {
                let mut damaged = bytes.clone();
                damaged[at] ^= 1 << ((at + index) % 8);
                project.write(&file, &damaged);
                count[0] += 1;
                for (table, right) in tables.iter().zip(&right) {
                    match rows(&project, layer, table) {
                        Err(code) => {
                            // A part is told as `verify` tells it; a commit that is no commit names no part.
                            let expected: &[&str] =
                                if file.contains("/part-") { &["STG062"] } else { &["STG014", "RUN012"] };
                            assert!(expected.contains(&code.as_str()), "{file}, byte {at}: {code}");
                            count[1] += 1;
                        }
                        Ok(rows) => {
                            assert_eq!(rows, *right, "{file}, byte {at}");
                            count[2] += 1;
                        }
                    }
                }
                // Silver reads Bronze part by part: it is refused, or what it would be anyway.
                if at % 97 == 0 && layer == Layer::Bronze && file.contains("/part-") && !file.contains("/_errors/") {
                    let request = RunRequest {
                        layers: Layers::Silver,
                        date: DATE.parse().ok(),
                        rebuild: true,
                        ..RunRequest::default()
                    };
                    let report = engine(&project).run(request, &mut |_| {}).expect("the config is right");
                    let code =
                        report.steps.iter().find_map(|step| step.error.as_ref()).map(|error| error.code.to_string());
                    assert_eq!((report.exit, code.as_deref()), (3, Some("STG062")), "{file}, byte {at}");
                }
            }
        }
        counts
    };
    let mut all: BTreeMap<String, [u32; 3]> = BTreeMap::new();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            for (kind, counts) in worker.join().expect("no flip gave other rows") {
                let sum = all.entry(kind).or_default();
                (0..3).for_each(|at| sum[at] += counts[at]);
            }
        }
    });
    for (kind, [flips, errors, same]) in &all {
        println!("{kind}: {flips} bytes with a flipped bit; {errors} coded errors, {same} times the same rows");
        if kind.ends_with("part") {
            assert_eq!(same, &0, "{kind}: every byte of a part is held against its sum");
        }
    }
    assert_eq!(all.len(), 11, "{all:#?}");
}

#[test]
fn what_is_missing_cut_grown_or_added_has_its_own_code() {
    let project = project();
    assert_eq!(run(&project, DATE, false).exit, 0);
    let folder = "bronze/system=s/table=t/pattern=full/dt=2025-01-01";
    let parts: Vec<String> = project
        .files(folder)
        .into_iter()
        .filter(|file| file.contains("01/part-") && file.ends_with("parquet"))
        .collect();
    let bytes = |file: &str| std::fs::read(project.path(file)).expect("it is there");
    let first = bytes(&parts[0]);
    project.write(&parts[0], &first[..first.len() - 1]);
    project.write(&parts[1], [bytes(&parts[1]), b"x".to_vec()].concat());
    std::fs::remove_file(project.path(&parts[2])).expect("it is there");
    project.write(&format!("{folder}/mine.parquet"), "x");
    project.write(&format!("{folder}/part-0009-00112233445566ff.csv"), "left by a crash");
    std::fs::remove_file(project.path(&format!("{folder}/_metadata.json"))).expect("it is there");
    for quick in [false, true] {
        let (report, partitions) = verify_as(&project, VerifyRequest { quick, ..VerifyRequest::default() });
        let expected = [
            "STG060 part-0003.parquet",
            "STG061 part-0001.parquet",
            "STG061 part-0002.parquet",
            "STG063 mine.parquet",
            "STG066 _metadata.json",
            "STG068 part-0009.csv",
        ];
        assert_eq!(findings(&partitions), expected);
        assert_eq!((report.exit, report.errors.0, report.warnings.0, report.damaged.0), (4, 5, 1, 1));
    }
    let silver = VerifyRequest { layer: Some(Layer::Silver), ..VerifyRequest::default() };
    assert_eq!(verify_as(&project, silver).0.exit, 0);
    let one = VerifyRequest { partition: "pattern=full/dt=2025-01-01".into(), ..VerifyRequest::default() };
    assert_eq!(verify_as(&project, one).1.len(), 1);
    // A run mends all but what is not ours.
    assert_eq!(run(&project, DATE, false).exit, 0);
    assert_eq!(findings(&verify(&project).1), ["STG063 mine.parquet"]);
}

#[test]
fn a_folder_needs_no_config() {
    let project = project();
    assert_eq!(run(&project, DATE, false).exit, 0);
    for (folder, count) in [
        ("bronze", 1),
        ("silver", 1),
        ("bronze/system=s/table=t/pattern=full/dt=2025-01-01", 1),
        ("bronze/system=s/table=t/pattern=full/dt=2025-01-01/_commits", 1),
        ("silver/domain=s/entity=t/v1/current/load_date=2025-01-01", 1),
    ] {
        let request = VerifyRequest { target: Target::at(folder), ..VerifyRequest::default() };
        let (report, partitions) = verify_as(&project, request);
        assert_eq!((report.exit, partitions.len()), (0, count), "{folder}: {partitions:#?}");
    }
    std::fs::create_dir_all(project.path("empty")).expect("a folder can be made");
    let request = VerifyRequest { target: Target::at("empty"), ..VerifyRequest::default() };
    assert_eq!(engine(&project).verify(request, &mut |_| {}).expect_err("nothing is there").code.as_str(), "STG072");
}

#[test]
fn clearing_lists_first_and_never_touches_what_is_named_or_written() {
    let project = project();
    assert_eq!(run(&project, DATE, false).exit, 0);
    assert_eq!(gc(&project, false).1, Vec::<String>::new());
    let folder = "bronze/system=s/table=t/pattern=full/dt=2025-01-01";
    let never = "bronze/system=s/table=t/pattern=full/dt=2025-01-02";
    for file in [
        format!("{folder}/part-0001-00112233445566ff.parquet"),
        format!("{folder}/_errors/part-0001-00112233445566ff.parquet"),
        format!("{folder}/_commits/.2.json-00112233445566ff.tmp"),
        format!("{never}/part-0001-00112233445566ff.parquet"),
        format!("{never}/_commits/.alive-00112233445566ff.lock"),
        "silver/domain=s/entity=t/v1/current/load_date=2025-01-02/part-0001-00112233445566ff.parquet".to_owned(),
        "bronze/.doctor-00112233445566ff.probe".to_owned(),
    ] {
        project.write(&file, "left");
    }
    project.write(&format!("{folder}/mine.parquet"), "mine");
    let before = project.files("");
    let (report, listed) = gc(&project, true);
    assert_eq!((report.files.0, report.bytes.0, report.exit), (7, 28, 0), "{listed:#?}");
    assert_eq!(project.files(""), before, "a dry run removes nothing");
    let (report, cleared) = gc(&project, false);
    assert_eq!((report.files.0, report.exit), (7, 0));
    assert_eq!(cleared, listed);
    assert!(!project.path(never).exists(), "folders that became empty go, too");
    assert!(project.path(&format!("{folder}/mine.parquet")).exists(), "what is not ours stays");
    std::fs::remove_file(project.path(&format!("{folder}/mine.parquet"))).expect("it is there");
    assert_eq!(verify(&project).0.exit, 0);
}

#[test]
fn files_of_an_extract_that_did_not_end_stay_where_that_is_wanted() {
    let source = (0..200_000).fold("k,v\n".to_owned(), |text, row| text + &format!("{row},x\n"));
    for keep in [false, true] {
        let keys = format!("run: {{cleanup_on_failure: {}, max_rows_per_file: 1000, load_pattern: full}}", !keep);
        let config = CONFIG.replace("run: {load_pattern: full, max_rows_per_file: 40, write_csv: true}", &keys);
        let project = Project::empty().with("t.yaml", config).with("t.csv", &source);
        let engine = engine(&project);
        let request = RunRequest { date: DATE.parse().ok(), job: "job".into(), ..RunRequest::default() };
        let report = engine.run(request, &mut |event| {
            if matches!(event, RunEvent::Progress { .. }) {
                engine.cancel(CancelRequest { job: "job".into() }).expect("a job can be cancelled");
            }
        });
        assert_eq!(report.expect("the config is right").exit, 130);
        let left = project.files("bronze").into_iter().filter(|file| file.contains("/part-")).count();
        assert_eq!(left > 0, keep, "{left} parts");
        assert_eq!(rows(&project, Layer::Bronze, "data"), Err("RUN012".into()), "no reader sees them");
        assert_eq!(gc(&project, false).0.files.0 > 0, keep);
        assert_eq!(project.files("bronze"), Vec::<String>::new());
    }
}

#[test]
fn retention_shows_first_and_keeps_what_silver_needs() {
    let config = |silver: &str| {
        CONFIG
            .replace("output_dir: ./bronze}", "output_dir: ./bronze, retention: {days: 30}}")
            .replace("model: scd_type_1", silver)
            .replace("      require_checksum: true\n", "")
    };
    let noon = chrono::NaiveDate::from_ymd_opt(2025, 2, 1).and_then(|day| day.and_hms_opt(12, 0, 0)).expect("a time");
    let request = |apply, force| RetentionRequest { apply, force, ..RetentionRequest::default() };
    let days = ["2025-01-01", "2025-01-02", "2025-01-03", "2025-01-31"];
    for (silver, promoted, expected) in [
        // Nothing is made of it: the third day is 29 days old.
        ("", false, "2025-01-01 Removable, 2025-01-02 Removable"),
        ("model: scd_type_1", true, "2025-01-01 Needed, 2025-01-02 Needed"),
        ("model: periodic_snapshot", true, "2025-01-01 Needed, 2025-01-02 Needed"),
        ("model: periodic_snapshot", false, "2025-01-01 Needed, 2025-01-02 Needed"),
    ] {
        let mut text = config(silver);
        if silver.is_empty() {
            text = text.split("    silver:\n      ").next().expect("a text").to_owned();
        }
        let project = Project::empty().with("t.yaml", text).with("t.csv", "k,v\n1,a\n");
        for day in days {
            let layers = if promoted { Layers::Both } else { Layers::Bronze };
            let request = RunRequest { date: day.parse().ok(), layers, ..RunRequest::default() };
            assert_eq!(engine(&project).run(request, &mut |_| {}).expect("the config is right").exit, 0);
        }
        let engine = Engine::open(project.path(""), World::real().with_clock(FixedClock(noon.and_utc())));
        let before = project.files("");
        let report = engine.retention(request(false, false)).expect("a retention is set");
        let told: Vec<String> = report.partitions.iter().map(|old| format!("{} {:?}", old.date, old.verdict)).collect();
        assert_eq!(told.join(", "), expected, "{silver}: {report:#?}");
        assert_eq!(project.files(""), before, "it is only shown");
        let report = engine.retention(request(true, true)).expect("a retention is set");
        assert!(report.partitions.iter().all(|old| old.verdict == RetentionVerdict::Removed), "{report:#?}");
        let left: Vec<String> = project
            .files("bronze")
            .into_iter()
            .filter(|file| file.contains("/part-"))
            .filter_map(|file| Some(file.split_once("dt=")?.1.get(..10)?.to_owned()))
            .collect();
        assert!(left.iter().all(|day| ["2025-01-03", "2025-01-31"].contains(&day.as_str())), "{left:?}");
        assert_eq!(engine.retention(request(true, true)).expect("a retention is set").partitions, []);
        if promoted {
            let list = engine.list_datasets(Target::at("t.yaml")).expect("it can be read");
            let told = list.datasets[0].attention.iter().any(|note| note.message.contains("is gone"));
            assert!(told, "{silver}: {:#?}", list.datasets[0].attention);
            let rebuild = RunRequest { date: days[0].parse().ok(), layers: Layers::Silver, ..RunRequest::default() };
            let report = engine.run(rebuild, &mut |_| {}).expect("the config is right");
            assert_ne!(report.exit, 0, "a load is not built without what it was made of");
        }
    }
}

#[test]
fn retention_survives_a_clock_that_goes_back() {
    let config = CONFIG.replace("output_dir: ./bronze}", "output_dir: ./bronze, retention: {days: 30}}");
    let config = config.split("    silver:\n      ").next().expect("a text").to_owned();
    let project = Project::empty().with("t.yaml", config).with("t.csv", "k,v\n1,a\n");
    let at = |day: &str| {
        let day: chrono::NaiveDate = day.parse().expect("a date");
        let noon = day.and_hms_opt(12, 0, 0).expect("a time of day").and_utc();
        Engine::open(project.path(""), World::real().with_clock(FixedClock(noon)))
    };
    let land = |now: &str, text: &str| {
        project.write("t.csv", text);
        let request = RunRequest { date: DATE.parse().ok(), ..RunRequest::default() };
        assert_eq!(at(now).run(request, &mut |_| {}).expect("the config is right").exit, 0);
    };
    land("2025-01-02", "k,v\n1,a\n");
    land("2024-12-01", "k,v\n2,b\n");
    land("2024-06-01", "k,v\n3,c\n");
    // The number decides, not the time.
    assert_eq!(rows(&project, Layer::Bronze, "data"), Ok("k=3 v=c".into()));
    let of = PartitionRef::new(
        DatasetRef { target: Target::at("t.yaml"), dataset: "t".into() },
        Layer::Bronze,
        String::new(),
    );
    let detail = at("2024-06-01").partition_detail(of).expect("it can be read");
    let history: Vec<u64> = detail.history.iter().map(|version| version.version.0).collect();
    assert_eq!(history, [3, 2, 1]);
    let old = at("2024-06-01").retention(RetentionRequest { apply: true, ..RetentionRequest::default() });
    assert_eq!(old.expect("a retention is set").partitions, [], "from there, the partition is of tomorrow");
}

#[test]
fn rules_for_object_stores_are_printed() {
    let config = "
config_version: 1
platform:
  bronze:
    storage_backend: s3
    s3_bucket: lake
    s3_prefix: raw
    retention: {days: 90}
sources:
  - {name: a, source: {type: file, system: s, table: a, file: {path: ./a.csv}}}
  - {name: b, source: {type: file, system: s, table: b, file: {path: ./a.csv}}, silver: {}}
";
    let project = Project::empty().with("t.yaml", config).with("a.csv", "k\n1\n");
    let ask = |provider| {
        let request = LifecycleRequest { target: Target::at("t.yaml"), sources: Vec::new(), provider, force: false };
        engine(&project).lifecycle(request).expect("a retention is set")
    };
    let s3 = ask(LifecycleProvider::S3);
    let rules: serde_json::Value = serde_json::from_str(&s3.rules).expect("JSON");
    let rule = &rules["Rules"][0];
    assert_eq!(rules["Rules"].as_array().map(Vec::len), Some(1));
    assert_eq!((&rule["Expiration"]["Days"], &rule["Status"]), (&90.into(), &"Enabled".into()));
    assert_eq!(rule["Filter"]["Prefix"], "raw/system=s/table=a/");
    assert!(s3.notes[0].message.starts_with("b has no rule"), "{:?}", s3.notes);
    let azure: serde_json::Value = serde_json::from_str(&ask(LifecycleProvider::Azure).rules).expect("JSON");
    let action = &azure["rules"][0]["definition"]["actions"]["baseBlob"]["delete"];
    assert_eq!(action["daysAfterModificationGreaterThan"], 90);
    let none = Project::empty().with("t.yaml", CONFIG).with("t.csv", "k,v\n1,a\n");
    let error = engine(&none).retention(RetentionRequest::default()).expect_err("no retention is set");
    assert_eq!(error.code.as_str(), "STG073");
}

/// Writes a folder as the Python original did.
fn of_predecessor(project: &Project, folder: &str, date: &str) {
    for (name, bytes) in lake::of_predecessor(date) {
        project.write(&format!("{folder}/{name}"), bytes);
    }
}

#[test]
fn bronze_of_the_predecessor_is_verified_adopted_and_promoted() {
    let config = "
config_version: 1
platform:
  bronze: {storage_backend: local, output_dir: ./out}
  silver: {storage_backend: local, output_dir: ./silver}
sources:
  - name: t
    source: {type: file, system: shop, table: orders, file: {path: ./orders.csv}, run: {load_pattern: full}}
    silver: {model: scd_type_1, primary_keys: [id]}
";
    let table = "out/system=shop/table=orders/pattern=full";
    let folder = format!("{table}/dt=2025-01-05");
    let project = Project::empty().with("t.yaml", config);
    of_predecessor(&project, &folder, "2025-01-05");
    of_predecessor(&project, &format!("{table}/dt=2025-01-06"), "2025-01-06");
    // Fewer rows than the day before it was run first: the predecessor left the third part behind.
    project.write(&format!("{table}/dt=2025-01-06/full-part-0003.csv"), "name,id\r\nold,9\r\n");
    let at = |path: &str| VerifyRequest { target: Target::at(path), ..VerifyRequest::default() };
    let (report, partitions) = verify_as(&project, at("out"));
    assert_eq!((report.exit, partitions.len()), (4, 2));
    assert!(partitions.iter().all(|partition| partition.predecessor));
    assert_eq!(findings(&partitions), ["STG063 full-part-0003.csv"]);

    let adopt = |write| {
        engine(&project).adopt(AdoptRequest { path: "out".into(), write, job: String::new() }).expect("there is some")
    };
    let before = project.files("out");
    let report = adopt(false);
    assert_eq!((report.adopted.0, report.refused.0, report.exit), (1, 1, 4), "{report:#?}");
    assert_eq!(project.files("out"), before, "it is only said");
    let report = adopt(true);
    assert_eq!((report.adopted.0, report.folders[0].rows.0, report.folders[0].files.0), (1, 4, 5), "{report:#?}");
    assert_eq!(project.files("out").len(), before.len() + 1, "one commit, and no file of ours besides");
    assert_eq!(rows(&project, Layer::Bronze, "data").map(|rows| rows.matches("id=").count()), Ok(4));

    let request = RunRequest { date: "2025-01-05".parse().ok(), layers: Layers::Silver, ..RunRequest::default() };
    assert_eq!(engine(&project).run(request, &mut |_| {}).expect("the config is right").exit, 0);
    assert_eq!(
        rows(&project, Layer::Silver, "current").expect("it was promoted"),
        "id=1 name=Ann | id=2 name=Bob | id=3 name=Cy, Jr | id=4 name=Dée"
    );
    let (report, partitions) = verify_as(&project, at(&folder));
    assert_eq!((report.exit, partitions[0].version.0, partitions[0].predecessor), (0, 1, false), "{partitions:#?}");
    // What was adopted is guarded like everything else.
    let name = format!("{folder}/full-part-0002.parquet");
    let mut bytes = std::fs::read(project.path(&name)).expect("it is there");
    bytes[10] ^= 1;
    project.write(&name, bytes);
    assert_eq!(findings(&verify_as(&project, at(&folder)).1), ["STG062 full-part-0002.parquet"]);
    // A run of ours takes its place, and leaves none of its files to be counted twice.
    project.write("orders.csv", "id,name\n1,Eve\n");
    assert_eq!(run(&project, "2025-01-05", false).exit, 0);
    let left: Vec<String> = project.files(&folder).into_iter().filter(|file| file.contains("full-part")).collect();
    assert_eq!(left, Vec::<String>::new());
    assert_eq!(verify_as(&project, at(&folder)).0.exit, 0);
    assert!(Path::new(&project.path(&folder)).is_dir());
}

#[test]
fn readers_beside_a_writer_see_one_whole_version() {
    let config = CONFIG.replace("max_rows_per_file: 40", "max_rows_per_file: 5");
    let project = Project::empty().with("t.yaml", config);
    let version = |number: u32| (0..50).fold("k,v\n".to_owned(), |text, row| format!("{text}{row},{number}\n"));
    project.write("t.csv", version(0));
    assert_eq!(run(&project, DATE, false).exit, 0);
    let done = std::sync::atomic::AtomicBool::new(false);
    let (mut reads, mut seen) = (0_u32, std::collections::BTreeSet::new());
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for number in 1..=25 {
                project.write("t.csv", version(number));
                assert_eq!(run(&project, DATE, false).exit, 0);
            }
            done.store(true, std::sync::atomic::Ordering::SeqCst);
        });
        while !done.load(std::sync::atomic::Ordering::SeqCst) && !writer.is_finished() {
            for (layer, table) in [(Layer::Bronze, "data"), (Layer::Silver, "current")] {
                let rows = rows(&project, layer, table).expect("something stands all the time");
                let versions: std::collections::BTreeSet<&str> =
                    rows.split(" | ").filter_map(|row| row.split_once(" v=")).map(|(_, version)| version).collect();
                assert_eq!((rows.matches("k=").count(), versions.len()), (50, 1), "{rows}");
                seen.extend(versions.into_iter().map(str::to_owned));
                reads += 1;
            }
        }
    });
    println!("{reads} reads beside 25 runs, of {} versions, each whole", seen.len());
    assert!(reads > 25 && seen.len() > 5, "{reads} reads of {} versions are too few to meet a commit", seen.len());
}
