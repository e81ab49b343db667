//! A look into one file: what a Parquet file is made of, or a piece of a text.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::{LogicalType, Repetition, TimeUnit};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, PageIndexPolicy, RowGroupMetaData};
use parquet::schema::printer::print_schema;

use super::QueryError;
use crate::api::wire::{Count, KeyValue, ParquetChunk, ParquetColumn, ParquetGroup, ParquetView, TextPiece};
use crate::batch::render;
use crate::storage::{Key, Opened, StorageError, Store};

/// Bytes of a piece of text at most.
const PIECE: usize = 1 << 20;
/// Bytes of a value of key-value metadata.
const VALUE: usize = 10_000;
/// Characters of a bound.
const SHOWN: usize = 200;

/// What a Parquet file is made of, with the column chunks of one row group.
pub(crate) fn parquet(store: &Arc<dyn Store>, key: &Key, group: u32) -> Result<ParquetView, QueryError> {
    let damaged = |source: ParquetError| QueryError::Parquet { part: key.to_string(), source };
    let file: Opened = store.open(key)?;
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
    let read = ArrowReaderMetadata::load(&file, options).map_err(damaged)?;
    let metadata = read.metadata();
    let about = metadata.file_metadata();
    let mut schema = Vec::new();
    print_schema(&mut schema, about.schema());
    let groups = metadata.row_groups();
    let group = group.min(u32::try_from(groups.len().saturating_sub(1)).unwrap_or(0));
    let footer = footer_bytes(&file).map_err(|source| StorageError::Read { place: store.place(key), source })?;
    let pairs = about.key_value_metadata().into_iter().flatten();
    Ok(ParquetView {
        rows: Count(about.num_rows().unsigned_abs()),
        created_by: about.created_by().unwrap_or_default().to_owned(),
        version: about.version().unsigned_abs(),
        footer_bytes: Count(footer),
        schema: String::from_utf8_lossy(&schema).into_owned(),
        metadata: pairs
            .map(|pair| KeyValue {
                key: pair.key.clone(),
                value: cut(pair.value.as_deref().unwrap_or_default(), VALUE),
            })
            .collect(),
        columns: columns(&read),
        groups: groups.iter().map(group_of).collect(),
        group,
        chunks: groups.get(group as usize).map(|of| chunks(&read, group as usize, of)).unwrap_or_default(),
    })
}

/// The last bytes of a file say how long its metadata is.
fn footer_bytes(file: &Opened) -> std::io::Result<u64> {
    let end = file.0.len();
    let tail = file.0.bytes(end.saturating_sub(8)..end)?;
    let length: Option<[u8; 4]> = tail.get(..4).and_then(|bytes| bytes.try_into().ok());
    Ok(length.map_or(0, |bytes| u64::from(u32::from_le_bytes(bytes))))
}

fn columns(read: &ArrowReaderMetadata) -> Vec<ParquetColumn> {
    let parquet = read.parquet_schema();
    let groups = read.metadata().row_groups();
    (0..parquet.num_columns())
        .map(|leaf| {
            let of = parquet.column(leaf);
            let chunks = || groups.iter().map(|group| group.column(leaf));
            let nulls: Option<u64> = chunks()
                .map(|chunk| chunk.statistics().and_then(parquet::file::statistics::Statistics::null_count_opt))
                .sum();
            let root = of.path().parts().first().map_or("", String::as_str);
            let arrow = read.schema().field_with_name(root).map(|field| field.data_type().to_string());
            let mut compression: Vec<String> = chunks().map(codec).collect();
            compression.sort_unstable();
            compression.dedup();
            let mut encodings: Vec<String> =
                chunks().flat_map(ColumnChunkMetaData::encodings).map(|encoding| encoding.to_string()).collect();
            encodings.sort_unstable();
            encodings.dedup();
            ParquetColumn {
                path: of.path().string(),
                physical: of.physical_type().to_string(),
                logical: of.logical_type_ref().map(meaning),
                arrow: arrow.unwrap_or_default(),
                repetition: match of.self_type().get_basic_info().repetition() {
                    Repetition::REQUIRED => "required",
                    Repetition::OPTIONAL => "optional",
                    Repetition::REPEATED => "repeated",
                }
                .to_owned(),
                compressed: Count(chunks().map(|chunk| chunk.compressed_size().unsigned_abs()).sum()),
                uncompressed: Count(chunks().map(|chunk| chunk.uncompressed_size().unsigned_abs()).sum()),
                nulls: nulls.map(Count),
                compression,
                encodings,
            }
        })
        .collect()
}

/// A logical type in words.
fn meaning(of: &LogicalType) -> String {
    let unit = |unit: TimeUnit| match unit {
        TimeUnit::MILLIS => "milliseconds",
        TimeUnit::MICROS => "microseconds",
        TimeUnit::NANOS => "nanoseconds",
    };
    let utc = |utc: bool| if utc { "UTC" } else { "local time" };
    match of {
        LogicalType::String => "text, UTF-8".to_owned(),
        LogicalType::Map => "map".to_owned(),
        LogicalType::List => "list".to_owned(),
        LogicalType::Enum => "enumeration".to_owned(),
        LogicalType::Decimal(of) => format!("decimal({},{})", of.precision, of.scale),
        LogicalType::Date => "date".to_owned(),
        LogicalType::Time(of) => format!("time of day, {}, {}", unit(of.unit), utc(of.is_adjusted_to_u_t_c)),
        LogicalType::Timestamp(of) => format!("timestamp, {}, {}", unit(of.unit), utc(of.is_adjusted_to_u_t_c)),
        LogicalType::Integer(of) => {
            format!("integer, {} bits, {}", of.bit_width, if of.is_signed { "signed" } else { "unsigned" })
        }
        LogicalType::Unknown => "always null".to_owned(),
        LogicalType::Json => "JSON".to_owned(),
        LogicalType::Bson => "BSON".to_owned(),
        LogicalType::Uuid => "UUID".to_owned(),
        LogicalType::Float16 => "number, 16 bits".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    }
}

fn codec(chunk: &ColumnChunkMetaData) -> String {
    chunk.compression().to_string().to_lowercase()
}

fn group_of(group: &RowGroupMetaData) -> ParquetGroup {
    let name = |leaf: i32| {
        let at = usize::try_from(leaf).ok()?;
        group.columns().get(at).map(|column| column.column_path().string())
    };
    let sorted = group.sorting_columns().into_iter().flatten();
    ParquetGroup {
        rows: Count(group.num_rows().unsigned_abs()),
        compressed: Count(group.compressed_size().unsigned_abs()),
        uncompressed: Count(group.total_byte_size().unsigned_abs()),
        sorted_by: sorted
            .filter_map(|by| {
                let name = name(by.column_idx)?;
                Some(if by.descending { format!("{name} descending") } else { name })
            })
            .collect(),
    }
}

fn chunks(read: &ArrowReaderMetadata, group: usize, of: &RowGroupMetaData) -> Vec<ParquetChunk> {
    let chunk = |(leaf, chunk): (usize, &ColumnChunkMetaData)| {
        let told = chunk.statistics();
        let (least, greatest) = bounds(read, chunk, of);
        let pages = read.metadata().offset_index().and_then(|index| {
            let pages = index.get(group)?.get(leaf)?;
            u32::try_from(pages.page_locations().len()).ok()
        });
        ParquetChunk {
            column: chunk.column_path().string(),
            values: Count(chunk.num_values().unsigned_abs()),
            start: Count(chunk.byte_range().0),
            compressed: Count(chunk.compressed_size().unsigned_abs()),
            uncompressed: Count(chunk.uncompressed_size().unsigned_abs()),
            compression: codec(chunk),
            encodings: chunk.encodings().map(|encoding| encoding.to_string()).collect(),
            nulls: told.and_then(parquet::file::statistics::Statistics::null_count_opt).map(Count),
            distinct: told.and_then(parquet::file::statistics::Statistics::distinct_count_opt).map(Count),
            least,
            greatest,
            exact: told.is_some_and(|told| told.min_is_exact() && told.max_is_exact()),
            pages,
            bloom: chunk.bloom_filter_offset().is_some(),
        }
    };
    of.columns().iter().enumerate().map(chunk).collect()
}

/// Least and greatest in the words of the column's Arrow type; of nested columns, nothing.
fn bounds(
    read: &ArrowReaderMetadata,
    chunk: &ColumnChunkMetaData,
    of: &RowGroupMetaData,
) -> (Option<String>, Option<String>) {
    let path = chunk.column_path();
    let [name] = path.parts() else { return (None, None) };
    let Ok(converter) = StatisticsConverter::try_new(name, read.schema(), read.parquet_schema()) else {
        return (None, None);
    };
    let text = |array: parquet::errors::Result<ArrayRef>| {
        array.ok().filter(|array| array.len() == 1).and_then(|array| render::cell_text(array.as_ref(), 0))
    };
    let shown = |text: String| cut(&text, SHOWN);
    (text(converter.row_group_mins([of])).map(shown), text(converter.row_group_maxes([of])).map(shown))
}

fn cut(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(limit)])
}

/// A piece of a text file, from a byte on, cut between characters; and the bytes of the file.
pub(crate) fn text(store: &Arc<dyn Store>, key: &Key, from: u64, limit: usize) -> Result<(u64, TextPiece), QueryError> {
    let file = store.open(key)?;
    let end = file.0.len();
    let from = from.min(end);
    let to = end.min(from.saturating_add(limit.clamp(1, PIECE) as u64));
    let read = |source| StorageError::Read { place: store.place(key), source };
    let bytes = file.0.bytes(from..to).map_err(read)?;
    let continues = |byte: &u8| (0x80..0xC0).contains(byte);
    // A piece neither begins nor ends inside a character.
    let skip = if from == 0 { 0 } else { bytes.iter().take(3).take_while(|byte| continues(byte)).count() };
    let mut keep = bytes.len();
    if to < end {
        let tail = bytes.iter().rev().take(3).take_while(|byte| continues(byte)).count();
        let starts = bytes.len().checked_sub(tail + 1);
        if let Some(starts) = starts
            && bytes.get(starts).is_some_and(|first| first.leading_ones().max(1) as usize > tail + 1)
            && starts > skip
        {
            keep = starts;
        }
    }
    let text = String::from_utf8_lossy(bytes.get(skip..keep).unwrap_or_default()).into_owned();
    Ok((end, TextPiece { from: Count(from + skip as u64), to: Count(from + keep as u64), text }))
}
