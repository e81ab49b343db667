//! What must hold of a result before it becomes visible. Looks at the rows on their way; judges at the end.

use std::collections::HashSet;

use arrow::array::Array;
use arrow::record_batch::RecordBatch;
use serde_json::{Value, json};
use twox_hash::XxHash3_128;

use super::JoinError;
use super::encode::Encoder;
use super::flow::Figures;
use super::meeting::Meeting;
use super::pairs::{Class, Pair, of_types};
use crate::config::settings::JoinGuards;
use crate::figures::counted;
use crate::nearest::nearest;

/// Guards of one result.
pub(super) struct Guarding<'a> {
    guards: &'a JoinGuards,
    /// For each share of nulls: the column's place and nulls so far.
    nulls: Vec<(usize, u64)>,
    unique: Vec<Unique>,
}

struct Unique {
    places: Vec<usize>,
    encoder: Encoder,
    /// 128 bits of each row: a million million rows have two alike by chance once in 10^14 times.
    seen: HashSet<u128>,
    repeated: u64,
}

/// What came of a guard.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Verdict {
    /// What it asks for: `at least 1 row`.
    pub(crate) guard: String,
    /// What was found.
    pub(crate) found: String,
    /// Whether it holds.
    pub(crate) holds: bool,
}

impl Verdict {
    /// As metadata has it.
    pub(crate) fn json(&self) -> Value {
        json!({ "guard": self.guard, "found": self.found, "holds": self.holds })
    }
}

impl<'a> Guarding<'a> {
    /// # Errors
    ///
    /// [`JoinError::NoColumn`] if a guard is about a column that the result does not have.
    pub(super) fn of(guards: &'a JoinGuards, meeting: &Meeting) -> Result<Self, JoinError> {
        let place = |name: &String| {
            let names = || meeting.columns.iter().map(|column| column.name.as_str());
            names().position(|there| there == name).ok_or_else(|| JoinError::NoColumn {
                side: "the result".into(),
                column: name.clone(),
                nearest: nearest(name, names()).map(str::to_owned),
            })
        };
        let nulls =
            guards.null_ratio.iter().map(|(column, _)| Ok((place(column)?, 0))).collect::<Result<_, JoinError>>()?;
        let mut unique = Vec::new();
        for columns in &guards.unique_keys {
            let places = columns.iter().map(place).collect::<Result<Vec<_>, _>>()?;
            let class = |at: &usize| {
                let kind = &meeting.columns[*at].arrow;
                Pair { left: 0, right: 0, class: of_types(kind, kind).unwrap_or_else(|| Class::Same(kind.clone())) }
            };
            let pairs: Vec<Pair> = places.iter().map(class).collect();
            unique.push(Unique { places, encoder: Encoder::new(&pairs, true)?, seen: HashSet::new(), repeated: 0 });
        }
        Ok(Self { guards, nulls, unique })
    }

    /// Looks at rows.
    pub(super) fn see(&mut self, batch: &RecordBatch) -> Result<(), JoinError> {
        for (place, nulls) in &mut self.nulls {
            *nulls += batch.column(*place).logical_null_count() as u64;
        }
        for unique in &mut self.unique {
            let columns: Vec<_> = unique.places.iter().map(|place| batch.column(*place).clone()).collect();
            let keys = unique.encoder.encode(&columns)?;
            for row in 0..keys.len() {
                if !unique.seen.insert(XxHash3_128::oneshot(&keys.bytes_of(row))) {
                    unique.repeated += 1;
                }
            }
        }
        Ok(())
    }

    /// Judges.
    pub(super) fn verdicts(&self, figures: &Figures) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        let mut add = |guard: String, found: String, holds: bool| verdicts.push(Verdict { guard, found, holds });
        let rows = || counted(figures.rows, "row");
        if let Some(min) = self.guards.min_rows {
            add(format!("at least {}", counted(min, "row")), rows(), figures.rows >= min);
        }
        if let Some(max) = self.guards.max_rows {
            add(format!("at most {}", counted(max, "row")), rows(), figures.rows <= max);
        }
        for ((column, most), (_, nulls)) in self.guards.null_ratio.iter().zip(&self.nulls) {
            let ratio = if figures.rows == 0 { 0.0 } else { *nulls as f64 / figures.rows as f64 };
            add(format!("at most {} nulls in `{column}`", percent(*most)), percent(ratio), ratio <= *most);
        }
        for (columns, unique) in self.guards.unique_keys.iter().zip(&self.unique) {
            let found = format!(
                "{} that {} there already",
                counted(unique.repeated, "row"),
                if unique.repeated == 1 { "is" } else { "are" }
            );
            add(format!("unique `{}`", columns.join("`, `")), found, unique.repeated == 0);
        }
        if let Some(least) = self.guards.match_ratio {
            let ratio = figures.match_ratio();
            add(format!("a partner for at least {} of the left rows", percent(least)), percent(ratio), ratio >= least);
        }
        verdicts
    }
}

/// What is broken, a sentence each.
pub(super) fn broken(verdicts: &[Verdict]) -> Vec<String> {
    let broken = verdicts.iter().filter(|verdict| !verdict.holds);
    broken.map(|verdict| format!("asked for {}, found {}", verdict.guard, verdict.found)).collect()
}

/// With as many digits as tell it from its neighbours.
fn percent(share: f64) -> String {
    let text = format!("{:.4}", share * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}
