// One join: what it would do, its first rows, and a run of it. Each is asked for by a person.

import { errorBody, type Client, type TableReply } from "../../lib/api/client.ts";
import type { ErrorBody, JoinPlan, JoinPreview, JoinReport, JoinRequest, Phase, Target } from "../../lib/api/generated.ts";
import { jobName } from "../../lib/api/task.svelte.ts";

/** Cancelled by the person, so nothing that has to be told as an error. */
const CANCELLED = "RUN011";
/** Rows of a preview. */
const ROWS = 200;

export type Doing = "plan" | "preview" | "run";

export class Join {
  plan = $state.raw<JoinPlan | undefined>(undefined);
  preview = $state.raw<TableReply<JoinPreview> | undefined>(undefined);
  report = $state.raw<JoinReport | undefined>(undefined);
  doing = $state<Doing | undefined>(undefined);
  phase = $state<Phase | undefined>(undefined);
  rows = $state("0");
  error = $state.raw<ErrorBody | undefined>(undefined);
  cancelled = $state(false);
  #job = "";
  readonly #client: Client;
  readonly #target: Target;

  constructor(client: Client, target: Target) {
    this.#client = client;
    this.#target = target;
  }

  async lookAhead(): Promise<void> {
    await this.#do("plan", async () => {
      this.plan = await this.#client.query("plan_join", this.#request());
    });
  }

  async look(): Promise<void> {
    await this.#do("preview", async () => {
      this.preview = await this.#client.table("preview_join", { ...this.#request(), limit: ROWS });
      this.plan = this.preview.info.plan;
    });
  }

  /** Joins; the report, or undefined when nothing was committed. */
  async run(): Promise<JoinReport | undefined> {
    this.report = undefined;
    this.rows = "0";
    this.phase = undefined;
    await this.#do("run", async () => {
      await this.#client.stream("join", this.#request(), (event) => {
        if (event.event === "progress") [this.phase, this.rows] = [event.phase, event.rows];
        else [this.report, this.plan] = [event.report, event.report.plan];
      });
    });
    return this.report;
  }

  cancel(): void {
    if (this.#job) this.#client.query("cancel", { job: this.#job }).catch(() => undefined);
  }

  #request(): JoinRequest & { job: string } {
    return { target: this.#target, job: this.#job };
  }

  async #do(doing: Doing, work: () => Promise<void>): Promise<void> {
    if (this.doing) return;
    this.#job = jobName("join");
    [this.doing, this.error, this.cancelled] = [doing, undefined, false];
    try {
      await work();
    } catch (thrown) {
      const error = errorBody(thrown);
      this.cancelled = error.code === CANCELLED;
      this.error = this.cancelled ? undefined : error;
    }
    [this.doing, this.#job] = [undefined, ""];
  }
}
