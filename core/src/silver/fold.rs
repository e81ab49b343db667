//! The fold of SILVER.md §2, for the question "which row of each key is current".
//!
//! Rows come in order of arrival (partition by partition, row by row). Per key it is enough to keep
//! the greatest event so far under (order value, arrival) and what a full partition will need to
//! know of the past; nothing is sorted and no row is kept. What a full partition says of a key
//! (asserted again, or deleted by absence) is worked out when the key is met again, or at the end.
//!
//! `O` is an order value that is not null; `None` sorts first. Where rows have no order value at
//! all, every order value is the same and arrival alone decides.

use super::keys::{Key, Keys};

/// What a row does to its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Insert or update, without saying which.
    Upsert,
    /// Insert, by its code.
    Insert,
    /// Update, by its code.
    Update,
    /// Delete.
    Delete,
}

/// Where a row is: number of its partition in the input, number of the row in the partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Locator {
    /// From 0.
    pub(crate) partition: u32,
    /// From 0.
    pub(crate) row: u64,
}

/// What is decided about one full partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FullCount {
    /// Keys that were live before it.
    pub(crate) live_before: u64,
    /// Of those, keys that it still has.
    pub(crate) kept: u64,
    /// Keys that are live after it.
    pub(crate) live_after: u64,
}

/// Rules that differ by dataset.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FoldRules {
    /// Whether order values are points in time, so that the instant of a date can be compared.
    pub(crate) temporal: bool,
}

#[derive(Debug)]
struct KeyState<O> {
    /// The greatest event so far, and whether it leaves the key alive (`None`: deleted).
    best: Option<Locator>,
    best_order: Option<O>,
    /// The partition of the row that is the greatest event; `None` once a full has spoken after it.
    best_partition: Option<u32>,
    /// The greatest order value of the key's rows so far.
    greatest: Option<O>,
    /// The same before the partition in which the key was met last.
    greatest_before: Option<O>,
    /// The partition in which the key was met last.
    seen: u32,
    /// The last full whose word on the key is in `best`.
    settled: Option<u32>,
}

/// A full partition that has been read to its end.
#[derive(Clone, Debug)]
struct Full<O> {
    partition: u32,
    instant: Option<O>,
}

/// The state of all keys of one bucket.
#[derive(Debug)]
pub(crate) struct Fold<O> {
    rules: FoldRules,
    keys: Keys,
    /// By the number of the key.
    states: Vec<KeyState<O>>,
    /// The last full that ended.
    full: Option<Full<O>>,
    current: Current<O>,
    live: u64,
    order_ties: u64,
}

/// The partition being read.
#[derive(Debug)]
struct Current<O> {
    partition: u32,
    is_full: bool,
    instant: Option<O>,
    count: FullCount,
}

impl<O: Ord + Clone> Fold<O> {
    /// No keys yet.
    pub(crate) fn new(rules: FoldRules) -> Self {
        let current = Current { partition: 0, is_full: false, instant: None, count: FullCount::default() };
        Self { rules, keys: Keys::default(), states: Vec::new(), full: None, current, live: 0, order_ties: 0 }
    }

    /// The next partition begins. `instant` is 00:00 of its date as an order value.
    pub(crate) fn begin(&mut self, partition: u32, is_full: bool, instant: Option<O>) {
        let instant = instant.filter(|_| self.rules.temporal);
        let count = FullCount { live_before: self.live, ..FullCount::default() };
        self.current = Current { partition, is_full, instant, count };
    }

    /// A row of the partition.
    pub(crate) fn row(&mut self, key: Key<'_>, order: Option<O>, operation: Operation, row: u64) {
        let partition = self.current.partition;
        let locator = (operation != Operation::Delete).then_some(Locator { partition, row });
        let number = self.keys.number(key) as usize;
        let Some(state) = self.states.get_mut(number) else {
            let order_at = self.current.order_of(order.clone(), operation, None);
            let live = u64::from(locator.is_some());
            self.live += u64::from(!self.current.is_full) * live;
            self.current.count.live_after += live;
            let state = KeyState {
                best: locator,
                best_order: order_at,
                best_partition: Some(partition),
                greatest: order,
                greatest_before: None,
                seen: partition,
                settled: None,
            };
            self.states.push(state);
            return;
        };
        let first_here = state.seen != partition;
        if first_here {
            state.settle(self.full.as_ref());
            state.greatest_before.clone_from(&state.greatest);
            state.seen = partition;
        }
        let order_at = self.current.order_of(order.clone(), operation, state.greatest.as_ref());
        let was_live = state.best.is_some();
        if self.current.is_full {
            // What stood before is decided by the full itself; only its own rows compete here.
            let counted = !first_here && was_live;
            if first_here || order_at >= state.best_order {
                self.order_ties += u64::from(!first_here && order_at == state.best_order);
                state.best = locator;
                state.best_order = order_at;
                state.best_partition = Some(partition);
            }
            let live = state.best.is_some();
            self.current.count.live_after += u64::from(live);
            self.current.count.live_after -= u64::from(counted);
            self.current.count.kept += u64::from(first_here && was_live);
        } else if order_at >= state.best_order {
            self.order_ties += u64::from(order_at == state.best_order && state.best_partition == Some(partition));
            state.best = locator;
            state.best_order = order_at;
            state.best_partition = Some(partition);
            self.live += u64::from(state.best.is_some());
            self.live -= u64::from(was_live);
        }
        if order > state.greatest {
            state.greatest = order;
        }
    }

    /// The partition ends.
    pub(crate) fn end(&mut self) -> FullCount {
        if self.current.is_full {
            self.live = self.current.count.live_after;
            self.full = Some(Full { partition: self.current.partition, instant: self.current.instant.take() });
        } else {
            self.current.count.live_after = self.live;
        }
        self.current.count
    }

    /// The rows that are current, in no particular order, and how often arrival had to decide
    /// between equal order values of one partition.
    pub(crate) fn finish(self) -> (Vec<Locator>, u64) {
        let full = self.full;
        let mut winners = Vec::with_capacity(usize::try_from(self.live).unwrap_or_default());
        for mut state in self.states {
            state.settle(full.as_ref());
            winners.extend(state.best);
        }
        (winners, self.order_ties)
    }
}

impl<O: Ord + Clone> Current<O> {
    /// The order value at which a row takes effect. A delete without one takes effect after all
    /// that is known of its key, and not before its date.
    fn order_of(&self, order: Option<O>, operation: Operation, greatest: Option<&O>) -> Option<O> {
        if order.is_some() || operation != Operation::Delete {
            return order;
        }
        greatest.cloned().max(self.instant.clone())
    }
}

impl<O: Ord + Clone> KeyState<O> {
    /// Lets the last full speak, if the key has not been met since.
    fn settle(&mut self, full: Option<&Full<O>>) {
        let Some(full) = full.filter(|full| self.seen <= full.partition && self.settled != Some(full.partition)) else {
            return;
        };
        if self.seen == full.partition {
            // Present: asserted again at w, unless its own order value is later still.
            let w = self.greatest_before.clone().max(full.instant.clone());
            self.best_order = self.best_order.clone().max(w);
        } else {
            // Known before, but absent: deleted at w.
            self.best = None;
            self.best_order = self.greatest.clone().max(full.instant.clone());
        }
        self.best_partition = None;
        self.settled = Some(full.partition);
    }
}

#[cfg(test)]
mod tests {
    //! The fold against a plain oracle: all events of a key, sorted, the last one wins.

    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    struct Row {
        key: u8,
        order: Option<i64>,
        delete: bool,
    }

    #[derive(Clone, Debug)]
    struct Partition {
        is_full: bool,
        instant: i64,
        rows: Vec<Row>,
    }

    /// SILVER.md §2 to the letter, as far as it decides the current row.
    fn oracle(partitions: &[Partition], temporal: bool) -> BTreeMap<u8, (u32, u64)> {
        type Row = (u32, u64);
        type Event = (Option<i64>, usize, Option<Row>);
        let mut events: BTreeMap<u8, Vec<Event>> = BTreeMap::new();
        let mut greatest: BTreeMap<u8, Option<i64>> = BTreeMap::new();
        let mut arrival = 0;
        for (number, partition) in partitions.iter().enumerate() {
            let number = u32::try_from(number).unwrap();
            let instant = temporal.then_some(partition.instant);
            let before = greatest.clone();
            let mut last: BTreeMap<u8, (Option<i64>, Option<Row>)> = BTreeMap::new();
            for (row, entry) in partition.rows.iter().enumerate() {
                let so_far = greatest.get(&entry.key).copied().flatten();
                let order = if entry.delete && entry.order.is_none() { so_far.max(instant) } else { entry.order };
                let at = (!entry.delete).then_some((number, row as u64));
                arrival += 1;
                events.entry(entry.key).or_default().push((order, arrival, at));
                let known = greatest.entry(entry.key).or_default();
                *known = (*known).max(entry.order);
                let standing = last.entry(entry.key).or_insert((order, at));
                if order >= standing.0 {
                    *standing = (order, at);
                }
            }
            if !partition.is_full {
                continue;
            }
            let keys: BTreeSet<u8> = before.keys().chain(last.keys()).copied().collect();
            for key in keys {
                let w = before.get(&key).copied().flatten().max(instant);
                arrival += 1;
                match last.get(&key) {
                    Some((own, at)) if w >= *own => events.entry(key).or_default().push((w, arrival, *at)),
                    Some(_) => {}
                    None => events.entry(key).or_default().push((w, arrival, None)),
                }
            }
        }
        events
            .into_iter()
            .filter_map(|(key, mut events)| {
                events.sort_by_key(|(order, arrival, _)| (*order, *arrival));
                Some((key, events.last()?.2?))
            })
            .collect()
    }

    fn folded(partitions: &[Partition], temporal: bool) -> (BTreeMap<u8, (u32, u64)>, Vec<FullCount>) {
        let mut fold = Fold::new(FoldRules { temporal });
        let mut counts = Vec::new();
        for (number, partition) in partitions.iter().enumerate() {
            fold.begin(u32::try_from(number).unwrap(), partition.is_full, Some(partition.instant));
            for (row, entry) in partition.rows.iter().enumerate() {
                let operation = if entry.delete { Operation::Delete } else { Operation::Upsert };
                fold.row(Key::of(&[entry.key]), entry.order, operation, row as u64);
            }
            counts.push(fold.end());
        }
        let winners = fold.finish().0;
        let key =
            |winner: &Locator| partitions[winner.partition as usize].rows[usize::try_from(winner.row).unwrap()].key;
        (winners.iter().map(|winner| (key(winner), (winner.partition, winner.row))).collect(), counts)
    }

    fn row(orders: impl Strategy<Value = Option<i64>>) -> impl Strategy<Value = Row> {
        (0..5_u8, orders, prop::bool::weighted(0.25)).prop_map(|(key, order, delete)| Row { key, order, delete })
    }

    fn history() -> impl Strategy<Value = Vec<Partition>> {
        let partition =
            (prop::bool::weighted(0.4), prop::collection::vec(row(prop::option::weighted(0.85, 0..60_i64)), 0..8));
        prop::collection::vec(partition, 0..7).prop_map(|partitions| {
            let at = |(number, (is_full, rows)): (usize, (bool, Vec<Row>))| Partition {
                is_full,
                instant: i64::try_from(number).unwrap() * 10,
                rows,
            };
            partitions.into_iter().enumerate().map(at).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn the_current_row_is_the_oracles(partitions in history(), temporal: bool) {
            prop_assert_eq!(folded(&partitions, temporal).0, oracle(&partitions, temporal));
        }

        #[test]
        fn after_a_full_the_current_rows_are_its_keys(partitions in history(), temporal: bool) {
            let mut partitions = partitions;
            if let Some(last) = partitions.last_mut() {
                last.is_full = true;
                last.rows.iter_mut().for_each(|row| row.delete = false);
                let keys: BTreeSet<u8> = last.rows.iter().map(|row| row.key).collect();
                prop_assert_eq!(folded(&partitions, temporal).0.into_keys().collect::<BTreeSet<u8>>(), keys);
            }
        }

        #[test]
        fn the_guard_counts_live_keys(partitions in history(), temporal: bool) {
            let (_, counts) = folded(&partitions, temporal);
            for (number, partition) in partitions.iter().enumerate().filter(|(_, partition)| partition.is_full) {
                let before = oracle(&partitions[..number], temporal);
                let kept = before.keys().filter(|key| partition.rows.iter().any(|row| row.key == **key)).count() as u64;
                let after = oracle(&partitions[..=number], temporal).len() as u64;
                prop_assert_eq!(counts[number], FullCount { live_before: before.len() as u64, kept, live_after: after });
            }
        }

        #[test]
        fn arrival_does_not_matter_for_distinct_order_values(mut rows in prop::collection::vec((0..4_u8, prop::bool::weighted(0.3)), 1..12), seed in any::<u64>()) {
            let one = |rows: &[(usize, (u8, bool))]| {
                let rows = rows.iter().map(|(order, (key, delete))| Row { key: *key, order: i64::try_from(*order).ok(), delete: *delete }).collect();
                let partitions = [Partition { is_full: false, instant: 0, rows }];
                let winners = folded(&partitions, true).0;
                winners.into_iter().map(|(key, (_, row))| (key, partitions[0].rows[usize::try_from(row).unwrap()].order)).collect::<BTreeMap<_, _>>()
            };
            let numbered: Vec<_> = rows.drain(..).enumerate().collect();
            let mut shuffled = numbered.clone();
            shuffled.sort_by_key(|(order, _)| (*order as u64).wrapping_mul(seed | 1).rotate_left(17));
            prop_assert_eq!(one(&numbered), one(&shuffled));
        }
    }
}
