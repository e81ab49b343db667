import { expect, test } from "vitest";

import { links, overlayOf, parse, place } from "./route.svelte.ts";

const key = { file: "configs/a b/ü#?.yaml", dataset: "50% of/it" };

test.each([
  [links.preview(key), { screen: "preview", parts: [key.file, key.dataset], params: {} }],
  [links.config(key.file, { line: 3, column: 7 }), { screen: "config", parts: [key.file], params: { at: "3:7" } }],
  [links.outputs(key, "silver", "v1/load_date=2013-01-01", "files"), { screen: "outputs", parts: [key.file, key.dataset, "silver", "v1/load_date=2013-01-01"], params: { tab: "files" } }],
  [links.run(), { screen: "run", parts: [], params: {} }],
])("%s leads back to what it was made from", (address, route) => {
  expect(parse(address)).toEqual(route);
});

test.each(["", "#", "#/", "#/nowhere/else", "#/home"])("%j leads home", (address) => {
  expect(parse(address)).toEqual({ screen: "home", parts: [], params: {} });
});

test("a broken escape is taken as it stands", () => {
  expect(parse("#/config/100%").parts).toEqual(["100%"]);
});

test("an overlay has an address of its own and leaves the screen below as it was", () => {
  place.read("#/config/a.yaml");
  place.read(links.doctor("configs/żółć a.yaml"));
  expect([place.overlay, place.route.parts]).toEqual([{ name: "doctor", about: "configs/żółć a.yaml" }, ["a.yaml"]]);
  place.read(links.create("discover"));
  expect(place.overlay).toEqual({ name: "new", about: "discover" });
  place.read("#/explain/CFG013?x=1");
  expect(place.overlay).toEqual({ name: "explain", about: "CFG013" });
  place.read("#/home");
  expect([place.overlay, place.route.screen]).toEqual([undefined, "home"]);
  expect(overlayOf("#/newish")).toBeUndefined();
});
