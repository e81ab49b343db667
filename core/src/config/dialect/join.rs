//! `silver_join` as the predecessor wrote it.

use std::rc::Rc;

use super::{Dialect, Keys, Translator, join_path};
use crate::config::syntax::{Entry, Node};

const OLD: Dialect = Dialect::Predecessor;

impl Translator<'_, '_> {
    pub(super) fn join(&mut self, top: &mut Keys) {
        let Some(mut join) = top.get("silver_join").and_then(|entry| Keys::of(&entry.node)) else { return };
        for side in ["left", "right"] {
            let Some(mut keys) = join.get(side).and_then(|entry| Keys::of(&entry.node)) else { continue };
            let path = format!("silver_join.{side}");
            self.no_equal(
                &mut keys,
                &path,
                "platform",
                "both sides are read from the stores of this file's `platform`",
            );
            join.set(side, keys.into_node());
        }
        if let Some(mut output) = join.get("output").and_then(|entry| Keys::of(&entry.node)) {
            self.join_output(&mut output);
            join.set("output", output.into_node());
        }
        top.set("silver_join", join.into_node());
    }

    fn join_output(&mut self, output: &mut Keys) {
        const PATH: &str = "silver_join.output";
        self.rename(OLD, output, PATH, "join_key_mapping", "join_key_pairs");
        self.rename(OLD, output, PATH, "projection", "select_columns");
        for key in ["chunk_size", "performance_profile", "join_strategy"] {
            self.no_equal(
                output,
                PATH,
                key,
                "a join decides by itself how it stays within memory; the result is the same",
            );
        }
        self.no_equal(
            output,
            PATH,
            "checkpoint_dir",
            "a join is done whole or not at all, so there is nothing to resume",
        );
        self.pairs(output, "join_key_pairs", &[("left", "right"), ("source", "target")]);
        self.pairs(output, "select_columns", &[("source", "alias")]);
        if let Some(mut guards) = output.get("quality_guards").and_then(|entry| Keys::of(&entry.node)) {
            self.guards(&mut guards);
            output.set("quality_guards", guards.into_node());
        }
    }

    /// A list of `{left: a, right: b}` as the mapping `{a: b}`.
    fn pairs(&mut self, output: &mut Keys, key: &str, names: &[(&str, &str)]) {
        let Some(entry) = output.get(key).cloned() else { return };
        let Some(items) = entry.node.items() else { return };
        // A list of plain names selects columns and needs no other form; for keys it pairs equal names.
        let plain = items.iter().all(|item| item.text().is_some());
        if items.is_empty() || (plain && key == "select_columns") {
            return;
        }
        let mut pairs: Vec<Entry> = Vec::with_capacity(items.len());
        for item in items {
            let pair = match item.text() {
                Some(name) => Some((name.to_owned(), item.clone())),
                None => names.iter().find_map(|(from, to)| {
                    let (from, to) = (item.entry(from)?, item.entry(to)?);
                    Some((from.node.text()?.to_owned(), to.node.clone()))
                }),
            };
            let Some((name, to)) = pair else { return };
            if pairs.iter().any(|other| other.key == name) {
                return;
            }
            pairs.push(Entry { key: name, key_extent: item.extent, node: to });
        }
        let path = join_path("silver_join.output", key);
        self.deprecated(OLD, &format!("{path}.list"), &path, entry.key_extent, None);
        output.set(key, Node::mapping(super::no_width(entry.node.extent), pairs));
    }

    fn guards(&mut self, guards: &mut Keys) {
        let Some(list) = guards.get("unique_keys").cloned() else { return };
        let Some(items) = list.node.items() else { return };
        let mut changed = false;
        let items: Vec<Rc<Node>> = items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                let Some(mut keys) = Keys::of(item) else { return item.clone() };
                let path = format!("silver_join.output.quality_guards.unique_keys[{index}]");
                self.rename(OLD, &mut keys, &path, "keys", "columns");
                let node = keys.into_node();
                changed |= !Rc::ptr_eq(&node, item);
                node
            })
            .collect();
        if changed {
            guards.set("unique_keys", Node::sequence(list.node.extent, items));
        }
    }
}
