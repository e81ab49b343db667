import { expect, test } from "vitest";

import { Client } from "../../lib/api/client.ts";
import { Workspace } from "../../lib/api/workspace.svelte.ts";
import { borderError, type Host } from "../../lib/host/host.ts";
import { Job } from "./job.svelte.ts";

const step = { dataset: "flights", date: "2013-01-01", layer: "bronze" } as const;
const request = { target: { path: "" }, sources: ["flights"], layers: "bronze", allow_missing: false, accept_lost_history: false } as const;

/** A host whose run is told by hand. */
function byHand() {
  let emit: (event: unknown) => void = () => undefined;
  let end: (error?: Error) => void = () => undefined;
  const jobs: string[] = [];
  const host: Host = {
    session: () => Promise.reject(new Error("not here")),
    query: async (_name, request) => {
      jobs.push((request as { job: string }).job);
      return { found: true };
    },
    table: () => Promise.reject(new Error("not here")),
    stream: (_name, _request, job, onEvent) => {
      jobs.push(job);
      emit = onEvent;
      return new Promise((resolve, reject) => (end = (error) => (error ? reject(error) : resolve())));
    },
  };
  const job = new Job(new Workspace(new Client(host), { path: "" }, "0"));
  return { job, jobs, emit: (event: unknown) => emit(event), end: (error?: Error) => end(error) };
}

test("a step goes from waiting to its outcome", async () => {
  const { job, emit, end } = byHand();
  const run = job.start({ ...request, sources: ["flights"] });
  emit({ kind: "started", run_id: "r1", steps: [step] });
  expect([job.phase, job.steps[0]?.state, job.fraction]).toEqual(["running", "waiting", 0]);
  emit({ kind: "step_started", step });
  emit({ kind: "progress", step, phase: "extract", rows: "9007199254740993", bytes: "50", total_bytes: "100" });
  expect([job.current?.rows, job.current?.percent, job.fraction]).toEqual(["9007199254740993", 50, 0.5]);
  emit({ kind: "noted", step, note: { level: "warning", code: "EXT016", message: "2 records could not be read" } });
  emit({ kind: "step_finished", step, outcome: "written", error: null });
  end();
  await run;
  expect([job.phase, job.steps[0]?.state, job.done, job.steps[0]?.notes.length]).toEqual(["ended", "written", 1, 1]);
});

test("cancelling lasts until the run says that it has stopped", async () => {
  const { job, jobs, emit, end } = byHand();
  const run = job.start({ ...request, sources: ["flights"] });
  emit({ kind: "started", run_id: "r1", steps: [step] });
  emit({ kind: "step_started", step });
  await job.cancel();
  expect([job.phase, job.running, jobs[0] === jobs[1]]).toEqual(["cancelling", true, true]);
  emit({ kind: "step_finished", step, outcome: "cancelled", error: null });
  end();
  await run;
  expect([job.phase, job.steps[0]?.state]).toEqual(["ended", "cancelled"]);
});

test("a connection that breaks leaves no step running", async () => {
  const { job, emit, end } = byHand();
  const run = job.start({ ...request, sources: ["flights"] });
  emit({ kind: "started", run_id: "r1", steps: [step] });
  emit({ kind: "step_started", step });
  end(borderError("the connection was cut off", null));
  await run;
  expect([job.error?.message, job.steps[0]?.state, job.running]).toEqual(["the connection was cut off", "failed", false]);
});
