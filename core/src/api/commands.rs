//! The command table: every call a front end can make, declared once.
//!
//! From it come the dispatch of the desktop and web hosts ([`call`]), the TypeScript client and the
//! command reference (`cargo xtask codegen`). Owns names and shapes, no behaviour.

use arrow::ipc::writer::StreamWriter;
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use serde::Serialize;
use serde::de::DeserializeOwned;
use ts_rs::TS;

use super::Engine;
use super::wire::{
    AdoptReport, AdoptRequest, BackendInfo, BrowsePage, BrowseRequest, CancelReply, CancelRequest, CellRequest,
    CellValue, CompareRequest, Completions, ConfigText, ConfigTextRequest, CursorRequest, DatasetList, Deprecation,
    DiscoverRequest, DoctorEvent, DoctorRequest, Draft, DraftCheck, EditRequest, Edited, EffectiveConfig, ErrorBody,
    ExplainRequest, Explanation, ExportEvent, ExportRequest, FileRequest, FileView, FindEvent, FindRequest, Form,
    FormRequest, GcEvent, GcRequest, Glance, GlanceRequest, Hover, IgnoreRequest, JoinEvent, JoinPlan, JoinPreview,
    JoinRequest, Lifecycle, LifecycleRequest, NewConfig, NewRequest, Nothing, OpenRowsEvent, OpenRowsRequest, Outline,
    PartitionDetail, PartitionPage, PartitionRef, PartitionsRequest, Plan, PreviewInfo, PreviewRequest, ProfileEvent,
    ProfileRequest, QuarantineReport, QuarantineRequest, QuarantineRows, QuarantineRowsRequest, RetentionReport,
    RetentionRequest, RowDetail, RowRequest, RowsInfo, RowsRequest, RunEvent, RunRequest, SaveRequest, Saved, Table,
    Target, Template, TextDiff, ThreeWay, Validation, VerifyEvent, VerifyRequest, WatchEvent, WatchRequest,
};

/// How a command answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One JSON value.
    Query,
    /// One Arrow IPC stream, with JSON in its schema metadata ([`Table`]).
    Table,
    /// JSON events, the last one being the result.
    Stream,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// How it answers.
    pub kind: Kind,
    /// TypeScript name of the request.
    pub request: fn() -> String,
    /// TypeScript name of the reply, of a table's info, or of an event.
    pub reply: fn() -> String,
}

/// The answer to a call by name.
#[derive(Debug)]
pub enum Reply {
    /// JSON text.
    Json(String),
    /// An Arrow IPC stream.
    Arrow(Vec<u8>),
    /// The events were the answer.
    Streamed,
}

macro_rules! commands {
    ($( $(#[doc = $doc:literal])+ $kind:ident $name:ident($request:ty) -> $reply:ty; )*) => {
        /// Every command, in the order of the reference.
        pub const COMMANDS: &[Command] = &[$(
            Command {
                name: stringify!($name),
                doc: concat!($($doc, "\n"),+),
                kind: Kind::$kind,
                request: || <$request as TS>::name(&ts_rs::Config::default()),
                reply: || <$reply as TS>::name(&ts_rs::Config::default()),
            }
        ),*];

        /// Answers the command `name` with the JSON `payload`. Events of a stream go to `emit` as
        /// JSON text, one call for each, in order, on the calling thread.
        ///
        /// # Errors
        ///
        /// RUN013 for an unknown name or a payload of another shape; otherwise what the command says.
        pub fn call(engine: &Engine, name: &str, payload: &str, emit: &mut dyn FnMut(String)) -> Result<Reply, ErrorBody> {
            match name {
                $( stringify!($name) => { let request: $request = decode(name, payload)?; commands!(@answer $kind engine $name request emit) } )*
                _ => Err(misuse(format!("there is no command `{name}`"))),
            }
        }

        /// TypeScript declarations of every type on the wire with their doc comments, each once, sorted by name.
        pub fn typescript() -> Vec<(String, String)> {
            let mut types = std::collections::BTreeMap::new();
            let config = ts_rs::Config::default();
            $( declare::<$request>(&config, &mut types); declare::<$reply>(&config, &mut types); )*
            declare::<ErrorBody>(&config, &mut types);
            types.into_iter().collect()
        }
    };
    (@answer Query $engine:ident $name:ident $request:ident $emit:ident) => { json(&$engine.$name($request)?) };
    (@answer Table $engine:ident $name:ident $request:ident $emit:ident) => { arrow(&$engine.$name($request)?) };
    (@answer Stream $engine:ident $name:ident $request:ident $emit:ident) => {{
        $engine.$name($request, &mut |event| { if let Ok(text) = serde_json::to_string(&event) { $emit(text); } })?;
        Ok(Reply::Streamed)
    }};
}

commands! {
    /// Checks a config file, or all of a workspace, and reports every problem.
    Query validate(Target) -> Validation;
    /// The text of one config file with what was found in it.
    Query config_text(ConfigTextRequest) -> ConfigText;
    /// What is wrong with a draft, as if it were saved.
    Query check_text(Draft) -> DraftCheck;
    /// What may stand at the cursor; works on broken text.
    Query complete(CursorRequest) -> Completions;
    /// What is known about the place of the cursor.
    Query hover(CursorRequest) -> Hover;
    /// A draft as fields, with help, origin and problems of each.
    Query form(FormRequest) -> Form;
    /// Changes a draft at given paths and nothing else in it; writes nothing.
    Query edit_text(EditRequest) -> Edited;
    /// What counts for one config file, all layers and defaults considered, and who said it.
    Query effective_config(Target) -> EffectiveConfig;
    /// Rewrites a draft to the canonical form, keeping comments; writes nothing.
    Query migrate_text(Draft) -> Edited;
    /// A draft with every safe fix applied; writes nothing.
    Query fix_text(Draft) -> Edited;
    /// A draft with its indentation, line ends and blank lines in form; comments and values stay.
    Query format_text(Draft) -> Edited;
    /// A draft with a comment that hides a warning.
    Query ignore_text(IgnoreRequest) -> Edited;
    /// The datasets and sections of a draft; works on broken text.
    Query outline(Draft) -> Outline;
    /// A draft against the saved file.
    Query diff_text(Draft) -> TextDiff;
    /// How a draft and its file got apart since the editing began.
    Query compare_text(CompareRequest) -> ThreeWay;
    /// Writes a draft to its file, unless someone else changed that meanwhile.
    Query save_text(SaveRequest) -> Saved;
    /// The configs to start from.
    Query templates(Nothing) -> Vec<Template>;
    /// A config from a template; writes nothing.
    Query new_config(NewRequest) -> NewConfig;
    /// A config that describes a file, a folder, a database or an API; writes nothing.
    Query discover(DiscoverRequest) -> NewConfig;
    /// Checks a configuration and the world it needs.
    Stream doctor(DoctorRequest) -> DoctorEvent;
    /// Tells of changes to configs and outputs until it is cancelled.
    Stream watch(WatchRequest) -> WatchEvent;
    /// The page of one code, or of all.
    Query explain(ExplainRequest) -> Vec<Explanation>;
    /// Keys that are still read although they have a successor.
    Query deprecations(Nothing) -> Vec<Deprecation>;
    /// The kinds of storage there are, and what each needs.
    Query backends(Nothing) -> Vec<BackendInfo>;
    /// What a run would do; writes nothing.
    Query plan(RunRequest) -> Plan;
    /// Runs Bronze, Silver or both, and tells how it goes.
    Stream run(RunRequest) -> RunEvent;
    /// Asks a running job to stop at its next safe point.
    Query cancel(CancelRequest) -> CancelReply;
    /// The first records of a source, typed as Bronze would type them; writes nothing.
    Table preview(PreviewRequest) -> PreviewInfo;
    /// What a join would do: sides, keys, columns, folder; reads no rows and writes nothing.
    Query plan_join(JoinRequest) -> JoinPlan;
    /// The first rows of a join, and figures of all; writes nothing.
    Table preview_join(JoinRequest) -> JoinPreview;
    /// Joins two Silver datasets into a third.
    Stream join(JoinRequest) -> JoinEvent;
    /// All datasets and joins with their newest state, those that need a person first.
    Query list_datasets(Target) -> DatasetList;
    /// Committed partitions or loads of a dataset, newest first.
    Query list_partitions(PartitionsRequest) -> PartitionPage;
    /// Files, schema, metadata and history of one partition.
    Query partition_detail(PartitionRef) -> PartitionDetail;
    /// A window of the rows of one partition, or of all of a layer, filtered and sorted.
    Table rows(RowsRequest) -> RowsInfo;
    /// Rows that were set aside, grouped by reason, column and file.
    Query list_quarantine(QuarantineRequest) -> QuarantineReport;
    /// A window of the rows that were set aside, with the places they came from.
    Query quarantine_rows(QuarantineRowsRequest) -> QuarantineRows;
    /// Holds files against what was committed: hashes, footers, rows, columns; writes nothing.
    Stream verify(VerifyRequest) -> VerifyEvent;
    /// Removes what crashes left and nobody needs, or lists it.
    Stream gc(GcRequest) -> GcEvent;
    /// Bronze partitions that are older than they are kept; removes those that nothing needs, if asked to.
    Query retention(RetentionRequest) -> RetentionReport;
    /// Rules with which an object store removes old Bronze by itself.
    Query lifecycle(LifecycleRequest) -> Lifecycle;
    /// Makes Bronze of the predecessor ours, as it is; writes nothing unless asked to.
    Query adopt(AdoptRequest) -> AdoptReport;
    /// Filters and sorts rows, and keeps the result for `rows`; tells how it goes.
    Stream open_rows(OpenRowsRequest) -> OpenRowsEvent;
    /// All values of one row.
    Query row(RowRequest) -> RowDetail;
    /// One value, or a piece of it.
    Query cell(CellRequest) -> CellValue;
    /// The next row with a text.
    Stream find_row(FindRequest) -> FindEvent;
    /// What the values of a column are like.
    Stream profile_column(ProfileRequest) -> ProfileEvent;
    /// Writes rows to a file that is not there yet.
    Stream export_rows(ExportRequest) -> ExportEvent;
    /// A page of a folder of a layer, also of what no config names.
    Query browse(BrowseRequest) -> BrowsePage;
    /// What folders of a layer are, for those on the screen.
    Query glance(GlanceRequest) -> Vec<Glance>;
    /// A look into a file of a partition: Parquet metadata, or text.
    Query view_file(FileRequest) -> FileView;
}

fn declare<T: TS + 'static + ?Sized>(config: &ts_rs::Config, types: &mut std::collections::BTreeMap<String, String>) {
    struct Collect<'a>(&'a ts_rs::Config, &'a mut std::collections::BTreeMap<String, String>);
    impl ts_rs::TypeVisitor for Collect<'_> {
        fn visit<T: TS + 'static + ?Sized>(&mut self) {
            declare::<T>(self.0, self.1);
        }
    }
    if T::output_path().is_some() {
        if types.contains_key(&T::name(config)) {
            return;
        }
        types.insert(T::name(config), format!("{}{}", T::docs().unwrap_or_default(), T::decl(config)));
    }
    T::visit_dependencies(&mut Collect(config, types));
    T::visit_generics(&mut Collect(config, types));
}

fn decode<T: DeserializeOwned>(name: &str, payload: &str) -> Result<T, ErrorBody> {
    let payload = if payload.trim().is_empty() { "{}" } else { payload };
    serde_json::from_str(payload).map_err(|error| misuse(format!("the request of `{name}` has another shape: {error}")))
}

fn misuse(message: String) -> ErrorBody {
    ErrorBody::unexpected(message)
}

fn json<T: Serialize>(value: &T) -> Result<Reply, ErrorBody> {
    serde_json::to_string(value).map(Reply::Json).map_err(|error| misuse(format!("the answer cannot be sent: {error}")))
}

fn arrow<I: Serialize>(table: &Table<I>) -> Result<Reply, ErrorBody> {
    table.to_ipc().map(Reply::Arrow).map_err(|error| misuse(format!("the rows cannot be sent: {error}")))
}

impl<I: Serialize> Table<I> {
    /// The table as one Arrow IPC stream with `medallion.info` in its schema metadata.
    ///
    /// # Errors
    ///
    /// When the batches do not share one schema.
    pub fn to_ipc(&self) -> Result<Vec<u8>, arrow::error::ArrowError> {
        let Some(first) = self.batches.first() else {
            return Err(arrow::error::ArrowError::InvalidArgumentError("a table has at least one batch".into()));
        };
        let info = serde_json::to_string(&self.info)
            .map_err(|error| arrow::error::ArrowError::ExternalError(Box::new(error)))?;
        let mut schema = first.schema().as_ref().clone();
        schema.metadata.insert("medallion.info".into(), info);
        let schema = std::sync::Arc::new(schema);
        let mut bytes = Vec::new();
        let mut writer = StreamWriter::try_new(&mut bytes, &schema)?;
        for batch in &self.batches {
            // Without a column, the number of rows is known from nothing else.
            let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            let batch = RecordBatch::try_new_with_options(schema.clone(), batch.columns().to_vec(), &rows)?;
            writer.write(&batch)?;
        }
        writer.finish()?;
        drop(writer);
        Ok(bytes)
    }
}
