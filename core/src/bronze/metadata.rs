//! What a Bronze commit records besides its files, and the copies of it for other tools.
//!
//! `_metadata.json` and `_checksums.json` keep the fields that the Python original wrote.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Content, Landing};
use crate::event::Note;
use crate::publish::{hex, timestamp};

/// The digest of what a config says about a source and its landing: the same for the same meaning.
fn fingerprint(landing: &Landing<'_>) -> String {
    let meaning = json!({ "source": &landing.dataset.source, "bronze": &landing.dataset.bronze });
    hex(&Sha256::digest(meaning.to_string().as_bytes()))
}

pub(super) fn of(landing: &Landing<'_>, content: &Content, notes: &[Note], now: DateTime<Utc>) -> Value {
    let (dataset, settings) = (landing.dataset, &landing.dataset.bronze);
    let date = landing.date.to_string();
    let pattern = settings.load_pattern.as_str();
    let time = timestamp(now);
    let table = &content.table;
    let part_count = table.readable().count();
    let rejected = content.errors.as_ref().map_or(0, |errors| errors.table.rows);
    let (schema, files) = (table.schema_json(), table.files_json());
    let seconds = (now - landing.started).num_milliseconds() as f64 / 1000.0;
    json!({
        "layer": "bronze",
        "dataset": dataset.name,
        "run_date": date,
        "load_pattern": pattern,
        "notes": notes,
        "metadata": {
            "timestamp": time,
            "run_id": landing.run_id,
            "attempt": landing.attempt,
            "record_count": table.rows,
            "chunk_count": part_count,
            "rejected_count": rejected,
            "batch_timestamp": timestamp(landing.started),
            "run_date": date,
            "system": dataset.system,
            "table": dataset.table,
            "config_name": dataset.name,
            "config_fingerprint": fingerprint(landing),
            "partition_path": format!("{}/", landing.partition.base()),
            "file_formats": { "csv": settings.formats.csv, "parquet": settings.formats.parquet },
            "load_pattern": pattern,
            "reference_mode": null,
            "source": content.source,
            "schema": schema,
            "duration_seconds": seconds,
        },
        "checksums": {
            "timestamp": time,
            "run_id": landing.run_id,
            "load_pattern": pattern,
            "files": files,
            "system": dataset.system,
            "table": dataset.table,
            "run_date": date,
            "config_name": dataset.name,
            "schema": schema,
            "stats": { "record_count": table.rows, "chunk_count": part_count, "artifact_count": table.parts.len() },
        },
    })
}
