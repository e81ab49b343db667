// The edits of a config that declare the types which came.

import type { ColumnDelta, Edit, Outline, Part } from "../../lib/api/generated.ts";

const PLAIN = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** Edits of the dataset's `run.schema`; throws where the dataset does not stand in a list `sources`. */
export function schemaEdits(outline: Outline, dataset: string, columns: readonly ColumnDelta[]): Edit[] {
  const sources = outline.parts.find((part: Part) => part.name === "sources");
  const items = sources?.parts ?? [];
  const named = items.findIndex((part) => part.name === dataset);
  const index = named >= 0 ? named : items.length === 1 ? 0 : -1;
  if (index < 0) throw new Error(`the dataset ${dataset} does not stand under \`sources\` in this file, so its types are declared by hand`);
  return columns.filter((column) => column.accept !== null).map((column) => {
    const key = PLAIN.test(column.name) ? `.${column.name}` : `[${JSON.stringify(column.name)}]`;
    return { do: "set", path: `sources[${index}].source.run.schema${key}`, value: { as: "text", text: column.accept ?? "" } };
  });
}
