//! Windows above a screen: help, texts, questions.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::App;
use super::shared::{Overlay, Question, Reading};
use crate::keys::{Action, Scope};
use crate::screens::Can;
use crate::theme::{Theme, Tone};
use crate::widgets::{pane, text};

impl App {
    pub(super) fn act_on_overlay(&mut self, action: Action) {
        let Some(overlay) = self.shared.overlay.take() else { return };
        match overlay {
            Overlay::Palette { field, at } => self.act_on_palette(field, at, action),
            Overlay::Choice(choice) => self.act_on_choice(choice, action),
            Overlay::Doctor(doctor) => self.act_on_doctor(*doctor, action),
            Overlay::New(new) => self.act_on_new(*new, action),
            Overlay::Question(question) => {
                if action == Action::Accept {
                    self.answer_question(question);
                }
            }
            Overlay::Help(top) => {
                if action != Action::Dismiss {
                    self.shared.overlay = Some(Overlay::Help(scrolled(top, action)));
                }
            }
            Overlay::Reading(reading) => match action {
                Action::Dismiss => {}
                Action::Copy => {
                    self.shared.copy("the text", &reading.text);
                    self.shared.overlay = Some(Overlay::Reading(reading));
                }
                action => {
                    let top = scrolled(reading.top, action);
                    self.shared.overlay = Some(Overlay::Reading(Reading { top, ..reading }));
                }
            },
        }
    }

    pub(super) fn view_overlay(&mut self, frame: &mut Frame<'_>, area: Rect) {
        let theme = self.shared.theme;
        match self.shared.overlay.take() {
            Some(Overlay::Help(top)) => {
                let lines = self.help_lines(usize::from(area.width.saturating_sub(7)).min(92), theme);
                let top = view_lines(frame, area, "Keys", "", &lines, top, theme);
                self.shared.overlay = Some(Overlay::Help(top));
            }
            Some(Overlay::Reading(reading)) => {
                let columns = usize::from(area.width.saturating_sub(8)).clamp(1, 92);
                let lines: Vec<Line<'_>> = if reading.text.is_empty() {
                    vec![Line::styled("\"\" (the empty text)", theme.style(Tone::Dim))]
                } else {
                    text::wrap(&shortened(&reading.text), columns).into_iter().map(Line::from).collect()
                };
                let top = view_lines(frame, area, &reading.title, &reading.about, &lines, reading.top, theme);
                self.shared.overlay = Some(Overlay::Reading(Reading { top, ..reading }));
            }
            Some(Overlay::Choice(mut choice)) => {
                Self::view_choice(frame, area, &mut choice, theme);
                self.shared.overlay = Some(Overlay::Choice(choice));
            }
            Some(Overlay::Doctor(mut doctor)) => {
                Self::view_doctor(frame, area, &mut doctor, &self.shared);
                self.shared.overlay = Some(Overlay::Doctor(doctor));
            }
            Some(Overlay::New(mut new)) => {
                Self::view_new(frame, area, &mut new, &self.shared);
                self.shared.overlay = Some(Overlay::New(new));
            }
            Some(Overlay::Question(question)) => {
                let said = match question {
                    Question::QuitUnsaved(files) => &format!(
                        "{} unsaved changes. End the program and lose them? (n goes back; Ctrl-S in Config saves)",
                        text::counted(files as u64, "file has", "files have")
                    ),
                    Question::ManySteps(steps) => &format!(
                        "This is up to {} steps: each dataset, day and layer is one. Run them all?",
                        text::count(steps)
                    ),
                    Question::QuitWhileRunning => {
                        "A run is going on. Cancel it at its next safe point and end the program? What is committed stays."
                    }
                    Question::QuitAtOnce => {
                        "The run has not reached a safe point yet. End at once? Nothing half-written becomes visible."
                    }
                };
                let title =
                    if matches!(question, Question::ManySteps(_)) { "Run so much?" } else { "End the program?" };
                let inside = pane::overlay(frame, pane::middle(area, 60, 6), title, theme);
                pane::message(frame, inside, &[(said, Tone::Plain)], theme);
                self.shared.overlay = Some(Overlay::Question(question));
            }
            Some(Overlay::Palette { field, at }) => {
                self.view_palette(frame, area, &field, at);
                self.shared.overlay = Some(Overlay::Palette { field, at });
            }
            None => {}
        }
    }

    /// The keys that are valid below this window, those of the screen first.
    fn help_lines(&self, columns: usize, theme: Theme) -> Vec<Line<'static>> {
        let general = [Scope::Moving, Scope::Everywhere, Scope::Always];
        let own: Vec<Scope> = self.active_ref().offers().into_iter().filter(|scope| !general.contains(scope)).collect();
        let mut lines = Vec::new();
        for (title, scopes) in [
            ("Here", own.as_slice()),
            ("Moving", &[Scope::Moving][..]),
            ("Everywhere", &[Scope::Everywhere, Scope::Always][..]),
        ] {
            let mut titled = false;
            for (binding, can) in
                self.bindings_below().into_iter().filter(|(binding, _)| scopes.contains(&binding.scope))
            {
                if !titled {
                    if !lines.is_empty() {
                        lines.push(Line::default());
                    }
                    lines.push(Line::styled(title, theme.style(Tone::Strong)));
                    titled = true;
                }
                let keys: Vec<String> = binding.keys.iter().map(|key| key.label(theme)).collect();
                // What does not fit beside its keys goes on below.
                let room = columns.saturating_sub(20).max(16);
                let mut sentences = text::wrap(binding.help, room);
                if let Can::No(reason) = can {
                    sentences.extend(text::wrap(&format!("({reason})"), room));
                }
                for (place, sentence) in sentences.into_iter().enumerate() {
                    let keys = if place == 0 { keys.join(" ") } else { String::new() };
                    let tone = if sentence.starts_with('(') { Tone::Dim } else { Tone::Plain };
                    lines.push(Line::from(vec![
                        pane::span(format!("  {}", text::left(&keys, 16, theme)), Tone::Accent, theme),
                        pane::span(format!(" {sentence}"), tone, theme),
                    ]));
                }
            }
        }
        lines
    }
}

/// A text longer than this is shown in part; copying takes all of it.
const SHOWN: usize = 200_000;

fn shortened(whole: &str) -> std::borrow::Cow<'_, str> {
    let Some((cut, _)) = whole.char_indices().nth(SHOWN) else { return whole.into() };
    format!(
        "{}\n\n(the first {} characters of {} bytes)",
        &whole[..cut],
        text::count(SHOWN as u64),
        text::count(whole.len() as u64)
    )
    .into()
}

fn scrolled(top: usize, action: Action) -> usize {
    match action {
        Action::Up => top.saturating_sub(1),
        Action::Down => top + 1,
        Action::PageUp | Action::HalfUp => top.saturating_sub(10),
        Action::PageDown | Action::HalfDown => top + 10,
        Action::First => 0,
        Action::Last => usize::MAX,
        _ => top,
    }
}

/// Draws a window that can be scrolled; returns the first line that is really shown.
fn view_lines(
    frame: &mut Frame<'_>,
    area: Rect,
    title: &str,
    about: &str,
    lines: &[Line<'_>],
    top: usize,
    theme: Theme,
) -> usize {
    let wanted = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let window = pane::middle(area, area.width.saturating_sub(4).min(96), wanted.max(5));
    let height = usize::from(window.height.saturating_sub(2));
    let top = top.min(lines.len().saturating_sub(height));
    let mut heading = title.to_owned();
    if !about.is_empty() {
        heading = format!("{heading}{}{about}", theme.dot());
    }
    if lines.len() > height {
        heading = format!(
            "{heading}{}{} to {} of {} lines",
            theme.dot(),
            top + 1,
            (top + height).min(lines.len()),
            lines.len()
        );
    }
    let inside = pane::overlay(frame, window, &heading, theme);
    let inside = Rect::new(inside.x + 1, inside.y, inside.width.saturating_sub(1), inside.height);
    pane::lines(frame, inside, lines.get(top..).unwrap_or_default());
    top
}
