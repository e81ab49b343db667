//! Run, as it looks and as it reacts.

use chrono::NaiveDate;
use medallion_core::api::wire::*;

use crate::app::message::{Exit, Message, Request};
use crate::harness::{Bench, PLAIN, Script, failure};
use crate::screens::ScreenId;

fn step(dataset: &str, day: u32, layer: Layer) -> Step {
    Step { dataset: dataset.into(), date: NaiveDate::from_ymd_opt(2013, 1, day).unwrap(), layer }
}

fn steps() -> Vec<Step> {
    vec![
        step("flights", 1, Layer::Bronze),
        step("flights", 1, Layer::Silver),
        step("flights", 2, Layer::Bronze),
        step("flights", 2, Layer::Silver),
    ]
}

fn report(outcomes: [Outcome; 4]) -> RunReport {
    let steps = steps()
        .into_iter()
        .zip(outcomes)
        .map(|(step, outcome)| StepReport {
            step,
            outcome,
            rows: Count(1_234_567),
            parts: Count(2),
            bytes: Count(45_200_000),
            rejected: Count(if outcome == Outcome::Written { 37 } else { 0 }),
            path: "./lake/bronze/system=nyc/table=flights/dt=2013-01-01".into(),
            seconds: 12.34,
            notes: Vec::new(),
            error: (outcome == Outcome::Failed).then(|| failure("cannot read ./data/flights_2013-01-02.csv")),
        })
        .collect();
    RunReport { run_id: "run-7".into(), steps, exit: 0, seconds: 49.4 }
}

/// A run of `flights` that has finished its first step and is in its second or third.
fn going(width: u16, height: u16) -> Bench {
    let mut bench = Bench::open(width, height, Script::full());
    bench.keys("j j x d").types("2013-01-01..2013-01-02").keys("enter enter");
    start(&mut bench);
    bench
}

fn start(bench: &mut Bench) {
    bench.event(RunEvent::Started { run_id: "run-7".into(), steps: steps() });
    bench.event(RunEvent::StepStarted { step: steps()[0].clone() });
    let note =
        Note { level: NoteLevel::Warning, code: Some("EXT016".into()), message: "37 records could not be read".into() };
    bench.event(RunEvent::Noted { step: steps()[0].clone(), note });
    bench.wait(1_500);
    bench.event(RunEvent::StepFinished { step: steps()[0].clone(), outcome: Outcome::Written, error: None });
    bench.event(RunEvent::StepStarted { step: steps()[1].clone() });
    bench.wait(1_000);
    bench.event(RunEvent::Progress {
        step: steps()[1].clone(),
        phase: Phase::Fold,
        rows: Count(610_000),
        bytes: Some(Count(61)),
        total_bytes: Some(Count(100)),
    });
}

#[test]
fn the_form_at_80_by_24() {
    let mut bench = Bench::open(80, 24, Script::full());
    bench.keys("4 j space");
    insta::assert_snapshot!(bench.screen());
}

#[test]
fn the_form_asks_the_engine_for_what_it_shows() {
    let mut bench = going(80, 24);
    let (_, request) = bench.run();
    assert_eq!(request.sources, ["flights"]);
    assert_eq!(
        (request.date, request.until),
        (NaiveDate::from_ymd_opt(2013, 1, 1), NaiveDate::from_ymd_opt(2013, 1, 2))
    );
    assert_eq!(request.layers, Layers::Both);
    bench.run_ends(Ok(report([Outcome::Written; 4])));
    bench.keys("n l a enter");
    let (_, again) = bench.run();
    assert_eq!((again.layers, again.sources.len()), (Layers::Bronze, 0), "all of them means none named");
    assert_ne!(again.job, "");
}

#[test]
fn dates_are_checked_before_they_are_taken() {
    let mut bench = Bench::open(80, 24, Script::full());
    for (typed, said) in [
        ("2013-1", "a date is written YYYY-MM-DD"),
        ("2013-01-02..2013-01-01", "the first date is after the last"),
        ("2013-01-02..", "a range is written"),
    ] {
        bench.keys("4 d ctrl-u").types(typed).keys("enter");
        assert!(bench.text().contains(said), "{typed}: {}", bench.text());
        bench.keys("esc");
    }
    assert!(bench.text().contains("today"));
    bench.keys("d");
    bench.message(Message::Paste("2013-01-03\n".into()));
    bench.keys("enter");
    assert!(bench.text().contains("2013-01-03"));
}

#[test]
fn nothing_chosen_is_not_started() {
    let mut bench = Bench::open(80, 24, Script::full());
    bench.keys("4 a a");
    assert!(bench.text().contains("0 of 4"), "{}", bench.text());
    bench.keys("enter");
    assert!(bench.text().contains("no dataset is chosen") && bench.open.is_empty());
}

#[test]
fn going_at_80_by_24() {
    insta::assert_snapshot!(going(80, 24).screen());
}

#[test]
fn going_at_60_by_15_in_ascii_without_colour() {
    let mut bench = Bench::held(60, 15, Script::full(), PLAIN);
    bench.release();
    bench.keys("j j x enter");
    start(&mut bench);
    insta::assert_snapshot!(bench.screen());
}

#[test]
fn cancelling_says_what_it_waits_for_until_the_run_really_ends() {
    let mut bench = going(80, 24);
    bench.keys("x");
    bench.wait(2_000);
    insta::assert_snapshot!(bench.screen());
    bench.keys("x");
    assert!(bench.text().contains("it is being cancelled"));
    bench.run_ends(Ok(report([Outcome::Written, Outcome::Cancelled, Outcome::Skipped, Outcome::Skipped])));
    let text = bench.text();
    assert!(text.contains("cancelled: 1 cancelled, 1 written, 2 skipped") && !text.contains("cancelling"), "{text}");
}

#[test]
fn the_table_at_the_end() {
    let mut bench = going(110, 24);
    bench.run_ends(Ok(report([Outcome::Written, Outcome::Unchanged, Outcome::Failed, Outcome::Skipped])));
    insta::assert_snapshot!(bench.screen());
    assert!(!bench.app.is_moving(), "nothing moves any more, the processor can sleep");
}

#[test]
fn a_second_run_with_nothing_new_says_so() {
    let mut bench = going(80, 24);
    bench.run_ends(Ok(report([Outcome::Unchanged; 4])));
    assert!(bench.text().contains("done, nothing new: 4 unchanged"), "{}", bench.text());
}

#[test]
fn a_run_that_never_started_shows_why() {
    let mut bench = going(80, 24);
    bench.keys("1");
    bench.run_ends(Err(failure("the configuration has errors")));
    assert!(bench.text().contains("nothing was run (4 shows it)"), "{}", bench.text());
    bench.keys("4");
    assert!(bench.text().contains("the configuration has errors"), "{}", bench.text());
}

#[test]
fn events_of_an_older_run_are_dropped() {
    let mut bench = going(80, 24);
    let old = bench.run().0;
    bench.run_ends(Ok(report([Outcome::Written; 4])));
    bench.keys("n enter");
    let event = RunEvent::Started { run_id: "old".into(), steps: steps() };
    bench.message(Message::Answer { generation: old, answer: crate::app::message::Answer::RunEvent(Box::new(event)) });
    assert!(bench.text().contains("looking at what is to be done"), "{}", bench.text());
}

#[test]
fn the_newest_partition_of_the_step_is_one_key_away() {
    let mut bench = going(100, 24);
    bench.run_ends(Ok(report([Outcome::Written; 4])));
    bench.keys("g o");
    assert_eq!(bench.app.screen, ScreenId::Outputs);
    assert!(bench.text().contains("bronze flights · 2013-01-29"), "{}", bench.text());
    bench.keys("enter");
    assert!(bench.text().contains("row 1 of"), "{}", bench.text());
}

#[test]
fn leaving_while_a_run_goes_on_asks_first_and_waits_for_it() {
    let mut bench = going(80, 24);
    bench.keys("1 q");
    insta::assert_snapshot!(bench.screen());
    bench.keys("esc");
    assert_eq!((bench.exit, bench.app.run.is_going()), (None, true));
    bench.keys("q y");
    assert_eq!(bench.exit, None, "the run has not stopped yet");
    assert!(bench.text().contains("ending: waiting for the run"), "{}", bench.text());
    bench.run_ends(Ok(report([Outcome::Cancelled; 4])));
    assert_eq!(bench.exit, Some(Exit::Wanted));
}

#[test]
fn a_signal_cancels_the_run_and_does_not_wait_for_ever() {
    let mut bench = going(80, 24);
    bench.hold();
    bench.message(Message::Signal(15));
    assert!(bench.open.iter().any(|(_, request)| matches!(request, Request::Cancel(_))));
    assert_eq!(bench.exit, None);
    bench.wait(2_500);
    assert_eq!(bench.exit, Some(Exit::Signal(15)));
}

#[test]
fn a_run_of_very_many_steps_is_asked_about() {
    let mut bench = Bench::open(80, 24, Script::full());
    bench.keys("j j x d").types("2013-01-01..2023-12-31").keys("enter enter");
    assert!(bench.text().contains("up to 8,034 steps") && bench.open.is_empty(), "{}", bench.text());
    bench.keys("n");
    assert!(bench.open.is_empty());
    bench.keys("enter y");
    let (_, request) = bench.run();
    assert!(request.accept_many_steps);
}

#[test]
fn the_form_at_60_by_15() {
    let mut bench = Bench::open(60, 15, Script::full());
    bench.keys("4 space d").types("2013-01-01..2013-01-02").keys("enter");
    insta::assert_snapshot!(bench.screen());
}
