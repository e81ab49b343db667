//! Writes the rows that count, all columns of them, into the load's dataset, split by the values of
//! the partition columns. A load may make several datasets; their rows are read once.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use arrow::array::UInt64Array;
use arrow::compute::take_record_batch;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;

use super::SilverError;
use super::expect::{Expectations, Outcast, Tally};
use super::output::{self, Output};
use super::picks::Picks;
use super::prepare::{Bad, Prepared, Reason, Shape};
use super::quality::Quarantine;
use super::reading::Reading;
use crate::batch;
use crate::bronze::Landed;
use crate::cancel::CancelToken;
use crate::config::settings::SilverSettings;
use crate::publish::parts::{self, PartError, PartOptions, TableWriter, Workers};
use crate::publish::{Attempt, CommittedTable};
use crate::storage::hive;

/// Parts that are open after a batch, at most.
const MAX_OPEN: usize = 128;
/// Bytes of cells that all parts hold in memory after a batch, at most.
const MAX_HELD: u64 = 96 << 20;
/// Rows of a part at most.
const MAX_ROWS: u64 = 1_000_000;

/// What to gather.
pub(crate) struct Gathering<'a> {
    /// The columns.
    pub(crate) shape: &'a Shape<'a>,
    /// The config.
    pub(crate) settings: &'a SilverSettings,
    /// The input.
    pub(crate) partitions: &'a [Landed],
    /// Which rows count.
    pub(crate) picks: &'a Picks,
    /// The datasets.
    pub(crate) outputs: &'a [Output],
    /// What the rows must meet.
    pub(crate) expectations: &'a Expectations<'a>,
    /// `load_date=<date>`.
    pub(crate) segment: &'a str,
    /// Threads that read.
    pub(crate) threads: NonZeroUsize,
    /// Threads that encode.
    pub(crate) workers: &'a Arc<Workers>,
    /// Looked at between batches.
    pub(crate) cancel: &'a CancelToken,
}

impl Gathering<'_> {
    /// Writes the datasets under the attempt, and what cannot be used into the quarantine.
    pub(crate) fn write(
        &self,
        attempt: &mut Attempt,
        quarantine: &mut Quarantine,
        tally: &mut Tally<'_, '_>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Vec<CommittedTable>, SilverError> {
        let all = self.shape.all();
        let schema = output::schema(self.shape);
        let split = Split::of(&schema, &self.settings.partition_columns);
        let mut writers: Vec<BTreeMap<String, TableWriter>> = self.outputs.iter().map(|_| BTreeMap::new()).collect();
        let mut rows = 0;
        let compute = |number: usize, source: ArrowError| SilverError::Compute {
            partition: self.partitions[number].id.clone(),
            source,
        };
        let reading = Reading { shape: self.shape, columns: &all, threads: self.threads, cancel: self.cancel };
        reading.run(
            self.partitions,
            &|number, place, mut prepared| {
                let outcasts =
                    self.outcasts(number, place.row, &mut prepared).map_err(|source| compute(number, source))?;
                let mut look = None;
                let batches = self.outputs.iter().map(|output| {
                    let batch = output.batch(self.shape, self.picks, number, place.row, &prepared, &schema)?;
                    if look.is_none() && !self.expectations.is_empty() {
                        look = Some((batch.num_rows() as u64, self.expectations.look(&batch)?));
                    }
                    Ok((batch.num_rows() as u64, split.batches(&batch)?))
                });
                let batches = batches.collect::<Result<Vec<_>, _>>().map_err(|source| compute(number, source))?;
                if prepared.bad.is_empty() {
                    prepared.columns.clear();
                }
                Ok((prepared, batches, look, outcasts))
            },
            &mut |number, place, (prepared, batches, look, outcasts)| {
                tally.outcast(&outcasts);
                if let Some((rows, look)) = look {
                    tally.add(rows, look);
                }
                quarantine.add(attempt, &self.partitions[number], place, &prepared)?;
                for ((output, writers), (count, batches)) in self.outputs.iter().zip(&mut writers).zip(batches) {
                    rows += count;
                    for (folder, batch) in batches {
                        let writer = writers
                            .entry(folder)
                            .or_insert_with_key(|folder| self.writer(&output.name, folder, &split.schema));
                        writer.write(attempt, &batch)?;
                    }
                }
                close_some(&mut writers, attempt)?;
                progress(rows);
                Ok(())
            },
        )?;
        let finish = |(output, writers): (&Output, BTreeMap<String, TableWriter>)| {
            let mut table = CommittedTable {
                name: output.name.clone(),
                rows: 0,
                columns: parts::columns(&schema, |_| false),
                parts: Vec::new(),
            };
            for writer in writers.into_values() {
                let written = writer.finish(attempt, &output.name, Vec::new())?;
                table.rows += written.rows;
                table.parts.extend(written.parts);
            }
            Ok(table)
        };
        self.outputs.iter().zip(writers).map(finish).collect()
    }

    /// Sets rows aside that are to be written but are not what is expected.
    fn outcasts(&self, partition: usize, first: u64, prepared: &mut Prepared) -> Result<Vec<Outcast>, ArrowError> {
        if !self.expectations.set_aside() {
            return Ok(Vec::new());
        }
        let positions = self.shape.output();
        let columns = positions.iter().map(|position| prepared.columns[*position].clone()).collect();
        let batch = RecordBatch::try_new(self.shape.schema(&positions), columns)?;
        let mut outcasts = self.expectations.outcasts(&batch)?;
        outcasts.retain(|outcast| {
            !prepared.bad.contains_key(&outcast.row) && self.picks.has(partition, first + outcast.row as u64)
        });
        for Outcast { row, column, raw, .. } in outcasts.iter().cloned() {
            prepared.bad.insert(row, Bad { reason: Reason::Unexpected, column, raw });
        }
        Ok(outcasts)
    }

    fn writer(&self, table: &str, folder: &str, schema: &Schema) -> TableWriter {
        let options = PartOptions {
            formats: self.settings.formats,
            compression: self.settings.compression,
            level: self.settings.compression_level,
            max_rows: MAX_ROWS,
            max_bytes: None,
        };
        TableWriter::new(format!("{table}/{}/{folder}part", self.segment), schema, options, self.workers)
    }
}

/// Very many partition values must not mean very many open files, or much memory.
pub(crate) fn close_some(
    writers: &mut [BTreeMap<String, TableWriter>],
    attempt: &mut Attempt,
) -> Result<(), PartError> {
    let all = |writers: &[BTreeMap<String, TableWriter>]| writers.iter().map(BTreeMap::len).sum::<usize>();
    if writers.iter().flat_map(BTreeMap::values).filter(|writer| writer.is_open()).count() > MAX_OPEN {
        writers.iter_mut().flat_map(BTreeMap::values_mut).try_for_each(|writer| writer.close(attempt))?;
    }
    let held: u64 = writers.iter().flat_map(BTreeMap::values).map(TableWriter::held).sum();
    if all(writers) > writers.len() && held > MAX_HELD {
        writers.iter_mut().flat_map(BTreeMap::values_mut).try_for_each(|writer| writer.flush(attempt))?;
    }
    Ok(())
}

/// Splitting by partition columns, whose values stand in paths and not in files.
pub(crate) struct Split {
    /// Positions and names of the partition columns, in the order of the path.
    by: Vec<(usize, String)>,
    /// Positions of the columns in the files.
    kept: Vec<usize>,
    /// Their schema.
    pub(crate) schema: SchemaRef,
}

impl Split {
    /// Of rows of this schema by these columns.
    pub(crate) fn of(schema: &SchemaRef, names: &[String]) -> Self {
        let by: Vec<(usize, String)> =
            names.iter().filter_map(|name| Some((schema.index_of(name).ok()?, name.clone()))).collect();
        let kept: Vec<usize> =
            (0..schema.fields().len()).filter(|position| by.iter().all(|(by, _)| by != position)).collect();
        let fields: Vec<_> = kept.iter().map(|position| schema.fields()[*position].clone()).collect();
        Self { by, kept, schema: Arc::new(Schema::new(fields)) }
    }

    /// The rows of a batch by folder, `a=1/b=x/`; without partition columns all in the folder "".
    pub(crate) fn batches(&self, batch: &RecordBatch) -> Result<Vec<(String, RecordBatch)>, ArrowError> {
        if batch.num_rows() == 0 {
            return Ok(Vec::new());
        }
        let kept = batch.project(&self.kept)?.with_schema(self.schema.clone())?;
        if self.by.is_empty() {
            return Ok(vec![(String::new(), kept)]);
        }
        let mut groups: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for row in 0..batch.num_rows() {
            let mut folder = String::new();
            for (position, name) in &self.by {
                let value = batch::render::cell_text(batch.column(*position), row);
                let value = value.map_or_else(|| hive::NULL.to_owned(), |value| hive::escape(&value));
                folder.push_str(&format!("{}={value}/", hive::escape(name)));
            }
            groups.entry(folder).or_default().push(row as u64);
        }
        if groups.len() == 1 {
            return Ok(groups.into_keys().map(|folder| (folder, kept.clone())).collect());
        }
        let take =
            |(folder, rows): (String, Vec<u64>)| Ok((folder, take_record_batch(&kept, &UInt64Array::from(rows))?));
        groups.into_iter().map(take).collect()
    }
}
