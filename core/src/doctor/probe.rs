//! What a check is and what it can say.

use std::fmt;
use std::path::PathBuf;

use crate::api::wire::{CheckGroup, CheckOutcome};
use crate::cancel::CancelToken;
use crate::diagnostic::code::Code;
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::error::{Coded, Stage};

/// One check.
pub(crate) trait Probe: Send + Sync + fmt::Debug {
    /// What it is about.
    fn about(&self) -> About;
    /// The result, if nothing needs to be asked for it.
    fn known(&self) -> Option<Verdict> {
        None
    }
    /// What it depends on. When one check does not answer in time, those that wait for the same place
    /// are not begun.
    fn lane(&self) -> Option<PathBuf> {
        None
    }
    /// Looks. May take long, and may never come back: nobody waits beyond the time limit.
    fn examine(&self, cancel: &CancelToken) -> Verdict;
}

/// What a check is about.
#[derive(Clone, Debug)]
pub(crate) struct About {
    /// What it belongs to.
    pub(crate) group: CheckGroup,
    /// What is checked: "read ./data/orders.csv".
    pub(crate) title: String,
    /// Names of the datasets that need it.
    pub(crate) datasets: Vec<String>,
    /// Config file, as the user would name it; empty if none is concerned.
    pub(crate) file: String,
    /// Where in the file.
    pub(crate) span: Option<Span>,
}

/// How a check ended.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    /// How.
    pub(crate) outcome: CheckOutcome,
    /// What was seen.
    pub(crate) detail: String,
    /// What to do.
    pub(crate) hint: Option<String>,
    /// Its code, if something is wrong.
    pub(crate) code: Option<Code>,
    /// The stage of a run that would fail.
    pub(crate) stage: Stage,
    /// The finding behind it.
    pub(crate) finding: Option<Diagnostic>,
}

impl Verdict {
    const fn new(outcome: CheckOutcome, detail: String, code: Option<Code>, stage: Stage) -> Self {
        Self { outcome, detail, hint: None, code, stage, finding: None }
    }

    /// Fine; `detail` is a number that reassures.
    pub(crate) fn passed(detail: impl Into<String>) -> Self {
        Self::new(CheckOutcome::Passed, detail.into(), None, Stage::Configuration)
    }

    /// Not made, and why.
    pub(crate) fn skipped(detail: impl Into<String>) -> Self {
        Self::new(CheckOutcome::Skipped, detail.into(), None, Stage::Configuration)
    }

    /// Deserves a look.
    pub(crate) fn warned(code: Code, detail: impl Into<String>) -> Self {
        Self::new(CheckOutcome::Warned, detail.into(), Some(code), Stage::Configuration).with_cure()
    }

    /// Keeps datasets from running, at this stage.
    pub(crate) fn failed(code: Code, stage: Stage, detail: impl Into<String>) -> Self {
        Self::new(CheckOutcome::Failed, detail.into(), Some(code), stage).with_cure()
    }

    /// Failed with an error of the engine.
    pub(crate) fn error(error: &dyn Coded) -> Self {
        let verdict = Self::failed(error.code(), error.stage(), with_causes(error));
        match error.hint() {
            Some(hint) => verdict.hint(hint),
            None => verdict,
        }
    }

    /// A finding of the configuration.
    pub(crate) fn finding(finding: &Diagnostic) -> Self {
        let outcome = match finding.severity {
            Severity::Error => CheckOutcome::Failed,
            Severity::Warning => CheckOutcome::Warned,
            Severity::Info => CheckOutcome::Passed,
        };
        let verdict = Self::new(outcome, finding.message.clone(), Some(finding.code), Stage::Configuration).with_cure();
        let verdict = match &finding.help {
            Some(help) => verdict.hint(help),
            None => verdict,
        };
        Self { finding: Some(finding.clone()), ..verdict }
    }

    /// Says what to do.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The cure of the code's page, where nobody knows better.
    fn with_cure(mut self) -> Self {
        let cure = self.code.and_then(Code::entry).and_then(|entry| entry.explanation.split_once("\n\n"));
        self.hint = cure.map(|(_, cure)| as_help(cure));
        self
    }
}

/// A sentence of a page as a help: without a capital and a full stop around it.
fn as_help(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let mut characters = text.chars();
    match (characters.next(), characters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(characters).collect(),
        _ => text.to_owned(),
    }
}

/// An error with the causes below it, in one line.
pub(crate) fn with_causes(error: &dyn Coded) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
