//! Changing a configuration as text, so that nothing else in it changes.
//!
//! An edit is a few splices of the text, computed from where things are written ([`layout`], [`sheet`])
//! and checked afterwards: the new text is read again and must say what the old one said with the edit
//! applied to its tree, anchors, aliases and order included. Otherwise the edit is refused. Never
//! touches a file.

pub(crate) mod compare;
pub(crate) mod draft;
#[cfg(test)]
mod laws;
mod layout;
pub(crate) mod mend;
mod operation;
mod relocation;
mod removal;
mod sheet;
mod spell;
#[cfg(test)]
mod tests;
mod value;

use crate::diagnostic::{Code, TextEdit, code};
use crate::error::{Coded, Stage};

use super::path::{self, key_text};
use super::text::{Extent, Source};
use layout::Layout;
use operation::Operation;
use sheet::Splice;

pub(crate) use operation::{Asked, Change};
pub(crate) use removal::Removals;

/// One step of a path.
pub(crate) type Step = path::Step<String>;

/// Steps as a path.
pub(crate) fn shown(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Key(key) => text += &key_text(key, text.is_empty()),
            Step::Index(index) => text += &format!("[{index}]"),
        }
    }
    text
}

/// The keys of the mapping at a path in the order of the language; nothing where it has no order.
pub(crate) type Order<'o> = &'o dyn Fn(&[Step]) -> Vec<String>;

/// An edit that was refused. The text is as it was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EditError {
    /// The path cannot be read.
    #[error("`{path}` is not a path")]
    Path {
        /// As given.
        path: String,
    },
    /// Nothing is at the path.
    #[error("there is no `{path}` in the text")]
    Missing {
        /// The part of the path that is not there.
        path: String,
    },
    /// The path goes through something that has no such parts.
    #[error("`{path}` is {what}, so it has no {wanted}")]
    Shape {
        /// What the path goes through.
        path: String,
        /// What stands there.
        what: &'static str,
        /// What the path wants of it.
        wanted: &'static str,
    },
    /// The path leads to what is written elsewhere.
    #[error("`{path}` is not written here: it comes from {from}")]
    Shared {
        /// Where the path meets it.
        path: String,
        /// The alias or merge.
        from: String,
        /// What can be changed instead.
        instead: String,
    },
    /// The text has a form in which nothing can be changed safely.
    #[error("`{path}` cannot be changed in place: {why}")]
    Form {
        /// Where.
        path: String,
        /// Which form.
        why: &'static str,
    },
    /// The value is none.
    #[error("`{text}` is not {wanted}")]
    Value {
        /// As given, cut.
        text: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// Something is there already.
    #[error("there is a `{path}` already")]
    Taken {
        /// Where.
        path: String,
    },
    /// A section cannot go into itself.
    #[error("`{from}` cannot be moved to `{to}`, which is inside it")]
    Inside {
        /// What is moved.
        from: String,
        /// Where to.
        to: String,
    },
    /// The text is not YAML.
    #[error("the text is not valid YAML, so nothing in it can be found")]
    Unreadable,
    /// The new text would say something else than it should.
    #[error("the edit of `{path}` would change something else in the text")]
    Elsewhere {
        /// Where the edit was.
        path: String,
    },
}

impl Coded for EditError {
    fn code(&self) -> Code {
        match self {
            Self::Path { .. } | Self::Missing { .. } | Self::Shape { .. } => code::CFG050,
            Self::Shared { .. } => code::CFG051,
            Self::Form { .. } | Self::Elsewhere { .. } => code::CFG052,
            Self::Value { .. } => code::CFG053,
            Self::Taken { .. } | Self::Inside { .. } => code::CFG054,
            Self::Unreadable => code::CFG055,
        }
    }
    fn stage(&self) -> Stage {
        Stage::Configuration
    }
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Path { .. } => "a path is written like `sources[0].source.file.path`".into(),
            Self::Shared { instead, .. } => instead.clone(),
            Self::Form { .. } | Self::Elsewhere { .. } => "change it in the text itself".into(),
            Self::Unreadable => "mend what `check_text` finds first".into(),
            _ => return None,
        })
    }
}

/// A text after its edits, with how to get there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edited {
    /// The new text.
    pub(crate) text: String,
    /// In the order of the old text, not overlapping, all in old offsets.
    pub(crate) changes: Vec<TextEdit>,
}

/// Makes `changes` one after the other; each sees the text that those before it left.
///
/// # Errors
///
/// The first change that has to be refused.
pub(crate) fn edit(text: &str, changes: &[Change], order: Order<'_>) -> Result<Edited, EditError> {
    let mut script = Script::of(text);
    let mut layout = read(text)?;
    for change in changes {
        // A comment below a text, or a line break at its end, could be read as part of it.
        let made = match one(&script.text, &layout, change, order, false) {
            Err(EditError::Elsewhere { .. }) => one(&script.text, &layout, change, order, true)?,
            other => other?,
        };
        if let Some((text, read, splices)) = made {
            script.advance(text, &splices);
            layout = read;
        }
    }
    Ok(script.finish())
}

/// One change, checked: the new text, how it is laid out, and the splices that led there.
fn one(
    text: &str,
    layout: &Layout,
    change: &Change,
    order: Order<'_>,
    careful: bool,
) -> Result<Option<(String, Layout, Vec<Splice>)>, EditError> {
    let elsewhere = || EditError::Elsewhere { path: change.path().to_owned() };
    let Some(outcome) = (Operation { text, layout, order, careful }).perform(change)? else { return Ok(None) };
    let splices = in_order(outcome.splices).ok_or_else(elsewhere)?;
    let changed = apply(text, &splices);
    let read = Layout::of(&changed).map_err(|_| elsewhere())?;
    let same = match (&read.root, &outcome.expected) {
        (Some(found), Some(expected)) => found.says(expected),
        (found, expected) => found.is_none() && expected.as_ref().is_none_or(layout::Node::says_nothing),
    };
    if same { Ok(Some((changed, read, splices))) } else { Err(elsewhere()) }
}

/// Whether `text` can be read as YAML at all.
pub(crate) fn is_readable(text: &str) -> bool {
    Layout::of(text).is_ok()
}

/// A text under change: what it is by now, and how to get there from what it was.
#[derive(Debug)]
pub(crate) struct Script<'t> {
    old: &'t str,
    text: String,
    pieces: Pieces,
}

impl<'t> Script<'t> {
    /// Begins with `text`.
    pub(crate) fn of(text: &'t str) -> Self {
        Self { old: text, text: text.to_owned(), pieces: Pieces::of(text) }
    }
    /// The text by now.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
    /// Makes edits of the text by now if `accept` takes what they lead to; says whether it was done.
    /// Edits that overlap or do not fit are not made.
    pub(crate) fn apply(&mut self, edits: &[TextEdit], accept: impl FnOnce(&str) -> bool) -> bool {
        let Some(splices) = fitting(&self.text, edits) else { return false };
        let changed = apply(&self.text, &splices);
        let accepted = accept(&changed);
        if accepted {
            self.advance(changed, &splices);
        }
        accepted
    }
    fn advance(&mut self, text: String, splices: &[Splice]) {
        self.pieces.apply(splices);
        self.text = text;
    }
    /// The text with how to get there: not at all, if it is what it was, as when two equal items change places.
    pub(crate) fn finish(self) -> Edited {
        if self.text == self.old {
            return Edited { text: self.text, changes: Vec::new() };
        }
        let source = Source::new(self.old);
        let change =
            |splice: Splice| TextEdit { span: source.span(Extent::new(splice.start, splice.end)), text: splice.text };
        Edited { text: self.text, changes: self.pieces.changes(self.old.len()).into_iter().map(change).collect() }
    }
}

/// Edits of one text in its order; `None` if they overlap or do not fit.
fn fitting(text: &str, edits: &[TextEdit]) -> Option<Vec<Splice>> {
    let splices = edits
        .iter()
        .map(|edit| Splice::new(edit.span.start as usize, edit.span.end as usize, edit.text.clone()))
        .collect();
    in_order(splices).filter(|all| all.iter().all(|splice| text.get(splice.start..splice.end).is_some()))
}

fn read(text: &str) -> Result<Layout, EditError> {
    let bytes = text.as_bytes();
    if memchr::memchr_iter(b'\r', bytes).any(|at| bytes.get(at + 1) != Some(&b'\n')) {
        return Err(EditError::Form { path: String::new(), why: "a line ends with a carriage return alone" });
    }
    Layout::of(text).map_err(|_| EditError::Unreadable)
}

/// In the order of the text, joined where they touch, without those that do nothing; `None` if they
/// overlap.
fn in_order(mut splices: Vec<Splice>) -> Option<Vec<Splice>> {
    splices.retain(|splice| splice.start != splice.end || !splice.text.is_empty());
    splices.sort_by_key(|splice| (splice.start, splice.end));
    let mut ordered: Vec<Splice> = Vec::with_capacity(splices.len());
    for splice in splices {
        match ordered.last_mut() {
            Some(last) if last.end > splice.start => return None,
            Some(last) if last.end == splice.start => {
                last.end = splice.end;
                last.text.push_str(&splice.text);
            }
            _ => ordered.push(splice),
        }
    }
    Some(ordered)
}

fn apply(text: &str, splices: &[Splice]) -> String {
    let mut result = String::with_capacity(text.len() + splices.iter().map(|splice| splice.text.len()).sum::<usize>());
    let mut at = 0;
    for splice in splices {
        result.push_str(text.get(at..splice.start).unwrap_or_default());
        result.push_str(&splice.text);
        at = splice.end;
    }
    result.push_str(text.get(at..).unwrap_or_default());
    result
}

/// A text as stretches of the old one and new ones between them, to tell after several changes how to
/// get from the first text to the last.
#[derive(Debug)]
struct Pieces(Vec<Piece>);

#[derive(Clone, Debug)]
enum Piece {
    Old(usize, usize),
    New(String),
}

impl Piece {
    const fn len(&self) -> usize {
        match self {
            Self::Old(start, end) => *end - *start,
            Self::New(text) => text.len(),
        }
    }
    fn cut(self, at: usize) -> (Self, Self) {
        match self {
            Self::Old(start, end) => (Self::Old(start, start + at), Self::Old(start + at, end)),
            Self::New(mut text) => {
                let rest = text.split_off(at);
                (Self::New(text), Self::New(rest))
            }
        }
    }
}

impl Pieces {
    fn of(text: &str) -> Self {
        Self(vec![Piece::Old(0, text.len())])
    }

    fn apply(&mut self, splices: &[Splice]) {
        for splice in splices.iter().rev() {
            let from = self.split(splice.start);
            let to = self.split(splice.end);
            self.0.splice(from..to, [Piece::New(splice.text.clone())]);
        }
    }

    /// Makes a piece start at byte `at` of the text now, and answers which.
    fn split(&mut self, at: usize) -> usize {
        let mut before = 0;
        for index in 0..self.0.len() {
            if before == at {
                return index;
            }
            let length = self.0[index].len();
            if at < before + length {
                let (left, right) = self.0[index].clone().cut(at - before);
                self.0.splice(index..=index, [left, right]);
                return index + 1;
            }
            before += length;
        }
        self.0.len()
    }

    fn changes(self, length: usize) -> Vec<Splice> {
        let mut changes = Vec::new();
        let mut at = 0;
        let mut new = String::new();
        for piece in self.0.into_iter().chain([Piece::Old(length, length)]) {
            match piece {
                Piece::New(text) => new.push_str(&text),
                Piece::Old(start, end) => {
                    if start > at || !new.is_empty() {
                        changes.push(Splice::new(at, start, std::mem::take(&mut new)));
                    }
                    at = end;
                }
            }
        }
        changes
    }
}
