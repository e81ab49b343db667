// Text from outside, made fit for one line of a screen. What is copied is always the exact text.

/** Values longer than this are shown in part until somebody asks for the rest. */
export const COLLAPSE_AT = 5_000;

/** The most characters that a cell of a grid draws. */
const CELL_CHARACTERS = 300;

/** One line: control characters as their pictures, the end cut off. */
export function oneLine(text: string): string {
  const cut = text.length > CELL_CHARACTERS ? `${text.slice(0, CELL_CHARACTERS)}…` : text;
  return visible(cut);
}

/** Signs that every font has. */
const MARKS: Record<string, string> = { "\n": "↵", "\r": "⏎", "\t": "⇥" };

/** Control characters and the marks that turn the direction of text, drawn instead of obeyed. */
export function visible(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g, (char) => {
    const code = char.charCodeAt(0);
    return MARKS[char] ?? `‹${code.toString(16).padStart(4, "0")}›`;
  });
}

/** The start of a long value, and how many characters were left off. */
export function collapse(text: string): { shown: string; hidden: number } {
  if (text.length <= COLLAPSE_AT) return { shown: text, hidden: 0 };
  // Not between the halves of a character.
  const end = /[\ud800-\udbff]/.test(text.charAt(COLLAPSE_AT - 1)) ? COLLAPSE_AT - 1 : COLLAPSE_AT;
  return { shown: text.slice(0, end), hidden: text.length - end };
}

/** Where the `column`th character (from 1) of a line starts, counted as JavaScript counts. */
export function utf16Column(line: string, column: number): number {
  let at = 0;
  for (let left = column - 1; left > 0 && at < line.length; left -= 1) at += (line.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return at;
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.split(/[/\\]/).filter(Boolean).at(-1) ?? path;
}
