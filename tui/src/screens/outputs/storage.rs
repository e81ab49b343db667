//! The folders of a layer as they stand in storage, fetched a page at a time as they are opened: also
//! what no config names.

use medallion_core::api::wire::{
    BrowseEntry, BrowsePage, BrowseRequest, FolderRef, Glance, GlanceRequest, Layer, PartitionRef,
};

use super::tree::Line;
use crate::app::door::Answered;
use crate::app::message::Request;
use crate::app::remote::Remote;
use crate::app::shared::Shared;

/// Entries of a page.
const PAGE: u32 = 100;

/// The folders of one layer.
#[derive(Debug)]
pub(super) struct Storage {
    layer: Layer,
    open: bool,
    roots: Remote<BrowsePage>,
    /// One for each root.
    tops: Vec<Node>,
}

/// A folder, or a file.
#[derive(Debug)]
struct Node {
    root: String,
    entry: BrowseEntry,
    open: bool,
    /// Asked for at least once.
    asked: bool,
    page: Remote<BrowsePage>,
    /// Of its folders, what they are.
    glances: Remote<Vec<Glance>>,
    glance: Option<Glance>,
    children: Vec<Self>,
    next: Option<String>,
}

impl Node {
    fn new(root: &str, entry: BrowseEntry) -> Self {
        Self {
            root: root.to_owned(),
            entry,
            open: false,
            asked: false,
            page: Remote::default(),
            glances: Remote::default(),
            glance: None,
            children: Vec::new(),
            next: None,
        }
    }

    fn ask(&mut self, layer: Layer, shared: &mut Shared) {
        if self.page.waiting().is_some() || (self.asked && self.next.is_none()) {
            return;
        }
        let request = BrowseRequest {
            target: shared.target.clone(),
            layer,
            folder: Some(FolderRef { root: self.root.clone(), path: self.entry.path.clone() }),
            after: self.next.clone(),
            limit: PAGE,
        };
        self.page.ask(Request::Browse(request), shared);
    }

    fn find(&mut self, root: &str, path: &str) -> Option<&mut Self> {
        if self.root != root {
            return None;
        }
        if self.entry.path == path {
            return Some(self);
        }
        self.children.iter_mut().find_map(|child| child.find(root, path))
    }

    fn visit(&mut self, see: &mut impl FnMut(&mut Self) -> bool) -> bool {
        see(self) || self.children.iter_mut().any(|child| child.visit(see))
    }

    fn lines<'a>(&'a self, layer: Layer, depth: usize, lines: &mut Vec<Line<'a>>) {
        let waiting = self.page.waiting().is_some();
        let (root, entry, glance) = (self.root.as_str(), &self.entry, self.glance.as_ref());
        lines.push(Line::Entry { layer, root, entry, glance, open: self.open, waiting, depth });
        if !self.open {
            return;
        }
        for child in &self.children {
            child.lines(layer, depth + 1, lines);
        }
        if let Some(error) = self.page.error() {
            let text = format!("{}: {}", error.code, error.message);
            lines.push(Line::Told { text, bad: true, depth: depth + 1 });
        } else if self.next.is_some() {
            lines.push(Line::MoreEntries { layer, root, path: &entry.path, waiting, depth: depth + 1 });
        } else if waiting {
            lines.push(Line::Told { text: "reading…".to_owned(), bad: false, depth: depth + 1 });
        } else if self.children.is_empty() {
            lines.push(Line::Told { text: "the folder is empty".to_owned(), bad: false, depth: depth + 1 });
        }
    }

    fn waiting(&self) -> Option<u64> {
        let own = self.page.waiting().into_iter().chain(self.glances.waiting());
        own.chain(self.children.iter().filter_map(Self::waiting)).min()
    }
}

impl Storage {
    pub(super) fn new(layer: Layer) -> Self {
        Self { layer, open: false, roots: Remote::default(), tops: Vec::new() }
    }

    pub(super) fn layer(&self) -> Layer {
        self.layer
    }

    /// Everything is asked for again when it is opened again.
    pub(super) fn forget(&mut self) {
        *self = Self::new(self.layer);
    }

    pub(super) fn set_open(&mut self, open: bool, shared: &mut Shared) {
        self.open = open;
        if open && self.roots.untouched() {
            let (target, layer) = (shared.target.clone(), self.layer);
            let request = BrowseRequest { target, layer, folder: None, after: None, limit: PAGE };
            self.roots.ask(Request::Browse(request), shared);
        }
    }

    /// Opens or closes a folder.
    pub(super) fn set_entry(&mut self, root: &str, path: &str, open: bool, shared: &mut Shared) {
        let layer = self.layer;
        if let Some(node) = self.tops.iter_mut().find_map(|top| top.find(root, path)) {
            node.open = open;
            if open && !node.asked {
                node.ask(layer, shared);
            }
        }
    }

    /// Fetches the next page of a folder.
    pub(super) fn more(&mut self, root: &str, path: &str, shared: &mut Shared) {
        let layer = self.layer;
        if let Some(node) = self.tops.iter_mut().find_map(|top| top.find(root, path)) {
            node.ask(layer, shared);
        }
    }

    /// Takes a page, if it is one of its own.
    pub(super) fn accept(
        &mut self,
        generation: u64,
        answer: Answered<BrowsePage>,
        shared: &mut Shared,
    ) -> Result<(), Answered<BrowsePage>> {
        let layer = self.layer;
        if self.roots.expects(generation) {
            self.roots.accept(generation, answer);
            let roots = self.roots.value().map_or(&[][..], |page| page.roots.as_slice());
            let top = |root: &str| BrowseEntry { name: root.into(), path: String::new(), folder: true, dataset: None };
            self.tops = roots.iter().map(|root| Node::new(&root.root, top(&root.root))).collect();
            // A root by itself is what was meant.
            if let [only] = self.tops.as_mut_slice() {
                only.open = true;
                only.ask(layer, shared);
            }
            return Ok(());
        }
        let mut answer = Some(answer);
        for top in &mut self.tops {
            top.visit(&mut |node| {
                if !node.page.expects(generation) {
                    return false;
                }
                let Some(answer) = answer.take() else { return true };
                node.page.accept(generation, answer);
                let page = node.page.value().filter(|_| node.page.error().is_none()).cloned();
                let Some(page) = page else { return true };
                node.asked = true;
                node.next = page.next;
                let fresh = page.entries;
                let paths: Vec<String> =
                    fresh.iter().filter(|entry| entry.folder).map(|entry| entry.path.clone()).collect();
                let root = node.root.clone();
                node.children.extend(fresh.into_iter().map(|entry| Node::new(&root, entry)));
                if !paths.is_empty() {
                    let request = GlanceRequest { target: shared.target.clone(), layer, root, paths };
                    node.glances.ask(Request::Glance(request), shared);
                }
                true
            });
        }
        answer.map_or(Ok(()), Err)
    }

    /// Takes what folders are, if they are its own.
    pub(super) fn glanced(&mut self, generation: u64, answer: &Answered<Vec<Glance>>) {
        for top in &mut self.tops {
            top.visit(&mut |node| {
                if !node.glances.accept(generation, answer.clone()) {
                    return false;
                }
                for glance in answer.iter().flatten() {
                    if let Some(child) = node.children.iter_mut().find(|child| child.entry.path == glance.path) {
                        child.glance = Some(glance.clone());
                    }
                }
                true
            });
        }
    }

    pub(super) fn lines<'a>(&'a self, lines: &mut Vec<Line<'a>>) {
        let waiting = self.roots.waiting().is_some();
        lines.push(Line::Storage { layer: self.layer, open: self.open, waiting });
        if !self.open {
            return;
        }
        if let Some(error) = self.roots.error() {
            let text = format!("{}: {}", error.code, error.message);
            lines.push(Line::Told { text, bad: true, depth: 2 });
        } else if self.tops.is_empty() && !waiting {
            lines.push(Line::Told { text: "no config has this layer".to_owned(), bad: false, depth: 2 });
        }
        for top in &self.tops {
            top.lines(self.layer, 2, lines);
        }
    }

    pub(super) fn waiting(&self) -> Option<u64> {
        self.roots.waiting().into_iter().chain(self.tops.iter().filter_map(Node::waiting)).min()
    }
}

/// A folder with commits, as the engine wants it named.
pub(super) fn partition(layer: Layer, root: &str, entry: &BrowseEntry, shared: &Shared) -> PartitionRef {
    let dataset = entry.dataset.clone().unwrap_or_default();
    let folder = Some(FolderRef { root: root.to_owned(), path: entry.path.clone() });
    PartitionRef { folder, ..PartitionRef::new(shared.dataset_ref(&dataset), layer, "") }
}
