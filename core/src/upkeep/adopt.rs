//! Makes Bronze of the predecessor ours: one commit that names its files as they are. Nothing is moved,
//! copied or rewritten; what is not exactly what its `_checksums.json` says is refused.

use std::io::Read;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use chrono::NaiveDate;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};

use super::Grounds;
use super::find::Found;
use super::predecessor::{CHECKSUMS, Listed, METADATA, Manifest, record};
use super::verify::Look;
use crate::api::wire::{AdoptReport, AdoptedFolder, ErrorBody, FileFinding, Severity};
use crate::batch::reread::Reread;
use crate::batch::unify::unify;
use crate::cancel::CancelToken;
use crate::config::settings::LoadPattern;
use crate::diagnostic::code;
use crate::error::{EXIT_OK, Stage};
use crate::publish::{CommittedTable, Draft, Part, PublishError, Sums, parts, summed, timestamp};
use crate::storage::{Key, StorageError};

/// Bytes of a CSV header at most.
const HEADER: u64 = 1 << 20;

/// Adopts each of these folders that is the predecessor's, or says what would be adopted.
pub(crate) fn adopt(grounds: &Grounds<'_>, found: &[Found], write: bool, cancel: &CancelToken) -> AdoptReport {
    let run_id = grounds.world.entropy.id();
    let mut folders = Vec::new();
    for found in found {
        if cancel.is_cancelled() {
            break;
        }
        let looked = Look::predecessor(grounds, found, cancel);
        if !looked.predecessor {
            continue;
        }
        let errors = looked.findings.into_iter().filter(|finding| finding.severity == Severity::Error).collect();
        let mut folder = AdoptedFolder {
            path: looked.path,
            date: None,
            load_pattern: String::new(),
            rows: 0_u64.into(),
            files: looked.files,
            bytes: looked.bytes,
            findings: errors,
        };
        if let Err(finding) = take(grounds, found, &run_id, write, &mut folder) {
            folder.findings.push(*finding);
        }
        folders.push(folder);
    }
    let refused = folders.iter().filter(|folder| !folder.findings.is_empty()).count() as u64;
    AdoptReport {
        adopted: (folders.len() as u64 - refused).into(),
        refused: refused.into(),
        written: write,
        exit: match () {
            () if cancel.is_cancelled() => Stage::Cancelled.exit(),
            () if refused > 0 => Stage::Validation.exit(),
            () => EXIT_OK,
        },
        folders,
    }
}

/// Adopts one folder, unless something was found already.
fn take(
    grounds: &Grounds<'_>,
    found: &Found,
    run_id: &str,
    write: bool,
    folder: &mut AdoptedFolder,
) -> Result<(), Box<FileFinding>> {
    let refuse = |message: String| {
        let cure = code::STG070.entry().map(|entry| entry.cure().to_owned()).unwrap_or_default();
        let (severity, file) = (Severity::Error, folder_name(grounds, found));
        Box::new(FileFinding { severity, code: code::STG070, file, message, hint: cure })
    };
    let failed = |error: &PublishError| {
        let body = ErrorBody::of(error);
        let hint = body.hint.unwrap_or_default();
        let (severity, file) = (Severity::Error, folder_name(grounds, found));
        Box::new(FileFinding { severity, code: body.code, file, message: body.message, hint })
    };
    let read =
        |name| record(&found.partition, name).map_err(|problem| refuse(format!("{name} cannot be read: {problem}")));
    let (Some(metadata), Some(checksums)) = (read(METADATA)?, read(CHECKSUMS)?) else {
        return Err(refuse(format!("{METADATA} is missing, so its date and load pattern are not known")));
    };
    let text = |name: &str| metadata.get(name).and_then(Value::as_str);
    let date: Option<NaiveDate> = text("run_date").and_then(|date| date.parse().ok());
    let pattern = text("load_pattern").and_then(LoadPattern::parse);
    folder.date = date;
    folder.load_pattern = pattern.map(|pattern| pattern.as_str().to_owned()).unwrap_or_default();
    let (Some(date), Some(pattern)) = (date, pattern) else {
        return Err(refuse(format!("{METADATA} has no run date or no load pattern that is known here")));
    };
    if metadata.get("silver_model").is_some() || metadata.get("partition_path").is_none() {
        return Err(refuse("it is no Bronze: Silver is made again from adopted Bronze".into()));
    }
    agrees(found, date, pattern).map_err(&refuse)?;
    if !folder.findings.is_empty() {
        // What does not hold was said already.
        return Ok(());
    }
    let manifest: Manifest = serde_json::from_value(checksums.clone()).map_err(|error| refuse(error.to_string()))?;
    let table = table(found, &manifest).map_err(&refuse)?;
    folder.rows = table.rows.into();
    if !write {
        return Ok(());
    }
    let attempt = found.partition.begin(&grounds.world.entropy.id()).map_err(|error| failed(&error))?;
    if attempt.version() != 1 {
        return Err(refuse("it has commits already".into()));
    }
    let place = found.partition.place().to_string().replace('\\', "/");
    let below_table = place.rsplit_once("/table=").and_then(|(_, below)| below.split_once('/'));
    let mut known = json!({
        "layer": "bronze",
        "dataset": format!("{}.{}", text("system").unwrap_or_default(), text("table").unwrap_or_default()),
        "run_date": date,
        "load_pattern": pattern.as_str(),
        "adopted": true,
        "notes": [],
        "metadata": metadata,
        "checksums": checksums,
    });
    if let Some((_, id)) = below_table {
        known["partition"] = id.into();
    }
    let draft = Draft {
        run_id: run_id.to_owned(),
        committed_at: timestamp(grounds.world.clock.now()),
        tables: vec![table],
        errors: None,
        meaning: format!("{} {date}", pattern.as_str()),
        metadata: known,
        record_unchanged: false,
        cursor: None,
    };
    attempt.commit(draft).map(drop).map_err(|error| failed(&error))
}

fn folder_name(grounds: &Grounds<'_>, found: &Found) -> String {
    grounds.display(&found.partition.place())
}

/// A folder that says otherwise than its metadata is a copy somebody made, and no reader would take it.
fn agrees(found: &Found, date: NaiveDate, pattern: LoadPattern) -> Result<(), String> {
    let place = found.partition.place().to_string();
    let says = |name: &str| {
        let of = |segment: &'_ str| segment.strip_prefix(name)?.strip_prefix('=').map(str::to_owned);
        place.split(['/', '\\']).rev().find_map(of)
    };
    if let Some(dt) = says("dt").filter(|dt| *dt != date.to_string()) {
        return Err(format!("its folder is of {dt}, its metadata of {date}"));
    }
    if let Some(folder) = says("pattern").filter(|folder| LoadPattern::parse(folder).is_some_and(|of| of != pattern)) {
        return Err(format!("its folder says `{folder}`, its metadata `{}`", pattern.as_str()));
    }
    Ok(())
}

/// The files as one table: Parquet decides the columns where there is any, otherwise all is text.
fn table(found: &Found, manifest: &Manifest) -> Result<CommittedTable, String> {
    let mut files: Vec<&Listed> = manifest.files.iter().filter(|file| file.format().is_some()).collect();
    files.sort_by(|a, b| a.name().cmp(b.name()));
    let key =
        |file: &Listed| file.key(found.partition.base()).ok_or_else(|| format!("`{}` leads elsewhere", file.name()));
    let (mut schemas, mut parquet_rows) = (Vec::new(), Vec::new());
    for file in files.iter().filter(|file| file.format() == Some("parquet")) {
        let opened = found.partition.store().open(&key(file)?).map_err(|error| error.to_string())?;
        let footer = ParquetRecordBatchReaderBuilder::try_new(opened).map_err(|error| error.to_string())?;
        // A column of a part without a value says nothing of its type.
        schemas.push(known(footer.schema()));
        let rows = u64::try_from(footer.metadata().file_metadata().num_rows()).unwrap_or(0);
        parquet_rows.push((stem(file), rows));
    }
    if schemas.is_empty() {
        for file in &files {
            schemas.push(header(found, &key(file)?).map_err(|error| format!("{}: {error}", file.name()))?);
        }
    }
    let schema = unify(&schemas, &|_, _| false).schema;
    let mut all = Vec::new();
    for file in &files {
        let format = file.format().unwrap_or_default();
        let rows = match parquet_rows.iter().find(|(name, _)| *name == stem(file)) {
            // Both formats were written from the same rows.
            Some((_, rows)) => *rows,
            None => csv_rows(found, &key(file)?, &schema).map_err(|error| format!("{}: {error}", file.name()))?,
        };
        // Between the look and this reading it may have changed.
        let (sha256, blocks) = sums(found, &key(file)?).map_err(|error| format!("{}: {error}", file.name()))?;
        if sha256 != file.sha256 {
            return Err(format!("`{}` changed while it was read", file.name()));
        }
        let (path, format, bytes) = (file.name().to_owned(), format.to_owned(), file.size_bytes);
        all.push(Part { path, format, rows, bytes, sha256, blocks: Some(blocks) });
    }
    let columns = parts::columns(&schema, |_| false);
    let mut table = CommittedTable { name: "data".into(), rows: 0, columns, parts: all };
    table.rows = table.readable().map(|part| part.rows).sum();
    Ok(table)
}

/// The hash of a file, and the sums by which its pieces are checked later.
fn sums(found: &Found, key: &Key) -> Result<(String, Sums), String> {
    let file = found.partition.store().open(key).map_err(|error| error.to_string())?;
    summed(&file).map_err(|error| error.to_string())
}

/// The name of a file without its format.
fn stem(file: &Listed) -> &str {
    file.name().rsplit_once('.').map_or(file.name(), |(stem, _)| stem)
}

/// The schema with types that have no value marked as unknown.
fn known(schema: &SchemaRef) -> SchemaRef {
    let field = |field: &std::sync::Arc<Field>| match field.data_type() {
        DataType::Null => Field::new(field.name(), DataType::Utf8, true)
            .with_metadata([(crate::batch::NULLS_ONLY.to_owned(), "true".to_owned())].into()),
        other => Field::new(field.name(), other.clone(), true),
    };
    std::sync::Arc::new(Schema::new(schema.fields().iter().map(field).collect::<Vec<_>>()))
}

/// The columns of a CSV file, all text.
fn header(found: &Found, key: &Key) -> Result<SchemaRef, String> {
    let reader = found.partition.store().open(key).map_err(|error| error.to_string())?;
    let mut text = Vec::new();
    reader
        .0
        .reader(0)
        .and_then(|reader| reader.take(HEADER).read_to_end(&mut text))
        .map_err(|error| error.to_string())?;
    let mut names = vec![0; text.len()];
    let mut ends = vec![0; text.len() + 1];
    let (_, _, _, fields) = csv_core::Reader::new().read_record(&text, &mut names, &mut ends);
    let mut start = 0;
    let mut columns = Vec::new();
    for end in &ends[..fields] {
        let name = std::str::from_utf8(&names[start..*end]).map_err(|error| error.to_string())?;
        columns.push(Field::new(name.trim_start_matches('\u{feff}'), DataType::Utf8, true));
        start = *end;
    }
    Ok(std::sync::Arc::new(Schema::new(columns)))
}

fn csv_rows(found: &Found, key: &Key, schema: &SchemaRef) -> Result<u64, String> {
    let told = |error: StorageError| error.to_string();
    let reader = found.partition.store().open(key).map_err(told)?.0.reader(0).map_err(|error| error.to_string())?;
    let mut reread = Reread::new(reader, schema.clone());
    let mut rows = 0;
    while let Some(batch) = reread.next_batch().map_err(|error| error.to_string())? {
        rows += batch.num_rows() as u64;
    }
    Ok(rows)
}
