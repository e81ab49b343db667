// A tree of folders as lines on a screen. Folders may have any number of entries, of which a page at a
// time is known; a line is found without walking over the entries before it.

import type { BrowseEntry, BrowseRoot, ErrorBody, Layer } from "../../lib/api/generated.ts";

/** Which folder: the list of layers, the roots of a layer, or a folder below a root. */
export interface Address {
  layer?: Layer;
  root?: string;
  path?: string;
}

/** A folder with what is known of its inside. */
export class Folder {
  readonly address: Address;
  readonly parent: Folder | undefined;
  /** Which entry of its parent it is. */
  at: number;
  entries: BrowseEntry[] = [];
  roots: BrowseRoot[] = [];
  /** Open folders in it, by the number of their entry, in that order. */
  open: [at: number, folder: Folder][] = [];
  /** Folders that were closed, kept with what is known of them. */
  closed = new Map<string, Folder>();
  total: string | null = null;
  next: string | null = null;
  loaded = false;
  loading = false;
  error: ErrorBody | undefined;

  constructor(address: Address, parent?: Folder, at = 0) {
    this.address = address;
    this.parent = parent;
    this.at = at;
  }

  get depth(): number {
    return this.parent ? this.parent.depth + 1 : 0;
  }

  /** Whether a line stands after the entries: more to come, on its way, failed, or nothing at all. */
  get tail(): boolean {
    return this.loading || this.error !== undefined || this.next !== null || !this.loaded || this.entries.length === 0;
  }

  /** Lines of its inside. */
  get height(): number {
    return this.open.reduce((sum, [, folder]) => sum + folder.height, this.entries.length) + (this.tail ? 1 : 0);
  }

  child(at: number): Folder | undefined {
    return this.open.find(([each]) => each === at)?.[1];
  }

  /** Opens an entry; undefined where it is open already. */
  expand(at: number, address: Address): Folder | undefined {
    if (this.child(at)) return undefined;
    const key = keyOf(address);
    const folder = this.closed.get(key) ?? new Folder(address, this, at);
    this.closed.delete(key);
    folder.at = at;
    this.open.push([at, folder]);
    this.open.sort((a, b) => a[0] - b[0]);
    return folder;
  }

  collapse(at: number): void {
    const folder = this.child(at);
    if (!folder) return;
    this.open = this.open.filter(([each]) => each !== at);
    this.closed.set(keyOf(folder.address), folder);
  }

  /** Other entries stand in it now; what was open stays open as far as it is still there. */
  replace(entries: BrowseEntry[]): void {
    const places = new Map(entries.map((entry, at) => [entry.path, at]));
    const before = this.entries;
    this.entries = entries;
    this.open = this.open.flatMap(([at, folder]): [number, Folder][] => {
      const now = places.get(before[at]?.path ?? "");
      if (now === undefined) return [];
      folder.at = now;
      return [[now, folder]];
    });
    this.open.sort((a, b) => a[0] - b[0]);
  }
}

export function keyOf({ layer, root, path }: Address): string {
  return JSON.stringify([layer, root, path]);
}

/** What a line stands for: an entry of a folder, or the line after its entries. */
export interface Line {
  folder: Folder;
  /** Number of the entry; undefined: the line after them. */
  at: number | undefined;
}

/** The line at a place, from 0. */
export function lineAt(folder: Folder, line: number): Line | undefined {
  let before = 0;
  for (const [at, child] of folder.open) {
    const own = at + before;
    if (line <= own) break;
    const height = child.height;
    if (line <= own + height) return lineAt(child, line - own - 1);
    before += height;
  }
  const at = line - before;
  if (at < folder.entries.length) return { folder, at };
  return at === folder.entries.length && folder.tail ? { folder, at: undefined } : undefined;
}

/** The place of a line. */
export function placeOf({ folder, at }: Line): number {
  const own = at ?? folder.entries.length;
  const before = folder.open.reduce((sum, [each, child]) => (each < own ? sum + child.height : sum), own);
  return folder.parent ? placeOf({ folder: folder.parent, at: folder.at }) + 1 + before : before;
}

/** The next line whose name starts with `typed`, from `from` on and around; only entries that are known. */
export function typedAhead(root: Folder, from: number, typed: string): number | undefined {
  const height = root.height;
  const wanted = typed.toLowerCase();
  for (let step = 0; step < height; step += 1) {
    const place = (from + step) % height;
    const line = lineAt(root, place);
    const name = line?.at === undefined ? undefined : line.folder.entries[line.at]?.name;
    // `system=nyc` is found by its value too.
    if (name && (name.toLowerCase().startsWith(wanted) || name.slice(name.indexOf("=") + 1).toLowerCase().startsWith(wanted))) return place;
  }
  return undefined;
}
