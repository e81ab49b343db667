//! Looking after what has landed: verifying it, clearing what crashes left, retention, and adopting
//! what the predecessor wrote.
//!
//! Finds what is there by walking folders, also without a config. Judges and tells; whatever is
//! removed or committed goes through `publish`.

mod adopt;
mod find;
mod gc;
mod lifecycle;
mod predecessor;
mod retention;
mod verify;

use std::path::Path;

use crate::config::settings::Dataset;
use crate::event::Layer;
use crate::storage::{Key, Place, Store};
use crate::world::World;

pub(crate) use adopt::adopt;
pub(crate) use find::{Found, of_dataset, of_folder};
pub(crate) use gc::clear;
pub(crate) use lifecycle::lifecycle;
pub(crate) use retention::retain;
pub(crate) use verify::verify;

/// Where upkeep takes place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grounds<'a> {
    /// The outside.
    pub(crate) world: &'a World,
    /// Places are shown relative to it.
    pub(crate) root: &'a Path,
}

impl Grounds<'_> {
    /// A place as the user would name it.
    pub(crate) fn display(&self, place: &Place) -> String {
        match place.local() {
            Some(path) => path.strip_prefix(self.root).unwrap_or(path).display().to_string(),
            None => place.to_string(),
        }
    }

    /// A file of a store as the user would name it.
    fn file(&self, store: &dyn Store, key: &Key) -> String {
        self.display(&store.place(key))
    }
}

/// How to write a version of a layer anew.
fn again(dataset: Option<&Dataset>, layer: Layer, found: &Found, rebuild: bool) -> String {
    let date = found.date.map(|date| format!(" --date {date}")).unwrap_or_default();
    let rebuild = if rebuild && layer == Layer::Silver { " --rebuild" } else { "" };
    match dataset {
        Some(dataset) => {
            format!("`medallion {} --source {}{date}{rebuild}` writes it anew", layer.as_str(), dataset.name)
        }
        None => format!("run {} again for that date, or bring the file back from a copy", layer.as_str()),
    }
}
