//! What actions do in Config, and what answers of the engine change.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use medallion_core::api::wire::{ConfigText, Edited, ErrorBody};

use super::document::{Document, What, place};
use super::popup::{Popup, Tip};
use super::{Config, Pane};
use crate::app::choice::{Choice, Choosing, Detail, Item};
use crate::app::door::Answered;
use crate::app::message::{Answer, Request};
use crate::app::shared::{Overlay, Purpose, Shared, Way};
use crate::keys::Action;
use crate::screens::{Can, ScreenId};
use crate::theme::Mark;
use crate::widgets::diff;
use crate::widgets::editor::Motion;
use crate::widgets::editor::buffer::{Replace, is_word};
use crate::widgets::list::Cursor;
use crate::widgets::text;

/// Proposals come by themselves only in texts up to this size, since each sends the text along.
const PROPOSED: usize = 2 << 20;

impl Config {
    pub(super) fn can_do(&self, action: Action, shared: &Shared) -> Can {
        let document = self.current();
        let open = Can::when(document.is_some(), "there is no text");
        let Some(document) = document else {
            return match action {
                Action::NextItem | Action::PreviousItem => {
                    Can::when(self.place_among_files().1 > 1, "there is no other config file")
                }
                Action::Save | Action::Type | Action::Find => open,
                _ => Can::Absent,
            };
        };
        let problems = Can::when(!document.problems().is_empty(), "nothing was found in this file");
        let text = self.pane == Pane::Text;
        let draft = document.editor.buffer().draft();
        match action {
            Action::Find
            | Action::Replace
            | Action::Form
            | Action::About
            | Action::Save
            | Action::Migrate
            | Action::FixAll
            | Action::NextPane
            | Action::PreviousPane
            | Action::Back
            | Action::Doctor
            | Action::Palette => Can::Yes,
            Action::FindNext | Action::FindPrevious if shared.find.is_some() => Can::Yes,
            Action::FindNext
            | Action::FindPrevious
            | Action::NextProblem
            | Action::PreviousProblem
            | Action::Explain
            | Action::Fix => problems,
            Action::Undo => Can::when(draft.can_undo(), "there is nothing to take back"),
            Action::Redo => Can::when(draft.can_redo(), "there is nothing to make again"),
            Action::Outside if document.outside.is_some() => Can::Yes,
            Action::NextItem | Action::PreviousItem => {
                Can::when(self.place_among_files().1 > 1, "there is no other config file")
            }
            Action::Copy | Action::Open if self.pane == Pane::Problems => problems,
            Action::Copy if self.typing => {
                if document.editor.selection().is_some() {
                    Can::Yes
                } else {
                    Can::Absent
                }
            }
            Action::Paste if text => Can::when(!self.clipboard.is_empty(), "nothing was copied or cut here yet"),
            Action::Copy
            | Action::Cut
            | Action::Mark
            | Action::SelectAll
            | Action::Comment
            | Action::Type
            | Action::Move(_)
            | Action::LineStart
            | Action::LineEnd
                if text =>
            {
                Can::Yes
            }
            Action::Complete
            | Action::NewLine
            | Action::Indent
            | Action::Dedent
            | Action::Select(_)
            | Action::Delete(_)
                if self.typing =>
            {
                Can::Yes
            }
            Action::Accept | Action::Dismiss if self.popup.is_some() => Can::Yes,
            Action::Dismiss if text && !self.typing => Can::Yes,
            action if self.pane == Pane::Form => Self::can_in_form(action, document),
            Action::Left | Action::Right => {
                if text {
                    Can::Yes
                } else {
                    Can::Absent
                }
            }
            action if Cursor::default().act(action, 0) => Can::Yes,
            _ => Can::Absent,
        }
    }

    pub(super) fn refresh(&mut self, shared: &mut Shared) {
        self.files.ask(Request::Validate(shared.target.clone()), shared);
        let file = self.file.clone();
        match (self.current_mut(), file) {
            (Some(document), _) => {
                document.check_soon(shared);
                if !document.is_new() {
                    document.ask_read(shared);
                }
            }
            (None, Some(file)) => self.show(file, shared),
            _ => {}
        }
    }

    /// Leaves the innermost thing.
    pub(super) fn back(&mut self, tip: bool, shared: &mut Shared) {
        let Some(document) = self.current_mut() else { return };
        if document.editor.end_selecting() || tip {
            return;
        }
        if self.typing {
            self.typing = false;
        } else if shared.find.take().is_some() {
            // The marks are gone.
        } else if self.pane != Pane::Text {
            self.pane = Pane::Text;
        } else if self.current().is_some_and(Document::is_changed) {
            self.ask_to_leave(shared);
        } else {
            shared.way = Some(Way::Screen(ScreenId::Home));
        }
    }

    pub(super) fn act_on_problems(&mut self, action: Action, shared: &mut Shared) {
        let Some(document) = self.current() else { return };
        let count = document.problems().len();
        match action {
            Action::Open => {
                self.go_to_problem(self.problem.at);
                self.pane = Pane::Text;
            }
            Action::Copy => {
                if let Some(problem) = document.problems().get(self.problem.at) {
                    let place = document
                        .position(problem)
                        .map_or_else(String::new, |(line, column)| format!(":{line}:{column}"));
                    let said = format!("{}{place}: {} {}", document.file, problem.code, problem.message);
                    shared.copy("the problem", &said);
                }
            }
            action => {
                if self.problem.act(action, count) {
                    self.go_to_problem(self.problem.at);
                }
            }
        }
    }

    pub(super) fn act_on_text(&mut self, action: Action, tip: bool, shared: &mut Shared) {
        let theme = shared.theme;
        if action == Action::Type {
            self.typing = true;
            return;
        }
        let clipboard = self.clipboard.clone();
        let typing = self.typing;
        let Some(document) = self.current_mut() else { return };
        let editor = &mut document.editor;
        // While a selection is open, moving makes it larger.
        let selecting = editor.is_selecting();
        let motion = |action| match action {
            Action::Up => Some(Motion::Up),
            Action::Down => Some(Motion::Down),
            Action::Left => Some(Motion::Left),
            Action::Right => Some(Motion::Right),
            Action::PageUp => Some(Motion::PageUp),
            Action::PageDown => Some(Motion::PageDown),
            Action::HalfUp => Some(Motion::HalfUp),
            Action::HalfDown => Some(Motion::HalfDown),
            Action::First => Some(Motion::Start),
            Action::Last => Some(Motion::End),
            Action::LineStart => Some(Motion::LineStart),
            Action::LineEnd => Some(Motion::LineEnd),
            Action::Move(motion) => Some(motion),
            _ => None,
        };
        match action {
            Action::Select(motion) => editor.go(motion, true, theme),
            // One Esc too many must not leave the screen.
            Action::Dismiss => {
                if !editor.end_selecting() && shared.find.take().is_none() && !tip {
                    shared.say(Mark::Info, "q leaves");
                }
            }
            Action::Mark => editor.toggle_selecting(),
            Action::SelectAll => editor.select_all(),
            Action::NewLine => editor.new_line(),
            Action::Indent => editor.indent(),
            Action::Dedent => editor.dedent(),
            Action::Comment => editor.comment(),
            Action::Delete(motion) => editor.delete(motion),
            Action::Paste => editor.paste(&clipboard),
            Action::Copy | Action::Cut => {
                let taken = if action == Action::Cut { editor.cut() } else { editor.copied() };
                let lines = taken.lines().count() as u64;
                editor.end_selecting();
                shared.copy(&text::counted(lines, "line", "lines"), &taken);
                self.clipboard = taken;
            }
            Action::Complete => document.ask_complete(true, shared),
            action => {
                if let Some(motion) = motion(action) {
                    // Typing ends a selection by moving; `v` keeps it until it is ended.
                    if typing {
                        editor.end_selecting();
                    }
                    editor.go(motion, selecting && !typing, theme);
                    self.choose_problem_here();
                }
            }
        }
        match action {
            Action::NewLine => self.propose(shared),
            Action::Delete(_) if self.popup.is_some() => self.propose(shared),
            Action::Complete => {}
            _ => self.popup = None,
        }
    }

    /// The problem of the line, if it has one, is the chosen one.
    fn choose_problem_here(&mut self) {
        if let Some(at) = self.current().and_then(|document| document.problems_here().first().copied()) {
            self.problem.set(at);
        }
    }

    /// A key that has no binding: a letter, while letters are text.
    pub(super) fn type_key(&mut self, key: KeyEvent, shared: &mut Shared) -> bool {
        self.tip = None;
        let chord = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let KeyCode::Char(character) = key.code else { return false };
        if !self.typing || self.pane != Pane::Text || chord {
            return false;
        }
        let Some(document) = self.current_mut() else { return false };
        document.editor.type_text(character.encode_utf8(&mut [0; 4]));
        let starts = is_word(character) || matches!(character, ':' | '$' | '{' | '/' | '.');
        let before = document.editor.text().get(..document.editor.at()).unwrap_or_default();
        let behind = character == ' ' && (before.ends_with(": ") || before.ends_with("- "));
        if starts || behind {
            self.propose(shared);
        } else {
            self.popup = None;
        }
        true
    }

    /// Asks what may stand here, without anybody having asked for it.
    fn propose(&mut self, shared: &mut Shared) {
        if let Some(document) = self.current_mut()
            && document.editor.text().len() <= PROPOSED
        {
            document.ask_complete(false, shared);
        }
    }

    /// An action while proposals are shown. False when it is about something else.
    pub(super) fn act_on_popup(&mut self, action: Action, shared: &mut Shared) -> bool {
        let Some(popup) = &mut self.popup else { return false };
        if popup.act(action) {
            return true;
        }
        match action {
            Action::Dismiss => self.popup = None,
            Action::About => {
                if let Some(item) = popup.chosen() {
                    shared.read(item.label.clone(), item.detail.clone(), item.documentation.clone());
                }
            }
            Action::Accept => self.accept(shared),
            _ => return false,
        }
        self.follow(shared);
        true
    }

    fn accept(&mut self, shared: &mut Shared) {
        let Some(popup) = self.popup.take() else { return };
        let Some(document) = self.current_mut() else { return };
        let Some((range, insert, cursor)) = popup.accepted(document.editor.buffer().line_end()) else { return };
        let goes_on = insert.ends_with([' ', '\n']) || insert.ends_with(": ") || cursor < range.start + insert.len();
        document.editor.apply(&[Replace { range, text: insert }], cursor);
        if goes_on {
            self.propose(shared);
        }
    }

    /// What is known about the place; a second time, all of it in a window.
    pub(super) fn about(&mut self, tip: Option<Tip>, shared: &mut Shared) {
        if let Some(tip) = tip {
            return shared.read("About this", "", tip.text);
        }
        let form = self.pane == Pane::Form;
        let Some(document) = self.current_mut() else { return };
        if form {
            if let Some(row) = document.chosen() {
                let (title, help) = (row.field.path.clone(), row.field.help.clone());
                let help = if help.is_empty() { "Nothing is known about this key.".to_owned() } else { help };
                shared.read(title, "", help);
            }
            return;
        }
        // Before the text of a line, a person means its first word, and behind it the last one.
        let line = document.editor.buffer().line_range(document.editor.line());
        let text = document.editor.text().get(line.clone()).unwrap_or_default();
        let first = line.start + text.len() - text.trim_start_matches([' ', '-']).len();
        let last = line.start + text.trim_end_matches([' ', ':', '\n', '\r']).len();
        let at = document.editor.at().min(last.saturating_sub(1)).max(first.min(line.end));
        document.ask_hover(at, shared);
    }

    /// The changes that mend what is wrong at the place.
    pub(super) fn show_fixes(&mut self, shared: &mut Shared) {
        let chosen = self.chosen_problem();
        let pane = self.pane;
        let Some(document) = self.current_mut() else { return };
        if !document.is_checked() {
            // Fixes are places in the text that was checked.
            document.check_soon(shared);
            self.fix_wanted = true;
            return;
        }
        let wanted = match (pane, chosen) {
            (Pane::Text, _) => document.problems_here(),
            (_, Some(at)) => vec![at],
            (_, None) => Vec::new(),
        };
        let mut items = Vec::new();
        let mut offered = Vec::new();
        for problem in wanted.iter().filter_map(|&at| document.problems().get(at)) {
            let Some(fix) = &problem.fix else { continue };
            let edits: Vec<Replace> = fix.edits.iter().map(Replace::from).collect();
            let lines = diff::of_edits(document.editor.text(), &edits);
            let note = format!("{}{}", problem.code, if fix.safe { "" } else { ", a guess" });
            items.push(Item::new(fix.title.clone(), note, Detail::Diff(lines)));
            offered.push(edits);
        }
        if items.is_empty() {
            let elsewhere = document.problems().iter().any(|problem| problem.fix.is_some());
            let said = match (wanted.is_empty(), elsewhere) {
                (true, true) => "nothing was found here; F8 goes to the next problem",
                (false, true) => "no change mends this by itself; F1 and e say more",
                (_, false) => "no change mends what was found by itself",
            };
            return shared.say(Mark::Info, said);
        }
        let title = match wanted.first().and_then(|&at| document.problems().get(at)) {
            Some(problem) if items.len() == 1 => problem.message.clone(),
            _ => text::counted(items.len() as u64, "fix for this line", "fixes for this line"),
        };
        self.offered = offered;
        shared.overlay = Some(Overlay::Choice(Choice::new(Choosing::Fix, title, items)));
    }

    pub(super) fn apply_fix(&mut self, at: usize, shared: &mut Shared) {
        let edits = std::mem::take(&mut self.offered).into_iter().nth(at).unwrap_or_default();
        let Some(document) = self.current_mut() else { return };
        if document.editor.apply_around(&edits) {
            document.follow(shared);
            document.check_soon(shared);
            shared.say(Mark::Ok, "mended; Ctrl-Z takes it back");
        } else {
            shared.say(Mark::Warn, "the text has changed meanwhile, and the fix does not fit it any more");
        }
    }

    /// Asks for a change of the whole text.
    pub(super) fn rewrite(&mut self, title: &'static str, fixes: bool, shared: &mut Shared) {
        if let Some(document) = self.current_mut() {
            document.ask_rewrite(title, fixes, shared);
        }
    }

    pub(super) fn apply_rewrite(&mut self, shared: &mut Shared) {
        self.apply_fix(0, shared);
    }

    pub(super) fn undo(&mut self, back: bool, shared: &mut Shared) {
        self.popup = None;
        let Some(document) = self.current_mut() else { return };
        let done = if back { document.editor.undo() } else { document.editor.redo() };
        if done && !document.is_changed() {
            shared.say(Mark::Info, "the text is as it was saved");
        }
    }

    pub(super) fn next_place(&mut self, forward: bool, shared: &mut Shared) {
        match shared.find.clone() {
            None if self.pane == Pane::Form => self.next_field(forward, None, shared),
            Some(wanted) if self.pane == Pane::Form => self.next_field(forward, Some(&wanted), shared),
            None => self.next_problem(forward, shared),
            Some(wanted) => {
                if !self.go_to_text(&wanted, forward) {
                    shared.say(Mark::Info, "the text does not have this any more");
                }
            }
        }
    }

    fn go_to_text(&mut self, wanted: &str, forward: bool) -> bool {
        let Some(document) = self.current_mut() else { return false };
        let at = document.editor.at();
        let buffer = document.editor.buffer();
        let from = if forward { buffer.next(at) } else { at };
        let found = buffer.find(wanted, from, forward);
        if let Some(place) = &found {
            document.editor.go_to(place.start);
        }
        found.is_some()
    }

    pub(super) fn typed_find(&mut self, text: &str, shared: &mut Shared) -> Result<(), String> {
        if text.is_empty() {
            shared.find = None;
            return Ok(());
        }
        let found = if self.pane == Pane::Form {
            self.has_field(text)
        } else {
            self.current().is_some_and(|document| document.editor.buffer().find(text, 0, true).is_some())
        };
        if !found {
            return Err("nothing here has this".to_owned());
        }
        shared.find = Some(text.to_owned());
        if self.pane == Pane::Form {
            self.next_field(true, Some(text), shared);
        } else if let Some(document) = self.current_mut() {
            // The place under the cursor counts too.
            let at = document.editor.at();
            let place = document.editor.buffer().find(text, at, true);
            if let Some(place) = place {
                document.editor.go_to(place.start);
            }
            let many = document.editor.buffer().places(text).len() as u64;
            shared.say(Mark::Info, format!("{}: n and F3 go on", text::counted(many, "place", "places")));
        }
        Ok(())
    }

    pub(super) fn ask_replace(&mut self, shared: &mut Shared) {
        let selected = self.current().and_then(|document| {
            let range = document.editor.selection()?;
            document.editor.text().get(range).filter(|text| !text.contains('\n')).map(str::to_owned)
        });
        let text = selected.or_else(|| shared.find.clone()).unwrap_or_default();
        shared.prompt(Purpose::Replace, "Replace", "what is looked for", &text);
    }

    pub(super) fn typed_replace(&mut self, purpose: Purpose, text: &str, shared: &mut Shared) -> Result<(), String> {
        if purpose == Purpose::Replace {
            if self.current().is_none_or(|document| document.editor.buffer().find(text, 0, true).is_none()) {
                return Err("the text does not have this".to_owned());
            }
            text.clone_into(&mut self.replacing.0);
            shared.find = Some(text.to_owned());
            shared.prompt(Purpose::ReplaceBy, format!("Replace `{text}` by"), "nothing removes it", "");
            return Ok(());
        }
        text.clone_into(&mut self.replacing.1);
        self.offer_replace(shared);
        Ok(())
    }

    fn offer_replace(&mut self, shared: &mut Shared) {
        let (wanted, by) = self.replacing.clone();
        let Some(document) = self.current_mut() else { return };
        let all: Vec<Replace> = document
            .editor
            .buffer()
            .places(&wanted)
            .into_iter()
            .map(|range| Replace { range, text: by.clone() })
            .collect();
        let at = document.editor.at();
        let next = all.iter().position(|edit| edit.range.start >= at).unwrap_or(0);
        let Some(one) = all.get(next).cloned() else {
            return shared.say(Mark::Ok, "there is no other place");
        };
        document.editor.go_to(one.range.start);
        let text = document.editor.text();
        let shown = |edits: &[Replace]| Detail::Diff(diff::of_edits(text, edits));
        let place = format!("line {}", document.editor.buffer().line_of(one.range.start) + 1);
        let rest = text::counted(all.len() as u64, "place", "places");
        let items = vec![
            Item::new("This one, then the next", place.clone(), shown(std::slice::from_ref(&one))),
            Item::new("All of them", rest, shown(&all)),
            Item::new("Not this one", format!("go on behind {place}"), Detail::Text(String::new())),
        ];
        self.offered = vec![vec![one], all];
        let title = format!("Replace `{wanted}` by `{by}`");
        shared.overlay = Some(Overlay::Choice(Choice::new(Choosing::Replace, title, items)));
    }

    pub(super) fn replace(&mut self, at: usize, shared: &mut Shared) {
        let offered = std::mem::take(&mut self.offered);
        let wanted = self.replacing.0.clone();
        let Some(document) = self.current_mut() else { return };
        match (at, offered.as_slice()) {
            (0, [one, ..]) => {
                let after = one.first().map_or(0, |edit| edit.range.start + edit.text.len());
                document.editor.apply(one, after);
                document.follow(shared);
                self.offer_replace(shared);
            }
            (1, [_, all]) => {
                document.editor.apply_around(all);
                let many = text::counted(all.len() as u64, "place was", "places were");
                shared.say(Mark::Ok, format!("{many} replaced; Ctrl-Z takes it back"));
            }
            (_, [one, ..]) => {
                let behind = one.first().map_or(0, |edit| edit.range.end);
                // Going round would offer the same place for ever.
                let more = document.editor.buffer().find(&wanted, behind, true);
                if let (Some(place), Some(document)) = (more.filter(|place| place.start >= behind), self.current_mut())
                {
                    document.editor.go_to(place.start);
                    self.offer_replace(shared);
                }
            }
            _ => {}
        }
    }

    /// The file that was to be opened.
    pub(super) fn opened(&mut self, generation: u64, answer: Answered<ConfigText>, shared: &mut Shared) {
        self.text.accept(generation, answer);
        if self.text.error().is_some() {
            return shared.say(Mark::Fail, "the file could not be read");
        }
        let Some(text) = self.text.value().cloned() else { return };
        self.names.insert(text.file.clone());
        if text.read_only {
            shared.say(Mark::Warn, format!("{} is read-only: changes cannot be saved there", text.file));
        }
        let document = Document::open(text);
        let first = document.problems().iter().position(|problem| problem.span.is_some());
        if let Some(file) = &self.file {
            self.documents.insert(file.clone(), document);
        }
        self.text.clear();
        if self.going_to.is_none()
            && let Some(first) = first
        {
            self.go_to_problem(first);
        }
        self.arrive(shared);
        self.want_form(shared);
    }

    /// An answer about the text of `file` as it was in `version`.
    pub(super) fn answered(&mut self, file: &str, version: u64, what: What, answer: Answer, shared: &mut Shared) {
        let Some(document) = self.documents.get_mut(file) else { return };
        let current = self.file.as_deref() == Some(file);
        let fresh = document.editor.version() == version;
        match (answer, what) {
            (Answer::Text(Ok(now)), What::Read) => self.read_again(file, now, shared),
            // It may be gone; who watches says so.
            (Answer::Text(Err(error)), What::Read) => {
                if current {
                    shared.say(Mark::Fail, format!("the file could not be read again: {}", error.message));
                }
            }
            (Answer::Compare(Ok(now)), What::Compare) => self.compared(file, now, shared),
            (Answer::Save(Ok(saved)), what) => self.saved(file, what, saved, shared),
            (Answer::Diff(Ok(difference)), What::Diff) if fresh => self.differs(file, &difference, shared),
            (Answer::Check(Ok(found)), What::Check) if fresh => {
                document.take_problems(found.diagnostics, version);
                let count = document.problems().len();
                if current {
                    self.problem.clamp(count);
                    if self.pane == Pane::Problems && count == 0 {
                        self.pane = Pane::Text;
                    }
                    if std::mem::take(&mut self.fix_wanted) {
                        self.show_fixes(shared);
                    }
                }
            }
            (Answer::Check(Err(error)), What::Check) if fresh => document.failure = Some(error.message),
            (Answer::Form(Ok(form)), What::Form(dataset)) if fresh => {
                document.take_form(form, version, dataset);
                if current {
                    if document.state.chosen.is_empty() {
                        self.text_to_form();
                    }
                    // The dataset that is chosen may be another one by now.
                    self.want_form(shared);
                }
            }
            (Answer::Complete(Ok(found)), What::Complete(wanted)) if fresh && current && self.typing => {
                let popup = Popup::new(found, wanted, &document.editor);
                if wanted && popup.is_none() {
                    shared.say(Mark::Info, "nothing to propose here");
                }
                self.popup = popup.map(|popup| popup.chosen_as(self.popup.as_ref()));
            }
            (Answer::Hover(Ok(hover)), What::Hover) if fresh && current => {
                self.tip = tip(document, hover.text);
                if self.tip.is_none() {
                    shared.say(Mark::Info, "nothing is known about this place");
                }
            }
            (Answer::Edited(Ok(edited)), What::Edit) if fresh => {
                let edits: Vec<Replace> = edited.changes.iter().map(Replace::from).collect();
                let after = edits.last().map(|edit| edit.range.start);
                document.editor.apply_around(&edits);
                if let Some(after) = after {
                    document.editor.go_to(after);
                }
                document.follow(shared);
                document.check_soon(shared);
            }
            (Answer::Edited(Ok(edited)), What::Rewrite(title)) if fresh => self.offer_rewrite(title, &edited, shared),
            (Answer::Edited(Ok(_)), What::Edit | What::Rewrite(_)) | (Answer::Diff(Ok(_)), _) => {
                shared.say(Mark::Info, "the text has changed meanwhile; please ask again");
            }
            (answer, _) => {
                if let Some(error) = failure(answer) {
                    self.leaving = false;
                    self.fix_wanted = false;
                    let hint = error.hint.map(|hint| format!(": {hint}")).unwrap_or_default();
                    shared.say(Mark::Fail, format!("{}: {}{hint}", error.code, error.message));
                }
            }
        }
    }

    fn offer_rewrite(&mut self, title: &'static str, edited: &Edited, shared: &mut Shared) {
        let Some(document) = self.current() else { return };
        let edits: Vec<Replace> = edited.changes.iter().map(Replace::from).collect();
        if edits.is_empty() {
            return shared.say(Mark::Ok, format!("{}: there is nothing to change", title.to_lowercase()));
        }
        let lines = diff::of_edits(document.editor.text(), &edits);
        let item = Item::new("Change the text so", "one change, Ctrl-Z takes it back", Detail::Diff(lines));
        self.offered = vec![edits];
        shared.overlay = Some(Overlay::Choice(Choice::new(Choosing::Rewrite, title, vec![item])));
    }
}

/// What is wrong at the cursor, then what is known about it.
fn tip(document: &Document, known: String) -> Option<Tip> {
    let mut text = String::new();
    for problem in document.problems_here().into_iter().filter_map(|at| document.problems().get(at)) {
        let contains = place(problem).is_some_and(|place| (place.start..=place.end).contains(&document.editor.at()));
        if contains {
            text.push_str(&format!("**{}** {}\n\n", problem.code, problem.message));
            if let Some(help) = &problem.help {
                text.push_str(&format!("{help}\n\n"));
            }
        }
    }
    text.push_str(&known);
    (!text.trim().is_empty()).then_some(Tip { text })
}

fn failure(answer: Answer) -> Option<ErrorBody> {
    match answer {
        Answer::Check(Err(error))
        | Answer::Hover(Err(error))
        | Answer::Form(Err(error))
        | Answer::Edited(Err(error))
        | Answer::Diff(Err(error))
        | Answer::Compare(Err(error))
        | Answer::Save(Err(error)) => Some(error),
        _ => None,
    }
}
