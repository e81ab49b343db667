//! Trying a store out: whether it can be written, and keeps the promises that commits need.
//!
//! Owns the names of trial files, so that a sweep knows those a killed trial left. Takes the same
//! steps as a commit, and never touches data.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use super::{Disk, Hold, Key, Life, Place, StorageError, Store};
use crate::diagnostic::code::{self, Code};
use crate::error::{Coded, Stage};

/// Writers that want one name at the same time.
const RIVALS: usize = 4;

/// What a store that keeps its promises said by the way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trial {
    /// The time the store gave to a file just written.
    pub(crate) modified: Option<SystemTime>,
}

/// Why data should not be trusted to a store.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrialError {
    /// It cannot do a step at all.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Two writers took one name, or a name that was taken was given again.
    #[error("{place} could be put although it was there")]
    NotExclusive {
        /// The trial file.
        place: Place,
    },
    /// What was read is not what was written, or what is there is not listed.
    #[error("{place} {problem}")]
    Changed {
        /// The trial file.
        place: Place,
        /// "is not what was written".
        problem: &'static str,
    },
    /// Signs of life do not work.
    #[error("files in {place} cannot be locked")]
    NoLocks {
        /// The folder.
        place: Place,
        /// The cause, if the system names one.
        #[source]
        source: Option<io::Error>,
    },
    /// A file cannot be given a second name, which is how a commit appears whole.
    #[error("files in {place} cannot have a second name")]
    NoLinks {
        /// The folder.
        place: Place,
        /// The cause.
        #[source]
        source: io::Error,
    },
}

impl Coded for TrialError {
    fn code(&self) -> Code {
        match self {
            Self::Storage(error) => error.code(),
            _ => code::DOC008,
        }
    }
    fn stage(&self) -> Stage {
        Stage::Storage
    }
    fn hint(&self) -> Option<String> {
        match self {
            Self::Storage(error) => error.hint(),
            _ => None,
        }
    }
}

/// Tries out the folder `folder` of a local store, making it if it is missing; afterwards
/// everything is as it was. `ids` gives identifiers that nobody else has.
pub(crate) fn local(
    root: &Path,
    folder: &Key,
    disk: &Arc<dyn Disk>,
    ids: &dyn Fn() -> String,
) -> Result<Trial, TrialError> {
    let store = super::local(root, disk.clone());
    let place = store.place(folder);
    let made: Vec<&Path> =
        place.local().into_iter().flat_map(Path::ancestors).take_while(|above| !above.exists()).collect();
    let tried = run(store.as_ref(), folder, ids);
    for folder in made {
        // One that somebody put a file into meanwhile stays.
        drop(disk.remove_folder(folder));
    }
    tried
}

/// Tries out `folder` of a store.
pub(crate) fn run(store: &dyn Store, folder: &Key, ids: &dyn Fn() -> String) -> Result<Trial, TrialError> {
    sweep(store, folder)?;
    let id = ids();
    let life = folder.join(&format!(".doctor-{id}.lock"));
    let hold = match store.hold(&life, 0) {
        Ok(hold) => hold,
        Err(error) => {
            drop(sweep(store, folder));
            return Err(match error {
                StorageError::Write { source, .. } if source.kind() == io::ErrorKind::Unsupported => {
                    TrialError::NoLocks { place: store.place(folder), source: Some(source) }
                }
                other => other.into(),
            });
        }
    };
    let key = folder.join(&format!(".doctor-{id}.probe"));
    let trial = Attempted { store, key, _hold: hold };
    let result = trial.steps(&life, ids);
    drop(trial);
    // A step that failed may have left its staged copy.
    drop(sweep(store, folder));
    result
}

/// Removes what trials that were killed left in `folder`.
pub(crate) fn sweep(store: &dyn Store, folder: &Key) -> Result<(), StorageError> {
    leftovers(store, folder)?.iter().try_for_each(|key| store.remove(key))
}

/// What trials that were killed left in `folder`.
pub(crate) fn leftovers(store: &dyn Store, folder: &Key) -> Result<Vec<Key>, StorageError> {
    let mut left = Vec::new();
    for entry in store.list(folder)?.into_iter().filter(|entry| !entry.folder) {
        if let Some(id) = trial_of(&entry.name)
            && store.life(&folder.join(&format!(".doctor-{id}.lock")))? != Life::Alive
        {
            left.push(folder.join(&entry.name));
        }
    }
    Ok(left)
}

/// The trial that a file belongs to: `.doctor-<16 hex>.probe`, or its staged copy.
fn trial_of(name: &str) -> Option<&str> {
    let (id, _) = name.strip_prefix('.')?.trim_start_matches('.').strip_prefix("doctor-")?.split_once('.')?;
    (id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(id)
}

/// A trial under way. Dropped, it leaves nothing.
struct Attempted<'a> {
    store: &'a dyn Store,
    key: Key,
    _hold: Box<dyn Hold>,
}

impl Drop for Attempted<'_> {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next sweep.
        drop(self.store.remove(&self.key));
    }
}

impl Attempted<'_> {
    fn steps(&self, life: &Key, ids: &dyn Fn() -> String) -> Result<Trial, TrialError> {
        let Self { store, key, .. } = self;
        let place = || store.place(key);
        let changed = |problem| TrialError::Changed { place: place(), problem };
        let folder = key.parent().unwrap_or_default();
        if store.life(life)? != Life::Alive {
            return Err(TrialError::NoLocks { place: store.place(&folder), source: None });
        }
        let winner = self.race(&folder, ids)?;
        if store.read(key)? != winner {
            return Err(changed("is not what was written"));
        }
        match store.put_new(key, b"second", &ids()) {
            Err(StorageError::Exists { .. }) => {}
            Err(other) => return Err(other.into()),
            Ok(()) => return Err(TrialError::NotExclusive { place: place() }),
        }
        store.replace(key, b"replaced", &ids())?;
        if store.read(key)? != b"replaced" {
            return Err(changed("is not what was written over it"));
        }
        let listed = store.list(&folder)?;
        if !listed.iter().any(|entry| key.as_str().rsplit('/').next() == Some(entry.name.as_str())) {
            return Err(changed("is there, but not listed"));
        }
        let modified = store.open(key)?.0.modified();
        store.remove(key)?;
        match store.read(key) {
            Err(StorageError::Missing { .. }) => Ok(Trial { modified }),
            Err(other) => Err(other.into()),
            Ok(_) => Err(changed("was removed, but is still there")),
        }
    }

    /// Several writers put the file at once; gives the bytes of the one that won.
    fn race(&self, folder: &Key, ids: &dyn Fn() -> String) -> Result<Vec<u8>, TrialError> {
        let Self { store, key, .. } = self;
        let rivals: Vec<String> = (0..RIVALS).map(|_| ids()).collect();
        let results: Vec<_> = std::thread::scope(|scope| {
            let running: Vec<_> = rivals
                .iter()
                .map(|id| scope.spawn(move || store.put_new(key, format!("first {id}").as_bytes(), id)))
                .collect();
            running.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
        });
        let mut winners = Vec::new();
        for (id, result) in rivals.iter().zip(results) {
            match result {
                Ok(Ok(())) => winners.push(id),
                Ok(Err(StorageError::Exists { .. })) => {}
                Ok(Err(StorageError::Write { source, .. })) if no_links(&source) => {
                    return Err(TrialError::NoLinks { place: store.place(folder), source });
                }
                Ok(Err(other)) => return Err(other.into()),
                Err(_) => return Err(TrialError::NotExclusive { place: store.place(key) }),
            }
        }
        match winners.as_slice() {
            [winner] => Ok(format!("first {winner}").into_bytes()),
            _ => Err(TrialError::NotExclusive { place: store.place(key) }),
        }
    }
}

/// What systems say of a file system without hard links. A refusal of permission is no sign: the
/// file beside it was just made.
fn no_links(error: &io::Error) -> bool {
    const EPERM: i32 = 1;
    error.kind() == io::ErrorKind::Unsupported || (cfg!(unix) && error.raw_os_error() == Some(EPERM))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::storage::{DiskFile, RealDisk};

    static NEXT: AtomicU64 = AtomicU64::new(0);

    fn ids() -> String {
        format!("{:016x}", NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// Refuses one kind of step, or does it wrongly.
    #[derive(Debug)]
    struct Odd(&'static str, fn(&Path, &Path) -> io::Result<()>);

    impl Odd {
        fn step(&self, name: &str, from: &Path, to: &Path) -> Option<io::Result<()>> {
            (self.0 == name).then(|| (self.1)(from, to))
        }
    }

    impl Disk for Odd {
        fn create_folders(&self, path: &Path) -> io::Result<()> {
            self.step("create_folders", path, path).unwrap_or_else(|| RealDisk.create_folders(path))
        }
        fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
            self.step("create", path, path).unwrap_or(Ok(()))?;
            RealDisk.create(path)
        }
        fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
            self.step("link", from, to).unwrap_or_else(|| RealDisk.link(from, to))
        }
        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            self.step("rename", from, to).unwrap_or_else(|| RealDisk.rename(from, to))
        }
        fn remove(&self, path: &Path) -> io::Result<()> {
            RealDisk.remove(path)
        }
        fn remove_folder(&self, path: &Path) -> io::Result<()> {
            RealDisk.remove_folder(path)
        }
        fn sync_folder(&self, path: &Path) -> io::Result<()> {
            RealDisk.sync_folder(path)
        }
    }

    fn files(folder: &Path) -> usize {
        std::fs::read_dir(folder).map_or(0, Iterator::count)
    }

    #[test]
    fn a_good_store_is_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let disk: Arc<dyn Disk> = Arc::new(RealDisk);
        let root = folder.path().join("lake/bronze");
        for key in [Key::root(), Key::root().join("a/b")] {
            let trial = local(&root, &key, &disk, &ids).unwrap();
            assert!(trial.modified.is_some());
            assert_eq!(files(folder.path()), 0, "the folders that were made are gone");
        }
        std::fs::create_dir_all(&root).unwrap();
        std::fs::write(root.join("mine"), "x").unwrap();
        local(&root, &Key::root().join("p"), &disk, &ids).unwrap();
        assert_eq!(files(&root), 1);
    }

    #[test]
    fn what_a_store_cannot_do_is_named_and_nothing_stays() {
        let refuse: fn(&Path, &Path) -> io::Result<()> = |_, _| Err(io::ErrorKind::PermissionDenied.into());
        let full: fn(&Path, &Path) -> io::Result<()> = |_, _| Err(io::ErrorKind::StorageFull.into());
        let over: fn(&Path, &Path) -> io::Result<()> = |from, to| std::fs::copy(from, to).map(drop);
        let none: fn(&Path, &Path) -> io::Result<()> = |_, _| Err(io::ErrorKind::Unsupported.into());
        for (step, how, code, words) in [
            ("create_folders", refuse, code::STG010, "cannot be written"),
            ("create", full, code::STG010, "cannot be written"),
            ("link", none, code::DOC008, "cannot have a second name"),
            ("link", over, code::DOC008, "could be put although it was there"),
            ("rename", refuse, code::STG010, "cannot be written"),
            ("rename", none, code::DOC008, "cannot be locked"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let disk: Arc<dyn Disk> = Arc::new(Odd(step, how));
            let error = local(&folder.path().join("lake"), &Key::root(), &disk, &ids).unwrap_err();
            assert_eq!(error.code(), code, "{step}: {error}");
            assert!(error.to_string().contains(words), "{step}: {error}");
            assert_eq!(files(folder.path()), 0, "{step}: {error}");
        }
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("lake"), "x").unwrap();
        let disk: Arc<dyn Disk> = Arc::new(RealDisk);
        let error = local(&folder.path().join("lake/bronze"), &Key::root(), &disk, &ids).unwrap_err();
        assert_eq!((error.code(), files(folder.path())), (code::STG011, 1), "{error}");
    }

    #[test]
    fn leftovers_of_the_dead_are_swept_and_those_of_the_living_stay() {
        let folder = tempfile::tempdir().unwrap();
        let dead = "00112233445566ff";
        for name in ["probe", "lock", "tmp", "probe-0123456789abcdef.tmp"] {
            let dots = if name.contains('-') { ".." } else { "." };
            std::fs::write(folder.path().join(format!("{dots}doctor-{dead}.{name}")), "x").unwrap();
        }
        std::fs::write(folder.path().join(".doctor-notes.txt"), "mine").unwrap();
        let store = super::super::local(folder.path(), Arc::new(RealDisk));
        let id = ids();
        let alive = store.hold(&Key::root().join(&format!(".doctor-{id}.lock")), 0).unwrap();
        std::fs::write(folder.path().join(format!(".doctor-{id}.probe")), "x").unwrap();
        sweep(store.as_ref(), &Key::root()).unwrap();
        assert_eq!(files(folder.path()), 3);
        drop(alive);
        sweep(store.as_ref(), &Key::root()).unwrap();
        assert_eq!(files(folder.path()), 1);
    }
}
