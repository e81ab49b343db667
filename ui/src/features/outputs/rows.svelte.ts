// The rows of a partition, fetched a page at a time as they are looked at.

import { errorBody, type Client } from "../../lib/api/client.ts";
import type { ErrorBody, PartitionRef, TableInfo } from "../../lib/api/generated.ts";
import type { TableData } from "../../lib/format/table.ts";
import type { GridColumn, GridSource } from "../../shared/grid/source.ts";

/** Rows asked for at once. */
export const PAGE = 500;
/** Pages kept; the least recently seen goes first. */
const KEPT = 24;
/** Pages under way at once. */
const PARALLEL = 2;

export class PagedRows implements GridSource {
  rows = $state(0);
  columns = $state.raw<readonly GridColumn[]>([]);
  error = $state.raw<ErrorBody | undefined>(undefined);
  /** Set when a run replaced the rows while they were looked at. */
  replaced = $state(false);
  /** Whether the first page has come. */
  ready = $state(false);
  version = $state("");
  #tick = $state(0);
  readonly #pages = new Map<number, TableData>();
  readonly #underWay = new Set<number>();
  #wanted: number[] = [];
  #generation = 0;
  readonly #client: Client;
  readonly #of: PartitionRef;
  readonly #table: string;

  constructor(client: Client, of: PartitionRef, table: TableInfo) {
    this.#client = client;
    this.#of = of;
    this.#table = table.name;
    this.rows = Number(table.rows);
    this.columns = table.columns.map((column) => ({ name: column.name, type: column.data_type, numeric: false }));
    this.want(0, 1);
  }

  cell(row: number, column: number): string | null | undefined {
    void this.#tick;
    return this.#pages.get(Math.floor(row / PAGE))?.cell(row % PAGE, column);
  }

  want(from: number, to: number): void {
    const [first, last] = [Math.floor(from / PAGE), Math.floor(Math.max(from, to - 1) / PAGE)];
    const seen = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    for (const page of seen) {
      const data = this.#pages.get(page);
      if (!data) continue;
      this.#pages.delete(page);
      this.#pages.set(page, data);
    }
    // What is looked at first, then the page after it. Pages that were passed by are forgotten.
    this.#wanted = [...seen, last + 1].filter((page) => page === 0 || page * PAGE < this.rows);
    this.#pump();
  }

  retry(): void {
    this.error = undefined;
    this.#pump();
  }

  #pump(): void {
    if (this.error) return;
    for (const page of this.#wanted) {
      if (this.#underWay.size >= PARALLEL) return;
      if (!this.#pages.has(page) && !this.#underWay.has(page)) void this.#fetch(page);
    }
  }

  async #fetch(page: number): Promise<void> {
    const generation = this.#generation;
    this.#underWay.add(page);
    try {
      const { info, data } = await this.#client.table("rows", { of: this.#of, table: this.#table, offset: String(page * PAGE), limit: PAGE });
      if (generation !== this.#generation) return;
      if (this.version !== "" && info.version !== this.version) this.#forget();
      this.version = info.version;
      this.rows = Number(info.total);
      this.columns = data.columns.map((column, at) => ({ ...column, type: info.columns[at]?.data_type ?? "" }));
      this.#pages.set(page, data);
      for (const oldest of this.#pages.keys()) {
        if (this.#pages.size <= KEPT) break;
        this.#pages.delete(oldest);
      }
      this.ready = true;
      this.#tick += 1;
    } catch (error) {
      if (generation === this.#generation) this.error = errorBody(error);
    } finally {
      if (generation === this.#generation) this.#underWay.delete(page);
    }
    this.#pump();
  }

  /** A run has committed another version: no row of the old one may stand beside the new ones. */
  #forget(): void {
    this.#generation += 1;
    this.#pages.clear();
    this.#underWay.clear();
    this.replaced = true;
  }
}
