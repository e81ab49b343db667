//! `browse`, `glance` and `view_file`: what stands in storage, named by a config or not.

use super::Engine;
use super::partitions;
use super::wire::{BrowsePage, BrowseRequest, ErrorBody, FileRequest, FileView, Glance, GlanceRequest, Layer, Target};
use crate::bronze::BronzeTable;
use crate::query::tree::{self, Root};
use crate::query::{QueryError, file};
use crate::run::{RunError, Site};
use crate::silver::SilverEntity;
use crate::storage::Key;

/// Folders that are glanced at together.
const GLANCES: usize = 100;

impl Engine {
    /// See the command table.
    ///
    /// # Errors
    ///
    /// STG codes when the storage cannot be read; RUN012 if there is no such root.
    pub fn browse(&self, request: BrowseRequest) -> Result<BrowsePage, ErrorBody> {
        let site = self.site();
        let Some(folder) = &request.folder else {
            let roots = roots(&site, &request.target, request.layer).iter().map(Root::told).collect();
            return Ok(BrowsePage { roots, entries: Vec::new(), total: None, next: None });
        };
        let root = root(&site, &request.target, request.layer, &folder.root)?;
        is_below(&folder.path)?;
        tree::browse(&root, &folder.path, request.after.as_deref(), request.limit as usize)
            .map_err(|error| ErrorBody::of(&error))
    }

    /// See the command table.
    ///
    /// # Errors
    ///
    /// RUN012 if there is no such root. What is wrong with one folder is said of that folder.
    pub fn glance(&self, request: GlanceRequest) -> Result<Vec<Glance>, ErrorBody> {
        let root = root(&self.site(), &request.target, request.layer, &request.root)?;
        let paths = request.paths.get(..request.paths.len().min(GLANCES)).unwrap_or_default();
        for path in paths {
            is_below(path)?;
        }
        Ok(tree::glance(&root, paths))
    }

    /// See the command table.
    ///
    /// # Errors
    ///
    /// QRY006 if the partition has no such file; otherwise as `partition_detail`.
    pub fn view_file(&self, request: FileRequest) -> Result<FileView, ErrorBody> {
        let site = self.site();
        let standing = partitions::find(&site, &request.of)?;
        if !standing.has_file(&request.path) {
            return Err(ErrorBody::of(&QueryError::NoFile { path: request.path }));
        }
        let key = standing.partition.key(&request.path);
        let store = standing.partition.store();
        let place = site.display(&store.place(&key));
        let view = if request.path.ends_with(".parquet") {
            file::parquet(store, &key, request.group).and_then(|view| {
                let bytes = store.open(&key)?.0.len().into();
                Ok(FileView { path: request.path.clone(), place, bytes, parquet: Some(Box::new(view)), text: None })
            })
        } else {
            file::text(store, &key, request.from.0, request.limit as usize).map(|(bytes, piece)| FileView {
                path: request.path.clone(),
                place,
                bytes: bytes.into(),
                parquet: None,
                text: Some(piece),
            })
        };
        view.map_err(|error| ErrorBody::of(&error))
    }
}

/// The places where the datasets of a target have a layer, each once.
fn roots(site: &Site<'_>, target: &Target, layer: Layer) -> Vec<Root> {
    let loaded = site.load(target);
    let mut roots: Vec<Root> = Vec::new();
    let pipelines = loaded.files.iter().filter_map(|file| file.pipeline.as_ref());
    for dataset in pipelines.flat_map(|pipeline| &pipeline.datasets) {
        let bronze = BronzeTable::of(dataset, site.world);
        let entity = dataset.silver.as_ref().map(|settings| SilverEntity::of(dataset, settings, site.world));
        let (home, storage) = match (layer, &entity, &dataset.silver) {
            (Layer::Bronze, ..) => ((bronze.store(), bronze.folder()), dataset.bronze.storage.backend()),
            (Layer::Silver, Some(entity), Some(settings)) => {
                ((entity.store(), entity.base()), settings.storage.backend())
            }
            (Layer::Silver, ..) => continue,
        };
        let (store, folder) = (home.0.clone(), home.1.clone());
        let name = site.display(&store.place(&Key::root()));
        let named = (dataset.name.clone(), folder);
        match roots.iter_mut().find(|root| root.name == name) {
            Some(root) => root.datasets.push(named),
            None => roots.push(Root { name, storage, store, silver: layer == Layer::Silver, datasets: vec![named] }),
        }
    }
    roots.sort_by(|a, b| a.name.cmp(&b.name));
    roots
}

/// The root of a name.
pub(super) fn root(site: &Site<'_>, target: &Target, layer: Layer, name: &str) -> Result<Root, ErrorBody> {
    let found = roots(site, target, layer).into_iter().find(|root| root.name == name);
    Ok(found.ok_or_else(|| RunError::NoPartition {
        dataset: name.to_owned(),
        layer: layer.as_str(),
        id: String::new(),
    })?)
}

/// Refuses paths that lead out of their root.
pub(super) fn is_below(path: &str) -> Result<(), ErrorBody> {
    if tree::is_below(path) { Ok(()) } else { Err(ErrorBody::of(&QueryError::NoFile { path: path.to_owned() })) }
}
