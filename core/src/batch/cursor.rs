//! How far an incremental extract has come, and which of two values is further: by type, never as text.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

/// How far an incremental extract has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    /// Column or field of the source.
    pub(crate) field: String,
    /// The greatest value so far, as the source writes it.
    pub(crate) value: String,
    /// By which values are compared, as a person would write it: `timestamptz`, `integer`.
    #[serde(rename = "type")]
    pub(crate) type_name: String,
    /// Digests of the records that stand at this very value, in order, where the source cannot be asked
    /// for what comes after it alone. Never more than [`Cursor::BOUNDARY`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) boundary: Vec<String>,
}

/// Field and type of what a program keeps of itself: no value, so what was told last counts.
pub(crate) const STATE: &str = "state";

impl Cursor {
    /// Records at one value that are kept in mind; those beyond come again.
    pub(crate) const BOUNDARY: usize = 10_000;

    /// The further of two, with the records of both where they stand at one value; a value that is not of
    /// its type is never further.
    #[must_use]
    pub(crate) fn further(mut self, other: Self) -> Self {
        if other.type_name == STATE {
            return other;
        }
        match compare(&self.type_name, &other.value, &self.value) {
            Some(Ordering::Greater) => other,
            Some(Ordering::Equal) => {
                self.boundary.extend(other.boundary);
                self.boundary.sort_unstable();
                self.boundary.dedup();
                self.boundary.truncate(Self::BOUNDARY);
                self
            }
            _ => self,
        }
    }

    /// The further of two that may be missing.
    #[must_use]
    pub(crate) fn furthest(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(one.further(other)),
            (one, other) => one.or(other),
        }
    }
}

/// Compares two values as values of this type; `None` where one of them is none.
pub(crate) fn compare(type_name: &str, a: &str, b: &str) -> Option<Ordering> {
    match type_name.split(['(', ' ']).next().unwrap_or_default() {
        "integer" | "decimal" => number(a)?.partial_cmp(&number(b)?),
        "float" => a.parse::<f64>().ok()?.partial_cmp(&b.parse::<f64>().ok()?),
        "date" => Some(day(a)?.cmp(&day(b)?)),
        "timestamp" => Some(moment(a)?.cmp(&moment(b)?)),
        "timestamptz" => Some(instant(a)?.cmp(&instant(b)?)),
        _ => Some(a.cmp(b)),
    }
}

/// An exact number: sign, digits before and after the point.
#[derive(PartialEq)]
struct Number<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
}

fn number(text: &str) -> Option<Number<'_>> {
    let (negative, digits) = match text.trim().strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.trim().trim_start_matches('+')),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(fraction) || whole.len() + fraction.len() == 0 {
        return None;
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    Some(Number { negative: negative && !(whole.is_empty() && fraction.is_empty()), whole, fraction })
}

impl PartialOrd for Number<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let size = |number: &Self| (number.whole.len(), number.whole, number.fraction);
        let (a, b) = (size(self), size(other));
        Some(match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => a.cmp(&b),
            (true, true) => b.cmp(&a),
        })
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    text.get(..10)?.parse().ok()
}

fn moment(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim().trim_end_matches('Z').replacen(' ', "T", 1);
    text.parse().ok().or_else(|| text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0))
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim().replacen(' ', "T", 1);
    DateTime::parse_from_rfc3339(&text)
        .or_else(|_| DateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f%#z"))
        .map(|time| time.to_utc())
        .ok()
        .or_else(|| moment(&text).map(|moment| moment.and_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_by_type() {
        for (type_name, less, more) in [
            ("integer", "9", "10"),
            ("integer", "-10", "-9"),
            ("integer", "-1", "0"),
            ("integer", "99999999999999999999", "100000000000000000000"),
            ("decimal(10,2)", "9.95", "10"),
            ("decimal(10,2)", "1.5", "1.51"),
            ("float", "9e1", "1e2"),
            ("date", "2025-01-09", "2025-01-10"),
            ("timestamp", "2025-01-01", "2025-01-01T00:00:00.000001"),
            ("timestamptz", "2025-01-01T01:00:00+02:00", "2025-01-01T00:00:00Z"),
            ("timestamptz", "2025-01-01 00:00:00+00", "2025-01-01T00:00:00.5Z"),
            ("text", "10", "9"),
        ] {
            assert_eq!(compare(type_name, less, more), Some(Ordering::Less), "{type_name}: {less} < {more}");
            assert_eq!(compare(type_name, more, less), Some(Ordering::Greater), "{type_name}: {more} > {less}");
        }
        assert_eq!(compare("integer", "007", "7.0"), Some(Ordering::Equal));
        assert_eq!(compare("integer", "-0", "0"), Some(Ordering::Equal));
        assert_eq!(compare("integer", "x", "1"), None);
        assert_eq!(compare("timestamptz", "2025", "2025-01-01T00:00:00Z"), None);
    }

    #[test]
    fn the_further_one_has_the_records_of_both_where_they_are_equal() {
        let cursor = |value: &str, boundary: &[&str]| Cursor {
            field: "c".into(),
            value: value.into(),
            type_name: "timestamptz".into(),
            boundary: boundary.iter().map(|mark| (*mark).to_owned()).collect(),
        };
        let (earlier, later) = (cursor("1970-01-01T00:00:01Z", &["a"]), cursor("1970-01-01T00:00:02Z", &["b"]));
        assert_eq!(earlier.clone().further(later.clone()), later);
        assert_eq!(later.clone().further(earlier.clone()), later);
        assert_eq!(earlier.clone().further(cursor("?", &["b"])), earlier, "what is no time is never further");
        let same = cursor("1970-01-01T01:00:02+01:00", &["a", "b"]);
        assert_eq!(later.clone().further(same), cursor("1970-01-01T00:00:02Z", &["a", "b"]));
        let many: Vec<String> = (0..Cursor::BOUNDARY).map(|number| format!("x{number}")).collect();
        let many = Cursor { boundary: many, ..later.clone() };
        assert_eq!(later.clone().further(many).boundary.len(), Cursor::BOUNDARY);
        assert_eq!(Cursor::furthest(None, Some(later.clone())), Some(later));
    }
}
