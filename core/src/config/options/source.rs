//! `sources[]`: one dataset.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{ApiOptions, CustomOptions, DbOptions, FileOptions, RunOptions, SilverOptions};

/// One dataset: where it comes from, how it lands, how it is promoted.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceEntry {
    /// Name of the dataset, unique in this file; `--source` selects by it. Default: `<system>.<table>`.
    /// Example: `orders`.
    #[schemars(extend("x-form" = "title", "examples" = ["orders"]))]
    pub(crate) name: Option<String>,
    /// Where records come from and how they land in Bronze.
    #[schemars(required)]
    pub(crate) source: Option<SourceOptions>,
    /// How the dataset is promoted to Silver. Without it there is Bronze only.
    pub(crate) silver: Option<SilverOptions>,
}

/// Where records come from.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-sections" = {
    "key": "type",
    "values": { "api": "api", "db": "db", "file": "file", "custom": "custom" },
    "required": true,
}))]
pub(crate) struct SourceOptions {
    /// Kind of source; the section of the same name describes it.
    #[serde(rename = "type")]
    #[schemars(required)]
    pub(crate) kind: Option<SourceKind>,
    /// System that the data comes from: `system=<s>` in Bronze paths. Example: `crm`.
    #[schemars(required, extend("x-form" = "name", "examples" = ["crm"]))]
    pub(crate) system: Option<String>,
    /// Table of that system: `table=<t>` in Bronze paths. Example: `orders`.
    #[schemars(required, extend("x-form" = "name", "examples" = ["orders"]))]
    pub(crate) table: Option<String>,
    /// A REST API.
    pub(crate) api: Option<ApiOptions>,
    /// A database query or table.
    pub(crate) db: Option<DbOptions>,
    /// A file of records.
    pub(crate) file: Option<FileOptions>,
    /// An extractor of your own: a program, or a Python class.
    pub(crate) custom: Option<CustomOptions>,
    /// How the extract behaves and lands.
    pub(crate) run: Option<RunOptions>,
    /// Team that owns the source. It stands in the metadata of Bronze. Example: `crm-platform`.
    #[schemars(length(min = 1), extend("x-advanced" = true, "examples" = ["crm-platform"]))]
    pub(crate) owner_team: Option<String>,
    /// Whom to ask about the source. It stands in the metadata of Bronze. Example: `crm@example.com`.
    #[schemars(length(min = 1), extend("x-advanced" = true, "examples" = ["crm@example.com"]))]
    pub(crate) owner_contact: Option<String>,
}

/// Kinds of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum SourceKind {
    /// A REST API, described by `api`.
    Api,
    /// A database, described by `db`.
    Db,
    /// A file, described by `file`.
    File,
    /// An extractor of your own, described by `custom`.
    Custom,
}
