//! `source.file`: a file, or several.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::ScalarText;
use super::platform::VariableText;
use crate::config::settings;

/// A file to read, or several that are read as one.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileOptions {
    /// The file. Relative paths start at the folder of this config; `{run_date}` stands for the
    /// date of the run. Addresses name files of object stores: `s3://bucket/key`, `gs://bucket/key`,
    /// `az://container/key`, `abfss://container@account.dfs.core.windows.net/key`; they are reached by
    /// `s3_connection`, `gcs_connection` or `azure_connection` of `platform.bronze`, else of `platform`.
    /// Addresses of the web name one file each: `https://host/path`.
    /// Several files: a pattern (`*`, `?`, `[a-z]`; `**` for any folders), or a folder with `/`
    /// behind it. Files packed by gzip, Zstandard, bzip2 or zip are unpacked while they are read.
    /// Example: `./data/orders_{run_date}.csv` or `./data/**/*.csv.gz`.
    #[schemars(required, extend("x-form" = "file_path", "examples" = ["./data/orders_{run_date}.csv"]))]
    pub(crate) path: Option<String>,
    /// Addresses of the web: headers of every request. Secrets belong in `header_env_vars`. Example:
    /// `{Accept-Language: en}`.
    #[schemars(extend("x-advanced" = true, "x-key-form" = "header", "examples" = [{ "Accept-Language": "en" }]))]
    pub(crate) headers: Option<IndexMap<String, ScalarText>>,
    /// Addresses of the web: headers whose values are secrets: header name to the name of the environment
    /// variable that holds its value. They go to the host of the address, not to others it redirects to.
    /// Example: `{Authorization: FILES_AUTHORIZATION}`.
    #[schemars(with = "Option<IndexMap<String, VariableText>>", extend("x-advanced" = true, "x-env" = true, "x-key-form" = "header", "examples" = [{ "Authorization": "FILES_AUTHORIZATION" }]))]
    pub(crate) header_env_vars: Option<IndexMap<String, String>>,
    /// Zip archives: only the files whose names fit this pattern. Default: all. Example: `*.csv`.
    #[schemars(length(min = 1), extend("x-advanced" = true, "examples" = ["*.csv"]))]
    pub(crate) member: Option<String>,
    /// A further column that receives the name of the file each record came from, from where the pattern
    /// or the folder begins. Example: `source_file`.
    #[schemars(length(min = 1), extend("x-advanced" = true, "examples" = ["source_file"]))]
    pub(crate) file_name_column: Option<String>,
    /// Format of the file. Default: by its suffix.
    pub(crate) format: Option<FormatOption>,
    /// CSV and TSV: the one ASCII character between fields. Default: `,`, for TSV the tab. Example: `;` or `"\t"`.
    #[schemars(extend("x-form" = "delimiter", "x-when" = { "key": "format", "in": ["csv", "tsv"] }, "examples" = [";", "|", "\t"]))]
    pub(crate) delimiter: Option<String>,
    /// Text formats: encoding of the file. Default: `utf-8`. Example: `latin1` or `utf-16le`.
    #[schemars(extend("x-form" = "encoding", "x-when" = { "key": "format", "in": ["csv", "tsv", "fixed_width", "json", "jsonl"] }, "default" = "utf-8", "examples" = ["latin1", "windows-1252", "utf-16le"]))]
    pub(crate) encoding: Option<String>,
    /// CSV, TSV, fixed width and Excel: whether the first record names the columns. Default: `true`.
    #[schemars(extend("x-when" = { "key": "format", "in": ["csv", "tsv", "fixed_width", "excel"] }, "default" = true))]
    pub(crate) has_header: Option<bool>,
    /// CSV, TSV, fixed width and Excel with `has_header: false`: the names of the columns, in order. Example: `[id, name]`.
    #[schemars(length(min = 1), inner(length(min = 1)), extend("uniqueItems" = true, "x-when" = { "key": "format", "in": ["csv", "tsv", "fixed_width", "excel"] }, "examples" = [["id", "name"]]))]
    pub(crate) fieldnames: Option<Vec<String>>,
    /// Fixed width: how many characters each field has, in order. Blanks around values are not part of them.
    /// Example: `[6, 20, 8]`.
    #[schemars(length(min = 1), inner(range(min = 1)), extend("x-when" = { "key": "format", "in": ["fixed_width"] }, "examples" = [[6, 20, 8]]))]
    pub(crate) widths: Option<Vec<u32>>,
    /// Excel and OpenDocument: name of the sheet. Default: the first. Example: `Orders`.
    #[schemars(length(min = 1), extend("x-when" = { "key": "format", "in": ["excel"] }, "examples" = ["Orders"]))]
    pub(crate) sheet: Option<String>,
    /// JSON: dotted path to the list of records. Default: the document itself. Example: `result.items`.
    #[schemars(length(min = 1), extend("x-when" = { "key": "format", "in": ["json"] }, "examples" = ["result.items"]))]
    pub(crate) json_path: Option<String>,
    /// Only these columns, in this order. Default: all. Example: `[id, name]`.
    #[schemars(length(min = 1), inner(length(min = 1)), extend("uniqueItems" = true, "x-column" = "source", "examples" = [["id", "name"]]))]
    pub(crate) columns: Option<Vec<String>>,
    /// Stop after this many records, for trials. Default: no limit. Example: `1000`.
    #[schemars(range(min = 1), extend("x-advanced" = true, "examples" = [1000]))]
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
    /// Lines whose fields have fixed `widths`.
    #[serde(rename = "fixed_width")]
    FixedWidth,
    /// One JSON document: a list of objects, or one object.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// A sheet of an Excel or OpenDocument file (`.xlsx`, `.xlsm`, `.xlsb`, `.xls`, `.ods`).
    Excel,
    /// Apache Parquet.
    Parquet,
}

impl From<FormatOption> for settings::FileFormat {
    fn from(option: FormatOption) -> Self {
        match option {
            FormatOption::Csv => Self::Csv,
            FormatOption::Tsv => Self::Tsv,
            FormatOption::FixedWidth => Self::FixedWidth,
            FormatOption::Json => Self::Json,
            FormatOption::Jsonl => Self::Jsonl,
            FormatOption::Excel => Self::Excel,
            FormatOption::Parquet => Self::Parquet,
        }
    }
}
