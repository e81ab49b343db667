//! How Config looks: the text with its problems, the form beside it or in its place, a bar when the
//! file was changed outside.

use medallion_core::api::wire::Diagnostic;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::document::{Document, mark};
use super::{Config, Pane, form_view};
use crate::app::shared::{Shared, error_lines};
use crate::theme::{Mark, Theme, Tone};
use crate::widgets::editor::Look;
use crate::widgets::{pane, text};

/// From this width on, form and text stand beside each other.
const BESIDE: u16 = 120;

pub(super) fn view(config: &mut Config, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
    let theme = shared.theme;
    let problems = config.current().map_or(0, |document| document.problems().len());
    let wanted = u16::try_from(problems * 2 + 2).unwrap_or(u16::MAX).clamp(3, (area.height / 3).max(4));
    let top = Rect { height: area.height - wanted, ..area };
    let below = Rect { y: top.bottom(), height: wanted, ..area };
    let beside = area.width >= BESIDE && config.current().is_some_and(|document| document.form.is_some());
    if beside {
        let width = area.width * 2 / 5;
        let left = Rect { width, ..top };
        let right = Rect { x: top.x + width, width: top.width - width, ..top };
        view_form(config, frame, left, shared);
        view_text(config, frame, right, shared);
    } else if config.shows_form() && config.current().is_some() {
        view_form(config, frame, top, shared);
    } else {
        view_text(config, frame, top, shared);
    }
    view_problems(config, frame, below, theme);
    view_popups(config, frame, area, theme);
}

fn view_form(config: &mut Config, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
    let focused = config.pane == Pane::Form;
    if let Some(document) = config.current_mut() {
        form_view::view(document, frame, area, shared, focused);
    }
}

fn view_text(config: &mut Config, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
    let theme = shared.theme;
    let focused = config.pane == Pane::Text;
    let typing = config.typing && focused;
    let inside = pane::framed(frame, area, &title(config, theme), theme, focused);
    let waiting = config.text.waiting().is_some() || config.files.waiting().is_some();
    let failed = config.text.error().map(error_lines);
    let find = shared.find.as_deref();
    config.cursor = None;
    let Some(document) = config.current_mut() else {
        let said = if waiting { "reading the file…" } else { "there is no config file here; n on Home makes one" };
        let lines = failed.unwrap_or_else(|| vec![(said.to_owned(), Tone::Dim)]);
        let said: Vec<(&str, Tone)> = lines.iter().map(|(line, tone)| (line.as_str(), *tone)).collect();
        return pane::message(frame, inside, &said, theme);
    };
    let body = view_bar(document, frame, inside, theme);
    let remarks = document.remarks().to_vec();
    let look = Look { theme, focused, remarks: &remarks, find };
    let cursor = document.editor.draw(body, frame.buffer_mut(), look);
    if let (Some(cursor), true) = (cursor, focused) {
        if typing && shared.overlay.is_none() && shared.prompt.is_none() {
            frame.set_cursor_position(cursor);
        } else {
            frame.buffer_mut().set_style(Rect::new(cursor.x, cursor.y, 1, 1), theme.style(Tone::Cursor));
        }
        config.cursor = Some(cursor);
    }
}

/// What was changed outside, until a person has settled it. Returns what is left for the text.
fn view_bar(document: &Document, frame: &mut Frame<'_>, area: Rect, theme: Theme) -> Rect {
    let Some(now) = &document.outside else { return area };
    let what = if now.text.is_some() { "changed" } else { "removed" };
    let said = format!(
        " {} {what} outside: +{} -{} there, +{} -{} here. F6 chooses",
        theme.glyph(Mark::Warn),
        now.theirs.added,
        now.theirs.removed,
        now.ours.added,
        now.ours.removed
    );
    let room = usize::from(area.width);
    pane::line(frame, area, 0, &Line::styled(text::left(&said, room, theme), theme.style(Tone::Warn)));
    pane::paint(frame, area, 0, Tone::Cursor, theme);
    Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }
}

fn title(config: &Config, theme: Theme) -> String {
    let dot = theme.dot();
    let mut title = config.file.clone().unwrap_or_else(|| "Config".to_owned());
    let (at, count) = config.place_among_files();
    if count > 1 && at > 0 {
        title = format!("{title} ({at} of {count})");
    }
    let Some(document) = config.current() else { return title };
    if document.is_new() {
        title = format!("{} {title}{dot}not saved yet", theme.pick("●", "*"));
    } else if document.is_changed() {
        title = format!("{} {title}{dot}changed", theme.pick("●", "*"));
    }
    if document.read_only {
        title = format!("{title}{dot}read-only");
    }
    let (line, column) = document.editor.position();
    title = format!("{title}{dot}{line}:{column}");
    if let Some(selected) = document.editor.selection() {
        title = format!("{title}{dot}{} selected", text::count(selected.len() as u64));
    } else if document.editor.is_selecting() && !config.typing {
        title = format!("{title}{dot}selecting");
    }
    if config.typing {
        title = format!("{title}{dot}typing");
    }
    title
}

fn view_problems(config: &mut Config, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let focused = config.pane == Pane::Problems;
    let here = config.chosen_problem();
    let Some(document) = config.current() else {
        pane::framed(frame, area, "Problems", theme, focused);
        return;
    };
    let (errors, warnings) = document.counts();
    let dot = theme.dot();
    let stale = if document.is_checked() { String::new() } else { format!("{dot}checking") };
    let title = if document.problems().is_empty() {
        format!("Problems{stale}")
    } else {
        format!(
            "Problems{dot}{}{dot}{}{stale}",
            text::counted(errors, "error", "errors"),
            text::counted(warnings, "warning", "warnings")
        )
    };
    let inside = pane::framed(frame, area, &title, theme, focused);
    if let Some(failure) = &document.failure {
        let said = format!("{} the text could not be checked: {failure}", theme.glyph(Mark::Fail));
        return pane::message(frame, inside, &[(&said, Tone::Fail)], theme);
    }
    if document.problems().is_empty() {
        if document.is_checked() {
            let said = format!("{} no problem was found", theme.glyph(Mark::Ok));
            pane::message(frame, inside, &[(&said, Tone::Ok)], theme);
        }
        return;
    }
    // Each problem has as many lines as it needs; the window is counted in problems.
    let columns = usize::from(inside.width.saturating_sub(1));
    let height = usize::from(inside.height);
    let mut cursor = config.problem;
    cursor.clamp(document.problems().len());
    if let (Some(here), false) = (here, focused) {
        cursor.set(here);
    }
    cursor.top = cursor.top.min(cursor.at);
    let tall = |at: usize| block(document, &document.problems()[at], columns, theme).len();
    // Only what may be shown is laid out: there may be thousands.
    let first = cursor.at.saturating_sub(height);
    cursor.top = cursor.top.max(first);
    while cursor.top < cursor.at && (cursor.top..=cursor.at).map(tall).sum::<usize>() > height {
        cursor.top += 1;
    }
    let mut y = 0;
    for (at, problem) in document.problems().iter().enumerate().skip(cursor.top) {
        if y >= inside.height {
            break;
        }
        for (place, line) in block(document, problem, columns, theme).iter().enumerate() {
            pane::line(frame, inside, y, line);
            if at == cursor.at && place == 0 {
                pane::paint(frame, inside, y, if focused { Tone::Cursor } else { Tone::Strong }, theme);
            }
            y += 1;
        }
    }
    config.problem = cursor;
}

fn block(document: &Document, problem: &Diagnostic, columns: usize, theme: Theme) -> Vec<Line<'static>> {
    let mark = mark(problem.severity);
    let place =
        document.position(problem).map_or_else(|| "file".to_owned(), |(line, column)| format!("{line}:{column}"));
    let head = format!("{} {place} {} {}", theme.glyph(mark), problem.code, problem.message);
    let mut lines: Vec<Line<'static>> = Vec::new();
    for (at, piece) in text::wrap(&head, columns).into_iter().enumerate() {
        let indent = if at == 0 { "" } else { "  " };
        lines.push(Line::styled(text::cut(&format!("{indent}{piece}"), columns, theme), theme.mark_style(mark)));
    }
    let help = match (&problem.help, &problem.fix) {
        (Some(help), Some(_)) => Some(format!("{help} (f mends it)")),
        (Some(help), None) => Some(help.clone()),
        (None, Some(fix)) => Some(format!("f: {}", fix.title)),
        (None, None) => None,
    };
    for piece in help.iter().flat_map(|help| text::wrap(help, columns.saturating_sub(2))) {
        lines.push(Line::styled(format!("  {piece}"), theme.style(Tone::Plain)));
    }
    for related in &problem.related {
        let file = if related.file.is_empty() { String::new() } else { format!("{}:", related.file) };
        let said = format!("  {file}{}:{} {}", related.span.line, related.span.column, related.message);
        lines.push(Line::styled(text::cut(&said, columns, theme), theme.style(Tone::Dim)));
    }
    lines
}

fn view_popups(config: &mut Config, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let Some(cursor) = config.cursor else { return };
    if let Some(popup) = &mut config.popup {
        popup.view(frame, area, cursor, theme);
    } else if let Some(tip) = &config.tip {
        tip.view(frame, area, cursor, theme);
    }
}
