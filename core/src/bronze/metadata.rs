//! What a Bronze commit records besides its files, and the copies of it for other tools.
//!
//! `_metadata.json` and `_checksums.json` keep the fields that the Python original wrote.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Content, Landing};
use crate::event::Note;
use crate::figures::hex;
use crate::publish::{Commit, timestamp};

/// The digest of what a config says about a source and its landing: the same for the same meaning.
fn fingerprint(landing: &Landing<'_>) -> String {
    let meaning = json!({ "source": &landing.dataset.source, "bronze": &landing.dataset.bronze });
    hex(&Sha256::digest(meaning.to_string().as_bytes()))
}

/// `standing`: what the content is added to; the metadata is of both.
pub(super) fn of(
    landing: &Landing<'_>,
    content: &Content,
    standing: Option<&Commit>,
    notes: &[Note],
    now: DateTime<Utc>,
) -> Value {
    let (dataset, settings) = (landing.dataset, &landing.dataset.bronze);
    let date = landing.date.to_string();
    let pattern = settings.load_pattern.as_str();
    let time = timestamp(now);
    let before = standing.and_then(|commit| commit.tables.first());
    let mut table = before.cloned().unwrap_or_else(|| content.table.clone());
    if before.is_some() {
        // Other columns are refused when it is committed.
        table.take(content.table.clone());
    }
    let part_count = table.readable().count();
    let rejected = content.errors.as_ref().map_or(0, |errors| errors.table.rows) + standing.map_or(0, Commit::rejected);
    let (schema, files) = (table.schema_json(), table.files_json());
    let seconds = (now - landing.started).num_milliseconds() as f64 / 1000.0;
    json!({
        "layer": "bronze",
        "dataset": dataset.name,
        "run_date": date,
        "partition": landing.id,
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
            "owner_team": settings.owner.team,
            "owner_contact": settings.owner.contact,
            "source": content.source,
            "schema": schema,
            "duration_seconds": seconds,
            // Seconds of work by kind, added up over threads.
            "timings": {
                "read": content.reading.read.as_secs_f64(),
                "parse": content.reading.parse.as_secs_f64(),
                "encode": content.writing.encode.as_secs_f64(),
                "hash": content.writing.hash.as_secs_f64(),
                "write": content.writing.write.as_secs_f64(),
                "sync": content.writing.finish.as_secs_f64(),
            },
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
