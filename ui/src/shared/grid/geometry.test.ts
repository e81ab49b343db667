import { expect, test } from "vitest";

import { columnAt, columnsBetween, edges, lastTop, MAX_CANVAS, reveal, ROW_HEIGHT, scrollOf, scrollTopOf, topOf } from "./geometry.ts";

const HEIGHT = 480;

test.each([0, 1, 1000, 333_333, 333_334, 1_000_000, 5_000_000_000])("with %d rows both ends can be reached", (rows) => {
  const { canvas } = scrollOf(rows);
  expect(canvas).toBeLessThanOrEqual(MAX_CANVAS);
  expect(topOf(0, rows, HEIGHT)).toBe(0);
  const bottom = Math.max(0, canvas - HEIGHT);
  expect(topOf(bottom, rows, HEIGHT)).toBeCloseTo(lastTop(rows, HEIGHT), 3);
  expect(scrollTopOf(lastTop(rows, HEIGHT), rows, HEIGHT)).toBeCloseTo(bottom, 3);
});

test("every row of a huge table can be put on the screen", () => {
  const rows = 5_000_000_000;
  for (const row of [0, 1, 19, 20, 2_500_000_001, rows - 1]) {
    const top = reveal(row, 1_234_567, rows, HEIGHT);
    expect(top).toBeLessThanOrEqual(row);
    expect(row + 1).toBeLessThanOrEqual(top + HEIGHT / ROW_HEIGHT);
  }
});

test("what is on the screen already does not move it", () => {
  expect(reveal(105, 100, 1000, HEIGHT)).toBe(100);
  expect(reveal(120, 100, 1000, HEIGHT)).toBe(101);
  expect(reveal(99, 100, 1000, HEIGHT)).toBe(99);
});

test("only columns between the edges are drawn", () => {
  const lefts = edges([100, 50, 200]);
  expect(lefts).toEqual([0, 100, 150, 350]);
  expect([columnsBetween(lefts, 0, 100), columnsBetween(lefts, 100, 151), columnsBetween(lefts, 0, 1000), columnsBetween(edges([]), 0, 10)]).toEqual([[0, 1], [1, 3], [0, 3], [0, 0]]);
});

test.each([[-5, 0], [0, 0], [99, 0], [100, 1], [349, 2], [9999, 2]])("at %d pixels stands column %d", (x, column) => expect(columnAt(edges([100, 50, 200]), x)).toBe(column));
