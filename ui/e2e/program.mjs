// The program and the browser that stories and benches use.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export function programPath() {
  if (process.env.MEDALLION) return process.env.MEDALLION;
  const metadata = execFileSync("cargo", ["metadata", "--no-deps", "--format-version", "1"], { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 26 });
  return join(JSON.parse(metadata).target_directory, "debug", process.platform === "win32" ? "medallion.exe" : "medallion");
}

export function browserPath() {
  const known = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const found = known.find((path) => path && existsSync(path));
  assert(found, "no Chromium found: install the package chromium or set CHROMIUM");
  return found;
}

/** Starts the program and waits for the address that it prints. */
export async function serve(folder) {
  const program = spawn(programPath(), ["web", "."], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => program.once("exit", resolve));
  for await (const line of createInterface({ input: program.stdout })) {
    const address = /http:\S+/.exec(line)?.[0];
    if (address) return { address, program, ended };
  }
  throw new Error("medallion web ended without printing an address");
}
