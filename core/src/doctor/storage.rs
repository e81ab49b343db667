//! Storage: each place that a layer writes to is tried out as a commit would use it.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};

use super::{About, Patient, Probe, Verdict};
use crate::api::wire::CheckGroup;
use crate::cancel::CancelToken;
use crate::config::settings::StorageSettings;
use crate::storage::trial::{self, Trial, TrialError};
use crate::storage::{self, Key};
use crate::world::World;

/// A trial of a place, made once however many checks ask for it.
pub(super) struct SharedTrial {
    storage: StorageSettings,
    folder: Key,
    world: World,
    result: OnceLock<Result<Tried, TrialError>>,
}

/// A trial with the time around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tried {
    /// Before it, by the clock of this machine.
    pub(super) before: DateTime<Utc>,
    /// What the store said.
    pub(super) trial: Trial,
    /// After it.
    pub(super) after: DateTime<Utc>,
}

impl fmt::Debug for SharedTrial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedTrial")
            .field("storage", &self.storage.address())
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl SharedTrial {
    /// Of the folder `prefix` of a storage. Nothing is tried yet.
    pub(super) fn new(storage: StorageSettings, prefix: &str, world: &World) -> Arc<Self> {
        let folder = Key::root().join(prefix);
        Arc::new(Self { storage, folder, world: world.clone(), result: OnceLock::new() })
    }

    /// What came of it.
    pub(super) fn result(&self) -> &Result<Tried, TrialError> {
        self.result.get_or_init(|| {
            let World { clock, entropy, disk, .. } = &self.world;
            let before = clock.now();
            let ids = || entropy.id();
            let trial = match self.storage.local_root() {
                Some(root) => trial::local(root, &self.folder, disk, &ids)?,
                None => trial::run(storage::open(&self.storage, &self.world).as_ref(), &self.folder, &ids)?,
            };
            Ok(Tried { before, trial, after: clock.now() })
        })
    }
}

pub(super) fn probes(patient: &Patient) -> Vec<Box<dyn Probe>> {
    let probe = |place: &super::Place| {
        let about = About {
            group: CheckGroup::Storage,
            title: format!("write {} to {}", place.layers.join(" and "), place.shown),
            datasets: place.datasets.clone(),
            file: place.file.clone(),
            span: None,
        };
        Box::new(WritePlace { about, lane: place.lane(), trial: place.trial.clone() }) as Box<dyn Probe>
    };
    patient.places.iter().map(probe).collect()
}

/// Writes a trial file, and removes it.
#[derive(Debug)]
struct WritePlace {
    about: About,
    lane: PathBuf,
    trial: Arc<SharedTrial>,
}

impl Probe for WritePlace {
    fn about(&self) -> About {
        self.about.clone()
    }
    fn lane(&self) -> Option<PathBuf> {
        Some(self.lane.clone())
    }
    fn examine(&self, _: &CancelToken) -> Verdict {
        match self.trial.result() {
            Ok(_) => Verdict::passed("written, read back and removed; create-only puts and locks work"),
            Err(error) => Verdict::error(error),
        }
    }
}

/// Whether two settings mean one storage. Scratch space does not tell them apart.
pub(super) fn same(one: &StorageSettings, other: &StorageSettings) -> bool {
    let elsewhere = |settings: &StorageSettings| {
        let mut settings = settings.clone();
        match &mut settings {
            StorageSettings::Local { .. } => {}
            StorageSettings::S3 { scratch, .. }
            | StorageSettings::Azure { scratch, .. }
            | StorageSettings::Gcs { scratch, .. }
            | StorageSettings::Custom { scratch, .. } => *scratch = PathBuf::new(),
        }
        settings
    };
    elsewhere(one) == elsewhere(other)
}
