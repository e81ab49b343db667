//! A side of a join: which committed load it is, and what that load declares. Chooses; reads no rows.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde_json::Value;

use super::JoinError;
use crate::config::settings::Dataset;
use crate::nearest::nearest;
use crate::publish::{Column, Commit, CommittedTable, Partition};
use crate::silver::{Load, SilverEntity};
use crate::storage::{self, Entry, Key};
use crate::world::World;

/// How many levels below a folder are looked through for loads.
const DEPTH: usize = 4;

/// A table of a committed load.
#[derive(Clone, Debug)]
pub(crate) struct Side {
    /// Of its dataset or folder.
    pub(crate) name: String,
    /// The folder of all its loads.
    pub(crate) entity: SilverEntity,
    /// `load_date=2025-01-01`.
    pub(crate) id: String,
    /// Date of the load.
    pub(crate) date: NaiveDate,
    /// Where it is.
    pub(crate) partition: Partition,
    /// The version that is read.
    pub(crate) commit: Commit,
    /// The table of it.
    pub(crate) table: CommittedTable,
}

/// Where the choice of a load is narrowed down.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Choice<'a> {
    /// Which table.
    pub(crate) table: Option<&'a str>,
    /// The newest load on or before this date.
    pub(crate) as_of: Option<NaiveDate>,
    /// The option that chooses a table, for errors.
    pub(crate) option: &'static str,
}

impl Side {
    /// The newest load of a dataset.
    pub(crate) fn of_dataset(dataset: &Dataset, choice: Choice<'_>, world: &World) -> Result<Self, JoinError> {
        let Some(settings) = &dataset.silver else {
            return Err(JoinError::NoSilver { dataset: dataset.name.clone() });
        };
        Self::newest(SilverEntity::of(dataset, settings, world), dataset.name.clone(), choice)
    }

    /// The newest load in a folder: `…/v1`, a table of it, or a load of that.
    pub(crate) fn of_folder(
        path: &Path,
        name: Option<&str>,
        choice: Choice<'_>,
        world: &World,
    ) -> Result<Self, JoinError> {
        let (folder, inside) = match above(path) {
            Some(found) => found,
            None => (below(path, world)?, Vec::new()),
        };
        let store = storage::local(&folder, world.disk.clone());
        let Some(partition_name) = partition_name(&store.list(&Key::root().join("_loads"))?) else {
            return Err(JoinError::NoLoad { place: path.display().to_string(), as_of: choice.as_of });
        };
        let date = inside.iter().find_map(|part| part.strip_prefix(&partition_name)?.strip_prefix('=')?.parse().ok());
        let table = inside.first().filter(|part| !part.contains('=')).map(String::as_str);
        let choice = Choice { table: choice.table.or(table), as_of: choice.as_of.or(date), ..choice };
        let name = name.map_or_else(|| called(&folder), str::to_owned);
        Self::newest(SilverEntity::at(store, Key::root(), partition_name, Vec::new()), name, choice)
    }

    fn newest(entity: SilverEntity, name: String, choice: Choice<'_>) -> Result<Self, JoinError> {
        let loads = entity.loads()?;
        let counts = |date: NaiveDate| choice.as_of.is_none_or(|as_of| date <= as_of);
        let chosen = loads.readable.into_iter().find(|load| counts(load.date));
        // A load that cannot be read must not make an older one look like the newest.
        let newer = loads.unreadable.into_iter().find(|other| {
            other.date.is_some_and(|date| counts(date) && chosen.as_ref().is_none_or(|one| one.date < date))
        });
        if let Some(unreadable) = newer {
            // Read once more, for an error of our own.
            unreadable.partition.latest()?;
        }
        let Some(Load { id, date, partition, commit }) = chosen else {
            return Err(JoinError::NoLoad { place: entity.place().to_string(), as_of: choice.as_of });
        };
        let table = choose(&commit, choice, &entity)?.clone();
        Ok(Self { name, entity, id, date, partition, commit, table })
    }

    /// Its columns.
    pub(crate) fn columns(&self) -> &[Column] {
        &self.table.columns
    }

    /// The place of a column.
    pub(crate) fn at(&self, column: &str) -> Option<usize> {
        self.columns().iter().position(|there| there.name == column)
    }

    /// The place of a column that must be there.
    pub(crate) fn must(&self, column: &str) -> Result<usize, JoinError> {
        self.at(column).ok_or_else(|| JoinError::NoColumn {
            side: self.name.clone(),
            column: column.to_owned(),
            nearest: nearest(column, self.columns().iter().map(|there| there.name.as_str())).map(str::to_owned),
        })
    }

    /// Columns that its load declares to name a row.
    pub(crate) fn declared_keys(&self) -> Vec<String> {
        self.declared("primary_keys")
    }

    fn declared(&self, key: &str) -> Vec<String> {
        let metadata = self.commit.metadata.get("metadata").and_then(|metadata| metadata.get(key));
        metadata.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// What of it enters the rows of a result.
    pub(crate) fn describe(&self) -> Value {
        serde_json::json!({
            "name": self.name,
            "id": self.id,
            "place": self.entity.place().to_string(),
            "table": self.table.name,
            "version": self.commit.version,
            "content": self.commit.content,
            "model": self.commit.text("model"),
            "rows": self.table.rows,
        })
    }

    /// What of it decides whether a result is still the right one: content, not version or time.
    pub(crate) fn digest(&self) -> Value {
        serde_json::json!({
            "name": self.name,
            "id": self.id,
            "place": self.entity.place().to_string(),
            "table": self.table.name,
            "content": self.commit.content,
        })
    }
}

/// The nearest folder from `path` upwards that has loads, and what of it is meant.
fn above(path: &Path) -> Option<(PathBuf, Vec<String>)> {
    let folder = path.ancestors().take(DEPTH).find(|above| above.join("_loads").is_dir())?;
    let inside = path.strip_prefix(folder).ok()?;
    Some((
        folder.to_owned(),
        inside.components().filter_map(|part| Some(part.as_os_str().to_str()?.to_owned())).collect(),
    ))
}

/// The only folder below `path` that has loads.
fn below(path: &Path, world: &World) -> Result<PathBuf, JoinError> {
    let mut found = Vec::new();
    let mut level = vec![path.to_owned()];
    for _ in 0..DEPTH {
        let mut next = Vec::new();
        for folder in level {
            if folder.join("_loads").is_dir() {
                found.push(folder);
                continue;
            }
            let entries = storage::local(&folder, world.disk.clone()).list(&Key::root())?;
            next.extend(entries.iter().filter(|entry| entry.folder).map(|entry| folder.join(&entry.name)));
        }
        level = next;
    }
    found.sort();
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(JoinError::NoLoad { place: path.display().to_string(), as_of: None }),
        several => Err(JoinError::Choices {
            place: path.display().to_string(),
            choices: several.iter().map(|folder| format!("`{}`", folder.display())).collect(),
            option: "name the path of one of them",
        }),
    }
}

/// `load_date`, or whatever the loads of the folder are called by.
fn partition_name(loads: &[Entry]) -> Option<String> {
    loads.iter().filter(|entry| entry.folder).find_map(|entry| {
        let (name, date) = entry.name.split_once('=')?;
        date.parse::<NaiveDate>().ok().map(|_| name.to_owned())
    })
}

/// The entity in the path, otherwise the last folder that is no version.
fn called(folder: &Path) -> String {
    let parts: Vec<&str> = folder.components().filter_map(|part| part.as_os_str().to_str()).collect();
    let entity = parts.iter().rev().find_map(|part| part.strip_prefix("entity="));
    let is_version = |part: &str| part.strip_prefix('v').is_some_and(|number| number.parse::<u32>().is_ok());
    let last = || parts.iter().rev().find(|part| !is_version(part) && !part.contains('=')).copied();
    entity.or_else(last).unwrap_or("side").to_owned()
}

/// The only table, `current`, or the one that was asked for.
fn choose<'c>(commit: &'c Commit, choice: Choice<'_>, entity: &SilverEntity) -> Result<&'c CommittedTable, JoinError> {
    let named = |name: &str| commit.tables.iter().find(|table| table.name == name);
    let chosen = match (choice.table, commit.tables.as_slice()) {
        (Some(name), _) => named(name),
        (None, [one]) => Some(one),
        (None, _) => named("current"),
    };
    chosen.ok_or_else(|| JoinError::Choices {
        place: match choice.table {
            Some(name) => format!("{} has no table `{name}`; it", entity.place()),
            None => entity.place().to_string(),
        },
        choices: commit.tables.iter().map(|table| format!("`{}`", table.name)).collect(),
        option: choice.option,
    })
}
