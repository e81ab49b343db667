//! Values as databases send them, and Arrow columns made of them.
//!
//! Owns which values fit which type. Never rounds and never cuts: what does not fit is said.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Decimal256Builder, Float32Builder,
    Float64Builder, Int64Builder, StringBuilder, Time64MicrosecondBuilder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, TimeUnit, i256};

use crate::batch::column::UTC;

/// One value of a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    /// None.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number that may be beyond [`Value::Int`].
    Unsigned(u64),
    /// 32-bit IEEE 754.
    Single(f32),
    /// 64-bit IEEE 754.
    Float(f64),
    /// An exact number: its digits, and how many of them stand behind the point.
    Decimal(i128, u16),
    /// An exact number with more digits than that, as text.
    Number(Cow<'a, str>),
    /// Days since 1970-01-01; years 1 to 9999.
    Day(i32),
    /// Microseconds since midnight, less than a day.
    Time(i64),
    /// Wall-clock microseconds since 1970-01-01; years 1 to 9999.
    Moment(i64),
    /// Microseconds since 1970-01-01 UTC; years 1 to 9999.
    Instant(i64),
    /// Text.
    Text(Cow<'a, str>),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A value that none of these types holds, spelled as the database does: `infinity`, `0000-00-00`.
    Odd(String),
    /// What cannot be read at all, and why.
    Broken(String),
}

/// Type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Bool,
    Int,
    Single,
    Float,
    /// At most 38 digits, and those behind the point.
    Decimal(u8, i8),
    /// At most 76 digits, and those behind the point.
    Wide(u8, i8),
    Day,
    Time,
    Moment,
    Instant,
    Text,
    Bytes,
}

impl Shape {
    /// The type for exact numbers with so many digits, and so many of them behind the point; text beyond 76.
    pub(super) fn exact(precision: u32, scale: i32) -> Self {
        // A negative scale stands for zeros before the point, one beyond the precision for zeros behind it.
        let precision = if scale < 0 { precision + scale.unsigned_abs() } else { precision.max(scale.unsigned_abs()) };
        let (Ok(precision), Ok(scale)) = (u8::try_from(precision), i8::try_from(scale.max(0))) else {
            return Self::Text;
        };
        match precision {
            0..=38 => Self::Decimal(precision.max(1), scale),
            39..=76 => Self::Wide(precision, scale),
            _ => Self::Text,
        }
    }

    /// As Arrow.
    pub(super) fn data_type(self) -> DataType {
        match self {
            Self::Bool => DataType::Boolean,
            Self::Int => DataType::Int64,
            Self::Single => DataType::Float32,
            Self::Float => DataType::Float64,
            Self::Decimal(precision, scale) => DataType::Decimal128(precision, scale),
            Self::Wide(precision, scale) => DataType::Decimal256(precision, scale),
            Self::Day => DataType::Date32,
            Self::Time => DataType::Time64(TimeUnit::Microsecond),
            Self::Moment => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
            Self::Text => DataType::Utf8,
            Self::Bytes => DataType::Binary,
        }
    }
}

/// The column that values are put into.
pub(super) enum Builder {
    Bool(BooleanBuilder),
    Int(Int64Builder),
    Single(Float32Builder),
    Float(Float64Builder),
    Decimal(Decimal128Builder, u8, i8),
    Wide(Decimal256Builder, u8, i8),
    Day(Date32Builder),
    Time(Time64MicrosecondBuilder),
    Moment(TimestampMicrosecondBuilder),
    Instant(TimestampMicrosecondBuilder),
    Text(StringBuilder),
    Bytes(BinaryBuilder),
}

impl Builder {
    pub(super) fn new(shape: Shape) -> Self {
        match shape {
            Shape::Bool => Self::Bool(BooleanBuilder::new()),
            Shape::Int => Self::Int(Int64Builder::new()),
            Shape::Single => Self::Single(Float32Builder::new()),
            Shape::Float => Self::Float(Float64Builder::new()),
            Shape::Decimal(precision, scale) => {
                let builder = Decimal128Builder::new().with_data_type(shape.data_type());
                Self::Decimal(builder, precision, scale)
            }
            Shape::Wide(precision, scale) => {
                let builder = Decimal256Builder::new().with_data_type(shape.data_type());
                Self::Wide(builder, precision, scale)
            }
            Shape::Day => Self::Day(Date32Builder::new()),
            Shape::Time => Self::Time(Time64MicrosecondBuilder::new()),
            Shape::Moment => Self::Moment(TimestampMicrosecondBuilder::new()),
            Shape::Instant => Self::Instant(TimestampMicrosecondBuilder::new().with_timezone(UTC)),
            Shape::Text => Self::Text(StringBuilder::new()),
            Shape::Bytes => Self::Bytes(BinaryBuilder::new()),
        }
    }

    /// Appends a value; one that does not fit is null in the column, and the answer is `false`.
    #[inline]
    pub(super) fn push(&mut self, value: &Value<'_>) -> bool {
        if matches!(value, Value::Null) {
            self.push_null();
            return true;
        }
        let fits = self.place(value);
        if !fits {
            self.push_null();
        }
        fits
    }

    /// Appends a value that fits; else nothing.
    #[inline]
    fn place(&mut self, value: &Value<'_>) -> bool {
        match (self, value) {
            (Self::Int(builder), Value::Int(number)) => builder.append_value(*number),
            (Self::Text(builder), Value::Text(text)) => builder.append_value(text),
            (Self::Float(builder), Value::Float(number)) => builder.append_value(*number),
            (Self::Instant(builder), Value::Instant(micros)) | (Self::Moment(builder), Value::Moment(micros)) => {
                builder.append_value(*micros);
            }
            (Self::Day(builder), Value::Day(days)) => builder.append_value(*days),
            (Self::Time(builder), Value::Time(micros)) => builder.append_value(*micros),
            (Self::Bool(builder), Value::Bool(truth)) => builder.append_value(*truth),
            (Self::Bool(builder), Value::Int(number @ (0 | 1))) => builder.append_value(*number == 1),
            (Self::Single(builder), Value::Single(number)) => builder.append_value(*number),
            (Self::Bytes(builder), Value::Bytes(bytes)) => builder.append_value(bytes),
            (Self::Int(builder), Value::Unsigned(number)) => match i64::try_from(*number) {
                Ok(number) => builder.append_value(number),
                Err(_) => return false,
            },
            // Whole numbers that a float holds exactly.
            (Self::Float(builder), Value::Int(number)) if number.unsigned_abs() <= 1 << 53 => {
                builder.append_value(*number as f64);
            }
            (Self::Decimal(builder, precision, scale), value) => {
                match exact(value).and_then(|(digits, has)| rescaled(digits, has, *precision, *scale)) {
                    Some(digits) => builder.append_value(digits),
                    None => return false,
                }
            }
            (Self::Wide(builder, precision, scale), value) => match wide(value, *precision, *scale) {
                Some(digits) => builder.append_value(digits),
                None => return false,
            },
            // Text takes whatever can be spelled.
            (Self::Text(builder), value) => builder.append_value(spelled(value)),
            _ => return false,
        }
        true
    }

    fn push_null(&mut self) {
        match self {
            Self::Bool(builder) => builder.append_null(),
            Self::Int(builder) => builder.append_null(),
            Self::Single(builder) => builder.append_null(),
            Self::Float(builder) => builder.append_null(),
            Self::Decimal(builder, ..) => builder.append_null(),
            Self::Wide(builder, ..) => builder.append_null(),
            Self::Day(builder) => builder.append_null(),
            Self::Time(builder) => builder.append_null(),
            Self::Moment(builder) | Self::Instant(builder) => builder.append_null(),
            Self::Text(builder) => builder.append_null(),
            Self::Bytes(builder) => builder.append_null(),
        }
    }

    /// The values so far, as a column; the builder is empty afterwards.
    pub(super) fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Bool(builder) => Arc::new(builder.finish()),
            Self::Int(builder) => Arc::new(builder.finish()),
            Self::Single(builder) => Arc::new(builder.finish()),
            Self::Float(builder) => Arc::new(builder.finish()),
            Self::Decimal(builder, ..) => Arc::new(builder.finish()),
            Self::Wide(builder, ..) => Arc::new(builder.finish()),
            Self::Day(builder) => Arc::new(builder.finish()),
            Self::Time(builder) => Arc::new(builder.finish()),
            Self::Moment(builder) | Self::Instant(builder) => Arc::new(builder.finish()),
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Bytes(builder) => Arc::new(builder.finish()),
        }
    }
}

/// Digits of an exact number, and how many of them stand behind the point.
#[inline]
fn exact(value: &Value<'_>) -> Option<(i128, u16)> {
    match value {
        Value::Decimal(digits, scale) => Some((*digits, *scale)),
        Value::Int(number) => Some((i128::from(*number), 0)),
        Value::Unsigned(number) => Some((i128::from(*number), 0)),
        _ => None,
    }
}

/// The same number with another scale, if it has one.
#[inline]
fn rescaled(digits: i128, has: u16, precision: u8, scale: i8) -> Option<i128> {
    let shift = i32::from(scale) - i32::from(has);
    let digits = match u32::try_from(shift) {
        Ok(0) => digits,
        Ok(up) => digits.checked_mul(10_i128.checked_pow(up)?)?,
        Err(_) if digits == 0 => 0,
        Err(_) => {
            let down = 10_i128.checked_pow(shift.unsigned_abs())?;
            if digits % down != 0 {
                return None;
            }
            digits / down
        }
    };
    (digits.unsigned_abs() < 10_u128.checked_pow(u32::from(precision))?).then_some(digits)
}

fn wide(value: &Value<'_>, precision: u8, scale: i8) -> Option<i256> {
    let text = match value {
        Value::Number(text) => text.as_ref().to_owned(),
        Value::Decimal(..) | Value::Int(_) | Value::Unsigned(_) => spelled(value),
        _ => return None,
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    let scale = usize::try_from(scale).ok()?;
    if fraction.len() > scale {
        return None;
    }
    let digits = format!("{whole}{fraction}{}", "0".repeat(scale - fraction.len()));
    let significant = digits.trim_start_matches('-').trim_start_matches('0').len();
    if significant > usize::from(precision) { None } else { i256::from_string(&digits) }
}

/// What a sample of exact numbers needs: digits before the point, digits behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Extent {
    whole: u32,
    fraction: u32,
}

impl Extent {
    /// Takes a further value into account.
    pub(super) fn see(&mut self, value: &Value<'_>) {
        let text = match value {
            Value::Decimal(..) | Value::Int(_) | Value::Unsigned(_) => spelled(value),
            Value::Number(text) => text.clone().into_owned(),
            _ => return,
        };
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let whole = whole.trim_start_matches('-').trim_start_matches('0');
        self.whole = self.whole.max(u32::try_from(whole.len()).unwrap_or(u32::MAX));
        self.fraction = self.fraction.max(u32::try_from(fraction.len()).unwrap_or(u32::MAX));
    }

    /// A type with room for more: 20 digits before the point where that is possible, so that the types of
    /// several days go together.
    pub(super) fn shape(self) -> Shape {
        let scale = i32::try_from(self.fraction).unwrap_or(i32::MAX);
        let fits = |whole: u32| self.whole <= whole && whole.saturating_add(self.fraction) <= 38;
        if fits(20) {
            return Shape::exact(20 + self.fraction, scale);
        }
        match self.whole.saturating_add(self.fraction) {
            0..=38 => Shape::exact(38, scale),
            39..=76 => Shape::exact(76, scale),
            _ => Shape::Text,
        }
    }
}

/// A value as text: exact, as cells are spelled everywhere.
pub(super) fn spelled(value: &Value<'_>) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Unsigned(number) => number.to_string(),
        Value::Single(number) => format!("{number:?}"),
        Value::Float(number) => format!("{number:?}"),
        Value::Decimal(digits, scale) => decimal_text(*digits, *scale),
        Value::Number(text) | Value::Text(text) => text.clone().into_owned(),
        Value::Odd(text) | Value::Broken(text) => text.clone(),
        Value::Day(days) => day_text(i64::from(*days)),
        Value::Time(micros) => time_text(*micros),
        Value::Moment(micros) => moment_text(*micros),
        Value::Instant(micros) => moment_text(*micros) + "Z",
        Value::Bytes(bytes) => crate::figures::hex(bytes),
    }
}

fn decimal_text(digits: i128, scale: u16) -> String {
    let scale = usize::from(scale);
    let text = digits.unsigned_abs().to_string();
    let sign = if digits < 0 { "-" } else { "" };
    if scale == 0 {
        return format!("{sign}{text}");
    }
    let text = format!("{text:0>width$}", width = scale + 1);
    let (whole, fraction) = text.split_at(text.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

/// Days in microseconds.
pub(super) const DAY: i64 = 86_400_000_000;
/// Days from 1970-01-01 to 0001-01-01 and to 10000-01-01.
const YEARS: std::ops::Range<i64> = -719_162..2_932_897;

/// Whether a day lies in the years 1 to 9999.
pub(super) fn is_usual(days: i64) -> bool {
    YEARS.contains(&days)
}

/// Year (astronomical: 0 is 1 BC), month and day.
pub(super) fn civil(days: i64) -> (i64, u8, u8) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let small = |number: i64| u8::try_from(number).unwrap_or(0);
    (era * 400 + year_of_era + i64::from(month <= 2), small(month), small(day))
}

/// Days since 1970-01-01.
pub(super) fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (shifted_year.div_euclid(400), shifted_year.rem_euclid(400));
    let shifted_month = (month + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// `2024-02-29`, `0044-03-15 BC`, `10000-01-01`.
pub(super) fn day_text(days: i64) -> String {
    let (year, month, day) = civil(days);
    if year > 0 { format!("{year:04}-{month:02}-{day:02}") } else { format!("{:04}-{month:02}-{day:02} BC", 1 - year) }
}

fn time_text(micros: i64) -> String {
    let seconds = micros.div_euclid(1_000_000);
    let mut text = format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let fraction = micros.rem_euclid(1_000_000);
    if fraction != 0 {
        // Writing to a String cannot fail.
        let _infallible = write!(text, ".{fraction:06}");
    }
    text
}

/// `2024-02-29T12:00:00.000001`.
pub(super) fn moment_text(micros: i64) -> String {
    let (days, time) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    let day = day_text(days);
    match day.strip_suffix(" BC") {
        Some(before) => format!("{before}T{} BC", time_text(time)),
        None => format!("{day}T{}", time_text(time)),
    }
}

/// A decimal in text, as databases send it: `-12.50`.
pub(super) fn number(text: &str) -> Value<'_> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !plain(whole) || !plain(fraction) {
        return Value::Odd(text.to_owned());
    }
    let unsigned = whole
        .bytes()
        .chain(fraction.bytes())
        .try_fold(0_i128, |number, byte| number.checked_mul(10)?.checked_add(i128::from(byte - b'0')));
    match (unsigned, u16::try_from(fraction.len())) {
        (Some(unsigned), Ok(scale)) => Value::Decimal(if text.starts_with('-') { -unsigned } else { unsigned }, scale),
        _ => Value::Number(text.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::render::cell_text;

    fn column(shape: Shape, values: &[Value<'_>]) -> Vec<String> {
        let mut builder = Builder::new(shape);
        let fits: Vec<bool> = values.iter().map(|value| builder.push(value)).collect();
        let array = builder.finish();
        assert_eq!(*array.data_type(), shape.data_type());
        fits.iter()
            .enumerate()
            .map(|(row, fits)| match (fits, cell_text(array.as_ref(), row)) {
                (false, None) => "!".to_owned(),
                (true, None) => "∅".to_owned(),
                (_, Some(text)) => text,
            })
            .collect()
    }

    #[test]
    fn exact_numbers_fit_exactly_or_not_at_all() {
        let values = [number("1.5"), number("-0.05"), number("1.505"), number("99999.99"), Value::Int(7), Value::Null];
        assert_eq!(column(Shape::Decimal(6, 2), &values), ["1.50", "-0.05", "!", "!", "7.00", "∅"]);
        let long = "12345678901234567890123456789012345678901.25";
        assert_eq!(number(long), Value::Number(long.into()));
        assert_eq!(
            column(Shape::Wide(50, 4), &[number(long), number("-0.5")]),
            ["12345678901234567890123456789012345678901.2500", "-0.5000"]
        );
        assert_eq!(column(Shape::Wide(42, 4), &[number(long)]), ["!"]);
        assert_eq!(number("NaN"), Value::Odd("NaN".into()));
        assert_eq!(column(Shape::Decimal(20, 0), &[Value::Unsigned(u64::MAX)]), ["18446744073709551615"]);
    }

    #[test]
    fn a_type_of_exact_numbers_has_room() {
        assert_eq!(Shape::exact(10, 2), Shape::Decimal(10, 2));
        assert_eq!(Shape::exact(3, 5), Shape::Decimal(5, 5));
        assert_eq!(Shape::exact(3, -2), Shape::Decimal(5, 0));
        assert_eq!(Shape::exact(65, 30), Shape::Wide(65, 30));
        assert_eq!(Shape::exact(77, 0), Shape::Text);
        let of = |texts: &[&str]| {
            let mut extent = Extent::default();
            for text in texts {
                extent.see(&number(text));
            }
            extent.shape()
        };
        assert_eq!(of(&["1.5", "200.25"]), Shape::Decimal(22, 2));
        assert_eq!(of(&["1.3333333333333333333333"]), Shape::Decimal(38, 22));
        assert_eq!(of(&["123456789012345678901.5"]), Shape::Decimal(38, 1));
        assert_eq!(of(&["1234567890123456789012345.12345678901234567890"]), Shape::Wide(76, 20));
        assert_eq!(of(&[&"9".repeat(80)]), Shape::Text);
        assert_eq!(of(&[]), Shape::Decimal(20, 0));
    }

    #[test]
    fn text_spells_everything() {
        let values = [
            Value::Int(-7),
            Value::Single(0.1),
            Value::Decimal(-5, 3),
            Value::Day(-1),
            Value::Time(1),
            Value::Moment(DAY + 1),
            Value::Instant(0),
            Value::Bytes(b"\x00\xff"),
            Value::Odd("infinity".into()),
            Value::Bool(true),
        ];
        assert_eq!(
            column(Shape::Text, &values),
            [
                "-7",
                "0.1",
                "-0.005",
                "1969-12-31",
                "00:00:00.000001",
                "1970-01-02T00:00:00.000001",
                "1970-01-01T00:00:00Z",
                "00ff",
                "infinity",
                "true"
            ]
        );
    }

    #[test]
    fn days_and_their_texts() {
        for (year, month, day, text) in [
            (1970, 1, 1, "1970-01-01"),
            (2024, 2, 29, "2024-02-29"),
            (1, 1, 1, "0001-01-01"),
            (0, 12, 31, "0001-12-31 BC"),
            (-43, 3, 15, "0044-03-15 BC"),
            (10_000, 1, 1, "10000-01-01"),
        ] {
            let days = days_of(year, month, day);
            assert_eq!(day_text(days), text);
            assert_eq!(is_usual(days), (1..10_000).contains(&year), "{text}");
        }
        assert_eq!(column(Shape::Bool, &[Value::Int(1), Value::Int(2)]), ["true", "!"]);
        assert_eq!(
            column(Shape::Float, &[Value::Int(1 << 53), Value::Int((1 << 53) + 1)]),
            ["9007199254740992.0", "!"]
        );
        assert_eq!(column(Shape::Int, &[Value::Unsigned(u64::MAX), Value::Odd("x".into())]), ["!", "!"]);
    }
}
