import { expect, test } from "vitest";

import { Client } from "../../lib/api/client.ts";
import type { PartitionRef } from "../../lib/api/generated.ts";
import { memoryHost } from "../../lib/host/memory.ts";
import { Sheet, sortedBy } from "./sheet.svelte.ts";

const of: PartitionRef = { of: { target: { path: "" }, dataset: "flights" }, layer: "bronze", id: "" };

async function opened(scene = "demo") {
  const host = memoryHost(scene);
  host.lake.steps = 1;
  const sheet = new Sheet(new Client(host), of);
  await sheet.open({});
  await sheet.rows?.first;
  return { sheet, lake: host.lake };
}

test.each([
  [[], "a", false, [{ column: "a" }]],
  [[{ column: "a" }], "a", false, [{ column: "a", descending: true }]],
  [[{ column: "a", descending: true }], "a", false, []],
  [[{ column: "a" }], "b", false, [{ column: "b" }]],
  [[{ column: "a" }], "b", true, [{ column: "a" }, { column: "b" }]],
  [[{ column: "a" }, { column: "b" }], "a", true, [{ column: "a", descending: true }, { column: "b" }]],
  [[{ column: "a", descending: true }, { column: "b" }], "a", true, [{ column: "b" }]],
])("the order %j after a click on %s (add: %s) is %j", (sort, column, add, expected) => {
  expect(sortedBy(sort, column, add)).toEqual(expected);
});

test("rows stay in sight until those of another order are there", async () => {
  const { sheet } = await opened();
  const before = sheet.rows;
  const sorting = sheet.open({ sort: [{ column: "flight_id", descending: true }] });
  expect([sheet.rows === before, sheet.behind]).toEqual([true, true]);
  await sorting;
  await new Promise((resolve) => setTimeout(resolve, 80));
  expect([sheet.rows === before, sheet.behind, sheet.rows?.cell(0, 0)]).toEqual([false, false, String(9007199254740993n + 999_999n)]);
});

test("a wrong filter is told at its place and leaves the rows as they were", async () => {
  const { sheet } = await opened();
  const before = sheet.rows;
  await sheet.open({ filter: "nowhere > 1" });
  expect([sheet.wrong?.filter, sheet.wrong?.error.diagnostics[0]?.span?.column, sheet.rows === before, sheet.error]).toEqual(["nowhere > 1", 1, true, undefined]);
  await sheet.open({ filter: "distance > 1" });
  expect([sheet.wrong, sheet.opened?.total, sheet.opened?.unfiltered]).toEqual([undefined, "1235", "1000000"]);
});

test("a sort that cannot be done is an error, not a wrong filter", async () => {
  const { sheet } = await opened();
  await sheet.open({ sort: [{ column: "note" }] });
  expect([sheet.error?.code, sheet.wrong, sheet.rows?.ready]).toEqual(["QRY003", undefined, true]);
});

test("a cancelled sort leaves what was asked for before", async () => {
  const { sheet, lake } = await opened();
  lake.steps = 20;
  const sorting = sheet.open({ sort: [{ column: "distance" }] });
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(sheet.opening.progress?.doing).toBe("sort");
  sheet.cancel();
  await sorting;
  expect([sheet.opening.running, sheet.look, sheet.error]).toEqual([false, {}, undefined]);
});

test("finding goes on from the other end, and says so", async () => {
  const { sheet } = await opened();
  expect(await sheet.find("N1", 1, false)).toEqual({ kind: "found", row: 1000, column: "tailnum", again: false });
  expect(await sheet.find("N1", 999_500, false)).toEqual({ kind: "found", row: 0, column: "tailnum", again: true });
  expect(await sheet.find("N1", -1, true)).toEqual({ kind: "found", row: 999_000, column: "tailnum", again: true });
  expect(await sheet.find("absent", 5, false)).toEqual({ kind: "absent" });
  expect(await sheet.hits("N1", 2000)).toEqual({ hits: 1000, number: 3 });
  expect(await sheet.hits("", 2000)).toBeUndefined();
});

test("a commit of somebody else is noticed, and reloading shows it", async () => {
  const { sheet, lake } = await opened();
  await sheet.check();
  expect(sheet.moved).toBe(false);
  lake.version = 3;
  await sheet.check();
  expect([sheet.moved, sheet.rows?.info?.version]).toEqual([true, "2"]);
  sheet.reload();
  await new Promise((resolve) => setTimeout(resolve, 120));
  expect([sheet.moved, sheet.rows?.info?.version]).toEqual([false, "3"]);
});
