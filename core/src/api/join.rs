//! `join`, `plan_join` and `preview_join`; the joins in the list of datasets.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use indexmap::IndexMap;

use super::Engine;
use super::run::Job;
use super::wire::{
    Count, ErrorBody, JoinColumn, JoinEvent, JoinFigures, JoinFolders, JoinGuard, JoinKey, JoinPlan, JoinPreview,
    JoinReport, JoinRequest, JoinSide, JoinStrategy, JoinSummary, LayerState, Note, NoteLevel, Outcome, Phase, Table,
    Target, code,
};
use crate::batch;
use crate::cancel::CancelToken;
use crate::config::Loaded;
use crate::config::settings::{self, Compression, Formats, JoinGuards, JoinKeys, JoinSettings, JoinType, SilverModel};
use crate::diagnostic::Severity;
use crate::error::Coded;
use crate::figures::counted;
use crate::join::{self, Choice, Figures, Joining, Means, Meeting, Side, Verdict};
use crate::publish::Published;
use crate::run::{self, RunError, Site};
use crate::scratch;

/// Rows of a preview at most.
const LIMIT: u32 = 1_000;
/// Milliseconds between two reports of progress.
const PROGRESS_EVERY: i64 = 100;

/// A join as it was asked for.
struct Asked {
    settings: JoinSettings,
    /// The config, as the user would name it.
    file: String,
    loaded: Arc<Loaded>,
}

/// A join that is understood.
struct Understood {
    asked: Asked,
    meeting: Meeting,
    target: join::Target,
}

impl Engine {
    /// See the command table. Blocks until it is done; events come on this thread, in order.
    ///
    /// # Errors
    ///
    /// CFG and JOIN codes; nothing was committed then.
    pub fn join(&self, request: JoinRequest, emit: &mut dyn FnMut(JoinEvent)) -> Result<JoinReport, ErrorBody> {
        let job = Job::begin(self, &request.job);
        let started = self.world.clock.now();
        let mut last: Option<(Phase, DateTime<Utc>)> = None;
        let mut tries = 2;
        let report = loop {
            let understood = self.understand(&request)?;
            let Understood { asked, meeting, target } = &understood;
            tries -= 1;
            let joining = Joining {
                meeting,
                settings: &asked.settings,
                target,
                means: self.means(&request, &asked.settings, &job.token),
                run_id: self.world.entropy.id(),
                attempt: self.world.entropy.id(),
                started,
                rebuild: request.rebuild,
            };
            let joined = joining.join(&|| self.world.clock.now(), &mut |phase, rows| {
                let now = self.world.clock.now();
                if last
                    .is_none_or(|(before, time)| before != phase || (now - time).num_milliseconds() >= PROGRESS_EVERY)
                {
                    last = Some((phase, now));
                    emit(JoinEvent::Progress { phase, rows: Count(rows) });
                }
            });
            match joined {
                // Another run put a new load in the place of one that we read.
                Err(join::JoinError::Query(error)) if error.is_gone() && tries > 0 => {}
                Err(error) => return Err(ErrorBody::of(&error)),
                Ok(joined) => {
                    let commit = joined.published.commit();
                    let is_written = matches!(joined.published, Published::Written(_));
                    let mut plan = self.plan_of(&understood);
                    plan.up_to_date = !is_written;
                    break JoinReport {
                        plan,
                        outcome: if is_written { Outcome::Written } else { Outcome::Unchanged },
                        version: Count(commit.version),
                        rows: commit.rows().into(),
                        parts: commit.part_count().into(),
                        bytes: commit.bytes().into(),
                        figures: joined.figures.as_ref().map(figures),
                        guards: joined.verdicts.iter().map(guard).collect(),
                        seconds: (self.world.clock.now() - started).num_microseconds().unwrap_or_default() as f64 / 1e6,
                    };
                }
            }
        };
        self.readings.forget_tables();
        emit(JoinEvent::Finished { report: Box::new(report.clone()) });
        Ok(report)
    }

    /// See the command table.
    ///
    /// # Errors
    ///
    /// CFG and JOIN codes for what a run would refuse before it reads a row.
    pub fn plan_join(&self, request: JoinRequest) -> Result<JoinPlan, ErrorBody> {
        let understood = self.understand(&request)?;
        let mut plan = self.plan_of(&understood);
        let standing =
            join::is_fresh(&understood.meeting, &understood.target).map_err(|error| ErrorBody::of(&error))?;
        plan.up_to_date = standing.is_some() && !request.rebuild;
        Ok(plan)
    }

    /// See the command table.
    ///
    /// # Errors
    ///
    /// As `plan_join`, and what keeps the sides from being read. Guards that are broken are in the reply.
    pub fn preview_join(&self, request: JoinRequest) -> Result<Table<JoinPreview>, ErrorBody> {
        let job = Job::begin(self, &request.job);
        let understood = self.understand(&request)?;
        let Understood { asked, meeting, .. } = &understood;
        let means = self.means(&request, &asked.settings, &job.token);
        let limit = request.limit.clamp(1, LIMIT) as usize;
        let sample = join::sample(meeting, &asked.settings, &means, limit).map_err(|error| ErrorBody::of(&error))?;
        let info = JoinPreview {
            plan: self.plan_of(&understood),
            figures: figures(&sample.figures),
            guards: sample.verdicts.iter().map(guard).collect(),
        };
        Ok(Table { info, batches: sample.rows })
    }

    /// The joins that configs describe. What cannot be read is said of the join concerned.
    pub(super) fn joins_of(&self, target: &Target, loaded: &Arc<Loaded>) -> Vec<JoinSummary> {
        let files = loaded.files.iter().map(|file| file.display.as_str());
        files.filter_map(|file| self.summary_of(target, loaded, file)).collect()
    }

    fn summary_of(&self, target: &Target, loaded: &Arc<Loaded>, file: &str) -> Option<JoinSummary> {
        let described = loaded.files.iter().find(|other| other.display == file)?;
        let settings = described.pipeline.as_ref()?.join.clone()?;
        let (left, right) = (side_name(&settings.left), side_name(&settings.right));
        let mut summary = JoinSummary {
            name: format!("{left}_{right}"),
            file: file.to_owned(),
            strategy: strategy(settings.join_type),
            left,
            right,
            output: String::new(),
            state: None,
            attention: Vec::new(),
        };
        let mut warn = |message: String, code: Option<String>| {
            summary.attention.push(Note { level: NoteLevel::Warning, code, message });
        };
        let asked = Asked { settings, file: file.to_owned(), loaded: loaded.clone() };
        let request = JoinRequest { target: target.clone(), ..JoinRequest::default() };
        match self.understood(asked, &request) {
            Err(error) => warn(format!("it cannot run: {}", error.message), Some(error.code.to_string())),
            Ok(understood) => {
                let fresh = join::is_fresh(&understood.meeting, &understood.target);
                let standing = understood.target.newest();
                match (&fresh, &standing) {
                    (Err(error), _) | (_, Err(error)) => {
                        warn(format!("its result cannot be read: {error}"), Some(error.code().to_string()));
                    }
                    (Ok(None), Ok(Some(_))) => warn("it is stale: a side or its config changed since".into(), None),
                    _ => {}
                }
                summary.state = standing.ok().flatten().map(|load| LayerState {
                    date: Some(load.date),
                    rows: load.commit.rows().into(),
                    bytes: load.commit.bytes().into(),
                    rejected: Count(0),
                    committed_at: load.commit.committed_at.clone(),
                    partitions: Count(1),
                    stale: matches!(fresh, Ok(None)),
                });
                summary.output = self.site().display(&understood.target.place());
            }
        }
        Some(summary)
    }

    fn means<'a>(&'a self, request: &JoinRequest, settings: &JoinSettings, cancel: &CancelToken) -> Means<'a> {
        Means {
            world: &self.world,
            memory: request.memory.map_or(join::MEMORY, |memory| memory.0.max(1)),
            scratch: settings.spill_dir.clone().unwrap_or_else(|| scratch::base(self.world.env.as_ref())),
            threads: self.world.processors,
            cancel: cancel.clone(),
        }
    }

    fn understand(&self, request: &JoinRequest) -> Result<Understood, ErrorBody> {
        self.understood(self.asked(request)?, request)
    }

    fn asked(&self, request: &JoinRequest) -> Result<Asked, ErrorBody> {
        let site = self.site();
        if let Some(folders) = &request.folders {
            let loaded = Arc::new(Loaded { root: self.root.clone(), files: Vec::new() });
            return Ok(Asked { settings: of_folders(folders, &self.root), file: String::new(), loaded });
        }
        let loaded = Arc::new(site.load(&request.target));
        let having: Vec<_> =
            loaded.files.iter().filter_map(|file| Some((file, file.pipeline.as_ref()?.join.as_ref()?))).collect();
        let refused = |message: String, hint: &str| {
            Err(ErrorBody { code: code::CFG026, hint: Some(hint.into()), exit: 1, ..ErrorBody::unexpected(message) })
        };
        match having.as_slice() {
            [(file, settings)] => {
                let errors = file.diagnostics.iter().filter(|finding| finding.severity == Severity::Error).count();
                if errors > 0 {
                    return Err(RunError::Config { errors, diagnostics: file.diagnostics.clone() }.into());
                }
                Ok(Asked { settings: (*settings).clone(), file: file.display.clone(), loaded: loaded.clone() })
            }
            [] => {
                let all = loaded.files.iter().flat_map(|file| &file.diagnostics);
                let errors = all.clone().filter(|finding| finding.severity == Severity::Error).count();
                if errors > 0 {
                    return Err(RunError::Config { errors, diagnostics: all.cloned().collect() }.into());
                }
                refused(
                    "no config describes a join".into(),
                    "add a `silver_join` block, or name two folders with --left-path and --right-path",
                )
            }
            several => {
                let files: Vec<&str> = several.iter().map(|(file, _)| file.display.as_str()).collect();
                refused(
                    format!("{} describe a join each", counted(files.len() as u64, "config")),
                    &format!("name one of them: {}", files.join(", ")),
                )
            }
        }
    }

    fn understood(&self, asked: Asked, request: &JoinRequest) -> Result<Understood, ErrorBody> {
        let left = self.side(&asked, &asked.settings.left, request, "--left-dataset")?;
        let right = self.side(&asked, &asked.settings.right, request, "--right-dataset")?;
        let told = request.output.as_ref().map(|path| self.root.join(path)).or_else(|| asked.settings.output.clone());
        let target = join::Target::of(told.as_deref(), &left, &right, &self.world);
        let meeting = Meeting::of(left, right, &asked.settings).map_err(|error| ErrorBody::of(&error))?;
        Ok(Understood { asked, meeting, target })
    }

    fn side(
        &self,
        asked: &Asked,
        side: &settings::JoinSide,
        request: &JoinRequest,
        option: &'static str,
    ) -> Result<Side, ErrorBody> {
        let choice = |table: &'_ Option<String>, as_of: &Option<_>| (table.clone(), as_of.or(request.as_of));
        let found = match side {
            settings::JoinSide::Folder { path, name, table, as_of } => {
                let (table, as_of) = choice(table, as_of);
                let choice = Choice { table: table.as_deref(), as_of, option };
                Side::of_folder(path, name.as_deref(), choice, &self.world)
            }
            settings::JoinSide::Dataset { name, table, as_of } => {
                let (table, as_of) = choice(table, as_of);
                let choice = Choice { table: table.as_deref(), as_of, option };
                // The other datasets of the workspace may stand in other files.
                let elsewhere;
                let loaded = if run::dataset(&asked.loaded, name).is_ok() {
                    &asked.loaded
                } else {
                    let target = Target { path: String::new(), environment: request.target.environment.clone() };
                    elsewhere = self.site().load(&target);
                    if run::dataset(&elsewhere, name).is_ok() { &elsewhere } else { &asked.loaded }
                };
                let (_, dataset) = run::dataset(loaded, name)?;
                Side::of_dataset(dataset, choice, &self.world)
            }
        };
        found.map_err(|error| ErrorBody::of(&error))
    }

    fn plan_of(&self, understood: &Understood) -> JoinPlan {
        let Understood { asked, meeting, target } = understood;
        let site = self.site();
        let (left, right) = (&meeting.left, &meeting.right);
        let column = |column: &join::OutColumn| {
            let (side, original) = column.lineage(left, right, &meeting.pairs);
            let data_type = batch::type_name(&column.arrow);
            JoinColumn { name: column.name.clone(), data_type, side: side.to_owned(), original }
        };
        JoinPlan {
            name: format!("{}_{}", left.name, right.name),
            file: asked.file.clone(),
            strategy: strategy(meeting.join_type),
            left: side_of(&site, left),
            right: side_of(&site, right),
            keys: meeting
                .pairs
                .iter()
                .map(|pair| JoinKey {
                    left: left.columns()[pair.left].name.clone(),
                    right: right.columns()[pair.right].name.clone(),
                })
                .collect(),
            columns: meeting.columns.iter().map(column).collect(),
            output: site.display(&target.place()),
            output_is_default: target.is_default,
            load_date: meeting.date(),
            up_to_date: false,
        }
    }
}

fn side_of(site: &Site<'_>, side: &Side) -> JoinSide {
    JoinSide {
        name: side.name.clone(),
        path: site.display(&side.entity.place()),
        load: side.id.clone(),
        table: side.table.name.clone(),
        version: Count(side.commit.version),
        rows: Count(side.table.rows),
    }
}

fn side_name(side: &settings::JoinSide) -> String {
    match side {
        settings::JoinSide::Dataset { name, .. } => name.clone(),
        settings::JoinSide::Folder { path, name, .. } => name.clone().unwrap_or_else(|| path.display().to_string()),
    }
}

/// What folders say, with the defaults of a config.
fn of_folders(folders: &JoinFolders, root: &Path) -> JoinSettings {
    let side = |path: &str, table: &Option<String>| settings::JoinSide::Folder {
        path: root.join(path),
        name: None,
        table: table.clone(),
        as_of: None,
    };
    let pairs: Vec<(String, String)> = folders.keys.iter().map(|key| (key.left.clone(), key.right.clone())).collect();
    JoinSettings {
        left: side(&folders.left, &folders.left_table),
        right: side(&folders.right, &folders.right_table),
        output: None,
        join_type: join_type(folders.strategy),
        keys: if pairs.is_empty() { JoinKeys::Auto } else { JoinKeys::Pairs(pairs) },
        null_keys_match: false,
        select: IndexMap::new(),
        model: SilverModel::PeriodicSnapshot,
        primary_keys: Vec::new(),
        order_column: None,
        formats: Formats { parquet: true, csv: false },
        compression: Compression::Snappy,
        partition_columns: Vec::new(),
        guards: JoinGuards::default(),
        spill_dir: None,
    }
}

const STRATEGIES: [(JoinStrategy, JoinType); 6] = [
    (JoinStrategy::Inner, JoinType::Inner),
    (JoinStrategy::Left, JoinType::Left),
    (JoinStrategy::Right, JoinType::Right),
    (JoinStrategy::Full, JoinType::Full),
    (JoinStrategy::Semi, JoinType::Semi),
    (JoinStrategy::Anti, JoinType::Anti),
];

fn join_type(strategy: JoinStrategy) -> JoinType {
    STRATEGIES.iter().find(|(of, _)| *of == strategy).map_or(JoinType::Inner, |(_, to)| *to)
}

fn strategy(join_type: JoinType) -> JoinStrategy {
    STRATEGIES.iter().find(|(_, of)| *of == join_type).map_or(JoinStrategy::Inner, |(to, _)| *to)
}

fn figures(found: &Figures) -> JoinFigures {
    JoinFigures {
        left_rows: Count(found.left_rows),
        left_matched: Count(found.left_matched),
        left_without_key: Count(found.left_without_key),
        right_rows: Count(found.right_rows),
        right_matched: Count(found.right_matched),
        right_without_key: Count(found.right_without_key),
        pairs: Count(found.pairs),
        most_partners: Count(found.most_partners),
        match_ratio: found.match_ratio(),
        rows: Count(found.rows),
        buckets: Count(found.buckets),
    }
}

fn guard(verdict: &Verdict) -> JoinGuard {
    JoinGuard { guard: verdict.guard.clone(), found: verdict.found.clone(), holds: verdict.holds }
}
