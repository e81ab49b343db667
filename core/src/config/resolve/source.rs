//! Where records come from.

use indexmap::IndexMap;

use super::{Around, api, db, env_vars, storage};
use crate::config::forms;
use crate::config::options::{
    ApiIncremental, BoundOption, Columns, CustomOptions, DbIncremental, FileOptions, NullCursorOption, ProtocolOption,
    RunOptions, ScalarText, SilverOptions, SourceKind, SourceOptions,
};
use crate::config::settings::{
    CustomSource, Elsewhere, FileSource, Incremental, NullCursor, Program, Protocol, Secret, Source,
};

pub(super) fn source(
    options: &SourceOptions,
    silver: Option<&SilverOptions>,
    path_as_written: &str,
    around: Around<'_>,
) -> Option<Source> {
    let keys = || source_keys(silver);
    Some(match options.kind? {
        SourceKind::File => {
            let none = RunOptions::default();
            let run = options.run.as_ref().unwrap_or(&none);
            Source::File(file(options.file.as_ref()?, run, path_as_written, around)?)
        }
        SourceKind::Api => Source::Api(Box::new(api::api(options.api.as_ref()?, keys, around)?)),
        SourceKind::Db => Source::Db(Box::new(db::db(options.db.as_ref()?, keys, around)?)),
        SourceKind::Custom => Source::Custom(custom(options.custom.as_ref()?, options.table.as_deref()?, around)?),
    })
}

fn file(options: &FileOptions, run: &RunOptions, path_as_written: &str, around: Around<'_>) -> Option<FileSource> {
    let has_header = options.has_header.unwrap_or(true);
    // Without a header the declared columns name the fields, if nothing else does.
    let declared =
        || run.schema.as_ref().filter(|schema| !schema.is_empty()).map(|schema| schema.keys().cloned().collect());
    let path = options.path.as_ref()?;
    let (place, elsewhere) = match (forms::scheme(path), storage::address(path, around)) {
        (None, _) => (around.path(path), None),
        (Some(_), Some((settings, key))) => (key.into(), Some(Elsewhere::Store(Box::new(settings)))),
        (Some(_), None) => {
            let variables = options.header_env_vars.iter().flatten();
            let header_env_vars = variables.map(|(key, name)| (key.clone(), around.variable(name))).collect();
            (path.into(), Some(Elsewhere::Web { headers: secrets(options.headers.as_ref()), header_env_vars }))
        }
    };
    let is_web = matches!(elsewhere, Some(Elsewhere::Web { .. }));
    Some(FileSource {
        path: place,
        elsewhere,
        is_folder: !is_web && path.ends_with(['/', '\\']),
        member: options.member.clone(),
        file_name_column: options.file_name_column.clone(),
        // The query of an address may be a signature.
        path_as_written: if is_web { without_query(path_as_written) } else { path_as_written.to_owned() },
        format: options.format.map(Into::into),
        delimiter: match &options.delimiter {
            Some(text) => Some(forms::delimiter(text).ok()?),
            None => None,
        },
        encoding: options.encoding.clone().unwrap_or_else(|| "utf-8".into()),
        has_header,
        fieldnames: if has_header { None } else { options.fieldnames.clone().or_else(declared) },
        widths: options
            .widths
            .as_ref()
            .map(|widths| widths.iter().map(|width| usize::try_from(*width).unwrap_or(usize::MAX)).collect()),
        sheet: options.sheet.clone(),
        json_path: options.json_path.clone(),
        columns: options.columns.clone(),
        limit_rows: options.limit_rows,
    })
}

fn without_query(address: &str) -> String {
    address.split_once('?').map_or_else(|| address.to_owned(), |(plain, _)| format!("{plain}?…"))
}

fn custom(options: &CustomOptions, table: &str, around: Around<'_>) -> Option<CustomSource> {
    let program = match &options.command {
        Some(command) => Program::Command(forms::command(&command.0).ok()?),
        None => Program::Python { module: options.module.clone()?, class_name: options.class_name.clone()? },
    };
    Some(CustomSource {
        program,
        protocol: match options.protocol {
            None | Some(ProtocolOption::Jsonl) => Protocol::Jsonl,
            Some(ProtocolOption::Singer) => Protocol::Singer,
        },
        stream: options.stream.clone().unwrap_or_else(|| table.to_owned()),
        working_dir: options.working_dir.as_ref().map_or_else(|| around.folder.to_owned(), |text| around.path(text)),
        env_vars: env_vars(options.env_vars.as_ref()),
        incremental: options.stateful.filter(|stateful| *stateful).map(|_| Incremental {
            cursor: STATE.to_owned(),
            param: None,
            end_param: None,
            cursor_type: None,
            initial_value: None,
            end_value: None,
            lag: 0.0,
            closed: false,
            null_cursor: NullCursor::Include,
            boundary_keys: Vec::new(),
        }),
        config: Secret::new(serde_json::json!(options.config.clone().unwrap_or_default()).to_string()),
    })
}

/// What the state of a program is called where cursors stand.
const STATE: &str = "state";

/// The key columns, as the source calls them.
fn source_keys(silver: Option<&SilverOptions>) -> Vec<String> {
    let Some(silver) = silver else { return Vec::new() };
    let keys = silver.primary_keys.as_ref().or(silver.natural_keys.as_ref()).map(|keys| keys.0.as_slice());
    let map = silver.schema.as_ref().and_then(|schema| schema.rename_map.as_ref());
    let source = |key: &String| {
        let renamed = map.into_iter().flatten().find(|(_, new)| *new == key);
        renamed.map_or_else(|| key.clone(), |(old, _)| old.clone())
    };
    keys.into_iter().flatten().map(source).collect()
}

pub(super) fn api_incremental(options: &ApiIncremental, keys: impl Fn() -> Vec<String>) -> Option<Incremental> {
    let common = Common {
        cursor_type: options.cursor_type.as_ref(),
        initial: options.initial_value.as_ref(),
        end: options.end_value.as_ref(),
        lag: options.lag,
        bound: options.bound,
        null_cursor: options.null_cursor,
        boundary: options.boundary_keys.as_ref(),
    };
    let incremental = common.incremental(options.cursor_field.clone()?, keys)?;
    Some(Incremental { param: options.cursor_param.clone(), end_param: options.end_param.clone(), ..incremental })
}

pub(super) fn db_incremental(options: &DbIncremental, keys: impl Fn() -> Vec<String>) -> Option<Incremental> {
    let common = Common {
        cursor_type: options.cursor_type.as_ref(),
        initial: options.initial_value.as_ref(),
        end: options.end_value.as_ref(),
        lag: options.lag,
        bound: options.bound,
        null_cursor: options.null_cursor,
        boundary: options.boundary_keys.as_ref(),
    };
    common.incremental(options.cursor_column.clone()?, keys)
}

/// What incremental extracts of both kinds say.
struct Common<'o> {
    cursor_type: Option<&'o String>,
    initial: Option<&'o ScalarText>,
    end: Option<&'o ScalarText>,
    lag: Option<f64>,
    bound: Option<BoundOption>,
    null_cursor: Option<NullCursorOption>,
    boundary: Option<&'o Columns>,
}

impl Common<'_> {
    fn incremental(&self, cursor: String, keys: impl Fn() -> Vec<String>) -> Option<Incremental> {
        let cursor_type = match self.cursor_type {
            Some(text) => Some(forms::declared_type(text).ok()?),
            None => None,
        };
        Some(Incremental {
            cursor,
            param: None,
            end_param: None,
            cursor_type,
            initial_value: self.initial.map(|value| value.0.clone()),
            end_value: self.end.map(|value| value.0.clone()),
            lag: self.lag.unwrap_or(0.0),
            closed: self.bound != Some(BoundOption::Open),
            null_cursor: match self.null_cursor {
                None | Some(NullCursorOption::Include) => NullCursor::Include,
                Some(NullCursorOption::Exclude) => NullCursor::Exclude,
                Some(NullCursorOption::Fail) => NullCursor::Fail,
            },
            boundary_keys: self.boundary.map_or_else(keys, |columns| columns.0.clone()),
        })
    }
}

pub(super) fn secrets(map: Option<&IndexMap<String, ScalarText>>) -> IndexMap<String, Secret> {
    map.into_iter().flatten().map(|(key, value)| (key.clone(), Secret::new(&value.0))).collect()
}
