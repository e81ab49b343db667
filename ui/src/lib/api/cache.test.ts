import { expect, test } from "vitest";

import { borderError, type Host } from "../host/host.ts";
import { Cache, STALE_AFTER_RUN } from "./cache.svelte.ts";
import { Client } from "./client.ts";

/** A host whose answers are given by hand, in any order. */
function byHand() {
  const asked: { name: string; request: object; resolve: (value: unknown) => void; reject: (error: Error) => void }[] = [];
  const host: Host = {
    session: () => Promise.reject(new Error("not here")),
    query: (name, request) => new Promise((resolve, reject) => asked.push({ name, request, resolve, reject })),
    table: () => Promise.reject(new Error("not here")),
    stream: () => Promise.reject(new Error("not here")),
  };
  return { asked, cache: new Cache(new Client(host)) };
}

test("the same request has one entry, another has another", () => {
  const { cache } = byHand();
  const entry = cache.entry("list_datasets", { path: "a" });
  expect(cache.entry("list_datasets", { path: "a" })).toBe(entry);
  expect(cache.entry("list_datasets", { path: "b" })).not.toBe(entry);
  expect(cache.entry("validate", { path: "a" })).not.toBe(entry);
});

test("of two answers under way the one asked for last counts", async () => {
  const { asked, cache } = byHand();
  const entry = cache.entry("list_datasets", { path: "" });
  const [first, second] = [entry.load(), entry.load()];
  asked[1]?.resolve({ root: "new" });
  await second;
  asked[0]?.resolve({ root: "old" });
  await first;
  expect(entry.value).toEqual({ root: "new" });
  expect(entry.loading).toBe(false);
});

test("a failure keeps the last good value and marks it as stale", async () => {
  const { asked, cache } = byHand();
  const entry = cache.entry("list_datasets", { path: "" });
  let load = entry.load();
  asked[0]?.resolve({ root: "good" });
  await load;
  expect([entry.stale, entry.error]).toEqual([false, undefined]);
  load = entry.load();
  asked[1]?.reject(borderError("gone", null));
  await load;
  expect(entry.value).toEqual({ root: "good" });
  expect(entry.stale).toBe(true);
  expect(entry.error?.message).toBe("gone");
});

test("a run makes outputs stale, and what was typed not", async () => {
  const { asked, cache } = byHand();
  const [datasets, explain] = [cache.entry("list_datasets", { path: "" }), cache.entry("explain", { code: "CFG013" })];
  const loads = [datasets.load(), explain.load()];
  asked.forEach(({ resolve }) => resolve([]));
  await Promise.all(loads);
  const before = cache.epoch;
  cache.invalidate(STALE_AFTER_RUN);
  expect([datasets.stale, explain.stale, cache.epoch - before]).toEqual([true, false, 1]);
});

test("what became stale while an answer was on its way is asked for again", async () => {
  const { asked, cache } = byHand();
  const entry = cache.entry("list_datasets", { path: "" });
  const load = entry.load();
  cache.invalidate(["list_datasets"]);
  asked[0]?.resolve({ root: "before" });
  await new Promise((resolve) => setTimeout(resolve));
  expect([asked.length, entry.loading]).toEqual([2, true]);
  asked[1]?.resolve({ root: "after" });
  await load;
  expect([entry.value, entry.stale, entry.loading]).toEqual([{ root: "after" }, false, false]);
});
