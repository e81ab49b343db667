//! RFC 4180: where the fields of a record are, and whether they were quoted.
//!
//! Works on bytes in memory and copies nothing. Knows nothing of columns, types or files.
//!
//! Bytes that mean something (delimiter, quote, line ends) are found 64 at a time as a bit mask,
//! so a record costs about as much as it has fields, not as it has bytes.

use super::cells::{Cell, Form};

/// Positions of the bytes that mean something, in order.
struct Marks<'a> {
    text: &'a [u8],
    delimiter: u8,
    /// Where the current 64 bytes begin.
    base: usize,
    mask: u64,
}

impl<'a> Marks<'a> {
    fn new(text: &'a [u8], delimiter: u8, from: usize) -> Self {
        let mut marks = Self { text, delimiter, base: from, mask: 0 };
        marks.mask = marks.load();
        marks
    }

    /// One bit for each of the 64 bytes at `base`.
    #[inline]
    fn load(&self) -> u64 {
        let rest = self.text.get(self.base..).unwrap_or_default();
        if let Some(bytes) = rest.first_chunk::<64>() {
            return Self::mask(bytes, self.delimiter);
        }
        let mut bytes = [0_u8; 64];
        bytes[..rest.len()].copy_from_slice(rest);
        let valid = if rest.is_empty() { 0 } else { u64::MAX >> (64 - rest.len()) };
        Self::mask(&bytes, self.delimiter) & valid
    }

    #[expect(clippy::needless_bitwise_bool, reason = "without branches the compiler compares sixteen bytes at once")]
    #[inline]
    fn mask(bytes: &[u8; 64], delimiter: u8) -> u64 {
        let mut hits = [0_u8; 64];
        for (hit, byte) in hits.iter_mut().zip(bytes) {
            *hit = u8::from((*byte == delimiter) | (*byte == b'"') | (*byte == b'\n') | (*byte == b'\r'));
        }
        let mut mask = 0_u64;
        for (index, eight) in hits.as_chunks::<8>().0.iter().enumerate() {
            // Gathers the low bit of each of eight bytes into one byte.
            let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            mask |= gathered << (index * 8);
        }
        mask
    }

    /// The next position, taken.
    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.mask == 0 {
            self.base += 64;
            if self.base >= self.text.len() {
                return None;
            }
            self.mask = self.load();
        }
        let at = self.base + self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        Some(at)
    }
}

/// One step through the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A record of this many fields, appended to the cells.
    Record {
        /// Number of fields.
        fields: usize,
    },
    /// A line without any byte.
    Blank,
    /// Not RFC 4180. Its extent ends with the line in which the trouble begins, so that one stray
    /// quote does not swallow the records after it.
    Broken(Fault),
    /// The text ends within a record, and is not the whole source.
    Incomplete,
    /// Nothing is left.
    End,
}

/// Why a record is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A quoted field never ends.
    Unclosed,
    /// Something other than a delimiter or a line end follows a closing quote.
    AfterQuote,
    /// One line is longer than a record may be. Its end has not been seen: the position is at the
    /// end of the text, in the middle of the line.
    TooLong,
    /// A line goes on behind its last field.
    Beyond,
}

/// No record may be longer, in MiB. Tests would take long to reach the real limit.
const RECORD_MIB: usize = if cfg!(test) { 2 } else { 64 };
/// No record may be longer, in bytes.
pub(crate) const RECORD_LIMIT: usize = RECORD_MIB << 20;

/// How much more to read for a record of which `pending` bytes are there: so much that long records
/// are not looked at again and again, and hardly more than a record may have.
pub(crate) fn read_ahead(pending: usize) -> usize {
    pending.min(RECORD_LIMIT.saturating_sub(pending))
}

/// Why a record was set aside unseen.
pub(crate) fn too_long() -> String {
    format!("longer than {RECORD_MIB} MiB")
}

impl Fault {
    /// In a few words.
    pub(crate) fn reason(self) -> String {
        match self {
            Self::Unclosed => "a quoted field is not closed".to_owned(),
            Self::AfterQuote => "text after a closing quote".to_owned(),
            Self::TooLong => too_long(),
            Self::Beyond => "text behind the last field".to_owned(),
        }
    }
}

/// Walks over records of a text.
pub(crate) struct Scanner<'a> {
    text: &'a [u8],
    marks: Marks<'a>,
    delimiter: u8,
    /// Whether the text is the rest of the source.
    whole: bool,
    at: usize,
    line: u64,
}

/// How a field ended.
enum FieldEnd {
    Delimiter(usize),
    Line(usize),
    Text,
}

impl<'a> Scanner<'a> {
    /// Starts at byte `at`, which begins a record, in `line`.
    pub(crate) fn new(text: &'a [u8], delimiter: u8, at: usize, line: u64, whole: bool) -> Self {
        Self { text, marks: Marks::new(text, delimiter, at), delimiter, whole, at, line }
    }
    /// Where the next record begins.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }
    /// The line of the next record, from 1.
    pub(crate) const fn line(&self) -> u64 {
        self.line
    }

    /// Reads one record. After [`Step::Incomplete`] the position is still at its beginning.
    #[inline]
    pub(crate) fn step(&mut self, cells: &mut Vec<Cell>) -> Step {
        let start = self.at;
        if start >= self.text.len() {
            return if self.whole { Step::End } else { Step::Incomplete };
        }
        let kept = cells.len();
        let mut field = start;
        let mut line = self.line;
        loop {
            let end = if self.text.get(field) == Some(&b'"') {
                let first_line = line;
                match self.quoted(field, &mut line, cells) {
                    Ok(end) => end,
                    Err(fault) => {
                        cells.truncate(kept);
                        return match fault {
                            Some(fault) if self.skip_line(field, first_line) => Step::Broken(fault),
                            _ if self.text.len() - start >= RECORD_LIMIT => self.too_long(),
                            _ => Step::Incomplete,
                        };
                    }
                }
            } else {
                self.plain(field, cells)
            };
            match end {
                FieldEnd::Delimiter(at) => field = at + 1,
                FieldEnd::Line(at) => {
                    let Some(next) = self.after_line_end(at) else {
                        cells.truncate(kept);
                        return Step::Incomplete;
                    };
                    self.at = next;
                    self.line = line + 1;
                    if at == start {
                        cells.truncate(kept);
                        return Step::Blank;
                    }
                    return Step::Record { fields: cells.len() - kept };
                }
                FieldEnd::Text if self.whole => {
                    self.at = self.text.len();
                    self.line = line + 1;
                    return Step::Record { fields: cells.len() - kept };
                }
                FieldEnd::Text => {
                    cells.truncate(kept);
                    return if self.text.len() - start >= RECORD_LIMIT { self.too_long() } else { Step::Incomplete };
                }
            }
        }
    }

    /// A field without quotes around it; quotes inside are part of it.
    #[inline]
    fn plain(&mut self, start: usize, cells: &mut Vec<Cell>) -> FieldEnd {
        while let Some(at) = self.marks.next() {
            let byte = self.text[at];
            if byte == b'"' && self.delimiter != b'"' {
                continue;
            }
            cells.push(Cell::new(start, at, Form::Plain));
            return if byte == self.delimiter { FieldEnd::Delimiter(at) } else { FieldEnd::Line(at) };
        }
        cells.push(Cell::new(start, self.text.len(), Form::Plain));
        FieldEnd::Text
    }

    /// A field that begins with a quote. `Err(None)`: the text ends too soon to tell.
    #[inline]
    fn quoted(&mut self, start: usize, line: &mut u64, cells: &mut Vec<Cell>) -> Result<FieldEnd, Option<Fault>> {
        let (text, first_line) = (self.text, *line);
        // The opening quote itself.
        let _ = self.marks.next();
        let mut form = Form::Quoted;
        let close = loop {
            let Some(at) = self.marks.next() else {
                let given_up = self.whole || text.len() - self.at >= RECORD_LIMIT;
                return Err(given_up.then_some(Fault::Unclosed));
            };
            match text[at] {
                b'"' if text.get(at + 1) == Some(&b'"') => {
                    form = Form::Doubled;
                    let _ = self.marks.next();
                }
                b'"' => break at,
                b'\n' => *line += 1,
                b'\r' if text.get(at + 1) != Some(&b'\n') => *line += 1,
                _ => {}
            }
        };
        match text.get(close + 1) {
            Some(byte) if *byte == self.delimiter || *byte == b'\n' || *byte == b'\r' => {
                let _ = self.marks.next();
                cells.push(Cell::new(start + 1, close, form));
                let at = close + 1;
                Ok(if *byte == self.delimiter { FieldEnd::Delimiter(at) } else { FieldEnd::Line(at) })
            }
            // A field that goes on over lines and then does not end well was hardly meant to.
            Some(_) if *line > first_line => Err(Some(Fault::Unclosed)),
            Some(_) => Err(Some(Fault::AfterQuote)),
            None if self.whole => {
                cells.push(Cell::new(start + 1, close, form));
                Ok(FieldEnd::Text)
            }
            None => Err(None),
        }
    }

    /// Where the line after the line end at `at` begins; `None` if a `\r` is the last byte so far.
    #[inline]
    fn after_line_end(&mut self, at: usize) -> Option<usize> {
        if self.text[at] == b'\n' {
            return Some(at + 1);
        }
        match self.text.get(at + 1) {
            Some(b'\n') => {
                let _ = self.marks.next();
                Some(at + 2)
            }
            Some(_) => Some(at + 1),
            None => self.whole.then_some(at + 1),
        }
    }

    /// Goes on behind the line that byte `from` is in; `false` if its end is not there yet.
    fn skip_line(&mut self, from: usize, line: u64) -> bool {
        let rest = &self.text[from..];
        self.at = match memchr::memchr2(b'\n', b'\r', rest) {
            Some(end) if rest[end] == b'\n' => from + end + 1,
            Some(end) if rest.get(end + 1) == Some(&b'\n') => from + end + 2,
            Some(end) if self.whole || end + 1 < rest.len() => from + end + 1,
            None if self.whole => self.text.len(),
            _ => return false,
        };
        self.line = line + 1;
        self.marks = Marks::new(self.text, self.delimiter, self.at);
        true
    }

    fn too_long(&mut self) -> Step {
        self.at = self.text.len();
        self.marks = Marks::new(self.text, self.delimiter, self.at);
        Step::Broken(Fault::TooLong)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every step with the fields of its record, and where it ends.
    type Told = Vec<(Step, Vec<(Vec<u8>, Form)>, usize, u64)>;

    /// Walks over `text`, of which the bytes up to each of `known` are there first.
    fn walk(text: &[u8], known: &[usize]) -> Told {
        let (mut told, mut at, mut line) = (Vec::new(), 0, 1);
        for (number, end) in known.iter().chain([&text.len()]).enumerate() {
            let there = &text[..*end];
            let mut scanner = Scanner::new(there, b',', at, line, number == known.len());
            loop {
                let mut cells = Vec::new();
                let step = scanner.step(&mut cells);
                if matches!(step, Step::Incomplete | Step::End) {
                    break;
                }
                let cells = cells.iter().map(|cell| (cell.bytes(there).to_vec(), cell.form())).collect();
                told.push((step, cells, scanner.at(), scanner.line()));
            }
            (at, line) = (scanner.at(), scanner.line());
        }
        told
    }

    /// Texts of which much looks like something else: rows inside quotes, quotes inside fields.
    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("a"),
            Just("1"),
            Just(","),
            Just("\""),
            Just("\"\""),
            Just("\n"),
            Just("\r\n"),
            Just("\r"),
            Just("\"x\n1,2\n3,4\n\""),
            Just("\"\"\"\n\"\"\","),
            Just("é"),
            Just("a long field without anything in it,"),
        ];
        proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
    }

    #[test]
    fn rows_inside_quotes_are_no_rows_wherever_the_text_is_cut() {
        let text = b"id,note\n1,\"2,3\n4,5\n\"\"6\"\",7\r\n\"\n8,\"\"\n\"9\n\",10";
        let whole = walk(text, &[]);
        let fields = |told: &Told| told.iter().map(|(_, cells, _, _)| cells.len()).collect::<Vec<_>>();
        assert_eq!(fields(&whole), [2, 2, 2, 2]);
        assert_eq!(whole[1].1[1].0, b"2,3\n4,5\n\"\"6\"\",7\r\n");
        for first in 0..=text.len() {
            for second in first..=text.len() {
                assert_eq!(walk(text, &[first, second]), whole, "cut at {first} and {second}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_cut_at_any_byte_changes_nothing(text in hostile()) {
            let whole = walk(text.as_bytes(), &[]);
            for cut in 0..=text.len() {
                prop_assert_eq!(&walk(text.as_bytes(), &[cut]), &whole, "cut at {}", cut);
            }
            let everywhere: Vec<usize> = (0..text.len()).collect();
            prop_assert_eq!(&walk(text.as_bytes(), &everywhere), &whole);
        }
    }
}
