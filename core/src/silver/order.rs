//! Order values: what the rows of a key are sorted by, and when their events take place.
//!
//! An order value is never null here; where a row has none, the answer is `None`, which sorts first.
//! Nothing here knows keys or partitions.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Float32Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType, TimestampNanosecondType,
};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};
use chrono::NaiveDate;
use chrono_tz::Tz;

use super::prepare::{Prepared, Shape};
use crate::batch;

/// An order value that is not null.
pub(crate) trait OrderValue: Ord + Clone + Send + Sync {
    /// Those of a batch's rows; `None` where the first order column is null.
    fn read(encoding: &OrderEncoding, arrays: &[ArrayRef]) -> Result<Vec<Option<Self>>, ArrowError>;
    /// 00:00 of a date, as the least order value that begins with it, so that rows of the same instant
    /// count as coming after it. `None` where order values are no points in time.
    fn instant(encoding: &OrderEncoding, date: NaiveDate) -> Option<Self>;
    /// The first order column, where it is a point in time: in units of the encoding.
    fn first(&self) -> i64;
}

impl OrderValue for i64 {
    fn read(encoding: &OrderEncoding, arrays: &[ArrayRef]) -> Result<Vec<Option<Self>>, ArrowError> {
        let array = match encoding.time {
            Some(time) => time.instants(&arrays[0])?,
            None => cast(&arrays[0], &DataType::Int64)?,
        };
        Ok(array.as_primitive::<Int64Type>().iter().collect())
    }
    fn instant(encoding: &OrderEncoding, date: NaiveDate) -> Option<Self> {
        encoding.time.map(|time| time.of_date(date))
    }
    fn first(&self) -> i64 {
        *self
    }
}

/// Two order columns that are integers or points in time. Where the second is null, it sorts first, and 00:00
/// of a date is less still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pair(i64, Second);

/// The second column, in the order in which its values count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Second {
    /// Before all rows of the instant.
    Least,
    Null,
    Value(i64),
}

impl OrderValue for Pair {
    fn read(encoding: &OrderEncoding, arrays: &[ArrayRef]) -> Result<Vec<Option<Self>>, ArrowError> {
        let integers = |array: &ArrayRef, clock: Option<Clock>| match clock {
            Some(clock) => clock.instants(array),
            None => cast(array, &DataType::Int64),
        };
        let first = integers(&arrays[0], encoding.time)?;
        // Only the first column is a time for the fold; the second orders by what it says.
        let second = integers(&arrays[1], Clock::of(arrays[1].data_type(), chrono_tz::UTC))?;
        let pairs = first.as_primitive::<Int64Type>().iter().zip(second.as_primitive::<Int64Type>());
        let second = |second: Option<i64>| second.map_or(Second::Null, Second::Value);
        Ok(pairs.map(|(first, value)| Some(Self(first?, second(value)))).collect())
    }
    fn instant(encoding: &OrderEncoding, date: NaiveDate) -> Option<Self> {
        encoding.time.map(|time| Self(time.of_date(date), Second::Least))
    }
    fn first(&self) -> i64 {
        self.0
    }
}

/// Several order columns, or one of another type: the first as a point in time if it is one (else 0),
/// then the others in Arrow's row encoding, which compares as bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Composite(i64, Box<[u8]>);

impl OrderValue for Composite {
    fn read(encoding: &OrderEncoding, arrays: &[ArrayRef]) -> Result<Vec<Option<Self>>, ArrowError> {
        let Some(converter) = &encoding.converter else { return Ok(vec![None; arrays[0].len()]) };
        let first = encoding.time.map(|time| time.instants(&arrays[0])).transpose()?;
        let rest: Vec<ArrayRef> = arrays.iter().skip(usize::from(first.is_some())).map(canonical).collect();
        let rows = converter.convert_columns(&rest)?;
        let first = first.as_ref().map(AsArray::as_primitive::<Int64Type>);
        let value = |row: usize| {
            (!arrays[0].is_null(row))
                .then(|| Self(first.map_or(0, |first| first.value(row)), Box::from(rows.row(row).as_ref())))
        };
        Ok((0..arrays[0].len()).map(value).collect())
    }
    fn instant(encoding: &OrderEncoding, date: NaiveDate) -> Option<Self> {
        encoding.time.map(|time| Self(time.of_date(date), Box::default()))
    }
    fn first(&self) -> i64 {
        self.0
    }
}

/// How order values are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OrderKind {
    /// As integers.
    One,
    /// As [`Pair`].
    Two,
    /// As [`Composite`].
    Many,
}

/// How order values are read and compared.
#[derive(Debug)]
pub(crate) struct OrderEncoding {
    /// Whether the first order column is a point in time, and how it becomes an instant.
    time: Option<Clock>,
    /// How they are held.
    kind: OrderKind,
    /// Encodes what does not fit in integers; `None`: nothing.
    converter: Option<RowConverter>,
    /// Of the date that a row without order columns is of.
    timezone: Tz,
}

/// Makes instants of the values of a column, in units of 1/`per_second` s.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    per_second: i64,
    timezone: Tz,
}

impl OrderEncoding {
    /// By the order columns of `shape`.
    pub(crate) fn of(shape: &Shape<'_>, timezone: Tz) -> Self {
        let schema = shape.schema(&shape.orders);
        let types: Vec<DataType> = schema.fields().iter().map(|field| field.data_type().clone()).collect();
        let time = types.first().and_then(|kind| Clock::of(kind, timezone));
        let fits =
            |kind: &DataType| Clock::of(kind, timezone).is_some() || (kind.is_integer() && *kind != DataType::UInt64);
        let kind = match types.as_slice() {
            all if !all.iter().all(fits) => OrderKind::Many,
            [] | [_] => OrderKind::One,
            [_, _] => OrderKind::Two,
            _ => OrderKind::Many,
        };
        let rest = types.into_iter().skip(usize::from(time.is_some())).map(SortField::new).collect();
        // Types without an order were refused with the config; without a converter arrival decides.
        let converter = (kind == OrderKind::Many).then(|| RowConverter::new(rest).ok()).flatten();
        let kind = if kind == OrderKind::Many && converter.is_none() { OrderKind::One } else { kind };
        Self { time, kind, converter, timezone }
    }

    /// How order values are held.
    pub(crate) fn kind(&self) -> OrderKind {
        self.kind
    }

    /// Whether order values are points in time, so that the instant of a date can be compared.
    pub(crate) fn is_temporal(&self) -> bool {
        self.time.is_some()
    }

    /// Units of an order value's first column in a microsecond; 1 where it is no time.
    pub(crate) fn per_microsecond(&self) -> i64 {
        self.time.map_or(1, |time| time.per_second / 1_000_000)
    }

    /// 00:00 of a date, microseconds since the epoch.
    pub(crate) fn midnight(&self, date: NaiveDate) -> i64 {
        midnight(date, self.timezone)
    }
}

impl Clock {
    /// For a column of points in time; `None` for any other.
    pub(crate) fn of(kind: &DataType, timezone: Tz) -> Option<Self> {
        match kind {
            DataType::Timestamp(TimeUnit::Nanosecond, _) => Some(Self { per_second: 1_000_000_000, timezone }),
            DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => {
                Some(Self { per_second: 1_000_000, timezone })
            }
            _ => None,
        }
    }

    /// For values in microseconds, whatever the column's own unit.
    pub(crate) fn microseconds(kind: &DataType, timezone: Tz) -> Option<Self> {
        Self::of(kind, timezone).map(|clock| Self { per_second: 1_000_000, ..clock })
    }

    fn of_date(self, date: NaiveDate) -> i64 {
        midnight(date, self.timezone).saturating_mul(self.per_second / 1_000_000)
    }

    /// The column as 64-bit integers.
    pub(crate) fn instants(self, array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
        instants(array, self.per_second, self.timezone)
    }
}

/// The order columns of a batch; with none, a column of equal values as long as the batch.
pub(crate) fn order_arrays(prepared: &Prepared, key_count: usize, order_count: usize) -> Vec<ArrayRef> {
    if order_count == 0 {
        return vec![Arc::new(Int64Array::from(vec![0; prepared.rows]))];
    }
    prepared.columns[key_count..key_count + order_count].to_vec()
}

/// Floats in one form, so that −0.0 is 0.0 and every NaN the same key.
pub(crate) fn canonical(array: &ArrayRef) -> ArrayRef {
    if let Some(floats) = array.as_primitive_opt::<Float64Type>() {
        return Arc::new(floats.unary::<_, Float64Type>(|value| if value.is_nan() { f64::NAN } else { value + 0.0 }));
    }
    if let Some(floats) = array.as_primitive_opt::<Float32Type>() {
        return Arc::new(floats.unary::<_, Float32Type>(|value| if value.is_nan() { f32::NAN } else { value + 0.0 }));
    }
    array.clone()
}

/// 00:00 of a date in a time zone, microseconds since the epoch.
pub(crate) fn midnight(date: NaiveDate, timezone: Tz) -> i64 {
    instant_of(date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros(), timezone)
}

/// A wall-clock time as an instant, both in microseconds. Of two that read the same, the earlier; one
/// that a clock change left out counts as if the clock had not changed yet.
fn instant_of(wall_clock: i64, timezone: Tz) -> i64 {
    const BEFORE: i64 = 3 * 3_600_000_000;
    let earlier = || Some(batch::zone::instant(wall_clock - BEFORE, timezone)? + BEFORE);
    batch::zone::instant(wall_clock, timezone).or_else(earlier).unwrap_or(wall_clock)
}

/// Points in time as instants in units of 1/`per_second` s; naive ones are read in `timezone`.
fn instants(array: &ArrayRef, per_second: i64, timezone: Tz) -> Result<ArrayRef, ArrowError> {
    let naive = !matches!(array.data_type(), DataType::Timestamp(_, Some(_)));
    let shift = |micros: i64| if timezone == chrono_tz::UTC { micros } else { instant_of(micros, timezone) };
    let zone = match array.data_type() {
        DataType::Timestamp(_, zone) => zone.clone(),
        _ => None,
    };
    if per_second == 1_000_000_000 {
        let exact = cast(array, &DataType::Timestamp(TimeUnit::Nanosecond, zone))?;
        let exact = exact.as_primitive::<TimestampNanosecondType>();
        let value = |nanos: i64| {
            if naive {
                shift(nanos.div_euclid(1000)).saturating_mul(1000).saturating_add(nanos.rem_euclid(1000))
            } else {
                nanos
            }
        };
        return Ok(Arc::new(exact.unary::<_, Int64Type>(value)));
    }
    let exact = cast(array, &DataType::Timestamp(TimeUnit::Microsecond, zone))?;
    let exact = exact.as_primitive::<TimestampMicrosecondType>();
    Ok(Arc::new(exact.unary::<_, Int64Type>(|micros| if naive { shift(micros) } else { micros })))
}
