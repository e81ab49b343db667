//! One config file that is open: its text with what was found in it, its form, and what was asked
//! of the engine about it.
//!
//! An answer counts only for the text that was asked about; one for an older text is dropped.

use std::ops::Range;

use medallion_core::api::wire::{
    CompareRequest, ConfigText, CursorRequest, Diagnostic, Draft, EditRequest, Form, FormRequest, SaveRequest,
    Severity, ThreeWay,
};
use medallion_core::api::{DraftText, moved};

use super::form::FormState;
use crate::app::message::Request;
use crate::app::shared::Shared;
use crate::theme::Mark;
use crate::widgets::editor::{Editor, Remark};

/// The text is checked this long after the last key, in milliseconds.
const PAUSE: u64 = 200;

/// An open file.
#[derive(Debug)]
pub(crate) struct Document {
    pub(super) file: String,
    pub(super) editor: Editor,
    /// What was found last; the places go with the text until it is checked again.
    problems: Vec<Diagnostic>,
    /// The same for the editor, for those that have a place.
    remarks: Vec<Remark>,
    /// The text that was checked last.
    checked: Option<u64>,
    /// When it is to be checked.
    check_at: Option<u64>,
    /// Why the last check failed.
    pub(super) failure: Option<String>,
    pub(super) form: Option<Form>,
    /// The text it is of, and the dataset it was asked for.
    form_of: Option<(u64, Option<String>)>,
    /// Whether the file may only be read.
    pub(super) read_only: bool,
    pub(super) state: FormState,
    asked: Vec<Asked>,
    /// How the file came to differ from this text, when somebody else changed it.
    pub(super) outside: Option<ThreeWay>,
}

/// Something that was asked about this text.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    generation: u64,
    since: u64,
    /// The text it was asked about.
    pub(super) version: u64,
    pub(super) what: What,
}

/// What was asked. A newer question of one kind replaces the older one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The file as it stands.
    Read,
    Check,
    /// The fields, those of this dataset in full.
    Form(Option<String>),
    /// Proposals; whether a person asked for them.
    Complete(bool),
    Hover,
    Edit,
    /// All safe fixes, or the canonical form: what it is called.
    Rewrite(&'static str),
    Diff,
    Compare,
    /// Writing this text.
    Save(String),
}

impl Document {
    /// A file as the engine has read it.
    pub(super) fn open(text: ConfigText) -> Self {
        let draft = DraftText::open(text.text, Some(text.revision));
        let mut document = Self::of(text.file, draft);
        document.read_only = text.read_only;
        document.take_problems(text.diagnostics, 0);
        document
    }

    /// A text that is in no file yet.
    pub(super) fn draft(file: String, text: String, problems: Vec<Diagnostic>) -> Self {
        let mut document = Self::of(file, DraftText::open(text, None));
        document.take_problems(problems, 0);
        document
    }

    fn of(file: String, draft: DraftText) -> Self {
        Self {
            file,
            editor: Editor::new(draft),
            problems: Vec::new(),
            remarks: Vec::new(),
            checked: None,
            check_at: None,
            failure: None,
            form: None,
            form_of: None,
            read_only: false,
            state: FormState::default(),
            asked: Vec::new(),
            outside: None,
        }
    }

    /// What was found, in the order of the text.
    pub(super) fn problems(&self) -> &[Diagnostic] {
        &self.problems
    }

    /// The same, as the editor shows it.
    pub(super) fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// How many errors and warnings there are.
    pub(super) fn counts(&self) -> (u64, u64) {
        let count = |severity| self.problems.iter().filter(|problem| problem.severity == severity).count() as u64;
        (count(Severity::Error), count(Severity::Warning))
    }

    /// Line and column of a problem as a person counts them.
    pub(super) fn position(&self, problem: &Diagnostic) -> Option<(usize, usize)> {
        let place = place(problem)?;
        let buffer = self.editor.buffer();
        let line = buffer.line_of(place.start);
        let before = self.editor.text().get(buffer.line_range(line).start..place.start).unwrap_or_default();
        Some((line + 1, before.chars().count() + 1))
    }

    /// The problems that begin in the line of the cursor or contain the cursor, worst first.
    pub(super) fn problems_here(&self) -> Vec<usize> {
        let line = self.editor.buffer().line_range(self.editor.line());
        let mut here: Vec<usize> = (0..self.problems.len())
            .filter(|&at| {
                place(&self.problems[at]).is_some_and(|place| place.start <= line.end && place.start >= line.start)
            })
            .collect();
        here.sort_by_key(|&at| {
            let contains = place(&self.problems[at])
                .is_some_and(|place| place.contains(&self.editor.at()) || place.end == self.editor.at());
            (!contains, self.problems[at].severity)
        });
        here
    }

    /// Whether there is something to save.
    pub(super) fn is_changed(&self) -> bool {
        self.editor.buffer().draft().is_dirty()
    }

    /// Whether it was never in a file.
    pub(super) fn is_new(&self) -> bool {
        self.editor.buffer().draft().revision().is_none()
    }

    /// Whether what is shown was found in the text as it is.
    pub(super) fn is_checked(&self) -> bool {
        self.checked == Some(self.editor.version())
    }

    /// Whether the form is that of the text as it is, or on its way, and has the chosen dataset in full.
    pub(super) fn has_form(&self) -> bool {
        let version = self.editor.version();
        let fits = |of: u64, dataset: &Option<String>, in_part: bool| {
            of == version && (!in_part || *dataset == self.dataset())
        };
        let in_part = self.form.as_ref().is_some_and(|form| form.in_part);
        let here = self.form_of.as_ref().is_some_and(|(of, dataset)| fits(*of, dataset, in_part));
        here || self
            .asked
            .iter()
            .any(|asked| matches!(&asked.what, What::Form(dataset) if fits(asked.version, dataset, true)))
    }

    /// The next form is asked for whatever the text is.
    pub(super) fn forget_form(&mut self) {
        self.form_of = None;
        self.asked.retain(|asked| !matches!(asked.what, What::Form(_)));
    }

    /// Path of the dataset that the chosen field is in.
    fn dataset(&self) -> Option<String> {
        let chosen = self.state.chosen.as_str();
        let end = chosen.strip_prefix("sources[").and_then(|rest| rest.find(']'))?;
        chosen.get(.."sources[".len() + end + 1).map(str::to_owned)
    }

    pub(super) fn take_problems(&mut self, problems: Vec<Diagnostic>, version: u64) {
        self.problems = problems;
        self.checked = Some(version);
        self.failure = None;
        self.remark();
    }

    pub(super) fn take_form(&mut self, form: Form, version: u64, dataset: Option<String>) {
        self.form = Some(form);
        self.form_of = Some((version, dataset));
    }

    fn remark(&mut self) {
        self.remarks = self
            .problems
            .iter()
            .filter_map(|problem| {
                let span = problem.span?;
                let mark = mark(problem.severity);
                Some(Remark { range: span.start as usize..span.end as usize, mark, text: problem.message.clone() })
            })
            .collect();
        self.remarks.sort_by_key(|remark| remark.range.start);
    }

    /// After something was done to the text: what was found goes with it, and it is to be checked
    /// again. Returns whether the text is another one.
    pub(super) fn follow(&mut self, shared: &Shared) -> bool {
        let moves = self.editor.take_moves();
        if moves.is_empty() {
            return false;
        }
        for edits in &moves {
            for span in self.problems.iter_mut().filter_map(|problem| problem.span.as_mut()) {
                let byte = |offset: u32| u32::try_from(moved(offset as usize, edits)).unwrap_or(u32::MAX);
                (span.start, span.end) = (byte(span.start), byte(span.end));
            }
        }
        self.remark();
        self.check_at = Some(shared.now + PAUSE);
        true
    }

    /// When it wants to be checked.
    pub(super) fn due(&self) -> Option<u64> {
        self.check_at
    }

    /// Has the text checked without waiting for a pause.
    pub(super) fn check_soon(&mut self, shared: &Shared) {
        self.check_at = Some(shared.now);
    }

    pub(super) fn ask_check(&mut self, shared: &mut Shared) {
        self.check_at = None;
        let request = Request::Check(self.request(shared));
        self.ask(What::Check, request, shared);
    }

    pub(super) fn ask_form(&mut self, shared: &mut Shared) {
        let dataset = self.dataset();
        let request = Request::Form(FormRequest { draft: self.request(shared), path: dataset.clone() });
        self.ask(What::Form(dataset), request, shared);
    }

    pub(super) fn ask_complete(&mut self, wanted: bool, shared: &mut Shared) {
        let request = Request::Complete(self.cursor(self.editor.at(), shared));
        self.ask(What::Complete(wanted), request, shared);
    }

    pub(super) fn ask_hover(&mut self, offset: usize, shared: &mut Shared) {
        let request = Request::Hover(self.cursor(offset, shared));
        self.ask(What::Hover, request, shared);
    }

    pub(super) fn ask_edit(&mut self, edits: Vec<medallion_core::api::wire::Edit>, shared: &mut Shared) {
        let request = Request::Edit(EditRequest { draft: self.request(shared), edits });
        self.ask(What::Edit, request, shared);
    }

    pub(super) fn ask_rewrite(&mut self, title: &'static str, fixes: bool, shared: &mut Shared) {
        let draft = self.request(shared);
        let request = if fixes { Request::Fix(draft) } else { Request::Migrate(draft) };
        self.ask(What::Rewrite(title), request, shared);
    }

    pub(super) fn ask_diff(&mut self, shared: &mut Shared) {
        let request = Request::Diff(self.request(shared));
        self.ask(What::Diff, request, shared);
    }

    pub(super) fn ask_compare(&mut self, shared: &mut Shared) {
        let base = self.editor.buffer().draft().base().to_owned();
        let request = Request::Compare(CompareRequest { draft: self.request(shared), base });
        self.ask(What::Compare, request, shared);
    }

    pub(super) fn ask_read(&mut self, shared: &mut Shared) {
        let request = Request::Text(medallion_core::api::wire::ConfigTextRequest { file: self.file.clone() });
        self.ask(What::Read, request, shared);
    }

    pub(super) fn ask_save(&mut self, shared: &mut Shared) {
        let text = self.editor.text().to_owned();
        let base = self.editor.buffer().draft().revision().map(str::to_owned);
        let request = Request::Save(SaveRequest { file: self.file.clone(), text: text.clone(), base });
        self.ask(What::Save(text), request, shared);
    }

    /// Whether a save is on its way.
    pub(super) fn is_saving(&self) -> bool {
        self.asked.iter().any(|asked| matches!(asked.what, What::Save(_)))
    }

    /// Since when the oldest question waits whose answer a person misses.
    pub(super) fn waiting(&self) -> Option<u64> {
        self.asked
            .iter()
            .filter(|asked| !matches!(asked.what, What::Complete(false) | What::Read))
            .map(|asked| asked.since)
            .min()
    }

    /// The question that an answer belongs to, if it still waits.
    pub(super) fn take_asked(&mut self, generation: u64) -> Option<Asked> {
        let at = self.asked.iter().position(|asked| asked.generation == generation)?;
        Some(self.asked.remove(at))
    }

    fn ask(&mut self, what: What, request: Request, shared: &mut Shared) {
        let generation = shared.ask(request);
        self.asked.retain(|asked| std::mem::discriminant(&asked.what) != std::mem::discriminant(&what));
        self.asked.push(Asked { generation, since: shared.now, version: self.editor.version(), what });
    }

    fn request(&self, shared: &Shared) -> Draft {
        Draft {
            file: self.file.clone(),
            text: self.editor.text().to_owned(),
            environment: shared.target.environment.clone(),
        }
    }

    fn cursor(&self, offset: usize, shared: &Shared) -> CursorRequest {
        CursorRequest { draft: self.request(shared), offset: u32::try_from(offset).unwrap_or(u32::MAX) }
    }
}

/// How a finding is marked.
pub(super) fn mark(severity: Severity) -> Mark {
    match severity {
        Severity::Error => Mark::Fail,
        Severity::Warning => Mark::Warn,
        Severity::Info => Mark::Info,
    }
}

/// Where a problem is in the text as it is now.
pub(super) fn place(problem: &Diagnostic) -> Option<Range<usize>> {
    problem.span.map(|span| span.start as usize..span.end as usize)
}
