// What stands in storage, made up: rows in any order, files, and a tree with a folder of 400,000.

import type { BrowseEntry, BrowsePage, BrowseRequest, CellRequest, ColumnProfile, ErrorBody, ExportRequest, FileRequest, FileView, FindRequest, Glance, GlanceRequest, OpenRowsRequest, PartitionDetail, PartitionRef, PartitionSummary, ReadProgress, RowDetail, RowRequest, RowsInfo, RowsOf, RowsRequest } from "../api/generated.ts";
import { tableData } from "../format/table.ts";
import { fixtureTable, ipc } from "./arrow.ts";
import { CallError } from "./host.ts";

const TOTAL = 1_000_000;
const MANY = 400_000;
const BAD = 12;
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function problem(code: string, message: string, more: Partial<ErrorBody> = {}): CallError {
  return new CallError({ code, message, causes: [], hint: null, diagnostics: [], exit: 1, transient: false, ...more });
}

export class Lake {
  /** The version that stands; a test may commit another. */
  version = 2;
  /** Nothing was ever committed. */
  empty = false;
  /** How long work that has progress takes, in steps of 100 ms. */
  steps = 3;

  /** Rows that a filter leaves. */
  #total({ table, filter }: RowsOf): number {
    const all = table === "_errors" ? BAD : TOTAL;
    return filter ? Math.ceil(all / 810) : all;
  }

  /** Which row as written stands at a place. */
  #row(of: RowsOf, at: number): number {
    const place = of.sort?.[0]?.descending ? this.#total(of) - 1 - at : at;
    return of.filter ? place * 810 : place;
  }

  #check({ filter, sort }: RowsOf): void {
    const text = filter ?? "";
    const wrong = /[<>=]\s*$/.test(text) ? text.trimEnd().length : text.indexOf("nowhere");
    if (text && wrong >= 0) {
      const at = [...text.slice(0, wrong)].length;
      const span = { start: wrong, end: wrong + 7, line: 1, column: at + 1, end_line: 1, end_column: at + 8 };
      throw problem("QRY001", "the condition cannot be understood", { diagnostics: [{ code: "QRY001", severity: "error", message: text.includes("nowhere") ? "there is no column `nowhere`" : "a value is missing here", file: "", path: "", span, help: "Conditions look like `distance > 100 and tailnum = 'N1'`.", fix: null, related: [] }] });
    }
    if (sort?.some((key) => key.column === "note")) throw problem("QRY003", "sorting by `note` would need more memory than there is");
  }

  table(request: RowsRequest): Uint8Array {
    this.#check(request);
    const [first, total] = [Number(request.offset), this.#total(request)];
    const { table, columns } = fixtureTable(Array.from({ length: Math.max(0, Math.min(request.limit, total - first)) }, (_, at) => this.#row(request, first + at)));
    const info: RowsInfo = { ...this.#identity(request), total: String(total), offset: request.offset, columns, cut: true };
    return ipc(request.columns?.length ? table.select(request.columns) : table, request.columns?.length ? { ...info, columns: columns.filter((column) => request.columns?.includes(column.name)) } : info);
  }

  #identity(of: RowsOf): Pick<RowsInfo, "id" | "table" | "version" | "snapshot"> {
    return { id: of.of.id || "dt=2013-01-03", table: of.table || "data", version: String(this.version), snapshot: `s${this.version}` };
  }

  async stream(name: string, request: object, cancelled: () => boolean, emit: (event: unknown) => void): Promise<boolean> {
    const endings: Record<string, () => unknown> = {
      open_rows: () => this.#opened(request as OpenRowsRequest),
      find_row: () => this.#found(request as FindRequest),
      profile_column: () => this.#profile(request as { column: string }),
      export_rows: () => this.#exported(request as ExportRequest),
    };
    const ending = endings[name];
    if (!ending) return false;
    const { rows: of } = request as { rows: RowsOf };
    this.#check(of);
    const doing = { open_rows: "sort", find_row: "find", profile_column: "profile", export_rows: "export" }[name] ?? "";
    const quick = name === "open_rows" && !of.filter && !of.sort?.length;
    for (let step = 1; step <= this.steps && !quick; step += 1) {
      if (cancelled()) throw problem("RUN011", "cancelled", { exit: 130 });
      const progress: ReadProgress = { doing, rows: String(Math.round((TOTAL * step) / this.steps)), total: String(TOTAL) };
      emit({ event: "progress", ...progress });
      await wait(100);
    }
    emit(ending());
    return true;
  }

  #opened({ rows }: OpenRowsRequest): unknown {
    return { event: "opened", ...this.#identity(rows), total: String(this.#total(rows)), unfiltered: String(TOTAL), columns: fixtureTable([]).columns, keys: ["flight_id"], partitions: rows.whole ? "250" : "1" };
  }

  #found({ text, from, backwards, count, rows }: FindRequest): unknown {
    if (count) return { event: "counted", hits: String(Math.ceil(this.#total(rows) / 1000)), before: String(Math.ceil(Number(from) / 1000)) };
    // Every thousandth row has it.
    const at = backwards ? Math.floor(Number(from) / 1000) * 1000 : Math.ceil(Number(from) / 1000) * 1000;
    return text === "absent" || at < 0 || at >= this.#total(rows) ? { event: "absent" } : { event: "found", row: String(at), column: "tailnum" };
  }

  #profile({ column }: { column: string }): unknown {
    const number = column === "distance";
    const profile: ColumnProfile = {
      column, data_type: number ? "integer" : "text", arrow_type: number ? "Int64" : "Utf8", rows: String(TOTAL), nulls: "90909", empty: number ? "0" : "125000", distinct: number ? "2400" : "900", distinct_exact: number, least: number ? "200" : "", greatest: number ? "2599" : "żółć 日本語",
      numbers: number ? { sum: "9007199254740993", mean: 1399.5, deviation: 692.82, not_finite: "0", quantiles: [1, 25, 50, 75, 99].map((percent) => ({ percent, value: String(200 + percent * 24) })), quantiles_exact: false } : null,
      lengths: number ? null : { least: "0", greatest: "12000", mean: 1512.4 },
      top: Array.from({ length: 8 }, (_, at) => ({ value: number ? String(200 + at) : ["", "N10000", "x".repeat(200), "żółć"][at % 4] + (at > 3 ? String(at) : ""), count: String(417 - at * 31) })), top_exact: number,
      histogram: number ? Array.from({ length: 24 }, (_, at) => ({ from: String(200 + at * 100), to: String(299 + at * 100), count: String(Math.round(40_000 * Math.exp(-(((at - 11) / 6) ** 2)))) })) : [],
    };
    return { event: "profiled", ...profile };
  }

  #exported({ path, rows, replace }: ExportRequest): unknown {
    if (path.includes("there") && !replace) throw problem("QRY004", `${path} exists already`, { hint: "Choose another name, or replace it." });
    return { event: "exported", path, rows: String(this.#total(rows)), bytes: "104857600" };
  }

  /** The answer to a question about what stands, or undefined where it is none. */
  async query(name: string, request: object): Promise<unknown> {
    switch (name) {
      case "browse":
        await wait(30);
        return this.empty ? { roots: [], entries: [], total: null, next: null } : browse(request as BrowseRequest);
      case "glance":
        return (request as GlanceRequest).paths.map((path): Glance => ({ path, partition: /dt=|load_date=/.test(path), version: "2", rows: "914", bytes: "48213", rejected: path.endsWith("-02") ? "37" : "0", committed_at: "2026-11-23T09:40:11Z", problem: path.endsWith("-09") ? "the commit _commits/3.json cannot be read" : null }));
      case "partition_detail":
        return this.#detail(request as PartitionRef);
      case "view_file":
        return view(request as FileRequest);
      case "row":
      case "cell": {
        const { rows, row } = request as RowRequest;
        const { table, columns } = fixtureTable([this.#row(rows, Number(row))]);
        const data = tableData(table);
        const cells = columns.map(({ name: column, data_type }, at) => ({ column, data_type, text: data.cell(0, at), bytes: String(new TextEncoder().encode(data.cell(0, at) ?? "").length), cut: false }));
        if (name === "row") return { row, snapshot: `s${this.version}`, partition: "dt=2013-01-03", file: "part-0001-5f0c.parquet", row_of_file: row, cells } satisfies RowDetail;
        const { column, from, limit } = request as CellRequest;
        const cell = cells.find((each) => each.column === column);
        const end = Number(from) + Math.min(limit, 4096);
        return cell && { ...cell, text: cell.text?.slice(Number(from), end) ?? null, cut: (cell.text?.length ?? 0) > end };
      }
      default:
        return undefined;
    }
  }

  #detail(of: PartitionRef): PartitionDetail {
    const { columns } = fixtureTable([]);
    const parts = Array.from({ length: 10 }, (_, at) => ({ path: `part-${String(at + 1).padStart(4, "0")}-5f0c.parquet`, rows: "100000", bytes: "4821300", sha256: "9f".repeat(32) }));
    const version = String(this.version);
    return {
      summary: { ...partition(0), version, rows: String(TOTAL), parts: "10", bytes: "48213000", rejected: String(BAD), ...(of.folder ? { id: of.folder.path } : { id: of.id || `system=nyc/table=${of.of.dataset}/dt=2013-01-03` }) },
      path: `./lake/${of.layer}/${of.folder?.path ?? `system=nyc/table=${of.of.dataset}/dt=2013-01-03`}`,
      tables: [{ name: "data", rows: String(TOTAL), columns }, { name: "_errors", rows: String(BAD), columns }],
      files: parts,
      history: [
        { version, committed_at: "2026-11-23T09:40:11Z", run_id: "20261123-094011", rows: String(TOTAL), rejected: String(BAD), parts: "10", bytes: "48213000", changes: ["14 rows more", "column `tailnum` is new: text"] },
        { version: "1", committed_at: "2026-11-22T09:40:11Z", run_id: "20261122-094011", rows: "999986", rejected: "0", parts: "10", bytes: "47913000", changes: [] },
      ],
      metadata: JSON.stringify({ rows: 1000000, run_id: "20261123-094011" }, null, 2),
      problems: [],
      control: [{ path: "_metadata.json", bytes: "1204" }, { path: "_checksums.json", bytes: "2048" }, { path: "_commits/2.json", bytes: "3000000" }],
    };
  }
}

export function partition(at: number): PartitionSummary {
  const date = new Date(Date.UTC(2013, 0, 3 - at)).toISOString().slice(0, 10);
  return { id: `dt=${date}`, date, version: "2", rows: String(914 + at), parts: "1", bytes: "48213", rejected: at === 2 ? "37" : "0", committed_at: "2026-11-23T09:40:11Z", stale: at === 1, unreadable: null };
}

function browse({ layer, folder, after, limit }: BrowseRequest): BrowsePage {
  if (!folder) return { roots: [{ root: `./lake/${layer}`, storage: "local", datasets: ["flights", "airlines", "planes"] }], entries: [], total: null, next: null };
  const { path } = folder;
  const names = inside(layer, path);
  const from = Number(after ?? "0");
  const to = Math.min(names.total, from + limit);
  const entries = Array.from({ length: Math.max(0, to - from) }, (_, at): BrowseEntry => {
    const name = names.name(from + at);
    return { name, path: path ? `${path}/${name}` : name, folder: !/\.\w+$/.test(name), dataset: null };
  });
  return { roots: [], entries, total: String(names.total), next: to < names.total ? String(to) : null };
}

/** Names in a folder. */
function inside(layer: string, path: string): { total: number; name: (at: number) => string } {
  const list = (...names: string[]) => ({ total: names.length, name: (at: number) => names[at] ?? "" });
  if (path === "") return layer === "bronze" ? list("exports of somebody else", "system=nyc", "system=shop_with_a_name_that_does_not_fit_anywhere_日本語") : list("domain=aviation");
  if (/table=many$/.test(path)) return { total: MANY, name: (at) => `dt=${new Date(Date.UTC(3000, 0, 1 - at)).toISOString().slice(0, 10)}` };
  if (/^system=[^/]*$/.test(path)) return list("table=airlines", "table=flights", "table=many", "table=planes");
  if (/table=[^/]*$/.test(path)) return { total: 250, name: (at) => `dt=${new Date(Date.UTC(2013, 0, 3 - at)).toISOString().slice(0, 10)}` };
  if (/dt=[^/]*$/.test(path)) return list("_commits", "_checksums.json", "_metadata.json", "part-0001-5f0c.parquet");
  if (path === "domain=aviation") return list("entity=flights");
  if (/entity=[^/]*$/.test(path)) return list("load_date=2013-01-03", "load_date=2013-01-02");
  return list();
}

function view({ path, group, from }: FileRequest): FileView {
  if (!path.endsWith(".parquet")) {
    const text = `{"version":2,"rows":9007199254740993,"parts":[{"path":"part-0001-5f0c.parquet","rows":"914"}],"schema":{"fields":[]}}`;
    const large = path.startsWith("_commits");
    return { path, place: `./lake/bronze/${path}`, bytes: large ? "3000000" : String(text.length), parquet: null, text: { from, to: large ? String(Number(from) + 262_144) : String(text.length), text: large ? "0123456789abcde\n".repeat(16_384) : text } };
  }
  const columns = fixtureTable([]).columns;
  const sizes = { compressed: "401213", uncompressed: "1204800" };
  return {
    path, place: `./lake/bronze/${path}`, bytes: "4821300", text: null,
    parquet: {
      rows: "100000", created_by: "parquet-rs version 59.0.0", version: 2, footer_bytes: "8123", schema: `message schema {\n${columns.map((column) => `  OPTIONAL BYTE_ARRAY ${column.name} (STRING);`).join("\n")}\n}`,
      metadata: [{ key: "ARROW:schema", value: "x".repeat(4000) }, { key: "medallion.run", value: "20261123-094011" }],
      columns: columns.map((column) => ({ path: column.name, physical: "BYTE_ARRAY", logical: "STRING", arrow: "Utf8", repetition: "optional", ...sizes, nulls: "1204", compression: ["SNAPPY"], encodings: ["PLAIN", "RLE_DICTIONARY"] })),
      groups: Array.from({ length: 4 }, () => ({ rows: "25000", ...sizes, sorted_by: [] })),
      group,
      chunks: columns.map((column, at) => ({ column: column.name, values: "25000", start: String(4 + at * 401_213), ...sizes, compression: "SNAPPY", encodings: ["PLAIN", "RLE_DICTIONARY"], nulls: at === 2 ? null : "301", distinct: at === 0 ? "25000" : null, least: at === 3 ? null : `${group}9007199254740993`, greatest: at === 3 ? null : "9223372036854775807", exact: at !== 2, pages: 3, bloom: at === 0 })),
    },
  };
}
