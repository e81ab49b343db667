//! Writes the rows that count, all columns of them, into the load's dataset, split by the values of
//! the partition columns.

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef, UInt64Array};
use arrow::compute::take;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;

use super::SilverError;
use super::latest::Decision;
use super::prepare::{Place, Prepared, Shape};
use super::quality::Quarantine;
use crate::batch;
use crate::bronze::Landed;
use crate::cancel::CancelToken;
use crate::config::settings::SilverSettings;
use crate::publish::parts::{self, PartOptions, TableWriter};
use crate::publish::{Attempt, CommittedTable};
use crate::storage::hive;

/// Parts that are open after a batch, at most.
const MAX_OPEN: usize = 128;
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
    /// Which rows count; `None`: all that can be used.
    pub(crate) decision: Option<&'a Decision>,
    /// Name of the dataset.
    pub(crate) table: &'a str,
    /// `load_date=<date>`.
    pub(crate) segment: &'a str,
    /// Looked at between batches.
    pub(crate) cancel: &'a CancelToken,
}

impl Gathering<'_> {
    /// Writes the dataset under the attempt, and what cannot be used into the quarantine.
    pub(crate) fn write(
        &self,
        attempt: &mut Attempt,
        quarantine: &mut Quarantine,
        progress: &mut dyn FnMut(u64),
    ) -> Result<CommittedTable, SilverError> {
        let all = self.shape.all();
        let schema = self.shape.schema(&all);
        let split = Split::of(&schema, &self.settings.partition_columns);
        let mut writers: BTreeMap<String, TableWriter> = BTreeMap::new();
        let mut rows = 0;
        for (number, landed) in self.partitions.iter().enumerate() {
            self.shape.read(landed, &all, self.cancel, &mut |place, prepared| {
                quarantine.add(attempt, landed, place, &prepared)?;
                let compute = |source| SilverError::Compute { partition: landed.id.clone(), source };
                let counting = self.counting(number, place, &prepared);
                rows += counting.len() as u64;
                for (folder, indices) in split.groups(&prepared.columns, counting) {
                    let batch = split.batch(&prepared.columns, indices, prepared.rows).map_err(compute)?;
                    let writer = writers.entry(folder).or_insert_with_key(|folder| self.writer(folder, &split.schema));
                    writer.write(attempt, &batch)?;
                }
                // Very many partition values must not mean very many open files.
                if writers.values().filter(|writer| writer.is_open()).count() > MAX_OPEN {
                    writers.values_mut().try_for_each(TableWriter::close)?;
                }
                progress(rows);
                Ok(())
            })?;
        }
        let mut committed = Vec::new();
        let mut total = 0;
        for writer in writers.into_values() {
            let table = writer.finish(self.table, Vec::new())?;
            total += table.rows;
            committed.extend(table.parts);
        }
        Ok(CommittedTable {
            name: self.table.to_owned(),
            rows: total,
            columns: parts::columns(&schema, |_| false),
            parts: committed,
        })
    }

    /// The rows of a batch that count.
    fn counting(&self, partition: usize, place: Place<'_>, prepared: &Prepared) -> Vec<u64> {
        let counts = |row: &u64| match self.decision {
            Some(decision) => decision.marks[partition].contains(place.row + row),
            None => !prepared.bad.contains_key(&usize::try_from(*row).unwrap_or(usize::MAX)),
        };
        (0..prepared.rows as u64).filter(counts).collect()
    }

    fn writer(&self, folder: &str, schema: &Schema) -> TableWriter {
        let options = PartOptions {
            formats: self.settings.formats,
            compression: self.settings.compression,
            max_rows: MAX_ROWS,
            max_bytes: None,
        };
        TableWriter::new(format!("{}/{}/{folder}part", self.table, self.segment), schema, options)
    }
}

/// Splitting by partition columns, whose values stand in paths and not in files.
struct Split {
    /// Positions and names of the partition columns, in the order of the path.
    by: Vec<(usize, String)>,
    /// Positions of the columns in the files.
    kept: Vec<usize>,
    /// Their schema.
    schema: SchemaRef,
}

impl Split {
    fn of(schema: &SchemaRef, names: &[String]) -> Self {
        let by: Vec<(usize, String)> =
            names.iter().filter_map(|name| Some((schema.index_of(name).ok()?, name.clone()))).collect();
        let kept: Vec<usize> =
            (0..schema.fields().len()).filter(|position| by.iter().all(|(by, _)| by != position)).collect();
        let fields: Vec<_> = kept.iter().map(|position| schema.fields()[*position].clone()).collect();
        Self { by, kept, schema: std::sync::Arc::new(Schema::new(fields)) }
    }

    /// Rows by folder, `a=1/b=x/`; without partition columns all in the folder "".
    fn groups(&self, columns: &[ArrayRef], rows: Vec<u64>) -> BTreeMap<String, Vec<u64>> {
        let mut groups: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        if rows.is_empty() {
            return groups;
        }
        if self.by.is_empty() {
            groups.insert(String::new(), rows);
            return groups;
        }
        for row in rows {
            let mut folder = String::new();
            for (position, name) in &self.by {
                let value = batch::render::cell_text(&columns[*position], usize::try_from(row).unwrap_or(usize::MAX));
                let value = value.map_or_else(|| hive::NULL.to_owned(), |value| hive::escape(&value));
                folder.push_str(&format!("{}={value}/", hive::escape(name)));
            }
            groups.entry(folder).or_default().push(row);
        }
        groups
    }

    fn batch(&self, columns: &[ArrayRef], rows: Vec<u64>, of: usize) -> Result<RecordBatch, ArrowError> {
        let options = arrow::record_batch::RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let whole = rows.len() == of;
        let indices = UInt64Array::from(rows);
        let column = |position: &usize| {
            if whole { Ok(columns[*position].clone()) } else { take(&columns[*position], &indices, None) }
        };
        let taken = self.kept.iter().map(column).collect::<Result<Vec<_>, _>>()?;
        debug_assert!(taken.iter().all(|array| array.len() == indices.len()), "every column has the rows asked for");
        RecordBatch::try_new_with_options(self.schema.clone(), taken, &options)
    }
}
