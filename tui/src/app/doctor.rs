//! The window of the doctor: checks as they come, in groups, with details only of what is wrong.
//!
//! Owns what is shown and chosen; what is checked, and what it means, comes from the engine.

use medallion_core::api::wire::{
    CancelRequest, Check, CheckGroup, CheckOutcome, DoctorEvent, DoctorReport, DoctorRequest, ErrorBody,
    ExplainRequest, Target,
};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::App;
use super::door::Answered;
use super::message::Request;
use super::shared::{Overlay, Shared, Way, error_lines};
use crate::keys::Action;
use crate::screens::Can;
use crate::theme::{Mark, Theme, Tone};
use crate::widgets::list::Cursor;
use crate::widgets::{pane, text};

/// The checks that were asked for.
#[derive(Debug)]
pub(crate) struct Doctor {
    generation: u64,
    job: String,
    target: Target,
    /// How many checks there will be.
    expected: Option<u32>,
    /// What has come so far, in groups.
    checks: Vec<Check>,
    report: Option<DoctorReport>,
    error: Option<ErrorBody>,
    going: bool,
    cancelled: bool,
    cursor: Cursor,
    /// The person has moved the cursor; it does not go to the first failure by itself any more.
    moved: bool,
    /// Files with changes that are not saved, which no check sees.
    unsaved: usize,
}

impl Doctor {
    /// Begins to check `target`.
    pub(crate) fn start(target: Target, unsaved: usize, shared: &mut Shared) -> Self {
        let job = format!("doctor-{}", shared.now);
        let request = DoctorRequest { target: target.clone(), job: job.clone(), ..DoctorRequest::default() };
        let generation = shared.ask(Request::Doctor(request));
        Self {
            generation,
            job,
            target,
            expected: None,
            checks: Vec::new(),
            report: None,
            error: None,
            going: true,
            cancelled: false,
            cursor: Cursor::default(),
            moved: false,
            unsaved,
        }
    }

    /// Whether it is about this file or folder.
    pub(crate) fn is_about(&self, target: &Target) -> bool {
        self.target == *target
    }

    /// Whether checks are still being made.
    pub(crate) fn is_going(&self) -> bool {
        self.going
    }

    pub(super) fn event(&mut self, generation: u64, event: DoctorEvent) {
        if generation != self.generation {
            return;
        }
        match event {
            DoctorEvent::Started { checks } => self.expected = Some(checks),
            DoctorEvent::Checked { check } => {
                let at = self.checks.partition_point(|known| known.group <= check.group);
                if at <= self.cursor.at && self.moved {
                    self.cursor.set(self.cursor.at + 1);
                }
                self.checks.insert(at, *check);
            }
            DoctorEvent::Finished { report } => {
                let chosen = self.checks.get(self.cursor.at).map(|check| check.title.clone());
                self.checks.clone_from(&report.checks);
                self.checks.sort_by_key(|check| check.group);
                if let Some(at) = self.checks.iter().position(|check| Some(&check.title) == chosen.as_ref()) {
                    self.cursor.set(at);
                }
                self.report = Some(report);
            }
        }
        self.show_first();
    }

    pub(super) fn ended(&mut self, generation: u64, answer: Answered<()>) {
        if generation == self.generation {
            self.going = false;
            self.error = answer.err();
            self.show_first();
        }
    }

    /// The first thing that is wrong is what a person looks for.
    fn show_first(&mut self) {
        if !self.moved
            && let Some(at) = self
                .checks
                .iter()
                .position(|check| check.outcome == CheckOutcome::Failed)
                .or_else(|| self.checks.iter().position(|check| check.outcome == CheckOutcome::Warned))
        {
            self.cursor.set(at);
        }
    }

    fn chosen(&self) -> Option<&Check> {
        self.checks.get(self.cursor.at)
    }

    pub(super) fn can(&self, action: Action) -> Can {
        match action {
            Action::Open => {
                let place = self.chosen().is_some_and(|check| !check.file.is_empty());
                Can::when(place, "this check is not about a place in a config")
            }
            Action::Fix => {
                let fix =
                    self.chosen().and_then(|check| check.finding.as_ref()).is_some_and(|found| found.fix.is_some());
                Can::when(fix, "there is no change that mends this by itself")
            }
            Action::Explain => {
                Can::when(self.chosen().is_some_and(|check| check.code.is_some()), "this check has no code")
            }
            Action::Cancel if self.going => Can::when(!self.cancelled, "it is being cancelled"),
            Action::Again if self.going => Can::No("the checks are still being made: x cancels them"),
            Action::Cancel | Action::Left | Action::Right => Can::Absent,
            _ => Can::Yes,
        }
    }

    fn verdict(&self, theme: Theme) -> (Mark, String) {
        let count = |outcome| self.checks.iter().filter(|check| check.outcome == outcome).count() as u64;
        let (failed, warned) = (count(CheckOutcome::Failed), count(CheckOutcome::Warned));
        let skipped = count(CheckOutcome::Skipped);
        if self.going {
            let of = self.expected.map_or_else(String::new, |expected| format!(" of {expected}"));
            let what = if self.cancelled { "cancelling" } else { "checking" };
            return (Mark::Busy, format!("{what}: {}{of} checks made", self.checks.len()));
        }
        let mut parts = Vec::new();
        if failed > 0 {
            parts.push(format!("{failed} failed"));
        }
        if warned > 0 {
            parts.push(format!("{warned} to look at"));
        }
        if skipped > 0 {
            parts.push(format!("{skipped} not made"));
        }
        let made = text::counted(self.checks.len() as u64, "check", "checks");
        let time =
            self.report.as_ref().map_or_else(String::new, |report| format!(" in {}", text::seconds(report.seconds)));
        let dot = theme.dot();
        if self.error.is_some() {
            (Mark::Fail, "the checks could not be made".to_owned())
        } else if self.cancelled {
            (Mark::Warn, format!("cancelled{dot}{made}{time}"))
        } else if parts.is_empty() {
            (Mark::Ok, format!("all is well{dot}{made}{time}"))
        } else {
            let mark = if failed > 0 { Mark::Fail } else { Mark::Warn };
            (mark, format!("{}{dot}{made}{time}", parts.join(dot)))
        }
    }

    /// The whole report as text.
    fn written(&self) -> String {
        let theme = Theme { colour: false, ascii: true, light: false };
        let mut out = format!("{}\n", self.verdict(theme).1);
        for check in &self.checks {
            out.push_str(&format!("{} {}: {}", word(check.outcome), group_name(check.group), check.title));
            for part in about(check) {
                out.push_str(&format!("\n    {part}"));
            }
            out.push('\n');
        }
        out
    }
}

impl App {
    pub(super) fn act_on_doctor(&mut self, mut doctor: Doctor, action: Action) {
        match action {
            Action::Dismiss => {
                if doctor.going {
                    self.shared.ask(Request::Cancel(CancelRequest { job: doctor.job }));
                }
                return;
            }
            Action::Cancel => {
                doctor.cancelled = true;
                self.shared.ask(Request::Cancel(CancelRequest { job: doctor.job.clone() }));
            }
            Action::Again => {
                doctor = Doctor::start(doctor.target, doctor.unsaved, &mut self.shared);
            }
            Action::Copy => {
                let report = doctor.written();
                self.shared.copy("the report", &report);
            }
            Action::Explain => {
                if let Some(code) = doctor.chosen().and_then(|check| check.code) {
                    self.shared.ask(Request::Explain(ExplainRequest { code: code.to_string() }));
                    // The page takes the place of this window; what was found is one key away.
                    self.doctor = Some(doctor);
                    return;
                }
            }
            Action::Open | Action::Fix => {
                if let Some(check) = doctor.chosen() {
                    let start = check.span.map(|span| span.start);
                    self.shared.way = Some(Way::Place(check.file.clone(), start, action == Action::Fix));
                }
                if doctor.going {
                    self.shared.ask(Request::Cancel(CancelRequest { job: doctor.job }));
                } else {
                    self.doctor = Some(doctor);
                }
                return;
            }
            action => doctor.moved |= doctor.cursor.act(action, doctor.checks.len()),
        }
        self.shared.overlay = Some(Overlay::Doctor(Box::new(doctor)));
    }

    pub(super) fn view_doctor(frame: &mut Frame<'_>, area: Rect, doctor: &mut Doctor, shared: &Shared) {
        let theme = shared.theme;
        let window = Rect {
            x: area.x + u16::from(area.width > 60) * 2,
            width: area.width - u16::from(area.width > 60) * 4,
            ..area
        };
        let inside = pane::overlay(frame, window, "Doctor", theme);
        let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
        let columns = usize::from(inside.width);
        let (mark, said) = doctor.verdict(theme);
        let glyph = if doctor.going { theme.spinner(shared.now) } else { theme.glyph(mark) };
        let head = Line::styled(text::cut(&format!("{glyph} {said}"), columns, theme), theme.mark_style(mark));
        pane::line(frame, inside, 0, &head);
        let mut below = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
        if doctor.unsaved > 0 {
            let files = text::counted(doctor.unsaved as u64, "file has", "files have");
            let said = format!("{} {files} unsaved changes, which no check sees", theme.glyph(Mark::Warn));
            pane::line(frame, below, 0, &Line::styled(text::cut(&said, columns, theme), theme.style(Tone::Warn)));
            below = Rect { y: below.y + 1, height: below.height.saturating_sub(1), ..below };
        }
        if let Some(error) = &doctor.error {
            let lines = error_lines(error);
            let said: Vec<(&str, Tone)> = lines.iter().map(|(line, tone)| (line.as_str(), *tone)).collect();
            return pane::message(frame, below, &said, theme);
        }
        let (lines, chosen) = doctor.lines(columns, theme);
        let height = usize::from(below.height);
        // The chosen check with all its details, and the head of its group.
        let mut top = doctor.cursor.top.min(chosen.start.saturating_sub(1));
        if chosen.end > top + height {
            top = chosen.end - height;
        }
        top = top.min(chosen.start).min(lines.len().saturating_sub(height));
        doctor.cursor.top = top;
        pane::lines(frame, below, lines.get(top..).unwrap_or_default());
        pane::more(frame, window, lines.len().saturating_sub(top + height), theme.pick("↓", "Down"), theme);
        if let (Ok(y), false) = (u16::try_from(chosen.start.saturating_sub(top)), doctor.checks.is_empty()) {
            pane::paint(frame, below, y, Tone::Cursor, theme);
        }
    }
}

impl Doctor {
    /// All lines, and which of them belong to the chosen check.
    fn lines(&self, columns: usize, theme: Theme) -> (Vec<Line<'static>>, std::ops::Range<usize>) {
        let mut lines: Vec<Line<'static>> = Vec::new();
        let mut chosen = 0..0;
        let mut group = None;
        for (at, check) in self.checks.iter().enumerate() {
            if group != Some(check.group) {
                group = Some(check.group);
                lines.push(Line::styled(group_name(check.group), theme.style(Tone::Strong)));
            }
            let start = lines.len();
            let mark = mark(check.outcome);
            let word = word(check.outcome);
            let place = match (&check.file, check.span) {
                (file, _) if file.is_empty() => String::new(),
                (file, Some(span)) => format!("  {file}:{}:{}", span.line, span.column),
                (file, None) => format!("  {file}"),
            };
            let room = columns.saturating_sub(text::width(word) + 6);
            let title = text::cut(&check.title, room, theme);
            let place = text::tail(&place, room.saturating_sub(text::width(&title)), theme);
            lines.push(Line::from(vec![
                ratatui::text::Span::styled(format!("  {} {word:<4} ", theme.glyph(mark)), theme.mark_style(mark)),
                pane::span(title, Tone::Plain, theme),
                pane::span(place, Tone::Dim, theme),
            ]));
            if matches!(check.outcome, CheckOutcome::Failed | CheckOutcome::Warned) {
                for (place, part) in about(check).into_iter().enumerate() {
                    let tone = if place == 0 && !check.detail.is_empty() { Tone::Plain } else { Tone::Accent };
                    for piece in text::wrap(&part, columns.saturating_sub(9)) {
                        lines.push(Line::styled(format!("         {piece}"), theme.style(tone)));
                    }
                }
            }
            if at == self.cursor.at {
                chosen = start..lines.len();
            }
        }
        (lines, chosen)
    }
}

/// What was seen, and what to do.
fn about(check: &Check) -> Vec<String> {
    let code = check.code.map(|code| format!("{code}: ")).unwrap_or_default();
    let mut parts = Vec::new();
    if !check.detail.is_empty() {
        parts.push(format!("{code}{}", check.detail));
    }
    parts.extend(check.hint.clone());
    if !check.datasets.is_empty() && check.outcome != CheckOutcome::Passed {
        parts.push(format!("needed by {}", check.datasets.join(", ")));
    }
    parts
}

fn mark(outcome: CheckOutcome) -> Mark {
    match outcome {
        CheckOutcome::Failed => Mark::Fail,
        CheckOutcome::Warned => Mark::Warn,
        CheckOutcome::Passed => Mark::Ok,
        CheckOutcome::Skipped => Mark::Idle,
    }
}

fn word(outcome: CheckOutcome) -> &'static str {
    match outcome {
        CheckOutcome::Failed => "fail",
        CheckOutcome::Warned => "warn",
        CheckOutcome::Passed => "ok",
        CheckOutcome::Skipped => "skip",
    }
}

fn group_name(group: CheckGroup) -> &'static str {
    match group {
        CheckGroup::Configuration => "Configuration",
        CheckGroup::Environment => "Environment",
        CheckGroup::Source => "Source",
        CheckGroup::Storage => "Storage",
        CheckGroup::Machine => "Machine",
    }
}
