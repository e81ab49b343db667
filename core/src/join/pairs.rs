//! By which columns two sides are matched, and as what their values are compared. Exact by value: whole
//! numbers of any width, decimals and instants of any precision are equal where they mean the same; text
//! never equals a number.

use arrow::datatypes::{DataType, TimeUnit};

use super::{JoinError, Side};
use crate::batch;
use crate::config::settings::JoinKeys;
use crate::publish::Column;

/// A column of each side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    /// Place in the left side.
    pub(crate) left: usize,
    /// Place in the right side.
    pub(crate) right: usize,
    /// As what they are compared.
    pub(crate) class: Class,
}

/// As what values are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// As 64-bit whole numbers.
    Whole,
    /// As decimals of this scale, with all digits.
    Decimal(i8),
    /// As floating-point numbers; NaN equals NaN, and −0.0 equals 0.0.
    Float,
    /// As instants, or as times without a zone, of this precision.
    Instant(TimeUnit),
    /// As text.
    Text,
    /// As bytes.
    Binary,
    /// As what both are.
    Same(DataType),
}

/// The pairs that are named, or those that both sides declare.
pub(crate) fn resolve(keys: &JoinKeys, left: &Side, right: &Side) -> Result<Vec<Pair>, JoinError> {
    match keys {
        JoinKeys::Pairs(named) if named.is_empty() => Err(none(left, right, "no pair is given".into())),
        JoinKeys::Pairs(named) => named.iter().map(|(l, r)| pair(l, r, left, right)).collect(),
        JoinKeys::Auto => {
            let (ours, theirs) = (left.declared_keys(), right.declared_keys());
            let mut sorted = (ours.clone(), theirs.clone());
            sorted.0.sort();
            sorted.1.sort();
            if !ours.is_empty() && sorted.0 == sorted.1 {
                return ours.iter().map(|name| pair(name, name, left, right)).collect();
            }
            let told =
                |keys: &[String]| if keys.is_empty() { "none".into() } else { format!("`{}`", keys.join("`, `")) };
            Err(none(left, right, format!("they declare different keys, {} and {}", told(&ours), told(&theirs))))
        }
    }
}

fn none(left: &Side, right: &Side, why: String) -> JoinError {
    JoinError::NoKeys { left: left.name.clone(), right: right.name.clone(), why, proposed: proposed(left, right) }
}

/// Pairs that could be meant: the declared keys of one side, where the other has columns of these names
/// or of the name with the side in front, and types that can be compared.
fn proposed(left: &Side, right: &Side) -> Vec<String> {
    let comparable = |l: &Column, r: &Column| class(l, r).is_some();
    let called = |side: &Side, key: &str| {
        [key.to_owned(), format!("{}_{key}", side.name), format!("{}_{key}", side.name.trim_end_matches('s'))]
    };
    let find = |of: &Side, within: &Side| -> Option<Vec<(usize, usize)>> {
        let keys = of.declared_keys();
        let found: Vec<(usize, usize)> = keys
            .iter()
            .filter_map(|key| {
                let own = of.at(key)?;
                let other = called(of, key).iter().find_map(|name| within.at(name))?;
                comparable(&of.columns()[own], &within.columns()[other]).then_some((own, other))
            })
            .collect();
        (!keys.is_empty() && found.len() == keys.len()).then_some(found)
    };
    let text = |l: usize, r: usize| format!("{}={}", left.columns()[l].name, right.columns()[r].name);
    if let Some(found) = find(right, left) {
        return found.into_iter().map(|(r, l)| text(l, r)).collect();
    }
    find(left, right).into_iter().flatten().map(|(l, r)| text(l, r)).collect()
}

fn pair(l: &str, r: &str, left: &Side, right: &Side) -> Result<Pair, JoinError> {
    let (at_left, at_right) = (left.must(l)?, right.must(r)?);
    let (ours, theirs) = (&left.columns()[at_left], &right.columns()[at_right]);
    let class = class(ours, theirs).ok_or_else(|| JoinError::Types {
        left: format!("{}.{l}", left.name),
        left_type: batch::type_name(&ours.arrow),
        right: format!("{}.{r}", right.name),
        right_type: batch::type_name(&theirs.arrow),
    })?;
    Ok(Pair { left: at_left, right: at_right, class })
}

fn class(left: &Column, right: &Column) -> Option<Class> {
    // A column in which no value was ever seen has no type of its own.
    if left.nulls_only {
        return of_types(&right.arrow, &right.arrow);
    }
    if right.nulls_only {
        return of_types(&left.arrow, &left.arrow);
    }
    of_types(&left.arrow, &right.arrow)
}

/// As what values of two types are compared; `None` if they never are equal.
pub(super) fn of_types(left: &DataType, right: &DataType) -> Option<Class> {
    use DataType::{
        Binary, BinaryView, Boolean, Date32, Date64, LargeBinary, LargeUtf8, Null, Timestamp, Utf8, Utf8View,
    };
    let is_text = |kind: &DataType| matches!(kind, Utf8 | LargeUtf8 | Utf8View);
    let is_binary = |kind: &DataType| matches!(kind, Binary | LargeBinary | BinaryView);
    let fits = |kind: &DataType| kind.is_integer() && *kind != DataType::UInt64;
    Some(match (left, right) {
        (Null, Null) => Class::Same(Null),
        (Null, other) | (other, Null) => return of_types(other, other),
        (l, r) if fits(l) && fits(r) => Class::Whole,
        (l, r) if exact(l).is_some() && exact(r).is_some() => Class::Decimal(exact(l)?.max(exact(r)?).max(0)),
        (l, r) if (l.is_floating() || l.is_integer()) && (r.is_floating() || r.is_integer()) => Class::Float,
        (Timestamp(l, left_zone), Timestamp(r, right_zone)) if left_zone.is_some() == right_zone.is_some() => {
            Class::Instant(finer(*l, *r))
        }
        (l, r) if is_text(l) && is_text(r) => Class::Text,
        (l, r) if is_binary(l) && is_binary(r) => Class::Binary,
        (l, r) if l == r && matches!(l, Boolean | Date32 | Date64 | DataType::Time32(_) | DataType::Time64(_)) => {
            Class::Same(l.clone())
        }
        _ => return None,
    })
}

/// The scale of a type that holds numbers exactly.
fn exact(kind: &DataType) -> Option<i8> {
    match kind {
        DataType::Decimal32(_, scale) | DataType::Decimal64(_, scale) | DataType::Decimal128(_, scale) => Some(*scale),
        other => other.is_integer().then_some(0),
    }
}

fn finer(left: TimeUnit, right: TimeUnit) -> TimeUnit {
    let rank = |unit: &TimeUnit| match unit {
        TimeUnit::Second => 0,
        TimeUnit::Millisecond => 1,
        TimeUnit::Microsecond => 2,
        TimeUnit::Nanosecond => 3,
    };
    if rank(&left) >= rank(&right) { left } else { right }
}

/// The type that holds the values of both columns of a pair, for a column of the result that has those of
/// either; `None` if there is none that changes no value.
pub(super) fn common(left: &DataType, right: &DataType) -> Option<DataType> {
    if left == right {
        return Some(left.clone());
    }
    Some(match of_types(left, right)? {
        Class::Whole => DataType::Int64,
        Class::Text => DataType::Utf8,
        Class::Binary => DataType::Binary,
        Class::Same(kind) => kind,
        Class::Decimal(scale) => {
            let digits = |kind: &DataType| match kind {
                DataType::Decimal32(precision, scale)
                | DataType::Decimal64(precision, scale)
                | DataType::Decimal128(precision, scale) => i16::from(*precision) - i16::from(*scale),
                _ => 20,
            };
            let precision = digits(left).max(digits(right)) + i16::from(scale);
            DataType::Decimal128(u8::try_from(precision).ok().filter(|precision| *precision <= 38)?, scale)
        }
        Class::Float if left.is_floating() && right.is_floating() => DataType::Float64,
        Class::Instant(unit) => {
            let DataType::Timestamp(_, zone) = left else { return None };
            DataType::Timestamp(unit, zone.clone())
        }
        Class::Float => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_compared_where_a_value_can_be_equal() {
        use DataType::{Date32, Decimal128, Float32, Float64, Int8, Int64, UInt64, Utf8};
        let micro = |zone: Option<&str>| DataType::Timestamp(TimeUnit::Microsecond, zone.map(Into::into));
        let nano = DataType::Timestamp(TimeUnit::Nanosecond, None);
        let cases = [
            (Int8, Int64, Some(Class::Whole), Some(Int64)),
            (UInt64, Int64, Some(Class::Decimal(0)), Some(Decimal128(20, 0))),
            (Int64, Decimal128(10, 2), Some(Class::Decimal(2)), Some(Decimal128(22, 2))),
            (Decimal128(38, 0), Decimal128(38, 10), Some(Class::Decimal(10)), None),
            (Float32, Float64, Some(Class::Float), Some(Float64)),
            (Int64, Float64, Some(Class::Float), None),
            (Decimal128(10, 2), Float64, None, None),
            (Utf8, Int64, None, None),
            (micro(None), nano.clone(), Some(Class::Instant(TimeUnit::Nanosecond)), Some(nano)),
            (micro(None), micro(Some("UTC")), None, None),
            (Date32, micro(None), None, None),
            (Date32, Date32, Some(Class::Same(Date32)), Some(Date32)),
        ];
        for (left, right, expected, held) in cases {
            assert_eq!(of_types(&left, &right), expected, "{left} and {right}");
            assert_eq!(of_types(&right, &left), expected, "{right} and {left}");
            assert_eq!(common(&left, &right), held, "{left} with {right}");
        }
    }
}
