//! Whether a join has two sides, and one way to match them.

use super::view::{Entries, Mark};
use crate::config::findings::Findings;
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(entries: &Entries<'_>, findings: &mut Findings) {
    for side in ["left", "right"] {
        let at = |key: &str| format!("silver_join.{side}{}{key}", if key.is_empty() { "" } else { "." });
        if !entries.given(&at("")) {
            continue;
        }
        let finding = match (entries.given(&at("dataset")), entries.given(&at("path"))) {
            (true, true) => {
                Diagnostic::error(code::CFG024, "a dataset and a folder are given").help("keep one of the two")
            }
            (false, false) if !findings.suggested(&at("dataset")) && !findings.suggested(&at("path")) => {
                Diagnostic::error(code::CFG014, "nothing says what is joined")
                    .help("add `dataset: orders`, the name of a dataset, or `path`, the folder of one")
            }
            _ => continue,
        };
        entries.report(findings, &at(""), Mark::Key, finding);
    }
    let given = |key: &str| entries.given(&format!("silver_join.output.{key}"));
    if given("join_keys") && given("join_key_pairs") {
        let finding = Diagnostic::error(code::CFG024, "keys are given twice")
            .help("keep `join_keys` for equal names, or `join_key_pairs`");
        entries.report(findings, "silver_join.output.join_keys", Mark::Key, finding);
    }
    if given("model") && given("model_profile") {
        let finding =
            Diagnostic::error(code::CFG021, "the model is given by name and by purpose").help("remove one of the two");
        entries.report(findings, "silver_join.output.model_profile", Mark::Key, finding);
    }
}
