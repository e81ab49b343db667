//! Environment variables: one check for each that a config uses, with every place of use. Values are
//! never shown.

use std::collections::{BTreeMap, HashSet};

use super::findings::{is_about_a_variable, known};
use super::{About, Patient, Probe, Subject, Verdict};
use crate::api::wire::CheckGroup;
use crate::config::{LoadedFile, VariableUse};
use crate::diagnostic::{Diagnostic, code};
use crate::error::Stage;

/// Places named in one line at most.
const PLACES: usize = 5;

pub(super) fn probes(patient: &Patient) -> Vec<Box<dyn Probe>> {
    let mut uses: BTreeMap<&str, Vec<(&LoadedFile, &VariableUse)>> = BTreeMap::new();
    // Several files may be made of the same one.
    let mut seen = HashSet::new();
    for subject in &patient.files {
        for used in &subject.survey.uses {
            let is_secret = |finding: &Diagnostic| finding.code == code::CFG030 && is_at(used, finding);
            if !subject.file.diagnostics.iter().any(is_secret) && seen.insert((&used.file, used.span, &used.name)) {
                uses.entry(&used.name).or_default().push((&subject.file, used));
            }
        }
    }
    let mut probes: Vec<Box<dyn Probe>> = uses.into_iter().map(|(name, uses)| variable(name, &uses)).collect();
    // What the survey cannot see, such as a place in text that is no YAML, is told as it was found.
    for Subject { file, survey, .. } in &patient.files {
        for finding in file.diagnostics.iter().filter(|finding| is_about_a_variable(finding)) {
            if !survey.uses.iter().any(|used| !used.by_key && is_at(used, finding)) {
                let about = About {
                    group: CheckGroup::Environment,
                    title: if finding.path.is_empty() { finding.file.clone() } else { finding.path.clone() },
                    datasets: Vec::new(),
                    file: finding.file.clone(),
                    span: finding.span,
                };
                probes.push(known(about, Verdict::finding(finding)));
            }
        }
    }
    probes
}

/// Whether the finding marks this use.
fn is_at(used: &VariableUse, finding: &Diagnostic) -> bool {
    finding.file == used.file
        && finding.span.is_some_and(|span| used.span.start <= span.start && span.start < used.span.end)
}

fn variable(name: &str, uses: &[(&LoadedFile, &VariableUse)]) -> Box<dyn Probe> {
    let missing: Vec<&VariableUse> = uses.iter().map(|(_, used)| *used).filter(|used| !used.set).collect();
    let mut datasets: Vec<String> = uses.iter().filter_map(|(_, used)| used.dataset.clone()).collect();
    datasets.sort();
    datasets.dedup();
    let first = missing.first().copied().or(uses.first().map(|(_, used)| *used));
    let about = About {
        group: CheckGroup::Environment,
        title: format!("variable {name}"),
        datasets,
        file: first.map(|used| used.file.clone()).unwrap_or_default(),
        span: first.map(|used| used.span),
    };
    let Some(used) = missing.first() else {
        let times = if uses.len() == 1 { "1 place".to_owned() } else { format!("{} places", uses.len()) };
        return known(about, Verdict::passed(format!("is set, used in {times}")));
    };
    let places: Vec<String> = missing
        .iter()
        .take(PLACES)
        .map(|used| format!("{}:{}:{} ({})", used.file, used.span.line, used.span.column, used.path))
        .collect();
    let more = missing.len().saturating_sub(PLACES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let what = if used.by_key { "is not set, or empty" } else { "is not set" };
    let detail = format!("{what}; used in {}{more}", places.join(", "));
    let set = match &used.nearest {
        Some(nearest) => format!("did you mean `{nearest}`? Otherwise set it"),
        None => "set it".to_owned(),
    };
    let (code, default) = if used.by_key {
        (code::DOC001, String::new())
    } else {
        (code::CFG017, format!(", or give a default: `${{{name}:default}}`"))
    };
    let mut verdict = Verdict::failed(code, Stage::Configuration, detail)
        .hint(format!("{set} in the environment or in a `.env` beside the config{default}"));
    let findings = uses.iter().flat_map(|(file, _)| &file.diagnostics);
    verdict.finding =
        findings.filter(|finding| is_about_a_variable(finding)).find(|finding| is_at(used, finding)).cloned();
    known(about, verdict)
}
