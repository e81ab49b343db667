//! Secrets in clear: values that look like a password, a token or a key. They are never shown.

use std::collections::HashSet;

use super::findings::known;
use super::{About, Patient, Probe, Verdict};
use crate::api::wire::CheckGroup;
use crate::config::ClearSecret;
use crate::diagnostic::{Diagnostic, code};

pub(super) fn probes(patient: &Patient) -> Vec<Box<dyn Probe>> {
    let mut probes = Vec::new();
    // Several files may be made of the same one.
    let mut seen = HashSet::new();
    for subject in &patient.files {
        let file = &subject.file.display;
        let about = |title: String, span, datasets| About {
            group: CheckGroup::Environment,
            title,
            datasets,
            file: file.clone(),
            span,
        };
        if subject.survey.secrets.is_empty() {
            probes.push(known(
                about(format!("secrets in {file}"), None, Vec::new()),
                Verdict::passed("none is written in clear"),
            ));
        }
        for secret in &subject.survey.secrets {
            // The check of the configuration may know it already.
            let told = subject.file.diagnostics.iter().any(|finding| {
                finding.code == code::CFG030
                    && finding.file == secret.file
                    && finding.span.is_some_and(|span| span.line == secret.span.line)
            });
            if told || !seen.insert((&secret.file, secret.span)) {
                continue;
            }
            let about = About {
                file: secret.file.clone(),
                ..about(secret.path.clone(), Some(secret.span), secret.dataset.iter().cloned().collect())
            };
            let message = format!("{} is written in clear", secret.what);
            let help = format!(
                "write `{}: ${{{}}}` and put the value into the environment or into `.env`",
                secret.key,
                variable(secret)
            );
            let mut finding = Diagnostic::warning(code::DOC002, message.clone())
                .at(secret.path.clone(), Some(secret.span))
                .help(help.clone());
            finding.file.clone_from(&secret.file);
            let mut verdict = Verdict::warned(code::DOC002, message).hint(help);
            verdict.finding = Some(finding);
            probes.push(known(about, verdict));
        }
    }
    probes
}

/// A name for the variable: `CRM_PASSWORD`.
fn variable(secret: &ClearSecret) -> String {
    let owner = secret.dataset.as_deref().unwrap_or_default();
    let text = format!("{owner}_{}", secret.key);
    let name: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    let name = name.trim_matches('_').to_owned();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name }
}
