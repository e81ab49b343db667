import { expect, test } from "vitest";

import type { Field, Form } from "../../../lib/api/generated.ts";
import { changeOf, entryPath, fieldAt, hiddenFields, newItem, problemsWithin, provenance, rowsOf, unfolded, valueOf } from "./model.ts";

const span = (start: number, end: number, line: number) => ({ start, end, line, column: 1, end_line: line, end_column: 1 });

function field(path: string, more: Partial<Field> = {}): Field {
  return { path, label: path.split(".").at(-1) ?? path, help: "", kind: { type: "text", file: false, long: false }, written: null, effective: null, origin: { from: "nowhere" }, required: false, advanced: false, deprecated: false, span: null, problems: [], children: [], ...more };
}

const form: Form = {
  unreadable: null,
  in_part: false,
  fields: [
    field("config_version", { kind: { type: "integer" }, written: "1", span: span(16, 17, 1), origin: { from: "here" } }),
    field("run", {
      kind: { type: "section" }, span: span(20, 80, 3),
      children: [
        field("run.pattern", { required: true, written: "full", span: span(30, 34, 3), problems: [0] }),
        field("run.limit", { advanced: true, kind: { type: "integer" }, effective: "100", origin: { from: "default" } }),
        field("run.retries", { advanced: true, written: "3", span: span(44, 45, 4) }),
      ],
    }),
    field("extra", { kind: { type: "section" }, advanced: true, children: [field("extra.a"), field("extra.b")] }),
  ],
};

const paths = (shape: Partial<Parameters<typeof rowsOf>[1]>): string[] => rowsOf(form, { advanced: false, folds: new Map(), filter: "", ...shape }).map((row) => row.field.path);

test("Basic leaves out what is advanced, unless it is written; Advanced leaves out nothing", () => {
  expect(paths({})).toEqual(["config_version", "run", "run.pattern", "run.retries"]);
  expect(paths({ advanced: true })).toEqual(["config_version", "run", "run.pattern", "run.limit", "run.retries", "extra"]);
  expect(hiddenFields(form)).toBe(4);
});

test("what is folded hides its fields, a search opens and reaches the hidden ones", () => {
  expect(paths({ folds: new Map([["run", false]]) })).toEqual(["config_version", "run"]);
  expect(paths({ filter: "limit" })).toEqual(["run", "run.limit"]);
  expect(paths({ advanced: true, folds: unfolded(form, "extra.b", new Map()) })).toContain("extra.b");
});

test("a place of the text leads to its field, on the key too", () => {
  expect(fieldAt(form, 32, 3)?.path).toBe("run.pattern");
  expect(fieldAt(form, 40, 4)?.path).toBe("run.retries");
  expect(fieldAt(form, 16, 1)?.path).toBe("config_version");
  expect(fieldAt(form, 500, 99)).toBeUndefined();
});

test("problems of a section are those of its fields", () => {
  expect(form.fields.map(problemsWithin)).toEqual([0, 1, 0]);
});

test.each([
  [{ type: "integer" } as const, "12", { as: "literal", text: "12" }],
  [{ type: "integer" } as const, "9007199254740993", { as: "literal", text: "9007199254740993" }],
  [{ type: "integer" } as const, "twelve", { as: "text", text: "twelve" }],
  [{ type: "number" } as const, " 1.5 ", { as: "literal", text: "1.5" }],
  [{ type: "boolean" } as const, "true", { as: "literal", text: "true" }],
  [{ type: "text", file: false, long: false } as const, "true", { as: "text", text: "true" }],
  [{ type: "text", file: false, long: false } as const, "007", { as: "text", text: "007" }],
])("%j of %j is %j", (kind, text, value) => expect(valueOf(kind, text)).toEqual(value));

test("the same text is no edit, an emptied field is unset, an emptied item stays", () => {
  const [pattern] = form.fields[1]!.children as [Field];
  const row = { field: pattern, inside: form.fields[1] };
  expect(changeOf(row, "full")).toBeUndefined();
  expect(changeOf(row, "cdc")).toEqual({ do: "set", path: "run.pattern", value: { as: "text", text: "cdc" } });
  expect(changeOf(row, "")).toEqual({ do: "unset", path: "run.pattern" });
  expect(changeOf({ field: form.fields[1]!.children[1]!, inside: undefined }, "")).toBeUndefined();
  const list = field("values", { kind: { type: "list", scalar: true } });
  expect(changeOf({ field: field("values[0]", { written: "NA", span: span(1, 3, 1) }), inside: list }, "")).toEqual({ do: "set", path: "values[0]", value: { as: "text", text: "" } });
});

test("a new item has what its siblings must have", () => {
  expect(newItem(field("values", { kind: { type: "list", scalar: true } }))).toEqual({ as: "text", text: "" });
  const item = field("sources[0]", { kind: { type: "section" }, children: [field("sources[0].name", { required: true }), field("sources[0].note")] });
  expect(newItem(field("sources", { kind: { type: "list", scalar: false }, children: [item] }))).toEqual({ as: "yaml", text: "name:" });
});

test("every origin has a name", () => {
  expect(provenance(form.fields[0]!).label).toBe("here");
  expect(provenance(field("a", { origin: { from: "parent", file: "base.yaml" } }))).toEqual({ label: "parent", title: "From base.yaml" });
  expect(provenance(field("a", { origin: { from: "environment", file: "environments/prod.yaml" }, span: span(1, 2, 1) })).title).toContain("laid over");
  expect(provenance(field("a", { required: true })).label).toBe("required");
  expect(provenance(field("a", { origin: { from: "default" } })).label).toBe("default");
});

test("an entry's path quotes what is no plain word", () => {
  const map = field("run.schema");
  expect(["amount", "order id", 'a"b', "x.y"].map((key) => entryPath(map, key))).toEqual(["run.schema.amount", 'run.schema["order id"]', 'run.schema["a\\"b"]', 'run.schema["x.y"]']);
});
