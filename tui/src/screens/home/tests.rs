//! Home, as it looks and as it reacts.

use crate::harness::{Bench, COLOUR, PLAIN, Script, failure};
use crate::screens::ScreenId;

#[test]
fn full() {
    insta::assert_snapshot!(Bench::open(100, 30, Script::full()).screen());
}

#[test]
fn full_at_80_by_24() {
    let mut bench = Bench::open(80, 24, Script::full());
    bench.keys("j");
    insta::assert_snapshot!(bench.screen());
}

#[test]
fn full_at_60_by_15_in_ascii_without_colour() {
    let mut bench = Bench::held(60, 15, Script::full(), PLAIN);
    bench.release();
    insta::assert_snapshot!(bench.screen());
}

#[test]
fn loading_shows_a_sign_only_when_it_takes_long() {
    let mut bench = Bench::held(60, 15, Script::full(), COLOUR);
    bench.wait(100);
    assert!(!bench.text().contains('⠙'), "{}", bench.text());
    bench.wait(100);
    insta::assert_snapshot!(bench.screen());
}

#[test]
fn without_datasets() {
    insta::assert_snapshot!(Bench::open(80, 24, Script::empty()).screen());
}

#[test]
fn an_error_says_why_and_what_to_do() {
    let script = Script { datasets: Err(failure("cannot read the folder ./pipelines")), ..Script::full() };
    insta::assert_snapshot!(Bench::open(80, 24, script).screen());
}

#[test]
fn a_failed_refresh_keeps_the_list_and_says_so() {
    let mut bench = Bench::open(80, 24, Script::full());
    bench.script.datasets = Err(failure("cannot read the folder ./pipelines"));
    bench.keys("r");
    let text = bench.text();
    assert!(
        text.contains("customers") && text.contains("as they were") && text.contains("cannot read the folder"),
        "{text}"
    );
}

#[test]
fn long_and_wide_names() {
    insta::assert_snapshot!(Bench::open(80, 24, Script::wide()).screen());
}

#[test]
fn the_chosen_dataset_stays_chosen_when_the_list_changes() {
    let mut bench = Bench::open(100, 30, Script::full());
    bench.keys("j j");
    assert_eq!(bench.app.shared.dataset.as_deref(), Some("flights"));
    let mut list = bench.script.datasets.clone().unwrap();
    list.datasets.reverse();
    bench.script.datasets = Ok(list);
    bench.keys("r");
    assert_eq!(bench.app.shared.dataset.as_deref(), Some("flights"));
}

#[test]
fn finding_goes_round_and_says_when_there_is_nothing() {
    let mut bench = Bench::open(100, 30, Script::full());
    bench.keys("/").types("RAW").keys("enter");
    assert_eq!(bench.app.shared.dataset.as_deref(), Some("raw_events"));
    bench.keys("n");
    assert_eq!(bench.app.shared.dataset.as_deref(), Some("raw_events"));
    bench.keys("/").types("orders.yaml").keys("enter");
    assert_eq!(bench.app.shared.dataset.as_deref(), Some("orders"), "the file, where no name has it");
    bench.keys("/").types("zzz").keys("enter");
    assert!(bench.text().contains("no dataset has this in its name"));
    bench.keys("esc");
    assert_eq!((bench.app.shared.prompt.is_none(), bench.app.shared.dataset.as_deref()), (true, Some("orders")));
}

#[test]
fn what_is_chosen_opens_in_the_other_screens() {
    for (key, screen) in
        [("enter", ScreenId::Config), ("p", ScreenId::Preview), ("x", ScreenId::Run), ("o", ScreenId::Outputs)]
    {
        let mut bench = Bench::open(100, 30, Script::full());
        bench.keys("j j").keys(key);
        assert_eq!(bench.app.screen, screen);
        assert!(bench.text().contains("flights"), "{key}: {}", bench.text());
    }
}

#[test]
fn a_file_without_a_dataset_can_only_be_read() {
    let mut bench = Bench::open(80, 24, Script::wide());
    bench.keys("x");
    assert_eq!(bench.app.screen, ScreenId::Home);
    assert!(bench.text().contains("no dataset of this file could be understood"));
}
