//! What a rule sees of a file: the options of each dataset, and where they stand in the text.

use crate::config::edit::Removals;
use crate::config::findings::Findings;
use crate::config::options::{RunOptions, SilverOptions, SourceEntry, SourceOptions};
use crate::config::path::Scope;
use crate::config::resolve::{self, Around};
use crate::config::settings::LoadPattern;
use crate::config::syntax::{Node, Value};
use crate::config::text::{Extent, Source};
use crate::diagnostic::{Diagnostic, Related, Severity, Span, code};

/// All datasets of a file.
#[derive(Clone, Copy)]
pub(crate) struct Entries<'v> {
    /// The text.
    pub(crate) source: &'v Source<'v>,
    /// The document.
    pub(crate) root: &'v Node,
    /// What the datasets are resolved against.
    pub(crate) around: Around<'v>,
    /// `sources`, with those that are wrong as a whole left empty.
    pub(crate) sources: &'v [Option<SourceEntry>],
    /// How a key is taken out of the text.
    pub(crate) removals: &'v Removals<'v>,
}

impl<'v> Entries<'v> {
    /// Those that can be looked at.
    pub(crate) fn datasets(&self) -> impl Iterator<Item = DatasetView<'v>> + '_ {
        self.sources.iter().enumerate().filter_map(|(index, entry)| {
            let Value::Sequence(items) = &self.root.entry("sources")?.node.value else { return None };
            Some(DatasetView { all: *self, index, entry: entry.as_ref()?, node: items.get(index)? })
        })
    }

    /// Whether a key of the file has a value in the text.
    pub(crate) fn given(&self, path: &str) -> bool {
        find(self.root, path).is_some_and(|node| !node.is_null())
    }

    /// Reports a finding about a key of the file, or about the nearest section around it in the text.
    pub(crate) fn report(&self, findings: &mut Findings, path: &str, mark: Mark, finding: Diagnostic) {
        let span = self.place(self.root, path, mark);
        let scope = match finding.severity {
            Severity::Error if path.starts_with("platform.silver") => Scope::Silver,
            _ => Scope::File,
        };
        findings.push(scope, finding.at(path, Some(span)));
    }

    /// Reports that a key of the file does nothing where it stands.
    pub(crate) fn idle(&self, findings: &mut Findings, path: &str, why: &str, help: &str) {
        let finding = self.without_effect(path, self.place(self.root, path, Mark::Key), why, help);
        self.report(findings, path, Mark::Key, finding);
    }

    /// A finding about a key that does nothing; `path` is that in the file.
    fn without_effect(&self, path: &str, place: Span, why: &str, help: &str) -> Diagnostic {
        let key = path.rsplit('.').next().unwrap_or(path);
        let finding = Diagnostic::warning(code::CFG024, format!("`{key}` has no effect{why}")).help(help);
        Diagnostic { fix: self.removals.fix(path, place), ..finding }
    }

    fn place(&self, root: &Node, path: &str, mark: Mark) -> Span {
        let mut extent = first(root);
        let mut node = root;
        let mut names = steps(path).peekable();
        while let Some(name) = names.next() {
            let Some((next, key)) = step(node, name) else { break };
            let last = names.peek().is_none();
            extent = if last && matches!(mark, Mark::Value) { next.extent } else { key };
            node = next;
        }
        self.source.span(self.source.first_line(extent))
    }
}

/// One dataset.
#[derive(Clone, Copy)]
pub(crate) struct DatasetView<'v> {
    all: Entries<'v>,
    /// Its place in `sources`.
    pub(crate) index: usize,
    /// Its options.
    pub(crate) entry: &'v SourceEntry,
    node: &'v Node,
}

/// Which part of an entry a finding marks.
#[derive(Clone, Copy)]
pub(crate) enum Mark {
    /// The key.
    Key,
    /// The value.
    Value,
}

impl<'v> DatasetView<'v> {
    /// `source`.
    pub(crate) fn source(&self) -> Option<&'v SourceOptions> {
        self.entry.source.as_ref()
    }
    /// `source.run`.
    pub(crate) fn run(&self) -> Option<&'v RunOptions> {
        self.source()?.run.as_ref()
    }
    /// `silver`.
    pub(crate) fn silver(&self) -> Option<&'v SilverOptions> {
        self.entry.silver.as_ref()
    }
    /// What the dataset is resolved against.
    pub(crate) fn around(&self) -> Around<'v> {
        self.all.around
    }
    /// The load pattern; `None` if it is given and wrong, so that nothing is said about the default.
    pub(crate) fn load_pattern(&self) -> Option<LoadPattern> {
        match self.run().and_then(|run| run.load_pattern) {
            Some(pattern) => Some(pattern.into()),
            None if self.given("source.run.load_pattern") => None,
            None => Some(self.run().map_or(LoadPattern::Full, resolve::load_pattern)),
        }
    }

    /// Whether a key has a value in the text, be it right or wrong.
    pub(crate) fn given(&self, path: &str) -> bool {
        find(self.node, path).is_some_and(|node| !node.is_null())
    }

    /// The first of these keys that has a value in the text.
    pub(crate) fn first_given<'p>(&self, paths: &[&'p str]) -> Option<&'p str> {
        paths.iter().copied().find(|path| self.given(path))
    }

    /// Whether a value is given but wrong, so that nothing is to be said about its absence.
    pub(crate) fn unreadable<T>(&self, path: &str, read: Option<&T>) -> bool {
        read.is_none() && self.given(path)
    }

    /// Whether another key was probably meant to be this one.
    pub(crate) fn misspelt(&self, path: &str, findings: &Findings) -> bool {
        findings.suggested(&format!("sources[{}].{path}", self.index))
    }

    /// The node at a path of keys.
    pub(crate) fn node(&self, path: &[&str]) -> Option<&'v Node> {
        path.iter().try_fold(self.node, |node, key| node.entry(key).map(|entry| &*entry.node))
    }

    /// Reports a finding about `path`, or about the nearest section around it that is in the text.
    pub(crate) fn report(&self, findings: &mut Findings, path: &str, mark: Mark, finding: Diagnostic) {
        let span = self.span(path, mark);
        let scope = if finding.severity == Severity::Error { Scope::Dataset(self.index) } else { Scope::File };
        findings.push(scope, finding.at(format!("sources[{}].{path}", self.index), Some(span)));
    }

    /// Reports that a key does nothing where it stands.
    pub(crate) fn idle(&self, findings: &mut Findings, path: &str, why: &str, help: &str) {
        let whole = format!("sources[{}].{path}", self.index);
        let finding = self.all.without_effect(&whole, self.span(path, Mark::Key), why, help);
        self.report(findings, path, Mark::Key, finding);
    }

    /// Reports a finding about a node found by [`Self::node`].
    pub(crate) fn report_node(&self, findings: &mut Findings, path: &str, node: &Node, finding: Diagnostic) {
        let span = self.all.source.span(self.all.source.first_line(node.extent));
        let scope = if finding.severity == Severity::Error { Scope::Dataset(self.index) } else { Scope::File };
        findings.push(scope, finding.at(format!("sources[{}].{path}", self.index), Some(span)));
    }

    /// The place of `path`, for a finding about another.
    pub(crate) fn related(&self, path: &str, mark: Mark, message: &str) -> Related {
        Related::here(message, self.span(path, mark))
    }

    /// The place of `path`, or of the nearest section around it that is in the text.
    pub(crate) fn span(&self, path: &str, mark: Mark) -> Span {
        self.all.place(self.node, path, mark)
    }
}

/// One step of a path such as `silver.expect[2].columns`.
fn steps(path: &str) -> impl Iterator<Item = &str> {
    path.split(['.', '[']).map(|step| step.trim_end_matches(']')).filter(|step| !step.is_empty())
}

/// What a step leads to, with the place of its key.
fn step<'n>(node: &'n Node, step: &str) -> Option<(&'n Node, Extent)> {
    if let Value::Sequence(items) = &node.value {
        let item = items.get(step.parse::<usize>().ok()?)?;
        return Some((item, first(item)));
    }
    node.entry(step).map(|entry| (&*entry.node, entry.key_extent))
}

fn find<'n>(node: &'n Node, path: &str) -> Option<&'n Node> {
    steps(path).try_fold(node, |node, name| step(node, name).map(|(node, _)| node))
}

fn first(node: &Node) -> Extent {
    node.entries().and_then(<[_]>::first).map_or(node.extent, |entry| entry.key_extent)
}
