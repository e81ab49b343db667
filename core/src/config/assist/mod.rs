//! Help while a config is written: completion, hover, outline, formatting.
//!
//! Works on text that is broken at the cursor or elsewhere ([`sketch`]) and takes everything it says
//! from the schema. Owns no rule of the language, and never shows the value of a variable.

mod columns;
mod files;
mod flow;
mod format;
mod hide;
mod keys;
mod lookup;
mod outline;
mod page;
mod place;
mod quote;
mod read;
mod skeleton;
mod sketch;
#[cfg(test)]
mod tests;
mod values;

pub(crate) use columns::{Column, Subject};
pub(crate) use format::{FormatError, format};
pub(crate) use hide::hide;
pub(crate) use outline::{Part, is_ours, outline};
pub(crate) use page::hover;

use super::interpolate::Variables;
use super::layers;
use super::text::Source;
use crate::diagnostic::Span;
use place::{Place, Want};
use sketch::Sketch;

/// Proposals at most.
const MOST: usize = 200;

/// What is around a config file while it is written.
pub(crate) struct Around<'a> {
    /// The file, and where its layers are.
    pub(crate) site: layers::Around<'a>,
    /// What `${…}` means; only names are shown.
    pub(crate) variables: &'a Variables<'a>,
    /// The columns of the source of a dataset; asked only where columns are named.
    pub(crate) columns: &'a dyn Fn(&Subject) -> Vec<Column>,
}

/// What may stand at a cursor.
#[derive(Debug, Default)]
pub(crate) struct Proposals {
    /// What an accepted proposal replaces.
    pub(crate) span: Option<Span>,
    /// Best first.
    pub(crate) items: Vec<Proposal>,
}

/// One proposal.
#[derive(Clone, Debug)]
pub(crate) struct Proposal {
    /// As listed.
    pub(crate) label: String,
    /// What it is.
    pub(crate) kind: Kind,
    /// A few words beside the label.
    pub(crate) detail: String,
    /// The page about it, Markdown.
    pub(crate) documentation: String,
    /// What is inserted.
    pub(crate) insert: String,
    /// Where the cursor goes, in bytes of `insert`.
    pub(crate) cursor: usize,
}

/// Kinds of proposals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A key of the language.
    Key,
    /// A value of the language.
    Value,
    /// Name of an environment variable.
    Variable,
    /// A file or folder.
    File,
    /// A column of the source.
    Column,
    /// Several lines.
    Snippet,
}

/// A proposal before it is known whether it fits what is typed.
#[derive(Debug)]
struct Offer {
    proposal: Proposal,
    /// What typed letters are compared with.
    matched: String,
    /// 0 first.
    rank: u8,
}

/// What may stand at byte `offset` of `text`.
pub(crate) fn complete(text: &str, offset: usize, around: &Around<'_>) -> Proposals {
    let sketch = Sketch::of(text);
    let Some(mut place) = Place::at(&sketch, boundary(text, offset)) else { return Proposals::default() };
    let mut offers = Vec::new();
    if let Some(variable) = values::variable(&sketch, &place, around) {
        place.span = variable.span;
        place.typed = variable.typed;
        offers = variable.offers;
    } else {
        for slot in &place.slots {
            match slot.want {
                Want::Rename(entry) => keys::rename(&sketch, slot.holder, entry, around, &mut offers),
                Want::Key { word, layout } => keys::add(&sketch, slot.holder, word, layout, around, &mut offers),
                Want::Item(layout) => keys::item(&sketch, slot.holder, layout, around, &mut offers),
                Want::Value(written) => values::value(&sketch, slot.holder, written, &place, around, &mut offers),
                Want::Another(written) => values::another(&sketch, slot.holder, written, &place, around, &mut offers),
            }
        }
    }
    let items = best(offers, sketch.slice(place.typed));
    let span = Source::new(text).span(place.span);
    Proposals { span: (!items.is_empty()).then_some(span), items }
}

/// Those that fit what is typed, best first.
fn best(offers: Vec<Offer>, typed: &str) -> Vec<Proposal> {
    let typed = typed.trim().to_lowercase();
    let mut fitting: Vec<(u8, u8, Proposal)> = offers
        .into_iter()
        .filter_map(|offer| Some((likeness(&offer.matched.to_lowercase(), &typed)?, offer.rank, offer.proposal)))
        .collect();
    fitting.sort_by_key(|(likeness, rank, _)| (*likeness, *rank));
    fitting.truncate(MOST);
    fitting.into_iter().map(|(_, _, proposal)| proposal).collect()
}

/// How well typed letters fit a name: 0 it starts with them, 1 a word of it does, 2 it has them, 3 it has
/// them in this order.
fn likeness(name: &str, typed: &str) -> Option<u8> {
    if name.starts_with(typed) {
        return Some(0);
    }
    let starts_word = |at: usize| name[..at].ends_with(['_', '-', '.', '/', ' ', ':']);
    let mut found = name.match_indices(typed).peekable();
    if found.peek().is_some() {
        return Some(if found.any(|(at, _)| starts_word(at)) { 1 } else { 2 });
    }
    let mut letters = name.chars();
    (typed.chars().count() > 1 && typed.chars().all(|wanted| letters.any(|letter| letter == wanted))).then_some(3)
}

/// The start of the character that `offset` is in.
fn boundary(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    (0..=offset).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
