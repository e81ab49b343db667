//! Text to value, one function per type, straight from bytes.
//!
//! Each type has two grammars. [`Grammar::Inferred`] takes only what can be written back with an
//! equal value and looks like nothing else. [`Grammar::Declared`] serves columns whose type a
//! person declared, and casts: it takes the usual spellings of a value, but never one that would
//! have to be rounded. Nothing here trims white space.

/// How generous a parser is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grammar {
    /// Types decided by looking at the values of a text file.
    Inferred,
    /// The same for tokens that are known to be numbers or booleans (JSON).
    InferredToken,
    /// Types that a person declared.
    Declared,
}

const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];
/// Integers up to here are exact in a 64-bit float.
pub(crate) const FLOAT_INTEGERS: i64 = 1 << 53;

/// `true` or `false` in any case; declared ones also `t f yes no y n 1 0`.
pub(crate) fn boolean(text: &[u8], grammar: Grammar) -> Option<bool> {
    let is = |word: &[u8]| text.eq_ignore_ascii_case(word);
    match text.len() {
        4 if is(b"true") => Some(true),
        5 if is(b"false") => Some(false),
        1..=3 if grammar == Grammar::Declared => {
            if is(b"t") || is(b"y") || is(b"yes") || is(b"1") {
                Some(true)
            } else if is(b"f") || is(b"n") || is(b"no") || is(b"0") {
                Some(false)
            } else {
                None
            }
        }
        _ => None,
    }
}

/// A 64-bit integer. Inferred: no `+`, no leading zero, no `-0`. Declared: those too, and other
/// spellings of a whole number (`5.0`, `1e3`).
pub(crate) fn integer(text: &[u8], grammar: Grammar) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] if grammar == Grammar::Declared => (false, rest),
        rest => (false, rest),
    };
    if grammar == Grammar::Declared {
        if digits.iter().all(u8::is_ascii_digit) {
            let zeros = digits.iter().take_while(|byte| **byte == b'0').count().min(digits.len().saturating_sub(1));
            return magnitude(&digits[zeros..], negative);
        }
        return decimal(text, 38, 0).and_then(|value| i64::try_from(value).ok());
    }
    if digits.first() == Some(&b'0') && (digits.len() > 1 || negative) {
        return None;
    }
    magnitude(digits, negative)
}

fn magnitude(digits: &[u8], negative: bool) -> Option<i64> {
    if digits.is_empty() || digits.len() > 19 {
        return None;
    }
    let mut value = 0_u64;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        // 19 digits stay below 2^64.
        value = value * 10 + u64::from(digit);
    }
    if negative { 0_i64.checked_sub_unsigned(value) } else { i64::try_from(value).ok() }
}

/// A number taken apart: `±mantissa × 10^exponent`.
struct Number {
    negative: bool,
    /// Digits after it; `None` without a point.
    fraction: Option<usize>,
    /// Significant digits: without zeros in front.
    significant: usize,
    /// Exact if `significant` is at most 38.
    mantissa: u128,
    /// With the digits after the point taken in.
    exponent: i32,
    /// Whether an exponent was written, and whether it had a sign.
    written_exponent: Option<bool>,
    leading_zero: bool,
    plus: bool,
}

/// `[+-] digits [. digits] [e [+-] digits]`, with a digit on at least one side of the point.
fn take_apart(text: &[u8]) -> Option<Number> {
    let (negative, plus, body) = match text {
        [b'-', rest @ ..] => (true, false, rest),
        [b'+', rest @ ..] => (false, true, rest),
        rest => (false, false, rest),
    };
    let mut small = 0_u64;
    let mut mantissa = 0_u128;
    let mut significant = 0_usize;
    let mut point = None;
    let mut at = 0;
    while let Some(byte) = body.get(at) {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            significant += usize::from(significant > 0 || digit != 0);
            if significant <= 19 {
                small = small * 10 + u64::from(digit);
            } else {
                if significant == 20 {
                    mantissa = u128::from(small);
                }
                if significant <= 38 {
                    mantissa = mantissa * 10 + u128::from(digit);
                }
            }
        } else if *byte == b'.' && point.is_none() {
            point = Some(at);
        } else {
            break;
        }
        at += 1;
    }
    if significant <= 19 {
        mantissa = u128::from(small);
    }
    let (whole, fraction) = point.map_or((at, None), |point| (point, Some(at - point - 1)));
    if whole == 0 && fraction.unwrap_or(0) == 0 {
        return None;
    }
    let (exponent, written_exponent) = match &body[at..] {
        [] => (0, None),
        [b'e' | b'E', rest @ ..] => {
            let (down, signed, digits) = match rest {
                [b'-', digits @ ..] => (true, true, digits),
                [b'+', digits @ ..] => (false, true, digits),
                digits => (false, false, digits),
            };
            if digits.is_empty() || digits.len() > 6 || !digits.iter().all(u8::is_ascii_digit) {
                return None;
            }
            let value = digits.iter().fold(0_i32, |value, byte| value * 10 + i32::from(byte - b'0'));
            (if down { -value } else { value }, Some(signed))
        }
        _ => return None,
    };
    let shift = i32::try_from(fraction.unwrap_or(0)).ok()?;
    Some(Number {
        negative,
        fraction,
        significant,
        mantissa,
        exponent: exponent - shift,
        written_exponent,
        leading_zero: whole > 1 && body[0] == b'0',
        plus,
    })
}

/// A 64-bit float.
///
/// Inferred: a finite number that the float holds without loss, which is so when it has at most 15
/// digits, or when the float's own shortest spelling is the same number. Whole numbers fit up to
/// 2^53. No `+`, no leading zeros, and `1e5` only as `1.0e5` or `1e+5`, since codes look like that
/// too. Declared: any number, also `NaN`, `inf` and `Infinity`; fractions give the nearest float, as
/// the type says, whole numbers must be exact.
pub(crate) fn float(text: &[u8], grammar: Grammar) -> Option<f64> {
    let Some(number) = take_apart(text) else {
        return if grammar == Grammar::Declared { special_float(text) } else { None };
    };
    if grammar != Grammar::Declared {
        if number.plus || number.leading_zero || number.fraction == Some(0) {
            return None;
        }
        if number.written_exponent.is_none() && number.fraction.is_none() {
            // A whole number.
            let value = integer(text, grammar)?;
            return (value.unsigned_abs() <= FLOAT_INTEGERS.unsigned_abs()).then_some(value as f64);
        }
        if grammar == Grammar::Inferred && number.written_exponent == Some(false) && number.fraction.is_none() {
            return None;
        }
    }
    let sign = |value: f64| if number.negative { -value } else { value };
    if number.significant <= 15 {
        // Both factors are exact, so one operation rounds correctly.
        #[expect(clippy::cast_possible_truncation, reason = "15 digits are below 2^53")]
        let mantissa = number.mantissa as u64 as f64;
        if number.significant == 0 {
            return Some(sign(0.0));
        }
        if let Some(power) = usize::try_from(number.exponent.unsigned_abs()).ok().and_then(|index| POWERS.get(index)) {
            return Some(sign(if number.exponent < 0 { mantissa / power } else { mantissa * power }));
        }
    }
    let value: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    if grammar == Grammar::Declared {
        let whole = number.written_exponent.is_none() && number.fraction.is_none();
        // A number too large for the type is not infinity.
        return (value.is_finite() && (!whole || is_exact(value, number.mantissa, number.significant)))
            .then_some(value);
    }
    if !value.is_normal() {
        return None;
    }
    (number.significant <= 15 || spells_the_same(value, &number)).then_some(value)
}

fn is_exact(value: f64, mantissa: u128, significant: usize) -> bool {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "38 digits fit")]
    let back = value.abs() as u128;
    significant <= 38 && back == mantissa
}

/// Whether the shortest spelling of `value` is the number it was read from.
fn spells_the_same(value: f64, original: &Number) -> bool {
    if original.significant > 38 {
        return false;
    }
    let spelled = format!("{value:e}");
    let Some(back) = take_apart(spelled.as_bytes()) else { return false };
    let reduce = |number: &Number| {
        let (mut mantissa, mut exponent) = (number.mantissa, number.exponent);
        while mantissa != 0 && mantissa.is_multiple_of(10) {
            mantissa /= 10;
            exponent += 1;
        }
        (mantissa, exponent)
    };
    reduce(&back) == reduce(original)
}

fn special_float(text: &[u8]) -> Option<f64> {
    let (negative, word) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] | rest => (false, rest),
    };
    if word.eq_ignore_ascii_case(b"inf") || word.eq_ignore_ascii_case(b"infinity") {
        return Some(if negative { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    (word.eq_ignore_ascii_case(b"nan") && text.len() == 3).then_some(f64::NAN)
}

/// An exact decimal of `precision` digits with `scale` of them after the point, as its unscaled
/// integer. A value with more digits than fit is not one: nothing is rounded.
pub(crate) fn decimal(text: &[u8], precision: u8, scale: i8) -> Option<i128> {
    let number = take_apart(text)?;
    if number.significant > 38 {
        return None;
    }
    let mut value = i128::try_from(number.mantissa).ok()?;
    let shift = i32::from(scale) + number.exponent;
    if value != 0 {
        let power = 10_i128.checked_pow(shift.unsigned_abs());
        if shift >= 0 {
            value = value.checked_mul(power?)?;
        } else {
            let power = power?;
            if value % power != 0 {
                return None;
            }
            value /= power;
        }
    }
    if value >= 10_i128.checked_pow(u32::from(precision))? {
        return None;
    }
    Some(if number.negative { -value } else { value })
}

/// A calendar day as days since 1970-01-01. Inferred: as [`day`]. Declared: its midnight too.
pub(crate) fn date(text: &[u8], grammar: Grammar) -> Option<i32> {
    if grammar != Grammar::Declared || text.len() <= 10 {
        return day(text);
    }
    match timestamp(text, grammar)? {
        (micros, Zone::Naive) if micros % DAY == 0 => i32::try_from(micros / DAY).ok(),
        _ => None,
    }
}

/// Strict `YYYY-MM-DD`, a day that exists, years 1 to 9999.
fn day(text: &[u8]) -> Option<i32> {
    if text.len() != 10 || text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    let year = pair(text, 0)? * 100 + pair(text, 2)?;
    let (month, day) = (pair(text, 5)?, pair(text, 8)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + i32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if year == 0 || day == 0 || day > days {
        return None;
    }
    // Days from civil: years begin in March, so that the leap day is the last.
    let shifted = if month > 2 { year } else { year - 1 };
    let (era, year_of_era) = (shifted / 400, shifted % 400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468)
}

fn pair(text: &[u8], at: usize) -> Option<i32> {
    let (tens, ones) = (text.get(at)?.wrapping_sub(b'0'), text.get(at + 1)?.wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then(|| i32::from(tens) * 10 + i32::from(ones))
}

/// Whether a time names its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zone {
    /// It does not.
    Naive,
    /// It does; the value is the instant.
    Known,
}

pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const DAY: i64 = 86_400 * SECOND;

/// A time in microseconds since 1970-01-01T00:00:00.
///
/// Inferred: `YYYY-MM-DD[T ]HH:MM:SS[.1-6 digits]`, then nothing, `Z` or `+00:00`. Declared: a
/// date alone is its midnight, seconds may be missing, further digits of the fraction may be
/// zeros, and any offset is understood (`+02`, `+0200`, `+02:00`, ` UTC`).
pub(crate) fn timestamp(text: &[u8], grammar: Grammar) -> Option<(i64, Zone)> {
    let declared = grammar == Grammar::Declared;
    let midnight = i64::from(day(text.get(..10)?)?) * DAY;
    if text.len() == 10 {
        return declared.then_some((midnight, Zone::Naive));
    }
    if !(matches!(text[10], b'T' | b' ') || (declared && text[10] == b't')) || text.get(13) != Some(&b':') {
        return None;
    }
    let (hour, minute) = (pair(text, 11)?, pair(text, 14)?);
    let (second, mut at) = match text.get(16) {
        Some(b':') => (pair(text, 17)?, 19),
        _ if declared => (0, 16),
        _ => return None,
    };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut micros = midnight + i64::from(hour * 3600 + minute * 60 + second) * SECOND;
    if at == 19 && text.get(at) == Some(&b'.') {
        at += 1;
        let mut unit = SECOND / 10;
        let start = at;
        while let Some(digit) = text.get(at).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit <= 9) {
            if unit == 0 && (digit != 0 || !declared) {
                return None;
            }
            micros += i64::from(digit) * unit;
            unit /= 10;
            at += 1;
        }
        if at == start {
            return None;
        }
    }
    match &text[at..] {
        [] => Some((micros, Zone::Naive)),
        b"Z" | b"+00:00" => Some((micros, Zone::Known)),
        rest if declared => Some((micros - i64::from(offset(rest)?) * 60 * SECOND, Zone::Known)),
        _ => None,
    }
}

/// Minutes east of UTC.
fn offset(text: &[u8]) -> Option<i32> {
    if matches!(text, b"z" | b" UTC" | b" Z") {
        return Some(0);
    }
    let (east, rest) = match text {
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let minutes = match rest.len() {
        2 => 0,
        4 => pair(rest, 2)?,
        5 if rest[2] == b':' => pair(rest, 3)?,
        _ => return None,
    };
    let hours = pair(rest, 0)?;
    (hours <= 18 && minutes <= 59).then_some(east * (hours * 60 + minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(parse: impl Fn(&[u8], Grammar) -> bool, inferred: &[&str], declared: &[&str], never: &[&str]) {
        for text in inferred {
            assert!(parse(text.as_bytes(), Grammar::Inferred), "inferred takes {text}");
            assert!(parse(text.as_bytes(), Grammar::Declared), "declared takes {text}");
        }
        for text in declared {
            assert!(!parse(text.as_bytes(), Grammar::Inferred), "inferred refuses {text}");
            assert!(parse(text.as_bytes(), Grammar::Declared), "declared takes {text}");
        }
        for text in never {
            assert!(!parse(text.as_bytes(), Grammar::Inferred), "inferred refuses {text}");
            assert!(!parse(text.as_bytes(), Grammar::Declared), "declared refuses {text}");
        }
    }

    #[test]
    fn booleans() {
        let parse = |text: &[u8], grammar| boolean(text, grammar).is_some();
        takes(
            parse,
            &["true", "FALSE", "True"],
            &["t", "F", "yes", "No", "y", "N", "1", "0"],
            &["", "tru", "2", "on", " true"],
        );
        assert_eq!(boolean(b"NO", Grammar::Declared), Some(false));
    }

    #[test]
    fn integers() {
        let parse = |text: &[u8], grammar| integer(text, grammar).is_some();
        takes(
            parse,
            &["0", "-1", "9223372036854775807", "-9223372036854775808"],
            &["+5", "007", "-0", "00", "5.0", "-5.000", "1e3", "50e-1", "5."],
            &[
                "",
                "-",
                "+",
                "9223372036854775808",
                "-9223372036854775809",
                "99999999999999999999",
                "5.5",
                "1e-1",
                "0x1",
                "1 ",
                " 1",
                "1_000",
            ],
        );
        assert_eq!(integer(b"-007", Grammar::Declared), Some(-7));
        assert_eq!(integer(b"9223372036854775807.0", Grammar::Declared), Some(i64::MAX));
        assert_eq!(integer(b"-9223372036854775808", Grammar::Inferred), Some(i64::MIN));
    }

    #[test]
    fn floats() {
        let parse = |text: &[u8], grammar| float(text, grammar).is_some();
        takes(
            parse,
            &[
                "0.1",
                "-1.50",
                "3",
                "9007199254740992",
                ".5",
                "1.5e3",
                "1e+16",
                "1e-05",
                "0.30000000000000004",
                "-0.0",
                "1.7976931348623157e308",
                "2.2250738585072014e-308",
            ],
            &[
                "01.5",
                "+1.5",
                "1.",
                "1e5",
                "12E3",
                "0.12345678901234567890",
                "-0",
                "NaN",
                "inf",
                "-Infinity",
                "1e-310",
                "9007199254740994",
            ],
            &["", ".", "-", "e5", "1e", "1e+", "1.2.3", "1,5", "0x1p3", "1e999", "9007199254740993", "1.5f", "-nan"],
        );
        for text in ["0.1", "-2.5e-7", "123456.789", "1e+22", "1.5e300", "0.30000000000000004"] {
            assert_eq!(
                float(text.as_bytes(), Grammar::Inferred).map(f64::to_bits),
                text.parse().ok().map(f64::to_bits),
                "{text}"
            );
        }
        assert_eq!(float(b"1e5", Grammar::InferredToken), Some(100_000.0));
    }

    #[test]
    fn decimals_are_never_rounded() {
        for (text, unscaled) in [
            ("1.5", Some(150)),
            ("1.50", Some(150)),
            ("1.500", Some(150)),
            ("-0.01", Some(-1)),
            ("+7", Some(700)),
            ("1e2", Some(10_000)),
            ("1.234e1", Some(1_234)),
            ("99999999.99", Some(9_999_999_999)),
            ("0", Some(0)),
            ("0.000", Some(0)),
            ("1.505", None),
            ("100000000", None),
            ("1e-3", None),
            ("NaN", None),
            ("", None),
            ("1e99999", None),
        ] {
            assert_eq!(decimal(text.as_bytes(), 10, 2), unscaled, "{text}");
        }
        assert_eq!(decimal(b"99999999999999999999999999999999999999", 38, 0), Some(10_i128.pow(38) - 1));
        assert_eq!(decimal(b"100000000000000000000000000000000000000", 38, 0), None);
        assert_eq!(decimal(b"12000", 3, -3), Some(12));
    }

    #[test]
    fn dates() {
        let parse = |text: &[u8], grammar| date(text, grammar).is_some();
        takes(
            parse,
            &["1970-01-01", "2024-02-29", "0001-01-01", "9999-12-31", "2000-02-29"],
            &["2024-01-01 00:00:00", "2024-01-01T00:00:00.000"],
            &[
                "",
                "2023-02-29",
                "1900-02-29",
                "2024-13-01",
                "2024-00-01",
                "2024-04-31",
                "0000-01-01",
                "2024-1-01",
                "20240101",
                "2024-01-01 00:00:01",
                "2024-01-01T00:00:00Z",
                "2024/01/01",
            ],
        );
        assert_eq!(date(b"1970-01-02", Grammar::Inferred), Some(1));
        assert_eq!(date(b"1969-12-31", Grammar::Inferred), Some(-1));
        assert_eq!(date(b"2024-02-29", Grammar::Inferred), Some(19_782));
        assert_eq!(date(b"0001-01-01", Grammar::Inferred), Some(-719_162));
    }

    #[test]
    fn timestamps() {
        let parse = |text: &[u8], grammar| timestamp(text, grammar).is_some();
        takes(
            parse,
            &[
                "2024-01-01 10:00:00",
                "2024-01-01T10:00:00",
                "2024-01-01T10:00:00.1",
                "2024-01-01 10:00:00.123456",
                "2024-01-01T10:00:00Z",
                "2024-01-01 10:00:00.5+00:00",
            ],
            &[
                "2024-01-01",
                "2024-01-01 10:00",
                "2024-01-01t10:00:00z",
                "2024-01-01 10:00:00.123456000",
                "2024-01-01T10:00:00+02:00",
                "2024-01-01T10:00:00-0530",
                "2024-01-01T10:00+02",
                "2024-01-01 10:00:00 UTC",
            ],
            &[
                "",
                "2024-01-01 24:00:00",
                "2024-01-01 10:60:00",
                "2024-01-01 10:00:60",
                "2024-01-01 10:00:00.",
                "2024-01-01 10:00:00.1234567",
                "2024-01-01  10:00:00",
                "2024-02-30 10:00:00",
                "2024-01-01T10:00:00+",
                "2024-01-01T10:00:00 CET",
                "10:00:00",
            ],
        );
        let micros = |text: &str| timestamp(text.as_bytes(), Grammar::Declared);
        assert_eq!(micros("1970-01-01T00:00:01.000001"), Some((1_000_001, Zone::Naive)));
        assert_eq!(micros("1969-12-31T23:59:59.5"), Some((-500_000, Zone::Naive)));
        assert_eq!(micros("1970-01-01T02:00:00+02:00"), Some((0, Zone::Known)));
        assert_eq!(micros("1969-12-31T18:30-0530"), Some((0, Zone::Known)));
    }
}
