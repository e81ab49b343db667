//! Verdicts on partitions, and the table of rows that cannot be used.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringBuilder, UInt64Builder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use chrono::NaiveDate;

use super::SilverError;
use super::fold::FullCount;
use super::prepare::{Place, Prepared, Reason, Shape};
use super::reading::Reading;
use crate::batch;
use crate::bronze::Landed;
use crate::cancel::CancelToken;
use crate::config::settings::{Compression, Formats, Ruling, SilverSettings};
use crate::publish::parts::{self, PartOptions, TableWriter, Workers};
use crate::publish::{Attempt, CommittedTable};

/// A full that lacks keys is judged from this many live keys on; an empty one always.
const GUARDED_KEYS: u64 = 20;

/// What was found in one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Survey {
    /// Rows read.
    pub(crate) rows: u64,
    /// Rows that cannot be used.
    pub(crate) bad: u64,
    /// Those, by reason and column.
    pub(crate) reasons: BTreeMap<(Reason, String), u64>,
}

impl Survey {
    /// Nothing looked at yet.
    pub(crate) fn new(landed: &Landed) -> Self {
        Self { rows: landed.commit.rows(), ..Self::default() }
    }

    /// Looks at every row of these partitions.
    pub(crate) fn of_all(
        shape: &Shape<'_>,
        partitions: &[Landed],
        threads: NonZeroUsize,
        cancel: &CancelToken,
    ) -> Result<Vec<Self>, SilverError> {
        let mut surveys: Vec<Self> = partitions.iter().map(Self::new).collect();
        let columns = shape.deciding();
        if !columns.is_empty() {
            Reading { shape, columns: &columns, threads, cancel }.run(
                partitions,
                &|_, _, prepared| Ok(prepared),
                &mut |number, _, prepared| {
                    surveys[number].add(&prepared);
                    Ok(())
                },
            )?;
        }
        Ok(surveys)
    }

    /// Counts the rows of a batch that cannot be used.
    pub(crate) fn add(&mut self, prepared: &Prepared) {
        self.bad += prepared.bad.len() as u64;
        for bad in prepared.bad.values() {
            *self.reasons.entry((bad.reason, bad.column.clone())).or_default() += 1;
        }
    }

    /// Whether the partition may be used.
    ///
    /// # Errors
    ///
    /// [`SilverError::TooManyBad`] where limits are broken and nobody ruled on it.
    pub(crate) fn judge(&self, settings: &SilverSettings, landed: &Landed) -> Result<(), SilverError> {
        let limits = settings.error_handling;
        let percent = if self.rows == 0 { 0.0 } else { self.bad as f64 * 100.0 / self.rows as f64 };
        let over = || {
            limits.max_bad_records.is_some_and(|limit| self.bad > limit)
                || limits.max_bad_percent.is_some_and(|limit| percent > limit)
        };
        let too_many = if limits.enabled { over() } else { self.bad > 0 };
        if !too_many || settings.rulings.contains_key(&landed.date) {
            return Ok(());
        }
        let commonest = self.reasons.iter().max_by_key(|(_, count)| **count);
        let first =
            commonest.map_or_else(String::new, |((reason, column), _)| format!("{} in `{column}`", reason.as_str()));
        Err(SilverError::TooManyBad { partition: landed.id.clone(), bad: self.bad, rows: self.rows, first })
    }
}

/// Whether a full may delete what it lacks.
///
/// # Errors
///
/// [`SilverError::TooManyDeleted`] where the guard objects and nobody ruled on it.
pub(crate) fn judge_deletes(
    settings: &SilverSettings,
    landed: &Landed,
    survey: &Survey,
    count: FullCount,
) -> Result<(), SilverError> {
    let Some(limit) = settings.delete_guard_percent else { return Ok(()) };
    if settings.rulings.get(&landed.date) == Some(&Ruling::Accept) {
        return Ok(());
    }
    let live = count.live_before;
    let absent = live - count.kept.min(live);
    // Rows that cannot be used say nothing, so a full of nothing else is as good as empty.
    let empty = survey.rows == survey.bad && live > 0;
    let most = live >= GUARDED_KEYS && absent as f64 * 100.0 > limit * live as f64;
    if empty || most {
        return Err(SilverError::TooManyDeleted { partition: landed.id.clone(), absent, live });
    }
    Ok(())
}

/// The columns of the quarantine. Nothing in them differs between two runs over the same data: the
/// file is named without the attempt that wrote it, the commit by the digest of its content.
fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("reason", DataType::Utf8, false),
        Field::new("column", DataType::Utf8, false),
        Field::new("value", DataType::Utf8, true),
        Field::new("record", DataType::Utf8, false),
        Field::new("bronze_partition", DataType::Utf8, false),
        Field::new("bronze_file", DataType::Utf8, false),
        Field::new("bronze_row", DataType::UInt64, false),
        Field::new("bronze_commit", DataType::Utf8, false),
    ]))
}

/// Writes the rows of a date's own partitions that cannot be used.
pub(crate) struct Quarantine {
    date: NaiveDate,
    names: SchemaRef,
    writer: TableWriter,
}

impl Quarantine {
    /// Into `<stem>-0001…`. Batches that are added have all columns of `shape`.
    pub(crate) fn new(shape: &Shape<'_>, date: NaiveDate, stem: &str) -> Self {
        let options = PartOptions {
            formats: Formats { parquet: true, csv: false },
            compression: Compression::Snappy,
            level: None,
            max_rows: 1_000_000,
            max_bytes: None,
        };
        let writer = TableWriter::new(stem, &schema(), options, &Workers::none());
        Self { date, names: shape.schema(&shape.all()), writer }
    }

    /// Takes what cannot be used from a batch, if its partition is the date's own.
    pub(crate) fn add(
        &mut self,
        attempt: &mut Attempt,
        landed: &Landed,
        place: Place<'_>,
        prepared: &Prepared,
    ) -> Result<(), SilverError> {
        if landed.date != self.date {
            return Ok(());
        }
        let batch = rejected(&self.names, landed, place, prepared)
            .map_err(|source| SilverError::Compute { partition: landed.id.clone(), source })?;
        batch.map_or(Ok(()), |batch| Ok(self.writer.write(attempt, &batch)?))
    }

    /// The table, if any row was taken.
    pub(crate) fn finish(self, attempt: &mut Attempt) -> Result<Option<CommittedTable>, SilverError> {
        if self.writer.rows() == 0 {
            return Ok(None);
        }
        Ok(Some(self.writer.finish(attempt, "_errors", parts::columns(&schema(), |_| false))?))
    }
}

fn rejected(
    names: &Schema,
    landed: &Landed,
    place: Place<'_>,
    prepared: &Prepared,
) -> Result<Option<RecordBatch>, arrow::error::ArrowError> {
    if prepared.bad.is_empty() {
        return Ok(None);
    }
    let mut texts: Vec<StringBuilder> = (0..6).map(|_| StringBuilder::new()).collect();
    let (mut rows, mut commits) = (UInt64Builder::new(), StringBuilder::new());
    for (row, bad) in &prepared.bad {
        let record: serde_json::Map<String, serde_json::Value> = names
            .fields()
            .iter()
            .zip(&prepared.columns)
            .map(|(field, array)| {
                (
                    field.name().clone(),
                    batch::render::cell_text(array, *row).map_or(serde_json::Value::Null, Into::into),
                )
            })
            .collect();
        let record = serde_json::Value::Object(record).to_string();
        let file = place.part.nameless_path();
        let values = [
            Some(bad.reason.as_str()),
            Some(&bad.column),
            bad.raw.as_deref(),
            Some(&record),
            Some(&landed.id),
            Some(&file),
        ];
        for (builder, value) in texts.iter_mut().zip(values) {
            builder.append_option(value);
        }
        rows.append_value(place.row_in_part + *row as u64 + 1);
        commits.append_value(&landed.commit.content);
    }
    let mut columns: Vec<ArrayRef> = texts.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef).collect();
    columns.push(Arc::new(rows.finish()));
    columns.push(Arc::new(commits.finish()));
    RecordBatch::try_new(schema(), columns).map(Some)
}
