//! Text to [`Sketch`]: blocks, line by line, by their indentation.
//!
//! Owns the recovery: a line that fits nowhere goes to the nearest place that can have it, an open
//! quote or bracket ends where a line says that something new begins.

use std::borrow::Cow;

use super::sketch::{Collection, Content, Id, Line, NO_COLUMN, Node, ROOT, Role, Scalar, Sketch, Style};
use crate::config::syntax::MAX_DEPTH;
use crate::config::text::Extent;

/// Collections inside one another that are told apart; YAML itself is refused much earlier.
const MAX_OPEN: usize = 4 * MAX_DEPTH;

/// Reads `text`.
pub(super) fn read(text: &str) -> Sketch<'_> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut lines = Vec::new();
    let mut from = start;
    loop {
        let to = memchr::memchr(b'\n', &text.as_bytes()[from..]).map_or(text.len(), |at| from + at);
        let end = from + text[from..to].trim_end_matches('\r').len();
        let content = text[from..end].find(|c| c != ' ' && c != '\t').map_or(end, |at| from + at);
        lines.push(Line { start: from, content, end });
        if to == text.len() {
            break;
        }
        from = to + 1;
    }
    let root = Node { parent: ROOT, role: Role::Root, col: 0, start, content: Content::Empty(start), anchor: None };
    let sketch = Sketch { text, lines, nodes: vec![root], comments: Vec::new() };
    let mut reader = Reader { sketch, open: vec![ROOT], line: 0 };
    reader.document();
    reader.sketch
}

/// The tree so far and where it can grow.
pub(super) struct Reader<'t> {
    /// The tree so far.
    pub(super) sketch: Sketch<'t>,
    /// From the document to the node whose value comes next.
    open: Vec<Id>,
    /// The line being read.
    pub(super) line: usize,
}

impl<'t> Reader<'t> {
    fn document(&mut self) {
        let mut started = false;
        while let Some(line) = self.sketch.lines.get(self.line).copied() {
            let text = &self.sketch.text[line.content..line.end];
            let marker = line.content == line.start && (text == "---" || text.starts_with("--- "));
            if line.is_blank() || line.content == line.start && (text.starts_with('%') || text.starts_with("...")) {
                // Says nothing about values.
            } else if text.starts_with('#') {
                self.sketch.comments.push(Extent::new(line.content, line.end));
            } else if marker {
                if started {
                    break;
                }
                if let Some(at) = text.find('#') {
                    self.sketch.comments.push(Extent::new(line.content + at, line.end));
                }
            } else {
                started = true;
                self.structure(line);
            }
            started |= marker;
            self.line += 1;
        }
    }

    /// A line with dashes, a key, or a value alone.
    fn structure(&mut self, line: Line) {
        let text = self.sketch.text;
        let mut at = line.content;
        loop {
            let rest = &text[at..line.end];
            let col = at - line.start;
            if let Some(after) = rest.strip_prefix('-')
                && (after.is_empty() || after.starts_with([' ', '\t']))
                && self.open.len() < MAX_OPEN
            {
                let Some(item) = self.item(at, col) else { return };
                let next = line.end - after.trim_start_matches([' ', '\t']).len();
                self.open.push(item);
                if next >= line.end || text[next..].starts_with('#') {
                    self.comment(next, line.end);
                    return;
                }
                at = next;
                continue;
            }
            let (_, start) = properties(text, at, line.end);
            match key(text, start, line.end) {
                Some((extent, name, colon)) => {
                    let role = Role::Entry { key: extent, name, colon: Some(colon) };
                    if let Some(entry) = self.child(role, extent.start, col, colon + 1) {
                        self.open.push(entry);
                        self.value(colon + 1, entry, None);
                    }
                }
                None => self.word(at, col, line.end),
            }
            return;
        }
    }

    /// A new item at a dash.
    fn item(&mut self, dash: usize, col: usize) -> Option<Id> {
        while self.open.len() > 1 {
            let top = &self.sketch.nodes[*self.open.last()?];
            let stays = match (&top.role, &top.content) {
                _ if top.col < col => true,
                (Role::Entry { .. }, Content::Empty(_)) => top.col == col,
                (Role::Entry { .. }, Content::Collection(list)) => {
                    top.col == col && list.list && list.flow.is_none() && list.col == col
                }
                _ => false,
            };
            if stays {
                break;
            }
            self.open.pop();
        }
        let holder = self.holder(true, col)?;
        Some(self.add(holder, Role::Item, dash, col, dash + 1))
    }

    /// A new entry whose key starts in column `col`.
    fn child(&mut self, role: Role<'t>, start: usize, col: usize, after: usize) -> Option<Id> {
        self.close_down_to(col);
        let holder = self.holder(false, col)?;
        Some(self.add(holder, role, start, col, after))
    }

    fn close_down_to(&mut self, col: usize) {
        while self.open.len() > 1 && self.open.last().is_some_and(|top| self.sketch.nodes[*top].col >= col) {
            self.open.pop();
        }
    }

    /// The innermost open node that can have something new, made ready for it.
    fn holder(&mut self, list: bool, col: usize) -> Option<Id> {
        loop {
            let id = *self.open.last()?;
            match &self.sketch.nodes[id].content {
                Content::Empty(_) => {
                    self.sketch.nodes[id].content = collection(list, col);
                    return Some(id);
                }
                Content::Collection(Collection { flow: None, .. }) => return Some(id),
                Content::Scalar(Scalar { extent, col: Some(own), .. }) if *own == col && !list => {
                    let extent = *extent;
                    self.sketch.nodes[id].content = collection(false, col);
                    let name = Cow::Borrowed(self.sketch.slice(extent));
                    let role = Role::Entry { key: extent, name, colon: None };
                    self.add(id, role, extent.start, col, extent.end);
                    return Some(id);
                }
                _ if self.open.len() == 1 => return None,
                _ => {
                    self.open.pop();
                }
            }
        }
    }

    /// Adds a node without a value yet.
    pub(super) fn add(&mut self, parent: Id, role: Role<'t>, start: usize, col: usize, after: usize) -> Id {
        let id = self.sketch.nodes.len();
        self.sketch.nodes.push(Node { parent, role, col, start, content: Content::Empty(after), anchor: None });
        if let Content::Collection(collection) = &mut self.sketch.nodes[parent].content {
            collection.children.push(id);
        }
        id
    }

    /// A line that is neither key nor item: a value on a line of its own, or a key being typed.
    fn word(&mut self, at: usize, col: usize, line_end: usize) {
        self.close_down_to(col);
        let Some(id) = self.open.last().copied() else { return };
        match &mut self.sketch.nodes[id].content {
            Content::Empty(_) => self.value(at, id, Some(col)),
            Content::Scalar(scalar)
                if scalar.style == Style::Plain && (scalar.col.is_none() || scalar.col != Some(col)) =>
            {
                let end = plain_end(self.sketch.text, at, line_end);
                scalar.extent.end = end;
                self.comment(end, line_end);
            }
            Content::Scalar(Scalar { col: Some(_), .. }) | Content::Collection(Collection { flow: None, .. }) => {
                let end = plain_end(self.sketch.text, at, line_end);
                let key = Extent::new(at, end);
                let name = Cow::Borrowed(self.sketch.slice(key));
                if let Some(holder) = self.holder(false, col) {
                    self.add(holder, Role::Entry { key, name, colon: None }, at, col, end);
                }
                self.comment(end, line_end);
            }
            _ => {}
        }
    }

    /// The value of `node` from `at` on. `col`: where it stands if a key could stand there.
    fn value(&mut self, at: usize, node: Id, col: Option<usize>) {
        let text = self.sketch.text;
        let Some(line) = self.sketch.lines.get(self.line).copied() else { return };
        let (anchor, start) = properties(text, at, line.end);
        if anchor.is_some() {
            self.sketch.nodes[node].anchor = anchor;
        }
        let after = if start > at && anchor.is_some() { start.min(line.end) } else { at };
        let Some(first) = text[start..line.end].chars().next() else {
            self.sketch.nodes[node].content = Content::Empty(text[..after].trim_end_matches([' ', '\t']).len().max(at));
            return;
        };
        match first {
            '#' => {
                self.comment(start, line.end);
                self.sketch.nodes[node].content = Content::Empty(at);
            }
            '|' | '>' if is_block_header(&text[start..line.end]) => self.block(start, node),
            '"' | '\'' => self.quoted(start, node, col),
            '[' | '{' => {
                let end = self.flow(start, node);
                self.rest(end);
            }
            '*' => {
                let end = plain_end(text, start, line.end);
                self.sketch.nodes[node].content = Content::Alias(Extent::new(start, end));
                self.comment(end, line.end);
            }
            _ => {
                let end = plain_end(text, start, line.end);
                let extent = Extent::new(start, end);
                self.sketch.nodes[node].content =
                    Content::Scalar(Scalar { extent, style: Style::Plain, closed: true, col });
                self.comment(end, line.end);
            }
        }
    }

    /// A text after `|` or `>`: all lines that are deeper than its key.
    fn block(&mut self, start: usize, node: Id) {
        let floor = self.floor(node);
        let mut end = self.sketch.lines[self.line].end;
        // `|+` keeps the blank lines behind the text.
        let header = self.sketch.slice(Extent::new(start, end));
        let keeps = header.split('#').next().is_some_and(|header| header.contains('+'));
        while let Some(line) = self.sketch.lines.get(self.line + 1) {
            if !line.is_blank() {
                if floor.is_some_and(|floor| line.indent() <= floor) {
                    break;
                }
                end = line.end;
            } else if keeps {
                end = line.end;
            }
            self.line += 1;
        }
        self.sketch.nodes[node].content = Content::Block(Extent::new(start, end));
        // Blank lines after the text are read again; they say nothing.
        self.line = self.sketch.line_at(end);
    }

    /// Indentation at which a value of `node` that goes over several lines ends; `None`: nowhere.
    pub(super) fn floor(&self, node: Id) -> Option<usize> {
        let holder = self.sketch.upwards(node).find(|id| match &self.sketch.nodes[*id].role {
            Role::Root => true,
            _ => self.sketch.nodes[*id].col != NO_COLUMN,
        });
        holder.filter(|id| *id != ROOT).map(|id| self.sketch.nodes[id].col)
    }

    fn quoted(&mut self, start: usize, node: Id, col: Option<usize>) {
        let (extent, style, closed) = self.quoted_extent(start, self.floor(node));
        self.sketch.nodes[node].content = Content::Scalar(Scalar { extent, style, closed, col });
        self.rest(extent.end);
    }

    /// From a quote to its partner; to the end of its line if there is none before something new begins.
    pub(super) fn quoted_extent(&mut self, start: usize, floor: Option<usize>) -> (Extent, Style, bool) {
        let text = self.sketch.text;
        let double = text.as_bytes().get(start) == Some(&b'"');
        let style = if double { Style::Double } else { Style::Single };
        let first = self.sketch.line_at(start);
        let mut at = start + 1;
        for index in first..self.sketch.lines.len() {
            let line = self.sketch.lines[index];
            if index > first && !line.is_blank() {
                if floor.is_some_and(|floor| line.indent() <= floor) {
                    break;
                }
                at = line.content;
            }
            if let Some(end) = closing_quote(text, at.min(line.end), line.end, double) {
                return (Extent::new(start, end), style, true);
            }
        }
        (Extent::new(start, self.sketch.lines[first].end), style, false)
    }

    /// Goes on behind a value that ended at `end`, which may be on a later line.
    fn rest(&mut self, end: usize) {
        self.line = self.sketch.line_at(end);
        let line_end = self.sketch.lines[self.line].end;
        self.comment(end, line_end);
    }

    /// Notes a comment between `from` and the end of the line.
    pub(super) fn comment(&mut self, from: usize, line_end: usize) {
        if let Some(rest) = self.sketch.text.get(from..line_end)
            && let Some(at) = rest.find('#')
            && rest[..at].trim().is_empty()
        {
            self.sketch.comments.push(Extent::new(from + at, line_end));
        }
    }
}

const fn collection(list: bool, col: usize) -> Content {
    Content::Collection(Collection { list, flow: None, col, children: Vec::new() })
}

/// `&anchor` and `!tag` from `at` on: the anchor, and where what follows them starts.
pub(super) fn properties(text: &str, at: usize, end: usize) -> (Option<&str>, usize) {
    let mut anchor = None;
    let mut start = end - text[at..end].trim_start_matches([' ', '\t']).len();
    while text[start..end].starts_with(['&', '!']) {
        let word = text[start..end].find([' ', '\t', ',', ']', '}']).map_or(end, |length| start + length);
        if text[start..].starts_with('&') {
            anchor = Some(&text[start + 1..word]);
        }
        start = end - text[word..end].trim_start_matches([' ', '\t']).len();
    }
    (anchor, start)
}

/// A key that starts at `at`: where it is, its text, and its colon.
fn key(text: &str, at: usize, end: usize) -> Option<(Extent, Cow<'_, str>, usize)> {
    let rest = &text[at..end];
    let first = rest.chars().next()?;
    let is_colon =
        |rest: &str| rest.strip_prefix(':').is_some_and(|after| after.is_empty() || after.starts_with([' ', '\t']));
    if first == '"' || first == '\'' {
        let close = closing_quote(text, at + 1, end, first == '"')?;
        let gap = text[close..end].len() - text[close..end].trim_start_matches([' ', '\t']).len();
        let name = Cow::Borrowed(&text[at + 1..close - 1]);
        return is_colon(&text[close + gap..end]).then_some((Extent::new(at, close), name, close + gap));
    }
    if "[]{},#&*!|>%@`".contains(first) || first == '?' && rest[1..].starts_with([' ', '\t']) {
        return None;
    }
    for (index, byte) in rest.bytes().enumerate() {
        match byte {
            b':' if is_colon(&rest[index..]) => {
                let key = Extent::new(at, at + rest[..index].trim_end().len());
                return Some((key, Cow::Borrowed(&text[key.start..key.end]), at + index));
            }
            b'#' if rest[..index].ends_with([' ', '\t']) => return None,
            _ => {}
        }
    }
    None
}

/// Where a plain value that starts at `at` ends on its line.
fn plain_end(text: &str, at: usize, end: usize) -> usize {
    let rest = &text[at..end];
    let comment = rest.match_indices('#').map(|(at, _)| at).find(|at| *at == 0 || rest[..*at].ends_with([' ', '\t']));
    at + rest[..comment.unwrap_or(rest.len())].trim_end().len()
}

/// One past the closing quote, looked for from `at` on.
pub(super) fn closing_quote(text: &str, at: usize, end: usize, double: bool) -> Option<usize> {
    let bytes = &text.as_bytes()[..end];
    let mut at = at;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if double => at += 1,
            b'"' if double => return Some(at + 1),
            b'\'' if !double && bytes.get(at + 1) == Some(&b'\'') => at += 1,
            b'\'' if !double => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

fn is_block_header(text: &str) -> bool {
    let rest = text[1..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '+' || c == '-');
    let rest = rest.trim_start_matches([' ', '\t']);
    rest.is_empty() || rest.starts_with('#')
}
