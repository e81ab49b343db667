//! Whatever a file holds, reading it ends with batches or with a coded error.

use proptest::prelude::*;

use super::super::contract::{file, read, request, source};
use crate::config::settings::{FileFormat, FileSource};
use crate::extract::ExtractError;

/// Files that are nearly what they claim to be.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let csv = "(a|b|,|\"|\r|\n|1|\\.5|é|\u{feff}){0,80}".prop_map(String::into_bytes);
    let json = "(\\{|\\}|\\[|\\]|\"a\"|\"\\\\|:|,|1|null|true|\n| ){0,60}".prop_map(String::into_bytes);
    let records =
        proptest::collection::vec("\\{(\"[ab]\": ?(1|2\\.50|\"x\"|null|\\[1, \\{\\}\\]))?(, \"c\":tru?e)?\\}", 0..6)
            .prop_map(|records| format!("[{}]", records.join(",")).into_bytes());
    let lines = proptest::collection::vec("(\\{\"[ab]\":(1|\"x\"|\\{\\})\\}|x|\\{)", 0..6)
        .prop_map(|records| records.join("\n").into_bytes());
    prop_oneof![csv, json, records, lines, proptest::collection::vec(any::<u8>(), 0..200)]
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(
        bytes in bytes(),
        has_header: bool,
        encoding in prop_oneof![Just("utf-8"), Just("utf-16le"), Just("latin1"), Just("shift_jis")],
    ) {
        let formats = [
            FileFormat::Csv,
            FileFormat::Tsv,
            FileFormat::FixedWidth,
            FileFormat::Excel,
            FileFormat::Json,
            FileFormat::Jsonl,
            FileFormat::Parquet,
        ];
        for format in formats {
            let (_folder, path) = file("a", &bytes);
            let source = FileSource { format: Some(format), has_header, encoding: encoding.into(), widths: Some(vec![2, 3]), ..source(&path) };
            let extractor = crate::extract::file(&source);
            match read(extractor.as_ref(), &request()) {
                Ok(all) => {
                    let records = all.whole.num_rows() + all.unreadable.len();
                    let last = all.unreadable.last().map_or(0, |bad| bad.record);
                    prop_assert!(last <= records as u64, "records are counted once");
                    let mut numbers: Vec<u64> = all.unreadable.iter().map(|bad| bad.record).collect();
                    numbers.dedup();
                    prop_assert_eq!(numbers.len(), all.unreadable.len());
                }
                Err(ExtractError::Misfit { columns }) => {
                    prop_assert!(!columns.is_empty());
                    let mut request = request();
                    request.as_text.extend(columns.into_iter().map(|misfit| misfit.column));
                    prop_assert!(read(extractor.as_ref(), &request).is_ok(), "text takes everything");
                }
                Err(_) => {}
            }
        }
    }

    /// What is not quoted wrongly is neither lost nor invented: fields, as text, in order.
    #[test]
    fn every_row_of_a_table_arrives(rows in proptest::collection::vec(("[a-z,\"\n]{0,5}", "[0-9é]{0,3}"), 1..40)) {
        let mut text = String::from("x,y\n");
        for (left, right) in &rows {
            text += &format!("\"{}\",\"{right}\"\r\n", left.replace('"', "\"\""));
        }
        let (_folder, path) = file("a.csv", &text);
        let mut request = request();
        request.as_text.extend(["x".to_owned(), "y".to_owned()]);
        let all = read(crate::extract::file(&source(&path)).as_ref(), &request).unwrap();
        prop_assert_eq!(all.unreadable.len(), 0);
        let cell = |row: usize, column: usize| crate::batch::render::cell_text(all.whole.column(column), row).unwrap();
        let back: Vec<(String, String)> = (0..all.whole.num_rows()).map(|row| (cell(row, 0), cell(row, 1))).collect();
        prop_assert_eq!(back, rows);
    }
}
