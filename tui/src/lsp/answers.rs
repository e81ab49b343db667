//! Answers of the engine in the words of the protocol.

use std::path::Path;

use lsp_server::ErrorCode;
use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionList, CompletionTextEdit, Documentation, Hover, HoverContents,
    InsertTextFormat, InsertTextMode, MarkupContent, MarkupKind, Position, PositionEncodingKind, Range, TextEdit,
};
use medallion_core::api::Engine;
use medallion_core::api::wire::{
    self, Completion, CompletionKind, CursorRequest, Draft, ErrorBody, Outline, Part, Span,
};
use serde_json::{Value, json};

use super::documents::Document;
use super::place::Encoding;

/// The result of a request.
pub(super) type Answer = Result<Value, Refusal>;

/// Why there is no result.
#[derive(Debug)]
pub(super) struct Refusal {
    /// Of the protocol.
    pub(super) code: i32,
    /// For people.
    pub(super) message: String,
}

impl From<ErrorBody> for Refusal {
    fn from(body: ErrorBody) -> Self {
        let hint = body.hint.map(|hint| format!("; {hint}")).unwrap_or_default();
        let message = format!("{}: {}{hint}", body.code, body.message);
        Self { code: ErrorCode::RequestFailed as i32, message }
    }
}

impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Self {
        Self { code: ErrorCode::InternalError as i32, message: format!("the answer cannot be sent: {error}") }
    }
}

/// What the client can do.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Client {
    /// How it counts.
    pub(super) encoding: Encoding,
    /// Tells of changed files.
    pub(super) watches: bool,
    /// Wants to know which version findings are about.
    pub(super) versions: bool,
    /// Takes edits of a named version.
    pub(super) document_changes: bool,
    snippets: bool,
    as_is: bool,
    markdown_items: bool,
    markdown_hover: bool,
    nested_symbols: bool,
}

impl Client {
    /// As it says of itself.
    pub(super) fn of(params: &Value) -> Self {
        let abilities = &params["capabilities"];
        let (text, workspace) = (&abilities["textDocument"], &abilities["workspace"]);
        let has = |value: &Value| value.as_bool().unwrap_or_default();
        let lists = |value: &Value, wanted: &str| value.as_array().is_some_and(|all| all.iter().any(|it| it == wanted));
        let encodings: Option<Vec<PositionEncodingKind>> =
            serde_json::from_value(abilities["general"]["positionEncodings"].clone()).ok();
        let item = &text["completion"]["completionItem"];
        let modes = item["insertTextModeSupport"]["valueSet"].as_array();
        Self {
            encoding: Encoding::chosen(encodings.as_deref()),
            watches: has(&workspace["didChangeWatchedFiles"]["dynamicRegistration"]),
            versions: has(&text["publishDiagnostics"]["versionSupport"]),
            document_changes: has(&workspace["workspaceEdit"]["documentChanges"]),
            snippets: has(&item["snippetSupport"]),
            as_is: modes.is_some_and(|modes| modes.iter().any(|mode| mode.as_i64() == Some(1))),
            markdown_items: lists(&item["documentationFormat"], "markdown"),
            markdown_hover: lists(&text["hover"]["contentFormat"], "markdown"),
            nested_symbols: has(&text["documentSymbol"]["hierarchicalDocumentSymbolSupport"]),
        }
    }
}

/// What this server can do, for a client.
pub(super) fn abilities(client: Client) -> Value {
    json!({
        "capabilities": {
            "positionEncoding": client.encoding.kind(),
            "textDocumentSync": { "openClose": true, "change": 2, "save": { "includeText": false } },
            "completionProvider": { "triggerCharacters": [":", " ", "-", "{", "[", "/", "\"", "'", "$"] },
            "hoverProvider": true,
            "documentSymbolProvider": true,
            "documentFormattingProvider": true,
            "codeActionProvider": { "codeActionKinds": super::actions::KINDS },
        },
        "serverInfo": { "name": "medallion", "version": env!("CARGO_PKG_VERSION") },
    })
}

/// What an answer is made from.
pub(super) struct Desk<'a> {
    /// The engine.
    pub(super) engine: &'a Engine,
    /// The text.
    pub(super) document: &'a Document,
    /// Who asks.
    pub(super) client: Client,
    /// The folder of the workspace.
    pub(super) root: &'a Path,
    /// The overlay that counts.
    pub(super) environment: Option<&'a str>,
}

impl Desk<'_> {
    /// What the engine is asked about.
    pub(super) fn draft(&self) -> Draft {
        self.document.draft(self.environment)
    }

    /// The parts of the text.
    pub(super) fn outline(&self) -> Result<Outline, Refusal> {
        Ok(self.engine.outline(self.draft())?)
    }

    /// Where a span is.
    pub(super) fn range(&self, span: Span) -> Range {
        self.document.lines.range(&self.document.text, span, self.client.encoding)
    }

    /// Edits of the engine.
    pub(super) fn edits(&self, edits: &[wire::TextEdit]) -> Vec<TextEdit> {
        edits.iter().map(|edit| TextEdit { range: self.range(edit.span), new_text: edit.text.clone() }).collect()
    }

    fn cursor(&self, position: Position) -> CursorRequest {
        CursorRequest { draft: self.draft(), offset: self.document.offset(position, self.client.encoding) }
    }
}

/// `textDocument/completion`
pub(super) fn completion(desk: &Desk<'_>, position: Position) -> Answer {
    let found = desk.engine.complete(desk.cursor(position))?;
    let Some(span) = found.span else { return Ok(Value::Null) };
    let range = desk.range(span);
    let start = span.start as usize;
    let end = desk.document.offset(position, desk.client.encoding) as usize;
    // The engine has compared already; the client is to show all that it is given.
    let typed = desk.document.text.get(start..end.max(start)).unwrap_or_default();
    let items = found.items.into_iter().enumerate().map(|(at, item)| completed(desk, item, at, range, typed)).collect();
    Ok(serde_json::to_value(CompletionList { is_incomplete: true, items })?)
}

fn completed(desk: &Desk<'_>, item: Completion, at: usize, range: Range, typed: &str) -> CompletionItem {
    let cursor = item.cursor as usize;
    let inside = cursor < item.insert.len();
    let as_snippet = desk.client.snippets && inside;
    let new_text = match item.insert.split_at_checked(cursor) {
        Some((before, after)) if as_snippet => format!("{}$0{}", escaped(before), escaped(after)),
        _ => item.insert,
    };
    let documentation = (!item.documentation.is_empty()).then(|| {
        let kind = if desk.client.markdown_items { MarkupKind::Markdown } else { MarkupKind::PlainText };
        Documentation::MarkupContent(MarkupContent { kind, value: item.documentation })
    });
    CompletionItem {
        label: item.label,
        kind: Some(match item.kind {
            CompletionKind::Key => CompletionItemKind::PROPERTY,
            CompletionKind::Value => CompletionItemKind::VALUE,
            CompletionKind::Variable => CompletionItemKind::VARIABLE,
            CompletionKind::File => CompletionItemKind::FILE,
            CompletionKind::Column => CompletionItemKind::FIELD,
            CompletionKind::Snippet => CompletionItemKind::SNIPPET,
        }),
        detail: (!item.detail.is_empty()).then_some(item.detail),
        documentation,
        sort_text: Some(format!("{at:04}")),
        filter_text: Some(typed.to_owned()).filter(|typed| !typed.is_empty()),
        insert_text_format: as_snippet.then_some(InsertTextFormat::SNIPPET),
        // The lines are indented for their place already.
        insert_text_mode: desk.client.as_is.then_some(InsertTextMode::AS_IS),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text })),
        ..CompletionItem::default()
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('$', "\\$").replace('}', "\\}")
}

/// `textDocument/hover`
pub(super) fn hover(desk: &Desk<'_>, position: Position) -> Answer {
    let found = desk.engine.hover(desk.cursor(position))?;
    let Some(span) = found.span.filter(|_| !found.text.is_empty()) else { return Ok(Value::Null) };
    let kind = if desk.client.markdown_hover { MarkupKind::Markdown } else { MarkupKind::PlainText };
    let contents = HoverContents::Markup(MarkupContent { kind, value: found.text });
    Ok(serde_json::to_value(Hover { contents, range: Some(desk.range(span)) })?)
}

/// `textDocument/formatting`
pub(super) fn formatting(desk: &Desk<'_>) -> Answer {
    let formatted = desk.engine.format_text(desk.draft())?;
    Ok(serde_json::to_value(desk.edits(&formatted.changes))?)
}

/// `textDocument/documentSymbol`
pub(super) fn symbols(desk: &Desk<'_>) -> Answer {
    let parts = desk.outline()?.parts;
    if desk.client.nested_symbols {
        return Ok(Value::Array(parts.iter().map(|part| nested(desk, part)).collect()));
    }
    let mut flat = Vec::new();
    flatten(desk, &parts, "", &mut flat);
    Ok(Value::Array(flat))
}

/// Symbol kinds of the protocol.
fn kind(part: &Part) -> u32 {
    const CLASS: u32 = 5;
    const NAMESPACE: u32 = 3;
    if part.dataset { CLASS } else { NAMESPACE }
}

fn nested(desk: &Desk<'_>, part: &Part) -> Value {
    let children: Vec<Value> = part.parts.iter().map(|part| nested(desk, part)).collect();
    json!({
        "name": part.name,
        "detail": part.detail,
        "kind": kind(part),
        "range": desk.range(part.span),
        "selectionRange": desk.range(part.key),
        "children": children,
    })
}

fn flatten(desk: &Desk<'_>, parts: &[Part], around: &str, flat: &mut Vec<Value>) {
    for part in parts {
        flat.push(json!({
            "name": part.name,
            "kind": kind(part),
            "location": { "uri": desk.document.uri, "range": desk.range(part.span) },
            "containerName": around,
        }));
        flatten(desk, &part.parts, &part.name, flat);
    }
}
