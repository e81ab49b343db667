//! A proxy in front of an HTTP service that does to chosen requests what networks and services do.
//!
//! One request for each connection, on threads: what happens is what the test said, in that order.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A request as the proxy sees it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// From 1, in the order of arrival since the last [`Proxy::rule`].
    pub number: u64,
    /// `GET`.
    pub method: String,
    /// Path and query, as sent.
    pub path: String,
    /// Whether it puts only what is not there.
    pub create_only: bool,
}

/// What happens to a request.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Nothing special.
    Pass,
    /// It is answered with this status, with `Retry-After` if given, and never arrives.
    Answer(u16, Option<u32>),
    /// It arrives and is done, and the answer becomes this status.
    AnswerAfter(u16),
    /// It arrives and is done, and the connection breaks without an answer.
    LoseAnswer,
    /// The connection breaks at once.
    Reset,
    /// Half of the answer comes, then nothing more.
    Stall,
    /// Half of the answer comes, then the connection ends.
    Truncate,
    /// The process dies before the request arrives.
    KillBefore(u32),
    /// The process dies after it was done.
    KillAfter(u32),
    /// The clock of the service is off by these seconds: times in its answers are changed.
    Skew(i64),
    /// The process is stopped; the request arrives when this flag is set and it was continued.
    Pause(u32, Arc<AtomicBool>),
}

type Rule = Box<dyn FnMut(&Asked) -> Fault + Send>;

/// See the module. It ends when it is dropped.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: String,
    rule: Mutex<Rule>,
    count: AtomicU64,
    ended: AtomicBool,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("port", &self.port).finish_non_exhaustive()
    }
}

impl Proxy {
    /// In front of the service at `http://host:port[/path]`; passes everything on until told otherwise.
    ///
    /// # Panics
    ///
    /// When no port is free.
    pub fn new(service: &str) -> Self {
        let host = service.trim_start_matches("http://").split('/').next().unwrap_or_default().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it has a port").port();
        let shared = Arc::new(Shared {
            upstream: host,
            rule: Mutex::new(Box::new(|_| Fault::Pass)),
            count: AtomicU64::new(0),
            ended: AtomicBool::new(false),
        });
        let accepting = shared.clone();
        drop(std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if accepting.ended.load(Ordering::SeqCst) {
                    break;
                }
                let shared = accepting.clone();
                drop(std::thread::spawn(move || drop(shared.serve(&client))));
            }
        }));
        Self { port, shared }
    }

    /// The address of `service` through this proxy.
    pub fn address(&self, service: &str) -> String {
        let path = service.trim_start_matches("http://").split_once('/').map_or("", |(_, path)| path);
        let slash = if path.is_empty() { "" } else { "/" };
        format!("http://127.0.0.1:{}{slash}{path}", self.port)
    }

    /// What happens from now on; counting begins anew.
    pub fn rule(&self, rule: impl FnMut(&Asked) -> Fault + Send + 'static) {
        *self.shared.rule.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(rule);
        self.shared.count.store(0, Ordering::SeqCst);
    }

    /// Requests since the last rule.
    pub fn count(&self) -> u64 {
        self.shared.count.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

/// Sends a signal to a process of ours.
///
/// # Panics
///
/// When there is no `kill`.
pub fn signal(name: &str, process: u32) {
    let sent = std::process::Command::new("kill").args([name, &process.to_string()]).status();
    assert!(sent.is_ok(), "there is no `kill`");
}

impl Shared {
    fn serve(&self, client: &TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(client.try_clone()?);
        let mut head = Vec::new();
        loop {
            let mut line = Vec::new();
            if reader.read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            if line == b"\r\n" {
                break;
            }
            head.push(line);
        }
        let text = |line: &[u8]| String::from_utf8_lossy(line).trim_end().to_owned();
        let first = text(head.first().map_or(&[][..], Vec::as_slice));
        let mut words = first.split(' ');
        let (method, path) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
        let header = |name: &str| {
            head.iter().skip(1).find_map(|line| {
                let line = text(line);
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            })
        };
        let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let create_only = method == "PUT" && header("if-none-match").is_some();
        // One after the other, so that the number tells the order.
        let fault = {
            let mut rule = self.rule.lock().unwrap_or_else(PoisonError::into_inner);
            let number = self.count.fetch_add(1, Ordering::SeqCst) + 1;
            rule(&Asked { number, method, path, create_only })
        };
        let mut request: Vec<u8> = Vec::new();
        for line in &head {
            if !text(line).to_ascii_lowercase().starts_with("connection:") {
                request.extend_from_slice(line);
            }
        }
        request.extend_from_slice(b"Connection: close\r\n\r\n");
        request.extend_from_slice(&body);
        self.answer(client, &request, fault)
    }

    fn ask(&self, request: &[u8]) -> io::Result<Vec<u8>> {
        let mut upstream = TcpStream::connect(&self.upstream)?;
        upstream.write_all(request)?;
        let mut answer = Vec::new();
        upstream.read_to_end(&mut answer)?;
        Ok(answer)
    }

    fn answer(&self, mut client: &TcpStream, request: &[u8], fault: Fault) -> io::Result<()> {
        let status = |status: u16, wish: Option<u32>| {
            let wish = wish.map_or_else(String::new, |seconds| format!("Retry-After: {seconds}\r\n"));
            format!("HTTP/1.1 {status} Fault\r\n{wish}Content-Length: 0\r\nConnection: close\r\n\r\n").into_bytes()
        };
        match fault {
            Fault::Pass => client.write_all(&self.ask(request)?),
            Fault::Answer(code, wish) => client.write_all(&status(code, wish)),
            Fault::AnswerAfter(code) => {
                drop(self.ask(request)?);
                client.write_all(&status(code, None))
            }
            Fault::LoseAnswer => {
                drop(self.ask(request)?);
                client.shutdown(Shutdown::Both)
            }
            Fault::Reset => client.shutdown(Shutdown::Both),
            Fault::Stall => {
                let answer = self.ask(request)?;
                client.write_all(&answer[..answer.len() / 2])?;
                std::thread::sleep(Duration::from_secs(20));
                Ok(())
            }
            Fault::Truncate => {
                let answer = self.ask(request)?;
                client.write_all(&answer[..answer.len() / 2])?;
                client.shutdown(Shutdown::Both)
            }
            Fault::KillBefore(process) => {
                signal("-KILL", process);
                Ok(())
            }
            Fault::KillAfter(process) => {
                let answer = self.ask(request)?;
                signal("-KILL", process);
                client.write_all(&answer)
            }
            Fault::Skew(seconds) => client.write_all(&skewed(&self.ask(request)?, seconds)),
            Fault::Pause(process, go) => {
                signal("-STOP", process);
                while !go.load(Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(20));
                }
                client.write_all(&self.ask(request)?)
            }
        }
    }
}

/// The answer with every time among its headers changed by these seconds.
fn skewed(answer: &[u8], seconds: i64) -> Vec<u8> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(answer.len());
    let head = String::from_utf8_lossy(&answer[..end]);
    let line = |line: &str| {
        let Some((name, value)) = line.split_once(':') else { return line.to_owned() };
        if !["date", "last-modified"].contains(&name.to_ascii_lowercase().as_str()) {
            return line.to_owned();
        }
        let time = chrono::DateTime::parse_from_rfc2822(value.trim()).expect("a time of HTTP");
        let time = time.with_timezone(&chrono::Utc) + chrono::TimeDelta::seconds(seconds);
        format!("{name}: {}", time.format("%a, %d %b %Y %H:%M:%S GMT"))
    };
    let head: Vec<String> = head.split("\r\n").map(line).collect();
    [head.join("\r\n").as_bytes(), &answer[end..]].concat()
}
