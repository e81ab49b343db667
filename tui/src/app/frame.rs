//! What is around every screen: the title with the screens, the line for messages, the keys.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::App;
use crate::keys::Scope;
use crate::screens::{Can, ScreenId};
use crate::theme::{Mark, Tone};
use crate::widgets::{pane, text};

/// Less than this and nothing useful fits.
const SMALLEST: (u16, u16) = (40, 10);
/// Waiting is shown when it takes longer than this, in milliseconds.
const SPINNER_AFTER: u64 = 150;

impl App {
    /// Draws everything.
    pub(crate) fn view(&mut self, frame: &mut Frame<'_>) {
        let area = frame.area();
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            let said =
                format!("{} by {} is too small: needs {} by {}", area.width, area.height, SMALLEST.0, SMALLEST.1);
            pane::message(frame, area, &[(&said, Tone::Plain)], self.shared.theme);
            return;
        }
        self.view_title(frame, Rect::new(0, 0, area.width, 1));
        let body = Rect::new(0, 1, area.width, area.height - 3);
        let (screen, shared) = self.active();
        screen.view(frame, body, shared);
        self.view_overlay(frame, body);
        self.view_status(frame, Rect::new(0, area.height - 2, area.width, 1));
        self.view_keys(frame, Rect::new(0, area.height - 1, area.width, 1));
    }

    fn view_title(&self, frame: &mut Frame<'_>, area: Rect) {
        let theme = self.shared.theme;
        let mut spans = Vec::new();
        if area.width >= 80 {
            spans.push(pane::span(" medallion ", Tone::Accent, theme));
        }
        let unsaved = self.config.unsaved() > 0;
        for (place, screen) in ScreenId::ALL.into_iter().enumerate() {
            let number = place + 1;
            let running =
                if screen == ScreenId::Run && self.run.is_going() { theme.spinner(self.shared.now) } else { "" };
            let running = if screen == ScreenId::Config && unsaved { theme.pick("●", "*") } else { running };
            if screen == self.screen {
                spans.push(pane::span(format!(" {number} {}{running} ", screen.title()), Tone::Cursor, theme));
            } else if area.width >= 54 {
                spans.push(pane::span(format!(" {number} {}{running} ", screen.title()), Tone::Plain, theme));
            } else {
                spans.push(pane::span(format!(" {number}{running} "), Tone::Plain, theme));
            }
        }
        let line = Line::from(spans);
        let used = line.width();
        pane::line(frame, area, 0, &line);

        let waits = self.waiting().is_some_and(|since| self.shared.now >= since.saturating_add(SPINNER_AFTER));
        let sign = if waits { theme.spinner(self.shared.now) } else { " " };
        let mut room = usize::from(area.width).saturating_sub(used + 4);
        let environment = self.environment_label().filter(|_| room >= 8).map_or_else(String::new, |label| {
            let label = text::cut(&label, room, theme);
            let dot = theme.dot();
            room = room.saturating_sub(text::width(&label) + text::width(dot));
            if room >= 8 { format!("{label}{dot}") } else { format!("{label} ") }
        });
        let tone = if self.shared.target.environment.is_some() { Tone::Warn } else { Tone::Dim };
        let root = self.shared.datasets.value().map_or(self.shared.target.path.as_str(), |list| list.root.as_str());
        let root = if room >= 8 { text::tail(root, room, theme) } else { String::new() };
        let right = Line::from(vec![
            pane::span(environment, tone, theme),
            pane::span(format!("{root} "), Tone::Dim, theme),
            pane::span(sign, Tone::Busy, theme),
        ]);
        let width = u16::try_from(right.width()).unwrap_or(area.width).min(area.width);
        frame.buffer_mut().set_line(area.right() - width, area.y, &right, width);
    }

    fn view_status(&self, frame: &mut Frame<'_>, area: Rect) {
        let theme = self.shared.theme;
        let room = usize::from(area.width).saturating_sub(1);
        if let Some(prompt) = &self.shared.prompt {
            let (before, after) = prompt.field.halves();
            let (said, tone) = match &prompt.error {
                Some(error) => (format!("  {} {error}", theme.glyph(Mark::Fail)), Tone::Fail),
                None if prompt.hint.is_empty() => (String::new(), Tone::Dim),
                None => (format!("  ({})", prompt.hint), Tone::Dim),
            };
            let label = format!(" {}: ", prompt.label);
            if prompt.inline {
                let line = Line::from(vec![
                    pane::span(label, Tone::Accent, theme),
                    pane::span(said.trim_start().to_owned(), tone, theme),
                ]);
                return pane::line(frame, area, 0, &line);
            }
            let free = room.saturating_sub(text::width(&label) + 1);
            let line = Line::from(vec![
                pane::span(label, Tone::Accent, theme),
                pane::span(text::tail(before, free, theme), Tone::Strong, theme),
                pane::span(theme.pick("▏", "_"), Tone::Accent, theme),
                pane::span(text::clean(after), Tone::Strong, theme),
                pane::span(said, tone, theme),
            ]);
            pane::line(frame, area, 0, &line);
        } else if self.ending.is_some() {
            let line = Line::styled(
                " ending: waiting for the run to reach a safe point (Ctrl-C ends at once)",
                theme.style(Tone::Warn),
            );
            pane::line(frame, area, 0, &line);
        } else if let Some(status) = &self.shared.status {
            let said = text::cut(&status.text, room.saturating_sub(2), theme);
            let line = Line::from(vec![
                Span::styled(format!(" {} ", theme.glyph(status.mark)), theme.mark_style(status.mark)),
                Span::raw(said),
            ]);
            pane::line(frame, area, 0, &line);
        }
    }

    /// The keys that are valid now, as many as fit; help has all of them.
    fn view_keys(&self, frame: &mut Frame<'_>, area: Rect) {
        let theme = self.shared.theme;
        let mut spans = Vec::new();
        let mut taken: Vec<String> = Vec::new();
        let mut used = 0;
        let help = if self.scopes().contains(&Scope::Everywhere) { "  ? help" } else { "" };
        let room = usize::from(area.width).saturating_sub(help.len() + 2);
        for (binding, can) in self.bindings() {
            let shown = can == Can::Yes && !binding.label.is_empty() && binding.id != "help";
            let Some(key) = binding.keys.first().filter(|_| shown) else { continue };
            let label = if binding.id == "back" && self.screen == ScreenId::Home { "quit" } else { binding.label };
            let key = if binding.id == "back" { "q".to_owned() } else { key.label(theme) };
            // Of two meanings of a key the inner one holds.
            if taken.contains(&key) {
                continue;
            }
            let wide = text::width(&key) + text::width(label) + 3;
            if used + wide > room {
                // What ends a window must never be missing.
                if matches!(binding.scope, Scope::Everywhere) {
                    break;
                }
                continue;
            }
            used += wide;
            spans.push(pane::span(format!(" {key}"), Tone::Accent, theme));
            taken.push(key);
            spans.push(pane::span(format!(" {label} "), Tone::Plain, theme));
        }
        pane::line(frame, area, 0, &Line::from(spans));
        if !help.is_empty() {
            let line =
                Line::from(vec![pane::span("  ?", Tone::Accent, theme), pane::span(" help", Tone::Plain, theme)]);
            let width = u16::try_from(help.len() + 1).unwrap_or(8);
            frame.buffer_mut().set_line(area.right().saturating_sub(width), area.y, &line, width);
        }
    }
}
