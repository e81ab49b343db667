//! The protocol of commits against an adversary: a store in memory on which every call waits for its
//! turn, with writers, clearing and readers as threads, and a seeded schedule that pauses anybody
//! anywhere, kills some, lets signs of life fall silent while their holders still work, loses answers,
//! and lets commits appear after their sender gave up.
//!
//! After every step the newest version must be whole; a number must never mean two things.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Cursor as IoCursor, Read, Write};
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::SystemTime;

use bytes::Bytes;

use super::{Commit, CommittedTable, Draft, Mark, Partition, PublishError, Published, Void};
use crate::storage::{Blob, Entry, Hold, Key, Life, Opened, Place, StorageError, Store, Upload};

/// Schedules of each kind of store.
const SCHEDULES: u64 = 300;

thread_local! {
    static ACTOR: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// What the store promises, from a local disk to the worst that an object store does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The system knows who is alive.
    Local,
    /// Signs of life may look silent at any time.
    Remote,
    /// And answers get lost, and commits appear late.
    Late,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Running,
    Waiting,
    Done,
}

#[derive(Debug)]
struct World {
    kind: Kind,
    random: u64,
    /// Off for the last, undisturbed run.
    hostile: bool,
    files: BTreeMap<String, Bytes>,
    leases: BTreeMap<String, (u64, usize)>,
    /// Commits on their way.
    pending: Vec<(String, Bytes)>,
    /// What each commit file ever was.
    ever: BTreeMap<String, Bytes>,
    dead: BTreeSet<usize>,
    states: Vec<State>,
    turn: Option<usize>,
    steps: u64,
    problems: Vec<String>,
}

impl World {
    fn next(&mut self) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.random >> 33
    }
    fn chance(&mut self, percent: u64) -> bool {
        self.hostile && self.next() % 100 < percent
    }

    fn put(&mut self, key: &str, bytes: &Bytes) -> bool {
        if self.files.contains_key(key) {
            return false;
        }
        self.files.insert(key.to_owned(), bytes.clone());
        if let Some(before) = self.ever.insert(key.to_owned(), bytes.clone())
            && before != *bytes
        {
            self.problems.push(format!("{key} means two things"));
        }
        true
    }

    /// The newest version must be whole at every moment.
    fn check(&mut self, after: &str) {
        let number = |key: &String| key.strip_prefix("_commits/")?.strip_suffix(".json")?.parse::<u64>().ok();
        let Some(newest) = self.files.keys().filter_map(number).max() else { return };
        let commit = match Commit::from_text(&self.files[&format!("_commits/{newest}.json")], newest) {
            Ok(commit) => commit,
            Err(error) => return self.problems.push(format!("version {newest} cannot be read: {error}")),
        };
        for part in commit.files() {
            if self.files.get(&part.path).map(|bytes| bytes.len() as u64) != Some(part.bytes) {
                self.problems.push(format!("after {after}: version {newest} lacks {}", part.path));
            }
        }
    }
}

#[derive(Clone, Debug)]
struct Model(Arc<(Mutex<World>, Condvar)>);

impl Model {
    fn world(&self) -> MutexGuard<'_, World> {
        self.0.0.lock().unwrap()
    }

    /// Waits for the turn of this thread. Gives an error to the dead.
    fn turn(&self, key: &Key) -> Result<MutexGuard<'_, World>, StorageError> {
        let actor = ACTOR.get();
        let mut world = self.world();
        if actor != usize::MAX {
            world.states[actor] = State::Waiting;
            self.0.1.notify_all();
            world = self.0.1.wait_while(world, |world| world.turn != Some(actor)).unwrap();
            world.turn = None;
            world.states[actor] = State::Running;
        }
        world.steps += 1;
        if world.dead.contains(&actor) { Err(refused(key)) } else { Ok(world) }
    }
}

fn refused(key: &Key) -> StorageError {
    StorageError::Write { place: place(key), source: io::ErrorKind::ConnectionReset.into() }
}

fn place(key: &Key) -> Place {
    Place::Remote(key.to_string())
}

#[derive(Debug)]
struct Content(Bytes);

impl Blob for Content {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }
    fn modified(&self) -> Option<SystemTime> {
        None
    }
    fn bytes(&self, range: Range<u64>) -> io::Result<Bytes> {
        Ok(self.0.slice(usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()))
    }
    fn reader(&self, start: u64) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(IoCursor::new(self.0.slice(usize::try_from(start).unwrap()..))))
    }
}

struct Writing(Model, Key, Vec<u8>);

impl Write for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.2.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Upload for Writing {
    fn finish(self: Box<Self>) -> Result<(), StorageError> {
        let mut world = self.0.turn(&self.1)?;
        world.files.insert(self.1.to_string(), self.2.clone().into());
        world.check("a part");
        Ok(())
    }
}

#[derive(Debug)]
struct Lease(Model, Key, bool);

impl Hold for Lease {
    fn fall_silent(mut self: Box<Self>) {
        self.2 = true;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // Fallen silent, it stays, and nobody renews it.
        if self.2 {
            return;
        }
        if let Ok(mut world) = self.0.turn(&self.1) {
            world.leases.remove(self.1.as_str());
        }
    }
}

impl Store for Model {
    fn create(&self, key: &Key) -> Result<Box<dyn Upload>, StorageError> {
        let mut world = self.turn(key)?;
        if world.files.contains_key(key.as_str()) {
            return Err(StorageError::Exists { place: place(key) });
        }
        if world.kind == Kind::Local {
            world.files.insert(key.to_string(), Bytes::new());
        }
        Ok(Box::new(Writing(self.clone(), key.clone(), Vec::new())))
    }
    fn settle(&self, _: &[Key]) -> Result<(), StorageError> {
        Ok(())
    }
    fn put_new(&self, key: &Key, bytes: &[u8], _: &str) -> Result<(), StorageError> {
        let mut world = self.turn(key)?;
        let bytes = Bytes::copy_from_slice(bytes);
        if world.kind == Kind::Late && world.chance(25) {
            match world.next() % 3 {
                0 => drop(world.put(key.as_str(), &bytes)),
                1 => world.pending.push((key.to_string(), bytes)),
                _ => {}
            }
            world.check("a lost reply");
            return Err(refused(key));
        }
        let put = world.put(key.as_str(), &bytes);
        world.check("a commit");
        if put { Ok(()) } else { Err(StorageError::Exists { place: place(key) }) }
    }
    fn replace(&self, key: &Key, bytes: &[u8], _: &str) -> Result<(), StorageError> {
        self.turn(key)?.files.insert(key.to_string(), Bytes::copy_from_slice(bytes));
        Ok(())
    }
    fn read(&self, key: &Key) -> Result<Vec<u8>, StorageError> {
        let world = self.turn(key)?;
        world.files.get(key.as_str()).map(|bytes| bytes.to_vec()).ok_or(StorageError::Missing { place: place(key) })
    }
    fn open(&self, key: &Key) -> Result<Opened, StorageError> {
        let world = self.turn(key)?;
        let bytes = world.files.get(key.as_str()).cloned().ok_or(StorageError::Missing { place: place(key) })?;
        Ok(Opened(Arc::new(Content(bytes))))
    }
    fn list(&self, folder: &Key) -> Result<Vec<Entry>, StorageError> {
        let world = self.turn(folder)?;
        let mut entries = BTreeSet::new();
        for key in world.files.keys().chain(world.leases.keys()) {
            let below = Key::root().join(key);
            let Some(below) = below.below(folder) else { continue };
            match below.split_once('/') {
                Some((name, _)) => entries.insert(Entry { name: name.to_owned(), folder: true }),
                None => entries.insert(Entry { name: below.to_owned(), folder: false }),
            };
        }
        Ok(entries.into_iter().collect())
    }
    fn remove(&self, key: &Key) -> Result<(), StorageError> {
        let mut world = self.turn(key)?;
        world.files.remove(key.as_str());
        world.leases.remove(key.as_str());
        world.check(&format!("the removal of {key} by {}", ACTOR.get()));
        Ok(())
    }
    fn remove_if_empty(&self, _: &Key) -> Result<(), StorageError> {
        Ok(())
    }
    fn hold(&self, key: &Key, plan: u64) -> Result<Box<dyn Hold>, StorageError> {
        self.turn(key)?.leases.insert(key.to_string(), (plan, ACTOR.get()));
        Ok(Box::new(Lease(self.clone(), key.clone(), false)))
    }
    fn may_act_late(&self) -> bool {
        self.world().kind == Kind::Late
    }
    fn life(&self, key: &Key) -> Result<Life, StorageError> {
        let mut world = self.turn(key)?;
        let Some((plan, holder)) = world.leases.get(key.as_str()).copied() else { return Ok(Life::Gone) };
        let ended = world.dead.contains(&holder) || world.states.get(holder).is_none_or(|state| *state == State::Done);
        Ok(match (world.kind, ended) {
            (Kind::Local, true) => Life::Gone,
            (Kind::Local, false) => Life::Alive,
            (_, true) => Life::Silent { plan },
            // Its renewal is late.
            (_, false) if world.chance(50) => Life::Silent { plan },
            (_, false) => Life::Alive,
        })
    }
    fn place(&self, key: &Key) -> Place {
        place(key)
    }
}

fn partition(model: &Model) -> Partition {
    Partition::new(Arc::new(model.clone()), Key::root(), Key::root(), vec![Key::root()])
}

fn draft(tables: Vec<CommittedTable>) -> Draft {
    Draft {
        run_id: "r".into(),
        committed_at: "t".into(),
        tables,
        errors: None,
        metadata: serde_json::json!({ "metadata": {}, "checksums": {} }),
        meaning: String::new(),
        record_unchanged: false,
        cursor: None,
    }
}

fn mark(id: &str) -> Mark {
    Mark { attempt: id.into(), run_id: "r".into(), time: "t".into() }
}

/// Writes two parts and commits them, or adds them to what stands.
fn write(model: &Model, id: &str, append: bool) -> Result<Published, PublishError> {
    let mut attempt = partition(model).begin(id)?;
    let mut parts = Vec::new();
    for number in 1..=2 {
        let mut part = attempt.create(&format!("part-{number:04}"), "csv")?;
        part.write_all(format!("rows of {id}, {number}").as_bytes()).unwrap();
        parts.push(part.finish(1)?);
    }
    let table = CommittedTable { name: "data".into(), rows: 2, columns: Vec::new(), parts };
    if append { attempt.append(draft(vec![table])) } else { attempt.commit(draft(vec![table])) }
}

/// Follows commits until one version was read whole. Gives its number, 0 where nothing stands.
fn read(model: &Model) -> Result<u64, PublishError> {
    let partition = partition(model);
    let mut before = 0;
    'again: loop {
        let Some(commit) = partition.latest()? else { return Ok(0) };
        for part in commit.files() {
            match partition.hash(part) {
                Ok(hash) if hash == part.sha256 => {}
                Ok(_) => panic!("{} has other rows than were committed", part.path),
                Err(StorageError::Missing { .. }) => {
                    assert!(commit.version > before, "version {} stands and lacks {}", commit.version, part.path);
                    before = commit.version;
                    continue 'again;
                }
                Err(other) => return Err(other.into()),
            }
        }
        return Ok(commit.version);
    }
}

/// What a thread does.
#[derive(Clone, Copy, Debug)]
enum Part {
    Write,
    Append,
    Clear,
    Withdraw,
    Read,
}

fn act(model: &Model, part: Part, id: &str) -> Result<(), PublishError> {
    match part {
        Part::Write => write(model, id, false).map(drop),
        Part::Append => write(model, id, true).map(drop),
        Part::Clear => {
            partition(model).fence(&mark(id))?;
            partition(model).sweep()
        }
        Part::Withdraw => partition(model).withdraw(Void::Withdrawn, &mark(id)).map(drop),
        Part::Read => {
            for _ in 0..3 {
                read(model)?;
            }
            Ok(())
        }
    }
}

/// Plays one schedule. Gives the number of steps.
fn play(kind: Kind, seed: u64) -> u64 {
    let cast = [Part::Write, Part::Write, Part::Clear, Part::Read, [Part::Append, Part::Withdraw][(seed % 2) as usize]];
    let model = Model(Arc::new((
        Mutex::new(World {
            kind,
            random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            hostile: true,
            files: BTreeMap::new(),
            leases: BTreeMap::new(),
            pending: Vec::new(),
            ever: BTreeMap::new(),
            dead: BTreeSet::new(),
            states: vec![State::Running; cast.len()],
            turn: None,
            steps: 0,
            problems: Vec::new(),
        }),
        Condvar::new(),
    )));
    // Something stands in half of the schedules.
    model.world().hostile = false;
    if seed % 4 < 2 {
        write(&model, "00000000000000aa", false).unwrap();
    }
    model.world().hostile = true;
    std::thread::scope(|scope| {
        for (actor, part) in cast.into_iter().enumerate() {
            let model = model.clone();
            scope.spawn(move || {
                ACTOR.set(actor);
                let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    let id = format!("{actor:016x}");
                    match act(&model, part, &id) {
                        // Lost races and a store that refuses; anything else is a broken promise.
                        Ok(())
                        | Err(
                            PublishError::Conflict { .. }
                            | PublishError::Vanished { .. }
                            | PublishError::Storage(StorageError::Write { .. }),
                        ) => None,
                        Err(other) => Some(format!("{part:?}: {other}")),
                    }
                }));
                let mut world = model.world();
                world
                    .problems
                    .extend(ended.unwrap_or_else(|_| Some(format!("{part:?} found a version that is not whole"))));
                world.states[actor] = State::Done;
                model.0.1.notify_all();
            });
        }
        direct(&model, cast.len());
    });
    let steps = finish(&model, kind, seed);
    let problems = model.world().problems.clone();
    assert!(problems.is_empty(), "{kind:?}, schedule {seed}: {problems:#?}");
    steps
}

/// Gives the turns, until everybody is done.
fn direct(model: &Model, actors: usize) {
    let mut last = 0;
    loop {
        let mut world = model
            .0
            .1
            .wait_while(model.world(), |world| world.turn.is_some() || world.states.contains(&State::Running))
            .unwrap();
        let waiting: Vec<usize> = (0..actors).filter(|actor| world.states[*actor] == State::Waiting).collect();
        if waiting.is_empty() {
            return;
        }
        if !world.pending.is_empty() && world.chance(10) {
            let (key, bytes) = world.pending.remove(0);
            world.put(&key, &bytes);
            world.check("a late commit");
        }
        // Mostly the same goes on, so that others are paused for long.
        if !waiting.contains(&last) || world.next() % 100 < 20 {
            last = waiting[usize::try_from(world.next()).unwrap() % waiting.len()];
        }
        if world.chance(1) {
            world.dead.insert(last);
        }
        world.turn = Some(last);
        model.0.1.notify_all();
    }
}

/// Afterwards an undisturbed run goes well, and clearing leaves what is named and nothing else.
fn finish(model: &Model, kind: Kind, seed: u64) -> u64 {
    ACTOR.set(usize::MAX);
    model.world().hostile = false;
    partition(model).fence(&mark("00000000000000bb")).unwrap();
    write(model, "00000000000000cc", false).unwrap_or_else(|error| panic!("{kind:?}, schedule {seed}: {error}"));
    // What was on its way arrives at last.
    let pending = std::mem::take(&mut model.world().pending);
    for (key, bytes) in pending {
        model.world().put(&key, &bytes);
    }
    model.world().check("the last late commit");
    partition(model).sweep().unwrap();
    assert!(read(model).unwrap() > 0, "{kind:?}, schedule {seed}");
    let standing = partition(model).latest().unwrap().unwrap();
    let mut world = model.world();
    let named: BTreeSet<&str> = standing.files().map(|part| part.path.as_str()).collect();
    let kept = |key: &&String| {
        !named.contains(key.as_str())
            && !key.starts_with("_commits/")
            && !key.starts_with("_m")
            && !key.starts_with("_c")
    };
    let left: Vec<String> = world.files.keys().filter(kept).chain(world.leases.keys()).cloned().collect();
    if !left.is_empty() {
        world.problems.push(format!("left over: {left:?}"));
    }
    world.steps
}

#[test]
fn no_schedule_makes_a_version_that_is_not_whole() {
    for kind in [Kind::Local, Kind::Remote, Kind::Late] {
        let mut steps = 0;
        for seed in 0..SCHEDULES {
            steps += play(kind, seed);
        }
        println!("{kind:?}: {SCHEDULES} schedules, {steps} steps");
        assert!(steps > SCHEDULES * 100, "{steps} steps are too few");
    }
}

#[test]
fn a_number_is_used_up_by_the_content_that_stands_or_by_nothing() {
    let model = Model(Arc::new((
        Mutex::new(World {
            kind: Kind::Remote,
            random: 1,
            hostile: false,
            files: BTreeMap::new(),
            leases: BTreeMap::new(),
            pending: Vec::new(),
            ever: BTreeMap::new(),
            dead: BTreeSet::new(),
            states: vec![State::Running],
            turn: None,
            steps: 0,
            problems: Vec::new(),
        }),
        Condvar::new(),
    )));
    let partition = partition(&model);
    let silent = |plan: u64| {
        let key = Key::root().join("_commits/.alive-00000000000000dd.lock");
        let mut world = model.world();
        // A holder that nobody hears of.
        world.leases.insert(key.to_string(), (plan, usize::MAX));
        world.files.insert("part-0001-00000000000000dd.csv".into(), Bytes::from_static(b"x"));
    };
    silent(1);
    partition.sweep().unwrap();
    assert!(model.world().files.contains_key("part-0001-00000000000000dd.csv"), "it may wake up");
    assert_eq!(partition.fence(&mark("00000000000000ee")).unwrap(), Some(1));
    assert!(partition.latest().unwrap().is_none(), "nothing stood, and nothing stands");
    assert_eq!(partition.newest().unwrap().unwrap().void, Some(Void::Fence));
    assert!(!model.world().files.contains_key("part-0001-00000000000000dd.csv"));
    let first = write(&model, "00000000000000ff", false).unwrap().commit().clone();
    assert_eq!(first.version, 2);
    silent(3);
    assert_eq!(partition.fence(&mark("00000000000000ee")).unwrap(), Some(3));
    let again = partition.latest().unwrap().unwrap();
    assert_eq!((&again.content, &again.tables, again.version), (&first.content, &first.tables, 3));
    // A plan beyond the next number belongs to nobody we know of: its files stay.
    silent(9);
    assert_eq!(partition.fence(&mark("00000000000000ee")).unwrap(), None);
    partition.sweep().unwrap();
    assert!(model.world().files.contains_key("part-0001-00000000000000dd.csv"));
    assert!(model.world().problems.is_empty());
}
