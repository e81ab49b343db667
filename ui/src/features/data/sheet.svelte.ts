// What is open on the Data screen: which rows, in which order, and what was found in them.

import { errorBody, type Client } from "../../lib/api/client.ts";
import type { ErrorBody, OpenedRows, PartitionRef, RowsOf, SortKey } from "../../lib/api/generated.ts";
import { Task } from "../../lib/api/task.svelte.ts";
import type { DataLook } from "../../lib/route/partition.ts";
import { identityOf, PagedRows } from "./pages.svelte.ts";

/** A condition that cannot be understood, or that names a column that is not there. */
const CONDITION = new Set(["QRY001"]);

export class Sheet {
  readonly of: PartitionRef;
  readonly client: Client;
  /** What is asked for; `rows` may still be of the look before. */
  look = $state.raw<DataLook>({});
  rows = $state.raw<PagedRows | undefined>(undefined);
  opened = $state.raw<OpenedRows | undefined>(undefined);
  /** Why the rows that are asked for cannot be opened. */
  error = $state.raw<ErrorBody | undefined>(undefined);
  /** Why the filter cannot be understood, and which filter that was. */
  wrong = $state.raw<{ filter: string; error: ErrorBody } | undefined>(undefined);
  /** Another version stands than the one that is shown. */
  moved = $state(false);
  /** Milliseconds from asking until the first rows were there. */
  firstRows = $state<number | undefined>(undefined);
  readonly opening: Task<"open_rows">;
  readonly finding: Task<"find_row">;
  /** How many rows have what was found; never waited for. */
  readonly counting: Task<"find_row">;

  constructor(client: Client, of: PartitionRef) {
    this.client = client;
    this.of = of;
    this.opening = new Task(client, "open_rows");
    this.finding = new Task(client, "find_row");
    this.counting = new Task(client, "find_row");
  }

  /** Whether what is shown is still of the look before. */
  get behind(): boolean {
    return this.rows !== undefined && (this.opening.running || !this.rows.ready);
  }

  #rowsOf(look: DataLook): RowsOf {
    return { of: this.of, table: look.table ?? "", whole: look.whole ?? false, filter: look.filter ?? "", sort: [...(look.sort ?? [])] };
  }

  /** Shows other rows, or the same in another order. What stands stays until they are there. */
  async open(look: DataLook): Promise<void> {
    const before = this.look;
    this.look = look;
    this.error = undefined;
    this.wrong = undefined;
    this.moved = false;
    const started = performance.now();
    const of = this.#rowsOf(look);
    // Rows as they were written need no preparation: they are asked for while their number is found out.
    if (!of.filter && !of.sort?.length) this.#show(new PagedRows(this.client, of), started);
    const opened = await this.opening.start({ rows: of });
    if (this.look !== look) return;
    if (opened) {
      this.opened = opened;
      if (this.#latest?.of !== of) this.#show(new PagedRows(this.client, of, opened.columns, Number(opened.total)), started);
      else if (this.#latest.info && identityOf(this.#latest.info) !== identityOf(opened)) this.moved = true;
    } else if (this.opening.cancelled) {
      if (this.rows && this.rows.of !== of) this.look = before;
    } else if (this.opening.error) {
      if (CONDITION.has(this.opening.error.code)) this.wrong = { filter: of.filter ?? "", error: this.opening.error };
      else this.error = this.opening.error;
    }
  }

  /** The newest rows that were asked for; they are shown once the first of them have come. */
  #latest: PagedRows | undefined;

  #show(next: PagedRows, started: number): void {
    if (this.#latest !== this.rows) this.#latest?.close();
    this.#latest = next;
    next.want(0, 1);
    if (!this.rows) this.rows = next;
    void next.first.then(() => {
      if (next.closed) return;
      this.firstRows = performance.now() - started;
      if (this.rows === next) return;
      this.rows?.close();
      this.rows = next;
    });
  }

  /** Opens what stands now. */
  reload(): void {
    void this.open({ ...this.look });
  }

  cancel(): void {
    this.opening.cancel();
  }

  /** Looks whether the version that is shown still stands. */
  async check(): Promise<void> {
    const { rows } = this;
    if (!rows?.info || this.moved) return;
    try {
      const { info } = await this.client.table("rows", { ...rows.of, filter: "", sort: [], offset: "0", limit: 1 });
      if (this.rows === rows && rows.info && identityOf(info) !== identityOf(rows.info)) this.moved = true;
    } catch (thrown) {
      // A partition that is gone is a newer state too; what cannot be told now will be told by the next page.
      if (!errorBody(thrown).transient) this.moved = true;
    }
  }

  /** The next row with a text, from `from` on; from the other end when there is none up to the end. */
  async find(text: string, from: number, backwards: boolean): Promise<Found> {
    const { rows } = this;
    if (!rows || !text || rows.rows === 0) return { kind: "absent" };
    const ask = (at: number) => this.finding.start({ rows: rows.of, text, column: null, from: String(at), backwards });
    const at = Math.max(0, Math.min(from, rows.rows - 1));
    const out = from < 0 || from >= rows.rows;
    let ending = out ? ({ event: "absent" } as const) : await ask(at);
    let again = false;
    if (ending?.event === "absent") {
      again = true;
      ending = await ask(backwards ? rows.rows - 1 : 0);
    }
    if (!ending) return { kind: "stopped" };
    return ending.event === "found" ? { kind: "found", row: Number(ending.row), column: ending.column, again } : { kind: "absent" };
  }

  /** How many rows have a text, and the how manieth of them `row` is; undefined when something newer was asked. */
  async hits(text: string, row: number): Promise<{ hits: number; number: number } | undefined> {
    const { rows } = this;
    if (!rows || !text) return undefined;
    const ending = await this.counting.start({ rows: rows.of, text, column: null, from: String(row), count: true });
    return ending?.event === "counted" ? { hits: Number(ending.hits), number: Number(ending.before) + 1 } : undefined;
  }

  close(): void {
    this.opening.drop();
    this.finding.drop();
    this.counting.drop();
    this.rows?.close();
    this.#latest?.close();
  }
}

export type Found = { kind: "found"; row: number; column: string; again: boolean } | { kind: "absent" } | { kind: "stopped" };

/** What a click on a heading makes of the order: ascending, descending, as written; `add` keeps the others. */
export function sortedBy(sort: readonly SortKey[], column: string, add: boolean): SortKey[] {
  const old = sort.find((key) => key.column === column);
  const next: SortKey | undefined = !old ? { column } : old.descending ? undefined : { column, descending: true };
  if (!add) return next ? [next] : [];
  if (!old) return [...sort, { column }];
  return sort.flatMap((key) => (key.column !== column ? [key] : next ? [next] : []));
}
