//! Where the result of a join goes. Writes nothing.

use std::path::{Path, PathBuf};

use super::{JoinError, Side};
use crate::silver::{Load, SilverEntity};
use crate::storage::{self, Key, Place};
use crate::world::World;

/// The table of a result.
pub(super) const TABLE: &str = "full_snapshot";
const LOAD_PARTITION: &str = "load_date";

/// The folder of a result.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Its loads.
    pub(super) entity: SilverEntity,
    /// Nobody named it: it is beside the left side.
    pub(crate) is_default: bool,
}

impl Target {
    /// The folder that is named, absolute, or the one beside the left side.
    pub(crate) fn of(path: Option<&Path>, left: &Side, right: &Side, world: &World) -> Self {
        let tables = vec![TABLE.to_owned()];
        let name = LOAD_PARTITION.to_owned();
        let place = left.entity.place();
        let default = place.local().map(|folder| beside(folder, &right.name));
        let (entity, is_default) = match (path.map(Path::to_path_buf), default) {
            (Some(path), _) => {
                (SilverEntity::at(storage::local(&path, world.disk.clone()), Key::root(), name, tables), false)
            }
            (None, Some(path)) => {
                (SilverEntity::at(storage::local(&path, world.disk.clone()), Key::root(), name, tables), true)
            }
            (None, None) => {
                let key = beside(Path::new(left.entity.base().as_str()), &right.name);
                let key = key.iter().filter_map(|part| part.to_str()).fold(Key::root(), |key, part| key.join(part));
                (SilverEntity::at(left.entity.store().clone(), key, name, tables), true)
            }
        };
        Self { entity, is_default }
    }

    /// Where it is.
    pub(crate) fn place(&self) -> Place {
        self.entity.place()
    }

    /// The newest result.
    pub(crate) fn newest(&self) -> Result<Option<Load>, JoinError> {
        Ok(self.entity.loads()?.readable.into_iter().next())
    }

    /// Whether only this kind of result stands there. Nothing of a dataset is ever replaced.
    pub(super) fn is_ours(&self, left: &Side, right: &Side) -> Result<(), JoinError> {
        let place = self.place();
        for side in [left, right] {
            if side.entity.place() == place {
                return Err(JoinError::Taken { place, standing: format!("`{}`, which is joined", side.name) });
            }
        }
        let loads = self.entity.loads()?;
        let Some(newest) = loads.readable.first() else { return Ok(()) };
        if newest.commit.metadata.get("join").is_some() {
            return Ok(());
        }
        let standing = newest.commit.text("dataset").unwrap_or("another dataset");
        Err(JoinError::Taken { place, standing: format!("`{standing}`") })
    }
}

/// `…/entity=orders/v1` joined with `customers` is `…/entity=orders_customers/v1`.
fn beside(folder: &Path, right: &str) -> PathBuf {
    let is_pattern = |part: &Path| name(part).starts_with("pattern=");
    let folder = if is_pattern(folder) { folder.parent().unwrap_or(folder) } else { folder };
    let is_version = name(folder).strip_prefix('v').is_some_and(|number| number.parse::<u32>().is_ok());
    let above = if is_version { folder.parent().unwrap_or(folder) } else { folder };
    let joined = format!("{}_{}", name(above), storage::hive::escape(right));
    let joined = above.parent().map_or_else(|| PathBuf::from(&joined), |parent| parent.join(&joined));
    if is_version { joined.join("v1") } else { joined }
}

fn name(folder: &Path) -> &str {
    folder.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_goes_beside_the_left_side() {
        let cases = [
            ("/lake/domain=air/entity=flights/v1", "/lake/domain=air/entity=flights_airlines/v1"),
            ("/lake/domain=air/entity=flights/v3/pattern=full", "/lake/domain=air/entity=flights_airlines/v1"),
            ("/lake/joined", "/lake/joined_airlines"),
        ];
        for (left, expected) in cases {
            assert_eq!(beside(Path::new(left), "airlines"), Path::new(expected));
        }
    }
}
