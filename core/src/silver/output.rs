//! The datasets of a load: which of the picked rows each has, and the columns that a model adds to
//! them.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringArray, TimestampMicrosecondArray, UInt64Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow::error::ArrowError;
use arrow::record_batch::{RecordBatch, RecordBatchOptions};

use super::picks::{Added, Pick, Picks};
use super::prepare::{Prepared, Shape};
use crate::config::settings::{SilverModel, SilverSettings};

/// A dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    /// Its name.
    pub(crate) name: String,
    /// Whether only open versions stand in it.
    open_only: bool,
}

/// The datasets that the model makes.
pub(crate) fn outputs(settings: &SilverSettings) -> Vec<Output> {
    let names = settings.output_names();
    let output = |(index, name): (usize, &str)| Output {
        name: name.to_owned(),
        // Every model that makes versions has the current rows first; only a history has the others.
        open_only: settings.model != SilverModel::IncrementalMerge && index == 0,
    };
    names.into_iter().enumerate().map(output).collect()
}

/// The columns of every dataset of a load.
pub(crate) fn schema(shape: &Shape<'_>) -> SchemaRef {
    let of_source = shape.schema(&shape.output());
    let fields = of_source.fields().iter().cloned();
    let added = shape.added().iter().map(|added| Arc::new(field(*added)));
    Arc::new(Schema::new(fields.chain(added).collect::<Vec<_>>()))
}

fn field(added: Added) -> Field {
    let kind = match added {
        Added::EffectiveFrom | Added::EffectiveTo => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Added::IsCurrent | Added::IsDeleted => DataType::Int64,
        Added::Operation => DataType::Utf8,
    };
    Field::new(added.name(), kind, true)
}

impl Output {
    /// The rows of a batch that stand in the dataset. `prepared` has all columns of `shape`, and its
    /// first row is number `first` of partition number `partition`.
    pub(crate) fn batch(
        &self,
        shape: &Shape<'_>,
        picks: &Picks,
        partition: usize,
        first: u64,
        prepared: &Prepared,
        schema: &SchemaRef,
    ) -> Result<RecordBatch, ArrowError> {
        let rows = prepared.rows as u64;
        // Rows that the model picked may have been set aside since.
        let usable = |row: u64| {
            prepared.bad.is_empty() || !prepared.bad.contains_key(&usize::try_from(row).unwrap_or(usize::MAX))
        };
        let (indices, listed): (Vec<u64>, Vec<Pick>) = match picks {
            Picks::Usable => ((0..rows).filter(|row| usable(*row)).collect(), Vec::new()),
            Picks::Rows(marks) => {
                let wanted = |row: &u64| marks[partition].contains(first + row) && usable(*row);
                ((0..rows).filter(wanted).collect(), Vec::new())
            }
            Picks::Listed(listed) => {
                let all = &listed[partition];
                let from = all.partition_point(|pick| pick.row() < first);
                let to = all.partition_point(|pick| pick.row() < first + rows);
                let wanted = |pick: &Pick| (!self.open_only || pick.is_open()) && usable(pick.row() - first);
                let picks: Vec<Pick> = all[from..to].iter().copied().filter(wanted).collect();
                (picks.iter().map(|pick| pick.row() - first).collect(), picks)
            }
        };
        let count = indices.len();
        let whole = count == prepared.rows && (0..rows).eq(indices.iter().copied());
        let indices = UInt64Array::from(indices);
        let column = |position: usize| {
            let column = &prepared.columns[position];
            if whole { Ok(column.clone()) } else { take(column, &indices, None) }
        };
        let mut columns = shape.output().into_iter().map(column).collect::<Result<Vec<_>, _>>()?;
        columns.extend(shape.added().iter().map(|added| values(*added, &listed)));
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        RecordBatch::try_new_with_options(schema.clone(), columns, &options)
    }
}

fn values(added: Added, picks: &[Pick]) -> ArrayRef {
    let picks = picks.iter();
    let times = |times: TimestampMicrosecondArray| Arc::new(times.with_timezone("UTC")) as ArrayRef;
    match added {
        Added::EffectiveFrom => times(picks.map(|pick| pick.from()).collect()),
        Added::EffectiveTo => times(picks.map(|pick| pick.to()).collect()),
        Added::IsCurrent => Arc::new(picks.map(|pick| i64::from(pick.is_open())).collect::<Int64Array>()),
        Added::IsDeleted => Arc::new(picks.map(|pick| i64::from(pick.is_deleted())).collect::<Int64Array>()),
        Added::Operation => Arc::new(picks.map(|pick| Some(pick.kind().as_str())).collect::<StringArray>()),
    }
}
