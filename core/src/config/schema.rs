//! The JSON Schema of configurations, generated from [`super::options`].
//!
//! It drives the check and is published for editors; there is no second description of a key.

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
            object.retain(|key, value| !key.starts_with("x-") || !is_annotation(value));
            object.values_mut().for_each(publish);
        }
        _ => {}
    }
}

/// A property may be called `x-…` too; only annotations are texts, lists or the section table.
fn is_annotation(value: &Json) -> bool {
    match value {
        Json::Object(object) => object.contains_key("values"),
        _ => true,
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
