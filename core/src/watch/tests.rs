//! Watching real folders: what is told, what is not, and how it ends.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::*;
use crate::world::{FixedEnvironment, World};

/// A change, as far as tests look at it.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    /// Names of the files, each with its codes.
    Started(Vec<String>),
    Configs(Vec<String>, Vec<String>),
    Outputs(Vec<String>),
    Blind,
}

struct Watcher {
    cancel: CancelToken,
    seen: Receiver<Seen>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    fn start(root: &Path, target: &str, overlay: Option<&str>, sight: Sight) -> Self {
        let cancel = CancelToken::new();
        let (sender, seen) = channel();
        let (token, root, target) = (cancel.clone(), root.to_owned(), target.to_owned());
        let overlay = overlay.map(str::to_owned);
        let thread = std::thread::spawn(move || {
            let environment = FixedEnvironment::default();
            let load = || crate::config::load(&root, &target, overlay.as_deref(), &environment);
            let at = crate::config::files::normalise(&root.join(&target));
            let subject = Subject { target: &at, root: &root, load: &load, world: World::real() };
            watch(&subject, sight, &token, &mut |change| sender.send(Seen::of(&change)).unwrap());
        });
        let watcher = Self { cancel, seen, thread: Some(thread) };
        assert!(matches!(watcher.next(), Seen::Started(_)));
        watcher
    }

    #[track_caller]
    fn next(&self) -> Seen {
        let seen = self.seen.recv_timeout(Duration::from_secs(10)).expect("a change is told");
        // So that the next change is seen by waiting for it, not by looking around after this one.
        std::thread::sleep(Duration::from_millis(50));
        seen
    }

    /// Nothing is told for longer than a batch lasts.
    #[track_caller]
    fn nothing(&self) {
        let next = self.seen.recv_timeout(Duration::from_millis(600));
        assert_eq!(next, Err(RecvTimeoutError::Timeout));
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let asked = Instant::now();
        self.cancel.cancel();
        self.thread.take().unwrap().join().unwrap();
        assert!(asked.elapsed() < Duration::from_secs(1), "it ended after {:?}", asked.elapsed());
    }
}

impl Seen {
    fn of(change: &Change<'_>) -> Self {
        let told = |files: &[&LoadedFile]| {
            let one = |file: &&LoadedFile| {
                let codes = file.diagnostics.iter().map(|finding| format!(" {}", finding.code));
                format!("{}{}", file.display, codes.collect::<String>())
            };
            files.iter().map(one).collect()
        };
        match change {
            Change::Started { files } => Self::Started(told(files)),
            Change::Configs { files, removed } => Self::Configs(told(files), removed.clone()),
            Change::Outputs { datasets } => Self::Outputs(datasets.clone()),
            Change::Blind { .. } => Self::Blind,
        }
    }

    fn configs(files: &[&str], removed: &[&str]) -> Self {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self::Configs(owned(files), owned(removed))
    }
}

fn write(root: &Path, name: &str, text: &str) {
    std::fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
    std::fs::write(root.join(name), text).unwrap();
}

/// A temporary folder by its real path.
fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap().join("root");
    std::fs::create_dir(&root).unwrap();
    (folder, root)
}

fn config(table: &str) -> String {
    format!(
        "config_version: 1\nplatform: {{bronze: {{output_dir: ./lake}}}}\nsources:\n  - name: {table}\n    source: {{type: file, system: s, table: {table}, file: {{path: a.csv}}}}\n"
    )
}

#[test]
fn a_change_is_told_once_and_no_change_is_not() {
    for sight in [Sight::Best, Sight::Looking] {
        let (_kept, root) = folder();
        write(&root, "a.yaml", &config("a"));
        write(&root, "b.yaml", &config("b"));
        let watcher = Watcher::start(&root, "", None, sight);
        write(&root, "a.yaml", &config("a").replace("file:", "fiel:"));
        let Seen::Configs(files, removed) = watcher.next() else { panic!("another change") };
        assert!(files.len() == 1 && files[0].starts_with("a.yaml CFG0") && removed.is_empty(), "{files:?}");
        write(&root, "b.yaml", &config("b"));
        write(&root, "notes.txt", "not a configuration");
        watcher.nothing();
        std::fs::remove_file(root.join("a.yaml")).unwrap();
        assert_eq!(watcher.next(), Seen::configs(&[], &["a.yaml"]));
    }
}

#[test]
fn editors_replace_files_and_folders_come_and_go() {
    let (_kept, root) = folder();
    write(&root, "a.yaml", &config("a"));
    let watcher = Watcher::start(&root, "", None, Sight::Best);
    for round in 0..3 {
        write(&root, ".a.yaml.swp", &(config("a") + &format!("x-round: {round}\n")));
        std::fs::rename(root.join(".a.yaml.swp"), root.join("a.yaml")).unwrap();
        assert_eq!(watcher.next(), Seen::configs(&["a.yaml"], &[]), "round {round}");
    }
    write(&root, "team/deep/c.yaml", &config("c"));
    assert_eq!(watcher.next(), Seen::configs(&["team/deep/c.yaml"], &[]));
    write(&root, "team/deep/c.yaml", &(config("c") + "# more\n"));
    assert_eq!(watcher.next(), Seen::configs(&["team/deep/c.yaml"], &[]));
    std::fs::rename(root.join("team"), root.join("group")).unwrap();
    assert_eq!(watcher.next(), Seen::configs(&["group/deep/c.yaml"], &["team/deep/c.yaml"]));
    write(&root, "group/deep/c.yaml", &config("c"));
    assert_eq!(watcher.next(), Seen::configs(&["group/deep/c.yaml"], &[]), "it is watched under its new name");
    std::fs::remove_dir_all(root.join("group")).unwrap();
    write(&root, "group/deep/d.yaml", &config("d"));
    assert_eq!(watcher.next(), Seen::configs(&["group/deep/d.yaml"], &["group/deep/c.yaml"]));
    write(&root, "group/deep/d.yaml", &config("e"));
    assert_eq!(watcher.next(), Seen::configs(&["group/deep/d.yaml"], &[]), "and a new folder of an old name");
}

#[test]
fn what_a_configuration_is_made_of_counts() {
    let (_kept, root) = folder();
    write(
        &root,
        "sub/a.yaml",
        &format!("extends: ../../shared/base.yaml\n{}", config("a").replace("a.csv", "'${DIR}/a.csv'")),
    );
    write(&root, "../shared/base.yaml", "config_version: 1\n");
    write(&root, "environments/dev.yaml", "platform: {environment: dev}\n");
    let watcher = Watcher::start(&root, "sub", Some("dev"), Sight::Best);
    write(&root, ".env", "DIR=x\n");
    assert_eq!(watcher.next(), Seen::configs(&["sub/a.yaml"], &[]), "the variable is set");
    std::fs::remove_file(root.join(".env")).unwrap();
    assert_eq!(watcher.next(), Seen::configs(&["sub/a.yaml CFG017"], &[]));
    write(&root, "sub/.env", "DIR=x\n");
    assert_eq!(watcher.next(), Seen::configs(&["sub/a.yaml"], &[]));
    write(&root, "../shared/base.yaml", "config_version: 1\nplatfrom: {}\n");
    assert_eq!(watcher.next(), Seen::configs(&["sub/a.yaml CFG013"], &[]), "a parent outside");
    write(&root, "../shared/base.yaml", "config_version: 1\n");
    assert_eq!(watcher.next(), Seen::configs(&["sub/a.yaml"], &[]));
    write(&root, "environments/dev.yaml", "platform: {enviroment: dev}\n");
    assert_eq!(watcher.next(), Seen::configs(&["sub/a.yaml CFG013"], &[]), "the overlay");
}

#[test]
fn commits_are_told_and_half_written_ones_are_not() {
    for sight in [Sight::Best, Sight::Looking] {
        let (_kept, root) = folder();
        write(&root, "a.yaml", &config("a"));
        write(&root, "b.yaml", &config("b"));
        let partition = "lake/system=s/table=a/pattern=full/dt=2025-01-01";
        let watcher = Watcher::start(&root, "", None, sight);
        write(&root, &format!("{partition}/part-0001-x.csv"), "x");
        write(&root, &format!("{partition}/_commits/.1.json-x.tmp"), "{");
        watcher.nothing();
        write(&root, &format!("{partition}/_commits/1.json"), "{}");
        assert_eq!(watcher.next(), Seen::Outputs(vec!["a".into()]));
        write(&root, &format!("{partition}/_commits/2.json"), "{}");
        assert_eq!(watcher.next(), Seen::Outputs(vec!["a".into()]));
        write(&root, "lake/system=s/table=b/pattern=full/dt=2025-01-02/_commits/1.json", "{}");
        assert_eq!(watcher.next(), Seen::Outputs(vec!["b".into()]));
        std::fs::remove_dir_all(root.join("lake/system=s/table=a")).unwrap();
        assert_eq!(watcher.next(), Seen::Outputs(vec!["a".into()]));
    }
}

#[test]
fn loads_are_told() {
    let (_kept, root) = folder();
    let silver = "    silver: {domain: d, entity: e}\n";
    write(&root, "a.yaml", &(config("a").replace("}}\nsources", "}, silver: {output_dir: ./lake}}\nsources") + silver));
    let watcher = Watcher::start(&root, "a.yaml", None, Sight::Best);
    write(&root, "lake/domain=d/entity=e/v1/_loads/load_date=2025-01-01/_commits/1.json", "{}");
    assert_eq!(watcher.next(), Seen::Outputs(vec!["a".into()]));
    write(&root, "lake/domain=d/entity=e/v1/_loads/load_date=2025-01-01/_commits/2.json", "{}");
    assert_eq!(watcher.next(), Seen::Outputs(vec!["a".into()]));
}

#[cfg(unix)]
#[test]
fn links_are_followed() {
    use std::os::unix::fs::symlink;
    let (_kept, root) = folder();
    write(&root, "../real/one/a.yaml", &config("a"));
    write(&root, "../real/two/a.yaml", &config("b"));
    symlink("../real/one", root.join("../real/now")).err();
    symlink("one", root.join("../real/current")).unwrap();
    symlink("../real/current/a.yaml", root.join("a.yaml")).unwrap();
    let watcher = Watcher::start(&root, "", None, Sight::Best);
    write(&root, "../real/one/a.yaml", &config("c"));
    assert_eq!(watcher.next(), Seen::configs(&["a.yaml"], &[]), "the file behind the link");
    std::fs::remove_file(root.join("a.yaml")).unwrap();
    symlink("../real/two/a.yaml", root.join("a.yaml")).unwrap();
    assert_eq!(watcher.next(), Seen::configs(&["a.yaml"], &[]), "another file behind the link");
    write(&root, "../real/two/a.yaml", &config("d"));
    assert_eq!(watcher.next(), Seen::configs(&["a.yaml"], &[]), "which is watched now");
}

#[test]
fn a_target_may_come_later() {
    let (_kept, root) = folder();
    let watcher = Watcher::start(&root, "later/a.yaml", None, Sight::Best);
    write(&root, "later/a.yaml", &config("a"));
    assert_eq!(watcher.next(), Seen::configs(&["later/a.yaml"], &[]));
    write(&root, "later/a.yaml", &config("b"));
    assert_eq!(watcher.next(), Seen::configs(&["later/a.yaml"], &[]));
    std::fs::remove_dir_all(root.join("later")).unwrap();
    assert_eq!(watcher.next(), Seen::configs(&["later/a.yaml CFG019"], &[]));
    write(&root, "later/a.yaml", &config("a"));
    assert_eq!(watcher.next(), Seen::configs(&["later/a.yaml"], &[]));
}

#[test]
fn a_storm_is_told_in_few_words() {
    let (_kept, root) = folder();
    write(&root, "a.yaml", &config("a"));
    let watcher = Watcher::start(&root, "", None, Sight::Best);
    for round in 0..3_000 {
        write(&root, "a.yaml", &(config("a") + &format!("# {round}\n")));
        write(&root, &format!("log-{round}.txt"), "x");
        std::fs::remove_file(root.join(format!("log-{round}.txt"))).unwrap();
    }
    write(&root, "b.yaml", &config("b"));
    let mut told = 0;
    loop {
        told += 1;
        if matches!(watcher.next(), Seen::Configs(files, _) if files.iter().any(|file| file == "b.yaml")) {
            break;
        }
    }
    assert!(told <= 20, "{told} events for one storm");
    watcher.nothing();
}

#[test]
fn idle_it_sleeps_and_at_the_end_nothing_is_left() {
    let threads = || std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count);
    let ticks = || -> u64 {
        let Ok(text) = std::fs::read_to_string("/proc/self/stat") else { return 0 };
        let fields: Vec<&str> = text.rsplit(')').next().unwrap().split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    };
    let (_kept, root) = folder();
    for file in 0..50 {
        write(&root, &format!("team-{file}/a.yaml"), &config(&format!("t{file}")));
    }
    let before = threads();
    for _ in 0..5 {
        let watcher = Watcher::start(&root, "", None, Sight::Best);
        watcher.nothing();
        let start = ticks();
        std::thread::sleep(Duration::from_millis(500));
        // A tick is ten milliseconds.
        assert!(ticks() - start <= 1, "{} ticks in half a second of nothing", ticks() - start);
    }
    let deadline = Instant::now() + Duration::from_secs(5);
    while threads() > before && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(threads() <= before, "{} threads are left of {before}", threads());
}

#[test]
fn eyes_fall_back_to_looking() {
    let (_kept, root) = folder();
    let eyes = |sight| Eyes::open(sight, &CancelToken::new());
    assert!(eyes(Sight::Looking).is_looking() && !eyes(Sight::Best).is_looking());
    drop(root);
}
