//! Settings that contradict others, or have no effect beside them.

use super::view::{DatasetView, Mark};
use crate::config::findings::Findings;
use crate::config::forms;
use crate::config::options::{Columns, SilverOptions, SourceKind};
use crate::config::settings::LoadPattern;
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(dataset: &DatasetView<'_>, findings: &mut Findings) {
    run(dataset, findings);
    if let Some(silver) = dataset.silver() {
        self::silver(dataset, silver, findings);
    }
}

/// Keys of `source.run` that do nothing for this kind of source, or without another key.
fn run(dataset: &DatasetView<'_>, findings: &mut Findings) {
    let Some(kind) = dataset.source().and_then(|source| source.kind) else { return };
    let address = dataset.source().and_then(|source| source.file.as_ref()?.path.as_deref()).and_then(forms::scheme);
    let web = address.is_some_and(|scheme| ["http", "https"].iter().any(|web| web.eq_ignore_ascii_case(scheme)));
    let file = kind == SourceKind::File && !web;
    let pages = kind == SourceKind::Api;
    let requests = matches!(kind, SourceKind::Api | SourceKind::Db);
    let name = match kind {
        SourceKind::Api => "an API",
        SourceKind::Db => "a database",
        SourceKind::File => "a file",
        SourceKind::Custom => "an extractor of your own",
    };
    for (key, used) in [
        ("timeout_seconds", !file),
        ("retry", !file),
        ("rate_limit_hz", requests),
        ("rate_limit_burst", requests),
        ("use_async", pages),
        ("prefetch_pages", pages),
        ("null_values", kind == SourceKind::File),
    ] {
        let path = format!("source.run.{key}");
        if !used && dataset.given(&path) {
            dataset.idle(findings, &path, &format!(" on {name}"), "remove it");
        }
    }
    let run = dataset.run();
    if pages && dataset.given("source.run.prefetch_pages") && run.and_then(|run| run.use_async) != Some(true) {
        let why = ", because `use_async` is not true";
        dataset.idle(findings, "source.run.prefetch_pages", why, "remove it, or set `use_async: true`");
    }
    if requests && dataset.given("source.run.rate_limit_burst") && !dataset.given("source.run.rate_limit_hz") {
        dataset.idle(
            findings,
            "source.run.rate_limit_burst",
            " without `rate_limit_hz`",
            "add `rate_limit_hz`, or remove it",
        );
    }
    if let Some(retry) = run.and_then(|run| run.retry.as_ref())
        && let (Some(base), Some(most)) = (retry.base_seconds, retry.max_seconds)
        && base > most
    {
        let finding = Diagnostic::error(code::CFG024, "`base_seconds` is greater than `max_seconds`").help("swap them");
        dataset.report(findings, "source.run.retry.base_seconds", Mark::Value, finding);
    }
}

fn silver(dataset: &DatasetView<'_>, silver: &SilverOptions, findings: &mut Findings) {
    if silver.validity.is_some() && dataset.load_pattern().is_some_and(|pattern| pattern != LoadPattern::CurrentHistory)
    {
        let why = ", because the load pattern is not `current_history`";
        dataset.idle(findings, "silver.validity", why, "remove it, or set `source.run.load_pattern: current_history`");
    }
    if silver.cdc.is_some() && dataset.load_pattern().is_some_and(|pattern| pattern != LoadPattern::Cdc) {
        let why = ", because the load pattern is not `cdc`";
        dataset.idle(findings, "silver.cdc", why, "remove it, or set `source.run.load_pattern: cdc`");
    }
    let codes = silver.cdc.iter().flat_map(|cdc| {
        [("insert_codes", &cdc.insert_codes), ("update_codes", &cdc.update_codes), ("delete_codes", &cdc.delete_codes)]
    });
    let mut seen: Vec<(String, &str)> = Vec::new();
    for (key, list) in codes {
        for code in list.iter().flat_map(|Columns(codes)| codes) {
            let folded = code.to_lowercase();
            if seen.iter().any(|(other, of)| *other == folded && *of != key) {
                let finding = Diagnostic::error(code::CFG024, "a code stands for two operations")
                    .help("codes are compared without regard to case; each means one thing");
                dataset.report(findings, &format!("silver.cdc.{key}"), Mark::Value, finding);
            }
            seen.push((folded, key));
        }
    }
    let load_partition = silver.load_partition_name.as_deref().unwrap_or("load_date");
    let folders = silver.partitioning.as_ref().and_then(|partitioning| partitioning.columns.as_ref());
    let columns = folders.or(silver.partition_by.as_ref());
    if columns.is_some_and(|Columns(columns)| columns.iter().any(|column| column == load_partition)) {
        let finding = Diagnostic::error(code::CFG024, "a partition column has the name of the load partition")
            .help("rename the column in `schema.rename_map`, or choose another `load_partition_name`");
        let path = if folders.is_some() { "silver.partitioning.columns" } else { "silver.partition_by" };
        dataset.report(findings, path, Mark::Value, finding);
    }
    if let Some(errors) = &silver.error_handling
        && errors.enabled != Some(true)
        && !(errors.enabled.is_none() && dataset.given("silver.error_handling.enabled"))
    {
        for (key, limit) in [
            ("max_bad_records", errors.max_bad_records.is_some_and(|most| most > 0)),
            ("max_bad_percent", errors.max_bad_percent.is_some_and(|most| most > 0.0)),
        ] {
            if limit {
                let path = format!("silver.error_handling.{key}");
                let help = "without `enabled: true` no bad row is tolerated";
                dataset.idle(findings, &path, ", because `enabled` is not true", help);
            }
        }
    }
}
