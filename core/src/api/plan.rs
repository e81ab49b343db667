//! `plan`: what a run would do, found out without writing.

use std::collections::HashSet;

use super::Engine;
use super::wire::{Count, ErrorBody, Layer, Plan, PlannedStep, RunRequest};
use crate::bronze::{self, BronzeTable};
use crate::cancel::CancelToken;
use crate::config::settings::{Dataset, SilverSettings};
use crate::extract::ExtractRequest;
use crate::publish::{Commit, PublishError};
use crate::run::{self, Site, Task};
use crate::silver::{Input, SilverEntity, SilverError};

impl Engine {
    /// See the command table.
    ///
    /// # Errors
    ///
    /// CFG codes when the configuration or the request cannot be used. What keeps a single step
    /// from running is in the plan.
    pub fn plan(&self, request: RunRequest) -> Result<Plan, ErrorBody> {
        let site = self.site();
        let loaded = site.load(&request.target);
        let selection = run::select(&loaded, &request.sources)?;
        let tasks = run::tasks(&site, &selection, &request)?;
        let refused: HashSet<*const Dataset> = tasks
            .iter()
            .filter(|task| run::available::check(task.dataset, task.step.layer).is_err())
            .map(|task| std::ptr::from_ref(task.dataset))
            .collect();
        let mut steps: Vec<PlannedStep> = Vec::new();
        for task in &tasks {
            let lands_first = steps.last().is_some_and(|last| {
                last.step.layer == Layer::Bronze && last.problems.is_empty() && task.step.layer == Layer::Silver
            });
            steps.push(match task.step.layer {
                _ if refused.contains(&std::ptr::from_ref(task.dataset)) => self::refused(&site, task),
                Layer::Bronze => bronze(&site, task),
                Layer::Silver => silver(&site, task, lands_first),
            });
        }
        Ok(Plan { steps })
    }
}

fn bronze(site: &Site<'_>, task: &Task<'_>) -> PlannedStep {
    let dataset = task.dataset;
    let partition = BronzeTable::of(dataset, site.world.disk.clone()).partition(task.step.date);
    let mut problems = Vec::new();
    let request = ExtractRequest::of(dataset, task.step.date, None, &CancelToken::new());
    // Opening decides the columns, so a source that cannot be used shows now.
    if let Err(error) = bronze::extractor(&dataset.source).open(&request) {
        problems.push(ErrorBody::of(&error));
    }
    let standing = standing(partition.latest(), &mut problems);
    let action = standing
        .as_ref()
        .map_or_else(|| "land a first version".to_owned(), |commit| format!("compare with version {}", commit.version));
    PlannedStep {
        reads: vec![dataset.source.location(task.step.date)],
        writes: site.display(&partition.place()),
        model: None,
        ..step(task, standing.as_ref(), action, problems)
    }
}

fn silver(site: &Site<'_>, task: &Task<'_>, lands_first: bool) -> PlannedStep {
    let dataset = task.dataset;
    let Some(settings) = &dataset.silver else { return step(task, None, "nothing".into(), Vec::new()) };
    let entity = SilverEntity::of(dataset, settings, site.world.disk.clone());
    let mut problems = Vec::new();
    let standing = standing(entity.load(task.step.date).latest(), &mut problems);
    let bronze = BronzeTable::of(dataset, site.world.disk.clone());
    let (reads, action) = match bronze.landed() {
        Ok(landed) => match Input::of(dataset, settings, &landed, task.step.date) {
            Ok(input) => (
                input.partitions.iter().map(|landed| landed.id.clone()).collect(),
                action(&input, standing.as_ref(), lands_first),
            ),
            Err(SilverError::NoBronze { .. }) if lands_first => {
                (vec![bronze_of(dataset, settings)], "build after Bronze has landed".into())
            }
            Err(error) => {
                problems.push(ErrorBody::of(&error));
                (Vec::new(), "nothing".into())
            }
        },
        Err(error) => {
            problems.push(ErrorBody::of(&error));
            (Vec::new(), "nothing".into())
        }
    };
    PlannedStep {
        reads,
        writes: site.display(&entity.place()),
        model: Some(settings.model.as_str().to_owned()),
        ..step(task, standing.as_ref(), action, problems)
    }
}

/// The plan of a step of a dataset that a run refuses as a whole, with what this step lacks.
fn refused(site: &Site<'_>, task: &Task<'_>) -> PlannedStep {
    let dataset = task.dataset;
    let error = run::available::check(dataset, task.step.layer).err();
    let problems = error.iter().map(|error| ErrorBody::of(error)).collect();
    let planned = step(task, None, "nothing: this version cannot run the dataset".into(), problems);
    let disk = site.world.disk.clone();
    match (task.step.layer, &dataset.silver) {
        (Layer::Silver, Some(settings)) => PlannedStep {
            writes: site.display(&SilverEntity::of(dataset, settings, disk).place()),
            model: Some(settings.model.as_str().to_owned()),
            ..planned
        },
        _ => PlannedStep {
            reads: vec![dataset.source.location(task.step.date)],
            writes: site.display(&BronzeTable::of(dataset, disk).partition(task.step.date).place()),
            ..planned
        },
    }
}

fn action(input: &Input, standing: Option<&Commit>, lands_first: bool) -> String {
    match standing {
        None => "build a first version".into(),
        Some(standing) if input.made(standing) && lands_first => "nothing, unless Bronze changes".into(),
        Some(standing) if input.made(standing) => "nothing: it is up to date".into(),
        Some(standing) => format!("rebuild: input or config changed since version {}", standing.version),
    }
}

fn bronze_of(dataset: &Dataset, settings: &SilverSettings) -> String {
    format!("Bronze of {}.{} for {}", dataset.system, dataset.table, settings.model.as_str())
}

/// A damaged commit is no problem here: a run makes a new version.
fn standing(latest: Result<Option<Commit>, PublishError>, problems: &mut Vec<ErrorBody>) -> Option<Commit> {
    latest.unwrap_or_else(|error| {
        if matches!(error, PublishError::Damaged { .. }) {
            return None;
        }
        problems.push(ErrorBody::of(&error));
        None
    })
}

fn step(task: &Task<'_>, standing: Option<&Commit>, action: String, problems: Vec<ErrorBody>) -> PlannedStep {
    PlannedStep {
        step: task.step.clone(),
        file: task.file.to_owned(),
        reads: Vec::new(),
        writes: String::new(),
        standing: standing.map(|commit| Count(commit.version)),
        action,
        load_pattern: task.dataset.bronze.load_pattern.as_str().to_owned(),
        model: None,
        problems,
    }
}
