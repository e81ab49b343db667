//! How two layers become one document.
//!
//! * Mappings merge key by key, at every depth.
//! * Single values and lists of the upper layer replace what the lower one has.
//! * A key with nothing after it (`silver:`) says nothing, so the lower layer's value stays; an explicit
//!   `null` or `~` takes it away, which brings back the default.
//! * `sources` of a parent and of the file that extends it are joined: entries that both `name` merge,
//!   the others stand for themselves. The file's own entries come first, in their order.
//! * `sources` of an overlay change datasets and add none: each entry merges over the dataset that it
//!   names; those of datasets that the file has not are left out, because an overlay serves many files.
//! * `extends` is no part of what is inherited.
//!
//! Knows nothing of files.

use std::rc::Rc;

use crate::config::syntax::{Entry, Node};
use crate::config::text::Extent;

/// `upper` over its parent `lower`.
pub(crate) fn extend(lower: &Rc<Node>, upper: &Rc<Node>) -> Rc<Node> {
    document(lower, upper, First::Upper, joined)
}

/// Whose keys come first, and whose place a section has: those of the file itself, so that findings about
/// something missing point there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    Lower,
    Upper,
}

/// An overlay laid over a document.
#[derive(Debug)]
pub(crate) struct Overlaid {
    /// The document.
    pub(crate) root: Rc<Node>,
    /// Datasets of the overlay that the document has not.
    pub(crate) strangers: Vec<(String, Extent)>,
    /// Entries of the overlay without a name.
    pub(crate) unnamed: Vec<Extent>,
}

/// `upper` laid over `lower` as an overlay.
pub(crate) fn overlay(lower: &Rc<Node>, upper: &Rc<Node>) -> Overlaid {
    let (mut strangers, mut unnamed) = (Vec::new(), Vec::new());
    let root = document(lower, upper, First::Lower, |lower, upper| changed(lower, upper, &mut strangers, &mut unnamed));
    // Without `sources` below there is nobody whom an entry could name.
    let alone = lower.entry("sources").is_none();
    if alone && let Some(entry) = upper.entry("sources") {
        changed(&Node::sequence(Extent::default(), Vec::new()), &entry.node, &mut strangers, &mut unnamed);
        let rest = root.entries().unwrap_or_default().iter().filter(|entry| entry.key != "sources").cloned().collect();
        return Overlaid { root: Node::mapping(root.extent, rest), strangers, unnamed };
    }
    Overlaid { root, strangers, unnamed }
}

fn document(
    lower: &Rc<Node>,
    upper: &Rc<Node>,
    first: First,
    mut sources: impl FnMut(&Rc<Node>, &Rc<Node>) -> Rc<Node>,
) -> Rc<Node> {
    let own = if first == First::Lower { lower } else { upper };
    mapping(lower, upper, first, |under, over| match over.key.as_str() {
        "sources" if over.node.items().is_some() && under.node.items().is_some() => {
            Entry { node: sources(&under.node, &over.node), ..over.clone() }
        }
        "extends" => own.entry("extends").unwrap_or(over).clone(),
        _ => laid_over(under, over, first),
    })
    .map_or_else(
        || upper.clone(),
        |entries| {
            let kept = |entry: &Entry| entry.key != "extends" || own.entry("extends").is_some();
            Node::mapping(own.extent, entries.into_iter().filter(kept).collect())
        },
    )
}

/// The entries of both mappings; `both` decides about keys that both have.
fn mapping(
    lower: &Rc<Node>,
    upper: &Rc<Node>,
    first: First,
    mut both: impl FnMut(&Entry, &Entry) -> Entry,
) -> Option<Vec<Entry>> {
    let (below, above) = (lower.entries()?, upper.entries()?);
    let (leading, following) = if first == First::Lower { (below, above) } else { (above, below) };
    let mut entries: Vec<Entry> = leading
        .iter()
        .map(|entry| match (lower.entry(&entry.key), upper.entry(&entry.key)) {
            (Some(under), Some(over)) => both(under, over),
            _ => entry.clone(),
        })
        .collect();
    let had = |key: &str| leading.iter().any(|entry| entry.key == key);
    entries.extend(following.iter().filter(|entry| !had(&entry.key)).cloned());
    Some(entries)
}

/// The entry of a key that both layers have.
fn laid_over(lower: &Entry, upper: &Entry, first: First) -> Entry {
    if says_nothing(&upper.node) {
        return lower.clone();
    }
    // The order of declared columns means something: those of the lower layer were there first.
    let first = if upper.key == "schema" { First::Lower } else { first };
    Entry { node: values(&lower.node, &upper.node, first), ..upper.clone() }
}

fn values(lower: &Rc<Node>, upper: &Rc<Node>, first: First) -> Rc<Node> {
    let own = if first == First::Lower { lower } else { upper };
    match mapping(lower, upper, first, |under, over| laid_over(under, over, first)) {
        Some(entries) => Node::mapping(own.extent, entries),
        None => upper.clone(),
    }
}

/// Whether nothing was written; `null` and `~` say something.
pub(crate) fn says_nothing(node: &Node) -> bool {
    node.is_null() && node.extent.start == node.extent.end
}

/// `sources` of a file over those of its parent.
fn joined(lower: &Rc<Node>, upper: &Rc<Node>) -> Rc<Node> {
    let (below, above) = (lower.items().unwrap_or_default(), upper.items().unwrap_or_default());
    let mut items: Vec<Rc<Node>> = above
        .iter()
        .map(|item| {
            match below.iter().find(|other| written_name(item).is_some_and(|name| written_name(other) == Some(name))) {
                Some(other) => values(other, item, First::Upper),
                None => item.clone(),
            }
        })
        .collect();
    let taken = |item: &Rc<Node>| {
        written_name(item).is_some_and(|name| above.iter().any(|other| written_name(other) == Some(name)))
    };
    items.extend(below.iter().filter(|item| !taken(item)).cloned());
    Node::sequence(upper.extent, items)
}

/// `sources` under those of an overlay.
fn changed(
    lower: &Rc<Node>,
    upper: &Rc<Node>,
    strangers: &mut Vec<(String, Extent)>,
    unnamed: &mut Vec<Extent>,
) -> Rc<Node> {
    let mut items: Vec<Rc<Node>> = lower.items().unwrap_or_default().to_vec();
    for change in upper.items().unwrap_or_default() {
        let Some(name) = written_name(change) else {
            unnamed.push(change.extent);
            continue;
        };
        let mut met = false;
        for item in &mut items {
            if dataset_name(item).as_deref() == Some(name) {
                // The name is how the dataset was found; it says nothing new.
                let rest = change.entries().unwrap_or_default().iter().filter(|entry| entry.key != "name");
                *item = values(item, &Node::mapping(change.extent, rest.cloned().collect()), First::Lower);
                met = true;
            }
        }
        if !met {
            let at = change.entry("name").map_or(change.extent, |entry| entry.node.extent);
            strangers.push((name.to_owned(), at));
        }
    }
    Node::sequence(lower.extent, items)
}

fn written_name(item: &Rc<Node>) -> Option<&str> {
    item.entry("name")?.node.text()
}

/// What a dataset is called, as far as it can be told from the text.
fn dataset_name(item: &Rc<Node>) -> Option<String> {
    if let Some(name) = written_name(item) {
        return Some(name.to_owned());
    }
    let source = &item.entry("source")?.node;
    Some(format!("{}.{}", source.entry("system")?.node.text()?, source.entry("table")?.node.text()?))
}
