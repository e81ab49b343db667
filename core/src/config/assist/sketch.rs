//! A reading of YAML that never fails: what a text under the hands of a person most likely is.
//!
//! Owns the tolerant tree that completion, hover, outline and formatting look at. Judges nothing and
//! resolves nothing; what a document really means is decided by [`crate::config::syntax`].

use std::borrow::Cow;

use crate::config::text::Extent;

/// Index of a node; [`ROOT`] is the document.
pub(super) type Id = usize;
/// The document.
pub(super) const ROOT: Id = 0;
/// Nodes in brackets have no column of their own.
pub(super) const NO_COLUMN: usize = usize::MAX;

/// The tolerant tree of a text.
#[derive(Debug)]
pub(super) struct Sketch<'t> {
    /// The text.
    pub(super) text: &'t str,
    /// Its lines.
    pub(super) lines: Vec<Line>,
    /// The document first; children after their parents, except for words that turned out to be keys.
    pub(super) nodes: Vec<Node<'t>>,
    /// Each from its `#` to the end of the line.
    pub(super) comments: Vec<Extent>,
}

/// One line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// Its first byte.
    pub(super) start: usize,
    /// Its first byte that is neither space nor tab.
    pub(super) content: usize,
    /// One past its last byte, without the line end.
    pub(super) end: usize,
}

impl Line {
    /// Whether it has white space only.
    pub(super) const fn is_blank(self) -> bool {
        self.content >= self.end
    }
    /// Bytes of white space before its content.
    pub(super) const fn indent(self) -> usize {
        self.content - self.start
    }
}

/// One place of the document that has, or may have, a value.
#[derive(Debug)]
pub(super) struct Node<'t> {
    /// What it is in; of the document: itself.
    pub(super) parent: Id,
    /// What it is there.
    pub(super) role: Role<'t>,
    /// Column of its key or dash in bytes, from 0; [`NO_COLUMN`] in brackets.
    pub(super) col: usize,
    /// First byte of its key, dash or value.
    pub(super) start: usize,
    /// Its value.
    pub(super) content: Content,
    /// `name` of `&name`.
    pub(super) anchor: Option<&'t str>,
}

/// What a node is in its parent.
#[derive(Debug)]
pub(super) enum Role<'t> {
    /// The document.
    Root,
    /// A key with its value. Without a colon: a word where a key is expected.
    Entry {
        /// The key as written.
        key: Extent,
        /// The key without quotes.
        name: Cow<'t, str>,
        /// Where its colon is.
        colon: Option<usize>,
    },
    /// An item of a list.
    Item,
}

/// The value of a node.
#[derive(Debug)]
pub(super) enum Content {
    /// Nothing; one could start at this byte, right behind the colon or dash.
    Empty(usize),
    /// A single value.
    Scalar(Scalar),
    /// A text after `|` or `>`, from that character on.
    Block(Extent),
    /// `*name`.
    Alias(Extent),
    /// Keys or items.
    Collection(Collection),
}

/// A single value as written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scalar {
    /// With its quotes.
    pub(super) extent: Extent,
    /// How it is quoted.
    pub(super) style: Style,
    /// Whether a quoted one has its second quote.
    pub(super) closed: bool,
    /// Its column, where it stands at a place at which a key could stand.
    pub(super) col: Option<usize>,
}

/// How a scalar is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Not at all.
    Plain,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
}

/// Keys or items.
#[derive(Debug)]
pub(super) struct Collection {
    /// Items, not keys.
    pub(super) list: bool,
    /// With brackets, in this extent.
    pub(super) flow: Option<Extent>,
    /// Column of its keys or dashes, without brackets.
    pub(super) col: usize,
    /// What is in it, words included.
    pub(super) children: Vec<Id>,
}

impl<'t> Sketch<'t> {
    /// Reads `text`.
    pub(super) fn of(text: &'t str) -> Self {
        super::read::read(text)
    }

    /// The part of the text.
    pub(super) fn slice(&self, extent: Extent) -> &'t str {
        self.text.get(extent.start..extent.end).unwrap_or_default()
    }

    /// The line that `offset` is on.
    pub(super) fn line_at(&self, offset: usize) -> usize {
        self.lines.partition_point(|line| line.start <= offset).saturating_sub(1)
    }

    /// The line after `line` that has neither white space nor a comment only.
    pub(super) fn next_line(&self, line: usize) -> Option<Line> {
        let rest = self.lines.get(line + 1..)?;
        rest.iter().copied().find(|line| !line.is_blank() && self.text.as_bytes().get(line.content) != Some(&b'#'))
    }

    /// What is in a collection.
    pub(super) fn children(&self, id: Id) -> &[Id] {
        match &self.nodes[id].content {
            Content::Collection(collection) => &collection.children,
            _ => &[],
        }
    }

    /// The key of an entry.
    pub(super) fn name(&self, id: Id) -> Option<&str> {
        match &self.nodes[id].role {
            Role::Entry { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Whether it is a word that may become a key.
    pub(super) fn is_word(&self, id: Id) -> bool {
        matches!(self.nodes[id].role, Role::Entry { colon: None, .. })
    }

    /// The entry of this name with a colon, without those that `<<` brings.
    pub(super) fn entry(&self, id: Id, name: &str) -> Option<Id> {
        self.children(id).iter().copied().find(
            |child| matches!(&self.nodes[*child].role, Role::Entry { name: own, colon: Some(_), .. } if own == name),
        )
    }

    /// The entry of this name, also one that `<<` brings; `id` may be an alias.
    pub(super) fn found(&self, id: Id, name: &str) -> Option<Id> {
        let id = self.meant(id);
        self.entry(id, name).or_else(|| {
            let merged = self.entry(id, "<<")?;
            let one = |id| self.entry(self.meant(id), name);
            one(merged).or_else(|| self.children(merged).iter().find_map(|item| one(*item)))
        })
    }

    /// The node that an alias stands for; any other is itself.
    pub(super) fn meant(&self, id: Id) -> Id {
        match &self.nodes[id].content {
            Content::Alias(extent) => {
                let name = self.slice(*extent).trim_start_matches('*');
                self.nodes.iter().position(|node| node.anchor == Some(name)).unwrap_or(id)
            }
            _ => id,
        }
    }

    /// The text of a single value, without quotes and escapes; `None` for everything else.
    pub(super) fn scalar(&self, id: Id) -> Option<Cow<'t, str>> {
        match &self.nodes[self.meant(id)].content {
            Content::Scalar(scalar) => Some(self.plain(*scalar)),
            _ => None,
        }
    }

    /// The text of a scalar without quotes and escapes.
    pub(super) fn plain(&self, scalar: Scalar) -> Cow<'t, str> {
        let inside = self.slice(scalar.inside());
        match scalar.style {
            Style::Single if inside.contains('\'') => Cow::Owned(inside.replace("''", "'")),
            Style::Double if inside.contains('\\') => Cow::Owned(inside.replace("\\\"", "\"").replace("\\\\", "\\")),
            _ => Cow::Borrowed(inside),
        }
    }

    /// Place of an item among the items of its list.
    pub(super) fn index(&self, id: Id) -> usize {
        let items = self.children(self.nodes[id].parent).iter();
        items.filter(|child| matches!(self.nodes[**child].role, Role::Item)).take_while(|child| **child != id).count()
    }

    /// `id`, its parent, and so on to the document.
    pub(super) fn upwards(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        std::iter::successors(Some(id), |id| (*id != ROOT).then(|| self.nodes[*id].parent))
    }

    /// One past the last byte of all that is in it.
    pub(super) fn end(&self, id: Id) -> usize {
        let node = &self.nodes[id];
        match &node.content {
            Content::Empty(at) => *at,
            Content::Scalar(scalar) => scalar.extent.end,
            Content::Block(extent)
            | Content::Alias(extent)
            | Content::Collection(Collection { flow: Some(extent), .. }) => extent.end,
            Content::Collection(collection) => collection.children.last().map_or(node.start, |last| self.end(*last)),
        }
    }

    /// Columns by which one level is deeper than the one around it, as the text has it; 2 where it has none.
    pub(super) fn unit(&self) -> usize {
        let steps = self.nodes.iter().filter_map(|node| match &node.content {
            Content::Collection(Collection { flow: None, list: false, col, .. })
                if matches!(node.role, Role::Entry { .. }) =>
            {
                col.checked_sub(node.col).filter(|step| *step > 0)
            }
            _ => None,
        });
        steps.min().unwrap_or(2).clamp(1, 8)
    }

    /// Columns from a key to the dashes of its list, as the text has it.
    pub(super) fn dash_step(&self) -> usize {
        let mut steps = self.nodes.iter().filter_map(|node| match &node.content {
            Content::Collection(Collection { flow: None, list: true, col, .. })
                if matches!(node.role, Role::Entry { .. }) =>
            {
                col.checked_sub(node.col)
            }
            _ => None,
        });
        steps.next().unwrap_or_else(|| self.unit())
    }

    /// How lines end here.
    pub(super) fn line_end(&self) -> &'static str {
        match self.text.find('\n') {
            Some(at) if self.text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }
}

impl Scalar {
    /// Without its quotes.
    pub(super) const fn inside(self) -> Extent {
        match self.style {
            Style::Plain => self.extent,
            _ if self.closed => Extent::new(self.extent.start + 1, self.extent.end - 1),
            _ => Extent::new(self.extent.start + 1, self.extent.end),
        }
    }
}
