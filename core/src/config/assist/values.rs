//! Proposals of single values: enumerations, forms, defaults, variables, files, columns.

use serde_json::Value as Json;

use super::lookup::{self, Spot, type_of};
use super::place::{Place, Written};
use super::sketch::{Id, Role, Sketch, Style};
use super::{Around, Kind, Offer, Proposal, columns, files, quote};
use crate::config::text::Extent;

/// Delimiters that people use.
const DELIMITERS: [(&str, &str); 4] = [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "vertical bar")];
/// Encodings that people use.
const ENCODINGS: [&str; 8] =
    ["utf-8", "latin1", "windows-1252", "utf-16le", "utf-16be", "iso-8859-15", "shift_jis", "gb18030"];
/// Types that a column can be declared with.
const TYPES: [(&str, &str); 8] = [
    ("text", "characters"),
    ("integer", "whole numbers of 64 bits"),
    ("float", "numbers of 64 bits"),
    ("decimal(18,2)", "exact numbers: digits in all, digits after the point"),
    ("boolean", "true and false"),
    ("date", "days"),
    ("timestamp", "times without a zone"),
    ("timestamptz", "times with a zone"),
];
/// Names that environments have by custom.
const ENVIRONMENTS: [&str; 3] = ["dev", "test", "prod"];

/// A value before it is written in the quotes of its place.
pub(super) struct Candidate {
    /// As listed.
    pub(super) label: String,
    /// What it is.
    pub(super) kind: Kind,
    /// A few words.
    pub(super) detail: String,
    /// The page about it.
    pub(super) documentation: String,
    /// The value.
    pub(super) text: String,
    /// Number or truth value, which quotes would make a text.
    pub(super) literal: bool,
    /// More is typed behind it, as behind a folder.
    pub(super) open: bool,
    /// 0 first.
    pub(super) rank: u8,
}

impl Candidate {
    /// A value of the language.
    pub(super) fn value(text: &str, detail: &str, documentation: &str) -> Self {
        Self {
            label: text.to_owned(),
            kind: Kind::Value,
            detail: detail.to_owned(),
            documentation: documentation.to_owned(),
            text: text.to_owned(),
            literal: false,
            open: false,
            rank: 0,
        }
    }

    fn offer(self, insert: String, cursor: usize) -> Offer {
        let proposal = Proposal {
            label: self.label,
            kind: self.kind,
            detail: self.detail,
            documentation: self.documentation,
            insert,
            cursor,
        };
        Offer { proposal, matched: self.text, rank: self.rank }
    }

    fn written(self, written: Written) -> Option<Offer> {
        if self.literal {
            // In quotes it would be another value.
            if written.style != Style::Plain {
                return None;
            }
            let insert = format!("{}{}", if written.space { " " } else { "" }, self.text);
            let cursor = insert.len();
            return Some(self.offer(insert, cursor));
        }
        let (insert, tail) = quote::write(&self.text, written);
        let cursor = if self.open { insert.len() - tail } else { insert.len() };
        Some(self.offer(insert, cursor))
    }
}

/// Values of the place of `holder`.
pub(super) fn value(
    sketch: &Sketch<'_>,
    holder: Id,
    written: Written,
    place: &Place,
    around: &Around<'_>,
    offers: &mut Vec<Offer>,
) {
    let spot = Spot::at(sketch, holder);
    let typed = typed(sketch, place, written);
    if spot.scalars().next().is_some() {
        let (there, candidates) = match sketch.nodes[holder].role {
            Role::Item => {
                let list = sketch.nodes[holder].parent;
                let of_list = Spot::at(sketch, list);
                let found = candidates_of_items(sketch, list, &of_list, &spot, &typed, around);
                (siblings(sketch, list, Some(holder)), found)
            }
            _ => (Vec::new(), candidates(sketch, holder, &spot, &typed, around)),
        };
        let new = candidates.into_iter().filter(|candidate| !there.contains(&candidate.text));
        offers.extend(new.filter_map(|candidate| candidate.written(written)));
    } else if let Some(list) = spot.list().filter(|_| written.style == Style::Plain) {
        let inner = list.get("items").map(Spot::of).unwrap_or_default();
        if inner.mapping().is_none() && inner.list().is_none() {
            let inside = Written { flow: true, space: false, ..written };
            for candidate in candidates_of_items(sketch, holder, &spot, &inner, &typed, around) {
                let Some(mut offer) = candidate.written(inside) else { continue };
                let lead = if written.space { " [" } else { "[" };
                offer.proposal.insert = format!("{lead}{}]", offer.proposal.insert);
                offer.proposal.cursor += lead.len();
                offers.push(offer);
            }
        }
    }
}

/// One more value of a list in brackets.
pub(super) fn another(
    sketch: &Sketch<'_>,
    list: Id,
    written: Written,
    place: &Place,
    around: &Around<'_>,
    offers: &mut Vec<Offer>,
) {
    let spot = Spot::at(sketch, list);
    let inner = spot.item();
    let there = siblings(sketch, list, None);
    let typed = typed(sketch, place, written);
    for candidate in candidates_of_items(sketch, list, &spot, &inner, &typed, around) {
        if !there.contains(&candidate.text) {
            offers.extend(candidate.written(written));
        }
    }
}

/// Items of a list of single values, on lines of their own.
pub(super) fn items(
    sketch: &Sketch<'_>,
    list: Id,
    inner: &Spot,
    lay: &dyn Fn(&str) -> (String, usize),
    around: &Around<'_>,
    offers: &mut Vec<Offer>,
) {
    let written = Written { style: Style::Plain, unclosed: false, space: false, flow: false };
    let there = siblings(sketch, list, None);
    let spot = Spot::at(sketch, list);
    for candidate in candidates_of_items(sketch, list, &spot, inner, "", around) {
        if there.contains(&candidate.text) {
            continue;
        }
        if let Some(mut offer) = candidate.written(written) {
            (offer.proposal.insert, offer.proposal.cursor) = lay(&offer.proposal.insert);
            offers.push(offer);
        }
    }
}

/// The values that a list has.
fn siblings(sketch: &Sketch<'_>, list: Id, own: Option<Id>) -> Vec<String> {
    let others = sketch.children(list).iter().filter(|id| Some(**id) != own);
    others.filter_map(|id| sketch.scalar(*id)).map(std::borrow::Cow::into_owned).collect()
}

/// What is typed up to the cursor, without the escapes of its quotes.
fn typed(sketch: &Sketch<'_>, place: &Place, written: Written) -> String {
    let text = sketch.slice(place.typed);
    match written.style {
        Style::Single => text.replace("''", "'"),
        _ => text.to_owned(),
    }
}

/// An annotation of a list may stand at the list or at its items.
fn candidates_of_items(
    sketch: &Sketch<'_>,
    list: Id,
    spot: &Spot,
    inner: &Spot,
    typed: &str,
    around: &Around<'_>,
) -> Vec<Candidate> {
    let mut found = candidates(sketch, list, inner, typed, around);
    if found.is_empty() {
        found = by_annotation(sketch, list, spot, typed, around);
    }
    found
}

fn candidates(sketch: &Sketch<'_>, at: Id, spot: &Spot, typed: &str, around: &Around<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    let default = spot.note("default").map(plain_json);
    let is_default = |text: &str| default.as_deref() == Some(text);
    let said = |text: &str| if is_default(text) { "default" } else { "" };
    for form in spot.scalars() {
        if let Some(values) = lookup::values(form) {
            found.extend(values.into_iter().map(|(value, about)| Candidate::value(value, said(value), about)));
        } else if type_of(form) == Some("boolean") {
            let truths = ["true", "false"];
            found.extend(truths.map(|text| Candidate { literal: true, ..Candidate::value(text, said(text), "") }));
        }
    }
    let outside = by_annotation(sketch, at, spot, typed, around);
    // What is really there says more than any example.
    let wanted = if outside.is_empty() { "examples" } else { "" };
    found.extend(outside);
    let literal = |json: &Json| json.is_number() || json.is_boolean();
    let examples = spot.note(wanted).and_then(Json::as_array).into_iter().flatten();
    for (json, detail) in
        spot.note("default").into_iter().map(|json| (json, "default")).chain(examples.map(|json| (json, "example")))
    {
        let text = plain_json(json);
        if !json.is_null()
            && !json.is_array()
            && !json.is_object()
            && !text.is_empty()
            && !found.iter().any(|candidate| candidate.text == text)
        {
            found.push(Candidate { literal: literal(json), rank: 1, ..Candidate::value(&text, detail, "") });
        }
    }
    found
}

fn plain_json(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

/// Values that come from outside of the language.
fn by_annotation(sketch: &Sketch<'_>, at: Id, spot: &Spot, typed: &str, around: &Around<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    if let Some(names) = spot.word("x-column") {
        found.extend(
            columns::of(sketch, at, names, around)
                .into_iter()
                .map(|column| Candidate { kind: Kind::Column, ..Candidate::value(&column.name, &column.detail, "") }),
        );
    }
    if spot.marked("x-env") || spot.word("x-form") == Some("variable") {
        found.extend(variables(around));
    }
    let key = sketch.upwards(at).find_map(|id| sketch.name(id)).unwrap_or_default();
    let parent = sketch.upwards(at).filter_map(|id| sketch.name(id)).nth(1);
    match spot.word("x-form") {
        _ if key == "extends" => found.extend(files::configs(around, typed)),
        Some("file_path") => found.extend(files::data(around, typed)),
        Some("folder") => found.extend(files::folders(around, typed)),
        Some("timezone") => found.extend(chrono_tz::TZ_VARIANTS.iter().map(|zone| {
            let rank = u8::from(zone.name() != "UTC") + u8::from(!zone.name().contains('/'));
            Candidate { rank, ..Candidate::value(zone.name(), "time zone", "") }
        })),
        Some("encoding") => found.extend(ENCODINGS.map(|name| Candidate::value(name, "encoding", ""))),
        Some("delimiter") => found.extend(DELIMITERS.map(|(text, about)| Candidate::value(text, about, ""))),
        Some("declared_type") => found.extend(TYPES.map(|(text, about)| Candidate::value(text, about, ""))),
        _ if key == "environment" && parent == Some("platform") => {
            let overlays = files::environments(around);
            let mut known: Vec<&str> = overlays.iter().map(String::as_str).collect();
            known.extend(ENVIRONMENTS.iter().filter(|name| !overlays.iter().any(|own| own == *name)));
            found.extend(known.into_iter().map(|name| {
                let detail = if overlays.iter().any(|own| own == name) { "has an overlay" } else { "by custom" };
                Candidate::value(name, detail, "")
            }));
        }
        _ => {}
    }
    found
}

/// The names of all variables; never their values.
fn variables(around: &Around<'_>) -> Vec<Candidate> {
    around
        .variables
        .names()
        .into_iter()
        .map(|(name, file)| {
            // What a `.env` beside the config sets is more likely meant than what the system sets.
            let (detail, rank) = match file {
                Some(_) => ("set in `.env`", 0),
                None => ("set in the environment", 1),
            };
            Candidate { kind: Kind::Variable, rank, ..Candidate::value(&name, detail, "") }
        })
        .collect()
}

/// Proposals behind `${`.
pub(super) struct Variable {
    /// What they replace.
    pub(super) span: Extent,
    /// What is typed of it.
    pub(super) typed: Extent,
    /// The names.
    pub(super) offers: Vec<Offer>,
}

/// The names of variables, if the cursor is behind a `${` that is not closed before it.
pub(super) fn variable(sketch: &Sketch<'_>, place: &Place, around: &Around<'_>) -> Option<Variable> {
    let written = place.slots.iter().find_map(|slot| match slot.want {
        super::place::Want::Value(written) | super::place::Want::Another(written) => Some(written),
        _ => None,
    })?;
    let before = sketch.slice(place.typed);
    let open = before.rfind("${")?;
    if before[..open].ends_with('$') || before[open..].contains(['}', ':']) {
        return None;
    }
    let start = place.typed.start + open + 2;
    let all = sketch.slice(place.span);
    let behind = &all[start - place.span.start..];
    let length = behind.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let rest = &behind[length..];
    let closing = if rest.starts_with(['}', ':']) { "" } else { "}" };
    let mut offers = Vec::new();
    for candidate in variables(around) {
        let name = candidate.text.clone();
        let (insert, cursor) = if written.flow && written.style == Style::Plain {
            let whole = format!("{}{name}{closing}{rest}", &all[..start - place.span.start]);
            let (insert, tail) = quote::write(&whole, written);
            let cursor = insert.len() - tail - rest.len();
            (insert, cursor)
        } else {
            let quote = match (written.unclosed, written.style) {
                (true, Style::Double) if rest.is_empty() => "\"",
                (true, Style::Single) if rest.is_empty() => "'",
                _ => "",
            };
            let insert = format!("{name}{closing}{quote}");
            let cursor = insert.len() - quote.len();
            (insert, cursor)
        };
        offers.push(candidate.offer(insert, cursor));
    }
    let typed_to = place.typed.end;
    if written.flow && written.style == Style::Plain {
        for offer in &mut offers {
            offer.matched = format!("{}{}", &before[..open + 2], offer.matched);
        }
        return Some(Variable { span: place.span, typed: place.typed, offers });
    }
    Some(Variable { span: Extent::new(start, start + length), typed: Extent::new(start, typed_to), offers })
}
