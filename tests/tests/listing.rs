//! A folder of 400,000 objects on a service: the first page at once, memory bounded, and every object
//! seen once. The service is one that makes its listing up as it is asked.

#![expect(clippy::expect_used, reason = "a failed expectation is what a test reports")]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use medallion_core::api::Engine;
use medallion_core::api::wire::{BrowseRequest, FolderRef, Layer, Target};
use medallion_core::world::{FixedEnvironment, World};
use medallion_tests::Project;

const OBJECTS: u64 = 400_000;
const FOLDER: &str = "raw/system=s/table=t/pattern=full/dt=2025-01-01";

/// Answers listings of one folder of [`OBJECTS`] files, a page at a time, like S3.
struct Service {
    port: u16,
    asked: Arc<AtomicU64>,
    ended: Arc<AtomicBool>,
}

impl Service {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it has a port").port();
        let (asked, ended) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (count, end) = (asked.clone(), ended.clone());
        drop(std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if end.load(Ordering::SeqCst) {
                    break;
                }
                let count = count.clone();
                drop(std::thread::spawn(move || drop(serve(&client, &count))));
            }
        }));
        Self { port, asked, ended }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

fn name(number: u64) -> String {
    format!("part-{number:06}-00112233445566ff.parquet")
}

fn serve(client: &TcpStream, count: &AtomicU64) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first)? == 0 {
            return Ok(());
        }
        let mut line = String::new();
        while reader.read_line(&mut line)? > 2 {
            line.clear();
        }
        count.fetch_add(1, Ordering::SeqCst);
        let path = first.split(' ').nth(1).unwrap_or_default();
        let body = page(path.split_once('?').map_or("", |(_, query)| query));
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {}\r\n\r\n", body.len());
        let mut client = client;
        client.write_all(head.as_bytes())?;
        client.write_all(body.as_bytes())?;
    }
}

/// A page of the listing that a query asks for.
fn page(query: &str) -> String {
    let value = |name: &str| {
        let of = |pair: &str| Some(pair.split_once('=').filter(|(key, _)| *key == name)?.1.to_owned());
        let text = query.split('&').find_map(of).unwrap_or_default();
        text.replace("%2F", "/").replace("%3D", "=")
    };
    let most = value("max-keys").parse().unwrap_or(1_000).min(1_000);
    let prefix = format!("{FOLDER}/");
    let after = match (value("continuation-token"), value("start-after")) {
        (token, _) if !token.is_empty() => token.parse().expect("a token of ours"),
        (_, start) => start
            .strip_prefix(&prefix)
            .and_then(|name| name.strip_prefix("part-")?.get(..6)?.parse::<u64>().ok())
            .map_or(0, |number| number + 1),
    };
    let numbers = if value("prefix") == prefix { after..(after + most).min(OBJECTS) } else { 0..0 };
    let end = numbers.end;
    let contents = numbers.fold(String::new(), |all, number| {
        let key = format!("{prefix}{}", name(number));
        all + "<Contents><Key>"
            + &key
            + "</Key><LastModified>2025-01-01T00:00:00.000Z</LastModified><ETag>\"e\"</ETag><Size>7</Size></Contents>"
    });
    let more = end < OBJECTS && end > 0;
    let token = if more { format!("<NextContinuationToken>{end}</NextContinuationToken>") } else { String::new() };
    format!(
        "<?xml version=\"1.0\"?><ListBucketResult><Name>lake</Name><IsTruncated>{more}</IsTruncated>{token}{contents}</ListBucketResult>"
    )
}

/// Bytes of memory that this process has at most had so far.
#[cfg(target_os = "linux")]
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells it");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux tells it");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1_024
}

#[cfg(not(target_os = "linux"))]
fn peak() -> u64 {
    0
}

#[test]
fn four_hundred_thousand_objects_are_a_page_at_a_time() {
    let service = Service::start();
    let project = Project::empty().with(
        "t.yaml",
        format!(
            "config_version: 1
platform:
  bronze: {{storage_backend: s3, bucket: lake, prefix: raw, s3_connection: {{endpoint_url: \"http://127.0.0.1:{}\", access_key_env_var: KEY, secret_key_env_var: SECRET}}}}
sources:
  - name: t
    source: {{type: file, system: s, table: t, file: {{path: ./t.csv}}, run: {{load_pattern: full}}}}
",
            service.port
        ),
    );
    let variables = [("KEY", "k"), ("SECRET", "s")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let world = World::real().with_environment(FixedEnvironment(variables.into()));
    let engine = Engine::open(project.path(""), world);
    let ask = |folder: Option<FolderRef>, after: Option<String>, limit| {
        let request = BrowseRequest { target: Target::at("t.yaml"), layer: Layer::Bronze, folder, after, limit };
        engine.browse(request).expect("it can be listed")
    };
    let root = ask(None, None, 1).roots.remove(0).root;
    let folder = FolderRef { root, path: FOLDER.to_owned() };
    let before = peak();
    let began = Instant::now();
    let first = ask(Some(folder.clone()), None, 200);
    let (took, requests) = (began.elapsed(), service.asked.load(Ordering::SeqCst));
    assert_eq!((first.entries.len(), first.total, requests), (200, None, 1));
    assert_eq!(first.entries[199].name, name(199));
    assert!(took < Duration::from_secs(2), "{took:?}");
    let (mut after, mut seen) = (first.next, 200);
    while let Some(next) = after {
        let page = ask(Some(folder.clone()), Some(next), 1_000);
        for entry in &page.entries {
            assert_eq!(entry.name, name(seen), "each once, in order");
            seen += 1;
        }
        after = page.next;
    }
    let (all, requests, grown) = (began.elapsed(), service.asked.load(Ordering::SeqCst), peak().saturating_sub(before));
    assert_eq!(seen, OBJECTS);
    assert!(requests <= OBJECTS.div_ceil(1_000) + 2, "{requests} requests");
    assert!(grown < 32 << 20, "{grown} bytes more than before");
    println!(
        "400,000 objects: first page in {} ms with 1 request; all of them in {requests} pages and {:.1} s; {} KiB of memory more",
        took.as_millis(),
        all.as_secs_f64(),
        grown / 1_024
    );
}
