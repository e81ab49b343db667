//! Each kind of change: where it goes, the splices that make it, and the tree it must lead to.

use super::layout::{Item, Kind, Layout, Node, Pair};
use super::sheet::{Sheet, Slot, Splice, spans};
use super::value::{Given, Indents, NoValue};
use super::{EditError, Order, Step, shown, spell};
use crate::config::path::steps;
use crate::config::syntax::cut;

/// One change, as asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// See [`crate::api::wire::Edit::Set`].
    Set { path: String, value: Asked },
    /// See [`crate::api::wire::Edit::Unset`].
    Unset { path: String },
    /// See [`crate::api::wire::Edit::Insert`].
    Insert { path: String, index: Option<usize>, value: Asked },
    /// See [`crate::api::wire::Edit::Rename`].
    Rename { path: String, key: String },
    /// See [`crate::api::wire::Edit::Move`].
    Move { path: String, to: String },
}

/// A value, as asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A text.
    Text(String),
    /// A number, switch or null.
    Literal(String),
    /// Any YAML.
    Yaml(String),
}

impl Change {
    /// Where.
    pub(crate) fn path(&self) -> &str {
        match self {
            Self::Set { path, .. }
            | Self::Unset { path }
            | Self::Insert { path, .. }
            | Self::Rename { path, .. }
            | Self::Move { path, .. } => path,
        }
    }
}

/// What a change does to the text, and the tree that it must lead to.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) splices: Vec<Splice>,
    pub(super) expected: Option<Node>,
}

/// A change about to be made.
pub(super) struct Operation<'o> {
    /// The text as it is.
    pub(super) text: &'o str,
    /// How it is laid out.
    pub(super) layout: &'o Layout,
    /// Where new keys go.
    pub(super) order: Order<'o>,
    /// Whether the usual way failed: long texts stay in one line, and no line break before a removed line
    /// goes with it.
    pub(super) careful: bool,
}

/// How far a path leads.
pub(super) struct Found<'o, 's> {
    /// The last node on the way.
    pub(super) node: &'o Node,
    /// Positions in the nodes on the way.
    pub(super) trail: Vec<usize>,
    /// The node around it with its position there.
    pub(super) parent: Option<(&'o Node, usize)>,
    /// Steps that lead nowhere.
    pub(super) missing: &'s [Step],
    /// The mapping has the next key by a merge.
    pub(super) merged: Option<String>,
    /// Whether it stands in brackets.
    pub(super) flow: bool,
}

pub(super) type Done = Result<Option<Outcome>, EditError>;

impl<'o> Operation<'o> {
    pub(super) const fn sheet(&self) -> Sheet<'o> {
        Sheet { text: self.text }
    }

    /// What `change` does; `None` if the text says it already.
    pub(super) fn perform(&self, change: &Change) -> Done {
        match change {
            Change::Set { path, value } => self.set(path, &self.given(value)?),
            Change::Unset { path } => self.unset(path),
            Change::Insert { path, index, value } => self.insert(path, *index, self.given(value)?),
            Change::Rename { path, key } => self.rename(path, key),
            Change::Move { path, to } => self.shift(path, to),
        }
    }

    fn given(&self, asked: &Asked) -> Result<Given, EditError> {
        let wanted = |text: &str, problem: NoValue| EditError::Value {
            text: cut(text),
            wanted: match problem {
                NoValue::Literal => "a number, `true`, `false` or `null`",
                NoValue::Yaml => "one value in YAML",
            },
        };
        match asked {
            Asked::Text(text) if self.careful => Ok(Given::Line(text.clone())),
            Asked::Text(text) => Ok(Given::Text(text.clone())),
            Asked::Literal(text) => Given::literal(text).map_err(|problem| wanted(text, problem)),
            Asked::Yaml(text) => Given::yaml(text).map_err(|problem| wanted(text, problem)),
        }
    }

    fn set(&self, path: &str, given: &Given) -> Done {
        let steps = parse(path)?;
        if steps.is_empty() {
            return Err(EditError::Path { path: path.to_owned() });
        }
        let Some(root) = &self.layout.root else { return self.first(&steps, given.clone()) };
        let found = self.find(root, &steps)?;
        match found.missing.split_first() {
            None => self.replace(root, &found, given),
            Some((next, rest)) => self.add(root, &found, &steps, next, wrapped(rest, given.clone())?),
        }
    }

    /// A first value in an empty text.
    fn first(&self, steps: &[Step], given: Given) -> Done {
        if !matches!(steps.first(), Some(Step::Key(_))) {
            return Err(EditError::Missing { path: shown(steps) });
        }
        let given = wrapped(steps, given)?;
        let look = given.look(self.indents(None), None);
        let sheet = self.sheet();
        let eol = sheet.eol(0);
        let at = self.text.len();
        let start = if self.text.is_empty() || self.text.ends_with(['\n', '\u{feff}']) { "" } else { eol };
        let text = format!("{start}{}{eol}", look.tail.join(eol));
        Ok(Some(Outcome { splices: vec![Splice::new(at, at, text)], expected: Some(given.node()) }))
    }

    pub(super) fn replace(&self, root: &Node, found: &Found<'_, '_>, given: &Given) -> Done {
        let mut new = given.node();
        if new.anchor.is_none() {
            new.anchor.clone_from(&found.node.anchor);
        }
        if found.node.says(&new) {
            return Ok(None);
        }
        let slot = self.slot(found)?;
        let indents = self.indents(found.parent.map(|(parent, _)| parent));
        let splices = self.sheet().put(found.node, slot, given, indents);
        let mut expected = root.clone();
        if let Some(node) = descend(&mut expected, &found.trail) {
            *node = new;
        }
        Ok(Some(Outcome { splices, expected: Some(expected) }))
    }

    /// Adds a key or item that is not there yet.
    pub(super) fn add(&self, root: &Node, found: &Found<'_, '_>, steps: &[Step], next: &Step, given: Given) -> Done {
        if let (Some(from), true) = (&found.merged, found.missing.len() > 1) {
            return Err(merged(steps, found, from));
        }
        match (&found.node.kind, next) {
            (Kind::Mapping { .. }, Step::Key(key)) => {
                let position = self.position(found, steps, key);
                self.add_entry(root, found, position, key, &given, &[])
            }
            (Kind::Sequence { items, .. }, Step::Index(_)) => Ok(self.add_item(root, found, items.len(), &given, &[])),
            (_, step) => {
                let around = wrapped(std::slice::from_ref(step), given)?;
                self.replace(root, found, &around)
            }
        }
    }

    /// Where a new key goes: behind the last key that comes before it in the language.
    pub(super) fn position(&self, found: &Found<'_, '_>, steps: &[Step], key: &str) -> usize {
        let Kind::Mapping { pairs, .. } = &found.node.kind else { return 0 };
        let known = steps.len() - found.missing.len();
        let order = (self.order)(steps.get(..known).unwrap_or_default());
        let rank = |name: &str| order.iter().position(|other| other == name);
        let Some(own) = rank(key) else { return pairs.len() };
        let before = |pair: &Pair| pair.is_merge() || pair.name().and_then(rank).is_some_and(|other| other < own);
        pairs.iter().rposition(before).map_or_else(
            || if pairs.iter().any(|pair| pair.name().and_then(rank).is_some()) { 0 } else { pairs.len() },
            |last| last + 1,
        )
    }

    pub(super) fn add_entry(
        &self,
        root: &Node,
        found: &Found<'_, '_>,
        position: usize,
        key: &str,
        given: &Given,
        above: &[String],
    ) -> Done {
        let node = found.node;
        let Kind::Mapping { flow, bare, pairs } = &node.kind else { return Ok(None) };
        if *bare {
            return Err(self.form(found, "it is a single pair without braces"));
        }
        if pairs.iter().any(|pair| pair.explicit) {
            return Err(self.form(found, "its keys are written with `?`"));
        }
        let sheet = self.sheet();
        let splices = if *flow {
            let text = format!("{}: {}", spell::line(key, spell::Around::Flow, None), given.flow(None));
            sheet.add_in_brackets(node, &spans(node), position, &text)
        } else {
            let mut lines = above.to_vec();
            lines.extend(Sheet::entry(key, given, self.indents(Some(node))));
            sheet.add_lines(&spans(node), position, &lines)
        };
        let mut expected = root.clone();
        if let Some(Node { kind: Kind::Mapping { pairs, .. }, .. }) = descend(&mut expected, &found.trail) {
            let key = Given::Text(key.to_owned()).node();
            pairs.insert(position, Pair { key, explicit: false, colon: None, value: given.node() });
        }
        Ok(Some(Outcome { splices, expected: Some(expected) }))
    }

    pub(super) fn add_item(
        &self,
        root: &Node,
        found: &Found<'_, '_>,
        position: usize,
        given: &Given,
        above: &[String],
    ) -> Option<Outcome> {
        let node = found.node;
        let Kind::Sequence { flow, .. } = &node.kind else { return None };
        let sheet = self.sheet();
        let splices = if *flow {
            sheet.add_in_brackets(node, &spans(node), position, &given.flow(None))
        } else {
            let mut lines = above.to_vec();
            lines.extend(Sheet::item(given, self.indents(Some(node))));
            sheet.add_lines(&spans(node), position, &lines)
        };
        let mut expected = root.clone();
        if let Some(Node { kind: Kind::Sequence { items, .. }, .. }) = descend(&mut expected, &found.trail) {
            items.insert(position, Item { mark: 0, node: given.node() });
        }
        Some(Outcome { splices, expected: Some(expected) })
    }

    fn insert(&self, path: &str, index: Option<usize>, given: Given) -> Done {
        let steps = parse(path)?;
        let Some(root) = &self.layout.root else {
            return self.first(&steps, Given::Items(Box::new(given)));
        };
        let found = self.find(root, &steps)?;
        if let Some((next, rest)) = found.missing.split_first() {
            let given = wrapped(rest, Given::Items(Box::new(given)))?;
            return self.add(root, &found, &steps, next, given);
        }
        match &found.node.kind {
            Kind::Sequence { items, .. } => {
                let position = index.unwrap_or(items.len());
                if position > items.len() {
                    return Err(EditError::Missing { path: format!("{path}[{position}]") });
                }
                Ok(self.add_item(root, &found, position, &given, &[]))
            }
            _ if found.node.is_null() => self.replace(root, &found, &Given::Items(Box::new(given))),
            Kind::Alias { name, .. } => Err(self.alias(&steps, name)),
            _ => Err(EditError::Shape { path: path.to_owned(), what: what(found.node), wanted: "items" }),
        }
    }

    fn unset(&self, path: &str) -> Done {
        let steps = parse(path)?;
        let (root, found) = self.standing(path, &steps)?;
        let Some((parent, index)) = found.parent else { return Err(EditError::Path { path: path.to_owned() }) };
        let splices = self.removal(&found, parent, index)?;
        let mut expected = root.clone();
        remove(&mut expected, &found.trail);
        Ok(Some(Outcome { splices, expected: Some(expected) }))
    }

    /// The splices that take a child out of its collection.
    pub(super) fn removal(&self, found: &Found<'_, '_>, parent: &Node, index: usize) -> Result<Vec<Splice>, EditError> {
        let sheet = self.sheet();
        let children = spans(parent);
        let (flow, empty) = match &parent.kind {
            Kind::Mapping { flow, bare, pairs } => {
                if *bare {
                    return Err(self.form(found, "it is a single pair without braces"));
                }
                if pairs.iter().any(|pair| pair.explicit) {
                    return Err(self.form(found, "the keys beside it are written with `?`"));
                }
                (*flow, Given::NoEntries)
            }
            Kind::Sequence { flow, .. } => (*flow, Given::NoItems),
            _ => return Ok(Vec::new()),
        };
        let splice = if flow {
            sheet.remove_in_brackets(parent, &children, index)
        } else if children.len() > 1 {
            sheet.remove_lines(&children, index, self.careful)
        } else if let Some((_, above)) = found.trail.split_last()
            && let Some(slot) = self.slot_of(above)
        {
            return Ok(sheet.put(parent, slot, &empty, self.indents(None)));
        } else {
            // The last key of the document.
            let (lead, end) = children.first().copied().unwrap_or_default();
            Some(sheet.without_lines(sheet.own_start(lead), sheet.own_end(end, sheet.column(lead)), self.careful))
        };
        splice.map(|splice| vec![splice]).ok_or_else(|| self.form(found, "it shares its line with something else"))
    }

    pub(super) fn rename(&self, path: &str, key: &str) -> Done {
        let steps = parse(path)?;
        let (root, found) = self.standing(path, &steps)?;
        let Some((Node { kind: Kind::Mapping { flow, pairs, .. }, .. }, index)) = found.parent else {
            return Err(EditError::Shape { path: path.to_owned(), what: "an item of a list", wanted: "key" });
        };
        let Some(pair) = pairs.get(index) else { return Ok(None) };
        if pair.name() == Some(key) {
            return Ok(None);
        }
        if pairs.iter().any(|pair| pair.name() == Some(key)) {
            let mut there = steps.clone();
            there.pop();
            there.push(Step::Key(key.to_owned()));
            return Err(EditError::Taken { path: shown(&there) });
        }
        let Kind::Scalar { style, .. } = &pair.key.kind else {
            return Err(self.form(&found, "its key is an alias"));
        };
        let around = if *flow { spell::Around::Flow } else { spell::Around::Block };
        let text = spell::line(key, around, Some(*style));
        let mut new = Given::Text(key.to_owned()).node();
        new.anchor.clone_from(&pair.key.anchor);
        new.tag.clone_from(&pair.key.tag);
        let splices = vec![Splice::new(pair.key.start, pair.key.end, text)];
        let mut expected = root.clone();
        if let Some((last, above)) = found.trail.split_last()
            && let Some(Node { kind: Kind::Mapping { pairs, .. }, .. }) = descend(&mut expected, above)
            && let Some(pair) = pairs.get_mut(*last)
        {
            pair.key = new;
        }
        Ok(Some(Outcome { splices, expected: Some(expected) }))
    }

    /// The path as it is; an error if it leads nowhere.
    pub(super) fn standing<'s>(&self, path: &str, steps: &'s [Step]) -> Result<(&'o Node, Found<'o, 's>), EditError> {
        let missing = || EditError::Missing { path: path.to_owned() };
        let root = self.layout.root.as_ref().ok_or_else(missing)?;
        let found = self.find(root, steps)?;
        if let Some(from) = &found.merged {
            return Err(merged(steps, &found, from));
        }
        if !found.missing.is_empty() {
            return Err(missing());
        }
        if let Some((parent, index)) = found.parent {
            let pairs = parent.pairs();
            let name = pairs.get(index).and_then(Pair::name);
            if name.is_some() && pairs.iter().filter(|pair| pair.name() == name).count() > 1 {
                return Err(self.form(&found, "the key stands there twice"));
            }
        }
        Ok((root, found))
    }

    /// Goes as far as the path leads.
    pub(super) fn find<'s>(&self, root: &'o Node, steps: &'s [Step]) -> Result<Found<'o, 's>, EditError> {
        let mut found = Found { node: root, trail: Vec::new(), parent: None, missing: &[], merged: None, flow: false };
        for (at, step) in steps.iter().enumerate() {
            let node = found.node;
            let here = steps.get(..at).unwrap_or_default();
            let index = match (&node.kind, step) {
                (Kind::Mapping { pairs, .. }, Step::Key(key)) => {
                    let there = pairs.iter().position(|pair| pair.name() == Some(key) && !pair.is_merge());
                    if there.is_none() {
                        found.merged = merge_of(root, pairs, key, &mut Vec::new());
                    }
                    there
                }
                (Kind::Sequence { items, .. }, Step::Index(index)) => {
                    if *index > items.len() {
                        let path = shown(steps.get(..=at).unwrap_or_default());
                        return Err(EditError::Missing { path });
                    }
                    (*index < items.len()).then_some(*index)
                }
                (Kind::Alias { name, .. }, _) => return Err(self.alias(here, name)),
                _ if node.is_null() => None,
                _ => return Err(shape(here, node, step)),
            };
            let Some((index, child)) = index.and_then(|index| Some((index, node.child(index)?))) else {
                found.missing = steps.get(at..).unwrap_or_default();
                return Ok(found);
            };
            found.flow |= is_flow(node);
            found.parent = Some((node, index));
            found.trail.push(index);
            found.node = child;
        }
        Ok(found)
    }

    pub(super) fn alias(&self, steps: &[Step], name: &str) -> EditError {
        let line = self
            .text
            .find(&format!("&{name}"))
            .map_or(0, |at| self.text.get(..at).unwrap_or_default().matches('\n').count() + 1);
        EditError::Shared {
            path: shown(steps),
            from: format!("the alias `*{name}`"),
            instead: format!(
                "change it where `&{name}` is defined, line {line}, which changes all its uses, or replace the alias by a value of its own"
            ),
        }
    }

    pub(super) fn form(&self, found: &Found<'_, '_>, why: &'static str) -> EditError {
        let mut steps = Vec::new();
        let mut node = self.layout.root.as_ref();
        for index in &found.trail {
            match node.map(|node| &node.kind) {
                Some(Kind::Mapping { pairs, .. }) => {
                    let name = pairs.get(*index).and_then(Pair::name).unwrap_or_default();
                    steps.push(Step::Key(name.to_owned()));
                }
                _ => steps.push(Step::Index(*index)),
            }
            node = node.and_then(|node| node.child(*index));
        }
        EditError::Form { path: shown(&steps), why }
    }

    pub(super) fn slot(&self, found: &Found<'_, '_>) -> Result<Slot, EditError> {
        self.slot_of(&found.trail).ok_or_else(|| self.form(found, "its key has no colon"))
    }

    /// Where the value at the end of `trail` stands.
    fn slot_of(&self, trail: &[usize]) -> Option<Slot> {
        let sheet = self.sheet();
        let (last, above) = trail.split_last()?;
        let mut node = self.layout.root.as_ref()?;
        let mut flow = is_flow(node);
        for index in above {
            node = node.child(*index)?;
            flow |= is_flow(node);
        }
        match &node.kind {
            Kind::Mapping { pairs, .. } => {
                let pair = pairs.get(*last)?;
                if pair.colon.is_none() && (!flow || pair.explicit) {
                    return None;
                }
                let after = pair.colon.unwrap_or(pair.key.end);
                let column = sheet.column(pair.start());
                Some(Slot { after, column, item: false, flow, colon_missing: pair.colon.is_none() })
            }
            Kind::Sequence { items, .. } => {
                let item = items.get(*last)?;
                let after = if flow { item.mark } else { item.mark + 1 };
                Some(Slot { after, column: sheet.column(item.mark), item: true, flow, colon_missing: false })
            }
            _ => None,
        }
    }

    /// The indentation of the surroundings: of the children of `near`, else of the document.
    fn indents(&self, near: Option<&Node>) -> Indents {
        let sheet = self.sheet();
        let mut seen = Seen::default();
        if let Some(node) = near {
            seen.look(sheet, node, false);
        }
        if let Some(root) = &self.layout.root {
            seen.look(sheet, root, true);
        }
        let mapping = seen.mapping.unwrap_or(2);
        Indents { mapping, sequence: seen.sequence.unwrap_or(mapping), item: seen.item.unwrap_or(2) }
    }
}

/// The first indentation of each kind that was met.
#[derive(Default)]
struct Seen {
    mapping: Option<usize>,
    sequence: Option<usize>,
    item: Option<usize>,
}

impl Seen {
    fn look(&mut self, sheet: Sheet<'_>, node: &Node, deep: bool) {
        match &node.kind {
            Kind::Mapping { flow: false, pairs, .. } => {
                for pair in pairs {
                    let column = sheet.column(pair.start());
                    let inner = sheet.column(pair.value.start).checked_sub(column);
                    match &pair.value.kind {
                        Kind::Mapping { flow: false, .. } if inner > Some(0) => {
                            self.mapping = self.mapping.or(inner);
                        }
                        Kind::Sequence { flow: false, .. } => self.sequence = self.sequence.or(inner),
                        _ => {}
                    }
                    if deep && !self.is_full() {
                        self.look(sheet, &pair.value, true);
                    }
                }
            }
            Kind::Sequence { flow: false, items } => {
                for item in items {
                    if self.item.is_none()
                        && !item.node.is_empty()
                        && sheet.line_start(item.node.start) == sheet.line_start(item.mark)
                    {
                        self.item = Some(item.node.lead() - item.mark);
                    }
                    if deep && !self.is_full() {
                        self.look(sheet, &item.node, true);
                    }
                }
            }
            _ => {}
        }
    }

    const fn is_full(&self) -> bool {
        self.mapping.is_some() && self.sequence.is_some() && self.item.is_some()
    }
}

impl Node {
    pub(super) fn pairs(&self) -> &[Pair] {
        match &self.kind {
            Kind::Mapping { pairs, .. } => pairs,
            _ => &[],
        }
    }
}

/// The merge that brings `key`, as written. What was looked at once is not looked at again.
fn merge_of<'n>(root: &'n Node, pairs: &'n [Pair], key: &str, seen: &mut Vec<(&'n str, usize)>) -> Option<String> {
    let merges = pairs.iter().filter(|pair| pair.is_merge()).flat_map(|pair| match &pair.value.kind {
        Kind::Sequence { items, .. } => items.iter().map(|item| &item.node).collect(),
        _ => vec![&pair.value],
    });
    for node in merges {
        let (node, text) = match &node.kind {
            Kind::Alias { name, nth } if seen.contains(&(name, *nth)) => continue,
            Kind::Alias { name, nth } => {
                seen.push((name, *nth));
                (root.anchored(name, *nth)?, format!("`<<: *{name}`"))
            }
            _ => (node, "`<<`".to_owned()),
        };
        let pairs = node.pairs();
        if pairs.iter().any(|pair| pair.name() == Some(key)) || merge_of(root, pairs, key, seen).is_some() {
            return Some(text);
        }
    }
    None
}

fn merged(steps: &[Step], found: &Found<'_, '_>, from: &str) -> EditError {
    let to = steps.len() - found.missing.len() + 1;
    EditError::Shared {
        path: shown(steps.get(..to).unwrap_or(steps)),
        from: from.to_owned(),
        instead: "change it where the anchor is defined, or write the whole section here".into(),
    }
}

pub(super) const fn is_flow(node: &Node) -> bool {
    matches!(node.kind, Kind::Sequence { flow: true, .. } | Kind::Mapping { flow: true, .. })
}

pub(super) fn parse(path: &str) -> Result<Vec<Step>, EditError> {
    steps(path).ok_or_else(|| EditError::Path { path: cut(path) })
}

/// `given` inside the sections that `steps` name.
pub(super) fn wrapped(steps: &[Step], given: Given) -> Result<Given, EditError> {
    let mut value = given;
    for step in steps.iter().rev() {
        value = match step {
            Step::Key(key) => Given::Entry(key.clone(), Box::new(value)),
            Step::Index(0) => Given::Items(Box::new(value)),
            Step::Index(_) => return Err(EditError::Missing { path: shown(steps) }),
        };
    }
    Ok(value)
}

fn what(node: &Node) -> &'static str {
    match &node.kind {
        Kind::Mapping { .. } => "a mapping",
        Kind::Sequence { .. } => "a list",
        _ => "a single value",
    }
}

pub(super) fn shape(path: &[Step], node: &Node, step: &Step) -> EditError {
    let wanted = match step {
        Step::Key(_) => "keys",
        Step::Index(_) => "items",
    };
    let path = if path.is_empty() { "the document".to_owned() } else { shown(path) };
    EditError::Shape { path, what: what(node), wanted }
}

fn descend<'n>(root: &'n mut Node, trail: &[usize]) -> Option<&'n mut Node> {
    trail.iter().try_fold(root, |node, index| node.child_mut(*index))
}

pub(super) fn remove(root: &mut Node, trail: &[usize]) {
    let Some((last, above)) = trail.split_last() else { return };
    let Some(parent) = descend(root, above) else { return };
    let (left, flow) = match &mut parent.kind {
        Kind::Mapping { pairs, flow, .. } if *last < pairs.len() => {
            pairs.remove(*last);
            (pairs.len(), *flow)
        }
        Kind::Sequence { items, flow } if *last < items.len() => {
            items.remove(*last);
            (items.len(), *flow)
        }
        _ => return,
    };
    if left == 0 && !flow {
        // It is written anew, as `{}` or `[]`, which need no tag.
        parent.tag = None;
    }
}
