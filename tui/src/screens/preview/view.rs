//! How Preview looks.

use medallion_core::api::wire::NoteLevel;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

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

    let line = if let Some(error) = preview.records.error() {
        let said = format!(" x as they were; fetching again failed: {}", error.message);
        Line::styled(text::cut(&said, room, theme), theme.style(Tone::Fail))
    } else {
        let source = text::tail(&records.info.source, room.saturating_sub(2), theme);
        Line::styled(format!(" {source}"), theme.style(Tone::Dim))
    };
    pane::line(frame, inside, 0, &line);
    let grid = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
    if records.info.columns.is_empty() {
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

fn findings_lines(records: &Records, room: usize, theme: Theme) -> Vec<Line<'static>> {
    let notes = records.info.notes.iter().map(|note| {
        let (mark, tone) = match note.level {
            NoteLevel::Warning => (Mark::Warn, Tone::Warn),
            NoteLevel::Info => (Mark::Info, Tone::Plain),
        };
        let code = note.code.as_ref().map(|code| format!("{code} ")).unwrap_or_default();
        (format!(" {} {code}{}", theme.glyph(mark), note.message), tone)
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
