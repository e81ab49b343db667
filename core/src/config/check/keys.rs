//! Whether the Silver model has the columns it needs.

use super::models;
use super::view::{DatasetView, Mark};
use crate::config::findings::Findings;
use crate::config::resolve;
use crate::config::settings::{LoadPattern, SilverModel};
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(dataset: &DatasetView<'_>, findings: &mut Findings) {
    let (Some(silver), Some(load_pattern)) = (dataset.silver(), dataset.load_pattern()) else { return };
    let Some(place) = models::place(dataset) else { return };
    let model = resolve::model(silver, load_pattern);
    let names_none =
        |columns: Option<&crate::config::options::Columns>| columns.is_some_and(|columns| columns.0.is_empty());
    let keyless = ["silver.primary_keys", "silver.natural_keys"]
        .iter()
        .all(|path| !dataset.given(path) && !dataset.misspelt(path, findings))
        || names_none(silver.primary_keys.as_ref().or(silver.natural_keys.as_ref()));
    if model != SilverModel::PeriodicSnapshot && keyless {
        let finding = Diagnostic::error(code::CFG022, format!("`{}` needs `primary_keys`", model.as_str()))
            .help("add `primary_keys: [column, …]` under `silver`: the columns that name a row");
        dataset.report(findings, place, Mark::Value, finding);
    }
    let ordered = ["silver.order_column", "silver.change_ts_column"]
        .iter()
        .any(|path| dataset.given(path) || dataset.misspelt(path, findings));
    // A kind of entity says itself which time it needs.
    if model == SilverModel::ScdType2 && !ordered && silver.entity_kind.is_none() {
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
}
