//! One part, open: blocks of its rows at any place, or all of them as a stream.
//!
//! A block is what is decoded at once. In Parquet all blocks but the last have the same number of
//! rows; in CSV they are what is read at once from the start, whose places become known on the way.

use std::io::{Cursor, Read};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use arrow::compute::concat_batches;
use arrow::record_batch::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
    RowSelector,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData};

use super::table::Piece;
use super::{PartShape, QueryError, csv_schema, roots};
use crate::batch::reread::Reread;
use crate::batch::size;
use crate::publish::{CheckedPart, Column, Reading};
use crate::storage::{Opened, StorageError};

/// Longest header of a CSV part.
const HEADER: u64 = 4 << 20;

/// An open part.
#[derive(Debug)]
pub(super) struct OpenPart {
    form: Form,
    /// For all rows.
    part: CheckedPart,
    rows: u64,
}

#[derive(Debug)]
enum Form {
    Parquet {
        /// For rows here and there.
        file: Opened,
        metadata: ArrowReaderMetadata,
        /// Rows of a block.
        block: u64,
    },
    Csv {
        file: Opened,
        header: Vec<u8>,
        names: Vec<String>,
        index: Mutex<Index>,
    },
}

/// Where the blocks of a CSV part start: row and byte.
#[derive(Debug)]
struct Index {
    starts: Vec<(u64, u64)>,
    /// The last start is the end of the file.
    complete: bool,
}

/// Batches of one part, each with the place of its first row in it.
pub(super) type Stream = Box<dyn Iterator<Item = Result<(u64, RecordBatch), QueryError>> + Send>;

fn damaged(piece: &Piece, file: &Opened) -> impl Fn(ParquetError) -> QueryError + Send + Clone + 'static {
    super::damaged(&piece.partition, &piece.part, file)
}

fn broken(piece: &Piece) -> impl Fn(std::io::Error) -> QueryError + Send + 'static {
    let part = piece.part.path.clone();
    move |source| super::no_csv(&part, source)
}

impl OpenPart {
    pub(super) fn open(piece: &Piece) -> Result<Self, QueryError> {
        let part = super::open(&piece.partition, &piece.part)?;
        let file = part.reading(Reading::Pieces);
        let rows = piece.part.rows;
        if piece.part.format == "csv" {
            let key = piece.partition.key(&piece.part.path);
            let unread = |source| StorageError::Read { place: piece.partition.store().place(&key), source };
            let (header, names) = header(&file).map_err(|source| super::refused(&piece.part.path, unread(source)))?;
            let start = header.len() as u64;
            let index = Mutex::new(Index { starts: vec![(0, start)], complete: false });
            return Ok(Self { form: Form::Csv { file, header, names, index }, part, rows });
        }
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
        let metadata = ArrowReaderMetadata::load(&file, options).map_err(damaged(piece, &file))?;
        let block = size::parquet_rows(metadata.metadata()) as u64;
        let told: u64 = metadata.metadata().row_groups().iter().map(|group| group.num_rows().unsigned_abs()).sum();
        if told != rows {
            let said = format!("it has {told} rows, not the {rows} that were committed");
            return Err(damaged(piece, &file)(ParquetError::General(said)));
        }
        Ok(Self { form: Form::Parquet { file, metadata, block }, part, rows })
    }

    /// Metadata of a Parquet part.
    pub(super) fn metadata(&self) -> Option<&ArrowReaderMetadata> {
        match &self.form {
            Form::Parquet { metadata, .. } => Some(metadata),
            Form::Csv { .. } => None,
        }
    }

    /// Whether any row can be had without reading those before it.
    pub(super) fn is_random(&self) -> bool {
        matches!(self.form, Form::Parquet { .. })
    }

    /// The block of a row, and the rows of that block.
    pub(super) fn block_of(&self, piece: &Piece, row: u64) -> Result<(u32, Range<u64>), QueryError> {
        match &self.form {
            Form::Parquet { block, .. } => {
                let number = row / block;
                let number = u32::try_from(number).unwrap_or(u32::MAX);
                let start = u64::from(number) * block;
                Ok((number, start..(start + block).min(self.rows)))
            }
            Form::Csv { file, header, index, .. } => {
                let mut index = index.lock().unwrap_or_else(PoisonError::into_inner);
                index.reach(row, file, header, piece)?;
                let at = index.starts.partition_point(|(start, _)| *start <= row).saturating_sub(1);
                let start = index.starts[at].0;
                let end = index.starts.get(at + 1).map_or(self.rows, |(start, _)| *start);
                Ok((u32::try_from(at).unwrap_or(u32::MAX), start..end))
            }
        }
    }

    /// The rows of one block with these columns. `rows` are those of [`Self::block_of`].
    pub(super) fn block(
        &self,
        piece: &Piece,
        columns: &[Column],
        block: u32,
        rows: &Range<u64>,
    ) -> Result<RecordBatch, QueryError> {
        let raw = match &self.form {
            Form::Parquet { .. } => self.rows(piece, columns, std::slice::from_ref(rows))?,
            Form::Csv { file, header, names, index } => {
                let start = index.lock().unwrap_or_else(PoisonError::into_inner).starts[block as usize].1;
                let mut reread =
                    Reread::new(resumed(file, header, start, piece)?, csv_schema(&piece.part, columns, Some(names)));
                let batch = reread.next_batch().map_err(broken(piece))?;
                let few = || broken(piece)(std::io::ErrorKind::UnexpectedEof.into());
                let batch = batch.ok_or_else(few)?;
                let count = usize::try_from(rows.end - rows.start).unwrap_or(usize::MAX);
                if batch.num_rows() < count {
                    return Err(few());
                }
                batch.slice(0, count)
            }
        };
        PartShape::new(&piece.part.path, columns, piece.outside.clone()).apply(&raw)
    }

    /// Exactly these rows of a Parquet part, ascending; as they are in the file.
    fn rows(&self, piece: &Piece, columns: &[Column], rows: &[Range<u64>]) -> Result<RecordBatch, QueryError> {
        let Form::Parquet { file, metadata, .. } = &self.form else {
            return Err(broken(piece)(std::io::ErrorKind::Unsupported.into()));
        };
        let (groups, selection) = selected(metadata.metadata(), rows);
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file.clone(), metadata.clone());
        let mask = ProjectionMask::roots(builder.parquet_schema(), roots(builder.schema(), columns));
        let count: u64 = rows.iter().map(|range| range.end - range.start).sum();
        let reader = builder
            .with_projection(mask)
            .with_row_groups(groups)
            .with_row_selection(selection)
            .with_batch_size(usize::try_from(count).unwrap_or(usize::MAX).clamp(1, size::MOST_ROWS))
            .build()
            .map_err(damaged(piece, file))?;
        let schema = {
            use arrow::record_batch::RecordBatchReader as _;
            reader.schema()
        };
        let batches = reader.collect::<Result<Vec<_>, _>>().map_err(|error| damaged(piece, file)(error.into()))?;
        match batches.as_slice() {
            [one] => Ok(one.clone()),
            several => concat_batches(&schema, several)
                .map_err(|source| QueryError::Shape { part: piece.part.path.clone(), source }),
        }
    }

    /// Exactly these rows of a Parquet part with these columns, ascending, without their neighbours.
    pub(super) fn some(
        &self,
        piece: &Piece,
        columns: &[Column],
        rows: &[Range<u64>],
    ) -> Result<RecordBatch, QueryError> {
        let raw = self.rows(piece, columns, rows)?;
        PartShape::new(&piece.part.path, columns, piece.outside.clone()).apply(&raw)
    }

    /// All rows as a stream. `groups` says which row groups of a Parquet part are worth reading.
    pub(super) fn stream(
        &self,
        piece: &Piece,
        columns: &[Column],
        groups: Option<&[bool]>,
    ) -> Result<Stream, QueryError> {
        let shape = PartShape::new(&piece.part.path, columns, piece.outside.clone());
        match &self.form {
            Form::Parquet { metadata, .. } => {
                let file = self.part.reading(Reading::Through);
                let mut readers = Vec::new();
                let mut start = 0;
                for (at, group) in metadata.metadata().row_groups().iter().enumerate() {
                    let rows = group.num_rows().unsigned_abs();
                    if groups.is_none_or(|groups| groups.get(at).copied().unwrap_or(true)) {
                        readers.push((start, at));
                    }
                    start += rows;
                }
                let (metadata, columns) = (metadata.clone(), columns.to_vec());
                let damaged = damaged(piece, &file);
                let batch_rows = size::parquet_rows(metadata.metadata());
                let open = move |group: usize| -> Result<ParquetRecordBatchReader, ParquetError> {
                    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file.clone(), metadata.clone());
                    let mask = ProjectionMask::roots(builder.parquet_schema(), roots(builder.schema(), &columns));
                    builder.with_projection(mask).with_row_groups(vec![group]).with_batch_size(batch_rows).build()
                };
                let mut waiting = readers.into_iter();
                let mut current: Option<(u64, ParquetRecordBatchReader)> = None;
                Ok(Box::new(std::iter::from_fn(move || {
                    loop {
                        if let Some((at, reader)) = &mut current {
                            match reader.next() {
                                Some(Ok(batch)) => {
                                    let start = *at;
                                    *at += batch.num_rows() as u64;
                                    return Some(shape.apply(&batch).map(|batch| (start, batch)));
                                }
                                Some(Err(error)) => return Some(Err(damaged(error.into()))),
                                None => current = None,
                            }
                        }
                        let (start, group) = waiting.next()?;
                        match open(group) {
                            Ok(reader) => current = Some((start, reader)),
                            Err(error) => return Some(Err(damaged(error))),
                        }
                    }
                })))
            }
            Form::Csv { file, header, names, .. } => {
                let start = header.len() as u64;
                let mut reread =
                    Reread::new(resumed(file, header, start, piece)?, csv_schema(&piece.part, columns, Some(names)));
                let broken = broken(piece);
                let mut at = 0;
                Ok(Box::new(std::iter::from_fn(move || {
                    let batch = match reread.next_batch().map_err(&broken) {
                        Ok(batch) => batch?,
                        Err(error) => return Some(Err(error)),
                    };
                    let start = at;
                    at += batch.num_rows() as u64;
                    Some(shape.apply(&batch).map(|batch| (start, batch)))
                })))
            }
        }
    }
}

impl Index {
    /// Goes on until the block of `row` is known.
    fn reach(&mut self, row: u64, file: &Opened, header: &[u8], piece: &Piece) -> Result<(), QueryError> {
        let Some(&(last, byte)) = self.starts.last() else { return Ok(()) };
        if self.complete || row < last {
            return Ok(());
        }
        let empty = csv_schema(&piece.part, &[], None);
        let mut reread = Reread::new(resumed(file, header, byte, piece)?, empty);
        let (mut at, first) = (last, header.len() as u64);
        while at <= row {
            let Some(batch) = reread.next_batch().map_err(broken(piece))? else {
                self.complete = true;
                break;
            };
            at += batch.num_rows() as u64;
            self.starts.push((at, byte + reread.position() - first));
        }
        Ok(())
    }
}

/// A CSV part from a place behind its header, with the header in front.
fn resumed(file: &Opened, header: &[u8], start: u64, piece: &Piece) -> Result<impl Read + Send + 'static, QueryError> {
    let rest = file.0.reader(start).map_err(broken(piece))?;
    Ok(Cursor::new(header.to_vec()).chain(rest))
}

/// The first record of a CSV part with its line end, and its fields.
fn header(file: &Opened) -> std::io::Result<(Vec<u8>, Vec<String>)> {
    let mut text = Vec::new();
    let mut reader = file.0.reader(0)?.take(HEADER);
    let (mut names, mut name, mut quoted, mut at) = (Vec::new(), Vec::new(), false, 0);
    loop {
        if at == text.len() && (&mut reader).take(1 << 16).read_to_end(&mut text)? == 0 {
            break;
        }
        let byte = text[at];
        at += 1;
        match byte {
            b'"' => {
                // A doubled quote closes and opens again.
                if !quoted && at >= 2 && text[at - 2] == b'"' {
                    name.push(byte);
                }
                quoted = !quoted;
            }
            b',' if !quoted => names.push(std::mem::take(&mut name)),
            b'\r' if !quoted => {}
            b'\n' if !quoted => break,
            _ => name.push(byte),
        }
    }
    names.push(name);
    text.truncate(at);
    Ok((text, names.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect()))
}

/// The row groups that have these rows, and which of their rows those are.
fn selected(metadata: &ParquetMetaData, rows: &[Range<u64>]) -> (Vec<usize>, RowSelection) {
    let (mut groups, mut selectors) = (Vec::new(), Vec::new());
    let mut wanted = rows.iter().cloned().peekable();
    let mut start = 0;
    for (at, group) in metadata.row_groups().iter().enumerate() {
        let end = start + group.num_rows().unsigned_abs();
        let mut here = start;
        while let Some(range) = wanted.peek_mut() {
            if range.start >= end {
                break;
            }
            let stop = range.end.min(end);
            let count = |from: u64, to: u64| usize::try_from(to - from).unwrap_or(usize::MAX);
            selectors.push(RowSelector::skip(count(here, range.start)));
            selectors.push(RowSelector::select(count(range.start, stop)));
            here = stop;
            if range.end > end {
                range.start = end;
                break;
            }
            wanted.next();
        }
        if here > start {
            groups.push(at);
            selectors.push(RowSelector::skip(usize::try_from(end - here).unwrap_or(usize::MAX)));
        }
        start = end;
    }
    selectors.retain(|selector| selector.row_count > 0);
    (groups, RowSelection::from(selectors))
}
