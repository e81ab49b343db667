//! Findings as SARIF 2.1.0, the form that code hosts and editors exchange.

use serde_json::{Map, Value as Json, json};

use super::told;
use crate::diagnostic::code::Code;
use crate::diagnostic::{Diagnostic, Fix, Severity, Span};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// One log with one run. Rules are those of the code table that occur; places are relative to the
/// working folder of the caller, as the findings name their files.
pub fn sarif(diagnostics: &[Diagnostic]) -> Json {
    let mut codes: Vec<Code> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let results: Vec<Json> = diagnostics.iter().map(|diagnostic| result(diagnostic, &codes)).collect();
    let failed = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "medallion",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
            } },
            // Places count characters, not the units of another encoding.
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": true, "exitCode": i32::from(failed) }],
            "results": results,
        }],
    })
}

fn rule(code: Code) -> Json {
    let Some(entry) = code.entry() else { return json!({ "id": code.as_str() }) };
    json!({
        "id": code.as_str(),
        "shortDescription": { "text": entry.title },
        "fullDescription": { "text": entry.meaning() },
        "help": { "text": entry.cure(), "markdown": entry.cure() },
    })
}

fn result(diagnostic: &Diagnostic, codes: &[Code]) -> Json {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    };
    let mut result = Map::new();
    result.insert("ruleId".into(), diagnostic.code.as_str().into());
    if let Ok(index) = codes.binary_search(&diagnostic.code) {
        result.insert("ruleIndex".into(), index.into());
    }
    result.insert("level".into(), level.into());
    result.insert("message".into(), json!({ "text": told(diagnostic) }));
    if let Some(location) = location(&diagnostic.file, diagnostic.span, &diagnostic.path) {
        result.insert("locations".into(), json!([location]));
    }
    let related: Vec<Json> = diagnostic
        .related
        .iter()
        .enumerate()
        .filter_map(|(id, related)| {
            let file = if related.file.is_empty() { &diagnostic.file } else { &related.file };
            let mut location = location(file, Some(related.span), "")?;
            location.insert("id".into(), id.into());
            location.insert("message".into(), json!({ "text": related.message }));
            Some(Json::Object(location))
        })
        .collect();
    if !related.is_empty() {
        result.insert("relatedLocations".into(), related.into());
    }
    // A fix is about the file of the finding.
    if let Some(fix) = diagnostic.fix.as_ref().filter(|fix| !fix.edits.is_empty() && !diagnostic.file.is_empty()) {
        result.insert("fixes".into(), json!([change(&diagnostic.file, fix)]));
    }
    Json::Object(result)
}

fn location(file: &str, span: Option<Span>, path: &str) -> Option<Map<String, Json>> {
    if file.is_empty() {
        return None;
    }
    let mut physical = Map::from_iter([("artifactLocation".to_owned(), json!({ "uri": uri(file) }))]);
    if let Some(span) = span {
        physical.insert("region".into(), region(span));
    }
    let mut location = Map::from_iter([("physicalLocation".to_owned(), Json::Object(physical))]);
    if !path.is_empty() {
        location.insert("logicalLocations".into(), json!([{ "fullyQualifiedName": path, "kind": "member" }]));
    }
    Some(location)
}

fn region(span: Span) -> Json {
    json!({
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    })
}

fn change(file: &str, fix: &Fix) -> Json {
    let replacements: Vec<Json> = fix
        .edits
        .iter()
        .map(|edit| json!({ "deletedRegion": region(edit.span), "insertedContent": { "text": edit.text } }))
        .collect();
    json!({
        "description": { "text": fix.title },
        "artifactChanges": [{ "artifactLocation": { "uri": uri(file) }, "replacements": replacements }],
    })
}

/// A path as a relative reference, or as the address of a file if it is absolute.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => text.push(char::from(byte)),
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    match path.as_bytes() {
        [b'/', ..] => format!("file://{text}"),
        [drive, b':', ..] if drive.is_ascii_alphabetic() => format!("file:///{}", text.replacen("%3A", ":", 1)),
        _ => text,
    }
}
