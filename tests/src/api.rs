//! An API on this machine that does what a test tells it, and remembers what it was asked.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What is answered.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// JSON.
    pub body: String,
    /// Before anything is answered.
    pub delay: Duration,
}

/// See the module. Stops when it is dropped.
#[derive(Debug)]
pub struct Api {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
    over: Arc<AtomicBool>,
}

impl Api {
    /// `answer` gets the target of a request (path and query) and its `Authorization`.
    ///
    /// # Panics
    ///
    /// When no port is free.
    pub fn start(answer: impl Fn(&str, &str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("it has an address"));
        let (asked, over) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (log, ended, answer) = (asked.clone(), over.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let (log, answer) = (log.clone(), answer.clone());
                std::thread::spawn(move || serve(stream, &log, answer.as_ref()));
            }
        });
        Self { url, asked, over }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Targets of all requests so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // It waits for a connection, so it gets one.
        drop(TcpStream::connect(self.url.trim_start_matches("http://")));
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<String>>, answer: &(dyn Fn(&str, &str) -> Reply + Send + Sync)) {
    let mut lines = BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let Some(target) = lines.next().and_then(|line| line.split(' ').nth(1).map(str::to_owned)) else { return };
    let proof = |line: String| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("authorization").then(|| value.to_owned())
    };
    let proof = lines.filter_map(proof).last().unwrap_or_default();
    log.lock().unwrap_or_else(PoisonError::into_inner).push(target.clone());
    let reply = answer(&target, &proof);
    std::thread::sleep(reply.delay);
    let head =
        format!("HTTP/1.1 {} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", reply.status, reply.body.len());
    // Who asked may be dead by now.
    drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(reply.body.as_bytes())));
}

/// The value of a parameter in the query of a target.
pub fn param<'a>(target: &'a str, name: &str) -> Option<&'a str> {
    let query = target.split_once('?')?.1;
    query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}
