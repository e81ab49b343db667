//! What is wrong with a document: first each value against the schema ([`walk`]), then what only
//! several values together can show, one file for each kind of finding.

mod effects;
mod file;
mod formats;
mod keys;
mod models;
mod names;
mod paths;
mod scalar;
mod view;
pub(crate) mod walk;

pub(crate) use paths::{Claim, between_files, claims};
pub(crate) use view::Entries;

use super::findings::Findings;

/// All rules over several values of one file.
pub(crate) fn rules(entries: &Entries<'_>, findings: &mut Findings) {
    for dataset in entries.datasets() {
        models::check(&dataset, findings);
        keys::check(&dataset, findings);
        formats::check(&dataset, findings);
        file::check(&dataset, findings);
        effects::check(&dataset, findings);
    }
    names::check(entries, findings);
    paths::check(entries, findings);
}
