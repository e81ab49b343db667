//! Disk space: what is free where a layer is written, against what its newest versions needed.

use std::path::PathBuf;

use super::commits::standing;
use super::{About, Patient, Place, Probe, Verdict};
use crate::api::wire::CheckGroup;
use crate::cancel::CancelToken;
use crate::config::settings::{Dataset, StorageSettings};
use crate::diagnostic::code;
use crate::event::Layer;
use crate::figures::bytes;
use crate::world::World;

/// Less than this is little, whatever was written before.
const LITTLE: u64 = 1 << 30;

pub(super) fn probes(patient: &Patient) -> Vec<Box<dyn Probe>> {
    let probe = |place: &Place| {
        let folder = place.folder()?;
        let about = About {
            group: CheckGroup::Machine,
            title: format!("space for {}", place.shown),
            datasets: place.datasets.clone(),
            file: place.file.clone(),
            span: None,
        };
        let here = |storage: &StorageSettings, prefix: &String| place.is(storage) && *prefix == place.prefix;
        let mut writers = Vec::new();
        for (_, dataset) in patient.datasets() {
            if here(&dataset.bronze.storage, &dataset.bronze.prefix) {
                writers.push((dataset.clone(), Layer::Bronze));
            }
            if dataset.silver.as_ref().is_some_and(|silver| here(&silver.storage, &silver.prefix)) {
                writers.push((dataset.clone(), Layer::Silver));
            }
        }
        let world = patient.world.clone();
        Some(Box::new(FreeSpace { about, folder, writers, world }) as Box<dyn Probe>)
    };
    patient.places.iter().filter_map(probe).collect()
}

/// Asks for the free space.
#[derive(Debug)]
struct FreeSpace {
    about: About,
    folder: PathBuf,
    writers: Vec<(Dataset, Layer)>,
    world: World,
}

impl Probe for FreeSpace {
    fn about(&self) -> About {
        self.about.clone()
    }

    fn lane(&self) -> Option<PathBuf> {
        Some(self.folder.clone())
    }

    fn examine(&self, cancel: &CancelToken) -> Verdict {
        let Some(there) = self.folder.ancestors().find(|above| above.is_dir()) else {
            return Verdict::skipped("no folder above it exists");
        };
        let free = match self.world.disk.free_space(there) {
            Ok(free) => free,
            Err(error) => return Verdict::skipped(format!("the system does not tell: {error}")),
        };
        let last: u64 =
            self.writers.iter().map(|writer| if cancel.is_cancelled() { 0 } else { self.last(writer) }).sum();
        let needed = if last > 0 { format!("; the newest versions have {}", bytes(last)) } else { String::new() };
        let detail = format!("{} free{needed}", bytes(free));
        if free < LITTLE.max(last.saturating_mul(2)) {
            Verdict::warned(code::DOC010, detail)
        } else {
            Verdict::passed(detail)
        }
    }
}

impl FreeSpace {
    /// Bytes of the newest version of a dataset; what cannot be read was told by another check.
    fn last(&self, (dataset, layer): &(Dataset, Layer)) -> u64 {
        let Ok(found) = standing(dataset, *layer, &self.world) else { return 0 };
        found.readable.iter().max_by_key(|standing| standing.date).map_or(0, |standing| standing.commit.bytes())
    }
}
