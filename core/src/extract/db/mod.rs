//! Databases as batches: PostgreSQL, MySQL and MariaDB, SQLite.
//!
//! Owns connections and statements. Each extract is one read-only transaction that is rolled back at its
//! end; nothing is ever written. The clients are async and stay on threads of their own; what they
//! deliver passes through a channel of a few batches, so memory does not grow with the result.

mod address;
mod bound;
mod boundary;
mod error;
mod feed;
mod lexer;
mod mysql;
mod postgres;
mod session;
mod sqlite;
mod statement;
#[cfg(test)]
mod tests;
mod value;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use tokio::sync::Notify;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::Instant;

use super::observe::{Exchange, Seen};
use super::threads::Threads;
use super::{ExtractError, ExtractRequest, Extraction, Extractor, Position, SourceSummary, Unreadable};
use crate::batch::Cursor;
use crate::config::settings::{DbRead, DbSource, Driver};
use crate::event::{Note, NoteLevel};
use crate::figures::counted;
use crate::nearest::nearest;
use address::Target;
use feed::Told;
use statement::{Rendered, Statement};

pub(crate) use error::DbError;

/// The kind of database that a connection string names, and the name of the database in it; `None`: it
/// is no connection string.
pub(crate) fn database_of(text: &str) -> Option<(Driver, Option<String>)> {
    let target = address::parse(text.trim(), None).ok()?;
    let name = match target.place {
        address::Place::File(path) => path.file_stem().map(|stem| stem.to_string_lossy().into_owned()),
        address::Place::Server(server) => server.database,
    };
    Some((target.driver, name))
}

/// Batches that may wait between the connection and the reader.
const AHEAD: usize = 2;

/// Reads a database.
#[derive(Debug)]
pub(super) struct DbExtractor {
    source: DbSource,
}

impl DbExtractor {
    pub(super) fn new(source: DbSource) -> Self {
        Self { source }
    }
}

/// One extract: what was asked for, and how.
struct Job {
    source: DbSource,
    request: ExtractRequest,
    target: Target,
    /// What the config asks for, nothing put around it yet.
    statement: Statement,
    began: Instant,
    /// Rung when somebody cancels.
    wake: Arc<Notify>,
}

impl Job {
    fn new(source: &DbSource, request: &ExtractRequest) -> Result<Self, ExtractError> {
        let mut target = address::target(source, request.world.env.as_ref())?;
        let file = match &source.read {
            DbRead::QueryFile(path) => Some(query_file(path)?),
            _ => None,
        };
        let text = statement::text(&source.read, file.as_deref(), target.driver);
        let incremental = source.incremental.is_some();
        let statement = Statement::new(&text, &source.params, incremental, request.run_date, target.driver)?;
        for secret in statement.secrets() {
            target.hidden.hide(secret);
        }
        Ok(Self {
            source: source.clone(),
            request: request.clone(),
            target,
            statement,
            began: Instant::now(),
            wake: Arc::new(Notify::new()),
        })
    }

    fn driver(&self) -> Driver {
        self.target.driver
    }

    /// Rows of a batch.
    fn batch_rows(&self) -> usize {
        usize::try_from(self.source.fetch_batch_size).unwrap_or(usize::MAX).clamp(1, 1 << 16)
    }

    /// How long one answer may take.
    fn patience(&self) -> Duration {
        Duration::try_from_secs_f64(self.request.conduct.timeout_seconds).unwrap_or(Duration::MAX)
    }

    /// What is left of that until the whole extract has to end.
    fn left(&self, patience: Duration) -> Result<Duration, DbError> {
        let Some(seconds) = self.request.conduct.deadline_seconds else { return Ok(patience) };
        match Duration::from_secs(seconds).checked_sub(self.began.elapsed()) {
            Some(left) if !left.is_zero() => Ok(left.min(patience)),
            _ => Err(DbError::Deadline { seconds }),
        }
    }

    /// Why nothing came for too long.
    fn slow(&self) -> DbError {
        match self.left(Duration::MAX) {
            Err(deadline) => deadline,
            Ok(_) => DbError::Slow { seconds: self.request.conduct.timeout_seconds },
        }
    }

    /// Waits for an answer, not for ever.
    async fn answer<T>(&self, work: impl Future<Output = Result<T, DbError>>) -> Result<T, DbError> {
        match tokio::time::timeout(self.left(self.patience())?, work).await {
            Ok(answer) => answer,
            Err(_) => Err(self.slow()),
        }
    }

    /// What went wrong, without secrets.
    fn redacted(&self, text: &str) -> String {
        self.target.hidden.redact(text)
    }

    /// Tells of a statement that has been answered, or was not.
    fn tell(&self, part: u64, rendered: &Rendered, began: Instant, records: u64, bytes: u64, error: Option<String>) {
        self.request.observer.saw(Seen::Exchange(Box::new(Exchange {
            page: part,
            attempt: 1,
            method: "SQL".to_owned(),
            target: self.redacted(&rendered.sql),
            bytes,
            took: began.elapsed(),
            records,
            error: error.map(|error| self.redacted(&error)),
            ..Exchange::default()
        })));
    }
}

fn no_column(column: &str, names: &[String]) -> DbError {
    let nearest = nearest(column, names.iter().map(String::as_str)).map(str::to_owned);
    DbError::NoColumn { column: column.to_owned(), nearest }
}

fn query_file(path: &Path) -> Result<String, ExtractError> {
    std::fs::read_to_string(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => ExtractError::NotFound { path: path.to_owned() },
        _ => ExtractError::Io { path: path.to_owned(), source },
    })
}

impl Extractor for DbExtractor {
    fn open(&self, request: &ExtractRequest) -> Result<Box<dyn Extraction>, ExtractError> {
        let job = Arc::new(Job::new(&self.source, request)?);
        let (sender, receiver) = channel(AHEAD);
        let threads = Threads::new().map_err(DbError::from)?;
        let wake = Arc::clone(&job.wake);
        request.cancel.on_cancel(move || wake.notify_one());
        let handle = threads.handle().ok_or(DbError::Gone)?;
        let _detached = match job.driver() {
            Driver::Sqlite => handle.spawn(session::read::<sqlite::Session>(Arc::clone(&job), sender)),
            Driver::Postgres => handle.spawn(session::read::<postgres::Session>(Arc::clone(&job), sender)),
            Driver::Mysql => handle.spawn(session::read::<mysql::Session>(Arc::clone(&job), sender)),
            Driver::SqlServer => return Err(ExtractError::Unavailable { kind: "db (SQL Server)" }),
        };
        let mut extraction = DbExtraction {
            schema: Arc::new(arrow::datatypes::Schema::empty()),
            receiver,
            position: Position::default(),
            unreadable: Vec::new(),
            cursor: None,
            excluded: 0,
            parsing: Duration::ZERO,
            ended: false,
            job,
            threads,
        };
        match extraction.wait()? {
            Some(Told::Schema(schema)) => extraction.schema = schema,
            Some(Told::Failed(error)) => return Err(error),
            Some(Told::Batch(_) | Told::End) | None => return Err(DbError::Gone.into()),
        }
        Ok(Box::new(extraction))
    }
}

/// A database being read.
struct DbExtraction {
    job: Arc<Job>,
    threads: Threads,
    receiver: Receiver<Told>,
    schema: SchemaRef,
    position: Position,
    unreadable: Vec<Unreadable>,
    cursor: Option<Cursor>,
    excluded: u64,
    parsing: Duration,
    ended: bool,
}

impl DbExtraction {
    /// What is told next; `None` at the end.
    fn wait(&mut self) -> Result<Option<Told>, ExtractError> {
        let (receiver, job) = (&mut self.receiver, &self.job);
        let told = self.threads.wait(async {
            loop {
                if job.request.cancel.is_cancelled() {
                    return Err(ExtractError::Cancelled);
                }
                tokio::select! {
                    biased;
                    () = job.wake.notified() => {}
                    told = receiver.recv() => return Ok(told),
                }
            }
        });
        told.map_err(DbError::from)?
    }

    /// Whether a preview has seen enough.
    fn is_enough(&self) -> bool {
        let budget = &self.job.request.budget;
        budget.bytes.is_some_and(|bytes| self.position.bytes >= bytes)
            || budget.time.is_some_and(|time| self.job.began.elapsed() >= time)
    }
}

impl Extraction for DbExtraction {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn next(&mut self) -> Result<Option<RecordBatch>, ExtractError> {
        loop {
            if self.ended || (self.position.rows > 0 && self.is_enough()) {
                return Ok(None);
            }
            match self.wait()? {
                Some(Told::End) => {
                    self.ended = true;
                    return Ok(None);
                }
                None => {
                    self.ended = true;
                    return Err(DbError::Gone.into());
                }
                Some(Told::Failed(error)) => {
                    self.ended = true;
                    return Err(error);
                }
                Some(Told::Schema(_)) => {}
                Some(Told::Batch(delivery)) => {
                    self.position.rows += delivery.batch.num_rows() as u64;
                    self.position.bytes += delivery.bytes;
                    self.unreadable.extend(delivery.unreadable);
                    self.excluded += delivery.excluded;
                    self.parsing += delivery.parsing;
                    self.cursor = Cursor::furthest(self.cursor.take(), delivery.cursor);
                    return Ok(Some(delivery.batch));
                }
            }
        }
    }

    fn take_unreadable(&mut self) -> Vec<Unreadable> {
        std::mem::take(&mut self.unreadable)
    }

    fn progress(&self) -> Position {
        self.position
    }

    fn summary(&self) -> SourceSummary {
        let format = match self.job.driver() {
            Driver::Postgres => "postgres",
            Driver::Mysql => "mysql",
            Driver::SqlServer => "mssql",
            Driver::Sqlite => "sqlite",
        };
        SourceSummary { kind: "db", location: self.job.source.location(), format, bytes: self.position.bytes }
    }

    fn cursor(&self) -> Option<Cursor> {
        let cursor = self.cursor.clone()?;
        match &self.job.request.since {
            // With a closed bound or a lag, what was there before comes again.
            Some(since) if since.type_name == cursor.type_name => {
                let further = since.clone().further(cursor);
                (further.value != since.value || further.boundary.len() > since.boundary.len()).then_some(further)
            }
            _ => Some(cursor),
        }
    }

    fn take_notes(&mut self) -> Vec<Note> {
        let mut notes = Vec::new();
        let excluded = std::mem::take(&mut self.excluded);
        if let (Some(incremental), true) = (&self.job.source.incremental, excluded > 0) {
            let message = format!("{} without a value in `{}` left out", counted(excluded, "row"), incremental.cursor);
            notes.push(Note { level: NoteLevel::Info, code: None, message });
        }
        if let Some(cursor) =
            self.cursor.as_ref().filter(|cursor| self.ended && cursor.boundary.len() >= Cursor::BOUNDARY)
        {
            let message = format!(
                "{} or more stand at `{}` = {}; those beyond come again with each run, unless the bound is open",
                counted(Cursor::BOUNDARY as u64, "row"),
                cursor.field,
                cursor.value
            );
            notes.push(Note { level: NoteLevel::Warning, code: None, message });
        }
        if self.ended && !self.job.target.unused.is_empty() {
            let names: Vec<String> = self.job.target.unused.iter().map(|name| format!("`{name}`")).collect();
            let message = format!("settings of the connection string without effect here: {}", names.join(", "));
            notes.push(Note { level: NoteLevel::Info, code: None, message });
        }
        notes
    }

    fn parsing(&self) -> Duration {
        self.parsing
    }
}
