//! A rewritten document as text: whatever stayed the same is copied with its comments, quotes and
//! anchors, moved to its new place and indentation.
//!
//! Owns layout. Whether the result means what it should is checked by [`super::migrate`].

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use crate::config::syntax::{Entry, Node, ScalarKind, Value, resolve};
use crate::config::text::Extent;

/// Columns by which a section is indented where the text has no custom of its own.
const STEP: usize = 2;

/// Where an entry or item stands in the text.
#[derive(Clone, Debug)]
struct Home {
    /// Comments and blank lines above it, with what removed neighbours leave behind.
    lead: String,
    /// From its key or dash to the end of its last line.
    body: Range<usize>,
    /// Column of its key or dash, from 0.
    column: usize,
    /// Comments below its last entry, in its indentation.
    tail: String,
    /// Its value.
    node: Rc<Node>,
}

/// Why a document cannot be written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unwritable(pub(super) &'static str);

/// `target` as text, made from the text of `original`.
pub(super) fn write(text: &str, original: &Rc<Node>, target: &Rc<Node>) -> Result<String, Unwritable> {
    let mut kept = HashSet::new();
    collect(target, &mut kept);
    let mut survey = Survey { text, kept: &kept, homes: HashMap::new(), items: HashMap::new(), failed: None };
    let first = original.entries().unwrap_or_default().iter().map(|entry| entry.key_extent.start).min();
    let Some(first) = first else { return Ok(text.to_owned()) };
    let start = line_start(text, first);
    // What is put before everything else goes below the comments at the top, not above them.
    let made =
        target.entries().and_then(<[_]>::first).is_some_and(|entry| entry.key_extent.start == entry.key_extent.end);
    let header = if made && start > 0 { start } else { survey.header(start) };
    let footer = survey.mapping(original, header..text.len());
    if let Some(why) = survey.failed {
        return Err(Unwritable(why));
    }
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut writer =
        Writer { text, newline, homes: survey.homes, items: survey.items, led: HashSet::new(), out: String::new() };
    writer.out.push_str(&text[..header]);
    writer.mapping(target, original, 0..text.len(), 0, false);
    writer.finish_line();
    writer.out.push_str(&footer);
    let lost = lost_comments(text, &writer.out);
    if !lost.is_empty() {
        writer.finish_line();
        for comment in lost {
            writer.out.push_str(comment);
            writer.out.push_str(newline);
        }
    }
    Ok(writer.out)
}

/// Comments whose place is gone; they end up below everything rather than nowhere.
fn lost_comments<'t>(text: &'t str, written: &str) -> Vec<&'t str> {
    let comments = text.lines().filter_map(|line| {
        let whole = line.trim_start().starts_with('#');
        if whole { Some(line.trim()) } else { line.find(" #").map(|at| line[at..].trim()) }
    });
    comments.filter(|comment| !written.contains(comment)).collect()
}

/// Whether two trees mean the same, wherever they stand and in whatever order their keys are.
pub(crate) fn equal(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::Scalar(a), Value::Scalar(b)) => {
            (a.kind == b.kind && a.text == b.text) || (a.kind == ScalarKind::Null && b.kind == ScalarKind::Null)
        }
        (Value::Sequence(a), Value::Sequence(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Mapping(a), Value::Mapping(b)) => {
            a.len() == b.len()
                && a.iter().all(|entry| other.entry(&entry.key).is_some_and(|same| equal(&entry.node, &same.node)))
        }
        _ => false,
    }
}

type Place = (usize, usize);

const fn place(extent: Extent) -> Place {
    (extent.start, extent.end)
}

fn collect(node: &Node, kept: &mut HashSet<Place>) {
    match &node.value {
        Value::Mapping(entries) => {
            for entry in entries {
                kept.insert(place(entry.key_extent));
                collect(&entry.node, kept);
            }
        }
        Value::Sequence(items) => items.iter().for_each(|item| collect(item, kept)),
        Value::Scalar(_) => {}
    }
}

/// Finds where everything stands.
struct Survey<'w> {
    text: &'w str,
    kept: &'w HashSet<Place>,
    homes: HashMap<Place, Home>,
    items: HashMap<Place, Home>,
    failed: Option<&'static str>,
}

impl Survey<'_> {
    /// Where the file's own header ends: what stands before a blank line, a `---` or a line for tools.
    fn header(&self, first: usize) -> usize {
        let mut end = 0;
        let mut at = 0;
        for line in self.text[..first].split_inclusive('\n') {
            at += line.len();
            let words = line.trim_start_matches('\u{feff}').trim();
            if words.is_empty()
                || words.starts_with("---")
                || words.starts_with('%')
                || words.contains("yaml-language-server")
            {
                end = at;
            }
        }
        if end == 0 && self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { end }
    }

    /// Looks at the entries of a block mapping whose text is `within`; gives what stands after the last.
    fn mapping(&mut self, node: &Rc<Node>, within: Range<usize>) -> String {
        let own = |entry: &&Entry| within.contains(&entry.key_extent.start);
        let mut entries: Vec<&Entry> = node.entries().unwrap_or_default().iter().filter(own).collect();
        entries.sort_by_key(|entry| entry.key_extent.start);
        let starts: Vec<usize> = entries.iter().map(|entry| entry.key_extent.start).collect();
        let regions = self.regions(&starts, &within);
        let mut left = String::new();
        for (entry, Region { lead, body, column, inline }) in entries.into_iter().zip(regions.list) {
            let mut above = std::mem::take(&mut left);
            above.push_str(&self.text[lead]);
            let here = place(entry.key_extent);
            let tail = self.value(&entry.node, entry.key_extent.end, body.clone());
            if self.kept.contains(&here) {
                self.homes.insert(here, Home { lead: above, body, column, tail, node: entry.node.clone() });
            } else {
                if !inline && !above.contains('#') {
                    above.clear();
                }
                left = above;
                left.push_str(&comment_of(self.text, entry, &body, column));
            }
        }
        format!("{left}{}", &self.text[regions.rest])
    }

    fn sequence(&mut self, node: &Rc<Node>, within: Range<usize>) {
        let items: Vec<&Rc<Node>> = node
            .items()
            .unwrap_or_default()
            .iter()
            .filter(|item| within.contains(&item.extent.start) && item.extent.end > item.extent.start)
            .collect();
        if items.len() != node.items().unwrap_or_default().len() {
            self.failed.get_or_insert("a list with an alias or an empty item");
            return;
        }
        let mut starts = Vec::with_capacity(items.len());
        for item in &items {
            let Some(dash) = dash_before(self.text, item.extent.start, within.start) else {
                self.failed.get_or_insert("an item of a list whose dash cannot be found");
                return;
            };
            starts.push(dash);
        }
        let regions = self.regions(&starts, &within);
        for (item, Region { lead, body, column, .. }) in items.into_iter().zip(regions.list) {
            let tail = match (&item.value, self.text.as_bytes().get(item.extent.start)) {
                (_, Some(b'{' | b'[')) | (Value::Scalar(_), _) => String::new(),
                (Value::Mapping(_), _) => self.mapping(item, item.extent.start..body.end),
                (Value::Sequence(_), _) => {
                    self.sequence(item, item.extent.start..body.end);
                    String::new()
                }
            };
            let lead = self.text[lead].to_owned();
            self.items.insert(place(item.extent), Home { lead, body, column, tail, node: item.clone() });
        }
    }

    /// Looks at the value of an entry; gives the comments below its last entry.
    fn value(&mut self, node: &Rc<Node>, key_end: usize, body: Range<usize>) -> String {
        let flow = matches!(self.text.as_bytes().get(node.extent.start), Some(b'{' | b'['));
        if flow || !body.contains(&node.extent.start) || node.extent.start < key_end {
            return String::new();
        }
        let from = line_end(self.text, key_end).min(body.end);
        match &node.value {
            Value::Mapping(entries) if !entries.is_empty() => self.mapping(node, from..body.end),
            Value::Sequence(items) if !items.is_empty() => {
                self.sequence(node, from..body.end);
                String::new()
            }
            _ => String::new(),
        }
    }

    /// Cuts `within` at the starts of its entries; comments above an entry belong to it.
    fn regions(&self, starts: &[usize], within: &Range<usize>) -> Regions {
        let mut list = Vec::with_capacity(starts.len());
        let mut from = within.start;
        let mut rest = within.end..within.end;
        for (index, start) in starts.iter().enumerate() {
            let line = line_start(self.text, *start);
            // The first key of an item stands on the line of the dash.
            let inline = !self.text[line..*start].trim_matches(['\u{feff}']).trim().is_empty() || line < within.start;
            let lead = if inline || line < from { *start..*start } else { from..line };
            let column = self.text[line..*start].trim_start_matches('\u{feff}').chars().count();
            let limit = starts.get(index + 1).map_or(within.end, |next| line_start(self.text, *next));
            let end = trimmed(self.text, *start, limit.max(*start), column);
            list.push(Region { lead, body: *start..end, column, inline });
            from = end;
            rest = end..within.end;
        }
        Regions { list, rest }
    }
}

struct Regions {
    list: Vec<Region>,
    rest: Range<usize>,
}

struct Region {
    lead: Range<usize>,
    body: Range<usize>,
    column: usize,
    inline: bool,
}

/// Writes the result.
struct Writer<'w> {
    text: &'w str,
    newline: &'static str,
    homes: HashMap<Place, Home>,
    items: HashMap<Place, Home>,
    /// Entries whose comments are written already.
    led: HashSet<Place>,
    out: String,
}

impl Writer<'_> {
    /// Writes the entries of a mapping that was `original` with the text `within`. `inline`: the first one
    /// stands behind a dash.
    fn mapping(&mut self, node: &Rc<Node>, original: &Rc<Node>, within: Range<usize>, indent: usize, inline: bool) {
        let mut inline = inline;
        for entry in node.entries().unwrap_or_default() {
            // What `<<` brings is there already.
            let inherited = !within.contains(&entry.key_extent.start)
                && original
                    .entry(&entry.key)
                    .is_some_and(|old| old.key_extent == entry.key_extent && Rc::ptr_eq(&old.node, &entry.node));
            if inherited {
                continue;
            }
            self.entry(entry, indent, inline);
            inline = false;
        }
    }

    fn entry(&mut self, entry: &Entry, indent: usize, inline: bool) {
        let here = place(entry.key_extent);
        let home = self.homes.get(&here).cloned();
        if !inline {
            self.finish_line();
            self.lead(here, indent);
            if home.is_none() {
                self.hoist_blank_lines(&entry.node);
            }
            if let Some(home) = home.as_ref().filter(|home| !Rc::ptr_eq(&home.node, &entry.node)) {
                let comments = self.inner_comments(home);
                self.above(&comments, home.column, indent);
            }
            self.out.push_str(&" ".repeat(indent));
        }
        let raw = &self.text[entry.key_extent.start.min(self.text.len())..entry.key_extent.end.min(self.text.len())];
        let quoted = raw.trim_matches(['"', '\'']) == entry.key && !raw.is_empty();
        let key = if quoted { raw.to_owned() } else { spelled(&entry.key, ScalarKind::Text) };
        self.out.push_str(&key);
        match home {
            Some(home) if Rc::ptr_eq(&home.node, &entry.node) => {
                let body = self.text[entry.key_extent.end..home.body.end].to_owned();
                self.shifted(&body, home.column, indent);
            }
            Some(home) => self.changed(entry, &home, indent),
            None => {
                self.out.push(':');
                self.value(&entry.node, indent, "");
            }
        }
    }

    /// The value of an entry that is not what it was.
    fn changed(&mut self, entry: &Entry, home: &Home, indent: usize) {
        self.out.push(':');
        let first = line_end(self.text, entry.key_extent.end).min(home.body.end);
        let inline = matches!(home.node.value, Value::Scalar(_)) || self.is_flow(&home.node);
        let from = if inline { home.node.extent.end } else { entry.key_extent.end };
        let until = if inline { line_end(self.text, from).min(home.body.end) } else { first };
        let comment = self.text.get(from..until).unwrap_or_default().trim_start_matches(':').trim_end();
        let comment = if comment.trim_start().starts_with('#') { comment.to_owned() } else { String::new() };
        let within = |child: &Entry| {
            child.key_extent.start >= home.node.extent.start && child.key_extent.end <= home.node.extent.end
        };
        // What comes from elsewhere may bring comments, for which there is no room between brackets.
        let flow = self.is_flow(&entry.node) && entry.node.entries().is_none_or(|entries| entries.iter().all(within));
        match &entry.node.value {
            Value::Mapping(entries) if !flow && !entries.is_empty() => {
                self.out.push_str(&comment);
                self.out.push_str(self.newline);
                let was_child = |child: &&Entry| {
                    let old = home.node.entries().unwrap_or_default();
                    old.iter().any(|old| old.key_extent == child.key_extent)
                };
                let child = entries.iter().filter(was_child).find_map(|child| self.homes.get(&place(child.key_extent)));
                let step = child.map_or(STEP, |child| child.column.saturating_sub(home.column).max(1));
                let column = child.map_or(home.column + STEP, |child| child.column);
                self.mapping(&entry.node, &home.node, home.body.clone(), indent + step, false);
                self.below(&home.tail, column, indent + step);
            }
            Value::Sequence(items) if !flow && !items.is_empty() => {
                self.out.push_str(&comment);
                self.out.push_str(self.newline);
                let column = items.iter().find_map(|item| Some(self.items.get(&place(item.extent))?.column));
                let step = column.map_or(STEP, |column| column.saturating_sub(home.column));
                self.sequence(&entry.node, indent + step);
            }
            _ => self.value(&entry.node, indent, &comment),
        }
    }

    /// Whether a value is written between brackets.
    fn is_flow(&self, node: &Node) -> bool {
        matches!(self.text.as_bytes().get(node.extent.start), Some(b'{' | b'['))
            && node.extent.end > node.extent.start
            && node.text().is_none()
    }

    /// The comments between the brackets of a value that is not copied.
    fn inner_comments(&self, home: &Home) -> String {
        let text = self.text.get(home.node.extent.start..home.node.extent.end).unwrap_or_default();
        if !self.is_flow(&home.node) || !text.contains('\n') {
            return String::new();
        }
        let found = text.lines().filter_map(|line| line.find(" #").map(|at| line[at..].trim()));
        let lines: Vec<String> = found.map(|comment| format!("{}{comment}\n", " ".repeat(home.column))).collect();
        lines.concat()
    }

    /// Moves the blank lines above the first item of a made-up list above its key.
    fn hoist_blank_lines(&mut self, node: &Node) {
        let Some(item) = node.items().and_then(<[_]>::first) else { return };
        let key = item.entries().and_then(<[_]>::first).map(|entry| place(entry.key_extent));
        let home = match self.items.get_mut(&place(item.extent)) {
            Some(home) => Some(home),
            None => key.and_then(|key| self.homes.get_mut(&key)),
        };
        let Some(home) = home else { return };
        let blank: String = home.lead.split_inclusive('\n').take_while(|line| line.trim().is_empty()).collect();
        home.lead.drain(..blank.len());
        self.out.push_str(&blank);
    }

    /// A value that has no home, behind its key.
    fn value(&mut self, node: &Rc<Node>, indent: usize, comment: &str) {
        let flow = self.is_flow(node);
        match &node.value {
            Value::Mapping(entries) if !flow && !entries.is_empty() => {
                self.out.push_str(self.newline);
                let made = node.extent.end == node.extent.start;
                let within = if made { 0..self.text.len() } else { node.extent.start..node.extent.end };
                self.mapping(node, node, within, indent + STEP, false);
            }
            Value::Sequence(items) if !flow && items.iter().any(|item| item.text().is_none()) => {
                self.out.push_str(self.newline);
                self.sequence(node, indent + STEP);
            }
            _ => {
                let text = self.flow(node);
                if !text.is_empty() {
                    self.out.push(' ');
                    self.out.push_str(&text);
                }
                if !comment.is_empty() {
                    self.out.push_str(if comment.starts_with([' ', '\t']) { "" } else { "  " });
                    self.out.push_str(comment);
                }
                self.out.push_str(self.newline);
            }
        }
    }

    fn sequence(&mut self, node: &Rc<Node>, indent: usize) {
        for item in node.items().unwrap_or_default() {
            self.finish_line();
            let home = self.items.get(&place(item.extent)).cloned();
            if let Some(home) = &home {
                self.above(&home.lead, home.column, indent);
            }
            match (&item.value, home) {
                (_, Some(home)) if Rc::ptr_eq(&home.node, item) => {
                    self.out.push_str(&" ".repeat(indent));
                    let body = self.text[home.body.clone()].to_owned();
                    self.shifted(&body, home.column, indent);
                }
                (Value::Mapping(entries), home) if !entries.is_empty() => {
                    if let Some(first) = entries.first() {
                        self.lead(place(first.key_extent), indent);
                    }
                    self.out.push_str(&format!("{}- ", " ".repeat(indent)));
                    match home {
                        Some(home) => {
                            self.mapping(item, &home.node, home.body.clone(), indent + STEP, true);
                            self.below(&home.tail, home.column + STEP, indent + STEP);
                        }
                        None => self.mapping(item, item, 0..self.text.len(), indent + STEP, true),
                    }
                }
                _ => {
                    let text = self.flow(item);
                    self.out.push_str(&format!("{}- {text}{}", " ".repeat(indent), self.newline));
                }
            }
        }
    }

    /// A value in one line.
    fn flow(&self, node: &Node) -> String {
        let raw = self.text.get(node.extent.start..node.extent.end).unwrap_or_default();
        match &node.value {
            Value::Scalar(scalar) => {
                let block = raw.starts_with(['|', '>']);
                if raw.is_empty() || raw.contains('\n') || block || raw.starts_with('*') {
                    if scalar.kind == ScalarKind::Null { String::new() } else { spelled(&scalar.text, scalar.kind) }
                } else {
                    raw.to_owned()
                }
            }
            Value::Sequence(items) => {
                let items: Vec<String> = items.iter().map(|item| self.flow_item(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Mapping(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|entry| {
                        let value = self.flow_item(&entry.node);
                        format!("{}: {value}", spelled(&entry.key, ScalarKind::Text)).trim_end().to_owned()
                    })
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }

    /// A value inside brackets: what stood outside of them may need quotes there.
    fn flow_item(&self, node: &Node) -> String {
        let text = self.flow(node);
        match &node.value {
            Value::Scalar(scalar) if !text.starts_with(['"', '\'']) && text.contains([',', '[', ']', '{', '}']) => {
                quoted(&scalar.text)
            }
            _ => text,
        }
    }

    /// The comments above an entry, once.
    fn lead(&mut self, here: Place, indent: usize) {
        if let Some(home) = self.homes.get(&here).or_else(|| self.items.get(&here)).cloned()
            && self.led.insert(here)
        {
            self.above(&home.lead, home.column, indent);
        }
    }

    /// Comments at the end of a section.
    fn below(&mut self, tail: &str, column: usize, indent: usize) {
        if tail.contains('#') {
            self.finish_line();
            self.above(tail.trim_start_matches(['\r', '\n']), column, indent);
        }
    }

    fn above(&mut self, lead: &str, column: usize, indent: usize) {
        for line in lead.split_inclusive('\n') {
            if line.trim().is_empty() {
                self.out.push_str(line);
            } else {
                self.out.push_str(&moved(line, column, indent));
            }
            self.finish_line();
        }
    }

    /// Text whose first line stands behind something, the others moved to another indentation.
    fn shifted(&mut self, body: &str, column: usize, indent: usize) {
        for (index, line) in body.split_inclusive('\n').enumerate() {
            if index == 0 {
                self.out.push_str(line);
            } else {
                self.out.push_str(&moved(line, column, indent));
            }
        }
        self.finish_line();
    }

    fn finish_line(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with(['\n', '\u{feff}']) {
            self.out.push_str(self.newline);
        }
    }
}

/// A line moved from one column to another, as far as it has spaces to lose.
fn moved(line: &str, column: usize, indent: usize) -> String {
    if line.trim().is_empty() {
        return line.to_owned();
    }
    if indent >= column {
        return format!("{}{line}", " ".repeat(indent - column));
    }
    let spaces = line.len() - line.trim_start_matches(' ').len();
    line.get(spaces.min(column - indent)..).unwrap_or(line).to_owned()
}

/// The comments of an entry that goes.
fn comment_of(text: &str, entry: &Entry, body: &Range<usize>, column: usize) -> String {
    let scalar = matches!(entry.node.value, Value::Scalar(_)) && body.contains(&entry.node.extent.start);
    let from = if scalar { entry.node.extent.end } else { entry.key_extent.end + 1 };
    let line = text.get(from..line_end(text, from).min(body.end)).unwrap_or_default().trim();
    if line.starts_with('#') { format!("{}{line}\n", " ".repeat(column)) } else { String::new() }
}

/// The end of an entry: blank lines and comments that are not indented deeper than it belong to what comes.
fn trimmed(text: &str, start: usize, limit: usize, column: usize) -> usize {
    let mut end = limit;
    let body = &text[start..limit];
    let mut lines: Vec<&str> = body.split_inclusive('\n').collect();
    while lines.len() > 1 {
        let Some(line) = lines.last() else { break };
        let words = line.trim();
        let indent = line.len() - line.trim_start_matches(' ').len();
        let outside = words.is_empty()
            || (words.starts_with('#') && indent <= column)
            || (column == 0 && (words == "---" || words == "..."));
        if !outside {
            break;
        }
        end -= line.len();
        lines.pop();
    }
    // A block of text keeps its blank lines only if it says so; they are no part of others either way.
    end
}

/// The dash of the item that starts at `start`.
fn dash_before(text: &str, start: usize, least: usize) -> Option<usize> {
    let least = line_start(text, least);
    let before = &text[least..start];
    let near = before.trim_end_matches([' ', '\t']);
    if near.ends_with('-') && (near.len() == 1 || near[..near.len() - 1].ends_with([' ', '\n', '-', '\t'])) {
        return Some(least + near.len() - 1);
    }
    // An anchor, a tag or comments stand between the dash and the item.
    let mut end = before.len();
    for line in before.split_inclusive('\n').rev() {
        end -= line.len();
        let spaces = line.len() - line.trim_start_matches(' ').len();
        if line[spaces..].starts_with("- ") || line[spaces..].trim_end() == "-" {
            return Some(least + end + spaces);
        }
    }
    None
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at.min(text.len())].rfind('\n').map_or(0, |newline| newline + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |newline| at + newline + 1)
}

/// A single value as YAML.
fn spelled(text: &str, kind: ScalarKind) -> String {
    if kind != ScalarKind::Text {
        return text.to_owned();
    }
    let plain = resolve(text) == ScalarKind::Text
        && text.chars().all(|c| c.is_alphanumeric() || "_-./ ".contains(c))
        && text.starts_with(|c: char| c.is_alphanumeric() || "_./".contains(c))
        && text.trim() == text;
    if plain { text.to_owned() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}
