//! Messages over two streams: headers, lengths, JSON.
//!
//! Owns what happens to bytes that are no message: a body that is no JSON is answered and the next one is
//! read; a header without a length ends the connection, because nobody knows where the next one starts.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use lsp_server::{Message, Notification, Request, RequestId, Response};
use serde_json::Value;

use super::findings::Checked;

/// Bytes of one message at most.
const MAX_BODY: usize = 256 * 1024 * 1024;
/// Answers to a body that is no JSON, and to JSON that is no message.
const NO_JSON: i32 = -32700;
const NO_MESSAGE: i32 = -32600;

/// What the server waits for.
#[derive(Debug)]
pub(super) enum Event {
    /// A message of the client.
    Message(Message),
    /// A check has ended.
    Checked(Checked),
    /// The client is gone.
    Closed,
}

/// What comes in.
#[derive(Debug)]
pub(super) struct Inbox {
    events: Receiver<Event>,
    sender: Sender<Event>,
}

impl Inbox {
    /// The next event, or nothing within `patience`.
    pub(super) fn next(&self, patience: Option<Duration>) -> Option<Event> {
        match patience {
            Some(patience) => match self.events.recv_timeout(patience) {
                Ok(event) => Some(event),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => Some(Event::Closed),
            },
            None => Some(self.events.recv().unwrap_or(Event::Closed)),
        }
    }

    /// The next event, if it is there already.
    pub(super) fn waiting(&self) -> Option<Event> {
        self.events.try_recv().ok()
    }

    /// A way for others to put events in.
    pub(super) fn sender(&self) -> Sender<Event> {
        self.sender.clone()
    }
}

/// What goes out.
#[derive(Debug)]
pub(super) struct Outbox {
    messages: Option<Sender<Vec<u8>>>,
    writer: Option<thread::JoinHandle<()>>,
}

impl Outbox {
    /// Sends a message; a client that is gone does not matter here.
    pub(super) fn send(&self, message: &Message) {
        let mut bytes = Vec::new();
        if message.clone().write(&mut bytes).is_ok()
            && let Some(messages) = &self.messages
        {
            drop(messages.send(bytes));
        }
    }
}

impl Drop for Outbox {
    /// What was sent is written before the program ends.
    fn drop(&mut self) {
        // The reader may hold its sender for as long as the client keeps its side open.
        if let Some(messages) = self.messages.take() {
            drop(messages.send(Vec::new()));
        }
        if let Some(writer) = self.writer.take() {
            drop(writer.join());
        }
    }
}

/// Starts reading and writing.
pub(super) fn connect(input: impl Read + Send + 'static, mut output: impl Write + Send + 'static) -> (Inbox, Outbox) {
    let (sender, events) = channel();
    let (messages, outgoing) = channel::<Vec<u8>>();
    let complaints = messages.clone();
    let to_server = sender.clone();
    // Reading is not waited for at the end: it may wait for a client that never closes its side.
    drop(thread::spawn(move || {
        let complain = |code: i32, message: &str| drop(complaints.send(complaint(code, message)));
        read(BufReader::new(input), &complain, &|message| to_server.send(Event::Message(message)).is_ok());
        drop(to_server.send(Event::Closed));
    }));
    let writer = thread::spawn(move || {
        while let Ok(bytes) = outgoing.recv() {
            // The last word is an empty one.
            if bytes.is_empty() || output.write_all(&bytes).and_then(|()| output.flush()).is_err() {
                return;
            }
        }
    });
    (Inbox { events, sender }, Outbox { messages: Some(messages), writer: Some(writer) })
}

/// An answer to nobody in particular.
fn complaint(code: i32, message: &str) -> Vec<u8> {
    let body = serde_json::json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code, "message": message } });
    let body = body.to_string();
    format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn read(mut input: impl BufRead, complain: &dyn Fn(i32, &str), forward: &dyn Fn(Message) -> bool) {
    loop {
        let length = match header(&mut input) {
            Ok(Some(length)) if length <= MAX_BODY => length,
            Ok(None) => return,
            Ok(Some(_)) => return complain(NO_JSON, "the message is too long"),
            Err(error) => return complain(NO_JSON, &format!("the header cannot be read: {error}")),
        };
        let mut body = vec![0; length];
        if input.read_exact(&mut body).is_err() {
            return;
        }
        match serde_json::from_slice::<Value>(&body) {
            Err(error) => complain(NO_JSON, &format!("the message is not JSON: {error}")),
            Ok(value) => match message(value) {
                Some(message) => {
                    if !forward(message) {
                        return;
                    }
                }
                None => complain(NO_MESSAGE, "neither a request nor a notification nor a response"),
            },
        }
    }
}

/// A message by its fields. `lsp_server` reads them by trial, for which our numbers, which keep all of
/// their digits, do not look like numbers.
fn message(mut value: Value) -> Option<Message> {
    let method = value["method"].as_str().map(str::to_owned);
    let id = value.get("id").filter(|id| !id.is_null()).map(request_id);
    let params = value.get_mut("params").map(Value::take).unwrap_or_default();
    match (method, id) {
        (Some(method), Some(id)) => Some(Message::Request(Request { id: id?, method, params })),
        (Some(method), None) => Some(Message::Notification(Notification { method, params })),
        // Answers of the client are not waited for.
        (None, Some(id)) if value.get("result").is_some() || value.get("error").is_some() => {
            Some(Message::Response(Response { id: id?, result: None, error: None }))
        }
        _ => None,
    }
}

/// An id, which JSON may have as number or text.
pub(super) fn request_id(value: &Value) -> Option<RequestId> {
    match value {
        Value::String(text) => Some(RequestId::from(text.clone())),
        number => number.as_i64().and_then(|number| i32::try_from(number).ok()).map(RequestId::from),
    }
}

/// The length of the body; `None` at the end of the stream.
fn header(input: &mut impl BufRead) -> std::io::Result<Option<usize>> {
    let mut length = None;
    let mut first = true;
    loop {
        let mut line = String::new();
        // A header is short; a line without end is none.
        if input.by_ref().take(8 * 1024).read_line(&mut line)? == 0 {
            return if first { Ok(None) } else { Err(ErrorKind::UnexpectedEof.into()) };
        }
        first = false;
        let line = line.trim_end();
        if line.is_empty() {
            return match length {
                Some(length) => Ok(Some(length)),
                None => Err(std::io::Error::new(ErrorKind::InvalidData, "no Content-Length")),
            };
        }
        let Some((name, value)) = line.split_once(':') else {
            return Err(std::io::Error::new(ErrorKind::InvalidData, "a line without a colon"));
        };
        if name.eq_ignore_ascii_case("Content-Length") {
            let value = value.trim().parse();
            length =
                Some(value.map_err(|_| std::io::Error::new(ErrorKind::InvalidData, "a length that is no number"))?);
        }
    }
}
