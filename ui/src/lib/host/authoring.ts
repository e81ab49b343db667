// The authoring half of the fixtures: a few rules of a small language over a plain reading of block
// YAML, enough to work on the screens and to test them. The engine knows better.

import type { Check, Choice, Completions, ConfigText, CompareRequest, CursorRequest, Diagnostic, DiffLine, DoctorEvent, Draft, DraftCheck, Edit, Edited, Field, FieldKind, Form, FormRequest, Hover, NewConfig, SaveRequest, Saved, Span, Template, TextDiff, TextEdit, ThreeWay, WatchEvent } from "../api/generated.ts";

const encoder = new TextEncoder();
const bytes = (text: string): number => encoder.encode(text).length;

function span(text: string, from: number, to: number): Span {
  const place = (at: number): [number, number] => {
    const lines = text.slice(0, at).split("\n");
    return [lines.length, [...(lines.at(-1) ?? "")].length + 1];
  };
  const [[line, column], [end_line, end_column]] = [place(from), place(to)];
  return { start: bytes(text.slice(0, from)), end: bytes(text.slice(0, to)), line, column, end_line, end_column };
}

interface Node {
  path: string;
  key: string;
  /** Of the key or the dash. */
  from: number;
  value: [number, number] | undefined;
  text: string | undefined;
  indent: number;
  /** One past the last line. */
  end: number;
  children: Node[];
  list: boolean;
}

/** A plain reading of block YAML: keys, items, single values; flow collections are single values. */
function read(text: string): Node {
  const root: Node = { path: "", key: "", from: 0, value: undefined, text: undefined, indent: -1, end: text.length, children: [], list: false };
  const stack = [root];
  let at = 0;
  for (const line of text.split("\n")) {
    const start = at;
    at += line.length + 1;
    let rest = line.replace(/\s+#.*$/, "");
    let indent = rest.search(/\S/);
    if (indent < 0 || rest.trim().startsWith("#")) continue;
    for (;;) {
      while ((stack.at(-1)?.indent ?? -1) >= indent) stack.pop();
      const parent = stack.at(-1) ?? root;
      const dash = /^(\s*)- ?/.exec(rest);
      const pair = /^(\s*)([\w.-]+):(?:\s+(.*))?$/.exec(rest);
      const node: Node = { path: "", key: "", from: start + indent, value: undefined, text: undefined, indent, end: 0, children: [], list: false };
      if (dash) {
        parent.list = true;
        node.path = `${parent.path}[${parent.children.length}]`;
        node.key = String(parent.children.length + 1);
        const item = rest.slice(dash[0].length);
        if (item && !/^[\w.-]+:(\s|$)/.test(item)) give(node, item, start + dash[0].length);
      } else if (pair) {
        node.key = pair[2] ?? "";
        node.path = parent.path ? `${parent.path}.${node.key}` : node.key;
        if (pair[3]) give(node, pair[3], start + rest.length - pair[3].length);
      } else break;
      parent.children.push(node);
      stack.push(node);
      for (const open of stack) open.end = Math.min(start + line.length + 1, text.length);
      if (!dash || node.value) break;
      rest = " ".repeat(dash[0].length) + rest.slice(dash[0].length);
      indent = rest.search(/\S/);
      if (indent < 0) break;
    }
  }
  return root;

  function give(node: Node, value: string, from: number): void {
    node.value = [from, from + value.length];
    node.text = value.replace(/^(["'])(.*)\1$/, "$2");
  }
}

function find(node: Node, path: string): Node | undefined {
  if (node.path === path) return node;
  return node.children.map((child) => find(child, path)).find(Boolean);
}

interface Spec {
  key: string;
  help: string;
  kind?: FieldKind;
  default?: string;
  required?: boolean;
  advanced?: boolean;
  children?: Spec[];
}

const section: FieldKind = { type: "section" };
const boolean: FieldKind = { type: "boolean" };
const integer: FieldKind = { type: "integer" };
const choice = (...values: [string, string][]): FieldKind => ({ type: "choice", values: values.map(([value, help]): Choice => ({ value, help })) });
const PATTERNS = choice(["full", "Everything, every time."], ["cdc", "Changes with their operation."], ["current_history", "All versions of each record."]);

const LANGUAGE: Spec[] = [
  { key: "config_version", help: "Version of this language. The newest is `1`.", kind: integer, required: true },
  { key: "platform", help: "Where things land. Owned by the platform team.", kind: section, children: [
    { key: "environment", help: "Which of your environments this is.", kind: choice(["dev", ""], ["test", ""], ["prod", ""]), default: "dev" },
    { key: "bronze", help: "The layer of raw records.", kind: section, children: [
      { key: "storage_backend", help: "Kind of storage.", kind: choice(["local", "A folder of this machine."], ["s3", "S3 or its like."], ["azure", "Azure Blob Storage."]), default: "local" },
      { key: "output_dir", help: "Folder that the layer is written to. A relative one starts at this file.", kind: { type: "text", file: true, long: false }, default: "./output" },
      { key: "prefix", help: "What stands before every path.", advanced: true },
    ] },
    { key: "silver", help: "The layer of curated tables.", kind: section, children: [{ key: "output_dir", help: "Folder that the layer is written to.", kind: { type: "text", file: true, long: false }, default: "./silver_output" }] },
  ] },
  { key: "sources", help: "The datasets of this file, one item each.", kind: { type: "list", scalar: false }, required: true, children: [
    { key: "name", help: "Name of the dataset, unique in the workspace.", required: true },
    { key: "source", help: "Where its records come from.", kind: section, required: true, children: [
      { key: "type", help: "Kind of source.", kind: choice(["file", "A file."], ["api", "A REST API."], ["db", "A database."]), required: true },
      { key: "system", help: "Name of the system that it comes from; part of the path.", required: true },
      { key: "table", help: "Name of the table; part of the path.", required: true },
      { key: "file", help: "The file to read.", kind: section, required: true, children: [
        { key: "path", help: "The file. `{run_date}` stands for the date of the run.\n\n```yaml\npath: ./data/orders_{run_date}.csv\n```", kind: { type: "text", file: true, long: false }, required: true },
        { key: "format", help: "How it is written. Default: by its ending.", kind: choice(["csv", "Comma-separated values."], ["tsv", "Tab-separated values."], ["jsonl", "One JSON object a line."], ["parquet", "Apache Parquet."]) },
        { key: "limit_rows", help: "Reads at most this many records.", kind: integer, advanced: true },
      ] },
      { key: "run", help: "How it is extracted.", kind: section, children: [
        { key: "load_pattern", help: "What a file holds: everything, or what changed.\n\nIt decides which Silver models fit.", kind: PATTERNS, default: "full" },
        { key: "null_values", help: "Texts that mean that there is no value.", kind: { type: "list", scalar: true } },
        { key: "query", help: "A query in place of the whole table.", kind: { type: "text", file: false, long: true }, advanced: true },
        { key: "schema", help: "Types of columns, where the ones found do not fit.", kind: { type: "map" }, advanced: true },
        { key: "write_csv", help: "Writes CSV beside Parquet.", kind: boolean, default: "false", advanced: true },
        { key: "max_rows_per_file", help: "Rows of a part at most.", kind: integer, default: "100000", advanced: true },
      ] },
    ] },
    { key: "silver", help: "How it is promoted. Without it the dataset ends in Bronze.", kind: section, children: [
      { key: "domain", help: "Business domain; part of the path.", required: true },
      { key: "entity", help: "What a row is; part of the path.", required: true },
      { key: "model", help: "What Silver keeps of a record's history.", kind: choice(["scd_type_1", "The newest state of each key."], ["scd_type_2", "Every version of each key."], ["periodic_snapshot", "Everything of each day."]), default: "periodic_snapshot" },
      { key: "primary_keys", help: "Columns that tell records apart.", kind: { type: "list", scalar: true } },
    ] },
  ] },
];

const NEAREST: Record<string, string> = { formt: "format", load_patern: "load_pattern", modle: "model", domian: "domain", fulll: "full", csvv: "csv" };

function check(file: string, text: string): Diagnostic[] {
  const found: Diagnostic[] = [];
  const base = { file, related: [], fix: null, help: null };
  const tab = /^\t|^ +\t/m.exec(text);
  if (tab) return [{ ...base, code: "CFG005", severity: "error", message: "a tab indents this line", path: "", span: span(text, tab.index, tab.index + tab[0].length), help: "YAML is indented by spaces" }];
  const rename = (from: number, to: number, word: string) => ({ title: `write \`${word}\``, edits: [{ span: span(text, from, to), text: word }], safe: false });
  const visit = (nodes: readonly Node[], specs: readonly Spec[]): void => {
    for (const node of nodes) {
      const spec = specs.find((each) => each.key === node.key);
      if (!spec) {
        const nearest = NEAREST[node.key];
        found.push({ ...base, code: "CFG013", severity: "error", message: `unknown key \`${node.key}\``, path: node.path, span: span(text, node.from, node.from + node.key.length), help: nearest ? `did you mean \`${nearest}\`?` : "remove it, or look it up in the reference", fix: nearest ? rename(node.from, node.from + node.key.length, nearest) : null });
        continue;
      }
      if (spec.kind?.type === "choice" && node.value && !spec.kind.values.some(({ value }) => value === node.text)) {
        const words = spec.kind.values.map(({ value }) => `\`${value}\``).join(", ");
        const nearest = NEAREST[node.text ?? ""];
        found.push({ ...base, code: "CFG016", severity: "error", message: `\`${node.text}\` is not one of ${words}`, path: node.path, span: span(text, ...node.value), help: nearest ? `did you mean \`${nearest}\`?` : null, fix: nearest ? rename(...node.value, nearest) : null });
      }
      if (node.text?.includes("legacy")) found.push({ ...base, code: "CFG002", severity: "warning", message: "this folder is called legacy", path: node.path, span: node.value ? span(text, ...node.value) : null, help: "move it when you can" });
      if (spec.kind?.type === "list") for (const item of node.children) visit(item.children, spec.children ?? []);
      else if (spec.kind?.type !== "map") visit(node.children, spec.children ?? []);
    }
  };
  visit(read(text).children, LANGUAGE);
  return found.sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));
}

/** More datasets than this, and only one of them is listed with what is not written. */
const MANY = 20;

function formOf(file: string, text: string, wanted = ""): Form {
  const diagnostics = check(file, text);
  if (diagnostics.some((each) => each.code === "CFG005")) return { fields: [], unreadable: "line 3: a tab indents this line", in_part: false };
  const document = read(text);
  const inPart = (find(document, "sources")?.children.length ?? 0) > MANY;
  const dataset = (of: string): string | undefined => /^sources\[\d+\]/.exec(of)?.[0];
  const inFull = (of: string): boolean => !inPart || !dataset(of) || dataset(of) === dataset(wanted);
  const place = (node: Node | undefined): Span | null => (node ? (node.value ? span(text, ...node.value) : span(text, node.from, node.end)) : null);
  const about = (path: string): number[] => diagnostics.flatMap((each, at) => (each.path === path ? [at] : []));
  const make = (path: string, spec: Spec, node: Node | undefined): Field => {
    const kind: FieldKind = spec.kind ?? { type: "text", file: false, long: false };
    const single = kind.type !== "section" && kind.type !== "list" && kind.type !== "map";
    const from = node?.value ? "here" : spec.key === "prefix" ? "parent" : spec.default !== undefined ? "default" : "nowhere";
    const origin = from === "parent" ? { from, file: "configs/base.yaml" } as const : { from } as const;
    const children = kind.type === "section" ? fields(path, spec.children ?? [], node)
      : kind.type === "list" && !kind.scalar ? (node?.children ?? []).map((item): Field => ({ ...make(item.path, { ...spec, kind: section }, item), label: item.children.find((each) => each.key === "name")?.text ?? item.key, help: "", required: false }))
      : (node?.children ?? []).map((item): Field => ({ ...make(item.path, { key: item.key, help: "" }, item), label: item.key }));
    const flow = kind.type === "list" && node?.text?.startsWith("[") ? node.text.slice(1, -1).split(",").map((item, at): Field => ({ ...make(`${path}[${at}]`, { key: "", help: "" }, undefined), label: String(at + 1), written: item.trim().replace(/^(["'])(.*)\1$/, "$2"), span: place(node), origin: { from: "here" } })) : [];
    return { path, label: spec.key, help: spec.help, kind, written: single ? (node?.text ?? null) : null, effective: node?.text?.startsWith("${") ? null : (node?.text ?? (from === "parent" ? "from/parent" : (spec.default ?? null))), origin, required: spec.required ?? false, advanced: spec.advanced ?? false, deprecated: false, span: place(node), problems: about(path), children: [...children, ...flow] };
  };
  const fields = (path: string, specs: readonly Spec[], node: Node | undefined): Field[] => [
    ...specs.filter((spec) => inFull(path) || node?.children.some((child) => child.key === spec.key)).map((spec) => make(path ? `${path}.${spec.key}` : spec.key, spec, node?.children.find((child) => child.key === spec.key))),
    ...(node?.children ?? []).filter((child) => !specs.some((spec) => spec.key === child.key)).map((child): Field => ({ ...make(child.path, { key: child.key, help: "" }, child), kind: { type: "raw" }, written: text.slice(child.from, child.end).replace(/^[^:]*:\s*/, "").replace(/\s+#.*$/m, "").trimEnd() })),
  ];
  return { fields: fields("", LANGUAGE, document), unreadable: null, in_part: inPart };
}

function splice(text: string, from: number, to: number, insert: string): { text: string; edit: TextEdit } {
  return { text: text.slice(0, from) + insert + text.slice(to), edit: { span: span(text, from, to), text: insert } };
}

function applied(text: string, edit: Edit): { text: string; edit: TextEdit } {
  const root = read(text);
  const node = find(root, edit.path);
  const quoted = (value: { as: string; text: string }): string => (value.as === "text" && /^(true|false|null|~|)$|^[\d.]+$|[:#{}[\],&*]\s|^[-!|>@`"'%]/.test(value.text) ? JSON.stringify(value.text) : value.text);
  if (edit.do === "set") {
    if (node?.value) return splice(text, ...node.value, quoted(edit.value));
    if (node) return splice(text, text.indexOf(":", node.from) + 1, text.indexOf(":", node.from) + 1, ` ${quoted(edit.value)}`);
    const steps = edit.path.split(".");
    let depth = steps.length - 1;
    while (depth > 0 && !find(root, steps.slice(0, depth).join("."))) depth -= 1;
    const around = depth ? find(root, steps.slice(0, depth).join(".")) : root;
    if (!around) throw new Error("nothing is there");
    const indent = around.children[0]?.indent ?? around.indent + 2;
    const lines = steps.slice(depth).map((step, at) => `${" ".repeat(indent + 2 * at)}${step}:${at === steps.length - depth - 1 ? ` ${quoted(edit.value)}` : ""}\n`);
    return splice(text, around.end, around.end, (text[around.end - 1] === "\n" ? "" : "\n") + lines.join(""));
  }
  if (edit.do === "unset" && node) {
    const start = text.lastIndexOf("\n", node.from) + 1;
    return splice(text, start, node.end, "");
  }
  if (edit.do === "insert" && node) {
    const indent = (node.children[0]?.indent ?? node.indent + 2);
    const lines = quoted(edit.value).split("\n").map((line, at) => `${" ".repeat(indent)}${at ? "  " : "- "}${line}\n`);
    return splice(text, node.end, node.end, lines.join(""));
  }
  throw new Error(`cannot ${edit.do} ${edit.path}`);
}

/** All edits as one stretch: from the first difference to the last. */
function edited(text: string, edits: readonly Edit[]): Edited {
  const after = edits.reduce((current, edit) => applied(current, edit).text, text);
  let head = 0;
  while (head < Math.min(text.length, after.length) && text[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(text.length, after.length) - head && text.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return { text: after, changes: text === after ? [] : [{ span: span(text, head, text.length - tail), text: after.slice(head, after.length - tail) }] };
}

function diff(before: string, after: string): TextDiff {
  const [a, b] = [before, after].map((text) => text.replace(/\n$/, "").split("\n").filter((_, at, all) => all.length > 1 || all[at] !== "")) as [string[], string[]];
  let head = 0;
  while (head < Math.min(a.length, b.length) && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const removed = a.slice(head, a.length - tail);
  const added = b.slice(head, b.length - tail);
  if (removed.length + added.length === 0) return { hunks: [], added: "0", removed: "0" };
  const same = (text: string, line: number, drift: number): DiffLine => ({ kind: "same", old_line: line, new_line: line + drift, text });
  const lines: DiffLine[] = [
    ...a.slice(Math.max(0, head - 3), head).map((text, at) => same(text, Math.max(0, head - 3) + at + 1, 0)),
    ...removed.map((text, at): DiffLine => ({ kind: "removed", old_line: head + at + 1, new_line: null, text })),
    ...added.map((text, at): DiffLine => ({ kind: "added", old_line: null, new_line: head + at + 1, text })),
    ...a.slice(a.length - tail, a.length - tail + 3).map((text, at) => same(text, a.length - tail + at + 1, b.length - a.length)),
  ];
  return { hunks: [{ lines }], added: String(added.length), removed: String(removed.length) };
}

const TEMPLATES: Template[] = [
  { name: "file-full", summary: "A file that holds everything, read anew each day.", source: "file", load_pattern: "full", questions: [
    { name: "name", text: "Name of the dataset", default: "orders", choices: [] },
    { name: "path", text: "The file; `{run_date}` stands for the date", default: "", choices: [] },
    { name: "format", text: "How it is written", default: "csv", choices: ["csv", "tsv", "jsonl", "parquet"] },
  ] },
  { name: "file-cdc", summary: "Files of changes, each with its operation.", source: "file", load_pattern: "cdc", questions: [{ name: "name", text: "Name of the dataset", default: "orders", choices: [] }] },
  { name: "api-full", summary: "A REST API, page by page.", source: "api", load_pattern: "full", questions: [{ name: "base_url", text: "Address of the API", default: "", choices: [] }] },
  { name: "db-full", summary: "A query of a database.", source: "db", load_pattern: "full", questions: [] },
];

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Files of the fixtures with everything that can be done to them. */
export class Authoring {
  readonly #files = new Map<string, { text: string; revision: string }>();
  readonly #watchers = new Map<string, (event: WatchEvent) => void>();
  #revision = 0;

  constructor(files: Record<string, string>) {
    for (const [file, text] of Object.entries(files)) this.#put(file, text);
  }

  #put(file: string, text: string): string {
    const revision = `r${++this.#revision}`;
    this.#files.set(file, { text, revision });
    return revision;
  }

  /** Changes a file as somebody else would, and tells who watches. */
  write(file: string, text: string): void {
    this.#put(file, text);
    for (const tell of this.#watchers.values()) tell({ event: "changed", files: [this.#watched(file)], removed: [] });
  }

  #watched(file: string) {
    const { text, revision } = this.#files.get(file) ?? { text: "", revision: "" };
    return { validation: this.validation(file, text), revision };
  }

  validation(file: string, text = this.#files.get(file)?.text ?? "") {
    return { file, datasets: this.datasets(text), diagnostics: check(file, text), held_back_by: [] };
  }

  files(): string[] {
    return [...this.#files.keys()];
  }

  datasets(text: string): string[] {
    return (find(read(text), "sources")?.children ?? []).map((item) => item.children.find((each) => each.key === "name")?.text ?? item.key);
  }

  query(name: string, request: object): unknown {
    switch (name) {
      case "config_text": {
        const { file } = request as { file: string };
        const kept = this.#files.get(file);
        if (!kept) return undefined;
        const { datasets, diagnostics } = this.validation(file);
        return { file, datasets, diagnostics, text: kept.text, revision: kept.revision, read_only: false } satisfies ConfigText;
      }
      case "check_text": {
        const { file, text } = request as Draft;
        const { datasets, diagnostics } = this.validation(file, text);
        return { datasets, diagnostics, changed: this.#files.get(file)?.text !== text } satisfies DraftCheck;
      }
      case "form": {
        const { draft, path } = request as FormRequest;
        return formOf(draft.file, draft.text, path ?? "");
      }
      case "complete":
        return this.#complete(request as CursorRequest);
      case "hover":
        return this.#hover(request as CursorRequest);
      case "edit_text": {
        const { draft, edits } = request as { draft: Draft; edits: Edit[] };
        return edited(draft.text, edits);
      }
      case "migrate_text":
      case "fix_text": {
        const { text } = request as Draft;
        return { text, changes: [] } satisfies Edited;
      }
      case "diff_text": {
        const { file, text } = request as Draft;
        return diff(this.#files.get(file)?.text ?? "", text);
      }
      case "compare_text": {
        const { draft, base } = request as CompareRequest;
        const kept = this.#files.get(draft.file);
        const merged = kept && kept.text.startsWith(base) ? draft.text + kept.text.slice(base.length) : null;
        return { ours: diff(base, draft.text), theirs: diff(base, kept?.text ?? ""), text: kept?.text ?? null, revision: kept?.revision ?? null, merged } satisfies ThreeWay;
      }
      case "save_text": {
        const { file, text, base } = request as SaveRequest;
        const kept = this.#files.get(file);
        if ((kept?.revision ?? null) !== base) return { result: "conflict", theirs: kept?.text ?? null, revision: kept?.revision ?? null, merged: null } satisfies Saved;
        this.write(file, text);
        return { result: "saved", revision: this.#files.get(file)?.revision ?? "" } satisfies Saved;
      }
      case "templates":
        return TEMPLATES;
      case "new_config":
        return this.#made("configs/orders.yaml", ["The name of the file comes from the name of the dataset."]);
      case "discover":
        return this.#made("configs/discovered.yaml", ["orders.csv: key `id` is unique and never null in 1,000 records", "orders.csv: `updated_at` only grows; it can be the order column"]);
      default:
        return undefined;
    }
  }

  #made(file: string, notes: string[]): NewConfig {
    const text = "# What is read, and where it goes.\nconfig_version: 1\n\nsources:\n  - name: orders\n    source:\n      type: file\n      system: shop\n      table: orders\n      file:\n        path: ./data/orders.csv\n        format: csv\n";
    return { file, text, diagnostics: [], notes };
  }

  #at({ draft, offset }: CursorRequest): { text: string; at: number; line: string; start: number } {
    const at = new TextDecoder().decode(encoder.encode(draft.text).slice(0, offset)).length;
    const start = draft.text.lastIndexOf("\n", at - 1) + 1;
    return { text: draft.text, at, start, line: draft.text.slice(start).split("\n")[0] ?? "" };
  }

  #complete(request: CursorRequest): Completions {
    const { text, at, line, start } = this.#at(request);
    const all = (specs: readonly Spec[]): Spec[] => specs.flatMap((spec) => [spec, ...all(spec.children ?? [])]);
    const before = text.slice(start, at);
    const word = /[\w-]*$/.exec(before)?.[0] ?? "";
    const end = at + (/^[\w-]*/.exec(text.slice(at))?.[0].length ?? 0);
    const place = span(text, at - word.length, end);
    const key = /^\s*(?:- )?([\w-]+):\s/.exec(before)?.[1];
    const spec = all(LANGUAGE).find((each) => each.key === key);
    if (key) {
      const values = spec?.kind?.type === "choice" ? spec.kind.values : spec?.kind?.type === "boolean" ? [{ value: "true", help: "" }, { value: "false", help: "" }] : [];
      return { span: place, items: values.map(({ value, help }) => ({ label: value, kind: "value", detail: value === spec?.default ? "default" : "", documentation: help, insert: value, cursor: bytes(value) })) };
    }
    const seen = new Set<string>();
    const rest = line.slice(before.length).includes(":");
    return { span: place, items: all(LANGUAGE).filter((each) => !seen.has(each.key) && seen.add(each.key)).map((each) => ({ label: each.key, kind: "key", detail: each.required ? "required" : (each.kind?.type ?? "text"), documentation: each.help, insert: rest ? each.key : `${each.key}: `, cursor: bytes(each.key) + (rest ? 0 : 2) })) };
  }

  #hover(request: CursorRequest): Hover {
    const { text, start, line } = this.#at(request);
    const match = /^(\s*(?:- )?)([\w-]+):/.exec(line);
    const all = (specs: readonly Spec[]): Spec[] => specs.flatMap((spec) => [spec, ...all(spec.children ?? [])]);
    const spec = match && all(LANGUAGE).find((each) => each.key === match[2]);
    if (!match || !spec) return { span: null, text: "" };
    const from = start + (match[1]?.length ?? 0);
    return { span: span(text, from, from + spec.key.length), text: `**${spec.key}** · ${spec.kind?.type ?? "text"}\n\n${spec.help}${spec.default ? `\n\nDefault: \`${spec.default}\`` : ""}` };
  }

  async doctor(cancelled: () => boolean, emit: (event: DoctorEvent) => void): Promise<void> {
    const checks: Check[] = [];
    const add = (group: Check["group"], outcome: Check["outcome"], title: string, detail: string, more: Partial<Check> = {}): number =>
      checks.push({ group, title, outcome, detail, hint: null, code: null, datasets: [], file: "", span: null, finding: null, seconds: 0.02, ...more });
    for (const file of this.#files.keys()) {
      const { diagnostics } = this.validation(file);
      for (const finding of diagnostics) add("configuration", finding.severity === "error" ? "failed" : "warned", finding.message, finding.path, { code: finding.code, hint: finding.help, finding, file, span: finding.span });
      if (!diagnostics.length) add("configuration", "passed", `check ${file}`, "no problems", { file });
    }
    add("environment", "failed", "variable SHOP_TOKEN", "it is not set; looked in the environment and in .env", { code: "CFG031", hint: "set it, or write it into .env beside the config" });
    add("environment", "passed", "variable SHOP_URL", "set");
    add("source", "passed", "read ./data/flights_2013-01-01.csv", "2.1 MiB, header and first record read", { datasets: ["flights"] });
    add("source", "skipped", "reach https://shop.example.com", "not asked for: offline");
    add("storage", "passed", "write to ./lake/bronze", "wrote and removed a probe object in 3 ms");
    add("machine", "warned", "disk space of ./lake", "2.1 GiB free of 100 GiB", { hint: "make room before the next full load" });
    add("machine", "passed", "clock", "within 40 ms of the storage");
    emit({ event: "started", checks: checks.length });
    for (const check of checks) {
      await wait(60);
      if (cancelled()) return;
      emit({ event: "checked", check });
    }
    const number = (outcome: Check["outcome"]): number => checks.filter((each) => each.outcome === outcome).length;
    emit({ event: "finished", report: { checks, failed: number("failed"), warned: number("warned"), skipped: number("skipped"), seconds: 0.84, exit: 1 } });
  }

  watch(job: string, emit: (event: WatchEvent) => void): Promise<void> {
    emit({ event: "started", files: this.files().map((file) => this.#watched(file)) });
    return new Promise((resolve) => {
      this.#watchers.set(job, emit);
      this.#ends.set(job, resolve);
    });
  }

  readonly #ends = new Map<string, () => void>();
  cancel(job: string): void {
    this.#watchers.delete(job);
    this.#ends.get(job)?.();
  }
}
