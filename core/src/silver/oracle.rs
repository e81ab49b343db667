//! The models against a plain oracle, over many thousands of generated histories in memory: several
//! rows of a key in a partition, ties, late rows, duplicates, deletes, keys that come back, null order
//! values, fulls inside. The oracle is a sort and a loop, and shares nothing with the engine but the
//! rows it is given.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::events::{self, EventCounts, EventRules, Role};
use super::fold::{Fold, FoldRules, Locator, Operation};
use super::keys::Key;
use super::picks::ChangeKind;
use super::timeline::{self, Day, Given, KeyRow, Timeline, TimelineRules};

#[derive(Clone, Debug)]
struct Row {
    key: u8,
    order: Option<i64>,
    operation: Operation,
    value: u64,
}

#[derive(Clone, Debug)]
struct Partition {
    day: i64,
    is_full: bool,
    rows: Vec<Row>,
}

/// How order values are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Time,
    Number,
    Arrival,
}

/// 00:00 of a day. Order values lie between, so that many coincide.
fn midnight(day: i64) -> i64 {
    day * 10
}

/// Key, row, start, end, deleted.
type Span = (u8, (usize, usize), Option<i64>, Option<i64>, bool);
/// Order value, time, and the row (number of partition and row, value) or `None` for a delete.
type Event = (Option<i64>, Option<i64>, Option<((usize, usize), u64)>);

/// Events by key, each with the row that says so, if one does.
type Events = BTreeMap<u8, Vec<(Event, Option<(usize, Row)>)>>;
/// Start, end and flag of a version that a source brings.
type Bounds = (Option<i64>, Option<i64>, Option<bool>);

/// The events of each key, sorted by order value; of equal ones in order of arrival.
fn events(partitions: &[Partition], kind: Kind, ignore: bool) -> Events {
    let mut events = Events::new();
    let mut greatest: BTreeMap<u8, Option<i64>> = BTreeMap::new();
    for (p, partition) in partitions.iter().enumerate() {
        let floor = (kind == Kind::Time).then(|| midnight(partition.day));
        let timed = |order: Option<i64>| if kind == Kind::Time { order } else { Some(midnight(partition.day)) };
        let before = greatest.clone();
        let mut here: BTreeMap<u8, Vec<Event>> = BTreeMap::new();
        for (r, row) in partition.rows.iter().enumerate() {
            let delete = row.operation == Operation::Delete;
            if delete && ignore {
                continue;
            }
            let given = if kind == Kind::Arrival { Some(0) } else { row.order };
            let known = greatest.entry(row.key).or_default();
            let order = if delete && given.is_none() { (*known).max(floor) } else { given };
            let time = if given.is_none() && !delete { None } else { timed(order) };
            let event = (order, time, (!delete).then_some(((p, r), row.value)));
            here.entry(row.key).or_default().push(event);
            events.entry(row.key).or_default().push((event, Some((r, row.clone()))));
            *known = (*known).max(given);
        }
        for (key, earlier) in before
            .iter()
            .map(|(key, order)| (*key, *order))
            .chain(here.keys().filter(|key| !before.contains_key(key)).map(|key| (*key, None)))
        {
            if !partition.is_full {
                continue;
            }
            let w = earlier.max(floor);
            match here.get(&key).and_then(|rows| rows.iter().max_by_key(|event| event.0)) {
                Some(last) if w >= last.0 => events.entry(key).or_default().push(((w, timed(w), last.2), None)),
                Some(_) => {}
                None if ignore => {}
                None => events.entry(key).or_default().push(((w, timed(w), None), None)),
            }
        }
    }
    for events in events.values_mut() {
        events.sort_by_key(|(event, _)| event.0);
        for at in (1..events.len()).rev().filter(|_| kind != Kind::Time) {
            events[at - 1].0.1 = events[at - 1].0.1.min(events[at].0.1);
        }
    }
    events
}

/// The versions of each key.
fn oracle(partitions: &[Partition], kind: Kind, ignore: bool, tombstones: bool) -> BTreeSet<Span> {
    let mut spans = BTreeSet::new();
    for (key, events) in events(partitions, kind, ignore) {
        let mut open: Option<(Span, u64)> = None;
        for (at, ((_, time, what), _)) in events.iter().enumerate() {
            if events.get(at + 1).is_some_and(|next| next.0.1 == *time) {
                continue;
            }
            let same = match (&open, what) {
                (None, None) => true,
                (Some((span, value)), Some((_, new))) => !span.4 && value == new,
                (Some((span, _)), None) => span.4,
                (None, Some(_)) => false,
            };
            if same {
                if let (Some((span, _)), Some((row, _))) = (&mut open, what) {
                    span.1 = *row;
                }
                continue;
            }
            let closed = open.take();
            if let Some((span, _)) = closed {
                spans.insert((span.0, span.1, span.2, *time, span.4));
            }
            open = match what {
                Some((row, value)) => Some(((key, *row, *time, None, false), *value)),
                None => closed.filter(|_| tombstones).map(|(span, value)| ((key, span.1, *time, None, true), value)),
            };
        }
        spans.extend(open.map(|(span, _)| span));
    }
    spans
}

fn rules(partitions: &[Partition], kind: Kind, ignore: bool) -> TimelineRules<i64> {
    let day = |partition: &Partition| Day {
        is_full: partition.is_full,
        instant: (kind == Kind::Time).then(|| midnight(partition.day)),
        midnight: midnight(partition.day),
    };
    TimelineRules {
        temporal: kind == Kind::Time,
        per_microsecond: 1,
        absence_deletes: !ignore,
        days: partitions.iter().map(day).collect(),
        fulls: (0..).zip(partitions).filter(|(_, partition)| partition.is_full).map(|(number, _)| number).collect(),
    }
}

/// Rows as the engine's reading gives them, by key.
fn by_key(partitions: &[Partition], kind: Kind, ignore: bool) -> BTreeMap<u8, Vec<KeyRow<i64, u128>>> {
    let mut keys: BTreeMap<u8, Vec<KeyRow<i64, u128>>> = BTreeMap::new();
    for (number, partition) in (0..).zip(partitions) {
        for (row, entry) in (0..).zip(&partition.rows) {
            if ignore && entry.operation == Operation::Delete {
                continue;
            }
            keys.entry(entry.key).or_default().push(KeyRow {
                at: Locator { partition: number, row },
                order: if kind == Kind::Arrival { Some(0) } else { entry.order },
                operation: entry.operation,
                value: entry.value.into(),
            });
        }
    }
    keys
}

fn place(at: Locator) -> (usize, usize) {
    (at.partition as usize, usize::try_from(at.row).unwrap())
}

fn engine(partitions: &[Partition], kind: Kind, ignore: bool, tombstones: bool) -> (BTreeSet<Span>, Timeline<i64>) {
    let mut timeline = Timeline::new(rules(partitions, kind, ignore));
    let mut spans = BTreeSet::new();
    for (key, rows) in by_key(partitions, kind, ignore) {
        let rows: Vec<_> = rows.iter().collect();
        timeline::versions(timeline.events(&rows), tombstones, |version| {
            assert!(spans.insert((key, place(version.at), version.from, version.to, version.deleted)), "twice");
        });
    }
    (spans, timeline)
}

fn row() -> impl Strategy<Value = Row> {
    let operation = prop_oneof![
        4 => Just(Operation::Upsert),
        1 => Just(Operation::Insert),
        1 => Just(Operation::Update),
        2 => Just(Operation::Delete),
    ];
    (0..4_u8, prop::option::weighted(0.85, 0..60_i64), operation, 0..3_u64)
        .prop_map(|(key, order, operation, value)| Row { key, order, operation, value })
}

/// Up to six days, each a full, changes, or a full and then changes.
fn history() -> impl Strategy<Value = Vec<Partition>> {
    let rows = || prop::collection::vec(row(), 0..8);
    prop::collection::vec((0..4_u8, rows(), rows()), 0..6).prop_map(|days| {
        let mut partitions = Vec::new();
        for (day, (what, full, changes)) in (0..).zip(days) {
            if what != 1 {
                partitions.push(Partition { day, is_full: what != 0, rows: full });
            }
            if what == 1 || what == 3 {
                partitions.push(Partition { day, is_full: false, rows: changes });
            }
        }
        partitions
    })
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![Just(Kind::Time), Just(Kind::Number), Just(Kind::Arrival)]
}

/// Events by partition and row, and whether each is a delete.
type Told = BTreeSet<((usize, usize), bool)>;

/// The events of the last day, each with its row and whether it is a delete, and those that were there.
fn told(partitions: &[Partition], daily: bool, tombstones: bool) -> (Told, u64) {
    /// Order value, partition, row.
    type Last = (Option<i64>, usize, usize);
    let Some(today) = partitions.last().map(|partition| partition.day) else { return Default::default() };
    let mut last: BTreeMap<(u8, Option<i64>), Last> = BTreeMap::new();
    let mut known = BTreeSet::new();
    for (p, partition) in partitions.iter().enumerate() {
        if partition.is_full && partitions[p + 1..].iter().any(|later| later.is_full && later.day == partition.day) {
            continue;
        }
        for (r, row) in partition.rows.iter().enumerate() {
            if partition.day < today {
                known.insert((row.key, row.order, row.value, row.operation == Operation::Delete));
                continue;
            }
            let group = row.order.map(|order| if daily { order.div_euclid(10) } else { order });
            let best = last.entry((row.key, group)).or_insert((row.order, p, r));
            *best = (*best).max((row.order, p, r));
        }
    }
    let (mut told, mut repeated) = (BTreeSet::new(), 0);
    for (_, p, r) in last.into_values() {
        let row = &partitions[p].rows[r];
        let deleted = row.operation == Operation::Delete;
        if known.contains(&(row.key, row.order, row.value, deleted)) {
            repeated += 1;
        } else if !deleted || tombstones {
            told.insert(((p, r), deleted));
        }
    }
    (told, repeated)
}

/// What the partitions are to a load of the last day: of several snapshots of a day the last counts.
fn roles(partitions: &[Partition]) -> Vec<Role> {
    let today = partitions.last().map(|partition| partition.day);
    let role = |(p, partition): (usize, &Partition)| {
        let again = |later: &Partition| later.is_full && later.day == partition.day;
        match partition.is_full && partitions[p + 1..].iter().any(again) {
            true => Role::Superseded,
            false if Some(partition.day) == today => Role::Own,
            false => Role::Earlier,
        }
    };
    partitions.iter().enumerate().map(role).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12_000))]

    #[test]
    fn versions_are_the_oracles(partitions in history(), kind in kind(), ignore: bool, tombstones: bool) {
        let (spans, _) = engine(&partitions, kind, ignore, tombstones);
        prop_assert_eq!(spans, oracle(&partitions, kind, ignore, tombstones));
    }

    #[test]
    fn events_are_the_oracles(partitions in history(), daily: bool, tombstones: bool, halves: bool) {
        // With halves, two days are one, so that a day may have several partitions of each kind.
        let mut partitions = partitions;
        partitions.iter_mut().filter(|_| halves).for_each(|partition| partition.day /= 2);
        let epoch = chrono::NaiveDate::default();
        let day = |order: &i64| Some(epoch + chrono::Days::new(u64::try_from(order.div_euclid(10)).unwrap()));
        let roles = roles(&partitions);
        let rules = EventRules { roles: &roles, day: if daily { Some(&day) } else { None }, tombstones };
        let mut found = BTreeSet::new();
        let mut counts = EventCounts::default();
        for rows in by_key(&partitions, Kind::Time, false).values() {
            let rows: Vec<_> = rows.iter().collect();
            counts.add(events::events(&rows, &rules, |at, deleted| {
                assert!(found.insert((place(at), deleted)), "each row once");
            }));
        }
        prop_assert_eq!((found, counts.repeated), told(&partitions, daily, tombstones));
    }

    #[test]
    fn versions_of_a_key_never_overlap_and_one_is_open_at_most(partitions in history(), kind in kind(), tombstones: bool) {
        let (spans, _) = engine(&partitions, kind, false, tombstones);
        for key in 0..4 {
            let mut bounds: Vec<_> = spans.iter().filter(|span| span.0 == key).map(|span| (span.2, span.3)).collect();
            bounds.sort_by_key(|(from, to)| (*from, to.is_none(), *to));
            for pair in bounds.windows(2) {
                prop_assert!(pair[0].1.is_some() && pair[0].1 <= pair[1].0, "{bounds:?}");
            }
            prop_assert!(bounds.iter().all(|(from, to)| to.is_none() || from < to), "{bounds:?}");
        }
    }

    #[test]
    fn both_models_have_the_same_current_rows_and_judge_fulls_alike(partitions in history(), kind in kind()) {
        let (spans, timeline) = engine(&partitions, kind, false, false);
        let mut fold = Fold::new(FoldRules { temporal: kind == Kind::Time });
        for (number, partition) in (0..).zip(&partitions) {
            fold.begin(number, partition.is_full, Some(midnight(partition.day)));
            for (row, entry) in (0..).zip(&partition.rows) {
                let order = if kind == Kind::Arrival { Some(0) } else { entry.order };
                fold.row(Key::of(&[entry.key]), order, entry.operation, row);
            }
            let count = fold.end();
            if partition.is_full {
                prop_assert_eq!(timeline.counts[number as usize], count);
            }
        }
        let latest: BTreeSet<_> = fold.finish().0.into_iter().map(place).collect();
        let current: BTreeSet<_> = spans.iter().filter(|span| span.3.is_none()).map(|span| span.1).collect();
        prop_assert_eq!(current, latest);
    }

    #[test]
    fn arrival_does_not_matter_for_distinct_times(
        rows in prop::collection::vec(row(), 1..12), cuts in prop::collection::vec(any::<u16>(), 12),
    ) {
        let rows: Vec<Row> = (0..).zip(rows).map(|(order, row)| Row { order: Some(order), ..row }).collect();
        let values = |partitions: &[Partition]| {
            let (spans, _) = engine(partitions, Kind::Time, false, false);
            let value = |at: (usize, usize)| partitions[at.0].rows[at.1].order;
            spans.into_iter().map(|(key, at, from, to, _)| (key, value(at), from, to)).collect::<BTreeSet<_>>()
        };
        let whole = values(&[Partition { day: 0, is_full: false, rows: rows.clone() }]);
        // Shuffled, and dealt to three days.
        let mut dealt: Vec<(u16, Row)> = cuts.into_iter().zip(rows).collect();
        dealt.sort_by_key(|(cut, _)| *cut);
        let day = |day: i64| Partition {
            day,
            is_full: false,
            rows: dealt.iter().filter(|(cut, _)| i64::from(cut % 3) == day).map(|(_, row)| row.clone()).collect(),
        };
        prop_assert_eq!(values(&[day(0), day(1), day(2)]), whole);
    }

    #[test]
    fn changes_are_told_by_what_was_live_before(partitions in history(), kind in kind()) {
        let mut timeline = Timeline::new(rules(&partitions, kind, false));
        let mut told = BTreeMap::new();
        for rows in by_key(&partitions, kind, false).values() {
            let rows: Vec<_> = rows.iter().collect();
            timeline::changes(timeline.events(&rows), |at, change| {
                assert!(told.insert(place(at), change).is_none(), "each row once");
            });
        }
        prop_assert_eq!(told.len(), partitions.iter().map(|partition| partition.rows.len()).sum::<usize>());
        for (_, events) in events(&partitions, kind, false) {
            // Deletes do not name their row, so rows that are no deletes are compared by place.
            let mut live = false;
            for ((_, _, what), row) in events {
                if let (Some((at, _)), Some((_, row))) = (what, row) {
                    let expected = match (row.operation, live) {
                        (Operation::Insert, _) | (Operation::Upsert, false) => ChangeKind::Insert,
                        _ => ChangeKind::Update,
                    };
                    prop_assert_eq!(told[&at], expected);
                }
                live = what.is_some();
            }
        }
        for (at, change) in told {
            prop_assert_eq!(change == ChangeKind::Delete, partitions[at.0].rows[at.1].operation == Operation::Delete);
        }
    }

    #[test]
    fn given_versions_are_clipped(rows in prop::collection::vec((prop::option::weighted(0.9, 0..9_i64), prop::option::of(0..12_i64), prop::option::of(any::<bool>())), 1..8)) {
        let row = |(number, (order, to, current)): (u64, &Bounds)| KeyRow {
            at: Locator { partition: 0, row: number }, order: *order, operation: Operation::Upsert,
            value: Given { to: *to, current: *current },
        };
        let all: Vec<_> = (0..).zip(&rows).map(row).collect();
        let mut refs: Vec<_> = all.iter().collect();
        let mut spans = Vec::new();
        timeline::given_versions(&mut refs, |order| *order, 7, |version| spans.push((version.at.row, version.from, version.to)));
        let mut last: BTreeMap<Option<i64>, u64> = BTreeMap::new();
        for (number, (from, ..)) in (0..).zip(&rows) {
            last.insert(*from, number);
        }
        let starts: Vec<_> = last.into_iter().collect();
        let mut expected = Vec::new();
        for (at, (from, number)) in starts.iter().enumerate() {
            let (_, to, current) = rows[usize::try_from(*number).unwrap()];
            let end = match (starts.get(at + 1), current) {
                (Some((next, _)), _) => Some(to.unwrap_or(i64::MAX).min(next.unwrap())),
                (None, Some(true)) => None,
                (None, Some(false)) => Some(to.unwrap_or(7)),
                (None, None) => to,
            };
            expected.push((*number, *from, end.map(|end| from.map_or(end, |from| end.max(from)))));
        }
        prop_assert_eq!(spans, expected);
    }
}
