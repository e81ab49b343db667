// One preview: what was fetched, and whether it still answers what is asked.

import { errorBody, type Client, type TableReply } from "../../lib/api/client.ts";
import type { ErrorBody, PreviewInfo, PreviewRequest } from "../../lib/api/generated.ts";

let jobs = 0;

export class Preview {
  reply = $state.raw<TableReply<PreviewInfo> | undefined>(undefined);
  error = $state.raw<ErrorBody | undefined>(undefined);
  loading = $state(false);
  /** The request that `reply` or `error` answers. */
  asked = $state.raw<PreviewRequest | undefined>(undefined);
  seconds = $state(0);
  #generation = 0;
  #job = "";
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Whether what is shown answers `request`. */
  answers(request: PreviewRequest): boolean {
    return JSON.stringify(this.asked) === JSON.stringify(request);
  }

  async fetch(request: PreviewRequest): Promise<void> {
    const generation = ++this.#generation;
    this.#stop();
    const sameDataset = JSON.stringify(this.asked?.of) === JSON.stringify(request.of);
    if (!sameDataset) this.reply = undefined;
    this.error = undefined;
    this.loading = true;
    this.#job = `preview-${++jobs}`;
    const start = performance.now();
    try {
      const reply = await this.#client.table("preview", { ...request, job: this.#job });
      if (generation !== this.#generation) return;
      this.reply = reply;
    } catch (error) {
      if (generation !== this.#generation) return;
      this.error = errorBody(error);
    }
    this.asked = request;
    this.seconds = (performance.now() - start) / 1000;
    this.loading = false;
  }

  /** Asks the one under way to stop; what came until then is shown. */
  cancel(): void {
    this.#stop();
  }

  #stop(): void {
    if (this.loading && this.#job) this.#client.query("cancel", { job: this.#job }).catch(() => undefined);
  }
}
