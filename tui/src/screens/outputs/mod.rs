//! Outputs: layer › dataset › partition, fetched when a branch is opened, and all about one of them.

mod tree;
mod view;

#[cfg(test)]
mod tests;

use medallion_core::api::wire::{Layer, PartitionDetail, PartitionRef};

use crate::app::Screen;
use crate::app::message::{Answer, Request};
use crate::app::remote::Remote;
use crate::app::shared::{Purpose, Shared, Way};
use crate::keys::{Action, Scope};
use crate::screens::Can;
use crate::theme::Mark;
use crate::widgets::list::Cursor;
use tree::{Line, Tree};

/// Parts of the detail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tab {
    #[default]
    Tables,
    Files,
    Metadata,
    History,
    Problems,
}

impl Tab {
    const ALL: [Self; 5] = [Self::Tables, Self::Files, Self::Metadata, Self::History, Self::Problems];

    fn beside(self, forward: bool) -> Self {
        let at = Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        let len = Self::ALL.len();
        Self::ALL[if forward { (at + 1) % len } else { (at + len - 1) % len }]
    }
}

/// State of the screen.
#[derive(Debug, Default)]
pub(crate) struct Outputs {
    tree: Tree,
    cursor: Cursor,
    /// The partition that the detail is of, or will be.
    wanted: Option<PartitionRef>,
    /// The partition that was asked for last.
    asked: Option<PartitionRef>,
    detail: Remote<Box<PartitionDetail>>,
    tab: Tab,
    tab_cursor: Cursor,
    on_detail: bool,
    /// Go to the newest partition of this branch when it is here.
    newest_of: Option<(Layer, String)>,
}

impl Outputs {
    /// A run has changed the partitions: everything is asked for again when it is looked at.
    pub(crate) fn forget(&mut self) {
        self.tree.forget();
        self.asked = None;
    }

    /// The list of datasets is new.
    pub(crate) fn datasets_changed(&mut self, shared: &mut Shared) {
        self.tree.set_datasets(shared);
        self.cursor.clamp(self.tree.lines().len());
    }

    /// Opens the branch of a dataset, and chooses its newest partition when that is here.
    pub(crate) fn show(&mut self, dataset: &str, layer: Option<Layer>, shared: &mut Shared) {
        self.tree.set_datasets(shared);
        let summary = shared.summary(dataset);
        let silver = summary.is_some_and(|summary| summary.silver.is_some());
        let layer = layer.unwrap_or(if silver { Layer::Silver } else { Layer::Bronze });
        self.tree.open(layer, dataset, shared);
        self.on_detail = false;
        if let Some(at) = self.tree.position(layer, dataset, None) {
            self.cursor.set(at);
        }
        self.newest_of = Some((layer, dataset.to_owned()));
        self.find_newest(shared);
    }

    fn find_newest(&mut self, shared: &mut Shared) {
        if let Some((layer, dataset)) = &self.newest_of
            && let Some(at) = self.tree.position(*layer, dataset, Some(0))
        {
            self.cursor.set(at);
            self.newest_of = None;
        }
        self.look(shared);
    }

    /// The cursor has moved: shows what it is on. One request at a time, so that holding a key down
    /// does not ask for every partition on the way.
    fn look(&mut self, shared: &mut Shared) {
        let lines = self.tree.lines();
        self.cursor.clamp(lines.len());
        match lines.get(self.cursor.at) {
            Some(Line::Partition { layer, dataset, summary, .. }) => {
                let partition = PartitionRef { of: shared.dataset_ref(dataset), layer: *layer, id: summary.id.clone() };
                shared.dataset = Some((*dataset).to_owned());
                if self.wanted.as_ref() != Some(&partition) {
                    self.tab_cursor = Cursor::default();
                }
                self.wanted = Some(partition);
            }
            Some(Line::Dataset { dataset, .. }) => {
                shared.dataset = Some((*dataset).to_owned());
                self.wanted = None;
            }
            _ => self.wanted = None,
        }
        if let Some(dataset) = &shared.dataset {
            shared.file = shared.summary(dataset).map(|summary| summary.file.clone());
        }
        if self.detail.waiting().is_none()
            && let Some(wanted) = &self.wanted
            && self.asked.as_ref() != Some(wanted)
        {
            self.asked = Some(wanted.clone());
            self.detail.clear();
            self.detail.ask(Request::Detail(wanted.clone()), shared);
        }
    }

    /// The detail of what the cursor is on, if it is here.
    fn detail(&self) -> Option<&PartitionDetail> {
        if self.wanted.is_none() || self.wanted != self.asked {
            return None;
        }
        self.detail.value().map(AsRef::as_ref)
    }

    fn tab_len(&self) -> usize {
        let Some(detail) = self.detail() else { return 0 };
        match self.tab {
            Tab::Tables => detail.tables.len(),
            Tab::Files => detail.files.len(),
            Tab::Metadata => detail.metadata.lines().count(),
            Tab::History => detail.history.len(),
            Tab::Problems => detail.problems.len(),
        }
    }

    fn open_rows(&self, shared: &mut Shared) {
        let (Some(detail), Some(partition)) = (self.detail(), &self.wanted) else {
            return shared.say(Mark::Info, "the partition is still being read");
        };
        let tables: Vec<String> = detail.tables.iter().map(|table| table.name.clone()).collect();
        if tables.is_empty() {
            return shared.say(Mark::Info, "there is no table in this partition");
        }
        let at = if self.on_detail && self.tab == Tab::Tables { self.tab_cursor.at.min(tables.len() - 1) } else { 0 };
        shared.way = Some(Way::Rows(partition.clone(), tables, at));
    }
}

impl Screen for Outputs {
    fn scope(&self) -> Scope {
        Scope::Outputs
    }

    fn enter(&mut self, shared: &mut Shared) {
        self.tree.set_datasets(shared);
        self.tree.refresh(shared);
        self.look(shared);
    }

    fn can(&self, action: Action, _: &Shared) -> Can {
        match action {
            Action::Open if self.tree.lines().is_empty() => Can::No("there is no dataset"),
            Action::Open | Action::Left | Action::Right | Action::NextPane | Action::PreviousPane => Can::Yes,
            Action::Copy => Can::when(self.detail().is_some(), "no partition is chosen"),
            Action::RunIt => Can::when(
                matches!(self.tree.lines().get(self.cursor.at), Some(Line::Dataset { .. } | Line::Partition { .. })),
                "no dataset is chosen",
            ),
            Action::Back if self.on_detail => Can::Yes,
            action if Cursor::default().act(action, 0) => Can::Yes,
            _ => Can::Absent,
        }
    }

    fn act(&mut self, action: Action, shared: &mut Shared) {
        match action {
            Action::Refresh => {
                self.forget();
                self.tree.refresh(shared);
                self.look(shared);
            }
            Action::NextPane | Action::PreviousPane => self.on_detail = !self.on_detail,
            Action::Back => self.on_detail = false,
            Action::Copy => {
                if let Some(path) = self.detail().map(|detail| detail.path.clone()) {
                    shared.copy("the path", &path);
                }
            }
            Action::RunIt => shared.way = shared.dataset.clone().map(Way::RunOf),
            Action::Left | Action::Right if self.on_detail => {
                self.tab = self.tab.beside(action == Action::Right);
                self.tab_cursor = Cursor::default();
            }
            Action::Open if self.on_detail => self.open_rows(shared),
            action if self.on_detail => {
                self.tab_cursor.act(action, self.tab_len());
            }
            Action::Open | Action::Left | Action::Right => self.act_on_tree(action, shared),
            action => {
                self.newest_of = None;
                self.cursor.act(action, self.tree.lines().len());
                self.look(shared);
            }
        }
    }

    fn typed(&mut self, _: Purpose, _: &str, _: &mut Shared) -> Result<(), String> {
        Ok(())
    }

    fn answer(&mut self, generation: u64, answer: Answer, shared: &mut Shared) {
        match answer {
            Answer::Partitions(answer) => {
                let taken = self.tree.accept(generation, answer);
                if taken {
                    self.find_newest(shared);
                }
            }
            Answer::Detail(answer) => {
                let taken = self.detail.accept(generation, answer);
                if taken {
                    self.look(shared);
                }
            }
            _ => {}
        }
    }

    fn waiting(&self) -> Option<u64> {
        self.detail.waiting().into_iter().chain(self.tree.waiting()).min()
    }

    fn view(&mut self, frame: &mut ratatui::Frame<'_>, area: ratatui::layout::Rect, shared: &Shared) {
        view::view(self, frame, area, shared);
    }
}

impl Outputs {
    fn act_on_tree(&mut self, action: Action, shared: &mut Shared) {
        let lines = self.tree.lines();
        let close = action == Action::Left;
        let (branch, parent) = match lines.get(self.cursor.at) {
            None => return,
            Some(Line::Layer { layer, .. }) => {
                let layer = *layer;
                match action {
                    Action::Open => self.tree.toggle_layer(layer),
                    _ => self.tree.set_layer(layer, !close),
                }
                return self.look(shared);
            }
            Some(Line::Partition { layer, dataset, .. }) => {
                if !close {
                    if action == Action::Open {
                        self.open_rows(shared);
                    } else {
                        self.on_detail = true;
                    }
                    return;
                }
                (None, self.tree.position(*layer, dataset, None))
            }
            Some(Line::More { layer, dataset, .. }) => (Some((*layer, (*dataset).to_owned())), None),
            Some(Line::Dataset { layer, dataset, open, .. }) => {
                if close && !open {
                    (None, self.tree.layer_position(*layer))
                } else {
                    (Some((*layer, (*dataset).to_owned())), None)
                }
            }
            Some(Line::Said { layer, dataset, .. }) => (None, self.tree.position(*layer, dataset, None)),
        };
        let more = matches!(lines.get(self.cursor.at), Some(Line::More { .. }));
        let open = matches!(lines.get(self.cursor.at), Some(Line::Dataset { open: true, .. }));
        if let Some(parent) = parent {
            if close {
                self.cursor.set(parent);
            }
        } else if let Some((layer, dataset)) = branch {
            match (more, close || (open && action == Action::Open)) {
                (true, true) => {
                    if let Some(at) = self.tree.position(layer, &dataset, None) {
                        self.cursor.set(at);
                    }
                }
                (true, false) => self.tree.more(layer, &dataset, shared),
                (false, true) => self.tree.close(layer, &dataset),
                (false, false) => self.tree.open(layer, &dataset, shared),
            }
        }
        self.look(shared);
    }
}
