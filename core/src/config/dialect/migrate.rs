//! A config file rewritten to the canonical form, its comments kept.
//!
//! The result is trusted only after it was read again: it must mean what the original means, and have
//! nothing foreign in it any more.

use std::rc::Rc;

use similar::{DiffOp, TextDiff};

use super::keys::Keys;
use super::{keys, translate, write};
use crate::config::findings::Findings;
use crate::config::load::not_a_mapping;
use crate::config::syntax::{self, Node, ScalarKind};
use crate::config::text::{Extent, Source};
use crate::diagnostic::{Diagnostic, TextEdit, code};

/// A file in the canonical form.
#[derive(Debug)]
pub(crate) struct Migrated {
    /// The whole new text.
    pub(crate) text: String,
    /// How to get there, in old offsets.
    pub(crate) changes: Vec<TextEdit>,
}

/// Rewrites `text`. `part`: it is an overlay or a part of other files, which needs no `config_version`.
///
/// # Errors
///
/// What is in the way: broken syntax, a text that is no configuration, or a construct that cannot be rewritten without changing what
/// the text means.
pub(crate) fn migrate(text: &str, part: bool) -> Result<Migrated, Vec<Diagnostic>> {
    let source = Source::new(text);
    let (root, problems) = syntax::parse(&source);
    if !problems.is_empty() {
        let settle = |mut finding: Diagnostic| {
            source.settle(&mut finding, "");
            finding
        };
        return Err(problems.into_iter().map(settle).collect());
    }
    let Some(root) = root.filter(|root| !root.is_null()) else {
        return Ok(Migrated { text: text.to_owned(), changes: Vec::new() });
    };
    if root.entries().is_none() {
        let mut finding = not_a_mapping(&source, Some(&*root));
        source.settle(&mut finding, "");
        return Err(vec![finding]);
    }
    let mut findings = Findings::default();
    let target = versioned(translate(&root, &source, &mut findings), part);
    let contradictions: Vec<Diagnostic> = findings
        .finish("", &source)
        .into_iter()
        .filter(|finding| finding.severity == crate::diagnostic::Severity::Error)
        .collect();
    if !contradictions.is_empty() {
        return Err(contradictions);
    }
    if Rc::ptr_eq(&root, &target) {
        return Ok(Migrated { text: text.to_owned(), changes: Vec::new() });
    }
    let written = write::write(text, &root, &target).map_err(|why| vec![refused(why.0)])?;
    check(&written, &target)?;
    let changes = changes(&source, text, &written);
    Ok(Migrated { text: written, changes })
}

/// With `config_version`.
fn versioned(root: Rc<Node>, part: bool) -> Rc<Node> {
    let has_version = root.entry("config_version").is_some_and(|entry| !entry.node.is_null());
    let Some(mut top) = Keys::of(&root).filter(|_| !part && !has_version) else { return root };
    top.take("config_version");
    let start = Extent::new(root.extent.start, root.extent.start);
    top.lead_with("config_version", start, Node::scalar(keys::no_width(start), "1", ScalarKind::Integer));
    top.into_node()
}

/// Whether `written` means `target` and is in the canonical form.
fn check(written: &str, target: &Rc<Node>) -> Result<(), Vec<Diagnostic>> {
    let source = Source::new(written);
    let (root, problems) = syntax::parse(&source);
    let Some(root) = root.filter(|_| problems.is_empty()) else {
        return Err(vec![refused("the rewritten text would not be valid YAML")]);
    };
    let mut findings = Findings::default();
    let again = translate(&root, &source, &mut findings);
    if !write::equal(&again, target) {
        return Err(vec![refused("the rewritten text would mean something else")]);
    }
    let left: Vec<String> = findings.finish("", &source).iter().map(|finding| format!("`{}`", finding.path)).collect();
    if left.is_empty() {
        return Ok(());
    }
    let message = format!("{} would stay in the old form, because an anchor shares it", left.join(", "));
    Err(vec![refused(&message)])
}

fn refused(why: &str) -> Diagnostic {
    Diagnostic::error(code::CFG049, format!("the file cannot be migrated: {why}"))
        .help("write the anchors, aliases and merge keys of the old sections out, then migrate")
}

/// The lines that change.
fn changes(source: &Source<'_>, old: &str, new: &str) -> Vec<TextEdit> {
    let starts = |text: &str| {
        let mut at = vec![0];
        at.extend(text.split_inclusive('\n').scan(0, |at, line| {
            *at += line.len();
            Some(*at)
        }));
        at
    };
    let (before, after) = (starts(old), starts(new));
    let byte = |starts: &[usize], line: usize| starts.get(line).or(starts.last()).copied().unwrap_or_default();
    let diff = TextDiff::from_lines(old, new);
    let changed = diff.ops().iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
    changed
        .map(|op| {
            let (from, to) = (op.old_range(), op.new_range());
            let extent = Extent::new(byte(&before, from.start), byte(&before, from.end));
            let text = new.get(byte(&after, to.start)..byte(&after, to.end)).unwrap_or_default();
            TextEdit { span: source.span(extent), text: text.to_owned() }
        })
        .collect()
}
