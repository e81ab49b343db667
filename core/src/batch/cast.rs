//! Values of one type as values of a declared type, exactly or not at all.
//!
//! Nothing is rounded, cut or guessed: a value that the type cannot hold is null in the result and
//! marked as failed. Only text of a fraction declared as float becomes the nearest float.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanBuilder, PrimitiveArray, PrimitiveBuilder, StringBuilder,
};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType};
use chrono::{DateTime, LocalResult, Offset, TimeZone};
use chrono_tz::Tz;

use super::column::{UTC, arrow_type};
use super::parse::{self, Grammar, SECOND, Zone};
use super::render::cell_text;
use crate::config::settings::DeclaredType;

/// `array` as `target`, and which of its values could not be cast: those are null in the result.
///
/// Wall-clock times become instants in `zone`, and instants wall-clock times of it. A time that a
/// change of the clock skips fails; one that it repeats is the first of the two.
pub(crate) fn cast(array: &ArrayRef, target: &DeclaredType, zone: Tz) -> (ArrayRef, BooleanBuffer) {
    let none_failed = || BooleanBuffer::new_unset(array.len());
    if *array.data_type() == arrow_type(target) {
        return (Arc::clone(array), none_failed());
    }
    let texts = Texts(array);
    match *target {
        DeclaredType::Text => {
            let mut builder = StringBuilder::with_capacity(array.len(), array.len() * 8);
            for row in 0..array.len() {
                texts.with(row, |text| builder.append_option(text));
            }
            (Arc::new(builder.finish()), none_failed())
        }
        DeclaredType::Boolean => {
            let mut builder = BooleanBuilder::with_capacity(array.len());
            let mut failed = Vec::with_capacity(array.len());
            for row in 0..array.len() {
                texts.with(row, |text| {
                    let value = text.and_then(|text| parse::boolean(text.as_bytes(), Grammar::Declared));
                    failed.push(text.is_some() && value.is_none());
                    builder.append_option(value);
                });
            }
            (Arc::new(builder.finish()), BooleanBuffer::from(failed))
        }
        DeclaredType::Integer => {
            let truth = *array.data_type() == DataType::Boolean;
            let (array, failed) = texts.parse::<Int64Type>(|text| match text {
                "true" if truth => Some(1),
                "false" if truth => Some(0),
                text => parse::integer(text.as_bytes(), Grammar::Declared),
            });
            (Arc::new(array), failed)
        }
        DeclaredType::Float => {
            let (array, failed) = texts.parse::<Float64Type>(|text| parse::float(text.as_bytes(), Grammar::Declared));
            (Arc::new(array), failed)
        }
        DeclaredType::Decimal { precision, scale } => {
            let (array, failed) =
                texts.parse::<Decimal128Type>(|text| parse::decimal(text.as_bytes(), precision, scale));
            match array.with_precision_and_scale(precision, scale) {
                Ok(array) => (Arc::new(array), failed),
                // The config does not let such a type through; nothing fits it.
                Err(_) => all_failed(array_of_nulls(target, texts.0.len()), texts.0),
            }
        }
        DeclaredType::Date => {
            let (array, failed) = texts.parse::<Date32Type>(|text| parse::date(text.as_bytes(), Grammar::Declared));
            (Arc::new(array), failed)
        }
        DeclaredType::Timestamp => {
            let (array, failed) = texts.parse::<TimestampMicrosecondType>(|text| {
                let (micros, known) = parse::timestamp(text.as_bytes(), Grammar::Declared)?;
                if known == Zone::Known { wall_clock(micros, zone) } else { Some(micros) }
            });
            (Arc::new(array), failed)
        }
        DeclaredType::Timestamptz => {
            let (array, failed) = texts.parse::<TimestampMicrosecondType>(|text| {
                let (micros, known) = parse::timestamp(text.as_bytes(), Grammar::Declared)?;
                if known == Zone::Known { Some(micros) } else { instant(micros, zone) }
            });
            (Arc::new(array.with_timezone(UTC)), failed)
        }
    }
}

fn array_of_nulls(target: &DeclaredType, rows: usize) -> ArrayRef {
    arrow::array::new_null_array(&arrow_type(target), rows)
}

fn all_failed(nulls: ArrayRef, of: &dyn Array) -> (ArrayRef, BooleanBuffer) {
    let failed = (0..of.len()).map(|row| of.is_valid(row)).collect::<Vec<_>>();
    (nulls, BooleanBuffer::from(failed))
}

/// The instant at which clocks in `zone` show a time, both in microseconds.
pub(crate) fn instant(wall_clock: i64, zone: Tz) -> Option<i64> {
    let naive = DateTime::from_timestamp_micros(wall_clock)?.naive_utc();
    match zone.from_local_datetime(&naive) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => Some(time.timestamp_micros()),
        LocalResult::None => None,
    }
}

/// What clocks in `zone` show at an instant, both in microseconds.
pub(crate) fn wall_clock(instant: i64, zone: Tz) -> Option<i64> {
    let time = DateTime::from_timestamp_micros(instant)?;
    let east = zone.offset_from_utc_datetime(&time.naive_utc()).fix().local_minus_utc();
    Some(instant + i64::from(east) * SECOND)
}

/// The cells of an array as text.
struct Texts<'a>(&'a ArrayRef);

impl Texts<'_> {
    fn with(&self, row: usize, mut see: impl FnMut(Option<&str>)) {
        if let Some(texts) = self.0.as_string_opt::<i32>() {
            see(texts.is_valid(row).then(|| texts.value(row)));
        } else {
            see(cell_text(self.0.as_ref(), row).as_deref());
        }
    }

    fn parse<T: ArrowPrimitiveType>(
        &self,
        parse: impl Fn(&str) -> Option<T::Native>,
    ) -> (PrimitiveArray<T>, BooleanBuffer) {
        let mut builder = PrimitiveBuilder::<T>::with_capacity(self.0.len());
        let mut failed = Vec::with_capacity(self.0.len());
        for row in 0..self.0.len() {
            self.with(row, |text| {
                let value = text.and_then(&parse);
                failed.push(text.is_some() && value.is_none());
                builder.append_option(value);
            });
        }
        (builder.finish(), BooleanBuffer::from(failed))
    }
}
