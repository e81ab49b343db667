// Answers that screens show, kept while they are looked at again, and asked for anew when stale.

import { errorBody, type Client, type QueryName, type Reply, type Request } from "./client.ts";
import type { ErrorBody } from "./generated.ts";

/** What a finished run makes stale. */
export const STALE_AFTER_RUN: readonly QueryName[] = ["list_datasets", "list_partitions", "partition_detail", "plan"];

/** How many answers that no screen shows are kept. */
const KEPT = 200;

/** One answer: its last good value stays while a newer one is on its way or has failed. */
export class Entry<T> {
  value = $state.raw<T | undefined>(undefined);
  error = $state.raw<ErrorBody | undefined>(undefined);
  loading = $state(false);
  /** The value may no longer be true. */
  stale = $state(false);
  #generation = 0;
  /** Became stale while an answer was on its way: that answer may be about the time before. */
  #again = false;
  readonly #ask: () => Promise<T>;

  constructor(ask: () => Promise<T>) {
    this.#ask = ask;
  }

  /** Asks again. Of several answers under way only the one asked for last counts. */
  async load(): Promise<void> {
    const generation = ++this.#generation;
    this.#again = false;
    this.loading = true;
    try {
      const value = await this.#ask();
      if (generation !== this.#generation) return;
      this.value = value;
      this.error = undefined;
      this.stale = false;
    } catch (error) {
      if (generation !== this.#generation) return;
      this.error = errorBody(error);
      this.stale = this.value !== undefined;
    }
    this.loading = false;
    if (this.#again) await this.load();
  }

  /** What is shown may no longer be true. */
  invalidate(): void {
    if (this.loading) this.#again = true;
    else this.stale = this.value !== undefined || this.error !== undefined;
  }
}

export class Cache {
  readonly #client: Client;
  readonly #entries = new Map<string, { name: QueryName; entry: Entry<unknown> }>();
  /** Goes up when answers became stale; screens that show one ask again. */
  epoch = $state(0);

  constructor(client: Client) {
    this.#client = client;
  }

  /** The entry of a request. The same request always gives the same entry. */
  entry<Name extends QueryName>(name: Name, request: Request<Name>): Entry<Reply<Name>> {
    const key = `${name} ${JSON.stringify(request)}`;
    let kept = this.#entries.get(key);
    if (kept) {
      this.#entries.delete(key);
    } else {
      kept = { name, entry: new Entry<unknown>(() => this.#client.query(name, request)) };
    }
    this.#entries.set(key, kept);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= KEPT) break;
      this.#entries.delete(oldest);
    }
    return kept.entry as Entry<Reply<Name>>;
  }

  /** Marks answers as stale; those on a screen are asked for anew. Without names: all of them. */
  invalidate(names?: readonly QueryName[]): void {
    for (const { name, entry } of this.#entries.values()) {
      if (!names || names.includes(name)) entry.invalidate();
    }
    this.epoch += 1;
  }
}
