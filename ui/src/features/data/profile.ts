// Numbers of a profile, as people read them.

/** How much of the whole, 0 to 1. Counts have every digit; only their ratio is a double. */
export function ratio(part: string, whole: string): number {
  return whole === "0" ? 0 : Number((BigInt(part) * 1_000_000n) / BigInt(whole)) / 1_000_000;
}

/** In percent; what is there at all is never told as 0, and what is not everything never as 100. */
export function share(part: string, whole: string): string {
  if (part === "0" || whole === "0") return "0 %";
  if (part === whole) return "100 %";
  const percent = ratio(part, whole) * 100;
  return percent < 0.1 ? "< 0.1 %" : percent > 99.9 ? "> 99.9 %" : `${percent.toFixed(1)} %`;
}

/** Six digits that matter. */
export function measure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const text = Number(value.toPrecision(6));
  return Math.abs(text) >= 1e15 || (text !== 0 && Math.abs(text) < 1e-6) ? text.toExponential() : String(text);
}
