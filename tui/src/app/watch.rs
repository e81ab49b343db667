//! What the app does when configs or outputs change outside, and how it finds out where nobody tells.

use medallion_core::api::wire::{CancelRequest, WatchEvent, WatchRequest};

use super::App;
use super::door::Answered;
use super::message::Request;
use super::shared::Shared;

/// How the jobs that tell of changes are called; each has a number too.
const JOB: &str = "app-watch";
/// Where nobody tells, ask this often, in milliseconds.
const ASK_EVERY: u64 = 10_000;
/// Changes of one moment are looked at together.
const TOGETHER: u64 = 50;

impl Shared {
    /// Asks to be told of changes to the target as it is now, in the place of what was asked before.
    pub(super) fn ask_watch(&mut self) {
        if self.watch.jobs > 0 {
            let job = format!("{JOB}-{}", self.watch.jobs);
            self.ask(Request::Cancel(CancelRequest { job }));
        }
        self.watch.jobs += 1;
        let job = format!("{JOB}-{}", self.watch.jobs);
        self.watch.generation = self.ask(Request::Watch(WatchRequest { target: self.target.clone(), job }));
    }
}

impl App {
    pub(super) fn watched(&mut self, generation: u64, event: WatchEvent) {
        if generation != self.shared.watch.generation {
            return;
        }
        match event {
            WatchEvent::Started { files } => {
                self.shared.watch.ask_at = None;
                self.config.changed_outside(&files, &[], &mut self.shared);
            }
            WatchEvent::Changed { files, removed } => {
                // What the doctor said was about what stood there before.
                self.doctor = None;
                self.config.changed_outside(&files, &removed, &mut self.shared);
                self.refresh_soon();
            }
            WatchEvent::Outputs { .. } => self.refresh_soon(),
            WatchEvent::Blind { .. } => self.ask_later(),
        }
    }

    pub(super) fn watch_ended(&mut self, generation: u64, answer: Answered<()>) {
        // However it ended: from now on nobody tells.
        if generation == self.shared.watch.generation {
            drop(answer);
            self.ask_later();
        }
    }

    fn ask_later(&mut self) {
        self.shared.watch.ask_at = Some(self.shared.now + ASK_EVERY);
    }

    fn refresh_soon(&mut self) {
        self.shared.watch.refresh_at.get_or_insert(self.shared.now + TOGETHER);
    }

    /// Does what is due.
    pub(super) fn tick(&mut self) {
        let now = self.shared.now;
        let is_due = |at: Option<u64>| at.is_some_and(|at| at <= now);
        if is_due(self.shared.watch.ask_at) {
            self.ask_later();
            self.config.look_outside(&mut self.shared);
            self.refresh_soon();
        }
        // A list that is on its way may be older than the change: it is waited for, then asked again.
        if is_due(self.shared.watch.refresh_at) && self.shared.datasets.waiting().is_none() {
            self.shared.watch.refresh_at = None;
            self.shared.ask_datasets();
        }
        if is_due(super::Screen::due(&self.config)) {
            super::Screen::tick(&mut self.config, &mut self.shared);
        }
    }
}
