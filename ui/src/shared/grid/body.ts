// Draws the cells of a grid. Rows are taken from a pool and written anew when they come into sight, so
// that scrolling creates nothing; a row that stands is not touched.

import { oneLine } from "../../lib/format/text.ts";
import { ROW_HEIGHT } from "./geometry.ts";
import type { GridPlace, GridRange, GridSource } from "./source.ts";

/** All that decides what is drawn. */
export interface Frame {
  source: GridSource;
  /** Rows drawn, `last` exclusive. */
  first: number;
  last: number;
  /** Columns that stay at the left, from 0. */
  frozen: number;
  /** Other columns drawn, `to` exclusive. */
  from: number;
  to: number;
  /** Left edges of the columns, and the width of the row numbers before them. */
  lefts: readonly number[];
  gutter: number;
  /** What stands for each row number. */
  number: (row: number) => string;
  place: GridPlace;
  range: GridRange;
  /** Prefix of the identifiers of cells. */
  id: string;
}

/** A cell with what was last written into it: asking the document would cost more than writing. */
interface DrawnCell {
  element: HTMLElement;
  text: Text;
  column: number;
  name: string;
  shown: string;
  left: number;
  width: number;
  label: string | undefined;
  selected: boolean;
  /** Whether its value had come. */
  come: boolean;
}

interface DrawnRow {
  element: HTMLElement;
  pinned: HTMLElement;
  number: HTMLElement;
  cells: Map<number, DrawnCell>;
  spare: DrawnCell[];
  row: number;
  /** Whether every cell had come when it was drawn. */
  whole: boolean;
  /** First and last selected column when it was drawn, and whether the cursor was in it. */
  marked: string;
  /** Which columns it was drawn with. */
  columns: string;
}

export class Body {
  readonly #host: HTMLElement;
  #pool: DrawnRow[] = [];
  #source: GridSource | undefined;
  #identity: unknown;
  #lefts: readonly number[] = [];
  #gutter = 0;
  #frozen = 0;
  #active: HTMLElement | undefined;
  /** The row whose place in the layer is 0; rows keep their places while it stays. */
  base = 0;

  constructor(host: HTMLElement) {
    this.#host = host;
  }

  paint(frame: Frame): void {
    const { source, first, last, lefts, gutter, frozen } = frame;
    const count = Math.max(0, last - first);
    const other = source !== this.#source || source.identity !== this.#identity || count > this.#pool.length;
    const moved = lefts !== this.#lefts || gutter !== this.#gutter;
    if (other || moved || frozen !== this.#frozen || Math.abs(first - this.base) > 10_000) {
      if (count > this.#pool.length) this.#grow(count + 4);
      for (const drawn of this.#pool) {
        drawn.row = -1;
        // Cells that stay and cells that scroll are in different places.
        if (frozen !== this.#frozen) this.#clear(drawn, () => false);
      }
      this.base = first;
    }
    [this.#source, this.#identity, this.#lefts, this.#gutter, this.#frozen] = [source, source.identity, lefts, gutter, frozen];
    const columns = `${frame.from} ${frame.to}`;
    for (let row = first; row < last; row += 1) {
      const drawn = this.#pool[row % this.#pool.length];
      if (drawn) this.#draw(drawn, row, columns, frame);
    }
    for (const drawn of this.#pool) {
      if (drawn.row >= first && drawn.row < last) continue;
      drawn.row = -1;
      drawn.element.hidden = true;
    }
  }

  #grow(size: number): void {
    while (this.#pool.length < size) {
      const element = part("row", "row");
      const pinned = element.appendChild(part("pinned", "presentation"));
      const number = pinned.appendChild(part("number faint", "rowheader"));
      this.#host.append(element);
      this.#pool.push({ element, pinned, number, cells: new Map(), spare: [], row: -1, whole: false, marked: "", columns: "" });
    }
  }

  #clear(drawn: DrawnRow, wanted: (column: number) => boolean): void {
    for (const [column, cell] of drawn.cells) {
      if (wanted(column)) continue;
      drawn.cells.delete(column);
      drawn.spare.push(cell);
      cell.element.remove();
    }
  }

  #draw(drawn: DrawnRow, row: number, columns: string, frame: Frame): void {
    const { place, range, frozen } = frame;
    const inside = row >= range.top && row <= range.bottom;
    const marked = inside ? `${range.left} ${range.right} ${row === place.row ? place.column : -1}` : "";
    const same = drawn.row === row;
    // A cell that stands is written again only when its row, its value or its mark is another.
    const stands = same && drawn.marked === marked;
    if (stands && drawn.whole && drawn.columns === columns) return;
    if (!same) {
      drawn.element.hidden = false;
      drawn.element.style.transform = `translateY(${(row - this.base) * ROW_HEIGHT}px)`;
      drawn.element.setAttribute("aria-rowindex", String(row + 2));
      drawn.number.textContent = frame.number(row);
      drawn.number.style.width = `${frame.gutter}px`;
      drawn.pinned.style.width = `${frame.gutter + (frame.lefts[frozen] ?? 0)}px`;
    }
    drawn.element.classList.toggle("current", row === place.row);
    if (drawn.columns !== columns) this.#clear(drawn, (column) => column < frozen || (column >= frame.from && column < frame.to));
    [drawn.row, drawn.marked, drawn.columns, drawn.whole] = [row, marked, columns, true];
    for (let column = 0; column < frozen; column += 1) this.#cell(drawn, row, column, stands, frame);
    for (let column = Math.max(frame.from, frozen); column < frame.to; column += 1) this.#cell(drawn, row, column, stands, frame);
  }

  #cell(drawn: DrawnRow, row: number, column: number, stands: boolean, frame: Frame): void {
    const { place, range, source } = frame;
    let cell = drawn.cells.get(column);
    if (cell?.come && stands) return;
    if (!cell) {
      cell = drawn.spare.pop() ?? made();
      drawn.cells.set(column, cell);
      (column < frame.frozen ? drawn.pinned : drawn.element).append(cell.element);
    }
    const { element } = cell;
    const text = source.cell(row, column);
    cell.come = text !== undefined;
    if (!cell.come) drawn.whole = false;
    if (cell.column !== column) element.setAttribute("aria-colindex", String((cell.column = column) + 1));
    const active = row === place.row && column === place.column;
    const selected = row >= range.top && row <= range.bottom && column >= range.left && column <= range.right;
    const kind = text === undefined ? " wait" : text === null ? " null" : text === "" ? " empty" : "";
    const name = `cell${source.columns[column]?.numeric ? " numeric" : ""}${kind}${selected && !active ? " selected" : ""}${active ? " active" : ""}`;
    if (cell.name !== name) element.className = cell.name = name;
    const shown = text === undefined ? "" : text === null ? "∅" : text === "" ? '""' : oneLine(text);
    if (cell.shown !== shown) cell.text.data = cell.shown = shown;
    const left = frame.gutter + (frame.lefts[column] ?? 0);
    if (cell.left !== left) element.style.left = `${(cell.left = left)}px`;
    const width = (frame.lefts[column + 1] ?? 0) - (frame.lefts[column] ?? 0);
    if (cell.width !== width) element.style.width = `${(cell.width = width)}px`;
    const label = text === null ? "null" : text === "" ? "empty text" : undefined;
    if (cell.label !== label) attribute(element, "aria-label", (cell.label = label));
    if (cell.selected !== selected) attribute(element, "aria-selected", (cell.selected = selected) ? "true" : undefined);
    if (active) {
      this.#active?.removeAttribute("id");
      element.id = `${frame.id}-${row}-${column}`;
      this.#active = element;
    } else if (element === this.#active) {
      element.removeAttribute("id");
      this.#active = undefined;
    }
  }
}

function made(): DrawnCell {
  const element = part("cell", "gridcell");
  const text = element.appendChild(document.createTextNode(""));
  return { element, text, column: -1, name: "cell", shown: "", left: -1, width: -1, label: undefined, selected: false, come: false };
}

function part(name: string, role: string): HTMLElement {
  const made = document.createElement(role === "rowheader" || role === "gridcell" ? "span" : "div");
  made.className = name;
  made.setAttribute("role", role);
  return made;
}

function attribute(of: HTMLElement, name: string, value: string | undefined): void {
  if (value === undefined) of.removeAttribute(name);
  else of.setAttribute(name, value);
}
