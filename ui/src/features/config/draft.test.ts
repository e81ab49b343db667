import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Field } from "../../lib/api/generated.ts";
import { Client } from "../../lib/api/client.ts";
import { memoryHost } from "../../lib/host/memory.ts";
import { Watch } from "../../lib/api/watch.svelte.ts";
import { Workspace } from "../../lib/api/workspace.svelte.ts";
import { CHECK_AFTER, Draft } from "./draft.svelte.ts";
import { Drafts } from "./drafts.svelte.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const FILE = "configs/nycflights13.yaml";

/** A draft of the fixture with its first check done, and every call that is made for it. */
async function opened(file = FILE) {
  const host = memoryHost("demo");
  const calls: string[] = [];
  const hold: { names: string[]; waiting: (() => void)[] } = { names: [], waiting: [] };
  const client = new Client({
    session: () => host.session(),
    table: (name, request) => host.table(name, request),
    stream: (name, request, job, onEvent) => host.stream(name, request, job, onEvent),
    query: async (name, request) => {
      calls.push(name);
      const answer = await host.query(name, request);
      if (hold.names.includes(name)) await new Promise<void>((resolve) => hold.waiting.push(resolve));
      return answer;
    },
  });
  const workspace = new Workspace(client, { path: "" }, "0");
  const watch = new Watch(workspace);
  const drafts = new Drafts(workspace, watch);
  watch.start();
  const draft = (await drafts.open(file)) as Draft;
  await vi.advanceTimersByTimeAsync(1);
  const type = (what: string, at: number): void => draft.dispatch({ changes: { from: at, insert: what }, userEvent: "input.type" });
  return { draft, drafts, host, workspace, calls, type, hold, at: (what: string) => draft.text.indexOf(what) };
}

test("a file opens clean, with what is found in it and its form", async () => {
  const { draft } = await opened();
  expect([draft.dirty, draft.fresh, draft.problems.map((each) => each.code)]).toEqual([false, true, ["CFG013", "CFG016"]]);
  expect(draft.form?.fields.map((field) => field.path)).toEqual(["config_version", "platform", "sources"]);
});

test("a check comes 200 ms after the last key, once", async () => {
  const { draft, calls, type } = await opened();
  calls.length = 0;
  type("a", 0);
  await vi.advanceTimersByTimeAsync(CHECK_AFTER - 1);
  type("b", 1);
  await vi.advanceTimersByTimeAsync(CHECK_AFTER - 1);
  expect([calls, draft.fresh]).toEqual([[], false]);
  await vi.advanceTimersByTimeAsync(1);
  expect([calls, draft.fresh]).toEqual([["check_text", "form"], true]);
});

test("an answer about an older text is dropped", async () => {
  const { draft, type, hold, at } = await opened();
  hold.names = ["check_text"];
  type("typo: 1\n", at("platform"));
  await vi.advanceTimersByTimeAsync(CHECK_AFTER);
  expect(hold.waiting.length).toBe(1);
  draft.undo();
  await vi.advanceTimersByTimeAsync(CHECK_AFTER);
  hold.waiting[1]?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(draft.problems.length).toBe(2);
  hold.waiting[0]?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(draft.problems.map((each) => each.message)).not.toContain("unknown key `typo`");
});

test("a form edit changes its value, keeps the comment beside it, and is one step of the history", async () => {
  const { draft, type } = await opened();
  const before = draft.text;
  type("# mine\n", 0);
  expect(await draft.edit([{ do: "set", path: "sources[0].source.run.load_pattern", value: { as: "text", text: "cdc" } }])).toBeUndefined();
  expect(draft.text).toBe(`# mine\n${before.replace("fulll ", "cdc ")}`);
  expect(draft.text).toContain("cdc            # everything, every day");
  draft.undo();
  expect(draft.text).toBe(`# mine\n${before}`);
  draft.undo();
  expect([draft.text, draft.dirty]).toEqual([before, false]);
  draft.redo();
  draft.redo();
  expect(draft.text).toContain("load_pattern: cdc ");
});

test("a form edit whose text changed meanwhile is asked for anew, not misplaced", async () => {
  const { draft, type, hold, calls, at } = await opened();
  hold.names = ["edit_text"];
  const edit = draft.edit([{ do: "set", path: "config_version", value: { as: "literal", text: "2" } }]);
  await vi.advanceTimersByTimeAsync(0);
  type("# żółć 🛫\n", 0);
  hold.names = [];
  hold.waiting[0]?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(await edit).toBeUndefined();
  expect(calls.filter((name) => name === "edit_text").length).toBe(2);
  expect(draft.text.slice(at("config_version")).split("\n")[0]).toBe("config_version: 2");
});

test("an edit that is refused says why and changes nothing", async () => {
  const { draft } = await opened();
  const before = draft.text;
  const error = await draft.edit([{ do: "move", path: "sources[0]", to: "nowhere" }]);
  expect([error?.message, draft.text]).toEqual([expect.stringContaining("cannot move"), before]);
});

test("a fix mends its place also when the text moved since", async () => {
  const { draft, type } = await opened();
  type("# żółć\n", 0);
  expect(await draft.fix(0)).toBeUndefined();
  expect(draft.text).toContain("        format: csv\n");
  expect(draft.problems.map((each) => each.code)).toEqual(["CFG016"]);
  draft.undo();
  expect(draft.text).toContain("        formt: csv\n");
});

test("saving makes the text the file's, and our own write is no change from outside", async () => {
  const { draft, type, host } = await opened();
  type("# mine\n", 0);
  expect([(await draft.diff()).added, await draft.save(), draft.dirty, draft.outside]).toEqual(["1", "saved", false, undefined]);
  expect(((await host.query("config_text", { file: FILE })) as { text: string }).text).toBe(draft.text);
  draft.undo();
  expect(draft.dirty).toBe(true);
});

test("a clean text follows the file, at the same line", async () => {
  const { draft, host } = await opened();
  draft.goTo(draft.offsets.toBytes(draft.text.indexOf("platform")), false);
  host.authoring.write(FILE, `${draft.text}# theirs\n`);
  await vi.advanceTimersByTimeAsync(1);
  expect([draft.text.endsWith("# theirs\n"), draft.dirty, draft.outside, draft.cursor.line]).toEqual([true, false, undefined, 4]);
});

test("a changed text is never overwritten: keep mine, reload, or take both", async () => {
  const { draft, type, host } = await opened();
  const original = draft.text;
  const theirs = `${original}# theirs\n`;
  const collide = async (): Promise<void> => {
    type("# mine\n", 0);
    host.authoring.write(FILE, theirs);
    await vi.advanceTimersByTimeAsync(1);
    expect([draft.text, draft.outside !== undefined]).toEqual([`# mine\n${original}`, true]);
    expect(await draft.save()).toBe("conflict");
  };
  await collide();
  const between = await draft.compare();
  expect([between.ours.added, between.theirs.added, between.text]).toEqual(["1", "1", theirs]);
  draft.takeMerged(between);
  expect([draft.text, draft.outside, draft.dirty]).toEqual([`# mine\n${theirs}`, undefined, true]);
  draft.undo();
  expect(draft.text).toBe(`# mine\n${original}`);
  draft.keepMine(between);
  expect(await draft.save()).toBe("saved");

  host.authoring.write(FILE, original);
  await vi.advanceTimersByTimeAsync(1);
  await collide();
  expect(await draft.reload()).toBeUndefined();
  expect([draft.text, draft.outside, draft.dirty]).toEqual([theirs, undefined, false]);
});

test("a file that is gone keeps its text here", async () => {
  const { draft } = await opened();
  draft.seen(undefined);
  expect([draft.outside, draft.text.length > 0]).toEqual([{ revision: undefined }, true]);
  draft.keepMine({ text: null, revision: null });
  expect([draft.base.revision, draft.dirty, draft.outside]).toEqual([null, true, undefined]);
});

test("Windows line ends stay, and places are right", async () => {
  const { draft, host } = await opened();
  const text = "# żółć\r\nconfig_version: 1\r\nplatform:\r\n  environment: dev   # ours\r\n";
  host.authoring.write(FILE, text);
  await vi.advanceTimersByTimeAsync(1);
  expect(draft.text).toBe(text);
  // The fixture's own reading knows no carriage returns; what counts here is the splice.
  const start = new TextEncoder().encode(text.slice(0, text.indexOf("dev"))).length;
  draft.change([{ span: { start, end: start + 3, line: 4, column: 16, end_line: 4, end_column: 19 }, text: "prod\nx" }], "input.form");
  expect(draft.text).toBe(text.replace("dev", "prod\r\nx"));
});

test("a text of mixed line ends is kept to the byte", async () => {
  const { draft, host } = await opened();
  const text = "a: 1\r\nb: 2\nc: 3\r\n";
  host.authoring.write(FILE, text);
  await vi.advanceTimersByTimeAsync(1);
  expect([draft.text, draft.dirty]).toEqual([text, false]);
});

test("a made config is unsaved until it is saved", async () => {
  const { drafts, host } = await opened();
  const made = (await host.query("new_config", { template: "file-full", answers: [], file: "" })) as Parameters<Drafts["adopt"]>[0];
  const draft = drafts.adopt(made);
  expect([draft.dirty, drafts.unsaved.map((each) => each.file), draft.notes.length]).toEqual([true, ["configs/orders.yaml"], 1]);
  expect([await draft.save(), drafts.unsaved.length]).toEqual(["saved", 0]);
});

test("a finding in a file that this one extends is listed, but marks and mends nothing here", async () => {
  const { draft, host } = await opened();
  const check = (await host.query("check_text", draft.wire)) as { diagnostics: { file: string }[] };
  const query = host.query.bind(host);
  host.query = async (name, request) => (name === "check_text" ? { ...check, diagnostics: check.diagnostics.map((each) => ({ ...each, file: "configs/base.yaml" })) } : query(name, request));
  const before = draft.text;
  await draft.checkNow();
  expect([draft.problems.length, draft.problems.some((each) => draft.isHere(each))]).toEqual([2, false]);
  expect((await draft.fix(0))?.message).toContain("changed");
  expect(draft.text).toBe(before);
});

test("of many datasets the one that is looked at is asked for in full", async () => {
  const { draft, host } = await opened();
  const entry = (at: number): string => `  - name: d${at}\n    source:\n      type: file\n      system: s\n      table: t${at}\n`;
  host.authoring.write(FILE, `config_version: 1\nsources:\n${Array.from({ length: 25 }, (_, at) => entry(at)).join("")}`);
  await vi.advanceTimersByTimeAsync(CHECK_AFTER);
  const labels = (path: string): string[] => fieldOf(draft.form?.fields ?? [], path)?.children.map((each) => each.label) ?? [];
  expect([draft.form?.in_part, labels("sources[3]")]).toEqual([true, ["name", "source"]]);
  await draft.lookInto("sources[3].source.table");
  expect(labels("sources[3]")).toContain("silver");
  expect(labels("sources[4]")).not.toContain("silver");
  // What is typed afterwards is asked about with the same dataset.
  draft.dispatch({ changes: { from: 0, insert: "# x\n" } });
  await vi.advanceTimersByTimeAsync(CHECK_AFTER);
  expect(labels("sources[3]")).toContain("silver");
  await draft.lookInto("sources[4].name");
  expect([labels("sources[4]").includes("silver"), labels("sources[3]").includes("silver")]).toEqual([true, false]);
});

test("another environment is asked about with every draft", async () => {
  const { draft, drafts, workspace, host } = await opened();
  const seen: unknown[] = [];
  const query = host.query.bind(host);
  host.query = async (name, request) => {
    if (name === "check_text") seen.push((request as { environment?: string }).environment);
    return query(name, request);
  };
  workspace.choose("prod");
  await drafts.recheck();
  workspace.choose(undefined);
  await drafts.recheck();
  expect([seen, draft.wire.environment, workspace.at("a.yaml")]).toEqual([["prod", undefined], undefined, { path: "a.yaml" }]);
});

test("a file that may only be read says so when it is opened", async () => {
  const { drafts, host } = await opened();
  const query = host.query.bind(host);
  host.query = async (name, request) => (name === "config_text" ? { ...(await query(name, request)) as object, read_only: true } : query(name, request));
  expect((await drafts.open("configs/valid.yaml"))?.readOnly).toBe(true);
});

function fieldOf(fields: readonly Field[], path: string): Field | undefined {
  for (const field of fields) {
    const found = field.path === path ? field : fieldOf(field.children, path);
    if (found) return found;
  }
  return undefined;
}
