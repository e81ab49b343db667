//! `scd_type_1`: which rows are the current state of their key.
//!
//! Decides on the narrow columns (keys, order, operation) alone and marks rows in a bitmap; the wide
//! columns are gathered afterwards. Memory is bounded by taking keys bucket by bucket, each with a
//! reading of the narrow columns of its own.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Float32Type, Float64Type, TimeUnit, TimestampMicrosecondType, TimestampNanosecondType,
};
use arrow::error::ArrowError;
use arrow::row::{OwnedRow, RowConverter, SortField};
use chrono::NaiveDate;
use chrono_tz::Tz;
use rustc_hash::FxBuildHasher;

use super::SilverError;
use super::fold::{Fold, FoldRules, FullCount, Operation};
use super::prepare::{Prepared, Shape};
use super::quality::Survey;
use crate::batch;
use crate::bronze::Landed;
use crate::cancel::CancelToken;
use crate::config::settings::LoadPattern;

/// Rows whose keys are held in memory at once; about 100 bytes a key.
pub(crate) const BUCKET_ROWS: u64 = 8_000_000;

/// What was decided.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    /// For each partition, its rows.
    pub(crate) marks: Vec<Marks>,
    /// How often arrival decided between equal order values of one partition.
    pub(crate) order_ties: u64,
    /// For each partition, what it did to the keys.
    pub(crate) counts: Vec<FullCount>,
    /// For each partition, what was found in it.
    pub(crate) surveys: Vec<Survey>,
}

/// The rows of a partition that count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks {
    words: Vec<u64>,
}

impl Marks {
    fn set(&mut self, row: u64) {
        let word = usize::try_from(row / 64).unwrap_or(usize::MAX);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (row % 64);
    }
    /// Whether the row counts.
    pub(crate) fn contains(&self, row: u64) -> bool {
        usize::try_from(row / 64)
            .ok()
            .and_then(|word| self.words.get(word))
            .is_some_and(|word| word >> (row % 64) & 1 == 1)
    }
}

/// Decides over all partitions of a load.
pub(crate) fn decide(
    shape: &Shape<'_>,
    partitions: &[Landed],
    timezone: Tz,
    bucket_rows: u64,
    cancel: &CancelToken,
    progress: &mut dyn FnMut(u64),
) -> Result<Decision, SilverError> {
    let rows: u64 = partitions.iter().map(|landed| landed.commit.rows()).sum();
    let buckets = rows.div_ceil(bucket_rows).max(1);
    let order = OrderEncoding::of(shape, timezone);
    let mut decision = Decision {
        marks: vec![Marks::default(); partitions.len()],
        order_ties: 0,
        counts: vec![FullCount::default(); partitions.len()],
        surveys: partitions.iter().map(Survey::new).collect(),
    };
    for bucket in 0..buckets {
        let bucket = Bucket { number: bucket, of: buckets };
        let pass = Pass { shape, partitions, bucket, order: &order, cancel };
        match order {
            OrderEncoding::Composite { .. } => {
                pass.run(&mut decision, progress, OrderEncoding::bytes, OrderEncoding::instant_bytes)?;
            }
            _ => pass.run(&mut decision, progress, OrderEncoding::integers, OrderEncoding::instant_integer)?,
        }
    }
    Ok(decision)
}

/// The keys of one reading.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    number: u64,
    of: u64,
}

impl Bucket {
    fn has(self, key: &[u8]) -> bool {
        if self.of == 1 {
            return true;
        }
        let mut hasher = FxBuildHasher.build_hasher();
        hasher.write(key);
        hasher.finish() % self.of == self.number
    }
}

/// Reads the order values of a batch's rows.
type OrderValues<O> = fn(&OrderEncoding, &[ArrayRef]) -> Result<Vec<Option<O>>, ArrowError>;

struct Pass<'a> {
    shape: &'a Shape<'a>,
    partitions: &'a [Landed],
    bucket: Bucket,
    order: &'a OrderEncoding,
    cancel: &'a CancelToken,
}

impl Pass<'_> {
    fn run<O: Ord + Clone>(
        &self,
        decision: &mut Decision,
        progress: &mut dyn FnMut(u64),
        values: OrderValues<O>,
        instant: fn(&OrderEncoding, NaiveDate) -> Option<O>,
    ) -> Result<(), SilverError> {
        let columns = self.shape.deciding();
        let schema = self.shape.schema(&columns);
        let keys: Vec<SortField> =
            (0..self.shape.keys.len()).map(|index| SortField::new(schema.field(index).data_type().clone())).collect();
        let compute = |landed: &Landed| {
            let partition = landed.id.clone();
            move |source| SilverError::Compute { partition, source }
        };
        let converter =
            RowConverter::new(keys).map_err(|source| SilverError::Compute { partition: String::new(), source })?;
        let mut fold = Fold::new(FoldRules { temporal: self.order.is_temporal() });
        for (number, landed) in self.partitions.iter().enumerate() {
            let partition = u32::try_from(number).unwrap_or(u32::MAX);
            fold.begin(partition, landed.pattern == LoadPattern::Full, instant(self.order, landed.date));
            self.shape.read(landed, &columns, self.cancel, &mut |place, prepared| {
                // Every reading sees every row; one of them counts the bad ones.
                if self.bucket.number == 0 {
                    decision.surveys[number].add(&prepared);
                }
                let (key_count, order_count) = (self.shape.keys.len(), self.shape.orders.len());
                let key_columns: Vec<ArrayRef> =
                    prepared.columns[..key_count].iter().map(|array| canonical(array)).collect();
                let rows = converter.convert_columns(&key_columns).map_err(compute(landed))?;
                let order =
                    values(self.order, &order_arrays(&prepared, key_count, order_count)).map_err(compute(landed))?;
                for row in 0..prepared.rows {
                    let key = rows.row(row);
                    if prepared.bad.contains_key(&row) || !self.bucket.has(key.as_ref()) {
                        continue;
                    }
                    let operation =
                        prepared.operations.as_ref().map_or(Operation::Upsert, |operations| operations[row]);
                    fold.row(key.as_ref(), order[row].clone(), operation, place.row + row as u64);
                }
                progress(place.row + prepared.rows as u64);
                Ok(())
            })?;
            let count = fold.end();
            let sum = &mut decision.counts[number];
            sum.live_before += count.live_before;
            sum.kept += count.kept;
            sum.live_after += count.live_after;
        }
        let (winners, ties) = fold.finish();
        decision.order_ties += ties;
        for winner in winners {
            decision.marks[winner.partition as usize].set(winner.row);
        }
        Ok(())
    }
}

/// The order columns of a batch; with none, a column of equal values as long as the batch.
fn order_arrays(prepared: &Prepared, key_count: usize, order_count: usize) -> Vec<ArrayRef> {
    if order_count == 0 {
        return vec![Arc::new(Int64Array::from(vec![0; prepared.rows]))];
    }
    prepared.columns[key_count..key_count + order_count].to_vec()
}

/// Floats in one form, so that −0.0 is 0.0 and every NaN the same key.
fn canonical(array: &ArrayRef) -> ArrayRef {
    if let Some(floats) = array.as_primitive_opt::<Float64Type>() {
        return Arc::new(floats.unary::<_, Float64Type>(|value| if value.is_nan() { f64::NAN } else { value + 0.0 }));
    }
    if let Some(floats) = array.as_primitive_opt::<Float32Type>() {
        return Arc::new(floats.unary::<_, Float32Type>(|value| if value.is_nan() { f32::NAN } else { value + 0.0 }));
    }
    array.clone()
}

/// How order values are compared.
#[derive(Debug)]
enum OrderEncoding {
    /// No order column: arrival alone.
    Arrival,
    /// One integer column.
    Integer,
    /// One column of points in time, as instants in units of 1/`per_second` s.
    Time { per_second: i64, timezone: Tz },
    /// Any other column, or several: Arrow's row encoding, which compares as bytes. Points in time
    /// in first place are instants.
    Composite { converter: RowConverter, first: Option<RowConverter>, per_second: i64, timezone: Tz },
}

impl OrderEncoding {
    fn of(shape: &Shape<'_>, timezone: Tz) -> Self {
        let schema = shape.schema(&shape.orders);
        let types: Vec<DataType> = schema.fields().iter().map(|field| field.data_type().clone()).collect();
        let Some(first) = types.first() else { return Self::Arrival };
        let per_second = match first {
            DataType::Timestamp(TimeUnit::Nanosecond, _) => 1_000_000_000,
            _ => 1_000_000,
        };
        let temporal = matches!(first, DataType::Timestamp(..) | DataType::Date32 | DataType::Date64);
        match (types.len(), temporal, first.is_integer()) {
            (1, true, _) => return Self::Time { per_second, timezone },
            (1, _, true) if *first != DataType::UInt64 => return Self::Integer,
            _ => {}
        }
        let mut fields: Vec<SortField> = types.iter().cloned().map(SortField::new).collect();
        if temporal {
            fields[0] = SortField::new(DataType::Int64);
        }
        let first = temporal.then(|| RowConverter::new(vec![SortField::new(DataType::Int64)]).ok()).flatten();
        match RowConverter::new(fields) {
            Ok(converter) => Self::Composite { converter, first, per_second, timezone },
            // Types without an order were refused with the config; arrival is what remains.
            Err(_) => Self::Arrival,
        }
    }

    fn is_temporal(&self) -> bool {
        matches!(self, Self::Time { .. } | Self::Composite { first: Some(_), .. })
    }

    fn integers(&self, arrays: &[ArrayRef]) -> Result<Vec<Option<i64>>, ArrowError> {
        let array = match self {
            Self::Time { per_second, timezone } => instants(&arrays[0], *per_second, *timezone)?,
            _ => cast(&arrays[0], &DataType::Int64)?,
        };
        Ok(array.as_primitive::<arrow::datatypes::Int64Type>().iter().collect())
    }

    fn instant_integer(&self, date: NaiveDate) -> Option<i64> {
        match self {
            Self::Time { per_second, timezone } => {
                Some(midnight(date, *timezone).saturating_mul(per_second / 1_000_000))
            }
            _ => None,
        }
    }

    fn bytes(&self, arrays: &[ArrayRef]) -> Result<Vec<Option<Box<[u8]>>>, ArrowError> {
        let Self::Composite { converter, first, per_second, timezone } = self else { return Ok(Vec::new()) };
        let mut arrays: Vec<ArrayRef> = arrays.iter().map(canonical).collect();
        if first.is_some() {
            arrays[0] = instants(&arrays[0], *per_second, *timezone)?;
        }
        let rows = converter.convert_columns(&arrays)?;
        let value = |row: usize| (!arrays[0].is_null(row)).then(|| Box::from(rows.row(row).as_ref()));
        Ok((0..rows.num_rows()).map(value).collect())
    }

    /// The instant as the least order value that begins with it, so that rows of the same instant
    /// count as coming after it, as they do with a single order column.
    fn instant_bytes(&self, date: NaiveDate) -> Option<Box<[u8]>> {
        let Self::Composite { first: Some(first), per_second, timezone, .. } = self else { return None };
        let instant = midnight(date, *timezone).saturating_mul(per_second / 1_000_000);
        let row: OwnedRow = first.convert_columns(&[Arc::new(Int64Array::from(vec![instant]))]).ok()?.row(0).owned();
        Some(row.as_ref().into())
    }
}

/// 00:00 of a date in a time zone, microseconds since the epoch.
fn midnight(date: NaiveDate, timezone: Tz) -> i64 {
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
        return Ok(Arc::new(exact.unary::<_, arrow::datatypes::Int64Type>(value)));
    }
    let exact = cast(array, &DataType::Timestamp(TimeUnit::Microsecond, zone))?;
    let exact = exact.as_primitive::<TimestampMicrosecondType>();
    Ok(Arc::new(exact.unary::<_, arrow::datatypes::Int64Type>(|micros| if naive { shift(micros) } else { micros })))
}
