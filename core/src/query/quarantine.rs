//! Rows that were set aside: what their tables say, row by row, and groups of them.
//!
//! Reads as a stream; keeps groups and a few samples of each, never rows. Knows no configuration.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::UInt64Type;
use chrono::NaiveDate;

use super::readings::Readings;
use super::table::RowTable;
use super::{Progress, QueryError};
use crate::api::wire::{Count, Layer, QuarantineDay, QuarantineGroup};

/// Groups of one dataset and layer at most.
const GROUPS: usize = 2_000;
/// Samples of a group at most.
const SAMPLES: usize = 3;
/// Characters of a sample at most.
const SAMPLE: usize = 120;

/// A row as its table tells it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BadRow<'a> {
    pub(crate) reason: &'a str,
    pub(crate) column: &'a str,
    /// The raw value; of Bronze the raw record.
    pub(crate) value: Option<&'a str>,
    pub(crate) record: Option<&'a str>,
    pub(crate) partition: &'a str,
    pub(crate) file: &'a str,
    /// From 1.
    pub(crate) number: u64,
    pub(crate) commit: &'a str,
}

/// Visits every row of a table of rows that were set aside, in the order in which they were written.
///
/// # Errors
///
/// [`QueryError`] where its parts cannot be read, or somebody asks to stop.
pub(crate) fn bad_rows(
    readings: &Readings,
    table: &RowTable,
    progress: &mut Progress<'_>,
    visit: &mut dyn FnMut(BadRow<'_>),
) -> Result<(), QueryError> {
    progress.begin("quarantine", table.rows);
    for (at, piece) in table.pieces.iter().enumerate() {
        for batch in readings.part(table, at)?.stream(piece, &table.columns, None)? {
            let (_, batch) = batch?;
            for row in 0..batch.num_rows() {
                visit(told(&batch, row));
            }
            progress.step(batch.num_rows() as u64)?;
        }
    }
    Ok(())
}

fn told(batch: &RecordBatch, row: usize) -> BadRow<'_> {
    let text = |name: &str| {
        let array = batch.column_by_name(name)?.as_string_opt::<i32>()?;
        array.is_valid(row).then(|| array.value(row))
    };
    let number = |name: &str| {
        let array = batch.column_by_name(name)?.as_primitive_opt::<UInt64Type>()?;
        array.is_valid(row).then(|| array.value(row))
    };
    BadRow {
        reason: text("reason").unwrap_or_default(),
        column: text("column").unwrap_or_default(),
        value: text("value").or_else(|| text("raw")),
        record: text("record"),
        partition: text("bronze_partition").unwrap_or_default(),
        file: text("bronze_file").unwrap_or_default(),
        // In Bronze `record` is the number of the record, in Silver its values.
        number: number("bronze_row").or_else(|| number("record")).unwrap_or_default(),
        commit: text("bronze_commit").unwrap_or_default(),
    }
}

/// The groups of one dataset and layer.
#[derive(Debug)]
pub(crate) struct Groups {
    dataset: String,
    config: String,
    layer: Layer,
    found: HashMap<(bool, String, String, String), QuarantineGroup>,
    /// Rows for which there was no room.
    pub(crate) ungrouped: u64,
}

impl Groups {
    /// Nothing seen yet.
    pub(crate) fn new(dataset: &str, config: &str, layer: Layer) -> Self {
        Self { dataset: dataset.to_owned(), config: config.to_owned(), layer, found: HashMap::new(), ungrouped: 0 }
    }

    /// Counts a row. Partitions come one behind the other, oldest first.
    pub(crate) fn add(&mut self, row: &BadRow<'_>, (date, id): (NaiveDate, &str), refused: bool) {
        let full = self.found.len() >= GROUPS;
        let key = (refused, row.reason.to_owned(), row.column.to_owned(), row.file.to_owned());
        let group = match self.found.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(_) if full => {
                self.ungrouped += 1;
                return;
            }
            Entry::Vacant(free) => {
                let (_, reason, column, file) = free.key().clone();
                free.insert(QuarantineGroup {
                    dataset: self.dataset.clone(),
                    config: self.config.clone(),
                    layer: self.layer,
                    refused,
                    reason,
                    column,
                    file,
                    rows: Count(0),
                    days: Vec::new(),
                    samples: Vec::new(),
                })
            }
        };
        group.rows.0 += 1;
        match group.days.last_mut().filter(|day| day.id == id) {
            Some(day) => day.rows.0 += 1,
            None => group.days.push(QuarantineDay { date, id: id.to_owned(), rows: Count(1) }),
        }
        if group.samples.len() < SAMPLES {
            let sample = row.value.map(|value| value.chars().take(SAMPLE).collect());
            if !group.samples.contains(&sample) {
                group.samples.push(sample);
            }
        }
    }

    /// Those with the most rows first.
    pub(crate) fn sorted(self) -> Vec<QuarantineGroup> {
        let mut groups: Vec<_> = self.found.into_values().collect();
        groups.sort_by(|a, b| {
            let name = |group: &QuarantineGroup| {
                (group.refused, group.reason.clone(), group.column.clone(), group.file.clone())
            };
            b.rows.0.cmp(&a.rows.0).then_with(|| name(a).cmp(&name(b)))
        });
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row<'a>(reason: &'a str, value: Option<&'a str>) -> BadRow<'a> {
        BadRow { reason, column: "k", value, record: None, partition: "p", file: "f", number: 1, commit: "" }
    }

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2025, 1, day).unwrap()
    }

    #[test]
    fn rows_are_counted_by_partition_and_different_values_are_kept() {
        let mut groups = Groups::new("d", "d.yaml", Layer::Silver);
        let long = "é".repeat(300);
        for (date, value) in [(1, None), (1, None), (2, Some("x")), (3, Some(long.as_str())), (3, Some("y"))] {
            groups.add(&row("null_key", value), (day(date), &format!("d{date}")), false);
        }
        groups.add(&row("null_key", None), (day(3), "d3"), true);
        let groups = groups.sorted();
        assert_eq!(
            groups.iter().map(|group| (group.refused, group.rows.0)).collect::<Vec<_>>(),
            [(false, 5), (true, 1)]
        );
        let days: Vec<_> = groups[0].days.iter().map(|day| (day.id.as_str(), day.rows.0)).collect();
        assert_eq!(days, [("d1", 2), ("d2", 1), ("d3", 2)]);
        assert_eq!(groups[0].samples, [None, Some("x".to_owned()), Some("é".repeat(SAMPLE))]);
    }

    #[test]
    fn a_source_with_a_reason_for_every_row_does_not_fill_the_memory() {
        let mut groups = Groups::new("d", "d.yaml", Layer::Bronze);
        for number in 0..GROUPS + 5 {
            groups.add(&row(&format!("reason {number}"), None), (day(1), "d1"), false);
        }
        // Groups that are known go on counting.
        groups.add(&row("reason 0", None), (day(1), "d1"), false);
        assert_eq!(groups.ungrouped, 5);
        let groups = groups.sorted();
        assert_eq!((groups.len(), groups[0].rows.0), (GROUPS, 2));
    }
}
