//! Finds partitions and loads by walking folders, also those that never came to a commit. Lists, and
//! reads nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;

use crate::bronze::BronzeTable;
use crate::config::settings::Dataset;
use crate::event::Layer;
use crate::publish::{COMMITS, Partition, attempt_of};
use crate::silver::SilverEntity;
use crate::storage::{self, Entry, Key, StorageError, Store};
use crate::world::World;

/// Folders above a given one in which the layer it belongs to is looked for.
const CLIMB: usize = 8;

/// A partition or load, committed or not.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// Which layer.
    pub(crate) layer: Layer,
    /// Its path below the folder that was walked; empty for that folder itself.
    pub(crate) id: String,
    /// Its date, if its path has one.
    pub(crate) date: Option<NaiveDate>,
    /// Where it is.
    pub(crate) partition: Partition,
}

/// What a layer of a dataset has, sorted by path.
pub(crate) fn of_dataset(dataset: &Dataset, layer: Layer, world: &World) -> Result<Vec<Found>, StorageError> {
    let mut found = Vec::new();
    match (layer, &dataset.silver) {
        (Layer::Bronze, _) => {
            let table = BronzeTable::of(dataset, world);
            Walk { store: table.store(), root: table.folder(), anything: false }.bronze(table.folder(), &mut found)?;
        }
        (Layer::Silver, Some(settings)) => {
            let entity = SilverEntity::of(dataset, settings, world);
            let walk = Walk { store: entity.store(), root: entity.base(), anything: false };
            walk.silver(entity.base(), &walk.store.list(entity.base())?, &mut found)?;
        }
        (Layer::Silver, None) => {}
    }
    Ok(found)
}

/// What is in a folder of this machine, whoever wrote it. A folder inside of a partition or of a load
/// stands for that.
pub(crate) fn of_folder(folder: &Path, world: &World) -> Result<Vec<Found>, StorageError> {
    let (root, inside) = climb(folder);
    let store = storage::local(&root, world.disk.clone());
    let mut found = Vec::new();
    Walk { store: &store, root: &Key::root(), anything: true }.anywhere(&Key::root(), &mut found)?;
    if let Some(segment) = inside {
        found.retain(|found| found.id.split('/').any(|part| part == segment));
    }
    Ok(found)
}

/// The nearest folder from `folder` upwards that has commits or loads, and which of the loads is meant.
/// Without one, the folder itself.
fn climb(folder: &Path) -> (PathBuf, Option<String>) {
    for above in folder.ancestors().take(CLIMB) {
        if above.join(COMMITS).is_dir() && !above.join("_loads").is_dir() {
            // The commits of a load are beside its rows.
            match above.parent().filter(|kind| kind.ends_with("_loads") || kind.ends_with("_refused")) {
                None => return (above.to_owned(), None),
                Some(_) => continue,
            }
        }
        if above.join("_loads").is_dir() || above.join("_refused").is_dir() {
            let below = folder.strip_prefix(above).unwrap_or(folder);
            let segment =
                below.components().filter_map(|part| part.as_os_str().to_str()).find(|part| part.contains('='));
            return (above.to_owned(), segment.map(str::to_owned));
        }
    }
    (folder.to_owned(), None)
}

struct Walk<'a> {
    store: &'a Arc<dyn Store>,
    root: &'a Key,
    /// Folders may have any name, not only `name=value`.
    anything: bool,
}

impl Walk<'_> {
    fn found(&self, layer: Layer, control: Key, partition: Partition) -> Found {
        let id = control.below(self.root).unwrap_or_default().to_owned();
        let date = |segment: &str| segment.split_once('=')?.1.parse().ok();
        Found { layer, date: id.split('/').rev().find_map(date), id, partition }
    }

    /// Bronze or Silver.
    fn anywhere(&self, folder: &Key, found: &mut Vec<Found>) -> Result<(), StorageError> {
        let entries = self.store.list(folder)?;
        if has_folder(&entries, "_loads") || has_folder(&entries, "_refused") {
            self.silver(folder, &entries, found)?;
            // With pattern folders each pattern has loads of its own.
            for entry in entries.iter().filter(|entry| entry.folder && entry.name.starts_with("pattern=")) {
                self.anywhere(&folder.join(&entry.name), found)?;
            }
            return Ok(());
        }
        self.partition(folder, &entries, found);
        self.below(folder, &entries, &mut |folder| self.anywhere(folder, found))
    }

    fn bronze(&self, folder: &Key, found: &mut Vec<Found>) -> Result<(), StorageError> {
        let entries = self.store.list(folder)?;
        self.partition(folder, &entries, found);
        self.below(folder, &entries, &mut |folder| self.bronze(folder, found))
    }

    fn below(
        &self,
        folder: &Key,
        entries: &[Entry],
        go: &mut dyn FnMut(&Key) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        let plain = |name: &str| self.anything && !name.starts_with(['_', '.']);
        let entries = entries.iter().filter(|entry| entry.folder && (entry.name.contains('=') || plain(&entry.name)));
        entries.map(|entry| folder.join(&entry.name)).try_for_each(|folder| go(&folder))
    }

    /// Takes a folder for a Bronze partition if it has files of one.
    fn partition(&self, folder: &Key, entries: &[Entry], found: &mut Vec<Found>) {
        let ours = has_folder(entries, COMMITS) || has_folder(entries, "_errors");
        let file = |entry: &Entry| {
            !entry.folder
                && (attempt_of(&entry.name).is_some()
                    || entry.name == "_checksums.json"
                    || [".parquet", ".csv"].iter().any(|suffix| entry.name.ends_with(suffix)))
        };
        if ours || entries.iter().any(file) {
            let partition = Partition::new(self.store.clone(), folder.clone(), folder.clone(), vec![folder.clone()]);
            found.push(self.found(Layer::Bronze, folder.clone(), partition));
        }
    }

    /// The loads below the folder of a version of an entity, and what refused ones left.
    fn silver(&self, base: &Key, entries: &[Entry], found: &mut Vec<Found>) -> Result<(), StorageError> {
        let (mut loads, mut refusals) = (BTreeSet::new(), BTreeSet::new());
        let mut tables = Vec::new();
        let folders = entries.iter().filter(|entry| entry.folder && !entry.name.starts_with('.'));
        for entry in folders.filter(|entry| !entry.name.contains('=')) {
            let of_date = |inner: &Entry| inner.folder && inner.name.contains('=');
            let segments =
                self.store.list(&base.join(&entry.name))?.into_iter().filter(of_date).map(|inner| inner.name);
            if entry.name == "_refused" {
                refusals.extend(segments);
            } else {
                loads.extend(segments);
                if !entry.name.starts_with('_') {
                    tables.push(base.join(&entry.name));
                }
            }
        }
        tables.push(base.join("_errors"));
        for segment in loads {
            let control = base.join("_loads").join(&segment);
            let owned = tables.iter().map(|table| table.join(&segment)).collect();
            let partition = Partition::new(self.store.clone(), base.clone(), control.clone(), owned);
            found.push(self.found(Layer::Silver, control, partition));
        }
        for segment in refusals {
            let control = base.join("_refused").join(&segment);
            let partition = Partition::new(self.store.clone(), base.clone(), control.clone(), vec![control.clone()]);
            found.push(self.found(Layer::Silver, control, partition));
        }
        Ok(())
    }
}

fn has_folder(entries: &[Entry], name: &str) -> bool {
    entries.iter().any(|entry| entry.folder && entry.name == name)
}
