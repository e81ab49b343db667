import { expect, test } from "vitest";

import { bytes, count, counted, percent, seconds } from "./number.ts";
import { COLLAPSE_AT, collapse, oneLine, utf16Column } from "./text.ts";
import { ago, isDate, today } from "./time.ts";

test("counts are exact at any size", () => {
  expect(count("9007199254740993")).toBe("9,007,199,254,740,993");
  expect(["0", "999", "1000", "-1234567"].map(count)).toEqual(["0", "999", "1,000", "-1,234,567"]);
  expect([counted("1", "row"), counted("0", "row"), counted("2", "row")]).toEqual(["1 row", "0 rows", "2 rows"]);
});

test.each([["0", "0 B"], ["1023", "1023 B"], ["1024", "1.0 KiB"], ["48213", "47.1 KiB"], ["1048575", "1.0 MiB"], ["18446744073709551615", "16384 PiB"]])("%s bytes", (digits, text) => {
  expect(bytes(digits)).toBe(text);
});

test.each([[0.0004, "0 ms"], [0.25, "250 ms"], [0.9999, "1.0 s"], [59.96, "1 min 0 s"], [3725, "1 h 2 min"]])("%s seconds", (value, text) => {
  expect(seconds(value)).toBe(text);
});

test("progress is known only with both numbers", () => {
  expect([percent("1", "3"), percent(null, "3"), percent("1", null), percent("0", "0"), percent("5", "3")]).toEqual([33.3, undefined, undefined, undefined, 100]);
});

test("a long value is cut between characters, and says by how much", () => {
  expect(collapse("a".repeat(COLLAPSE_AT))).toEqual({ shown: "a".repeat(COLLAPSE_AT), hidden: 0 });
  const { shown, hidden } = collapse(`${"a".repeat(COLLAPSE_AT - 1)}🛫b`);
  expect(shown.length).toBe(COLLAPSE_AT - 1);
  expect(hidden).toBe(3);
});

test("what would break a line or turn it round is drawn, not obeyed", () => {
  expect(oneLine("a\nb\tc\r\u0000\u202ed")).toBe("a↵b⇥c⏎‹0000›‹202e›d");
  expect(oneLine("x".repeat(400))).toBe(`${"x".repeat(300)}…`);
});

test("columns count characters, the editor counts halves", () => {
  expect(utf16Column("a🛫b", 1)).toBe(0);
  expect(utf16Column("a🛫b", 3)).toBe(3);
  expect(utf16Column("ab", 99)).toBe(2);
});

test("times and dates", () => {
  const now = Date.parse("2026-11-23T10:00:00Z");
  expect(["2026-11-23T09:59:58Z", "2026-11-23T09:46:00Z", "2026-11-20T10:00:00Z", "2025-01-01T00:00:00Z", "not a time"].map((at) => ago(at, now))).toEqual(
    ["just now", "14 min ago", "3 d ago", "2025-01-01", "not a time"]);
  expect(["2013-02-28", "2013-02-29", "2013-2-1", "", "20130101"].map(isDate)).toEqual([true, false, false, false, false]);
  expect(today(new Date(2013, 0, 5))).toBe("2013-01-05");
});
