//! Names of columns at a place: which dataset it belongs to, and what its columns are called there.

use std::collections::HashMap;

use super::Around;
use super::sketch::{Collection, Content, Id, ROOT, Role, Sketch};
use crate::config::text::Extent;

/// A dataset of the text, to be asked for its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    /// Its `name`, if it has one.
    pub(crate) name: Option<String>,
    /// Its place in `sources`.
    pub(crate) index: usize,
    /// A config that has what is said about its source and storage and nothing else, so that a half
    /// written `silver` is in nobody's way.
    pub(crate) excerpt: String,
}

/// A column of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its name in Bronze.
    pub(crate) name: String,
    /// Its type, and where that is known from.
    pub(crate) detail: String,
}

/// The columns at a place, by the names that an annotation asks for: `source` or `silver`.
pub(super) fn of(sketch: &Sketch<'_>, at: Id, names: &str, around: &Around<'_>) -> Vec<Column> {
    let Some(item) = sketch.upwards(at).find(|id| is_dataset(sketch, *id)) else { return Vec::new() };
    let mut columns = (around.columns)(&subject(sketch, item, at));
    if names == "silver" {
        let renamed = renamed(sketch, item);
        for column in &mut columns {
            if let Some(new) = renamed.get(&column.name) {
                column.detail = format!("{}, `{}` in Bronze", column.detail, column.name);
                column.name.clone_from(new);
            }
        }
    }
    columns
}

fn is_dataset(sketch: &Sketch<'_>, id: Id) -> bool {
    let node = &sketch.nodes[id];
    let list = &sketch.nodes[node.parent];
    matches!(node.role, Role::Item) && list.parent == ROOT && sketch.name(node.parent) == Some("sources")
}

fn renamed(sketch: &Sketch<'_>, item: Id) -> HashMap<String, String> {
    let map = ["silver", "schema", "rename_map"].iter().try_fold(item, |id, key| sketch.found(id, key));
    let entries = map.map(|map| sketch.children(sketch.meant(map))).unwrap_or_default();
    entries.iter().filter_map(|id| Some((sketch.name(*id)?.to_owned(), sketch.scalar(*id)?.into_owned()))).collect()
}

/// The dataset `item`, without the key at `at`: it is half written, and what it says of columns so far must
/// not hide the others.
fn subject(sketch: &Sketch<'_>, item: Id, at: Id) -> Subject {
    let name = sketch.entry(item, "name").and_then(|id| sketch.scalar(id)).map(std::borrow::Cow::into_owned);
    let mut excerpt = String::from("config_version: 1\n");
    for key in ["extends", "platform"] {
        if let Some(entry) = sketch.entry(ROOT, key) {
            excerpt.push_str(lines(sketch, entry));
            excerpt.push('\n');
        }
    }
    if let Some(source) = sketch.entry(item, "source") {
        let node = &sketch.nodes[source];
        let text = without(sketch, Extent::new(node.start, sketch.end(source)), source, at);
        excerpt.push_str("sources:\n");
        let in_brackets =
            matches!(&sketch.nodes[node.parent].content, Content::Collection(Collection { flow: Some(_), .. }));
        let col = if in_brackets { 2 } else { node.col.max(2) };
        excerpt.push_str(&" ".repeat(col - 2));
        excerpt.push_str("- ");
        excerpt.push_str(&text);
        excerpt.push('\n');
    }
    Subject { name, index: sketch.index(item), excerpt }
}

/// The text of `all`, which is that of the section `source`, without the innermost key that `at` is in.
fn without(sketch: &Sketch<'_>, all: Extent, source: Id, at: Id) -> String {
    let is_entry = |id: &Id| matches!(sketch.nodes[*id].role, Role::Entry { .. });
    let key = sketch.upwards(at).find(is_entry).filter(|key| *key != source);
    let Some(key) = key.filter(|key| sketch.upwards(*key).any(|id| id == source)) else {
        return sketch.slice(all).to_owned();
    };
    let (from, to) = (sketch.nodes[key].start, sketch.end(key));
    let before = sketch.slice(Extent::new(all.start, from));
    // At the end of the section nothing is left behind it.
    let after = if to < all.end { sketch.slice(Extent::new(to, all.end)) } else { "" };
    format!("{before}{after}")
}

fn lines<'t>(sketch: &Sketch<'t>, entry: Id) -> &'t str {
    sketch.slice(Extent::new(sketch.nodes[entry].start, sketch.end(entry)))
}
