//! The bridge between the page and the command table: JSON and Arrow bytes in and out.
//!
//! Owns threads, jobs and panics at the border. Knows no command by name: the table does.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use medallion_core::api::Engine;
use medallion_core::api::commands::{self, Reply};
use medallion_core::api::wire::{CancelRequest, ErrorBody, Target};
use medallion_core::world::World;
use serde::Serialize;
use tauri::State;
use tauri::ipc::{Channel, InvokeResponseBody, Response};

/// How long a closing window waits for its jobs to reach a safe point. What is not committed by
/// then is lost, never half-visible.
const PATIENCE: Duration = Duration::from_secs(5);

/// The engine with the jobs that this window started.
pub(crate) struct Bridge {
    inner: Arc<Inner>,
    target: Target,
}

struct Inner {
    engine: Engine,
    jobs: Mutex<BTreeSet<String>>,
    ended: Condvar,
}

/// What the page needs before its first command.
#[derive(Serialize)]
pub(crate) struct Session {
    target: Target,
    version: &'static str,
}

impl Bridge {
    /// Opens the engine on `root`; the page opens on `target`.
    pub(crate) fn new(root: PathBuf, target: String) -> Self {
        let inner = Inner { engine: Engine::open(root, World::real()), jobs: Mutex::default(), ended: Condvar::new() };
        Self { inner: Arc::new(inner), target: Target::at(target) }
    }

    /// Asks all jobs to stop.
    pub(crate) fn cancel_all(&self) {
        let jobs = self.inner.jobs().clone();
        for job in jobs {
            // A job that has ended meanwhile is as good as a cancelled one.
            drop(self.inner.engine.cancel(CancelRequest { job }));
        }
    }

    /// Asks all jobs to stop, and gives them [`PATIENCE`] to do so.
    pub(crate) fn cancel_all_and_wait(&self) {
        self.cancel_all();
        drop(self.inner.ended.wait_timeout_while(self.inner.jobs(), PATIENCE, |jobs| !jobs.is_empty()));
    }
}

impl Inner {
    fn jobs(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a command; a panic behind the door becomes an error in front of it.
    fn answer(&self, name: &str, payload: &str, emit: &mut dyn FnMut(String)) -> Result<Reply, ErrorBody> {
        catch_unwind(AssertUnwindSafe(|| commands::call(&self.engine, name, payload, emit)))
            .unwrap_or_else(|_| Err(panicked(name)))
    }
}

fn panicked(name: &str) -> ErrorBody {
    ErrorBody::unexpected(format!("`{name}` met a case it should have handled"))
}

/// Tells the page what it was opened on.
#[tauri::command]
pub(crate) fn session(bridge: State<'_, Bridge>) -> Session {
    Session { target: bridge.target.clone(), version: env!("CARGO_PKG_VERSION") }
}

/// Answers one command with JSON or, for a table, with the bytes of an Arrow stream.
#[tauri::command]
pub(crate) async fn call(bridge: State<'_, Bridge>, name: String, payload: String) -> Result<Response, ErrorBody> {
    let inner = bridge.inner.clone();
    let work = tauri::async_runtime::spawn_blocking(move || {
        inner.answer(&name, &payload, &mut |_| {}).map(|reply| match reply {
            Reply::Json(text) => Response::new(text),
            Reply::Arrow(bytes) => Response::new(bytes),
            Reply::Streamed => Response::new(String::from("null")),
        })
    });
    work.await.unwrap_or_else(|_| Err(panicked("call")))
}

/// Answers one command event by event; `job` names it for `cancel`.
#[tauri::command]
pub(crate) async fn stream(
    bridge: State<'_, Bridge>,
    name: String,
    payload: String,
    job: String,
    events: Channel<InvokeResponseBody>,
) -> Result<(), ErrorBody> {
    let inner = bridge.inner.clone();
    let work = tauri::async_runtime::spawn_blocking(move || {
        inner.jobs().insert(job.clone());
        let answer = inner.answer(&name, &payload, &mut |event| {
            if events.send(InvokeResponseBody::Json(event)).is_err() {
                drop(inner.engine.cancel(CancelRequest { job: job.clone() }));
            }
        });
        inner.jobs().remove(&job);
        inner.ended.notify_all();
        answer.map(drop)
    });
    work.await.unwrap_or_else(|_| Err(panicked("stream")))
}
