// The tree of what was committed: dataset, layer, partition. Partitions come a page at a time.

import type { DatasetRef, DatasetSummary, Layer, PartitionSummary } from "../../lib/api/generated.ts";
import type { DatasetKey } from "../../lib/route/route.svelte.ts";

/** Partitions asked for at once. */
export const PARTITIONS = 100;

export interface LayerNode {
  key: DatasetKey;
  layer: Layer;
}

/** Which branches are open; it outlives the screen, so that coming back finds the tree as it was. */
class Branches {
  #open = $state<Record<string, boolean>>({});
  /** Pages that were asked for, by layer. */
  #pages = $state<Record<string, number>>({});

  isOpen(id: string): boolean {
    return this.#open[id] ?? false;
  }
  toggle(id: string, open = !this.isOpen(id)): void {
    this.#open[id] = open;
  }
  pages(id: string): number {
    return this.#pages[id] ?? 1;
  }
  more(id: string): void {
    this.#pages[id] = this.pages(id) + 1;
  }
}

export const branches = new Branches();

export function datasetId(key: DatasetKey): string {
  return `${key.file}\n${key.dataset}`;
}

export function layerId(node: LayerNode): string {
  return `${datasetId(node.key)}\n${node.layer}`;
}

export function refOf(key: DatasetKey): DatasetRef {
  return { target: { path: key.file }, dataset: key.dataset };
}

/** The layers a dataset has: Silver only where it has a model. */
export function layersOf(dataset: DatasetSummary): Layer[] {
  return dataset.model ? ["bronze", "silver"] : ["bronze"];
}

/** How a partition is called in the tree: its date, or the last part of its path. */
export function partitionName(partition: PartitionSummary): string {
  return partition.date ?? (partition.id.split("/").filter(Boolean).at(-1) || "all");
}
