//! Values to be written: what they mean and how they look among lines and inside brackets.

use granit_parser::ScalarStyle;

use super::layout::{Item, Kind, Layout, Node, Pair};
use super::spell::{self, Around};
use crate::config::syntax::{ScalarKind, resolve};

/// Columns of indentation, as the surroundings have them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Indents {
    /// Keys below their parent key.
    pub(super) mapping: usize,
    /// Dashes below their parent key.
    pub(super) sequence: usize,
    /// Content after its dash.
    pub(super) item: usize,
}

/// A value to be written.
#[derive(Clone, Debug)]
pub(super) enum Given {
    /// A text.
    Text(String),
    /// A text to be written in one line.
    Line(String),
    /// A number, switch or null, as it is.
    Literal(String),
    /// YAML of its own.
    Yaml(Snippet),
    /// A mapping with this one key.
    Entry(String, Box<Self>),
    /// A list of this one item.
    Items(Box<Self>),
    /// `{}`
    NoEntries,
    /// `[]`
    NoItems,
}

/// Lines of YAML without the indentation they share, with what they mean.
#[derive(Clone, Debug)]
pub(super) struct Snippet {
    /// The lines, without ends.
    pub(super) lines: Vec<String>,
    /// What stood behind the key of a block: anchor, tag, comment.
    pub(super) note: String,
    /// What it means.
    pub(super) node: Node,
}

/// How a value looks among lines.
#[derive(Clone, Debug)]
pub(super) struct Look {
    /// Behind the key or dash.
    pub(super) head: String,
    /// Lines below it; not indented.
    pub(super) tail: Vec<String>,
    /// What the lines are.
    pub(super) form: Form,
}

/// What the lines of a [`Look`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// One value: its lines go on from the head.
    Scalar,
    /// Keys.
    Mapping,
    /// Dashes.
    Sequence,
}

/// Why a text is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoValue {
    /// A literal that is none.
    Literal,
    /// Not valid YAML, or not one value.
    Yaml,
}

impl Given {
    /// A number, `true`, `false` or `null`.
    pub(super) fn literal(text: &str) -> Result<Self, NoValue> {
        let text = text.trim();
        if text.is_empty() || resolve(text) == ScalarKind::Text {
            return Err(NoValue::Literal);
        }
        Ok(Self::Literal(text.to_owned()))
    }

    /// Any YAML.
    pub(super) fn yaml(text: &str) -> Result<Self, NoValue> {
        let text = text.replace("\r\n", "\n");
        if text.contains('\r') {
            return Err(NoValue::Yaml);
        }
        let lines: Vec<&str> = text.split('\n').collect();
        let from = lines.iter().position(|line| !line.trim().is_empty()).ok_or(NoValue::Yaml)?;
        let to = lines.iter().rposition(|line| !line.trim().is_empty()).ok_or(NoValue::Yaml)?;
        let marks = ["---", "...", "%"];
        if lines.iter().any(|line| marks.iter().any(|mark| line.starts_with(mark))) {
            return Err(NoValue::Yaml);
        }
        Snippet::of(dedented(lines.get(from..=to).unwrap_or_default()), String::new()).map(Self::Yaml)
    }

    /// What it means.
    pub(super) fn node(&self) -> Node {
        let kind = match self {
            Self::Text(text) | Self::Line(text) => {
                Kind::Scalar { text: text.clone(), style: ScalarStyle::DoubleQuoted, kind: ScalarKind::Text }
            }
            Self::Literal(text) => Kind::Scalar { text: text.clone(), style: ScalarStyle::Plain, kind: resolve(text) },
            Self::Yaml(snippet) => return snippet.node.clone(),
            Self::Entry(key, value) => {
                let pair =
                    Pair { key: Self::Text(key.clone()).node(), explicit: false, colon: None, value: value.node() };
                Kind::Mapping { flow: false, bare: false, pairs: vec![pair] }
            }
            Self::Items(value) => Kind::Sequence { flow: false, items: vec![Item { mark: 0, node: value.node() }] },
            Self::NoEntries => Kind::Mapping { flow: true, bare: false, pairs: Vec::new() },
            Self::NoItems => Kind::Sequence { flow: true, items: Vec::new() },
        };
        Node { start: 0, end: 0, props: None, anchor: None, tag: None, kind }
    }

    /// Among lines, in place of a scalar of style `before`.
    pub(super) fn look(&self, indents: Indents, before: Option<ScalarStyle>) -> Look {
        let scalar = |head: String| Look { head, tail: Vec::new(), form: Form::Scalar };
        match self {
            Self::Text(text) => match spell::literal(text) {
                Some((header, tail)) if before != Some(ScalarStyle::DoubleQuoted) => {
                    Look { head: header.into(), tail, form: Form::Scalar }
                }
                _ => scalar(spell::line(text, Around::Block, before)),
            },
            Self::Line(text) => scalar(spell::line(text, Around::Block, before)),
            Self::Literal(text) => scalar(text.clone()),
            Self::NoEntries => scalar("{}".into()),
            Self::NoItems => scalar("[]".into()),
            Self::Yaml(snippet) => {
                let form = match &snippet.node.kind {
                    Kind::Mapping { flow: false, .. } => Form::Mapping,
                    Kind::Sequence { flow: false, .. } => Form::Sequence,
                    _ => Form::Scalar,
                };
                if form == Form::Scalar {
                    let mut lines = snippet.lines.iter().cloned();
                    return Look { head: lines.next().unwrap_or_default(), tail: lines.collect(), form };
                }
                Look { head: snippet.note.clone(), tail: snippet.lines.clone(), form }
            }
            Self::Entry(key, value) => {
                let key = spell::line(key, Around::Block, None);
                let tail = entry_lines(&key, &value.look(indents, None), indents);
                Look { head: String::new(), tail, form: Form::Mapping }
            }
            Self::Items(value) => {
                let tail = item_lines(&value.look(indents, None), indents);
                Look { head: String::new(), tail, form: Form::Sequence }
            }
        }
    }

    /// Inside brackets, in one line.
    pub(super) fn flow(&self, before: Option<ScalarStyle>) -> String {
        match self {
            Self::Text(text) | Self::Line(text) => spell::line(text, Around::Flow, before),
            Self::Literal(text) => text.clone(),
            Self::NoEntries => "{}".into(),
            Self::NoItems => "[]".into(),
            Self::Yaml(snippet) => in_brackets(&snippet.node),
            Self::Entry(key, value) => format!("{{{}: {}}}", spell::line(key, Around::Flow, None), value.flow(None)),
            Self::Items(value) => format!("[{}]", value.flow(None)),
        }
    }
}

impl Snippet {
    /// Lines that hold one value.
    pub(super) fn of(lines: Vec<String>, note: String) -> Result<Self, NoValue> {
        let text = lines.join("\n");
        let node = Layout::of(&text).map_err(|_| NoValue::Yaml)?.root.ok_or(NoValue::Yaml)?;
        // A second document would be lost.
        let rest = text.get(node.end..).unwrap_or_default();
        let blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
        if !rest.split('\n').all(blank) || (node.is_block() && node.props.is_some()) {
            return Err(NoValue::Yaml);
        }
        let lines = if node.is_block() {
            lines
        } else {
            // Comments above a single value have no place behind its key.
            let first = text.get(..node.lead()).unwrap_or_default().matches('\n').count();
            lines
                .into_iter()
                .skip(first)
                .map(|line| if first == 0 { line } else { line.trim_start().to_owned() })
                .collect()
        };
        Ok(Self { lines, note, node })
    }
}

/// Lines without the indentation they share; empty ones do not count.
pub(super) fn dedented(lines: &[&str]) -> Vec<String> {
    let indent = |line: &&str| line.len() - line.trim_start_matches(' ').len();
    let shared = lines.iter().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
    lines.iter().map(|line| line.get(shared..).unwrap_or_default().to_owned()).collect()
}

/// The lines of an entry, the first one starting with the key.
pub(super) fn entry_lines(key: &str, look: &Look, indents: Indents) -> Vec<String> {
    let first = if look.head.is_empty() { format!("{key}:") } else { format!("{key}: {}", look.head) };
    let indent = match look.form {
        Form::Sequence => indents.sequence,
        Form::Mapping | Form::Scalar => indents.mapping,
    };
    std::iter::once(first).chain(look.tail.iter().map(|line| indented(line, indent))).collect()
}

/// The lines of an item, the first one starting with the dash.
pub(super) fn item_lines(look: &Look, indents: Indents) -> Vec<String> {
    let gap = " ".repeat(indents.item.saturating_sub(1).max(1));
    let (head, tail) = match (look.form, look.tail.split_first()) {
        (Form::Mapping | Form::Sequence, Some((first, rest))) if look.head.is_empty() => (first.as_str(), rest),
        _ => (look.head.as_str(), look.tail.as_slice()),
    };
    let first = format!("-{gap}{head}");
    std::iter::once(first).chain(tail.iter().map(|line| indented(line, 1 + gap.len()))).collect()
}

/// `line` further to the right; an empty one stays empty.
pub(super) fn indented(line: &str, columns: usize) -> String {
    if line.trim().is_empty() { line.to_owned() } else { format!("{}{line}", " ".repeat(columns)) }
}

fn in_brackets(node: &Node) -> String {
    let mut text = String::new();
    if let Some(anchor) = &node.anchor {
        text += &format!("&{anchor} ");
    }
    if let Some(tag) = &node.tag {
        text += &format!("{tag} ");
    }
    text += &match &node.kind {
        Kind::Scalar { text, kind: ScalarKind::Text, style } => {
            match style {
                // Plain before, plain again.
                ScalarStyle::Plain if node.tag.is_none() && spell::fits_plain(text, Around::Flow) => text.clone(),
                ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => spell::line(text, Around::Flow, Some(*style)),
                _ => spell::line(text, Around::Flow, None),
            }
        }
        Kind::Scalar { kind: ScalarKind::Null, .. } => "null".into(),
        Kind::Scalar { text, .. } => text.clone(),
        Kind::Alias { name, .. } => format!("*{name} "),
        Kind::Sequence { items, .. } => {
            format!("[{}]", items.iter().map(|item| in_brackets(&item.node)).collect::<Vec<_>>().join(", "))
        }
        Kind::Mapping { pairs, .. } => {
            let pair = |pair: &Pair| format!("{}: {}", in_brackets(&pair.key), in_brackets(&pair.value));
            format!("{{{}}}", pairs.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
    };
    text
}
