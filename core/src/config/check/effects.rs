//! Settings that contradict others, or have no effect beside them.

use super::view::{DatasetView, Mark};
use crate::config::findings::Findings;
use crate::config::options::Columns;
use crate::config::settings::LoadPattern;
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(dataset: &DatasetView<'_>, findings: &mut Findings) {
    let Some(silver) = dataset.silver() else { return };
    if silver.cdc.is_some() && dataset.load_pattern().is_some_and(|pattern| pattern != LoadPattern::Cdc) {
        let finding = Diagnostic::warning(code::CFG024, "`cdc` has no effect, because the load pattern is not `cdc`")
            .help("remove it, or set `source.run.load_pattern: cdc`");
        dataset.report(findings, "silver.cdc", Mark::Key, finding);
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
    let columns = silver.partitioning.as_ref().and_then(|partitioning| partitioning.columns.as_ref());
    if columns.is_some_and(|Columns(columns)| columns.iter().any(|column| column == load_partition)) {
        let finding = Diagnostic::error(code::CFG024, "a partition column has the name of the load partition")
            .help("rename the column in `schema.rename_map`, or choose another `load_partition_name`");
        dataset.report(findings, "silver.partitioning.columns", Mark::Value, finding);
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
                let finding =
                    Diagnostic::warning(code::CFG024, format!("`{key}` has no effect, because `enabled` is not true"))
                        .help("without `enabled: true` no bad row is tolerated");
                dataset.report(findings, &format!("silver.error_handling.{key}"), Mark::Key, finding);
            }
        }
    }
}
