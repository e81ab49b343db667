//! Config: the text of a config file, read-only, with what was found in it.

mod view;

#[cfg(test)]
mod tests;

use medallion_core::api::wire::{ConfigText, ConfigTextRequest, Diagnostic, ExplainRequest, Validation};

use crate::app::Screen;
use crate::app::message::{Answer, Request};
use crate::app::remote::Remote;
use crate::app::shared::{Purpose, Shared};
use crate::keys::{Action, Scope};
use crate::screens::Can;
use crate::theme::Mark;
use crate::widgets::list::Cursor;

/// State of the screen.
#[derive(Debug, Default)]
pub(crate) struct Config {
    /// Names of all config files.
    files: Remote<Validation>,
    text: Remote<ConfigText>,
    /// The file that is shown, or on its way.
    file: Option<String>,
    /// Where each line of the text begins and ends, so that drawing looks at few of them.
    line_spans: Vec<(usize, usize)>,
    line: Cursor,
    /// First column that is shown, in characters.
    left: usize,
    problem: Cursor,
    on_problems: bool,
    /// The text is new: show its first problem, if it has one.
    fresh: bool,
}

impl Config {
    fn problems(&self) -> &[Diagnostic] {
        self.text.value().map_or(&[], |text| text.diagnostics.as_slice())
    }

    fn show(&mut self, file: String, shared: &mut Shared) {
        if self.file.as_ref() != Some(&file) {
            self.text.clear();
            self.line_spans.clear();
            self.line = Cursor::default();
            self.problem = Cursor::default();
            self.left = 0;
            self.on_problems = false;
            self.fresh = true;
        }
        self.text.ask(Request::Text(ConfigTextRequest { file: file.clone() }), shared);
        self.file = Some(file);
    }

    fn other_file(&mut self, forward: bool, shared: &mut Shared) {
        let files: Vec<String> =
            self.files.value().map(|all| all.files.iter().map(|file| file.file.clone()).collect()).unwrap_or_default();
        let at = files.iter().position(|file| Some(file) == self.file.as_ref());
        let next = match at {
            None => 0,
            Some(at) if forward => (at + 1) % files.len(),
            Some(at) => (at + files.len() - 1) % files.len(),
        };
        if let Some(file) = files.get(next).cloned() {
            shared.file = Some(file.clone());
            self.show(file, shared);
        }
    }

    fn go_to_problem(&mut self) {
        if let Some(span) = self.problems().get(self.problem.at).and_then(|problem| problem.span) {
            self.line.set((span.line as usize).saturating_sub(1));
            self.left = 0;
        }
    }

    fn text_line(&self, line: usize) -> &str {
        let text = self.text.value().map_or("", |text| text.text.as_str());
        self.line_spans.get(line).and_then(|&(start, end)| text.get(start..end)).unwrap_or("")
    }

    fn find(&mut self, forward: bool, shared: &Shared) -> bool {
        let Some(wanted) = shared.find.as_ref().map(|find| find.to_lowercase()) else { return false };
        let len = self.line_spans.len();
        let found = (1..=len)
            .map(|step| if forward { (self.line.at + step) % len } else { (self.line.at + len - step) % len })
            .find(|&at| self.text_line(at).to_lowercase().contains(&wanted));
        if let Some(at) = found {
            self.line.set(at);
        }
        found.is_some()
    }

    /// Splits the text into lines, once for each answer.
    fn split(&mut self) {
        self.line_spans.clear();
        let Some(text) = self.text.value() else { return };
        let mut start = 0;
        for line in text.text.split_inclusive('\n') {
            let end = start + line.trim_end_matches(['\n', '\r']).len();
            self.line_spans.push((start, end));
            start += line.len();
        }
    }
}

impl Screen for Config {
    fn scope(&self) -> Scope {
        Scope::Config
    }

    fn enter(&mut self, shared: &mut Shared) {
        if self.files.untouched() {
            self.files.ask(Request::Validate(shared.target.clone()), shared);
        }
        let wanted = shared.file.clone().or_else(|| self.files.value()?.files.first().map(|file| file.file.clone()));
        if let Some(file) = wanted
            && self.file.as_ref() != Some(&file)
        {
            self.show(file, shared);
        }
    }

    fn can(&self, action: Action, shared: &Shared) -> Can {
        let some = Can::when(!self.problems().is_empty(), "nothing was found in this file");
        match action {
            Action::Find => Can::when(self.text.value().is_some(), "there is no text"),
            Action::FindNext | Action::FindPrevious if shared.find.is_some() => Can::Yes,
            Action::FindNext | Action::FindPrevious | Action::Open | Action::Explain => some,
            Action::NextItem | Action::PreviousItem => {
                let many = self.files.value().is_some_and(|all| all.files.len() > 1);
                if many { Can::Yes } else { Can::No("there is no other config file") }
            }
            Action::NextPane | Action::PreviousPane => Can::when(!self.problems().is_empty(), "there is only the text"),
            Action::Left | Action::Right | Action::LineStart => Can::Yes,
            action if Cursor::default().act(action, 0) => Can::Yes,
            Action::Back if self.on_problems => Can::Yes,
            _ => Can::Absent,
        }
    }

    fn act(&mut self, action: Action, shared: &mut Shared) {
        let problems = self.problems().len();
        match action {
            Action::Refresh => {
                self.files.ask(Request::Validate(shared.target.clone()), shared);
                if let Some(file) = self.file.clone() {
                    self.show(file, shared);
                }
            }
            Action::NextItem | Action::PreviousItem => self.other_file(action == Action::NextItem, shared),
            Action::NextPane | Action::PreviousPane => self.on_problems = !self.on_problems,
            Action::Back => self.on_problems = false,
            Action::Open => {
                self.go_to_problem();
                self.on_problems = false;
            }
            Action::Find => shared.prompt(Purpose::Find, "Find in the text", "", ""),
            Action::FindNext | Action::FindPrevious if shared.find.is_some() => {
                self.find(action == Action::FindNext, shared);
            }
            Action::FindNext | Action::FindPrevious => {
                // From the line where the person is, not from the problem that was chosen last.
                let here = self.line.at + 1;
                let place = |problem: &Diagnostic| problem.span.map_or(0, |span| span.line as usize);
                let next = if action == Action::FindNext {
                    self.problems().iter().position(|problem| place(problem) > here).unwrap_or(0)
                } else {
                    self.problems()
                        .iter()
                        .rposition(|problem| place(problem) < here)
                        .unwrap_or(problems.saturating_sub(1))
                };
                self.problem.set(next);
                self.go_to_problem();
            }
            Action::Explain => {
                if let Some(problem) = self.problems().get(self.problem.at) {
                    let code = problem.code.to_string();
                    shared.ask(Request::Explain(ExplainRequest { code }));
                }
            }
            Action::Left => self.left = self.left.saturating_sub(8),
            Action::Right => self.left += 8,
            Action::LineStart => self.left = 0,
            action if self.on_problems => {
                self.problem.act(action, problems);
                self.go_to_problem();
            }
            action => {
                self.line.act(action, self.line_spans.len());
                // The problem of the line, if it has one, is the chosen one.
                let here = self.line.at + 1;
                if let Some(at) = self
                    .problems()
                    .iter()
                    .position(|problem| problem.span.is_some_and(|span| span.line as usize == here))
                {
                    self.problem.set(at);
                }
            }
        }
    }

    fn typed(&mut self, _: Purpose, text: &str, shared: &mut Shared) -> Result<(), String> {
        shared.find = Some(text.to_owned()).filter(|text| !text.is_empty());
        if shared.find.is_some() && !self.find(true, shared) {
            shared.find = None;
            return Err("the text does not have this".to_owned());
        }
        Ok(())
    }

    fn answer(&mut self, generation: u64, answer: Answer, shared: &mut Shared) {
        match answer {
            Answer::Validate(answer) => {
                let taken = self.files.accept(generation, answer);
                if taken && self.file.is_none() {
                    self.enter(shared);
                }
            }
            Answer::Text(answer) => {
                let taken = self.text.accept(generation, answer);
                if taken {
                    self.split();
                    self.line.clamp(self.line_spans.len());
                    self.problem.clamp(self.problems().len());
                    if self.text.error().is_some() {
                        shared.say(Mark::Fail, "the file could not be read");
                    }
                    if std::mem::take(&mut self.fresh) {
                        self.go_to_problem();
                    }
                }
            }
            _ => {}
        }
    }

    fn waiting(&self) -> Option<u64> {
        [self.files.waiting(), self.text.waiting()].into_iter().flatten().min()
    }

    fn view(&mut self, frame: &mut ratatui::Frame<'_>, area: ratatui::layout::Rect, shared: &Shared) {
        view::view(self, frame, area, shared);
    }
}
