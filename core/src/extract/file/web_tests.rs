//! Files at addresses of the web, over real sockets: servers that know ranges and marks, those that do not,
//! and those that fail.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use ::parquet::arrow::ArrowWriter;
use arrow::array::{ArrayRef, Int64Array};
use arrow::record_batch::RecordBatch;
use indexmap::IndexMap;

use super::super::contract::{read, read_widened, request, show, source};
use super::many_tests::{gzip, zip};
use crate::config::settings::{Elsewhere, EnvVar, FileSource, Secret};
use crate::error::Coded;
use crate::extract::server::{Asked, Reply, Server};
use crate::extract::{ExtractError, ExtractRequest};
use crate::storage::Patience;
use crate::world::{FixedEnvironment, World};

const TABLE: &[u8] = b"id,name\n1,a\n2,b\n";

/// What a server can do.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// Ranges, and an `ETag`.
    Marked,
    /// Ranges, and `Last-Modified` only.
    Dated,
    /// Ranges, but no mark.
    Unmarked,
    /// No ranges.
    Whole,
}

const KINDS: [Kind; 4] = [Kind::Marked, Kind::Dated, Kind::Unmarked, Kind::Whole];

/// What a server of this kind answers that has `bytes` at the address.
fn give(kind: Kind, asked: &Asked, bytes: &[u8], mark: &str) -> Reply {
    let with_mark = |reply: Reply| match kind {
        Kind::Marked | Kind::Whole => reply.header("ETag", format!("\"{mark}\"")),
        Kind::Dated => reply.header("Last-Modified", format!("Tue, 01 Jan 2013 00:00:{mark} GMT")),
        Kind::Unmarked => reply,
    };
    assert_eq!(asked.method, "GET", "signed addresses allow nothing else");
    let range = asked.header("range").and_then(|range| range.strip_prefix("bytes=")?.split_once('-'));
    let Some((start, end)) = range.filter(|_| kind != Kind::Whole) else { return with_mark(Reply::bytes(200, bytes)) };
    if asked.header("if-match").is_some_and(|wanted| wanted != format!("\"{mark}\"")) {
        return Reply::status(412, "");
    }
    let (start, end): (usize, usize) = (start.parse().unwrap(), end.parse().unwrap());
    if start >= bytes.len() {
        return Reply::status(416, "").header("Content-Range", format!("bytes */{}", bytes.len()));
    }
    let end = (end + 1).min(bytes.len());
    let whole = format!("bytes {start}-{}/{}", end - 1, bytes.len());
    with_mark(Reply::bytes(206, &bytes[start..end]).header("Content-Range", whole))
}

fn at(address: &str) -> FileSource {
    FileSource {
        path: address.into(),
        path_as_written: "as written".into(),
        elsewhere: Some(Elsewhere::Web { headers: IndexMap::new(), header_env_vars: IndexMap::new() }),
        ..source(Path::new("x"))
    }
}

/// A request that waits for nothing long.
fn hasty() -> ExtractRequest {
    let patience = Patience {
        tries: 3,
        pause: Duration::from_millis(2),
        longest_pause: Duration::from_millis(5),
        idle: Duration::from_millis(700),
        ..Patience::default()
    };
    let variables = BTreeMap::from([
        ("TOKEN".to_owned(), "s3cr3t".to_owned()),
        ("TMPDIR".to_owned(), std::env::temp_dir().to_string_lossy().into_owned()),
    ]);
    let world = World::real().with_patience(patience).with_environment(FixedEnvironment(variables));
    ExtractRequest { world, ..request() }
}

fn shown(source: &FileSource) -> String {
    show(&read_widened(crate::extract::file(source).as_ref(), hasty()).whole)
}

/// Code and words of the error, with all its causes.
fn fails(source: &FileSource) -> String {
    let error = read(crate::extract::file(source).as_ref(), &hasty()).unwrap_err();
    let mut told = format!("{} {error}", error.code());
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        let _written = write!(told, ": {inner}");
        cause = inner;
    }
    told
}

fn long(records: u32) -> Vec<u8> {
    let mut text = String::from("id,name\n");
    for record in 0..records {
        writeln!(text, "{record},a name of some length {record:08}").unwrap();
    }
    text.into_bytes()
}

fn parquet() -> Vec<u8> {
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values((0..60_000).map(|id| id * 7_919 % 1_000_003)));
    let batch = RecordBatch::try_from_iter([("id", ids)]).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn every_kind_of_server_gives_what_a_disk_gives() {
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("small.csv", TABLE.to_vec()),
        // More than one piece of those that are asked for at a time.
        ("long.csv", long(130_000)),
        ("long.csv.gz", gzip(&long(20_000))),
        ("packed.csv", gzip(TABLE)),
        ("two.zip", zip(&[("x.csv", &long(5_000)), ("y.csv", TABLE)])),
        ("lines.jsonl", b"{\"id\": 1}\n{\"id\": 2}\n".to_vec()),
        ("table.parquet", parquet()),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in &files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    for kind in KINDS {
        let served = files.clone();
        let server = Server::start(move |asked, _| {
            let name = asked.path.trim_start_matches('/');
            let (_, bytes) = served.iter().find(|(known, _)| *known == name).expect(name);
            give(kind, asked, bytes, "01")
        });
        for (name, _) in &files {
            let there = shown(&FileSource {
                file_name_column: Some("from".into()),
                ..at(&format!("{}/{name}?sig=x", server.url))
            });
            let here = FileSource { file_name_column: Some("from".into()), ..source(&folder.path().join(name)) };
            assert_eq!(there, shown(&here), "{kind:?} {name}");
        }
    }
}

#[test]
fn a_small_file_is_one_request_and_a_server_without_marks_is_asked_once_more() {
    for (kind, requests) in [(Kind::Marked, 1), (Kind::Dated, 1), (Kind::Unmarked, 2), (Kind::Whole, 1)] {
        let server = Server::start(move |asked, _| give(kind, asked, TABLE, "01"));
        assert!(shown(&at(&format!("{}/a.csv?sig=1%2F2", server.url))).contains('b'));
        let asked = server.asked();
        assert_eq!(asked.len(), requests, "{kind:?}");
        assert!(asked.iter().all(|asked| asked.param("sig") == Some("1/2")), "the query goes along");
    }
}

#[test]
fn dates_are_filled_in_and_an_empty_file_is_empty() {
    let server = Server::start(|asked, _| match asked.path.as_str() {
        "/2013-01-01/empty.csv" => give(Kind::Marked, asked, b"", "01"),
        _ if asked.param("day") == Some("2013-01-01") => give(Kind::Marked, asked, TABLE, "01"),
        _ => Reply::status(404, "no"),
    });
    assert!(shown(&at(&format!("{}/a.csv?day={{run_date}}", server.url))).contains('b'));
    assert!(fails(&at(&format!("{}/{{run_date}}/empty.csv", server.url))).starts_with("EXT012"));
    let error = fails(&at(&format!("{}/{{run_date}}/none.csv?sig=s3cr3t", server.url)));
    assert!(error.starts_with("EXT010 there is no file http://127.0.0.1:"), "{error}");
    assert!(error.ends_with("/2013-01-01/none.csv?…") && !error.contains("s3cr3t"), "{error}");
    let dated = at(&format!("{}/{{run_date}}/none.csv", server.url));
    assert!(crate::extract::delivered(&dated, &World::real()).unwrap().is_empty(), "nothing is listed");
}

#[test]
fn own_headers_stay_with_their_host() {
    let other = Server::start(|asked, _| {
        assert_eq!((asked.header("authorization"), asked.header("x-more")), (None, None), "not to another host");
        give(Kind::Marked, asked, TABLE, "01")
    });
    let there = format!("{}/elsewhere.csv?signed=1", other.url);
    let server = Server::start(move |asked, _| match asked.header("authorization") {
        Some("s3cr3t") if asked.header("x-more") == Some("yes") => Reply::status(302, "").header("Location", &there),
        _ => Reply::status(403, "who are you"),
    });
    let headers = IndexMap::from([("X-More".to_owned(), Secret::new("yes"))]);
    let with = |variable: &str| FileSource {
        elsewhere: Some(Elsewhere::Web {
            headers: headers.clone(),
            header_env_vars: IndexMap::from([("Authorization".to_owned(), EnvVar::new(variable))]),
        }),
        ..at(&format!("{}/a.csv", server.url))
    };
    assert!(shown(&with("TOKEN")).contains('b'));
    let error = fails(&with("NO_TOKEN"));
    assert!(error.starts_with("STG031") && error.contains("`NO_TOKEN` is not set"), "{error}");
    assert_eq!((server.asked().len(), other.asked().len()), (1, 1), "nothing goes out without its secrets");
    assert!(fails(&at(&format!("{}/a.csv", server.url))).starts_with("STG022"));
}

#[test]
fn a_redirect_that_has_lapsed_is_asked_for_again() {
    let lapsed = Arc::new(AtomicUsize::new(0));
    let bytes = long(130_000);
    let seen = lapsed.clone();
    let server = Server::start(move |asked, _| match asked.path.as_str() {
        "/a.csv" => Reply::status(307, "").header("Location", format!("/signed/{}", seen.load(Ordering::SeqCst))),
        path => {
            // Each address holds for the first request only.
            let now = seen.fetch_add(1, Ordering::SeqCst);
            if path == format!("/signed/{now}") {
                give(Kind::Marked, asked, &bytes, "01")
            } else {
                Reply::status(403, "")
            }
        }
    });
    // What a refused request counts up is what the next address says.
    let read = records(&at(&format!("{}/a.csv", server.url)));
    assert_eq!(read.unwrap(), 130_000);
    let circle = Server::start(|_, _| Reply::status(302, "").header("Location", "/x"));
    let error = fails(&at(&format!("{}/a.csv", circle.url)));
    assert!(error.contains("redirects in circles"), "{error}");
}

fn records(source: &FileSource) -> Result<usize, ExtractError> {
    read(crate::extract::file(source).as_ref(), &hasty()).map(|all| all.whole.num_rows())
}

#[test]
fn another_content_is_told() {
    for kind in [Kind::Marked, Kind::Dated] {
        let bytes = long(130_000);
        let server =
            Server::start(move |asked, number| give(kind, asked, &bytes, if number > 1 { "02" } else { "01" }));
        let error = fails(&at(&format!("{}/a.csv", server.url)));
        assert!(error.starts_with("STG032"), "{kind:?} {error}");
    }
}

#[test]
fn what_breaks_off_is_asked_for_again() {
    for kind in KINDS {
        let bytes = long(130_000);
        let half = bytes.len() / 2;
        let once = bytes.clone();
        let server = Server::start(move |asked, number| {
            let reply = give(kind, asked, &once, "01");
            // Of an answer that is large by then a part comes.
            let cut = (number == 2 || (number == 1 && kind == Kind::Whole)).then(|| half.min(1000));
            Reply { cut, ..reply }
        });
        assert_eq!(records(&at(&format!("{}/a.csv", server.url))).unwrap(), 130_000, "{kind:?}");
        let always = Server::start(move |asked, _| {
            let reply = give(kind, asked, &bytes, "01");
            Reply { cut: Some(1000), ..reply }
        });
        let error = fails(&at(&format!("{}/a.csv", always.url)));
        assert!(error.starts_with("STG033") && error.contains("broke off"), "{kind:?} {error}");
    }
}

#[test]
fn refusals_have_their_codes() {
    for (status, code) in [(401, "STG021"), (403, "STG022"), (404, "EXT010"), (429, "STG026"), (500, "STG033")] {
        let server = Server::start(move |_, _| Reply::status(status, "s3cr3t"));
        let error = fails(&at(&format!("{}/a.csv", server.url)));
        assert!(error.starts_with(code) && !error.contains("s3cr3t"), "{error}");
    }
    let error = fails(&at("http://127.0.0.1:9/a.csv"));
    assert!(error.starts_with("STG024"), "{error}");
    let error = fails(&at("http://127.0.0.1:9/data"));
    assert!(error.starts_with("STG024"), "{error}");
    let packed = Server::start(|_, _| Reply::bytes(200, b"\x1b\x00").header("Content-Encoding", "br"));
    let error = fails(&at(&format!("{}/a.csv", packed.url)));
    assert!(error.contains("nobody asked for that"), "{error}");
}

#[test]
fn a_cancelled_download_ends_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/a.csv", listener.local_addr().unwrap());
    let (begun, begins) = channel();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // A part comes, and then nothing until who asked is gone.
        let _read = stream.read(&mut [0; 4096]).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nid,name\n").unwrap();
        begun.send(()).unwrap();
        let _gone = stream.read(&mut [0; 1]);
    });
    let request = ExtractRequest { world: World::real(), ..request() };
    let cancel = request.cancel.clone();
    let stopper = std::thread::spawn(move || {
        begins.recv().unwrap();
        std::thread::sleep(Duration::from_millis(100));
        cancel.cancel();
    });
    let began = Instant::now();
    let error = crate::extract::file(&at(&address)).open(&request).err();
    assert!(matches!(error, Some(ExtractError::Cancelled)), "{error:?}");
    assert!(began.elapsed() < Patience::default().idle, "the stalled answer is not waited for");
    stopper.join().unwrap();
    server.join().unwrap();
}
