//! How a text is laid out: every node with the bytes it is written in, its style, anchor and tag.
//!
//! The same parser as [`crate::config::syntax`] reads it, so both see the same document; this tree keeps
//! aliases and merge keys as they are written, because an edit concerns what is written. It never
//! decides what a key means.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, Span as Stretch, StructureStyle};

use crate::config::syntax::{MAX_DEPTH, ScalarKind, resolve};
use crate::config::text::Extent;

/// One node as written.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Where its content starts, anchor and tag not included; of a block scalar, its `|` or `>`; of a
    /// block collection, its first key or dash.
    pub(super) start: usize,
    /// Where its last content ends, without line break and without comments.
    pub(super) end: usize,
    /// Where anchor and tag are written.
    pub(super) props: Option<Extent>,
    /// Name of its anchor.
    pub(super) anchor: Option<String>,
    /// Tag as written.
    pub(super) tag: Option<String>,
    /// What it is.
    pub(super) kind: Kind,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A single value.
    Scalar { text: String, style: ScalarStyle, kind: ScalarKind },
    /// `*name`, and the how-manieth anchor of this name it stands for.
    Alias { name: String, nth: usize },
    /// A list.
    Sequence { flow: bool, items: Vec<Item> },
    /// A mapping. `bare`: one pair inside `[…]` without braces.
    Mapping { flow: bool, bare: bool, pairs: Vec<Pair> },
}

/// An item of a list.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Its dash; in `[…]`, where it starts.
    pub(super) mark: usize,
    /// The value.
    pub(super) node: Node,
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    /// The key.
    pub(super) key: Node,
    /// Written with `?`.
    pub(super) explicit: bool,
    /// One past the colon; `None` if there is none.
    pub(super) colon: Option<usize>,
    /// The value.
    pub(super) value: Node,
}

impl Pair {
    /// Where it starts.
    pub(super) fn start(&self) -> usize {
        self.key.lead()
    }
    /// Where its content ends.
    pub(super) fn end(&self) -> usize {
        self.value.end.max(self.colon.unwrap_or(0)).max(self.key.end)
    }
    /// The key as text, if it is a single value.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.key.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }
    /// Whether this is the merge key.
    pub(super) fn is_merge(&self) -> bool {
        matches!(&self.key.kind, Kind::Scalar { text, style: ScalarStyle::Plain, .. } if text == "<<")
            && self.key.tag.is_none()
    }
}

impl Node {
    /// Where it starts, anchor and tag included.
    pub(super) fn lead(&self) -> usize {
        self.props.map_or(self.start, |props| props.start.min(self.start))
    }
    /// Whether nothing is written here, not even `null`.
    pub(super) fn is_empty(&self) -> bool {
        self.start == self.end && self.is_null()
    }
    /// Whether it is null.
    pub(super) const fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Scalar { kind: ScalarKind::Null, .. })
    }
    /// Whether a document of it says nothing: null, or no keys.
    pub(super) const fn says_nothing(&self) -> bool {
        self.is_null() || matches!(&self.kind, Kind::Mapping { pairs, .. } if pairs.is_empty())
    }
    /// Whether it is a collection written by indentation.
    pub(super) const fn is_block(&self) -> bool {
        matches!(self.kind, Kind::Sequence { flow: false, .. } | Kind::Mapping { flow: false, .. })
    }
    /// Whether it is a text written with `|` or `>`.
    pub(super) const fn is_block_scalar(&self) -> bool {
        matches!(self.kind, Kind::Scalar { style: ScalarStyle::Literal | ScalarStyle::Folded, .. })
    }
    /// Its child at `index`.
    pub(super) fn child(&self, index: usize) -> Option<&Self> {
        match &self.kind {
            Kind::Sequence { items, .. } => items.get(index).map(|item| &item.node),
            Kind::Mapping { pairs, .. } => pairs.get(index).map(|pair| &pair.value),
            _ => None,
        }
    }
    /// Its child at `index`, to be changed.
    pub(super) fn child_mut(&mut self, index: usize) -> Option<&mut Self> {
        match &mut self.kind {
            Kind::Sequence { items, .. } => items.get_mut(index).map(|item| &mut item.node),
            Kind::Mapping { pairs, .. } => pairs.get_mut(index).map(|pair| &mut pair.value),
            _ => None,
        }
    }
    /// Values in it, keys not counted.
    pub(super) fn children(&self) -> Box<dyn Iterator<Item = &Self> + '_> {
        match &self.kind {
            Kind::Sequence { items, .. } => Box::new(items.iter().map(|item| &item.node)),
            Kind::Mapping { pairs, .. } => Box::new(pairs.iter().map(|pair| &pair.value)),
            _ => Box::new(std::iter::empty()),
        }
    }
    /// Whether two nodes say the same, wherever and in whatever style they are written.
    pub(super) fn says(&self, other: &Self) -> bool {
        self.anchor == other.anchor
            && self.tag == other.tag
            && match (&self.kind, &other.kind) {
                (Kind::Scalar { text, kind, .. }, Kind::Scalar { text: also, kind: same, .. }) => {
                    kind == same && (text == also || *kind == ScalarKind::Null)
                }
                (Kind::Alias { name, nth }, Kind::Alias { name: also, nth: same }) => name == also && nth == same,
                (Kind::Sequence { items, .. }, Kind::Sequence { items: others, .. }) => {
                    items.len() == others.len()
                        && items.iter().zip(others).all(|(item, other)| item.node.says(&other.node))
                }
                (Kind::Mapping { pairs, .. }, Kind::Mapping { pairs: others, .. }) => {
                    pairs.len() == others.len()
                        && pairs.iter().zip(others).all(|(pair, other)| {
                            pair.is_merge() == other.is_merge()
                                && pair.key.says(&other.key)
                                && pair.value.says(&other.value)
                        })
                }
                _ => false,
            }
    }
    /// The anchored node that an alias stands for.
    pub(super) fn anchored(&self, name: &str, nth: usize) -> Option<&Self> {
        let mut left = nth;
        self.find_anchor(name, &mut left)
    }

    fn find_anchor(&self, name: &str, left: &mut usize) -> Option<&Self> {
        if self.anchor.as_deref() == Some(name) {
            *left -= 1;
            if *left == 0 {
                return Some(self);
            }
        }
        match &self.kind {
            Kind::Mapping { pairs, .. } => pairs
                .iter()
                .find_map(|pair| pair.key.find_anchor(name, left).or_else(|| pair.value.find_anchor(name, left))),
            _ => self.children().find_map(|child| child.find_anchor(name, left)),
        }
    }
}

/// The first document of a text.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Its value; `None` if there is none.
    pub(super) root: Option<Node>,
    /// Whether some name is anchored more than once.
    pub(super) reused_anchors: bool,
}

/// A text that cannot be laid out: not YAML, or one of its aliases stands for nothing.
#[derive(Debug)]
pub(super) struct Unreadable;

impl Layout {
    /// Reads the first document of `text`.
    pub(super) fn of(text: &str) -> Result<Self, Unreadable> {
        let options = granit_parser::options! {
            flow_nesting_limit: MAX_DEPTH,
            block_nesting_limit: MAX_DEPTH,
            emit_anchor_events: true,
        };
        let mut options = options;
        options.set_emit_comments(false);
        let mut parser = Parser::new_from_str_with_options(text, options);
        let mut events = Vec::new();
        let mut begin = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut started = false;
        while let Some(event) = parser.next_event() {
            let (event, stretch) = event.map_err(|_| Unreadable)?;
            match event {
                Event::DocumentStart(explicit, _) => {
                    if started {
                        break;
                    }
                    started = true;
                    if explicit {
                        begin = end(&stretch);
                    }
                }
                Event::StreamEnd => break,
                // What follows the document may still be no YAML.
                Event::StreamStart | Event::DocumentEnd | Event::Comment(..) => {}
                event => events.push((event, stretch)),
            }
        }
        let mut reader = Reader {
            text,
            events: events.into_iter().peekable(),
            cursor: begin,
            anchors: HashMap::new(),
            names: HashMap::new(),
        };
        let root = if reader.events.peek().is_some() { Some(reader.node(0)?) } else { None };
        // An empty document reads as null at its start.
        let root = root.filter(|root| !(root.is_empty() && root.props.is_none()));
        Ok(Self { root, reused_anchors: reader.names.values().any(|times| *times > 1) })
    }
}

type Events<'t> = std::iter::Peekable<std::vec::IntoIter<(Event<'t>, Stretch)>>;

struct Reader<'t> {
    text: &'t str,
    events: Events<'t>,
    /// Everything before it is understood.
    cursor: usize,
    /// The how-manieth of its name each anchor is, by the parser's number.
    anchors: HashMap<usize, usize>,
    names: HashMap<String, usize>,
}

fn start(stretch: &Stretch) -> usize {
    stretch.start.byte_offset().unwrap_or_default()
}

fn end(stretch: &Stretch) -> usize {
    stretch.end.byte_offset().unwrap_or_default()
}

impl Reader<'_> {
    /// The next byte that is neither white space nor part of a comment nor, in flow, a comma.
    fn skip(&self, flow: bool) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = self.cursor;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => at += 1,
                b',' if flow => at += 1,
                b'#' => at += memchr::memchr2(b'\n', b'\r', &bytes[at..]).unwrap_or(bytes.len() - at),
                _ => break,
            }
        }
        at
    }

    fn node(&mut self, depth: usize) -> Result<Node, Unreadable> {
        if depth > MAX_DEPTH {
            return Err(Unreadable);
        }
        let (event, stretch) = self.events.next().ok_or(Unreadable)?;
        let mut node = Node {
            start: start(&stretch),
            end: end(&stretch),
            props: stretch.tag_span().map(|tag| Extent::new(start(&tag), end(&tag))),
            anchor: None,
            tag: None,
            kind: Kind::Sequence { flow: true, items: Vec::new() },
        };
        if let Some((Event::Anchor(..), _)) = self.events.peek()
            && let Some((Event::Anchor(id, name), place)) = self.events.next()
        {
            let place = Extent::new(start(&place), end(&place));
            node.props = Some(match node.props {
                Some(tag) => Extent::new(tag.start.min(place.start), tag.end.max(place.end)),
                None => place,
            });
            let nth = self.names.entry(name.to_string()).or_default();
            *nth += 1;
            self.anchors.insert(id, *nth);
            node.anchor = Some(name.into_owned());
        }
        if let Some(props) = node.props {
            self.cursor = self.cursor.max(props.end);
        }
        match event {
            Event::Alias(id) => {
                let name = self.text.get(node.start + 1..node.end).unwrap_or_default().to_owned();
                node.kind = Kind::Alias { name, nth: self.anchors.get(&id).copied().ok_or(Unreadable)? };
            }
            Event::Scalar(text, style, _, tag) => self.scalar(&mut node, text.into_owned(), style, tag.as_deref()),
            Event::SequenceStart(style, _, tag) => {
                node.tag = tag.map(|tag| tag.original());
                self.sequence(&mut node, matches!(style, StructureStyle::Flow), depth)?;
            }
            Event::MappingStart(style, _, tag) => {
                node.tag = tag.map(|tag| tag.original());
                self.mapping(&mut node, matches!(style, StructureStyle::Flow), depth)?;
            }
            _ => return Err(Unreadable),
        }
        self.cursor = self.cursor.max(node.end);
        Ok(node)
    }

    fn scalar(&self, node: &mut Node, text: String, style: ScalarStyle, tag: Option<&granit_parser::Tag>) {
        let plain = matches!(style, ScalarStyle::Plain);
        let kind = match tag {
            None if plain => resolve(&text),
            Some(tag) if matches!(tag.core_suffix(), Some("null" | "bool" | "int" | "float")) => resolve(&text),
            _ => ScalarKind::Text,
        };
        node.tag = tag.map(granit_parser::Tag::original);
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            let content = node.end.max(node.start);
            node.start = self.skip(false).min(node.start);
            let header = self.text.get(node.start..).unwrap_or_default();
            let header_end = node.start + header.find(['\n', '\r']).unwrap_or(header.len());
            let written = self.text.get(..content).unwrap_or_default();
            let keeps = header.get(1..).unwrap_or_default().chars().take(2).any(|c| c == '+');
            node.end = if keeps {
                written.strip_suffix('\n').map_or(written.len(), |cut| cut.strip_suffix('\r').unwrap_or(cut).len())
            } else {
                // White space of the last line is content, empty lines after it are not.
                last_line_with_content(written)
            }
            .max(header_end);
        }
        node.kind = Kind::Scalar { text, style, kind };
    }

    fn sequence(&mut self, node: &mut Node, flow: bool, depth: usize) -> Result<(), Unreadable> {
        let mut items = Vec::new();
        if flow {
            self.cursor = node.end;
        }
        loop {
            match self.events.peek() {
                Some((Event::SequenceEnd, stretch)) => {
                    let last = items.last().map_or(node.start, |item: &Item| item.node.end.max(item.mark + 1));
                    node.end = if flow { end(stretch) } else { last };
                    self.events.next();
                    break;
                }
                Some(_) => {
                    let mark = self.skip(flow);
                    if !flow {
                        if self.text.as_bytes().get(mark) != Some(&b'-') {
                            return Err(Unreadable);
                        }
                        self.cursor = mark + 1;
                    }
                    let child = self.node(depth + 1)?;
                    items.push(Item { mark: if flow { child.lead() } else { mark }, node: child });
                }
                None => return Err(Unreadable),
            }
        }
        if !flow && let Some(first) = items.first() {
            node.start = first.mark;
        }
        node.kind = Kind::Sequence { flow, items };
        Ok(())
    }

    fn mapping(&mut self, node: &mut Node, flow: bool, depth: usize) -> Result<(), Unreadable> {
        let bare = flow && node.start == node.end;
        let mut pairs = Vec::new();
        if flow {
            self.cursor = self.cursor.max(node.end);
        }
        loop {
            match self.events.peek() {
                Some((Event::MappingEnd, stretch)) => {
                    let last = pairs.last().map_or(node.start, Pair::end);
                    node.end = if flow && !bare { end(stretch) } else { last };
                    self.events.next();
                    break;
                }
                Some(_) => pairs.push(self.pair(flow, depth)?),
                None => return Err(Unreadable),
            }
        }
        if let (false, Some(first)) = (flow, pairs.first()) {
            node.start = first.start();
        }
        node.kind = Kind::Mapping { flow, bare, pairs };
        Ok(())
    }

    fn pair(&mut self, flow: bool, depth: usize) -> Result<Pair, Unreadable> {
        let at = self.skip(flow);
        let bytes = self.text.as_bytes();
        let marked = bytes.get(at) == Some(&b'?')
            && bytes.get(at + 1).is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        if marked {
            self.cursor = at + 1;
        }
        let key = self.node(depth + 1)?;
        let at = self.skip(false);
        let colon = (self.text.as_bytes().get(at) == Some(&b':')).then_some(at + 1);
        if let Some(colon) = colon {
            self.cursor = colon;
        }
        let mut value = self.node(depth + 1)?;
        if let (true, None, Some(colon)) = (value.is_empty(), value.props, colon) {
            // Nothing is reported at the end of the key.
            (value.start, value.end) = (colon, colon);
        }
        Ok(Pair { explicit: marked || key.is_empty(), key, colon, value })
    }
}

fn last_line_with_content(text: &str) -> usize {
    let mut end = text.len();
    loop {
        let line = text.get(..end).unwrap_or_default();
        let begin = line.rfind('\n').map_or(0, |at| at + 1);
        if !line.get(begin..).unwrap_or_default().trim().is_empty() {
            return begin + line.get(begin..).unwrap_or_default().trim_end_matches('\r').len();
        }
        if begin == 0 {
            return 0;
        }
        end = begin - 1;
    }
}
