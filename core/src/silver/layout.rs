//! Where Silver is: `[prefix/]domain=<d>/entity=<e>/v<N>/[pattern=<p>/]<dataset>/load_date=…/`, with
//! commits in `_loads/load_date=…/` and bad rows in `_errors/load_date=…/`.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::config::settings::{Dataset, SilverSettings};
use crate::publish::{Commit, Inventory, Partition, PublishError, Unreadable};
use crate::storage::together::together;
use crate::storage::{self, Key, Place, Store, hive};
use crate::world::World;

/// The Silver of one dataset.
#[derive(Clone, Debug)]
pub(crate) struct SilverEntity {
    store: Arc<dyn Store>,
    base: Key,
    load_partition_name: String,
    tables: Vec<String>,
}

/// A committed load.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    /// Its path below the entity's folder of loads: `load_date=2025-01-01`.
    pub(crate) id: String,
    /// Its date.
    pub(crate) date: NaiveDate,
    /// Where it is.
    pub(crate) partition: Partition,
    /// The version that stands.
    pub(crate) commit: Commit,
}

impl SilverEntity {
    /// The Silver of `dataset`.
    pub(crate) fn of(dataset: &Dataset, settings: &SilverSettings, world: &World) -> Self {
        let mut base = Key::root()
            .join(&settings.prefix)
            .join(&format!("domain={}", hive::escape(&settings.domain)))
            .join(&format!("entity={}", hive::escape(&settings.entity)))
            .join(&format!("v{}", settings.version));
        if settings.include_pattern_folder {
            base = base.join(&format!("pattern={}", dataset.bronze.load_pattern.as_str()));
        }
        let tables = settings.output_names().into_iter().map(str::to_owned).collect();
        let load_partition_name = settings.load_partition_name.clone();
        Self { store: storage::open(&settings.storage, world), base, load_partition_name, tables }
    }

    /// The Silver in a folder, whoever describes it. `tables` are those that will be written.
    pub(crate) fn at(store: Arc<dyn Store>, base: Key, load_partition_name: String, tables: Vec<String>) -> Self {
        Self { store, base, load_partition_name, tables }
    }

    /// The folder of the entity's version, absolute.
    pub(crate) fn place(&self) -> Place {
        self.store.place(&self.base)
    }

    /// The store it is in.
    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The folder of the entity's version.
    pub(crate) fn base(&self) -> &Key {
        &self.base
    }

    /// The folder with the rows of a date, absolute; of several datasets the first's.
    pub(crate) fn data(&self, date: NaiveDate) -> Place {
        let table = self.tables.first().map(String::as_str).unwrap_or_default();
        self.store.place(&self.base.join(table).join(&self.segment(date)))
    }

    /// `load_date=<date>`.
    pub(crate) fn segment(&self, date: NaiveDate) -> String {
        format!("{}={date}", self.load_partition_name)
    }

    /// The load of `date`.
    pub(crate) fn load(&self, date: NaiveDate) -> Partition {
        let segment = self.segment(date);
        let folders = self.tables.iter().map(String::as_str).chain(["_errors"]);
        let owned = folders.map(|folder| self.base.join(folder).join(&segment)).collect();
        Partition::new(self.store.clone(), self.base.clone(), self.base.join("_loads").join(&segment), owned)
    }

    /// What a refused load of `date` left to be read: its bad rows.
    pub(crate) fn refusal(&self, date: NaiveDate) -> Partition {
        let folder = self.base.join("_refused").join(&self.segment(date));
        Partition::new(self.store.clone(), self.base.clone(), folder.clone(), vec![folder])
    }

    /// Dates with a folder below `kind`, newest first. Whether anything is committed is not asked.
    fn dates(&self, kind: &str) -> Result<Vec<NaiveDate>, PublishError> {
        let entries = self.store.list(&self.base.join(kind))?;
        let date = |name: &str| name.strip_prefix(&self.load_partition_name)?.strip_prefix('=')?.parse().ok();
        let mut dates: Vec<NaiveDate> =
            entries.iter().filter(|entry| entry.folder).filter_map(|entry| date(&entry.name)).collect();
        dates.sort_unstable_by(|a, b| b.cmp(a));
        Ok(dates)
    }

    /// The model of the newest load, if it is another one or made datasets of other names: landing
    /// beside it would leave readers of the folder with rows of both.
    pub(crate) fn other_model(&self, settings: &SilverSettings) -> Result<Option<String>, PublishError> {
        let loads = self.loads()?;
        let Some(Load { commit, .. }) = loads.readable.first() else { return Ok(None) };
        let model = commit.text("model").unwrap_or_default();
        if model != settings.model.as_str() {
            return Ok(Some(model.to_owned()));
        }
        let other = commit.tables.iter().find(|table| !self.tables.contains(&table.name));
        Ok(other.map(|table| format!("{model} in `{}`", table.name)))
    }

    /// Committed loads, newest first.
    pub(crate) fn loads(&self) -> Result<Inventory<Load>, PublishError> {
        self.committed("_loads", Self::load)
    }

    /// Refused loads that nobody mended yet, newest first.
    pub(crate) fn refusals(&self) -> Result<Inventory<Load>, PublishError> {
        self.committed("_refused", Self::refusal)
    }

    fn committed(
        &self,
        kind: &str,
        partition: fn(&Self, NaiveDate) -> Partition,
    ) -> Result<Inventory<Load>, PublishError> {
        let mut loads = Inventory { readable: Vec::new(), unreadable: Vec::new() };
        let found: Vec<_> = self.dates(kind)?.into_iter().map(|date| (date, partition(self, date))).collect();
        let latest = together(&found, |(_, partition)| partition.latest());
        for ((date, partition), latest) in found.into_iter().zip(latest) {
            let id = self.segment(date);
            match latest {
                Ok(Some(commit)) => loads.readable.push(Load { id, date, partition, commit }),
                Ok(None) => {}
                Err(error) => {
                    loads.unreadable.push(Unreadable { id, date: Some(date), partition, error: Arc::new(error) });
                }
            }
        }
        Ok(loads)
    }
}
