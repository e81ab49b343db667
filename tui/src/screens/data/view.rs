//! How Data looks.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::{Data, Pages};
use crate::app::shared::{Shared, error_lines};
use crate::theme::{Theme, Tone};
use crate::widgets::grid::{Look, Rows as _};
use crate::widgets::{pane, text};

pub(super) fn view(data: &mut Data, frame: &mut Frame<'_>, area: Rect, shared: &Shared) {
    let theme = shared.theme;
    let inside = pane::framed(frame, area, &title(data, theme), theme, true);
    let error = data.error.as_ref().map(error_lines);
    let said: Vec<(&str, Tone)> = error.iter().flatten().map(|(line, tone)| (line.as_str(), *tone)).collect();
    if data.pages.info.is_none() {
        let said = if said.is_empty() { vec![("reading the first rows…", Tone::Dim)] } else { said };
        return pane::message(frame, inside, &said, theme);
    }
    let below = u16::try_from(said.len()).unwrap_or(u16::MAX).min(inside.height / 2);
    let grid = Rect { height: inside.height - below, ..inside };
    data.grid.draw(grid, frame.buffer_mut(), &data.pages, Look { theme, focused: true });
    if data.pages.total() == 0 && grid.height > 3 {
        let line = Rect { y: grid.y + 2, height: 1, ..grid };
        pane::message(frame, line, &[("the table is empty: it has columns, but no rows", Tone::Dim)], theme);
    }
    if below > 0 {
        pane::message(frame, Rect { y: grid.bottom(), height: below, ..inside }, &said, theme);
    }
}

fn title(data: &Data, theme: Theme) -> String {
    let dot = theme.dot();
    let of = &data.partition;
    let table = data.tables.get(data.table).map_or("", String::as_str);
    // The only table needs no name.
    let table = if data.tables.len() == 1 { String::new() } else { format!("{dot}{table}") };
    let facts = match &data.pages {
        Pages { info: None, .. } => String::new(),
        Pages { info: Some(info), .. } => {
            let column = info.columns.get(data.grid.column).map_or("", |column| column.name.as_str());
            let row = match info.total.0 {
                0 => "no rows".to_owned(),
                total => format!("row {} of {}", text::count(data.grid.row + 1), text::count(total)),
            };
            let place = format!("{column} ({} of {})", data.grid.column + 1, info.columns.len());
            format!("{dot}{row}{dot}{place}{dot}v{}", info.version)
        }
    };
    let id = data.pages.info.as_ref().map_or(of.id.as_str(), |info| info.id.as_str());
    format!("{} {}{table}{dot}{}{facts}", of.layer.as_str(), of.of.dataset, short(id))
}

/// The last folder of a partition's path: its date, mostly.
fn short(id: &str) -> &str {
    id.trim_end_matches('/').rsplit('/').next().unwrap_or(id)
}
