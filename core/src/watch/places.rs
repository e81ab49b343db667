//! Which folders matter: those with configurations and what these are made of, and those in which
//! commits appear.
//!
//! Looks at names and stamps; opens no file.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::eyes::Stamp;
use crate::bronze::BronzeTable;
use crate::config::layers::ENVIRONMENTS;
use crate::config::{Loaded, files};
use crate::silver::SilverEntity;
use crate::world::World;

/// Folders of outputs that are watched at most, the newest partitions first. A change of an older one is
/// told with the next change of its dataset.
const MOST_OUTPUTS: usize = 4_096;
/// Folders below the place of a dataset: pattern, date, hour, `_commits`, and one to spare.
const DEEPEST: usize = 6;
/// The folder in which a commit appears.
const COMMITS: &str = "_commits";
/// Folders of a dataset below which there may be commits, beside those named `key=value`.
const WITH_COMMITS: [&str; 2] = ["_loads", "_refused"];

/// The side of configurations.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Configs {
    /// Folders to watch, by their real paths.
    pub(super) folders: BTreeSet<PathBuf>,
    /// Everything a configuration may be made of, as it looks from outside.
    pub(super) stamps: BTreeMap<PathBuf, Option<Stamp>>,
}

impl Configs {
    /// What matters for `target`, given what was read last.
    pub(super) fn find(target: &Path, root: &Path, loaded: Option<&Loaded>) -> Self {
        let mut folders = BTreeSet::new();
        let mut add = |folder: &Path| {
            if let Ok(folder) = folder.canonicalize() {
                folders.insert(folder);
            }
        };
        // Where the target itself appears and disappears.
        add(&standing(target.parent().unwrap_or(target)));
        add(root);
        let searched = files::folders(target);
        let mut around: Vec<PathBuf> = searched.into_iter().collect();
        around.push(root.to_owned());
        around.extend(target.parent().map(Path::to_owned));
        let files = loaded.map_or(&[][..], |loaded| &loaded.files);
        for path in files.iter().flat_map(|file| std::iter::once(&file.path).chain(&file.layers)) {
            around.extend(path.parent().map(Path::to_owned));
            // A link and what it leads to.
            if let Ok(real) = path.canonicalize() {
                around.extend(real.parent().map(Path::to_owned));
            }
        }
        for folder in around {
            add(&folder);
            add(&folder.join(ENVIRONMENTS));
        }
        let mut stamps = BTreeMap::new();
        for folder in &folders {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            for entry in entries.filter(|entry| is_input(&entry.file_name())) {
                stamps.insert(entry.path(), Stamp::of(&entry.path()));
            }
        }
        for file in files.iter().flat_map(|file| std::iter::once(&file.path).chain(&file.layers)) {
            stamps.entry(file.clone()).or_insert_with(|| Stamp::of(file));
        }
        Self { folders, stamps }
    }
}

/// Whether a file of this name can be a part of a configuration.
fn is_input(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let suffix = name.rsplit_once('.').map(|(_, suffix)| suffix.to_ascii_lowercase());
    name == ".env" || matches!(suffix.as_deref(), Some("yaml" | "yml"))
}

/// The nearest folder above `path` that is there.
fn standing(path: &Path) -> PathBuf {
    path.ancestors().find(|above| above.is_dir()).unwrap_or(path).to_owned()
}

/// The commits of one dataset in one layer.
#[derive(Debug)]
pub(super) struct Shelf {
    /// Name of the dataset.
    pub(super) dataset: String,
    /// The folder below which its commits are.
    base: PathBuf,
    /// The same without links, if it is there.
    real: Option<PathBuf>,
    /// Folders to watch, by their real paths; the newest partitions first.
    pub(super) folders: Vec<PathBuf>,
    commits: BTreeMap<PathBuf, Commits>,
}

/// The commits of one partition.
#[derive(Debug, PartialEq, Eq)]
struct Commits {
    stamp: Option<Stamp>,
    /// Their names; a commit is never changed.
    names: BTreeSet<std::ffi::OsString>,
}

impl Shelf {
    /// The shelves of everything that was read: those that were known before as they were, new ones
    /// looked at.
    pub(super) fn all(loaded: &Loaded, world: &World, mut before: Vec<Self>) -> Vec<Self> {
        let datasets = loaded.files.iter().flat_map(|file| &file.pipeline).flat_map(|pipeline| &pipeline.datasets);
        let mut shelves: Vec<Self> = Vec::new();
        for dataset in datasets {
            let bronze = BronzeTable::of(dataset, world).place();
            let silver = dataset.silver.as_ref().map(|silver| SilverEntity::of(dataset, silver, world).place());
            // Folders elsewhere cannot be watched.
            for base in std::iter::once(bronze).chain(silver).filter_map(|place| place.local().map(Path::to_owned)) {
                let known = before.iter().position(|shelf| shelf.dataset == dataset.name && shelf.base == base);
                shelves.push(known.map_or_else(|| Self::new(&dataset.name, base), |at| before.swap_remove(at)));
            }
        }
        shelves
    }

    fn new(dataset: &str, base: PathBuf) -> Self {
        let (dataset, real) = (dataset.to_owned(), None);
        let mut shelf = Self { dataset, base, real, folders: Vec::new(), commits: BTreeMap::new() };
        shelf.look();
        shelf
    }

    /// Looks again. Whether its commits are others than before.
    pub(super) fn look(&mut self) -> bool {
        self.folders.clear();
        self.real = self.base.canonicalize().ok();
        let before = std::mem::take(&mut self.commits);
        if self.base.is_dir() {
            self.descend(&self.base.clone(), 0, &before);
        } else {
            // Where it will appear.
            self.folders.extend(standing(&self.base).canonicalize());
        }
        let names = |commits: &BTreeMap<PathBuf, Commits>| -> Vec<(PathBuf, BTreeSet<std::ffi::OsString>)> {
            let some = commits.iter().filter(|(_, commits)| !commits.names.is_empty());
            some.map(|(folder, commits)| (folder.clone(), commits.names.clone())).collect()
        };
        names(&before) != names(&self.commits)
    }

    fn descend(&mut self, folder: &Path, depth: usize, before: &BTreeMap<PathBuf, Commits>) {
        self.folders.extend(folder.canonicalize());
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut below: Vec<PathBuf> = entries
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .filter(|entry| leads_to_commits(&entry.file_name()))
            .map(|entry| entry.path())
            .collect();
        below.sort_by(|a, b| b.cmp(a));
        for path in below {
            if path.file_name() == Some(OsStr::new(COMMITS)) {
                self.read_commits(path, before);
            } else if depth < DEEPEST {
                self.descend(&path, depth + 1, before);
            }
        }
    }

    fn read_commits(&mut self, folder: PathBuf, before: &BTreeMap<PathBuf, Commits>) {
        self.folders.extend(folder.canonicalize());
        let stamp = Stamp::of(&folder);
        let names = match before.get(&folder) {
            Some(known) if known.stamp == stamp => known.names.clone(),
            _ => {
                let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
                entries.map(|entry| entry.file_name()).filter(|name| is_commit(name)).collect()
            }
        };
        self.commits.insert(folder, Commits { stamp, names });
    }

    /// Whether a change of `path` may be a change of commits.
    pub(super) fn concerns(&self, path: &Path) -> bool {
        let Some(name) = path.file_name() else { return true };
        let Some(real) = &self.real else {
            // On the way to it.
            return self.folders.iter().any(|folder| path == folder || path.parent() == Some(folder.as_path()));
        };
        let commit = path.parent().and_then(Path::file_name) == Some(OsStr::new(COMMITS)) && is_commit(name);
        real.starts_with(path) || ((commit || leads_to_commits(name)) && path.starts_with(real))
    }
}

fn leads_to_commits(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name == COMMITS || WITH_COMMITS.contains(&&*name) || name.contains('=')
}

fn is_commit(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    !name.starts_with('.') && name.ends_with(".json")
}

/// Folders of all shelves to watch, the newest of each first.
pub(super) fn output_folders(shelves: &[Shelf]) -> BTreeSet<PathBuf> {
    let longest = shelves.iter().map(|shelf| shelf.folders.len()).max().unwrap_or_default();
    let mut folders = BTreeSet::new();
    for rank in 0..longest {
        for folder in shelves.iter().filter_map(|shelf| shelf.folders.get(rank)) {
            if folders.len() >= MOST_OUTPUTS {
                return folders;
            }
            folders.insert(folder.clone());
        }
    }
    folders
}
