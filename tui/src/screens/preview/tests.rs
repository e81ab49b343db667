//! Preview, as it looks and as it reacts.

use medallion_core::api::wire::{Count, Exchange, Header, PreviewInfo, Table};

use crate::app::message::Request;
use crate::harness::{Bench, PLAIN, Script, failure, preview_info, records};

fn preview(width: u16, height: u16, script: Script) -> Bench {
    let mut bench = Bench::open(width, height, script);
    bench.keys("3");
    bench
}

#[test]
fn full_at_80_by_24() {
    let mut bench = preview(80, 24, Script::full());
    bench.keys("j l");
    insta::assert_snapshot!(bench.screen());
}

#[test]
fn findings_at_60_by_15_in_ascii_without_colour() {
    let mut bench = Bench::held(60, 15, Script::full(), PLAIN);
    bench.release();
    bench.keys("3 tab j");
    insta::assert_snapshot!(bench.screen());
}

#[test]
fn loading() {
    let mut bench = Bench::open(80, 24, Script::full());
    bench.hold();
    bench.keys("3");
    bench.wait(300);
    insta::assert_snapshot!(bench.screen());
}

#[test]
fn a_source_that_cannot_be_read() {
    insta::assert_snapshot!(
        preview(80, 24, Script { preview: Err(failure("cannot read ./data/orders.csv")), ..Script::full() }).screen()
    );
}

#[test]
fn a_source_without_records() {
    let info = preview_info();
    let script = Script { preview: Ok(Table { info, batches: vec![records(0, 0)] }), ..Script::full() };
    insta::assert_snapshot!(preview(80, 24, script).screen());
}

#[test]
fn a_failed_fetch_keeps_the_records() {
    let mut bench = preview(80, 24, Script::full());
    bench.script.preview = Err(failure("cannot read ./data/orders.csv"));
    bench.keys("p");
    let text = bench.text();
    assert!(text.contains("as they were; fetching again failed") && text.contains("9007199254740993"), "{text}");
}

#[test]
fn the_date_is_asked_for_and_checked() {
    let mut bench = preview(80, 24, Script::full());
    bench.keys("d").types("2013-02-30").keys("enter");
    assert!(bench.text().contains("there is no day 2013-02-30"), "{}", bench.text());
    bench.keys("ctrl-u").types("30.2.2013").keys("enter");
    assert!(bench.text().contains("a date is written YYYY-MM-DD"), "{}", bench.text());
    bench.keys("ctrl-u");
    bench.hold();
    bench.types("2013-01-02").keys("enter");
    let Some((_, Request::Preview(request))) = bench.open.last() else { panic!("{:?}", bench.open) };
    assert_eq!(request.date.map(|date| date.to_string()).as_deref(), Some("2013-01-02"));
}

#[test]
fn only_the_last_answer_counts() {
    let mut bench = preview(80, 24, Script::full());
    bench.hold();
    bench.keys("m m");
    let open = std::mem::take(&mut bench.open);
    let limits: Vec<u32> = open
        .iter()
        .filter_map(|(_, request)| if let Request::Preview(request) = request { Some(request.limit) } else { None })
        .collect();
    assert_eq!(limits, [1_000, 100]);
    // The answer to the first one comes, and is dropped: still waiting.
    bench.open = open[..1].to_vec();
    bench.release();
    assert!(bench.app.waiting().is_some());
}

#[test]
fn a_cell_is_shown_whole_with_null_and_empty_apart() {
    let mut bench = preview(80, 24, Script::full());
    for (keys, text) in [
        ("l enter", "Ada"),
        ("j enter", "NULL (no value)"),
        ("j enter", "\"\" (the empty text)"),
        ("j j enter", "tab\\there\\u{1b}[31m"),
    ] {
        bench.keys("esc");
        bench.keys("3");
        bench.keys(keys);
        assert!(bench.text().contains(text), "{text}: {}", bench.text());
        bench.keys("enter");
    }
}

/// An answer that refuses, and nothing else.
fn refused() -> Table<PreviewInfo> {
    let header = Header { name: "authorization".into(), value: "***".into() };
    let exchange = Exchange {
        page: Count(1),
        attempt: 1,
        method: "GET".into(),
        target: "https://shop.example/orders?page=1".into(),
        request_headers: vec![header],
        status: Some(401),
        body: Some("{\"error\": \"who are you\"}".into()),
        curl: Some("curl 'https://shop.example/orders?page=1' -H 'authorization: ***'".into()),
        error: Some("the server does not accept the credentials".into()),
        ..Exchange::default()
    };
    let error = Some(failure("the server does not accept the credentials"));
    let info = PreviewInfo { exchanges: vec![exchange], error, ..preview_info() };
    Table { info, batches: vec![records(0, 0)] }
}

#[test]
fn what_a_server_said_is_shown_where_nothing_else_came() {
    let mut bench = preview(80, 24, Script { preview: Ok(refused()), ..Script::full() });
    let text = bench.text();
    assert!(text.contains("[Requests 1]") && text.contains("401"), "{text}");
    bench.keys("enter");
    assert!(bench.text().contains("who are you") && bench.text().contains("authorization: ***"), "{}", bench.text());
    bench.keys("esc y");
    assert!(bench.text().contains("the request was sent"), "{}", bench.text());
}

#[test]
fn tabs_follow_each_other_at_40_by_10_too() {
    let mut bench = preview(40, 10, Script::full());
    for (keys, wanted) in
        [("t", "[Requests]"), ("t", "[Schema 4]"), ("t", "[State]"), ("t", "[Log]"), ("t", "[Records]")]
    {
        bench.keys(keys);
        assert!(bench.text().contains(wanted), "{wanted}: {}", bench.text());
    }
}

#[test]
fn records_of_another_config_are_stale() {
    let mut script = Script::full();
    if let Ok(table) = &mut script.preview {
        table.info.fingerprint = "before".into();
    }
    let mut bench = preview(80, 24, script);
    assert!(bench.text().contains("stale: the config has changed since"), "{}", bench.text());
}
