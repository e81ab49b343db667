import { expect, test } from "vitest";

// @ts-expect-error a script without types
import { check } from "./imports.mjs";

const problems = (files: Record<string, string>): string[] => check(new Map(Object.entries(files)));

test("what is allowed passes", () => {
  expect(problems({
    "features/run/Run.svelte": `import { a } from "../../lib/api/client.ts";\n import B from "../../shared/B.svelte";\n import { c } from "../home/c.ts";`,
    "shared/B.svelte": `import type { Note } from "../lib/api/generated.ts";\n import { d } from "../lib/format/number.ts";`,
    "lib/host/tauri.ts": `import { invoke } from "@tauri-apps/api/core";`,
  })).toEqual([]);
});

test.each([
  ["features/run/a.ts", `import { x } from "../home/x.ts";\nimport { y } from "../config/y.ts";`, "one other at most"],
  ["shared/a.ts", `import { x } from "../lib/api/client.ts";`, "shared imports"],
  ["shared/a.ts", `import { x } from "../lib/api/generated.ts";`, "shared imports"],
  ["lib/api/a.ts", `import { x } from "../../features/run/x.ts";`, "lib imports lib only"],
  ["lib/format/a.ts", `import { x } from "../api/x.ts";`, "lib/format imports nothing"],
  ["features/run/a.ts", `const x = await import("@tauri-apps/api/core");`, "only lib/host/tauri.ts"],
  ["features/run/a.ts", `import { x } from "../../lib/host/http.ts";`, "only lib/api"],
  ["lib/api/a.ts", `import { x } from "./a.ts";`, "cycle"],
])("%s is refused: %s", (path, text, reason) => {
  expect(problems({ [path]: text }).join()).toContain(reason);
});
