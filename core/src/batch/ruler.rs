//! Lines cut at fixed places: where the fields of a record are, without the blanks around them.
//!
//! Works on bytes in memory and copies nothing. Widths count characters.

use super::cells::{Cell, Form};
use super::scan::{Fault, RECORD_LIMIT, Step};

/// Walks over the lines of a text in UTF-8, as [`Scanner`](super::scan::Scanner) does over records.
pub(crate) struct Ruler<'a> {
    text: &'a [u8],
    widths: &'a [usize],
    /// Whether the text is the rest of the source.
    whole: bool,
    at: usize,
    line: u64,
}

impl<'a> Ruler<'a> {
    /// Starts at byte `at`, which begins a line, number `line`.
    pub(crate) const fn new(text: &'a [u8], widths: &'a [usize], at: usize, line: u64, whole: bool) -> Self {
        Self { text, widths, whole, at, line }
    }
    /// Where the next line begins.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }
    /// The next line, from 1.
    pub(crate) const fn line(&self) -> u64 {
        self.line
    }

    /// Reads one line. After [`Step::Incomplete`] the position is still at its beginning. A line of blanks is
    /// [`Step::Blank`]; one that ends early has empty fields at its end.
    pub(crate) fn step(&mut self, cells: &mut Vec<Cell>) -> Step {
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or_default();
        if rest.is_empty() {
            return if self.whole { Step::End } else { Step::Incomplete };
        }
        let found = memchr::memchr2(b'\n', b'\r', rest).map(|length| start + length);
        let (end, next) = match found {
            Some(end) if self.text[end] == b'\n' => (end, end + 1),
            Some(end) => match self.text.get(end + 1) {
                Some(b'\n') => (end, end + 2),
                // The line feed that belongs to it may not have been read yet.
                None if !self.whole => return Step::Incomplete,
                _ => (end, end + 1),
            },
            None if self.whole => (self.text.len(), self.text.len()),
            None if rest.len() >= RECORD_LIMIT => {
                self.at = self.text.len();
                return Step::Broken(Fault::TooLong);
            }
            None => return Step::Incomplete,
        };
        self.at = next;
        self.line += 1;
        let content = &self.text[start..end];
        if is_blank(content) {
            return Step::Blank;
        }
        let kept = cells.len();
        let mut from = 0;
        for width in self.widths {
            let to = from + length(&content[from..], *width);
            let field = &content[from..to];
            let before = field.iter().take_while(|byte| is_space(**byte)).count();
            let after = field[before..].iter().rev().take_while(|byte| is_space(**byte)).count();
            cells.push(Cell::new(start + from + before, start + to - after, Form::Plain));
            from = to;
        }
        if !is_blank(&content[from..]) {
            cells.truncate(kept);
            return Step::Broken(Fault::Beyond);
        }
        Step::Record { fields: self.widths.len() }
    }
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| is_space(*byte))
}

/// Bytes of the first `characters` of a text, or of all of it.
fn length(text: &[u8], characters: usize) -> usize {
    if text.get(..characters).unwrap_or(text).is_ascii() {
        return characters.min(text.len());
    }
    let begins = |byte: u8| byte & 0xC0 != 0x80;
    let after = text.iter().enumerate().filter(|(_, byte)| begins(**byte)).nth(characters);
    after.map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines as they are cut, and those that are not.
    fn cut(text: &str, widths: &[usize], whole: bool) -> Vec<String> {
        let mut ruler = Ruler::new(text.as_bytes(), widths, 0, 1, whole);
        let mut told = Vec::new();
        loop {
            let (mut cells, line) = (Vec::new(), ruler.line());
            match ruler.step(&mut cells) {
                Step::Record { fields } => {
                    assert_eq!(fields, widths.len());
                    let value = |cell: &Cell| String::from_utf8_lossy(cell.bytes(text.as_bytes())).into_owned();
                    told.push(format!("{line} {}", cells.iter().map(value).collect::<Vec<_>>().join("|")));
                }
                Step::Blank => told.push(format!("{line} blank")),
                Step::Broken(fault) => told.push(format!("{line} {}", fault.reason())),
                end @ (Step::End | Step::Incomplete) => {
                    told.push(format!("{end:?} at {}", ruler.at()));
                    return told;
                }
            }
        }
    }

    #[test]
    fn lines_are_cut_at_their_places() {
        let text = "1  alpha\r\n22 b\n\n   \n333 gam ma  \n4  toolong\r5\n";
        assert_eq!(
            cut(text, &[3, 6], true),
            [
                "1 1|alpha",
                "2 22|b",
                "3 blank",
                "4 blank",
                "5 text behind the last field",
                "6 text behind the last field",
                "7 5|",
                "End at 46"
            ]
        );
        assert_eq!(cut("é1ü\n", &[1, 1, 1], true), ["1 é|1|ü", "End at 6"]);
        assert_eq!(cut("ab", &[1, 1], true), ["1 a|b", "End at 2"]);
    }

    #[test]
    fn what_is_not_there_yet_is_waited_for() {
        assert_eq!(cut("ab\ncd", &[1, 1], false), ["1 a|b", "Incomplete at 3"]);
        assert_eq!(cut("ab\r", &[1, 1], false), ["Incomplete at 0"], "a line feed may follow");
        assert_eq!(cut("", &[1], false), ["Incomplete at 0"]);
        let long = "x".repeat(RECORD_LIMIT);
        assert_eq!(cut(&long, &[1], false)[0], format!("1 {}", Fault::TooLong.reason()));
    }
}
