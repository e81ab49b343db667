//! Laws of the border between text and Arrow, held over generated tables.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array, Int64Array, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use chrono_tz::Tz;
use csv_core::{ReadRecordResult, Reader};
use proptest::prelude::*;

use super::cells::{Block, Cell, Form, Reading};
use super::column::Slice;
use super::infer::Guess;
use super::render::{cell_text, csv_header, csv_rows};
use super::reread::Reread;
use super::scan::{Scanner, Step};
use crate::config::settings::DeclaredType;

/// Every record of a text in memory; `None` if some is not RFC 4180. `pieces` is how the text arrives.
fn scanned(text: &[u8], pieces: usize) -> Option<Vec<Vec<Vec<u8>>>> {
    let (mut cells, mut records) = (Vec::new(), Vec::new());
    let (mut at, mut line, mut have) = (0, 1, pieces.min(text.len()));
    loop {
        let mut scanner = Scanner::new(&text[..have], b',', at, line, have == text.len());
        loop {
            match scanner.step(&mut cells) {
                Step::Record { fields } => {
                    assert_eq!(fields, cells.len());
                    records.push(cells.drain(..).map(|cell| cell.value(text).into_owned()).collect());
                }
                Step::Blank => {}
                Step::Broken(_) => return None,
                Step::Incomplete => break,
                Step::End => return Some(records),
            }
        }
        (at, line) = (scanner.at(), scanner.line());
        have = (have + pieces).min(text.len());
    }
}

fn by_csv_core(text: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut reader = Reader::new();
    let (mut input, mut records) = (text, Vec::new());
    let (mut output, mut ends) = (vec![0; text.len() + 1], vec![0; text.len() + 2]);
    let (mut written, mut ended) = (0, 0);
    loop {
        let (result, read, wrote, closed) = reader.read_record(input, &mut output[written..], &mut ends[ended..]);
        input = &input[read..];
        written += wrote;
        ended += closed;
        match result {
            ReadRecordResult::InputEmpty => {}
            ReadRecordResult::Record => {
                let starts = std::iter::once(0).chain(ends[..ended].iter().copied());
                records.push(starts.zip(&ends[..ended]).map(|(start, end)| output[start..*end].to_vec()).collect());
                (written, ended) = (0, 0);
            }
            ReadRecordResult::End => return records,
            ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => panic!("the buffers are large enough"),
        }
    }
}

/// Bytes of which CSV is made, mostly.
fn csv_like() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![4 => Just(b'"'), 4 => Just(b','), 2 => Just(b'\n'), 1 => Just(b'\r'), 6 => Just(b'x'), 1 => any::<u8>()];
    proptest::collection::vec(byte, 0..300)
}

proptest! {
    #[test]
    fn the_tokenizer_agrees_with_csv_core(text in csv_like()) {
        if let Some(records) = scanned(&text, text.len()) {
            prop_assert_eq!(records, by_csv_core(&text));
        }
    }

    #[test]
    fn it_does_not_matter_in_which_pieces_a_text_arrives(text in csv_like(), pieces in 1_usize..100) {
        prop_assert_eq!(scanned(&text, pieces), scanned(&text, text.len()));
    }

    #[test]
    fn a_table_written_and_read_back_is_the_same_table(batch in table()) {
        let mut text = Vec::new();
        csv_header(&batch.schema(), &mut text);
        csv_rows(&batch, &mut text);
        let mut back = Reread::new(text.as_slice(), batch.schema());
        prop_assert_eq!(back.next_batch().unwrap(), (batch.num_rows() > 0).then_some(batch));
        prop_assert!(back.next_batch().unwrap().is_none());
    }

    #[test]
    fn inference_never_changes_a_value(cells in proptest::collection::vec(token(), 1..6)) {
        let reading = Reading::text(&[String::new()], Tz::UTC);
        let mut block = Block { width: 1, ..Block::default() };
        for text in &cells {
            let start = block.text.len();
            block.text.extend_from_slice(text.as_bytes());
            block.cells.push(Cell::new(start, block.text.len(), Form::Plain));
            block.lines.push(1);
        }
        let mut guess = Guess::new(&reading);
        block.cells.iter().for_each(|cell| guess.observe(*cell, &block.text, &reading));
        let inferred = guess.finish();
        let slice = Slice { block: &block, column: 0, rows: 0..cells.len(), reading: &reading };
        let array = slice.array(inferred.typed).expect("what was looked at fits");
        prop_assert_eq!(slice.first_unfit(inferred.typed), None);
        for (row, text) in cells.iter().enumerate() {
            match cell_text(&array, row) {
                None => prop_assert_eq!(text, ""),
                Some(back) => prop_assert_eq!(canonical(&back, inferred.typed.target), canonical(text, inferred.typed.target)),
            }
        }
        prop_assert_eq!(inferred.nulls_only, cells.iter().all(String::is_empty));
    }
}

/// Texts that look like values, near the borders of what counts as one.
fn token() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "-?[0-9]{1,3}",
        "[+-]?[0-9]{1,20}",
        "-?[0-9]{0,3}\\.[0-9]{0,4}",
        "-?[0-9]{1,18}\\.[0-9]{1,18}",
        "-?[0-9]\\.?[0-9]{0,17}[eE][+-]?[0-9]{1,3}",
        any::<f64>().prop_map(|value| format!("{value:?}")),
        any::<f64>().prop_map(|value| format!("{value:e}")),
        any::<i64>().prop_map(|value| value.to_string()),
        "(true|false|TRUE|False|t|NA|null|NaN|inf|x|007| 1)",
        "(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]",
        "(0000|0001|1969|2024|9999)-(01|02|12)-(01|28|29|31)[T ][012][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{1,7})?(Z|\\+00:00|\\+01:00)?",
    ]
}

/// One spelling for all texts of one value, made without the parser under test.
fn canonical(text: &str, target: DeclaredType) -> String {
    match target {
        DeclaredType::Boolean => text.to_lowercase(),
        DeclaredType::Float => {
            let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
            let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
            let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
            let mut exponent: i64 = exponent.parse::<i64>().unwrap() - i64::try_from(fraction.len()).unwrap();
            let mut digits = format!("{whole}{fraction}").trim_start_matches('0').to_owned();
            while digits.ends_with('0') {
                digits.pop();
                exponent += 1;
            }
            if digits.is_empty() { format!("{sign}0") } else { format!("{sign}{digits}e{exponent}") }
        }
        DeclaredType::Timestamp | DeclaredType::Timestamptz => {
            let text = text.replace(' ', "T").replace("+00:00", "Z");
            let (time, zone) = text.strip_suffix('Z').map_or((text.as_str(), ""), |time| (time, "Z"));
            let time = if time.contains('.') { time.trim_end_matches('0').trim_end_matches('.') } else { time };
            format!("{time}{zone}")
        }
        _ => text.to_owned(),
    }
}

/// A table with a column of each type that is written.
fn table() -> impl Strategy<Value = RecordBatch> {
    let text = prop_oneof![
        3 => proptest::collection::vec(prop_oneof![Just('"'), Just(','), Just('\n'), Just('\r'), Just('a'), any::<char>()], 0..6)
            .prop_map(|chars| chars.into_iter().collect::<String>()),
        1 => Just(String::new()),
    ];
    // Years 1 to 9999.
    let micros = -62_135_596_800_000_000_i64..253_402_300_800_000_000;
    let row = (
        proptest::option::of(text),
        proptest::option::of(any::<i64>()),
        proptest::option::of(any::<f64>().prop_filter("NaN is not equal to itself", |value| !value.is_nan())),
        proptest::option::of(any::<bool>()),
        proptest::option::of(-719_162_i32..2_932_897),
        proptest::option::of(micros.clone()),
        proptest::option::of(micros),
        proptest::option::of(-10_i128.pow(18) + 1..10_i128.pow(18)),
        proptest::option::of(any::<i32>()),
    );
    (proptest::collection::vec(row, 0..8), 1_usize..=9).prop_map(|(rows, width)| {
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("text \"a\", b", Arc::new(rows.iter().map(|row| row.0.clone()).collect::<StringArray>())),
            ("integer", Arc::new(rows.iter().map(|row| row.1).collect::<Int64Array>())),
            ("float", Arc::new(rows.iter().map(|row| row.2).collect::<Float64Array>())),
            ("boolean", Arc::new(rows.iter().map(|row| row.3).collect::<BooleanArray>())),
            ("date", Arc::new(rows.iter().map(|row| row.4).collect::<Date32Array>())),
            ("timestamp", Arc::new(rows.iter().map(|row| row.5).collect::<TimestampMicrosecondArray>())),
            (
                "timestamptz",
                Arc::new(rows.iter().map(|row| row.6).collect::<TimestampMicrosecondArray>().with_timezone("UTC")),
            ),
            (
                "decimal",
                Arc::new(
                    rows.iter().map(|row| row.7).collect::<Decimal128Array>().with_precision_and_scale(18, 4).unwrap(),
                ),
            ),
            ("small", Arc::new(rows.iter().map(|row| row.8).collect::<Int32Array>())),
        ];
        let fields: Vec<arrow::datatypes::Field> = columns[..width]
            .iter()
            .map(|(name, array)| arrow::datatypes::Field::new(*name, array.data_type().clone(), true))
            .collect();
        let arrays = columns.into_iter().take(width).map(|(_, array)| array).collect();
        RecordBatch::try_new(Arc::new(arrow::datatypes::Schema::new(fields)), arrays).unwrap()
    })
}

#[test]
fn what_was_not_written_is_not_read_back() {
    let schema =
        Arc::new(arrow::datatypes::Schema::new(vec![arrow::datatypes::Field::new("a", DataType::Int64, true)]));
    for text in ["", "b\n1\n", "a\nx\n", "a\n1,2\n", "a\n\"1\n"] {
        assert!(Reread::new(text.as_bytes(), Arc::clone(&schema)).next_batch().is_err(), "{text:?}");
    }
}
