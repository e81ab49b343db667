// What the program is opened on, with its client and its answers; every screen is given one.

import { getContext, setContext, untrack } from "svelte";

import { Cache, type Entry } from "./cache.svelte.ts";
import type { Client, QueryName, Reply, Request } from "./client.ts";
import type { Target } from "./generated.ts";

export class Workspace {
  readonly client: Client;
  readonly cache: Cache;
  /** What the program was opened on, with the environment that is laid over it. */
  target = $state.raw<Target>({ path: "" });
  readonly version: string;
  /** The run date that the user works with, shared by the screens; empty means today. */
  date = $state("");

  constructor(client: Client, target: Target, version: string) {
    this.client = client;
    this.cache = new Cache(client);
    this.target = target;
    this.version = version;
  }

  /** Lays another environment over everything, or none. */
  choose(environment: string | undefined): void {
    this.target = environment === undefined ? { path: this.target.path } : { path: this.target.path, environment };
  }

  /** A part of what is open, such as one file, under the same environment. */
  at(path: string): Target {
    return { ...this.target, path };
  }

  /** Asks, in the way of the place the page runs in, before unsaved work is lost. */
  guard(mayClose: () => boolean, ask: () => void): void {
    this.client.guard(mayClose, ask);
  }

  leave(): void {
    this.client.leave();
  }
}

const KEY = Symbol("workspace");

export function provideWorkspace(workspace: Workspace): void {
  setContext(KEY, workspace);
}

export function useWorkspace(): Workspace {
  return getContext<Workspace>(KEY);
}

export interface Answer<T> {
  readonly entry: Entry<T> | undefined;
  readonly value: T | undefined;
  reload(): void;
}

/** The answer to a request, asked for when a screen first shows it and whenever it became stale. */
export function useAnswer<Name extends QueryName>(name: Name, request: () => Request<Name> | undefined): Answer<Reply<Name>> {
  const { cache } = useWorkspace();
  const entry = $derived.by(() => {
    const asked = request();
    return asked && cache.entry(name, asked);
  });
  $effect(() => {
    void cache.epoch;
    const current = entry;
    if (!current) return;
    untrack(() => {
      const fresh = current.value === undefined && current.error === undefined;
      if ((fresh || current.stale) && !current.loading) void current.load();
    });
  });
  return {
    get entry() {
      return entry;
    },
    get value() {
      return entry?.value;
    },
    reload() {
      void entry?.load();
    },
  };
}
