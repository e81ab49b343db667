//! `preview`: the first records of a source, as Bronze would type them, and how they came.
//!
//! Writes nothing. Ends within its limits of records, pages, bytes and time.

mod findings;
mod schema;
mod trace;

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use arrow::record_batch::RecordBatch;
use chrono::NaiveDate;

use super::Engine;
use super::datasets::fingerprint;
use super::run::Job;
use super::wire::{
    ColumnInfo, Count, CursorState, Draft, ErrorBody, Exchange, LogLine, NoteLevel, PreviewInfo, PreviewRequest,
    PreviewState, Table, UnreadableRecord,
};
use crate::batch::{self, Cursor};
use crate::bronze::{self, BronzeError, BronzeTable, Reach};
use crate::cancel::CancelToken;
use crate::config::Loaded;
use crate::config::settings::Dataset;
use crate::diagnostic::code;
use crate::extract::{self, Budget, ExtractError, ExtractRequest, Sample};
use crate::figures::counted;
use crate::run;
use trace::Trace;

/// Records of a preview at most.
const LIMIT: u32 = 1_000;
/// Pages, if not said otherwise.
const PAGES: u32 = 10;
/// Seconds, if not said otherwise.
const SECONDS: u32 = 30;
/// Bytes, if not said otherwise.
const BYTES: u64 = 32 << 20;

/// The limits of a preview.
#[derive(Clone, Copy, Debug)]
struct Limits {
    records: u64,
    pages: u64,
    bytes: u64,
    seconds: u32,
}

impl Limits {
    fn of(request: &PreviewRequest) -> Self {
        Self {
            records: u64::from(request.limit.clamp(1, LIMIT)),
            pages: u64::from(request.pages.unwrap_or(PAGES).max(1)),
            bytes: request.bytes.map_or(BYTES, |bytes| bytes.0.max(1)),
            seconds: request.seconds.unwrap_or(SECONDS).clamp(1, 600),
        }
    }

    /// No further page is asked for after four fifths of the time, so that what is under way may come.
    fn budget(self) -> Budget {
        let time = Duration::from_millis(u64::from(self.seconds) * 800);
        Budget { pages: Some(self.pages), bytes: Some(self.bytes), time: Some(time) }
    }
}

impl Engine {
    /// See the command table.
    ///
    /// # Errors
    ///
    /// CFG codes for the configuration, EXT codes for a source that cannot be asked at all. What goes
    /// wrong after the first request is in the reply, beside that request.
    pub fn preview(&self, request: PreviewRequest) -> Result<Table<PreviewInfo>, ErrorBody> {
        let site = self.site();
        let loaded = match &request.text {
            None => site.load(&request.of.target),
            Some(text) => {
                let target = &request.of.target;
                let file = target.path.clone();
                let draft = Draft { file, text: text.clone(), environment: target.environment.clone() };
                Loaded { root: self.root.clone(), files: vec![self.load_draft(&draft)] }
            }
        };
        let (file, dataset) = run::dataset(&loaded, &request.of.dataset)?;
        let date =
            request.date.unwrap_or_else(|| site.world.clock.now().with_timezone(&dataset.bronze.timezone).date_naive());
        let job = Job::begin(self, &request.job);
        let look = Look { engine: self, dataset, date, limits: Limits::of(&request), resume: request.resume };
        let seen = look.look(&job.token)?;
        let columns = columns(dataset, &seen.sample);
        if let Ok(mut previewed) = self.previewed.lock()
            && !columns.is_empty()
        {
            previewed.insert((file.display.clone(), dataset.name.clone()), columns.clone());
        }
        let found = findings::Look { dataset, sample: &seen.sample, schema: &seen.schema, state: seen.state.as_ref() };
        let failed = seen.error.is_some();
        let info = PreviewInfo {
            dataset: dataset.name.clone(),
            file: file.display.clone(),
            fingerprint: fingerprint(dataset),
            source: seen.sample.summary.location.clone(),
            findings: findings::findings(&found, failed, file),
            columns,
            more: seen.sample.more,
            stopped: seen.stopped,
            unreadable: unreadable(&seen.sample),
            schema: seen.schema,
            exchanges: seen.exchanges,
            state: seen.state,
            log: seen.log,
            error: seen.error,
        };
        let batches = if seen.sample.batches.is_empty() {
            vec![RecordBatch::new_empty(seen.sample.schema)]
        } else {
            seen.sample.batches
        };
        Ok(Table { info, batches })
    }
}

/// A look at a source.
struct Look<'a> {
    engine: &'a Engine,
    dataset: &'a Dataset,
    date: NaiveDate,
    limits: Limits,
    resume: bool,
}

/// What came of it.
struct Seen {
    sample: Sample,
    schema: Vec<super::wire::ColumnDelta>,
    state: Option<PreviewState>,
    stopped: Option<String>,
    exchanges: Vec<Exchange>,
    log: Vec<LogLine>,
    error: Option<ErrorBody>,
}

impl Look<'_> {
    fn look(&self, token: &CancelToken) -> Result<Seen, ErrorBody> {
        let (dataset, world) = (self.dataset, &self.engine.world);
        let trace = Arc::new(Trace::new());
        let (mut state, since) = self.state();
        // What ends the time ends the reading, and is told apart from a person who cancels.
        let late = CancelToken::new();
        let ring = late.clone();
        token.on_cancel(move || ring.cancel());
        let mut request = ExtractRequest::of(dataset, self.date, None, world, &late);
        request.since = since.filter(|_| self.resume);
        request.budget = self.limits.budget();
        request.observer = trace.clone();
        let from = match request.since.as_ref() {
            Some(cursor) => format!(" from {} = {}", cursor.field, cursor.value),
            None => String::new(),
        };
        trace.say(
            NoteLevel::Info,
            format!("reading {}{from}, at most {}", dataset.name, counted(self.limits.records, "record")),
        );
        let extractor = extract::extractor(&dataset.source);
        let read =
            self.within_time(&late, || extract::sample_as_far(extractor.as_ref(), &request, self.limits.records));
        let cancelled = token.is_cancelled();
        let out_of_time = late.is_cancelled() && !cancelled;
        let body = |error: &ExtractError| match error {
            ExtractError::Cancelled if out_of_time => self.too_late(),
            other => ErrorBody::of(other),
        };
        let (mut sample, mut error) = match read {
            Ok(mut sample) => {
                let failed = sample.failed.take();
                (sample, failed.as_ref().map(body))
            }
            // Without a request there is nothing to show but the error.
            Err(error) if trace.is_empty() || cancelled => return Err(body(&error)),
            Err(error) => (nothing(dataset, self.date), Some(body(&error))),
        };
        if cancelled {
            error = Some(ErrorBody::of(&ExtractError::Cancelled));
        }
        let schema = if error.is_none() {
            schema::deltas(dataset, &sample, extractor.as_ref(), &request, self.limits.records)
        } else {
            Vec::new()
        };
        if let Some(state) = &mut state {
            state.to = sample.cursor.as_ref().map(cursor_state);
            state.from = request.since.as_ref().map(cursor_state);
        }
        let stopped = self.stopped(&sample, &trace, out_of_time);
        sample.more |= stopped.is_some();
        match (&error, &stopped) {
            (Some(error), _) => trace.say(NoteLevel::Warning, format!("{}: {}", error.code, error.message)),
            (None, Some(stopped)) => trace.say(NoteLevel::Info, stopped.clone()),
            (None, None) => {}
        }
        trace.say(NoteLevel::Info, format!("{} read; nothing was written", counted(sample.rows() as u64, "record")));
        let (exchanges, log) = trace.take();
        Ok(Seen { sample, schema, state, stopped, exchanges, log, error })
    }

    /// Works, and rings when the time is over.
    fn within_time<T>(&self, late: &CancelToken, work: impl FnOnce() -> T) -> T {
        let (done, end) = channel::<()>();
        let (bell, time) = (late.clone(), Duration::from_secs(u64::from(self.limits.seconds)));
        let watching = std::thread::Builder::new().name("preview-time".into()).spawn(move || {
            if end.recv_timeout(time) == Err(RecvTimeoutError::Timeout) {
                bell.cancel();
            }
        });
        let result = work();
        drop(done);
        if let Ok(thread) = watching {
            drop(thread.join());
        }
        result
    }

    fn too_late(&self) -> ErrorBody {
        ErrorBody {
            code: code::RUN088,
            message: format!("the source did not answer within {} s", self.limits.seconds),
            causes: Vec::new(),
            hint: Some("give the preview more time, or ask for fewer records or pages".into()),
            diagnostics: Vec::new(),
            exit: crate::error::Stage::Extraction.exit(),
            transient: true,
        }
    }

    /// Which limit ended it, where the source did not; records say so themselves.
    fn stopped(&self, sample: &Sample, trace: &Trace, out_of_time: bool) -> Option<String> {
        let limits = self.limits;
        if out_of_time {
            return Some(format!("stopped after {} s", limits.seconds));
        }
        if sample.more || trace.is_empty() || sample.failed.is_some() {
            return None;
        }
        if trace.pages() >= limits.pages && limits.pages > 1 {
            return Some(format!("stopped after {}", counted(limits.pages, "page")));
        }
        if trace.pages() >= limits.pages && sample.rows() > 0 {
            return Some("stopped after the first page".to_owned());
        }
        (trace.bytes() >= limits.bytes).then(|| format!("stopped after {}", counted(trace.bytes(), "byte")))
    }

    /// Where a run would start, told from commits; nothing for sources that are read whole.
    fn state(&self) -> (Option<PreviewState>, Option<Cursor>) {
        let Some(incremental) = bronze::incremental(&self.dataset.source) else { return (None, None) };
        let table = BronzeTable::of(self.dataset, &self.engine.world);
        let mut state = PreviewState {
            field: incremental.cursor.clone(),
            run_from: None,
            closed_by: None,
            from: None,
            to: None,
            problem: None,
        };
        match bronze::reach(self.dataset, &table, self.date, false) {
            Ok(Reach::Closed { by, .. }) => {
                state.closed_by = Some(by);
                (Some(state), None)
            }
            Ok(reach) => {
                state.run_from = reach.since().map(cursor_state);
                (Some(state), reach.since().cloned())
            }
            Err(error) => {
                state.problem = Some(ErrorBody::of(&BronzeError::Reach(error)));
                (Some(state), None)
            }
        }
    }
}

pub(super) fn cursor_state(cursor: &Cursor) -> CursorState {
    CursorState { value: cursor.value.clone(), data_type: cursor.type_name.clone() }
}

/// A sample of a source that gave nothing.
fn nothing(dataset: &Dataset, date: NaiveDate) -> Sample {
    Sample {
        schema: Arc::new(arrow::datatypes::Schema::empty()),
        batches: Vec::new(),
        unreadable: Vec::new(),
        more: false,
        as_text: indexmap::IndexSet::new(),
        summary: extract::SourceSummary {
            kind: dataset.source.kind(),
            location: dataset.source.location(date),
            format: "",
            bytes: 0,
        },
        notes: Vec::new(),
        cursor: None,
        failed: None,
    }
}

fn columns(dataset: &Dataset, sample: &Sample) -> Vec<ColumnInfo> {
    let schema = sample.batches.first().map_or_else(|| sample.schema.clone(), RecordBatch::schema);
    let column = |field: &Arc<arrow::datatypes::Field>| ColumnInfo {
        name: field.name().clone(),
        data_type: batch::type_name(field.data_type()),
        declared: dataset.bronze.schema.contains_key(field.name()) && !sample.as_text.contains(field.name()),
    };
    schema.fields().iter().map(column).collect()
}

fn unreadable(sample: &Sample) -> Vec<UnreadableRecord> {
    let record = |row: &extract::Unreadable| UnreadableRecord {
        line: Count(row.line),
        reason: row.reason.clone(),
        raw: row.raw.clone(),
    };
    sample.unreadable.iter().map(record).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_of_which_only_the_requests_came_can_be_sent() {
        let schema = Arc::new(arrow::datatypes::Schema::empty());
        let table = Table { info: "requests", batches: vec![RecordBatch::new_empty(schema)] };
        assert!(!table.to_ipc().unwrap().is_empty());
    }

    #[test]
    fn limits_stay_within_bounds() {
        let request = PreviewRequest { limit: 0, pages: Some(0), seconds: Some(9_999), ..PreviewRequest::default() };
        let limits = Limits::of(&request);
        assert_eq!((limits.records, limits.pages, limits.seconds), (1, 1, 600));
        assert_eq!(limits.budget().time, Some(Duration::from_mins(8)));
    }
}
