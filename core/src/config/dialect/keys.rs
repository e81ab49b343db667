//! A mapping that is being rewritten.
//!
//! What stays as it was stays the same node, so that `migrate` can copy its text. What is made up gets
//! a place of no width at the key that was the reason for it.

use std::rc::Rc;

use crate::config::syntax::{Entry, Node, ScalarKind};
use crate::config::text::Extent;

/// The entries of a mapping.
#[derive(Debug)]
pub(super) struct Keys {
    extent: Extent,
    entries: Vec<Entry>,
    original: Option<Rc<Node>>,
    changed: bool,
}

impl Keys {
    /// The entries of `node`; `None` if it is no mapping.
    pub(super) fn of(node: &Rc<Node>) -> Option<Self> {
        let entries = node.entries()?.to_vec();
        Some(Self { extent: node.extent, entries, original: Some(node.clone()), changed: false })
    }

    /// A mapping that is nowhere in the text, made because of what stands at `reason`.
    pub(super) fn made(reason: Extent) -> Self {
        Self { extent: no_width(reason), entries: Vec::new(), original: None, changed: true }
    }

    /// Whether it has no entry.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entry of `key`, be it null or not.
    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// Whether `key` has a value.
    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some_and(|entry| !entry.node.is_null())
    }

    /// The text of a single value.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.node.text()
    }

    /// The keys that are there.
    pub(super) fn names(&self) -> Vec<String> {
        self.entries.iter().map(|entry| entry.key.clone()).collect()
    }

    /// Takes an entry out.
    pub(super) fn take(&mut self, key: &str) -> Option<Entry> {
        let at = self.entries.iter().position(|entry| entry.key == key)?;
        self.changed = true;
        Some(self.entries.remove(at))
    }

    /// Gives an entry another name, in its place.
    pub(super) fn rename(&mut self, key: &str, name: &str) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.key == key) {
            name.clone_into(&mut entry.key);
            self.changed = true;
        }
    }

    /// Puts an entry at the end, under another name.
    pub(super) fn put(&mut self, name: &str, entry: Entry) {
        self.changed = true;
        self.entries.push(Entry { key: name.to_owned(), ..entry });
    }

    /// Puts a key that is nowhere in the text at the front.
    pub(super) fn lead_with(&mut self, name: &str, reason: Extent, node: Rc<Node>) {
        self.changed = true;
        self.entries.insert(0, made(name, reason, node));
    }

    /// Puts a key that is nowhere in the text at the end.
    pub(super) fn add(&mut self, name: &str, reason: Extent, node: Rc<Node>) {
        self.changed = true;
        self.entries.push(made(name, reason, node));
    }

    /// Replaces the value of a key.
    pub(super) fn set(&mut self, key: &str, node: Rc<Node>) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.key == key)
            && !Rc::ptr_eq(&entry.node, &node)
        {
            entry.node = node;
            self.changed = true;
        }
    }

    /// The section `key`, opened to be rewritten, made if it is missing. `None` if something else than a
    /// mapping stands there.
    pub(super) fn section(&self, key: &str, reason: Extent) -> Option<Self> {
        match self.get(key) {
            Some(entry) if entry.node.is_null() => Some(Self::made(entry.key_extent)),
            Some(entry) => Self::of(&entry.node),
            None => Some(Self::made(reason)),
        }
    }

    /// Puts a section back that [`Self::section`] gave; one that is empty and was not there stays away.
    pub(super) fn close(&mut self, key: &str, section: Self, reason: Extent) {
        if self.get(key).is_some() {
            if section.entries.is_empty() && section.changed && section.original.is_some() {
                self.take(key);
            } else if section.changed && !section.entries.is_empty() {
                self.set(key, section.into_node());
            }
        } else if !section.entries.is_empty() {
            let entry = made(key, reason, section.into_node());
            self.changed = true;
            // What is shared comes before the datasets.
            let last =
                if key == "platform" { self.entries.iter().position(|entry| entry.key == "sources") } else { None };
            self.entries.insert(last.unwrap_or(self.entries.len()), entry);
        }
    }

    /// The mapping; the very same node if nothing was changed.
    pub(super) fn into_node(self) -> Rc<Node> {
        match self.original {
            Some(original) if !self.changed => original,
            _ => Node::mapping(self.extent, self.entries),
        }
    }
}

/// An entry that is nowhere in the text.
pub(super) fn made(name: &str, reason: Extent, node: Rc<Node>) -> Entry {
    Entry { key: name.to_owned(), key_extent: no_width(reason), node }
}

/// A text that is nowhere in the text of the file.
pub(super) fn text(reason: Extent, text: &str) -> Rc<Node> {
    Node::scalar(no_width(reason), text, ScalarKind::Text)
}

/// The place where something stands, without its width: nothing is written there.
pub(super) const fn no_width(extent: Extent) -> Extent {
    Extent::new(extent.start, extent.start)
}
