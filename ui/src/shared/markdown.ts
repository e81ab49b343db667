// Help texts as elements. What comes in is text from files too, so nothing of it ever becomes markup:
// only these few forms are known, everything else stays as it was written.

import { visible } from "../lib/format/text.ts";

/** Paragraphs, headings, lists, fenced code; inside them code, strong, emphasis and links as their text. */
export function markdown(text: string): DocumentFragment {
  const out = document.createDocumentFragment();
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? "";
    const fence = /^\s*(```+|~~~+)/.exec(line)?.[1];
    if (line.trim() === "") at += 1;
    else if (fence) {
      const end = lines.findIndex((each, index) => index > at && each.trim().startsWith(fence));
      const last = end < 0 ? lines.length : end;
      const pre = out.appendChild(element("pre"));
      pre.append(code(lines.slice(at + 1, last).join("\n"), true));
      at = last + 1;
    } else if (/^#{1,6}\s/.test(line)) {
      inline(out.appendChild(element("h4")), line.replace(/^#+\s+/, ""));
      at += 1;
    } else if (ITEM.test(line)) {
      const list = out.appendChild(element(/^\s*\d/.test(line) ? "ol" : "ul"));
      while (at < lines.length && (ITEM.test(lines[at] ?? "") || /^\s+\S/.test(lines[at] ?? ""))) {
        const started = ITEM.exec(lines[at] ?? "");
        let words = started ? (lines[at] ?? "").slice(started[0].length) : (lines[at] ?? "").trim();
        at += 1;
        while (at < lines.length && /^\s+\S/.test(lines[at] ?? "") && !ITEM.test(lines[at] ?? "")) words += ` ${(lines[at++] ?? "").trim()}`;
        inline(list.appendChild(element("li")), words);
      }
    } else {
      const start = at;
      while (at < lines.length && (lines[at] ?? "").trim() !== "" && (at === start || !(ITEM.test(lines[at] ?? "") || /^\s*(```|~~~)/.test(lines[at] ?? "")))) at += 1;
      inline(out.appendChild(element("p")), lines.slice(start, at).join(" "));
    }
  }
  return out;
}

const ITEM = /^\s*(?:[-*+]|\d+[.)])\s+/;
const INLINE = /(`+)(.+?)\1|\*\*(.+?)\*\*|(?<![\w*])\*(?!\s)([^*]+?)\*(?!\w)|(?<!\w)_(?!\s)([^_]+?)_(?!\w)|\[([^\]]+)\](?:\([^)\s]*\))?/g;

function inline(parent: Element, text: string): void {
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    parent.append(visible(text.slice(at, match.index)));
    const [whole, , ticked, strong, star, underscore, link] = match;
    if (ticked !== undefined) parent.append(code(ticked.trim(), false));
    else if (strong !== undefined) inline(parent.appendChild(element("strong")), strong);
    else if (star !== undefined || underscore !== undefined) inline(parent.appendChild(element("em")), star ?? underscore ?? "");
    // Nothing outside is ever opened; a reference such as [x] without an address is text.
    else if (link !== undefined && whole.endsWith(")")) inline(parent, link);
    else parent.append(visible(whole));
    at = match.index + whole.length;
  }
  parent.append(visible(text.slice(at)));
}

function code(text: string, block: boolean): HTMLElement {
  const made = element("code");
  made.textContent = block ? text : visible(text);
  return made;
}

function element(name: string): HTMLElement {
  return document.createElement(name);
}

/** The first sentence, for a line of its own. */
export function firstSentence(text: string): string {
  const paragraph = text.split(/\n\s*\n/)[0]?.replace(/\s+/g, " ").trim() ?? "";
  return /^.*?[.!?](?=\s|$)/.exec(paragraph)?.[0] ?? paragraph;
}

/** Without the signs of Markdown, where only text can stand. */
export function plain(text: string): string {
  const holder = element("div");
  holder.append(markdown(text));
  return holder.textContent ?? "";
}
