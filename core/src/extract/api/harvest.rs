//! Goes over all pages in order, and asks ahead where pages do not depend on each other.
//!
//! What comes next is always decided by the page before, so asking ahead changes no record: an answer
//! that came early is taken if it is the one that is needed, otherwise it is thrown away.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use rustc_hash::FxHashSet;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;

use super::answer::{Read, Reader, keys};
use super::courier::Courier;
use super::error::ApiError;
use super::family::Strand;
use super::fit::Fit;
use super::page::{Ask, Facts, Habits, Stretch, Walk, digest};
use super::request::Shape;
use super::sieve::{LeftOut, Sieve};
use super::spool::{Frame, Head, Role};
use crate::config::settings::{PageKind, Parent};
use crate::diagnostic::code::{self, Code};
use crate::event::{Note, NoteLevel};
use crate::extract::observe::Budget;
use crate::extract::records::json;

/// One address: how it is asked, and how its answers are read.
#[derive(Clone, Debug)]
pub(super) struct Address {
    pub(super) shape: Arc<Shape>,
    pub(super) reader: Arc<Reader>,
}

/// What is wanted of a source.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) records: Address,
    pub(super) parents: Option<(Address, Parent)>,
    pub(super) stretch: Option<Stretch>,
    pub(super) sieve: Option<Sieve>,
    pub(super) fit: Option<Fit>,
    pub(super) limit: Option<u64>,
    pub(super) budget: Budget,
    pub(super) began: DateTime<Utc>,
}

/// A page that came before this extract began; of parents, with its records.
pub(super) type Kept = (Head, Option<String>);

/// Pages on their way to whoever reads them.
pub(super) struct Harvest {
    plan: Plan,
    courier: Arc<Courier>,
    out: Sender<Result<Frame, ApiError>>,
    kept: VecDeque<Kept>,
    kept_in: PathBuf,
    ahead: VecDeque<Early>,
    /// Records and bytes that were handed on.
    records: u64,
    bytes: u64,
    pages: u64,
    since: Instant,
    /// What was said already is not said of each page.
    said: FxHashSet<&'static str>,
}

/// An answer that was asked for ahead.
struct Early {
    role: Role,
    strand: u64,
    ask: Ask,
    answer: JoinHandle<Result<Read, ApiError>>,
}

impl Drop for Early {
    fn drop(&mut self) {
        self.answer.abort();
    }
}

/// Why no further page is handed on.
enum Stop {
    Failed(ApiError),
    /// What was wanted is there, or nobody wants it any more.
    Enough,
}

impl From<ApiError> for Stop {
    fn from(error: ApiError) -> Self {
        Self::Failed(error)
    }
}

impl Harvest {
    pub(super) fn new(
        plan: Plan,
        courier: Arc<Courier>,
        kept: VecDeque<Kept>,
        kept_in: PathBuf,
        out: Sender<Result<Frame, ApiError>>,
    ) -> Self {
        Self {
            plan,
            courier,
            out,
            kept,
            kept_in,
            ahead: VecDeque::new(),
            records: 0,
            bytes: 0,
            pages: 0,
            since: Instant::now(),
            said: FxHashSet::default(),
        }
    }

    /// Hands on all pages, or an error behind the last good one.
    pub(super) async fn run(mut self) {
        if let Err(Stop::Failed(error)) = self.all().await {
            // Whoever is gone needs no error.
            let _gone = self.out.send(Err(error)).await;
        }
    }

    async fn all(&mut self) -> Result<(), Stop> {
        if self.plan.limit == Some(0) {
            return Ok(());
        }
        let records = self.plan.records.clone();
        let mut habits = Habits::default();
        let Some((address, parent)) =
            self.plan.parents.as_ref().map(|(address, parent)| (address.clone(), parent.clone()))
        else {
            return self.strand(&records, &Strand::default(), &VecDeque::new(), &mut habits).await;
        };
        let target = address.shape.location();
        let (mut of_parents, mut strands, mut count) = (Habits::default(), VecDeque::new(), 0);
        let mut walk = Walk::new(&address.shape.pagination, None);
        let mut next = walk.first();
        while let Some(ask) = next {
            let frame =
                self.page(Role::Parents, &address, &Strand::default(), &mut walk, &ask, &mut of_parents).await?;
            for record in frame.0.records.lines() {
                strands.push_back(Strand::of(count, record, &parent, &target)?);
                count += 1;
            }
            self.hand_on(frame.0, frame.2).await?;
            next = frame.1;
            while let Some(strand) = strands.pop_front() {
                self.strand(&records, &strand, &strands, &mut habits).await?;
            }
        }
        Ok(())
    }

    /// All pages of one address.
    async fn strand(
        &mut self,
        address: &Address,
        strand: &Strand,
        others: &VecDeque<Strand>,
        habits: &mut Habits,
    ) -> Result<(), Stop> {
        let mut walk = Walk::new(&address.shape.pagination, self.plan.stretch);
        let mut next = walk.first();
        let mut tail = FxHashSet::default();
        while let Some(ask) = next {
            self.look_ahead(address, strand, others, &walk, &ask)?;
            let (read, kept) = self.take(Role::Records, address, strand, &ask, &walk).await?;
            let ignored = habits.ignores;
            let mut read = read;
            if kept.is_none() {
                Self::drop_repeated(&mut read, &tail);
            }
            let verdict = walk.after(&ask, &read.facts, habits)?;
            next = verdict.next;
            if let Some((head, _)) = kept {
                tail = head.tail.iter().copied().collect();
                self.count(&head)?;
                continue;
            }
            tail = self.tail(address, &read.records);
            let mut notes = self.notes(&read);
            if habits.ignores && !ignored {
                let (this, before) = (habits.pages, habits.pages - 1);
                let message = format!(
                    "page {this} is the same as page {before}: the API seems to ignore the parameters of pages"
                );
                notes.push(note(NoteLevel::Warning, code::PAGE017, message));
            }
            if !verdict.keep {
                read.records.clear();
            }
            let mut frame = self.frame(strand, &ask, read, notes)?;
            frame.head.tail = tail.iter().copied().collect();
            frame.head.tail.sort_unstable();
            let (frame, enough) = self.cap(frame, &address.shape);
            self.hand_on(frame, false).await?;
            if enough {
                return Err(Stop::Enough);
            }
        }
        Ok(())
    }

    /// A page of parents, with what follows from it, and whether it was kept before.
    async fn page(
        &mut self,
        role: Role,
        address: &Address,
        strand: &Strand,
        walk: &mut Walk<'_>,
        ask: &Ask,
        habits: &mut Habits,
    ) -> Result<(Frame, Option<Ask>, bool), Stop> {
        let (mut read, kept) = self.take(role, address, strand, ask, walk).await?;
        let verdict = walk.after(ask, &read.facts, habits)?;
        if !verdict.keep {
            read.records.clear();
        }
        if let Some((head, records)) = kept {
            return Ok((Frame { head, records: records.unwrap_or_default() }, verdict.next, true));
        }
        let notes = self.notes(&read);
        let mut head = self.head(role, ask, &read);
        head.notes = notes;
        let mut records = String::new();
        for record in &read.records {
            records.push_str(record);
            records.push('\n');
        }
        Ok((Frame { head, records }, verdict.next, false))
    }

    /// Starts requests that will most likely be needed.
    fn look_ahead(
        &mut self,
        address: &Address,
        strand: &Strand,
        others: &VecDeque<Strand>,
        walk: &Walk<'_>,
        ask: &Ask,
    ) -> Result<(), ApiError> {
        let budget = self.plan.budget;
        let trial = self.plan.limit.is_some() || budget.pages.is_some() || budget.bytes.is_some();
        let at_once = self.courier.pace.at_once();
        if trial || at_once < 2 || !self.kept.is_empty() || address.shape.pagination.max_records.is_some() {
            return Ok(());
        }
        let mut wanted = vec![(strand.clone(), ask.clone())];
        let mut further = walk.ahead(ask);
        while let Some(next) = further.filter(|_| wanted.len() < at_once) {
            further = walk.ahead(&next);
            wanted.push((strand.clone(), next));
        }
        for other in others.iter().take(at_once.saturating_sub(wanted.len())) {
            wanted.extend(walk.first().map(|first| (other.clone(), first)));
        }
        for (strand, ask) in wanted {
            let known = |early: &Early| early.strand == strand.number && early.ask == ask;
            if self.ahead.len() >= at_once || self.ahead.iter().any(known) {
                continue;
            }
            let prepared = address.shape.prepare(&strand.path, &ask)?;
            let (courier, reader) = (self.courier.clone(), address.reader.clone());
            let page = self.pages + 1 + self.ahead.len() as u64;
            let answer = tokio::spawn(async move {
                courier.ask(&prepared, page, |answer| with_count(reader.read(answer, &courier.veil))).await
            });
            self.ahead.push_back(Early { role: Role::Records, strand: strand.number, ask, answer });
        }
        Ok(())
    }

    /// The answer to a question: kept from before, asked for ahead, or asked for now.
    async fn take(
        &mut self,
        role: Role,
        address: &Address,
        strand: &Strand,
        ask: &Ask,
        walk: &Walk<'_>,
    ) -> Result<(Read, Option<Kept>), Stop> {
        self.pages += 1;
        if let Some((head, records)) = self.kept.pop_front() {
            if head.role == role && head.ask == *ask {
                let facts = head.facts.clone();
                let lines = records.iter().flat_map(|records| records.lines()).map(str::to_owned).collect();
                return Ok((Read { records: lines, facts, ..Read::default() }, Some((head, records))));
            }
            // The way is another one than before: what was kept of it is of no use.
            self.kept.clear();
            let reason = std::io::Error::new(std::io::ErrorKind::InvalidData, "pages that were kept do not fit");
            return Err(Stop::Failed(ApiError::Spool { path: self.kept_in.clone(), source: reason }));
        }
        let same = |early: &Early| early.role == role && early.strand == strand.number;
        let early = self.ahead.iter().position(|early| same(early) && early.ask == *ask);
        let answer = if let Some(mut early) = early.and_then(|at| self.ahead.remove(at)) {
            let lost =
                |lost: tokio::task::JoinError| ApiError::Threads { source: std::io::Error::other(lost.to_string()) };
            (&mut early.answer).await.unwrap_or_else(|error| Err(lost(error)))
        } else {
            self.ahead.retain(|early| !same(early));
            let prepared = address.shape.prepare(&strand.path, ask)?;
            let courier = &self.courier;
            let read = |answer: &_| with_count(address.reader.read(answer, &courier.veil));
            courier.ask(&prepared, self.pages, read).await
        };
        match answer {
            Ok(read) => Ok((read, None)),
            Err(ApiError::Status { status, .. }) if walk.ends_with(status) => {
                Ok((Read { facts: Facts { refused: true, ..Facts::default() }, ..Read::default() }, None))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Takes away what the page before had already, where both have their edge.
    fn drop_repeated(read: &mut Read, tail: &FxHashSet<u64>) {
        if tail.is_empty() {
            return;
        }
        let before = read.records.len();
        read.records.retain(|record| !tail.contains(&digest(record.as_bytes())));
        read.facts.again = (before - read.records.len()) as u64;
    }

    /// Records at the edge to the next page: those that share the key or cursor of the last.
    fn tail(&self, address: &Address, records: &[String]) -> FxHashSet<u64> {
        let field = match &address.shape.pagination.kind {
            PageKind::Keyset { field, .. } => keys(field),
            PageKind::Window { .. } => match &self.plan.sieve {
                Some(sieve) => sieve.field().to_vec(),
                None => return FxHashSet::default(),
            },
            _ => return FxHashSet::default(),
        };
        let key = |record: &str| json::at(record.as_bytes(), &field).map(<[u8]>::to_vec);
        let windows = matches!(address.shape.pagination.kind, PageKind::Window { .. });
        let edge = if windows {
            // Records of a stretch come in any order.
            records.iter().filter_map(|record| key(record)).max()
        } else {
            records.last().and_then(|record| key(record))
        };
        let Some(edge) = edge else { return FxHashSet::default() };
        records
            .iter()
            .filter(|record| key(record).as_ref() == Some(&edge))
            .map(|record| digest(record.as_bytes()))
            .collect()
    }

    /// What is worth saying of a page, once.
    fn notes(&mut self, read: &Read) -> Vec<Note> {
        let mut notes = Vec::new();
        let mut once = |said: &'static str, level: NoteLevel, code: Code, message: String| {
            if self.said.insert(said) {
                notes.push(note(level, code, message));
            }
        };
        if let Some(hint) = &read.facts.hint {
            let message = format!("one page was asked for, and there may be more: {hint}");
            once("hint", NoteLevel::Warning, code::PAGE013, message);
        }
        if let Some(said) = read.complaint.as_ref().filter(|_| !read.records.is_empty()) {
            once(
                "complaint",
                NoteLevel::Warning,
                code::EXT053,
                format!("the answer has an error beside its records: {said}"),
            );
        }
        if let Some(fields) = &read.lacks {
            let has = if fields.is_empty() { "it has no fields".to_owned() } else { format!("it has {fields}") };
            let message = format!("page {} has no records at `data_path`; {has}", self.pages);
            once("lacks", NoteLevel::Warning, code::EXT049, message);
        }
        notes
    }

    fn head(&self, role: Role, ask: &Ask, read: &Read) -> Head {
        Head {
            role,
            ask: ask.clone(),
            facts: read.facts.clone(),
            began: self.plan.began,
            cursor: None,
            left_out: LeftOut::default(),
            notes: Vec::new(),
            bytes: read.bytes,
            kept: read.records.len() as u64,
            tail: Vec::new(),
        }
    }

    /// What of a page is handed on.
    fn frame(&mut self, strand: &Strand, ask: &Ask, mut read: Read, notes: Vec<Note>) -> Result<Frame, ApiError> {
        let records = std::mem::take(&mut read.records);
        let mut head = Head { notes, ..self.head(Role::Records, ask, &read) };
        let records = match &mut self.plan.sieve {
            None => records,
            Some(sieve) => {
                let (records, left_out, cursor) = sieve.sift(records)?;
                (head.left_out, head.cursor) = (left_out, cursor);
                records
            }
        };
        head.kept = records.len() as u64;
        let mut lines = String::new();
        for record in records {
            if let Some(reason) = self.plan.fit.as_ref().and_then(|fit| fit.misses(&record)) {
                lines.push('!');
                lines.push_str(&serde_json::Value::String(reason).to_string());
                lines.push('\t');
            }
            lines.push_str(&strand.add_to(record));
            lines.push('\n');
        }
        Ok(Frame { head, records: lines })
    }

    /// The frame with no more records than are wanted, and whether that is enough.
    fn cap(&self, mut frame: Frame, shape: &Shape) -> (Frame, bool) {
        let most = shape.pagination.max_records;
        if let Some(left) = most.map(|most| most.saturating_sub(self.records))
            && frame.head.kept >= left
        {
            let left = usize::try_from(left).unwrap_or(usize::MAX);
            let end: usize = frame.records.split_inclusive('\n').take(left).map(str::len).sum();
            frame.records.truncate(end);
            frame.head.kept = left as u64;
            let message = format!("stopped at {} records, as `max_records` says", most.unwrap_or_default());
            frame.head.notes.push(note(NoteLevel::Warning, code::PAGE014, message));
            return (frame, true);
        }
        let Budget { pages, bytes, time } = self.plan.budget;
        let enough = self.plan.limit.is_some_and(|limit| self.records + frame.head.kept >= limit)
            || pages.is_some_and(|pages| self.pages >= pages)
            || bytes.is_some_and(|bytes| self.bytes + frame.head.bytes >= bytes)
            || time.is_some_and(|time| self.since.elapsed() >= time);
        (frame, enough)
    }

    /// Counts a page that was handed on by an earlier extract.
    fn count(&mut self, head: &Head) -> Result<(), Stop> {
        self.records += head.kept;
        self.bytes += head.bytes;
        if let (Some(sieve), Some(cursor)) = (&mut self.plan.sieve, &head.cursor) {
            sieve.goes_by(&cursor.type_name);
        }
        let most = self.plan.records.shape.pagination.max_records;
        if most.is_some_and(|most| self.records >= most) { Err(Stop::Enough) } else { Ok(()) }
    }

    async fn hand_on(&mut self, frame: Frame, known: bool) -> Result<(), Stop> {
        if frame.head.role == Role::Records {
            self.records += frame.head.kept;
        }
        self.bytes += frame.head.bytes;
        if known {
            return Ok(());
        }
        self.out.send(Ok(frame)).await.map_err(|_| Stop::Enough)
    }
}

fn with_count<E>(read: Result<Read, E>) -> Result<(Read, u64), E> {
    read.map(|read| {
        let records = read.records.len() as u64;
        (read, records)
    })
}

fn note(level: NoteLevel, code: Code, message: String) -> Note {
    Note { level, code: Some(code.to_string()), message }
}
