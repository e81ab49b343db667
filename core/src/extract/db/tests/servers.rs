//! Type matrices against real servers: PostgreSQL and MariaDB. Left out unless their addresses are in
//! `MEDALLION_TEST_POSTGRES` and `MEDALLION_TEST_MARIADB`, as `scripts/databases.sh run` sets them.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::mysql::MySqlConnection;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};

use super::super::DbExtractor;
use super::{dsn, failure, heard, incremental, source, table, walk, with_variable};
use crate::batch::Cursor;
use crate::config::settings::{DbParams, DbSource, Isolation, ParallelReads, Secret, TlsMode};
use crate::diagnostic::code;
use crate::error::Coded;
use crate::extract::ExtractRequest;
use crate::extract::contract::{self, read, read_widened, show};
use crate::extract::threads::Threads;
use crate::world::World;

fn address(variable: &str) -> String {
    World::real().env.var(variable).expect("scripts/databases.sh run sets it")
}

fn request(variable: &str) -> ExtractRequest {
    with_variable(contract::request(), "TEST_DSN", &address(variable))
}

/// A table of its own for each test.
fn name() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("t_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

fn postgres(sql: &str) {
    let work = async {
        let mut connection = PgConnection::connect(&address("MEDALLION_TEST_POSTGRES")).await.unwrap();
        connection.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.unwrap();
        connection.close().await.unwrap();
    };
    Threads::new().unwrap().wait(work).unwrap();
}

fn mariadb(sql: &str) {
    let work = async {
        let mut connection = MySqlConnection::connect(&address("MEDALLION_TEST_MARIADB")).await.unwrap();
        connection.execute(sqlx::raw_sql("SET sql_mode = ''")).await.unwrap();
        connection.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.unwrap();
        connection.close().await.unwrap();
    };
    Threads::new().unwrap().wait(work).unwrap();
}

/// Each column with its type and its values, one a line.
fn matrix(source: &DbSource, request: ExtractRequest) -> String {
    let all = read_widened(&DbExtractor::new(source.clone()), request);
    let table = show(&all.whole);
    let mut lines = table.lines().map(|line| line.split(" | ").map(str::to_owned).collect::<Vec<_>>());
    let mut columns: Vec<String> = lines.next().unwrap_or_default();
    for line in lines {
        for (column, cell) in columns.iter_mut().zip(line) {
            // No spaces at the ends of lines.
            let cell = if cell.trim_end().len() < cell.len() || cell.is_empty() { format!("'{cell}'") } else { cell };
            *column += &format!(" | {cell}");
        }
    }
    columns.join("\n")
}

#[test]
#[ignore = "needs scripts/databases.sh run"]
fn postgres_types_are_kept() {
    let name = name();
    postgres(&format!(
        "create type {name}_mood as enum ('sad', 'ok'); create type {name}_pair as (a int, b text);
         create domain {name}_cents as numeric(9,3);
         create table {name} (
            b boolean, i2 smallint, i4 integer, i8 bigint, f4 real, f8 double precision,
            n numeric(10,2), wide numeric(50,5), loose numeric, cents {name}_cents, cash money, o oid,
            t text, v varchar(5), c char(3), nm name, by bytea, u uuid, j json, jb jsonb, x xml,
            d date, ti time, tz timetz, ts timestamp, tstz timestamptz, iv interval,
            ia int[], ta text[][], mood {name}_mood, pair {name}_pair, r int4range, ip inet, bits bit(3), vb varbit, p point, ch \"char\");
         insert into {name} values
           (true, -32768, -2147483648, -9223372036854775808, 0.1, 1e-300, -12345678.90, 12345678901234567890123456789012345678901.5, 1.50, 1.5, 12.34, 4294967295,
            'ü', 'abc', 'a', 'nm', '\\x00ff', '00010203-0405-0607-0809-0a0b0c0d0e0f', '{{\"a\": 1}}', '{{\"a\":1}}', '<a/>',
            '2024-02-29', '23:59:59.999999', '10:00:00+02', '2024-02-29 12:00:00.000001', '2024-02-29 12:00:00+02', '1 year 2 months 3 days 04:05:06.7',
            '{{1,null}}', '{{{{a,b}},{{c,null}}}}', 'sad', '(1,x)', '[1,5)', '10.0.0.1/8', B'101', B'1', '(1,2)', 'q'),
           (null, null, null, null, 'NaN', '-Infinity', null, null, 2, null, null, null, '', '', '', null, '', null, null, null, null,
            null, null, null, null, null, null, '{{}}', null, null, null, 'empty', null, null, null, null, null)"
    ));
    let mut source = source(dsn(), "");
    source.read = table(&name);
    let shown = matrix(&source, request("MEDALLION_TEST_POSTGRES"));
    insta::assert_snapshot!(shown, @r#"
    b: boolean | true | ∅
    i2: integer | -32768 | ∅
    i4: integer | -2147483648 | ∅
    i8: integer | -9223372036854775808 | ∅
    f4: float | 0.1 | NaN
    f8: float | 1e-300 | -inf
    n: decimal(10,2) | -12345678.90 | ∅
    wide: decimal(50,5) | 12345678901234567890123456789012345678901.50000 | ∅
    loose: decimal(22,2) | 1.50 | 2.00
    cents: decimal(9,3) | 1.500 | ∅
    cash: decimal(22,2) | 12.34 | ∅
    o: integer | 4294967295 | ∅
    t: text | ü | ''
    v: text | abc | ''
    c: text | 'a  ' | '   '
    nm: text | nm | ∅
    by: binary | 00ff | ''
    u: text | 00010203-0405-0607-0809-0a0b0c0d0e0f | ∅
    j: text | {"a": 1} | ∅
    jb: text | {"a": 1} | ∅
    x: text | <a/> | ∅
    d: date | 2024-02-29 | ∅
    ti: time | 23:59:59.999999 | ∅
    tz: text | 10:00:00+02 | ∅
    ts: timestamp | 2024-02-29T12:00:00.000001 | ∅
    tstz: timestamptz | 2024-02-29T10:00:00Z | ∅
    iv: text | P1Y2M3DT4H5M6.7S | ∅
    ia: text | [1,null] | []
    ta: text | [["a","b"],["c",null]] | ∅
    mood: text | sad | ∅
    pair: text | {"a":1,"b":"x"} | ∅
    r: text | [1,5) | empty
    ip: text | 10.0.0.1/8 | ∅
    bits: text | 101 | ∅
    vb: text | 1 | ∅
    p: text | (1,2) | ∅
    ch: text | q | ∅
    "#);
    // The extended protocol brings the same.
    source.read = crate::config::settings::DbRead::Query(format!("select * from {name} where ? = 'x'"));
    source.params = DbParams::Placed(vec![Secret::new("x")]);
    assert_eq!(matrix(&source, request("MEDALLION_TEST_POSTGRES")), shown);
    postgres(&format!("drop table {name}; drop type {name}_mood; drop type {name}_pair; drop domain {name}_cents"));
}

#[test]
#[ignore = "needs scripts/databases.sh run"]
fn postgres_values_that_arrow_does_not_hold_stay_text() {
    let query = "select * from (values
        ('infinity'::date, '-infinity'::timestamp, 'infinity'::timestamptz, 'NaN'::numeric(5,2), '24:00'::time, '0044-03-15 BC'::date),
        ('2024-01-01', '2024-01-01', '2024-01-01Z', 1.5, '12:00', '2024-01-01')) as v(d, ts, tz, n, ti, bc)";
    insta::assert_snapshot!(matrix(&source(dsn(), query), request("MEDALLION_TEST_POSTGRES")), @r#"
    d: text | infinity | 2024-01-01
    ts: text | -infinity | 2024-01-01T00:00:00
    tz: text | infinity | 2024-01-01T00:00:00Z
    n: text | NaN | 1.5
    ti: text | 24:00:00 | 12:00:00
    bc: text | 0044-03-15 BC | 2024-01-01
    "#);
}

#[test]
#[ignore = "needs scripts/databases.sh run"]
fn postgres_parameters_and_cursors_have_the_types_of_their_columns() {
    let name = name();
    postgres(&format!(
        "create table {name} (id bigint primary key, at timestamptz, amount numeric(10,2), u uuid, tag text);
         insert into {name} select i, timestamptz '2025-01-01Z' + i * interval '1 hour', i + 0.5, md5(i::text)::uuid, 't' || i from generate_series(1, 12) i"
    ));
    let request = || request("MEDALLION_TEST_POSTGRES");
    let mut source = source(
        dsn(),
        &format!("select id, tag from {name} where id between ? and ? and at >= ?::date and amount <> ? order by id"),
    );
    source.params = DbParams::Placed(["2", "4", "2025-01-01", "2.5"].map(Secret::new).into());
    assert_eq!(walk(&source, &request()).0, ["3", "4"]);
    source.params = DbParams::Placed(["two", "4", "2025-01-01", "2.5"].map(Secret::new).into());
    let error = failure(&source, &request());
    assert_eq!(error.code(), code::EXT065);
    assert!(error.to_string().contains("***") && error.to_string().contains("22P02"), "{error}");

    source.params = DbParams::Placed(Vec::new());
    for (column, from, expected) in [
        ("id", "9", vec!["10", "11", "12"]),
        ("at", "2025-01-01T10:00:00Z", vec!["11", "12"]),
        ("amount", "11.50", vec!["12"]),
    ] {
        source.read = crate::config::settings::DbRead::Query(format!("select * from {name} where tag <> 'where';"));
        source.incremental = Some(incremental(column, false));
        let (rows, cursor) = walk(&source, &request());
        assert_eq!(rows.len(), 12);
        let mut later = request();
        later.since = Some(Cursor { value: from.into(), ..cursor.clone().unwrap() });
        let (rows, last) = walk(&source, &later);
        assert_eq!((rows, last), (expected.into_iter().map(str::to_owned).collect(), cursor), "{column}");
    }
    source.incremental = Some(incremental("id", true));
    source.read = crate::config::settings::DbRead::Query(format!("select id from {name} where id > ?"));
    source.incremental.as_mut().unwrap().initial_value = Some("10".into());
    assert_eq!(walk(&source, &request()).0, ["11", "12"]);
    postgres(&format!("drop table {name}"));
}

#[test]
#[ignore = "needs scripts/databases.sh run"]
fn postgres_reads_over_several_connections() {
    let name = name();
    postgres(&format!(
        "create table {name} as select i as id, date '2024-01-01' + i % 300 as day, i::numeric as loose from generate_series(1, 20000) i"
    ));
    for column in ["id", "day"] {
        let mut source = source(dsn(), "");
        source.read = table(&name);
        source.fetch_batch_size = 700;
        let request = || request("MEDALLION_TEST_POSTGRES");
        let mut whole = walk(&source, &request()).0;
        source.parallel_reads = Some(ParallelReads { column: column.into(), connections: 3 });
        let mut heard_request = request();
        let ear = heard(&mut heard_request);
        let mut rows = walk(&source, &heard_request).0;
        assert_eq!(rows, walk(&source, &request()).0, "the same order each time");
        assert_eq!(ear.0.lock().unwrap().iter().filter(|told| told.page > 0).count(), 3);
        rows.sort_unstable();
        whole.sort_unstable();
        assert!(rows == whole, "each row once, by {column}");
    }
    postgres(&format!("drop table {name}"));
}

#[test]
#[ignore = "needs scripts/databases.sh run"]
fn postgres_refuses_and_is_refused_in_words() {
    let request = || request("MEDALLION_TEST_POSTGRES");
    let of = |query: &str| source(dsn(), query);
    let error = failure(&of("select * from no_such_table"), &request());
    assert!(error.to_string().contains("no_such_table") && error.to_string().contains("42P01"), "{error}");
    assert_eq!(failure(&of("select 1 as a, 2 as a"), &request()).code(), code::EXT067);
    assert_eq!(failure(&of("create table x (a int)"), &request()).code(), code::EXT073);
    let error = failure(&of("with x as (insert into pg_temp.t values (1) returning 1) select * from x"), &request());
    assert_eq!(error.code(), code::EXT065, "{error}");
    let mut slow = request();
    slow.conduct.timeout_seconds = 0.5;
    assert_eq!(failure(&of("select pg_sleep(3)::text as x"), &slow).code(), code::EXT068);
    slow.conduct.timeout_seconds = 10.0;
    slow.conduct.deadline_seconds = Some(1);
    let error = failure(&of("select pg_sleep(3)::text as x"), &slow);
    assert!(error.to_string().contains("within 1 s"), "{error}");
    let mut encrypted = of("select 1 as one");
    encrypted.tls.mode = TlsMode::Require;
    assert_eq!(failure(&encrypted, &request()).code(), code::EXT064, "the server has no certificate");
    encrypted.tls.mode = TlsMode::Disable;
    encrypted.isolation = Some(Isolation::Serializable);
    assert_eq!(walk(&encrypted, &request()).0, ["1"]);

    let wrong = address("MEDALLION_TEST_POSTGRES").replace("readpass", "s3cretword");
    let error = failure(&of("select 1"), &with_variable(contract::request(), "TEST_DSN", &wrong));
    assert_eq!(error.code(), code::EXT063, "{error}");
    assert!(!error.to_string().contains("s3cretword"));
    let nobody = with_variable(contract::request(), "TEST_DSN", "postgres://u:s3cretword@127.0.0.1:1/x");
    let error = failure(&of("select 1"), &nobody);
    assert!(error.code() == code::EXT062 && error.is_transient(), "{error}");
    let all = read(&DbExtractor::new(of("select 1 as one where false")), &request()).unwrap();
    assert_eq!(show(&all.whole), "one: integer\n");
}

#[test]
#[ignore = "needs scripts/databases.sh run"]
fn mariadb_types_are_kept() {
    let name = name();
    mariadb(&format!(
        "create table {name} (
            b boolean, i1 tinyint, u1 tinyint unsigned, i2 smallint, i3 mediumint, i4 int, u4 int unsigned, i8 bigint, u8 bigint unsigned,
            f float, d double, n decimal(10,2), wide decimal(60,10), y year, bits bit(10),
            c char(3), v varchar(20), bin varchar(20) collate utf8mb4_bin, l varchar(9) character set latin1, t text, vb varbinary(4), bl blob, e enum('a','b'), s set('x','y'), j json,
            da date, ti time(6), dt datetime(6), ts timestamp(6) null);
         insert into {name} values
           (true, -128, 255, -32768, -8388608, -2147483648, 4294967295, -9223372036854775808, 18446744073709551615,
            0.1, 1e-300, -12345678.90, 12345678901234567890123456789012345678901.5, 2024, b'1000000001',
            'ab', 'ü', 'bin', 'é', 'text', x'00ff', x'', 'b', 'x,y', '{{\"a\": 1}}',
            '2024-02-29', '23:59:59.999999', '2024-02-29 12:00:00.000001', '2024-02-29 12:00:00'),
           (null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, '', '', '', '', '', null, null, null, '', null, null, null, null, null);
         "
    ));
    let mut source = source(dsn(), "");
    source.read = table(&name);
    insta::assert_snapshot!(matrix(&source, request("MEDALLION_TEST_MARIADB")), @r#"
    b: boolean | true | ∅
    i1: integer | -128 | ∅
    u1: integer | 255 | ∅
    i2: integer | -32768 | ∅
    i3: integer | -8388608 | ∅
    i4: integer | -2147483648 | ∅
    u4: integer | 4294967295 | ∅
    i8: integer | -9223372036854775808 | ∅
    u8: decimal(20,0) | 18446744073709551615 | ∅
    f: float | 0.1 | ∅
    d: float | 1e-300 | ∅
    n: decimal(10,2) | -12345678.90 | ∅
    wide: decimal(60,10) | 12345678901234567890123456789012345678901.5000000000 | ∅
    y: integer | 2024 | ∅
    bits: integer | 513 | ∅
    c: text | ab | ''
    v: text | ü | ''
    bin: text | bin | ''
    l: text | é | ''
    t: text | text | ''
    vb: binary | 00ff | ∅
    bl: binary | '' | ∅
    e: text | b | ∅
    s: text | x,y | ''
    j: text | {"a": 1} | ∅
    da: date | 2024-02-29 | ∅
    ti: time | 23:59:59.999999 | ∅
    dt: timestamp | 2024-02-29T12:00:00.000001 | ∅
    ts: timestamptz | 2024-02-29T12:00:00Z | ∅
    "#);
    mariadb(&format!("drop table {name}"));
}

#[test]
#[ignore = "needs scripts/databases.sh run"]
fn mariadb_values_that_arrow_does_not_hold_stay_text() {
    let name = name();
    mariadb(&format!(
        "create table {name} (id int, da date, dt datetime, part date, ti time, b tinyint(1));
         insert into {name} values (1, '2024-01-01', '2024-01-01 10:00:00', '2024-01-01', '10:00:00', 1),
                                   (2, '0000-00-00', '0000-00-00 00:00:00', '2024-00-00', '-838:59:59', 7)"
    ));
    let mut source = source(dsn(), "");
    source.read = table(&name);
    insta::assert_snapshot!(matrix(&source, request("MEDALLION_TEST_MARIADB")), @r#"
    id: integer | 1 | 2
    da: text | 2024-01-01 | 0000-00-00
    dt: text | 2024-01-01T10:00:00 | 0000-00-00 00:00:00
    part: text | 2024-01-01 | 2024-00-00
    ti: text | 10:00:00 | -838:59:59
    b: text | 1 | 7
    "#);
    let mut source = super::source(
        dsn(),
        "select sum(n) as s, avg(n) as a, count(*) as c, null as x, 1 = 1 as t from (select 1.5 as n union all select 2.25) q",
    );
    source.isolation = Some(Isolation::RepeatableRead);
    insta::assert_snapshot!(matrix(&source, request("MEDALLION_TEST_MARIADB")), @r"
    s: decimal(22,2) | 3.75
    a: decimal(26,6) | 1.875000
    c: integer | 2
    x: text? | ∅
    t: integer | 1
    ");
    mariadb(&format!("drop table {name}"));
}

#[test]
#[ignore = "needs scripts/databases.sh run"]
fn mariadb_parameters_and_cursors() {
    let name = name();
    mariadb(&format!(
        "create table {name} (id bigint primary key, at timestamp null, dt datetime, amount decimal(10,2), tag varchar(10));
         insert into {name} select seq, '2025-01-01 00:00:00' + interval seq hour, '2025-01-01 00:00:00' + interval seq hour, seq + 0.5, concat('t', seq) from seq_1_to_12"
    ));
    let request = || request("MEDALLION_TEST_MARIADB");
    let mut source = source(dsn(), &format!("select id from {name} where id between ? and ? # ?\n order by id"));
    source.params = DbParams::Placed(["2", "4"].map(Secret::new).into());
    assert_eq!(walk(&source, &request()).0, ["2", "3", "4"]);
    source.params = DbParams::Placed(Vec::new());
    for (column, from, expected) in [
        ("id", "9", vec!["10", "11", "12"]),
        ("dt", "2025-01-01T10:00:00", vec!["11", "12"]),
        ("amount", "11.50", vec!["12"]),
        ("tag", "t8", vec!["9"]),
    ] {
        source.read = table(&name);
        source.incremental = Some(incremental(column, false));
        let (rows, cursor) = walk(&source, &request());
        assert_eq!(rows.len(), 12);
        let mut later = request();
        later.since = Some(Cursor { value: from.into(), ..cursor.clone().unwrap() });
        let (rows, last) = walk(&source, &later);
        assert_eq!((rows, last), (expected.into_iter().map(str::to_owned).collect(), cursor), "{column}");
    }
    source.incremental = None;
    let whole = walk(&source, &request()).0;
    source.parallel_reads = Some(ParallelReads { column: "dt".into(), connections: 3 });
    let mut rows = walk(&source, &request()).0;
    assert_eq!(rows.len(), whole.len());
    rows.sort_by_key(|id| id.parse::<i64>().unwrap());
    assert_eq!(rows, whole);
    let error = failure(&super::source(dsn(), "select * from no_such_table"), &request());
    assert!(error.to_string().contains("no_such_table"), "{error}");
    let error = failure(&super::source(dsn(), &format!("delete from {name}")), &request());
    assert!(error.to_string().contains("READ ONLY"), "{error}");
    let wrong = address("MEDALLION_TEST_MARIADB").replace("readpass", "s3cretword");
    let error = failure(&super::source(dsn(), "select 1"), &with_variable(contract::request(), "TEST_DSN", &wrong));
    assert_eq!(error.code(), code::EXT063, "{error}");
    mariadb(&format!("drop table {name}"));
}
