//! One load from start to end: input, quality, model, write, commit.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use super::gather::Gathering;
use super::latest::{self, BUCKET_ROWS, Decision};
use super::prepare::Shape;
use super::quality::{self, Quarantine, Survey};
use super::{Input, SilverEntity, SilverError, input};
use crate::bronze::Landed;
use crate::cancel::CancelToken;
use crate::config::settings::{Dataset, LoadPattern, SilverModel, SilverSettings};
use crate::event::Phase;
use crate::publish::{Commit, CommittedTable, Draft, Inventory, PublishError, Published, timestamp};
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
    /// Looked at between batches.
    pub(crate) cancel: CancelToken,
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
    if let Some(standing) = standing.filter(|standing| input.made(standing))
        && partition.confirm(&standing, &promotion.attempt)?
    {
        promotion.entity.refusal(promotion.date).withdraw(&promotion.attempt)?;
        return Ok(Published::Unchanged(standing));
    }
    if let Some(other) = promotion.entity.other_model(promotion.settings)? {
        return Err(SilverError::OtherModel {
            path: promotion.entity.place().display().to_string(),
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
    let (decision, surveys) = work.examine(progress)?;
    let segment = promotion.entity.segment(promotion.date);
    let mut quarantine = Quarantine::new(&shape, promotion.date, &format!("_errors/{segment}/part"));
    let gathering = Gathering {
        shape: &shape,
        settings: promotion.settings,
        partitions: &input.partitions,
        decision: decision.as_ref(),
        table: promotion.entity.table(),
        segment: &segment,
        cancel: &promotion.cancel,
    };
    let table = gathering.write(&mut attempt, &mut quarantine, &mut |rows| progress(Phase::Write, rows))?;
    let errors = quarantine.finish()?;
    progress(Phase::Commit, table.rows);
    let ties = decision.map_or(0, |decision| decision.order_ties);
    let metadata = work.metadata(&table, errors.as_ref(), &surveys, ties, now());
    let draft = Draft {
        run_id: promotion.run_id.clone(),
        committed_at: timestamp(now()),
        tables: vec![table],
        errors,
        metadata,
        meaning: promotion.settings.model.as_str().to_owned(),
        record_unchanged: true,
    };
    let published = attempt.commit(draft)?;
    promotion.entity.refusal(promotion.date).withdraw(&promotion.attempt)?;
    Ok(published)
}

struct Work<'a> {
    promotion: &'a Promotion<'a>,
    input: &'a Input,
    shape: &'a Shape<'a>,
}

impl Work<'_> {
    /// Decides which rows count (`None`: every row that can be used) and judges every partition. A
    /// refused load leaves its bad rows to be read.
    fn examine(&self, progress: &mut dyn FnMut(Phase, u64)) -> Result<(Option<Decision>, Vec<Survey>), SilverError> {
        let Promotion { settings, dataset, cancel, .. } = self.promotion;
        let partitions = &self.input.partitions;
        let mut decision = match settings.model {
            SilverModel::PeriodicSnapshot => None,
            SilverModel::ScdType1 => {
                let timezone = dataset.bronze.timezone;
                let mut folded = |rows| progress(Phase::Fold, rows);
                Some(latest::decide(self.shape, partitions, timezone, BUCKET_ROWS, cancel, &mut folded)?)
            }
            other => return Err(SilverError::Unavailable { model: other.as_str() }),
        };
        let surveys = if let Some(decision) = &mut decision {
            std::mem::take(&mut decision.surveys)
        } else {
            progress(Phase::Judge, 0);
            partitions.iter().map(|landed| Survey::of(self.shape, landed, cancel)).collect::<Result<_, _>>()?
        };
        let verdict = partitions.iter().zip(&surveys).try_for_each(|(landed, survey)| survey.judge(settings, landed));
        if let Err(error) = verdict {
            self.refuse(&error, &surveys)?;
            return Err(error);
        }
        if let Some(decision) = &decision {
            for ((landed, count), survey) in partitions.iter().zip(&decision.counts).zip(&surveys) {
                if landed.pattern == LoadPattern::Full {
                    quality::judge_deletes(settings, landed, survey, *count)?;
                }
            }
        }
        Ok((decision, surveys))
    }

    fn refuse(&self, error: &SilverError, surveys: &[Survey]) -> Result<(), SilverError> {
        let promotion = self.promotion;
        let refusal = promotion.entity.refusal(promotion.date);
        let mut attempt = refusal.begin(&promotion.attempt)?;
        let stem = format!("_refused/{}/part", promotion.entity.segment(promotion.date));
        let mut quarantine = Quarantine::new(self.shape, promotion.date, &stem);
        for landed in self.input.partitions.iter().filter(|landed| landed.date == promotion.date) {
            self.shape.read(landed, &self.shape.all(), &promotion.cancel, &mut |place, prepared| {
                quarantine.add(&mut attempt, landed, place, &prepared)
            })?;
        }
        let errors = quarantine.finish()?;
        let time = timestamp(promotion.started);
        let metadata = json!({
            "layer": "silver",
            "dataset": promotion.dataset.name,
            "load_date": promotion.date,
            "refused": error.to_string(),
            "input_digest": self.input.data_digest,
            "config_digest": self.input.config_digest,
            "partitions": self.verdicts(surveys),
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
        table: &CommittedTable,
        errors: Option<&CommittedTable>,
        surveys: &[Survey],
        order_ties: u64,
        now: DateTime<Utc>,
    ) -> Value {
        let Promotion { dataset, settings, date, run_id, started, .. } = self.promotion;
        let time = timestamp(now);
        let part_count = table.readable().count();
        let (schema, files) = (table.schema_json(), table.files_json());
        let input: Vec<Value> = self
            .input
            .partitions
            .iter()
            .map(|landed| json!({ "id": landed.id, "date": landed.date, "pattern": landed.pattern, "version": landed.commit.version, "rows": landed.commit.rows() }))
            .collect();
        let read: u64 = surveys.iter().map(|survey| survey.rows).sum();
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
            "metadata": {
                "timestamp": time,
                "run_id": run_id,
                "record_count": table.rows,
                "rows_read": read,
                "rejected_count": errors.map_or(0, |errors| errors.rows),
                "chunk_count": part_count,
                "load_pattern": pattern,
                "primary_keys": settings.primary_keys,
                "order_column": settings.order_columns,
                "order_ties": order_ties,
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
                "artifacts": { &table.name: table.parts.iter().map(|part| &part.path).collect::<Vec<_>>() },
                "input": input,
                "schema": schema,
                "duration_seconds": seconds,
            },
            "checksums": {
                "timestamp": time,
                "run_id": run_id,
                "load_pattern": pattern,
                "files": files,
                "schema": schema,
                "stats": { "record_count": table.rows, "chunk_count": part_count, "artifact_count": table.parts.len() },
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
                path: landed.partition.store().place(&landed.partition.key(&part.path)),
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
