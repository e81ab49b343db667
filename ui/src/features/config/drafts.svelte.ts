// The config files that are open. Unsaved ones are kept while the user looks at other screens.

import { getContext, setContext } from "svelte";
import { SvelteMap } from "svelte/reactivity";

import { errorBody, type Client } from "../../lib/api/client.ts";
import type { ErrorBody, NewConfig } from "../../lib/api/generated.ts";
import type { Watch } from "../../lib/api/watch.svelte.ts";
import type { Workspace } from "../../lib/api/workspace.svelte.ts";
import { Draft } from "./draft.svelte.ts";

/** Open files without changes that are kept for their history. */
const KEPT = 8;

export class Drafts {
  readonly #client: Client;
  readonly #workspace: Workspace;
  readonly #open = new SvelteMap<string, Draft>();
  readonly #errors = new SvelteMap<string, ErrorBody>();
  readonly #loading = new Map<string, Promise<Draft | undefined>>();
  /** Files with changes that are not saved, new ones among them. */
  readonly unsaved = $derived([...this.#open.values()].filter((draft) => draft.dirty));

  constructor(workspace: Workspace, watch: Watch) {
    this.#client = workspace.client;
    this.#workspace = workspace;
    watch.onFile((file, revision) => this.#open.get(file)?.seen(revision));
    watch.onLook(() => void this.look());
  }

  get(file: string): Draft | undefined {
    return this.#open.get(file);
  }

  error(file: string): ErrorBody | undefined {
    return this.#errors.get(file);
  }

  /** The draft of a file, read from disk when it is not open yet. */
  async open(file: string): Promise<Draft | undefined> {
    const open = this.#open.get(file);
    if (open) return open;
    let loading = this.#loading.get(file);
    if (!loading) {
      loading = Draft.open(this.#workspace, file).then(
        (draft) => {
          this.#put(draft);
          this.#errors.delete(file);
          return draft;
        },
        (error: unknown) => {
          this.#errors.set(file, errorBody(error));
          return undefined;
        },
      );
      this.#loading.set(file, loading);
      void loading.finally(() => this.#loading.delete(file));
    }
    return loading;
  }

  /** Opens a config that was made for the user and is not saved yet. */
  adopt(made: NewConfig): Draft {
    const draft = Draft.made(this.#workspace, made);
    this.#put(draft);
    return draft;
  }

  /** Checks every open text anew, as under another environment. */
  async recheck(): Promise<void> {
    await Promise.all([...this.#open.values()].map((draft) => draft.checkNow()));
  }

  close(file: string): void {
    this.#open.delete(file);
    this.#errors.delete(file);
  }

  /** Compares open files with what stands on disk, for when nobody tells of changes. */
  async look(): Promise<void> {
    await Promise.all([...this.#open.values()].filter((draft) => draft.base.revision !== null).map(async (draft) => {
      try {
        draft.seen((await this.#client.query("config_text", { file: draft.file })).revision);
      } catch {
        // A file that cannot be read just now is no news; saving says why.
      }
    }));
  }

  #put(draft: Draft): void {
    this.#open.set(draft.file, draft);
    for (const [file, each] of this.#open) {
      if (this.#open.size <= KEPT) break;
      if (each !== draft && !each.dirty) this.#open.delete(file);
    }
  }
}

const KEY = Symbol("drafts");

export function provideDrafts(drafts: Drafts): void {
  setContext(KEY, drafts);
}

export function useDrafts(): Drafts {
  return getContext<Drafts>(KEY);
}
