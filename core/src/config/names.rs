//! Names of datasets hold nothing that comes from a variable: they stand in messages, in replies and in
//! run reports, where values of variables have no place.
//!
//! Changes the tree before it is checked; owns no other rule about names.

use std::rc::Rc;

use super::findings::Findings;
use super::path::Scope;
use super::syntax::{Entry, Node, ScalarKind};
use super::text::Source;
use crate::diagnostic::{Diagnostic, code};

/// The document with every dataset named without variables: a variable in `name` is refused, and a name
/// that is made of `system` and `table` shows their variables as they are written.
pub(crate) fn settled(root: &Rc<Node>, source: &Source<'_>, findings: &mut Findings) -> Rc<Node> {
    let (Some(entries), Some(sources)) = (root.entries(), root.entry("sources")) else { return root.clone() };
    let Some(items) = sources.node.items() else { return root.clone() };
    let mut changed = false;
    let mut named = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        named.push(match name(item, index, source, findings) {
            Some(entry) => {
                changed = true;
                let others = item.entries().unwrap_or_default().iter().filter(|other| other.key != "name").cloned();
                Node::mapping(item.extent, others.chain([entry]).collect())
            }
            None => item.clone(),
        });
    }
    if !changed {
        return root.clone();
    }
    let named = Node::sequence(sources.node.extent, named);
    let entries = entries.iter().map(|entry| match entry.key.as_str() {
        "sources" => Entry { node: named.clone(), ..entry.clone() },
        _ => entry.clone(),
    });
    Node::mapping(root.extent, entries.collect())
}

/// The name to give to an item, if it cannot keep its own.
fn name(item: &Rc<Node>, index: usize, source: &Source<'_>, findings: &mut Findings) -> Option<Entry> {
    if let Some(entry) = item.entry("name").filter(|entry| !entry.node.is_null()) {
        let text = entry.node.text()?;
        if !refers(text) {
            return None;
        }
        let finding = Diagnostic::error(code::CFG048, "the name of a dataset takes no variable")
            .at(format!("sources[{index}].name"), Some(source.span(source.first_line(entry.node.extent))))
            .help("write the name; it stands in messages, where values of variables are never shown");
        findings.push(Scope::Dataset(index), finding);
        return Some(Entry { node: escaped(entry, text), ..entry.clone() });
    }
    let of = &item.entry("source")?.node;
    let (system, table) = (of.entry("system")?, of.entry("table")?);
    let (first, second) = (system.node.text()?, table.node.text()?);
    (refers(first) || refers(second)).then(|| Entry {
        key: "name".into(),
        key_extent: table.key_extent,
        node: escaped(table, &format!("{first}.{second}")),
    })
}

fn refers(text: &str) -> bool {
    text.replace("$${", "").contains("${")
}

/// A text in which no reference is replaced any more.
fn escaped(at: &Entry, text: &str) -> Rc<Node> {
    let plain = text.replace("$${", "${").replace("${", "$${");
    Node::scalar(at.node.extent, plain, ScalarKind::Text)
}
