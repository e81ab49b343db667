//! One join from start to end: the rows, the guards, the files, the commit. A result that stands already is
//! found by its digests, and then nothing is read or written.

use std::collections::BTreeMap;

use arrow::array::UInt32Array;
use arrow::compute::take_record_batch;
use arrow::record_batch::RecordBatch;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::JoinError;
use super::flow::{self, Figures, Means};
use super::guard::{self, Guarding, Verdict};
use super::meeting::Meeting;
use super::target::{TABLE, Target};
use crate::config::settings::JoinSettings;
use crate::event::Phase;
use crate::publish::parts::{self, PartOptions, TableWriter, Workers};
use crate::publish::{Attempt, Commit, CommittedTable, Draft, PublishError, Published, timestamp};
use crate::silver::{Split, close_some};

/// Rows of a part at most, as of any Silver.
const MAX_ROWS: u64 = 1_000_000;

/// A join that is to be made.
#[derive(Debug)]
pub(crate) struct Joining<'a> {
    /// What is joined.
    pub(crate) meeting: &'a Meeting,
    /// What was asked for.
    pub(crate) settings: &'a JoinSettings,
    /// Where it goes.
    pub(crate) target: &'a Target,
    /// With what.
    pub(crate) means: Means<'a>,
    /// Identifies the run.
    pub(crate) run_id: String,
    /// New, for this join only.
    pub(crate) attempt: String,
    /// When it began.
    pub(crate) started: DateTime<Utc>,
    /// Make it although what stands is what it would be.
    pub(crate) rebuild: bool,
}

/// A join that was made.
#[derive(Clone, Debug)]
pub(crate) struct Joined {
    /// What stands.
    pub(crate) published: Published,
    /// What was found; `None` if nothing was read.
    pub(crate) figures: Option<Figures>,
    /// What came of the guards.
    pub(crate) verdicts: Vec<Verdict>,
}

/// The first rows of a join, and what is found of all.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// At least one batch.
    pub(crate) rows: Vec<RecordBatch>,
    /// Of the whole join.
    pub(crate) figures: Figures,
    /// Of the whole join.
    pub(crate) verdicts: Vec<Verdict>,
}

/// The load that stands, if it is what the join would make now.
pub(crate) fn is_fresh(meeting: &Meeting, target: &Target) -> Result<Option<Commit>, JoinError> {
    let standing = match target.entity.load(meeting.date()).latest() {
        // What cannot be understood is made again.
        Err(PublishError::Damaged { .. }) => None,
        standing => standing?,
    };
    Ok(standing.filter(|commit| {
        commit.text("input_digest") == Some(meeting.input_digest())
            && commit.text("config_digest") == Some(meeting.config_digest())
    }))
}

/// Joins without writing: all rows are joined, the first `limit` are kept.
pub(crate) fn sample(
    meeting: &Meeting,
    settings: &JoinSettings,
    means: &Means<'_>,
    limit: usize,
) -> Result<Sample, JoinError> {
    let mut guarding = Guarding::of(&settings.guards, meeting)?;
    let mut rows = vec![RecordBatch::new_empty(meeting.schema.clone())];
    let mut left = limit;
    let figures = flow::run(
        meeting,
        means,
        &mut |batch| {
            guarding.see(&batch)?;
            let taken = left.min(batch.num_rows());
            if taken > 0 {
                // A copy, so that a few rows do not keep all of a batch.
                let first = UInt32Array::from_iter_values((0_u32..).take(taken));
                rows.push(take_record_batch(&batch, &first)?);
                left -= taken;
            }
            Ok(())
        },
        &mut |_| {},
    )?;
    let verdicts = guarding.verdicts(&figures);
    Ok(Sample { rows, figures, verdicts })
}

impl Joining<'_> {
    /// Makes the load, or finds that it stands already.
    ///
    /// # Errors
    ///
    /// [`JoinError::Guards`] among others: then nothing was committed.
    pub(crate) fn join(
        &self,
        now: &dyn Fn() -> DateTime<Utc>,
        progress: &mut dyn FnMut(Phase, u64),
    ) -> Result<Joined, JoinError> {
        let Self { meeting, settings, target, .. } = self;
        target.is_ours(&meeting.left, &meeting.right)?;
        let mut guarding = Guarding::of(&settings.guards, meeting)?;
        let partition = target.entity.load(meeting.date());
        if !self.rebuild
            && let Some(standing) = is_fresh(meeting, target)?
            && partition.confirm(&standing, &self.attempt)?
        {
            return Ok(Joined { published: Published::Unchanged(standing), figures: None, verdicts: Vec::new() });
        }
        let mut attempt = partition.begin(&self.attempt)?;
        let workers = Workers::new(self.means.threads);
        let mut files = Files {
            split: Split::of(&meeting.schema, &settings.partition_columns),
            stem: format!("{TABLE}/{}", target.entity.segment(meeting.date())),
            options: PartOptions {
                formats: settings.formats,
                compression: settings.compression,
                level: None,
                max_rows: MAX_ROWS,
                max_bytes: None,
            },
            workers,
            writers: [BTreeMap::new()],
        };
        progress(Phase::Fold, 0);
        let figures = flow::run(
            meeting,
            &self.means,
            &mut |batch| {
                guarding.see(&batch)?;
                files.write(&batch, &mut attempt)
            },
            &mut |rows| progress(Phase::Write, rows),
        )?;
        let verdicts = guarding.verdicts(&figures);
        let broken = guard::broken(&verdicts);
        if !broken.is_empty() {
            return Err(JoinError::Guards { broken });
        }
        progress(Phase::Commit, figures.rows);
        let table = files.finish(meeting, &mut attempt)?;
        let metadata = self.metadata(&table, &figures, &verdicts, now());
        let draft = Draft {
            run_id: self.run_id.clone(),
            committed_at: timestamp(now()),
            tables: vec![table],
            errors: None,
            metadata,
            meaning: settings.model.as_str().to_owned(),
            record_unchanged: true,
            cursor: None,
        };
        Ok(Joined { published: attempt.commit(draft)?, figures: Some(figures), verdicts })
    }

    fn metadata(&self, table: &CommittedTable, figures: &Figures, verdicts: &[Verdict], now: DateTime<Utc>) -> Value {
        let Self { meeting, settings, run_id, started, .. } = self;
        let time = timestamp(now);
        let name = format!("{}_{}", meeting.left.name, meeting.right.name);
        let keys: Vec<Value> = meeting
            .pairs
            .iter()
            .map(|pair| json!({ "left": meeting.left.columns()[pair.left].name, "right": meeting.right.columns()[pair.right].name }))
            .collect();
        let lineage: Vec<Value> = meeting
            .columns
            .iter()
            .map(|column| column.lineage_json(&meeting.left, &meeting.right, &meeting.pairs))
            .collect();
        let names = |column: &String| meeting.columns.iter().any(|there| there.name == *column);
        let mut primary_keys = settings.primary_keys.clone();
        // The keys of the left side name the rows of the result where no left row is in it twice.
        if primary_keys.is_empty() && figures.most_partners <= 1 && !meeting.keeps_right() {
            primary_keys = meeting.left.declared_keys();
        }
        primary_keys = if primary_keys.iter().all(names) { primary_keys } else { Vec::new() };
        let input = json!([meeting.left.describe(), meeting.right.describe()]);
        let guards: Vec<Value> = verdicts.iter().map(Verdict::json).collect();
        json!({
            "layer": "silver",
            "dataset": name,
            "load_date": meeting.date(),
            "model": settings.model.as_str(),
            "input_digest": meeting.input_digest(),
            "config_digest": meeting.config_digest(),
            "input": input,
            "join": {
                "type": settings.join_type.as_str(),
                "keys": keys,
                "null_keys_match": meeting.null_keys_match,
                "stats": figures.json(),
                "guards": guards,
            },
            "column_lineage": lineage,
            "metadata": {
                "timestamp": time,
                "run_id": run_id,
                "record_count": figures.rows,
                "datasets": { TABLE: { "record_count": table.rows, "chunk_count": table.readable().count() } },
                "silver_model": settings.model.as_str(),
                "joined_sources": [meeting.left.name, meeting.right.name],
                "join_type": settings.join_type.as_str(),
                "join_key_pairs": keys,
                "join_stats": figures.json(),
                "quality_guards": guards,
                "column_lineage": lineage,
                "output_columns": meeting.columns.iter().map(|column| &column.name).collect::<Vec<_>>(),
                "primary_keys": primary_keys,
                "order_column": settings.order_column.iter().collect::<Vec<_>>(),
                "partition_columns": settings.partition_columns,
                "write_parquet": settings.formats.parquet,
                "write_csv": settings.formats.csv,
                "parquet_compression": settings.compression.as_str(),
                "inputs": input,
                "schema": table.schema_json(),
                "duration_seconds": (now - *started).num_milliseconds() as f64 / 1000.0,
            },
            "checksums": {
                "timestamp": time,
                "run_id": run_id,
                "files": table.files_json(),
                "schema": table.schema_json(),
                "stats": {
                    "record_count": table.rows,
                    "chunk_count": table.readable().count(),
                    "artifact_count": table.parts.len(),
                },
            },
        })
    }
}

/// The files of a result, by the values of its partition columns.
struct Files {
    split: Split,
    stem: String,
    options: PartOptions,
    workers: std::sync::Arc<Workers>,
    writers: [BTreeMap<String, TableWriter>; 1],
}

impl Files {
    fn write(&mut self, batch: &RecordBatch, attempt: &mut Attempt) -> Result<(), JoinError> {
        for (folder, batch) in self.split.batches(batch)? {
            let (stem, schema, options, workers) = (&self.stem, &self.split.schema, self.options, &self.workers);
            let writer = self.writers[0].entry(folder).or_insert_with_key(|folder| {
                TableWriter::new(format!("{stem}/{folder}part"), schema, options, workers)
            });
            writer.write(attempt, &batch)?;
        }
        Ok(close_some(&mut self.writers, attempt)?)
    }

    fn finish(self, meeting: &Meeting, attempt: &mut Attempt) -> Result<CommittedTable, JoinError> {
        let columns = parts::columns(&meeting.schema, |_| false);
        let mut table = CommittedTable { name: TABLE.to_owned(), rows: 0, columns, parts: Vec::new() };
        for writer in self.writers.into_iter().flat_map(BTreeMap::into_values) {
            let written = writer.finish(attempt, TABLE, Vec::new())?;
            table.rows += written.rows;
            table.parts.extend(written.parts);
        }
        Ok(table)
    }
}
