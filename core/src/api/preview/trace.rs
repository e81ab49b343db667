//! What happened while a preview read its source, as it is shown: requests, waits, a log.
//!
//! Keeps what it is told; secrets were replaced before.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::api::wire::{Count, Exchange, Header, LogLine, NoteLevel};
use crate::extract::{self, Observer, Seen, Waiting};
use crate::figures::counted;

/// Exchanges that are kept; the log goes on.
const MOST: usize = 200;
/// Lines of the log at most.
const LINES: usize = 1_000;

/// Keeps what is seen.
#[derive(Debug)]
pub(super) struct Trace {
    began: Instant,
    told: Mutex<Told>,
}

#[derive(Debug, Default)]
struct Told {
    exchanges: Vec<Exchange>,
    log: Vec<LogLine>,
}

impl Trace {
    pub(super) fn new() -> Self {
        Self { began: Instant::now(), told: Mutex::default() }
    }

    /// Adds a line to the log.
    pub(super) fn say(&self, level: NoteLevel, message: String) {
        let millis = millis(self.began.elapsed());
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.log.len() < LINES {
            told.log.push(LogLine { millis, level, message });
        }
    }

    /// Everything so far.
    pub(super) fn take(&self) -> (Vec<Exchange>, Vec<LogLine>) {
        let told = std::mem::take(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner));
        (told.exchanges, told.log)
    }

    /// Pages that were answered.
    pub(super) fn pages(&self) -> u64 {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.exchanges.iter().filter(|exchange| exchange.error.is_none() && exchange.page.0 > 0).count() as u64
    }

    /// Bytes that came.
    pub(super) fn bytes(&self) -> u64 {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.exchanges.iter().map(|exchange| exchange.bytes.0).sum()
    }

    /// Whether anything was asked.
    pub(super) fn is_empty(&self) -> bool {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).exchanges.is_empty()
    }
}

impl Observer for Trace {
    fn saw(&self, seen: Seen) {
        match seen {
            Seen::Waiting(why, wait) => self.say(NoteLevel::Info, waiting(&why, wait)),
            Seen::Exchange(seen) => {
                let level = if seen.error.is_some() { NoteLevel::Warning } else { NoteLevel::Info };
                self.say(level, line(&seen));
                let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
                if told.exchanges.len() < MOST {
                    told.exchanges.push(exchange(*seen));
                }
            }
        }
    }
}

/// What is waited for, in words.
fn waiting(why: &Waiting, wait: Duration) -> String {
    let seconds = wait.as_secs_f64();
    match why {
        Waiting::RateLimit => format!("waiting {seconds:.1} s: `rate_limit_hz` allows no more requests now"),
        Waiting::Asked => format!("waiting {seconds:.1} s: the server asked for it"),
        Waiting::Retry(attempt) => format!("waiting {seconds:.1} s before try {attempt}"),
        Waiting::Breaker => {
            format!("the server failed too often and is left alone for {seconds:.1} s (circuit breaker)")
        }
    }
}

fn line(seen: &extract::Exchange) -> String {
    let what = match seen.method.as_str() {
        "SQL" => "query".to_owned(),
        _ if seen.page == 0 => format!("{} {} (token)", seen.method, seen.target),
        _ => format!("{} {}", seen.method, seen.target),
    };
    let status = seen.status.map(|status| format!(" → {status}")).unwrap_or_default();
    let took = millis(seen.took);
    match &seen.error {
        Some(error) => format!("{what}{status} in {took} ms, try {}: {error}", seen.attempt),
        None => format!("{what}{status} in {took} ms, {}", counted(seen.records, "record")),
    }
}

fn exchange(seen: extract::Exchange) -> Exchange {
    let headers = |all: Vec<(String, String)>| all.into_iter().map(|(name, value)| Header { name, value }).collect();
    Exchange {
        curl: curl(&seen),
        page: Count(seen.page),
        attempt: seen.attempt,
        method: seen.method,
        target: seen.target,
        request_headers: headers(seen.request_headers),
        request_body: seen.request_body,
        status: seen.status,
        headers: headers(seen.headers),
        body: seen.body,
        bytes: Count(seen.bytes),
        millis: millis(seen.took),
        records: Count(seen.records),
        error: seen.error,
    }
}

/// A command line that asks the same; secrets are `***` in it already.
fn curl(seen: &extract::Exchange) -> Option<String> {
    if seen.method == "SQL" {
        return None;
    }
    let mut line = "curl".to_owned();
    if seen.method != "GET" {
        line += &format!(" -X {}", seen.method);
    }
    line += &format!(" {}", quoted(&seen.target));
    for (name, value) in &seen.request_headers {
        line += &format!(" -H {}", quoted(&format!("{name}: {value}")));
    }
    if let Some(body) = &seen.request_body {
        line += &format!(" --data-raw {}", quoted(body));
    }
    Some(line)
}

/// As one word of a POSIX shell, whatever is in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_one_line_of_a_shell() {
        let seen = extract::Exchange {
            method: "POST".into(),
            target: "https://a.b/c?d='e'&f=1".into(),
            request_headers: vec![("authorization".into(), "***".into())],
            request_body: Some("{\"it's\": 1}".into()),
            ..extract::Exchange::default()
        };
        insta::assert_snapshot!(curl(&seen).unwrap(), @r#"curl -X POST 'https://a.b/c?d='\''e'\''&f=1' -H 'authorization: ***' --data-raw '{"it'\''s": 1}'"#);
        assert_eq!(curl(&extract::Exchange { method: "SQL".into(), ..extract::Exchange::default() }), None);
    }

    #[test]
    fn what_is_seen_is_kept_in_order_and_within_bounds() {
        let trace = Trace::new();
        let page = |page| extract::Exchange {
            page,
            method: "GET".into(),
            target: "/a".into(),
            bytes: 7,
            ..Default::default()
        };
        trace.saw(Seen::Exchange(Box::new(page(0))));
        for number in 1..=MOST as u64 + 5 {
            trace.saw(Seen::Exchange(Box::new(page(number))));
        }
        trace.saw(Seen::Waiting(Waiting::Retry(2), Duration::from_millis(1500)));
        assert_eq!(trace.pages(), MOST as u64 - 1, "the token is no page");
        let (exchanges, log) = trace.take();
        assert_eq!((exchanges.len(), log.len()), (MOST, MOST + 7));
        assert_eq!(log.last().map(|line| line.message.as_str()), Some("waiting 1.5 s before try 2"));
        assert!(trace.is_empty());
    }
}
