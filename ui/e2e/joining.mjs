// The story of a join: it stands beside the datasets, says what it would do, shows its figures, runs, and is
// up to date after that.

import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const CONFIG = `config_version: 1
silver_join:
  left: {dataset: flights}
  right: {dataset: airlines}
  output:
    path: ./lake/joined/flights_airlines
    join_type: left
    join_keys: [carrier]
    quality_guards: {match_ratio: 1}
`;

export async function joining({ step, page, visit, folder, picture = () => undefined }) {
  const place = join(folder, "trips.yaml");
  writeFileSync(place, CONFIG);
  try {
    await step("a join stands beside the datasets, with plan and preview", async () => {
      await visit("#/home");
      const joins = page.getByRole("region", { name: "Joins" });
      await joins.getByText("never run").waitFor();
      await joins.getByRole("button", { name: "Plan" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText("carrier = carrier").waitFor();
      await dialog.getByRole("tab", { name: "Preview" }).click();
      await dialog.getByText("100.00 %").waitFor();
      await dialog.getByText(/a partner for at least 100 % of the left rows; found 100 %/).waitFor();
      await picture("join-preview");
    });
    await step("a join runs, and is up to date after that", async () => {
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("tab", { name: "Run" }).click();
      await dialog.getByRole("button", { name: "Run the join" }).click();
      await dialog.getByText(/600 rows in 1 part.*version 1/).waitFor();
      await dialog.getByRole("button", { name: "Run again" }).click();
      await dialog.getByText("up to date, nothing was written").waitFor();
      await dialog.getByRole("button", { name: "Close" }).last().click();
      const joins = page.getByRole("region", { name: "Joins" });
      await joins.getByText("fresh").waitFor();
      assert.equal(await page.getByRole("dialog").count(), 0);
      await picture("join-home");
    });
  } finally {
    rmSync(place, { force: true });
  }
}
