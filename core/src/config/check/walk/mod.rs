//! The walk of a document along the schema: types, allowed values, required and unknown keys.
//!
//! Gives back the document as JSON without the parts that are wrong, variables replaced and values
//! in the type of their key, so that what is right can still be looked at as a whole.

mod given;
mod section;
mod words;

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

pub(super) use given::Given;
pub(super) use words::kind_name;
use words::{described, instead, is_reference, takes, written};

use super::scalar;
use crate::config::edit::Removals;
use crate::config::findings::Findings;
use crate::config::forms;
use crate::config::interpolate::Variables;
use crate::config::path::{Path, Scope};
use crate::config::schema::{allowed, alternatives, properties, type_of};
use crate::config::syntax::{Entry, Node, Value, cut};
use crate::config::text::{Extent, Source};
use crate::diagnostic::{Diagnostic, Fix, Related, Severity, code};

/// Everything the walk needs beside the place where it is.
pub(crate) struct Walk<'w> {
    /// The schema's root, for `$ref`.
    pub(crate) schema: &'w Json,
    /// The text.
    pub(crate) source: &'w Source<'w>,
    /// What `${…}` means.
    pub(crate) variables: &'w Variables<'w>,
    /// How a key is taken out of the text.
    pub(crate) removals: &'w Removals<'w>,
    /// Where findings go.
    pub(crate) findings: &'w mut Findings,
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
        if forms.len() > 1 && schema.get("x-column").is_some() && self.run_together(node, path) {
            return None;
        }
        match type_of(form) {
            Some("object") => self.mapping(form, schema, node, path),
            Some("array") => self.sequence(form, node, path),
            _ if allowed(form).is_some() => self.scalar(form, schema, node, path),
            None => self.anything(node, path),
            Some(_) => self.scalar(form, schema, node, path),
        }
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
        let keeps_place = alternatives(self.schema, inner).iter().any(|form| properties(form).is_some());
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
        if let Some(finding) = newer(schema, &given, path) {
            self.report(path, finding, node.extent);
            return None;
        }
        match scalar::read(form, wanted, &given) {
            Ok(Json::String(text)) => {
                let name = form.get("x-form").or_else(|| schema.get("x-form")).and_then(Json::as_str);
                match name.map_or(Ok(()), |name| forms::check(name, &text)) {
                    // What another file says starts at that file.
                    Ok(()) if matches!(name, Some("folder" | "file_path")) => {
                        Some(Json::String(self.source.rebased(node.extent, &text).unwrap_or(text)))
                    }
                    Ok(()) => Some(Json::String(text)),
                    Err(misfit) => {
                        self.misfit(misfit, &text, &given, node, path);
                        None
                    }
                }
            }
            Ok(value) => Some(value),
            Err(problem) => {
                let mut finding =
                    Diagnostic::error(problem.code, problem.message(path, &written(node), &described(node)));
                let certain = problem.is_certain();
                finding.help = problem.help.or_else(|| instead(self.schema, form, schema));
                if let (Some(text), false) = (problem.fix, given.replaced) {
                    let span = self.source.span(given.extent);
                    finding.fix = Some(Fix::one(format!("write `{text}`"), span, text, certain));
                }
                self.report(path, finding, node.extent);
                None
            }
        }
    }

    /// Whether several columns are written as one text, `a,b`; reports it.
    fn run_together(&mut self, node: &Node, path: &Path<'_>) -> bool {
        let Value::Scalar(scalar) = &node.value else { return false };
        let names: Vec<&str> = scalar.text.split(',').map(str::trim).collect();
        if names.len() < 2 || names.iter().any(|name| name.is_empty()) || is_reference(node) {
            return false;
        }
        let list = format!("[{}]", names.join(", "));
        let mut finding =
            Diagnostic::error(code::CFG015, format!("{} is one text with commas, not a list", path.name())).help(
                format!("write `{list}`; a column whose name has a comma is written `[\"{}\"]`", cut(&scalar.text)),
            );
        if names.iter().all(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')) {
            let span = self.source.span(node.extent);
            finding.fix = Some(Fix::one(format!("write `{list}`"), span, list, true));
        }
        self.report(path, finding, node.extent);
        true
    }

    /// A text without the form that it must have.
    fn misfit(&mut self, misfit: forms::Misfit, text: &str, given: &Given<'_>, node: &Node, path: &Path<'_>) {
        let message = match misfit.code {
            _ if text.is_empty() => format!("{} must not be empty", path.name()),
            // What stands there may be a secret.
            code::CFG030 => format!("{} {}", path.name(), misfit.reason),
            _ => format!("{} {}", written(node), misfit.reason),
        };
        let mut finding = Diagnostic::error(misfit.code, message).help(misfit.help);
        if let (Some(meant), false) = (misfit.nearest, given.replaced) {
            finding = finding.help(format!("did you mean `{meant}`?"));
            finding.fix = Some(self.replacement(given.extent, &meant));
        }
        self.report(path, finding, node.extent);
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

/// What is to be said of a number that only a newer program knows.
fn newer(schema: &Json, given: &Given<'_>, path: &Path<'_>) -> Option<Diagnostic> {
    let what = schema.get("x-newest")?.as_str()?;
    let newest = schema.get("maximum")?.as_u64()?;
    let value: u64 = given.scalar.text.parse().ok()?;
    (value > newest).then(|| {
        Diagnostic::error(code::CFG031, format!("{} is {what} that this program does not know", path.name())).help(
            format!(
                "it knows up to {newest}: use a newer version of the program, or write `{newest}` if that is meant"
            ),
        )
    })
}
