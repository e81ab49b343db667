//! Where a cursor is: what could be written there, what it would replace, and how it has to be laid
//! out to fit.
//!
//! Owns places, knows no key. An empty answer means that nothing can be proposed there: comments,
//! long texts, lines whose indentation fits nothing.

use super::sketch::{Collection, Content, Id, Line, NO_COLUMN, ROOT, Role, Scalar, Sketch, Style};
use crate::config::text::Extent;

/// A cursor's place.
#[derive(Debug)]
pub(super) struct Place {
    /// What a proposal replaces.
    pub(super) span: Extent,
    /// What is typed of it: from its start to the cursor.
    pub(super) typed: Extent,
    /// What may be written there; several for a line that can belong to several collections.
    pub(super) slots: Vec<Slot>,
}

/// One thing that may be written at a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// In what: the node whose value, or whose next key or item, is written.
    pub(super) holder: Id,
    /// What.
    pub(super) want: Want,
}

/// What may be written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Want {
    /// Another name for the key of this entry, which has its colon.
    Rename(Id),
    /// A key with its value; `word`: what is typed of it so far.
    Key {
        /// The entry that is being typed.
        word: Option<Id>,
        /// How.
        layout: Layout,
    },
    /// An item with its dash.
    Item(Layout),
    /// The single value of the holder.
    Value(Written),
    /// One more single value in the list of the holder, in brackets.
    Another(Written),
}

/// How something of several lines is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// In brackets, on this line.
    Flow,
    /// From here on, with the following lines at least in this column.
    Here(usize),
    /// On a new line, in this column.
    Below(usize),
}

/// How a single value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// Quotes around the span, which stay.
    pub(super) style: Style,
    /// Whether the closing quote is missing.
    pub(super) unclosed: bool,
    /// Whether a space has to come first.
    pub(super) space: bool,
    /// Whether it stands in brackets.
    pub(super) flow: bool,
}

impl Place {
    /// The place of the byte offset `at`; `None` if nothing can be proposed there.
    pub(super) fn at(sketch: &Sketch<'_>, at: usize) -> Option<Self> {
        if sketch.comments.iter().any(|comment| comment.start < at && at <= comment.end) {
            return None;
        }
        let line = *sketch.lines.get(sketch.line_at(at))?;
        if at > line.end || at < line.start {
            return None;
        }
        match on_node(sketch, at) {
            On::Place(place) => return Some(place),
            On::Nothing => return None,
            On::Elsewhere => {}
        }
        if let Some(place) = after_colon(sketch, at, line) {
            return Some(place);
        }
        if let Some(flow) = innermost_flow(sketch, at) {
            return in_brackets(sketch, at, flow);
        }
        if line.is_blank() { on_blank_line(sketch, at, line) } else { None }
    }

    fn empty_at(at: usize, slots: Vec<Slot>) -> Option<Self> {
        let span = Extent::new(at, at);
        (!slots.is_empty()).then_some(Self { span, typed: span, slots })
    }
}

enum On {
    Place(Place),
    Nothing,
    Elsewhere,
}

/// On a key or value that is written.
fn on_node(sketch: &Sketch<'_>, at: usize) -> On {
    let touches = |extent: Extent| extent.start <= at && at <= extent.end;
    for (id, node) in sketch.nodes.iter().enumerate() {
        if let Role::Entry { key, colon, .. } = &node.role
            && touches(*key)
        {
            let want = match colon {
                Some(_) => vec![Slot { holder: node.parent, want: Want::Rename(id) }],
                None => word_wants(sketch, id),
            };
            return On::Place(Place { span: *key, typed: Extent::new(key.start, at), slots: want });
        }
        match &node.content {
            Content::Block(extent) if touches(*extent) => return On::Nothing,
            Content::Alias(extent) if touches(*extent) => return On::Nothing,
            Content::Scalar(scalar) if touches(scalar.extent) => return on_scalar(sketch, id, *scalar, at),
            _ => {}
        }
    }
    On::Elsewhere
}

/// A key being typed, or the first letters of an item.
fn word_wants(sketch: &Sketch<'_>, word: Id) -> Vec<Slot> {
    let node = &sketch.nodes[word];
    let holder = node.parent;
    match &sketch.nodes[holder].content {
        Content::Collection(Collection { list: true, flow: None, col, .. }) if *col == node.col => {
            vec![Slot { holder, want: Want::Item(Layout::Here(*col)) }]
        }
        Content::Collection(Collection { list: false, flow: None, col, .. }) if *col == node.col => {
            vec![Slot { holder, want: Want::Key { word: Some(word), layout: Layout::Here(*col) } }]
        }
        Content::Collection(Collection { list: false, flow: Some(_), .. }) => {
            vec![Slot { holder, want: Want::Key { word: Some(word), layout: Layout::Flow } }]
        }
        _ => Vec::new(),
    }
}

fn on_scalar(sketch: &Sketch<'_>, id: Id, scalar: Scalar, at: usize) -> On {
    let inside = scalar.inside();
    if at < inside.start || at > inside.end || sketch.slice(inside).contains('\n') {
        return On::Nothing;
    }
    let flow = is_in_flow(sketch, id);
    let written = Written { style: scalar.style, unclosed: !scalar.closed, space: false, flow };
    let mut slots = vec![Slot { holder: id, want: Want::Value(written) }];
    if scalar.style == Style::Plain && !flow {
        let is_item = matches!(sketch.nodes[id].role, Role::Item);
        match scalar.col {
            Some(col) => {
                let layout = Layout::Here(col);
                slots.push(Slot { holder: id, want: Want::Key { word: None, layout } });
                if !is_item {
                    slots.push(Slot { holder: id, want: Want::Item(layout) });
                }
            }
            None => slots.extend(below(sketch, id)),
        }
    }
    On::Place(Place { span: inside, typed: Extent::new(inside.start, at), slots })
}

/// Keys or items of a node that has none yet, on the lines below it.
fn below(sketch: &Sketch<'_>, id: Id) -> [Slot; 2] {
    let node = &sketch.nodes[id];
    let keys = node.col + sketch.unit();
    let items = node.col + sketch.dash_step();
    [
        Slot { holder: id, want: Want::Key { word: None, layout: Layout::Below(keys) } },
        Slot { holder: id, want: Want::Item(Layout::Below(items)) },
    ]
}

/// Behind a colon or dash that has no value yet.
fn after_colon(sketch: &Sketch<'_>, at: usize, line: Line) -> Option<Place> {
    let (id, from) = sketch.nodes.iter().enumerate().find_map(|(id, node)| match node.content {
        Content::Empty(from) if id != ROOT && from <= at && line.start <= from && from <= line.end => {
            let is_word = matches!(node.role, Role::Entry { colon: None, .. });
            let between = sketch.text.get(from..at)?;
            (!is_word && between.trim().is_empty()).then_some((id, from))
        }
        _ => None,
    })?;
    let rest = sketch.text.get(at..line.end)?;
    let flow = is_in_flow(sketch, id);
    let free = rest.trim_start_matches([' ', '\t']);
    let ends = free.is_empty() || free.starts_with('#') || flow && free.starts_with([',', ']', '}']);
    // Directly before a comment there is no room for a value.
    if !ends || free.starts_with('#') && free.len() == rest.len() {
        return None;
    }
    let space = at == from && !(flow && matches!(sketch.nodes[id].role, Role::Item));
    let written = Written { style: Style::Plain, unclosed: false, space, flow };
    let mut slots = vec![Slot { holder: id, want: Want::Value(written) }];
    if !flow {
        match sketch.nodes[id].role {
            Role::Item if space => {}
            Role::Item => {
                let layout = Layout::Here(at - line.start);
                slots.push(Slot { holder: id, want: Want::Key { word: None, layout } });
            }
            // What a comment would come to stand behind may not be what it is about.
            _ if free.is_empty() => slots.extend(below(sketch, id)),
            _ => {}
        }
    }
    Place::empty_at(at, slots)
}

fn is_in_flow(sketch: &Sketch<'_>, id: Id) -> bool {
    sketch.nodes[id].col == NO_COLUMN
}

/// The innermost brackets around a place.
pub(super) fn innermost_flow(sketch: &Sketch<'_>, at: usize) -> Option<Id> {
    let holds = |id: &Id| match &sketch.nodes[*id].content {
        Content::Collection(Collection { flow: Some(extent), .. }) => {
            let closed = extent.end > extent.start + 1 && sketch.text[..extent.end].ends_with([']', '}']);
            extent.start < at && (at < extent.end || !closed && at == extent.end)
        }
        _ => false,
    };
    (0..sketch.nodes.len()).rfind(holds)
}

/// Between the brackets, on nothing that is written.
fn in_brackets(sketch: &Sketch<'_>, at: usize, holder: Id) -> Option<Place> {
    let Content::Collection(Collection { list, flow: Some(extent), .. }) = &sketch.nodes[holder].content else {
        return None;
    };
    let before = sketch.text.get(extent.start..at)?.trim_end();
    let after = sketch.text.get(at..)?.trim_start_matches([' ', '\t']);
    if !before.ends_with(['[', '{', ',']) || !(after.is_empty() || after.starts_with(['\r', '\n', ',', ']', '}'])) {
        return None;
    }
    // A key before a line that goes on in the same brackets would need a comma behind it.
    let more = after.trim_start();
    if more.len() < after.len() && !more.is_empty() && !more.starts_with([',', ']', '}']) && at < extent.end {
        return None;
    }
    let want = if *list {
        Want::Another(Written { style: Style::Plain, unclosed: false, space: false, flow: true })
    } else {
        Want::Key { word: None, layout: Layout::Flow }
    };
    Place::empty_at(at, vec![Slot { holder, want }])
}

/// On a line without anything: what fits depends on the column and on the lines around it.
fn on_blank_line(sketch: &Sketch<'_>, at: usize, line: Line) -> Option<Place> {
    let col = at - line.start;
    if sketch.text.get(line.start..at)?.contains('\t') {
        return None;
    }
    let next = sketch.next_line(sketch.line_at(at));
    let next_col = next.map(Line::indent);
    let next_is_item = next.is_some_and(|line| {
        let text = &sketch.text[line.content..line.end];
        text == "-" || text.starts_with("- ")
    });
    let last = (0..sketch.nodes.len())
        .filter(|id| *id != ROOT && sketch.nodes[*id].start < line.start)
        .max_by_key(|id| sketch.nodes[*id].start)
        .unwrap_or(ROOT);
    if let Content::Block(_) = sketch.nodes[last].content
        && (last == ROOT || col > sketch.nodes[last].col)
    {
        return None;
    }
    let mut slots = Vec::new();
    for id in sketch.upwards(last) {
        let node = &sketch.nodes[id];
        match &node.content {
            Content::Empty(_) => {
                let inside = id == ROOT || col > node.col && next_col.is_none_or(|next| next <= node.col);
                let beside = matches!(node.role, Role::Entry { colon: Some(_), .. })
                    && col == node.col
                    && next_col.is_none_or(|next| next <= col);
                if inside {
                    let written = Written { style: Style::Plain, unclosed: false, space: false, flow: false };
                    slots.push(Slot { holder: id, want: Want::Value(written) });
                    let layout = Layout::Here(col);
                    slots.push(Slot { holder: id, want: Want::Key { word: None, layout } });
                }
                if inside || beside {
                    slots.push(Slot { holder: id, want: Want::Item(Layout::Here(col)) });
                }
            }
            Content::Collection(Collection { list, flow: None, col: own, .. })
                if *own == col && next_col.is_none_or(|next| next <= col) =>
            {
                let layout = Layout::Here(col);
                if *list {
                    slots.push(Slot { holder: id, want: Want::Item(layout) });
                } else if !(next_is_item && next_col == Some(col)) {
                    slots.push(Slot { holder: id, want: Want::Key { word: None, layout } });
                }
            }
            _ => {}
        }
    }
    Place::empty_at(at, slots)
}
