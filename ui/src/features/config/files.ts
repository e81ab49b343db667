// The files to choose from: those on disk, and drafts that are not there yet.

import type { FileValidation } from "../../lib/api/generated.ts";

export interface Entry {
  validation: FileValidation;
  state: "" | "changed" | "new";
}

interface Open {
  readonly file: string;
  readonly dirty: boolean;
  readonly base: { readonly revision: string | null };
  readonly check: { readonly datasets: string[]; readonly diagnostics: FileValidation["diagnostics"] } | undefined;
}

/** An open file shows what is found in its text as it stands, not in the saved one. */
export function entriesOf(files: readonly FileValidation[], open: (file: string) => Open | undefined, unsaved: readonly Open[]): Entry[] {
  const live = (draft: Open): FileValidation => ({ file: draft.file, datasets: draft.check?.datasets ?? [], diagnostics: draft.check?.diagnostics ?? [], held_back_by: [] });
  const known = files.map((validation): Entry => {
    const draft = open(validation.file);
    return { validation: draft?.dirty && draft.check ? live(draft) : validation, state: draft?.dirty ? (draft.base.revision === null ? "new" : "changed") : "" };
  });
  const more = unsaved.filter((draft) => !files.some((each) => each.file === draft.file)).map((draft): Entry => ({ validation: live(draft), state: "new" }));
  return [...more, ...known];
}

/** What to show first: a file with errors, or else the first one. */
export function firstOf(entries: readonly Entry[]): string | undefined {
  return (entries.find(({ validation }) => validation.diagnostics.some((found) => found.severity === "error")) ?? entries[0])?.validation.file;
}
