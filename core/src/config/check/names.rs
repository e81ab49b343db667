//! A name selects one dataset of a file.

use super::view::{DatasetView, Entries, Mark};
use crate::config::findings::Findings;
use crate::config::resolve;
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(entries: &Entries<'_>, findings: &mut Findings) {
    let mut seen: Vec<(String, DatasetView<'_>)> = Vec::new();
    for dataset in entries.datasets() {
        let Some(name) = resolve::name(dataset.entry) else { continue };
        if let Some((_, first)) = seen.iter().find(|(other, _)| *other == name) {
            let mut finding = Diagnostic::error(code::CFG029, "another dataset of this file has the same name")
                .help("give it a `name` of its own; without one a dataset is called `<system>.<table>`");
            finding.related.push(first.related("name", Mark::Value, "first used here"));
            dataset.report(findings, "name", Mark::Value, finding);
        } else {
            seen.push((name, dataset));
        }
    }
}
