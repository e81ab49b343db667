//! What stands above the text beside the cursor: proposals, and what is known about a place.

use std::ops::Range;

use medallion_core::api::wire::{Completion, CompletionKind, Completions};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;
use ratatui::widgets::Clear;

use crate::keys::Action;
use crate::theme::{Theme, Tone};
use crate::widgets::editor::Editor;
use crate::widgets::{markdown, pane, text};

/// At most this many proposals are shown at once.
const SHOWN: usize = 8;
/// The window about a place has at most this many lines; all of them are one more key away.
const TIP: usize = 12;

/// Proposals at the cursor.
#[derive(Clone, Debug)]
pub(super) struct Popup {
    /// What an accepted one replaces.
    span: Range<usize>,
    pub(super) items: Vec<Completion>,
    /// The chosen one; none before a person has chosen, where nothing is typed yet.
    pub(super) at: Option<usize>,
    top: usize,
}

impl Popup {
    /// The proposals for the cursor; `None` when there is nothing to propose.
    pub(super) fn new(answer: Completions, wanted: bool, editor: &Editor) -> Option<Self> {
        let at = editor.at();
        let span = answer.span.map_or(at..at, |span| span.start as usize..span.end as usize);
        let typed = editor.text().get(span.start..at.max(span.start))?;
        // What is there already needs no proposal.
        let same = answer.items.first().is_some_and(|item| item.insert.trim_end_matches([':', ' ']) == typed);
        if answer.items.is_empty() || (!wanted && same && answer.items.len() == 1) {
            return None;
        }
        let chosen = (wanted || !typed.trim().is_empty()).then_some(0);
        Some(Self { span, items: answer.items, at: chosen, top: 0 })
    }

    /// Keeps the same proposal chosen when a newer list comes.
    pub(super) fn chosen_as(mut self, before: Option<&Self>) -> Self {
        if let Some(label) = before.and_then(|popup| Some(&popup.items.get(popup.at?)?.label))
            && before.is_some_and(|popup| popup.at != Some(0))
            && let Some(at) = self.items.iter().position(|item| item.label == *label)
        {
            self.at = Some(at);
        }
        self
    }

    pub(super) fn chosen(&self) -> Option<&Completion> {
        self.items.get(self.at?)
    }

    /// Moves in the list. False when it is no movement.
    pub(super) fn act(&mut self, action: Action) -> bool {
        let last = self.items.len() - 1;
        self.at = Some(match (action, self.at) {
            (Action::Down, None) => 0,
            (Action::Up, None | Some(0)) => last,
            (Action::Down, Some(at)) => {
                if at == last {
                    0
                } else {
                    at + 1
                }
            }
            (Action::Up, Some(at)) => at - 1,
            (Action::PageDown, at) => (at.unwrap_or(0) + SHOWN).min(last),
            (Action::PageUp, at) => at.unwrap_or(0).saturating_sub(SHOWN),
            _ => return false,
        });
        true
    }

    /// What accepting does: what is replaced by what, and where the cursor goes then.
    pub(super) fn accepted(&self, line_end: &str) -> Option<(Range<usize>, String, usize)> {
        let item = self.items.get(self.at.unwrap_or(0))?;
        let mut cursor = (item.cursor as usize).min(item.insert.len());
        let mut insert = item.insert.clone();
        if line_end != "\n" && !insert.contains('\r') {
            cursor += insert.get(..cursor).unwrap_or_default().matches('\n').count();
            insert = insert.replace('\n', line_end);
        }
        Some((self.span.clone(), insert, self.span.start + cursor))
    }

    pub(super) fn view(&mut self, frame: &mut Frame<'_>, area: Rect, cursor: Position, theme: Theme) {
        let label = self.items.iter().map(|item| text::width(&item.label)).max().unwrap_or(0).clamp(8, 32);
        let detail = self.items.iter().map(|item| text::width(&item.detail)).max().unwrap_or(0).min(30);
        let about = self.chosen().map(about).unwrap_or_default();
        let width = (label + detail + 8).max(text::width(&about).min(60) + 4).min(usize::from(area.width));
        let columns = width.saturating_sub(3);
        let about = if about.is_empty() { Vec::new() } else { text::wrap(&about, columns) };
        let about = &about[..about.len().min(3)];
        let shown = self.items.len().min(SHOWN);
        let wanted = shown + 2 + if about.is_empty() { 0 } else { about.len() + 1 };
        let Some(window) = beside(area, cursor, width, wanted) else { return };
        frame.render_widget(Clear, window);
        let many = if self.items.len() > shown {
            format!("{} of {}", self.at.map_or(0, |at| at + 1), self.items.len())
        } else {
            String::new()
        };
        let inside = pane::framed(frame, window, &many, theme, false);
        let shown = shown.min(usize::from(inside.height));
        let at = self.at.unwrap_or(0);
        self.top = self.top.min(at);
        if at >= self.top + shown {
            self.top = at + 1 - shown;
        }
        for (y, (at, item)) in (0..).zip(self.items.iter().enumerate().skip(self.top).take(shown)) {
            let line = Line::from(vec![
                pane::span(format!("{} ", sign(item.kind, theme)), Tone::Dim, theme),
                pane::span(text::left(&item.label, label, theme), Tone::Strong, theme),
                pane::span(
                    format!("  {}", text::cut(&item.detail, columns.saturating_sub(label + 3), theme)),
                    Tone::Dim,
                    theme,
                ),
            ]);
            pane::line(frame, inside, y, &line);
            if Some(at) == self.at {
                pane::paint(frame, inside, y, Tone::Cursor, theme);
            }
        }
        for (y, line) in (u16::try_from(shown + 1).unwrap_or(0)..).zip(about) {
            pane::line(frame, inside, y, &Line::styled(format!(" {line}"), theme.style(Tone::Plain)));
        }
    }
}

/// The sentence about a proposal; its name and type are in the list already.
fn about(item: &Completion) -> String {
    let named = |paragraph: &&str| !paragraph.trim_start_matches(['`', '*', '#', ' ']).starts_with(&item.label);
    item.documentation.split("\n\n").find(named).map(markdown::first_sentence).unwrap_or_default()
}

fn sign(kind: CompletionKind, theme: Theme) -> &'static str {
    match kind {
        CompletionKind::Key => "k",
        CompletionKind::Value => "=",
        CompletionKind::Variable => "$",
        CompletionKind::File => "/",
        CompletionKind::Column => theme.pick("▪", "c"),
        CompletionKind::Snippet => "+",
    }
}

/// What is known about a place.
#[derive(Clone, Debug)]
pub(super) struct Tip {
    /// Markdown.
    pub(super) text: String,
}

impl Tip {
    pub(super) fn view(&self, frame: &mut Frame<'_>, area: Rect, cursor: Position, theme: Theme) {
        let width = usize::from(area.width).min(76);
        let lines = markdown::lines(&self.text, width.saturating_sub(4), theme);
        let widest = lines.iter().map(Line::width).max().unwrap_or(0);
        let shown = lines.len().min(TIP);
        let Some(window) = beside(area, cursor, (widest + 4).max(20).min(width), shown + 2) else { return };
        frame.render_widget(Clear, window);
        let fits = usize::from(window.height.saturating_sub(2));
        let title = if lines.len() > fits { "F1 again: all of it" } else { "" };
        let inside = pane::framed(frame, window, title, theme, false);
        let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(1), ..inside };
        pane::lines(frame, inside, &lines);
    }
}

/// A window below the cursor, or above it where there is more room. It never covers the line of the
/// cursor. `None` where there is no room at all.
fn beside(area: Rect, cursor: Position, width: usize, height: usize) -> Option<Rect> {
    let wanted = u16::try_from(height).unwrap_or(u16::MAX);
    let below = area.bottom().saturating_sub(cursor.y + 1);
    let above = cursor.y.saturating_sub(area.y);
    let width = u16::try_from(width).unwrap_or(u16::MAX).min(area.width);
    let x = cursor.x.min(area.right().saturating_sub(width)).max(area.x);
    let (y, height) = if below >= wanted || below >= above {
        (cursor.y + 1, wanted.min(below))
    } else {
        let height = wanted.min(above);
        (cursor.y - height, height)
    };
    (height >= 3).then_some(Rect { x, y, width, height })
}
