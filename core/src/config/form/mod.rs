//! A configuration as fields: the schema laid over the text, whatever state the text is in.
//!
//! Every field says what is written here, what counts, and who gave it. Sections that the chosen type
//! does not use are left out unless they are written; what the schema does not know stays as a raw row.
//! Judges nothing: findings come from outside and are only attached.

pub(crate) mod language;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Map, Value as Json};

use self::language::Place;
use super::layers::origin::{Effective, Origin};
use super::load::{Own, Reading};
use super::path::key_text;
use super::schema::type_of;
use super::syntax::{Node, Scalar, ScalarKind, Value};
use super::text::Source;
use crate::diagnostic::Span;

/// Sections inside sections that are listed although nothing of them is written.
const UNWRITTEN_LEVELS: usize = 8;
/// With more datasets than this only what is written of them is listed, but for the one asked for.
const MANY: usize = 20;

/// One field with those below it; see [`crate::api::wire::Field`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Field {
    pub(crate) path: String,
    pub(crate) label: String,
    pub(crate) help: &'static str,
    pub(crate) kind: Kind,
    pub(crate) written: Option<String>,
    pub(crate) effective: Option<String>,
    pub(crate) origin: Origin,
    pub(crate) required: bool,
    pub(crate) advanced: bool,
    pub(crate) deprecated: bool,
    pub(crate) span: Option<Span>,
    pub(crate) problems: Vec<u32>,
    pub(crate) children: Vec<Self>,
}

/// How a field is edited; see [`crate::api::wire::FieldKind`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    Section,
    Map,
    List {
        scalar: bool,
    },
    Text {
        file: bool,
        long: bool,
    },
    Integer,
    Number,
    Boolean,
    /// Values with their help.
    Choice(Vec<(&'static str, &'static str)>),
    #[default]
    Raw,
}

/// The fields of a text.
#[derive(Debug)]
pub(crate) struct Fields {
    /// Those of the top level.
    pub(crate) fields: Vec<Field>,
    /// Whether only one dataset is listed with what is not written.
    pub(crate) in_part: bool,
}

/// The fields of a text that was read. `Err`: why there is none. Of many datasets only the one at `path`
/// is listed with everything that could be written.
pub(crate) fn fields(reading: &Reading, path: &str) -> Result<Fields, String> {
    let own = match &reading.own {
        Own::Tree(own) => Some(own),
        Own::Nothing => None,
        Own::Unreadable(why) => return Err(why.clone()),
    };
    let mut about: HashMap<&str, Vec<u32>> = HashMap::new();
    let findings = reading.file.diagnostics.iter().enumerate();
    for (index, finding) in findings.filter(|(_, finding)| !finding.path.is_empty()) {
        about.entry(finding.path.as_str()).or_default().push(u32::try_from(index).unwrap_or(u32::MAX));
    }
    let datasets = own.and_then(|own| own.entry("sources")?.node.items()).unwrap_or_default().len();
    let whole = if datasets > MANY { Some(path) } else { None };
    let form = Maker { source: reading.effective.source(), effective: &reading.effective, about, whole };
    let spot = Spot { own, counts: reading.effective.root().or(own), unwritten: 0 };
    Ok(Fields { fields: form.section(&Place::root(), spot, ""), in_part: form.whole.is_some() })
}

struct Maker<'m> {
    source: &'m Source<'m>,
    effective: &'m Effective,
    about: HashMap<&'m str, Vec<u32>>,
    /// Path in the only dataset that is listed with what is not written.
    whole: Option<&'m str>,
}

/// The same place in the text and in what counts.
#[derive(Clone, Copy)]
struct Spot<'s> {
    own: Option<&'s Rc<Node>>,
    counts: Option<&'s Rc<Node>>,
    /// Levels above that are not written.
    unwritten: usize,
}

impl<'s> Spot<'s> {
    fn key(self, key: &str) -> Self {
        let below = |node: Option<&'s Rc<Node>>| node.and_then(|node| node.entry(key)).map(|entry| &entry.node);
        self.to(below(self.own), below(self.counts))
    }
    fn item(self, index: usize) -> Self {
        let below = |node: Option<&'s Rc<Node>>| node.and_then(|node| node.items()).and_then(|items| items.get(index));
        self.to(below(self.own), below(self.counts))
    }
    fn to(self, own: Option<&'s Rc<Node>>, counts: Option<&'s Rc<Node>>) -> Self {
        Self { own, counts, unwritten: if own.is_some() { 0 } else { self.unwritten + 1 } }
    }
    /// The single value that counts, as written.
    fn text(self) -> Option<&'s str> {
        self.counts.or(self.own).filter(|node| !node.is_null())?.text()
    }
}

impl Maker<'_> {
    /// The fields of a section: known keys in order, then the others.
    fn section(&self, place: &Place, spot: Spot<'_>, path: &str) -> Vec<Field> {
        let Some(properties) = place.properties() else { return Vec::new() };
        let required: Vec<&str> = place
            .section()
            .and_then(|form| form.get("required"))
            .and_then(Json::as_array)
            .map(|keys| keys.iter().filter_map(Json::as_str).collect())
            .unwrap_or_default();
        let sections = Sections::of(place, spot);
        let all = self.lists_all(path);
        let mut fields = Vec::new();
        for (key, schema) in properties {
            let below = spot.key(key);
            if !all && below.own.is_none() && below.counts.is_none() {
                continue;
            }
            let here = Place::of(schema);
            let deprecated = here.own.get("x-replaced-by").is_some();
            let applies = sections.allows(key) && applies(&here, properties, spot);
            if below.own.is_none() && (deprecated || !applies) {
                continue;
            }
            let mut field = self.field(&here, below, format!("{path}{}", key_text(key, path.is_empty())), key);
            field.required = required.contains(&key.as_str()) || sections.needs(key);
            field.deprecated = deprecated;
            fields.push(field);
        }
        let unknown = spot.own.and_then(|own| own.entries()).unwrap_or_default();
        for entry in unknown.iter().filter(|entry| !properties.contains_key(&entry.key)) {
            let path = format!("{path}{}", key_text(&entry.key, path.is_empty()));
            fields.push(self.raw(&entry.node, path, &entry.key));
        }
        fields
    }

    /// Whether the section at `path` is listed with what is not written in it.
    fn lists_all(&self, path: &str) -> bool {
        let Some(whole) = self.whole else { return true };
        let Some(dataset) = path.strip_prefix("sources[").and_then(|rest| rest.split_once(']')) else { return true };
        whole.strip_prefix("sources[").and_then(|rest| rest.split_once(']')).is_some_and(|asked| asked.0 == dataset.0)
    }

    fn field(&self, place: &Place, spot: Spot<'_>, path: String, label: &str) -> Field {
        let mut field = Field {
            label: label.to_owned(),
            help: place.help(),
            kind: kind(place, spot.own.or(spot.counts)),
            problems: self.about.get(path.as_str()).cloned().unwrap_or_default(),
            ..Field::default()
        };
        if let Some(own) = spot.own {
            field.written = own.text().filter(|_| !own.is_null()).map(str::to_owned);
            field.span = Some(self.source.span(own.extent));
        }
        self.say_what_counts(&mut field, place, spot);
        field.advanced = place.is("x-advanced") && spot.own.is_none();
        match field.kind {
            Kind::Section if spot.unwritten <= UNWRITTEN_LEVELS => field.children = self.section(place, spot, &path),
            Kind::Map => field.children = self.map(place, spot, &path),
            Kind::List { .. } => field.children = self.list(place, spot, &path),
            Kind::Raw if spot.own.is_some_and(|own| own.text().is_none()) => {
                field.written = spot.own.map(|own| self.slice(own));
            }
            _ => {}
        }
        field.path = path;
        field
    }

    fn say_what_counts(&self, field: &mut Field, place: &Place, spot: Spot<'_>) {
        match spot.counts.filter(|node| !node.is_null()) {
            Some(node) => {
                let (effective, origin) = self.effective.value(node);
                field.origin = origin;
                field.effective = match &node.value {
                    Value::Sequence(items) if spot.own.is_none() => list_text(items),
                    _ => effective,
                };
            }
            None => match place.note("default").filter(|default| !default.is_null()) {
                Some(default) => {
                    field.origin = Origin::Default;
                    field.effective = Some(default.as_str().map_or_else(|| default.to_string(), str::to_owned));
                }
                None => field.origin = Origin::Nowhere,
            },
        }
    }

    fn map(&self, place: &Place, spot: Spot<'_>, path: &str) -> Vec<Field> {
        let inner = place.entries();
        let entries = |node: Option<&Rc<Node>>| -> Vec<String> {
            node.and_then(|node| node.entries())
                .map(|entries| entries.iter().map(|entry| entry.key.clone()).collect())
                .unwrap_or_default()
        };
        let mut keys = entries(spot.own);
        for key in entries(spot.counts) {
            if spot.own.is_none_or(|own| own.entry(&key).is_none()) {
                keys.push(key);
            }
        }
        keys.iter()
            .map(|key| {
                let path = format!("{path}{}", key_text(key, path.is_empty()));
                match (&inner, spot.key(key)) {
                    (Some(inner), below) => self.field(inner, below, path, key),
                    (None, Spot { own: Some(own), .. }) => self.raw(own, path, key),
                    (None, below) => self.field(&Place { own: &Json::Null, forms: Vec::new() }, below, path, key),
                }
            })
            .collect()
    }

    /// Items of a list that is written here; a list of another layer is one value.
    fn list(&self, place: &Place, spot: Spot<'_>, path: &str) -> Vec<Field> {
        let items = spot.own.and_then(|own| own.items()).unwrap_or_default();
        let inner = place.items().unwrap_or(Place { own: &Json::Null, forms: Vec::new() });
        let datasets = path == "sources";
        (0..items.len())
            .map(|index| {
                let below = spot.item(index);
                let name = if datasets { dataset_name(below) } else { None };
                let label = name.unwrap_or_else(|| (index + 1).to_string());
                self.field(&inner, below, format!("{path}[{index}]"), &label)
            })
            .collect()
    }

    /// Something that the language does not know.
    fn raw(&self, node: &Rc<Node>, path: String, label: &str) -> Field {
        let written = node.text().map_or_else(|| self.slice(node), str::to_owned);
        Field {
            label: label.to_owned(),
            written: Some(written),
            origin: Origin::Here,
            span: Some(self.source.span(node.extent)),
            problems: self.about.get(path.as_str()).cloned().unwrap_or_default(),
            path,
            ..Field::default()
        }
    }

    fn slice(&self, node: &Node) -> String {
        self.source.slice(node.extent).trim_end().to_owned()
    }
}

/// What a dataset is called.
fn dataset_name(spot: Spot<'_>) -> Option<String> {
    let source = spot.key("source");
    match (spot.key("name").text(), source.key("system").text(), source.key("table").text()) {
        (Some(name), _, _) => Some(name.to_owned()),
        (None, Some(system), Some(table)) => Some(format!("{system}.{table}")),
        _ => None,
    }
}

/// Single values as `[a, b]`; nothing if there is more in the list, or a variable.
fn list_text(items: &[Rc<Node>]) -> Option<String> {
    let texts: Option<Vec<&str>> = items.iter().map(|item| item.text().filter(|text| !text.contains("${"))).collect();
    texts.map(|texts| format!("[{}]", texts.join(", ")))
}

/// Whether a key has a meaning beside what is given.
fn applies(place: &Place, properties: &'static Map<String, Json>, spot: Spot<'_>) -> bool {
    let Some(when) = place.own.get("x-when") else { return true };
    let (Some(key), Some(values)) = (when["key"].as_str(), when["in"].as_array()) else { return true };
    let default = || properties.get(key).map(Place::of).and_then(|other| other.note("default")?.as_str());
    // Where nothing says which, each of them may be meant.
    let Some(given) = spot.key(key).text().or_else(default) else { return true };
    given.contains("${") || values.iter().filter_map(Json::as_str).any(|value| value.eq_ignore_ascii_case(given))
}

/// Which sections the value of a key chooses.
struct Sections<'s> {
    table: Option<(&'s Map<String, Json>, bool)>,
    chosen: Option<&'s str>,
}

impl<'s> Sections<'s> {
    fn of(place: &Place, spot: Spot<'s>) -> Self {
        let annotation = place.section().and_then(|form| form.get("x-sections"));
        let table = annotation.and_then(|sections| {
            Some((sections.get("values")?.as_object()?, sections.get("required")?.as_bool().unwrap_or_default()))
        });
        let chosen = annotation.and_then(|sections| spot.key(sections.get("key")?.as_str()?).text());
        Self { table, chosen }
    }
    fn section_of(&self, value: &str) -> Option<&str> {
        let (values, _) = self.table?;
        values.iter().find(|(name, _)| name.eq_ignore_ascii_case(value)).and_then(|(_, section)| section.as_str())
    }
    fn allows(&self, key: &str) -> bool {
        let Some((values, _)) = self.table else { return true };
        let is_section = values.values().any(|section| section.as_str() == Some(key));
        !is_section || self.chosen.is_some_and(|value| self.section_of(value) == Some(key))
    }
    fn needs(&self, key: &str) -> bool {
        self.table.is_some_and(|(_, required)| required)
            && self.chosen.is_some_and(|value| self.section_of(value) == Some(key))
    }
}

/// How a field is edited: by the form of the language that its value has, or could have.
fn kind(place: &Place, node: Option<&Rc<Node>>) -> Kind {
    let node = node.filter(|node| !node.is_null());
    let form = match node {
        Some(node) => place.forms.iter().find(|form| takes(form, node)).or_else(|| {
            // A text in place of a number is still edited as one.
            place.forms.iter().find(|form| node.text().is_some() && !is_collection(form))
        }),
        None => place.forms.iter().find(|form| type_of(form) == Some("array")).or_else(|| place.forms.first()),
    };
    let Some(form) = form else { return Kind::Raw };
    if let Some(values) = choices(form) {
        return Kind::Choice(values);
    }
    match type_of(form) {
        Some("object") if form.get("properties").is_some() => Kind::Section,
        Some("object") => Kind::Map,
        Some("array") => Kind::List {
            scalar: place.items().is_some_and(|items| {
                !items.forms.is_empty()
                    && items.forms.iter().all(|form| type_of(form).is_some() && !is_collection(form))
            }),
        },
        Some("integer") => Kind::Integer,
        Some("number") => Kind::Number,
        Some("boolean") => Kind::Boolean,
        Some("string") => Kind::Text {
            file: matches!(place.note("x-form").and_then(Json::as_str), Some("file_path" | "folder" | "path")),
            long: place.is("x-long"),
        },
        _ => Kind::Raw,
    }
}

fn is_collection(form: &Json) -> bool {
    matches!(type_of(form), Some("object" | "array"))
}

fn takes(form: &'static Json, node: &Node) -> bool {
    match (&node.value, type_of(form)) {
        (Value::Mapping(_), Some("object")) | (Value::Sequence(_), Some("array")) => true,
        (Value::Scalar(Scalar { kind, text }), wanted) => match wanted {
            Some("string") => true,
            Some("integer") => matches!(kind, ScalarKind::Integer),
            Some("number") => matches!(kind, ScalarKind::Integer | ScalarKind::Float),
            Some("boolean") => matches!(kind, ScalarKind::Bool(_)),
            None => {
                choices(form).is_some_and(|values| values.iter().any(|(value, _)| value.eq_ignore_ascii_case(text)))
            }
            _ => false,
        },
        _ => false,
    }
}

fn choices(form: &'static Json) -> Option<Vec<(&'static str, &'static str)>> {
    if let Some(values) = form.get("enum").and_then(Json::as_array) {
        let values: Vec<_> = values.iter().filter_map(Json::as_str).map(|value| (value, "")).collect();
        return (!values.is_empty()).then_some(values);
    }
    let variants = form.get("oneOf").and_then(Json::as_array)?;
    let choice = |variant: &'static Json| {
        let help = variant.get("description").and_then(Json::as_str).unwrap_or_default();
        Some((variant.get("const")?.as_str()?, help))
    };
    let values: Vec<_> = variants.iter().filter_map(choice).collect();
    (!values.is_empty()).then_some(values)
}
