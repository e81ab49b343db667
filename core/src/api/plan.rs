//! `plan`: what a run would do, found out without writing.

use std::collections::HashSet;

use arrow::datatypes::Schema;

use super::Engine;
use super::preview::cursor_state;
use super::wire::{Count, ErrorBody, Layer, Plan, PlannedColumn, PlannedCursor, PlannedSize, PlannedStep, RunRequest};
use crate::batch;
use crate::bronze::{self, BronzeError, BronzeTable, Occasion, Reach};
use crate::cancel::CancelToken;
use crate::config::settings::{Dataset, SilverSettings, Source};
use crate::extract::{self, Budget, ExtractRequest};
use crate::publish::{Commit, Partition, PublishError};
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
                Layer::Bronze => bronze(&site, task, &request),
                Layer::Silver => silver(&site, task, lands_first),
            });
        }
        Ok(Plan { steps })
    }
}

/// What a landing would do. Sources on this machine are opened, because that decides their columns; servers
/// are asked only where that was asked for.
fn bronze(site: &Site<'_>, task: &Task<'_>, request: &RunRequest) -> PlannedStep {
    let dataset = task.dataset;
    let table = BronzeTable::of(dataset, site.world);
    let partition = partition(site, task);
    let mut problems = Vec::new();
    let standing = standing(partition.latest(), &mut problems);
    let reach = bronze::reach(dataset, &table, task.step.date, request.refetch);
    let reach = reach.map_err(|error| problems.push(ErrorBody::of(&BronzeError::Reach(error)))).ok();
    let since = reach.as_ref().and_then(Reach::since).cloned();
    let closed = matches!(reach, Some(Reach::Closed { .. }));
    let mut schema = Vec::new();
    if (matches!(dataset.source, Source::File(_)) || request.ask_sources) && !closed {
        let mut asked = ExtractRequest::of(dataset, task.step.date, None, site.world, &CancelToken::new());
        asked.since.clone_from(&since);
        // Enough to decide the columns.
        asked.budget = Budget { pages: Some(1), ..Budget::default() };
        match extract::extractor(&dataset.source).open(&asked) {
            Ok(extraction) => {
                schema = standing.as_ref().map_or_else(Vec::new, |commit| changes(commit, &extraction.schema()));
            }
            Err(error) => problems.push(ErrorBody::of(&error)),
        }
    }
    let action = match (&reach, &standing) {
        (Some(Reach::Closed { by, .. }), _) => format!("nothing: the day is closed, because {by} is committed"),
        (Some(Reach::Since(_)), Some(commit)) => format!("append what is new to version {}", commit.version),
        (_, Some(commit)) => format!("compare with version {}", commit.version),
        (_, None) => "land a first version".to_owned(),
    };
    PlannedStep {
        reads: vec![dataset.source.location(task.step.date)],
        writes: site.display(&partition.place()),
        model: None,
        cursor: bronze::incremental(&dataset.source).map(|incremental| PlannedCursor {
            field: incremental.cursor.clone(),
            from: since.as_ref().map(cursor_state),
            initial: incremental.initial_value.clone().filter(|_| since.is_none()),
            until: incremental.end_value.clone(),
        }),
        schema,
        estimate: if closed { None } else { estimate(dataset, &table, reach.as_ref()) },
        ..step(task, standing.as_ref(), action, problems)
    }
}

/// As many rows as the newest partition has; of what only adds to it, nothing is known before it is read.
fn estimate(dataset: &Dataset, table: &BronzeTable, reach: Option<&Reach>) -> Option<PlannedSize> {
    if reach.is_none_or(|reach| reach.since().is_some()) {
        return None;
    }
    let newest = table.newest()?;
    let rows = newest.commit.rows();
    let parts = rows.div_ceil(dataset.bronze.max_rows_per_file.max(1)).max(1);
    Some(PlannedSize { rows: Count(rows), parts: Count(parts), like: newest.id })
}

/// The columns that would differ from those that stand.
fn changes(standing: &Commit, coming: &Schema) -> Vec<PlannedColumn> {
    let columns: Vec<_> = standing.tables.iter().flat_map(|table| &table.columns).collect();
    let mut changes = Vec::new();
    for field in coming.fields() {
        let found = batch::type_name(field.data_type());
        let known = columns.iter().find(|column| column.name == *field.name());
        if known.is_none_or(|column| column.type_name != found) {
            let name = field.name().clone();
            let standing = known.map(|column| column.type_name.clone());
            changes.push(PlannedColumn { name, standing, coming: Some(found) });
        }
    }
    let gone = columns.iter().filter(|column| coming.field_with_name(&column.name).is_err());
    changes.extend(gone.map(|column| PlannedColumn {
        name: column.name.clone(),
        standing: Some(column.type_name.clone()),
        coming: None,
    }));
    changes
}

/// Where Bronze would land now.
fn partition(site: &Site<'_>, task: &Task<'_>) -> Partition {
    let occasion = Occasion { date: task.step.date, began: site.world.clock.now(), run_id: None };
    BronzeTable::of(task.dataset, site.world).partition(occasion)
}

fn silver(site: &Site<'_>, task: &Task<'_>, lands_first: bool) -> PlannedStep {
    let dataset = task.dataset;
    let Some(settings) = &dataset.silver else { return step(task, None, "nothing".into(), Vec::new()) };
    let entity = SilverEntity::of(dataset, settings, site.world);
    let mut problems = Vec::new();
    let standing = standing(entity.load(task.step.date).latest(), &mut problems);
    let bronze = BronzeTable::of(dataset, site.world);
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
    let world = &site.world;
    match (task.step.layer, &dataset.silver) {
        (Layer::Silver, Some(settings)) => PlannedStep {
            writes: site.display(&SilverEntity::of(dataset, settings, world).place()),
            model: Some(settings.model.as_str().to_owned()),
            ..planned
        },
        _ => PlannedStep {
            reads: vec![dataset.source.location(task.step.date)],
            writes: site.display(&partition(site, task).place()),
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
        standing_rows: standing.map(|commit| Count(commit.rows())),
        standing_parts: standing.map(|commit| Count(commit.part_count())),
        action,
        load_pattern: task.dataset.bronze.load_pattern.as_str().to_owned(),
        model: None,
        cursor: None,
        schema: Vec::new(),
        estimate: None,
        problems,
    }
}
