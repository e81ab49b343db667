//! The command table over HTTP: `POST /api/<command>` with the request as JSON.
//!
//! Owns the framing: JSON, Arrow, or one JSON envelope a line for streams. Knows no command but by
//! its row in the table, and does the work on threads that may block.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use medallion_core::api::commands::{self, COMMANDS, Kind, Reply};
use medallion_core::api::wire::ErrorBody;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::UnboundedReceiverStream;

use super::jobs::cancel;
use super::{Host, Shared};

/// What the page needs before its first command.
pub(super) async fn session(State(host): Shared) -> Response {
    Json(json!({ "target": host.target, "version": env!("CARGO_PKG_VERSION") })).into_response()
}

/// Answers one command.
pub(super) async fn command(
    State(host): Shared,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        return (StatusCode::NOT_FOUND, "There is no such command.\n").into_response();
    };
    let is_json = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    let Some(payload) = is_json.then(|| String::from_utf8(body.to_vec()).ok()).flatten() else {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, "The request must be JSON (content-type: application/json).\n")
            .into_response();
    };
    match command.kind {
        Kind::Stream => stream(host, command.name, &payload),
        Kind::Query | Kind::Table => {
            let work =
                tokio::task::spawn_blocking(move || commands::call(&host.engine, command.name, &payload, &mut |_| {}));
            match work.await.unwrap_or_else(|_| Err(panicked(command.name))) {
                Ok(Reply::Json(text)) => ([(CONTENT_TYPE, "application/json")], text).into_response(),
                Ok(Reply::Arrow(bytes)) => {
                    ([(CONTENT_TYPE, "application/vnd.apache.arrow.stream")], bytes).into_response()
                }
                Ok(Reply::Streamed) => StatusCode::NO_CONTENT.into_response(),
                Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, Json(error)).into_response(),
            }
        }
    }
}

fn panicked(name: &str) -> ErrorBody {
    ErrorBody::unexpected(format!("`{name}` met a case it should have handled"))
}

/// Answers with one envelope a line: `{"event":…}` for each event, then `{"end":true}` or
/// `{"error":…}`. An answer without its last line was cut off.
fn stream(host: Arc<Host>, name: &'static str, payload: &str) -> Response {
    let (payload, job) = match named(payload) {
        Ok(named) => named,
        Err(error) => return (StatusCode::UNPROCESSABLE_ENTITY, Json(error)).into_response(),
    };
    let (lines, receiver) = unbounded_channel();
    host.jobs.add(&job);
    let watch = Watch { host: host.clone(), job: job.clone() };
    drop(std::thread::spawn(move || {
        work(&host, name, &payload, &job, &lines);
        host.jobs.remove(&job);
    }));
    // The guard lives in the body: when the client goes away the body is dropped and the job stops.
    let body = UnboundedReceiverStream::new(receiver).map(move |line: String| {
        let _alive = &watch;
        Ok::<_, Infallible>(line)
    });
    ([(CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(body)).into_response()
}

fn work(host: &Host, name: &str, payload: &str, job: &str, lines: &UnboundedSender<String>) {
    let run = std::panic::AssertUnwindSafe(|| {
        commands::call(&host.engine, name, payload, &mut |event| {
            // A job that had not begun when all were cancelled is cancelled now.
            if lines.send(format!("{{\"event\":{event}}}\n")).is_err() || host.jobs.is_ending() {
                cancel(&host.engine, job);
            }
        })
    });
    let last = match std::panic::catch_unwind(run).unwrap_or_else(|_| Err(panicked(name))) {
        Ok(_) => json!({ "end": true }),
        Err(error) => json!({ "error": error }),
    };
    // Nobody may be listening any more; the job has ended all the same.
    drop(lines.send(format!("{last}\n")));
}

/// The request with a job name, so that it can be cancelled when its client goes away.
fn named(payload: &str) -> Result<(String, String), ErrorBody> {
    let shape = |detail: String| ErrorBody::unexpected(format!("the request has another shape: {detail}"));
    let mut request: Value = serde_json::from_str(payload).map_err(|error| shape(error.to_string()))?;
    let fields = request.as_object_mut().ok_or_else(|| shape("it is not an object".into()))?;
    let job = match fields.get("job").and_then(Value::as_str) {
        Some(job) if !job.is_empty() => job.to_owned(),
        _ => format!("web-{:08x}", getrandom::u32().map_err(|error| ErrorBody::unexpected(error.to_string()))?),
    };
    fields.insert("job".into(), Value::String(job.clone()));
    Ok((request.to_string(), job))
}

struct Watch {
    host: Arc<Host>,
    job: String,
}

impl Drop for Watch {
    fn drop(&mut self) {
        cancel(&self.host.engine, &self.job);
    }
}
