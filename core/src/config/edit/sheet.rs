//! The text as lines around its nodes, and the splices that change it. Geometry only: it knows where
//! comments and brackets are, never what a key means.

use super::layout::{Kind, Node};
use super::spell::{self, Around};
use super::value::{Form, Given, Indents, entry_lines, indented, item_lines};

/// A stretch of the text replaced by another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Splice {
    /// First byte replaced.
    pub(super) start: usize,
    /// One past the last.
    pub(super) end: usize,
    /// What comes there.
    pub(super) text: String,
}

impl Splice {
    pub(super) fn new(start: usize, end: usize, text: impl Into<String>) -> Self {
        Self { start, end, text: text.into() }
    }
}

/// Where a value stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// One past its colon or dash; where the document begins for its root.
    pub(super) after: usize,
    /// Column of its key or dash.
    pub(super) column: usize,
    /// Whether it is an item of a list.
    pub(super) item: bool,
    /// Whether it stands inside brackets.
    pub(super) flow: bool,
    /// Whether its colon is still to be written: `{key}`.
    pub(super) colon_missing: bool,
}

/// A text with its lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sheet<'t> {
    /// The text.
    pub(super) text: &'t str,
}

impl<'t> Sheet<'t> {
    fn bom(self) -> usize {
        if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
    }
    /// Where the line of `at` starts.
    pub(super) fn line_start(self, at: usize) -> usize {
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        memchr::memrchr(b'\n', before).map_or_else(|| self.bom(), |line| line + 1)
    }
    /// Where the line of `at` ends, its line break not included.
    pub(super) fn line_end(self, at: usize) -> usize {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        let end = at + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        if end > at && self.text.as_bytes().get(end - 1) == Some(&b'\r') && end < self.text.len() {
            end - 1
        } else {
            end
        }
    }
    /// Where the line after that of `at` starts.
    pub(super) fn next_line(self, at: usize) -> usize {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        memchr::memchr(b'\n', rest).map_or(self.text.len(), |end| at + end + 1)
    }
    /// The line break of the line of `at`; of the first line, if it has none.
    pub(super) fn eol(self, at: usize) -> &'static str {
        let of = |from: usize| {
            let end = self.next_line(from);
            let line = self.text.get(from..end).unwrap_or_default();
            if line.ends_with("\r\n") {
                Some("\r\n")
            } else if line.ends_with('\n') {
                Some("\n")
            } else {
                None
            }
        };
        of(self.line_start(at)).or_else(|| of(0)).unwrap_or("\n")
    }
    /// Bytes between the start of its line and `at`.
    pub(super) fn column(self, at: usize) -> usize {
        at - self.line_start(at)
    }
    /// Whether only spaces stand before `at` on its line.
    pub(super) fn is_fresh(self, at: usize) -> bool {
        self.text.get(self.line_start(at)..at).is_some_and(|before| before.bytes().all(|byte| byte == b' '))
    }
    fn line(self, start: usize) -> &'t str {
        self.text.get(start..self.line_end(start)).unwrap_or_default()
    }

    /// Where the comments start that belong to what starts at `at`: those directly above in its column.
    /// Comments at the very top belong to the file.
    pub(super) fn own_start(self, at: usize) -> usize {
        let column = self.column(at);
        let line = self.line_start(at);
        let mut start = line;
        while start > self.bom() {
            let above = self.line_start(start - 1);
            let text = self.line(above);
            let comment =
                text.len() - text.trim_start_matches(' ').len() == column && text.trim_start().starts_with('#');
            if !comment {
                return start;
            }
            start = above;
        }
        // All lines above are comments, or there are none.
        line
    }

    /// Where the last line ends that belongs to what ends at `end` and starts in `column`: comments
    /// below that are indented further.
    pub(super) fn own_end(self, end: usize, column: usize) -> usize {
        let mut last = self.line_end(end);
        let mut next = self.next_line(end);
        while next < self.text.len() {
            let text = self.line(next);
            let inner = text.trim_start_matches(' ');
            if inner.starts_with('#') && text.len() - inner.len() > column {
                last = next + text.len();
            } else if !text.trim().is_empty() {
                break;
            }
            next = self.next_line(next);
        }
        last
    }

    /// Removes the lines from the one that starts at `start` to the one that ends at `end`, with one line
    /// break. `keep`: never that of the line before, which may be part of a text.
    pub(super) fn without_lines(self, start: usize, end: usize, keep: bool) -> Splice {
        let after = self.next_line(end);
        if after == end && start > self.bom() && !keep {
            // The last line has no line break, and neither shall the one before.
            return Splice::new(self.line_end(self.line_start(start - 1)), end, "");
        }
        Splice::new(start, after, "")
    }

    /// A removal of whole lines that takes the line break before them instead of their own.
    pub(super) fn earlier(self, splice: Splice) -> Splice {
        let eol = self.eol(splice.start);
        let removed = self.text.get(splice.start..splice.end).unwrap_or_default();
        let before = self.text.get(..splice.start).unwrap_or_default();
        if !splice.text.is_empty() || !removed.ends_with(eol) || !before.ends_with(eol) {
            return splice;
        }
        Splice::new(splice.start - eol.len(), splice.end - eol.len(), "")
    }

    fn gap_has_comment(self, from: usize, to: usize) -> bool {
        self.text.get(from..to).is_some_and(|gap| gap.contains('#'))
    }

    /// Puts a value in the place of `node`.
    pub(super) fn put(self, node: &Node, slot: Slot, given: &Given, indents: Indents) -> Vec<Splice> {
        let before = match &node.kind {
            Kind::Scalar { style, .. } if !node.is_empty() => Some(*style),
            _ => None,
        };
        let anchor = match (&node.anchor, given.node().anchor) {
            (Some(name), None) => format!("&{name}"),
            _ => String::new(),
        };
        let join = |parts: [&str; 3]| parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        if slot.flow {
            let text = join([&anchor, &given.flow(before), ""]);
            let start = if node.is_empty() { node.props.map_or(node.start, |props| props.start) } else { node.lead() };
            let glued = slot.after == start && !slot.item;
            let lead = if slot.colon_missing {
                ": "
            } else if glued {
                " "
            } else {
                ""
            };
            return vec![Splice::new(start, node.end.max(start), format!("{lead}{text}"))];
        }
        let mut look = given.look(indents, before);
        if slot.item && look.form != Form::Scalar && anchor.is_empty() && look.head.is_empty() && !look.tail.is_empty()
        {
            look.head = look.tail.remove(0);
        }
        let indent = slot.column
            + match look.form {
                _ if slot.item => indents.item,
                Form::Sequence => indents.sequence,
                Form::Mapping | Form::Scalar => indents.mapping,
            };
        let header = if node.is_block_scalar() { self.header_comment(node) } else { "" };
        let head = join([&anchor, &look.head, header]);
        let is_literal = look.head.starts_with(['|', '>']) && !look.tail.is_empty();
        let tail = |at: usize| {
            let eol = self.eol(at);
            let mut text = String::new();
            for line in &look.tail {
                text += eol;
                text += &indented(line, indent);
            }
            if is_literal && at == self.text.len() {
                text.push_str(eol);
            }
            text
        };
        let spaced = |head: &str| if head.is_empty() { String::new() } else { format!(" {head}") };
        let mut splices = Vec::new();
        if node.is_empty() {
            let start = node.props.map_or(node.start, |props| props.start);
            let lead = if start == slot.after { spaced(&head) } else { head.clone() };
            splices.push(Splice::new(start, node.start.max(start), lead));
            let end = self.line_end(node.start);
            splices.push(Splice::new(end, end, tail(end)));
        } else if self.line_start(slot.after) == self.line_start(node.start) {
            let end = if node.is_block() { self.own_end(node.end, slot.column) } else { node.end };
            splices.push(Splice::new(slot.after, end, spaced(&head)));
            if let (Some(first), Some(gap)) = (splices.first_mut(), self.text.get(slot.after..node.lead()))
                && !head.is_empty()
                && !gap.is_empty()
            {
                first.start = node.lead();
                first.text.clone_from(&head);
            }
            let at = self.line_end(end);
            splices.push(Splice::new(at, at, tail(at)));
        } else {
            let base = match node.props {
                Some(props) if self.line_start(props.start) == self.line_start(slot.after) => props.end,
                _ => slot.after,
            };
            splices.push(Splice::new(slot.after, base, spaced(&head)));
            let from = self.line_end(base);
            let last = if node.is_block() { self.own_end(node.end, slot.column) } else { self.line_end(node.end) };
            splices.push(Splice::new(from, last, tail(from)));
        }
        splices
    }

    /// The comment behind the `|` of a block scalar.
    fn header_comment(self, node: &Node) -> &'t str {
        let header = self.text.get(node.start..self.line_end(node.start)).unwrap_or_default();
        header.find(" #").map_or("", |at| header.get(at + 1..).unwrap_or_default())
    }

    /// Adds lines to a block collection before its child at `position`. `spans`: start and end of its
    /// children; `lines` start with key or dash, without indentation.
    pub(super) fn add_lines(self, spans: &[(usize, usize)], position: usize, lines: &[String]) -> Vec<Splice> {
        let Some((first, _)) = spans.first() else { return Vec::new() };
        let column = self.column(*first);
        let block = |eol: &str| lines.iter().map(|line| indented(line, column)).collect::<Vec<_>>().join(eol);
        let is_literal = lines.len() > 1 && lines.first().is_some_and(|line| line.ends_with('|'));
        if let Some((_, end)) = position.checked_sub(1).and_then(|before| spans.get(before)) {
            let at = self.own_end(*end, column);
            let eol = self.eol(at);
            let last = if is_literal && at == self.text.len() { eol } else { "" };
            return vec![Splice::new(at, at, format!("{eol}{}{last}", block(eol)))];
        }
        let eol = self.eol(*first);
        if self.is_fresh(*first) {
            let at = self.own_start(*first);
            return vec![Splice::new(at, at, format!("{}{eol}", block(eol)))];
        }
        let text = block(eol);
        vec![Splice::new(*first, *first, format!("{}{eol}{}", text.trim_start(), " ".repeat(column)))]
    }

    /// Adds `text` to a collection in brackets before its child at `position`.
    pub(super) fn add_in_brackets(
        self,
        node: &Node,
        spans: &[(usize, usize)],
        position: usize,
        text: &str,
    ) -> Vec<Splice> {
        if spans.is_empty() {
            let at = node.start + 1;
            return vec![Splice::new(at, at, text)];
        }
        if let Some((lead, _)) = spans.get(position) {
            if self.is_fresh(*lead) {
                let at = self.own_start(*lead);
                let indent = " ".repeat(self.column(*lead));
                return vec![Splice::new(at, at, format!("{indent}{text},{}", self.eol(*lead)))];
            }
            return vec![Splice::new(*lead, *lead, format!("{text}, "))];
        }
        let Some((lead, end)) = spans.last().copied() else { return Vec::new() };
        if !self.is_fresh(lead) {
            return vec![Splice::new(end, end, format!(", {text}"))];
        }
        let indent = " ".repeat(self.column(lead));
        let eol = self.eol(end);
        if self.line_start(node.end - 1) == self.line_start(end) {
            return vec![Splice::new(end, end, format!(",{eol}{indent}{text}"))];
        }
        let comma = self.text.get(end..).unwrap_or_default();
        let closes = comma.trim_start().starts_with(',');
        let at = self.line_end(end);
        if closes && self.text.get(end..at).is_some_and(|rest| rest.trim_start().starts_with(',')) {
            return vec![Splice::new(at, at, format!("{eol}{indent}{text},"))];
        }
        vec![Splice::new(end, end, ","), Splice::new(at, at, format!("{eol}{indent}{text}"))]
    }

    /// Removes the child at `index` of a block collection that has others. `keep`: see
    /// [`Sheet::without_lines`].
    pub(super) fn remove_lines(self, spans: &[(usize, usize)], index: usize, keep: bool) -> Option<Splice> {
        let (lead, end) = *spans.get(index)?;
        let column = self.column(lead);
        let last = self.own_end(end, column);
        if self.is_fresh(lead) {
            return Some(self.without_lines(self.own_start(lead), last, keep));
        }
        let (next, _) = *spans.get(index + 1)?;
        if self.gap_has_comment(last, next) {
            // What is above the next one stays above it.
            let before = self.text.get(self.line_start(lead)..lead)?;
            let at = self.line_start(lead) + before.trim_end().len();
            return Some(Splice::new(at, last, ""));
        }
        Some(Splice::new(lead, next, ""))
    }

    /// Removes the child at `index` of a collection in brackets.
    pub(super) fn remove_in_brackets(self, node: &Node, spans: &[(usize, usize)], index: usize) -> Option<Splice> {
        let (lead, end) = *spans.get(index)?;
        let rest = self.text.get(end..self.line_end(end))?;
        let after_comma = rest.trim_start().strip_prefix(',').unwrap_or(rest.trim_start());
        let alone = after_comma.trim_start().is_empty() || after_comma.trim_start().starts_with('#');
        if self.is_fresh(lead) && alone && self.line_start(node.start) != self.line_start(lead) {
            return Some(self.without_lines(self.own_start(lead), self.line_end(end), false));
        }
        let past = |at: usize| {
            let rest = self.text.get(at..).unwrap_or_default();
            let inner = rest.trim_start_matches([' ', '\t']);
            let Some(after) = inner.strip_prefix(',') else { return at };
            self.text.len() - after.trim_start_matches([' ', '\t']).len()
        };
        if spans.get(index + 1).is_some() {
            return Some(Splice::new(lead, past(end), ""));
        }
        match index.checked_sub(1).and_then(|before| spans.get(before)) {
            Some((_, before)) if !self.gap_has_comment(*before, lead) => Some(Splice::new(*before, end, "")),
            Some(_) => Some(Splice::new(lead, end, "")),
            None => Some(Splice::new(lead, past(end), "")),
        }
    }

    /// The lines of a new entry of a mapping among lines.
    pub(super) fn entry(key: &str, given: &Given, indents: Indents) -> Vec<String> {
        entry_lines(&spell::line(key, Around::Block, None), &given.look(indents, None), indents)
    }

    /// The lines of a new item of a list among lines.
    pub(super) fn item(given: &Given, indents: Indents) -> Vec<String> {
        item_lines(&given.look(indents, None), indents)
    }
}

/// Start and end of the children of a collection: of pairs from their key, of items among lines from
/// their dash.
pub(super) fn spans(node: &Node) -> Vec<(usize, usize)> {
    match &node.kind {
        Kind::Sequence { items, .. } => {
            items.iter().map(|item| (item.mark, item.node.end.max(item.mark + 1))).collect()
        }
        Kind::Mapping { pairs, .. } => pairs.iter().map(|pair| (pair.start(), pair.end())).collect(),
        _ => Vec::new(),
    }
}
