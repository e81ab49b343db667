//! The rows of keys in memory, key by key: what [`super::timeline`] is given. Holds narrow rows
//! only; of their values no more than a reader makes of each.

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::datatypes::{DataType, Int64Type};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};
use twox_hash::XxHash3_128;

use super::fold::{FullCount, Locator};
use super::keys::{self, Bytes, Draw, Key, Keys};
use super::order::{Clock, canonical};
use super::prepare::{self, Shape};
use super::scan::{Reader, Row, Taker};
use super::timeline::{Fingerprint, Given, KeyRow};
use crate::batch;
use crate::bronze::Landed;

/// Rows of a shard, about: those of 32 Ki and the table of their keys stay in a processor's cache while
/// they are put beside each other.
const SHARD_ROWS: u64 = 32 << 10;
/// Shards of a taker at most; each is written to in turn.
const MAX_SHARDS: u64 = 512;

/// Collects the rows of some keys, in shards of keys.
pub(crate) struct Collect<O, V> {
    partition: u32,
    shards: Vec<Shard<O, V>>,
    /// 00:00 of each partition's date as an order value.
    pub(crate) instants: Vec<Option<O>>,
}

/// All rows of some keys, in order of arrival.
pub(crate) struct Shard<O, V> {
    /// For each row, its key.
    keys: Bytes,
    rows: Vec<KeyRow<O, V>>,
}

impl<O, V> Collect<O, V> {
    /// Nothing yet, of about `rows`.
    pub(crate) fn new(rows: u64) -> Self {
        let shard = |_| Shard { keys: Bytes::default(), rows: Vec::new() };
        let shards = (0..rows.div_ceil(SHARD_ROWS).clamp(1, MAX_SHARDS)).map(shard).collect();
        Self { partition: 0, shards, instants: Vec::new() }
    }

    /// What was collected.
    pub(crate) fn into_shards(self) -> Vec<Shard<O, V>> {
        self.shards
    }
}

impl<O, V> Taker<O, V> for Collect<O, V> {
    fn begin(&mut self, partition: u32, _landed: &Landed, instant: Option<O>) {
        self.partition = partition;
        self.instants.push(instant);
    }
    fn row(&mut self, row: Row<'_, O>, value: V) {
        let shard = row.key.lot(Draw::Shard, self.shards.len());
        let shard = &mut self.shards[shard];
        shard.keys.push(row.key.bytes());
        let at = Locator { partition: self.partition, row: row.number };
        shard.rows.push(KeyRow { at, order: row.order, operation: row.operation, value });
    }
    fn end(&mut self) -> FullCount {
        FullCount::default()
    }
}

impl<O, V> Shard<O, V> {
    /// Gives the rows of each key, in order of arrival. Rows are put beside those of their key by
    /// counting, so this takes time in proportion to their number.
    pub(crate) fn each_key<'a>(&'a self, mut each: impl FnMut(&mut [&'a KeyRow<O, V>])) {
        let Some(first) = self.rows.first() else { return };
        let mut keys = Keys::default();
        let key_of: Vec<u32> = self.keys.iter().map(|key| keys.number(Key::hashed(key, keys::hash(key)))).collect();
        let mut ends = vec![0_usize; keys.len() + 1];
        for key in &key_of {
            ends[*key as usize + 1] += 1;
        }
        for key in 1..ends.len() {
            ends[key] += ends[key - 1];
        }
        let mut next = ends.clone();
        let mut by_key: Vec<&KeyRow<O, V>> = vec![first; self.rows.len()];
        for (row, key) in self.rows.iter().zip(&key_of) {
            let slot = &mut next[*key as usize];
            by_key[*slot] = row;
            *slot += 1;
        }
        for bounds in ends.windows(2) {
            each(&mut by_key[bounds[0]..bounds[1]]);
        }
    }
}

/// Fingerprints of columns: XXH3 (128 bits) of their canonical encoding, in which null differs from every
/// value, NaN equals NaN, and −0.0 equals 0.0. Among 10¹² versions of one key two that differ have the same
/// with a chance of about 10⁻¹⁵.
pub(crate) struct Fingerprints {
    converter: Option<RowConverter>,
    /// Columns that have no such encoding are compared as text.
    as_text: Vec<bool>,
}

impl Fingerprints {
    /// Of `columns` of the shape; of none, all rows are equal.
    pub(crate) fn new(shape: &Shape<'_>, columns: &[usize]) -> Result<Self, ArrowError> {
        let schema = shape.schema(columns);
        let types: Vec<DataType> = schema.fields().iter().map(|field| field.data_type().clone()).collect();
        let encodes = |kind: &DataType| RowConverter::supports_fields(&[SortField::new(kind.clone())]);
        let as_text: Vec<bool> = types.iter().map(|kind| !encodes(kind)).collect();
        let field = |(kind, text): (DataType, &bool)| SortField::new(if *text { DataType::Utf8 } else { kind });
        let fields: Vec<SortField> = types.into_iter().zip(&as_text).map(field).collect();
        let converter = (!fields.is_empty()).then(|| RowConverter::new(fields)).transpose()?;
        Ok(Self { converter, as_text })
    }
}

impl Reader<Fingerprint> for Fingerprints {
    fn read(&self, columns: &[ArrayRef], rows: usize) -> Result<Vec<Fingerprint>, ArrowError> {
        let Some(converter) = &self.converter else { return Ok(vec![0; rows]) };
        let encoded = |(array, as_text): (&ArrayRef, &bool)| -> ArrayRef {
            if !as_text {
                return canonical(array);
            }
            let text = |row| batch::render::cell_text(array, row);
            std::sync::Arc::new((0..array.len()).map(text).collect::<StringArray>())
        };
        let columns: Vec<ArrayRef> = columns.iter().zip(&self.as_text).map(encoded).collect();
        let encoded = converter.convert_columns(&columns)?;
        Ok(encoded.iter().map(|row| XxHash3_128::oneshot(row.as_ref())).collect())
    }
}

/// Reads the ends that a source gives its versions.
pub(crate) struct GivenBounds {
    to: Option<Clock>,
    has_flag: bool,
}

impl GivenBounds {
    /// `bounds` are the columns of the end and of the flag, if there are such.
    pub(crate) fn new(shape: &Shape<'_>, bounds: [Option<usize>; 2]) -> Self {
        let to = bounds[0]
            .and_then(|column| Clock::microseconds(shape.schema(&[column]).field(0).data_type(), shape.timezone()));
        Self { to, has_flag: bounds[1].is_some() }
    }
}

impl Reader<Given> for GivenBounds {
    fn read(&self, columns: &[ArrayRef], rows: usize) -> Result<Vec<Given>, ArrowError> {
        let mut given = vec![Given::default(); rows];
        if let (Some(clock), Some(array)) = (self.to, columns.first()) {
            let ends = clock.instants(array)?;
            for (given, end) in given.iter_mut().zip(ends.as_primitive::<Int64Type>()) {
                given.to = end;
            }
        }
        if let Some(array) = columns.last().filter(|_| self.has_flag) {
            for (row, given) in given.iter_mut().enumerate().filter(|(row, _)| !array.is_null(*row)) {
                given.current = Some(prepare::is_set(array, row));
            }
        }
        Ok(given)
    }
}
