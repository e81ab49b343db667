// The tree of what stands in storage, listed as it is looked at.

import type { Client } from "../../lib/api/client.ts";
import { errorBody } from "../../lib/api/client.ts";
import type { BrowseEntry, Glance, Layer, PartitionRef, Target } from "../../lib/api/generated.ts";
import { Folder, keyOf, lineAt, placeOf, type Address, type Line } from "./folders.ts";

/** Entries asked for at once; the first page of a folder is smaller, so that it is there at once. */
export const ENTRIES = 1000;
const FIRST = 200;
/** Folders glanced at in one question, how long to wait until scrolling rests, and how many are kept. */
const GLANCES = 100;
const REST = 80;
const KEPT = 20_000;

const LAYERS: Layer[] = ["bronze", "silver"];

export class Tree {
  readonly root = new Folder({});
  /** Goes up when lines are others than before. */
  version = $state(0);
  /** The line that the keyboard is at. */
  cursor = $state(0);
  readonly #client: Client;
  readonly #target: Target;
  #glances = new Map<string, Glance>();
  #asked = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Client, target: Target) {
    this.#client = client;
    this.#target = target;
    this.root.loaded = true;
    this.root.entries = LAYERS.map((layer) => ({ name: layer === "bronze" ? "Bronze" : "Silver", path: layer, folder: true, dataset: null }));
    LAYERS.forEach((_, at) => this.expand({ folder: this.root, at }));
  }

  get height(): number {
    void this.version;
    return this.root.height;
  }

  line(place: number): Line | undefined {
    void this.version;
    return lineAt(this.root, place);
  }

  entry({ folder, at }: Line): BrowseEntry | undefined {
    return at === undefined ? undefined : folder.entries[at];
  }

  /** Where an entry leads. */
  address(line: Line): Address {
    const { layer, root } = line.folder.address;
    const entry = this.entry(line);
    if (!layer) return { layer: LAYERS[line.at ?? 0] };
    return root === undefined ? { layer, root: entry?.name ?? "", path: "" } : { layer, root, path: entry?.path ?? "" };
  }

  isOpen({ folder, at }: Line): boolean {
    void this.version;
    return at !== undefined && folder.child(at) !== undefined;
  }

  expand(line: Line): void {
    const opened = line.at === undefined ? undefined : line.folder.expand(line.at, this.address(line));
    if (!opened) return;
    this.version += 1;
    if (!opened.loaded) void this.load(opened);
  }

  collapse(line: Line): void {
    if (line.at === undefined) return;
    line.folder.collapse(line.at);
    this.version += 1;
  }

  toggle(line: Line): void {
    if (this.isOpen(line)) this.collapse(line);
    else if (this.entry(line)?.folder) this.expand(line);
  }

  /** The next page of a folder. */
  async load(folder: Folder): Promise<void> {
    if (folder.loading || (folder.loaded && folder.next === null && !folder.error)) return;
    folder.loading = true;
    folder.error = undefined;
    this.version += 1;
    try {
      const page = await this.#page(folder.address, folder.next, folder.loaded ? ENTRIES : FIRST);
      folder.roots = page.roots;
      for (const entry of page.entries) folder.entries.push(entry);
      [folder.total, folder.next, folder.loaded] = [page.total, page.next, true];
    } catch (thrown) {
      folder.error = errorBody(thrown);
    }
    folder.loading = false;
    this.version += 1;
    // A folder with nothing in it but one folder is no choice to make; a partition is to be chosen.
    const line: Line = { folder, at: 0 };
    if (folder.entries.length !== 1 || folder.next !== null || !folder.entries[0]?.folder) return;
    const address = this.address(line);
    if (address.path && (await this.look(address))?.partition !== false) return;
    if (folder.parent?.child(folder.at) === folder) this.expand(line);
  }

  async #page({ layer = "bronze", root, path = "" }: Address, after: string | null, limit: number) {
    const page = await this.#client.query("browse", { target: this.#target, layer, folder: root === undefined ? null : { root, path }, after, limit });
    const entries = root === undefined ? page.roots.map((each): BrowseEntry => ({ name: each.root, path: each.root, folder: true, dataset: null })) : page.entries;
    return { ...page, entries };
  }

  /** What stands may be something else now: open folders are listed anew, what was glanced at is forgotten. */
  refresh(): void {
    this.#glances.clear();
    this.#asked.clear();
    this.version += 1;
    const visit = (folder: Folder): void => {
      for (const [, child] of folder.open) {
        void this.#again(child);
        visit(child);
      }
      folder.closed.clear();
    };
    visit(this.root);
  }

  async #again(folder: Folder): Promise<void> {
    if (folder.loading || !folder.loaded) return void this.load(folder);
    try {
      const page = await this.#page(folder.address, null, Math.max(FIRST, Math.min(folder.entries.length + 1, ENTRIES)));
      if (folder.loading) return;
      const same = page.entries.every((entry, at) => folder.entries[at]?.path === entry.path);
      // Of a folder that was read far, what comes after the first page stands as it was.
      if (same && page.next !== null && folder.entries.length >= page.entries.length) return;
      const under = this.line(this.cursor);
      folder.replace(page.entries);
      [folder.total, folder.next, folder.error] = [page.total, page.next, undefined];
      if (under && this.entry(under)) this.cursor = Math.max(0, placeOf(under));
    } catch (thrown) {
      folder.error = errorBody(thrown);
    }
    this.version += 1;
  }

  glance(address: Address): Glance | undefined {
    void this.version;
    return this.#glances.get(keyOf(address));
  }

  /** Told which lines are in sight: pages that come into sight are listed, folders in it are looked into. */
  see(from: number, to: number): void {
    const wanted: Address[] = [];
    for (let place = from; place < to; place += 1) {
      const line = lineAt(this.root, place);
      if (!line) break;
      if (line.at === undefined) {
        if (!line.folder.error) void this.load(line.folder);
        continue;
      }
      const address = this.address(line);
      if (address.path && line.folder.entries[line.at]?.folder && !this.#asked.has(keyOf(address))) wanted.push(address);
    }
    clearTimeout(this.#timer);
    if (wanted.length) this.#timer = setTimeout(() => void this.#look(wanted), REST);
  }

  /** What a folder is; it is looked into where that is not known yet. */
  async look(address: Address): Promise<Glance | undefined> {
    if (!this.#glances.has(keyOf(address))) await this.#look([address]);
    return this.#glances.get(keyOf(address));
  }

  async #look(wanted: Address[]): Promise<void> {
    const groups = new Map<string, Address[]>();
    for (const address of wanted) {
      const key = keyOf({ ...address, path: "" });
      groups.set(key, [...(groups.get(key) ?? []), address]);
    }
    for (const group of groups.values()) {
      const [{ layer = "bronze", root = "" } = {}] = group;
      const part = group.slice(0, GLANCES);
      for (const address of part) this.#asked.add(keyOf(address));
      try {
        const glances = await this.#client.query("glance", { target: this.#target, layer, root, paths: part.map((address) => address.path ?? "") });
        for (const glance of glances) this.#glances.set(keyOf({ layer, root, path: glance.path }), glance);
      } catch {
        // The folder itself says what is wrong when it is opened; it may be glanced at again later.
        for (const address of part) this.#asked.delete(keyOf(address));
      }
      for (const oldest of this.#glances.keys()) {
        if (this.#glances.size <= KEPT) break;
        this.#glances.delete(oldest);
        this.#asked.delete(oldest);
      }
      this.version += 1;
    }
  }

  partition(address: Address): PartitionRef {
    return { of: { target: this.#target, dataset: "" }, layer: address.layer ?? "bronze", id: "", folder: { root: address.root ?? "", path: address.path ?? "" } };
  }

  /**
   * Opens the way to a folder, as far as it is listed, and puts the cursor there. Without a root it is
   * the one that the dataset is in, and `path` is the place as a person would name it.
   */
  async reveal(layer: Layer, root: string | undefined, path: string, dataset = ""): Promise<Address | undefined> {
    const name = path.split("/").at(-1);
    let wanted = path;
    let folder: Folder | undefined = this.root;
    let at = LAYERS.indexOf(layer);
    let reached: Address | undefined;
    for (let step = 0; folder && at >= 0 && step < 40; step += 1) {
      const line: Line = { folder, at };
      const entry = this.entry(line);
      this.cursor = placeOf(line);
      const below = folder.address.root !== undefined;
      if (!entry || (below && (entry.path === wanted || (root === undefined && entry.name === name)))) {
        reached = entry && this.address(line);
        break;
      }
      this.expand(line);
      folder = folder.child(at);
      if (!folder) break;
      for (let wait = 0; folder.loading && wait < 400; wait += 1) await new Promise((resolve) => setTimeout(resolve, 25));
      const inside: Folder = folder;
      if (inside.address.root === undefined) {
        at = inside.roots.findIndex((each) => (root === undefined ? each.datasets.includes(dataset) : each.root === root));
        const found = inside.roots[at]?.root;
        if (root === undefined && found && path.startsWith(`${found}/`)) wanted = path.slice(found.length + 1);
      } else {
        at = inside.entries.findIndex((each) => each.path === wanted || wanted.startsWith(`${each.path}/`));
        // The loads of Silver are called by their date, and stand beside the folders of their rows.
        if (at < 0 && root === undefined) at = inside.entries.findIndex((each) => each.name === name);
      }
    }
    this.version += 1;
    return reached;
  }
}

const trees = new WeakMap<Client, Tree>();

/** The tree outlives the screen, so that coming back finds it as it was. */
export function treeOf(client: Client, target: Target): Tree {
  let tree = trees.get(client);
  if (!tree) trees.set(client, (tree = new Tree(client, target)));
  return tree;
}
