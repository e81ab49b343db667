//! What stands: whether the commits of each dataset can be read, and the files they name are there.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;

use super::{About, Patient, Probe, Verdict};
use crate::api::wire::CheckGroup;
use crate::bronze::{BronzeTable, Landed};
use crate::cancel::CancelToken;
use crate::config::settings::{Dataset, StorageSettings};
use crate::diagnostic::code;
use crate::error::{Coded, Stage};
use crate::event::Layer;
use crate::publish::{Commit, Inventory, Part, Partition, PublishError, Unreadable};
use crate::silver::{Load, SilverEntity};
use crate::storage::{Disk, StorageError};

/// Damages named in one check at most.
const NAMED: usize = 3;

pub(super) fn probes(patient: &Patient) -> Vec<Box<dyn Probe>> {
    let mut probes: Vec<Box<dyn Probe>> = Vec::new();
    for (file, dataset) in patient.datasets() {
        let here = |storage: &StorageSettings| storage.local_root().is_some();
        let silver = dataset.silver.as_ref().filter(|silver| here(&silver.storage));
        let layers = [here(&dataset.bronze.storage).then_some(Layer::Bronze), silver.map(|_| Layer::Silver)];
        for layer in layers.into_iter().flatten() {
            let about = About {
                group: CheckGroup::Storage,
                title: format!("{} versions of {}", name(layer), dataset.name),
                datasets: vec![dataset.name.clone()],
                file: file.display.clone(),
                span: None,
            };
            let (dataset, disk) = (dataset.clone(), patient.world.disk.clone());
            probes.push(Box::new(ReadCommits { about, dataset, layer, disk }));
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
pub(super) fn standing(
    dataset: &Dataset,
    layer: Layer,
    disk: &Arc<dyn Disk>,
) -> Result<Inventory<Standing>, PublishError> {
    match (layer, &dataset.silver) {
        (Layer::Bronze, _) => {
            let Inventory { readable, unreadable } = BronzeTable::of(dataset, disk.clone()).landed()?;
            let standing = |landed: Landed| {
                let Landed { date, partition, commit, .. } = landed;
                Standing { date, partition, commit }
            };
            Ok(Inventory { readable: readable.into_iter().map(standing).collect(), unreadable })
        }
        (Layer::Silver, None) => Ok(Inventory { readable: Vec::new(), unreadable: Vec::new() }),
        (Layer::Silver, Some(settings)) => {
            let Inventory { readable, unreadable } = SilverEntity::of(dataset, settings, disk.clone()).loads()?;
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
    disk: Arc<dyn Disk>,
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
        storage.local_root().map(|root| root.join(prefix))
    }

    fn examine(&self, cancel: &CancelToken) -> Verdict {
        let found = match standing(&self.dataset, self.layer, &self.disk) {
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
        let path = |part: &Part| partition.store().place(&partition.key(&part.path)).display().to_string();
        commit.files().find_map(|part| match partition.size(part) {
            Ok(bytes) if bytes == part.bytes => None,
            Ok(bytes) => Some(Damage {
                code: code::STG014,
                what: format!("{} has {bytes} bytes, not the {} that were committed", path(part), part.bytes),
                cure: self.again(*date),
            }),
            Err(StorageError::Missing { path }) => Some(Damage {
                code: code::STG014,
                what: format!("{} was committed and is missing", path.display()),
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
