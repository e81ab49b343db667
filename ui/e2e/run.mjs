// The front end in a real browser, through `medallion web`: validate, run, see rows.
//
// The program is target/debug/medallion, or what MEDALLION names; the browser is the system's
// Chromium, or what CHROMIUM names. Pictures of a failure are left in the folder that is printed.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const PROJECT = `config_version: 1
platform:
  bronze: {storage_backend: local, output_dir: ./lake/bronze}
  silver: {storage_backend: local, output_dir: ./lake/silver}
sources:
  - name: exact
    source:
      type: file
      system: test
      table: exact
      file: {path: ./exact.csv, format: csv}
      run: {load_pattern: full, schema: {amount: "decimal(38,2)"}}
    silver: {domain: test, entity: exact, model: scd_type_1, primary_keys: [id]}
`;
const GREATEST = "999999999999999999999999999999999999.99";
const ROWS = `id,amount,note\n9007199254740993,${GREATEST},first\n9223372036854775807,-0.01,""\n-9007199254740993,0.00,\n`;

function programPath() {
  if (process.env.MEDALLION) return process.env.MEDALLION;
  const metadata = execFileSync("cargo", ["metadata", "--no-deps", "--format-version", "1"], { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 26 });
  return join(JSON.parse(metadata).target_directory, "debug", process.platform === "win32" ? "medallion.exe" : "medallion");
}

function browserPath() {
  const known = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const found = known.find((path) => path && existsSync(path));
  assert(found, "no Chromium found: install the package chromium or set CHROMIUM");
  return found;
}

/** Starts the program and waits for the address that it prints. */
async function serve(folder) {
  const program = spawn(programPath(), ["web", "."], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => program.once("exit", resolve));
  for await (const line of createInterface({ input: program.stdout })) {
    const address = /http:\S+/.exec(line)?.[0];
    if (address) return { address, program, ended };
  }
  throw new Error("medallion web ended without printing an address");
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), "medallion-web-"));
  const profile = mkdtempSync(join(tmpdir(), "medallion-chromium-"));
  cpSync(join(ROOT, "configs"), folder, { recursive: true });
  writeFileSync(join(folder, "exact.yaml"), PROJECT);
  writeFileSync(join(folder, "exact.csv"), ROWS);
  const server = await serve(folder);
  let failed = true;
  let browser;
  try {
    browser = await chromium.launchPersistentContext(profile, {
      executablePath: browserPath(),
      headless: true,
      viewport: { width: 1280, height: 800 },
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    });
    browser.setDefaultTimeout(20_000);
    const page = await browser.newPage();
    const complaints = [];
    const asked = new Set();
    // Chromium reports every refused request; 422 is how the host sends an error of the engine.
    const expected = (text) => text.includes("status of 422");
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && !expected(message.text()) && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => asked.add(new URL(request.url()).origin));
    try {
      await journey(page, server.address, folder);
      assert.deepEqual(complaints, [], "the browser has nothing to complain about");
      assert.deepEqual([...asked], [new URL(server.address).origin], "the page speaks to its own host only");
    } catch (error) {
      const picture = join(folder, "failure.png");
      await page.screenshot({ path: picture }).catch(() => undefined);
      console.error(`the page at the failure: ${picture}\nconsole: ${complaints.join("\n")}`);
      throw error;
    }
    failed = false;
  } finally {
    await browser?.close();
    server.program.kill("SIGINT");
    const code = await Promise.race([server.ended, new Promise((resolve) => setTimeout(() => resolve("still there"), 10_000))]);
    if (code === "still there") server.program.kill("SIGKILL");
    rmSync(profile, { recursive: true, force: true });
    if (!failed) {
      rmSync(folder, { recursive: true, force: true });
      assert.equal(code, 0, "Ctrl-C ends the program");
    }
  }
}

async function step(name, work) {
  const start = performance.now();
  await work();
  console.log(`  ok  ${name} (${Math.round(performance.now() - start)} ms)`);
}

/** The cell in a row and column (from 1) of the grid, as it is drawn. */
function cell(page, row, column) {
  return page.locator(`[role=grid] [role=row][aria-rowindex="${row + 1}"] [role=gridcell][aria-colindex="${column}"]`);
}

async function journey(page, address, folder) {
  const origin = new URL(address).origin;
  const visit = (hash) => page.goto(`${origin}/${hash}`);

  await step("the token opens the page and leaves the address", async () => {
    await page.goto(address);
    await page.getByRole("link", { name: "flights", exact: true }).waitFor();
    assert(!page.url().includes("token"), page.url());
    assert.equal((await fetch(origin)).status, 401);
  });

  await step("validate: both files are without problems", async () => {
    await visit("#/config/exact.yaml");
    await page.getByRole("button", { name: "Validate" }).click();
    await page.getByText("No problems in this file").waitFor();
    await page.locator(".cm-content").getByText("decimal(38,2)").waitFor();
  });

  await step("a plan writes nothing, a run writes everything", async () => {
    await visit("#/run");
    await page.getByLabel("Date", { exact: true }).fill("2013-01-01");
    await page.getByRole("button", { name: "Plan" }).click();
    await page.getByText("Nothing was written.").waitFor();
    assert.equal(await page.getByRole("row").count(), 1 + 10, "Bronze and Silver of five datasets, and the heading");
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByText("10 written").waitFor();
    assert.equal(await page.getByRole("row", { name: /^flights 2013-01-01 (Bronze|Silver) .*written 842 1 / }).count(), 2);
  });

  await step("the same run again finds nothing to do", async () => {
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByText("nothing was written", { exact: false }).waitFor();
    await page.getByText("10 unchanged").waitFor();
  });

  await step("rows: every digit of 64-bit integers and decimals, null beside empty text", async () => {
    await visit("#/outputs/exact.yaml/exact/silver");
    await cell(page, 3, 1).waitFor();
    const rows = [];
    for (const row of [1, 2, 3]) rows.push(await Promise.all([1, 2, 3].map((column) => cell(page, row, column).innerText())));
    rows.sort();
    assert.deepEqual(rows, [["-9007199254740993", "0.00", "∅"], ["9007199254740993", GREATEST, "first"], ["9223372036854775807", "-0.01", '""']]);
  });

  await step("rows: a partition of flights, to its end, by keys alone", async () => {
    await visit("#/outputs/nycflights13.yaml/flights/bronze");
    await page.getByText("842 rows").waitFor();
    await cell(page, 1, 1).waitFor();
    await page.getByRole("grid").focus();
    await page.keyboard.press("Control+End");
    await cell(page, 842, 19).waitFor();
    await page.keyboard.press("Space");
    await page.getByRole("region", { name: "Value of time_hour in row 842" }).waitFor();
  });

  await step("preview: a missing file is told with its code, and the code has a page", async () => {
    await visit("#/preview/nycflights13.yaml/flights");
    await page.getByLabel("Date", { exact: true }).fill("1999-01-01");
    await page.getByRole("button", { name: "Fetch", exact: true }).click();
    await page.getByRole("alert").getByRole("link", { name: "EXT010" }).click();
    await page.getByRole("dialog").getByText("the source file does not exist").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("alert").waitFor();
  });

  await step("a config that breaks is shown at its place", async () => {
    writeFileSync(join(folder, "exact.yaml"), PROJECT.replace("format: csv", "formt: csv"));
    await visit("#/config/exact.yaml");
    await page.getByRole("button", { name: "Validate" }).click();
    const problem = page.getByRole("button", { name: /unknown key/ });
    await problem.getByText(/^11:/).waitFor();
    await problem.click();
    await page.locator(".cm-lintRange-error").getByText("formt").waitFor();
    assert.match(page.url(), /at=11%3A/);
  });
}

await main();
console.log("web end to end: 1 passed, 0 failed");
