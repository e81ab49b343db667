// Rows that were made up, with what JSON would lose: 64-bit integers, decimals, NULL beside empty text.

import { Bool, Decimal, Field, Int64, makeData, makeVector, RecordBatch, Schema, Struct, Table, tableToIPC, TimestampMicrosecond, Utf8, vectorFromArray, type DataType, type Vector } from "apache-arrow";

import type { ColumnInfo } from "../api/generated.ts";

const SAMPLES = ["NULL is not a word here", "", null, "line one\nline two\ttabbed", "żółć 日本語 🛫", "x".repeat(12_000), " spaces around ", "\u202eright to left"];

/** Columns that hold what JSON would lose. */
export function fixtureTable(at: readonly number[]): { table: Table; columns: ColumnInfo[] } {
  const rows = at.length;
  const words = new Uint32Array(rows * 4);
  at.forEach((row, index) => {
    let value = BigInt.asUintN(128, row % 2 ? -(123456789012345678901234567890123456n * 100n + BigInt(row % 100)) : 99999999999999999999999999999999999999n);
    for (let word = 0; word < 4; word += 1, value >>= 32n) words[index * 4 + word] = Number(value & 0xffffffffn);
  });
  const times = BigInt64Array.from(at.map((row) => 1357034400000000n + BigInt(row) * 3_600_000_000n));
  const vectors: Record<string, Vector> = {
    flight_id: makeVector(BigInt64Array.from(at.map((row) => 9007199254740993n + BigInt(row)))),
    amount: makeVector(makeData({ type: new Decimal(2, 38, 128), length: rows, nullCount: 0, data: words })) as Vector,
    note: vectorFromArray(at.map((row) => SAMPLES[row % SAMPLES.length]), new Utf8()),
    on_time: vectorFromArray(at.map((row) => (row % 5 === 4 ? null : row % 2 === 0)), new Bool()),
    departed: makeVector(makeData({ type: new TimestampMicrosecond("UTC"), length: rows, nullCount: 0, data: times })) as Vector,
    tailnum: vectorFromArray(at.map((row) => (row % 7 === 3 ? null : `N${10000 + (row % 900)}`)), new Utf8()),
    distance: vectorFromArray(at.map((row) => (row % 11 === 2 ? null : BigInt(200 + (row % 2400)))), new Int64()),
  };
  const types: Record<string, string> = { flight_id: "integer", amount: "decimal(38,2)", note: "text", on_time: "boolean", departed: "timestamptz", tailnum: "text", distance: "integer" };
  const fields = Object.entries(vectors).map(([name, vector]) => new Field(name, vector.type as DataType, true));
  const schema = new Schema(fields);
  const data = makeData({ type: new Struct(fields), length: rows, nullCount: 0, children: Object.values(vectors).map((vector) => vector.data[0]!) });
  const columns = fields.map(({ name }) => ({ name, data_type: types[name] ?? "text", declared: name === "amount" }));
  return { table: new Table(schema, [new RecordBatch(schema, data)]), columns };
}

export function ipc(table: Table, info: object): Uint8Array {
  const schema = new Schema(table.schema.fields, new Map([["medallion.info", JSON.stringify(info)]]));
  return tableToIPC(new Table(schema, table.batches.map((batch) => new RecordBatch(schema, batch.data))), "stream");
}
