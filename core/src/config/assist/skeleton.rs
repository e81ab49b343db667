//! Keys with all that must be below them, ready to be filled in.
//!
//! Owns the layout of what is inserted: indentation, line ends, where the cursor goes.

use serde_json::Value as Json;

use super::lookup::{self, Sections, Spot};
use super::place::Layout;
use super::sketch::Sketch;

/// Marks where something is to be typed; the cursor goes to the first.
pub(super) const HERE: char = '\u{1}';
/// Sections inside sections at most.
const MAX_DEPTH: usize = 6;

/// Keys that sections usually have of which none must be there.
const USUAL: [(&str, &[&str]); 2] =
    [("db", &["driver", "host_env_var", "database", "query"]), ("custom", &["command"])];

/// How a text lays out what is nested.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    unit: usize,
    dash: usize,
    line_end: &'static str,
}

impl Style {
    /// As the text has it.
    pub(super) fn of(sketch: &Sketch<'_>) -> Self {
        Self { unit: sketch.unit(), dash: sketch.dash_step(), line_end: sketch.line_end() }
    }

    /// Columns from a section to its keys.
    pub(super) const fn step(self) -> usize {
        self.unit
    }

    /// Lines as they are inserted, and where the cursor goes.
    pub(super) fn lay(self, lines: &[String], layout: Layout) -> (String, usize) {
        let mut text = String::new();
        let col = match layout {
            Layout::Flow => 0,
            Layout::Here(col) => col,
            Layout::Below(col) => {
                text.push_str(self.line_end);
                text.push_str(&" ".repeat(col));
                col
            }
        };
        for (index, line) in lines.iter().enumerate() {
            if index > 0 {
                text.push_str(self.line_end);
                text.push_str(&" ".repeat(col));
            }
            text.push_str(line);
        }
        let cursor = text.find(HERE).unwrap_or(text.len());
        (text.replace(HERE, ""), cursor)
    }

    /// The lines of an item with these keys.
    pub(super) fn item(keys: &[String]) -> Vec<String> {
        keys.iter().enumerate().map(|(index, line)| format!("{}{line}", if index == 0 { "- " } else { "  " })).collect()
    }

    /// A key with what must be below it. `choice`: the value of the discriminator of the first section
    /// that has one.
    pub(super) fn key(self, name: &str, spot: &Spot, choice: Option<&str>, depth: usize) -> Vec<String> {
        let indented = |step: usize, lines: Vec<String>| {
            let mut all = vec![format!("{name}:")];
            all.extend(lines.into_iter().map(|line| format!("{}{line}", " ".repeat(step))));
            all
        };
        if is_scalar(spot) || depth > MAX_DEPTH {
            return vec![format!("{name}: {HERE}")];
        }
        if let Some(form) = spot.mapping() {
            let mut lines = self.section(form, choice, depth + 1);
            if let Some((_, keys)) = USUAL.iter().find(|(section, _)| *section == name && lines.len() == 1) {
                lines = keys.iter().flat_map(|key| self.key(key, &spot.key(key), None, depth + 1)).collect();
            }
            return indented(self.unit, lines);
        }
        if let Some(form) = spot.list() {
            let item = form.get("items").map(Spot::of).unwrap_or_default();
            return match item.mapping() {
                Some(form) => indented(self.dash, Self::item(&self.section(form, choice, depth + 1))),
                None => vec![format!("{name}: [{HERE}]")],
            };
        }
        vec![format!("{name}: {HERE}")]
    }

    /// The keys that a section must have; an empty line where it needs none.
    pub(super) fn section(self, form: &'static Json, choice: Option<&str>, depth: usize) -> Vec<String> {
        let sections = Sections::of(form);
        let mut lines = Vec::new();
        for (name, declared) in lookup::properties(form).into_iter().flatten() {
            let spot = Spot::of(declared);
            let is_choice = sections.is_some_and(|sections| sections.key == name);
            let chosen = sections.zip(choice).and_then(|(sections, value)| sections.chosen(value));
            // A name is not required, and yet the first thing a reader looks for.
            let is_name = name == "name" && choice.is_some() && depth <= 1;
            match choice {
                Some(value) if is_choice => lines.push(format!("{name}: {value}")),
                _ if is_name || lookup::is_required(form, name) || chosen == Some(name.as_str()) => {
                    lines.extend(self.key(name, &spot, choice.filter(|_| sections.is_none()), depth));
                }
                _ => {}
            }
        }
        if lines.is_empty() {
            lines.push(HERE.to_string());
        }
        lines
    }

    /// A key in brackets.
    pub(super) fn in_brackets(name: &str, spot: &Spot) -> String {
        if is_scalar(spot) {
            format!("{name}: {HERE}")
        } else if spot.mapping().is_some() {
            format!("{name}: {{{HERE}}}")
        } else if spot.list().is_some() {
            format!("{name}: [{HERE}]")
        } else {
            format!("{name}: {HERE}")
        }
    }
}

/// Whether a single value is the usual thing. Where a list would do as well, the examples decide.
fn is_scalar(spot: &Spot) -> bool {
    let listed = || spot.note("examples").and_then(|examples| examples.get(0)).is_some_and(Json::is_array);
    spot.scalars().next().is_some() && !(spot.list().is_some() && listed())
}

/// Values of the discriminator of the first section below that has one and must be there.
pub(super) fn choices(form: &'static Json) -> Vec<(&'static str, &'static str)> {
    let own = Sections::of(form).filter(|sections| sections.required);
    if let Some(sections) = own {
        let about = |value: &str| {
            let key = lookup::properties(form).and_then(|properties| properties.get(sections.key)).map(Spot::of);
            let values: Vec<_> =
                key.iter().flat_map(|spot| spot.forms.clone()).filter_map(lookup::values).flatten().collect();
            values.into_iter().find(|(own, _)| *own == value).map_or("", |(_, about)| about)
        };
        return sections.choices().map(|(value, _)| (value, about(value))).collect();
    }
    lookup::properties(form)
        .into_iter()
        .flatten()
        .filter(|(name, _)| lookup::is_required(form, name))
        .filter_map(|(_, declared)| Spot::of(declared).mapping())
        .map(choices)
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}
