//! `preview`: the first records of a source, as Bronze would type them.

use std::collections::HashSet;

use arrow::array::Array;
use arrow::record_batch::RecordBatch;

use super::Engine;
use super::wire::{
    ColumnInfo, Count, ErrorBody, Note, NoteLevel, PreviewInfo, PreviewRequest, Table, UnreadableRecord,
};
use crate::batch;
use crate::bronze;
use crate::cancel::CancelToken;
use crate::config::settings::Dataset;
use crate::event::counted;
use crate::extract::{self, ExtractRequest};
use crate::run;

/// Records of a preview at most.
const LIMIT: u32 = 1_000;

impl Engine {
    /// See the command table.
    ///
    /// # Errors
    ///
    /// CFG codes for the configuration, EXT codes for the source.
    pub fn preview(&self, request: PreviewRequest) -> Result<Table<PreviewInfo>, ErrorBody> {
        let site = self.site();
        let loaded = site.load(&request.of.target);
        let (file, dataset) = run::dataset(&loaded, &request.of.dataset)?;
        let date =
            request.date.unwrap_or_else(|| site.world.clock.now().with_timezone(&dataset.bronze.timezone).date_naive());
        let limit = u64::from(request.limit.clamp(1, LIMIT));
        let request = ExtractRequest::of(dataset, date, None, &CancelToken::new());
        let extractor = bronze::extractor(&dataset.source);
        let sample = extract::sample(extractor.as_ref(), &request, limit).map_err(|error| ErrorBody::of(&error))?;
        let schema = sample.batches.first().map_or_else(|| sample.schema.clone(), RecordBatch::schema);
        let columns: Vec<ColumnInfo> = schema
            .fields()
            .iter()
            .map(|field| ColumnInfo {
                name: field.name().clone(),
                data_type: batch::type_name(field.data_type()),
                declared: dataset.bronze.schema.contains_key(field.name()) && !sample.as_text.contains(field.name()),
            })
            .collect();
        if let Ok(mut previewed) = self.previewed.lock() {
            previewed.insert((file.display.clone(), dataset.name.clone()), columns.clone());
        }
        let info = PreviewInfo {
            dataset: dataset.name.clone(),
            source: sample.summary.location,
            columns,
            more: sample.more,
            notes: findings(dataset, &sample.batches),
            unreadable: sample
                .unreadable
                .into_iter()
                .map(|row| UnreadableRecord { line: Count(row.line), reason: row.reason, raw: row.raw })
                .collect(),
        };
        let batches = if sample.batches.is_empty() { vec![RecordBatch::new_empty(schema)] } else { sample.batches };
        Ok(Table { info, batches })
    }
}

/// What a person should know of these records before they run: keys that are null or repeated,
/// columns without a value.
fn findings(dataset: &Dataset, batches: &[RecordBatch]) -> Vec<Note> {
    let mut notes = Vec::new();
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    if rows == 0 {
        notes.push(Note { level: NoteLevel::Warning, code: None, message: "the source has no records".into() });
        return notes;
    }
    let Some(first) = batches.first() else { return notes };
    for field in first.schema().fields() {
        let empty = batches
            .iter()
            .all(|batch| batch.column_by_name(field.name()).is_none_or(|array| array.null_count() == array.len()));
        if empty {
            notes.push(Note {
                level: NoteLevel::Info,
                code: None,
                message: format!("column `{}` has no value in these records", field.name()),
            });
        }
    }
    if let Some(silver) = dataset.silver.as_ref().filter(|silver| !silver.primary_keys.is_empty()) {
        let bronze =
            |name: &String| silver.rename_map.iter().find(|(_, to)| *to == name).map_or(name, |(from, _)| from).clone();
        let keys: Vec<String> = silver.primary_keys.iter().map(bronze).collect();
        notes.push(key_finding(&keys, batches));
    }
    notes
}

fn key_finding(keys: &[String], batches: &[RecordBatch]) -> Note {
    let name = keys.join(", ");
    let (mut seen, mut nulls, mut repeated) = (HashSet::new(), 0_usize, 0_usize);
    for batch in batches {
        let arrays: Vec<_> = keys.iter().map(|key| batch.column_by_name(key)).collect();
        if let Some(missing) = keys.iter().zip(&arrays).find(|(_, array)| array.is_none()) {
            let message = format!("key column `{}` is not in the source", missing.0);
            return Note { level: NoteLevel::Warning, code: Some("VAL012".into()), message };
        }
        for row in 0..batch.num_rows() {
            let key: Option<Vec<String>> =
                arrays.iter().flatten().map(|array| batch::render::cell_text(array, row)).collect();
            match key {
                None => nulls += 1,
                Some(key) => repeated += usize::from(!seen.insert(key)),
            }
        }
    }
    let (level, message) = match (nulls, repeated) {
        (0, 0) => (NoteLevel::Info, format!("key {name}: unique and never null in these records")),
        (nulls, 0) => (
            NoteLevel::Warning,
            format!("key {name}: null in {}, which would be quarantined", counted(nulls as u64, "record")),
        ),
        (0, repeated) => {
            (NoteLevel::Warning, format!("key {name}: repeated in {}", counted(repeated as u64, "record")))
        }
        (nulls, repeated) => (
            NoteLevel::Warning,
            format!("key {name}: null in {}, repeated in {repeated}", counted(nulls as u64, "record")),
        ),
    };
    Note { level, code: None, message }
}
