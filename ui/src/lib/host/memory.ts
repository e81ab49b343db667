// A host without a program behind it: fixtures for tests and for working on the screens.
//
// Scenes: demo, empty, error (every call fails), long (names and values that do not fit), slow.

import { Bool, Decimal, Field, Int64, makeData, makeVector, RecordBatch, Schema, Struct, Table, tableToIPC, TimestampMicrosecond, Utf8, vectorFromArray, type DataType, type Vector } from "apache-arrow";

import type { ColumnInfo, DatasetSummary, LayerState, PartitionRef, PartitionSummary, PreviewInfo, RowsInfo, RowsRequest, RunEvent, RunRequest, Step, StepReport } from "../api/generated.ts";
import { Authoring } from "./authoring.ts";
import { CallError, type Host, type Session } from "./host.ts";

const FILE = "configs/nycflights13.yaml";
const LONG = "a_dataset_with_a_name_that_nobody_would_type_twice_and_that_fits_into_no_column_of_any_screen_at_all";

const YAML = `# Flights that left New York City in January 2013.
config_version: 1

platform:
  bronze:
    output_dir: ./lake/bronze
  silver:
    output_dir: ./lake/silver

sources:
  - name: flights
    source:
      type: file
      system: nyc
      table: flights
      file:
        path: ./data/flights_{run_date}.csv   # one file a day
        formt: csv
      run:
        load_pattern: fulll            # everything, every day
        null_values: ["", "NA"]
    silver:
      domain: aviation
      entity: flights
      model: periodic_snapshot
`;

const VALID = `# Airlines: a small table that seldom changes.
config_version: 1
platform:
  bronze:
    output_dir: ./lake/bronze
sources:
  - name: airlines
    source:
      type: file
      system: nyc
      table: airlines
      file:
        path: ./data/airlines.csv
        format: csv
`;

function layer(date: string, rows: string, more: Partial<LayerState> = {}): LayerState {
  return { date, rows, bytes: "48213", rejected: "0", committed_at: "2026-11-23T09:40:11Z", partitions: "3", stale: false, ...more };
}

function summary(dataset: string, more: Partial<DatasetSummary> = {}): DatasetSummary {
  return { dataset, file: FILE, source_type: "file", load_pattern: "full", model: "scd_type_1", errors: 0, warnings: 0, bronze: layer("2013-01-03", "1458"), silver: layer("2013-01-03", "1458"), attention: [], ...more };
}

function datasets(scene: string): DatasetSummary[] {
  if (scene === "empty") return [];
  const list = [
    summary("customers", { errors: 2, warnings: 1, bronze: null, silver: null, attention: [{ level: "warning", code: "CFG013", message: "the config has 2 errors" }] }),
    summary("planes", { bronze: layer("2013-01-03", "3322", { rejected: "12" }), silver: layer("2013-01-02", "3310", { stale: true }), attention: [{ level: "warning", code: "EXT016", message: "12 records could not be read" }, { level: "info", code: null, message: "Silver is older than Bronze" }] }),
    summary("airlines", { bronze: layer("2013-01-03", "16"), silver: layer("2013-01-03", "16") }),
    summary("flights", { model: "periodic_snapshot", bronze: layer("2013-01-03", "9007199254740993"), silver: layer("2013-01-03", "914") }),
    summary("weather", { model: null, bronze: null, silver: null }),
  ];
  return scene === "long" ? [...list, ...Array.from({ length: 60 }, (_, at) => summary(`${LONG}_${at}`, { file: `configs/deep/below/${LONG}.yaml` }))] : list;
}

const SAMPLES = ["NULL is not a word here", "", null, "line one\nline two\ttabbed", "żółć 日本語 🛫", "x".repeat(12_000), " spaces around ", "\u202eright to left"];

/** Columns that hold what JSON would lose. */
export function fixtureTable(offset: number, rows: number): { table: Table; columns: ColumnInfo[] } {
  const at = Array.from({ length: rows }, (_, index) => offset + index);
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

function ipc(table: Table, info: object): Uint8Array {
  const schema = new Schema(table.schema.fields, new Map([["medallion.info", JSON.stringify(info)]]));
  return tableToIPC(new Table(schema, table.batches.map((batch) => new RecordBatch(schema, batch.data))), "stream");
}

function failure(): CallError {
  return new CallError({ code: "STG013", message: "the folder lake/silver cannot be read", causes: ["permission denied (os error 13)"], hint: "check the permissions of the folder", diagnostics: [], exit: 3, transient: true });
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

class MemoryHost implements Host {
  readonly #scene: string;
  readonly authoring: Authoring;
  #cancelled = false;
  constructor(scene: string) {
    this.#scene = scene;
    const long = `configs/deep/below/${LONG}.yaml`;
    this.authoring = new Authoring({ [FILE]: YAML, "configs/valid.yaml": VALID, [long]: scene === "long" ? VALID.replace("airlines", LONG) : VALID });
  }

  async session(): Promise<Session> {
    return { target: { path: "" }, version: "0.1.0" };
  }

  async query(name: string, request: object): Promise<unknown> {
    if (this.#scene === "slow") await wait(3000);
    if (this.#scene === "error") throw failure();
    switch (name) {
      case "list_datasets":
        return { root: "/home/ada/pipelines", datasets: datasets(this.#scene), unreadable: [] };
      case "validate": {
        const files = this.#scene === "empty" ? [] : this.authoring.files().map((file) => this.authoring.validation(file));
        const number = (severity: string): number => files.reduce((sum, file) => sum + file.diagnostics.filter((found) => found.severity === severity).length, 0);
        return { files, errors: number("error"), warnings: number("warning") };
      }
      case "explain":
        return [{ code: (request as { code: string }).code, title: "unknown key", explanation: "No setting has this name, so it would have no effect.\n\nUse the suggested name, or remove the key. `medallion explain` lists the known ones." }];
      case "plan":
        return { steps: steps(request as RunRequest).map((step) => ({ step, file: FILE, reads: ["data/flights_2013-01-01.csv"], writes: `lake/${step.layer}/system=nyc/table=${step.dataset}`, standing: "1", action: "compare with version 1", load_pattern: "full", model: step.layer === "silver" ? "scd_type_1" : null, problems: [] })) };
      case "cancel":
        this.#cancelled = true;
        this.authoring.cancel((request as { job: string }).job);
        return { found: true };
      case "list_partitions":
        return { root: "lake/bronze", total: "250", partitions: Array.from({ length: 100 }, (_, at) => partition(at + ((request as { offset: number }).offset ?? 0))) };
      case "partition_detail":
        return this.#detail(request as PartitionRef);
      default: {
        const answer = this.authoring.query(name, request);
        if (answer === undefined) throw failure();
        return answer;
      }
    }
  }

  #detail(of: PartitionRef): unknown {
    const { columns } = fixtureTable(0, 1);
    return {
      summary: partition(0),
      path: `/home/ada/pipelines/lake/${of.layer}/system=nyc/table=${of.of.dataset}/dt=2013-01-03`,
      tables: [{ name: "data", rows: "1000000", columns }, { name: "_errors", rows: "12", columns }],
      files: [{ path: "part-0001-5f0c.parquet", rows: "914", bytes: "48213", sha256: "9f".repeat(32) }],
      history: [{ version: "2", committed_at: "2026-11-23T09:40:11Z", run_id: "20261123-094011", rows: "914", rejected: "0" }, { version: "1", committed_at: "2026-11-22T09:40:11Z", run_id: "20261122-094011", rows: "900", rejected: "0" }],
      metadata: JSON.stringify({ rows: 914, run_id: "20261123-094011" }, null, 2),
      problems: [],
    };
  }

  async table(name: string, request: object): Promise<Uint8Array> {
    if (this.#scene === "error") throw failure();
    await wait(this.#scene === "slow" ? 3000 : 20);
    if (name === "preview") {
      const { table, columns } = fixtureTable(0, 100);
      const info: PreviewInfo = { dataset: "flights", source: "./data/flights_2013-01-03.csv", columns, more: true, unreadable: [{ line: "118", reason: "20 fields where 19 are expected", raw: "2013,1,1,\u0000broken" }], notes: [{ level: "warning", code: null, message: "key flight_id is repeated 2 times" }] };
      return ipc(table, info);
    }
    const { of, table: wanted, offset, limit } = request as RowsRequest;
    const total = 1_000_000;
    const rows = Math.max(0, Math.min(limit, total - Number(offset)));
    const { table, columns } = fixtureTable(Number(offset), rows);
    const info: RowsInfo = { id: of.id, table: wanted || "data", version: "2", total: String(total), offset, columns };
    return ipc(table, info);
  }

  async stream(name: string, request: object, job: string, onEvent: (event: unknown) => void): Promise<void> {
    if (this.#scene === "error") throw failure();
    if (name === "watch") return this.authoring.watch(job, onEvent);
    this.#cancelled = false;
    if (name === "doctor") return this.authoring.doctor(() => this.#cancelled, onEvent);
    const all = steps(request as RunRequest);
    const emit = (event: RunEvent): void => onEvent(event);
    emit({ kind: "started", run_id: "20261123-100211", steps: all });
    const reports: StepReport[] = [];
    for (const step of all) {
      if (!this.#cancelled) emit({ kind: "step_started", step });
      for (let part = 1; part <= 10 && !this.#cancelled; part += 1) {
        await wait(120);
        emit({ kind: "progress", step, phase: "extract", rows: String(part * 91), bytes: String(part * 10), total_bytes: "100" });
      }
      if (this.#cancelled) await wait(1500);
      const outcome = this.#cancelled ? "cancelled" : "written";
      emit({ kind: "step_finished", step, outcome, error: null });
      reports.push({ step, outcome, rows: "914", parts: "1", bytes: "48213", rejected: "0", path: "lake", seconds: 1.2, notes: [], error: null });
    }
    emit({ kind: "finished", report: { run_id: "20261123-100211", steps: reports, exit: this.#cancelled ? 130 : 0, seconds: 3.4 } });
  }
}

function steps(request: RunRequest): Step[] {
  const date = request.date ?? "2026-11-23";
  return request.sources.flatMap((dataset) => (["bronze", "silver"] as const).map((each) => ({ dataset, date, layer: each })));
}

function partition(at: number): PartitionSummary {
  const date = new Date(Date.UTC(2013, 0, 3 - at)).toISOString().slice(0, 10);
  return { id: `dt=${date}`, date, version: "2", rows: String(914 + at), parts: "1", bytes: "48213", rejected: at === 2 ? "37" : "0", committed_at: "2026-11-23T09:40:11Z", stale: at === 1, unreadable: null };
}

export function memoryHost(scene: string): Host & { authoring: Authoring } {
  return new MemoryHost(scene);
}
