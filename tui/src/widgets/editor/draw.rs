//! How the editor looks: signs and numbers at the left, colours, underlined places, remarks behind
//! the lines.

use std::ops::Range;

use ratatui::buffer::Buffer as Cells;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation as _;

use super::highlight::{State, Token, tokens};
use super::{Editor, buffer};
use crate::theme::{Mark, Theme, Tone};
use crate::widgets::text;

/// Fewer columns than this are not worth a remark behind a line.
const REMARK: usize = 16;

/// Something said about a stretch of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    pub(crate) range: Range<usize>,
    pub(crate) mark: Mark,
    /// Shown behind the line in which the stretch begins.
    pub(crate) text: String,
}

/// How an editor is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look<'a> {
    pub(crate) theme: Theme,
    pub(crate) focused: bool,
    /// In the order of their starts.
    pub(crate) remarks: &'a [Remark],
    /// The text that was looked for.
    pub(crate) find: Option<&'a str>,
}

impl Editor {
    /// Draws the lines that fit. Returns where the cursor is, if it is on the screen.
    pub(crate) fn draw(&mut self, area: Rect, cells: &mut Cells, look: Look<'_>) -> Option<Position> {
        let theme = look.theme;
        let gutter = (self.buffer.lines().to_string().len().max(3) + 2).min(usize::from(area.width));
        let room = usize::from(area.width).saturating_sub(gutter);
        self.height = usize::from(area.height);
        let line = self.line();
        let column = columns(self.text().get(self.buffer.line_range(line).start..self.at).unwrap_or_default(), theme);
        self.follow(line, column, room);
        self.know_states(self.top + self.height);

        let first = self.buffer.line_range(self.top).start;
        let last = self.buffer.line_range((self.top + self.height).min(self.buffer.lines()).saturating_sub(1)).end;
        let near: Vec<&Remark> =
            look.remarks.iter().filter(|remark| remark.range.start <= last && remark.range.end >= first).collect();
        let mut place = None;
        for y in 0..area.height {
            let at = self.top + usize::from(y);
            if at >= self.buffer.lines() {
                break;
            }
            let range = self.buffer.line_range(at);
            let here: Vec<&Remark> = near.iter().filter(|remark| touches(remark, &range)).copied().collect();
            let row = Rect::new(area.x, area.y + y, area.width, 1);
            draw_gutter(row, gutter, at, line == at, &here, cells, theme);
            let body = Rect {
                x: area.x + u16::try_from(gutter).unwrap_or(0),
                width: area.width - u16::try_from(gutter).unwrap_or(0),
                ..row
            };
            let used = self.draw_line(body, at, &here, cells, look);
            draw_remark(body, used, &range, &here, cells, theme);
            if at == line {
                let x = column.saturating_sub(self.left).min(room.saturating_sub(1));
                let cursor = Position::new(body.x + u16::try_from(x).unwrap_or(0), body.y);
                if !look.focused {
                    // The place stays visible while another pane has the keys.
                    cells.set_style(Rect::new(cursor.x, cursor.y, 1, 1), theme.style(Tone::CursorAway));
                }
                place = (body.width > 0).then_some(cursor);
            }
        }
        place
    }

    /// Moves the window so that the cursor is in it, with a line of context.
    fn follow(&mut self, line: usize, column: usize, room: usize) {
        let height = self.height.max(1);
        let context = usize::from(height > 4);
        if line < self.top + context {
            self.top = line.saturating_sub(context);
        }
        if line + context >= self.top + height {
            self.top = line + 1 + context - height;
        }
        self.top = self.top.min((self.buffer.lines() + context).saturating_sub(height));
        let room = room.max(2);
        if column < self.left {
            self.left = column.saturating_sub(room / 3);
        }
        if column >= self.left + room {
            self.left = column + 1 - room + room / 3;
        }
    }

    /// Looks at the lines above the end of the window that have not been looked at since they changed.
    fn know_states(&mut self, until: usize) {
        self.states.truncate(self.buffer.take_changed().saturating_add(1));
        if self.states.is_empty() {
            self.states.push(State::Plain);
        }
        while self.states.len() <= until && self.states.len() < self.buffer.lines() {
            let at = self.states.len() - 1;
            let (_, next) = tokens(self.buffer.line(at), self.states[at]);
            self.states.push(next);
        }
    }

    /// Draws the characters of a line; returns the columns they take.
    fn draw_line(&self, area: Rect, at: usize, here: &[&Remark], cells: &mut Cells, look: Look<'_>) -> usize {
        let theme = look.theme;
        let range = self.buffer.line_range(at);
        let line = self.buffer.line(at);
        let state = self.states.get(at).copied().unwrap_or_default();
        let (found, _) = tokens(line, state);
        let selection = self.selection();
        let matches: Vec<Range<usize>> = look.find.map_or_else(Vec::new, |wanted| matches(line, wanted));
        let room = usize::from(area.width);
        let mut column = 0;
        let mut token = 0;
        let mut style_of = |offset: usize| {
            while found.get(token).is_some_and(|(range, _)| range.end <= offset) {
                token += 1;
            }
            let kind = found.get(token).map_or(Token::Plain, |(_, kind)| *kind);
            let mut style = theme.style(tone(kind));
            if let Some(remark) = here.iter().rev().find(|remark| covers(remark, range.start + offset)) {
                style = theme.style(Tone::Squiggle(remark.mark));
            }
            if matches.iter().any(|found| found.contains(&offset)) {
                style = style.patch(theme.style(Tone::Match));
            }
            if selection.as_ref().is_some_and(|selected| selected.contains(&(range.start + offset))) {
                style = style.patch(theme.style(Tone::Selected));
            }
            style
        };
        for (offset, part) in graphemes(line) {
            let shown = shown(part, theme);
            let wide = text::width(&shown);
            if column + wide > self.left + room {
                if column >= self.left && room > 0 {
                    let x = area.x + area.width - 1;
                    cells.set_stringn(x, area.y, theme.ellipsis(), 1, theme.style(Tone::Dim));
                }
                return self.left + room;
            }
            if column >= self.left {
                let x = area.x + u16::try_from(column - self.left).unwrap_or(0);
                cells.set_stringn(x, area.y, &shown, wide.max(1), style_of(offset));
            } else if column + wide > self.left {
                // Half of a wide character.
                cells.set_stringn(area.x, area.y, theme.ellipsis(), 1, theme.style(Tone::Dim));
            }
            column += wide;
        }
        let end = column.saturating_sub(self.left);
        if column >= self.left && end < room {
            let x = area.x + u16::try_from(end).unwrap_or(0);
            let cell = Rect::new(x, area.y, 1, 1);
            // A place behind the last character, such as a missing value; and a selected line end.
            if let Some(remark) = here.iter().find(|remark| remark.range.is_empty() && remark.range.start == range.end)
            {
                cells.set_style(cell, theme.style(Tone::Squiggle(remark.mark)));
            }
            if selection.is_some_and(|selected| selected.contains(&range.end)) {
                cells.set_style(cell, theme.style(Tone::Selected));
            }
        }
        column
    }
}

fn draw_gutter(row: Rect, gutter: usize, at: usize, current: bool, here: &[&Remark], cells: &mut Cells, theme: Theme) {
    let worst = here.iter().map(|remark| remark.mark).max_by_key(|mark| weight(*mark));
    let sign = worst.map_or(" ", |mark| theme.glyph(mark));
    let style = worst.map_or(Style::default(), |mark| theme.mark_style(mark));
    cells.set_stringn(row.x, row.y, sign, gutter, style);
    let number = format!("{:>1$} ", at + 1, gutter.saturating_sub(2));
    let tone = if current { Tone::Accent } else { Tone::Dim };
    cells.set_stringn(row.x + 1, row.y, number, gutter.saturating_sub(1), theme.style(tone));
}

fn draw_remark(area: Rect, used: usize, range: &Range<usize>, here: &[&Remark], cells: &mut Cells, theme: Theme) {
    let own: Vec<&&Remark> = here.iter().filter(|remark| starts_in(remark, range)).collect();
    let Some(worst) = own.iter().max_by_key(|remark| weight(remark.mark)) else { return };
    let start = used + 2;
    let room = usize::from(area.width);
    if start + REMARK > room {
        return;
    }
    let more = if own.len() > 1 { format!(" (+{})", own.len() - 1) } else { String::new() };
    let said = format!("{} {}{more}", theme.glyph(worst.mark), worst.text);
    let said = text::cut(&said, room - start, theme);
    let style = theme.mark_style(worst.mark);
    cells.set_stringn(area.x + u16::try_from(start).unwrap_or(0), area.y, said, room - start, style);
}

fn weight(mark: Mark) -> u8 {
    match mark {
        Mark::Fail => 2,
        Mark::Warn => 1,
        _ => 0,
    }
}

fn starts_in(remark: &Remark, line: &Range<usize>) -> bool {
    (line.start..=line.end).contains(&remark.range.start)
}

/// Whether a remark is about this line. Of a long stretch only the first line is marked: a whole
/// block would hide the place.
fn touches(remark: &Remark, line: &Range<usize>) -> bool {
    starts_in(remark, line)
        || (remark.range.start < line.start && remark.range.end > line.start && remark.range.len() < 200)
}

fn covers(remark: &Remark, offset: usize) -> bool {
    remark.range.contains(&offset) || (remark.range.is_empty() && remark.range.start == offset)
}

fn matches(line: &str, wanted: &str) -> Vec<Range<usize>> {
    let short: String = line.chars().take(10_000).collect();
    buffer::places(&short, wanted)
}

fn tone(token: Token) -> Tone {
    match token {
        Token::Plain | Token::Sign => Tone::Plain,
        Token::Key => Tone::Key,
        Token::Text => Tone::Quoted,
        Token::Literal => Tone::Literal,
        Token::Comment => Tone::Dim,
        Token::Reference => Tone::Reference,
        Token::Variable => Tone::Variable,
    }
}

/// The characters of a line as a person sees them.
pub(super) fn graphemes(line: &str) -> impl Iterator<Item = (usize, &str)> {
    // Only ASCII, as nearly always: no tables needed.
    line.grapheme_indices(true)
}

/// How a character is shown: control characters as escapes. A tab is a sign: in YAML it is a
/// problem, not a distance.
pub(super) fn shown(part: &str, theme: Theme) -> String {
    if part == "\t" { theme.pick("→", ">").to_owned() } else { text::clean(part) }
}

/// Columns that a text of one line takes.
pub(super) fn columns(part: &str, theme: Theme) -> usize {
    if part.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return part.len();
    }
    graphemes(part).map(|(_, one)| text::width(&shown(one, theme))).sum()
}
