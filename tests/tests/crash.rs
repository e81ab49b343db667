//! Commits under fire: the process dies, or the disk refuses, at every single step; many runs at
//! once. A reader must always see one whole version, and an undisturbed run must end where it would
//! have ended anyway, with nothing left over.

#![expect(clippy::expect_used, reason = "a failed expectation is what a test reports")]

use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use medallion_core::api::Engine;
use medallion_core::api::wire::{
    DatasetRef, GcRequest, Layer, Outcome, PartitionRef, RowsOf, RowsRequest, RunReport, RunRequest, Target,
    VerifyRequest,
};
use medallion_core::world::{Disk, DiskFile, RealDisk, World};
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
      run: {load_pattern: full, max_rows_per_file: 2, write_csv: true}
    silver:
      model: scd_type_1
      primary_keys: [k]
      partitioning: {columns: [v]}
      error_handling: {enabled: true}
";
const DATE: &str = "2025-01-01";
/// One row that cannot be read, one that cannot be used.
const OLD: &str = "k,v\na,1\nb,1\nc,1\nbroken\n,1\n";
const NEW: &str = "k,v\na,2\nb,1\nd,2\ne,3\nf,2\nbroken\nbroken\n,9\n";

fn project(source: &str) -> Project {
    Project::empty().with("t.yaml", CONFIG).with("t.csv", source)
}

fn run(project: &Project, world: World) -> RunReport {
    let request = RunRequest { date: DATE.parse().ok(), ..RunRequest::default() };
    Engine::open(project.path(""), world).run(request, &mut |_| {}).expect("the config is right")
}

/// All that a reader can see: each table of each layer, or the code that says why not.
fn seen(project: &Project) -> [String; 4] {
    let engine = Engine::open(project.path(""), World::real());
    let table = |layer, table: &str| {
        let of = PartitionRef::new(DatasetRef { target: Target::at("t.yaml"), dataset: "t".into() }, layer, "");
        match engine.rows(RowsRequest::window(RowsOf::table(of, table), 0, 2000)) {
            Ok(table) => lake::text(&table),
            Err(error) => error.code.to_string(),
        }
    };
    [
        table(Layer::Bronze, "data"),
        table(Layer::Bronze, "_errors"),
        table(Layer::Silver, "current"),
        table(Layer::Silver, "_errors"),
    ]
}

/// Files below the lake, without attempt ids.
fn files(project: &Project) -> Vec<String> {
    let plain = |file: String| match file
        .rsplit_once('-')
        .filter(|(_, tail)| tail.len() > 16 && tail.as_bytes()[..16].iter().all(u8::is_ascii_hexdigit))
    {
        Some((stem, tail)) => format!("{stem}{}", &tail[16..]),
        None => file,
    };
    let mut files: Vec<String> =
        ["bronze", "silver"].iter().flat_map(|folder| project.files(folder)).map(plain).collect();
    files.sort();
    files
}

/// What undisturbed runs leave: before, and after the source changed.
fn undisturbed() -> ([String; 4], [String; 4], Vec<String>) {
    let project = project(OLD);
    assert_eq!(run(&project, World::real()).exit, 0);
    let old = seen(&project);
    project.write("t.csv", NEW);
    assert_eq!(run(&project, World::real()).exit, 0);
    (old, seen(&project), files(&project))
}

/// Each layer on its own is the old version or the new one, Silver never newer than Bronze.
#[track_caller]
fn assert_whole(now: &[String; 4], old: &[String; 4], new: &[String; 4], step: u64) {
    let bronze_is_new = now[..2] == new[..2];
    let silver_is_new = now[2..] == new[2..];
    assert!(bronze_is_new || now[..2] == old[..2], "step {step}: Bronze is neither old nor new: {now:#?}");
    assert!(silver_is_new || now[2..] == old[2..], "step {step}: Silver is neither old nor new: {now:#?}");
    assert!(bronze_is_new || !silver_is_new, "step {step}: Silver is newer than its Bronze");
}

#[test]
fn dying_at_any_step_leaves_the_old_version_or_the_new_one() {
    let (old, new, clean) = undisturbed();
    let nothing = ["RUN012"; 4].map(str::to_owned);
    for first in [true, false] {
        let mut step = 0;
        loop {
            step += 1;
            let project = project(OLD);
            let (before, after) = if first {
                (&nothing, &old)
            } else {
                assert_eq!(run(&project, World::real()).exit, 0);
                project.write("t.csv", NEW);
                (&old, &new)
            };
            let status = crash(&project, "run", DATE, step);
            assert_whole(&seen(&project), before, after, step);
            assert_eq!(run(&project, World::real()).exit, 0, "step {step}: the next run mends it");
            assert_eq!(&seen(&project), after, "step {step}");
            if !first {
                assert_eq!(files(&project), clean, "step {step}: nothing is left over");
            }
            if status == Some(0) {
                break;
            }
        }
        println!("a run over {}: killed at each of {step} steps", if first { "nothing" } else { "a version" });
        assert!(step > 30, "{step} steps are too few to be all");
    }
}

/// Does an action in a process of its own that dies at a step. Gives the exit code if there are fewer.
fn crash(project: &Project, action: &str, date: &str, step: u64) -> Option<i32> {
    Command::new(env!("CARGO_BIN_EXE_crash"))
        .args([project.path("").as_os_str(), action.as_ref(), date.as_ref(), step.to_string().as_ref()])
        .status()
        .expect("it starts")
        .code()
}

#[test]
fn clearing_that_dies_at_any_step_loses_nothing() {
    let (old, _, _) = undisturbed();
    let clean = {
        let project = project(OLD);
        assert_eq!(run(&project, World::real()).exit, 0);
        files(&project)
    };
    let mut step = 0;
    loop {
        step += 1;
        let project = project(OLD);
        assert_eq!(run(&project, World::real()).exit, 0);
        project.write("t.csv", NEW);
        assert_eq!(crash(&project, "run", DATE, 20), None, "it dies in the middle of writing");
        let left = files(&project).len() - clean.len();
        assert!(left > 2, "{left} files of a dead run");
        let ended = crash(&project, "gc", DATE, step);
        assert_eq!(seen(&project), old, "step {step}");
        let engine = Engine::open(project.path(""), World::real());
        let report = engine.gc(GcRequest::default(), &mut |_| {}).expect("the config is right");
        assert_eq!((report.exit, report.errors.len()), (0, 0), "step {step}: {report:#?}");
        assert_eq!(seen(&project), old, "step {step}");
        assert_eq!(files(&project), clean, "step {step}: nothing else is gone, and nothing is left");
        assert_eq!(engine.verify(VerifyRequest::default(), &mut |_| {}).expect("the config is right").exit, 0);
        if ended == Some(0) {
            break;
        }
    }
    println!("clearing: killed at each of {step} steps");
    assert!(step > 5, "{step} steps are too few to be all");
}

#[test]
fn verifying_changes_nothing() {
    let project = project(OLD);
    assert_eq!(run(&project, World::real()).exit, 0);
    let before = files(&project);
    // The first step would kill it.
    assert_eq!(crash(&project, "verify", DATE, 1), Some(0));
    assert_eq!(files(&project), before);
}

#[test]
fn retention_that_dies_at_any_step_removes_all_of_a_partition_or_nothing() {
    let config = CONFIG.split("    silver:\n      model").next().expect("a text").replace(
        "bronze: {storage_backend: local, output_dir: ./bronze}",
        "bronze: {storage_backend: local, output_dir: ./bronze, retention: {days: 30}}",
    );
    let bronze = |project: &Project, date: &str| {
        let dataset = DatasetRef { target: Target::at("t.yaml"), dataset: "t".into() };
        let of = PartitionRef::new(dataset, Layer::Bronze, format!("pattern=full/dt={date}"));
        let engine = Engine::open(project.path(""), World::real());
        let rows = engine.rows(RowsRequest::window(RowsOf::table(of, "data"), 0, 2000));
        rows.map_or_else(|error| error.code.to_string(), |table| lake::text(&table))
    };
    let lake = || {
        let project = Project::empty().with("t.yaml", &config).with("t.csv", OLD);
        for date in ["2025-01-01", "2025-01-02", "2025-03-01"] {
            let request = RunRequest { date: date.parse().ok(), ..RunRequest::default() };
            let report = Engine::open(project.path(""), World::real()).run(request, &mut |_| {});
            assert_eq!(report.expect("the config is right").exit, 0);
        }
        project
    };
    let whole = bronze(&lake(), DATE);
    assert!(whole.contains("k=a"), "{whole}");
    let mut step = 0;
    loop {
        step += 1;
        let project = lake();
        let ended = crash(&project, "retention", "2025-03-02", step);
        for date in ["2025-01-01", "2025-01-02"] {
            let seen = bronze(&project, date);
            assert!(seen == whole || seen == "RUN012", "step {step}, {date}: {seen}");
        }
        assert_eq!(bronze(&project, "2025-03-01"), whole, "step {step}: the newest stays");
        assert!(matches!(crash(&project, "retention", "2025-03-02", u64::MAX), Some(0)), "step {step}");
        let engine = Engine::open(project.path(""), World::real());
        assert_eq!(engine.gc(GcRequest::default(), &mut |_| {}).expect("the config is right").exit, 0);
        let left: Vec<String> = files(&project)
            .into_iter()
            .filter(|file| file.contains("dt=2025-01") && !file.contains("/_commits/"))
            .collect();
        assert_eq!(left, Vec::<String>::new(), "step {step}");
        // The day can land again, under a number of its own.
        let request = RunRequest { date: DATE.parse().ok(), ..RunRequest::default() };
        assert_eq!(engine.run(request, &mut |_| {}).expect("the config is right").exit, 0);
        assert_eq!(bronze(&project, DATE), whole, "step {step}");
        if ended == Some(0) {
            break;
        }
    }
    println!("retention of two partitions: killed at each of {step} steps");
    assert!(step > 20, "{step} steps are too few to be all");
}

#[test]
fn mending_a_refused_load_can_die_at_any_step() {
    let config =
        CONFIG.replace("error_handling: {enabled: true}", "error_handling: {enabled: true, max_bad_records: 0}");
    let lake = || {
        let project = Project::empty().with("t.yaml", &config).with("t.csv", OLD);
        assert_eq!(run(&project, World::real()).exit, 4, "the row without a key is one too many");
        project.write("t.csv", OLD.replace("\n,1", "\nd,1"));
        project
    };
    let (new, clean) = {
        let project = lake();
        assert_eq!(run(&project, World::real()).exit, 0);
        (seen(&project), files(&project))
    };
    let refused = seen(&lake());
    let mut step = 0;
    loop {
        step += 1;
        let project = lake();
        let ended = crash(&project, "run", DATE, step);
        let now = seen(&project);
        for (index, seen) in now.iter().enumerate() {
            let known = [&refused[index], &new[index]].contains(&seen);
            assert!(known, "step {step}: {seen}");
        }
        assert_eq!(run(&project, World::real()).exit, 0, "step {step}");
        assert_eq!(seen(&project), new, "step {step}");
        assert_eq!(files(&project), clean, "step {step}: nothing is left over");
        if ended == Some(0) {
            break;
        }
    }
    println!("mending a refused load: killed at each of {step} steps");
    assert!(step > 60, "{step} steps are too few to be all");
}

/// Refuses the n-th step.
#[derive(Debug)]
struct RefusingDisk {
    left: Arc<AtomicU64>,
    /// As the system numbers it.
    error: i32,
}

struct RefusingFile(Box<dyn DiskFile>, Arc<AtomicU64>, i32);

fn count(left: &AtomicU64, error: i32) -> io::Result<()> {
    if left.fetch_sub(1, Ordering::SeqCst) == 1 { Err(io::Error::from_raw_os_error(error)) } else { Ok(()) }
}

impl Write for RefusingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        count(&self.1, self.2)?;
        self.0.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl DiskFile for RefusingFile {
    fn sync(&mut self) -> io::Result<()> {
        count(&self.1, self.2)?;
        self.0.sync()
    }
}

impl Disk for RefusingDisk {
    fn create_folders(&self, path: &Path) -> io::Result<()> {
        count(&self.left, self.error)?;
        RealDisk.create_folders(path)
    }
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        count(&self.left, self.error)?;
        Ok(Box::new(RefusingFile(RealDisk.create(path)?, self.left.clone(), self.error)))
    }
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        count(&self.left, self.error)?;
        RealDisk.link(from, to)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        count(&self.left, self.error)?;
        RealDisk.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        count(&self.left, self.error)?;
        RealDisk.remove(path)
    }
    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        count(&self.left, self.error)?;
        RealDisk.remove_folder(path)
    }
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        count(&self.left, self.error)?;
        RealDisk.sync_folder(path)
    }
}

#[test]
fn a_disk_that_refuses_any_step_never_shows_half_a_version() {
    let (old, new, clean) = undisturbed();
    // No room, and a disk that fails.
    for (name, error) in [("ENOSPC", 28), ("EIO", 5)] {
        let mut step = 0;
        loop {
            step += 1;
            let project = project(OLD);
            assert_eq!(run(&project, World::real()).exit, 0);
            project.write("t.csv", NEW);
            let left = Arc::new(AtomicU64::new(step));
            let report = run(&project, World::real().with_disk(RefusingDisk { left: left.clone(), error }));
            let refused = left.load(Ordering::SeqCst) > u64::MAX / 2 || left.load(Ordering::SeqCst) == 0;
            assert!(matches!(report.exit, 0 | 3), "step {step}: {report:#?}");
            for failed in report.steps.iter().filter_map(|step| step.error.as_ref()) {
                assert_eq!(failed.code.as_str(), "STG010", "step {step}: {failed:?}");
            }
            assert_whole(&seen(&project), &old, &new, step);
            assert_eq!(run(&project, World::real()).exit, 0, "step {step}: the next run mends it");
            assert_eq!(seen(&project), new, "step {step}");
            assert_eq!(files(&project), clean, "step {step}: nothing is left over");
            if !refused {
                break;
            }
        }
        println!("{name} at each of {step} steps");
        assert!(step > 30, "{step} steps are too few to be all");
    }
}

#[test]
fn of_many_runs_at_once_each_wins_or_fails_cleanly() {
    for round in 0..6 {
        let project = project("k,v\n");
        let outcomes: Vec<(Outcome, Option<String>)> = std::thread::scope(|scope| {
            let runs: Vec<_> = (0..8)
                .map(|number| {
                    // Eight deliveries for the same partition, each from a source of its own.
                    let config = CONFIG.replace("./t.csv", &format!("./t{number}.csv"));
                    project.write(
                        &format!("t{number}/t.yaml"),
                        config.replace("./bronze", "../bronze").replace("./silver", "../silver"),
                    );
                    let rows = (0..50).fold(String::new(), |rows, row| format!("{rows}{row},{number}\n"));
                    project.write(&format!("t{number}/t{number}.csv"), format!("k,v\n{rows}"));
                    let folder = project.path(&format!("t{number}"));
                    scope.spawn(move || {
                        let request = RunRequest {
                            date: DATE.parse().ok(),
                            layers: medallion_core::api::wire::Layers::Bronze,
                            ..RunRequest::default()
                        };
                        let report =
                            Engine::open(folder, World::real()).run(request, &mut |_| {}).expect("the config is right");
                        (report.steps[0].outcome, report.steps[0].error.as_ref().map(|error| error.code.to_string()))
                    })
                })
                .collect();
            runs.into_iter().map(|run| run.join().expect("no panic")).collect()
        });
        let written = outcomes.iter().filter(|(outcome, _)| *outcome == Outcome::Written).count();
        assert!(written >= 1, "round {round}: {outcomes:?}");
        for (outcome, code) in &outcomes {
            assert!(*outcome == Outcome::Written || code.as_deref() == Some("STG012"), "round {round}: {outcomes:?}");
        }
        let commits = project.files("bronze").into_iter().filter(|file| file.contains("/_commits/")).count();
        assert_eq!(commits, written, "round {round}: a version for each that won, and no sign of life left");
        // Whoever won last, its rows stand whole: fifty of one delivery.
        let [bronze, ..] = seen(&project);
        let of_one = (0..8).any(|number| bronze.matches(&format!(" v={number}")).count() == 50);
        assert!(of_one, "round {round}: {bronze}");
        let parts = project.files("bronze").into_iter().filter(|file| file.contains("/part-")).count();
        assert_eq!(parts, 50, "round {round}: twenty-five parts in each format, none left over");
    }
}
