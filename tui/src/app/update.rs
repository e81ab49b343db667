//! What a message does to the state. No I/O, no clock: effects say what the loop must do.

use crossterm::event::{KeyEvent, KeyEventKind};

use super::doctor::Doctor;
use super::message::{Answer, Effect, Exit, Message};
use super::new::New;
use super::shared::{Overlay, Prompt, Question, Way};
use super::{App, Ending};
use crate::keys::{Action, BINDINGS, Binding, Scope};
use crate::screens::{Can, ScreenId, data};
use crate::theme::Mark;
use crate::widgets::field::Field;

/// How long a signal lets a run come to its next safe point, in milliseconds.
const SIGNAL_PATIENCE: u64 = 2_000;

impl App {
    /// Takes in one message.
    pub(crate) fn update(&mut self, message: Message) {
        match message {
            Message::Key(key) if key.kind != KeyEventKind::Release => self.key(key),
            Message::Key(_) | Message::Resize => {}
            Message::Tick => self.tick(),
            Message::Paste(text) => self.paste(&text),
            Message::Answer { generation, answer } => self.answer(generation, answer),
            Message::Resumed => self.shared.effect(Effect::Redraw),
            Message::Suspend => self.shared.effect(Effect::Suspend),
            Message::Signal(signal) => {
                let at_latest = Some(self.shared.now.saturating_add(SIGNAL_PATIENCE));
                self.end(Ending { exit: Exit::Signal(signal), at_latest });
            }
            Message::InputLost(reason) => {
                self.shared.say(Mark::Fail, reason);
                let at_latest = Some(self.shared.now.saturating_add(SIGNAL_PATIENCE));
                self.end(Ending { exit: Exit::InputLost, at_latest });
            }
        }
        self.follow_way();
        if let Some(ending) = self.ending
            && (!self.run.is_going() || ending.at_latest.is_some_and(|latest| self.shared.now >= latest))
        {
            self.shared.effect(Effect::Leave(ending.exit));
        }
    }

    /// Where keys are looked up now, innermost first.
    pub(crate) fn scopes(&self) -> Vec<Scope> {
        if self.shared.prompt.is_some() {
            return vec![Scope::Typing, Scope::Always];
        }
        match &self.shared.overlay {
            Some(Overlay::Palette { .. }) => vec![Scope::Palette, Scope::Always],
            Some(Overlay::Question(_)) => vec![Scope::Question, Scope::Always],
            Some(Overlay::Help(_) | Overlay::Reading(_)) => vec![Scope::Reading, Scope::Moving, Scope::Always],
            Some(Overlay::Choice(_)) => vec![Scope::Choosing, Scope::Always],
            Some(Overlay::Doctor(_)) => vec![Scope::Doctor, Scope::Moving, Scope::Always],
            Some(Overlay::New(_)) => vec![Scope::New, Scope::Always],
            None => self.active_ref().scopes(),
        }
    }

    /// The bindings that hold now, with whether they can be done, in the order of the table.
    pub(crate) fn bindings(&self) -> Vec<(&'static Binding, Can)> {
        let scopes = self.scopes();
        BINDINGS
            .iter()
            .filter(|binding| scopes.contains(&binding.scope))
            .map(|binding| (binding, self.can(binding.action)))
            .filter(|(_, can)| *can != Can::Absent)
            .collect()
    }

    fn key(&mut self, key: KeyEvent) {
        self.shared.status = None;
        let found =
            self.bindings().into_iter().find(|(binding, _)| binding.keys.iter().any(|known| known.matches(key)));
        match found {
            Some((binding, Can::Yes)) => self.act(binding.action),
            Some((_, Can::No(reason))) => self.shared.say(Mark::Info, reason),
            _ => self.type_key(key),
        }
    }

    fn type_key(&mut self, key: KeyEvent) {
        if let Some(prompt) = &mut self.shared.prompt {
            if prompt.field.key(key) {
                prompt.error = None;
            }
            return;
        }
        match &mut self.shared.overlay {
            Some(Overlay::Palette { field, at }) => {
                if field.key(key) {
                    *at = 0;
                }
            }
            Some(Overlay::New(new)) => new.key(key),
            Some(_) => {}
            None => {
                let (screen, shared) = self.active();
                screen.key(key, shared);
            }
        }
    }

    fn paste(&mut self, text: &str) {
        if let Some(prompt) = &mut self.shared.prompt {
            prompt.field.paste(text);
            prompt.error = None;
        } else if let Some(Overlay::Palette { field, at }) = &mut self.shared.overlay {
            field.paste(text);
            *at = 0;
        } else if let Some(Overlay::New(new)) = &mut self.shared.overlay {
            new.paste(text);
        } else if self.shared.overlay.is_none() && {
            let (screen, shared) = self.active();
            screen.paste(text, shared)
        } {
            // The screen took it.
        } else {
            self.shared.say(Mark::Info, "nothing is typed here, the pasted text was not used");
        }
    }

    fn can(&self, action: Action) -> Can {
        if self.shared.overlay.is_some() || self.shared.prompt.is_some() {
            match &self.shared.overlay {
                Some(Overlay::Doctor(doctor)) if self.shared.prompt.is_none() => return doctor.can(action),
                Some(Overlay::New(new)) if self.shared.prompt.is_none() => return new.can(action),
                Some(Overlay::Choice(choice)) if self.shared.prompt.is_none() => return choice.can(action),
                _ => {}
            }
            let lines = matches!(self.shared.overlay, Some(Overlay::Help(_) | Overlay::Reading(_)));
            return match action {
                Action::Left | Action::Right if lines => Can::Absent,
                Action::Copy if !matches!(self.shared.overlay, Some(Overlay::Reading(_))) => Can::Absent,
                _ => Can::Yes,
            };
        }
        match action {
            Action::Suspend => {
                if cfg!(unix) {
                    Can::Yes
                } else {
                    Can::Absent
                }
            }
            Action::Environment => self.can_choose_environment(),
            Action::Go(screen) if screen == self.screen && self.data.is_none() => Can::Absent,
            // It never ends the program: a key that people press to be sure must not.
            Action::Leave if self.screen == ScreenId::Home && !self.leaves() => Can::Absent,
            Action::Leave
            | Action::Go(_)
            | Action::Help
            | Action::Palette
            | Action::Quit
            | Action::Back
            | Action::Refresh => Can::Yes,
            _ => self.active_ref().can(action, &self.shared),
        }
    }

    /// Does `action`, which can be done.
    pub(crate) fn act(&mut self, action: Action) {
        match action {
            Action::Quit => return self.quit(),
            Action::Suspend => return self.shared.effect(Effect::Suspend),
            _ => {}
        }
        if self.shared.prompt.is_some() {
            return self.act_on_prompt(action);
        }
        if self.shared.overlay.is_some() {
            return self.act_on_overlay(action);
        }
        match action {
            Action::Help => self.shared.overlay = Some(Overlay::Help(0)),
            Action::Palette => self.shared.overlay = Some(Overlay::Palette { field: Field::default(), at: 0 }),
            Action::Go(screen) => self.shared.way = Some(Way::Screen(screen)),
            Action::Back | Action::Leave => self.back(),
            Action::New => self.shared.overlay = Some(Overlay::New(Box::new(New::open(&mut self.shared)))),
            Action::Doctor => self.open_doctor(),
            Action::Environment => self.ask_environment(),
            Action::Refresh => {
                self.shared.ask_datasets();
                let (screen, shared) = self.active();
                screen.act(Action::Refresh, shared);
            }
            _ => {
                let (screen, shared) = self.active();
                screen.act(action, shared);
            }
        }
    }

    fn act_on_prompt(&mut self, action: Action) {
        let Some(prompt) = self.shared.prompt.take() else { return };
        if action != Action::Accept {
            return;
        }
        let (screen, shared) = self.active();
        if let Err(reason) = screen.typed(prompt.purpose, prompt.field.text(), shared) {
            self.shared.prompt = Some(Prompt { error: Some(reason), ..prompt });
        }
    }

    /// Whether the screen has something that can be left before the screen itself.
    fn leaves(&self) -> bool {
        self.active_ref().can(Action::Back, &self.shared) == Can::Yes
    }

    fn back(&mut self) {
        let (screen, shared) = self.active();
        if screen.can(Action::Back, shared) == Can::Yes {
            return screen.act(Action::Back, shared);
        }
        if self.screen == ScreenId::Home {
            return self.quit();
        }
        self.shared.way = Some(Way::Screen(ScreenId::Home));
    }

    fn quit(&mut self) {
        self.shared.prompt = None;
        let unsaved = self.config.unsaved();
        // Asking twice for the same thing means yes.
        let asked = match self.shared.overlay {
            Some(Overlay::Question(question)) => Some(question),
            _ => None,
        };
        let question = match (self.run.is_going(), self.ending, asked) {
            (_, _, Some(question @ (Question::QuitWhileRunning | Question::QuitAtOnce | Question::QuitUnsaved(_)))) => {
                self.shared.overlay = None;
                return self.answer_question(question);
            }
            (_, None, _) if unsaved > 0 => Question::QuitUnsaved(unsaved),
            (false, ..) => return self.end(Ending { exit: Exit::Wanted, at_latest: None }),
            (true, None, _) => Question::QuitWhileRunning,
            (true, Some(_), _) => Question::QuitAtOnce,
        };
        self.shared.overlay = Some(Overlay::Question(question));
    }

    fn open_doctor(&mut self) {
        let mut target = self.shared.target.clone();
        if self.screen == ScreenId::Config
            && let Some(file) = self.config.file()
        {
            file.clone_into(&mut target.path);
        }
        // What was found before is shown again; r checks again.
        if let Some(doctor) = self.doctor.take().filter(|doctor| doctor.is_about(&target)) {
            self.shared.overlay = Some(Overlay::Doctor(Box::new(doctor)));
            return;
        }
        let doctor = Doctor::start(target, self.config.unsaved(), &mut self.shared);
        self.shared.overlay = Some(Overlay::Doctor(Box::new(doctor)));
    }

    /// Ends as soon as the run has stopped.
    pub(super) fn end(&mut self, ending: Ending) {
        self.run.cancel(&mut self.shared);
        self.ending = Some(ending);
    }

    pub(super) fn answer_question(&mut self, question: Question) {
        match question {
            Question::QuitWhileRunning => {
                self.shared.way = Some(Way::Screen(ScreenId::Run));
                self.end(Ending { exit: Exit::Wanted, at_latest: None });
            }
            Question::QuitAtOnce => self.shared.effect(Effect::Leave(Exit::Wanted)),
            Question::QuitUnsaved(_) if self.run.is_going() => {
                self.shared.overlay = Some(Overlay::Question(Question::QuitWhileRunning));
            }
            Question::QuitUnsaved(_) => self.end(Ending { exit: Exit::Wanted, at_latest: None }),
            Question::ManySteps(_) => self.run.start(&mut self.shared),
        }
    }

    /// Hands an answer to whom it belongs. Those who do not wait for its generation drop it.
    fn answer(&mut self, generation: u64, answer: Answer) {
        let shared = &mut self.shared;
        match answer {
            Answer::Datasets(answer) => {
                if shared.datasets.accept(generation, answer) {
                    self.home.datasets_changed(shared);
                    self.outputs.datasets_changed(shared);
                    self.run.datasets_changed(shared);
                    let (screen, shared) = self.active();
                    if screen.scope() == Scope::Preview {
                        screen.enter(shared);
                    }
                }
            }
            answer @ (Answer::RunEvent(_) | Answer::RunEnded(_) | Answer::Cancelled(_)) => {
                let was_going = self.run.is_going();
                super::Screen::answer(&mut self.run, generation, answer, shared);
                if was_going && !self.run.is_going() {
                    shared.ask_datasets();
                    self.outputs.forget();
                    self.preview.forget();
                    if self.screen != ScreenId::Run {
                        let (mark, text) = self.run.verdict();
                        shared.say(mark, format!("{text} (4 shows it)"));
                    }
                    if self.screen == ScreenId::Outputs {
                        let (screen, shared) = self.active();
                        screen.act(Action::Refresh, shared);
                    }
                }
            }
            Answer::Templates(answer) => {
                if let Some(Overlay::New(new)) = &mut shared.overlay {
                    new.templates_came(generation, answer);
                }
            }
            Answer::NewConfig(answer) => {
                let made = match &mut shared.overlay {
                    Some(Overlay::New(new)) => new.made(generation, answer),
                    _ => None,
                };
                if let Some(config) = made {
                    shared.overlay = None;
                    self.open_new(config);
                }
            }
            Answer::DoctorEvent(event) => match &mut shared.overlay {
                Some(Overlay::Doctor(doctor)) => doctor.event(generation, *event),
                _ => {
                    if let Some(doctor) = &mut self.doctor {
                        doctor.event(generation, *event);
                    }
                }
            },
            Answer::DoctorEnded(answer) => match &mut shared.overlay {
                Some(Overlay::Doctor(doctor)) => doctor.ended(generation, answer),
                _ => {
                    if let Some(doctor) = &mut self.doctor {
                        doctor.ended(generation, answer);
                    }
                }
            },
            Answer::WatchEvent(event) => self.watched(generation, *event),
            Answer::WatchEnded(answer) => self.watch_ended(generation, answer),
            answer @ (Answer::Validate(_)
            | Answer::Text(_)
            | Answer::Check(_)
            | Answer::Complete(_)
            | Answer::Hover(_)
            | Answer::Form(_)
            | Answer::Edited(_)
            | Answer::Diff(_)
            | Answer::Compare(_)
            | Answer::Save(_)) => {
                super::Screen::answer(&mut self.config, generation, answer, shared);
            }
            Answer::Explain(answer) => match answer {
                Ok(pages) => {
                    for page in pages.iter().take(1) {
                        shared.read(page.code.to_string(), page.title.clone(), page.explanation.clone());
                    }
                }
                Err(error) => shared.say(Mark::Fail, format!("{}: {}", error.code, error.message)),
            },
            answer @ Answer::Preview(_) => super::Screen::answer(&mut self.preview, generation, answer, shared),
            answer @ (Answer::Partitions(_)
            | Answer::Detail(_)
            | Answer::Browsed(_)
            | Answer::Glanced(_)
            | Answer::VerifyEvent(_)
            | Answer::VerifyEnded(_)
            | Answer::File(_)) => {
                super::Screen::answer(&mut self.outputs, generation, answer, shared);
            }
            answer @ (Answer::Rows(_)
            | Answer::ReadProgress(_)
            | Answer::Opened(_)
            | Answer::Row(_)
            | Answer::Cell(_)
            | Answer::Found(_)
            | Answer::Profiled(_)
            | Answer::Exported(_)) => {
                if let Some(data) = &mut self.data {
                    super::Screen::answer(data, generation, answer, shared);
                }
            }
        }
    }

    fn follow_way(&mut self) {
        let Some(way) = self.shared.way.take() else { return };
        self.shared.find = None;
        match way {
            Way::Screen(screen) => {
                self.data = None;
                self.screen = screen;
            }
            Way::RunOf(dataset) => {
                self.data = None;
                self.screen = ScreenId::Run;
                self.run.prepare(&dataset, &mut self.shared);
            }
            Way::OutputsOf(dataset, layer) => {
                self.data = None;
                self.screen = ScreenId::Outputs;
                self.outputs.show(&dataset, layer, &mut self.shared);
            }
            Way::Rows(partition, tables, at) => {
                self.screen = ScreenId::Outputs;
                self.data = Some(data::Data::new(partition, tables, at));
            }
            Way::LeaveRows => self.data = None,
            Way::Draft(config) => {
                self.data = None;
                self.screen = ScreenId::Config;
                self.config.open_draft(*config, &mut self.shared);
            }
            Way::Place(file, start, fix) => {
                self.data = None;
                self.screen = ScreenId::Config;
                self.config.go_to_place(file, start, fix, &mut self.shared);
            }
        }
        let (screen, shared) = self.active();
        screen.enter(shared);
    }
}
