//! The walk of a document along the schema: types, allowed values, required and unknown keys.
//!
//! Gives back the document as JSON without the parts that are wrong, variables replaced and values
//! in the type of their key, so that what is right can still be looked at as a whole.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use super::scalar;
use crate::config::findings::Findings;
use crate::config::forms;
use crate::config::interpolate::{Cause, Interpolated, Variables};
use crate::config::path::{Path, Scope};
use crate::config::syntax::{Entry, Node, Scalar, ScalarKind, Value, cut, resolve};
use crate::config::text::{Extent, Source};
use crate::diagnostic::{Code, Diagnostic, Dialect, Fix, Related, Severity, code, deprecation};
use crate::nearest::nearest;

/// Everything the walk needs beside the place where it is.
pub(crate) struct Walk<'w> {
    /// The schema's root, for `$ref`.
    pub(crate) schema: &'w Json,
    /// The text.
    pub(crate) source: &'w Source<'w>,
    /// What `${…}` means.
    pub(crate) variables: &'w Variables<'w>,
    /// Where findings go.
    pub(crate) findings: &'w mut Findings,
}

/// A scalar after its variables are replaced.
pub(super) struct Given<'n> {
    /// The value.
    pub(super) scalar: Scalar,
    /// Whether any of it comes from a variable: then it is not shown.
    pub(super) replaced: bool,
    /// As written.
    pub(super) written: &'n str,
    /// Where.
    pub(super) extent: Extent,
}

impl Walk<'_> {
    /// Checks the whole document.
    pub(crate) fn document(&mut self, root: &Node) -> Json {
        let mark = root.entries().and_then(<[Entry]>::first).map_or(root.extent, |entry| entry.key_extent);
        let schema = self.schema;
        self.node(schema, root, &Path::root(mark)).unwrap_or_else(|| Json::Object(Map::new()))
    }

    fn node(&mut self, schema: &Json, node: &Node, path: &Path<'_>) -> Option<Json> {
        if self.findings.full() {
            return None;
        }
        let forms = alternatives(self.schema, schema);
        let form = match forms.as_slice() {
            [] => return self.anything(node, path),
            [one] => *one,
            several => match several.iter().find(|form| takes(form, node)) {
                Some(form) => *form,
                None if is_reference(node) => several[0],
                None => {
                    let wanted: Vec<String> = several.iter().map(|form| kind_name(form)).collect();
                    self.wrong_type(node, path, &wanted.join(" or "), None);
                    return None;
                }
            },
        };
        let value = match type_of(form) {
            Some("object") => self.mapping(form, schema, node, path),
            Some("array") => self.sequence(form, node, path),
            _ if allowed(form).is_some() => self.scalar(form, schema, node, path),
            None => self.anything(node, path),
            Some(_) => self.scalar(form, schema, node, path),
        }?;
        self.availability(form, &value, node, path);
        Some(value)
    }

    fn mapping(&mut self, form: &Json, schema: &Json, node: &Node, path: &Path<'_>) -> Option<Json> {
        let Some(entries) = node.entries() else {
            let keys = form.get("properties").and_then(Json::as_object).map(known_keys);
            self.wrong_type(node, path, "a mapping of keys to values", keys.map(|keys| format!("its keys are {keys}")));
            return None;
        };
        match form.get("properties").and_then(Json::as_object) {
            Some(properties) => Some(self.section(form, properties, entries, path)),
            None => Some(self.map(form, schema, entries, path)),
        }
    }

    /// Keys that the user chooses.
    fn map(&mut self, form: &Json, schema: &Json, entries: &[Entry], path: &Path<'_>) -> Json {
        let inner = form.get("additionalProperties").unwrap_or(&Json::Null);
        let key_form = schema.get("x-key-form").and_then(Json::as_str);
        let mut object = Map::new();
        for entry in entries {
            if self.findings.full() {
                break;
            }
            let here = path.key(&entry.key, entry.key_extent);
            if let Some(form) = key_form
                && let Err(misfit) = forms::check(form, &entry.key)
            {
                let finding = Diagnostic::error(misfit.code, format!("`{}` {}", cut(&entry.key), misfit.reason))
                    .help(misfit.help);
                self.report(&here, finding, entry.key_extent);
            } else if entry.node.is_null() {
                let wanted = alternatives(self.schema, inner).first().map_or("a value".into(), |form| kind_name(form));
                self.wrong_type(&entry.node, &here, &wanted, None);
            } else if let Some(value) = self.node(inner, &entry.node, &here) {
                object.insert(entry.key.clone(), value);
            }
        }
        Json::Object(object)
    }

    /// Keys that the language has.
    fn section(&mut self, form: &Json, properties: &Map<String, Json>, entries: &[Entry], path: &Path<'_>) -> Json {
        let mut object = Map::new();
        let by_key: HashMap<&str, &Entry> = entries.iter().map(|entry| (entry.key.as_str(), entry)).collect();
        let chosen = self.chosen(form, properties, &by_key, path);
        let own_keys = form.get("patternProperties").is_some();
        for entry in entries {
            if self.findings.full() {
                break;
            }
            let here = path.key(&entry.key, entry.key_extent);
            let Some(schema) = properties.get(&entry.key) else {
                if !(own_keys && entry.key.starts_with("x-")) {
                    self.unknown_key(properties, &by_key, entry, &here);
                }
                continue;
            };
            if let Some(chosen) = &chosen
                && chosen.excludes(&entry.key)
            {
                let finding = Diagnostic::warning(
                    code::CFG023,
                    format!("`{}` has no effect, because `{}` is {}", entry.key, chosen.key, chosen.said()),
                )
                .help(format!(
                    "remove the section, or choose `{}: {}`",
                    chosen.key,
                    chosen.value_of(&entry.key)
                ));
                self.report(&here, finding, entry.key_extent);
                continue;
            }
            if entry.node.is_null() {
                continue;
            }
            if let Some(level) = schema.get("x-unavailable").and_then(Json::as_str) {
                self.unavailable_key(level, entry, &here);
            }
            let name = self.current_name(schema, &by_key, entry, &here);
            if let Some(value) = self.node(schema, &entry.node, &here) {
                object.entry(name.unwrap_or(&entry.key)).or_insert(value);
            }
        }
        let required = form.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
        for key in required {
            let replaced =
                properties.iter().find(|(_, schema)| schema.get("x-replaced-by").and_then(Json::as_str) == Some(key));
            let former = replaced.is_some_and(|(former, _)| given(&by_key, former));
            if !given(&by_key, key) && !former && !self.findings.suggested(&path.key(key, path.mark).to_string()) {
                self.missing(properties, &by_key, key, path);
            }
        }
        if let Some(chosen) = &chosen
            && let Some(section) = chosen.needs()
            && !given(&by_key, section)
            && !self.findings.suggested(&path.key(section, path.mark).to_string())
        {
            let mark = by_key.get(chosen.key.as_str()).map_or(path.mark, |entry| entry.node.extent);
            let finding =
                Diagnostic::error(code::CFG014, format!("{} needs the section `{section}`", chosen.said_in_full()))
                    .help(format!("add `{section}:` beside `{}`", chosen.key));
            self.report(&path.key(section, mark), finding, mark);
        }
        Json::Object(object)
    }

    fn chosen(
        &self,
        form: &Json,
        properties: &Map<String, Json>,
        by_key: &HashMap<&str, &Entry>,
        path: &Path<'_>,
    ) -> Option<Chosen> {
        let sections = form.get("x-sections")?;
        let key = sections.get("key")?.as_str()?;
        let entry = by_key.get(key)?;
        // Looked at here without a finding; the walk comes by again.
        let mut silent = Findings::default();
        let mut walk =
            Walk { schema: self.schema, source: self.source, variables: self.variables, findings: &mut silent };
        let value = walk.node(properties.get(key)?, &entry.node, &path.key(key, entry.key_extent))?;
        let Value::Scalar(scalar) = &entry.node.value else { return None };
        let values = sections.get("values")?.as_object()?;
        Some(Chosen {
            key: key.to_owned(),
            written: cut(&scalar.text),
            value: value.as_str()?.to_owned(),
            sections: values
                .iter()
                .filter_map(|(value, section)| Some((value.clone(), section.as_str()?.to_owned())))
                .collect(),
            required: sections.get("required").and_then(Json::as_bool).unwrap_or_default(),
        })
    }

    /// The name under which a deprecated key is read.
    fn current_name<'s>(
        &mut self,
        schema: &'s Json,
        by_key: &HashMap<&str, &Entry>,
        entry: &Entry,
        path: &Path<'_>,
    ) -> Option<&'s str> {
        let name = schema.get("x-replaced-by").and_then(Json::as_str)?;
        let code = schema.get("x-code").and_then(Json::as_str).and_then(Code::find).unwrap_or(code::CFG013);
        let both = given(by_key, name);
        let mut finding = Diagnostic::warning(code, format!("`{}` is deprecated", entry.key)).help(if both {
            format!("remove it: `{name}` is given too, and that is used")
        } else {
            let until = deprecation::find(Dialect::Canonical, &path.to_string()).map_or("", |row| row.removal);
            format!("rename it to `{name}`; the old name is read until {until}")
        });
        if !both {
            let span = self.source.span(entry.key_extent);
            finding.fix = Some(Fix::one(format!("rename to `{name}`"), span, name, true));
        }
        self.report(path, finding, entry.key_extent);
        Some(name)
    }

    fn unavailable_key(&mut self, level: &str, entry: &Entry, path: &Path<'_>) {
        let (severity, help) = if level == "warning" {
            (Severity::Warning, "it has no effect; everything else works without it")
        } else {
            (Severity::Error, "remove it, or use a newer version of the program")
        };
        let finding =
            Diagnostic::new(code::CFG018, severity, format!("`{}` is not available in this version", entry.key))
                .help(help);
        self.report(path, finding, entry.key_extent);
    }

    fn availability(&mut self, form: &Json, value: &Json, node: &Node, path: &Path<'_>) {
        let Some(missing) = form.get("x-unavailable").and_then(Json::as_array) else { return };
        if !missing.contains(value) {
            return;
        }
        let there: Vec<String> = allowed(form)
            .into_iter()
            .flatten()
            .filter(|value| !missing.iter().any(|missing| missing.as_str() == Some(value)))
            .map(|value| format!("`{value}`"))
            .collect();
        let Value::Scalar(scalar) = &node.value else { return };
        let finding = Diagnostic::error(
            code::CFG018,
            format!("`{}: {}` is not available in this version", path.last_key(), cut(&scalar.text)),
        )
        .help(format!("this version has {}", there.join(", ")));
        self.report(path, finding, node.extent);
    }

    fn unknown_key(
        &mut self,
        properties: &Map<String, Json>,
        by_key: &HashMap<&str, &Entry>,
        entry: &Entry,
        path: &Path<'_>,
    ) {
        let shown = cut(&entry.key);
        let mut finding = Diagnostic::error(code::CFG013, format!("unknown key `{shown}`"));
        let free = |key: &&str| {
            !by_key.contains_key(*key)
                && properties.get(*key).is_some_and(|schema| schema.get("x-replaced-by").is_none())
        };
        if let Some(meant) = nearest(&entry.key, properties.keys().map(String::as_str).filter(free)) {
            finding = finding.help(format!("did you mean `{meant}`?"));
            self.findings.suggest(path.sibling(meant));
            let span = self.source.span(entry.key_extent);
            finding.fix = Some(Fix::one(format!("rename to `{meant}`"), span, meant, false));
        } else if let Some(there) = nearest(&entry.key, properties.keys().map(String::as_str)) {
            finding = finding.help(format!("`{there}`, which may be meant, is here already; remove one of them"));
        } else if let Some(home) = home_of(self.schema, &entry.key) {
            finding = finding.help(format!("`{shown}` belongs under `{home}`"));
        } else {
            finding = finding.help(format!("known here: {}", known_keys(properties)));
        }
        self.report(path, finding, entry.key_extent);
    }

    fn missing(&mut self, properties: &Map<String, Json>, by_key: &HashMap<&str, &Entry>, key: &str, path: &Path<'_>) {
        let about = properties.get(key).map(|schema| first_sentence(self.schema, schema)).unwrap_or_default();
        let (message, mark) = match by_key.get(key) {
            Some(entry) => (format!("`{key}` has no value"), entry.key_extent),
            None => (format!("{} has no `{key}`", path.name()), path.mark),
        };
        let help = if about.is_empty() { format!("add `{key}:`") } else { format!("add `{key}:` {about}") };
        self.report(&path.key(key, mark), Diagnostic::error(code::CFG014, message).help(help), mark);
    }

    fn sequence(&mut self, form: &Json, node: &Node, path: &Path<'_>) -> Option<Json> {
        let Value::Sequence(items) = &node.value else {
            self.wrong_type(node, path, &kind_name(form), None);
            return None;
        };
        if items.is_empty() && form.get("minItems").and_then(Json::as_u64).unwrap_or_default() > 0 {
            let finding = Diagnostic::error(code::CFG016, format!("{} is an empty list", path.name()))
                .help("name at least one, or remove the key");
            self.report(path, finding, node.extent);
        }
        let inner = form.get("items").unwrap_or(&Json::Null);
        let unique = form.get("uniqueItems").and_then(Json::as_bool).unwrap_or_default();
        let mut places: HashMap<String, Extent> = HashMap::new();
        // A section that is wrong as a whole keeps its place, so that those after it keep theirs.
        let keeps_place = alternatives(self.schema, inner).iter().any(|form| form.get("properties").is_some());
        let mut list = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            if self.findings.full() {
                break;
            }
            let mark = self
                .source
                .first_line(item.entries().and_then(<[Entry]>::first).map_or(item.extent, |first| first.key_extent));
            let here = path.index(index, mark);
            let value = self.node(inner, item, &here);
            if let (true, Some(Json::String(text))) = (unique, &value)
                && let Some(first) = places.insert(text.clone(), item.extent)
            {
                let written = written(item);
                let mut finding = Diagnostic::error(code::CFG016, format!("{written} stands twice in {}", path.name()))
                    .help("remove one of the two");
                finding.related.push(Related::here("first named here", self.source.span(first)));
                self.report(&here, finding, item.extent);
            }
            match value {
                Some(value) => list.push(value),
                None if keeps_place => list.push(Json::Null),
                None => {}
            }
        }
        Some(Json::Array(list))
    }

    fn scalar(&mut self, form: &Json, schema: &Json, node: &Node, path: &Path<'_>) -> Option<Json> {
        let Value::Scalar(_) = &node.value else {
            self.wrong_type(node, path, &kind_name(form), None);
            return None;
        };
        let given = self.given(node, path)?;
        let wanted = type_of(form).unwrap_or("string");
        // `${LIMIT:}` is how an optional number is left out.
        if given.replaced && given.scalar.text.is_empty() && wanted != "string" {
            return None;
        }
        match scalar::read(form, wanted, &given) {
            Ok(value) => {
                if let Json::String(text) = &value
                    && let Some(form) = form.get("x-form").or_else(|| schema.get("x-form")).and_then(Json::as_str)
                    && let Err(misfit) = forms::check(form, text)
                {
                    let message = if text.is_empty() {
                        format!("{} must not be empty", path.name())
                    } else {
                        format!("{} {}", written(node), misfit.reason)
                    };
                    let mut finding = Diagnostic::error(misfit.code, message).help(misfit.help);
                    if let (Some(meant), false) = (misfit.nearest, given.replaced) {
                        finding = finding.help(format!("did you mean `{meant}`?"));
                        finding.fix = Some(self.replacement(given.extent, &meant));
                    }
                    self.report(path, finding, node.extent);
                    return None;
                }
                // What another file says starts at that file.
                let form = form.get("x-form").or_else(|| schema.get("x-form")).and_then(Json::as_str);
                match (form, &value) {
                    (Some("folder" | "file_path"), Json::String(text)) => {
                        Some(self.source.rebased(node.extent, text).map_or(value, Json::String))
                    }
                    _ => Some(value),
                }
            }
            Err(problem) => {
                let mut finding =
                    Diagnostic::error(problem.code, problem.message(path, &written(node), &described(node)));
                finding.help = problem.help;
                if let (Some(text), false) = (problem.fix, given.replaced) {
                    let span = self.source.span(given.extent);
                    finding.fix = Some(Fix::one(format!("write `{text}`"), span, text, true));
                }
                self.report(path, finding, node.extent);
                None
            }
        }
    }

    /// Any value at all.
    fn anything(&mut self, node: &Node, path: &Path<'_>) -> Option<Json> {
        Some(match &node.value {
            Value::Scalar(_) => scalar::free(&self.given(node, path)?.scalar),
            Value::Sequence(items) => Json::Array(
                items
                    .iter()
                    .enumerate()
                    .filter_map(|(index, item)| self.anything(item, &path.index(index, item.extent)))
                    .collect(),
            ),
            Value::Mapping(entries) => Json::Object(
                entries
                    .iter()
                    .filter_map(|entry| {
                        Some((entry.key.clone(), self.anything(&entry.node, &path.key(&entry.key, entry.key_extent))?))
                    })
                    .collect(),
            ),
        })
    }

    /// The scalar with its variables replaced.
    fn given<'n>(&mut self, node: &'n Node, path: &Path<'_>) -> Option<Given<'n>> {
        let Value::Scalar(scalar) = &node.value else { return None };
        let (text, replaced) = match self.variables.interpolate(&scalar.text) {
            Interpolated::Literal(text) => (text, false),
            Interpolated::Replaced(text) => (text, true),
            Interpolated::Failed(problems) => {
                for problem in problems {
                    let reference = scalar.text.get(problem.at).unwrap_or_default();
                    let finding = match problem.cause {
                        Cause::Missing { name, nearest } => {
                            let help = match nearest {
                                Some(nearest) => format!(
                                    "did you mean `${{{nearest}}}`? Otherwise set it, or write `${{{name}:default}}`"
                                ),
                                None => {
                                    format!("set it in the environment or in `.env`, or write `${{{name}:default}}`")
                                }
                            };
                            Diagnostic::error(code::CFG017, format!("the variable `{name}` is not set")).help(help)
                        }
                        Cause::Unclosed => Diagnostic::error(code::CFG016, "`${` without `}`")
                            .help("close it, or write `$${` for the characters themselves"),
                        Cause::BadName => {
                            Diagnostic::error(code::CFG016, format!("`{}` names no variable", cut(reference)))
                                .help("a name has letters, digits and `_`; write `$${` for the characters themselves")
                        }
                    };
                    let at = self.inside(node.extent, reference);
                    self.report(path, finding, at);
                }
                return None;
            }
        };
        let kind = if replaced { resolve(&text) } else { scalar.kind };
        Some(Given { scalar: Scalar { text, kind }, replaced, written: &scalar.text, extent: node.extent })
    }

    /// Where `part` stands inside `extent`; all of it if escapes hide the part.
    fn inside(&self, extent: Extent, part: &str) -> Extent {
        match self.source.slice(extent).find(part) {
            Some(at) if !part.is_empty() => Extent::new(extent.start + at, extent.start + at + part.len()),
            _ => extent,
        }
    }

    fn wrong_type(&mut self, node: &Node, path: &Path<'_>, wanted: &str, help: Option<String>) {
        let wanted = if wanted.contains("`, `") { format!("one of {wanted}") } else { wanted.to_owned() };
        let finding =
            Diagnostic::error(code::CFG015, format!("{} must be {wanted}, not {}", path.name(), described(node)));
        let help = match &node.value {
            Value::Scalar(scalar) if wanted == "a list" && !node.is_null() => {
                Some(format!("write `[{}]`", cut(&scalar.text)))
            }
            _ => help,
        };
        let at = if matches!(node.value, Value::Scalar(_)) && !node.is_null() { node.extent } else { path.mark };
        self.report(path, Diagnostic { help, ..finding }, at);
    }

    fn replacement(&self, extent: Extent, text: &str) -> Fix {
        Fix::one(format!("write `{text}`"), self.source.span(extent), text, false)
    }

    fn report(&mut self, path: &Path<'_>, finding: Diagnostic, at: Extent) {
        let scope = match (finding.severity, path.scope()) {
            (Severity::Error, scope) => scope,
            (_, _) => Scope::File,
        };
        let at = self.source.first_line(at);
        self.findings.push(scope, finding.at(path.to_string(), Some(self.source.span(at))));
    }
}

/// A value with its kind, for a message about its type.
fn described(node: &Node) -> String {
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
fn written(node: &Node) -> String {
    match &node.value {
        Value::Scalar(scalar) if scalar.text.is_empty() => "an empty text".into(),
        Value::Scalar(scalar) => format!("`{}`", cut(&scalar.text)),
        Value::Sequence(_) => "a list".into(),
        Value::Mapping(_) => "a mapping".into(),
    }
}

/// A section chosen by the value of a key beside it.
struct Chosen {
    key: String,
    written: String,
    value: String,
    /// Value and section.
    sections: Vec<(String, String)>,
    required: bool,
}

impl Chosen {
    fn excludes(&self, key: &str) -> bool {
        self.sections.iter().any(|(value, section)| section == key && *value != self.value)
    }
    fn needs(&self) -> Option<&str> {
        self.sections
            .iter()
            .find(|(value, _)| self.required && *value == self.value)
            .map(|(_, section)| section.as_str())
    }
    fn value_of(&self, section: &str) -> &str {
        self.sections.iter().find(|(_, of)| of == section).map_or("", |(value, _)| value)
    }
    fn said(&self) -> String {
        format!("`{}`", self.written)
    }
    fn said_in_full(&self) -> String {
        format!("`{}: {}`", self.key, self.written)
    }
}

fn given(by_key: &HashMap<&str, &Entry>, key: &str) -> bool {
    by_key.get(key).is_some_and(|entry| !entry.node.is_null())
}

/// What a schema allows, `$ref` followed and null left out; empty: anything.
fn alternatives<'s>(root: &'s Json, schema: &'s Json) -> Vec<&'s Json> {
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
fn type_of(schema: &Json) -> Option<&str> {
    match schema.get("type")? {
        Json::String(name) => Some(name),
        Json::Array(names) => names.iter().filter_map(Json::as_str).find(|name| *name != "null"),
        _ => None,
    }
}

/// The values of an enumeration.
pub(super) fn allowed(form: &Json) -> Option<Vec<&str>> {
    if let Some(values) = form.get("enum").and_then(Json::as_array) {
        return Some(values.iter().filter_map(Json::as_str).collect());
    }
    let variants = form.get("oneOf").and_then(Json::as_array)?;
    Some(variants.iter().filter_map(|variant| variant.get("const").and_then(Json::as_str)).collect())
}

fn takes(form: &Json, node: &Node) -> bool {
    let wanted = type_of(form).unwrap_or("string");
    match (&node.value, wanted) {
        (Value::Mapping(_), "object") | (Value::Sequence(_), "array") => true,
        (Value::Scalar(scalar), "string" | "integer" | "number" | "boolean") => scalar::fits(wanted, scalar),
        _ => false,
    }
}

/// Whether the value comes from a variable, so that its type is not known before.
fn is_reference(node: &Node) -> bool {
    matches!(&node.value, Value::Scalar(scalar) if scalar.text.contains("${"))
}

/// What a value must be, for a message.
pub(super) fn kind_name(form: &Json) -> String {
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

fn first_sentence(root: &Json, schema: &Json) -> String {
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
fn known_keys(properties: &Map<String, Json>) -> String {
    const MOST: usize = 12;
    let current = properties.iter().filter(|(_, schema)| schema.get("x-replaced-by").is_none());
    let mut known: Vec<String> = current.map(|(key, _)| format!("`{key}`")).collect();
    let more = known.len().saturating_sub(MOST);
    known.truncate(MOST);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", known.join(", "))
}

/// The one section that has a key of this name.
fn home_of(schema: &Json, key: &str) -> Option<String> {
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
        for (name, inner) in form.get("properties").and_then(Json::as_object).into_iter().flatten() {
            if name == key && !at.is_empty() && inner.get("x-replaced-by").is_none() {
                homes.push(at.join("."));
            }
            at.push(name.clone());
            collect_homes(root, inner, key, at, homes);
            at.pop();
        }
    }
}
