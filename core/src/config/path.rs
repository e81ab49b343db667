//! Where in a document: `sources[0].source.file.path`.

use std::fmt;

use super::text::Extent;

/// A place, linked to the one around it, so that walking a document allocates nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<'p> {
    parent: Option<&'p Self>,
    step: Link<'p>,
    /// What to mark when something is missing here: the key, or the first line of a list's item.
    pub(crate) mark: Extent,
}

#[derive(Clone, Copy, Debug)]
enum Link<'p> {
    Root,
    Key(&'p str),
    Index(usize),
}

/// One step of a path that was read from text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step<K> {
    /// A key.
    Key(K),
    /// An item, from 0.
    Index(usize),
}

/// The steps of a path as [`Path`] writes it: `sources[0].source["odd key"]`. `None` if it is no path;
/// the empty path is the document itself.
pub(crate) fn steps(text: &str) -> Option<Vec<Step<String>>> {
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('[') {
            if inside.starts_with('"') {
                let mut reader = serde_json::Deserializer::from_str(inside).into_iter::<String>();
                steps.push(Step::Key(reader.next()?.ok()?));
                rest = inside.get(reader.byte_offset()..)?.strip_prefix(']')?;
            } else {
                let (digits, after) = inside.split_once(']')?;
                steps.push(Step::Index(digits.parse().ok()?));
                rest = after;
            }
            continue;
        }
        let key = if steps.is_empty() { rest } else { rest.strip_prefix('.')? };
        let end = key.find(['.', '[']).unwrap_or(key.len());
        if end == 0 {
            return None;
        }
        steps.push(Step::Key(key[..end].to_owned()));
        rest = &key[end..];
    }
    Some(steps)
}

/// A key as a path has it, with what goes before it unless it is the first.
pub(crate) fn key_text(key: &str, first: bool) -> String {
    let simple = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    match (simple, first) {
        (true, true) => key.to_owned(),
        (true, false) => format!(".{key}"),
        (false, _) => format!("[{}]", serde_json::Value::String(key.to_owned())),
    }
}

/// Which datasets an error at a place concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All of the file.
    File,
    /// Those with a `silver` section.
    Silver,
    /// One.
    Dataset(usize),
}

impl<'p> Path<'p> {
    /// The document itself.
    pub(crate) const fn root(mark: Extent) -> Self {
        Self { parent: None, step: Link::Root, mark }
    }
    /// A key below this place.
    pub(crate) const fn key(&'p self, key: &'p str, mark: Extent) -> Self {
        Path { parent: Some(self), step: Link::Key(key), mark }
    }
    /// An item below this place.
    pub(crate) const fn index(&'p self, index: usize, mark: Extent) -> Self {
        Path { parent: Some(self), step: Link::Index(index), mark }
    }
    /// Its last key, or `the document`.
    pub(crate) fn name(&self) -> String {
        match self.step {
            Link::Root => "the document".into(),
            Link::Key(key) => format!("`{key}`"),
            Link::Index(index) => match self.parent {
                Some(parent) => format!("item {} of {}", index + 1, parent.name()),
                None => format!("item {}", index + 1),
            },
        }
    }
    /// The place of another key beside this one.
    pub(crate) fn sibling(&self, key: &str) -> String {
        self.parent.map_or_else(|| key.to_owned(), |parent| parent.key(key, self.mark).to_string())
    }
    /// Whom an error here concerns.
    pub(crate) fn scope(&self) -> Scope {
        let mut steps = [Link::Root; 2];
        let mut at = Some(self);
        while let Some(path) = at {
            if !matches!(path.step, Link::Root) {
                steps = [path.step, steps[0]];
            }
            at = path.parent;
        }
        match steps {
            [Link::Key("sources"), Link::Index(index)] => Scope::Dataset(index),
            [Link::Key("platform"), Link::Key("silver")] => Scope::Silver,
            _ => Scope::File,
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Link::Root => Ok(()),
            Link::Index(index) => write!(f, "[{index}]"),
            Link::Key(key) => {
                let first = self.parent.is_none_or(|parent| matches!(parent.step, Link::Root));
                f.write_str(&key_text(&super::syntax::cut(key), first))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_they_are_written() {
        let key = |key: &str| Step::Key(key.to_owned());
        for (text, expected) in [
            ("", Some(vec![])),
            ("a", Some(vec![key("a")])),
            ("a.b[0][12].c-d", Some(vec![key("a"), key("b"), Step::Index(0), Step::Index(12), key("c-d")])),
            ("a[\"b.c]\\\"\"].d", Some(vec![key("a"), key("b.c]\""), key("d")])),
            ("[\"x y\"]", Some(vec![key("x y")])),
            (".a", None),
            ("a.", None),
            ("a..b", None),
            ("a[", None),
            ("a[x]", None),
            ("a[0", None),
            ("a[0]b", None),
            ("a[\"b]", None),
        ] {
            assert_eq!(steps(text), expected, "{text}");
        }
        let root = Path::root(Extent::default());
        for name in ["plain", "two words", "a.b", "q\"uote", "ü"] {
            assert_eq!(steps(&root.key(name, Extent::default()).to_string()), Some(vec![key(name)]));
        }
    }

    #[test]
    fn places_are_named_and_know_whom_they_concern() {
        let mark = Extent::default();
        let root = Path::root(mark);
        let sources = root.key("sources", mark);
        let first = sources.index(3, mark);
        let source = first.key("silver", mark);
        let odd = source.key("a b", mark);
        assert_eq!(odd.to_string(), "sources[3].silver[\"a b\"]");
        assert_eq!(odd.scope(), Scope::Dataset(3));
        assert_eq!(sources.scope(), Scope::File);
        let platform = root.key("platform", mark);
        let silver = platform.key("silver", mark);
        assert_eq!(silver.key("bucket", mark).scope(), Scope::Silver);
        assert_eq!(platform.key("bronze", mark).scope(), Scope::File);
        assert_eq!(root.key("x", mark).scope(), Scope::File);
    }
}
