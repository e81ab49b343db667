//! The reference of the configuration: every key of the schema with its type, its default and what
//! it means.
//!
//! Owns the text of the page; what it says of a key is that key's doc comment, by way of the schema.

use std::fmt::Write as _;

use medallion_core::api::config_schema;
use serde_json::{Map, Value};

/// The page.
pub(super) fn page() -> String {
    let schema = config_schema();
    let mut text = String::from(
        "# Configuration\n\n\
         Written by `cargo xtask codegen` from `core/src/config/options`; do not edit.\n\
         The same texts are shown by completion, hover and the forms, and stand in `configs/schema/medallion.schema.json`.\n\n\
         Keys in **bold** must be given.\n\
         Values may hold `${NAME}` or `${NAME:default}` for environment variables.\n",
    );
    Page { schema: &schema }.section(&mut text, "", &schema);
    text
}

struct Page<'s> {
    schema: &'s Value,
}

impl Page<'_> {
    /// The keys at `path`, then the sections below it.
    fn section(&self, out: &mut String, path: &str, schema: &Value) {
        let Some(properties) = self.mapping(schema).and_then(|form| form.get("properties")).and_then(Value::as_object)
        else {
            return;
        };
        let required: Vec<&str> = self
            .mapping(schema)
            .and_then(|form| form.get("required"))
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let title = if path.is_empty() { "The file" } else { path };
        let _ = write!(out, "\n## {}\n\n", if path.is_empty() { title.to_owned() } else { format!("`{title}`") });
        if let Some(about) = self.about(schema).filter(|_| !path.is_empty()) {
            let _ = write!(out, "{}\n\n", about.replace('\n', " "));
        }
        out.push_str("| key | type | |\n| --- | --- | --- |\n");
        for (key, value) in properties {
            let name = if required.contains(&key.as_str()) { format!("**`{key}`**") } else { format!("`{key}`") };
            let about = self.about(value).unwrap_or_default();
            let _ = writeln!(out, "| {name} | {} | {} |", cell(&self.kind(value)), cell(&about));
        }
        self.choices(out, properties);
        for (key, value) in properties {
            let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            match self.form(value) {
                Some(form) if form.get("properties").is_some() => self.section(out, &below, value),
                Some(form) if form.get("type").and_then(Value::as_str) == Some("array") => {
                    if let Some(items) = form.get("items") {
                        self.section(out, &format!("{below}[]"), items);
                    }
                }
                _ => {}
            }
        }
    }

    /// What each value of a choice means.
    fn choices(&self, out: &mut String, properties: &Map<String, Value>) {
        for (key, value) in properties {
            let Some(values) = self.form(value).and_then(|form| form.get("oneOf")).and_then(Value::as_array) else {
                continue;
            };
            let _ = write!(out, "\nValues of `{key}`:\n\n");
            for value in values {
                if let Some(name) = value.get("const").and_then(Value::as_str) {
                    let about = value.get("description").and_then(Value::as_str).unwrap_or_default();
                    let _ = writeln!(out, "* `{name}`: {}", about.replace('\n', " "));
                }
            }
        }
    }

    /// The forms a value may have, without `null`: a key may always be left empty.
    fn forms<'a>(&'a self, schema: &'a Value) -> Vec<&'a Value> {
        let schema = self.resolved(schema);
        match schema.get("anyOf").and_then(Value::as_array) {
            Some(forms) => forms
                .iter()
                .map(|form| self.resolved(form))
                .filter(|form| form.get("type").and_then(Value::as_str) != Some("null"))
                .collect(),
            None => vec![schema],
        }
    }

    fn form<'a>(&'a self, schema: &'a Value) -> Option<&'a Value> {
        self.forms(schema).into_iter().next()
    }

    fn mapping<'a>(&'a self, schema: &'a Value) -> Option<&'a Value> {
        self.forms(schema).into_iter().find(|form| form.get("properties").is_some())
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let target = schema.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix('#'));
        target.and_then(|pointer| self.schema.pointer(pointer)).unwrap_or(schema)
    }

    fn about(&self, schema: &Value) -> Option<String> {
        let own = schema.get("description").and_then(Value::as_str);
        own.or_else(|| self.form(schema)?.get("description")?.as_str()).map(str::to_owned)
    }

    fn kind(&self, schema: &Value) -> String {
        let names: Vec<String> = self.forms(schema).into_iter().map(|form| self.kind_of_form(form)).collect();
        names.join(" or ")
    }

    fn kind_of_form(&self, form: &Value) -> String {
        if form.get("properties").is_some() {
            return "section".into();
        }
        if let Some(values) = form.get("oneOf").and_then(Value::as_array) {
            let names: Vec<String> = values
                .iter()
                .filter_map(|value| value.get("const"))
                .filter_map(Value::as_str)
                .map(|name| format!("`{name}`"))
                .collect();
            return names.join(", ");
        }
        let kind = match form.get("type") {
            Some(Value::String(kind)) => Some(kind.as_str()),
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
            _ => None,
        };
        match kind {
            Some("array") => {
                let items = form.get("items").map(|items| self.kind(items)).unwrap_or_default();
                if items == "section" { "list of sections".into() } else { format!("list of {items}") }
            }
            Some("object") => "mapping".into(),
            Some("string") => "text".into(),
            Some(other) => other.to_owned(),
            None => "any".into(),
        }
    }
}

/// A text as a cell of a Markdown table.
fn cell(text: &str) -> String {
    text.trim().replace('|', "\\|").replace('\n', " ")
}
