//! Environment variables: one check for each that a config uses, with every place of use. Values are
//! never shown.

use std::collections::BTreeMap;

use super::findings::{is_about_a_variable, known};
use super::{About, Patient, Probe, Verdict};
use crate::api::wire::CheckGroup;
use crate::config::{LoadedFile, VariableUse};
use crate::diagnostic::code;
use crate::error::Stage;

/// Places named in one line at most.
const PLACES: usize = 5;

pub(super) fn probes(patient: &Patient) -> Vec<Box<dyn Probe>> {
    let mut uses: BTreeMap<&str, Vec<(&LoadedFile, &VariableUse)>> = BTreeMap::new();
    for subject in &patient.files {
        for used in &subject.survey.uses {
            uses.entry(&used.name).or_default().push((&subject.file, used));
        }
    }
    let mut probes: Vec<Box<dyn Probe>> = uses.into_iter().map(|(name, uses)| variable(name, &uses)).collect();
    // What the survey cannot see, such as `${` without an end, is told as it was found.
    for subject in &patient.files {
        let told = |span| subject.survey.uses.iter().any(|used| !used.set && !used.by_key && overlaps(used, span));
        for finding in subject.file.diagnostics.iter().filter(|finding| is_about_a_variable(finding)) {
            if finding.file != subject.file.display || !finding.span.is_some_and(told) {
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

fn overlaps(used: &VariableUse, span: crate::diagnostic::Span) -> bool {
    used.span.start <= span.start && span.start < used.span.end.max(used.span.start + 1)
}

fn variable(name: &str, uses: &[(&LoadedFile, &VariableUse)]) -> Box<dyn Probe> {
    let missing: Vec<&(&LoadedFile, &VariableUse)> = uses.iter().filter(|(_, used)| !used.set).collect();
    let mut datasets: Vec<String> = uses.iter().filter_map(|(_, used)| used.dataset.clone()).collect();
    datasets.dedup();
    let places: Vec<String> = missing
        .iter()
        .take(PLACES)
        .map(|(file, used)| format!("{}:{}:{} ({})", file.display, used.span.line, used.span.column, used.path))
        .collect();
    let first =
        missing.first().or(uses.first().as_ref().map(|first| *first).as_ref()).map(|(file, used)| (*file, *used));
    let about = About {
        group: CheckGroup::Environment,
        title: format!("variable {name}"),
        datasets,
        file: first.map(|(file, _)| file.display.clone()).unwrap_or_default(),
        span: first.map(|(_, used)| used.span),
    };
    let Some((file, used)) = first.filter(|(_, used)| !used.set) else {
        let times = if uses.len() == 1 { "1 place".to_owned() } else { format!("{} places", uses.len()) };
        return known(about, Verdict::passed(format!("is set, used in {times}")));
    };
    let more = missing.len().saturating_sub(PLACES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let detail = format!("is not set or empty; used in {}{more}", places.join(", "));
    let detail = if used.by_key { detail } else { detail.replace("not set or empty", "not set") };
    let set = match &used.nearest {
        Some(nearest) => format!("did you mean `{nearest}`? Otherwise set it"),
        None => "set it".to_owned(),
    };
    let finding = file
        .diagnostics
        .iter()
        .find(|finding| is_about_a_variable(finding) && finding.span.is_some_and(|span| overlaps(used, span)));
    let (code, default) =
        if used.by_key { (code::DOC001, "") } else { (code::CFG017, ", or give a default: `${NAME:default}`") };
    let hint = format!("{set} in the environment or in a `.env` beside the config{default}").replace("NAME", name);
    let mut verdict = Verdict::failed(code, Stage::Configuration, detail).hint(hint);
    verdict.finding = finding.cloned();
    known(about, verdict)
}
