// An editor of YAML: keys, completion, hover, search, one history. Whatever it knows of the language
// is asked of its `assist`.

import { acceptCompletion, autocompletion, closeCompletion, completionKeymap, pickedCompletion, type Completion as Option, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, codeFolding, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { linter, lintGutter } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import { drawSelection, dropCursor, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, hoverTooltip, keymap, lineNumbers, type Command } from "@codemirror/view";

import type { Completion } from "../../lib/api/generated.ts";
import { Offsets } from "../../lib/format/offsets.ts";
import { markdown } from "../markdown.ts";
import { goToFinding } from "./findings.ts";
import { looks } from "./theme.ts";

/** What the engine knows of a place. Places are the editor's. */
export interface Assist {
  complete(state: EditorState, at: number): Promise<{ from: number; to: number; items: readonly Completion[] } | undefined>;
  hover(state: EditorState, at: number): Promise<{ from: number; to: number; text: string } | undefined>;
}

/** The line separator with which the editor gives back exactly the text that it was given. */
export function separatorOf(text: string): "\n" | "\r\n" {
  return text.includes("\r\n") && !/(^|[^\r])\n/.test(text) ? "\r\n" : "\n";
}

export function editorSetup({ text, label, assist, quickFix }: { text: string; label: string; assist: Assist; quickFix: Command }): Extension {
  const separator = separatorOf(text);
  return [
    EditorState.lineSeparator.of(separator),
    EditorView.clipboardInputFilter.of((pasted) => pasted.replace(/\r\n?|\n/g, separator)),
    lineNumbers(), foldGutter({ openText: "▾", closedText: "▸" }), codeFolding(), lintGutter(), highlightSpecialChars(), history(), drawSelection(), dropCursor(),
    indentOnInput(), bracketMatching(), highlightActiveLine(), highlightActiveLineGutter(), highlightSelectionMatches(),
    indentUnit.of("  "), EditorState.tabSize.of(2), EditorState.allowMultipleSelections.of(true),
    yaml(), looks, search({ top: true }), linter(null),
    autocompletion({
      override: [(context) => proposals(context, assist)],
      icons: false,
      activateOnTypingDelay: 60,
      addToOptions: [{ render: kindMark, position: 20 }],
    }),
    hoverTooltip(async (view, at) => {
      const help = await assist.hover(view.state, at);
      return help === undefined ? null : { pos: help.from, end: help.to, above: true, create: () => ({ dom: helpPage(help.text) }) };
    }, { hoverTime: 350 }),
    keymap.of([
      { key: "F8", run: (view) => goToFinding(view, 1), shift: (view) => goToFinding(view, -1) },
      { key: "Mod-.", run: quickFix },
      { key: "Tab", run: acceptCompletion },
      ...completionKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...defaultKeymap, indentWithTab,
    ]),
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocorrect: "off", autocapitalize: "off" }),
  ];
}

const KINDS: Record<Completion["kind"], [sign: string, name: string]> = {
  key: ["k", "key"], value: ["=", "value"], variable: ["$", "variable"], file: ["/", "file"], column: ["▥", "column"], snippet: ["…", "several lines"],
};

function kindMark(option: Option): Node {
  const mark = document.createElement("span");
  const [sign, name] = KINDS[option.type as Completion["kind"]] ?? ["", ""];
  mark.className = "cm-kind";
  mark.textContent = sign;
  mark.title = name;
  return mark;
}

function helpPage(text: string): HTMLElement {
  const page = document.createElement("div");
  page.className = "cm-help";
  page.append(markdown(text));
  return page;
}

/** Asked for by name always; while typing only where a word stands or a value is due. */
async function proposals(context: CompletionContext, assist: Assist): Promise<CompletionResult | null> {
  const before = context.state.sliceDoc(context.state.doc.lineAt(context.pos).from, context.pos);
  if (!context.explicit && (!/([\w${./-]|: )$/.test(before) || /(^|\s)#/.test(before))) return null;
  const found = await assist.complete(context.state, context.pos);
  if (!found || context.aborted || found.items.length === 0) return null;
  return listed(found.items, context.state.sliceDoc(found.from, context.pos), found, context.explicit);
}

function listed(items: readonly Completion[], typed: string, place: { from: number; to: number }, explicit: boolean): CompletionResult | null {
  const fitting = matching(items, typed);
  // Who asks on a wrong word wants to see what would be right.
  const shown = fitting.length === 0 && explicit ? items : fitting;
  if (shown.length === 0 || (!explicit && shown.length === 1 && shown[0]?.label === typed)) return null;
  return {
    from: place.from,
    to: place.to,
    options: shown.map(option),
    filter: false,
    getMatch: (each) => {
      const at = typed ? each.label.toLowerCase().indexOf(typed.toLowerCase()) : -1;
      return at < 0 ? [] : [at, at + typed.length];
    },
    update: (_current, from, to, context) => (/^[\w${}./-]*$/.test(context.state.sliceDoc(from, context.pos)) ? listed(items, context.state.sliceDoc(from, context.pos), { from, to }, explicit) : null),
  };
}

/** Those that begin with what is typed, then those that contain it; in the order they came. */
export function matching<Item extends { label: string }>(items: readonly Item[], typed: string): Item[] {
  const wanted = typed.toLowerCase().replace(/^\$\{?/, "");
  const bare = (item: Item): string => item.label.toLowerCase().replace(/^\$\{?/, "");
  const starts = items.filter((item) => bare(item).startsWith(wanted));
  return [...starts, ...items.filter((item) => !bare(item).startsWith(wanted) && bare(item).includes(wanted))];
}

function option(item: Completion): Option {
  return {
    label: item.label,
    detail: item.detail,
    type: item.kind,
    ...(item.documentation ? { info: () => helpPage(item.documentation) } : {}),
    apply(view, completion, from, to) {
      const insert = view.state.toText(item.insert.replace(/\r\n?|\n/g, view.state.lineBreak));
      const cursor = from + new Offsets(item.insert, true).toUnits(item.cursor);
      view.dispatch({ changes: { from, to, insert }, selection: { anchor: cursor }, scrollIntoView: true, userEvent: "input.complete", annotations: pickedCompletion.of(completion) });
      closeCompletion(view);
    },
  };
}
