//! Code actions: fixes of findings, all safe fixes at once, the canonical form, comments that hide.

use std::collections::HashMap;

use lsp_types::{
    CodeAction, CodeActionKind, DocumentChanges, OneOf, OptionalVersionedTextDocumentIdentifier, Range,
    TextDocumentEdit, WorkspaceEdit,
};
use medallion_core::api::wire::{self, IgnoreRequest, Severity, TextEdit};
use serde_json::Value;

use super::answers::{Answer, Desk};
use super::findings;

/// Mends one finding.
const QUICK_FIX: &str = "quickfix";
/// Applies every safe fix.
const FIX_ALL: &str = "source.fixAll.medallion";
/// Rewrites to the canonical form.
const REWRITE: &str = "refactor.rewrite";
/// The kinds of actions that are offered.
pub(super) const KINDS: [&str; 3] = [QUICK_FIX, FIX_ALL, REWRITE];

/// `textDocument/codeAction`
pub(super) fn offered(desk: &Desk<'_>, range: Range, only: Option<&[CodeActionKind]>) -> Answer {
    // `source.fixAll` asks for `source.fixAll.medallion` too.
    let wanted = |kind: &str| {
        only.is_none_or(|only| {
            let below =
                |asked: &str| kind.strip_prefix(asked).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
            only.iter().any(|asked| asked.as_str().is_empty() || below(asked.as_str()))
        })
    };
    let mut actions = Vec::new();
    let check = desk.engine.check_text(desk.draft())?;
    if wanted(QUICK_FIX) {
        for finding in &check.diagnostics {
            let Some(span) = finding.span.filter(|_| findings::is_own(finding, desk.document)) else { continue };
            let at = desk.range(span);
            let touches = at.start <= range.end && range.start <= at.end;
            // A finding without extent is shown on its line.
            if touches || at.start == at.end && range.start.line <= at.start.line && at.start.line <= range.end.line {
                quick_fixes(desk, finding, span.start, &mut actions);
            }
        }
    }
    if wanted(FIX_ALL) && check.diagnostics.iter().any(|finding| finding.fix.as_ref().is_some_and(|fix| fix.safe)) {
        let fixed = desk.engine.fix_text(desk.draft())?;
        if !fixed.changes.is_empty() {
            actions.push(action(desk, "Apply all safe fixes", FIX_ALL, &fixed.changes));
        }
    }
    if wanted(REWRITE)
        && let Ok(migrated) = desk.engine.migrate_text(desk.draft())
        && !migrated.changes.is_empty()
    {
        actions.push(action(desk, "Rewrite to the canonical form", REWRITE, &migrated.changes));
    }
    Ok(serde_json::to_value(actions).unwrap_or(Value::Null))
}

fn quick_fixes(desk: &Desk<'_>, finding: &wire::Diagnostic, offset: u32, actions: &mut Vec<CodeAction>) {
    let about = findings::diagnostic(finding, desk.document, desk.root, desk.client.encoding);
    if let Some(fix) = &finding.fix {
        let action = action(desk, &capital(&fix.title), QUICK_FIX, &fix.edits);
        actions.push(CodeAction {
            diagnostics: Some(vec![about.clone()]),
            is_preferred: fix.safe.then_some(true),
            ..action
        });
    }
    if finding.severity != Severity::Error {
        let request = IgnoreRequest { draft: desk.draft(), code: finding.code.to_string(), offset };
        if let Ok(hidden) = desk.engine.ignore_text(request) {
            let title = format!("Ignore {} here", finding.code);
            let action = action(desk, &title, QUICK_FIX, &hidden.changes);
            actions.push(CodeAction { diagnostics: Some(vec![about]), ..action });
        }
    }
}

fn action(desk: &Desk<'_>, title: &str, kind: &'static str, edits: &[TextEdit]) -> CodeAction {
    let uri = desk.document.uri.clone();
    let edits = desk.edits(edits);
    let edit = if desk.client.document_changes {
        let text_document = OptionalVersionedTextDocumentIdentifier { uri, version: Some(desk.document.version) };
        let edits = edits.into_iter().map(OneOf::Left).collect();
        WorkspaceEdit {
            document_changes: Some(DocumentChanges::Edits(vec![TextDocumentEdit { text_document, edits }])),
            ..WorkspaceEdit::default()
        }
    } else {
        WorkspaceEdit { changes: Some(HashMap::from([(uri, edits)])), ..WorkspaceEdit::default() }
    };
    CodeAction {
        title: title.to_owned(),
        kind: Some(CodeActionKind::from(kind)),
        edit: Some(edit),
        ..CodeAction::default()
    }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
