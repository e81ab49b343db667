//! What stands: whether the commits of each dataset can be read, and the files they name are there.

use std::path::PathBuf;

use chrono::NaiveDate;

use super::{About, Patient, Probe, Verdict};
use crate::api::wire::CheckGroup;
use crate::bronze::{BronzeTable, Landed};
use crate::cancel::CancelToken;
use crate::config::settings::Dataset;
use crate::diagnostic::code;
use crate::error::{Coded, Stage};
use crate::event::Layer;
use crate::publish::{Commit, Inventory, Part, Partition, PublishError, Unreadable};
use crate::silver::{self, Load, SilverEntity};
use crate::storage::StorageError;
use crate::world::World;

/// Damages named in one check at most.
const NAMED: usize = 3;

pub(super) fn probes(patient: &Patient) -> Vec<Box<dyn Probe>> {
    let mut probes: Vec<Box<dyn Probe>> = Vec::new();
    for (file, dataset) in patient.datasets() {
        let layers = [Some(Layer::Bronze), dataset.silver.as_ref().map(|_| Layer::Silver)];
        for layer in layers.into_iter().flatten() {
            let about = About {
                group: CheckGroup::Storage,
                title: format!("{} versions of {}", name(layer), dataset.name),
                datasets: vec![dataset.name.clone()],
                file: file.display.clone(),
                span: None,
            };
            let (dataset, world) = (dataset.clone(), patient.world.clone());
            probes.push(Box::new(ReadCommits { about, dataset, layer, world }));
        }
    }
    probes
}

const fn name(layer: Layer) -> &'static str {
    match layer {
        Layer::Bronze => "Bronze",
        Layer::Silver => "Silver",
    }
}

/// A version that stands, of either layer.
pub(super) struct Standing {
    pub(super) date: NaiveDate,
    partition: Partition,
    pub(super) commit: Commit,
}

/// What stands of a layer, and what of it cannot be read.
pub(super) fn standing(dataset: &Dataset, layer: Layer, world: &World) -> Result<Inventory<Standing>, PublishError> {
    match (layer, &dataset.silver) {
        (Layer::Bronze, _) => {
            let Inventory { readable, unreadable } = BronzeTable::of(dataset, world).landed()?;
            let standing = |landed: Landed| {
                let Landed { date, partition, commit, .. } = landed;
                Standing { date, partition, commit }
            };
            Ok(Inventory { readable: readable.into_iter().map(standing).collect(), unreadable })
        }
        (Layer::Silver, None) => Ok(Inventory { readable: Vec::new(), unreadable: Vec::new() }),
        (Layer::Silver, Some(settings)) => {
            let Inventory { readable, unreadable } = SilverEntity::of(dataset, settings, world).loads()?;
            let standing = |load: Load| {
                let Load { date, partition, commit, .. } = load;
                Standing { date, partition, commit }
            };
            Ok(Inventory { readable: readable.into_iter().map(standing).collect(), unreadable })
        }
    }
}

/// Reads every commit of a layer.
#[derive(Debug)]
struct ReadCommits {
    about: About,
    dataset: Dataset,
    layer: Layer,
    world: World,
}

impl Probe for ReadCommits {
    fn about(&self) -> About {
        self.about.clone()
    }

    fn lane(&self) -> Option<PathBuf> {
        let (storage, prefix) = match (&self.dataset.silver, self.layer) {
            (Some(silver), Layer::Silver) => (&silver.storage, &silver.prefix),
            _ => (&self.dataset.bronze.storage, &self.dataset.bronze.prefix),
        };
        Some(super::lane(storage, prefix))
    }

    fn examine(&self, cancel: &CancelToken) -> Verdict {
        let found = match standing(&self.dataset, self.layer, &self.world) {
            Ok(found) => found,
            // The check of writing tells what stands in the way.
            Err(PublishError::Storage(StorageError::IsFile { .. })) => {
                return Verdict::skipped("there is no such folder");
            }
            Err(error) => return Verdict::error(&error),
        };
        let total = found.readable.len() + found.unreadable.len();
        let mut damages: Vec<Damage> = found.unreadable.iter().map(|unreadable| self.unreadable(unreadable)).collect();
        for standing in &found.readable {
            if cancel.is_cancelled() {
                return Verdict::skipped("cancelled");
            }
            damages.extend(self.damage(standing));
        }
        let newest = found.readable.iter().map(|standing| standing.date).max();
        if damages.is_empty() && self.layer == Layer::Silver {
            let lost = self.lost(&found);
            if let Some((date, partitions)) = lost.first() {
                let more =
                    if lost.len() > 1 { format!(", and of {} more loads", lost.len() - 1) } else { String::new() };
                let what =
                    format!("Bronze that the load of {date} is made of is gone: {}{more}", partitions.join(", "));
                let cure = "the load can be read, but not be built again; bring the partitions back, or run with `--accept-lost-history`";
                return Verdict::warned(code::RUN014, what).hint(cure);
            }
        }
        let Some(first) = damages.first() else {
            return Verdict::passed(match newest {
                None => "nothing has been written yet".to_owned(),
                Some(newest) => format!("{total} can be read, the newest of {newest}"),
            });
        };
        let named: Vec<&str> = damages.iter().take(NAMED).map(|damage| damage.what.as_str()).collect();
        let more = damages.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        Verdict::failed(first.code, Stage::Storage, named.join("; ") + &more).hint(first.cure.clone())
    }
}

/// Something that does not hold.
struct Damage {
    code: code::Code,
    what: String,
    cure: String,
}

impl ReadCommits {
    /// Loads with partitions that they are made of and that are gone, newest first.
    fn lost(&self, found: &Inventory<Standing>) -> Vec<(NaiveDate, Vec<String>)> {
        // Where Bronze cannot be read, the check of Bronze says so.
        let Ok(landed) = BronzeTable::of(&self.dataset, &self.world).landed() else { return Vec::new() };
        let of = |load: &Standing| (load.date, silver::lost(&load.commit, &landed));
        found.readable.iter().map(of).filter(|(_, lost)| !lost.is_empty()).collect()
    }

    fn unreadable(&self, unreadable: &Unreadable) -> Damage {
        let Unreadable { date, error, .. } = unreadable;
        let cure = match (error.as_ref(), date) {
            (PublishError::Damaged { .. }, Some(date)) => self.again(*date),
            (PublishError::Damaged { .. }, None) => "run its date once more: that commits a new version".to_owned(),
            _ => "check the permissions of that file".to_owned(),
        };
        Damage { code: error.code(), what: super::probe::with_causes(error.as_ref()), cure }
    }

    /// How to write the version of a date anew.
    fn again(&self, date: NaiveDate) -> String {
        let verb = match self.layer {
            Layer::Bronze => "bronze",
            Layer::Silver => "silver",
        };
        format!("`medallion {verb} --source {} --date {date}` writes it anew", self.dataset.name)
    }

    /// The first file of a version that is missing or has another size.
    fn damage(&self, standing: &Standing) -> Option<Damage> {
        let Standing { partition, commit, date } = standing;
        let path = |part: &Part| partition.store().place(&partition.key(&part.path)).to_string();
        commit.files().find_map(|part| match partition.size(part) {
            Ok(bytes) if bytes == part.bytes => None,
            Ok(bytes) => Some(Damage {
                code: code::STG014,
                what: format!("{} has {bytes} bytes, not the {} that were committed", path(part), part.bytes),
                cure: self.again(*date),
            }),
            Err(StorageError::Missing { place }) => Some(Damage {
                code: code::STG014,
                what: format!("{place} was committed and is missing"),
                cure: self.again(*date),
            }),
            Err(error) => Some(Damage {
                code: error.code(),
                what: super::probe::with_causes(&error),
                cure: "check the permissions of that file".to_owned(),
            }),
        })
    }
}
