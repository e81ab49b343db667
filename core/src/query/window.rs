//! Windows of rows, single rows and single values of a view.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, GenericByteBuilder, RecordBatchOptions};
use arrow::compute::interleave;
use arrow::datatypes::{BinaryType, ByteArrayType, DataType, LargeBinaryType, LargeUtf8Type, Schema, Utf8Type};
use arrow::record_batch::RecordBatch;

use super::parts::OpenPart;
use super::readings::Readings;
use super::table::RowTable;
use super::{QueryError, View};
use crate::api::wire::{CellValue, Count};
use crate::batch::render;

/// Bytes of a window, about: wide rows come in fewer.
const WINDOW_BYTES: usize = 64 << 20;
/// Parts that are asked how large they are.
const MANY_PARTS: usize = 64;
/// Blocks that are decoded for one window before it is asked whether they would stay.
const FEW_BLOCKS: usize = 16;
/// Bytes of a value in the answer to `row`.
const ROW_CELL: usize = 64 << 10;
/// Bytes of a value in the answer to `cell`.
const CELL: usize = 4 << 20;

/// Rows next to each other in a view.
#[derive(Debug)]
pub(crate) struct Window {
    /// The rows.
    pub(crate) batch: RecordBatch,
    /// Whether a value was cut.
    pub(crate) cut: bool,
}

/// The rows of `view` from `offset` on, at most `limit`, with these columns. Values of text and bytes are
/// cut to `cut` bytes. Fewer rows come where they are very wide, but at least one.
pub(crate) fn window(
    readings: &Readings,
    table: &RowTable,
    view: &View,
    columns: &[usize],
    (offset, limit): (u64, usize),
    cut: Option<usize>,
) -> Result<Window, QueryError> {
    let end = view.total().min(offset.saturating_add(limit as u64));
    let rows: Vec<u64> = (offset..end).filter_map(|place| view.row_at(place)).collect();
    let fields: Vec<_> = columns.iter().map(|column| table.schema.field(*column).clone()).collect();
    let schema = Arc::new(Schema::new(fields));
    if rows.is_empty() {
        return Ok(Window { batch: RecordBatch::new_empty(schema), cut: false });
    }
    let mut gather = Gather { readings, table, columns, cut, sources: Vec::new(), known: HashMap::new(), bytes: 0 };
    let mut places: Vec<(usize, usize)> = Vec::with_capacity(rows.len());
    let matter = gather.matter(&rows)?;
    for (at, row) in rows.iter().enumerate() {
        places.push(gather.place(*row, matter.as_ref())?);
        // The average of what was touched so far stands for the row.
        if gather.width() * (at + 1) > WINDOW_BYTES {
            break;
        }
    }
    let mut was_cut = false;
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(columns.len());
    for at in 0..columns.len() {
        let sources: Vec<&dyn Array> = gather.sources.iter().map(|source| source.arrays[at].as_ref()).collect();
        was_cut |= gather.sources.iter().any(|source| source.cut[at]);
        arrays.push(interleave(&sources, &places).map_err(|source| QueryError::Compute { source })?);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(places.len()));
    let batch =
        RecordBatch::try_new_with_options(schema, arrays, &options).map_err(|source| QueryError::Compute { source })?;
    Ok(Window { batch, cut: was_cut })
}

/// Brings rows together from the blocks they are in.
struct Gather<'a> {
    readings: &'a Readings,
    table: &'a RowTable,
    columns: &'a [usize],
    cut: Option<usize>,
    sources: Vec<Gathered>,
    /// Which source a block is: piece and block.
    known: HashMap<(usize, u32), usize>,
    bytes: usize,
}

struct Gathered {
    rows: usize,
    arrays: Vec<ArrayRef>,
    cut: Vec<bool>,
}

/// Rows that were read for themselves, without their blocks: row of the table to source and place.
type Alone = HashMap<u64, (usize, usize)>;

impl Gather<'_> {
    fn width(&self) -> usize {
        self.bytes / self.sources.iter().map(|source| source.rows).sum::<usize>().max(1)
    }

    fn add(&mut self, arrays: Vec<ArrayRef>) -> usize {
        let rows = arrays.first().map_or(1, Array::len);
        let (mut kept, mut cut) = (Vec::new(), Vec::new());
        for array in arrays {
            let (array, was) = match self.cut {
                Some(limit) => cut_values(&array, limit),
                None => (array, false),
            };
            self.bytes += array.get_array_memory_size();
            kept.push(array);
            cut.push(was);
        }
        self.sources.push(Gathered { rows, arrays: kept, cut });
        self.sources.len() - 1
    }

    /// Rows that lie so far apart that their blocks would not stay are read for themselves.
    fn matter(&mut self, rows: &[u64]) -> Result<Option<Alone>, QueryError> {
        let mut blocks: HashMap<(usize, u32), Range<u64>> = HashMap::new();
        for row in rows {
            let Some((piece, at)) = self.table.locate(*row) else { continue };
            let part = self.readings.part(self.table, piece)?;
            let (block, range) = part.block_of(&self.table.pieces[piece], at)?;
            blocks.insert((piece, block), range);
        }
        let missing = blocks
            .iter()
            .filter(|((piece, block), _)| {
                let key = |column: &usize| (self.table.serial, *piece, *column, *block);
                self.columns.iter().any(|column| !self.readings.has_block(&key(column)))
            })
            .count();
        if missing <= FEW_BLOCKS || self.fits()? {
            return Ok(None);
        }
        let mut by_piece: std::collections::BTreeMap<usize, Vec<u64>> = std::collections::BTreeMap::new();
        for row in rows {
            if let Some((piece, at)) = self.table.locate(*row) {
                by_piece.entry(piece).or_default().push(at);
            }
        }
        let wanted: Vec<_> = self.columns.iter().map(|column| self.table.columns[*column].clone()).collect();
        let mut alone = Alone::new();
        for (piece, mut places) in by_piece {
            let (of, part) = (&self.table.pieces[piece], self.readings.part(self.table, piece)?);
            if !part.is_random() {
                continue;
            }
            places.sort_unstable();
            places.dedup();
            let mut ranges: Vec<Range<u64>> = Vec::new();
            for place in &places {
                match ranges.last_mut() {
                    Some(last) if last.end == *place => last.end += 1,
                    _ => ranges.push(*place..place + 1),
                }
            }
            let batch = part.some(of, &wanted, &ranges)?;
            let source = self.add(batch.columns().to_vec());
            alone.extend(places.iter().enumerate().map(|(at, place)| (of.start + place, (source, at))));
        }
        Ok(Some(alone))
    }

    /// Whether all blocks of these columns would stay once they are decoded.
    fn fits(&self) -> Result<bool, QueryError> {
        // Opening so many only to ask would take longer than reading the rows.
        if self.table.pieces.len() > MANY_PARTS {
            return Ok(false);
        }
        let mut bytes = 0_u64;
        for piece in 0..self.table.pieces.len() {
            let part = self.readings.part(self.table, piece)?;
            let rows = self.table.pieces[piece].part.rows;
            // Eight bytes a value, and the texts: those of a dictionary are as long when decoded.
            bytes += rows * 8 * self.columns.len() as u64 + self.texts(&part);
            if bytes > Readings::room() as u64 / 2 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn texts(&self, part: &OpenPart) -> u64 {
        let Some(metadata) = part.metadata() else { return 0 };
        let named = |path: &str| self.columns.iter().any(|column| self.table.columns[*column].name == path);
        let chunks =
            metadata.metadata().row_groups().iter().flat_map(parquet::file::metadata::RowGroupMetaData::columns);
        chunks
            .filter(|chunk| named(&chunk.column_path().string()))
            .filter_map(parquet::file::metadata::ColumnChunkMetaData::unencoded_byte_array_data_bytes)
            .map(i64::unsigned_abs)
            .sum()
    }

    fn place(&mut self, row: u64, alone: Option<&Alone>) -> Result<(usize, usize), QueryError> {
        if let Some(place) = alone.and_then(|alone| alone.get(&row)) {
            return Ok(*place);
        }
        let none = || QueryError::NoRow { row: row + 1, total: self.table.rows };
        let (piece, at) = self.table.locate(row).ok_or_else(none)?;
        let part = self.readings.part(self.table, piece)?;
        let (block, range) = part.block_of(&self.table.pieces[piece], at)?;
        let source = if let Some(source) = self.known.get(&(piece, block)) {
            *source
        } else {
            let arrays = self.readings.block(self.table, piece, self.columns, (block, &range))?;
            let source = self.add(arrays);
            self.known.insert((piece, block), source);
            source
        };
        Ok((source, usize::try_from(at - range.start).unwrap_or(0)))
    }
}

/// Values longer than `limit` bytes, cut between characters and marked.
fn cut_values(array: &ArrayRef, limit: usize) -> (ArrayRef, bool) {
    match array.data_type() {
        DataType::Utf8 => cut_bytes::<Utf8Type>(array, limit),
        DataType::LargeUtf8 => cut_bytes::<LargeUtf8Type>(array, limit),
        DataType::Binary => cut_bytes::<BinaryType>(array, limit),
        DataType::LargeBinary => cut_bytes::<LargeBinaryType>(array, limit),
        DataType::List(_) | DataType::LargeList(_) | DataType::Struct(_) | DataType::Map(_, _) => {
            // A nested value is shown as text; its parts may be long.
            (array.clone(), false)
        }
        _ => (array.clone(), false),
    }
}

fn cut_bytes<T: Cut>(array: &ArrayRef, limit: usize) -> (ArrayRef, bool) {
    let bytes = array.as_bytes::<T>();
    let long = |row: usize| AsRef::<[u8]>::as_ref(bytes.value(row)).len() > limit;
    if !(0..bytes.len()).any(|row| bytes.is_valid(row) && long(row)) {
        return (array.clone(), false);
    }
    let mut cut = GenericByteBuilder::<T>::new();
    for row in 0..bytes.len() {
        if bytes.is_null(row) {
            cut.append_null();
        } else if long(row) {
            T::cut(bytes.value(row), limit, &mut cut);
        } else {
            cut.append_value(bytes.value(row));
        }
    }
    (Arc::new(cut.finish()), true)
}

trait Cut: ByteArrayType + Sized {
    fn cut(value: &Self::Native, limit: usize, into: &mut GenericByteBuilder<Self>);
}

macro_rules! cut_text {
    ($($type:ty),+) => {$(
        impl Cut for $type {
            fn cut(value: &str, limit: usize, into: &mut GenericByteBuilder<Self>) {
                let end = value.floor_char_boundary(limit);
                into.append_value(format!("{}…", &value[..end]));
            }
        }
    )+};
}

macro_rules! cut_binary {
    ($($type:ty),+) => {$(
        impl Cut for $type {
            fn cut(value: &[u8], limit: usize, into: &mut GenericByteBuilder<Self>) {
                into.append_value(&value[..limit.min(value.len())]);
            }
        }
    )+};
}

cut_text!(Utf8Type, LargeUtf8Type);
cut_binary!(BinaryType, LargeBinaryType);

/// One row: where it is, and all its values.
pub(crate) struct RowFound {
    pub(crate) partition: String,
    pub(crate) file: String,
    pub(crate) row_of_file: u64,
    pub(crate) cells: Vec<CellValue>,
}

/// The row at a place of the view.
pub(crate) fn row(readings: &Readings, table: &RowTable, view: &View, place: u64) -> Result<RowFound, QueryError> {
    let columns: Vec<usize> = (0..table.columns.len()).collect();
    let none = || QueryError::NoRow { row: place + 1, total: view.total() };
    let number = view.row_at(place).ok_or_else(none)?;
    let (piece, row_of_file) = table.locate(number).ok_or_else(none)?;
    let Window { batch, .. } = window(readings, table, view, &columns, (place, 1), None)?;
    let cells = batch.columns().iter().enumerate().map(|(at, array)| value(table, at, array.as_ref(), 0, ROW_CELL));
    Ok(RowFound {
        partition: table.pieces[piece].id.clone(),
        file: table.pieces[piece].part.path.clone(),
        row_of_file,
        cells: cells.collect(),
    })
}

/// A value, or the piece of its text that starts at byte `from`.
pub(crate) fn cell(
    readings: &Readings,
    table: &RowTable,
    view: &View,
    (place, column): (u64, usize),
    (from, limit): (u64, usize),
) -> Result<CellValue, QueryError> {
    let Window { batch, .. } = window(readings, table, view, &[column], (place, 1), None)?;
    if batch.num_rows() == 0 {
        return Err(QueryError::NoRow { row: place + 1, total: view.total() });
    }
    Ok(value(table, column, batch.column(0).as_ref(), from, limit.min(CELL)))
}

fn value(table: &RowTable, column: usize, array: &dyn Array, from: u64, limit: usize) -> CellValue {
    let text = render::cell_text(array, 0);
    let bytes = text.as_ref().map_or(0, String::len);
    let start = usize::try_from(from).unwrap_or(usize::MAX).min(bytes);
    let text = text.map(|text| {
        let start = text.floor_char_boundary(start);
        let end = text.floor_char_boundary(start.saturating_add(limit));
        text[start..end].to_owned()
    });
    let cut = text.as_ref().is_some_and(|text| text.len() < bytes);
    let of = &table.columns[column];
    CellValue { column: of.name.clone(), data_type: of.type_name.clone(), text, bytes: Count(bytes as u64), cut }
}
