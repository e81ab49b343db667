//! Whether the Silver model has the columns it needs, under the names it needs.

use super::view::{DatasetView, Mark};
use crate::config::findings::Findings;
use crate::config::options::{Columns, ModelOption};
use crate::config::resolve;
use crate::config::settings::LoadPattern;
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(dataset: &DatasetView<'_>, findings: &mut Findings) {
    let (Some(silver), Some(load_pattern)) = (dataset.silver(), dataset.load_pattern()) else { return };
    let model = resolve::model(silver, load_pattern);
    let named = dataset.given("silver.model") || dataset.given("silver.model_profile");
    let known = silver.model.is_some() || silver.model_profile.is_some() || !named;
    let place = if dataset.given("silver.model") { "silver.model" } else { "silver.model_profile" };
    let keyless =
        !dataset.given("silver.primary_keys") || silver.primary_keys.as_ref().is_some_and(|keys| keys.0.is_empty());
    let misspelt = |key: &str| findings.suggested(&format!("sources[{}].silver.{key}", dataset.index));
    let (misspelt_keys, misspelt_order) = (misspelt("primary_keys"), misspelt("order_column"));
    if known && model != ModelOption::PeriodicSnapshot && keyless && !misspelt_keys {
        let finding = Diagnostic::error(code::CFG022, format!("`{}` needs `primary_keys`", model.as_str()))
            .help("add `primary_keys: [column, …]` under `silver`: the columns that name a row");
        dataset.report(findings, place, Mark::Value, finding);
    }
    if known && model == ModelOption::ScdType2 && !dataset.given("silver.order_column") && !misspelt_order {
        let text = "`scd_type_2` has no `order_column`";
        let finding = if load_pattern == LoadPattern::CurrentHistory {
            Diagnostic::error(code::CFG022, text)
                .help("add `order_column: <column>`: the column that orders the versions of a key")
        } else {
            Diagnostic::warning(code::CFG022, text)
                .help("versions will start at the date of their Bronze partition; `order_column: <column>` gives them the source's own time")
        };
        dataset.report(findings, place, Mark::Value, finding);
    }
    renamed(dataset, findings);
}

/// Columns are named as they are called after `rename_map`.
fn renamed(dataset: &DatasetView<'_>, findings: &mut Findings) {
    let Some(silver) = dataset.silver() else { return };
    let Some(map) = silver.schema.as_ref().and_then(|schema| schema.rename_map.as_ref()) else { return };
    let gone =
        |column: &str| map.get(column).filter(|new| *new != column && !map.values().any(|target| target == column));
    let one = |column: &Option<String>| column.iter().cloned().collect();
    let many = |columns: Option<&Columns>| columns.map(|columns| columns.0.clone()).unwrap_or_default();
    let used: [(&str, Vec<String>); 7] = [
        ("silver.primary_keys", many(silver.primary_keys.as_ref())),
        ("silver.order_column", many(silver.order_column.as_ref())),
        ("silver.soft_delete_column", one(&silver.soft_delete_column)),
        ("silver.ignore_changes", many(silver.ignore_changes.as_ref())),
        ("silver.cdc.operation_column", silver.cdc.as_ref().map(|cdc| one(&cdc.operation_column)).unwrap_or_default()),
        (
            "silver.partitioning.columns",
            many(silver.partitioning.as_ref().and_then(|options| options.columns.as_ref())),
        ),
        ("silver.schema.column_order", many(silver.schema.as_ref().and_then(|schema| schema.column_order.as_ref()))),
    ];
    for (path, columns) in used {
        for column in columns {
            if gone(&column).is_some() {
                let mut finding =
                    Diagnostic::error(code::CFG024, "a column is named here as it is called before `rename_map`").help(
                        "use the new name: everything in `silver` names columns as they are called after renaming",
                    );
                finding.related.push(dataset.related("silver.schema.rename_map", Mark::Key, "renamed here"));
                dataset.report(findings, path, Mark::Value, finding);
            }
        }
    }
    let mut targets: Vec<&str> = Vec::new();
    for (old, new) in map {
        if targets.contains(&new.as_str())
            && let Some(node) = dataset.node(&["silver", "schema", "rename_map", old])
        {
            let finding = Diagnostic::error(code::CFG024, "another column is renamed to the same name")
                .help("give each column a name of its own");
            dataset.report_node(findings, "silver.schema.rename_map", node, finding);
        }
        targets.push(new);
    }
}
