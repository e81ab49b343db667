//! `${NAME}` and `${NAME:default}` in values.
//!
//! Owns where variables come from and in which order. The value of a variable never enters a
//! message; only its name does.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::nearest::nearest;
use crate::world::Environment;

/// Bytes of a `.env` file at most.
const MAX_ENV_BYTES: u64 = 1024 * 1024;

/// Where variables come from: the environment first, then each `.env` in turn.
#[derive(Debug)]
pub(crate) struct Variables<'e> {
    environment: &'e dyn Environment,
    files: Vec<DotEnv>,
}

/// A `.env` file.
#[derive(Debug)]
pub(crate) struct DotEnv {
    /// Its path.
    pub(crate) path: PathBuf,
    values: BTreeMap<String, String>,
    /// What is wrong with it: the line, or nothing for the file as a whole.
    pub(crate) problem: Option<String>,
}

/// What became of a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Interpolated {
    /// It refers to no variable. `$${` has become `${`.
    Literal(String),
    /// Every variable is replaced.
    Replaced(String),
    /// These places of the text cannot be replaced.
    Failed(Vec<Problem>),
}

/// Why a place of a text cannot be replaced.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The place, in bytes of the text.
    pub(crate) at: Range<usize>,
    /// Why.
    pub(crate) cause: Cause,
}

/// Why a reference cannot be replaced.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// No such variable, and no default.
    Missing {
        /// Its name.
        name: String,
        /// A variable of a similar name.
        nearest: Option<String>,
    },
    /// `${` without `}`.
    Unclosed,
    /// What stands between the braces is no name.
    BadName,
}

impl<'e> Variables<'e> {
    /// Variables of `environment`, then of the `.env` files of `folders`, in this order.
    pub(crate) fn new(environment: &'e dyn Environment, folders: &[&Path]) -> Self {
        let mut files: Vec<DotEnv> = Vec::new();
        for folder in folders {
            let path = folder.join(".env");
            if !files.iter().any(|file| file.path == path)
                && let Some(file) = DotEnv::read(&path)
            {
                files.push(file);
            }
        }
        Self { environment, files }
    }

    /// The value of `name`; an empty one counts as set.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.environment.var(name).or_else(|| self.in_files(name))
    }

    /// What the `.env` files say of `name`.
    pub(crate) fn in_files(&self, name: &str) -> Option<String> {
        self.files.iter().find_map(|file| file.values.get(name).cloned())
    }

    /// The names of all variables, and the `.env` file that sets each; `None`: the environment does.
    pub(crate) fn names(&self) -> BTreeMap<String, Option<&Path>> {
        let mut names = BTreeMap::new();
        for file in self.files.iter().rev() {
            names.extend(file.values.keys().map(|name| (name.clone(), Some(file.path.as_path()))));
        }
        names.extend(self.environment.names().into_iter().map(|name| (name, None)));
        names
    }

    /// The `.env` files that cannot be fully read.
    pub(crate) fn broken_files(&self) -> impl Iterator<Item = &DotEnv> {
        self.files.iter().filter(|file| file.problem.is_some())
    }

    /// Replaces every reference of `text`.
    pub(crate) fn interpolate(&self, text: &str) -> Interpolated {
        if !text.contains("${") {
            return Interpolated::Literal(text.to_owned());
        }
        let mut result = String::with_capacity(text.len());
        let mut problems = Vec::new();
        let mut replaced = false;
        let mut rest = 0;
        while let Some(found) = text[rest..].find("${") {
            let start = rest + found;
            if text[rest..start].ends_with('$') {
                // `$${` is how a literal `${` is written.
                result.push_str(&text[rest..start - 1]);
                result.push_str("${");
                rest = start + 2;
                continue;
            }
            result.push_str(&text[rest..start]);
            let Some(length) = text[start..].find('}') else {
                problems.push(Problem { at: start..text.len(), cause: Cause::Unclosed });
                rest = text.len();
                break;
            };
            let end = start + length + 1;
            let inner = &text[start + 2..end - 1];
            let (name, default) = inner.split_once(':').map_or((inner, None), |(name, default)| (name, Some(default)));
            replaced = true;
            if !is_name(name) {
                problems.push(Problem { at: start..end, cause: Cause::BadName });
            } else if let Some(value) = self.get(name) {
                result.push_str(&value);
            } else if let Some(default) = default {
                result.push_str(default);
            } else {
                let cause = Cause::Missing { name: name.to_owned(), nearest: self.nearest(name) };
                problems.push(Problem { at: start..end, cause });
            }
            rest = end;
        }
        result.push_str(&text[rest..]);
        match (problems.is_empty(), replaced) {
            (false, _) => Interpolated::Failed(problems),
            (true, true) => Interpolated::Replaced(result),
            (true, false) => Interpolated::Literal(result),
        }
    }

    /// A variable that is set and has a similar name.
    pub(crate) fn nearest(&self, name: &str) -> Option<String> {
        let mut names = self.environment.names();
        names.extend(self.files.iter().flat_map(|file| file.values.keys().cloned()));
        nearest(name, names.iter().map(String::as_str)).map(str::to_owned)
    }
}

fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl DotEnv {
    /// Reads the file; `None` if there is none.
    fn read(path: &Path) -> Option<Self> {
        let failed =
            |problem: &str| Self { path: path.to_owned(), values: BTreeMap::new(), problem: Some(problem.to_owned()) };
        let about = match std::fs::metadata(path) {
            Ok(about) => about,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
            Err(error) => return Some(failed(&format!("cannot be read: {}", error.kind()))),
        };
        // A folder of this name is somebody's virtual environment, not ours to judge.
        if !about.is_file() {
            return None;
        }
        if about.len() > MAX_ENV_BYTES {
            return Some(failed("is larger than 1 MiB"));
        }
        let text = match std::fs::read(path) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(_) => return Some(failed("is not UTF-8 text")),
            },
            Err(error) => return Some(failed(&format!("cannot be read: {}", error.kind()))),
        };
        let (values, problem) = parse(&text);
        Some(Self { path: path.to_owned(), values, problem })
    }
}

/// `NAME=value` lines: comments, `export`, single quotes (as they are), double quotes (with `\n`,
/// `\"`, `\\`). The problem names the first line that is none of these, never its content.
fn parse(text: &str) -> (BTreeMap<String, String>, Option<String>) {
    let mut values = BTreeMap::new();
    let mut problem = None;
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        match line.split_once('=').map(|(name, value)| (name.trim(), unquote(value.trim()))) {
            Some((name, Some(value))) if is_name(name) => {
                values.insert(name.to_owned(), value);
            }
            _ => {
                problem.get_or_insert_with(|| format!("has a line {} that is not `NAME=value`", index + 1));
            }
        }
    }
    (values, problem)
}

fn unquote(value: &str) -> Option<String> {
    if let Some(rest) = value.strip_prefix('\'') {
        let (inside, after) = rest.split_once('\'')?;
        return comment_only(after).then(|| inside.to_owned());
    }
    if let Some(rest) = value.strip_prefix('"') {
        let mut inside = String::new();
        let mut characters = rest.chars();
        loop {
            match characters.next()? {
                '"' => return comment_only(characters.as_str()).then_some(inside),
                '\\' => match characters.next()? {
                    'n' => inside.push('\n'),
                    't' => inside.push('\t'),
                    other => inside.push(other),
                },
                other => inside.push(other),
            }
        }
    }
    // A `#` after white space starts a comment; inside a word it belongs to the value.
    let end = value
        .match_indices('#')
        .map(|(at, _)| at)
        .find(|at| value[..*at].ends_with([' ', '\t']))
        .unwrap_or(value.len());
    Some(value[..end].trim_end().to_owned())
}

fn comment_only(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.is_empty() || rest.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::FixedEnvironment;

    fn environment(values: &[(&str, &str)]) -> FixedEnvironment {
        FixedEnvironment(values.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
    }

    #[test]
    fn references_are_replaced_wherever_they_stand() {
        let environment = environment(&[("A", "1"), ("EMPTY", ""), ("_b2", "x")]);
        let variables = Variables::new(&environment, &[]);
        let check = |text: &str, expected: &str| {
            assert_eq!(variables.interpolate(text), Interpolated::Replaced(expected.into()), "{text}");
        };
        check("${A}", "1");
        check("/${A}/${_b2}.csv", "/1/x.csv");
        check("${A}${A}", "11");
        check("${EMPTY}", "");
        check("${EMPTY:full}", "");
        check("${NONE:}", "");
        check("${NONE:a:b c}", "a:b c");
        check("$${A} ${A} ü", "${A} 1 ü");
        assert_eq!(variables.interpolate("$A {A} $"), Interpolated::Literal("$A {A} $".into()));
        assert_eq!(variables.interpolate("$${A}"), Interpolated::Literal("${A}".into()));
    }

    #[test]
    fn what_cannot_be_replaced_says_where_and_why() {
        let environment = environment(&[("DATA_DIR", "secret")]);
        let variables = Variables::new(&environment, &[]);
        let check = |text: &str, at: Range<usize>, cause: Cause| {
            assert_eq!(variables.interpolate(text), Interpolated::Failed(vec![Problem { at, cause }]), "{text}");
        };
        check("a${DATA_DRI}", 1..12, Cause::Missing { name: "DATA_DRI".into(), nearest: Some("DATA_DIR".into()) });
        check("${X", 0..3, Cause::Unclosed);
        check("${}", 0..3, Cause::BadName);
        check("${1A}", 0..5, Cause::BadName);
    }

    #[test]
    fn env_files_are_read_as_people_write_them() {
        let (values, problem) = parse(
            "\u{feff}# comment\n\nA=1\r\nexport B = two words # note\nC='as $is #'\nD=\"a\\\"b\\n\" # x\nE=\nF=a#b\nnot a line\n=x\nG='open\n",
        );
        let expected = [("A", "1"), ("B", "two words"), ("C", "as $is #"), ("D", "a\"b\n"), ("E", ""), ("F", "a#b")];
        assert_eq!(values, expected.into_iter().map(|(name, value)| (name.into(), value.into())).collect());
        assert_eq!(problem.as_deref(), Some("has a line 9 that is not `NAME=value`"));
    }
}
