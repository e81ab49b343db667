//! A table of records of any length: only what is on the screen is looked at.
//!
//! Row numbers (and, if wished, the first columns) stay in place; the rest moves by whole columns.
//! Owns the cursor and the widths of columns, never the records.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::cells::Cell;
use super::text;
use crate::keys::Action;
use crate::theme::{Theme, Tone};

/// No column is shown wider than this; the whole value is one key away.
const WIDEST: u16 = 40;
/// Nor wider than this by hand.
const WIDEST_CHOSEN: u16 = 400;
/// At most this many cells are measured when records arrive.
const MEASURED_CELLS: usize = 1_024;

/// Where the records come from.
pub(crate) trait Rows {
    /// Records in all.
    fn total(&self) -> u64;
    /// Number of columns.
    fn columns(&self) -> usize;
    /// Name and type of a column, or `None` behind the last one.
    fn column(&self, column: usize) -> Option<(&str, &str)>;
    /// Whether the column holds numbers.
    fn is_number(&self, column: usize) -> bool;
    /// A sign behind the column's name, such as how it is sorted.
    #[expect(clippy::unnecessary_literal_bound, reason = "tables that are sorted have a sign of their own")]
    fn mark(&self, column: usize) -> &str {
        let _ = column;
        ""
    }
    /// One cell, or `None` when its record is not here yet.
    fn cell(&self, row: u64, column: usize) -> Option<Cell<'_>>;
}

/// The cursor of a grid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Grid {
    /// The chosen record, from 0.
    pub(crate) row: u64,
    /// The chosen column, from 0.
    pub(crate) column: usize,
    /// Columns that stay in place.
    pub(crate) frozen: usize,
    top: u64,
    left: usize,
    height: u64,
    widths: Vec<u16>,
    /// Widths that a person chose.
    chosen: Vec<(usize, u16)>,
    /// Columns that do not stay in place and were on the screen last.
    shown: std::ops::Range<usize>,
}

impl Grid {
    /// Moves by `action` in `total` records of `columns` columns. False when it is no movement.
    pub(crate) fn act(&mut self, action: Action, total: u64, columns: usize) -> bool {
        let page = self.height.max(2) - 1;
        match action {
            Action::Up => self.row = self.row.saturating_sub(1),
            Action::Down => self.row = self.row.saturating_add(1),
            Action::PageUp => self.row = self.row.saturating_sub(page),
            Action::PageDown => self.row = self.row.saturating_add(page),
            Action::HalfUp => self.row = self.row.saturating_sub(page.div_ceil(2)),
            Action::HalfDown => self.row = self.row.saturating_add(page.div_ceil(2)),
            Action::First => self.row = 0,
            Action::Last => self.row = u64::MAX,
            Action::Left => self.column = self.column.saturating_sub(1),
            Action::Right => self.column += 1,
            Action::LineStart => self.column = 0,
            Action::LineEnd => self.column = usize::MAX,
            _ => return false,
        }
        self.clamp(total, columns);
        true
    }

    /// Keeps the cursor among records that may have become fewer.
    pub(crate) fn clamp(&mut self, total: u64, columns: usize) {
        self.row = self.row.min(total.saturating_sub(1));
        self.column = self.column.min(columns.saturating_sub(1));
        self.frozen = self.frozen.min(columns.saturating_sub(1));
    }

    /// Keeps the columns up to the chosen one in place; again on the same column, none.
    pub(crate) fn freeze(&mut self) {
        self.frozen = if self.frozen == self.column + 1 { 0 } else { self.column + 1 };
        self.left = self.left.max(self.frozen);
    }

    /// Makes the chosen column wider or narrower.
    pub(crate) fn resize(&mut self, wider: bool) {
        let column = self.column;
        let was = self.wide(column);
        let wide = if wider { was.saturating_add(8).min(WIDEST_CHOSEN) } else { was.saturating_sub(8).max(4) };
        self.chosen.retain(|(known, _)| *known != column);
        self.chosen.push((column, wide));
    }

    fn wide(&self, column: usize) -> u16 {
        let chosen = self.chosen.iter().find(|(known, _)| *known == column).map(|(_, wide)| *wide);
        chosen.or_else(|| self.widths.get(column).copied()).unwrap_or(0)
    }

    /// The columns that stay in place, and the others that were on the screen last.
    pub(crate) fn columns_shown(&self) -> [std::ops::Range<usize>; 2] {
        [0..self.frozen, self.shown.clone()]
    }

    /// Makes columns as wide as the records `from..to` need. Columns only grow, so that nothing
    /// jumps while scrolling.
    pub(crate) fn measure(&mut self, rows: &dyn Rows, from: u64, to: u64, theme: Theme) {
        let columns = rows.columns();
        self.widths.resize(columns, 0);
        let sample = (MEASURED_CELLS / columns.max(1)).max(8) as u64;
        for (column, wide) in self.widths.iter_mut().enumerate() {
            let (name, data_type) = rows.column(column).unwrap_or_default();
            let mark = rows.mark(column);
            let marked = if mark.is_empty() { 0 } else { text::width(mark) + 1 };
            let mut needed = (fitting(name) + marked).max(fitting(data_type));
            for row in from..to.min(from.saturating_add(sample)) {
                if let Some(cell) = rows.cell(row, column) {
                    needed = needed.max(text::width(&shown(&cell, WIDEST, theme).0));
                }
            }
            *wide = (*wide).max(u16::try_from(needed).unwrap_or(WIDEST).clamp(1, WIDEST));
        }
    }

    /// Draws the head and the records that fit.
    pub(crate) fn draw(&mut self, area: Rect, buffer: &mut Buffer, rows: &dyn Rows, look: Look) {
        let theme = look.theme;
        let total = rows.total();
        let count = rows.columns();
        self.widths.resize(count, 0);
        for (column, wide) in self.widths.iter_mut().enumerate() {
            // Nothing of it was seen yet: its head at least.
            if *wide == 0 {
                let (name, data_type) = rows.column(column).unwrap_or_default();
                let needed = fitting(name).max(fitting(data_type));
                *wide = u16::try_from(needed).unwrap_or(WIDEST).clamp(1, WIDEST);
            }
        }
        if area.height < 3 || area.width < 8 || count == 0 {
            return;
        }
        self.clamp(total, count);
        let body = area.height - 2;
        self.height = u64::from(body);
        self.follow_row(total);
        let gutter = u16::try_from(text::count(total).len()).unwrap_or(8).max(2) + 1;
        let layout = self.lay_out(area, gutter);

        let dim = theme.style(Tone::Dim);
        buffer.set_stringn(area.x, area.y, text::right("#", usize::from(gutter), theme), usize::from(gutter), dim);
        for &(column, x, wide) in &layout {
            let (name, data_type) = rows.column(column).unwrap_or_default();
            let number = rows.is_number(column);
            let head = if column == self.column { theme.style(Tone::Accent) } else { theme.style(Tone::Strong) };
            match rows.mark(column) {
                "" => put(buffer, Rect::new(x, area.y, wide, 1), number, name, head, theme),
                mark => {
                    let room = usize::from(wide).saturating_sub(text::width(mark) + 1);
                    let name = format!("{} {mark}", text::cut(name, room, theme));
                    put(buffer, Rect::new(x, area.y, wide, 1), number, &name, head, theme);
                }
            }
            put(buffer, Rect::new(x, area.y + 1, wide, 1), number, data_type, dim, theme);
        }
        for line in 0..body {
            let row = self.top + u64::from(line);
            if row >= total {
                break;
            }
            let y = area.y + 2 + line;
            let here = row == self.row;
            let number = text::right(&text::count(row + 1), usize::from(gutter), theme);
            buffer.set_stringn(
                area.x,
                y,
                number,
                usize::from(gutter),
                if here { theme.style(Tone::Accent) } else { dim },
            );
            for &(column, x, wide) in &layout {
                let place = Rect::new(x, y, wide, 1);
                let (value, mut style) = match rows.cell(row, column) {
                    Some(cell) => shown_styled(&cell, wide, theme),
                    None => (theme.ellipsis().to_owned(), dim),
                };
                if here && column == self.column {
                    style = theme.style(if look.focused { Tone::Cursor } else { Tone::CursorAway });
                    buffer.set_style(place, style);
                } else if here {
                    style = style.add_modifier(Modifier::UNDERLINED);
                }
                put(buffer, place, rows.is_number(column), &value, style, theme);
            }
        }
    }

    /// The records that may be on the screen once it is drawn: a page up and a page down.
    pub(crate) fn around(&self) -> std::ops::Range<u64> {
        self.row.saturating_sub(self.height)..self.row.saturating_add(self.height)
    }

    fn follow_row(&mut self, total: u64) {
        if self.row < self.top {
            self.top = self.row;
        }
        if self.row >= self.top.saturating_add(self.height) {
            self.top = self.row + 1 - self.height;
        }
        self.top = self.top.min(total.saturating_sub(self.height));
    }

    /// Which columns are shown, each with its place and width. Moves `left` so that the chosen
    /// column is among them.
    fn lay_out(&mut self, area: Rect, gutter: u16) -> Vec<(usize, u16, u16)> {
        let start = area.x + gutter + 1;
        let end = area.right();
        // Frozen columns give way before they take more than two thirds of the screen.
        let mut frozen = self.frozen;
        while frozen > 0 && self.span(0, frozen) > (end - start) * 2 / 3 {
            frozen -= 1;
        }
        self.left = self.left.max(frozen);
        let free = (end - start).saturating_sub(self.span(0, frozen));
        if self.column >= frozen {
            self.left = self.left.min(self.column);
            while self.left < self.column && self.span(self.left, self.column + 1).saturating_sub(1) > free {
                self.left += 1;
            }
        }
        let mut layout = Vec::new();
        let mut x = start;
        for column in (0..frozen).chain(self.left..self.widths.len()) {
            let wide = self.wide(column);
            let room = end.saturating_sub(x);
            // A column that does not fit is cut; of less than four cells nobody can read anything.
            if room < wide.min(4) {
                break;
            }
            layout.push((column, x, wide.min(room)));
            x = x.saturating_add(wide + 1);
        }
        let moving = layout.iter().map(|(column, ..)| *column).filter(|column| *column >= frozen);
        self.shown = moving.clone().min().unwrap_or(self.left)..moving.max().map_or(self.left, |last| last + 1);
        layout
    }

    fn span(&self, from: usize, to: usize) -> u16 {
        let to = to.min(self.widths.len());
        let sum: u32 = (from..to).map(|column| u32::from(self.wide(column)) + 1).sum();
        u16::try_from(sum).unwrap_or(u16::MAX)
    }
}

/// How a grid is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) theme: Theme,
    /// Whether keys go to it.
    pub(crate) focused: bool,
}

fn fitting(name: &str) -> usize {
    text::width(&text::cut(name, usize::from(WIDEST), Theme { colour: false, ascii: false, light: false }))
}

fn put(buffer: &mut Buffer, place: Rect, number: bool, value: &str, style: Style, theme: Theme) {
    let columns = usize::from(place.width);
    let value = if number { text::right(value, columns, theme) } else { text::left(value, columns, theme) };
    buffer.set_stringn(place.x, place.y, value, columns, style);
}

fn shown(cell: &Cell<'_>, wide: u16, theme: Theme) -> (String, Tone) {
    match cell {
        Cell::Null => (theme.null().to_owned(), Tone::Null),
        Cell::Text(value) if value.is_empty() => ("\"\"".to_owned(), Tone::Dim),
        Cell::Text(value) => (text::cut(value, usize::from(wide), theme), Tone::Plain),
        Cell::Value(value) => (text::cut(value, usize::from(wide), theme), Tone::Plain),
    }
}

fn shown_styled(cell: &Cell<'_>, wide: u16, theme: Theme) -> (String, Style) {
    let (value, tone) = shown(cell, wide, theme);
    (value, theme.style(tone))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell as Counter;

    use super::*;

    struct Numbers {
        total: u64,
        columns: usize,
        asked: Counter<usize>,
    }

    impl Rows for Numbers {
        fn total(&self) -> u64 {
            self.total
        }
        fn columns(&self) -> usize {
            self.columns
        }
        fn column(&self, column: usize) -> Option<(&str, &str)> {
            (column < self.columns).then_some(("number", "integer"))
        }
        fn is_number(&self, _: usize) -> bool {
            true
        }
        fn cell(&self, row: u64, column: usize) -> Option<Cell<'_>> {
            self.asked.set(self.asked.get() + 1);
            Some(Cell::Value((row * 10 + column as u64).to_string()))
        }
    }

    fn screen(grid: &mut Grid, rows: &Numbers, width: u16, height: u16) -> Vec<String> {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        let look = Look { theme: Theme { colour: false, ascii: false, light: false }, focused: true };
        grid.draw(area, &mut buffer, rows, look);
        (0..height)
            .map(|y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned())
            .collect()
    }

    #[test]
    fn only_the_window_is_looked_at_however_long_the_table() {
        let theme = Theme { colour: false, ascii: false, light: false };
        for total in [20, 1_000_000, u64::from(u32::MAX) * 100] {
            let rows = Numbers { total, columns: 8, asked: Counter::new(0) };
            let mut grid = Grid::default();
            grid.measure(&rows, 0, 500.min(total), theme);
            rows.asked.set(0);
            for action in [Action::Last, Action::PageUp, Action::First, Action::PageDown] {
                assert!(grid.act(action, total, 8));
                screen(&mut grid, &rows, 100, 12);
            }
            assert!(rows.asked.get() <= 4 * 10 * 8, "{} cells for 4 frames", rows.asked.get());
        }
    }

    #[test]
    fn the_chosen_cell_is_always_on_the_screen() {
        let theme = Theme { colour: false, ascii: false, light: false };
        let rows = Numbers { total: 1_000, columns: 30, asked: Counter::new(0) };
        let mut grid = Grid::default();
        grid.measure(&rows, 0, 500, theme);
        grid.act(Action::Last, 1_000, 30);
        grid.act(Action::LineEnd, 1_000, 30);
        insta::assert_snapshot!("last", screen(&mut grid, &rows, 40, 6).join("\n"));
        grid.act(Action::LineStart, 1_000, 30);
        grid.freeze();
        for _ in 0..20 {
            grid.act(Action::Right, 1_000, 30);
        }
        insta::assert_snapshot!("frozen", screen(&mut grid, &rows, 40, 6).join("\n"));
    }

    #[test]
    fn a_screen_that_is_too_small_shows_nothing_and_does_not_panic() {
        let rows = Numbers { total: 3, columns: 3, asked: Counter::new(0) };
        let mut grid = Grid::default();
        grid.measure(&rows, 0, 3, Theme { colour: false, ascii: true, light: false });
        for width in 0..30 {
            for height in 0..6 {
                screen(&mut grid, &rows, width, height);
            }
        }
    }
}
