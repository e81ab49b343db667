//! How values, keys and types are called in messages.

use serde_json::{Map, Value as Json};

use crate::config::schema::{allowed, alternatives, properties, type_of};
use crate::config::syntax::{Node, ScalarKind, Value, cut};

/// A value with its kind, for a message about its type.
pub(super) fn described(node: &Node) -> String {
    let Value::Scalar(scalar) = &node.value else { return written(node) };
    let kind = match scalar.kind {
        ScalarKind::Null => return "nothing".into(),
        ScalarKind::Integer | ScalarKind::Float => "the number ",
        ScalarKind::Text if !scalar.text.is_empty() && !is_reference(node) => "the text ",
        ScalarKind::Text | ScalarKind::Bool(_) => "",
    };
    format!("{kind}{}", written(node))
}

/// A value as the user wrote it, for a message.
pub(super) fn written(node: &Node) -> String {
    match &node.value {
        Value::Scalar(scalar) if scalar.text.is_empty() => "an empty text".into(),
        Value::Scalar(scalar) => format!("`{}`", cut(&scalar.text)),
        Value::Sequence(_) => "a list".into(),
        Value::Mapping(_) => "a mapping".into(),
    }
}

pub(super) fn takes(form: &Json, node: &Node) -> bool {
    let wanted = type_of(form).unwrap_or("string");
    match (&node.value, wanted) {
        (Value::Mapping(_), "object") | (Value::Sequence(_), "array") => true,
        (Value::Scalar(scalar), "string" | "integer" | "number" | "boolean") => {
            crate::config::check::scalar::fits(wanted, scalar)
        }
        _ => false,
    }
}

/// Whether the value comes from a variable, so that its type is not known before.
pub(super) fn is_reference(node: &Node) -> bool {
    matches!(&node.value, Value::Scalar(scalar) if scalar.text.contains("${"))
}

/// What a value must be, for a message.
pub(crate) fn kind_name(form: &Json) -> String {
    if let Some(values) = allowed(form) {
        return values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
    }
    match type_of(form) {
        Some("object") => "a mapping of keys to values",
        Some("array") => "a list",
        Some("integer") => "a whole number",
        Some("number") => "a number",
        Some("boolean") => "`true` or `false`",
        _ => "a text",
    }
    .into()
}

/// What to write instead of a value that does not fit: what the key is for, with its default or an example.
pub(super) fn instead(root: &Json, form: &Json, schema: &Json) -> Option<String> {
    let note = |name: &str| schema.get(name).or_else(|| form.get(name)).filter(|note| !note.is_null());
    let shown = |value: &Json| match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let default = note("default").map(|value| format!("without the key it is `{}`", shown(value)));
    let example = || {
        let first = note("examples")?.as_array()?.iter().find(|value| !value.is_object() && !value.is_array())?;
        Some(format!("for example `{}`", shown(first)))
    };
    let about = first_sentence(root, schema);
    let parts: Vec<String> = about
        .strip_prefix('(')
        .and_then(|about| about.strip_suffix(')'))
        .map(|about| format!("it is {about}"))
        .into_iter()
        .chain(default.or_else(example))
        .collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

pub(super) fn first_sentence(root: &Json, schema: &Json) -> String {
    let target =
        schema.get("$ref").and_then(Json::as_str).and_then(|reference| root.pointer(reference.trim_start_matches('#')));
    let text = schema
        .get("description")
        .or_else(|| target.and_then(|target| target.get("description")))
        .and_then(Json::as_str)
        .unwrap_or_default();
    let line = text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let end = line.find(". ").unwrap_or(line.len());
    let sentence = line[..end].trim_end_matches('.');
    if sentence.is_empty() { String::new() } else { format!("({})", lower_first(sentence)) }
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    match (characters.next(), characters.clone().next()) {
        // An abbreviation keeps its capitals.
        (Some(first), Some(second)) if !second.is_uppercase() => first.to_lowercase().chain(characters).collect(),
        _ => text.to_owned(),
    }
}

/// The keys of a section, for a message.
pub(super) fn known_keys(properties: &Map<String, Json>) -> String {
    const MOST: usize = 12;
    let current = properties.iter().filter(|(_, schema)| schema.get("x-replaced-by").is_none());
    let mut known: Vec<String> = current.map(|(key, _)| format!("`{key}`")).collect();
    let more = known.len().saturating_sub(MOST);
    known.truncate(MOST);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", known.join(", "))
}

/// The one section that has a key of this name.
pub(super) fn home_of(schema: &Json, key: &str) -> Option<String> {
    let mut homes = Vec::new();
    collect_homes(schema, schema, key, &mut Vec::new(), &mut homes);
    match homes.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    }
}

fn collect_homes(root: &Json, schema: &Json, key: &str, at: &mut Vec<String>, homes: &mut Vec<String>) {
    for form in alternatives(root, schema) {
        if let Some(items) = form.get("items") {
            collect_homes(root, items, key, at, homes);
        }
        for (name, inner) in properties(form).into_iter().flatten() {
            if name == key && !at.is_empty() && inner.get("x-replaced-by").is_none() {
                homes.push(at.join("."));
            }
            at.push(name.clone());
            collect_homes(root, inner, key, at, homes);
            at.pop();
        }
    }
}
