//! The next row of a view that has a text. Letters of ASCII are equal in any case, all letters where
//! the text has others.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanBufferBuilder};
use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use regex::bytes::{Regex, RegexBuilder};

use super::readings::Readings;
use super::table::RowTable;
use super::view::{Chosen, View};
use super::window::window;
use super::{Progress, QueryError};
use crate::batch::render;

/// What is looked for, and where.
pub(crate) struct Wanted {
    needle: Needle,
    columns: Vec<usize>,
    /// What identifies it among the views that are kept.
    name: String,
}

enum Needle {
    Ascii { whole: Regex, text: String },
    Any(String),
}

impl Wanted {
    /// `text` in any of these columns.
    pub(crate) fn new(text: &str, columns: Vec<usize>) -> Self {
        let pattern = text
            .is_ascii()
            .then(|| RegexBuilder::new(&regex::escape(text)).unicode(false).case_insensitive(true).build());
        let needle = match pattern {
            Some(Ok(whole)) => Needle::Ascii { whole, text: text.to_ascii_lowercase() },
            _ => Needle::Any(text.to_lowercase()),
        };
        Self { needle, name: format!("\u{0}{columns:?}{text}"), columns }
    }

    fn in_text(&self, text: &str) -> bool {
        match &self.needle {
            Needle::Ascii { whole, .. } => whole.is_match(text.as_bytes()),
            Needle::Any(needle) => text.to_lowercase().contains(needle),
        }
    }

    /// Whether values of a type that is no text can have it at all.
    fn could_be_in(&self, data_type: &DataType) -> bool {
        let Needle::Ascii { text, .. } = &self.needle else { return data_type.is_nested() };
        let of = |letters: &str| text.chars().all(|c| c.is_ascii_digit() || letters.contains(c));
        match data_type {
            other if other.is_integer() || other.is_decimal() => of("-."),
            other if other.is_floating() => of("-.einfa"),
            DataType::Boolean => "true".contains(text.as_str()) || "false".contains(text.as_str()),
            other if other.is_temporal() => of("-:.tz"),
            DataType::Binary | DataType::LargeBinary => of("abcdef"),
            _ => true,
        }
    }

    fn in_array(&self, array: &ArrayRef, found: &mut [Option<usize>], at: usize) {
        let mut set = |row: usize, has: bool| {
            if has && found[row].is_none() {
                found[row] = Some(at);
            }
        };
        match array.data_type() {
            DataType::Utf8 => {
                let texts = array.as_string::<i32>();
                if let Needle::Ascii { whole, .. } = &self.needle {
                    let offsets = texts.value_offsets();
                    let (Some(first), Some(last)) = (offsets.first(), offsets.last()) else { return };
                    let range = usize::try_from(*first).unwrap_or(0)..usize::try_from(*last).unwrap_or(0);
                    // One look over all texts at once is enough where none has it.
                    if !texts.value_data().get(range).is_some_and(|bytes| whole.is_match(bytes)) {
                        return;
                    }
                }
                for row in 0..texts.len() {
                    set(row, texts.is_valid(row) && self.in_text(texts.value(row)));
                }
            }
            other => {
                let text = matches!(other, DataType::LargeUtf8 | DataType::Utf8View);
                if !text && !self.could_be_in(other) {
                    return;
                }
                for row in 0..array.len() {
                    set(row, render::cell_text(array, row).is_some_and(|text| self.in_text(&text)));
                }
            }
        }
    }

    /// For each row the first of the columns that has it.
    fn in_batch(&self, batch: &RecordBatch) -> Vec<Option<usize>> {
        let mut found = vec![None; batch.num_rows()];
        for (at, array) in batch.columns().iter().enumerate() {
            self.in_array(array, &mut found, at);
        }
        found
    }
}

/// The next place of `view` from `from` on, itself included, that has it, with the column.
pub(crate) fn find(
    readings: &Readings,
    table: &RowTable,
    view: &View,
    wanted: &Wanted,
    (from, backwards): (u64, bool),
    progress: &mut Progress<'_>,
) -> Result<Option<(u64, usize)>, QueryError> {
    let total = view.total();
    if total == 0 || wanted.columns.is_empty() || (from >= total && !backwards) {
        return Ok(None);
    }
    let from = from.min(total - 1);
    let View::Sorted(places) = view else {
        return in_order(readings, table, view, wanted, (from, backwards), progress);
    };
    let hits = hits(readings, table, wanted, progress)?;
    let View::Some(bits) = hits.as_ref() else { return Ok(None) };
    let from = usize::try_from(from).unwrap_or(usize::MAX);
    let has = |at: &usize| bits.has(u64::from(places[*at]));
    let found = if backwards { (0..=from).rev().find(has) } else { (from..places.len()).find(has) };
    let Some(place) = found else { return Ok(None) };
    let row = window(readings, table, view, &wanted.columns, (place as u64, 1), None)?.batch;
    Ok(wanted.in_batch(&row).first().copied().flatten().map(|at| (place as u64, wanted.columns[at])))
}

/// How many rows of `view` have it, and how many of them are before the place `from`.
pub(crate) fn count(
    readings: &Readings,
    table: &RowTable,
    view: &View,
    wanted: &Wanted,
    from: u64,
    progress: &mut Progress<'_>,
) -> Result<(u64, u64), QueryError> {
    let hits = hits(readings, table, wanted, progress)?;
    let View::Some(bits) = hits.as_ref() else { return Ok((0, 0)) };
    Ok(match view {
        View::All(_) => (bits.count(), bits.rank(from)),
        View::Some(seen) => {
            let both = seen.and(bits);
            (both.count(), view.row_at(from).map_or(both.count(), |row| both.rank(row)))
        }
        View::Sorted(places) => {
            let of = |places: &[u32]| places.iter().filter(|row| bits.has(u64::from(**row))).count() as u64;
            let from = usize::try_from(from).unwrap_or(usize::MAX).min(places.len());
            (of(places), of(&places[..from]))
        }
    })
}

/// One bit for each row of the table, kept for the next question.
fn hits(
    readings: &Readings,
    table: &RowTable,
    wanted: &Wanted,
    progress: &mut Progress<'_>,
) -> Result<Arc<View>, QueryError> {
    let key = (table.serial, wanted.name.clone(), Vec::new());
    if let Some(bits) = readings.view(&key) {
        return Ok(bits);
    }
    let bits = Arc::new(View::Some(everywhere(readings, table, wanted, progress)?));
    readings.keep_view(key, bits.clone());
    Ok(bits)
}

/// One bit for each row of the table.
fn everywhere(
    readings: &Readings,
    table: &RowTable,
    wanted: &Wanted,
    progress: &mut Progress<'_>,
) -> Result<Chosen, QueryError> {
    progress.begin("find", table.rows);
    let columns: Vec<_> = wanted.columns.iter().map(|column| table.columns[*column].clone()).collect();
    let mut bits = BooleanBufferBuilder::new(usize::try_from(table.rows).unwrap_or(0));
    for (at, piece) in table.pieces.iter().enumerate() {
        for batch in readings.part(table, at)?.stream(piece, &columns, None)? {
            let (_, batch) = batch?;
            for found in wanted.in_batch(&batch) {
                bits.append(found.is_some());
            }
            progress.step(batch.num_rows() as u64)?;
        }
    }
    Ok(Chosen::new(bits.finish()))
}

/// Looks row by row from a place on; a row group is the most that is read in vain.
fn in_order(
    readings: &Readings,
    table: &RowTable,
    view: &View,
    wanted: &Wanted,
    (from, backwards): (u64, bool),
    progress: &mut Progress<'_>,
) -> Result<Option<(u64, usize)>, QueryError> {
    let Some(first) = view.row_at(from) else { return Ok(None) };
    progress.begin("find", if backwards { first + 1 } else { table.rows - first });
    let columns: Vec<_> = wanted.columns.iter().map(|column| table.columns[*column].clone()).collect();
    let mut pieces: Vec<usize> = (0..table.pieces.len()).collect();
    if backwards {
        pieces.reverse();
    }
    for at in pieces {
        let piece = &table.pieces[at];
        let end = piece.start + piece.part.rows;
        if if backwards { piece.start > first } else { end <= first } {
            continue;
        }
        let part = readings.part(table, at)?;
        for groups in steps(
            part.metadata().map(parquet::arrow::arrow_reader::ArrowReaderMetadata::metadata),
            piece.start,
            first,
            backwards,
        ) {
            let mut last = None;
            for batch in part.stream(piece, &columns, groups.as_deref())? {
                let (start, batch) = batch?;
                let start = piece.start + start;
                if start + (batch.num_rows() as u64) <= first && !backwards {
                    continue;
                }
                if start > first && backwards {
                    break;
                }
                progress.step(batch.num_rows() as u64)?;
                let mask = view.mask(start, batch.num_rows());
                let seen = |row: usize| mask.as_ref().is_none_or(|mask| mask.value(row));
                for (row, column) in wanted.in_batch(&batch).into_iter().enumerate() {
                    let number = start + row as u64;
                    let Some(column) = column.filter(|_| seen(row)) else { continue };
                    if backwards && number <= first {
                        last = Some((number, column));
                    } else if !backwards && number >= first {
                        return Ok(Some((view.place_of(number), wanted.columns[column])));
                    }
                }
            }
            if let Some((number, column)) = last {
                return Ok(Some((view.place_of(number), wanted.columns[column])));
            }
        }
    }
    Ok(None)
}

/// Which row groups to read together, in turn. Forwards those from `first` on; backwards each by itself.
fn steps(
    metadata: Option<&Arc<parquet::file::metadata::ParquetMetaData>>,
    start: u64,
    first: u64,
    backwards: bool,
) -> Vec<Option<Vec<bool>>> {
    let Some(metadata) = metadata else { return vec![None] };
    let mut at = start;
    let ranges: Vec<(u64, u64)> = metadata
        .row_groups()
        .iter()
        .map(|group| {
            let begin = at;
            at += group.num_rows().unsigned_abs();
            (begin, at)
        })
        .collect();
    if !backwards {
        return vec![Some(ranges.iter().map(|(_, end)| *end > first).collect())];
    }
    let before = ranges.iter().enumerate().rev().filter(|(_, (begin, _))| *begin <= first);
    before.map(|(only, _)| Some((0..ranges.len()).map(|at| at == only).collect())).collect()
}
