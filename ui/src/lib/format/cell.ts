// One cell of an Arrow column as text. Values of 64 bits and decimals never become a JavaScript number.

import { DataType, DateUnit, TimeUnit, Type, Vector, type Data } from "apache-arrow";

/** Reading through a vector needs one; it is made once for each chunk. */
const vectors = new WeakMap<Data, Vector>();
function valueOf(data: Data, index: number): unknown {
  let vector = vectors.get(data);
  if (!vector) vectors.set(data, (vector = new Vector([data])));
  return vector.get(index);
}

/** The exact text of a value, or null where there is none. */
export function cellText(data: Data, index: number): string | null {
  if (data.type.typeId === Type.Null || !data.getValid(index)) return null;
  const type = data.type as DataType;
  if (DataType.isInt(type) || DataType.isDuration(type)) return String(data.values[index]);
  if (DataType.isFloat(type)) return floatText(valueOf(data, index) as number, type.precision);
  if (DataType.isBool(type)) return String(valueOf(data, index));
  if (DataType.isDecimal(type)) return decimalText(words(data, index), type.scale);
  if (DataType.isDate(type)) {
    const value = BigInt(data.values[index] as number | bigint);
    return type.unit === DateUnit.DAY ? dateText(value) : timestampText(value, TimeUnit.MILLISECOND, null);
  }
  if (DataType.isTime(type)) return timeText(BigInt(data.values[index] as number | bigint), type.unit);
  if (DataType.isTimestamp(type)) return timestampText(BigInt(data.values[index] as bigint), type.unit, type.timezone ?? null);
  if (DataType.isDictionary(type)) return dictionaryText(data, index);
  if (DataType.isUtf8(type) || type.typeId === Type.LargeUtf8 || type.typeId === Type.Utf8View) return valueOf(data, index) as string;
  const bytes = type.typeId === Type.Binary || type.typeId === Type.LargeBinary || type.typeId === Type.BinaryView || DataType.isFixedSizeBinary(type);
  if (bytes) return hex(valueOf(data, index) as Uint8Array);
  return nestedText(data, index);
}

/** Whether values of the type are read by comparing digits, so that they stand at the right. */
export function isNumeric(type: DataType): boolean {
  return DataType.isInt(type) || DataType.isFloat(type) || DataType.isDecimal(type);
}

/** The shortest text that reads back as the same number. */
export function floatText(value: number, precision: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0";
  if (precision === 2) return String(value);
  for (let digits = 1; digits <= 9; digits += 1) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(value);
}

/** A whole number with the point moved `scale` digits to the left. */
export function decimalText(unscaled: bigint, scale: number): string {
  if (scale <= 0) return String(unscaled * 10n ** BigInt(-scale));
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, "0");
  return `${unscaled < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** A decimal's 32-bit words, lowest first, as the two's complement number that they are. */
function words(data: Data, index: number): bigint {
  const { stride } = data;
  const parts = data.values.subarray(stride * index, stride * (index + 1)) as Uint32Array;
  let value = 0n;
  for (let at = stride - 1; at >= 0; at -= 1) value = (value << 32n) | BigInt((parts[at] ?? 0) >>> 0);
  return BigInt.asIntN(stride * 32, value);
}

const DIGITS = { [TimeUnit.SECOND]: 0, [TimeUnit.MILLISECOND]: 3, [TimeUnit.MICROSECOND]: 6, [TimeUnit.NANOSECOND]: 9 };
const DAY_SECONDS = 86400n;

function dateText(days: bigint): string {
  // Days since 1970 to a proleptic Gregorian date, counted in eras of 400 years from 1 March 0000.
  const shifted = days + 719468n;
  const era = (shifted >= 0n ? shifted : shifted - 146096n) / 146097n;
  const ofEra = shifted - era * 146097n;
  const yearOfEra = (ofEra - ofEra / 1460n + ofEra / 36524n - ofEra / 146096n) / 365n;
  const ofYear = ofEra - (365n * yearOfEra + yearOfEra / 4n - yearOfEra / 100n);
  const shiftedMonth = (5n * ofYear + 2n) / 153n;
  const day = ofYear - (153n * shiftedMonth + 2n) / 5n + 1n;
  const month = shiftedMonth < 10n ? shiftedMonth + 3n : shiftedMonth - 9n;
  const year = yearOfEra + era * 400n + (month <= 2n ? 1n : 0n);
  const sign = year < 0n ? "-" : "";
  return `${sign}${pad(year < 0n ? -year : year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

function timeText(value: bigint, unit: TimeUnit): string {
  const digits = DIGITS[unit];
  const scale = 10n ** BigInt(digits);
  const whole = value / scale;
  const clock = `${pad(whole / 3600n, 2)}:${pad((whole / 60n) % 60n, 2)}:${pad(whole % 60n, 2)}`;
  // Fractions are cut to whole groups of three digits.
  const fraction = digits === 0 ? "" : pad(value % scale, digits).replace(/(000)+$/, "");
  return fraction ? `${clock}.${fraction}` : clock;
}

/** Instants with a zone are shown in UTC, marked `Z`; those without are shown as they were written. */
function timestampText(value: bigint, unit: TimeUnit, zone: string | null): string {
  const perDay = DAY_SECONDS * 10n ** BigInt(DIGITS[unit]);
  let days = value / perDay;
  let rest = value % perDay;
  if (rest < 0n) {
    days -= 1n;
    rest += perDay;
  }
  return `${dateText(days)} ${timeText(rest, unit)}${zone === null ? "" : "Z"}`;
}

function pad(value: bigint, width: number): string {
  return value.toString().padStart(width, "0");
}

function hex(bytes: Uint8Array): string {
  let text = "0x";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

function dictionaryText(data: Data, index: number): string | null {
  const key = Number(data.values[index]);
  return data.dictionary ? vectorText(data.dictionary, key) : null;
}

/** A value of a vector, whichever of its chunks it is in. */
export function vectorText(vector: Vector, index: number): string | null {
  let rest = index;
  for (const chunk of vector.data) {
    if (rest < chunk.length) return cellText(chunk, rest);
    rest -= chunk.length;
  }
  return null;
}

/** Lists, structs and maps in the manner of JSON, numbers with all their digits. */
function nestedText(data: Data, index: number): string {
  const type = data.type as DataType;
  const child = data.children[0];
  if (DataType.isStruct(type)) {
    const fields = type.children.map((field, at) => `${JSON.stringify(field.name)}: ${inner(data.children[at], index)}`);
    return `{${fields.join(", ")}}`;
  }
  if (DataType.isMap(type) && child) {
    const [keys, values] = child.children;
    return `{${range(data, index).map((at) => `${inner(keys, at)}: ${inner(values, at)}`).join(", ")}}`;
  }
  if (DataType.isFixedSizeList(type)) {
    const size = type.listSize;
    return `[${Array.from({ length: size }, (_, at) => inner(child, index * size + at)).join(", ")}]`;
  }
  if (DataType.isList(type) || type.typeId === Type.LargeList) return `[${range(data, index).map((at) => inner(child, at)).join(", ")}]`;
  return String(valueOf(data, index));
}

function range(data: Data, index: number): number[] {
  const first = Number(data.valueOffsets[index]);
  return Array.from({ length: Number(data.valueOffsets[index + 1]) - first }, (_, at) => first + at);
}

function inner(data: Data | undefined, index: number): string {
  const text = data ? cellText(data, index) : null;
  if (text === null || !data) return "null";
  const type = data.type as DataType;
  const bare = isNumeric(type) || DataType.isBool(type) || data.children.length > 0;
  return bare ? text : JSON.stringify(text);
}
