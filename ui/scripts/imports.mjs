// Who may import whom. Run by `npm run check`; the rules stand in `refusal` and `cycles`.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";

const STATEMENT = /^\s*(?:import|export)\s+(type\s+)?[^"';]*?from\s*["']([^"']+)["']|^\s*import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm;

/** Imports of one file: what is named, and whether only types are. */
export function importsOf(text) {
  return [...text.matchAll(STATEMENT)].map((match) => ({ from: match[2] ?? match[3] ?? match[4], types: match[1] !== undefined }));
}

function area(path) {
  const [first, second] = path.split("/");
  return first === "features" || first === "lib" ? `${first}/${second}` : first;
}

/** Why `path` must not import `target`, a path below src or a package. */
function refusal(path, target, types, isPackage) {
  if (isPackage) return target.startsWith("@tauri-apps") && path !== "lib/host/tauri.ts" ? "only lib/host/tauri.ts may import @tauri-apps" : undefined;
  const [from, to] = [area(path), area(target)];
  if (from === to || from === "app" || from === "main.ts") return undefined;
  if (to === "app") return "nothing but main.ts imports app";
  if (from === "shared") {
    const allowed = to === "lib/format" || to === "lib/route" || (types && target === "lib/api/generated.ts");
    return allowed ? undefined : "shared imports lib/format, lib/route and generated types only";
  }
  if (from.startsWith("lib/") && !to.startsWith("lib/")) return "lib imports lib only";
  if (from === "lib/format") return types && target === "lib/api/generated.ts" ? undefined : "lib/format imports nothing of the project but generated types";
  if (to === "lib/host" && from !== "lib/api") return "only lib/api speaks to the host";
  return undefined;
}

/** Everything wrong in a project given as a map from path below src to text. */
export function check(files) {
  const problems = [];
  const edges = new Map();
  for (const [path, text] of files) {
    const others = new Set();
    edges.set(path, []);
    for (const { from, types } of importsOf(text)) {
      const isPackage = !from.startsWith(".");
      const target = isPackage ? from : posix.join(posix.dirname(path), from);
      const reason = refusal(path, target, types, isPackage);
      if (reason && !path.endsWith(".test.ts")) problems.push(`${path}: imports ${target}: ${reason}`);
      if (isPackage) continue;
      if (!types) edges.get(path).push(target);
      if (path.startsWith("features/") && target.startsWith("features/") && area(target) !== area(path)) others.add(area(target));
    }
    if (others.size > 1) problems.push(`${path}: imports from ${[...others].join(" and ")}: a feature may lean on one other at most`);
  }
  return [...problems, ...cycles(edges)];
}

function cycles(edges) {
  const done = new Set();
  const found = [];
  const visit = (path, trail) => {
    if (trail.includes(path)) return void found.push(`cycle: ${[...trail.slice(trail.indexOf(path)), path].join(" → ")}`);
    if (done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return found;
}

function read(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const sources = entries.filter((entry) => entry.isFile() && /\.(ts|svelte)$/.test(entry.name)).map((entry) => join(entry.parentPath, entry.name));
  return new Map(sources.map((path) => [relative(folder, path).replaceAll("\\", "/"), readFileSync(path, "utf8")]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = read(join(dirname(fileURLToPath(import.meta.url)), "..", "src"));
  const problems = check(files);
  for (const problem of problems) console.error(problem);
  console.log(`imports: ${files.size} files, ${problems.length} problems`);
  process.exitCode = problems.length ? 1 : 0;
}
