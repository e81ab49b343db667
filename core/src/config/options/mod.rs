//! The configuration as it is written: one file per section, every key optional.
//!
//! The doc comment of a key is its reference, its hover text and the help of its form field: what it
//! means, `Default:`, the unit, an example. Its first sentence stands alone. With it comes the JSON
//! Schema that [`super::check`] walks. What there is to know about a key beyond its type stands in
//! annotations, on the key unless said otherwise:
//!
//! * `default`: the value that counts when the key is not given, as JSON. Only where it is one fixed
//!   value; a default that depends on other keys is said in words.
//! * `examples`: values a person might write, as JSON.
//! * `x-advanced: true`: most people never touch it; forms show it on request.
//! * `x-env: true`: the value is the NAME of an environment variable, never the secret itself.
//! * `x-column`: the value, or each value of the list, names a column: `"source"` as the source and
//!   Bronze call it, `"silver"` as it is called after `rename_map`.
//! * `x-key-column`: the same of the keys of a map.
//! * `x-long: true`: a text of several lines, such as a query.
//! * `x-form`: the text has a form, one of [`super::forms`]; `file_path` and `folder` name files.
//! * `x-key-form`: the same of the keys of a map.
//! * `x-when`: `{"key": "type", "in": ["offset"]}`: the key has a meaning only where the key `key`
//!   beside it has one of these values (its `default` counts where it is not given). Completion and
//!   forms leave it out elsewhere; the check says so only where a rule does.
//! * `x-sections`, on a section: which value of which of its keys chooses which section in it.
//! * `x-replaced-by` with `x-code`: a deprecated key that is read as another.
//!
//! These types never leave `config`; [`super::resolve`] makes settings of them.

#![expect(dead_code, reason = "what is only checked, or only documented by the schema")]

mod api;
mod connection;
mod custom;
mod db;
mod file;
mod incremental;
mod join;
mod platform;
mod run;
mod scalars;
mod silver;
mod source;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

pub(crate) use api::{
    ApiOptions, AuthType, BodyFormat, CursorOptions, CursorType, GrantType, HmacAlgorithm, HmacEncoding, HmacOptions,
    HttpTlsOptions, Method, Oauth2Options, PaginationOptions, PaginationType, ParamLocation, ParentOptions,
    SecretLocation, Sigv4Options, WindowOptions,
};
pub(crate) use connection::{AzureConnectionOptions, GcsConnectionOptions, S3ConnectionOptions};
pub(crate) use custom::{CustomOptions, ProtocolOption};
pub(crate) use db::{DbOptions, Driver, IsolationOption, ParamsOption, TlsMode};
pub(crate) use file::{FileOptions, FormatOption};
pub(crate) use incremental::{ApiIncremental, BoundOption, DbIncremental, NullCursorOption};
pub(crate) use join::{JoinFormat, JoinOptions, JoinSideOptions, JoinTypeOption, KeysOption, SelectOption};
pub(crate) use platform::{
    Backend, BronzeOptions, CloudProvider, OutputDefaults, PartitionStrategyOption, PlatformOptions, ProviderType,
    SilverStorageOptions, StorageMetadata, StorageScope, WebhookOptions, WebhookWhen,
};
pub(crate) use run::{ReferenceOptions, ReferenceRoleOption, RunOptions};
pub(crate) use scalars::{Columns, CompressionOption, DeleteGuard, ScalarText, TextOrList};
pub(crate) use silver::{
    CheckOption, DeleteModeOption, EntityKindOption, ExpectOptions, HistoryModeOption, InputModeOption, ModelOption,
    OnFailOption, ProfileOption, RulingOption, SchemaModeOption, SilverOptions, TableFormat,
};
pub(crate) use source::{SourceEntry, SourceKind, SourceOptions};

/// The newest edition of the configuration language that this program knows.
pub(crate) const NEWEST_VERSION: u32 = 1;

/// Configuration of Medallion Workbench: where datasets come from, how they land in Bronze, how
/// they are promoted to Silver.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Medallion Workbench configuration", extend("patternProperties" = {"^x-": {}}))]
pub(crate) struct RootOptions {
    /// Edition of the configuration language that this file is written in. There is one: `1`.
    #[schemars(range(min = 1, max = 1), extend("x-newest" = "an edition of the configuration language", "examples" = [1]))]
    pub(crate) config_version: Option<u32>,
    /// Where Bronze and Silver are stored. Default: folders beside this file.
    pub(crate) platform: Option<PlatformOptions>,
    /// The datasets.
    pub(crate) sources: Option<Vec<SourceEntry>>,
    /// A join of two Silver datasets into a third; `medallion join` makes it.
    pub(crate) silver_join: Option<JoinOptions>,
    /// A file, or a list of files, whose settings this one builds on; a later one counts more. Relative
    /// paths start at the folder of this file. Mappings merge key by key, single values and lists of this
    /// file replace those of the other, and entries of `sources` merge where both have the same `name`.
    /// Example: `../_base.yaml`.
    #[schemars(extend("x-form" = "file_path", "examples" = ["../_base.yaml", ["./_storage.yaml", "./_team.yaml"]]))]
    pub(crate) extends: Option<TextOrList>,
    /// Datasets in the intent form (`entity_kind`, `history_mode`, …). Each is read as an entry of
    /// `sources`; `medallion migrate` rewrites it as one.
    #[schemars(extend("x-advanced" = true))]
    pub(crate) datasets: Option<Json>,
}
