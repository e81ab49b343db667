//! Where records come from.

use std::path::PathBuf;

use chrono::NaiveDate;
use indexmap::IndexMap;
use serde::Serialize;

use super::{ApiSource, DbSource, DeclaredType, EnvVar, Secret, StorageSettings};

/// Where records come from.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Source {
    /// A file.
    File(FileSource),
    /// A REST API.
    Api(Box<ApiSource>),
    /// A database.
    Db(Box<DbSource>),
    /// An extractor of somebody's own.
    Custom(CustomSource),
}

impl Source {
    /// As written in configs.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::Api(_) => "api",
            Self::Db(_) => "db",
            Self::Custom(_) => "custom",
        }
    }
    /// What is read, as a person would name it.
    pub(crate) fn location(&self, run_date: NaiveDate) -> String {
        match self {
            Self::File(file) => file.location(run_date),
            Self::Api(api) => format!("{}{}", api.base_url, api.endpoint),
            Self::Db(db) => db.location(),
            Self::Custom(custom) => match &custom.program {
                Program::Command(words) => words.first().cloned().unwrap_or_default(),
                Program::Python { module, class_name } => format!("{module}.{class_name}"),
            },
        }
    }
}

/// `source.file`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FileSource {
    /// Absolute, or a key of a store, with `{run_date}` still in it. Not part of what the config means: it
    /// moves with the folder.
    #[serde(skip)]
    pub(crate) path: PathBuf,
    /// `None`: on this machine.
    #[serde(skip)]
    pub(crate) elsewhere: Option<Elsewhere>,
    /// Whether the path ends with `/`: all files in that folder.
    #[serde(skip)]
    pub(crate) is_folder: bool,
    /// As the user wrote it, for messages and metadata.
    pub(crate) path_as_written: String,
    /// Archives: only files whose names fit this pattern.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) member: Option<String>,
    /// Column that receives the name of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file_name_column: Option<String>,
    /// `None`: from the file's suffix.
    pub(crate) format: Option<FileFormat>,
    /// CSV and TSV: one ASCII byte. `None`: `,`, or tab for TSV.
    pub(crate) delimiter: Option<u8>,
    /// A label of the WHATWG Encoding Standard; `utf-8` by default.
    pub(crate) encoding: String,
    /// CSV and TSV: whether the first record names the columns.
    pub(crate) has_header: bool,
    /// CSV and TSV without header: the column names.
    pub(crate) fieldnames: Option<Vec<String>>,
    /// Fixed width: characters of each field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) widths: Option<Vec<usize>>,
    /// Excel: name of the sheet. `None`: the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sheet: Option<String>,
    /// JSON: dotted path to the list of records.
    pub(crate) json_path: Option<String>,
    /// Only these, in this order. `None`: all.
    pub(crate) columns: Option<Vec<String>>,
    /// Stop after this many readable records.
    pub(crate) limit_rows: Option<u64>,
}

impl FileSource {
    /// Whether there is another file for each date.
    pub(crate) fn is_dated(&self) -> bool {
        self.path_as_written.contains("{run_date}")
            || self.path.to_str().is_some_and(|path| path.contains("{run_date}"))
    }
    /// Whether it stands at an address of the web, where nothing is listed.
    pub(crate) const fn is_web(&self) -> bool {
        matches!(self.elsewhere, Some(Elsewhere::Web { .. }))
    }
    /// The path as the user wrote it, with the date filled in.
    pub(crate) fn location(&self, run_date: NaiveDate) -> String {
        self.path_as_written.replace("{run_date}", &run_date.to_string())
    }
}

/// Where files are that are not on this machine.
#[derive(Clone, Debug)]
pub(crate) enum Elsewhere {
    /// In an object store.
    Store(Box<StorageSettings>),
    /// At an address of the web; the path of the source is that address.
    Web {
        /// Headers of every request.
        headers: IndexMap<String, Secret>,
        /// Headers whose values stand in variables.
        header_env_vars: IndexMap<String, EnvVar>,
    },
}

/// Formats of a file source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FileFormat {
    /// Comma-separated (or another delimiter), RFC 4180.
    Csv,
    /// Tab-separated, otherwise as CSV.
    Tsv,
    /// Lines whose fields have fixed widths.
    #[serde(rename = "fixed_width")]
    FixedWidth,
    /// One JSON document: a list of objects, or one object.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// A sheet of an Excel or OpenDocument file.
    Excel,
    /// Apache Parquet.
    Parquet,
}

/// Extracting only what is new.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Incremental {
    /// Column or field whose greatest value is the next cursor.
    pub(crate) cursor: String,
    /// API: parameter that carries it.
    pub(crate) param: Option<String>,
    /// API: parameter that carries the upper bound.
    pub(crate) end_param: Option<String>,
    /// By which cursors are compared. `None`: the type of the column.
    pub(crate) cursor_type: Option<DeclaredType>,
    /// Cursor of the first run.
    pub(crate) initial_value: Option<String>,
    /// Nothing at or after this.
    pub(crate) end_value: Option<String>,
    /// How far before the cursor a run starts: seconds, days or units; at least 0.
    pub(crate) lag: f64,
    /// Whether what stands at the cursor comes again.
    pub(crate) closed: bool,
    /// What is done with records without a cursor.
    pub(crate) null_cursor: NullCursor,
    /// Tell records at a closed bound apart, as the source calls them; empty: the whole record.
    pub(crate) boundary_keys: Vec<String>,
}

/// What is done with records without a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NullCursor {
    /// They land.
    Include,
    /// They are left out, and counted.
    Exclude,
    /// The extract fails.
    Fail,
}

/// `source.custom`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct CustomSource {
    /// What is started.
    pub(crate) program: Program,
    /// What it writes.
    pub(crate) protocol: Protocol,
    /// Singer: the stream to land.
    pub(crate) stream: String,
    /// Absolute folder in which it starts.
    #[serde(skip)]
    pub(crate) working_dir: PathBuf,
    /// Its names of variables, and ours.
    pub(crate) env_vars: IndexMap<String, EnvVar>,
    /// Passed on as it is: JSON.
    pub(crate) config: Secret,
    /// Set where the program goes on from the state that it told last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) incremental: Option<Incremental>,
}

impl CustomSource {
    /// What the program writes; our own runner of Python classes writes messages.
    pub(crate) const fn messages(&self) -> Protocol {
        match self.program {
            Program::Python { .. } => Protocol::Singer,
            Program::Command(_) => self.protocol,
        }
    }
}

/// What is started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Program {
    /// A program with its arguments, `{run_date}` still in them; not empty.
    Command(Vec<String>),
    /// A Python class.
    Python {
        /// Its module.
        module: String,
        /// Its name.
        class_name: String,
    },
}

/// What a program writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Protocol {
    /// Each line is a record.
    Jsonl,
    /// Each line is a Singer message.
    Singer,
}
