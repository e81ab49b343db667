//! The commit file: what a version is made of.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// One version of a partition. The file is JSON; unknown fields of newer programs are ignored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Commit {
    /// Edition of this file's form; 1.
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
    /// Bronze has one table, `data`; Silver one for each dataset.
    pub(crate) tables: Vec<CommittedTable>,
    /// Rejected rows, as a table of its own, if there are any.
    pub(crate) errors: Option<CommittedTable>,
    /// What the layer wants to know of it later.
    pub(crate) metadata: Value,
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
}

impl Part {
    /// The path without the attempt's id: what the part is, whoever wrote it.
    pub(crate) fn nameless_path(&self) -> String {
        let stem = self.path.rsplit_once('-').map_or(self.path.as_str(), |(stem, _)| stem);
        format!("{stem}.{}", self.format)
    }
}

impl Commit {
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

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::datatypes::{DataType, Field, TimeUnit};

    use super::*;

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
