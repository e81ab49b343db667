//! Data, as it looks and as it reacts.

use medallion_core::api::wire::{Layer, PartitionRef};

use crate::app::message::Request;
use crate::app::shared::Way;
use crate::harness::{Bench, COLOUR, PLAIN, Script, failure};
use crate::theme::Theme;

fn data(width: u16, height: u16, script: Script, theme: Theme) -> Bench {
    let mut bench = Bench::held(width, height, script, theme);
    bench.release();
    show(&mut bench);
    bench
}

fn show(bench: &mut Bench) {
    let id = "system=nyc/table=flights/dt=2013-01-01".to_owned();
    let partition = PartitionRef { of: bench.app.shared.dataset_ref("flights"), layer: Layer::Bronze, id };
    bench.app.shared.way = Some(Way::Rows(partition, vec!["data".into(), "_errors".into()], 0));
    bench.wait(0);
}

fn asked(bench: &Bench) -> Vec<u64> {
    let offset = |request: &Request| if let Request::Rows(request) = request { Some(request.offset.0) } else { None };
    bench.open.iter().filter_map(|(_, request)| offset(request)).collect()
}

#[test]
fn a_million_rows_at_80_by_24() {
    let mut bench = data(80, 24, Script::full(), COLOUR);
    bench.keys("j j l");
    insta::assert_snapshot!(bench.screen());
}

#[test]
fn the_last_rows_at_60_by_15_in_ascii_without_colour() {
    let mut bench = data(60, 15, Script::full(), PLAIN);
    bench.keys("G $");
    insta::assert_snapshot!(bench.screen());
}

#[test]
fn loading() {
    let mut bench = data(60, 15, Script::full(), COLOUR);
    bench.hold();
    bench.keys("r");
    bench.wait(200);
    assert!(bench.text().contains("reading the first rows"), "{}", bench.text());
}

#[test]
fn an_empty_table() {
    insta::assert_snapshot!(data(80, 15, Script { rows: Ok(0), ..Script::full() }, COLOUR).screen());
}

#[test]
fn rows_that_cannot_be_read() {
    let mut bench =
        data(80, 15, Script { rows: Err(failure("part-0001 is not as it was written")), ..Script::full() }, COLOUR);
    insta::assert_snapshot!(bench.screen());
    bench.script.rows = Ok(3);
    bench.keys("r");
    assert!(bench.text().contains("row 1 of 3"), "{}", bench.text());
}

#[test]
fn pages_are_asked_for_as_they_are_needed_and_one_ahead() {
    let mut bench = data(80, 24, Script::full(), COLOUR);
    bench.hold();
    bench.keys("r");
    assert_eq!(asked(&bench), [0], "nothing is known of the rows yet");
    bench.release();
    bench.hold();
    bench.keys("G");
    assert_eq!(asked(&bench), [999_500], "the last page, and there is none after it");
    bench.keys("pgup g pgdn : 5 0 0 0 0 1 enter");
    assert_eq!(asked(&bench), [999_500, 999_000], "two at once, what was passed meanwhile is not asked for");
    bench.release();
    assert!(bench.text().contains("500,001 9007199255240993"), "{}", bench.text());
}

#[test]
fn far_fewer_pages_are_kept_than_there_are() {
    let mut bench = data(80, 24, Script::full(), COLOUR);
    for row in 1..200_u64 {
        bench.keys(":").types(&(row * 4_999).to_string()).keys("enter");
    }
    assert!(bench.app.data.as_ref().unwrap().pages.fetched.len() <= super::KEPT);
    assert!(!bench.text().contains('…') || bench.text().contains("a long note"), "{}", bench.text());
}

#[test]
fn a_commit_meanwhile_is_said_and_old_rows_go() {
    let mut bench = data(100, 24, Script::full(), COLOUR);
    bench.script.version = 2;
    bench.keys("G");
    let text = bench.text();
    assert!(text.contains("a run has committed version 2 meanwhile") && text.contains("v2"), "{text}");
    assert!(bench.app.data.as_ref().unwrap().pages.fetched.keys().all(|page| *page >= 1_998));
}

#[test]
fn rows_and_columns_are_gone_to_by_number_and_name() {
    let mut bench = data(100, 24, Script::full(), COLOUR);
    bench.keys(":").types("1,000,001").keys("enter");
    assert!(bench.text().contains("rows are 1 to 1,000,000"));
    bench.keys("ctrl-u").types("x").keys("enter");
    assert!(bench.text().contains("a row is a number from 1"));
    bench.keys("ctrl-u").types("123_456").keys("enter");
    assert!(bench.text().contains("row 123,456 of 1,000,000"));
    bench.keys("c").types("AMO").keys("enter");
    assert!(bench.text().contains("amount (3 of 4)"));
    bench.keys("c").types("none").keys("enter");
    assert!(bench.text().contains("no column has this in its name"));
}

#[test]
fn finding_says_which_rows_it_looked_at() {
    let mut bench = data(100, 24, Script::full(), COLOUR);
    bench.keys("/").types("東京").keys("enter");
    assert!(bench.text().contains("row 4 of"), "{}", bench.text());
    bench.keys("n");
    assert!(bench.text().contains("row 9 of"));
    bench.keys("N N");
    assert!(bench.text().contains("of 1,000,000 · customer"));
    bench.keys("/").types("nowhere").keys("enter");
    assert!(bench.text().contains("the ones that are here"), "{}", bench.text());
}

#[test]
fn a_cell_is_copied_byte_for_byte() {
    let mut bench = data(100, 24, Script::full(), COLOUR);
    bench.keys("l j j j j y");
    assert_eq!(bench.copied, ["tab\there\u{1b}[31m"]);
    bench.keys("k k k y");
    assert_eq!(bench.copied.len(), 1);
    assert!(bench.text().contains("the cell is NULL, nothing was copied"));
}

#[test]
fn the_other_table_and_back() {
    let mut bench = data(100, 24, Script::full(), COLOUR);
    bench.keys("]");
    assert!(bench.text().contains("_errors"), "{}", bench.text());
    bench.keys("q");
    assert!(bench.app.data.is_none());
    assert_eq!(bench.exit, None);
}
