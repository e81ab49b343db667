//! Values of one type as values of a declared type, exactly or not at all.
//!
//! Nothing is rounded, cut or guessed: a value that the type cannot hold is null in the result and
//! marked as failed. Only text of a fraction declared as float becomes the nearest float.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanBuilder, PrimitiveArray, PrimitiveBuilder, StringBuilder,
    new_null_array,
};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType};
use chrono_tz::Tz;

use super::column::{UTC, arrow_type};
use super::parse::{self, Grammar};
use super::render::cell_text;
use super::zone::{read_instant, read_wall_clock};
use crate::config::settings::DeclaredType;

/// `array` as `target`, and which of its values could not be cast: those are null in the result.
///
/// Wall-clock times become instants in `zone`, and instants wall-clock times of it. A time that a
/// change of the clock skips fails; one that it repeats is the first of the two.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "types come out of maps by reference")]
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
            let (decimals, failed) =
                texts.parse::<Decimal128Type>(|text| parse::decimal(text.as_bytes(), precision, scale));
            match decimals.with_precision_and_scale(precision, scale) {
                Ok(decimals) => (Arc::new(decimals), failed),
                // The config does not let such a type through; nothing fits it.
                Err(_) => all_failed(new_null_array(&arrow_type(target), array.len()), array),
            }
        }
        DeclaredType::Date => {
            let (array, failed) = texts.parse::<Date32Type>(|text| parse::date(text.as_bytes(), Grammar::Declared));
            (Arc::new(array), failed)
        }
        DeclaredType::Timestamp => {
            let (array, failed) =
                texts.parse::<TimestampMicrosecondType>(|text| read_wall_clock(text.as_bytes(), zone));
            (Arc::new(array), failed)
        }
        DeclaredType::Timestamptz => {
            let (array, failed) = texts.parse::<TimestampMicrosecondType>(|text| read_instant(text.as_bytes(), zone));
            (Arc::new(array.with_timezone(UTC)), failed)
        }
    }
}

fn all_failed(nulls: ArrayRef, of: &dyn Array) -> (ArrayRef, BooleanBuffer) {
    let failed = (0..of.len()).map(|row| of.is_valid(row)).collect::<Vec<_>>();
    (nulls, BooleanBuffer::from(failed))
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

#[cfg(test)]
mod tests {
    use arrow::array::{
        BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray,
        TimestampNanosecondArray,
    };

    use super::*;

    /// What becomes of each value; `!` failed, `∅` was null before.
    fn cast_to(array: impl Array + 'static, target: DeclaredType) -> String {
        let array: ArrayRef = Arc::new(array);
        let (result, failed) = cast(&array, &target, Tz::Europe__Berlin);
        assert_eq!(*result.data_type(), arrow_type(&target));
        let cells = (0..array.len()).map(|row| {
            assert_eq!(failed.value(row), array.is_valid(row) && result.is_null(row), "null exactly where it failed");
            let none = if failed.value(row) { "!" } else { "∅" };
            cell_text(&result, row).unwrap_or_else(|| none.to_owned())
        });
        cells.collect::<Vec<_>>().join(" ")
    }

    fn texts(texts: &[&str]) -> StringArray {
        texts.iter().map(|text| (*text != "∅").then_some(*text)).collect()
    }

    #[test]
    fn text_is_read_or_fails() {
        let money = DeclaredType::Decimal { precision: 6, scale: 2 };
        assert_eq!(cast_to(texts(&["1", "∅", "x", "", "007"]), DeclaredType::Integer), "1 ∅ ! ! 7");
        assert_eq!(cast_to(texts(&["1.5", "1.505", "1e3", "99999"]), money), "1.50 ! 1000.00 !");
        assert_eq!(cast_to(texts(&["Yes", "0", "maybe"]), DeclaredType::Boolean), "true false !");
        assert_eq!(cast_to(texts(&["2024-02-29", "2023-02-29"]), DeclaredType::Date), "2024-02-29 !");
        assert_eq!(cast_to(texts(&["0.1", "NaN", "1e999"]), DeclaredType::Float), "0.1 NaN !");
        assert_eq!(
            cast_to(
                texts(&["2024-07-01 12:00:00", "2024-07-01T12:00:00Z", "2024-03-31 02:30:00"]),
                DeclaredType::Timestamptz
            ),
            "2024-07-01T10:00:00Z 2024-07-01T12:00:00Z !"
        );
        assert_eq!(cast_to(texts(&["2024-07-01T12:00:00Z", "noon"]), DeclaredType::Timestamp), "2024-07-01T14:00:00 !");
    }

    #[test]
    fn values_are_never_rounded() {
        let one_digit = DeclaredType::Decimal { precision: 9, scale: 1 };
        assert_eq!(cast_to(Int64Array::from(vec![Some(1), None, Some((1 << 53) + 1)]), DeclaredType::Float), "1.0 ∅ !");
        assert_eq!(cast_to(Float64Array::from(vec![2.0, 2.5, f64::NAN, 1e300]), DeclaredType::Integer), "2 ! ! !");
        assert_eq!(cast_to(Float64Array::from(vec![0.5, 0.25]), one_digit), "0.5 !");
        let decimals = Decimal128Array::from(vec![1_500, 1_510, 1_000]).with_precision_and_scale(9, 3).unwrap();
        assert_eq!(cast_to(decimals.clone(), one_digit), "1.5 ! 1.0");
        assert_eq!(cast_to(decimals.clone(), DeclaredType::Integer), "! ! 1");
        assert_eq!(cast_to(decimals, DeclaredType::Text), "1.500 1.510 1.000");
        assert_eq!(cast_to(BooleanArray::from(vec![true, false]), DeclaredType::Integer), "1 0");
        assert_eq!(cast_to(Int64Array::from(vec![0, 1, 2]), DeclaredType::Boolean), "false true !");
        let day = 86_400_000_000;
        let times = TimestampMicrosecondArray::from(vec![day, day + 1]);
        assert_eq!(cast_to(times.clone(), DeclaredType::Date), "1970-01-02 !");
        assert_eq!(
            cast_to(times.with_timezone("UTC"), DeclaredType::Timestamp),
            "1970-01-02T01:00:00 1970-01-02T01:00:00.000001"
        );
        assert_eq!(cast_to(Date32Array::from(vec![1]), DeclaredType::Timestamptz), "1970-01-01T23:00:00Z");
        let nanos = TimestampNanosecondArray::from(vec![1_000, 1_001]);
        assert_eq!(cast_to(nanos, DeclaredType::Timestamp), "1970-01-01T00:00:00.000001 !");
    }
}
