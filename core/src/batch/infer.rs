//! The type of a column whose type nobody declared, from the cells of its first records.

use super::cells::{Cell, Reading};
use super::column::Typed;
use super::parse::Grammar;
use crate::config::settings::DeclaredType;

/// How many records decide.
pub(crate) const SAMPLE: usize = 1_000;

/// In this order: the first that takes every value wins. Text takes all and needs no place here.
const CANDIDATES: [DeclaredType; 6] = [
    DeclaredType::Boolean,
    DeclaredType::Integer,
    DeclaredType::Float,
    DeclaredType::Date,
    DeclaredType::Timestamp,
    DeclaredType::Timestamptz,
];

/// What is known about a column so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guess {
    /// Bit n: candidate n still takes every value.
    open: u8,
    seen: bool,
    grammar: Grammar,
}

/// What a column turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Inferred {
    /// Its type.
    pub(crate) typed: Typed,
    /// Whether no value was seen; the type is text then.
    pub(crate) nulls_only: bool,
}

impl Guess {
    /// Nothing seen yet.
    pub(crate) const fn new(reading: &Reading) -> Self {
        let grammar = if reading.typed { Grammar::InferredToken } else { Grammar::Inferred };
        Self { open: (1 << CANDIDATES.len()) - 1, seen: false, grammar }
    }
    /// Takes one more cell into account.
    pub(crate) fn observe(&mut self, cell: Cell, text: &[u8], reading: &Reading) {
        let bytes = cell.bytes(text);
        if reading.is_null(cell, bytes) {
            return;
        }
        self.seen = true;
        for (index, target) in CANDIDATES.into_iter().enumerate() {
            let bit = 1 << index;
            if self.open & bit != 0 && !(Typed { target, grammar: self.grammar }).takes(cell, bytes, reading) {
                self.open &= !bit;
            }
        }
    }
    /// The verdict.
    pub(crate) fn finish(self) -> Inferred {
        let target = CANDIDATES
            .into_iter()
            .enumerate()
            .find(|(index, _)| self.seen && self.open & (1 << index) != 0)
            .map(|(_, target)| target);
        let typed = target.map_or(Typed::TEXT, |target| Typed { target, grammar: self.grammar });
        Inferred { typed, nulls_only: !self.seen }
    }
}
