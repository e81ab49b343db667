//! Processes that want one partition at once, one that is paused and wakes up, and a disk that is full.

#![cfg(unix)]
#![expect(clippy::expect_used, reason = "a failed expectation is what a test reports")]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use medallion_core::api::Engine;
use medallion_core::api::wire::{
    DatasetRef, GcRequest, Layer, PartitionRef, RowsOf, RowsRequest, RunRequest, Target, VerifyRequest,
};
use medallion_core::world::World;
use medallion_tests::{Project, lake};

const DATE: &str = "2025-01-01";
/// How long something may take that takes seconds.
const PATIENCE: Duration = Duration::from_mins(2);

/// A dataset of its own source; all of them land on one partition.
fn config(number: u32) -> String {
    format!(
        "
config_version: 1
platform:
  bronze: {{storage_backend: local, output_dir: ../bronze}}
sources:
  - name: t
    source:
      type: file
      system: s
      table: t
      file: {{path: ./t{number}.csv, format: csv}}
      run: {{load_pattern: full, max_rows_per_file: 1000}}
"
    )
}

fn source(project: &Project, number: u32, rows: u32) {
    project.write(&format!("w{number}/t.yaml"), config(number));
    let text = (0..rows).fold("k,v\n".to_owned(), |text, row| text + &format!("{row},{number}\n"));
    project.write(&format!("w{number}/t{number}.csv"), text);
}

/// A run of one of them in a process of its own.
fn start(project: &Project, number: u32) -> Child {
    Command::new(env!("CARGO_BIN_EXE_crash"))
        .args([
            project.path(&format!("w{number}")).as_os_str(),
            "run".as_ref(),
            DATE.as_ref(),
            u64::MAX.to_string().as_ref(),
        ])
        .stdin(Stdio::null())
        .spawn()
        .expect("it starts")
}

fn rows(project: &Project) -> Result<String, String> {
    let of = PartitionRef {
        of: DatasetRef { target: Target::at("w0/t.yaml"), dataset: "t".into() },
        layer: Layer::Bronze,
        id: String::new(),
        folder: None,
    };
    let engine = Engine::open(project.path(""), World::real());
    match engine.rows(RowsRequest::window(RowsOf::table(of, "data"), 0, 2000)) {
        Ok(table) => Ok(lake::text(&table)),
        Err(error) => Err(error.code.to_string()),
    }
}

/// Of how many sources the rows are, and how many rows there are.
fn mixture(rows: &str) -> (usize, usize) {
    let of: std::collections::BTreeSet<&str> =
        rows.split(" | ").filter_map(|row| row.split_once(" v=")).map(|(_, number)| number).collect();
    (of.len(), rows.matches("k=").count())
}

/// Nothing is left of attempts, and all is as it was committed.
#[track_caller]
fn assert_clean(project: &Project) {
    let engine = Engine::open(project.path("w0"), World::real());
    let gc = engine.gc(GcRequest { dry_run: true, ..GcRequest::default() }, &mut |_| {}).expect("the config is right");
    assert_eq!(gc.files.0, 0, "{:#?}", project.files("bronze"));
    let verified = engine.verify(VerifyRequest::default(), &mut |_| {}).expect("there is something");
    assert_eq!((verified.exit, verified.warnings.0), (0, 0));
}

#[test]
fn of_two_and_of_eight_processes_each_wins_or_fails_cleanly() {
    for processes in [2, 8] {
        let (mut won, mut lost) = (0, 0);
        for _ in 0..4 {
            let project = Project::empty();
            (0..processes).for_each(|number| source(&project, number, 1_500));
            let children: Vec<Child> = (0..processes).map(|number| start(&project, number)).collect();
            let mut exits: Vec<Option<i32>> = Vec::new();
            for mut child in children {
                // Readers beside them see one whole version, or none yet.
                match rows(&project) {
                    Ok(rows) => assert_eq!(mixture(&rows), (1, 1_500)),
                    Err(code) => assert_eq!(code, "RUN012"),
                }
                exits.push(child.wait().expect("it ends").code());
            }
            assert!(exits.iter().all(|exit| matches!(exit, Some(0 | 3))), "{exits:?}");
            let winners = exits.iter().filter(|exit| **exit == Some(0)).count();
            let commits = project
                .files("bronze")
                .into_iter()
                .filter(|file| file.contains("/_commits/") && !file.contains("/."))
                .count();
            assert!(winners >= 1 && commits == winners, "{commits} versions of {exits:?}");
            assert_eq!(mixture(&rows(&project).expect("something stands")), (1, 1_500));
            assert_clean(&project);
            won += winners;
            lost += exits.len() - winners;
        }
        println!("{processes} processes at once, 4 rounds: {won} committed, {lost} failed cleanly");
    }
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().expect("it can be sent");
    assert!(sent.success());
}

fn parts(project: &Project) -> usize {
    project.files("bronze").into_iter().filter(|file| file.contains("/part-")).count()
}

/// A run that is stopped while it writes its parts.
fn start_and_pause(project: &Project) -> Child {
    let mut run = start(project, 0);
    let begun = Instant::now();
    while parts(project) < 5 {
        assert!(begun.elapsed() < PATIENCE && run.try_wait().expect("it can be asked").is_none(), "it wrote no part");
        thread::sleep(Duration::from_millis(2));
    }
    signal(&run, "-STOP");
    run
}

#[test]
fn a_paused_holder_that_wakes_up_hurts_nothing() {
    let project = Project::empty();
    source(&project, 0, 400_000);
    source(&project, 1, 1_500);
    let mut paused = start_and_pause(&project);
    let written = parts(&project);
    // Clearing and another run leave it alone: it may be alive, and it is.
    let engine = Engine::open(project.path("w1"), World::real());
    let cleared = engine.gc(GcRequest::default(), &mut |_| {}).expect("the config is right");
    assert_eq!((cleared.files.0, cleared.exit, parts(&project)), (0, 0, written));
    let request = RunRequest { date: DATE.parse().ok(), ..RunRequest::default() };
    assert_eq!(engine.run(request, &mut |_| {}).expect("the config is right").exit, 0);
    assert_eq!(mixture(&rows(&project).expect("it was committed")), (1, 1_500));
    assert_eq!(parts(&project), written + 2);
    signal(&paused, "-CONT");
    assert_eq!(paused.wait().expect("it ends").code(), Some(3), "its number is used up");
    assert_eq!(mixture(&rows(&project).expect("it still stands")), (1, 1_500));
    assert_eq!(parts(&project), 2, "it took its parts away");
    assert_clean(&project);
}

#[test]
fn a_paused_holder_that_is_killed_is_cleared() {
    let project = Project::empty();
    source(&project, 0, 400_000);
    let mut paused = start_and_pause(&project);
    signal(&paused, "-KILL");
    assert_eq!(paused.wait().expect("it ends").code(), None);
    let engine = Engine::open(project.path("w0"), World::real());
    let cleared = engine.gc(GcRequest::default(), &mut |_| {}).expect("the config is right");
    assert!(cleared.files.0 > 5 && cleared.exit == 0, "{cleared:?}");
    assert_eq!(project.files("bronze"), Vec::<String>::new());
}

/// A small disk of its own, for as long as the test runs.
struct SmallDisk<'a>(&'a Path);

impl SmallDisk<'_> {
    /// `None` where nobody may mount.
    fn mount(folder: &Path, kibibytes: u32) -> Option<SmallDisk<'_>> {
        std::fs::create_dir_all(folder).expect("a folder can be made");
        let options = format!("size={kibibytes}k,mode=777");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "none"]).arg(folder).output().ok()?;
        mounted.status.success().then_some(SmallDisk(folder))
    }
    fn grow(&self, kibibytes: u32) {
        let options = format!("remount,size={kibibytes}k");
        let grown = Command::new("mount").args(["-o", &options]).arg(self.0).status().expect("mount starts");
        assert!(grown.success());
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        drop(Command::new("umount").arg(self.0).status());
    }
}

#[test]
fn a_disk_without_room_keeps_the_old_version_whole() {
    let (mut full, mut fits) = (0, 0);
    // One page after the other: the run ends at another place each time.
    for pages in (0..80).step_by(2) {
        let project = Project::empty();
        source(&project, 0, 40);
        source(&project, 1, 20_000);
        let mounted = project.path("bronze");
        let Some(disk) = SmallDisk::mount(&mounted, 4 * (14 + pages)) else {
            println!("nobody may mount a disk here, so none was filled");
            return;
        };
        assert_eq!(start(&project, 0).wait().expect("it ends").code(), Some(0), "{pages} pages: the old version fits");
        let old = rows(&project);
        let engine = Engine::open(project.path("w1"), World::real());
        let request = || RunRequest { date: DATE.parse().ok(), ..RunRequest::default() };
        let report = engine.run(request(), &mut |_| {}).expect("the config is right");
        match (report.exit, report.steps[0].error.as_ref()) {
            (0, None) => fits += 1,
            (3, Some(error)) => {
                assert_eq!(error.code.as_str(), "STG010", "{error:?}");
                assert!(error.hint.as_deref().is_some_and(|hint| hint.contains("full")), "{error:?}");
                full += 1;
            }
            other => panic!("{pages} pages: {other:?}"),
        }
        let now = rows(&project).map(|rows| mixture(&rows));
        let is_old = rows(&project) == old;
        assert!(is_old || now == Ok((1, 2_000)), "{pages} pages: {now:?}");
        disk.grow(64 << 10);
        assert_eq!(engine.run(request(), &mut |_| {}).expect("the config is right").exit, 0, "{pages} pages");
        assert_eq!(rows(&project).map(|rows| mixture(&rows)), Ok((1, 2_000)), "the first rows of the new version");
        assert_clean(&project);
    }
    println!("40 sizes of a small disk: {full} times full, {fits} times enough");
    assert!(full > 10 && fits > 5, "{full} times full, {fits} times enough");
}
