import { expect, test } from "vitest";

import { Offsets, spliced, splices } from "./offsets.ts";

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** Every border between characters as [units, bytes], counted the slow way. */
function borders(text: string): [number, number][] {
  const found: [number, number][] = [[0, 0]];
  let [units, bytes] = [0, 0];
  for (const char of text) found.push([(units += char.length), (bytes += bytesOf(char))]);
  return found;
}

test.each([
  ["nothing", ""],
  ["letters alone", "name: flights\n"],
  ["two, three and four bytes", "naïve: żółć\nname: 日本 🛫 end"],
  ["a byte order mark and a NUL", "\ufeffkey: \u0000"],
  ["longer than a stretch of the index", "ключ: 🛫 значение\n".repeat(200)],
  ["a character across the border of a stretch", `${"x".repeat(511)}🛫${"y".repeat(600)}é`],
])("every place of %s goes there and back", (_name, text) => {
  const offsets = new Offsets(text);
  expect([offsets.units, offsets.bytes]).toEqual([text.length, bytesOf(text)]);
  for (const [units, bytes] of borders(text)) {
    expect(offsets.toBytes(units)).toBe(bytes);
    expect(offsets.toUnits(bytes)).toBe(units);
  }
});

test("inside a character means its start, beyond the text its end", () => {
  const offsets = new Offsets("a🛫b");
  expect([1, 2, 3, 4, 5, 6, 99].map((byte) => offsets.toUnits(byte))).toEqual([1, 1, 1, 1, 3, 4, 4]);
  expect([2, 4, 99].map((unit) => offsets.toBytes(unit))).toEqual([1, 6, 6]);
});

test("a lone half of a pair counts as the three bytes it is sent as", () => {
  const offsets = new Offsets("a\ud800b");
  expect([offsets.toBytes(2), offsets.toUnits(4)]).toEqual([4, 2]);
});

test("Windows line ends are one position of the editor and two bytes", () => {
  const offsets = new Offsets("é: 1\r\nb: 2\r\n", true);
  expect(offsets.units).toBe("é: 1\nb: 2\n".length);
  expect([offsets.toUnits(7), offsets.toBytes(5), offsets.toUnits(6)]).toEqual([5, 7, 4]);
  expect(new Offsets("a\r\nb").toUnits(3)).toBe(3);
});

test("edits in bytes change the text at the right places", () => {
  const text = "naïve: 1\nkey: 🛫 x\n";
  const span = (start: number, end: number) => ({ start, end, line: 1, column: 1, end_line: 1, end_column: 1 });
  const at = bytesOf("naïve: 1\nkey: 🛫 ");
  const changes = splices([{ span: span(0, 6), text: "plain" }, { span: span(at, at + 1), text: "żó" }], new Offsets(text));
  expect(spliced(text, changes)).toBe("plain: 1\nkey: 🛫 żó\n");
});
