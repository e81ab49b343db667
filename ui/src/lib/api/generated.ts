// Written by `cargo xtask codegen` from core::api::commands. Do not edit.

/** What was adopted. */
export type AdoptReport = {
  /** Every folder with files of the predecessor, sorted. */
  folders: Array<AdoptedFolder>,
  /** Folders that were adopted, or would be. */
  adopted: Count,
  /** Folders that cannot be. */
  refused: Count,
  /** Whether commits were written. */
  written: boolean,
  /** Exit code of DESIGN §4. */
  exit: number, };

/** Which folders of the predecessor to adopt. */
export type AdoptRequest = {
  /** A folder of this machine with Bronze of the predecessor in it or below it; or a configuration,
   * for the Bronze of its datasets, wherever that is stored. */
  path: string,
  /** Write the commits. Otherwise it is only said what would be adopted. */
  write: boolean,
  /** A name for the job, chosen by the caller, with which `cancel` finds it. */
  job: string, };

/** One folder of the predecessor. */
export type AdoptedFolder = {
  /** As the user would name it. */
  path: string,
  /** The date it stands for. */
  date: string | null,
  /** `full`, `cdc` or `current_history`; empty if that is not known. */
  load_pattern: string,
  /** Rows. */
  rows: Count,
  /** Files. */
  files: Count,
  /** Their bytes. */
  bytes: Count,
  /** Why it cannot be adopted; empty if it can. */
  findings: Array<FileFinding>, };

/** The answer to a question. */
export type Answer = {
  /** The question's name. */
  name: string,
  /** What was answered. */
  value: string, };

/** A kind of storage. */
export type BackendInfo = {
  /** `storage_backend`, or `storage_scheme` of one that was added. */
  name: string,
  /** What it is. */
  description: string,
  /** What a config has to say for it. */
  needs: Array<string>,
  /** Whether this program added it to the engine. */
  added: boolean, };

/** Something in a folder. */
export type BrowseEntry = {
  /** Its name. */
  name: string,
  /** Its path below the root. */
  path: string,
  /** Whether it is a folder. */
  folder: boolean,
  /** The dataset whose table or entity it is, or is in, if a config names it. */
  dataset: string | null, };

/** A page of a folder. */
export type BrowsePage = {
  /** The roots, where they were asked for. */
  roots: Array<BrowseRoot>,
  /** What is in the folder. Partitions by date come newest first where the folder has at most 1,000
   * entries, otherwise in the order of the storage. */
  entries: Array<BrowseEntry>,
  /** Entries in all, where that is known. */
  total: Count | null,
  /** Pass it back for the next page; `None`: there is none. */
  next: string | null, };

/** Asks what is in a folder of a layer. */
export type BrowseRequest = {
  /** A config file or a workspace folder: it says where the layers are. */
  target: Target,
  /** Which layer. */
  layer: Layer,
  /** Which folder; `None`: the roots of the layer. */
  folder?: FolderRef | null,
  /** [`BrowsePage::next`] of the page before. */
  after?: string | null,
  /** At most this many entries; at most 1,000. */
  limit: number, };

/** A place where a layer is. */
export type BrowseRoot = {
  /** As the user would name it; identifies it. */
  root: string,
  /** Kind of storage: `local`, `s3`, `azure`, `gcs`. */
  storage: string,
  /** Datasets that land there. */
  datasets: Array<string>, };

/** One bar of a histogram. */
export type Bucket = {
  /** Its least value as text. */
  from: string,
  /** Its greatest value as text. */
  to: string,
  /** Values in it; of a sample where there are more than a million. */
  count: Count, };

/** Whether a job was there to be stopped. */
export type CancelReply = {
  /** False when no job of that name is running. */
  found: boolean, };

/** Asks to stop a job. */
export type CancelRequest = {
  /** The name given in [`RunRequest::job`]. */
  job: string, };

/** Asks for one value, or a piece of it. */
export type CellRequest = {
  /** Which rows. */
  rows: RowsOf,
  /** Which of them, from 0. */
  row: Count,
  /** Name of the column. */
  column: string,
  /** First byte of its text; moved back to the start of a character. */
  from: Count,
  /** At most this many bytes; at most 4 MiB. */
  limit: number, };

/** One value. */
export type CellValue = {
  /** Name of the column. */
  column: string,
  /** Its type as a person would write it. */
  data_type: string,
  /** The value as text with every digit; bytes in hexadecimal. `None`: NULL. */
  text: string | null,
  /** Bytes of the whole text. */
  bytes: Count,
  /** Whether `text` is only a piece of it. */
  cut: boolean, };

/** One check. */
export type Check = {
  /** What it belongs to: "configuration", "environment", "source", "storage", "machine". */
  group: CheckGroup,
  /** What was checked: "read ./data/orders.csv". */
  title: string,
  /** How it ended. */
  outcome: CheckOutcome,
  /** What was seen: the reason of a failure, or a number that reassures. */
  detail: string,
  /** What to do; only for what failed or warned. */
  hint: string | null,
  /** Its code, if something is wrong. */
  code: Code | null,
  /** Names of the datasets that need it. */
  datasets: Array<string>,
  /** Config file, as the user would name it; empty if none is concerned. */
  file: string,
  /** Where in the file. */
  span: Span | null,
  /** The finding behind it, with its fix. */
  finding: Diagnostic | null,
  /** Wall-clock time. */
  seconds: number, };

/** What a check belongs to. */
export type CheckGroup = "configuration" | "environment" | "source" | "storage" | "machine";

/** How a check ended. */
export type CheckOutcome = "failed" | "warned" | "passed" | "skipped";

/** One value of a choice. */
export type Choice = {
  /** As written. */
  value: string,
  /** What it means. */
  help: string, };

/** A file that nobody needs. */
export type ClearedFile = {
  /** Name of the dataset. */
  dataset: string,
  /** Which layer. */
  layer: Layer,
  /** As the user would name it. */
  file: string,
  /** Its bytes. */
  bytes: Count,
  /** Why nobody needs it, in a few words. */
  reason: string, };

/** A code from the table, such as `CFG013`. Machines match it, people read its page. */
export type Code = string;

/** A column as it came and as the config declares it. */
export type ColumnDelta = {
  /** Its name. */
  name: string,
  /** The type that its values would get without a declaration. `None`: the source does not have it, or
   * it has no value. */
  found: string | null,
  /** The type that the config declares. */
  declared: string | null,
  /** What to make of it. */
  verdict: ColumnVerdict,
  /** What to declare so that it stays as it is, as written in `run.schema`; `None`: nothing has a name
   * for it. */
  accept: string | null, };

/** A column with its type. */
export type ColumnInfo = {
  /** Its name. */
  name: string,
  /** Its type as a person would write it: `integer`, `decimal(18,2)`, `timestamptz`. */
  data_type: string,
  /** Whether the type was declared, not inferred. */
  declared: boolean, };

/** What the values of a column are like. */
export type ColumnProfile = {
  /** Its name. */
  column: string,
  /** Its type as a person would write it. */
  data_type: string,
  /** Its type in Arrow's words. */
  arrow_type: string,
  /** Rows looked at. */
  rows: Count,
  /** Of them NULL. */
  nulls: Count,
  /** Texts that are empty, which is not NULL. */
  empty: Count,
  /** Different values, NULL not counted. */
  distinct: Count,
  /** Whether `distinct` is exact; otherwise within about two percent. */
  distinct_exact: boolean,
  /** The least value, as text; cut at 200 characters. */
  least: string | null,
  /** The greatest value, likewise. */
  greatest: string | null,
  /** Of numbers. */
  numbers: NumberProfile | null,
  /** Of texts. */
  lengths: LengthProfile | null,
  /** The most frequent values, at most 20. */
  top: Array<ValueCount>,
  /** Whether the counts of `top` are exact, and no other value is more frequent. */
  top_exact: boolean,
  /** How the values of numbers, dates and times spread, from the least to the greatest. */
  histogram: Array<Bucket>, };

/** What to make of a column. */
export type ColumnVerdict = "fits" | "narrowed" | "misfit" | "missing" | "inferred" | "unknown";

/** Asks how a standing file and a draft got apart. */
export type CompareRequest = {
  /** The draft. */
  draft: Draft,
  /** The text that the editing began with. */
  base: string, };

/** One proposal. */
export type Completion = {
  /** As listed. */
  label: string,
  /** What it is. */
  kind: CompletionKind,
  /** A few words beside the label: the type, "required", where the value comes from. */
  detail: string,
  /** The page about it, Markdown; may be empty. */
  documentation: string,
  /** What is inserted in place of [`Completions::span`]. May hold several lines, already indented. */
  insert: string,
  /** Where the cursor goes: bytes from the start of `insert`. */
  cursor: number, };

/** Kinds of proposals. */
export type CompletionKind = "key" | "value" | "variable" | "file" | "column" | "snippet";

/** What may stand at the cursor. */
export type Completions = {
  /** What an accepted completion replaces; empty at the cursor when nothing is typed yet. */
  span: Span | null,
  /** Best first. */
  items: Array<Completion>, };

/** A config file with what was found in it. */
export type ConfigText = {
  /** As the user would name it. */
  file: string,
  /** The whole text. */
  text: string,
  /** Names of the datasets that could be understood. */
  datasets: Array<string>,
  /** Everything found, in the order of the text. */
  diagnostics: Array<Diagnostic>,
  /** Identifies this text: the base for `save_text`. */
  revision: string,
  /** Whether `save_text` would refuse to write it, because file or folder may only be read. */
  read_only: boolean, };

/** Asks for the text of one config file. */
export type ConfigTextRequest = {
  /** The file, as `validate` or `list_datasets` named it. */
  file: string, };

/** A file of a partition that is no part: a copy for other tools, or a commit. */
export type ControlFile = {
  /** Pass it to `view_file`. */
  path: string,
  /** Bytes. */
  bytes: Count, };

/** A count of rows, files or bytes. Sent as text, because JavaScript's numbers end at 2^53. */
export type Count = string;

/** A place in a draft. */
export type CursorRequest = {
  /** The draft. */
  draft: Draft,
  /** Bytes before the cursor. */
  offset: number, };

/** How far an extract has come. */
export type CursorState = {
  /** The value, as the source writes it. */
  value: string,
  /** By which values are compared: `timestamptz`, `integer`. */
  data_type: string, };

/** All datasets of a target. */
export type DatasetList = {
  /** The folder or file, absolute. */
  root: string,
  /** What needs a person first, then by name. */
  datasets: Array<DatasetSummary>,
  /** Joins of two of them, by file. */
  joins: Array<JoinSummary>,
  /** Files in which no dataset could be understood. */
  unreadable: Array<FileValidation>,
  /** Names of the environments that can be laid over these files ([`Target::environment`]), sorted. */
  environments: Array<string>, };

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
  attention: Array<Note>,
  /** Of what the config says of the dataset: another one means that it says something else now. */
  fingerprint: string, };

/** One deprecated key, or one deprecated omission. */
export type Deprecation = {
  /** Where the key stands, by its path without list positions. What belongs to a dataset starts at
   * the dataset: `source.api.url` is meant both in an entry of `sources` and at the top of a file
   * with one `source`. */
  path: string,
  /** The form of configuration it belongs to. */
  dialect: Dialect,
  /** The code of the finding. */
  code: Code,
  /** Version of the program that deprecated it. */
  since: string,
  /** Version of the program that will refuse it. */
  removal: string,
  /** The path that replaces it, in the canonical form; a sentence where it is not one key. */
  replacement: string, };

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

/** The form of configuration that a key belongs to. */
export type Dialect = "canonical" | "predecessor" | "intent";

/** What happens to a line. */
export type DiffKind = "same" | "added" | "removed";

/** A line of a diff. */
export type DiffLine = {
  /** What happens to it. */
  kind: DiffKind,
  /** Its number in the old text, from 1. */
  old_line: number | null,
  /** Its number in the new text, from 1. */
  new_line: number | null,
  /** The line without its end. */
  text: string, };

/** Asks for a config that describes what is there. Nothing is written: `save_text` does that. */
export type DiscoverRequest = {
  /** A file, a folder of files, the address of a database or of an API. */
  from: string,
  /** Variable with the token that the API is asked with; empty: none. */
  auth_env_var: string,
  /** The file it shall become, as `validate` would name it; empty: one that does not exist yet. */
  file: string,
  /** Name of the source's system; empty: from the name of the folder. */
  system: string,
  /** A name for the job, chosen by the caller, with which `cancel` finds it. */
  job: string, };

/** What the doctor says while it works. */
export type DoctorEvent = { "event": "started",
  /** How many. */
  checks: number, } | { "event": "checked",
  /** Its result. */
  check: Check, } | { "event": "finished",
  /** All results, grouped and ordered. */
  report: DoctorReport, };

/** All results. */
export type DoctorReport = {
  /** In the order in which they should be mended. */
  checks: Array<Check>,
  /** How many failed. */
  failed: number,
  /** How many deserve a look. */
  warned: number,
  /** How many could not be made, because something they need failed or was not asked for. */
  skipped: number,
  /** Wall-clock time. */
  seconds: number,
  /** Exit code of DESIGN §4. */
  exit: number, };

/** What to check. */
export type DoctorRequest = {
  /** A config file or a workspace folder. */
  target: Target,
  /** More of them, checked in the same go. */
  also?: Array<Target>,
  /** Only what needs neither network nor storage. */
  offline: boolean,
  /** Seconds that one check may take. `None`: 10. */
  timeout_seconds?: number | null,
  /** A name for the job, chosen by the caller, with which `cancel` finds it. */
  job: string, };

/** The text of a config file as it stands in an editor. */
export type Draft = {
  /** The file it is, or will be, as `validate` names it. It decides where relative paths start and
   * need not exist yet. */
  file: string,
  /** The whole text. */
  text: string,
  /** Overlay `environments/<name>.yaml` that is laid over the file. */
  environment?: string | null, };

/** What was found in a draft. */
export type DraftCheck = {
  /** Names of the datasets that could be understood. */
  datasets: Array<string>,
  /** Everything found, in the order of the text. */
  diagnostics: Array<Diagnostic>,
  /** Whether the draft differs from the saved file; true when there is none. */
  changed: boolean, };

/** One change at a path. Nothing else in the text changes: not comments, quoting, order, anchors. */
export type Edit = { "do": "set",
  /** Where. */
  path: string,
  /** What. */
  value: EditValue, } | { "do": "unset",
  /** Where. */
  path: string, } | { "do": "insert",
  /** The list. */
  path: string,
  /** Before this item, from 0; `None`: at the end. */
  index: number | null,
  /** What. */
  value: EditValue, } | { "do": "rename",
  /** Where. */
  path: string,
  /** The new key. */
  key: string, } | { "do": "move",
  /** Where. */
  path: string,
  /** The new path: of a key, or of the item before which it goes. */
  to: string, };

/** Changes to a draft, in their order; each sees the text that those before it left. */
export type EditRequest = {
  /** The draft. */
  draft: Draft,
  /** What to change. */
  edits: Array<Edit>, };

/** A value to write. */
export type EditValue = { "as": "text", "text": string } | { "as": "literal", "text": string } | { "as": "yaml", "text": string };

/** A draft after its edits. */
export type Edited = {
  /** The whole new text. */
  text: string,
  /** How to get there from the old text: in its order, not overlapping, all in old offsets. */
  changes: Array<TextEdit>, };

/** A config file with everything that counts for it. */
export type EffectiveConfig = {
  /** The file, as the user would name it. */
  file: string,
  /** The other files that count: those it extends, and the overlay of the environment. */
  layers: Array<string>,
  /** The overlays there are for this file, by name, sorted. */
  environments: Array<string>,
  /** Every value that is given, in the order of the document, each section followed by the defaults of
   * the keys it leaves out. */
  values: Array<EffectiveValue>,
  /** Everything found. */
  diagnostics: Array<Diagnostic>, };

/** One single value, or an empty collection. */
export type EffectiveValue = {
  /** Where: `sources[0].source.run.load_pattern`, in the canonical form. */
  path: string,
  /** What counts. `None`: it comes from a variable or may be a secret, which are never shown. */
  value: string | null,
  /** As it is written, with `${…}`; `None` for defaults, and for what may be a secret. */
  written: string | null,
  /** Who gave it. */
  origin: Origin,
  /** Line of the value in the file that gave it, from 1. */
  line: number | null, };

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

/** An example of a code. */
export type Example = {
  /** What leads to it. */
  before: string,
  /** The same, mended. */
  after: string,
  /** Whether both are YAML. */
  yaml: boolean, };

/** A request and its answer, or a query. No secret is in it. */
export type Exchange = {
  /** Its page, from 1; 0: it asked for a token; of a query, its part. */
  page: Count,
  /** Which try, from 1. */
  attempt: number,
  /** `GET`; of a query, `SQL`. */
  method: string,
  /** The address, or the query. */
  target: string,
  /** Of the request. */
  request_headers: Array<Header>,
  /** Its beginning, at most 64 KiB. */
  request_body: string | null,
  /** `None`: no answer came, or it was a query. */
  status: number | null,
  /** Of the answer. */
  headers: Array<Header>,
  /** Its beginning, at most 64 KiB. */
  body: string | null,
  /** Bytes of the answer in all. */
  bytes: Count,
  /** Milliseconds until the last byte. */
  millis: number,
  /** Records in it. */
  records: Count,
  /** What went wrong. */
  error: string | null,
  /** The request as a command line of curl, secrets as `***`; `None`: it is none. */
  curl: string | null, };

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
  explanation: string,
  /** What leads to it, and the same mended. */
  example: Example | null,
  /** What a code of this text meant in the predecessor, Markdown; empty if it had none. */
  predecessor: string,
  /** Codes of ours that took the place of that. */
  successors: Array<Code>, };

/** How exporting goes. */
export type ExportEvent = { "event": "progress" } & ReadProgress | { "event": "exported",
  /** As the user would name it. */
  path: string,
  /** Rows. */
  rows: Count,
  /** Bytes. */
  bytes: Count, };

/** What a file of exported rows is. */
export type ExportFormat = "csv" | "jsonl" | "parquet";

/** Asks to write rows to a file. */
export type ExportRequest = {
  /** Which rows. */
  rows: RowsOf,
  /** Columns wanted, in this order; empty means all. */
  columns: Array<string>,
  /** In which form. */
  format: ExportFormat,
  /** The file; a relative path starts where the front end opened the engine. */
  path: string,
  /** Whether a file of that name may be replaced. */
  replace: boolean,
  /** A name for the job, with which `cancel` ends it; then nothing is written. */
  job: string, };

/** One field with those below it. */
export type Field = {
  /** Where: `sources[0].source.file.path`. */
  path: string,
  /** The key, or `1`, `2`, … in a list, or the name of a dataset. */
  label: string,
  /** Help, Markdown; the first sentence stands alone. */
  help: string,
  /** How it is edited. */
  kind: FieldKind,
  /** As written here, without quotes; `None` if it is not written in this file. */
  written: string | null,
  /** What counts, all layers and defaults considered. `None` if there is nothing, or if it comes from
   * a variable, whose value is never shown. */
  effective: string | null,
  /** Where `effective` comes from. */
  origin: Origin,
  /** Must be given. */
  required: boolean,
  /** Shown only on request, unless written. */
  advanced: boolean,
  /** Read, but has a successor. */
  deprecated: boolean,
  /** Place of the value in the text, if written here. */
  span: Span | null,
  /** Positions in the list of the draft's diagnostics of those about this very field. */
  problems: Array<number>,
  /** Fields of a section, entries of a map, items of a list. */
  children: Array<Field>, };

/** How a field is edited. */
export type FieldKind = { "type": "section" } | { "type": "map" } | { "type": "list",
  /** Whether items are single values. */
  scalar: boolean, } | { "type": "text",
  /** Whether it may name a file or folder. */
  file: boolean,
  /** Whether it is long, such as a query. */
  long: boolean, } | { "type": "integer" } | { "type": "number" } | { "type": "boolean" } | { "type": "choice",
  /** Which. */
  values: Array<Choice>, } | { "type": "raw" };

/** Something that does not hold. */
export type FileFinding = {
  /** An error: rows may be wrong or missing for somebody. A warning: space is wasted, or history lost. */
  severity: Severity,
  /** Its code. */
  code: Code,
  /** The file, as the user would name it. */
  file: string,
  /** What is wrong with it. */
  message: string,
  /** What to do. */
  hint: string, };

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

/** Asks for a look into a file of a partition. */
export type FileRequest = {
  /** Which partition. */
  of: PartitionRef,
  /** [`super::FileInfo::path`] or [`ControlFile::path`]. */
  path: string,
  /** Of a text file: first byte of the piece. */
  from: Count,
  /** Of a text file: bytes of the piece, at most 1 MiB. */
  limit: number,
  /** Of a Parquet file: the row group whose column chunks are told, from 0. */
  group: number, };

/** What was found in one file. */
export type FileValidation = {
  /** As the user would name it. */
  file: string,
  /** Names of the datasets that could be understood. */
  datasets: Array<string>,
  /** Everything found, in the order of the text. */
  diagnostics: Array<Diagnostic>,
  /** Files it is made of whose errors keep it from running, and are listed under their own name because
   * several files share them. */
  held_back_by: Array<string>, };

/** A look into a file. */
export type FileView = {
  /** As it was asked for. */
  path: string,
  /** Where it is, as the user would name it. */
  place: string,
  /** Bytes. */
  bytes: Count,
  /** Of a Parquet file. */
  parquet: ParquetView | null,
  /** Of any other. */
  text: TextPiece | null, };

/** How finding goes. */
export type FindEvent = { "event": "progress" } & ReadProgress | { "event": "found",
  /** The row, from 0. */
  row: Count,
  /** The first column that has it. */
  column: string, } | { "event": "absent" } | { "event": "counted",
  /** Rows that have it. */
  hits: Count,
  /** Those of them that are before [`FindRequest::from`]. */
  before: Count, };

/** Asks for the next row that has a text. */
export type FindRequest = {
  /** Which rows. */
  rows: RowsOf,
  /** What to find, in any case. */
  text: string,
  /** In this column; `None`: in any. */
  column?: string | null,
  /** Look from this row on, from 0, itself included. */
  from: Count,
  /** Look towards the first row. */
  backwards?: boolean,
  /** Count the rows that have it, instead of finding the next. */
  count?: boolean,
  /** A name for the job, with which `cancel` ends it. */
  job: string, };

/** Something that a person should know before a run. */
export type Finding = {
  /** How much it matters. */
  level: NoteLevel,
  /** Its code, if it has a page. */
  code: string | null,
  /** One sentence, no full stop. */
  message: string,
  /** The column that it is about. */
  column: string | null,
  /** Where in the config it is decided. */
  place: FindingPlace | null, };

/** A place in a config. */
export type FindingPlace = {
  /** The file. */
  file: string,
  /** The key, from the dataset on: `silver.primary_keys`. */
  path: string,
  /** From 1. */
  line: number,
  /** In characters, from 1. */
  column: number, };

/** A change a machine can make. */
export type Fix = {
  /** What the change does, as an order: "rename to `base_url`". */
  title: string,
  /** What is replaced: in the order of the text, not overlapping, all offsets of the text as it is. */
  edits: Array<TextEdit>,
  /** Whether it keeps what the text means, or does what the text certainly means, so that `--fix` may
   * apply it without asking about it in particular. A guess, such as the nearest name, is not safe. */
  safe: boolean, };

/** A folder of a layer, as `browse` named it. */
export type FolderRef = {
  /** [`BrowseRoot::root`]. */
  root: string,
  /** [`BrowseEntry::path`]. */
  path: string, };

/** The document as fields. */
export type Form = {
  /** Fields of the top level, in the order of the schema, then unknown keys. */
  fields: Array<Field>,
  /** Why there is no form: the text is not valid YAML. */
  unreadable: string | null,
  /** Whether there are so many datasets that only the one asked for is listed with everything that
   * could be written ([`FormRequest::path`]). */
  in_part: boolean, };

/** Asks for the form of a draft. */
export type FormRequest = {
  /** The draft. */
  draft: Draft,
  /** A path in the dataset at hand. Of a file with more than 20 datasets only this one is listed with
   * everything that could be written; of the others only what is. */
  path?: string | null, };

/** What clearing says while it works. */
export type GcEvent = { "event": "cleared",
  /** Which. */
  file: ClearedFile, } | { "event": "kept",
  /** Whose. */
  files: KeptFiles, } | { "event": "finished",
  /** The numbers. */
  report: GcReport, };

/** The numbers of a clearing. */
export type GcReport = {
  /** Partitions and loads that were looked at. */
  partitions: Count,
  /** Files that were removed, or would be. */
  files: Count,
  /** Their bytes. */
  bytes: Count,
  /** Numbers of versions that were used up, so that silent attempts cannot commit them. */
  fenced: Count,
  /** Nothing was removed. */
  dry_run: boolean,
  /** What could not be cleared. */
  errors: Array<ErrorBody>,
  /** Wall-clock time. */
  seconds: number,
  /** Exit code of DESIGN §4. */
  exit: number, };

/** What to clear. */
export type GcRequest = {
  /** A config file or a workspace folder. */
  target: Target,
  /** Names of datasets; empty means all. */
  sources: Array<string>,
  /** Remove nothing, only list. */
  dry_run: boolean,
  /** A name for the job, chosen by the caller, with which `cancel` finds it. */
  job: string, };

/** What a folder is. */
export type Glance = {
  /** Its path below the root. */
  path: string,
  /** Whether a version is committed there. */
  partition: boolean,
  /** The version that stands, from 1. */
  version: Count,
  /** Its rows. */
  rows: Count,
  /** Its bytes. */
  bytes: Count,
  /** Unreadable records or quarantined rows. */
  rejected: Count,
  /** When it was committed, RFC 3339, UTC. */
  committed_at: string,
  /** Why it cannot be said. */
  problem: string | null, };

/** Asks what folders are, for those that are on the screen. */
export type GlanceRequest = {
  /** As in [`BrowseRequest`]. */
  target: Target,
  /** Which layer. */
  layer: Layer,
  /** Which root. */
  root: string,
  /** Paths below it, at most 100. */
  paths: Array<string>, };

/** A header of a request or of an answer. */
export type Header = {
  /** Its name. */
  name: string,
  /** Its value; `***` for a secret. */
  value: string, };

/** What is known about the place of the cursor. */
export type Hover = {
  /** What it is about; `None` when there is nothing to say. */
  span: Span | null,
  /** Markdown; empty when there is nothing to say. */
  text: string, };

/** A stretch of change. */
export type Hunk = {
  /** Its lines, in order. */
  lines: Array<DiffLine>, };

/** Asks for a comment that hides a finding. */
export type IgnoreRequest = {
  /** The draft. */
  draft: Draft,
  /** The code of the finding. */
  code: string,
  /** Where the finding starts, in bytes. */
  offset: number, };

/** A column of a result. */
export type JoinColumn = {
  /** Its name. */
  name: string,
  /** Its type, as a person would write it. */
  data_type: string,
  /** `left`, `right`, or `both` for a key that has the value of whichever side has a row. */
  side: string,
  /** Its name there. */
  original: string, };

/** What a join says while it works. */
export type JoinEvent = { "event": "progress",
  /** What it is doing. */
  phase: Phase,
  /** Rows of the result so far. */
  rows: Count, } | { "event": "finished",
  /** The numbers. */
  report: JoinReport, };

/** What was found of the rows. */
export type JoinFigures = {
  /** Rows of the left side. */
  left_rows: Count,
  /** Of these, with a partner. */
  left_matched: Count,
  /** Of these, without a key: a null in it, or a value that the other side's type does not have. */
  left_without_key: Count,
  /** Rows of the right side. */
  right_rows: Count,
  /** Of these, with a partner. */
  right_matched: Count,
  /** Of these, without a key. */
  right_without_key: Count,
  /** Pairs of rows with one key. */
  pairs: Count,
  /** Partners of the left row that has most: its fan-out. */
  most_partners: Count,
  /** Share of left rows with a partner, from 0 to 1. */
  match_ratio: number,
  /** Rows of the result. */
  rows: Count,
  /** Parts that went to disk on the way; 0 if all fitted into memory. */
  buckets: Count, };

/** Two folders that are joined without a config. */
export type JoinFolders = {
  /** Left side: `…/v1`, a table of it, or one load of that. */
  left: string,
  /** Right side. */
  right: string,
  /** Table of the left side. `None`: the only one, otherwise `current`. */
  left_table?: string | null,
  /** Table of the right side. */
  right_table?: string | null,
  /** Pairs of columns; none: the keys that both sides declare. */
  keys: Array<JoinKey>,
  /** Which rows without a partner are kept. */
  strategy: JoinStrategy, };

/** What came of a guard. */
export type JoinGuard = {
  /** What it asks for. */
  guard: string,
  /** What was found. */
  found: string,
  /** Whether it holds. */
  holds: boolean, };

/** A column of each side. */
export type JoinKey = {
  /** Of the left side. */
  left: string,
  /** Of the right side. */
  right: string, };

/** What a join would do. */
export type JoinPlan = {
  /** Both names. */
  name: string,
  /** Its config file, as the user would name it; empty for folders. */
  file: string,
  /** Which rows without a partner are kept. */
  strategy: JoinStrategy,
  /** Left side. */
  left: JoinSide,
  /** Right side. */
  right: JoinSide,
  /** How they are matched. */
  keys: Array<JoinKey>,
  /** Columns of the result. */
  columns: Array<JoinColumn>,
  /** Folder of the result, as the user would name it. */
  output: string,
  /** Nobody named that folder. */
  output_is_default: boolean,
  /** Date of the result. */
  load_date: string,
  /** The result stands already, so nothing would be written. */
  up_to_date: boolean, };

/** What comes with the first rows of a join. */
export type JoinPreview = {
  /** What a run would do. */
  plan: JoinPlan,
  /** Of all rows, not of the first ones. */
  figures: JoinFigures,
  /** Of all rows. */
  guards: Array<JoinGuard>, };

/** What came of a join. */
export type JoinReport = {
  /** What was done. */
  plan: JoinPlan,
  /** Whether anything was written. */
  outcome: Outcome,
  /** Version that stands. */
  version: Count,
  /** Rows that stand. */
  rows: Count,
  /** Files that stand. */
  parts: Count,
  /** Their bytes. */
  bytes: Count,
  /** What was found; `None` if nothing had to be read. */
  figures: JoinFigures | null,
  /** What came of the guards. */
  guards: Array<JoinGuard>,
  /** How long it took. */
  seconds: number, };

/** Which join, and how. */
export type JoinRequest = {
  /** The config whose `silver_join` is meant, or a folder that has one such config. */
  target: Target,
  /** Two folders, in the place of a config. */
  folders?: JoinFolders | null,
  /** Of both sides the newest load on or before this date, if they do not say otherwise. */
  as_of?: string | null,
  /** Folder of the result. `None`: as the config says, otherwise beside the left side. */
  output?: string | null,
  /** Make it although what stands is what it would be. */
  rebuild?: boolean,
  /** Bytes of the right side in memory, about; the rest goes to disk. `None`: 1 GiB. */
  memory?: Count | null,
  /** Rows of a preview, at most 1,000. */
  limit?: number,
  /** A name for the job, chosen by the caller, with which `cancel` finds it. */
  job?: string, };

/** A side as it would be read. */
export type JoinSide = {
  /** Its name. */
  name: string,
  /** Its folder, as the user would name it. */
  path: string,
  /** The load: `load_date=2025-01-01`. */
  load: string,
  /** The table of it. */
  table: string,
  /** Version of the load. */
  version: Count,
  /** Rows. */
  rows: Count, };

/** Which rows without a partner are kept. */
export type JoinStrategy = "inner" | "left" | "right" | "full" | "semi" | "anti";

/** A join that a config describes. */
export type JoinSummary = {
  /** Both names. */
  name: string,
  /** Its config file, as the user would name it. */
  file: string,
  /** Which rows without a partner are kept. */
  strategy: JoinStrategy,
  /** Left side: a dataset, or a folder. */
  left: string,
  /** Right side. */
  right: string,
  /** Folder of the result, as the user would name it; empty if it cannot be told. */
  output: string,
  /** What stands; stale if a side or the config is not what it was made of. */
  state: LayerState | null,
  /** What a person should know. */
  attention: Array<Note>, };

/** Files that nobody names and that stay. */
export type KeptFiles = {
  /** Name of the dataset. */
  dataset: string,
  /** Which layer. */
  layer: Layer,
  /** The folder, as the user would name it. */
  path: string,
  /** How many. */
  files: Count,
  /** Why they stay, in a few words. */
  reason: string, };

/** A key with its value. */
export type KeyValue = {
  /** Key. */
  key: string,
  /** Value. */
  value: string, };

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

/** Of a column of texts, in characters. */
export type LengthProfile = {
  /** The shortest. */
  least: Count,
  /** The longest. */
  greatest: Count,
  /** Mean. */
  mean: number, };

/** Rules for an object store. */
export type Lifecycle = {
  /** Pretty-printed JSON, as the service takes it. */
  rules: string,
  /** What has to be known of them: datasets that were left out, and why. */
  notes: Array<Note>, };

/** Whose form rules have. */
export type LifecycleProvider = "s3" | "azure";

/** Asks for rules with which an object store removes old Bronze by itself. */
export type LifecycleRequest = {
  /** A config file or a workspace folder. */
  target: Target,
  /** Names of datasets; empty means all. */
  sources: Array<string>,
  /** Whose form the rules have. */
  provider: LifecycleProvider,
  /** Also for datasets of which Silver needs the old partitions. */
  force: boolean, };

/** A line of a log. */
export type LogLine = {
  /** Milliseconds since the beginning. */
  millis: number,
  /** How much it matters. */
  level: NoteLevel,
  /** One sentence, no full stop. */
  message: string, };

/** A config that is not saved yet. */
export type NewConfig = {
  /** The file it would become. */
  file: string,
  /** Its whole text, with comments that teach. */
  text: string,
  /** What was found in it, as if it were saved. */
  diagnostics: Array<Diagnostic>,
  /** What was seen while looking: "orders.csv: key `id` is unique and never null in 1,000 records". */
  notes: Array<string>, };

/** Asks for a config from a template. Nothing is written: `save_text` does that. */
export type NewRequest = {
  /** Name of the template. */
  template: string,
  /** Answers by the name of the question. */
  answers: Array<Answer>,
  /** The file it shall become, as `validate` would name it; empty: one that does not exist yet. */
  file: string, };

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

/** A command without arguments. */
export type Nothing = Record<symbol, never>;

/** Of a column of numbers. */
export type NumberProfile = {
  /** The sum with every digit; of floats as near as they are. `None`: it has no room. */
  sum: string | null,
  /** Mean. */
  mean: number,
  /** Standard deviation of the values as a whole. */
  deviation: number,
  /** Values that are not a number, or infinite. */
  not_finite: Count,
  /** Quantiles that are values of the column. */
  quantiles: Array<Quantile>,
  /** Whether the quantiles are exact; otherwise they are of a sample of a million values. */
  quantiles_exact: boolean, };

/** A Bronze partition that is older than it is kept. */
export type OldPartition = {
  /** Name of the dataset. */
  dataset: string,
  /** Its path below the dataset's folder. */
  id: string,
  /** Its folder, as the user would name it. */
  path: string,
  /** Its date. */
  date: string,
  /** Days that have gone by since. */
  age_days: number,
  /** Rows. */
  rows: Count,
  /** Files. */
  files: Count,
  /** Their bytes. */
  bytes: Count,
  /** What is or was done with it. */
  verdict: RetentionVerdict,
  /** Why it stays; empty if it goes. */
  reason: string, };

/** How opening goes. */
export type OpenRowsEvent = { "event": "progress" } & ReadProgress | { "event": "opened" } & OpenedRows;

/** Opens rows: finds out how many there are, sorting and filtering where asked to. What was worked out
 * is kept, so that windows of it come at once. */
export type OpenRowsRequest = {
  /** Which rows. */
  rows: RowsOf,
  /** A name for the job, with which `cancel` ends it. */
  job: string, };

/** Rows that are open. */
export type OpenedRows = {
  /** As in [`RowsInfo`]. */
  id: string,
  /** The table that was opened. */
  table: string,
  /** As in [`RowsInfo`]. */
  version: Count,
  /** As in [`RowsInfo`]. */
  snapshot: string,
  /** Rows that the filter leaves. */
  total: Count,
  /** Rows without the filter. */
  unfiltered: Count,
  /** Every column. */
  columns: Array<ColumnInfo>,
  /** Key columns, as far as the config names them and they are there: those to keep in sight. */
  keys: Array<string>,
  /** Partitions the rows are of. */
  partitions: Count, };

/** Where a value comes from. */
export type Origin = { "from": "nowhere" } | { "from": "default" } | { "from": "here" } | { "from": "parent",
  /** As the user would name it. */
  file: string, } | { "from": "environment",
  /** As the user would name it. */
  file: string, };

/** How a step ended. */
export type Outcome = "written" | "unchanged" | "failed" | "skipped" | "cancelled";

/** The parts of a draft. */
export type Outline = {
  /** Whether it looks like a configuration of this program; other YAML is nobody's business. */
  ours: boolean,
  /** Sections of the first level, in the order of the text. */
  parts: Array<Part>, };

/** A column chunk: a column in a row group. */
export type ParquetChunk = {
  /** Path of the column. */
  column: string,
  /** Values, NULL included. */
  values: Count,
  /** Where it starts in the file. */
  start: Count,
  /** Bytes in the file. */
  compressed: Count,
  /** Bytes before compression. */
  uncompressed: Count,
  /** Compression. */
  compression: string,
  /** Encodings of its pages. */
  encodings: Array<string>,
  /** NULLs, if told. */
  nulls: Count | null,
  /** Different values, if told. */
  distinct: Count | null,
  /** The least value as text; cut at 200 characters. */
  least: string | null,
  /** The greatest value, likewise. */
  greatest: string | null,
  /** Whether least and greatest are values of the column, not bounds of them. */
  exact: boolean,
  /** Pages, if the file has an index of them. */
  pages: number | null,
  /** Whether it has a Bloom filter. */
  bloom: boolean, };

/** A leaf column of a Parquet file. */
export type ParquetColumn = {
  /** Its path, with dots. */
  path: string,
  /** Physical type. */
  physical: string,
  /** Logical type, if it has one. */
  logical: string | null,
  /** Type in Arrow's words, of the top-level column. */
  arrow: string,
  /** `required`, `optional` or `repeated`. */
  repetition: string,
  /** Bytes in the file. */
  compressed: Count,
  /** Bytes before compression. */
  uncompressed: Count,
  /** NULLs, as far as all row groups tell. */
  nulls: Count | null,
  /** Compression of its chunks. */
  compression: Array<string>,
  /** Encodings of its chunks. */
  encodings: Array<string>, };

/** A row group of a Parquet file. */
export type ParquetGroup = {
  /** Rows. */
  rows: Count,
  /** Bytes in the file. */
  compressed: Count,
  /** Bytes before compression. */
  uncompressed: Count,
  /** What it says it is sorted by. */
  sorted_by: Array<string>, };

/** What a Parquet file is made of. */
export type ParquetView = {
  /** Rows. */
  rows: Count,
  /** The program that wrote it, as it says. */
  created_by: string,
  /** Version of the format. */
  version: number,
  /** Bytes of the metadata at the end of the file. */
  footer_bytes: Count,
  /** The schema in Parquet's own words. */
  schema: string,
  /** Key-value metadata; values are cut at 10,000 bytes. */
  metadata: Array<KeyValue>,
  /** Leaf columns, over all row groups. */
  columns: Array<ParquetColumn>,
  /** Row groups. */
  groups: Array<ParquetGroup>,
  /** Which row group `chunks` are of. */
  group: number,
  /** Column chunks of that row group. */
  chunks: Array<ParquetChunk>, };

/** A dataset or section of a draft. */
export type Part = {
  /** Its name. */
  name: string,
  /** A few words more; may be empty. */
  detail: string,
  /** Whether it is a dataset. */
  dataset: boolean,
  /** All of it. */
  span: Span,
  /** Its key, or the first line of a dataset. */
  key: Span,
  /** What is in it, in the order of the text. */
  parts: Array<Part>, };

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
  problems: Array<Note>,
  /** Commits and copies for other tools that are there. */
  control: Array<ControlFile>, };

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
  id: string,
  /** Instead of dataset and id: a folder with commits that `browse` named, whether a config names it
   * or not. */
  folder?: FolderRef | null, };

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
  stale: boolean,
  /** Why its newest commit cannot be read; then all counts are 0. */
  unreadable: string | null, };

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

/** A column that would change. */
export type PlannedColumn = {
  /** Its name. */
  name: string,
  /** The type that stands; `None`: the column is new. */
  standing: string | null,
  /** The type that comes; `None`: the column is gone. */
  coming: string | null, };

/** From where to where an incremental extract would go. */
export type PlannedCursor = {
  /** The column or field of the cursor. */
  field: string,
  /** Where the extracts have come to; `None`: there was none yet. */
  from: CursorState | null,
  /** Where the first one starts, as the config says; `None`: at the beginning, or there was one. */
  initial: string | null,
  /** Where it ends, as the config says; `None`: with the newest record. */
  until: string | null, };

/** How much a step may write, judged by the newest partition. */
export type PlannedSize = {
  /** Rows. */
  rows: Count,
  /** Files. */
  parts: Count,
  /** The partition that this was taken from. */
  like: string, };

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
  /** Rows of that version. */
  standing_rows: Count | null,
  /** Parts of that version. */
  standing_parts: Count | null,
  /** What will happen, in a few words: "write a first version", "compare with version 3". */
  action: string,
  /** Load pattern of the source. */
  load_pattern: string,
  /** Silver model, for Silver steps. */
  model: string | null,
  /** Where an incremental extract starts; `None`: the source is read whole. */
  cursor: PlannedCursor | null,
  /** Columns that would differ from those that stand, as far as the source was looked at. */
  schema: Array<PlannedColumn>,
  /** How much it may be; `None`: nothing is known of that. */
  estimate: PlannedSize | null,
  /** What keeps it from running. */
  problems: Array<ErrorBody>, };

/** What comes with a preview's rows. */
export type PreviewInfo = {
  /** Dataset name. */
  dataset: string,
  /** Its config file, as the user would name it. */
  file: string,
  /** Of what the config says of the dataset: another one means that it says something else now. */
  fingerprint: string,
  /** The source, as the user wrote it, with the date filled in. */
  source: string,
  /** Columns with the types that Bronze would use. */
  columns: Array<ColumnInfo>,
  /** What came beside what the config declares, column by column. */
  schema: Array<ColumnDelta>,
  /** Whether the source has more records than were sent. */
  more: boolean,
  /** Which limit ended it before the source did, in a few words. */
  stopped: string | null,
  /** Records among the first ones that could not be read. */
  unreadable: Array<UnreadableRecord>,
  /** What a person should know before a run, warnings first. */
  findings: Array<Finding>,
  /** Requests and queries in the order of their answers, without secrets; none for files. */
  exchanges: Array<Exchange>,
  /** Where an incremental extract starts and gets to; `None`: the source is read whole. */
  state: PreviewState | null,
  /** What happened, in order. */
  log: Array<LogLine>,
  /** Why the source could not be read on. What came before is here all the same. */
  error: ErrorBody | null, };

/** Asks for the first records of a source. */
export type PreviewRequest = {
  /** Which dataset. */
  of: DatasetRef,
  /** For `{run_date}`. `None`: today. */
  date?: string | null,
  /** At most this many records; at most 1,000. */
  limit: number,
  /** At most this many pages of an API, from 1. `None`: 10. */
  pages?: number | null,
  /** At most this many seconds, from 1 to 600. `None`: 30. */
  seconds?: number | null,
  /** No more requests after this many bytes. `None`: 32 MiB. */
  bytes?: Count | null,
  /** Starts where a run would start, not at the beginning. Means something where there is a cursor. */
  resume?: boolean,
  /** The text of the config file as it stands in an editor. `None`: as it is saved. */
  text?: string | null,
  /** A name for the job, chosen by the caller, with which `cancel` finds it. */
  job?: string, };

/** Where an incremental extract starts and gets to. */
export type PreviewState = {
  /** The column or field of the cursor. */
  field: string,
  /** Where a run for this date would start; `None`: at the beginning. */
  run_from: CursorState | null,
  /** The committed day after which this one is closed, so that a run would take nothing. */
  closed_by: string | null,
  /** Where this preview started; `None`: at the beginning. */
  from: CursorState | null,
  /** How far these records come; `None`: none of them is further than the start. */
  to: CursorState | null,
  /** Why it is not known where a run would start. */
  problem: ErrorBody | null, };

/** How profiling goes. */
export type ProfileEvent = { "event": "progress" } & ReadProgress | { "event": "profiled" } & ColumnProfile;

/** Asks what the values of a column are like. */
export type ProfileRequest = {
  /** Which rows; their order does not matter. */
  rows: RowsOf,
  /** Name of the column. */
  column: string,
  /** A name for the job, with which `cancel` ends it. */
  job: string, };

/** A value below which a part of all values are. */
export type Quantile = {
  /** In percent. */
  percent: number,
  /** The value as text. */
  value: string, };

/** Rows of one partition. */
export type QuarantineDay = {
  /** Date of the partition. */
  date: string,
  /** The partition, as `list_partitions` has it. */
  id: string,
  /** How many. */
  rows: Count, };

/** Rows with one reason, of one column and one file. */
export type QuarantineGroup = {
  /** Name of the dataset. */
  dataset: string,
  /** The config file that describes it, as the user would name it. */
  config: string,
  /** Where they were set aside. */
  layer: Layer,
  /** Whether a load left them that was refused. */
  refused: boolean,
  /** Reason code; of Bronze, why the record could not be read. */
  reason: string,
  /** Silver's name of the column at fault; empty of Bronze. */
  column: string,
  /** The Bronze file they stand in, below its partition; empty of Bronze. */
  file: string,
  /** How many. */
  rows: Count,
  /** The same by partition, oldest first; never empty. */
  days: Array<QuarantineDay>,
  /** The first different values, each cut to 120 characters; null is NULL. */
  samples: Array<string | null>, };

/** What was set aside, grouped. */
export type QuarantineReport = {
  /** The groups, by dataset and layer, those with the most rows first. */
  groups: Array<QuarantineGroup>,
  /** Rows in quarantine of what stands. */
  rows: Count,
  /** Rows that loads left that were refused; not among `rows`. */
  refused: Count,
  /** Rows for which there were too many groups of one dataset and layer; among `rows` or `refused`. */
  ungrouped: Count,
  /** What could not be read. */
  errors: Array<ErrorBody>,
  /** Exit code of DESIGN §4. */
  exit: number, };

/** Which rows that were set aside. */
export type QuarantineRequest = {
  /** A config file or a workspace folder. */
  target: Target,
  /** Names of datasets; empty means all. */
  sources: Array<string>,
  /** One layer only. */
  layer?: Layer | null,
  /** Of this date and later ones. */
  from?: string | null,
  /** Of this date and earlier ones. */
  to?: string | null,
  /** With this reason only. */
  reason?: string | null,
  /** With this column at fault only. */
  column?: string | null,
  /** A name for the job, chosen by the caller, with which `cancel` finds it. */
  job: string, };

/** A row that was set aside. */
export type QuarantineRow = {
  /** Name of the dataset. */
  dataset: string,
  /** Where it was set aside. */
  layer: Layer,
  /** Whether a load left it that was refused. */
  refused: boolean,
  /** Date of the partition that lists it. */
  date: string,
  /** Reason code; of Bronze, why the record could not be read. */
  reason: string,
  /** Silver's name of the column at fault; empty of Bronze. */
  column: string,
  /** The raw value; of Bronze the raw record. `None` is NULL. */
  value: string | null,
  /** The whole record as JSON, its values as text; `None` of Bronze. */
  record: string | null,
  /** Its Bronze partition, below the dataset's folder. */
  bronze_partition: string,
  /** Its Bronze file, below the partition; empty where the record never came into one. */
  bronze_file: string,
  /** Its number, from 1: in the Bronze file, or in the source where there is no such file. */
  number: Count,
  /** Content digest of the Bronze commit; empty of Bronze. */
  bronze_commit: string, };

/** Rows that were set aside. */
export type QuarantineRows = {
  /** By dataset and layer, oldest partition first, then as they were written. */
  rows: Array<QuarantineRow>,
  /** Rows in all. */
  total: Count,
  /** What could not be read. */
  errors: Array<ErrorBody>,
  /** Exit code of DESIGN §4. */
  exit: number, };

/** A window of the rows that were set aside. */
export type QuarantineRowsRequest = {
  /** Which rows. */
  of: QuarantineRequest,
  /** Rows before the first. */
  offset: Count,
  /** Rows at most; the engine caps it at 1,000. */
  limit: number, };

/** Something a template asks for. */
export type Question = {
  /** The name of the answer: `path`. */
  name: string,
  /** What is asked. */
  text: string,
  /** Used when nothing is answered; empty if an answer is needed. */
  default: string,
  /** The answers there are; empty: any text. */
  choices: Array<string>, };

/** How far reading is. */
export type ReadProgress = {
  /** What is being done: `filter`, `sort`, `find`, `profile`, `export`. */
  doing: string,
  /** Rows so far. */
  rows: Count,
  /** Rows in all. */
  total: Count, };

/** Another place that helps to understand a finding. */
export type Related = {
  /** What is there: "first defined here". */
  message: string,
  /** Where. */
  span: Span,
  /** The file as the user would name it; empty for the file of the finding. */
  file: string, };

/** Old Bronze partitions. */
export type RetentionReport = {
  /** Every partition that is older than it is kept, by dataset, oldest first. */
  partitions: Array<OldPartition>,
  /** Partitions that were removed, or would be. */
  removable: Count,
  /** Bytes of their files. */
  bytes: Count,
  /** Partitions that stay although they are old. */
  needed: Count,
  /** Whether anything was removed. */
  applied: boolean,
  /** What could not be looked at. */
  errors: Array<ErrorBody>,
  /** Exit code of DESIGN §4. */
  exit: number, };

/** Which old Bronze partitions to look for, and whether to remove them. */
export type RetentionRequest = {
  /** A config file or a workspace folder. */
  target: Target,
  /** Names of datasets; empty means all. */
  sources: Array<string>,
  /** Remove what may go. Otherwise it is listed only. */
  apply: boolean,
  /** Also what Silver needs to be built again. */
  force: boolean,
  /** A name for the job, chosen by the caller, with which `cancel` finds it. */
  job: string, };

/** What is done with an old partition. */
export type RetentionVerdict = "removable" | "removed" | "needed" | "failed";

/** One row. */
export type RowDetail = {
  /** Which, from 0. */
  row: Count,
  /** As in [`RowsInfo`]. */
  snapshot: string,
  /** The partition it is in. */
  partition: string,
  /** The file it is in, below the partition's base. */
  file: string,
  /** Which row of that file, from 0. */
  row_of_file: Count,
  /** Its values, in the order of the columns. */
  cells: Array<CellValue>, };

/** Asks for one row, all columns, uncut as far as each is shorter than 64 KiB. */
export type RowRequest = {
  /** Which rows. */
  rows: RowsOf,
  /** Which of them, from 0. */
  row: Count, };

/** What comes with a window of rows. */
export type RowsInfo = {
  /** The partition's id, also where the newest was asked for. */
  id: string,
  /** The table that was opened. */
  table: string,
  /** Version the rows are of; it changes when a run commits. 0 where they are of several partitions. */
  version: Count,
  /** Identifies exactly these rows: partitions, versions and table. */
  snapshot: string,
  /** Rows that the filter leaves. */
  total: Count,
  /** First row of this window, from 0. */
  offset: Count,
  /** Columns of the window with their types. */
  columns: Array<ColumnInfo>,
  /** Whether a value was cut. */
  cut: boolean, };

/** Which rows, in which order. */
export type RowsOf = {
  /** Which partition; with `whole`, of which dataset and layer. */
  of: PartitionRef,
  /** [`super::TableInfo::name`]; empty means the first. */
  table?: string,
  /** All partitions of the layer, newest last, with the columns that stand in their paths. */
  whole?: boolean,
  /** A condition such as `amount > 100 and status = 'paid'`; empty means all rows. */
  filter?: string,
  /** What they are sorted by, the most important first; empty means as they were written. NULL comes
   * last either way, and rows that are equal stay as they were written. */
  sort?: Array<SortKey>, };

/** Asks for a window of rows. */
export type RowsRequest = {
  /** Columns wanted, in this order; empty means all. */
  columns?: Array<string>,
  /** First row, from 0, of those that the filter leaves, in their order. */
  offset: Count,
  /** At most this many; at most 2,000. */
  limit: number,
  /** Texts and bytes longer than this many bytes are cut, for screens; [`RowsInfo::cut`] says if any
   * was. `None`: never. */
  cut?: number | null,
  /** A name for the job, with which `cancel` ends a sort or a filter that has to be worked out first. */
  job?: string,
  /** Which partition; with `whole`, of which dataset and layer. */
  of: PartitionRef,
  /** [`super::TableInfo::name`]; empty means the first. */
  table?: string,
  /** All partitions of the layer, newest last, with the columns that stand in their paths. */
  whole?: boolean,
  /** A condition such as `amount > 100 and status = 'paid'`; empty means all rows. */
  filter?: string,
  /** What they are sorted by, the most important first; empty means as they were written. NULL comes
   * last either way, and rows that are equal stay as they were written. */
  sort?: Array<SortKey>, };

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
  /** Build Silver loads anew although they are up to date, as after their files were damaged. */
  rebuild?: boolean,
  /** Fetch days of sources with a cursor once more, also those that are closed. */
  refetch?: boolean,
  /** Bytes that Silver may hold of the keys of a dataset at a time; what it reads and writes with takes
   * some 150 MB more. `None`: a quarter of the machine's memory. */
  memory_limit?: Count,
  /** Of a plan: servers and databases are asked for their columns, too. Without it no network is used. */
  ask_sources?: boolean,
  /** Run also more than 10,000 steps. */
  accept_many_steps?: boolean,
  /** A name for the job, chosen by the caller, with which `cancel` finds it. */
  job: string, };

/** Asks to write a draft to its file. */
export type SaveRequest = {
  /** The file, as `validate` names it. */
  file: string,
  /** The whole text. */
  text: string,
  /** [`super::ConfigText::revision`] of the text that the editing began with; `None` for a file that
   * does not exist yet. Another one on disk is a conflict, and nothing is written. */
  base: string | null, };

/** What became of a save. */
export type Saved = { "result": "saved",
  /** Identifies the text now in the file. */
  revision: string, } | { "result": "conflict",
  /** What stands in the file now; `None` if it is gone. */
  theirs: string | null,
  /** Identifies it; the base for saving over it. */
  revision: string | null,
  /** Both changes together, if they touch different lines. */
  merged: string | null, };

/** How bad a finding is. */
export type Severity = "error" | "warning" | "info";

/** A column to sort by. */
export type SortKey = {
  /** Its name. */
  column: string,
  /** The greatest first. */
  descending?: boolean, };

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
  path: string,
  /** Overlay `environments/<name>.yaml` that is laid over each file. */
  environment?: string | null, };

/** A config to start from. */
export type Template = {
  /** Its name: `file-full`. */
  name: string,
  /** What it is for, in a sentence. */
  summary: string,
  /** Type of source: `api`, `db`, `file`, `custom`. */
  source: string,
  /** Load pattern: `full`, `cdc`, `current_history`. */
  load_pattern: string,
  /** What it asks for, in order. */
  questions: Array<Question>, };

/** A draft against the saved file, line by line. */
export type TextDiff = {
  /** Stretches of change with three lines around them. Empty: nothing changed. */
  hunks: Array<Hunk>,
  /** Lines added. */
  added: Count,
  /** Lines removed. */
  removed: Count, };

/** A stretch of text replaced by another. */
export type TextEdit = {
  /** What is replaced; empty to insert. */
  span: Span,
  /** By what. */
  text: string, };

/** A piece of a text file, cut between characters. */
export type TextPiece = {
  /** Its first byte. */
  from: Count,
  /** The first byte behind it. */
  to: Count,
  /** The text; bytes that are no UTF-8 are shown as U+FFFD. */
  text: string, };

/** How a standing file and a draft got apart since the editing began. */
export type ThreeWay = {
  /** From the text that the editing began with to the draft. */
  ours: TextDiff,
  /** From the text that the editing began with to what stands in the file now. */
  theirs: TextDiff,
  /** What stands in the file now; `None` if it is gone. */
  text: string | null,
  /** Identifies it; the base for saving over it. */
  revision: string | null,
  /** Both changes together, if they touch different lines. */
  merged: string | null, };

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

/** A value with how often it is there. */
export type ValueCount = {
  /** The value as text; cut at 200 characters. */
  value: string,
  /** How often. */
  count: Count, };

/** What was found in one partition or load. */
export type VerifiedPartition = {
  /** Name of the dataset; empty without a config. */
  dataset: string,
  /** Which layer. */
  layer: Layer,
  /** Its path below the layer's root. */
  id: string,
  /** Its folder, as the user would name it. */
  path: string,
  /** Version that stands; 0 if none does. */
  version: Count,
  /** It was written by the predecessor and has no commits. */
  predecessor: boolean,
  /** Files that were looked at. */
  files: Count,
  /** Their bytes. */
  bytes: Count,
  /** What does not hold, worst first; empty when all is well. */
  findings: Array<FileFinding>, };

/** What verifying says while it works. */
export type VerifyEvent = { "event": "started",
  /** Partitions and loads. */
  partitions: Count, } | { "event": "progress",
  /** Partitions done. */
  partitions: Count,
  /** Files looked at. */
  files: Count,
  /** Bytes read. */
  bytes: Count, } | { "event": "verified",
  /** What was found. */
  partition: VerifiedPartition, } | { "event": "finished",
  /** The numbers. */
  report: VerifyReport, };

/** The numbers of a verification. */
export type VerifyReport = {
  /** Partitions and loads that were looked at. */
  partitions: Count,
  /** Those with an error. */
  damaged: Count,
  /** Errors. */
  errors: Count,
  /** Warnings. */
  warnings: Count,
  /** Files that were looked at. */
  files: Count,
  /** Their bytes. */
  bytes: Count,
  /** Only sizes and footers were looked at. */
  quick: boolean,
  /** Wall-clock time. */
  seconds: number,
  /** Exit code of DESIGN §4: 4 if anything is damaged. */
  exit: number, };

/** What to verify. */
export type VerifyRequest = {
  /** A config file, a workspace folder, or a folder of this machine with Bronze or Silver below it. */
  target: Target,
  /** Names of datasets; empty means all. Without a config there are none. */
  sources: Array<string>,
  /** One layer only. */
  layer?: Layer | null,
  /** The partition with this id only; empty means all. */
  partition: string,
  /** Sizes and footers only: no file is read whole. */
  quick: boolean,
  /** A name for the job, chosen by the caller, with which `cancel` finds it. */
  job: string, };

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
  rejected: Count,
  /** Parts. */
  parts: Count,
  /** Bytes. */
  bytes: Count,
  /** What is other than in the version before, a short sentence each; empty for the first one, and
   * where nothing a reader sees has changed. */
  changes: Array<string>, };

/** Something changed. */
export type WatchEvent = { "event": "started",
  /** All files. */
  files: Array<WatchedFile>, } | { "event": "changed",
  /** New or different ones. */
  files: Array<WatchedFile>,
  /** Those that are gone, as the user would name them. */
  removed: Array<string>, } | { "event": "outputs",
  /** Names of the datasets, as far as they can be told; empty: any. */
  datasets: Array<string>, } | { "event": "blind",
  /** Why. */
  reason: string, };

/** Asks to be told of changes until the job is cancelled. */
export type WatchRequest = {
  /** A config file or a workspace folder. */
  target: Target,
  /** A name for the job, chosen by the caller, with which `cancel` ends it. */
  job: string, };

/** A config file at the moment of an event. */
export type WatchedFile = {
  /** What is found in it. */
  validation: FileValidation,
  /** Identifies its text, as in [`super::ConfigText::revision`]. */
  revision: string, };

/** Every command: what it takes, what it answers, and how. */
export interface Commands {
  /** Checks a config file, or all of a workspace, and reports every problem. */
  validate: { kind: "query"; request: Target; reply: Validation };
  /** The text of one config file with what was found in it. */
  config_text: { kind: "query"; request: ConfigTextRequest; reply: ConfigText };
  /** What is wrong with a draft, as if it were saved. */
  check_text: { kind: "query"; request: Draft; reply: DraftCheck };
  /** What may stand at the cursor; works on broken text. */
  complete: { kind: "query"; request: CursorRequest; reply: Completions };
  /** What is known about the place of the cursor. */
  hover: { kind: "query"; request: CursorRequest; reply: Hover };
  /** A draft as fields, with help, origin and problems of each. */
  form: { kind: "query"; request: FormRequest; reply: Form };
  /** Changes a draft at given paths and nothing else in it; writes nothing. */
  edit_text: { kind: "query"; request: EditRequest; reply: Edited };
  /** What counts for one config file, all layers and defaults considered, and who said it. */
  effective_config: { kind: "query"; request: Target; reply: EffectiveConfig };
  /** Rewrites a draft to the canonical form, keeping comments; writes nothing. */
  migrate_text: { kind: "query"; request: Draft; reply: Edited };
  /** A draft with every safe fix applied; writes nothing. */
  fix_text: { kind: "query"; request: Draft; reply: Edited };
  /** A draft with its indentation, line ends and blank lines in form; comments and values stay. */
  format_text: { kind: "query"; request: Draft; reply: Edited };
  /** A draft with a comment that hides a warning. */
  ignore_text: { kind: "query"; request: IgnoreRequest; reply: Edited };
  /** The datasets and sections of a draft; works on broken text. */
  outline: { kind: "query"; request: Draft; reply: Outline };
  /** A draft against the saved file. */
  diff_text: { kind: "query"; request: Draft; reply: TextDiff };
  /** How a draft and its file got apart since the editing began. */
  compare_text: { kind: "query"; request: CompareRequest; reply: ThreeWay };
  /** Writes a draft to its file, unless someone else changed that meanwhile. */
  save_text: { kind: "query"; request: SaveRequest; reply: Saved };
  /** The configs to start from. */
  templates: { kind: "query"; request: Nothing; reply: Array<Template> };
  /** A config from a template; writes nothing. */
  new_config: { kind: "query"; request: NewRequest; reply: NewConfig };
  /** A config that describes a file, a folder, a database or an API; writes nothing. */
  discover: { kind: "query"; request: DiscoverRequest; reply: NewConfig };
  /** Checks a configuration and the world it needs. */
  doctor: { kind: "stream"; request: DoctorRequest; reply: DoctorEvent };
  /** Tells of changes to configs and outputs until it is cancelled. */
  watch: { kind: "stream"; request: WatchRequest; reply: WatchEvent };
  /** The page of one code, or of all. */
  explain: { kind: "query"; request: ExplainRequest; reply: Array<Explanation> };
  /** Keys that are still read although they have a successor. */
  deprecations: { kind: "query"; request: Nothing; reply: Array<Deprecation> };
  /** The kinds of storage there are, and what each needs. */
  backends: { kind: "query"; request: Nothing; reply: Array<BackendInfo> };
  /** What a run would do; writes nothing. */
  plan: { kind: "query"; request: RunRequest; reply: Plan };
  /** Runs Bronze, Silver or both, and tells how it goes. */
  run: { kind: "stream"; request: RunRequest; reply: RunEvent };
  /** Asks a running job to stop at its next safe point. */
  cancel: { kind: "query"; request: CancelRequest; reply: CancelReply };
  /** The first records of a source, typed as Bronze would type them; writes nothing. */
  preview: { kind: "table"; request: PreviewRequest; reply: PreviewInfo };
  /** What a join would do: sides, keys, columns, folder; reads no rows and writes nothing. */
  plan_join: { kind: "query"; request: JoinRequest; reply: JoinPlan };
  /** The first rows of a join, and figures of all; writes nothing. */
  preview_join: { kind: "table"; request: JoinRequest; reply: JoinPreview };
  /** Joins two Silver datasets into a third. */
  join: { kind: "stream"; request: JoinRequest; reply: JoinEvent };
  /** All datasets and joins with their newest state, those that need a person first. */
  list_datasets: { kind: "query"; request: Target; reply: DatasetList };
  /** Committed partitions or loads of a dataset, newest first. */
  list_partitions: { kind: "query"; request: PartitionsRequest; reply: PartitionPage };
  /** Files, schema, metadata and history of one partition. */
  partition_detail: { kind: "query"; request: PartitionRef; reply: PartitionDetail };
  /** A window of the rows of one partition, or of all of a layer, filtered and sorted. */
  rows: { kind: "table"; request: RowsRequest; reply: RowsInfo };
  /** Rows that were set aside, grouped by reason, column and file. */
  list_quarantine: { kind: "query"; request: QuarantineRequest; reply: QuarantineReport };
  /** A window of the rows that were set aside, with the places they came from. */
  quarantine_rows: { kind: "query"; request: QuarantineRowsRequest; reply: QuarantineRows };
  /** Holds files against what was committed: hashes, footers, rows, columns; writes nothing. */
  verify: { kind: "stream"; request: VerifyRequest; reply: VerifyEvent };
  /** Removes what crashes left and nobody needs, or lists it. */
  gc: { kind: "stream"; request: GcRequest; reply: GcEvent };
  /** Bronze partitions that are older than they are kept; removes those that nothing needs, if asked to. */
  retention: { kind: "query"; request: RetentionRequest; reply: RetentionReport };
  /** Rules with which an object store removes old Bronze by itself. */
  lifecycle: { kind: "query"; request: LifecycleRequest; reply: Lifecycle };
  /** Makes Bronze of the predecessor ours, as it is; writes nothing unless asked to. */
  adopt: { kind: "query"; request: AdoptRequest; reply: AdoptReport };
  /** Filters and sorts rows, and keeps the result for `rows`; tells how it goes. */
  open_rows: { kind: "stream"; request: OpenRowsRequest; reply: OpenRowsEvent };
  /** All values of one row. */
  row: { kind: "query"; request: RowRequest; reply: RowDetail };
  /** One value, or a piece of it. */
  cell: { kind: "query"; request: CellRequest; reply: CellValue };
  /** The next row with a text. */
  find_row: { kind: "stream"; request: FindRequest; reply: FindEvent };
  /** What the values of a column are like. */
  profile_column: { kind: "stream"; request: ProfileRequest; reply: ProfileEvent };
  /** Writes rows to a file that is not there yet. */
  export_rows: { kind: "stream"; request: ExportRequest; reply: ExportEvent };
  /** A page of a folder of a layer, also of what no config names. */
  browse: { kind: "query"; request: BrowseRequest; reply: BrowsePage };
  /** What folders of a layer are, for those on the screen. */
  glance: { kind: "query"; request: GlanceRequest; reply: Array<Glance> };
  /** A look into a file of a partition: Parquet metadata, or text. */
  view_file: { kind: "query"; request: FileRequest; reply: FileView };
}

/** How each command answers: one JSON value, one Arrow stream, or a stream of JSON events. */
export const KINDS = {
  validate: "query",
  config_text: "query",
  check_text: "query",
  complete: "query",
  hover: "query",
  form: "query",
  edit_text: "query",
  effective_config: "query",
  migrate_text: "query",
  fix_text: "query",
  format_text: "query",
  ignore_text: "query",
  outline: "query",
  diff_text: "query",
  compare_text: "query",
  save_text: "query",
  templates: "query",
  new_config: "query",
  discover: "query",
  doctor: "stream",
  watch: "stream",
  explain: "query",
  deprecations: "query",
  backends: "query",
  plan: "query",
  run: "stream",
  cancel: "query",
  preview: "table",
  plan_join: "query",
  preview_join: "table",
  join: "stream",
  list_datasets: "query",
  list_partitions: "query",
  partition_detail: "query",
  rows: "table",
  list_quarantine: "query",
  quarantine_rows: "query",
  verify: "stream",
  gc: "stream",
  retention: "query",
  lifecycle: "query",
  adopt: "query",
  open_rows: "stream",
  row: "query",
  cell: "query",
  find_row: "stream",
  profile_column: "stream",
  export_rows: "stream",
  browse: "query",
  glance: "query",
  view_file: "query",
} as const satisfies { [Name in keyof Commands]: Commands[Name]["kind"] };
