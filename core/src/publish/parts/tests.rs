//! Parts as files: how large they are, what they are called, and that threads change no byte.

use std::num::NonZeroUsize;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, ListArray, StringArray};
use arrow::compute::concat_batches;
use arrow::datatypes::Int64Type;
use arrow::record_batch::RecordBatch;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Encoding;
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::batch::reread::Reread;
use crate::publish::Partition;
use crate::storage::{Key, RealDisk, local};

const CODECS: [Compression; 6] = [
    Compression::None,
    Compression::Snappy,
    Compression::Gzip,
    Compression::Brotli,
    Compression::Lz4,
    Compression::Zstd,
];

/// A table that was written, in a folder of its own.
struct Written {
    folder: TempDir,
    table: CommittedTable,
}

fn options(max_rows: u64, max_bytes: Option<u64>) -> PartOptions {
    let formats = Formats { parquet: true, csv: false };
    PartOptions { formats, compression: Compression::Snappy, level: None, max_rows, max_bytes }
}

fn write(batches: &[RecordBatch], options: PartOptions, workers: usize) -> Written {
    let folder = tempfile::tempdir().unwrap();
    let store = local(folder.path(), Arc::new(RealDisk));
    let root = Key::root().join("t");
    let partition = Partition::new(store, root.clone(), root.clone(), vec![root]);
    let mut attempt = partition.begin("00000000000000aa").unwrap();
    let workers = Workers::new(NonZeroUsize::new(workers).unwrap());
    let mut writer = TableWriter::new("part", &batches[0].schema(), options, &workers);
    for batch in batches {
        writer.write(&mut attempt, batch).unwrap();
    }
    let table = writer.finish(&mut attempt, "data", Vec::new()).unwrap();
    for part in &table.parts {
        let bytes = std::fs::read(folder.path().join("t").join(&part.path)).unwrap();
        assert_eq!(bytes.len() as u64, part.bytes, "the size is that of the file");
    }
    // Without a commit the attempt would take its files away.
    std::mem::forget(attempt);
    Written { folder, table }
}

impl Written {
    fn path(&self, part: &Part) -> std::path::PathBuf {
        self.folder.path().join("t").join(&part.path)
    }

    fn names(&self) -> Vec<String> {
        self.table.parts.iter().map(Part::nameless_path).collect()
    }

    /// All rows of one format, in order.
    fn rows(&self, format: &str, schema: &SchemaRef) -> RecordBatch {
        let mut batches = Vec::new();
        for part in self.table.parts.iter().filter(|part| part.format == format) {
            let file = std::fs::File::open(self.path(part)).unwrap();
            let before = batches.iter().map(RecordBatch::num_rows).sum::<usize>();
            if format == "parquet" {
                let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
                batches.extend(reader.map(Result::unwrap));
            } else {
                let mut reader = Reread::new(file, schema.clone());
                while let Some(batch) = reader.next_batch().unwrap() {
                    batches.push(batch);
                }
            }
            let rows = batches.iter().map(RecordBatch::num_rows).sum::<usize>() - before;
            assert_eq!(rows as u64, part.rows, "{}", part.path);
        }
        concat_batches(schema, &batches).unwrap()
    }
}

/// Pseudo-random numbers, the same each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    fn text(&mut self, length: usize) -> String {
        (0..length).map(|_| char::from(33 + (self.next() % 90) as u8)).collect()
    }
}

fn batch(columns: Vec<ArrayRef>) -> RecordBatch {
    let named = columns.into_iter().enumerate().map(|(at, array)| (format!("column_{at}"), array, true));
    RecordBatch::try_from_iter_with_nullable(named).unwrap()
}

fn texts(random: &mut Random, rows: usize, text: impl Fn(&mut Random, usize) -> String) -> ArrayRef {
    Arc::new((0..rows).map(|row| Some(text(random, row))).collect::<StringArray>())
}

/// Rows of a kind, in batches: about as many that a file of 200 KiB is filled a few times.
fn kind(name: &str) -> Vec<RecordBatch> {
    let random = &mut Random(88_172_645_463_325_252);
    let numbers = |random: &mut Random, rows: usize| -> ArrayRef {
        Arc::new((0..rows).map(|_| random.next().cast_signed()).collect::<Int64Array>())
    };
    match name {
        "incompressible" => (0..10)
            .map(|_| batch(vec![numbers(random, 500), texts(random, 500, |random, _| random.text(180))]))
            .collect(),
        "compressible" => (0..16)
            .map(|_| {
                let words = texts(random, 1_000, |random, _| {
                    (0..30).map(|_| ["lorem ", "ipsum ", "dolor "][(random.next() % 3) as usize]).collect()
                });
                batch(vec![numbers(random, 1_000), words])
            })
            .collect(),
        "wide" => (0..16).map(|_| batch((0..120).map(|_| numbers(random, 64)).collect())).collect(),
        // What was learned of one stretch is wrong for the next.
        "changing" => (0..24)
            .map(|number| {
                let dull = number / 6 % 2 == 0;
                batch(vec![texts(random, 600, |random, _| if dull { "x".repeat(150) } else { random.text(150) })])
            })
            .collect(),
        "long" => (0..60).map(|_| batch(vec![texts(random, 1, |random, _| random.text(15_000))])).collect(),
        other => panic!("{other}"),
    }
}

#[test]
fn parts_are_as_large_as_allowed_and_hardly_smaller() {
    const LIMIT: u64 = 200 << 10;
    for name in ["incompressible", "compressible", "wide", "changing", "long"] {
        let batches = kind(name);
        let schema = batches[0].schema();
        let expected = concat_batches(&schema, &batches).unwrap();
        // Where the codec makes no difference, one does.
        let codecs = if matches!(name, "changing" | "long") { &CODECS[5..] } else { &CODECS[..] };
        for compression in codecs.iter().copied() {
            let level = (compression == Compression::Gzip).then_some(1);
            let options = PartOptions { compression, level, ..options(u64::MAX, Some(LIMIT)) };
            let written = write(&batches, options, 2);
            let sizes: Vec<u64> = written.table.parts.iter().map(|part| part.bytes).collect();
            assert!(sizes.len() >= 2, "{name} {compression:?}: {sizes:?}");
            for (number, size) in sizes.iter().enumerate() {
                assert!(*size <= LIMIT * 101 / 100, "{name} {compression:?}: {sizes:?}");
                assert!(number + 1 == sizes.len() || *size >= LIMIT * 9 / 10, "{name} {compression:?}: {sizes:?}");
            }
            let names: Vec<String> = (1..=sizes.len()).map(|number| format!("part-{number:04}.parquet")).collect();
            assert_eq!(written.names(), names, "gapless");
            assert_eq!(written.rows("parquet", &schema), expected, "{name} {compression:?}");
        }
    }
}

#[test]
fn with_both_formats_the_larger_file_is_bounded_and_the_rows_are_the_same() {
    const LIMIT: u64 = 200 << 10;
    for name in ["incompressible", "compressible", "changing"] {
        let batches = kind(name);
        let schema = batches[0].schema();
        let expected = concat_batches(&schema, &batches).unwrap();
        for parquet in [true, false] {
            let options = PartOptions { formats: Formats { parquet, csv: true }, ..options(u64::MAX, Some(LIMIT)) };
            let written = write(&batches, options, 3);
            let of = |format: &str| -> Vec<(u64, u64)> {
                let parts = written.table.parts.iter().filter(|part| part.format == format);
                parts.map(|part| (part.rows, part.bytes)).collect()
            };
            let csv = of("csv");
            for (number, (_, size)) in csv.iter().enumerate() {
                assert!(*size <= LIMIT, "{name}: {csv:?}");
                assert!(number + 1 == csv.len() || *size >= LIMIT * 9 / 10, "{name}: {csv:?}");
            }
            assert_eq!(written.rows("csv", &schema), expected);
            if parquet {
                let rows = |parts: Vec<(u64, u64)>| parts.into_iter().map(|(rows, _)| rows).collect::<Vec<_>>();
                assert_eq!(rows(of("parquet")), rows(csv), "the same rows in each part");
                assert_eq!(written.rows("parquet", &schema), expected);
            }
        }
    }
}

#[test]
fn a_row_larger_than_a_part_may_be_is_a_part_of_its_own() {
    let random = &mut Random(7);
    let lengths = [10, 10, 90_000, 10, 90_000, 90_000, 10];
    let column: StringArray = lengths.iter().map(|length| Some(random.text(*length))).collect();
    let batch = batch(vec![Arc::new(column)]);
    let written = write(std::slice::from_ref(&batch), options(u64::MAX, Some(40 << 10)), 2);
    let rows: Vec<u64> = written.table.parts.iter().map(|part| part.rows).collect();
    assert_eq!(rows, [2, 1, 1, 1, 1, 1]);
    assert_eq!(written.rows("parquet", &batch.schema()), batch);
    // Even where nothing fits at all.
    let written = write(std::slice::from_ref(&batch), options(u64::MAX, Some(1)), 2);
    assert_eq!(written.table.parts.len(), 7);
}

#[test]
fn rows_end_parts_exactly() {
    let batches: Vec<RecordBatch> = (0..10)
        .map(|number| batch(vec![Arc::new((number * 100..number * 100 + 100).collect::<Int64Array>())]))
        .collect();
    let rows = |options| -> Vec<u64> { write(&batches, options, 2).table.parts.iter().map(|part| part.rows).collect() };
    assert_eq!(rows(options(300, None)), [300, 300, 300, 100]);
    assert_eq!(rows(options(1_000, None)), [1_000]);
    // A bound that is never reached changes nothing.
    assert_eq!(rows(options(300, Some(1 << 30))), [300, 300, 300, 100]);
    assert_eq!(rows(options(999, Some(1 << 20))), [999, 1]);
    let both = rows(options(300, Some(2_000)));
    assert!(both.iter().sum::<u64>() == 1_000 && both.iter().all(|rows| *rows <= 300) && both.len() > 4, "{both:?}");
}

#[test]
fn a_part_of_usual_size_has_one_row_group_and_dictionaries_only_where_values_repeat() {
    let rows = 20_000_i64;
    let columns: Vec<ArrayRef> = vec![
        Arc::new((0..rows).collect::<Int64Array>()),
        Arc::new(
            (0..rows)
                .map(|row| Some(["paid", "new", "sent"][usize::try_from(row).unwrap() % 3]))
                .collect::<StringArray>(),
        ),
        Arc::new((0..rows).map(|row| row as f64 / 7.0).collect::<Float64Array>()),
    ];
    let batch = batch(columns);
    let batches: Vec<RecordBatch> = (0..20).map(|number| batch.slice(number * 1_000, 1_000)).collect();
    let written = write(&batches, options(100_000, None), 2);
    let file = std::fs::File::open(written.path(&written.table.parts[0])).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let metadata = reader.metadata();
    assert_eq!(metadata.num_row_groups(), 1);
    let dictionaries: Vec<bool> = metadata
        .row_group(0)
        .columns()
        .iter()
        .map(|column| column.encodings().any(|encoding| encoding == Encoding::RLE_DICTIONARY))
        .collect();
    assert_eq!(dictionaries, [false, true, false]);
    let bounds = metadata.row_group(0).column(0).statistics().unwrap();
    assert_eq!(
        (bounds.min_bytes_opt(), bounds.max_bytes_opt()),
        (Some(&0_i64.to_le_bytes()[..]), Some(&19_999_i64.to_le_bytes()[..]))
    );
}

#[test]
fn a_level_is_the_codecs() {
    let batches = &kind("compressible")[..1];
    let size = |compression, level| {
        let options = PartOptions { compression, level, ..options(u64::MAX, None) };
        write(batches, options, 2).table.parts[0].bytes
    };
    for (codec, low, high) in [(Compression::Gzip, 1, 9), (Compression::Brotli, 0, 6), (Compression::Zstd, 1, 19)] {
        assert!(size(codec, Some(high)) < size(codec, Some(low)), "{codec:?}");
        let usual = size(codec, None);
        assert!(usual > 0);
    }
    assert_eq!(size(Compression::Zstd, None), size(Compression::Zstd, Some(3)));
    assert_eq!(size(Compression::Gzip, None), size(Compression::Gzip, Some(6)));
}

#[test]
fn every_shape_of_column_comes_back() {
    let lists =
        ListArray::from_iter_primitive::<Int64Type, _, _>((0..50).map(|row| (row % 4 > 0).then(|| (0..row).map(Some))));
    let fields: Vec<(Arc<arrow::datatypes::Field>, ArrayRef)> = vec![
        (
            Arc::new(arrow::datatypes::Field::new("a", arrow::datatypes::DataType::Int64, true)),
            Arc::new((0..50).collect::<Int64Array>()),
        ),
        (Arc::new(arrow::datatypes::Field::new("b", lists.data_type().clone(), true)), Arc::new(lists.clone())),
    ];
    let columns: Vec<ArrayRef> = vec![
        Arc::new((0..50).map(|row| (row % 3 > 0).then_some(row % 2 == 0)).collect::<BooleanArray>()),
        Arc::new(lists),
        Arc::new(arrow::array::StructArray::from(fields)),
        Arc::new((0..50).map(|_| None::<&str>).collect::<StringArray>()),
        Arc::new((0..50).map(|row| (row % 5 > 0).then(|| "y".repeat(row))).collect::<StringArray>()),
    ];
    let batch = batch(columns);
    for max_rows in [7, 50] {
        let written = write(&[batch.slice(0, 20), batch.slice(20, 30)], options(max_rows, None), 2);
        assert_eq!(written.rows("parquet", &batch.schema()), batch);
    }
}

#[test]
fn a_flush_ends_a_row_group_and_a_close_ends_a_part() {
    let folder = tempfile::tempdir().unwrap();
    let store = local(folder.path(), Arc::new(RealDisk));
    let root = Key::root().join("t");
    let partition = Partition::new(store, root.clone(), root.clone(), vec![root]);
    let mut attempt = partition.begin("00000000000000aa").unwrap();
    let rows = batch(vec![Arc::new((0..10).collect::<Int64Array>())]);
    let mut writer = TableWriter::new("part", &rows.schema(), options(1_000, None), &Workers::none());
    assert!(!writer.is_open());
    writer.write(&mut attempt, &rows).unwrap();
    assert!(writer.is_open() && writer.held() == 80);
    writer.flush(&mut attempt).unwrap();
    assert!(writer.is_open() && writer.held() == 0);
    writer.write(&mut attempt, &rows).unwrap();
    writer.close(&mut attempt).unwrap();
    assert!(!writer.is_open());
    writer.write(&mut attempt, &rows).unwrap();
    let table = writer.finish(&mut attempt, "data", Vec::new()).unwrap();
    let rows: Vec<u64> = table.parts.iter().map(|part| part.rows).collect();
    assert_eq!((rows, table.rows), (vec![20, 10], 30));
    let file = std::fs::File::open(folder.path().join("t").join(&table.parts[0].path)).unwrap();
    assert_eq!(ParquetRecordBatchReaderBuilder::try_new(file).unwrap().metadata().num_row_groups(), 2);
}

fn any_batches() -> impl Strategy<Value = Vec<RecordBatch>> {
    let row = (any::<Option<i64>>(), proptest::option::of("[a-c\"\n,]{0,12}"), 0_u8..4);
    let rows = proptest::collection::vec(row, 1..60);
    proptest::collection::vec(rows, 1..8).prop_map(|batches| {
        let columns = |rows: Vec<(Option<i64>, Option<String>, u8)>| {
            let numbers: Int64Array = rows.iter().map(|(number, _, _)| *number).collect();
            let texts: StringArray = rows.iter().map(|(_, text, _)| text.clone()).collect();
            let long: StringArray = rows
                .iter()
                .map(|(number, _, times)| Some(format!("{number:?}").repeat(usize::from(*times) * 9)))
                .collect();
            batch(vec![Arc::new(numbers), Arc::new(texts), Arc::new(long)])
        };
        batches.into_iter().map(columns).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn threads_change_no_byte(
        batches in any_batches(),
        max_rows in 1_u64..150,
        max_bytes in proptest::option::of(500_u64..20_000),
        csv in any::<bool>(),
        parquet in any::<bool>(),
        codec in 0_usize..6,
    ) {
        let formats = Formats { parquet: parquet || !csv, csv };
        let options = PartOptions { formats, compression: CODECS[codec], ..options(max_rows, max_bytes) };
        let one = write(&batches, options, 1);
        for workers in [2, 3, 8] {
            prop_assert_eq!(&write(&batches, options, workers).table, &one.table);
        }
        let schema = batches[0].schema();
        let expected = concat_batches(&schema, &batches).unwrap();
        for (format, on) in [("parquet", formats.parquet), ("csv", formats.csv)] {
            if on {
                prop_assert_eq!(&one.rows(format, &schema), &expected);
            }
        }
        for part in &one.table.parts {
            prop_assert!(part.rows <= max_rows);
        }
        let total: usize = expected.column(0).as_primitive::<Int64Type>().len();
        prop_assert_eq!(one.table.rows, total as u64);
    }
}
