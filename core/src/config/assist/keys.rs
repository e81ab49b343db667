//! Proposals of keys and of list items.

use serde_json::Value as Json;

use super::lookup::{self, Sections, Spot};
use super::place::{Layout, Written};
use super::skeleton::{HERE, Style, choices};
use super::sketch::{Content, Id, Role, Sketch, Style as Quotes};
use super::{Around, Kind, Offer, Proposal, columns, page, quote, values};

/// Keys that each Silver model cannot do without, as the check asks for them.
const MODELS: [(&str, &[&str]); 5] = [
    ("scd_type_1", &["primary_keys"]),
    ("scd_type_2", &["primary_keys", "order_column"]),
    ("incremental_merge", &["primary_keys"]),
    ("full_merge_dedupe", &["primary_keys"]),
    ("periodic_snapshot", &[]),
];

/// A key that may stand in a mapping.
struct Allowed {
    name: &'static str,
    spot: Spot,
    rank: u8,
    required: bool,
}

/// Keys of the mapping that are not there yet; `own`: an entry that does not count as there.
fn allowed(sketch: &Sketch<'_>, holder: Id, form: &'static Json, own: Option<Id>) -> Vec<Allowed> {
    let there: Vec<&str> = sketch
        .children(holder)
        .iter()
        .filter(|id| Some(**id) != own)
        .filter(|id| matches!(sketch.nodes[**id].role, Role::Entry { colon: Some(_), .. }))
        .filter_map(|id| sketch.name(*id))
        .collect();
    let sections = Sections::of(form);
    let value = sections.and_then(|sections| sketch.scalar(sketch.found(holder, sections.key)?));
    let chosen = sections.zip(value.as_deref()).and_then(|(sections, value)| sections.chosen(value));
    let excluded = |name: &str| {
        chosen.is_some_and(|chosen| chosen != name)
            && sections.is_some_and(|sections| sections.value_of(name).is_some())
    };
    lookup::properties(form)
        .into_iter()
        .flatten()
        .filter(|(name, _)| !there.contains(&name.as_str()) && !excluded(name))
        .map(|(name, declared)| {
            let spot = Spot::of(declared);
            let required = lookup::is_required(form, name)
                || chosen == Some(name.as_str()) && sections.is_some_and(|sections| sections.required);
            let rank = match (required, spot.marked("x-advanced")) {
                (true, _) => 0,
                (false, false) => 1,
                (false, true) => 2,
            };
            Allowed { name, spot, rank, required }
        })
        .filter(|key| !key.spot.deprecated() && has_meaning(sketch, holder, form, &key.spot))
        .collect()
}

/// Whether the key beside it on which a key depends has a value with which it means something. A value
/// that is not known, such as that of a variable, excludes nothing.
fn has_meaning(sketch: &Sketch<'_>, holder: Id, form: &'static Json, spot: &Spot) -> bool {
    let Some(when) = spot.note("x-when") else { return true };
    let (Some(key), Some(values)) = (when["key"].as_str(), when["in"].as_array()) else { return true };
    let beside = lookup::properties(form).and_then(|properties| properties.get(key)).map(Spot::of).unwrap_or_default();
    let given = sketch.found(holder, key).and_then(|id| sketch.scalar(id)).map(std::borrow::Cow::into_owned);
    let default = || beside.note("default").map(|json| json.as_str().map_or_else(|| json.to_string(), str::to_owned));
    let known = |value: &str| {
        beside.scalars().filter_map(lookup::values).flatten().any(|(own, _)| own.eq_ignore_ascii_case(value))
            || matches!(value, "true" | "false")
    };
    match given.or_else(default) {
        Some(value) if known(&value) => values.iter().any(|own| match own {
            Json::String(own) => own.eq_ignore_ascii_case(&value),
            other => *other == value,
        }),
        Some(_) => true,
        None => false,
    }
}

impl Allowed {
    fn offer(&self, insert: String, cursor: usize) -> Offer {
        let kind = self.spot.few_values().unwrap_or_else(|| self.spot.kind());
        let detail = if self.required { format!("required, {kind}") } else { kind };
        Offer {
            proposal: Proposal {
                label: self.name.to_owned(),
                kind: Kind::Key,
                detail,
                documentation: page::about(self.name, &self.spot, self.required),
                insert,
                cursor,
            },
            matched: self.name.to_owned(),
            rank: self.rank,
        }
    }
}

/// Other names for a key that has its colon.
pub(super) fn rename(sketch: &Sketch<'_>, holder: Id, entry: Id, around: &Around<'_>, offers: &mut Vec<Offer>) {
    let spot = Spot::at(sketch, holder);
    let Some(form) = spot.mapping() else { return };
    for key in allowed(sketch, holder, form, Some(entry)) {
        offers.push(key.offer(key.name.to_owned(), key.name.len()));
    }
    if lookup::properties(form).is_none() {
        own_keys(sketch, holder, &spot, Some(entry), around, &|name, _| (name.clone(), name.len()), offers);
    }
}

/// New keys with what must be below them.
pub(super) fn add(
    sketch: &Sketch<'_>,
    holder: Id,
    word: Option<Id>,
    layout: Layout,
    around: &Around<'_>,
    offers: &mut Vec<Offer>,
) {
    let spot = Spot::at(sketch, holder);
    let Some(form) = spot.mapping() else { return };
    let style = Style::of(sketch);
    for key in allowed(sketch, holder, form, word) {
        let lines = match layout {
            Layout::Flow => vec![Style::in_brackets(key.name, &key.spot)],
            _ => style.key(key.name, &key.spot, None, 0),
        };
        let (insert, cursor) = style.lay(&lines, layout);
        offers.push(key.offer(insert, cursor));
        if key.name == "silver" && layout != Layout::Flow {
            offers.extend(models(&key.spot, style, layout));
        }
    }
    if lookup::properties(form).is_none() {
        let inner = form.get("additionalProperties").filter(|inner| inner.is_object()).map(Spot::of);
        let inner = inner.unwrap_or_default();
        let lay = |name: &String, flow: bool| {
            let lines = if flow { vec![Style::in_brackets(name, &inner)] } else { style.key(name, &inner, None, 0) };
            style.lay(&lines, layout)
        };
        let flow = layout == Layout::Flow;
        own_keys(sketch, holder, &spot, word, around, &|name, _| lay(name, flow), offers);
    }
}

/// Keys of the user's choice, where they are names of columns.
fn own_keys(
    sketch: &Sketch<'_>,
    holder: Id,
    spot: &Spot,
    own: Option<Id>,
    around: &Around<'_>,
    lay: &dyn Fn(&String, bool) -> (String, usize),
    offers: &mut Vec<Offer>,
) {
    let Some(names) = spot.word("x-key-column") else { return };
    let there: Vec<&str> =
        sketch.children(holder).iter().filter(|id| Some(**id) != own).filter_map(|id| sketch.name(*id)).collect();
    let flow = matches!(&sketch.nodes[holder].content, Content::Collection(collection) if collection.flow.is_some());
    for column in columns::of(sketch, holder, names, around) {
        if there.contains(&column.name.as_str()) {
            continue;
        }
        let written = Written { style: Quotes::Plain, unclosed: false, space: false, flow };
        let (name, _) = quote::write(&column.name, written);
        let (insert, cursor) = lay(&name, flow);
        offers.push(Offer {
            matched: column.name.clone(),
            rank: 1,
            proposal: Proposal {
                label: column.name,
                kind: Kind::Column,
                detail: column.detail,
                documentation: String::new(),
                insert,
                cursor,
            },
        });
    }
}

/// `silver` for each model.
fn models(spot: &Spot, style: Style, layout: Layout) -> Vec<Offer> {
    let model = spot.key("model");
    let known: Vec<_> = model.forms.iter().copied().filter_map(lookup::values).flatten().collect();
    let mut offers = Vec::new();
    for (value, about) in known {
        let Some((_, needs)) = MODELS.iter().find(|(model, _)| *model == value) else { continue };
        let mut lines = vec![format!("model: {value}")];
        for name in *needs {
            let below = spot.key(name);
            lines.extend(style.key(name, &below, None, 1));
        }
        if needs.is_empty() {
            lines[0].push(HERE);
        }
        let step = " ".repeat(style.step());
        let lines: Vec<String> = std::iter::once("silver:".to_owned())
            .chain(lines.into_iter().map(|line| format!("{step}{line}")))
            .collect();
        let (insert, cursor) = style.lay(&lines, layout);
        offers.push(Offer {
            matched: format!("silver {value}"),
            rank: 3,
            proposal: Proposal {
                label: format!("silver: {value}"),
                kind: Kind::Snippet,
                detail: "section with its keys".into(),
                documentation: about.to_owned(),
                insert,
                cursor,
            },
        });
    }
    offers
}

/// New items of a list, each with its dash.
pub(super) fn item(sketch: &Sketch<'_>, holder: Id, layout: Layout, around: &Around<'_>, offers: &mut Vec<Offer>) {
    let spot = Spot::at(sketch, holder);
    let Some(list) = spot.list() else { return };
    let style = Style::of(sketch);
    let inner = list.get("items").map(Spot::of).unwrap_or_default();
    let Some(form) = inner.mapping() else {
        // Where one value would do as well, the value is proposed without a dash.
        if spot.scalars().next().is_none() || sketch.children(holder).iter().any(|id| !sketch.is_word(*id)) {
            values::items(sketch, holder, &inner, &|text| style.lay(&[format!("- {text}")], layout), around, offers);
        }
        return;
    };
    let what = sketch.name(holder).map_or("item", |name| name.strip_suffix('s').unwrap_or(name));
    let mut variants: Vec<(Option<&str>, &str)> =
        choices(form).into_iter().map(|(value, about)| (Some(value), about)).collect();
    if variants.is_empty() {
        variants.push((None, ""));
    }
    for (choice, about) in variants {
        let lines = Style::item(&style.section(form, choice, 0));
        let (insert, cursor) = style.lay(&lines, layout);
        let label = choice.map_or_else(|| format!("new {what}"), |choice| format!("new {what}: {choice}"));
        let documentation = if about.is_empty() { inner.description() } else { about };
        offers.push(Offer {
            matched: label.clone(),
            rank: 1,
            proposal: Proposal {
                label,
                kind: Kind::Snippet,
                detail: "item with its keys".into(),
                documentation: documentation.to_owned(),
                insert,
                cursor,
            },
        });
    }
}
