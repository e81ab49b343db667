//! How many rows of a Parquet file are read at once: bounded in rows and in bytes.

use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};

/// Rows of a batch at most.
pub(crate) const MOST_ROWS: usize = 8_192;
/// Bytes of a batch that are aimed at. Memory for one batch stays near it also where rows are wide.
const TARGET_BYTES: u64 = 16 * 1024 * 1024;

/// Rows of a batch of this file: fewer than [`MOST_ROWS`] where those of its widest row group would
/// take more than 16 MiB. A dictionary hides the width of its texts, so that is asked for where the
/// file tells it.
pub(crate) fn parquet_rows(metadata: &ParquetMetaData) -> usize {
    let widest = metadata
        .row_groups()
        .iter()
        .filter_map(|group| {
            let rows = u64::try_from(group.num_rows()).ok().filter(|rows| *rows > 0)?;
            let text = group.columns().iter().filter_map(ColumnChunkMetaData::unencoded_byte_array_data_bytes);
            let bytes = text.sum::<i64>().max(group.total_byte_size());
            Some(u64::try_from(bytes).ok()?.div_ceil(rows))
        })
        .max()
        .unwrap_or(1)
        .max(1);
    usize::try_from(TARGET_BYTES / widest).unwrap_or(MOST_ROWS).clamp(1, MOST_ROWS)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, StringArray};
    use arrow::record_batch::RecordBatch;
    use parquet::arrow::ArrowWriter;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::*;

    #[test]
    fn wide_rows_come_in_small_batches() {
        let rows = |width: usize, count: usize, same: bool| {
            let texts: StringArray =
                (0..count).map(|row| Some(format!("{}{}", if same { 0 } else { row }, "x".repeat(width)))).collect();
            let batch = RecordBatch::try_from_iter([("a", Arc::new(texts) as ArrayRef)]).unwrap();
            let file = tempfile::tempfile().unwrap();
            let mut writer = ArrowWriter::try_new(file.try_clone().unwrap(), batch.schema(), None).unwrap();
            writer.write(&batch).unwrap();
            writer.close().unwrap();
            parquet_rows(ParquetRecordBatchReaderBuilder::try_new(file).unwrap().metadata())
        };
        assert_eq!(rows(10, 1000, false), MOST_ROWS);
        for same in [false, true] {
            let many = rows(1024 * 1024, 20, same);
            assert!((10..=16).contains(&many), "{many}");
        }
        assert_eq!(rows(0, 0, false), MOST_ROWS);
    }
}
