//! The form: the fields of the document that are shown, which of them is chosen, and what changes
//! them. A change is an edit of the engine on the same text, so one undo covers text and form.

use std::collections::BTreeMap;

use medallion_core::api::wire::{Edit, EditValue, Field, FieldKind, Form};

use super::document::Document;
use crate::keys::Action;

/// What a person has opened and chosen.
#[derive(Clone, Debug, Default)]
pub(super) struct FormState {
    /// Path of the chosen field.
    pub(super) chosen: String,
    /// First row shown.
    pub(super) top: usize,
    /// Rows shown when it was last drawn.
    pub(super) height: usize,
    /// Also what is seldom needed.
    pub(super) all: bool,
    /// Sections that a person has opened or closed.
    toggled: BTreeMap<String, bool>,
}

/// A row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) field: &'a Field,
    pub(super) depth: usize,
    /// Whether it is open, if it has something in it.
    pub(super) open: Option<bool>,
    /// What the field is in.
    pub(super) parent: Option<&'a Field>,
}

impl FormState {
    /// The rows that are shown, from the top.
    pub(super) fn rows<'a>(&self, form: &'a Form) -> Vec<Row<'a>> {
        let mut rows = Vec::new();
        self.collect(&form.fields, None, 0, &mut rows);
        rows
    }

    fn collect<'a>(&self, fields: &'a [Field], parent: Option<&'a Field>, depth: usize, rows: &mut Vec<Row<'a>>) {
        for field in fields.iter().filter(|field| self.all || !field.advanced || is_used(field)) {
            let open = is_container(field).then(|| self.is_open(field));
            rows.push(Row { field, depth, open, parent });
            if open == Some(true) {
                self.collect(&field.children, Some(field), depth + 1, rows);
            }
        }
    }

    /// What is written is open, the rest is not, unless a person says otherwise.
    fn is_open(&self, field: &Field) -> bool {
        self.toggled.get(&field.path).copied().unwrap_or_else(|| is_used(field))
    }

    /// How many fields are not shown because they are seldom needed.
    pub(super) fn hidden(&self, form: &Form) -> usize {
        fn count(fields: &[Field]) -> usize {
            fields.iter().map(|field| if field.advanced && !is_used(field) { 1 } else { count(&field.children) }).sum()
        }
        if self.all { 0 } else { count(&form.fields) }
    }

    /// Which row is chosen. If the field is gone, the one around it.
    pub(super) fn at(&self, rows: &[Row<'_>]) -> usize {
        let mut path = self.chosen.as_str();
        loop {
            if let Some(at) = rows.iter().position(|row| row.field.path == path) {
                return at;
            }
            let Some(end) = path.rfind(['.', '[']) else { return 0 };
            path = &path[..end];
        }
    }

    /// Opens or closes a section.
    pub(super) fn toggle(&mut self, field: &Field, open: bool) {
        self.toggled.insert(field.path.clone(), open);
    }

    /// Opens whatever is around a path and chooses it.
    pub(super) fn reveal(&mut self, path: &str) {
        for (end, _) in path.match_indices(['.', '[']) {
            self.toggled.insert(path[..end].to_owned(), true);
        }
        path.clone_into(&mut self.chosen);
    }

    /// Moves among the rows. False when it is no movement.
    pub(super) fn act(&mut self, action: Action, form: &Form) -> bool {
        let rows = self.rows(form);
        let (at, last, page) = (self.at(&rows), rows.len().saturating_sub(1), self.height.max(2) - 1);
        let next = match action {
            Action::Up => at.saturating_sub(1),
            Action::Down => at + 1,
            Action::PageUp => at.saturating_sub(page),
            Action::PageDown => at + page,
            Action::HalfUp => at.saturating_sub(page.div_ceil(2)),
            Action::HalfDown => at + page.div_ceil(2),
            Action::First => 0,
            Action::Last => last,
            Action::Left => match rows.get(at) {
                Some(row) if row.open == Some(true) => {
                    self.toggled.insert(row.field.path.clone(), false);
                    return true;
                }
                Some(row) => row
                    .parent
                    .and_then(|parent| rows.iter().position(|other| other.field.path == parent.path))
                    .unwrap_or(at),
                None => at,
            },
            Action::Right => match rows.get(at) {
                Some(row) if row.open == Some(false) => {
                    self.toggled.insert(row.field.path.clone(), true);
                    return true;
                }
                Some(row) if row.open == Some(true) && !row.field.children.is_empty() => at + 1,
                _ => at,
            },
            _ => return false,
        };
        if let Some(row) = rows.get(next.min(last)) {
            self.chosen.clone_from(&row.field.path);
        }
        true
    }

    /// Goes to the next row for which `wanted` holds, round and round.
    pub(super) fn seek(&mut self, form: &Form, forward: bool, wanted: impl Fn(&Field) -> bool) -> bool {
        // Also in what is closed: a person looks for it wherever it is.
        let mut all = Vec::new();
        flatten(&form.fields, &mut all);
        let len = all.len();
        let at = all.iter().position(|field| field.path == self.chosen).unwrap_or(0);
        let found = (1..=len)
            .map(|step| if forward { (at + step) % len } else { (at + len - step) % len })
            .find(|&at| wanted(all[at]));
        if let Some(field) = found.map(|at| all[at]) {
            if field.advanced && !is_used(field) {
                self.all = true;
            }
            let path = field.path.clone();
            self.reveal(&path);
        }
        found.is_some()
    }
}

fn flatten<'a>(fields: &'a [Field], all: &mut Vec<&'a Field>) {
    for field in fields {
        all.push(field);
        flatten(&field.children, all);
    }
}

/// Whether it is written here, or something below it is, or something is wrong with it.
pub(super) fn is_used(field: &Field) -> bool {
    field.written.is_some() || field.span.is_some() || !field.problems.is_empty() || field.children.iter().any(is_used)
}

/// Whether it has fields of its own.
pub(super) fn is_container(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Section | FieldKind::Map | FieldKind::List { .. })
}

/// The path of an entry of a map.
pub(super) fn entry_path(path: &str, name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    match (plain, path.is_empty()) {
        (true, true) => name.to_owned(),
        (true, false) => format!("{path}.{name}"),
        (false, _) => format!("{path}[{name:?}]"),
    }
}

/// What was typed, as a value of this kind of field: numbers and booleans as they are, everything
/// else as text. A variable is a text wherever it stands.
pub(super) fn value(kind: &FieldKind, text: &str) -> EditValue {
    let text = text.trim();
    let literal = match kind {
        FieldKind::Integer | FieldKind::Number => text.parse::<f64>().is_ok(),
        FieldKind::Boolean => matches!(text, "true" | "false"),
        _ => false,
    };
    if literal { EditValue::Literal(text.to_owned()) } else { EditValue::Text(text.to_owned()) }
}

/// A new item of a list like one that is there: its required keys, still empty.
pub(super) fn skeleton(like: &Field) -> Option<String> {
    let text = required(like, 0);
    (!text.is_empty()).then_some(text)
}

fn required(field: &Field, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    let mut text = String::new();
    for child in field.children.iter().filter(|child| child.required) {
        if is_container(child) {
            let below = required(child, depth + 1);
            let below = if below.is_empty() { String::from(" {}\n") } else { format!("\n{below}") };
            text.push_str(&format!("{indent}{}:{below}", child.label));
        } else {
            let value = match &child.kind {
                FieldKind::Choice { values } => values.first().map_or("\"\"", |choice| choice.value.as_str()),
                _ => "\"\"",
            };
            text.push_str(&format!("{indent}{}: {value}\n", child.label));
        }
    }
    text
}

impl Document {
    /// The chosen field and what it is in.
    pub(super) fn chosen(&self) -> Option<Row<'_>> {
        let rows = self.state.rows(self.form.as_ref()?);
        rows.get(self.state.at(&rows)).copied()
    }

    /// The edit that removes the chosen field, if it is written here.
    pub(super) fn removal(&self) -> Option<Edit> {
        let row = self.chosen()?;
        is_used(row.field).then(|| Edit::Unset { path: row.field.path.clone() })
    }

    /// The list or map that a new part would join: the chosen field, or the one around it.
    pub(super) fn adds_to(&self) -> Option<&Field> {
        let row = self.chosen()?;
        [Some(row.field), row.parent]
            .into_iter()
            .flatten()
            .find(|field| matches!(field.kind, FieldKind::List { .. } | FieldKind::Map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_entries_are_quoted_where_a_path_needs_it() {
        for (path, name, expected) in [
            ("run.schema", "id", "run.schema.id"),
            ("run.schema", "a b", "run.schema[\"a b\"]"),
            ("", "name", "name"),
            ("a", "x.y", "a[\"x.y\"]"),
            ("a", "", "a[\"\"]"),
        ] {
            assert_eq!(entry_path(path, name), expected);
        }
    }

    #[test]
    fn numbers_are_literals_and_variables_are_texts() {
        for (kind, text, expected) in [
            (FieldKind::Integer, "5", EditValue::Literal("5".into())),
            (FieldKind::Integer, "${N}", EditValue::Text("${N}".into())),
            (FieldKind::Boolean, "true", EditValue::Literal("true".into())),
            (FieldKind::Text { file: false, long: false }, " 5 ", EditValue::Text("5".into())),
        ] {
            assert_eq!(value(&kind, text), expected);
        }
    }
}
