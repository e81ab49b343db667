//! Whether an expectation has what its check needs.

use super::view::{DatasetView, Mark};
use crate::config::findings::Findings;
use crate::config::options::{CheckOption, ExpectOptions, OnFailOption};
use crate::diagnostic::{Diagnostic, code};

/// Keys that go with a check: those it needs, and others it takes.
const fn keys(check: CheckOption) -> (&'static [&'static str], &'static [&'static str]) {
    match check {
        CheckOption::NotNull | CheckOption::Unique => (&["columns"], &[]),
        CheckOption::InSet => (&["columns", "values"], &[]),
        CheckOption::Range => (&["columns"], &["min", "max"]),
        CheckOption::Regex => (&["columns", "pattern"], &[]),
        CheckOption::Freshness => (&["columns", "max_age_hours"], &[]),
        CheckOption::RowCount => (&[], &["min", "max", "max_change_percent"]),
        CheckOption::Reference => (&["columns", "dataset"], &["dataset_columns"]),
    }
}

/// Keys that go with some checks only.
const SPECIAL: [&str; 9] =
    ["columns", "values", "min", "max", "pattern", "max_age_hours", "max_change_percent", "dataset", "dataset_columns"];

pub(super) fn check(dataset: &DatasetView<'_>, findings: &mut Findings) {
    let Some(silver) = dataset.silver() else { return };
    for (index, expectation) in silver.expect.iter().flatten().enumerate() {
        let Some(check) = expectation.check else { continue };
        let at = format!("silver.expect[{index}]");
        fitting(dataset, &at, check, findings);
        values(dataset, &at, check, expectation, findings);
    }
}

fn fitting(dataset: &DatasetView<'_>, at: &str, check: CheckOption, findings: &mut Findings) {
    let (needed, optional) = keys(check);
    let given = |key: &str| dataset.given(&format!("{at}.{key}"));
    for key in needed.iter().filter(|key| !given(key)) {
        if !dataset.misspelt(&format!("{at}.{key}"), findings) {
            let finding = Diagnostic::error(code::CFG014, format!("`check: {}` needs `{key}`", check.as_str()))
                .help(format!("add `{key}:`"));
            dataset.report(findings, &format!("{at}.check"), Mark::Value, finding);
        }
    }
    if needed.is_empty() || check == CheckOption::Range {
        let bounds: Vec<&str> = optional.iter().copied().filter(|key| given(key)).collect();
        if bounds.is_empty() {
            let names: Vec<String> = optional.iter().map(|key| format!("`{key}`")).collect();
            let finding = Diagnostic::error(code::CFG014, format!("`check: {}` has no bound", check.as_str()))
                .help(format!("add {}", names.join(" or ")));
            dataset.report(findings, &format!("{at}.check"), Mark::Value, finding);
        }
    }
    for key in SPECIAL.iter().filter(|key| !needed.contains(key) && !optional.contains(key) && given(key)) {
        let why = format!(" on `check: {}`", check.as_str());
        dataset.idle(findings, &format!("{at}.{key}"), &why, "remove it");
    }
}

fn values(
    dataset: &DatasetView<'_>,
    at: &str,
    check: CheckOption,
    expectation: &ExpectOptions,
    findings: &mut Findings,
) {
    if let (Some(min), Some(max)) = (expectation.min, expectation.max)
        && min > max
    {
        let finding = Diagnostic::error(code::CFG024, "`min` is greater than `max`").help("swap them");
        dataset.report(findings, &format!("{at}.min"), Mark::Value, finding);
    }
    let whole = match check {
        CheckOption::RowCount | CheckOption::Freshness => Some("no single row is at fault, so none can be set aside"),
        CheckOption::Unique => Some("which of equal rows is at fault cannot be said, so none can be set aside"),
        CheckOption::Reference => Some("rows are not set aside for what another dataset has"),
        _ => None,
    };
    if let Some(whole) = whole
        && expectation.on_fail == Some(OnFailOption::Quarantine)
    {
        let finding = Diagnostic::error(code::CFG024, whole).help("use `on_fail: fail` or `warn`");
        dataset.report(findings, &format!("{at}.on_fail"), Mark::Value, finding);
    }
    if let (Some(columns), Some(others)) = (&expectation.columns, &expectation.dataset_columns)
        && columns.0.len() != others.0.len()
    {
        let finding = Diagnostic::error(code::CFG024, "`columns` and `dataset_columns` are not equally many")
            .help("name for each column its partner, in the same order");
        dataset.report(findings, &format!("{at}.dataset_columns"), Mark::Value, finding);
    }
    if let Some(pattern) = &expectation.pattern
        && regex::Regex::new(pattern).is_err()
    {
        let finding = Diagnostic::error(code::CFG016, "`pattern` is no regular expression")
            .help("write special characters with a backslash before them, and the pattern in single quotes");
        dataset.report(findings, &format!("{at}.pattern"), Mark::Value, finding);
    }
}
