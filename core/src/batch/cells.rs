//! Records as a text source gives them: one stretch of bytes, and where in it each cell lies.
//!
//! Owns no I/O and interprets nothing; columns are made of it by [`super::column`].

use chrono_tz::Tz;

/// A cell of a [`Block`], in eight bytes: so a block holds less than 1 GiB. Where its text is, and how it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    start: u32,
    /// The top two bits are the form.
    end: u32,
}

/// How a cell was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Without quotes; in JSON a number, a boolean, a list or an object.
    Plain,
    /// In quotes, which are not part of the stretch; in JSON a string.
    Quoted,
    /// In quotes, with doubled quotes inside.
    Doubled,
    /// Not there at all, or JSON's `null`.
    Null,
}

const END: u32 = (1 << 30) - 1;

impl Cell {
    /// No value.
    pub(crate) const NULL: Self = Self { start: 0, end: 3 << 30 };

    /// A cell over `start..end`, both below 1 GiB.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "blocks stay below 1 GiB")]
    pub(crate) const fn new(start: usize, end: usize, form: Form) -> Self {
        let form = match form {
            Form::Plain => 0,
            Form::Quoted => 1 << 30,
            Form::Doubled => 2 << 30,
            Form::Null => 3 << 30,
        };
        Self { start: start as u32, end: (end as u32 & END) | form }
    }
    #[inline]
    pub(crate) const fn form(self) -> Form {
        match self.end >> 30 {
            0 => Form::Plain,
            1 => Form::Quoted,
            2 => Form::Doubled,
            _ => Form::Null,
        }
    }
    /// Its bytes, doubled quotes still doubled.
    #[inline]
    pub(crate) fn bytes(self, text: &[u8]) -> &[u8] {
        text.get(self.start as usize..(self.end & END) as usize).unwrap_or_default()
    }
    /// Its bytes as the source means them.
    pub(crate) fn value(self, text: &[u8]) -> std::borrow::Cow<'_, [u8]> {
        let bytes = self.bytes(text);
        if self.form() == Form::Doubled {
            let mut value = Vec::with_capacity(bytes.len());
            undouble(bytes, &mut value);
            return value.into();
        }
        bytes.into()
    }
}

/// Appends `bytes` with each doubled quote as one.
pub(crate) fn undouble(mut bytes: &[u8], into: &mut Vec<u8>) {
    while let Some(quote) = memchr::memchr(b'"', bytes) {
        into.extend_from_slice(&bytes[..=quote]);
        bytes = bytes.get(quote + 2..).unwrap_or_default();
    }
    into.extend_from_slice(bytes);
}

/// Some records: `cells` row by row, `width` to a row.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// What the cells point into.
    pub(crate) text: Vec<u8>,
    /// `rows × width` cells.
    pub(crate) cells: Vec<Cell>,
    /// Cells to a row.
    pub(crate) width: usize,
    /// The line each row starts at, from 1.
    pub(crate) lines: Vec<u64>,
}

impl Block {
    /// Number of records.
    pub(crate) fn rows(&self) -> usize {
        self.lines.len()
    }
    /// The cell of a row and a column; [`Cell::NULL`] where there is none.
    pub(crate) fn cell(&self, row: usize, column: usize) -> Cell {
        if column >= self.width {
            return Cell::NULL;
        }
        self.cells.get(row * self.width + column).copied().unwrap_or(Cell::NULL)
    }
}

/// What the cells of a source mean.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// Texts of plain cells that stand for null.
    nulls: Vec<Vec<u8>>,
    /// Bit n is set if some text has n bytes (63: or more), so that most cells need no comparison.
    lengths: u64,
    /// Whether quoted cells are text whatever they look like, as in JSON.
    pub(crate) typed: bool,
    /// Of wall-clock times that are declared as instants, and the reverse.
    pub(crate) zone: Tz,
}

impl Reading {
    /// A text file: plain cells with one of these texts are null.
    pub(crate) fn text(nulls: &[String], zone: Tz) -> Self {
        let nulls: Vec<Vec<u8>> = nulls.iter().map(|text| text.clone().into_bytes()).collect();
        let lengths = nulls.iter().fold(0, |bits, text| bits | 1 << text.len().min(63));
        Self { nulls, lengths, typed: false, zone }
    }
    /// A source that tells text, numbers and null apart by itself.
    pub(crate) const fn typed(zone: Tz) -> Self {
        Self { nulls: Vec::new(), lengths: 0, typed: true, zone }
    }
    /// Whether a cell is null.
    #[inline]
    pub(crate) fn is_null(&self, cell: Cell, bytes: &[u8]) -> bool {
        match cell.form() {
            Form::Null => true,
            Form::Plain => {
                self.lengths >> bytes.len().min(63) & 1 == 1
                    && (bytes.is_empty() || self.nulls.iter().any(|text| text == bytes))
            }
            Form::Quoted | Form::Doubled => false,
        }
    }
}
