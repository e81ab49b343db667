//! Datasets of events: the golden examples of the rules, through the door, on a real disk.

use medallion_core::api::wire::Outcome;
use medallion_tests::lake::Lake;

use super::{DAY, made, time};

const LOG: &str = "entity_kind: event\nnatural_keys: [k]\nevent_ts_column: t";
const DAILY: &str = "entity_kind: event\nnatural_keys: [k]\nevent_ts_column: t\ninput_mode: replace_daily";
const CODED: &str = "entity_kind: event\nnatural_keys: [k]\nevent_ts_column: t\ncdc: {operation_column: op}";
const TIMED: &str = "schema: {t: timestamptz}";

#[test]
fn of_one_key_and_time_the_last_row_stays_and_other_times_are_other_events() {
    let lake = Lake::new(TIMED, LOG);
    let (eight, nine) = (time(1, 8), time(1, 9));
    lake.land("cdc", DAY[1], &format!("k,t,v|a,{nine},2|a,{eight},1|a,{nine},3|b,{eight},1"));
    assert_eq!(
        made(&lake, "cdc", 1),
        "k=a t=2025-01-01T08:00:00Z v=1 | k=a t=2025-01-01T09:00:00Z v=3 | k=b t=2025-01-01T08:00:00Z v=1"
    );
}

#[test]
fn an_event_that_came_before_is_left_out_and_one_that_differs_is_kept() {
    let lake = Lake::new(TIMED, LOG);
    let (eight, nine) = (time(1, 8), time(1, 9));
    lake.land("cdc", DAY[1], &format!("k,t,v|a,{eight},1|b,{eight},1"));
    lake.land("cdc", DAY[2], &format!("k,t,v|a,{eight},1|b,{eight},2|a,{nine},1"));
    assert_eq!(made(&lake, "cdc", 2), "k=a t=2025-01-01T09:00:00Z v=1 | k=b t=2025-01-01T08:00:00Z v=2");
    // A load has the events of its own date, whatever came later.
    assert_eq!(made(&lake, "cdc", 1), "k=a t=2025-01-01T08:00:00Z v=1 | k=b t=2025-01-01T08:00:00Z v=1");
    assert_eq!(lake.promote("cdc", DAY[2]).outcome, Outcome::Unchanged, "building again writes nothing");
}

#[test]
fn a_date_with_nothing_new_is_a_load_without_rows() {
    let lake = Lake::new(TIMED, LOG);
    let event = format!("k,t,v|a,{},1", time(1, 8));
    lake.land("cdc", DAY[1], &event);
    lake.land("cdc", DAY[2], &event);
    let step = lake.promote("cdc", DAY[2]);
    assert_eq!((step.outcome, step.rows.0), (Outcome::Written, 0));
}

#[test]
fn with_replace_daily_one_event_a_day_stays() {
    let lake = Lake::new(TIMED, DAILY);
    let (early, late, next) = (time(1, 8), time(1, 23), time(2, 0));
    lake.land("cdc", DAY[1], &format!("k,t,v|a,{late},2|a,{early},1|a,{next},3"));
    assert_eq!(made(&lake, "cdc", 1), "k=a t=2025-01-01T23:00:00Z v=2 | k=a t=2025-01-02T00:00:00Z v=3");
}

#[test]
fn the_day_is_that_of_the_time_zone() {
    let lake = Lake::new("schema: {t: timestamptz}\ntimezone: Europe/Berlin", DAILY);
    lake.land("cdc", DAY[1], "k,t,v|a,2025-01-01T22:30:00Z,1|a,2025-01-01T23:30:00Z,2|a,2025-01-02T22:30:00Z,3");
    assert_eq!(made(&lake, "cdc", 1), "k=a t=2025-01-01T22:30:00Z v=1 | k=a t=2025-01-02T22:30:00Z v=3");
}

#[test]
fn a_full_that_lacks_keys_deletes_no_event() {
    let lake = Lake::new(TIMED, LOG);
    lake.land("full", DAY[1], &format!("k,t,v|a,{},1|b,{},1", time(1, 8), time(1, 8)));
    lake.land("full", DAY[2], "k,t,v");
    let step = lake.promote("full", DAY[2]);
    assert_eq!((step.outcome, step.rows.0), (Outcome::Written, 0), "no guard objects");
    lake.land("full", DAY[3], &format!("k,t,v|a,{},1|c,{},1", time(1, 8), time(3, 8)));
    assert_eq!(made(&lake, "full", 3), "k=c t=2025-01-03T08:00:00Z v=1");
}

#[test]
fn a_delete_takes_its_event_back_is_left_out_or_is_an_event_itself() {
    let changes = format!("k,t,op,v|a,{0},I,1|b,{0},I,1|a,{0},D,1", time(1, 8));
    let expected = [
        ("", "k=b t=2025-01-01T08:00:00Z op=I v=1"),
        ("delete_mode: ignore", "k=a t=2025-01-01T08:00:00Z op=I v=1 | k=b t=2025-01-01T08:00:00Z op=I v=1"),
        (
            "delete_mode: tombstone_event",
            "k=a t=2025-01-01T08:00:00Z op=D v=1 _is_deleted=1 | k=b t=2025-01-01T08:00:00Z op=I v=1 _is_deleted=0",
        ),
    ];
    for (mode, rows) in expected {
        let lake = Lake::new(TIMED, &format!("{CODED}\n{mode}"));
        lake.land("cdc", DAY[1], &changes);
        assert_eq!(made(&lake, "cdc", 1), rows, "{mode}");
    }
}
