//! `list_partitions` and `partition_detail`: what stands in a layer.

use super::Engine;
use super::wire::{
    ColumnInfo, ControlFile, Count, ErrorBody, FileInfo, FolderRef, Layer, Note, NoteLevel, PartitionDetail,
    PartitionPage, PartitionRef, PartitionSummary, PartitionsRequest, TableInfo, VersionInfo,
};
use crate::bronze::BronzeTable;
use crate::config::settings::Dataset;
use crate::error::Coded;
use crate::figures::counted;
use crate::publish::{Column, Commit, CommittedTable, Partition, PublishError, Unreadable};
use crate::query::{Source, tree};
use crate::run::{self, RunError, Site};
use crate::silver::{self, SilverEntity};

/// Partitions of a page at most.
const LIMIT: usize = 1_000;
/// The table of rows that a refused load left.
const REFUSED: &str = "_refused";

impl Engine {
    /// See the command table.
    ///
    /// # Errors
    ///
    /// CFG codes for the configuration, STG codes when the layer cannot be read.
    pub fn list_partitions(&self, request: PartitionsRequest) -> Result<PartitionPage, ErrorBody> {
        let site = self.site();
        let loaded = site.load(&request.of.target);
        let (_, dataset) = run::dataset(&loaded, &request.of.dataset)?;
        let shelf = Shelf::open(&site, dataset, request.layer).map_err(|error| ErrorBody::of(&error))?;
        let partitions =
            shelf.standing.iter().skip(request.offset as usize).take((request.limit as usize).clamp(1, LIMIT));
        Ok(PartitionPage {
            root: shelf.root,
            total: shelf.standing.len().into(),
            partitions: partitions.map(Standing::summary).collect(),
        })
    }

    /// See the command table.
    ///
    /// # Errors
    ///
    /// RUN012 if there is no such partition; otherwise as `list_partitions`.
    pub fn partition_detail(&self, request: PartitionRef) -> Result<PartitionDetail, ErrorBody> {
        let site = self.site();
        let standing = find(&site, &request)?;
        standing.detail(&site).map_err(|error| ErrorBody::of(&error))
    }
}

/// What stands in one layer of a dataset, newest first.
struct Shelf {
    root: String,
    standing: Vec<Standing>,
}

/// A partition with the version that stands.
pub(super) struct Standing {
    pub(super) id: String,
    pub(super) date: Option<chrono::NaiveDate>,
    /// The folder with its data, absolute.
    place: crate::storage::Place,
    pub(super) partition: Partition,
    /// `None`: only a refused load is there.
    pub(super) commit: Option<Commit>,
    /// What a refused load left, with its place.
    pub(super) refused: Option<(Partition, Commit)>,
    stale: bool,
    /// Its newest commit cannot be read.
    pub(super) unreadable: Option<std::sync::Arc<PublishError>>,
}

impl Shelf {
    fn open(site: &Site<'_>, dataset: &Dataset, layer: Layer) -> Result<Self, PublishError> {
        let bronze = BronzeTable::of(dataset, site.world);
        let landed = bronze.landed()?;
        let (root, standing) = match (layer, &dataset.silver) {
            (Layer::Bronze, _) => {
                let mut standing: Vec<Standing> =
                    landed.unreadable.into_iter().map(|found| Standing::unreadable(found, None)).collect();
                standing.extend(landed.readable.into_iter().rev().map(|landed| Standing {
                    id: landed.id,
                    date: Some(landed.date),
                    place: landed.partition.place(),
                    partition: landed.partition,
                    commit: Some(landed.commit),
                    refused: None,
                    stale: false,
                    unreadable: None,
                }));
                standing.sort_by_key(|standing| std::cmp::Reverse(standing.date));
                (bronze.place(), standing)
            }
            (Layer::Silver, None) => (bronze.place(), Vec::new()),
            (Layer::Silver, Some(settings)) => {
                let entity = SilverEntity::of(dataset, settings, site.world);
                let loads = entity.loads()?;
                let place = |found: &Unreadable| found.date.map(|date| entity.data(date));
                let mut standing: Vec<Standing> = loads
                    .unreadable
                    .into_iter()
                    .map(|found| Standing::unreadable(found.clone(), place(&found)))
                    .collect();
                for load in loads.readable {
                    let stale = !silver::is_fresh(dataset, settings, &landed, load.date, &load.commit);
                    standing.push(Standing {
                        id: load.id,
                        date: Some(load.date),
                        place: entity.data(load.date),
                        partition: load.partition,
                        commit: Some(load.commit),
                        refused: None,
                        stale,
                        unreadable: None,
                    });
                }
                for refusal in entity.refusals()?.readable {
                    let refused = Some((refusal.partition, refusal.commit));
                    match standing.iter_mut().find(|standing| standing.id == refusal.id) {
                        Some(standing) => standing.refused = refused,
                        None => standing.push(Standing {
                            partition: entity.load(refusal.date),
                            id: refusal.id,
                            date: Some(refusal.date),
                            place: entity.data(refusal.date),
                            commit: None,
                            refused,
                            stale: false,
                            unreadable: None,
                        }),
                    }
                }
                standing.sort_by_key(|standing| std::cmp::Reverse(standing.date));
                (entity.place(), standing)
            }
        };
        Ok(Self { root: site.display(&root), standing })
    }
}

/// The partition that a reference means; an empty id means the newest.
pub(super) fn find(site: &Site<'_>, request: &PartitionRef) -> Result<Standing, ErrorBody> {
    if let Some(folder) = &request.folder {
        return in_folder(site, request, folder);
    }
    let loaded = site.load(&request.of.target);
    let (_, dataset) = run::dataset(&loaded, &request.of.dataset)?;
    let shelf = Shelf::open(site, dataset, request.layer).map_err(|error| ErrorBody::of(&error))?;
    let found = shelf.standing.into_iter().find(|standing| request.id.is_empty() || standing.id == request.id);
    Ok(found.ok_or_else(|| RunError::NoPartition {
        dataset: dataset.name.clone(),
        layer: request.layer.as_str(),
        id: request.id.clone(),
    })?)
}

/// What stands in a folder, whether a config names it or not.
fn in_folder(site: &Site<'_>, request: &PartitionRef, folder: &FolderRef) -> Result<Standing, ErrorBody> {
    let root = super::browse::root(site, &request.of.target, request.layer, &folder.root)?;
    super::browse::is_below(&folder.path)?;
    let partition = root.partition(&folder.path);
    let date = folder.path.rsplit('/').next().and_then(|name| name.split_once('=')?.1.parse().ok());
    let (commit, unreadable) = match partition.latest() {
        Ok(commit) => (commit, None),
        Err(error) => (None, Some(std::sync::Arc::new(error))),
    };
    if commit.is_none() && unreadable.is_none() {
        let (dataset, id) = (request.of.dataset.clone(), folder.path.clone());
        return Err(RunError::NoPartition { dataset, layer: request.layer.as_str(), id }.into());
    }
    let (id, place) = (folder.path.clone(), partition.place());
    Ok(Standing { id, date, place, partition, commit, refused: None, stale: false, unreadable })
}

impl Standing {
    fn unreadable(found: Unreadable, place: Option<crate::storage::Place>) -> Self {
        Self {
            place: place.unwrap_or_else(|| found.partition.place()),
            id: found.id,
            date: found.date,
            partition: found.partition,
            commit: None,
            refused: None,
            stale: false,
            unreadable: Some(found.error),
        }
    }

    fn summary(&self) -> PartitionSummary {
        let newest = self.commit.as_ref().or(self.refused.as_ref().map(|(_, commit)| commit));
        PartitionSummary {
            id: self.id.clone(),
            date: self.date,
            version: self.commit.as_ref().map_or(Count(0), |commit| Count(commit.version)),
            rows: self.commit.as_ref().map_or(0, Commit::rows).into(),
            parts: self.commit.as_ref().map_or(0, Commit::part_count).into(),
            bytes: self.commit.as_ref().map_or(0, Commit::bytes).into(),
            rejected: newest.map_or(0, Commit::rejected).into(),
            committed_at: newest.map(|commit| commit.committed_at.clone()).unwrap_or_default(),
            stale: self.stale,
            unreadable: self.unreadable.as_ref().map(ToString::to_string),
        }
    }

    /// The tables that can be opened, each with the partition its paths start from.
    pub(super) fn tables(&self) -> Vec<(&str, &Partition, &CommittedTable)> {
        let own = self.commit.iter().flat_map(|commit| commit.tables.iter().chain(&commit.errors));
        let mut tables: Vec<_> = own.map(|table| (table.name.as_str(), &self.partition, table)).collect();
        if let Some((partition, commit)) = &self.refused {
            tables.extend(commit.errors.iter().map(|table| (REFUSED, partition, table)));
        }
        tables
    }

    /// The tables that can be read, by name.
    pub(super) fn sources(&self) -> Vec<(&str, Source<'_>)> {
        let own = self.commit.iter().flat_map(|commit| {
            let tables = commit.tables.iter().chain(&commit.errors);
            tables.map(move |table| (table.name.as_str(), &self.partition, commit, table))
        });
        let refused = self
            .refused
            .iter()
            .flat_map(|(partition, commit)| commit.errors.iter().map(move |table| (REFUSED, partition, commit, table)));
        own.chain(refused)
            .map(|(name, partition, commit, table)| {
                let (version, attempt) = (commit.version, commit.attempt.as_str());
                (name, Source { id: &self.id, partition, version, attempt, table })
            })
            .collect()
    }

    /// Everything that stands in a layer of a dataset, oldest first.
    pub(super) fn all(site: &Site<'_>, request: &PartitionRef) -> Result<Vec<Self>, ErrorBody> {
        let loaded = site.load(&request.of.target);
        let (_, dataset) = run::dataset(&loaded, &request.of.dataset)?;
        Self::of_layer(site, dataset, request.layer).map_err(|error| ErrorBody::of(&error))
    }

    /// The same of a dataset that is known.
    pub(super) fn of_layer(site: &Site<'_>, dataset: &Dataset, layer: Layer) -> Result<Vec<Self>, PublishError> {
        let mut shelf = Shelf::open(site, dataset, layer)?;
        shelf.standing.reverse();
        Ok(shelf.standing)
    }

    /// Whether a path names one of its files.
    pub(super) fn has_file(&self, path: &str) -> bool {
        self.commit.iter().flat_map(Commit::files).any(|part| part.path == path)
            || tree::control_files(&self.partition).iter().any(|(control, _)| control == path)
    }

    fn detail(&self, site: &Site<'_>) -> Result<PartitionDetail, PublishError> {
        let mut problems = self.damage();
        let (history, damaged): (Vec<_>, Vec<_>) = self.partition.history()?.into_iter().partition(Result::is_ok);
        for error in damaged.into_iter().filter_map(Result::err) {
            problems.push(Note {
                level: NoteLevel::Warning,
                code: Some(error.code().to_string()),
                message: error.to_string(),
            });
        }
        if let Some((_, commit)) = &self.refused {
            let why = commit.text("refused").unwrap_or("too many bad rows");
            let message = format!("the last load of this date was refused: {why}; its bad rows are in `{REFUSED}`");
            problems.push(Note { level: NoteLevel::Warning, code: Some("VAL010".into()), message });
        }
        if self.stale {
            problems.push(Note {
                level: NoteLevel::Warning,
                code: None,
                message: "stale: its Bronze or its config changed since".into(),
            });
        }
        let tables = self.tables();
        let files = self.commit.iter().flat_map(Commit::files).map(|part| FileInfo {
            path: part.path.clone(),
            rows: part.rows.into(),
            bytes: part.bytes.into(),
            sha256: part.sha256.clone(),
        });
        let metadata =
            self.commit.as_ref().and_then(|commit| commit.metadata.get("metadata")).cloned().unwrap_or_default();
        Ok(PartitionDetail {
            summary: self.summary(),
            path: site.display(&self.place),
            tables: tables
                .iter()
                .map(|(name, _, table)| TableInfo {
                    name: (*name).to_owned(),
                    rows: table.rows.into(),
                    columns: columns(&table.columns),
                })
                .collect(),
            files: files.collect(),
            history: versions(&history.iter().flatten().collect::<Vec<_>>()),
            metadata: serde_json::to_string_pretty(&metadata).unwrap_or_default(),
            problems,
            control: tree::control_files(&self.partition)
                .into_iter()
                .map(|(path, bytes)| ControlFile { path, bytes: Count(bytes) })
                .collect(),
        })
    }

    /// Files of the standing version that are missing or have another size.
    fn damage(&self) -> Vec<Note> {
        let note = |message| Note { level: NoteLevel::Warning, code: Some("STG014".into()), message };
        let look = |part: &crate::publish::Part| match self.partition.size(part) {
            Ok(bytes) if bytes == part.bytes => None,
            Ok(bytes) => {
                Some(note(format!("{} has {bytes} bytes, not the {} that were committed", part.path, part.bytes)))
            }
            Err(error) => Some(note(error.to_string())),
        };
        self.commit.iter().flat_map(Commit::files).filter_map(look).collect()
    }
}

/// Versions, newest first, each with what is other than in the one before.
fn versions(commits: &[&Commit]) -> Vec<VersionInfo> {
    let version = |(at, commit): (usize, &&Commit)| VersionInfo {
        version: commit.version.into(),
        committed_at: commit.committed_at.clone(),
        run_id: commit.run_id.clone(),
        rows: commit.rows().into(),
        rejected: commit.rejected().into(),
        parts: commit.part_count().into(),
        bytes: commit.bytes().into(),
        changes: commits.get(at + 1).map(|before| changes(before, commit)).unwrap_or_default(),
    };
    commits.iter().enumerate().map(version).collect()
}

/// What a reader sees that is other in `after` than in `before`.
fn changes(before: &Commit, after: &Commit) -> Vec<String> {
    let mut said = Vec::new();
    for table in &after.tables {
        let Some(old) = before.tables.iter().find(|old| old.name == table.name) else {
            said.push(format!("`{}` is new", table.name));
            continue;
        };
        let number = table.rows.abs_diff(old.rows);
        match table.rows.cmp(&old.rows) {
            std::cmp::Ordering::Greater => said.push(format!("{} more", counted(number, "row"))),
            std::cmp::Ordering::Less => said.push(format!("{} fewer", counted(number, "row"))),
            std::cmp::Ordering::Equal => {}
        }
        let missing_in = |these: &CommittedTable, others: &CommittedTable| {
            let known: std::collections::HashSet<&str> = others.parts.iter().map(|part| part.sha256.as_str()).collect();
            these.parts.iter().filter(|part| !known.contains(part.sha256.as_str())).count() as u64
        };
        let (came, went) = (missing_in(table, old), missing_in(old, table));
        if came + went > 0 {
            said.push(format!("{} new, {went} gone", counted(came, "part")));
        }
        for column in &table.columns {
            match old.columns.iter().find(|old| old.name == column.name) {
                None => said.push(format!("column `{}` is new", column.name)),
                Some(old) if old.type_name != column.type_name => {
                    said.push(format!("column `{}` is {}, was {}", column.name, column.type_name, old.type_name));
                }
                Some(_) => {}
            }
        }
        let gone = old.columns.iter().filter(|old| table.columns.iter().all(|column| column.name != old.name));
        said.extend(gone.map(|column| format!("column `{}` is gone", column.name)));
    }
    said
}

/// Columns as they cross the door.
pub(super) fn columns(columns: &[Column]) -> Vec<ColumnInfo> {
    let info = |column: &Column| ColumnInfo {
        name: column.name.clone(),
        data_type: column.type_name.clone(),
        declared: column.declared,
    };
    columns.iter().map(info).collect()
}
