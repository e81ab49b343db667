//! What every store has to do, as checks that can be run on any of them.
//!
//! A store is given an empty folder to work in; everything written there is removed at the end.

mod files;
mod folders;
mod life;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use super::{Key, StorageError, Store};

/// How much is asked of a store.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Writers that want one name at the same time.
    pub rivals: usize,
    /// How often they do.
    pub rounds: usize,
    /// Files in the folder that is listed in pages.
    pub many: usize,
    /// Bytes of the largest file.
    pub large: usize,
}

impl Default for Effort {
    /// Enough to go through several parts of an upload and several pages of a listing.
    fn default() -> Self {
        Self { rivals: 8, rounds: 10, many: 1_200, large: 20_000_003 }
    }
}

/// A check that a store passed, with what was counted on the way.
#[derive(Clone, Debug)]
pub struct Passed {
    /// Its name.
    pub check: &'static str,
    /// How many things were looked at.
    pub count: usize,
}

/// A promise that a store does not keep.
#[derive(Debug)]
pub struct Broken {
    /// The check.
    pub check: &'static str,
    /// What was seen, and what should have been.
    pub what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.check, self.what)
    }
}

impl std::error::Error for Broken {}

/// What a check works with.
struct Bench<'a> {
    store: &'a Arc<dyn Store>,
    folder: Key,
    effort: Effort,
}

/// What a check says of a store.
type Outcome = Result<usize, String>;

type Check = fn(&Bench<'_>) -> Outcome;

const CHECKS: [(&str, Check); 12] = [
    ("small files", files::small),
    ("uploads", files::uploads),
    ("create-only", files::create_only),
    ("create-only under race", files::race),
    ("ranges", files::ranges),
    ("open files do not change", files::pinned),
    ("removing", files::removing),
    ("folders", folders::folders),
    ("pages", folders::pages),
    ("many files", folders::many),
    ("odd names", folders::odd_names),
    ("signs of life", life::signs),
];

/// Runs all checks in `folder`, which has to be empty.
///
/// # Errors
///
/// The promises that are not kept, each with its check.
pub fn run(store: &Arc<dyn Store>, folder: &str, effort: Effort) -> Result<Vec<Passed>, Vec<Broken>> {
    let (mut passed, mut broken) = (Vec::new(), Vec::new());
    for (index, (check, steps)) in CHECKS.into_iter().enumerate() {
        let bench = Bench { store, folder: Key::root().join(folder).join(&format!("check{index}")), effort };
        match steps(&bench) {
            Ok(count) => passed.push(Passed { check, count }),
            Err(what) => broken.push(Broken { check, what }),
        }
    }
    let left = clear(store.as_ref(), &Key::root().join(folder));
    if let Err(error) = left {
        broken.push(Broken { check: "clearing up", what: told(&error) });
    }
    if broken.is_empty() { Ok(passed) } else { Err(broken) }
}

/// Removes everything below a folder.
fn clear(store: &dyn Store, folder: &Key) -> Result<(), StorageError> {
    let mut files = Vec::new();
    let mut folders = vec![folder.clone()];
    let mut seen = 0;
    while seen < folders.len() {
        let folder = folders[seen].clone();
        seen += 1;
        for entry in store.list(&folder)? {
            let key = folder.join(&entry.name);
            if entry.folder { folders.push(key) } else { files.push(key) }
        }
    }
    each(&files, |key| store.remove(key))?;
    for folder in folders.iter().rev() {
        store.remove_if_empty(folder)?;
    }
    Ok(())
}

/// Does something with each of many, several at a time.
fn each<T: Sync, E: Send>(all: &[T], act: impl Fn(&T) -> Result<(), E> + Sync) -> Result<(), E> {
    const AT_A_TIME: usize = 8;
    let act = &act;
    let share = all.len().div_ceil(AT_A_TIME).max(1);
    std::thread::scope(|scope| {
        let working: Vec<_> =
            all.chunks(share).map(|chunk| scope.spawn(move || chunk.iter().try_for_each(act))).collect();
        working.into_iter().try_for_each(|work| work.join().unwrap_or(Ok(())))
    })
}

/// An error with its causes.
fn told(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}

/// Fails the check unless both are equal.
fn same<T: PartialEq + fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:?} is not {expected:?}")) }
}

impl Bench<'_> {
    fn key(&self, name: &str) -> Key {
        self.folder.join(name)
    }
    fn put(&self, key: &Key, bytes: &[u8]) -> Result<(), String> {
        self.store.put_new(key, bytes, ID).map_err(|error| told(&error))
    }
    fn read(&self, key: &Key) -> Result<Vec<u8>, String> {
        self.store.read(key).map_err(|error| told(&error))
    }
    /// The names in a folder, those of folders with `/` behind.
    fn names(&self, folder: &Key) -> Result<Vec<String>, String> {
        Ok(self.store.list(folder).map_err(|error| told(&error))?.iter().map(super::Entry::cursor).collect())
    }
    fn missing(&self, key: &Key) -> Result<(), String> {
        match self.store.read(key) {
            Err(StorageError::Missing { .. }) => Ok(()),
            Err(other) => Err(format!("reading what is not there: {}", told(&other))),
            Ok(_) => Err(format!("{key} can be read and should not be there")),
        }
    }
}

/// Stands for an attempt.
const ID: &str = "0123456789abcdef";
