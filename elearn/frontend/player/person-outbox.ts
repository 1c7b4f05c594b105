import { Outbox, type Report, type ReportStore, type SaveState } from "./outbox.ts";
import { onceAcrossTabs, postReport } from "./report-post.ts";
import { BrowserStore, MemoryStore } from "./report-store.ts";
import type { ReportAnswer } from "./types.ts";

interface Listeners {
  onAnswer?: (answer: ReportAnswer, report: Report) => void;
  onState?: (state: SaveState, waiting_s: number) => void;
}

/** The outbox of one person in this browser, wired to the network and to IndexedDB. */
export function outboxOf(names: readonly string[], player: string, { onAnswer, onState }: Listeners = {}): Outbox {
  const store: ReportStore = typeof indexedDB === "undefined" ? new MemoryStore() : new BrowserStore();
  const outbox = new Outbox({
    store,
    send: postReport,
    names,
    player,
    now: () => Date.now(),
    onAnswer: onAnswer ?? (() => undefined),
    onState: onState ?? (() => undefined),
    exclusively: onceAcrossTabs,
  });
  const send = () => void outbox.flush().then(() => outbox.flushLeft());
  addEventListener("online", send);
  send();
  return outbox;
}
