//! What the check of the configuration found: one check for each finding, or one for a file without.

use super::{About, Patient, Probe, Verdict};
use crate::api::wire::CheckGroup;
use crate::cancel::CancelToken;
use crate::diagnostic::{Diagnostic, Severity, code};

/// Something that is known already.
#[derive(Debug)]
struct Known {
    about: About,
    verdict: Verdict,
}

impl Probe for Known {
    fn about(&self) -> About {
        self.about.clone()
    }
    fn known(&self) -> Option<Verdict> {
        Some(self.verdict.clone())
    }
    fn examine(&self, _: &CancelToken) -> Verdict {
        self.verdict.clone()
    }
}

/// A check whose result needs no looking.
pub(super) fn known(about: About, verdict: Verdict) -> Box<dyn Probe> {
    Box::new(Known { about, verdict })
}

/// Whether the finding is told by [`super::variables`].
pub(super) fn is_about_a_variable(finding: &Diagnostic) -> bool {
    finding.code == code::CFG017
}

pub(super) fn probes(patient: &Patient) -> Vec<Box<dyn Probe>> {
    let mut probes = Vec::new();
    for subject in &patient.files {
        let file = &subject.file;
        let names: Vec<String> =
            file.pipeline.iter().flat_map(|pipeline| &pipeline.datasets).map(|dataset| dataset.name.clone()).collect();
        let about = |title: String, span| About {
            group: CheckGroup::Configuration,
            title,
            datasets: names.clone(),
            file: file.display.clone(),
            span,
        };
        let wrong: Vec<&Diagnostic> = file
            .diagnostics
            .iter()
            .filter(|finding| finding.severity != Severity::Info && !is_about_a_variable(finding))
            .collect();
        if wrong.is_empty() {
            let detail = format!("{} dataset{}", names.len(), if names.len() == 1 { "" } else { "s" });
            probes.push(known(about(format!("check {}", file.display), None), Verdict::passed(detail)));
        }
        for finding in wrong {
            let place = if finding.path.is_empty() { file.display.clone() } else { finding.path.clone() };
            probes.push(known(about(place, finding.span), Verdict::finding(finding)));
        }
    }
    probes
}
