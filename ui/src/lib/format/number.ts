// Numbers for people. Counts come as decimal text and stay exact whatever their size.

/** Groups the digits of a whole number in decimal text: `1234567` → `1,234,567`. */
export function count(digits: string | number | bigint): string {
  const text = String(digits);
  const sign = text.startsWith("-") ? "-" : "";
  return sign + text.slice(sign.length).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `one row`, `2 rows`, `1,234 rows`. */
export function counted(digits: string | number | bigint, one: string, many = `${one}s`): string {
  return `${count(digits)} ${String(digits) === "1" ? one : many}`;
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** Bytes in the largest unit that keeps a digit before the point; binary units, as everywhere in the program. */
export function bytes(digits: string): string {
  // Only the leading digits are shown, so a double is enough here.
  let value = Number(digits);
  let unit = 0;
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

export function seconds(value: number): string {
  if (value < 0.9995) return `${Math.round(value * 1000)} ms`;
  if (value < 59.95) return `${value.toFixed(1)} s`;
  const whole = Math.round(value);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  return hours ? `${hours} h ${minutes} min` : `${minutes} min ${rest} s`;
}

/** Percent done, 0 to 100, or undefined when it cannot be known. */
export function percent(done: string | null, total: string | null): number | undefined {
  if (done === null || total === null || total === "0") return undefined;
  return Math.max(0, Math.min(100, Number((BigInt(done) * 1000n) / BigInt(total)) / 10));
}
