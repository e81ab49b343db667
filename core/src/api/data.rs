//! `open_rows`, `row`, `cell`, `find_row`, `profile_column`, `export_rows`: what can be done with rows.

use super::Engine;
use super::rows::Open;
use super::run::Job;
use super::wire::{
    CellRequest, CellValue, ColumnProfile, Count, ErrorBody, ExportEvent, ExportRequest, FindEvent, FindRequest,
    OpenRowsEvent, OpenRowsRequest, OpenedRows, ProfileEvent, ProfileRequest, RowDetail, RowRequest,
};
use crate::cancel::CancelToken;
use crate::query::export::{Goal, export};
use crate::query::find::{Wanted, count, find};
use crate::query::{self, Progress};

impl Engine {
    /// See the command table.
    ///
    /// # Errors
    ///
    /// RUN012 if there is no such partition or table; QRY codes for the filter and the sort.
    pub fn open_rows(
        &self,
        request: OpenRowsRequest,
        emit: &mut dyn FnMut(OpenRowsEvent),
    ) -> Result<OpenedRows, ErrorBody> {
        let job = Job::begin(self, &request.job);
        let mut tell = |progress| emit(OpenRowsEvent::Progress(progress));
        let mut progress = Progress::new(&job.token, &mut tell);
        let (opened, _) = self.reading(&request.rows, &mut progress, &mut |open, _| Ok(self.opened(open)))?;
        emit(OpenRowsEvent::Opened(Box::new(opened.clone())));
        Ok(opened)
    }

    fn opened(&self, open: &Open<'_>) -> OpenedRows {
        OpenedRows {
            id: open.table.id.clone(),
            table: open.table.name.clone(),
            version: Count(open.table.version),
            snapshot: open.table.snapshot.clone(),
            total: Count(open.view.total()),
            unfiltered: Count(open.table.rows),
            columns: super::partitions::columns(&open.table.columns),
            keys: self.keys_of(open.of, open.table),
            partitions: Count(open.table.partitions),
        }
    }

    /// See the command table.
    ///
    /// # Errors
    ///
    /// As `open_rows`, and RUN012 if there is no such row.
    pub fn row(&self, request: RowRequest) -> Result<RowDetail, ErrorBody> {
        let quiet = CancelToken::new();
        let place = request.row.0;
        let mut tell = |_| {};
        let (detail, _) = self.reading(&request.rows, &mut Progress::new(&quiet, &mut tell), &mut |open, _| {
            let found = query::row(&self.readings, open.table, open.view, place)?;
            Ok(RowDetail {
                row: request.row,
                snapshot: open.table.snapshot.clone(),
                partition: found.partition,
                file: found.file,
                row_of_file: Count(found.row_of_file),
                cells: found.cells,
            })
        })?;
        Ok(detail)
    }

    /// See the command table.
    ///
    /// # Errors
    ///
    /// As `row`, and QRY002 if there is no such column.
    pub fn cell(&self, request: CellRequest) -> Result<CellValue, ErrorBody> {
        let quiet = CancelToken::new();
        let mut tell = |_| {};
        let (value, _) = self.reading(&request.rows, &mut Progress::new(&quiet, &mut tell), &mut |open, _| {
            let column = open.table.column(&request.column)?;
            let piece = (request.from.0, request.limit as usize);
            query::cell(&self.readings, open.table, open.view, (request.row.0, column), piece)
        })?;
        Ok(value)
    }

    /// See the command table.
    ///
    /// # Errors
    ///
    /// As `open_rows`, and QRY002 if there is no such column.
    pub fn find_row(&self, request: FindRequest, emit: &mut dyn FnMut(FindEvent)) -> Result<FindEvent, ErrorBody> {
        let job = Job::begin(self, &request.job);
        let mut tell = |progress| emit(FindEvent::Progress(progress));
        let mut progress = Progress::new(&job.token, &mut tell);
        let (found, _) = self.reading(&request.rows, &mut progress, &mut |open, progress| {
            let columns = match &request.column {
                Some(column) => vec![open.table.column(column)?],
                None => (0..open.table.columns.len()).collect(),
            };
            let wanted = Wanted::new(&request.text, columns);
            if request.count {
                let (hits, before) = count(&self.readings, open.table, open.view, &wanted, request.from.0, progress)?;
                return Ok(FindEvent::Counted { hits: Count(hits), before: Count(before) });
            }
            let from = (request.from.0, request.backwards);
            let found = find(&self.readings, open.table, open.view, &wanted, from, progress)?;
            Ok(found.map_or(FindEvent::Absent, |(row, column)| FindEvent::Found {
                row: Count(row),
                column: open.table.columns[column].name.clone(),
            }))
        })?;
        emit(found.clone());
        Ok(found)
    }

    /// See the command table.
    ///
    /// # Errors
    ///
    /// As `open_rows`, and QRY002 if there is no such column.
    pub fn profile_column(
        &self,
        request: ProfileRequest,
        emit: &mut dyn FnMut(ProfileEvent),
    ) -> Result<ColumnProfile, ErrorBody> {
        let job = Job::begin(self, &request.job);
        let mut tell = |progress| emit(ProfileEvent::Progress(progress));
        let mut progress = Progress::new(&job.token, &mut tell);
        let (profile, _) = self.reading(&request.rows, &mut progress, &mut |open, progress| {
            let column = open.table.column(&request.column)?;
            query::profile(&self.readings, open.table, open.view, column, progress)
        })?;
        emit(ProfileEvent::Profiled(Box::new(profile.clone())));
        Ok(profile)
    }

    /// See the command table. Tells path, rows and bytes.
    ///
    /// # Errors
    ///
    /// As `open_rows`; QRY004 if the file exists already, QRY005 if it cannot be written.
    pub fn export_rows(
        &self,
        request: ExportRequest,
        emit: &mut dyn FnMut(ExportEvent),
    ) -> Result<ExportEvent, ErrorBody> {
        let job = Job::begin(self, &request.job);
        let mut tell = |progress| emit(ExportEvent::Progress(progress));
        let mut progress = Progress::new(&job.token, &mut tell);
        let path = self.root.join(&request.path);
        let attempt = self.world.entropy.id();
        let ((rows, bytes), _) = self.reading(&request.rows, &mut progress, &mut |open, progress| {
            let columns = open.table.columns_of(&request.columns)?;
            let goal = Goal {
                path: &path,
                name: &request.path,
                format: request.format,
                replace: request.replace,
                attempt: &attempt,
                disk: self.world.disk.as_ref(),
            };
            export(&self.readings, open.table, open.view, &columns, &goal, progress)
        })?;
        let done = ExportEvent::Exported { path: request.path.clone(), rows: Count(rows), bytes: Count(bytes) };
        emit(done.clone());
        Ok(done)
    }
}
