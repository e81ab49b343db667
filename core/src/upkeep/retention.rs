//! Retention of Bronze: which partitions are older than they are kept, what still needs them, and
//! removing the others by a commit that says that nothing stands.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::Grounds;
use crate::api::wire::{ErrorBody, OldPartition, RetentionReport, RetentionVerdict};
use crate::bronze::{BronzeTable, Landed};
use crate::cancel::CancelToken;
use crate::config::settings::{Dataset, SilverSettings};
use crate::error::{EXIT_OK, Stage};
use crate::publish::{CommittedTable, Inventory, Mark, PublishError, Void, timestamp};
use crate::silver::{Needs, SilverEntity};

/// Lists the old partitions of these datasets, and removes what may go if `apply` is set. `force` lets
/// also those go that Silver needs to be built again, but never the newest of a dataset.
pub(crate) fn retain(
    grounds: &Grounds<'_>,
    datasets: &[&Dataset],
    apply: bool,
    force: bool,
    cancel: &CancelToken,
) -> RetentionReport {
    let mut report = RetentionReport {
        partitions: Vec::new(),
        removable: 0_u64.into(),
        bytes: 0_u64.into(),
        needed: 0_u64.into(),
        applied: apply,
        errors: Vec::new(),
        exit: EXIT_OK,
    };
    let run_id = grounds.world.entropy.id();
    for dataset in datasets {
        let Some(days) = dataset.bronze.retention_days else { continue };
        let old = match old(grounds, dataset, days, force) {
            Ok(old) => old,
            Err(error) => {
                report.errors.push(ErrorBody::of(&error));
                continue;
            }
        };
        for (landed, mut partition) in old {
            if partition.verdict == RetentionVerdict::Needed {
                report.needed.0 += 1;
            } else {
                report.removable.0 += 1;
                report.bytes.0 += partition.bytes.0;
            }
            if apply && partition.verdict == RetentionVerdict::Removable && !cancel.is_cancelled() {
                let time = timestamp(grounds.world.clock.now());
                let mark = Mark { attempt: grounds.world.entropy.id(), run_id: run_id.clone(), time };
                match landed.partition.withdraw(Void::Retention, &mark) {
                    Ok(_) => partition.verdict = RetentionVerdict::Removed,
                    Err(error) => {
                        partition.verdict = RetentionVerdict::Failed;
                        partition.reason = error.to_string();
                        report.errors.push(ErrorBody::of(&error));
                    }
                }
            }
            report.partitions.push(partition);
        }
    }
    report.exit = match report.errors.first() {
        _ if cancel.is_cancelled() => Stage::Cancelled.exit(),
        Some(error) => error.exit,
        None => EXIT_OK,
    };
    report
}

/// Partitions of a dataset that are at least `days` days old, oldest first.
fn old(
    grounds: &Grounds<'_>,
    dataset: &Dataset,
    days: u32,
    force: bool,
) -> Result<Vec<(Landed, OldPartition)>, PublishError> {
    let Inventory { readable: landed, .. } = BronzeTable::of(dataset, grounds.world).landed()?;
    let dependents = match &dataset.silver {
        Some(settings) => Some(Dependents::of(grounds, dataset, settings, &landed)?),
        None => None,
    };
    let today = grounds.world.clock.now().with_timezone(&dataset.bronze.timezone).date_naive();
    let newest = landed.iter().map(|landed| landed.date).max();
    let mut old = Vec::new();
    for landed in landed {
        let age = (today - landed.date).num_days();
        if age < i64::from(days) {
            continue;
        }
        let needed = match &dependents {
            _ if Some(landed.date) == newest => Some("it is the newest, and the next run goes on from it".to_owned()),
            _ if force => None,
            Some(dependents) => dependents.need(landed.date),
            None => None,
        };
        let verdict = if needed.is_some() { RetentionVerdict::Needed } else { RetentionVerdict::Removable };
        let files = landed.commit.files().count();
        let errors = landed.commit.errors.as_ref().map_or(0, CommittedTable::bytes);
        let partition = OldPartition {
            dataset: dataset.name.clone(),
            id: landed.id.clone(),
            path: grounds.display(&landed.partition.place()),
            date: landed.date,
            age_days: u32::try_from(age).unwrap_or(u32::MAX),
            rows: landed.commit.rows().into(),
            files: files.into(),
            bytes: (landed.commit.bytes() + errors).into(),
            verdict,
            reason: needed.unwrap_or_default(),
        };
        old.push((landed, partition));
    }
    Ok(old)
}

/// The Silver of a dataset, as far as it needs Bronze.
#[derive(Debug)]
struct Dependents {
    needs: Needs,
    /// Dates of loads that stand, readable or not.
    loads: BTreeSet<NaiveDate>,
    /// Dates with Bronze.
    landed: BTreeSet<NaiveDate>,
    /// Loads before it are not kept, so nobody will build them.
    first_kept: Option<NaiveDate>,
}

impl Dependents {
    fn of(
        grounds: &Grounds<'_>,
        dataset: &Dataset,
        settings: &SilverSettings,
        landed: &[Landed],
    ) -> Result<Self, PublishError> {
        let found = SilverEntity::of(dataset, settings, grounds.world).loads()?;
        let readable = found.readable.iter().map(|load| load.date);
        let loads: BTreeSet<NaiveDate> = readable.chain(found.unreadable.iter().filter_map(|load| load.date)).collect();
        let kept = settings.retention_loads.and_then(|loads| usize::try_from(loads).ok());
        let first_kept = kept.and_then(|kept| loads.iter().rev().nth(kept.saturating_sub(1)).copied());
        let landed = landed.iter().map(|landed| landed.date).collect();
        Ok(Self { needs: Needs::of(settings, dataset.bronze.load_pattern), loads, landed, first_kept })
    }

    /// Why the partition of a date stays.
    fn need(&self, date: NaiveDate) -> Option<String> {
        let of_load = |load: NaiveDate| -> Option<String> {
            if self.loads.contains(&load) {
                return Some(format!("the Silver load of {load} is made of it"));
            }
            let kept = self.first_kept.is_none_or(|first| load >= first);
            kept.then(|| format!("the Silver load of {load} is not made yet"))
        };
        match self.needs {
            Needs::Own => of_load(date),
            Needs::OwnAndPrevious => {
                let next = self.landed.range(date..).find(|other| **other > date).copied();
                of_load(date).or_else(|| next.and_then(of_load))
            }
            Needs::All => Some("Silver is made of all Bronze up to its date".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_load_needs_stays() {
        let day = |day: u32| NaiveDate::from_ymd_opt(2025, 1, day).unwrap();
        let of = |needs, loads: &[u32], first_kept: Option<u32>| Dependents {
            needs,
            loads: loads.iter().map(|number| day(*number)).collect(),
            landed: (1..=5).map(day).collect(),
            first_kept: first_kept.map(day),
        };
        let stays = |dependents: &Dependents| -> Vec<u32> {
            (1..=5).filter(|number| dependents.need(day(*number)).is_some()).collect()
        };
        // A load that stands, and one that can still be built, need their own partition.
        assert_eq!(stays(&of(Needs::Own, &[1, 2, 3, 4, 5], None)), [1, 2, 3, 4, 5]);
        assert_eq!(stays(&of(Needs::Own, &[], None)), [1, 2, 3, 4, 5]);
        // Loads that Silver's own retention let go are not built again.
        assert_eq!(stays(&of(Needs::Own, &[4, 5], Some(4))), [4, 5]);
        assert_eq!(stays(&of(Needs::Own, &[2, 4, 5], Some(4))), [2, 4, 5], "one that stands is kept");
        // A difference needs the day before as well.
        assert_eq!(stays(&of(Needs::OwnAndPrevious, &[4, 5], Some(4))), [3, 4, 5]);
        assert_eq!(stays(&of(Needs::All, &[5], Some(5))), [1, 2, 3, 4, 5]);
    }
}
