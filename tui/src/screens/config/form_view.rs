//! How the form looks: a tree of fields, each with its value and where that comes from.

use medallion_core::api::wire::{FieldKind, Origin};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::document::{Document, mark};
use super::form::{Row, is_used};
use crate::app::shared::{Purpose, Shared};
use crate::theme::{Theme, Tone};
use crate::widgets::{markdown, pane, text};

pub(super) fn view(document: &mut Document, frame: &mut Frame<'_>, area: Rect, shared: &Shared, focused: bool) {
    let theme = shared.theme;
    let mode = match document.form.as_ref().map(|form| document.state.hidden(form)) {
        _ if document.state.all => "all fields".to_owned(),
        Some(hidden) if hidden > 0 => format!("basic{}{hidden} more with b", theme.dot()),
        _ => "basic".to_owned(),
    };
    let stale = if document.form.is_some() && !document.has_form() { theme.pick(" …", " ~") } else { "" };
    let inside = pane::framed(frame, area, &format!("Form{}{mode}{stale}", theme.dot()), theme, focused);
    let Some(form) = document.form.take() else {
        return pane::message(frame, inside, &[("reading the fields", Tone::Dim)], theme);
    };
    if let Some(reason) = &form.unreadable {
        let said = format!("There is no form: {reason}");
        pane::message(
            frame,
            inside,
            &[(&said, Tone::Warn), ("", Tone::Plain), ("The text can be mended on the other side: F2", Tone::Dim)],
            theme,
        );
        document.form = Some(form);
        return;
    }
    // The last lines say what the chosen field is.
    let help = if inside.height >= 9 { 2 } else { 0 };
    let list = Rect { height: inside.height - help, ..inside };
    let rows = document.state.rows(&form);
    let at = document.state.at(&rows);
    let height = usize::from(list.height).max(1);
    let mut top = document.state.top.min(at);
    if at >= top + height {
        top = at + 1 - height;
    }
    top = top.min(rows.len().saturating_sub(height));
    let label = rows
        .iter()
        .map(|row| row.depth * 2 + text::width(&row.field.label) + 4)
        .max()
        .unwrap_or(0)
        .clamp(12, (usize::from(list.width) / 2).max(12));
    for (y, (place, row)) in (0..).zip(rows.iter().enumerate().skip(top).take(height)) {
        let chosen = place == at;
        let typing = shared.prompt.as_ref().filter(|prompt| {
            chosen
                && prompt.inline
                && matches!(prompt.purpose, Purpose::Value | Purpose::Item | Purpose::Entry | Purpose::Name)
        });
        let line = row_line(document, row, label, usize::from(list.width), theme);
        pane::line(frame, list, y, &line);
        if let Some(prompt) = typing {
            let x = u16::try_from(label + 1).unwrap_or(0).min(list.width);
            let place = Rect { x: list.x + x, y: list.y + y, width: list.width - x, height: 1 };
            view_field(frame, place, prompt.field.halves(), theme);
        } else if chosen {
            pane::paint(frame, list, y, if focused { Tone::Cursor } else { Tone::CursorAway }, theme);
        }
    }
    if let (Some(row), 1..) = (rows.get(at), help) {
        let below = Rect { y: list.bottom(), height: help, ..inside };
        let columns = usize::from(below.width.saturating_sub(2));
        let problem = row.field.problems.iter().find_map(|&at| document.problems().get(at as usize));
        let said = problem.map_or_else(
            || (markdown::first_sentence(&row.field.help), Tone::Dim),
            |problem| (format!("{} {}", theme.glyph(mark(problem.severity)), problem.message), Tone::Warn),
        );
        for (y, piece) in (0..).zip(text::wrap(&said.0, columns).iter().take(usize::from(help))) {
            let cut = text::cut(piece, columns, theme);
            pane::line(frame, below, y, &Line::styled(format!(" {cut}"), theme.style(said.1)));
        }
    }
    document.state.top = top;
    document.state.height = height;
    document.form = Some(form);
}

fn view_field(frame: &mut Frame<'_>, area: Rect, (before, after): (&str, &str), theme: Theme) {
    frame.render_widget(ratatui::widgets::Clear, area);
    let room = usize::from(area.width).saturating_sub(1);
    let before = text::tail(before, room.saturating_sub(1), theme);
    let rest = room.saturating_sub(text::width(&before) + 1);
    let line = Line::from(vec![
        pane::span(before, Tone::Strong, theme),
        pane::span(theme.pick("▏", "_"), Tone::Accent, theme),
        pane::span(text::cut(after, rest, theme), Tone::Strong, theme),
    ]);
    pane::line(frame, area, 0, &line);
}

fn row_line(document: &Document, row: &Row<'_>, label: usize, width: usize, theme: Theme) -> Line<'static> {
    let field = row.field;
    let problem = field
        .problems
        .iter()
        .filter_map(|&at| document.problems().get(at as usize))
        .map(|problem| problem.severity)
        .min();
    let sign = problem.map_or(" ", |severity| theme.glyph(mark(severity)));
    let sign_style = problem.map_or(theme.style(Tone::Plain), |severity| theme.mark_style(mark(severity)));
    let fold = match row.open {
        Some(true) => theme.pick("▾ ", "v "),
        Some(false) => theme.pick("▸ ", "> "),
        None => "  ",
    };
    let used = is_used(field);
    let name_tone = match (used, field.kind == FieldKind::Raw) {
        (_, true) => Tone::Warn,
        (true, _) => Tone::Key,
        (false, _) => Tone::Plain,
    };
    let name = format!("{}{fold}{}", "  ".repeat(row.depth), field.label);
    let (value, value_tone) = value(row, theme);
    let origin = origin(row, theme);
    let wide = text::width(&origin);
    let room = width.saturating_sub(label + 1 + wide + 1);
    Line::from(vec![
        Span::styled(sign, sign_style),
        pane::span(text::left(&name, label - 1, theme), name_tone, theme),
        pane::span(format!(" {}", text::left(&value, room.saturating_sub(1), theme)), value_tone, theme),
        pane::span(format!(" {origin}"), Tone::Dim, theme),
    ])
}

fn value(row: &Row<'_>, theme: Theme) -> (String, Tone) {
    let field = row.field;
    if row.open.is_some() {
        let count = field.children.iter().filter(|child| is_used(child)).count() as u64;
        return match (&field.kind, count) {
            (_, 0) if field.required && !is_used(field) => ("needed".to_owned(), Tone::Fail),
            (_, 0) => (String::new(), Tone::Dim),
            (FieldKind::List { .. }, count) => (text::counted(count, "item", "items"), Tone::Dim),
            (FieldKind::Map, count) => (text::counted(count, "entry", "entries"), Tone::Dim),
            _ => (String::new(), Tone::Dim),
        };
    }
    match (&field.written, &field.effective) {
        // What is written counts, unless a layer above says something else.
        (Some(written), Some(effective)) if written != effective && field.origin != Origin::Here => {
            (format!("{} (here: {})", shown(effective, theme), shown(written, theme)), Tone::Plain)
        }
        (Some(written), _) => {
            let tone = match field.kind {
                _ if written.contains("${") => Tone::Variable,
                FieldKind::Integer | FieldKind::Number | FieldKind::Boolean => Tone::Literal,
                _ => Tone::Strong,
            };
            (shown(written, theme), tone)
        }
        (None, Some(effective)) => (shown(effective, theme), Tone::Dim),
        (None, None) if field.required => ("needed".to_owned(), Tone::Fail),
        (None, None) => (String::new(), Tone::Dim),
    }
}

/// One line of a value; a text of several lines is cut with a sign.
fn shown(value: &str, theme: Theme) -> String {
    match value.trim_end().split_once('\n') {
        Some((first, _)) => format!("{first} {}", theme.ellipsis()),
        None if value.is_empty() => "\"\"".to_owned(),
        None => value.to_owned(),
    }
}

fn origin(row: &Row<'_>, theme: Theme) -> String {
    let field = row.field;
    if field.kind == FieldKind::Raw {
        return "unknown, kept".to_owned();
    }
    let of = |file: &str| file.rsplit(['/', '\\']).next().unwrap_or(file).to_owned();
    let said = match &field.origin {
        Origin::Nowhere if row.open.is_some() && is_used(field) => String::new(),
        Origin::Nowhere => String::new(),
        Origin::Default => "default".to_owned(),
        Origin::Here if row.open.is_some() => String::new(),
        Origin::Here => "here".to_owned(),
        Origin::Parent { file } => format!("parent {}", of(file)),
        Origin::Environment { file } => format!("env {}", of(file)),
    };
    let said = if field.deprecated { format!("old {said}").trim_end().to_owned() } else { said };
    text::cut(&said, 24, theme)
}
