// Written by `cargo xtask codegen` from core::api::commands. Do not edit.

/** Whether a job was there to be stopped. */
export type CancelReply = {
  /** False when no job of that name is running. */
  found: boolean, };

/** Asks to stop a job. */
export type CancelRequest = {
  /** The name given in [`RunRequest::job`]. */
  job: string, };

/** A code from the table, such as `CFG013`. Machines match it, people read its page. */
export type Code = string;

/** A column with its type. */
export type ColumnInfo = {
  /** Its name. */
  name: string,
  /** Its type as a person would write it: `integer`, `decimal(18,2)`, `timestamptz`. */
  data_type: string,
  /** Whether the type was declared, not inferred. */
  declared: boolean, };

/** A config file with what was found in it. */
export type ConfigText = {
  /** As the user would name it. */
  file: string,
  /** The whole text. */
  text: string,
  /** Names of the datasets that could be understood. */
  datasets: Array<string>,
  /** Everything found, in the order of the text. */
  diagnostics: Array<Diagnostic>, };

/** Asks for the text of one config file. */
export type ConfigTextRequest = {
  /** The file, as `validate` or `list_datasets` named it. */
  file: string, };

/** A count of rows, files or bytes. Sent as text, because JavaScript's numbers end at 2^53. */
export type Count = string;

/** All datasets of a target. */
export type DatasetList = {
  /** The folder or file, absolute. */
  root: string,
  /** What needs a person first, then by name. */
  datasets: Array<DatasetSummary>,
  /** Files in which no dataset could be understood. */
  unreadable: Array<FileValidation>, };

/** Which dataset. */
export type DatasetRef = {
  /** A config file or a workspace folder. */
  target: Target,
  /** Name of the dataset. */
  dataset: string, };

/** One line of the home screen. */
export type DatasetSummary = {
  /** Dataset name. */
  dataset: string,
  /** Config file, as the user would name it. */
  file: string,
  /** `file`. */
  source_type: string,
  /** `full`, `cdc` or `current_history`. */
  load_pattern: string,
  /** Silver model; `None`: Bronze only. */
  model: string | null,
  /** Errors in its config file. */
  errors: number,
  /** Warnings in its config file. */
  warnings: number,
  /** The newest Bronze partition. */
  bronze: LayerState | null,
  /** The newest Silver load. */
  silver: LayerState | null,
  /** What needs a person, worst first; empty when all is well. */
  attention: Array<Note>, };

/** One finding. */
export type Diagnostic = {
  /** What kind of finding; `explain` has its page. */
  code: Code,
  /** How bad. */
  severity: Severity,
  /** What is wrong here, without advice and without a full stop. */
  message: string,
  /** The file as the user would name it; empty when it belongs to no file. */
  file: string,
  /** Where in the document: `sources[0].source.file.path`; empty for the whole file. */
  path: string,
  /** Where in the text, if the place exists in it. */
  span: Span | null,
  /** What to do. */
  help: string | null,
  /** A change that mends it. */
  fix: Fix | null,
  /** Other places that matter. */
  related: Array<Related>, };

/** Why a call failed. */
export type ErrorBody = {
  /** Code; `explain` has its page. */
  code: Code,
  /** What happened, with its place, without advice. */
  message: string,
  /** The causes below it, outermost first. */
  causes: Array<string>,
  /** What to do. */
  hint: string | null,
  /** Findings, when the configuration is at fault. */
  diagnostics: Array<Diagnostic>,
  /** The exit code of DESIGN §4 this leads to. */
  exit: number,
  /** Whether the same call may succeed later. */
  transient: boolean, };

/** Asks for the page of a code. */
export type ExplainRequest = {
  /** The code in any case; empty asks for all of them. */
  code: string, };

/** The page of a code. */
export type Explanation = {
  /** The code. */
  code: Code,
  /** What it says in a few words. */
  title: string,
  /** What it means and how to mend it, Markdown. */
  explanation: string, };

/** One file of a version. */
export type FileInfo = {
  /** Path below the partition's base. */
  path: string,
  /** Rows. */
  rows: Count,
  /** Bytes. */
  bytes: Count,
  /** SHA-256, lower-case hexadecimal. */
  sha256: string, };

/** What was found in one file. */
export type FileValidation = {
  /** As the user would name it. */
  file: string,
  /** Names of the datasets that could be understood. */
  datasets: Array<string>,
  /** Everything found, in the order of the text. */
  diagnostics: Array<Diagnostic>, };

/** A change a machine can make: replace the bytes of `span` by `text`. */
export type Fix = {
  /** What the change does, as an order: "rename to `base_url`". */
  title: string,
  /** What is replaced. */
  span: Span,
  /** By what. */
  text: string, };

/** One of the two layers. */
export type Layer = "bronze" | "silver";

/** The newest state of a layer. */
export type LayerState = {
  /** Its date. `None` where partitions have no date. */
  date: string | null,
  /** Rows. */
  rows: Count,
  /** Bytes. */
  bytes: Count,
  /** Unreadable records or quarantined rows. */
  rejected: Count,
  /** When it was committed, RFC 3339, UTC. */
  committed_at: string,
  /** Number of committed partitions or loads. */
  partitions: Count,
  /** Silver: its input has changed since it was built. Bronze: false. */
  stale: boolean, };

/** Which layers a run does. */
export type Layers = "both" | "bronze" | "silver";

/** Something a run wants to say besides its numbers. */
export type Note = {
  /** How much it matters. */
  level: NoteLevel,
  /** Its code, if it has a page. */
  code: string | null,
  /** One sentence, no full stop. */
  message: string, };

/** How much a note matters. */
export type NoteLevel = "info" | "warning";

/** How a step ended. */
export type Outcome = "written" | "unchanged" | "failed" | "skipped" | "cancelled";

/** All about one partition. */
export type PartitionDetail = {
  /** The line of the list. */
  summary: PartitionSummary,
  /** Its folder, as the user would name it. */
  path: string,
  /** What can be opened with `rows`: parts' datasets, and `_errors` where there are bad rows. */
  tables: Array<TableInfo>,
  /** Files of the standing version. */
  files: Array<FileInfo>,
  /** Its versions, newest first. */
  history: Array<VersionInfo>,
  /** The commit's metadata, as pretty-printed JSON. */
  metadata: string,
  /** What does not hold: missing files, wrong sizes. */
  problems: Array<Note>, };

/** A page of partitions. */
export type PartitionPage = {
  /** The folder below which they are, as the user would name it. */
  root: string,
  /** How many there are in all. */
  total: Count,
  /** Newest first. */
  partitions: Array<PartitionSummary>, };

/** Which partition. */
export type PartitionRef = {
  /** Of which dataset. */
  of: DatasetRef,
  /** In which layer. */
  layer: Layer,
  /** [`PartitionSummary::id`]; empty means the newest. */
  id: string, };

/** One committed partition (Bronze) or load (Silver). */
export type PartitionSummary = {
  /** Its path below the layer's root; pass it back to ask for more. */
  id: string,
  /** Its date, if it has one. */
  date: string | null,
  /** Version that stands, from 1. */
  version: Count,
  /** Rows of all its datasets. */
  rows: Count,
  /** Parts. */
  parts: Count,
  /** Bytes. */
  bytes: Count,
  /** Unreadable records or quarantined rows. */
  rejected: Count,
  /** When it was committed, RFC 3339, UTC. */
  committed_at: string,
  /** Silver: its input has changed since. */
  stale: boolean, };

/** Asks for partitions, newest first. */
export type PartitionsRequest = {
  /** Which dataset. */
  of: DatasetRef,
  /** Which layer. */
  layer: Layer,
  /** How many to skip. */
  offset: number,
  /** How many to send, at most 1,000. */
  limit: number, };

/** What a step is doing right now. */
export type Phase = "extract" | "reread" | "judge" | "fold" | "write" | "commit";

/** What a run would do. Nothing was written to find out. */
export type Plan = {
  /** In the order of the run. */
  steps: Array<PlannedStep>, };

/** One step of a plan. */
export type PlannedStep = {
  /** Which. */
  step: Step,
  /** Config file, as the user would name it. */
  file: string,
  /** Where it reads: the source file, or the Bronze partitions. */
  reads: Array<string>,
  /** The folder it writes to. */
  writes: string,
  /** Version that stands there now; `None` if none does. */
  standing: Count | null,
  /** What will happen, in a few words: "write a first version", "compare with version 3". */
  action: string,
  /** Load pattern of the source. */
  load_pattern: string,
  /** Silver model, for Silver steps. */
  model: string | null,
  /** What keeps it from running. */
  problems: Array<ErrorBody>, };

/** What comes with a preview's rows. */
export type PreviewInfo = {
  /** Dataset name. */
  dataset: string,
  /** The source, as the user wrote it, with the date filled in. */
  source: string,
  /** Columns with the types that Bronze would use. */
  columns: Array<ColumnInfo>,
  /** Whether the source has more records than were sent. */
  more: boolean,
  /** Records among the first ones that could not be read. */
  unreadable: Array<UnreadableRecord>,
  /** Findings: keys that are null or repeated, columns without a value. */
  notes: Array<Note>, };

/** Asks for the first records of a source, as Bronze would type them. */
export type PreviewRequest = {
  /** Which dataset. */
  of: DatasetRef,
  /** For `{run_date}`. `None`: today. */
  date?: string | null,
  /** At most this many records; at most 1,000. */
  limit: number, };

/** Another place that helps to understand a finding. */
export type Related = {
  /** What is there: "first defined here". */
  message: string,
  /** Where, in the same file. */
  span: Span, };

/** What comes with a window of rows. */
export type RowsInfo = {
  /** The partition's id, also where the newest was asked for. */
  id: string,
  /** The table that was opened. */
  table: string,
  /** Version the rows are of; it changes when a run commits. */
  version: Count,
  /** Rows in all. */
  total: Count,
  /** First row of this window, from 0. */
  offset: Count,
  /** Columns with their types. */
  columns: Array<ColumnInfo>, };

/** Asks for a window of rows. */
export type RowsRequest = {
  /** Which partition. */
  of: PartitionRef,
  /** [`TableInfo::name`]; empty means the first. */
  table: string,
  /** First row, from 0. */
  offset: Count,
  /** At most this many; at most 2,000. */
  limit: number, };

/** What a run says. Events of one step come in order. */
export type RunEvent = { "kind": "started",
  /** Identifies the run in metadata. */
  run_id: string,
  /** Steps that will be tried, in order. */
  steps: Array<Step>, } | { "kind": "step_started",
  /** Which. */
  step: Step, } | { "kind": "progress",
  /** Which. */
  step: Step,
  /** What it is doing. */
  phase: Phase,
  /** Records so far in this phase. */
  rows: Count,
  /** Bytes of the source so far, if known. */
  bytes: Count | null,
  /** Bytes of the source in all, if known. */
  total_bytes: Count | null, } | { "kind": "noted",
  /** About which step. */
  step: Step,
  /** What. */
  note: Note, } | { "kind": "step_finished",
  /** Which. */
  step: Step,
  /** How. */
  outcome: Outcome,
  /** Why, if it failed. */
  error: ErrorBody | null, } | { "kind": "finished",
  /** The numbers. */
  report: RunReport, };

/** The result of a run. */
export type RunReport = {
  /** Identifies the run in metadata. */
  run_id: string,
  /** In the order of the run. */
  steps: Array<StepReport>,
  /** Exit code of DESIGN §4: that of the earliest stage that failed. */
  exit: number,
  /** Wall-clock time. */
  seconds: number, };

/** What to run, or to plan. */
export type RunRequest = {
  /** A config file or a workspace folder. */
  target: Target,
  /** Names of datasets; empty means all. */
  sources: Array<string>,
  /** First date. `None`: today in each dataset's `run.timezone`. */
  date?: string | null,
  /** Last date, inclusive. `None`: the first. */
  until?: string | null,
  /** Which layers. */
  layers: Layers,
  /** A Silver date without Bronze is no failure. */
  allow_missing: boolean,
  /** Build a Silver load although Bronze that the standing one was made of is gone. */
  accept_lost_history: boolean,
  /** A name for the job, chosen by the caller, with which `cancel` finds it. */
  job: string, };

/** How bad a finding is. */
export type Severity = "error" | "warning" | "info";

/** A stretch of a text file. Lines and columns count from 1; columns count characters;
 * `start` and `end` are byte offsets, `end` exclusive. */
export type Span = {
  /** First byte. */
  start: number,
  /** One past the last byte. */
  end: number,
  /** Line of the first byte, from 1. */
  line: number,
  /** Column of the first byte in characters, from 1. */
  column: number,
  /** Line of the end, from 1. */
  end_line: number,
  /** Column of the end in characters, from 1. */
  end_column: number, };

/** Which piece of work an event is about. */
export type Step = {
  /** Dataset name. */
  dataset: string,
  /** Run date. */
  date: string,
  /** Which layer. */
  layer: Layer, };

/** The result of one step. */
export type StepReport = {
  /** Which. */
  step: Step,
  /** How it ended. */
  outcome: Outcome,
  /** Rows of the standing version. */
  rows: Count,
  /** Parts of the standing version. */
  parts: Count,
  /** Bytes of its parts. */
  bytes: Count,
  /** Bronze: records in `_errors`. Silver: rows in quarantine. */
  rejected: Count,
  /** Where the standing version is, as the user would name it. */
  path: string,
  /** Wall-clock time. */
  seconds: number,
  /** What it said besides. */
  notes: Array<Note>,
  /** Why it failed. */
  error: ErrorBody | null, };

/** Something with rows inside a partition. */
export type TableInfo = {
  /** Name to pass to `rows`: `data` for Bronze, the dataset's name for Silver, `_errors`. */
  name: string,
  /** Rows. */
  rows: Count,
  /** Columns with their types. */
  columns: Array<ColumnInfo>, };

/** A config file or a workspace folder, as the user named it. Relative paths start at the root the
 * front end opened the engine with; empty means that root. */
export type Target = {
  /** The path. */
  path: string, };

/** A record that could not be read. */
export type UnreadableRecord = {
  /** Line of the source where it starts, from 1. */
  line: Count,
  /** Why. */
  reason: string,
  /** The text as found, bytes that are not text escaped. */
  raw: string, };

/** What `validate` found. */
export type Validation = {
  /** The files that were read, as the user would name them, in the order of their names. */
  files: Array<FileValidation>,
  /** Number of errors over all files. */
  errors: number,
  /** Number of warnings over all files. */
  warnings: number, };

/** One version in a partition's history. */
export type VersionInfo = {
  /** From 1. */
  version: Count,
  /** RFC 3339, UTC. */
  committed_at: string,
  /** The run that made it. */
  run_id: string,
  /** Rows. */
  rows: Count,
  /** Unreadable records or quarantined rows. */
  rejected: Count, };

/** Every command: what it takes, what it answers, and how. */
export interface Commands {
  /** Checks a config file, or all of a workspace, and reports every problem. */
  validate: { kind: "query"; request: Target; reply: Validation };
  /** The text of one config file with what was found in it. */
  config_text: { kind: "query"; request: ConfigTextRequest; reply: ConfigText };
  /** The page of one code, or of all. */
  explain: { kind: "query"; request: ExplainRequest; reply: Array<Explanation> };
  /** What a run would do; writes nothing. */
  plan: { kind: "query"; request: RunRequest; reply: Plan };
  /** Runs Bronze, Silver or both, and tells how it goes. */
  run: { kind: "stream"; request: RunRequest; reply: RunEvent };
  /** Asks a running job to stop at its next safe point. */
  cancel: { kind: "query"; request: CancelRequest; reply: CancelReply };
  /** The first records of a source, typed as Bronze would type them; writes nothing. */
  preview: { kind: "table"; request: PreviewRequest; reply: PreviewInfo };
  /** All datasets with their newest state, those that need a person first. */
  list_datasets: { kind: "query"; request: Target; reply: DatasetList };
  /** Committed partitions or loads of a dataset, newest first. */
  list_partitions: { kind: "query"; request: PartitionsRequest; reply: PartitionPage };
  /** Files, schema, metadata and history of one partition. */
  partition_detail: { kind: "query"; request: PartitionRef; reply: PartitionDetail };
  /** A window of the rows of one partition. */
  rows: { kind: "table"; request: RowsRequest; reply: RowsInfo };
}

/** How each command answers: one JSON value, one Arrow stream, or a stream of JSON events. */
export const KINDS = {
  validate: "query",
  config_text: "query",
  explain: "query",
  plan: "query",
  run: "stream",
  cancel: "query",
  preview: "table",
  list_datasets: "query",
  list_partitions: "query",
  partition_detail: "query",
  rows: "table",
} as const satisfies { [Name in keyof Commands]: Commands[Name]["kind"] };
