//! The list of what was found in one file, and which datasets it keeps from running.

use std::collections::{BTreeSet, HashSet};

use super::ignore::Ignores;
use super::path::Scope;
use super::text::Source;
use crate::diagnostic::{Code, Diagnostic, Severity, code};

/// More findings than this help nobody, and a broken file of megabytes would have millions.
pub(super) const MOST: usize = 1_000;

/// Collects findings.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Diagnostic>,
    seen: HashSet<(Code, u32, u32, String)>,
    blame: Blame,
    suggested: HashSet<String>,
}

/// Which datasets have errors.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blame {
    file: bool,
    silver: bool,
    datasets: BTreeSet<usize>,
}

impl Blame {
    /// Whether dataset `index` can run.
    pub(crate) fn spares(&self, index: usize, has_silver: bool) -> bool {
        let concerned = self.file || (self.silver && has_silver) || self.datasets.contains(&index);
        !concerned
    }
}

impl Findings {
    /// Adds a finding that concerns `scope`. What stands behind an anchor is reported once, however
    /// often it is used.
    pub(crate) fn push(&mut self, scope: Scope, finding: Diagnostic) {
        if finding.severity == Severity::Error {
            match scope {
                Scope::File => self.blame.file = true,
                Scope::Silver => self.blame.silver = true,
                Scope::Dataset(index) => {
                    self.blame.datasets.insert(index);
                }
            }
        }
        if self.list.len() >= MOST {
            // Nobody looks further, so nothing after this is known to be right.
            self.blame.file = true;
            return;
        }
        let place = finding.span.map_or((u32::MAX, u32::MAX), |span| (span.start, span.end));
        if self.seen.insert((finding.code, place.0, place.1, finding.message.clone())) {
            self.list.push(finding);
            self.blame.file |= self.full();
        }
    }

    /// Remembers that a wrong key was probably meant to be the key at `path`, so that nobody is told
    /// in addition that this one is missing.
    pub(crate) fn suggest(&mut self, path: String) {
        self.suggested.insert(path);
    }

    /// Whether a wrong key was probably meant to be this one.
    pub(crate) fn suggested(&self, path: &str) -> bool {
        self.suggested.contains(path)
    }

    /// Whether nothing more will be listed, so that looking further is of no use.
    pub(crate) fn full(&self) -> bool {
        self.list.len() >= MOST
    }

    /// Takes back findings of these codes: what is missing in a part is perhaps in the rest.
    pub(crate) fn take_back(&mut self, codes: &[Code]) {
        self.list.retain(|finding| !codes.contains(&finding.code));
    }

    /// Who is kept from running.
    pub(crate) const fn blame(&self) -> &Blame {
        &self.blame
    }

    /// Leaves out what comments in the text ask to leave out. Called once, after everything was found.
    pub(crate) fn obey(&mut self, source: &Source<'_>) {
        if !self.full() {
            Ignores::of(source).apply(source, &mut self.list);
        }
    }

    /// All of them, in the order of the text; those without a place first.
    /// `file` is the name of the first text of `source`.
    pub(crate) fn finish(mut self, file: &str, source: &Source<'_>) -> Vec<Diagnostic> {
        if self.full() {
            let note =
                Diagnostic::new(code::CFG027, Severity::Info, format!("only the first {MOST} findings are listed"))
                    .help("mend some of them, and the others come");
            self.list.push(note);
        }
        self.list.sort_by_key(|finding| finding.span.map(|span| (span.start, span.end)));
        for finding in &mut self.list {
            source.settle(finding, file);
        }
        self.list
    }
}
