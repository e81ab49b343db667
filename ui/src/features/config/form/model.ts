// The form as rows: which fields are shown, where a value comes from, and which edit a change is.

import type { Edit, EditValue, Field, FieldKind, Form } from "../../../lib/api/generated.ts";

export interface Row {
  field: Field;
  depth: number;
  /** Whether its children can be folded away, and whether they are. */
  open: boolean | undefined;
  /** What the field is an item or entry of. */
  inside: Field | undefined;
}

const NESTED: readonly FieldKind["type"][] = ["section", "map", "list"];

export function isNested(field: Field): boolean {
  return NESTED.includes(field.kind.type);
}

/** Basic shows what is not advanced; what is written or wrong is always shown. */
export function isShown(field: Field, advanced: boolean): boolean {
  return advanced || !field.advanced || field.written !== null || field.span !== null || field.problems.length > 0 || field.children.some((child) => isWritten(child) || child.problems.length > 0);
}

function isWritten(field: Field): boolean {
  return field.span !== null || field.children.some(isWritten);
}

/** How many more fields Advanced would show. */
export function hiddenFields(form: Form): number {
  const count = (fields: readonly Field[]): number =>
    fields.reduce((sum, field) => sum + (isShown(field, false) ? count(field.children) : 1 + field.children.reduce((inner, child) => inner + countAll(child), 0)), 0);
  return count(form.fields);
}

function countAll(field: Field): number {
  return isNested(field) ? field.children.reduce((sum, child) => sum + countAll(child), 0) : 1;
}

/** Problems of a field and of everything below it. */
export function problemsWithin(field: Field): number {
  return field.problems.length + field.children.reduce((sum, child) => sum + problemsWithin(child), 0);
}

export interface Shape {
  advanced: boolean;
  /** Sections that the user opened (true) or folded (false), by path. */
  folds: ReadonlyMap<string, boolean>;
  /** Only fields whose name or path contains this. */
  filter: string;
}

/** The rows to draw, in order. */
export function rowsOf(form: Form, { advanced, folds, filter }: Shape): Row[] {
  const rows: Row[] = [];
  const wanted = filter.trim().toLowerCase();
  const fits = (field: Field): boolean => `${field.path} ${field.label}`.toLowerCase().includes(wanted) || field.children.some(fits);
  const add = (fields: readonly Field[], depth: number, inside: Field | undefined): void => {
    for (const field of fields) {
      if (!isShown(field, advanced || wanted !== "") || (wanted !== "" && !fits(field))) continue;
      const open = isNested(field) ? wanted !== "" || (folds.get(field.path) ?? opensItself(field, inside)) : undefined;
      rows.push({ field, depth, open, inside });
      if (open) add(field.children, depth + 1, field);
    }
  };
  add(form.fields, 0, undefined);
  return rows;
}

/** Long lists of sections start folded, and so does what nobody has written. */
function opensItself(field: Field, inside: Field | undefined): boolean {
  if (problemsWithin(field) > 0) return true;
  if (inside?.kind.type === "list" && inside.children.length > 3) return false;
  return isWritten(field) || field.required;
}

/** Opens what lies around a path. */
export function unfolded(form: Form, path: string, folds: ReadonlyMap<string, boolean>): Map<string, boolean> {
  const next = new Map(folds);
  const open = (fields: readonly Field[]): boolean =>
    fields.some((field) => {
      if (field.path === path) return true;
      if (!open(field.children)) return false;
      next.set(field.path, true);
      return true;
    });
  open(form.fields);
  return next;
}

/** The innermost field at a place of the text; on a key, the field of that line. */
export function fieldAt(form: Form, offset: number, line: number): Field | undefined {
  let best: Field | undefined;
  let onLine: Field | undefined;
  const width = (field: Field): number => (field.span ? field.span.end - field.span.start : Infinity);
  const visit = (fields: readonly Field[]): void => {
    for (const field of fields) {
      const { span } = field;
      if (span && span.start <= offset && offset <= span.end && (!best || width(field) <= width(best))) best = field;
      if (span && span.line === line && (!onLine || span.start < (onLine.span?.start ?? 0))) onLine = field;
      visit(field.children);
    }
  };
  visit(form.fields);
  return best && !isNested(best) ? best : (onLine ?? best);
}

export interface Provenance {
  label: "here" | "parent" | "env" | "default" | "required" | "";
  title: string;
}

/** Where the value that counts comes from. */
export function provenance(field: Field, inside?: Field): Provenance {
  switch (field.origin.from) {
    case "here":
      return { label: "here", title: "Written in this file" };
    case "parent":
      return { label: "parent", title: `From ${field.origin.file}` };
    case "environment":
      return { label: "env", title: field.span ? `From ${field.origin.file}, which is laid over what is written here` : `From ${field.origin.file}` };
    case "default":
      return { label: "default", title: "The default; nothing is written" };
    case "nowhere":
      // What an optional section must have counts once the section is there.
      return field.required && (!inside || inside.required || isWritten(inside)) ? { label: "required", title: "Must be given" } : { label: "", title: "Not set" };
  }
}

/** What the user put into a field, as a value of its kind. */
export function valueOf(kind: FieldKind, text: string): EditValue {
  if (kind.type === "boolean") return { as: "literal", text };
  // What is no number is written as the text it is; the check says what is wrong with it.
  if ((kind.type === "integer" || kind.type === "number") && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text.trim())) return { as: "literal", text: text.trim() };
  return { as: "text", text };
}

/** The edit that a new text of a field is. Empty means not set, except for items of a list. */
export function changeOf(row: Pick<Row, "field" | "inside">, text: string): Edit | undefined {
  const { field, inside } = row;
  if (text === (field.written ?? "") && (field.written !== null || text === "")) return undefined;
  if (text === "" && inside?.kind.type !== "list") return field.span ? { do: "unset", path: field.path } : undefined;
  return { do: "set", path: field.path, value: valueOf(field.kind, text) };
}

/** A new item of a list of sections: what it must have, empty. */
export function newItem(list: Field): EditValue {
  if (list.kind.type === "list" && list.kind.scalar) return { as: "text", text: "" };
  const required = list.children[0]?.children.filter((child) => child.required && !isNested(child)).map((child) => child.label) ?? [];
  return { as: "yaml", text: required.length ? required.map((key) => `${key}:`).join("\n") : "name:" };
}

/** The path of an entry of the user's choice; a key that is no plain word is quoted in it. */
export function entryPath(map: Field, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `${map.path}[${JSON.stringify(key)}]`;
  return map.path ? `${map.path}.${key}` : key;
}
