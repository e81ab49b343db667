// Findings inside the editor: squiggles and gutter by the lint package, words and fixes beside the line.

import { setDiagnostics, type Diagnostic as Mark } from "@codemirror/lint";
import { EditorSelection, StateEffect, StateField, type EditorState, type Extension, type Range, type Text, type TransactionSpec } from "@codemirror/state";
import { Decoration, EditorView, WidgetType, type DecorationSet } from "@codemirror/view";

import type { Diagnostic, Hunk } from "../../lib/api/generated.ts";
import { visible } from "../../lib/format/text.ts";

/** A finding at its place in the editor. */
export interface Finding {
  diagnostic: Diagnostic;
  /** Its position in the list of the draft's diagnostics. */
  index: number;
  from: number;
  to: number;
  /** What its fix would change. */
  preview: readonly Hunk[];
}

const RANK = { error: 0, warning: 1, info: 2 };

const put = StateEffect.define<readonly Finding[]>();
const reveal = StateEffect.define<number | undefined>();

/** What the notes may do. */
export interface FindingActions {
  fix(index: number): void;
}

/** The words beside a line: the worst finding, how many more, and its help where the cursor is. */
class Note extends WidgetType {
  readonly finding: Finding;
  readonly more: number;
  readonly active: boolean;
  readonly actions: FindingActions;
  constructor(finding: Finding, more: number, active: boolean, actions: FindingActions) {
    super();
    this.finding = finding;
    this.more = more;
    this.active = active;
    this.actions = actions;
  }

  override eq(other: Note): boolean {
    return other.finding.diagnostic === this.finding.diagnostic && other.more === this.more && other.active === this.active;
  }

  override toDOM(): HTMLElement {
    const { diagnostic, index } = this.finding;
    const note = document.createElement("span");
    note.className = `cm-note cm-note-${diagnostic.severity}`;
    // The list of problems says the same to those who listen; here it would interrupt the text.
    note.setAttribute("aria-hidden", "true");
    note.append(`${{ error: "✕", warning: "!", info: "i" }[diagnostic.severity]} ${visible(diagnostic.message).replaceAll("`", "")}${this.more ? ` (+${this.more})` : ""}`);
    if (this.active && diagnostic.help) {
      const help = note.appendChild(document.createElement("span"));
      help.className = "cm-note-help";
      help.textContent = visible(diagnostic.help).replaceAll("`", "");
    }
    if (diagnostic.fix) {
      const button = note.appendChild(document.createElement("button"));
      button.type = "button";
      button.tabIndex = -1;
      button.title = `${diagnostic.fix.title} (Ctrl .)`;
      button.textContent = "fix";
      button.addEventListener("mousedown", (event) => event.preventDefault());
      button.addEventListener("click", () => this.actions.fix(index));
    }
    return note;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

function notes(state: EditorState, findings: readonly Finding[], actions: FindingActions): DecorationSet {
  const active = state.doc.lineAt(state.selection.main.head).from;
  const lines = new Map<number, Finding[]>();
  for (const finding of findings) {
    if (!finding.diagnostic.span) continue;
    const start = state.doc.lineAt(Math.min(finding.from, state.doc.length)).from;
    lines.set(start, [...(lines.get(start) ?? []), finding]);
  }
  const ranges: Range<Decoration>[] = [];
  for (const [start, found] of lines) {
    const worst = found.reduce((best, each) => (RANK[each.diagnostic.severity] < RANK[best.diagnostic.severity] ? each : best));
    ranges.push(Decoration.widget({ widget: new Note(worst, found.length - 1, start === active, actions), side: 1 }).range(state.doc.lineAt(start).to));
  }
  return Decoration.set(ranges, true);
}

const field = StateField.define<readonly Finding[]>({
  create: () => [],
  update(findings, transaction) {
    for (const effect of transaction.effects) if (effect.is(put)) return effect.value;
    if (!transaction.docChanged) return findings;
    return findings.map((each) => ({ ...each, from: transaction.changes.mapPos(each.from, 1), to: transaction.changes.mapPos(each.to, -1) }));
  },
});

const revealed = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(lines, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(reveal)) return effect.value === undefined ? Decoration.none : Decoration.set(Decoration.line({ class: "cm-reveal" }).range(transaction.state.doc.lineAt(effect.value).from));
    }
    return transaction.docChanged || (transaction.selection && transaction.isUserEvent("select")) ? Decoration.none : lines;
  },
  provide: (lines) => EditorView.decorations.from(lines),
});

export function findingNotes(actions: FindingActions): Extension {
  const drawn = StateField.define<DecorationSet>({
    create: () => Decoration.none,
    update(decorations, transaction) {
      const moved = transaction.selection && transaction.startState.doc.lineAt(transaction.startState.selection.main.head).from !== transaction.state.doc.lineAt(transaction.state.selection.main.head).from;
      if (!transaction.docChanged && !moved && !transaction.effects.some((effect) => effect.is(put))) return decorations;
      return notes(transaction.state, transaction.state.field(field), actions);
    },
    provide: (decorations) => EditorView.decorations.from(decorations),
  });
  return [field, drawn, revealed];
}

/** Puts findings into the editor. */
export function showFindings(state: EditorState, findings: readonly Finding[], actions: FindingActions): TransactionSpec {
  const marks = findings.filter((finding) => finding.diagnostic.span).map((finding): Mark => ({
    ...range(state.doc, finding),
    severity: finding.diagnostic.severity,
    message: finding.diagnostic.message,
    source: finding.diagnostic.code,
    renderMessage: () => card(finding),
    ...(finding.diagnostic.fix ? { actions: [{ name: "Apply", apply: () => actions.fix(finding.index) }] } : {}),
  }));
  const shown = setDiagnostics(state, marks.sort((a, b) => a.from - b.from || a.to - b.to));
  return { ...shown, effects: [...[shown.effects ?? []].flat(), put.of(findings)] };
}

/** An empty place takes its line so that it can be seen. */
function range(doc: Text, { from, to }: Finding): { from: number; to: number } {
  if (to > from) return { from, to };
  const line = doc.lineAt(Math.min(from, doc.length));
  return { from: from === line.to ? line.from : from, to: line.to };
}

/** The page of a finding in its tooltip. */
function card({ diagnostic, preview }: Finding): HTMLElement {
  const made = document.createElement("div");
  made.className = "cm-finding";
  const add = (name: string, css: string, text: string): HTMLElement => {
    const part = made.appendChild(document.createElement(name));
    part.className = css;
    part.textContent = visible(text).replaceAll("`", "");
    return part;
  };
  const what = add("p", "what", `${diagnostic.message} `);
  const code = what.appendChild(document.createElement("span"));
  code.className = "code";
  code.textContent = diagnostic.code;
  if (diagnostic.help) add("p", "help", diagnostic.help);
  if (diagnostic.fix) {
    add("p", "help", `Fix: ${diagnostic.fix.title}`);
    const diff = made.appendChild(document.createElement("div"));
    diff.className = "diff";
    for (const line of preview.flatMap((hunk) => hunk.lines)) {
      const row = diff.appendChild(document.createElement("div"));
      row.className = line.kind;
      row.textContent = `${line.kind === "added" ? "+" : "−"} ${line.text}`;
    }
  }
  return made;
}

/** Goes to the next (1) or previous (-1) finding after the cursor, round and round. */
export function goToFinding(view: EditorView, step: 1 | -1): boolean {
  const found = view.state.field(field).filter((each) => each.diagnostic.span).toSorted((a, b) => a.from - b.from);
  if (found.length === 0) return false;
  const head = view.state.selection.main.from;
  const next = step > 0 ? (found.find((each) => each.from > head) ?? found[0]) : (found.findLast((each) => each.from < head) ?? found.at(-1));
  if (next) view.dispatch({ selection: EditorSelection.single(next.from), effects: EditorView.scrollIntoView(next.from, { y: "center" }), userEvent: "select" });
  return true;
}

/** The worst finding of the cursor's line that has a fix, or else the worst. */
export function findingAt(state: EditorState, position: number): Finding | undefined {
  const line = state.doc.lineAt(position);
  const here = state.field(field).filter((each) => each.diagnostic.span && each.from <= line.to && each.to >= line.from);
  const order = (each: Finding): number => (each.diagnostic.fix ? 0 : 10) + RANK[each.diagnostic.severity];
  return here.toSorted((a, b) => order(a) - order(b))[0];
}

/** Marks a line without moving the cursor, so that a field can show where it stands. */
export function revealAt(position: number | undefined): TransactionSpec {
  return { effects: [reveal.of(position), ...(position === undefined ? [] : [EditorView.scrollIntoView(position, { y: "nearest", yMargin: 60 })])] };
}
