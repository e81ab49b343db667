//! `source.custom`: an extractor of your own.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::TextOrList;
use super::platform::VariableText;

/// An extractor of your own: a program that writes records to its standard output, or a Python class.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CustomOptions {
    /// The program and its arguments, as a list or as one text; no shell reads it. `{run_date}` stands
    /// for the date of the run, `{config_file}` and `{state_file}` for files with `config` and with the
    /// state of the run before, as JSON. Example: `[python3, ./extract_orders.py, --day, "{run_date}"]`.
    #[schemars(extend("examples" = [["python3", "./extract_orders.py"], "tap-github --config tap.json"]))]
    pub(crate) command: Option<TextOrList>,
    /// Python module that has the class, in the place of `command`. Example: `extractors.orders`.
    #[schemars(length(min = 1), extend("examples" = ["extractors.orders"]))]
    pub(crate) module: Option<String>,
    /// Python class with a method `fetch_records(config, run_date)`, which gives a list of records and
    /// the next cursor. Example: `OrdersExtractor`.
    #[schemars(length(min = 1), extend("examples" = ["OrdersExtractor"]))]
    pub(crate) class_name: Option<String>,
    /// What the program writes, one JSON value a line. Default: `jsonl`.
    #[schemars(extend("default" = "jsonl"))]
    pub(crate) protocol: Option<ProtocolOption>,
    /// Singer: the stream to land. Default: the table of the source.
    #[schemars(length(min = 1), extend("x-when" = { "key": "protocol", "in": ["singer"] }, "examples" = ["issues"]))]
    pub(crate) stream: Option<String>,
    /// Folder in which the program starts; relative paths start at the folder of this file. Default: that folder.
    #[schemars(extend("x-form" = "folder", "x-advanced" = true, "examples" = ["./extractors"]))]
    pub(crate) working_dir: Option<String>,
    /// Variables that the program sees besides `PATH`, `HOME` and the locale: its name of a variable to
    /// the name of yours. Example: `{TOKEN: GITHUB_TOKEN}`.
    #[schemars(with = "Option<IndexMap<String, VariableText>>", extend("x-env" = true, "x-key-form" = "variable", "examples" = [{ "TOKEN": "GITHUB_TOKEN" }]))]
    pub(crate) env_vars: Option<IndexMap<String, String>>,
    /// The program goes on where it ended: the last STATE that it wrote (of a Python class: the next
    /// cursor) is kept with what was committed and given to it the next time, and its records are added
    /// to those of the runs before. Default: `false`, each run gives everything.
    #[schemars(extend("default" = false))]
    pub(crate) stateful: Option<bool>,
    /// Whatever the extractor itself wants to be told; it is passed on as it is.
    pub(crate) config: Option<IndexMap<String, Json>>,
}

/// What a program writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum ProtocolOption {
    /// Each line is a record.
    Jsonl,
    /// Each line is a Singer message: SCHEMA, RECORD or STATE.
    Singer,
}
