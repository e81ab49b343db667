//! `source.file`: a file on this machine.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::settings;

/// A file to read.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileOptions {
    /// The file. Relative paths start at the folder of this config; `{run_date}` stands for the
    /// date of the run, for example `./data/orders_{run_date}.csv`.
    #[schemars(required, extend("x-form" = "file_path"))]
    pub(crate) path: Option<String>,
    /// Format of the file. Default: by its suffix.
    pub(crate) format: Option<FormatOption>,
    /// CSV and TSV: the one ASCII character between fields, for example `;` or `"\t"`. Default: `,`, for TSV the tab.
    #[schemars(extend("x-form" = "delimiter"))]
    pub(crate) delimiter: Option<String>,
    /// Text formats: encoding of the file, for example `latin1` or `utf-16le`. Default: `utf-8`.
    #[schemars(extend("x-form" = "encoding"))]
    pub(crate) encoding: Option<String>,
    /// CSV and TSV: whether the first record names the columns. Default: `true`.
    pub(crate) has_header: Option<bool>,
    /// CSV and TSV with `has_header: false`: the names of the columns, in order.
    #[schemars(length(min = 1), inner(length(min = 1)), extend("uniqueItems" = true))]
    pub(crate) fieldnames: Option<Vec<String>>,
    /// JSON: dotted path to the list of records, for example `result.items`. Default: the document itself.
    #[schemars(length(min = 1))]
    pub(crate) json_path: Option<String>,
    /// Only these columns, in this order. Default: all.
    #[schemars(length(min = 1), inner(length(min = 1)), extend("uniqueItems" = true))]
    pub(crate) columns: Option<Vec<String>>,
    /// Stop after this many records, for trials. Default: no limit.
    #[schemars(range(min = 1))]
    pub(crate) limit_rows: Option<u64>,
}

/// Formats of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum FormatOption {
    /// Comma-separated (or another delimiter), RFC 4180.
    Csv,
    /// Tab-separated, otherwise as CSV.
    Tsv,
    /// One JSON document: a list of objects, or one object.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

impl From<FormatOption> for settings::FileFormat {
    fn from(option: FormatOption) -> Self {
        match option {
            FormatOption::Csv => Self::Csv,
            FormatOption::Tsv => Self::Tsv,
            FormatOption::Json => Self::Json,
            FormatOption::Jsonl => Self::Jsonl,
            FormatOption::Parquet => Self::Parquet,
        }
    }
}
