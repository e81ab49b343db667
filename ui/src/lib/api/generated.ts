// Written by `cargo xtask codegen` from core::api::commands. Do not edit.

/** The answer to a question. */
export type Answer = {
  /** The question's name. */
  name: string,
  /** What was answered. */
  value: string, };

/** Whether a job was there to be stopped. */
export type CancelReply = {
  /** False when no job of that name is running. */
  found: boolean, };

/** Asks to stop a job. */
export type CancelRequest = {
  /** The name given in [`RunRequest::job`]. */
  job: string, };

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
  revision: string, };

/** Asks for the text of one config file. */
export type ConfigTextRequest = {
  /** The file, as `validate` or `list_datasets` named it. */
  file: string, };

/** A count of rows, files or bytes. Sent as text, because JavaScript's numbers end at 2^53. */
export type Count = string;

/** A place in a draft. */
export type CursorRequest = {
  /** The draft. */
  draft: Draft,
  /** Bytes before the cursor. */
  offset: number, };

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

/** A change a machine can make. */
export type Fix = {
  /** What the change does, as an order: "rename to `base_url`". */
  title: string,
  /** What is replaced: in the order of the text, not overlapping, all offsets of the text as it is. */
  edits: Array<TextEdit>,
  /** Whether it keeps what the text means, or does what the text certainly means, so that `--fix` may
   * apply it without asking about it in particular. A guess, such as the nearest name, is not safe. */
  safe: boolean, };

/** The document as fields. */
export type Form = {
  /** Fields of the top level, in the order of the schema, then unknown keys. */
  fields: Array<Field>,
  /** Why there is no form: the text is not valid YAML. */
  unreadable: string | null, };

/** Asks for the form of a draft. */
export type FormRequest = {
  /** The draft. */
  draft: Draft,
  /** A path in the dataset at hand. Of a file with more than 20 datasets only this one is listed with
   * everything that could be written; of the others only what is. */
  path?: string | null, };

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

/** Another place that helps to understand a finding. */
export type Related = {
  /** What is there: "first defined here". */
  message: string,
  /** Where. */
  span: Span,
  /** The file as the user would name it; empty for the file of the finding. */
  file: string, };

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
  plan: "query",
  run: "stream",
  cancel: "query",
  preview: "table",
  list_datasets: "query",
  list_partitions: "query",
  partition_detail: "query",
  rows: "table",
} as const satisfies { [Name in keyof Commands]: Commands[Name]["kind"] };
