//! Config: a config file as text and as a form, with what was found in it.
//!
//! Owns which files are open, which pane has the keys and whether letters are text; the text itself
//! with what is known of it is a [`Document`]. Checks, proposals, edits and diffs come from the engine.

mod document;
mod editing;
mod fields;
mod form;
mod form_view;
mod outside;
mod popup;
mod view;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crossterm::event::KeyEvent;
use medallion_core::api::wire::{ConfigText, ConfigTextRequest, ExplainRequest, NewConfig, Validation};
use ratatui::layout::Position;

use crate::app::Screen;
use crate::app::choice::Choosing;
use crate::app::message::{Answer, Request};
use crate::app::remote::Remote;
use crate::app::shared::{Purpose, Shared};
use crate::keys::{Action, Scope};
use crate::screens::Can;
use crate::theme::Mark;
use crate::widgets::editor::buffer::Replace;
use crate::widgets::list::Cursor;
use document::{Document, place};
use popup::{Popup, Tip};

/// Which part has the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Pane {
    #[default]
    Text,
    Problems,
    Form,
}

/// State of the screen.
#[derive(Debug, Default)]
pub(crate) struct Config {
    /// Names of all config files, as they were found when the screen was first seen.
    files: Remote<Validation>,
    names: BTreeSet<String>,
    /// The file that is being opened.
    text: Remote<ConfigText>,
    documents: BTreeMap<String, Document>,
    /// The file that is shown, or on its way.
    file: Option<String>,
    /// What Home had chosen when the screen was entered last.
    chosen_at_home: Option<String>,
    pane: Pane,
    /// Letters are text.
    typing: bool,
    problem: Cursor,
    popup: Option<Popup>,
    tip: Option<Tip>,
    /// Where the cursor of the text was drawn, for windows beside it.
    cursor: Option<Position>,
    /// What was cut or copied here last.
    clipboard: String,
    /// What is to be replaced, by what.
    replacing: (String, String),
    /// The edits behind the window that is open.
    offered: Vec<Vec<Replace>>,
    /// Where to go once the file is open, and whether to show what mends the place.
    going_to: Option<(Option<u32>, bool)>,
    /// The fixes are wanted as soon as the text is checked.
    fix_wanted: bool,
    /// The choice about a change made outside is wanted as soon as it is known.
    conflict_wanted: bool,
    /// Home is wanted once the text is saved.
    leaving: bool,
}

impl Config {
    /// The file that is shown.
    pub(crate) fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    pub(super) fn current(&self) -> Option<&Document> {
        self.documents.get(self.file.as_ref()?)
    }

    pub(super) fn current_mut(&mut self) -> Option<&mut Document> {
        self.documents.get_mut(self.file.as_ref()?)
    }

    /// Shows a file: the text that is open, or as it stands in the file.
    fn show(&mut self, file: String, shared: &mut Shared) {
        if self.file.as_ref() != Some(&file) {
            self.problem = Cursor::default();
            self.typing = false;
            self.popup = None;
            self.tip = None;
            self.cursor = None;
            if self.pane == Pane::Problems {
                self.pane = Pane::Text;
            }
        }
        self.file = Some(file.clone());
        if self.documents.contains_key(&file) {
            self.text.clear();
            self.arrive(shared);
        } else {
            self.text.ask(Request::Text(ConfigTextRequest { file }), shared);
        }
        self.want_form(shared);
    }

    /// Opens a text that is in no file yet.
    pub(crate) fn open_draft(&mut self, config: NewConfig, shared: &mut Shared) {
        let document = Document::draft(config.file.clone(), config.text, config.diagnostics);
        self.documents.insert(config.file.clone(), document);
        self.chosen_at_home.clone_from(&shared.file);
        self.show(config.file.clone(), shared);
        self.pane = Pane::Text;
        if config.notes.is_empty() {
            shared.say(Mark::Ok, format!("{} is a draft: Ctrl-S writes it", config.file));
        } else {
            let notes: Vec<String> = config.notes.iter().map(|note| format!("- {note}")).collect();
            shared.read("What was seen", format!("{} is a draft, Ctrl-S writes it", config.file), notes.join("\n"));
        }
    }

    /// Shows a byte of a file, and what mends it.
    pub(crate) fn go_to_place(&mut self, file: String, start: Option<u32>, fix: bool, shared: &mut Shared) {
        self.chosen_at_home.clone_from(&shared.file);
        self.going_to = Some((start, fix));
        self.pane = Pane::Text;
        self.typing = false;
        self.show(file, shared);
    }

    /// The file is open: goes where somebody wanted to go.
    fn arrive(&mut self, shared: &mut Shared) {
        let Some((start, fix)) = self.going_to.take() else { return };
        let Some(document) = self.current_mut() else { return };
        if let Some(start) = start {
            document.editor.go_to(start as usize);
        }
        if fix {
            self.show_fixes(shared);
        }
    }

    fn other_file(&mut self, forward: bool, shared: &mut Shared) {
        let mut files: BTreeSet<&String> = self.names.iter().collect();
        files.extend(self.documents.keys());
        let files: Vec<&String> = files.into_iter().collect();
        let len = files.len();
        let next = match files.iter().position(|file| Some(*file) == self.file.as_ref()) {
            None => 0,
            Some(at) if forward => (at + 1) % len,
            Some(at) => (at + len - 1) % len,
        };
        if let Some(file) = files.get(next).map(|file| (*file).clone()) {
            self.show(file, shared);
        }
    }

    /// Number of files, and which of them is shown, from 1.
    fn place_among_files(&self) -> (usize, usize) {
        let mut files: BTreeSet<&String> = self.names.iter().collect();
        files.extend(self.documents.keys());
        let at = files.iter().position(|file| Some(*file) == self.file.as_ref()).map_or(0, |at| at + 1);
        (at, files.len())
    }

    /// After something was done: what was found goes with the text, and the rest is asked anew.
    fn follow(&mut self, shared: &mut Shared) {
        let Some(document) = self.current_mut() else { return };
        if document.follow(shared) {
            // With nothing changed here any more there is no conflict: the file counts.
            let theirs = document.outside.as_ref().is_some_and(|outside| outside.text.is_some());
            if theirs && !document.is_changed() {
                document.outside = None;
                document.ask_read(shared);
            }
            self.tip = None;
        }
    }

    /// Asks for the fields, if they are shown and not those of the text.
    fn want_form(&mut self, shared: &mut Shared) {
        let shown = self.pane == Pane::Form;
        if let Some(document) = self.current_mut()
            && (shown || document.form.is_some())
            && !document.has_form()
        {
            document.ask_form(shared);
        }
    }

    /// Everything that was found, was found under another environment.
    pub(crate) fn environment_changed(&mut self, shared: &mut Shared) {
        for document in self.documents.values_mut() {
            document.forget_form();
            document.check_soon(shared);
        }
        self.tip = None;
        self.popup = None;
    }

    /// Goes to a problem by its number.
    fn go_to_problem(&mut self, at: usize) {
        self.problem.set(at);
        let pane = self.pane;
        let Some(document) = self.current_mut() else { return };
        let Some(problem) = document.problems().get(at) else { return };
        let (place, path) = (place(problem), problem.path.clone());
        if let Some(place) = place {
            document.editor.go_to(place.start);
        }
        if pane == Pane::Form && !path.is_empty() {
            document.state.reveal(&path);
        }
    }

    fn next_problem(&mut self, forward: bool, shared: &mut Shared) {
        let Some(document) = self.current() else { return };
        let here = document.editor.at();
        let starts: Vec<(usize, usize)> = document
            .problems()
            .iter()
            .enumerate()
            .map(|(at, problem)| (place(problem).map_or(0, |place| place.start), at))
            .collect();
        let next = if forward {
            starts.iter().find(|(start, _)| *start > here).or(starts.first())
        } else {
            starts.iter().rev().find(|(start, _)| *start < here).or(starts.last())
        };
        match next.copied() {
            Some((_, at)) => self.go_to_problem(at),
            None => shared.say(Mark::Ok, "nothing was found in this file"),
        }
    }

    /// The problem that actions are about: the chosen one, or the first one of the place.
    fn chosen_problem(&self) -> Option<usize> {
        let document = self.current()?;
        let count = document.problems().len();
        match self.pane {
            Pane::Problems => (self.problem.at < count).then_some(self.problem.at),
            Pane::Text => document.problems_here().first().copied(),
            Pane::Form => document.chosen()?.field.problems.first().map(|at| *at as usize).filter(|at| *at < count),
        }
    }

    fn explain(&mut self, shared: &mut Shared) {
        let chosen = self.chosen_problem().or(Some(self.problem.at));
        let code = chosen.and_then(|at| self.current()?.problems().get(at)).map(|problem| problem.code.to_string());
        if let Some(code) = code {
            shared.ask(Request::Explain(ExplainRequest { code }));
        }
    }

    fn next_pane(&mut self, forward: bool, shared: &mut Shared) {
        let panes = [Pane::Text, Pane::Problems, Pane::Form];
        let at = panes.iter().position(|pane| *pane == self.pane).unwrap_or(0);
        self.pane = panes[if forward { (at + 1) % 3 } else { (at + 2) % 3 }];
        if self.pane == Pane::Problems && self.current().is_none_or(|document| document.problems().is_empty()) {
            self.pane = if forward { Pane::Form } else { Pane::Text };
        }
        self.enter_pane(shared);
    }

    /// The other side shows the place where this one was.
    fn toggle_form(&mut self, shared: &mut Shared) {
        self.typing = false;
        self.popup = None;
        if self.pane == Pane::Form {
            self.pane = Pane::Text;
            self.form_to_text();
        } else {
            self.pane = Pane::Form;
            self.text_to_form();
        }
        self.enter_pane(shared);
    }

    fn enter_pane(&mut self, shared: &mut Shared) {
        self.typing = false;
        self.want_form(shared);
    }
}

impl Screen for Config {
    fn scope(&self) -> Scope {
        Scope::Config
    }

    fn scopes(&self) -> Vec<Scope> {
        let mut scopes = Vec::new();
        if self.popup.is_some() {
            scopes.push(Scope::Completing);
        }
        match self.pane {
            Pane::Text if self.typing => {
                scopes.extend([Scope::ConfigTyping, Scope::Config, Scope::Always]);
                return scopes;
            }
            Pane::Text => scopes.push(Scope::ConfigText),
            Pane::Problems => scopes.push(Scope::ConfigProblems),
            Pane::Form => scopes.push(Scope::ConfigForm),
        }
        scopes.extend([Scope::Config, Scope::Everywhere, Scope::Moving, Scope::Always]);
        scopes
    }

    fn offers(&self) -> Vec<Scope> {
        let mut scopes = self.scopes();
        for scope in [Scope::ConfigText, Scope::Everywhere] {
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        scopes
    }

    fn enter(&mut self, shared: &mut Shared) {
        if self.files.untouched() {
            self.files.ask(Request::Validate(shared.target.clone()), shared);
        }
        let chosen = (shared.file != self.chosen_at_home).then(|| shared.file.clone()).flatten();
        self.chosen_at_home.clone_from(&shared.file);
        let wanted = chosen.or_else(|| self.file.clone()).or_else(|| self.names.first().cloned());
        if let Some(file) = wanted
            && (self.file.as_ref() != Some(&file) || self.current().is_none())
        {
            self.show(file, shared);
        }
    }

    fn can(&self, action: Action, shared: &Shared) -> Can {
        self.can_do(action, shared)
    }

    fn act(&mut self, action: Action, shared: &mut Shared) {
        if self.popup.is_some() && self.act_on_popup(action, shared) {
            return;
        }
        let tip = self.tip.take();
        match action {
            Action::Refresh => self.refresh(shared),
            Action::NextItem | Action::PreviousItem => self.other_file(action == Action::NextItem, shared),
            Action::NextPane | Action::PreviousPane => self.next_pane(action == Action::NextPane, shared),
            Action::Form => self.toggle_form(shared),
            Action::Back => self.back(tip.is_some(), shared),
            Action::Save => self.save(shared),
            Action::Outside => self.show_outside(shared),
            Action::Explain => self.explain(shared),
            Action::NextProblem | Action::PreviousProblem => self.next_problem(action == Action::NextProblem, shared),
            Action::Fix => self.show_fixes(shared),
            Action::FixAll => self.rewrite("Every safe fix", true, shared),
            Action::Migrate => self.rewrite("Canonical form", false, shared),
            Action::About => self.about(tip, shared),
            Action::Find => shared.prompt(Purpose::Find, "Find", "", ""),
            Action::FindNext | Action::FindPrevious => self.next_place(action == Action::FindNext, shared),
            Action::Replace => self.ask_replace(shared),
            Action::Undo | Action::Redo => self.undo(action == Action::Undo, shared),
            action if self.pane == Pane::Form => {
                self.act_on_form(action, shared);
                self.want_form(shared);
            }
            action if self.pane == Pane::Problems => self.act_on_problems(action, shared),
            action => self.act_on_text(action, tip.is_some(), shared),
        }
        self.follow(shared);
    }

    fn key(&mut self, key: KeyEvent, shared: &mut Shared) -> bool {
        let typed = self.type_key(key, shared);
        self.follow(shared);
        typed
    }

    fn paste(&mut self, text: &str, shared: &mut Shared) -> bool {
        if self.pane != Pane::Text || self.current().is_none() {
            return false;
        }
        self.popup = None;
        if let Some(document) = self.current_mut() {
            document.editor.paste(text);
        }
        self.follow(shared);
        true
    }

    fn due(&self) -> Option<u64> {
        self.documents.values().filter_map(Document::due).min()
    }

    fn tick(&mut self, shared: &mut Shared) {
        let now = shared.now;
        let form = self.pane == Pane::Form;
        for document in self.documents.values_mut().filter(|document| document.due().is_some_and(|due| due <= now)) {
            document.ask_check(shared);
            if (form || document.form.is_some()) && !document.has_form() {
                document.ask_form(shared);
            }
        }
    }

    fn typed(&mut self, purpose: Purpose, text: &str, shared: &mut Shared) -> Result<(), String> {
        let taken = match purpose {
            Purpose::Replace | Purpose::ReplaceBy => self.typed_replace(purpose, text, shared),
            Purpose::Value | Purpose::Item | Purpose::Entry | Purpose::Name => self.typed_value(purpose, text, shared),
            _ => self.typed_find(text, shared),
        };
        self.follow(shared);
        taken
    }

    fn chosen(&mut self, purpose: Choosing, at: usize, shared: &mut Shared) {
        match purpose {
            Choosing::Fix => self.apply_fix(at, shared),
            Choosing::Rewrite => self.apply_rewrite(shared),
            Choosing::Save => {
                if let Some(document) = self.current_mut() {
                    document.ask_save(shared);
                }
            }
            Choosing::Leave => self.leave(at, shared),
            Choosing::Outside => self.settle_outside(at, shared),
            Choosing::Value => self.choose_value(at, shared),
            Choosing::Replace => self.replace(at, shared),
            Choosing::Environment => {}
        }
        self.follow(shared);
    }

    fn answer(&mut self, generation: u64, answer: Answer, shared: &mut Shared) {
        let answer = match answer {
            Answer::Validate(answer) => {
                if self.files.accept(generation, answer) {
                    let found = self.files.value().into_iter().flat_map(|all| &all.files);
                    self.names.extend(found.map(|file| file.file.clone()));
                    if self.file.is_none() {
                        self.enter(shared);
                    }
                }
                return;
            }
            Answer::Text(answer) if self.text.expects(generation) => return self.opened(generation, answer, shared),
            other => other,
        };
        let asked = self
            .documents
            .iter_mut()
            .find_map(|(file, document)| Some((file.clone(), document.take_asked(generation)?)));
        if let Some((file, asked)) = asked {
            self.answered(&file, asked.version, asked.what, answer, shared);
            self.follow(shared);
        }
    }

    fn waiting(&self) -> Option<u64> {
        let asked = self.documents.values().filter_map(Document::waiting).min();
        [self.files.waiting(), self.text.waiting(), asked].into_iter().flatten().min()
    }

    fn view(&mut self, frame: &mut ratatui::Frame<'_>, area: ratatui::layout::Rect, shared: &Shared) {
        view::view(self, frame, area, shared);
    }
}
