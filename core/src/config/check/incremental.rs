//! Whether an incremental extract brings what its load pattern promises.

use super::view::{DatasetView, Mark};
use crate::config::findings::Findings;
use crate::config::options::{EntityKindOption, PaginationType, SourceKind};
use crate::config::settings::LoadPattern;
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(dataset: &DatasetView<'_>, findings: &mut Findings) {
    let Some(source) = dataset.source() else { return };
    let section = match source.kind {
        Some(SourceKind::Api) => "source.api.incremental",
        Some(SourceKind::Db) => "source.db.incremental",
        _ => return,
    };
    let api = source.api.as_ref().and_then(|api| api.incremental.as_ref());
    let db = source.db.as_ref().and_then(|db| db.incremental.as_ref());
    let enabled = match source.kind {
        Some(SourceKind::Api) => api.is_some_and(|incremental| incremental.enabled != Some(false)),
        _ => db.is_some_and(|incremental| incremental.enabled != Some(false)),
    };
    if !enabled {
        return;
    }
    pattern(dataset, section, findings);
    if let (Some(incremental), Some(api)) = (api, &source.api)
        && incremental.cursor_param.is_none()
    {
        let windows = api.pagination.as_ref().is_some_and(|pages| pages.kind == Some(PaginationType::Window));
        let path = "source.api.incremental.cursor_param";
        if !windows && !dataset.given(path) && !dataset.misspelt(path, findings) {
            let finding =
                Diagnostic::error(code::CFG034, "nothing carries the cursor, so every run would ask for everything")
                    .help("add `cursor_param:` the parameter that carries it, for example `updated_since`");
            dataset.report(findings, path, Mark::Key, finding);
        }
    }
}

/// A partition of `full` is the whole state: rows that are not in it would count as deleted.
fn pattern(dataset: &DatasetView<'_>, section: &str, findings: &mut Findings) {
    let Some(pattern) = dataset.load_pattern().filter(|pattern| *pattern != LoadPattern::Cdc) else { return };
    let events = dataset.silver().is_some_and(|silver| silver.entity_kind.is_some_and(EntityKindOption::is_event));
    if events {
        return;
    }
    let what = if pattern == LoadPattern::Full { "whole state" } else { "whole history" };
    let mut finding = Diagnostic::error(
        code::CFG034,
        format!("an incremental extract brings a part, but a partition of `{}` is the {what}", pattern.as_str()),
    )
    .help("set `run.load_pattern: cdc`: each partition is a list of changes");
    if dataset.given("source.run.load_pattern") {
        finding.related.push(dataset.related("source.run.load_pattern", Mark::Value, "the load pattern"));
    }
    dataset.report(findings, section, Mark::Key, finding);
}
