import { expect, test } from "vitest";

import type { TextEdit } from "../api/generated.ts";
import { changedLines } from "./change.ts";

const bytes = (text: string): number => new TextEncoder().encode(text).length;

/** Replaces the first `what` of the text. */
function replace(text: string, what: string, by: string): TextEdit {
  const at = text.indexOf(what);
  const start = bytes(text.slice(0, at));
  return { span: { start, end: start + bytes(what), line: 1, column: 1, end_line: 1, end_column: 1 }, text: by };
}

const drawn = (text: string, edits: TextEdit[]): string[] =>
  changedLines(text, edits).map(({ lines }) => lines.map((line) => `${line.old_line ?? line.new_line}${line.kind === "added" ? "+" : "-"}${line.text}`).join("|"));

const TEXT = "# żółć\na: 1\nb: 2\nc: 3\nd: 4\n";

test("one word is one line before and after", () => {
  expect(drawn(TEXT, [replace(TEXT, "b: 2", "bee: 2")])).toEqual(["3-b: 2|3+bee: 2"]);
});

test("a line added is only added, a line removed only removed", () => {
  expect(drawn(TEXT, [replace(TEXT, "b: 2\n", "b: 2\nx: 9\n")])).toEqual(["4+x: 9"]);
  expect(drawn(TEXT, [replace(TEXT, "b: 2\n", "")])).toEqual(["3-b: 2"]);
});

test("edits on one line are one change, later line numbers know of earlier ones", () => {
  expect(drawn(TEXT, [replace(TEXT, "a", "x"), replace(TEXT, "1", "1\ny: 1"), replace(TEXT, "d: 4", "d: 5")])).toEqual(["2-a: 1|2+x: 1|3+y: 1", "5-d: 4|6+d: 5"]);
});

test("Windows line ends are not shown, an edit without effect is nothing", () => {
  expect(drawn("a: 1\r\nb: 2\r\n", [replace("a: 1\r\nb: 2\r\n", "2", "3")])).toEqual(["2-b: 2|2+b: 3"]);
  expect(changedLines(TEXT, [replace(TEXT, "a", "a")])).toEqual([]);
});
