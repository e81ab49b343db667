//! The palette: every action that can be done now, found by name.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::App;
use super::shared::Overlay;
use crate::keys::{Action, BINDINGS, Binding, Scope};
use crate::screens::Can;
use crate::theme::Tone;
use crate::widgets::field::Field;
use crate::widgets::{pane, text};

impl App {
    /// The bindings of the screen below a window.
    pub(super) fn bindings_below(&self) -> Vec<(&'static Binding, Can)> {
        let scopes = self.active_ref().offers();
        BINDINGS
            .iter()
            .filter(|binding| scopes.contains(&binding.scope))
            .map(|binding| {
                let can = match binding.action {
                    Action::Help
                    | Action::Palette
                    | Action::Back
                    | Action::Quit
                    | Action::Refresh
                    | Action::Suspend
                    | Action::Go(_) => Can::Yes,
                    Action::Leave => Can::Absent,
                    Action::Environment => self.can_choose_environment(),
                    action => self.active_ref().can(action, &self.shared),
                };
                (binding, can)
            })
            .filter(|(_, can)| *can != Can::Absent)
            .collect()
    }

    fn found(&self, typed: &str) -> Vec<(&'static Binding, Can)> {
        let words: Vec<String> = typed.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let mut found: Vec<(&'static Binding, Can)> = Vec::new();
        for (binding, can) in self.bindings_below() {
            let known = found.iter().any(|(other, _)| other.action == binding.action);
            let text = format!("{} {} {}", binding.help, binding.label, binding.id).to_lowercase();
            if binding.scope != Scope::Moving
                && binding.action != Action::Palette
                && !known
                && words.iter().all(|word| text.contains(word))
            {
                found.push((binding, can));
            }
        }
        found
    }

    pub(super) fn act_on_palette(&mut self, field: Field, at: usize, action: Action) {
        let found = self.found(field.text());
        let last = found.len().saturating_sub(1);
        let at = match action {
            Action::Up => at.saturating_sub(1),
            Action::Down => (at + 1).min(last),
            Action::Accept => {
                match found.get(at) {
                    Some((binding, Can::Yes)) => self.act(binding.action),
                    Some((_, Can::No(reason))) => self.shared.say(crate::theme::Mark::Info, *reason),
                    _ => {}
                }
                return;
            }
            _ => return,
        };
        self.shared.overlay = Some(Overlay::Palette { field, at });
    }

    pub(super) fn view_palette(&self, frame: &mut Frame<'_>, area: Rect, field: &Field, at: usize) {
        let theme = self.shared.theme;
        let found = self.found(field.text());
        let window = pane::middle(area, 72, 16);
        let inside = pane::overlay(frame, window, "What to do", theme);
        let (before, after) = field.halves();
        let typed = Line::from(vec![
            pane::span(format!(" > {}", text::clean(before)), Tone::Plain, theme),
            pane::span(theme.pick("▏", "_"), Tone::Accent, theme),
            pane::span(text::clean(after), Tone::Plain, theme),
        ]);
        pane::line(frame, inside, 0, &typed);
        if found.is_empty() {
            pane::line(frame, inside, 1, &Line::styled(" no action has these words", theme.style(Tone::Dim)));
        }
        let height = usize::from(inside.height.saturating_sub(1)).max(1);
        let top = at.saturating_sub(height - 1);
        for (y, (place, (binding, can))) in (1..inside.height).zip(found.iter().enumerate().skip(top)) {
            let keys = binding.keys.first().map(|key| key.label(theme)).unwrap_or_default();
            let room = usize::from(inside.width).saturating_sub(14);
            let tone = if *can == Can::Yes { Tone::Plain } else { Tone::Dim };
            let line = Line::from(vec![
                pane::span(format!(" {} ", text::left(binding.help, room, theme)), tone, theme),
                pane::span(text::right(&keys, 11, theme), Tone::Accent, theme),
            ]);
            pane::line(frame, inside, y, &line);
            if place == at {
                pane::paint(frame, inside, y, Tone::Cursor, theme);
            }
        }
    }
}
