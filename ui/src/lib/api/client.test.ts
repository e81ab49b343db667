import { expect, test } from "vitest";

import { CallError } from "../host/host.ts";
import { lines } from "../host/http.ts";
import { memoryHost } from "../host/memory.ts";
import { Client, errorBody } from "./client.ts";

const of = { of: { target: { path: "" }, dataset: "flights" }, layer: "bronze", id: "" } as const;

test("a table reply has its info and its exact cells", async () => {
  const { info, data } = await new Client(memoryHost("demo")).table("rows", { of, table: "", offset: "0", limit: 3 });
  expect([info.total, info.version, data.rows]).toEqual(["1000000", "2", 3]);
  expect(data.columns.slice(0, 3)).toEqual([{ name: "flight_id", numeric: true }, { name: "amount", numeric: true }, { name: "note", numeric: false }]);
  expect([data.cell(0, 0), data.cell(0, 1), data.cell(1, 1), data.cell(1, 2), data.cell(2, 2)]).toEqual(
    ["9007199254740993", "999999999999999999999999999999999999.99", "-123456789012345678901234567890123456.01", "", null]);
});

test("an error keeps its code, causes and hint", async () => {
  const error = await new Client(memoryHost("error")).query("list_datasets", { path: "" }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CallError);
  expect(errorBody(error)).toMatchObject({ code: "STG013", causes: ["permission denied (os error 13)"], exit: 3 });
  expect(errorBody(new Error("odd")).message).toContain("odd");
});

test("lines come whole, wherever the bytes were cut", async () => {
  const bytes = new TextEncoder().encode('{"event":"żółć"}\n\n{"end":true}\n{"cut');
  for (const size of [1, 3, 7, bytes.length]) {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
        controller.close();
      },
    });
    const read = [];
    for await (const line of lines(body)) read.push(line);
    expect(read).toEqual(['{"event":"żółć"}', '{"end":true}']);
  }
});
