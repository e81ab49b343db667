//! `rows`: a window of the rows of a partition.

use super::Engine;
use super::partitions::{self, Standing};
use super::wire::{Count, ErrorBody, RowsInfo, RowsRequest, Table};
use crate::query::{self, QueryError};
use crate::run::RunError;

/// Rows of a window at most.
const LIMIT: usize = 2_000;
/// How often a reader starts again when a run replaces what it reads.
const ATTEMPTS: usize = 3;

impl Engine {
    /// See the command table.
    ///
    /// # Errors
    ///
    /// RUN012 if there is no such partition or table; STG014 if its files are not what was committed.
    pub fn rows(&self, request: RowsRequest) -> Result<Table<RowsInfo>, ErrorBody> {
        let site = self.site();
        let mut attempt = 1;
        loop {
            let standing = partitions::find(&site, &request.of)?;
            if let Some(error) = &standing.unreadable {
                return Err(ErrorBody::of(error.as_ref()));
            }
            match window(&standing, &request) {
                // A run committed meanwhile and took the old parts away: the new version has rows too.
                Ok(Err(error)) if error.is_gone() && attempt < ATTEMPTS => attempt += 1,
                Ok(result) => return result.map_err(|error| ErrorBody::of(&error)),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn window(standing: &Standing, request: &RowsRequest) -> Result<Result<Table<RowsInfo>, QueryError>, RunError> {
    let tables = standing.tables();
    let named = |wanted: &str| tables.iter().find(|(name, _, _)| *name == wanted);
    let wanted = match request.table.as_str() {
        "" => tables.first(),
        // Of a load that was refused, the bad rows are all there is.
        "_errors" => named("_errors").or_else(|| named("_refused")),
        other => named(other),
    };
    let Some((name, partition, table)) = wanted else { return Err(RunError::NoTable { table: request.table.clone() }) };
    let limit = (request.limit as usize).min(LIMIT);
    let info = RowsInfo {
        id: standing.id.clone(),
        table: (*name).to_owned(),
        version: standing.commit.as_ref().map_or(Count(0), |commit| Count(commit.version)),
        total: table.rows.into(),
        offset: request.offset,
        columns: partitions::columns(&table.columns),
    };
    Ok(query::window(partition, table, request.offset.0, limit).map(|batches| Table { info, batches }))
}
