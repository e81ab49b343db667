//! PostgreSQL: `COPY … TO STDOUT` in the binary form where nothing is bound, else the extended protocol;
//! both bring the same bytes.

mod decode;

use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow, PgSslMode, PgTypeInfo, PgTypeKind};
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions, Connection, Either, Executor, Postgres, Row as _, SqlSafeStr,
    Statement as _, TypeInfo, ValueRef,
};

use super::Job;
use super::address::{Place, Server};
use super::error::DbError;
use super::feed::{Column, Feed, Flow, Hint, Row};
use super::session::{self, Described};
use super::statement::{Bound, Rendered, Statement, quoted};
use super::value::{Shape, Value};
use crate::config::settings::{DbRead, Driver, Isolation, TlsMode};
use crate::extract::ExtractError;
pub(super) use decode::Native;

/// What a binary copy begins with.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

pub(super) struct Session(PgConnection);

/// A row of either protocol.
pub(super) enum PostgresRow {
    /// Number of fields, then length and bytes of each.
    Copied(Bytes),
    Fetched(PgRow),
}

impl Row for PostgresRow {
    type Native = Native;

    #[inline]
    fn visit(&self, natives: &[Native], mut see: impl FnMut(usize, Value<'_>)) -> Result<(), String> {
        const ODD: &str = "a row is not made like the result";
        match self {
            Self::Copied(bytes) => {
                let mut rest = bytes.as_ref();
                if rest.len() < 2 || usize::from(rest.get_u16()) != natives.len() {
                    return Err(ODD.to_owned());
                }
                for (column, native) in natives.iter().enumerate() {
                    if rest.len() < 4 {
                        return Err(ODD.to_owned());
                    }
                    match usize::try_from(rest.get_i32()) {
                        Err(_) => see(column, Value::Null),
                        Ok(length) if length <= rest.len() => {
                            let (value, after) = rest.split_at(length);
                            see(column, native.value(value));
                            rest = after;
                        }
                        Ok(_) => return Err(ODD.to_owned()),
                    }
                }
            }
            Self::Fetched(row) => {
                if row.columns().len() != natives.len() {
                    return Err(ODD.to_owned());
                }
                for (column, native) in natives.iter().enumerate() {
                    let value = row.try_get_raw(column).map_err(|error| error.to_string())?;
                    match value.as_bytes() {
                        _ if value.is_null() => see(column, Value::Null),
                        Ok(bytes) => see(column, native.value(bytes)),
                        Err(error) => return Err(error.to_string()),
                    }
                }
            }
        }
        Ok(())
    }

    fn size(&self) -> usize {
        match self {
            Self::Copied(bytes) => bytes.len(),
            Self::Fetched(row) => (0..row.columns().len())
                .filter_map(|column| row.try_get_raw(column).ok())
                .map(|value| if value.is_null() { 4 } else { value.as_bytes().map_or(0, <[u8]>::len) + 4 })
                .sum(),
        }
    }
}

/// Cuts what a copy sends into rows, wherever it was cut on its way.
#[derive(Default)]
struct Cutter {
    begun: bool,
    carried: BytesMut,
}

impl Cutter {
    fn cut(&mut self, message: Bytes, rows: &mut Vec<PostgresRow>) -> Result<(), String> {
        let mut rest = message;
        if !self.carried.is_empty() {
            self.carried.extend_from_slice(&rest);
            rest = std::mem::take(&mut self.carried).freeze();
        }
        if !self.begun {
            // Signature, flags, and an extension with its length.
            if rest.len() < SIGNATURE.len() + 8 {
                self.carried.extend_from_slice(&rest);
                return Ok(());
            }
            if !rest.starts_with(SIGNATURE) {
                return Err("the server sends no binary copy".to_owned());
            }
            rest.advance(SIGNATURE.len() + 4);
            let extension = usize::try_from(rest.get_u32()).unwrap_or(usize::MAX);
            if extension > rest.len() {
                return Err("the server sends a copy of another version".to_owned());
            }
            rest.advance(extension);
            self.begun = true;
        }
        while !rest.is_empty() {
            match row_length(&rest) {
                // The end of the data.
                Some(0) => return Ok(()),
                Some(length) => rows.push(PostgresRow::Copied(rest.split_to(length))),
                None => {
                    self.carried.extend_from_slice(&rest);
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// Bytes of the first row; 0 for the end mark, `None` if it is not all there.
fn row_length(bytes: &[u8]) -> Option<usize> {
    let fields = i16::from_be_bytes(bytes.get(..2)?.try_into().ok()?);
    let Ok(fields) = usize::try_from(fields) else { return Some(0) };
    let mut at = 2;
    for _ in 0..fields {
        let length = i32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?);
        at += 4 + usize::try_from(length).unwrap_or(0);
    }
    (at <= bytes.len()).then_some(at)
}

fn refused(error: sqlx::Error, job: &Job) -> DbError {
    match &error {
        sqlx::Error::Database(said) => {
            let state = said.code().map(std::borrow::Cow::into_owned);
            match (state.as_deref(), job.request.conduct.deadline_seconds) {
                // Cancelled by the limit that was set for the statement.
                (Some("57014"), Some(seconds)) => DbError::Deadline { seconds },
                _ => DbError::Refused { reason: job.redacted(said.message()), state },
            }
        }
        other => DbError::Lost { reason: job.redacted(&other.to_string()) },
    }
}

fn not_connected(error: sqlx::Error, job: &Job) -> DbError {
    let place = job.target.shown.clone();
    match &error {
        // No room for another connection, or the server is starting or ending.
        sqlx::Error::Database(said)
            if said.code().is_some_and(|code| code.starts_with("53") || code.starts_with("57")) =>
        {
            DbError::Unreachable { place, reason: job.redacted(said.message()) }
        }
        sqlx::Error::Database(said) => DbError::Login { place, reason: job.redacted(said.message()) },
        sqlx::Error::Tls(reason) | sqlx::Error::Configuration(reason) => {
            DbError::Tls { place, reason: job.redacted(&reason.to_string()) }
        }
        other => DbError::Unreachable { place, reason: job.redacted(&other.to_string()) },
    }
}

fn options(server: &Server, job: &Job) -> PgConnectOptions {
    let tls = &job.source.tls;
    let mut options = PgConnectOptions::new_without_pgpass()
        .host(&server.host)
        .port(server.port)
        .username(&server.user)
        .password(server.password.as_deref().unwrap_or_default())
        .database(server.database.as_deref().unwrap_or(&server.user))
        .application_name("medallion")
        .extra_float_digits(None)
        .statement_cache_capacity(8)
        .ssl_mode(match server.tls {
            TlsMode::Disable => PgSslMode::Disable,
            TlsMode::Prefer => PgSslMode::Prefer,
            TlsMode::Require => PgSslMode::Require,
            TlsMode::VerifyCa => PgSslMode::VerifyCa,
            TlsMode::VerifyFull => PgSslMode::VerifyFull,
        })
        .disable_statement_logging();
    if let Some(file) = &tls.ca_file {
        options = options.ssl_root_cert(file);
    }
    if let (Some(cert), Some(key)) = (&tls.client_cert_file, &tls.client_key_file) {
        options = options.ssl_client_cert(cert).ssl_client_key(key);
    }
    options
}

/// What the transaction begins with: nothing is written, texts are spelled in one way, and the order of
/// rows of a table is that of the table.
fn beginning(job: &Job, snapshot: Option<&str>) -> String {
    let level = match (snapshot, job.source.isolation, &job.source.parallel_reads) {
        (None, Some(Isolation::ReadCommitted), None) => "ISOLATION LEVEL READ COMMITTED ",
        (None, Some(Isolation::Serializable), _) => "ISOLATION LEVEL SERIALIZABLE ",
        (None, None, None) => "",
        _ => "ISOLATION LEVEL REPEATABLE READ ",
    };
    let mut sql = format!("BEGIN TRANSACTION {level}READ ONLY;");
    if let Some(snapshot) = snapshot {
        sql.push_str(&format!(" SET TRANSACTION SNAPSHOT '{}';", snapshot.replace('\'', "''")));
    }
    sql.push_str(
        " SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, MDY'; SET LOCAL IntervalStyle = 'iso_8601'; \
         SET LOCAL bytea_output = 'hex'; SET LOCAL synchronize_seqscans = off;",
    );
    if matches!(job.source.read, DbRead::Table { .. }) {
        sql.push_str(" SET LOCAL max_parallel_workers_per_gather = 0;");
    }
    if let Some(seconds) = job.request.conduct.deadline_seconds {
        sql.push_str(&format!(" SET LOCAL statement_timeout = '{seconds}s';"));
    }
    sql
}

/// A type in the words of the server; `None` for text, as which everything is bound.
fn type_text(kind: &PgTypeInfo) -> Option<String> {
    match kind.oid().map(|oid| oid.0) {
        Some(25 | 705 | 1043 | 0) => None,
        // The name without length would mean one character.
        Some(1042) => Some("bpchar".to_owned()),
        _ => {
            let name = kind.name();
            let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '[' | ']' | '"'));
            let built_in = matches!(kind.oid(), Some(Oid(oid)) if oid < 16_384);
            Some(if built_in || plain { name.to_lowercase() } else { quoted(name, Driver::Postgres) })
        }
    }
}

impl session::Session for Session {
    type Row = PostgresRow;

    async fn connect(job: &Job, snapshot: Option<&str>) -> Result<Self, ExtractError> {
        let Place::Server(server) = &job.target.place else { return Err(DbError::Gone.into()) };
        let mut connection =
            PgConnection::connect_with(&options(server, job)).await.map_err(|error| not_connected(error, job))?;
        connection
            .execute(sqlx::raw_sql(AssertSqlSafe(beginning(job, snapshot))))
            .await
            .map_err(|error| refused(error, job))?;
        Ok(Self(connection))
    }

    async fn describe(&mut self, job: &Job, statement: Statement) -> Result<Described<Self>, DbError> {
        let sql = statement.rendered(job.driver()).sql;
        let prepared = self.0.prepare(AssertSqlSafe(sql).into_sql_str()).await.map_err(|error| refused(error, job))?;
        let casts: Vec<Option<String>> = match prepared.parameters() {
            Some(Either::Left(kinds)) => kinds.iter().map(type_text).collect(),
            _ => Vec::new(),
        };
        let mut declared = self.declared(job, prepared.columns()).await?.into_iter();
        let (mut columns, mut select, mut types, mut changed) = (Vec::new(), Vec::new(), Vec::new(), false);
        for column in prepared.columns() {
            let kind = column.type_info();
            let oid = kind.oid().map_or(0, |oid| oid.0);
            let name = quoted(column.name(), Driver::Postgres);
            let (native, expression) = arrival(kind, oid, &name);
            changed |= expression.is_some();
            select.push(expression.map_or_else(|| name.clone(), |expression| format!("{expression} AS {name}")));
            let hint = match native {
                Native::Numeric => match declared.next().flatten() {
                    Some((precision, scale)) if oid == 1_700 => Hint::Known(Shape::exact(precision, scale)),
                    _ => Hint::Number,
                },
                native => Hint::Known(shape(native)),
            };
            // Texts are compared as the reader does, byte by byte.
            let collation = if matches!(oid, 25 | 1_043 | 1_042) { " COLLATE \"C\"" } else { "" };
            types.push((type_text(kind), collation));
            columns.push(Column { name: column.name().to_owned(), native, hint });
        }
        let select = changed.then(|| select.join(", "));
        Ok(Described { columns, statement: statement.with_casts(&casts), select, types })
    }

    async fn stream(
        &mut self,
        job: &Job,
        rendered: &Rendered,
        feed: &mut Feed<PostgresRow>,
    ) -> Result<Flow, ExtractError> {
        if rendered.binds.is_empty() {
            let copy = format!("COPY (\n{}\n) TO STDOUT (FORMAT binary)", rendered.sql);
            let stream =
                job.answer(async { self.0.copy_out_raw(&copy).await.map_err(|error| refused(error, job)) }).await?;
            let mut cutter = Cutter::default();
            return feed.take(stream, |message, rows| cutter.cut(message, rows), |error| refused(error, job)).await;
        }
        let stream = bound(rendered).fetch(&mut self.0);
        let keep = |row, rows: &mut Vec<PostgresRow>| {
            rows.push(PostgresRow::Fetched(row));
            Ok(())
        };
        feed.take(stream, keep, |error| refused(error, job)).await
    }

    async fn first(&mut self, job: &Job, rendered: &Rendered) -> Result<Vec<Option<String>>, DbError> {
        let row = bound(rendered).fetch_one(&mut self.0).await.map_err(|error| refused(error, job))?;
        let natives: Vec<Native> = row
            .columns()
            .iter()
            .map(|column| column.type_info().oid().and_then(|oid| Native::of(oid.0)).unwrap_or(Native::Text))
            .collect();
        let mut cells = Vec::new();
        PostgresRow::Fetched(row)
            .visit(&natives, |_, value| cells.push((value != Value::Null).then(|| super::value::spelled(&value))))
            .map_err(|reason| DbError::Lost { reason })?;
        Ok(cells)
    }

    async fn snapshot(&mut self, job: &Job) -> Result<Option<String>, DbError> {
        let row = sqlx::query("SELECT pg_export_snapshot()")
            .fetch_one(&mut self.0)
            .await
            .map_err(|error| refused(error, job))?;
        row.try_get::<String, _>(0).map(Some).map_err(|error| refused(error, job))
    }

    async fn close(mut self) {
        // Only read: nothing depends on whether this is heard.
        let _read_only = self.0.execute("ROLLBACK").await;
        let _closed = self.0.close().await;
    }
}

/// How a column arrives, and what is selected in its place if it cannot arrive as it is.
fn arrival(kind: &PgTypeInfo, oid: u32, name: &str) -> (Native, Option<String>) {
    if let Some(native) = Native::of(oid) {
        return (native, None);
    }
    match kind.kind() {
        // Its label.
        PgTypeKind::Enum(_) => (Native::Text, None),
        PgTypeKind::Array(_) | PgTypeKind::Composite(_) => (Native::Text, Some(format!("to_json({name})::text"))),
        // `money` is spelled as the server's country does; its number is not.
        _ if oid == 790 => (Native::Numeric, Some(format!("{name}::numeric"))),
        _ if oid == 2_249 => (Native::Text, Some(format!("to_json({name})::text"))),
        _ => (Native::Text, Some(format!("{name}::text"))),
    }
}

fn shape(native: Native) -> Shape {
    match native {
        Native::Bool => Shape::Bool,
        Native::Int | Native::Oid => Shape::Int,
        Native::Single => Shape::Single,
        Native::Double => Shape::Float,
        Native::Numeric => Shape::Decimal(38, 0),
        Native::Date => Shape::Day,
        Native::Time => Shape::Time,
        Native::Moment => Shape::Moment,
        Native::Instant => Shape::Instant,
        Native::Uuid | Native::Jsonb | Native::Text => Shape::Text,
        Native::Bytes => Shape::Bytes,
    }
}

impl Session {
    /// For each numeric column: digits and those behind the point that its table declares.
    async fn declared(
        &mut self,
        job: &Job,
        columns: &[sqlx::postgres::PgColumn],
    ) -> Result<Vec<Option<(u32, i32)>>, DbError> {
        let mut declared = Vec::new();
        for column in columns {
            // `money` is one of them after it was changed.
            if !matches!(column.type_info().oid(), Some(Oid(1_700 | 790))) {
                continue;
            }
            let (Some(table), Some(number)) = (column.relation_id(), column.relation_attribute_no()) else {
                declared.push(None);
                continue;
            };
            let row = sqlx::query(
                "SELECT CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END \
                 FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
                 WHERE a.attrelid = $1 AND a.attnum = $2",
            )
            .bind(table)
            .bind(number)
            .fetch_optional(&mut self.0)
            .await
            .map_err(|error| refused(error, job))?;
            declared.push(row.and_then(|row| row.try_get::<i32, _>(0).ok()).and_then(decode::modifier));
        }
        Ok(declared)
    }
}

fn bound(rendered: &Rendered) -> sqlx::query::Query<'_, Postgres, <Postgres as sqlx::Database>::Arguments> {
    let sql: Arc<str> = rendered.sql.as_str().into();
    rendered.binds.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, bind| match bind {
        Bound::Text(text) => query.bind(text.reveal().to_owned()),
        Bound::Int(number) => query.bind(number.to_string()),
        Bound::Float(number) => query.bind(format!("{number:?}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_cut_into_rows_wherever_it_was_cut_before() {
        let mut whole = SIGNATURE.to_vec();
        whole.extend([0; 8]);
        for number in [1_i16, -7] {
            whole.extend([0, 2, 0, 0, 0, 2]);
            whole.extend(number.to_be_bytes());
            whole.extend((-1_i32).to_be_bytes());
        }
        whole.extend((-1_i16).to_be_bytes());
        for step in [1, 3, 7, 20, 1_000] {
            let (mut cutter, mut rows) = (Cutter::default(), Vec::new());
            for piece in whole.chunks(step) {
                cutter.cut(Bytes::copy_from_slice(piece), &mut rows).unwrap();
            }
            let mut seen = Vec::new();
            for row in &rows {
                row.visit(&[Native::Int, Native::Text], |column, value| {
                    seen.push(format!("{column}:{}", super::super::value::spelled(&value)));
                })
                .unwrap();
            }
            assert_eq!(seen, ["0:1", "1:", "0:-7", "1:"], "in pieces of {step}");
        }
        let mut rows = Vec::new();
        assert!(Cutter::default().cut(Bytes::from_static(b"nothing like it at all"), &mut rows).is_err());
        let short = PostgresRow::Copied(Bytes::from_static(&[0, 1, 0, 0, 0, 9, 1]));
        assert!(short.visit(&[Native::Int], |_, _| {}).is_err());
        assert!(short.visit(&[], |_, _| {}).is_err());
    }
}
