//! Mappings: sections with the keys of the language, and maps with keys of the user's choice.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use super::Walk;
use super::words::{first_sentence, home_of, is_reference, kind_name, known_keys};
use crate::config::findings::Findings;
use crate::config::forms;
use crate::config::path::Path;
use crate::config::schema::{alternatives, properties, type_of};
use crate::config::secrets;
use crate::config::syntax::{Entry, Node, Value, cut};
use crate::diagnostic::{Code, Diagnostic, Dialect, Fix, code, deprecation};
use crate::nearest::nearest;

impl Walk<'_> {
    pub(super) fn mapping(&mut self, form: &Json, schema: &Json, node: &Node, path: &Path<'_>) -> Option<Json> {
        let Some(entries) = node.entries() else {
            let keys = properties(form).map(known_keys);
            self.wrong_type(node, path, "a mapping of keys to values", keys.map(|keys| format!("its keys are {keys}")));
            return None;
        };
        match properties(form) {
            Some(properties) => Some(self.section(form, properties, entries, path)),
            None => Some(self.map(form, schema, entries, path)),
        }
    }

    /// Keys that the user chooses.
    fn map(&mut self, form: &Json, schema: &Json, entries: &[Entry], path: &Path<'_>) -> Json {
        let inner = form.get("additionalProperties").unwrap_or(&Json::Null);
        let key_form = schema.get("x-key-form").and_then(Json::as_str);
        let least = form.get("minProperties").and_then(Json::as_u64).unwrap_or_default();
        if entries.is_empty() && least > 0 {
            let finding = Diagnostic::error(code::CFG016, format!("{} is empty", path.name()))
                .help("name at least one, or remove the key");
            self.report(path, finding, path.mark);
        }
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
            } else if entry.node.is_null() && !alternatives(self.schema, inner).is_empty() {
                let wanted = alternatives(self.schema, inner).first().map_or("a value".into(), |form| kind_name(form));
                self.wrong_type(&entry.node, &here, &wanted, None);
            } else if let Some(value) = self.node(inner, &entry.node, &here) {
                object.insert(entry.key.clone(), value);
            }
        }
        Json::Object(object)
    }

    /// Whether a column, or one of a list, is named by a variable; it is reported.
    fn refers(&mut self, node: &Node, path: &Path<'_>) -> bool {
        let one = [node];
        let many = node.items().unwrap_or_default().iter().map(AsRef::as_ref);
        let named: Vec<&Node> = many.chain(one).filter(|node| is_reference(node)).collect();
        for node in &named {
            let finding = Diagnostic::error(code::CFG048, "the name of a column takes no variable")
                .help("write the name; what differs between environments goes to `environments/<name>.yaml`");
            self.report(path, finding, node.extent);
        }
        !named.is_empty()
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
            // Names of columns stand in messages, where values of variables have no place.
            if schema.get("x-column").is_some() && self.refers(&entry.node, &here) {
                continue;
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
        let mut walk = Walk { findings: &mut silent, ..*self };
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
        let span = self.source.span(entry.key_extent);
        finding.fix = if both {
            self.removals.fix(&path.to_string(), span)
        } else {
            Some(Fix::one(format!("rename to `{name}`"), span, name, true))
        };
        self.report(path, finding, entry.key_extent);
        Some(name)
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
        if let Some(meant) = self.variable_key(properties, by_key, entry) {
            finding = finding.help(match reference(&entry.node) {
                Some(name) => format!("write `{meant}: {name}`, the name of the variable"),
                None => format!(
                    "a secret does not stand in a config: put it into an environment variable and name that, `{meant}: NAME`"
                ),
            });
            self.findings.suggest(path.sibling(meant));
        } else if let Some(meant) = nearest(&entry.key, properties.keys().map(String::as_str).filter(free)) {
            finding = finding.help(format!("did you mean `{meant}`?"));
            self.findings.suggest(path.sibling(meant));
            let span = self.source.span(entry.key_extent);
            finding.fix = Some(Fix::one(format!("rename to `{meant}`"), span, meant, false));
        } else if let Some(there) = nearest(&entry.key, properties.keys().map(String::as_str)) {
            finding = finding.help(format!("`{there}`, which may be meant, is here already; remove one of them"));
            finding.fix = self.removals.fix(&path.to_string(), self.source.span(entry.key_extent));
        } else if let Some(home) = home_of(self.schema, &entry.key) {
            finding = finding.help(format!("`{shown}` belongs under `{home}`"));
        } else {
            finding = finding.help(format!("known here: {}", known_keys(properties)));
            finding.fix = self.removals.fix(&path.to_string(), self.source.span(entry.key_extent));
        }
        self.report(path, finding, entry.key_extent);
    }

    /// The key that names the variable of a secret, where an unknown key looks as if the secret stood in it.
    fn variable_key<'p>(
        &self,
        properties: &'p Map<String, Json>,
        by_key: &HashMap<&str, &Entry>,
        entry: &Entry,
    ) -> Option<&'p str> {
        let Value::Scalar(scalar) = &entry.node.value else { return None };
        let is_secret = reference(&entry.node).is_some() && secrets::look(&entry.key, "x9").is_some()
            || secrets::look(&entry.key, &scalar.text).is_some();
        if !is_secret {
            return None;
        }
        let free = properties.iter().filter(|(name, schema)| {
            let one = alternatives(self.schema, schema).iter().any(|form| type_of(form) == Some("string"));
            one && schema.get("x-env").is_some() && !by_key.contains_key(name.as_str())
        });
        let common = |name: &str| name.split('_').filter(|word| entry.key.split('_').any(|own| own == *word)).count();
        // Of several that are as near, the first.
        free.map(|(name, _)| name.as_str()).rev().max_by_key(|name| common(name)).filter(|name| common(name) > 0)
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

/// `NAME`, if the value is `${NAME}` and nothing else.
fn reference(node: &Node) -> Option<&str> {
    let Value::Scalar(scalar) = &node.value else { return None };
    let name = scalar.text.strip_prefix("${")?.strip_suffix('}')?;
    (!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')).then_some(name)
}

fn given(by_key: &HashMap<&str, &Entry>, key: &str) -> bool {
    by_key.get(key).is_some_and(|entry| !entry.node.is_null())
}
