//! What the language says about a place of a [`Sketch`]: the part of the schema that describes it.
//!
//! Owns the way from a node to its schema, with discriminators and anchors considered. Proposes
//! nothing.

use serde_json::{Map, Value as Json};

use super::sketch::{Content, Id, Role, Sketch};
use crate::config::schema;

/// Anchors used inside anchored values at most.
const MAX_USES: usize = 8;

/// What the language says about one place.
#[derive(Clone, Debug, Default)]
pub(super) struct Spot {
    /// As declared at its key: description, default and annotations of this very place.
    declared: Option<&'static Json>,
    /// What may stand there, `$ref` followed and null left out. Empty: anything, or unknown.
    pub(super) forms: Vec<&'static Json>,
}

impl Spot {
    /// Of a part of the schema.
    pub(super) fn of(declared: &'static Json) -> Self {
        Self { declared: Some(declared), forms: alternatives(declared) }
    }

    /// The document.
    pub(super) fn document() -> Self {
        Self::of(schema::annotated())
    }

    /// What the language says about the place of a node.
    pub(super) fn at(sketch: &Sketch<'_>, id: Id) -> Self {
        Self::look(sketch, id, &mut 0)
    }

    fn look(sketch: &Sketch<'_>, id: Id, uses: &mut usize) -> Self {
        let mut steps: Vec<Id> = sketch.upwards(id).collect();
        steps.reverse();
        let mut spot = Self::document();
        for id in steps {
            let node = &sketch.nodes[id];
            spot = match &node.role {
                Role::Root => spot,
                Role::Entry { name, .. } if name == "<<" => spot,
                Role::Entry { name, .. } => spot.key(name),
                Role::Item => spot.item(),
            };
            // What is kept apart under an anchor is what its first use says.
            if let Some(anchor) = node.anchor
                && spot.forms.is_empty()
                && *uses < MAX_USES
                && let Some(alias) = first_use(sketch, anchor)
            {
                *uses += 1;
                spot = Self::look(sketch, alias, uses);
            }
        }
        spot
    }

    /// Below a key.
    pub(super) fn key(&self, name: &str) -> Self {
        let declared = self.forms.iter().find_map(|form| {
            let own = form.get("properties").and_then(|properties| properties.get(name));
            own.or_else(|| form.get("additionalProperties").filter(|inner| inner.is_object()))
        });
        declared.map(Self::of).unwrap_or_default()
    }

    /// An item of the list.
    pub(super) fn item(&self) -> Self {
        self.forms.iter().find_map(|form| form.get("items")).map(Self::of).unwrap_or_default()
    }

    /// The form that is a mapping, whether of keys of the language or of the user.
    pub(super) fn mapping(&self) -> Option<&'static Json> {
        self.forms.iter().copied().find(|form| type_of(form) == Some("object"))
    }

    /// The form that is a list.
    pub(super) fn list(&self) -> Option<&'static Json> {
        self.forms.iter().copied().find(|form| type_of(form) == Some("array"))
    }

    /// The forms that are single values.
    pub(super) fn scalars(&self) -> impl Iterator<Item = &'static Json> + '_ {
        self.forms.iter().copied().filter(|form| !matches!(type_of(form), Some("object" | "array")))
    }

    /// An annotation of this place, else of what may stand there.
    pub(super) fn note(&self, name: &str) -> Option<&'static Json> {
        self.declared
            .and_then(|declared| declared.get(name))
            .or_else(|| self.forms.iter().find_map(|form| form.get(name)))
    }

    /// An annotation that is a text.
    pub(super) fn word(&self, name: &str) -> Option<&'static str> {
        self.note(name).and_then(Json::as_str)
    }

    /// Whether an annotation is there and not false.
    pub(super) fn marked(&self, name: &str) -> bool {
        self.note(name).is_some_and(|note| note != &Json::Bool(false))
    }

    /// The page about it.
    pub(super) fn description(&self) -> &'static str {
        self.word("description").unwrap_or_default()
    }

    /// Whether it has a successor.
    pub(super) fn deprecated(&self) -> bool {
        self.marked("deprecated") || self.marked("x-replaced-by")
    }

    /// Its values, where it is nothing but an enumeration that is soon told.
    pub(super) fn few_values(&self) -> Option<String> {
        const LONGEST: usize = 48;
        let [form] = self.forms[..] else { return None };
        let names: Vec<&str> = values(form)?.into_iter().map(|(name, _)| name).collect();
        Some(names.join(" | ")).filter(|text| (1..=LONGEST).contains(&text.len()))
    }

    /// What it is, in a few words.
    pub(super) fn kind(&self) -> String {
        let mut kinds: Vec<&str> = Vec::new();
        for form in &self.forms {
            let kind = if values(form).is_some() {
                "one of a few"
            } else {
                match type_of(form) {
                    Some("object") if form.get("properties").is_some() => "section",
                    Some("object") => "map",
                    Some("array") => "list",
                    Some("integer") => "whole number",
                    Some("number") => "number",
                    Some("boolean") => "true or false",
                    _ => "text",
                }
            };
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        kinds.join(" or ")
    }
}

/// Where an anchor is used first.
fn first_use(sketch: &Sketch<'_>, anchor: &str) -> Option<Id> {
    sketch.nodes.iter().position(|node| match &node.content {
        Content::Alias(extent) => sketch.slice(*extent).strip_prefix('*') == Some(anchor),
        _ => false,
    })
}

/// What a part of the schema allows, `$ref` followed and null left out; empty: anything.
fn alternatives(declared: &'static Json) -> Vec<&'static Json> {
    if let Some(reference) = declared.get("$ref").and_then(Json::as_str) {
        let target = schema::annotated().pointer(reference.trim_start_matches('#'));
        return target.map(alternatives).unwrap_or_default();
    }
    if let Some(forms) = declared.get("anyOf").and_then(Json::as_array) {
        return forms.iter().flat_map(alternatives).collect();
    }
    match type_of(declared) {
        Some("null") => Vec::new(),
        None if values(declared).is_none() => Vec::new(),
        _ => vec![declared],
    }
}

/// The type that a form names, null left out where it is one of two.
pub(super) fn type_of(form: &Json) -> Option<&str> {
    match form.get("type")? {
        Json::String(name) => Some(name),
        Json::Array(names) => names.iter().filter_map(Json::as_str).find(|name| *name != "null"),
        _ => None,
    }
}

/// The values of an enumeration with what they mean.
pub(super) fn values(form: &'static Json) -> Option<Vec<(&'static str, &'static str)>> {
    if let Some(values) = form.get("enum").and_then(Json::as_array) {
        return Some(values.iter().filter_map(Json::as_str).map(|value| (value, "")).collect());
    }
    let variants = form.get("oneOf").and_then(Json::as_array)?;
    let about = |variant: &'static Json| variant.get("description").and_then(Json::as_str).unwrap_or_default();
    Some(
        variants
            .iter()
            .filter_map(|variant| Some((variant.get("const").and_then(Json::as_str)?, about(variant))))
            .collect(),
    )
}

/// Keys of the language in a mapping.
pub(super) fn properties(form: &'static Json) -> Option<&'static Map<String, Json>> {
    form.get("properties").and_then(Json::as_object)
}

/// Whether the mapping must have the key.
pub(super) fn is_required(form: &Json, key: &str) -> bool {
    form.get("required").and_then(Json::as_array).into_iter().flatten().any(|name| name == key)
}

/// Which value of which key chooses which section.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sections {
    /// The key.
    pub(super) key: &'static str,
    values: &'static Map<String, Json>,
    /// Whether the section must be there.
    pub(super) required: bool,
}

impl Sections {
    /// Of a mapping.
    pub(super) fn of(form: &'static Json) -> Option<Self> {
        let sections = form.get("x-sections")?;
        Some(Self {
            key: sections.get("key")?.as_str()?,
            values: sections.get("values")?.as_object()?,
            required: sections.get("required").and_then(Json::as_bool).unwrap_or_default(),
        })
    }

    /// The values and their sections.
    pub(super) fn choices(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.values.iter().filter_map(|(value, section)| Some((value.as_str(), section.as_str()?)))
    }

    /// The section that a value chooses.
    pub(super) fn chosen(self, value: &str) -> Option<&'static str> {
        self.choices().find(|(own, _)| own.eq_ignore_ascii_case(value.trim())).map(|(_, section)| section)
    }

    /// The value that chooses a section.
    pub(super) fn value_of(self, section: &str) -> Option<&'static str> {
        self.choices().find(|(_, own)| *own == section).map(|(value, _)| value)
    }
}
