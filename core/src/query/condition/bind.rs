//! Written values as values of a column's type, exactly: what a type cannot hold is not rounded, the
//! comparison is turned into one that means the same.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Decimal128Array, Decimal256Array, Int64Array, StringArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, i256};

use super::{Comparison, Literal, Test};
use crate::publish::Column;

/// A number as it is written: `digits × 10^-scale`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number {
    digits: i128,
    scale: i32,
    float: f64,
    /// It has more digits than fit.
    huge: bool,
}

impl Number {
    /// Reads `-12_000.50e3`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let plain: String = text.chars().filter(|character| *character != '_').collect();
        let float: f64 = plain.parse().ok().filter(|float: &f64| !float.is_nan())?;
        let (mantissa, exponent) = match plain.find(['e', 'E']) {
            Some(at) => (&plain[..at], plain[at + 1..].parse::<i32>().ok()?),
            None => (plain.as_str(), 0),
        };
        // `inf` is a float and no number here.
        if !mantissa.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+')) {
            return None;
        }
        let scale = mantissa.find('.').map_or(0, |at| mantissa.len() - at - 1);
        let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
        let scale = i32::try_from(scale).ok()?.checked_sub(exponent)?;
        let parsed = digits.parse::<i128>();
        Some(Self { digits: parsed.as_ref().copied().unwrap_or(0), scale, float, huge: parsed.is_err() })
    }

    /// The greatest value with `scale` digits behind the point that is not greater, and whether it is
    /// the number itself. `Err`: it has no room; positive or negative.
    fn floor(self, scale: i32) -> Result<(i128, bool), bool> {
        let positive = self.float > 0.0;
        if self.huge {
            return Err(positive);
        }
        let shift = scale - self.scale;
        if self.digits == 0 {
            return Ok((0, true));
        }
        match u32::try_from(shift) {
            Ok(up) => {
                let factor = 10_i128.checked_pow(up).ok_or(positive)?;
                self.digits.checked_mul(factor).map(|value| (value, true)).ok_or(positive)
            }
            Err(_) => match 10_i128.checked_pow(shift.unsigned_abs()) {
                Some(factor) => Ok((self.digits.div_euclid(factor), self.digits % factor == 0)),
                // Nearer to zero than anything.
                None => Ok((if self.digits < 0 { -1 } else { 0 }, false)),
            },
        }
    }
}

/// The type of the values where they are kept apart from their places.
pub(super) fn plain(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Dictionary(_, values) => values.as_ref().clone(),
        other => other.clone(),
    }
}

/// The test that a value of `column` is compared with `literal`; or how such a value is written.
pub(super) fn test(column: &Column, comparison: Comparison, literal: &Literal) -> Result<Test, &'static str> {
    let data_type = plain(&column.arrow);
    let number = |literal: &Literal| match literal {
        Literal::Number(number) => Some(*number),
        Literal::Text(text) => Number::parse(text.trim()),
        Literal::Truth(_) => None,
    };
    match &data_type {
        DataType::Float16 | DataType::Float32 | DataType::Float64 => {
            let number = number(literal).ok_or("write a number, such as 1.5")?;
            Ok(Test::Float(comparison, number.float))
        }
        other if other.is_integer() || other.is_decimal() => {
            let number = number(literal).ok_or("write a number, without quotes")?;
            Ok(exact(other, comparison, number))
        }
        DataType::Boolean => match literal {
            Literal::Truth(truth) => Ok(value(comparison, data_type, Arc::new(BooleanArray::from(vec![*truth])))),
            _ => Err("write true or false"),
        },
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => match literal {
            Literal::Text(text) => of_text(comparison, &data_type, text).ok_or("write a text in single quotes"),
            _ => Err("write a text in single quotes"),
        },
        DataType::Date32 | DataType::Date64 => {
            dated(comparison, &data_type, literal).ok_or("write a date in single quotes, such as '2025-01-31'")
        }
        DataType::Timestamp(..) => dated(comparison, &data_type, literal)
            .ok_or("write a time in single quotes, such as '2025-01-31' or '2025-01-31T09:30:00'"),
        DataType::Time32(_) | DataType::Time64(_) => {
            dated(comparison, &data_type, literal).ok_or("write a time in single quotes, such as '09:30:00'")
        }
        _ => Err("values of this type can only be asked for with `is null` and `is not null`"),
    }
}

fn value(comparison: Comparison, as_type: DataType, value: ArrayRef) -> Test {
    Test::Value { comparison, as_type, value }
}

fn dated(comparison: Comparison, data_type: &DataType, literal: &Literal) -> Option<Test> {
    match literal {
        Literal::Text(text) => of_text(comparison, data_type, text.trim()),
        _ => None,
    }
}

fn of_text(comparison: Comparison, data_type: &DataType, text: &str) -> Option<Test> {
    let exactly = CastOptions { safe: false, ..CastOptions::default() };
    let array = cast_with_options(&StringArray::from(vec![text]), data_type, &exactly).ok()?;
    Some(value(comparison, data_type.clone(), array))
}

/// Compares a number with integers or decimals without rounding.
fn exact(data_type: &DataType, comparison: Comparison, number: Number) -> Test {
    let (as_type, scale) = match data_type {
        DataType::UInt64 => (DataType::Decimal128(20, 0), 0),
        DataType::Decimal32(_, scale) | DataType::Decimal64(_, scale) | DataType::Decimal128(_, scale) => {
            (DataType::Decimal128(38, *scale), i32::from(*scale))
        }
        DataType::Decimal256(_, scale) => (DataType::Decimal256(76, *scale), i32::from(*scale)),
        _ => (DataType::Int64, 0),
    };
    let outside = |positive: bool| match (comparison, positive) {
        (Comparison::Unequal, _)
        | (Comparison::Less | Comparison::AtMost, true)
        | (Comparison::Greater | Comparison::AtLeast, false) => Test::Always,
        _ => Test::Never,
    };
    let (floor, is_exact) = match number.floor(scale) {
        Ok(found) => found,
        Err(positive) => return outside(positive),
    };
    let comparison = match (is_exact, comparison) {
        (true, comparison) => comparison,
        (false, Comparison::Equal) => return Test::Never,
        (false, Comparison::Unequal) => return Test::Always,
        (false, Comparison::Less | Comparison::AtMost) => Comparison::AtMost,
        (false, Comparison::Greater | Comparison::AtLeast) => Comparison::Greater,
    };
    let array: Option<ArrayRef> = match &as_type {
        DataType::Int64 => i64::try_from(floor).ok().map(|value| Arc::new(Int64Array::from(vec![value])) as ArrayRef),
        DataType::Decimal256(precision, scale) => Decimal256Array::from(vec![i256::from_i128(floor)])
            .with_precision_and_scale(*precision, *scale)
            .ok()
            .map(|array| Arc::new(array) as ArrayRef),
        DataType::Decimal128(precision, scale) => Decimal128Array::from(vec![floor])
            .with_precision_and_scale(*precision, *scale)
            .ok()
            .map(|array| Arc::new(array) as ArrayRef),
        _ => None,
    };
    array.map_or_else(|| outside(floor > 0), |array| value(comparison, as_type, array))
}
