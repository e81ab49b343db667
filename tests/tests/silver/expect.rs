//! Expectations: what is not met fails the load, is said, or sets rows aside; through the door, on a real
//! disk.

use medallion_core::api::wire::{Layer, NoteLevel, Outcome, StepReport};
use medallion_tests::lake::{self, Lake};

use super::DAY;

const ROWS: &str = "k,v,at|a,1,2025-01-01T20:00:00Z|b,5,2025-01-01T21:00:00Z|b,x,|c,,2025-01-01T22:00:00Z";

fn snapshot(expect: &str) -> Lake {
    let lake = Lake::new("", &format!("expect: [{expect}]"));
    lake.land("full", DAY[1], ROWS);
    lake
}

fn warnings(step: &StepReport) -> Vec<String> {
    let code = |code: &Option<String>| code.as_deref() == Some("VAL020");
    let warned = step.notes.iter().filter(|note| note.level == NoteLevel::Warning && code(&note.code));
    warned.map(|note| note.message.clone()).collect()
}

/// Why an expectation is not met; "" if it is.
#[track_caller]
fn why(expect: &str) -> String {
    let step = snapshot(&format!("{{{expect}, name: e, on_fail: warn}}")).promote("full", DAY[1]);
    assert_eq!(step.outcome, Outcome::Written, "{step:#?}");
    let warned = warnings(&step);
    let mine = |text: &String| text.strip_prefix("the expectation `e` is not met: ").map(str::to_owned);
    assert!(warned.len() < 2, "{warned:?}");
    warned.first().and_then(mine).unwrap_or_default()
}

#[test]
fn every_check_says_what_is_wrong() {
    for (expect, expected) in [
        ("check: not_null, columns: k", ""),
        ("check: not_null, columns: [k, v, at]", "2 of 4 rows: null"),
        ("check: unique, columns: [k, v]", ""),
        ("check: unique, columns: k", "1 of 4 rows"),
        ("check: in_set, columns: v, values: [1, 5, x]", ""),
        ("check: in_set, columns: [k, v], values: [a, b, 1]", "3 of 4 rows: \"c\", \"5\", \"x\""),
        ("check: range, columns: v, min: 1, max: 5", "1 of 4 rows: \"x\""),
        ("check: range, columns: v, max: 4.5", "2 of 4 rows: \"5\", \"x\""),
        ("check: regex, columns: v, pattern: '[0-9]|x'", ""),
        ("check: regex, columns: k, pattern: 'a|'", "3 of 4 rows: \"b\", \"c\""),
        ("check: freshness, columns: at, max_age_hours: 2", ""),
        (
            "check: freshness, columns: at, max_age_hours: 1.5",
            "the newest `at` is 2.0 hours older than the end of the date",
        ),
        ("check: row_count, min: 4, max: 4, max_change_percent: 0", ""),
        ("check: row_count, min: 5", "4 rows, fewer than 5"),
        ("check: row_count, max: 3", "4 rows, more than 3"),
    ] {
        assert_eq!(why(expect), expected, "{expect}");
    }
}

#[test]
fn what_fails_leaves_silver_as_it_was_and_answers_to_read() {
    let mut lake = snapshot("{check: in_set, columns: k, values: [a, b, c]}, {check: not_null, columns: at}");
    let step = lake.promote("full", DAY[1]);
    let error = step.error.expect("the load is refused");
    assert_eq!((error.code.to_string().as_str(), error.exit), ("VAL020", 4));
    assert_eq!(error.message, "the expectation `not_null of at` is not met: 1 of 4 rows: null");
    assert!(lake.table("full", Layer::Silver, DAY[1], "full_snapshot").is_err(), "nothing stands");
    let refused = lake.project().files("").into_iter().find(|file| file.contains("_refused/load_date=2025-01-01/"));
    assert!(refused.is_some(), "the refusal can be read");
    // With the source mended it stands, and the refusal is withdrawn.
    lake.set_silver("expect: [{check: not_null, columns: k}]");
    assert_eq!(lake.promote("full", DAY[1]).outcome, Outcome::Written);
    assert_eq!(lake.promote("full", DAY[1]).outcome, Outcome::Unchanged);
}

#[test]
fn a_warning_is_said_as_long_as_the_load_stands() {
    let lake = snapshot("{check: unique, columns: k, on_fail: warn}");
    for outcome in [Outcome::Written, Outcome::Unchanged] {
        let step = lake.promote("full", DAY[1]);
        assert_eq!(step.outcome, outcome);
        assert_eq!(warnings(&step), ["the expectation `unique of k` is not met: 1 of 4 rows"]);
    }
}

#[test]
fn rows_at_fault_are_set_aside_from_all_datasets_of_a_load() {
    let silver = "model: scd_type_2\nprimary_keys: [k]\nexpect: [{check: regex, columns: v, pattern: '[0-9]+', on_fail: quarantine}]";
    let lake = Lake::new("", silver);
    lake.land("full", DAY[1], "k,v|a,1|b,2");
    lake.land("full", DAY[2], "k,v|a,x|b,3");
    let first = lake.promote("full", DAY[1]);
    assert_eq!((first.outcome, first.rejected.0), (Outcome::Written, 0));
    let step = lake.promote("full", DAY[2]);
    assert_eq!((step.outcome, step.rejected.0), (Outcome::Written, 1), "{step:#?}");
    assert_eq!(warnings(&step), ["the expectation `regex of v` is not met: 1 of 2 rows: \"x\""]);
    let text = |table: &str| lake::text(&lake.table("full", Layer::Silver, DAY[2], table).expect("a table"));
    let current = text("current");
    assert!(current.contains("k=b v=3") && !current.contains("k=a"), "{current}");
    let history = text("history");
    assert!(history.contains("k=a v=1") && !history.contains("v=x"), "{history}");
    let errors = text("_errors");
    assert!(errors.contains("reason=unexpected_value column=v value=x"), "{errors}");
}

#[test]
fn rows_that_the_model_drops_are_nobodys_fault() {
    let silver = "model: scd_type_1\nprimary_keys: [k]\nexpect: [{check: regex, columns: v, pattern: '[0-9]+', on_fail: quarantine}]";
    let lake = Lake::new("", silver);
    lake.land("cdc", DAY[1], "k,v|a,x|a,1");
    let step = lake.promote("cdc", DAY[1]);
    assert_eq!((step.outcome, step.rejected.0), (Outcome::Written, 0), "{step:#?}");
    assert_eq!(warnings(&step), [""; 0]);
}

#[test]
fn counts_are_compared_with_the_load_before() {
    let lake = Lake::new("", "expect: [{check: row_count, max_change_percent: 50}]");
    for (day, rows) in [(1, "k|a|b"), (2, "k|a|b|c"), (3, "k|a")] {
        lake.land("full", DAY[day], rows);
    }
    assert_eq!(lake.promote("full", DAY[1]).outcome, Outcome::Written, "there is none before");
    assert_eq!(lake.promote("full", DAY[2]).outcome, Outcome::Written);
    let error = lake.promote("full", DAY[3]).error.expect("a fall of two thirds");
    assert_eq!(error.message, "the expectation `row_count` is not met: 1 row after 3, a change of 66.7 %");
}

#[test]
fn what_cannot_be_looked_at_is_told_before_anything_is_written() {
    for (expect, code, what) in [
        ("{check: not_null, columns: vv}", "VAL012", "the column `vv` of `silver.expect`"),
        ("{check: freshness, columns: k, max_age_hours: 1}", "VAL013", "has the type"),
        ("{check: range, columns: at, min: 1}", "VAL013", "`range` is of numbers"),
    ] {
        let error = snapshot(expect).promote("full", DAY[1]).error.expect(expect);
        assert_eq!(error.code.to_string(), code, "{expect}");
        assert!(error.message.contains(what), "{}", error.message);
    }
}
