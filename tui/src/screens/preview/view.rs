//! How Preview looks.

use medallion_core::api::wire::NoteLevel;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::tabs::{self, Tab};
use super::{Preview, Records};
use crate::app::shared::{Shared, error_lines};
use crate::theme::{Mark, Theme, Tone};
use crate::widgets::grid::Look;
use crate::widgets::{pane, text};

pub(super) fn view(preview: &mut Preview, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
    let theme = shared.theme;
    let findings = preview.findings_len();
    let wanted = match (preview.records.value(), findings) {
        (None, _) => 0,
        (Some(_), 0) => 3,
        (Some(_), some) => u16::try_from(some + 2).unwrap_or(u16::MAX).clamp(3, (area.height / 3).max(4)),
    };
    let wanted = if area.height < 14 && findings == 0 { 0 } else { wanted };
    // In a low window the findings come with Tab.
    let wanted = if area.height < 12 && !preview.on_findings { 0 } else { wanted };
    let top = Rect { height: area.height - wanted, ..area };
    let bottom = Rect { y: top.bottom(), height: wanted, ..area };

    let inside = pane::framed(frame, top, &title(preview, theme), theme, !preview.on_findings);
    let room = usize::from(inside.width);
    let Some(records) = preview.records.value() else {
        let said = match (preview.records.error(), &preview.dataset) {
            (Some(error), _) => {
                let mut lines = error_lines(error);
                lines.push((String::new(), Tone::Plain));
                lines.push(("d chooses another date, p fetches again".to_owned(), Tone::Dim));
                lines
            }
            (None, Some(_)) => vec![("fetching the first records…".to_owned(), Tone::Dim)],
            (None, None) => vec![("there is no dataset to look at; Home (1) lists them".to_owned(), Tone::Dim)],
        };
        let said: Vec<(&str, Tone)> = said.iter().map(|(line, tone)| (line.as_str(), *tone)).collect();
        return pane::message(frame, inside, &said, theme);
    };

    let stale = preview.is_stale(shared);
    let line = if let Some(error) = &records.info.error {
        let said = format!(" x {}: {}", error.code, error.message);
        Line::styled(text::cut(&said, room, theme), theme.style(Tone::Fail))
    } else if stale {
        let said = format!(" {} stale: the config has changed since; p fetches again", theme.glyph(Mark::Warn));
        Line::styled(text::cut(&said, room, theme), theme.style(Tone::Warn))
    } else if let Some(error) = preview.records.error() {
        let said = format!(" x as they were; fetching again failed: {}", error.message);
        Line::styled(text::cut(&said, room, theme), theme.style(Tone::Fail))
    } else {
        let source = text::tail(&records.info.source, room.saturating_sub(2), theme);
        Line::styled(format!(" {source}"), theme.style(Tone::Dim))
    };
    pane::line(frame, inside, 0, &line);
    pane::line(frame, inside, 1, &tab_line(preview.tab, records, room, theme));
    let grid = Rect { y: inside.y + 2, height: inside.height.saturating_sub(2), ..inside };
    if preview.tab != Tab::Records {
        let lines = tabs::lines(preview.tab, &records.info);
        let window = preview.line.window(lines.len(), usize::from(grid.height));
        for (y, at) in (0..).zip(window) {
            let (said, tone) = &lines[at];
            pane::line(frame, grid, y, &Line::styled(text::cut(said, room, theme), theme.style(*tone)));
            if at == preview.line.at && !preview.on_findings {
                pane::paint(frame, grid, y, Tone::Cursor, theme);
            }
        }
    } else if records.info.columns.is_empty() {
        pane::message(frame, grid, &[("the source has no columns", Tone::Dim)], theme);
    } else {
        preview.grid.draw(grid, frame.buffer_mut(), records, Look { theme, focused: !preview.on_findings });
        if records.total == 0 && grid.height > 3 {
            let below = Rect { y: grid.y + 2, height: 1, ..grid };
            pane::message(frame, below, &[("the source has no records", Tone::Dim)], theme);
        }
    }
    if wanted > 0 {
        let lines = findings_lines(records, usize::from(bottom.width.saturating_sub(3)), theme);
        let title = if lines.is_empty() { "Findings".to_owned() } else { format!("Findings {}", lines.len()) };
        let inside = pane::framed(frame, bottom, &title, theme, preview.on_findings);
        if lines.is_empty() {
            let said = format!("{} every record could be read, no finding", theme.glyph(Mark::Ok));
            pane::message(frame, inside, &[(&said, Tone::Ok)], theme);
        }
        let window = preview.findings.window(lines.len(), usize::from(inside.height));
        for (y, at) in (0..).zip(window) {
            pane::line(frame, inside, y, &lines[at]);
            if at == preview.findings.at && preview.on_findings {
                pane::paint(frame, inside, y, Tone::Cursor, theme);
            }
        }
    }
}

fn title(preview: &Preview, theme: Theme) -> String {
    let dot = theme.dot();
    let dataset = preview.dataset.as_deref().unwrap_or("Preview");
    let date = preview.date.map_or_else(|| "today".to_owned(), |date| date.to_string());
    let records = match preview.records.value() {
        None => String::new(),
        Some(records) => {
            let many = text::counted(records.total, "record", "records");
            let rest =
                if records.info.more { format!("the first {many}, there are more") } else { format!("all {many}") };
            format!("{dot}{rest}")
        }
    };
    format!("{dataset}{dot}{date}{records}")
}

/// Columns that the names of all tabs take, with their numbers.
const ALL_TABS: usize = 48;

/// The tabs, the current one in brackets.
fn tab_line(current: Tab, records: &Records, room: usize, theme: Theme) -> Line<'static> {
    let mut spans = Vec::new();
    for tab in Tab::ALL {
        let count = match tab {
            Tab::Requests => records.info.exchanges.len(),
            Tab::Schema => records.info.schema.len(),
            Tab::Records | Tab::State | Tab::Log => 0,
        };
        let count = if count > 0 { format!(" {count}") } else { String::new() };
        let (said, tone) = if tab == current {
            (format!("[{}{count}]", tab.name()), Tone::Strong)
        } else {
            (format!(" {}{count} ", tab.name()), Tone::Dim)
        };
        // Where not all have room, the current one is enough.
        if room >= ALL_TABS || tab == current {
            spans.push(Span::styled(said, theme.style(tone)));
        }
    }
    if room < ALL_TABS {
        spans.push(Span::styled(" t shows the next", theme.style(Tone::Dim)));
    }
    Line::from(spans)
}

fn findings_lines(records: &Records, room: usize, theme: Theme) -> Vec<Line<'static>> {
    let notes = records.info.findings.iter().map(|note| {
        let (mark, tone) = match note.level {
            NoteLevel::Warning => (Mark::Warn, Tone::Warn),
            NoteLevel::Info => (Mark::Info, Tone::Plain),
        };
        let code = note.code.as_ref().map(|code| format!("{code} ")).unwrap_or_default();
        let place = note.place.as_ref().filter(|_| note.level == NoteLevel::Warning);
        let place = place.map(|place| format!(" ({}:{})", place.line, place.column)).unwrap_or_default();
        (format!(" {} {code}{}{place}", theme.glyph(mark), note.message), tone)
    });
    let unreadable = records.info.unreadable.iter().map(|record| {
        (
            format!(
                " {} line {} is unreadable: {}: {}",
                theme.glyph(Mark::Warn),
                record.line,
                record.reason,
                record.raw
            ),
            Tone::Warn,
        )
    });
    notes.chain(unreadable).map(|(said, tone)| Line::styled(text::cut(&said, room, theme), theme.style(tone))).collect()
}
