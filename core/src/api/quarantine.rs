//! `list_quarantine` and `quarantine_rows`: rows that were set aside, in Bronze and in Silver.

use super::Engine;
use super::partitions::Standing;
use super::run::Job;
use super::wire::{
    Count, ErrorBody, Layer, QuarantineReport, QuarantineRequest, QuarantineRow, QuarantineRows, QuarantineRowsRequest,
};
use crate::config::settings::Dataset;
use crate::query::quarantine::{BadRow, Groups, bad_rows};
use crate::query::{Progress, RowTable};
use crate::run;

/// Rows of a window at most.
const LIMIT: u32 = 1_000;

/// A partition whose rows are visited.
#[derive(Clone, Copy)]
struct Of<'a> {
    dataset: &'a str,
    layer: Layer,
    date: chrono::NaiveDate,
    id: &'a str,
    refused: bool,
}

impl Engine {
    /// See the command table.
    ///
    /// # Errors
    ///
    /// CFG codes for the configuration, RUN011 if it was cancelled. What of a layer cannot be read is in
    /// the report.
    pub fn list_quarantine(&self, request: QuarantineRequest) -> Result<QuarantineReport, ErrorBody> {
        let job = Job::begin(self, &request.job);
        let loaded = self.site().load(&request.target);
        let selection = run::select(&loaded, &request.sources)?;
        let mut tell = |_| {};
        let mut progress = Progress::new(&job.token, &mut tell);
        let mut report = QuarantineReport {
            groups: Vec::new(),
            rows: Count(0),
            refused: Count(0),
            ungrouped: Count(0),
            errors: Vec::new(),
            exit: 0,
        };
        for (file, dataset) in &selection.datasets {
            for layer in layers(&request) {
                let mut groups = Groups::new(&dataset.name, &file.display, layer);
                let mut count = |of: Of<'_>, row: BadRow<'_>| {
                    let sum = if of.refused { &mut report.refused } else { &mut report.rows };
                    sum.0 += 1;
                    groups.add(&row, (of.date, of.id), of.refused);
                };
                self.visit(dataset, layer, &request, &mut progress, &mut report.errors, &mut count)?;
                report.ungrouped.0 += groups.ungrouped;
                report.groups.extend(groups.sorted());
            }
        }
        report.exit = exit(&report.errors);
        Ok(report)
    }

    /// See the command table.
    ///
    /// # Errors
    ///
    /// As `list_quarantine`.
    pub fn quarantine_rows(&self, request: QuarantineRowsRequest) -> Result<QuarantineRows, ErrorBody> {
        let job = Job::begin(self, &request.of.job);
        let loaded = self.site().load(&request.of.target);
        let selection = run::select(&loaded, &request.of.sources)?;
        let mut tell = |_| {};
        let mut progress = Progress::new(&job.token, &mut tell);
        let window = request.offset.0..request.offset.0.saturating_add(u64::from(request.limit.min(LIMIT)));
        let mut reply = QuarantineRows { rows: Vec::new(), total: Count(0), errors: Vec::new(), exit: 0 };
        for (_, dataset) in &selection.datasets {
            for layer in layers(&request.of) {
                let mut take = |of: Of<'_>, row: BadRow<'_>| {
                    if window.contains(&reply.total.0) {
                        reply.rows.push(shown(of, row));
                    }
                    reply.total.0 += 1;
                };
                self.visit(dataset, layer, &request.of, &mut progress, &mut reply.errors, &mut take)?;
            }
        }
        reply.exit = exit(&reply.errors);
        Ok(reply)
    }

    /// Visits the rows of a layer of a dataset that are wanted, oldest partition first.
    fn visit(
        &self,
        dataset: &Dataset,
        layer: Layer,
        request: &QuarantineRequest,
        progress: &mut Progress<'_>,
        errors: &mut Vec<ErrorBody>,
        visit: &mut dyn FnMut(Of<'_>, BadRow<'_>),
    ) -> Result<(), ErrorBody> {
        let standing = match Standing::of_layer(&self.site(), dataset, layer) {
            Ok(standing) => standing,
            Err(error) => {
                errors.push(ErrorBody::of(&error));
                return Ok(());
            }
        };
        for standing in &standing {
            let Some(date) = standing.date else { continue };
            if request.from.is_some_and(|from| date < from) || request.to.is_some_and(|to| date > to) {
                continue;
            }
            if let Some(error) = &standing.unreadable {
                errors.push(ErrorBody::of(error.as_ref()));
                continue;
            }
            for (name, source) in standing.sources() {
                let refused = match name {
                    "_errors" => false,
                    "_refused" => true,
                    _ => continue,
                };
                let of = Of { dataset: &dataset.name, layer, date, id: &standing.id, refused };
                let table = RowTable::of(&source);
                let read = bad_rows(&self.readings, &table, progress, &mut |row| {
                    if wanted(request, &row) {
                        visit(of, row);
                    }
                });
                match read {
                    Err(error @ crate::query::QueryError::Cancelled) => return Err(ErrorBody::of(&error)),
                    Err(error) => errors.push(ErrorBody::of(&error)),
                    Ok(()) => {}
                }
            }
        }
        Ok(())
    }
}

fn layers(request: &QuarantineRequest) -> Vec<Layer> {
    request.layer.map_or_else(|| vec![Layer::Bronze, Layer::Silver], |layer| vec![layer])
}

fn wanted(request: &QuarantineRequest, row: &BadRow<'_>) -> bool {
    request.reason.as_ref().is_none_or(|reason| reason == row.reason)
        && request.column.as_ref().is_none_or(|column| column == row.column)
}

/// The earliest stage decides.
fn exit(errors: &[ErrorBody]) -> u8 {
    errors.iter().map(|error| error.exit).min().unwrap_or(0)
}

fn shown(of: Of<'_>, row: BadRow<'_>) -> QuarantineRow {
    QuarantineRow {
        dataset: of.dataset.to_owned(),
        layer: of.layer,
        refused: of.refused,
        date: of.date,
        reason: row.reason.to_owned(),
        column: row.column.to_owned(),
        value: row.value.map(str::to_owned),
        record: row.record.map(str::to_owned),
        bronze_partition: if of.layer == Layer::Bronze { of.id } else { row.partition }.to_owned(),
        bronze_file: row.file.to_owned(),
        number: Count(row.number),
        bronze_commit: row.commit.to_owned(),
    }
}
