// One visit to the doctor: checks as they come, and the report at the end.

import { errorBody, type Client } from "../../lib/api/client.ts";
import type { Check, CheckGroup, CheckOutcome, DoctorEvent, DoctorReport, ErrorBody, Target } from "../../lib/api/generated.ts";
import { counted, seconds } from "../../lib/format/number.ts";

export const GROUPS: readonly [CheckGroup, string][] = [
  ["configuration", "Configuration"], ["environment", "Variables and secrets"], ["source", "Sources"], ["storage", "Storage"], ["machine", "This machine"],
];

export class Examination {
  state = $state<"idle" | "running" | "stopping" | "ended">("idle");
  expected = $state(0);
  checks = $state.raw<Check[]>([]);
  report = $state.raw<DoctorReport | undefined>();
  error = $state.raw<ErrorBody | undefined>();
  readonly running = $derived(this.state === "running" || this.state === "stopping");
  readonly #client: Client;
  #job = "";

  constructor(client: Client) {
    this.#client = client;
  }

  async start(target: Target, offline: boolean): Promise<void> {
    if (this.running) return;
    const job = `ui-doctor-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
    this.#job = job;
    this.state = "running";
    this.expected = 0;
    this.checks = [];
    this.report = undefined;
    this.error = undefined;
    try {
      await this.#client.stream("doctor", { target, offline, job }, (event) => this.apply(event));
    } catch (error) {
      this.error = errorBody(error);
    }
    this.state = "ended";
  }

  async cancel(): Promise<void> {
    if (this.state !== "running") return;
    this.state = "stopping";
    try {
      await this.#client.query("cancel", { job: this.#job });
    } catch (error) {
      this.error = errorBody(error);
    }
  }

  apply(event: DoctorEvent): void {
    switch (event.event) {
      case "started":
        this.expected = event.checks;
        break;
      case "checked":
        this.checks = [...this.checks, event.check];
        break;
      case "finished":
        this.report = event.report;
        this.checks = event.report.checks;
        break;
    }
  }
}

export interface Section {
  group: CheckGroup;
  title: string;
  /** What failed or warned, and what was not done, in their order. */
  open: Check[];
  /** What is fine; only its number is shown. */
  passed: Check[];
}

const RANK: Record<CheckOutcome, number> = { failed: 0, warned: 1, skipped: 2, passed: 3 };

/** Checks by group; details only for what did not pass. */
export function sections(checks: readonly Check[]): Section[] {
  return GROUPS.map(([group, title]) => {
    const own = checks.filter((check) => check.group === group);
    return { group, title, open: own.filter((check) => check.outcome !== "passed").sort((a, b) => RANK[a.outcome] - RANK[b.outcome]), passed: own.filter((check) => check.outcome === "passed") };
  }).filter((section) => section.open.length + section.passed.length > 0);
}

/** The one last line. */
export function verdict(report: DoctorReport): string {
  const passed = report.checks.length - report.failed - report.warned - report.skipped;
  const parts = [
    report.failed ? `${report.failed} failed` : "",
    report.warned ? counted(report.warned, "warning") : "",
    passed ? `${passed} passed` : "",
    report.skipped ? `${report.skipped} not made` : "",
  ].filter(Boolean);
  const word = report.failed ? "Not ready" : report.warned ? "Ready, with warnings" : "Ready";
  return `${word}: ${parts.join(", ") || "nothing to check"} in ${seconds(report.seconds)}`;
}

/** The report as text, for a ticket or a chat. Its texts come without secrets. */
export function reportText(report: DoctorReport): string {
  const lines = sections(report.checks).flatMap(({ title, open, passed }) => [
    `${title}: ${passed.length} passed`,
    ...open.map((check) => {
      const where = check.file ? ` (${check.file}${check.span ? `:${check.span.line}:${check.span.column}` : ""})` : "";
      return `  ${check.outcome}: ${check.title}${check.code ? ` [${check.code}]` : ""}${where}${check.detail ? `: ${check.detail}` : ""}${check.hint ? `\n    ${check.hint}` : ""}`;
    }),
  ]);
  return [...lines, verdict(report)].join("\n");
}
