//! Dialects: the keys of the predecessor and its intent form, read as the canonical form.
//!
//! One translation of the tree, before it is checked; every node keeps its place in the text. Each foreign
//! key is a warning with the key that takes its place (CFG070, CFG071, and CFG001 and CFG002 for two that
//! have pages of their own). Nothing changes its meaning silently: a key without an equal is reported
//! (CFG044), and so are defaults of the predecessor that differ (CFG046). Judges no value.
//!
//! [`migrate`] writes the result down as text.

mod intent;
mod join;
mod keys;
pub(crate) mod migrate;
mod platform;
mod source;
#[cfg(test)]
mod tests;
mod write;

use std::rc::Rc;

use super::findings::Findings;
use super::path::{Scope, key_text};
use super::syntax::{Entry, Node, ScalarKind};
use super::text::{Extent, Source};
use crate::diagnostic::deprecation::{self, Deprecation, Dialect};
use crate::diagnostic::{Code, Diagnostic, Fix, Severity, code};
use keys::{Keys, made, no_width};
#[cfg(test)]
pub(crate) use write::equal;

/// The document in the canonical form; the very same node if it is in that form already.
pub(crate) fn translate(root: &Rc<Node>, source: &Source<'_>, findings: &mut Findings) -> Rc<Node> {
    let Some(mut top) = Keys::of(root) else { return root.clone() };
    let mut translator = Translator { source, findings, pattern_folder: None };
    translator.document(&mut top);
    top.into_node()
}

struct Translator<'t, 's> {
    source: &'t Source<'s>,
    findings: &'t mut Findings,
    /// `platform.bronze.options.pattern_folder`, which every dataset gets.
    pattern_folder: Option<Entry>,
}

impl Translator<'_, '_> {
    fn document(&mut self, top: &mut Keys) {
        if let Some(mut platform) = top.get("platform").and_then(|entry| Keys::of(&entry.node)) {
            self.platform(&mut platform);
            let at = top.get("platform").map(|entry| entry.key_extent).unwrap_or_default();
            top.close("platform", platform, at);
        }
        self.join(top);
        let foreign = top.has("source") || top.has("datasets") || is_intent(top);
        if foreign {
            self.edition(top);
        }
        if top.has("datasets") {
            self.datasets(top);
        } else if is_intent(top) {
            self.single_intent(top);
        }
        if top.has("source") {
            self.single(top);
        }
        self.entries(top);
        self.environment(top);
    }

    /// `config_version` of the predecessor's forms counted otherwise.
    fn edition(&mut self, top: &mut Keys) {
        let Some(entry) = top.get("config_version").cloned() else { return };
        let Some(text @ ("2" | "3")) = entry.node.text() else { return };
        let mut finding = Diagnostic::warning(code::CFG070, format!("`config_version: {text}` is the predecessor's"))
            .help("write `1`: editions of this language are counted anew");
        let span = self.source.span(entry.node.extent);
        finding.fix = Some(Fix::one("write `1`", span, "1", false));
        self.report("config_version", finding, entry.node.extent);
        top.set("config_version", Node::scalar(no_width(entry.node.extent), "1", ScalarKind::Integer));
    }

    /// `source`, with `silver` beside it.
    fn single(&mut self, top: &mut Keys) {
        let Some(source) = top.get("source").cloned() else { return };
        if top.has("sources") {
            let finding = Diagnostic::error(code::CFG024, "`source` and `sources` stand beside each other")
                .help("make `source` an entry of `sources`");
            self.report("source", finding, source.key_extent);
            return;
        }
        let run = source.node.entry("run").map(|run| run.node.clone());
        let uploads = run.is_some_and(|run| run.entry("storage_enabled").or_else(|| run.entry("s3_enabled")).is_some());
        let mut fix = None;
        if let Some(all) = top.take("source") {
            let mut entry = Keys::made(all.key_extent);
            let node = self.section_source(&all.node, "source", true);
            entry.put("source", Entry { node, ..all.clone() });
            if let Some(silver) = top.take("silver") {
                let node = self.section_silver(&silver.node, "silver");
                entry.put("silver", Entry { node, ..silver });
            }
            fix = Some(all.key_extent);
            let list = Node::sequence(no_width(all.key_extent), vec![entry.into_node()]);
            top.take("sources");
            top.add("sources", all.key_extent, list);
        }
        let at = fix.unwrap_or(source.key_extent);
        self.deprecated(Dialect::Predecessor, "source", "source", at, None);
        let mut differs = vec!["relative paths start at the folder of this file, not at the working folder"];
        let silver_given = top.get("sources").and_then(|entry| entry.node.items()?.first()?.entry("silver").cloned());
        if silver_given.is_none() {
            differs.push("without `silver` nothing is promoted");
        }
        if source.node.entry("run").is_none_or(|run| run.node.entry("write_csv").is_none()) {
            differs.push("CSV is written only with `write_csv: true`");
        }
        let backend =
            top.get("platform").and_then(|entry| entry.node.entry("bronze")?.node.entry("storage_backend").cloned());
        let remote =
            backend.is_some_and(|entry| entry.node.text().is_some_and(|name| !name.eq_ignore_ascii_case("local")));
        if remote && !uploads {
            differs.push("Bronze is written to the store of `storage_backend`, without `storage_enabled`");
        }
        self.differs("source", at, &differs);
    }

    /// `sources`: its entries, over a `silver` at the top that they share.
    fn entries(&mut self, top: &mut Keys) {
        let Some(list) = top.get("sources").cloned() else { return };
        let Some(items) = list.node.items() else { return };
        // A file in another form was translated before, entry by entry.
        let fresh = list.key_extent.end > list.key_extent.start;
        let shared = if fresh { top.take("silver") } else { None };
        let shared_node = shared.as_ref().map(|entry| self.section_silver(&entry.node, "silver"));
        if let Some(shared) = &shared {
            self.deprecated(Dialect::Predecessor, "silver", "silver", shared.key_extent, None);
        }
        let mut changed = shared.is_some();
        let mut result = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let Some(mut keys) = Keys::of(item) else {
                result.push(item.clone());
                continue;
            };
            if fresh {
                if let Some(entry) = keys.get("source").cloned() {
                    let node = self.section_source(&entry.node, &format!("sources[{index}].source"), false);
                    keys.set("source", node);
                }
                if let Some(entry) = keys.get("silver").cloned() {
                    let node = self.section_silver(&entry.node, &format!("sources[{index}].silver"));
                    keys.set("silver", node);
                }
                if let (Some(shared), Some(node)) = (&shared, &shared_node) {
                    lay_under(&mut keys, shared, node);
                }
            }
            if let Some(folder) = &self.pattern_folder {
                give_pattern_folder(&mut keys, folder);
            }
            let node = keys.into_node();
            changed |= !Rc::ptr_eq(&node, item);
            result.push(node);
        }
        if changed {
            top.set("sources", Node::sequence(list.node.extent, result));
        }
    }

    /// `environment` at the top.
    fn environment(&mut self, top: &mut Keys) {
        let Some(entry) = top.take("environment") else { return };
        self.deprecated(Dialect::Predecessor, "environment", "environment", entry.key_extent, None);
        let at = entry.key_extent;
        match top.section("platform", at) {
            Some(mut platform) if !platform.has("environment") => {
                platform.take("environment");
                platform.put("environment", entry);
                top.close("platform", platform, at);
            }
            Some(_) => self.without_effect("environment", at, "`platform.environment` is given too, and that is used"),
            None => {}
        }
    }

    /// Reports that a foreign key is read as its successor. `rename`: what to write in its place, if that
    /// is all there is to do.
    fn deprecated(&mut self, dialect: Dialect, row: &str, path: &str, at: Extent, rename: Option<&str>) {
        let row = deprecation::find(dialect, row);
        let until = row.map_or_else(|| "read until 2.0".to_owned(), until);
        let key = path.rsplit(['.', ']']).next().unwrap_or(path);
        let help = match (rename, row) {
            (Some(name), _) => format!("rename it to `{name}`; {until}"),
            (None, Some(row)) if row.is_move() => {
                format!("it is `{}` now, and `medallion migrate` moves it; {until}", row.replacement)
            }
            (None, Some(row)) => format!("{}; {until}", row.replacement),
            (None, None) => format!("`medallion migrate` moves it to its new place; {until}"),
        };
        let code = row.map_or(code::CFG070, |row| row.code);
        let mut finding = Diagnostic::warning(code, format!("`{key}` is deprecated")).help(help);
        if let Some(name) = rename
            && self.source.slice(at) == key
        {
            finding.fix = Some(Fix::one(format!("rename to `{name}`"), self.source.span(at), name, true));
        }
        self.report(path, finding, at);
    }

    /// Renames a key in its section, or leaves it out if its successor is given too.
    fn rename(&mut self, dialect: Dialect, keys: &mut Keys, path: &str, key: &str, name: &str) {
        let Some(entry) = keys.get(key).cloned() else { return };
        let here = join_path(path, key);
        if keys.has(name) && key != name {
            keys.take(key);
            let row = deprecation::find(dialect, &here);
            let code = row.map_or(code::CFG070, |row| row.code);
            let finding = Diagnostic::warning(code, format!("`{key}` is deprecated"))
                .help(format!("remove it: `{name}` is given too, and that is used"));
            self.report(&here, finding, entry.key_extent);
            return;
        }
        self.deprecated(dialect, &here, &here, entry.key_extent, Some(name));
        keys.take_null(name);
        keys.rename(key, name);
    }

    /// Moves a key to another section, or leaves it out if that has it already.
    fn shift(&mut self, dialect: Dialect, from: (&mut Keys, &str, &str), to: (&mut Keys, &str)) {
        let (keys, path, key) = from;
        let (target, name) = to;
        let Some(entry) = keys.take(key) else { return };
        let here = join_path(path, key);
        if target.has(name) {
            self.without_effect(&here, entry.key_extent, &format!("`{name}` is given too, and that is used"));
            return;
        }
        self.deprecated(dialect, &here, &here, entry.key_extent, None);
        target.take_null(name);
        target.put(name, entry);
    }

    /// Takes a key away that has no equal here, and says what that means.
    fn no_equal(&mut self, keys: &mut Keys, path: &str, key: &str, help: &str) {
        if let Some(entry) = keys.take(key) {
            self.without_effect(&join_path(path, key), entry.key_extent, help);
        }
    }

    fn without_effect(&mut self, path: &str, at: Extent, help: &str) {
        let key = path.rsplit(['.', ']']).next().unwrap_or(path);
        let finding =
            Diagnostic::warning(code::CFG044, format!("`{key}` of the predecessor has no effect here")).help(help);
        self.report(path, finding, at);
    }

    /// Reports defaults and readings that differ from the predecessor's.
    fn differs(&mut self, path: &str, at: Extent, what: &[&str]) {
        let finding = Diagnostic::new(code::CFG046, Severity::Info, "some things differ from the predecessor")
            .help(what.join("; "));
        self.report(path, finding, at);
    }

    fn report(&mut self, path: &str, finding: Diagnostic, at: Extent) {
        let span = self.source.span(self.source.first_line(at));
        let item = path.strip_prefix("datasets[").or_else(|| path.strip_prefix("sources["));
        let index = item.and_then(|rest| rest.split_once(']')).and_then(|(index, _)| index.parse().ok());
        let scope = index.map_or(Scope::File, Scope::Dataset);
        self.findings.push(scope, finding.at(path, Some(span)));
    }

    fn wrong(&mut self, code: Code, path: &str, at: Extent, message: &str, help: &str) {
        self.report(path, Diagnostic::error(code, message).help(help), at);
    }
}

/// Whether the document describes one dataset in the intent form.
fn is_intent(top: &Keys) -> bool {
    top.has("entity") && top.has("bronze") && !top.has("sources") && !top.has("source")
}

fn until(row: &Deprecation) -> String {
    format!("deprecated since {}, read until {}", row.since, row.removal)
}

fn join_path(path: &str, key: &str) -> String {
    format!("{path}{}", key_text(key, path.is_empty()))
}

/// `silver` of the top under that of an entry, key by key.
fn lay_under(entry: &mut Keys, shared: &Entry, node: &Rc<Node>) {
    let Some(own) = entry.get("silver").cloned().filter(|own| !own.node.is_null()) else {
        entry.take("silver");
        entry.put("silver", Entry { node: node.clone(), ..shared.clone() });
        return;
    };
    let Some(mut keys) = Keys::of(&own.node) else { return };
    for below in node.entries().unwrap_or_default() {
        if !keys.has(&below.key) {
            keys.take_null(&below.key);
            keys.put(&below.key, below.clone());
        }
    }
    entry.set("silver", keys.into_node());
}

fn give_pattern_folder(entry: &mut Keys, folder: &Entry) {
    let Some(source) = entry.get("source").cloned() else { return };
    let Some(mut keys) = Keys::of(&source.node) else { return };
    if let Some(mut run) = keys.section("run", folder.key_extent)
        && !run.has("pattern_folder")
    {
        run.take_null("pattern_folder");
        run.put("pattern_folder", folder.clone());
        keys.close("run", run, folder.key_extent);
    }
    entry.set("source", keys.into_node());
}

impl Keys {
    /// Takes a key away that has no value.
    fn take_null(&mut self, key: &str) {
        if self.get(key).is_some_and(|entry| entry.node.is_null()) {
            self.take(key);
        }
    }
}

/// A list with one made-up entry.
fn made_list(reason: Extent, items: Vec<Rc<Node>>) -> Entry {
    made("sources", reason, Node::sequence(no_width(reason), items))
}
