//! One load from start to end: input, quality, model, write, commit.

use std::num::NonZeroUsize;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use super::decide::Deciding;
use super::expect::{Answer, Expectations, Occasion, Tally};
use super::gather::Gathering;
use super::order::{self, OrderEncoding};
use super::output;
use super::picks::Picks;
use super::prepare::Shape;
use super::quality::Survey;
use super::quality::{self, Quarantine};
use super::reading::Reading;
use super::scan::Findings;
use super::{Input, SilverEntity, SilverError, input};
use crate::bronze::Landed;
use crate::cancel::CancelToken;
use crate::config::settings::{
    Check, Dataset, DeleteMode, Expectation, LoadPattern, OnFail, SilverModel, SilverSettings,
};
use crate::event::Phase;
use crate::publish::parts::Workers;
use crate::publish::{Commit, CommittedTable, Draft, Inventory, Mark, PublishError, Published, Void, timestamp};
use crate::query::QueryError;

/// What to promote.
#[derive(Clone, Debug)]
pub(crate) struct Promotion<'a> {
    /// From which dataset.
    pub(crate) dataset: &'a Dataset,
    /// Its Silver settings.
    pub(crate) settings: &'a SilverSettings,
    /// For which date.
    pub(crate) date: NaiveDate,
    /// Everything that has landed for the dataset, in order of arrival.
    pub(crate) landed: &'a Inventory<Landed>,
    /// Where to.
    pub(crate) entity: &'a SilverEntity,
    /// Identifies the run.
    pub(crate) run_id: String,
    /// New, for this load only.
    pub(crate) attempt: String,
    /// When it began.
    pub(crate) started: DateTime<Utc>,
    /// Build although partitions of the standing load are gone.
    pub(crate) accept_lost_history: bool,
    /// Build although the standing load is what it would be.
    pub(crate) rebuild: bool,
    /// Threads that encode; changes no byte.
    pub(crate) workers: NonZeroUsize,
    /// Bytes that may be held of keys at a time.
    pub(crate) memory: u64,
    /// Looked at between batches.
    pub(crate) cancel: CancelToken,
}

impl Promotion<'_> {
    fn mark(&self, now: DateTime<Utc>) -> Mark {
        Mark { attempt: self.attempt.clone(), run_id: self.run_id.clone(), time: timestamp(now) }
    }
}

/// Makes the load of a date, or finds that it stands already.
pub(crate) fn promote(
    promotion: &Promotion<'_>,
    now: &dyn Fn() -> DateTime<Utc>,
    progress: &mut dyn FnMut(Phase, u64),
) -> Result<Published, SilverError> {
    let input = Input::of(promotion.dataset, promotion.settings, promotion.landed, promotion.date)?;
    let partition = promotion.entity.load(promotion.date);
    let standing = match partition.latest() {
        // What cannot be understood is made again.
        Err(PublishError::Damaged { .. }) => None,
        standing => standing?,
    };
    if let Some(standing) = standing.filter(|standing| !promotion.rebuild && input.made(standing))
        && partition.confirm(&standing, &promotion.attempt)?
    {
        promotion.entity.refusal(promotion.date).withdraw(Void::Withdrawn, &promotion.mark(now()))?;
        return Ok(Published::Unchanged(standing));
    }
    if let Some(other) = promotion.entity.other_model(promotion.settings)? {
        return Err(SilverError::OtherModel {
            path: promotion.entity.place().to_string(),
            standing: other,
            wanted: promotion.settings.model.as_str(),
        });
    }
    let mut attempt = partition.begin(&promotion.attempt)?;
    if let Some(standing) = attempt.last_known().filter(|_| !promotion.accept_lost_history) {
        let lost = input::lost(standing, promotion.landed);
        if !lost.is_empty() {
            return Err(SilverError::LostHistory { partitions: lost });
        }
    }
    if promotion.settings.require_checksum {
        input.partitions.iter().try_for_each(|landed| verify(landed, &promotion.cancel))?;
    }
    let shape = Shape::of(promotion.dataset, promotion.settings, &input.partitions)?;
    let work = Work { promotion, input: &input, shape: &shape };
    let (picks, findings) = work.examine(progress)?;
    let segment = promotion.entity.segment(promotion.date);
    let mut quarantine = Quarantine::new(&shape, promotion.date, &format!("_errors/{segment}/part"));
    let workers = Workers::new(promotion.workers);
    let schema = output::schema(&shape);
    let of_source = schema.fields().len() - shape.added().len();
    let timezone = promotion.dataset.bronze.timezone;
    let expectations = Expectations::of(&promotion.settings.expect, &schema, of_source, timezone)?;
    let mut tally = Tally::new(&expectations);
    let gathering = Gathering {
        shape: &shape,
        settings: promotion.settings,
        partitions: &input.partitions,
        picks: &picks,
        outputs: &output::outputs(promotion.settings),
        expectations: &expectations,
        segment: &segment,
        threads: promotion.workers,
        workers: &workers,
        cancel: &promotion.cancel,
    };
    let tables =
        gathering.write(&mut attempt, &mut quarantine, &mut tally, &mut |rows| progress(Phase::Write, rows))?;
    let answers = tally.answers(work.occasion()?);
    let failed = answers.iter().filter(|answer| !answer.met && answer.on_fail == OnFail::Fail);
    let unmet: Vec<String> = failed.map(Answer::told).collect();
    if !unmet.is_empty() {
        let error = SilverError::Unexpected { unmet };
        work.refuse(&error, &findings.surveys, &answers)?;
        return Err(error);
    }
    let errors = quarantine.finish(&mut attempt)?;
    progress(Phase::Commit, tables.iter().map(|table| table.rows).sum());
    let metadata = work.metadata(&tables, errors.as_ref(), &findings, &answers, now());
    let draft = Draft {
        run_id: promotion.run_id.clone(),
        committed_at: timestamp(now()),
        tables,
        errors,
        metadata,
        meaning: promotion.settings.model.as_str().to_owned(),
        record_unchanged: true,
        cursor: None,
    };
    let published = attempt.commit(draft)?;
    promotion.entity.refusal(promotion.date).withdraw(Void::Withdrawn, &promotion.mark(now()))?;
    Ok(published)
}

struct Work<'a> {
    promotion: &'a Promotion<'a>,
    input: &'a Input,
    shape: &'a Shape<'a>,
}

impl Work<'_> {
    /// Decides which rows count and judges every partition. A refused load leaves its bad rows to be
    /// read.
    fn examine(&self, progress: &mut dyn FnMut(Phase, u64)) -> Result<(Picks, Findings), SilverError> {
        let Promotion { settings, dataset, cancel, date, workers, memory, .. } = self.promotion;
        let partitions = &self.input.partitions;
        let ignores_deletes = settings.delete_mode == Some(DeleteMode::Ignore);
        let (picks, findings) = if settings.model == SilverModel::PeriodicSnapshot {
            progress(Phase::Judge, 0);
            let mut findings = Findings::new(partitions);
            findings.surveys = Survey::of_all(self.shape, partitions, *workers, cancel)?;
            (Picks::Usable, findings)
        } else {
            let deciding = Deciding {
                shape: self.shape,
                settings,
                pattern: dataset.bronze.load_pattern,
                date: *date,
                partitions,
                order: &OrderEncoding::of(self.shape, dataset.bronze.timezone),
                ignores_deletes,
                threads: *workers,
                memory: *memory,
                cancel,
            };
            let decision = deciding.decide(&mut |rows| progress(Phase::Fold, rows))?;
            (decision.picks, decision.findings)
        };
        let surveys = &findings.surveys;
        let verdict = partitions.iter().zip(surveys).try_for_each(|(landed, survey)| survey.judge(settings, landed));
        if let Err(error) = verdict {
            self.refuse(&error, surveys, &[])?;
            return Err(error);
        }
        // Nothing is deleted by absence where deletes are ignored.
        for ((landed, count), survey) in partitions.iter().zip(&findings.counts).zip(surveys) {
            if landed.pattern == LoadPattern::Full && !ignores_deletes {
                quality::judge_deletes(settings, landed, survey, *count)?;
            }
        }
        Ok((picks, findings))
    }

    /// What the load as a whole is held against.
    fn occasion(&self) -> Result<Occasion, SilverError> {
        let Promotion { settings, dataset, date, entity, .. } = self.promotion;
        let compares = |asked: &Expectation| matches!(asked.check, Check::RowCount { max_change_percent: Some(_), .. });
        let rows_before = if settings.expect.iter().any(compares) {
            let loads = entity.loads()?;
            let before = loads.readable.iter().find(|load| load.date < *date);
            before.and_then(|load| load.commit.tables.first()).map(|table| table.rows)
        } else {
            None
        };
        let next = date.succ_opt().unwrap_or(*date);
        Ok(Occasion { end: order::midnight(next, dataset.bronze.timezone), rows_before })
    }

    fn refuse(&self, error: &SilverError, surveys: &[Survey], answers: &[Answer]) -> Result<(), SilverError> {
        let promotion = self.promotion;
        let refusal = promotion.entity.refusal(promotion.date);
        let mut attempt = refusal.begin(&promotion.attempt)?;
        let stem = format!("_refused/{}/part", promotion.entity.segment(promotion.date));
        let mut quarantine = Quarantine::new(self.shape, promotion.date, &stem);
        let own: Vec<Landed> =
            self.input.partitions.iter().filter(|landed| landed.date == promotion.date).cloned().collect();
        let columns = self.shape.all();
        let (threads, cancel) = (promotion.workers, &promotion.cancel);
        Reading { shape: self.shape, columns: &columns, threads, cancel }.run(
            &own,
            &|_, _, prepared| Ok(prepared),
            &mut |number, place, prepared| quarantine.add(&mut attempt, &own[number], place, &prepared),
        )?;
        let errors = quarantine.finish(&mut attempt)?;
        let time = timestamp(promotion.started);
        let metadata = json!({
            "layer": "silver",
            "dataset": promotion.dataset.name,
            "load_date": promotion.date,
            "refused": error.to_string(),
            "input_digest": self.input.data_digest,
            "config_digest": self.input.config_digest,
            "partitions": self.verdicts(surveys),
            "expectations": answers.iter().map(Answer::json).collect::<Value>(),
            "metadata": { "timestamp": time, "refused": error.to_string() },
            "checksums": { "timestamp": time },
        });
        let meaning = format!("refused: {error}");
        let draft = Draft {
            run_id: promotion.run_id.clone(),
            committed_at: time,
            tables: Vec::new(),
            errors,
            metadata,
            meaning,
            record_unchanged: false,
            cursor: None,
        };
        attempt.commit(draft)?;
        Ok(())
    }

    fn verdicts(&self, surveys: &[Survey]) -> Value {
        let verdict = |(landed, survey): (&Landed, &Survey)| {
            let reasons: Vec<Value> = survey
                .reasons
                .iter()
                .map(|((reason, column), rows)| json!({ "reason": reason.as_str(), "column": column, "rows": rows }))
                .collect();
            json!({ "id": landed.id, "rows": survey.rows, "bad": survey.bad, "reasons": reasons })
        };
        self.input.partitions.iter().zip(surveys).map(verdict).collect()
    }

    fn metadata(
        &self,
        tables: &[CommittedTable],
        errors: Option<&CommittedTable>,
        findings: &Findings,
        answers: &[Answer],
        now: DateTime<Utc>,
    ) -> Value {
        let Promotion { dataset, settings, date, run_id, started, .. } = self.promotion;
        let time = timestamp(now);
        let Findings { surveys, order_ties, events, .. } = findings;
        let part_count: usize = tables.iter().map(|table| table.readable().count()).sum();
        let rows: u64 = tables.iter().map(|table| table.rows).sum();
        let artifacts: usize = tables.iter().map(|table| table.parts.len()).sum();
        let files: Vec<Value> = tables.iter().flat_map(CommittedTable::files_json).collect();
        // All datasets of a load have the same columns.
        let schema = tables.first().map(CommittedTable::schema_json).unwrap_or_default();
        let of_each = |value: fn(&CommittedTable) -> Value| -> Value {
            tables.iter().map(|table| (table.name.clone(), value(table))).collect::<serde_json::Map<_, _>>().into()
        };
        let counts = of_each(|table| json!({ "record_count": table.rows, "chunk_count": table.readable().count() }));
        let paths = of_each(|table| table.parts.iter().map(|part| part.path.clone()).collect());
        let input: Vec<Value> = self
            .input
            .partitions
            .iter()
            .map(|landed| json!({ "id": landed.id, "date": landed.date, "pattern": landed.pattern, "version": landed.commit.version, "rows": landed.commit.rows() }))
            .collect();
        let read: u64 = surveys.iter().map(|survey| survey.rows).sum();
        let expectations: Value = answers.iter().map(Answer::json).collect();
        let seconds = (now - *started).num_milliseconds() as f64 / 1000.0;
        let pattern = dataset.bronze.load_pattern.as_str();
        json!({
            "layer": "silver",
            "dataset": dataset.name,
            "load_date": date,
            "load_pattern": pattern,
            "model": settings.model.as_str(),
            "input_digest": self.input.data_digest,
            "config_digest": self.input.config_digest,
            "input": input,
            "partitions": self.verdicts(surveys),
            "order_ties": order_ties,
            "expectations": expectations,
            "metadata": {
                "timestamp": time,
                "run_id": run_id,
                "record_count": rows,
                "datasets": counts,
                "rows_read": read,
                "rejected_count": errors.map_or(0, |errors| errors.rows),
                "chunk_count": part_count,
                "load_pattern": pattern,
                "primary_keys": settings.primary_keys,
                "order_column": settings.order_columns,
                "order_ties": order_ties,
                "repeated_count": events.map(|counts| counts.repeated),
                "superseded_count": events.map(|counts| counts.superseded),
                "domain": settings.domain,
                "entity": settings.entity,
                "version": settings.version,
                "load_partition_name": settings.load_partition_name,
                "include_pattern_folder": settings.include_pattern_folder,
                "partition_columns": settings.partition_columns,
                "write_parquet": settings.formats.parquet,
                "write_csv": settings.formats.csv,
                "parquet_compression": settings.compression,
                "silver_model": settings.model.as_str(),
                "require_checksum": settings.require_checksum,
                "artifacts": paths,
                "input": input,
                "expectations": expectations,
                "schema": schema,
                "duration_seconds": seconds,
            },
            "checksums": {
                "timestamp": time,
                "run_id": run_id,
                "load_pattern": pattern,
                "files": files,
                "schema": schema,
                "stats": { "record_count": rows, "chunk_count": part_count, "artifact_count": artifacts },
            },
        })
    }
}

/// Hashes every part of a partition before it is used.
fn verify(landed: &Landed, cancel: &CancelToken) -> Result<(), SilverError> {
    for part in landed.commit.files() {
        if cancel.is_cancelled() {
            return Err(SilverError::Cancelled);
        }
        if landed.partition.hash(part).map_err(QueryError::from)? != part.sha256 {
            return Err(SilverError::Checksum {
                place: landed.partition.store().place(&landed.partition.key(&part.path)),
            });
        }
    }
    Ok(())
}

/// Whether a load is what it would be if it were made now.
pub(crate) fn is_fresh(
    dataset: &Dataset,
    settings: &SilverSettings,
    landed: &Inventory<Landed>,
    date: NaiveDate,
    commit: &Commit,
) -> bool {
    Input::of(dataset, settings, landed, date).is_ok_and(|input| input.made(commit))
}
