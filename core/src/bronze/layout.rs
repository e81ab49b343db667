//! Where Bronze partitions are: `[prefix/]system=<s>/table=<t>/[pattern=<p>/][dt=YYYY-MM-DD/]`, then for
//! several extracts of a day `hour=HH`, `batch=YYYYMMDD_HHMM` or `batch_id=<id>`.
//!
//! Owns the paths and finding what stands there; reads commits, never parts.

use std::sync::Arc;

use chrono::{DateTime, MappedLocalTime, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;

use crate::config::settings::{Dataset, LoadPattern, PartitionStrategy};
use crate::publish::{COMMITS, Commit, Inventory, Partition, PublishError, Unreadable};
use crate::storage::hive;
use crate::storage::together::together;
use crate::storage::{self, Key, Place, Store};
use crate::world::World;

/// The Bronze of one dataset.
#[derive(Clone, Debug)]
pub(crate) struct BronzeTable {
    store: Arc<dyn Store>,
    folder: Key,
    pattern: LoadPattern,
    use_pattern_folder: bool,
    /// In the place of the load pattern.
    pattern_folder: Option<String>,
    use_dt_partition: bool,
    strategy: PartitionStrategy,
    batch_id: Option<String>,
    timezone: Tz,
}

/// What an extract is for, and when it was begun: where it lands follows from that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Occasion<'a> {
    /// The run date.
    pub(crate) date: NaiveDate,
    /// When the run began.
    pub(crate) began: DateTime<Utc>,
    /// Its id; `None` for a run that is only thought of.
    pub(crate) run_id: Option<&'a str>,
}

/// What stands in a folder, if that can be read, and the folders below it.
type Look = (Result<Option<Landed>, PublishError>, Vec<Key>);

/// A committed Bronze partition.
#[derive(Clone, Debug)]
pub(crate) struct Landed {
    /// Its path below the table's folder; empty without pattern and date folders.
    pub(crate) id: String,
    /// The run date it stands for.
    pub(crate) date: NaiveDate,
    /// What its rows mean.
    pub(crate) pattern: LoadPattern,
    /// Where it is.
    pub(crate) partition: Partition,
    /// The version that stands.
    pub(crate) commit: Commit,
}

impl BronzeTable {
    /// The Bronze of `dataset`.
    pub(crate) fn of(dataset: &Dataset, world: &World) -> Self {
        let bronze = &dataset.bronze;
        let folder = Key::root()
            .join(&bronze.prefix)
            .join(&format!("system={}", hive::escape(&dataset.system)))
            .join(&format!("table={}", hive::escape(&dataset.table)));
        Self {
            store: storage::open(&bronze.storage, world),
            folder,
            pattern: bronze.load_pattern,
            use_pattern_folder: bronze.use_pattern_folder,
            pattern_folder: bronze.pattern_folder.clone(),
            use_dt_partition: bronze.use_dt_partition,
            strategy: bronze.partition_strategy,
            batch_id: bronze.batch_id.clone(),
            timezone: bronze.timezone,
        }
    }

    /// The store it is in.
    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The folder below which its partitions are.
    pub(crate) fn folder(&self) -> &Key {
        &self.folder
    }

    /// The folder below which its partitions are, absolute.
    pub(crate) fn place(&self) -> Place {
        self.store.place(&self.folder)
    }

    /// The partition that a run writes.
    pub(crate) fn partition(&self, of: Occasion<'_>) -> Partition {
        let mut id = self.day(of.date, self.pattern);
        if let Some(part) = self.part_of_day(of) {
            id = format!("{id}/{part}");
        }
        self.at(&self.folder.join(&id))
    }

    /// The path of a partition, as commits record it.
    pub(crate) fn id(&self, partition: &Partition) -> String {
        partition.base().below(&self.folder).unwrap_or_default().to_owned()
    }

    /// The part of the path that stands for the pattern and the date.
    fn day(&self, date: NaiveDate, pattern: LoadPattern) -> String {
        let mut id = String::new();
        if self.use_pattern_folder {
            let own = self.pattern_folder.as_deref().filter(|_| pattern == self.pattern);
            id = format!("pattern={}", hive::escape(own.unwrap_or(pattern.as_str())));
        }
        if self.use_dt_partition {
            id = format!("{id}{}dt={date}", if id.is_empty() { "" } else { "/" });
        }
        id
    }

    /// The folder of one of several extracts of a day, if there may be several.
    fn part_of_day(&self, of: Occasion<'_>) -> Option<String> {
        let name = self.name_of_part()?;
        let began = of.began.with_timezone(&self.timezone);
        let hour = hour(&began);
        let value = match self.strategy {
            PartitionStrategy::Date => return None,
            PartitionStrategy::Hourly => hour,
            PartitionStrategy::Timestamp => began.format(&format!("%Y%m%d_{hour}%M")).to_string(),
            PartitionStrategy::BatchId => match (&self.batch_id, of.run_id) {
                (Some(id), _) => hive::escape(id),
                (None, Some(run)) => {
                    format!("{}_{}", began.format(&format!("%Y%m%d_{hour}%M%S")), run.get(..8).unwrap_or(run))
                }
                (None, None) => format!("{}_…", began.format(&format!("%Y%m%d_{hour}%M%S"))),
            },
        };
        Some(format!("{name}{value}"))
    }

    /// How the folder of one of several extracts of a day begins.
    const fn name_of_part(&self) -> Option<&'static str> {
        if !self.use_dt_partition {
            return None;
        }
        match self.strategy {
            PartitionStrategy::Date => None,
            PartitionStrategy::Hourly => Some("hour="),
            PartitionStrategy::Timestamp => Some("batch="),
            PartitionStrategy::BatchId => Some("batch_id="),
        }
    }

    /// Whether a partition is where today's layout has those of its date and pattern.
    fn is_at_home(&self, landed: &Landed) -> bool {
        let Some(part) = landed.id.strip_prefix(&self.day(landed.date, landed.pattern)) else { return false };
        match self.name_of_part() {
            None => part.is_empty(),
            Some(name) => part.trim_start_matches('/').strip_prefix(name).is_some_and(|value| !value.contains('/')),
        }
    }

    fn at(&self, folder: &Key) -> Partition {
        Partition::new(self.store.clone(), folder.clone(), folder.clone(), vec![folder.clone()])
    }

    /// Every committed partition over all pattern folders, in order of arrival: by date, `full`
    /// before `cdc`, then by hour or batch bytewise; beside them those that cannot be read.
    pub(crate) fn landed(&self) -> Result<Inventory<Landed>, PublishError> {
        let mut inventory = Inventory { readable: Vec::new(), unreadable: Vec::new() };
        self.find(&self.folder, &mut inventory)?;
        let Inventory { readable: mut found, unreadable } = inventory;
        // After a change of layout folders of both may stand for one date: those of today's count.
        let mut counts: Vec<bool> = Vec::new();
        for landed in &found {
            let same = |other: &&Landed| other.date == landed.date && other.pattern == landed.pattern;
            counts.push(self.is_at_home(landed) || !found.iter().filter(same).any(|other| self.is_at_home(other)));
        }
        let mut counts = counts.into_iter();
        found.retain(|_| counts.next().unwrap_or(true));
        found.sort_by(|a, b| {
            (a.date, a.pattern != LoadPattern::Full, &a.id).cmp(&(b.date, b.pattern != LoadPattern::Full, &b.id))
        });
        Ok(Inventory { readable: found, unreadable })
    }

    /// The committed partition of the greatest date, of several the last, without a look at the others. `None`: there is none
    /// that can be read.
    pub(crate) fn newest(&self) -> Option<Landed> {
        self.newest_below(&self.folder)
    }

    fn newest_below(&self, folder: &Key) -> Option<Landed> {
        let mut entries = self.store.list(folder).ok()?;
        if entries.iter().any(|entry| entry.folder && entry.name == COMMITS) {
            return self.read(folder).ok().flatten();
        }
        entries.retain(|entry| entry.folder && entry.name.contains('='));
        entries.sort_by(|a, b| b.name.cmp(&a.name));
        let (dated, others): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| entry.name.starts_with("dt="));
        let dated = dated.iter().find_map(|entry| self.newest_below(&folder.join(&entry.name)));
        let others = others.iter().filter_map(|entry| self.newest_below(&folder.join(&entry.name)));
        dated.into_iter().chain(others).max_by(|a, b| (a.date, &a.id).cmp(&(b.date, &b.id)))
    }

    /// Looks into folders level by level, into many of a level at once.
    fn find(&self, folder: &Key, found: &mut Inventory<Landed>) -> Result<(), PublishError> {
        let mut level = vec![folder.clone()];
        while !level.is_empty() {
            let looks = together(&level, |folder| self.look(folder));
            let mut below = Vec::new();
            for (folder, look) in level.iter().zip(looks) {
                let (landed, folders) = look?;
                match landed {
                    Ok(landed) => found.readable.extend(landed),
                    Err(error) => found.unreadable.push(self.unreadable(folder, error)),
                }
                below.extend(folders);
            }
            level = below;
        }
        found.unreadable.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(())
    }

    /// What stands in a folder, and the folders in it that may have partitions.
    fn look(&self, folder: &Key) -> Result<Look, PublishError> {
        let entries = self.store.list(folder)?;
        let folders: Vec<_> = entries.iter().filter(|entry| entry.folder).collect();
        let committed = folders.iter().any(|entry| entry.name == COMMITS);
        let landed = if committed { self.read(folder) } else { Ok(None) };
        let below = folders.iter().filter(|entry| entry.name.contains('=')).map(|entry| folder.join(&entry.name));
        Ok((landed, below.collect()))
    }

    fn unreadable(&self, folder: &Key, error: PublishError) -> Unreadable {
        let id = folder.below(&self.folder).unwrap_or_default().to_owned();
        let date = id.split('/').find_map(|segment| segment.strip_prefix("dt=")?.parse().ok());
        Unreadable { id, date, partition: self.at(folder), error: Arc::new(error) }
    }

    fn read(&self, folder: &Key) -> Result<Option<Landed>, PublishError> {
        let partition = self.at(folder);
        let Some(commit) = partition.latest()? else { return Ok(None) };
        let date = commit.text("run_date").and_then(|text| text.parse().ok());
        let pattern = commit.text("load_pattern").and_then(LoadPattern::parse);
        let id = folder.below(&self.folder).unwrap_or_default().to_owned();
        // A folder that says otherwise is a copy somebody made, and a commit without these fields is
        // no Bronze of ours.
        let says = |name: &str| {
            id.split('/').find_map(|segment| segment.strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
        };
        let moved = match commit.text("partition") {
            Some(recorded) => recorded != id,
            None => {
                says("dt").is_some_and(|dt| dt.parse().ok() != date)
                    || says("pattern").is_some_and(|folder| LoadPattern::parse(&folder) != pattern)
            }
        };
        if moved {
            return Ok(None);
        }
        Ok(date.zip(pattern).map(|(date, pattern)| Landed { id, date, pattern, partition, commit }))
    }
}

/// The hour as clocks show it. When they go back, an hour comes twice: the second time it is `02B`,
/// which stands behind all of `02` and before `03`, so that nothing is replaced and the order is kept.
fn hour(time: &DateTime<Tz>) -> String {
    let hour = time.format("%H");
    match time.timezone().from_local_datetime(&time.naive_local()) {
        MappedLocalTime::Ambiguous(_, second) if second == *time => format!("{hour}B"),
        _ => hour.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{Key, RealDisk, local};

    fn table(strategy: PartitionStrategy) -> BronzeTable {
        BronzeTable {
            store: local(std::path::Path::new("/nowhere"), Arc::new(RealDisk)),
            folder: Key::root().join("system=s/table=t"),
            pattern: LoadPattern::Cdc,
            use_pattern_folder: true,
            pattern_folder: None,
            use_dt_partition: true,
            strategy,
            batch_id: None,
            timezone: Tz::Europe__Berlin,
        }
    }

    fn id(table: &BronzeTable) -> String {
        let began = "2025-03-01T22:07:05Z".parse().unwrap_or_default();
        let date = NaiveDate::from_ymd_opt(2025, 3, 2).unwrap_or_default();
        table.id(&table.partition(Occasion { date, began, run_id: Some("0123456789abcdef") }))
    }

    #[test]
    fn an_hour_that_comes_twice_is_two_and_the_order_of_arrival_stays() {
        for strategy in [PartitionStrategy::Hourly, PartitionStrategy::Timestamp, PartitionStrategy::BatchId] {
            let table = table(strategy);
            let paths: Vec<String> = [
                "2025-10-25T23:50:00Z",
                "2025-10-26T00:45:00Z",
                "2025-10-26T01:15:00Z",
                "2025-10-26T02:00:00Z",
                "2025-10-26T02:59:00Z",
            ]
            .iter()
            .map(|began| {
                let began = began.parse().unwrap_or_default();
                let date = NaiveDate::from_ymd_opt(2025, 10, 26).unwrap_or_default();
                table.id(&table.partition(Occasion { date, began, run_id: Some("0123456789abcdef") }))
            })
            .collect();
            let mut sorted = paths.clone();
            sorted.sort();
            assert_eq!(sorted, paths);
            let names: Vec<&str> =
                paths.iter().filter_map(|path| path.rsplit_once('=')).map(|(_, name)| name).collect();
            match strategy {
                PartitionStrategy::Hourly => assert_eq!(names, ["01", "02", "02B", "03", "03"]),
                PartitionStrategy::Timestamp => assert_eq!(
                    names,
                    ["20251026_0150", "20251026_0245", "20251026_02B15", "20251026_0300", "20251026_0359"]
                ),
                _ => assert_eq!(names[2], "20251026_02B1500_01234567"),
            }
        }
    }

    #[test]
    fn where_an_extract_lands_follows_from_its_date_and_the_clock_of_its_zone() {
        use PartitionStrategy::{BatchId, Date, Hourly, Timestamp};
        assert_eq!(id(&table(Date)), "pattern=cdc/dt=2025-03-02");
        assert_eq!(id(&table(Hourly)), "pattern=cdc/dt=2025-03-02/hour=23");
        assert_eq!(id(&table(Timestamp)), "pattern=cdc/dt=2025-03-02/batch=20250301_2307");
        assert_eq!(id(&table(BatchId)), "pattern=cdc/dt=2025-03-02/batch_id=20250301_230705_01234567");
        let named = BronzeTable { batch_id: Some("a/b".into()), ..table(BatchId) };
        assert_eq!(id(&named), "pattern=cdc/dt=2025-03-02/batch_id=a%2Fb");
        let own = BronzeTable { pattern_folder: Some("deltas 2025".into()), ..table(Hourly) };
        assert_eq!(id(&own), format!("pattern={}/dt=2025-03-02/hour=23", hive::escape("deltas 2025")));
        let plain = BronzeTable { use_pattern_folder: false, ..table(Hourly) };
        assert_eq!(id(&plain), "dt=2025-03-02/hour=23");
        let undated = BronzeTable { use_dt_partition: false, ..table(Hourly) };
        assert_eq!(id(&undated), "pattern=cdc");
    }
}
