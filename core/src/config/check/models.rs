//! Which Silver model is meant, and whether it goes with the source.

use super::view::{DatasetView, Mark};
use crate::config::findings::Findings;
use crate::config::options::EntityKindOption;
use crate::config::resolve;
use crate::config::settings::{LoadPattern, SilverModel};
use crate::diagnostic::{Diagnostic, Severity, code};

pub(super) fn check(dataset: &DatasetView<'_>, findings: &mut Findings) {
    let (Some(silver), Some(load_pattern)) = (dataset.silver(), dataset.load_pattern()) else { return };
    if let (Some(model), Some(profile)) = (silver.model, silver.model_profile)
        && profile.model() != model
    {
        let mut finding = Diagnostic::error(
            code::CFG021,
            format!("this profile is the model `{}`, not `{}`", profile.model().as_str(), model.as_str()),
        )
        .help("remove one of the two");
        finding.related.push(dataset.related("silver.model", Mark::Value, "the model named here"));
        dataset.report(findings, "silver.model_profile", Mark::Value, finding);
    }
    let Some(place) = place(dataset) else { return };
    let model = resolve::model(silver, load_pattern);
    if model == SilverModel::IncrementalMerge && load_pattern == LoadPattern::CurrentHistory {
        let finding =
            Diagnostic::error(code::CFG024, "`incremental_merge` needs changes, and `current_history` has none")
                .help("use `scd_type_2` or `scd_type_1` for a source that brings its own history");
        dataset.report(findings, place, Mark::Value, finding);
    }
    if silver.entity_kind.is_some_and(EntityKindOption::is_event) && load_pattern == LoadPattern::CurrentHistory {
        let finding = Diagnostic::error(code::CFG024, "events have no bounds, as `current_history` brings them")
            .help("use `entity_kind: state`, or another `run.load_pattern`");
        dataset.report(findings, place, Mark::Value, finding);
    }
    let folders = dataset.around().platform.bronze.as_ref().and_then(|bronze| bronze.partitioning.as_ref());
    let one_partition = folders.and_then(|folders| folders.use_dt_partition) == Some(false);
    let alone = matches!(model, SilverModel::PeriodicSnapshot | SilverModel::FullMergeDedupe | SilverModel::Event);
    if one_partition && !alone && load_pattern != LoadPattern::CurrentHistory {
        let finding = Diagnostic::error(
            code::CFG024,
            format!("`{}` compares days, but `use_dt_partition: false` keeps only one partition", model.as_str()),
        )
        .help("remove `platform.bronze.partitioning.use_dt_partition: false`, or choose `model: periodic_snapshot`");
        dataset.report(findings, place, Mark::Value, finding);
    }
    let folds =
        matches!(model, SilverModel::ScdType1 | SilverModel::ScdType2 | SilverModel::Event | SilverModel::DerivedEvent);
    let retention = dataset.around().platform.bronze.as_ref().is_some_and(|bronze| bronze.retention.is_some());
    if retention && folds && load_pattern != LoadPattern::CurrentHistory {
        let finding = Diagnostic::new(
            code::CFG024,
            Severity::Info,
            format!("`{}` is made of all Bronze up to its date, so `retention` removes none of it", model.as_str()),
        )
        .help("that is safe; to save space, choose a model that needs its own partition only");
        dataset.report(findings, place, Mark::Value, finding);
    }
}

/// The key that decides the model; `None` if it is given and wrong, so that nothing is said about the default.
pub(super) fn place(dataset: &DatasetView<'_>) -> Option<&'static str> {
    let silver = dataset.silver()?;
    let unreadable = dataset.unreadable("silver.entity_kind", silver.entity_kind.as_ref())
        || dataset.unreadable("silver.history_mode", silver.history_mode.as_ref());
    if unreadable {
        return None;
    }
    if silver.entity_kind.is_some() {
        return Some("silver.entity_kind");
    }
    let named = dataset.first_given(&["silver.model", "silver.model_profile"]);
    match named {
        Some(_) if silver.model.is_none() && silver.model_profile.is_none() => None,
        Some(path) => Some(path),
        None => Some("silver.model"),
    }
}
