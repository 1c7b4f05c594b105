import { PlayedRanges } from "./played-ranges.ts";
import type { Report } from "./outbox.ts";

const REPORT_EVERY_S = 10;
/** A paused film's place is reported again only when it has moved this far. */
const MOVED_S = 0.5;

interface Parts {
  video: HTMLVideoElement;
  person: string;
  player: string;
  url: string;
  /** The claims under which the film is playing now; null before the first ticket. */
  claims: () => string | null;
  keep: (report: Report) => void;
  send: (report: Report) => void;
}

/** Watches the video element and writes reports of what it really played. */
export class Recorder {
  private readonly ranges = new PlayedRanges();
  private seq = 0;
  private reported_s = NaN;
  private fastest = 1;

  constructor(private readonly parts: Parts) {
    const { video } = parts;
    video.addEventListener("playing", () => this.begin());
    video.addEventListener("seeked", () => this.seeked());
    // While it seeks, the element already names the new place: the stretch ends at the last sample.
    video.addEventListener("seeking", () => this.ranges.stop());
    video.addEventListener("timeupdate", () => this.sample());
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
    const { video, person, player, url } = this.parts;
    if (claims === null) return;
    const ranges = this.ranges.take();
    const position = Math.round(video.currentTime * 1000) / 1000;
    if (ranges.length === 0 && !ended && Math.abs(position - this.reported_s) < MOVED_S) return;
    this.reported_s = position;
    this.seq += 1;
    const id = crypto.randomUUID();
    const waiting = { refusals: 0, not_before: 0, created: Date.now() };
    this.parts[how]({ id, person, player, url, claims, seq: this.seq, ranges, position, ended, ...waiting });
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
