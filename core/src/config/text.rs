//! A text and the places in it: bytes to lines and columns.

use crate::diagnostic::Span;

/// A stretch of bytes, end exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Extent {
    /// First byte.
    pub(crate) start: usize,
    /// One past the last.
    pub(crate) end: usize,
}

impl Extent {
    /// From `start` up to `end`.
    pub(crate) const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }
}

/// A whole text, ready to say where a byte is.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    text: &'a str,
    /// Offset of the first byte of each line.
    lines: Vec<usize>,
    /// Characters before every [`STRIDE`]th byte, so that a column in a line of megabytes is found
    /// without reading the line.
    marks: Vec<usize>,
}

const STRIDE: usize = 4096;
const BOM: &str = "\u{feff}";

impl<'a> Source<'a> {
    /// Indexes `text`.
    pub(crate) fn new(text: &'a str) -> Self {
        let mut lines = vec![if text.starts_with(BOM) { BOM.len() } else { 0 }];
        lines.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        let mut marks = Vec::with_capacity(text.len() / STRIDE + 1);
        let mut characters = 0;
        for chunk in text.as_bytes().chunks(STRIDE) {
            marks.push(characters);
            characters += count(chunk);
        }
        Self { text, lines, marks }
    }

    /// The whole text.
    pub(crate) const fn text(&self) -> &'a str {
        self.text
    }

    /// The text of `extent`; empty if it is no part of the text.
    pub(crate) fn slice(&self, extent: Extent) -> &'a str {
        self.text.get(extent.start..extent.end).unwrap_or_default()
    }

    /// Lines and columns of `extent`.
    pub(crate) fn span(&self, extent: Extent) -> Span {
        let (line, column) = self.position(extent.start);
        let (end_line, end_column) = self.position(extent.end.max(extent.start));
        Span {
            start: small(extent.start),
            end: small(extent.end.max(extent.start)),
            line: small(line),
            column: small(column),
            end_line: small(end_line),
            end_column: small(end_column),
        }
    }

    fn position(&self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.text.len());
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or_default();
        (line, self.characters(offset).saturating_sub(self.characters(start)) + 1)
    }

    fn characters(&self, offset: usize) -> usize {
        let block = offset / STRIDE;
        let Some(before) = self.marks.get(block) else {
            // Exactly at the end of a text whose length is a multiple of the stride.
            return match block.checked_sub(1).and_then(|last| Some((last, self.marks.get(last)?))) {
                Some((last, before)) => before + count(self.text.as_bytes().get(last * STRIDE..).unwrap_or_default()),
                None => 0,
            };
        };
        before + count(self.text.as_bytes().get(block * STRIDE..offset).unwrap_or_default())
    }

    /// The line that `offset` is on, without its end.
    pub(crate) fn line_at(&self, offset: usize) -> &'a str {
        let (line, _) = self.position(offset);
        let start = self.lines.get(line - 1).copied().unwrap_or_default();
        let end = self.lines.get(line).copied().unwrap_or(self.text.len());
        self.text.get(start..end).unwrap_or_default().trim_end_matches(['\n', '\r'])
    }

    /// What stands before `offset` on its line.
    pub(crate) fn line_before(&self, offset: usize) -> &'a str {
        let (line, _) = self.position(offset);
        let start = self.lines.get(line - 1).copied().unwrap_or_default();
        self.text.get(start..offset).unwrap_or_default()
    }

    /// The line of `offset` with its end; of a last line without an end, with the end before it.
    pub(crate) fn whole_line(&self, offset: usize) -> Extent {
        let (line, _) = self.position(offset);
        let start = self.lines.get(line - 1).copied().unwrap_or_default();
        match self.lines.get(line) {
            Some(next) => Extent::new(start, *next),
            None => Extent::new(start, self.text.len()),
        }
    }

    /// The number of the first line after `line` that has something other than a comment; that of the
    /// next line if there is none.
    pub(crate) fn next_content_line(&self, line: u32) -> u32 {
        let from = line as usize;
        let rest = self.text.get(self.lines.get(from).copied().unwrap_or(self.text.len())..).unwrap_or_default();
        let comments = rest.lines().take_while(|text| text.trim_start().starts_with('#')).count();
        small(from + 1 + comments)
    }

    /// `extent` up to the end of its first line: a mark under a whole block helps nobody.
    pub(crate) fn first_line(&self, extent: Extent) -> Extent {
        let text = self.slice(extent);
        let end = text.find(['\n', '\r']).map_or(extent.end, |at| extent.start + text[..at].trim_end().len());
        Extent::new(extent.start, end)
    }

    /// The word that starts at `offset`, at least one character unless the text or line ends there.
    pub(crate) fn word_at(&self, offset: usize) -> Extent {
        let mut start = offset.min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        let rest = self.text.get(start..).unwrap_or_default();
        let word = rest.find(|c: char| c.is_whitespace() || c == ',' || c == ':').unwrap_or(rest.len());
        let end = if word > 0 {
            word
        } else {
            rest.chars().next().filter(|c| *c != '\n' && *c != '\r').map_or(0, char::len_utf8)
        };
        Extent::new(start, start + end)
    }
}

fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte & 0xC0) != 0x80).count()
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_count_from_one() {
        let text = "a: ü\nbé: x\r\nlast";
        let source = Source::new(text);
        let at = |needle: &str| {
            let start = text.find(needle).unwrap();
            let span = source.span(Extent::new(start, start + needle.len()));
            (span.line, span.column, span.end_line, span.end_column)
        };
        assert_eq!(at("ü"), (1, 4, 1, 5));
        assert_eq!(at("x"), (2, 5, 2, 6));
        assert_eq!(at("last"), (3, 1, 3, 5));
        assert_eq!(source.line_at(6), "bé: x");
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        let source = Source::new("\u{feff}key: 1");
        assert_eq!(source.span(Extent::new(3, 6)).column, 1);
    }

    #[test]
    fn columns_in_a_line_of_megabytes() {
        let text = format!("{}x", "é".repeat(STRIDE * 2));
        let source = Source::new(&text);
        assert_eq!(source.span(Extent::new(text.len() - 1, text.len())).column as usize, STRIDE * 2 + 1);
        let even = "ab".repeat(STRIDE / 2);
        assert_eq!(Source::new(&even).span(Extent::new(even.len(), even.len())).column as usize, STRIDE + 1);
    }
}
