//! Text tables: columns that line up, numbers to the right, wide characters counted.
//!
//! Pure functions from cells to text; knows no stream and no terminal.

pub(crate) use medallion_core::figures::{bytes, count, counted as plural};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::output::{Ink, harmless, paint};

/// Where a column's text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A cell with its ink.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    text: String,
    ink: Ink,
}

impl Cell {
    /// A cell. Line feeds, tabs and other control characters are escaped.
    pub(crate) fn new(text: impl AsRef<str>, ink: Ink) -> Self {
        let text = harmless(text.as_ref());
        let text = if text.contains(['\n', '\t']) { text.replace('\n', "\\n").replace('\t', "\\t") } else { text };
        Self { text, ink }
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text, Ink::Plain)
    }
}

/// A table under construction.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table with these headings.
    pub(crate) fn new<const N: usize>(columns: [(&str, Align); N]) -> Self {
        Self::of(columns.into_iter().map(|(name, align)| (name.to_owned(), align)).collect())
    }

    /// A table with headings known only at run time.
    pub(crate) fn of(columns: Vec<(String, Align)>) -> Self {
        let columns = columns.into_iter().map(|(name, align)| (Cell::from(name).text, align)).collect();
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row with as many cells as there are headings.
    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        debug_assert_eq!(cells.len(), self.columns.len(), "a row has as many cells as headings");
        self.rows.push(cells);
    }

    /// Whether it has no rows.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table in at most `limit` columns of a terminal, and how many of its columns are shown
    /// whole. To fit, the gaps shrink first, then long cells are cut, ending with `…`.
    pub(crate) fn render(&self, colour: bool, limit: Option<usize>) -> Rendered {
        let mut widths: Vec<usize> = self.columns.iter().map(|(name, _)| name.width()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.text.width());
            }
        }
        let mut gap = 2;
        let total = |widths: &[usize], gap: usize| widths.iter().sum::<usize>() + gap * widths.len().saturating_sub(1);
        let mut shown = widths.len();
        let mut cut = false;
        if let Some(limit) = limit {
            if total(&widths, gap) > limit {
                gap = 1;
            }
            // A cell keeps at least 16 columns, or all of its text; then whole columns go.
            while total(&widths, gap) > limit && widths.iter().any(|width| *width > 16) {
                cut = true;
                if let Some(widest) = widths.iter_mut().max() {
                    *widest -= 1;
                }
            }
            while shown > 1 && total(&widths[..shown], gap) > limit {
                shown -= 1;
            }
        }
        let mut text = String::new();
        let heading: Vec<Cell> =
            self.columns.iter().map(|(name, _)| Cell { text: name.clone(), ink: Ink::Strong }).collect();
        for row in std::iter::once(&heading).chain(&self.rows) {
            let mut line = String::new();
            for (index, cell) in row.iter().take(shown).enumerate() {
                let width = widths[index];
                let shortened = shorten(&cell.text, width);
                let padding = " ".repeat(width.saturating_sub(shortened.width()));
                let painted = paint(colour, cell.ink, &shortened);
                if index > 0 {
                    line += &" ".repeat(gap);
                }
                match self.columns[index].1 {
                    Align::Left => line = line + &painted + &padding,
                    Align::Right => line = line + &padding + &painted,
                }
            }
            text += line.trim_end();
            text += "\n";
        }
        Rendered { text, hidden: self.columns[shown..].iter().map(|(name, _)| name.clone()).collect(), cut }
    }
}

/// A table as text, and what did not fit.
#[derive(Debug)]
pub(crate) struct Rendered {
    /// Lines, the last one ended too.
    pub(crate) text: String,
    /// Headings of the columns that are not shown.
    pub(crate) hidden: Vec<String>,
    /// Whether a cell was cut.
    pub(crate) cut: bool,
}

/// `text` in at most `width` columns, ending with `…` where it was cut.
pub(crate) fn shorten(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut taken = 0;
    let kept: String = text
        .chars()
        .take_while(|c| {
            taken += c.width().unwrap_or(0);
            taken < width
        })
        .collect();
    kept + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_with_wide_characters() {
        let mut table = Table::new([("city", Align::Left), ("rows", Align::Right)]);
        table.row(vec!["東京".into(), "12".into()]);
        table.row(vec!["line\nfeed".into(), "3".into()]);
        assert_eq!(table.render(false, None).text, "city        rows\n東京          12\nline\\nfeed     3\n");
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let mut table = Table::new([("a", Align::Left), ("b", Align::Left), ("c", Align::Left)]);
        table.row(vec!["x".repeat(30).into(), "y".repeat(30).into(), "z".into()]);
        let rendered = table.render(false, Some(40));
        assert!(rendered.cut && rendered.hidden.is_empty());
        assert!(rendered.text.lines().all(|line| line.width() <= 40));
        let rendered = table.render(false, Some(20));
        assert_eq!(rendered.hidden, ["b", "c"]);
    }

    #[test]
    fn shortening_counts_columns_not_characters() {
        assert_eq!(shorten("東京都", 5), "東京…");
        assert_eq!(shorten("東京都", 4), "東…");
        assert_eq!(shorten("abc", 3), "abc");
    }
}
