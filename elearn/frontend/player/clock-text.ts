import type { Range } from "./types.ts";

/** A time in a film as people write it: 2:10, 14:05, 1:02:10. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const tail = `${String(whole % 60).padStart(2, "0")}`;
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** A stretch of a film: 02:10–03:40. */
export function rangeText([from, to]: Range): string {
  return `${padded(from)}–${padded(to)}`;
}

/** A time in a sentence about stretches: 02:10. */
export function padded(seconds: number): string {
  return clockText(seconds).padStart(5, "0");
}

/** Put values into a text with {names}. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** Join parts as a sentence does: 'a, b og c'. */
export function list(parts: string[], language: string): string {
  return new Intl.ListFormat(language, { type: "conjunction" }).format(parts);
}
