//! The door: one file per use case, plain data in and out. A file here calls, it does not compute.
//!
//! [`Engine`] has one method for each row of the command table ([`commands`]); hosts that speak
//! JSON (desktop, web) go through [`commands::call`], the others call the methods.

pub mod commands;
pub mod wire;

mod assist;
mod backends;
mod browse;
mod data;
mod datasets;
mod doctor;
mod document;
mod effective;
mod explain;
mod form;
mod join;
mod migrate;
mod outline;
mod partitions;
mod plan;
mod preview;
mod quarantine;
#[cfg(test)]
mod request_tests;
mod rows;
mod run;
mod scaffold;
mod upkeep;
mod validate;
mod watch;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Mutex;

use crate::cancel::CancelToken;
use crate::query::Readings;
use crate::run::Site;
use crate::world::World;

pub use crate::config::edit::draft::{DraftText, MisplacedEdit, moved};
pub use crate::diagnostic::render::{RenderStyle, WIDTH, render, sarif};

/// The JSON Schema of configurations, as published in `configs/schema/medallion.schema.json`.
pub fn config_schema() -> serde_json::Value {
    crate::config::schema::published()
}

/// [`config_schema`] as the text of that file.
pub fn config_schema_text() -> String {
    crate::config::schema::text()
}

pub use doctor::without_secrets;
pub use wire::ErrorBody;

/// The engine, opened on a folder. Cheap to create; calls may come from many threads at once.
#[derive(Debug)]
pub struct Engine {
    world: World,
    root: PathBuf,
    jobs: Mutex<HashMap<String, CancelToken>>,
    /// Configurations that calls have named, which `config_text` may show wherever they are.
    shown: Mutex<HashSet<PathBuf>>,
    /// The texts that front ends have of configurations, as last read or saved.
    given: Mutex<HashMap<PathBuf, String>>,
    /// Columns that previews have shown, by config file and dataset.
    previewed: Mutex<HashMap<(String, String), Vec<wire::ColumnInfo>>>,
    /// Rows that are being looked at.
    readings: Readings,
}

impl Engine {
    /// Opens the engine. Relative paths in requests start at `root`, which must be absolute.
    pub fn open(root: impl Into<PathBuf>, world: World) -> Self {
        Self {
            world,
            root: root.into(),
            jobs: Mutex::new(HashMap::new()),
            shown: Mutex::new(HashSet::new()),
            given: Mutex::new(HashMap::new()),
            previewed: Mutex::new(HashMap::new()),
            readings: Readings::default(),
        }
    }

    fn site(&self) -> Site<'_> {
        Site { world: &self.world, root: &self.root }
    }
}
