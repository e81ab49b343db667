//! What is known about a place: the page of a key, the meaning of a value, where a variable is set.

use serde_json::Value as Json;

use super::Around;
use super::lookup::{self, Spot, is_required};
use super::sketch::{Content, Id, Role, Sketch};
use crate::config::text::{Extent, Source};
use crate::diagnostic::{Code, Span};

/// Values of a key that its page lists at most.
const MOST_VALUES: usize = 12;

/// What is known about a place.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// What it is about.
    pub(crate) span: Option<Span>,
    /// Markdown; empty when nothing is known.
    pub(crate) text: String,
    /// The key it is about, as `sources[0].source.type`, for those who know more about it.
    pub(crate) path: Option<String>,
}

/// What is known about byte `offset` of `text`.
pub(crate) fn hover(text: &str, offset: usize, around: &Around<'_>) -> Page {
    let offset = super::boundary(text, offset);
    let sketch = Sketch::of(text);
    let source = Source::new(text);
    let page =
        |extent: Extent, text: String, path: Option<String>| Page { span: Some(source.span(extent)), text, path };
    let touches = |extent: &Extent| extent.start <= offset && offset < extent.end.max(extent.start + 1);
    if let Some(comment) = sketch.comments.iter().find(|extent| touches(extent)) {
        return code_at(text, *comment, offset).map_or_else(Page::default, |(extent, text)| page(extent, text, None));
    }
    if let Some((extent, name)) = reference_at(&sketch, offset) {
        return page(extent, about_variable(name, around), None);
    }
    for (id, node) in sketch.nodes.iter().enumerate() {
        if let Role::Entry { key, name, .. } = &node.role
            && touches(key)
        {
            let spot = Spot::at(&sketch, id);
            let around = Spot::at(&sketch, node.parent);
            let required = around.mapping().is_some_and(|form| is_required(form, name));
            let text = if name == "<<" { String::new() } else { about(name, &spot, required) };
            let path = (!text.is_empty()).then(|| path(&sketch, id));
            return if text.is_empty() { Page::default() } else { page(*key, text, path) };
        }
        if let Content::Scalar(scalar) = &node.content
            && touches(&scalar.extent)
        {
            let text = about_value(&sketch, id, around);
            return if text.is_empty() { Page::default() } else { page(scalar.extent, text, Some(path(&sketch, id))) };
        }
    }
    Page::default()
}

/// The page of a key.
pub(super) fn about(name: &str, spot: &Spot, required: bool) -> String {
    let description = spot.description();
    if description.is_empty() && spot.forms.is_empty() {
        return String::new();
    }
    let mut text = format!("**{name}**");
    let kind = spot.kind();
    if !kind.is_empty() {
        text.push_str(&format!(": {kind}"));
    }
    if required {
        text.push_str(", required");
    }
    if let Some(new) = spot.word("x-replaced-by") {
        text.push_str(&format!("\n\nDeprecated: use `{new}`."));
    } else if spot.deprecated() {
        text.push_str("\n\nDeprecated.");
    }
    if !description.is_empty() {
        text.push_str(&format!("\n\n{description}"));
    }
    let values: Vec<(&str, &str)> = spot.scalars().filter_map(lookup::values).flatten().collect();
    if !values.is_empty() {
        text.push('\n');
        for (value, about) in values.iter().take(MOST_VALUES) {
            let about = if about.is_empty() { String::new() } else { format!(": {}", about.replace('\n', " ")) };
            text.push_str(&format!("\n* `{value}`{about}"));
        }
    }
    if let Some(default) = spot.note("default").filter(|_| !description.contains("Default")) {
        text.push_str(&format!("\n\nDefault: `{}`.", plain(default)));
    }
    if let Some(examples) = spot.note("examples").and_then(Json::as_array)
        && !examples.is_empty()
        && !["for example", "Example:"].iter().any(|word| description.contains(word))
    {
        let shown: Vec<String> = examples.iter().map(|example| format!("`{}`", plain(example))).collect();
        text.push_str(&format!("\n\nExample: {}.", shown.join(", ")));
    }
    if spot.marked("x-env") && !description.contains("environment variable") {
        text.push_str("\n\nThe name of an environment variable; its value never stands in a config.");
    }
    text
}

fn plain(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

/// What a value means.
fn about_value(sketch: &Sketch<'_>, id: Id, around: &Around<'_>) -> String {
    let spot = Spot::at(sketch, id);
    let Some(text) = sketch.scalar(id) else { return String::new() };
    let values = spot.scalars().filter_map(lookup::values).flatten();
    if let Some((value, about)) = values.into_iter().find(|(value, _)| value.eq_ignore_ascii_case(&text)) {
        let about = if about.is_empty() { String::new() } else { format!("\n\n{about}") };
        let default = spot.note("default").is_some_and(|default| default == value);
        let default = if default { ", the default" } else { "" };
        return format!("**{value}**{default}{about}");
    }
    if spot.marked("x-env") {
        return about_variable(&text, around);
    }
    if let Some(names) = spot.word("x-column")
        && let Some(column) = super::columns::of(sketch, id, names, around).into_iter().find(|it| it.name == text)
    {
        return format!("Column **{}**: {}", column.name, column.detail);
    }
    String::new()
}

/// Whether a variable is set and where; never to what.
fn about_variable(name: &str, around: &Around<'_>) -> String {
    let found = around.variables.names().into_iter().find(|(own, _)| own == name);
    match found {
        Some((_, None)) => format!("Variable **{name}**: set in the environment."),
        Some((_, Some(file))) => format!("Variable **{name}**: set in `{}`.", shown(file, around)),
        None => format!("Variable **{name}**: not set. Set it in the environment or in `.env`."),
    }
}

fn shown(file: &std::path::Path, around: &Around<'_>) -> String {
    file.strip_prefix(around.site.folder).unwrap_or(file).display().to_string()
}

/// The `${NAME}` at a place, and its name.
fn reference_at<'t>(sketch: &Sketch<'t>, offset: usize) -> Option<(Extent, &'t str)> {
    let inside = sketch.nodes.iter().find_map(|node| {
        match &node.content {
            Content::Scalar(scalar) => Some(scalar.extent),
            Content::Block(extent) => Some(*extent),
            _ => None,
        }
        .filter(|extent| extent.start <= offset && offset < extent.end)
    })?;
    let text = sketch.slice(inside);
    let at = offset - inside.start;
    let start = text.get(..at + text[at..].chars().next().map_or(0, char::len_utf8))?.rfind('$')?;
    let start = if text[start..].starts_with("${") { start } else { text[..start].rfind("${")? };
    let end = start + text[start..].find('}')? + 1;
    if end <= at || text[..start].ends_with('$') {
        return None;
    }
    let name = text[start + 2..end - 1].split(':').next()?;
    Some((Extent::new(inside.start + start, inside.start + end), name))
}

/// The code under the cursor in a comment, with its page.
fn code_at(text: &str, comment: Extent, offset: usize) -> Option<(Extent, String)> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric();
    let bytes = text.as_bytes();
    let start = (comment.start..offset).rev().take_while(|at| is_part(bytes[*at])).last().unwrap_or(offset);
    let end = (offset..comment.end).find(|at| !is_part(bytes[*at])).unwrap_or(comment.end);
    let entry = Code::find(text.get(start..end)?)?.entry()?;
    Some((Extent::new(start, end), format!("**{}**: {}\n\n{}", entry.code, entry.title, entry.explanation)))
}

/// Where a node is: `sources[0].source.type`.
pub(super) fn path(sketch: &Sketch<'_>, id: Id) -> String {
    let mut steps: Vec<Id> = sketch.upwards(id).collect();
    steps.reverse();
    let mut path = String::new();
    for id in steps {
        match &sketch.nodes[id].role {
            Role::Root => {}
            Role::Item => path.push_str(&format!("[{}]", sketch.index(id))),
            Role::Entry { name, .. } => {
                let simple = !name.is_empty()
                    && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
                match (simple, path.is_empty()) {
                    (true, true) => path.push_str(name),
                    (true, false) => path.push_str(&format!(".{name}")),
                    (false, _) => path.push_str(&format!("[{name:?}]")),
                }
            }
        }
    }
    path
}
