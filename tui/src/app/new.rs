//! The questions of a new config: which template, or which data to look at, then what it needs to
//! know. What comes of it is opened as a draft that is not saved.

use crossterm::event::KeyEvent;
use medallion_core::api::wire::{
    Answer as Given, CancelRequest, DiscoverRequest, NewConfig, NewRequest, Question, Template,
};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::App;
use super::door::Answered;
use super::message::Request;
use super::remote::Remote;
use super::shared::{Overlay, Shared, Way, error_lines};
use crate::keys::Action;
use crate::screens::Can;
use crate::theme::{Theme, Tone};
use crate::widgets::field::Field;
use crate::widgets::{pane, text};

/// The window.
#[derive(Debug)]
pub(crate) struct New {
    templates: Remote<Vec<Template>>,
    /// The chosen line of the first page: 0 looks at data, the others are templates.
    at: usize,
    asking: Option<Asking>,
    making: Remote<NewConfig>,
    job: String,
}

/// The second page.
#[derive(Debug)]
struct Asking {
    /// `None` looks at data that is there.
    template: Option<String>,
    title: String,
    lines: Vec<(Question, Field)>,
    at: usize,
    /// Why the answers cannot be taken.
    missing: Option<&'static str>,
}

impl New {
    pub(crate) fn open(shared: &mut Shared) -> Self {
        let mut templates = Remote::default();
        templates.ask(Request::Templates, shared);
        Self { templates, at: 0, asking: None, making: Remote::default(), job: String::new() }
    }

    pub(crate) fn waiting(&self) -> Option<u64> {
        [self.templates.waiting(), self.making.waiting()].into_iter().flatten().min()
    }

    pub(super) fn can(&self, action: Action) -> Can {
        let choices = self
            .asking
            .as_ref()
            .and_then(|asking| asking.lines.get(asking.at))
            .is_some_and(|(question, _)| !question.choices.is_empty());
        match action {
            Action::Left | Action::Right if !choices => Can::Absent,
            Action::Accept if self.making.waiting().is_some() => Can::No("it is being made: Esc cancels"),
            _ => Can::Yes,
        }
    }

    pub(super) fn templates_came(&mut self, generation: u64, answer: Answered<Vec<Template>>) {
        self.templates.accept(generation, answer);
    }

    /// The config that was asked for, once it is there.
    pub(super) fn made(&mut self, generation: u64, answer: Answered<NewConfig>) -> Option<NewConfig> {
        if self.making.accept(generation, answer) && self.making.error().is_none() {
            return self.making.value().cloned();
        }
        None
    }

    fn count(&self) -> usize {
        1 + self.templates.value().map_or(0, Vec::len)
    }

    fn ask(&mut self) {
        let question = |name: &str, text: &str| Question {
            name: name.into(),
            text: text.into(),
            default: String::new(),
            choices: Vec::new(),
        };
        let (template, title, questions) = match self.at.checked_sub(1) {
            None => (
                None,
                "New config from data that is there".to_owned(),
                vec![
                    question("from", "File, folder, or address to look at"),
                    question("system", "Name of its system (nothing: from the folder)"),
                    question("auth_env_var", "Variable with the token of an API (nothing: no token)"),
                ],
            ),
            Some(at) => {
                let Some(template) = self.templates.value().and_then(|all| all.get(at)) else { return };
                let title = format!("New config: {}", template.name);
                (Some(template.name.clone()), title, template.questions.clone())
            }
        };
        let lines = questions
            .into_iter()
            .map(|question| {
                let field = Field::new(question.default.clone());
                (question, field)
            })
            .collect();
        self.making = Remote::default();
        self.asking = Some(Asking { template, title, lines, at: 0, missing: None });
    }

    fn make(&mut self, shared: &mut Shared) {
        let Some(asking) = &mut self.asking else { return };
        let needed = |(question, field): &(Question, Field)| {
            let optional = question.name != "from" && asking.template.is_none();
            !optional && question.default.is_empty() && field.text().trim().is_empty()
        };
        if let Some(at) = asking.lines.iter().position(needed) {
            asking.at = at;
            asking.missing = Some("this needs an answer");
            return;
        }
        let value = |name: &str| {
            let found = asking.lines.iter().find(|(question, _)| question.name == name);
            found.map(|(_, field)| field.text().trim().to_owned()).unwrap_or_default()
        };
        self.job = format!("new-{}", shared.now);
        let request = match &asking.template {
            None => Request::Discover(DiscoverRequest {
                from: value("from"),
                auth_env_var: value("auth_env_var"),
                file: String::new(),
                system: value("system"),
                job: self.job.clone(),
            }),
            Some(template) => Request::New(NewRequest {
                template: template.clone(),
                answers: asking
                    .lines
                    .iter()
                    .map(|(question, field)| {
                        let typed = field.text().trim();
                        let value = if typed.is_empty() { question.default.clone() } else { typed.to_owned() };
                        Given { name: question.name.clone(), value }
                    })
                    .collect(),
                file: String::new(),
            }),
        };
        self.making.ask(request, shared);
    }

    /// A key that is text here.
    pub(super) fn key(&mut self, key: KeyEvent) {
        if let Some(asking) = &mut self.asking
            && let Some((question, field)) = asking.lines.get_mut(asking.at)
            && question.choices.is_empty()
            && field.key(key)
        {
            asking.missing = None;
        }
    }

    /// Pasted text.
    pub(super) fn paste(&mut self, text: &str) {
        if let Some(asking) = &mut self.asking
            && let Some((question, field)) = asking.lines.get_mut(asking.at)
            && question.choices.is_empty()
        {
            field.paste(text);
        }
    }
}

impl Asking {
    fn other(&mut self, forward: bool) {
        let Some((question, field)) = self.lines.get_mut(self.at) else { return };
        let len = question.choices.len();
        let at = question.choices.iter().position(|choice| choice == field.text()).unwrap_or(0);
        let next = if forward { at + 1 } else { at + len.max(1) - 1 } % len.max(1);
        if let Some(choice) = question.choices.get(next) {
            *field = Field::new(choice.clone());
        }
    }
}

impl App {
    pub(super) fn act_on_new(&mut self, mut new: New, action: Action) {
        let count = new.count();
        match (&mut new.asking, action) {
            (asking, Action::Dismiss) => {
                if new.making.waiting().is_some() {
                    self.shared.ask(Request::Cancel(CancelRequest { job: new.job.clone() }));
                    new.making = Remote::default();
                } else if asking.take().is_none() {
                    return;
                }
            }
            (None, Action::Up) => new.at = new.at.checked_sub(1).unwrap_or(count - 1),
            (None, Action::Down) => new.at = (new.at + 1) % count,
            (None, Action::Accept) => new.ask(),
            (Some(asking), Action::Up) => asking.at = asking.at.saturating_sub(1),
            (Some(asking), Action::Down) => asking.at = (asking.at + 1).min(asking.lines.len().saturating_sub(1)),
            (Some(asking), Action::Left | Action::Right) => asking.other(action == Action::Right),
            (Some(asking), Action::Accept) => {
                if asking.at + 1 < asking.lines.len() {
                    asking.at += 1;
                } else {
                    new.make(&mut self.shared);
                }
            }
            _ => {}
        }
        self.shared.overlay = Some(Overlay::New(Box::new(new)));
    }

    /// Opens what was made.
    pub(super) fn open_new(&mut self, config: NewConfig) {
        self.shared.way = Some(Way::Draft(Box::new(config)));
    }

    pub(super) fn view_new(frame: &mut Frame<'_>, area: Rect, new: &mut New, shared: &Shared) {
        let theme = shared.theme;
        let width = area.width.saturating_sub(4).min(92);
        match &new.asking {
            None => {
                let wanted = u16::try_from(new.count() + 6).unwrap_or(u16::MAX);
                let inside = pane::overlay(frame, pane::middle(area, width, wanted.max(8)), "New config", theme);
                view_pick(frame, inside, new, theme);
            }
            Some(asking) => {
                let wanted = u16::try_from(asking.lines.len() * 2 + 7).unwrap_or(u16::MAX);
                let inside = pane::overlay(frame, pane::middle(area, width, wanted), &asking.title, theme);
                view_questions(frame, inside, new, asking, shared);
            }
        }
    }
}

fn view_pick(frame: &mut Frame<'_>, area: Rect, new: &New, theme: Theme) {
    let columns = usize::from(area.width.saturating_sub(2));
    let mut rows = vec![(
        "data that is there".to_owned(),
        "looks at a file, a folder, a database or an API and describes it".to_owned(),
    )];
    rows.extend(
        new.templates.value().into_iter().flatten().map(|template| (template.name.clone(), template.summary.clone())),
    );
    let name = rows.iter().map(|(name, _)| text::width(name)).max().unwrap_or(0).min(columns / 2);
    pane::line(frame, area, 0, &Line::styled(" Start from", theme.style(Tone::Dim)));
    let said = match (new.templates.error(), new.templates.waiting()) {
        (Some(error), _) => Some((format!("{} {}", theme.glyph(crate::theme::Mark::Fail), error.message), Tone::Fail)),
        (None, Some(_)) => Some(("reading the templates".to_owned(), Tone::Dim)),
        _ => None,
    };
    // What is said about the chosen one stands below the list, where there is room.
    let below = if usize::from(area.height) >= rows.len() + 4 || area.height >= 12 { 3 } else { 0 };
    let height = usize::from(area.height.saturating_sub(1 + below + u16::from(said.is_some()))).max(1);
    let top = (new.at + 1).saturating_sub(height);
    for (y, (at, (label, about))) in (1..).zip(rows.iter().enumerate().skip(top).take(height)) {
        let room = columns.saturating_sub(name + 3);
        let sign = if at == new.at { theme.pick("▸ ", "> ") } else { "  " };
        let line = Line::from(vec![
            pane::span(sign, Tone::Accent, theme),
            pane::span(text::left(label, name, theme), Tone::Strong, theme),
            pane::span(format!("  {}", text::cut(about, room, theme)), Tone::Dim, theme),
        ]);
        pane::line(frame, area, y, &line);
        if at == new.at {
            pane::paint(frame, area, y, Tone::Cursor, theme);
        }
    }
    if let (Some((_, about)), 1..) = (rows.get(new.at), below) {
        let end = area.bottom().saturating_sub(u16::from(said.is_some()));
        let place = Rect { y: end.saturating_sub(below - 1), height: below - 1, ..area };
        pane::message(frame, place, &[(about, Tone::Plain)], theme);
    }
    if let Some((said, tone)) = said {
        let y = area.height.saturating_sub(1);
        pane::line(frame, area, y, &Line::styled(format!(" {}", text::cut(&said, columns, theme)), theme.style(tone)));
    }
}

fn view_questions(frame: &mut Frame<'_>, area: Rect, new: &New, asking: &Asking, shared: &Shared) {
    let theme = shared.theme;
    let columns = usize::from(area.width.saturating_sub(2));
    let tail = match (new.making.error(), new.making.waiting()) {
        (Some(error), _) => error_lines(error),
        (None, Some(_)) => vec![(format!("{} looking; Esc cancels", theme.spinner(shared.now)), Tone::Busy)],
        (None, None) => vec![("Nothing is written: the config opens as an unsaved draft.".to_owned(), Tone::Dim)],
    };
    let below = u16::try_from(tail.len().min(4)).unwrap_or(1) + 1;
    // Two lines for each question; the one that is answered is always among those shown.
    let height = usize::from(area.height.saturating_sub(below) / 2).max(1);
    let top = (asking.at + 1).saturating_sub(height);
    let mut y = 0;
    for (at, (question, field)) in asking.lines.iter().enumerate().skip(top).take(height) {
        let here = at == asking.at;
        let missing =
            asking.missing.filter(|_| here).map(|said| format!("  {} {said}", theme.glyph(crate::theme::Mark::Fail)));
        let line = Line::from(vec![
            pane::span(
                format!(" {}", text::cut(&question.text, columns, theme)),
                if here { Tone::Strong } else { Tone::Plain },
                theme,
            ),
            pane::span(missing.unwrap_or_default(), Tone::Fail, theme),
        ]);
        pane::line(frame, area, y, &line);
        pane::line(frame, area, y + 1, &answer_line(question, field, here, columns, theme));
        y += 2;
    }
    let place = Rect { y: area.bottom().saturating_sub(below - 1), height: below - 1, ..area };
    let said: Vec<(&str, Tone)> = tail.iter().map(|(line, tone)| (line.as_str(), *tone)).collect();
    pane::message(frame, place, &said, theme);
}

fn answer_line(question: &Question, field: &Field, here: bool, columns: usize, theme: Theme) -> Line<'static> {
    if !question.choices.is_empty() {
        let mut spans = vec![pane::span("   ", Tone::Plain, theme)];
        for choice in &question.choices {
            let chosen = choice == field.text();
            let label = if chosen { format!("[{choice}]") } else { format!(" {choice} ") };
            let tone = match (chosen, here) {
                (true, true) => Tone::Accent,
                (true, false) => Tone::Strong,
                _ => Tone::Dim,
            };
            spans.push(pane::span(label, tone, theme));
        }
        return Line::from(spans);
    }
    let (before, after) = field.halves();
    if !here {
        return Line::from(pane::span(
            format!("   {}", text::cut(field.text(), columns.saturating_sub(4), theme)),
            Tone::Plain,
            theme,
        ));
    }
    let room = columns.saturating_sub(6);
    Line::from(vec![
        pane::span(" > ", Tone::Accent, theme),
        pane::span(text::tail(before, room, theme), Tone::Strong, theme),
        pane::span(theme.pick("▏", "_"), Tone::Accent, theme),
        pane::span(text::clean(after), Tone::Strong, theme),
    ])
}
