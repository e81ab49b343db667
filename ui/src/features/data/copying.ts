// Cells as text for other programs. Nothing is rounded and NULL is not the empty text.

import type { Client } from "../../lib/api/client.ts";
import type { RowsOf } from "../../lib/api/generated.ts";

export type CopyForm = "tsv" | "csv" | "json";
export type Cells = readonly (readonly (string | null)[])[];

export interface CopyColumn {
  name: string;
  /** As a person would write it. */
  type: string;
}

/** Rows copied at most; a file is the better way for more. */
export const COPY_ROWS = 20_000;
/** Rows asked for at once. */
const WINDOW = 2000;

export function asText(form: CopyForm, columns: readonly CopyColumn[], rows: Cells, headings: boolean): string {
  if (form === "json") return json(columns, rows);
  const [separator, end] = form === "csv" ? [",", "\r\n"] : ["\t", "\n"];
  const lines = rows.map((row) => row.map((value) => field(value, separator)).join(separator));
  if (headings) lines.unshift(columns.map((column) => field(column.name, separator)).join(separator));
  return lines.join(end);
}

/** NULL is nothing, the empty text a pair of quotes; what would be read as more than one field is quoted. */
function field(value: string | null, separator: string): string {
  if (value === null) return "";
  return value === "" || value.includes('"') || value.includes("\n") || value.includes("\r") || value.includes(separator) ? `"${value.replaceAll('"', '""')}"` : value;
}

function json(columns: readonly CopyColumn[], rows: Cells): string {
  const objects = rows.map((row) => `{${columns.map((column, at) => `${JSON.stringify(column.name)}: ${literal(row[at] ?? null, column.type)}`).join(", ")}}`);
  return `[\n${objects.map((object) => `  ${object}`).join(",\n")}\n]`;
}

/** Only what every reader keeps as it is stands bare; integers and decimals are text, as in an export. */
function literal(value: string | null, type: string): string {
  if (value === null) return "null";
  if (type === "boolean" && (value === "true" || value === "false")) return value;
  return JSON.stringify(value);
}

/** The exact values of rows, however long they are. */
export async function fetchCells(client: Client, of: RowsOf, columns: readonly string[], from: number, to: number, snapshot: string): Promise<string[][] | (string | null)[][]> {
  const rows: (string | null)[][] = [];
  for (let at = from; at < to; at += WINDOW) {
    const { info, data } = await client.table("rows", { ...of, columns: [...columns], offset: String(at), limit: Math.min(WINDOW, to - at), cut: null });
    if (info.snapshot !== snapshot) throw new Error("a run has replaced these rows meanwhile");
    for (let row = 0; row < data.rows; row += 1) rows.push(columns.map((_, column) => data.cell(row, column)));
  }
  return rows;
}

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A condition that the value of a cell meets, as the filter line wants it written. */
export function conditionOf(column: CopyColumn, value: string | null): string {
  const name = PLAIN.test(column.name) ? column.name : `"${column.name.replaceAll('"', '""')}"`;
  if (value === null) return `${name} is null`;
  const bare = /^(integer|bigint|float|double|decimal)/.test(column.type) && /^-?\d+(\.\d+)?$/.test(value);
  return bare || column.type === "boolean" ? `${name} = ${value}` : `${name} = '${value.replaceAll("'", "''")}'`;
}
