// Addresses of what was committed: a partition of a dataset, or a folder with commits.

import type { Layer, PartitionRef, SortKey, Target } from "../api/generated.ts";
import { decode, href, type Route } from "./route.svelte.ts";

/** How the rows of a partition are looked at. */
export interface DataLook {
  table?: string;
  /** All partitions of the layer together. */
  whole?: boolean;
  filter?: string;
  sort?: readonly SortKey[];
}

function isLayer(text: string | undefined): text is Layer {
  return text === "bronze" || text === "silver";
}

/** The partition that an address names; `home` is what the program was opened on. */
export function partitionAt(route: Route, home: Target): PartitionRef | undefined {
  const [file, dataset, layer, id = ""] = route.parts;
  const { root, path = "", layer: of } = route.params;
  if (root && isLayer(of)) return { of: { target: home, dataset: "" }, layer: of, id: "", folder: { root, path } };
  if (file === undefined || dataset === undefined || !isLayer(layer)) return undefined;
  return { of: { target: { path: file }, dataset }, layer, id };
}

function address(screen: "outputs" | "data", of: PartitionRef, params: Record<string, string | undefined>): string {
  if (of.folder) return href(screen, [], { layer: of.layer, root: of.folder.root, path: of.folder.path, ...params });
  return href(screen, [of.of.target.path, of.of.dataset, of.layer, ...(of.id ? [of.id] : [])], params);
}

export interface OutputLook {
  tab?: string | undefined;
  /** A file of the partition. */
  at?: string | undefined;
}

export function outputsAddress(of: PartitionRef, { tab, at }: OutputLook = {}): string {
  return address("outputs", of, { tab, at });
}

export function dataAddress(of: PartitionRef, look: DataLook = {}): string {
  return address("data", of, { table: look.table, whole: look.whole ? "yes" : undefined, filter: look.filter, sort: sortText(look.sort ?? []) });
}

export function lookAt({ params }: Route): DataLook {
  return { table: params.table ?? "", whole: params.whole === "yes", filter: params.filter ?? "", sort: sortOf(params.sort ?? "") };
}

function sortText(sort: readonly SortKey[]): string {
  return sort.map((key) => `${key.descending ? "-" : ""}.${encodeURIComponent(key.column)}`).join(",");
}

function sortOf(text: string): SortKey[] {
  return text.split(",").filter(Boolean).map((key) => ({ column: decode(key.slice(key.indexOf(".") + 1)), descending: key.startsWith("-") }));
}
