import type { Range } from "./types.ts";

/** How far ahead of the clock a sample may be and still count as playing: timers and clocks are not exact. */
const SLACK_S = 0.5;
const SLACK_FACTOR = 1.25;

/**
 * The stretches of the film that were really played.
 *
 * Feed it the film's position while it plays. A seek, a pause or a jump ends a stretch; what lies between two stretches
 * was not shown and is never counted. Positions are seconds of film, times are seconds of any steady clock.
 */
export class PlayedRanges {
  private finished: Range[] = [];
  private open: { from: number; to: number; at: number } | null = null;

  /** Playing begins, or goes on, at this position. */
  start(position: number, at: number): void {
    this.stop();
    this.open = { from: position, to: position, at };
  }

  /** The film is at this position and has played here from the last sample, unless that cannot be. */
  sample(position: number, at: number, rate: number): void {
    if (!this.open) return;
    const step = position - this.open.to;
    const possible = (at - this.open.at) * Math.max(rate, 1) * SLACK_FACTOR + SLACK_S;
    if (step < 0 || step > possible) {
      this.start(position, at);
      return;
    }
    this.open.to = position;
    this.open.at = at;
  }

  /** Playing has ended where the last sample was. */
  stop(): void {
    if (this.open) this.keep(this.open.from, this.open.to);
    this.open = null;
  }

  /** What was played since the last call. Playing may go on: the stretch under way is cut here. */
  take(): Range[] {
    if (this.open) {
      this.keep(this.open.from, this.open.to);
      this.open.from = this.open.to;
    }
    const taken = this.finished;
    this.finished = [];
    return taken;
  }

  /** What `take` would give now, without taking it. */
  peek(): Range[] {
    const finished = this.finished.map(([from, to]): Range => [from, to]);
    const { open } = this;
    if (open) add(finished, open.from, open.to);
    return finished;
  }

  private keep(from: number, to: number): void {
    add(this.finished, from, to);
  }
}

/** Add a stretch at the end; one that goes on where the last stopped makes that longer. */
function add(ranges: Range[], from: number, to: number): void {
  const range: Range = [round(from), round(to)];
  if (range[1] <= range[0]) return;
  const last = ranges.at(-1);
  if (last?.[1] === range[0]) last[1] = range[1];
  else ranges.push(range);
}

/** Seconds to the millisecond: enough for any frame, and short in JSON. */
function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

/** The film's length in these ranges, each second counted as often as it is named. */
export function lengthOf(ranges: Range[]): number {
  return ranges.reduce((sum, [from, to]) => sum + to - from, 0);
}
