//! Cells to Arrow columns: one pass over a column of a block, from bytes to builder.
//!
//! Says at which row a value does not fit; what to do about it is the caller's.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, ArrowPrimitiveType, BooleanArray, BooleanBufferBuilder, Decimal128Array, NullBufferBuilder,
    PrimitiveArray, StringArray,
};
use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};

use super::cells::{Block, Cell, Form, Reading, undouble};
use super::parse::{self, Grammar, Zone};
use super::zone::{read_instant, read_wall_clock};
use crate::config::settings::DeclaredType;
use chrono_tz::Tz;

/// The Arrow type that holds a declared type.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "types come out of maps by reference")]
pub(crate) fn arrow_type(declared: &DeclaredType) -> DataType {
    match declared {
        DeclaredType::Text => DataType::Utf8,
        DeclaredType::Integer => DataType::Int64,
        DeclaredType::Float => DataType::Float64,
        DeclaredType::Decimal { precision, scale } => DataType::Decimal128(*precision, *scale),
        DeclaredType::Boolean => DataType::Boolean,
        DeclaredType::Date => DataType::Date32,
        DeclaredType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
        DeclaredType::Timestamptz => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
    }
}

/// The declared type with this Arrow type, if there is one.
pub(crate) fn declared_type(data_type: &DataType) -> Option<DeclaredType> {
    Some(match data_type {
        DataType::Utf8 => DeclaredType::Text,
        DataType::Int64 => DeclaredType::Integer,
        DataType::Float64 => DeclaredType::Float,
        DataType::Decimal128(precision, scale) => DeclaredType::Decimal { precision: *precision, scale: *scale },
        DataType::Boolean => DeclaredType::Boolean,
        DataType::Date32 => DeclaredType::Date,
        DataType::Timestamp(TimeUnit::Microsecond, None) => DeclaredType::Timestamp,
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if zone.as_ref() == UTC => DeclaredType::Timestamptz,
        _ => return None,
    })
}

/// The zone of every instant.
pub(crate) const UTC: &str = "UTC";

/// A type, and how it is written in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Typed {
    /// The type.
    pub(crate) target: DeclaredType,
    /// How generous its parser is.
    pub(crate) grammar: Grammar,
}

impl Typed {
    /// Text takes anything.
    pub(crate) const TEXT: Self = Self { target: DeclaredType::Text, grammar: Grammar::Declared };

    /// Whether a cell that is not null fits.
    pub(crate) fn takes(self, cell: Cell, bytes: &[u8], reading: &Reading) -> bool {
        if self.target == DeclaredType::Text {
            return true;
        }
        match cell.form() {
            Form::Doubled | Form::Null => return false,
            Form::Quoted if reading.typed && self.grammar != Grammar::Declared => return false,
            Form::Quoted | Form::Plain => {}
        }
        match self.target {
            DeclaredType::Text => true,
            DeclaredType::Boolean => parse::boolean(bytes, self.grammar).is_some(),
            DeclaredType::Integer => parse::integer(bytes, self.grammar).is_some(),
            DeclaredType::Float => parse::float(bytes, self.grammar).is_some(),
            DeclaredType::Decimal { precision, scale } => parse::decimal(bytes, precision, scale).is_some(),
            DeclaredType::Date => parse::date(bytes, self.grammar).is_some(),
            DeclaredType::Timestamp => wall_clock(bytes, self.grammar, reading.zone).is_some(),
            DeclaredType::Timestamptz => instant(bytes, self.grammar, reading.zone).is_some(),
        }
    }
}

#[inline]
fn wall_clock(bytes: &[u8], grammar: Grammar, zone: Tz) -> Option<i64> {
    if grammar == Grammar::Declared {
        return read_wall_clock(bytes, zone);
    }
    parse::timestamp(bytes, grammar).and_then(|(micros, known)| (known == Zone::Naive).then_some(micros))
}

#[inline]
fn instant(bytes: &[u8], grammar: Grammar, zone: Tz) -> Option<i64> {
    if grammar == Grammar::Declared {
        return read_instant(bytes, zone);
    }
    parse::timestamp(bytes, grammar).and_then(|(micros, known)| (known == Zone::Known).then_some(micros))
}

/// A column of some rows of a block.
#[derive(Clone)]
pub(crate) struct Slice<'a> {
    /// The records.
    pub(crate) block: &'a Block,
    /// Which column.
    pub(crate) column: usize,
    /// Which rows.
    pub(crate) rows: Range<usize>,
    /// What the cells mean.
    pub(crate) reading: &'a Reading,
}

/// A value that does not fit: its row in the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unfit {
    /// Row of the block.
    pub(crate) row: usize,
}

impl<'a> Slice<'a> {
    fn cells(&self) -> impl Iterator<Item = (usize, Cell)> + use<'a> {
        let (block, column) = (self.block, self.column);
        self.rows.clone().map(move |row| (row, block.cell(row, column)))
    }

    /// The column as an array of its type.
    ///
    /// # Errors
    ///
    /// The first row whose value does not fit.
    pub(crate) fn array(&self, typed: Typed) -> Result<ArrayRef, Unfit> {
        let grammar = typed.grammar;
        Ok(match typed.target {
            DeclaredType::Text => Arc::new(self.text()?),
            DeclaredType::Boolean => Arc::new(self.boolean(grammar)?),
            DeclaredType::Integer => {
                Arc::new(self.primitive::<Int64Type>(grammar, |bytes| parse::integer(bytes, grammar))?)
            }
            DeclaredType::Float => {
                Arc::new(self.primitive::<Float64Type>(grammar, |bytes| parse::float(bytes, grammar))?)
            }
            DeclaredType::Date => Arc::new(self.primitive::<Date32Type>(grammar, |bytes| parse::date(bytes, grammar))?),
            DeclaredType::Decimal { precision, scale } => {
                let array: Decimal128Array =
                    self.primitive::<Decimal128Type>(grammar, |bytes| parse::decimal(bytes, precision, scale))?;
                let whole = self.rows.start;
                Arc::new(array.with_precision_and_scale(precision, scale).map_err(|_| Unfit { row: whole })?)
            }
            DeclaredType::Timestamp => Arc::new(self.primitive::<TimestampMicrosecondType>(grammar, |bytes| {
                wall_clock(bytes, grammar, self.reading.zone)
            })?),
            DeclaredType::Timestamptz => Arc::new(
                self.primitive::<TimestampMicrosecondType>(grammar, |bytes| {
                    instant(bytes, grammar, self.reading.zone)
                })?
                .with_timezone(UTC),
            ),
        })
    }

    fn primitive<T: ArrowPrimitiveType>(
        &self,
        grammar: Grammar,
        parse: impl Fn(&[u8]) -> Option<T::Native>,
    ) -> Result<PrimitiveArray<T>, Unfit> {
        let text = self.block.text.as_slice();
        let strings_are_text = self.reading.typed && grammar != Grammar::Declared;
        let mut values = Vec::with_capacity(self.rows.len());
        let mut nulls = NullBufferBuilder::new(self.rows.len());
        for (row, cell) in self.cells() {
            let bytes = cell.bytes(text);
            if self.reading.is_null(cell, bytes) {
                values.push(T::Native::default());
                nulls.append_null();
                continue;
            }
            let quoted = match cell.form() {
                Form::Plain => false,
                Form::Quoted => strings_are_text,
                Form::Doubled | Form::Null => true,
            };
            match parse(bytes) {
                Some(value) if !quoted => {
                    values.push(value);
                    nulls.append_non_null();
                }
                _ => return Err(Unfit { row }),
            }
        }
        Ok(PrimitiveArray::new(values.into(), nulls.finish()))
    }

    fn boolean(&self, grammar: Grammar) -> Result<BooleanArray, Unfit> {
        let typed = Typed { target: DeclaredType::Boolean, grammar };
        let mut values = BooleanBufferBuilder::new(self.rows.len());
        let mut nulls = NullBufferBuilder::new(self.rows.len());
        for (row, cell) in self.cells() {
            let bytes = cell.bytes(&self.block.text);
            if self.reading.is_null(cell, bytes) {
                values.append(false);
                nulls.append_null();
                continue;
            }
            match parse::boolean(bytes, grammar) {
                Some(value) if typed.takes(cell, bytes, self.reading) => {
                    values.append(value);
                    nulls.append_non_null();
                }
                _ => return Err(Unfit { row }),
            }
        }
        Ok(BooleanArray::new(values.finish(), nulls.finish()))
    }

    fn text(&self) -> Result<StringArray, Unfit> {
        let text = self.block.text.as_slice();
        let mut values: Vec<u8> = Vec::with_capacity(self.rows.len() * 8);
        let mut offsets: Vec<i32> = Vec::with_capacity(self.rows.len() + 1);
        let mut nulls = NullBufferBuilder::new(self.rows.len());
        offsets.push(0);
        for (row, cell) in self.cells() {
            let bytes = cell.bytes(text);
            if self.reading.is_null(cell, bytes) {
                nulls.append_null();
            } else {
                if cell.form() == Form::Doubled {
                    undouble(bytes, &mut values);
                } else {
                    values.extend_from_slice(bytes);
                }
                nulls.append_non_null();
            }
            offsets.push(i32::try_from(values.len()).map_err(|_| Unfit { row })?);
        }
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        StringArray::try_new(offsets, Buffer::from_vec(values), nulls.finish())
            .map_err(|_| Unfit { row: self.rows.start })
    }

    /// The first row from `from` on whose value does not fit.
    pub(crate) fn first_unfit(&self, typed: Typed) -> Option<usize> {
        if typed.target == DeclaredType::Text {
            return None;
        }
        self.cells()
            .find(|(_, cell)| {
                let bytes = cell.bytes(&self.block.text);
                !self.reading.is_null(*cell, bytes) && !typed.takes(*cell, bytes, self.reading)
            })
            .map(|(row, _)| row)
    }
}
