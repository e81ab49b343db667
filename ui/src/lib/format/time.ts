// Dates and times for people. Exact values are always at hand in a tooltip.

const STEPS: [limit: number, size: number, name: string][] = [
  [90, 1, "s"],
  [90 * 60, 60, "min"],
  [36 * 3600, 3600, "h"],
  [14 * 86400, 86400, "d"],
  [60 * 86400, 7 * 86400, "weeks"],
];

/** How long ago: `just now`, `14 min ago`, `3 d ago`; older than two months: the date. */
export function ago(rfc3339: string, now: number): string {
  const then = Date.parse(rfc3339);
  if (Number.isNaN(then)) return rfc3339;
  const passed = (now - then) / 1000;
  if (passed < 5 && passed > -60) return "just now";
  const step = STEPS.find(([limit]) => passed < limit);
  return passed < 0 || !step ? rfc3339.slice(0, 10) : `${Math.floor(passed / step[1])} ${step[2]} ago`;
}

/** An instant in UTC to the second: `2026-11-23 10:02:11 UTC`. */
export function instant(rfc3339: string): string {
  const at = new Date(rfc3339);
  return Number.isNaN(at.getTime()) ? rfc3339 : `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** Today where the user sits, as a plain date. */
export function today(now: Date = new Date()): string {
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** Whether the text is a date that exists. */
export function isDate(text: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  return at !== undefined && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}
