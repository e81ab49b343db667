//! A run as its events tell it.

use medallion_core::api::wire::{ErrorBody, Note, Outcome, Phase, RunEvent, RunReport, Step, StepReport};

use crate::app::door::Answered;
use crate::app::shared::Shared;
use crate::keys::Action;
use crate::screens::Can;
use crate::theme::Mark;
use crate::widgets::list::Cursor;
use crate::widgets::text;

/// A run that is going on, or has ended.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) generation: u64,
    /// The name by which it can be cancelled.
    pub(super) job: String,
    /// What is run, in a few words.
    pub(super) what: String,
    pub(super) steps: Vec<StepLine>,
    pub(super) notes: Vec<(Step, Note)>,
    started: u64,
    ended: Option<u64>,
    /// Since when it is being cancelled.
    cancelling: Option<u64>,
    pub(super) report: Option<RunReport>,
    /// Why nothing was tried.
    pub(super) error: Option<ErrorBody>,
    pub(super) cursor: Cursor,
    /// The cursor goes with the step that is running.
    pub(super) follow: bool,
}

/// One step.
#[derive(Debug)]
pub(super) struct StepLine {
    pub(super) step: Step,
    pub(super) state: State,
    pub(super) phase: Option<Phase>,
    pub(super) rows: u64,
    pub(super) bytes: Option<u64>,
    pub(super) total_bytes: Option<u64>,
    started: u64,
    ended: Option<u64>,
    pub(super) error: Option<ErrorBody>,
    /// The numbers, once the run has ended.
    pub(super) report: Option<StepReport>,
}

/// Where a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Waiting,
    Going,
    Ended(Outcome),
}

impl StepLine {
    fn new(step: Step) -> Self {
        Self {
            step,
            state: State::Waiting,
            phase: None,
            rows: 0,
            bytes: None,
            total_bytes: None,
            started: 0,
            ended: None,
            error: None,
            report: None,
        }
    }

    /// How much of the source has been read, from 0 to 1, if that is known.
    pub(super) fn share(&self) -> Option<f64> {
        match (self.bytes, self.total_bytes) {
            (Some(bytes), Some(total)) if total > 0 => Some((bytes as f64 / total as f64).clamp(0.0, 1.0)),
            _ => None,
        }
    }

    /// Seconds it took, or has been taking.
    pub(super) fn seconds(&self, now: u64) -> f64 {
        match &self.report {
            Some(report) => report.seconds,
            None => self.ended.unwrap_or(now).saturating_sub(self.started) as f64 / 1_000.0,
        }
    }

    /// Rows a second in this step so far; known after half a second.
    pub(super) fn rate(&self, now: u64) -> Option<u64> {
        let milliseconds = now.saturating_sub(self.started);
        (milliseconds >= 500 && self.rows > 0).then(|| self.rows.saturating_mul(1_000) / milliseconds)
    }
}

impl Live {
    pub(super) fn new(generation: u64, job: String, what: String, now: u64) -> Self {
        Self {
            generation,
            job,
            what,
            steps: Vec::new(),
            notes: Vec::new(),
            started: now,
            ended: None,
            cancelling: None,
            report: None,
            error: None,
            cursor: Cursor::default(),
            follow: true,
        }
    }

    pub(super) fn is_going(&self) -> bool {
        self.ended.is_none()
    }

    pub(super) fn seconds(&self, now: u64) -> f64 {
        self.ended.unwrap_or(now).saturating_sub(self.started) as f64 / 1_000.0
    }

    pub(super) fn can_cancel(&self) -> Can {
        match (self.is_going(), self.cancelling) {
            (false, _) => Can::Absent,
            (true, Some(_)) => Can::No("it is being cancelled; a commit that has begun is finished first"),
            (true, None) => Can::Yes,
        }
    }

    /// Notes that the person wants it to stop. False when there is nothing to stop.
    pub(super) fn begin_cancel(&mut self, now: u64) -> bool {
        if self.can_cancel() != Can::Yes {
            return false;
        }
        self.cancelling = Some(now);
        true
    }

    pub(super) fn cancel_answered(&mut self, answer: Answered<bool>, shared: &mut Shared) {
        match answer {
            Ok(true) => {}
            Ok(false) if !self.is_going() => {}
            // The run has not registered yet, or is just ending: the person can ask again.
            Ok(false) => {
                self.cancelling = None;
                shared.say(Mark::Warn, "the run could not be cancelled at this moment: x asks again");
            }
            Err(error) => {
                self.cancelling = None;
                shared.say(Mark::Fail, format!("{}: {}", error.code, error.message));
            }
        }
    }

    /// What a cancelled run waits for.
    pub(super) fn waits_for(&self, now: u64) -> Option<String> {
        let since = self.cancelling.filter(|_| self.is_going())?;
        let seconds = text::seconds(now.saturating_sub(since) as f64 / 1_000.0);
        let going = self.steps.iter().find(|line| line.state == State::Going);
        let what = match going.map(|line| (line, line.phase)) {
            Some((line, Some(Phase::Commit))) => {
                format!("{} {} to finish its commit", line.step.dataset, line.step.date)
            }
            Some((line, _)) => {
                format!("{} {} {} to reach a safe point", line.step.dataset, line.step.date, line.step.layer.as_str())
            }
            None => "the step to end".to_owned(),
        };
        Some(format!("cancelling: waiting for {what} ({seconds})"))
    }

    pub(super) fn act(&mut self, action: Action) {
        if self.cursor.act(action, self.steps.len()) {
            self.follow = false;
        }
    }

    /// The step under the cursor.
    pub(super) fn chosen(&self) -> Option<&Step> {
        self.steps.get(self.cursor.at).map(|line| &line.step)
    }

    /// The code of the failure of the step under the cursor, or of the whole run.
    pub(super) fn chosen_code(&self) -> Option<String> {
        let error = self.error.as_ref().or_else(|| self.steps.get(self.cursor.at)?.error.as_ref())?;
        Some(error.code.to_string())
    }

    pub(super) fn event(&mut self, event: RunEvent, now: u64) {
        match event {
            RunEvent::Started { steps, .. } => self.steps = steps.into_iter().map(StepLine::new).collect(),
            RunEvent::StepStarted { step } => {
                let at = self.at(&step);
                self.steps[at].state = State::Going;
                self.steps[at].started = now;
                if self.follow {
                    self.cursor.set(at);
                }
            }
            RunEvent::Progress { step, phase, rows, bytes, total_bytes } => {
                let at = self.at(&step);
                let line = &mut self.steps[at];
                line.phase = Some(phase);
                line.rows = rows.0;
                line.bytes = bytes.map(|bytes| bytes.0);
                line.total_bytes = total_bytes.map(|bytes| bytes.0);
            }
            RunEvent::Noted { step, note } => self.notes.push((step, note)),
            RunEvent::StepFinished { step, outcome, error } => {
                let at = self.at(&step);
                let line = &mut self.steps[at];
                line.state = State::Ended(outcome);
                line.ended = Some(now);
                line.error = error;
            }
            RunEvent::Finished { report } => self.take_report(report),
        }
    }

    pub(super) fn ended(&mut self, answer: Answered<RunReport>, now: u64) {
        self.ended = Some(now);
        match answer {
            Ok(report) => self.take_report(report),
            Err(error) => self.error = Some(error),
        }
        // Show first what went wrong.
        if let Some(at) = self.steps.iter().position(|line| line.state == State::Ended(Outcome::Failed)) {
            self.cursor.set(at);
        }
    }

    fn take_report(&mut self, report: RunReport) {
        for step in &report.steps {
            let at = self.at(&step.step);
            let line = &mut self.steps[at];
            line.state = State::Ended(step.outcome);
            line.error.clone_from(&step.error);
            line.report = Some(step.clone());
        }
        self.report = Some(report);
    }

    /// The line of a step; one that was not announced gets a line of its own.
    fn at(&mut self, step: &Step) -> usize {
        if let Some(at) = self.steps.iter().position(|line| line.step == *step) {
            return at;
        }
        self.steps.push(StepLine::new(step.clone()));
        self.steps.len() - 1
    }

    /// How many steps ended in each way, in the order in which they are shown.
    fn counts(&self) -> Vec<(usize, &'static str)> {
        [
            (Outcome::Failed, "failed"),
            (Outcome::Cancelled, "cancelled"),
            (Outcome::Written, "written"),
            (Outcome::Unchanged, "unchanged"),
            (Outcome::Skipped, "skipped"),
        ]
        .into_iter()
        .map(|(outcome, word)| (self.steps.iter().filter(|line| line.state == State::Ended(outcome)).count(), word))
        .filter(|(count, _)| *count > 0)
        .collect()
    }

    /// How it goes, or went, in one line.
    pub(super) fn verdict(&self) -> (Mark, String) {
        let counts: Vec<String> = self.counts().iter().map(|(count, word)| format!("{count} {word}")).collect();
        let counts = counts.join(", ");
        if self.is_going() {
            let done = self.steps.iter().filter(|line| matches!(line.state, State::Ended(_))).count();
            return (Mark::Busy, format!("step {} of {}", (done + 1).min(self.steps.len()), self.steps.len()));
        }
        if self.error.is_some() {
            return (Mark::Fail, "nothing was run".to_owned());
        }
        let has = |outcome| self.steps.iter().any(|line| line.state == State::Ended(outcome));
        if has(Outcome::Failed) {
            (Mark::Fail, format!("failed: {counts}"))
        } else if has(Outcome::Cancelled) || self.cancelling.is_some() {
            (Mark::Warn, format!("cancelled: {counts}"))
        } else if self.steps.is_empty() {
            (Mark::Info, "there was nothing to do".to_owned())
        } else if has(Outcome::Written) {
            (Mark::Ok, format!("done: {counts}"))
        } else {
            (Mark::Ok, format!("done, nothing new: {counts}"))
        }
    }
}
