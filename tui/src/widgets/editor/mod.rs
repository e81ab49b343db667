//! A text editor: a text with a cursor, a selection and a window on it.
//!
//! Owns what keys do to the text and where the cursor goes; how it looks is in `draw`, the text with
//! its undo in `buffer`. Knows nothing of files and of what is wrong with the text.

pub(crate) mod buffer;
mod draw;
pub(crate) mod highlight;

#[cfg(test)]
mod tests;

use std::ops::Range;

use buffer::{Buffer, Replace};
use highlight::State;
use medallion_core::api::DraftText;

use super::text;
use crate::theme::Theme;

pub(crate) use draw::{Look, Remark};

/// Spaces of a level.
const LEVEL: usize = 2;

/// Somewhere to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Motion {
    Up,
    Down,
    Left,
    Right,
    WordLeft,
    WordRight,
    LineStart,
    LineEnd,
    PageUp,
    PageDown,
    HalfUp,
    HalfDown,
    Start,
    End,
}

/// The editor.
#[derive(Clone, Debug)]
pub(crate) struct Editor {
    buffer: Buffer,
    /// Where the cursor is.
    at: usize,
    /// The other end of the selection.
    anchor: Option<usize>,
    /// The column that going up and down aims at.
    goal: Option<usize>,
    /// The first line and the first column shown.
    top: usize,
    left: usize,
    /// Lines shown when it was last drawn.
    height: usize,
    /// What goes on at the start of each line, as far as it is known.
    states: Vec<State>,
}

impl Editor {
    pub(crate) fn new(draft: DraftText) -> Self {
        Self {
            buffer: Buffer::new(draft),
            at: 0,
            anchor: None,
            goal: None,
            top: 0,
            left: 0,
            height: 20,
            states: Vec::new(),
        }
    }

    /// The text.
    pub(crate) fn buffer(&self) -> &Buffer {
        &self.buffer
    }

    /// The changes since this was asked last, each in offsets of the text before it.
    pub(crate) fn take_moves(&mut self) -> Vec<Vec<medallion_core::api::wire::TextEdit>> {
        self.buffer.take_moves()
    }

    /// The whole text.
    pub(crate) fn text(&self) -> &str {
        self.buffer.text()
    }

    /// Another number for every text.
    pub(crate) fn version(&self) -> u64 {
        self.buffer.version()
    }

    /// Where the cursor is, in bytes.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// The line of the cursor, from 0.
    pub(crate) fn line(&self) -> usize {
        self.buffer.line_of(self.at)
    }

    /// Line and column of the cursor as a person counts them, columns in characters.
    pub(crate) fn position(&self) -> (usize, usize) {
        let line = self.line();
        let before = self.text().get(self.buffer.line_range(line).start..self.at).unwrap_or_default();
        (line + 1, before.chars().count() + 1)
    }

    /// What is selected, if anything.
    pub(crate) fn selection(&self) -> Option<Range<usize>> {
        let anchor = self.anchor?;
        (anchor != self.at).then(|| anchor.min(self.at)..anchor.max(self.at))
    }

    /// Whether a selection was begun.
    pub(crate) fn is_selecting(&self) -> bool {
        self.anchor.is_some()
    }

    /// Begins a selection here, or ends it.
    pub(crate) fn toggle_selecting(&mut self) {
        self.anchor = if self.anchor.is_some() { None } else { Some(self.at) };
    }

    /// Ends the selection; false if there is none.
    pub(crate) fn end_selecting(&mut self) -> bool {
        self.anchor.take().is_some()
    }

    /// Selects everything.
    pub(crate) fn select_all(&mut self) {
        self.anchor = Some(0);
        self.at = self.text().len();
    }

    /// Selects a stretch, with the cursor at its end.
    #[cfg(test)]
    fn select(&mut self, range: Range<usize>) {
        self.go_to(range.end);
        self.anchor = Some(self.buffer.floor(range.start));
    }

    /// Puts the cursor at `offset`, or at the border before it.
    pub(crate) fn go_to(&mut self, offset: usize) {
        self.at = self.buffer.floor(offset);
        self.anchor = None;
        self.goal = None;
        self.buffer.part();
    }

    /// Moves the cursor; `selecting` keeps or begins a selection.
    pub(crate) fn go(&mut self, motion: Motion, selecting: bool, theme: Theme) {
        if selecting {
            self.anchor.get_or_insert(self.at);
        }
        let page = self.height.max(2) - 1;
        let at = match motion {
            Motion::Up => self.vertical(1, false, theme),
            Motion::Down => self.vertical(1, true, theme),
            Motion::PageUp => self.vertical(page, false, theme),
            Motion::PageDown => self.vertical(page, true, theme),
            Motion::HalfUp => self.vertical(page.div_ceil(2), false, theme),
            Motion::HalfDown => self.vertical(page.div_ceil(2), true, theme),
            _ => {
                self.goal = None;
                let line = self.buffer.line_range(self.line());
                match motion {
                    Motion::Left => self.buffer.previous(self.at),
                    Motion::Right => self.buffer.next(self.at),
                    Motion::WordLeft => self.buffer.word_before(self.at),
                    Motion::WordRight => self.buffer.word_after(self.at),
                    // First where the text of the line begins, then its very start.
                    Motion::LineStart => {
                        let shown = &self.text()[line.clone()];
                        let words = line.start + shown.len() - shown.trim_start_matches(' ').len();
                        let words = self.buffer.floor(words);
                        if self.at == words { line.start } else { words }
                    }
                    Motion::LineEnd => line.end,
                    Motion::Start => 0,
                    _ => self.text().len(),
                }
            }
        };
        self.at = at;
        self.buffer.part();
    }

    fn vertical(&mut self, lines: usize, down: bool, theme: Theme) -> usize {
        let here = self.line();
        let goal = *self.goal.get_or_insert_with(|| {
            let start = self.buffer.line_range(here).start;
            draw::columns(self.buffer.text().get(start..self.at).unwrap_or_default(), theme)
        });
        let line =
            if down { (here + lines).min(self.buffer.lines().saturating_sub(1)) } else { here.saturating_sub(lines) };
        if line == here {
            // Already in the first or last line: to its end, as everywhere.
            let range = self.buffer.line_range(here);
            return if down { range.end } else { range.start };
        }
        let range = self.buffer.line_range(line);
        let mut column = 0;
        for (at, part) in draw::graphemes(self.buffer.line(line)) {
            let wide = text::width(&draw::shown(part, theme));
            if column + wide > goal {
                return range.start + at;
            }
            column += wide;
        }
        range.end
    }

    /// Types a text in place of what is selected.
    pub(crate) fn type_text(&mut self, text: &str) {
        let range = self.selection().unwrap_or(self.at..self.at);
        self.anchor = None;
        self.goal = None;
        let after = range.start + text.len();
        self.buffer.type_text(range, text);
        // A letter may have become one with its neighbour: an accent, for example.
        self.at = if self.buffer.floor(after) == after { after } else { self.buffer.next(self.buffer.floor(after)) };
    }

    /// Inserts a text as one change, with the line ends of this text.
    pub(crate) fn paste(&mut self, pasted: &str) {
        let ends = self.buffer.line_end();
        let text = pasted.replace("\r\n", "\n").replace('\r', "\n");
        let text = if ends == "\n" { text } else { text.replace('\n', ends) };
        let range = self.selection().unwrap_or(self.at..self.at);
        let after = range.start + text.len();
        self.apply(&[Replace { range, text }], after);
    }

    /// Makes several edits as one change, with the cursor at `after` then. False, with nothing
    /// changed, if they do not fit the text.
    pub(crate) fn apply(&mut self, edits: &[Replace], after: usize) -> bool {
        let changed = self.buffer.change(edits).is_some();
        if changed {
            self.go_to(after);
        }
        changed
    }

    /// Puts another text in place of the whole one, as one change; the cursor stays near its line.
    pub(crate) fn replace_all(&mut self, text: &str) {
        let (line, column) = (self.line(), self.at - self.buffer.line_range(self.line()).start);
        self.buffer.replace_all(text);
        let range = self.buffer.line_range(line.min(self.buffer.lines() - 1));
        self.go_to((range.start + column).min(range.end));
    }

    /// The text was written to its file.
    pub(crate) fn saved(&mut self, revision: String) {
        self.buffer.saved(revision);
    }

    /// The file holds another text now, and the draft counts from there.
    pub(crate) fn rebase(&mut self, base: String, revision: Option<String>) {
        self.buffer.rebase(base, revision);
    }

    /// Makes several edits as one change; the cursor stays at the text where it is.
    pub(crate) fn apply_around(&mut self, edits: &[Replace]) -> bool {
        let mut after = self.at;
        for edit in edits.iter().rev().filter(|edit| edit.range.start <= self.at) {
            let inside = self.at.min(edit.range.end) - edit.range.start;
            if self.at >= edit.range.end {
                after = after - (edit.range.end - edit.range.start) + edit.text.len();
            } else {
                after = after - inside + inside.min(edit.text.len());
            }
        }
        self.apply(edits, after)
    }

    /// Removes the selection, or what `motion` goes over.
    pub(crate) fn delete(&mut self, motion: Motion) {
        let range = self.selection().unwrap_or_else(|| {
            let other = match motion {
                Motion::Left => self.left_of_indent().unwrap_or_else(|| self.buffer.previous(self.at)),
                Motion::WordLeft => self.buffer.word_before(self.at),
                Motion::WordRight => self.buffer.word_after(self.at),
                _ => self.buffer.next(self.at),
            };
            // CRLF is one step, and its start is not a place of its own.
            other.min(self.at)..other.max(self.at)
        });
        let after = range.start;
        self.buffer.type_text(range, "");
        self.at = self.buffer.floor(after);
        self.anchor = None;
        self.goal = None;
    }

    /// In the spaces before a line's text, one level goes at once.
    fn left_of_indent(&self) -> Option<usize> {
        let start = self.buffer.line_range(self.line()).start;
        let before = self.text().get(start..self.at)?;
        let spaces = before.len();
        (spaces > 0 && before.bytes().all(|byte| byte == b' ')).then(|| start + (spaces - 1) / LEVEL * LEVEL)
    }

    /// Begins a new line, indented as YAML will want it.
    pub(crate) fn new_line(&mut self) {
        let line = self.buffer.line_range(self.line());
        let before = self.text().get(line.start..self.at).unwrap_or_default();
        let spaces = before.len() - before.trim_start_matches(' ').len();
        let words = before.trim();
        // Below the first key of a list item come its other keys.
        let dashes = words.len() - words.trim_start_matches("- ").len();
        let mut indent = spaces + dashes;
        if words.ends_with(':') || words.ends_with(": |") || words.ends_with(": >") {
            indent += LEVEL;
        } else if words == "-" {
            indent = spaces + LEVEL;
        }
        let text = format!("{}{}", self.buffer.line_end(), " ".repeat(indent));
        self.type_text(&text);
        self.buffer.part();
    }

    /// Moves the lines of the selection, or the cursor, a level to the right.
    pub(crate) fn indent(&mut self) {
        if self.selection().is_none() {
            let column = self.at - self.buffer.line_range(self.line()).start;
            return self.type_text(&" ".repeat(LEVEL - column % LEVEL));
        }
        let edits = self.per_line(|line| (!line.is_empty()).then(|| (0..0, " ".repeat(LEVEL))));
        self.apply_to_lines(&edits);
    }

    /// Moves the lines of the selection, or of the cursor, a level to the left.
    pub(crate) fn dedent(&mut self) {
        let edits = self.per_line(|line| {
            let spaces = line.len() - line.trim_start_matches(' ').len();
            (spaces > 0).then(|| (0..spaces.min(LEVEL), String::new()))
        });
        self.apply_to_lines(&edits);
    }

    /// Makes comments of the lines of the selection, or of the cursor, or lines of comments.
    pub(crate) fn comment(&mut self) {
        let lines = self.selected_lines();
        let texts = lines.clone().map(|at| self.buffer.line(at)).filter(|line| !line.trim().is_empty());
        let all = texts.clone().all(|line| line.trim_start().starts_with('#'));
        let least = texts.map(|line| line.len() - line.trim_start_matches(' ').len()).min().unwrap_or(0);
        let edits = self.per_line(|line| {
            let words = line.trim_start();
            let spaces = line.len() - words.len();
            if words.is_empty() {
                None
            } else if all {
                Some((spaces..spaces + if words.starts_with("# ") { 2 } else { 1 }, String::new()))
            } else {
                Some((least..least, "# ".to_owned()))
            }
        });
        self.apply_to_lines(&edits);
    }

    fn selected_lines(&self) -> std::ops::RangeInclusive<usize> {
        match self.selection() {
            None => self.line()..=self.line(),
            Some(range) => {
                // A selection that ends at the start of a line does not mean that line.
                let last = self.buffer.line_of(self.buffer.previous(range.end).max(range.start));
                self.buffer.line_of(range.start)..=last
            }
        }
    }

    fn per_line(&self, edit: impl Fn(&str) -> Option<(Range<usize>, String)>) -> Vec<Replace> {
        self.selected_lines()
            .filter_map(|at| {
                let start = self.buffer.line_range(at).start;
                let (range, text) = edit(self.buffer.line(at))?;
                Some(Replace { range: start + range.start..start + range.end, text })
            })
            .collect()
    }

    fn apply_to_lines(&mut self, edits: &[Replace]) {
        let selected = self.anchor.is_some();
        let lines = self.selected_lines();
        self.apply_around(edits);
        if selected {
            let (first, last) = (self.buffer.line_range(*lines.start()), self.buffer.line_range(*lines.end()));
            self.at = last.end;
            self.anchor = Some(first.start);
        }
    }

    /// What copying takes: the selection, or the whole line with its end.
    pub(crate) fn copied(&self) -> String {
        self.text().get(self.copied_range()).unwrap_or_default().to_owned()
    }

    /// Removes what copying takes.
    pub(crate) fn cut(&mut self) -> String {
        let range = self.copied_range();
        let cut = self.text().get(range.clone()).unwrap_or_default().to_owned();
        let after = range.start;
        self.apply(&[Replace { range, text: String::new() }], after);
        cut
    }

    fn copied_range(&self) -> Range<usize> {
        self.selection().unwrap_or_else(|| {
            let line = self.line();
            let start = self.buffer.line_range(line).start;
            let end =
                if line + 1 < self.buffer.lines() { self.buffer.line_range(line + 1).start } else { self.text().len() };
            start..end
        })
    }

    /// Takes the last change back. False if there is none.
    pub(crate) fn undo(&mut self) -> bool {
        let place = self.buffer.undo();
        self.goes_where(place)
    }

    /// Makes it again. False if there is none.
    pub(crate) fn redo(&mut self) -> bool {
        let place = self.buffer.redo();
        self.goes_where(place)
    }

    fn goes_where(&mut self, place: Option<usize>) -> bool {
        if let Some(place) = place {
            self.go_to(place);
        }
        place.is_some()
    }
}
