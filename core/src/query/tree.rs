//! The tree of what stands in a layer's storage, a page at a time, also what no config names.
//!
//! Lists folders and reads commits; never a part.

use std::sync::Arc;

use super::QueryError;
use crate::api::wire::{BrowseEntry, BrowsePage, BrowseRoot, Count, Glance};
use crate::publish::{COMMITS, Commit, Partition};
use crate::storage::together::together;
use crate::storage::{Entry, Key, Page, Store};

/// Entries that are looked at to bring the newest first.
const SORTED: usize = 1_000;
/// Folder of the commits of Silver loads.
const LOADS: &str = "_loads";

/// A place where a layer is.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    /// As the user would name it.
    pub(crate) name: String,
    /// Kind of storage.
    pub(crate) storage: &'static str,
    /// Its store.
    pub(crate) store: Arc<dyn Store>,
    /// Whether loads are kept as Silver keeps them.
    pub(crate) silver: bool,
    /// Datasets with the folder that is theirs.
    pub(crate) datasets: Vec<(String, Key)>,
}

impl Root {
    /// As it crosses the door.
    pub(crate) fn told(&self) -> BrowseRoot {
        BrowseRoot {
            root: self.name.clone(),
            storage: self.storage.to_owned(),
            datasets: self.datasets.iter().map(|(name, _)| name.clone()).collect(),
        }
    }

    fn dataset(&self, path: &str) -> Option<String> {
        let within = |folder: &Key| {
            let key = Key::root().join(path);
            key == *folder || key.below(folder).is_some()
        };
        self.datasets.iter().find(|(_, folder)| within(folder)).map(|(name, _)| name.clone())
    }

    /// The partition whose commits are in the folder `path`.
    pub(crate) fn partition(&self, path: &str) -> Partition {
        let folder = Key::root().join(path);
        let base = match folder.parent() {
            Some(loads) if self.silver && is_loads(&loads) => loads.parent().unwrap_or_default(),
            _ => folder.clone(),
        };
        Partition::new(self.store.clone(), base, folder, Vec::new())
    }
}

fn is_loads(folder: &Key) -> bool {
    folder.as_str() == LOADS || folder.as_str().ends_with("/_loads")
}

/// Whether a path stays below its root.
pub(crate) fn is_below(path: &str) -> bool {
    path.is_empty() || path.split('/').all(|segment| !matches!(segment, "" | "." | ".."))
}

/// A page of a folder. `after` is the `next` of the page before.
pub(crate) fn browse(root: &Root, path: &str, after: Option<&str>, limit: usize) -> Result<BrowsePage, QueryError> {
    let limit = limit.clamp(1, SORTED);
    let mut folder = Key::root().join(path);
    if root.silver && !root.store.page(&folder.join(LOADS), None, 1)?.entries.is_empty() {
        folder = folder.join(LOADS);
    }
    let entry = |entry: Entry| {
        let path = folder.join(&entry.name).as_str().to_owned();
        BrowseEntry { dataset: root.dataset(&path), name: entry.name, folder: entry.folder, path }
    };
    // Names that begin with a dot are files on their way.
    let shown = |entry: &Entry| !entry.name.starts_with('.');
    let behind = match after.and_then(|after| after.split_once(':')) {
        Some(("up", name)) => Some(name),
        _ => None,
    };
    if behind.is_none() {
        let page = root.store.page(&folder, None, SORTED)?;
        if !page.more {
            let mut entries: Vec<_> = page.entries.into_iter().filter(shown).collect();
            if entries.iter().any(|entry| entry.folder) && entries.iter().all(|entry| is_dated(&entry.name)) {
                entries.reverse();
            }
            let skip = after.and_then(|after| after.strip_prefix("at:")?.parse().ok()).unwrap_or(0);
            let total = entries.len();
            let entries: Vec<_> = entries.into_iter().skip(skip).take(limit).map(entry).collect();
            let reached = skip + entries.len();
            let next = (reached < total).then(|| format!("at:{reached}"));
            return Ok(BrowsePage { roots: Vec::new(), entries, total: Some(Count(total as u64)), next });
        }
        // It is not asked again for what is here already.
        let mut page = page;
        page.entries.truncate(limit);
        return Ok(in_order(page, shown, entry));
    }
    Ok(in_order(root.store.page(&folder, behind, limit)?, shown, entry))
}

/// A page in the order of the storage.
fn in_order(page: Page, shown: impl Fn(&Entry) -> bool, entry: impl Fn(Entry) -> BrowseEntry) -> BrowsePage {
    let last = page.entries.last().map(|entry| format!("up:{}", entry.name));
    let entries = page.entries.into_iter().filter(shown).map(entry).collect();
    BrowsePage { roots: Vec::new(), entries, total: None, next: last.filter(|_| page.more) }
}

/// `dt=2025-01-31`, or a folder of ours such as `_commits`.
fn is_dated(name: &str) -> bool {
    let date = |(_, value): (&str, &str)| value.get(..10).is_some_and(|day| day.parse::<chrono::NaiveDate>().is_ok());
    name.starts_with('_') || name.split_once('=').is_some_and(date)
}

/// What folders are, in the order asked for.
pub(crate) fn glance(root: &Root, paths: &[String]) -> Vec<Glance> {
    together(paths, |path| look(root, path))
}

fn look(root: &Root, path: &str) -> Glance {
    let (commit, problem): (Option<Commit>, _) = match root.partition(path).latest() {
        Ok(commit) => (commit, None),
        Err(error) => (None, Some(error.to_string())),
    };
    let of = commit.as_ref();
    Glance {
        path: path.to_owned(),
        partition: commit.is_some() || problem.is_some(),
        version: Count(of.map_or(0, |commit| commit.version)),
        rows: Count(of.map_or(0, Commit::rows)),
        bytes: Count(of.map_or(0, Commit::bytes)),
        rejected: Count(of.map_or(0, Commit::rejected)),
        committed_at: of.map(|commit| commit.committed_at.clone()).unwrap_or_default(),
        problem,
    }
}

/// The files of a partition that are no parts: copies for other tools, and its newest commits.
pub(crate) fn control_files(partition: &Partition) -> Vec<(String, u64)> {
    /// Older commits are in the history.
    const COMMITS_SHOWN: usize = 20;
    let store = partition.store();
    let size = |key: &Key| store.open(key).ok().map(|file| file.0.len());
    let mut files = Vec::new();
    let mut add = |key: Key| {
        if let (Some(path), Some(bytes)) = (key.below(partition.base()), size(&key)) {
            files.push((path.to_owned(), bytes));
        }
    };
    for name in ["_metadata.json", "_checksums.json"] {
        add(partition.control().join(name));
    }
    let commits = partition.control().join(COMMITS);
    for version in partition.numbers().iter().rev().take(COMMITS_SHOWN) {
        add(commits.join(&format!("{version}.json")));
    }
    files
}
