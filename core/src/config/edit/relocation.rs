//! Moving: a value is taken with its comments and written again where it goes, in the columns of its new
//! place. The same splices as adding and removing make it; see [`super::operation`].

use super::layout::{Kind, Node};
use super::operation::{Done, Found, Operation, is_flow, parse, remove, shape, wrapped};
use super::sheet::spans;
use super::value::{Given, Snippet, dedented};
use super::{EditError, Step};

impl Operation<'_> {
    /// Moves what is at `path` to `to`.
    pub(super) fn shift(&self, path: &str, to: &str) -> Done {
        let (from_steps, to_steps) = (parse(path)?, parse(to)?);
        if from_steps == to_steps {
            return Ok(None);
        }
        let (root, found) = self.standing(path, &from_steps)?;
        let Some((parent, index)) = found.parent else { return Err(EditError::Path { path: path.to_owned() }) };
        if to_steps.starts_with(&from_steps) {
            return Err(EditError::Inside { from: path.to_owned(), to: to.to_owned() });
        }
        if self.layout.reused_anchors {
            return Err(self.form(&found, "the text uses the name of an anchor twice"));
        }
        let Some((last, above)) = to_steps.split_last() else { return Err(EditError::Path { path: to.to_owned() }) };
        let beside = from_steps.split_last().is_some_and(|(_, around)| around == above);
        if let (true, Step::Key(key)) = (beside, last) {
            return self.rename(path, key);
        }
        let target = self.find(root, above)?;
        if let (true, Step::Index(position)) = (beside, last)
            && (*position == index || *position == index + 1)
        {
            return Ok(None);
        }
        let (given, comments) = self.taken(&found, parent, index)?;
        let keep_comments = |flow: bool| {
            if flow && self.has_comments(&found, parent, index) {
                return Err(self.form(&found, "its comments have no place in brackets"));
            }
            Ok(())
        };
        let (added, trail, position) = match (&target.node.kind, last) {
            _ if !target.missing.is_empty() => {
                let (next, rest) = target.missing.split_first().unwrap_or((last, &[]));
                let mut inner = rest.to_vec();
                inner.push(last.clone());
                keep_comments(target.flow || is_flow(target.node))?;
                let mut all = above.to_vec();
                all.push(last.clone());
                let whole = self.add(root, &target, &all, next, wrapped(&inner, given)?)?;
                let position = match (&target.node.kind, next) {
                    (Kind::Mapping { .. }, Step::Key(key)) => Some(self.position(&target, &all, key)),
                    (Kind::Sequence { items, .. }, _) => Some(items.len()),
                    _ => None,
                };
                (whole, target.trail, position)
            }
            (Kind::Mapping { flow, .. }, Step::Key(key)) => {
                keep_comments(*flow)?;
                let names = target.node.pairs().iter().any(|pair| pair.name() == Some(key));
                if names {
                    return Err(EditError::Taken { path: to.to_owned() });
                }
                let stub = Found { missing: std::slice::from_ref(last), trail: target.trail.clone(), ..target };
                let position = self.position(&stub, &to_steps, key);
                let added = self.add_entry(root, &stub, position, key, &given, &comments)?;
                (added, stub.trail, Some(position))
            }
            (Kind::Sequence { flow, items }, Step::Index(position)) => {
                keep_comments(*flow)?;
                if *position > items.len() {
                    return Err(EditError::Missing { path: to.to_owned() });
                }
                let added = self.add_item(root, &target, *position, &given, &comments);
                (added, target.trail, Some(*position))
            }
            _ if target.node.is_null() => {
                keep_comments(target.flow)?;
                let whole = self.replace(root, &target, &wrapped(std::slice::from_ref(last), given)?)?;
                (whole, target.trail, None)
            }
            (Kind::Alias { name, .. }, _) => return Err(self.alias(above, name)),
            (_, step) => return Err(shape(above, target.node, step)),
        };
        let Some(mut outcome) = added else { return Ok(None) };
        let inserted = outcome.splices.iter().map(|splice| splice.start).collect::<Vec<_>>();
        outcome.splices.extend(self.removal(&found, parent, index)?.into_iter().map(|splice| {
            // What goes to the end of the removed lines needs their last line break.
            if inserted.iter().any(|at| splice.start < *at && *at < splice.end) {
                self.sheet().earlier(splice)
            } else {
                splice
            }
        }));
        let mut source = found.trail;
        // What was added before it on its way moved it on.
        if source.starts_with(&trail)
            && let (Some(position), Some(at)) = (position, source.get_mut(trail.len()))
            && position <= *at
        {
            *at += 1;
        }
        if let Some(expected) = &mut outcome.expected {
            remove(expected, &source);
        }
        Ok(Some(outcome))
    }

    /// The value of a child with its comments, ready to be written elsewhere.
    fn taken(&self, found: &Found<'_, '_>, parent: &Node, index: usize) -> Result<(Given, Vec<String>), EditError> {
        let sheet = self.sheet();
        let node = found.node;
        let lines = |from: usize, to: usize| -> Vec<&str> {
            let text = self.text.get(from..to).unwrap_or_default();
            if text.is_empty() {
                Vec::new()
            } else {
                text.split('\n').map(|line| line.trim_end_matches('\r')).collect()
            }
        };
        let unusual = || self.form(found, "it is written in a way that cannot be moved");
        let children = spans(parent);
        let Some((lead, end)) = children.get(index).copied() else { return Err(unusual()) };
        if node.is_empty() {
            return Ok((Given::Literal("null".into()), Vec::new()));
        }
        if is_flow(parent) {
            let snippet = Snippet { lines: vec![String::new()], note: String::new(), node: node.clone() };
            let text = Given::Yaml(snippet).flow(None);
            return Ok((Given::yaml(text.trim()).map_err(|_| unusual())?, Vec::new()));
        }
        let column = sheet.column(lead);
        let last = sheet.own_end(end, column);
        let comments = if sheet.is_fresh(lead) {
            let from = sheet.own_start(lead);
            dedented(&lines(from, sheet.line_start(lead).saturating_sub(1).max(from)))
        } else {
            Vec::new()
        };
        let slot = self.slot(found)?;
        let body = if node.is_block() && sheet.line_start(node.start) != sheet.line_start(slot.after) {
            let note = self.text.get(slot.after..sheet.line_end(slot.after)).unwrap_or_default().trim().to_owned();
            let from = sheet.next_line(slot.after);
            let mut snippet = Snippet::of(dedented(&lines(from, last)), String::new()).map_err(|_| unusual())?;
            snippet.note = note;
            snippet.node = node.clone();
            snippet
        } else {
            let first = if node.is_block() { node.start } else { node.lead() };
            if node.is_block() && node.props.is_some() {
                return Err(unusual());
            }
            let mut text = lines(first, last);
            let pad = " ".repeat(sheet.column(first));
            let padded = format!("{pad}{}", text.first().copied().unwrap_or_default());
            let body = if node.is_block() {
                if let Some(line) = text.first_mut() {
                    *line = &padded;
                }
                dedented(&text)
            } else {
                let rest = dedented(text.get(1..).unwrap_or_default());
                std::iter::once(text.first().copied().unwrap_or_default().to_owned()).chain(rest).collect()
            };
            let mut snippet = Snippet { lines: body, note: String::new(), node: node.clone() };
            if node.is_block() {
                snippet = Snippet::of(snippet.lines, String::new()).map_err(|_| unusual())?;
                snippet.node = node.clone();
            }
            snippet
        };
        Ok((Given::Yaml(body), comments))
    }

    fn has_comments(&self, found: &Found<'_, '_>, parent: &Node, index: usize) -> bool {
        let sheet = self.sheet();
        let Some((lead, end)) = spans(parent).get(index).copied() else { return false };
        let from = if sheet.is_fresh(lead) { sheet.own_start(lead) } else { lead };
        let to = if found.flow { end } else { sheet.own_end(end, sheet.column(lead)) };
        let text = self.text.get(from..to).unwrap_or_default();
        text.lines().any(|line| line.trim_start().starts_with('#') || line.contains(" #"))
    }
}
