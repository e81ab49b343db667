//! The doctor: checks configurations and the world they need.
//!
//! Owns which checks there are, one file for each kind, and what each says. Changes nothing: a trial
//! file of a storage is gone when its check has ended. The list is open: a new kind is a file with a
//! [`Probe`] and a line in [`KINDS`].

mod ask;
mod available;
mod clock;
mod commits;
mod findings;
mod hosts;
mod probe;
mod rounds;
mod scope;
mod secrets;
mod source;
mod space;
mod storage;
mod variables;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;

use crate::config::settings::{Dataset, StorageSettings};
use crate::config::{Loaded, LoadedFile, Survey};
use crate::world::World;

use storage::SharedTrial;

pub(crate) use probe::{About, Probe, Verdict};
pub(crate) use rounds::{Limits, examine};

/// Makes the probes of one kind.
type Kind = fn(&Patient) -> Vec<Box<dyn Probe>>;

/// Every kind of check, in the order in which their failures should be mended.
const KINDS: [Kind; 11] = [
    findings::probes,
    variables::probes,
    secrets::probes,
    available::probes,
    source::probes,
    hosts::probes,
    scope::probes,
    storage::probes,
    commits::probes,
    clock::probes,
    space::probes,
];
/// How many of [`KINDS`] need neither network nor storage.
const OFFLINE: usize = 4;

/// What is examined.
#[derive(Debug)]
pub(crate) struct Patient {
    /// Every file once.
    pub(crate) files: Vec<Subject>,
    /// The outside.
    pub(crate) world: World,
    /// Paths are shown relative to it.
    pub(crate) root: PathBuf,
    /// The folders that layers write to, each once, in the order of the files.
    places: Vec<Place>,
}

/// A config file with what it says about variables and secrets.
#[derive(Debug)]
pub(crate) struct Subject {
    /// The file.
    pub(crate) file: LoadedFile,
    /// The folder it was found in, which may have a `.env`.
    pub(crate) workspace: PathBuf,
    /// What it needs and should not say.
    pub(crate) survey: Survey,
}

impl Patient {
    /// The files of all targets, each once.
    pub(crate) fn new(targets: Vec<Loaded>, world: &World, root: &Path) -> Self {
        let mut files: Vec<Subject> = Vec::new();
        for Loaded { root: workspace, files: loaded, .. } in targets {
            for file in loaded {
                if files.iter().all(|known| known.file.path != file.path) {
                    let survey = crate::config::survey(&file, &workspace, root, world.env.as_ref());
                    files.push(Subject { file, workspace: workspace.clone(), survey });
                }
            }
        }
        let mut patient = Self { files, world: world.clone(), root: root.to_owned(), places: Vec::new() };
        patient.places = patient.find_places();
        patient
    }

    /// Every check there is to make; `offline` leaves out what needs network or storage.
    pub(crate) fn probes(&self, offline: bool) -> Vec<Box<dyn Probe>> {
        let kinds = if offline { OFFLINE } else { KINDS.len() };
        KINDS.iter().take(kinds).flat_map(|kind| kind(self)).collect()
    }

    /// Every dataset that could be understood, with its file.
    fn datasets(&self) -> impl Iterator<Item = (&LoadedFile, &Dataset)> {
        self.files
            .iter()
            .flat_map(|subject| subject.file.pipeline.iter().map(move |pipeline| (&subject.file, pipeline)))
            .flat_map(|(file, pipeline)| pipeline.datasets.iter().map(move |dataset| (file, dataset)))
    }

    /// The date a run of `dataset` would have now.
    fn today(&self, dataset: &Dataset) -> NaiveDate {
        self.world.clock.now().with_timezone(&dataset.bronze.timezone).date_naive()
    }

    /// As the user would name it.
    fn display(&self, path: &Path) -> String {
        match path.strip_prefix(&self.root) {
            Ok(below) if below.as_os_str().is_empty() => ".".to_owned(),
            Ok(below) => below.display().to_string(),
            Err(_) => path.display().to_string(),
        }
    }

    fn find_places(&self) -> Vec<Place> {
        let mut places: Vec<Place> = Vec::new();
        for (file, dataset) in self.datasets() {
            let bronze = (&dataset.bronze.storage, &dataset.bronze.prefix, "Bronze");
            let silver = dataset.silver.as_ref().map(|silver| (&silver.storage, &silver.prefix, "Silver"));
            for (storage, prefix, layer) in std::iter::once(bronze).chain(silver) {
                let index = places.iter().position(|place| place.is(storage) && place.prefix == *prefix);
                let index = index.unwrap_or_else(|| {
                    let shown = match storage.local_root() {
                        Some(root) => self.display(&root.join(prefix)),
                        None => format!("{}/{prefix}", storage.address()).trim_end_matches('/').to_owned(),
                    };
                    let trial = SharedTrial::new(storage.clone(), prefix, &self.world);
                    let (storage, prefix, file) = (storage.clone(), prefix.clone(), file.display.clone());
                    let (layers, datasets) = (Vec::new(), Vec::new());
                    places.push(Place { storage, prefix, shown, layers, datasets, file, trial });
                    places.len() - 1
                });
                if let Some(place) = places.get_mut(index) {
                    if !place.layers.contains(&layer) {
                        place.layers.push(layer);
                    }
                    if !place.datasets.contains(&dataset.name) {
                        place.datasets.push(dataset.name.clone());
                    }
                }
            }
        }
        places
    }
}

/// What checks of a storage wait for.
fn lane(storage: &StorageSettings, prefix: &str) -> PathBuf {
    storage.local_root().map_or_else(|| PathBuf::from(format!("//{}", storage.address())), |root| root.join(prefix))
}

/// A folder that layers write to.
#[derive(Clone, Debug)]
struct Place {
    storage: StorageSettings,
    prefix: String,
    /// As the user would name it.
    shown: String,
    layers: Vec<&'static str>,
    datasets: Vec<String>,
    /// The first config file that names it.
    file: String,
    trial: Arc<SharedTrial>,
}

impl Place {
    /// The folder itself, if it is one of this machine.
    fn folder(&self) -> Option<PathBuf> {
        Some(self.storage.local_root()?.join(&self.prefix))
    }
    /// What checks of it wait for: its folder, or its service.
    fn lane(&self) -> PathBuf {
        lane(&self.storage, &self.prefix)
    }
    /// Whether this storage is meant. Scratch space does not tell stores apart.
    fn is(&self, storage: &StorageSettings) -> bool {
        storage::same(&self.storage, storage)
    }
}
