// What the screens of outputs and rows are about: the partition that the address names, or the newest
// of the dataset that it names.

import { partitionAt } from "../route/partition.ts";
import { place } from "../route/route.svelte.ts";
import type { DatasetList, DatasetSummary, Layer, PartitionRef } from "./generated.ts";
import { useAnswer, useWorkspace, type Answer } from "./workspace.svelte.ts";

export interface Chosen {
  readonly list: Answer<DatasetList>;
  readonly datasets: readonly DatasetSummary[];
  /** The dataset that the address names, if it is described in a config. */
  readonly dataset: DatasetSummary | undefined;
  readonly layer: Layer | undefined;
  /** Undefined where nothing is named, or nothing of it was committed. */
  readonly of: PartitionRef | undefined;
}

export function useChosen(): Chosen {
  const workspace = useWorkspace();
  const list = useAnswer("list_datasets", () => workspace.target);
  const datasets = $derived(list.value?.datasets ?? []);
  const dataset = $derived.by(() => {
    const [file, name] = place.route.parts;
    return datasets.find((each) => each.file === file && each.dataset === name);
  });
  const named = $derived(partitionAt(place.route, workspace.target));
  const layer = $derived.by((): Layer | undefined => named?.layer ?? (dataset?.silver ? "silver" : dataset?.bronze ? "bronze" : undefined));
  const of = $derived.by((): PartitionRef | undefined => {
    if (named?.folder || named?.id) return named;
    // Without a partition in the address the newest one is meant, if there is one.
    if (!dataset || !layer || !dataset[layer]) return undefined;
    return named ?? { of: { target: { path: dataset.file }, dataset: dataset.dataset }, layer, id: "" };
  });
  // The same partition stays the same object while only the list is read anew.
  let kept: PartitionRef | undefined;
  const stable = $derived.by(() => {
    if (JSON.stringify(kept) !== JSON.stringify(of)) kept = of;
    return kept;
  });
  return {
    list,
    get datasets() {
      return datasets;
    },
    get dataset() {
      return dataset;
    },
    get layer() {
      return layer;
    },
    get of() {
      return stable;
    },
  };
}
