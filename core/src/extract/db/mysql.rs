//! MySQL and MariaDB, over prepared statements: values come in the binary form, which loses nothing.

use std::sync::Arc;

use sqlx::ColumnOrigin;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlRow, MySqlSslMode, MySqlTypeInfo};
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions, Connection, Decode, Executor, MySql, Row as _, SqlSafeStr,
    Statement as _, Type, TypeInfo, ValueRef,
};

use super::Job;
use super::address::{Place, Server};
use super::error::DbError;
use super::feed::{Column, Feed, Flow, Hint, Row};
use super::session::{self, Described};
use super::statement::{Bound, Rendered, Statement};
use super::value::{DAY, Shape, Value, civil, days_of, number, spelled};
use crate::config::settings::{Isolation, TlsMode};
use crate::extract::ExtractError;

pub(super) struct Session(MySqlConnection);

/// How a column arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Native {
    Bool,
    Signed,
    Unsigned,
    Single,
    Double,
    Decimal,
    Date,
    Moment,
    Instant,
    Time,
    Bits,
    Text,
    Bytes,
    Null,
}

impl Native {
    fn of(kind: &MySqlTypeInfo) -> Self {
        let unsigned = <u64 as Type<MySql>>::compatible(kind);
        match kind.name() {
            "BOOLEAN" => Self::Bool,
            "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" => Self::Signed,
            "YEAR" => Self::Unsigned,
            name if name.ends_with("UNSIGNED") && unsigned => Self::Unsigned,
            "FLOAT" => Self::Single,
            "DOUBLE" => Self::Double,
            "DECIMAL" => Self::Decimal,
            "DATE" => Self::Date,
            "DATETIME" => Self::Moment,
            "TIMESTAMP" => Self::Instant,
            "TIME" => Self::Time,
            "BIT" => Self::Bits,
            "NULL" => Self::Null,
            "JSON" | "ENUM" | "SET" => Self::Text,
            // Whether bytes are text is told by the character set, not by the name.
            _ if <str as Type<MySql>>::compatible(kind) => Self::Text,
            _ => Self::Bytes,
        }
    }

    fn hint(self, name: &str) -> Hint {
        Hint::Known(match self {
            Self::Bool => Shape::Bool,
            // 2^64 - 1 is beyond the integers.
            Self::Unsigned if name == "BIGINT UNSIGNED" => Shape::Decimal(20, 0),
            Self::Signed | Self::Unsigned | Self::Bits => Shape::Int,
            Self::Single => Shape::Single,
            Self::Double => Shape::Float,
            Self::Decimal => return Hint::Number,
            Self::Date => Shape::Day,
            Self::Moment => Shape::Moment,
            Self::Instant => Shape::Instant,
            Self::Time => Shape::Time,
            Self::Text => Shape::Text,
            Self::Bytes => Shape::Bytes,
            Self::Null => return Hint::Any(None),
        })
    }

    /// What the bytes of a value say.
    fn value(self, bytes: &[u8]) -> Value<'_> {
        let value = match self {
            Self::Bool | Self::Signed => signed(bytes).map(Value::Int),
            Self::Unsigned => Some(Value::Unsigned(little_endian(bytes))),
            Self::Bits => {
                let number = bytes.iter().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
                Some(Value::Unsigned(number))
            }
            Self::Single => bytes.try_into().ok().map(|bytes| Value::Single(f32::from_le_bytes(bytes))),
            Self::Double => bytes.try_into().ok().map(|bytes| Value::Float(f64::from_le_bytes(bytes))),
            Self::Decimal => std::str::from_utf8(bytes).ok().map(number),
            Self::Date => {
                moment(bytes, |days, _| i32::try_from(days).map_or_else(|_| Value::Odd(days.to_string()), Value::Day))
            }
            Self::Moment => moment(bytes, |days, time| Value::Moment(days * DAY + time)),
            Self::Instant => moment(bytes, |days, time| Value::Instant(days * DAY + time)),
            Self::Time => time(bytes),
            Self::Text => match std::str::from_utf8(bytes) {
                Ok(text) => Some(Value::Text(text.into())),
                Err(_) => Some(Value::Broken("text that is not UTF-8".to_owned())),
            },
            Self::Bytes => Some(Value::Bytes(bytes)),
            Self::Null => Some(Value::Null),
        };
        value.unwrap_or_else(|| Value::Broken(format!("{} bytes that are no value of its type", bytes.len())))
    }
}

fn little_endian(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

fn signed(bytes: &[u8]) -> Option<i64> {
    Some(match bytes.len() {
        1 => i64::from(i8::from_le_bytes(bytes.try_into().ok()?)),
        2 => i64::from(i16::from_le_bytes(bytes.try_into().ok()?)),
        4 => i64::from(i32::from_le_bytes(bytes.try_into().ok()?)),
        8 => i64::from_le_bytes(bytes.try_into().ok()?),
        _ => return None,
    })
}

/// Length, year, month, day, hour, minute, second, microseconds; parts that are zero may be left out.
fn moment(bytes: &[u8], of: impl Fn(i64, i64) -> Value<'static>) -> Option<Value<'_>> {
    let (length, rest) = bytes.split_first()?;
    if usize::from(*length) != rest.len() {
        return None;
    }
    let part =
        |from: usize, to: usize| rest.get(from..to).map_or(0, |bytes| i64::try_from(little_endian(bytes)).unwrap_or(0));
    let (year, month, day) = (part(0, 2), part(2, 3), part(3, 4));
    let (hour, minute, second, micros) = (part(4, 5), part(5, 6), part(6, 7), part(7, 11));
    let days = days_of(year, month.max(1), day.max(1));
    let real = year > 0 && civil(days) == (year, u8::try_from(month).ok()?, u8::try_from(day).ok()?);
    if real {
        return Some(of(days, ((hour * 60 + minute) * 60 + second) * 1_000_000 + micros));
    }
    // Zero dates, and days that do not exist: spelled as the server does.
    let mut text = format!("{year:04}-{month:02}-{day:02}");
    if !matches!(of(0, 0), Value::Day(_)) {
        text.push_str(&format!(" {hour:02}:{minute:02}:{second:02}"));
        if micros != 0 {
            text.push_str(&format!(".{micros:06}"));
        }
    }
    Some(Value::Odd(text))
}

/// Length, sign, days, hour, minute, second, microseconds: -838:59:59 to 838:59:59.
fn time(bytes: &[u8]) -> Option<Value<'_>> {
    let (length, rest) = bytes.split_first()?;
    if usize::from(*length) != rest.len() {
        return None;
    }
    let part =
        |from: usize, to: usize| rest.get(from..to).map_or(0, |bytes| i64::try_from(little_endian(bytes)).unwrap_or(0));
    let negative = part(0, 1) == 1;
    let hours = part(1, 5) * 24 + part(5, 6);
    let (minute, second, micros) = (part(6, 7), part(7, 8), part(8, 12));
    let total = ((hours * 60 + minute) * 60 + second) * 1_000_000 + micros;
    if !negative && total < DAY {
        return Some(Value::Time(total));
    }
    let sign = if negative { "-" } else { "" };
    let fraction = if micros == 0 { String::new() } else { format!(".{micros:06}") };
    Some(Value::Odd(format!("{sign}{hours:02}:{minute:02}:{second:02}{fraction}")))
}

impl Row for MySqlRow {
    type Native = Native;

    fn visit(&self, natives: &[Native], mut see: impl FnMut(usize, Value<'_>)) -> Result<(), String> {
        if self.columns().len() != natives.len() {
            return Err("a row has another number of columns than the result".to_owned());
        }
        for (column, native) in natives.iter().enumerate() {
            let value = self.try_get_raw(column).map_err(|error| error.to_string())?;
            // The client takes zero dates for nothing; whether there is something is seen by the bytes.
            let dated = matches!(native, Native::Date | Native::Moment | Native::Instant);
            if !dated && value.is_null() {
                see(column, Value::Null);
                continue;
            }
            match <&[u8] as Decode<MySql>>::decode(value) {
                Ok(bytes) => see(column, native.value(bytes)),
                Err(_) => see(column, Value::Null),
            }
        }
        Ok(())
    }

    fn size(&self) -> usize {
        (0..self.columns().len())
            .filter_map(|column| self.try_get_raw(column).ok())
            .filter(|value| !value.is_null())
            .filter_map(|value| <&[u8] as Decode<MySql>>::decode(value).ok())
            .map(<[u8]>::len)
            .sum()
    }
}

fn refused(error: sqlx::Error, job: &Job) -> DbError {
    match &error {
        sqlx::Error::Database(said) => {
            let state = said.code().map(std::borrow::Cow::into_owned);
            DbError::Refused { reason: job.redacted(said.message()), state }
        }
        other => DbError::Lost { reason: job.redacted(&other.to_string()) },
    }
}

fn not_connected(error: sqlx::Error, job: &Job) -> DbError {
    let place = job.target.shown.clone();
    match &error {
        // "Too many connections"
        sqlx::Error::Database(said) if said.message().contains("oo many connections") => {
            DbError::Unreachable { place, reason: job.redacted(said.message()) }
        }
        sqlx::Error::Database(said) => DbError::Login { place, reason: job.redacted(said.message()) },
        sqlx::Error::Tls(reason) | sqlx::Error::Configuration(reason) => {
            DbError::Tls { place, reason: job.redacted(&reason.to_string()) }
        }
        other => DbError::Unreachable { place, reason: job.redacted(&other.to_string()) },
    }
}

fn options(server: &Server, job: &Job) -> MySqlConnectOptions {
    let tls = &job.source.tls;
    let mut options = MySqlConnectOptions::new()
        .host(&server.host)
        .port(server.port)
        .username(&server.user)
        .ssl_mode(match server.tls {
            TlsMode::Disable => MySqlSslMode::Disabled,
            TlsMode::Prefer => MySqlSslMode::Preferred,
            TlsMode::Require => MySqlSslMode::Required,
            TlsMode::VerifyCa => MySqlSslMode::VerifyCa,
            TlsMode::VerifyFull => MySqlSslMode::VerifyIdentity,
        })
        // What the query means is for the server's own settings to say.
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .statement_cache_capacity(8)
        .disable_statement_logging();
    if let Some(password) = &server.password {
        options = options.password(password);
    }
    if let Some(database) = &server.database {
        options = options.database(database);
    }
    if let Some(file) = &tls.ca_file {
        options = options.ssl_ca(file);
    }
    if let (Some(cert), Some(key)) = (&tls.client_cert_file, &tls.client_key_file) {
        options = options.ssl_client_cert(cert).ssl_client_key(key);
    }
    options
}

impl session::Session for Session {
    type Row = MySqlRow;

    async fn connect(job: &Job, _: Option<&str>) -> Result<Self, ExtractError> {
        let Place::Server(server) = &job.target.place else { return Err(DbError::Gone.into()) };
        let mut connection =
            MySqlConnection::connect_with(&options(server, job)).await.map_err(|error| not_connected(error, job))?;
        // A reader that is busy writing files must not be taken for a dead one. Servers know one of the
        // two names for the limit of a statement; the other one is refused, and that is no harm.
        let mut wishes = vec!["SET SESSION net_write_timeout = 3600".to_owned()];
        if let Some(seconds) = job.request.conduct.deadline_seconds {
            wishes.push(format!("SET SESSION max_execution_time = {}", seconds.saturating_mul(1_000)));
            wishes.push(format!("SET SESSION max_statement_time = {seconds}"));
        }
        for wish in wishes {
            let _refused_is_fine = connection.execute(sqlx::raw_sql(AssertSqlSafe(wish))).await;
        }
        if let Some(isolation) = job.source.isolation {
            let level = match isolation {
                Isolation::ReadCommitted => "READ COMMITTED",
                Isolation::RepeatableRead | Isolation::Snapshot => "REPEATABLE READ",
                Isolation::Serializable => "SERIALIZABLE",
            };
            let set = format!("SET SESSION TRANSACTION ISOLATION LEVEL {level}");
            connection.execute(sqlx::raw_sql(AssertSqlSafe(set))).await.map_err(|error| refused(error, job))?;
        }
        connection.execute(sqlx::raw_sql("START TRANSACTION READ ONLY")).await.map_err(|error| refused(error, job))?;
        Ok(Self(connection))
    }

    async fn describe(&mut self, job: &Job, statement: Statement) -> Result<Described<Self>, DbError> {
        let sql = statement.rendered(job.driver()).sql;
        let prepared = self.0.prepare(AssertSqlSafe(sql).into_sql_str()).await.map_err(|error| refused(error, job))?;
        let mut columns = Vec::new();
        for column in prepared.columns() {
            let native = Native::of(column.type_info());
            let mut hint = native.hint(column.type_info().name());
            if let (Native::Decimal, ColumnOrigin::Table(table)) = (native, column.origin()) {
                hint = self.declared(&table.table, &table.name).await.map_or(hint, Hint::Known);
            }
            columns.push(Column { name: column.name().to_owned(), native, hint });
        }
        let types = columns
            .iter()
            .map(|column| (None, if column.native == Native::Text { " COLLATE utf8mb4_bin" } else { "" }));
        let types = types.collect();
        Ok(Described { columns, statement, select: None, types })
    }

    async fn stream(
        &mut self,
        job: &Job,
        rendered: &Rendered,
        feed: &mut Feed<MySqlRow>,
    ) -> Result<Flow, ExtractError> {
        let stream = bound(rendered).fetch(&mut self.0);
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
        let natives: Vec<Native> = row.columns().iter().map(|column| Native::of(column.type_info())).collect();
        let mut cells = Vec::new();
        row.visit(&natives, |_, value| cells.push((value != Value::Null).then(|| spelled(&value))))
            .map_err(|reason| DbError::Lost { reason })?;
        Ok(cells)
    }

    async fn snapshot(&mut self, _: &Job) -> Result<Option<String>, DbError> {
        Ok(None)
    }

    async fn close(mut self) {
        // Only read: nothing depends on whether this is heard.
        let _read_only = self.0.execute(sqlx::raw_sql("ROLLBACK")).await;
        let _closed = self.0.close().await;
    }
}

impl Session {
    /// The type that a table declares for a decimal; a sample decides where that cannot be known.
    async fn declared(&mut self, table: &str, column: &str) -> Option<Shape> {
        let (schema, table) = table.split_once('.')?;
        let row = sqlx::query(
            "SELECT CAST(numeric_precision AS CHAR), CAST(numeric_scale AS CHAR) FROM information_schema.columns \
             WHERE table_schema = ? AND table_name = ? AND column_name = ? AND data_type = 'decimal'",
        )
        .bind(schema.to_owned())
        .bind(table.to_owned())
        .bind(column.to_owned())
        .fetch_optional(&mut self.0)
        .await
        .ok()??;
        let number = |at: usize| row.try_get_unchecked::<String, _>(at).ok()?.parse::<u32>().ok();
        Some(Shape::exact(number(0)?, i32::try_from(number(1)?).ok()?))
    }
}

fn bound(rendered: &Rendered) -> sqlx::query::Query<'_, MySql, <MySql as sqlx::Database>::Arguments> {
    let sql: Arc<str> = rendered.sql.as_str().into();
    rendered.binds.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, bind| match bind {
        Bound::Text(text) => query.bind(text.reveal().to_owned()),
        Bound::Int(number) => query.bind(*number),
        Bound::Float(number) => query.bind(*number),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_from_their_bytes() {
        let text = |native: Native, bytes: &[u8]| match native.value(bytes) {
            Value::Odd(text) => format!("odd {text}"),
            Value::Broken(reason) => format!("broken: {reason}"),
            value => spelled(&value),
        };
        assert_eq!(text(Native::Signed, &[0xff]), "-1");
        assert_eq!(text(Native::Unsigned, &[0xff; 8]), "18446744073709551615");
        assert_eq!(text(Native::Bits, &[0x01, 0x00]), "256");
        assert_eq!(text(Native::Single, &0.1_f32.to_le_bytes()), "0.1");
        assert_eq!(text(Native::Decimal, b"-0.50"), "-0.50");
        assert_eq!(text(Native::Date, &[4, 0xe8, 0x07, 2, 29]), "2024-02-29");
        assert_eq!(text(Native::Date, &[4, 0xe7, 0x07, 2, 29]), "odd 2023-02-29");
        assert_eq!(text(Native::Date, &[0]), "odd 0000-00-00");
        assert_eq!(text(Native::Moment, &[0]), "odd 0000-00-00 00:00:00");
        assert_eq!(text(Native::Moment, &[7, 0xe8, 0x07, 0, 0, 1, 2, 3]), "odd 2024-00-00 01:02:03");
        assert_eq!(text(Native::Instant, &[11, 0xe8, 0x07, 2, 29, 1, 2, 3, 1, 0, 0, 0]), "2024-02-29T01:02:03.000001Z");
        assert_eq!(text(Native::Time, &[0]), "00:00:00");
        assert_eq!(text(Native::Time, &[8, 0, 0, 0, 0, 0, 23, 59, 59]), "23:59:59");
        assert_eq!(text(Native::Time, &[8, 1, 34, 0, 0, 0, 22, 59, 59]), "odd -838:59:59");
        assert_eq!(text(Native::Text, &[0xff]), "broken: text that is not UTF-8");
        assert_eq!(text(Native::Signed, &[1, 2, 3]), "broken: 3 bytes that are no value of its type");
        assert_eq!(text(Native::Date, &[4, 1]), "broken: 2 bytes that are no value of its type");
    }
}
