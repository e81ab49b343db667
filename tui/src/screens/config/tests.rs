//! Config, as it looks and as it reacts.

use medallion_core::api::wire::ConfigText;

use crate::harness::{Bench, PLAIN, Script};

fn orders(width: u16, height: u16) -> Bench {
    let mut bench = Bench::open(width, height, Script::full());
    bench.keys("2");
    bench
}

#[test]
fn problems_stand_under_the_text() {
    insta::assert_snapshot!(orders(80, 24).screen());
}

#[test]
fn problems_stand_beside_the_text_where_there_is_room() {
    let mut bench = orders(130, 20);
    bench.keys("tab j");
    insta::assert_snapshot!(bench.screen());
}

#[test]
fn problems_at_60_by_15_in_ascii_without_colour() {
    let mut bench = Bench::held(60, 15, Script::full(), PLAIN);
    bench.release();
    bench.keys("2");
    insta::assert_snapshot!(bench.screen());
}

#[test]
fn enter_goes_to_the_line_and_e_explains() {
    let mut bench = orders(80, 24);
    assert_eq!(bench.app.config.line.at, 5, "the first problem is shown first");
    bench.keys("g tab j enter");
    assert_eq!((bench.app.config.line.at, bench.app.config.on_problems), (6, false));
    bench.keys("n");
    assert_eq!(bench.app.config.line.at, 5, "round and round");
    bench.keys("e");
    assert!(bench.text().contains("How to mend it."), "{}", bench.text());
    bench.keys("esc");
    assert!(!bench.text().contains("How to mend it."));
}

#[test]
fn a_file_that_cannot_be_read() {
    let mut script = Script::full();
    script.texts.remove("orders.yaml");
    let mut bench = Bench::open(80, 24, script);
    bench.keys("2");
    insta::assert_snapshot!(bench.screen());
}

#[test]
fn a_refresh_that_fails_keeps_the_text() {
    let mut bench = orders(80, 24);
    bench.script.texts.remove("orders.yaml");
    bench.keys("r");
    let text = bench.text();
    assert!(text.contains("config_version") && text.contains("as it was"), "{text}");
}

#[test]
fn brackets_go_from_file_to_file() {
    let mut bench = orders(80, 24);
    bench.keys("]");
    let text = bench.text();
    assert!(text.contains("flights.yaml (1 of 2)") && text.contains("no problem was found"), "{text}");
    bench.keys("[");
    assert!(bench.text().contains("orders.yaml (2 of 2)"));
}

#[test]
fn an_answer_for_a_file_that_was_left_is_dropped() {
    let mut bench = orders(80, 24);
    bench.hold();
    bench.keys("] [");
    let mut late = std::mem::take(&mut bench.open);
    assert_eq!(late.len(), 2);
    late.reverse();
    bench.open = late;
    bench.release();
    assert!(bench.text().contains("Orders of the shop"), "{}", bench.text());
}

#[test]
fn strange_texts_do_no_harm() {
    for text in [
        "",
        "\n\n\n",
        "\ta: 1",
        "日本語: 値\u{202e}abc",
        "a: \u{1b}[31mred",
        &"x".repeat(1_000_000),
        "no end",
        "a: 'it''s #1' # c",
    ] {
        let mut bench = orders(80, 24);
        let known = bench.script.texts["orders.yaml"].clone().unwrap();
        bench.script.texts.insert("orders.yaml".into(), Ok(ConfigText { text: text.into(), ..known }));
        bench.keys("r G l l l n");
        let shown = bench.text();
        assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{shown}");
    }
}

#[test]
fn without_any_file() {
    let mut bench = Bench::open(80, 24, Script::empty());
    bench.keys("2");
    assert!(bench.text().contains("there is no config file here"), "{}", bench.text());
}
