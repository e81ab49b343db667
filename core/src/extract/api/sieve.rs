//! What of the records of an incremental extract is new, and how far it has come. Pure.
//!
//! Servers are asked for what comes after the cursor, but are not trusted to know the parameter.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::answer::keys;
use super::error::ApiError;
use super::page::Stretch;
use crate::batch::Cursor;
use crate::batch::cursor::compare;
use crate::config::settings::{DeclaredType, Incremental, NullCursor};
use crate::extract::records::json;
use crate::figures::hex;

/// Records that were left out, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LeftOut {
    /// From before the cursor.
    pub(super) before: u64,
    /// From the end on.
    pub(super) after: u64,
    /// Landed by an earlier extract.
    pub(super) known: u64,
    /// Without a cursor.
    pub(super) without: u64,
}

impl LeftOut {
    pub(super) fn add(&mut self, other: Self) {
        self.before += other.before;
        self.after += other.after;
        self.known += other.known;
        self.without += other.without;
    }
}

/// Lets new records through.
#[derive(Clone, Debug)]
pub(super) struct Sieve {
    spec: Incremental,
    field: Vec<String>,
    keys: Vec<Vec<String>>,
    /// By which cursors are compared; found with the first one, unless it is known before.
    type_name: Option<String>,
    since: Option<Cursor>,
    /// Digests of records at the cursor that are landed.
    landed: HashSet<String>,
    /// Nothing before this.
    lower: Option<String>,
}

impl Sieve {
    /// For what comes after `since`, or after the initial value.
    pub(super) fn new(spec: &Incremental, since: Option<&Cursor>) -> Result<Self, ApiError> {
        let declared = spec.cursor_type.map(|declared| declared_name(declared).to_owned());
        let type_name = declared.or_else(|| since.map(|since| since.type_name.clone()));
        let lower = match since {
            Some(since) => {
                let type_name = type_name.clone().unwrap_or_else(|| since.type_name.clone());
                Some(earlier(&since.value, &type_name, spec.lag)?)
            }
            None => spec.initial_value.clone(),
        };
        Ok(Self {
            field: keys(&spec.cursor),
            keys: spec.boundary_keys.iter().map(|key| keys(key)).collect(),
            type_name,
            landed: since.into_iter().flat_map(|since| since.boundary.iter().cloned()).collect(),
            since: since.cloned(),
            lower,
            spec: spec.clone(),
        })
    }

    /// Cursors are compared by this, unless that is known already.
    pub(super) fn goes_by(&mut self, type_name: &str) {
        self.type_name.get_or_insert_with(|| type_name.to_owned());
    }

    /// The path to the cursor in a record.
    pub(super) fn field(&self) -> &[String] {
        &self.field
    }

    /// Parameters that ask for what is new: names and values.
    pub(super) fn bounds(&self, began: DateTime<Utc>, windows: bool) -> Vec<(String, String)> {
        let mut bounds = Vec::new();
        if windows {
            return bounds;
        }
        if let (Some(param), Some(lower)) = (&self.spec.param, &self.lower) {
            bounds.push((param.clone(), lower.clone()));
        }
        if let Some(param) = &self.spec.end_param {
            bounds.push((param.clone(), self.spec.end_value.clone().unwrap_or_else(|| self.now(began))));
        }
        bounds
    }

    /// The time that is cut into windows; `start` is that of the windows themselves.
    pub(super) fn stretch(&self, start: Option<&str>, began: DateTime<Utc>) -> Result<Stretch, ApiError> {
        let lower = self.lower.as_deref().or(start);
        let end = self.spec.end_value.as_deref().map(time).transpose()?.unwrap_or(began);
        Ok(Stretch { start: lower.map(time).transpose()?.unwrap_or(began), end })
    }

    fn now(&self, began: DateTime<Utc>) -> String {
        match self.type_name.as_deref() {
            Some("date") => began.format("%Y-%m-%d").to_string(),
            Some("integer" | "decimal" | "float") => began.timestamp().to_string(),
            _ => began.to_rfc3339_opts(SecondsFormat::Secs, true),
        }
    }

    /// The records that are new, what was left out, and how far they come.
    pub(super) fn sift(&mut self, records: Vec<String>) -> Result<(Vec<String>, LeftOut, Option<Cursor>), ApiError> {
        let (mut kept, mut left_out) = (Vec::with_capacity(records.len()), LeftOut::default());
        let (mut greatest, mut at_greatest): (Option<String>, Vec<usize>) = (None, Vec::new());
        for record in records {
            let raw = json::at(record.as_bytes(), &self.field);
            let Some(value) = raw.and_then(json::plain).filter(|value| !value.is_empty()) else {
                match self.spec.null_cursor {
                    NullCursor::Include => kept.push(record),
                    NullCursor::Exclude => left_out.without += 1,
                    NullCursor::Fail => return Err(ApiError::NullCursor { field: self.spec.cursor.clone() }),
                }
                continue;
            };
            let type_name = self.type_name.get_or_insert_with(|| infer(raw.unwrap_or_default())).clone();
            let against = |bound: &str| compare(&type_name, &value, bound);
            if self.lower.as_deref().is_some_and(|lower| against(lower) == Some(Ordering::Less)) {
                left_out.before += 1;
                continue;
            }
            if self.spec.end_value.as_deref().is_some_and(|end| against(end).is_some_and(Ordering::is_ge)) {
                left_out.after += 1;
                continue;
            }
            if self.since.as_ref().is_some_and(|since| against(&since.value) == Some(Ordering::Equal))
                && (!self.spec.closed || self.landed.contains(&self.mark(&record)))
            {
                left_out.known += 1;
                continue;
            }
            match greatest.as_deref().map_or(Some(Ordering::Greater), against) {
                Some(Ordering::Greater) => {
                    greatest = Some(value);
                    at_greatest = vec![kept.len()];
                }
                Some(Ordering::Equal) => at_greatest.push(kept.len()),
                _ => {}
            }
            kept.push(record);
        }
        let cursor = greatest.map(|value| Cursor {
            field: self.spec.cursor.clone(),
            value,
            type_name: self.type_name.clone().unwrap_or_default(),
            boundary: if self.spec.closed {
                let marks = at_greatest.iter().take(Cursor::BOUNDARY).map(|at| self.mark(&kept[*at]));
                marks.collect::<BTreeSet<_>>().into_iter().collect()
            } else {
                Vec::new()
            },
        });
        Ok((kept, left_out, cursor))
    }

    /// What tells a record at the cursor from others there.
    fn mark(&self, record: &str) -> String {
        let mut hasher = Sha256::new();
        if self.keys.is_empty() {
            hasher.update(record.as_bytes());
        }
        for key in &self.keys {
            hasher.update(json::at(record.as_bytes(), key).unwrap_or(b"null"));
            hasher.update([0]);
        }
        hex(&hasher.finalize()[..8])
    }
}

/// As people write it.
const fn declared_name(declared: DeclaredType) -> &'static str {
    match declared {
        DeclaredType::Text => "text",
        DeclaredType::Integer => "integer",
        DeclaredType::Float => "float",
        DeclaredType::Decimal { .. } => "decimal",
        DeclaredType::Boolean => "boolean",
        DeclaredType::Date => "date",
        DeclaredType::Timestamp => "timestamp",
        DeclaredType::Timestamptz => "timestamptz",
    }
}

/// By what a value is compared, by its look.
fn infer(value: &[u8]) -> String {
    let text = json::plain(value).unwrap_or_default();
    let digits = |text: &str| !text.is_empty() && text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
    let quoted = value.first() == Some(&b'"');
    let name = if digits(text.strip_prefix('-').unwrap_or(&text)) {
        "integer"
    } else if !quoted {
        if text.contains(['e', 'E']) { "float" } else { "decimal" }
    } else if text.len() == 10 && text.parse::<NaiveDate>().is_ok() {
        "date"
    } else if DateTime::parse_from_rfc3339(&text.replacen(' ', "T", 1)).is_ok() {
        "timestamptz"
    } else if text.replacen(' ', "T", 1).parse::<NaiveDateTime>().is_ok() {
        "timestamp"
    } else {
        "text"
    };
    name.to_owned()
}

/// A value that is `lag` earlier: seconds, days or units.
fn earlier(value: &str, type_name: &str, lag: f64) -> Result<String, ApiError> {
    if lag == 0.0 {
        return Ok(value.to_owned());
    }
    let odd = || ApiError::OddCursor { value: value.to_owned(), type_name: type_name.to_owned() };
    #[expect(clippy::cast_possible_truncation, reason = "a lag is not longer than the life of the universe")]
    let span = TimeDelta::try_milliseconds((lag * 1_000.0) as i64).ok_or_else(odd)?;
    let joint = value.replacen(' ', "T", 1);
    let base = type_name.split(['(', ' ']).next().unwrap_or_default();
    Ok(match base {
        "timestamptz" => {
            let time = DateTime::parse_from_rfc3339(&joint).map_err(|_| odd())?;
            let earlier = time.checked_sub_signed(span).ok_or_else(odd)?;
            earlier.to_rfc3339_opts(SecondsFormat::AutoSi, value.ends_with('Z'))
        }
        "timestamp" => {
            let time: NaiveDateTime = joint.parse().map_err(|_| odd())?;
            let format = if joint == value { "%Y-%m-%dT%H:%M:%S%.f" } else { "%Y-%m-%d %H:%M:%S%.f" };
            time.checked_sub_signed(span).ok_or_else(odd)?.format(format).to_string()
        }
        "date" => {
            let day: NaiveDate = value.get(..10).unwrap_or(value).parse().map_err(|_| odd())?;
            #[expect(clippy::cast_possible_truncation, reason = "days of a lag are few")]
            let days = TimeDelta::try_days(lag.ceil() as i64).ok_or_else(odd)?;
            let day = day.checked_sub_signed(days).ok_or_else(odd)?;
            day.to_string()
        }
        "integer" => {
            #[expect(clippy::cast_possible_truncation, reason = "units of a lag are few")]
            let units = lag.ceil() as i128;
            (value.trim().parse::<i128>().map_err(|_| odd())? - units).to_string()
        }
        "decimal" | "float" => (value.trim().parse::<f64>().map_err(|_| odd())? - lag).to_string(),
        _ => return Err(odd()),
    })
}

/// A time in one of the usual forms; seconds since 1970, too.
pub(super) fn time(text: &str) -> Result<DateTime<Utc>, ApiError> {
    let joint = text.trim().replacen(' ', "T", 1);
    DateTime::parse_from_rfc3339(&joint)
        .map(|time| time.to_utc())
        .ok()
        .or_else(|| joint.parse::<NaiveDateTime>().ok().map(|time| time.and_utc()))
        .or_else(|| joint.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0).map(|time| time.and_utc()))
        .or_else(|| DateTime::from_timestamp(joint.parse().ok()?, 0))
        .ok_or_else(|| ApiError::OddCursor { value: text.to_owned(), type_name: "time".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> Incremental {
        Incremental {
            cursor: "m.at".into(),
            param: Some("since".into()),
            end_param: None,
            cursor_type: None,
            initial_value: None,
            end_value: None,
            lag: 0.0,
            closed: true,
            null_cursor: NullCursor::Include,
            boundary_keys: vec!["id".into()],
        }
    }
    fn record(id: u32, at: &str) -> String {
        format!("{{\"id\":{id},\"m\":{{\"at\":{at}}}}}")
    }
    fn ids(records: &[String]) -> Vec<String> {
        records.iter().map(|record| json::at(record.as_bytes(), &keys("id")).and_then(json::plain).unwrap()).collect()
    }

    #[test]
    fn what_stood_at_the_cursor_does_not_come_twice_and_nothing_there_is_missed() {
        let day = |id, day: &str| record(id, &format!("\"2025-01-{day}T00:00:00Z\""));
        let mut first = Sieve::new(&spec(), None).unwrap();
        let (kept, _, cursor) = first.sift(vec![day(1, "01"), day(2, "02"), day(3, "02")]).unwrap();
        let cursor = cursor.unwrap();
        assert_eq!(
            (kept.len(), cursor.value.as_str(), cursor.type_name.as_str()),
            (3, "2025-01-02T00:00:00Z", "timestamptz")
        );
        assert_eq!(cursor.boundary.len(), 2);
        let mut second = Sieve::new(&spec(), Some(&cursor)).unwrap();
        assert_eq!(
            second.bounds(DateTime::UNIX_EPOCH, false),
            [("since".to_owned(), "2025-01-02T00:00:00Z".to_owned())]
        );
        let all = vec![day(1, "01"), day(2, "02"), day(3, "02"), day(4, "02"), day(5, "03")];
        let (kept, left_out, new) = second.sift(all.clone()).unwrap();
        assert_eq!(ids(&kept), ["4", "5"]);
        assert_eq!(left_out, LeftOut { before: 1, known: 2, ..LeftOut::default() });
        let merged = cursor.clone().further(new.unwrap());
        assert_eq!((merged.value.as_str(), merged.boundary.len()), ("2025-01-03T00:00:00Z", 1));
        // Only a further record at the same value: all three are known then.
        let (_, _, same) = second.sift(vec![day(4, "02")]).unwrap();
        assert_eq!(cursor.clone().further(same.unwrap()).boundary.len(), 3);
        let mut open = Sieve::new(&Incremental { closed: false, ..spec() }, Some(&cursor)).unwrap();
        assert_eq!(ids(&open.sift(all).unwrap().0), ["5"]);
    }

    #[test]
    fn records_without_a_cursor_follow_the_policy() {
        let records = || vec![record(1, "null"), record(2, "5")];
        let with = |null_cursor| Sieve::new(&Incremental { null_cursor, ..spec() }, None).unwrap().sift(records());
        assert_eq!(with(NullCursor::Include).unwrap().0.len(), 2);
        assert_eq!(with(NullCursor::Exclude).unwrap().1.without, 1);
        assert!(matches!(with(NullCursor::Fail), Err(ApiError::NullCursor { .. })));
    }

    #[test]
    fn the_end_is_not_part_of_it() {
        let spec = Incremental { end_value: Some("10".into()), initial_value: Some("2".into()), ..spec() };
        let mut sieve = Sieve::new(&spec, None).unwrap();
        let (kept, left_out, cursor) =
            sieve.sift(vec![record(1, "1"), record(2, "2"), record(9, "9"), record(10, "10")]).unwrap();
        assert_eq!((ids(&kept), left_out.before, left_out.after), (vec!["2".into(), "9".into()], 1, 1));
        assert_eq!(cursor.unwrap().value, "9", "by number, not as text");
    }

    #[test]
    fn a_lag_is_taken_by_type() {
        for (type_name, value, lag, expected) in [
            ("timestamptz", "2025-01-01T00:00:10Z", 20.0, "2024-12-31T23:59:50Z"),
            ("timestamptz", "2025-01-01T00:00:10.5+02:00", 0.5, "2025-01-01T00:00:10+02:00"),
            ("timestamp", "2025-01-01 00:00:10", 10.0, "2025-01-01 00:00:00"),
            ("date", "2025-03-01", 1.0, "2025-02-28"),
            ("integer", "99999999999999999999", 1.0, "99999999999999999998"),
            ("text", "x", 0.0, "x"),
        ] {
            assert_eq!(earlier(value, type_name, lag).unwrap(), expected);
        }
        assert!(matches!(earlier("x", "text", 1.0), Err(ApiError::OddCursor { .. })));
    }
}
