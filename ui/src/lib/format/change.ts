// What edits would do to a text, as lines of a diff, before anybody applies them.

import type { DiffLine, Hunk, TextEdit } from "../api/generated.ts";
import { Offsets, spliced, splices, type Splice } from "./offsets.ts";

interface Group {
  /** Index of the first and one past the last character of the lines that are touched. */
  start: number;
  end: number;
  changes: Splice[];
}

/** The touched lines before and after. Edits are in bytes, in the order of the text. */
export function changedLines(text: string, edits: readonly TextEdit[]): Hunk[] {
  const groups: Group[] = [];
  for (const change of splices(edits, new Offsets(text))) {
    const start = text.lastIndexOf("\n", change.from - 1) + 1;
    const feed = text.indexOf("\n", change.to);
    const end = feed < 0 ? text.length : feed;
    const last = groups.at(-1);
    if (last && start <= last.end) {
      last.end = Math.max(last.end, end);
      last.changes.push(change);
    } else groups.push({ start, end, changes: [change] });
  }
  let drift = 0;
  return groups.flatMap((group) => {
    const first = text.slice(0, group.start).split("\n").length;
    const local = group.changes.map((change) => ({ ...change, from: change.from - group.start, to: change.to - group.start }));
    const before = linesOf(text.slice(group.start, group.end));
    const after = linesOf(spliced(text.slice(group.start, group.end), local));
    const lines = lineChange(before, after, first, first + drift);
    drift += after.length - before.length;
    return lines.length ? [{ lines }] : [];
  });
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.split("\n").map((line) => line.replace(/\r$/, ""));
}

/** Removed and added lines without the ones that are equal at both ends. */
function lineChange(before: string[], after: string[], oldLine: number, newLine: number): DiffLine[] {
  let head = 0;
  while (head < Math.min(before.length, after.length) && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(before.length, after.length) - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return [
    ...before.slice(head, before.length - tail).map((text, at): DiffLine => ({ kind: "removed", old_line: oldLine + head + at, new_line: null, text })),
    ...after.slice(head, after.length - tail).map((text, at): DiffLine => ({ kind: "added", old_line: null, new_line: newLine + head + at, text })),
  ];
}
