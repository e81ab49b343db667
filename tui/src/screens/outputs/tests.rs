//! Outputs, as it looks and as it reacts.

use medallion_core::api::wire::{
    Count, FileFinding, Layer, Severity, VerifiedPartition, VerifyEvent, VerifyReport, code,
};

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
    bench.keys("G k k");
    // The last line of `flights`, above the closed branch of `orders` and the folders, offers the rest.
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
fn the_layer_that_a_run_has_just_made_is_opened_though_the_list_is_older() {
    let made = Script::full();
    let mut before = Script::full();
    for summary in &mut before.datasets.as_mut().expect("the list of datasets").datasets {
        summary.silver = None;
    }
    let layer = |bench: &Bench| bench.app.outputs.wanted.as_ref().map(|wanted| wanted.layer);
    let refreshing = || {
        let mut bench = Bench::open(100, 30, Script { datasets: before.datasets.clone(), ..Script::full() });
        bench.hold();
        bench.keys("j j r o");
        bench.script.datasets = made.datasets.clone();
        bench
    };
    let mut bench = refreshing();
    bench.release();
    assert_eq!(layer(&bench), Some(Layer::Silver), "{}", bench.text());

    // A person who has moved on is not taken elsewhere.
    let mut bench = refreshing();
    bench.keys("k");
    let chosen = bench.app.outputs.cursor.at;
    bench.release();
    assert_eq!(bench.app.outputs.cursor.at, chosen);
}

#[test]
fn without_datasets() {
    let mut bench = Bench::open(80, 24, Script::empty());
    bench.keys("5");
    assert!(bench.text().contains("there is no dataset, so there"), "{}", bench.text());
}

#[test]
fn all_folders_are_there_page_by_page_whether_a_config_names_them_or_not() {
    let mut bench = outputs(100, 30, Script::full());
    bench.keys("G enter j j");
    let text = bench.text();
    assert!(text.contains("lake/silver") && text.contains("system=s0"), "{text}");
    // Below the root the first page of 400,000 folders, and what there is to fetch more.
    let lines = |bench: &Bench| bench.app.outputs.tree.lines().len();
    let before = lines(&bench);
    bench.keys("G enter");
    assert_eq!(lines(&bench), before + 100);
    // The last folder of the two pages; what is in it, and the facts about that.
    bench.keys("G k right j");
    let text = bench.text();
    assert!(text.contains("system=s199") && text.contains("dt=2025-01-01") && text.contains("842"), "{text}");
    assert!(text.contains("version 3"), "the facts of the folder: {text}");
    bench.keys("enter");
    assert!(bench.text().contains("row 1 of 1,000,000"), "{}", bench.text());
}

#[test]
fn files_are_looked_into() {
    let mut bench = outputs(100, 30, Script::full());
    bench.keys("tab right");
    assert!(bench.text().contains("_metadata.json"), "{}", bench.text());
    bench.keys("j enter");
    assert!(bench.text().contains("\"row_count\": 842"), "{}", bench.text());
}

fn verified(id: &str, findings: Vec<FileFinding>) -> VerifyEvent {
    let partition = VerifiedPartition {
        dataset: "flights".into(),
        layer: Layer::Silver,
        id: id.into(),
        path: format!("./lake/silver/{id}"),
        version: Count(3),
        predecessor: false,
        files: Count(4),
        bytes: Count(45_200),
        findings,
    };
    VerifyEvent::Verified { partition: Box::new(partition) }
}

fn altered(id: &str) -> FileFinding {
    FileFinding {
        severity: Severity::Error,
        code: code::STG062,
        file: format!("./lake/silver/{id}/part-0001-3f9c0a1b.parquet"),
        message: "its SHA-256 is not the one that was committed".into(),
        hint: "`medallion silver --source flights --date 2026-11-20 --rebuild`".into(),
    }
}

fn report(partitions: u64, errors: u64) -> VerifyReport {
    let (files, bytes) = (Count(4 * partitions), Count(45_200 * partitions));
    let (partitions, errors) = (Count(partitions), Count(errors));
    VerifyReport { partitions, errors, files, bytes, seconds: 0.25, ..VerifyReport::default() }
}

#[test]
fn a_partition_is_verified_in_place_at_80_by_24() {
    let mut bench = outputs(80, 24, Script::full());
    bench.keys("v");
    let request = bench.verify.clone().expect("it was asked").1;
    assert_eq!((request.sources, request.layer), (vec!["flights".to_owned()], Some(Layer::Silver)));
    assert!(!request.partition.is_empty() && !request.quick);
    bench.verify_says(VerifyEvent::Started { partitions: Count(1) });
    bench.verify_says(VerifyEvent::Progress { partitions: Count(0), files: Count(2), bytes: Count(20_000) });
    assert!(bench.text().contains("verifying: 2 files"), "{}", bench.text());
    bench.verify_says(verified("load_date=2026-11-20", vec![altered("load_date=2026-11-20")]));
    bench.verify_ends(Ok(report(1, 1)));
    insta::assert_snapshot!(bench.screen());
    // Another partition was not verified, and what is well is said, too.
    bench.keys("tab j");
    assert!(!bench.text().contains("STG062"), "{}", bench.text());
    bench.keys("v");
    bench.verify_ends(Ok(report(1, 0)));
    assert!(bench.text().contains("all is as it was committed"), "{}", bench.text());
}

#[test]
fn a_dataset_is_verified_and_can_be_stopped() {
    let mut bench = outputs(120, 30, Script::full());
    bench.keys("h v");
    let (_, request) = bench.verify.clone().expect("it was asked");
    assert_eq!((request.sources.len(), request.partition.as_str()), (1, ""));
    bench.verify_says(VerifyEvent::Started { partitions: Count(131) });
    bench.verify_says(VerifyEvent::Progress { partitions: Count(7), files: Count(28), bytes: Count(316_400) });
    insta::assert_snapshot!("verifying_a_dataset", bench.screen());
    for day in ["2026-11-19", "2026-11-20"] {
        let id = format!("load_date={day}");
        bench.verify_says(verified(&id, vec![altered(&id)]));
    }
    bench.verify_says(verified("load_date=2026-11-21", Vec::new()));
    bench.verify_ends(Ok(report(131, 2)));
    insta::assert_snapshot!("a_dataset_verified", bench.screen());
    bench.keys("v v");
    assert!(bench.text().contains("stopping"), "{}", bench.text());
    bench.verify_ends(Ok(report(3, 0)));
    assert!(bench.text().contains("stopped before the end"), "{}", bench.text());
    bench.keys("v");
    bench.verify_ends(Err(failure("the listing timed out")));
    assert!(bench.text().contains("the listing timed out"), "{}", bench.text());
}
