//! Storage: each place that a layer writes to is tried out as a commit would use it.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};

use super::{About, Patient, Probe, Verdict};
use crate::api::wire::CheckGroup;
use crate::cancel::CancelToken;
use crate::storage::Key;
use crate::storage::trial::{self, Trial, TrialError};
use crate::world::World;

/// A trial of a place, made once however many checks ask for it.
pub(super) struct SharedTrial {
    root: PathBuf,
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
        f.debug_struct("SharedTrial").field("root", &self.root).field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl SharedTrial {
    /// Of the folder `prefix` below `root`. Nothing is tried yet.
    pub(super) fn new(root: PathBuf, prefix: &str, world: &World) -> Arc<Self> {
        let folder = Key::root().join(prefix);
        Arc::new(Self { root, folder, world: world.clone(), result: OnceLock::new() })
    }

    /// What came of it.
    pub(super) fn result(&self) -> &Result<Tried, TrialError> {
        self.result.get_or_init(|| {
            let World { clock, entropy, disk, .. } = &self.world;
            let before = clock.now();
            let trial = trial::local(&self.root, &self.folder, disk, &|| entropy.id())?;
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
        Box::new(WritePlace { about, lane: place.folder(), trial: place.trial.clone() }) as Box<dyn Probe>
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
