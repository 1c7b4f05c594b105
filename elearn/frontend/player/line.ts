import type { Progress, Range } from "./types.ts";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 1000;

/** A rectangle of the line, in attributes only: sizes as attributes pass a strict CSP, inline styles do not. */
export interface Bar {
  class: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Missing stretches that lie before something seen: those were skipped, the rest has simply not come yet. */
export function skippedRanges(progress: Progress): Range[] {
  const furthest = progress.seen.at(-1)?.[1] ?? 0;
  return progress.missing.filter(([, to]) => to <= furthest);
}

/** From where nothing has been seen yet, or null when the film was seen to its end. */
export function restFrom(progress: Progress): number | null {
  const last = progress.missing.at(-1);
  const furthest = progress.seen.at(-1)?.[1] ?? 0;
  return last && last[0] >= furthest ? last[0] : null;
}

/** The line under the film: all of it, what was seen, strips where something was skipped, and 'here'. */
export function progressBars(progress: Progress, position: number, height: number): Bar[] {
  const scale = WIDTH / Math.max(progress.length_s, 1);
  const span = (name: string, [from, to]: Range, y: number, tall: number): Bar => ({
    class: name,
    x: tenth(from * scale),
    y: tenth(y),
    width: tenth((to - from) * scale),
    height: tenth(tall),
  });
  return [
    span("l-todo", [0, progress.length_s], 0, height),
    ...progress.seen.map((range) => span("l-seen", range, 0, height)),
    ...skippedRanges(progress).map((range) => span("l-miss", range, height * 0.3, height * 0.4)),
    { class: "l-here", x: tenth(position * scale - 2.5), y: -height / 2, width: 5, height: height * 2 },
  ];
}

/** Draw bars into an SVG, replacing what it holds. */
export function draw(svg: SVGElement, bars: Bar[]): void {
  const rects = bars.map((bar) => {
    const rect = document.createElementNS(SVG, "rect");
    for (const [name, value] of Object.entries(bar)) rect.setAttribute(name, String(value));
    return rect;
  });
  svg.replaceChildren(...rects);
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The seek bar on the film: seen, skipped, chapters as gaps, and a rule under parts with a notice. */
export function seekBars(
  duration: number,
  progress: Progress | null,
  buffered: Range[],
  chapters: number[],
  passages: Range[],
): Bar[] {
  const scale = WIDTH / Math.max(duration, 1);
  const span = (name: string, [from, to]: Range, y: number, height: number): Bar => ({
    class: name,
    x: tenth(from * scale),
    y,
    width: tenth((Math.min(to, duration) - from) * scale),
    height,
  });
  return [
    span("s-all", [0, duration], 5, 6),
    ...buffered.map((range) => span("s-buffered", range, 5, 6)),
    ...(progress?.seen ?? []).map((range) => span("s-seen", range, 5, 6)),
    ...(progress ? skippedRanges(progress) : []).map((range) => span("s-skipped", range, 6.5, 3)),
    ...chapters.filter((at) => at > 0).map((at) => ({ class: "s-chapter", x: tenth(at * scale - 1), y: 3, width: 2.5, height: 10 })),
    ...passages.map((range) => span("s-notice", range, 14, 2)),
  ];
}
