import { Binary, Decimal, Dictionary, Field, Float32, Int32, Int64, List, makeData, makeVector, Struct, TimeMicrosecond, TimestampNanosecond, Utf8, Vector, vectorFromArray, DateDay, tableFromIPC, tableToIPC, Table, type DataType } from "apache-arrow";
import { expect, test } from "vitest";

import { cellText, decimalText, floatText, vectorText } from "./cell.ts";

function decimals(values: bigint[], scale: number, bits = 128): Vector {
  const stride = bits / 32;
  const words = new Uint32Array(values.length * stride);
  values.forEach((value, index) => {
    let rest = BigInt.asUintN(bits, value);
    for (let word = 0; word < stride; word += 1, rest >>= 32n) words[index * stride + word] = Number(rest & 0xffffffffn);
  });
  return makeVector(makeData({ type: new Decimal(scale, bits === 128 ? 38 : 76, bits), length: values.length, nullCount: 0, data: words })) as Vector;
}

const texts = (vector: Vector): (string | null)[] => Array.from({ length: vector.length }, (_, at) => vectorText(vector, at));

test("64-bit integers keep every digit", () => {
  const values = [9007199254740993n, -9007199254740993n, 9223372036854775807n, -9223372036854775808n];
  expect(texts(makeVector(BigInt64Array.from(values)))).toEqual(values.map(String));
  expect(texts(makeVector(BigUint64Array.from([18446744073709551615n])))).toEqual(["18446744073709551615"]);
});

test("decimal(38,2) keeps every digit", () => {
  const greatest = 99999999999999999999999999999999999999n;
  expect(texts(decimals([greatest, -greatest, 0n, 5n, -5n, 100n], 2))).toEqual([
    "999999999999999999999999999999999999.99", "-999999999999999999999999999999999999.99", "0.00", "0.05", "-0.05", "1.00",
  ]);
  expect(texts(decimals([-(10n ** 75n) - 1n], 3, 256))).toEqual([`-1${"0".repeat(72)}.001`]);
});

test.each([[12345n, 0, "12345"], [12345n, -2, "1234500"], [-1n, 4, "-0.0001"], [12345n, 5, "0.12345"]])("decimal %s with scale %s", (value, scale, text) => {
  expect(decimalText(value, scale)).toBe(text);
});

test("null is not the empty text, and the text NULL is a text", () => {
  expect(texts(vectorFromArray([null, "", "NULL"], new Utf8()))).toEqual([null, "", "NULL"]);
});

test("a value survives an Arrow stream", () => {
  const table = tableFromIPC(tableToIPC(new Table({ id: makeVector(BigInt64Array.of(9007199254740993n)) }), "stream"));
  expect(vectorText(table.getChildAt(0)!, 0)).toBe("9007199254740993");
});

test.each([
  [0, "1970-01-01"], [15706, "2013-01-01"], [-1, "1969-12-31"], [11016, "2000-02-29"], [-719468, "0000-03-01"], [-719529, "-0001-12-31"], [2932896, "9999-12-31"],
])("day %s is %s", (days, text) => {
  const type = new DateDay();
  expect(cellText(makeData({ type, length: 1, nullCount: 0, data: Int32Array.of(days) }), 0)).toBe(text);
});

test("instants keep nanoseconds, say their zone, and go below 1970", () => {
  const of = (value: bigint, zone?: string): string | null =>
    cellText(makeData({ type: new TimestampNanosecond(zone), length: 1, nullCount: 0, data: BigInt64Array.of(value) }), 0);
  expect(of(1357034400000000001n, "UTC")).toBe("2013-01-01 10:00:00.000000001Z");
  expect(of(1357034400000000000n)).toBe("2013-01-01 10:00:00");
  expect(of(-1n)).toBe("1969-12-31 23:59:59.999999999");
  expect(of(1357034400120000000n)).toBe("2013-01-01 10:00:00.120");
  expect(cellText(makeData({ type: new TimeMicrosecond(), length: 1, nullCount: 0, data: BigInt64Array.of(86399999999n) }), 0)).toBe("23:59:59.999999");
});

test.each([[0.1, 2, "0.1"], [Math.fround(0.1), 1, "0.1"], [Math.fround(16777217), 1, "16777216"], [-0, 2, "-0"], [Number.NaN, 2, "NaN"], [-Infinity, 2, "-inf"], [1e21, 2, "1e+21"], [5e-324, 2, "5e-324"]])(
  "float %s of precision %s", (value, precision, text) => expect(floatText(value, precision)).toBe(text),
);

test("bytes, dictionaries, lists and structs", () => {
  expect(texts(vectorFromArray([Uint8Array.of(0, 255)], new Binary()))).toEqual(["0x00ff"]);
  expect(texts(vectorFromArray(["a", null, "a"], new Dictionary(new Utf8(), new Int32())))).toEqual(["a", null, "a"]);
  expect(texts(vectorFromArray([[1n, null, 9007199254740993n], []], new List(new Field("item", new Int64(), true))))).toEqual(["[1, null, 9007199254740993]", "[]"]);
  const struct = new Struct<Record<string, DataType>>([new Field("name", new Utf8()), new Field("size", new Float32())]);
  expect(texts(vectorFromArray([{ name: 'a "b"', size: 0.5 }], struct))).toEqual(['{"name": "a \\"b\\"", "size": 0.5}']);
});

test("a vector of several chunks is read across them", () => {
  const chunks = new Vector([makeVector(BigInt64Array.of(1n, 2n)).data[0]!, makeVector(BigInt64Array.of(3n)).data[0]!]);
  expect(texts(chunks)).toEqual(["1", "2", "3"]);
});
