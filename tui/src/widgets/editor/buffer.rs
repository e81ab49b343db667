//! A text with the places of its lines.
//!
//! Every place is a byte offset, as in the engine's spans; every place that this module hands out is
//! the border of a character as a person sees it (a letter with its accents, both halves of CRLF).
//! The engine's [`DraftText`] owns the text, its history and what is saved; this adds what a screen
//! needs of it and knows nothing of cursors or colours.

use std::ops::Range;

use medallion_core::api::DraftText;
use medallion_core::api::wire::{Span, TextEdit};
use unicode_segmentation::GraphemeCursor;

/// One stretch of text replaced by another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Replace {
    /// What is replaced, in offsets of the text as it is before.
    pub(crate) range: Range<usize>,
    /// By what.
    pub(crate) text: String,
}

impl From<&TextEdit> for Replace {
    fn from(edit: &TextEdit) -> Self {
        Self { range: edit.span.start as usize..edit.span.end as usize, text: edit.text.clone() }
    }
}

impl Replace {
    /// As the engine wants it; lines and columns are not needed for what is applied here.
    fn to_edit(&self) -> TextEdit {
        let byte = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        let (start, end) = (byte(self.range.start), byte(self.range.end));
        TextEdit { span: Span { start, end, line: 1, column: 1, end_line: 1, end_column: 1 }, text: self.text.clone() }
    }
}

/// A text that can be changed and changed back.
#[derive(Clone, Debug)]
pub(crate) struct Buffer {
    draft: DraftText,
    /// The first byte of each line; there is always a line.
    starts: Vec<usize>,
    /// Grows with each change, also with those that undo.
    version: u64,
    /// The first line that is different since somebody asked.
    changed_from: usize,
    /// The changes since somebody asked, each in offsets of the text before it.
    moves: Vec<Vec<TextEdit>>,
}

impl Buffer {
    pub(crate) fn new(draft: DraftText) -> Self {
        let starts = std::iter::once(0).chain(line_ends(draft.text()).map(|end| end + 1)).collect();
        Self { draft, starts, version: 0, changed_from: 0, moves: Vec::new() }
    }

    /// The whole text.
    pub(crate) fn text(&self) -> &str {
        self.draft.text()
    }

    /// The text with what is saved of it.
    pub(crate) fn draft(&self) -> &DraftText {
        &self.draft
    }

    /// The text was written to its file.
    pub(crate) fn saved(&mut self, revision: String) {
        self.draft.saved(revision);
    }

    /// The file holds another text now, and the draft counts from there.
    pub(crate) fn rebase(&mut self, base: String, revision: Option<String>) {
        self.draft.rebase(base, revision);
    }

    /// Another number for every text this buffer has held.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// Number of lines; a text that ends with a line end has an empty one behind it.
    pub(crate) fn lines(&self) -> usize {
        self.starts.len()
    }

    /// Where line `at` is, without its end.
    pub(crate) fn line_range(&self, at: usize) -> Range<usize> {
        let Some(&start) = self.starts.get(at) else { return self.text().len()..self.text().len() };
        let Some(&next) = self.starts.get(at + 1) else { return start..self.text().len() };
        let end = next - 1;
        let carriage = end > start && self.text().as_bytes().get(end - 1) == Some(&b'\r');
        start..end - usize::from(carriage)
    }

    /// Line `at` without its end; empty behind the last one.
    pub(crate) fn line(&self, at: usize) -> &str {
        self.text().get(self.line_range(at)).unwrap_or_default()
    }

    /// The line of a place.
    pub(crate) fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start <= offset).saturating_sub(1)
    }

    /// How lines end here: as the first one does.
    pub(crate) fn line_end(&self) -> &'static str {
        match self.starts.get(1) {
            Some(&next) if self.text()[..next].ends_with("\r\n") => "\r\n",
            _ => "\n",
        }
    }

    /// The border of a character at or before `offset`.
    pub(crate) fn floor(&self, offset: usize) -> usize {
        let mut at = offset.min(self.text().len());
        while !self.text().is_char_boundary(at) {
            at -= 1;
        }
        let line = self.line_range(self.line_of(at));
        if at > line.end {
            // Between the halves of CRLF.
            return line.end;
        }
        let text = &self.text()[line.clone()];
        let mut cursor = GraphemeCursor::new(at - line.start, text.len(), true);
        match cursor.is_boundary(text, 0) {
            Ok(false) => cursor.prev_boundary(text, 0).ok().flatten().map_or(line.start, |found| line.start + found),
            _ => at,
        }
    }

    /// The border after `offset`; the end of a line is followed by the start of the next one.
    pub(crate) fn next(&self, offset: usize) -> usize {
        let line = self.line_of(offset);
        let range = self.line_range(line);
        if offset >= range.end {
            return self.starts.get(line + 1).copied().unwrap_or(self.text().len());
        }
        let text = &self.text()[range.clone()];
        let mut cursor = GraphemeCursor::new(offset - range.start, text.len(), true);
        cursor.next_boundary(text, 0).ok().flatten().map_or(range.end, |found| range.start + found)
    }

    /// The border before `offset`.
    pub(crate) fn previous(&self, offset: usize) -> usize {
        let line = self.line_of(offset);
        let range = self.line_range(line);
        if offset <= range.start {
            return if line == 0 { 0 } else { self.line_range(line - 1).end };
        }
        let text = &self.text()[range.clone()];
        let mut cursor = GraphemeCursor::new(offset.min(range.end) - range.start, text.len(), true);
        cursor.prev_boundary(text, 0).ok().flatten().map_or(range.start, |found| range.start + found)
    }

    /// The start of the word before `offset`.
    pub(crate) fn word_before(&self, offset: usize) -> usize {
        let line = self.line_range(self.line_of(offset));
        if offset <= line.start {
            return self.previous(offset);
        }
        let before = self.text().get(line.start..offset).unwrap_or_default();
        let trimmed = before.trim_end_matches(|character| !is_word(character));
        let kept = if trimmed.is_empty() { "" } else { trimmed.trim_end_matches(is_word) };
        self.floor(line.start + kept.len())
    }

    /// The end of the word after `offset`.
    pub(crate) fn word_after(&self, offset: usize) -> usize {
        let line = self.line_range(self.line_of(offset));
        if offset >= line.end {
            return self.next(offset);
        }
        let after = self.text().get(offset..line.end).unwrap_or_default();
        let rest = after.trim_start_matches(|character| !is_word(character)).trim_start_matches(is_word);
        self.floor(line.end - rest.len())
    }

    /// Replaces stretches that are in order and do not overlap, all in offsets of the text as it is,
    /// as one change; returns where the text is different now. `None`, with nothing changed, if the
    /// stretches do not fit the text.
    pub(crate) fn change(&mut self, edits: &[Replace]) -> Option<Range<usize>> {
        let edits: Vec<TextEdit> = edits.iter().map(Replace::to_edit).collect();
        let before = self.text().len();
        let place = self.draft.apply(&edits).ok()?;
        self.follow(before, &place);
        // More exact than the whole place: several edits may be far apart.
        self.moves.pop();
        self.moves.push(edits);
        Some(place)
    }

    /// Inserts what was typed, or deletes; what was typed letter by letter is taken back by words.
    pub(crate) fn type_text(&mut self, range: Range<usize>, text: &str) -> Option<Range<usize>> {
        let before = self.text().len();
        let place = self.draft.type_over(range, text).ok()?;
        self.follow(before, &place);
        Some(place)
    }

    /// Puts another text in place of the whole one, as one change.
    pub(crate) fn replace_all(&mut self, text: &str) {
        let before = self.text().len();
        let place = self.draft.replace(text);
        self.follow(before, &place);
    }

    /// The cursor went elsewhere: what is typed next is another change.
    pub(crate) fn part(&mut self) {
        self.draft.seal();
    }

    /// Takes the last change back; returns where it was.
    pub(crate) fn undo(&mut self) -> Option<usize> {
        let before = self.text().len();
        let place = self.draft.undo()?;
        self.follow(before, &place);
        Some(self.floor(place.end))
    }

    /// Makes the change again that was taken back last; returns where it is.
    pub(crate) fn redo(&mut self) -> Option<usize> {
        let before = self.text().len();
        let place = self.draft.redo()?;
        self.follow(before, &place);
        Some(self.floor(place.end))
    }

    /// Mends the places of the lines: outside of `place` the text is as it was.
    fn follow(&mut self, before: usize, place: &Range<usize>) {
        let after = self.text().len();
        let end = before - (after - place.end);
        let (first, last) = (self.line_of(place.start), self.line_of(end));
        for start in &mut self.starts[last + 1..] {
            *start = *start + place.end - end;
        }
        let ends: Vec<usize> = line_ends(&self.draft.text()[place.clone()]).map(|end| place.start + end + 1).collect();
        self.starts.splice(first + 1..=last, ends);
        let text = self.draft.text()[place.clone()].to_owned();
        self.moves.push(vec![Replace { range: place.start..end, text }.to_edit()]);
        self.version += 1;
        self.changed_from = self.changed_from.min(first);
    }

    /// The changes since this was asked last.
    pub(crate) fn take_moves(&mut self) -> Vec<Vec<TextEdit>> {
        std::mem::take(&mut self.moves)
    }

    /// The first line that is different since this was asked last.
    pub(crate) fn take_changed(&mut self) -> usize {
        std::mem::replace(&mut self.changed_from, usize::MAX)
    }

    /// The next place of `wanted` at or after `from`, or before it. ASCII letters match in both
    /// cases, unless `wanted` has a capital. Goes round at the ends.
    pub(crate) fn find(&self, wanted: &str, from: usize, forward: bool) -> Option<Range<usize>> {
        let all = Places::new(self.text(), wanted);
        let found = if forward {
            all.next_from(from).or_else(|| all.next_from(0))
        } else {
            let mut before = None;
            let mut last = None;
            let mut at = 0;
            while let Some(place) = all.next_from(at) {
                if place < from {
                    before = Some(place);
                } else if before.is_some() {
                    break;
                }
                last = Some(place);
                at = place + wanted.len().max(1);
            }
            before.or(last)
        };
        found.map(|start| start..start + wanted.len())
    }

    /// All places of `wanted`, not overlapping.
    pub(crate) fn places(&self, wanted: &str) -> Vec<Range<usize>> {
        places(self.text(), wanted)
    }
}

/// All places of `wanted` in `text`, not overlapping.
pub(super) fn places(text: &str, wanted: &str) -> Vec<Range<usize>> {
    let all = Places::new(text, wanted);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = all.next_from(at) {
        found.push(start..start + wanted.len());
        at = start + wanted.len().max(1);
    }
    found
}

/// Looks for a text; bytes of other letters than ASCII must be the same.
struct Places<'a> {
    text: &'a [u8],
    wanted: &'a [u8],
    exact: bool,
}

impl<'a> Places<'a> {
    fn new(text: &'a str, wanted: &'a str) -> Self {
        let exact = wanted.chars().any(|character| character.is_ascii_uppercase());
        Self { text: text.as_bytes(), wanted: wanted.as_bytes(), exact }
    }

    fn next_from(&self, from: usize) -> Option<usize> {
        let (&first, length) = (self.wanted.first()?, self.wanted.len());
        let last = self.text.len().checked_sub(length)?;
        let same = |one: u8, other: u8| if self.exact { one == other } else { one.eq_ignore_ascii_case(&other) };
        (from..=last).find(|&at| {
            same(self.text[at], first)
                && self.text[at..at + length].iter().zip(self.wanted).all(|(&one, &other)| same(one, other))
        })
    }
}

fn line_ends(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at)
}

pub(crate) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffer(text: &str) -> Buffer {
        Buffer::new(DraftText::open(text, None))
    }

    fn replace(range: Range<usize>, text: &str) -> Replace {
        Replace { range, text: text.into() }
    }

    #[test]
    fn lines_end_with_lf_or_crlf_and_never_show_it() {
        for (text, lines) in [
            ("", vec![""]),
            ("a", vec!["a"]),
            ("a\n", vec!["a", ""]),
            ("a\r\nb\n\r\n", vec!["a", "b", "", ""]),
            ("\r\n", vec!["", ""]),
            ("lone\rcr", vec!["lone\rcr"]),
        ] {
            let buffer = buffer(text);
            let found: Vec<&str> = (0..buffer.lines()).map(|at| buffer.line(at)).collect();
            assert_eq!(found, lines, "{text:?}");
        }
    }

    #[test]
    fn the_places_of_lines_stay_right_whatever_is_replaced() {
        let parts = ["", "a", "\n", "\r\n", "é日", "x\ny\nz", "\r", "\n\n\n"];
        let mut buffer = buffer("one\r\ntwo\nthree");
        let mut seed = 7_usize;
        for step in 0..2_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let length = buffer.text().len();
            let one = buffer.floor((seed >> 33) % (length + 1));
            let two = buffer.floor((one + (seed >> 45) % 9).min(length));
            let edit = replace(one.min(two)..one.max(two), parts[step % parts.len()]);
            assert!(buffer.change(&[edit]).is_some());
            assert_eq!(buffer.starts, Buffer::new(buffer.draft.clone()).starts);
            if step % 3 == 0 {
                buffer.undo();
                assert_eq!(buffer.starts, Buffer::new(buffer.draft.clone()).starts);
            }
        }
        while buffer.undo().is_some() {}
        assert_eq!(buffer.text(), "one\r\ntwo\nthree");
        assert!(buffer.draft().can_redo());
    }

    #[test]
    fn places_are_borders_of_what_a_person_sees() {
        let text = "e\u{301}日👩‍👩‍👧x\r\ny";
        let buffer = buffer(text);
        let mut at = 0;
        let mut seen = vec![0];
        while at < text.len() {
            at = buffer.next(at);
            seen.push(at);
        }
        assert_eq!(seen, [0, 3, 6, 24, 25, 27, 28], "CRLF, accents and families are one step each");
        for &place in seen.iter().rev().skip(1) {
            at = buffer.previous(at);
            assert_eq!(at, place);
        }
        for offset in 0..=text.len() + 3 {
            assert!(seen.contains(&buffer.floor(offset)), "{offset}");
        }
    }

    #[test]
    fn several_edits_are_one_change_and_those_that_do_not_fit_change_nothing() {
        let mut buffer = buffer("a: 1\nb: 2\n");
        let edits = [replace(0..1, "alpha"), replace(5..6, ""), replace(10..10, "c: 3\n")];
        assert_eq!(buffer.change(&edits), Some(0..18));
        assert_eq!(buffer.text(), "alpha: 1\n: 2\nc: 3\n");
        buffer.undo();
        assert_eq!(buffer.text(), "a: 1\nb: 2\n");
        buffer.redo();
        assert_eq!(buffer.text(), "alpha: 1\n: 2\nc: 3\n");
        for bad in [vec![replace(4..5, ""), replace(3..4, "")], vec![replace(0..99, "")]] {
            assert_eq!(buffer.change(&bad), None, "{bad:?}");
        }
        buffer.replace_all("x\ny");
        assert_eq!((buffer.text(), buffer.starts.as_slice()), ("x\ny", &[0, 2][..]));
        buffer.undo();
        assert_eq!(buffer.text(), "alpha: 1\n: 2\nc: 3\n");
    }

    #[test]
    fn words_and_texts_are_found() {
        let buffer = buffer("load_pattern: full # Full\nFULL");
        assert_eq!(buffer.word_after(0), 12);
        assert_eq!(buffer.word_before(18), 14);
        assert_eq!(buffer.word_before(14), 0);
        assert_eq!(buffer.places("full"), [14..18, 21..25, 26..30]);
        assert_eq!(buffer.places("Full"), vec![21..25]);
        assert_eq!(buffer.find("full", 15, true), Some(21..25));
        assert_eq!(buffer.find("full", 27, true), Some(14..18));
        assert_eq!(buffer.find("full", 14, false), Some(26..30));
        assert_eq!(buffer.find("full", 26, false), Some(21..25));
        assert_eq!((buffer.find("nothing", 0, true), buffer.find("", 0, true)), (None, None));
    }
}
