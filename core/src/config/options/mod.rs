//! The configuration as it is written: one file per section, every key optional.
//!
//! The doc comment of a key is its reference and its hover text, and with it the JSON Schema that
//! [`super::check`] walks. What a key must be, beyond its type, stands in `x-` annotations:
//!
//! * `x-form`: the text has a form, one of [`super::forms`].
//! * `x-replaced-by` with `x-code`: a deprecated key that is read as another.
//! * `x-unavailable`: known, but this version cannot act on it: `error`, `warning`, or a list of
//!   values.
//! * `x-sections`: which value of which key chooses which section.
//!
//! These types never leave `config`; [`super::resolve`] makes settings of them.

#![expect(dead_code, reason = "keys that this version checks, but does not act on")]

mod api;
mod db;
mod file;
mod platform;
mod run;
mod silver;
mod source;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

pub(crate) use file::{FileOptions, FormatOption};
pub(crate) use platform::{BronzeOptions, OutputDefaults, PlatformOptions};
pub(crate) use run::RunOptions;
pub(crate) use silver::{DeleteGuard, ModelOption, ProfileOption, RulingOption, SilverOptions};
pub(crate) use source::{SourceEntry, SourceKind, SourceOptions};

use super::settings;

/// Configuration of Medallion Workbench: where datasets come from, how they land in Bronze, how
/// they are promoted to Silver.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Medallion Workbench configuration", extend("patternProperties" = {"^x-": {}}))]
pub(crate) struct RootOptions {
    /// Edition of the configuration language. There is one: `1`.
    #[schemars(range(min = 1, max = 1))]
    pub(crate) config_version: Option<u32>,
    /// Where Bronze and Silver are stored. Default: folders beside this file.
    pub(crate) platform: Option<PlatformOptions>,
    /// The datasets.
    pub(crate) sources: Option<Vec<SourceEntry>>,
    /// A join of two Silver datasets.
    #[schemars(extend("x-unavailable" = "warning"))]
    pub(crate) silver_join: Option<Json>,
    /// A file, or a list of files, whose settings this one builds on. Paths start at the folder of this
    /// file. Mappings merge key by key, single values and lists of this file replace those of the other,
    /// and entries of `sources` merge where both have the same `name`. For example `extends: ../_base.yaml`.
    pub(crate) extends: Option<Parents>,
    /// Datasets in the intent form (`entity_kind`, `history_mode`, …).
    #[schemars(extend("x-unavailable" = "error"))]
    pub(crate) datasets: Option<Json>,
}

/// One file or several.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub(crate) enum Parents {
    /// One.
    One(#[schemars(length(min = 1))] String),
    /// Several; a later one counts more.
    Many(#[schemars(inner(length(min = 1)))] Vec<String>),
}

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
    /// Zstandard, level 3: small and fast.
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
#[derive(Clone, Debug, Default)]
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
