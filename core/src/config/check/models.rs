//! Which Silver model is meant, and whether it goes with the source.

use super::view::{DatasetView, Mark};
use crate::config::findings::Findings;
use crate::config::options::ModelOption;
use crate::config::resolve;
use crate::config::settings::LoadPattern;
use crate::diagnostic::{Diagnostic, code};

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
    let named = dataset.given("silver.model") || dataset.given("silver.model_profile");
    let wrong = named && silver.model.is_none() && silver.model_profile.is_none();
    if wrong {
        return;
    }
    let model = resolve::model(silver, load_pattern);
    if model == ModelOption::IncrementalMerge && load_pattern == LoadPattern::CurrentHistory {
        let finding =
            Diagnostic::error(code::CFG024, "`incremental_merge` needs changes, and `current_history` has none")
                .help("use `scd_type_2` or `scd_type_1` for a source that brings its own history");
        dataset.report(
            findings,
            if dataset.given("silver.model") { "silver.model" } else { "silver.model_profile" },
            Mark::Value,
            finding,
        );
    }
    let available = matches!(model, ModelOption::PeriodicSnapshot | ModelOption::ScdType1);
    // A model that is named was looked at by the walk.
    if silver.model.is_none() && !available {
        let (place, what) = match silver.model_profile {
            Some(_) => ("silver.model_profile", "the model of this profile".to_owned()),
            None => ("silver.model", format!("the default model for `{}`", load_pattern.as_str())),
        };
        let finding = Diagnostic::error(code::CFG018, format!("`{}`, {what}, is not available in this version", model.as_str()))
            .help("choose `model: scd_type_1` (the last state of each key) or `model: periodic_snapshot` (the partition as it is)");
        dataset.report(findings, place, Mark::Value, finding);
    }
    if model == ModelOption::ScdType1 && load_pattern == LoadPattern::CurrentHistory {
        let finding = Diagnostic::error(
            code::CFG018,
            "`scd_type_1` of a source that brings its own history is not available in this version",
        )
        .help("choose `model: periodic_snapshot`, which keeps every version the source delivers");
        let place = if dataset.given("silver.model") { "silver.model" } else { "silver.model_profile" };
        dataset.report(findings, place, Mark::Value, finding);
    }
    let folders = dataset.around().platform.bronze.as_ref().and_then(|bronze| bronze.partitioning.as_ref());
    if folders.and_then(|folders| folders.use_dt_partition) == Some(false)
        && !matches!(model, ModelOption::PeriodicSnapshot | ModelOption::FullMergeDedupe)
        && load_pattern != LoadPattern::CurrentHistory
    {
        let finding = Diagnostic::error(
            code::CFG024,
            format!("`{}` compares days, but `use_dt_partition: false` keeps only one partition", model.as_str()),
        )
        .help("remove `platform.bronze.partitioning.use_dt_partition: false`, or choose `model: periodic_snapshot`");
        dataset.report(findings, "silver.model", Mark::Value, finding);
    }
}
