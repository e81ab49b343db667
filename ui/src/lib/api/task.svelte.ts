// A piece of work that tells how far it is and can be cancelled: opening, finding, profiling, exporting.

import { errorBody, type Client, type Reply, type Request } from "./client.ts";
import type { ErrorBody, ReadProgress } from "./generated.ts";

type Reading = "open_rows" | "find_row" | "profile_column" | "export_rows";
type Named = Extract<Reading, keyof import("./generated.ts").Commands>;
export type Ending<Name extends Named> = Exclude<Reply<Name>, { event: "progress" }>;

/** Cancelled by the person, so nothing that has to be told as an error. */
const CANCELLED = "RUN011";

export function jobName(purpose: string): string {
  return `ui-${purpose}-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
}

export class Task<Name extends Named> {
  running = $state(false);
  progress = $state.raw<ReadProgress | undefined>(undefined);
  error = $state.raw<ErrorBody | undefined>(undefined);
  cancelled = $state(false);
  #job = "";
  readonly #client: Client;
  readonly #name: Name;

  constructor(client: Client, name: Name) {
    this.#client = client;
    this.#name = name;
  }

  /** The last event; undefined when it failed, was cancelled, or something newer was started. */
  async start(request: Omit<Request<Name>, "job">): Promise<Ending<Name> | undefined> {
    this.cancel();
    const job = jobName(this.#name);
    this.#job = job;
    [this.running, this.progress, this.error, this.cancelled] = [true, undefined, undefined, false];
    let ending: Ending<Name> | undefined;
    try {
      await this.#client.stream(this.#name, { ...request, job } as Request<Name> & { job: string }, (event) => {
        if (this.#job !== job) return;
        if (event.event === "progress") this.progress = event;
        else ending = event as Ending<Name>;
      });
    } catch (thrown) {
      if (this.#job !== job) return undefined;
      const error = errorBody(thrown);
      this.cancelled = error.code === CANCELLED;
      this.error = this.cancelled ? undefined : error;
    }
    if (this.#job !== job) return undefined;
    this.#job = "";
    this.running = false;
    return this.error || this.cancelled ? undefined : ending;
  }

  /** Asks the engine to stop; what it still sends is not listened to where something newer was started. */
  cancel(): void {
    if (this.#job) this.#client.query("cancel", { job: this.#job }).catch(() => undefined);
  }

  /** Stops, and forgets that it was ever started. */
  drop(): void {
    this.cancel();
    this.#job = "";
    [this.running, this.progress, this.error, this.cancelled] = [false, undefined, undefined, false];
  }
}
