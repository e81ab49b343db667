//! A window with things to choose from, and below them what is said about the chosen one: fixes with
//! their diffs, values with their help, what becomes of a change made outside.

use medallion_core::api::wire::DiffLine;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::App;
use super::shared::Overlay;
use crate::keys::Action;
use crate::screens::Can;
use crate::theme::{Theme, Tone};
use crate::widgets::{diff, markdown, pane, text};

/// The window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) title: String,
    /// A sentence above the list; may be empty.
    pub(crate) about: String,
    pub(crate) items: Vec<Item>,
    pub(crate) at: usize,
    /// First line shown of what is said about the chosen one.
    pub(crate) top: usize,
    pub(crate) purpose: Choosing,
}

/// Something to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) label: String,
    /// A few words behind the label.
    pub(crate) note: String,
    pub(crate) detail: Detail,
}

/// What is said about a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Markdown; may be empty.
    Text(String),
    /// Lines that change.
    Diff(Vec<DiffLine>),
}

/// What is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choosing {
    /// The change that mends a problem.
    Fix,
    /// Whether all of a larger change is made.
    Rewrite,
    /// Whether the file is written.
    Save,
    /// What becomes of unsaved changes.
    Leave,
    /// What becomes of a change made outside.
    Outside,
    /// The value of a field.
    Value,
    /// How much is replaced.
    Replace,
    /// Which environment is laid over the configs.
    Environment,
}

impl Choice {
    pub(crate) fn new(purpose: Choosing, title: impl Into<String>, items: Vec<Item>) -> Self {
        Self { title: title.into(), about: String::new(), items, at: 0, top: 0, purpose }
    }

    /// With a sentence above the list.
    pub(crate) fn about(mut self, about: impl Into<String>) -> Self {
        self.about = about.into();
        self
    }
}

impl Item {
    pub(crate) fn new(label: impl Into<String>, note: impl Into<String>, detail: Detail) -> Self {
        Self { label: label.into(), note: note.into(), detail }
    }
}

impl Choice {
    /// Moving needs something to move among.
    pub(super) fn can(&self, action: Action) -> Can {
        let said = self.items.iter().any(|item| match &item.detail {
            Detail::Text(text) => !text.is_empty(),
            Detail::Diff(lines) => !lines.is_empty(),
        });
        match action {
            Action::Up | Action::Down if self.items.len() < 2 => Can::Absent,
            Action::DetailUp | Action::DetailDown if !said => Can::Absent,
            _ => Can::Yes,
        }
    }
}

impl App {
    pub(super) fn act_on_choice(&mut self, mut choice: Choice, action: Action) {
        let last = choice.items.len().saturating_sub(1);
        match action {
            Action::Accept if choice.purpose == Choosing::Environment => {
                return self.choose_environment(choice.items.get(choice.at).map(|item| item.label.clone()));
            }
            Action::Accept => {
                let (screen, shared) = self.active();
                return screen.chosen(choice.purpose, choice.at, shared);
            }
            Action::Up => (choice.at, choice.top) = (choice.at.checked_sub(1).unwrap_or(last), 0),
            Action::Down => (choice.at, choice.top) = (if choice.at == last { 0 } else { choice.at + 1 }, 0),
            Action::DetailUp => choice.top = choice.top.saturating_sub(8),
            Action::DetailDown => choice.top += 8,
            _ => return,
        }
        self.shared.overlay = Some(Overlay::Choice(choice));
    }

    pub(super) fn view_choice(frame: &mut Frame<'_>, area: Rect, choice: &mut Choice, theme: Theme) {
        let width = area.width.saturating_sub(4).min(100);
        let columns = usize::from(width.saturating_sub(4)).max(1);
        let about = if choice.about.is_empty() { Vec::new() } else { text::wrap(&choice.about, columns) };
        let detail = choice.items.get(choice.at).map_or_else(Vec::new, |item| match &item.detail {
            Detail::Text(said) => markdown::lines(said, columns, theme),
            Detail::Diff(lines) => diff::shown(lines, columns, theme),
        });
        // One thing only is nothing to choose; its label is still what Enter does.
        let list = choice.items.len();
        let spaces = usize::from(!about.is_empty()) + usize::from(!detail.is_empty());
        let wanted = about.len() + list + detail.len() + spaces + 2;
        let window = pane::middle(area, width, u16::try_from(wanted).unwrap_or(u16::MAX).max(5));
        let inside = pane::overlay(frame, window, &choice.title, theme);
        let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
        let mut y = 0;
        for line in &about {
            pane::line(frame, inside, y, &Line::raw(line.clone()));
            y += 1;
        }
        y += u16::from(!about.is_empty());
        let free = usize::from(inside.height.saturating_sub(y));
        // What is said about the chosen one gets up to half of the window.
        let below = if detail.is_empty() { 0 } else { 1 + detail.len().min(free / 2) };
        let shown = list.min(free.saturating_sub(below).max(1));
        let from = (choice.at + 1).saturating_sub(shown);
        for (at, item) in choice.items.iter().enumerate().skip(from).take(shown) {
            let label = text::cut(&item.label, columns.saturating_sub(2), theme);
            let room = columns.saturating_sub(text::width(&label) + 4);
            let sign = if at == choice.at { theme.pick("▸ ", "> ") } else { "  " };
            let line = Line::from(vec![
                pane::span(sign, Tone::Accent, theme),
                pane::span(label, Tone::Strong, theme),
                pane::span(format!("  {}", text::cut(&item.note, room, theme)), Tone::Dim, theme),
            ]);
            pane::line(frame, inside, y, &line);
            if at == choice.at {
                pane::paint(frame, inside, y, Tone::Cursor, theme);
            }
            y += 1;
        }
        if detail.is_empty() {
            return;
        }
        y += 1;
        let room = usize::from(inside.height.saturating_sub(y));
        choice.top = choice.top.min(detail.len().saturating_sub(room));
        let below = Rect { y: inside.y + y, height: inside.height.saturating_sub(y), ..inside };
        pane::lines(frame, below, &detail[choice.top..]);
        if room > 0 {
            pane::more(frame, window, detail.len().saturating_sub(choice.top + room), "PgDn", theme);
        }
    }
}
