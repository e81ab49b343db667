//! Whether the keys that go with a kind of entity are there, and agree with the model.

use super::view::{DatasetView, Mark};
use crate::config::findings::Findings;
use crate::config::options::{Columns, DeleteModeOption, EntityKindOption, ProfileOption, SilverOptions};
use crate::config::resolve;
use crate::config::settings::{LoadPattern, SilverModel};
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(dataset: &DatasetView<'_>, findings: &mut Findings) {
    let Some(silver) = dataset.silver() else { return };
    twice(
        dataset,
        "natural_keys",
        "primary_keys",
        silver.natural_keys.as_ref(),
        silver.primary_keys.as_ref(),
        findings,
    );
    let folders = silver.partitioning.as_ref().and_then(|partitioning| partitioning.columns.as_ref());
    twice(dataset, "partition_by", "partitioning.columns", silver.partition_by.as_ref(), folders, findings);
    match silver.entity_kind {
        Some(kind) => {
            needed(dataset, kind, findings);
            other_kind(dataset, kind, findings);
            model(dataset, silver, kind, findings);
        }
        None if dataset.given("silver.entity_kind") || dataset.misspelt("silver.entity_kind", findings) => return,
        None => {
            for key in ["history_mode", "input_mode", "event_ts_column", "change_ts_column", "events_output_name"] {
                let path = format!("silver.{key}");
                if dataset.given(&path) {
                    let finding = Diagnostic::error(code::CFG038, format!("`{key}` needs `entity_kind`"))
                        .help("add `entity_kind: state` or `event`, or use `model` and `order_column` instead");
                    dataset.report(findings, &path, Mark::Key, finding);
                }
            }
        }
    }
    deletes(dataset, silver, findings);
}

/// One thing under two names.
fn twice(
    dataset: &DatasetView<'_>,
    key: &str,
    other: &str,
    value: Option<&Columns>,
    other_value: Option<&Columns>,
    findings: &mut Findings,
) {
    if let (Some(value), Some(other_value)) = (value, other_value)
        && value != other_value
    {
        let mut finding = Diagnostic::error(code::CFG038, format!("`{key}` and `{other}` mean the same and differ"))
            .help("keep one of the two");
        finding.related.push(dataset.related(&format!("silver.{other}"), Mark::Value, "the other one"));
        dataset.report(findings, &format!("silver.{key}"), Mark::Value, finding);
    }
}

fn needed(dataset: &DatasetView<'_>, kind: EntityKindOption, findings: &mut Findings) {
    let (key, what) = if kind.is_event() {
        ("event_ts_column", "the column with the time of the event")
    } else {
        ("change_ts_column", "the column with the time of the change")
    };
    let path = format!("silver.{key}");
    let ordered = !kind.is_event() && dataset.given("silver.order_column");
    if !dataset.given(&path) && !dataset.misspelt(&path, findings) && !ordered {
        let finding = Diagnostic::error(code::CFG038, format!("`entity_kind: {}` needs `{key}`", kind.as_str()))
            .help(format!("add `{key}:` {what}"));
        dataset.report(findings, "silver.entity_kind", Mark::Value, finding);
    }
}

/// Keys that go with the other kinds.
fn other_kind(dataset: &DatasetView<'_>, kind: EntityKindOption, findings: &mut Findings) {
    let others: &[(&str, &str)] = if kind.is_event() {
        &[("history_mode", "states have a history"), ("order_column", "events are ordered by `event_ts_column`")]
    } else {
        &[("input_mode", "it is for events")]
    };
    for (key, belongs) in others {
        let path = format!("silver.{key}");
        if dataset.given(&path) {
            let finding =
                Diagnostic::error(code::CFG038, format!("`{key}` does not go with `entity_kind: {}`", kind.as_str()))
                    .help(format!("remove it: {belongs}"));
            dataset.report(findings, &path, Mark::Key, finding);
        }
    }
}

fn model(dataset: &DatasetView<'_>, silver: &SilverOptions, kind: EntityKindOption, findings: &mut Findings) {
    let by_kind = resolve::model(silver, LoadPattern::Full);
    let Some(path) = dataset.first_given(&["silver.model", "silver.model_profile"]) else { return };
    let named = silver.model.or_else(|| silver.model_profile.map(ProfileOption::model));
    if let Some(named) = named.filter(|named| named.as_str() != by_kind.as_str()) {
        let mut finding = Diagnostic::error(
            code::CFG021,
            format!("the entity kind makes it `{}`, not `{}`", by_kind.as_str(), named.as_str()),
        )
        .help(format!("remove it: `entity_kind: {}` decides the model, together with `history_mode`", kind.as_str()));
        finding.related.push(dataset.related("silver.entity_kind", Mark::Value, "the entity kind"));
        dataset.report(findings, path, Mark::Value, finding);
    }
}

fn deletes(dataset: &DatasetView<'_>, silver: &SilverOptions, findings: &mut Findings) {
    let (Some(mode), Some(pattern)) = (silver.delete_mode, dataset.load_pattern()) else { return };
    let model = resolve::model(silver, pattern);
    let (fits, name, what) = match mode {
        DeleteModeOption::Ignore => return,
        DeleteModeOption::TombstoneState => {
            (matches!(model, SilverModel::ScdType1 | SilverModel::ScdType2), "tombstone_state", "current rows")
        }
        DeleteModeOption::TombstoneEvent => {
            (matches!(model, SilverModel::DerivedEvent | SilverModel::Event), "tombstone_event", "events")
        }
    };
    if !fits {
        let finding = Diagnostic::error(
            code::CFG038,
            format!("`{name}` is kept among {what}, and `{}` has none", model.as_str()),
        )
        .help("use `ignore`, or remove it: then deleted keys go");
        dataset.report(findings, "silver.delete_mode", Mark::Value, finding);
    }
}
