//! Values that several sections share: names of columns, codecs, texts that may be written as numbers.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use crate::config::settings;

/// Parquet codecs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum CompressionOption {
    /// No compression.
    None,
    /// Fast, the default.
    Snappy,
    /// GZIP: smaller, slow.
    Gzip,
    /// Brotli: small, slow to write.
    Brotli,
    /// LZ4 (raw): fastest.
    Lz4,
    /// Zstandard, by default level 3: small and fast.
    Zstd,
}

impl From<CompressionOption> for settings::Compression {
    fn from(option: CompressionOption) -> Self {
        match option {
            CompressionOption::None => Self::None,
            CompressionOption::Snappy => Self::Snappy,
            CompressionOption::Gzip => Self::Gzip,
            CompressionOption::Brotli => Self::Brotli,
            CompressionOption::Lz4 => Self::Lz4,
            CompressionOption::Zstd => Self::Zstd,
        }
    }
}

/// A column name, or a list of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Columns(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Json::deserialize(deserializer)? {
            Json::String(one) => Ok(Self(vec![one])),
            Json::Array(many) => {
                Ok(Self(many.into_iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()))
            }
            _ => Err(serde::de::Error::custom("a column or a list of columns")),
        }
    }
}

impl JsonSchema for Columns {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Columns".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [
                { "type": "string", "minLength": 1 },
                { "type": "array", "items": { "type": "string", "minLength": 1 }, "uniqueItems": true },
            ]
        })
    }
}

/// A text, or a list of them; repetitions mean something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TextOrList(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for TextOrList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Columns::deserialize(deserializer).map(|columns| Self(columns.0))
    }
}

impl JsonSchema for TextOrList {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TextOrList".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [
                { "type": "string", "minLength": 1 },
                { "type": "array", "items": { "type": "string" }, "minItems": 1 },
            ]
        })
    }
}

/// A text, a whole number, or `true` or `false`; kept as text. Fractions need quotes, so that `1.10`
/// stays `1.10`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ScalarText(pub(crate) String);

/// It may come from a variable, so it is not shown.
impl std::fmt::Debug for ScalarText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl<'de> Deserialize<'de> for ScalarText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Json::deserialize(deserializer)? {
            Json::String(text) => Ok(Self(text)),
            Json::Number(number) => Ok(Self(number.to_string())),
            Json::Bool(value) => Ok(Self(value.to_string())),
            _ => Err(serde::de::Error::custom("a text, a whole number, or true or false")),
        }
    }
}

impl JsonSchema for ScalarText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ScalarText".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, { "type": "integer" }, { "type": "boolean" }] })
    }
}

/// A percentage, or `off`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum DeleteGuard {
    /// At most this many percent.
    Percent(f64),
    /// No limit.
    Off,
}

impl<'de> Deserialize<'de> for DeleteGuard {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Json::deserialize(deserializer)?;
        match value.as_f64() {
            Some(percent) => Ok(Self::Percent(percent)),
            None if value.as_str() == Some("off") => Ok(Self::Off),
            None => Err(serde::de::Error::custom("a percentage or `off`")),
        }
    }
}

impl JsonSchema for DeleteGuard {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "DeleteGuard".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [{ "type": "number", "minimum": 0, "maximum": 100 }, { "type": "string", "enum": ["off"] }]
        })
    }
}
