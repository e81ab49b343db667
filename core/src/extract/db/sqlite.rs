//! SQLite: a file, read only. Each value has a type of its own, so that of a column is what all of its
//! first values have in common.

use std::sync::Arc;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions, Connection, Decode, Executor, Row as _, SqlSafeStr, Sqlite,
    Statement as _, TypeInfo, ValueRef,
};

use super::Job;
use super::address::Place;
use super::error::DbError;
use super::feed::{Column, Feed, Flow, Hint, Row};
use super::session::{self, Described};
use super::statement::{Bound, Rendered, Statement};
use super::value::{Shape, Value};
use crate::extract::ExtractError;

/// Rows between the thread that steps and the one that reads.
const ROWS_AHEAD: usize = 1_024;
/// Steps between two looks at whether somebody cancelled.
const STEPS: i32 = 100_000;

pub(super) struct Session(SqliteConnection);

impl Row for SqliteRow {
    type Native = ();

    fn visit(&self, _: &[()], mut see: impl FnMut(usize, Value<'_>)) -> Result<(), String> {
        for column in 0..self.columns().len() {
            let value = self.try_get_raw(column).map_err(|error| error.to_string())?;
            if value.is_null() {
                see(column, Value::Null);
                continue;
            }
            let kind = value.type_info();
            let text = |error: sqlx::error::BoxDynError| error.to_string();
            match kind.name() {
                "INTEGER" => see(column, Value::Int(<i64 as Decode<Sqlite>>::decode(value).map_err(text)?)),
                "REAL" => see(column, Value::Float(<f64 as Decode<Sqlite>>::decode(value).map_err(text)?)),
                "TEXT" => {
                    let bytes = <&[u8] as Decode<Sqlite>>::decode(value).map_err(text)?;
                    match std::str::from_utf8(bytes) {
                        Ok(text) => see(column, Value::Text(text.into())),
                        Err(_) => see(column, Value::Broken("text that is not UTF-8".to_owned())),
                    }
                }
                _ => see(column, Value::Bytes(<&[u8] as Decode<Sqlite>>::decode(value).map_err(text)?)),
            }
        }
        Ok(())
    }

    fn size(&self) -> usize {
        let mut size = 0;
        // A row that cannot be visited is told of when it is appended.
        let _told_later = self.visit(&[], |_, value| {
            size += match value {
                Value::Null => 0,
                Value::Text(text) => text.len(),
                Value::Bytes(bytes) => bytes.len(),
                _ => 8,
            };
        });
        size
    }
}

fn refused(error: sqlx::Error, job: &Job) -> DbError {
    match &error {
        sqlx::Error::Database(said) => DbError::Refused { reason: job.redacted(said.message()), state: None },
        other => DbError::Lost { reason: job.redacted(&other.to_string()) },
    }
}

impl session::Session for Session {
    type Row = SqliteRow;

    async fn connect(job: &Job, _: Option<&str>) -> Result<Self, ExtractError> {
        let Place::File(path) = &job.target.place else { return Err(DbError::Gone.into()) };
        match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(ExtractError::NotFound { path: path.clone() });
            }
            Err(source) => return Err(ExtractError::Io { path: path.clone(), source }),
            Ok(about) if about.is_dir() => return Err(ExtractError::IsFolder { path: path.clone() }),
            Ok(_) => {}
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(true)
            .busy_timeout(job.patience())
            .row_buffer_size(ROWS_AHEAD)
            .disable_statement_logging();
        let malformed = |error: sqlx::Error| match &error {
            // "file is not a database", "database disk image is malformed"
            sqlx::Error::Database(said) if matches!(said.code().as_deref(), Some("26" | "11")) => {
                ExtractError::Malformed {
                    path: path.clone(),
                    format: "sqlite",
                    line: None,
                    reason: said.message().to_owned(),
                }
            }
            _ => refused(error, job).into(),
        };
        let mut connection = SqliteConnection::connect_with(&options).await.map_err(malformed)?;
        let cancel = job.request.cancel.clone();
        connection.lock_handle().await.map_err(malformed)?.set_progress_handler(STEPS, move || !cancel.is_cancelled());
        connection.execute("BEGIN").await.map_err(malformed)?;
        // The first statement that looks into the file.
        connection.execute("PRAGMA schema_version").await.map_err(malformed)?;
        Ok(Self(connection))
    }

    async fn describe(&mut self, job: &Job, statement: Statement) -> Result<Described<Self>, DbError> {
        let sql = statement.rendered(job.driver()).sql;
        let prepared = self.0.prepare(AssertSqlSafe(sql).into_sql_str()).await.map_err(|error| refused(error, job))?;
        let columns: Vec<Column<()>> = prepared
            .columns()
            .iter()
            .map(|column| {
                let likely = match column.type_info().name() {
                    "INTEGER" => Some(Shape::Int),
                    "REAL" => Some(Shape::Float),
                    "TEXT" => Some(Shape::Text),
                    "BLOB" => Some(Shape::Bytes),
                    "BOOLEAN" => Some(Shape::Bool),
                    _ => None,
                };
                Column { name: column.name().to_owned(), native: (), hint: Hint::Any(likely) }
            })
            .collect();
        let types = vec![(None, ""); columns.len()];
        Ok(Described { columns, statement, select: None, types })
    }

    async fn stream(
        &mut self,
        job: &Job,
        rendered: &Rendered,
        feed: &mut Feed<SqliteRow>,
    ) -> Result<Flow, ExtractError> {
        let query = bound(rendered);
        let stream = query.fetch(&mut self.0);
        feed.take(
            stream,
            |row, rows| {
                rows.push(row);
                Ok(())
            },
            |error| refused(error, job),
        )
        .await
    }

    async fn first(&mut self, job: &Job, rendered: &Rendered) -> Result<Vec<Option<String>>, DbError> {
        let row = bound(rendered).fetch_one(&mut self.0).await.map_err(|error| refused(error, job))?;
        let mut cells = Vec::new();
        row.visit(&[], |_, value| {
            cells.push(if value == Value::Null { None } else { Some(super::value::spelled(&value)) });
        })
        .map_err(|reason| DbError::Lost { reason })?;
        Ok(cells)
    }

    async fn snapshot(&mut self, _: &Job) -> Result<Option<String>, DbError> {
        Ok(None)
    }

    async fn close(mut self) {
        // The file is only read: nothing depends on whether this is heard.
        let _read_only = self.0.execute("ROLLBACK").await;
        let _closed = self.0.close().await;
    }
}

fn bound(rendered: &Rendered) -> sqlx::query::Query<'_, Sqlite, <Sqlite as sqlx::Database>::Arguments> {
    let sql: Arc<str> = rendered.sql.as_str().into();
    rendered.binds.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, bind| match bind {
        Bound::Text(text) => query.bind(text.reveal().to_owned()),
        Bound::Int(number) => query.bind(*number),
        Bound::Float(number) => query.bind(*number),
    })
}
