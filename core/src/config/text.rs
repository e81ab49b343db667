//! Texts and the places in them: bytes to lines and columns. Reads no file.

use std::borrow::Cow;
use std::path::PathBuf;

use crate::diagnostic::{Diagnostic, Span};

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

/// One text or several, ready to say where a byte is.
///
/// A configuration may be made of several files. Each added text stands behind those before it in one
/// space of offsets, so that an [`Extent`] alone says both file and place; [`Self::settle`] turns such
/// offsets into those of the file when findings leave.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    first: Text<'a>,
    others: Vec<Text<'a>>,
}

/// One text.
#[derive(Debug)]
struct Text<'a> {
    /// Offset of its first byte in the space of all texts.
    base: usize,
    /// As the user would name its file; empty for the first text.
    name: String,
    /// Where relative paths in it start, if that is not where those of the first text start.
    folder: Option<PathBuf>,
    content: Cow<'a, str>,
    /// Offset of the first byte of each line, in the text.
    lines: Vec<usize>,
    /// Characters before every [`STRIDE`]th byte, so that a column in a line of megabytes is found
    /// without reading the line.
    marks: Vec<usize>,
}

const STRIDE: usize = 256;
const BOM: &str = "\u{feff}";

impl<'a> Source<'a> {
    /// Indexes `text`.
    pub(crate) fn new(text: &'a str) -> Self {
        Self { first: Text::new(0, String::new(), None, Cow::Borrowed(text)), others: Vec::new() }
    }

    /// [`Self::new`] with a text of its own.
    pub(crate) fn owning(text: String) -> Source<'static> {
        Source { first: Text::new(0, String::new(), None, Cow::Owned(text)), others: Vec::new() }
    }

    /// Puts another text behind those that are there, and gives the offset of its first byte.
    /// Relative paths in it start at `folder`; `None`: where those of the first text start.
    pub(crate) fn add(&mut self, name: String, folder: Option<PathBuf>, text: String) -> usize {
        let last = self.others.last().unwrap_or(&self.first);
        // One byte between two texts keeps the end of one apart from the start of the next.
        let base = last.base + last.content.len() + 1;
        self.others.push(Text::new(base, name, folder, Cow::Owned(text)));
        base
    }

    fn of(&self, offset: usize) -> &Text<'a> {
        match self.others.partition_point(|text| text.base <= offset) {
            0 => &self.first,
            count => self.others.get(count - 1).unwrap_or(&self.first),
        }
    }

    /// All texts.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.first).chain(&self.others).map(|text| &*text.content)
    }

    /// The whole text that starts at `base`.
    pub(crate) fn text_at(&self, base: usize) -> &str {
        &self.of(base).content
    }

    /// Bytes of all texts.
    pub(crate) fn len(&self) -> usize {
        self.first.content.len() + self.others.iter().map(|text| text.content.len()).sum::<usize>()
    }

    /// The name of the file that `offset` is in; `None` for the first.
    pub(crate) fn file_at(&self, offset: usize) -> Option<&str> {
        let text = self.of(offset);
        (text.base > 0).then_some(text.name.as_str())
    }

    /// A relative path that is written in another file, as it would be written to start at that file.
    /// `None` if it means the same in both.
    pub(crate) fn rebased(&self, at: Extent, path: &str) -> Option<String> {
        let folder = self.of(at.start).folder.as_ref()?;
        if path.starts_with("~/") || std::path::Path::new(path).is_absolute() || path.contains("://") {
            return None;
        }
        Some(folder.join(path).to_string_lossy().into_owned())
    }

    /// The text of `extent`; empty if it is no part of a text.
    pub(crate) fn slice(&self, extent: Extent) -> &str {
        let text = self.of(extent.start);
        extent
            .end
            .checked_sub(text.base)
            .and_then(|end| text.content.get(extent.start - text.base..end))
            .unwrap_or_default()
    }

    /// Lines and columns of `extent`. Its bytes are those of the space of all texts until [`Self::settle`].
    pub(crate) fn span(&self, extent: Extent) -> Span {
        let text = self.of(extent.start);
        let (line, column) = text.position(extent.start - text.base);
        let end = extent.end.max(extent.start);
        let (end_line, end_column) = text.position(end - text.base);
        Span {
            start: small(extent.start),
            end: small(end),
            line: small(line),
            column: small(column),
            end_line: small(end_line),
            end_column: small(end_column),
        }
    }

    /// Turns the places of a finding into places of the file they are in, and names the file. `main` is
    /// the name of the first text. A change that would touch several files is no fix any more.
    pub(crate) fn settle(&self, finding: &mut Diagnostic, main: &str) {
        if !finding.file.is_empty() {
            return;
        }
        let own = finding.span.map_or(0, |span| self.of(span.start as usize).base);
        for related in &mut finding.related {
            let text = self.of(related.span.start as usize);
            if text.base != own && related.file.is_empty() {
                related.file = if text.base == 0 { main.to_owned() } else { text.name.clone() };
            }
            shift(&mut related.span, text.base);
        }
        if let Some(fix) = &mut finding.fix {
            let here = fix.edits.iter().all(|edit| self.of(edit.span.start as usize).base == own);
            for edit in &mut fix.edits {
                shift(&mut edit.span, own);
            }
            if !here {
                finding.fix = None;
            }
        }
        if let Some(span) = &mut finding.span {
            self.file_at(own).unwrap_or(main).clone_into(&mut finding.file);
            shift(span, own);
        } else {
            main.clone_into(&mut finding.file);
        }
    }

    /// The line that `offset` is on, without its end.
    pub(crate) fn line_at(&self, offset: usize) -> &str {
        let text = self.of(offset);
        let (line, _) = text.position(offset - text.base);
        let start = text.lines.get(line - 1).copied().unwrap_or_default();
        let end = text.lines.get(line).copied().unwrap_or(text.content.len());
        text.content.get(start..end).unwrap_or_default().trim_end_matches(['\n', '\r'])
    }

    /// What stands before `offset` on its line.
    pub(crate) fn line_before(&self, offset: usize) -> &str {
        let line = self.whole_line(offset);
        self.slice(Extent::new(line.start, offset))
    }

    /// The line of `offset` with its end.
    pub(crate) fn whole_line(&self, offset: usize) -> Extent {
        let text = self.of(offset);
        let (line, _) = text.position(offset - text.base);
        let start = text.lines.get(line - 1).copied().unwrap_or_default();
        let end = text.lines.get(line).copied().unwrap_or(text.content.len());
        Extent::new(text.base + start, text.base + end)
    }

    /// The number of the first line after that of `offset` that is not a comment alone.
    pub(crate) fn next_content_line(&self, offset: usize) -> u32 {
        let text = self.of(offset);
        let (line, _) = text.position(offset - text.base);
        let start = text.lines.get(line).copied().unwrap_or(text.content.len());
        let rest = text.content.get(start..).unwrap_or_default();
        let comments = rest.lines().take_while(|text| text.trim_start().starts_with('#')).count();
        small(line + 1 + comments)
    }

    /// Where each text starts in the space of all texts.
    pub(crate) fn bases(&self) -> impl Iterator<Item = usize> {
        std::iter::once(&self.first).chain(&self.others).map(|text| text.base)
    }

    /// Where the text that `offset` is in starts.
    pub(crate) fn base_of(&self, offset: usize) -> usize {
        self.of(offset).base
    }

    /// `extent` up to the end of its first line: a mark under a whole block helps nobody.
    pub(crate) fn first_line(&self, extent: Extent) -> Extent {
        let text = self.slice(extent);
        let end = text.find(['\n', '\r']).map_or(extent.end, |at| extent.start + text[..at].trim_end().len());
        Extent::new(extent.start, end)
    }

    /// The word that starts at `offset`, at least one character unless the text or line ends there.
    pub(crate) fn word_at(&self, offset: usize) -> Extent {
        let text = self.of(offset);
        let mut start = (offset - text.base).min(text.content.len());
        while !text.content.is_char_boundary(start) {
            start -= 1;
        }
        let rest = text.content.get(start..).unwrap_or_default();
        let word = rest.find(|c: char| c.is_whitespace() || c == ',' || c == ':').unwrap_or(rest.len());
        let end = if word > 0 {
            word
        } else {
            rest.chars().next().filter(|c| *c != '\n' && *c != '\r').map_or(0, char::len_utf8)
        };
        Extent::new(text.base + start, text.base + start + end)
    }
}

impl<'a> Text<'a> {
    fn new(base: usize, name: String, folder: Option<PathBuf>, text: Cow<'a, str>) -> Self {
        let mut lines = vec![if text.starts_with(BOM) { BOM.len() } else { 0 }];
        lines.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        let mut marks = Vec::with_capacity(text.len() / STRIDE + 1);
        let mut characters = 0;
        for chunk in text.as_bytes().chunks(STRIDE) {
            marks.push(characters);
            characters += count(chunk);
        }
        Self { base, name, folder, content: text, lines, marks }
    }

    fn position(&self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.content.len());
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or_default();
        (line, self.characters(offset).saturating_sub(self.characters(start)) + 1)
    }

    fn characters(&self, offset: usize) -> usize {
        let block = offset / STRIDE;
        let Some(before) = self.marks.get(block) else {
            // Exactly at the end of a text whose length is a multiple of the stride.
            return match block.checked_sub(1).and_then(|last| Some((last, self.marks.get(last)?))) {
                Some((last, before)) => {
                    before + count(self.content.as_bytes().get(last * STRIDE..).unwrap_or_default())
                }
                None => 0,
            };
        };
        before + count(self.content.as_bytes().get(block * STRIDE..offset).unwrap_or_default())
    }
}

fn shift(span: &mut Span, base: usize) {
    let base = small(base);
    span.start = span.start.saturating_sub(base);
    span.end = span.end.saturating_sub(base);
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
