//! The first records of a source, typed as Bronze would type them.

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use indexmap::IndexSet;

use super::{ExtractError, ExtractRequest, Extraction, Extractor, SourceSummary, Unreadable};
use crate::batch::Cursor;
use crate::event::Note;

/// The first records of a source.
#[derive(Debug)]
pub(crate) struct Sample {
    /// Of every batch.
    pub(crate) schema: SchemaRef,
    /// The records, none of them empty.
    pub(crate) batches: Vec<RecordBatch>,
    /// Records among them that could not be read.
    pub(crate) unreadable: Vec<Unreadable>,
    /// Whether the source has more records.
    pub(crate) more: bool,
    /// Columns that are text because a value did not fit the type of the first ones.
    pub(crate) as_text: IndexSet<String>,
    /// What the source is.
    pub(crate) summary: SourceSummary,
    /// What the source is worth saying.
    pub(crate) notes: Vec<Note>,
    /// How far an incremental extract came.
    pub(crate) cursor: Option<Cursor>,
    /// Why it could not be read on.
    pub(crate) failed: Option<ExtractError>,
}

impl Sample {
    /// Number of records.
    pub(crate) fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }
}

/// Reads the first `limit` records, as often as it takes until every value fits its column.
pub(crate) fn sample(extractor: &dyn Extractor, request: &ExtractRequest, limit: u64) -> Result<Sample, ExtractError> {
    let mut sample = sample_as_far(extractor, request, limit)?;
    match sample.failed.take() {
        Some(error) => Err(error),
        None => Ok(sample),
    }
}

/// The same, and what came before a failure is kept.
///
/// # Errors
///
/// When the source cannot be opened.
pub(crate) fn sample_as_far(
    extractor: &dyn Extractor,
    request: &ExtractRequest,
    limit: u64,
) -> Result<Sample, ExtractError> {
    // One more than is shown tells whether there are more.
    let mut request = ExtractRequest { limit: Some(limit.saturating_add(1)), ..request.clone() };
    loop {
        let error = match take(extractor, &request, limit) {
            Ok(Sample { failed: Some(error @ ExtractError::Misfit { .. }), .. }) | Err(error) => error,
            other => return other,
        };
        match error {
            ExtractError::Misfit { columns }
                if columns.iter().any(|misfit| !request.as_text.contains(&misfit.column)) =>
            {
                request.as_text.extend(columns.into_iter().map(|misfit| misfit.column));
            }
            other => return Err(other),
        }
    }
}

fn take(extractor: &dyn Extractor, request: &ExtractRequest, limit: u64) -> Result<Sample, ExtractError> {
    let mut extraction = extractor.open(request)?;
    let mut sample = Sample {
        schema: extraction.schema(),
        batches: Vec::new(),
        unreadable: Vec::new(),
        more: false,
        as_text: request.as_text.clone(),
        summary: extraction.summary(),
        notes: Vec::new(),
        cursor: None,
        failed: None,
    };
    let mut left = usize::try_from(limit).unwrap_or(usize::MAX);
    loop {
        let batch = match next(extraction.as_mut(), &mut sample.unreadable) {
            Ok(Some(batch)) => batch,
            Ok(None) => break,
            Err(error) => {
                sample.failed = Some(error);
                break;
            }
        };
        sample.more = batch.num_rows() > left;
        let shown = batch.slice(0, batch.num_rows().min(left));
        left -= shown.num_rows();
        if shown.num_rows() > 0 {
            sample.batches.push(shown);
        }
        if sample.more {
            break;
        }
    }
    sample.notes = extraction.take_notes();
    sample.cursor = extraction.cursor();
    Ok(sample)
}

fn next(
    extraction: &mut dyn Extraction,
    unreadable: &mut Vec<Unreadable>,
) -> Result<Option<RecordBatch>, ExtractError> {
    let batch = extraction.next();
    unreadable.extend(extraction.take_unreadable());
    batch
}
