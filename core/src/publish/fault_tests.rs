//! Commits on a local disk that stops at any step: adding to a day, withdrawing, using a number up.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{CommittedTable, Draft, Mark, Partition, PublishError, Published, Void};
use crate::batch::Cursor;
use crate::storage::{self, Disk, DiskFile, Key, RealDisk};

/// A disk that does so many steps and none after them, as if the process had been killed.
#[derive(Debug)]
pub(crate) struct Stopping(Arc<AtomicU64>);

impl Stopping {
    /// So many steps.
    pub(crate) fn after(steps: u64) -> Self {
        Self(Arc::new(AtomicU64::new(steps)))
    }

    fn step(left: &AtomicU64) -> io::Result<()> {
        let before = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        before.map(drop).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

struct StoppingFile(Box<dyn DiskFile>, Arc<AtomicU64>);

impl Write for StoppingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Stopping::step(&self.1)?;
        self.0.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl DiskFile for StoppingFile {
    fn sync(&mut self) -> io::Result<()> {
        Stopping::step(&self.1)?;
        self.0.sync()
    }
}

impl Disk for Stopping {
    fn create_folders(&self, path: &Path) -> io::Result<()> {
        Self::step(&self.0)?;
        RealDisk.create_folders(path)
    }
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Self::step(&self.0)?;
        Ok(Box::new(StoppingFile(RealDisk.create(path)?, self.0.clone())))
    }
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        Self::step(&self.0)?;
        RealDisk.link(from, to)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        Self::step(&self.0)?;
        RealDisk.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        Self::step(&self.0)?;
        RealDisk.remove(path)
    }
    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        Self::step(&self.0)?;
        RealDisk.remove_folder(path)
    }
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        Self::step(&self.0)?;
        RealDisk.sync_folder(path)
    }
}

fn partition(root: &Path, steps: u64) -> Partition {
    let store = storage::local(root, Arc::new(Stopping(Arc::new(AtomicU64::new(steps)))));
    let key = Key::root().join("system=s/dt=2025-01-01");
    Partition::new(store, key.clone(), key.clone(), vec![key])
}

fn mark() -> Mark {
    static NEXT: AtomicU64 = AtomicU64::new(0x2000);
    Mark { attempt: format!("{:016x}", NEXT.fetch_add(1, Ordering::Relaxed)), run_id: "r".into(), time: "t".into() }
}

/// The draft of an extract that has come to `upto`.
fn at(upto: u32, draft: Draft) -> Draft {
    let cursor =
        Cursor { field: "id".into(), value: upto.to_string(), type_name: "integer".into(), boundary: Vec::new() };
    Draft { cursor: Some(cursor), ..draft }
}

fn draft(parts: Vec<super::Part>) -> Draft {
    let rows = parts.iter().map(|part| part.rows).sum();
    Draft {
        run_id: "r".into(),
        committed_at: "t".into(),
        tables: vec![CommittedTable { name: "data".into(), rows, columns: Vec::new(), parts }],
        errors: None,
        metadata: serde_json::json!({ "metadata": {}, "checksums": {} }),
        meaning: "cdc 2025-01-01".into(),
        record_unchanged: false,
        cursor: None,
    }
}

/// Adds a part with the rows `text` to what stands, without any if the text is empty.
fn append(partition: &Partition, upto: u32, text: &str) -> Result<Published, PublishError> {
    static NEXT: AtomicU64 = AtomicU64::new(0x1000);
    let mut attempt = partition.begin(&format!("{:016x}", NEXT.fetch_add(1, Ordering::Relaxed)))?;
    let number = attempt.standing().map_or(0, |standing| standing.tables[0].parts.len()) + 1;
    let mut parts = Vec::new();
    if !text.is_empty() {
        let mut part = attempt.create(&format!("part-{number:04}"), "csv")?;
        part.write_all(text.as_bytes())
            .map_err(|source| storage::StorageError::Write { place: partition.place(), source })?;
        parts.push(part.finish(1)?);
    }
    attempt.append(at(upto, draft(parts)))
}

/// The rows that stand, with the cursor; `None`: nothing stands.
fn seen(partition: &Partition) -> Option<(String, String)> {
    let commit = partition.latest().unwrap()?;
    let text = commit.files().map(|part| {
        assert_eq!(partition.hash(part).unwrap(), part.sha256, "{}", part.path);
        String::from_utf8(partition.store().read(&partition.key(&part.path)).unwrap()).unwrap()
    });
    let text: Vec<String> = text.collect();
    assert_eq!(commit.rows(), text.len() as u64);
    Some((text.join("+"), commit.cursor.map(|cursor| cursor.value).unwrap_or_default()))
}

fn files(root: &Path) -> BTreeSet<String> {
    fn walk(folder: &Path, root: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                walk(&entry.path(), root, found);
            } else {
                found.insert(entry.path().strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/"));
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(root, root, &mut found);
    found
}

#[test]
fn what_is_added_stands_beside_what_stood() {
    let folder = tempfile::tempdir().unwrap();
    let partition = partition(folder.path(), u64::MAX);
    append(&partition, 1, "a").unwrap();
    append(&partition, 2, "b").unwrap();
    let third = append(&partition, 3, "c").unwrap();
    assert_eq!(seen(&partition), Some(("a+b+c".into(), "3".into())));
    let names: Vec<String> = third.commit().files().map(super::Part::nameless_path).collect();
    assert_eq!(names, ["part-0001.csv", "part-0002.csv", "part-0003.csv"]);
    // Nothing new, nothing written.
    let before = files(folder.path());
    let same = partition.begin("00000000000000aa").unwrap().append(at(3, draft(Vec::new()))).unwrap();
    assert!(matches!(same, Published::Unchanged(commit) if commit.version == 3));
    assert_eq!(files(folder.path()), before);
    // A cursor that moved is worth a version, though no row came.
    append(&partition, 4, "").unwrap();
    assert_eq!(seen(&partition), Some(("a+b+c".into(), "4".into())));
    // The whole day again takes the place of all of it.
    let mut attempt = partition.begin("00000000000000bb").unwrap();
    let mut part = attempt.create("part-0001", "csv").unwrap();
    part.write_all(b"z").unwrap();
    let part = part.finish(1).unwrap();
    attempt.commit(draft(vec![part])).unwrap();
    assert_eq!(seen(&partition), Some(("z".into(), String::new())));
    assert_eq!(files(folder.path()).iter().filter(|file| file.contains("/part-")).count(), 1);
}

#[test]
fn rows_of_another_shape_and_damaged_days_are_not_added_to() {
    let folder = tempfile::tempdir().unwrap();
    let partition = partition(folder.path(), u64::MAX);
    append(&partition, 1, "a").unwrap();
    let mut other = draft(Vec::new());
    other.tables[0].rows = 1;
    other.tables[0].columns = super::parts::columns(
        &arrow::datatypes::Schema::new(vec![arrow::datatypes::Field::new("x", arrow::datatypes::DataType::Utf8, true)]),
        |_| false,
    );
    let refused = partition.begin("00000000000000aa").unwrap().append(at(2, other));
    assert!(matches!(refused, Err(PublishError::OtherColumns { .. })), "{refused:?}");
    let standing = partition.latest().unwrap().unwrap();
    let part = standing.files().next().unwrap();
    std::fs::write(partition.place().local().unwrap().join(&part.path), "cut").unwrap();
    assert!(matches!(append(&partition, 3, "b"), Err(PublishError::Incomplete { .. })));
    std::fs::write(partition.place().local().unwrap().join("_commits/1.json"), "{}").unwrap();
    assert!(matches!(append(&partition, 4, "b"), Err(PublishError::Unknown { .. })));
}

/// Does `action` on a disk that stops at each step in turn. `check` is told what a reader sees then.
fn at_every_step(
    prepare: &dyn Fn(&Partition),
    action: &dyn Fn(&Partition) -> Result<(), PublishError>,
    check: &dyn Fn(u64, Option<(String, String)>),
) -> u64 {
    let mut steps = 0;
    loop {
        let folder = tempfile::tempdir().unwrap();
        let whole = partition(folder.path(), u64::MAX);
        prepare(&whole);
        let ended = action(&partition(folder.path(), steps));
        check(steps, seen(&whole));
        action(&whole).unwrap_or_else(|error| panic!("step {steps}: {error}"));
        whole.sweep().unwrap();
        let commit = whole.newest().unwrap().unwrap();
        let named = commit.files().map(|part| format!("system=s/dt=2025-01-01/{}", part.path));
        let named: BTreeSet<String> = named.collect();
        let left: Vec<String> = files(folder.path())
            .into_iter()
            .filter(|file| {
                !named.contains(file)
                    && !file.contains("/_commits/")
                    && !file.ends_with("s.json")
                    && !file.ends_with("a.json")
            })
            .collect();
        assert!(left.is_empty(), "step {steps}: {left:?}");
        if ended.is_ok() {
            return steps;
        }
        steps += 1;
    }
}

#[test]
fn stopped_at_any_step_a_day_has_the_old_rows_or_the_new_ones() {
    let old = Some(("a".to_owned(), "1".to_owned()));
    let new = Some(("a+b".to_owned(), "2".to_owned()));
    let added = at_every_step(
        &|partition| drop(append(partition, 1, "a").unwrap()),
        // Who tries again asks what stands first.
        &|partition| match seen(partition) {
            Some((rows, _)) if rows == "a+b" => Ok(()),
            _ => append(partition, 2, "b").map(drop),
        },
        &|step, seen| assert!(seen == old || seen == new, "step {step}: {seen:?}"),
    );
    let withdrawn = at_every_step(
        &|partition| {
            append(partition, 1, "a").unwrap();
        },
        &|partition| partition.withdraw(Void::Withdrawn, &mark()).map(drop),
        &|step, seen| assert!(seen == old || seen.is_none(), "step {step}: {seen:?}"),
    );
    println!("adding: {added} steps, withdrawing: {withdrawn} steps");
    assert!(added > 15 && withdrawn > 10, "{added} and {withdrawn} steps are too few to be all");
}

#[test]
fn a_number_is_never_used_twice() {
    let folder = tempfile::tempdir().unwrap();
    let partition = partition(folder.path(), u64::MAX);
    append(&partition, 1, "a").unwrap();
    assert!(partition.withdraw(Void::Retention, &mark()).unwrap());
    assert!(!partition.withdraw(Void::Retention, &mark()).unwrap(), "nothing stands any more");
    assert_eq!(seen(&partition), None);
    assert!(partition.history().unwrap().iter().all(|commit| commit.as_ref().unwrap().version == 1));
    let again = append(&partition, 2, "b").unwrap();
    assert_eq!(again.commit().version, 3);
    let left: Vec<String> = files(folder.path()).into_iter().filter(|file| file.contains("/part-")).collect();
    assert_eq!(left.len(), 1, "{left:?}");
}
