// The story of a preview: an API behind a token, its requests, a schema that is accepted, and the records
// beside the text that change as it does.

import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

export const TOKEN = "shop-t0ken-of-the-story";

const config = (port) => `config_version: 1
platform:
  bronze: {storage_backend: local, output_dir: ./lake/bronze}
  silver: {storage_backend: local, output_dir: ./lake/silver}
sources:
  - name: shop
    source:
      type: api
      system: shop
      table: orders
      api:
        base_url: http://127.0.0.1:${port}
        endpoint: /orders
        data_path: data
        auth_type: bearer
        auth_env_var: SHOP_TOKEN
        pagination: {type: page, page_size: 2, page_param: page}
      run:
        load_pattern: full
        schema: {amount: integer}
    silver:
      model: scd_type_1
      primary_keys: [id]
`;

/** Three pages of two; the token comes back in every answer, to see whether it is hidden. */
function shop() {
  const server = createServer((request, response) => {
    const page = Number(new URL(request.url, "http://x").searchParams.get("page") ?? "1");
    const known = request.headers.authorization === `Bearer ${TOKEN}`;
    const row = (id) => ({ id: id === 5 ? 4 : id, amount: id === 2 ? "n/a" : String(id * 10), town: "Köln" });
    const rows = page <= 3 ? [row(page * 2 - 1), row(page * 2)] : [];
    response.writeHead(known ? 200 : 401, { "content-type": "application/json" });
    response.end(JSON.stringify(known ? { data: rows, you: TOKEN } : { error: "who are you?" }));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

export async function previewing({ step, page, visit, folder, picture }) {
  const server = await shop();
  const { port } = server.address();
  const place = join(folder, "shop.yaml");
  writeFileSync(place, config(port));
  try {
    await step("preview: every request is there, and no secret in it", async () => {
      await visit("#/preview/shop.yaml/shop");
      await page.getByText("Nothing fetched yet").waitFor();
      await page.getByRole("button", { name: "Fetch", exact: true }).click();
      await page.getByRole("tab", { name: /^Requests/ }).click();
      await page.getByText(/\/orders\?page=1/).first().waitFor();
      await page.getByRole("button", { name: "Next request" }).click();
      await page.getByText(/\/orders\?page=2/).first().waitFor();
      await page.getByText("2 of 4").waitFor();
      await picture?.("requests");
      await page.getByText("Request", { exact: true }).click();
      await page.getByRole("row", { name: "authorization ***" }).waitFor();
      const text = await page.locator("body").innerText();
      assert(!text.includes(TOKEN), "the token is nowhere on the page");
    });
    await step("preview: findings have codes and a way to the config", async () => {
      const findings = page.getByRole("region", { name: "Findings" });
      await findings.getByText(/amount: 1 of 6 values is not integer/).waitFor();
      await findings.getByRole("link", { name: "RUN082" }).waitFor();
      await findings.getByText(/key id: repeated in 1 record/).waitFor();
      await page.getByRole("tab", { name: /^State/ }).click();
      await page.getByText("No cursor").waitFor();
      await page.getByRole("tab", { name: /^Log/ }).click();
      await page.getByText(/nothing was written/).waitFor();
    });
    await step("preview: what came is accepted into the config, after its change was shown", async () => {
      await page.getByRole("tab", { name: /^Schema/ }).click();
      await page.getByText("does not fit").waitFor();
      await picture?.("schema");
      await page.getByRole("button", { name: /^Accept 3 types/ }).click();
      await page.getByRole("dialog").getByText(/town: text/).first().waitFor();
      await picture?.("accept");
      await page.getByRole("dialog").getByRole("button", { name: "Accept", exact: true }).click();
      await page.getByText("● changed").first().waitFor();
      await page.locator(".cm-content").getByText(/amount: text/).first().waitFor();
      await page.getByRole("button", { name: "Discard…" }).click();
      await page.getByRole("button", { name: "Discard", exact: true }).click();
      await page.locator(".cm-content").getByText(/amount: integer/).first().waitFor();
    });
    await step("preview: beside the editor it follows the text of a file", async () => {
      await visit("#/config/exact.yaml");
      await page.getByText("No problems in this file").waitFor();
      await page.getByRole("button", { name: "Preview", exact: true }).click();
      const dock = page.getByRole("region", { name: "Preview" });
      await dock.getByText(/^3 records/).waitFor();
      await page.locator(".cm-content").getByText("decimal").first().click();
      await page.keyboard.press("End");
      await page.keyboard.press("Control+End");
      const began = Date.now();
      await page.keyboard.type("# a note");
      await dock.getByText(/stale/).waitFor({ state: "hidden" });
      await dock.getByText(/^3 records/).waitFor();
      const took = Date.now() - began;
      await picture?.("dock");
      assert(took < 5_000, `records came again after ${took} ms`);
      await page.setViewportSize({ width: 900, height: 600 });
      await picture?.("dock-narrow");
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.getByRole("button", { name: "Close the preview" }).click();
      await page.getByRole("button", { name: "Discard…" }).click();
      await page.getByRole("button", { name: "Discard", exact: true }).click();
    });
    await step("preview: a refused token shows what the server said", async () => {
      writeFileSync(place, config(port).replace("SHOP_TOKEN", "SHOP_WRONG"));
      await visit("#/preview/shop.yaml/shop");
      await page.getByRole("button", { name: "Fetch", exact: true }).click();
      await page.getByRole("alert").getByRole("link", { name: "AUTH011" }).waitFor();
      await page.getByText("who are you?").first().waitFor();
      await picture?.("refused");
    });
  } finally {
    server.close();
    rmSync(place, { force: true });
  }
}
