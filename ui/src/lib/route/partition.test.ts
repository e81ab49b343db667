import { expect, test } from "vitest";

import type { PartitionRef } from "../api/generated.ts";
import { dataAddress, lookAt, outputsAddress, partitionAt } from "./partition.ts";
import { parse } from "./route.svelte.ts";

const home = { path: "" };
const named: PartitionRef = { of: { target: { path: "configs/a b/ü#?.yaml" }, dataset: "50% of/it" }, layer: "silver", id: "v1/load_date=2013-01-01" };
const folder: PartitionRef = { of: { target: home, dataset: "" }, layer: "bronze", id: "", folder: { root: "s3://lake/a b", path: "x/dt=2013-01-01 & more" } };

test.each([named, { ...named, id: "" }, folder])("the address of %j leads back to it", (of) => {
  expect(partitionAt(parse(outputsAddress(of, { tab: "parquet", at: "a&b.parquet" })), home)).toEqual(of);
  expect(partitionAt(parse(dataAddress(of)), home)).toEqual(of);
});

test("a look at rows is in the address, whatever the names are", () => {
  const look = { table: "_errors", whole: true, filter: "a > 1 and b = '%,&'", sort: [{ column: "a,b.c", descending: true }, { column: "-d", descending: false }] };
  expect(lookAt(parse(dataAddress(named, look)))).toEqual(look);
  expect(lookAt(parse(dataAddress(folder)))).toEqual({ table: "", whole: false, filter: "", sort: [] });
  expect(lookAt(parse("#/data/a/b/bronze?sort=-.%25"))).toEqual({ table: "", whole: false, filter: "", sort: [{ column: "%", descending: true }] });
});

test.each(["#/outputs", "#/outputs/a.yaml", "#/outputs/a.yaml/b", "#/outputs/a.yaml/b/gold"])("%s names no partition", (address) => expect(partitionAt(parse(address), home)).toBeUndefined());
