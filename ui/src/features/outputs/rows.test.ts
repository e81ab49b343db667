import { expect, test } from "vitest";

import { Client } from "../../lib/api/client.ts";
import type { RowsRequest, TableInfo } from "../../lib/api/generated.ts";
import { borderError, type Host } from "../../lib/host/host.ts";
import { memoryHost } from "../../lib/host/memory.ts";
import { PAGE, PagedRows } from "./rows.svelte.ts";

const of = { of: { target: { path: "" }, dataset: "flights" }, layer: "bronze", id: "" } as const;
const table: TableInfo = { name: "data", rows: "1000000", columns: [] };
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 120));

function counting(change: (request: RowsRequest, bytes: Uint8Array) => Uint8Array = (_, bytes) => bytes) {
  const inner = memoryHost("demo");
  const offsets: string[] = [];
  const host: Host = {
    session: () => inner.session(),
    query: (name, request) => inner.query(name, request),
    stream: (...all) => inner.stream(...all),
    table: async (name, request) => {
      offsets.push((request as RowsRequest).offset);
      return change(request as RowsRequest, await inner.table(name, request));
    },
  };
  return { offsets, client: new Client(host) };
}

test("rows come page by page, one page ahead, each once", async () => {
  const { offsets, client } = counting();
  const rows = new PagedRows(client, of, table);
  await settled();
  expect([rows.ready, rows.rows, rows.cell(0, 0)]).toEqual([true, 1_000_000, "9007199254740993"]);
  rows.want(0, 30);
  await settled();
  expect(offsets).toEqual(["0", String(PAGE)]);
  expect(rows.cell(700_000, 0)).toBeUndefined();
  rows.want(700_000, 700_030);
  await settled();
  expect(rows.cell(700_000, 0)).toBe(String(9007199254740993n + 700_000n));
  expect(offsets).toEqual(["0", "500", "700000", "700500"]);
});

test("a long scroll keeps a bounded number of pages", async () => {
  const { client } = counting();
  const rows = new PagedRows(client, of, table);
  for (let page = 0; page < 40; page += 1) {
    rows.want(page * PAGE, page * PAGE + 30);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  await settled();
  expect(rows.cell(0, 0)).toBeUndefined();
  expect(rows.cell(39 * PAGE, 0)).toBe(String(9007199254740993n + 19_500n));
});

test("a failure is told, keeps what is there, and can be tried again", async () => {
  let broken = true;
  const { client } = counting((request, bytes) => {
    if (broken && request.offset !== "0") throw borderError("gone", null);
    return bytes;
  });
  const rows = new PagedRows(client, of, table);
  await settled();
  rows.want(600, 630);
  await settled();
  expect([rows.error?.message, rows.cell(0, 0), rows.cell(600, 0)]).toEqual(["gone", "9007199254740993", undefined]);
  broken = false;
  rows.retry();
  await settled();
  expect([rows.error, rows.cell(600, 0)]).toEqual([undefined, "9007199254741593"]);
});
