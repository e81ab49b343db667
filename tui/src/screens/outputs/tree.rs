//! The tree: which branches are open, and the partitions that were fetched for them.

use std::collections::BTreeMap;

use medallion_core::api::wire::{BrowseEntry, Glance, Layer, PartitionPage, PartitionSummary, PartitionsRequest};

use super::storage::Storage;
use crate::app::door::Answered;
use crate::app::message::Request;
use crate::app::remote::Remote;
use crate::app::shared::Shared;

/// Partitions of a page.
const PAGE: u32 = 100;

/// The branches.
#[derive(Debug)]
pub(super) struct Tree {
    /// Layers that are closed.
    closed: Vec<Layer>,
    branches: Vec<Branch>,
    /// The folders of each layer, named by a config or not.
    pub(super) storage: [Storage; 2],
    /// The list of datasets has been read.
    known: bool,
}

impl Default for Tree {
    fn default() -> Self {
        let storage = [Storage::new(Layer::Bronze), Storage::new(Layer::Silver)];
        Self { closed: Vec::new(), branches: Vec::new(), storage, known: false }
    }
}

/// A dataset in a layer.
#[derive(Debug)]
struct Branch {
    layer: Layer,
    dataset: String,
    open: bool,
    /// Committed partitions, as the list of datasets said.
    count: Option<u64>,
    /// How many partitions were fetched already.
    fetched: Vec<PartitionSummary>,
    total: Option<u64>,
    page: Remote<PartitionPage>,
    /// The page on its way starts the list anew.
    anew: bool,
}

/// One line of the tree.
#[derive(Debug)]
pub(super) enum Line<'a> {
    Layer {
        layer: Layer,
        open: bool,
        datasets: usize,
    },
    Dataset {
        layer: Layer,
        dataset: &'a str,
        open: bool,
        count: Option<u64>,
        waiting: bool,
    },
    Partition {
        layer: Layer,
        dataset: &'a str,
        summary: &'a PartitionSummary,
    },
    /// There are more partitions.
    More {
        layer: Layer,
        dataset: &'a str,
        left: u64,
        waiting: bool,
    },
    /// All folders of the layer.
    Storage {
        layer: Layer,
        open: bool,
        waiting: bool,
    },
    /// A folder or a file of the layer.
    Entry {
        layer: Layer,
        root: &'a str,
        entry: &'a BrowseEntry,
        glance: Option<&'a Glance>,
        open: bool,
        waiting: bool,
        depth: usize,
    },
    /// There are more entries in a folder.
    MoreEntries {
        layer: Layer,
        root: &'a str,
        path: &'a str,
        waiting: bool,
        depth: usize,
    },
    /// Something to read instead of entries.
    Told {
        text: String,
        bad: bool,
        depth: usize,
    },
    /// Something to read instead of partitions.
    Said {
        layer: Layer,
        dataset: &'a str,
        text: String,
        bad: bool,
    },
}

/// What a line is of, so that it is found again when lines above it come and go.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Spot {
    Layer(Layer),
    Dataset(Layer, String),
    Partition(Layer, String, String),
    Storage(Layer),
    Entry(Layer, String, String),
}

impl Line<'_> {
    /// None for a line that only stands where others will.
    pub(super) fn spot(&self) -> Option<Spot> {
        match self {
            Self::Layer { layer, .. } => Some(Spot::Layer(*layer)),
            Self::Dataset { layer, dataset, .. } => Some(Spot::Dataset(*layer, (*dataset).to_owned())),
            Self::Partition { layer, dataset, summary } => {
                Some(Spot::Partition(*layer, (*dataset).to_owned(), summary.id.clone()))
            }
            Self::Storage { layer, .. } => Some(Spot::Storage(*layer)),
            Self::Entry { layer, root, entry, .. } => Some(Spot::Entry(*layer, (*root).to_owned(), entry.path.clone())),
            Self::More { .. } | Self::MoreEntries { .. } | Self::Told { .. } | Self::Said { .. } => None,
        }
    }
}

impl Tree {
    /// Takes over the list of datasets; branches that stay keep what they have.
    pub(super) fn set_datasets(&mut self, shared: &Shared) {
        if shared.datasets.value().is_none() {
            return;
        }
        self.known = true;
        let mut old: BTreeMap<(Layer, String), Branch> = std::mem::take(&mut self.branches)
            .into_iter()
            .map(|branch| ((branch.layer, branch.dataset.clone()), branch))
            .collect();
        let mut names: Vec<&str> = shared.summaries().iter().map(|summary| summary.dataset.as_str()).collect();
        names.sort_unstable();
        for layer in [Layer::Bronze, Layer::Silver] {
            for name in &names {
                let Some(summary) = shared.summary(name) else { continue };
                let state = match layer {
                    Layer::Bronze => &summary.bronze,
                    Layer::Silver => &summary.silver,
                };
                // A dataset without a model never has a Silver; one that had it still shows it.
                if layer == Layer::Silver && summary.model.is_none() && state.is_none() {
                    continue;
                }
                let mut branch = old.remove(&(layer, (*name).to_owned())).unwrap_or_else(|| Branch {
                    layer,
                    dataset: (*name).to_owned(),
                    open: false,
                    count: None,
                    fetched: Vec::new(),
                    total: None,
                    page: Remote::default(),
                    anew: false,
                });
                branch.count = state.as_ref().map(|state| state.partitions.0);
                self.branches.push(branch);
            }
        }
    }

    /// The partitions may have changed: each open branch is asked for again by [`Self::refresh`].
    pub(super) fn forget(&mut self) {
        for branch in &mut self.branches {
            branch.total = None;
            branch.page.clear();
        }
        for storage in &mut self.storage {
            storage.forget();
        }
    }

    /// Asks for what open branches do not have.
    pub(super) fn refresh(&mut self, shared: &mut Shared) {
        for branch in &mut self.branches {
            if branch.open && branch.total.is_none() && branch.page.waiting().is_none() {
                branch.ask(0, shared);
            }
        }
    }

    pub(super) fn open(&mut self, layer: Layer, dataset: &str, shared: &mut Shared) {
        self.set_layer(layer, true);
        if let Some(branch) = self.branch(layer, dataset) {
            branch.open = true;
            if branch.total.is_none() && branch.page.waiting().is_none() {
                branch.ask(0, shared);
            }
        }
    }

    pub(super) fn close(&mut self, layer: Layer, dataset: &str) {
        if let Some(branch) = self.branch(layer, dataset) {
            branch.open = false;
        }
    }

    /// Fetches the next page of a branch.
    pub(super) fn more(&mut self, layer: Layer, dataset: &str, shared: &mut Shared) {
        if let Some(branch) = self.branch(layer, dataset)
            && branch.page.waiting().is_none()
        {
            branch.ask(branch.fetched.len(), shared);
        }
    }

    pub(super) fn toggle_layer(&mut self, layer: Layer) {
        self.set_layer(layer, self.closed.contains(&layer));
    }

    pub(super) fn set_layer(&mut self, layer: Layer, open: bool) {
        self.closed.retain(|closed| *closed != layer);
        if !open {
            self.closed.push(layer);
        }
    }

    /// Takes an answer. False when no branch waits for it.
    pub(super) fn accept(&mut self, generation: u64, answer: Answered<PartitionPage>) -> bool {
        let mut answer = Some(answer);
        for branch in &mut self.branches {
            // `accept` looks at the generation first, and an answer belongs to one branch at most.
            if !branch.page.expects(generation) {
                continue;
            }
            let Some(answer) = answer.take() else { return false };
            branch.page.accept(generation, answer);
            if branch.page.error().is_none()
                && let Some(page) = branch.page.value()
            {
                if std::mem::take(&mut branch.anew) {
                    branch.fetched.clear();
                }
                branch.total = Some(page.total.0);
                branch.fetched.extend(page.partitions.iter().cloned());
            }
            return true;
        }
        false
    }

    pub(super) fn waiting(&self) -> Option<u64> {
        let branches = self.branches.iter().filter_map(|branch| branch.page.waiting());
        branches.chain(self.storage.iter().filter_map(Storage::waiting)).min()
    }

    /// The line of a dataset, or of its `partition`-th partition.
    pub(super) fn position(&self, layer: Layer, dataset: &str, partition: Option<usize>) -> Option<usize> {
        let lines = self.lines();
        let at = lines.iter().position(
            |line| matches!(line, Line::Dataset { layer: of, dataset: name, .. } if *of == layer && *name == dataset),
        )?;
        let Some(partition) = partition else { return Some(at) };
        let at = at + 1 + partition;
        matches!(lines.get(at), Some(Line::Partition { .. })).then_some(at)
    }

    /// The line of a layer.
    pub(super) fn layer_position(&self, layer: Layer) -> Option<usize> {
        self.lines().iter().position(|line| matches!(line, Line::Layer { layer: of, .. } if *of == layer))
    }

    /// All lines, from the top.
    pub(super) fn lines(&self) -> Vec<Line<'_>> {
        let mut lines = Vec::new();
        if !self.known {
            return lines;
        }
        for layer in [Layer::Bronze, Layer::Silver] {
            let branches: Vec<&Branch> = self.branches.iter().filter(|branch| branch.layer == layer).collect();
            if self.branches.is_empty() {
                continue;
            }
            let open = !self.closed.contains(&layer);
            lines.push(Line::Layer { layer, open, datasets: branches.len() });
            for branch in branches.into_iter().filter(|_| open) {
                branch.lines(&mut lines);
            }
            if let Some(storage) = self.storage.iter().find(|storage| open && storage.layer() == layer) {
                storage.lines(&mut lines);
            }
        }
        lines
    }

    /// The folders of a layer.
    pub(super) fn folders(&mut self, layer: Layer) -> Option<&mut Storage> {
        self.storage.iter_mut().find(|storage| storage.layer() == layer)
    }

    fn branch(&mut self, layer: Layer, dataset: &str) -> Option<&mut Branch> {
        self.branches.iter_mut().find(|branch| branch.layer == layer && branch.dataset == dataset)
    }
}

impl Branch {
    fn ask(&mut self, offset: usize, shared: &mut Shared) {
        self.anew = offset == 0;
        let request = PartitionsRequest {
            of: shared.dataset_ref(&self.dataset),
            layer: self.layer,
            offset: u32::try_from(offset).unwrap_or(u32::MAX),
            limit: PAGE,
        };
        self.page.ask(Request::Partitions(request), shared);
    }

    fn lines<'a>(&'a self, lines: &mut Vec<Line<'a>>) {
        let (layer, dataset) = (self.layer, self.dataset.as_str());
        let waiting = self.page.waiting().is_some();
        lines.push(Line::Dataset { layer, dataset, open: self.open, count: self.total.or(self.count), waiting });
        if !self.open {
            return;
        }
        lines.extend(self.fetched.iter().map(|summary| Line::Partition { layer, dataset, summary }));
        if let Some(error) = self.page.error() {
            lines.push(Line::Said { layer, dataset, text: format!("{}: {}", error.code, error.message), bad: true });
        }
        match self.total {
            Some(0) => lines.push(Line::Said {
                layer,
                dataset,
                text: "no partition yet: x prepares a run".to_owned(),
                bad: false,
            }),
            Some(total) if total > self.fetched.len() as u64 => {
                lines.push(Line::More { layer, dataset, left: total - self.fetched.len() as u64, waiting });
            }
            None if waiting && self.fetched.is_empty() => {
                lines.push(Line::Said { layer, dataset, text: "reading…".to_owned(), bad: false });
            }
            _ => {}
        }
    }
}
