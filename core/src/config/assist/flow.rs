//! Text to [`super::sketch::Sketch`]: lists and mappings in brackets.

use std::borrow::Cow;

use super::read::{Reader, properties};
use super::sketch::{Collection, Content, Id, NO_COLUMN, Role, Scalar, Style};
use crate::config::syntax::MAX_DEPTH;
use crate::config::text::Extent;

/// Where something ended: at its own end, or because nothing more belongs to it.
type Ended = Result<usize, usize>;

impl Reader<'_> {
    /// The collection in brackets that starts at `start`; tells where it ends.
    pub(super) fn flow(&mut self, start: usize, node: Id) -> usize {
        let floor = self.floor(node);
        match self.flow_collection(start, node, floor, 0) {
            Ok(end) | Err(end) => end,
        }
    }

    fn flow_collection(&mut self, start: usize, node: Id, floor: Option<usize>, depth: usize) -> Ended {
        let list = self.byte(start) == Some(b'[');
        let close = if list { b']' } else { b'}' };
        let ended = |reader: &mut Self, end: usize| {
            if let Content::Collection(collection) = &mut reader.sketch.nodes[node].content {
                collection.flow = Some(Extent::new(start, end));
            }
        };
        self.sketch.nodes[node].content = Content::Collection(Collection {
            list,
            flow: Some(Extent::new(start, start + 1)),
            col: NO_COLUMN,
            children: Vec::new(),
        });
        let mut at = start + 1;
        loop {
            let next = self.flow_space(at, floor).and_then(|at| match self.byte(at) {
                Some(byte) if byte == close => Ok((at + 1, true)),
                Some(b',') => Ok((at + 1, false)),
                // The bracket of another: this one was forgotten.
                Some(b']' | b'}') => Ok((at, true)),
                Some(_) if depth < MAX_DEPTH => Ok((self.flow_element(at, node, list, floor, depth)?, false)),
                _ => Err(at),
            });
            match next {
                Ok((end, true)) => {
                    ended(self, end);
                    return Ok(end);
                }
                Ok((next, false)) => at = next,
                Err(end) => {
                    ended(self, end);
                    return Err(end);
                }
            }
        }
    }

    fn flow_element(&mut self, at: usize, parent: Id, list: bool, floor: Option<usize>, depth: usize) -> Ended {
        if list {
            let item = self.add(parent, Role::Item, at, NO_COLUMN, at);
            let end = self.flow_value(at, item, floor, depth)?;
            // `[a: b]` is a mapping of one key; here its value is looked at, and kept nowhere.
            let gap = self.flow_space(end, floor)?;
            if self.byte(gap) == Some(b':') {
                let pair = Role::Entry { key: Extent::new(at, end), name: Cow::Borrowed(""), colon: Some(gap) };
                let pair = self.add(item, pair, at, NO_COLUMN, gap + 1);
                let value = self.flow_space(gap + 1, floor)?;
                return match self.byte(value) {
                    Some(b',' | b']' | b'}') | None => Ok(value),
                    _ => self.flow_value(value, pair, floor, depth),
                };
            }
            return Ok(end);
        }
        let (key, name) = if let Some(b'"' | b'\'') = self.byte(at) {
            let (extent, _, closed) = self.quoted_extent(at, floor);
            let inside = Extent::new(extent.start + 1, extent.end - usize::from(closed));
            (extent, self.sketch.slice(inside))
        } else {
            let extent = self.flow_plain(at);
            (extent, self.sketch.slice(extent))
        };
        let gap = self.flow_space(key.end, floor).unwrap_or(key.end);
        let colon = (self.byte(gap) == Some(b':')).then_some(gap);
        let after = colon.map_or(key.end, |colon| colon + 1);
        let role = Role::Entry { key, name: Cow::Borrowed(name), colon };
        let entry = self.add(parent, role, at, NO_COLUMN, after);
        if colon.is_none() {
            return Ok(key.end);
        }
        let value = self.flow_space(after, floor)?;
        match self.byte(value) {
            Some(b',' | b']' | b'}') | None => Ok(value),
            _ => self.flow_value(value, entry, floor, depth),
        }
    }

    fn flow_value(&mut self, at: usize, node: Id, floor: Option<usize>, depth: usize) -> Ended {
        let line_end = self.sketch.lines[self.sketch.line_at(at)].end;
        let (anchor, start) = properties(self.sketch.text, at, line_end);
        if anchor.is_some() {
            self.sketch.nodes[node].anchor = anchor;
        }
        if start >= line_end {
            return Ok(start);
        }
        match self.byte(start) {
            Some(b'"' | b'\'') => {
                let (extent, style, closed) = self.quoted_extent(start, floor);
                self.sketch.nodes[node].content = Content::Scalar(Scalar { extent, style, closed, col: None });
                if closed { Ok(extent.end) } else { Err(extent.end) }
            }
            Some(b'[' | b'{') => self.flow_collection(start, node, floor, depth + 1),
            Some(b'*') => {
                let extent = self.flow_plain(start);
                self.sketch.nodes[node].content = Content::Alias(extent);
                Ok(extent.end)
            }
            Some(b',' | b']' | b'}') => Ok(start),
            _ => {
                let extent = self.flow_plain(start);
                self.sketch.nodes[node].content =
                    Content::Scalar(Scalar { extent, style: Style::Plain, closed: true, col: None });
                Ok(extent.end)
            }
        }
    }

    /// A plain value in brackets, at least one character long. `${…}` belongs to it, although YAML
    /// would want quotes: that is what somebody meant.
    fn flow_plain(&self, start: usize) -> Extent {
        let line_end = self.sketch.lines[self.sketch.line_at(start)].end;
        let text = &self.sketch.text[start..line_end];
        let mut characters = text.char_indices().peekable();
        let mut end = text.len();
        while let Some((at, character)) = characters.next() {
            match character {
                '$' if text[at + 1..].starts_with('{') => {
                    let closed = text[at..].find('}').map_or(text.len(), |length| at + length + 1);
                    while characters.peek().is_some_and(|(next, _)| *next < closed) {
                        characters.next();
                    }
                }
                ',' | '[' | ']' | '{' | '}' if at > 0 => {
                    end = at;
                    break;
                }
                ':' if at > 0 => {
                    let after = text[at + 1..].chars().next();
                    if after.is_none_or(|next| " \t,[]{}".contains(next)) {
                        end = at;
                        break;
                    }
                }
                '#' if text[..at].ends_with([' ', '\t']) => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        let length = text[..end].trim_end().len().max(text.chars().next().map_or(0, char::len_utf8));
        Extent::new(start, start + length)
    }

    /// Over white space, comments and line ends. `Err`: the next line begins something new.
    fn flow_space(&mut self, from: usize, floor: Option<usize>) -> Ended {
        let text = self.sketch.text;
        let mut at = from;
        loop {
            let index = self.sketch.line_at(at);
            let line = self.sketch.lines[index];
            let rest = text.get(at..line.end).unwrap_or_default();
            let next = at + rest.len() - rest.trim_start_matches([' ', '\t']).len();
            let comment = text[next..].starts_with('#') && (next == line.start || text[..next].ends_with([' ', '\t']));
            if comment {
                self.comment(next, line.end);
            } else if next < line.end {
                return Ok(next);
            }
            let Some(following) = self.sketch.lines.get(index + 1).copied() else { return Err(line.end.max(from)) };
            let begins = !following.is_blank()
                && floor.is_some_and(|floor| following.indent() <= floor)
                && !text[following.content..].starts_with([']', '}']);
            if begins {
                return Err(line.end.max(from));
            }
            at = following.start;
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.sketch.text.as_bytes().get(at).copied()
    }
}
