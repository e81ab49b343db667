//! The fold of a key as a whole: from its rows in order of arrival to its events in their order, and
//! from those to versions and changes.
//!
//! Where [`super::fold`] only asks which row is current, this keeps every event, so that versions have
//! bounds, late rows split runs, and fulls speak at their time. It reads nothing and knows no columns:
//! values are compared by fingerprints.

use super::fold::{FullCount, Locator, Operation};
use super::order::OrderValue;
use super::picks::ChangeKind;

/// Stands for the compared values of a row: equal values, equal fingerprints.
pub(crate) type Fingerprint = u128;

/// A row of a key.
#[derive(Clone, Debug)]
pub(crate) struct KeyRow<O, V> {
    /// Where it is.
    pub(crate) at: Locator,
    /// Its order value; `None` is null.
    pub(crate) order: Option<O>,
    /// What it does.
    pub(crate) operation: Operation,
    /// What is known of its values.
    pub(crate) value: V,
}

/// A partition of the input.
#[derive(Clone, Debug)]
pub(crate) struct Day<O> {
    /// Whether it is a snapshot of everything.
    pub(crate) is_full: bool,
    /// 00:00 of its date as an order value; `None` where those are no points in time.
    pub(crate) instant: Option<O>,
    /// 00:00 of its date, microseconds since the epoch.
    pub(crate) midnight: i64,
}

/// What the events of all keys follow.
#[derive(Clone, Debug)]
pub(crate) struct TimelineRules<O> {
    /// Whether order values are points in time.
    pub(crate) temporal: bool,
    /// Units of an order value's first column in a microsecond.
    pub(crate) per_microsecond: i64,
    /// Whether what a full lacks is deleted.
    pub(crate) absence_deletes: bool,
    /// The partitions.
    pub(crate) days: Vec<Day<O>>,
    /// Numbers of the full ones.
    pub(crate) fulls: Vec<u32>,
}

/// What an event does to its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// The key has the values of this row.
    Upsert(Locator, Fingerprint),
    /// The key is gone.
    Delete,
}

/// Something that happens to a key.
#[derive(Clone, Debug)]
pub(crate) struct Event<O> {
    order: Option<O>,
    /// Microseconds since the epoch; `None`: unknown, before all that is known.
    pub(crate) time: Option<i64>,
    /// What happens.
    pub(crate) what: What,
    /// The row that says so, and with which operation; `None`: a full as a whole.
    pub(crate) row: Option<(Locator, Operation)>,
}

/// A version of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    /// The row with its values.
    pub(crate) at: Locator,
    /// Its start; `None`: unknown.
    pub(crate) from: Option<i64>,
    /// Its end; `None`: open.
    pub(crate) to: Option<i64>,
    /// Whether it says that the key is deleted.
    pub(crate) deleted: bool,
}

/// Makes the events of one key after the other.
#[derive(Debug)]
pub(crate) struct Timeline<O> {
    rules: TimelineRules<O>,
    events: Vec<Event<O>>,
    /// The event that counts last among those so far, by its place in `events`.
    best: Option<usize>,
    /// For each partition, what it did to the keys so far.
    pub(crate) counts: Vec<FullCount>,
    /// Pairs of neighbouring rows of one partition with equal order values.
    pub(crate) order_ties: u64,
}

impl<O: OrderValue> Timeline<O> {
    /// No key yet.
    pub(crate) fn new(rules: TimelineRules<O>) -> Self {
        let counts = vec![FullCount::default(); rules.days.len()];
        Self { rules, events: Vec::new(), best: None, counts, order_ties: 0 }
    }

    /// The events of a key in their order: by order value, then by arrival. `rows` are all rows of
    /// the key, in order of arrival.
    pub(crate) fn events(&mut self, rows: &[&KeyRow<O, Fingerprint>]) -> &[Event<O>] {
        self.events.clear();
        self.best = None;
        let first = rows.first().map_or(u32::MAX, |row| row.at.partition);
        let mut next_full = self.rules.fulls.partition_point(|full| *full < first);
        let mut greatest: Option<O> = None;
        for rows in rows.chunk_by(|one, other| one.at.partition == other.at.partition) {
            let partition = rows[0].at.partition;
            while let Some(full) = self.rules.fulls.get(next_full).copied().filter(|full| *full < partition) {
                self.absent(full, greatest.as_ref());
                next_full += 1;
            }
            if self.rules.fulls.get(next_full) == Some(&partition) {
                next_full += 1;
            }
            self.partition(rows, &mut greatest);
        }
        // A key that never comes back is deleted once; what further fulls lack of it changes nothing.
        if let Some(full) = self.rules.fulls.get(next_full).copied() {
            self.absent(full, greatest.as_ref());
        }
        // Stable, and pushed in order of arrival, which so decides between equal order values.
        self.events.sort_by(|one, other| one.order.cmp(&other.order));
        self.settle();
        &self.events
    }

    /// The rows of one partition, and what it says as a whole if it is a full.
    fn partition(&mut self, rows: &[&KeyRow<O, Fingerprint>], greatest: &mut Option<O>) {
        let number = rows[0].at.partition as usize;
        let Day { is_full, instant, midnight, .. } = self.rules.days[number].clone();
        let was_live = self.is_live();
        let before = greatest.clone();
        let mut last: Option<usize> = None;
        for row in rows {
            let deletes = row.operation == Operation::Delete;
            // A delete without an order value takes effect after all that is known of its key.
            let order =
                if row.order.is_none() && deletes { greatest.clone().max(instant.clone()) } else { row.order.clone() };
            let time = match &order {
                Some(order) if self.rules.temporal => Some(self.micros(order)),
                _ if row.order.is_none() && !deletes => None,
                _ => Some(midnight),
            };
            let what = if deletes { What::Delete } else { What::Upsert(row.at, row.value) };
            let at = self.push(Event { order, time, what, row: Some((row.at, row.operation)) });
            if last.is_none_or(|last| self.events[at].order >= self.events[last].order) {
                last = Some(at);
            }
            if row.order > *greatest {
                greatest.clone_from(&row.order);
            }
        }
        if let Some(last) = last.filter(|_| is_full) {
            let word = before.max(instant);
            if word >= self.events[last].order {
                let what = self.events[last].what;
                self.word(number, word, what);
            }
            let live = self.is_live();
            let count = &mut self.counts[number];
            count.live_before += u64::from(was_live);
            count.kept += u64::from(was_live);
            count.live_after += u64::from(live);
        }
    }

    /// A full that lacks the key.
    fn absent(&mut self, full: u32, greatest: Option<&O>) {
        let number = full as usize;
        let was_live = self.is_live();
        self.counts[number].live_before += u64::from(was_live);
        if self.rules.absence_deletes {
            let word = greatest.cloned().max(self.rules.days[number].instant.clone());
            self.word(number, word, What::Delete);
        }
        self.counts[number].live_after += u64::from(self.is_live());
    }

    /// What a full says as a whole.
    fn word(&mut self, number: usize, order: Option<O>, what: What) {
        let time = match &order {
            Some(order) if self.rules.temporal => self.micros(order),
            _ => self.rules.days[number].midnight,
        };
        self.push(Event { order, time: Some(time), what, row: None });
    }

    fn push(&mut self, event: Event<O>) -> usize {
        let at = self.events.len();
        if self.best.is_none_or(|best| event.order >= self.events[best].order) {
            self.best = Some(at);
        }
        self.events.push(event);
        at
    }

    fn is_live(&self) -> bool {
        self.best.is_some_and(|best| matches!(self.events[best].what, What::Upsert(..)))
    }

    fn micros(&self, order: &O) -> i64 {
        order.first().div_euclid(self.rules.per_microsecond)
    }

    /// Counts ties, and lowers times that are dates to those of later events, so that bounds never run
    /// backwards.
    fn settle(&mut self) {
        let tied = |pair: &[Event<O>]| match (&pair[0].row, &pair[1].row) {
            (Some((one, _)), Some((other, _))) => one.partition == other.partition && pair[0].order == pair[1].order,
            _ => false,
        };
        self.order_ties += self.events.windows(2).filter(|pair| tied(pair)).count() as u64;
        if self.rules.temporal {
            return;
        }
        let mut later: Option<Option<i64>> = None;
        for event in self.events.iter_mut().rev() {
            event.time = later.map_or(event.time, |later| event.time.min(later));
            later = Some(event.time);
        }
    }
}

/// The versions that events in their order make. With `tombstones`, a deleted key has a version that
/// says so, with its last values.
pub(crate) fn versions<O>(events: &[Event<O>], tombstones: bool, mut each: impl FnMut(Version)) {
    let mut open: Option<(Version, Fingerprint)> = None;
    let last_of_time = |group: &'_ [Event<O>]| group.last().map(|event| (event.time, event.what));
    for (time, what) in events.chunk_by(|one, other| one.time == other.time).filter_map(last_of_time) {
        let next = match (what, &mut open) {
            (What::Upsert(at, value), Some((version, standing))) if !version.deleted && *standing == value => {
                version.at = at;
                continue;
            }
            (What::Upsert(at, value), _) => Some((Version { at, from: time, to: None, deleted: false }, value)),
            (What::Delete, Some((version, value))) if tombstones => {
                if version.deleted {
                    continue;
                }
                Some((Version { at: version.at, from: time, to: None, deleted: true }, *value))
            }
            (What::Delete, None) => continue,
            (What::Delete, Some(_)) => None,
        };
        if let Some((closed, _)) = std::mem::replace(&mut open, next) {
            each(Version { to: time, ..closed });
        }
    }
    if let Some((version, _)) = open {
        each(version);
    }
}

/// What each row among the events does to its key: as its code says, else an insert if the key is not
/// live just before it, else an update.
pub(crate) fn changes<O>(events: &[Event<O>], mut each: impl FnMut(Locator, ChangeKind)) {
    let mut live = false;
    for event in events {
        if let Some((at, operation)) = event.row {
            each(
                at,
                match operation {
                    Operation::Delete => ChangeKind::Delete,
                    Operation::Update => ChangeKind::Update,
                    Operation::Upsert if live => ChangeKind::Update,
                    Operation::Insert | Operation::Upsert => ChangeKind::Insert,
                },
            );
        }
        live = matches!(event.what, What::Upsert(..));
    }
}

/// What a source that brings its own history says of the end of a version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Given {
    /// Its end, microseconds since the epoch.
    pub(crate) to: Option<i64>,
    /// Whether it is the current one.
    pub(crate) current: Option<bool>,
}

/// The versions of a key as its source brings them: `rows` are all rows of the key in order of
/// arrival, `start` tells when one begins, `midnight` is 00:00 of their date. Of rows with one start
/// the last counts. An end is kept, but ends no later than the next start; the last version is open
/// if it has no end or is said to be current, and one that is said not to be current without having
/// an end ends with the date.
pub(crate) fn given_versions<O: OrderValue>(
    rows: &mut [&KeyRow<O, Given>],
    start: impl Fn(&O) -> i64,
    midnight: i64,
    mut each: impl FnMut(Version),
) {
    rows.sort_by(|one, other| one.order.cmp(&other.order));
    let from = |row: &KeyRow<O, Given>| row.order.as_ref().map(&start);
    let mut groups = rows.chunk_by(|one, other| from(one) == from(other)).peekable();
    while let Some(group) = groups.next() {
        let Some(row) = group.last().filter(|row| row.operation != Operation::Delete) else { continue };
        let starts = from(row);
        let next = groups.peek().and_then(|group| group.first()).map(|row| from(row));
        let to = match next {
            Some(next) => next.map(|next| row.value.to.map_or(next, |to| to.min(next))),
            None if row.value.current == Some(true) => None,
            None if row.value.current == Some(false) => Some(row.value.to.unwrap_or(midnight)),
            None => row.value.to,
        };
        // An end before the start bounds nothing.
        let to = to.map(|to| starts.map_or(to, |starts| to.max(starts)));
        each(Version { at: row.at, from: starts, to, deleted: false });
    }
}
