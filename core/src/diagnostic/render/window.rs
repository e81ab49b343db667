//! A line of the source as it is shown: cut to a width around the place that is meant, tabs as
//! spaces, wide characters counted as wide.

use unicode_width::UnicodeWidthChar;

use super::harmless_char;
use crate::diagnostic::Span;

/// Columns of a tab.
const TAB: usize = 4;
/// What stands for a part that is cut off.
const CUT: &str = "...";

/// A line of the source, and where in it things are.
pub(super) struct Window<'t> {
    /// What is shown.
    pub(super) text: String,
    line: &'t str,
    /// Offset of the line in the file.
    start: usize,
    /// Offsets of the part that is shown.
    shown: std::ops::Range<usize>,
    /// Columns before the part that is shown.
    lead: usize,
}

impl<'t> Window<'t> {
    /// The line on which `span` starts, at most `width` columns of it.
    pub(super) fn new(text: &'t str, span: Span, width: usize) -> Self {
        let bytes = text.as_bytes();
        let at = (span.start as usize).min(bytes.len());
        let mut start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |found| found + 1);
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |found| at + found);
        if start == 0 && text.starts_with('\u{feff}') {
            start = '\u{feff}'.len_utf8().min(end);
        }
        let line = text.get(start..end).unwrap_or_default().trim_end_matches('\r');
        let mut window = Self { text: String::new(), line, start, shown: 0..0, lead: 0 };
        window.cut(span, width);
        window.write();
        window
    }

    /// Decides which part is shown: all of it, its beginning, or a part around the place that is meant.
    fn cut(&mut self, span: Span, width: usize) {
        let whole = self.fitting(0, width);
        if whole == self.line.len() {
            self.shown = 0..whole;
            return;
        }
        let mark = self.inside(span);
        let head = self.fitting(0, width.saturating_sub(CUT.len()));
        if mark.end <= head {
            self.shown = 0..head;
            return;
        }
        // As much before the place as helps to recognise it, and the rest for the place itself.
        let before = width / 4;
        let mut from = mark.start;
        let mut used = 0;
        while let Some(character) = self.line[..from].chars().next_back() {
            used += columns(character);
            if used > before {
                break;
            }
            from -= character.len_utf8();
        }
        self.lead = if from > 0 { CUT.len() } else { 0 };
        let mut to = self.fitting(from, width.saturating_sub(self.lead));
        if to < self.line.len() {
            to = self.fitting(from, width.saturating_sub(self.lead + CUT.len()));
        }
        self.shown = from..to;
    }

    /// Where a text from `from` on that takes `width` columns at most ends.
    fn fitting(&self, from: usize, width: usize) -> usize {
        let mut used = 0;
        for (at, character) in self.line[from..].char_indices() {
            used += columns(character);
            if used > width {
                return from + at;
            }
        }
        self.line.len()
    }

    fn write(&mut self) {
        if self.lead > 0 {
            self.text.push_str(CUT);
        }
        for character in self.line[self.shown.clone()].chars() {
            match character {
                '\t' => self.text.push_str(&" ".repeat(TAB)),
                other => self.text.push(harmless_char(other)),
            }
        }
        if self.shown.end < self.line.len() {
            self.text.push_str(CUT);
        }
    }

    /// `span` in bytes of the line; a span over several lines up to the end of its first one.
    fn inside(&self, span: Span) -> std::ops::Range<usize> {
        let at = |offset: u32| {
            let mut at = (offset as usize).saturating_sub(self.start).min(self.line.len());
            while !self.line.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = at(span.start);
        start..at(span.end).max(start)
    }

    /// The columns of `span`, at least one; `None` if its start is cut off.
    pub(super) fn columns(&self, span: Span) -> Option<std::ops::Range<usize>> {
        let mark = self.inside(span);
        // The end of the line is a place too: something is missing there.
        if mark.start < self.shown.start || mark.start > self.shown.end {
            return None;
        }
        let width = |text: &str| text.chars().map(columns).sum::<usize>();
        let from = self.lead + width(&self.line[self.shown.start..mark.start]);
        let to = from + width(&self.line[mark.start..mark.end.min(self.shown.end)]);
        Some(from..to.max(from + 1))
    }
}

/// Columns that a character takes on a terminal, as [`harmless_char`] shows it.
fn columns(character: char) -> usize {
    match character {
        '\t' => TAB,
        other => harmless_char(other).width().unwrap_or(1),
    }
}
