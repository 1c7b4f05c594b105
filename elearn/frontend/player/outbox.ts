import { lengthOf } from "./played-ranges.ts";
import type { Range, ReportAnswer } from "./types.ts";

/** One report of what was played, as it waits on this device. It holds ids and a signed claim, no names. */
export interface Report {
  id: string;
  person: string;
  player: string;
  url: string;
  claims: string;
  seq: number;
  ranges: Range[];
  position: number;
  ended: boolean;
  /** How often the server has refused these ranges as played too fast. */
  refusals: number;
  /** Not to be sent before this time, in milliseconds since 1970. */
  not_before: number;
  created: number;
}

/** Where reports wait until the server has acknowledged them. */
export interface ReportStore {
  put(report: Report): Promise<void>;
  remove(id: string): Promise<void>;
  all(names: readonly string[]): Promise<Report[]>;
}

export type Outcome =
  | { kind: "stored"; answer: ReportAnswer }
  /** The server will never take it: bad input, a claim that is not ours. */
  | { kind: "dropped"; status: number }
  | { kind: "later"; after_s?: number };

export type SaveState = "saved" | "saving" | "waiting";

interface Parts {
  store: ReportStore;
  send: (report: Report) => Promise<Outcome>;
  /** All names of the person; see `PlayerConfig`. */
  names: readonly string[];
  /** This page's player; reports of other players were left behind by pages that are gone, or belong to other tabs. */
  player: string;
  now: () => number;
  onAnswer: (answer: ReportAnswer, report: Report) => void;
  onState: (state: SaveState, waiting_s: number) => void;
  /** Runs `work` unless another tab is doing the same now. */
  exclusively: (work: () => Promise<void>) => Promise<void>;
}

/** A draft of a living page is written anew long before this; an older one was left by a page that died. */
const DRAFT_KEPT_S = 15;
const FIRST_DELAY_S = 2;
const LONGEST_DELAY_S = 60;
const REFUSALS_ALLOWED = 3;
const REFUSED_WAIT_S = 10;

/** Keeps reports until they are acknowledged, and sends them again after failures. Sent twice, nothing doubles. */
export class Outbox {
  private readonly own = new Map<string, Report>();
  private readonly underWay = new Set<string>();
  private left: Report[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  /** After a failure the server is left in peace until this time. */
  private quiet_until = 0;
  private sending: Promise<void> | null = null;

  constructor(private readonly parts: Parts) {}

  /** Keep a report; it goes out at once unless the server has just been out of reach. */
  add(report: Report): void {
    this.keep(report);
    if (this.parts.now() >= this.quiet_until) void this.flush();
    else this.tell();
  }

  /** Keep a report without sending it, as the page goes; `handOver` or the next page will. */
  keep(report: Report): void {
    this.own.set(report.id, report);
    this.write(report);
    void this.parts.store.remove(this.draftId).catch(() => undefined);
  }

  /** Write down the report that is still growing. Should this page die without a word, the next one sends it. */
  draft(report: Report): void {
    this.write({ ...report, id: this.draftId, not_before: this.parts.now() + DRAFT_KEPT_S * 1000 });
  }

  private get draftId(): string {
    return `draft-${this.parts.player}`;
  }

  private write(report: Report): void {
    void this.parts.store.put(report).catch(() => undefined);
  }

  /** Send what waits, at once: after loading, and when the network is back. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.sending ??= this.sendAll().finally(() => (this.sending = null));
    await this.sending;
  }

  /** Send what other pages of the same person have left behind on this device. */
  async flushLeft(): Promise<void> {
    await this.parts.exclusively(async () => {
      const all = await this.parts.store.all(this.parts.names).catch(() => []);
      this.left = all.filter((report) => report.player !== this.parts.player);
      for (const report of [...this.left]) {
        if (report.not_before > this.parts.now()) continue;
        if (!(await this.sendOne(report))) break;
      }
    });
    this.tell();
    this.plan();
  }

  /** The page may be gone in a moment: hand over everything in one go. What arrives twice is harmless. */
  handOver(beacon: (report: Report) => boolean): void {
    for (const report of this.own.values()) {
      if (!this.underWay.has(report.id)) beacon(report);
    }
  }

  private async sendAll(): Promise<void> {
    for (let report = this.next(); report; report = this.next()) {
      if (!(await this.sendOne(report))) break;
    }
    this.tell();
    this.plan();
  }

  private next(): Report | undefined {
    const due = [...this.own.values()].filter((report) => report.not_before <= this.parts.now());
    return due.sort((a, b) => a.seq - b.seq)[0];
  }

  /** Send one report; false when the server cannot be reached and the others had better wait, too. */
  private async sendOne(report: Report): Promise<boolean> {
    this.underWay.add(report.id);
    this.tell();
    // A draft has no id of its own: each sending is a report of its own to the server.
    const outcome = await this.parts.send(isDraft(report) ? { ...report, id: crypto.randomUUID() } : report);
    this.underWay.delete(report.id);
    if (outcome.kind === "later") {
      this.failures += 1;
      this.quiet_until = this.parts.now() + (outcome.after_s ?? this.delay()) * 1000;
      return false;
    }
    this.failures = 0;
    this.quiet_until = 0;
    if (outcome.kind === "stored") {
      this.askAgain(report, outcome.answer.refused);
      this.parts.onAnswer(outcome.answer, report);
    }
    this.own.delete(report.id);
    this.left = this.left.filter((other) => other.id !== report.id);
    await this.parts.store.remove(report.id).catch(() => undefined);
    return true;
  }

  /** Refused ranges were reported faster than they can have been played. They count once enough time has passed. */
  private askAgain(report: Report, refused: Range[]): void {
    if (refused.length === 0 || report.refusals >= REFUSALS_ALLOWED) return;
    const wait_s = Math.max(REFUSED_WAIT_S, lengthOf(refused));
    const again: Report = {
      ...report,
      id: crypto.randomUUID(),
      ranges: refused,
      ended: false,
      refusals: report.refusals + 1,
      not_before: this.parts.now() + wait_s * 1000,
    };
    if (report.player === this.parts.player) this.own.set(again.id, again);
    this.write(again);
  }

  private delay(): number {
    return Math.min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** (this.failures - 1));
  }

  private plan(): void {
    clearTimeout(this.timer);
    const waiting = [...this.own.values(), ...this.left];
    if (waiting.length === 0) return;
    const soonest = Math.min(...waiting.map((report) => report.not_before));
    const wait_ms = Math.max(FIRST_DELAY_S * 1000, Math.max(soonest, this.quiet_until) - this.parts.now());
    this.timer = setTimeout(() => {
      void this.flush().then(() => (this.left.length ? this.flushLeft() : undefined));
    }, wait_ms);
  }

  private tell(): void {
    // A tab that plays writes its draft anew all the time: only one that was left behind waits to be sent.
    const left = this.left.filter((report) => !isDraft(report) || report.not_before <= this.parts.now());
    const waiting = [...this.own.values(), ...left];
    const waiting_s = waiting.reduce((sum, report) => sum + lengthOf(report.ranges), 0);
    if (waiting.length === 0) this.parts.onState("saved", 0);
    else this.parts.onState(this.failures ? "waiting" : "saving", waiting_s);
  }
}

function isDraft(report: Report): boolean {
  return report.id.startsWith("draft-");
}
