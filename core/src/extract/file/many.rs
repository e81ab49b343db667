//! Several files as one source: their columns together, file after file.
//!
//! A column that a file does not have is null there. Where files differ in a type, the column has one
//! that holds the values of all, or it is text as the files have it. Opens one file at a time.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{Array, ArrayRef, RecordBatchOptions, StringArray, new_null_array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;

use super::{Located, format_name, open_one};
use crate::batch::cast::cast;
use crate::batch::render::cell_text;
use crate::batch::unify::unify;
use crate::batch::{declared_type, is_nulls_only, type_name};
use crate::error::Coded;
use crate::event::{Note, NoteLevel};
use crate::extract::{ExtractError, ExtractRequest, Extraction, Misfit, Position, SourceSummary, Unreadable};

/// Files that are read one after the other.
struct ManyExtraction {
    request: ExtractRequest,
    /// Those not yet begun.
    waiting: VecDeque<Located>,
    current: Option<Reading>,
    /// The columns of the files, without that of their names.
    columns: SchemaRef,
    schema: SchemaRef,
    named: bool,
    limit: u64,
    rows: u64,
    /// Of the files that are done.
    done_bytes: u64,
    done_records: u64,
    total_bytes: u64,
    unreadable: Vec<Unreadable>,
    notes: Vec<Note>,
    parsing: Duration,
    summary: SourceSummary,
}

/// A file being read.
struct Reading {
    extraction: Box<dyn Extraction>,
    label: String,
    path: PathBuf,
    records: u64,
}

/// Decides the columns of all files, which are at least one.
pub(super) fn open(files: Vec<Located>, request: &ExtractRequest) -> Result<Box<dyn Extraction>, ExtractError> {
    let source = files[0].source.clone();
    let mut summary = files[0].about().summary;
    let (mut schemas, mut waiting, mut notes) = (Vec::new(), VecDeque::new(), Vec::new());
    let mut total_bytes = 0;
    let mut absent: Vec<(ExtractError, String)> = Vec::new();
    let mut empty = None;
    for file in files {
        if format_name(file.format) != summary.format {
            summary.format = "mixed";
        }
        match open_adapted(&file, request, &mut absent) {
            Ok(extraction) => {
                total_bytes += extraction.progress().total_bytes.unwrap_or_else(|| extraction.summary().bytes);
                schemas.push(extraction.schema());
                waiting.push_back(file);
            }
            // A part of a delivery may well have no rows, and then has no header either.
            Err(error @ ExtractError::Empty { .. }) => {
                let (code, message) = (Some(error.code().as_str().to_owned()), error.to_string());
                notes.push(Note { level: NoteLevel::Warning, code, message });
                empty.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    if let (true, Some(error)) = (waiting.is_empty(), empty) {
        return Err(error);
    }
    // Whole numbers beside fractions are held against the fraction's precision one by one, below.
    let unified = unify(&schemas, &|_, _| true).schema;
    for (error, column) in absent {
        if unified.column_with_name(&column).is_none() {
            return Err(error);
        }
    }
    let columns: Vec<Arc<Field>> = match &source.columns {
        Some(wanted) => wanted
            .iter()
            .filter_map(|name| unified.column_with_name(name))
            .map(|(_, field)| Arc::new(field.clone()))
            .collect(),
        None => unified.fields().iter().cloned().collect(),
    };
    let mut fields = columns.clone();
    if let Some(name) = &source.file_name_column {
        if unified.column_with_name(name).is_some() {
            return Err(ExtractError::NameTaken { path: source.path_as_written.clone().into(), column: name.clone() });
        }
        fields.push(Arc::new(Field::new(name, DataType::Utf8, true)));
    }
    summary.bytes = total_bytes;
    Ok(Box::new(ManyExtraction {
        request: request.clone(),
        waiting,
        current: None,
        columns: Arc::new(Schema::new(columns)),
        schema: Arc::new(Schema::new(fields)),
        named: source.file_name_column.is_some(),
        limit: source.limit_rows.unwrap_or(u64::MAX).min(request.limit.unwrap_or(u64::MAX)),
        rows: 0,
        done_bytes: 0,
        done_records: 0,
        total_bytes,
        unreadable: Vec::new(),
        notes,
        parsing: Duration::ZERO,
        summary,
    }))
}

/// Opens a file, without asking it for columns that only others have. Those go to `absent`.
fn open_adapted(
    file: &Located,
    request: &ExtractRequest,
    absent: &mut Vec<(ExtractError, String)>,
) -> Result<Box<dyn Extraction>, ExtractError> {
    let (mut file, mut request) = (file.clone(), request.clone());
    loop {
        match open_one(file.clone(), &request) {
            Err(ExtractError::NoColumn { path, column, nearest }) => {
                let chosen = file.source.columns.as_mut().is_some_and(|columns| {
                    let before = columns.len();
                    columns.retain(|other| *other != column);
                    columns.len() < before
                });
                let declared = request.declared.shift_remove(&column).is_some();
                let error = ExtractError::NoColumn { path, column: column.clone(), nearest };
                if !chosen && !declared {
                    return Err(error);
                }
                absent.push((error, column));
            }
            other => return other,
        }
    }
}

impl ManyExtraction {
    /// Goes to the next file; `false` behind the last one.
    fn advance(&mut self) -> Result<bool, ExtractError> {
        self.leave();
        let Some(file) = self.waiting.pop_front() else { return Ok(false) };
        let mut request = self.request.clone();
        // Where only text holds what all files have, it is the text of the files.
        for field in
            self.columns.fields().iter().filter(|field| *field.data_type() == DataType::Utf8 && !is_nulls_only(field))
        {
            if !request.declared.contains_key(field.name()) {
                request.as_text.insert(field.name().clone());
            }
        }
        let extraction = open_adapted(&file, &request, &mut Vec::new())?;
        self.current = Some(Reading { extraction, label: file.label, path: file.path, records: 0 });
        Ok(true)
    }

    /// Takes along what the file has to say.
    fn collect(&mut self) {
        let Some(reading) = &mut self.current else { return };
        for mut unreadable in reading.extraction.take_unreadable() {
            reading.records += 1;
            unreadable.record += self.done_records;
            unreadable.reason = format!("{} ({})", unreadable.reason, reading.label);
            self.unreadable.push(unreadable);
        }
        self.notes.extend(reading.extraction.take_notes());
    }

    fn leave(&mut self) {
        self.collect();
        if let Some(reading) = self.current.take() {
            self.done_bytes += reading.extraction.progress().bytes;
            self.done_records += reading.records;
            self.parsing += reading.extraction.parsing();
        }
    }

    /// The next batch as the file has it.
    fn raw(&mut self) -> Result<Option<RecordBatch>, ExtractError> {
        loop {
            if self.request.cancel.is_cancelled() {
                return Err(ExtractError::Cancelled);
            }
            let Some(reading) = &mut self.current else {
                if self.rows >= self.limit || !self.advance()? {
                    return Ok(None);
                }
                continue;
            };
            let batch = reading.extraction.next();
            self.collect();
            match batch? {
                None => self.leave(),
                Some(batch) => {
                    if let Some(reading) = &mut self.current {
                        reading.records += batch.num_rows() as u64;
                    }
                    return Ok(Some(batch));
                }
            }
        }
    }

    /// A column of the source, and the first row whose value does not fit its type.
    fn column(&self, field: &Field, batch: &RecordBatch) -> (ArrayRef, Option<usize>) {
        let target = field.data_type();
        let Some(array) = batch.column_by_name(field.name()) else {
            return (new_null_array(target, batch.num_rows()), None);
        };
        if array.data_type() == target {
            return (Arc::clone(array), None);
        }
        if array.null_count() == array.len() {
            return (new_null_array(target, batch.num_rows()), None);
        }
        match declared_type(target) {
            Some(declared) => {
                let (array, failed) = cast(array, &declared, self.request.timezone);
                let first = failed.set_indices().next();
                (array, first)
            }
            None => (new_null_array(target, batch.num_rows()), (0..array.len()).find(|row| array.is_valid(*row))),
        }
    }

    /// The batch with the columns of all files, or what does not fit them.
    fn convert(&self, batch: &RecordBatch) -> Result<RecordBatch, Vec<Misfit>> {
        let (mut arrays, mut misfits) = (Vec::with_capacity(self.schema.fields().len()), Vec::new());
        for field in self.columns.fields() {
            let (array, unfit) = self.column(field, batch);
            if let Some(row) = unfit {
                let value = batch.column_by_name(field.name()).and_then(|column| cell_text(column.as_ref(), row));
                misfits.push(Misfit {
                    column: field.name().clone(),
                    value: value.unwrap_or_default().chars().take(100).collect(),
                    line: self.rows + row as u64 + 1,
                    data_type: type_name(field.data_type()),
                });
            }
            arrays.push(array);
        }
        if self.named {
            let label = self.current.as_ref().map_or("", |reading| reading.label.as_str());
            arrays.push(Arc::new(StringArray::from(vec![label; batch.num_rows()])));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        match RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options) {
            Ok(batch) if misfits.is_empty() => Ok(batch),
            _ => Err(misfits),
        }
    }

    /// Looks at all the rest, so that every column that does not fit is known at once.
    fn misfits(&mut self, mut found: Vec<Misfit>) -> ExtractError {
        let mut add = |more: Vec<Misfit>| {
            for misfit in more {
                if !found.iter().any(|known| known.column == misfit.column) {
                    found.push(misfit);
                }
            }
        };
        loop {
            match self.raw() {
                Ok(None) => return ExtractError::Misfit { columns: found },
                Ok(Some(batch)) => {
                    if let Err(more) = self.convert(&batch) {
                        add(more);
                    }
                }
                Err(ExtractError::Misfit { columns }) => {
                    add(columns);
                    self.leave();
                }
                Err(error) => return error,
            }
        }
    }
}

impl Extraction for ManyExtraction {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn next(&mut self) -> Result<Option<RecordBatch>, ExtractError> {
        if self.rows >= self.limit && !self.request.cancel.is_cancelled() {
            return Ok(None);
        }
        let batch = match self.raw() {
            Ok(Some(batch)) => batch,
            Ok(None) => return Ok(None),
            Err(ExtractError::Misfit { columns }) => {
                self.leave();
                return Err(self.misfits(columns));
            }
            Err(error) => return Err(error),
        };
        let left = usize::try_from(self.limit - self.rows).unwrap_or(usize::MAX);
        let batch = batch.slice(0, batch.num_rows().min(left));
        match self.convert(&batch) {
            Ok(batch) => {
                self.rows += batch.num_rows() as u64;
                Ok(Some(batch))
            }
            Err(misfits) if misfits.is_empty() => {
                let path = self.current.as_ref().map(|reading| reading.path.clone()).unwrap_or_default();
                let reason = "its columns changed while it was read".to_owned();
                Err(ExtractError::Malformed { path, format: self.summary.format, line: None, reason })
            }
            Err(misfits) => Err(self.misfits(misfits)),
        }
    }

    fn take_unreadable(&mut self) -> Vec<Unreadable> {
        std::mem::take(&mut self.unreadable)
    }

    fn progress(&self) -> Position {
        let current = self.current.as_ref().map_or(0, |reading| reading.extraction.progress().bytes);
        let bytes = (self.done_bytes + current).min(self.total_bytes);
        Position { rows: self.rows, bytes, total_bytes: Some(self.total_bytes) }
    }

    fn summary(&self) -> SourceSummary {
        self.summary.clone()
    }

    fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    fn parsing(&self) -> Duration {
        self.parsing + self.current.as_ref().map_or(Duration::ZERO, |reading| reading.extraction.parsing())
    }
}
