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
    let partition = PartitionRef::new(bench.app.shared.dataset_ref("flights"), Layer::Bronze, id);
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
    assert_eq!(asked(&bench), [0; 0], "nothing is known of the rows yet");
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
    assert!(bench.app.data.as_ref().unwrap().pages.fetched.len() <= super::pages::KEPT);
    assert!(!bench.text().contains('…') || bench.text().contains("a long note"), "{}", bench.text());
}

#[test]
fn a_commit_meanwhile_is_said_and_old_rows_go() {
    let mut bench = data(100, 24, Script::full(), COLOUR);
    bench.script.version = 2;
    bench.keys("G");
    let text = bench.text();
    assert!(text.contains("a run has committed version 2 meanwhile") && text.contains("v2"), "{text}");
    assert!(bench.app.data.as_ref().unwrap().pages.fetched.keys().all(|(page, _)| *page >= 1_998));
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
fn finding_goes_over_all_rows_and_round() {
    let mut bench = data(100, 24, Script::full(), COLOUR);
    bench.keys("/").types("東京").keys("enter");
    assert!(bench.text().contains("row 4 of"), "{}", bench.text());
    bench.keys("n");
    assert!(bench.text().contains("row 9 of"));
    bench.keys("N N");
    assert!(bench.text().contains("of 1,000,000 · customer"));
    bench.keys("/").types("nowhere").keys("enter");
    assert!(bench.text().contains("no row has `nowhere`"), "{}", bench.text());
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

#[test]
fn a_column_is_sorted_up_and_down_and_not() {
    let mut bench = data(100, 24, Script::full(), COLOUR);
    bench.keys("l s");
    assert!(bench.text().contains("sorted by customer up") && bench.text().contains("customer ▲"), "{}", bench.text());
    bench.keys("s l S");
    assert!(bench.text().contains("sorted by customer down, amount up"), "{}", bench.text());
    assert!(bench.text().contains("▼1") && bench.text().contains("▲2"), "{}", bench.text());
    insta::assert_snapshot!(bench.screen());
    bench.keys("s s");
    assert!(!bench.text().contains("sorted by"), "{}", bench.text());
}

#[test]
fn a_filter_is_said_and_one_that_is_wrong_is_mended_where_it_was_typed() {
    let mut bench = data(100, 24, Script::full(), COLOUR);
    bench.keys("G &").types("amount > 5").keys("enter");
    let text = bench.text();
    assert!(text.contains("row 1 of 250,000 (of 1,000,000)") && text.contains("& amount > 5"), "{text}");
    bench.keys("& ctrl-u").types("statsu = 1").keys("enter");
    let text = bench.text();
    assert!(text.contains("there is no column `statsu`") && text.contains("Rows where: statsu = 1"), "{text}");
    bench.keys("esc");
    assert!(bench.text().contains("(of 1,000,000)"), "what stood stays: {}", bench.text());
    bench.keys("& ctrl-u enter");
    assert!(bench.text().contains("row 1 of 1,000,000 "), "{}", bench.text());
    bench.keys("l j =");
    assert!(bench.text().contains("\"customer\" is null"), "{}", bench.text());
}

#[test]
fn long_work_says_how_far_it_is_and_stops() {
    let mut bench = data(80, 24, Script::full(), COLOUR);
    bench.hold();
    bench.keys("&").types("amount > 5").keys("enter");
    let generation = bench.open.last().expect("it was asked for").0;
    let progress = medallion_core::api::wire::ReadProgress {
        doing: "filter".into(),
        rows: medallion_core::api::wire::Count(250_000),
        total: medallion_core::api::wire::Count(1_000_000),
    };
    bench.message(crate::app::message::Message::Answer {
        generation,
        answer: crate::app::message::Answer::ReadProgress(progress),
    });
    bench.wait(200);
    assert!(bench.text().contains("filter 25 % (250,000 of 1,000,000 rows)"), "{}", bench.text());
    assert!(bench.text().contains("9007199254740993"), "the old rows stay: {}", bench.text());
    bench.keys("esc");
    assert!(bench.text().contains("stopped"), "{}", bench.text());
    assert!(bench.open.iter().any(|(_, request)| matches!(request, Request::Cancel(_))));
    bench.release();
    assert!(bench.text().contains("row 1 of 1,000,000 "), "a late answer is dropped: {}", bench.text());
}

#[test]
fn a_profile_and_a_row_are_read_in_windows() {
    let mut bench = data(100, 30, Script::full(), COLOUR);
    bench.keys("I");
    insta::assert_snapshot!("profile", bench.screen());
    bench.keys("esc j enter");
    let text = bench.text();
    assert!(text.contains("customer") && text.contains("NULL (no value)") && text.contains("part-0001"), "{text}");
}

#[test]
fn rows_are_exported_but_not_over_a_file() {
    let mut bench = data(100, 24, Script::full(), COLOUR);
    bench.keys("e");
    assert!(bench.text().contains("flights_2013-01-01.csv"), "{}", bench.text());
    bench.keys("ctrl-u").types("rows.txt").keys("enter");
    assert!(bench.text().contains("the name ends with .csv, .jsonl or .parquet"), "{}", bench.text());
    bench.keys("ctrl-u").types("there.csv").keys("enter");
    assert!(bench.text().contains("there.csv exists already"), "{}", bench.text());
    bench.types("!").keys("enter");
    assert!(bench.text().contains("1,000,000 rows, 45.8 MiB, in there.csv"), "{}", bench.text());
}
