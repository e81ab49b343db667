//! The parts of a text, for an outline: datasets and sections, also of text that is broken elsewhere.

use super::lookup::{Spot, properties};
use super::sketch::{Content, Id, ROOT, Role, Sketch};
use crate::config::text::{Extent, Source};
use crate::diagnostic::Span;
use crate::nearest::nearest;

/// Parts inside parts at most.
const MAX_DEPTH: usize = 32;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// Its name.
    pub(crate) name: String,
    /// A few words more.
    pub(crate) detail: String,
    /// Whether it is a dataset.
    pub(crate) dataset: bool,
    /// All of it.
    pub(crate) span: Span,
    /// Its key, or the first line of a dataset.
    pub(crate) key: Span,
    /// Parts of it, in the order of the text.
    pub(crate) parts: Vec<Self>,
}

/// The parts of `text`, in its order.
pub(crate) fn outline(text: &str) -> Vec<Part> {
    let sketch = Sketch::of(text);
    parts(&sketch, &Source::new(text), ROOT, 0)
}

/// Whether `text` looks like a configuration of this program: nothing but comments, or a key of the first
/// level that the language has. Other YAML lies around in every project, and nothing is said about it.
pub(crate) fn is_ours(text: &str) -> bool {
    const PREDECESSOR: [&str; 5] = ["source", "silver", "bronze", "system", "entity"];
    let sketch = Sketch::of(text);
    let form = Spot::document().mapping();
    let known = form.and_then(properties);
    let is_known = |name: &str| known.is_some_and(|known| known.contains_key(name)) || PREDECESSOR.contains(&name);
    let near = |name: &str| known.is_some_and(|known| nearest(name, known.keys().map(String::as_str)).is_some());
    match &sketch.nodes[ROOT].content {
        Content::Empty(_) => true,
        // The first letters of the first key.
        Content::Scalar(scalar) => !sketch.slice(scalar.extent).contains(char::is_whitespace),
        _ => sketch.children(ROOT).iter().filter_map(|id| sketch.name(*id)).any(|name| is_known(name) || near(name)),
    }
}

fn parts(sketch: &Sketch<'_>, source: &Source<'_>, of: Id, depth: usize) -> Vec<Part> {
    if depth > MAX_DEPTH {
        return Vec::new();
    }
    sketch.children(of).iter().filter_map(|id| part(sketch, source, *id, depth)).collect()
}

fn part(sketch: &Sketch<'_>, source: &Source<'_>, id: Id, depth: usize) -> Option<Part> {
    let node = &sketch.nodes[id];
    let is_list = match &node.content {
        Content::Collection(collection) => collection.list,
        _ => return None,
    };
    let all = Extent::new(node.start, sketch.end(id).max(node.start));
    let below = parts(sketch, source, id, depth + 1);
    let span = source.span(all);
    match &node.role {
        Role::Root => None,
        Role::Entry { key, name, .. } => {
            let items = sketch.children(id).len();
            let detail = match (is_list, items) {
                (true, 1) => "1 item".to_owned(),
                (true, _) => format!("{items} items"),
                (false, _) => String::new(),
            };
            Some(Part { name: name.to_string(), detail, dataset: false, span, key: source.span(*key), parts: below })
        }
        Role::Item => {
            let text = |path: &[&str]| {
                let id = path.iter().try_fold(id, |id, key| sketch.found(id, key))?;
                sketch.scalar(id).map(std::borrow::Cow::into_owned).filter(|text| !text.is_empty())
            };
            let table = || Some(format!("{}.{}", text(&["source", "system"])?, text(&["source", "table"])?));
            let dataset = node.parent != ROOT && sketch.name(node.parent) == Some("sources");
            let number = || format!("{}", sketch.index(id) + 1);
            let name = text(&["name"]).or_else(table).unwrap_or_else(number);
            let detail = text(&["source", "type"]).unwrap_or_default();
            let key = source.span(source.first_line(all));
            Some(Part { name, detail, dataset, span, key, parts: below })
        }
    }
}
