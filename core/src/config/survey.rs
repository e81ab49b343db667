//! What a config file needs from the environment, and what it should not say: uses of variables, and
//! secrets in clear.
//!
//! Looks at the text alone, whatever else is wrong with it. Values of variables never leave here.

use std::path::Path;

use super::interpolate::{Cause, Interpolated, Variables};
use super::syntax::{self, Node, Scalar, ScalarKind, Value};
use super::text::{Extent, Source};
use super::{LoadedFile, files, secrets};
use crate::diagnostic::Span;
use crate::world::Environment;

/// What a file was found to need and to say.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// In the order of the text.
    pub(crate) uses: Vec<VariableUse>,
    /// In the order of the text.
    pub(crate) secrets: Vec<ClearSecret>,
    /// Whether data must stay on own machines: `platform.storage_scope: onprem`.
    pub(crate) onprem: bool,
}

/// A place that uses an environment variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VariableUse {
    /// Its name.
    pub(crate) name: String,
    /// Whether it has a value, in the environment or in a `.env`.
    pub(crate) set: bool,
    /// A variable of a similar name that is set, if this one is not.
    pub(crate) nearest: Option<String>,
    /// Whether a key names it (`auth_env_var: NAME`); otherwise it stands as `${NAME}`.
    pub(crate) by_key: bool,
    /// The file, as the user would name it.
    pub(crate) file: String,
    /// Where in the document.
    pub(crate) path: String,
    /// Where in the text.
    pub(crate) span: Span,
    /// The dataset it belongs to; `None` for the whole file.
    pub(crate) dataset: Option<String>,
}

/// A value that looks like a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClearSecret {
    /// What it looks like, with an article.
    pub(crate) what: &'static str,
    /// Its key.
    pub(crate) key: String,
    /// The file, as the user would name it.
    pub(crate) file: String,
    /// Where in the document.
    pub(crate) path: String,
    /// Where in the text.
    pub(crate) span: Span,
    /// The dataset it belongs to; `None` for the whole file.
    pub(crate) dataset: Option<String>,
}

/// Looks through a file and those it is made of. `workspace` and `root` may have a `.env` too.
pub(crate) fn survey(file: &LoadedFile, workspace: &Path, root: &Path, environment: &dyn Environment) -> Survey {
    let mut survey = Survey::default();
    let folder = file.path.parent().unwrap_or(&file.path);
    let variables = Variables::new(environment, &[folder, workspace, root]);
    look_through(&file.text, &file.display, &variables, &mut survey);
    for layer in &file.layers {
        // What cannot be read is a finding of the file already.
        let text = files::read(layer).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let name = layer.strip_prefix(root).unwrap_or(layer).display().to_string();
        look_through(&text.unwrap_or_default(), &name, &variables, &mut survey);
    }
    survey
}

/// The value of a variable, as a config in `file` would get it. For whoever needs it, not for showing.
pub(crate) fn variable(
    file: &LoadedFile,
    workspace: &Path,
    root: &Path,
    environment: &dyn Environment,
    name: &str,
) -> Option<String> {
    let folder = file.path.parent().unwrap_or(&file.path);
    Variables::new(environment, &[folder, workspace, root]).get(name)
}

fn look_through(text: &str, file: &str, variables: &Variables<'_>, survey: &mut Survey) {
    let source = Source::new(text);
    let (Some(document), _) = syntax::parse(&source) else { return };
    let scope = document.entry("platform").and_then(|platform| platform.node.entry("storage_scope"));
    if let Some(Value::Scalar(scope)) = scope.map(|scope| &scope.node.value) {
        survey.onprem |= scope.text == "onprem";
    }
    let mut walk = Walk { source: &source, file, variables, survey: Survey::default(), dataset: None };
    walk.node(&document, "", "");
    let Survey { mut uses, mut secrets, .. } = walk.survey;
    // What stands behind an anchor is one place, however often it is used.
    uses.sort_by(|a, b| (a.span, &a.name).cmp(&(b.span, &b.name)));
    uses.dedup_by(|a, b| (a.span, &a.name) == (b.span, &b.name));
    secrets.sort_by_key(|secret| secret.span);
    secrets.dedup_by_key(|secret| secret.span);
    survey.uses.extend(uses);
    survey.secrets.extend(secrets);
}

/// `text` with each secret that stands in it as asterisks, one for each byte, so that all places stay.
pub(crate) fn without_secrets(text: &str) -> String {
    let source = Source::new(text);
    let mut extents: Vec<Extent> = Vec::new();
    if let (Some(document), _) = syntax::parse(&source) {
        collect(&document, "", &mut extents);
    } else {
        // What cannot be read as YAML is looked at line by line.
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let (key, value) = line.split_once(": ").unwrap_or(("", line));
            if secrets::look(key.trim().trim_start_matches("- "), value.trim().trim_matches(['"', '\''])).is_some() {
                let end = start + line.trim_end().len();
                extents.push(Extent::new(end - value.trim().len().min(end - start), end));
            }
            start += line.len();
        }
    }
    let hidden = |at: usize| extents.iter().any(|extent| extent.start <= at && at < extent.end);
    let mut shown = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if hidden(at) && !c.is_whitespace() && !matches!(c, '"' | '\'') {
            shown.extend(std::iter::repeat_n('*', c.len_utf8()));
        } else {
            shown.push(c);
        }
    }
    shown
}

fn collect(node: &Node, key: &str, extents: &mut Vec<Extent>) {
    match &node.value {
        Value::Scalar(scalar) => {
            let word = matches!(scalar.kind, ScalarKind::Text | ScalarKind::Integer | ScalarKind::Float);
            if word && secrets::look(key, &scalar.text).is_some() {
                extents.push(node.extent);
            }
        }
        Value::Sequence(items) => items.iter().for_each(|item| collect(item, key, extents)),
        Value::Mapping(_) if key.ends_with("env_vars") => {}
        Value::Mapping(entries) => entries.iter().for_each(|entry| collect(&entry.node, &entry.key, extents)),
    }
}

struct Walk<'a, 'e> {
    source: &'a Source<'a>,
    file: &'a str,
    variables: &'a Variables<'e>,
    survey: Survey,
    dataset: Option<String>,
}

impl Walk<'_, '_> {
    fn node(&mut self, node: &Node, key: &str, path: &str) {
        match &node.value {
            Value::Scalar(scalar) => self.scalar(node, scalar, key, path),
            Value::Sequence(items) => {
                for (index, item) in items.iter().enumerate() {
                    let outer = self.dataset.clone();
                    if path == "sources" {
                        self.dataset = Some(name_of(item, index));
                    }
                    self.node(item, key, &format!("{path}[{index}]"));
                    self.dataset = outer;
                }
            }
            Value::Mapping(entries) => {
                let text = |key: &str| match node.entry(key).map(|entry| &entry.node.value) {
                    Some(Value::Scalar(scalar)) => Some(scalar.text.as_str()),
                    _ => None,
                };
                let kind = text("type").filter(|kind| KINDS.contains(kind));
                let no_auth = text("auth_type") == Some("none");
                for entry in entries {
                    // A section of another type has no effect, and neither has what would prove who we are to nobody.
                    let idle = kind.is_some_and(|kind| KINDS.contains(&entry.key.as_str()) && entry.key != kind)
                        || (no_auth && entry.key.starts_with("auth_"));
                    let below = if path.is_empty() { entry.key.clone() } else { format!("{path}.{}", entry.key) };
                    if idle {
                        let uses = self.survey.uses.len();
                        self.node(&entry.node, &entry.key, &below);
                        self.survey.uses.truncate(uses);
                    } else {
                        self.node(&entry.node, &entry.key, &below);
                    }
                }
            }
        }
    }

    fn scalar(&mut self, node: &Node, scalar: &Scalar, key: &str, path: &str) {
        let span = || self.source.span(self.source.first_line(node.extent));
        // Under `header_env_vars` and its like every value is the name of a variable.
        let listed = path.rsplit('.').nth(1).is_some_and(|section| section.ends_with("env_vars"));
        let word = matches!(scalar.kind, ScalarKind::Text | ScalarKind::Integer | ScalarKind::Float);
        if word
            && !listed
            && let Some(what) = secrets::look(key, &scalar.text)
        {
            self.survey.secrets.push(ClearSecret {
                what,
                key: key.to_owned(),
                file: self.file.to_owned(),
                path: path.to_owned(),
                span: span(),
                dataset: self.dataset.clone(),
            });
        }
        let named = (listed || key.ends_with("_env") || key.ends_with("_env_var")) && !scalar.text.contains("${");
        let mut found: Vec<(String, bool, Option<String>)> = Vec::new();
        if named && scalar.kind == ScalarKind::Text && !scalar.text.is_empty() {
            // An empty secret proves nothing to anybody.
            let set = self.variables.get(&scalar.text).is_some_and(|value| !value.is_empty());
            let nearest = if set { None } else { self.variables.nearest(&scalar.text) };
            found.push((scalar.text.clone(), set, nearest));
        } else if let Interpolated::Failed(problems) = self.variables.interpolate(&scalar.text) {
            for problem in problems {
                if let Cause::Missing { name, nearest } = problem.cause {
                    found.push((name, false, nearest));
                }
            }
        }
        if !named {
            for name in references(&scalar.text) {
                if self.variables.get(name).is_some() {
                    found.push((name.to_owned(), true, None));
                }
            }
        }
        let span = span();
        self.survey.uses.extend(found.into_iter().map(|(name, set, nearest)| VariableUse {
            name,
            set,
            nearest,
            by_key: named,
            file: self.file.to_owned(),
            path: path.to_owned(),
            span,
            dataset: self.dataset.clone(),
        }));
    }
}

const KINDS: [&str; 4] = ["api", "db", "file", "custom"];

/// Names in `${NAME}` and `${NAME:default}`.
fn references(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|rest| rest.split(['}', ':']).next()).filter(|name| !name.is_empty())
}

fn name_of(item: &Node, index: usize) -> String {
    let text = |node: &Node, key: &str| match &node.entry(key)?.node.value {
        Value::Scalar(scalar) if !scalar.text.is_empty() => Some(scalar.text.clone()),
        _ => None,
    };
    let place = || {
        let source = &item.entry("source")?.node;
        Some(format!("{}.{}", text(source, "system")?, text(source, "table")?))
    };
    text(item, "name").or_else(place).unwrap_or_else(|| format!("sources[{index}]"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::FixedEnvironment;

    fn surveyed(text: &str) -> Survey {
        let environment = FixedEnvironment([("HOST".into(), "h".into()), ("EMPTY".into(), String::new())].into());
        let file = LoadedFile { text: text.into(), path: "/w/a.yaml".into(), ..LoadedFile::default() };
        survey(&file, Path::new("/w"), Path::new("/w"), &environment)
    }

    #[test]
    fn uses_of_variables_have_their_places() {
        let found = surveyed(
            "platform: {bronze: {output_dir: '${HOST}/${NONE}/${DEF:x}'}}
sources:
  - name: a
    source:
      type: api
      api: {auth_env_var: HOSTT, auth_type: bearer, header_env_vars: {X-Client-Secret: EMPTY}}
      db: {host_env_var: NOT_CHOSEN}
  - source:
      type: db
      system: s
      table: t
      db: {host_env_var: EMPTY}
  - source: {type: api, api: {auth_type: none, auth_env_var: UNUSED}}
",
        );
        let seen: Vec<_> = found
            .uses
            .iter()
            .map(|used| (used.name.as_str(), used.set, used.by_key, used.span.line, used.dataset.as_deref()))
            .collect();
        assert_eq!(
            seen,
            [
                ("HOST", true, false, 1, None),
                ("NONE", false, false, 1, None),
                ("HOSTT", false, true, 6, Some("a")),
                ("EMPTY", false, true, 6, Some("a")),
                ("EMPTY", false, true, 12, Some("s.t")),
            ]
        );
        assert_eq!(found.uses[2].nearest.as_deref(), Some("HOST"));
        assert_eq!(found.uses[2].path, "sources[0].source.api.auth_env_var");
    }

    #[test]
    fn secrets_have_their_places_and_not_their_text() {
        let found = surveyed(
            "a: &p {password: hunter2}\nb: *p\nsources:\n  - name: x\n    source: {api: {base_url: 'https://u:p@h'}}\n    token: true\n",
        );
        let seen: Vec<_> = found.secrets.iter().map(|secret| (secret.path.as_str(), secret.span.line)).collect();
        assert_eq!(seen, [("a.password", 1), ("sources[0].source.api.base_url", 5)]);
        assert!(!format!("{found:?}").contains("hunter2"));
    }

    #[test]
    fn secrets_are_hidden_and_places_stay() {
        for (text, shown) in [
            ("a:\n  password: hunter2 # mine\n  b: 1\n", "a:\n  password: ******* # mine\n  b: 1\n"),
            ("token: \"pä ss\"\n", "token: \"*** **\"\n"),
            ("url: https://u:p@h/x\nname: x\n", "url: ***************\nname: x\n"),
            ("- password: abc\n- [\n", "- password: ***\n- [\n"),
            ("password: ${PW}\n", "password: ${PW}\n"),
            ("", ""),
        ] {
            assert_eq!(without_secrets(text), shown);
            assert_eq!(shown.len(), text.len());
        }
    }

    #[test]
    fn broken_text_has_nothing_to_say() {
        for text in ["", "a: [", "\t", "- x"] {
            let found = surveyed(text);
            assert!(found.uses.is_empty() && found.secrets.is_empty());
        }
    }
}
