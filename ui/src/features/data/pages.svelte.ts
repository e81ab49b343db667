// Rows of a table, fetched a page at a time as they are looked at. One of these stands for one order
// and one filter; another sort is another one.

import { errorBody, type Client } from "../../lib/api/client.ts";
import type { ColumnInfo, ErrorBody, RowsInfo, RowsOf } from "../../lib/api/generated.ts";
import type { TableData } from "../../lib/format/table.ts";
import type { GridColumn, GridSource } from "../../shared/grid/source.ts";

/** Rows asked for at once; the first time only so many as a screen shows, so that it shows them soon. */
export const PAGE = 500;
const FIRST = 100;
/** Columns asked for at once, where there are more than can be asked for together. */
export const GROUP = 32;
const TOGETHER = 48;
/** Pieces kept; the least recently seen goes first. */
const KEPT = 40;
/** Pieces under way at once. */
const PARALLEL = 2;
/** Longer values come cut; a grid draws no more of them. */
const CUT = 1024;

/** Which pieces a window needs: pages of rows, each in groups of columns; the next page comes last. */
export function pieces(from: number, to: number, rows: number, columns: readonly number[], all: number): string[] {
  const groups = all <= TOGETHER ? [0] : [...new Set(columns.map((column) => Math.floor(column / GROUP)))];
  const [first, last] = [Math.floor(from / PAGE), Math.floor(Math.max(from, to - 1) / PAGE)];
  const pages = Array.from({ length: last - first + 2 }, (_, at) => first + at).filter((page) => page === 0 || page * PAGE < rows);
  return pages.flatMap((page) => groups.map((group) => `${page}:${group}`));
}

export class PagedRows implements GridSource {
  rows = $state(0);
  columns = $state.raw<readonly GridColumn[]>([]);
  error = $state.raw<ErrorBody | undefined>(undefined);
  /** Set when another version stands than the rows are of; they are no longer fetched then. */
  moved = $state(false);
  /** Whether the first rows have come. */
  ready = $state(false);
  /** What came with the first rows. */
  info = $state.raw<RowsInfo | undefined>(undefined);
  /** Goes up when rows have come. */
  #tick = $state(0);
  readonly of: RowsOf;
  readonly identity = Symbol("rows");
  #head: TableData | undefined;
  readonly #pieces = new Map<string, TableData>();
  readonly #underWay = new Set<string>();
  #wanted: string[] = [];
  closed = false;
  /** Ends when the first rows have come, or cannot. */
  readonly first: Promise<void>;
  #firstDone: () => void = () => undefined;
  readonly #client: Client;

  constructor(client: Client, of: RowsOf, columns: readonly ColumnInfo[] = [], rows = 0) {
    this.#client = client;
    this.first = new Promise((done) => (this.#firstDone = done));
    this.of = of;
    this.rows = rows;
    this.columns = columns.map((column) => ({ name: column.name, type: column.data_type, numeric: false }));
  }

  cell(row: number, column: number): string | null | undefined {
    void this.#tick;
    const page = Math.floor(row / PAGE);
    const together = this.columns.length <= TOGETHER;
    const piece = this.#pieces.get(`${page}:${together ? 0 : Math.floor(column / GROUP)}`);
    if (piece) return row % PAGE < piece.rows ? piece.cell(row % PAGE, together ? column : column % GROUP) : undefined;
    return this.#head && row < this.#head.rows ? this.#head.cell(row, column) : undefined;
  }

  want(from: number, to: number, columns: readonly number[] = []): void {
    if (this.closed) return;
    if (!this.ready) {
      this.#wanted = ["head"];
      return this.#pump();
    }
    const seen = pieces(from, to, this.rows, columns, this.columns.length);
    for (const key of seen) {
      const data = this.#pieces.get(key);
      if (!data) continue;
      this.#pieces.delete(key);
      this.#pieces.set(key, data);
    }
    // What is looked at first, then the page after it. Pages that were passed by are forgotten.
    this.#wanted = seen;
    this.#pump();
  }

  retry(): void {
    this.error = undefined;
    this.#pump();
  }

  /** Nothing is fetched any more, and what is under way is not listened to. */
  close(): void {
    this.closed = true;
    this.#firstDone();
  }

  #pump(): void {
    if (this.error || this.moved || this.closed) return;
    for (const key of this.#wanted) {
      if (this.#underWay.size >= PARALLEL) return;
      if (!this.#pieces.has(key) && !this.#underWay.has(key)) void this.#fetch(key);
    }
  }

  async #fetch(key: string): Promise<void> {
    this.#underWay.add(key);
    const head = key === "head";
    const [page = 0, group = 0] = head ? [] : key.split(":").map(Number);
    const columns = this.columns.length > TOGETHER && !head ? this.columns.slice(group * GROUP, (group + 1) * GROUP).map((column) => column.name) : [];
    try {
      const { info, data } = await this.#client.table("rows", { ...this.of, offset: String(page * PAGE), limit: head ? FIRST : PAGE, columns, cut: CUT });
      if (this.closed) return;
      if (this.info && identityOf(info) !== identityOf(this.info)) this.moved = true;
      else this.#take(key, info, data);
    } catch (error) {
      if (!this.closed) this.error = errorBody(error);
    } finally {
      this.#underWay.delete(key);
      if (head) this.#firstDone();
    }
    this.#pump();
  }

  #take(key: string, info: RowsInfo, data: TableData): void {
    if (key === "head") {
      this.#head = data;
      this.info = info;
      this.rows = Number(info.total);
      this.columns = data.columns.map((column, at) => ({ ...column, type: info.columns[at]?.data_type ?? "" }));
      this.#wanted = [];
      this.ready = true;
    } else this.#pieces.set(key, data);
    for (const oldest of this.#pieces.keys()) {
      if (this.#pieces.size <= KEPT) break;
      this.#pieces.delete(oldest);
    }
    this.#tick += 1;
  }
}

/** What tells these rows from those of another version. */
export function identityOf(info: Pick<RowsInfo, "id" | "version" | "snapshot">): string {
  return `${info.id}\n${info.version}\n${info.snapshot}`;
}
