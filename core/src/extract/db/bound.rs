//! From where an incremental extract asks: the cursor, less the lag, as a value that the database
//! compares by its type.

use chrono::{Duration, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;

use super::error::DbError;
use super::statement::{Bind, Bound};
use super::value::{self, Shape, Value, moment_text};
use crate::batch::parse::{self, Grammar};
use crate::batch::type_name;
use crate::batch::zone::{read_instant, read_wall_clock};
use crate::config::settings::Driver;

/// The column that a cursor is compared with.
#[derive(Clone, Debug)]
pub(super) struct Comparison<'a> {
    pub(super) column: &'a str,
    /// `None`: the database decides for each value.
    pub(super) shape: Option<Shape>,
    /// Its type in the words of the database, where bound texts are read as it.
    pub(super) cast: Option<String>,
    pub(super) driver: Driver,
    /// Wall-clock times stand for instants in it.
    pub(super) zone: Tz,
}

impl Comparison<'_> {
    /// A value to be bound.
    ///
    /// # Errors
    ///
    /// When it is none of the type of the column.
    pub(super) fn bind(&self, text: &str) -> Result<Bind, DbError> {
        let none = || DbError::Cursor {
            column: self.column.to_owned(),
            value: text.to_owned(),
            type_name: self.shape.map_or_else(|| "value".to_owned(), |shape| type_name(&shape.data_type())),
        };
        let bytes = text.trim().as_bytes();
        let typed = self.driver != Driver::Postgres;
        let mut cast = self.cast.clone();
        let value = match self.shape {
            Some(Shape::Int) => {
                let number = parse::integer(bytes, Grammar::Declared).ok_or_else(none)?;
                if typed { Bound::Int(number) } else { Bound::text(number.to_string()) }
            }
            Some(Shape::Single | Shape::Float) => {
                let number = parse::float(bytes, Grammar::Declared).ok_or_else(none)?;
                if typed { Bound::Float(number) } else { Bound::text(format!("{number:?}")) }
            }
            Some(Shape::Decimal(..) | Shape::Wide(..)) => {
                if !matches!(value::number(text.trim()), Value::Decimal(..) | Value::Number(_)) {
                    return Err(none());
                }
                // A text would be compared as a float.
                cast = cast.or_else(|| (self.driver == Driver::Mysql).then(|| "DECIMAL(65,30)".to_owned()));
                Bound::text(text.trim())
            }
            Some(Shape::Day) => {
                let day = parse::date(bytes, Grammar::Declared)
                    .or_else(|| parse::date(bytes.get(..10)?, Grammar::Declared))
                    .ok_or_else(none)?;
                Bound::text(value::day_text(i64::from(day)))
            }
            Some(Shape::Moment) => Bound::text(self.moment(read_wall_clock(bytes, self.zone).ok_or_else(none)?, "")),
            Some(Shape::Instant) => Bound::text(self.moment(read_instant(bytes, self.zone).ok_or_else(none)?, "Z")),
            // Each value of SQLite has a type of its own: numbers are compared with numbers.
            None if self.driver == Driver::Sqlite => match parse::integer(bytes, Grammar::Inferred) {
                Some(number) => Bound::Int(number),
                None => match parse::float(bytes, Grammar::Inferred) {
                    Some(number) => Bound::Float(number),
                    None => Bound::text(text),
                },
            },
            Some(Shape::Text | Shape::Bool | Shape::Time | Shape::Bytes) | None => Bound::text(text),
        };
        Ok(Bind { value, cast, secret: false })
    }

    fn moment(&self, micros: i64, zone: &str) -> String {
        match self.driver {
            // The session is in UTC, and these two read no `Z`.
            Driver::Mysql | Driver::SqlServer => moment_text(micros).replacen('T', " ", 1),
            Driver::Postgres | Driver::Sqlite => moment_text(micros) + zone,
        }
    }
}

/// A cursor moved back by `lag`: seconds of times, days of dates, units of numbers. A part of a day or of
/// a whole number counts as a whole one. `None`: it is nothing that can be moved.
pub(super) fn lowered(text: &str, type_name: &str, lag: f64) -> Option<String> {
    if lag <= 0.0 {
        return Some(text.to_owned());
    }
    let micros = Duration::from_std(std::time::Duration::try_from_secs_f64(lag).ok()?).ok()?;
    // `{:.0}` of a whole number is that number, without a cast that may cut.
    let whole = format!("{:.0}", lag.ceil()).parse::<i64>().ok()?;
    match type_name.split(['(', ' ']).next().unwrap_or_default() {
        "integer" => Some(text.trim().parse::<i128>().ok()?.checked_sub(i128::from(whole))?.to_string()),
        "float" | "decimal" => Some(format!("{}", text.trim().parse::<f64>().ok()? - lag)),
        "date" => {
            let day: NaiveDate = text.trim().get(..10)?.parse().ok()?;
            Some(day.checked_sub_signed(Duration::try_days(whole)?)?.to_string())
        }
        // Also texts that are times, as SQLite keeps them: they stay in their own form.
        _ => {
            let text = text.trim();
            let (body, zone) = match text.strip_suffix('Z') {
                Some(body) => (body, "Z"),
                None => (text, ""),
            };
            let separator = if body.contains('T') { "T" } else { " " };
            let fraction = body.split_once('.').map_or(0, |(_, fraction)| fraction.len());
            let moment: NaiveDateTime = body.replacen(' ', "T", 1).parse().ok()?;
            let moment = moment.checked_sub_signed(micros)?;
            let seconds = moment.format(&format!("%Y-%m-%d{separator}%H:%M:%S")).to_string();
            let nanos = format!("{:09}", moment.and_utc().timestamp_subsec_nanos());
            let digits = if fraction == 0 && !nanos.starts_with("000") { 3 } else { fraction.min(9) };
            let behind = if digits == 0 { String::new() } else { format!(".{}", &nanos[..digits]) };
            Some(format!("{seconds}{behind}{zone}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_moved_back() {
        for (text, type_name, lag, expected) in [
            ("10", "integer", 3.0, Some("7")),
            ("10", "integer", 0.5, Some("9")),
            ("10", "integer", 0.0, Some("10")),
            ("1.5", "decimal(10,2)", 1.0, Some("0.5")),
            ("2025-03-01", "date", 1.0, Some("2025-02-28")),
            ("2025-03-01T00:00:00Z", "timestamptz", 1.0, Some("2025-02-28T23:59:59Z")),
            ("2025-03-01T00:00:00.000500", "timestamp", 3_600.0, Some("2025-02-28T23:00:00.000500")),
            ("2025-03-01 00:00:00", "text", 60.0, Some("2025-02-28 23:59:00")),
            ("abc", "text", 60.0, None),
            ("x", "integer", 1.0, None),
        ] {
            assert_eq!(lowered(text, type_name, lag).as_deref(), expected, "{text} {type_name} {lag}");
        }
    }

    #[test]
    fn a_bound_has_the_type_of_the_column() {
        let bound = |text: &str, shape: Option<Shape>, driver| {
            let of = Comparison { column: "c", shape, cast: None, driver, zone: Tz::Europe__Berlin };
            match of.bind(text).map(|bind| (bind.value, bind.cast)) {
                Ok((Bound::Text(text), cast)) => format!("'{}'{}", text.reveal(), cast.unwrap_or_default()),
                Ok((Bound::Int(number), _)) => number.to_string(),
                Ok((Bound::Float(number), _)) => format!("{number:?}"),
                Err(error) => format!("! {error}"),
            }
        };
        assert_eq!(bound("7", Some(Shape::Int), Driver::Mysql), "7");
        assert_eq!(bound("7", Some(Shape::Int), Driver::Postgres), "'7'");
        assert!(bound("seven", Some(Shape::Int), Driver::Postgres).contains("is no integer"));
        assert_eq!(bound("1.50", Some(Shape::Decimal(10, 2)), Driver::Mysql), "'1.50'DECIMAL(65,30)");
        assert_eq!(bound("2025-07-01", Some(Shape::Instant), Driver::Postgres), "'2025-06-30T22:00:00Z'");
        assert_eq!(bound("2025-07-01T00:00:00Z", Some(Shape::Instant), Driver::Mysql), "'2025-07-01 00:00:00'");
        assert_eq!(bound("2025-07-01T10:00:00", Some(Shape::Day), Driver::Postgres), "'2025-07-01'");
        assert_eq!(bound("10", None, Driver::Sqlite), "10");
        assert_eq!(bound("2025-07-01", None, Driver::Sqlite), "'2025-07-01'");
        assert_eq!(bound("10", Some(Shape::Text), Driver::Sqlite), "'10'");
    }
}
