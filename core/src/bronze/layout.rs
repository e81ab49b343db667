//! Where Bronze partitions are: `[prefix/]system=<s>/table=<t>/[pattern=<p>/][dt=YYYY-MM-DD/]`.
//!
//! Owns the paths and finding what stands there; reads commits, never parts.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::config::settings::{Dataset, LoadPattern};
use crate::publish::{COMMITS, Commit, Inventory, Partition, PublishError, Unreadable};
use crate::storage::hive;
use crate::storage::{self, Disk, Key, Store};

/// The Bronze of one dataset.
#[derive(Clone, Debug)]
pub(crate) struct BronzeTable {
    store: Arc<dyn Store>,
    folder: Key,
    pattern: LoadPattern,
    use_pattern_folder: bool,
    use_dt_partition: bool,
}

/// A committed Bronze partition.
#[derive(Clone, Debug)]
pub(crate) struct Landed {
    /// Its path below the table's folder; empty without pattern and date folders.
    pub(crate) id: String,
    /// The run date it stands for.
    pub(crate) date: NaiveDate,
    /// What its rows mean.
    pub(crate) pattern: LoadPattern,
    /// Where it is.
    pub(crate) partition: Partition,
    /// The version that stands.
    pub(crate) commit: Commit,
}

impl BronzeTable {
    /// The Bronze of `dataset`.
    pub(crate) fn of(dataset: &Dataset, disk: Arc<dyn Disk>) -> Self {
        let bronze = &dataset.bronze;
        let folder = Key::root()
            .join(&bronze.prefix)
            .join(&format!("system={}", hive::escape(&dataset.system)))
            .join(&format!("table={}", hive::escape(&dataset.table)));
        Self {
            store: storage::open(&bronze.storage, disk),
            folder,
            pattern: bronze.load_pattern,
            use_pattern_folder: bronze.use_pattern_folder,
            use_dt_partition: bronze.use_dt_partition,
        }
    }

    /// The folder below which its partitions are, absolute.
    pub(crate) fn place(&self) -> std::path::PathBuf {
        self.store.place(&self.folder)
    }

    /// The partition that a run of `date` writes.
    pub(crate) fn partition(&self, date: NaiveDate) -> Partition {
        self.partition_of(date, self.pattern)
    }

    fn partition_of(&self, date: NaiveDate, pattern: LoadPattern) -> Partition {
        let mut id = String::new();
        if self.use_pattern_folder {
            id = format!("pattern={}", pattern.as_str());
        }
        if self.use_dt_partition {
            id = format!("{id}{}dt={date}", if id.is_empty() { "" } else { "/" });
        }
        self.at(&self.folder.join(&id))
    }

    fn at(&self, folder: &Key) -> Partition {
        Partition::new(self.store.clone(), folder.clone(), folder.clone(), vec![folder.clone()])
    }

    /// Every committed partition over all pattern folders, in order of arrival: by date, `full`
    /// before `cdc`, then by path; beside them those that cannot be read.
    pub(crate) fn landed(&self) -> Result<Inventory<Landed>, PublishError> {
        let mut inventory = Inventory { readable: Vec::new(), unreadable: Vec::new() };
        self.find(&self.folder, &mut inventory)?;
        let Inventory { readable: mut found, unreadable } = inventory;
        // After a change of layout two folders may stand for one date: that of today's layout counts.
        let mut counts: Vec<bool> = Vec::new();
        for landed in &found {
            let at_home =
                |other: &Landed| *other.partition.base() == *self.partition_of(other.date, other.pattern).base();
            let same = |other: &&Landed| other.date == landed.date && other.pattern == landed.pattern;
            counts.push(at_home(landed) || !found.iter().filter(same).any(at_home));
        }
        let mut counts = counts.into_iter();
        found.retain(|_| counts.next().unwrap_or(true));
        found.sort_by(|a, b| {
            (a.date, a.pattern != LoadPattern::Full, &a.id).cmp(&(b.date, b.pattern != LoadPattern::Full, &b.id))
        });
        Ok(Inventory { readable: found, unreadable })
    }

    /// The committed partition of the greatest date, without a look at the others. `None`: there is none
    /// that can be read.
    pub(crate) fn newest(&self) -> Option<Landed> {
        self.newest_below(&self.folder)
    }

    fn newest_below(&self, folder: &Key) -> Option<Landed> {
        let mut entries = self.store.list(folder).ok()?;
        if entries.iter().any(|entry| entry.folder && entry.name == COMMITS) {
            return self.read(folder).ok().flatten();
        }
        entries.retain(|entry| entry.folder && entry.name.contains('='));
        entries.sort_by(|a, b| b.name.cmp(&a.name));
        let (dated, others): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| entry.name.starts_with("dt="));
        let dated = dated.iter().find_map(|entry| self.newest_below(&folder.join(&entry.name)));
        let others = others.iter().filter_map(|entry| self.newest_below(&folder.join(&entry.name)));
        dated.into_iter().chain(others).max_by_key(|landed| landed.date)
    }

    fn find(&self, folder: &Key, found: &mut Inventory<Landed>) -> Result<(), PublishError> {
        for entry in self.store.list(folder)?.into_iter().filter(|entry| entry.folder) {
            if entry.name == COMMITS {
                match self.read(folder) {
                    Ok(landed) => found.readable.extend(landed),
                    Err(error) => found.unreadable.push(self.unreadable(folder, error)),
                }
            } else if entry.name.contains('=') {
                self.find(&folder.join(&entry.name), found)?;
            }
        }
        Ok(())
    }

    fn unreadable(&self, folder: &Key, error: PublishError) -> Unreadable {
        let id = folder.below(&self.folder).unwrap_or_default().to_owned();
        let date = id.split('/').find_map(|segment| segment.strip_prefix("dt=")?.parse().ok());
        Unreadable { id, date, partition: self.at(folder), error: Arc::new(error) }
    }

    fn read(&self, folder: &Key) -> Result<Option<Landed>, PublishError> {
        let partition = self.at(folder);
        let Some(commit) = partition.latest()? else { return Ok(None) };
        let date = commit.text("run_date").and_then(|text| text.parse().ok());
        let pattern = commit.text("load_pattern").and_then(LoadPattern::parse);
        let id = folder.below(&self.folder).unwrap_or_default().to_owned();
        // A folder that says otherwise is a copy somebody made, and a commit without these fields is
        // no Bronze of ours.
        let says = |name: &str| {
            id.split('/').find_map(|segment| segment.strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
        };
        let moved = says("dt").is_some_and(|dt| dt.parse().ok() != date)
            || says("pattern").is_some_and(|folder| LoadPattern::parse(&folder) != pattern);
        if moved {
            return Ok(None);
        }
        Ok(date.zip(pattern).map(|(date, pattern)| Landed { id, date, pattern, partition, commit }))
    }
}
