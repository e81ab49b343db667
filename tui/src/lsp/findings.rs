//! Findings of the engine as diagnostics of the protocol.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use lsp_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString, Position, Range, Uri,
};
use medallion_core::api::Engine;
use medallion_core::api::wire::{self, Draft, Severity};

use super::documents::Document;
use super::place::{Encoding, uri_of};

/// What the diagnostics of one check say.
#[derive(Debug)]
pub(super) struct Checked {
    /// Of which document.
    pub(super) uri: Uri,
    /// Of which version of it.
    pub(super) version: i32,
    /// What was found; the error is what went wrong while looking.
    pub(super) found: Result<Vec<wire::Diagnostic>, String>,
}

/// Checks a draft; what is not a configuration of ours has no findings.
pub(super) fn check(engine: &Arc<Engine>, uri: Uri, version: i32, draft: Draft) -> Checked {
    let found = catch_unwind(AssertUnwindSafe(|| {
        if !engine.outline(draft.clone())?.ours {
            return Ok(Vec::new());
        }
        engine.check_text(draft).map(|check| check.diagnostics)
    }));
    let found = match found {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(body)) => Err(body.message),
        Err(_) => Err("the check ended unexpectedly".to_owned()),
    };
    Checked { uri, version, found }
}

/// A finding of a document as the protocol has it.
pub(super) fn diagnostic(
    finding: &wire::Diagnostic,
    document: &Document,
    root: &std::path::Path,
    encoding: Encoding,
) -> Diagnostic {
    let own = is_own(finding, document);
    let top = Range { start: Position::default(), end: Position::default() };
    let range = match finding.span {
        Some(span) if own => document.lines.range(&document.text, span, encoding),
        _ => top,
    };
    let place = |file: &str, span: Option<wire::Span>| {
        let path: PathBuf = root.join(file);
        // The other text is not at hand: lines are right, columns are counted in characters.
        let at =
            |line: u32, column: u32| Position { line: line.saturating_sub(1), character: column.saturating_sub(1) };
        let range = span
            .map_or(top, |span| Range { start: at(span.line, span.column), end: at(span.end_line, span.end_column) });
        uri_of(&path).map(|uri| Location { uri, range })
    };
    let mut related: Vec<DiagnosticRelatedInformation> = Vec::new();
    for other in &finding.related {
        let location = if other.file.is_empty() || other.file == document.file {
            let range = document.lines.range(&document.text, other.span, encoding);
            Some(Location { uri: document.uri.clone(), range })
        } else {
            place(&other.file, Some(other.span))
        };
        related
            .extend(location.map(|location| DiagnosticRelatedInformation { location, message: other.message.clone() }));
    }
    let mut message = finding.message.clone();
    if !own {
        message = format!("{}: {message}", finding.file);
        let location = place(&finding.file, finding.span);
        let here = |location| DiagnosticRelatedInformation { location, message: "found here".to_owned() };
        related.extend(location.map(here));
    }
    if let Some(help) = &finding.help {
        message = format!("{message}\n{help}");
    }
    Diagnostic {
        range,
        severity: Some(match finding.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Info => DiagnosticSeverity::INFORMATION,
        }),
        code: Some(NumberOrString::String(finding.code.to_string())),
        source: Some("medallion".to_owned()),
        message,
        related_information: (!related.is_empty()).then_some(related),
        ..Diagnostic::default()
    }
}

/// Whether a finding is in the document itself, and not in another file that it is made of.
pub(super) fn is_own(finding: &wire::Diagnostic, document: &Document) -> bool {
    finding.file.is_empty() || finding.file == document.file
}
