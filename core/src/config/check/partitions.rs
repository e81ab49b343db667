//! Whether the keys that name Bronze partitions go with the partition strategy.

use super::view::{DatasetView, Mark};
use crate::config::findings::Findings;
use crate::config::options::PartitionStrategyOption;
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(dataset: &DatasetView<'_>, findings: &mut Findings) {
    let folders = dataset.around().platform.bronze.as_ref().and_then(|bronze| bronze.partitioning.as_ref());
    let strategy = folders.and_then(|folders| folders.partition_strategy);
    if dataset.given("source.run.batch_id") && strategy != Some(PartitionStrategyOption::BatchId) {
        let finding = Diagnostic::error(code::CFG024, "`batch_id` needs `partition_strategy: batch_id`").help(
            "set `platform.bronze.partitioning.partition_strategy: batch_id`; without it the extracts of a day replace each other",
        );
        dataset.report(findings, "source.run.batch_id", Mark::Key, finding);
    }
    if dataset.given("source.run.pattern_folder") && folders.is_some_and(|of| of.use_pattern_folder == Some(false)) {
        let why = ", because `use_pattern_folder` is false";
        dataset.idle(findings, "source.run.pattern_folder", why, "remove it");
    }
    let reference = dataset.run().and_then(|run| run.reference_mode.as_ref());
    if reference.is_some_and(|reference| {
        reference.enabled != Some(false)
            && reference.role == Some(crate::config::options::ReferenceRoleOption::Auto)
            && reference.cadence_days.is_none()
    }) && !dataset.given("source.run.reference_mode.cadence_days")
    {
        let finding = Diagnostic::error(code::CFG014, "`role: auto` needs `cadence_days`")
            .help("add `cadence_days: 7`: the days from one reference to the next");
        dataset.report(findings, "source.run.reference_mode.role", Mark::Value, finding);
    }
}
