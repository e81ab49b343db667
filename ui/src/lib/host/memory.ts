// A host without a program behind it: fixtures for tests and for working on the screens.
//
// Scenes: demo, empty, error (every call fails), long (names and values that do not fit), slow.

import type { DatasetSummary, LayerState, PreviewInfo, RowsRequest, RunEvent, RunRequest, Step, StepReport } from "../api/generated.ts";
import { fixtureTable, ipc } from "./arrow.ts";
import { Authoring } from "./authoring.ts";
import { CallError, type Host, type Session } from "./host.ts";
import { Lake, partition } from "./lake.ts";

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
  return { dataset, file: FILE, source_type: "file", load_pattern: "full", model: "scd_type_1", errors: 0, warnings: 0, bronze: layer("2013-01-03", "1458"), silver: layer("2013-01-03", "1458"), attention: [], fingerprint: "3f9c", ...more };
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

function failure(): CallError {
  return new CallError({ code: "STG013", message: "the folder lake/silver cannot be read", causes: ["permission denied (os error 13)"], hint: "check the permissions of the folder", diagnostics: [], exit: 3, transient: true });
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

class MemoryHost implements Host {
  readonly #scene: string;
  readonly authoring: Authoring;
  readonly lake = new Lake();
  #cancelled = false;
  constructor(scene: string) {
    this.#scene = scene;
    this.lake.empty = scene === "empty";
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
        return { root: "/home/ada/pipelines", datasets: datasets(this.#scene), unreadable: [], environments: this.#scene === "empty" ? [] : ["prod", "test"] };
      case "validate": {
        const files = this.#scene === "empty" ? [] : this.authoring.files().map((file) => this.authoring.validation(file));
        const number = (severity: string): number => files.reduce((sum, file) => sum + file.diagnostics.filter((found) => found.severity === severity).length, 0);
        return { files, errors: number("error"), warnings: number("warning") };
      }
      case "explain":
        return [{ code: (request as { code: string }).code, title: "unknown key", explanation: "No setting has this name, so it would have no effect.\n\nUse the suggested name, or remove the key. `medallion explain` lists the known ones." }];
      case "plan":
        return { steps: steps(request as RunRequest).map((step) => ({ step, file: FILE, reads: ["data/flights_2013-01-01.csv"], writes: `lake/${step.layer}/system=nyc/table=${step.dataset}`, standing: "1", standing_rows: "914", standing_parts: "1", cursor: null, schema: [], estimate: null, action: "compare with version 1", load_pattern: "full", model: step.layer === "silver" ? "scd_type_1" : null, problems: [] })) };
      case "cancel":
        this.#cancelled = true;
        this.authoring.cancel((request as { job: string }).job);
        return { found: true };
      case "list_partitions":
        return { root: "lake/bronze", total: "250", partitions: Array.from({ length: 100 }, (_, at) => partition(at + ((request as { offset: number }).offset ?? 0))) };
      default: {
        const answer = (await this.lake.query(name, request)) ?? this.authoring.query(name, request);
        if (answer === undefined) throw failure();
        return answer;
      }
    }
  }

  async table(name: string, request: object): Promise<Uint8Array> {
    if (this.#scene === "error") throw failure();
    await wait(this.#scene === "slow" ? 3000 : 20);
    if (name === "preview") {
      const { table, columns } = fixtureTable(Array.from({ length: 100 }, (_, at) => at));
      const info: PreviewInfo = { dataset: "flights", file: FILE, fingerprint: "3f9c", source: "./data/flights_2013-01-03.csv", columns, schema: columns.map((column) => ({ name: column.name, found: column.data_type, declared: null, verdict: "inferred", accept: column.data_type })), more: true, stopped: null, exchanges: [], state: null, error: null, log: [{ millis: 0, level: "info", message: "reading flights, at most 100 records" }], unreadable: [{ line: "118", reason: "20 fields where 19 are expected", raw: "2013,1,1,\u0000broken" }], findings: [{ level: "warning", code: "RUN080", message: "key flight_id: repeated in 2 records", column: "flight_id", place: { file: FILE, path: "silver.primary_keys", line: 12, column: 7 } }] };
      return ipc(table, info);
    }
    return this.lake.table(request as RowsRequest);
  }

  async stream(name: string, request: object, job: string, onEvent: (event: unknown) => void): Promise<void> {
    if (this.#scene === "error") throw failure();
    if (name === "watch") return this.authoring.watch(job, onEvent);
    this.#cancelled = false;
    if (await this.lake.stream(name, request, () => this.#cancelled, onEvent)) return;
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

export function memoryHost(scene: string): Host & { authoring: Authoring; lake: Lake } {
  return new MemoryHost(scene);
}
