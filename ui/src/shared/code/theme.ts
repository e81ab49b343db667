// How the editor looks. Colours come from the page's names, so that light and dark need nothing here.

import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--code-key)" },
  { tag: [tags.string, tags.content], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.keyword, tags.labelName, tags.typeName, tags.meta], color: "var(--code-keyword)" },
]);

const raised = { backgroundColor: "var(--raised)", color: "var(--text)", border: "1px solid var(--line-strong)", borderRadius: "6px", boxShadow: "var(--shadow)" };

const theme = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--surface)", color: "var(--text)", fontSize: "12.5px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--text)", padding: "4px 0 40px" },
  ".cm-line": { padding: "0 8px 0 4px" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--text)", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--text-faint)", borderRight: "1px solid var(--line)" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 4px 0 6px" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent) 7%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent) 12%, transparent)", color: "var(--text)" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": { backgroundColor: "var(--select)" },
  ".cm-selectionMatch": { backgroundColor: "var(--accent-soft)" },
  ".cm-searchMatch": { backgroundColor: "var(--warning-soft)", outline: "1px solid var(--warning)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--select)", outline: "2px solid var(--accent)" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--sunken)", border: "1px solid var(--line)", color: "var(--text-dim)" },
  ".cm-specialChar": { color: "var(--error)" },
  ".cm-placeholder": { color: "var(--text-faint)" },

  // Findings: squiggle, letter in the gutter, words beside the line.
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--error)", textDecorationSkipInk: "none", textUnderlineOffset: "2px" },
  ".cm-lintRange-warning": { backgroundImage: "none", textDecoration: "underline wavy var(--warning)", textDecorationSkipInk: "none", textUnderlineOffset: "2px" },
  ".cm-lintRange-info": { backgroundImage: "none", textDecoration: "underline dotted var(--text-dim)" },
  ".cm-lintRange-active": { backgroundColor: "transparent" },
  ".cm-lintPoint::after": { display: "none" },
  // The package draws its markers as data: pictures; letters follow the theme and the text size.
  ".cm-gutter-lint": { width: "1.5em" },
  ".cm-gutter-lint .cm-gutterElement": { padding: "0 2px" },
  ".cm-lint-marker": { content: "none", width: "1.1em", height: "1.1em", textAlign: "center", fontWeight: "700" },
  ".cm-lint-marker-error": { color: "var(--error)" },
  ".cm-lint-marker-error::before": { content: "'✕'" },
  ".cm-lint-marker-warning": { color: "var(--warning)" },
  ".cm-lint-marker-warning::before": { content: "'!'" },
  ".cm-lint-marker-info": { color: "var(--text-dim)" },
  ".cm-lint-marker-info::before": { content: "'i'" },
  ".cm-note": { marginLeft: "2.5ch", fontFamily: "var(--font)", fontSize: "12px", fontStyle: "normal", whiteSpace: "pre", opacity: "0.95", userSelect: "none" },
  ".cm-note-error": { color: "var(--error)" },
  ".cm-note-warning": { color: "var(--warning)" },
  ".cm-note-info": { color: "var(--text-dim)" },
  ".cm-note-help": { color: "var(--text-dim)", marginLeft: "1ch" },
  ".cm-note button": { height: "18px", marginLeft: "1ch", padding: "0 6px", border: "1px solid var(--line-strong)", borderRadius: "4px", background: "var(--raised)", color: "var(--accent)", font: "inherit", lineHeight: "16px", cursor: "default" },
  ".cm-note button:hover": { background: "var(--hover)" },
  ".cm-reveal": { backgroundColor: "color-mix(in srgb, var(--accent) 16%, transparent)" },

  // Tooltips: findings and help.
  ".cm-tooltip": { ...raised, maxWidth: "min(62ch, 90vw)", zIndex: "20" },
  ".cm-tooltip-section:not(:first-child)": { borderTop: "1px solid var(--line)" },
  ".cm-tooltip-lint": { maxHeight: "45vh", overflow: "auto" },
  ".cm-diagnostic": { padding: "6px 10px", fontFamily: "var(--font)", fontSize: "12.5px", whiteSpace: "normal" },
  ".cm-diagnostic-error": { borderLeft: "4px solid var(--error)" },
  ".cm-diagnostic-warning": { borderLeft: "4px solid var(--warning)" },
  ".cm-diagnostic-info": { borderLeft: "4px solid var(--text-faint)" },
  ".cm-diagnosticText": { display: "block" },
  ".cm-diagnosticSource": { display: "none" },
  ".cm-diagnosticAction": { marginTop: "6px", padding: "2px 9px", border: "1px solid var(--accent)", borderRadius: "4px", backgroundColor: "var(--accent)", color: "var(--accent-text)", font: "600 12px var(--font)", cursor: "default" },
  ".cm-finding p": { margin: "0" },
  ".cm-finding .code": { color: "var(--text-dim)", fontFamily: "var(--mono)", fontSize: "11px" },
  ".cm-finding .help": { color: "var(--text-dim)", marginTop: "2px" },
  ".cm-finding .diff": { margin: "6px 0 0", padding: "3px 0", border: "1px solid var(--line)", borderRadius: "4px", fontFamily: "var(--mono)", fontSize: "12px", overflowX: "auto", whiteSpace: "pre" },
  ".cm-finding .removed": { padding: "0 8px", background: "var(--error-soft)", color: "var(--error)" },
  ".cm-finding .added": { padding: "0 8px", background: "var(--ok-soft)", color: "var(--ok)" },
  ".cm-help": { padding: "7px 11px", maxHeight: "40vh", overflow: "auto", fontFamily: "var(--font)", fontSize: "12.5px", lineHeight: "1.5", whiteSpace: "normal", overflowWrap: "anywhere" },
  ".cm-help > *": { margin: "0 0 7px" },
  ".cm-help > :last-child": { marginBottom: "0" },
  ".cm-help ul, .cm-help ol": { paddingLeft: "18px" },
  ".cm-help h4": { fontSize: "12px" },
  ".cm-help pre": { padding: "5px 8px", borderRadius: "4px", background: "var(--sunken)", overflowX: "auto" },
  ".cm-help code": { fontFamily: "var(--mono)", fontSize: "12px" },
  ".cm-help :not(pre) > code": { padding: "0 3px", borderRadius: "3px", background: "color-mix(in srgb, var(--text) 8%, transparent)" },

  // Completions.
  ".cm-tooltip.cm-tooltip-autocomplete": { maxWidth: "none" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "12.5px", maxHeight: "min(17em, 45vh)", minWidth: "240px", padding: "3px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { display: "flex", alignItems: "baseline", gap: "8px", padding: "2px 8px 2px 4px", borderRadius: "4px", lineHeight: "1.5" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { background: "var(--select)", color: "var(--text)" },
  ".cm-tooltip-autocomplete-disabled ul li[aria-selected]": { background: "var(--sunken)", color: "var(--text)" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700", color: "var(--accent)" },
  ".cm-completionDetail": { marginLeft: "auto", paddingLeft: "18px", fontStyle: "normal", fontFamily: "var(--font)", fontSize: "11.5px", color: "var(--text-dim)" },
  ".cm-kind": { flex: "none", width: "1.7em", fontSize: "11px", textAlign: "center", color: "var(--text-dim)" },
  ".cm-tooltip.cm-completionInfo": { ...raised, padding: "0", width: "min(46ch, 60vw)", maxWidth: "46ch" },

  // Find and replace.
  ".cm-panels": { backgroundColor: "var(--ground)", color: "var(--text)", fontFamily: "var(--font)", zIndex: "10" },
  ".cm-panels-top": { borderBottom: "1px solid var(--line)" },
  ".cm-panels-bottom": { borderTop: "1px solid var(--line)" },
  ".cm-panel.cm-search": { display: "flex", flexWrap: "wrap", alignItems: "center", gap: "4px 6px", padding: "6px 28px 6px 8px", fontSize: "12px" },
  ".cm-panel.cm-search br": { flexBasis: "100%", height: "0", content: "''", display: "block" },
  ".cm-panel.cm-search label": { display: "inline-flex", alignItems: "center", gap: "4px", fontSize: "12px", color: "var(--text-dim)" },
  ".cm-panel.cm-search input, .cm-panel.cm-search button, .cm-panel.cm-search label": { margin: "0" },
  ".cm-panel.cm-search [name=close]": { top: "5px", right: "8px", width: "20px", height: "20px", fontSize: "16px", color: "var(--text-dim)", borderRadius: "4px" },
  ".cm-textfield": { height: "24px", width: "170px", padding: "0 7px", backgroundColor: "var(--surface)", border: "1px solid var(--line-strong)", borderRadius: "5px", color: "var(--text)", fontSize: "12px" },
  ".cm-button": { height: "24px", padding: "0 8px", backgroundImage: "none", backgroundColor: "var(--raised)", border: "1px solid var(--line-strong)", borderRadius: "5px", color: "var(--text)", fontSize: "12px" },
  ".cm-button:hover": { backgroundColor: "var(--hover)" },
  ".cm-textfield:focus-visible, .cm-button:focus-visible, .cm-note button:focus-visible, .cm-diagnosticAction:focus-visible, input:focus-visible, [name=close]:focus-visible": { outline: "2px solid var(--accent)", outlineOffset: "1px" },
});

export const looks: Extension = [theme, syntaxHighlighting(colours)];
