//! Outputs, as it looks and as it reacts.

use crate::app::message::Request;
use crate::harness::{Bench, PLAIN, Script, failure};

fn outputs(width: u16, height: u16, script: Script) -> Bench {
    let mut bench = Bench::open(width, height, script);
    bench.keys("j j o");
    bench
}

#[test]
fn full_at_100_by_30() {
    let mut bench = outputs(100, 30, Script::full());
    bench.keys("j j");
    insta::assert_snapshot!(bench.screen());
}

#[test]
fn the_detail_at_80_by_24() {
    let mut bench = outputs(80, 24, Script::full());
    bench.keys("tab right");
    insta::assert_snapshot!(bench.screen());
}

#[test]
fn one_pane_at_60_by_15_in_ascii_without_colour() {
    let mut bench = Bench::held(60, 15, Script::full(), PLAIN);
    bench.release();
    bench.keys("j j o");
    insta::assert_snapshot!("tree", bench.screen());
    bench.keys("tab");
    insta::assert_snapshot!("detail", bench.screen());
}

#[test]
fn long_and_wide_names() {
    let mut bench = Bench::open(80, 24, Script::wide());
    bench.keys("5 j enter");
    insta::assert_snapshot!(bench.screen());
}

#[test]
fn every_tab_has_something_to_say() {
    let mut bench = outputs(120, 30, Script::full());
    bench.keys("tab");
    for expected in [
        "data · 842 rows",
        "part-0001-3f9c0a1b.parquet",
        "\"row_count\": 842",
        "run run-7",
        "part-0002 is missing",
        "data · 842 rows",
    ] {
        assert!(bench.text().contains(expected), "{expected}: {}", bench.text());
        bench.keys("right");
    }
}

#[test]
fn partitions_come_in_pages() {
    let mut bench = outputs(100, 30, Script::full());
    bench.keys("G k");
    // The last line of `flights`, above the closed branch of `orders`, offers the rest.
    let text = bench.text();
    assert!(text.contains("31 more"), "{text}");
    let lines = |bench: &Bench| bench.app.outputs.tree.lines().len();
    let before = lines(&bench);
    bench.keys("enter");
    assert_eq!(lines(&bench), before + 30, "31 partitions instead of the offer");
}

#[test]
fn a_branch_that_cannot_be_listed_is_not_called_empty() {
    let mut bench = outputs(100, 30, Script { partitions: Err(failure("the listing timed out")), ..Script::full() });
    let text = bench.text();
    assert!(text.contains("the listing timed out") && !text.contains("no partition yet"), "{text}");
    bench.script.partitions = Ok(0);
    bench.keys("r");
    assert!(bench.text().contains("no partition yet"), "{}", bench.text());
}

#[test]
fn holding_a_key_down_asks_for_one_detail_at_a_time() {
    let mut bench = outputs(100, 30, Script::full());
    bench.hold();
    bench.keys("j j j j j j");
    let details =
        |bench: &Bench| bench.open.iter().filter(|(_, request)| matches!(request, Request::Detail(_))).count();
    assert_eq!(details(&bench), 1);
    bench.release();
    let wanted = bench.app.outputs.wanted.clone();
    assert_eq!(bench.app.outputs.asked, wanted, "the last one is shown in the end");
    assert!(bench.app.outputs.detail().is_some());
}

#[test]
fn a_partition_that_cannot_be_read() {
    let mut bench = outputs(100, 30, Script { detail: Err(failure("the commit cannot be read")), ..Script::full() });
    assert!(bench.text().contains("the commit cannot be read"), "{}", bench.text());
    bench.keys("enter");
    assert!(bench.text().contains("x "), "{}", bench.text());
}

#[test]
fn rows_open_from_the_tree_and_from_the_table() {
    let mut bench = outputs(100, 30, Script::full());
    bench.keys("enter");
    assert!(bench.text().contains("row 1 of 1,000,000"), "{}", bench.text());
    bench.keys("esc tab j enter");
    assert!(bench.text().contains("_errors"), "{}", bench.text());
}

#[test]
fn without_datasets() {
    let mut bench = Bench::open(80, 24, Script::empty());
    bench.keys("5");
    assert!(bench.text().contains("there is no dataset, so there"), "{}", bench.text());
}
