//! The golden cases of the rules of Silver for `scd_type_2`, the other models that compare days, and
//! sources that bring their own history. Through the door, on a real disk.

#![expect(clippy::expect_used, clippy::panic, reason = "a failed expectation is what a test reports")]

use medallion_core::api::wire::{Layer, Outcome};
use medallion_tests::lake::{self, Lake};

use super::{DAY, made, time};

const KEYED: &str = "model: scd_type_2\nprimary_keys: [k]";
const TIMED: &str =
    "model: scd_type_2\nprimary_keys: [k]\norder_column: t\ncdc: {operation_column: op}\nignore_changes: [op]";

/// A table of a load, or the code of its refusal.
#[track_caller]
fn table(lake: &Lake, pattern: &str, day: usize, table: &str) -> String {
    let step = lake.promote(pattern, DAY[day]);
    match step.outcome {
        Outcome::Written | Outcome::Unchanged => {
            lake::text(&lake.table(pattern, Layer::Silver, DAY[day], table).expect("a table of the load"))
        }
        _ => step.error.map_or_else(String::new, |error| format!("{} exit {}", error.code, error.exit)),
    }
}

/// `key value [from,to)` for each version, in order.
#[track_caller]
fn history(lake: &Lake, pattern: &str, day: usize) -> String {
    let text = table(lake, pattern, day, "history");
    let current = table(lake, pattern, day, "current");
    let is_current = |row: &&str| row.contains(" is_current=1");
    let expected: Vec<&str> = text.split(" | ").filter(is_current).collect();
    assert_eq!(current, expected.join(" | "), "current is the part of history where is_current = 1");
    let mut rows: Vec<(String, String)> = text.split(" | ").filter(|row| row.contains('=')).map(version).collect();
    rows.sort();
    rows.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" ")
}

fn version(row: &str) -> (String, String) {
    let cell = |name: &str| {
        let of = |cell: &str| cell.strip_prefix(name)?.strip_prefix('=').map(str::to_owned);
        row.split(' ').find_map(of).unwrap_or_else(|| panic!("no {name} in {row}"))
    };
    // 2025-01-02T08:00:00Z is d2 08.
    let short = |cell: String| match cell.strip_prefix("2025-01-") {
        Some(rest) => format!("d{}{}", rest[1..2].to_owned(), rest[3..5].replace("00", "")),
        None => cell.replace('∅', "∞"),
    };
    let (from, to) = (cell("effective_from"), cell("effective_to"));
    assert_eq!(cell("is_current") == "1", to == "∅", "{row}");
    let sort = format!("{} {}", cell("k"), from.replace('∅', ""));
    let from = if from == "∅" { "?".to_owned() } else { short(from) };
    (sort, format!("{}{}[{from},{})", cell("k"), cell("v"), short(to)))
}

#[test]
fn case_1_snapshots_are_compared_over_time() {
    let lake = Lake::new("", KEYED);
    lake.land("full", DAY[1], "k,v|a,1|b,1");
    lake.land("full", DAY[2], "k,v|a,2");
    lake.land("full", DAY[3], "k,v|a,2|b,1");
    assert_eq!(history(&lake, "full", 3), "a1[d1,d2) a2[d2,∞) b1[d1,d2) b1[d3,∞)");
    assert_eq!(history(&lake, "full", 2), "a1[d1,d2) a2[d2,∞) b1[d1,d2)");
    assert_eq!(lake.promote("full", DAY[3]).outcome, Outcome::Unchanged, "building again writes nothing");
}

#[test]
fn case_2_a_full_inside_the_stream_does_not_erase_history() {
    let lake = Lake::new("", TIMED);
    lake.land("cdc", DAY[1], &format!("k,t,op,v|k,{},I,1", time(1, 8)));
    lake.land("cdc", DAY[2], &format!("k,t,op,v|k,{},U,2", time(2, 8)));
    lake.land("full", DAY[3], &format!("k,t,op,v|k,{},U,2", time(2, 8)));
    assert_eq!(history(&lake, "full", 3), "k1[d108,d208) k2[d208,∞)");
}

#[test]
fn case_3_a_late_change_is_history_but_not_current() {
    let lake = Lake::new("", &format!("{TIMED}\nrulings: {{2025-01-05: accept}}"));
    lake.land("cdc", DAY[1], &format!("k,t,op,v|k,{},I,1", time(1, 8)));
    lake.land("full", DAY[5], "k,t,op,v");
    lake.land("cdc", DAY[6], &format!("k,t,op,v|k,{},U,2", time(3, 8)));
    assert_eq!(history(&lake, "cdc", 6), "k1[d108,d308) k2[d308,d5)");
    assert_eq!(table(&lake, "cdc", 6, "current"), "");
}

#[test]
fn case_4_a_full_speaks_for_its_date_whatever_its_times_say() {
    let lake = Lake::new("", TIMED);
    lake.land("full", DAY[2], &format!("k,t,op,v|k,{},,A", time(1, 10)));
    lake.land("full", DAY[3], &format!("k,t,op,v|k,{},,B", time(1, 9)));
    assert_eq!(history(&lake, "full", 3), "kB[d109,d110) kA[d110,d3) kB[d3,∞)");
}

#[test]
fn case_5_a_delete_without_a_time_ends_a_version_on_its_date() {
    let lake = Lake::new("schema: {t: timestamptz}", TIMED);
    lake.land("cdc", DAY[1], &format!("k,t,op,v|k,{},I,A", time(1, 8)));
    lake.land("cdc", DAY[2], "k,t,op,v|k,,D,");
    lake.land("cdc", DAY[3], &format!("k,t,op,v|k,{},I,A", time(3, 8)));
    assert_eq!(history(&lake, "cdc", 3), "kA[d108,d2) kA[d308,∞)");
}

#[test]
fn case_6_a_late_row_splits_a_run() {
    let lake = Lake::new("", TIMED);
    lake.land("cdc", DAY[1], &format!("k,t,op,v|k,{},I,A|k,{},U,A", time(1, 1), time(1, 5)));
    lake.land("cdc", DAY[2], &format!("k,t,op,v|k,{},U,B", time(1, 3)));
    assert_eq!(history(&lake, "cdc", 1), "kA[d101,∞)");
    assert_eq!(history(&lake, "cdc", 2), "kA[d101,d103) kB[d103,d105) kA[d105,∞)");
}

#[test]
fn case_7_of_equal_times_the_last_to_arrive_counts() {
    let lake = Lake::new("", TIMED);
    let (one, two) = (time(1, 1), time(1, 2));
    let rows = format!("a,{one},I,A|a,{two},D,A|a,{two},I,A|b,{one},I,A|b,{two},I,A|b,{two},D,A");
    lake.land("cdc", DAY[1], &format!("k,t,op,v|{rows}"));
    assert_eq!(history(&lake, "cdc", 1), "aA[d101,∞) bA[d101,d102)");
}

#[test]
fn case_8_a_key_that_returns_is_not_merged_with_what_it_was() {
    let lake = Lake::new("", &format!("{TIMED}\nrulings: {{2025-01-02: accept}}"));
    lake.land("full", DAY[1], "k,t,op,v|k,2024-12-31T00:00:00Z,,A");
    lake.land("full", DAY[2], "k,t,op,v");
    lake.land("full", DAY[3], "k,t,op,v|k,2024-12-31T00:00:00Z,,A");
    assert_eq!(history(&lake, "full", 3), "kA[2024-12-31T00:00:00Z,d2) kA[d3,∞)");
}

#[test]
fn case_9_an_empty_full_is_refused_until_somebody_rules() {
    let mut lake = Lake::new("", KEYED);
    lake.land("full", DAY[1], "k,v|a,1|b,1");
    lake.land("full", DAY[2], "k,v");
    lake.land("full", DAY[3], "k,v|a,1|b,1");
    assert_eq!(made(&lake, "full", 2), "VAL011 exit 4");
    assert_eq!(made(&lake, "full", 3), "VAL011 exit 4");
    lake.set_silver(&format!("{KEYED}\nrulings: {{2025-01-02: skip}}"));
    assert_eq!(history(&lake, "full", 3), "a1[d1,∞) b1[d1,∞)");
}

#[test]
fn case_11_a_merge_has_what_differs_from_the_full_before() {
    let lake = Lake::new("", "model: incremental_merge\nprimary_keys: [k]");
    lake.land("full", DAY[1], "k,v|a,1|b,1");
    lake.land("full", DAY[2], "k,v|a,2");
    lake.land("full", DAY[3], "k,v|a,2");
    assert_eq!(made(&lake, "full", 1), "k=a v=1 _operation=insert | k=b v=1 _operation=insert");
    assert_eq!(made(&lake, "full", 2), "k=a v=2 _operation=update | k=b v=1 _operation=delete");
    assert_eq!(lake.promote("full", DAY[3]).outcome, Outcome::Written, "zero rows are a result");
    assert_eq!(made(&lake, "full", 3), "");
}

#[test]
fn case_12_numbers_order_without_time() {
    let lake = Lake::new("", &format!("{KEYED}\norder_column: lsn\nrulings: {{2025-01-04: accept}}"));
    lake.land("cdc", DAY[1], "k,lsn,v|k,10,A");
    lake.land("cdc", DAY[2], "k,lsn,v|k,20,B");
    lake.land("cdc", DAY[3], "k,lsn,v|k,15,C");
    assert_eq!(history(&lake, "cdc", 3), "kA[d1,d2) kB[d2,∞)");
    lake.land("full", DAY[4], "k,lsn,v");
    assert_eq!(history(&lake, "full", 4), "kA[d1,d2) kB[d2,d4)");
}

#[test]
fn changes_carry_their_operation() {
    let coded =
        Lake::new("", "model: incremental_merge\nprimary_keys: [k]\norder_column: n\ncdc: {operation_column: op}");
    coded.land("cdc", DAY[1], "k,n,op,v|a,1,I,1|b,2,r,1");
    coded.land("cdc", DAY[2], "k,n,op,v|a,3,U,2|b,4,D,|c,5,,1|a,6,,3");
    assert_eq!(
        made(&coded, "cdc", 2),
        "k=a n=3 op=U v=2 _operation=update | k=a n=6 op=∅ v=3 _operation=update | \
         k=b n=4 op=D v=∅ _operation=delete | k=c n=5 op=∅ v=1 _operation=insert"
    );
    let plain = Lake::new("", "model: incremental_merge\nprimary_keys: [k]");
    plain.land("cdc", DAY[1], "k,v|a,1|a,2");
    plain.land("cdc", DAY[2], "k,v|a,3|b,1");
    assert_eq!(made(&plain, "cdc", 1), "k=a v=1 _operation=insert | k=a v=2 _operation=update");
    assert_eq!(made(&plain, "cdc", 2), "k=a v=3 _operation=update | k=b v=1 _operation=insert");
}

#[test]
fn a_deduplicated_snapshot_has_the_last_row_of_each_key_of_its_day() {
    let lake = Lake::new("", "model: full_merge_dedupe\nprimary_keys: [k]\norder_column: n");
    lake.land("full", DAY[1], "k,n,v|z,1,x");
    lake.land("full", DAY[2], "k,n,v|a,2,new|a,1,old|b,1,x|b,1,y");
    assert_eq!(made(&lake, "full", 2), "k=a n=2 v=new | k=b n=1 v=y");
    lake.land("cdc", DAY[3], "k,n,v|a,3,z");
    assert_eq!(made(&lake, "cdc", 3), "k=a n=3 v=z | k=b n=1 v=y", "of changes, what is current after all of them");
}

const GIVEN: &str = "primary_keys: [k]\norder_column: effective_from";

#[test]
fn versions_that_a_source_brings_keep_their_bounds() {
    let rows = "k,v,effective_from,effective_to,is_current|\
        a,1,2025-01-01T00:00:00Z,2025-01-09T00:00:00Z,0|a,2,2025-01-03T00:00:00Z,,0|a,3,2025-01-05T00:00:00Z,,1|\
        b,1,2025-01-01T00:00:00Z,2025-01-02T00:00:00Z,0";
    let two = Lake::new("", &format!("model: scd_type_2\n{GIVEN}"));
    two.land("current_history", DAY[1], rows);
    assert_eq!(history(&two, "current_history", 1), "a1[d1,d3) a2[d3,d5) a3[d5,∞) b1[d1,d2)");
    let one = Lake::new("", &format!("model: scd_type_1\n{GIVEN}"));
    one.land("current_history", DAY[1], rows);
    assert_eq!(made(&one, "current_history", 1), "k=a v=3");
    let last = Lake::new("", &format!("model: full_merge_dedupe\n{GIVEN}"));
    last.land("current_history", DAY[1], rows);
    assert_eq!(
        made(&last, "current_history", 1),
        "k=a v=3 effective_from=2025-01-05T00:00:00Z effective_to=∅ is_current=1 | \
         k=b v=1 effective_from=2025-01-01T00:00:00Z effective_to=2025-01-02T00:00:00Z is_current=0"
    );
}

#[test]
fn deletes_may_be_ignored_or_kept_as_tombstones() {
    let days = |mode: &str, model: &str| {
        let lake = Lake::new(
            "",
            &format!(
                "model: {model}\nprimary_keys: [k]\ncdc: {{operation_column: op}}\nignore_changes: [op]\ndelete_mode: {mode}"
            ),
        );
        lake.land("cdc", DAY[1], "k,op,v|a,I,1|b,I,1");
        lake.land("cdc", DAY[2], "k,op,v|a,D,");
        lake.land("full", DAY[3], "k,op,v|c,,1");
        lake
    };
    let ignore = days("ignore", "scd_type_2");
    assert_eq!(history(&ignore, "full", 3), "a1[d1,∞) b1[d1,∞) c1[d3,∞)", "and no guard objects");
    let one = days("ignore", "scd_type_1");
    assert_eq!(made(&one, "full", 3), "k=a op=I v=1 | k=b op=I v=1 | k=c op=∅ v=1");
    let mut kept = days("tombstone_state", "scd_type_1");
    assert_eq!(made(&kept, "cdc", 2), "k=a op=I v=1 _is_deleted=1 | k=b op=I v=1 _is_deleted=0");
    kept = days("tombstone_state", "scd_type_2");
    assert_eq!(history(&kept, "cdc", 2), "a1[d1,d2) a1[d2,∞) b1[d1,∞)");
}

#[test]
fn a_column_of_the_source_does_not_take_a_name_of_ours() {
    let lake = Lake::new("", KEYED);
    lake.land("full", DAY[1], "k,v,is_current|a,1,1");
    assert_eq!(made(&lake, "full", 1), "VAL014 exit 4");
}

#[test]
fn columns_of_ours_may_split_the_files() {
    let lake = Lake::new("", &format!("{KEYED}\npartitioning: {{columns: [is_current]}}"));
    lake.land("full", DAY[1], "k,v|a,1");
    lake.land("full", DAY[2], "k,v|a,2");
    assert_eq!(
        made(&lake, "full", 2).replace("T00:00:00Z", ""),
        "k=a v=2 effective_from=2025-01-02 effective_to=∅ is_current=1"
    );
    let files = lake.project().files("silver");
    let of = |folder: &str| files.iter().filter(|file| file.contains(folder)).count();
    assert_eq!(
        (of("history/load_date=2025-01-02/is_current=0/"), of("history/load_date=2025-01-02/is_current=1/")),
        (1, 1)
    );
    assert_eq!(
        (of("current/load_date=2025-01-02/is_current=0/"), of("current/load_date=2025-01-02/is_current=1/")),
        (0, 1)
    );
}

#[test]
fn null_is_a_value_and_minus_zero_is_zero() {
    let lake = Lake::new("schema: {v: float}", "model: scd_type_2\nprimary_keys: [k]\norder_column: t");
    let values = ["0.0", "-0.0", "", "", "1.5", "1.50"];
    let rows =
        (1..).zip(values).fold(String::new(), |rows, (hour, value)| format!("{rows}|k,{},{value}", time(1, hour)));
    lake.land("cdc", DAY[1], &format!("k,t,v{rows}"));
    assert_eq!(history(&lake, "cdc", 1), "k-0.0[d101,d103) k∅[d103,d105) k1.5[d105,∞)");
}
