//! Which rows are the current state of their key, for the models that keep no history.
//!
//! Decides on the narrow columns (keys, order, operation) alone and marks rows in a bitmap; the wide
//! columns are gathered afterwards. Memory is bounded by taking keys bucket by bucket, each with a
//! reading of the narrow columns of its own.

use super::SilverError;
use super::decide::Deciding;
use super::fold::{Fold, FoldRules, FullCount};
use super::order::{Composite, OrderKind, OrderValue, Pair};
use super::picks::Marks;
use super::scan::{Bucket, Findings, NothingFurther, Row, Taker};
use crate::bronze::Landed;
use crate::config::settings::LoadPattern;

/// Bytes that a key takes beside its order values: its bytes, its place, and what is known of it.
const BESIDE_KEY: usize = 96;

/// For each partition, the rows that are current after all of them.
pub(crate) fn decide(
    deciding: &Deciding<'_>,
    findings: &mut Findings,
    progress: &mut dyn FnMut(u64),
) -> Result<Vec<Marks>, SilverError> {
    let mut marks = vec![Marks::default(); deciding.partitions.len()];
    match deciding.order.kind() {
        OrderKind::One => all::<i64>(deciding, &mut marks, findings, progress)?,
        OrderKind::Two => all::<Pair>(deciding, &mut marks, findings, progress)?,
        OrderKind::Many => all::<Composite>(deciding, &mut marks, findings, progress)?,
    }
    Ok(marks)
}

fn all<O: OrderValue>(
    deciding: &Deciding<'_>,
    marks: &mut [Marks],
    findings: &mut Findings,
    progress: &mut dyn FnMut(u64),
) -> Result<(), SilverError> {
    // As if every row had a key of its own.
    let row = 3 * size_of::<Option<O>>() + BESIDE_KEY;
    for bucket in Bucket::all(deciding.partitions, deciding.memory, row) {
        one::<O>(deciding, bucket, marks, findings, progress)?;
    }
    Ok(())
}

fn one<O: OrderValue>(
    deciding: &Deciding<'_>,
    bucket: Bucket,
    marks: &mut [Marks],
    findings: &mut Findings,
    progress: &mut dyn FnMut(u64),
) -> Result<(), SilverError> {
    let rules = FoldRules { temporal: deciding.order.is_temporal() };
    let mut takers: Vec<_> = (0..deciding.takers()).map(|_| Latest { fold: Fold::<O>::new(rules) }).collect();
    deciding.scan(bucket, &[]).run(&NothingFurther, &mut takers, findings, progress)?;
    for taker in takers {
        let (winners, ties) = taker.fold.finish();
        findings.order_ties += ties;
        for winner in winners {
            marks[winner.partition as usize].set(winner.row);
        }
    }
    Ok(())
}

struct Latest<O> {
    fold: Fold<O>,
}

impl<O: OrderValue> Taker<O, ()> for Latest<O> {
    fn begin(&mut self, partition: u32, landed: &Landed, instant: Option<O>) {
        self.fold.begin(partition, landed.pattern == LoadPattern::Full, instant);
    }
    fn row(&mut self, row: Row<'_, O>, _value: ()) {
        self.fold.row(row.key, row.order, row.operation, row.number);
    }
    fn end(&mut self) -> FullCount {
        self.fold.end()
    }
}
