//! The golden cases of the rules of Silver that `scd_type_1` and `periodic_snapshot` touch (`history` has
//! those of the other models), and the rules about loads: replay, staleness, refusal, rulings. Through
//! the door, on a real disk.

use medallion_core::api::wire::{Layer, Outcome};
use medallion_tests::lake::Lake;

#[path = "silver/events.rs"]
mod events;
#[path = "silver/expect.rs"]
mod expect;
#[path = "silver/history.rs"]
mod history;
#[path = "silver/laws.rs"]
mod laws;
#[path = "silver/memory.rs"]
mod memory;

const KEYED: &str = "model: scd_type_1\nprimary_keys: [k]";
const TIMED: &str = "model: scd_type_1\nprimary_keys: [k]\norder_column: t\ncdc: {operation_column: op}";
/// Days of January 2025 as instants.
const DAY: [&str; 8] =
    ["", "2025-01-01", "2025-01-02", "2025-01-03", "2025-01-04", "2025-01-05", "2025-01-06", "2025-01-07"];

fn time(day: usize, hour: u32) -> String {
    format!("{}T{hour:02}:00:00Z", DAY[day])
}

#[track_caller]
fn made(lake: &Lake, pattern: &str, day: usize) -> String {
    let step = lake.promote(pattern, DAY[day]);
    match step.outcome {
        Outcome::Written | Outcome::Unchanged => lake.silver(pattern, DAY[day]),
        _ => step.error.map_or_else(String::new, |error| format!("{} exit {}", error.code, error.exit)),
    }
}

#[test]
fn case_1_a_key_that_a_full_lacks_is_gone_until_it_returns() {
    let lake = Lake::new("", KEYED);
    lake.land("full", DAY[1], "k,v|a,1|b,1");
    lake.land("full", DAY[2], "k,v|a,2");
    lake.land("full", DAY[3], "k,v|a,2|b,1");
    assert_eq!(made(&lake, "full", 1), "k=a v=1 | k=b v=1");
    assert_eq!(made(&lake, "full", 2), "k=a v=2");
    assert_eq!(made(&lake, "full", 3), "k=a v=2 | k=b v=1");
}

#[test]
fn case_2_a_full_confirms_what_changes_said() {
    let lake = Lake::new("", TIMED);
    lake.land("cdc", DAY[1], &format!("k,t,op,v|k,{},I,1", time(1, 8)));
    lake.land("cdc", DAY[2], &format!("k,t,op,v|k,{},U,2", time(2, 8)));
    lake.land("full", DAY[3], &format!("k,t,op,v|k,{},U,2", time(2, 8)));
    assert_eq!(made(&lake, "full", 3), "k=k t=2025-01-02T08:00:00Z op=U v=2");
}

#[test]
fn case_3_a_late_change_does_not_raise_what_a_full_deleted() {
    let mut lake = Lake::new("", TIMED);
    lake.land("cdc", DAY[1], &format!("k,t,op,v|k,{},I,1", time(1, 8)));
    lake.land("full", DAY[5], "k,t,op,v");
    lake.land("cdc", DAY[6], &format!("k,t,op,v|k,{},U,2", time(3, 8)));
    assert_eq!(made(&lake, "cdc", 6), "VAL011 exit 4");
    lake.set_silver(&format!("{TIMED}\nrulings: {{2025-01-05: accept}}"));
    assert_eq!(made(&lake, "cdc", 6), "");
}

#[test]
fn case_4_after_a_full_its_rows_are_current_whatever_their_times_say() {
    let lake = Lake::new("", TIMED);
    lake.land("full", DAY[2], &format!("k,t,op,v|k,{},,A", time(1, 10)));
    lake.land("full", DAY[3], &format!("k,t,op,v|k,{},,B", time(1, 9)));
    assert_eq!(made(&lake, "full", 3), "k=k t=2025-01-01T09:00:00Z op=∅ v=B");
}

#[test]
fn case_5_a_delete_without_a_time_takes_effect_on_its_date() {
    let lake = Lake::new("schema: {t: timestamptz}", TIMED);
    lake.land("cdc", DAY[1], &format!("k,t,op,v|k,{},I,A", time(1, 8)));
    lake.land("cdc", DAY[2], "k,t,op,v|k,,D,");
    assert_eq!(made(&lake, "cdc", 2), "");
    lake.land("cdc", DAY[3], &format!("k,t,op,v|k,{},I,A", time(3, 8)));
    assert_eq!(made(&lake, "cdc", 3), "k=k t=2025-01-03T08:00:00Z op=I v=A");
}

#[test]
fn case_6_a_late_row_does_not_become_current() {
    let lake = Lake::new("", TIMED);
    lake.land("cdc", DAY[1], &format!("k,t,op,v|k,{},I,A|k,{},U,A2", time(1, 1), time(1, 5)));
    lake.land("cdc", DAY[2], &format!("k,t,op,v|k,{},U,B", time(1, 3)));
    assert_eq!(made(&lake, "cdc", 2), "k=k t=2025-01-01T05:00:00Z op=U v=A2");
}

#[test]
fn case_7_of_equal_times_the_last_to_arrive_counts() {
    let lake = Lake::new("", TIMED);
    let (one, two) = (time(1, 1), time(1, 2));
    lake.land(
        "cdc",
        DAY[1],
        &format!("k,t,op,v|a,{one},I,A|a,{two},D,A|a,{two},I,A|b,{one},I,A|b,{two},I,A|b,{two},D,A"),
    );
    assert_eq!(made(&lake, "cdc", 1), "k=a t=2025-01-01T02:00:00Z op=I v=A");
}

#[test]
fn case_8_a_key_returns_after_an_accepted_empty_full() {
    let lake = Lake::new("", &format!("{TIMED}\nrulings: {{2025-01-02: accept}}"));
    lake.land("full", DAY[1], &format!("k,t,op,v|k,{},,A", time(1, 0)));
    lake.land("full", DAY[2], "k,t,op,v");
    lake.land("full", DAY[3], &format!("k,t,op,v|k,{},,A", time(1, 0)));
    assert_eq!(made(&lake, "full", 2), "");
    assert_eq!(made(&lake, "full", 3), "k=k t=2025-01-01T00:00:00Z op=∅ v=A");
}

#[test]
fn case_9_an_empty_full_is_refused_until_somebody_rules() {
    let mut lake = Lake::new("", KEYED);
    lake.land("full", DAY[1], "k,v|a,1|b,1");
    lake.land("full", DAY[2], "k,v");
    lake.land("full", DAY[3], "k,v|a,1|b,1");
    assert_eq!(made(&lake, "full", 2), "VAL011 exit 4");
    assert_eq!(made(&lake, "full", 3), "VAL011 exit 4");
    assert_eq!(lake.silver("full", DAY[3]), "RUN012", "a refused load leaves nothing");
    lake.set_silver(&format!("{KEYED}\nrulings: {{2025-01-02: skip}}"));
    assert_eq!(made(&lake, "full", 3), "k=a v=1 | k=b v=1");
}

#[test]
fn case_10_a_bad_partition_blocks_until_it_is_corrected() {
    let keyed = format!("{KEYED}\nerror_handling: {{enabled: true, max_bad_records: 0}}");
    let lake = Lake::new("", &keyed);
    lake.land("cdc", DAY[1], "k,v|a,1");
    lake.land("cdc", DAY[2], "k,v|,0|b,1");
    lake.land("cdc", DAY[3], "k,v|c,1");
    assert_eq!(made(&lake, "cdc", 2), "VAL010 exit 4");
    let refused = lake.table("cdc", Layer::Silver, DAY[2], "_refused").expect("the bad rows are readable");
    assert_eq!(refused.info.total.0, 1);
    assert!(medallion_tests::lake::text(&refused).contains("reason=null_key column=k"));
    assert_eq!(made(&lake, "cdc", 3), "VAL010 exit 4");
    lake.land("cdc", DAY[2], "k,v|b,1");
    assert_eq!(made(&lake, "cdc", 3), "k=a v=1 | k=b v=1 | k=c v=1");
    assert_eq!(made(&lake, "cdc", 2), "k=a v=1 | k=b v=1");
    assert!(lake.table("cdc", Layer::Silver, DAY[2], "_refused").is_err(), "what was mended says nothing any more");
}

#[test]
fn case_12_integers_order_without_time() {
    let lake = Lake::new("", "model: scd_type_1\nprimary_keys: [k]\norder_column: lsn\nrulings: {2025-01-04: accept}");
    lake.land("cdc", DAY[1], "k,lsn,v|k,10,A");
    lake.land("cdc", DAY[2], "k,lsn,v|k,20,B");
    lake.land("cdc", DAY[3], "k,lsn,v|k,15,C");
    assert_eq!(made(&lake, "cdc", 3), "k=k lsn=20 v=B");
    lake.land("full", DAY[4], "k,lsn,v");
    assert_eq!(made(&lake, "full", 4), "");
}

#[test]
fn case_13_a_quarantined_row_changes_metadata_only() {
    let keyed = format!("{KEYED}\nerror_handling: {{enabled: true}}");
    let lake = Lake::new("", &keyed);
    lake.land("cdc", DAY[1], "k,v|a,1");
    lake.land("cdc", DAY[2], "k,v|b,1");
    assert_eq!(made(&lake, "cdc", 1), "k=a v=1");
    assert_eq!(made(&lake, "cdc", 2), "k=a v=1 | k=b v=1");
    let parts = |lake: &Lake| {
        lake.project()
            .files("silver")
            .into_iter()
            .filter(|file| file.contains("/current/load_date=2025-01-01"))
            .collect::<Vec<_>>()
    };
    let before = parts(&lake);
    lake.land("cdc", DAY[1], "k,v|a,1|,9");
    let step = lake.promote("cdc", DAY[1]);
    assert_eq!((step.outcome, step.rejected.0), (Outcome::Written, 1), "the quarantine is new content");
    assert_eq!(lake.silver("cdc", DAY[1]), "k=a v=1");
    let errors = lake.table("cdc", Layer::Silver, DAY[1], "_errors").expect("the quarantine");
    assert!(medallion_tests::lake::text(&errors).contains("bronze_row=2"), "{}", medallion_tests::lake::text(&errors));
    assert_eq!(parts(&lake), before, "the parts that stand are kept");
    let list = lake.engine().list_datasets(medallion_core::api::wire::Target::at("cdc.yaml")).expect("a list");
    assert!(list.datasets[0].silver.as_ref().expect("Silver stands").stale, "day 2 is stale until rebuilt");
    assert_eq!(made(&lake, "cdc", 2), "k=a v=1 | k=b v=1");
}

#[test]
fn a_snapshot_is_the_partition_and_building_it_again_writes_nothing() {
    let lake = Lake::new("", "model: periodic_snapshot");
    lake.land("full", DAY[1], "k,v|a,1|a,1|,");
    assert_eq!(made(&lake, "full", 1), "k=a v=1 | k=a v=1 | k=∅ v=∅");
    let before = lake.project().files("");
    assert_eq!(lake.promote("full", DAY[1]).outcome, Outcome::Unchanged);
    assert!(lake.run("full", DAY[1]).steps.iter().all(|step| step.outcome == Outcome::Unchanged));
    assert_eq!(lake.project().files(""), before);
}

#[test]
fn text_is_trimmed_before_it_is_null_and_before_it_is_a_key() {
    let lake = Lake::new(
        "",
        "model: scd_type_1\nprimary_keys: [k]\nnormalization: {trim_strings: true, empty_strings_as_null: true}\nerror_handling: {enabled: true}",
    );
    lake.land("cdc", DAY[1], "k,v|\" a \",\" x \"|a,\"  \"|\"   \",y");
    assert_eq!(made(&lake, "cdc", 1), "k=a v=∅");
    assert_eq!(lake.table("cdc", Layer::Silver, DAY[1], "_errors").expect("the quarantine").info.total.0, 1);
}

#[test]
fn no_row_is_lost_to_a_partition_value() {
    let lake = Lake::new("", "model: periodic_snapshot\npartitioning: {columns: [region]}");
    lake.land("full", DAY[1], "k,region|1,a/b:c|2,a_b_c|3,|4,..|5,\"\"|6,東京");
    assert_eq!(
        made(&lake, "full", 1),
        "k=1 region=a/b:c | k=2 region=a_b_c | k=3 region=∅ | k=4 region=.. | k=5 region= | k=6 region=東京"
    );
    let folders = lake.project().files("silver").into_iter().filter(|file| file.contains("/region=")).count();
    assert_eq!(folders, 6);
}

#[test]
fn columns_are_renamed_and_ordered() {
    let lake =
        Lake::new("", "model: scd_type_1\nprimary_keys: [id]\nschema: {rename_map: {k: id}, column_order: [v, id]}");
    lake.land("full", DAY[1], "k,v,w|a,1,x");
    assert_eq!(made(&lake, "full", 1), "v=1 id=a w=x");
}

#[test]
fn declared_types_are_cast_and_what_does_not_fit_is_quarantined() {
    let lake =
        Lake::new("schema: {amount: 'decimal(10,2)'}", "model: periodic_snapshot\nerror_handling: {enabled: true}");
    lake.land("full", DAY[1], "k,amount|1,1.50|2,n/a|3,7");
    assert_eq!(
        lake.bronze("full", DAY[1]),
        "k=1 amount=1.50 | k=2 amount=n/a | k=3 amount=7",
        "Bronze keeps the source's own text"
    );
    assert_eq!(made(&lake, "full", 1), "k=1 amount=1.50 | k=3 amount=7.00");
    let errors = lake.table("full", Layer::Silver, DAY[1], "_errors").expect("the quarantine");
    assert!(medallion_tests::lake::text(&errors).contains("reason=failed_cast column=amount value=n/a"));
}

#[test]
fn keys_that_change_their_type_need_a_declaration() {
    let mut lake = Lake::new("", KEYED);
    lake.land("cdc", DAY[1], "k,v|1,a");
    lake.land("cdc", DAY[2], "k,v|x,b");
    assert_eq!(made(&lake, "cdc", 2), "VAL013 exit 4");
    lake = Lake::new("schema: {k: text}", KEYED);
    lake.land("cdc", DAY[1], "k,v|1,a");
    lake.land("cdc", DAY[2], "k,v|x,b");
    assert_eq!(made(&lake, "cdc", 2), "k=1 v=a | k=x v=b");
}

#[test]
fn days_may_be_promoted_in_any_order() {
    let (forward, backward) = (Lake::new("", KEYED), Lake::new("", KEYED));
    let days = ["k,v|a,1|b,1|c,1", "k,v|a,2|b,1", "k,v|b,3|c,4"];
    for lake in [&forward, &backward] {
        for (day, csv) in days.iter().enumerate() {
            lake.land("full", DAY[day + 1], csv);
        }
    }
    let one: Vec<String> = (1..=3).map(|day| made(&forward, "full", day)).collect();
    let mut other: Vec<String> = (1..=3).rev().map(|day| made(&backward, "full", day)).collect();
    other.reverse();
    assert_eq!(one, other);
}

#[test]
fn a_load_whose_bronze_is_gone_is_not_built_again_unasked() {
    let lake = Lake::new("", KEYED);
    lake.land("cdc", DAY[1], "k,v|a,1");
    lake.land("cdc", DAY[2], "k,v|b,1");
    assert_eq!(made(&lake, "cdc", 2), "k=a v=1 | k=b v=1");
    std::fs::remove_dir_all(lake.project().path("bronze/system=s/table=t/pattern=cdc/dt=2025-01-01"))
        .expect("a partition");
    assert_eq!(made(&lake, "cdc", 2), "RUN014 exit 4");
    assert_eq!(lake.silver("cdc", DAY[2]), "k=a v=1 | k=b v=1");
}

#[test]
fn a_date_without_bronze_is_no_load() {
    let lake = Lake::new("", KEYED);
    lake.land("cdc", DAY[1], "k,v|a,1");
    assert_eq!(made(&lake, "cdc", 2), "RUN010 exit 4");
}
