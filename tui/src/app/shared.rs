//! What all screens share: the target, the datasets, time, and the way to ask for things.

use medallion_core::api::wire::{
    DatasetList, DatasetRef, DatasetSummary, ErrorBody, Layer, NewConfig, PartitionRef, Target,
};

use super::choice::Choice;
use super::doctor::Doctor;
use super::message::{Effect, Request};
use super::new::New;
use super::remote::Remote;
use crate::screens::ScreenId;
use crate::theme::{Mark, Theme};
use crate::widgets::field::Field;

/// Shared state. Screens get it with every call.
#[derive(Debug)]
pub(crate) struct Shared {
    /// What the app was opened on.
    pub(crate) target: Target,
    pub(crate) theme: Theme,
    /// Milliseconds since the start.
    pub(crate) now: u64,
    /// All datasets of the target.
    pub(crate) datasets: Remote<DatasetList>,
    /// The dataset that the screens are about.
    pub(crate) dataset: Option<String>,
    /// The config file that the screens are about, where it differs from that of the dataset.
    pub(crate) file: Option<String>,
    /// One line for the person.
    pub(crate) status: Option<Status>,
    /// A window above the screen.
    pub(crate) overlay: Option<Overlay>,
    /// The line that is being typed.
    pub(crate) prompt: Option<Prompt>,
    /// What was looked for last.
    pub(crate) find: Option<String>,
    /// Where to go after this update.
    pub(crate) way: Option<Way>,
    pub(crate) watch: Watch,
    effects: Vec<Effect>,
    generation: u64,
}

/// How changes outside come to be known.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// Of the request that tells of them.
    pub(crate) generation: u64,
    /// How often it was asked for.
    pub(crate) jobs: u64,
    /// Nobody tells: from this instant on, ask.
    pub(crate) ask_at: Option<u64>,
    /// Something has changed: from this instant on, read the datasets again.
    pub(crate) refresh_at: Option<u64>,
}

/// One line for the person; the next key removes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Status {
    pub(crate) mark: Mark,
    pub(crate) text: String,
}

/// Somewhere else to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Screen(ScreenId),
    /// The form of a run, with this dataset chosen.
    RunOf(String),
    /// The partitions of a dataset in a layer.
    OutputsOf(String, Option<Layer>),
    /// The rows of a table of a partition.
    Rows(PartitionRef, Vec<String>, usize),
    /// Back from the rows to the partitions.
    LeaveRows,
    /// A config that is not saved yet.
    Draft(Box<NewConfig>),
    /// A byte of a config file, and whether what mends it is to be shown.
    Place(String, Option<u32>, bool),
}

/// A window above the screen.
#[derive(Debug)]
pub(crate) enum Overlay {
    /// The keys that are valid here; the first line shown.
    Help(usize),
    Reading(Reading),
    Question(Question),
    Palette {
        field: Field,
        at: usize,
    },
    Choice(Choice),
    Doctor(Box<Doctor>),
    New(Box<New>),
}

/// A text to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) title: String,
    /// What it is, in a few words.
    pub(crate) about: String,
    pub(crate) text: String,
    /// First line shown.
    pub(crate) top: usize,
}

/// A question with yes and no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// A run is going on: cancel it and end the program?
    QuitWhileRunning,
    /// Already ending, but the run has not stopped yet: end at once?
    QuitAtOnce,
    /// So many files have unsaved changes: end without them?
    QuitUnsaved(usize),
    /// So many steps: run them?
    ManySteps(u64),
}

/// The line that is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prompt {
    pub(crate) purpose: Purpose,
    pub(crate) label: String,
    /// How it is written; shown until it cannot be taken.
    pub(crate) hint: &'static str,
    pub(crate) field: Field,
    /// Why what was typed cannot be taken.
    pub(crate) error: Option<String>,
    /// The screen shows it where it belongs; the line below only says what it is.
    pub(crate) inline: bool,
}

/// What is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Find,
    Filter,
    Export,
    Row,
    Column,
    Dates,
    /// What is replaced, and by what.
    Replace,
    ReplaceBy,
    /// The value of a field; a new item of a list; the name of a new entry, and another name of one.
    Value,
    Item,
    Entry,
    Name,
}

impl Shared {
    pub(crate) fn new(target: Target, theme: Theme) -> Self {
        Self {
            target,
            theme,
            now: 0,
            datasets: Remote::default(),
            dataset: None,
            file: None,
            status: None,
            overlay: None,
            prompt: None,
            find: None,
            way: None,
            watch: Watch::default(),
            effects: Vec::new(),
            generation: 0,
        }
    }

    /// Asks the engine. The answer comes as a message with the generation that is returned.
    pub(crate) fn ask(&mut self, request: Request) -> u64 {
        self.generation += 1;
        self.effects.push(Effect::Ask { generation: self.generation, request });
        self.generation
    }

    /// Asks the loop for something else.
    pub(crate) fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// What the loop must do now.
    pub(crate) fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Reads the list of datasets again.
    pub(crate) fn ask_datasets(&mut self) {
        let mut datasets = std::mem::take(&mut self.datasets);
        datasets.ask(Request::Datasets(self.target.clone()), self);
        self.datasets = datasets;
    }

    /// Whether a newer list of datasets is on its way or about to be asked for.
    pub(crate) fn datasets_are_coming(&self) -> bool {
        self.datasets.waiting().is_some() || self.watch.refresh_at.is_some()
    }

    /// Says one line to the person.
    pub(crate) fn say(&mut self, mark: Mark, text: impl Into<String>) {
        self.status = Some(Status { mark, text: text.into() });
    }

    /// Puts `text` on the clipboard and says so.
    pub(crate) fn copy(&mut self, what: &str, text: &str) {
        if text.is_empty() {
            self.say(Mark::Info, format!("{what} is empty, nothing was copied"));
        } else if text.len() > crate::clipboard::LIMIT {
            self.say(Mark::Warn, format!("{what} is too long for the terminal's clipboard ({} bytes)", text.len()));
        } else {
            self.say(Mark::Ok, format!("{what} was sent to the terminal's clipboard"));
            self.effect(Effect::Copy(text.to_owned()));
        }
    }

    /// Opens the line for typing.
    pub(crate) fn prompt(&mut self, purpose: Purpose, label: impl Into<String>, hint: &'static str, text: &str) {
        let (label, field) = (label.into(), Field::new(text));
        self.prompt = Some(Prompt { purpose, label, hint, field, error: None, inline: false });
    }

    /// Opens a line for typing that the screen shows itself.
    pub(crate) fn prompt_inline(&mut self, purpose: Purpose, label: impl Into<String>, hint: &'static str, text: &str) {
        self.prompt(purpose, label, hint, text);
        if let Some(prompt) = &mut self.prompt {
            prompt.inline = true;
        }
    }

    /// Opens a window with a text.
    pub(crate) fn read(&mut self, title: impl Into<String>, about: impl Into<String>, text: impl Into<String>) {
        self.overlay =
            Some(Overlay::Reading(Reading { title: title.into(), about: about.into(), text: text.into(), top: 0 }));
    }

    /// The names of the datasets, in the order of Home.
    pub(crate) fn summaries(&self) -> &[DatasetSummary] {
        self.datasets.value().map_or(&[], |list| list.datasets.as_slice())
    }

    /// What is known of a dataset.
    pub(crate) fn summary(&self, dataset: &str) -> Option<&DatasetSummary> {
        self.summaries().iter().find(|summary| summary.dataset == dataset)
    }

    /// A dataset as the engine wants it named.
    pub(crate) fn dataset_ref(&self, dataset: &str) -> DatasetRef {
        DatasetRef { target: self.target.clone(), dataset: dataset.to_owned() }
    }

    /// The dataset after (or before) `dataset`, round and round.
    pub(crate) fn neighbour(&self, dataset: Option<&str>, forward: bool) -> Option<String> {
        let all = self.summaries();
        let len = all.len();
        let at = all.iter().position(|summary| Some(summary.dataset.as_str()) == dataset);
        let next = match at {
            None => 0,
            Some(at) if forward => (at + 1) % len,
            Some(at) => (at + len - 1) % len,
        };
        all.get(next).map(|summary| summary.dataset.clone())
    }
}

/// An error as text to be read: message, causes, advice, findings.
pub(crate) fn error_lines(error: &ErrorBody) -> Vec<(String, crate::theme::Tone)> {
    use crate::theme::Tone;
    let mut lines = vec![(format!("x {}: {}", error.code, error.message), Tone::Fail)];
    lines.extend(error.causes.iter().map(|cause| (format!("  because {cause}"), Tone::Plain)));
    if let Some(hint) = &error.hint {
        lines.push((format!("  {hint}"), Tone::Accent));
    }
    for diagnostic in &error.diagnostics {
        let place = diagnostic.span.map(|span| format!("{}:{} ", span.line, span.column)).unwrap_or_default();
        lines.push((format!("  {place}{}: {}", diagnostic.code, diagnostic.message), Tone::Plain));
    }
    lines
}
