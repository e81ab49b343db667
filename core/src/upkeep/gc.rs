//! Clears what crashes left: lists it with bytes and reasons, uses up the numbers of silent attempts,
//! removes. Never what a commit names or a living attempt is writing.

use std::collections::BTreeSet;

use super::Grounds;
use super::find::Found;
use crate::api::wire::{ClearedFile, ErrorBody, GcEvent, GcReport, KeptFiles};
use crate::cancel::CancelToken;
use crate::config::settings::Dataset;
use crate::error::{EXIT_OK, Stage};
use crate::publish::{Kept, Leftover, Leftovers, Mark, PublishError, Why, timestamp};
use crate::storage::{Key, Life};

/// Clears the partitions of these datasets, or lists what would be cleared.
pub(crate) fn clear(
    grounds: &Grounds<'_>,
    subjects: &[(&Dataset, Found)],
    dry_run: bool,
    cancel: &CancelToken,
    emit: &mut dyn FnMut(GcEvent),
) -> GcReport {
    let started = grounds.world.clock.now();
    let run_id = grounds.world.entropy.id();
    let mut report = GcReport { dry_run, ..GcReport::default() };
    let mut told = BTreeSet::new();
    for (dataset, found) in subjects {
        if cancel.is_cancelled() {
            break;
        }
        report.partitions.0 += 1;
        let clearing = Clearing { grounds, dataset, found, dry_run, run_id: &run_id };
        match clearing.run(&mut report, &mut told, emit) {
            Ok(()) => {}
            Err(error) => report.errors.push(ErrorBody::of(&error)),
        }
    }
    report.seconds = (grounds.world.clock.now() - started).num_milliseconds() as f64 / 1000.0;
    report.exit = match report.errors.first() {
        _ if cancel.is_cancelled() => Stage::Cancelled.exit(),
        Some(error) => error.exit,
        None => EXIT_OK,
    };
    emit(GcEvent::Finished { report: report.clone() });
    report
}

struct Clearing<'a> {
    grounds: &'a Grounds<'a>,
    dataset: &'a Dataset,
    found: &'a Found,
    dry_run: bool,
    run_id: &'a str,
}

impl Clearing<'_> {
    fn run(
        &self,
        report: &mut GcReport,
        told: &mut BTreeSet<String>,
        emit: &mut dyn FnMut(GcEvent),
    ) -> Result<(), PublishError> {
        let partition = &self.found.partition;
        let before = partition.leftovers()?;
        let mut files: Vec<(Leftover, u64)> = Vec::new();
        for leftover in &before.files {
            files.push((leftover.clone(), self.bytes(&leftover.key)));
        }
        for key in before.to_fence().flat_map(|kept| &kept.files) {
            files.push((Leftover { key: key.clone(), why: Why::Unnamed }, self.bytes(key)));
        }
        let mut after = Leftovers { files: Vec::new(), ..before.clone() };
        if !self.dry_run {
            if before.to_fence().next().is_some() {
                let time = timestamp(self.grounds.world.clock.now());
                let mark = Mark { attempt: self.grounds.world.entropy.id(), run_id: self.run_id.to_owned(), time };
                report.fenced.0 += u64::from(partition.fence(&mark)?.is_some());
            }
            partition.sweep()?;
            after = partition.leftovers()?;
        }
        let stays: BTreeSet<&Key> = after.kept.iter().flat_map(|kept| &kept.files).collect();
        for (leftover, bytes) in files {
            let file = self.grounds.file(partition.store().as_ref(), &leftover.key);
            // Where trials of the store are left is above many partitions.
            if (!self.dry_run && stays.contains(&leftover.key)) || !told.insert(file.clone()) {
                continue;
            }
            report.files.0 += 1;
            report.bytes.0 += bytes;
            emit(GcEvent::Cleared { file: Box::new(self.cleared(&leftover, file, bytes)) });
        }
        self.tell_kept(&after, emit);
        Ok(())
    }

    fn bytes(&self, key: &Key) -> u64 {
        self.found.partition.store().open(key).map_or(0, |opened| opened.0.len())
    }

    fn cleared(&self, leftover: &Leftover, file: String, bytes: u64) -> ClearedFile {
        let reason = match leftover.why {
            Why::Unnamed => "no version names it, and nobody is writing it",
            Why::Replaced => "a newer version took its place",
            Why::Withdrawn => "it was withdrawn",
            Why::Trial => "a check that was killed left it",
        };
        ClearedFile {
            dataset: self.dataset.name.clone(),
            layer: self.found.layer,
            file,
            bytes: bytes.into(),
            reason: reason.into(),
        }
    }

    fn tell_kept(&self, left: &Leftovers, emit: &mut dyn FnMut(GcEvent)) {
        let partition = &self.found.partition;
        let mut tell = |files: usize, reason: String| {
            emit(GcEvent::Kept {
                files: Box::new(KeptFiles {
                    dataset: self.dataset.name.clone(),
                    layer: self.found.layer,
                    path: self.grounds.display(&partition.place()),
                    files: files.into(),
                    reason,
                }),
            });
        };
        if left.unknown {
            tell(0, "the newest commit cannot be read, so nobody knows what it names; run its date again".into());
        }
        for Kept { attempt, files, life } in &left.kept {
            let reason = match life {
                Life::Silent { plan } if *plan == left.version + 1 => continue,
                Life::Silent { plan } => {
                    format!("run {attempt} fell silent and may still commit version {plan}, which is not the next one")
                }
                _ => format!("run {attempt} is writing them"),
            };
            tell(files.len(), reason);
        }
    }
}
