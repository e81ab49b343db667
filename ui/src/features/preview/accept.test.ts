import { expect, test } from "vitest";

import type { ColumnDelta, Outline, Part } from "../../lib/api/generated.ts";
import { schemaEdits } from "./accept.ts";

const span = { start: 0, end: 0, line: 1, column: 1, end_line: 1, end_column: 1 };
const part = (name: string, parts: Part[] = []): Part => ({ name, detail: "", dataset: false, span, key: span, parts });
const column = (name: string, accept: string | null): ColumnDelta => ({ name, found: accept, declared: null, verdict: "inferred", accept });

test("types are declared where the dataset stands, whatever columns are called", () => {
  const outline: Outline = { ours: true, parts: [part("platform"), part("sources", [part("a"), part("b")])] };
  const edits = schemaEdits(outline, "b", [column("id", "integer"), column("odd name", "text"), column("blob", null)]);
  expect(edits.map((edit) => (edit.do === "set" ? [edit.path, edit.value] : []))).toEqual([
    ["sources[1].source.run.schema.id", { as: "text", text: "integer" }],
    ['sources[1].source.run.schema["odd name"]', { as: "text", text: "text" }],
  ]);
});

test("a dataset that is nowhere is refused, and the only one is meant", () => {
  const two: Outline = { ours: true, parts: [part("sources", [part("a"), part("b")])] };
  expect(() => schemaEdits(two, "c", [column("id", "integer")])).toThrow("declared by hand");
  const one: Outline = { ours: true, parts: [part("sources", [part("shop.orders")])] };
  expect(schemaEdits(one, "orders", [column("id", "integer")])).toHaveLength(1);
});
