// Which columns are shown, in which order, how wide, and which stay in sight.

import type { PagedRows } from "./pages.svelte.ts";
import type { GridColumn, GridSource } from "../../shared/grid/source.ts";

/** A person's choices for one table; they outlive the screen. */
export class ColumnChoice {
  hidden = $state.raw<ReadonlySet<string>>(new Set());
  /** Undefined: the key columns. */
  frozen = $state.raw<readonly string[] | undefined>(undefined);
  widths = $state.raw<Record<string, number>>({});

  toggle(name: string): void {
    const next = new Set(this.hidden);
    if (!next.delete(name)) next.add(name);
    this.hidden = next;
  }

  freeze(name: string, keys: readonly string[]): void {
    const now = this.frozen ?? keys;
    this.frozen = now.includes(name) ? now.filter((each) => each !== name) : [...now, name];
  }
}

const choices = new Map<string, ColumnChoice>();

export function choiceOf(table: string): ColumnChoice {
  let choice = choices.get(table);
  if (!choice) choices.set(table, (choice = new ColumnChoice()));
  return choice;
}

/** Places of the shown columns in the table: those that stay first, the others as they come. */
export function orderOf(columns: readonly GridColumn[], hidden: ReadonlySet<string>, frozen: readonly string[]): { order: number[]; stays: number } {
  const shown = columns.map((_, at) => at).filter((at) => !hidden.has(columns[at]?.name ?? ""));
  const staying = frozen.flatMap((name) => shown.filter((at) => columns[at]?.name === name));
  return { order: [...staying, ...shown.filter((at) => !staying.includes(at))], stays: staying.length };
}

/** Rows with their columns in another order. */
export function arranged(rows: PagedRows, order: readonly number[]): GridSource {
  return {
    identity: rows.identity,
    get rows() {
      return rows.rows;
    },
    columns: order.map((at) => rows.columns[at] ?? { name: "", type: "", numeric: false }),
    cell: (row, column) => rows.cell(row, order[column] ?? -1),
    want: (from, to, columns) => rows.want(from, to, columns.map((column) => order[column] ?? 0)),
  };
}
