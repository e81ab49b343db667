import { expect, test } from "vitest";

import { Client } from "../../lib/api/client.ts";
import type { Check, DoctorReport } from "../../lib/api/generated.ts";
import { memoryHost } from "../../lib/host/memory.ts";
import { Examination, reportText, sections, verdict } from "./examination.svelte.ts";

const check = (group: Check["group"], outcome: Check["outcome"], title: string, more: Partial<Check> = {}): Check => ({ group, title, outcome, detail: "", hint: null, code: null, datasets: [], file: "", span: null, finding: null, seconds: 0, ...more });

test("groups come in order, failures first, what passed is a number", () => {
  const found = sections([check("machine", "passed", "clock"), check("environment", "warned", "b"), check("environment", "skipped", "c"), check("environment", "failed", "a"), check("environment", "passed", "d")]);
  expect(found.map(({ group, open, passed }) => [group, open.map(({ title }) => title).join(""), passed.length])).toEqual([["environment", "abc", 1], ["machine", "", 1]]);
});

test("the last line says whether it is ready, the report says why not", () => {
  const span = { start: 0, end: 1, line: 12, column: 7, end_line: 12, end_column: 8 };
  const report: DoctorReport = { checks: [check("source", "failed", "read a.csv", { code: "EXT010", detail: "it does not exist", hint: "check the path", file: "a.yaml", span }), check("machine", "passed", "clock")], failed: 1, warned: 0, skipped: 0, seconds: 0.2, exit: 2 };
  expect(verdict(report)).toBe("Not ready: 1 failed, 1 passed in 200 ms");
  expect(verdict({ ...report, checks: [], failed: 0 })).toBe("Ready: nothing to check in 200 ms");
  expect(verdict({ ...report, failed: 0, warned: 1 })).toBe("Ready, with warnings: 1 warning, 1 passed in 200 ms");
  expect(reportText(report)).toBe("Sources: 0 passed\n  failed: read a.csv [EXT010] (a.yaml:12:7): it does not exist\n    check the path\nThis machine: 1 passed\nNot ready: 1 failed, 1 passed in 200 ms");
});

test("a visit goes to its end, or stops when asked", async () => {
  const visit = new Examination(new Client(memoryHost("demo")));
  await visit.start({ path: "" }, true);
  expect([visit.state, visit.checks.length, visit.report?.checks.length]).toEqual(["ended", visit.expected, visit.expected]);
  const run = visit.start({ path: "" }, true);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await visit.cancel();
  await run;
  expect([visit.state, visit.report, visit.checks.length < visit.expected]).toEqual(["ended", undefined, true]);
});

test("a visit that cannot be made says why", async () => {
  const visit = new Examination(new Client(memoryHost("error")));
  await visit.start({ path: "" }, false);
  expect([visit.state, visit.error?.code]).toEqual(["ended", "STG013"]);
});
