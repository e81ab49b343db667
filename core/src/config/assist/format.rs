//! Formatting that keeps every comment and every value: indentation, spaces at line ends, blank lines.
//!
//! What is written is read again and compared; where the two differ in anything, nothing is changed.

use super::sketch::{Collection, Content, Id, NO_COLUMN, ROOT, Role, Sketch, Style};
use crate::config::syntax::{self, Node, Value};
use crate::config::text::{Extent, Source};
use crate::diagnostic::{Diagnostic, TextEdit};

/// Columns of one level.
const UNIT: usize = 2;

/// Why a text is left as it is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FormatError {
    /// What it means is not known.
    #[error("the text is not valid YAML")]
    Broken {
        /// What is wrong with it.
        found: Vec<Diagnostic>,
    },
    /// The result would not be read as the text is.
    #[error("the text cannot be formatted without a change of what it means")]
    Changes,
}

/// The changes that bring `text` into form, in its order.
pub(crate) fn format(text: &str) -> Result<Vec<TextEdit>, FormatError> {
    let source = Source::new(text);
    let (before, found) = syntax::parse(&source);
    let Some(before) = before else {
        return if found.is_empty() { Ok(Vec::new()) } else { Err(FormatError::Broken { found }) };
    };
    let sketch = Sketch::of(text);
    let changes = changes(&sketch);
    let formatted = apply(text, &changes);
    let after_source = Source::new(&formatted);
    let (after, problems) = syntax::parse(&after_source);
    let kept = after.is_some_and(|after| same(&before, &after))
        && problems.len() == found.len()
        && comments(&sketch) == comments(&Sketch::of(&formatted));
    if !kept {
        return Err(FormatError::Changes);
    }
    Ok(changes.into_iter().map(|(at, text)| TextEdit { span: source.span(at), text }).collect())
}

/// Whether two texts are the same document.
pub(super) fn same_meaning(one: &str, other: &str) -> bool {
    let (one, found) = syntax::parse(&Source::new(one));
    let (other, problems) = syntax::parse(&Source::new(other));
    one.zip(other).is_some_and(|(one, other)| same(&one, &other)) && found.len() == problems.len()
}

fn comments<'t>(sketch: &Sketch<'t>) -> Vec<&'t str> {
    let mut extents = sketch.comments.clone();
    extents.sort();
    extents.dedup();
    extents.into_iter().map(|extent| sketch.slice(extent).trim_end()).collect()
}

fn same(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::Scalar(a), Value::Scalar(b)) => a.text == b.text && a.kind == b.kind,
        (Value::Sequence(a), Value::Sequence(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Mapping(a), Value::Mapping(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.key == b.key && same(&a.node, &b.node))
        }
        _ => false,
    }
}

fn apply(text: &str, changes: &[(Extent, String)]) -> String {
    let mut result = String::with_capacity(text.len());
    let mut from = 0;
    for (at, new) in changes {
        result.push_str(&text[from..at.start]);
        result.push_str(new);
        from = at.end;
    }
    result.push_str(&text[from..]);
    result
}

/// What a line is to the formatter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Blank,
    Comment,
    /// Its first node.
    Starts(Id),
    /// Part of a value that began on an earlier line, whose node is this; `raw`: its spaces matter.
    Inside {
        of: Id,
        raw: bool,
    },
    /// A marker or something else that stays as it is.
    Other,
}

fn changes(sketch: &Sketch<'_>) -> Vec<(Extent, String)> {
    let kinds = kinds(sketch);
    let columns = columns(sketch);
    let mut changes: Vec<(Extent, String)> = Vec::new();
    let mut change = |at: Extent, new: String| {
        if sketch.slice(at) != new {
            changes.push((at, new));
        }
    };
    let last = kinds.iter().rposition(|kind| *kind != Kind::Blank);
    let mut was_blank = true;
    for (index, line) in sketch.lines.iter().enumerate() {
        let kind = kinds[index];
        let following = sketch.lines.get(index + 1).map(|line| line.start);
        if kind == Kind::Blank {
            let at_end = last.is_none_or(|last| index > last);
            match following {
                Some(next) if was_blank || at_end => change(Extent::new(line.start, next), String::new()),
                _ => change(Extent::new(line.start, line.end), String::new()),
            }
            was_blank = true;
            continue;
        }
        was_blank = false;
        let indent = Extent::new(line.start, line.content);
        let column = match kind {
            Kind::Starts(id) => Some(starting_column(sketch, &columns, id, line.start)),
            Kind::Comment => Some(comment_column(sketch, &kinds, &columns, index)),
            Kind::Inside { of, .. } => shifted(sketch, &columns, of, line.indent()),
            Kind::Blank | Kind::Other => None,
        };
        if let Some(column) = column
            && !(matches!(kind, Kind::Inside { raw: true, .. }) && line.is_blank())
        {
            change(indent, " ".repeat(column));
        }
        if let Kind::Starts(_) = kind {
            for gap in gaps_after_dashes(sketch, line.content, line.end) {
                change(gap, " ".to_owned());
            }
        }
        let raw = matches!(kind, Kind::Inside { raw: true, .. });
        let ends_inside = matches!(kinds.get(index + 1), Some(Kind::Inside { raw: true, .. }))
            && !matches!(kind, Kind::Starts(_) if sketch.slice(Extent::new(line.content, line.end)).ends_with(' '));
        if !raw && !ends_inside {
            let kept = sketch.slice(Extent::new(line.content, line.end)).trim_end_matches([' ', '\t']).len();
            change(Extent::new(line.content + kept, line.end), String::new());
        }
        if Some(index) == last && following.is_none() && !line.is_blank() {
            change(Extent::new(line.end, line.end), sketch.line_end().to_owned());
        }
    }
    changes
}

fn kinds(sketch: &Sketch<'_>) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = sketch
        .lines
        .iter()
        .map(|line| match sketch.text.as_bytes().get(line.content) {
            _ if line.is_blank() => Kind::Blank,
            Some(b'#') => Kind::Comment,
            _ => Kind::Other,
        })
        .collect();
    for (id, node) in sketch.nodes.iter().enumerate() {
        let own_line = match &node.content {
            Content::Scalar(scalar) => Some(scalar.extent.start),
            Content::Collection(Collection { flow: Some(extent), .. })
            | Content::Block(extent)
            | Content::Alias(extent) => Some(extent.start),
            _ => None,
        };
        for start in [(id != ROOT).then_some(node.start), own_line].into_iter().flatten() {
            let line = sketch.line_at(start);
            let first = matches!(kinds[line], Kind::Other | Kind::Blank | Kind::Comment);
            if first && node.col != NO_COLUMN && start >= sketch.lines[line].content {
                kinds[line] = Kind::Starts(id);
            }
        }
    }
    for (id, node) in sketch.nodes.iter().enumerate() {
        let (extent, raw) = match &node.content {
            Content::Block(extent) => (*extent, true),
            Content::Scalar(scalar) => (scalar.extent, scalar.style != Style::Plain),
            Content::Collection(Collection { flow: Some(extent), .. }) if node.col != NO_COLUMN => (*extent, false),
            _ => continue,
        };
        let (first, end) = (sketch.line_at(extent.start), sketch.line_at(extent.end));
        let of = sketch.upwards(id).find(|id| sketch.nodes[*id].col != NO_COLUMN).unwrap_or(ROOT);
        for kind in kinds.iter_mut().take(end + 1).skip(first + 1) {
            let raw = raw || matches!(kind, Kind::Inside { raw: true, .. });
            *kind = Kind::Inside { of, raw };
        }
    }
    kinds
}

/// The column that each node gets.
fn columns(sketch: &Sketch<'_>) -> Vec<usize> {
    let mut columns = vec![0; sketch.nodes.len()];
    for id in 1..sketch.nodes.len() {
        let parent = sketch.nodes[id].parent;
        columns[id] = if parent == ROOT { 0 } else { columns[parent] + UNIT };
    }
    columns
}

/// The column of a line whose first node is `id`.
fn starting_column(sketch: &Sketch<'_>, columns: &[usize], id: Id, line_start: usize) -> usize {
    let node = &sketch.nodes[id];
    let begins_here = id != ROOT && node.start >= line_start;
    match (begins_here, id) {
        (true, _) => columns[id],
        (false, ROOT) => 0,
        // Its value stands on a line of its own.
        (false, _) => columns[id] + UNIT,
    }
}

fn shifted(sketch: &Sketch<'_>, columns: &[usize], of: Id, indent: usize) -> Option<usize> {
    let old = sketch.nodes[of].col;
    (indent + columns[of]).checked_sub(old)
}

/// A comment goes with the line below it, or with what it stands behind if it is deeper than that.
fn comment_column(sketch: &Sketch<'_>, kinds: &[Kind], columns: &[usize], line: usize) -> usize {
    let indent = sketch.lines[line].indent();
    let below = kinds.iter().enumerate().skip(line + 1).find_map(|(index, kind)| match kind {
        Kind::Starts(id) => Some((index, *id)),
        _ => None,
    });
    if let Some((index, id)) = below
        && sketch.lines[index].indent() >= indent
    {
        return starting_column(sketch, columns, id, sketch.lines[index].start);
    }
    let above = kinds.iter().take(line).rev().find_map(|kind| match kind {
        Kind::Starts(id) | Kind::Inside { of: id, .. } => Some(*id),
        _ => None,
    });
    let deepest = above.map(|id| {
        let end = sketch.end(id);
        (0..sketch.nodes.len())
            .filter(|other| sketch.nodes[*other].start <= end && sketch.nodes[*other].col != NO_COLUMN)
            .max_by_key(|other| sketch.nodes[*other].start)
            .unwrap_or(id)
    });
    let fitting = deepest.and_then(|id| sketch.upwards(id).find(|id| *id != ROOT && sketch.nodes[*id].col <= indent));
    fitting.map_or(0, |id| {
        let deeper = sketch.nodes[id].col < indent;
        columns[id] + if deeper { UNIT } else { 0 }
    })
}

/// The white space behind dashes that something follows on the same line.
fn gaps_after_dashes(sketch: &Sketch<'_>, from: usize, to: usize) -> Vec<Extent> {
    let dashes = sketch.nodes.iter().filter(|node| {
        matches!(node.role, Role::Item) && node.col != NO_COLUMN && from <= node.start && node.start < to
    });
    dashes
        .filter_map(|node| {
            let rest = &sketch.text[node.start + 1..to];
            let gap = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            // What is aligned behind a comment or a long text stays.
            let free = &rest[gap..];
            (gap > 0 && !free.is_empty() && !free.starts_with('#'))
                .then(|| Extent::new(node.start + 1, node.start + 1 + gap))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formatted(text: &str) -> Result<String, String> {
        let changes = format(text).map_err(|error| error.to_string())?;
        let changes: Vec<(Extent, String)> = changes
            .into_iter()
            .map(|edit| (Extent::new(edit.span.start as usize, edit.span.end as usize), edit.text))
            .collect();
        Ok(apply(text, &changes))
    }

    #[test]
    fn indentation_spaces_and_blank_lines() {
        let text = "\n\n# top\nconfig_version: 1   \nplatform:\n    # about bronze\n    bronze:\n        prefix: x # why\n\n\n\n        output_dir: \"./a\"\n        # end of bronze\nsources:\n-   name: one\n    source:\n       type: db\n       db:\n          query: |\n             select 1\n               from x  \n\n          columns: [a,\n             b] # two\n-   name: two\n    source: {type: file,\n      system: s}";
        let expected = "# top\nconfig_version: 1\nplatform:\n  # about bronze\n  bronze:\n    prefix: x # why\n\n    output_dir: \"./a\"\n    # end of bronze\nsources:\n  - name: one\n    source:\n      type: db\n      db:\n        query: |\n           select 1\n             from x  \n\n        columns: [a,\n           b] # two\n  - name: two\n    source: {type: file,\n      system: s}\n";
        assert_eq!(formatted(text).as_deref(), Ok(expected));
        assert_eq!(formatted(expected).as_deref(), Ok(expected), "formatting twice changes nothing");
        let windows = expected.replace('\n', "\r\n");
        assert_eq!(formatted(&windows).as_deref(), Ok(windows.as_str()));
    }

    #[test]
    fn what_is_in_form_stays_as_it_is() {
        for text in [
            "",
            "a: 1\n",
            "a:\n  - 1\n  - - 2\n    - 3\n",
            "a: |+\n  x\n\n\n",
            "---\na: 1\n...\n",
            "a: 'x\n\n  y'\nb: 1\n",
        ] {
            assert_eq!(formatted(text).as_deref(), Ok(text), "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        assert_eq!(formatted("a: [1\nb: 2\n"), Err("the text is not valid YAML".into()));
        assert_eq!(formatted("a:\n\tb: 1\n"), Err("the text is not valid YAML".into()));
    }

    #[test]
    fn values_and_comments_survive_in_every_shape() {
        let mut seed = 3_u64;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        let mut changed = 0;
        for _ in 0..400 {
            let (unit, dash) = (1 + random(5), random(4));
            let pad = |columns: u64| " ".repeat(usize::try_from(columns).unwrap());
            let mut text = format!("a:{}# c\n", pad(1 + random(3)));
            for item in 0..2 {
                text += &format!("{}-{}k: {item}{}\n", pad(dash), pad(1), pad(random(3)));
                text += &format!(
                    "{}{}\n",
                    pad(dash + 2),
                    ["# note", "", "l: [1,  2]", "m: 'x  y'"][usize::try_from(random(4)).unwrap()]
                );
                text += &format!(
                    "{}n:\n{}o: >-\n{}long\n{}text\n",
                    pad(dash + 2),
                    pad(dash + 2 + unit),
                    pad(dash + 3 + unit),
                    pad(dash + 3 + unit)
                );
            }
            text += &"\n".repeat(usize::try_from(random(4)).unwrap());
            text += "z: 1";
            let result = formatted(&text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
            assert!(!result.contains("\n\n\n") && result.ends_with("z: 1\n"), "{result}");
            assert_eq!(formatted(&result).as_ref(), Ok(&result));
            changed += usize::from(result != text);
        }
        assert!(changed > 300);
    }
}
