//! Values of PostgreSQL in their binary form.

use super::super::value::{DAY, Value, day_text, is_usual, moment_text};

/// Days from 1970-01-01 to 2000-01-01, from which PostgreSQL counts.
const EPOCH_DAYS: i64 = 10_957;
/// The same in microseconds.
const EPOCH_MICROS: i64 = EPOCH_DAYS * DAY;

/// How a column arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Native {
    Bool,
    Int,
    /// `oid`: 32 bits without sign.
    Oid,
    Single,
    Double,
    Numeric,
    Date,
    Time,
    Moment,
    Instant,
    Uuid,
    /// A version, then text.
    Jsonb,
    Text,
    Bytes,
}

impl Native {
    /// How a type arrives, by its number in the catalogue; `None`: it is asked for as text.
    pub(super) fn of(oid: u32) -> Option<Self> {
        Some(match oid {
            16 => Self::Bool,
            20 | 21 | 23 => Self::Int,
            26 => Self::Oid,
            700 => Self::Single,
            701 => Self::Double,
            1700 => Self::Numeric,
            1082 => Self::Date,
            1083 => Self::Time,
            1114 => Self::Moment,
            1184 => Self::Instant,
            2950 => Self::Uuid,
            3802 => Self::Jsonb,
            // text, varchar, char(n), name, json, xml, unknown
            25 | 1043 | 1042 | 19 | 114 | 142 | 705 => Self::Text,
            17 => Self::Bytes,
            _ => return None,
        })
    }

    /// What the bytes of a value say.
    #[inline]
    pub(super) fn value(self, bytes: &[u8]) -> Value<'_> {
        let value = match self {
            Self::Int => match bytes.len() {
                4 => array(bytes).map(|bytes| Value::Int(i64::from(i32::from_be_bytes(bytes)))),
                8 => array(bytes).map(|bytes| Value::Int(i64::from_be_bytes(bytes))),
                _ => array(bytes).map(|bytes| Value::Int(i64::from(i16::from_be_bytes(bytes)))),
            },
            Self::Text => Some(text(bytes)),
            Self::Double => array(bytes).map(|bytes| Value::Float(f64::from_be_bytes(bytes))),
            Self::Single => array(bytes).map(|bytes| Value::Single(f32::from_be_bytes(bytes))),
            Self::Bool => bytes.first().map(|byte| Value::Bool(*byte != 0)),
            Self::Oid => array(bytes).map(|bytes| Value::Int(i64::from(u32::from_be_bytes(bytes)))),
            Self::Numeric => numeric(bytes),
            Self::Date => array(bytes).map(|bytes| date(i32::from_be_bytes(bytes))),
            Self::Time => array(bytes).map(|bytes| match i64::from_be_bytes(bytes) {
                micros @ 0..DAY => Value::Time(micros),
                // The end of a day is a time of its own.
                _ => Value::Odd("24:00:00".to_owned()),
            }),
            Self::Moment => array(bytes).map(|bytes| moment(i64::from_be_bytes(bytes), false)),
            Self::Instant => array(bytes).map(|bytes| moment(i64::from_be_bytes(bytes), true)),
            Self::Uuid => (bytes.len() == 16).then(|| Value::Text(uuid(bytes).into())),
            Self::Jsonb => match bytes.split_first() {
                Some((1, rest)) => Some(text(rest)),
                _ => None,
            },
            Self::Bytes => Some(Value::Bytes(bytes)),
        };
        value.unwrap_or_else(|| Value::Broken(format!("{} bytes that are no value of its type", bytes.len())))
    }
}

#[inline]
fn array<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

#[inline]
fn text(bytes: &[u8]) -> Value<'_> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Value::Text(text.into()),
        Err(_) => Value::Broken("text that is not UTF-8".to_owned()),
    }
}

fn date(days: i32) -> Value<'static> {
    match days {
        i32::MAX => return Value::Odd("infinity".to_owned()),
        i32::MIN => return Value::Odd("-infinity".to_owned()),
        _ => {}
    }
    let days = i64::from(days) + EPOCH_DAYS;
    match i32::try_from(days) {
        Ok(small) if is_usual(days) => Value::Day(small),
        _ => Value::Odd(day_text(days)),
    }
}

#[inline]
fn moment(micros: i64, instant: bool) -> Value<'static> {
    let kind = if instant { Value::Instant } else { Value::Moment };
    match micros.checked_add(EPOCH_MICROS) {
        Some(micros) if is_usual(micros.div_euclid(DAY)) => kind(micros),
        _ if micros == i64::MAX => Value::Odd("infinity".to_owned()),
        _ if micros == i64::MIN => Value::Odd("-infinity".to_owned()),
        sum => {
            // Far in the future: the day is counted apart, so that nothing overflows.
            let text = if let Some(micros) = sum {
                moment_text(micros)
            } else {
                let day = day_text(micros.div_euclid(DAY) + EPOCH_DAYS);
                let time = moment_text(micros.rem_euclid(DAY));
                format!("{day}T{}", time.split_once('T').map_or("", |(_, time)| time))
            };
            Value::Odd(if instant { text + "Z" } else { text })
        }
    }
}

fn uuid(bytes: &[u8]) -> String {
    let hex = crate::figures::hex(bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Groups of four digits, the place of the first, sign, and digits behind the point.
fn numeric(bytes: &[u8]) -> Option<Value<'_>> {
    let head = |at: usize| array::<2>(bytes.get(at..at + 2)?);
    let count = usize::try_from(i16::from_be_bytes(head(0)?)).ok()?;
    let weight = i32::from(i16::from_be_bytes(head(2)?));
    let negative = match u16::from_be_bytes(head(4)?) {
        0x0000 => false,
        0x4000 => true,
        0xC000 => return Some(Value::Odd("NaN".to_owned())),
        0xD000 => return Some(Value::Odd("Infinity".to_owned())),
        0xF000 => return Some(Value::Odd("-Infinity".to_owned())),
        _ => return None,
    };
    let scale = u16::from_be_bytes(head(6)?);
    let groups = bytes.get(8..8 + count * 2)?;
    let groups = groups.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    // How many digits the last group stands above the last digit behind the point.
    let shift = 4 * (weight + 1 - i32::try_from(count).ok()?) + i32::from(scale);
    let unsigned =
        groups.clone().try_fold(0_i128, |number, group| number.checked_mul(10_000)?.checked_add(i128::from(group)));
    let scaled = unsigned.and_then(|number| {
        if let Ok(up) = u32::try_from(shift) {
            return number.checked_mul(10_i128.checked_pow(up)?);
        }
        let down = 10_i128.checked_pow(shift.unsigned_abs())?;
        (number % down == 0).then_some(number / down)
    });
    Some(match scaled {
        Some(number) => Value::Decimal(if negative { -number } else { number }, scale),
        None => Value::Number(long(groups, weight, negative, usize::from(scale)).into()),
    })
}

/// A number with more digits than a machine word, as text.
fn long(groups: impl Iterator<Item = u16>, weight: i32, negative: bool, scale: usize) -> String {
    let mut digits = String::new();
    for group in groups {
        digits.push_str(&format!("{group:04}"));
    }
    // Digits before the point.
    let whole = 4 * (i64::from(weight) + 1);
    let (whole, fraction) = match usize::try_from(whole) {
        Ok(whole) if whole > 0 => {
            let padded = format!("{digits:0<whole$}");
            let (before, behind) = padded.split_at(whole);
            (before.trim_start_matches('0').to_owned(), behind.to_owned())
        }
        _ => (String::new(), "0".repeat(usize::try_from(-whole).unwrap_or(0)) + &digits),
    };
    let whole = if whole.is_empty() { "0" } else { &whole };
    let fraction: String = fraction.chars().chain(std::iter::repeat('0')).take(scale).collect();
    let sign = if negative { "-" } else { "" };
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// The digits and those behind the point that a type modifier allows; `None`: it sets no bounds.
pub(super) fn modifier(typmod: i32) -> Option<(u32, i32)> {
    let packed = u32::try_from(typmod.checked_sub(4)?).ok()?;
    // The scale has eleven bits with a sign.
    let scale = i32::try_from(packed & 0x7ff).ok()?;
    let scale = if scale >= 1_024 { scale - 2_048 } else { scale };
    Some(((packed >> 16) & 0xffff, scale))
}

#[cfg(test)]
mod tests {
    use super::super::super::value::spelled;
    use super::*;

    fn text(native: Native, bytes: &[u8]) -> String {
        match native.value(bytes) {
            Value::Odd(text) => format!("odd {text}"),
            Value::Number(text) => format!("long {text}"),
            Value::Broken(reason) => format!("broken: {reason}"),
            value => spelled(&value),
        }
    }

    fn number(weight: i16, sign: u16, scale: u16, groups: &[u16]) -> String {
        let mut bytes = Vec::new();
        for part in [u16::try_from(groups.len()).unwrap(), weight.cast_unsigned(), sign, scale].iter().chain(groups) {
            bytes.extend_from_slice(&part.to_be_bytes());
        }
        text(Native::Numeric, &bytes)
    }

    #[test]
    fn numbers_keep_every_digit() {
        assert_eq!(number(0, 0, 2, &[12, 3400]), "12.34");
        assert_eq!(number(0, 0x4000, 3, &[12, 3450]), "-12.345");
        assert_eq!(number(-1, 0, 4, &[5]), "0.0005");
        assert_eq!(number(-2, 0, 8, &[5]), "0.00000005");
        assert_eq!(number(2, 0, 0, &[1]), "100000000");
        assert_eq!(number(0, 0, 2, &[]), "0.00");
        assert_eq!(number(0, 0xC000, 0, &[]), "odd NaN");
        assert_eq!(number(0, 0xD000, 0, &[]), "odd Infinity");
        assert_eq!(number(0, 0xF000, 0, &[]), "odd -Infinity");
        assert_eq!(
            number(10, 0x4000, 2, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 5000]),
            "long -10002000300040005000600070008000900100011.50"
        );
        assert_eq!(number(-11, 0, 44, &[7]), format!("0.{}0007", "0".repeat(40)));
        assert_eq!(text(Native::Numeric, &[0, 1, 0]), "broken: 3 bytes that are no value of its type");
        assert_eq!(modifier(655_366), Some((10, 2)));
        assert_eq!(modifier(-1), None);
        assert_eq!(modifier(((3 << 16) | (2_048 - 2)) + 4), Some((3, -2)));
    }

    #[test]
    fn times_are_counted_from_2000() {
        let days = |days: i32| text(Native::Date, &days.to_be_bytes());
        assert_eq!([days(0), days(-1)], ["2000-01-01", "1999-12-31"]);
        assert_eq!([days(i32::MAX), days(i32::MIN)], ["odd infinity", "odd -infinity"]);
        assert_eq!([days(-730_120), days(2_921_940)], ["odd 0001-12-31 BC", "odd 10000-01-01"]);
        let micros = |native, micros: i64| text(native, &micros.to_be_bytes());
        assert_eq!(micros(Native::Moment, 1), "2000-01-01T00:00:00.000001");
        assert_eq!(micros(Native::Instant, -1), "1999-12-31T23:59:59.999999Z");
        assert_eq!(micros(Native::Instant, i64::MAX), "odd infinity");
        assert_eq!(micros(Native::Moment, 9_223_371_331_199_999_999), "odd 294276-12-31T23:59:59.999999");
        assert_eq!(micros(Native::Time, DAY), "odd 24:00:00");
        assert_eq!(micros(Native::Time, 1_000_000), "00:00:01");
    }

    #[test]
    fn other_values() {
        assert_eq!(text(Native::Int, &[0xff, 0xfe]), "-2");
        assert_eq!(text(Native::Oid, &[0xff; 4]), "4294967295");
        assert_eq!(text(Native::Jsonb, b"\x01{}"), "{}");
        assert_eq!(text(Native::Jsonb, b"\x02{}"), "broken: 3 bytes that are no value of its type");
        assert_eq!(text(Native::Uuid, &(0..16).collect::<Vec<u8>>()), "00010203-0405-0607-0809-0a0b0c0d0e0f");
        assert_eq!(text(Native::Int, &[1, 2, 3]), "broken: 3 bytes that are no value of its type");
        assert_eq!(text(Native::Text, &[0xff]), "broken: text that is not UTF-8");
    }
}
