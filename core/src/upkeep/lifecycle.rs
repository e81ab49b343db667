//! Rules with which an object store removes old Bronze by itself, as its service takes them.
//!
//! Such a rule knows ages of files and nothing else, so it is given only for what nothing needs.

use serde_json::{Value, json};

use crate::api::wire::{Lifecycle, LifecycleProvider, Note, NoteLevel};
use crate::bronze::BronzeTable;
use crate::config::settings::{Dataset, StorageSettings};
use crate::world::World;

/// Days after which uploads that were begun and never ended are removed.
const ABANDONED_DAYS: u32 = 7;

/// The rules for those of the datasets that have a retention. `force`: also where Silver needs what goes.
pub(crate) fn lifecycle(world: &World, datasets: &[&Dataset], provider: LifecycleProvider, force: bool) -> Lifecycle {
    let mut notes = Vec::new();
    let mut note = |message: String| notes.push(Note { level: NoteLevel::Warning, code: None, message });
    let mut rules = Vec::new();
    for dataset in datasets {
        let Some(days) = dataset.bronze.retention_days else { continue };
        if dataset.silver.is_some() && !force {
            note(format!(
                "{} has no rule: Silver is made of its Bronze, and a rule cannot know of which",
                dataset.name
            ));
            continue;
        }
        let prefix = format!("{}/", BronzeTable::of(dataset, world).folder());
        rules.push(match provider {
            LifecycleProvider::S3 => s3(dataset, &prefix, days),
            LifecycleProvider::Azure => azure(dataset, &prefix, days),
        });
    }
    if !rules.is_empty() {
        note(
            "a rule removes files by their own age, also of a partition that was run again later and also the newest"
                .into(),
        );
    }
    let rules = match provider {
        LifecycleProvider::S3 => json!({ "Rules": rules }),
        LifecycleProvider::Azure => json!({ "rules": rules }),
    };
    Lifecycle { rules: serde_json::to_string_pretty(&rules).unwrap_or_default(), notes }
}

/// Letters, digits and hyphens, which both services take.
fn name(dataset: &Dataset) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    format!("medallion-bronze-{}", dataset.name.chars().map(plain).collect::<String>())
}

fn s3(dataset: &Dataset, prefix: &str, days: u32) -> Value {
    json!({
        "ID": name(dataset),
        "Filter": { "Prefix": prefix },
        "Status": "Enabled",
        "Expiration": { "Days": days },
        "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": ABANDONED_DAYS },
    })
}

fn azure(dataset: &Dataset, prefix: &str, days: u32) -> Value {
    // There the container is the first part of a prefix.
    let container = match &dataset.bronze.storage {
        StorageSettings::Azure { container, .. } => format!("{container}/"),
        _ => String::new(),
    };
    json!({
        "name": name(dataset),
        "enabled": true,
        "type": "Lifecycle",
        "definition": {
            "filters": { "blobTypes": ["blockBlob"], "prefixMatch": [format!("{container}{prefix}")] },
            "actions": { "baseBlob": { "delete": { "daysAfterModificationGreaterThan": days } } },
        },
    })
}
