//! Making the checks: many at once, each with a time limit, told as they end, reported in order.
//!
//! A check runs on a thread of its own. One that does not answer in time is left alone, since no
//! thread can be stopped from outside, and its answer is not heard any more.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use super::{Probe, Verdict};
use crate::api::wire::{Check, CheckOutcome, DoctorEvent, DoctorReport};
use crate::cancel::CancelToken;
use crate::diagnostic::code;
use crate::error::{EXIT_OK, Stage};

/// How often cancelling is looked at.
const TICK: Duration = Duration::from_millis(50);

/// Bounds of an examination.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// For one check.
    pub(crate) timeout: Duration,
    /// Checks at the same time.
    pub(crate) at_once: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(10), at_once: 16 }
    }
}

/// A check that was begun.
struct Running {
    since: Instant,
    lane: Option<PathBuf>,
}

/// One examination.
struct Rounds<'e> {
    /// In the order of the report.
    checks: Vec<Option<(Check, Stage)>>,
    probes: Vec<Arc<dyn Probe>>,
    queue: VecDeque<usize>,
    running: BTreeMap<usize, Running>,
    /// Places that did not answer.
    silent: HashSet<PathBuf>,
    limits: Limits,
    cancel: CancelToken,
    emit: &'e mut dyn FnMut(DoctorEvent),
}

/// Makes all checks. Events come on this thread: the start, each check as it ends, the report.
pub(crate) fn examine(
    probes: Vec<Box<dyn Probe>>,
    limits: Limits,
    cancel: &CancelToken,
    emit: &mut dyn FnMut(DoctorEvent),
) -> DoctorReport {
    let began = Instant::now();
    emit(DoctorEvent::Started { checks: u32::try_from(probes.len()).unwrap_or(u32::MAX) });
    let mut rounds = Rounds {
        checks: probes.iter().map(|_| None).collect(),
        queue: (0..probes.len()).collect(),
        probes: probes.into_iter().map(Arc::from).collect(),
        running: BTreeMap::new(),
        silent: HashSet::new(),
        limits,
        cancel: cancel.clone(),
        emit,
    };
    rounds.all();
    let Rounds { checks, .. } = rounds;
    let report = report(checks.into_iter().flatten().collect(), began.elapsed(), cancel);
    emit(DoctorEvent::Finished { report: report.clone() });
    report
}

impl Rounds<'_> {
    fn all(&mut self) {
        let (sender, receiver) = channel();
        loop {
            if self.cancel.is_cancelled() {
                return self.stop();
            }
            self.begin(&sender);
            if self.running.is_empty() && self.queue.is_empty() {
                return;
            }
            match receiver.recv_timeout(TICK) {
                Ok((index, verdict)) => self.heard(index, verdict),
                // We hold a sender ourselves, so the channel stays open.
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
            while let Ok((index, verdict)) = receiver.try_recv() {
                self.heard(index, verdict);
            }
            self.give_up();
        }
    }

    /// Begins as many as may run at once.
    fn begin(&mut self, sender: &Sender<(usize, Verdict)>) {
        while self.running.len() < self.limits.at_once.max(1)
            && let Some(index) = self.queue.pop_front()
        {
            let Some(probe) = self.probes.get(index).cloned() else { continue };
            if let Some(verdict) = probe.known() {
                self.ended(index, verdict, Duration::ZERO);
                continue;
            }
            let lane = probe.lane();
            if lane.as_ref().is_some_and(|lane| self.silent.contains(lane)) {
                self.ended(index, Verdict::skipped("another check of the same place did not answer"), Duration::ZERO);
                continue;
            }
            let (cancel, sender) = (self.cancel.clone(), sender.clone());
            let work = move || {
                let verdict = std::panic::catch_unwind(AssertUnwindSafe(|| probe.examine(&cancel)));
                let verdict = verdict.unwrap_or_else(|_| {
                    Verdict::failed(code::RUN013, Stage::Configuration, "the check ended unexpectedly")
                });
                // Nobody listens any more after the time limit.
                drop(sender.send((index, verdict)));
            };
            match std::thread::Builder::new().name("doctor".into()).spawn(work) {
                Ok(_) => {
                    self.running.insert(index, Running { since: Instant::now(), lane });
                }
                Err(_) if self.running.is_empty() => {
                    self.ended(index, Verdict::skipped("the system has no thread for it"), Duration::ZERO);
                }
                // The system has no more threads: this one waits for its turn.
                Err(_) => return self.queue.push_front(index),
            }
        }
    }

    fn heard(&mut self, index: usize, verdict: Verdict) {
        if let Some(running) = self.running.remove(&index) {
            self.ended(index, verdict, running.since.elapsed());
        }
    }

    /// Ends those whose time is over.
    fn give_up(&mut self) {
        let timeout = self.limits.timeout;
        let late: Vec<usize> =
            self.running.iter().filter(|(_, running)| running.since.elapsed() >= timeout).map(|(at, _)| *at).collect();
        for index in late {
            let Some(running) = self.running.remove(&index) else { continue };
            self.silent.extend(running.lane);
            let stage = self.probes.get(index).map_or(Stage::Configuration, |probe| stage_of(probe.about().group));
            let text = format!("no answer in {} s", timeout.as_secs_f64());
            self.ended(index, Verdict::failed(code::DOC003, stage, text), running.since.elapsed());
        }
    }

    fn stop(&mut self) {
        let running: Vec<usize> = self.running.keys().copied().collect();
        self.running.clear();
        let queued: Vec<usize> = self.queue.drain(..).collect();
        for index in running.into_iter().chain(queued) {
            self.ended(index, Verdict::skipped("cancelled"), Duration::ZERO);
        }
    }

    fn ended(&mut self, index: usize, verdict: Verdict, took: Duration) {
        let Some(about) = self.probes.get(index).map(|probe| probe.about()) else { return };
        let check = Check {
            group: about.group,
            title: about.title,
            outcome: verdict.outcome,
            detail: verdict.detail,
            hint: verdict.hint,
            code: verdict.code,
            datasets: about.datasets,
            file: about.file,
            span: about.span,
            finding: verdict.finding,
            seconds: took.as_secs_f64(),
        };
        (self.emit)(DoctorEvent::Checked { check: Box::new(check.clone()) });
        if let Some(slot) = self.checks.get_mut(index) {
            *slot = Some((check, verdict.stage));
        }
    }
}

/// The stage of a run that a check of this group guards.
const fn stage_of(group: crate::api::wire::CheckGroup) -> Stage {
    use crate::api::wire::CheckGroup;
    match group {
        CheckGroup::Configuration | CheckGroup::Environment => Stage::Configuration,
        CheckGroup::Source => Stage::Extraction,
        CheckGroup::Storage | CheckGroup::Machine => Stage::Storage,
    }
}

fn report(checks: Vec<(Check, Stage)>, took: Duration, cancel: &CancelToken) -> DoctorReport {
    let number = |outcome| {
        u32::try_from(checks.iter().filter(|(check, _)| check.outcome == outcome).count()).unwrap_or(u32::MAX)
    };
    let earliest =
        checks.iter().filter(|(check, _)| check.outcome == CheckOutcome::Failed).map(|(_, stage)| *stage).min();
    let cancelled = cancel.is_cancelled().then_some(Stage::Cancelled);
    DoctorReport {
        failed: number(CheckOutcome::Failed),
        warned: number(CheckOutcome::Warned),
        skipped: number(CheckOutcome::Skipped),
        seconds: took.as_secs_f64(),
        exit: earliest.or(cancelled).map_or(EXIT_OK, Stage::exit),
        checks: checks.into_iter().map(|(check, _)| check).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::Receiver;

    use super::*;
    use crate::api::wire::CheckGroup;
    use crate::doctor::About;

    /// Answers when told to, or never.
    #[derive(Debug)]
    struct Fake {
        title: &'static str,
        group: CheckGroup,
        lane: Option<PathBuf>,
        answer: fn() -> Verdict,
        after: Mutex<Option<Receiver<()>>>,
    }

    impl Probe for Fake {
        fn about(&self) -> About {
            let (group, title) = (self.group, self.title.to_owned());
            About { group, title, datasets: Vec::new(), file: String::new(), span: None }
        }
        fn lane(&self) -> Option<PathBuf> {
            self.lane.clone()
        }
        fn examine(&self, _: &CancelToken) -> Verdict {
            if let Some(receiver) = self.after.lock().unwrap().take() {
                assert!(receiver.recv().is_err(), "it only waits");
            }
            (self.answer)()
        }
    }

    fn fake(title: &'static str, group: CheckGroup, answer: fn() -> Verdict) -> Fake {
        Fake { title, group, lane: None, answer, after: Mutex::new(None) }
    }

    fn examined(probes: Vec<Fake>, limits: Limits) -> (DoctorReport, Vec<String>) {
        let mut told = Vec::new();
        let probes = probes.into_iter().map(|probe| Box::new(probe) as Box<dyn Probe>).collect();
        let report = examine(probes, limits, &CancelToken::new(), &mut |event| {
            if let DoctorEvent::Checked { check } = event {
                told.push(check.title);
            }
        });
        (report, told)
    }

    fn outcomes(report: &DoctorReport) -> Vec<(&str, CheckOutcome)> {
        report.checks.iter().map(|check| (check.title.as_str(), check.outcome)).collect()
    }

    #[test]
    fn the_report_has_the_order_of_the_probes() {
        let (sender, receiver) = channel();
        let mut slow = fake("slow", CheckGroup::Source, || Verdict::passed("1"));
        slow.after = Mutex::new(Some(receiver));
        let fast = fake("fast", CheckGroup::Storage, || Verdict::passed("2"));
        let letting = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(150));
            drop(sender);
        });
        let (report, told) = examined(vec![slow, fast], Limits::default());
        letting.join().unwrap();
        assert_eq!(told, ["fast", "slow"]);
        assert_eq!(outcomes(&report), [("slow", CheckOutcome::Passed), ("fast", CheckOutcome::Passed)]);
        assert_eq!(report.exit, 0);
    }

    #[test]
    fn the_earliest_stage_decides_the_exit_code() {
        let config = || Verdict::failed(code::CFG017, Stage::Configuration, "x");
        let source = || Verdict::failed(code::EXT010, Stage::Extraction, "x");
        let storage = || Verdict::failed(code::STG010, Stage::Storage, "x");
        let warned: fn() -> Verdict = || Verdict::warned(code::DOC002, "x");
        for (answers, exit) in [
            (vec![storage as fn() -> Verdict, source, warned], 2),
            (vec![storage, warned], 3),
            (vec![warned], 0),
            (vec![source, config, storage], 1),
        ] {
            let probes = answers.into_iter().map(|answer| fake("t", CheckGroup::Machine, answer)).collect();
            assert_eq!(examined(probes, Limits::default()).0.exit, exit);
        }
    }

    #[test]
    fn one_that_hangs_fails_and_others_of_its_place_are_not_begun() {
        let (_never, receiver) = channel();
        let mut hung = fake("hung", CheckGroup::Source, || Verdict::passed(""));
        hung.after = Mutex::new(Some(receiver));
        hung.lane = Some("/mnt".into());
        let mut same = fake("same", CheckGroup::Source, || Verdict::passed(""));
        same.lane = Some("/mnt".into());
        let other = fake("other", CheckGroup::Source, || Verdict::passed(""));
        let limits = Limits { timeout: Duration::from_millis(100), at_once: 1 };
        let (report, _) = examined(vec![hung, same, other], limits);
        assert_eq!(
            outcomes(&report),
            [("hung", CheckOutcome::Failed), ("same", CheckOutcome::Skipped), ("other", CheckOutcome::Passed)]
        );
        assert_eq!((report.checks[0].code, report.exit), (Some(code::DOC003), 2));
        assert_eq!(report.checks[0].detail, "no answer in 0.1 s");
        assert!(report.seconds < 5.0);
    }

    #[test]
    fn a_probe_that_panics_is_a_failure_like_others() {
        let (report, _) = examined(vec![fake("bad", CheckGroup::Source, || panic!("oh"))], Limits::default());
        assert_eq!((report.failed, report.checks[0].code), (1, Some(code::RUN013)));
    }

    #[test]
    fn cancelling_ends_at_once() {
        let (_never, receiver) = channel();
        let mut hung = fake("hung", CheckGroup::Source, || Verdict::passed(""));
        hung.after = Mutex::new(Some(receiver));
        let cancel = CancelToken::new();
        let stop = cancel.clone();
        let mut begun = false;
        let began = Instant::now();
        let canceller = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            stop.cancel();
        });
        let report = examine(vec![Box::new(hung)], Limits::default(), &cancel, &mut |_| begun = true);
        canceller.join().unwrap();
        assert!(begun && began.elapsed() < Duration::from_secs(5));
        assert_eq!((report.exit, report.skipped, report.checks[0].detail.as_str()), (130, 1, "cancelled"));
    }
}
