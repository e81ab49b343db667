// One config file being written: its text with one history over everything that changes it, what is
// found in it, its form, and how it stands to the file on disk. It outlives the screens.

import { isolateHistory, redo, redoDepth, undo, undoDepth } from "@codemirror/commands";
import { EditorState, Text, type Extension, type StateCommand, type TransactionSpec } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

import { errorBody, type Client } from "../../lib/api/client.ts";
import type { Diagnostic, Draft as WireDraft, DraftCheck, Edit, Edited, ErrorBody, Form, FormRequest, NewConfig, TextDiff, TextEdit, ThreeWay } from "../../lib/api/generated.ts";
import type { Workspace } from "../../lib/api/workspace.svelte.ts";
import { changedLines } from "../../lib/format/change.ts";
import { Offsets, splices } from "../../lib/format/offsets.ts";
import { editorSetup, separatorOf, type Assist } from "../../shared/code/editor.ts";
import { findingAt, findingNotes, showFindings, type Finding } from "../../shared/code/findings.ts";

/** From the last key to the check, in milliseconds. */
export const CHECK_AFTER = 200;

/** The text on disk that the editing began with. */
export interface Base {
  text: string;
  /** `null`: there is no such file yet. */
  revision: string | null;
}

/** Somebody else changed the file while there are changes here. */
export interface Outside {
  /** `undefined`: the file is gone. */
  revision: string | undefined;
}

export type SaveResult = "saved" | "conflict" | "failed";

export class Draft {
  readonly file: string;
  base = $state.raw<Base>({ text: "", revision: null });
  doc = $state.raw<Text>(Text.empty);
  check = $state.raw<DraftCheck | undefined>();
  form = $state.raw<Form | undefined>();
  /** Why the last check could not be made; what was found before stays. */
  error = $state.raw<ErrorBody | undefined>();
  checking = $state(false);
  outside = $state.raw<Outside | undefined>();
  saving = $state(false);
  saveError = $state.raw<ErrorBody | undefined>();
  undoable = $state(false);
  redoable = $state(false);
  /** Where the cursor is, in the editor's places and as a line. */
  cursor = $state.raw({ at: 0, line: 1 });
  /** What was seen while the draft was made for the user. */
  notes = $state.raw<readonly string[]>([]);
  /** Whether the file may only be read, so that saving would be refused. */
  readOnly = $state(false);
  /** The finding that is looked at, by its position. */
  picked = $state<number | undefined>();

  #baseDoc = $state.raw<Text>(Text.empty);
  #checked = $state.raw<Text | undefined>();

  readonly dirty = $derived(this.base.revision === null || !this.doc.eq(this.#baseDoc));
  readonly problems = $derived(this.check?.diagnostics ?? []);
  /** Whether what was found is about the text as it stands. */
  readonly fresh = $derived(this.#checked === this.doc);

  #state = EditorState.create();
  #view: EditorView | undefined;
  #offsets: { doc: Text; of: Offsets } | undefined;
  #generation = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #edits: Promise<unknown> = Promise.resolve();
  #seen: { revision: string | undefined } | undefined;
  readonly #client: Client;
  readonly #workspace: Workspace;
  /** The dataset whose fields are wanted in full, by its path. */
  #dataset: string | undefined;

  constructor(workspace: Workspace, file: string, base: Base, text = base.text, notes: readonly string[] = []) {
    this.#workspace = workspace;
    this.#client = workspace.client;
    this.file = file;
    this.notes = notes;
    this.#open(text, base);
  }

  static async open(workspace: Workspace, file: string): Promise<Draft> {
    const { text, revision, read_only } = await workspace.client.query("config_text", { file });
    const draft = new Draft(workspace, file, { text, revision });
    draft.readOnly = read_only;
    return draft;
  }

  static made(workspace: Workspace, made: NewConfig): Draft {
    return new Draft(workspace, made.file, { text: "", revision: null }, made.text, made.notes);
  }

  get state(): EditorState {
    return this.#state;
  }

  /** The whole text, exactly as it would be saved. */
  get text(): string {
    return this.#state.sliceDoc();
  }

  get wire(): WireDraft {
    const { environment } = this.#workspace.target;
    return { file: this.file, text: this.text, ...(environment ? { environment } : {}) };
  }

  get offsets(): Offsets {
    if (this.#offsets?.doc !== this.#state.doc) this.#offsets = { doc: this.#state.doc, of: new Offsets(this.text, this.#state.lineBreak === "\r\n") };
    return this.#offsets.of;
  }

  // ---- The text

  #open(text: string, base: Base): void {
    const extensions = this.#extensions(text);
    this.#state = EditorState.create({ doc: text, extensions });
    this.#rebase(base);
    this.#moved(true);
    this.#view?.setState(this.#state);
    this.#schedule(0);
  }

  #rebase(base: Base): void {
    this.base = base;
    // Split by the separator of this text, so that equal texts are equal documents.
    this.#baseDoc = this.#state.toText(base.text);
    if (separatorOf(base.text) !== this.#state.lineBreak) this.#baseDoc = Text.of(base.text.split(separatorOf(base.text)));
  }

  #extensions(text: string): Extension {
    return [
      editorSetup({ text, label: `Text of ${this.file}`, assist: this.#assist, quickFix: (view) => this.#quickFix(view) }),
      findingNotes({ fix: (index) => this.pickProblem(index) }),
      EditorView.updateListener.of((update) => {
        this.#state = update.state;
        if (update.docChanged || update.selectionSet) this.#moved(update.docChanged);
        // Who goes to a line with a problem sees it in the list.
        if (update.selectionSet && !update.docChanged && this.fresh) this.picked = findingAt(update.state, update.state.selection.main.head)?.index ?? this.picked;
        if (update.docChanged) this.#schedule(CHECK_AFTER);
      }),
    ];
  }

  /** Shows the draft in an editor until the answer is called. */
  attach(view: EditorView): () => void {
    this.#view = view;
    view.setState(this.#state);
    return () => {
      this.#state = view.state;
      if (this.#view === view) this.#view = undefined;
    };
  }

  /** Changes the text or the selection, whether or not an editor shows it. */
  dispatch(spec: TransactionSpec): void {
    if (this.#view) return this.#view.dispatch(spec);
    const transaction = this.#state.update(spec);
    this.#state = transaction.state;
    if (transaction.docChanged || transaction.selection) this.#moved(transaction.docChanged);
    if (transaction.docChanged) this.#schedule(CHECK_AFTER);
  }

  #moved(changed: boolean): void {
    if (changed) {
      this.doc = this.#state.doc;
      this.undoable = undoDepth(this.#state) > 0;
      this.redoable = redoDepth(this.#state) > 0;
    }
    const head = this.#state.selection.main.head;
    this.cursor = { at: head, line: this.#state.doc.lineAt(head).number };
  }

  undo(): void {
    this.#run(undo);
  }

  redo(): void {
    this.#run(redo);
  }

  #run(command: StateCommand): void {
    command({ state: this.#state, dispatch: (transaction) => (this.#view ? this.#view.dispatch(transaction) : this.dispatch(transaction)) });
  }

  /** Edits of the text as it stands now, as one step of its history. */
  change(edits: readonly TextEdit[], userEvent: string): void {
    if (edits.length === 0) return;
    const separator = this.#state.lineBreak;
    const changes = splices(edits, this.offsets).map(({ from, to, insert }) => ({ from, to, insert: this.#state.toText(separator === "\r\n" ? insert.replace(/\r?\n/g, separator) : insert) }));
    this.dispatch({ changes, userEvent, annotations: isolateHistory.of("full") });
  }

  /** Replaces the whole text as one step of its history. */
  replace(text: string, userEvent: string): void {
    this.dispatch({ changes: { from: 0, to: this.#state.doc.length, insert: this.#state.toText(text) }, userEvent, annotations: isolateHistory.of("full") });
  }

  /** Goes to a place of the text, in bytes. */
  goTo(offset: number, focus = true): void {
    const at = this.offsets.toUnits(offset);
    this.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }), userEvent: "select" });
    if (focus) this.#view?.focus();
  }

  /** Lets a command of the editor act, and gives it the cursor. */
  walk(command: (view: EditorView) => boolean): void {
    if (!this.#view) return;
    command(this.#view);
    this.#view.focus();
  }

  // ---- What is found

  #schedule(delay: number): void {
    this.#generation += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.checkNow(), delay);
  }

  /** Checks the text and makes its form. An answer about a text that has changed since is dropped. */
  async checkNow(): Promise<void> {
    clearTimeout(this.#timer);
    const generation = ++this.#generation;
    const { wire, doc } = this;
    this.checking = true;
    const dataset = this.#dataset;
    const [check, form] = await Promise.allSettled([this.#client.query("check_text", wire), this.#client.query("form", this.#formRequest(wire))]);
    if (generation !== this.#generation) return;
    this.checking = false;
    const failed = check.status === "rejected" ? check.reason as unknown : form.status === "rejected" ? form.reason as unknown : undefined;
    this.error = failed === undefined ? undefined : errorBody(failed);
    if (check.status === "fulfilled") {
      this.check = check.value;
      this.#checked = doc;
      if (this.picked !== undefined && this.picked >= check.value.diagnostics.length) this.picked = undefined;
      this.dispatch(showFindings(this.#state, this.#findings(check.value.diagnostics), { fix: (index) => this.pickProblem(index) }));
    }
    if (form.status === "fulfilled") this.form = form.value;
    // Meanwhile another dataset was looked at.
    if (dataset !== this.#dataset) await this.#fill();
  }

  #formRequest(draft: WireDraft): FormRequest {
    return { draft, ...(this.#dataset ? { path: this.#dataset } : {}) };
  }

  /** Of many datasets only one has all its fields in the form: the one that this path is in. */
  async lookInto(path: string): Promise<void> {
    const dataset = /^sources\[\d+\]/.exec(path)?.[0];
    if (!dataset || dataset === this.#dataset) return;
    this.#dataset = dataset;
    if (!this.checking) await this.#fill();
  }

  async #fill(): Promise<void> {
    if (!this.form?.in_part) return;
    const generation = this.#generation;
    const dataset = this.#dataset;
    const form = await this.#client.query("form", this.#formRequest(this.wire)).catch(() => undefined);
    // Another text or another dataset is on its way with a form of its own.
    if (form && generation === this.#generation && dataset === this.#dataset) this.form = form;
  }

  /** Whether a finding is about this very file; others come from files that it extends or that are laid over it. */
  isHere(diagnostic: Diagnostic): boolean {
    return diagnostic.file === "" || diagnostic.file === this.file;
  }

  #findings(diagnostics: readonly Diagnostic[]): Finding[] {
    const { text, offsets } = this;
    return diagnostics.flatMap((diagnostic, index) => (this.isHere(diagnostic) ? [{ diagnostic, index }] : [])).map(({ diagnostic, index }) => ({
      diagnostic,
      index,
      from: diagnostic.span ? offsets.toUnits(diagnostic.span.start) : 0,
      to: diagnostic.span ? offsets.toUnits(diagnostic.span.end) : 0,
      preview: diagnostic.fix ? changedLines(text, diagnostic.fix.edits) : [],
    }));
  }

  // Help that cannot be had is not worth a message while somebody types.
  readonly #assist: Assist = {
    complete: async (state, at) => {
      const answer = await this.#client.query("complete", { draft: this.wire, offset: this.offsets.toBytes(at) }).catch(() => undefined);
      if (!answer) return undefined;
      const { span, items } = answer;
      // What was typed since then is not what was asked about.
      if (state.doc !== this.#state.doc) return undefined;
      return { from: span ? this.offsets.toUnits(span.start) : at, to: Math.max(at, span ? this.offsets.toUnits(span.end) : at), items };
    },
    hover: async (state, at) => {
      const answer = await this.#client.query("hover", { draft: this.wire, offset: this.offsets.toBytes(at) }).catch(() => undefined);
      if (!answer) return undefined;
      const { span, text } = answer;
      if (!text || state.doc !== this.#state.doc) return undefined;
      return { from: span ? this.offsets.toUnits(span.start) : at, to: span ? this.offsets.toUnits(span.end) : at, text };
    },
  };

  #quickFix(view: EditorView): boolean {
    const found = findingAt(view.state, view.state.selection.main.head);
    if (found) this.pickProblem(found.index);
    return found !== undefined;
  }

  /** Told when a finding was picked whose fix waits to be confirmed. */
  onpick: (() => void) | undefined;

  pickProblem(index: number): void {
    this.picked = index;
    this.onpick?.();
  }

  /** Applies the fix of a finding. If the text has changed since it was found, the finding is looked for anew. */
  async fix(index: number): Promise<ErrorBody | undefined> {
    const wanted = this.problems[index];
    if (!wanted) return undefined;
    let found: Diagnostic | undefined = wanted;
    if (!this.fresh) {
      await this.checkNow();
      found = this.problems.find((each) => each.code === wanted.code && each.path === wanted.path && each.message === wanted.message);
    }
    if (!found?.fix || !this.fresh || !this.isHere(found)) return gone();
    const edits = found.fix.edits;
    this.picked = undefined;
    this.change(edits, "input.fix");
    if (edits[0]) this.goTo(edits[0].span.start);
    await this.checkNow();
    return undefined;
  }

  // ---- Edits by path

  /** Changes keys by their path; what the engine refuses is the answer. Edits come one after the other. */
  edit(edits: Edit[]): Promise<ErrorBody | undefined> {
    const turn = this.#edits.then(() => this.#edit(() => this.#client.query("edit_text", { draft: this.wire, edits }), "input.form"));
    this.#edits = turn;
    return turn;
  }

  /** Applies edits that were shown for the text as it stood; another text refuses them. */
  applyShown(text: string, edits: readonly TextEdit[], userEvent: string): ErrorBody | undefined {
    if (text !== this.text) return gone();
    this.change(edits, userEvent);
    void this.checkNow();
    return undefined;
  }

  async #edit(ask: () => Promise<Edited>, userEvent: string): Promise<ErrorBody | undefined> {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const { doc } = this.#state;
      try {
        const { changes } = await ask();
        if (doc !== this.#state.doc) continue;
        this.change(changes, userEvent);
      } catch (error) {
        return errorBody(error);
      }
      await this.checkNow();
      return undefined;
    }
    return gone();
  }

  /** Waits until edits under way are in the text. */
  async settled(): Promise<void> {
    await this.#edits;
  }

  // ---- The file

  diff(): Promise<TextDiff> {
    return this.#client.query("diff_text", this.wire);
  }

  compare(): Promise<ThreeWay> {
    return this.#client.query("compare_text", { draft: this.wire, base: this.base.text });
  }

  async save(): Promise<SaveResult> {
    const { text } = this;
    this.saving = true;
    this.saveError = undefined;
    this.#seen = undefined;
    try {
      const saved = await this.#client.query("save_text", { file: this.file, text, base: this.base.revision });
      if (saved.result === "conflict") {
        this.outside = { revision: saved.revision ?? undefined };
        return "conflict";
      }
      this.#rebase({ text, revision: saved.revision });
      this.outside = undefined;
      this.notes = [];
      return "saved";
    } catch (error) {
      this.saveError = errorBody(error);
      return "failed";
    } finally {
      this.saving = false;
      const seen = this.#seen as { revision: string | undefined } | undefined;
      if (seen) this.seen(seen.revision);
    }
  }

  /** What the file is now, by its revision; `undefined`: it is gone. Our own writes are known and change nothing. */
  seen(revision: string | undefined): void {
    if (this.saving) {
      this.#seen = { revision };
      return;
    }
    if (revision === (this.base.revision ?? undefined)) {
      this.outside = undefined;
      return;
    }
    if (this.dirty || revision === undefined) {
      if (revision !== undefined || this.base.revision !== null) this.outside = { revision };
    } else void this.reload();
  }

  /** Takes the file as it stands, and forgets what was changed here. */
  async reload(): Promise<ErrorBody | undefined> {
    try {
      const { text, revision } = await this.#client.query("config_text", { file: this.file });
      const { line } = this.cursor;
      this.#open(text, { text, revision });
      const at = this.#state.doc.line(Math.min(line, this.#state.doc.lines)).from;
      this.dispatch({ selection: { anchor: at } });
      this.outside = undefined;
      return undefined;
    } catch (error) {
      return errorBody(error);
    }
  }

  /** Keeps the text here; saving it replaces what stands in the file now. */
  keepMine(theirs: Pick<ThreeWay, "text" | "revision">): void {
    this.#rebase({ text: theirs.text ?? "", revision: theirs.text === null ? null : theirs.revision });
    this.outside = undefined;
  }

  /** Takes both changes together as one step of the history. */
  takeMerged(theirs: ThreeWay): void {
    if (theirs.merged === null) return;
    this.replace(theirs.merged, "input.merge");
    this.keepMine(theirs);
  }

  /** Gives up what was changed here. */
  discard(): void {
    this.#open(this.base.text, this.base);
  }
}

function gone(): ErrorBody {
  return { code: "", message: "the text has changed since this was shown", causes: [], hint: "Look at it again.", diagnostics: [], exit: 1, transient: true };
}
