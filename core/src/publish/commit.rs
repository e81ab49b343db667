//! The commit file: what a version is made of.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::leftovers::attempt_of;
use super::sums::Sums;
use crate::batch::Cursor;
use crate::figures::hex;

/// The edition of the commit file that is written: sealed JSON.
pub(crate) const FORMAT: u32 = 2;
/// Where the seal begins: the last field of the text.
const SEAL: &[u8] = b",\n  \"seal\": \"";

/// One version of a partition. The file is JSON; unknown fields of newer programs are ignored. Its last
/// field is a seal, the SHA-256 of the text before it, so that a changed bit is noticed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Commit {
    /// Edition of this file's form, see [`FORMAT`]. The first had no seal.
    pub(crate) format: u32,
    /// From 1, one more than the version before.
    pub(crate) version: u64,
    /// The attempt that made it; in the names of the parts it wrote.
    pub(crate) attempt: String,
    /// The run it belonged to.
    pub(crate) run_id: String,
    /// RFC 3339, UTC, microseconds.
    pub(crate) committed_at: String,
    /// SHA-256 over everything a reader can see of the content: equal digests, equal content.
    pub(crate) content: String,
    /// Why nothing stands, if that is what this version says; then there are no tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) void: Option<Void>,
    /// How far an incremental extract has come with this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cursor: Option<Cursor>,
    /// Bronze has one table, `data`; Silver one for each dataset.
    pub(crate) tables: Vec<CommittedTable>,
    /// Rejected rows, as a table of its own, if there are any.
    pub(crate) errors: Option<CommittedTable>,
    /// What the layer wants to know of it later.
    pub(crate) metadata: Value,
}

/// Why a version says that nothing stands. Readers take it for no version at all; its number is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Void {
    /// What it said holds no more, such as the bad rows of a load that was refused and then made.
    Withdrawn,
    /// It was older than it is kept.
    Retention,
    /// Nothing stood, and a silent attempt must not commit this number any more.
    Fence,
}

/// Why the text of a commit cannot be trusted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Damage {
    /// It is no commit.
    #[error(transparent)]
    Parse(#[from] serde_json::Error),
    /// It was changed after it was written, or half of it is missing.
    #[error("its text is not what was sealed")]
    Seal,
    /// It was copied from elsewhere.
    #[error("it says that it is version {0}")]
    Misplaced(u64),
}

/// A table of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CommittedTable {
    /// Its name.
    pub(crate) name: String,
    /// Rows.
    pub(crate) rows: u64,
    /// Columns, also where there is no part.
    pub(crate) columns: Vec<Column>,
    /// Parts in order. Where both formats are on, the rows stand in each: readers take Parquet.
    pub(crate) parts: Vec<Part>,
}

impl CommittedTable {
    /// The parts to read: Parquet if there is any, otherwise CSV. Never both.
    pub(crate) fn readable(&self) -> impl Iterator<Item = &Part> {
        let format = if self.parts.iter().any(|part| part.format == "parquet") { "parquet" } else { "csv" };
        self.parts.iter().filter(move |part| part.format == format)
    }
    /// Adds the rows of another part of the same table behind its own. Gives `false`, and changes
    /// nothing, if the columns differ.
    pub(crate) fn take(&mut self, other: Self) -> bool {
        let same = |(own, other): (&Column, &Column)| own.name == other.name && own.arrow == other.arrow;
        if self.columns.len() != other.columns.len() || !self.columns.iter().zip(&other.columns).all(same) {
            return false;
        }
        for (own, other) in self.columns.iter_mut().zip(&other.columns) {
            own.nulls_only &= other.nulls_only;
        }
        self.rows += other.rows;
        self.parts.extend(other.parts);
        true
    }
    /// Its columns, in the words of `_metadata.json`.
    pub(crate) fn schema_json(&self) -> Vec<Value> {
        self.columns.iter().map(|column| json!({ "name": column.name, "dtype": column.type_name })).collect()
    }
    /// Its parts, in the words of `_checksums.json`.
    pub(crate) fn files_json(&self) -> Vec<Value> {
        let file = |part: &Part| json!({ "path": part.path, "size_bytes": part.bytes, "sha256": part.sha256 });
        self.parts.iter().map(file).collect()
    }
    /// Bytes of all parts.
    pub(crate) fn bytes(&self) -> u64 {
        self.parts.iter().map(|part| part.bytes).sum()
    }
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: String,
    /// Its type as a person would write it: `integer`, `decimal(18,2)`, `timestamptz`.
    #[serde(rename = "type")]
    pub(crate) type_name: String,
    /// Its Arrow type, exactly, in the text form that Arrow prints and parses.
    #[serde(with = "arrow_text")]
    pub(crate) arrow: arrow::datatypes::DataType,
    /// Whether the config declared the type.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) declared: bool,
    /// Whether no value was seen, so that the type means nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) nulls_only: bool,
}

/// Arrow types as text.
mod arrow_text {
    use arrow::datatypes::DataType;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(data_type: &DataType, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(data_type)
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DataType, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A file of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    /// Below the partition's base.
    pub(crate) path: String,
    /// `parquet` or `csv`.
    pub(crate) format: String,
    /// Rows.
    pub(crate) rows: u64,
    /// Bytes.
    pub(crate) bytes: u64,
    /// SHA-256, lower-case hexadecimal.
    pub(crate) sha256: String,
    /// Sums of its blocks, by which pieces of it are checked. Commits of older programs have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) blocks: Option<Sums>,
}

impl Part {
    /// The path without the attempt's id: what the part is, whoever wrote it.
    pub(crate) fn nameless_path(&self) -> String {
        let name = self.path.rsplit_once('/').map_or(self.path.as_str(), |(_, name)| name);
        match self.path.rsplit_once('-').filter(|_| attempt_of(name).is_some()) {
            Some((stem, _)) => format!("{stem}.{}", self.format),
            // Adopted: it has no such id.
            None => self.path.clone(),
        }
    }
}

impl Commit {
    /// Its file: pretty JSON with the seal as the last field.
    pub(super) fn to_text(&self) -> Result<Vec<u8>, Damage> {
        let mut text = serde_json::to_vec_pretty(self)?;
        if text.ends_with(b"\n}") {
            text.truncate(text.len() - 2);
        }
        let seal = hex(&Sha256::digest(&text));
        text.extend_from_slice(SEAL);
        text.extend_from_slice(format!("{seal}\"\n}}").as_bytes());
        Ok(text)
    }

    /// Reads the file of version `version`.
    pub(super) fn from_text(text: &[u8], version: u64) -> Result<Self, Damage> {
        let commit: Self = serde_json::from_slice(text)?;
        let sealed = text.windows(SEAL.len()).rposition(|window| window == SEAL);
        let intact = match sealed {
            Some(at) => {
                let (body, rest) = (&text[..at], &text[at + SEAL.len()..]);
                rest == format!("{}\"\n}}", hex(&Sha256::digest(body))).as_bytes()
            }
            None => commit.format < FORMAT,
        };
        if !intact {
            return Err(Damage::Seal);
        }
        if commit.version != version {
            return Err(Damage::Misplaced(commit.version));
        }
        Ok(commit)
    }

    /// Whether its files were there before it, with names of their own.
    pub(crate) fn is_adopted(&self) -> bool {
        self.metadata.get("adopted") == Some(&Value::Bool(true))
    }

    /// Rows of all tables.
    pub(crate) fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }
    /// Parts of all tables.
    pub(crate) fn part_count(&self) -> u64 {
        self.tables.iter().map(|table| table.parts.len() as u64).sum()
    }
    /// Bytes of all tables.
    pub(crate) fn bytes(&self) -> u64 {
        self.tables.iter().map(CommittedTable::bytes).sum()
    }
    /// Rejected rows.
    pub(crate) fn rejected(&self) -> u64 {
        self.errors.as_ref().map_or(0, |table| table.rows)
    }
    /// Every file it names.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Part> {
        self.tables.iter().chain(&self.errors).flat_map(|table| &table.parts)
    }
    /// A text of its metadata.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.metadata.get(field)?.as_str()
    }
}

/// The digest of what a reader can see: tables, columns, parts by hash, rejected rows, and `meaning`
/// (what the layer adds to it, such as the load pattern). Names of attempts do not enter.
pub(crate) fn content_digest(tables: &[CommittedTable], errors: Option<&CommittedTable>, meaning: &str) -> String {
    let mut hasher = Sha256::new();
    let mut add = |text: &str| {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    add(meaning);
    for table in tables.iter().chain(errors) {
        add(&table.name);
        add(&table.rows.to_string());
        for column in &table.columns {
            add(&column.name);
            add(&column.arrow.to_string());
            add(if column.nulls_only { "nulls_only" } else { "" });
        }
        for part in &table.parts {
            add(&part.nameless_path());
            add(&part.sha256);
            add(&part.rows.to_string());
        }
    }
    hex(&hasher.finalize())
}

/// An instant as commits and metadata have it: RFC 3339, UTC, microseconds.
pub(crate) fn timestamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::datatypes::{DataType, Field, TimeUnit};

    use super::*;

    #[test]
    fn every_changed_bit_of_a_commit_is_noticed() {
        let part = Part {
            path: "part-0001-00112233445566ff.csv".into(),
            format: "csv".into(),
            rows: 2,
            bytes: 12,
            sha256: hex(&Sha256::digest(b"x")),
            blocks: None,
        };
        let table = CommittedTable { name: "data".into(), rows: 2, columns: Vec::new(), parts: vec![part] };
        let commit = Commit {
            format: FORMAT,
            version: 3,
            attempt: "00112233445566ff".into(),
            run_id: "r".into(),
            committed_at: "2025-01-01T00:00:00.000000Z".into(),
            content: content_digest(std::slice::from_ref(&table), None, ""),
            void: None,
            cursor: Some(Cursor {
                field: "id".into(),
                value: "7".into(),
                type_name: "integer".into(),
                boundary: Vec::new(),
            }),
            tables: vec![table],
            errors: None,
            metadata: json!({ "note": "a text with ,\n  \"seal\": \" in it", "seconds": 0.25 }),
        };
        let text = commit.to_text().unwrap();
        assert_eq!(Commit::from_text(&text, 3).unwrap(), commit);
        assert!(matches!(Commit::from_text(&text, 4), Err(Damage::Misplaced(3))));
        let mut flips = 0;
        for (byte, bit) in (0..text.len()).flat_map(|byte| (0..8).map(move |bit| (byte, bit))) {
            let mut flipped = text.clone();
            flipped[byte] ^= 1 << bit;
            assert!(Commit::from_text(&flipped, 3).is_err(), "byte {byte}, bit {bit}");
            flips += 1;
        }
        assert!(flips > 4_000, "{flips}");
        for length in 0..text.len() {
            assert!(Commit::from_text(&text[..length], 3).is_err(), "cut at {length}");
        }
        // The first edition had no seal.
        let mut first = serde_json::to_value(&commit).unwrap();
        first["format"] = json!(1);
        assert!(Commit::from_text(first.to_string().as_bytes(), 3).is_ok());
    }

    #[test]
    fn arrow_types_survive_as_text() {
        for data_type in [
            DataType::Utf8,
            DataType::LargeUtf8,
            DataType::Binary,
            DataType::Null,
            DataType::Boolean,
            DataType::Int64,
            DataType::Float64,
            DataType::Date32,
            DataType::Time64(TimeUnit::Microsecond),
            DataType::Timestamp(TimeUnit::Microsecond, None),
            DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())),
            DataType::Timestamp(TimeUnit::Millisecond, Some("Europe/Berlin".into())),
            DataType::Decimal128(38, 10),
            DataType::Decimal256(60, 2),
            DataType::List(Arc::new(Field::new("item", DataType::Int32, true))),
            DataType::Struct(vec![Field::new("a b", DataType::Utf8, true)].into()),
        ] {
            let column = Column {
                name: "c".into(),
                type_name: String::new(),
                arrow: data_type,
                declared: false,
                nulls_only: false,
            };
            let text = serde_json::to_string(&column).unwrap();
            assert_eq!(serde_json::from_str::<Column>(&text).unwrap(), column, "{text}");
        }
    }
}
