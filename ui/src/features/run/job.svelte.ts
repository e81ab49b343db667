// One run, from the request to the report. It outlives the screens: they come and go, it goes on.

import { getContext, setContext } from "svelte";

import { STALE_AFTER_RUN } from "../../lib/api/cache.svelte.ts";
import { errorBody } from "../../lib/api/client.ts";
import type { Count, ErrorBody, Note, Outcome, Phase, RunEvent, RunReport, RunRequest, Step, StepReport } from "../../lib/api/generated.ts";
import type { Workspace } from "../../lib/api/workspace.svelte.ts";
import { percent } from "../../lib/format/number.ts";

export type JobPhase = "idle" | "running" | "cancelling" | "ended";

/** Lines of the log that are kept. */
const LOG_LINES = 500;

export interface LogLine {
  at: number;
  level: "info" | "warning" | "error";
  text: string;
  code?: string | undefined;
}

/** One step as the run goes. */
export interface StepState {
  step: Step;
  state: "waiting" | "running" | Outcome;
  phase: Phase | undefined;
  rows: Count | undefined;
  /** Percent of the source's bytes that were read, where that is known. */
  percent: number | undefined;
  started: number | undefined;
  notes: Note[];
  error: ErrorBody | undefined;
  report: StepReport | undefined;
}

const same = (a: Step, b: Step): boolean => a.dataset === b.dataset && a.date === b.date && a.layer === b.layer;
const named = (step: Step): string => `${step.dataset} ${step.date} ${step.layer}`;

export class Job {
  phase = $state<JobPhase>("idle");
  steps = $state.raw<StepState[]>([]);
  report = $state.raw<RunReport | undefined>(undefined);
  /** Why nothing was tried. */
  error = $state.raw<ErrorBody | undefined>(undefined);
  log = $state.raw<LogLine[]>([]);
  runId = $state("");
  started = $state(0);
  ended = $state(0);

  readonly running = $derived(this.phase === "running" || this.phase === "cancelling");
  readonly done = $derived(this.steps.filter((step) => step.state !== "waiting" && step.state !== "running").length);
  readonly current = $derived(this.steps.find((step) => step.state === "running"));
  readonly fraction = $derived(this.steps.length ? (this.done + (this.current?.percent ?? 0) / 100) / this.steps.length : 0);

  readonly #workspace: Workspace;
  #name = "";

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  async start(request: Omit<RunRequest, "job">): Promise<void> {
    if (this.running) return;
    this.#name = `ui-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
    this.phase = "running";
    this.steps = [];
    this.report = undefined;
    this.error = undefined;
    this.log = [];
    this.runId = "";
    this.started = Date.now();
    this.ended = 0;
    try {
      await this.#workspace.client.stream("run", { ...request, job: this.#name }, (event) => this.apply(event));
    } catch (error) {
      this.error = errorBody(error);
      this.#say("error", this.error.message, this.error.code);
      // What was under way when the connection broke did not say how it ended.
      this.steps = this.steps.map((step) => (step.state === "running" ? { ...step, state: "failed", error: this.error } : step));
    }
    this.phase = "ended";
    this.ended = Date.now();
    this.#workspace.cache.invalidate(STALE_AFTER_RUN);
  }

  /** Asks the run to stop. It has stopped when it says so, not before. */
  async cancel(): Promise<void> {
    if (this.phase !== "running") return;
    this.phase = "cancelling";
    this.#say("warning", "asked to stop at the next safe point");
    try {
      const { found } = await this.#workspace.client.query("cancel", { job: this.#name });
      if (!found) this.#say("info", "the run had ended already");
    } catch (error) {
      this.#say("error", `the run could not be asked to stop: ${errorBody(error).message}`);
      if (this.running) this.phase = "running";
    }
  }

  apply(event: RunEvent): void {
    switch (event.kind) {
      case "started":
        this.runId = event.run_id;
        this.steps = event.steps.map(waiting);
        this.#say("info", `run ${event.run_id}: ${event.steps.length} steps`);
        break;
      case "step_started":
        this.#change(event.step, { state: "running", started: Date.now() });
        this.#say("info", `${named(event.step)}: started`);
        break;
      case "progress":
        this.#change(event.step, { phase: event.phase, rows: event.rows, percent: percent(event.bytes, event.total_bytes) });
        break;
      case "noted":
        this.#change(event.step, {}, event.note);
        this.#say(event.note.level, `${named(event.step)}: ${event.note.message}`, event.note.code ?? undefined);
        break;
      case "step_finished":
        this.#change(event.step, { state: event.outcome, percent: undefined, error: event.error ?? undefined });
        if (event.error) this.#say("error", `${named(event.step)}: ${event.error.message}`, event.error.code);
        else this.#say("info", `${named(event.step)}: ${event.outcome}`);
        break;
      case "finished":
        this.report = event.report;
        this.steps = event.report.steps.map((report) => ({
          ...(this.steps.find((step) => same(step.step, report.step)) ?? waiting(report.step)),
          state: report.outcome,
          percent: undefined,
          rows: report.rows,
          notes: report.notes,
          error: report.error ?? undefined,
          report,
        }));
        break;
    }
  }

  #change(step: Step, change: Partial<StepState>, note?: Note): void {
    this.steps = this.steps.map((known) => (same(known.step, step) ? { ...known, ...change, notes: note ? [...known.notes, note] : known.notes } : known));
  }

  #say(level: LogLine["level"], text: string, code?: string): void {
    this.log = [...this.log.slice(1 - LOG_LINES), { at: Date.now(), level, text, code }];
  }
}

function waiting(step: Step): StepState {
  return { step, state: "waiting", phase: undefined, rows: undefined, percent: undefined, started: undefined, notes: [], error: undefined, report: undefined };
}

const KEY = Symbol("job");

export function provideJob(job: Job): void {
  setContext(KEY, job);
}

export function useJob(): Job {
  return getContext<Job>(KEY);
}
