import { expect, test } from "vitest";

import { Client } from "../../lib/api/client.ts";
import type { PartitionRef, RowsRequest } from "../../lib/api/generated.ts";
import { borderError, type Host } from "../../lib/host/host.ts";
import { memoryHost } from "../../lib/host/memory.ts";
import { GROUP, PAGE, PagedRows, pieces } from "./pages.svelte.ts";

const of: PartitionRef = { of: { target: { path: "" }, dataset: "flights" }, layer: "bronze", id: "" };
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 120));

function counting(change: (request: RowsRequest, bytes: Uint8Array) => Uint8Array = (_, bytes) => bytes) {
  const inner = memoryHost("demo");
  const asked: string[] = [];
  const host: Host = {
    session: () => inner.session(),
    query: (name, request) => inner.query(name, request),
    stream: (...all) => inner.stream(...all),
    table: async (name, request) => {
      const { offset, limit } = request as RowsRequest;
      asked.push(`${offset}+${limit}`);
      return change(request as RowsRequest, await inner.table(name, request));
    },
  };
  return { asked, lake: inner.lake, client: new Client(host) };
}

test.each([
  [0, 30, 1_000_000, [0], 7, ["0:0", "1:0"]],
  [480, 520, 1_000_000, [0, 6], 7, ["0:0", "1:0", "2:0"]],
  [999_990, 1_000_000, 1_000_000, [0], 7, ["1999:0"]],
  [0, 0, 0, [], 7, ["0:0"]],
  [0, 30, 400, [0, 1, 200, 201], 1000, ["0:0", "0:6"]],
])("rows %d to %d of %d need %j", (from, to, rows, columns, all, expected) => {
  expect(pieces(from, to, rows, columns, all)).toEqual(expected);
  expect(GROUP).toBe(32);
});

test("a few rows come first, then page by page, one page ahead, each once", async () => {
  const { asked, client } = counting();
  const rows = new PagedRows(client, { of });
  rows.want(0, 1);
  await rows.first;
  expect([rows.ready, rows.rows, rows.cell(0, 0), rows.cell(99, 0) !== undefined, rows.cell(100, 0)]).toEqual([true, 1_000_000, "9007199254740993", true, undefined]);
  expect(asked).toEqual(["0+100"]);
  rows.want(0, 30);
  await settled();
  rows.want(0, 30);
  expect(asked).toEqual(["0+100", `0+${PAGE}`, `500+${PAGE}`]);
  rows.want(700_000, 700_030);
  await settled();
  expect(rows.cell(700_000, 0)).toBe(String(9007199254740993n + 700_000n));
  expect(asked.slice(3)).toEqual(["700000+500", "700500+500"]);
});

test("what was passed by is not asked for", async () => {
  const { asked, client } = counting();
  const rows = new PagedRows(client, { of });
  rows.want(0, 1);
  await rows.first;
  for (let at = 0; at < 100_000; at += 1000) rows.want(at, at + 30);
  await settled();
  // Two were under way at once; of the others only where it came to rest.
  expect(asked.slice(1)).toEqual(["0+500", "500+500", "99000+500", "99500+500"]);
});

test("a long scroll keeps a bounded number of pages", async () => {
  const { client } = counting();
  const rows = new PagedRows(client, { of });
  rows.want(0, 1);
  await rows.first;
  for (let page = 0; page < 50; page += 1) {
    rows.want(page * PAGE, page * PAGE + 30);
    await new Promise((resolve) => setTimeout(resolve, 45));
  }
  await settled();
  expect(rows.cell(PAGE, 0)).toBeUndefined();
  expect(rows.cell(49 * PAGE, 0)).toBe(String(9007199254740993n + 24_500n));
});

test("a failure is told, keeps what is there, and can be tried again", async () => {
  let broken = true;
  const { client } = counting((request, bytes) => {
    if (broken && request.offset !== "0") throw borderError("gone", null);
    return bytes;
  });
  const rows = new PagedRows(client, { of });
  rows.want(0, 1);
  await rows.first;
  rows.want(600, 630);
  await settled();
  expect([rows.error?.message, rows.cell(0, 0), rows.cell(600, 0)]).toEqual(["gone", "9007199254740993", undefined]);
  broken = false;
  rows.retry();
  await settled();
  expect([rows.error, rows.cell(600, 0)]).toEqual([undefined, "9007199254741593"]);
});

test("no row of another version stands beside those that are shown", async () => {
  const { client, lake } = counting();
  const rows = new PagedRows(client, { of });
  rows.want(0, 1);
  await rows.first;
  lake.version = 3;
  rows.want(600, 630);
  await settled();
  expect([rows.moved, rows.cell(0, 0), rows.cell(600, 0)]).toEqual([true, "9007199254740993", undefined]);
});
