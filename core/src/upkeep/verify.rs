//! Holds files against what was committed, partition by partition on all processors. Changes nothing.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::find::Found;
use super::{Grounds, again, predecessor};
use crate::api::wire::{FileFinding, Severity, VerifiedPartition, VerifyEvent, VerifyReport};
use crate::cancel::CancelToken;
use crate::config::settings::Dataset;
use crate::diagnostic::code::{self, Code};
use crate::error::{Coded, EXIT_OK, Stage};
use crate::event::Layer;
use crate::figures::counted;
use crate::publish::{Commit, CommittedTable, CopyProblem, Part, PublishError, Why};
use crate::query;
use crate::storage::{Key, Opened, StorageError};

/// Longest time between two reports of progress.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// A partition to look at, and the dataset it belongs to.
pub(crate) type Subject<'a> = (Option<&'a Dataset>, Found);

/// How far a verification is.
#[derive(Debug, Default)]
struct Meter {
    partitions: AtomicU64,
    files: AtomicU64,
    bytes: AtomicU64,
}

/// Looks at all of them. Partitions are told in the order in which they are done.
pub(crate) fn verify(
    grounds: &Grounds<'_>,
    subjects: &[Subject<'_>],
    quick: bool,
    cancel: &CancelToken,
    emit: &mut dyn FnMut(VerifyEvent),
) -> VerifyReport {
    let started = grounds.world.clock.now();
    emit(VerifyEvent::Started { partitions: subjects.len().into() });
    let (meter, next) = (Meter::default(), AtomicUsize::new(0));
    let mut report = VerifyReport { quick, ..VerifyReport::default() };
    let workers = grounds.world.processors.get().min(subjects.len().max(1));
    thread::scope(|scope| {
        let (sender, receiver) = channel();
        for _ in 0..workers {
            let (sender, meter, next) = (sender.clone(), &meter, &next);
            scope.spawn(move || {
                while let Some(subject) = subjects.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if cancel.is_cancelled() {
                        return;
                    }
                    let verified = Look::new(grounds, subject, quick, cancel, meter).partition();
                    meter.partitions.fetch_add(1, Ordering::Relaxed);
                    // The other side hangs up only when it is done itself.
                    if cancel.is_cancelled() || sender.send(verified).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        loop {
            match receiver.recv_timeout(PROGRESS_EVERY) {
                Ok(partition) => {
                    report.count(&partition);
                    emit(VerifyEvent::Verified { partition: Box::new(partition) });
                }
                Err(RecvTimeoutError::Timeout) => emit(VerifyEvent::Progress {
                    partitions: meter.partitions.load(Ordering::Relaxed).into(),
                    files: meter.files.load(Ordering::Relaxed).into(),
                    bytes: meter.bytes.load(Ordering::Relaxed).into(),
                }),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    });
    report.seconds = (grounds.world.clock.now() - started).num_milliseconds() as f64 / 1000.0;
    report.exit = match () {
        () if cancel.is_cancelled() => Stage::Cancelled.exit(),
        () if report.errors.0 > 0 => Stage::Validation.exit(),
        () => EXIT_OK,
    };
    emit(VerifyEvent::Finished { report: report.clone() });
    report
}

impl VerifyReport {
    fn count(&mut self, partition: &VerifiedPartition) {
        let of = |severity| partition.findings.iter().filter(|finding| finding.severity == severity).count() as u64;
        self.partitions.0 += 1;
        self.damaged.0 += u64::from(of(Severity::Error) > 0);
        self.errors.0 += of(Severity::Error);
        self.warnings.0 += of(Severity::Warning);
        self.files.0 += partition.files.0;
        self.bytes.0 += partition.bytes.0;
    }
}

/// A look at one partition.
pub(super) struct Look<'a> {
    pub(super) grounds: &'a Grounds<'a>,
    dataset: Option<&'a Dataset>,
    pub(super) found: &'a Found,
    pub(super) quick: bool,
    cancel: &'a CancelToken,
    meter: &'a Meter,
    findings: Mutex<Vec<FileFinding>>,
    files: AtomicU64,
    bytes: AtomicU64,
}

impl<'a> Look<'a> {
    fn new(
        grounds: &'a Grounds<'a>,
        (dataset, found): &'a Subject<'a>,
        quick: bool,
        cancel: &'a CancelToken,
        meter: &'a Meter,
    ) -> Self {
        let findings = Mutex::default();
        let (files, bytes) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { grounds, dataset: *dataset, found, quick, cancel, meter, findings, files, bytes }
    }

    /// What a look at a folder of the predecessor finds, all of it.
    pub(super) fn predecessor(grounds: &'a Grounds<'a>, found: &Found, cancel: &'a CancelToken) -> VerifiedPartition {
        let meter = Meter::default();
        let subject = (None, found.clone());
        let look = Look::new(grounds, &subject, false, cancel, &meter);
        look.partition()
    }

    fn partition(self) -> VerifiedPartition {
        let partition = &self.found.partition;
        let (mut version, mut of_predecessor) = (0, false);
        match partition.newest() {
            Ok(Some(commit)) => {
                version = if commit.void.is_none() { commit.version } else { 0 };
                self.committed(&commit);
            }
            Ok(None) => of_predecessor = predecessor::look(&self),
            Err(PublishError::Damaged { .. }) => {}
            Err(error) => self.trouble(&error),
        }
        self.commits();
        self.leftovers();
        let mut findings = self.findings.into_inner().unwrap_or_default();
        findings.sort_by(|a, b| (a.severity as u8, &a.file, a.code).cmp(&(b.severity as u8, &b.file, b.code)));
        VerifiedPartition {
            dataset: self.dataset.map_or_else(String::new, |dataset| dataset.name.clone()),
            layer: self.found.layer,
            id: self.found.id.clone(),
            path: self.grounds.display(&partition.place()),
            version: version.into(),
            predecessor: of_predecessor,
            files: self.files.into_inner().into(),
            bytes: self.bytes.into_inner().into(),
            findings,
        }
    }

    /// Notes something that does not hold.
    pub(super) fn say(&self, severity: Severity, code: Code, key: &Key, message: String, hint: Option<String>) {
        let file = self.grounds.file(self.found.partition.store().as_ref(), key);
        let cure = || code.entry().map(|entry| entry.cure().to_owned()).unwrap_or_default();
        let finding = FileFinding { severity, code, file, message, hint: hint.unwrap_or_else(cure) };
        if let Ok(mut findings) = self.findings.lock() {
            findings.push(finding);
        }
    }

    fn trouble(&self, error: &PublishError) {
        let key = self.found.partition.commit_key(0).parent().unwrap_or_default();
        self.say(Severity::Error, error.code(), &key, error.to_string(), error.hint());
    }

    fn again(&self, rebuild: bool) -> String {
        again(self.dataset, self.found.layer, self.found, rebuild)
    }

    /// Every commit, also those that do not count any more.
    fn commits(&self) {
        let partition = &self.found.partition;
        let versions = match partition.history_of_commits() {
            Ok(versions) => versions,
            Err(error) => return self.trouble(&error.into()),
        };
        let newest = versions.first().map(|(version, _)| *version);
        for (version, commit) in versions {
            let key = partition.commit_key(version);
            let Err(error) = commit else { continue };
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
            match error {
                PublishError::Damaged { .. } if Some(version) == newest => {
                    let message = format!("the newest commit cannot be trusted{cause}");
                    self.say(Severity::Error, code::STG067, &key, message, Some(self.again(false)));
                }
                PublishError::Damaged { .. } => {
                    let message = format!("an old commit cannot be trusted{cause}");
                    let hint = "it counts no more; only what it says of the past is lost".to_owned();
                    self.say(Severity::Warning, code::STG067, &key, message, Some(hint));
                }
                other => self.say(Severity::Error, other.code(), &key, other.to_string(), other.hint()),
            }
        }
    }

    fn committed(&self, commit: &Commit) {
        let partition = &self.found.partition;
        for table in commit.tables.iter().chain(&commit.errors) {
            for part in &table.parts {
                if self.cancel.is_cancelled() {
                    return;
                }
                self.part(commit, table, part);
            }
            let rows: u64 = table.readable().map(|part| part.rows).sum();
            if rows != table.rows {
                let message = format!(
                    "the commit says {} of `{}`, its parts have {rows}",
                    counted(table.rows, "row"),
                    table.name
                );
                self.say(
                    Severity::Error,
                    code::STG065,
                    &partition.commit_key(commit.version),
                    message,
                    Some(self.again(true)),
                );
            }
        }
        match partition.strangers(Some(commit)) {
            Ok(strangers) => {
                for key in strangers {
                    let message = "the newest version does not name it".to_owned();
                    self.say(Severity::Error, code::STG063, &key, message, None);
                }
            }
            Err(error) => self.trouble(&error.into()),
        }
        if commit.void.is_some() {
            return;
        }
        match partition.wrong_copies(commit) {
            Ok(wrong) => {
                for (key, problem) in wrong {
                    let message = match problem {
                        CopyProblem::Missing => "it is missing",
                        CopyProblem::Differs => "it says something else than the commit",
                    };
                    self.say(Severity::Error, code::STG066, &key, message.into(), None);
                }
            }
            Err(error) => self.trouble(&error),
        }
    }

    fn part(&self, commit: &Commit, table: &CommittedTable, part: &Part) {
        let key = self.found.partition.key(&part.path);
        let rebuild = self.again(true);
        let Some(opened) = self.file(&key, part.bytes, || Some(self.again(false))) else { return };
        if !self.quick {
            match self.hash(&key) {
                Some(hash) if hash == part.sha256 => {}
                Some(_) => {
                    let message = "its SHA-256 is not the one that was committed".to_owned();
                    return self.say(Severity::Error, code::STG062, &key, message, Some(rebuild));
                }
                None => return,
            }
        }
        if part.format == "parquet" {
            self.parquet(&key, opened, Some(part.rows), Some((commit, table, part)), Some(&rebuild));
        } else if !self.quick {
            self.csv(&key, table, part, Some(rebuild));
        }
    }

    /// Opens a file that should have `bytes` bytes.
    pub(super) fn file(&self, key: &Key, bytes: u64, hint: impl Fn() -> Option<String>) -> Option<Opened> {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.meter.files.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        match self.found.partition.store().open(key) {
            Ok(opened) if opened.0.len() == bytes => Some(opened),
            Ok(opened) => {
                let there = opened.0.len();
                let message = if there < bytes {
                    format!("it was cut off: {there} of {bytes} bytes are there")
                } else {
                    format!("it has {there} bytes, not the {bytes} that were committed")
                };
                self.say(Severity::Error, code::STG061, key, message, hint());
                None
            }
            Err(StorageError::Missing { .. }) => {
                self.say(Severity::Error, code::STG060, key, "it is missing".into(), hint());
                None
            }
            Err(error) => {
                self.say(Severity::Error, error.code(), key, error.to_string(), error.hint());
                None
            }
        }
    }

    /// The hash of a file; `None` if somebody cancelled or it cannot be read, which is then noted.
    pub(super) fn hash(&self, key: &Key) -> Option<String> {
        let mut watch = |bytes| {
            self.meter.bytes.fetch_add(bytes, Ordering::Relaxed);
            !self.cancel.is_cancelled()
        };
        self.found.partition.hash_watched(key, &mut watch).unwrap_or_else(|error| {
            self.say(Severity::Error, error.code(), key, error.to_string(), error.hint());
            None
        })
    }

    /// Reads the footer of a Parquet file; gives its rows.
    pub(super) fn parquet(
        &self,
        key: &Key,
        opened: Opened,
        rows: Option<u64>,
        committed: Option<(&Commit, &CommittedTable, &Part)>,
        hint: Option<&str>,
    ) -> Option<u64> {
        let footer = match ParquetRecordBatchReaderBuilder::try_new(opened) {
            Ok(footer) => footer,
            Err(error) => {
                let message = format!("its footer cannot be read: {error}");
                self.say(Severity::Error, code::STG064, key, message, hint.map(str::to_owned));
                return None;
            }
        };
        let there = u64::try_from(footer.metadata().file_metadata().num_rows()).unwrap_or(0);
        if let Some(rows) = rows.filter(|rows| *rows != there) {
            let message = format!("it has {}, not {rows}", counted(there, "row"));
            self.say(Severity::Error, code::STG065, key, message, hint.map(str::to_owned));
        }
        if let Some((commit, table, part)) = committed {
            let schema = footer.schema();
            let differs = table.columns.iter().find(|column| match schema.field_with_name(&column.name) {
                // What was adopted is read as one table, whatever each of its files says.
                Ok(field) => !commit.is_adopted() && *field.data_type() != column.arrow,
                Err(_) => !commit.is_adopted() && !query::stands_in_path(&part.path, &column.name),
            });
            if let Some(column) = differs {
                let message = format!("its column `{}` is not the one that was committed", column.name);
                self.say(Severity::Error, code::STG065, key, message, hint.map(str::to_owned));
            }
        }
        Some(there)
    }

    /// Reads a CSV file back as what was committed.
    fn csv(&self, key: &Key, table: &CommittedTable, part: &Part, hint: Option<String>) {
        let mut rows = 0;
        let batches = match query::part(&self.found.partition, part, &table.columns) {
            Ok(batches) => batches,
            Err(error) => return self.say(Severity::Error, code::STG064, key, error.to_string(), hint),
        };
        for batch in batches {
            match batch {
                Ok(batch) => rows += batch.num_rows() as u64,
                Err(error) => {
                    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
                    return self.say(Severity::Error, code::STG064, key, format!("{error}{cause}"), hint);
                }
            }
            if self.cancel.is_cancelled() {
                return;
            }
        }
        if rows != part.rows {
            let message = format!("it has {}, not {}", counted(rows, "row"), part.rows);
            self.say(Severity::Error, code::STG065, key, message, hint);
        }
    }

    fn leftovers(&self) {
        let left = match self.found.partition.leftovers() {
            Ok(left) => left,
            Err(error) => return self.trouble(&error),
        };
        for leftover in left.files {
            let message = match leftover.why {
                Why::Unnamed => "no version names it, and nobody is writing it",
                Why::Replaced => "a newer version took its place",
                Why::Withdrawn => "it was withdrawn",
                Why::Trial => "a check that was killed left it",
            };
            self.say(Severity::Warning, code::STG068, &leftover.key, message.into(), None);
        }
    }

    /// Which layer it is of.
    pub(super) const fn layer(&self) -> Layer {
        self.found.layer
    }
}
