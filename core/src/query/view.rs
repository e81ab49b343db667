//! Which rows of a table are seen, and in which order: a filter leaves one bit for each row, a sort the
//! place of each row. Nothing else of the rows is kept.

use arrow::array::{Array, ArrayRef, BooleanArray, BooleanBufferBuilder};
use arrow::buffer::BooleanBuffer;
use arrow::compute::{SortOptions, filter_record_batch};
use arrow::datatypes::DataType;
use arrow::row::{RowConverter, SortField};

use super::condition::Condition;
use super::readings::Readings;
use super::table::RowTable;
use super::{Progress, QueryError, matches};

/// Bytes that a sort may keep.
const SORT_BYTES: usize = 768 << 20;
/// The same in words, with the rows that places have room for.
const SORT_LIMIT: &str = "768 MiB of sort keys";
const SORT_ROWS: u64 = u32::MAX as u64;
/// Rows of one count.
const STRIDE: usize = 4_096;

/// Rows of a table in an order.
#[derive(Debug)]
pub(crate) enum View {
    /// All, as they were written.
    All(u64),
    /// Some, as they were written.
    Some(Chosen),
    /// In another order.
    Sorted(Vec<u32>),
}

/// One bit for each row.
#[derive(Debug)]
pub(crate) struct Chosen {
    bits: BooleanBuffer,
    /// Chosen rows before each stride.
    before: Vec<u64>,
    count: u64,
}

impl Chosen {
    pub(super) fn new(bits: BooleanBuffer) -> Self {
        let (mut before, mut count, mut at) = (Vec::new(), 0, 0);
        while at < bits.len() {
            before.push(count);
            let length = STRIDE.min(bits.len() - at);
            count += bits.slice(at, length).count_set_bits() as u64;
            at += length;
        }
        Self { bits, before, count }
    }

    /// Whether a row is chosen.
    pub(super) fn has(&self, row: u64) -> bool {
        usize::try_from(row).is_ok_and(|row| row < self.bits.len() && self.bits.value(row))
    }

    /// The `number`-th chosen row.
    fn nth(&self, number: u64) -> Option<u64> {
        if number >= self.count {
            return None;
        }
        let stride = self.before.partition_point(|before| *before <= number).checked_sub(1)?;
        let start = stride * STRIDE;
        let bits = self.bits.slice(start, STRIDE.min(self.bits.len() - start));
        let place = usize::try_from(number - self.before[stride]).ok()?;
        bits.set_indices().nth(place).map(|at| (start + at) as u64)
    }

    /// Rows that are chosen.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// The rows that are chosen in both, which are of one table.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self::new(&self.bits & &other.bits)
    }

    /// How many rows before `row` are chosen.
    pub(super) fn rank(&self, row: u64) -> u64 {
        let row = usize::try_from(row).unwrap_or(usize::MAX).min(self.bits.len());
        let stride = row / STRIDE;
        let start = stride * STRIDE;
        self.before
            .get(stride)
            .map_or(self.count, |before| before + self.bits.slice(start, row - start).count_set_bits() as u64)
    }

    fn mask(&self, from: u64, length: usize) -> BooleanArray {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        BooleanArray::new(self.bits.slice(from, length), None)
    }
}

impl View {
    /// Rows that are seen.
    pub(crate) fn total(&self) -> u64 {
        match self {
            Self::All(rows) => *rows,
            Self::Some(chosen) => chosen.count,
            Self::Sorted(places) => places.len() as u64,
        }
    }

    /// The table's row at a place of the view.
    pub(crate) fn row_at(&self, place: u64) -> Option<u64> {
        match self {
            Self::All(rows) => (place < *rows).then_some(place),
            Self::Some(chosen) => chosen.nth(place),
            Self::Sorted(places) => places.get(usize::try_from(place).ok()?).map(|row| u64::from(*row)),
        }
    }

    /// The place of a row of the table that is seen; not for sorted views.
    pub(super) fn place_of(&self, row: u64) -> u64 {
        match self {
            Self::All(_) | Self::Sorted(_) => row,
            Self::Some(chosen) => chosen.rank(row),
        }
    }

    /// The bits of seen rows `from..from + length` of the table; `None`: all of them. Not for sorted views.
    pub(super) fn mask(&self, from: u64, length: usize) -> Option<BooleanArray> {
        match self {
            Self::All(_) | Self::Sorted(_) => None,
            Self::Some(chosen) => Some(chosen.mask(from, length)),
        }
    }

    /// Memory it takes.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::All(_) => 0,
            Self::Some(chosen) => chosen.bits.len() / 8 + chosen.before.len() * 8,
            Self::Sorted(places) => places.len() * 4,
        }
    }

    /// Works a view out: first the filter, then the sort of what it leaves.
    pub(crate) fn work_out(
        readings: &Readings,
        table: &RowTable,
        condition: Option<&Condition>,
        sort: &[(usize, bool)],
        progress: &mut Progress<'_>,
    ) -> Result<Self, QueryError> {
        let view = match condition {
            None => Self::All(table.rows),
            Some(condition) => Self::Some(filtered(readings, table, condition, progress)?),
        };
        if sort.is_empty() { Ok(view) } else { sorted(readings, table, &view, sort, progress) }
    }
}

fn filtered(
    readings: &Readings,
    table: &RowTable,
    condition: &Condition,
    progress: &mut Progress<'_>,
) -> Result<Chosen, QueryError> {
    progress.begin("filter", table.rows);
    let needed = condition.columns();
    let columns: Vec<_> = needed.iter().map(|column| table.columns[*column].clone()).collect();
    let place = |column: usize| needed.iter().position(|needed| *needed == column);
    let mut bits = BooleanBufferBuilder::new(usize::try_from(table.rows).unwrap_or(0));
    for (at, piece) in table.pieces.iter().enumerate() {
        let part = readings.part(table, at)?;
        let groups = part.metadata().map(|metadata| matches::worth_reading(condition, table, metadata));
        let length = |bits: &BooleanBufferBuilder| bits.len() as u64 - piece.start;
        for batch in part.stream(piece, &columns, groups.as_deref())? {
            let (start, batch) = batch?;
            // Row groups that cannot have a match were skipped.
            bits.append_n(usize::try_from(start - length(&bits)).unwrap_or(0), false);
            let array = |column: usize| place(column).map(|at| batch.column(at));
            let found = matches::evaluate(condition, &array, batch.num_rows())
                .map_err(|source| QueryError::Compute { source })?;
            match found.nulls() {
                None => bits.append_buffer(found.values()),
                Some(valid) => bits.append_buffer(&(found.values() & valid.inner())),
            }
            progress.step(batch.num_rows() as u64)?;
        }
        let rest = piece.part.rows.saturating_sub(length(&bits));
        bits.append_n(usize::try_from(rest).unwrap_or(0), false);
    }
    Ok(Chosen::new(bits.finish()))
}

fn sorted(
    readings: &Readings,
    table: &RowTable,
    view: &View,
    sort: &[(usize, bool)],
    progress: &mut Progress<'_>,
) -> Result<View, QueryError> {
    let rows = view.total();
    let too_much = || QueryError::TooMuch { rows, limit: SORT_LIMIT };
    if table.rows > SORT_ROWS {
        return Err(too_much());
    }
    let compute = |source| QueryError::Compute { source };
    let columns: Vec<_> = sort.iter().map(|(column, _)| table.columns[*column].clone()).collect();
    let field = |(column, descending): &(usize, bool)| {
        let options = SortOptions { descending: *descending, nulls_first: false };
        SortField::new_with_options(table.columns[*column].arrow.clone(), options)
    };
    let fields: Vec<SortField> = sort.iter().map(field).collect();
    if let Some(column) = columns.iter().find(|column| !is_ordered(&column.arrow)) {
        return Err(QueryError::Unsortable { column: column.name.clone(), data_type: column.type_name.clone() });
    }
    let converter = RowConverter::new(fields).map_err(compute)?;
    let mut keys = converter.empty_rows(0, 0);
    let mut numbers: Vec<u32> = Vec::new();
    progress.begin("sort", table.rows);
    for (at, piece) in table.pieces.iter().enumerate() {
        for batch in readings.part(table, at)?.stream(piece, &columns, None)? {
            let (start, batch) = batch?;
            let first = piece.start + start;
            progress.step(batch.num_rows() as u64)?;
            let mask = view.mask(first, batch.num_rows());
            // Checked above: every row has a number of 32 bits.
            let number = |at: usize| u32::try_from(first + at as u64).unwrap_or(u32::MAX);
            match &mask {
                None => numbers.extend((0..batch.num_rows()).map(number)),
                Some(mask) => numbers.extend(mask.values().set_indices().map(number)),
            }
            let batch = mask.map_or(Ok(batch.clone()), |mask| filter_record_batch(&batch, &mask)).map_err(compute)?;
            let arrays: Vec<ArrayRef> = batch.columns().to_vec();
            converter.append(&mut keys, &arrays).map_err(compute)?;
            if keys.size() + numbers.len() * 20 > SORT_BYTES {
                return Err(too_much());
            }
        }
    }
    // Most comparisons end within the first bytes of a key, which stand beside its number.
    let mut order: Vec<(u64, u32)> = Vec::with_capacity(numbers.len());
    for (at, key) in keys.iter().enumerate() {
        order.push((first_bytes(key.data()), u32::try_from(at).unwrap_or(u32::MAX)));
    }
    progress.step(0)?;
    order.sort_unstable_by(|a, b| {
        let whole = || keys.row(a.1 as usize).data().cmp(keys.row(b.1 as usize).data());
        a.0.cmp(&b.0).then_with(whole).then(a.1.cmp(&b.1))
    });
    Ok(View::Sorted(order.into_iter().map(|(_, at)| numbers[at as usize]).collect()))
}

fn first_bytes(key: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = key.len().min(8);
    bytes[..length].copy_from_slice(&key[..length]);
    u64::from_be_bytes(bytes)
}

fn is_ordered(data_type: &DataType) -> bool {
    !data_type.is_nested() && !matches!(data_type, DataType::Interval(_))
}
