//! For those who add a kind of storage: what a store has to promise, and a suite that shows whether it
//! keeps its promises.
//!
//! Owns no storage of its own. Everything here is the engine's own view of storage; the stores for
//! folders and clouds pass the same suite.

pub mod contract;

use std::path::Path;
use std::sync::Arc;

pub use crate::storage::lease;
pub use crate::storage::{
    Blob, Entry, Hold, Key, Life, Opened, Opening, Page, Place, StorageError, StorageFactory, Store, Upload,
};
pub use crate::world::Patience;

use crate::config;
use crate::world::World;

/// The store that the Bronze of a config's first dataset is written to, to run the suite on it.
///
/// # Errors
///
/// What is wrong with the config, in one line for each finding.
pub fn store_of(world: &World, root: &Path, config: &str) -> Result<Arc<dyn Store>, String> {
    let loaded = config::load(root, config, None, world.env.as_ref());
    let datasets =
        loaded.files.iter().filter_map(|file| file.pipeline.as_ref()).flat_map(|pipeline| &pipeline.datasets);
    if let Some(dataset) = datasets.into_iter().next() {
        return Ok(crate::storage::open(&dataset.bronze.storage, world));
    }
    let findings = loaded.files.iter().flat_map(|file| &file.diagnostics);
    Err(findings.map(|finding| finding.message.clone()).collect::<Vec<_>>().join("\n"))
}
