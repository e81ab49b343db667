//! YAML text to a tree with places: every node knows the bytes it came from.
//!
//! Owns reading: anchors, aliases, merge keys, duplicate keys, limits. Knows nothing of what a key
//! means (that is [`super::check`]) and never looks at a file.

use std::collections::HashMap;
use std::rc::Rc;

use granit_parser::{ErrorKind, Event, Marker, Parser, ScalarStyle, ScanError, Tag};

use super::text::{Extent, Source};
use crate::diagnostic::{Diagnostic, Related, code};

/// Bytes of one config file at most.
pub(crate) const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Collections inside one another at most.
pub(crate) const MAX_DEPTH: usize = 64;
/// Nodes at most, every use of an anchor counted again.
pub(crate) const MAX_NODES: u64 = 1_000_000;

/// One value of the document.
#[derive(Debug)]
pub(crate) struct Node {
    /// Where it is written; for an alias, where its anchor is.
    pub(crate) extent: Extent,
    /// What it is.
    pub(crate) value: Value,
    /// Nodes in it, itself included, aliases expanded.
    weight: u64,
    /// Collections on its longest way down, itself included.
    height: usize,
}

/// What a node is.
#[derive(Debug)]
pub(crate) enum Value {
    /// A single value.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Rc<Node>>),
    /// Keys with values, in the order of the text; merged ones after the others.
    Mapping(Vec<Entry>),
}

/// A single value, as written.
#[derive(Debug)]
pub(crate) struct Scalar {
    /// After YAML's own escapes.
    pub(crate) text: String,
    /// What it means by YAML 1.2's core schema.
    pub(crate) kind: ScalarKind,
}

/// Types of the YAML 1.2 core schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScalarKind {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer,
    /// Any other number.
    Float,
    /// Everything else, and everything quoted.
    Text,
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The key as text.
    pub(crate) key: String,
    /// Where the key is written.
    pub(crate) key_extent: Extent,
    /// The value.
    pub(crate) node: Rc<Node>,
}

impl Node {
    /// A single value.
    pub(crate) fn scalar(extent: Extent, text: impl Into<String>, kind: ScalarKind) -> Rc<Self> {
        Rc::new(Self { extent, value: Value::Scalar(Scalar { text: text.into(), kind }), weight: 1, height: 0 })
    }
    /// A list.
    pub(crate) fn sequence(extent: Extent, items: Vec<Rc<Self>>) -> Rc<Self> {
        let (weight, height) = measure(items.iter());
        Rc::new(Self { extent, value: Value::Sequence(items), weight, height })
    }
    /// Keys with values; no key stands in it twice.
    pub(crate) fn mapping(extent: Extent, entries: Vec<Entry>) -> Rc<Self> {
        let (weight, height) = measure(entries.iter().map(|entry| &entry.node));
        Rc::new(Self { extent, value: Value::Mapping(entries), weight, height })
    }
    /// Whether it is within the limits of one document: [`MAX_DEPTH`] and [`MAX_NODES`].
    pub(crate) const fn is_within_limits(&self) -> bool {
        self.height <= MAX_DEPTH && self.weight <= MAX_NODES
    }
    /// The items, if this is a list.
    pub(crate) fn items(&self) -> Option<&[Rc<Self>]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }
    /// The text of a single value that is written; `None` for null.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) if scalar.kind != ScalarKind::Null => Some(&scalar.text),
            _ => None,
        }
    }
    /// The entries, if this is a mapping.
    pub(crate) fn entries(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Mapping(entries) => Some(entries),
            _ => None,
        }
    }
    /// The entry of `key`, if this is a mapping that has it.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries()?.iter().find(|entry| entry.key == key)
    }
    /// Whether nothing was written here.
    pub(crate) const fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(Scalar { kind: ScalarKind::Null, .. }))
    }
}

/// Reads one document. `None` means that nothing could be understood; everything wrong with the
/// syntax is in the list.
pub(crate) fn parse(source: &Source<'_>) -> (Option<Rc<Node>>, Vec<Diagnostic>) {
    parse_at(source, 0)
}

/// [`parse`] for the text of `source` that starts at `base`; all places are in the space of all texts.
pub(crate) fn parse_at(source: &Source<'_>, base: usize) -> (Option<Rc<Node>>, Vec<Diagnostic>) {
    let mut composer =
        Composer { source, base, stack: Vec::new(), anchors: HashMap::new(), made: 0, root: None, found: Vec::new() };
    match composer.document() {
        Ok(()) => (composer.root, composer.found),
        Err(finding) => {
            composer.found.push(*finding);
            (None, composer.found)
        }
    }
}

type Fatal = Box<Diagnostic>;

struct Composer<'a> {
    source: &'a Source<'a>,
    /// Offset of the text in the space of all texts.
    base: usize,
    stack: Vec<Open>,
    /// `None` while the anchored collection is still open.
    anchors: HashMap<usize, Option<Rc<Node>>>,
    made: u64,
    root: Option<Rc<Node>>,
    found: Vec<Diagnostic>,
}

struct Open {
    start: Extent,
    anchor: usize,
    content: Content,
}

enum Content {
    Sequence(Vec<Rc<Node>>),
    Mapping { pairs: Vec<(Rc<Node>, Rc<Node>)>, key: Option<Rc<Node>> },
}

impl Composer<'_> {
    fn document(&mut self) -> Result<(), Fatal> {
        let mut options = granit_parser::options! { flow_nesting_limit: MAX_DEPTH, block_nesting_limit: MAX_DEPTH };
        options.set_emit_comments(false);
        let mut parser = Parser::new_from_str_with_options(self.source.text_at(self.base), options);
        let mut started = false;
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| Box::new(self.syntax_error(&error)))?;
            let extent = Extent::new(self.base + offset(span.start), self.base + offset(span.end));
            match event {
                Event::DocumentStart(..) if started => {
                    self.second_document(extent, parser.next_event());
                    return Ok(());
                }
                Event::DocumentStart(..) => started = true,
                Event::StreamEnd => return Ok(()),
                Event::Scalar(text, style, anchor, tag) => self.scalar(&text, style, anchor, tag.as_deref(), extent)?,
                Event::SequenceStart(_, anchor, tag) => {
                    self.tag_of_collection(tag.as_deref(), "seq", extent);
                    self.open(Content::Sequence(Vec::new()), anchor, extent)?;
                }
                Event::MappingStart(_, anchor, tag) => {
                    self.tag_of_collection(tag.as_deref(), "map", extent);
                    self.open(Content::Mapping { pairs: Vec::new(), key: None }, anchor, extent)?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.close(extent)?,
                Event::Alias(anchor) => self.alias(anchor, extent)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// A lone `---` at the end opens an empty document, which loses nothing; any other is reported.
    fn second_document(&mut self, at: Extent, first: Option<granit_parser::ParseResult<'_>>) {
        if let Some(Ok((Event::Scalar(..), span))) = &first
            && offset(span.start) == offset(span.end)
        {
            return;
        }
        self.report(
            self.diagnostic(code::CFG028, "a second document starts here", at)
                .help("only the first document of a file is read; put the others in files of their own"),
        );
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        extent: Extent,
    ) -> Result<(), Fatal> {
        let plain = matches!(style, ScalarStyle::Plain);
        let kind = match tag {
            None if plain => resolve(text),
            None => ScalarKind::Text,
            Some(tag) => match tag.core_suffix() {
                Some("str") => ScalarKind::Text,
                Some("null" | "bool" | "int" | "float") => resolve(text),
                _ if tag.original() == "!" => ScalarKind::Text,
                _ => {
                    self.unknown_tag(tag, extent);
                    ScalarKind::Text
                }
            },
        };
        let value = Value::Scalar(Scalar { text: text.to_owned(), kind });
        let node = Rc::new(Node { extent, value, weight: 1, height: 0 });
        self.count(1, extent)?;
        self.add(node, anchor);
        Ok(())
    }

    fn open(&mut self, content: Content, anchor: usize, start: Extent) -> Result<(), Fatal> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(Box::new(self.too_deep(start)));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
        self.stack.push(Open { start, anchor, content });
        Ok(())
    }

    fn close(&mut self, end: Extent) -> Result<(), Fatal> {
        let Some(open) = self.stack.pop() else { return Ok(()) };
        self.count(1, open.start)?;
        let value = match open.content {
            Content::Sequence(items) => Value::Sequence(items),
            Content::Mapping { pairs, .. } => Value::Mapping(self.entries(pairs)?),
        };
        let children: Vec<&Rc<Node>> = match &value {
            Value::Sequence(items) => items.iter().collect(),
            Value::Mapping(entries) => entries.iter().map(|entry| &entry.node).collect(),
            Value::Scalar(_) => Vec::new(),
        };
        let (weight, height) = measure(children.iter().copied());
        // A block ends where the next thing starts; what is meant is where its last value ends.
        let last = children.iter().map(|child| child.extent.end).filter(|end| *end >= open.start.start).max();
        let end = if end.end > end.start { end.end } else { last.unwrap_or(open.start.end).max(open.start.end) };
        let extent = Extent::new(open.start.start, end.max(open.start.start));
        if weight > MAX_NODES {
            return Err(Box::new(self.too_many(extent)));
        }
        self.add(Rc::new(Node { extent, value, weight, height }), open.anchor);
        Ok(())
    }

    fn alias(&mut self, anchor: usize, extent: Extent) -> Result<(), Fatal> {
        let node = match self.anchors.get(&anchor) {
            Some(Some(node)) => node.clone(),
            Some(None) => {
                return Err(Box::new(
                    self.diagnostic(code::CFG010, "an anchor refers to itself", extent)
                        .help("an alias can only be used after the end of what it stands for"),
                ));
            }
            None => {
                return Err(Box::new(
                    self.diagnostic(code::CFG010, "an alias without an anchor", extent)
                        .help("write `&name` before the value that it stands for, further up in this file"),
                ));
            }
        };
        if self.stack.len() + node.height > MAX_DEPTH {
            return Err(Box::new(self.too_deep(extent)));
        }
        self.add(node, 0);
        Ok(())
    }

    fn add(&mut self, node: Rc<Node>, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, Some(node.clone()));
        }
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Open { content: Content::Sequence(items), .. }) => items.push(node),
            Some(Open { content: Content::Mapping { pairs, key }, .. }) => match key.take() {
                None => *key = Some(node),
                Some(key) => pairs.push((key, node)),
            },
        }
    }

    /// Keys as text, each once; then what `<<` brings and is not there yet.
    fn entries(&mut self, pairs: Vec<(Rc<Node>, Rc<Node>)>) -> Result<Vec<Entry>, Fatal> {
        let mut entries: Vec<Entry> = Vec::with_capacity(pairs.len());
        let mut places: HashMap<String, Extent> = HashMap::with_capacity(pairs.len());
        let mut merges = Vec::new();
        for (key, node) in pairs {
            let Value::Scalar(Scalar { text, kind }) = &key.value else {
                self.report(
                    self.diagnostic(code::CFG015, "a key must be a single value", self.source.first_line(key.extent))
                        .help("write a name and `:`; brackets and braces stand for values"),
                );
                continue;
            };
            let merge = text == "<<" && *kind == ScalarKind::Text && self.source.slice(key.extent) == "<<";
            if let Some(first) = places.get(text) {
                let mut finding = self
                    .diagnostic(code::CFG012, format!("`{}` stands twice in this mapping", cut(text)), key.extent)
                    .help(if merge {
                        "merge several mappings with a list: `<<: [*a, *b]`"
                    } else {
                        "remove one of the two, or join their contents"
                    });
                finding.related.push(Related::here("first defined here", self.source.span(*first)));
                self.report(finding);
                continue;
            }
            places.insert(text.clone(), key.extent);
            if merge {
                merges.push(node);
            } else {
                entries.push(Entry { key: text.clone(), key_extent: key.extent, node });
            }
        }
        for node in merges {
            let sources = match &node.value {
                Value::Sequence(items) => items.clone(),
                _ => vec![node.clone()],
            };
            for source in sources {
                let Some(merged) = source.entries() else {
                    self.report(
                        self.diagnostic(
                            code::CFG015,
                            "`<<` merges mappings, and this is none",
                            self.source.first_line(source.extent),
                        )
                        .help("name an anchor that stands before a mapping: `<<: *defaults`"),
                    );
                    continue;
                };
                self.count(merged.len() as u64, node.extent)?;
                for entry in merged {
                    if !places.contains_key(&entry.key) {
                        places.insert(entry.key.clone(), entry.key_extent);
                        entries.push(entry.clone());
                    }
                }
            }
        }
        Ok(entries)
    }

    fn count(&mut self, nodes: u64, extent: Extent) -> Result<(), Fatal> {
        self.made += nodes;
        if self.made > MAX_NODES { Err(Box::new(self.too_many(extent))) } else { Ok(()) }
    }

    fn tag_of_collection(&mut self, tag: Option<&Tag>, expected: &str, extent: Extent) {
        if let Some(tag) = tag
            && tag.core_suffix() != Some(expected)
            && tag.original() != "!"
        {
            self.unknown_tag(tag, extent);
        }
    }

    fn unknown_tag(&mut self, tag: &Tag, extent: Extent) {
        let finding = self
            .diagnostic(
                code::CFG016,
                format!("the tag `{}` has no meaning here", cut(&tag.original())),
                self.source.first_line(extent),
            )
            .help("remove the tag; variables are written `${NAME}`");
        self.report(finding);
    }

    /// More than the first ones would not be listed anyway.
    fn report(&mut self, finding: Diagnostic) {
        if self.found.len() <= super::findings::MOST {
            self.found.push(finding);
        }
    }

    fn too_deep(&self, extent: Extent) -> Diagnostic {
        self.diagnostic(
            code::CFG027,
            format!("more than {MAX_DEPTH} levels of nesting"),
            self.source.first_line(extent),
        )
        .help("no key of a configuration is nearly as deep: look for brackets that are never closed, and remove what is below")
    }

    fn too_many(&self, extent: Extent) -> Diagnostic {
        self.diagnostic(
            code::CFG027,
            "more than 1,000,000 values, those behind anchors counted each time",
            self.source.first_line(extent),
        )
        .help("put datasets into several files, and use anchors less often inside of anchored values")
    }

    fn diagnostic(&self, code: crate::diagnostic::Code, message: impl Into<String>, extent: Extent) -> Diagnostic {
        Diagnostic::error(code, message).at("", Some(self.source.span(extent)))
    }

    /// The tab that was noticed at `offset`: the first one before it on its line, else on the line after.
    fn tab_near(&self, offset: usize) -> Option<Extent> {
        let line = self.source.whole_line(offset);
        let next = self.source.whole_line(line.end);
        [Extent::new(line.start, offset), next].into_iter().find_map(|place| {
            let tab = place.start + self.source.slice(place).find('\t')?;
            Some(Extent::new(tab, tab + 1))
        })
    }

    fn syntax_error(&self, error: &ScanError) -> Diagnostic {
        let mut at = self.source.word_at(self.base + offset(*error.marker()));
        let (message, help) = match error.kind() {
            ErrorKind::RecursionLimitExceeded => return self.too_deep(at),
            ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInPlainScalar => {
                // It was noticed behind the tab.
                if let Some(tab) = self.tab_near(at.start) {
                    at = tab;
                }
                ("a tab where YAML wants spaces".into(), Some("replace the tabs of this line by spaces"))
            }
            ErrorKind::UnknownAnchor => (
                format!("no anchor of this name comes before `{}`", cut(self.source.slice(at))),
                Some(
                    "define it first: `&name` before the value it stands for; a text that starts with `*` needs quotes",
                ),
            ),
            ErrorKind::UnclosedQuotedScalar => {
                ("a quote that is not closed".into(), Some("write the same quote where the text ends"))
            }
            ErrorKind::UnclosedFlowCollection { open } => {
                (format!("a bracket `{open}` that is not closed"), Some("close it behind its last item"))
            }
            ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
                (format!("the bracket `{open}` is closed by `{close}`"), Some("`[` goes with `]`, and `{` with `}`"))
            }
            ErrorKind::ExpectedFlowSequenceSeparator
            | ErrorKind::ExpectedFlowMappingSeparator
            | ErrorKind::InvalidColonPlacement
            | ErrorKind::UnexpectedEofFlowSequence
            | ErrorKind::UnexpectedEofFlowMapping => (
                "something in brackets that is followed neither by `,` nor by the closing bracket".into(),
                Some("close the bracket, or put a comma between the items"),
            ),
            ErrorKind::UnexpectedCharacter { character } if character.is_control() => (
                "a control character, which YAML does not allow".into(),
                Some("remove it, or write it as `\\x..` in double quotes"),
            ),
            ErrorKind::UnexpectedCharacter { character } => {
                (format!("no value can start with `{character}`"), Some("put the value in quotes"))
            }
            ErrorKind::MappingValueNotAllowed => (
                "a `:` where no key can be".into(),
                Some("put a value that contains `: ` in quotes, and check the indentation of this line"),
            ),
            ErrorKind::ExpectedBlockMappingKey | ErrorKind::InvalidIndentation => (
                "this line does not fit the indentation around it".into(),
                Some("keys of one mapping start in the same column"),
            ),
            ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => (
                "a line that is neither a key nor a value".into(),
                Some("write `key: value`, with a space after the colon"),
            ),
            kind => {
                let text = kind.to_string();
                let text = text.rsplit_once(", ").map_or(text.as_str(), |(_, end)| end);
                (format!("not valid YAML: {text}"), None)
            }
        };
        let braces = self.source.line_at(at.start).contains("${");
        let finding = self.diagnostic(code::CFG010, message, at);
        match help {
            _ if braces => finding.help("inside `[…]` and `{…}` a `${VARIABLE}` needs quotes: \"${VARIABLE}\""),
            Some(help) => finding.help(help),
            None => finding,
        }
    }
}

/// Weight and height of a collection of these.
fn measure<'n>(children: impl Iterator<Item = &'n Rc<Node>>) -> (u64, usize) {
    children.fold((1, 1), |(weight, height), child| (weight.saturating_add(child.weight), height.max(child.height + 1)))
}

fn offset(marker: Marker) -> usize {
    marker.byte_offset().unwrap_or_default()
}

/// The type of a plain scalar in YAML 1.2's core schema.
pub(crate) fn resolve(text: &str) -> ScalarKind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return ScalarKind::Null,
        "true" | "True" | "TRUE" => return ScalarKind::Bool(true),
        "false" | "False" | "FALSE" => return ScalarKind::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return ScalarKind::Float,
        _ => {}
    }
    if text.strip_prefix("0o").is_some_and(|digits| all(digits, |byte| (b'0'..=b'7').contains(&byte)))
        || text.strip_prefix("0x").is_some_and(|digits| all(digits, |byte| byte.is_ascii_hexdigit()))
    {
        return ScalarKind::Integer;
    }
    let number = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(number, ".inf" | ".Inf" | ".INF") {
        return ScalarKind::Float;
    }
    if all(number, |byte| byte.is_ascii_digit()) {
        return ScalarKind::Integer;
    }
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (number, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = match mantissa.split_once('.') {
        Some((before, after)) => digits(before) && digits(after) && !(before.is_empty() && after.is_empty()),
        None => all(mantissa, |byte| byte.is_ascii_digit()),
    };
    if whole && exponent.is_none_or(|exponent| all(exponent, |byte| byte.is_ascii_digit())) {
        ScalarKind::Float
    } else {
        ScalarKind::Text
    }
}

fn all(text: &str, test: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(test)
}

/// A text of the user, short enough for a message and without control characters.
pub(crate) fn cut(text: &str) -> String {
    const LONGEST: usize = 40;
    let line = text.lines().next().unwrap_or_default();
    let mut short: String = line.chars().take(LONGEST).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if short.chars().count() < text.trim_end().chars().count() {
        short.push('…');
    }
    short
}
