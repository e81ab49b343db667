//! What the values of a column are like, in one pass of bounded memory: what is counted exactly up to a
//! bound, and estimated beyond, is said to be so.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, Int64Array};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type, i256};
use arrow::row::{OwnedRow, RowConverter, SortField};

use super::readings::Readings;
use super::table::RowTable;
use super::view::View;
use super::{Progress, QueryError, as_text};
use crate::api::wire::{Bucket, ColumnProfile, Count, LengthProfile, NumberProfile, Quantile, ValueCount};
use crate::batch::render;
use crate::publish::Column;

/// Different values that are counted one by one, and their bytes.
const DISTINCT: usize = 200_000;
const DISTINCT_BYTES: usize = 64 << 20;
/// Values that quantiles are taken of.
const SAMPLE: usize = 1_000_000;
/// Characters of a value.
const SHOWN: usize = 200;
const TOP: usize = 20;
const BUCKETS: usize = 20;
const PERCENTS: [f64; 7] = [1.0, 5.0, 25.0, 50.0, 75.0, 95.0, 99.0];

/// Profiles a column over the rows of a view.
pub(crate) fn profile(
    readings: &Readings,
    table: &RowTable,
    view: &View,
    column: usize,
    progress: &mut Progress<'_>,
) -> Result<ColumnProfile, QueryError> {
    let of = &table.columns[column];
    let compute = |source| QueryError::Compute { source };
    let filter = match view {
        View::Sorted(places) => Some(chosen(places, table.rows)),
        _ => None,
    };
    let filter = filter.as_ref().unwrap_or(view);
    let mut seen = Seen::new(of).map_err(compute)?;
    progress.begin("profile", table.rows);
    for (at, piece) in table.pieces.iter().enumerate() {
        for batch in readings.part(table, at)?.stream(piece, std::slice::from_ref(of), None)? {
            let (start, batch) = batch?;
            let batch = match filter.mask(piece.start + start, batch.num_rows()) {
                None => batch,
                Some(mask) => filter_record_batch(&batch, &mask).map_err(compute)?,
            };
            seen.take(batch.column(0)).map_err(compute)?;
            progress.step(batch.num_rows() as u64)?;
        }
    }
    seen.told(of).map_err(compute)
}

/// The rows of a sorted view as they were written.
fn chosen(places: &[u32], rows: u64) -> View {
    let mut bits = arrow::array::BooleanBufferBuilder::new(0);
    bits.append_n(usize::try_from(rows).unwrap_or(0), false);
    for place in places {
        bits.set_bit(*place as usize, true);
    }
    View::Some(super::view::Chosen::new(bits.finish()))
}

/// What was seen so far.
struct Seen {
    converter: RowConverter,
    /// The type in which values are compared and counted.
    as_text: bool,
    rows: u64,
    nulls: u64,
    counts: HashMap<Vec<u8>, u64>,
    count_bytes: usize,
    /// There were more different values than `counts` holds.
    overflown: bool,
    sketch: Sketch,
    least: Option<OwnedRow>,
    greatest: Option<OwnedRow>,
    numbers: Numbers,
    lengths: Lengths,
}

#[derive(Default)]
struct Lengths {
    least: u64,
    greatest: u64,
    sum: u64,
    count: u64,
    empty: u64,
}

impl Seen {
    fn new(of: &Column) -> Result<Self, arrow::error::ArrowError> {
        let field = SortField::new(of.arrow.clone());
        let as_text = !RowConverter::supports_fields(std::slice::from_ref(&field)) || of.arrow.is_nested();
        let field = if as_text { SortField::new(DataType::Utf8) } else { field };
        Ok(Self {
            converter: RowConverter::new(vec![field])?,
            as_text,
            rows: 0,
            nulls: 0,
            counts: HashMap::new(),
            count_bytes: 0,
            overflown: false,
            sketch: Sketch::default(),
            least: None,
            greatest: None,
            numbers: Numbers::of(&of.arrow),
            lengths: Lengths::default(),
        })
    }

    fn take(&mut self, array: &ArrayRef) -> Result<(), arrow::error::ArrowError> {
        self.rows += array.len() as u64;
        self.nulls += array.logical_null_count() as u64;
        self.numbers.take(array)?;
        if matches!(array.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) {
            self.lengths.take(array)?;
        }
        let array = if self.as_text { as_text(array) } else { array.clone() };
        let nulls = array.logical_nulls();
        let rows = self.converter.convert_columns(std::slice::from_ref(&array))?;
        let (mut least, mut greatest): (Option<usize>, Option<usize>) = (None, None);
        for (at, row) in rows.iter().enumerate() {
            if nulls.as_ref().is_some_and(|nulls| nulls.is_null(at)) {
                continue;
            }
            if least.is_none_or(|least| row < rows.row(least)) {
                least = Some(at);
            }
            if greatest.is_none_or(|greatest| row > rows.row(greatest)) {
                greatest = Some(at);
            }
            self.count(row.data());
        }
        if let Some(least) = least.map(|at| rows.row(at))
            && self.least.as_ref().is_none_or(|known| least < known.row())
        {
            self.least = Some(least.owned());
        }
        if let Some(greatest) = greatest.map(|at| rows.row(at))
            && self.greatest.as_ref().is_none_or(|known| greatest > known.row())
        {
            self.greatest = Some(greatest.owned());
        }
        Ok(())
    }

    fn count(&mut self, key: &[u8]) {
        if let Some(count) = self.counts.get_mut(key) {
            *count += 1;
            // The sketch has it from its first time.
            return;
        }
        self.sketch.add(key);
        if self.overflown {
            return;
        }
        if self.counts.len() >= DISTINCT || self.count_bytes + key.len() > DISTINCT_BYTES {
            self.overflown = true;
            return;
        }
        self.count_bytes += key.len();
        self.counts.insert(key.to_vec(), 1);
    }

    fn told(self, of: &Column) -> Result<ColumnProfile, arrow::error::ArrowError> {
        let parser = self.converter.parser();
        let one = |row: arrow::row::Row<'_>| -> Result<String, arrow::error::ArrowError> {
            let arrays = self.converter.convert_rows([row])?;
            let text = arrays.first().and_then(|array| render::cell_text(array.as_ref(), 0));
            Ok(shown(&text.unwrap_or_default()))
        };
        let text = |row: &Option<OwnedRow>| row.as_ref().map(|row| one(row.row())).transpose();
        // Of floats the numbers know better: NaN is none.
        let (least, greatest) = match self.numbers.bounds() {
            Some((least, greatest)) => (Some(least), Some(greatest)),
            None => (text(&self.least)?, text(&self.greatest)?),
        };
        let mut counts: Vec<(&Vec<u8>, u64)> = Vec::with_capacity(self.counts.len());
        #[expect(clippy::iter_over_hash_type, reason = "they are sorted below")]
        for (key, count) in &self.counts {
            counts.push((key, *count));
        }
        counts.sort_unstable_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
        let top = counts
            .iter()
            .take(TOP)
            .map(|(key, count)| Ok(ValueCount { value: one(parser.parse(key))?, count: Count(*count) }));
        let top = top.collect::<Result<_, arrow::error::ArrowError>>()?;
        let distinct = if self.overflown { self.sketch.estimate() } else { self.counts.len() as u64 };
        let lengths = &self.lengths;
        let (numbers, histogram) = self.numbers.told(of);
        Ok(ColumnProfile {
            column: of.name.clone(),
            data_type: of.type_name.clone(),
            arrow_type: of.arrow.to_string(),
            rows: Count(self.rows),
            nulls: Count(self.nulls),
            empty: Count(lengths.empty),
            distinct: Count(distinct),
            distinct_exact: !self.overflown,
            least,
            greatest,
            numbers,
            lengths: (lengths.count > 0).then(|| LengthProfile {
                least: Count(lengths.least),
                greatest: Count(lengths.greatest),
                mean: lengths.sum as f64 / lengths.count as f64,
            }),
            top,
            top_exact: !self.overflown,
            histogram,
        })
    }
}

fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

impl Lengths {
    fn take(&mut self, array: &ArrayRef) -> Result<(), arrow::error::ArrowError> {
        let text = cast(array, &DataType::LargeUtf8)?;
        for value in text.as_string::<i64>().iter().flatten() {
            let length = value.chars().count() as u64;
            self.least = if self.count == 0 { length } else { self.least.min(length) };
            self.greatest = self.greatest.max(length);
            self.sum += length;
            self.count += 1;
            self.empty += u64::from(length == 0);
        }
        Ok(())
    }
}

/// Numbers, dates and times, as they are ordered.
enum Numbers {
    /// None of these.
    Not,
    Whole(Box<Whole>),
    Floats(Box<Floats>),
}

struct Whole {
    /// Whether sums and means say something: of numbers, not of dates.
    summed: bool,
    scale: i8,
    sum: Option<i256>,
    moments: Moments,
    sample: Sample<i128>,
}

#[derive(Default)]
struct Floats {
    sum: f64,
    moments: Moments,
    sample: Sample<f64>,
    not_finite: u64,
}

/// Mean and spread as they grow.
#[derive(Default)]
struct Moments {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1;
        let distance = value - self.mean;
        self.mean += distance / self.count as f64;
        self.squares += distance * (value - self.mean);
    }
    fn deviation(&self) -> f64 {
        if self.count == 0 { 0.0 } else { (self.squares / self.count as f64).sqrt() }
    }
}

impl Numbers {
    fn of(data_type: &DataType) -> Self {
        let scale = match data_type {
            DataType::Decimal32(_, scale) | DataType::Decimal64(_, scale) | DataType::Decimal128(_, scale) => *scale,
            _ => 0,
        };
        let number = data_type.is_integer()
            || matches!(data_type, DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..));
        let dated = matches!(
            data_type,
            DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) | DataType::Time32(_) | DataType::Time64(_)
        );
        if data_type.is_floating() {
            Self::Floats(Box::default())
        } else if number || dated {
            let (sum, moments, sample) = (Some(i256::ZERO), Moments::default(), Sample::default());
            Self::Whole(Box::new(Whole { summed: number, scale, sum, moments, sample }))
        } else {
            Self::Not
        }
    }

    fn take(&mut self, array: &ArrayRef) -> Result<(), arrow::error::ArrowError> {
        match self {
            Self::Not => {}
            Self::Floats(floats) => {
                for value in cast(array, &DataType::Float64)?.as_primitive::<Float64Type>().iter().flatten() {
                    if value.is_finite() {
                        floats.sum += value;
                        floats.moments.add(value);
                        floats.sample.add(value);
                    } else {
                        floats.not_finite += 1;
                    }
                }
            }
            Self::Whole(whole) => {
                let unit = 10_f64.powi(-i32::from(whole.scale));
                let mut add = |value: i128| {
                    whole.sum = whole.sum.and_then(|sum| sum.checked_add(i256::from_i128(value)));
                    whole.moments.add(value as f64 * unit);
                    whole.sample.add(value);
                };
                if array.data_type().is_decimal() || *array.data_type() == DataType::UInt64 {
                    let wide = cast(array, &DataType::Decimal128(38, whole.scale))?;
                    wide.as_primitive::<Decimal128Type>().iter().flatten().for_each(&mut add);
                } else {
                    let wide = match array.data_type() {
                        DataType::Date32 | DataType::Time32(_) => cast(array, &DataType::Int32)?,
                        _ => array.clone(),
                    };
                    let wide = cast(&wide, &DataType::Int64)?;
                    wide.as_primitive::<Int64Type>().iter().flatten().for_each(|value| add(value.into()));
                }
            }
        }
        Ok(())
    }

    /// Least and greatest of floats.
    fn bounds(&self) -> Option<(String, String)> {
        match self {
            Self::Floats(floats) if floats.moments.count > 0 => {
                Some((format!("{:?}", floats.sample.least?), format!("{:?}", floats.sample.greatest?)))
            }
            _ => None,
        }
    }

    fn told(self, of: &Column) -> (Option<NumberProfile>, Vec<Bucket>) {
        match self {
            Self::Not => (None, Vec::new()),
            Self::Floats(mut floats) => {
                let bounds = floats.sample.least.zip(floats.sample.greatest);
                let values = floats.sample.sorted(f64::total_cmp);
                let texts = |value: f64| format!("{value:?}");
                let histogram = bounds.map_or_else(Vec::new, |(least, greatest)| {
                    let width = (greatest - least) / BUCKETS as f64;
                    let edge = |at: usize| if at == BUCKETS { greatest } else { least + width * at as f64 };
                    buckets(
                        values,
                        BUCKETS,
                        |at, value| value < edge(at + 1),
                        |at| (texts(edge(at)), texts(edge(at + 1))),
                    )
                });
                let numbers = NumberProfile {
                    sum: Some(texts(floats.sum)),
                    mean: floats.moments.mean,
                    deviation: floats.moments.deviation(),
                    not_finite: Count(floats.not_finite),
                    quantiles: quantiles(values)
                        .map(|(percent, value)| Quantile { percent, value: texts(value) })
                        .collect(),
                    quantiles_exact: floats.moments.count <= SAMPLE as u64,
                };
                ((floats.moments.count + floats.not_finite > 0).then_some(numbers), histogram)
            }
            Self::Whole(mut whole) => {
                let bounds = whole.sample.least.zip(whole.sample.greatest);
                let (count, summed, scale) = (whole.moments.count, whole.summed, whole.scale);
                let values = whole.sample.sorted(Ord::cmp);
                let text = |value: i128| spelled(of, scale, value);
                let histogram = bounds.map_or_else(Vec::new, |(least, greatest)| {
                    let span = greatest.saturating_sub(least).saturating_add(1);
                    let count = usize::try_from(span).unwrap_or(BUCKETS).clamp(1, BUCKETS);
                    let edge = |at: usize| -> i128 {
                        if at == count {
                            greatest + 1
                        } else {
                            least
                                + span / count as i128 * at as i128
                                + span % count as i128 * at as i128 / count as i128
                        }
                    };
                    buckets(
                        values,
                        count,
                        |at, value| value < edge(at + 1),
                        |at| (text(edge(at)), text(edge(at + 1) - 1)),
                    )
                });
                if !summed || count == 0 {
                    return (None, histogram);
                }
                let numbers = NumberProfile {
                    sum: whole.sum.map(|sum| point(&sum.to_string(), scale)),
                    mean: whole.moments.mean,
                    deviation: whole.moments.deviation(),
                    not_finite: Count(0),
                    quantiles: quantiles(values)
                        .map(|(percent, value)| Quantile { percent, value: text(value) })
                        .collect(),
                    quantiles_exact: count <= SAMPLE as u64,
                };
                (Some(numbers), histogram)
            }
        }
    }
}

/// A value as the column spells it.
fn spelled(of: &Column, scale: i8, value: i128) -> String {
    let array: ArrayRef = if of.arrow.is_integer() || of.arrow.is_decimal() {
        return point(&value.to_string(), scale);
    } else {
        Arc::new(Int64Array::from(vec![i64::try_from(value).unwrap_or_default()]))
    };
    let narrow = matches!(of.arrow, DataType::Date32 | DataType::Time32(_));
    let array = if narrow { cast(&array, &DataType::Int32) } else { Ok(array) };
    let array = array.and_then(|array| cast(&array, &of.arrow));
    array.ok().and_then(|array| render::cell_text(array.as_ref(), 0)).unwrap_or_else(|| value.to_string())
}

/// Digits with the point where a decimal of this scale has it.
fn point(digits: &str, scale: i8) -> String {
    if let Ok(value) = digits.parse::<i128>()
        && let Ok(array) = Decimal128Array::from(vec![value]).with_precision_and_scale(38, scale)
    {
        return render::cell_text(&array, 0).unwrap_or_default();
    }
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    match usize::try_from(scale) {
        Ok(0) | Err(_) => format!("{sign}{digits}"),
        Ok(scale) => {
            let (whole, fraction) = digits.split_at(digits.len().saturating_sub(scale));
            format!("{sign}{whole}.{fraction}")
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank, positive and at most the length of the sample"
)]
fn quantiles<T: Copy>(sorted: &[T]) -> impl Iterator<Item = (f64, T)> + use<'_, T> {
    PERCENTS.iter().filter_map(|percent| {
        let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.saturating_sub(1)).map(|value| (*percent, *value))
    })
}

fn buckets<T: Copy>(
    sorted: &[T],
    count: usize,
    below_end: impl Fn(usize, T) -> bool,
    edges: impl Fn(usize) -> (String, String),
) -> Vec<Bucket> {
    let mut start = 0;
    (0..count)
        .map(|at| {
            let end = if at + 1 == count {
                sorted.len()
            } else {
                start + sorted[start..].partition_point(|value| below_end(at, *value))
            };
            let (from, to) = edges(at);
            let bucket = Bucket { from, to, count: Count((end - start) as u64) };
            start = end;
            bucket
        })
        .collect()
}

/// At most a million values, each with the same chance to be among them; least and greatest of all.
struct Sample<T> {
    values: Vec<T>,
    seen: u64,
    state: u64,
    least: Option<T>,
    greatest: Option<T>,
}

impl<T> Default for Sample<T> {
    fn default() -> Self {
        // Any seed does; a fixed one gives the same sample each time.
        Self { values: Vec::new(), seen: 0, state: 0x9E37_79B9_7F4A_7C15, least: None, greatest: None }
    }
}

impl<T: Copy + PartialOrd> Sample<T> {
    fn add(&mut self, value: T) {
        if self.least.is_none_or(|least| value < least) {
            self.least = Some(value);
        }
        if self.greatest.is_none_or(|greatest| value > greatest) {
            self.greatest = Some(value);
        }
        self.seen += 1;
        if self.values.len() < SAMPLE {
            return self.values.push(value);
        }
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        let at = usize::try_from(self.state % self.seen).unwrap_or(usize::MAX);
        if let Some(slot) = self.values.get_mut(at) {
            *slot = value;
        }
    }

    fn sorted(&mut self, compare: impl Fn(&T, &T) -> std::cmp::Ordering) -> &[T] {
        self.values.sort_unstable_by(compare);
        &self.values
    }
}

/// Estimates how many different values there are, from the longest run of zeros among their hashes in
/// each of 2^14 registers.
struct Sketch(Vec<u8>);

const REGISTER_BITS: u32 = 14;

impl Default for Sketch {
    fn default() -> Self {
        Self(vec![0; 1 << REGISTER_BITS])
    }
}

impl Sketch {
    fn add(&mut self, key: &[u8]) {
        let mut hasher = DefaultHasher::new();
        hasher.write(key);
        let hash = hasher.finish();
        let register = usize::try_from(hash >> (64 - REGISTER_BITS)).unwrap_or(0);
        let rank = ((hash << REGISTER_BITS).leading_zeros() + 1).min(64 - REGISTER_BITS + 1);
        let rank = u8::try_from(rank).unwrap_or(u8::MAX);
        self.0[register] = self.0[register].max(rank);
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate, positive and far below 2^53"
    )]
    fn estimate(&self) -> u64 {
        let registers = self.0.len() as f64;
        let sum: f64 = self.0.iter().map(|rank| 2_f64.powi(-i32::from(*rank))).sum();
        let raw = 0.7213 / (1.0 + 1.079 / registers) * registers * registers / sum;
        let empty = self.0.iter().map(|rank| usize::from(*rank == 0)).sum::<usize>();
        // Few values leave registers empty, which tells more.
        let estimate =
            if raw <= 2.5 * registers && empty > 0 { registers * (registers / empty as f64).ln() } else { raw };
        estimate.round() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_is_within_two_percent() {
        for count in [1_000_u64, 100_000, 1_000_000] {
            let mut sketch = Sketch::default();
            for value in 0..count {
                sketch.add(&value.to_le_bytes());
                sketch.add(&value.to_le_bytes());
            }
            let off = (sketch.estimate() as f64 - count as f64).abs() / count as f64;
            assert!(off < 0.02, "{count}: {}", sketch.estimate());
        }
    }

    #[test]
    fn decimals_keep_their_point() {
        assert_eq!(point("-5", 3), "-0.005");
        assert_eq!(point("123", 0), "123");
        let many = "9".repeat(45);
        assert_eq!(point(&many, 2), format!("{}.99", "9".repeat(43)));
    }
}
