import { expect, test } from "vitest";

import { prettyJson } from "./json.ts";

test("no digit, key or escape is lost", () => {
  expect(prettyJson('{"a":9007199254740993,"a":1.10,"b":[],"c":{},"d":["x\\"y,{}",null,[1,2]]}')).toBe(
    '{\n  "a": 9007199254740993,\n  "a": 1.10,\n  "b": [],\n  "c": {},\n  "d": [\n    "x\\"y,{}",\n    null,\n    [\n      1,\n      2\n    ]\n  ]\n}');
});

test.each(["", "12", '"text"', "{broken", "[1,]", "plain words"])("%j is left as it is", (text) => expect(prettyJson(text)).toBeUndefined());
