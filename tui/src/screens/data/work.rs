//! Long work on rows: opening them in another order, finding, profiling, exporting. One at a time; a
//! new one stops the old one.

use medallion_core::api::wire::{
    CancelRequest, Count, ExportFormat, ExportRequest, FindRequest, OpenRowsRequest, ProfileRequest, ReadProgress,
    RowsOf,
};

use super::Data;
use crate::app::message::{Answer, Request};
use crate::app::shared::{Purpose, Shared};
use crate::theme::Mark;
use crate::widgets::text;

/// What is going on.
#[derive(Debug)]
pub(super) struct Work {
    generation: u64,
    pub(super) since: u64,
    pub(super) kind: Kind,
    pub(super) progress: Option<ReadProgress>,
    job: String,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// Rows are opened, to be shown in the place of those that are.
    Open(Box<RowsOf>),
    /// Something is looked for; `again` when the other end was passed.
    Find {
        backwards: bool,
        again: bool,
    },
    Profile,
    Export {
        path: String,
    },
}

impl Kind {
    /// In one word, for the person who waits.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Open(_) => "opening",
            Self::Find { .. } => "looking",
            Self::Profile => "profiling",
            Self::Export { .. } => "exporting",
        }
    }
}

impl Data {
    fn begin(&mut self, kind: Kind, request: impl FnOnce(String) -> Request, shared: &mut Shared) {
        self.stop(shared);
        self.jobs += 1;
        let job = format!("data-{}", self.jobs);
        let generation = shared.ask(request(job.clone()));
        self.work = Some(Work { generation, since: shared.now, kind, progress: None, job });
    }

    /// Stops what is going on. True if there was anything.
    pub(super) fn stop(&mut self, shared: &mut Shared) -> bool {
        let Some(work) = self.work.take() else { return false };
        shared.ask(Request::Cancel(CancelRequest { job: work.job }));
        true
    }

    /// Opens rows.
    pub(super) fn open(&mut self, rows: RowsOf, shared: &mut Shared) {
        let asked = rows.clone();
        self.begin(Kind::Open(Box::new(rows)), |job| Request::OpenRows(OpenRowsRequest { rows: asked, job }), shared);
    }

    /// Looks for the text from a row on.
    pub(super) fn look(&mut self, from: u64, backwards: bool, again: bool, shared: &mut Shared) {
        let Some(wanted) = shared.find.clone() else { return };
        let rows = self.rows.clone();
        let find =
            |job| FindRequest { rows, text: wanted, column: None, from: Count(from), backwards, count: false, job };
        self.begin(Kind::Find { backwards, again }, |job| Request::FindRow(find(job)), shared);
    }

    pub(super) fn profile(&mut self, shared: &mut Shared) {
        let Some(column) = self.pages.name(self.grid.column).map(str::to_owned) else { return };
        let rows = self.rows.clone();
        self.begin(Kind::Profile, |job| Request::Profile(ProfileRequest { rows, column, job }), shared);
    }

    /// Writes what is shown to a file; a name that ends with `!` may replace one.
    pub(super) fn export(&mut self, typed: &str, shared: &mut Shared) -> Result<(), String> {
        let (path, replace) = match typed.trim().strip_suffix('!') {
            Some(path) => (path.trim_end().to_owned(), true),
            None => (typed.trim().to_owned(), false),
        };
        let format = match path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).as_deref() {
            Some("csv") => ExportFormat::Csv,
            Some("jsonl" | "ndjson" | "json") => ExportFormat::Jsonl,
            Some("parquet") => ExportFormat::Parquet,
            _ => return Err("the name ends with .csv, .jsonl or .parquet".to_owned()),
        };
        let rows = self.rows.clone();
        let request = |job| ExportRequest { rows, columns: Vec::new(), format, path: path.clone(), replace, job };
        let request = |job| Request::Export(request(job));
        self.begin(Kind::Export { path: typed.trim().to_owned() }, request, shared);
        Ok(())
    }

    /// Takes what the work says. False when it is of work that nobody waits for.
    pub(super) fn worked(&mut self, generation: u64, answer: Answer, shared: &mut Shared) {
        if self.work.as_ref().is_none_or(|work| work.generation != generation) {
            return;
        }
        if let Answer::ReadProgress(progress) = answer {
            if let Some(work) = &mut self.work {
                work.progress = Some(progress);
            }
            return;
        }
        let Some(work) = self.work.take() else { return };
        match (work.kind, answer) {
            (Kind::Open(rows), Answer::Opened(Ok(opened))) => self.opened(*rows, *opened, shared),
            (Kind::Open(rows), Answer::Opened(Err(error))) => {
                if self.pages.opened.is_none() || rows.filter.is_empty() || rows.filter == self.rows.filter {
                    let keep = self.pages.opened.is_some();
                    if keep {
                        shared.say(Mark::Fail, format!("{}: {}", error.code, error.message));
                    } else {
                        self.error = Some(error);
                    }
                    return;
                }
                // What was typed is mended where it was typed.
                Self::ask_filter(&rows.filter, shared);
                if let Some(prompt) = &mut shared.prompt {
                    let place = error.diagnostics.first().map_or(&error.message, |finding| &finding.message);
                    let at = error.diagnostics.first().and_then(|finding| finding.span);
                    let at = at.map(|span| format!(" at {}", span.column)).unwrap_or_default();
                    prompt.error = Some(format!("{place}{at}"));
                }
                let hint = error.hint.filter(|hint| hint.len() < 160);
                if let Some(hint) = hint {
                    shared.say(Mark::Info, hint);
                }
            }
            (Kind::Find { again, .. }, Answer::Found(Ok(Some((row, column))))) => {
                if again {
                    shared.say(Mark::Info, "found from the other end on");
                }
                self.grid.row = row;
                if let Some(place) = self.pages.place(&column) {
                    self.grid.column = place;
                }
                self.fetch(shared);
            }
            (Kind::Find { backwards, again: false }, Answer::Found(Ok(None))) => {
                let end = if backwards { self.total().saturating_sub(1) } else { 0 };
                self.look(end, backwards, true, shared);
            }
            (Kind::Find { .. }, Answer::Found(Ok(None))) => {
                let wanted = shared.find.clone().unwrap_or_default();
                shared.say(Mark::Info, format!("no row has `{wanted}`"));
            }
            (Kind::Profile, Answer::Profiled(Ok(profile))) => {
                let about = format!("{}{}{}", profile.data_type, shared.theme.dot(), profile.arrow_type);
                let text = super::tell::profile(&profile, shared.theme);
                shared.read(profile.column, about, text);
            }
            (Kind::Export { .. }, Answer::Exported(Ok((path, rows, bytes)))) => {
                let rows = text::counted(rows, "row", "rows");
                shared.say(Mark::Ok, format!("{rows}, {}, in {path}", text::bytes(bytes)));
            }
            (Kind::Export { path }, Answer::Exported(Err(error))) => {
                shared.prompt(Purpose::Export, "Export to", super::EXPORT_HINT, &path);
                if let Some(prompt) = &mut shared.prompt {
                    let replace = if error.code.as_str() == "QRY004" { "; ! at the end replaces it" } else { "" };
                    prompt.error = Some(format!("{}{replace}", error.message));
                }
            }
            (_, Answer::Found(Err(error)) | Answer::Profiled(Err(error))) => {
                shared.say(Mark::Fail, format!("{}: {}", error.code, error.message));
            }
            _ => {}
        }
    }
}
