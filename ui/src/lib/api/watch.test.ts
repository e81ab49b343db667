import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { borderError, type Host } from "../host/host.ts";
import { Client } from "./client.ts";
import type { WatchEvent } from "./generated.ts";
import { Watch } from "./watch.svelte.ts";
import { Workspace } from "./workspace.svelte.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A host whose watch streams are told by hand, one after the other. */
function byHand() {
  const streams: { emit: (event: WatchEvent) => void; end: (error?: Error) => void }[] = [];
  const cancelled: string[] = [];
  const host: Host = {
    session: () => Promise.reject(new Error("not here")),
    query: async (_name, request) => void cancelled.push((request as { job: string }).job),
    table: () => Promise.reject(new Error("not here")),
    stream: (_name, _request, _job, onEvent) => new Promise((resolve, reject) => streams.push({ emit: onEvent, end: (error) => (error ? reject(error) : resolve()) })),
  };
  const workspace = new Workspace(new Client(host), { path: "" }, "0");
  const watch = new Watch(workspace);
  const told: [string, string | undefined][] = [];
  watch.onFile((file, revision) => told.push([file, revision]));
  return { watch, workspace, streams, told, cancelled };
}

const file = (name: string, revision: string) => ({ validation: { file: name, datasets: [], diagnostics: [], held_back_by: [] }, revision });

test("a change is told and makes answers stale", () => {
  const { watch, workspace, streams, told } = byHand();
  watch.start();
  streams[0]?.emit({ event: "started", files: [file("a.yaml", "1")] });
  expect([watch.state, told]).toEqual(["live", [["a.yaml", "1"]]]);
  const before = workspace.cache.epoch;
  streams[0]?.emit({ event: "changed", files: [file("a.yaml", "2")], removed: ["b.yaml"] });
  expect(told.slice(1)).toEqual([["a.yaml", "2"], ["b.yaml", undefined]]);
  expect(workspace.cache.epoch).toBe(before + 1);
});

test("a broken stream is started again, later and later, and what was missed is told", async () => {
  const { watch, streams, told } = byHand();
  watch.start();
  streams[0]?.emit({ event: "started", files: [file("a.yaml", "1"), file("gone.yaml", "1")] });
  streams[0]?.end(borderError("cut off", null));
  await vi.advanceTimersByTimeAsync(0);
  expect([watch.state, watch.reason]).toEqual(["lost", "cut off"]);
  await vi.advanceTimersByTimeAsync(500);
  streams[1]?.end(borderError("cut off", null));
  await vi.advanceTimersByTimeAsync(999);
  expect(streams.length).toBe(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(streams.length).toBe(3);
  told.length = 0;
  streams[2]?.emit({ event: "started", files: [file("a.yaml", "7")] });
  expect([watch.state, told]).toEqual(["live", [["gone.yaml", undefined], ["a.yaml", "7"]]]);
  // Words of a stream that was given up are not heard.
  streams[0]?.emit({ event: "changed", files: [file("a.yaml", "0")], removed: [] });
  expect(told.length).toBe(2);
});

test("where nobody tells it is looked up, until stopped", async () => {
  const { watch, workspace, streams, cancelled } = byHand();
  let looks = 0;
  watch.onLook(() => (looks += 1));
  watch.start();
  streams[0]?.emit({ event: "blind", reason: "a network folder" });
  streams[0]?.end();
  const before = workspace.cache.epoch;
  await vi.advanceTimersByTimeAsync(8000);
  expect([watch.state, looks, workspace.cache.epoch - before, streams.length]).toEqual(["looking", 2, 2, 1]);
  watch.stop();
  await vi.advanceTimersByTimeAsync(20_000);
  expect([watch.state, looks, cancelled.length]).toEqual(["ended", 2, 1]);
});
