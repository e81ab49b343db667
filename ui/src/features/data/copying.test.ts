import { expect, test } from "vitest";

import { orderOf } from "./columns.svelte.ts";
import { asText, conditionOf } from "./copying.ts";
import { measure, share } from "./profile.ts";

const columns = [{ name: "id", type: "integer" }, { name: "on, time", type: "boolean" }, { name: "note", type: "text" }];
const rows = [["9007199254740993", "true", null], ["-1", null, ""], ["2", "false", 'a "b"\n\tc'], ["3", "false", "NULL"]];

test("CSV: NULL is nothing, the empty text a pair of quotes", () => {
  expect(asText("csv", columns, rows, true)).toBe('id,"on, time",note\r\n9007199254740993,true,\r\n-1,,""\r\n2,false,"a ""b""\n\tc"\r\n3,false,NULL');
});

test("tabs: what would be two fields is quoted", () => {
  expect(asText("tsv", columns, rows.slice(1, 3), false)).toBe('-1\t\t""\n2\tfalse\t"a ""b""\n\tc"');
});

test("JSON: no digit is lost, and NULL is null", () => {
  const text = asText("json", columns, rows, true);
  expect(text).toContain('"id": "9007199254740993"');
  expect(JSON.parse(text)).toEqual([
    { id: "9007199254740993", "on, time": true, note: null }, { id: "-1", "on, time": null, note: "" },
    { id: "2", "on, time": false, note: 'a "b"\n\tc' }, { id: "3", "on, time": false, note: "NULL" },
  ]);
});

test.each([
  [{ name: "amount", type: "decimal(38,2)" }, "12.50", "amount = 12.50"],
  [{ name: "id", type: "integer" }, "-5", "id = -5"],
  [{ name: "note", type: "text" }, "it's", "note = 'it''s'"],
  [{ name: "note", type: "text" }, "5", "note = '5'"],
  [{ name: 'a "b" c', type: "text" }, null, '"a ""b"" c" is null'],
  [{ name: "ratio", type: "float" }, "NaN", "ratio = 'NaN'"],
  [{ name: "at", type: "timestamptz" }, "2013-01-01 05:00:00Z", "at = '2013-01-01 05:00:00Z'"],
])("the value %j %j is asked for as %s", (column, value, expected) => expect(conditionOf(column, value)).toBe(expected));

test("columns that stay come first, hidden ones not at all", () => {
  const all = ["a", "b", "c", "d"].map((name) => ({ name, type: "text", numeric: false }));
  expect(orderOf(all, new Set(), [])).toEqual({ order: [0, 1, 2, 3], stays: 0 });
  expect(orderOf(all, new Set(["b"]), ["d", "b"])).toEqual({ order: [3, 0, 2], stays: 1 });
});

test.each([["0", "10", "0 %"], ["1", "1000000", "< 0.1 %"], ["999999999999999999", "1000000000000000000", "> 99.9 %"], ["10", "10", "100 %"], ["1", "3", "33.3 %"], ["0", "0", "0 %"]])("%s of %s is %s", (part, whole, expected) => expect(share(part, whole)).toBe(expected));

test.each([[1399.5, "1399.5"], [0.1 + 0.2, "0.3"], [1234567.891, "1234570"], [1e20, "1e+20"], [0, "0"]])("%d is told as %s", (value, expected) => expect(measure(value)).toBe(expected));
