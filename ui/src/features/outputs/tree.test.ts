import { expect, test } from "vitest";

import { Client } from "../../lib/api/client.ts";
import { memoryHost } from "../../lib/host/memory.ts";
import { Folder, lineAt, placeOf, typedAhead } from "./folders.ts";
import { Tree } from "./tree.svelte.ts";

function filled(many: number, parent?: Folder, at = 0): Folder {
  const folder = new Folder({ path: `f${at}` }, parent, at);
  folder.entries = Array.from({ length: many }, (_, index) => ({ name: `n${index}`, path: `f${at}/n${index}`, folder: true, dataset: null }));
  folder.loaded = true;
  return folder;
}

function nested(): Folder {
  const root = filled(5);
  for (const [at, many] of [[3, 2], [1, 3]] as const) {
    root.expand(at, { path: `f${at}` });
    const child = root.child(at)!;
    Object.assign(child, { entries: filled(many, root, at).entries, loaded: true });
  }
  return root;
}

test("every line is found at its place, and its place from it", () => {
  const root = nested();
  expect(root.height).toBe(10);
  const names = Array.from({ length: root.height }, (_, place) => {
    const line = lineAt(root, place)!;
    expect(placeOf(line)).toBe(place);
    return line.folder.entries[line.at!]!.path;
  });
  expect(names).toEqual(["f0/n0", "f0/n1", "f1/n0", "f1/n1", "f1/n2", "f0/n2", "f0/n3", "f3/n0", "f3/n1", "f0/n4"]);
  expect(lineAt(root, 10)).toBeUndefined();
});

test("a folder with more to come, or with nothing, has a line for that", () => {
  const root = nested();
  root.child(1)!.next = "x";
  expect(root.height).toBe(11);
  const line = lineAt(root, 5)!;
  expect([line.folder === root.child(1), line.at, placeOf(line)]).toEqual([true, undefined, 5]);
  root.child(3)!.replace([]);
  expect([root.height, lineAt(root, 9)?.at]).toEqual([10, 4]);
});

test("what is open stays open when the folder is listed anew", () => {
  const root = nested();
  root.replace([{ name: "new", path: "f0/new", folder: true, dataset: null }, ...root.entries.slice(2)]);
  expect([root.open.map(([at]) => at), root.child(2)?.entries.length]).toEqual([[2], 2]);
});

test("typing finds the next name, by its value too, and goes around", () => {
  const root = filled(3);
  root.entries = ["system=nyc", "system=shop", "other"].map((name) => ({ name, path: name, folder: true, dataset: null }));
  expect([typedAhead(root, 0, "sh"), typedAhead(root, 2, "s"), typedAhead(root, 1, "n"), typedAhead(root, 0, "q")]).toEqual([1, 0, 0, undefined]);
});

/** Waits until it is so; what it says is read again and again. */
async function until(so: () => boolean): Promise<void> {
  for (let left = 200; left > 0 && !so(); left -= 1) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(so()).toBe(true);
}
const names = (tree: Tree): (string | undefined)[] => Array.from({ length: tree.height }, (_, at) => tree.line(at)!).map((line) => tree.entry(line)?.name ?? line.folder.error?.code);

test("a folder of 400,000 is listed as far as it is looked at", async () => {
  const host = memoryHost("demo");
  const asked: string[] = [];
  const query = host.query.bind(host);
  host.query = (name, request) => {
    asked.push(name);
    return query(name, request);
  };
  const tree = new Tree(new Client(host), { path: "" });
  await until(() => names(tree).includes("system=nyc"));
  await tree.reveal("bronze", "./lake/bronze", "system=nyc/table=many/dt=3000-01-01");
  const at = tree.cursor;
  expect(tree.entry(tree.line(at)!)?.name).toBe("dt=3000-01-01");
  expect(tree.line(at)!.folder.entries.length).toBe(200);
  asked.length = 0;
  tree.see(at, at + 30);
  await until(() => tree.glance(tree.address(tree.line(at)!)) !== undefined);
  expect([asked, tree.glance(tree.address(tree.line(at)!))?.rows]).toEqual([["glance"], "914"]);
  // The line after the last one that is known brings the next page.
  asked.length = 0;
  tree.see(at + 190, at + 220);
  await until(() => tree.line(at)!.folder.entries.length > 200);
  expect([asked[0], tree.line(at)!.folder.entries.length]).toEqual(["browse", 1200]);
});

test("a folder that cannot be listed says why, and others go on", async () => {
  const host = memoryHost("demo");
  const query = host.query.bind(host);
  host.query = (name, request) => (name === "browse" && JSON.stringify(request).includes("silver") ? memoryHost("error").query(name, request) : query(name, request));
  const tree = new Tree(new Client(host), { path: "" });
  await until(() => names(tree).includes("STG013") && names(tree).length === 7);
  expect(names(tree)).toEqual(["Bronze", "./lake/bronze", "exports of somebody else", "system=nyc", "system=shop_with_a_name_that_does_not_fit_anywhere_日本語", "Silver", "STG013"]);
});

test("a folder with nothing in it but one folder opens that too, but never a partition", async () => {
  const tree = new Tree(new Client(memoryHost("demo")), { path: "" });
  await until(() => names(tree).includes("load_date=2013-01-02"));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(names(tree).slice(names(tree).indexOf("Silver"))).toEqual(["Silver", "./lake/silver", "domain=aviation", "entity=flights", "load_date=2013-01-03", "load_date=2013-01-02"]);
});

test("the way to a partition is opened by the place as a person would name it", async () => {
  const tree = new Tree(new Client(memoryHost("demo")), { path: "" });
  const bronze = await tree.reveal("bronze", undefined, "./lake/bronze/system=nyc/table=flights/dt=2012-12-30", "flights");
  expect([bronze?.path, tree.entry(tree.line(tree.cursor)!)?.name]).toEqual(["system=nyc/table=flights/dt=2012-12-30", "dt=2012-12-30"]);
  // Rows of Silver stand elsewhere than the loads that the tree shows.
  const silver = await tree.reveal("silver", undefined, "./lake/silver/domain=aviation/entity=flights/current/load_date=2013-01-02", "flights");
  expect(silver?.path).toBe("domain=aviation/entity=flights/load_date=2013-01-02");
  expect(await tree.reveal("bronze", undefined, "./lake/bronze/system=gone/table=x", "flights")).toBeUndefined();
});
