//! Who said what: for every place of a configuration the value that counts, and where it comes from.
//!
//! Values of variables are never in it. Decides nothing; the order of layers is [`super::stack`]'s.

use std::path::Path;
use std::rc::Rc;

use serde_json::Value as Json;

use super::{Around, Layer, stack};
use crate::config::files::normalise;
use crate::config::findings::Findings;
use crate::config::path::{Step, steps};
use crate::config::schema;
use crate::config::syntax::{self, Node, Value};
use crate::config::text::{Extent, Source};
use crate::diagnostic::Span;

/// Where a value comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Nobody gave one, and there is no default.
    #[default]
    Nowhere,
    /// The language.
    Default,
    /// The file itself.
    Here,
    /// A file that it extends.
    Parent {
        /// As the user would name it.
        file: String,
    },
    /// The overlay of the environment.
    Environment {
        /// As the user would name it.
        file: String,
    },
}

/// What is known about one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// A single value as it is written, whichever layer has it, `${…}` included. `None`: not written, or
    /// no single value.
    pub(crate) written: Option<String>,
    /// The single value that counts. `None`: there is none, or it comes from a variable.
    pub(crate) effective: Option<String>,
    /// Who gave it.
    pub(crate) origin: Origin,
    /// Where it is written, in the file that `origin` names.
    pub(crate) span: Option<Span>,
}

/// A configuration with all its layers, to be asked about.
#[derive(Debug)]
pub(crate) struct Effective {
    root: Option<Rc<Node>>,
    layers: Vec<Layer>,
    source: Source<'static>,
}

/// The file `file` (relative to `root`) under the environment `overlay`. `text` is what counts for the
/// file itself if it is given, such as a draft that is not saved. Whatever cannot be read is not in it;
/// `config::load` has the findings.
pub(crate) fn effective(root: &Path, file: &str, text: &str, overlay: Option<&str>) -> Effective {
    let path = normalise(&root.join(file));
    let folder = path.parent().unwrap_or(&path);
    let around = Around { path: &path, folder, workspace: folder, root, overlay };
    let mut source = Source::owning(text.to_owned());
    let mut findings = Findings::default();
    let (own, _) = syntax::parse(&source);
    match own.filter(|own| own.entries().is_some()) {
        Some(own) => {
            let stack = stack(&own, around, &mut source, &mut findings);
            Effective { root: stack.root, layers: stack.layers, source }
        }
        None => Effective { root: None, layers: Vec::new(), source },
    }
}

impl Effective {
    /// Of layers that were read: their document, which they are, and their texts.
    pub(crate) fn of(root: Option<Rc<Node>>, layers: Vec<Layer>, source: Source<'static>) -> Self {
        Self { root, layers, source }
    }

    /// The texts of all layers, the file's own first.
    pub(crate) const fn source(&self) -> &Source<'static> {
        &self.source
    }

    /// The document that counts.
    pub(crate) const fn root(&self) -> Option<&Rc<Node>> {
        self.root.as_ref()
    }

    /// What counts at `path`, such as `sources[0].source.run.load_pattern`.
    pub(crate) fn at(&self, path: &str) -> Told {
        let Some(steps) = steps(path) else { return Told::default() };
        let mut node = self.root.clone();
        for step in &steps {
            node = node.and_then(|node| match step {
                Step::Key(key) => node.entry(key).map(|entry| entry.node.clone()),
                Step::Index(index) => node.items().and_then(|items| items.get(*index)).cloned(),
            });
        }
        match node.filter(|node| !node.is_null()) {
            Some(node) => self.told(&node),
            None => match default_at(&steps) {
                Some(default) => Told { effective: Some(default), origin: Origin::Default, ..Told::default() },
                None => Told::default(),
            },
        }
    }

    /// The other files that count, as the user would name them, in the order in which they were read.
    pub(crate) fn layers(&self) -> Vec<String> {
        self.layers.iter().map(|layer| layer.display.clone()).collect()
    }

    /// Every single value and every empty collection that some layer gives, then the defaults of the
    /// language for the sections that are there, as `path → what is known`, in the order of the document.
    pub(crate) fn values(&self) -> Vec<(String, Told)> {
        let mut found = Vec::new();
        if let Some(root) = &self.root {
            self.collect(root, &schema_root(), &mut String::new(), &mut found);
        }
        found
    }

    fn collect(&self, node: &Rc<Node>, forms: &[&'static Json], path: &mut String, found: &mut Vec<(String, Told)>) {
        let length = path.len();
        match &node.value {
            Value::Scalar(_) if node.is_null() => {}
            Value::Mapping(entries) if !entries.is_empty() => {
                for entry in entries {
                    push_key(path, &entry.key);
                    let known = properties(forms).iter().any(|(key, _)| **key == entry.key);
                    if !known && entry.node.text().is_some() && may_be_secret(&entry.key) {
                        let told = Told { written: None, effective: None, ..self.told(&entry.node) };
                        found.push((path.clone(), told));
                    } else {
                        self.collect(&entry.node, &property(forms, &entry.key), path, found);
                    }
                    path.truncate(length);
                }
                for (key, form) in properties(forms) {
                    if node.entry(key).is_none_or(|entry| entry.node.is_null())
                        && let Some(default) = default_of(form)
                    {
                        push_key(path, key);
                        let told = Told { effective: Some(default), origin: Origin::Default, ..Told::default() };
                        found.push((path.clone(), told));
                        path.truncate(length);
                    }
                }
            }
            Value::Sequence(items) if !items.is_empty() => {
                for (index, item) in items.iter().enumerate() {
                    path.push_str(&format!("[{index}]"));
                    self.collect(item, &items_of(forms), path, found);
                    path.truncate(length);
                }
            }
            _ => found.push((path.clone(), self.told(node))),
        }
    }

    /// What is known about a node of [`Effective::root`].
    pub(crate) fn told(&self, node: &Node) -> Told {
        let written = node.text().map(str::to_owned);
        let (effective, origin) = self.value(node);
        let span = |extent: Extent| {
            let mut finding = crate::diagnostic::Diagnostic::error(crate::diagnostic::code::CFG010, "")
                .at("", Some(self.source.span(extent)));
            self.source.settle(&mut finding, "");
            finding.span
        };
        Told { written, effective, origin, span: span(self.source.first_line(node.extent)) }
    }

    /// The single value of a node that counts, and who gave it; see [`Told`].
    pub(crate) fn value(&self, node: &Node) -> (Option<String>, Origin) {
        let literal = |text: &&str| !text.contains("${") || !text.replace("$${", "").contains("${");
        let effective = node.text().filter(literal).map(|text| text.replace("$${", "${"));
        (effective, self.origin(node.extent))
    }

    fn origin(&self, at: Extent) -> Origin {
        match self.layers.iter().rev().find(|layer| layer.base <= at.start) {
            Some(layer) if layer.overlay => Origin::Environment { file: layer.display.clone() },
            Some(layer) => Origin::Parent { file: layer.display.clone() },
            None => Origin::Here,
        }
    }
}

/// Whether a key that the user chose, such as that of a header, names something nobody should read.
fn may_be_secret(key: &str) -> bool {
    const WORDS: [&str; 9] =
        ["auth", "token", "secret", "password", "passwd", "credential", "cookie", "api-key", "api_key"];
    let key = key.to_ascii_lowercase();
    WORDS.iter().any(|word| key.contains(word)) || key.contains("apikey")
}

fn push_key(path: &mut String, key: &str) {
    *path = if path.is_empty() {
        crate::config::path::key_text(key, true)
    } else {
        format!("{path}{}", crate::config::path::key_text(key, false))
    };
}

fn schema_root() -> Vec<&'static Json> {
    forms(schema::annotated())
}

/// What a schema allows, references followed.
fn forms(schema: &'static Json) -> Vec<&'static Json> {
    if let Some(reference) = schema.get("$ref").and_then(Json::as_str) {
        let target = schema::annotated().pointer(reference.trim_start_matches('#'));
        return target.map(forms).unwrap_or_default();
    }
    match schema.get("anyOf").and_then(Json::as_array) {
        Some(several) => several.iter().flat_map(forms).collect(),
        None => vec![schema],
    }
}

fn properties(forms: &[&'static Json]) -> Vec<(&'static String, &'static Json)> {
    forms.iter().filter_map(|form| form.get("properties").and_then(Json::as_object)).flatten().collect()
}

fn property(of: &[&'static Json], key: &str) -> Vec<&'static Json> {
    let known = of.iter().filter_map(|form| form.get("properties").and_then(|all| all.get(key)));
    let free = of.iter().filter_map(|form| form.get("additionalProperties")).filter(|form| form.is_object());
    known.chain(free).take(1).flat_map(forms).collect()
}

fn items_of(of: &[&'static Json]) -> Vec<&'static Json> {
    of.iter().filter_map(|form| form.get("items")).flat_map(forms).collect()
}

fn default_at(steps: &[Step<String>]) -> Option<String> {
    let (last, before) = steps.split_last()?;
    let Step::Key(key) = last else { return None };
    let mut at = schema_root();
    for step in before {
        at = match step {
            Step::Key(key) => property(&at, key),
            Step::Index(_) => items_of(&at),
        };
    }
    let form = at.iter().find_map(|form| form.get("properties").and_then(|all| all.get(key.as_str())))?;
    default_of(form)
}

/// The default that the schema states for a key.
fn default_of(form: &Json) -> Option<String> {
    match form.get("default")? {
        Json::String(text) => Some(text.clone()),
        Json::Null => None,
        other => Some(other.to_string()),
    }
}
