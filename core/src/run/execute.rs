//! Does the steps of a run in order and tells how they go.

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{RunError, Selection, Site, Task, available};
use crate::api::wire::{Count, ErrorBody, Layers, RunReport, RunRequest, StepReport};
use crate::bronze::{self, BronzeTable, LandedOutcome, Landing, Occasion};
use crate::cancel::CancelToken;
use crate::config::settings::Dataset;
use crate::diagnostic::code;
use crate::error::{Coded, EXIT_OK, Stage};
use crate::event::{Layer, Note, NoteLevel, Outcome, Phase, RunEvent, Step};
use crate::figures::counted;
use crate::publish::{Commit, Published};
use crate::silver::{self, Promotion, SilverEntity, SilverError};

/// Longest time between two reports of progress of one step that a reader may expect.
const PROGRESS_EVERY: TimeDelta = TimeDelta::milliseconds(100);
/// Steps that run without [`RunRequest::accept_many_steps`]: a decade of days of one dataset, both layers.
const MANY_STEPS: usize = 10_000;

/// The steps of a request: dataset by dataset, date by date, Bronze before Silver.
pub(crate) fn tasks<'a>(
    site: &Site<'_>,
    selection: &Selection<'a>,
    request: &RunRequest,
) -> Result<Vec<Task<'a>>, RunError> {
    let now = site.world.clock.now();
    let mut tasks = Vec::new();
    for (file, dataset) in &selection.datasets {
        for date in dates(request, dataset, now)? {
            let mut add = |layer| {
                let step = Step { dataset: dataset.name.clone(), date, layer };
                tasks.push(Task { step, dataset, file: &file.display });
            };
            if request.layers != Layers::Silver {
                add(Layer::Bronze);
            }
            if request.layers != Layers::Bronze && dataset.silver.is_some() {
                add(Layer::Silver);
            }
            if tasks.len() > MANY_STEPS && !request.accept_many_steps {
                return Err(RunError::TooManySteps { limit: MANY_STEPS });
            }
        }
    }
    Ok(tasks)
}

/// The steps of datasets that this version cannot run, as far as they were asked for; `None` for those
/// that are tried. A dataset is refused as a whole: Bronze does not land for a Silver that cannot be made.
fn refused(tasks: &[Task<'_>]) -> Vec<Option<StepReport>> {
    let errors: Vec<Option<available::Unavailable>> =
        tasks.iter().map(|task| available::check(task.dataset, task.step.layer).err()).collect();
    let at_fault: HashSet<*const Dataset> = tasks
        .iter()
        .zip(&errors)
        .filter(|(_, error)| error.is_some())
        .map(|(task, _)| std::ptr::from_ref(task.dataset))
        .collect();
    let concerned = |task: &Task<'_>| at_fault.contains(&std::ptr::from_ref(task.dataset));
    let report = |task: &Task<'_>, error: &Option<available::Unavailable>| match error {
        Some(error) => Some(StepReport { error: Some(ErrorBody::of(error)), ..idle(task, Outcome::Failed) }),
        None => concerned(task).then(|| idle(task, Outcome::Skipped)),
    };
    tasks.iter().zip(&errors).map(|(task, error)| report(task, error)).collect()
}

/// The dates of a request; without one, today where the dataset is at home.
fn dates(request: &RunRequest, dataset: &Dataset, now: DateTime<Utc>) -> Result<Vec<NaiveDate>, RunError> {
    let date = request.date.unwrap_or_else(|| now.with_timezone(&dataset.bronze.timezone).date_naive());
    let until = request.until.unwrap_or(date);
    if until < date {
        return Err(RunError::EmptyRange { date, until });
    }
    Ok(date.iter_days().take_while(|day| *day <= until).collect())
}

/// Does all steps. A failed step does not stop the others, only those that need it.
pub(crate) fn execute(
    site: &Site<'_>,
    selection: &Selection<'_>,
    request: &RunRequest,
    cancel: &CancelToken,
    emit: &mut dyn FnMut(RunEvent),
) -> Result<RunReport, RunError> {
    let tasks = tasks(site, selection, request)?;
    let started = site.world.clock.now();
    let run_id = site.world.entropy.id();
    emit(RunEvent::Started { run_id: run_id.clone(), steps: tasks.iter().map(|task| task.step.clone()).collect() });
    let refused = refused(&tasks);
    for (task, report) in tasks.iter().zip(&refused) {
        if let Some(report) = report {
            emit(RunEvent::StepStarted { step: task.step.clone() });
            let error = report.error.clone();
            emit(RunEvent::StepFinished { step: task.step.clone(), outcome: report.outcome, error });
        }
    }
    let mut reports: Vec<StepReport> = Vec::new();
    for (task, refused) in tasks.iter().zip(refused) {
        if let Some(report) = refused {
            reports.push(report);
            continue;
        }
        // Bronze comes right before its Silver.
        let blocked = reports.last().is_some_and(|report| {
            task.depends_on(&report.step) && !matches!(report.outcome, Outcome::Written | Outcome::Unchanged)
        });
        let report = if cancel.is_cancelled() {
            idle(task, Outcome::Cancelled)
        } else if blocked {
            let message = "not tried, because its Bronze did not land".to_owned();
            let note = Note { level: NoteLevel::Info, code: None, message };
            StepReport { notes: vec![note], ..idle(task, Outcome::Skipped) }
        } else {
            emit(RunEvent::StepStarted { step: task.step.clone() });
            let mut runner =
                Runner { site, task, request, run_id: &run_id, began: started, cancel, emit, last_progress: None };
            runner.run()
        };
        for note in &report.notes {
            emit(RunEvent::Noted { step: task.step.clone(), note: note.clone() });
        }
        emit(RunEvent::StepFinished { step: task.step.clone(), outcome: report.outcome, error: report.error.clone() });
        reports.push(report);
    }
    let seconds = seconds_since(started, site.world.clock.now());
    let report = RunReport { run_id, exit: exit(&reports), steps: reports, seconds };
    emit(RunEvent::Finished { report: report.clone() });
    Ok(report)
}

/// The exit code: that of the earliest stage that failed.
fn exit(reports: &[StepReport]) -> u8 {
    if reports.iter().any(|report| report.outcome == Outcome::Cancelled) {
        return Stage::Cancelled.exit();
    }
    reports.iter().filter_map(|report| report.error.as_ref()).map(|error| error.exit).min().unwrap_or(EXIT_OK)
}

fn seconds_since(started: DateTime<Utc>, now: DateTime<Utc>) -> f64 {
    (now - started).num_microseconds().unwrap_or_default() as f64 / 1e6
}

/// A step that was not tried.
fn idle(task: &Task<'_>, outcome: Outcome) -> StepReport {
    StepReport {
        step: task.step.clone(),
        outcome,
        rows: Count(0),
        parts: Count(0),
        bytes: Count(0),
        rejected: Count(0),
        path: String::new(),
        seconds: 0.0,
        notes: Vec::new(),
        error: None,
    }
}

struct Runner<'a> {
    site: &'a Site<'a>,
    task: &'a Task<'a>,
    request: &'a RunRequest,
    run_id: &'a str,
    /// When the run began, of which this step is a part.
    began: DateTime<Utc>,
    cancel: &'a CancelToken,
    emit: &'a mut dyn FnMut(RunEvent),
    last_progress: Option<(Phase, DateTime<Utc>)>,
}

impl Runner<'_> {
    fn run(&mut self) -> StepReport {
        let started = self.site.world.clock.now();
        // A defect in one step must not take the others with it.
        let result = catch_unwind(AssertUnwindSafe(|| match self.task.step.layer {
            Layer::Bronze => self.bronze(started),
            Layer::Silver => self.silver(started),
        }));
        let mut report = result.unwrap_or_else(|panic| self.broken(panic.as_ref()));
        for key in available::idle(self.task.dataset, self.task.step.layer) {
            let message = format!("`{key}` has no effect yet: this version does not act on it");
            report.notes.push(Note { level: NoteLevel::Warning, code: Some(code::RUN020.to_string()), message });
        }
        report.seconds = seconds_since(started, self.site.world.clock.now());
        report
    }

    fn bronze(&mut self, started: DateTime<Utc>) -> StepReport {
        let dataset = self.task.dataset;
        let world = self.site.world;
        let table = BronzeTable::of(dataset, world);
        let occasion = Occasion { date: self.task.step.date, began: self.began, run_id: Some(self.run_id) };
        let partition = table.partition(occasion);
        let path = self.site.display(&partition.place());
        let landing = Landing {
            dataset,
            date: self.task.step.date,
            id: table.id(&partition),
            table: &table,
            partition,
            run_id: self.run_id.to_owned(),
            world,
            attempt: world.entropy.id(),
            started,
            workers: self.workers(),
            refetch: self.request.refetch,
            cancel: self.cancel.clone(),
        };
        let now = || world.clock.now();
        let landed = bronze::land(&landing, &now, &mut |phase, position| {
            self.progress(phase, position.rows, Some(position.bytes), position.total_bytes);
        });
        match landed {
            Ok(LandedOutcome::Published { published, notes }) => self.done(&published, notes, path),
            Ok(LandedOutcome::Closed { by, standing }) => self.closed(by, standing, path),
            Err(error) if dataset.conduct.cleanup_on_failure => self.failed(&error, path),
            Err(error) => {
                let message = "files of this attempt stay for a look until the next run or `medallion gc`".to_owned();
                let note = Note { level: NoteLevel::Info, code: None, message };
                StepReport { notes: vec![note], ..self.failed(&error, path) }
            }
        }
    }

    fn silver(&mut self, started: DateTime<Utc>) -> StepReport {
        let dataset = self.task.dataset;
        let world = self.site.world;
        let Some(settings) = &dataset.silver else { return idle(self.task, Outcome::Skipped) };
        let entity = SilverEntity::of(dataset, settings, world);
        let path = self.site.display(&entity.place());
        let bronze = BronzeTable::of(dataset, world);
        let now = || world.clock.now();
        let mut tries = 2;
        let promoted = loop {
            let landed = match bronze.landed() {
                Ok(landed) => landed,
                Err(error) => return self.failed(&error, path),
            };
            let promotion = Promotion {
                dataset,
                settings,
                date: self.task.step.date,
                landed: &landed,
                entity: &entity,
                run_id: self.run_id.to_owned(),
                attempt: world.entropy.id(),
                started,
                accept_lost_history: self.request.accept_lost_history,
                rebuild: self.request.rebuild,
                workers: self.workers(),
                memory: self.request.memory_limit.map_or(world.memory, |limit| limit.0),
                cancel: self.cancel.clone(),
            };
            tries -= 1;
            match silver::promote(&promotion, &now, &mut |phase, rows| self.progress(phase, rows, None, None)) {
                // Another run put a new version of a partition in place of the one we read.
                Err(SilverError::Query(error)) if error.is_gone() && tries > 0 => {}
                other => break other,
            }
        };
        match promoted {
            Ok(published) => {
                let mut notes = quarantine_note(&published);
                notes.extend(silver::warnings(&published.commit().metadata).into_iter().map(|message| Note {
                    level: NoteLevel::Warning,
                    code: Some(code::VAL020.to_string()),
                    message,
                }));
                self.done(&published, notes, path)
            }
            Err(SilverError::NoBronze { date }) if self.request.allow_missing => {
                let mut report = idle(self.task, Outcome::Skipped);
                let message = format!("no Bronze partition is committed for {date}");
                report.notes.push(Note { level: NoteLevel::Info, code: Some(code::RUN010.to_string()), message });
                report
            }
            Err(error) => self.failed(&error, path),
        }
    }

    /// Threads that encode.
    fn workers(&self) -> NonZeroUsize {
        let wanted = self.task.dataset.conduct.parallel_workers.and_then(|workers| usize::try_from(workers).ok());
        wanted.and_then(NonZeroUsize::new).unwrap_or(self.site.world.processors)
    }

    fn progress(&mut self, phase: Phase, rows: u64, bytes: Option<u64>, total: Option<u64>) {
        let now = self.site.world.clock.now();
        if self.last_progress.is_some_and(|(last, time)| last == phase && now - time < PROGRESS_EVERY) {
            return;
        }
        self.last_progress = Some((phase, now));
        (self.emit)(RunEvent::Progress {
            step: self.task.step.clone(),
            phase,
            rows: Count(rows),
            bytes: bytes.map(Count),
            total_bytes: total.map(Count),
        });
    }

    fn done(&self, published: &Published, notes: Vec<Note>, path: String) -> StepReport {
        let commit = published.commit();
        StepReport {
            outcome: if matches!(published, Published::Written(_)) { Outcome::Written } else { Outcome::Unchanged },
            rows: commit.rows().into(),
            parts: commit.part_count().into(),
            bytes: commit.bytes().into(),
            rejected: commit.rejected().into(),
            path,
            notes,
            ..idle(self.task, Outcome::Written)
        }
    }

    /// A day of a cursor source that is closed.
    fn closed(&self, by: NaiveDate, standing: Option<Box<Commit>>, path: String) -> StepReport {
        let message = format!("the day is closed, because {by} is committed: `--refetch` fetches it once more");
        let notes = vec![Note { level: NoteLevel::Info, code: None, message }];
        match standing {
            Some(commit) => self.done(&Published::Unchanged(*commit), notes, path),
            None => StepReport { path, notes, ..idle(self.task, Outcome::Skipped) },
        }
    }

    fn failed(&self, error: &dyn Coded, path: String) -> StepReport {
        let outcome = if error.stage() == Stage::Cancelled { Outcome::Cancelled } else { Outcome::Failed };
        let error = (outcome == Outcome::Failed).then(|| ErrorBody::of(error));
        StepReport { path, error, ..idle(self.task, outcome) }
    }

    fn broken(&self, panic: &(dyn std::any::Any + Send)) -> StepReport {
        let what = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        let error = ErrorBody {
            code: code::RUN013,
            message: format!("the step broke off: {what}"),
            causes: Vec::new(),
            hint: None,
            diagnostics: Vec::new(),
            exit: match self.task.step.layer {
                Layer::Bronze => Stage::Extraction.exit(),
                Layer::Silver => Stage::Validation.exit(),
            },
            transient: false,
        };
        StepReport { error: Some(error), ..idle(self.task, Outcome::Failed) }
    }
}

fn quarantine_note(published: &Published) -> Vec<Note> {
    let rejected = published.commit().rejected();
    if rejected == 0 {
        return Vec::new();
    }
    let verb = if rejected == 1 { "is" } else { "are" };
    let message = format!("{} {verb} in quarantine", counted(rejected, "row"));
    vec![Note { level: NoteLevel::Warning, code: None, message }]
}
