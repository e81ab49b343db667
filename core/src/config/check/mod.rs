//! What is wrong with a document: first each value against the schema ([`walk`]), then what only
//! several values together can show, one file for each kind of finding.

mod api;
mod auth;
mod columns;
mod custom;
mod db;
mod effects;
mod expectations;
mod file;
mod formats;
mod incremental;
mod join;
mod keys;
mod kinds;
mod levels;
mod models;
mod names;
mod pagination;
mod partitions;
mod paths;
mod scalar;
mod scope;
mod storage;
mod view;
pub(crate) mod walk;
mod webhooks;

pub(crate) use paths::{Claim, between_files, claims};
pub(crate) use view::Entries;

use super::findings::Findings;

/// All rules over several values of one file.
pub(crate) fn rules(entries: &Entries<'_>, findings: &mut Findings) {
    for dataset in entries.datasets() {
        api::check(&dataset, findings);
        auth::check(&dataset, findings);
        pagination::check(&dataset, findings);
        db::check(&dataset, findings);
        file::check(&dataset, findings);
        custom::check(&dataset, findings);
        incremental::check(&dataset, findings);
        partitions::check(&dataset, findings);
        kinds::check(&dataset, findings);
        models::check(&dataset, findings);
        keys::check(&dataset, findings);
        columns::check(&dataset, findings);
        expectations::check(&dataset, findings);
        formats::check(&dataset, findings);
        effects::check(&dataset, findings);
    }
    storage::check(entries, findings);
    scope::check(entries, findings);
    levels::check(entries, findings);
    webhooks::check(entries, findings);
    join::check(entries, findings);
    names::check(entries, findings);
    paths::check(entries, findings);
}
