// Which rows and columns of a grid are on the screen, for any number of them.

export const ROW_HEIGHT = 24;

/** Browsers draw no box much higher than this; past it a pixel of the bar stands for several rows. */
export const MAX_CANVAS = 8_000_000;

export interface Scroll {
  /** Height of what is scrolled, in pixels. */
  canvas: number;
  /** Whether a pixel stands for more than itself. */
  scaled: boolean;
}

export function scrollOf(rows: number): Scroll {
  const natural = rows * ROW_HEIGHT;
  return { canvas: Math.min(natural, MAX_CANVAS), scaled: natural > MAX_CANVAS };
}

/** How many rows fit, with a fraction. */
export function fitting(height: number): number {
  return Math.max(0, height / ROW_HEIGHT);
}

/** The first row for a position of the bar, with a fraction. */
export function topOf(scrollTop: number, rows: number, height: number): number {
  const { canvas, scaled } = scrollOf(rows);
  if (!scaled) return scrollTop / ROW_HEIGHT;
  const travel = canvas - height;
  return travel <= 0 ? 0 : (Math.min(scrollTop, travel) / travel) * lastTop(rows, height);
}

/** The position of the bar for a first row. */
export function scrollTopOf(top: number, rows: number, height: number): number {
  const { canvas, scaled } = scrollOf(rows);
  if (!scaled) return top * ROW_HEIGHT;
  const last = lastTop(rows, height);
  return last <= 0 ? 0 : (top / last) * (canvas - height);
}

/** The greatest first row. */
export function lastTop(rows: number, height: number): number {
  return Math.max(0, rows - fitting(height));
}

/** The first row that shows `row`, moving as little as possible. */
export function reveal(row: number, top: number, rows: number, height: number): number {
  const fits = fitting(height);
  const wanted = row < top ? row : row + 1 > top + fits ? row + 1 - fits : top;
  return Math.max(0, Math.min(wanted, lastTop(rows, height)));
}

/** Left edges of columns; one more than there are columns, the last being the width of all. */
export function edges(widths: readonly number[]): number[] {
  const lefts = [0];
  for (const width of widths) lefts.push((lefts.at(-1) ?? 0) + width);
  return lefts;
}

/** First and last column (exclusive) between two positions. */
export function columnsBetween(lefts: readonly number[], from: number, to: number): [number, number] {
  let first = 0;
  while (first < lefts.length - 2 && (lefts[first + 1] ?? 0) <= from) first += 1;
  let last = first;
  while (last < lefts.length - 1 && (lefts[last] ?? 0) < to) last += 1;
  return [first, last];
}

/** The column at a position; beyond the ends: the nearest. */
export function columnAt(lefts: readonly number[], x: number): number {
  let [low, high] = [0, Math.max(0, lefts.length - 2)];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lefts[middle] ?? 0) <= x) low = middle;
    else high = middle - 1;
  }
  return low;
}

const CHARACTER = 7.3;
const PADDING = 22;

/** A width that shows most of what is there. */
export function naturalWidth(heading: string, type: string, samples: readonly string[]): number {
  const longest = Math.max(heading.length, type.length, ...samples.map((sample) => sample.length), 3);
  return Math.round(Math.max(56, Math.min(longest * CHARACTER + PADDING, 360)));
}
