//! How Data looks.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::Data;
use crate::app::shared::{Shared, error_lines};
use crate::theme::{Theme, Tone};
use crate::widgets::grid::{Look, Rows as _};
use crate::widgets::{pane, text};

/// So long nothing is said of work that may be over at once, in milliseconds.
const PATIENCE: u64 = 150;

pub(super) fn view(data: &mut Data, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
    let theme = shared.theme;
    let title = title(data, usize::from(area.width).saturating_sub(4), theme);
    let inside = pane::framed(frame, area, &title, theme, true);
    let error = data.error.as_ref().map(error_lines);
    let said: Vec<(&str, Tone)> = error.iter().flatten().map(|(line, tone)| (line.as_str(), *tone)).collect();
    if data.pages.opened.is_none() {
        let said = if said.is_empty() { vec![("reading the first rows…", Tone::Dim)] } else { said };
        return pane::message(frame, inside, &said, theme);
    }
    let room = usize::from(inside.width).saturating_sub(1);
    let above = question(data, theme);
    let above_height = u16::from(above.is_some() && inside.height > 6);
    if let Some(above) = above.filter(|_| above_height > 0) {
        let line = Line::styled(text::cut(&format!(" {above}"), room, theme), theme.style(Tone::Accent));
        pane::line(frame, inside, 0, &line);
    }
    let work = working(data, shared);
    let below = u16::try_from(said.len()).unwrap_or(u16::MAX).min(inside.height / 2) + u16::from(work.is_some());
    let height = inside.height.saturating_sub(below + above_height);
    let grid = Rect { y: inside.y + above_height, height, ..inside };
    data.grid.draw(grid, frame.buffer_mut(), &data.pages, Look { theme, focused: true });
    if data.pages.total() == 0 && grid.height > 3 {
        let line = Rect { y: grid.y + 2, height: 1, ..grid };
        let said = if data.rows.filter.is_empty() {
            "the table is empty: it has columns, but no rows"
        } else {
            "no row is left by the filter: & changes it"
        };
        pane::message(frame, line, &[(said, Tone::Dim)], theme);
    }
    if let Some(work) = work {
        let line = Line::styled(text::cut(&format!(" {work}"), room, theme), theme.style(Tone::Busy));
        let place = Rect { y: grid.bottom(), height: 1, ..inside };
        pane::line(frame, place, 0, &line);
    }
    if !said.is_empty() {
        let y = grid.bottom();
        pane::message(frame, Rect { y, height: inside.bottom().saturating_sub(y), ..inside }, &said, theme);
    }
}

/// Filter and sort, if there are any.
fn question(data: &Data, theme: Theme) -> Option<String> {
    let sort: Vec<String> = data
        .rows
        .sort
        .iter()
        .map(|key| format!("{} {}", key.column, if key.descending { "down" } else { "up" }))
        .collect();
    let mut parts = Vec::new();
    if !data.rows.filter.is_empty() {
        parts.push(format!("& {}", data.rows.filter));
    }
    if !sort.is_empty() {
        parts.push(format!("sorted by {}", sort.join(", ")));
    }
    (!parts.is_empty()).then(|| text::clean(&parts.join(theme.dot())))
}

/// What is going on, once it has taken a moment.
fn working(data: &Data, shared: &Shared) -> Option<String> {
    let work = data.work.as_ref()?;
    if shared.now < work.since.saturating_add(PATIENCE) {
        return None;
    }
    let sign = shared.theme.spinner(shared.now);
    let stop = "Esc stops it";
    Some(match &work.progress {
        Some(progress) if progress.total.0 > 0 => {
            let percent = progress.rows.0 * 100 / progress.total.0;
            let (rows, total) = (text::count(progress.rows.0), text::count(progress.total.0));
            format!("{sign} {} {percent} % ({rows} of {total} rows){}{stop}", progress.doing, shared.theme.dot())
        }
        _ => format!("{sign} {}{}{}{stop}", work.kind.word(), shared.theme.ellipsis(), shared.theme.dot()),
    })
}

fn title(data: &Data, room: usize, theme: Theme) -> String {
    let dot = theme.dot();
    let of = &data.rows.of;
    let table = data.tables.get(data.table).map_or("", String::as_str);
    // The only table needs no name.
    let table = if data.tables.len() == 1 { String::new() } else { format!("{dot}{table}") };
    let opened = data.pages.opened.as_ref();
    let id = opened.map_or(of.id.as_str(), |opened| opened.id.as_str());
    let place = if data.rows.whole { "all partitions".to_owned() } else { short(id).to_owned() };
    let name = format!("{} {}{table}{dot}{place}", of.layer.as_str(), of.of.dataset);
    let Some(opened) = opened else { return name };
    let row = match opened.total.0 {
        0 => "no rows".to_owned(),
        total => format!("row {} of {}", text::count(data.grid.row + 1), text::count(total)),
    };
    let row = if opened.total == opened.unfiltered {
        row
    } else {
        format!("{row} (of {})", text::count(opened.unfiltered.0))
    };
    let column = data.pages.name(data.grid.column).unwrap_or_default();
    let column = format!("{column} ({} of {})", data.grid.column + 1, data.pages.columns());
    let version = if data.rows.whole { String::new() } else { format!("{dot}v{}", opened.version) };
    // What there is no room for goes from the end, the name before the row.
    let whole = format!("{name}{dot}{row}{dot}{column}{version}");
    if text::width(&whole) <= room {
        return whole;
    }
    let shorter = format!("{name}{dot}{row}{dot}{column}");
    if text::width(&shorter) <= room { shorter } else { format!("{row}{dot}{column}{dot}{name}") }
}

/// The last folder of a partition's path: its date, mostly.
fn short(id: &str) -> &str {
    id.trim_end_matches('/').rsplit('/').next().unwrap_or(id)
}
