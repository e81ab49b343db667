//! What every extractor promises, as a suite that each format passes; and the means to test with.
//!
//! Exists in tests only.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::Array;
use arrow::compute::concat_batches;
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono::NaiveDate;
use indexmap::{IndexMap, IndexSet};

use super::{ExtractError, ExtractRequest, Extractor, Unreadable};
use crate::batch::{is_nulls_only, type_name};
use crate::cancel::CancelToken;
use crate::config::settings::{Conduct, FileSource, Retry};
use crate::world::World;

/// A source with nothing set.
pub(super) fn source(path: &Path) -> FileSource {
    FileSource {
        path: path.to_path_buf(),
        path_as_written: path.file_name().unwrap().to_string_lossy().into_owned(),
        elsewhere: None,
        is_folder: false,
        member: None,
        file_name_column: None,
        format: None,
        delimiter: None,
        encoding: "utf-8".to_owned(),
        has_header: true,
        fieldnames: None,
        widths: None,
        sheet: None,
        json_path: None,
        columns: None,
        limit_rows: None,
    }
}

/// A request with the defaults of a config.
pub(super) fn request() -> ExtractRequest {
    ExtractRequest {
        run_date: NaiveDate::from_ymd_opt(2013, 1, 1).unwrap(),
        declared: IndexMap::new(),
        null_values: vec![String::new()],
        as_text: IndexSet::new(),
        limit: None,
        timezone: chrono_tz::Tz::UTC,
        cancel: CancelToken::new(),
        conduct: Conduct {
            timeout_seconds: 10.0,
            deadline_seconds: None,
            rate_limit_hz: None,
            rate_limit_burst: 1,
            pages_in_flight: 1,
            retry: Retry {
                max_attempts: 3,
                base_seconds: 0.01,
                max_seconds: 0.1,
                breaker_failures: 5,
                breaker_seconds: 1.0,
            },
            parallel_workers: None,
            cleanup_on_failure: true,
        },
        since: None,
        budget: super::Budget::default(),
        observer: Arc::new(super::Unobserved),
        world: World::real(),
    }
}

/// A file in a folder of its own.
pub(super) fn file(name: &str, bytes: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// Everything a source gives.
#[derive(Debug)]
pub(super) struct All {
    pub(super) batches: Vec<RecordBatch>,
    pub(super) whole: RecordBatch,
    pub(super) unreadable: Vec<Unreadable>,
}

/// Reads to the end.
pub(super) fn read(extractor: &dyn Extractor, request: &ExtractRequest) -> Result<All, ExtractError> {
    let mut extraction = extractor.open(request)?;
    let (mut batches, mut unreadable) = (Vec::new(), Vec::new());
    let mut rows = 0;
    while let Some(batch) = extraction.next()? {
        assert_eq!(batch.schema(), extraction.schema());
        rows += batch.num_rows() as u64;
        assert_eq!(extraction.progress().rows, rows);
        unreadable.extend(extraction.take_unreadable());
        batches.push(batch);
    }
    unreadable.extend(extraction.take_unreadable());
    assert!(extraction.next()?.is_none(), "the end stays the end");
    let whole = concat_batches(&extraction.schema(), &batches).unwrap();
    Ok(All { batches, whole, unreadable })
}

/// As the engine does: once more with the misfits as text.
pub(super) fn read_widened(extractor: &dyn Extractor, mut request: ExtractRequest) -> All {
    match read(extractor, &request) {
        Ok(all) => all,
        Err(ExtractError::Misfit { columns }) => {
            request.as_text.extend(columns.into_iter().map(|misfit| misfit.column));
            read(extractor, &request).unwrap()
        }
        Err(error) => panic!("{error}"),
    }
}

/// `name: type | name: type?` and a line per row; `∅` is null, `?` marks columns without a value.
pub(super) fn show(batch: &RecordBatch) -> String {
    let schema = batch.schema();
    let head: Vec<String> = schema
        .fields()
        .iter()
        .map(|field| {
            format!("{}: {}{}", field.name(), type_name(field.data_type()), if is_nulls_only(field) { "?" } else { "" })
        })
        .collect();
    let options = FormatOptions::default();
    let columns: Vec<ArrayFormatter<'_>> =
        batch.columns().iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &options).unwrap()).collect();
    let mut text = head.join(" | ") + "\n";
    for row in 0..batch.num_rows() {
        let cells: Vec<String> = columns
            .iter()
            .zip(batch.columns())
            .map(|(cell, column)| if column.is_null(row) { "∅".to_owned() } else { cell.value(row).to_string() })
            .collect();
        text += &(cells.join(" | ") + "\n");
    }
    text
}

/// The promises. `extractor` must give at least five records and three columns without a misfit.
pub(super) fn check(make: &dyn Fn(FileSource) -> Box<dyn Extractor>, plain: &FileSource) {
    let extractor = make(plain.clone());
    let all = read(extractor.as_ref(), &request()).unwrap();
    let (rows, columns) = (all.whole.num_rows(), all.whole.num_columns());
    assert!(rows >= 5 && columns >= 3, "the example is too small to show anything");
    assert!(all.batches.iter().all(|batch| batch.num_rows() <= 8_192));

    let again = read(extractor.as_ref(), &request()).unwrap();
    assert_eq!(all.batches, again.batches, "the same batches a second time");
    assert_eq!(all.unreadable, again.unreadable);

    for limit in [0, 1, 3, rows - 1, rows, rows + 1] {
        let mut request = request();
        request.limit = Some(limit as u64);
        let some = read(extractor.as_ref(), &request).unwrap();
        assert_eq!(some.whole, all.whole.slice(0, limit.min(rows)), "limit {limit}: the first rows, same types");
        let limited = FileSource { limit_rows: Some(2), ..plain.clone() };
        let fewer = read(make(limited).as_ref(), &request).unwrap();
        assert_eq!(fewer.whole.num_rows(), limit.min(2), "the smaller limit counts");
    }

    let schema = all.whole.schema();
    let names: Vec<String> = schema.fields().iter().rev().map(|field| field.name().clone()).take(2).collect();
    let projected = FileSource { columns: Some(names.clone()), ..plain.clone() };
    let some = read(make(projected).as_ref(), &request()).unwrap();
    let order: Vec<usize> = (0..columns).rev().take(2).collect();
    assert_eq!(some.whole, all.whole.project(&order).unwrap(), "the columns asked for, in that order");

    let misspelt = FileSource { columns: Some(vec![format!("{}x", names[0])]), ..plain.clone() };
    match make(misspelt).open(&request()).map(|_| ()) {
        Err(ExtractError::NoColumn { nearest, .. }) => assert_eq!(nearest, Some(names[0].clone())),
        other => panic!("a column that is not there: {other:?}"),
    }

    let cancelled = request();
    let mut extraction = extractor.open(&cancelled).unwrap();
    let total = extraction.progress().total_bytes;
    assert_eq!(total, Some(extraction.summary().bytes));
    cancelled.cancel.cancel();
    assert!(matches!(extraction.next(), Err(ExtractError::Cancelled)));
    assert!(matches!(extractor.open(&cancelled).map(|_| ()), Err(ExtractError::Cancelled)));

    let mut as_text = request();
    as_text.as_text.extend(schema.fields().iter().map(|field| field.name().clone()));
    let text = read(extractor.as_ref(), &as_text).unwrap();
    assert!(text.whole.schema().fields().iter().all(|field| type_name(field.data_type()) == "text"));
    for column in 0..columns {
        assert_eq!(text.whole.column(column).null_count(), all.whole.column(column).null_count(), "null stays null");
    }
}
