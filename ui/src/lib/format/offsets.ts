// Places in a text: bytes, as the engine counts, and UTF-16 units, as the editor counts. The only
// place where one becomes the other.

import type { TextEdit } from "../api/generated.ts";

/** Units between two marks of the index; a look-up walks at most this far. */
const STRIDE = 512;

/** Bytes that a character takes in UTF-8. A lone half of a surrogate pair is sent as U+FFFD. */
function width(code: number): number {
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/**
 * Converts both ways within one text. An editor that counts `\r\n` as one position is told so by
 * `pairs`: then units count positions of the editor, not of the string.
 */
export class Offsets {
  readonly #text: string;
  readonly #pairs: boolean;
  /** For the marks in turn: index in the string, bytes and units before it. */
  readonly #marks: { at: number; bytes: number; units: number }[] = [];
  readonly bytes: number;
  readonly units: number;

  constructor(text: string, pairs = false) {
    this.#text = text;
    this.#pairs = pairs;
    let place = { at: 0, bytes: 0, units: 0 };
    while (place.at < text.length) {
      if (place.at >= this.#marks.length * STRIDE) this.#marks.push(place);
      place = this.#next(place);
    }
    this.#marks.push(place);
    this.bytes = place.bytes;
    this.units = place.units;
  }

  /** The place after the next character; the halves of a pair are never parted. */
  #next({ at, bytes, units }: { at: number; bytes: number; units: number }): { at: number; bytes: number; units: number } {
    const code = this.#text.codePointAt(at) ?? 0;
    if (this.#pairs && code === 13 && this.#text.charCodeAt(at + 1) === 10) return { at: at + 2, bytes: bytes + 2, units: units + 1 };
    const step = code > 0xffff ? 2 : 1;
    return { at: at + step, bytes: bytes + width(code), units: units + step };
  }

  /** The last place whose `count` is at most `wanted`; inside a character: its start. */
  #seek(count: "bytes" | "units", wanted: number): { at: number; bytes: number; units: number } {
    let [low, high] = [0, this.#marks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#marks[middle]?.[count] ?? 0) <= wanted) low = middle;
      else high = middle - 1;
    }
    let place = this.#marks[low] ?? { at: 0, bytes: 0, units: 0 };
    while (place.at < this.#text.length) {
      const next = this.#next(place);
      if (next[count] > wanted) break;
      place = next;
    }
    return place;
  }

  /** Units before the byte `offset`; what lies beyond the text is its end. */
  toUnits(offset: number): number {
    return this.#seek("bytes", offset).units;
  }

  /** Bytes before the unit `offset`; what lies beyond the text is its end. */
  toBytes(offset: number): number {
    return this.#seek("units", offset).bytes;
  }
}

/** Edits in the editor's counting: in the order of the text, not overlapping, all in old places. */
export interface Splice {
  from: number;
  to: number;
  insert: string;
}

/** The engine's edits as splices. */
export function splices(edits: readonly TextEdit[], offsets: Offsets): Splice[] {
  return edits.map(({ span, text }) => ({ from: offsets.toUnits(span.start), to: offsets.toUnits(span.end), insert: text }));
}

/** The text after splices, whose places are indices of the string. */
export function spliced(text: string, changes: readonly Splice[]): string {
  let [result, at] = ["", 0];
  for (const { from, to, insert } of changes) {
    result += text.slice(at, from) + insert;
    at = to;
  }
  return result + text.slice(at);
}
