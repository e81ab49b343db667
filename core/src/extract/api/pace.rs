//! When the next request may go out: the limit of the config, the wishes of the server, and how many
//! pages are asked for at once.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use http::HeaderMap;

use crate::extract::observe::Waiting;

/// The pace of one source.
#[derive(Debug)]
pub(super) struct Pace {
    /// Time between two requests, and how many may go out at once.
    limit: Option<(Duration, u32)>,
    most: u32,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// When a request would be due if all went out evenly.
    due: Option<Instant>,
    /// The server wants to be left alone until then.
    rest: Option<Instant>,
    /// Pages at once.
    at_once: u32,
    /// Answers in a row that were no complaint.
    well: u32,
}

impl Pace {
    /// At most `hertz` requests a second, `burst` of them at once, and `most` pages on their way.
    pub(super) fn new(hertz: Option<f64>, burst: u32, most: u32) -> Self {
        let limit =
            hertz.and_then(|hertz| Duration::try_from_secs_f64(1.0 / hertz).ok()).map(|gap| (gap, burst.max(1)));
        let state = Mutex::new(State { due: None, rest: None, at_once: most.max(1), well: 0 });
        Self { limit, most: most.max(1), state }
    }

    /// Takes a place in the row; how long to wait for it, and what for.
    pub(super) fn reserve(&self, now: Instant) -> Option<(Duration, Waiting)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let rest = state.rest.filter(|rest| *rest > now);
        let asked = rest.unwrap_or(now);
        let start = match (self.limit, state.due) {
            (Some((gap, burst)), due) => {
                let due = due.unwrap_or(asked);
                let early = due.checked_sub(gap * (burst - 1)).unwrap_or(asked);
                let start = asked.max(early);
                state.due = Some(due.max(start) + gap);
                start
            }
            (None, _) => asked,
        };
        let wait = start.saturating_duration_since(now);
        let why = if start > asked { Waiting::RateLimit } else { Waiting::Asked };
        (!wait.is_zero()).then_some((wait, why))
    }

    /// Pages that may be on their way now.
    pub(super) fn at_once(&self) -> usize {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).at_once as usize
    }

    /// The server complained: fewer at once.
    pub(super) fn slower(&self, now: Instant, wish: Option<Duration>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.at_once = (state.at_once / 2).max(1);
        state.well = 0;
        if let Some(rest) = wish.and_then(|wish| now.checked_add(wish)) {
            state.rest = Some(state.rest.map_or(rest, |other| other.max(rest)));
        }
    }

    /// The server answered well; `wish`: it has nothing left to give for so long.
    pub(super) fn well(&self, now: Instant, wish: Option<Duration>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.well += 1;
        if state.well >= state.at_once * 4 && state.at_once < self.most {
            state.at_once += 1;
            state.well = 0;
        }
        if let Some(rest) = wish.and_then(|wish| now.checked_add(wish)) {
            state.rest = Some(state.rest.map_or(rest, |other| other.max(rest)));
        }
    }
}

/// How long a server wants to be left alone: `Retry-After` in seconds or as a time, else the end of a
/// window of which nothing remains.
pub(super) fn wish(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let time = |text: &str| Some(DateTime::parse_from_rfc2822(text).ok()?.with_timezone(&Utc));
    // By the clock of the server, if it tells it.
    let now = text("date").and_then(time).unwrap_or(now);
    if let Some(wish) = text("retry-after") {
        if let Ok(seconds) = wish.parse::<f64>() {
            return Duration::try_from_secs_f64(seconds).ok();
        }
        if let Some(until) = time(wish) {
            return Some((until - now).to_std().unwrap_or_default());
        }
    }
    let prefixes = ["x-ratelimit-", "ratelimit-", "x-rate-limit-"];
    let of = |suffix: &str| prefixes.iter().find_map(|prefix| text(&format!("{prefix}{suffix}")));
    if of("remaining")?.parse::<f64>().ok()? > 0.0 {
        return None;
    }
    let reset = of("reset")?;
    let seconds: f64 = match reset.parse() {
        Ok(seconds) => seconds,
        Err(_) => return (DateTime::parse_from_rfc3339(reset).ok()?.with_timezone(&Utc) - now).to_std().ok(),
    };
    // Some count from now, some from 1970, some of those in milliseconds.
    let from_now = match seconds {
        seconds if seconds > 1e12 => seconds / 1e3 - now.timestamp() as f64,
        seconds if seconds > 1e9 => seconds - now.timestamp() as f64,
        seconds => seconds,
    };
    Duration::try_from_secs_f64(from_now.max(0.0)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_go_out_evenly_after_the_burst() {
        let pace = Pace::new(Some(10.0), 3, 1);
        let now = Instant::now();
        let waits: Vec<u128> = (0..6).map(|_| pace.reserve(now).map_or(0, |(wait, _)| wait.as_millis())).collect();
        assert_eq!(waits, [0, 0, 0, 100, 200, 300]);
        let later = now + Duration::from_secs(10);
        let waits: Vec<u128> = (0..4).map(|_| pace.reserve(later).map_or(0, |(wait, _)| wait.as_millis())).collect();
        assert_eq!(waits, [0, 0, 0, 100], "what was not used is not saved beyond the burst");
    }

    #[test]
    fn a_complaint_halves_and_answers_raise_again() {
        let pace = Pace::new(None, 1, 8);
        let now = Instant::now();
        pace.slower(now, Some(Duration::from_secs(2)));
        assert_eq!(pace.at_once(), 4);
        assert_eq!(pace.reserve(now), Some((Duration::from_secs(2), Waiting::Asked)));
        (0..3).for_each(|_| pace.slower(now, None));
        assert_eq!(pace.at_once(), 1);
        (0..200).for_each(|_| pace.well(now, None));
        assert_eq!(pace.at_once(), 8);
    }

    #[test]
    fn wishes_are_understood_in_every_form() {
        let now: DateTime<Utc> = "2025-01-01T00:00:00Z".parse().unwrap();
        let told = |headers: &[(&'static str, &str)]| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.insert(*name, value.parse().unwrap());
            }
            wish(&map, now).map(|wish| wish.as_secs())
        };
        assert_eq!(told(&[]), None);
        assert_eq!(told(&[("retry-after", "3")]), Some(3));
        assert_eq!(told(&[("retry-after", "0")]), Some(0));
        assert_eq!(told(&[("retry-after", "soon")]), None);
        assert_eq!(told(&[("retry-after", "Wed, 01 Jan 2025 00:00:09 GMT")]), Some(9));
        let date = ("date", "Wed, 01 Jan 2025 00:00:05 GMT");
        assert_eq!(told(&[("retry-after", "Wed, 01 Jan 2025 00:00:09 GMT"), date]), Some(4));
        assert_eq!(told(&[("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", "7")]), None);
        assert_eq!(told(&[("ratelimit-remaining", "0"), ("ratelimit-reset", "7")]), Some(7));
        assert_eq!(told(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1735689608")]), Some(8));
        assert_eq!(told(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1735689608000")]), Some(8));
    }
}
