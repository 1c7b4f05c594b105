import type { Outcome, Report } from "./outbox.ts";
import { within } from "./patience.ts";
import type { ReportAnswer } from "./types.ts";

const KEEP_AND_RETRY = new Set([408, 425, 429]);
/** Sent again after a silence, a report costs nothing: what arrives twice is harmless. */
const LONGEST_S = 30;

/** Send one report. Never throws: what the network does is part of the outcome. */
export async function postReport(report: Report): Promise<Outcome> {
  try {
    return await within(LONGEST_S, (signal) => post(report, signal));
  } catch {
    return { kind: "later" };
  }
}

async function post(report: Report, signal: AbortSignal): Promise<Outcome> {
  const response = await fetch(report.url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: bodyOf(report),
    keepalive: true,
    signal,
  });
  if (response.ok) return { kind: "stored", answer: (await response.json()) as ReportAnswer };
  if (response.status >= 500 || KEEP_AND_RETRY.has(response.status)) return later(response);
  return { kind: "dropped", status: response.status };
}

/** Send one report as the page goes; nobody will read the answer. */
export function beaconReport(report: Report): boolean {
  return navigator.sendBeacon(report.url, bodyOf(report));
}

function bodyOf({ claims, id, seq, ranges, position, ended }: Report): string {
  return JSON.stringify({ claims, id, seq, ranges, position, ended });
}

function later(response: Response): Outcome {
  const seconds = Number(response.headers.get("Retry-After"));
  return seconds > 0 ? { kind: "later", after_s: seconds } : { kind: "later" };
}

/** Run `work` unless another tab of this browser is at it. */
export async function onceAcrossTabs(work: () => Promise<void>): Promise<void> {
  if (!navigator.locks) return work();
  await navigator.locks.request("elearn-outbox", { ifAvailable: true }, async (lock) => {
    if (lock) await work();
  });
}
