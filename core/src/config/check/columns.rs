//! Whether columns are named as they are called where they are named, and no two alike.

use super::view::{DatasetView, Mark};
use crate::config::findings::Findings;
use crate::config::options::{Columns, SilverOptions};
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(dataset: &DatasetView<'_>, findings: &mut Findings) {
    let Some(silver) = dataset.silver() else { return };
    renamed(dataset, silver, findings);
    outputs(dataset, silver, findings);
}

/// Columns are named as they are called after `rename_map`.
fn renamed(dataset: &DatasetView<'_>, silver: &SilverOptions, findings: &mut Findings) {
    let Some(map) = silver.schema.as_ref().and_then(|schema| schema.rename_map.as_ref()) else { return };
    let gone =
        |column: &str| map.get(column).filter(|new| *new != column && !map.values().any(|target| target == column));
    for (path, columns) in named(silver) {
        for column in columns {
            if gone(&column).is_some() {
                let mut finding =
                    Diagnostic::error(code::CFG024, "a column is named here as it is called before `rename_map`").help(
                        "use the new name: everything in `silver` names columns as they are called after renaming",
                    );
                finding.related.push(dataset.related("silver.schema.rename_map", Mark::Key, "renamed here"));
                dataset.report(findings, &path, Mark::Value, finding);
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

/// Every place that names columns after renaming, with the columns.
fn named(silver: &SilverOptions) -> Vec<(String, Vec<String>)> {
    let one = |column: Option<&String>| column.cloned().into_iter().collect::<Vec<_>>();
    let many = |columns: Option<&Columns>| columns.map(|columns| columns.0.clone()).unwrap_or_default();
    let validity = silver.validity.as_ref();
    let mut places = vec![
        ("silver.primary_keys".to_owned(), many(silver.primary_keys.as_ref())),
        ("silver.natural_keys".to_owned(), many(silver.natural_keys.as_ref())),
        ("silver.order_column".to_owned(), many(silver.order_column.as_ref())),
        ("silver.event_ts_column".to_owned(), one(silver.event_ts_column.as_ref())),
        ("silver.change_ts_column".to_owned(), one(silver.change_ts_column.as_ref())),
        ("silver.attributes".to_owned(), many(silver.attributes.as_ref())),
        ("silver.soft_delete_column".to_owned(), one(silver.soft_delete_column.as_ref())),
        ("silver.ignore_changes".to_owned(), many(silver.ignore_changes.as_ref())),
        (
            "silver.cdc.operation_column".to_owned(),
            one(silver.cdc.as_ref().and_then(|cdc| cdc.operation_column.as_ref())),
        ),
        ("silver.validity.from_column".to_owned(), one(validity.and_then(|columns| columns.from_column.as_ref()))),
        ("silver.validity.to_column".to_owned(), one(validity.and_then(|columns| columns.to_column.as_ref()))),
        (
            "silver.validity.current_column".to_owned(),
            one(validity.and_then(|columns| columns.current_column.as_ref())),
        ),
        (
            "silver.partitioning.columns".to_owned(),
            many(silver.partitioning.as_ref().and_then(|options| options.columns.as_ref())),
        ),
        ("silver.partition_by".to_owned(), many(silver.partition_by.as_ref())),
        (
            "silver.schema.column_order".to_owned(),
            many(silver.schema.as_ref().and_then(|schema| schema.column_order.as_ref())),
        ),
    ];
    for (index, expectation) in silver.expect.iter().flatten().enumerate() {
        places.push((format!("silver.expect[{index}].columns"), many(expectation.columns.as_ref())));
    }
    places
}

/// The datasets of one load have names of their own.
fn outputs(dataset: &DatasetView<'_>, silver: &SilverOptions, findings: &mut Findings) {
    let current = silver.current_output_name.as_deref().unwrap_or("current");
    let history = silver.history_output_name.as_deref().unwrap_or("history");
    if current == history
        && let Some(path) = dataset.first_given(&["silver.history_output_name", "silver.current_output_name"])
    {
        let finding = Diagnostic::error(code::CFG024, "current rows and history would have one name")
            .help("give them different names");
        dataset.report(findings, path, Mark::Value, finding);
    }
}
