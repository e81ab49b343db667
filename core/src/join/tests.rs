//! Joins against a plain nested loop: all strategies, null keys, duplicates, empty sides, several parts, in
//! memory and through the disk. Pages are tiny in tests, so that few rows take every turn.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{ArrayRef, Int32Array, Int64Array, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use chrono::NaiveDate;
use indexmap::IndexMap;
use proptest::prelude::*;

use super::flow::{self, Figures, Means};
use super::side::Choice;
use super::*;
use crate::batch::render::cell_text;
use crate::cancel::CancelToken;
use crate::config::settings::{
    Compression, Formats, JoinGuards, JoinKeys, JoinSettings, JoinSide, JoinType, SilverModel,
};
use crate::publish::parts::{self, PartOptions, TableWriter, Workers};
use crate::publish::{CommittedTable, Draft, Published};
use crate::silver::SilverEntity;
use crate::storage::{self, Key};
use crate::world::World;

type Row = (Option<i64>, Option<String>);
const TYPES: [JoinType; 6] =
    [JoinType::Inner, JoinType::Left, JoinType::Right, JoinType::Full, JoinType::Semi, JoinType::Anti];

fn id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("{:016x}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Commits rows as a load below `folder`, in parts of `part` rows.
fn land(folder: &Path, rows: &[Row], wide: bool, part: usize, declared: &[&str]) {
    let store = storage::local(folder, World::real().disk);
    let date = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap();
    let entity = SilverEntity::at(store, Key::root(), "load_date".into(), vec!["t".into()]);
    let mut attempt = entity.load(date).begin(&id()).unwrap();
    let kind = if wide { DataType::Int64 } else { DataType::Int32 };
    let fields = [("k", kind), ("s", DataType::Utf8), ("n", DataType::Int64)];
    let schema = Arc::new(Schema::new(fields.map(|(name, kind)| Field::new(name, kind, true)).to_vec()));
    let options = PartOptions {
        formats: Formats { parquet: true, csv: false },
        compression: Compression::Snappy,
        level: None,
        max_rows: part as u64,
        max_bytes: None,
    };
    let mut writer = TableWriter::new("t/load_date=2025-01-01/part", &schema, options, &Workers::none());
    let keys: ArrayRef = if wide {
        Arc::new(rows.iter().map(|(key, _)| *key).collect::<Int64Array>())
    } else {
        Arc::new(rows.iter().map(|(key, _)| key.and_then(|key| i32::try_from(key).ok())).collect::<Int32Array>())
    };
    let texts: ArrayRef = Arc::new(rows.iter().map(|(_, text)| text.clone()).collect::<StringArray>());
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..i64::try_from(rows.len()).unwrap()));
    writer.write(&mut attempt, &RecordBatch::try_new(schema.clone(), vec![keys, texts, numbers]).unwrap()).unwrap();
    let columns = parts::columns(&schema, |_| false);
    let written = writer.finish(&mut attempt, "t", Vec::new()).unwrap();
    let table = CommittedTable { columns, ..written };
    let draft = Draft {
        run_id: "r".into(),
        committed_at: "t".into(),
        tables: vec![table],
        errors: None,
        metadata: serde_json::json!({ "dataset": "d", "metadata": { "primary_keys": declared }, "checksums": {} }),
        meaning: String::new(),
        record_unchanged: false,
        cursor: None,
    };
    attempt.commit(draft).unwrap();
}

fn side(folder: &Path) -> Side {
    Side::of_folder(folder, None, Choice::default(), &World::real()).unwrap()
}

fn settings(join_type: JoinType, pairs: &[&str]) -> JoinSettings {
    let folder = || JoinSide::Folder { path: "/".into(), name: None, table: None, as_of: None };
    let pairs: Vec<(String, String)> = pairs.iter().map(|name| ((*name).into(), (*name).into())).collect();
    JoinSettings {
        left: folder(),
        right: folder(),
        output: None,
        join_type,
        keys: if pairs.is_empty() { JoinKeys::Auto } else { JoinKeys::Pairs(pairs) },
        null_keys_match: false,
        select: IndexMap::new(),
        model: SilverModel::PeriodicSnapshot,
        primary_keys: Vec::new(),
        order_column: None,
        formats: Formats { parquet: true, csv: true },
        compression: Compression::Snappy,
        partition_columns: Vec::new(),
        guards: JoinGuards::default(),
        spill_dir: None,
    }
}

fn means<'a>(world: &'a World, scratch: &Path, memory: u64, threads: usize) -> Means<'a> {
    let threads = NonZeroUsize::new(threads).unwrap();
    Means { world, memory, scratch: scratch.to_owned(), threads, cancel: CancelToken::new() }
}

fn joined(meeting: &Meeting, means: &Means<'_>) -> (Vec<String>, Figures) {
    let mut rows = Vec::new();
    let figures = flow::run(
        meeting,
        means,
        &mut |batch| {
            for row in 0..batch.num_rows() {
                let cell = |column: &ArrayRef| cell_text(column, row).unwrap_or_else(|| "∅".into());
                rows.push(batch.columns().iter().map(cell).collect::<Vec<_>>().join(" "));
            }
            Ok(())
        },
        &mut |_| {},
    )
    .unwrap();
    (rows, figures)
}

/// What a person would do with two lists: for each left row, look through all right rows.
fn oracle(
    left: &[Row],
    right: &[Row],
    join_type: JoinType,
    nulls_match: bool,
    by_text: bool,
) -> (Vec<String>, Figures) {
    let equal = |l: &Row, r: &Row| {
        let one = |equal: bool, is_null: bool| equal && (nulls_match || !is_null);
        one(l.0 == r.0, l.0.is_none()) && (!by_text || one(l.1 == r.1, l.1.is_none()))
    };
    let keyless = |row: &&Row| !nulls_match && (row.0.is_none() || by_text && row.1.is_none());
    let text = |value: Option<String>| value.unwrap_or_else(|| "∅".into());
    let number = |value: Option<i64>| text(value.map(|value| value.to_string()));
    let place = |place: Option<usize>| text(place.map(|place| place.to_string()));
    let mut rows = Vec::new();
    let mut figures = Figures { left_rows: left.len() as u64, right_rows: right.len() as u64, ..Figures::default() };
    let mut matched = vec![false; right.len()];
    // With the text as a key there is one column of it, otherwise each side has its own.
    let line = |l: Option<usize>, r: Option<usize>| {
        let of = |l: Option<&Row>, r: Option<&Row>| {
            let either = l.or(r).unwrap();
            let left_text = if by_text { text(either.1.clone()) } else { text(l.and_then(|l| l.1.clone())) };
            (number(either.0), left_text, text(r.and_then(|r| r.1.clone())))
        };
        let (key, left_text, right_text) = of(l.map(|l| &left[l]), r.map(|r| &right[r]));
        let mut cells = vec![key, left_text, place(l)];
        if !matches!(join_type, JoinType::Semi | JoinType::Anti) {
            cells.extend((!by_text).then_some(right_text));
            cells.push(place(r));
        }
        cells.join(" ")
    };
    for (l, row) in left.iter().enumerate() {
        let partners: Vec<usize> = (0..right.len()).filter(|r| equal(row, &right[*r])).collect();
        for partner in &partners {
            matched[*partner] = true;
        }
        figures.left_matched += u64::from(!partners.is_empty());
        figures.pairs += partners.len() as u64;
        figures.most_partners = figures.most_partners.max(partners.len() as u64);
        match (join_type, partners.is_empty()) {
            (JoinType::Semi, false) | (JoinType::Anti | JoinType::Left | JoinType::Full, true) => {
                rows.push(line(Some(l), None));
            }
            (JoinType::Semi | JoinType::Anti, _) | (_, true) => {}
            _ => rows.extend(partners.iter().map(|r| line(Some(l), Some(*r)))),
        }
    }
    if matches!(join_type, JoinType::Right | JoinType::Full) {
        rows.extend((0..right.len()).filter(|r| !matched[*r]).map(|r| line(None, Some(r))));
    }
    figures.right_matched = matched.iter().filter(|matched| **matched).count() as u64;
    figures.left_without_key = left.iter().filter(keyless).count() as u64;
    figures.right_without_key = right.iter().filter(keyless).count() as u64;
    figures.rows = rows.len() as u64;
    (rows, figures)
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (prop::option::weighted(0.85, 0_i64..6), prop::option::weighted(0.85, "[ab]?"));
    prop::collection::vec(row, 0..24)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_join_is_what_a_nested_loop_says(left in rows(), right in rows(), nulls in any::<bool>(), by_text in any::<bool>()) {
        let (ours, theirs, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        land(ours.path(), &left, true, 7, &[]);
        land(theirs.path(), &right, false, 5, &[]);
        let world = World::real();
        for join_type in TYPES {
            let keys: &[&str] = if by_text { &["k", "s"] } else { &["k"] };
            let settings = JoinSettings { null_keys_match: nulls, ..settings(join_type, keys) };
            let meeting = Meeting::of(side(ours.path()), side(theirs.path()), &settings).unwrap();
            let expected = oracle(&left, &right, join_type, nulls, by_text);
            for (memory, threads) in [(u64::MAX, 1), (u64::MAX, 3), (1, 1), (400, 2)] {
                let (rows, figures) = joined(&meeting, &means(&world, scratch.path(), memory, threads));
                prop_assert_eq!(&rows, &expected.0, "{:?} with {} bytes", join_type, memory);
                prop_assert_eq!(Figures { buckets: 0, ..figures }, expected.1, "{:?} with {} bytes", join_type, memory);
                prop_assert_eq!(figures.buckets > 0, memory < 1000 && !right.is_empty() && (memory == 1 || figures.buckets > 0));
            }
        }
        prop_assert_eq!(std::fs::read_dir(scratch.path().join("join")).map_or(0, Iterator::count), 0);
    }
}

fn keyed(count: i64, modulus: i64) -> Vec<Row> {
    (0..count).map(|row| (Some(row * 7 % modulus), Some(format!("t{row}")))).collect()
}

struct Lake {
    place: tempfile::TempDir,
    settings: JoinSettings,
}

impl Lake {
    fn new(settings: JoinSettings) -> Self {
        let place = tempfile::tempdir().unwrap();
        land(&place.path().join("entity=orders/v1"), &keyed(300, 97), true, 100, &["k"]);
        land(&place.path().join("entity=shops/v1"), &keyed(90, 89), false, 40, &["k"]);
        Self { place, settings }
    }

    fn meeting(&self) -> Result<Meeting, JoinError> {
        let side = |name: &str| side(&self.place.path().join(name));
        Meeting::of(side("entity=orders/v1"), side("entity=shops/v1"), &self.settings)
    }

    fn join(&self, world: &World, memory: u64, threads: usize) -> Result<Published, JoinError> {
        let meeting = self.meeting()?;
        let target = Target::of(None, &meeting.left, &meeting.right, world);
        let joining = Joining {
            meeting: &meeting,
            settings: &self.settings,
            target: &target,
            means: means(world, &self.place.path().join("scratch"), memory, threads),
            run_id: "r".into(),
            attempt: id(),
            started: world.clock.now(),
            rebuild: false,
        };
        joining.join(&|| world.clock.now(), &mut |_, _| {}).map(|joined| joined.published)
    }

    fn result(&self) -> PathBuf {
        self.place.path().join("entity=orders_shops/v1")
    }
}

#[test]
fn memory_and_threads_change_no_byte_and_a_second_join_writes_nothing() {
    let hashes = |memory, threads| {
        let lake = Lake::new(JoinSettings { partition_columns: vec!["k".into()], ..settings(JoinType::Full, &["k"]) });
        let Published::Written(commit) = lake.join(&World::real(), memory, threads).unwrap() else {
            panic!("it is new")
        };
        let again = lake.join(&World::real(), memory, threads).unwrap();
        assert!(matches!(&again, Published::Unchanged(same) if same.version == commit.version));
        assert!(commit.rows() > 300 && commit.part_count() > 100);
        let name = |path: &str| path.rsplit_once('-').map(|(stem, _)| stem.to_owned());
        commit.files().map(|part| (name(&part.path), part.sha256.clone())).collect::<Vec<_>>()
    };
    let plain = hashes(u64::MAX, 1);
    assert_eq!(plain, hashes(u64::MAX, 4));
    assert_eq!(plain, hashes(500, 2));
    assert_eq!(plain, hashes(1, 1));
}

#[test]
fn a_new_load_of_a_side_makes_the_result_stale() {
    let lake = Lake::new(settings(JoinType::Inner, &[]));
    let first = lake.join(&World::real(), MEMORY, 2).unwrap();
    land(&lake.place.path().join("entity=shops/v1"), &keyed(50, 49), false, 40, &["k"]);
    let meeting = lake.meeting().unwrap();
    let target = Target::of(None, &meeting.left, &meeting.right, &World::real());
    assert!(is_fresh(&meeting, &target).unwrap().is_none());
    let Published::Written(second) = lake.join(&World::real(), MEMORY, 2).unwrap() else { panic!("a side is new") };
    assert_eq!(second.version, first.commit().version + 1);
    assert_eq!(second.metadata["join"]["stats"]["right_rows"], 50);
    assert_eq!(second.metadata["column_lineage"][3]["column"], "s_right");
    assert_eq!(second.metadata["column_lineage"][3]["original"], "s");
}

#[test]
fn what_breaks_a_guard_is_not_committed() {
    let guards = JoinGuards {
        min_rows: Some(1),
        max_rows: Some(10),
        null_ratio: vec![("s_right".into(), 0.0)],
        unique_keys: vec![vec!["k".into()], vec!["n".into(), "n_right".into()]],
        match_ratio: Some(0.99),
    };
    let lake = Lake::new(JoinSettings { guards, ..settings(JoinType::Left, &["k"]) });
    let error = lake.join(&World::real(), MEMORY, 2).unwrap_err();
    let JoinError::Guards { broken } = &error else { panic!("{error}") };
    assert_eq!(broken.len(), 4, "{broken:?}");
    assert!(broken[3].starts_with("asked for a partner for at least 99 % of the left rows, found 9"), "{broken:?}");
    assert!(!lake.result().join("full_snapshot").exists(), "nothing is left");
}

#[test]
fn what_is_wrong_is_found_before_a_row_is_read() {
    let error = |settings: JoinSettings| Lake::new(settings).join(&World::real(), MEMORY, 1).unwrap_err();
    let told = |error: JoinError| format!("{} {error} | {}", error.code(), error.hint().unwrap_or_default());
    let select = |names: &[(&str, &str)]| names.iter().map(|(from, to)| ((*from).into(), (*to).into())).collect();
    let with = |names: &[(&str, &str)]| JoinSettings { select: select(names), ..settings(JoinType::Inner, &["k"]) };
    assert_eq!(
        told(error(settings(JoinType::Inner, &["kk"]))),
        "JOIN005 `orders` has no column `kk` | did you mean `k`?"
    );
    assert!(
        told(error(with(&[("s", "x"), ("right.s", "x")])))
            .starts_with("JOIN006 two columns of the result would be called `x`: `orders.s` and `shops.s`")
    );
    assert!(told(error(with(&[("right.z", "z")]))).starts_with("JOIN005 `shops` has no column `z`"));
    let pairs = JoinKeys::Pairs(vec![("k".into(), "s".into())]);
    let types = error(JoinSettings { keys: pairs, ..settings(JoinType::Inner, &[]) });
    assert!(told(types).starts_with("JOIN004 `orders.k` is of the type integer and `shops.s` of the type text"));
    let model = JoinSettings { model: SilverModel::ScdType2, ..settings(JoinType::Inner, &["k"]) };
    assert!(told(error(model)).starts_with("CFG018"));
}

#[test]
fn keys_are_proposed_and_never_guessed() {
    let place = tempfile::tempdir().unwrap();
    land(&place.path().join("entity=orders/v1"), &keyed(3, 3), true, 10, &["n"]);
    land(&place.path().join("entity=shops/v1"), &keyed(3, 3), true, 10, &["k"]);
    let side = |name: &str| side(&place.path().join(name));
    let error =
        Meeting::of(side("entity=orders/v1"), side("entity=shops/v1"), &settings(JoinType::Inner, &[])).unwrap_err();
    assert_eq!(error.code(), code::JOIN003);
    assert_eq!(error.hint().unwrap(), "perhaps `--join-keys \"k=k\"`, or `join_key_pairs`");
}

#[test]
fn a_folder_means_its_only_dataset_or_the_error_lists_them() {
    let lake = Lake::new(settings(JoinType::Inner, &["k"]));
    let of = |path: &str| Side::of_folder(&lake.place.path().join(path), None, Choice::default(), &World::real());
    assert_eq!(of("entity=orders").unwrap().name, "orders");
    assert_eq!(of("entity=orders/v1/t/load_date=2025-01-01").unwrap().table.rows, 300);
    assert_eq!(of("entity=orders/v1/u").unwrap_err().code(), code::JOIN002);
    let JoinError::Choices { choices, .. } = of("").unwrap_err() else { panic!("there are two") };
    assert_eq!(choices.len(), 2);
    assert_eq!(of("nothing").unwrap_err().code(), code::JOIN001);
    let early = Choice { as_of: NaiveDate::from_ymd_opt(2024, 12, 31), ..Choice::default() };
    let early = Side::of_folder(&lake.place.path().join("entity=orders/v1"), None, early, &World::real());
    assert_eq!(early.unwrap_err().code(), code::JOIN001);
}

#[test]
fn nothing_of_a_dataset_is_replaced() {
    let lake = Lake::new(settings(JoinType::Inner, &["k"]));
    land(&lake.result(), &keyed(3, 3), true, 10, &[]);
    let error = lake.join(&World::real(), MEMORY, 1).unwrap_err();
    assert_eq!(error.code(), code::JOIN008);
}

#[test]
fn a_join_that_dies_at_any_step_leaves_the_old_result_or_the_new_one() {
    let lake = Lake::new(settings(JoinType::Inner, &["k"]));
    let first = lake.join(&World::real(), MEMORY, 1).unwrap().commit().clone();
    land(&lake.place.path().join("entity=shops/v1"), &keyed(50, 49), false, 40, &["k"]);
    let mut steps = 0;
    let mut kept = 0;
    loop {
        let dying = World::real().with_disk(crate::publish::Stopping::after(steps));
        let ended = lake.join(&dying, 500, 1);
        let meeting = lake.meeting().unwrap();
        let target = Target::of(None, &meeting.left, &meeting.right, &World::real());
        let standing = target.newest().unwrap().unwrap().commit;
        if standing.version == first.version {
            assert_eq!(standing.content, first.content);
            kept += 1;
        } else {
            assert_eq!(standing.metadata["join"]["stats"]["right_rows"], 50, "after {steps} steps");
        }
        if let Ok(published) = ended {
            assert_eq!(published.commit().rows(), standing.rows());
            break;
        }
        steps += 1;
        assert!(steps < 2_000, "it never ends");
    }
    assert!(kept > 10, "{kept}");
    let last = lake.join(&World::real(), MEMORY, 2).unwrap();
    assert!(matches!(last, Published::Unchanged(_)));
    // What the killed ones left is gone.
    let count = |folder: PathBuf| std::fs::read_dir(folder).unwrap().count();
    assert_eq!(count(lake.result().join("full_snapshot/load_date=2025-01-01")), last.commit().files().count());
}
