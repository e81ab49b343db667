//! Workers that call the engine, so that the loop never waits.
//!
//! A panic in the engine becomes an error message; it never reaches the terminal.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use medallion_core::api::wire::{
    CancelRequest, DiscoverRequest, DoctorRequest, ErrorBody, ExportEvent, FindEvent, Nothing, OpenRowsEvent,
    ProfileEvent, ReadProgress, RunRequest, VerifyRequest, WatchRequest,
};

use super::Door;
use super::door::Answered;
use super::message::{Answer, Message, Request};
use crate::terminal;

/// Threads for short calls. Runs, cancels and what goes on for long get a thread of their own, so
/// that nobody waits for a slow source.
const WORKERS: usize = 3;

/// The way to the workers. They end when it is dropped and their last call has come back.
pub(crate) struct Jobs {
    door: Arc<dyn Door>,
    out: Sender<Message>,
    queue: Sender<(u64, Request)>,
}

impl Jobs {
    /// Starts the workers; answers go to `out`.
    pub(crate) fn start(door: Arc<dyn Door>, out: Sender<Message>) -> std::io::Result<Self> {
        let (queue, requests) = channel();
        let requests = Arc::new(Mutex::new(requests));
        for _ in 0..WORKERS {
            let (requests, door, out) = (requests.clone(), door.clone(), out.clone());
            terminal::worker().spawn(move || work(&requests, door.as_ref(), &out))?;
        }
        Ok(Self { door, out, queue })
    }

    /// Hands over a request.
    pub(crate) fn ask(&self, generation: u64, request: Request) {
        let (door, out) = (self.door.clone(), self.out.clone());
        // What to say if there is no thread for it.
        let (failed, started): (fn(ErrorBody) -> Answer, _) = match request {
            Request::Run(request) => (
                |error| Answer::RunEnded(Err(error)),
                terminal::worker().spawn(move || run(door.as_ref(), generation, request, &out)),
            ),
            Request::Cancel(request) => (
                |error| Answer::Cancelled(Err(error)),
                terminal::worker().spawn(move || cancel(door.as_ref(), generation, request, &out)),
            ),
            Request::Doctor(request) => (
                |error| Answer::DoctorEnded(Err(error)),
                terminal::worker().spawn(move || doctor(door.as_ref(), generation, request, &out)),
            ),
            Request::Watch(request) => (
                |error| Answer::WatchEnded(Err(error)),
                terminal::worker().spawn(move || watch(door.as_ref(), generation, request, &out)),
            ),
            Request::Verify(request) => (
                |error| Answer::VerifyEnded(Err(error)),
                terminal::worker().spawn(move || verify(door.as_ref(), generation, request, &out)),
            ),
            Request::Discover(request) => (
                |error| Answer::NewConfig(Err(error)),
                terminal::worker().spawn(move || discover(door.as_ref(), generation, request, &out)),
            ),
            request @ (Request::OpenRows(_) | Request::FindRow(_) | Request::Profile(_) | Request::Export(_)) => {
                (refused(&request), terminal::worker().spawn(move || read(door.as_ref(), generation, request, &out)))
            }
            request => {
                // The workers hold the other end as long as this value lives.
                drop(self.queue.send((generation, request)));
                return;
            }
        };
        if let Err(error) = started {
            let error = ErrorBody::unexpected(format!("no thread could be started: {error}"));
            drop(self.out.send(Message::Answer { generation, answer: failed(error) }));
        }
    }
}

fn work(requests: &Mutex<Receiver<(u64, Request)>>, door: &dyn Door, out: &Sender<Message>) {
    loop {
        let next = requests.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((generation, request)) = next else { return };
        if let Some(answer) = answer(door, request)
            && out.send(Message::Answer { generation, answer }).is_err()
        {
            return;
        }
    }
}

/// Answers a short request on this thread; `None` for those that have a thread of their own.
pub(crate) fn answer(door: &dyn Door, request: Request) -> Option<Answer> {
    Some(match request {
        Request::Datasets(target) => Answer::Datasets(caught(|| door.list_datasets(target))),
        Request::Validate(target) => Answer::Validate(caught(|| door.validate(target))),
        Request::Text(request) => Answer::Text(caught(|| door.config_text(request))),
        Request::Explain(request) => Answer::Explain(caught(|| door.explain(request))),
        Request::Preview(request) => Answer::Preview(Box::new(caught(|| door.preview(request)))),
        Request::Partitions(request) => Answer::Partitions(caught(|| door.list_partitions(request))),
        Request::Detail(request) => Answer::Detail(caught(|| door.partition_detail(request).map(Box::new))),
        Request::Rows(request) => Answer::Rows(caught(|| door.rows(request))),
        Request::Row(request) => Answer::Row(caught(|| door.row(request).map(Box::new))),
        Request::Cell(request) => Answer::Cell(caught(|| door.cell(request))),
        Request::Browse(request) => Answer::Browsed(caught(|| door.browse(request))),
        Request::Glance(request) => Answer::Glanced(caught(|| door.glance(request))),
        Request::File(request) => Answer::File(caught(|| door.view_file(request).map(Box::new))),
        request @ (Request::OpenRows(_) | Request::FindRow(_) | Request::Profile(_) | Request::Export(_)) => {
            reading(door, request, &mut |_| {})?
        }
        Request::Check(draft) => Answer::Check(caught(|| door.check_text(draft))),
        Request::Complete(request) => Answer::Complete(caught(|| door.complete(request))),
        Request::Hover(request) => Answer::Hover(caught(|| door.hover(request))),
        Request::Form(request) => Answer::Form(caught(|| door.form(request))),
        Request::Edit(request) => Answer::Edited(caught(|| door.edit_text(request))),
        Request::Fix(draft) => Answer::Edited(caught(|| door.fix_text(draft))),
        Request::Migrate(draft) => Answer::Edited(caught(|| door.migrate_text(draft))),
        Request::Diff(draft) => Answer::Diff(caught(|| door.diff_text(draft))),
        Request::Compare(request) => Answer::Compare(caught(|| door.compare_text(request))),
        Request::Save(request) => Answer::Save(caught(|| door.save_text(request))),
        Request::Templates => Answer::Templates(caught(|| door.templates(Nothing {}))),
        Request::New(request) => Answer::NewConfig(caught(|| door.new_config(request))),
        Request::Run(_)
        | Request::Cancel(_)
        | Request::Doctor(_)
        | Request::Watch(_)
        | Request::Verify(_)
        | Request::Discover(_) => return None,
    })
}

fn run(door: &dyn Door, generation: u64, request: RunRequest, out: &Sender<Message>) {
    let ended = caught(|| {
        door.run(request, &mut |event| {
            // Nobody listens any more when the app has ended; the run goes on to its next safe point.
            drop(out.send(Message::Answer { generation, answer: Answer::RunEvent(Box::new(event)) }));
        })
    });
    drop(out.send(Message::Answer { generation, answer: Answer::RunEnded(ended) }));
}

/// What to say of a reading that could not be started.
fn refused(request: &Request) -> fn(ErrorBody) -> Answer {
    match request {
        Request::OpenRows(_) => |error| Answer::Opened(Err(error)),
        Request::FindRow(_) => |error| Answer::Found(Err(error)),
        Request::Profile(_) => |error| Answer::Profiled(Err(error)),
        _ => |error| Answer::Exported(Err(error)),
    }
}

/// Opens, finds, profiles or exports, and tells how it goes; `None` for anything else.
fn reading(door: &dyn Door, request: Request, tell: &mut dyn FnMut(ReadProgress)) -> Option<Answer> {
    Some(match request {
        Request::OpenRows(request) => Answer::Opened(caught(|| {
            let mut told = |event| {
                if let OpenRowsEvent::Progress(progress) = event {
                    tell(progress);
                }
            };
            door.open_rows(request, &mut told).map(Box::new)
        })),
        Request::FindRow(request) => Answer::Found(caught(|| {
            let mut told = |event| {
                if let FindEvent::Progress(progress) = event {
                    tell(progress);
                }
            };
            door.find_row(request, &mut told).map(|event| match event {
                FindEvent::Found { row, column } => Some((row.0, column)),
                FindEvent::Progress(_) | FindEvent::Absent | FindEvent::Counted { .. } => None,
            })
        })),
        Request::Profile(request) => Answer::Profiled(caught(|| {
            let mut told = |event| {
                if let ProfileEvent::Progress(progress) = event {
                    tell(progress);
                }
            };
            door.profile_column(request, &mut told).map(Box::new)
        })),
        Request::Export(request) => Answer::Exported(caught(|| {
            let mut told = |event| {
                if let ExportEvent::Progress(progress) = event {
                    tell(progress);
                }
            };
            door.export_rows(request, &mut told).map(|event| match event {
                ExportEvent::Exported { path, rows, bytes } => (path, rows.0, bytes.0),
                ExportEvent::Progress(_) => (String::new(), 0, 0),
            })
        })),
        _ => return None,
    })
}

fn read(door: &dyn Door, generation: u64, request: Request, out: &Sender<Message>) {
    let mut tell = |progress| {
        drop(out.send(Message::Answer { generation, answer: Answer::ReadProgress(progress) }));
    };
    if let Some(answer) = reading(door, request, &mut tell) {
        drop(out.send(Message::Answer { generation, answer }));
    }
}

fn doctor(door: &dyn Door, generation: u64, request: DoctorRequest, out: &Sender<Message>) {
    let ended = caught(|| {
        door.doctor(request, &mut |event| {
            drop(out.send(Message::Answer { generation, answer: Answer::DoctorEvent(Box::new(event)) }));
        })
    });
    drop(out.send(Message::Answer { generation, answer: Answer::DoctorEnded(ended) }));
}

fn watch(door: &dyn Door, generation: u64, request: WatchRequest, out: &Sender<Message>) {
    let ended = caught(|| {
        door.watch(request, &mut |event| {
            drop(out.send(Message::Answer { generation, answer: Answer::WatchEvent(Box::new(event)) }));
        })
    });
    drop(out.send(Message::Answer { generation, answer: Answer::WatchEnded(ended) }));
}

fn verify(door: &dyn Door, generation: u64, request: VerifyRequest, out: &Sender<Message>) {
    let ended = caught(|| {
        door.verify(request, &mut |event| {
            drop(out.send(Message::Answer { generation, answer: Answer::VerifyEvent(Box::new(event)) }));
        })
    });
    drop(out.send(Message::Answer { generation, answer: Answer::VerifyEnded(ended) }));
}

fn discover(door: &dyn Door, generation: u64, request: DiscoverRequest, out: &Sender<Message>) {
    let found = caught(|| door.discover(request));
    drop(out.send(Message::Answer { generation, answer: Answer::NewConfig(found) }));
}

fn cancel(door: &dyn Door, generation: u64, request: CancelRequest, out: &Sender<Message>) {
    let found = caught(|| door.cancel(request).map(|reply| reply.found));
    drop(out.send(Message::Answer { generation, answer: Answer::Cancelled(found) }));
}

fn caught<T>(call: impl FnOnce() -> Answered<T>) -> Answered<T> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
        let said =
            panic.downcast_ref::<&str>().map(ToString::to_string).or_else(|| panic.downcast_ref::<String>().cloned());
        let place = terminal::last_panic_place().map(|place| format!(" at {place}")).unwrap_or_default();
        let mut error = ErrorBody::unexpected(format!("the engine broke off{place}"));
        error.causes.extend(said);
        error.hint =
            Some("this is a defect of the program; the app goes on, nothing half-written is visible".to_owned());
        Err(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_the_engine_becomes_an_error_that_says_what_it_said() {
        let error = caught::<()>(|| panic!("index {} out of range", 7)).unwrap_err();
        assert_eq!(error.causes, ["index 7 out of range"]);
        assert!(error.message.starts_with("the engine broke off") && error.hint.is_some());
        assert_eq!(caught(|| Ok(1)), Ok(1));
    }
}
