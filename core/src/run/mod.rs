//! A run from start to end: which steps, one after the other, and what came of each.

pub(crate) mod available;
mod execute;
mod select;

use std::path::Path;

use crate::api::wire::{ErrorBody, Target};
use crate::config::Loaded;
use crate::config::settings::Dataset;
use crate::diagnostic::{Diagnostic, Severity, code};
use crate::error::{Coded, Stage};
use crate::event::{Layer, Step};
use crate::storage::Place;
use crate::world::World;

pub(crate) use execute::{execute, tasks};
pub(crate) use select::{Selection, dataset, select};

/// Where a run takes place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site<'a> {
    /// The outside.
    pub(crate) world: &'a World,
    /// Relative paths start here, and paths are shown relative to it.
    pub(crate) root: &'a Path,
}

impl Site<'_> {
    /// Reads the configuration of a target.
    pub(crate) fn load(&self, target: &Target) -> Loaded {
        crate::config::load(self.root, &target.path, target.environment.as_deref(), self.world.env.as_ref())
    }
    /// A place as the user would name it.
    pub(crate) fn display(&self, place: &Place) -> String {
        match place.local() {
            Some(path) => path.strip_prefix(self.root).unwrap_or(path).display().to_string(),
            None => place.to_string(),
        }
    }
}

/// One thing to do.
#[derive(Clone, Debug)]
pub(crate) struct Task<'a> {
    /// Which.
    pub(crate) step: Step,
    /// Of which dataset.
    pub(crate) dataset: &'a Dataset,
    /// Its config file, as the user would name it.
    pub(crate) file: &'a str,
}

impl Task<'_> {
    /// Whether `earlier` must have gone well before this one is tried.
    fn depends_on(&self, earlier: &Step) -> bool {
        self.step.layer == Layer::Silver
            && earlier.layer == Layer::Bronze
            && self.step.dataset == earlier.dataset
            && self.step.date == earlier.date
    }
}

/// Why nothing could be tried.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    /// The configuration has errors.
    #[error("the configuration has {errors} {}", if *errors == 1 { "error" } else { "errors" })]
    Config {
        /// How many.
        errors: usize,
        /// All findings of the files concerned.
        diagnostics: Vec<Diagnostic>,
    },
    /// The target describes no dataset at all.
    #[error("there is no dataset to run")]
    Nothing {
        /// All findings of the files concerned.
        diagnostics: Vec<Diagnostic>,
    },
    /// A dataset was named that no file describes.
    #[error("there is no dataset `{name}`")]
    NoDataset {
        /// The name.
        name: String,
        /// The nearest one there is.
        nearest: Option<String>,
        /// All there are.
        names: Vec<String>,
    },
    /// Two files describe a dataset of this name.
    #[error("more than one dataset is called `{name}`: in {}", files.join(", "))]
    Ambiguous {
        /// The name.
        name: String,
        /// The files.
        files: Vec<String>,
    },
    /// The last date is before the first.
    #[error("the last date {until} is before the first {date}")]
    EmptyRange {
        /// First.
        date: chrono::NaiveDate,
        /// Last.
        until: chrono::NaiveDate,
    },
    /// So many steps are more likely a slip in a date than meant.
    #[error("that would be more than {limit} steps")]
    TooManySteps {
        /// The most that run without being asked about.
        limit: usize,
    },
    /// A partition was asked for that is not there.
    #[error("there is no {layer} partition `{id}` of `{dataset}`")]
    NoPartition {
        /// Dataset name.
        dataset: String,
        /// Which layer.
        layer: &'static str,
        /// What was asked for; empty: the newest.
        id: String,
    },
    /// A table was asked for that the partition does not have.
    #[error("the partition has no table `{table}`")]
    NoTable {
        /// The name.
        table: String,
    },
}

impl Coded for RunError {
    fn code(&self) -> code::Code {
        match self {
            Self::Config { diagnostics, .. } => diagnostics
                .iter()
                .find(|diagnostic| diagnostic.severity == Severity::Error)
                .map_or(code::CFG019, |diagnostic| diagnostic.code),
            Self::Nothing { .. } => code::CFG025,
            Self::NoDataset { .. } | Self::Ambiguous { .. } | Self::EmptyRange { .. } | Self::TooManySteps { .. } => {
                code::CFG026
            }
            Self::NoPartition { .. } | Self::NoTable { .. } => code::RUN012,
        }
    }
    fn stage(&self) -> Stage {
        // Asking for what is not there is a matter of the arguments too.
        Stage::Configuration
    }
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoDataset { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
            Self::NoDataset { names, .. } if !names.is_empty() => Some(format!("there are: {}", listed(names))),
            Self::Ambiguous { .. } => Some("name the config file instead of the folder".into()),
            Self::TooManySteps { .. } => Some("check the dates; `--yes` runs them all the same".into()),
            _ => None,
        }
    }
}

/// The first names, and how many more there are.
fn listed(names: &[String]) -> String {
    const MOST: usize = 12;
    let shown: Vec<String> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(MOST);
    let more = if more > 0 { format!(" and {more} more (`medallion ls`)") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

impl From<RunError> for ErrorBody {
    fn from(error: RunError) -> Self {
        let mut body = Self::of(&error);
        if let RunError::Config { diagnostics, .. } | RunError::Nothing { diagnostics } = error {
            body.diagnostics = diagnostics;
        }
        body
    }
}
