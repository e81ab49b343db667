//! Laws of loads, over random small histories on a real disk: Silver of a date is a function of what
//! landed up to it. Order of building, building again and correcting a day do not matter.

#![expect(clippy::expect_used, reason = "a failed expectation is what a test reports")]

use medallion_core::api::wire::Outcome;
use medallion_tests::lake::Lake;
use proptest::prelude::*;

const SILVER: &str = "model: scd_type_1\nprimary_keys: [k]\ndelete_guard_percent: 100\nrulings: {2025-01-01: accept, 2025-01-02: accept, 2025-01-03: accept, 2025-01-04: accept}\ncdc: {operation_column: op}";

/// A day: whether it is a full, and its rows of (key, value, delete).
type Day = (bool, Vec<(u8, u8, bool)>);

fn days() -> impl Strategy<Value = Vec<Day>> {
    prop::collection::vec(
        (any::<bool>(), prop::collection::vec((0..4_u8, 0..3_u8, prop::bool::weighted(0.3)), 0..5)),
        1..=4,
    )
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

/// Without an order column arrival decides, so the state is what applying the days in turn leaves.
fn oracle(days: &[Day]) -> String {
    let mut state = std::collections::BTreeMap::new();
    for (full, rows) in days {
        if *full {
            state.clear();
        }
        for (key, value, delete) in rows {
            if *delete && !full {
                state.remove(key)
            } else {
                state.insert(*key, *value)
            };
        }
    }
    state.iter().map(|(key, value)| format!("k=k{key} v={value} op=U")).collect::<Vec<_>>().join(" | ")
}

fn land(lake: &Lake, days: &[Day]) {
    for (number, day) in days.iter().enumerate() {
        lake.land(pattern(day), &date(number), &csv(day));
    }
}

fn promote(lake: &Lake, days: &[Day], number: usize) -> String {
    let step = lake.promote(pattern(&days[number]), &date(number));
    assert!(matches!(step.outcome, Outcome::Written | Outcome::Unchanged), "{step:#?}");
    lake.silver(pattern(&days[number]), &date(number))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn silver_is_a_function_of_what_landed(days in days(), correction in (0..4_usize, days()), backwards: bool) {
        let lake = Lake::new("schema: {k: text, v: text, op: text}", SILVER);
        land(&lake, &days);
        let order: Vec<usize> = if backwards { (0..days.len()).rev().collect() } else { (0..days.len()).collect() };
        for number in &order {
            prop_assert_eq!(promote(&lake, &days, *number), oracle(&days[..=*number]));
        }
        // Building again writes nothing.
        let before = lake.project().files("silver");
        for number in &order {
            let step = lake.promote(pattern(&days[*number]), &date(*number));
            prop_assert_eq!(step.outcome, Outcome::Unchanged);
        }
        prop_assert_eq!(lake.project().files("silver"), before);
        // A corrected day, then everything built again.
        let mut days = days;
        let corrected = correction.0 % days.len();
        days[corrected].1.clone_from(&correction.1[0].1);
        lake.land(pattern(&days[corrected]), &date(corrected), &csv(&days[corrected]));
        for number in &order {
            prop_assert_eq!(promote(&lake, &days, *number), oracle(&days[..=*number]));
        }
        // From scratch, elsewhere: the same bytes in the same parts.
        let fresh = Lake::new("schema: {k: text, v: text, op: text}", SILVER);
        land(&fresh, &days);
        for number in 0..days.len() {
            promote(&fresh, &days, number);
        }
        prop_assert_eq!(parts(&fresh), parts(&lake));
    }
}

/// Every part of both layers that stands, without attempt ids, with its content.
fn parts(lake: &Lake) -> Vec<(String, Vec<u8>)> {
    let files = ["bronze", "silver"]
        .iter()
        .flat_map(|folder| lake.project().files(folder))
        .filter(|file| file.ends_with(".parquet"));
    let mut parts: Vec<(String, Vec<u8>)> = files
        .map(|file| {
            let stem = file.rsplit_once('-').map_or(file.as_str(), |(stem, _)| stem).to_owned();
            (stem, std::fs::read(lake.project().path(&file)).expect("a part"))
        })
        .collect();
    parts.sort();
    parts
}
