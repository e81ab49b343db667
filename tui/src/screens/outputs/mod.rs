//! Outputs: layer › dataset › partition, fetched when a branch is opened, and all about one of them.

mod file;
mod storage;
mod tree;
mod verify;
mod view;

#[cfg(test)]
mod tests;

use medallion_core::api::wire::{Count, FileRequest, FileView, Layer, PartitionDetail, PartitionRef};

use crate::app::Screen;
use crate::app::message::{Answer, Request};
use crate::app::remote::Remote;
use crate::app::shared::{Purpose, Shared, Way};
use crate::keys::{Action, Scope};
use crate::screens::Can;
use crate::theme::Mark;
use crate::widgets::list::Cursor;
use tree::{Line, Tree};
use verify::{Subject, Verification};

/// Bytes of a text file that are shown.
const FILE_BYTES: u32 = 256 << 10;

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
    /// A look into one of its files.
    file: Remote<Box<FileView>>,
    tab: Tab,
    tab_cursor: Cursor,
    on_detail: bool,
    /// The one that was asked for last.
    verification: Option<Verification>,
    /// Lines that it took when it was drawn last.
    verified_lines: usize,
    /// Go to the newest partition of this branch when it is here.
    newest_of: Option<(Layer, String)>,
    /// The layer of this dataset was chosen from a list that is being read anew: a run may just have
    /// made the other one.
    guessed: Option<String>,
}

impl Outputs {
    /// A run has changed the partitions: everything is asked for again when it is looked at.
    pub(crate) fn forget(&mut self) {
        self.tree.forget();
        self.asked = None;
    }

    /// The list of datasets is new.
    pub(crate) fn datasets_changed(&mut self, shared: &mut Shared) {
        self.in_place(|outputs| outputs.tree.set_datasets(shared));
        if let Some(dataset) = self.guessed.take().filter(|dataset| shared.dataset.as_ref() == Some(dataset)) {
            self.show(&dataset, None, shared);
        }
    }

    /// Changes the tree; the cursor stays on what it is on, wherever that has moved to.
    fn in_place<T>(&mut self, change: impl FnOnce(&mut Self) -> T) -> T {
        let spot = self.tree.lines().get(self.cursor.at).and_then(Line::spot);
        let changed = change(self);
        let lines = self.tree.lines();
        match lines.iter().position(|line| spot.is_some() && line.spot() == spot) {
            Some(at) => self.cursor.set(at),
            None => self.cursor.clamp(lines.len()),
        }
        changed
    }

    /// Opens the branch of a dataset, and chooses its newest partition when that is here.
    pub(crate) fn show(&mut self, dataset: &str, layer: Option<Layer>, shared: &mut Shared) {
        self.tree.set_datasets(shared);
        let summary = shared.summary(dataset);
        let silver = summary.is_some_and(|summary| summary.silver.is_some());
        self.guessed = (layer.is_none() && shared.datasets_are_coming()).then(|| dataset.to_owned());
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
                let partition = PartitionRef::new(shared.dataset_ref(dataset), *layer, summary.id.clone());
                shared.dataset = Some((*dataset).to_owned());
                if self.wanted.as_ref() != Some(&partition) {
                    self.tab_cursor = Cursor::default();
                }
                self.wanted = Some(partition);
            }
            Some(Line::Entry { layer, root, entry, glance: Some(glance), .. }) if glance.partition => {
                let partition = storage::partition(*layer, root, entry, shared);
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
        let Some(detail) = self.detail() else { return self.verified_lines };
        match self.tab {
            Tab::Tables => detail.tables.len(),
            Tab::Files => detail.files.len() + detail.control.len(),
            Tab::Metadata => detail.metadata.lines().count(),
            Tab::History => detail.history.len(),
            Tab::Problems => detail.problems.len() + self.verified_lines,
        }
    }

    /// What the cursor is on, if that can be verified.
    fn subject(&self) -> Option<Subject> {
        match self.tree.lines().get(self.cursor.at) {
            Some(Line::Dataset { layer, dataset, .. }) => Some(Subject::Dataset(*layer, (*dataset).to_owned())),
            Some(Line::Partition { .. } | Line::Entry { .. }) => self.wanted.clone().map(Subject::Partition),
            _ => None,
        }
    }

    /// The verification of what the cursor is on.
    fn verification(&self) -> Option<&Verification> {
        self.verification.as_ref().filter(|found| Some(found.subject()) == self.subject().as_ref())
    }

    /// Since when something is being verified.
    fn going(&self) -> Option<u64> {
        self.verification.as_ref().and_then(Verification::going)
    }

    /// Verifies what the cursor is on, or stops that.
    fn verify(&mut self, shared: &mut Shared) {
        if let Some(verification) = &mut self.verification
            && verification.going().is_some()
        {
            return verification.stop(shared);
        }
        let Some(subject) = self.subject() else { return };
        if let Subject::Partition(_) = &subject {
            if self.detail().is_none() {
                return shared.say(Mark::Info, "the partition is still being read");
            }
            self.tab = Tab::Problems;
        }
        self.verification = Some(Verification::start(subject, self.detail(), shared));
        self.tab_cursor = Cursor::default();
        self.on_detail = true;
    }

    /// Opens the file that is chosen among those of the detail.
    fn open_file(&mut self, shared: &mut Shared) {
        let (Some(detail), Some(partition)) = (self.detail(), &self.wanted) else { return };
        let control = detail.control.iter().map(|file| file.path.clone());
        let path = detail.files.iter().map(|file| file.path.clone()).chain(control).nth(self.tab_cursor.at);
        let Some(path) = path else { return };
        let request = FileRequest { of: partition.clone(), path, from: Count(0), limit: FILE_BYTES, group: 0 };
        self.file.ask(Request::File(request), shared);
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
            Action::Verify => Can::when(
                self.subject().is_some() || self.going().is_some(),
                "neither a partition nor a dataset is chosen",
            ),
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
        self.guessed = None;
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
            Action::Verify => self.verify(shared),
            Action::RunIt => shared.way = shared.dataset.clone().map(Way::RunOf),
            Action::Left | Action::Right if self.on_detail => {
                self.tab = self.tab.beside(action == Action::Right);
                self.tab_cursor = Cursor::default();
            }
            Action::Open if self.on_detail && self.tab == Tab::Files => self.open_file(shared),
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
                let taken = self.in_place(|outputs| outputs.tree.accept(generation, answer));
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
            Answer::Browsed(answer) => self.in_place(|outputs| {
                let [bronze, silver] = &mut outputs.tree.storage;
                if let Err(answer) = bronze.accept(generation, answer, shared) {
                    // An answer that nobody waits for is dropped.
                    drop(silver.accept(generation, answer, shared));
                }
            }),
            Answer::Glanced(answer) => {
                for storage in &mut self.tree.storage {
                    storage.glanced(generation, &answer);
                }
                self.look(shared);
            }
            Answer::VerifyEvent(event) => {
                if let Some(verification) = &mut self.verification {
                    verification.event(generation, *event);
                }
            }
            Answer::VerifyEnded(answer) => {
                if let Some(verification) = &mut self.verification {
                    verification.ended(generation, answer, shared);
                }
            }
            Answer::File(answer) => {
                let failed = answer.as_ref().err().map(|error| format!("{}: {}", error.code, error.message));
                if !self.file.accept(generation, answer) {
                    return;
                }
                if let Some(failed) = failed {
                    return shared.say(Mark::Fail, failed);
                }
                if let Some(view) = self.file.value() {
                    let theme = shared.theme;
                    let (about, text) = file::told(view, theme);
                    let name = view.path.rsplit('/').next().unwrap_or(&view.path).to_owned();
                    shared.read(name, about, text);
                }
            }
            _ => {}
        }
    }

    fn waiting(&self) -> Option<u64> {
        let own = self.detail.waiting().into_iter().chain(self.file.waiting());
        own.chain(self.going()).chain(self.tree.waiting()).min()
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
            None | Some(Line::Told { .. }) => return,
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
            Some(Line::Storage { layer, open, .. }) => {
                let (layer, open) = (*layer, *open);
                if close && !open {
                    if let Some(at) = self.tree.layer_position(layer) {
                        self.cursor.set(at);
                    }
                } else if let Some(storage) = self.tree.folders(layer) {
                    storage.set_open(!(close || open && action == Action::Open), shared);
                }
                return self.look(shared);
            }
            Some(Line::Entry { glance: Some(glance), .. }) if glance.partition && !close => {
                if action == Action::Open {
                    self.open_rows(shared);
                } else {
                    self.on_detail = true;
                }
                return;
            }
            Some(Line::Entry { layer, root, entry, open, depth, .. }) => {
                let (layer, root, path, open) = (*layer, (*root).to_owned(), entry.path.clone(), *open);
                if close && !open {
                    // To the folder around it.
                    let above = lines[..self.cursor.at].iter().rposition(|line| match line {
                        Line::Entry { depth: other, .. } => other < depth,
                        Line::Storage { .. } => true,
                        _ => false,
                    });
                    if let Some(above) = above {
                        self.cursor.set(above);
                    }
                } else if entry.folder
                    && let Some(storage) = self.tree.folders(layer)
                {
                    storage.set_entry(&root, &path, !(close || open && action == Action::Open), shared);
                }
                return self.look(shared);
            }
            Some(Line::MoreEntries { layer, root, path, .. }) => {
                let (layer, root, path) = (*layer, (*root).to_owned(), (*path).to_owned());
                if !close && let Some(storage) = self.tree.folders(layer) {
                    storage.more(&root, &path, shared);
                }
                return;
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
