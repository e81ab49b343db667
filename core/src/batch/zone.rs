//! Wall-clock times and instants, both in microseconds since 1970-01-01T00:00:00.
//!
//! A time that a change of the clock skips has no instant; one that it repeats is the first of the
//! two.

use chrono::{DateTime, LocalResult, Offset, TimeZone};
use chrono_tz::Tz;

use super::parse::{self, Grammar, SECOND, Zone};

/// Text as an instant; a time without a zone is one of `zone`.
pub(crate) fn read_instant(text: &[u8], zone: Tz) -> Option<i64> {
    match parse::timestamp(text, Grammar::Declared)? {
        (micros, Zone::Known) => Some(micros),
        (micros, Zone::Naive) => instant(micros, zone),
    }
}

/// Text as what clocks in `zone` show.
pub(crate) fn read_wall_clock(text: &[u8], zone: Tz) -> Option<i64> {
    match parse::timestamp(text, Grammar::Declared)? {
        (micros, Zone::Known) => wall_clock(micros, zone),
        (micros, Zone::Naive) => Some(micros),
    }
}

/// The instant at which clocks in `zone` show a time.
pub(crate) fn instant(wall_clock: i64, zone: Tz) -> Option<i64> {
    if zone == Tz::UTC {
        return Some(wall_clock);
    }
    let naive = DateTime::from_timestamp_micros(wall_clock)?.naive_utc();
    match zone.from_local_datetime(&naive) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => Some(time.timestamp_micros()),
        LocalResult::None => None,
    }
}

/// What clocks in `zone` show at an instant.
pub(crate) fn wall_clock(instant: i64, zone: Tz) -> Option<i64> {
    let time = DateTime::from_timestamp_micros(instant)?;
    let east = zone.offset_from_utc_datetime(&time.naive_utc()).fix().local_minus_utc();
    Some(instant + i64::from(east) * SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_a_clock_skips_or_repeats() {
        let read = |text: &str| read_instant(text.as_bytes(), Tz::Europe__Berlin);
        let utc = |text: &str| read_instant(text.as_bytes(), Tz::UTC);
        assert_eq!(read("2024-01-15 12:00:00"), utc("2024-01-15T11:00:00Z"));
        assert_eq!(read("2024-07-15 12:00:00"), utc("2024-07-15T10:00:00Z"));
        assert_eq!(read("2024-03-31 02:30:00"), None, "skipped");
        assert_eq!(read("2024-10-27 02:30:00"), utc("2024-10-27T00:30:00Z"), "repeated: the first");
        assert_eq!(read("2024-07-15 12:00:00-05:00"), utc("2024-07-15T17:00:00Z"), "its own zone counts");
        assert_eq!(
            read_wall_clock(b"2024-07-15T10:00:00Z", Tz::Europe__Berlin),
            read_wall_clock(b"2024-07-15 12:00:00", Tz::Europe__Berlin)
        );
    }
}
