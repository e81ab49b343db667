// The front end in a real browser, through `medallion web`: write a config, run, see rows.
//
// The program is target/debug/medallion, or what MEDALLION names; the browser is the system's
// Chromium, or what CHROMIUM names. Pictures of a failure are left in the folder that is printed.

import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { chromium } from "playwright-core";

import { browserPath, ROOT, serve } from "./program.mjs";
import { joining } from "./joining.mjs";
import { previewing, TOKEN } from "./previewing.mjs";
import { reading } from "./reading.mjs";

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
/** With one planted mistake, and a comment that every edit has to leave alone. */
const ORDERS = `# Orders of the shop.
config_version: 1
platform:
  bronze:
    output_dir: ./lake/orders
sources:
  - name: orders
    source:
      type: file
      system: shop
      table: orders
      file:
        path: ./exact.csv
        formt: csv
      run:
        load_pattern: full   # everything, every day
`;
/** In the form of the predecessor. */
const OLD = `# From before.
config_version: 1
platform:
  bronze:
    local_path: ./lake/old   # where it goes
source:
  type: file
  system: old
  table: old
  file: {path: ./exact.csv}
  run: {}
`;
const GREATEST = "999999999999999999999999999999999999.99";
const ROWS = `id,amount,note\n9007199254740993,${GREATEST},first\n9223372036854775807,-0.01,""\n-9007199254740993,0.00,\n`;

async function main() {
  const folder = mkdtempSync(join(tmpdir(), "medallion-web-"));
  const profile = mkdtempSync(join(tmpdir(), "medallion-chromium-"));
  // The same workspace as `make demo`.
  for (const part of ["nycflights13.yaml", "data"]) cpSync(join(ROOT, "configs", part), join(folder, part), { recursive: true });
  writeFileSync(join(folder, "exact.yaml"), PROJECT);
  writeFileSync(join(folder, "exact.csv"), ROWS);
  process.env.SHOP_TOKEN = TOKEN;
  process.env.SHOP_WRONG = "a-token-that-is-refused";
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

  await step("a file without problems says so", async () => {
    await visit("#/config/exact.yaml");
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
    await visit("#/data/exact.yaml/exact/silver");
    await cell(page, 3, 1).waitFor();
    const rows = [];
    for (const row of [1, 2, 3]) rows.push(await Promise.all([1, 2, 3].map((column) => cell(page, row, column).innerText())));
    rows.sort();
    assert.deepEqual(rows, [["-9007199254740993", "0.00", "∅"], ["9007199254740993", GREATEST, "first"], ["9223372036854775807", "-0.01", '""']]);
  });

  await step("rows: a partition of flights, to its end, by keys alone", async () => {
    await visit("#/data/nycflights13.yaml/flights/bronze");
    await page.getByText("of 842").waitFor();
    await cell(page, 1, 1).waitFor();
    await page.getByRole("grid").focus();
    await page.keyboard.press("Control+End");
    await cell(page, 842, 19).waitFor();
    await page.keyboard.press("Space");
    await page.getByRole("region", { name: "Value time_hour, row 842" }).waitFor();
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

  await step("a file that somebody breaks is shown at its place, without asking", async () => {
    await visit("#/config/exact.yaml");
    await page.getByText("No problems in this file").waitFor();
    writeFileSync(join(folder, "exact.yaml"), PROJECT.replace("format: csv", "formt: csv"));
    const problem = page.getByRole("button", { name: /unknown key/ });
    await problem.getByText(/^11:/).waitFor();
    await problem.click();
    await page.locator(".cm-lintRange-error").getByText("formt").waitFor();
    assert.match(page.url(), /at=11%3A/);
    writeFileSync(join(folder, "exact.yaml"), PROJECT);
    await page.getByText("No problems in this file").waitFor();
  });

  await reading(page, visit, step, cell, folder);
  await previewing({ step, page, visit, folder });
  await joining({ step, page, visit, folder });
  await authoring(page, visit, join(folder, "orders.yaml"));
}

/** A config with a mistake, mended by fix, completion and form, saved, and changed by somebody else meanwhile. */
async function authoring(page, visit, file) {
  const text = page.locator(".cm-content");
  const shown = async () => (await page.locator(".cm-line").allInnerTexts()).join("\n");
  const row = (path) => page.locator(`.row[data-path="${path}"]`);
  const onHome = (state) => page.getByRole("row", { name: new RegExp(`orders .*${state}`) }).waitFor();

  await step("Home lists a new file by itself, with its mistake", async () => {
    await visit("#/home");
    await page.getByRole("link", { name: "flights", exact: true }).waitFor();
    writeFileSync(file, ORDERS);
    await page.locator(".unreadable").filter({ hasText: "orders.yaml" }).getByText("1 error").waitFor();
  });

  await step("the problem list shows a fix as a diff, and applies it", async () => {
    await page.getByRole("link", { name: "orders.yaml" }).click();
    await page.getByRole("button", { name: /unknown key/ }).click();
    await page.getByRole("group", { name: /format/ }).getByText("formt: csv").waitFor();
    await page.getByRole("button", { name: /^Apply:/ }).click();
    await page.getByText("No problems in this file").waitFor();
    assert.match(await shown(), /^ {8}format: csv$/m);
  });

  await step("completion knows what may stand here", async () => {
    await text.getByText("everything, every day").click();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.keyboard.type("null");
    await page.getByRole("option", { name: /null_values/ }).waitFor();
    await page.waitForTimeout(150);
    await page.keyboard.press("Enter");
    assert.match(await shown(), /^ {8}null_values:/m);
    for (let left = 30; left > 0 && /null/.test(await shown()); left -= 1) await page.keyboard.press("Control+z");
  });

  await step("a change in the form keeps the comment beside it, and Ctrl Z takes it back", async () => {
    await row("sources[0].source.run.load_pattern").getByRole("combobox").selectOption("cdc");
    await text.getByText("load_pattern: cdc   # everything, every day").waitFor();
    await row("sources[0].source.run.load_pattern").getByRole("combobox").press("Control+z");
    await text.getByText("load_pattern: full   # everything, every day").waitFor();
    await page.waitForFunction(() => document.querySelector("[data-path='sources[0].source.run.load_pattern'] select").value === "full");
  });

  await step("saving shows what changes, and Home knows it without being asked", async () => {
    await page.keyboard.press("Control+s");
    const dialog = page.getByRole("dialog");
    await dialog.getByText("1 line added, 1 line removed.").waitFor();
    assert.equal(readFileSync(file, "utf8"), ORDERS, "nothing is written before it is confirmed");
    await dialog.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Saved orders.yaml").waitFor();
    assert.equal(readFileSync(file, "utf8"), ORDERS.replace("formt", "format"));
    await visit("#/home");
    await onHome("valid");
  });

  await step("a change from outside is told, never overwritten, and both can be taken", async () => {
    await visit("#/config/orders.yaml");
    await text.getByText("Orders of the shop.").click();
    await page.keyboard.press("End");
    await page.keyboard.type(" Mine.");
    const theirs = `${readFileSync(file, "utf8")}        null_values: ["NA"]\n`;
    writeFileSync(file, theirs);
    const bar = page.getByRole("alert").filter({ hasText: "changed outside" });
    await bar.waitFor();
    assert.match(await shown(), /Mine\./);
    await bar.getByRole("button", { name: "Take both" }).click();
    await text.getByText("null_values").waitFor();
    await page.keyboard.press("Control+s");
    await page.getByRole("dialog").getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Saved orders.yaml").waitFor();
    assert.equal(readFileSync(file, "utf8"), theirs.replace("shop.", "shop. Mine."));
  });

  await step("unsaved changes are kept while one looks elsewhere, and are asked about", async () => {
    await text.getByText("Orders of the shop.").click();
    await page.keyboard.press("End");
    await page.keyboard.type(" Unsaved.");
    await visit("#/home");
    await page.getByTitle("one file has unsaved changes").waitFor();
    await visit("#/config/orders.yaml");
    await text.getByText("Unsaved.").waitFor();
    await page.getByRole("button", { name: "Discard…" }).click();
    await page.getByRole("button", { name: "Discard", exact: true }).click();
    await text.getByText("Unsaved.").waitFor({ state: "detached" });
  });

  await step("the doctor looks, ends with one line, and leads to the place", async () => {
    writeFileSync(file, readFileSync(file, "utf8").replace("format: csv", "formt: csv"));
    await page.getByRole("button", { name: /unknown key/ }).waitFor();
    await page.getByRole("link", { name: "Doctor" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(/Not ready: /).waitFor();
    await dialog.getByTitle(/^Go to orders\.yaml:14/).click();
    await dialog.waitFor({ state: "detached" });
    await page.locator(".cm-activeLine", { hasText: "formt: csv" }).waitFor();
  });

  await step("an old form is rewritten after a look at what changes, as one step of the history", async () => {
    const old = file.replace("orders.yaml", "old.yaml");
    writeFileSync(old, OLD);
    await visit("#/config/old.yaml");
    await text.getByText("where it goes").waitFor();
    await page.getByRole("button", { name: "Migrate…" }).click();
    const dialog = page.getByRole("dialog", { name: "Rewrite to the current form" });
    await dialog.getByText("local_path: ./lake/old").first().waitFor();
    await dialog.getByText("output_dir: ./lake/old").first().waitFor();
    assert.equal(readFileSync(old, "utf8"), OLD, "nothing is written");
    await dialog.getByRole("button", { name: "Apply" }).click();
    await text.getByText("output_dir: ./lake/old   # where it goes").waitFor();
    await text.getByText("sources:").waitFor();
    // With nothing old in it there is nothing to migrate.
    await page.getByRole("button", { name: "Migrate…" }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Undo" }).click();
    await text.getByText("local_path: ./lake/old   # where it goes").waitFor();
    await page.getByRole("button", { name: "Migrate…" }).waitFor();
    rmSync(old);
  });

  await step("an environment is laid over every file, and the header says which", async () => {
    mkdirSync(join(dirname(file), "environments"), { recursive: true });
    writeFileSync(join(dirname(file), "environments", "prod.yaml"), "sources:\n  - name: orders\n    source: {table: orders_prod}\n");
    await visit("#/config/orders.yaml");
    await page.reload();
    const header = page.getByRole("combobox", { name: "Environment" });
    await header.selectOption("prod");
    await page.getByTitle("environments/prod.yaml is laid over this file").waitFor();
    await row("sources[0].source.table").getByText("env").waitFor();
    await header.selectOption("");
    await page.getByTitle("environments/prod.yaml is laid over this file").waitFor({ state: "detached" });
    rmSync(join(dirname(file), "environments"), { recursive: true });
  });

  await step("a new config begins as an unsaved draft", async () => {
    await visit("#/new/template");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("radio").first().check();
    for (const field of await dialog.locator(".questions input").all()) if ((await field.getAttribute("placeholder")) === "") await field.fill("exact");
    await dialog.getByRole("button", { name: "Create draft" }).click();
    await page.getByTitle("This file does not exist yet").waitFor();
    await page.getByRole("button", { name: "Discard…" }).click();
    await page.getByRole("button", { name: "Discard", exact: true }).click();
  });
}

await main();
console.log("web end to end: 1 passed, 0 failed");
