//! The web host over real sockets: who is let in, what is answered, and what a lost client leaves.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use medallion_core::api::Engine;
use medallion_core::world::World;
use tokio::sync::oneshot;

use super::{BODY_LIMIT_BYTES, Host, Server, WebOptions};

/// A running server on a folder of its own.
struct Site {
    address: SocketAddr,
    token: String,
    host: Arc<Host>,
    folder: tempfile::TempDir,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// An answer as it came.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Site {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Arc::new(Engine::open(folder.path(), World::real()));
        let (ready, opened) = std::sync::mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async move {
                let server = Server::bind(engine, WebOptions::default()).await.unwrap();
                ready.send((server.address, server.host.clone())).unwrap();
                server.run(async { drop(stopped.await) }).await.unwrap();
            });
        });
        let (address, host) = opened.recv().unwrap();
        let token = host.guard.token().to_owned();
        Self { address, token, host, folder, stop: Some(stop), thread: Some(thread) }
    }

    /// Sends a request with the usual headers, changed by `headers` (an empty value removes one).
    fn ask(&self, request: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut stream = self.send(request, headers, body);
        let mut text = Vec::new();
        // A server that refuses a body may close before it is read; what came until then counts.
        drop(stream.read_to_end(&mut text));
        let text = String::from_utf8_lossy(&text).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    fn send(&self, request: &str, headers: &[(&str, &str)], body: &str) -> TcpStream {
        let mut all = vec![
            ("host".to_owned(), self.address.to_string()),
            ("authorization".to_owned(), format!("Bearer {}", self.token)),
            ("connection".to_owned(), "close".to_owned()),
            ("content-type".to_owned(), "application/json".to_owned()),
            ("content-length".to_owned(), body.len().to_string()),
        ];
        for (name, value) in headers {
            all.retain(|(known, _)| known != name);
            if !value.is_empty() {
                all.push(((*name).to_owned(), (*value).to_owned()));
            }
        }
        let head: Vec<String> = all.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = head.concat();
        let mut stream = TcpStream::connect(self.address).unwrap();
        drop(stream.write_all(format!("{request} HTTP/1.1\r\n{head}\r\n{body}").as_bytes()));
        stream
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

const EXPLAIN: &str = r#"{"code":"cfg013"}"#;

#[test]
fn only_the_token_opens() {
    let site = Site::open();
    let wrong = format!("Bearer {}", "0".repeat(32));
    let half = format!("Bearer {}", &site.token[..16]);
    for request in ["GET /", "GET /index.html", "GET /api/session", "POST /api/explain"] {
        for bearer in ["", "Bearer ", "Basic x", wrong.as_str(), half.as_str()] {
            let answer = site.ask(request, &[("authorization", bearer)], EXPLAIN);
            assert_eq!(answer.status, 401, "{request} with `{bearer}`");
            assert!(!answer.head.contains("set-cookie") && !answer.body.contains(&site.token));
        }
    }
    assert_eq!(site.ask("POST /api/explain", &[], EXPLAIN).status, 200);
}

#[test]
fn the_token_in_the_address_becomes_a_cookie_and_opens_the_page_only() {
    let site = Site::open();
    let none = [("authorization", "")];
    let entered = site.ask(&format!("GET /?token={}", site.token), &none, "");
    assert_eq!(entered.status, 200);
    let cookie = entered.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap().to_owned();
    assert!(
        cookie.contains("httponly") && cookie.contains("samesite=strict") && !cookie.contains("domain"),
        "{cookie}"
    );
    assert_eq!(site.ask(&format!("POST /api/explain?token={}", site.token), &none, EXPLAIN).status, 401);
    assert_eq!(site.ask(&format!("GET /?token={}x", site.token), &none, "").status, 401);
    let pair = cookie.split(';').next().unwrap();
    let with_cookie = [("authorization", ""), ("cookie", pair)];
    assert_eq!(site.ask("POST /api/explain", &with_cookie, EXPLAIN).status, 200);
    let from_elsewhere = [("authorization", ""), ("cookie", pair), ("sec-fetch-site", "cross-site")];
    assert_eq!(site.ask("POST /api/explain", &from_elsewhere, EXPLAIN).status, 401);
}

#[test]
fn other_names_and_other_sites_are_refused_even_with_the_token() {
    let site = Site::open();
    let port = site.address.port();
    let other_port = format!("127.0.0.1:{}", port.wrapping_add(1));
    for host in ["", "example.org", "127.0.0.1", "evil.localhost", other_port.as_str()] {
        let status = site.ask("POST /api/explain", &[("host", host)], EXPLAIN).status;
        // Without any Host the request is not HTTP/1.1; the server says so itself.
        assert!(status == 403 || (host.is_empty() && status == 400), "host `{host}`: {status}");
    }
    let local = format!("localhost:{port}");
    assert_eq!(site.ask("POST /api/explain", &[("host", &local)], EXPLAIN).status, 200);
    let other_origin = format!("http://{other_port}");
    for origin in ["null", "http://example.org", "https://127.0.0.1", other_origin.as_str()] {
        assert_eq!(site.ask("POST /api/explain", &[("origin", origin)], EXPLAIN).status, 403, "origin `{origin}`");
    }
    let own = format!("http://127.0.0.1:{port}");
    assert_eq!(site.ask("POST /api/explain", &[("origin", &own)], EXPLAIN).status, 200);
}

#[test]
fn no_path_leads_out_of_the_page() {
    let site = Site::open();
    site.write("secret.txt", "not for the page");
    for path in [
        "/../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/secret.txt",
        "//etc/passwd",
        "/assets/../../secret.txt",
        "/assets/",
        "/./index.html",
    ] {
        let answer = site.ask(&format!("GET {path}"), &[], "");
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
        assert!(!answer.body.contains("not for the page") && !answer.body.contains("root:"));
    }
    assert_eq!(site.ask("GET /index.html", &[], "").status, 200);
}

#[test]
fn every_answer_carries_the_policy() {
    let site = Site::open();
    for (request, authorization) in
        [("GET /", ""), ("GET /nowhere", "keep"), ("GET /", "keep"), ("POST /api/explain", "keep")]
    {
        let headers: &[(&str, &str)] = if authorization.is_empty() { &[("authorization", "")] } else { &[] };
        let answer = site.ask(request, headers, EXPLAIN);
        for header in [
            "content-security-policy: default-src 'none'",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
            "x-frame-options: deny",
        ] {
            assert!(answer.head.contains(header), "{request}: no {header} in {}", answer.head);
        }
        assert!(!answer.head.contains("unsafe") && !answer.head.contains("access-control"), "{}", answer.head);
    }
}

#[test]
fn requests_of_another_shape_are_refused_with_a_reason() {
    let site = Site::open();
    assert_eq!(site.ask("POST /api/nothing", &[], "{}").status, 404);
    assert_eq!(site.ask("GET /api/explain", &[], "").status, 405);
    assert_eq!(site.ask("POST /api/explain", &[("content-type", "text/plain")], EXPLAIN).status, 415);
    let answer = site.ask("POST /api/explain", &[], r#"{"code":7}"#);
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("RUN013") && answer.body.contains("another shape"), "{}", answer.body);
    let answer = site.ask("POST /api/run", &[], "[]");
    assert_eq!(answer.status, 422);
    let large = "x".repeat(BODY_LIMIT_BYTES + 1);
    let status = site.ask("POST /api/explain", &[], &large).status;
    // The server may close the connection before the answer to an oversized body is read.
    assert!(matches!(status, 413 | 0), "{status}");
}

#[test]
fn a_run_tells_its_events_line_by_line_and_ends_with_an_end() {
    let site = Site::open();
    project(&site, 3);
    let answer = site.ask("POST /api/run", &[], r#"{"date":"2013-01-01"}"#);
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("content-type: application/x-ndjson"));
    let lines: Vec<&str> = answer.body.lines().filter(|line| line.starts_with('{')).collect();
    assert!(lines[0].starts_with(r#"{"event":{"kind":"started""#), "{}", answer.body);
    assert!(lines.iter().any(|line| line.contains(r#""outcome":"written""#)), "{}", answer.body);
    assert_eq!(lines.last(), Some(&r#"{"end":true}"#));
    let rows = site.ask(
        "POST /api/rows",
        &[],
        r#"{"of":{"of":{"target":{"path":""},"dataset":"numbers"},"layer":"bronze"},"offset":"0","limit":10}"#,
    );
    assert!(rows.head.contains("content-type: application/vnd.apache.arrow.stream"), "{}", rows.head);
    let refused = site.ask("POST /api/run", &[], r#"{"target":{"path":"nowhere.yaml"}}"#);
    assert!(refused.body.contains(r#"{"error":{"#), "{}", refused.body);
}

#[test]
fn a_client_that_goes_away_takes_its_run_along() {
    let site = Site::open();
    project(&site, 3_000_000);
    let mut stream = site.send("POST /api/run", &[], r#"{"date":"2013-01-01"}"#);
    let mut first = [0u8; 64];
    stream.read_exact(&mut first).unwrap();
    drop(stream);
    let deadline = Instant::now() + Duration::from_mins(2);
    while !site.host.jobs.is_idle() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(site.host.jobs.is_idle(), "the run did not end");
    assert!(!commits(&site.folder.path().join("lake")), "an uncancelled run would have committed");
}

#[test]
fn a_watch_tells_of_changes_and_ends_with_its_client() {
    let site = Site::open();
    project(&site, 1);
    let stream = site.send("POST /api/watch", &[], "{}");
    let mut lines = BufReader::new(&stream).lines().map_while(Result::ok).filter(|line| line.starts_with('{'));
    let started = lines.next().unwrap();
    assert!(started.starts_with(r#"{"event":{"event":"started""#) && started.contains("numbers.yaml"), "{started}");
    let config = std::fs::read_to_string(site.folder.path().join("numbers.yaml")).unwrap();
    site.write("numbers.yaml", &config.replace("path:", "paht:"));
    let changed = lines.next().unwrap();
    assert!(changed.starts_with(r#"{"event":{"event":"changed""#) && changed.contains("CFG013"), "{changed}");
    assert_eq!(
        site.ask("POST /api/run", &[], r#"{"target":{"path":"none"}}"#).status,
        200,
        "others are served meanwhile"
    );
    let second = site.send("POST /api/watch", &[], "{}");
    drop(lines);
    drop(stream);
    drop(second);
    let deadline = Instant::now() + Duration::from_secs(10);
    while !site.host.jobs.is_idle() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(site.host.jobs.is_idle(), "a watch without a client goes on");
}

#[test]
fn a_watch_does_not_keep_the_server_from_ending() {
    let site = Site::open();
    let mut stream = site.send("POST /api/watch", &[], "{}");
    let mut first = [0u8; 64];
    stream.read_exact(&mut first).unwrap();
    let started = Instant::now();
    // Ends the server and waits for it.
    drop(site);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    let mut rest = String::new();
    drop(stream.read_to_string(&mut rest));
    assert!(rest.contains(r#"{"end":true}"#), "{rest}");
}

/// Whether a commit stands anywhere below `folder`.
fn commits(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            let path = entry.path();
            if entry.file_name() == "_commits" {
                std::fs::read_dir(&path).is_ok_and(|mut files| files.next().is_some())
            } else {
                path.is_dir() && commits(&path)
            }
        })
    })
}

fn project(site: &Site, rows: usize) {
    site.write(
        "numbers.yaml",
        "config_version: 1
platform:
  bronze: {storage_backend: local, output_dir: ./lake/bronze}
sources:
  - name: numbers
    source:
      type: file
      system: test
      table: numbers
      file: {path: ./numbers.csv, format: csv}
      run: {load_pattern: full}
",
    );
    let mut text = String::from("id,name\n");
    for row in 0..rows {
        text.push_str(&format!("{},name {row}\n", 9_007_199_254_740_993_u64 + row as u64));
    }
    site.write("numbers.csv", &text);
}
