//! The events of a load: of the rows of its own partitions the last of each key and time, or of each key
//! and day, without those that an earlier partition has brought already. Knows no columns: values are
//! compared by fingerprints. Decides nothing about states; those are the business of [`super::timeline`].

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::fold::{Locator, Operation};
use super::timeline::{Fingerprint, KeyRow};
use crate::bronze::Landed;
use crate::config::settings::LoadPattern;

/// What a partition of the input is to the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Its events are written.
    Own,
    /// Its events stand in an earlier load.
    Earlier,
    /// A later snapshot stands for its date.
    Superseded,
}

impl Role {
    /// Those of the partitions of a load of `date`, which are in order of arrival.
    pub(crate) fn of_all(partitions: &[Landed], date: NaiveDate) -> Vec<Self> {
        let is_full = |landed: &Landed| landed.pattern == LoadPattern::Full;
        let role = |(number, landed): (usize, &Landed)| {
            let again = |later: &Landed| is_full(later) && later.date == landed.date;
            if is_full(landed) && partitions[number + 1..].iter().any(again) {
                Self::Superseded
            } else if landed.date == date {
                Self::Own
            } else {
                Self::Earlier
            }
        };
        partitions.iter().enumerate().map(role).collect()
    }
}

/// The day of a time; `None`: it is of the load's own date.
type DayOf<'a, O> = &'a (dyn Fn(&O) -> Option<NaiveDate> + Sync);

/// What the events of all keys follow.
pub(crate) struct EventRules<'a, O> {
    /// What each partition is.
    pub(crate) roles: &'a [Role],
    /// The day of a time, where one event a day stays; `None`: one of each time does.
    pub(crate) day: Option<DayOf<'a, O>>,
    /// Whether a delete is an event, too.
    pub(crate) tombstones: bool,
}

/// Rows that became no event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct EventCounts {
    /// Events that an earlier partition has brought.
    pub(crate) repeated: u64,
    /// Rows of the load's own partitions for which a later one of the same key and time, or day, stands.
    pub(crate) superseded: u64,
    /// Pairs of neighbouring rows of one partition with equal times.
    pub(crate) order_ties: u64,
}

impl EventCounts {
    /// Adds those of other keys.
    pub(crate) fn add(&mut self, other: Self) {
        self.repeated += other.repeated;
        self.superseded += other.superseded;
        self.order_ties += other.order_ties;
    }
}

/// Gives the events of one key, by time, and whether each is a delete. `rows` are all rows of the key, in
/// order of arrival. Takes time in proportion to `rows`, but for sorting.
pub(crate) fn events<O: Ord>(
    rows: &[&KeyRow<O, Fingerprint>],
    rules: &EventRules<'_, O>,
    mut each: impl FnMut(Locator, bool),
) -> EventCounts {
    let role = |row: &KeyRow<O, Fingerprint>| rules.roles[row.at.partition as usize];
    let is_delete = |row: &KeyRow<O, Fingerprint>| row.operation == Operation::Delete;
    let mut own: Vec<_> = rows.iter().copied().filter(|row| role(row) == Role::Own).collect();
    let mut counts = EventCounts::default();
    if own.is_empty() {
        return counts;
    }
    // The sort is stable, so that of equal times the last by arrival stays the last.
    own.sort_by(|one, other| one.order.cmp(&other.order));
    let earlier: BTreeSet<_> = rows
        .iter()
        .filter(|row| role(row) == Role::Earlier)
        .map(|row| (&row.order, row.value, is_delete(row)))
        .collect();
    let tied = |pair: &[&KeyRow<O, Fingerprint>]| {
        pair[0].order == pair[1].order && pair[0].at.partition == pair[1].at.partition
    };
    counts.order_ties = own.windows(2).filter(|pair| tied(pair)).count() as u64;
    let together = |one: &&KeyRow<O, Fingerprint>, other: &&KeyRow<O, Fingerprint>| match rules.day {
        None => one.order == other.order,
        Some(day) => one.order.as_ref().and_then(day) == other.order.as_ref().and_then(day),
    };
    for group in own.chunk_by(together) {
        counts.superseded += group.len() as u64 - 1;
        let Some(last) = group.last() else { continue };
        let deleted = is_delete(last);
        if earlier.contains(&(&last.order, last.value, deleted)) {
            counts.repeated += 1;
        } else if !deleted || rules.tombstones {
            each(last.at, deleted);
        }
    }
    counts
}
