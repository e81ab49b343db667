//! Laws of histories over random days on a real disk: what `scd_type_2` of a date says is what comparing
//! the state of the days one after the other says, in whatever order they are promoted.

#![expect(clippy::expect_used, reason = "a failed expectation is what a test reports")]

use std::collections::BTreeMap;

use medallion_core::api::wire::{Layer, Outcome};
use medallion_tests::lake::{self, Lake};
use proptest::prelude::*;

const SILVER: &str = "model: scd_type_2\nprimary_keys: [k]\ndelete_guard_percent: off\nrulings: {2025-01-01: accept, 2025-01-02: accept, 2025-01-03: accept, 2025-01-04: accept}\ncdc: {operation_column: op}";

/// Whether it is a full, and its rows of (key, value, delete).
type Day = (bool, Vec<(u8, u8, bool)>);

fn days() -> impl Strategy<Value = Vec<Day>> {
    let row = (0..4_u8, 0..3_u8, prop::bool::weighted(0.3));
    prop::collection::vec((any::<bool>(), prop::collection::vec(row, 0..6)), 1..=4)
}

fn date(day: usize) -> String {
    format!("2025-01-{:02}", day + 1)
}

fn pattern(day: &Day) -> &'static str {
    if day.0 { "full" } else { "cdc" }
}

fn csv((full, rows): &Day) -> String {
    let op = |delete: bool| if delete && !full { "D" } else { "U" };
    rows.iter().fold("k,v,op".into(), |csv, (key, value, delete)| format!("{csv}|k{key},{value},{}", op(*delete)))
}

/// Without an order column arrival decides, and all that happens on a date has one time: the state at
/// the end of each day, compared with that of the day before.
fn oracle(days: &[Day]) -> String {
    let mut state: BTreeMap<u8, u8> = BTreeMap::new();
    let mut open: BTreeMap<u8, (u8, usize)> = BTreeMap::new();
    let mut rows = Vec::new();
    let row = |key: u8, value: u8, from: usize, to: Option<usize>| {
        let to_text = to.map_or_else(|| "∅".to_owned(), |to| format!("{}T00:00:00Z", date(to)));
        let from = date(from);
        format!(
            "k=k{key} v={value} effective_from={from}T00:00:00Z effective_to={to_text} is_current={}",
            u8::from(to.is_none())
        )
    };
    for (number, (full, changes)) in days.iter().enumerate() {
        if *full {
            state.clear();
        }
        for (key, value, delete) in changes {
            if *delete && !full {
                state.remove(key)
            } else {
                state.insert(*key, *value)
            };
        }
        for key in 0..4 {
            let (now, before) = (state.get(&key).copied(), open.get(&key).copied());
            if now == before.map(|(value, _)| value) {
                continue;
            }
            if let Some((value, from)) = open.remove(&key) {
                rows.push(row(key, value, from, Some(number)));
            }
            if let Some(value) = now {
                open.insert(key, (value, number));
            }
        }
    }
    rows.extend(open.into_iter().map(|(key, (value, from))| row(key, value, from, None)));
    rows.sort();
    rows.join(" | ")
}

fn promote(lake: &Lake, days: &[Day], number: usize) -> String {
    let step = lake.promote(pattern(&days[number]), &date(number));
    assert!(matches!(step.outcome, Outcome::Written | Outcome::Unchanged), "{step:#?}");
    let table = lake.table(pattern(&days[number]), Layer::Silver, &date(number), "history").expect("a history");
    // The operation is not compared, so which of several rows of a day shows its own is not asked here.
    lake::text(&table).replace(" op=U", "")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_history_is_the_days_compared(days in days(), backward: bool) {
        let lake = Lake::new("", SILVER);
        let mut order: Vec<usize> = (0..days.len()).collect();
        if backward {
            order.reverse();
        }
        for number in &order {
            lake.land(pattern(&days[*number]), &date(*number), &csv(&days[*number]));
        }
        for number in order {
            prop_assert_eq!(promote(&lake, &days, number), oracle(&days[..=number]));
        }
    }
}
