// Outputs and Data against a real workspace: the tree by keys alone, a partition to its Parquet
// statistics, and rows sorted, filtered, found, inspected, profiled, copied and exported.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { programPath } from "./program.mjs";

/** Rows of a plain CSV, by the names of its columns. */
function csv(text) {
  const [head, ...lines] = text.trim().split(/\r?\n/);
  const names = head.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((value, at) => [names[at], value])));
}

export async function reading(page, visit, step, cell, folder) {
  const source = join(folder, "data/nycflights13/flights_2013-01-01.csv");
  const flights = csv(readFileSync(source, "utf8"));
  const columns = Object.keys(flights[0]);
  const at = (name) => columns.indexOf(name) + 1;
  const distances = flights.map((flight) => Number(flight.distance)).sort((a, b) => a - b);
  const tree = page.getByRole("tree");
  const node = (name) => page.getByRole("treeitem", { name });
  const said = page.getByRole("status");
  const grid = page.getByRole("grid");

  await step("the tree is walked by keys alone, down to a partition", async () => {
    await visit("#/outputs");
    await node(/system=nyc/).waitFor();
    await tree.focus();
    await page.keyboard.press("Home");
    await page.keyboard.type("nyc");
    await page.keyboard.press("ArrowRight");
    await node(/table=flights/).waitFor();
    await page.waitForTimeout(900);
    await page.keyboard.type("flights");
    await page.keyboard.press("ArrowRight");
    await node(/dt=2013-01-01 *842/).waitFor();
    await page.waitForTimeout(900);
    await page.keyboard.type("dt");
    await page.keyboard.press("Enter");
    await page.getByText("842 rows").waitFor();
    assert.equal(await page.getByRole("treeitem", { selected: true }).count(), 1, "the tree shows where one is");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    await node(/dt=2013-01-01/).waitFor({ state: "detached" });
  });

  await step("a partition: files, history, metadata, errors, and the statistics of a Parquet file", async () => {
    await page.getByRole("button", { name: /^part-0001.*parquet$/ }).click();
    const chunk = page.getByRole("table", { name: "Column chunks" }).getByRole("row", { name: /^distance / });
    await chunk.waitFor();
    const texts = await chunk.getByRole("cell").allInnerTexts();
    assert.deepEqual(texts.slice(0, 5), ["distance", String(distances[0]), String(distances.at(-1)), "842", "0"]);
    await page.getByRole("tab", { name: /History/ }).click();
    await page.getByRole("row", { name: /^1 stands/ }).waitFor();
    await page.getByRole("tab", { name: "Metadata" }).click();
    await page.getByRole("button", { name: "_checksums.json" }).click();
    await page.locator("pre", { hasText: /"part-0001/ }).waitFor();
    await page.getByRole("tab", { name: /Errors/ }).click();
    await page.getByText("No record was refused").waitFor();
    await page.getByRole("tab", { name: "Verify" }).click();
    await page.getByRole("button", { name: "Verify", exact: true }).click();
    await page.getByText("All is as it was committed").waitFor();
  });

  await step("rows: a heading sorts, upwards, downwards and as they were", async () => {
    await page.getByRole("link", { name: "Open data" }).click();
    await cell(page, 1, 1).waitFor();
    await grid.focus();
    await page.keyboard.press("End");
    const heading = page.getByRole("columnheader", { name: /^distance/ });
    const first = cell(page, 1, at("distance"));
    const becomes = (text) => page.waitForFunction(([column, wanted]) => document.querySelector(`[role=grid] [aria-rowindex="2"] [aria-colindex="${column}"]`)?.textContent === wanted, [at("distance"), text]);
    await heading.click();
    await becomes(String(distances[0]));
    assert.equal(await heading.getAttribute("aria-sort"), "ascending");
    await heading.click();
    await becomes(String(distances.at(-1)));
    await heading.click();
    await becomes(flights[0].distance);
    assert.equal(await first.innerText(), flights[0].distance);
    await heading.click();
    await becomes(String(distances[0]));
  });

  await step("rows: a wrong filter is shown at its place, a right one leaves the rows it should", async () => {
    await grid.focus();
    await page.keyboard.press("&");
    await page.keyboard.type("distance > and carrier = 'UA'");
    await page.keyboard.press("Enter");
    const alert = page.getByRole("alert").filter({ hasText: "QRY001" });
    await alert.locator("mark").waitFor();
    await page.getByText("of 842").waitFor();
    await page.getByRole("textbox", { name: /^Filter/ }).fill("distance > 2000 and carrier = 'UA'");
    await page.keyboard.press("Enter");
    await alert.waitFor({ state: "detached" });
    const left = flights.filter((flight) => Number(flight.distance) > 2000 && flight.carrier === "UA").length;
    await page.getByText(new RegExp(`of ${left}$`)).waitFor();
    await page.getByText("of 842 without the filter").waitFor();
  });

  await step("rows: finding goes to the row and says which it is", async () => {
    await page.getByRole("button", { name: "Show all rows" }).click();
    await page.getByText("of 842").first().waitFor();
    const sought = flights[500].tailnum;
    const hits = flights.filter((flight) => flight.tailnum === sought).length;
    await grid.focus();
    await page.keyboard.press("/");
    await page.keyboard.type(sought.toLowerCase());
    await page.keyboard.press("Enter");
    await said.filter({ hasText: /row \d+ of 842, tailnum/ }).waitFor();
    await grid.focus();
    const hit = (number) => said.filter({ hasText: new RegExp(`^hit ${number} of ${hits}: row \\d+ of 842, tailnum`) });
    const seen = new Set();
    for (let number = 1; number <= hits; number += 1) {
      seen.add((await hit(number).innerText()).match(/row \d+/)[0]);
      await page.keyboard.press("n");
    }
    await hit(1).filter({ hasText: "from the start again" }).waitFor();
    assert.equal(seen.size, hits, "each row that has it, and then the first again");
    await page.getByRole("textbox", { name: /^Find/ }).fill("nobody has this");
    await page.keyboard.press("Enter");
    await said.filter({ hasText: "in no row" }).waitFor();
  });

  await step("rows: a value, a row, the profile of a column", async () => {
    await grid.focus();
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("Space");
    await page.getByRole("region", { name: "Value year, row 1" }).getByText("2013").waitFor();
    await page.keyboard.press("Enter");
    const row = page.getByRole("region", { name: "Row 1" });
    await row.getByText(/^row \d+ of part-0001/).waitFor();
    assert.equal(await row.getByRole("term").count(), columns.length);
    await grid.focus();
    await page.keyboard.press("End");
    for (let back = columns.length; back > at("distance"); back -= 1) await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("I");
    const profile = page.getByRole("region", { name: "Profile distance" });
    await profile.getByText("greatest", { exact: true }).waitFor();
    const sum = String(distances.reduce((total, each) => total + each, 0));
    await profile.getByText(sum, { exact: true }).waitFor();
    assert.equal(Number(await profile.locator("dt:has-text('different') + dd").innerText()), new Set(distances).size);
    await grid.focus();
    await page.keyboard.press("Escape");
    await profile.waitFor({ state: "detached" });
  });

  await step("rows: what is selected is copied exactly", async () => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await visit("#/data/exact.yaml/exact/silver?sort=.id");
    await cell(page, 3, 1).waitFor();
    await grid.focus();
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Control+c");
    await said.filter({ hasText: "copied 3 rows" }).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied, 'id\tamount\tnote\n-9007199254740993\t0.00\t\n9007199254740993\t999999999999999999999999999999999999.99\tfirst\n9223372036854775807\t-0.01\t""');
  });

  await step("rows: an export is whole, and replaces nothing without being asked", async () => {
    const file = join(folder, "exported.csv");
    await grid.focus();
    await page.keyboard.press("e");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox").fill("./exported.csv");
    await dialog.getByRole("button", { name: "Export", exact: true }).click();
    await dialog.getByText("3 rows written").waitFor();
    assert.match(readFileSync(file, "utf8"), /^id,amount,note\r?\n-9007199254740993,0.00,\r?\n9007199254740993,9{36}\.99,first\r?\n9223372036854775807,-0.01,""\r?\n$/);
    writeFileSync(file, "mine");
    await dialog.getByRole("button", { name: "Export", exact: true }).click();
    await dialog.getByRole("link", { name: "QRY004" }).waitFor();
    assert.equal(readFileSync(file, "utf8"), "mine");
    await dialog.getByRole("button", { name: "Replace it" }).click();
    await dialog.getByText("3 rows written").waitFor();
    await page.keyboard.press("Escape");
    assert(existsSync(file));
  });

  await step("rows: a newer version is told, and comes when asked for", async () => {
    await visit("#/data/nycflights13.yaml/flights/bronze");
    await page.getByText("of 842").first().waitFor();
    writeFileSync(source, `${readFileSync(source, "utf8").trim().split(/\r?\n/).slice(0, 601).join("\n")}\n`);
    execFileSync(programPath(), ["run", "nycflights13.yaml", "--source", "flights", "--date", "2013-01-01"], { cwd: folder, stdio: "ignore" });
    const bar = said.filter({ hasText: "A newer version stands" });
    await bar.waitFor();
    await page.getByText("of 842").first().waitFor();
    await bar.getByRole("button", { name: "Reload" }).click();
    await page.getByText("of 600").first().waitFor();
    await page.getByText("version 2").waitFor();
    await page.getByRole("link", { name: "Outputs", exact: true }).last().click();
    await page.getByRole("tab", { name: /History/ }).click();
    await page.getByRole("row", { name: /^2 stands.*242/ }).waitFor();
  });
}
