//! A server for tests that does what it is told, on a real socket.
//!
//! Exists in tests only.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What was asked.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    /// Names in small letters.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
    pub(super) at: Instant,
}

impl Asked {
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.param(name)?.parse().ok()
    }
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What is answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
    /// In the place of `body`, where it is no text.
    pub(super) bytes: Option<Vec<u8>>,
    /// Only this many bytes of the body come.
    pub(super) cut: Option<usize>,
    /// Nothing comes.
    pub(super) hang_up: bool,
    pub(super) delay: Duration,
}

impl Reply {
    pub(super) fn json(body: impl ToString) -> Self {
        Self { status: 200, body: body.to_string(), ..Self::default() }
    }
    pub(super) fn status(status: u16, body: &str) -> Self {
        Self { status, body: body.to_owned(), ..Self::default() }
    }
    pub(super) fn bytes(status: u16, bytes: &[u8]) -> Self {
        Self { status, bytes: Some(bytes.to_vec()), ..Self::default() }
    }
    pub(super) fn header(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }
}

/// See the module. Stops when it is dropped.
pub(super) struct Server {
    pub(super) url: String,
    pub(super) log: Arc<Mutex<Vec<Asked>>>,
    /// The most requests that were there at once.
    pub(super) most: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
}

impl Server {
    /// `answer` gets the request and its number, from 1.
    pub(super) fn start(answer: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (log, most) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let (over, now) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let answer = Arc::new(answer);
        let (kept, peak, ended) = (log.clone(), most.clone(), over.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let (answer, kept, peak, now) = (answer.clone(), kept.clone(), peak.clone(), now.clone());
                std::thread::spawn(move || {
                    let answer = |asked: &Asked, number| {
                        peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        let reply = answer(asked, number);
                        std::thread::sleep(reply.delay);
                        // Before the answer is out: then the next request may be here already.
                        now.fetch_sub(1, Ordering::SeqCst);
                        reply
                    };
                    serve(stream, &kept, &answer);
                });
            }
        });
        Self { url, log, most, over }
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let _woken = TcpStream::connect(self.url.trim_start_matches("http://"));
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<Asked>>, answer: &dyn Fn(&Asked, usize) -> Reply) {
    let Some(asked) = read(&stream) else { return };
    let number = {
        let mut log = log.lock().unwrap();
        log.push(asked.clone());
        log.len()
    };
    let reply = answer(&asked, number);
    if reply.hang_up {
        let _gone = stream.shutdown(Shutdown::Both);
        return;
    }
    let body = reply.bytes.as_deref().unwrap_or(reply.body.as_bytes());
    let mut head = format!("HTTP/1.1 {} X\r\nContent-Length: {}\r\nConnection: close\r\n", reply.status, body.len());
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let body = &body[..reply.cut.unwrap_or(body.len())];
    let _sent = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(b"\r\n"))
        .and_then(|()| stream.write_all(body));
    let _closed = stream.shutdown(Shutdown::Write);
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let (path, body) = (path.to_owned(), String::from_utf8(body).ok()?);
    Some(Asked { method, path, query, headers, body, at: Instant::now() })
}
