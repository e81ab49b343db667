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
  /** The exact text of a cell; null where there is no value; undefined while it is on its way. */
  cell(row: number, column: number): string | null | undefined;
  /** Told which rows (`to` exclusive) are looked at. */
  want(from: number, to: number): void;
}
