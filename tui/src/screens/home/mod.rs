//! Home: the datasets and how they are, those that need a person first.

mod view;

#[cfg(test)]
mod tests;

use medallion_core::api::wire::{DatasetSummary, FileValidation, JoinSummary};

use crate::app::Screen;
use crate::app::message::Answer;
use crate::app::shared::{Purpose, Shared, Way};
use crate::keys::{Action, Scope};
use crate::screens::{Can, ScreenId};
use crate::theme::Mark;
use crate::widgets::list::Cursor;

/// State of the screen.
#[derive(Debug, Default)]
pub(crate) struct Home {
    cursor: Cursor,
}

/// One line: a file that could not be understood, a dataset, or a join of two.
enum Line<'a> {
    File(&'a FileValidation),
    Dataset(&'a DatasetSummary),
    Join(&'a JoinSummary),
}

fn lines(shared: &Shared) -> Vec<Line<'_>> {
    let Some(list) = shared.datasets.value() else { return Vec::new() };
    let datasets = list.datasets.iter().map(Line::Dataset);
    list.unreadable.iter().map(Line::File).chain(datasets).chain(list.joins.iter().map(Line::Join)).collect()
}

impl Home {
    /// The list is new: keeps the chosen dataset chosen.
    pub(crate) fn datasets_changed(&mut self, shared: &mut Shared) {
        let lines = lines(shared);
        if let Some(dataset) = &shared.dataset
            && let Some(at) =
                lines.iter().position(|line| matches!(line, Line::Dataset(known) if known.dataset == *dataset))
        {
            self.cursor.set(at);
        }
        self.cursor.clamp(lines.len());
        self.choose(shared);
    }

    /// The other screens are about what is chosen here.
    fn choose(&self, shared: &mut Shared) {
        let (dataset, file) = match lines(shared).get(self.cursor.at) {
            Some(Line::Dataset(summary)) => (Some(summary.dataset.clone()), Some(summary.file.clone())),
            Some(Line::File(file)) => (file.datasets.first().cloned(), Some(file.file.clone())),
            Some(Line::Join(join)) => (None, Some(join.file.clone())),
            None => (None, None),
        };
        shared.dataset = dataset;
        shared.file = file;
    }

    /// Goes to the next dataset with the text in its name; where no name has it, in its file.
    fn find(&mut self, forward: bool, shared: &mut Shared) -> bool {
        let Some(wanted) = shared.find.as_ref().map(|find| find.to_lowercase()) else { return false };
        let lines = lines(shared);
        let len = lines.len();
        let places =
            (1..=len).map(|step| (if forward { self.cursor.at + step } else { self.cursor.at + 2 * len - step }) % len);
        let has = |text: &str| text.to_lowercase().contains(&wanted);
        let named = places.clone().find(|&at| match &lines[at] {
            Line::Dataset(summary) => has(&summary.dataset),
            Line::Join(join) => has(&join.name),
            Line::File(_) => false,
        });
        let found = named.or_else(|| {
            places.clone().find(|&at| match &lines[at] {
                Line::Dataset(summary) => has(&summary.file),
                Line::File(file) => has(&file.file),
                Line::Join(join) => has(&join.file),
            })
        });
        if let Some(at) = found {
            self.cursor.set(at);
            self.choose(shared);
        }
        found.is_some()
    }
}

impl Screen for Home {
    fn scope(&self) -> Scope {
        Scope::Home
    }

    fn enter(&mut self, shared: &mut Shared) {
        self.datasets_changed(shared);
    }

    fn can(&self, action: Action, shared: &Shared) -> Can {
        let lines = lines(shared);
        let some = Can::when(!lines.is_empty(), "there is no dataset here");
        match action {
            Action::New => Can::Yes,
            Action::Open | Action::Find | Action::Doctor => some,
            Action::FindNext | Action::FindPrevious => {
                Can::when(shared.find.is_some(), "nothing was looked for yet: / does")
            }
            Action::PreviewIt | Action::RunIt | Action::OutputsOfIt => match lines.get(self.cursor.at) {
                Some(Line::Dataset(_)) => Can::Yes,
                Some(Line::Join(_)) => Can::No("joins are planned, previewed and run by `medallion join`"),
                Some(Line::File(_)) => Can::No("no dataset of this file could be understood"),
                None => some,
            },
            Action::Left | Action::Right => Can::Absent,
            action if Cursor::default().act(action, 0) => Can::Yes,
            _ => Can::Absent,
        }
    }

    fn act(&mut self, action: Action, shared: &mut Shared) {
        if self.cursor.act(action, lines(shared).len()) {
            return self.choose(shared);
        }
        let dataset = shared.dataset.clone();
        match (action, dataset) {
            (Action::Open, _) => shared.way = Some(Way::Screen(ScreenId::Config)),
            (Action::PreviewIt, _) => shared.way = Some(Way::Screen(ScreenId::Preview)),
            (Action::RunIt, Some(dataset)) => shared.way = Some(Way::RunOf(dataset)),
            (Action::OutputsOfIt, Some(dataset)) => shared.way = Some(Way::OutputsOf(dataset, None)),
            (Action::Find, _) => shared.prompt(Purpose::Find, "Find a dataset", "", ""),
            (Action::FindNext | Action::FindPrevious, _) => {
                let found = self.find(action == Action::FindNext, shared);
                if !found {
                    shared.say(Mark::Info, "no other place has this text");
                }
            }
            _ => {}
        }
    }

    fn typed(&mut self, _: Purpose, text: &str, shared: &mut Shared) -> Result<(), String> {
        shared.find = Some(text.to_owned()).filter(|text| !text.is_empty());
        // The chosen line counts too.
        self.cursor.set(self.cursor.at.checked_sub(1).unwrap_or(lines(shared).len().saturating_sub(1)));
        if shared.find.is_none() || self.find(true, shared) {
            return Ok(());
        }
        self.cursor.set(self.cursor.at + 1);
        self.cursor.clamp(lines(shared).len());
        Err("no dataset has this in its name".to_owned())
    }

    fn answer(&mut self, _: u64, _: Answer, _: &mut Shared) {}

    fn waiting(&self) -> Option<u64> {
        None
    }

    fn view(&mut self, frame: &mut ratatui::Frame<'_>, area: ratatui::layout::Rect, shared: &Shared) {
        view::view(self, frame, area, shared);
    }
}
