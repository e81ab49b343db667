// What changes in the workspace while it is open: told by the engine, or looked up now and then where
// it cannot tell.

import type { QueryName } from "./client.ts";
import { errorBody } from "./client.ts";
import type { WatchedFile, WatchEvent } from "./generated.ts";
import type { Workspace } from "./workspace.svelte.ts";

/** Answers that a changed config makes stale. */
export const STALE_AFTER_CONFIG: readonly QueryName[] = ["validate", "list_datasets", "plan"];
/** Answers that new outputs make stale. */
const STALE_AFTER_OUTPUTS: readonly QueryName[] = ["list_datasets", "list_partitions", "partition_detail", "plan"];

/** How long to wait before asking again, in milliseconds, after each failure in a row. */
const WAITS = [500, 1000, 2000, 5000, 10_000];
/** How often to look where nobody tells. */
const POLL = 4000;

export type WatchState = "starting" | "live" | "looking" | "lost" | "ended";

/** Told of a config file: its revision now, or `undefined` when it is gone. */
export type FileListener = (file: string, revision: string | undefined) => void;

export class Watch {
  state = $state<WatchState>("starting");
  /** Why nobody tells, when it has to be looked up. */
  reason = $state("");
  readonly #workspace: Workspace;
  readonly #listeners = new Set<FileListener>();
  readonly #lookers = new Set<() => void>();
  #files = new Map<string, WatchedFile>();
  #job = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** Starts, and starts again whenever the stream breaks, until `stop`. */
  start(): void {
    if (this.state === "ended") return;
    this.#job = `ui-watch-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
    const job = this.#job;
    const request = { target: this.#workspace.target, job };
    this.#workspace.client.stream("watch", request, (event) => job === this.#job && this.apply(event)).then(
      () => job === this.#job && this.#again(""),
      (error: unknown) => job === this.#job && this.#again(errorBody(error).message),
    );
  }

  stop(): void {
    this.state = "ended";
    this.#leave();
  }

  /** Watches anew, after the workspace is looked at in another way. */
  restart(): void {
    if (this.state === "ended") return;
    this.#leave();
    this.#failures = 0;
    this.state = "starting";
    this.start();
  }

  #leave(): void {
    clearTimeout(this.#timer);
    const job = this.#job;
    this.#job = "";
    if (job) this.#workspace.client.query("cancel", { job }).catch(() => undefined);
  }

  /** Told of every config file that changed or is gone. */
  onFile(listener: FileListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Called now and then while nobody tells, so that open files can be compared. */
  onLook(look: () => void): () => void {
    this.#lookers.add(look);
    return () => this.#lookers.delete(look);
  }

  apply(event: WatchEvent): void {
    switch (event.event) {
      case "started": {
        const before = this.#files;
        const again = this.#failures > 0 || this.state === "live";
        this.#files = new Map(event.files.map((file) => [file.validation.file, file]));
        this.#failures = 0;
        this.state = "live";
        // What happened while nobody listened is told now.
        for (const file of before.keys()) if (!this.#files.has(file)) this.#tell(file, undefined);
        for (const file of event.files) this.#tell(file.validation.file, file.revision);
        if (again) this.#workspace.cache.invalidate();
        break;
      }
      case "changed":
        for (const file of event.files) {
          this.#files.set(file.validation.file, file);
          this.#tell(file.validation.file, file.revision);
        }
        for (const file of event.removed) {
          this.#files.delete(file);
          this.#tell(file, undefined);
        }
        this.#workspace.cache.invalidate(STALE_AFTER_CONFIG);
        break;
      case "outputs":
        this.#workspace.cache.invalidate(STALE_AFTER_OUTPUTS);
        break;
      case "blind":
        this.reason = event.reason;
        this.state = "looking";
        this.#look();
        break;
    }
  }

  #tell(file: string, revision: string | undefined): void {
    for (const listener of this.#listeners) listener(file, revision);
  }

  #again(reason: string): void {
    // A stream that ends after it said that it is blind has nothing more to say.
    if (this.state === "looking" || this.state === "ended") return;
    this.reason = reason;
    this.state = "lost";
    const wait = WAITS[Math.min(this.#failures, WAITS.length - 1)];
    this.#failures += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.start(), wait);
  }

  #look(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.state !== "looking") return;
      if (document.visibilityState === "visible") {
        this.#workspace.cache.invalidate([...STALE_AFTER_CONFIG, ...STALE_AFTER_OUTPUTS]);
        for (const look of this.#lookers) look();
      }
      this.#look();
    }, POLL);
  }
}
