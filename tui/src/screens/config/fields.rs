//! What actions do to the fields of the form.

use medallion_core::api::wire::{Edit, EditValue, Field, FieldKind};

use super::document::Document;
use super::form::{entry_path, is_container, is_used, skeleton, value};
use super::{Config, Pane};
use crate::app::choice::{Choice, Choosing, Detail, Item};
use crate::app::shared::{Overlay, Purpose, Shared};
use crate::keys::Action;
use crate::screens::Can;
use crate::theme::Mark;
use crate::widgets::list::Cursor;
use crate::widgets::markdown;

impl Config {
    pub(super) fn can_in_form(action: Action, document: &Document) -> Can {
        let row = document.chosen();
        let some = Can::when(row.is_some(), "there is no field");
        match action {
            Action::Edit | Action::ToText | Action::Advanced => some,
            Action::Add => {
                Can::when(document.adds_to().is_some(), "this is neither a list nor a section with names of your own")
            }
            Action::Remove => Can::when(
                row.is_some_and(|row| is_used(row.field)),
                "this is not written here: there is nothing to remove",
            ),
            Action::Rename => {
                let entry = row.and_then(|row| row.parent).is_some_and(|parent| parent.kind == FieldKind::Map);
                Can::when(entry, "only entries with names of your own can be renamed")
            }
            Action::Left | Action::Right => Can::Yes,
            action if Cursor::default().act(action, 0) => Can::Yes,
            _ => Can::Absent,
        }
    }

    pub(super) fn act_on_form(&mut self, action: Action, shared: &mut Shared) {
        let Some(document) = self.current_mut() else { return };
        let Some(form) = document.form.take() else { return };
        let moved = document.state.act(action, &form);
        document.form = Some(form);
        if moved {
            return;
        }
        match action {
            Action::Advanced => document.state.all = !document.state.all,
            Action::ToText => self.toggle_form(shared),
            Action::Edit => self.edit_field(shared),
            Action::Add => self.add_to_field(shared),
            Action::Remove => {
                if let Some(edit) = document.removal() {
                    document.ask_edit(vec![edit], shared);
                }
            }
            Action::Rename => {
                if let Some(label) = document.chosen().map(|row| row.field.label.clone()) {
                    shared.prompt_inline(Purpose::Name, format!("Another name for {label}"), "", &label);
                }
            }
            _ => {}
        }
    }

    fn edit_field(&mut self, shared: &mut Shared) {
        let Some(document) = self.current_mut() else { return };
        let Some(row) = document.chosen() else { return };
        let field = row.field.clone();
        if let Some(open) = row.open {
            return document.state.toggle(&field, !open);
        }
        let now = field.written.clone().or_else(|| field.effective.clone()).unwrap_or_default();
        match &field.kind {
            FieldKind::Boolean if matches!(now.as_str(), "true" | "false" | "") => {
                let value = EditValue::Literal(if now == "true" { "false" } else { "true" }.to_owned());
                document.ask_edit(vec![Edit::Set { path: field.path, value }], shared);
            }
            FieldKind::Choice { values } => {
                let items = values
                    .iter()
                    .map(|choice| {
                        let note = markdown::first_sentence(&choice.help);
                        Item::new(choice.value.clone(), note, Detail::Text(choice.help.clone()))
                    })
                    .collect();
                let mut choice = Choice::new(Choosing::Value, field.path.clone(), items)
                    .about(markdown::first_sentence(&field.help));
                choice.at = values.iter().position(|choice| choice.value == now).unwrap_or(0);
                shared.overlay = Some(Overlay::Choice(choice));
            }
            FieldKind::Raw => {
                self.toggle_form(shared);
                shared.say(Mark::Info, "this key is not known; it is kept as it is and changed in the text");
            }
            _ if now.trim_end().contains('\n') => {
                self.toggle_form(shared);
                shared.say(Mark::Info, "a text of several lines is changed in the text: Enter begins");
            }
            kind => {
                let hint = match kind {
                    FieldKind::Integer => "a whole number, or ${VARIABLE}",
                    FieldKind::Number => "a number, or ${VARIABLE}",
                    FieldKind::Boolean => "true or false, or ${VARIABLE}",
                    FieldKind::Text { file: true, .. } => "a file or a folder, relative to the config",
                    _ => "Enter takes it, Esc leaves it",
                };
                shared.prompt_inline(Purpose::Value, field.path.clone(), hint, &field.written.unwrap_or_default());
            }
        }
    }

    fn add_to_field(&mut self, shared: &mut Shared) {
        let Some(document) = self.current_mut() else { return };
        let Some(target) = document.adds_to() else { return };
        let (path, kind) = (target.path.clone(), target.kind.clone());
        let like = target.children.first().and_then(skeleton);
        document.state.chosen.clone_from(&path);
        match kind {
            FieldKind::Map => {
                shared.prompt_inline(Purpose::Entry, format!("New entry of {path}"), "name: value", "");
            }
            FieldKind::List { scalar: true } => {
                shared.prompt_inline(Purpose::Item, format!("New item of {path}"), "Enter adds it", "");
            }
            _ => {
                if let Some(yaml) = like {
                    let edit = Edit::Insert { path, index: None, value: EditValue::Yaml(yaml) };
                    document.ask_edit(vec![edit], shared);
                } else {
                    // Nothing shows what an item looks like; the text proposes it.
                    self.toggle_form(shared);
                    shared.say(Mark::Info, "type `- ` in the text: what belongs there is proposed");
                }
            }
        }
    }

    pub(super) fn typed_value(&mut self, purpose: Purpose, text: &str, shared: &mut Shared) -> Result<(), String> {
        let Some(document) = self.current_mut() else { return Ok(()) };
        let Some(row) = document.chosen() else { return Ok(()) };
        let (path, kind) = (row.field.path.clone(), row.field.kind.clone());
        let edit = match purpose {
            Purpose::Item => {
                let value = value(&FieldKind::Text { file: false, long: false }, text);
                Edit::Insert { path, index: None, value }
            }
            Purpose::Entry => {
                let (name, given) = text.split_once(':').unwrap_or((text, ""));
                if name.trim().is_empty() {
                    return Err("an entry needs a name".to_owned());
                }
                let like = row
                    .field
                    .children
                    .first()
                    .map_or(FieldKind::Text { file: false, long: false }, |child| child.kind.clone());
                Edit::Set { path: entry_path(&path, name.trim()), value: value(&like, given) }
            }
            Purpose::Name if text.trim().is_empty() => return Err("an entry needs a name".to_owned()),
            Purpose::Name => Edit::Rename { path, key: text.trim().to_owned() },
            _ => {
                if row.field.written.as_deref() == Some(text) {
                    return Ok(());
                }
                check_number(&kind, text)?;
                Edit::Set { path, value: value(&kind, text) }
            }
        };
        document.ask_edit(vec![edit], shared);
        Ok(())
    }

    pub(super) fn choose_value(&mut self, at: usize, shared: &mut Shared) {
        let Some(document) = self.current_mut() else { return };
        let Some(field) = document.chosen().map(|row| row.field) else { return };
        let FieldKind::Choice { values } = &field.kind else { return };
        let Some(choice) = values.get(at) else { return };
        let edit = Edit::Set { path: field.path.clone(), value: EditValue::Text(choice.value.clone()) };
        document.ask_edit(vec![edit], shared);
    }

    /// The text shows the place of the chosen field.
    pub(super) fn form_to_text(&mut self) {
        let Some(document) = self.current_mut() else { return };
        let start = document.chosen().and_then(|row| start_of(row.field).or_else(|| start_of(row.parent?)));
        if let Some(start) = start {
            document.editor.go_to(start);
        }
    }

    /// The form shows the field of the place in the text.
    pub(super) fn text_to_form(&mut self) {
        let Some(document) = self.current_mut() else { return };
        let line = document.editor.buffer().line_range(document.editor.line());
        let Some(form) = &document.form else { return };
        fn inner<'a>(fields: &'a [Field], line: &std::ops::Range<usize>, best: &mut Option<&'a Field>) {
            for field in fields {
                if let Some(span) = field.span {
                    let (start, end) = (span.start as usize, span.end as usize);
                    if start <= line.end && end >= line.start {
                        *best = Some(field);
                    }
                }
                inner(&field.children, line, best);
            }
        }
        /// The field with the key of the line: the value of a section begins in the line below.
        fn named<'a>(fields: &'a [Field], key: &str, from: usize, best: &mut Option<(usize, &'a Field)>) {
            for field in fields {
                if field.label == key
                    && let Some(start) = start_of(field).filter(|start| *start >= from)
                    && best.is_none_or(|(known, _)| start < known)
                {
                    *best = Some((start, field));
                }
                named(&field.children, key, from, best);
            }
        }
        let words = document.editor.text().get(line.clone()).unwrap_or_default().trim_start_matches([' ', '-']);
        let mut best = None;
        inner(&form.fields, &line, &mut best);
        if let Some((key, _)) = words.split_once(':') {
            let mut found = None;
            named(&form.fields, key, line.start, &mut found);
            best = found.map(|(_, field)| field).or(best);
        }
        let path = best.or(form.fields.first()).map(|field| field.path.clone());
        if let Some(path) = path {
            document.state.reveal(&path);
        }
    }

    /// Goes to a field that has a text in its name or value, or else one with a problem.
    pub(super) fn next_field(&mut self, forward: bool, wanted: Option<&str>, shared: &mut Shared) {
        let Some(document) = self.current_mut() else { return };
        let Some(form) = document.form.take() else { return };
        let found = match wanted {
            Some(wanted) => document.state.seek(&form, forward, |field| has(field, wanted)),
            None => document.state.seek(&form, forward, |field| !field.problems.is_empty()),
        };
        document.form = Some(form);
        if !found {
            shared.say(Mark::Info, if wanted.is_some() { "no field has this" } else { "no field has a problem" });
        }
    }

    pub(super) fn has_field(&self, wanted: &str) -> bool {
        fn any(fields: &[Field], wanted: &str) -> bool {
            fields.iter().any(|field| has(field, wanted) || any(&field.children, wanted))
        }
        self.current().and_then(|document| document.form.as_ref()).is_some_and(|form| any(&form.fields, wanted))
    }

    /// Whether the form has the keys.
    pub(super) fn shows_form(&self) -> bool {
        self.pane == Pane::Form
    }
}

fn start_of(field: &Field) -> Option<usize> {
    field.span.map(|span| span.start as usize).or_else(|| field.children.iter().find_map(start_of))
}

fn has(field: &Field, wanted: &str) -> bool {
    let wanted = wanted.to_lowercase();
    let value = field.written.as_deref().or(field.effective.as_deref()).unwrap_or_default();
    field.label.to_lowercase().contains(&wanted) || (!is_container(field) && value.to_lowercase().contains(&wanted))
}

/// Says at once what the engine would say after the edit.
fn check_number(kind: &FieldKind, text: &str) -> Result<(), String> {
    let text = text.trim();
    if text.contains("${") {
        return Ok(());
    }
    match kind {
        FieldKind::Integer if text.parse::<i128>().is_err() => Err("this is a whole number".to_owned()),
        FieldKind::Number if text.parse::<f64>().is_err() => Err("this is a number".to_owned()),
        FieldKind::Boolean if !matches!(text, "true" | "false") => Err("this is true or false".to_owned()),
        _ => Ok(()),
    }
}
