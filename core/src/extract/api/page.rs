//! From page to page: what the next one is asked by, and when there is none. Pure.
//!
//! The same answers lead the same way, so what is known of earlier pages is made again from what was
//! kept of them. Servers that repeat themselves, ignore parameters or change the size of pages lead to
//! the right records or to an error, never around in circles.

use chrono::{DateTime, TimeDelta, Utc};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use super::error::ApiError;
use crate::config::settings::{CursorFrom, PageKind, Pagination};

/// Empty pages in a row that are put up with.
const EMPTY: u64 = 100;

/// What a page is asked by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ask {
    /// The only page, or the first.
    Plain,
    /// Records to skip.
    Offset(u64),
    /// Number of the page.
    Number(u64),
    /// A cursor, as JSON.
    Cursor(String),
    /// An address.
    Address(String),
    /// The key of the last record, as JSON.
    After(String),
    /// A stretch of time.
    Window {
        /// From this.
        start: DateTime<Utc>,
        /// To before this.
        end: DateTime<Utc>,
    },
}

/// What is known of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Facts {
    /// Records in it.
    pub(super) records: u64,
    /// Of all its records; pages with the same have the same records.
    pub(super) digest: u64,
    /// Records in it that the page before had already.
    #[serde(default)]
    pub(super) again: u64,
    /// What it says the next page is asked by, as JSON or as an address.
    pub(super) cursor: Option<String>,
    /// The key of its last record, as JSON.
    pub(super) last_key: Option<String>,
    /// Records in all, if it says so.
    pub(super) total: Option<u64>,
    /// Its own word on whether there is more.
    pub(super) has_more: Option<bool>,
    /// The server refused to give it: it is beyond the end.
    #[serde(default)]
    pub(super) refused: bool,
    /// Why there may be more although nobody asked for it.
    #[serde(default)]
    pub(super) hint: Option<String>,
}

/// What follows from a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Whether its records are taken.
    pub(super) keep: bool,
    /// The next page; `None`: this was the last.
    pub(super) next: Option<Ask>,
}

/// What was learnt of a server, over all walks of an extract.
#[derive(Clone, Debug, Default)]
pub(super) struct Habits {
    /// Whether a page that is shorter than asked for is the last.
    short_is_last: Option<bool>,
    /// Pages so far.
    pub(super) pages: u64,
    /// It gave the same page whatever it was asked for.
    pub(super) ignores: bool,
}

/// The time that windows are cut from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// From this.
    pub(super) start: DateTime<Utc>,
    /// To before this.
    pub(super) end: DateTime<Utc>,
}

/// A walk over the pages of one address.
#[derive(Clone, Debug)]
pub(super) struct Walk<'a> {
    pagination: &'a Pagination,
    stretch: Option<Stretch>,
    /// Of pages and cursors.
    seen: FxHashSet<u64>,
    received: u64,
    total: Option<u64>,
    empties: u64,
    /// The page before was short: this one shows whether that was the end.
    probing: bool,
    /// The last page was full, so that it is worth asking ahead.
    full: bool,
}

impl<'a> Walk<'a> {
    /// At the first page.
    pub(super) fn new(pagination: &'a Pagination, stretch: Option<Stretch>) -> Self {
        Self {
            pagination,
            stretch,
            seen: FxHashSet::default(),
            received: 0,
            total: None,
            empties: 0,
            probing: false,
            full: false,
        }
    }

    /// What the first page is asked by; `None`: there is nothing to ask for.
    pub(super) fn first(&self) -> Option<Ask> {
        Some(match &self.pagination.kind {
            PageKind::One | PageKind::Cursor { .. } | PageKind::Keyset { .. } => Ask::Plain,
            PageKind::Offset { .. } => Ask::Offset(0),
            PageKind::Page { start_page, .. } => Ask::Number(u64::from(*start_page)),
            PageKind::Window { hours, .. } => return self.window(self.stretch?.start, *hours),
        })
    }

    /// Whether a refusal of the next page with this status is the end: some servers have nothing at
    /// pages beyond it.
    pub(super) const fn ends_with(&self, status: u16) -> bool {
        match status {
            404 | 416 => self.received > 0,
            // May also say that the server gives no more although there is, unless a page was short.
            400 | 422 => self.probing,
            _ => false,
        }
    }

    /// What would be asked for after `ask` if its page is full: worth asking before that is known.
    pub(super) fn ahead(&self, ask: &Ask) -> Option<Ask> {
        if !self.full && !matches!(ask, Ask::Window { .. }) {
            return None;
        }
        let within = |start: u64| self.total.is_none_or(|total| start < total);
        match (&self.pagination.kind, ask) {
            (PageKind::Offset { page_size, .. }, Ask::Offset(offset)) => {
                let next = offset + u64::from(*page_size);
                within(next).then_some(Ask::Offset(next))
            }
            (PageKind::Page { page_size, start_page, .. }, Ask::Number(number)) => {
                let next = number + 1;
                within((next - u64::from(*start_page)) * u64::from(*page_size)).then_some(Ask::Number(next))
            }
            (PageKind::Window { hours, .. }, Ask::Window { end, .. }) => self.window(*end, *hours),
            _ => None,
        }
    }

    /// What follows from a page that was asked for by `ask`.
    pub(super) fn after(&mut self, ask: &Ask, facts: &Facts, habits: &mut Habits) -> Result<Verdict, ApiError> {
        habits.pages += 1;
        let fresh = facts.records - facts.again.min(facts.records);
        if let Some(total) = facts.total {
            self.total = Some(total);
        }
        if fresh > 0 && !self.seen.insert(facts.digest) {
            // A short page that comes again is all there is: the server knows no pages.
            let counted = matches!(self.pagination.kind, PageKind::Offset { .. } | PageKind::Page { .. });
            if counted && self.probing && facts.has_more != Some(true) {
                habits.ignores = true;
                habits.short_is_last = Some(true);
                self.promise()?;
                return Ok(Verdict { keep: false, next: None });
            }
            return Err(ApiError::SamePage { page: habits.pages });
        }
        self.received += fresh;
        let next = match &self.pagination.kind {
            PageKind::One => None,
            PageKind::Offset { page_size, .. } => {
                let Ask::Offset(offset) = ask else { return Ok(Verdict { keep: true, next: None }) };
                let on = self.counted(u64::from(*page_size), facts, habits)?;
                on.then(|| {
                    Ask::Offset(offset + facts.records.max(u64::from(facts.records == 0) * u64::from(*page_size)))
                })
            }
            PageKind::Page { page_size, .. } => {
                let Ask::Number(number) = ask else { return Ok(Verdict { keep: true, next: None }) };
                self.counted(u64::from(*page_size), facts, habits)?.then_some(Ask::Number(number + 1))
            }
            PageKind::Cursor { from, .. } => self.cursor(ask, from, facts, habits)?,
            PageKind::Keyset { limit_param, page_size, field, .. } => {
                let size = limit_param.as_ref().map(|_| u64::from(*page_size));
                self.keyset(ask, field, size, facts, habits)?
            }
            PageKind::Window { hours, .. } => {
                if facts.has_more == Some(true) {
                    let reason = "of a stretch of time only one page is asked for".to_owned();
                    return Err(ApiError::NoNext { page: habits.pages, reason });
                }
                if let Some(promised) = facts.total.filter(|total| *total > facts.records) {
                    return Err(ApiError::Fewer { received: facts.records, promised });
                }
                match ask {
                    Ask::Window { end, .. } => self.window(*end, *hours),
                    _ => None,
                }
            }
        };
        if let Some(limit) = self.pagination.max_pages.filter(|limit| next.is_some() && habits.pages >= *limit) {
            return Err(ApiError::TooManyPages { limit });
        }
        Ok(Verdict { keep: true, next })
    }

    /// Whether there are more of pages that are counted.
    fn counted(&mut self, size: u64, facts: &Facts, habits: &mut Habits) -> Result<bool, ApiError> {
        self.full = facts.records >= size;
        match facts.has_more {
            Some(false) => return Ok(false),
            Some(true) => {
                self.empty(facts.records)?;
                return Ok(true);
            }
            None => {}
        }
        if facts.records == 0 {
            if self.probing {
                // A further page was asked for after a short one, and had nothing.
                habits.short_is_last.get_or_insert(true);
            }
            self.promise()?;
            return Ok(false);
        }
        if self.probing {
            habits.short_is_last = Some(false);
        }
        self.probing = facts.records < size;
        if let Some(total) = self.total {
            return Ok(self.received < total);
        }
        // Some servers give shorter pages than asked for. Once it is known that this one does not, a
        // short page saves the request for an empty one.
        Ok(!(self.probing && habits.short_is_last == Some(true)))
    }

    fn cursor(
        &mut self,
        ask: &Ask,
        from: &CursorFrom,
        facts: &Facts,
        habits: &Habits,
    ) -> Result<Option<Ask>, ApiError> {
        if facts.has_more == Some(false) {
            return Ok(None);
        }
        let Some(cursor) = facts.cursor.as_ref() else {
            if facts.has_more == Some(true) {
                let reason = match from {
                    CursorFrom::LinkHeader(relation) => format!("there is no `Link` header with `rel={relation}`"),
                    CursorFrom::Header(name) => format!("there is no header `{name}`"),
                    CursorFrom::Field(field) | CursorFrom::Body(field) => format!("there is no `{field}`"),
                };
                return Err(ApiError::NoNext { page: habits.pages, reason });
            }
            self.promise()?;
            return Ok(None);
        };
        let next = match address(cursor, from) {
            Some(address) => Ask::Address(address),
            None => Ask::Cursor(cursor.clone()),
        };
        let mark = digest(cursor.as_bytes());
        if next == *ask || !self.seen.insert(!mark) {
            // Some servers repeat the last cursor when there is nothing left.
            if facts.records == 0 && next == *ask {
                return Ok(None);
            }
            return Err(ApiError::SameCursor { page: habits.pages });
        }
        if self.total.is_some_and(|total| self.received >= total) && facts.has_more.is_none() {
            return Ok(None);
        }
        self.empty(facts.records)?;
        Ok(Some(next))
    }

    fn keyset(
        &mut self,
        ask: &Ask,
        field: &str,
        size: Option<u64>,
        facts: &Facts,
        habits: &mut Habits,
    ) -> Result<Option<Ask>, ApiError> {
        if facts.has_more == Some(false) || facts.refused {
            return Ok(None);
        }
        if facts.records == facts.again {
            if self.probing {
                habits.short_is_last.get_or_insert(true);
            }
            if facts.has_more == Some(true) {
                let reason = "no record has a further key".to_owned();
                return Err(ApiError::NoNext { page: habits.pages, reason });
            }
            self.promise()?;
            return Ok(None);
        }
        if self.probing {
            habits.short_is_last = Some(false);
        }
        let Some(key) = &facts.last_key else {
            let reason = format!("its last record has no `{field}`");
            return Err(ApiError::NoNext { page: habits.pages, reason });
        };
        let next = Ask::After(key.clone());
        if next == *ask {
            return Err(ApiError::SameCursor { page: habits.pages });
        }
        self.probing = size.is_some_and(|size| facts.records < size);
        if let Some(total) = self.total {
            return Ok((self.received < total).then_some(next));
        }
        let last = self.probing && habits.short_is_last == Some(true) && facts.has_more.is_none();
        Ok((!last).then_some(next))
    }

    /// The stretch that begins at `start`; `None` at the end.
    fn window(&self, start: DateTime<Utc>, hours: f64) -> Option<Ask> {
        let limit = self.stretch?.end;
        if start >= limit {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "hours are below the life of the universe")]
        let length = TimeDelta::milliseconds((hours * 3_600_000.0).max(1.0) as i64);
        Some(Ask::Window { start, end: start.checked_add_signed(length).map_or(limit, |end| end.min(limit)) })
    }

    /// All that was promised has come.
    fn promise(&self) -> Result<(), ApiError> {
        match self.total.filter(|total| *total > self.received) {
            Some(promised) => Err(ApiError::Fewer { received: self.received, promised }),
            None => Ok(()),
        }
    }

    /// Counts empty pages, of which there may not be too many.
    fn empty(&mut self, records: u64) -> Result<(), ApiError> {
        self.empties = if records == 0 { self.empties + 1 } else { 0 };
        if self.empties >= EMPTY { Err(ApiError::EmptyPages { pages: self.empties }) } else { Ok(()) }
    }
}

/// A cursor that is an address; `cursor` is JSON, or the target of a link.
fn address(cursor: &str, from: &CursorFrom) -> Option<String> {
    if matches!(from, CursorFrom::LinkHeader(_)) {
        return Some(cursor.to_owned());
    }
    let text: String = serde_json::from_str(cursor).ok()?;
    let absolute = text.starts_with("http://") || text.starts_with("https://");
    let relative = text.starts_with('?') || (text.starts_with('/') && text.contains('?'));
    (absolute || relative).then_some(text)
}

/// A digest for comparing within an extract and its next try.
pub(super) fn digest(bytes: &[u8]) -> u64 {
    use std::hash::Hasher;
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(bytes);
    hasher.write_usize(bytes.len());
    hasher.finish()
}

/// A time as the API wants it.
pub(super) fn written(time: DateTime<Utc>, format: &str) -> Result<String, ApiError> {
    use std::fmt::Write;
    let mut text = String::new();
    write!(text, "{}", time.format(format))
        .map_err(|_| ApiError::Request { reason: format!("`{format}` is no format of strftime") })?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::settings::ParamLocation;

    fn pagination(kind: PageKind) -> Pagination {
        Pagination {
            kind,
            max_pages: None,
            max_records: None,
            location: ParamLocation::Query,
            total_path: None,
            has_more_path: None,
        }
    }
    fn offset(page_size: u32) -> Pagination {
        pagination(PageKind::Offset { offset_param: "offset".into(), limit_param: "limit".into(), page_size })
    }
    fn page(page_size: u32) -> Pagination {
        let kind = PageKind::Page { page_param: "page".into(), limit_param: "size".into(), page_size, start_page: 1 };
        pagination(kind)
    }

    /// Walks until the end over a server; the records that came, and how often it was asked.
    fn walk(
        pagination: &Pagination,
        habits: &mut Habits,
        mut server: impl FnMut(&Ask) -> (Vec<u64>, Facts),
    ) -> Result<(Vec<u64>, u64), ApiError> {
        let (mut walk, mut came, mut asked) = (Walk::new(pagination, None), Vec::new(), 0);
        let mut next = walk.first();
        while let Some(ask) = next {
            asked += 1;
            assert!(asked < 500, "it goes on for ever");
            let (records, facts) = server(&ask);
            let bytes: Vec<u8> = records.iter().flat_map(|record| record.to_le_bytes()).collect();
            let facts = Facts { records: records.len() as u64, digest: digest(&bytes), ..facts };
            let verdict = walk.after(&ask, &facts, habits)?;
            if verdict.keep {
                came.extend(records);
            }
            next = verdict.next;
        }
        Ok((came, asked))
    }

    proptest! {
        #[test]
        fn whatever_size_pages_have_all_records_come(all in 0_u64..60, size in 1_u32..12, cap in 1_u64..12, total: bool) {
            let mut habits = Habits::default();
            let told = Facts { total: total.then_some(all), ..Facts::default() };
            let by_offset = walk(&offset(size), &mut habits, |ask| {
                let Ask::Offset(from) = ask else { panic!("{ask:?}") };
                let end = (from + u64::from(size).min(cap)).min(all);
                ((*from..end).collect(), told.clone())
            });
            prop_assert_eq!(by_offset.unwrap().0, (0..all).collect::<Vec<_>>());
            // Pages by number are of the size that the server has.
            let mut habits = Habits::default();
            let by_page = walk(&page(size), &mut habits, |ask| {
                let Ask::Number(number) = ask else { panic!("{ask:?}") };
                let size = u64::from(size).min(cap);
                ((((number - 1) * size).min(all)..(number * size).min(all)).collect(), told.clone())
            });
            prop_assert_eq!(by_page.unwrap().0, (0..all).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_server_that_ignores_the_parameters_is_found_out() {
        let same = |_: &Ask| ((0..30).collect(), Facts::default());
        let mut habits = Habits::default();
        let short = walk(&page(100), &mut habits, same).unwrap();
        assert_eq!((short.0.len(), short.1, habits.ignores), (30, 2, true), "shorter than a page: it is all there is");
        let full = walk(&page(30), &mut Habits::default(), same);
        assert!(matches!(full, Err(ApiError::SamePage { page: 2 })), "{full:?}");
        let full = walk(&offset(10), &mut Habits::default(), same);
        assert!(matches!(full, Err(ApiError::SamePage { page: 2 })), "{full:?}");
    }

    #[test]
    fn one_extra_request_in_all_shows_that_a_short_page_is_the_last() {
        let mut habits = Habits::default();
        let asked: Vec<u64> = (0..3)
            .map(|strand| {
                let server = |ask: &Ask| {
                    let Ask::Number(number) = ask else { panic!("{ask:?}") };
                    let records = if *number == 1 { (strand * 10..strand * 10 + 3).collect() } else { Vec::new() };
                    (records, Facts::default())
                };
                walk(&page(5), &mut habits, server).unwrap().1
            })
            .collect();
        assert_eq!(asked, [2, 1, 1]);
    }

    #[test]
    fn what_the_server_promises_must_come() {
        let server = |ask: &Ask| {
            let records = if *ask == Ask::Number(1) { vec![1, 2] } else { Vec::new() };
            (records, Facts { total: Some(5), ..Facts::default() })
        };
        let fewer = walk(&page(2), &mut Habits::default(), server);
        assert!(matches!(fewer, Err(ApiError::Fewer { received: 2, promised: 5 })), "{fewer:?}");
        // The total shrinks on the way, as records are removed.
        let server = |ask: &Ask| match ask {
            Ask::Number(1) => (vec![1, 2], Facts { total: Some(5), ..Facts::default() }),
            Ask::Number(2) => (vec![3], Facts { total: Some(3), ..Facts::default() }),
            _ => panic!("{ask:?}"),
        };
        assert_eq!(walk(&page(2), &mut Habits::default(), server).unwrap().0, [1, 2, 3]);
    }

    fn by_cursor() -> Pagination {
        let from = CursorFrom::Field("next".into());
        pagination(PageKind::Cursor { from, param: "cursor".into(), limit_param: None, page_size: 100 })
    }

    #[test]
    fn cursors_lead_to_the_end_and_never_in_circles() {
        let on = |cursor: &str| Facts { cursor: Some(format!("\"{cursor}\"")), ..Facts::default() };
        let pages = |ask: &Ask| match ask {
            Ask::Plain => (vec![1], on("a")),
            Ask::Cursor(cursor) if cursor == "\"a\"" => (vec![], on("b")),
            Ask::Cursor(cursor) if cursor == "\"b\"" => (vec![2], on("https://other.example/x")),
            Ask::Address(address) if address == "https://other.example/x" => (vec![3], Facts::default()),
            other => panic!("{other:?}"),
        };
        assert_eq!(walk(&by_cursor(), &mut Habits::default(), pages).unwrap(), (vec![1, 2, 3], 4));
        let mut number = 0;
        let same = walk(&by_cursor(), &mut Habits::default(), |_| {
            number += 1;
            (vec![number], on("a"))
        });
        assert!(matches!(same, Err(ApiError::SameCursor { page: 2 })), "{same:?}");
        let circle = walk(&by_cursor(), &mut Habits::default(), |ask| {
            number += 1;
            (vec![number], if *ask == Ask::Cursor("\"a\"".into()) { on("b") } else { on("a") })
        });
        assert!(matches!(circle, Err(ApiError::SameCursor { page: 3 })), "{circle:?}");
        let repeated = walk(&by_cursor(), &mut Habits::default(), |_| {
            number += 1;
            (vec![7], on(&number.to_string()))
        });
        assert!(matches!(repeated, Err(ApiError::SamePage { page: 2 })), "{repeated:?}");
        let empty = walk(&by_cursor(), &mut Habits::default(), |_| {
            number += 1;
            (vec![], on(&number.to_string()))
        });
        assert!(matches!(empty, Err(ApiError::EmptyPages { pages: 100 })), "{empty:?}");
        let last = walk(&by_cursor(), &mut Habits::default(), |ask| {
            (if *ask == Ask::Plain { vec![1] } else { vec![] }, on("same"))
        });
        assert_eq!(last.unwrap().0, [1], "the last cursor again with nothing is the end");
        let lost = walk(&by_cursor(), &mut Habits::default(), |_| {
            (vec![1], Facts { has_more: Some(true), ..Facts::default() })
        });
        assert!(matches!(lost, Err(ApiError::NoNext { page: 1, .. })), "{lost:?}");
    }

    #[test]
    fn a_cap_is_a_failure() {
        let capped = Pagination { max_pages: Some(2), ..by_cursor() };
        let mut number = 0;
        let many = walk(&capped, &mut Habits::default(), |_| {
            number += 1;
            (vec![number], Facts { cursor: Some(number.to_string()), ..Facts::default() })
        });
        assert!(matches!(many, Err(ApiError::TooManyPages { limit: 2 })), "{many:?}");
    }

    #[test]
    fn windows_follow_one_another_without_gap() {
        let kind = PageKind::Window {
            start_param: "from".into(),
            end_param: "to".into(),
            hours: 10.0,
            start: None,
            format: "%s".into(),
        };
        let at = |hours: i64| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::hours(hours);
        let pages = pagination(kind);
        let mut walk = Walk::new(&pages, Some(Stretch { start: at(0), end: at(24) }));
        let (mut asks, mut next) = (Vec::new(), walk.first());
        while let Some(ask) = next {
            let facts = Facts { records: 0, ..Facts::default() };
            assert_eq!(walk.ahead(&ask), walk.after(&ask, &facts, &mut Habits::default()).unwrap().next);
            next = walk.ahead(&ask);
            asks.push(ask);
        }
        let window = |start, end| Ask::Window { start: at(start), end: at(end) };
        assert_eq!(asks, [window(0, 10), window(10, 20), window(20, 24)]);
        assert_eq!(written(at(1), "%s").unwrap(), "3600");
        assert!(written(at(1), "%Q").is_err());
    }
}
