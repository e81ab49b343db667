//! Seeing that something changed in a folder: by the system's notifications, or by looking again where
//! these do not work.
//!
//! Owns the threads and the waiting; does not know what the folders mean. Time here is how long to be
//! quiet, never what time it is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use crate::cancel::CancelToken;

/// A batch of changes ends when nothing happened for so long.
const QUIET: Duration = Duration::from_millis(160);
/// Or when it has lasted so long: a folder in which something always happens is told of too.
const LONGEST: Duration = Duration::from_secs(1);
/// How often to look where nobody notifies.
const PERIOD: Duration = Duration::from_secs(2);
/// Paths of one batch at most; after that it is easier to look at everything again.
const MOST_PATHS: usize = 4_096;

/// How to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// By the system's notifications, else by looking.
    Best,
    /// By looking only, which tests ask for.
    #[cfg_attr(not(test), expect(dead_code, reason = "what `Best` falls back to is asked for by tests"))]
    Looking,
}

/// What was seen.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Glimpse {
    /// Changed files, and folders in which something changed.
    pub(super) paths: BTreeSet<PathBuf>,
    /// Those of them that were removed or renamed, even if something of the name is there again.
    pub(super) moved: BTreeSet<PathBuf>,
    /// Nothing was seen, but it is time to look around again.
    pub(super) again: bool,
    /// Something was missed, so anything may have changed.
    pub(super) missed: bool,
}

/// Where the notifier's thread puts what it saw.
#[derive(Debug, Default)]
struct Inbox {
    seen: Glimpse,
    /// Grows with every change.
    count: u64,
    cancelled: bool,
}

type Post = Arc<(Mutex<Inbox>, Condvar)>;

/// Watches a set of folders.
pub(super) struct Eyes {
    post: Post,
    means: Means,
}

enum Means {
    Notified { watcher: RecommendedWatcher, watched: BTreeSet<PathBuf> },
    Looking { prints: BTreeMap<PathBuf, Print> },
}

/// What a folder looks like from outside.
type Print = Option<Vec<(std::ffi::OsString, Stamp)>>;

/// What a file looks like from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Changes also when a tool sets the time of modification back.
    changed: (i64, i64, u64),
}

impl Stamp {
    /// The stamp of what is at `path`, links followed; `None` if nothing is.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let about = std::fs::metadata(path).ok()?;
        #[cfg(unix)]
        let changed = {
            use std::os::unix::fs::MetadataExt as _;
            (about.ctime(), about.ctime_nsec(), about.ino())
        };
        #[cfg(not(unix))]
        let changed = (0, 0, 0);
        Some(Self { length: about.len(), modified: about.modified().ok(), changed })
    }
}

impl Eyes {
    /// Eyes that close when `cancel` is cancelled.
    pub(super) fn open(sight: Sight, cancel: &CancelToken) -> Self {
        let post = Post::default();
        let bell = Arc::downgrade(&post);
        cancel.on_cancel(move || {
            if let Some(post) = bell.upgrade() {
                lock(&post).cancelled = true;
                post.1.notify_all();
            }
        });
        let notified = || notify::recommended_watcher(handler(post.clone())).ok();
        let means = match (sight == Sight::Best).then(notified).flatten() {
            Some(watcher) => Means::Notified { watcher, watched: BTreeSet::new() },
            None => Means::Looking { prints: BTreeMap::new() },
        };
        Self { post, means }
    }

    /// Watches these folders and no others; says whether any is watched from now on. Folders that are not
    /// there, or that may not be read, are left out: the folder above tells when that changes.
    pub(super) fn look_at(&mut self, folders: &BTreeSet<PathBuf>) -> bool {
        let mut new = false;
        if let Means::Notified { watcher, watched } = &mut self.means {
            let gone: Vec<PathBuf> = watched.difference(folders).cloned().collect();
            for folder in gone {
                // It may be gone already.
                drop(watcher.unwatch(&folder));
                watched.remove(&folder);
            }
            let mut exhausted = false;
            for folder in folders {
                if watched.contains(folder) {
                    continue;
                }
                match watcher.watch(folder, RecursiveMode::NonRecursive) {
                    Ok(()) => new |= watched.insert(folder.clone()),
                    Err(error) => exhausted |= is_exhausted(&error),
                }
            }
            if !exhausted {
                return new;
            }
            // The system has no notifications left.
            self.means = Means::Looking { prints: BTreeMap::new() };
        }
        if let Means::Looking { prints } = &mut self.means {
            prints.retain(|folder, _| folders.contains(folder));
            for folder in folders {
                prints.entry(folder.clone()).or_insert_with(|| {
                    new = true;
                    print(folder)
                });
            }
        }
        new
    }

    /// Forgets a folder that was removed or renamed, so that the next one of its name is watched anew.
    pub(super) fn forget(&mut self, path: &Path) {
        if let Means::Notified { watcher, watched } = &mut self.means {
            let from = watched.range(path.to_owned()..);
            let below: Vec<PathBuf> = from.take_while(|folder| folder.starts_with(path)).cloned().collect();
            for folder in below {
                drop(watcher.unwatch(&folder));
                watched.remove(&folder);
            }
        }
    }

    /// Makes the next [`Self::wait`] end when it is quiet, as if something had been seen.
    pub(super) fn look_again(&self) {
        let mut inbox = lock(&self.post);
        inbox.seen.again = true;
        inbox.count += 1;
        self.post.1.notify_all();
    }

    /// [`Self::forget`] for all folders, after something was missed.
    pub(super) fn forget_all(&mut self) {
        if let Means::Notified { watcher, watched } = &mut self.means {
            for folder in std::mem::take(watched) {
                drop(watcher.unwatch(&folder));
            }
        }
    }

    /// Waits for a change and then until it is quiet. `None`: cancelled.
    pub(super) fn wait(&mut self) -> Option<Glimpse> {
        match &mut self.means {
            Means::Notified { .. } => self.wait_for_post(),
            Means::Looking { prints } => loop {
                let inbox = lock(&self.post);
                let (mut inbox, _) = wait(&self.post.1, inbox, PERIOD, |inbox| !inbox.cancelled);
                if inbox.cancelled {
                    return None;
                }
                inbox.count = 0;
                let mut seen = std::mem::take(&mut inbox.seen);
                drop(inbox);
                for (folder, before) in prints.iter_mut() {
                    let now = print(folder);
                    if now != *before {
                        *before = now;
                        seen.paths.insert(folder.clone());
                    }
                }
                if seen != Glimpse::default() {
                    return Some(seen);
                }
            },
        }
    }

    fn wait_for_post(&self) -> Option<Glimpse> {
        let (mutex, condvar) = &*self.post;
        let inbox = mutex.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = |inbox: &mut Inbox| !inbox.cancelled && inbox.count == 0;
        let mut inbox = condvar.wait_while(inbox, idle).unwrap_or_else(PoisonError::into_inner);
        let started = Instant::now();
        while !inbox.cancelled && started.elapsed() < LONGEST {
            let before = inbox.count;
            let still = |inbox: &Inbox| !inbox.cancelled && inbox.count == before;
            let (after, quiet) = wait(condvar, inbox, QUIET, still);
            inbox = after;
            if quiet {
                break;
            }
        }
        if inbox.cancelled {
            return None;
        }
        inbox.count = 0;
        Some(std::mem::take(&mut inbox.seen))
    }

    /// Whether changes are seen by looking now and then.
    #[cfg(test)]
    pub(super) const fn is_looking(&self) -> bool {
        matches!(self.means, Means::Looking { .. })
    }
}

fn handler(post: Post) -> impl Fn(notify::Result<notify::Event>) + Send + 'static {
    move |event| {
        let mut inbox = lock(&post);
        match event {
            // That somebody reads a file is no change, and we read them ourselves.
            Ok(event) if matches!(event.kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write)) =>
            {
                return;
            }
            Ok(event) => {
                inbox.seen.missed |= event.need_rescan() || event.paths.is_empty();
                if matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))) {
                    inbox.seen.moved.extend(event.paths.iter().cloned());
                }
                inbox.seen.paths.extend(event.paths);
            }
            Err(_) => inbox.seen.missed = true,
        }
        if inbox.seen.paths.len() > MOST_PATHS {
            inbox.seen = Glimpse { missed: true, ..Glimpse::default() };
        }
        inbox.count += 1;
        post.1.notify_all();
    }
}

fn lock(post: &Post) -> MutexGuard<'_, Inbox> {
    post.0.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits while `condition` holds, at most `time`. The second is whether the time has run out.
fn wait<'p>(
    condvar: &Condvar,
    inbox: MutexGuard<'p, Inbox>,
    time: Duration,
    condition: impl Fn(&Inbox) -> bool,
) -> (MutexGuard<'p, Inbox>, bool) {
    let (inbox, timeout) =
        condvar.wait_timeout_while(inbox, time, |inbox| condition(inbox)).unwrap_or_else(PoisonError::into_inner);
    (inbox, timeout.timed_out())
}

/// Whether the system can watch no more.
fn is_exhausted(error: &notify::Error) -> bool {
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => true,
        notify::ErrorKind::Io(error) => !matches!(
            error.kind(),
            std::io::ErrorKind::NotFound | std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::NotADirectory
        ),
        _ => false,
    }
}

fn print(folder: &Path) -> Print {
    let entries = std::fs::read_dir(folder).ok()?;
    let mut print: Vec<_> =
        entries.flatten().filter_map(|entry| Some((entry.file_name(), Stamp::of(&entry.path())?))).collect();
    print.sort_by(|a, b| a.0.cmp(&b.0));
    Some(print)
}
