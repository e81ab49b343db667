// A window of rows: one Arrow stream, read cell by cell.

import { tableFromIPC, type Table } from "apache-arrow";

import { isNumeric, vectorText } from "./cell.ts";

/** Rows that can be shown. `cell` gives exact text, or null where there is no value. */
export interface TableData {
  readonly rows: number;
  readonly columns: readonly { name: string; numeric: boolean }[];
  cell(row: number, column: number): string | null;
}

/** Reads a stream with the JSON that came with it. */
export function decodeTable(bytes: Uint8Array): { info: unknown; data: TableData } {
  const table = tableFromIPC(bytes);
  const info = table.schema.metadata.get("medallion.info");
  return { info: info === undefined ? undefined : JSON.parse(info), data: tableData(table) };
}

export function tableData(table: Table): TableData {
  const vectors = table.schema.fields.map((_, at) => table.getChildAt(at));
  return {
    rows: table.numRows,
    columns: table.schema.fields.map((field) => ({ name: field.name, numeric: isNumeric(field.type) })),
    cell(row, column) {
      const vector = vectors[column];
      return vector ? vectorText(vector, row) : null;
    },
  };
}
