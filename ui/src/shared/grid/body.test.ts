import { expect, test } from "vitest";

import { Body, type Frame } from "./body.ts";
import { edges } from "./geometry.ts";
import { rangeOf } from "./source.ts";

function drawn() {
  const host = document.createElement("div");
  const body = new Body(host);
  const asked: string[] = [];
  const late = new Set<number>();
  const source = {
    rows: 1000,
    columns: Array.from({ length: 6 }, (_, at) => ({ name: `c${at}`, type: "text", numeric: at === 1 })),
    cell: (row: number, column: number) => {
      asked.push(`${row}.${column}`);
      return late.has(row) ? undefined : column === 2 ? null : column === 3 ? "" : `${row}.${column}`;
    },
    want: () => undefined,
  };
  const lefts = edges([50, 50, 50, 50, 50, 50]);
  const paint = (more: Partial<Frame> = {}, place = { row: 0, column: 0, fromRow: 0, fromColumn: 0 }): string[] => {
    asked.length = 0;
    body.paint({ source, first: 0, last: 4, frozen: 1, from: 1, to: 4, lefts, gutter: 30, number: String, place, range: rangeOf(place), id: "g", ...more });
    return asked;
  };
  const row = (index: number): (string | null)[] => [...host.querySelectorAll<HTMLElement>(`.row:not([hidden])[aria-rowindex="${index + 2}"] .cell`)].map((cell) => `${cell.getAttribute("aria-colindex")}:${cell.textContent}`);
  return { host, paint, row, late };
}

test("NULL, the empty text and what is on its way are told apart", () => {
  const { host, paint, row, late } = drawn();
  late.add(1);
  paint();
  expect(row(0)).toEqual(["1:0.0", "2:0.1", "3:∅", '4:""']);
  expect([...host.querySelectorAll('[aria-rowindex="2"] [role=gridcell]')].map((cell) => cell.getAttribute("aria-label"))).toEqual([null, null, "null", "empty text"]);
  expect(host.querySelectorAll('[aria-rowindex="3"] .wait').length).toBe(4);
  late.clear();
  expect(paint()).toEqual(["1.0", "1.1", "1.2", "1.3"]);
  expect(row(1)).toEqual(["1:1.0", "2:1.1", "3:∅", '4:""']);
});

test("scrolling writes only what comes into sight, and makes no more rows", () => {
  const { host, paint, row } = drawn();
  paint();
  const many = host.childElementCount;
  expect(paint({ first: 1, last: 5 })).toEqual(["4.0", "4.1", "4.2", "4.3"]);
  paint({ first: 500, last: 504 });
  expect([host.childElementCount, row(503)[0], row(1), host.querySelectorAll(".row:not([hidden])").length]).toEqual([many, "1:503.0", [], 4]);
});

test("sideways only the new columns are written", () => {
  const { paint, row } = drawn();
  paint();
  expect(paint({ from: 2, to: 5 })).toEqual(["0.4", "1.4", "2.4", "3.4"]);
  expect(row(0)).toEqual(["1:0.0", "3:∅", '4:""', "5:0.4"]);
});

test("the cursor and the selection are marked, and unmarked", () => {
  const { host, paint } = drawn();
  paint({}, { row: 1, column: 1, fromRow: 2, fromColumn: 0 });
  expect([host.querySelector(".active")?.id, host.querySelectorAll("[aria-selected=true]").length]).toEqual(["g-1-1", 4]);
  paint({}, { row: 3, column: 0, fromRow: 3, fromColumn: 0 });
  expect([host.querySelector(".active")?.id, host.querySelectorAll("[aria-selected=true]").length, host.querySelectorAll("[id]").length]).toEqual(["g-3-0", 1, 1]);
});
