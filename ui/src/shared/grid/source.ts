// What a grid shows: rows that may be far away.

export interface GridColumn {
  name: string;
  /** As a person would write it. */
  type: string;
  numeric: boolean;
}

export interface GridSource {
  readonly rows: number;
  readonly columns: readonly GridColumn[];
  /** Another one stands for other rows: nothing that was drawn before counts. */
  readonly identity?: unknown;
  /** The text of a cell; null where there is no value; undefined while it is on its way. */
  cell(row: number, column: number): string | null | undefined;
  /** Told which rows (`to` exclusive) and columns are looked at. */
  want(from: number, to: number, columns: readonly number[]): void;
}

/** A column that the rows are sorted by. */
export interface GridSort {
  column: string;
  descending?: boolean;
}

/** Where the cursor is, and where a selection began. */
export interface GridPlace {
  row: number;
  column: number;
  /** The other corner of the selection; the same place where there is only one cell. */
  fromRow: number;
  fromColumn: number;
}

/** The corners of a selection in their order; both ends belong to it. */
export interface GridRange {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

export function rangeOf({ row, column, fromRow, fromColumn }: GridPlace): GridRange {
  return { top: Math.min(row, fromRow), bottom: Math.max(row, fromRow), left: Math.min(column, fromColumn), right: Math.max(column, fromColumn) };
}
