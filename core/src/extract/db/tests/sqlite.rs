//! SQLite: files made here, read as a run reads them.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use super::super::DbExtractor;
use super::{dsn, failure, file, heard, incremental, table, walk, with_variable};
use crate::batch::Cursor;
use crate::config::settings::{DbParams, DbRead, DbSource, DeclaredType, NullCursor, ParallelReads, Secret};
use crate::diagnostic::code;
use crate::error::{Coded, Stage};
use crate::extract::contract::{read, read_widened, request, show};
use crate::extract::threads::Threads;
use crate::extract::{ExtractError, Extractor};

/// A database of these statements.
fn database(sql: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    change(&path, sql);
    (folder, path)
}

fn change(path: &Path, sql: &str) {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true).disable_statement_logging();
    let work = async {
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        connection.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.unwrap();
        connection.close().await.unwrap();
    };
    Threads::new().unwrap().wait(work).unwrap();
}

fn shown(source: &DbSource) -> String {
    show(&read(&DbExtractor::new(source.clone()), &request()).unwrap().whole)
}

#[test]
fn a_column_has_the_type_that_its_values_have() {
    let (_folder, path) = database(
        "create table t (id integer primary key, price real, name text, raw blob, done boolean, day date, amount decimal(10,2), odd, none);
         insert into t values (1, 1.5, 'Ana', x'00ff', 1, '2025-01-01', 2, 1, null), (2, 3, '', x'', 0, '2025-01-02', 2.5, 'x', null),
                              (9223372036854775807, null, null, null, null, null, null, null, null)",
    );
    insta::assert_snapshot!(shown(&file(&path, "select * from t")), @r"
    id: integer | price: float | name: text | raw: binary | done: boolean | day: text | amount: float | odd: text | none: text?
    1 | 1.5 | Ana | 00ff | true | 2025-01-01 | 2.0 | 1 | ∅
    2 | 3.0 |  |  | false | 2025-01-02 | 2.5 | x | ∅
    9223372036854775807 | ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅
    ");
    insta::assert_snapshot!(shown(&file(&path, "select count(*) as n, sum(price) / 2 as s, 'a' || name as x from t where id < 3 group by id")), @r"
    n: integer | s: float | x: text
    1 | 0.75 | aAna
    1 | 1.5 | a
    ");
}

#[test]
fn what_fits_no_longer_makes_the_column_text() {
    let (_folder, path) = database(
        "create table t (id integer primary key, n integer, f real);
         with recursive c(i) as (select 1 union all select i + 1 from c where i < 3000) insert into t select i, i, i + 0.5 from c;
         update t set n = 'many' where id = 2500; update t set f = 'some' where id = 2600;",
    );
    let source = file(&path, "select * from t order by id");
    let Err(ExtractError::Misfit { columns }) = read(&DbExtractor::new(source.clone()), &request()) else {
        panic!("it does not fit")
    };
    let found: Vec<String> =
        columns.iter().map(|m| format!("{} {} {} {}", m.column, m.value, m.line, m.data_type)).collect();
    assert_eq!(found, ["n many 2500 integer", "f some 2600 float"], "both are found in one reading");
    let all = read_widened(&DbExtractor::new(source), request());
    let text = show(&all.whole.slice(2498, 3));
    assert_eq!(
        text,
        "id: integer | n: text | f: text\n2499 | 2499 | 2499.5\n2500 | many | 2500.5\n2501 | 2501 | 2501.5\n"
    );
    assert_eq!(all.whole.num_rows(), 3_000);
}

#[test]
fn the_promises_of_every_extractor() {
    let (_folder, path) = database(
        "create table t (id integer primary key, v, w text);
         with recursive c(i) as (select 1 union all select i + 1 from c where i < 25000)
         insert into t select i, case when i % 7 = 0 then null else i * 0.5 end, 'w' || i from c;",
    );
    let mut source = file(&path, "");
    source.read = table("t");
    let extractor = DbExtractor::new(source.clone());
    let all = read(&extractor, &request()).unwrap();
    assert_eq!(all.whole.num_rows(), 25_000);
    assert!(all.batches.len() > 2 && all.batches.iter().all(|batch| batch.num_rows() <= 10_000));
    assert_eq!(all.batches, read(&extractor, &request()).unwrap().batches, "the same batches a second time");
    for limit in [0, 1, 999, 1_000, 1_001, 24_999, 25_000, 25_001] {
        let mut request = request();
        request.limit = Some(limit);
        let some = read(&extractor, &request).unwrap().whole;
        assert_eq!(some, all.whole.slice(0, usize::try_from(limit).unwrap().min(25_000)), "limit {limit}");
    }
    source.fetch_batch_size = 7;
    assert_eq!(
        read(&DbExtractor::new(source.clone()), &request()).unwrap().whole,
        all.whole,
        "whatever comes at a time"
    );

    let cancelled = request();
    let mut extraction = extractor.open(&cancelled).unwrap();
    assert_eq!(extraction.next().unwrap().unwrap().num_rows(), 1_000);
    assert_eq!(extraction.summary().format, "sqlite");
    cancelled.cancel.cancel();
    assert!(matches!(extraction.next(), Err(ExtractError::Cancelled)));
    assert!(matches!(extractor.open(&cancelled).map(|_| ()), Err(ExtractError::Cancelled)));

    source.read = DbRead::Table {
        table: "t".into(),
        columns: vec!["w".into(), "id".into()],
        filter: Some("id > 24998 -- last".into()),
    };
    assert_eq!(shown(&source), "w: text | id: integer\nw24999 | 24999\nw25000 | 25000\n");
}

#[test]
fn parallel_reads_give_every_row_once_and_in_one_order() {
    let (_folder, path) = database(
        "create table t (id integer, v);
         with recursive c(i) as (select 1 union all select i + 1 from c where i < 5000) insert into t select i * 3, i * 0.5 from c;
         insert into t values (null, 1), (null, 2);",
    );
    let mut source = file(&path, "");
    source.read = table("t");
    source.fetch_batch_size = 100;
    source.parallel_reads = Some(ParallelReads { column: "id".into(), connections: 4 });
    let (mut rows, _) = walk(&source, &request());
    assert_eq!(rows, walk(&source, &request()).0, "the same order each time");
    assert_eq!(rows.len(), 5_002);
    assert_eq!(rows.iter().filter(|cell| *cell == "∅").count(), 2);
    rows.sort_unstable();
    rows.dedup();
    assert_eq!(rows.len(), 5_001);
    source.parallel_reads = Some(ParallelReads { column: "ID".into(), connections: 4 });
    assert_eq!(failure(&source, &request()).code(), code::EXT066);
    change(&path, "create table texts (id text); insert into texts values ('a')");
    source.read = table("texts");
    source.parallel_reads = Some(ParallelReads { column: "id".into(), connections: 2 });
    assert_eq!(failure(&source, &request()).code(), code::EXT074);
}

#[test]
fn a_cursor_goes_on_where_it_ended() {
    let (_folder, path) = database(
        "create table t (id integer primary key, at text);
         insert into t values (1, '2025-01-01'), (9, '2025-01-09'), (10, '2025-01-10'), (11, null);",
    );
    let mut source = file(&path, "select id, at from t where 'where' <> '' order by at -- newest last");
    source.incremental = Some(incremental("id", false));
    let (rows, cursor) = walk(&source, &request());
    assert_eq!(rows, ["1", "9", "10", "11"]);
    let cursor = cursor.unwrap();
    assert_eq!((cursor.value.as_str(), cursor.type_name.as_str()), ("11", "integer"));
    let mut later = request();
    later.since = Some(Cursor { value: "9".into(), ..cursor.clone() });
    assert_eq!(walk(&source, &later).0, ["10", "11"], "compared as numbers");
    source.incremental = Some(incremental("id", true));
    assert_eq!(walk(&source, &later).0, ["9", "10", "11"]);
    later.since = Some(cursor);
    let (rows, cursor) = walk(&source, &later);
    assert_eq!(rows, ["11"], "who asked with an open bound before knows no rows at the cursor");
    later.since = cursor;
    assert_eq!(walk(&source, &later), (vec![], None), "nothing new");
    source.incremental.as_mut().unwrap().lag = 1.0;
    assert_eq!(walk(&source, &later).0, ["10"], "once more, but not what stood at the cursor");

    let by_time = |null_cursor, end: Option<&str>, initial: Option<&str>| {
        let mut source = source.clone();
        let mut by = incremental("at", true);
        by.null_cursor = null_cursor;
        by.end_value = end.map(str::to_owned);
        by.initial_value = initial.map(str::to_owned);
        source.incremental = Some(by);
        source
    };
    assert_eq!(walk(&by_time(NullCursor::Include, None, None), &request()).0, ["11", "1", "9", "10"]);
    assert_eq!(walk(&by_time(NullCursor::Include, None, Some("2025-01-09")), &request()).0, ["11", "9", "10"]);
    let (rows, cursor) = walk(&by_time(NullCursor::Exclude, Some("2025-01-10"), None), &request());
    assert_eq!((rows, cursor.map(|cursor| cursor.value)), (vec!["1".into(), "9".into()], Some("2025-01-09".into())));
    assert_eq!(failure(&by_time(NullCursor::Fail, None, None), &request()).code(), code::EXT072);
}

#[test]
fn rows_at_the_cursor_come_once_and_none_is_missed() {
    let (_folder, path) = database(
        "create table t (id integer, at text, note text); insert into t values
         (1, '2025-01-01', 'a'), (2, '2025-01-02', 'a'), (3, '2025-01-02', null)",
    );
    for (keys, declared) in [(vec![], None), (vec!["id".to_owned()], None), (vec![], Some(DeclaredType::Timestamp))] {
        change(&path, "delete from t where id > 3; update t set note = 'a' where id = 2");
        let mut source = file(&path, "select id, at, note from t");
        let mut by = incremental("at", true);
        (by.boundary_keys, by.cursor_type) = (keys.clone(), declared);
        source.incremental = Some(by);
        let (rows, cursor) = walk(&source, &request());
        assert_eq!((rows.len(), cursor.as_ref().map(|cursor| cursor.boundary.len())), (3, Some(2)));
        let mut later = request();
        later.since = cursor;
        assert_eq!(walk(&source, &later), (vec![], None), "nothing new");
        // One more at the very value, one that was changed without moving on, one further.
        change(&path, "insert into t values (4, '2025-01-02', 'a'); update t set note = 'b' where id = 2");
        let (rows, cursor) = walk(&source, &later);
        let expected: &[&str] = if keys.is_empty() { &["2", "4"] } else { &["4"] };
        assert_eq!(rows, expected, "by {keys:?}");
        later.since = cursor;
        assert_eq!(walk(&source, &later), (vec![], None), "nothing new");
        change(&path, "insert into t values (5, '2025-01-03', 'a')");
        let (rows, cursor) = walk(&source, &later);
        assert_eq!((rows, cursor.map(|cursor| cursor.boundary.len())), (vec!["5".to_owned()], Some(1)));
        source.incremental.as_mut().unwrap().closed = false;
        assert_eq!(walk(&source, &later).0, ["5"], "an open bound");
    }
}

#[test]
fn the_query_may_ask_for_the_cursor_itself() {
    let (_folder, path) =
        database("create table t (id integer, s text); insert into t values (1, 'a'), (2, 'a'), (3, 'b')");
    let mut source = file(&path, "select id, s from t where id > ? and s = 'a'");
    source.incremental = Some(incremental("id", true));
    assert_eq!(failure(&source, &request()).code(), code::EXT070, "there is no value on the first run");
    source.incremental.as_mut().unwrap().initial_value = Some("0".into());
    assert_eq!(walk(&source, &request()).0, ["1", "2"]);
    let mut later = request();
    later.since =
        Some(Cursor { field: "id".into(), value: "1".into(), type_name: "integer".into(), boundary: Vec::new() });
    assert_eq!(walk(&source, &later).0, ["2"]);
    source.incremental.as_mut().unwrap().initial_value = Some("yesterday".into());
    assert_eq!(failure(&source, &request()).code(), code::EXT071);
    source.incremental.as_mut().unwrap().cursor = "idd".into();
    let error = failure(&source, &request());
    assert_eq!((error.code(), error.hint()), (code::EXT066, Some("did you mean `id`?".to_owned())));
}

#[test]
fn parameters_are_bound_and_never_shown() {
    let (_folder, path) =
        database("create table t (id integer, s text); insert into t values (1, 'it''s'), (2, 'x2013-01-01')");
    let mut source = file(&path, "select id from t where s = :s or s = :s");
    source.params = DbParams::Named(IndexMap::from_iter([("s".to_owned(), Secret::new("it's"))]));
    let mut request = request();
    let ear = heard(&mut request);
    assert_eq!(walk(&source, &request).0, ["1"]);
    let told = ear.0.lock().unwrap().clone();
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].records, told[0].target.as_str()), (1, "select id from t where s = ?1 or s = ?2"));
    source.read = DbRead::Query("select id from t where s = ? or id = ?".into());
    source.params = DbParams::Placed(vec![Secret::new("x{run_date}"), Secret::new("0")]);
    assert_eq!(walk(&source, &request).0, ["2"]);
    source.read = DbRead::Query("select nothing_like_hunter2(?, ?)".into());
    source.params = DbParams::Placed(vec![Secret::new("hunter2"), Secret::new("0")]);
    let error = failure(&source, &request);
    assert_eq!((error.code(), error.stage()), (code::EXT065, Stage::Extraction));
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
}

#[test]
fn what_is_wrong_is_named() {
    let (folder, path) = database("create table t (id integer); insert into t values (1)");
    let code_of = |query: &str| failure(&file(&path, query), &request()).code();
    assert_eq!(code_of("select nothing from t"), code::EXT065);
    assert_eq!(code_of("select id, id from t"), code::EXT067);
    assert_eq!(code_of("delete from t"), code::EXT073);
    assert_eq!(code_of("select 1; drop table t"), code::EXT073);
    assert_eq!(code_of("insert into t values (2) returning id"), code::EXT065, "nothing is written");
    assert_eq!(walk(&file(&path, "select id from t"), &request()).0, ["1"]);
    assert_eq!(failure(&file(&folder.path().join("none.db"), "select 1"), &request()).code(), code::EXT010);
    let text = folder.path().join("text.db");
    std::fs::write(&text, "not a database, but long enough to look like one. ".repeat(40)).unwrap();
    assert_eq!(failure(&file(&text, "select 1"), &request()).code(), code::EXT018);

    let mut by_variable = file(&path, "select id from t");
    by_variable.address = dsn();
    let error = failure(&by_variable, &request());
    assert_eq!((error.code(), error.stage()), (code::EXT060, Stage::Configuration));
    let request_with = |dsn: &str| with_variable(request(), "TEST_DSN", dsn);
    assert_eq!(walk(&by_variable, &request_with(&format!("sqlite://{}", path.display()))).0, ["1"]);
    assert_eq!(failure(&by_variable, &request_with("hunter2")).code(), code::EXT061);
}

#[test]
fn declared_types_are_cast_to_exactly() {
    let (_folder, path) =
        database("create table t (at text, price real); insert into t values ('2025-01-01 10:00:00', 1.5), (null, 2)");
    let source = file(&path, "select * from t");
    let mut request = request();
    request.declared.insert("at".into(), DeclaredType::Timestamptz);
    request.declared.insert("price".into(), DeclaredType::Decimal { precision: 5, scale: 2 });
    let all = read(&DbExtractor::new(source.clone()), &request).unwrap();
    assert_eq!(show(&all.whole), "at: timestamptz | price: decimal(5,2)\n2025-01-01T10:00:00Z | 1.50\n∅ | 2.00\n");
    request.declared.insert("price".into(), DeclaredType::Integer);
    let Err(ExtractError::Misfit { columns }) = read(&DbExtractor::new(source), &request) else {
        panic!("1.5 is no integer")
    };
    assert_eq!((columns[0].column.as_str(), columns[0].value.as_str(), columns[0].line), ("price", "1.5", 1));
}

#[test]
fn a_row_that_cannot_be_read_is_kept_with_its_reason() {
    let (_folder, path) = database(
        "create table t (id integer, s text); insert into t values (1, 'a'), (2, cast(x'ff' as text)), (3, 'c')",
    );
    let all = read(&DbExtractor::new(file(&path, "select * from t")), &request()).unwrap();
    assert_eq!(show(&all.whole), "id: integer | s: text\n1 | a\n3 | c\n");
    assert_eq!(all.unreadable.len(), 1);
    assert_eq!(
        (all.unreadable[0].record, all.unreadable[0].reason.as_str()),
        (2, "column `s`: text that is not UTF-8")
    );
    assert!(all.unreadable[0].raw.contains("\"id\":\"2\""), "{}", all.unreadable[0].raw);
}

#[test]
fn memory_does_not_wait_for_the_reader() {
    let (_folder, path) = database("create table t (id integer)");
    // A result without end: only what is asked for is made.
    let source = file(
        &path,
        "with recursive c(i) as (select 1 union all select i + 1 from c) select i, hex(zeroblob(100)) as x from c",
    );
    let mut extraction = DbExtractor::new(source).open(&request()).unwrap();
    let rows: usize = (0..3).map(|_| extraction.next().unwrap().unwrap().num_rows()).sum();
    assert_eq!(rows, 21_000);
    drop(extraction);
}
