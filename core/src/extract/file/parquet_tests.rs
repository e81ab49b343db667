//! Parquet through the extractor, case by case.

use std::path::PathBuf;
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use arrow::array::{
    ArrayRef, Date32Array, DictionaryArray, Float64Array, Int32Array, Int64Array, LargeStringArray, NullArray,
    StringArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
};
use arrow::datatypes::Int8Type;
use arrow::record_batch::RecordBatch;

use super::super::contract::{self, file, read, read_widened, request, show, source};
use crate::config::settings::{DeclaredType, FileSource};
use crate::error::Coded;
use crate::extract::ExtractError;

fn written(columns: Vec<(&str, ArrayRef)>) -> (tempfile::TempDir, PathBuf) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    file("a.parquet", writer.into_inner().unwrap())
}

#[test]
fn every_promise_of_an_extractor() {
    let (_folder, path) = written(vec![
        ("id", Arc::new(Int64Array::from_iter_values(0..20_000))),
        ("name", Arc::new((0..20_000).map(|id| (id % 3 != 0).then(|| format!("n{id}"))).collect::<StringArray>())),
        ("day", Arc::new(Date32Array::from_iter_values(0..20_000))),
        ("at", Arc::new(TimestampNanosecondArray::from_iter_values((0..20_000).map(|id| id * 1_000)))),
    ]);
    contract::check(&|source| crate::extract::file(&source), &source(&path));
}

#[test]
fn types_are_those_of_the_file_without_its_encodings() {
    let dictionary: DictionaryArray<Int8Type> = [Some("x"), None, Some("x")].into_iter().collect();
    let (_folder, path) = written(vec![
        ("small", Arc::new(Int32Array::from(vec![1, 2, 3]))),
        ("dict", Arc::new(dictionary)),
        ("large", Arc::new(LargeStringArray::from(vec!["a", "b", ""]))),
        ("whole", Arc::new(TimestampNanosecondArray::from(vec![Some(1_000), None, Some(-2_000)]))),
        ("nanos", Arc::new(TimestampNanosecondArray::from(vec![1, 2, 3]))),
        ("millis", Arc::new(TimestampMillisecondArray::from(vec![1, 2, 3]).with_timezone("+02:00"))),
        ("none", Arc::new(NullArray::new(3))),
        ("micros", Arc::new(TimestampMicrosecondArray::from(vec![1, 2, 3]))),
    ]);
    let all = read(crate::extract::file(&source(&path)).as_ref(), &request()).unwrap();
    insta::assert_snapshot!(show(&all.whole), @r"
    small: integer | dict: text | large: text | whole: timestamp | nanos: timestamp (nanoseconds) | millis: timestamptz | none: text? | micros: timestamp
    1 | x | a | 1970-01-01T00:00:00.000001 | 1970-01-01T00:00:00.000000001 | 1970-01-01T00:00:00.001Z | ∅ | 1970-01-01T00:00:00.000001
    2 | ∅ | b | ∅ | 1970-01-01T00:00:00.000000002 | 1970-01-01T00:00:00.002Z | ∅ | 1970-01-01T00:00:00.000002
    3 | x |  | 1969-12-31T23:59:59.999998 | 1970-01-01T00:00:00.000000003 | 1970-01-01T00:00:00.003Z | ∅ | 1970-01-01T00:00:00.000003
    ");
}

#[test]
fn declared_types_are_exact_or_text() {
    let (_folder, path) = written(vec![
        ("price", Arc::new(Float64Array::from(vec![Some(1.5), None, Some(2.25)]))),
        ("id", Arc::new(Int32Array::from(vec![1, 2, 3]))),
        ("at", Arc::new(TimestampMicrosecondArray::from(vec![0, 1, 2]))),
    ]);
    let extractor = crate::extract::file(&source(&path));
    let mut request = request();
    request.declared.insert("price".into(), DeclaredType::Decimal { precision: 9, scale: 1 });
    request.declared.insert("id".into(), DeclaredType::Text);
    request.declared.insert("at".into(), DeclaredType::Timestamptz);
    let Err(ExtractError::Misfit { columns }) = read(extractor.as_ref(), &request) else { panic!("it was rounded") };
    assert_eq!((columns[0].value.as_str(), columns[0].line), ("2.25", 3));
    assert_eq!(
        show(&read_widened(extractor.as_ref(), request.clone()).whole).lines().next().unwrap(),
        "price: text | id: text | at: timestamptz"
    );
    request.declared.insert("price".into(), DeclaredType::Decimal { precision: 9, scale: 2 });
    assert!(show(&read(extractor.as_ref(), &request).unwrap().whole).contains("2.25 | 3 | "));
}

#[test]
fn what_is_wrong_with_a_file_is_said() {
    let (_folder, path) = file("a.parquet", "id,name\n1,x\n");
    let error = crate::extract::file(&source(&path)).open(&request()).map(|_| ()).unwrap_err();
    assert_eq!(error.code(), crate::diagnostic::code::EXT018);
    let (_folder, path) = file("a.parquet", "");
    let error = crate::extract::file(&source(&path)).open(&request()).map(|_| ()).unwrap_err();
    assert_eq!(error.code(), crate::diagnostic::code::EXT018);

    let (_folder, path) = written(vec![("customer_id", Arc::new(Int32Array::from(vec![1])))]);
    let misspelt = FileSource { columns: Some(vec!["custmer_id".into()]), ..source(&path) };
    let error = crate::extract::file(&misspelt).open(&request()).map(|_| ()).unwrap_err();
    assert_eq!(
        (error.code(), error.hint()),
        (crate::diagnostic::code::EXT017, Some("did you mean `customer_id`?".into()))
    );
}

#[test]
fn a_truncated_file_is_refused() {
    let (_folder, path) = written(vec![("id", Arc::new(Int64Array::from_iter_values(0..10_000)))]);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 10]).unwrap();
    assert!(crate::extract::file(&source(&path)).open(&request()).is_err());
    let mut flipped = bytes.clone();
    flipped[20..200].fill(0xA5);
    std::fs::write(&path, flipped).unwrap();
    let result = read(crate::extract::file(&source(&path)).as_ref(), &request());
    assert!(matches!(result, Err(ExtractError::Malformed { .. })), "{result:?}");
}
