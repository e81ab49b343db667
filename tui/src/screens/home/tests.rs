//! Home, as it looks and as it reacts.

use medallion_core::api::wire::*;

use crate::app::message::{Answer, Message};
use crate::harness::authoring::{check, findings};
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
    bench.keys("f3");
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

#[test]
fn the_list_follows_what_changes_outside() {
    let mut bench = Bench::open(80, 24, Script::full());
    let mut list = bench.script.datasets.clone().unwrap();
    list.datasets[0].errors = 0;
    list.datasets[0].warnings = 0;
    list.datasets[0].attention.clear();
    bench.script.datasets = Ok(list);
    bench.written_outside("orders.yaml", Some("config_version: 1\n"));
    assert!(bench.text().contains("1 error"), "changes of one moment are looked at together");
    bench.wait(60);
    assert!(!bench.text().contains("1 error") && bench.app.due().is_none(), "{}", bench.text());
}

#[test]
fn where_nobody_tells_of_changes_the_list_is_read_now_and_then() {
    let mut bench = Bench::open(80, 24, Script::full());
    let generation = bench.watch;
    let blind = WatchEvent::Blind { reason: "too many folders".into() };
    bench.message(Message::Answer { generation, answer: Answer::WatchEvent(Box::new(blind)) });
    bench.script.datasets = Script::empty().datasets;
    bench.wait(9_000);
    assert!(bench.text().contains("customers"));
    bench.wait(1_100).wait(100);
    assert!(!bench.text().contains("customers"), "{}", bench.text());
    assert!(bench.app.due().is_some(), "and again");
}

#[test]
fn a_new_config_comes_from_a_template() {
    let mut bench = Bench::open(80, 24, Script::full());
    bench.keys("n");
    insta::assert_snapshot!(bench.screen());
    bench.keys("down enter");
    bench.types("shop_orders").keys("enter enter right");
    insta::assert_snapshot!(bench.screen());
    bench.keys("enter");
    let text = bench.text();
    assert!(text.contains("shop_orders.yaml") && text.contains("not saved yet"), "{text}");
    bench.keys("ctrl-s enter");
    assert!(bench.script.texts["shop_orders.yaml"].as_ref().unwrap().text.contains("name: shop_orders"));
    assert!(!bench.text().contains("not saved yet"), "{}", bench.text());
}

#[test]
fn a_new_config_describes_data_that_is_there() {
    let mut bench = Bench::open(80, 24, Script::full());
    bench.keys("n enter enter enter enter");
    assert!(bench.text().contains("this needs an answer"), "{}", bench.text());
    bench.types("./data").keys("enter enter enter");
    let text = bench.text();
    assert!(text.contains("What was seen") && text.contains("key id is unique") || text.contains("`id`"), "{text}");
    bench.keys("esc");
    assert!(bench.text().contains("found.yaml") && bench.app.config.unsaved() == 1, "{}", bench.text());
    bench.keys("1 n esc");
    assert_eq!(bench.app.screen, ScreenId::Home);
}

fn checked(bench: &mut Bench, check: Check) {
    bench.doctor_says(DoctorEvent::Checked { check: Box::new(check) });
}

fn doctored(width: u16, height: u16) -> Bench {
    let mut bench = Bench::open(width, height, Script::full());
    bench.keys("D");
    bench.doctor_says(DoctorEvent::Started { checks: 4 });
    checked(&mut bench, check(CheckGroup::Storage, "write Bronze to ./lake/bronze", CheckOutcome::Passed));
    let finding = findings("orders.yaml", &bench.script.texts["orders.yaml"].clone().unwrap().text).remove(0);
    checked(
        &mut bench,
        Check {
            detail: "unknown key `typo`".into(),
            hint: Some("did you mean `type`?".into()),
            code: Some(finding.code),
            datasets: vec!["orders".into()],
            file: "orders.yaml".into(),
            span: finding.span,
            finding: Some(finding),
            ..check(CheckGroup::Configuration, "check orders.yaml", CheckOutcome::Failed)
        },
    );
    bench
}

#[test]
fn checks_stand_in_their_groups_as_they_come() {
    let mut bench = doctored(80, 24);
    insta::assert_snapshot!(bench.screen());
    checked(
        &mut bench,
        Check {
            detail: "no file for today".into(),
            hint: Some("wait for the delivery".into()),
            ..check(CheckGroup::Source, "read ./data/flights.csv", CheckOutcome::Warned)
        },
    );
    checked(&mut bench, check(CheckGroup::Machine, "the clock", CheckOutcome::Skipped));
    bench.doctor_ends(Ok(()));
    insta::assert_snapshot!(bench.screen());
    bench.keys("y");
    assert!(bench.copied[0].contains("fail Configuration: check orders.yaml\n    CFG013: unknown key `typo`"));
    assert!(!bench.app.is_moving());
}

#[test]
fn the_doctor_at_60_by_15() {
    insta::assert_snapshot!(doctored(60, 15).screen());
}

#[test]
fn the_doctor_leads_to_the_line_and_to_the_change_that_mends_it() {
    let mut bench = doctored(80, 24);
    bench.doctor_ends(Ok(()));
    bench.keys("enter");
    assert_eq!(bench.app.screen, ScreenId::Config);
    assert!(bench.text().contains("6:7"), "{}", bench.text());
    bench.keys("1 D f");
    assert!(bench.text().contains("rename to `type`"), "{}", bench.text());
}

#[test]
fn the_doctor_can_be_cancelled_and_asked_again() {
    let mut bench = doctored(80, 24);
    bench.keys("x");
    assert!(bench.text().contains("cancelling"), "{}", bench.text());
    bench.doctor_ends(Ok(()));
    assert!(bench.text().contains("cancelled"), "{}", bench.text());
    let before = bench.doctor.as_ref().unwrap().0;
    bench.keys("r");
    assert!(bench.doctor.as_ref().unwrap().0 > before);
    bench.doctor_ends(Err(failure("the folder is gone")));
    assert!(bench.text().contains("the folder is gone"), "{}", bench.text());
    bench.keys("esc");
    assert!(!bench.text().contains("Doctor"));
}
