//! The JSON Schema of configurations, generated from [`super::options`], and how it is read.
//!
//! It drives the check, completion and forms, and is published for editors; there is no second
//! description of a key. What the `x-` annotations mean stands in [`super::options`].

use std::sync::OnceLock;

use serde_json::{Map, Value as Json, json};

use super::options::RootOptions;

/// The schema as the check reads it, `x-` annotations included.
pub(crate) fn annotated() -> &'static Json {
    static SCHEMA: OnceLock<Json> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        schemars::generate::SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<RootOptions>().into()
    })
}

/// What a schema allows, `$ref` followed and null left out; empty: anything.
pub(crate) fn alternatives<'s>(root: &'s Json, schema: &'s Json) -> Vec<&'s Json> {
    if let Some(reference) = schema.get("$ref").and_then(Json::as_str) {
        return root
            .pointer(reference.trim_start_matches('#'))
            .map(|target| alternatives(root, target))
            .unwrap_or_default();
    }
    if let Some(forms) = schema.get("anyOf").and_then(Json::as_array) {
        return forms.iter().flat_map(|form| alternatives(root, form)).collect();
    }
    if type_of(schema) == Some("null") {
        return Vec::new();
    }
    if schema.get("type").is_some() || allowed(schema).is_some() { vec![schema] } else { Vec::new() }
}

/// The type that a schema names, null left out where it is one of two.
pub(crate) fn type_of(schema: &Json) -> Option<&str> {
    match schema.get("type")? {
        Json::String(name) => Some(name),
        Json::Array(names) => names.iter().filter_map(Json::as_str).find(|name| *name != "null"),
        _ => None,
    }
}

/// The values of an enumeration.
pub(crate) fn allowed(form: &Json) -> Option<Vec<&str>> {
    if let Some(values) = form.get("enum").and_then(Json::as_array) {
        return Some(values.iter().filter_map(Json::as_str).collect());
    }
    let variants = form.get("oneOf").and_then(Json::as_array)?;
    Some(variants.iter().filter_map(|variant| variant.get("const").and_then(Json::as_str)).collect())
}

/// The keys of a section; `None` for maps with keys of the user's choice and for everything else.
pub(crate) fn properties(form: &Json) -> Option<&Map<String, Json>> {
    form.get("properties").and_then(Json::as_object)
}

/// The schema as it is published: what the annotations mean is said in the words of JSON Schema
/// where it has them, the rest is left out.
pub(crate) fn published() -> Json {
    let mut schema = annotated().clone();
    publish(&mut schema);
    schema
}

/// [`published`] as the text of the file `configs/schema/medallion.schema.json`.
pub(crate) fn text() -> String {
    let mut text = serde_json::to_string_pretty(&published()).unwrap_or_default();
    text.push('\n');
    text
}

fn publish(schema: &mut Json) {
    match schema {
        Json::Array(items) => items.iter_mut().for_each(publish),
        Json::Object(object) => {
            if let Some(sections) = object.get("x-sections").cloned() {
                let rules = section_rules(&sections);
                if !rules.is_empty() {
                    object.insert("allOf".into(), Json::Array(rules));
                }
            }
            // No key of the language begins so: these are annotations.
            object.retain(|key, _| !key.starts_with("x-"));
            for (key, value) in object.iter_mut() {
                // What a person might write is no schema.
                if !matches!(key.as_str(), "examples" | "default") {
                    publish(value);
                }
            }
        }
        _ => {}
    }
}

fn section_rules(sections: &Json) -> Vec<Json> {
    let (Some(key), Some(values), Some(true)) =
        (sections["key"].as_str(), sections["values"].as_object(), sections["required"].as_bool())
    else {
        return Vec::new();
    };
    values
        .iter()
        .map(|(value, section)| {
            let mut properties = Map::new();
            properties.insert(key.into(), json!({ "const": value }));
            json!({ "if": { "properties": properties, "required": [key] }, "then": { "required": [section] } })
        })
        .collect()
}

/// Calls `visit` with the path and schema of every key, `sources[].source.type`, once for each way to it.
#[cfg(test)]
pub(super) fn keys(visit: &mut dyn FnMut(&str, &Json)) {
    fn walk(schema: &Json, path: &str, visit: &mut dyn FnMut(&str, &Json)) {
        for form in alternatives(annotated(), schema) {
            if let Some(items) = form.get("items") {
                walk(items, &format!("{path}[]"), visit);
            }
            for (key, inner) in properties(form).into_iter().flatten() {
                let here = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                visit(&here, inner);
                walk(inner, &here, visit);
            }
        }
    }
    walk(annotated(), "", visit);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description(schema: &Json) -> &str {
        schema.get("description").and_then(Json::as_str).unwrap_or_default()
    }

    #[test]
    fn every_key_and_every_value_is_explained() {
        let (mut count, mut wrong) = (0, Vec::new());
        keys(&mut |path, schema| {
            count += 1;
            let text = description(schema);
            if text.len() < 9 || !text.ends_with('.') {
                wrong.push(format!("`{path}` has no doc comment, or half a sentence: {text:?}"));
            }
            let forms = alternatives(annotated(), schema);
            for form in &forms {
                for variant in form.get("oneOf").and_then(Json::as_array).into_iter().flatten() {
                    if !description(variant).ends_with('.') {
                        wrong.push(format!("a value of `{path}`: {variant}"));
                    }
                }
            }
            let enumeration = forms.iter().any(|form| allowed(form).is_some());
            let scalar = forms.iter().any(|form| !matches!(type_of(form), Some("object")));
            let shown = schema.get("examples").is_some() || schema.get("default").is_some() || text.contains("Default");
            if scalar && !enumeration && !shown && schema.get("deprecated").is_none() && !path.ends_with("sources") {
                wrong.push(format!("`{path}` says neither what counts without it nor shows a value: {text:?}"));
            }
        });
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(count > 250, "{count}");
    }

    #[test]
    fn annotations_are_of_the_kinds_that_options_describes() {
        let mut wrong = Vec::new();
        keys(&mut |path, schema| {
            for (name, value) in schema.as_object().into_iter().flatten().filter(|(name, _)| name.starts_with("x-")) {
                let right = match name.as_str() {
                    "x-advanced" | "x-env" | "x-long" => *value == json!(true),
                    "x-column" | "x-key-column" => matches!(value.as_str(), Some("source" | "silver")),
                    "x-form" | "x-key-form" | "x-code" | "x-replaced-by" | "x-newest" => value.is_string(),
                    "x-sections" => value["key"].is_string() && value["values"].is_object(),
                    "x-when" => value["key"].is_string() && value["in"].as_array().is_some_and(|list| !list.is_empty()),
                    _ => false,
                };
                if !right {
                    wrong.push(format!("`{path}`: {name} = {value}"));
                }
            }
            // A default that is given as a value is the one that the text says.
            if let Some(default) = schema.get("default").filter(|default| default.is_string() || default.is_number()) {
                let said = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
                let text = description(schema).replace('\n', " ");
                let (_, after) = text.split_once("Default: ").unwrap_or_default();
                let none = said.is_empty() && after.starts_with("none");
                if !none && !after.contains(&said) && !after.contains(&said.escape_debug().to_string()) {
                    wrong.push(format!("`{path}`: {default} in {text:?}"));
                }
            }
        });
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn what_is_published_is_plain_json_schema() {
        let text = text();
        assert!(!text.contains("\"x-"), "annotations are left out");
        assert!(text.contains("\"examples\"") && text.contains("\"default\""));
    }
}
