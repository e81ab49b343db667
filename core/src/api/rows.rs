//! `rows`: a window of rows; and how rows are opened for all that reads them.

use std::sync::Arc;
use std::time::Duration;

use super::Engine;
use super::partitions::{self, Standing};
use super::run::Job;
use super::wire::{Count, ErrorBody, RowsInfo, RowsOf, RowsRequest, Table};
use crate::config::settings::Dataset;
use crate::diagnostic::{Diagnostic, Span, code};
use crate::event::Layer;
use crate::query::condition::Condition;
use crate::query::{self, Progress, QueryError, RowTable, Source, View};
use crate::run::{self, RunError};

/// Rows of a window at most.
const LIMIT: usize = 2_000;
/// How often a reader starts again when a run replaces what it reads.
const ATTEMPTS: usize = 3;
/// So long nobody asks whether a newer version stands.
const CALM: Duration = Duration::from_secs(1);
/// The same of a whole dataset, where asking takes longer.
const CALM_WHOLE: Duration = Duration::from_secs(10);

/// Rows that are open.
pub(super) struct Open<'a> {
    pub(super) of: &'a RowsOf,
    pub(super) table: &'a RowTable,
    pub(super) view: &'a View,
}

/// What is done with open rows.
type Use<'a, T> = &'a mut dyn FnMut(&Open<'_>, &mut Progress<'_>) -> Result<T, QueryError>;

impl Engine {
    /// See the command table.
    ///
    /// # Errors
    ///
    /// RUN012 if there is no such partition or table; STG014 if its files are not what was committed; QRY
    /// codes for filter, sort and columns.
    pub fn rows(&self, request: RowsRequest) -> Result<Table<RowsInfo>, ErrorBody> {
        let job = Job::begin(self, &request.job);
        let limit = (request.limit as usize).min(LIMIT);
        let cut = request.cut.map(|cut| cut as usize);
        let mut tell = |_| {};
        let mut progress = Progress::new(&job.token, &mut tell);
        let (table, _) = self.reading(&request.rows, &mut progress, &mut |open, _| {
            let columns = open.table.columns_of(&request.columns)?;
            let window =
                query::window(&self.readings, open.table, open.view, &columns, (request.offset.0, limit), cut)?;
            let named: Vec<_> = columns.iter().map(|column| open.table.columns[*column].clone()).collect();
            let info = RowsInfo {
                id: open.table.id.clone(),
                table: open.table.name.clone(),
                version: Count(open.table.version),
                snapshot: open.table.snapshot.clone(),
                total: Count(open.view.total()),
                offset: request.offset,
                columns: partitions::columns(&named),
                cut: window.cut,
            };
            Ok(Table { info, batches: vec![window.batch] })
        })?;
        Ok(table)
    }

    /// Opens rows, sorts and filters them if that was not done yet, and does something with them. Starts
    /// again when a run replaces them meanwhile: the new version has rows too.
    pub(super) fn reading<T>(
        &self,
        rows: &RowsOf,
        progress: &mut Progress<'_>,
        with: Use<'_, T>,
    ) -> Result<(T, Arc<RowTable>), ErrorBody> {
        let bare = RowsOf { filter: String::new(), sort: Vec::new(), ..rows.clone() };
        let mut attempt = 1;
        loop {
            let table = self.table(&bare)?;
            let done = self
                .view(&table, rows, progress)
                .and_then(|view| with(&Open { of: &bare, table: &table, view: &view }, progress));
            match done {
                Err(error) if error.is_gone() && attempt < ATTEMPTS => {
                    attempt += 1;
                    self.readings.forget_table(&bare);
                }
                Err(error) => return Err(told(&error, &rows.filter)),
                Ok(done) => return Ok((done, table)),
            }
        }
    }

    fn view(&self, table: &RowTable, rows: &RowsOf, progress: &mut Progress<'_>) -> Result<Arc<View>, QueryError> {
        let filter = rows.filter.trim();
        let key = table.view_key(filter, &rows.sort);
        if let Some(view) = self.readings.view(&key) {
            return Ok(view);
        }
        let condition = if filter.is_empty() { None } else { Some(Condition::parse(filter, &table.columns)) };
        let condition = condition.transpose().map_err(QueryError::Condition)?;
        let sort: Vec<(usize, bool)> = rows
            .sort
            .iter()
            .map(|key| table.column(&key.column).map(|column| (column, key.descending)))
            .collect::<Result<_, _>>()?;
        let view = Arc::new(View::work_out(&self.readings, table, condition.as_ref(), &sort, progress)?);
        self.readings.keep_view(key, view.clone());
        Ok(view)
    }

    /// The table, as it stands now or stood a moment ago.
    fn table(&self, of: &RowsOf) -> Result<Arc<RowTable>, ErrorBody> {
        let known = self.readings.table(of);
        // Which partition is the newest may be another one each time.
        let named = of.whole || of.of.folder.is_some() || !of.of.id.is_empty();
        if let Some((table, looked)) = known.clone().filter(|_| named) {
            let calm = if of.whole { CALM_WHOLE } else { CALM };
            if looked.elapsed() < calm || (!of.whole && table.stands()) {
                if looked.elapsed() >= calm {
                    self.readings.keep_table(of.clone(), table.clone());
                }
                return Ok(table);
            }
        }
        let mut table = Arc::new(self.open_table(of)?);
        if let Some((known, _)) = known.filter(|(known, _)| known.snapshot == table.snapshot) {
            // What was read of it stays good.
            table = known;
        }
        self.readings.keep_table(of.clone(), table.clone());
        if !named {
            let mut of = of.clone();
            of.of.id.clone_from(&table.id);
            of.table.clone_from(&table.name);
            self.readings.keep_table(of, table.clone());
        }
        Ok(table)
    }

    fn open_table(&self, of: &RowsOf) -> Result<RowTable, ErrorBody> {
        let site = self.site();
        if of.whole {
            let all = Standing::all(&site, &of.of)?;
            let mut sources: Vec<Source<'_>> = Vec::new();
            for standing in &all {
                if let Some(error) = &standing.unreadable {
                    return Err(ErrorBody::of(error.as_ref()));
                }
                let mut found = standing.sources();
                found.retain(|(name, _)| of.table.is_empty() && *name != "_errors" || *name == of.table);
                if let Some((_, source)) = found.into_iter().next() {
                    sources.push(source);
                }
            }
            if sources.is_empty() {
                return Err(RunError::NoTable { table: of.table.clone() }.into());
            }
            return Ok(RowTable::whole(&sources));
        }
        let standing = partitions::find(&site, &of.of)?;
        if let Some(error) = &standing.unreadable {
            return Err(ErrorBody::of(error.as_ref()));
        }
        let sources = standing.sources();
        let named = |wanted: &str| sources.iter().find(|(name, _)| *name == wanted);
        let wanted = match of.table.as_str() {
            "" => sources.first(),
            // Of a load that was refused, the bad rows are all there is.
            "_errors" => named("_errors").or_else(|| named("_refused")),
            other => named(other),
        };
        let Some((name, source)) = wanted else { return Err(RunError::NoTable { table: of.table.clone() }.into()) };
        Ok(RowTable::of(source).named(name))
    }

    /// Key columns that the config names and the table has, in the names of the layer.
    pub(super) fn keys_of(&self, of: &RowsOf, table: &RowTable) -> Vec<String> {
        if of.of.folder.is_some() {
            return Vec::new();
        }
        let loaded = self.site().load(&of.of.of.target);
        let Ok((_, dataset)) = run::dataset(&loaded, &of.of.of.dataset) else { return Vec::new() };
        let keys = keys(dataset, of.of.layer);
        keys.into_iter().filter(|key| table.column(key).is_ok()).collect()
    }
}

fn keys(dataset: &Dataset, layer: Layer) -> Vec<String> {
    let Some(silver) = &dataset.silver else { return Vec::new() };
    let before =
        |name: &String| silver.rename_map.iter().find(|(_, to)| *to == name).map_or(name, |(from, _)| from).clone();
    match layer {
        Layer::Silver => silver.primary_keys.clone(),
        Layer::Bronze => silver.primary_keys.iter().map(before).collect(),
    }
}

/// An error as it crosses the door; that of a condition with its place.
fn told(error: &QueryError, filter: &str) -> ErrorBody {
    let mut body = ErrorBody::of(error);
    if let QueryError::Condition(wrong) = error {
        // The filter was trimmed before it was read.
        let skipped = filter.len() - filter.trim_start().len();
        let characters = filter.chars().take_while(|character| character.is_whitespace()).count();
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let column = place(wrong.character + characters);
        let length = filter.trim().get(wrong.start..wrong.end).map_or(0, |text| text.chars().count());
        let span = Span {
            start: place(wrong.start + skipped),
            end: place(wrong.end + skipped),
            line: 1,
            column,
            end_line: 1,
            end_column: column + place(length),
        };
        body.causes.clear();
        let mut finding = Diagnostic::error(code::QRY001, wrong.message.clone()).at("", Some(span));
        finding.help.clone_from(&wrong.hint);
        body.diagnostics.push(finding);
    }
    body
}
