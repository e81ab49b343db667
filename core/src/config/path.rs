//! Where in a document: `sources[0].source.file.path`.

use std::fmt;

use super::text::Extent;

/// A place, linked to the one around it, so that walking a document allocates nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<'p> {
    parent: Option<&'p Self>,
    step: Step<'p>,
    /// What to mark when something is missing here: the key, or the first line of a list's item.
    pub(crate) mark: Extent,
}

#[derive(Clone, Copy, Debug)]
enum Step<'p> {
    Root,
    Key(&'p str),
    Index(usize),
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
        Self { parent: None, step: Step::Root, mark }
    }
    /// A key below this place.
    pub(crate) const fn key(&'p self, key: &'p str, mark: Extent) -> Self {
        Path { parent: Some(self), step: Step::Key(key), mark }
    }
    /// An item below this place.
    pub(crate) const fn index(&'p self, index: usize, mark: Extent) -> Self {
        Path { parent: Some(self), step: Step::Index(index), mark }
    }
    /// Its last key, or `the document`.
    pub(crate) fn name(&self) -> String {
        match self.step {
            Step::Root => "the document".into(),
            Step::Key(key) => format!("`{key}`"),
            Step::Index(index) => match self.parent {
                Some(parent) => format!("item {} of {}", index + 1, parent.name()),
                None => format!("item {}", index + 1),
            },
        }
    }
    /// The nearest key, as it is.
    pub(crate) fn last_key(&self) -> &'p str {
        match (self.step, self.parent) {
            (Step::Key(key), _) => key,
            (_, Some(parent)) => parent.last_key(),
            _ => "",
        }
    }
    /// The place of another key beside this one.
    pub(crate) fn sibling(&self, key: &str) -> String {
        self.parent.map_or_else(|| key.to_owned(), |parent| parent.key(key, self.mark).to_string())
    }
    /// Whom an error here concerns.
    pub(crate) fn scope(&self) -> Scope {
        let mut steps = [Step::Root; 2];
        let mut at = Some(self);
        while let Some(path) = at {
            if !matches!(path.step, Step::Root) {
                steps = [path.step, steps[0]];
            }
            at = path.parent;
        }
        match steps {
            [Step::Key("sources"), Step::Index(index)] => Scope::Dataset(index),
            [Step::Key("platform"), Step::Key("silver")] => Scope::Silver,
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
            Step::Root => Ok(()),
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Key(key) => {
                let simple = !key.is_empty()
                    && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
                match (simple, self.parent.is_some_and(|parent| !matches!(parent.step, Step::Root))) {
                    (true, true) => write!(f, ".{key}"),
                    (true, false) => f.write_str(key),
                    (false, _) => write!(f, "[{:?}]", super::syntax::cut(key)),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
