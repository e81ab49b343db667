//! From the rows of a load's input to what is written: which reading a model needs, and what it makes
//! of the rows of each key. The rules themselves are in [`super::fold`] and [`super::timeline`].

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use arrow::error::ArrowError;
use chrono::{DateTime, NaiveDate};

use super::SilverError;
use super::collect::{Collect, Fingerprints, GivenBounds, Shard};
use super::events::{self, EventCounts, EventRules, Role};
use super::fold::{FullCount, Operation};
use super::latest;
use super::order::{Composite, OrderEncoding, OrderKind, OrderValue, Pair};
use super::picks::{ChangeKind, Listing, Picks};
use super::prepare::Shape;
use super::scan::{Bucket, Findings, Reader, Scan};
use super::timeline::{self, Day, Fingerprint, Given, KeyRow, Timeline, TimelineRules};
use crate::bronze::Landed;
use crate::cancel::CancelToken;
use crate::config::settings::{DeleteMode, InputMode, LoadPattern, SilverModel, SilverSettings};

/// Bytes that a row takes beside its order value and what is kept of its values: its key, its place among
/// those of its key, and what is picked of it.
const BESIDE_ROW: usize = 80;
/// Threads that take rows at most.
const MAX_TAKERS: usize = 8;

/// What is to be decided.
pub(crate) struct Deciding<'a> {
    /// The columns.
    pub(crate) shape: &'a Shape<'a>,
    /// The config.
    pub(crate) settings: &'a SilverSettings,
    /// How the dataset lands.
    pub(crate) pattern: LoadPattern,
    /// The date of the load.
    pub(crate) date: NaiveDate,
    /// The input.
    pub(crate) partitions: &'a [Landed],
    /// How order values are read.
    pub(crate) order: &'a OrderEncoding,
    /// Whether deletes are left out of account.
    pub(crate) ignores_deletes: bool,
    /// Threads that read.
    pub(crate) threads: NonZeroUsize,
    /// Bytes that may be held of keys at a time.
    pub(crate) memory: u64,
    /// Looked at between batches.
    pub(crate) cancel: &'a CancelToken,
}

/// What was decided.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    /// What is written.
    pub(crate) picks: Picks,
    /// What was found on the way.
    pub(crate) findings: Findings,
}

/// What the rows of a key become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Making {
    /// Versions over all partitions.
    Versions,
    /// Versions as the source brings them.
    GivenVersions,
    /// What the rows of the load's own partitions do.
    Changes,
    /// What the last partition changes against the one before.
    Difference,
    /// What the load's own partitions tell, as it is.
    Events,
}

/// The rows of a bucket.
struct Collected<O, V> {
    /// 00:00 of each partition's date as an order value.
    instants: Vec<Option<O>>,
    shards: Vec<Shard<O, V>>,
}

impl Deciding<'_> {
    /// Decides over all partitions of a load.
    pub(crate) fn decide(&self, progress: &mut dyn FnMut(u64)) -> Result<Decision, SilverError> {
        let mut findings = Findings::new(self.partitions);
        let brings_history = self.pattern == LoadPattern::CurrentHistory;
        // What the quick reading cannot do: keep what was deleted, or know of fulls that delete nothing.
        let whole = self.settings.delete_mode == Some(DeleteMode::TombstoneState) || self.ignores_deletes;
        let making = match self.settings.model {
            SilverModel::PeriodicSnapshot => None,
            SilverModel::FullMergeDedupe if brings_history => None,
            SilverModel::FullMergeDedupe | SilverModel::ScdType1 if !brings_history => {
                whole.then_some(Making::Versions)
            }
            SilverModel::ScdType1 | SilverModel::ScdType2 if brings_history => Some(Making::GivenVersions),
            SilverModel::ScdType2 => Some(Making::Versions),
            SilverModel::IncrementalMerge if self.pattern == LoadPattern::Full => Some(Making::Difference),
            SilverModel::IncrementalMerge => Some(Making::Changes),
            SilverModel::Event if !brings_history => Some(Making::Events),
            other => return Err(SilverError::Unavailable { model: other.as_str() }),
        };
        let picks = match making {
            None => Picks::Rows(latest::decide(self, &mut findings, progress)?),
            Some(making) => {
                let mut listing = Listing::new(self.partitions.len());
                let (all, found) = (&mut listing, &mut findings);
                match self.order.kind() {
                    OrderKind::One => self.buckets::<i64>(making, all, found, progress)?,
                    OrderKind::Two => self.buckets::<Pair>(making, all, found, progress)?,
                    OrderKind::Many => self.buckets::<Composite>(making, all, found, progress)?,
                }
                listing.finish()
            }
        };
        Ok(Decision { picks, findings })
    }

    /// A reading of the keys of `bucket`.
    pub(crate) fn scan<'s>(&'s self, bucket: Bucket, further: &'s [usize]) -> Scan<'s> {
        Scan {
            shape: self.shape,
            partitions: self.partitions,
            bucket,
            order: self.order,
            further,
            ignores_deletes: self.ignores_deletes,
            threads: self.threads,
            cancel: self.cancel,
        }
    }

    fn buckets<O: OrderValue>(
        &self,
        making: Making,
        listing: &mut Listing,
        findings: &mut Findings,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), SilverError> {
        let row = size_of::<KeyRow<O, Fingerprint>>() + BESIDE_ROW;
        for bucket in Bucket::all(self.partitions, self.memory, row) {
            self.bucket::<O>(making, bucket, listing, findings, progress)?;
        }
        Ok(())
    }

    fn bucket<O: OrderValue>(
        &self,
        making: Making,
        bucket: Bucket,
        listing: &mut Listing,
        findings: &mut Findings,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), SilverError> {
        if making == Making::GivenVersions {
            let bounds = self.shape.given_bounds();
            let columns: Vec<usize> = bounds.into_iter().flatten().collect();
            let reader = GivenBounds::new(self.shape, bounds);
            let collected = self.collect::<O, Given>(bucket, &columns, &reader, findings, progress)?;
            return self.given(collected, listing);
        }
        // Where every row is a change, whether it changed something is not asked.
        let columns = if making == Making::Changes { Vec::new() } else { self.shape.compared() };
        let reader = Fingerprints::new(self.shape, &columns).map_err(compute)?;
        let collected = self.collect::<O, Fingerprint>(bucket, &columns, &reader, findings, progress)?;
        if making == Making::Difference {
            return self.difference(collected, listing, findings);
        }
        if making == Making::Events {
            return self.events(collected, listing, findings);
        }
        let rules = self.rules(&collected.instants);
        let tombstones = self.settings.delete_mode == Some(DeleteMode::TombstoneState);
        let begin = || (self.listing(), Timeline::new(rules.clone()));
        let each = |(listing, timeline): &mut (Listing, Timeline<O>), shard: &Shard<O, Fingerprint>| {
            shard.each_key(|rows| {
                let events = timeline.events(rows);
                if making == Making::Versions {
                    timeline::versions(events, tombstones, |version| {
                        listing.version(version.at, version.from, version.to, version.deleted);
                    });
                } else {
                    let own = |partition: u32| {
                        let landed = &self.partitions[partition as usize];
                        landed.date == self.date && landed.pattern == LoadPattern::Cdc
                    };
                    timeline::changes(events, |at, kind| {
                        if own(at.partition) {
                            listing.change(at, kind);
                        }
                    });
                }
            });
        };
        let made = self.each_shard(collected.shards, begin, each, |(listing, _)| listing.sort())?;
        for (made, timeline) in made {
            listing.append(made);
            findings.order_ties += timeline.order_ties;
            for (number, count) in timeline.counts.iter().enumerate() {
                findings.count(number, *count);
            }
        }
        Ok(())
    }

    /// Threads that take rows; beyond a few, reading is what takes the time.
    pub(crate) fn takers(&self) -> usize {
        self.threads.get().min(MAX_TAKERS)
    }

    fn listing(&self) -> Listing {
        Listing::new(self.partitions.len())
    }

    fn collect<O: OrderValue, V: Clone + Send + Sync>(
        &self,
        bucket: Bucket,
        columns: &[usize],
        reader: &impl Reader<V>,
        findings: &mut Findings,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Collected<O, V>, SilverError> {
        let each = bucket.rows / self.takers() as u64;
        let mut takers: Vec<Collect<O, V>> = (0..self.takers()).map(|_| Collect::new(each)).collect();
        self.scan(bucket, columns).run(reader, &mut takers, findings, progress)?;
        let instants = takers.first().map(|taker| taker.instants.clone()).unwrap_or_default();
        Ok(Collected { instants, shards: takers.into_iter().flat_map(Collect::into_shards).collect() })
    }

    /// Works on all shards, each once, on all threads; gives what each thread made of its shards, in no
    /// particular order.
    fn each_shard<O: Send, V: Send, R: Send>(
        &self,
        shards: Vec<Shard<O, V>>,
        begin: impl Fn() -> R + Sync,
        each: impl Fn(&mut R, &Shard<O, V>) + Sync,
        end: impl Fn(&mut R) + Sync,
    ) -> Result<Vec<R>, SilverError> {
        let waiting = Mutex::new(shards.into_iter());
        let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
        let work = || {
            let mut made = begin();
            while let Some(shard) = next().filter(|_| !self.cancel.is_cancelled()) {
                each(&mut made, &shard);
            }
            end(&mut made);
            made
        };
        let made = std::thread::scope(|scope| {
            let others: Vec<_> = (1..self.threads.get()).map(|_| scope.spawn(work)).collect();
            let mut made = vec![work()];
            made.extend(others.into_iter().map(|other| match other.join() {
                Ok(made) => made,
                Err(panic) => std::panic::resume_unwind(panic),
            }));
            made
        });
        if self.cancel.is_cancelled() { Err(SilverError::Cancelled) } else { Ok(made) }
    }

    fn rules<O: OrderValue>(&self, instants: &[Option<O>]) -> TimelineRules<O> {
        let day = |(landed, instant): (&Landed, &Option<O>)| Day {
            is_full: landed.pattern == LoadPattern::Full,
            instant: instant.clone(),
            midnight: self.order.midnight(landed.date),
        };
        let days: Vec<Day<O>> = self.partitions.iter().zip(instants).map(day).collect();
        let fulls = (0..).zip(&days).filter(|(_, day)| day.is_full).map(|(number, _)| number).collect();
        TimelineRules {
            temporal: self.order.is_temporal(),
            per_microsecond: self.order.per_microsecond(),
            absence_deletes: !self.ignores_deletes,
            days,
            fulls,
        }
    }

    fn events<O: OrderValue>(
        &self,
        collected: Collected<O, Fingerprint>,
        listing: &mut Listing,
        findings: &mut Findings,
    ) -> Result<(), SilverError> {
        let roles = Role::of_all(self.partitions, self.date);
        // Numbers tell no day: what came with a partition is of its date then.
        let timezone = self.shape.timezone();
        let day = |order: &O| {
            let micros = order.first().div_euclid(self.order.per_microsecond());
            let instant = DateTime::from_timestamp_micros(micros).filter(|_| self.order.is_temporal())?;
            Some(instant.with_timezone(&timezone).date_naive())
        };
        let rules = EventRules {
            roles: &roles,
            day: if self.settings.input_mode == InputMode::ReplaceDaily { Some(&day) } else { None },
            tombstones: self.settings.delete_mode == Some(DeleteMode::TombstoneEvent),
        };
        let made = self.each_shard(
            collected.shards,
            || (self.listing(), EventCounts::default()),
            |(listing, counts), shard| {
                shard.each_key(|rows| {
                    counts.add(events::events(rows, &rules, |at, deleted| listing.version(at, None, None, deleted)));
                });
            },
            |(listing, _)| listing.sort(),
        )?;
        for (made, counts) in made {
            listing.append(made);
            findings.order_ties += counts.order_ties;
            findings.events.get_or_insert_default().add(counts);
        }
        Ok(())
    }

    fn given<O: OrderValue>(&self, collected: Collected<O, Given>, listing: &mut Listing) -> Result<(), SilverError> {
        let midnight = self.order.midnight(self.date);
        let start = |order: &O| order.first().div_euclid(self.order.per_microsecond());
        let made = self.each_shard(
            collected.shards,
            || self.listing(),
            |listing, shard| {
                shard.each_key(|rows| {
                    timeline::given_versions(rows, start, midnight, |version| {
                        listing.version(version.at, version.from, version.to, false);
                    });
                });
            },
            Listing::sort,
        )?;
        for made in made {
            listing.append(made);
        }
        Ok(())
    }

    /// The last partition against the one before, if there is one: a row that is new or has other
    /// values is a change, and of a key that is gone its last row is.
    fn difference<O: OrderValue>(
        &self,
        collected: Collected<O, Fingerprint>,
        listing: &mut Listing,
        findings: &mut Findings,
    ) -> Result<(), SilverError> {
        let own = u32::try_from(self.partitions.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let begin = || (self.listing(), FullCount::default());
        let each = |(listing, count): &mut (Listing, FullCount), shard: &Shard<O, Fingerprint>| {
            shard.each_key(|rows| {
                let last = |is_own: bool| {
                    let rows = rows.iter().filter(|row| (row.at.partition == own) == is_own);
                    // Of equal ones the last.
                    let last = rows.max_by(|one, other| one.order.cmp(&other.order));
                    last.filter(|row| row.operation != Operation::Delete)
                };
                let here = rows.iter().any(|row| row.at.partition == own);
                let (before, after) = (last(false), last(true));
                count.live_before += u64::from(before.is_some());
                count.kept += u64::from(before.is_some() && here);
                count.live_after += u64::from(after.is_some());
                match (before, after) {
                    (None, Some(row)) => listing.change(row.at, ChangeKind::Insert),
                    (Some(before), Some(row)) if before.value != row.value => {
                        listing.change(row.at, ChangeKind::Update);
                    }
                    (Some(row), None) if !self.ignores_deletes => listing.change(row.at, ChangeKind::Delete),
                    _ => {}
                }
            });
        };
        let made = self.each_shard(collected.shards, begin, each, |(listing, _)| listing.sort())?;
        for (made, count) in made {
            listing.append(made);
            findings.count(own as usize, count);
        }
        Ok(())
    }
}

fn compute(source: ArrowError) -> SilverError {
    SilverError::Compute { partition: String::new(), source }
}
