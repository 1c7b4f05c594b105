import { PlayedRanges } from "./played-ranges.ts";
import type { Report } from "./outbox.ts";
import type { Range } from "./types.ts";

const REPORT_EVERY_S = 10;
/** How much a browser that dies without a word may cost the learner. */
const DRAFT_EVERY_S = 2;
/** A paused film's place is reported again only when it has moved this far. */
const MOVED_S = 0.5;

interface Parts {
  video: HTMLVideoElement;
  person: string;
  player: string;
  url: string;
  /** The claims under which the film is playing now; null before the first ticket. */
  claims: () => string | null;
  /** Write down what the next report would say, in case there is no time for it. */
  draft: (report: Report) => void;
  keep: (report: Report) => void;
  send: (report: Report) => void;
}

/** Watches the video element and writes reports of what it really played. */
export class Recorder {
  private readonly ranges = new PlayedRanges();
  private seq = 0;
  private reported_s = NaN;
  private fastest = 1;
  private drafted_s = 0;

  constructor(private readonly parts: Parts) {
    const { video } = parts;
    video.addEventListener("playing", () => this.begin());
    video.addEventListener("seeked", () => this.seeked());
    // While it seeks, the element already names the new place: the stretch ends at the last sample.
    video.addEventListener("seeking", () => this.ranges.stop());
    video.addEventListener("timeupdate", () => {
      this.sample();
      this.draft();
    });
    video.addEventListener("ratechange", () => (this.fastest = Math.max(this.fastest, video.playbackRate)));
    video.addEventListener("pause", () => this.end());
    video.addEventListener("ended", () => this.end(true));
    this.sampleFrames();
    setInterval(() => {
      if (!video.paused) this.report();
    }, REPORT_EVERY_S * 1000);
  }

  /** Report what was played until now, if there is anything to say. */
  report(how: "send" | "keep" = "send", ended = false): void {
    this.sample();
    const claims = this.parts.claims();
    if (claims === null) return;
    const ranges = this.ranges.take();
    const position = round(this.parts.video.currentTime);
    if (ranges.length === 0 && !ended && Math.abs(position - this.reported_s) < MOVED_S) return;
    this.reported_s = position;
    this.seq += 1;
    this.parts[how](this.written(claims, ranges, position, ended));
  }

  private draft(): void {
    const claims = this.parts.claims();
    const ranges = this.ranges.peek();
    if (claims === null || ranges.length === 0 || now() - this.drafted_s < DRAFT_EVERY_S) return;
    this.drafted_s = now();
    this.parts.draft(this.written(claims, ranges, round(this.parts.video.currentTime), false));
  }

  private written(claims: string, ranges: Range[], position: number, ended: boolean): Report {
    const { person, player, url } = this.parts;
    const waiting = { refusals: 0, not_before: 0, created: Date.now() };
    return { id: crypto.randomUUID(), person, player, url, claims, seq: this.seq, ranges, position, ended, ...waiting };
  }

  private begin(): void {
    this.sample();
    if (!this.parts.video.seeking) this.ranges.start(this.parts.video.currentTime, now());
  }

  private seeked(): void {
    if (this.parts.video.paused) {
      this.report();
    } else {
      this.begin();
      this.report();
    }
  }

  private sample(): void {
    const { video } = this.parts;
    if (video.seeking) return;
    this.ranges.sample(video.currentTime, now(), Math.max(this.fastest, video.playbackRate));
    this.fastest = video.playbackRate;
  }

  private end(ended = false): void {
    this.sample();
    this.ranges.stop();
    this.report("send", ended);
  }

  /** timeupdate comes four times a second; frames come often enough that a seek costs the learner no second. */
  private sampleFrames(): void {
    const { video } = this.parts;
    if (!("requestVideoFrameCallback" in video)) return;
    const next = () => {
      this.sample();
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
  }
}

function now(): number {
  return performance.now() / 1000;
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
