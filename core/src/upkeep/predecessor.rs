//! Files of the predecessor: held against its own `_checksums.json` and `_metadata.json`. Reads only.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::verify::Look;
use crate::api::wire::Severity;
use crate::diagnostic::code;
use crate::event::Layer;
use crate::figures::counted;
use crate::publish::Partition;
use crate::storage::{Key, StorageError};

/// Names of its two records.
pub(super) const METADATA: &str = "_metadata.json";
pub(super) const CHECKSUMS: &str = "_checksums.json";

/// What its `_checksums.json` says of files.
#[derive(Debug, Deserialize)]
pub(super) struct Manifest {
    /// In the order in which they were written.
    pub(super) files: Vec<Listed>,
}

/// One file of it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Listed {
    /// Its name, without folder.
    path: String,
    /// Bytes.
    pub(super) size_bytes: u64,
    /// Lower-case hexadecimal.
    pub(super) sha256: String,
}

impl Listed {
    /// Where it is, unless its name leads elsewhere.
    pub(super) fn key(&self, folder: &Key) -> Option<Key> {
        let plain = !self.path.is_empty() && !self.path.contains(['/', '\\']) && self.path != ".." && self.path != ".";
        plain.then(|| folder.join(&self.path))
    }
    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.path
    }
    /// `parquet` or `csv`; `None` for what has no rows.
    pub(super) fn format(&self) -> Option<&'static str> {
        ["parquet", "csv"].into_iter().find(|format| self.path.ends_with(&format!(".{format}")))
    }
}

/// Reads one of its records as JSON; `None` if it is not there.
pub(super) fn record(partition: &Partition, name: &str) -> Result<Option<Value>, String> {
    match partition.store().read(&partition.base().join(name)) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| error.to_string()),
        Err(StorageError::Missing { .. }) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

/// Holds the files of a folder without commits against the predecessor's records. Gives whether they
/// are the predecessor's at all.
pub(super) fn look(look: &Look<'_>) -> bool {
    if look.layer() == Layer::Silver {
        return false;
    }
    let partition = &look.found.partition;
    let base = partition.base();
    let strangers = partition.strangers(None).unwrap_or_default();
    let checksums = base.join(CHECKSUMS);
    let broken = |problem: String| look.say(Severity::Error, code::STG069, &checksums, problem, None);
    let manifest: Manifest = match record(partition, CHECKSUMS).map(|there| there.map(serde_json::from_value)) {
        Ok(Some(Ok(manifest))) => manifest,
        Ok(Some(Err(error))) => {
            broken(format!("it is no list of files: {error}"));
            return true;
        }
        Err(problem) => {
            broken(format!("it cannot be read: {problem}"));
            return true;
        }
        Ok(None) => {
            if !strangers.is_empty() {
                broken(format!("{} and neither commits nor checksums", counted(strangers.len() as u64, "data file")));
            }
            return false;
        }
    };
    let mut listed: BTreeMap<Key, &Listed> = BTreeMap::new();
    for file in &manifest.files {
        match file.key(base) {
            Some(key) => drop(listed.insert(key, file)),
            None => broken(format!("it lists `{}`, which is no file of this folder", file.name())),
        }
    }
    let (mut rows, mut parquet) = (0, false);
    for (key, file) in &listed {
        let Some(opened) = look.file(key, file.size_bytes, || None) else { continue };
        if !look.quick && look.hash(key).is_some_and(|hash| hash != file.sha256) {
            let message = "its SHA-256 is not the one that was recorded".to_owned();
            look.say(Severity::Error, code::STG062, key, message, None);
            continue;
        }
        if file.format() == Some("parquet") {
            parquet = true;
            rows += look.parquet(key, opened, None, None, None).unwrap_or(0);
        }
    }
    for key in strangers.into_iter().filter(|key| !listed.contains_key(key)) {
        // Fewer rows than before left the files of the longer extract, and its Silver counted them.
        let message = "`_checksums.json` does not list it".to_owned();
        look.say(Severity::Error, code::STG063, &key, message, None);
    }
    metadata(look, parquet.then_some(rows));
    true
}

fn metadata(look: &Look<'_>, rows: Option<u64>) {
    let key = look.found.partition.base().join(METADATA);
    match record(&look.found.partition, METADATA) {
        Ok(Some(metadata)) => {
            // Silver counts records before they were merged.
            let expected = metadata.get("record_count").and_then(Value::as_u64);
            let bronze = metadata.get("silver_model").is_none() && metadata.get("partition_path").is_some();
            if let (true, Some(rows), Some(expected)) = (bronze, rows, expected)
                && rows != expected
            {
                let message = format!("it says {}, the files have {rows}", counted(expected, "record"));
                look.say(Severity::Error, code::STG065, &key, message, None);
            }
        }
        Ok(None) => look.say(Severity::Warning, code::STG066, &key, "it is missing".into(), None),
        Err(problem) => look.say(Severity::Error, code::STG066, &key, format!("it cannot be read: {problem}"), None),
    }
}
