//! Which Bronze partitions a load is made of, and the digests that tell whether it still is.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Needs, SilverError};
use crate::bronze::Landed;
use crate::config::settings::{Dataset, LoadPattern, Ruling, SilverSettings};
use crate::figures::hex;
use crate::publish::{Commit, Inventory, Unreadable};

/// Changes whenever the same input and config would give other rows.
const SEMANTICS: u32 = 1;

/// The partitions of a load, in order of arrival.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    /// Those that count.
    pub(crate) partitions: Vec<Landed>,
    /// Over everything that enters the rows.
    pub(crate) data_digest: String,
    /// Over every setting that enters the rows.
    pub(crate) config_digest: String,
}

impl Input {
    /// What a load of `date` is made of, given all that has landed.
    ///
    /// # Errors
    ///
    /// [`SilverError::NoBronze`] if nothing landed for the date itself, [`SilverError::Unreadable`] if
    /// a partition that may count cannot be read: a load without it would say that its rows never came.
    pub(crate) fn of(
        dataset: &Dataset,
        settings: &SilverSettings,
        landed: &Inventory<Landed>,
        date: NaiveDate,
    ) -> Result<Self, SilverError> {
        let skipped = |day: NaiveDate| settings.rulings.get(&day) == Some(&Ruling::Skip);
        // A snapshot is of one pattern, the configured one; a fold takes in whatever came.
        let own = |landed: &Landed| landed.date == date && landed.pattern == dataset.bronze.load_pattern;
        let needs = Needs::of(settings, dataset.bronze.load_pattern);
        let previous = landed.readable.iter().rev().find(|landed| {
            needs == Needs::OwnAndPrevious
                && landed.date < date
                && landed.pattern == LoadPattern::Full
                && !skipped(landed.date)
        });
        let takes = |landed: &&Landed| match needs {
            Needs::All => landed.date <= date && landed.pattern != LoadPattern::CurrentHistory,
            Needs::Own | Needs::OwnAndPrevious => own(landed),
        };
        let may_count = |unreadable: &&Unreadable| match unreadable.date {
            Some(day) if skipped(day) => false,
            Some(day) if day < date => match needs {
                Needs::Own => false,
                // It may be the one to compare with.
                Needs::OwnAndPrevious => previous.is_none_or(|previous| previous.date <= day),
                Needs::All => true,
            },
            Some(day) => day == date,
            None => true,
        };
        if let Some(Unreadable { id, error, .. }) = landed.unreadable.iter().find(may_count) {
            return Err(SilverError::Unreadable { partition: id.clone(), source: error.clone() });
        }
        if !landed.readable.iter().filter(takes).any(|landed| landed.date == date) {
            return Err(SilverError::NoBronze { date });
        }
        let mut partitions: Vec<Landed> =
            landed.readable.iter().filter(takes).filter(|landed| !skipped(landed.date)).cloned().collect();
        // Of several extracts of a day that are each the whole, the last one stands for the day.
        if needs != Needs::All && dataset.bronze.load_pattern != LoadPattern::Cdc {
            partitions.drain(..partitions.len().saturating_sub(1));
        }
        if partitions.is_empty() {
            return Err(SilverError::Skipped { date });
        }
        partitions.splice(..0, previous.cloned());
        let data_digest = digest(&partitions.iter().map(describe).collect::<Vec<_>>().into());
        let mut silver = serde_json::to_value(settings).unwrap_or_default();
        if let Some(keys) = silver.as_object_mut() {
            // These change no row: how carefully input is read, and rulings about later days.
            keys.remove("require_checksum");
            let rulings: BTreeMap<_, _> = settings.rulings.iter().filter(|(day, _)| **day <= date).collect();
            keys.insert("rulings".into(), json!(rulings));
        }
        let config_digest = digest(&sorted(json!({
            "semantics": SEMANTICS,
            "silver": silver,
            "load_pattern": dataset.bronze.load_pattern,
            "schema": dataset.bronze.schema,
            "timezone": dataset.bronze.timezone.name(),
        })));
        Ok(Self { partitions, data_digest, config_digest })
    }

    /// Whether `commit` was made of this.
    pub(crate) fn made(&self, commit: &Commit) -> bool {
        commit.text("input_digest") == Some(&self.data_digest)
            && commit.text("config_digest") == Some(&self.config_digest)
    }
}

/// What of a partition enters the rows.
fn describe(landed: &Landed) -> serde_json::Value {
    json!({ "id": landed.id, "date": landed.date, "pattern": landed.pattern, "content": landed.commit.content })
}

/// The value with the keys of its objects in order, so that their order in a config means nothing.
fn sorted(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(object) => {
            let ordered: BTreeMap<String, serde_json::Value> =
                object.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            ordered.into_iter().collect()
        }
        serde_json::Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

fn digest(value: &serde_json::Value) -> String {
    hex(&Sha256::digest(value.to_string().as_bytes()))
}

/// Partitions that the standing load was made of and that are gone now.
pub(crate) fn lost(standing: &Commit, landed: &Inventory<Landed>) -> Vec<String> {
    let known = standing.metadata.get("input").and_then(serde_json::Value::as_array);
    known
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.get("id")?.as_str())
        .filter(|id| landed.readable.iter().all(|landed| landed.id != *id))
        .filter(|id| landed.unreadable.iter().all(|unreadable| unreadable.id != *id))
        .map(str::to_owned)
        .collect()
}
