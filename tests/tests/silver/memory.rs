//! What a load says does not depend on how much memory it may use, nor on the number of threads.

#![expect(clippy::expect_used, reason = "a failed expectation is what a test reports")]

use std::fmt::Write as _;

use medallion_core::api::wire::{Layer, Outcome};
use medallion_core::world::World;
use medallion_tests::lake::{self, Lake};

use super::DAY;

const DAYS: usize = 3;
/// With as little memory as can be asked for, about eight readings of three days.
const ROWS: usize = 2_700;

/// Rows of a day: some hundred keys, several times each, late, repeated and deleted.
fn day(number: usize) -> String {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(number as u64);
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut csv = "k,v,t,s,u,op".to_owned();
    for _ in 0..ROWS {
        let (key, value, second, letter) = (next(700), next(3), next(4), next(3));
        let (day, hour) = (1 + next(number as u64 + 1), next(24));
        let second = if second == 3 { String::new() } else { second.to_string() };
        let operation = ["I", "U", "U", "U", "D"][usize::try_from(next(5)).expect("small")];
        let _ = write!(csv, "|k{key},{value},2025-01-0{day}T{hour:02}:00:00Z,{second},u{letter},{operation}");
    }
    csv
}

/// All tables of the last load as text.
fn tables(model: &str, names: &[&str], memory: Option<u64>, workers: usize) -> Vec<String> {
    let world = World::real();
    let world = memory.map_or_else(|| world.clone(), |bytes| world.clone().with_memory(bytes));
    let lake = Lake::with_world(world, &format!("parallel_workers: {workers}"), model);
    for (number, date) in DAY.iter().enumerate().take(DAYS + 1).skip(1) {
        lake.land("cdc", date, &day(number));
    }
    let step = lake.promote("cdc", DAY[DAYS]);
    assert_eq!(step.outcome, Outcome::Written, "{step:#?}");
    let table = |name: &&str| lake::text(&lake.table("cdc", Layer::Silver, DAY[DAYS], name).expect("a table"));
    names.iter().map(table).collect()
}

#[track_caller]
fn is_always_the_same(model: &str, names: &[&str]) {
    let model = format!("{model}\nprimary_keys: [k]\ncdc: {{operation_column: op}}");
    let plain = tables(&model, names, None, 1);
    assert!(plain[0].len() > 10_000);
    for (memory, workers) in [(None, 2), (None, 5), (Some(1), 1), (Some(1), 3)] {
        assert!(tables(&model, names, memory, workers) == plain, "{model}, {memory:?} bytes, {workers} workers");
    }
}

#[test]
fn current_rows() {
    is_always_the_same("model: scd_type_1\norder_column: t", &["current"]);
}

#[test]
fn histories_by_one_two_and_three_columns() {
    for columns in ["t", "[t, s]", "[t, s, v]"] {
        is_always_the_same(&format!("model: scd_type_2\norder_column: {columns}"), &["current", "history"]);
    }
}

#[test]
fn histories_by_arrival() {
    is_always_the_same("model: scd_type_2", &["current", "history"]);
}

#[test]
fn changes() {
    is_always_the_same("model: incremental_merge\norder_column: [t, s]", &["cdc_changes"]);
}
