//! Framed areas, messages in the middle of them, and lines of mixed styles.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear};

use super::text;
use crate::theme::{Theme, Tone};

/// Draws a frame with `title` and returns what is inside of it.
pub(crate) fn framed(frame: &mut Frame<'_>, area: Rect, title: &str, theme: Theme, focused: bool) -> Rect {
    let room = usize::from(area.width.saturating_sub(4));
    let title = text::cut(title, room, theme);
    let (border, name) = if focused {
        (theme.style(Tone::Accent), theme.style(Tone::Accent).add_modifier(Modifier::BOLD))
    } else {
        // The name lies on the border, whose dimness it must not take over.
        (theme.style(Tone::Dim), theme.style(Tone::Strong).remove_modifier(Modifier::DIM))
    };
    let mut block = Block::bordered().border_set(theme.border()).border_style(border);
    if !title.is_empty() {
        block = block.title(Line::from(vec![Span::raw(" "), Span::styled(title, name), Span::raw(" ")]));
    }
    let inside = block.inner(area);
    frame.render_widget(block, area);
    inside
}

/// The same above what is already drawn.
pub(crate) fn overlay(frame: &mut Frame<'_>, area: Rect, title: &str, theme: Theme) -> Rect {
    frame.render_widget(Clear, area);
    framed(frame, area, title, theme, true)
}

/// An area of at most `width` by `height` in the middle of `area`.
pub(crate) fn middle(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect::new(area.x + (area.width - width) / 2, area.y + (area.height - height) / 2, width, height)
}

/// Draws `lines` from the top of `area`.
pub(crate) fn lines(frame: &mut Frame<'_>, area: Rect, lines: &[Line<'_>]) {
    for (y, line) in (area.top()..area.bottom()).zip(lines) {
        frame.buffer_mut().set_line(area.x, y, line, area.width);
    }
}

/// Draws one line.
pub(crate) fn line(frame: &mut Frame<'_>, area: Rect, y: u16, line: &Line<'_>) {
    if y < area.height {
        frame.buffer_mut().set_line(area.x, area.y + y, line, area.width);
    }
}

/// Draws a sentence or two where data would be.
pub(crate) fn message(frame: &mut Frame<'_>, area: Rect, said: &[(&str, Tone)], theme: Theme) {
    let columns = usize::from(area.width.saturating_sub(2)).max(1);
    let mut out = Vec::new();
    for (sentence, tone) in said {
        for piece in text::wrap(sentence, columns) {
            out.push(Line::from(Span::styled(format!(" {piece}"), theme.style(*tone))));
        }
    }
    // What does not fit is said to be missing.
    let height = usize::from(area.height);
    if out.len() > height && height > 1 {
        let rest = out.len() - (height - 1);
        out.truncate(height - 1);
        let said = format!(" {} {}", theme.ellipsis(), text::counted(rest as u64, "more line", "more lines"));
        out.push(Line::from(Span::styled(said, theme.style(Tone::Dim))));
    }
    lines(frame, area, &out);
}

/// Says on the lower edge of a window how many lines stand below it, and which key shows them.
pub(crate) fn more(frame: &mut Frame<'_>, window: Rect, rest: usize, key: &str, theme: Theme) {
    if rest == 0 {
        return;
    }
    let said = format!(" {}, {key} ", text::counted(rest as u64, "more line", "more lines"));
    let wide = u16::try_from(text::width(&said)).unwrap_or(0).min(window.width.saturating_sub(4));
    let (x, y) = (window.right().saturating_sub(wide + 2), window.bottom().saturating_sub(1));
    frame.buffer_mut().set_stringn(x, y, said, usize::from(wide), theme.style(Tone::Dim));
}

/// Puts a style on a whole line of `area`.
pub(crate) fn paint(frame: &mut Frame<'_>, area: Rect, y: u16, tone: Tone, theme: Theme) {
    if y < area.height {
        frame.buffer_mut().set_style(Rect::new(area.x, area.y + y, area.width, 1), theme.style(tone));
    }
}

/// A span in a tone.
pub(crate) fn span(content: impl Into<String>, tone: Tone, theme: Theme) -> Span<'static> {
    Span::styled(content.into(), theme.style(tone))
}
